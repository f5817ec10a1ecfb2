//! The proxy's own tables: what was decided, and which replica set is which.
//!
//! They stand in a database of the proxy's own on every replica set that takes part in a transaction
//! over several. A decision row is inserted within the transaction that it belongs to, so it is
//! there exactly if that transaction is committed.

use super::{Gtrid, Identity, TransactionError};
use crate::backend::{BackendError, Connection, Flavor, ServerVersion};

/// ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE
const MISSING: [u16; 2] = [1049, 1146];

/// ER_DUP_ENTRY
const DUPLICATE: u16 = 1062;

/// ER_LOCK_WAIT_TIMEOUT
const LOCKED: u16 = 1205;

/// A replica set that can decide: its proxy-owned database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Which replica set it is.
    pub identity: Identity,
}

/// What a decision row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The transaction is committed.
    Commit,
    /// It must never be.
    Abort,
    /// Somebody is writing the row at this moment.
    Pending,
}

/// The texts for one database.
#[derive(Debug)]
pub struct Store {
    /// The database, quoted.
    database: String,
}

impl Store {
    /// The tables in this database.
    pub fn new(database: &str) -> Self {
        Self {
            database: format!("`{}`", database.replace('`', "``")),
        }
    }

    /// Makes sure that the tables are there and that recovery can work.
    ///
    /// # Errors
    /// The server is too old, or the account may not do it.
    pub async fn open(&self, connection: &mut Connection) -> Result<Home, TransactionError> {
        check_version(connection)?;
        let listed = connection.query(b"XA RECOVER").await;
        listed.map_err(|error| refused(connection, "run XA RECOVER", error))?;
        let found = self.identity(connection).await;
        let identity = match found {
            Err(BackendError::Setup(ref error)) if !MISSING.contains(&error.code) => found,
            // Another proxy may be about to insert the row into the table that it has made.
            Err(BackendError::Setup(_)) | Ok(None) => {
                self.create(connection).await?;
                self.identity(connection).await
            }
            found => found,
        };
        let identity =
            identity.map_err(|error| refused(connection, "read its own database", error))?;
        let identity = match identity {
            Some(identity) => identity,
            None => return Err(garbled(connection, "no identity")),
        };
        Ok(Home { identity })
    }

    /// Which replica set it is; `None`: garbled.
    ///
    /// # Errors
    /// What the connection says; the tables are not there.
    pub async fn identity(
        &self,
        connection: &mut Connection,
    ) -> Result<Option<Identity>, BackendError> {
        let sql = format!(
            "SELECT identity FROM {}.identity WHERE one = 1",
            self.database
        );
        let rows = connection.query(sql.as_bytes()).await?;
        let cell = rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next()?);
        let text = cell.and_then(|cell| String::from_utf8(cell).ok());
        Ok(text.and_then(|text| Identity::parse(&text)))
    }

    async fn create(&self, connection: &mut Connection) -> Result<(), TransactionError> {
        let database = &self.database;
        let identity = Identity::new(rand::random(), rand::random());
        let statements = [
            format!("CREATE DATABASE IF NOT EXISTS {database}"),
            format!(
                "CREATE TABLE IF NOT EXISTS {database}.decisions (\
                 gtrid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, \
                 outcome ENUM('commit','abort') CHARACTER SET ascii NOT NULL, \
                 branches TEXT CHARACTER SET ascii NOT NULL, \
                 decided TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
                 KEY (decided)) ENGINE=InnoDB"
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {database}.identity (\
                 one TINYINT NOT NULL PRIMARY KEY, \
                 identity CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL) ENGINE=InnoDB"
            ),
            format!("INSERT IGNORE INTO {database}.identity VALUES (1, '{identity}')"),
        ];
        for sql in statements {
            let created = connection.execute(sql.as_bytes()).await;
            created.map_err(|error| refused(connection, "create its own database", error))?;
        }
        Ok(())
    }

    /// The statement that inserts the row for COMMIT; `branches` are the replica sets besides the
    /// first.
    pub fn record(&self, gtrid: Gtrid, branches: &[Identity]) -> Vec<u8> {
        self.insert(gtrid, "commit", branches)
    }

    fn insert(&self, gtrid: Gtrid, outcome: &str, branches: &[Identity]) -> Vec<u8> {
        let names: Vec<String> = branches.iter().map(Identity::to_string).collect();
        format!(
            "INSERT INTO {}.decisions (gtrid, outcome, branches) VALUES ('{gtrid}', '{outcome}', '{}')",
            self.database,
            names.join(",")
        )
        .into_bytes()
    }

    /// What was decided on a transaction; where nothing was, it is decided now that it must never be
    /// committed.
    ///
    /// # Errors
    /// What the connection says; a row that no proxy has written.
    pub async fn decide(
        &self,
        connection: &mut Connection,
        gtrid: Gtrid,
    ) -> Result<Decision, TransactionError> {
        if let Some(decision) = self.read(connection, gtrid).await? {
            return Ok(decision);
        }
        // The transaction may be about to commit: its row, not committed yet, is waited for.
        connection
            .execute(b"SET innodb_lock_wait_timeout = 1")
            .await?;
        match connection.execute(&self.insert(gtrid, "abort", &[])).await {
            Ok(()) => Ok(Decision::Abort),
            Err(BackendError::Setup(error)) if error.code == LOCKED => Ok(Decision::Pending),
            Err(BackendError::Setup(error)) if error.code == DUPLICATE => {
                let read = self.read(connection, gtrid).await?;
                Ok(read.unwrap_or(Decision::Pending))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn read(
        &self,
        connection: &mut Connection,
        gtrid: Gtrid,
    ) -> Result<Option<Decision>, TransactionError> {
        let sql = format!(
            "SELECT outcome FROM {}.decisions WHERE gtrid = '{gtrid}'",
            self.database
        );
        let rows = connection.query(sql.as_bytes()).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        match row.first().and_then(Option::as_deref) {
            Some(b"commit") => Ok(Some(Decision::Commit)),
            Some(b"abort") => Ok(Some(Decision::Abort)),
            _ => Err(garbled(connection, "a decision that is none")),
        }
    }

    /// Forgets decisions that nobody can ask for any more.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn forget(
        &self,
        connection: &mut Connection,
        gtrids: &[Gtrid],
    ) -> Result<(), BackendError> {
        let names: Vec<String> = gtrids.iter().map(|gtrid| format!("'{gtrid}'")).collect();
        let sql = format!(
            "DELETE FROM {}.decisions WHERE gtrid IN ({})",
            self.database,
            names.join(",")
        );
        connection.execute(sql.as_bytes()).await
    }

    /// Decisions older than this many seconds, with the replica sets that had branches.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn old(
        &self,
        connection: &mut Connection,
        seconds: u64,
    ) -> Result<Vec<(Gtrid, Vec<Identity>)>, BackendError> {
        let sql = format!(
            "SELECT gtrid, branches FROM {}.decisions \
             WHERE decided < NOW() - INTERVAL {seconds} SECOND ORDER BY decided LIMIT 1000",
            self.database
        );
        let rows = connection.query(sql.as_bytes()).await?;
        let rows = rows.into_iter().filter_map(|row| {
            let mut cells = row.into_iter();
            let mut text = || String::from_utf8(cells.next()??).ok();
            let (gtrid, branches) = (Gtrid::parse(&text()?)?, text()?);
            let names = branches.split(',').filter(|name| !name.is_empty());
            Some((gtrid, names.map(Identity::parse).collect::<Option<_>>()?))
        });
        Ok(rows.collect())
    }
}

fn refused(connection: &Connection, what: &'static str, error: BackendError) -> TransactionError {
    match error {
        BackendError::Setup(error) => TransactionError::NotAllowed {
            replica_set: connection.server().replica_set.clone(),
            what,
            error,
        },
        other => other.into(),
    }
}

fn garbled(connection: &Connection, what: &'static str) -> TransactionError {
    TransactionError::Garbled {
        replica_set: connection.server().replica_set.clone(),
        what,
    }
}

fn check_version(connection: &Connection) -> Result<(), TransactionError> {
    let version = connection.version();
    if outlives_crashes(version) {
        return Ok(());
    }
    Err(TransactionError::OldServer {
        replica_set: connection.server().replica_set.clone(),
        version: version.text.clone(),
    })
}

/// Whether a prepared branch outlives its connection and its server, and the server's binary log
/// agrees with its tables after a crash.
pub fn outlives_crashes(version: &ServerVersion) -> bool {
    let digits = |part: &str| part.parse::<u32>().unwrap_or(0);
    let numbers: String = version
        .text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let mut parts = numbers.split('.').map(digits);
    let mut next = || parts.next().unwrap_or(0);
    let found = (next(), next(), next());
    match version.flavor {
        Flavor::MySql => found >= (8, 0, 30),
        Flavor::MariaDb => found >= (10, 5, 2),
    }
}

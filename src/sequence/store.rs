//! The tables from which workers and blocks come, in the proxy's own database.
//!
//! Every grant moves a number in one row forward, in one statement or transaction: whatever else goes
//! wrong, nothing is granted twice.

use std::ops::Range;

use super::error::SequenceError;
use super::snowflake::{Grant, WORKERS};
use crate::backend::{BackendError, Connection, TextRow};

/// ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE
const MISSING: [u16; 2] = [1049, 1146];

/// A worker number is free when its lease was not renewed for so long, in milliseconds of the
/// server's clock.
const FREE_AFTER: u64 = 120_000;

/// The server's clock, in milliseconds.
const NOW: &str = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)";

/// How often another worker number is tried where other proxies are quicker.
const TRIES: u32 = 50;

/// What is asked of the tables.
pub trait Question: Sync {
    /// What they grant.
    type Answer: Send;

    /// Asks.
    fn put(
        &self,
        store: &Store,
        connection: &mut Connection,
    ) -> impl Future<Output = Result<Self::Answer, SequenceError>> + Send;
}

/// Who asks for a worker number that nobody has.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// This process: letters and digits.
    pub name: &'a str,
    /// The time before which its next id cannot be, in milliseconds.
    pub now: u64,
    /// For how long it asks, in milliseconds.
    pub span: u64,
}

/// Asks that a worker number stays this holder's; `None`: it is another one's now.
#[derive(Clone, Copy, Debug)]
pub struct Renewal<'a> {
    /// The number.
    pub worker: u16,
    /// The holder.
    pub holder: Holder<'a>,
}

/// Asks for a block of numbers for a table's ids.
#[derive(Clone, Copy, Debug)]
pub struct BlockOf<'a> {
    /// The first shard's database.
    pub database: &'a str,
    /// The table.
    pub table: &'a str,
    /// How many numbers.
    pub size: u64,
    /// None of them is below this.
    pub least: u64,
    /// The first number of the first block ever.
    pub start: u64,
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

    /// A worker number that is free, or was never used.
    async fn free(&self, connection: &mut Connection) -> Result<u16, SequenceError> {
        let database = &self.database;
        let sql = format!(
            "SELECT worker FROM {database}.workers WHERE renewed < {NOW} - {FREE_AFTER} \
             ORDER BY renewed LIMIT 1"
        );
        let rows = connection.query(sql.as_bytes()).await?;
        let number = match number(&rows, 0) {
            Some(number) => number,
            None => {
                let sql = format!("SELECT COALESCE(MAX(worker) + 1, 0) FROM {database}.workers");
                let rows = connection.query(sql.as_bytes()).await?;
                number(&rows, 0).ok_or(SequenceError::Garbled("a worker that is no number"))?
            }
        };
        match u16::try_from(number) {
            Ok(worker) if worker < WORKERS => Ok(worker),
            _ => Err(SequenceError::NoWorker { workers: WORKERS }),
        }
    }

    /// One statement, for two proxies may try: only a row that is free changes its holder. What was
    /// granted before stays behind `granted`.
    fn take_over(&self, worker: u16, holder: Holder<'_>) -> String {
        let database = &self.database;
        let Holder { name, now, span } = holder;
        let free = format!("renewed < {NOW} - {FREE_AFTER}");
        format!(
            "INSERT INTO {database}.workers (worker, holder, granted, renewed) \
             VALUES ({worker}, '{name}', {now} + {span}, {NOW}) ON DUPLICATE KEY UPDATE \
             holder = IF({free}, '{name}', holder), \
             granted = IF({free}, GREATEST(granted, {now}) + {span}, granted), \
             renewed = IF({free}, {NOW}, renewed)"
        )
    }

    /// Until when the worker number is this holder's; `None`: it is another one's.
    async fn held(
        &self,
        connection: &mut Connection,
        worker: u16,
        holder: Holder<'_>,
    ) -> Result<Option<u64>, SequenceError> {
        let sql = format!(
            "SELECT granted FROM {}.workers WHERE worker = {worker} AND holder = '{}'",
            self.database, holder.name
        );
        let rows = connection.query(sql.as_bytes()).await?;
        Ok(number(&rows, 0))
    }

    /// Locks a table's row; the first number that no block has. `None`: there is no row yet.
    async fn next(
        &self,
        connection: &mut Connection,
        block: &BlockOf<'_>,
    ) -> Result<Option<u64>, SequenceError> {
        let (own, row) = (&self.database, block.row());
        let lock = format!("SELECT next_id FROM {own}.segments WHERE {row} FOR UPDATE");
        let rows = connection.query(lock.as_bytes()).await?;
        match number(&rows, 0) {
            None if !rows.is_empty() => Err(SequenceError::Garbled("a block that is no number")),
            number => Ok(number),
        }
    }

    /// Makes a table's row, and begins a transaction again.
    async fn begin_blocks(
        &self,
        connection: &mut Connection,
        block: &BlockOf<'_>,
    ) -> Result<(), SequenceError> {
        connection.execute(b"COMMIT").await?;
        let insert = format!(
            "INSERT IGNORE INTO {}.segments (db, tbl, next_id) VALUES ({}, {}, {})",
            self.database,
            quoted(block.database),
            quoted(block.table),
            block.start
        );
        connection.execute(insert.as_bytes()).await?;
        Ok(connection.execute(b"BEGIN").await?)
    }

    async fn create(&self, connection: &mut Connection) -> Result<(), SequenceError> {
        let database = &self.database;
        let name = "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL";
        let statements = [
            format!("CREATE DATABASE IF NOT EXISTS {database}"),
            format!(
                "CREATE TABLE IF NOT EXISTS {database}.workers (\
                 worker SMALLINT UNSIGNED NOT NULL PRIMARY KEY, \
                 holder CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, \
                 granted BIGINT UNSIGNED NOT NULL, \
                 renewed BIGINT UNSIGNED NOT NULL, \
                 KEY (renewed)) ENGINE=InnoDB"
            ),
            format!(
                "CREATE TABLE IF NOT EXISTS {database}.segments (\
                 db {name}, tbl {name}, next_id BIGINT UNSIGNED NOT NULL, \
                 PRIMARY KEY (db, tbl)) ENGINE=InnoDB"
            ),
        ];
        for sql in statements {
            let created = connection.execute(sql.as_bytes()).await;
            created.map_err(|error| not_allowed(connection, error))?;
        }
        Ok(())
    }
}

impl Question for Holder<'_> {
    type Answer = Grant;

    async fn put(
        &self,
        store: &Store,
        connection: &mut Connection,
    ) -> Result<Grant, SequenceError> {
        let first = store.free(connection).await;
        if is_missing(&first) {
            store.create(connection).await?;
        } else {
            first?;
        }
        for _ in 0..TRIES {
            let worker = store.free(connection).await?;
            let sql = store.take_over(worker, *self);
            connection.execute(sql.as_bytes()).await?;
            if let Some(until) = store.held(connection, worker, *self).await? {
                let from = until.saturating_sub(self.span);
                return Ok(Grant {
                    worker,
                    from,
                    until,
                });
            }
        }
        Err(SequenceError::LeaseLost {
            why: "other proxies take every worker number first".to_owned(),
        })
    }
}

impl Question for Renewal<'_> {
    type Answer = Option<Grant>;

    async fn put(
        &self,
        store: &Store,
        connection: &mut Connection,
    ) -> Result<Option<Grant>, SequenceError> {
        let (worker, Holder { name, now, span }) = (self.worker, self.holder);
        let sql = format!(
            "UPDATE {}.workers SET granted = GREATEST(granted, {now} + {span}), renewed = {NOW} \
             WHERE worker = {worker} AND holder = '{name}'",
            store.database
        );
        connection.execute(sql.as_bytes()).await?;
        let until = store.held(connection, worker, self.holder).await?;
        // The row was this holder's all the time: nothing of it was granted to anybody else.
        let from = 0;
        Ok(until.map(|until| Grant {
            worker,
            from,
            until,
        }))
    }
}

impl Question for BlockOf<'_> {
    type Answer = Range<u64>;

    async fn put(
        &self,
        store: &Store,
        connection: &mut Connection,
    ) -> Result<Range<u64>, SequenceError> {
        connection.execute(b"BEGIN").await?;
        let mut next = store.next(connection, self).await;
        if is_missing(&next) {
            store.create(connection).await?;
            next = Ok(None);
        }
        let next = match next? {
            Some(next) => next,
            None => {
                // Two proxies may be here: the second one waits for the first one's row.
                store.begin_blocks(connection, self).await?;
                let next = store.next(connection, self).await?;
                next.ok_or(SequenceError::Garbled("no row for a table's blocks"))?
            }
        };
        let first = next.max(self.least);
        let Some(end) = first.checked_add(self.size) else {
            connection.execute(b"ROLLBACK").await?;
            return Err(SequenceError::Exhausted { max: u64::MAX });
        };
        let (own, row) = (&store.database, self.row());
        let update = format!("UPDATE {own}.segments SET next_id = {end} WHERE {row}");
        connection.execute(update.as_bytes()).await?;
        connection.execute(b"COMMIT").await?;
        Ok(first..end)
    }
}

impl BlockOf<'_> {
    fn row(&self) -> String {
        let (database, table) = (quoted(self.database), quoted(self.table));
        format!("db = {database} AND tbl = {table}")
    }
}

fn not_allowed(connection: &Connection, error: BackendError) -> SequenceError {
    match error {
        BackendError::Setup(error) => SequenceError::NotAllowed {
            replica_set: connection.server().replica_set.clone(),
            what: "create the tables that keep ids apart",
            error,
        },
        other => other.into(),
    }
}

fn is_missing<T>(answer: &Result<T, SequenceError>) -> bool {
    matches!(
        answer,
        Err(SequenceError::Backend(BackendError::Setup(error))) if MISSING.contains(&error.code)
    )
}

/// The number in a cell of the first row.
fn number(rows: &[TextRow], at: usize) -> Option<u64> {
    let cell = rows.first()?.get(at)?.as_deref()?;
    std::str::from_utf8(cell).ok()?.parse().ok()
}

/// A string literal for any sql_mode.
fn quoted(text: &str) -> String {
    format!("_utf8mb4 0x{}", hex::encode(text))
}

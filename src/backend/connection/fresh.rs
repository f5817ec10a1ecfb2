//! A connection as a login or a reset leaves it.
//!
//! In: a session of the server's that has just begun. Out: the variables that it began with, which are the
//! server's global ones and what `init_connect` made of them, and a session as the proxy needs it: for its own
//! statements, and to hear of what changes.

use std::sync::Arc;

use super::{Connection, OWN_PATIENCE};
use crate::backend::{BackendError, Flavor, TextRow, Variables};

/// Refuses writes until it is taken back.
pub(super) const PROTECT: &[u8] = b"SET SESSION TRANSACTION READ ONLY";

/// Variables of sessions that decide what statements do and answer: sessions of the proxy's carry these to every
/// server, whatever it has globally.
const DECISIVE: [&str; 16] = [
    "autocommit",
    "completion_type",
    "default_week_format",
    "div_precision_increment",
    "foreign_key_checks",
    "group_concat_max_len",
    "lc_time_names",
    "max_error_count",
    "max_sort_length",
    "sql_auto_is_null",
    "sql_mode",
    "sql_safe_updates",
    "sql_select_limit",
    "time_zone",
    "unique_checks",
    "updatable_views_with_limit",
];

/// Those that one kind of server has; MySQL 5.7 calls the isolation either.
const MYSQL: [&str; 2] = ["block_encryption_mode", "transaction_isolation"];
const MARIADB: [&str; 1] = ["tx_isolation"];

/// Modes of MySQL 5.7 that MySQL 8.0 refuses; none matters to what goes through the proxy.
const FORMER_MODES: [&str; 11] = [
    "DB2",
    "MAXDB",
    "MSSQL",
    "MYSQL323",
    "MYSQL40",
    "NO_AUTO_CREATE_USER",
    "NO_FIELD_OPTIONS",
    "NO_KEY_OPTIONS",
    "NO_TABLE_OPTIONS",
    "ORACLE",
    "POSTGRESQL",
];

/// Without them statements of the proxy's own would not be committed, or miss rows.
const OWN: [(&str, &str); 2] = [
    ("autocommit", "1"),
    ("sql_select_limit", "18446744073709551615"),
];

impl Connection {
    /// Reads what the session has begun with behind a login, and sets what the proxy needs.
    ///
    /// # Errors
    /// What the connection says.
    pub(super) async fn begin(&mut self) -> Result<(), BackendError> {
        let found = self.begin_behind(false).await?;
        let (found, globals) = self.server.note_defaults(found, self.globals);
        self.globals = globals;
        self.note_beginning(&found);
        Ok(())
    }

    /// Forgets the state of the session that used the connection (COM_RESET_CONNECTION).
    ///
    /// # Errors
    /// What the connection says; it is then of no use.
    pub async fn reset(&mut self) -> Result<(), BackendError> {
        let globals = self.server.globals();
        let found = self.begin_behind(true).await?;
        self.globals = globals;
        self.lent = false;
        self.statements.forget();
        let found = match self.server.defaults() {
            Some(defaults) if *defaults == found => defaults,
            _ => Arc::new(found),
        };
        self.note_beginning(&found);
        Ok(())
    }

    /// Whether its session began with the global variables that the server has now.
    pub fn has_current_globals(&self) -> bool {
        self.globals == self.server.globals()
    }

    /// Asks and sets all in one go, behind a reset if `reset`.
    async fn begin_behind(&mut self, reset: bool) -> Result<Variables, BackendError> {
        let reactor = self.server.reactor.clone();
        let begun = reactor.timeout(OWN_PATIENCE, self.begin_now(reset)).await;
        begun.unwrap_or_else(|_| Err(self.too_slow()))
    }

    async fn begin_now(&mut self, reset: bool) -> Result<Variables, BackendError> {
        let names = self.decisive();
        if reset {
            self.packets.reset_sequence();
            self.packets.queue_with(crate::wire::put_reset_connection);
        }
        self.queue_query(question(&names).as_bytes());
        let own = OWN.map(|(name, value)| format!("@@SESSION.{name}={value}"));
        let setting = format!("{},{}", self.tracking(), own.join(","));
        self.queue_query(setting.as_bytes());
        if self.protected {
            self.queue_query(PROTECT);
        }
        self.flush().await?;
        if reset {
            self.read_ok().await?;
        }
        let found = match self.read_rows().await {
            Ok((_, rows)) => begun_with(&names, rows, self.version().flavor),
            // A server that lacks one of them: nothing is known, and nothing is carried.
            Err(BackendError::Setup(_)) => Variables::default(),
            Err(error) => return Err(error),
        };
        self.read_ok().await?;
        if self.protected {
            self.read_ok().await?;
        }
        Ok(found)
    }

    /// The variables that decide what statements do, of those that the server has.
    pub fn decisive(&self) -> Vec<&'static str> {
        let version = self.version();
        let others: &[&str] = match version.flavor {
            Flavor::MySql if version.numbers() < (8, 0) => &MYSQL[..1],
            Flavor::MySql => &MYSQL,
            Flavor::MariaDb => &MARIADB,
        };
        DECISIVE.iter().chain(others).copied().collect()
    }

    /// What the connection has now: what its session began with, and what the proxy needs.
    fn note_beginning(&mut self, found: &Arc<Variables>) {
        let stands = |(name, value): &(&str, &str)| {
            let found = found.get(name);
            found.is_none_or(|found| found == value.as_bytes())
        };
        self.variables = Arc::clone(found);
        if !OWN.iter().all(stands) {
            let variables = Arc::make_mut(&mut self.variables);
            OWN.iter()
                .for_each(|(name, value)| variables.set(name, value.as_bytes()));
        }
    }

    /// Makes the server report changes of the variables that decide how statements are read and
    /// answered: a routine may change them without a SET that the proxy could see. Not `*`: with it
    /// MySQL reports a `statement_id` for every single statement. Where there are replicas, it
    /// reports the GTIDs of what is written too.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn track_variables(&mut self) -> Result<(), BackendError> {
        let sql = self.tracking();
        self.execute(sql.as_bytes()).await
    }

    pub(super) fn tracking(&self) -> String {
        let (listed, gtids) = match (self.server.replicated, self.version().flavor) {
            (false, _) => ("", ""),
            (true, Flavor::MySql) => ("", ",@@SESSION.session_track_gtids=OWN_GTID"),
            (true, Flavor::MariaDb) => (",last_gtid", ""),
        };
        format!(
            "SET @@SESSION.session_track_system_variables='autocommit,character_set_client,\
             character_set_connection,character_set_results,collation_connection,\
             foreign_key_checks,sql_mode,time_zone,unique_checks{listed}'{gtids}"
        )
    }

    /// Makes the server refuse writes on this connection.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn protect(&mut self) -> Result<(), BackendError> {
        self.execute(PROTECT).await?;
        self.protected = true;
        Ok(())
    }
}

/// Asks for variables; the session's `sql_select_limit` may be 0: only a limit of its own overrides it.
fn question(names: &[&str]) -> String {
    let list: Vec<String> = names
        .iter()
        .map(|name| format!("@@SESSION.{name}"))
        .collect();
    format!("SELECT {} LIMIT 1", list.join(","))
}

fn begun_with(names: &[&str], rows: Vec<TextRow>, flavor: Flavor) -> Variables {
    let mut variables = Variables::default();
    let row = rows.into_iter().next().unwrap_or_default();
    for (name, value) in names.iter().zip(row) {
        match (*name, flavor, value) {
            (_, _, None) => {}
            ("sql_mode", Flavor::MySql, Some(modes)) => {
                variables.set(name, without_former(&modes).as_bytes());
            }
            (_, _, Some(value)) => variables.set(name, &value),
        }
    }
    variables
}

fn without_former(modes: &[u8]) -> String {
    let modes = String::from_utf8_lossy(modes);
    let modes = modes.split(',').filter(|mode| !FORMER_MODES.contains(mode));
    modes.collect::<Vec<_>>().join(",")
}

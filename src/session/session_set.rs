//! System variables: what the login sets, what statements change.

use std::sync::Arc;

use mysql_common::collations::{Collation, CollationId};

use super::state::{Session, name_of};
use super::written::LAST_GTID;
use crate::backend::{BackendError, Connection, Flavor, Variables};
use crate::error::{ErrorKind, MysqlError};
use crate::reply::TrackedVariables;
use crate::wire::{SessionChange, SessionChanges, WireError};

/// What the client's own tracking is set by; the servers' stays as the proxy needs it.
const TRACK_VARIABLES: &str = "session_track_system_variables";

/// What NOW() gives, in seconds: a time, or by default the server's own clock.
pub(super) const CLOCK: &str = "timestamp";

/// Variables that hold for one statement or belong to one connection: carrying them to another
/// connection would change what they mean.
const NOT_CARRIED: [&str; 10] = [
    TRACK_VARIABLES,
    LAST_GTID,
    "insert_id",
    "last_insert_id",
    "identity",
    "rand_seed1",
    "rand_seed2",
    "pseudo_thread_id",
    "gtid_next",
    "character_set_connection",
];

/// What a client of MySQL's gets from MariaDB, which has none of MySQL's newer collations.
const MARIADB_COLLATION: &str = "utf8mb4_general_ci";

/// The largest id that is looked at.
const MAX_COLLATION: u16 = 400;

/// utf8mb4_0900_ai_ci, 4 bytes per character.
const DEFAULT_COLLATION: (u16, u32) = (255, 4);

/// Sets the variables that a login with this collation id sets, as the server does.
pub(super) fn log_in(variables: &mut Variables, collation: u16, flavor: Option<Flavor>) {
    let known = Collation::resolve(CollationId::from(collation));
    if known.id() == CollationId::UNKNOWN_COLLATION_ID {
        return;
    }
    let charset = known.charset().as_bytes();
    let collation = match (flavor, known.collation()) {
        (Some(Flavor::MariaDb), name) if name.contains("_0900_") => MARIADB_COLLATION,
        (_, name) => name,
    };
    variables.set("character_set_client", charset);
    variables.set("character_set_results", charset);
    variables.set("collation_connection", collation.as_bytes());
    variables.set_results_collation(true);
}

/// Statements can come in the character set of this collation id, as a login announces it.
///
/// # Errors
/// 1231, as the servers say it: letters of SQL take more than one byte there.
pub(super) fn check_client_charset(collation: u16) -> Result<(), MysqlError> {
    let known = Collation::resolve(CollationId::from(collation));
    match known.charset() {
        wide @ ("ucs2" | "utf16" | "utf16le" | "utf32") => Err(MysqlError::new(
            ErrorKind::WrongValueForVariable,
            format!("Variable 'character_set_client' can't be set to the value of '{wide}'"),
        )),
        _ => Ok(()),
    }
}

/// CLIENT_IGNORE_SPACE is sql_mode IGNORE_SPACE on top of the servers' own modes.
pub(super) fn ignore_space(variables: &mut Variables) {
    if let Some(modes) = variables.get("sql_mode").map(name_of) {
        let comma = if modes.is_empty() { "" } else { "," };
        variables.set("sql_mode", format!("{modes}{comma}IGNORE_SPACE").as_bytes());
    }
}

/// What a SET statement may have changed, to be read back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadBack {
    names: Vec<String>,
    /// Whether SET NAMES was the last to choose the collation of results; `None`: nobody did.
    results_by_names: Option<bool>,
    /// Whether the session's clock may have been stopped, or set going again.
    clock: bool,
    /// Whether global variables were assigned, with which later sessions begin.
    globals: bool,
}

impl ReadBack {
    /// A session variable was assigned.
    pub fn variable(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            // The character set follows from the collation.
            "character_set_connection" => self.add("collation_connection"),
            "character_set_results" => {
                self.results_by_names = Some(false);
                self.add(&name);
            }
            CLOCK => self.clock = true,
            _ => self.add(&name),
        }
    }

    /// SET NAMES (`by_names`) or SET CHARACTER SET.
    pub fn character_sets(&mut self, by_names: bool) {
        self.results_by_names = Some(by_names);
        self.add("character_set_client");
        self.add("character_set_results");
        self.add("collation_connection");
    }

    /// SET SESSION TRANSACTION.
    pub fn transaction(&mut self) {
        self.add("transaction_isolation");
        self.add("transaction_read_only");
    }

    /// A global variable was assigned.
    pub fn global(&mut self) {
        self.globals = true;
    }

    /// Whether later sessions begin with something else.
    pub fn changes_globals(&self) -> bool {
        self.globals
    }

    fn add(&mut self, name: &str) {
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.clock && !self.globals
    }

    /// Reads the values from the connection that ran the statement.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn fetch(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(String, Option<Vec<u8>>)>, BackendError> {
        if self.names.is_empty() {
            return Ok(Vec::new());
        }
        let flavor = connection.version().flavor;
        let names: Vec<String> = self
            .names
            .iter()
            .map(|name| spelled(name, flavor))
            .collect();
        let all = values(connection, &names).await;
        if !all.as_ref().is_err_and(is_unknown_variable) {
            return all;
        }
        // A SET in a version comment, which this server did not execute.
        let mut known = Vec::new();
        for name in &names {
            match values(connection, std::slice::from_ref(name)).await {
                Err(error) if is_unknown_variable(&error) => {}
                value => known.extend(value?),
            }
        }
        Ok(known)
    }
}

/// The time at which the connection's clock was stopped; `None` while it goes, which two looks show.
async fn stopped_clock(connection: &mut Connection) -> Result<Option<Vec<u8>>, BackendError> {
    let name = [CLOCK.to_owned()];
    let first = values(connection, &name).await?;
    let second = values(connection, &name).await?;
    let time = second.into_iter().next().and_then(|(_, time)| time);
    let stands = first.first().is_some_and(|(_, first)| *first == time);
    Ok(time.filter(|_| stands))
}

/// The connection's values of these variables.
async fn values(
    connection: &mut Connection,
    names: &[String],
) -> Result<Vec<(String, Option<Vec<u8>>)>, BackendError> {
    let list: Vec<String> = names
        .iter()
        .map(|name| format!("@@SESSION.`{}`", name.replace('`', "``")))
        .collect();
    // The session's sql_select_limit may be 0: only a limit of its own overrides it.
    let sql = format!("SELECT {} LIMIT 1", list.join(","));
    let row = connection.query(sql.as_bytes()).await?.into_iter().next();
    let row = row.filter(|row| row.len() == names.len()).ok_or_else(|| {
        connection.malformed(WireError::Malformed {
            packet: "COM_QUERY response",
            reason: "no values where variables were asked for",
        })
    })?;
    Ok(names.iter().cloned().zip(row).collect())
}

fn is_unknown_variable(error: &BackendError) -> bool {
    matches!(error, BackendError::Setup(error) if error.code == ErrorKind::UnknownVariable.code().0)
}

/// MariaDB before 11.1 knows the transaction's variables by their old names only.
fn spelled(name: &str, flavor: Flavor) -> String {
    match (name, flavor) {
        ("transaction_isolation", Flavor::MariaDb) => "tx_isolation".to_owned(),
        ("transaction_read_only", Flavor::MariaDb) => "tx_read_only".to_owned(),
        _ => name.to_owned(),
    }
}

impl Session {
    /// The id of the collation that results name, and its most bytes per character.
    pub fn results_collation(&self) -> (u16, u32) {
        let variables = &self.state.variables;
        let wanted = variables.results_collation();
        let charset = variables.get("character_set_results").unwrap_or(b"utf8mb4");
        let found = (1..=MAX_COLLATION).find_map(|id| {
            let known = Collation::resolve(CollationId::from(id));
            let same = match wanted {
                Some(name) => known.collation().as_bytes() == name,
                None => known.is_default() && known.charset().as_bytes() == charset,
            };
            same.then_some((id, u32::from(known.max_len())))
        });
        found.unwrap_or(DEFAULT_COLLATION)
    }

    /// Takes over what a server reported of its own accord.
    pub fn note_changes(&mut self, connection: &mut Connection, block: &[u8]) {
        let variables = SessionChanges::new(block).filter_map(|change| match change {
            Ok(SessionChange::SystemVariable { name, value }) => Some((name, value)),
            _ => None,
        });
        let mut variables = variables
            .filter(|(name, _)| *name != LAST_GTID.as_bytes())
            .peekable();
        if variables.peek().is_none() {
            return;
        }
        let mut changed = (*self.state.variables).clone();
        for (name, value) in variables {
            self.note_variable(&mut changed, &name_of(name), Some(value));
        }
        self.carry(connection, changed);
    }

    /// Takes over what was read back behind a SET statement.
    pub async fn note_set(
        &mut self,
        connection: &mut Connection,
        read_back: &ReadBack,
    ) -> Result<(), BackendError> {
        if read_back.is_empty() {
            return Ok(());
        }
        let mut changed = (*self.state.variables).clone();
        let mut restore = false;
        for (name, value) in read_back.fetch(connection).await? {
            restore |= name == TRACK_VARIABLES;
            self.note_variable(&mut changed, &name, value.as_deref());
        }
        if read_back.clock {
            match stopped_clock(connection).await? {
                Some(time) => changed.set(CLOCK, &time),
                None => changed.unset(CLOCK),
            }
        }
        if let Some(by_names) = read_back.results_by_names {
            changed.set_results_collation(by_names);
        }
        if restore {
            connection.track_variables().await?;
        }
        if read_back.globals {
            connection.server().note_globals();
            // The next session begins with them: a login tells what they are.
            Box::pin(Connection::open(Arc::clone(connection.server()), false))
                .await
                .ok();
        }
        self.carry(connection, changed);
        Ok(())
    }

    fn note_variable(&mut self, changed: &mut Variables, name: &str, value: Option<&[u8]>) {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            TRACK_VARIABLES => {
                let value = name_of(value.unwrap_or_default());
                self.state.tracked = TrackedVariables::parse(&value);
            }
            "last_insert_id" | "identity" => {
                let value = name_of(value.unwrap_or_default());
                self.state.last_insert_id = value.parse().unwrap_or(0);
            }
            other if NOT_CARRIED.contains(&other) => {}
            other => changed.set(other, value.unwrap_or(b"NULL")),
        }
    }

    fn carry(&mut self, connection: &mut Connection, changed: Variables) {
        if changed != *self.state.variables {
            let variables = self.shared.interner.intern(changed);
            self.state.set_variables(variables, &self.shared);
        }
        connection.note_variables(Arc::clone(&self.state.variables));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_chooses_a_collation_that_the_servers_have() {
        let cases = [
            (255, Flavor::MySql, "utf8mb4_0900_ai_ci"),
            (255, Flavor::MariaDb, "utf8mb4_general_ci"),
            (305, Flavor::MariaDb, "utf8mb4_general_ci"),
            (45, Flavor::MariaDb, "utf8mb4_general_ci"),
            (224, Flavor::MariaDb, "utf8mb4_unicode_ci"),
            (8, Flavor::MySql, "latin1_swedish_ci"),
            (8, Flavor::MariaDb, "latin1_swedish_ci"),
        ];
        for (id, flavor, expected) in cases {
            let mut variables = Variables::default();
            log_in(&mut variables, id, Some(flavor));
            let found = variables.get("collation_connection");
            assert_eq!(found, Some(expected.as_bytes()), "{id} on {flavor:?}");
        }
        let mut variables = Variables::default();
        log_in(&mut variables, 9999, None);
        assert_eq!(variables, Variables::default());
    }

    #[test]
    fn no_login_announces_letters_of_several_bytes() {
        for (id, charset) in [(35, "ucs2"), (54, "utf16"), (56, "utf16le"), (60, "utf32")] {
            let refused = check_client_charset(id).unwrap_err();
            assert_eq!((refused.code, &refused.state.0), (1231, b"42000"));
            let text = String::from_utf8(refused.message).unwrap();
            assert!(text.ends_with(&format!("value of '{charset}'")), "{text}");
        }
        for id in [0, 1, 8, 33, 45, 63, 255, 9999] {
            check_client_charset(id).unwrap();
        }
    }
}

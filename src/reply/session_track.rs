//! Which session changes a client hears of.
//!
//! The proxy asks every backend to report all variables, since it needs them; the client gets what
//! its own `session_track_*` settings ask for.

use bytes::BytesMut;

use crate::wire::{SessionChange, SessionChanges, WireError};

/// The variables that MySQL reports by default
/// (<https://dev.mysql.com/doc/refman/9.4/en/server-system-variables.html#sysvar_session_track_system_variables>).
const DEFAULT: [&str; 5] = [
    "time_zone",
    "autocommit",
    "character_set_client",
    "character_set_results",
    "character_set_connection",
];

/// A client's `session_track_system_variables`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrackedVariables {
    /// The server's default list.
    Default,
    /// `*`
    All,
    /// The names of a list.
    Listed(Vec<String>),
}

impl TrackedVariables {
    /// From the variable's value.
    pub fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::All;
        }
        let names = value.split(',').map(|name| name.trim().to_lowercase());
        Self::Listed(names.filter(|name| !name.is_empty()).collect())
    }

    fn contains(&self, name: &[u8]) -> bool {
        let same = |listed: &str| listed.as_bytes().eq_ignore_ascii_case(name);
        match self {
            Self::Default => DEFAULT.iter().copied().any(same),
            Self::All => true,
            Self::Listed(names) => names.iter().map(String::as_str).any(same),
        }
    }

    /// Copies the changes that the client asked for and shall hear of; `gtids`: those of GTIDs too.
    ///
    /// # Errors
    /// The block is malformed.
    pub fn filter(&self, block: &[u8], gtids: bool, out: &mut BytesMut) -> Result<(), WireError> {
        for change in SessionChanges::new(block) {
            match change? {
                SessionChange::SystemVariable { name, value } if self.contains(name) => {
                    SessionChange::SystemVariable { name, value }.encode(out);
                }
                SessionChange::SystemVariable { .. } => {}
                // The proxy asks for them where there are replicas; few clients do.
                SessionChange::Gtids(_) if !gtids => {}
                // USE is the proxy's. A server tells one where a trigger, a routine or a prepared
                // statement ran in another database than the connection's, to which it goes back.
                SessionChange::Schema(_) => {}
                other => other.encode(out),
            }
        }
        Ok(())
    }
}

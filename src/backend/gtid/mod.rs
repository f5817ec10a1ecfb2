//! What of a history of transactions a server has: GTIDs.
//!
//! In: what servers say (`@@gtid_executed`, `@@gtid_slave_pos`, session tracking). Out: [`Position`],
//! which tells whether one server has all that another one had.
//!
//! MySQL names every transaction by its source and a number, and a server has any set of them
//! (`mysql`). MariaDB numbers the transactions of a domain, and a server has all up to one
//! (`mariadb`).

mod mariadb;
mod mysql;

#[cfg(test)]
mod tests;

use std::fmt;

use super::Flavor;
pub use mariadb::DomainPositions;
pub use mysql::GtidSet;

/// A text that is no set of GTIDs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a set of GTIDs: '{0}'")]
pub struct NotGtids(pub String);

/// A set of transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Of MySQL's.
    MySql(GtidSet),
    /// Of MariaDB's.
    MariaDb(DomainPositions),
}

impl Position {
    /// Reads what a server of this kind says.
    ///
    /// # Errors
    /// It is no set of GTIDs.
    pub fn parse(text: &str, flavor: Flavor) -> Result<Self, NotGtids> {
        Ok(match flavor {
            Flavor::MySql => Self::MySql(text.parse()?),
            Flavor::MariaDb => Self::MariaDb(text.parse()?),
        })
    }

    /// No transaction.
    pub fn empty(flavor: Flavor) -> Self {
        match flavor {
            Flavor::MySql => Self::MySql(GtidSet::default()),
            Flavor::MariaDb => Self::MariaDb(DomainPositions::default()),
        }
    }

    /// Whether there is no transaction in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::MySql(set) => set.is_empty(),
            Self::MariaDb(domains) => domains.is_empty(),
        }
    }

    /// Whether it has every transaction of `other`; never for one of another kind of server.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::MySql(mine), Self::MySql(theirs)) => mine.covers(theirs),
            (Self::MariaDb(mine), Self::MariaDb(theirs)) => mine.covers(theirs),
            (mine, theirs) => mine.is_empty() && theirs.is_empty(),
        }
    }

    /// Takes over the transactions of `other`; one of another kind of server replaces it.
    pub fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::MySql(mine), Self::MySql(theirs)) => mine.add(theirs),
            (Self::MariaDb(mine), Self::MariaDb(theirs)) => mine.add(theirs),
            (mine, theirs) => *mine = theirs.clone(),
        }
    }

    /// Makes it small, if need be by naming more transactions: all that lie between those of one
    /// source.
    pub fn widen(&mut self, most: usize) {
        if let Self::MySql(set) = self {
            set.widen(most);
        }
    }

    /// The query that waits on a replica until it has all of these, at most `seconds`; it gives 0
    /// if it has.
    pub fn wait_sql(&self, seconds: f64) -> String {
        match self {
            Self::MySql(set) => {
                format!("SELECT WAIT_FOR_EXECUTED_GTID_SET('{set}', {seconds:.3})")
            }
            Self::MariaDb(domains) => format!("SELECT MASTER_GTID_WAIT('{domains}', {seconds:.3})"),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MySql(set) => set.fmt(f),
            Self::MariaDb(domains) => domains.fmt(f),
        }
    }
}

//! SHARDWELL …: orders to the proxy. SHOW SHARDWELL …: what it knows.

use std::ops::Range;

use super::super::cursor::{Cursor, QualifiedName};
use super::super::tokens::TokenKind;
use super::{Utility, admin};

/// An order to the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// SHARDWELL RELOAD: the configuration is read again.
    Reload,
    /// SHARDWELL DRAIN SERVER; the tokens of its address.
    Drain(Range<usize>),
    /// SHARDWELL RESUME SERVER; the tokens of its address.
    Resume(Range<usize>),
    /// SHARDWELL KILL: anybody's session.
    Kill {
        /// KILL QUERY: the connection stays.
        query: bool,
        /// The tokens of the session's id.
        id: Range<usize>,
    },
    /// SHARDWELL CHECK TABLE: whether definitions and rows are where and what they should be.
    Check(QualifiedName),
}

/// SHOW SHARDWELL … \[LIKE 'pattern'\] \[LIMIT count\]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What is listed.
    pub list: List,
    /// The token of the pattern that names must have.
    pub like: Option<usize>,
    /// The token of how many rows there may be.
    pub limit: Option<usize>,
}

/// What SHOW SHARDWELL can list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// What the session has written.
    Position,
    /// Prepared branches that wait for their end.
    Transactions,
    /// The shards of all schemas.
    Shards,
    /// The servers.
    Servers,
    /// The connections to them.
    Pools,
    /// The clients.
    Sessions,
    /// How tables are placed.
    Tables,
    /// The plan cache.
    Plans,
    /// Statements by digest.
    Digests,
    /// The proxy's settings.
    Variables,
}

impl List {
    /// By the words that ask for them.
    const ALL: [(&'static str, Self); 10] = [
        ("POSITION", Self::Position),
        ("TRANSACTIONS", Self::Transactions),
        ("SHARDS", Self::Shards),
        ("SERVERS", Self::Servers),
        ("POOLS", Self::Pools),
        ("SESSIONS", Self::Sessions),
        ("TABLES", Self::Tables),
        ("PLANS", Self::Plans),
        ("DIGESTS", Self::Digests),
        ("VARIABLES", Self::Variables),
    ];
}

/// What stands behind SHOW SHARDWELL; `None`: nothing that is known.
pub(super) fn shown(cursor: &mut Cursor<'_>) -> Option<Shown> {
    let (_, list) = List::ALL.into_iter().find(|(word, _)| cursor.word(word))?;
    let like = match cursor.word("LIKE") {
        true => Some(cursor.take(&[TokenKind::Literal, TokenKind::Fixed])?),
        false => None,
    };
    let limit = match cursor.word("LIMIT") {
        true => Some(cursor.take(&[TokenKind::Literal])?),
        false => None,
    };
    let picked = like.or(limit).is_some();
    if picked && matches!(list, List::Position | List::Transactions) {
        return None;
    }
    cursor.finish(Shown { list, like, limit })
}

pub(super) fn order(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if cursor.word("RELOAD") {
        return cursor.finish(Utility::Shardwell(Order::Reload));
    }
    if cursor.word("KILL") {
        return match admin::kill(cursor)? {
            Utility::Kill { query, id } => Some(Utility::Shardwell(Order::Kill { query, id })),
            _ => None,
        };
    }
    if cursor.words(&["CHECK", "TABLE"]) {
        let table = cursor.qualified()?;
        return cursor.finish(Utility::Shardwell(Order::Check(table)));
    }
    let drain = cursor.one_of(&["DRAIN", "RESUME"])? == 0;
    if !cursor.word("SERVER") || cursor.is_end() {
        return None;
    }
    let start = cursor.at();
    while !cursor.is_end() {
        cursor.step();
    }
    let address = start..cursor.at();
    Some(Utility::Shardwell(match drain {
        true => Order::Drain(address),
        false => Order::Resume(address),
    }))
}

//! SHARDWELL …: orders to the proxy.

use std::ops::Range;

use super::super::cursor::Cursor;
use super::Utility;

/// An order to the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// SHARDWELL RELOAD: the configuration is read again.
    Reload,
    /// SHARDWELL DRAIN SERVER; the tokens of its address.
    Drain(Range<usize>),
    /// SHARDWELL RESUME SERVER; the tokens of its address.
    Resume(Range<usize>),
}

pub(super) fn order(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if cursor.word("RELOAD") {
        return cursor.finish(Utility::Shardwell(Order::Reload));
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

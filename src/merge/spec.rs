//! What is asked of a merge: the planner's operator, whose columns and literals are known by now.
//!
//! Columns are counted from 0 in the answer of a shard: first those that the client sees, behind
//! them the hidden ones, which [`super::hidden`] says how to ask for.

pub use crate::plan::scatter::{
    Aggregate, Comparison, Condition, Distinct, Function, Group, Operand, Operator, SortKey, Weight,
};

/// Which protocol the rows were sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Answers to COM_QUERY.
    Text,
    /// Answers to COM_STMT_EXECUTE.
    Binary,
}

/// How the answers of several shards become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeSpec {
    /// How many columns the client sees; the first ones. Their definitions are sent as any shard
    /// sent them: a sum, a count or an average over a part has the type of that over the whole.
    pub visible: usize,
    /// What is done with the rows.
    pub operator: Operator,
    /// LIMIT of the whole; the shards were asked for `LIMIT 0, offset + count` where every one of their
    /// rows is a row of the answer, for all their rows else.
    pub limit: Option<Limit>,
}

impl MergeSpec {
    /// All rows of `visible` columns, as they come.
    pub const fn as_it_comes(visible: usize) -> Self {
        Self {
            visible,
            operator: Operator::Concat,
            limit: None,
        }
    }
}

/// LIMIT: both in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Rows left out first.
    pub offset: u64,
    /// Rows given at most.
    pub count: u64,
}

/// How much a merge may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rows, groups or distinct values.
    pub rows: usize,
    /// Bytes of them.
    pub bytes: usize,
}

//! Why the answers of several nodes cannot be merged: MySQL itself must finish such a statement.

use super::columns::Uncertain;
use super::request::Incomparable;
use crate::plan::full_text::Inexact;

/// Why a SELECT cannot be scattered; the end of a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// UNION and its like, or parentheses around the whole.
    #[error("set operations")]
    SetOperation,
    /// Rows of several nodes belong together.
    #[error("joins or subqueries whose rows are not certain to be on one shard")]
    NotLocal,
    /// A clause that is not understood.
    #[error("this form of SELECT")]
    NotUnderstood,
    /// A name that may be an alias or a column.
    #[error("a name in ORDER BY or GROUP BY that may be a column or an alias")]
    Name,
    /// `ORDER BY 3` of two columns.
    #[error("ORDER BY or GROUP BY the number of a column that is not there")]
    Ordinal,
    /// A type that only MySQL compares.
    #[error("ordering or grouping by values that only MySQL can compare")]
    Incomparable,
    /// OVER
    #[error("window functions")]
    Window,
    /// WITH ROLLUP
    #[error("WITH ROLLUP")]
    Rollup,
    /// `@x := …`
    #[error("assignments to user variables")]
    UserVariable,
    /// RAND() where its value matters twice.
    #[error("functions whose value changes from call to call")]
    Nondeterministic,
    /// GROUP_CONCAT, SUM(a) / SUM(b), …
    #[error("expressions made of aggregates, and aggregates that only MySQL can compute")]
    ComputedAggregate,
    /// The server refuses it.
    #[error("GROUP BY an aggregate")]
    GroupByAggregate,
    /// Neither native nor a stored function: it may be an aggregate.
    #[error("functions that are not known")]
    UnknownFunction,
    /// HAVING that is more than comparisons with numbers.
    #[error("this HAVING condition")]
    Having,
    /// DISTINCT over groups.
    #[error("DISTINCT over groups")]
    DistinctGroups,
    /// `SELECT DISTINCT *`
    #[error("DISTINCT of all columns")]
    DistinctStar,
    /// DISTINCT ordered by what is not selected.
    #[error("DISTINCT ordered by what is not selected")]
    DistinctOrder,
    /// MATCH … AGAINST that is more than a condition.
    #[error("{0}")]
    FullText(Inexact),
}

impl From<Uncertain> for Reason {
    fn from(_: Uncertain) -> Self {
        Self::Name
    }
}

impl From<Inexact> for Reason {
    fn from(why: Inexact) -> Self {
        Self::FullText(why)
    }
}

impl From<Incomparable> for Reason {
    fn from(_: Incomparable) -> Self {
        Self::Incomparable
    }
}

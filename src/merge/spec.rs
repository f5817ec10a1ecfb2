//! What the planner asks of a merge: made from the statement alone, before column types are known.
//!
//! Columns are counted from 0 in the answer of a shard: first those that the client sees, behind
//! them the hidden ones, which [`super::hidden`] says how to ask for.

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

/// LIMIT: both in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Rows left out first.
    pub offset: u64,
    /// Rows given at most.
    pub count: u64,
}

/// What is done with the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The rows as they come.
    Concat,
    /// The rows of every shard come in this order; so do those of the answer.
    Order(Vec<SortKey>),
    /// Every shard has grouped its own rows.
    Group(Group),
    /// Every shard has made its own rows distinct.
    Distinct(Distinct),
}

/// A value to compare, with the hidden columns that help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The value itself: tells NULL, and is compared where its type allows.
    pub column: usize,
    /// What a string is compared by. Left out only where the value is known to be no character
    /// string; ignored where it turns out not to be one.
    pub weight: Option<Weight>,
    /// A hidden column with the exact number behind a value whose text does not tell it: ENUM and
    /// SET (their order is that of the members), FLOAT, DOUBLE(M,D), TIMESTAMP.
    pub number: Option<usize>,
}

impl Operand {
    /// A value that needs no help: an exact number, a date, bytes.
    pub const fn plain(column: usize) -> Self {
        Self {
            column,
            weight: None,
            number: None,
        }
    }

    /// A string with its weight and the weight of a space.
    pub const fn weighted(column: usize, weight: usize, pad: usize) -> Self {
        Self {
            column,
            weight: Some(Weight {
                column: weight,
                pad,
            }),
            number: None,
        }
    }
}

/// The hidden columns that a string is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// [`super::hidden::weight`], or [`super::hidden::sort_weight`] for a key of ORDER BY.
    pub column: usize,
    /// [`super::hidden::pad`].
    pub pad: usize,
}

/// A key of ORDER BY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// What is compared.
    pub operand: Operand,
    /// Whether the largest comes first; NULL is smaller than all else.
    pub descending: bool,
}

impl SortKey {
    /// The smallest first.
    pub const fn ascending(operand: Operand) -> Self {
        Self {
            operand,
            descending: false,
        }
    }

    /// The largest first.
    pub const fn descending(operand: Operand) -> Self {
        Self {
            operand,
            descending: true,
        }
    }
}

/// DISTINCT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// All visible columns.
    pub keys: Vec<Operand>,
    /// In which order the rows of every shard come, and those of the answer; empty: any. Where all of these
    /// are among the visible columns, only a run of equal keys is held.
    pub order: Vec<SortKey>,
}

/// GROUP BY, or aggregates over the whole where there are no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the rows are grouped by.
    pub keys: Vec<Operand>,
    /// The columns that are computed from those of the groups' parts. All others are taken from
    /// one part.
    pub aggregates: Vec<Aggregate>,
    /// A column with COUNT(*), for aggregates without keys that stand beside other columns: a
    /// shard without rows gives a row of NULLs too, which must not be the one that those are taken from.
    pub count: Option<usize>,
    /// In which order every shard's groups come: by all of the keys first, in any order of keys and
    /// in any direction, so that one group at a time is held. Empty: any order, all groups are held.
    pub arrival: Vec<SortKey>,
    /// In which order the groups are given; empty: as they come. All groups are held where it is
    /// given, so it is left out where `arrival` says the same.
    pub order: Vec<SortKey>,
    /// HAVING: all of these must hold.
    pub having: Vec<Condition>,
}

/// A column of a group that is computed from its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// The column, of the shard's own result of the aggregate: its definition is the answer's.
    pub column: usize,
    /// What is computed.
    pub function: Function,
}

/// How parts become a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function {
    /// COUNT: the sum of the counts.
    Count,
    /// SUM: the sum of the sums. For a DOUBLE with a fixed number of digits `exact` is a hidden column with
    /// the sum in full: [`super::hidden::float`].
    Sum {
        /// The hidden column.
        exact: Option<usize>,
    },
    /// AVG: hidden columns with SUM (as in [`Function::Sum`] exact) and COUNT of the same argument.
    Avg {
        /// SUM.
        sum: usize,
        /// COUNT.
        count: usize,
    },
    /// MIN. Its helpers, being of the same part, follow it.
    Min(Operand),
    /// MAX. Its helpers, being of the same part, follow it.
    Max(Operand),
    /// BIT_AND of integers.
    BitAnd,
    /// BIT_OR of integers.
    BitOr,
    /// BIT_XOR of integers.
    BitXor,
    /// COUNT(DISTINCT …): each shard grouped by the keys and by these values too, which are columns of its
    /// answer, so that other aggregates are of smaller parts but are merged as ever.
    CountDistinct(Vec<Operand>),
    /// SUM(DISTINCT …) of a number, in the same way.
    SumDistinct(Operand),
    /// AVG(DISTINCT …) of a number, in the same way.
    AvgDistinct(Operand),
}

/// A comparison of a column of the answer with an exact number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// An integer or DECIMAL column, no average.
    pub column: usize,
    /// How it is compared.
    pub comparison: Comparison,
    /// The number as in SQL: digits, perhaps with a sign and a point.
    pub number: String,
}

/// `column <comparison> number`; NULL satisfies none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// How much a merge may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rows, groups or distinct values.
    pub rows: usize,
    /// Bytes of them.
    pub bytes: usize,
}

//! What the planner asks of a merge: made from the statement alone, before column types are known.
//!
//! `C` names a column of a shard's answer: first come those that the client sees, behind them the
//! hidden ones. A plan does not know yet how many `*` stands for and names a [`Column`]; a merge
//! counts them all from 0. `N` is a number that rows are compared with: a plan knows the slot of its
//! literal.

/// A column of a shard's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// One that the client sees, counted from 0.
    Visible(usize),
    /// One that the proxy asked for, counted from 0.
    Hidden(usize),
}

impl Column {
    /// Its place in an answer of which the client sees `visible` columns.
    pub const fn place(self, visible: usize) -> usize {
        match self {
            Self::Visible(at) => at,
            Self::Hidden(at) => visible + at,
        }
    }
}

/// What is done with the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator<C = usize, N = String> {
    /// The rows as they come.
    Concat,
    /// The rows of every shard come in this order; so do those of the answer.
    Order(Vec<SortKey<C>>),
    /// Every shard has grouped its own rows.
    Group(Group<C, N>),
    /// Every shard has made its own rows distinct.
    Distinct(Distinct<C>),
}

/// A value to compare, with the hidden columns that help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand<C = usize> {
    /// The value itself: tells NULL, and is compared where its type allows.
    pub column: C,
    /// What a string is compared by. Left out only where the value is known to be no character
    /// string; ignored where it turns out not to be one.
    pub weight: Option<Weight<C>>,
    /// A hidden column with the exact number behind a value whose text does not tell it: ENUM and
    /// SET (their order is that of the members), FLOAT, DOUBLE(M,D), TIMESTAMP.
    pub number: Option<C>,
}

impl<C> Operand<C> {
    /// A value that needs no help: an exact number, a date, bytes.
    pub const fn plain(column: C) -> Self {
        Self {
            column,
            weight: None,
            number: None,
        }
    }

    /// A string with its weight and the weight of a space.
    pub const fn weighted(column: C, weight: C, pad: C) -> Self {
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
pub struct Weight<C = usize> {
    /// `weight`, or `sort_weight` for a key of ORDER BY.
    pub column: C,
    /// `pad`.
    pub pad: C,
}

/// A key of ORDER BY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey<C = usize> {
    /// What is compared.
    pub operand: Operand<C>,
    /// Whether the largest comes first; NULL is smaller than all else.
    pub descending: bool,
}

impl<C> SortKey<C> {
    /// The smallest first.
    pub const fn ascending(operand: Operand<C>) -> Self {
        Self {
            operand,
            descending: false,
        }
    }

    /// The largest first.
    pub const fn descending(operand: Operand<C>) -> Self {
        Self {
            operand,
            descending: true,
        }
    }
}

/// DISTINCT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distinct<C = usize> {
    /// All visible columns.
    pub keys: Vec<Operand<C>>,
    /// In which order the rows of every shard come, and those of the answer; empty: any. Where all of these
    /// are among the visible columns, only a run of equal keys is held.
    pub order: Vec<SortKey<C>>,
}

/// GROUP BY, or aggregates over the whole where there are no keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<C = usize, N = String> {
    /// What the rows are grouped by.
    pub keys: Vec<Operand<C>>,
    /// The columns that are computed from those of the groups' parts. All others are taken from
    /// one part.
    pub aggregates: Vec<Aggregate<C>>,
    /// A column with COUNT(*), for aggregates without keys that stand beside other columns: a
    /// shard without rows gives a row of NULLs too, which must not be the one that those are taken from.
    pub count: Option<C>,
    /// In which order every shard's groups come: by all of the keys first, in any order of keys and
    /// in any direction, so that one group at a time is held. Empty: any order, all groups are held.
    pub arrival: Vec<SortKey<C>>,
    /// In which order the groups are given; empty: as they come. All groups are held where it is
    /// given, so it is left out where `arrival` says the same.
    pub order: Vec<SortKey<C>>,
    /// HAVING: all of these must hold.
    pub having: Vec<Condition<C, N>>,
}

/// A column of a group that is computed from its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate<C = usize> {
    /// The column, of the shard's own result of the aggregate: its definition is the answer's.
    pub column: C,
    /// What is computed.
    pub function: Function<C>,
}

/// How parts become a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Function<C = usize> {
    /// COUNT: the sum of the counts.
    Count,
    /// SUM: the sum of the sums. For a DOUBLE with a fixed number of digits `exact` is a hidden column with
    /// the sum in full: `float`.
    Sum {
        /// The hidden column.
        exact: Option<C>,
    },
    /// AVG: hidden columns with SUM (as in [`Function::Sum`] exact) and COUNT of the same argument.
    Avg {
        /// SUM.
        sum: C,
        /// COUNT.
        count: C,
    },
    /// MIN. Its helpers, being of the same part, follow it.
    Min(Operand<C>),
    /// MAX. Its helpers, being of the same part, follow it.
    Max(Operand<C>),
    /// BIT_AND of integers.
    BitAnd,
    /// BIT_OR of integers.
    BitOr,
    /// BIT_XOR of integers.
    BitXor,
    /// COUNT(DISTINCT …): each shard grouped by the keys and by these values too, which are columns of its
    /// answer, so that other aggregates are of smaller parts but are merged as ever.
    CountDistinct(Vec<Operand<C>>),
    /// SUM(DISTINCT …) of a number, in the same way.
    SumDistinct(Operand<C>),
    /// AVG(DISTINCT …) of a number, in the same way.
    AvgDistinct(Operand<C>),
}

/// A comparison of a column of the answer with an exact number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<C = usize, N = String> {
    /// An integer or DECIMAL column, no average.
    pub column: C,
    /// How it is compared.
    pub comparison: Comparison,
    /// The number as in SQL: digits, perhaps with a sign and a point.
    pub number: N,
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

impl<C: Copy, N> Operator<C, N> {
    /// The same of columns at their places and with the literals' numbers.
    ///
    /// # Errors
    /// Those of `number`.
    pub fn placed<E>(
        &self,
        place: &impl Fn(C) -> usize,
        number: &impl Fn(&N) -> Result<String, E>,
    ) -> Result<Operator, E> {
        let order = |keys: &[SortKey<C>]| keys.iter().map(|key| key.placed(place)).collect();
        let operands = |all: &[Operand<C>]| all.iter().map(|one| one.placed(place)).collect();
        Ok(match self {
            Self::Concat => Operator::Concat,
            Self::Order(keys) => Operator::Order(order(keys)),
            Self::Distinct(distinct) => Operator::Distinct(Distinct {
                keys: operands(&distinct.keys),
                order: order(&distinct.order),
            }),
            Self::Group(group) => Operator::Group(Group {
                keys: operands(&group.keys),
                aggregates: group
                    .aggregates
                    .iter()
                    .map(|aggregate| aggregate.placed(place))
                    .collect(),
                count: group.count.map(place),
                arrival: order(&group.arrival),
                order: order(&group.order),
                having: group
                    .having
                    .iter()
                    .map(|condition| {
                        Ok(Condition {
                            column: place(condition.column),
                            comparison: condition.comparison,
                            number: number(&condition.number)?,
                        })
                    })
                    .collect::<Result<_, E>>()?,
            }),
        })
    }
}

impl<C: Copy> SortKey<C> {
    fn placed(&self, place: &impl Fn(C) -> usize) -> SortKey {
        SortKey {
            operand: self.operand.placed(place),
            descending: self.descending,
        }
    }
}

impl<C: Copy> Operand<C> {
    fn placed(&self, place: &impl Fn(C) -> usize) -> Operand {
        Operand {
            column: place(self.column),
            weight: self.weight.map(|weight| Weight {
                column: place(weight.column),
                pad: place(weight.pad),
            }),
            number: self.number.map(place),
        }
    }
}

impl<C: Copy> Aggregate<C> {
    fn placed(&self, place: &impl Fn(C) -> usize) -> Aggregate {
        Aggregate {
            column: place(self.column),
            function: match &self.function {
                Function::Count => Function::Count,
                Function::Sum { exact } => Function::Sum {
                    exact: exact.map(place),
                },
                Function::Avg { sum, count } => Function::Avg {
                    sum: place(*sum),
                    count: place(*count),
                },
                Function::Min(operand) => Function::Min(operand.placed(place)),
                Function::Max(operand) => Function::Max(operand.placed(place)),
                Function::BitAnd => Function::BitAnd,
                Function::BitOr => Function::BitOr,
                Function::BitXor => Function::BitXor,
                Function::CountDistinct(operands) => {
                    Function::CountDistinct(operands.iter().map(|one| one.placed(place)).collect())
                }
                Function::SumDistinct(operand) => Function::SumDistinct(operand.placed(place)),
                Function::AvgDistinct(operand) => Function::AvgDistinct(operand.placed(place)),
            },
        }
    }
}

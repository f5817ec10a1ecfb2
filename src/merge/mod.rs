//! Merge: rows of several shards → rows of one answer, as one MySQL would give them.
//!
//! In: a [`MergeSpec`] of the planner's, the columns of the shards' answers, and rows as the
//! shards sent them. Out: rows for the client, pulled one at a time. Nothing is read or sent here,
//! and nothing is decoded but the values that rows are compared or computed by.
//!
//! ```text
//! push(source, row) → input (as they come, or k-way by a heap) → group | distinct → limit → cut → step()
//! ```
//! A row is held as long as it is the first of its source; groups and distinct values within a [`Budget`].
//!
//! Strings are compared by hidden columns that hold MySQL's own weights ([`hidden`]); exact
//! numbers exactly, sums of them too.

mod aggregate;
mod assemble;
mod budget;
mod compare;
mod counters;
mod decimal;
mod distinct;
mod error;
mod group_by;
mod having;

mod input;
mod limit;
mod number;
mod order_by;
mod row;
mod spec;
mod total;
mod value;

#[cfg(test)]
mod tests;

pub use crate::plan::scatter::hidden;
pub use budget::Meter;
pub use counters::{Counters, INDEXES_SQL, TABLES_SQL, TableCounts};
pub use error::{MergeError, Result};
pub use spec::{
    Aggregate, Budget, Comparison, Condition, Distinct, Function, Group, Limit, MergeSpec, Operand,
    Operator, RowFormat, SortKey, Weight,
};

use bytes::Bytes;

use crate::wire::{ColumnDefinition, ColumnFlags, ColumnType};
use compare::Columns;
use distinct::Seen;
use group_by::GroupBy;
use input::Input;
use limit::Window;
use order_by::Next;
pub use row::Layout;
use row::Span;

/// Whether the rows of two answers can be merged: shards of different schemas may send columns of
/// different types to the same statement.
pub fn agree(a: &[ColumnDefinition<'_>], b: &[ColumnDefinition<'_>]) -> bool {
    // Whether a number is BINARY, or which kind of string an expression gives, depends on how a
    // server went about the statement; all strings travel alike.
    let told_by = ColumnFlags::UNSIGNED_FLAG | ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG;
    let alike = |(a, b): (&ColumnDefinition<'_>, &ColumnDefinition<'_>)| {
        let flags = a.known_flags() & told_by == b.known_flags() & told_by;
        let kinds = match (is_string(a), is_string(b)) {
            (true, true) => true,
            (false, false) => a.column_type == b.column_type && a.decimals == b.decimals,
            _ => false,
        };
        flags && kinds && a.collation == b.collation
    };
    a.len() == b.len() && a.iter().zip(b).all(alike)
}

fn is_string(column: &ColumnDefinition<'_>) -> bool {
    use ColumnType as T;
    matches!(
        column.known_type(),
        Some(
            T::MYSQL_TYPE_VARCHAR
                | T::MYSQL_TYPE_VAR_STRING
                | T::MYSQL_TYPE_STRING
                | T::MYSQL_TYPE_TINY_BLOB
                | T::MYSQL_TYPE_MEDIUM_BLOB
                | T::MYSQL_TYPE_LONG_BLOB
                | T::MYSQL_TYPE_BLOB
        )
    )
}

/// What a merge says when it is asked for its next row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It needs the next row or the end of this source.
    Need(usize),
    /// It needs a row or the end of any source that has not ended.
    NeedAny,
    /// The next row of the answer.
    Row(Bytes),
    /// The answer is complete; sources that have not ended are of no interest any more.
    Done,
}

/// One answer made of several.
#[derive(Debug)]
pub struct Merger {
    layout: Layout,
    input: Input,
    stage: Stage,
    window: Window,
    visible: usize,
    spans: Vec<Span>,
    /// Rows so far without LIMIT.
    counted: u64,
    counts_all: bool,
}

/// What is done with the rows that come in; boxed, being large.
#[derive(Debug)]
enum Stage {
    Pass,
    Distinct(Box<Seen>),
    Group(Box<GroupBy>),
}

impl Merger {
    /// A merge of answers with these columns, which are the same for all sources.
    ///
    /// # Errors
    /// The columns' types do not allow it: [`MergeError::Unmergeable`] and [`MergeError::Hidden`]
    /// say that MySQL itself must finish the statement.
    pub fn new(
        spec: &MergeSpec,
        columns: &[ColumnDefinition<'_>],
        format: RowFormat,
        sources: usize,
        budget: Budget,
    ) -> Result<Self> {
        let types: Vec<u8> = columns.iter().map(|column| column.column_type).collect();
        if spec.visible > types.len() {
            return Err(MergeError::Missing {
                what: "column",
                index: spec.visible,
                count: types.len(),
            });
        }
        let known = Columns::new(columns, format);
        let layout = Layout::new(format, types);
        let (order, stage): (&[SortKey], Stage) = match &spec.operator {
            Operator::Concat => (&[], Stage::Pass),
            Operator::Order(keys) => (keys, Stage::Pass),
            Operator::Distinct(distinct) => {
                let seen = Seen::new(distinct, &known, budget)?;
                (&distinct.order, Stage::Distinct(Box::new(seen)))
            }
            Operator::Group(group) => {
                let groups = GroupBy::new(group, &known, &layout, spec.visible, budget)?;
                (&group.arrival, Stage::Group(Box::new(groups)))
            }
        };
        Ok(Self {
            input: Input::ordered(order, &known, sources)?,
            layout,
            stage,
            window: Window::new(spec.limit),
            visible: spec.visible,
            spans: Vec::new(),
            counted: 0,
            counts_all: false,
        })
    }

    /// Takes the next row of a source, as it was sent. More rows than were asked for may be given; they
    /// wait, outside of any budget.
    ///
    /// # Errors
    /// The row is malformed, or there is no such source.
    pub fn push(&mut self, source: usize, row: Bytes) -> Result<()> {
        self.input.push(&self.layout, source, row)
    }

    /// All rows are counted: those too that LIMIT leaves out.
    pub fn count_all(&mut self) {
        self.counts_all = true;
    }

    /// How many rows there are without LIMIT; all of them after [`Merger::count_all`] only.
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// A source has sent all its rows.
    pub fn end(&mut self, source: usize) {
        self.input.end(source);
    }

    /// The next row, or what it takes to find it.
    ///
    /// # Errors
    /// A row is malformed; or what must be held is beyond the budget.
    pub fn step(&mut self) -> Result<Step> {
        while self.counts_all || !self.window.is_over() {
            let row = match self.input.next() {
                Next::Need(source) => return Ok(Step::Need(source)),
                Next::NeedAny => return Ok(Step::NeedAny),
                Next::Row(row) => match &mut self.stage {
                    Stage::Pass => Some(row.row),
                    Stage::Distinct(seen) => seen.is_new(&self.layout, &row)?.then_some(row.row),
                    Stage::Group(groups) => groups.take(&row)?,
                },
                Next::End => match &mut self.stage {
                    Stage::Pass | Stage::Distinct(_) => break,
                    Stage::Group(groups) => match groups.drain()? {
                        None => break,
                        group => group,
                    },
                },
            };
            let Some(row) = row else {
                continue;
            };
            self.counted += 1;
            if self.window.admits() {
                let row = self.layout.cut(row, self.visible, &mut self.spans)?;
                return Ok(Step::Row(row));
            }
        }
        Ok(Step::Done)
    }
}

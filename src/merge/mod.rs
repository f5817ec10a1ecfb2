//! Merge: rows of several shards → rows of one answer, as one MySQL would give them.
//!
//! In: a [`MergeSpec`] of the planner's, the columns of the shards' answers, and rows as the
//! shards sent them. Out: rows for the client, pulled one at a time. Nothing is read or sent here,
//! and nothing is decoded but the values that rows are compared or computed by.
//!
//! Strings are compared by hidden columns that hold MySQL's own weights ([`hidden`]); numbers
//! exactly ([`decimal`]).

mod compare;
pub mod decimal;
mod error;
pub mod hidden;
mod input;
mod limit;
mod order_by;
mod row;
mod spec;
mod value;

pub use error::{MergeError, Result};
pub use spec::{
    Aggregate, Budget, Comparison, Condition, Distinct, Function, Group, Limit, MergeSpec, Operand,
    Operator, RowFormat, SortKey, Weight,
};

use bytes::Bytes;

use crate::wire::ColumnDefinition;
use compare::Columns;
use input::Input;
use limit::Window;
use order_by::Next;
use row::{Layout, Span};

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
    window: Window,
    visible: usize,
    spans: Vec<Span>,
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
        let _ = budget;
        let types = columns.iter().map(|column| column.column_type).collect();
        if spec.visible > columns.len() {
            return Err(MergeError::Missing {
                what: "column",
                index: spec.visible,
                count: columns.len(),
            });
        }
        let known = Columns::new(columns, format);
        let input = match &spec.operator {
            Operator::Concat => Input::any_order(sources),
            Operator::Order(keys) => Input::ordered(keys, &known, sources)?,
            Operator::Group(_) | Operator::Distinct(_) => {
                return Err(MergeError::Unmergeable("groups"));
            }
        };
        Ok(Self {
            layout: Layout::new(format, types),
            input,
            window: Window::new(spec.limit),
            visible: spec.visible,
            spans: Vec::new(),
        })
    }

    /// Takes the next row of a source, as it was sent. More rows than were asked for may be given.
    ///
    /// # Errors
    /// The row is malformed, or there is no such source.
    pub fn push(&mut self, source: usize, row: Bytes) -> Result<()> {
        self.input.push(&self.layout, source, row)
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
        while !self.window.is_over() {
            match self.input.next() {
                Next::Need(source) => return Ok(Step::Need(source)),
                Next::NeedAny => return Ok(Step::NeedAny),
                Next::End => break,
                Next::Row(row) if self.window.admits() => {
                    let row = self.layout.cut(row.row, self.visible, &mut self.spans)?;
                    return Ok(Step::Row(row));
                }
                Next::Row(_) => {}
            }
        }
        Ok(Step::Done)
    }
}

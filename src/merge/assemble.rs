//! A group's row, put together from those of its parts and from computed values.

use bytes::{Bytes, BytesMut};

use super::aggregate::{Plan, State};
use super::error::{MergeError, Result};
use super::number::Number;
use super::row::{Layout, Span, put_bitmap};
use super::spec::RowFormat;

/// Where a column of a group comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// From the part that stands for the group.
    Part,
    /// From the part that won this aggregate.
    Winner(usize),
    /// Computed by this aggregate.
    Computed(usize),
}

/// Makes groups' rows.
#[derive(Debug)]
pub struct Assembler {
    cells: Vec<Cell>,
    layout: Layout,
    spans: Vec<Span>,
    winner_spans: Vec<Vec<Span>>,
}

/// A value in its encoded form.
enum Piece<'a> {
    Null,
    Sent(&'a [u8]),
    Computed(BytesMut),
}

impl Assembler {
    /// For groups of these aggregates.
    pub fn new(plans: &[Plan], layout: Layout) -> Self {
        let mut cells = vec![Cell::Part; layout.columns()];
        for (index, plan) in plans.iter().enumerate() {
            for column in plan.carried() {
                if let Some(cell) = cells.get_mut(*column) {
                    *cell = Cell::Winner(index);
                }
            }
        }
        for (index, plan) in plans.iter().enumerate() {
            if let Some(cell) = cells
                .get_mut(plan.target.column)
                .filter(|_| plan.carried().is_empty())
            {
                *cell = Cell::Computed(index);
            }
        }
        Self {
            cells,
            layout,
            spans: Vec::new(),
            winner_spans: plans.iter().map(|_| Vec::new()).collect(),
        }
    }

    /// Whether one of the first `visible` columns is taken from any part.
    pub fn needs_part(&self, visible: usize) -> bool {
        self.cells
            .iter()
            .take(visible)
            .any(|cell| *cell == Cell::Part)
    }

    /// The row of a group; `part` is missing where there was none.
    ///
    /// # Errors
    /// A part is malformed, or a computed value is too large for its column.
    pub fn row(&mut self, part: Option<&Bytes>, plans: &[Plan], states: &[State]) -> Result<Bytes> {
        let columns = self.layout.columns();
        self.spans.clear();
        if let Some(part) = part {
            self.layout.find(part, columns, &mut self.spans)?;
        }
        for (spans, state) in self.winner_spans.iter_mut().zip(states) {
            if let State::Extreme(Some(winner)) = state {
                self.layout.find(&winner.row, columns, spans)?;
            }
        }
        let mut pieces = Vec::with_capacity(columns);
        for (column, cell) in self.cells.iter().enumerate() {
            pieces.push(match cell {
                Cell::Computed(index) => computed(*index, plans, states)?,
                Cell::Winner(index) => match states.get(*index) {
                    Some(State::Extreme(Some(winner))) => {
                        sent(&winner.row, self.winner_spans.get(*index), column)
                    }
                    // NULL in all parts.
                    _ => sent(part.map_or(&[], |part| part), Some(&self.spans), column),
                },
                Cell::Part => sent(part.map_or(&[], |part| part), Some(&self.spans), column),
            });
        }
        Ok(put_together(&pieces, self.layout.format()))
    }
}

fn computed<'a>(index: usize, plans: &[Plan], states: &[State]) -> Result<Piece<'a>> {
    let (Some(plan), Some(state)) = (plans.get(index), states.get(index)) else {
        return Ok(Piece::Null);
    };
    let number = plan.finish(state)?.unwrap_or(Number::Null);
    if number == Number::Null {
        return Ok(Piece::Null);
    }
    let mut encoded = BytesMut::new();
    number.put(plan.target, &mut encoded)?;
    Ok(Piece::Computed(encoded))
}

fn sent<'a>(row: &'a [u8], spans: Option<&Vec<Span>>, column: usize) -> Piece<'a> {
    match spans.and_then(|spans| spans.get(column)) {
        Some(span) if !span.null => Piece::Sent(span.encoded(row)),
        _ => Piece::Null,
    }
}

fn put_together(pieces: &[Piece<'_>], format: RowFormat) -> Bytes {
    let mut row = BytesMut::new();
    if format == RowFormat::Binary {
        let nulls = pieces.iter().map(|piece| matches!(piece, Piece::Null));
        put_bitmap(&mut row, nulls);
    }
    for piece in pieces {
        match piece {
            Piece::Null if format == RowFormat::Text => {
                row.extend_from_slice(&[crate::wire::codec::NULL_MARK]);
            }
            Piece::Null => {}
            Piece::Sent(bytes) => row.extend_from_slice(bytes),
            Piece::Computed(bytes) => row.extend_from_slice(bytes),
        }
    }
    row.freeze()
}

/// Columns beside aggregates over nothing.
pub const NO_PART: MergeError = MergeError::Hidden {
    what: "columns beside aggregates",
    needed: "COUNT(*)",
};

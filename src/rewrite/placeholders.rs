//! Which placeholders an edited text has: those that the client wrote, in their order, or others.

use std::ops::Range;

use super::error::SpliceError;
use super::splice::place;
use crate::parse::{Digest, Literal, LiteralKind};
use crate::plan::{Edit, Replacement};

/// What edits do to placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbed {
    /// One is taken out.
    Removed,
    /// One stands in a piece that is repeated.
    Repeated,
}

/// The first thing that the edits do to a placeholder; `None`: the text keeps all of them, and no others.
///
/// # Errors
/// The edits are not of this statement.
pub fn disturbed<'e>(
    digest: &Digest,
    edits: impl IntoIterator<Item = &'e Edit>,
) -> Result<Option<Disturbed>, SpliceError> {
    for edit in edits {
        if has_placeholder(digest, &place(digest, edit)?) {
            return Ok(Some(Disturbed::Removed));
        }
        let repeated = match &edit.with {
            Replacement::Hidden(columns) => {
                let pieces = columns.iter().map(|column| &column.expression);
                any(digest, pieces)?
            }
            Replacement::Keys { expressions, .. } => any(digest, expressions.iter())?,
            Replacement::CteCopies(copies) => {
                let pieces: Vec<Range<usize>> = copies
                    .iter()
                    .map(|copy| copy.tokens.start as usize..copy.tokens.end as usize)
                    .collect();
                any(digest, pieces.iter())?
            }
            _ => false,
        };
        if repeated {
            return Ok(Some(Disturbed::Repeated));
        }
    }
    Ok(None)
}

/// A placeholder of an edited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The number of its literal among the statement's.
    pub literal: usize,
    /// It stands in a copy: the client has written another one in its place.
    pub copied: bool,
}

/// The placeholders of a text whose edits copy common table expressions, in their order; `None`: they are
/// those that the client wrote, in their order.
///
/// # Errors
/// The edits are not of this statement.
pub fn placed(digest: &Digest, edits: &[Edit]) -> Result<Option<Vec<Placed>>, SpliceError> {
    let copies = |edit: &Edit| matches!(edit.with, Replacement::CteCopies(_));
    if !edits.iter().any(copies) {
        return Ok(None);
    }
    let mut all = Vec::new();
    place_in(digest, (0..digest.end, edits), false, &mut all)?;
    Ok(all.iter().any(|placed| placed.copied).then_some(all))
}

fn place_in(
    digest: &Digest,
    (text, edits): (Range<usize>, &[Edit]),
    copied: bool,
    all: &mut Vec<Placed>,
) -> Result<(), SpliceError> {
    let literals = |text: Range<usize>, all: &mut Vec<Placed>| {
        let literals = digest.literals.iter().enumerate();
        let here = literals.filter(|(_, literal)| is_placeholder_in(literal, &text));
        all.extend(here.map(|(literal, _)| Placed { literal, copied }));
    };
    let mut done = text.start;
    for edit in edits {
        let place = place(digest, edit)?;
        literals(done..place.start, all);
        done = place.end;
        if let Replacement::CteCopies(copies) = &edit.with {
            for copy in copies {
                let text = copy.text(digest).ok_or(SpliceError::ForeignPlan)?;
                place_in(digest, (text, &copy.edits), true, all)?;
            }
        }
    }
    literals(done..text.end, all);
    Ok(())
}

/// Whether there is a placeholder in pieces of the text, given as token numbers.
fn any<'e>(
    digest: &Digest,
    pieces: impl Iterator<Item = &'e Range<usize>>,
) -> Result<bool, SpliceError> {
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let token = |at: usize| digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
        let (first, last) = (token(piece.start)?, token(piece.end - 1)?);
        if has_placeholder(digest, &(first.start as usize..last.end as usize)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn has_placeholder(digest: &Digest, text: &Range<usize>) -> bool {
    let mut literals = digest.literals.iter();
    literals.any(|literal| is_placeholder_in(literal, text))
}

fn is_placeholder_in(literal: &Literal, text: &Range<usize>) -> bool {
    literal.kind == LiteralKind::Placeholder && text.contains(&(literal.start as usize))
}

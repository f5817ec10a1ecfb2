//! Whether an edited text has the placeholders that the client wrote, in their order.

use std::ops::Range;

use super::splice::{SpliceError, place};
use crate::parse::{Digest, LiteralKind};
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
    literals.any(|literal| {
        literal.kind == LiteralKind::Placeholder && text.contains(&(literal.start as usize))
    })
}

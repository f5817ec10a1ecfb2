//! INSERT and REPLACE with some of their rows.

use std::ops::Range;

use super::error::SpliceError;
use super::splice::{Source, Values, place};
use crate::parse::{Digest, Literal, Token, TokenKind};
use crate::plan::{Edit, RowPlaces};
use crate::route::DataNode;

/// Where the rows of VALUES stand in a statement's text, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowTexts {
    all: Range<usize>,
    rows: Vec<Range<usize>>,
    /// The parentheses do not belong to the rows' texts.
    bare: bool,
}

impl RowTexts {
    /// Finds the rows.
    ///
    /// # Errors
    /// The statement has no rows there.
    pub fn find(places: &RowPlaces, digest: &Digest) -> Result<Self, SpliceError> {
        Self::try_find(places, digest).ok_or(SpliceError::ForeignPlan)
    }

    fn try_find(places: &RowPlaces, digest: &Digest) -> Option<Self> {
        let bytes = |start: u32, end: u32| start as usize..end as usize;
        let slot = match places {
            RowPlaces::Folded(slot) => *slot,
            RowPlaces::Tokens(places) => {
                let row = |tokens: &Range<usize>| {
                    let last = tokens.end.checked_sub(1)?;
                    let (first, last) =
                        (digest.tokens.get(tokens.start)?, digest.tokens.get(last)?);
                    Some(bytes(first.start, last.end))
                };
                let rows: Vec<_> = places.iter().map(row).collect::<Option<_>>()?;
                let all = rows.first()?.start..rows.last()?.end;
                let bare = false;
                return Some(Self { all, rows, bare });
            }
        };
        let group = digest.group(slot)?;
        let first = group.first_literal as usize;
        let literals = digest.literals.get(first..)?;
        let columns = group.columns.max(1) as usize;
        let rows: Vec<Range<usize>> = literals
            .chunks_exact(columns)
            .take(group.rows as usize)
            .filter_map(|row| Some(bytes(row.first()?.start, row.last()?.end)))
            .collect();
        let start = literals.first()?.start;
        let is_list = |token: &&Token| token.kind == TokenKind::List && token.start <= start;
        let list = digest.tokens.iter().rfind(is_list)?;
        Some(Self {
            all: bytes(list.start, list.end),
            rows,
            bare: true,
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The numbers of the statement's literals that a text with these rows has, in its order.
    pub fn literals(&self, digest: &Digest, kept: &[usize]) -> Vec<usize> {
        let number = |byte: usize| {
            let before = |literal: &Literal| (literal.start as usize) < byte;
            digest.literals.partition_point(before)
        };
        let rows = kept.iter().filter_map(|at| self.rows.get(*at));
        let rows = rows.flat_map(|row| number(row.start)..number(row.end));
        let behind = number(self.all.end)..digest.literals.len();
        let before = 0..number(self.all.start);
        before.chain(rows).chain(behind).collect()
    }

    /// Each node's rows in pieces of no more than `most` bytes, or one row.
    pub fn in_pieces(
        &self,
        nodes: &[DataNode],
        rows: &[Vec<usize>],
        most: usize,
    ) -> (Vec<DataNode>, Vec<Vec<usize>>) {
        let mut pieces: Vec<(DataNode, Vec<usize>)> = Vec::new();
        for (node, rows) in nodes.iter().zip(rows) {
            let mut room = 0;
            for row in rows {
                let size = self.rows.get(*row).map_or(0, |text| text.len() + 4);
                match pieces.last_mut().filter(|_| size <= room) {
                    Some((_, piece)) => piece.push(*row),
                    None => {
                        room = most;
                        pieces.push((*node, vec![*row]));
                    }
                }
                room = room.saturating_sub(size);
            }
        }
        pieces.into_iter().unzip()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// As [`super::splice`], with only these of the rows, by position.
///
/// # Errors
/// As [`super::splice`].
pub fn splice_rows(
    (sql, start, digest): (&[u8], usize, &Digest),
    edits: &[Edit],
    values: &Values<'_>,
    (texts, kept): (&RowTexts, &[usize]),
) -> Result<Vec<u8>, SpliceError> {
    let source = Source {
        sql,
        digest,
        values,
    };
    let places = edits.iter().map(|edit| Ok((place(digest, edit)?, edit)));
    let places: Vec<(Range<usize>, &Edit)> = places.collect::<Result<_, _>>()?;
    let within = |text: &Range<usize>| {
        let inside = |place: &Range<usize>| text.start <= place.start && place.end <= text.end;
        let found = places.iter().filter(|(place, _)| inside(place));
        found.map(|(_, edit)| *edit).collect::<Vec<_>>()
    };
    let mut out = Vec::with_capacity(digest.end.saturating_sub(start));
    let put = |text: Range<usize>, out: &mut Vec<u8>| {
        let edits = within(&text);
        source.put_edited(text, edits.into_iter(), out)
    };
    put(start..texts.all.start, &mut out)?;
    for (turn, at) in kept.iter().enumerate() {
        let row = texts.rows.get(*at).ok_or(SpliceError::ForeignPlan)?;
        out.extend_from_slice(if turn > 0 { b", " } else { b"" });
        out.extend_from_slice(if texts.bare { b"(" } else { b"" });
        put(row.clone(), &mut out)?;
        out.extend_from_slice(if texts.bare { b")" } else { b"" });
    }
    put(texts.all.end..digest.end, &mut out)?;
    Ok(out)
}

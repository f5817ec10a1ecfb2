//! Ids in the rows of an INSERT or REPLACE: which rows need one, and the text that has them.

use std::ops::Range;

use super::splice::SpliceError;
use crate::error::{ErrorKind, StageError};
use crate::parse::{Digest, Literal, LiteralKind, Slot, TokenKind};
use crate::plan::{Generate, IdPlace, IdPlaces, NamePlace};
use crate::value::{IdForm, NewIds};

/// What stands in a row for its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenId {
    /// Nothing, NULL, DEFAULT, or, where ids are numbers, 0: it gets one.
    Wanted,
    /// The client's own number.
    Own(u64),
    /// Another value of the client's own.
    Value,
}

/// Why ids cannot be put into a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The plan is of another statement.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// A value that may be anything once the column has it.
    #[error(
        "Shardwell does not support anything but NULL, DEFAULT and whole numbers that it holds for \
         column '{column}', which gets ids (row {row})"
    )]
    NotPlain {
        /// The column.
        column: String,
        /// From 1.
        row: usize,
    },
}

impl StageError for IdError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Splice(error) => error.kind(),
            Self::NotPlain { .. } => ErrorKind::NotSupportedYet,
        }
    }

    fn retryable(&self) -> bool {
        true
    }
}

/// Where a row's id stands, or is put, in a statement's text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    /// The bytes that it replaces.
    at: Range<usize>,
    written: WrittenId,
}

/// The ids of the rows of one statement.
#[derive(Clone, Debug)]
pub struct IdTexts<'a> {
    sql: &'a [u8],
    text: Range<usize>,
    generate: &'a Generate,
    name: Option<(usize, String)>,
    /// What stands before an id that is put in.
    before: String,
    spots: Vec<Spot>,
}

impl<'a> IdTexts<'a> {
    /// Reads what the rows of the statement that begins at byte `start` have for ids; `zero`: 0 is a
    /// value like others (`NO_AUTO_VALUE_ON_ZERO`).
    ///
    /// # Errors
    /// A value that cannot be read; a plan of another statement.
    pub fn read(
        (sql, start, digest): (&'a [u8], usize, &Digest),
        generate: &'a Generate,
        zero: bool,
    ) -> Result<Self, IdError> {
        let reader = Reader {
            sql,
            digest,
            generate,
            zero,
        };
        Ok(Self {
            sql,
            text: start..digest.end,
            generate,
            name: reader.name()?,
            before: reader.before(),
            spots: reader.spots()?,
        })
    }

    /// What stands in each row.
    pub fn written(&self) -> impl Iterator<Item = WrittenId> {
        self.spots.iter().map(|spot| spot.written)
    }

    /// How many rows need an id.
    pub fn wanted(&self) -> usize {
        self.written()
            .filter(|written| *written == WrittenId::Wanted)
            .count()
    }

    /// The statement with an id in each row that needs one, in their order.
    ///
    /// # Errors
    /// The plan is of another statement; there are fewer ids than rows that need one.
    pub fn fill(&self, ids: &NewIds) -> Result<Vec<u8>, SpliceError> {
        let piece = |range: Range<usize>| self.sql.get(range).ok_or(SpliceError::ForeignPlan);
        let each = if matches!(ids, NewIds::Numbers(_)) {
            24
        } else {
            40
        };
        let mut out = Vec::with_capacity(self.text.len() + 32 + each * self.spots.len());
        let mut copied = self.text.start;
        if let Some((at, name)) = &self.name {
            out.extend_from_slice(piece(copied..*at)?);
            out.extend_from_slice(name.as_bytes());
            copied = *at;
        }
        let wanted = |spot: &&Spot| spot.written == WrittenId::Wanted;
        let mut ids = ids.iter();
        for spot in self.spots.iter().filter(wanted) {
            let id = ids.next().ok_or(SpliceError::ForeignPlan)?;
            out.extend_from_slice(piece(copied..spot.at.start)?);
            if spot.at.is_empty() {
                out.extend_from_slice(self.before.as_bytes());
            }
            id.put_literal(&mut out);
            copied = spot.at.end;
        }
        out.extend_from_slice(piece(copied..self.text.end)?);
        Ok(out)
    }

    /// What the plan says of the table.
    pub fn generate(&self) -> &'a Generate {
        self.generate
    }
}

/// Reads a statement's text with its plan.
struct Reader<'a> {
    sql: &'a [u8],
    digest: &'a Digest,
    generate: &'a Generate,
    zero: bool,
}

impl Reader<'_> {
    fn token(&self, at: usize) -> Result<Range<usize>, SpliceError> {
        let token = self.digest.tokens.get(at);
        let token = token.ok_or(SpliceError::ForeignPlan)?;
        Ok(token.start as usize..token.end as usize)
    }

    fn quoted(&self) -> String {
        format!("`{}`", self.generate.generated.column.replace('`', "``"))
    }

    fn name(&self) -> Result<Option<(usize, String)>, SpliceError> {
        let name = self.quoted();
        Ok(match self.generate.name {
            None => None,
            Some(NamePlace::InList { close, first }) => {
                let comma = if first { "" } else { ", " };
                Some((self.token(close)?.start, format!("{comma}{name}")))
            }
            Some(NamePlace::NewList(values)) => {
                Some((self.token(values)?.start, format!("({name}) ")))
            }
        })
    }

    fn before(&self) -> String {
        match &self.generate.ids {
            IdPlaces::Folded { .. } => ", ".to_owned(),
            IdPlaces::Rows(rows) => match rows.first() {
                Some(IdPlace::Assigned(_)) => format!(", {} = ", self.quoted()),
                Some(IdPlace::InRow { first: true, .. }) => String::new(),
                _ => ", ".to_owned(),
            },
        }
    }

    fn spots(&self) -> Result<Vec<Spot>, IdError> {
        match &self.generate.ids {
            IdPlaces::Folded { first, at } => self.folded(*first, *at),
            IdPlaces::Rows(rows) => {
                let numbered = rows.iter().zip(1..);
                numbered
                    .map(|(place, row)| self.spot(*place, row))
                    .collect()
            }
        }
    }

    fn folded(&self, first: Slot, at: Option<usize>) -> Result<Vec<Spot>, IdError> {
        let group = self.digest.group(first).ok_or(SpliceError::ForeignPlan)?;
        let columns = group.columns.max(1) as usize;
        let literals = self.digest.literals.get(group.first_literal as usize..);
        let rows = literals.unwrap_or_default().chunks_exact(columns);
        let numbered = rows.take(group.rows as usize).zip(1..);
        let spots = numbered.map(|(row, number)| {
            let Some(at) = at else {
                let last = row.last().ok_or(SpliceError::ForeignPlan)?;
                return Ok(wanted(last.end as usize));
            };
            let literal = row.get(at).ok_or(SpliceError::ForeignPlan)?;
            self.literal(literal, number)
        });
        spots.collect()
    }

    fn spot(&self, place: IdPlace, row: usize) -> Result<Spot, IdError> {
        let token = match place {
            IdPlace::InRow { close, .. } => return Ok(wanted(self.token(close)?.start)),
            IdPlace::Assigned(last) => return Ok(wanted(self.token(last)?.end)),
            IdPlace::Value => {
                let written = WrittenId::Value;
                return Ok(Spot { at: 0..0, written });
            }
            IdPlace::Written(token) => token,
        };
        let at = self.token(token)?;
        let kind = self.digest.tokens.get(token).map(|token| token.kind);
        if kind != Some(TokenKind::Literal) {
            let written = WrittenId::Wanted;
            return Ok(Spot { at, written });
        }
        let found = self
            .digest
            .literals
            .binary_search_by_key(&at.start, |literal| literal.start as usize);
        let literal = found.ok().and_then(|found| self.digest.literals.get(found));
        self.literal(literal.ok_or(SpliceError::ForeignPlan)?, row)
    }

    fn literal(&self, literal: &Literal, row: usize) -> Result<Spot, IdError> {
        let at = literal.start as usize..literal.end as usize;
        let IdForm::Number { max } = self.generate.column.form else {
            let written = match literal.kind {
                LiteralKind::Null => WrittenId::Wanted,
                _ => WrittenId::Value,
            };
            return Ok(Spot { at, written });
        };
        let text = literal.text(self.sql);
        let number = match literal.kind {
            LiteralKind::Null => Some(None),
            LiteralKind::Integer => number(text).map(Some),
            LiteralKind::String if !literal.introduced => {
                let inner = text.get(1..text.len().saturating_sub(1));
                number(inner.unwrap_or_default()).map(Some)
            }
            _ => None,
        };
        let written = match number {
            Some(None) => WrittenId::Wanted,
            Some(Some(0)) if !self.zero => WrittenId::Wanted,
            Some(Some(number)) if number <= max => WrittenId::Own(number),
            _ => {
                let column = self.generate.generated.column.clone();
                return Err(IdError::NotPlain { column, row });
            }
        };
        Ok(Spot { at, written })
    }
}

fn wanted(at: usize) -> Spot {
    let written = WrittenId::Wanted;
    Spot {
        at: at..at,
        written,
    }
}

/// Digits alone.
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

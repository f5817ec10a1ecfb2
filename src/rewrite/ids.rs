//! Ids in the rows of an INSERT or REPLACE: which rows need one, and the text that has them.

use std::ops::Range;

use super::error::SpliceError;
use crate::error::{ErrorKind, StageError};
use crate::parse::{Digest, LiteralKind, Slot, TokenKind};
use crate::plan::{Generate, IdPlace, IdPlaces, NamePlace};
use crate::value::{IdForm, NewIds};

/// What stands in a row for its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenId {
    /// Nothing, NULL or DEFAULT: it gets one.
    Wanted,
    /// 0, where ids are numbers: it gets one, unless 0 is a value like others.
    Zero,
    /// The client's own number.
    Own(u64),
    /// What is bound to a placeholder, which is this one of the statement's literals.
    Bound(usize),
    /// Another value of the client's own.
    Value,
}

impl WrittenId {
    /// Whether it gets one; `zero`: 0 is a value like others (`NO_AUTO_VALUE_ON_ZERO`).
    #[must_use]
    pub fn settled(self, zero: bool) -> Self {
        match self {
            Self::Zero if zero => Self::Own(0),
            Self::Zero => Self::Wanted,
            other => other,
        }
    }

    /// A number that stands for an id in a column of these; `None`: the column does not hold it.
    pub fn of_number(number: u64, max: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Zero),
            _ => (number <= max).then_some(Self::Own(number)),
        }
    }
}

/// Where a text has placeholders for ids: at which byte, and the row's number; ascending.
pub type IdPlaceholders = Vec<(usize, usize)>;

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

impl IdError {
    /// The value of this row (from 1) cannot be read.
    pub fn not_plain(column: &str, row: usize) -> Self {
        let column = column.to_owned();
        Self::NotPlain { column, row }
    }
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
        text: (&'a [u8], usize, &Digest),
        generate: &'a Generate,
        zero: bool,
    ) -> Result<Self, IdError> {
        let mut texts = Self::read_prepared(text, generate)?;
        for spot in &mut texts.spots {
            spot.written = spot.written.settled(zero);
        }
        Ok(texts)
    }

    /// The same of a text that is executed later: what 0 is, and what is bound, is known then.
    ///
    /// # Errors
    /// As [`IdTexts::read`].
    pub fn read_prepared(
        (sql, start, digest): (&'a [u8], usize, &Digest),
        generate: &'a Generate,
    ) -> Result<Self, IdError> {
        let reader = Reader {
            sql,
            digest,
            generate,
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
        let each = if matches!(ids, NewIds::Numbers(_)) {
            24
        } else {
            40
        };
        let mut ids = ids.iter();
        let wanted = |written| written == WrittenId::Wanted;
        self.put(each, wanted, |_, out| {
            let id = ids.next().ok_or(SpliceError::ForeignPlan)?;
            id.put_literal(out);
            Ok(())
        })
    }

    /// The statement with a placeholder in each row that gets an id of its own or has 0, and where
    /// they stand.
    ///
    /// # Errors
    /// The plan is of another statement.
    pub fn with_placeholders(&self) -> Result<(Vec<u8>, IdPlaceholders), SpliceError> {
        let mut places = Vec::new();
        let wanted = |written| matches!(written, WrittenId::Wanted | WrittenId::Zero);
        let sql = self.put(4, wanted, |row, out| {
            places.push((out.len(), row));
            out.push(b'?');
            Ok(())
        })?;
        Ok((sql, places))
    }

    /// The statement with what `put` gives for the rows that want it; each has about so many bytes.
    fn put(
        &self,
        each: usize,
        wanted: impl Fn(WrittenId) -> bool,
        mut put: impl FnMut(usize, &mut Vec<u8>) -> Result<(), SpliceError>,
    ) -> Result<Vec<u8>, SpliceError> {
        let piece = |range: Range<usize>| self.sql.get(range).ok_or(SpliceError::ForeignPlan);
        let mut out = Vec::with_capacity(self.text.len() + 32 + each * self.spots.len());
        let mut copied = self.text.start;
        if let Some((at, name)) = &self.name {
            out.extend_from_slice(piece(copied..*at)?);
            out.extend_from_slice(name.as_bytes());
            copied = *at;
        }
        let spots = self.spots.iter().enumerate();
        for (row, spot) in spots.filter(|(_, spot)| wanted(spot.written)) {
            out.extend_from_slice(piece(copied..spot.at.start)?);
            if spot.at.is_empty() {
                out.extend_from_slice(self.before.as_bytes());
            }
            put(row, &mut out)?;
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
        let rows = (group.first_literal as usize..).step_by(columns);
        let numbered = rows.take(group.rows as usize).zip(1..);
        let spots = numbered.map(|(row, number)| {
            let Some(at) = at else {
                let last = self.digest.literals.get(row + columns - 1);
                let last = last.ok_or(SpliceError::ForeignPlan)?;
                return Ok(wanted(last.end as usize));
            };
            self.literal(row + at, number)
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
        self.literal(found.map_err(|_| SpliceError::ForeignPlan)?, row)
    }

    fn literal(&self, place: usize, row: usize) -> Result<Spot, IdError> {
        let literal = self.digest.literals.get(place);
        let literal = literal.ok_or(SpliceError::ForeignPlan)?;
        let at = literal.start as usize..literal.end as usize;
        if literal.kind == LiteralKind::Placeholder {
            let written = WrittenId::Bound(place);
            return Ok(Spot { at, written });
        }
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
            Some(None) => Some(WrittenId::Wanted),
            Some(Some(number)) => WrittenId::of_number(number, max),
            None => None,
        };
        let column = &self.generate.generated.column;
        let written = written.ok_or_else(|| IdError::not_plain(column, row))?;
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

//! HAVING: comparisons of a group's exact numbers with literals.

use std::cmp::Ordering;

use super::compare::Columns;
use super::decimal::Decimal;
use super::error::{MergeError, Result};
use super::row::{Layout, Span};
use super::spec::{Comparison, Condition};
use super::value::{Decoder, Kind};

/// All the conditions.
#[derive(Debug)]
pub struct Having {
    tests: Vec<Test>,
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Test {
    decoder: Decoder,
    comparison: Comparison,
    /// At `scale`.
    number: Decimal,
    scale: usize,
}

impl Having {
    /// # Errors
    /// A column is no exact number, or the literal is none.
    pub fn new(conditions: &[Condition], columns: &Columns) -> Result<Self> {
        let tests = conditions
            .iter()
            .map(|condition| test(condition, columns))
            .collect::<Result<_>>()?;
        Ok(Self {
            tests,
            spans: Vec::new(),
        })
    }

    /// Whether the group of this row is one of the answer.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn holds(&mut self, layout: &Layout, row: &[u8]) -> Result<bool> {
        if self.tests.is_empty() {
            return Ok(true);
        }
        layout.find(row, layout.columns(), &mut self.spans)?;
        for test in &self.tests {
            let span = self.spans.get(test.decoder.column);
            let Some(value) = span.and_then(|span| span.value(row)) else {
                return Ok(false);
            };
            if !test.holds(value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn test(condition: &Condition, columns: &Columns) -> Result<Test> {
    let decoder = columns.decoder(condition.column)?;
    let own = match decoder.kind {
        Kind::Signed | Kind::Unsigned => 0,
        Kind::Decimal(scale) => usize::from(scale),
        _ => return Err(MergeError::Unmergeable("a condition on such a column")),
    };
    let literal = condition.number.as_bytes();
    let fraction = match memchr::memchr(b'.', literal) {
        None => 0,
        Some(point) => literal.len() - point - 1,
    };
    let scale = own.max(fraction);
    let (number, _) = Decimal::parse(literal, scale)
        .ok_or(MergeError::Unmergeable("a condition with such a literal"))?;
    Ok(Test {
        decoder,
        comparison: condition.comparison,
        number,
        scale,
    })
}

impl Test {
    fn holds(&self, value: &[u8]) -> Result<bool> {
        let own = match self.decoder.kind {
            Kind::Decimal(scale) => usize::from(scale),
            _ => 0,
        };
        let (mut value, _) = self.decoder.decimal(value)?;
        value
            .shift(self.scale - own)
            .ok_or(MergeError::OutOfRange("DECIMAL"))?;
        let order = value.cmp(&self.number);
        Ok(match self.comparison {
            Comparison::Equal => order == Ordering::Equal,
            Comparison::NotEqual => order != Ordering::Equal,
            Comparison::Less => order == Ordering::Less,
            Comparison::LessOrEqual => order != Ordering::Greater,
            Comparison::Greater => order == Ordering::Greater,
            Comparison::GreaterOrEqual => order != Ordering::Less,
        })
    }
}

//! Sums and averages: exact for exact numbers.

use super::decimal::Decimal;
use super::error::{MergeError, Result};
use super::number::Number;
use super::value::{Decoder, Kind};

/// MySQL's DECIMAL keeps its digits in words of so many (decimal.cc, DIG_PER_DEC1).
pub const WORD_DIGITS: usize = 9;

/// Words of the longest DECIMAL that MySQL computes with (decimal.h, DECIMAL_BUFF_LENGTH).
const MAX_WORDS: usize = 9;

/// A sum of values that are not NULL.
#[derive(Clone, Copy, Debug, Default)]
pub enum Total {
    /// Of no value.
    #[default]
    None,
    /// Of integers or decimals.
    Exact {
        /// At the scale of the column that it was read from.
        value: Decimal,
        /// Digits that stood behind the point.
        fraction: usize,
    },
    /// Of approximate numbers.
    Double(f64),
}

/// Whether values of a column can be summed up.
///
/// # Errors
/// They cannot.
pub fn check_summable(decoder: Decoder) -> Result<()> {
    match decoder.kind {
        Kind::Null
        | Kind::Signed
        | Kind::Unsigned
        | Kind::Bit
        | Kind::Decimal(_)
        | Kind::Double(_) => Ok(()),
        Kind::Rounded(_) => Err(MergeError::Hidden {
            what: "a rounded number",
            needed: "exact number",
        }),
        _ => Err(MergeError::Unmergeable(
            "sums of values that are no numbers",
        )),
    }
}

impl Total {
    /// Adds a value of the column, which is not NULL.
    ///
    /// # Errors
    /// It is no value of the column, or the sum is too large.
    pub fn add(&mut self, decoder: Decoder, value: &[u8]) -> Result<()> {
        *self = match decoder.kind {
            Kind::Double(_) => {
                let value = decoder.double(value)?;
                match *self {
                    Self::Double(sum) => Self::Double(sum + value),
                    _ => Self::Double(value),
                }
            }
            _ => {
                let (value, digits) = decoder.decimal(value)?;
                match *self {
                    Self::Exact {
                        value: sum,
                        fraction,
                    } => Self::Exact {
                        value: sum.checked_add(value).ok_or(TOO_LARGE)?,
                        fraction: fraction.max(digits),
                    },
                    _ => Self::Exact {
                        value,
                        fraction: digits,
                    },
                }
            }
        };
        Ok(())
    }

    /// The sum, rounded where its column `target` has fewer digits than the `source` that it was read from.
    pub fn sum(self, source: Decoder, target: Decoder) -> Number {
        match self {
            Self::None => Number::Null,
            Self::Exact { value, fraction } => {
                let (from, to) = (scale(source), scale(target));
                Number::Exact {
                    value: value.rounded(from.saturating_sub(to)),
                    fraction: fraction.min(to),
                }
            }
            Self::Double(sum) => Number::Double(sum),
        }
    }

    /// The average over `count` values; the sum was read from `source`.
    ///
    /// # Errors
    /// The quotient is too large for MySQL's own arithmetic.
    pub fn average(self, source: Decoder, count: i128, target: Decoder) -> Result<Number> {
        let Some(divisor) = u64::try_from(count).ok().filter(|count| *count > 0) else {
            return Ok(Number::Null);
        };
        match (self, target.kind) {
            (Self::None, _) => Ok(Number::Null),
            (Self::Double(sum), _) => Ok(Number::Double(sum / divisor as f64)),
            (Self::Exact { value, .. }, Kind::Decimal(decimals)) => {
                average(value, scale(source), divisor, usize::from(decimals))
            }
            _ => Err(MergeError::Unmergeable("an average of this type")),
        }
    }
}

/// Digits behind the point of a column's values.
fn scale(column: Decoder) -> usize {
    match column.kind {
        Kind::Decimal(scale) => usize::from(scale),
        _ => 0,
    }
}

const TOO_LARGE: MergeError = MergeError::OutOfRange("DECIMAL");

/// The quotient as MySQL computes it: cut off at the end of a word, then rounded to its column's
/// digits; which is not the same as rounding it where the column's last digit ends a word.
fn average(sum: Decimal, scale: usize, count: u64, decimals: usize) -> Result<Number> {
    let digits = quotient_digits(scale, decimals);
    let mut quotient = sum;
    let fits = digits
        .checked_sub(scale)
        .and_then(|more| quotient.shift(more));
    let quotient = fits
        .and_then(|()| quotient.divided(count))
        .filter(|quotient| quotient.digits() <= MAX_WORDS * WORD_DIGITS)
        .ok_or(MergeError::OutOfRange("DECIMAL"))?;
    Ok(Number::Exact {
        value: quotient.rounded(digits.saturating_sub(decimals)),
        fraction: decimals,
    })
}

/// Digits behind the point of a quotient by an integer (do_div_mod in MySQL's decimal.cc).
fn quotient_digits(scale: usize, decimals: usize) -> usize {
    let whole_words = |digits: usize| digits.div_ceil(WORD_DIGITS) * WORD_DIGITS;
    let increment = decimals.saturating_sub(scale);
    let stored = whole_words(scale);
    whole_words(stored + increment.saturating_sub(stored - scale))
}

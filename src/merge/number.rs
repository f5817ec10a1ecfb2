//! Computed numbers as a server would send them.

use super::decimal::Decimal;
use super::error::{MergeError, Result};
use super::spec::RowFormat;
use super::value::{Decoder, Kind};
use crate::wire::codec::put_lenenc_bytes;
use bytes::{BufMut, BytesMut};

/// MySQL writes doubles without exponent while the point stands no more digits than this behind or
/// before the first digit (MAX_DECPT_FOR_F_FORMAT in its dtoa.cc).
const MAX_PLAIN_EXPONENT: i32 = 15;

/// A computed value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// None.
    Null,
    /// Of COUNT, BIT_AND, …
    Integer(i128),
    /// Of SUM and AVG.
    Exact {
        /// The number at its column's scale.
        value: Decimal,
        /// Digits that are shown behind the point.
        fraction: usize,
    },
    /// Of SUM and AVG of approximate numbers.
    Double(f64),
}

impl Number {
    /// Appends the value as a column of this kind has it; NULL in binary rows is no byte.
    ///
    /// # Errors
    /// The column cannot hold it.
    pub fn put(&self, target: Decoder, out: &mut BytesMut) -> Result<()> {
        match (self, target.format) {
            (Self::Null, RowFormat::Text) => out.put_u8(crate::wire::codec::NULL_MARK),
            (Self::Null, RowFormat::Binary) => {}
            (Self::Integer(value), RowFormat::Text) => {
                put_lenenc_bytes(out, value.to_string().as_bytes());
            }
            (Self::Integer(value), RowFormat::Binary) => match (target.kind, target.is_longlong) {
                (Kind::Signed, true) => {
                    out.put_i64_le(i64::try_from(*value).map_err(|_| OUT_OF_RANGE)?);
                }
                (Kind::Unsigned, true) => {
                    out.put_u64_le(u64::try_from(*value).map_err(|_| OUT_OF_RANGE)?);
                }
                _ => return Err(MergeError::Unmergeable("a computed column of this type")),
            },
            (Self::Exact { value, fraction }, _) => {
                let Kind::Decimal(scale) = target.kind else {
                    return Err(MergeError::Unmergeable("a computed column of this type"));
                };
                if !value.fits() {
                    return Err(MergeError::OutOfRange("DECIMAL"));
                }
                let scale = usize::from(scale);
                let mut text = value.to_text(scale);
                let hidden = scale.saturating_sub(*fraction);
                // The point goes with the last of its digits.
                let hidden = hidden + usize::from(hidden > 0 && *fraction == 0);
                text.truncate(text.len() - hidden);
                put_lenenc_bytes(out, text.as_bytes());
            }
            (Self::Double(value), _) if !value.is_finite() => {
                return Err(MergeError::OutOfRange("DOUBLE"));
            }
            (Self::Double(value), RowFormat::Binary) => out.put_f64_le(*value),
            (Self::Double(value), RowFormat::Text) => {
                let text = match target.kind {
                    Kind::Rounded(decimals) if decimals < 31 => {
                        format!("{value:.*}", usize::from(decimals))
                    }
                    _ => double_text(*value),
                };
                put_lenenc_bytes(out, text.as_bytes());
            }
        }
        Ok(())
    }
}

const OUT_OF_RANGE: MergeError = MergeError::OutOfRange("BIGINT");

/// A double with as many digits as it takes to tell it from all others, in MySQL's form.
fn double_text(value: f64) -> String {
    // `d.ddde-x`
    let shortest = format!("{value:e}");
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Digits before the point; none or fewer than none for numbers below 1.
    let whole = exponent + 1;
    if (-MAX_PLAIN_EXPONENT + 1..=MAX_PLAIN_EXPONENT).contains(&whole) {
        format!("{value}")
    } else {
        format!("{mantissa}e{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_mysql_writes_them() {
        // What MySQL 9.7 and MariaDB 10.11 print for the literal.
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (-12.25, "-12.25"),
            (1e14, "100000000000000"),
            (1e15, "1e15"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e-14, "0.00000000000001"),
            (1e-15, "0.000000000000001"),
            (1e-16, "1e-16"),
            (1.5e-7, "0.00000015"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e308"),
            (-2.225_073_858_507_201_4e-308, "-2.2250738585072014e-308"),
            (0.1 + 0.2, "0.30000000000000004"),
        ];
        for (value, text) in cases {
            assert_eq!(double_text(value), text, "{value:e}");
        }
    }
}

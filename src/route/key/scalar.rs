//! Literal → [`Scalar`]: the value that it stands for, before any column's type is looked at.

use std::borrow::Cow;

use super::LiteralContext;
use super::charset::Charset;
use super::error::NotCertain;
use super::number::{Exact, plain_double};
use super::unquote::unquote;
use crate::parse::{Literal, LiteralKind};
use crate::topology::KeyType;

/// A value as SQL knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// NULL.
    Null,
    /// An integer, a decimal, TRUE or FALSE.
    Exact(Exact),
    /// A number with an exponent.
    Float(f64),
    /// A character string.
    Text(Text<'a>),
    /// A hexadecimal or bit literal: bytes or an unsigned integer, as its neighbour asks.
    Bytes(Cow<'a, [u8]>),
    /// `X'…'`: the same bytes, but beside a number MySQL reads an integer and MariaDB a string.
    HexString(Cow<'a, [u8]>),
    /// It has a value, but not one that is read here.
    Unknown(NotCertain),
}

/// A character string with its escapes decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// Its bytes, in `charset`.
    pub bytes: Cow<'a, [u8]>,
    /// What the bytes mean.
    pub charset: Charset,
}

impl Text<'_> {
    /// The text, where it is certainly ASCII.
    pub fn ascii(&self) -> Option<&[u8]> {
        self.charset.is_ascii(&self.bytes).then_some(&*self.bytes)
    }
}

impl<'a> Scalar<'a> {
    /// What `literal`, a piece of the statement `text`, stands for.
    pub fn read(literal: &Literal, text: &'a [u8], context: LiteralContext) -> Self {
        let (start, end) = (literal.start as usize, literal.end as usize);
        let Some(spelling) = text.get(start..end) else {
            return Self::Unknown(NotCertain::Form);
        };
        let (charset, quoted) = introducer(literal, spelling);
        match literal.kind {
            LiteralKind::Integer | LiteralKind::Decimal => read_exact(literal, spelling),
            LiteralKind::Float => read_float(literal, spelling),
            LiteralKind::Placeholder => Self::Unknown(NotCertain::Placeholder),
            _ if literal.negative => Self::Unknown(NotCertain::Kind),
            LiteralKind::Null => Self::Null,
            LiteralKind::Bool => Self::Exact(Exact::integer(i128::from(
                spelling.eq_ignore_ascii_case(b"TRUE"),
            ))),
            LiteralKind::Hex => match read_radix(quoted, 16) {
                Self::Bytes(bytes) if matches!(quoted.first(), Some(b'x' | b'X')) => {
                    Self::HexString(bytes)
                }
                read => read,
            }
            .introduced(charset),
            LiteralKind::Bit => read_radix(quoted, 2).introduced(charset),
            LiteralKind::NationalString => {
                read_text(spelling.get(1..).unwrap_or_default(), national(context))
            }
            LiteralKind::String => read_text(quoted, context).introduced(charset),
        }
    }

    /// Whether it is a value of a column's own type, which no conversion changes.
    pub fn is_of(&self, key_type: &KeyType) -> bool {
        match (self, key_type) {
            (Self::Null, _) => true,
            (Self::Exact(number), KeyType::Integer { min, max }) => {
                let number = number.normalized();
                let held = *min..=(*max).min(i64::MAX.into());
                number.scale == 0 && held.contains(&number.unscaled)
            }
            (Self::Exact(_), KeyType::Decimal { .. }) => true,
            (Self::Text(_), KeyType::Text { .. } | KeyType::Binary { .. }) => true,
            (Self::Text(_), KeyType::Date | KeyType::DateTime { .. }) => true,
            _ => false,
        }
    }

    /// `_charset 'x'`, `_charset x'78'`: a string whose bytes are in that character set already.
    fn introduced(self, charset: Option<Charset>) -> Self {
        match (charset, self) {
            (
                Some(charset),
                Self::Text(Text { bytes, .. }) | Self::Bytes(bytes) | Self::HexString(bytes),
            ) => Self::Text(Text { bytes, charset }),
            (_, scalar) => scalar,
        }
    }
}

/// Splits `_charset 'x'` into the class of the character set and what follows it.
fn introducer<'t>(literal: &Literal, spelling: &'t [u8]) -> (Option<Charset>, &'t [u8]) {
    if !literal.introduced {
        return (None, spelling);
    }
    let in_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let end = spelling
        .iter()
        .position(|b| !in_name(b))
        .unwrap_or(spelling.len());
    let (name, rest) = spelling.split_at(end);
    let name = name
        .strip_prefix(b"_")
        .and_then(|n| std::str::from_utf8(n).ok());
    (
        Some(name.map_or(Charset::Opaque, Charset::named)),
        rest.trim_ascii_start(),
    )
}

/// `N'x'` is utf8mb3, whatever the session's character set; ASCII is all that is certain.
fn national(context: LiteralContext) -> LiteralContext {
    let charset = match context.charset {
        Charset::Multibyte | Charset::Opaque => context.charset,
        _ => Charset::AsciiOnly,
    };
    LiteralContext { charset, ..context }
}

/// A sign and blanks may stand before the digits: `- 42`.
fn read_exact<'a>(literal: &Literal, spelling: &[u8]) -> Scalar<'a> {
    match Exact::parse(unsigned(literal, spelling)) {
        Some(number) if literal.negative => Scalar::Exact(Exact {
            unscaled: -number.unscaled,
            ..number
        }),
        Some(number) => Scalar::Exact(number),
        None => Scalar::Unknown(NotCertain::Digits),
    }
}

fn read_float<'a>(literal: &Literal, spelling: &[u8]) -> Scalar<'a> {
    match plain_double(unsigned(literal, spelling)) {
        Some(value) if literal.negative => Scalar::Float(-value),
        Some(value) => Scalar::Float(value),
        None => Scalar::Unknown(NotCertain::Exponent),
    }
}

fn unsigned<'t>(literal: &Literal, spelling: &'t [u8]) -> &'t [u8] {
    match spelling {
        [b'-', rest @ ..] if literal.negative => rest.trim_ascii_start(),
        whole => whole,
    }
}

/// `0x2A`, `x'2A'`, `0b101010`, `b'101010'`: the digits from the right, eight bits to a byte.
fn read_radix<'a>(spelling: &[u8], radix: u32) -> Scalar<'a> {
    let digits = match spelling {
        [b'0', b'x' | b'b', digits @ ..] => digits,
        [b'x' | b'X' | b'b' | b'B', b'\'', digits @ .., b'\''] => digits,
        _ => return Scalar::Unknown(NotCertain::Form),
    };
    let per_byte = if radix == 16 { 2 } else { 8 };
    let mut bytes = Vec::with_capacity(digits.len().div_ceil(per_byte));
    for chunk in digits.rchunks(per_byte) {
        let mut byte = 0_u32;
        for digit in chunk {
            match char::from(*digit).to_digit(radix) {
                Some(value) => byte = byte * radix + value,
                None => return Scalar::Unknown(NotCertain::Form),
            }
        }
        bytes.push(byte as u8);
    }
    bytes.reverse();
    Scalar::Bytes(Cow::Owned(bytes))
}

fn read_text(quoted: &[u8], context: LiteralContext) -> Scalar<'_> {
    // The second byte of an East Asian character may look like a quote or a backslash.
    if matches!(context.charset, Charset::Multibyte | Charset::Opaque) && !quoted.is_ascii() {
        return Scalar::Unknown(NotCertain::Form);
    }
    match unquote(quoted, context.mode) {
        Some(bytes) => Scalar::Text(Text {
            bytes,
            charset: context.charset,
        }),
        None => Scalar::Unknown(NotCertain::Form),
    }
}

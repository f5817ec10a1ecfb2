//! CHAR, VARCHAR, BINARY, VARBINARY.

use std::borrow::Cow;

use super::Canonical;
use super::bound::Limit;
use super::charset::Charset;
use super::error::{KeyError, NotCertain};
use super::number::Exact;
use super::scalar::{Scalar, Text};
use crate::topology::{Folding, KeyCollation};
use crate::value::KeyValue;

/// Strings compare by the column's collation. A number compares as a double, which many strings
/// equal: unsure.
pub fn compare<'a>(scalar: Scalar<'a>, fixed: bool, collation: &KeyCollation) -> Canonical<'a> {
    let text = match scalar {
        Scalar::Text(text) => text,
        Scalar::Bytes(bytes) | Scalar::HexString(bytes) => as_column_text(bytes, collation),
        _ => return Canonical::Unsure,
    };
    match folded(text, fixed, collation) {
        Ok(bytes) => Canonical::Value(KeyValue::Bytes(bytes)),
        Err(_) => Canonical::Unsure,
    }
}

/// Where a string stands among the column's: known where the collation orders by bytes. With PAD
/// SPACE `'a\t'` is before `'a'`, and what CHAR compares depends on the sql_mode.
pub fn limit<'a>(scalar: Scalar<'a>, fixed: bool, collation: &KeyCollation) -> Limit<'a> {
    if fixed || collation.pad_space || collation.folding != Folding::Exact {
        return Limit::Unsure;
    }
    match compare(scalar, fixed, collation) {
        Canonical::Value(value) => Limit::At(value),
        _ => Limit::Unsure,
    }
}

/// Where a string stands among the column's: by its bytes, without the zeros that BINARY adds.
pub fn limit_binary(scalar: Scalar<'_>) -> Limit<'_> {
    match binary_bytes(scalar) {
        Some(bytes) => Limit::At(KeyValue::Bytes(bytes)),
        None => Limit::Unsure,
    }
}

/// Numbers are stored as their text. Excess blanks are cut off, anything else in excess is refused.
pub fn store<'a>(
    scalar: Scalar<'a>,
    fixed: bool,
    length: u32,
    collation: &KeyCollation,
) -> Result<KeyValue<'a>, KeyError> {
    let mut text = match scalar {
        Scalar::Text(text) => text,
        Scalar::Bytes(bytes) | Scalar::HexString(bytes) => as_column_text(bytes, collation),
        Scalar::Exact(number) => Text {
            bytes: Cow::Owned(integer_text(number)?),
            charset: Charset::Utf8mb4,
        },
        Scalar::Float(_) => return Err(NotCertain::Exponent.into()),
        Scalar::Null => return Err(NotCertain::Kind.into()),
        Scalar::Unknown(reason) => return Err(reason.into()),
    };
    let room = byte_at(&text.bytes, length as usize);
    if text.bytes.iter().skip(room).any(|b| *b != b' ') {
        return Err(KeyError::TooLong);
    }
    truncate(&mut text.bytes, room);
    Ok(KeyValue::Bytes(folded(text, fixed, collation)?))
}

/// Binary strings compare byte by byte; BINARY columns hold zero bytes up to their length.
pub fn compare_binary<'a>(scalar: Scalar<'a>, fixed: bool, length: u32) -> Canonical<'a> {
    match binary_bytes(scalar) {
        Some(bytes) => Canonical::Value(KeyValue::Bytes(padded(bytes, fixed, length))),
        None => Canonical::Unsure,
    }
}

/// As [`compare_binary`]; numbers are stored as their text.
pub fn store_binary<'a>(
    scalar: Scalar<'a>,
    fixed: bool,
    length: u32,
) -> Result<KeyValue<'a>, KeyError> {
    let bytes = match scalar {
        Scalar::Exact(number) => Cow::Owned(integer_text(number)?),
        Scalar::Float(_) => return Err(NotCertain::Exponent.into()),
        Scalar::Null => return Err(NotCertain::Kind.into()),
        Scalar::Unknown(reason) => return Err(reason.into()),
        scalar => binary_bytes(scalar).ok_or(NotCertain::BinaryConversion)?,
    };
    if bytes.len() > length as usize {
        return Err(KeyError::TooLong);
    }
    Ok(KeyValue::Bytes(padded(bytes, fixed, length)))
}

/// The bytes of a hexadecimal literal, read in the column's own character set.
fn as_column_text<'a>(bytes: Cow<'a, [u8]>, collation: &KeyCollation) -> Text<'a> {
    Text {
        bytes,
        charset: Charset::named(&collation.charset),
    }
}

/// The canonical form of a text that fits its column.
fn folded<'a>(
    text: Text<'a>,
    fixed: bool,
    collation: &KeyCollation,
) -> Result<Cow<'a, [u8]>, NotCertain> {
    let column = Charset::named(&collation.charset);
    if !text.charset.survives(column, &text.bytes) {
        let charset = collation.charset.clone();
        return Err(NotCertain::Conversion { charset });
    }
    let mut bytes = text.bytes;
    if collation.folding != Folding::Exact && !bytes.iter().all(|b| (0x20..0x7F).contains(b)) {
        let collation = collation.name.clone();
        return Err(NotCertain::Collation { collation });
    }
    if collation.folding == Folding::AsciiCase && bytes.iter().any(u8::is_ascii_uppercase) {
        bytes.to_mut().make_ascii_lowercase();
    }
    // A CHAR is read without its trailing blanks (or with all of them): they never tell keys apart.
    if fixed || collation.pad_space {
        let end = bytes
            .iter()
            .rposition(|b| *b != b' ')
            .map_or(0, |at| at + 1);
        truncate(&mut bytes, end);
    }
    Ok(bytes)
}

/// The bytes of a string as a binary column sees them.
fn binary_bytes(scalar: Scalar<'_>) -> Option<Cow<'_, [u8]>> {
    match scalar {
        Scalar::Bytes(bytes) | Scalar::HexString(bytes) => Some(bytes),
        Scalar::Text(text) => {
            let unconverted = match text.charset {
                Charset::SingleByte => true,
                // Longer characters may not be the ones that were sent.
                Charset::Utf8mb4 | Charset::Utf8mb3 => std::str::from_utf8(&text.bytes).is_ok(),
                other => other.is_ascii(&text.bytes),
            };
            unconverted.then_some(text.bytes)
        }
        _ => None,
    }
}

fn padded(bytes: Cow<'_, [u8]>, fixed: bool, length: u32) -> Cow<'_, [u8]> {
    let length = length as usize;
    if !fixed || bytes.len() >= length {
        return bytes;
    }
    let mut bytes = bytes.into_owned();
    bytes.resize(length, 0);
    Cow::Owned(bytes)
}

/// The text that MySQL stores for an integer.
fn integer_text(number: Exact) -> Result<Vec<u8>, NotCertain> {
    if number.scale > 0 {
        return Err(NotCertain::Kind);
    }
    Ok(number.unscaled.to_string().into_bytes())
}

/// The byte position behind `characters` characters of UTF-8 (or of any single-byte text).
fn byte_at(bytes: &[u8], characters: usize) -> usize {
    if bytes.len() <= characters {
        return bytes.len();
    }
    let is_first = |b: &u8| !(0x80..0xC0).contains(b);
    let mut firsts = bytes.iter().enumerate().filter(|(_, b)| is_first(b));
    firsts.nth(characters).map_or(bytes.len(), |(at, _)| at)
}

fn truncate(bytes: &mut Cow<'_, [u8]>, end: usize) {
    match bytes {
        Cow::Borrowed(slice) => *slice = slice.get(..end).unwrap_or(slice),
        Cow::Owned(vec) => vec.truncate(end),
    }
}

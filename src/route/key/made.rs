//! What `UNHEX('…')` and `UUID_TO_BIN('…')` are, as far as that is certain.
//!
//! In: the function and its arguments. Out: the bytes, or NULL. What the function refuses, or reads
//! with a warning, is the server's to say: such a value is unknown here.

use std::borrow::Cow;

use super::error::NotCertain;
use super::scalar::Scalar;
use crate::parse::ast::Maker;

const UNKNOWN: Scalar<'static> = Scalar::Unknown(NotCertain::Function);

/// The value of a function of these arguments.
pub fn made<'a>(maker: Maker, of: &Scalar<'_>, swap: Option<&Scalar<'_>>) -> Scalar<'a> {
    let text: &[u8] = match of {
        Scalar::Null => return Scalar::Null,
        Scalar::Text(text) if text.charset.is_ascii(&text.bytes) => &text.bytes,
        Scalar::HexString(bytes) => bytes,
        _ => return UNKNOWN,
    };
    let bytes = match maker {
        Maker::Unhex => hex::decode(text).ok(),
        Maker::UuidToBin => match swapped(swap).map(|swap| uuid(text, swap)) {
            Some(None) => return refused(text),
            known => known.flatten(),
        },
    };
    bytes.map_or(UNKNOWN, |bytes| Scalar::HexString(Cow::Owned(bytes)))
}

/// What is no UUID, as far as a message can quote it.
fn refused<'a>(text: &[u8]) -> Scalar<'a> {
    const QUOTED: usize = 64;
    if text.len() > QUOTED || !text.iter().all(|b| (0x20..0x7F).contains(b)) {
        return UNKNOWN;
    }
    let text = String::from_utf8_lossy(text).into_owned();
    Scalar::Unknown(NotCertain::NotAUuid { text })
}

/// Whether UUID_TO_BIN exchanges the time's parts; `None`: it is no plain number.
fn swapped(flag: Option<&Scalar<'_>>) -> Option<bool> {
    match flag {
        None => Some(false),
        Some(Scalar::Exact(number)) if number.scale == 0 => Some(number.unscaled != 0),
        Some(_) => None,
    }
}

/// The bytes of a UUID in one of the three forms that MySQL reads.
fn uuid(text: &[u8], swap: bool) -> Option<Vec<u8>> {
    let inner = match text {
        [b'{', inner @ .., b'}'] if inner.len() == 36 => inner,
        other => other,
    };
    let is_dash = |at: &usize| matches!(at, 8 | 13 | 18 | 23);
    let digits: Vec<u8> = match inner.len() {
        36 if (0..36).all(|at| (inner.get(at) == Some(&b'-')) == is_dash(&at)) => {
            inner.iter().copied().filter(|b| *b != b'-').collect()
        }
        32 => inner.to_vec(),
        _ => return None,
    };
    let bytes = hex::decode(digits).ok()?;
    let (low, rest) = bytes.split_at_checked(4)?;
    let (middle, rest) = rest.split_at_checked(2)?;
    let (high, rest) = rest.split_at_checked(2)?;
    Some(match swap {
        true => [high, middle, low, rest].concat(),
        false => bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Charset, Exact, Text};
    use super::*;

    fn text(text: &str) -> Scalar<'_> {
        Scalar::Text(Text {
            bytes: Cow::Borrowed(text.as_bytes()),
            charset: Charset::Utf8mb4,
        })
    }

    fn hex_of(maker: Maker, of: &Scalar<'_>, swap: Option<&Scalar<'_>>) -> Option<String> {
        match made(maker, of, swap) {
            Scalar::HexString(bytes) => Some(hex::encode(bytes)),
            _ => None,
        }
    }

    /// The values are those of MySQL's manual.
    #[test]
    fn uuids_are_read_in_their_three_forms_and_swapped() {
        const PLAIN: &str = "6ccd780cbaba102695645b8c656024db";
        const SWAPPED: &str = "1026baba6ccd780c95645b8c656024db";
        let one = Scalar::Exact(Exact::integer(1));
        let zero = Scalar::Exact(Exact::integer(0));
        for form in [
            "6ccd780c-baba-1026-9564-5b8c656024db",
            "6CCD780CBABA102695645B8C656024DB",
            "{6ccd780c-baba-1026-9564-5b8c656024db}",
        ] {
            let of = |swap| hex_of(Maker::UuidToBin, &text(form), swap);
            assert_eq!(of(None).as_deref(), Some(PLAIN), "{form}");
            assert_eq!(of(Some(&zero)).as_deref(), Some(PLAIN), "{form}");
            assert_eq!(of(Some(&one)).as_deref(), Some(SWAPPED), "{form}");
            assert_eq!(of(Some(&Scalar::Null)), None, "{form}");
        }
        for wrong in [
            "",
            "6ccd780c-baba-1026-9564-5b8c656024d",
            "6ccd780c-baba-10269-564-5b8c656024db",
            "{6ccd780cbaba102695645b8c656024db}",
            "6ccd780c-baba-1026-9564-5b8c656024dg",
        ] {
            assert_eq!(
                hex_of(Maker::UuidToBin, &text(wrong), None),
                None,
                "{wrong}"
            );
        }
    }

    #[test]
    fn digits_are_read_in_pairs_and_null_stays_null() {
        let of = |value: &str| hex_of(Maker::Unhex, &text(value), None);
        assert_eq!(of("00fF").as_deref(), Some("00ff"));
        assert_eq!(of("").as_deref(), Some(""));
        assert_eq!((of("abc"), of("0g"), of("é")), (None, None, None));
        assert_eq!(made(Maker::Unhex, &Scalar::Null, None), Scalar::Null);
        let number = Scalar::Exact(Exact::integer(12));
        assert_eq!(hex_of(Maker::Unhex, &number, None), None);
    }
}

//! Java's arithmetic, as far as placing keys needs it.
//!
//! Source: the class documentation of `java.lang.String`, `Long`, `java.math.BigInteger` and
//! `BigDecimal` (`hashCode`), Java SE 17.

/// `String.hashCode`: over UTF-16 units.
pub(super) fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

/// `Long.hashCode`.
pub(super) fn long_hash(value: i64) -> i32 {
    let bits = value as u64;
    (bits ^ (bits >> 32)) as u32 as i32
}

/// `BigInteger.hashCode`: over the 32-bit words of the magnitude.
pub(super) fn big_integer_hash(value: i128) -> i32 {
    let magnitude = value.unsigned_abs();
    let words = (0..4).rev().map(|at| (magnitude >> (at * 32)) as u32);
    let hash = words.fold(0i32, |hash, word| {
        hash.wrapping_mul(31).wrapping_add(word as i32)
    });
    if value < 0 { hash.wrapping_neg() } else { hash }
}

/// `BigDecimal.hashCode`, which tells 1.0 from 1.00.
pub(super) fn big_decimal_hash(unscaled: i128, scale: u8) -> i32 {
    let hash = big_integer_hash(unscaled).wrapping_mul(31);
    hash.wrapping_add(i32::from(scale))
}

/// A text as `new BigInteger(text)` reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BigInteger<'t> {
    /// An integer of any length.
    Number {
        /// Below zero, or `-0`.
        negative: bool,
        /// ASCII digits, at least one.
        digits: &'t str,
    },
    /// No integer.
    NotOne,
    /// Perhaps one in digits of another script, which Java reads, too.
    Unsure,
}

impl<'t> BigInteger<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() {
            return Self::NotOne;
        }
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            let negative = text.starts_with('-');
            return Self::Number { negative, digits };
        }
        if digits.chars().all(char::is_numeric) {
            return Self::Unsure;
        }
        Self::NotOne
    }
}

/// A number of any length modulo `divisor`, which is not 0.
pub(super) fn remainder(digits: &str, divisor: u64) -> u64 {
    let divisor = u128::from(divisor);
    let rest = digits.bytes().fold(0u128, |rest, digit| {
        (rest * 10 + u128::from(digit.wrapping_sub(b'0'))) % divisor
    });
    rest as u64
}

//! Numbers, read from ASCII without loss.

/// `unscaled / 10^scale`, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// All digits, signed.
    pub unscaled: i128,
    /// Digits after the point.
    pub scale: u8,
}

/// Most digits that always fit an `i128`.
const MAX_DIGITS: usize = 38;

/// Integers below this magnitude have a double of their own.
const EXACT_DOUBLE: f64 = 9_007_199_254_740_992.0;

impl Exact {
    /// An integer.
    pub const fn integer(value: i128) -> Self {
        Self {
            unscaled: value,
            scale: 0,
        }
    }

    /// Reads `[sign] digits [. digits]`, the whole of `text`, which holds at least one digit.
    /// `None` for any other form and for more than 38 digits.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, rest) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        Self::parse_unsigned(rest).map(|n| if negative { n.negated() } else { n })
    }

    fn parse_unsigned(text: &[u8]) -> Option<Self> {
        if let Some(value) = short_integer(text) {
            return Some(Self::integer(i128::from(value)));
        }
        let mut unscaled: i128 = 0;
        let mut point = None;
        let mut digits = 0_usize;
        for (at, byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    digits += usize::from(unscaled != 0 || *byte != b'0');
                    if digits > MAX_DIGITS {
                        return None;
                    }
                    unscaled = unscaled * 10 + i128::from(byte - b'0');
                }
                b'.' if point.is_none() => point = Some(at),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |at| text.len() - at - 1);
        let has_digit = text.len() > usize::from(point.is_some());
        (has_digit && scale <= MAX_DIGITS).then_some(Self {
            unscaled,
            scale: scale as u8,
        })
    }

    fn negated(self) -> Self {
        Self {
            unscaled: -self.unscaled,
            scale: self.scale,
        }
    }

    /// The same number without zeros at the end of its fraction.
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.unscaled % 10 == 0 {
            self.unscaled /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Rounded to at most `scale` digits after the point, halves away from zero, as MySQL rounds
    /// exact numbers.
    pub fn rounded(self, scale: u8) -> Self {
        let number = self.normalized();
        let Some(excess) = number.scale.checked_sub(scale).filter(|n| *n > 0) else {
            return number;
        };
        let Some(power) = 10_i128.checked_pow(u32::from(excess)) else {
            return Self::integer(0);
        };
        let (whole, rest) = (number.unscaled / power, number.unscaled % power);
        let up = i128::from(rest.unsigned_abs() >= power.unsigned_abs() - rest.unsigned_abs());
        Self {
            unscaled: whole + up * number.unscaled.signum(),
            scale,
        }
        .normalized()
    }

    /// The largest number with at most `scale` digits after the point that is not above this one, as
    /// all its digits at its scale, and whether it is this one.
    pub fn floor(self, scale: u8) -> (i128, bool) {
        let number = self.normalized();
        let Some(excess) = number.scale.checked_sub(scale).filter(|n| *n > 0) else {
            return (number.unscaled, true);
        };
        match 10_i128.checked_pow(u32::from(excess)) {
            Some(power) => (number.unscaled.div_euclid(power), false),
            None => (if number.unscaled < 0 { -1 } else { 0 }, false),
        }
    }

    /// Decimal digits of a normalized number, without leading zeros and sign.
    pub fn digits(self) -> u32 {
        self.unscaled
            .unsigned_abs()
            .checked_ilog10()
            .map_or(0, |n| n + 1)
    }
}

/// Up to 18 plain digits: the usual key, read without 128-bit arithmetic.
fn short_integer(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut value = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// The integer that a double is, where no other integer shares that double.
pub fn exact_integer(value: f64) -> Option<i128> {
    (value.fract() == 0.0 && value.abs() < EXACT_DOUBLE).then_some(value as i128)
}

/// The double that MySQL takes a string for when it compares the string with a number: leading
/// blanks, then the longest number; nothing of a number is 0. `None` where that is not certain.
pub fn leading_double(text: &[u8]) -> Option<f64> {
    let number = text.trim_ascii_start();
    let length = number_length(number);
    let garbage = number.get(length..).unwrap_or_default();
    if matches!(garbage.first(), Some(b'e' | b'E')) {
        return None;
    }
    if length == 0 {
        return Some(0.0);
    }
    plain_double(number.get(..length)?)
}

/// A number that is the whole of `text`, with or without exponent, as the nearest double.
pub fn plain_double(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let numeric = |b: u8| b.is_ascii_digit() || b"+-.eE".contains(&b);
    if !text.bytes().all(numeric) {
        return None;
    }
    text.parse().ok().filter(|v: &f64| v.is_finite())
}

/// The length of the longest prefix `[sign] digits [. digits] [e [sign] digits]`; 0 without digit.
fn number_length(text: &[u8]) -> usize {
    let digits_from = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let sign = |at: usize| usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let whole = sign(0) + digits_from(sign(0));
    let mut end = whole;
    let mut digits = whole - sign(0);
    if text.get(whole) == Some(&b'.') {
        let fraction = digits_from(whole + 1);
        digits += fraction;
        end = whole + 1 + fraction;
    }
    if digits == 0 {
        return 0;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        let length = digits_from(exponent);
        if length > 0 {
            return exponent + length;
        }
    }
    end
}

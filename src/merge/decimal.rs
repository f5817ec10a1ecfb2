//! Exact decimal numbers of one scale, as integers of 256 bits: MySQL's DECIMAL has up to 65 digits
//! (<https://dev.mysql.com/doc/refman/9.4/en/precision-math-decimal-characteristics.html>).

use std::cmp::Ordering;

/// Limbs of 64 bits, the least significant first.
const LIMBS: usize = 4;

/// Digits of the longest DECIMAL.
const MAX_DIGITS: usize = 65;

/// Digits that fit into one limb.
const CHUNK_DIGITS: usize = 19;
const CHUNK: u64 = 10_u64.pow(CHUNK_DIGITS as u32);

/// `magnitude / 10^scale`, where the scale is known from elsewhere and the same for all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    negative: bool,
    magnitude: [u64; LIMBS],
}

impl Decimal {
    /// An integer; scale 0.
    pub fn from_integer(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        Self {
            negative: value < 0,
            magnitude: [magnitude as u64, (magnitude >> 64) as u64, 0, 0],
        }
    }

    /// Reads digits with an optional sign and point; returns the number at `scale`, and how many
    /// digits stood behind the point. `None`: no number, more digits than the scale holds, or too large.
    pub fn parse(text: &[u8], scale: usize) -> Option<(Self, usize)> {
        let (negative, digits) = match text.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, text),
        };
        let point = memchr::memchr(b'.', digits);
        let (whole, fraction) = match point {
            None => (digits, [].as_slice()),
            Some(at) => (digits.get(..at)?, digits.get(at + 1..)?),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let missing = scale.checked_sub(fraction.len())?;
        let mut value = Self::default();
        value.push_digits(whole)?;
        value.push_digits(fraction)?;
        value.shift(missing)?;
        value.negative = negative;
        Some((value, fraction.len()))
    }

    fn push_digits(&mut self, digits: &[u8]) -> Option<()> {
        for chunk in digits.chunks(CHUNK_DIGITS) {
            let mut part = 0_u64;
            for &digit in chunk {
                let digit = digit.wrapping_sub(b'0');
                if digit > 9 {
                    return None;
                }
                part = part * 10 + u64::from(digit);
            }
            self.multiply_add(10_u64.pow(chunk.len() as u32), part)?;
        }
        Some(())
    }

    /// Multiplies by `10^digits`.
    pub fn shift(&mut self, digits: usize) -> Option<()> {
        let mut left = digits;
        while left > 0 {
            let step = left.min(CHUNK_DIGITS);
            self.multiply_add(10_u64.pow(step as u32), 0)?;
            left -= step;
        }
        Some(())
    }

    fn multiply_add(&mut self, factor: u64, addend: u64) -> Option<()> {
        let mut carry = u128::from(addend);
        for limb in &mut self.magnitude {
            let product = u128::from(*limb) * u128::from(factor) + carry;
            *limb = product as u64;
            carry = product >> 64;
        }
        (carry == 0).then_some(())
    }

    /// Divides by `divisor`, towards zero; returns the remainder. The divisor is not 0.
    fn divide(&mut self, divisor: u64) -> u64 {
        let mut remainder = 0_u128;
        for limb in self.magnitude.iter_mut().rev() {
            let part = remainder << 64 | u128::from(*limb);
            *limb = (part / u128::from(divisor)) as u64;
            remainder = part % u128::from(divisor);
        }
        remainder as u64
    }

    /// The quotient by a count, cut off behind the last digit; `None` for a count of 0.
    pub fn divided(mut self, count: u64) -> Option<Self> {
        if count == 0 {
            return None;
        }
        self.divide(count);
        Some(self)
    }

    /// With the last `digits` rounded away, half away from zero.
    pub fn rounded(mut self, digits: usize) -> Self {
        let mut last = 0;
        for _ in 0..digits {
            last = self.divide(10);
        }
        if last >= 5 {
            // No overflow: a number that was just divided.
            let _ = self.multiply_add(1, 1);
        }
        self
    }

    /// The sum; `None` if it does not fit into 256 bits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.negative == other.negative {
            let (magnitude, carry) = add(self.magnitude, other.magnitude);
            return (!carry).then_some(Self {
                negative: self.negative,
                magnitude,
            });
        }
        let (larger, smaller) = match compare(&self.magnitude, &other.magnitude) {
            Ordering::Less => (other, self),
            _ => (self, other),
        };
        Some(Self {
            negative: larger.negative,
            magnitude: subtract(larger.magnitude, smaller.magnitude),
        })
    }

    /// How many digits it has; 0 has none.
    pub fn digits(&self) -> usize {
        let (mut rest, mut digits) = (*self, 0);
        loop {
            let chunk = rest.divide(CHUNK);
            if rest.is_zero() {
                return digits + chunk.checked_ilog10().map_or(0, |log| log as usize + 1);
            }
            digits += CHUNK_DIGITS;
        }
    }

    /// Whether it has no more digits than DECIMAL can hold.
    pub fn fits(&self) -> bool {
        self.digits() <= MAX_DIGITS
    }

    /// Whether it is 0, with whatever sign.
    pub fn is_zero(&self) -> bool {
        self.magnitude == [0; LIMBS]
    }

    /// Appends bytes that are equal for equal numbers only.
    pub fn put_canonical(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.negative && !self.is_zero()));
        for limb in self.magnitude {
            out.extend_from_slice(&limb.to_le_bytes());
        }
    }

    /// The number as MySQL writes it, with `scale` digits behind the point.
    pub fn to_text(self, scale: usize) -> String {
        let mut rest = self;
        let mut chunks = Vec::with_capacity(LIMBS + 1);
        while !rest.is_zero() {
            chunks.push(rest.divide(CHUNK));
        }
        let mut digits = String::with_capacity(80);
        for chunk in chunks.iter().rev() {
            match digits.is_empty() {
                true => digits.push_str(&chunk.to_string()),
                false => digits.push_str(&format!("{chunk:0CHUNK_DIGITS$}")),
            }
        }
        let width = scale + 1;
        let digits = format!("{digits:0>width$}");
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if self.negative && !self.is_zero() {
            "-"
        } else {
            ""
        };
        match scale {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{fraction}"),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) if other.negative => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            (false, true) if self.negative => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => compare(&self.magnitude, &other.magnitude),
            (true, true) => compare(&other.magnitude, &self.magnitude),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

fn compare(a: &[u64; LIMBS], b: &[u64; LIMBS]) -> Ordering {
    a.iter().rev().cmp(b.iter().rev())
}

fn add(a: [u64; LIMBS], b: [u64; LIMBS]) -> ([u64; LIMBS], bool) {
    let (mut sum, mut carry) = (a, false);
    for (limb, other) in sum.iter_mut().zip(b) {
        let (part, first) = limb.overflowing_add(other);
        let (part, second) = part.overflowing_add(u64::from(carry));
        *limb = part;
        carry = first || second;
    }
    (sum, carry)
}

/// `a - b`, where `a` is not less.
fn subtract(a: [u64; LIMBS], b: [u64; LIMBS]) -> [u64; LIMBS] {
    let (mut difference, mut borrow) = (a, false);
    for (limb, other) in difference.iter_mut().zip(b) {
        let (part, first) = limb.overflowing_sub(other);
        let (part, second) = part.overflowing_sub(u64::from(borrow));
        *limb = part;
        borrow = first || second;
    }
    difference
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;

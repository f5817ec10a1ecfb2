//! The order of keys.

use std::cmp::Ordering;

use super::KeyValue;

/// What is behind the point, above this many digits, is not reached: no DECIMAL has more.
const MAX_SCALE: u8 = 38;

impl Ord for KeyValue<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (
                Self::Decimal { unscaled, scale },
                Self::Decimal {
                    unscaled: theirs,
                    scale: their_scale,
                },
            ) => decimals((*unscaled, *scale), (*theirs, *their_scale)),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (
                Self::DateTime { date, micros },
                Self::DateTime {
                    date: theirs,
                    micros: their_micros,
                },
            ) => (date, micros).cmp(&(theirs, their_micros)),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for KeyValue<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl KeyValue<'_> {
    /// Values of two kinds never meet in a column; any order will do for them.
    fn rank(&self) -> u8 {
        match self {
            Self::Int(_) => 0,
            Self::Decimal { .. } => 1,
            Self::Bytes(_) => 2,
            Self::Date(_) => 3,
            Self::DateTime { .. } => 4,
        }
    }
}

/// Compares what is before the point, then what is behind it, since the digits of one number at
/// the other's scale may need more than 128 bits.
fn decimals(a: (i128, u8), b: (i128, u8)) -> Ordering {
    let parts = |(unscaled, scale): (i128, u8)| {
        let scale = scale.min(MAX_SCALE);
        let one = 10_i128.pow(u32::from(scale));
        let missing = 10_i128.pow(u32::from(MAX_SCALE - scale));
        (unscaled.div_euclid(one), unscaled.rem_euclid(one) * missing)
    };
    parts(a).cmp(&parts(b)).then(a.1.cmp(&b.1))
}

//! The few values that limit what else must be brought.

use std::collections::BTreeSet;

/// More values than this limit nothing: the list would cost more than it saves.
pub const FEW: usize = 1000;

/// The same for their bytes.
const FEW_BYTES: usize = 32 * 1024;

/// What was found of each column whose values limit others, by its number.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<Found>);

#[derive(Debug)]
enum Found {
    Few(BTreeSet<Vec<u8>>, usize),
    Many,
}

impl Values {
    pub fn new(columns: usize) -> Self {
        let none = || Found::Few(BTreeSet::new(), 0);
        Self((0..columns).map(|_| none()).collect())
    }

    /// Notes a value; NULL equals none.
    pub fn note(&mut self, column: usize, value: Option<&[u8]>) {
        let (Some(found), Some(value)) = (self.0.get_mut(column), value) else {
            return;
        };
        let Found::Few(values, bytes) = found else {
            return;
        };
        if values.contains(value) {
            return;
        }
        *bytes += value.len();
        values.insert(value.to_vec());
        if values.len() > FEW || *bytes > FEW_BYTES {
            *found = Found::Many;
        }
    }

    /// The values of a column, if they are few.
    pub fn few(&self, column: usize) -> Option<&BTreeSet<Vec<u8>>> {
        match self.0.get(column)? {
            Found::Few(values, _) => Some(values),
            Found::Many => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_known_and_many_are_not() {
        let mut values = Values::new(2);
        for number in 0..FEW {
            values.note(0, Some(number.to_string().as_bytes()));
            values.note(0, Some(b"0"));
            values.note(0, None);
        }
        assert_eq!(values.few(0).map(BTreeSet::len), Some(FEW));
        values.note(0, Some(b"one more"));
        assert_eq!(values.few(0), None);
        assert_eq!(values.few(1).map(BTreeSet::len), Some(0));
        values.note(1, Some(&vec![b'x'; FEW_BYTES + 1]));
        assert_eq!(values.few(1), None);
        assert_eq!(values.few(2), None);
    }
}

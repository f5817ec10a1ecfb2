//! Key → the text that other middleware placed it by: the plain spelling of its value.
//!
//! Other middleware reads the literal in the statement, we read the column's value. Only types
//! whose values have one plain spelling are accepted; where an application wrote another one
//! (`'007'` into an integer column), its rows may lie elsewhere.

use std::borrow::Cow;

use super::{AlgorithmError, Setting};
use crate::topology::{Folding, KeyType};
use crate::value::KeyValue;

/// Whether an algorithm tells `a` from `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// It does, so the key's collation must, too.
    Matters,
    /// It does not.
    Ignored,
}

/// Reads the keys of one column as text; there is one for columns only whose keys have a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling(());

impl Spelling {
    /// Of the key's only column.
    ///
    /// # Errors
    /// The column's values have several spellings, or its collation holds strings equal that the
    /// algorithm places apart.
    pub(super) fn of(
        algorithm: &'static str,
        setting: &Setting<'_>,
        case: Case,
    ) -> Result<Self, AlgorithmError> {
        match setting.key_type(algorithm)? {
            KeyType::Text { collation, .. }
                if case == Case::Matters && collation.folding == Folding::AsciiCase =>
            {
                Err(AlgorithmError::Collation {
                    algorithm,
                    collation: collation.name.clone(),
                })
            }
            KeyType::Integer { .. }
            | KeyType::Decimal { scale: 0, .. }
            | KeyType::Text { .. }
            | KeyType::Binary { .. } => Ok(Self(())),
            KeyType::Decimal { .. } | KeyType::Date | KeyType::DateTime { .. } => {
                Err(AlgorithmError::KeyType {
                    algorithm,
                    needs: "an integer, DECIMAL(n,0), character or binary key",
                })
            }
        }
    }

    /// The text of a key; `None` where it is not certain.
    pub(super) fn text<'k>(self, key: &'k KeyValue<'_>) -> Option<Cow<'k, str>> {
        match self.bytes(key)? {
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        }
    }

    /// The bytes of that text, which need not be UTF-8.
    pub(super) fn bytes<'k>(self, key: &'k KeyValue<'_>) -> Option<Cow<'k, [u8]>> {
        match key {
            KeyValue::Int(value)
            | KeyValue::Decimal {
                unscaled: value,
                scale: 0,
            } => Some(Cow::Owned(value.to_string().into_bytes())),
            KeyValue::Bytes(bytes) => Some(Cow::Borrowed(bytes)),
            _ => None,
        }
    }
}

//! User variables → the values that a statement is compared with.

use std::borrow::Cow;

use super::key::{Charset, Exact, Scalar, Text};
use crate::topology::KeyType;

/// The values of user variables, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct Variables(Vec<(String, Variable)>);

/// A user variable's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    /// It has none.
    Null,
    /// An integer, or a double that is one.
    Number(Exact),
    /// A character string of ASCII only.
    Text {
        /// The string.
        text: String,
        /// The variable's collation.
        collation: String,
    },
    /// A value whose comparisons are not certain.
    Other,
}

impl Variables {
    /// Notes a variable's value, by its name in lower case.
    pub fn set(&mut self, name: &str, value: Variable) {
        self.0.push((name.to_owned(), value));
    }

    fn get(&self, name: &str) -> Option<&Variable> {
        let mut known = self.0.iter();
        known
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The value; `None` where it is not known.
    pub(super) fn scalar<'a>(&self, name: &str) -> Option<Scalar<'a>> {
        Some(match self.get(name)? {
            Variable::Null => Scalar::Null,
            Variable::Number(number) => Scalar::Exact(*number),
            Variable::Text { text, .. } => Scalar::Text(Text {
                bytes: Cow::Owned(text.clone().into_bytes()),
                charset: Charset::Utf8mb4,
            }),
            Variable::Other => return None,
        })
    }

    /// Whether a column is compared with the variable as with a literal: a variable's collation is
    /// worth as much as a column's.
    pub(super) fn compares_surely(&self, name: &str, key_type: &KeyType) -> bool {
        match (self.get(name), key_type) {
            (Some(Variable::Null), _) => true,
            (Some(Variable::Number(_)), KeyType::Integer { .. }) => true,
            // The variable may be a double: only short decimals have doubles of their own.
            (Some(Variable::Number(_)), KeyType::Decimal { precision, .. }) => *precision <= 15,
            (
                Some(Variable::Text { collation, .. }),
                KeyType::Text {
                    collation: column, ..
                },
            ) => *collation == column.name,
            (
                Some(Variable::Text { .. }),
                KeyType::Integer { .. } | KeyType::Binary { fixed: false, .. },
            ) => true,
            _ => false,
        }
    }
}

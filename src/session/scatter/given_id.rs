//! The insert id of an INSERT that several data nodes share, whose last row may not be stored.

use super::super::prepared::Bindings;
use super::super::statement::Statement;
use crate::error::{MysqlError, StageError};
use crate::parse::LiteralKind;
use crate::plan::{GivenId, PlanError, Unsupported};
use crate::wire::BinaryValue;

/// What is known of the last row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastRow {
    /// The id that it gives itself, where it may be left out or found unchanged.
    pub given: Option<u64>,
    /// It may be left out.
    pub ignore: bool,
}

impl LastRow {
    /// The answer's insert id where some rows were stored, and the ids of all of them given.
    /// `said`: what the last row's own server says; `all`: it has stored all of its rows.
    ///
    /// # Errors
    /// The server has stored no row, or has counted an id for the last one and left it out.
    pub fn insert_id(self, said: u64, all: bool) -> Result<u64, MysqlError> {
        match said != 0 && (all || !self.ignore) {
            true => Ok(said),
            false => self.given.ok_or_else(unknown),
        }
    }
}

/// The id that the last row gives; `None`: a server may store another value, or make one.
pub(super) fn given(
    place: Option<GivenId>,
    statement: &Statement<'_>,
    bindings: Option<&Bindings<'_>>,
) -> Option<u64> {
    let place = place?;
    let (first, step, count) = statement.digest.slot_place(place.slot);
    let at = first + step * count.saturating_sub(1);
    let literal = statement.digest.literals.get(at)?;
    let id = match (literal.kind, bindings) {
        (LiteralKind::Integer, _) if !literal.negative => digits(literal.text(statement.sql))?,
        (LiteralKind::String, _) if !literal.introduced => {
            let text = literal.text(statement.sql);
            digits(text.strip_prefix(b"'")?.strip_suffix(b"'")?)?
        }
        (LiteralKind::Placeholder, Some(bindings)) => {
            match bindings.values.get(bindings.ordinal(at)?)? {
                BinaryValue::Integer(id) => u64::try_from(*id).ok()?,
                BinaryValue::Text(text) => digits(text)?,
                _ => return None,
            }
        }
        _ => return None,
    };
    // For 0 the server makes one.
    (1..=place.most).contains(&id).then_some(id)
}

fn digits(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Only the server that had the last row knows what became of it, and it does not say.
fn unknown() -> MysqlError {
    let what = "an INSERT of rows on several shards whose last row is left out or found unchanged, \
                and whose AUTO_INCREMENT value is not certain";
    PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_word_counts_where_it_cannot_be_of_a_row_that_is_left_out() {
        let (update, ignore) = (false, true);
        let cases = [
            (update, 7, false, None, Some(7)),
            (update, 0, false, Some(9), Some(9)),
            (update, 0, false, None, None),
            (ignore, 7, true, None, Some(7)),
            (ignore, 7, false, Some(9), Some(9)),
            (ignore, 7, false, None, None),
            (ignore, 0, false, Some(9), Some(9)),
        ];
        for (ignore, said, all, given, expected) in cases {
            let id = LastRow { given, ignore }.insert_id(said, all).ok();
            assert_eq!(id, expected, "{ignore} {said} {all} {given:?}");
        }
    }

    #[test]
    fn only_digits_are_a_number() {
        let cases: [(&[u8], Option<u64>); 5] = [
            (b"007", Some(7)),
            (b"18446744073709551616", None),
            (b"+7", None),
            (b" 7", None),
            (b"", None),
        ];
        for (text, expected) in cases {
            assert_eq!(digits(text), expected, "{text:?}");
        }
    }
}

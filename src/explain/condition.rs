//! What a statement says of the sharding keys, with its own literals.

use super::{Question, tables};
use crate::parse::ast::Operand;
use crate::parse::{Digest, Slot};
use crate::plan::{KeyCondition, StoredKey};
use crate::topology::TableId;

/// Values of a list, and rows, that are shown; of the others only the number.
const SHOWN: usize = 8;

/// Longest literal that is shown whole, in characters.
const SHOWN_LITERAL: usize = 40;

/// The condition of a sharded table in words that look like SQL.
pub(super) fn text(
    question: &Question<'_>,
    digest: &Digest,
    table: TableId,
    condition: &KeyCondition,
) -> String {
    let writer = Writer {
        sql: question.sql,
        digest,
        keys: tables::keys(question.topology, table),
    };
    match condition {
        KeyCondition::Unknown => format!("nothing is said of {}", writer.keys.join(" or ")),
        KeyCondition::Never => "never true".to_owned(),
        KeyCondition::Stored(rows) => format!("stores {}", writer.stored(rows)),
        condition => writer.condition(condition, false),
    }
}

struct Writer<'a> {
    sql: &'a [u8],
    digest: &'a Digest,
    keys: Vec<String>,
}

impl Writer<'_> {
    fn condition(&self, condition: &KeyCondition, inside: bool) -> String {
        let joined = |parts: &[KeyCondition], word: &str| {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| self.condition(part, true))
                .collect();
            match inside {
                true => format!("({})", parts.join(word)),
                false => parts.join(word),
            }
        };
        match condition {
            KeyCondition::Compare { column, op, value } => {
                let value = match value {
                    Operand::Slot(slot) => self.value(*slot),
                    Operand::Variable(name) => format!("@{name}"),
                };
                format!("{} {} {value}", self.key(column.key), op.symbol())
            }
            KeyCondition::In { column, values } => {
                let values = shortened(&self.values(*values));
                format!("{} IN ({values})", self.key(column.key))
            }
            KeyCondition::Between {
                column,
                low,
                high,
                negated,
            } => {
                let (key, not) = (self.key(column.key), if *negated { "NOT " } else { "" });
                let (low, high) = (self.value(*low), self.value(*high));
                format!("{key} {not}BETWEEN {low} AND {high}")
            }
            KeyCondition::And(parts) => joined(parts, " AND "),
            KeyCondition::Or(parts) => joined(parts, " OR "),
            KeyCondition::Stored(rows) => self.stored(rows),
            KeyCondition::Never => "never".to_owned(),
            KeyCondition::Unknown => "anything".to_owned(),
        }
    }

    fn key(&self, at: usize) -> &str {
        self.keys.get(at).map_or("?", String::as_str)
    }

    fn stored(&self, rows: &[StoredKey]) -> String {
        let columns = self.keys.join(", ");
        let mut all = Vec::new();
        for row in rows {
            let columns: Vec<Vec<String>> = row.iter().map(|slot| self.values(*slot)).collect();
            let count = columns.iter().map(Vec::len).min().unwrap_or(0);
            for at in 0..count {
                let values = columns.iter().filter_map(|column| column.get(at).cloned());
                all.push(format!("({})", values.collect::<Vec<_>>().join(", ")));
            }
        }
        format!("({columns}) = {}", shortened(&all))
    }

    /// The literal of a slot that has one.
    fn value(&self, slot: Slot) -> String {
        shortened(&self.values(slot))
    }

    /// The literals of a slot, as they are written.
    fn values(&self, slot: Slot) -> Vec<String> {
        let (first, stride, count) = self.digest.slot_place(slot);
        let literals = self
            .digest
            .literals
            .iter()
            .skip(first)
            .step_by(stride.max(1));
        let shown = literals.take(count).map(|literal| {
            let text = self.sql.get(literal.start as usize..literal.end as usize);
            let text = String::from_utf8_lossy(text.unwrap_or_default());
            match text.char_indices().nth(SHOWN_LITERAL) {
                Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
                None => text.into_owned(),
            }
        });
        shown.collect()
    }
}

fn shortened(values: &[String]) -> String {
    let shown = values.iter().take(SHOWN).cloned();
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if let Some(more) = values.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!(", … {more} more"));
    }
    text
}

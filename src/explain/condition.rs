//! What a statement says of the sharding keys, with its own literals.

use crate::parse::{Digest, Slot};
use crate::plan::{KeyCondition, KeySource, Spelling, StoredKey, source_text};
use crate::topology::Sharding;

/// Values of a list, and rows, that are shown; of the others only the number.
const SHOWN: usize = 8;

/// Longest literal that is shown whole, in characters.
const SHOWN_LITERAL: usize = 40;

/// The condition of a sharded table in words that look like SQL.
pub(super) fn text(
    sharding: &Sharding,
    condition: &KeyCondition,
    (sql, digest): (&[u8], &Digest),
) -> String {
    let keys = sharding.keys.iter().map(|key| key.name.as_str());
    match condition {
        KeyCondition::Unknown => {
            format!(
                "nothing is said of {}",
                keys.collect::<Vec<_>>().join(" or ")
            )
        }
        KeyCondition::Never => "never true".to_owned(),
        condition => condition
            .spelled(sharding, &Written { sql, digest })
            .to_string(),
    }
}

/// Values as the statement writes them.
struct Written<'a> {
    sql: &'a [u8],
    digest: &'a Digest,
}

impl Spelling for Written<'_> {
    fn value(&self, slot: Slot) -> String {
        shortened(&self.values(slot))
    }

    fn list(&self, slot: Slot) -> String {
        format!("({})", self.value(slot))
    }

    fn rows(&self, rows: &[StoredKey]) -> String {
        let mut all = Vec::new();
        for row in rows {
            let columns = row.iter().map(|source| match source {
                KeySource::Given(slot) => self.values(*slot),
                KeySource::Made(_) => vec![source_text(self, source)],
            });
            let columns: Vec<Vec<String>> = columns.collect();
            let count = columns.iter().map(Vec::len).min().unwrap_or(0);
            for at in 0..count {
                let values = columns.iter().filter_map(|column| column.get(at).cloned());
                all.push(format!("({})", values.collect::<Vec<_>>().join(", ")));
            }
        }
        format!("= {}", shortened(&all))
    }
}

impl Written<'_> {
    /// The literals of a slot, as they are written.
    fn values(&self, slot: Slot) -> Vec<String> {
        let (first, stride, count) = self.digest.slot_place(slot);
        let literals = self.digest.literals.iter().skip(first);
        let shown = literals.step_by(stride.max(1)).take(count).map(|literal| {
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

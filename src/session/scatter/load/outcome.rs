//! What the servers said of the parts of a file → what one MySQL would say of all of it.

use super::super::counts::{Counts, numbers, with_numbers};
use super::super::writes::Told;
use crate::backend::TextRow;
use crate::execute::scatter::Written;
use crate::session::diagnostics::Diagnostics;

/// The sum so far.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    affected_rows: u64,
    /// Records, deleted, skipped, warnings.
    sums: [u64; 4],
    /// A server's own sentence for them.
    sentence: Vec<u8>,
    /// What a server says of the statement's text: it says it of every part.
    of_the_text: Vec<TextRow>,
    conditions: Diagnostics,
    first_id: Option<u64>,
}

impl Outcome {
    /// What a server says of the statement with an empty file.
    pub fn begin(&mut self, mut empty: Written, shown: Diagnostics) {
        self.of_the_text = std::mem::take(&mut empty.conditions);
        self.sentence = empty.changes.info;
        self.conditions = shown;
        if let Some(warnings) = self.sums.last_mut() {
            *warnings = u64::from(empty.warnings);
        }
    }

    /// Leaves out what was said of the text already.
    pub fn without_text(&self, written: &mut [Written]) {
        for node in written {
            let before = node.conditions.len();
            let said = |row: &TextRow| self.of_the_text.contains(row);
            node.conditions.retain(|row| !said(row));
            let again = before - node.conditions.len();
            node.warnings = node.warnings.saturating_sub(again as u16);
            let mut counts = numbers(&node.changes.info);
            if let Some(warnings) = counts.get_mut(3) {
                *warnings = warnings.saturating_sub(again as u64);
            }
            node.changes.info = with_numbers(&node.changes.info, &counts);
        }
    }

    /// Adds what the nodes said of a batch, and what SHOW WARNINGS shows of it, of which at most `most`
    /// are kept.
    pub fn add(&mut self, written: &[Written], shown: Diagnostics, most: usize) {
        for node in written {
            self.affected_rows += node.changes.affected_rows;
            let counted = numbers(&node.changes.info);
            for (sum, number) in self.sums.iter_mut().zip(counted) {
                *sum += number;
            }
        }
        self.conditions.add(shown, most);
    }

    /// Ids were made from this one on.
    pub fn made_ids(&mut self, first: Option<u64>) {
        self.first_id = self.first_id.or(first);
    }

    /// What the client is told of a load on so many nodes.
    pub fn told(self, parts: usize) -> Told {
        let warnings = self.sums.last().copied().unwrap_or_default();
        Told {
            counts: Counts {
                affected_rows: self.affected_rows,
                warnings: u16::try_from(warnings).unwrap_or(u16::MAX),
                info: with_numbers(&self.sentence, &self.sums),
            },
            last_insert_id: 0,
            generated: self.first_id,
            conditions: self.conditions,
            parts,
        }
    }
}

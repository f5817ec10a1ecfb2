//! `mycat_crc32slot`: the CRC-32 of the text picks one of 102400 slots, which are dealt out to the
//! shards (`PartitionByCRC32PreSlot`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::{map, text};
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_crc32slot";

const SLOTS: usize = 102_400;

#[derive(Debug)]
struct Crc32Slot {
    /// Ranges of slots by their first one, ascending, each with its place; they leave no gap.
    slots: Vec<(usize, usize)>,
    spelling: Spelling,
}

/// Takes `count` (without it, the number of shards), and, after a migration, `rule_data`: the text
/// of Mycat's own `conf/ruledata/<rule>.properties`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(NAME, setting.params, &["count", "rule_data"])?;
    let count = arguments.count("count", setting.places)?;
    let slots = match arguments.text("rule_data")? {
        None => equal_slots(count),
        Some(text) => dealt_slots(&arguments, text, setting.places)?,
    };
    let spelling = Spelling::of(NAME, &setting, Case::Matters)?;
    Ok(Box::new(Crc32Slot { slots, spelling }))
}

/// Every shard has as many; the last one has the rest, too.
fn equal_slots(count: usize) -> Vec<(usize, usize)> {
    let size = SLOTS / count;
    (0..count).map(|place| (place * size, place)).collect()
}

fn dealt_slots(
    arguments: &Arguments<'_>,
    text: &str,
    places: usize,
) -> Result<Vec<(usize, usize)>, AlgorithmError> {
    let wrong = |line: &str| {
        arguments.refused(
            "rule_data",
            format!("has the line '{line}', which is not understood"),
        )
    };
    let mut ranges = Vec::new();
    for line in map::lines(text) {
        let (place, slots) = line.split_once('=').ok_or_else(|| wrong(line))?;
        let place = place.trim().parse().map_err(|_| wrong(line))?;
        let place = arguments.place("rule_data", place, places)?;
        for range in slots.split(',').map(str::trim).filter(|r| !r.is_empty()) {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let first: usize = first.trim().parse().map_err(|_| wrong(line))?;
            let last: usize = last.trim().parse().map_err(|_| wrong(line))?;
            ranges.push((first, last, place));
        }
    }
    ranges.sort_unstable();
    let mut next = 0;
    for (first, last, _) in &ranges {
        if *first != next || last < first {
            return Err(
                arguments.refused("rule_data", format!("must give slot {next} to one shard"))
            );
        }
        next = last + 1;
    }
    if next != SLOTS {
        let last = SLOTS - 1;
        return Err(arguments.refused("rule_data", format!("must end with slot {last}")));
    }
    Ok(ranges
        .into_iter()
        .map(|(first, _, place)| (first, place))
        .collect())
}

impl Algorithm for Crc32Slot {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        let slot = crc32fast::hash(text.as_bytes()) as usize % SLOTS;
        let behind = self.slots.partition_point(|(first, _)| *first <= slot);
        let range = behind.checked_sub(1).and_then(|at| self.slots.get(at));
        range
            .map(|(_, place)| *place)
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

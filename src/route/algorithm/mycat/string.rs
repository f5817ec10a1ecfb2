//! `mycat_partition_by_string`: the hash of a part of the text picks a segment
//! (`PartitionByString`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::segments::Segments;
use super::text;
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_partition_by_string";

/// As in Mycat, if neither parameter is given: the first eight characters.
const DEFAULT_SLICE: (i64, i64) = (0, 8);

#[derive(Debug)]
struct ByString {
    segments: Segments,
    /// From where to where, in UTF-16 units; negative ones, and an end of 0, count from the end.
    slice: (i64, i64),
    spelling: Spelling,
}

/// Takes `partition_count`, `partition_length`, and `hash_slice` (`"2"`, `"1:-1"`, `"-4:"`) or
/// `hash_length`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = [
        "partition_count",
        "partition_length",
        "hash_slice",
        "hash_length",
    ];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let slice = match (
        arguments.written("hash_slice")?,
        arguments.written("hash_length")?,
    ) {
        (None, None) => DEFAULT_SLICE,
        (Some(written), None) | (None, Some(written)) => {
            let wrong = || arguments.refused("hash_slice", "must be such as \"0:8\", \"-4:\" or 2");
            slice(&written).ok_or_else(wrong)?
        }
        _ => return Err(arguments.refused("hash_length", "says the same as hash_slice: give one")),
    };
    Ok(Box::new(ByString {
        segments: Segments::read(&arguments, &setting)?,
        slice,
        spelling: Spelling::of(NAME, &setting, Case::Matters)?,
    }))
}

fn slice(written: &str) -> Option<(i64, i64)> {
    let number = |text: &str| text.trim().parse::<i32>().ok().map(i64::from);
    let end = |text: &str| match text.trim() {
        "" => Some(0),
        text => number(text),
    };
    match written.split_once(':') {
        Some((start, stop)) => Some((end(start)?, end(stop)?)),
        None => match number(written)? {
            length @ 0.. => Some((0, length)),
            from => Some((from, 0)),
        },
    }
}

impl Algorithm for ByString {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        let place = self.segments.place(hash(&text, self.slice));
        place.ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

/// Java's string hash, but of 64 bits.
fn hash(text: &str, (start, end): (i64, i64)) -> i64 {
    let length = text.encode_utf16().count() as i64;
    let start = if start < 0 { length + start } else { start }.max(0);
    let end = if end > 0 { end } else { length + end }.min(length);
    let taken = (end - start).max(0) as usize;
    let units = text.encode_utf16().skip(start as usize).take(taken);
    units.fold(0i64, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i64::from(unit))
    })
}

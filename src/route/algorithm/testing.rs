//! What the tests of all algorithms need.

use std::borrow::Cow;

use super::{Algorithm, AlgorithmError, build};
use crate::route::NodeSet;
use crate::topology::{AlgorithmSpec, Folding, KeyCollation, KeyType};
use crate::value::{CalendarDate, KeyValue};

/// A VARCHAR key with this folding.
pub(super) fn text_key(folding: Folding) -> KeyType {
    let name = match folding {
        Folding::AsciiCase => "utf8mb4_0900_ai_ci",
        _ => "utf8mb4_bin",
    };
    KeyType::Text {
        fixed: false,
        length: 255,
        collation: KeyCollation {
            name: name.to_owned(),
            charset: "utf8mb4".to_owned(),
            pad_space: true,
            folding,
        },
    }
}

/// An algorithm with parameters in TOML, for a key of one column.
pub(super) fn try_build(
    name: &str,
    places: usize,
    params: &str,
    key_type: KeyType,
) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let spec = AlgorithmSpec {
        name: name.to_owned(),
        params: params.parse().unwrap(),
    };
    build(&spec, places, &[key_type])
}

/// The same, whose setting is right.
pub(super) fn made(
    name: &str,
    places: usize,
    params: &str,
    key_type: KeyType,
) -> Box<dyn Algorithm> {
    try_build(name, places, params, key_type).unwrap()
}

/// -1: no place.
pub(super) fn place(algorithm: &dyn Algorithm, key: KeyValue<'_>) -> i32 {
    algorithm.place(&[key]).map_or(-1, |place| place as i32)
}

/// A string key.
pub(super) const fn text(text: &str) -> KeyValue<'_> {
    KeyValue::Bytes(Cow::Borrowed(text.as_bytes()))
}

/// `2026-01-02`
pub(super) fn day(written: &str) -> CalendarDate {
    let parts: Vec<u16> = written
        .split('-')
        .map(|part| part.parse().unwrap())
        .collect();
    CalendarDate {
        year: parts[0],
        month: parts[1] as u8,
        day: parts[2] as u8,
    }
}

/// `2026-01-02 03:04:05`
pub(super) fn datetime(written: &str) -> KeyValue<'static> {
    let (date, time) = written.split_once(' ').unwrap();
    let parts: Vec<u64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    KeyValue::DateTime {
        date: day(date),
        micros: (parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1_000_000,
    }
}

/// A set of places.
pub(super) fn set(places: impl IntoIterator<Item = usize>) -> NodeSet {
    let mut set = NodeSet::Empty;
    places.into_iter().for_each(|place| set.insert(place));
    set
}

//! Mycat's map files: lines `key=place`, where a key may be a range `first-last`. Their text stands
//! in the configuration.

use super::super::arguments::Arguments;
use super::super::{AlgorithmError, Setting};

/// Values from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) place: usize,
}

/// How a map writes numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Digits only.
    Plain,
    /// `5K` is 5000, `5M` is 50000 (ten thousand, the Chinese wan), `5M1` is 50001.
    Short,
}

/// The lines that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//"))
}

/// Lines `key=number`; none without the parameter.
pub(super) fn entries<'a>(
    arguments: &Arguments<'a>,
    param: &'static str,
) -> Result<Vec<(&'a str, i64)>, AlgorithmError> {
    lines(arguments.text(param)?.unwrap_or_default())
        .map(|line| {
            let entry = line.split_once('=');
            let entry =
                entry.and_then(|(key, place)| Some((key.trim(), place.trim().parse().ok()?)));
            entry.ok_or_else(|| {
                arguments.refused(
                    param,
                    format!("has the line '{line}', which is not understood"),
                )
            })
        })
        .collect()
}

/// The ranges of a rule's `map`, in its order: the first that holds a value counts.
pub(super) fn ranges(
    arguments: &Arguments<'_>,
    setting: &Setting<'_>,
    numbers: Numbers,
) -> Result<Vec<Range>, AlgorithmError> {
    arguments.needed("map", arguments.text("map")?)?;
    let mut ranges = Vec::new();
    for (key, at) in entries(arguments, "map")? {
        let range = key.split_once('-');
        let range = range.and_then(|(first, last)| {
            Some((
                number(first.trim(), numbers)?,
                number(last.trim(), numbers)?,
            ))
        });
        let (first, last) = range.ok_or_else(|| {
            arguments.refused(
                "map",
                format!("has '{key}', which is no range such as 0-500"),
            )
        })?;
        let place = arguments.place("map", at, setting.places)?;
        ranges.push(Range { first, last, place });
    }
    Ok(ranges)
}

/// The place of the first range that holds the value.
pub(super) fn find(ranges: &[Range], value: i64) -> Option<usize> {
    let holds = |range: &&Range| (range.first..=range.last).contains(&value);
    ranges.iter().find(holds).map(|range| range.place)
}

/// `default_node`: where values go that no range holds. Mycat takes a negative number as none.
pub(super) fn default_node(
    arguments: &Arguments<'_>,
    setting: &Setting<'_>,
) -> Result<Option<usize>, AlgorithmError> {
    let node = arguments.whole("default_node")?.filter(|at| *at >= 0);
    node.map(|at| arguments.place("default_node", at, setting.places))
        .transpose()
}

fn number(text: &str, numbers: Numbers) -> Option<i64> {
    let text = text.to_ascii_uppercase();
    let short = match numbers {
        Numbers::Plain => None,
        Numbers::Short => text
            .split_once('M')
            .map(|parts| (10_000, parts))
            .or_else(|| text.split_once('K').map(|parts| (1_000, parts))),
    };
    let Some((unit, (whole, rest))) = short else {
        return text.parse().ok();
    };
    let whole = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    if rest.is_empty() {
        return Some(whole);
    }
    whole.checked_add(rest.parse().ok()?)
}

//! `range`: stretches of keys, each with its place.

use std::ops::Bound;

use toml::Value;

use super::setting_value::{keeps_order, key_value};
use super::{Algorithm, AlgorithmError, Setting, only, params};
use crate::route::NodeSet;
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue};

/// Keeps neighbouring keys together; the last place can be cut without moving the others' keys.
#[derive(Debug)]
pub struct Range {
    /// Where each stretch but the first begins, ascending: stretch `n` is from start `n - 1` to
    /// before start `n`.
    starts: Vec<KeyValue<'static>>,
    /// The place of each stretch, one more than `starts`; `None`: keys there have none.
    stretches: Vec<Option<usize>>,
    /// The servers order the column as keys are ordered here.
    ordered: bool,
}

/// One of the configured ranges.
struct Piece {
    /// `None`: it has no lower end.
    from: Option<KeyValue<'static>>,
    /// Not part of it; `None`: it has no upper end.
    to: Option<KeyValue<'static>>,
    place: usize,
    /// The ends as written, for messages.
    shown: String,
}

const BOUNDS_FORM: &str = "bounds = [1000, 2000]";
const RANGES_FORM: &str = "ranges = [{ from = 0, to = 1000, shard = 0 }]";

impl Range {
    const NAME: &'static str = "range";

    /// Takes `bounds`, where each place but the first begins, or `ranges` with their places.
    ///
    /// # Errors
    /// A parameter is unknown or wrong, there are gaps or overlaps, or the key column cannot hold
    /// a bound.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        params::only(Self::NAME, setting.params, &["bounds", "ranges"])?;
        let key_type = setting.key_type(Self::NAME)?;
        let (bounds, ranges) = (setting.params.get("bounds"), setting.params.get("ranges"));
        let (starts, stretches) = match (bounds, ranges) {
            (Some(bounds), None) => Self::bounds(bounds, setting.places, key_type)?,
            (None, Some(ranges)) => Self::ranges(ranges, setting.places, key_type)?,
            _ => {
                let reason = format!("write either {BOUNDS_FORM} or {RANGES_FORM}");
                return Err(params::wrong(Self::NAME, reason));
            }
        };
        Ok(Box::new(Self {
            starts,
            stretches,
            ordered: keeps_order(key_type),
        }))
    }

    fn bounds(written: &Value, places: usize, key_type: &KeyType) -> Result<Parts, AlgorithmError> {
        let written = params::list(Self::NAME, "bounds", written, BOUNDS_FORM)?;
        if written.len() + 1 != places {
            let (bounds, made) = (written.len(), written.len() + 1);
            let reason = format!("{bounds} bounds make {made} places, but there are {places}");
            return Err(params::wrong(Self::NAME, reason));
        }
        let bounds = written.iter();
        let bounds = bounds.map(|bound| key_value(Self::NAME, "a bound", bound, key_type));
        let starts = bounds.collect::<Result<Vec<_>, _>>()?;
        if let Some([low, high]) = starts.array_windows().find(|[low, high]| low >= high) {
            let reason = format!("the bounds must ascend, but {high} follows {low}");
            return Err(params::wrong(Self::NAME, reason));
        }
        Ok((starts, (0..places).map(Some).collect()))
    }

    fn ranges(written: &Value, places: usize, key_type: &KeyType) -> Result<Parts, AlgorithmError> {
        let written = params::list(Self::NAME, "ranges", written, RANGES_FORM)?;
        let pieces = written.iter();
        let pieces = pieces.map(|piece| Piece::read(piece, places, key_type));
        let mut pieces = pieces.collect::<Result<Vec<_>, _>>()?;
        pieces.sort_by(|a, b| a.from.cmp(&b.from));
        if let Some([low, high]) = pieces
            .array_windows()
            .find(|[low, high]| low.to.is_none() || low.to != high.from)
        {
            let wrong = match (&low.to, &high.from) {
                (Some(end), Some(begin)) if end < begin => "leave a gap",
                _ => "overlap",
            };
            let reason = format!("the ranges {} and {} {wrong}", low.shown, high.shown);
            return Err(params::wrong(Self::NAME, reason));
        }
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Err(params::wrong(Self::NAME, "there is no range"));
        };
        let mut stretches = Vec::with_capacity(pieces.len() + 2);
        stretches.extend(first.from.is_some().then_some(None));
        stretches.extend(pieces.iter().map(|piece| Some(piece.place)));
        stretches.extend(last.to.is_some().then_some(None));
        let last = last.to.clone();
        let starts = pieces.into_iter().filter_map(|piece| piece.from);
        Ok((starts.chain(last).collect(), stretches))
    }

    /// The stretch that a key lies in.
    fn stretch(&self, key: &KeyValue<'_>) -> usize {
        self.starts.partition_point(|start| start <= key)
    }
}

/// [`Range::starts`] and [`Range::stretches`].
type Parts = (Vec<KeyValue<'static>>, Vec<Option<usize>>);

impl Piece {
    fn read(written: &Value, places: usize, key_type: &KeyType) -> Result<Self, AlgorithmError> {
        const NAME: &str = Range::NAME;
        let Some(table) = written.as_table() else {
            let reason = format!("{written} is no range: write {RANGES_FORM}");
            return Err(params::wrong(NAME, reason));
        };
        params::only(NAME, table, &["from", "to", "shard", "table"])?;
        let end = |name: &str| {
            let value = table.get(name);
            value.map(|value| key_value(NAME, name, value, key_type))
        };
        let (from, to) = (end("from").transpose()?, end("to").transpose()?);
        let shown = shown(from.as_ref(), to.as_ref());
        if matches!((&from, &to), (Some(from), Some(to)) if from >= to) {
            let reason = format!("the range {shown} is empty");
            return Err(params::wrong(NAME, reason));
        }
        let place = match (table.get("shard"), table.get("table")) {
            (Some(place), None) | (None, Some(place)) => place,
            _ => {
                let reason = format!("the range {shown} needs either a shard or a table");
                return Err(params::wrong(NAME, reason));
            }
        };
        let place = params::place(NAME, "the place of a range", place, places)?;
        Ok(Self {
            from,
            to,
            place,
            shown,
        })
    }
}

fn shown(from: Option<&KeyValue<'_>>, to: Option<&KeyValue<'_>>) -> String {
    let end = |end: Option<&KeyValue<'_>>| end.map(KeyValue::to_string).unwrap_or_default();
    format!("{}..{}", end(from), end(to))
}

impl Algorithm for Range {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let key = only(Self::NAME, key)?;
        let place = self.stretches.get(self.stretch(key)).copied().flatten();
        place.ok_or_else(|| AlgorithmError::NoPlaceFor {
            algorithm: Self::NAME,
            value: key.to_string(),
            reason: "no range holds it".to_owned(),
        })
    }

    /// Keys outside all ranges may lie anywhere.
    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        if !self.ordered {
            return NodeSet::All;
        }
        let first = match &range.lower {
            Bound::Included(key) | Bound::Excluded(key) => self.stretch(key),
            Bound::Unbounded => 0,
        };
        let last = match &range.upper {
            Bound::Included(key) => self.stretch(key),
            Bound::Excluded(key) => self.starts.partition_point(|start| start < key),
            Bound::Unbounded => self.starts.len(),
        };
        let mut set = NodeSet::Empty;
        for stretch in self.stretches.iter().take(last + 1).skip(first) {
            match stretch {
                Some(place) => set.insert(*place),
                None => return NodeSet::All,
            }
        }
        set
    }
}

//! Keyspace ids, and the ranges of them that the shards have.

use std::fmt::Debug;

use smallvec::SmallVec;

use super::super::arguments::Arguments;
use super::super::{Algorithm, AlgorithmError, Setting, only};
use crate::topology::KeyType;
use crate::value::KeyValue;

/// What a vindex makes of a key. Ids compare as bytes; zero bytes at the end do not count.
pub(super) type KeyspaceId = SmallVec<[u8; 16]>;

/// A vindex.
pub(super) trait Vindex: Debug + Send + Sync + Sized + 'static {
    /// Its name in the configuration.
    const NAME: &'static str;

    /// For keys of one column.
    ///
    /// # Errors
    /// The vindex does not work on keys of this type.
    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError>;

    /// The id of a key; `None` where it has none, or is not certain.
    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId>;
}

#[derive(Debug)]
struct Placed<V> {
    vindex: V,
    ranges: KeyRanges,
}

/// Takes `shards`: the shards' names in Vitess (`["-80", "80-"]`), in the order of the schema's
/// shards. Without it: the ranges that Vitess generates for so many shards.
pub(super) fn build<V: Vindex>(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(V::NAME, setting.params, &["shards"])?;
    let ranges = match arguments.texts("shards")? {
        Some(names) => KeyRanges::named(&arguments, &names, setting.places)?,
        None => KeyRanges::generated(setting.places).ok_or_else(|| {
            arguments.refused("shards", "is needed: Vitess generates up to 65536 shards")
        })?,
    };
    let vindex = V::new(&setting)?;
    Ok(Box::new(Placed { vindex, ranges }))
}

impl<V: Vindex> Algorithm for Placed<V> {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let id = self.vindex.keyspace_id(only(V::NAME, key)?);
        let place = id.and_then(|id| self.ranges.find(&id));
        place.ok_or(AlgorithmError::NoPlace { algorithm: V::NAME })
    }
}

/// That the key is an integer.
pub(super) fn integer_key(
    algorithm: &'static str,
    setting: &Setting<'_>,
) -> Result<(), AlgorithmError> {
    match setting.key_type(algorithm)? {
        KeyType::Integer { .. } => Ok(()),
        _ => Err(AlgorithmError::KeyType {
            algorithm,
            needs: "an integer key",
        }),
    }
}

/// A key that is not negative.
pub(super) fn unsigned(key: &KeyValue<'_>) -> Option<u64> {
    match key {
        KeyValue::Int(value) => u64::try_from(*value).ok(),
        _ => None,
    }
}

/// Where each shard's range begins, ascending, and its place. Together they take all ids.
#[derive(Debug)]
pub(super) struct KeyRanges(Vec<(Vec<u8>, usize)>);

impl KeyRanges {
    fn named(
        arguments: &Arguments<'_>,
        names: &[&str],
        places: usize,
    ) -> Result<Self, AlgorithmError> {
        let refused = |reason: String| arguments.refused("shards", reason);
        if names.len() != places {
            let given = names.len();
            return Err(refused(format!(
                "must name all {places} shards, not {given}"
            )));
        }
        let mut ranges = Vec::with_capacity(places);
        for (place, name) in names.iter().enumerate() {
            let range = if *name == "0" { "-" } else { name }.split_once('-');
            let range = range.and_then(|(start, end)| Some((bytes(start)?, bytes(end)?)));
            let (start, end) = range
                .ok_or_else(|| refused(format!("has '{name}', which is no range such as 40-80")))?;
            ranges.push((start, end, place));
        }
        ranges.sort_unstable();
        let mut next = Some(Vec::new());
        for (start, end, place) in &ranges {
            if next.as_ref() != Some(start) {
                let name = names.get(*place).unwrap_or(&"");
                return Err(refused(format!(
                    "has '{name}', which leaves a gap or overlaps another"
                )));
            }
            next = (!end.is_empty()).then(|| end.clone());
        }
        if next.is_some() {
            return Err(refused("must reach to the end, such as 80-".to_owned()));
        }
        Ok(Self(
            ranges
                .into_iter()
                .map(|(start, _, place)| (start, place))
                .collect(),
        ))
    }

    /// As `GenerateShardRanges` makes them; `None` for more shards than it makes.
    pub(super) fn generated(shards: usize) -> Option<Self> {
        let (width, all) = match shards {
            1..=256 => (1, 256.0),
            257..=65_536 => (2, 65_536.0),
            _ => return None,
        };
        let size: f64 = all / shards as f64;
        let start = |place: usize| {
            let first = (place as f64 * size) as u16;
            let bytes = first.to_be_bytes();
            let start = bytes.get(bytes.len() - width..).unwrap_or_default();
            (normalized(start).to_vec(), place)
        };
        Some(Self((0..shards).map(start).collect()))
    }

    /// The place of the shard whose range holds the id.
    pub(super) fn find(&self, id: &[u8]) -> Option<usize> {
        let id = normalized(id);
        let behind = self.0.partition_point(|(start, _)| start.as_slice() <= id);
        let range = self.0.get(behind.checked_sub(1)?);
        range.map(|(_, place)| *place)
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(hex).ok()?;
    Some(normalized(&bytes).to_vec())
}

fn normalized(id: &[u8]) -> &[u8] {
    let end = id.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
    id.get(..end).unwrap_or(id)
}

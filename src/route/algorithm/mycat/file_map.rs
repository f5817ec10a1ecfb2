//! `mycat_hash_int`: each value has its place in a map (`PartitionByFileMap`).

use std::collections::HashMap;

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::{map, text};
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_hash_int";

/// The text under which Mycat keeps the default; a map file may have it, too.
const DEFAULT_NODE: &str = "DEFAULT_NODE";

#[derive(Debug)]
struct FileMap {
    places: Places,
    default_node: Option<usize>,
    spelling: Spelling,
}

#[derive(Debug)]
enum Places {
    /// `type = 0`: numbers of 32 bits.
    Numbers(HashMap<i32, usize>),
    /// Any other type; the default is among them.
    Texts(HashMap<String, usize>),
}

/// Takes `map` (the text of Mycat's map file), `type` (0 for numbers, else texts; 0 if not given)
/// and `default_node`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(NAME, setting.params, &["map", "type", "default_node"])?;
    arguments.needed("map", arguments.text("map")?)?;
    let entries = map::entries(&arguments, "map")?;
    let entries = entries
        .into_iter()
        .map(|(key, at)| Ok((key, arguments.place("map", at, setting.places)?)))
        .collect::<Result<Vec<_>, _>>()?;
    let default_node = map::default_node(&arguments, &setting)?;
    let places = if arguments.whole("type")?.unwrap_or(0) == 0 {
        let number = |(key, place): (&str, usize)| {
            let wrong =
                || arguments.refused("map", format!("has '{key}', which is no number of 32 bits"));
            Ok((key.parse().map_err(|_| wrong())?, place))
        };
        Places::Numbers(entries.into_iter().map(number).collect::<Result<_, _>>()?)
    } else {
        let owned = |(key, place): (&str, usize)| (key.to_owned(), place);
        let mut places: HashMap<String, usize> = entries.into_iter().map(owned).collect();
        places.extend(default_node.map(|place| (DEFAULT_NODE.to_owned(), place)));
        Places::Texts(places)
    };
    let case = match places {
        Places::Numbers(_) => Case::Ignored,
        Places::Texts(_) => Case::Matters,
    };
    Ok(Box::new(FileMap {
        places,
        default_node,
        spelling: Spelling::of(NAME, &setting, case)?,
    }))
}

impl Algorithm for FileMap {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        let no_place = AlgorithmError::NoPlace { algorithm: NAME };
        let place = match &self.places {
            Places::Texts(places) => {
                let place = places.get(text.as_ref());
                place.or_else(|| places.get(DEFAULT_NODE)).copied()
            }
            Places::Numbers(places) => match text.parse::<i32>() {
                Ok(number) => places.get(&number).copied().or(self.default_node),
                Err(_) => None,
            },
        };
        place.ok_or(no_place)
    }
}

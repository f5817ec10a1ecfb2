//! `list`: named values, each with its place.

use std::ops::Bound;

use toml::Value;

use super::setting_value::{keeps_order, key_value};
use super::{Algorithm, AlgorithmError, Setting, only, params};
use crate::route::NodeSet;
use crate::value::{KeyRange, KeyValue};

/// For keys of few values: countries, tenants, kinds.
#[derive(Debug)]
pub struct List {
    /// Every listed key and its place, in the order of the keys.
    listed: Vec<(KeyValue<'static>, usize)>,
    /// The place of all other keys; `None`: they have none.
    default: Option<usize>,
    /// The servers order the column as keys are ordered here.
    ordered: bool,
}

const VALUES_FORM: &str = "values = { eu = 0, us = 1 }";
const LISTS_FORM: &str = "lists = [[\"de\", \"fr\"], [\"us\"]]";

impl List {
    const NAME: &'static str = "list";

    /// Takes `values` with their places, or `lists` of values, one per place; and `default`, the
    /// place of every other value.
    ///
    /// # Errors
    /// A parameter is unknown or wrong, the key column cannot hold a value, or holds two of them
    /// equal.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        params::only(Self::NAME, setting.params, &["values", "lists", "default"])?;
        let key_type = setting.key_type(Self::NAME)?;
        let places = setting.places;
        let (values, lists) = (setting.params.get("values"), setting.params.get("lists"));
        let written = match (values, lists) {
            (Some(values), None) => Self::values(values, places)?,
            (None, Some(lists)) => Self::lists(lists, places)?,
            _ => {
                let reason = format!("write either {VALUES_FORM} or {LISTS_FORM}");
                return Err(params::wrong(Self::NAME, reason));
            }
        };
        let mut listed = Vec::with_capacity(written.len());
        for (value, place) in written {
            listed.push((key_value(Self::NAME, "a value", &value, key_type)?, place));
        }
        listed.sort();
        if let Some([(twice, _), _]) = listed.array_windows().find(|[a, b]| a.0 == b.0) {
            let reason = format!("{twice} is listed twice, as the key column compares values");
            return Err(AlgorithmError::SettingValue {
                algorithm: Self::NAME,
                reason,
            });
        }
        let default = setting.params.get("default");
        let default = default.map(|place| params::place(Self::NAME, "default", place, places));
        Ok(Box::new(Self {
            listed,
            default: default.transpose()?,
            ordered: keeps_order(key_type),
        }))
    }

    fn values(written: &Value, places: usize) -> Result<Vec<(Value, usize)>, AlgorithmError> {
        let Some(table) = written.as_table() else {
            let reason = format!("values is no table: write {VALUES_FORM}");
            return Err(params::wrong(Self::NAME, reason));
        };
        let values = table.iter().map(|(value, place)| {
            let what = format!("the place of \"{value}\"");
            let place = params::place(Self::NAME, &what, place, places)?;
            Ok((Value::String(value.clone()), place))
        });
        values.collect()
    }

    fn lists(written: &Value, places: usize) -> Result<Vec<(Value, usize)>, AlgorithmError> {
        let lists = params::list(Self::NAME, "lists", written, LISTS_FORM)?;
        if lists.len() != places {
            let count = lists.len();
            let reason = format!("{count} lists for {places} places: write one for each");
            return Err(params::wrong(Self::NAME, reason));
        }
        let mut values = Vec::new();
        for (place, list) in lists.iter().enumerate() {
            let list = params::list(Self::NAME, "one of the lists", list, LISTS_FORM)?;
            values.extend(list.iter().map(|value| (value.clone(), place)));
        }
        Ok(values)
    }
}

impl Algorithm for List {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let key = only(Self::NAME, key)?;
        let found = self.listed.binary_search_by(|(listed, _)| listed.cmp(key));
        let listed = found.ok().and_then(|at| self.listed.get(at));
        let place = listed.map(|(_, place)| *place).or(self.default);
        place.ok_or_else(|| AlgorithmError::NoPlaceFor {
            algorithm: Self::NAME,
            value: key.to_string(),
            reason: "it is not listed, and there is no default".to_owned(),
        })
    }

    /// Keys that are not listed may lie anywhere where there is no default.
    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        if !self.ordered {
            return NodeSet::All;
        }
        let below = |key: &KeyValue<'_>| match &range.lower {
            Bound::Included(lower) => key < lower,
            Bound::Excluded(lower) => key <= lower,
            Bound::Unbounded => false,
        };
        let above = |key: &KeyValue<'_>| match &range.upper {
            Bound::Included(upper) => key > upper,
            Bound::Excluded(upper) => key >= upper,
            Bound::Unbounded => false,
        };
        let from = self.listed.partition_point(|(key, _)| below(key));
        let within = self.listed.iter().skip(from);
        let mut count = 0;
        let mut set = NodeSet::Empty;
        for (_, place) in within.take_while(|(key, _)| !above(key)) {
            count += 1;
            set.insert(*place);
        }
        match self.default {
            _ if integers(range) == Some(count) => {}
            Some(default) => set.insert(default),
            None => return NodeSet::All,
        }
        set
    }
}

/// How many integers a range holds; `None` for other ranges, and for ones without an end.
fn integers(range: &KeyRange<'_>) -> Option<i128> {
    let (first, last) = match (&range.lower, &range.upper) {
        (Bound::Included(KeyValue::Int(n)), upper) => (*n, upper),
        (Bound::Excluded(KeyValue::Int(n)), upper) => (n.checked_add(1)?, upper),
        _ => return None,
    };
    let last = match last {
        Bound::Included(KeyValue::Int(n)) => *n,
        Bound::Excluded(KeyValue::Int(n)) => n.checked_sub(1)?,
        _ => return None,
    };
    Some(last.checked_sub(first)?.checked_add(1)?.max(0))
}

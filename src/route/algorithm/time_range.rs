//! `time_range`: a place for each period of time, counted from a start.

use std::ops::Bound;

use super::{Algorithm, AlgorithmError, Setting, only, params};
use crate::config::{PERIOD_PARAMS, periods};
use crate::route::NodeSet;
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue, Micros, PeriodUnit, Periods, moment};

/// Keeps what happened together in one place.
#[derive(Debug)]
pub struct TimeRange {
    periods: Periods,
    /// Integer keys: microseconds in one; 0 for keys that are dates.
    tick: i64,
    places: Places,
}

/// Which places the periods have.
#[derive(Debug)]
enum Places {
    /// The first periods have one each.
    First(usize),
    /// One each, again from the first place behind the last.
    Around(usize),
    /// Those with these numbers have one each, ascending.
    Some(Vec<usize>),
}

const EPOCHS: [(&str, i64); 2] = [("seconds", 1_000_000), ("milliseconds", 1_000)];

impl TimeRange {
    const NAME: &'static str = "time_range";

    /// Takes `unit`, `every` and `start`; `epoch` for integer keys; `cycle` to use places again.
    ///
    /// # Errors
    /// A parameter is unknown or wrong, or the key is no moment.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        let cycle = match setting.params.get("cycle") {
            None => false,
            Some(cycle) => cycle.as_bool().ok_or_else(|| {
                let reason = format!("cycle cannot be {cycle}: write true or false");
                params::wrong(Self::NAME, reason)
            })?,
        };
        let places = match setting.present {
            Some(_) if cycle => {
                let reason = "with tables by period there is no cycle".to_owned();
                return Err(params::wrong(Self::NAME, reason));
            }
            Some(present) => Places::Some(present.to_vec()),
            None if cycle => Places::Around(setting.places),
            None => Places::First(setting.places),
        };
        let [unit, every, start] = PERIOD_PARAMS;
        let known = [unit, every, start, "epoch", "cycle"];
        params::only(Self::NAME, setting.params, &known)?;
        let wrong = |reason| params::wrong(Self::NAME, reason);
        let periods = periods(setting.params).map_err(wrong)?;
        Ok(Box::new(Self {
            periods,
            tick: Self::tick(&setting, periods.unit())?,
            places,
        }))
    }

    /// See [`TimeRange::tick`].
    fn tick(setting: &Setting<'_>, unit: PeriodUnit) -> Result<i64, AlgorithmError> {
        let epoch = setting.params.get("epoch");
        let needs = |needs| AlgorithmError::KeyType {
            algorithm: Self::NAME,
            needs,
        };
        match (setting.key_type(Self::NAME)?, epoch) {
            (KeyType::Integer { .. }, None) => Err(needs(
                "epoch = \"seconds\" or \"milliseconds\" for an integer key",
            )),
            (KeyType::Integer { .. }, Some(epoch)) => {
                let word = epoch.as_str().unwrap_or_default();
                let found = EPOCHS.iter().find(|(name, _)| *name == word);
                found.map(|(_, tick)| *tick).ok_or_else(|| {
                    let reason =
                        format!("epoch cannot be {epoch}: one of \"seconds\", \"milliseconds\"");
                    params::wrong(Self::NAME, reason)
                })
            }
            (KeyType::Date, None) if unit == PeriodUnit::Hour => {
                Err(needs("a DATETIME or integer key for unit = \"hour\""))
            }
            (KeyType::Date | KeyType::DateTime { .. }, None) => Ok(0),
            (_, Some(_)) => Err(needs("an integer key for `epoch`")),
            _ => Err(needs("a DATE, DATETIME or integer key")),
        }
    }

    /// The moment that a key stands for; `None` for one beyond reckoning.
    fn moment(&self, key: &KeyValue<'_>) -> Option<Micros> {
        match key {
            KeyValue::Int(value) => i64::try_from(*value).ok()?.checked_mul(self.tick),
            KeyValue::Date(date) => moment(*date, 0),
            KeyValue::DateTime { date, micros } => moment(*date, *micros),
            KeyValue::Decimal { .. } | KeyValue::Bytes(_) => None,
        }
    }

    fn no_place(&self, key: &KeyValue<'_>, period: Option<i64>) -> AlgorithmError {
        let begin = |number| self.periods.begin(number);
        let shown = |number| begin(number).map_or("far away".to_owned(), |b| b.to_string());
        let last = match &self.places {
            Places::First(places) | Places::Around(places) => places.checked_sub(1),
            Places::Some(present) => present.last().copied(),
        };
        let last = last.and_then(|last| i64::try_from(last).ok());
        let reason = match (period, last) {
            (None, _) => "it is no moment of the years 1 to 9999".to_owned(),
            (Some(period), _) if period < 0 => {
                format!("it is before the first period, {}", shown(0))
            }
            (Some(period), Some(last)) if period > last => format!(
                "its period, {}, is beyond the last one, {}",
                shown(period),
                shown(last)
            ),
            (Some(period), _) => format!("its period, {}, has no table", shown(period)),
        };
        AlgorithmError::NoPlaceFor {
            algorithm: Self::NAME,
            value: key.to_string(),
            reason,
        }
    }
}

impl Places {
    fn of(&self, period: usize) -> Option<usize> {
        match self {
            Self::First(places) => (period < *places).then_some(period),
            Self::Around(places) => period.checked_rem(*places),
            Self::Some(present) => present.binary_search(&period).ok(),
        }
    }

    /// The places of the periods from one to another, or without end.
    fn between(&self, first: usize, last: Option<usize>) -> NodeSet {
        let (from, behind) = match self {
            Self::First(places) => (first, last.map_or(*places, |last| *places.min(&(last + 1)))),
            Self::Around(places) => {
                return match last {
                    Some(last) if last < first => NodeSet::Empty,
                    Some(last) if last - first + 1 < *places => {
                        let mut set = NodeSet::Empty;
                        (first..=last).for_each(|period| set.insert(period % places));
                        set
                    }
                    _ => NodeSet::All,
                };
            }
            Self::Some(present) => {
                let from = present.partition_point(|period| *period < first);
                let last = last.map(|last| present.partition_point(|period| *period <= last));
                (from, last.unwrap_or(present.len()))
            }
        };
        NodeSet::from_sorted((from..behind).collect())
    }
}

impl Algorithm for TimeRange {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let key = only(Self::NAME, key)?;
        let moment = self.moment(key);
        let period = moment.and_then(|moment| self.periods.number(moment));
        let place = period.and_then(|period| usize::try_from(period).ok());
        let place = place.and_then(|period| self.places.of(period));
        place.ok_or_else(|| self.no_place(key, period))
    }

    /// Keys before the start may lie anywhere. Keys beyond the last place do not add to a range
    /// that begins before them: they cannot be written.
    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let number = |moment: Option<Micros>| {
            let period = self.periods.number(moment?)?;
            usize::try_from(period).ok()
        };
        let first = match &range.lower {
            Bound::Included(key) | Bound::Excluded(key) => number(self.moment(key)),
            Bound::Unbounded => None,
        };
        let Some(first) = first else {
            return NodeSet::All;
        };
        let last = match &range.upper {
            Bound::Included(key) => number(self.moment(key)),
            Bound::Excluded(key) => number(self.moment(key).map(|moment| moment.saturating_sub(1))),
            Bound::Unbounded => None,
        };
        match self.places.between(first, last) {
            // No place has keys of such periods, or the range holds no key at all.
            NodeSet::Empty => NodeSet::All,
            places => places,
        }
    }
}

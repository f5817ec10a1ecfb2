//! `unit`, `every` and `start`: the periods that `time_range` counts.

use toml::Value;
use toml::value::Datetime;

use super::suggest;
use crate::value::{CalendarDate, PeriodUnit, Periods, moment};

const START_FORM: &str = "write start = \"2026-01-01\"";
const MOST_UNITS: i64 = 10_000;

/// The parameters that [`periods`] reads.
pub const PERIOD_PARAMS: [&str; 3] = ["unit", "every", "start"];

/// Reads an algorithm's parameters; others are left to the algorithm.
///
/// # Errors
/// What is missing or wrong, for the author of the file.
pub fn periods(params: &toml::Table) -> Result<Periods, String> {
    let unit = unit(params.get("unit"))?;
    let every = match params.get("every") {
        None => 1,
        Some(every) => {
            let number = every.as_integer().filter(|n| (1..=MOST_UNITS).contains(n));
            let number = number.and_then(|n| u32::try_from(n).ok());
            number.ok_or_else(|| format!("every cannot be {every}: from 1 to {MOST_UNITS}"))?
        }
    };
    let start = params.get("start");
    let start = start.ok_or_else(|| format!("the first period is missing: {START_FORM}"))?;
    let begins = read(start).ok_or_else(|| format!("start cannot be {start}: {START_FORM}"))?;
    Periods::new(unit, every, begins).map_err(|nearest| {
        let cure = match (nearest, unit) {
            (_, PeriodUnit::Week) => {
                "weeks begin on Monday; for others write unit = \"day\", every = 7".to_owned()
            }
            (Some(begin), _) => begin.date().map_or_else(String::new, |date| {
                format!("that period begins at {date} {:02}:00", begin.hour())
            }),
            (None, _) => START_FORM.to_owned(),
        };
        format!("start cannot be {start}: {cure}")
    })
}

fn unit(written: Option<&Value>) -> Result<PeriodUnit, String> {
    let names = PeriodUnit::NAMES.map(|(name, _)| name);
    let Some(written) = written else {
        return Err(format!("the unit is missing: one of {}", names.join(", ")));
    };
    let word = written.as_str().unwrap_or_default();
    let found = PeriodUnit::NAMES.iter().find(|(name, _)| *name == word);
    found.map(|(_, unit)| *unit).ok_or_else(|| {
        let help = suggest::instead(word, names).unwrap_or_default();
        format!("unit cannot be {written}: {help}")
    })
}

/// A date with or without a time, as a string or as TOML's own.
fn read(written: &Value) -> Option<i64> {
    let parsed = match written {
        Value::Datetime(parsed) => *parsed,
        Value::String(text) => text.parse::<Datetime>().ok()?,
        _ => return None,
    };
    let (date, None) = (parsed.date?, parsed.offset) else {
        return None;
    };
    let date = CalendarDate {
        year: date.year,
        month: date.month,
        day: date.day,
    };
    let micros = parsed.time.map_or(0, |time| {
        let hours = u64::from(time.hour);
        let seconds = (hours * 60 + u64::from(time.minute)) * 60;
        let seconds = seconds + u64::from(time.second.unwrap_or(0));
        seconds * 1_000_000 + u64::from(time.nanosecond.unwrap_or(0)) / 1000
    });
    moment(date, micros)
}

//! `shardingsphere_interval`: periods of the calendar, each with a name (`INTERVAL`).
//!
//! ShardingSphere finds a period's table by the end of its name. The shards here are in the order
//! in which these names come up first: with `sharding_suffix_pattern = "yyyyMM"` one for each month
//! from `datetime_lower` on, with `"MM"` one for each month of a year.

use super::super::super::NodeSet;
use super::super::arguments::Arguments;
use super::super::calendar::{DAY_MICROS, Moment};
use super::super::pattern::Pattern;
use super::super::{Algorithm, AlgorithmError, Setting, only, span};
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue};

pub(super) const NAME: &str = "shardingsphere_interval";

/// Most periods that are laid out.
const MOST_PERIODS: usize = 100_000;
/// A range that meets more periods than this is not narrowed: looking at them would cost too much.
const MOST_LISTED: usize = 1024;

#[derive(Debug)]
struct Interval {
    /// Each period's beginning and place, ascending.
    periods: Vec<(Moment, usize)>,
    /// Where the last period ends; `None` behind the calendar's end.
    end: Option<Moment>,
    /// The pattern has no time of day.
    whole_days: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Micros(i64),
    Months(i64),
}

/// Takes `datetime_pattern`, `datetime_lower`, `datetime_upper`, `sharding_suffix_pattern`,
/// `datetime_interval_amount` (1) and `datetime_interval_unit` (Days).
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = [
        "datetime_pattern",
        "datetime_lower",
        "datetime_upper",
        "sharding_suffix_pattern",
        "datetime_interval_amount",
        "datetime_interval_unit",
    ];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let pattern = pattern(&arguments, "datetime_pattern")?;
    if !pattern.has_date() || !(pattern.is_date_only() || pattern.has_time()) {
        let reason = "needs yyyy, MM, dd, and HH, mm, ss or none of these";
        return Err(arguments.refused("datetime_pattern", reason));
    }
    let date = |param| {
        let written = arguments.needed(param, arguments.text(param)?)?;
        let wrong = || arguments.refused(param, "is not written by datetime_pattern");
        pattern.read(written).ok_or_else(wrong)
    };
    let (lower, upper) = (date("datetime_lower")?, date("datetime_upper")?);
    let step = step(&arguments, pattern.is_date_only())?;
    let suffix = self::pattern(&arguments, "sharding_suffix_pattern")?;
    let (periods, end) = periods(&arguments, (lower, upper), step, &suffix)?;
    let places = periods.iter().map(|(_, place)| place + 1).max();
    arguments.enough("datetime_upper", places.unwrap_or(0), setting.places)?;
    match setting.key_type(NAME)? {
        KeyType::DateTime { .. } => {}
        KeyType::Date if pattern.is_date_only() => {}
        _ => {
            return Err(AlgorithmError::KeyType {
                algorithm: NAME,
                needs: "a DATETIME key, or DATE where datetime_pattern has no time",
            });
        }
    }
    Ok(Box::new(Interval {
        periods,
        end,
        whole_days: pattern.is_date_only(),
    }))
}

fn pattern(arguments: &Arguments<'_>, param: &'static str) -> Result<Pattern, AlgorithmError> {
    let written = arguments.needed(param, arguments.text(param)?)?;
    Pattern::parse(written).map_err(|why| arguments.refused(param, why))
}

fn step(arguments: &Arguments<'_>, whole_days: bool) -> Result<Step, AlgorithmError> {
    let amount = arguments.whole("datetime_interval_amount")?.unwrap_or(1);
    if !(1..=1_000_000).contains(&amount) {
        return Err(arguments.refused("datetime_interval_amount", "must be 1 to 1000000"));
    }
    let unit = arguments.text("datetime_interval_unit")?.unwrap_or("Days");
    let step = match unit.to_ascii_lowercase().as_str() {
        "seconds" => Step::Micros(1_000_000 * amount),
        "minutes" => Step::Micros(60_000_000 * amount),
        "hours" => Step::Micros(3_600_000_000 * amount),
        "days" => Step::Micros(DAY_MICROS * amount),
        "weeks" => Step::Micros(7 * DAY_MICROS * amount),
        "months" => Step::Months(amount),
        "years" => Step::Months(12 * amount),
        _ => {
            let reason = "must be Seconds, Minutes, Hours, Days, Weeks, Months or Years";
            return Err(arguments.refused("datetime_interval_unit", reason));
        }
    };
    match step {
        Step::Micros(micros) if whole_days && micros % DAY_MICROS != 0 => {
            let reason = "is shorter than a day, but datetime_pattern has no time";
            Err(arguments.refused("datetime_interval_unit", reason))
        }
        step => Ok(step),
    }
}

type Periods = (Vec<(Moment, usize)>, Option<Moment>);

fn periods(
    arguments: &Arguments<'_>,
    (lower, upper): (Moment, Moment),
    step: Step,
    suffix: &Pattern,
) -> Result<Periods, AlgorithmError> {
    let mut names = std::collections::HashMap::new();
    let mut periods = Vec::new();
    let mut next = Some(lower);
    while let Some(start) = next.filter(|start| *start <= upper) {
        if periods.len() == MOST_PERIODS {
            let reason = format!("is more than {MOST_PERIODS} periods behind datetime_lower");
            return Err(arguments.refused("datetime_upper", reason));
        }
        let fresh = names.len();
        let place = *names.entry(suffix.write(start)).or_insert(fresh);
        periods.push((start, place));
        next = match step {
            Step::Micros(micros) => start.plus_micros(micros),
            Step::Months(months) => start.plus_months(months),
        };
    }
    if periods.is_empty() {
        return Err(arguments.refused("datetime_upper", "must not be before datetime_lower"));
    }
    Ok((periods, next))
}

impl Algorithm for Interval {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let moment = Moment::of(only(NAME, key)?);
        let period = moment.and_then(|moment| self.period(moment));
        let period = period.and_then(|at| self.periods.get(at));
        period
            .map(|(_, place)| *place)
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let Some((lower, upper)) = span::moments(range) else {
            return NodeSet::All;
        };
        let first = lower.map_or(0, |moment| self.behind(moment).saturating_sub(1));
        let last = upper.map_or(self.periods.len(), |moment| self.behind(moment));
        if lower.is_some_and(|moment| self.is_after(moment)) {
            return NodeSet::Empty;
        }
        let periods = self.periods.get(first..last).unwrap_or_default();
        if periods.len() > MOST_LISTED {
            return NodeSet::All;
        }
        span::set(periods.iter().map(|(_, place)| *place))
    }
}

impl Interval {
    /// How many periods have begun.
    fn behind(&self, moment: Moment) -> usize {
        self.periods.partition_point(|(start, _)| {
            if self.whole_days {
                start.day_number() <= moment.day_number()
            } else {
                *start <= moment
            }
        })
    }

    fn is_after(&self, moment: Moment) -> bool {
        self.end.is_some_and(|end| end <= moment)
    }

    fn period(&self, moment: Moment) -> Option<usize> {
        if self.is_after(moment) {
            return None;
        }
        self.behind(moment).checked_sub(1)
    }
}

//! `mycat_partition_by_date`: so many days to a shard, or days of the month (`PartitionByDate`).
//!
//! Mycat counts milliseconds in its own time zone; this counts days as if all had 24 hours, which
//! is the same in zones without daylight saving time.

use super::super::super::NodeSet;
use super::super::arguments::Arguments;
use super::super::calendar::Moment;
use super::super::pattern::Pattern;
use super::super::{Algorithm, AlgorithmError, Setting, only, span};
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue};

pub(super) const NAME: &str = "mycat_partition_by_date";

const DAY_SECONDS: i64 = 86_400;
/// With fewer periods than this Mycat drops natural days.
const LEAST_NATURAL_DAYS: i64 = 28;

#[derive(Debug)]
struct ByDate {
    rule: Rule,
    /// The format has no time of day.
    whole_days: bool,
    places: usize,
}

#[derive(Debug)]
enum Rule {
    /// The day of the month.
    NaturalDay,
    Periods {
        /// Seconds since 1970.
        begin: i64,
        /// Seconds.
        length: i64,
        /// After so many periods the first shard's turn comes again; `None`: never.
        count: Option<i64>,
    },
}

/// Takes `date_format`, `s_begin_date`, `s_end_date`, `s_partion_day` and `s_natural_day`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = [
        "date_format",
        "s_begin_date",
        "s_end_date",
        "s_partion_day",
        "s_natural_day",
    ];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let pattern = date_format(&arguments, None)?;
    let natural = arguments.written("s_natural_day")?.as_deref() == Some("1");
    let begin = date(&arguments, &pattern, "s_begin_date")?;
    let end = date(&arguments, &pattern, "s_end_date")?;
    let rule = match (begin, end) {
        (Some(begin), _) if begin.seconds() < DAY_SECONDS => {
            return Err(arguments.refused("s_begin_date", "must be after 1970-01-01"));
        }
        (_, None) | (None, _) if natural => Rule::NaturalDay,
        (Some(begin), Some(end)) if natural => {
            let days = (end.seconds() - begin.seconds()) / DAY_SECONDS + 1;
            if days >= LEAST_NATURAL_DAYS {
                Rule::NaturalDay
            } else {
                periods(&arguments, begin, Some(end))?
            }
        }
        (Some(begin), end) => periods(&arguments, begin, end)?,
        (None, _) => return Err(arguments.refused("s_begin_date", "is missing")),
    };
    match rule {
        Rule::NaturalDay => arguments.enough("s_natural_day", 31, setting.places)?,
        Rule::Periods {
            count: Some(count), ..
        } => {
            let needed = usize::try_from(count).unwrap_or(usize::MAX);
            arguments.enough("s_end_date", needed, setting.places)?;
        }
        Rule::Periods { .. } => {}
    }
    date_key(NAME, &setting)?;
    Ok(Box::new(ByDate {
        rule,
        whole_days: pattern.is_date_only(),
        places: setting.places,
    }))
}

fn periods(
    arguments: &Arguments<'_>,
    begin: Moment,
    end: Option<Moment>,
) -> Result<Rule, AlgorithmError> {
    let days = arguments.needed("s_partion_day", arguments.whole("s_partion_day")?)?;
    // More days would not fit the 32 bits in which old versions of Mycat multiply.
    if !(1..=1_000_000).contains(&days) {
        return Err(arguments.refused("s_partion_day", "must be 1 to 1000000"));
    }
    let length = days * DAY_SECONDS;
    let count = end.map(|end| (end.seconds() - begin.seconds()) / length + 1);
    if count.is_some_and(|count| count < 1) || end.is_some_and(|end| end < begin) {
        return Err(arguments.refused("s_end_date", "must not be before s_begin_date"));
    }
    Ok(Rule::Periods {
        begin: begin.seconds(),
        length,
        count,
    })
}

/// `date_format`, by which the other dates are written.
pub(super) fn date_format(
    arguments: &Arguments<'_>,
    default: Option<&str>,
) -> Result<Pattern, AlgorithmError> {
    let written = arguments.text("date_format")?.or(default);
    let written = arguments.needed("date_format", written)?;
    let pattern = Pattern::parse(written).map_err(|why| arguments.refused("date_format", why))?;
    if !pattern.has_date() || !(pattern.is_date_only() || pattern.has_time()) {
        let reason = "needs yyyy, MM, dd, and HH, mm, ss or none of these";
        return Err(arguments.refused("date_format", reason));
    }
    Ok(pattern)
}

/// A date by the format; an empty text is none.
pub(super) fn date(
    arguments: &Arguments<'_>,
    pattern: &Pattern,
    param: &'static str,
) -> Result<Option<Moment>, AlgorithmError> {
    let written = arguments.text(param)?.filter(|text| !text.is_empty());
    let wrong = || arguments.refused(param, "is not written by date_format");
    written
        .map(|text| pattern.read(text).ok_or_else(wrong))
        .transpose()
}

/// That the key is a date.
pub(super) fn date_key(
    algorithm: &'static str,
    setting: &Setting<'_>,
) -> Result<(), AlgorithmError> {
    match setting.key_type(algorithm)? {
        KeyType::Date | KeyType::DateTime { .. } => Ok(()),
        _ => Err(AlgorithmError::KeyType {
            algorithm,
            needs: "a DATE or DATETIME key",
        }),
    }
}

/// The moment of a key, if Java's calendar and ours are one then.
pub(super) fn moment(
    algorithm: &'static str,
    key: &[KeyValue<'_>],
) -> Result<Moment, AlgorithmError> {
    const FIRST_GREGORIAN_YEAR: u16 = 1583;
    Moment::of(only(algorithm, key)?)
        .filter(|moment| moment.date().year >= FIRST_GREGORIAN_YEAR)
        .ok_or(AlgorithmError::NoPlace { algorithm })
}

impl Algorithm for ByDate {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let moment = moment(NAME, key)?;
        let at = match &self.rule {
            Rule::NaturalDay => i64::from(moment.date().day) - 1,
            Rule::Periods { count, .. } => {
                let period = self.period(moment);
                count.map_or(
                    period,
                    |count| if period < 0 { period } else { period % count },
                )
            }
        };
        let place = usize::try_from(at).ok().filter(|at| *at < self.places);
        place.ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        match span::moments(range) {
            Some((Some(lower), Some(upper))) => self.between(lower, upper),
            Some((Some(lower), None)) => self.open(self.period(lower), i64::MAX),
            Some((None, Some(upper))) => self.open(0, self.period(upper)),
            _ => NodeSet::All,
        }
    }
}

impl ByDate {
    /// How many periods lie behind a moment. The period before the first one counts as the first:
    /// Mycat rounds towards zero.
    fn period(&self, moment: Moment) -> i64 {
        let seconds = if self.whole_days {
            moment.day_number() * DAY_SECONDS
        } else {
            moment.seconds()
        };
        match &self.rule {
            Rule::NaturalDay => moment.day_number(),
            Rule::Periods { begin, length, .. } => (seconds - begin) / length,
        }
    }

    fn between(&self, lower: Moment, upper: Moment) -> NodeSet {
        let (first, last) = (self.period(lower), self.period(upper));
        let turns = match &self.rule {
            Rule::Periods { count: None, .. } => return self.open(first, last),
            Rule::Periods {
                count: Some(count), ..
            } => *count,
            Rule::NaturalDay => {
                if last - first >= 31 {
                    return NodeSet::All;
                }
                let day = |day| lower.plus_micros(day * DAY_SECONDS * 1_000_000);
                let days = (0..=last - first).filter_map(day);
                return span::set(days.map(|m| usize::from(m.date().day).saturating_sub(1)));
            }
        };
        if last - first >= turns {
            return NodeSet::All;
        }
        let periods = first.max(0)..=last;
        span::set(periods.map(|period| (period % turns) as usize))
    }

    /// The places of periods that never come round again.
    fn open(&self, first: i64, last: i64) -> NodeSet {
        if !matches!(self.rule, Rule::Periods { count: None, .. }) {
            return NodeSet::All;
        }
        let end = last.min(self.places as i64 - 1);
        span::set((first.max(0)..=end).map(|period| period as usize))
    }
}

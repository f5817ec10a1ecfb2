//! `mycat_partition_by_month`: a month to a shard, or months of the year (`PartitionByMonth`).

use super::super::super::NodeSet;
use super::super::arguments::Arguments;
use super::super::calendar::Moment;
use super::super::{Algorithm, AlgorithmError, Setting, span};
use super::date;
use crate::value::{KeyRange, KeyValue};

pub(super) const NAME: &str = "mycat_partition_by_month";

#[derive(Debug)]
struct ByMonth {
    rule: Rule,
    places: usize,
}

#[derive(Debug)]
enum Rule {
    /// From this month on; everything before lies with it.
    From(i64),
    /// From this month on, and after so many months from the first shard again.
    Turns { begin: i64, count: i64 },
}

/// Takes `date_format` (`yyyy-MM-dd`), `s_begin_date` and `s_end_date`. Without dates: the months
/// of the year.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["date_format", "s_begin_date", "s_end_date"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let pattern = date::date_format(&arguments, Some("yyyy-MM-dd"))?;
    let begin = date::date(&arguments, &pattern, "s_begin_date")?.map(Moment::month_number);
    let end = date::date(&arguments, &pattern, "s_end_date")?.map(Moment::month_number);
    let rule = match (begin, end) {
        (None, None) => Rule::Turns {
            begin: 0,
            count: 12,
        },
        (Some(begin), None) => Rule::From(begin),
        (Some(begin), Some(end)) if begin <= end => Rule::Turns {
            begin,
            count: end - begin + 1,
        },
        (Some(_), Some(_)) => {
            return Err(arguments.refused("s_end_date", "must not be before s_begin_date"));
        }
        (None, Some(_)) => return Err(arguments.refused("s_begin_date", "is missing")),
    };
    if let Rule::Turns { count, .. } = rule {
        let needed = usize::try_from(count).unwrap_or(usize::MAX);
        arguments.enough("s_end_date", needed, setting.places)?;
    }
    date::date_key(NAME, &setting)?;
    Ok(Box::new(ByMonth {
        rule,
        places: setting.places,
    }))
}

impl Algorithm for ByMonth {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let month = date::moment(NAME, key)?.month_number();
        let at = match self.rule {
            Rule::From(begin) => (month - begin).max(0),
            Rule::Turns { begin, count } => (month - begin).rem_euclid(count),
        };
        let place = usize::try_from(at).ok().filter(|at| *at < self.places);
        place.ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let Some((lower, upper)) = span::moments(range) else {
            return NodeSet::All;
        };
        let (lower, upper) = (
            lower.map(Moment::month_number),
            upper.map(Moment::month_number),
        );
        match (&self.rule, lower, upper) {
            (Rule::From(begin), _, _) => {
                let last = self.places as i64 - 1;
                let first = lower.map_or(0, |month| (month - begin).max(0));
                let last = upper.map_or(last, |month| (month - begin).max(0).min(last));
                span::set((first..=last).map(|at| at as usize))
            }
            (Rule::Turns { begin, count }, Some(lower), Some(upper)) if upper - lower < *count => {
                span::set((lower..=upper).map(|month| (month - begin).rem_euclid(*count) as usize))
            }
            _ => NodeSet::All,
        }
    }
}

//! `shardingsphere_auto_interval`: spans of so many seconds between two moments
//! (`AUTO_INTERVAL`).
//!
//! ShardingSphere rounds the number of spans to two decimals before it rounds up: up to half a
//! hundredth of a span behind its beginning a moment lies with the span before.

use super::super::super::NodeSet;
use super::super::arguments::Arguments;
use super::super::calendar::Moment;
use super::super::pattern::Pattern;
use super::super::{Algorithm, AlgorithmError, Setting, only, span};
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue};

pub(super) const NAME: &str = "shardingsphere_auto_interval";

const FORMAT: &str = "yyyy-MM-dd HH:mm:ss";

#[derive(Debug)]
struct AutoInterval {
    lower: i64,
    seconds: i64,
    last: usize,
}

/// Takes `datetime_lower`, `datetime_upper` (both `yyyy-MM-dd HH:mm:ss`) and `sharding_seconds`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["datetime_lower", "datetime_upper", "sharding_seconds"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let pattern = Pattern::parse(FORMAT).map_err(|why| arguments.refused("datetime_lower", why))?;
    let date = |param| {
        let written = arguments.needed(param, arguments.text(param)?)?;
        let wrong = || arguments.refused(param, format!("must be written as {FORMAT}"));
        Ok(pattern.read(written).ok_or_else(wrong)?.seconds())
    };
    let (lower, upper) = (date("datetime_lower")?, date("datetime_upper")?);
    let seconds = arguments.needed("sharding_seconds", arguments.whole("sharding_seconds")?)?;
    if seconds < 1 {
        return Err(arguments.refused("sharding_seconds", "must be 1 or more"));
    }
    if upper < lower {
        return Err(arguments.refused("datetime_upper", "must not be before datetime_lower"));
    }
    let spans = usize::try_from((upper - lower) / seconds).unwrap_or(usize::MAX);
    arguments.enough("sharding_seconds", spans.saturating_add(2), setting.places)?;
    match setting.key_type(NAME)? {
        KeyType::DateTime { .. } => Ok(Box::new(AutoInterval {
            lower,
            seconds,
            last: spans.saturating_add(1),
        })),
        _ => Err(AlgorithmError::KeyType {
            algorithm: NAME,
            needs: "a DATETIME key",
        }),
    }
}

impl Algorithm for AutoInterval {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let moment = Moment::of(only(NAME, key)?).filter(|moment| moment.date().year > 0);
        let moment = moment.ok_or(AlgorithmError::NoPlace { algorithm: NAME })?;
        Ok(self.position(moment))
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let Some((lower, upper)) = span::moments(range) else {
            return NodeSet::All;
        };
        let first = lower.map_or(0, |moment| self.position(moment));
        let last = upper.map_or(self.last, |moment| self.position(moment));
        span::set(first..=last)
    }
}

impl AutoInterval {
    fn position(&self, moment: Moment) -> usize {
        let spans = (moment.seconds() - self.lower) as f64 / self.seconds as f64;
        // No double lies between 0.005 and the one written here, which rounds to 0.01.
        let begun = spans - spans.floor() >= 0.005;
        let place = spans.floor() + f64::from(u8::from(begun));
        (place.max(0.0) as usize).min(self.last)
    }
}

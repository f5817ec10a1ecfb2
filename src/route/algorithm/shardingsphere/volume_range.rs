//! `shardingsphere_volume_range`: ranges of one size between two numbers (`VOLUME_RANGE`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::ranges::Ranges;

pub(super) const NAME: &str = "shardingsphere_volume_range";

/// Takes `range_lower`, `range_upper` and `sharding_volume`. The first shard has what lies below
/// the range, the last what does not lie below its end.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["range_lower", "range_upper", "sharding_volume"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let number = |param| arguments.needed(param, arguments.whole(param)?);
    let (lower, upper) = (number("range_lower")?, number("range_upper")?);
    let volume = number("sharding_volume")?;
    let size = upper.checked_sub(lower).filter(|size| *size >= volume);
    let reason = "must be 1 or more, and no more than lies between range_lower and range_upper";
    let size = size.filter(|_| volume >= 1);
    let size = size.ok_or_else(|| arguments.refused("sharding_volume", reason))?;
    let inner = usize::try_from(size / volume + i64::from(size % volume > 0)).unwrap_or(usize::MAX);
    let needed = inner.saturating_add(2);
    arguments.enough("sharding_volume", needed, setting.places)?;
    let starts = (0..inner as i64).map(|at| lower + at * volume);
    Ok(Box::new(Ranges {
        algorithm: NAME,
        bounds: starts.chain([upper]).collect(),
        spelling: Spelling::of(NAME, &setting, Case::Ignored)?,
    }))
}

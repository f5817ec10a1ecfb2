//! `shardingsphere_boundary_range`: ranges between given numbers (`BOUNDARY_RANGE`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::ranges::Ranges;

pub(super) const NAME: &str = "shardingsphere_boundary_range";

/// Takes `sharding_ranges`: `"1,5,10"` makes four ranges, the second from 1 to 4.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let param = "sharding_ranges";
    let arguments = Arguments::new(NAME, setting.params, &[param])?;
    let mut bounds = arguments.needed(param, arguments.wholes(param)?)?;
    bounds.sort_unstable();
    if bounds.is_empty() || bounds.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(arguments.refused(param, "must be different numbers, at least one"));
    }
    arguments.enough(param, bounds.len() + 1, setting.places)?;
    Ok(Box::new(Ranges {
        algorithm: NAME,
        bounds,
        spelling: Spelling::of(NAME, &setting, Case::Ignored)?,
    }))
}

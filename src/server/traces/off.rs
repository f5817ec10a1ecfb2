//! A program without traces: the configuration that asks for them was refused.

use super::StartError;
use crate::config::Config;
use crate::session::Shared;
use crate::telemetry::traces::Tracer;

/// There is none.
pub(super) fn tracer(_: &Config) -> Result<Option<Tracer>, StartError> {
    Ok(None)
}

/// There is none.
pub(super) fn follow(_: &Shared, _: &Config) -> Option<Tracer> {
    None
}

/// There is nothing to end.
pub(super) async fn close(_: &Shared) {}

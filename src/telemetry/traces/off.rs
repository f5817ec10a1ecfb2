//! A program without traces.

use super::{Span, SpanTotals};

/// There is none.
#[derive(Clone, Debug)]
pub enum Tracer {}

/// Never made.
#[derive(Debug)]
pub struct Sampled;

impl Tracer {
    /// Whether a statement is traced, and where its trace begins.
    pub fn sample(&self, _: impl FnOnce() -> Option<String>) -> Option<Sampled> {
        match *self {}
    }

    /// Takes the spans of a statement.
    pub fn send(&self, _: &Sampled, _: &Span) {
        match *self {}
    }

    /// What became of the spans so far.
    pub fn totals(&self) -> SpanTotals {
        match *self {}
    }
}

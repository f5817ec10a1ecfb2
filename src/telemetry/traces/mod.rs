//! Traces: which statements have one, and what becomes of their spans.
//!
//! In: the client's `traceparent` when a statement begins, a tree of [`Span`]s when it has ended. Out:
//! spans for an OTLP collector, where the feature `otlp` is built in. Without it there is no value of
//! the types [`Tracer`] and [`Traced`], so that an `Option` of them is `None` for the compiler too, takes
//! no room, and what hangs on it is not in the program.

mod comment;
#[cfg(not(feature = "otlp"))]
mod off;
#[cfg(feature = "otlp")]
mod otlp;
mod summary;
#[cfg(test)]
mod tests;

pub use comment::traceparent_of;
#[cfg(not(feature = "otlp"))]
pub use off::{Traced, Tracer};
#[cfg(feature = "otlp")]
pub use otlp::{Collector, Settings, Traced, Tracer};
pub use summary::summary;

use super::Tick;

/// What a span is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A client's statement.
    Server,
    /// What the proxy does for it.
    Internal,
    /// What the proxy asks a server.
    Client,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// An attribute's name, as OpenTelemetry's conventions have it, and its value.
pub type Attribute = (&'static str, AttributeValue);

/// A text as an attribute.
pub fn text(name: &'static str, value: impl Into<String>) -> Attribute {
    (name, AttributeValue::Text(value.into()))
}

/// A number as an attribute.
pub fn number(name: &'static str, value: u64) -> Attribute {
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    (name, AttributeValue::Number(value))
}

/// Something that took time, with what it consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Few different ones.
    pub name: String,
    /// What it is about.
    pub kind: SpanKind,
    /// When it began.
    pub from: Tick,
    /// When it ended.
    pub to: Tick,
    /// What is known of it; no values of statements.
    pub attributes: Vec<Attribute>,
    /// It ended with an error.
    pub failed: bool,
    /// Its parts.
    pub children: Vec<Span>,
}

impl Span {
    /// How many spans it is with its parts.
    pub fn count(&self) -> u64 {
        1 + self.children.iter().map(Self::count).sum::<u64>()
    }
}

/// What became of spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanTotals {
    /// The collector has taken them.
    pub sent: u64,
    /// It could not be reached, said no, or too many waited for it.
    pub lost: u64,
}

//! Who was refused, by what.

use super::stripes::Counter;

/// A limit of users and schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Connections at once.
    Connections,
    /// Statements at once.
    Statements,
    /// The time of a statement.
    Time,
    /// Rows of an answer.
    Rows,
    /// Bytes of an answer.
    Bytes,
}

impl Limit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Connections,
        Self::Statements,
        Self::Time,
        Self::Rows,
        Self::Bytes,
    ];

    /// Its name in metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Statements => "statements",
            Self::Time => "time",
            Self::Rows => "rows",
            Self::Bytes => "bytes",
        }
    }
}

/// Refusals by limit.
#[derive(Debug, Default)]
pub struct Refusals([Counter; Limit::ALL.len()]);

impl Refusals {
    /// Counts one.
    pub fn count(&self, limit: Limit) {
        if let Some(counter) = self.0.get(limit as usize) {
            counter.count();
        }
    }

    /// All limits with their refusals.
    pub fn all(&self) -> impl Iterator<Item = (Limit, u64)> {
        Limit::ALL
            .into_iter()
            .zip(self.0.iter().map(Counter::total))
    }
}

/// What became of the statements that a rule met.
#[derive(Debug, Default)]
pub struct RuleSeries {
    /// Statements that ran, or would have.
    pub met: Counter,
    /// Those that it refused, prepared ones too.
    pub refused: Counter,
}

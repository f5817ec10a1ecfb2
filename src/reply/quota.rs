//! The most that an answer may give a client.

use crate::error::MysqlError;
use crate::telemetry::Limit;

/// What an answer may have at most, and whom that limit is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The user, as errors name it.
    pub user: String,
    /// Rows.
    pub rows: Most,
    /// Bytes of rows, as the MySQL protocol has them, without the packets' headers.
    pub bytes: Most,
}

/// A limit and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Most {
    /// So many; `u64::MAX`: any number.
    pub most: u64,
    /// Behind whose name: ` on shop`, or nothing where it is the user's.
    pub whose: String,
}

impl Default for Most {
    fn default() -> Self {
        Self {
            most: u64::MAX,
            whose: String::new(),
        }
    }
}

impl Most {
    /// The lower one of two limits.
    pub fn lower(&mut self, most: Option<u64>, whose: impl FnOnce() -> String) {
        if let Some(most) = most.filter(|most| *most < self.most) {
            self.most = most;
            self.whose = whose();
        }
    }
}

/// What an answer has given so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Rows that have begun.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Quota {
    /// Whether it limits anything.
    pub fn is_limit(&self) -> bool {
        self.rows.most < u64::MAX || self.bytes.most < u64::MAX
    }

    /// What the client is told if a row, or the first frame of a large one, must not follow.
    pub fn refuses(&self, spent: Spent, row_bytes: usize) -> Option<MysqlError> {
        if spent.rows >= self.rows.most {
            return Some(self.error("rows of an answer", &self.rows));
        }
        let bytes = spent.bytes.saturating_add(row_bytes as u64);
        (bytes > self.bytes.most).then(|| self.error("bytes of an answer", &self.bytes))
    }

    /// The limit, where an error is one of [`Quota::refuses`].
    pub fn has_said(&self, error: &MysqlError) -> Option<Limit> {
        if *error == self.error("rows of an answer", &self.rows) {
            return Some(Limit::Rows);
        }
        let bytes = self.error("bytes of an answer", &self.bytes);
        (*error == bytes).then_some(Limit::Bytes)
    }

    fn error(&self, what: &str, limit: &Most) -> MysqlError {
        let Most { most, whose } = limit;
        MysqlError::exceeded(&self.user, &format!("{what}{whose}"), *most)
    }
}

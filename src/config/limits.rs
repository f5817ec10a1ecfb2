//! What users and schemas may take, and the rules that statements are held against.

use std::sync::Arc;
use std::time::Duration;

use super::hints::HintRule;

/// What a user, or all statements on a schema, may take; `None`: any amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Clients that are logged in at once; of a schema: that have it as their current one.
    pub connections: Option<u32>,
    /// Statements that run at once.
    pub statements: Option<u32>,
    /// How long one statement may run.
    pub time: Option<Duration>,
    /// Rows of an answer to a SELECT.
    pub rows: Option<u64>,
    /// Bytes of these rows, as the MySQL protocol has them.
    pub bytes: Option<u64>,
}

impl Limits {
    /// Whether a statement must be looked at because of them.
    pub const fn concern_statements(&self) -> bool {
        let answers = self.rows.is_some() || self.bytes.is_some();
        self.statements.is_some() || self.time.is_some() || answers
    }
}

/// One of `[[rules]]`: a statement that meets all of its conditions gets its action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleConfig {
    /// Its name, unique.
    pub name: String,
    /// Statements of this user; `None`: of anyone.
    pub user: Option<String>,
    /// Statements on this schema; `None`: on any.
    pub schema: Option<String>,
    /// Statements of these kinds; empty: of any.
    pub kinds: Vec<Kind>,
    /// Found in the normal form.
    pub pattern: Option<Pattern>,
    /// The whole normal form, in any case.
    pub digest: Option<String>,
    /// What is done.
    pub action: RuleAction,
    /// Each statement that meets the conditions is logged.
    pub log: bool,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// Nothing: the rules behind it are looked at.
    Pass,
    /// The statement runs; the rules behind it do not count.
    Allow,
    /// The statement is refused with this message.
    Deny(String),
    /// The statement is refused where there are too many.
    Rate {
        /// How many may run, on average.
        per_second: u32,
        /// How many may run at once after a pause; at least 1.
        burst: u32,
    },
    /// The statement goes where this says; the rules behind it are looked at.
    Hint(Arc<HintRule>),
}

/// What a statement is, for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SELECT, TABLE, VALUES
    Select,
    /// INSERT
    Insert,
    /// REPLACE
    Replace,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
    /// A definition.
    Ddl,
    /// SET, SHOW, transaction control, EXPLAIN and their like.
    Utility,
    /// What only a server can tell.
    Other,
}

/// The largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// A regular expression; two are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Pattern(regex::Regex);

impl Pattern {
    /// Compiles one, which is found in any case.
    ///
    /// # Errors
    /// It is no regular expression, or a very large one.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        let mut builder = regex::RegexBuilder::new(text);
        let builder = builder.case_insensitive(true).size_limit(PATTERN_BYTES);
        builder.build().map(Self)
    }

    /// Whether it is found in a text, in time linear in its length.
    pub fn is_found_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

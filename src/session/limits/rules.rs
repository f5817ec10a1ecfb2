//! Statement → the rules whose conditions it meets. Which of them it meets, whoever sends it, is
//! decided once for each digest.

use std::sync::Arc;

use quick_cache::sync::Cache;

use super::shape::shape;
use super::usage::{Bucket, Usages};
use crate::config::{Kind, RuleAction, RuleConfig};
use crate::parse::{StatementKind, Tokens, statement_kind};
use crate::telemetry::RuleSeries;

/// For how many digests the decision is kept.
const DIGESTS: usize = 10_000;

/// Longer normal forms are looked at each time, in bytes.
const KEPT_BYTES: usize = 64 * 1024;

/// A rule, compiled.
#[derive(Debug)]
pub(super) struct Rule {
    /// As it stands in the file.
    pub config: RuleConfig,
    /// How fast its statements come.
    pub bucket: Arc<Bucket>,
    /// What became of them.
    pub series: Arc<RuleSeries>,
}

/// All rules of a configuration.
#[derive(Debug)]
pub(super) struct Rules {
    all: Vec<Rule>,
    decided: Cache<u128, Arc<[u16]>>,
}

/// What rules look at, besides the user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The statement.
    pub tokens: Tokens<'a>,
    /// The schemas that it is on.
    pub schemas: &'a [&'a str],
}

impl Rules {
    pub fn new(rules: &[RuleConfig], usages: &Usages) -> Self {
        let rule = |rule: &RuleConfig| Rule {
            bucket: usages.bucket(&rule.name),
            series: usages.rule(&rule.name),
            config: rule.clone(),
        };
        Self {
            all: rules.iter().map(rule).collect(),
            decided: Cache::new(DIGESTS),
        }
    }

    /// Their names, with what became of the statements that met them.
    pub fn series(&self) -> impl Iterator<Item = (&str, &RuleSeries)> {
        let all = self.all.iter();
        all.map(|rule| (rule.config.name.as_str(), &*rule.series))
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The rules that a statement of this user meets, in the order of the file, up to the first that
    /// decides.
    pub fn met(&self, user: &str, subject: &Subject<'_>) -> Vec<&Rule> {
        let digest = subject.tokens.digest();
        let candidates = match self.decided.get(&digest.hash) {
            Some(known) => known,
            None => {
                let found = self.decide(subject);
                if digest.normal.len() <= KEPT_BYTES {
                    self.decided.insert(digest.hash, Arc::clone(&found));
                }
                found
            }
        };
        self.of_user(user, &candidates)
    }

    /// The same, without remembering it: for a digest that says nothing of the session.
    pub fn met_once(&self, user: &str, subject: &Subject<'_>) -> Vec<&Rule> {
        self.of_user(user, &self.decide(subject))
    }

    fn of_user(&self, user: &str, candidates: &[u16]) -> Vec<&Rule> {
        let mut met = Vec::new();
        for at in candidates.iter() {
            let Some(rule) = self.all.get(usize::from(*at)) else {
                continue;
            };
            if rule.config.user.as_deref().is_some_and(|of| of != user) {
                continue;
            }
            met.push(rule);
            if matches!(rule.config.action, RuleAction::Allow | RuleAction::Deny(_)) {
                break;
            }
        }
        met
    }

    fn decide(&self, subject: &Subject<'_>) -> Arc<[u16]> {
        let (shape, kind) = (shape(subject.tokens), kind(subject.tokens));
        let numbered = self.all.iter().zip(0_u16..);
        let met = numbered.filter(|(rule, _)| rule.is_met(subject, &shape, kind));
        met.map(|(_, at)| at).collect()
    }
}

impl Rule {
    fn is_met(&self, subject: &Subject<'_>, shape: &str, kind: Kind) -> bool {
        let config = &self.config;
        let schema = config.schema.as_deref();
        schema.is_none_or(|schema| subject.schemas.contains(&schema))
            && (config.kinds.is_empty() || config.kinds.contains(&kind))
            && config.pattern.as_ref().is_none_or(|p| p.is_found_in(shape))
            && config.digest.as_deref().is_none_or(|d| same(d, shape))
    }
}

/// Whether a normal form is this one, in any case and with any blanks.
fn same(digest: &str, shape: &str) -> bool {
    let words = digest.split_whitespace().map(str::to_lowercase);
    words.eq(shape.split_whitespace().map(str::to_lowercase))
}

/// What a statement is. One that is executed to be explained counts as itself.
fn kind(tokens: Tokens<'_>) -> Kind {
    match statement_kind(&tokens) {
        StatementKind::Select | StatementKind::Table | StatementKind::Values => Kind::Select,
        StatementKind::Insert => Kind::Insert,
        StatementKind::Replace => Kind::Replace,
        StatementKind::Update => Kind::Update,
        StatementKind::Delete => Kind::Delete,
        StatementKind::Ddl(_) => Kind::Ddl,
        StatementKind::Explain(explain) if explain.analyze => {
            let inner = explain.statement.unwrap_or_default();
            by_word(|word| tokens.is_word(inner, word))
        }
        StatementKind::Explain(_) | StatementKind::Describe(_) => Kind::Utility,
        StatementKind::Empty | StatementKind::Utility(_) => Kind::Utility,
        StatementKind::Unknown => by_word(|word| tokens.begins(&[word])),
    }
}

/// By the first word, where the statement is not understood.
fn by_word(begins: impl Fn(&str) -> bool) -> Kind {
    let words = [
        ("SELECT", Kind::Select),
        ("TABLE", Kind::Select),
        ("INSERT", Kind::Insert),
        ("REPLACE", Kind::Replace),
        ("UPDATE", Kind::Update),
        ("DELETE", Kind::Delete),
        ("CREATE", Kind::Ddl),
        ("ALTER", Kind::Ddl),
        ("DROP", Kind::Ddl),
        ("TRUNCATE", Kind::Ddl),
        ("RENAME", Kind::Ddl),
    ];
    let found = words.into_iter().find(|(word, _)| begins(word));
    found.map_or(Kind::Other, |(_, kind)| kind)
}

//! What a statement or a login is held against before it goes on: limits and rules.
//!
//! In: a planned statement, or an account that has shown its password. Out: a [`Permit`] that counts
//! it until it ends, or MySQL's error, which is written to the log as `shardwell::audit`.

mod answers;
mod places;
mod rules;
mod shape;
#[cfg(test)]
mod tests;
mod usage;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::audit::{self, AUDIT};
use super::shared::{Account, Snapshot};
use super::state::Session;
use super::statement::Statement;
use crate::config::{HintRule, Limits, RuleAction, RuleConfig};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::Summary;
use crate::net::Watch;
use crate::parse::{Tokens, Utility};
use crate::plan::{Action, Plan};
use crate::reply::Quota;
use crate::telemetry::{Limit, RuleSeries};
pub(super) use places::{Place, SchemaPlaces};
use rules::{Rule, Rules, Subject};
pub(super) use shape::shape;
use usage::Taken;
pub(super) use usage::{Bucket, Usages};

/// What a configuration says of limits and rules, besides its users.
#[derive(Clone, Debug, Default)]
pub struct LimitParts {
    /// In the order of the file.
    pub rules: Vec<RuleConfig>,
    /// Limits by schema.
    pub schemas: HashMap<String, Limits>,
}

/// What statements are held against.
#[derive(Debug)]
pub struct Gate {
    rules: Rules,
    schemas: HashMap<String, Limits>,
}

impl Gate {
    /// `None` where nothing is limited and there is no rule.
    pub(super) fn new<'a>(
        parts: LimitParts,
        accounts: impl IntoIterator<Item = &'a Arc<Account>>,
        usages: &Usages,
    ) -> Option<Self> {
        let rules = Rules::new(&parts.rules, usages);
        let mut schemas = parts.schemas;
        schemas.retain(|_, limits| limits.concern_statements());
        let mut accounts = accounts.into_iter();
        let needed = !rules.is_empty()
            || !schemas.is_empty()
            || accounts.any(|account| account.limits.concern_statements());
        needed.then_some(Self { rules, schemas })
    }

    /// The rules, with what became of the statements that met them.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&str, &RuleSeries)> {
        self.rules.series()
    }
}

/// A statement that may run; it counts until this is dropped.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Permit(Option<Box<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    taken: SmallVec<[Taken; 2]>,
    watch: Option<Arc<Watch>>,
    hint: Option<Arc<HintRule>>,
    quota: Option<Box<Quota>>,
}

impl Permit {
    /// What rules say in place of the statement's hints.
    pub fn hint(&self) -> Option<&HintRule> {
        self.0.as_ref()?.hint.as_deref()
    }

    /// The same, to be kept.
    pub fn shared_hint(&self) -> Option<&Arc<HintRule>> {
        self.0.as_ref()?.hint.as_ref()
    }

    /// The most that its answer may be.
    pub fn take_quota(&mut self) -> Option<Box<Quota>> {
        self.0.as_mut()?.quota.take()
    }
}

impl Counted {
    fn permit(self) -> Permit {
        let limited = !self.taken.is_empty() || self.watch.is_some() || self.quota.is_some();
        Permit((limited || self.hint.is_some()).then(|| Box::new(self)))
    }
}

/// What these rules say of where a statement goes: the first one's word counts.
fn hint_of(met: &[&Rule]) -> Option<Arc<HintRule>> {
    let hints = met.iter().filter_map(|rule| match &rule.config.action {
        RuleAction::Hint(hint) => Some(hint),
        _ => None,
    });
    let one = |first: Arc<HintRule>, next: &Arc<HintRule>| Arc::new(first.or(next));
    hints.fold(None, |all, next| {
        Some(all.map_or_else(|| Arc::clone(next), |all| one(all, next)))
    })
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.end_statement();
        }
    }
}

/// Whether a statement is prepared only, or runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Prepare,
    Run,
}

impl Session {
    /// Holds a statement against limits and rules.
    ///
    /// # Errors
    /// 1226 for a limit; 1227 for what a rule denies.
    pub(super) fn admit(
        &self,
        planned: (&Snapshot, &Plan),
        statement: &Statement<'_>,
        stage: Stage,
    ) -> Result<Permit, MysqlError> {
        match &self.shared.gate {
            None => Ok(Permit::default()),
            Some(gate) => self.admit_through(gate, planned, statement, stage),
        }
    }

    #[cold]
    fn admit_through(
        &self,
        gate: &Gate,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
        stage: Stage,
    ) -> Result<Permit, MysqlError> {
        // What became overdue at its end was told nothing of it.
        self.handle.watch.take_overdue();
        if let Action::Utility(utility) = &plan.action
            && matches!(**utility, Utility::Shardwell(_))
        {
            return Ok(Permit::default());
        }
        let schemas = self.schemas_of(snapshot, plan);
        let mut counted = Counted::default();
        let own = matches!(plan.action, Action::Utility(_) | Action::Nothing);
        if !gate.rules.is_empty() {
            let subject = Subject {
                tokens: statement.tokens(),
                schemas: &schemas,
            };
            let met = gate.rules.met(&self.account.name, &subject);
            for rule in &met {
                self.apply(rule, statement, stage)?;
            }
            if !own && !matches!(plan.action, Action::Explain { .. }) {
                counted.hint = hint_of(&met);
            }
        }
        if stage == Stage::Run && !own {
            self.count(gate, (&schemas, plan), statement, &mut counted)?;
        }
        Ok(counted.permit())
    }

    /// What rules say of where a statement goes that is explained.
    pub(super) fn hint_for(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        tokens: Tokens<'_>,
    ) -> Option<Arc<HintRule>> {
        let gate = self.shared.gate.as_ref()?;
        let schemas = self.schemas_of(snapshot, plan);
        let subject = Subject {
            tokens,
            schemas: &schemas,
        };
        let own = matches!(plan.action, Action::Utility(_) | Action::Nothing);
        let met = gate.rules.met_once(&self.account.name, &subject);
        (!own).then(|| hint_of(&met)).flatten()
    }

    /// The schemas that a statement names, or else the session's.
    fn schemas_of<'s>(&'s self, snapshot: &'s Snapshot, plan: &Plan) -> SmallVec<[&'s str; 2]> {
        let ids = plan.reach.schemas.iter();
        let named = ids.filter_map(|id| snapshot.topology.schema_by_id(*id));
        let mut schemas: SmallVec<[&str; 2]> = named.map(|schema| schema.name.as_str()).collect();
        if schemas.is_empty() {
            schemas.extend(self.state.schema.as_deref());
        }
        schemas
    }

    fn apply(
        &self,
        rule: &Rule,
        statement: &Statement<'_>,
        stage: Stage,
    ) -> Result<(), MysqlError> {
        let name = &rule.config.name;
        if stage == Stage::Run {
            rule.series.met.count();
        }
        if rule.config.log && stage == Stage::Run {
            let statement = audit::written(statement);
            tracing::info!(
                target: AUDIT,
                user = self.account.name, host = self.host(), session = self.handle.id.0,
                rule = name.as_str(), statement, "a statement that a rule names"
            );
        }
        match &rule.config.action {
            RuleAction::Pass | RuleAction::Allow | RuleAction::Hint(_) => Ok(()),
            RuleAction::Deny(message) => {
                let message = format!("Access denied by rule '{name}': {message}");
                let error = MysqlError::new(ErrorKind::PrivilegeMissing, message);
                rule.series.refused.count();
                Err(self.refused(error, Some(statement)))
            }
            RuleAction::Rate { .. } if stage == Stage::Prepare => Ok(()),
            RuleAction::Rate { per_second, burst } => {
                let limit = (*per_second, *burst);
                if rule.bucket.take(Instant::now(), limit) {
                    return Ok(());
                }
                let what = format!("rate of rule {name}");
                let most = u64::from(*per_second);
                let error = MysqlError::exceeded(&self.account.name, &what, most);
                rule.series.refused.count();
                Err(self.refused(error, Some(statement)))
            }
        }
    }

    fn count(
        &self,
        gate: &Gate,
        (schemas, plan): (&[&str], &Plan),
        statement: &Statement<'_>,
        counted: &mut Counted,
    ) -> Result<(), MysqlError> {
        let mut time = self.account.limits.time;
        let user = &self.account.name;
        let limits = &self.shared.metrics.limits;
        let mut take = |usage, most: Option<u32>, what: &str| {
            let Some(most) = most else {
                return Ok::<(), MysqlError>(());
            };
            let one = Taken::statement(usage, Some(most)).ok_or_else(|| {
                let error = MysqlError::exceeded(user, what, most.into());
                limits.count(Limit::Statements);
                self.refused(error, Some(statement))
            })?;
            counted.taken.push(one);
            Ok(())
        };
        let usages = &self.shared.usages;
        let most = self.account.limits.statements;
        take(usages.user(user), most, "statements at once")?;
        for schema in schemas {
            let Some(limits) = gate.schemas.get(*schema) else {
                continue;
            };
            time = shorter(time, limits.time);
            let what = format!("statements at once on {schema}");
            take(usages.schema(schema), limits.statements, &what)?;
        }
        counted.watch = time.map(|time| {
            self.handle.watch.begin_statement(time);
            Arc::clone(&self.handle.watch)
        });
        counted.quota = self.quota_of(gate, schemas, plan);
        Ok(())
    }

    /// What the client is told of a statement that failed: that it ran for too long, if that is why.
    pub(super) fn or_timed_out(&self, error: MysqlError) -> MysqlError {
        if !(error.is_interruption() && self.handle.watch.take_overdue()) {
            return error;
        }
        self.shared.metrics.limits.count(Limit::Time);
        self.refused(MysqlError::overdue(), None)
    }

    /// Writes down that the client was told the same by the relay.
    #[cold]
    pub(super) fn note_overdue(&self, summary: Option<&Summary>) {
        let error = summary.and_then(|summary| summary.error.clone());
        if let Some(error) = error {
            self.shared.metrics.limits.count(Limit::Time);
            self.refused(error, None);
        }
    }
}

fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

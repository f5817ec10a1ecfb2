//! COM_STMT_EXECUTE on several data nodes, whose binary rows are merged as they come.
//!
//! A node's text has the client's placeholders, in their order, but for those of LIMIT where they come
//! last: nodes that are asked for the rows before the answer's end have one with their sum instead,
//! nodes that are asked for all rows none.

use std::borrow::Cow;
use std::sync::Arc;

use super::bindings::{Bindings, Rebound, refused};
use super::template::ShardText;
use crate::backend::{StatementKey, Variables};
use crate::execute::scatter::{Command, Execute};
use crate::merge::Limit;
use crate::parse::{LiteralKind, Slot};
use crate::plan::scatter::{LimitSlots, Scatter};
use crate::plan::{Edit, Plan, Replacement};
use crate::rewrite::{self, SpliceError};
use crate::route::DataNode;
use crate::session::failure::Failure;
use crate::session::scatter::Scattered;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::wire::{BinaryValue, Execution};

/// An execution on all nodes.
#[derive(Clone, Debug)]
pub struct Executed<'a> {
    /// The variables under which the text was read.
    pub settings: &'a Arc<Variables>,
    /// What the parameters' types make of the statement's key.
    pub types_hash: u128,
    /// The parameters of the nodes' texts.
    pub execution: Execution<'a>,
    /// Parameters that were sent before, in pieces.
    pub long_data: &'a [(u16, Vec<u8>)],
    /// The edits of the nodes' texts.
    pub edits: Cow<'a, [Edit]>,
    /// LIMIT of the answer.
    pub limit: Option<Limit>,
}

impl<'a> Executed<'a> {
    /// An execution of texts that have all of the client's placeholders in their order.
    pub fn of(bindings: &Bindings<'a>) -> Self {
        Self {
            settings: &bindings.template.settings,
            types_hash: bindings.types_hash,
            execution: bindings.execution(),
            long_data: &bindings.prepared.long_data,
            edits: Cow::Borrowed(&[]),
            limit: None,
        }
    }

    /// The command that executes a text on a connection, which prepares it under the variables `then`
    /// and carries those of `now`.
    pub fn command<'c>(
        &self,
        text: &'c ShardText,
        (then, now): (&'c Arc<Variables>, &'c Arc<Variables>),
    ) -> Command<'c>
    where
        'a: 'c,
    {
        Command::Execute(Execute {
            sql: &text.sql,
            database: text.database.as_deref(),
            key: StatementKey(text.key.0 ^ self.types_hash),
            fresh: text.key,
            then,
            now,
            execution: self.execution,
            long_data: self.long_data,
            again: false,
        })
    }

    /// The same with other parameters.
    pub fn with<'r>(&self, some: &'r Rebound) -> Executed<'r>
    where
        'a: 'r,
    {
        Executed {
            types_hash: some.types_hash,
            execution: some.parameters.execution(),
            long_data: &some.long_data,
            ..self.clone()
        }
    }
}

impl Session {
    /// Executes a read on several data nodes, and merges their answers.
    pub(in crate::session) async fn execute_merged(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        scatter: &Scatter,
        nodes: &[DataNode],
        (statement, bindings): (&Statement<'_>, &Bindings<'_>),
    ) -> Result<Scattered, Failure> {
        bindings.check_places()?;
        let mut edits = Cow::Borrowed(scatter.edits.as_slice());
        let (limit, rebound) = match bindings.merged(scatter, &mut edits) {
            Ok(merged) => merged,
            Err(Failure::Error(error)) => return Ok(Scattered::Unmergeable(error)),
            Err(end) => return Err(end),
        };
        let whole = Executed::of(bindings);
        let with = |some| whole.with(some);
        let executed = Executed {
            edits,
            limit,
            ..rebound.as_ref().map_or(whole.clone(), with)
        };
        let asked = (statement, Some(&executed));
        Box::pin(self.run_scattered((snapshot, plan), scatter, nodes, asked)).await
    }
}

impl Bindings<'_> {
    /// LIMIT of the answer, and the parameters of the nodes' texts where they are not the client's.
    pub(in crate::session) fn merged(
        &self,
        scatter: &Scatter,
        edits: &mut Cow<'_, [Edit]>,
    ) -> Result<(Option<Limit>, Option<Rebound>), Failure> {
        let limit = scatter.limit.map(|slots| self.limit(slots)).transpose()?;
        let rebound = self.without_limit(scatter, limit, edits)?;
        Ok((limit, rebound))
    }

    /// The number of rows that a literal says, or the value that is bound to it.
    pub fn count(&self, literal: usize) -> Option<u64> {
        let at = literal;
        let literal = self.digest().literals.get(at)?;
        match literal.kind {
            LiteralKind::Placeholder => {
                let ordinal = *self.template.ordinals.get(at)?;
                whole(*self.values.get(ordinal as usize)?)
            }
            _ => digits(literal.text(&self.template.sql)),
        }
    }

    /// What LIMIT says, with the values that are bound.
    fn limit(&self, slots: LimitSlots) -> Result<Limit, Failure> {
        let number = |slot: Slot| {
            let (at, _) = self.literal(slot)?;
            self.count(at)
                .ok_or_else(|| Failure::from(&SpliceError::NoLimit))
        };
        Ok(Limit {
            offset: slots.offset.map_or(Ok(0), number)?,
            count: number(slots.count)?,
        })
    }

    /// The parameters without those of LIMIT, where the nodes' texts have another LIMIT or none.
    fn without_limit(
        &self,
        scatter: &Scatter,
        limit: Option<Limit>,
        edits: &mut Cow<'_, [Edit]>,
    ) -> Result<Option<Rebound>, Failure> {
        let digest = self.digest();
        let placeholders = self.limit_placeholders(scatter)?;
        let stays = scatter.nodes_limit && scatter.limit.is_some_and(|l| l.offset.is_none());
        let (Some(first), Some(limit), false) = (placeholders.first(), limit, stays) else {
            self.check_edits(edits.iter())?;
            return Ok(None);
        };
        let start = |at: &usize| digest.literals.get(*at).map_or(0, |l| l.start as usize);
        let of_limit = |edit: &Edit| match rewrite::place(digest, edit) {
            Ok(place) => placeholders.iter().any(|at| place.contains(&start(at))),
            Err(_) => false,
        };
        self.check_edits(edits.iter().filter(|edit| !of_limit(edit)))?;
        let keep = self.ordinal(*first).unwrap_or_default();
        if keep + placeholders.len() != usize::from(self.prepared.params) {
            return Err(refused("parameters behind LIMIT over several shards"));
        }
        for edit in edits.to_mut().iter_mut().filter(|edit| of_limit(edit)) {
            if matches!(edit.with, Replacement::Limit(_)) {
                edit.with = Replacement::Text("?".to_owned());
            }
        }
        let sum = limit.offset.saturating_add(limit.count);
        let mut kept = self.some(0..*first)?;
        if scatter.nodes_limit {
            kept.push_number(sum);
        }
        Ok(Some(kept))
    }

    /// The numbers of LIMIT's placeholders among the literals, ascending.
    fn limit_placeholders(&self, scatter: &Scatter) -> Result<Vec<usize>, Failure> {
        let mut found = Vec::new();
        let slots = scatter.limit.into_iter();
        for slot in slots
            .flat_map(|limit| [limit.offset, Some(limit.count)])
            .flatten()
        {
            let (at, literal) = self.literal(slot)?;
            if literal.kind == LiteralKind::Placeholder {
                found.push(at);
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// A value that counts rows: what MySQL takes for a number it also takes as its digits.
fn whole(value: BinaryValue<'_>) -> Option<u64> {
    match value {
        BinaryValue::Integer(number) => u64::try_from(number).ok(),
        BinaryValue::Text(text) | BinaryValue::Blob(text) | BinaryValue::Decimal(text) => {
            digits(text)
        }
        _ => None,
    }
}

pub(super) fn digits(text: &[u8]) -> Option<u64> {
    let plain = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| plain)?;
    text.parse().ok()
}

//! COM_STMT_EXECUTE on several data nodes, whose binary rows are merged as they come.
//!
//! A node's text has the client's placeholders, in their order, but for those of LIMIT where they come
//! last: nodes that are asked for the rows before the answer's end have one with their sum instead,
//! nodes that are asked for all rows none.

use std::borrow::Cow;
use std::sync::Arc;

use super::bound::Bound;
use super::execute::unsupported;
use super::statements::Prepared;
use super::template::Template;
use crate::backend::Variables;
use crate::merge::Limit;
use crate::parse::{Digest, Literal, LiteralKind, Slot};
use crate::plan::scatter::{LimitSlots, Scatter};
use crate::plan::{Edit, Plan, Replacement};
use crate::rewrite::{self, Disturbed, SpliceError};
use crate::route::DataNode;
use crate::session::failure::Failure;
use crate::session::scatter::Scattered;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::wire::{
    BinaryValue, BoundParameters, ColumnType, Execution, ParamType, Reader, read_parameter,
};

/// An execution on all nodes.
#[derive(Debug)]
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

impl Session {
    /// Executes a read on several data nodes.
    pub(super) async fn execute_several(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        nodes: &[DataNode],
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        let Some(scatter) = plan.merged() else {
            return Err(refused("a statement over several shards"));
        };
        if !template.places(prepared.params) {
            return Err(refused("parameters in comments over several shards"));
        }
        let reading = Reading {
            template,
            prepared,
            bound,
        };
        let limit = scatter
            .limit
            .map(|slots| reading.limit(slots))
            .transpose()?;
        let mut edits = Cow::Borrowed(scatter.edits.as_slice());
        let rebound = reading.without_limit(scatter, limit, &mut edits)?;
        let execution = match &rebound {
            Some(rebound) => rebound.execution(),
            None => Execution {
                bound: bound.packet,
                types: &prepared.types,
                own_values: bound.own,
                cursor: false,
            },
        };
        let executed = Executed {
            settings: &template.settings,
            types_hash: bound.types_hash,
            execution,
            long_data: &prepared.long_data,
            edits,
            limit,
        };
        let asked = (statement, Some(&executed));
        match Box::pin(self.run_scattered((snapshot, plan), scatter, nodes, asked)).await? {
            Scattered::Answered => Ok(()),
            Scattered::Unmergeable(error) => Err(Failure::Error(error)),
        }
    }
}

/// An execution as the client sent it.
#[derive(Clone, Copy)]
struct Reading<'a, 'b> {
    template: &'a Template,
    prepared: &'a Prepared,
    bound: &'a Bound<'b>,
}

impl<'a> Reading<'a, '_> {
    fn digest(&self) -> &'a Digest {
        &self.template.digest
    }

    /// The literal in a slot, and its number among the statement's.
    fn literal(&self, slot: Slot) -> Result<(usize, &'a Literal), Failure> {
        let (at, ..) = self.digest().slot_place(slot);
        let literal = self.digest().literals.get(at);
        let foreign = || Failure::from(&SpliceError::ForeignPlan);
        Ok((at, literal.ok_or_else(foreign)?))
    }

    /// What LIMIT says, with the values that are bound.
    fn limit(&self, slots: LimitSlots) -> Result<Limit, Failure> {
        let number = |slot: Slot| {
            let (at, literal) = self.literal(slot)?;
            let number = match literal.kind {
                LiteralKind::Placeholder => {
                    let ordinal = self.template.ordinals.get(at);
                    let value = ordinal.and_then(|at| self.bound.values.get(*at as usize));
                    value.and_then(|value| whole(*value))
                }
                _ => digits(literal.text(&self.template.sql)),
            };
            number.ok_or_else(|| Failure::from(&SpliceError::NoLimit))
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
            check(digest, edits.iter())?;
            return Ok(None);
        };
        let start = |at: &usize| digest.literals.get(*at).map_or(0, |l| l.start as usize);
        let of_limit = |edit: &Edit| match rewrite::place(digest, edit) {
            Ok(place) => placeholders.iter().any(|at| place.contains(&start(at))),
            Err(_) => false,
        };
        check(digest, edits.iter().filter(|edit| !of_limit(edit)))?;
        let keep = self
            .template
            .ordinals
            .get(*first)
            .map_or(0, |at| *at as usize);
        if keep + placeholders.len() != usize::from(self.prepared.params) {
            return Err(refused("parameters behind LIMIT over several shards"));
        }
        for edit in edits.to_mut().iter_mut().filter(|edit| of_limit(edit)) {
            if matches!(edit.with, Replacement::Limit(_)) {
                edit.with = Replacement::Text("?".to_owned());
            }
        }
        let sum = limit.offset.saturating_add(limit.count);
        self.rebound(keep, scatter.nodes_limit.then_some(sum))
            .map(Some)
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

    /// The first `keep` parameters, and a number behind them.
    fn rebound(&self, keep: usize, last: Option<u64>) -> Result<Rebound, Failure> {
        let (prepared, packet) = (self.prepared, &self.bound.packet);
        if packet.count > usize::from(prepared.params) {
            return Err(refused("query attributes beside LIMIT over several shards"));
        }
        let mut reader = Reader::new(packet.values);
        let mut nulls = vec![0_u8; (keep + 1).div_ceil(8)];
        for (at, declared) in prepared.types.iter().take(keep).enumerate() {
            if packet.is_null(at)
                && let Some(byte) = nulls.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
            }
            if packet.is_null(at) || prepared.long_data(at).is_some() {
                continue;
            }
            match read_parameter(&mut reader, *declared) {
                Ok(Some(_)) => {}
                _ => return Err(refused("LIMIT over several shards behind such a parameter")),
            }
        }
        let read = packet.values.len() - reader.remaining();
        let mut values = packet.values.get(..read).unwrap_or_default().to_vec();
        let mut types: Vec<ParamType> = prepared.types.iter().take(keep).copied().collect();
        if let Some(last) = last {
            types.push(ParamType::new(ColumnType::MYSQL_TYPE_LONGLONG as u8, true));
            values.extend(last.to_le_bytes());
        }
        Ok(Rebound {
            nulls,
            types,
            values,
        })
    }
}

/// Other parameters than the client's.
#[derive(Debug)]
struct Rebound {
    nulls: Vec<u8>,
    types: Vec<ParamType>,
    values: Vec<u8>,
}

impl Rebound {
    fn execution(&self) -> Execution<'_> {
        Execution {
            bound: BoundParameters::of(self.types.len(), &self.nulls, &self.values),
            types: &self.types,
            own_values: self.values.len(),
            cursor: false,
        }
    }
}

/// Refuses edits that would change which parameters a text has.
fn check<'e>(digest: &Digest, edits: impl Iterator<Item = &'e Edit>) -> Result<(), Failure> {
    match rewrite::disturbed(digest, edits).map_err(|error| Failure::from(&error))? {
        None => Ok(()),
        Some(Disturbed::Removed) => Err(refused(
            "parameters in what is computed behind several shards",
        )),
        Some(Disturbed::Repeated) => Err(refused(
            "parameters in what is sorted, grouped or aggregated over several shards",
        )),
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

fn digits(text: &[u8]) -> Option<u64> {
    let plain = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| plain)?;
    text.parse().ok()
}

fn refused(what: &str) -> Failure {
    Failure::Error(unsupported(what))
}

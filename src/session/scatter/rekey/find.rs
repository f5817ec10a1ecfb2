//! The rows that an UPDATE is about, found and locked, with their old and new primary keys.

use std::sync::Arc;

use super::super::super::shard_query::ShardQuery;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::limited::own;
use super::super::written::{Broken, Errand};
use super::super::{Asked, Part, Text, Worker, lanes, merge_spec};
use super::{Found, Rekeying, broken};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::gather;
use crate::execute::scatter::{Kept, ScatterError};
use crate::merge::{MergeSpec, RowFormat};
use crate::parse::Digest;
use crate::plan::{self, Plan};
use crate::rewrite::{self, MoveError, MovedRows, NODE, RowLayout};
use crate::topology::{Column, KeyType};
use crate::wire::{ColumnDefinition, Reader};

/// The SELECT that finds the rows.
pub(super) struct Finding<'s> {
    sql: Vec<u8>,
    digest: Digest,
    plan: Arc<Plan>,
    layout: RowLayout,
    pub parts: Vec<Part<'s>>,
}

impl Session {
    /// The SELECT for each data node.
    pub(super) fn finding<'s>(
        &self,
        rekeying: &Rekeying<'s>,
        statement: &Statement<'_>,
    ) -> Result<Finding<'s>, super::Failure> {
        let foreign = || super::Failure::from(&rewrite::SpliceError::ForeignPlan);
        let snapshot = rekeying.snapshot;
        let (sql, layout) = rekeying.texts.reading();
        let digest = self.scan_in(&sql, statement.mode, self.state.plan_context)?;
        let plan = self.plan_in(snapshot, &own(&sql, &digest, statement));
        let edits = match rekeying.nodes {
            [_] => &plan.edits,
            _ => match &plan.merged() {
                Some(merged) => &merged.edits,
                None => return Err(super::refused("whose order only MySQL itself can find")),
            },
        };
        let mut parts = Vec::with_capacity(rekeying.nodes.len());
        for (at, node) in rekeying.nodes.iter().enumerate() {
            let target = super::node_target(&snapshot.topology, *node, &rekeying.rekey.plan)?;
            let values = self.values((snapshot, &plan), (target, node.part));
            let mut room = Vec::new();
            let text = rewrite::splice(&sql, 0, &digest, edits, &values, &mut room);
            let text = text.map_err(|error| super::Failure::from(&error))?;
            let behind = text.strip_prefix(NODE.as_bytes()).ok_or_else(foreign)?;
            let text = [format!("SELECT {at}").as_bytes(), behind].concat();
            let text = Text::Query(text);
            parts.push(Part { target, text });
        }
        Ok(Finding {
            sql,
            digest,
            plan,
            layout,
            parts,
        })
    }

    /// Finds and locks the rows; for each data node those that it has.
    pub(super) async fn find(
        &mut self,
        workers: &mut [Worker],
        (rekeying, finding): (&Rekeying<'_>, &Finding<'_>),
        (query, statement): (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<Vec<Vec<Found>>, Broken> {
        let variables = gather::source_variables(&self.state.variables, true);
        let variables = self.shared.interner.intern(variables);
        self.on_all(workers, Errand::Carry(&variables)).await?;
        let own = own(&finding.sql, &finding.digest, statement);
        let merged = match rekeying.nodes {
            [_] => None,
            _ => finding.plan.merged(),
        };
        let how = (merged.map(|merged| (merged, &own)), query);
        let kept = match self.kept(workers, &finding.parts, how).await {
            Err(Broken::Told(error)) if error.code == ErrorKind::UnknownColumn.code().0 => {
                self.ask_itself(workers, rekeying, (query, statement))
                    .await?;
                return Err(Broken::Told(error));
            }
            kept => kept?,
        };
        let columns = definitions(&kept)?;
        let layout = &finding.layout;
        let old = tuples(&columns, &layout.old, &rekeying.texts.primary)?;
        let new = match layout.new.is_empty() {
            true => None,
            false => Some(tuples(&columns, &layout.new, &rekeying.texts.primary)?),
        };
        let mut found: Vec<Vec<Found>> = rekeying.nodes.iter().map(|_| Vec::new()).collect();
        for row in &kept.rows {
            let old = tuple(&old, row, layout.old.start)?;
            let new = match &new {
                Some(new) => tuple(new, row, layout.new.start)?,
                None => old.clone(),
            };
            let key = rekeying.comparable(&cells(row, &layout.keys)?);
            let of_node = node_of(row).and_then(|at| found.get_mut(at));
            let of_node = of_node.ok_or_else(|| Broken::Told(MysqlError::stale()))?;
            of_node.push(Found { old, new, key });
        }
        Ok(found)
    }

    /// Where a column is unknown, the statement itself says in which of its clauses.
    async fn ask_itself(
        &mut self,
        workers: &mut [Worker],
        rekeying: &Rekeying<'_>,
        (query, statement): (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<(), Broken> {
        let parts = self.itself(rekeying, statement)?;
        let parts = super::Writing::new(super::super::writes::Kind::Change, parts);
        super::assign(workers, &parts.parts);
        let now = Arc::clone(&self.state.variables);
        let asked = (query, statement);
        let done = self.run_parts(workers, (&parts, 0..1), asked, &now);
        done.await.map(drop)
    }

    /// The statement as it is, for the first data node.
    pub(super) fn itself<'s>(
        &self,
        rekeying: &Rekeying<'s>,
        statement: &Statement<'_>,
    ) -> Result<Vec<Part<'s>>, super::Failure> {
        let plans = (rekeying.snapshot, &*rekeying.rekey.plan);
        let first = rekeying.nodes.get(..1).unwrap_or_default();
        self.texts(plans, first, None, (statement, None))
    }

    /// The rows that parts answer with, each with the number of its part's data node first.
    pub(super) async fn kept(
        &mut self,
        workers: &mut [Worker],
        parts: &[Part<'_>],
        (merged, query): (
            Option<(&plan::scatter::Scatter, &Statement<'_>)>,
            &ShardQuery<'_>,
        ),
    ) -> Result<Kept, Broken> {
        super::assign(workers, parts);
        let now = Arc::clone(&self.state.variables);
        let asked = Asked {
            attributes: b"",
            qualified: query.qualified,
            executed: None,
            rebound: &[],
            then: &now,
            now: &now,
        };
        let spec = |visible: usize| match merged {
            Some((merged, own)) => merge_spec((merged, None, None), own, visible),
            None => Ok(MergeSpec::as_it_comes(visible)),
        };
        let mut lanes = lanes(workers, (parts, 0..parts.len()), &asked);
        // Connections without a part are not waited for.
        lanes.retain(|lane| !lane.is_done());
        let names = parts.iter().map(|part| part.target.names).collect();
        let hidden = merged.map_or(0, |(merged, _)| merged.hidden);
        match self
            .keep_rows((lanes, names), (RowFormat::Text, hidden, true), &spec)
            .await
        {
            Ok((kept, _)) => Ok(kept),
            Err(ScatterError::Refused { error, .. }) => Err(Broken::Told(error)),
            Err(ScatterError::Lost(error)) => Err(Broken::Lost(error)),
        }
    }
}

impl Rekeying<'_> {
    /// A sharding key whose bytes are equal if and only if the keys are; `None`: that is not known.
    pub fn comparable(&self, key: &[Option<&[u8]>]) -> Option<Vec<Vec<u8>>> {
        let columns = self.sharding.keys.iter().zip(key);
        let texts = columns.map(|(column, text)| {
            let text = text.unwrap_or_default();
            match column.key_type {
                Some(KeyType::Text { .. }) if !text.is_ascii() => None,
                Some(KeyType::Text { .. }) => Some(text.trim_ascii_end().to_ascii_lowercase()),
                _ => Some(text.to_vec()),
            }
        });
        texts.collect()
    }
}

/// The columns of an answer.
pub(in super::super) fn definitions(kept: &Kept) -> Result<Vec<ColumnDefinition<'_>>, Broken> {
    let columns = kept.columns.iter();
    let columns = columns.map(|column| ColumnDefinition::decode(column));
    let columns: Result<Vec<_>, _> = columns.collect();
    columns.map_err(|error| Broken::Told(error.to_mysql()))
}

/// What writes some of an answer's columns as rows of values.
pub(super) fn tuples(
    columns: &[ColumnDefinition<'_>],
    which: &std::ops::Range<usize>,
    into: &[&Column],
) -> Result<MovedRows, Broken> {
    let from = columns.get(which.clone()).unwrap_or_default();
    MovedRows::new(from, into).map_err(|error| match error {
        MoveError::Type { column, into, from } => broken(&format!(
            "and stores {from} in column '{column}' of type {into}"
        )),
        other => Broken::Told(other.to_mysql()),
    })
}

/// A row of values: of the columns from number `first` on.
pub(in super::super) fn tuple(
    rows: &MovedRows,
    row: &[u8],
    first: usize,
) -> Result<Vec<u8>, Broken> {
    let mut reader = Reader::new(row);
    for _ in 0..first {
        reader
            .nullable_bytes()
            .map_err(|error| Broken::Told(error.to_mysql()))?;
    }
    let mut sql = Vec::new();
    let put = rows.put(reader.rest(), &mut sql);
    put.map_err(|error| Broken::Told(error.to_mysql()))?;
    Ok(sql)
}

/// Some of a row's texts.
pub(in super::super) fn cells<'r>(
    row: &'r [u8],
    which: &std::ops::Range<usize>,
) -> Result<Vec<Option<&'r [u8]>>, Broken> {
    let mut reader = Reader::new(row);
    let all: Result<Vec<_>, _> = (0..which.end).map(|_| reader.nullable_bytes()).collect();
    let all = all.map_err(|error| Broken::Told(error.to_mysql()))?;
    Ok(all.get(which.clone()).unwrap_or_default().to_vec())
}

/// The number of the data node that a row begins with.
pub(super) fn node_of(row: &[u8]) -> Option<usize> {
    let first = Reader::new(row).nullable_bytes().ok()??;
    std::str::from_utf8(first).ok()?.parse().ok()
}

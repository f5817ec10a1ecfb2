//! INSERT and REPLACE into a sharded table: where each row's key stands.

use super::KeyCondition;
use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use super::unsupported::{PlanError, Unsupported};
use crate::parse::ast::{Assignment, Ast, Insert, InsertRow, InsertSource, StoredValue};
use crate::parse::{Digest, Slot};

/// The condition of an INSERT whose target is sharded.
///
/// # Errors
/// A row's key is not a literal, or the statement reads other tables than broadcast ones.
pub fn condition(
    ast: &Ast,
    insert: &Insert,
    digest: &Digest,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Result<KeyCondition, PlanError> {
    let Some(target) = tables.sharded.first() else {
        return Ok(KeyCondition::Unknown);
    };
    let into = Target {
        name: resolver.full_name(target.table),
        sharded: target,
    };
    if let InsertSource::Select(_) = insert.source {
        return Err(Unsupported::InsertSelect(into.name).into());
    }
    if let Some(other) = tables.sharded.get(1) {
        let other = resolver.full_name(other.table);
        return Err(Unsupported::InsertSubquery {
            table: into.name,
            other,
        }
        .into());
    }
    debug_assert_eq!((target.block, target.at), (0, 0), "{:?}", ast.kind);
    if insert
        .on_duplicate
        .iter()
        .any(|assigned| into.is_key(&assigned.column.name))
    {
        return Err(into.key_update());
    }
    let slots = match &insert.source {
        InsertSource::Folded(first) => vec![into.folded(*first, insert, digest)?],
        InsertSource::Rows(rows) => into.rows(rows, insert)?,
        InsertSource::Set(assignments) => vec![into.set(assignments)?],
        InsertSource::Select(_) => Vec::new(),
    };
    Ok(KeyCondition::Stored(slots))
}

/// The sharded table that rows are stored in.
struct Target<'t> {
    name: String,
    sharded: &'t ShardedRef<'t>,
}

impl Target<'_> {
    fn is_key(&self, column: &str) -> bool {
        self.sharded.sharding.key.eq_ignore_ascii_case(column)
    }

    /// The key's place among the row's values, and how many values a row has.
    fn position(&self, insert: &Insert) -> Result<(usize, usize), PlanError> {
        let columns = match (&insert.columns, &self.sharded.sharding.columns) {
            (Some(columns), _) | (None, Some(columns)) => columns,
            (None, None) => return Err(Unsupported::ColumnsNotKnown(self.name.clone()).into()),
        };
        let at = columns.iter().position(|column| self.is_key(column));
        Ok((at.ok_or_else(|| self.key_missing())?, columns.len()))
    }

    /// All rows are literals.
    fn folded(&self, first: Slot, insert: &Insert, digest: &Digest) -> Result<Slot, PlanError> {
        let (at, columns) = self.position(insert)?;
        let group = digest.group(first);
        if group.is_none_or(|group| group.columns as usize != columns) {
            return Err(PlanError::WrongValueCount { row: 1 });
        }
        Ok(Slot(first.0 + at as u32))
    }

    fn rows(&self, rows: &[InsertRow], insert: &Insert) -> Result<Vec<Slot>, PlanError> {
        // `INSERT INTO t () VALUES ()` stores defaults.
        if rows.iter().all(|row| row.values.is_empty()) {
            return Err(self.key_missing());
        }
        let (at, columns) = self.position(insert)?;
        let numbered = rows.iter().zip(1..);
        numbered
            .map(|(row, number)| match row.values.get(at) {
                _ if row.values.len() != columns => Err(PlanError::WrongValueCount { row: number }),
                Some(StoredValue::Slot(slot)) => Ok(*slot),
                _ => Err(self.key_expression(number)),
            })
            .collect()
    }

    fn set(&self, assignments: &[Assignment]) -> Result<Slot, PlanError> {
        let mut keys = assignments.iter().filter(|a| self.is_key(&a.column.name));
        match (keys.next().map(|a| a.value), keys.next()) {
            (None, _) => Err(self.key_missing()),
            (Some(StoredValue::Slot(slot)), None) => Ok(slot),
            _ => Err(self.key_expression(1)),
        }
    }

    fn key_missing(&self) -> PlanError {
        let (table, column) = (self.name.clone(), self.sharded.sharding.key.clone());
        Unsupported::KeyMissing { table, column }.into()
    }

    fn key_expression(&self, row: usize) -> PlanError {
        let (table, column) = (self.name.clone(), self.sharded.sharding.key.clone());
        Unsupported::KeyExpression { table, column, row }.into()
    }

    fn key_update(&self) -> PlanError {
        let (table, column) = (self.name.clone(), self.sharded.sharding.key.clone());
        Unsupported::KeyUpdate { table, column }.into()
    }
}

//! INSERT and REPLACE into a sharded table: where each row's key stands.

use smallvec::SmallVec;

use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use super::unsupported::{PlanError, Unsupported};
use super::{KeyCondition, KeySource, StoredKey};
use crate::parse::ast::{Assignment, Insert, InsertRow, InsertSource, StoredValue};
use crate::parse::{Digest, Slot};
use crate::topology::KeyColumn;

/// The condition of an INSERT whose target is sharded.
///
/// # Errors
/// A row's key is not a literal, or the statement reads other tables than broadcast ones.
pub fn condition(
    insert: &Insert,
    digest: &Digest,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Result<KeyCondition, PlanError> {
    let Some(target) = tables.sharded.first() else {
        return Ok(KeyCondition::Unknown);
    };
    let into = Target::of(target, resolver);
    if let Some(other) = tables.sharded.get(1) {
        let other = resolver.full_name(other.table);
        return Err(Unsupported::InsertSubquery {
            table: into.name,
            other,
        }
        .into());
    }
    into.check_updates(&insert.on_duplicate)?;
    Ok(KeyCondition::Stored(match &insert.source {
        InsertSource::Folded(first) => vec![into.folded(*first, insert, digest)?],
        InsertSource::Rows(rows) => into.rows(rows, insert)?,
        InsertSource::Set(assignments) => vec![into.set(assignments)?],
        InsertSource::Select(_) => return Err(Unsupported::InsertSelect(into.name).into()),
    }))
}

/// Which of the values that a row gets are the target's key columns.
///
/// # Errors
/// A key column is missing, or the table's columns are not known.
pub fn key_positions(
    insert: &Insert,
    target: &ShardedRef<'_>,
    resolver: Resolver<'_>,
) -> Result<SmallVec<[usize; 2]>, PlanError> {
    let into = Target::of(target, resolver);
    into.positions(insert).map(|(positions, _)| positions)
}

/// Refuses assignments behind ON DUPLICATE KEY UPDATE by which a row may leave its data node.
///
/// # Errors
/// As said.
pub fn check_updates(
    updates: &[Assignment],
    target: &ShardedRef<'_>,
    resolver: Resolver<'_>,
) -> Result<(), PlanError> {
    Target::of(target, resolver).check_updates(updates)
}

/// The sharded table that rows are stored in.
struct Target<'t> {
    name: String,
    sharded: &'t ShardedRef<'t>,
    resolver: Resolver<'t>,
}

impl<'t> Target<'t> {
    fn of(sharded: &'t ShardedRef<'t>, resolver: Resolver<'t>) -> Self {
        Self {
            name: resolver.full_name(sharded.table),
            sharded,
            resolver,
        }
    }

    /// ON DUPLICATE KEY UPDATE may give a row the whole key that it would have been stored with:
    /// it is on that key's data node.
    fn check_updates(&self, updates: &[Assignment]) -> Result<(), PlanError> {
        let sharding = self.sharded.sharding;
        let changed = || {
            let keyed = updates.iter();
            keyed.filter(|assigned| {
                assigned.value != StoredValue::Same && sharding.key(&assigned.column.name).is_some()
            })
        };
        let whole = sharding.keys.iter().all(|key| {
            changed().any(|assigned| assigned.column.name.eq_ignore_ascii_case(&key.name))
        });
        match changed().find(|assigned| !whole || assigned.value != StoredValue::Inserted) {
            Some(key) => Err(self.key_update(&key.column.name)),
            None => Ok(()),
        }
    }

    /// The key columns' places among the row's values, and how many values a row has.
    fn positions(&self, insert: &Insert) -> Result<(SmallVec<[usize; 2]>, usize), PlanError> {
        let sharding = self.sharded.sharding;
        let columns = match (&insert.columns, &sharding.columns) {
            (Some(columns), _) | (None, Some(columns)) => columns,
            (None, None) => return Err(Unsupported::ColumnsNotKnown(self.name.clone()).into()),
        };
        let position = |key: &KeyColumn| {
            let mut written = columns.iter();
            let at = written.position(|column| column.eq_ignore_ascii_case(&key.name));
            at.ok_or_else(|| self.key_missing(&key.name))
        };
        let at = sharding.keys.iter().map(position);
        Ok((at.collect::<Result<_, _>>()?, columns.len()))
    }

    /// All rows are literals.
    fn folded(
        &self,
        first: Slot,
        insert: &Insert,
        digest: &Digest,
    ) -> Result<StoredKey, PlanError> {
        let (positions, columns) = self.positions(insert)?;
        let group = digest.group(first);
        if group.is_none_or(|group| group.columns as usize != columns) {
            return Err(PlanError::WrongValueCount { row: 1 });
        }
        let slot = |at: &usize| Slot(first.0 + *at as u32).into();
        Ok(positions.iter().map(slot).collect())
    }

    fn rows(&self, rows: &[InsertRow], insert: &Insert) -> Result<Vec<StoredKey>, PlanError> {
        // `INSERT INTO t () VALUES ()` stores defaults.
        if rows.iter().all(|row| row.values.is_empty()) {
            return Err(self.key_missing(&self.sharded.sharding.key_names()));
        }
        let (positions, columns) = self.positions(insert)?;
        let numbered = rows.iter().zip(1..);
        numbered
            .map(|(row, number)| {
                if row.values.len() != columns {
                    return Err(PlanError::WrongValueCount { row: number });
                }
                let keys = positions.iter().zip(&self.sharded.sharding.keys);
                let slots = keys.map(|(at, key)| match row.values.get(*at) {
                    Some(StoredValue::Slot(slot)) => Ok((*slot).into()),
                    Some(StoredValue::Made(made)) if self.resolver.makes(made.maker) => {
                        Ok(KeySource::Made(*made))
                    }
                    _ => Err(self.key_expression(&key.name, number)),
                });
                slots.collect()
            })
            .collect()
    }

    fn set(&self, assignments: &[Assignment]) -> Result<StoredKey, PlanError> {
        let keys = self.sharded.sharding.keys.iter();
        let slots = keys.map(|key| {
            let is_it = |a: &&Assignment| a.column.name.eq_ignore_ascii_case(&key.name);
            let mut assigned = assignments.iter().filter(is_it);
            match (assigned.next().map(|a| a.value), assigned.next()) {
                (None, _) => Err(self.key_missing(&key.name)),
                (Some(StoredValue::Slot(slot)), None) => Ok(slot.into()),
                (Some(StoredValue::Made(made)), None) if self.resolver.makes(made.maker) => {
                    Ok(KeySource::Made(made))
                }
                _ => Err(self.key_expression(&key.name, 1)),
            }
        });
        slots.collect()
    }

    fn key_missing(&self, column: &str) -> PlanError {
        let (table, column) = (self.name.clone(), column.to_owned());
        Unsupported::KeyMissing { table, column }.into()
    }

    fn key_expression(&self, column: &str, row: usize) -> PlanError {
        let (table, column) = (self.name.clone(), column.to_owned());
        Unsupported::KeyExpression { table, column, row }.into()
    }

    fn key_update(&self, column: &str) -> PlanError {
        let (table, column) = (self.name.clone(), column.to_lowercase());
        Unsupported::KeyUpdate { table, column }.into()
    }
}

//! LOCK TABLES and FLUSH TABLES: on every data node of the tables, or on every replica set.

use super::everywhere::{Named, Place};
use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::{Action, Edit};
use crate::parse::Tokens;
use crate::parse::utility::{LockMode, LockedTable};

/// What is locked, or flushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locks {
    /// LOCK TABLES
    Tables(Vec<Locked>),
    /// FLUSH TABLES WITH READ LOCK
    Everything,
    /// FLUSH TABLES, which locks nothing.
    Nothing,
}

/// A table of LOCK TABLES.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The table.
    pub name: Named,
    /// What the session calls it.
    pub alias: Option<String>,
    /// How.
    pub mode: LockMode,
}

impl Locks {
    /// How it is told to people.
    pub fn told(&self) -> &'static str {
        match self {
            Self::Tables(_) => "the tables are locked on each of their data nodes",
            Self::Everything => "every replica set is locked",
            Self::Nothing => "every replica set carries it out",
        }
    }
}

/// Where LOCK TABLES goes.
///
/// # Errors
/// A table does not exist, or cannot be locked.
pub fn plan(
    tables: &[LockedTable],
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let mut locked = Vec::with_capacity(tables.len());
    for LockedTable { table, alias, mode } in tables {
        let schema = table.schema.and_then(|at| tokens.name(at));
        let name = tokens.name(table.name).unwrap_or_default();
        let place = match resolver.table(schema.as_deref(), &name)? {
            Resolved::Sharded(_, table, sharding) if sharding.split.is_some() => {
                let what = format!("LOCK TABLES on split table '{}'", resolver.full_name(table));
                return Err(Unsupported::Statement(what).into());
            }
            Resolved::Sharded(id, ..) => Place::Nodes(id),
            Resolved::Broadcast(table) => Place::Shards(table.schema),
            Resolved::Single(_, shard) => Place::One(shard),
            Resolved::System => {
                let what = "LOCK TABLES on tables of the servers' own".to_owned();
                return Err(Unsupported::Statement(what).into());
            }
        };
        let schema = schema.as_deref().or(resolver.current);
        let schema = schema.ok_or(PlanError::NoSchemaSelected)?;
        locked.push(Locked {
            name: Named {
                tokens: table.schema.unwrap_or(table.name)..table.name + 1,
                schema: resolver.schema(schema)?.0,
                table: Some(name),
                place,
            },
            alias: alias.and_then(|at| tokens.name(at)),
            mode: *mode,
        });
    }
    Ok(lock(Locks::Tables(locked)))
}

/// The same action for every replica set.
pub fn lock(locks: Locks) -> (Action, Vec<Edit>) {
    (Action::Lock(Box::new(locks)), Vec::new())
}

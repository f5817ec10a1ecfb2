//! SELECT, INSERT, REPLACE, UPDATE, DELETE: AST + topology → action.

use super::resolve::Resolver;
use super::tables::Tables;
use super::unsupported::{PlanError, Unsupported};
use super::{Access, Action, copies, insert, insert_select, sharding_key, system, update};
use crate::parse::Tokens;
use crate::parse::ast::{Ast, AstKind};

/// Where a parsed statement goes.
///
/// # Errors
/// A table does not exist, or the statement cannot be answered exactly.
pub fn action(
    ast: &Ast,
    tokens: Tokens<'_>,
    access: Access,
    resolver: Resolver<'_>,
) -> Result<Action, PlanError> {
    let tables = Tables::of(ast, resolver)?;
    let users = tables.sharded.len() + tables.broadcast.len() + tables.single.len();
    if let (Some((schema, name)), 1..) = (tables.system.first(), users) {
        let single = tables.sharded.is_empty() && tables.broadcast.is_empty();
        if !single || !system::is_mixable(&tables, resolver) {
            let name = system::full_name(schema, name, resolver);
            return Err(Unsupported::SystemJoin(name).into());
        }
    } else if !tables.system.is_empty() {
        return system::action(&tables, resolver);
    }
    if let Some(action) = insert_select::action(ast, tokens, &tables, resolver)? {
        return Ok(action);
    }
    let single = tables.common_shard(resolver)?;
    if let Some(copies) = copies::action(ast, &tables, resolver)? {
        return Ok(copies);
    }
    if ast.kind == AstKind::Update {
        update::check(ast, &tables, resolver)?;
    }
    if let Some(shard) = single {
        return Ok(Action::Single(shard));
    }
    if let Some(first) = tables.sharded.first() {
        let condition = match &ast.insert {
            Some(into) if first.is_target() => {
                insert::condition(into, tokens.digest(), &tables, resolver)?
            }
            _ => sharding_key::condition(ast, tokens, &tables, resolver),
        };
        return Ok(Action::Sharded {
            table: first.id,
            condition,
            schema: first.table.schema,
        });
    }
    let Some((table, _)) = tables.broadcast.first() else {
        return Ok(Action::Any(resolver.current_schema()));
    };
    let schema = resolver.topology.schema_by_id(table.schema);
    match schema.and_then(|schema| schema.shards.first()) {
        // Locks on one copy exclude nobody who locks another: all lock the first.
        Some(first) if access == Access::Write => Ok(Action::Single(*first)),
        _ => Ok(Action::Any(Some(table.schema))),
    }
}

//! UPDATE: the copies of a broadcast table must stay equal.

use super::resolve::Resolver;
use super::tables::Tables;
use super::unsupported::{PlanError, Unsupported};
use crate::parse::ast::{Ast, TableRef, TableRole, TableSource};
use crate::topology::Table;

/// Refuses assignments to broadcast tables.
///
/// # Errors
/// As said.
pub fn check(ast: &Ast, tables: &Tables<'_>, resolver: Resolver<'_>) -> Result<(), PlanError> {
    let written = tables
        .broadcast
        .iter()
        .filter(|(_, role)| *role == TableRole::Write);
    for (table, _) in written {
        check_broadcast(ast, table, resolver)?;
    }
    Ok(())
}

/// A broadcast table may be joined, if it is certain that nothing is assigned to it.
fn check_broadcast(ast: &Ast, table: &Table, resolver: Resolver<'_>) -> Result<(), PlanError> {
    let references = ast.blocks.first().map_or(&[][..], |block| &block.tables);
    let named = |reference: &&TableRef| match &reference.source {
        TableSource::Named { name, .. } => resolver.same_name(name, &table.name),
        _ => false,
    };
    for assignment in &ast.assignments {
        let Some(qualifier) = &assignment.column.table else {
            let name = resolver.full_name(table);
            return Err(match references.len() {
                1 => Unsupported::BroadcastWrite(name).into(),
                _ => Unsupported::UnqualifiedAssignment(name).into(),
            });
        };
        let assigned = references.iter().filter(named).any(|reference| {
            let visible = reference.alias.as_deref().unwrap_or(&table.name);
            resolver.same_name(visible, qualifier)
        });
        if assigned {
            return Err(Unsupported::BroadcastWrite(resolver.full_name(table)).into());
        }
    }
    Ok(())
}

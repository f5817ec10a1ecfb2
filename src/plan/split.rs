//! Split tables in the text: each stands there under the name of one of its tables.
//!
//! In a query the table keeps the client's name as an alias, so that columns mean what they meant.
//! INSERT and the DELETE of one table take no alias on every server: there the qualifiers of columns
//! change too.

use super::everywhere::Place;
use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use super::unsupported::{PlanError, Unsupported};
use super::{Action, Edit, Replacement};
use crate::parse::ast::{Ast, AstKind, TableRef, TableSource};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{TableId, TableKind};

/// The edits of a statement's split tables.
///
/// # Errors
/// A table cannot be called otherwise where it stands.
pub fn edits(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Edit>, PlanError> {
    let mut edits = Vec::new();
    for sharded in tables.sharded.iter().filter(|s| s.sharding.split.is_some()) {
        let block = ast.blocks.get(sharded.block);
        let Some(reference) = block.and_then(|block| block.tables.get(sharded.at)) else {
            continue;
        };
        let split = SplitRef {
            ast,
            tokens,
            sharded,
            reference,
            resolver,
        };
        edits.extend(split.edits()?);
    }
    Ok(edits)
}

/// The split tables of a statement, without repetition.
pub fn of_action(action: &Action, edits: &[Edit], resolver: Resolver<'_>) -> Vec<TableId> {
    let Action::Everywhere(all) = action else {
        return tables(edits);
    };
    let is_split = |id: &TableId| {
        let table = resolver.topology.table_by_id(*id);
        matches!(table.map(|table| &table.kind), Some(TableKind::Sharded(sharding)) if sharding.split.is_some())
    };
    let nodes = all.names.iter().filter_map(|name| match name.place {
        Place::Nodes(id) => Some(id),
        Place::Shards(_) | Place::One(_) => None,
    });
    let mut tables: Vec<TableId> = nodes.filter(is_split).collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

/// The split tables among the edits, without repetition.
pub fn tables(edits: &[Edit]) -> Vec<TableId> {
    let mut tables: Vec<TableId> = edits
        .iter()
        .filter_map(|edit| match edit.with {
            Replacement::SplitTable { table, .. } => Some(table),
            _ => None,
        })
        .collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

/// The edit of a split table's name where nothing refers to it.
pub fn name(at: usize, table: TableId) -> Edit {
    Edit {
        token: at as u32,
        tokens: 1,
        with: Replacement::SplitTable {
            table,
            database: false,
            alias: false,
        },
    }
}

/// A reference to a split table.
struct SplitRef<'a> {
    ast: &'a Ast,
    tokens: Tokens<'a>,
    sharded: &'a ShardedRef<'a>,
    reference: &'a TableRef,
    resolver: Resolver<'a>,
}

impl SplitRef<'_> {
    fn edits(&self) -> Result<Vec<Edit>, PlanError> {
        let TableSource::Named { name_token, .. } = self.reference.source else {
            return Ok(Vec::new());
        };
        let takes_alias = self.takes_alias();
        let alias = self.reference.alias.is_none() && takes_alias;
        if alias && self.reference.partitions {
            return Err(self.unsupported("PARTITION (…) behind"));
        }
        let mut edits = vec![Edit {
            with: Replacement::SplitTable {
                table: self.sharded.id,
                database: false,
                alias,
            },
            ..name(name_token, self.sharded.id)
        }];
        if alias {
            edits.extend(self.schemas_of_columns());
        } else if self.reference.alias.is_none() {
            edits.extend(self.qualifiers()?);
        }
        Ok(edits)
    }

    /// Whether every server takes an alias behind the table.
    fn takes_alias(&self) -> bool {
        match self.ast.kind {
            AstKind::Select | AstKind::Update => true,
            AstKind::Insert | AstKind::Replace => !self.sharded.is_target(),
            AstKind::Delete => self.sharded.block != 0 || !self.is_plain_delete(),
        }
    }

    /// `DELETE FROM t`, without `USING`.
    fn is_plain_delete(&self) -> bool {
        const BETWEEN: [&str; 4] = ["DELETE", "LOW_PRIORITY", "QUICK", "IGNORE"];
        let tokens = self.tokens;
        let is_between = |at: &usize| {
            tokens.kind(*at) == Some(TokenKind::Hint)
                || BETWEEN.iter().any(|word| tokens.is_word(*at, word))
        };
        let first = (0..tokens.len()).find(|at| !is_between(at));
        let one = self.ast.blocks.first().is_some_and(|b| b.tables.len() == 1);
        let using =
            |at| tokens.is_word(at, "USING") && tokens.get(at).is_some_and(|t| t.depth == 0);
        first.is_some_and(|at| tokens.is_word(at, "FROM")) && one && !(0..tokens.len()).any(using)
    }

    /// An alias has no schema: `shop.orders.x` becomes `orders.x`.
    fn schemas_of_columns(&self) -> impl Iterator<Item = Edit> + '_ {
        let of_this = |at: &&usize| {
            let schema = self.tokens.name(**at);
            let schema = schema.and_then(|name| self.resolver.topology.schema(&name));
            let table = self.tokens.name(**at + 2);
            schema.is_some_and(|(id, _)| id == self.sharded.table.schema)
                && table.is_some_and(|name| self.is_called(&name))
        };
        let columns = self.ast.column_schemas.iter().filter(of_this);
        columns.map(|at| Edit {
            token: *at as u32,
            tokens: 2,
            with: Replacement::Text(String::new()),
        })
    }

    /// The qualifiers of the table's columns.
    fn qualifiers(&self) -> Result<Vec<Edit>, PlanError> {
        let tokens = self.tokens;
        let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
        let is_dot = |at: usize| tokens.kind(at) == Some(TokenKind::Dot);
        let schemas = &self.ast.column_schemas;
        let own_schema = match self.reference.source {
            TableSource::Named { schema_token, .. } => schema_token,
            _ => None,
        };
        let found: Vec<usize> = (0..tokens.len())
            .filter(|&at| {
                let behind_schema = at >= 2 && schemas.contains(&(at - 2));
                let behind_dot = at.checked_sub(1).is_some_and(is_dot);
                is_name(at)
                    && is_dot(at + 1)
                    && !schemas.contains(&at)
                    && own_schema != Some(at)
                    && (behind_schema || !behind_dot)
                    && tokens.name(at).is_some_and(|name| self.is_called(&name))
            })
            .collect();
        let returning = |at: usize| tokens.is_word(at, "RETURNING");
        let name_of_result = |at: &usize| (0..*at).any(returning);
        if found.iter().any(name_of_result) {
            return Err(self.unsupported("RETURNING with the name of"));
        }
        let insert = matches!(self.ast.kind, AstKind::Insert | AstKind::Replace);
        let is_alias = |at: usize| {
            let named = |name: String| self.is_called(&name);
            tokens.is_word(at, "AS") && tokens.name(at + 1).is_some_and(named)
        };
        if insert && (0..tokens.len()).any(is_alias) {
            return Err(self.unsupported("AS with the name of"));
        }
        let others = self.ast.tables().filter(|(_, other)| {
            let visible = other.alias.as_deref().or(match &other.source {
                TableSource::Named { name, .. } | TableSource::Cte { name, .. } => Some(name),
                _ => None,
            });
            visible.is_some_and(|visible| self.is_called(visible))
        });
        if !found.is_empty() && others.count() > 1 {
            return Err(self.unsupported("two tables with the name of"));
        }
        Ok(found.iter().map(|at| name(*at, self.sharded.id)).collect())
    }

    fn is_called(&self, name: &str) -> bool {
        self.resolver.same_name(name, &self.sharded.table.name)
    }

    fn unsupported(&self, what: &str) -> PlanError {
        let table = self.resolver.full_name(self.sharded.table);
        Unsupported::Statement(format!("{what} split table '{table}'")).into()
    }
}

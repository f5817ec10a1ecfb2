//! Gather: a SELECT whose rows must come together before anybody can answer it → what is brought
//! where ([`Gather`]), after which a server runs the statement itself.
//!
//! In: the AST of a SELECT, UNION or WITH, or of an INSERT of one into a temporary table. Out: every table reference with the rows that can matter
//! (what its sharding key says, and the conditions that can be asked where its rows are), the
//! columns that can matter, and the edits by which each reference becomes a table of its own. Every
//! reference gets a table of its own, for MySQL names a temporary table but once in a statement.
//!
//! | file | what it decides |
//! |---|---|
//! | `columns` | which columns the statement may mean |
//! | `filters` | which conditions may be asked before the rows are brought |
//! | `hints` | which indexes the statement may name then |
//! | `links` | which tables limit each other's rows |
//! | `locks` | whose rows are locked where they are read |
//! | `text` | how the statement names its tables then |
//! | `copies` | WITH, where an expression is used more than once |
//! | `limits` | what cannot be answered this way, by name |
//! | `shift` | the same for a part of a statement |

mod columns;
mod copies;
mod filters;
mod hints;
mod limits;
mod links;
mod locks;
mod shift;
mod text;

pub use links::Form;
pub use shift::Shift;

use super::functions::Calls;
use super::resolve::{Resolved, Resolver};
use super::sharding_key;
use super::tables::Tables;
use super::temporary;
use super::unsupported::{PlanError, Unsupported};
use super::{Access, Edit, KeyCondition};
use crate::parse::Tokens;
use crate::parse::ast::{Ast, AstKind, TableRef, TableSource};
use crate::topology::{SchemaId, ShardId, TableId};

/// What is gathered, and the statement that runs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gather {
    /// The table references in order of appearance.
    pub tables: Vec<Gathered>,
    /// All names in the statement, in lower case, sorted: other columns need not come along.
    pub names: Vec<String>,
    /// What the text becomes before it runs.
    pub edits: Vec<Edit>,
}

/// A table reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    /// The table's schema.
    pub schema: SchemaId,
    /// The table's name as the statement spells it.
    pub name: String,
    /// The name by which columns call it.
    pub alias: String,
    /// Where its rows are.
    pub rows: RowsOf,
    /// All of its columns are needed, whether the statement names them or not.
    pub all_columns: bool,
    /// Its index hints: their tokens. They stand where its rows are read.
    pub index_hints: Vec<std::ops::Range<usize>>,
    /// The conditions that its rows must satisfy, all of them.
    pub filters: Vec<Filter>,
    /// Whose values its rows must have, all of them.
    pub links: Vec<Link>,
    /// How its rows are locked where they are read, in the client's words: `FOR UPDATE NOWAIT`.
    pub lock: Option<String>,
    /// It has the rows of the reference at this position, before it.
    pub copy_of: Option<usize>,
}

/// Where the rows of a table reference are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsOf {
    /// On the data nodes that the condition on the sharding key gives.
    Sharded {
        /// The table.
        table: TableId,
        /// What the statement says of its key.
        condition: KeyCondition,
    },
    /// On every shard of the schema.
    Broadcast(TableId),
    /// On one shard.
    Single {
        /// The table, where it is known.
        table: Option<TableId>,
        /// The shard.
        shard: ShardId,
    },
}

impl RowsOf {
    /// The table, where it is known.
    pub fn table(&self) -> Option<TableId> {
        match self {
            Self::Sharded { table, .. } | Self::Broadcast(table) => Some(*table),
            Self::Single { table, .. } => *table,
        }
    }
}

/// A condition, in the client's own words but for the schema before the names of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Its tokens, from the first to behind the last.
    pub tokens: std::ops::Range<usize>,
    /// Tokens that are left out.
    pub without: Vec<std::ops::Range<usize>>,
    /// It searches in an index that gathered rows do not have: it holds for all of them, and is not
    /// asked again.
    pub searches: bool,
}

/// A column whose values must be among those of another reference's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The column.
    pub column: String,
    /// The position of the other reference.
    pub other: usize,
    /// Its column.
    pub other_column: String,
    /// How its values are written.
    pub form: Form,
}

/// Whether gathering may help a statement that is refused.
pub fn may_help(error: &PlanError) -> bool {
    matches!(
        error,
        PlanError::Unsupported(
            Unsupported::DifferentSharding(..)
                | Unsupported::DifferentShards(..)
                | Unsupported::AssignedRows
        )
    )
}

/// What a SELECT gathers, or an INSERT of one into a temporary table; `None` for other statements.
///
/// # Errors
/// A table does not exist, or the statement cannot be answered exactly this way.
pub fn plan(
    ast: &Ast,
    tokens: Tokens<'_>,
    (access, calls): (Access, &Calls<'_>),
    resolver: Resolver<'_>,
) -> Option<Result<Gather, PlanError>> {
    let answers = ast.kind == AstKind::Select || temporary::is_filled(ast, resolver);
    answers.then(|| {
        limits::check(ast, tokens, (access, calls), resolver)?;
        if let Some(routine) = calls.routine(tokens) {
            return Err(Unsupported::RoutinePlace(routine).into());
        }
        if calls.runs_code() {
            return Err(Unsupported::Statement(limits::OF_VIEWS.to_owned()).into());
        }
        let mut references = references(ast, tokens, resolver)?;
        let places = links::places(ast, &references);
        for (number, reference) in references.iter_mut().enumerate() {
            reference.gathered.links = links::of(ast, tokens, (number, &places), resolver);
        }
        let searched = limits::check_searches(tokens, &references)?;
        let edits = text::edits(ast, tokens, &references, resolver);
        let tables = references.into_iter();
        let mut tables: Vec<Gathered> = tables.map(|reference| reference.gathered).collect();
        let edits = copies::expand(ast, tokens, edits, &mut tables)?;
        if searched && tables.iter().any(|table| table.copy_of.is_some()) {
            return Err(refused(
                "MATCH … AGAINST in a WITH query that is used twice,",
            ));
        }
        Ok(Gather {
            edits,
            names: columns::names(tokens),
            tables,
        })
    })
}

/// A table reference in its place.
struct Reference<'a> {
    source: &'a TableRef,
    gathered: Gathered,
}

fn references<'a>(
    ast: &'a Ast,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Reference<'a>>, PlanError> {
    let tables = Tables::of(ast, resolver)?;
    let clauses = locks::clauses(ast, tokens)?;
    let mut found = Vec::new();
    for (block, content) in ast.blocks.iter().enumerate() {
        for (at, source) in content.tables.iter().enumerate() {
            let TableSource::Named { schema, name, .. } = &source.source else {
                continue;
            };
            let named = (schema.as_deref(), name.as_str());
            let Some((schema, rows)) = rows(ast, tokens, &tables, (block, at), named, resolver)?
            else {
                continue;
            };
            let alias = source.alias.as_ref().unwrap_or(name);
            let gathered = Gathered {
                schema,
                name: name.clone(),
                alias: alias.clone(),
                rows,
                all_columns: columns::all(ast, tokens, block, source, resolver),
                index_hints: text::index_hints_of(tokens, source),
                filters: filters::of(ast, tokens, (block, at), resolver),
                links: Vec::new(),
                lock: locks::of(&clauses, (block, alias), resolver),
                copy_of: None,
            };
            found.push(Reference { source, gathered });
        }
    }
    Ok(found)
}

/// Where the rows of a reference are; `None` for DUAL.
fn rows(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    place: (usize, usize),
    (schema, name): (Option<&str>, &str),
    resolver: Resolver<'_>,
) -> Result<Option<(SchemaId, RowsOf)>, PlanError> {
    if schema.is_none() && name.eq_ignore_ascii_case("dual") {
        return Ok(None);
    }
    let topology = resolver.topology;
    Ok(match resolver.table(schema, name)? {
        Resolved::Sharded(id, table, _) => {
            let is_it = |found: &&super::tables::ShardedRef<'_>| (found.block, found.at) == place;
            let only = Tables {
                sharded: tables.sharded.iter().filter(is_it).copied().collect(),
                ..Tables::default()
            };
            let condition = sharding_key::condition(ast, tokens, &only, resolver);
            let rows = RowsOf::Sharded {
                table: id,
                condition,
            };
            Some((table.schema, rows))
        }
        Resolved::Broadcast(table) => {
            let found = topology.table(table.schema, name);
            found.map(|(id, _)| (table.schema, RowsOf::Broadcast(id)))
        }
        Resolved::Single(schema, shard) => {
            let table = resolver.known(schema, name).map(|(id, _)| id);
            Some((schema, RowsOf::Single { table, shard }))
        }
        Resolved::System => None,
    })
}

fn refused(what: &str) -> PlanError {
    Unsupported::Gathered(what.to_owned()).into()
}

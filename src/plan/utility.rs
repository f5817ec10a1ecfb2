//! Utility statements: those that the session carries out, and those that a server answers.

use super::edits;
use super::resolve::{Resolved, Resolver};
use super::split;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Action, Edit, Locks, LooksUp, Replacement, locks};
use crate::parse::utility::{Filter, Flush, TlsStatus};
use crate::parse::{QualifiedName, Show, StatementKind, TokenKind, Tokens, Utility, VariableScope};
use crate::topology::{SchemaId, ShardId, Table, TableKind};

/// Where a utility statement goes, and its edits.
///
/// # Errors
/// It is not certain that one server can answer it.
pub fn plan(
    utility: Utility,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let current = resolver.current_schema();
    match utility {
        Utility::Show(show) => plan_show(show, tokens, resolver),
        Utility::Help => Ok((Action::Any(current), Vec::new())),
        Utility::TableAdmin { verb, ref tables } => {
            super::maintenance::plan(verb, tables, tokens, resolver)
        }
        Utility::Handler(table) => on_table(table, tokens, resolver, OnCopies::Refuse("HANDLER")),
        Utility::LockTables(tables) => locks::plan(&tables, tokens, resolver),
        Utility::LoadData(data) => super::load::plan(&data, tokens, resolver),
        Utility::Call(_) => whole_schema(tokens, resolver, "CALL"),
        Utility::Xa(_) => whole_schema(tokens, resolver, "XA"),
        Utility::Flush(Flush::Tables) => Ok(locks::lock(Locks::Nothing)),
        Utility::Flush(Flush::TablesWithReadLock) => Ok(locks::lock(Locks::Everything)),
        Utility::Flush(Flush::Locking) => {
            let what = "FLUSH TABLES of some tables WITH READ LOCK or FOR EXPORT";
            Err(Unsupported::Statement(what.to_owned()).into())
        }
        Utility::Unshared(name) => Err(Unsupported::Statement(name.to_owned()).into()),
        Utility::Flush(Flush::Other) => whole_cluster(resolver, "FLUSH"),
        own => Ok((Action::Utility(Box::new(own)), Vec::new())),
    }
}

/// DESCRIBE of a table.
///
/// # Errors
/// There is no such table.
pub fn describe(
    table: QualifiedName,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    on_table(table, tokens, resolver, OnCopies::Ask)
}

fn plan_show(
    show: Show,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let anywhere = |edits| Ok((Action::Any(resolver.current_schema()), edits));
    let own = |show| Ok((Action::Utility(Box::new(Utility::Show(show))), Vec::new()));
    match show {
        Show::Columns { table, .. } | Show::CreateTable(table) | Show::CreateView(table) => {
            on_table(table, tokens, resolver, OnCopies::Ask)
        }
        Show::Index { table, filter } => {
            let planned = on_table(table, tokens, resolver, OnCopies::Ask)?;
            let what = "SHOW INDEX with WHERE on Cardinality";
            counted_where(
                planned,
                (filter, tokens),
                (&["CARDINALITY"], what),
                resolver,
            )
        }
        Show::Tables { schema, filter, .. } => {
            let planned = on_schema(schema, tokens, resolver, "SHOW TABLES")?;
            Ok(tables_where(planned, (schema, filter), tokens, resolver))
        }
        Show::TableStatus { schema, filter } => {
            let planned = on_schema(schema, tokens, resolver, "SHOW TABLE STATUS")?;
            let what = "SHOW TABLE STATUS with WHERE on numbers of rows or bytes";
            counted_where(planned, (filter, tokens), (&COUNTED, what), resolver)
        }
        Show::SchemaObjects { schema, .. } => on_schema(
            schema,
            tokens,
            resolver,
            "SHOW TRIGGERS, EVENTS and OPEN TABLES",
        ),
        Show::CreateObject(_) => whole_schema(tokens, resolver, "SHOW CREATE of this object"),
        Show::CreateDatabase(name) => database(name, tokens, resolver),
        Show::Databases(Some(Filter::Where(condition))) => databases_where(condition, tokens),
        Show::Variables {
            filter: Some(Filter::Like(pattern)),
            ..
        } => anywhere(without_gtids(pattern, tokens, resolver)),
        Show::Status {
            scope: VariableScope::Session,
            filter: Some(Filter::Like(pattern)),
        } if let Some(tls) = TlsStatus::of(tokens.text(pattern)) => own(Show::Tls(tls)),
        Show::Other if lists_routines(tokens) => anywhere(of_visible(tokens)),
        Show::Variables { .. }
        | Show::Status { .. }
        | Show::Engines
        | Show::Charsets(_)
        | Show::Other => anywhere(Vec::new()),
        Show::Shardwell(None) => Err(Unsupported::Statement("SHOW SHARDWELL".to_owned()).into()),
        show => own(show),
    }
}

/// SHOW DATABASES with WHERE is a query of the names, whose condition a server evaluates.
fn databases_where(condition: usize, tokens: Tokens<'_>) -> Result<(Action, Vec<Edit>), PlanError> {
    if has_words(tokens, &["SELECT"]) {
        let what = "SHOW DATABASES with a subquery";
        return Err(Unsupported::Statement(what.to_owned()).into());
    }
    let edit = Edit {
        token: 0,
        tokens: u32::try_from(condition).unwrap_or(u32::MAX),
        with: Replacement::Databases,
    };
    Ok((Action::Any(None), vec![edit]))
}

/// SHOW FUNCTION STATUS and its like: of all databases of a server.
fn lists_routines(tokens: Tokens<'_>) -> bool {
    let kinds = ["FUNCTION", "PROCEDURE", "PACKAGE", "LIBRARY"];
    let behind = match tokens.is_word(2, "BODY") {
        true => 3,
        false => 2,
    };
    tokens.begins(&["SHOW"])
        && kinds.iter().any(|kind| tokens.is_word(1, kind))
        && tokens.is_word(behind, "STATUS")
}

/// Its rows of the client's schemas: LIKE is about the column `Name`.
fn of_visible(tokens: Tokens<'_>) -> Vec<Edit> {
    let insert = |at: usize, tokens: u32, with: Replacement| Edit {
        token: u32::try_from(at).unwrap_or(u32::MAX),
        tokens,
        with,
    };
    let text = |text: &str| Replacement::Text(text.to_owned());
    let end = tokens.len();
    let find = |word: &str| (2..end).find(|at| tokens.is_word(*at, word));
    match (find("WHERE"), find("LIKE")) {
        (Some(at), like) if like.is_none_or(|like| at < like) => vec![
            insert(at + 1, 0, text(" (")),
            insert(end, 0, text(")")),
            insert(end, 0, Replacement::Visible("AND")),
        ],
        (_, Some(like)) => vec![
            insert(like, 0, text(" WHERE Name")),
            insert(end, 0, Replacement::Visible("AND")),
        ],
        _ => vec![insert(end, 0, Replacement::Visible("WHERE"))],
    }
}

/// What of the rows of a SHOW several shards must count together.
pub fn counted(kind: &StatementKind) -> LooksUp {
    match kind {
        StatementKind::Utility(Utility::Show(Show::TableStatus { .. })) => LooksUp {
            tables: true,
            ..LooksUp::default()
        },
        StatementKind::Utility(Utility::Show(Show::Index { .. })) => LooksUp {
            indexes: true,
            ..LooksUp::default()
        },
        _ => LooksUp::default(),
    }
}

/// The columns of SHOW TABLE STATUS that count what lies in a table.
const COUNTED: [&str; 6] = [
    "ROWS",
    "AVG_ROW_LENGTH",
    "DATA_LENGTH",
    "INDEX_LENGTH",
    "DATA_FREE",
    "AUTO_INCREMENT",
];

/// A server's WHERE sees its own numbers only.
fn counted_where(
    planned: (Action, Vec<Edit>),
    (filter, tokens): (Option<Filter>, Tokens<'_>),
    (columns, what): (&[&str], &str),
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let (Some(Filter::Where(start)), Action::Single(shard)) = (filter, &planned.0) else {
        return Ok(planned);
    };
    let shard = resolver.topology.shard(*shard);
    let schema = shard.and_then(|shard| resolver.topology.schema_by_id(shard.schema));
    let spread = schema.is_some_and(|schema| schema.shards.len() > 1 || !schema.parts.is_empty());
    let is_counted = |at: usize| {
        let name = tokens.name(at);
        name.is_some_and(|name| columns.iter().any(|c| c.eq_ignore_ascii_case(&name)))
    };
    match spread && (start..tokens.len()).any(is_counted) {
        true => Err(Unsupported::Statement(format!("{what} of several shards")).into()),
        false => Ok(planned),
    }
}

/// SHOW TABLES with WHERE names its column after the schema.
fn tables_where(
    (action, mut edits): (Action, Vec<Edit>),
    (schema, filter): (Option<usize>, Option<Filter>),
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> (Action, Vec<Edit>) {
    if let (Action::Single(_), Some(Filter::Where(start))) = (&action, filter) {
        let name = schema.and_then(|at| tokens.name(at));
        let name = name.as_deref().or(resolver.current).unwrap_or_default();
        edits.extend(columns_of_tables(name, start, tokens));
    }
    (action, edits)
}

/// Whether the pattern in it decides who answers.
pub fn is_of_literals(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Utility(Utility::Show(Show::Status {
            filter: Some(Filter::Like(_)),
            ..
        }))
    )
}

/// What stands before the schema's name in that of the column of SHOW TABLES.
pub const TABLES_IN: &str = "Tables_in_";

/// Several replica sets have no GTIDs together: mysqldump must not write those of one of them into
/// its dump, nor turn the binary log off where that is loaded.
fn without_gtids(pattern: usize, tokens: Tokens<'_>, resolver: Resolver<'_>) -> Vec<Edit> {
    const FILTER: &str = "WHERE `Variable_name` <> 'gtid_mode' AND `Variable_name` LIKE";
    let like = pattern
        .checked_sub(1)
        .filter(|at| tokens.is_word(*at, "LIKE"));
    let several = resolver.topology.replica_sets.len() > 1;
    let edit = like.filter(|_| several).map(|at| Edit {
        token: u32::try_from(at).unwrap_or(u32::MAX),
        tokens: 1,
        with: Replacement::Text(FILTER.to_owned()),
    });
    edit.into_iter().collect()
}

/// What to do with a table that has copies or parts on several shards.
#[derive(Clone, Copy)]
pub(super) enum OnCopies {
    /// Any of them gives the same answer.
    Ask,
    /// One of them is not enough.
    Refuse(&'static str),
}

pub(super) fn on_table(
    table: QualifiedName,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
    copies: OnCopies,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let schema = table.schema.and_then(|at| tokens.name(at));
    let name = tokens.name(table.name).unwrap_or_default();
    let qualifiers: Vec<usize> = table.schema.into_iter().collect();
    // What a table is can be told even where its rows cannot be used.
    let resolved = match copies {
        OnCopies::Ask => resolver.definable(schema.as_deref(), &name)?,
        OnCopies::Refuse(_) => resolver.table(schema.as_deref(), &name)?,
    };
    match resolved {
        Resolved::System => Ok((Action::Any(None), Vec::new())),
        resolved => {
            let mut edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
            if let Resolved::Sharded(id, _, sharding) = resolved
                && sharding.split.is_some()
            {
                edits.push(split::name(table.name, id));
                edits.sort_by_key(|edit| edit.token);
            }
            Ok((
                Action::Single(shard_of(&resolved, resolver, copies)?),
                edits,
            ))
        }
    }
}

fn shard_of(
    resolved: &Resolved<'_>,
    resolver: Resolver<'_>,
    copies: OnCopies,
) -> Result<ShardId, PlanError> {
    let (schema, table): (SchemaId, &Table) = match resolved {
        Resolved::Single(_, shard) => return Ok(*shard),
        Resolved::Sharded(_, table, _) | Resolved::Broadcast(table) => (table.schema, table),
        Resolved::System => return Err(PlanError::NoSuchTable(String::new())),
    };
    let shards = resolver
        .topology
        .schema_by_id(schema)
        .map(|schema| &schema.shards);
    match (copies, shards.map(Vec::as_slice)) {
        (OnCopies::Refuse(what), _) if is_split(table) => {
            let name = resolver.full_name(table);
            Err(Unsupported::Statement(format!("{what} on split table '{name}'")).into())
        }
        (_, Some([only])) | (OnCopies::Ask, Some([only, ..])) => Ok(*only),
        (OnCopies::Refuse(what), _) => {
            let kind = match table.kind {
                TableKind::Broadcast => "broadcast",
                _ => "sharded",
            };
            let name = resolver.full_name(table);
            Err(Unsupported::OneShardOf(format!("{what} on {kind} table '{name}'")).into())
        }
        (OnCopies::Ask, _) => Err(PlanError::NoSuchTable(resolver.full_name(table))),
    }
}

/// A statement about all tables of a schema: exact where one shard has them all. The sharded and
/// broadcast tables are on every shard; single ones may be on any.
fn on_schema(
    schema: Option<usize>,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
    what: &str,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let name = schema.and_then(|at| tokens.name(at));
    if name
        .as_deref()
        .or(resolver.current)
        .is_some_and(Resolver::is_system)
    {
        return Ok((Action::Any(None), Vec::new()));
    }
    let id = match &name {
        Some(name) => resolver.schema(name)?.0,
        None => resolver
            .current_schema()
            .ok_or(PlanError::NoSchemaSelected)?,
    };
    let found = resolver.topology.schema_by_id(id);
    let found = found.ok_or(PlanError::NoSchemaSelected)?;
    let picks = ["LIKE", "WHERE"];
    if !found.parts.is_empty() && picks.iter().any(|word| has_words(tokens, &[word])) {
        let what = format!("{what} with LIKE or WHERE of a schema with split tables");
        return Err(Unsupported::Statement(what).into());
    }
    let mut single = found.tables.values().filter_map(|table| {
        match resolver
            .topology
            .table_by_id(*table)
            .map(|table| &table.kind)
        {
            Some(TableKind::Single(shard)) => Some(*shard),
            _ => None,
        }
    });
    let first = single.next();
    if single.any(|shard| Some(shard) != first) {
        let what = format!("{what} of a schema with single tables on different shards");
        return Err(Unsupported::Statement(what).into());
    }
    let shard = first.or(found.shards.first().copied());
    let shard = shard.ok_or(PlanError::NoSchemaSelected)?;
    let edits = schema.map(physical_database);
    Ok((Action::Single(shard), edits.into_iter().collect()))
}

/// A statement about the schema itself: its databases are alike.
fn database(
    name: usize,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let schema = tokens.name(name).unwrap_or_default();
    if Resolver::is_system(&schema) {
        return Ok((Action::Any(None), Vec::new()));
    }
    let (_, schema) = resolver.schema(&schema)?;
    let shard = schema.shards.first().copied();
    let shard = shard.ok_or(PlanError::NoSchemaSelected)?;
    Ok((Action::Single(shard), vec![physical_database(name)]))
}

/// The column of SHOW TABLES in its WHERE: it is named after the schema.
fn columns_of_tables<'a>(
    schema: &str,
    start: usize,
    tokens: Tokens<'a>,
) -> impl Iterator<Item = Edit> + use<'a> {
    let column = format!("{TABLES_IN}{schema}");
    let is_column = move |at: &usize| {
        let name = tokens.name(*at);
        name.is_some_and(|name| name.eq_ignore_ascii_case(&column))
    };
    (start..tokens.len()).filter(is_column).map(|at| Edit {
        token: u32::try_from(at).unwrap_or(u32::MAX),
        tokens: 1,
        with: Replacement::TablesIn,
    })
}

/// The shard's database instead of the schema's name.
fn physical_database(at: usize) -> Edit {
    Edit {
        token: u32::try_from(at).unwrap_or(u32::MAX),
        tokens: 1,
        with: Replacement::PhysicalDatabase,
    }
}

/// A statement that is forwarded only where its schema has one shard.
fn whole_schema(
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
    what: &str,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let names_schema = (0..tokens.len()).find_map(|at| {
        let dotted = tokens.kind(at + 1) == Some(TokenKind::Dot);
        let name = tokens.name(at).filter(|_| dotted)?;
        resolver.topology.schema(&name)
    });
    let current = resolver.current_schema();
    let current = current.and_then(|id| Some((id, resolver.topology.schema_by_id(id)?)));
    match names_schema.or(current) {
        Some((id, schema)) if schema.shards.len() == 1 => {
            super::unparsed::plan(tokens, what, resolver)
                .map(|(_, edits)| (Action::Any(Some(id)), edits))
        }
        Some((_, schema)) => {
            let what = format!(
                "{what} on schema '{}', which has several shards",
                schema.name
            );
            Err(Unsupported::Statement(what).into())
        }
        None => whole_cluster(resolver, what),
    }
}

/// A statement that concerns a whole server: exact where there is only one.
fn whole_cluster(resolver: Resolver<'_>, what: &str) -> Result<(Action, Vec<Edit>), PlanError> {
    if resolver.topology.replica_sets.len() == 1 {
        return Ok((Action::Any(resolver.current_schema()), Vec::new()));
    }
    Err(Unsupported::Statement(format!("{what} on several replica sets")).into())
}

fn is_split(table: &Table) -> bool {
    matches!(&table.kind, TableKind::Sharded(sharding) if sharding.split.is_some())
}

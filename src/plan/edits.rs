//! What the text becomes before it is sent: physical names, session functions, column names.

use super::defined::Called;
use super::functions::Calls;
use super::own_name;
use super::qualify;
use super::reach;
use super::resolve::Resolver;
use super::split;
use super::system;
use super::tables::Tables;
use super::unparsed;
use super::unsupported::{PlanError, Unsupported};
use super::words::{has_alias, is_bare, is_reserved, select_items};
use super::{Edit, Replacement};
use crate::parse::ast::{Ast, TableRole, TableSource};
use crate::parse::{TokenKind, Tokens, VariableScope, effects, system_variable};
use crate::topology::Table;

/// All edits of a parsed statement, ascending.
///
/// # Errors
/// A schema is not configured.
pub fn of_ast(
    ast: &Ast,
    tokens: Tokens<'_>,
    calls: &Calls<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Edit>, PlanError> {
    let tables = ast.tables().filter_map(|(_, table)| match &table.source {
        TableSource::Named { schema_token, .. } => *schema_token,
        _ => None,
    });
    // What no schema is called is not before a column either, says the server. It may be a database of a
    // shard, which no client knows of.
    let is_known = |at: &usize| {
        let name = tokens.name(*at).unwrap_or_default();
        let named = |schema: &str| resolver.topology.schema(schema).is_some();
        named(&name) || Resolver::is_system(&name) || reach::is_physical(&name, resolver)
    };
    let columns = ast.column_schemas.iter().copied().filter(is_known);
    let qualifiers: Vec<usize> = tables.chain(columns).chain(calls.schema_tokens()).collect();
    let named = Tables::of(ast, resolver)?;
    let mut split = split::edits(ast, tokens, &named, resolver)?;
    let is_split = |at: usize| split.iter().any(|edit| edit.token as usize == at);
    let mut edits = databases(&qualifiers, tokens, resolver)?;
    edits.retain(|edit| !is_split(edit.token as usize));
    edits.extend(system::edits(ast, tokens, &named, resolver));
    let qualified = qualify::can_qualify(ast, tokens, resolver);
    let names: Vec<usize> = qualify::unqualified(ast).filter(|_| qualified).collect();
    let (split_names, whole): (Vec<usize>, Vec<usize>) =
        names.into_iter().partition(|at| is_split(*at));
    for edit in &mut split {
        if let Replacement::SplitTable { database, .. } = &mut edit.with {
            *database = split_names.contains(&(edit.token as usize));
        }
    }
    edits.extend(split);
    let mut edits = finished(edits, tokens);
    edits.extend(system::column_names(&edits, tokens));
    edits.extend(tables_as_selects(tokens));
    edits.extend(
        whole
            .into_iter()
            .map(|at| edit(at, 1, Replacement::PhysicalTable)),
    );
    edits.sort_by_key(|edit| (edit.token, edit.tokens));
    Ok(edits)
}

/// All edits of a statement that runs on one shard whatever its tables are.
///
/// # Errors
/// A schema is not configured, a table is several there, or the copies of one would differ.
pub fn of_unplanned(
    ast: Option<&Ast>,
    tokens: Tokens<'_>,
    calls: &Calls<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Edit>, PlanError> {
    let Some(ast) = ast else {
        let qualifiers = unparsed::qualifiers(tokens, resolver)?;
        return of_qualifiers(&qualifiers, tokens, resolver);
    };
    let tables = Tables::of(ast, resolver)?;
    let written = |(_, role): &&(&Table, TableRole)| *role == TableRole::Write;
    if let Some((table, _)) = tables.broadcast.iter().find(written) {
        return Err(Unsupported::BroadcastWrite(resolver.full_name(table)).into());
    }
    let edits = of_ast(ast, tokens, calls, resolver)?;
    if !split::tables(&edits).is_empty() {
        let what = "a split table in a statement on one shard with tables of other keys";
        return Err(Unsupported::Statement(what.to_owned()).into());
    }
    Ok(edits)
}

/// All edits of a statement whose schema names stand at the tokens `qualifiers`, ascending.
///
/// # Errors
/// A schema is not configured.
pub fn of_qualifiers(
    qualifiers: &[usize],
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Edit>, PlanError> {
    Ok(finished(databases(qualifiers, tokens, resolver)?, tokens))
}

/// Takes out the edits of schemas whose names are those of their databases: a statement on one shard may name
/// several of them.
pub(super) fn leave_homes(edits: &mut Vec<Edit>, tokens: Tokens<'_>, resolver: Resolver<'_>) {
    let is_home = |edit: &Edit| {
        let name = tokens.name(edit.token as usize).unwrap_or_default();
        let schema = resolver.topology.schema(&name).map(|(_, schema)| schema);
        schema.is_some_and(|schema| resolver.topology.is_at_home(schema))
    };
    edits.retain(|edit| edit.with != Replacement::PhysicalDatabase || !is_home(edit));
}

/// The physical databases instead of the names at `qualifiers`.
fn databases(
    qualifiers: &[usize],
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Vec<Edit>, PlanError> {
    let mut edits = Vec::new();
    for &token in qualifiers {
        let name = tokens.name(token).unwrap_or_default();
        if !Resolver::is_system(&name) {
            resolver.schema(&name)?;
            edits.push(edit(token, 1, Replacement::PhysicalDatabase));
        }
    }
    Ok(edits)
}

/// The edits of names, and what they and the session bring with them, ascending.
pub(super) fn finished(mut edits: Vec<Edit>, tokens: Tokens<'_>) -> Vec<Edit> {
    edits.extend(session_functions(tokens));
    edits.extend(own_name::edits(tokens));
    edits.extend(sockets(tokens));
    edits.extend(condition_counts(tokens));
    edits.sort_by_key(|edit| edit.token);
    edits.dedup();
    edits.extend(item_names(&edits, tokens));
    edits.sort_by_key(|edit| (edit.token, edit.tokens));
    edits
}

/// TABLE t as a SELECT: neither an alias can stand behind it, nor more columns in it.
pub(super) fn tables_as_selects(tokens: Tokens<'_>) -> impl Iterator<Item = Edit> {
    let all = (0..tokens.len()).filter(move |at| is_reserved(tokens, *at, &["TABLE"]));
    all.map(|at| edit(at, 1, Replacement::Text("SELECT * FROM".to_owned())))
}

fn edit(token: usize, tokens: u32, with: Replacement) -> Edit {
    Edit {
        token: token as u32,
        tokens,
        with,
    }
}

/// Functions whose value is the proxy session's, not the backend connection's.
fn session_functions(tokens: Tokens<'_>) -> Vec<Edit> {
    let called = Called::of(tokens);
    if called == Called::InBody {
        return Vec::new();
    }
    let mut effects = effects(&tokens);
    effects.connection_id.retain(|at| !is_holder(tokens, *at));
    if called == Called::WhenUsed {
        effects.connection_id.clear();
        effects.row_count.clear();
        effects.found_rows.clear();
        // No server takes it there.
        effects.database.retain(|at| !is_in_check(tokens, *at));
    }
    // What a definition stores keeps its text; the rows of a query that fills the table do not.
    let stored = match called {
        Called::WhenUsed => tokens.len(),
        _ if tokens.begins(&["CREATE"]) => {
            let select = |at: &usize| is_reserved(tokens, *at, &["SELECT"]);
            (0..tokens.len()).find(select).unwrap_or(0)
        }
        _ => 0,
    };
    let in_text = |at: &usize| *at < stored;
    let (texts, schemas) = effects.database.iter().copied().partition(in_text);
    let functions = [
        (texts, Replacement::SchemaText),
        (schemas, Replacement::CurrentSchema),
        (effects.connection_id, Replacement::ConnectionId),
        (effects.row_count, Replacement::RowCount),
        (effects.found_rows, Replacement::FoundRows),
    ];
    let calls = functions.into_iter();
    calls
        .flat_map(|(at, with)| at.into_iter().map(move |at| edit(at, 3, with.clone())))
        .collect()
}

/// Whether a CONNECTION_ID() is compared with IS_USED_LOCK(), which tells the server's number of the
/// connection that holds the lock: both must be the server's.
fn is_holder(tokens: Tokens<'_>, at: usize) -> bool {
    let compares = |at: usize| {
        let signs = ["=", "<=>", "<>", "!="];
        signs.iter().any(|sign| tokens.is_symbol(at, sign))
    };
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let asks = |at: usize| tokens.is_word(at, "IS_USED_LOCK");
    let before = || {
        let close = at.checked_sub(2).filter(|_| compares(at - 1))?;
        let closes = tokens.kind(close) == Some(TokenKind::Close);
        let opens = |open: &usize| {
            tokens.kind(*open) == Some(TokenKind::Open) && depth(*open) == depth(close)
        };
        let open = (0..close).rev().find(opens).filter(|_| closes)?;
        open.checked_sub(1)
    };
    compares(at + 3) && asks(at + 4) || before().is_some_and(asks)
}

/// Whether a token stands in `CHECK (…)`.
fn is_in_check(tokens: Tokens<'_>, at: usize) -> bool {
    let depth = |at: usize| tokens.get(at).map_or(0, |token| token.depth);
    let mut outside = depth(at);
    (1..at).rev().any(|open| {
        let encloses = tokens.kind(open) == Some(TokenKind::Open) && depth(open) < outside;
        outside = outside.min(depth(open));
        encloses && tokens.is_word(open - 1, "CHECK")
    })
}

/// How many conditions the statement before has left: its connection may serve others by now. A
/// statement with tables forgets them before it can count them.
fn condition_counts(tokens: Tokens<'_>) -> impl Iterator<Item = Edit> {
    let forgets = !tokens.begins(&["SELECT"]) && !tokens.begins(&["SET"])
        || (0..tokens.len()).any(|at| is_reserved(tokens, at, &["FROM"]));
    let all = (0..tokens.len()).filter(move |_| !forgets);
    all.filter_map(move |at| {
        let variable = system_variable(&tokens, at)?;
        let with = match (variable.scope, variable.name.as_str()) {
            (None | Some(VariableScope::Session), "warning_count") => Replacement::WarningCount,
            (None | Some(VariableScope::Session), "error_count") => Replacement::ErrorCount,
            _ => return None,
        };
        Some(edit(at, variable.tokens as u32, with))
    })
}

/// No socket instead of the server's: a driver on the same machine would go on there, past the proxy
/// (mysql_async does).
fn sockets(tokens: Tokens<'_>) -> impl Iterator<Item = Edit> {
    (0..tokens.len()).filter_map(move |at| {
        let variable = system_variable(&tokens, at)?;
        let of_server = matches!(variable.scope, None | Some(VariableScope::Global));
        let with = Replacement::Text("''".to_owned());
        (variable.name == "socket" && of_server).then(|| edit(at, variable.tokens as u32, with))
    })
}

/// An alias for every select item whose text changes and is its column's name.
fn item_names(edits: &[Edit], tokens: Tokens<'_>) -> Vec<Edit> {
    let changed = |item: &std::ops::Range<usize>| {
        edits
            .iter()
            .any(|edit| item.contains(&(edit.token as usize)))
    };
    let may_be_role = |item: &std::ops::Range<usize>| {
        let of_role = |edit: &Edit| edit.with == Replacement::RoleOrName;
        let mut edits = edits.iter().filter(|edit| of_role(edit));
        edits.any(|edit| item.contains(&(edit.token as usize)))
    };
    let items = select_items(tokens).into_iter();
    items
        .filter(|item| changed(item) && !has_alias(tokens, item))
        .filter(|item| may_be_role(item) || !is_bare(tokens, item))
        .map(|item| {
            let first = item.start as u32;
            edit(item.end, 0, Replacement::ItemName { first })
        })
        .collect()
}

//! What a statement may not do whose rows are gathered: it is refused by name.

use super::columns::visible_name;
use super::{Reference, refused};
use crate::parse::ast::{Ast, TableRef, TableSource};
use crate::parse::{Search, Tokens, searches};
use crate::plan::Access;
use crate::plan::access::{is_locking_read, is_stored_in_variables, only_once};
use crate::plan::full_text;
use crate::plan::functions::Calls;
use crate::plan::resolve::Resolver;
use crate::plan::system;
use crate::plan::tables::Tables;
use crate::plan::temporary;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::{are_words, is_call};

/// Functions that see more of a column than its values.
const OF_STORAGE: [&str; 4] = [
    "DEFAULT",
    "JSON_TYPE",
    "JSON_STORAGE_SIZE",
    "JSON_STORAGE_FREE",
];

/// Types of columns with a character set.
const STRING_TYPES: [&str; 13] = [
    "CHAR",
    "CHARACTER",
    "VARCHAR",
    "VARCHARACTER",
    "TINYTEXT",
    "TEXT",
    "MEDIUMTEXT",
    "LONGTEXT",
    "LONG",
    "VARCHAR2",
    "CLOB",
    "ENUM",
    "SET",
];

/// # Errors
/// See the module.
pub(super) fn check(
    ast: &Ast,
    tokens: Tokens<'_>,
    (access, calls): (Access, &Calls<'_>),
    resolver: Resolver<'_>,
) -> Result<(), PlanError> {
    let reads = || {
        is_stored_in_variables(Some(ast), tokens)
            || is_locking_read(Some(ast), tokens)
            || temporary::is_filled(ast, resolver)
    };
    if access == Access::Write && (calls.may_write() || !reads()) {
        return Err(no_read(tokens, calls));
    }
    full_text::check(ast, tokens, resolver).map_err(Unsupported::FullText)?;
    for function in OF_STORAGE {
        if (0..tokens.len()).any(|at| is_call(tokens, at, function)) {
            return Err(refused(&format!("{function}()")));
        }
    }
    if resolver.topology.functions.brands().mariadb && has_strings_of_the_database(tokens) {
        return Err(refused("JSON_TABLE() with strings of no CHARACTER SET"));
    }
    if ast.tables().any(|(_, table)| table.partitions) {
        return Err(refused("PARTITION (…)"));
    }
    let tables = Tables::of(ast, resolver)?;
    if let Some((schema, name)) = tables.system.first() {
        let name = system::full_name(schema, name, resolver);
        return Err(Unsupported::SystemJoin(name).into());
    }
    check_names(ast, resolver)
}

/// Whether there are full-text searches. What is gathered has no index for them: each must be asked where
/// the rows are read.
///
/// # Errors
/// One is not.
pub(super) fn check_searches(
    tokens: Tokens<'_>,
    references: &[Reference<'_>],
) -> Result<bool, PlanError> {
    let all = searches(tokens).unwrap_or_default();
    let filters = || references.iter().flat_map(|found| &found.gathered.filters);
    let asked = |search: &Search| {
        let mut before = filters().filter(|filter| filter.searches);
        before.any(|filter| filter.tokens.contains(&search.tokens.start))
    };
    match all.iter().all(asked) {
        true => Ok(!all.is_empty()),
        false => {
            let what = "MATCH … AGAINST in another place than a condition on one table alone that AND \
                        joins to the rest of WHERE or ON, or with another text than a literal,";
            Err(refused(what))
        }
    }
}

/// Why a SELECT that is no read is not for several shards.
fn no_read(tokens: Tokens<'_>, calls: &Calls<'_>) -> PlanError {
    if let Some(routine) = calls.routine(tokens) {
        return Unsupported::RoutinePlace(routine).into();
    }
    match only_once(tokens, calls) {
        Some((what, instead)) => Unsupported::OnlyOnce { what, instead }.into(),
        None if calls.runs_code() => Unsupported::Statement(OF_VIEWS.to_owned()).into(),
        None => {
            let what = "a SELECT on several shards that locks, stores or may write".to_owned();
            Unsupported::Statement(what).into()
        }
    }
}

/// What is refused whose views call functions.
pub(super) const OF_VIEWS: &str =
    "views whose functions leave something in the session, over several shards";

/// Whether a column of a JSON_TABLE is a string without CHARACTER SET: on MariaDB it then has the current
/// database's, which is another one where the statement finishes.
fn has_strings_of_the_database(tokens: Tokens<'_>) -> bool {
    let mut calls = (0..tokens.len()).filter(|at| is_call(tokens, *at, "JSON_TABLE"));
    calls.any(|call| {
        let outside = tokens.get(call).map(|token| token.depth);
        let inside = |at: &usize| tokens.get(*at).map(|token| token.depth) > outside;
        let columns: Vec<usize> = (call + 2..tokens.len()).take_while(inside).collect();
        let mut strings = columns.into_iter().filter(|at| is_string_type(tokens, *at));
        strings.any(|at| {
            let mut words = (at + 1..tokens.len()).take_while(|at| !tokens.is_word(*at, "PATH"));
            !words.any(|at| {
                tokens.is_word(at, "CHARSET") || are_words(tokens, at, &["CHARACTER", "SET"])
            })
        })
    })
}

/// Whether a word is a type of strings, and neither of the words CHARACTER SET.
fn is_string_type(tokens: Tokens<'_>, at: usize) -> bool {
    let names_charset = |at| are_words(tokens, at, &["CHARACTER", "SET"]);
    let in_charset = names_charset(at) || at.checked_sub(1).is_some_and(names_charset);
    !in_charset && STRING_TYPES.iter().any(|name| tokens.is_word(at, name))
}

/// Every table gets an alias, which has no schema: two tables of one name must not become one.
fn check_names(ast: &Ast, resolver: Resolver<'_>) -> Result<(), PlanError> {
    let named: Vec<(usize, &TableRef)> = ast
        .blocks
        .iter()
        .enumerate()
        .flat_map(|(block, content)| content.tables.iter().map(move |table| (block, table)))
        .collect();
    for (at, (block, one)) in named.iter().enumerate() {
        for (other_block, other) in named.iter().skip(at + 1) {
            let Some((one_name, name)) = visible_name(one).zip(visible_name(other)) else {
                continue;
            };
            let told_apart = !ast.column_schemas.is_empty() || block == other_block;
            if told_apart
                && resolver.same_name(one_name, name)
                && schema_of(one, resolver) != schema_of(other, resolver)
            {
                let what = format!("two tables that columns call '{name}'");
                return Err(refused(&what));
            }
        }
    }
    Ok(())
}

/// The schema that may stand before the columns of a table.
fn schema_of<'a>(table: &'a TableRef, resolver: Resolver<'a>) -> Option<&'a str> {
    match &table.source {
        TableSource::Named { schema, .. } if table.alias.is_none() => {
            schema.as_deref().or(resolver.current)
        }
        _ => None,
    }
}

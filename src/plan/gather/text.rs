//! The statement's text once its tables are gathered.

use super::{Reference, copies};
use crate::parse::ast::{Ast, TableSource};
use crate::parse::{LiteralKind, Tokens};
use crate::plan::resolve::Resolver;
use crate::plan::words::index_hint;
use crate::plan::{Edit, Replacement, edits, hint};

/// All edits, ascending: every reference becomes its table, under the name that columns call it by.
pub(super) fn edits(
    ast: &Ast,
    tokens: Tokens<'_>,
    references: &[Reference<'_>],
    resolver: Resolver<'_>,
) -> Vec<Edit> {
    let mut all: Vec<Edit> = references
        .iter()
        .zip(0..)
        .filter_map(|(reference, number)| name(reference, number))
        .collect();
    let searched = |(reference, number)| searched(tokens, reference, number);
    all.extend(references.iter().zip(0..).flat_map(searched));
    let schemas = ast.column_schemas.iter();
    let gone = schemas.filter(|at| is_gathered(**at, tokens, references, resolver));
    all.extend(gone.map(|at| without(*at, 2)));
    all.extend(index_hints(tokens));
    all.extend(copies::uses(ast));
    let mut all = edits::finished(all, tokens);
    all.extend(edits::tables_as_selects(tokens));
    all.extend(hint::edits(tokens));
    all.sort_by_key(|edit| (edit.token, edit.tokens));
    all
}

fn name(reference: &Reference<'_>, number: u32) -> Option<Edit> {
    let TableSource::Named {
        name_token,
        schema_token,
        ..
    } = reference.source.source
    else {
        return None;
    };
    let first = schema_token.unwrap_or(name_token);
    Some(Edit {
        token: first as u32,
        tokens: (name_token + 1 - first) as u32,
        with: Replacement::Gathered {
            reference: number,
            alias: reference.source.alias.is_none(),
        },
    })
}

/// What was asked where the rows were read, and can be asked nowhere else.
fn searched<'a>(
    tokens: Tokens<'a>,
    reference: &'a Reference<'_>,
    number: u32,
) -> impl Iterator<Item = Edit> + 'a {
    let is_parameter = move |at: &usize| {
        let literal = tokens.literal(*at);
        literal.is_some_and(|literal| literal.kind == LiteralKind::Placeholder)
    };
    let filters = reference.gathered.filters.iter();
    filters
        .filter(|filter| filter.searches)
        .map(move |filter| Edit {
            token: filter.tokens.start as u32,
            tokens: filter.tokens.len() as u32,
            with: Replacement::Held {
                reference: number,
                parameters: filter.tokens.clone().filter(is_parameter).count() as u32,
            },
        })
}

/// Whether `schema.table` before a column is a gathered table, by its own name.
fn is_gathered(
    at: usize,
    tokens: Tokens<'_>,
    references: &[Reference<'_>],
    resolver: Resolver<'_>,
) -> bool {
    let schema = tokens
        .name(at)
        .and_then(|name| resolver.topology.schema(&name));
    let table = tokens.name(at + 2);
    let (Some((schema, _)), Some(table)) = (schema, table) else {
        return false;
    };
    references.iter().any(|reference| {
        reference.source.alias.is_none()
            && reference.gathered.schema == schema
            && resolver.same_name(&reference.gathered.name, &table)
    })
}

fn without(token: usize, tokens: usize) -> Edit {
    Edit {
        token: token as u32,
        tokens: tokens as u32,
        with: Replacement::Text(String::new()),
    }
}

/// USE INDEX and its like name what a gathered table may not have; they change no answer.
fn index_hints(tokens: Tokens<'_>) -> Vec<Edit> {
    let hint = |at: usize| Some(without(at, index_hint(tokens, at)? + 1 - at));
    (0..tokens.len()).filter_map(hint).collect()
}

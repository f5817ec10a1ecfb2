//! The statement's text once its tables are gathered.

use std::ops::Range;

use super::{Reference, copies, hints};
use crate::parse::ast::{Ast, TableRef, TableRole, TableSource};
use crate::parse::{LiteralKind, Tokens};
use crate::plan::resolve::Resolver;
use crate::plan::words::index_hint;
use crate::plan::{Edit, Replacement, edits};

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
    all.extend(index_hints(tokens, references));
    all.extend(copies::uses(ast));
    let mut all = edits::finished(all, tokens);
    all.extend(edits::tables_as_selects(tokens));
    all.extend(hints::edits(tokens, references, resolver));
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
            alias: reference.source.alias.is_none() && reference.source.role == TableRole::Read,
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

/// USE INDEX and its like stand where rows are read: a gathered table may not have what they name.
fn index_hints(tokens: Tokens<'_>, references: &[Reference<'_>]) -> Vec<Edit> {
    let edit = |at: usize| {
        let end = index_hint(tokens, at)? + 1;
        let own = |(reference, _): &(&Reference<'_>, u32)| {
            let mut hints = reference.gathered.index_hints.iter();
            hints.any(|hint| hint.start == at)
        };
        let found = references.iter().zip(0..).find(own);
        let with = found.map(|(_, reference)| Replacement::IndexHint { reference });
        let cut = without(at, end - at);
        Some(Edit {
            with: with.unwrap_or(cut.with),
            ..cut
        })
    };
    (0..tokens.len()).filter_map(edit).collect()
}

/// The index hints behind a table's name and alias.
pub(super) fn index_hints_of(tokens: Tokens<'_>, table: &TableRef) -> Vec<Range<usize>> {
    let TableSource::Named { name_token, .. } = table.source else {
        return Vec::new();
    };
    let mut at = tokens.behind(name_token);
    if table.alias.is_some() {
        let named = match tokens.is_word(at, "AS") {
            true => tokens.behind(at),
            false => at,
        };
        at = tokens.behind(named);
    }
    let mut found = Vec::new();
    while let Some(last) = index_hint(tokens, at) {
        found.push(at..last + 1);
        at = tokens.behind(last);
    }
    found
}

//! Which references limit each other's rows: `a.x = b.y`, joined by AND in WHERE or ON, and
//! `a.x IN (SELECT b.y FROM b …)`, which limits `a`. A row of one that equals none of the other's takes no
//! part in the answer; where the other's are few, only those that equal them are asked for (a semi-join).

use std::ops::Range;

use super::filters::{Place, joined_conjuncts};
use super::{Link, Reference};
use crate::parse::Tokens;
use crate::parse::ast::{Ast, BlockRole, Output};
use crate::plan::resolve::Resolver;
use crate::topology::Column;

/// How values of a column are written as literals that are compared as the column's values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Digits.
    Integer,
    /// A string of this character set.
    Text(String),
}

/// What limits the rows of each reference; `places` are the block of each, and its place there.
pub(super) fn of(
    ast: &Ast,
    tokens: Tokens<'_>,
    (number, places): (usize, &[(usize, usize)]),
    resolver: Resolver<'_>,
) -> Vec<Link> {
    let Some(&(block, at)) = places.get(number) else {
        return Vec::new();
    };
    let Some(content) = ast.blocks.get(block) else {
        return Vec::new();
    };
    let place = |at: usize| Place {
        block: content,
        at,
        tokens,
        resolver,
    };
    let link = |conjunct: &Range<usize>| {
        let (left, right) = place(at).equated(conjunct)?;
        let others = places.iter().enumerate();
        let mut others = others.filter(|(other, place)| *other != number && place.0 == block);
        others.find_map(|(other, (_, there))| {
            let other_place = place(*there);
            let pairs = [(&left, &right), (&right, &left)];
            pairs.into_iter().find_map(|(own, foreign)| {
                let own = place(at).column(own)?;
                let foreign = other_place.column(foreign)?;
                Some(Link {
                    form: form(own, foreign)?,
                    column: own.name.clone(),
                    other,
                    other_column: foreign.name.clone(),
                })
            })
        })
    };
    let among = |conjunct: &Range<usize>| {
        let asked = Asked {
            ast,
            tokens,
            resolver,
        };
        asked.limit(&place(at), (block, conjunct), places)
    };
    joined_conjuncts(content, at, tokens)
        .filter_map(|conjunct| link(conjunct).or_else(|| among(conjunct)))
        .collect()
}

/// What a column is looked for in.
struct Asked<'a> {
    ast: &'a Ast,
    tokens: Tokens<'a>,
    resolver: Resolver<'a>,
}

impl Asked<'_> {
    /// The link of `x IN (SELECT y FROM …)`, where both are plain columns.
    fn limit(
        &self,
        place: &Place<'_>,
        (parent, conjunct): (usize, &Range<usize>),
        places: &[(usize, usize)],
    ) -> Option<Link> {
        let (own, query) = place.sought(conjunct)?;
        let blocks = || self.ast.blocks.iter().enumerate();
        let (block, content) = blocks().find(|(_, block)| block.select == Some(query))?;
        let subquery = content.role == BlockRole::Subquery && content.parent == Some(parent);
        let alone = !blocks().any(|(at, other)| at != block && other.head == block);
        let Some(Output::Column { column, .. }) = content.outputs.first() else {
            return None;
        };
        if !subquery || !alone || content.outputs.len() != 1 {
            return None;
        }
        let own = place.column(&own)?;
        let mut others = places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.0 == block);
        others.find_map(|(other, (_, there))| {
            let inner = Place {
                block: content,
                at: *there,
                tokens: self.tokens,
                resolver: self.resolver,
            };
            let foreign = inner.column(&inner.ending(column.token))?;
            Some(Link {
                form: form(own, foreign)?,
                column: own.name.clone(),
                other,
                other_column: foreign.name.clone(),
            })
        })
    }
}

/// How the values of `b` are written so that `a` is compared with them as with `b`.
fn form(a: &Column, b: &Column) -> Option<Form> {
    let is_integer = |column: &Column| {
        let name = column.data_type.to_ascii_lowercase();
        [
            "tinyint",
            "smallint",
            "mediumint",
            "int",
            "integer",
            "bigint",
        ]
        .contains(&name.as_str())
    };
    let is_text = |column: &Column| {
        let name = column.data_type.to_ascii_lowercase();
        ["char", "varchar"].contains(&name.as_str())
    };
    if !a.name.is_ascii() || !b.name.is_ascii() {
        return None;
    }
    if is_integer(a) && is_integer(b) {
        return Some(Form::Integer);
    }
    let alike = is_text(a) && is_text(b) && a.charset == b.charset && a.collation == b.collation;
    let charset = b.charset.as_ref().filter(|_| alike)?;
    let plain = charset.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| Form::Text(charset.clone()))
}

/// The block of each reference, and its place there.
pub(super) fn places(ast: &Ast, references: &[Reference<'_>]) -> Vec<(usize, usize)> {
    let place = |reference: &Reference<'_>| {
        let mut blocks = ast.blocks.iter().enumerate();
        blocks.find_map(|(block, content)| {
            let mut tables = content.tables.iter();
            let at = tables.position(|table| std::ptr::eq(table, reference.source))?;
            Some((block, at))
        })
    };
    references
        .iter()
        .map(|reference| place(reference).unwrap_or((usize::MAX, 0)))
        .collect()
}

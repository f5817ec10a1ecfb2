//! UPDATE that gives rows of a sharded table another sharding key: they may leave their data node.
//!
//! In: the tokens of a statement that assigns to a key column. Out: a [`Rekey`], the plan as if no row
//! left and the pieces of the text from which the steps are made, or a refusal by name.

use std::ops::Range;
use std::sync::Arc;

use super::reach;
use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use super::unsupported::{PlanError, Unsupported};
use super::words::is_reserved;
use super::write::is_ignoring;
use super::{Action, Plan, Request, StoredKey, Write, unchecked};
use crate::error::{MysqlError, StageError};
use crate::parse::ast::{Ast, AstUnavailable, StoredValue, TableSource};
use crate::parse::{StatementKind, TokenKind, Tokens};
use crate::topology::TableId;

/// UPDATE of one sharded table that assigns to its key.
#[derive(Clone, Debug)]
pub struct Rekey {
    /// The table.
    pub table: TableId,
    /// How the statement runs where no row leaves its data node.
    pub plan: Arc<Plan>,
    /// The key that all rows get; `None`: not all of its columns get literals.
    pub key: Option<StoredKey>,
    /// What is assigned, in order.
    pub assigned: Vec<Assigned>,
    /// The tokens of the table as it stands behind UPDATE.
    pub source: Range<usize>,
    /// The tokens from UPDATE to the last assignment.
    pub head: Range<usize>,
    /// The tokens behind the assignments: WHERE, ORDER BY, LIMIT.
    pub tail: Range<usize>,
    /// The tokens of ORDER BY among them.
    pub order: Range<usize>,
}

/// A column that an UPDATE assigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// Lower case.
    pub column: String,
    /// The tokens of what it gets.
    pub value: Range<usize>,
    /// That is one literal.
    pub literal: bool,
    /// That is the word DEFAULT.
    pub default: bool,
}

impl Rekey {
    /// What a statement is told that can only be run in steps.
    pub fn refusal(&self) -> MysqlError {
        let what = "an explained UPDATE of a sharding key, or one that EXECUTE has no literals for";
        PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
    }

    /// What the statement assigns to a column.
    pub fn assigned_to(&self, column: &str) -> Option<&Assigned> {
        let mut assigned = self.assigned.iter();
        assigned.find(|assigned| assigned.column.eq_ignore_ascii_case(column))
    }
}

/// The plan of an UPDATE that assigns to a sharding key; `None`: it is another statement.
pub(super) fn plan(
    request: &Request<'_>,
    kind: &StatementKind,
    parsed: Option<&Result<Ast, AstUnavailable>>,
) -> Option<Plan> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    if *kind != StatementKind::Update {
        return None;
    }
    let ast = parsed?.as_ref().ok()?;
    let tables = Tables::of(ast, resolver).ok()?;
    let (target, column) = key_assigned(ast, &tables)?;
    let refused = |error: &PlanError| {
        let plan = Plan::refusal(error);
        Some(plan.naming(reach::named(tokens, resolver)))
    };
    let whole = unchecked(request, kind.clone(), parsed);
    if let Action::Refuse(_) | Action::Unreadable(_) | Action::Single(_) = whole.action {
        return Some(whole);
    }
    let reading = Reading {
        ast,
        tokens,
        resolver,
        target,
        column,
    };
    if reading.stays() {
        return Some(whole);
    }
    match reading.rekey(whole) {
        Ok(rekey) => {
            let (reach, calls_unknown) = (rekey.plan.reach.clone(), rekey.plan.calls_unknown);
            Some(Plan {
                reach,
                calls_unknown,
                transactional: true,
                ..Plan::untouching(Action::Rekey(Box::new(rekey)))
            })
        }
        Err(error) => refused(&error),
    }
}

/// The first table whose key is assigned, and the column. A column that may be a key counts as one.
fn key_assigned<'t>(ast: &Ast, tables: &'t Tables<'t>) -> Option<(&'t ShardedRef<'t>, String)> {
    ast.assignments.iter().find_map(|assignment| {
        let name = &assignment.column.name;
        let mut own = tables.sharded.iter().filter(|sharded| sharded.block == 0);
        let said = assignment.column.table.as_deref();
        let may_be = |sharded: &&ShardedRef<'_>| {
            let called = called(ast, sharded);
            said.is_none_or(|said| called.is_none_or(|called| called.eq_ignore_ascii_case(said)))
        };
        let table = own.find(|sharded| may_be(sharded) && sharded.sharding.key(name).is_some())?;
        Some((table, name.to_lowercase()))
    })
}

/// What columns call a table; `None`: that is not certain.
fn called<'a>(ast: &'a Ast, sharded: &ShardedRef<'_>) -> Option<&'a str> {
    let table = ast.blocks.get(sharded.block)?.tables.get(sharded.at)?;
    let name = match (&table.alias, &table.source) {
        (Some(alias), _) => alias.as_str(),
        (None, TableSource::Named { name, .. }) => name,
        _ => return None,
    };
    name.is_ascii().then_some(name)
}

struct Reading<'a> {
    ast: &'a Ast,
    tokens: Tokens<'a>,
    resolver: Resolver<'a>,
    target: &'a ShardedRef<'a>,
    column: String,
}

impl Reading<'_> {
    /// Whether the key columns only get what they have: `k = k`.
    fn stays(&self) -> bool {
        let tokens = self.tokens;
        let said = &self.ast.assignments;
        let Some(places) = Places::find(tokens).filter(|p| p.values.len() == said.len()) else {
            return false;
        };
        let alone = self
            .ast
            .blocks
            .first()
            .is_some_and(|block| block.tables.len() == 1);
        let stays = |(name, value): (&str, &Range<usize>)| {
            let last = value.end.saturating_sub(1);
            let is_name = matches!(tokens.kind(last), Some(TokenKind::Word | TokenKind::Quoted));
            let qualified =
                value.len() == 3 && tokens.kind(last.saturating_sub(1)) == Some(TokenKind::Dot);
            let own = tokens
                .name(last)
                .is_some_and(|own| own.eq_ignore_ascii_case(name));
            is_name && own && (value.len() == 1 || qualified)
        };
        let names = said.iter().map(|said| said.column.name.as_str());
        let mut keys = names
            .zip(&places.values)
            .filter(|(name, _)| self.target.sharding.key(name).is_some());
        alone && keys.all(stays)
    }

    fn rekey(&self, plan: Plan) -> Result<Rekey, PlanError> {
        let tokens = self.tokens;
        let alone = self.ast.blocks.first().is_some_and(|block| {
            let named = |source: &TableSource| matches!(source, TableSource::Named { .. });
            matches!(block.tables.as_slice(), [only] if named(&only.source))
        });
        let stays_local = matches!(plan.write, Some(Ok(Write::Own | Write::Limited(_))));
        let versioned = |at| tokens.get(at).is_none_or(|token| token.versioned);
        let refused = [
            (!alone, "in an UPDATE of several tables"),
            (!tokens.begins(&["UPDATE"]), "behind WITH"),
            (is_ignoring(tokens), "with IGNORE"),
            (
                !plan.hints.is_free(),
                "with the hints 'shard' and 'scatter=off'",
            ),
            (plan.routine.is_some(), "with stored functions"),
            (
                plan.uses_pinned_state,
                "with user variables or other state of one connection",
            ),
            (!stays_local, "with what is not certain to be one row's own"),
            ((0..tokens.len()).any(versioned), "with versioned comments"),
        ];
        if let Some((_, why)) = refused.into_iter().find(|(is, _)| *is) {
            return Err(self.refused(why));
        }
        let places = Places::find(tokens).ok_or_else(|| self.refused("in this form of UPDATE"))?;
        let literal = |at: usize| {
            tokens.kind(at) == Some(TokenKind::Literal)
                && tokens.get(at).is_some_and(|token| token.depth == 0)
        };
        if places.order.clone().any(literal) {
            return Err(self.refused("and ORDER BY of a literal"));
        }
        let assigned = self.assigned(&places)?;
        Ok(Rekey {
            table: self.target.id,
            plan: Arc::new(plan),
            key: self.key(),
            assigned,
            source: places.source,
            head: places.head,
            tail: places.tail,
            order: places.order,
        })
    }

    fn assigned(&self, places: &Places) -> Result<Vec<Assigned>, PlanError> {
        let said = &self.ast.assignments;
        if said.len() != places.values.len() {
            return Err(self.refused("in this form of UPDATE"));
        }
        let assigned: Vec<Assigned> = said
            .iter()
            .zip(&places.values)
            .map(|(said, value)| Assigned {
                column: said.column.name.to_lowercase(),
                value: value.clone(),
                literal: matches!(said.value, StoredValue::Slot(_)),
                default: said.value == StoredValue::Default,
            })
            .collect();
        let twice = |(at, one): (usize, &Assigned)| {
            let before = assigned.iter().take(at);
            before.into_iter().any(|other| other.column == one.column)
        };
        match assigned.iter().enumerate().any(twice) {
            true => Err(self.refused("and of a column twice")),
            false => Ok(assigned),
        }
    }

    /// The key that all rows get, if the statement says it.
    fn key(&self) -> Option<StoredKey> {
        let keys = self.target.sharding.keys.iter();
        keys.map(|key| {
            let mut said = self.ast.assignments.iter();
            let said = said.find(|said| said.column.name.eq_ignore_ascii_case(&key.name))?;
            match said.value {
                StoredValue::Slot(slot) => Some(slot.into()),
                _ => None,
            }
        })
        .collect()
    }

    fn refused(&self, how: &str) -> PlanError {
        let table = self.resolver.full_name(self.target.table);
        let column = &self.column;
        let what = format!("changing sharding key column '{column}' of '{table}' {how}");
        Unsupported::Statement(what).into()
    }
}

/// Where the clauses of an UPDATE of one table stand.
struct Places {
    source: Range<usize>,
    head: Range<usize>,
    tail: Range<usize>,
    order: Range<usize>,
    values: Vec<Range<usize>>,
}

impl Places {
    fn find(tokens: Tokens<'_>) -> Option<Self> {
        const MODIFIERS: [&str; 2] = ["UPDATE", "LOW_PRIORITY"];
        let own = |at: usize| tokens.get(at).is_some_and(|token| token.depth == 0);
        let find = |from: usize, words: &[&str]| {
            (from..tokens.len()).find(|at| own(*at) && is_reserved(tokens, *at, words))
        };
        let is_modifier = |at: &usize| {
            tokens.kind(*at) == Some(TokenKind::Hint)
                || MODIFIERS.iter().any(|word| tokens.is_word(*at, word))
        };
        let first = (0..tokens.len()).find(|at| !is_modifier(at))?;
        let set = find(first, &["SET"])?;
        let end = find(set, &["WHERE", "ORDER", "LIMIT"]).unwrap_or(tokens.len());
        let limit = find(end, &["LIMIT"]).unwrap_or(tokens.len());
        let order = find(end, &["ORDER"]).unwrap_or(limit);
        let comma = |at: &usize| own(*at) && tokens.kind(*at) == Some(TokenKind::Comma);
        let mut values = Vec::new();
        let mut start = set + 1;
        let commas = (start..end).filter(comma).chain(std::iter::once(end));
        for stop in commas {
            let equals = |at: &usize| tokens.is_symbol(*at, "=") || tokens.is_symbol(*at, ":=");
            let assigned = (start..stop).find(|at| own(*at) && equals(at))?;
            values.push(assigned + 1..stop);
            start = stop + 1;
        }
        Some(Self {
            source: first..set,
            head: 0..end,
            tail: end..tokens.len(),
            order: order..limit,
            values,
        })
    }
}

//! Where the clauses of an UPDATE or DELETE stand.

use std::ops::Range;

use crate::parse::ast::AstKind;
use crate::parse::{TokenKind, Tokens};
use crate::plan::words::{is_reserved, items_between};

/// Words between UPDATE or DELETE and what it is about.
const MODIFIERS: [&str; 3] = ["LOW_PRIORITY", "QUICK", "IGNORE"];

/// The token numbers of the clauses.
pub(super) struct Clauses {
    pub with: Range<usize>,
    pub source: Range<usize>,
    pub tail: Range<usize>,
    /// The assignments of SET.
    pub set: Range<usize>,
    /// What is assigned.
    pub values: Vec<Range<usize>>,
    /// The tables that a DELETE of several tables names.
    pub targets: Option<Vec<String>>,
    pub ignore: bool,
    /// A hint sets variables for the statement.
    pub sets_variables: bool,
    /// ORDER BY names the place of something in a list that the SELECT does not have.
    pub by_position: bool,
}

impl Clauses {
    pub fn find(kind: AstKind, tokens: Tokens<'_>) -> Option<Self> {
        let verb = match kind {
            AstKind::Update => "UPDATE",
            AstKind::Delete => "DELETE",
            _ => return None,
        };
        let reading = Reading(tokens);
        let start = reading.find(0..tokens.len(), &[verb])?;
        let with = match tokens.is_word(0, "WITH") {
            true => 0..start,
            false => 0..0,
        };
        let is_modifier = |at: &usize| {
            tokens.kind(*at) == Some(TokenKind::Hint)
                || MODIFIERS.iter().any(|word| tokens.is_word(*at, word))
        };
        let first = (start + 1..tokens.len()).find(|at| !is_modifier(at))?;
        let ignore = (start..first).any(|at| tokens.is_word(at, "IGNORE"));
        let sets = |at| {
            let text = tokens.text(at).to_ascii_uppercase();
            text.windows(7).any(|word| word == b"SET_VAR")
        };
        let sets_variables = (start..first).any(sets);
        let found = match kind {
            AstKind::Update => reading.update(first),
            _ => reading.delete(first),
        };
        found.map(|found| Self {
            with,
            ignore,
            sets_variables,
            by_position: reading.orders_by_position(found.tail.clone()),
            ..found
        })
    }
}

struct Reading<'a>(Tokens<'a>);

impl Reading<'_> {
    fn is_own(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|token| token.depth == 0)
    }

    /// The first of these words outside of parentheses.
    fn find(&self, mut within: Range<usize>, words: &[&str]) -> Option<usize> {
        within.find(|at| self.is_own(*at) && is_reserved(self.0, *at, words))
    }

    /// Whether an item of ORDER BY names no column.
    fn orders_by_position(&self, tail: Range<usize>) -> bool {
        let Some(order) = self.find(tail.clone(), &["ORDER"]) else {
            return false;
        };
        let end = self.find(order..tail.end, &["LIMIT"]).unwrap_or(tail.end);
        let is_name = |at: usize| {
            let name = matches!(self.0.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
            name || self.0.is_word(at, "NULL")
        };
        let items = items_between(self.0, order + 2..end);
        items.into_iter().any(|mut item| !item.any(is_name))
    }

    fn clauses(&self, source: Range<usize>, tail: usize) -> Clauses {
        Clauses {
            with: 0..0,
            source,
            tail: tail..self.0.len(),
            set: 0..0,
            values: Vec::new(),
            targets: None,
            ignore: false,
            sets_variables: false,
            by_position: false,
        }
    }

    fn update(&self, first: usize) -> Option<Clauses> {
        let end = self.0.len();
        let set = self.find(first..end, &["SET"])?;
        let tail = self.find(set..end, &["WHERE", "ORDER", "LIMIT"]);
        let tail = tail.unwrap_or(end);
        let equals = |at: &usize| self.0.is_symbol(*at, "=") || self.0.is_symbol(*at, ":=");
        let values = items_between(self.0, set + 1..tail)
            .into_iter()
            .map(|mut item| {
                let stop = item.end;
                let assigned = item.find(|at| self.is_own(*at) && equals(at))?;
                Some(assigned + 1..stop)
            });
        Some(Clauses {
            set: set + 1..tail,
            values: values.collect::<Option<_>>()?,
            ..self.clauses(first..set, tail)
        })
    }

    fn delete(&self, first: usize) -> Option<Clauses> {
        let end = self.0.len();
        let (targets, source) = if self.0.is_word(first, "FROM") {
            let tail = self.find(first..end, &["WHERE", "ORDER", "LIMIT"]);
            let using = self.find(first..tail.unwrap_or(end), &["USING"]);
            match using {
                Some(using) => (Some(first + 1..using), using + 1),
                None => (None, first + 1),
            }
        } else {
            let from = self.find(first..end, &["FROM"])?;
            (Some(first..from), from + 1)
        };
        let tail = self.find(source..end, &["WHERE", "ORDER", "LIMIT"]);
        let tail = tail.unwrap_or(end);
        let targets = match targets {
            Some(targets) => Some(self.targets(targets)?),
            None => None,
        };
        Some(Clauses {
            targets,
            ..self.clauses(source..tail, tail)
        })
    }

    /// The names in `a, b.*`.
    fn targets(&self, list: Range<usize>) -> Option<Vec<String>> {
        let names = items_between(self.0, list).into_iter().map(|item| {
            let all = || self.0.kind(item.start + 1) == Some(TokenKind::Dot);
            let whole = item.len() == 1
                || item.len() == 3 && all() && self.0.is_symbol(item.start + 2, "*");
            self.0.name(item.start).filter(|_| whole)
        });
        names.collect()
    }
}

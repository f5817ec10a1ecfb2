//! Which conditions may be asked before a table's rows are brought.
//!
//! A condition may that AND joins in WHERE or ON, that names columns of one reference only, and
//! whose value depends on nothing but these: then a row for which it is not true takes no part in
//! the answer. It is asked in the client's own words; the statement asks it again on what was
//! brought. On the side of an outer join that may be missing, only what is false for NULL may be
//! asked, but for the conditions of that join itself.

use std::ops::Range;

use super::Filter;
use super::columns::visible_name;
use crate::parse::ast::{Ast, Block, BlockRole, Join, TableSource};
use crate::parse::{Search, TokenKind, Tokens, search_at};
use crate::plan::functions::is_native;
use crate::plan::resolve::{Resolved, Resolver};
use crate::plan::words::items_between;
use crate::topology::{Column, TableDefinition};

/// Functions of their arguments alone that fail for none.
#[rustfmt::skip]
const STEADY: [&str; 37] = [
    "ABS", "CEIL", "CEILING", "CHARACTER_LENGTH", "CHAR_LENGTH", "COALESCE", "CONCAT", "DATE", "DAY",
    "DAYOFMONTH", "DAYOFWEEK", "DAYOFYEAR", "FIELD", "FIND_IN_SET", "FLOOR", "HOUR", "IF", "IFNULL",
    "INSTR", "ISNULL", "LCASE", "LEFT", "LENGTH", "LOCATE", "LOWER", "LTRIM", "MINUTE", "MONTH",
    "NULLIF", "QUARTER", "RIGHT", "RTRIM", "SECOND", "TRIM", "UCASE", "UPPER", "YEAR",
];

/// Words of the language that may stand in a condition that is asked before.
#[rustfmt::skip]
const WORDS: [&str; 15] = [
    "AND", "BETWEEN", "BINARY", "DIV", "FALSE", "IN", "IS", "LIKE", "MOD", "NOT", "NULL", "OR",
    "TRUE", "XOR", "DATE",
];

/// Operators that never fail.
const OPERATORS: [&str; 7] = ["&&", "||", "!", "/", "%", "&", "|"];

/// The conditions that may be asked of a table reference.
pub(super) fn of(
    ast: &Ast,
    tokens: Tokens<'_>,
    (block, at): (usize, usize),
    resolver: Resolver<'_>,
) -> Vec<Filter> {
    let Some(content) = ast.blocks.get(block) else {
        return Vec::new();
    };
    let name = content.tables.get(at).and_then(visible_name);
    if !name.is_some_and(str::is_ascii) {
        // It would have to be told in the session's character set.
        return Vec::new();
    }
    if is_unused(ast, block) {
        // Nobody hears of what is wrong with its conditions.
        return Vec::new();
    }
    let place = Place {
        block: content,
        at,
        tokens,
        resolver,
    };
    let nullable = content.tables.get(at).is_none_or(|table| table.nullable);
    let mut found: Vec<Filter> = Vec::new();
    let mut add = |conjunct: &Range<usize>, any: bool| {
        if let Some(filter) = place.filter(conjunct)
            && (any || !filter.searches && place.is_false_for_null(&filter))
        {
            found.push(filter);
        }
    };
    for conjunct in &content.conjuncts {
        add(conjunct, !nullable);
    }
    let right_joins = has_right_join(tokens);
    for join in &content.joins {
        let alone = join.right == (at..at + 1);
        for conjunct in &join.conjuncts {
            match (join.outer, alone) {
                // In a tree with RIGHT JOIN the AST does not say which side ON limits.
                (true, _) if right_joins => {}
                (true, true) => add(conjunct, true),
                (true, false) if join.right.contains(&at) => add(conjunct, false),
                (true, false) => {}
                (false, _) => add(conjunct, !nullable),
            }
        }
    }
    found
}

/// Whether a block is of a WITH query that the statement does not read, or in one.
fn is_unused(ast: &Ast, block: usize) -> bool {
    let tables = || ast.blocks.iter().flat_map(|block| &block.tables);
    let reads = |query: usize| {
        tables().any(|table| match &table.source {
            TableSource::Cte { block, .. } => block.is_none_or(|block| block == query),
            TableSource::Named { .. } | TableSource::Derived(_) | TableSource::Other => false,
        })
    };
    let mut at = Some(block);
    while let Some(query) = at.and_then(|at| ast.blocks.get(at)).map(|block| block.head) {
        let Some(head) = ast.blocks.get(query) else {
            return false;
        };
        if head.role == BlockRole::Cte && !reads(query) {
            return true;
        }
        at = head.parent;
    }
    false
}

fn has_right_join(tokens: Tokens<'_>) -> bool {
    (0..tokens.len())
        .any(|at| tokens.is_word(at, "RIGHT") && tokens.kind(at + 1) != Some(TokenKind::Open))
}

/// The conditions that no row of a reference may miss: one for which it is never true takes no part
/// in the answer. They are false for NULL, or the caller must see to it.
pub(super) fn joined_conjuncts<'b>(
    block: &'b Block,
    at: usize,
    tokens: Tokens<'b>,
) -> impl Iterator<Item = &'b Range<usize>> {
    // In a tree with RIGHT JOIN the AST does not say which side ON limits.
    let right_joins = has_right_join(tokens);
    let limited = move |join: &&Join| match join.outer {
        true => !right_joins && join.right.contains(&at),
        false => true,
    };
    let joined = block.joins.iter().filter(limited);
    let joined = joined.flat_map(|join| &join.conjuncts);
    block.conjuncts.iter().chain(joined)
}

/// A table reference in its block.
pub(super) struct Place<'a> {
    pub block: &'a Block,
    pub at: usize,
    pub tokens: Tokens<'a>,
    pub resolver: Resolver<'a>,
}

/// A column as written: its parts' tokens, with a dot between each two.
pub(super) struct Name {
    first: usize,
    parts: Vec<usize>,
}

impl Name {
    fn end(&self) -> usize {
        self.first + 2 * self.parts.len() - 1
    }
}

impl<'a> Place<'a> {
    /// The two columns of `a.x = b.y`.
    pub fn equated(&self, conjunct: &Range<usize>) -> Option<(Name, Name)> {
        let name = |at: usize| self.is_name(at).then(|| self.name(at));
        let left = name(conjunct.start)?;
        let equals = left.end();
        let right = name(equals + 1)?;
        let equated = self.tokens.is_symbol(equals, "=") && right.end() == conjunct.end;
        equated.then_some((left, right))
    }

    /// The column of `x IN (SELECT …)`, and the token SELECT.
    pub fn sought(&self, conjunct: &Range<usize>) -> Option<(Name, usize)> {
        let column = self
            .is_name(conjunct.start)
            .then(|| self.name(conjunct.start))?;
        let (word, open) = (column.end(), column.end() + 1);
        let last = conjunct.end.checked_sub(1)?;
        let opens =
            self.tokens.is_word(word, "IN") && self.tokens.kind(open) == Some(TokenKind::Open);
        let depth = |at: usize| self.tokens.get(at).map(|token| token.depth);
        let closes = self.tokens.kind(last) == Some(TokenKind::Close) && depth(last) == depth(open);
        let inside = open + 1..last;
        let within = inside.clone().all(|at| depth(at) > depth(open));
        (opens && closes && within && !inside.is_empty()).then_some((column, open + 1))
    }

    /// The name whose last part is this token.
    pub fn ending(&self, last: usize) -> Name {
        let mut parts = vec![last];
        let mut first = last;
        while parts.len() < 3
            && let Some(before) = first.checked_sub(2)
            && self.tokens.kind(first - 1) == Some(TokenKind::Dot)
        {
            first = before;
            parts.insert(0, first);
        }
        Name { first, parts }
    }

    /// The column of this reference that a name certainly means.
    pub fn column(&self, name: &Name) -> Option<&'a Column> {
        let written = self.tokens.name(*name.parts.last()?)?;
        let own = self.is_own(name).then(|| self.definition(self.at))??;
        let mut columns = own.columns.iter();
        columns.find(|column| column.name.eq_ignore_ascii_case(&written))
    }

    /// The condition, if it is about this reference alone.
    fn filter(&self, conjunct: &Range<usize>) -> Option<Filter> {
        let mut without = Vec::new();
        let mut columns = 0;
        let mut searches = false;
        let mut at = conjunct.start;
        while at < conjunct.end {
            if let Some(search) = search_at(self.tokens, at) {
                self.is_own_search(&search).then_some(())?;
                (columns, searches) = (columns + 1, true);
                at = search.tokens.end;
            } else if self.is_name(at) {
                let name = self.name(at);
                if self.tokens.kind(name.end()) == Some(TokenKind::Open) {
                    self.is_steady(&name).then_some(())?;
                } else {
                    self.is_own(&name).then_some(())?;
                    columns += 1;
                    if name.parts.len() == 3 {
                        // What is asked calls the table as the statement does, without its schema.
                        without.push(name.first..name.first + 2);
                    }
                }
                at = name.end();
            } else {
                self.is_harmless(at).then_some(())?;
                at += 1;
            }
        }
        // What holds for all rows is not asked again, so that no part of it is changed then.
        let asked = columns > 0 && (!searches || without.is_empty());
        asked.then(|| Filter {
            tokens: conjunct.clone(),
            without,
            searches,
        })
    }

    /// Whether a literal is sought in columns of this reference.
    fn is_own_search(&self, search: &Search) -> bool {
        let mut columns = items_between(self.tokens, search.columns.clone()).into_iter();
        let own = columns.all(|column| {
            let name = self.name(column.start);
            let whole = self.is_name(column.start) && name.end() == column.end;
            whole && name.parts.len() < 3 && self.is_own(&name)
        });
        let literal = |at: usize| self.tokens.kind(at) == Some(TokenKind::Literal);
        own && !search.text.is_empty() && search.text.clone().all(literal)
    }

    fn is_name(&self, at: usize) -> bool {
        let called = self.tokens.kind(at + 1) == Some(TokenKind::Open);
        match self.tokens.kind(at) {
            Some(TokenKind::Word | TokenKind::Quoted) => !self.is_date_literal(at),
            Some(TokenKind::Reserved) => {
                called && !WORDS.iter().any(|w| self.tokens.is_word(at, w))
            }
            _ => false,
        }
    }

    /// `DATE '2020-01-01'`
    fn is_date_literal(&self, at: usize) -> bool {
        self.tokens.is_word(at, "DATE") && self.tokens.kind(at + 1) == Some(TokenKind::Literal)
    }

    fn name(&self, first: usize) -> Name {
        let mut parts = vec![first];
        let mut last = first;
        while parts.len() < 3 && self.tokens.kind(last + 1) == Some(TokenKind::Dot) {
            last += 2;
            parts.push(last);
        }
        Name { first, parts }
    }

    /// Whether what is called depends on its arguments alone.
    fn is_steady(&self, name: &Name) -> bool {
        let known = STEADY
            .iter()
            .any(|word| self.tokens.is_word(name.first, word));
        known && name.parts.len() == 1 && is_native(self.tokens, name.first, self.resolver)
    }

    /// Whether a token that is no name may stand in a condition that is asked before.
    fn is_harmless(&self, at: usize) -> bool {
        let is = |words: &[&str]| words.iter().any(|word| self.tokens.is_word(at, word));
        match self.tokens.kind(at) {
            Some(
                TokenKind::Literal
                | TokenKind::List
                | TokenKind::Open
                | TokenKind::Close
                | TokenKind::Comma,
            ) => true,
            Some(TokenKind::Comparison) => !self.tokens.is_symbol(at, ":="),
            Some(TokenKind::Operator) => OPERATORS
                .iter()
                .any(|symbol| self.tokens.is_symbol(at, symbol)),
            Some(TokenKind::Reserved | TokenKind::Word) => is(&WORDS),
            _ => false,
        }
    }

    /// Whether a name is certainly a column of this reference.
    fn is_own(&self, name: &Name) -> bool {
        let text = |part: &usize| self.tokens.name(*part);
        let parts: Option<Vec<String>> = name.parts.iter().map(text).collect();
        match parts.as_deref() {
            Some([column]) => self.is_own_alone(column),
            Some([table, column]) => self.is_qualified(None, table, column),
            Some([schema, table, column]) => self.is_qualified(Some(schema), table, column),
            _ => false,
        }
    }

    /// No other table of the block has a column of this name.
    fn is_own_alone(&self, column: &str) -> bool {
        let having = |(at, definition): (usize, Option<bool>)| match definition {
            Some(has) => has == (at == self.at),
            None => false,
        };
        let tables = 0..self.block.tables.len();
        tables
            .map(|at| {
                (
                    at,
                    self.definition(at).map(|table| has_column(table, column)),
                )
            })
            .all(having)
    }

    /// This reference, and no other of the block, is called so and has the column.
    fn is_qualified(&self, schema: Option<&str>, table: &str, column: &str) -> bool {
        let called = |at: &usize| {
            let reference = self.block.tables.get(*at);
            let name = reference.and_then(visible_name);
            name.is_some_and(|name| name.eq_ignore_ascii_case(table))
        };
        let mut named = (0..self.block.tables.len()).filter(called);
        let alone = named.next() == Some(self.at) && named.next().is_none();
        let own = self.block.tables.get(self.at);
        let exactly = own
            .and_then(visible_name)
            .is_some_and(|name| self.resolver.same_name(name, table));
        let in_schema =
            schema.is_none_or(|schema| match own.map(|own| (&own.source, &own.alias)) {
                Some((TableSource::Named { schema: of, .. }, None)) => {
                    let of = of.as_deref().or(self.resolver.current);
                    of.is_some_and(|of| self.resolver.same_name(of, schema))
                }
                _ => false,
            });
        let has = || {
            self.definition(self.at)
                .is_some_and(|table| has_column(table, column))
        };
        alone && exactly && in_schema && has()
    }

    /// The columns of one of the block's tables, where they are known.
    fn definition(&self, at: usize) -> Option<&'a TableDefinition> {
        let TableSource::Named { schema, name, .. } = &self.block.tables.get(at)?.source else {
            return None;
        };
        let topology = self.resolver.topology;
        let id = match self.resolver.table(schema.as_deref(), name).ok()? {
            Resolved::Sharded(id, ..) => id,
            Resolved::Broadcast(table) => topology.table(table.schema, name)?.0,
            Resolved::Single(schema, _) => self.resolver.known(schema, name)?.0,
            Resolved::System => return None,
        };
        let definition = topology.definition(id)?;
        (!definition.columns.is_empty()).then_some(definition)
    }

    /// Whether a condition is one column compared with literals, which is never true for NULL.
    fn is_false_for_null(&self, filter: &Filter) -> bool {
        let Range { start, end } = filter.tokens;
        if !self.is_name(start) {
            return false;
        }
        let next = self.name(start).end();
        let tokens = self.tokens;
        let literal = |at: usize| tokens.kind(at) == Some(TokenKind::Literal);
        match tokens.kind(next) {
            Some(TokenKind::Comparison) => {
                !tokens.is_symbol(next, "<=>") && literal(next + 1) && next + 2 == end
            }
            Some(TokenKind::Reserved) if tokens.is_word(next, "IN") => {
                tokens.kind(next + 1) == Some(TokenKind::List) && next + 2 == end
            }
            Some(TokenKind::Reserved) if tokens.is_word(next, "LIKE") => {
                literal(next + 1) && next + 2 == end
            }
            Some(TokenKind::Reserved) if tokens.is_word(next, "BETWEEN") => {
                let between = literal(next + 1) && tokens.is_word(next + 2, "AND");
                between && literal(next + 3) && next + 4 == end
            }
            _ => false,
        }
    }
}

fn has_column(table: &TableDefinition, name: &str) -> bool {
    let mut columns = table.columns.iter();
    columns.any(|column| column.name.to_lowercase() == name.to_lowercase())
}

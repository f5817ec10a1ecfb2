//! sqlparser's statement as an [`Ast`].

use std::ops::{ControlFlow, Range};

use sqlparser::ast::{
    Cte, Delete, Expr, FromTable, Function, GroupByExpr, Ident, ObjectName, ObjectNamePart, Query,
    Select, SetExpr, Statement, TableFactor, Update, Visit, Visitor,
};

use super::super::digest::{LexMode, Slot};
use super::super::tokens::{TokenKind, Tokens};
use super::agree::agreed;
use super::condition::{ColumnRef, Condition};
use super::expression::Expressions;
use super::neutral::token_number;
use super::outer;
use super::reading::{Reader, count};
use super::rows::Rows;
use super::{
    Assignment, Ast, AstKind, AstUnavailable, Block, BlockRole, CteDefinition, Insert, TableRef,
    TableRole, TableSource,
};

pub(super) type Extracted<T> = Result<T, AstUnavailable>;

/// Reads a parsed statement into an AST.
pub(super) fn ast(
    statement: &Statement,
    tokens: &Tokens<'_>,
    (slots, rows): (&[Option<Slot>], &Rows),
    mode: LexMode,
) -> Extracted<Ast> {
    let mut extract = Extract {
        tokens: *tokens,
        expressions: Expressions {
            tokens: *tokens,
            slots,
        },
        rows,
        reader: Reader::new(*tokens, slots, mode),
        blocks: Vec::new(),
        ctes: Vec::new(),
        definitions: Vec::new(),
        selects: 0,
        set_operations: false,
        insert: None,
        assignments: Vec::new(),
    };
    let kind = extract.statement(statement)?;
    let is_query = |at: &usize| {
        tokens.kind(*at) == Some(TokenKind::Reserved)
            && (tokens.is_word(*at, "SELECT") || tokens.is_word(*at, "TABLE"))
    };
    let selects = (0..tokens.len()).filter(is_query).count();
    if selects != extract.selects {
        return Err(AstUnavailable::Incomplete);
    }
    outer::mark(&mut extract.blocks);
    Ok(Ast {
        kind,
        blocks: extract.blocks,
        column_schemas: column_schemas(tokens),
        insert: extract.insert,
        assignments: extract.assignments,
        has_set_operation: extract.set_operations,
        ctes: extract.definitions,
    })
}

/// The schema of every name of three parts.
fn column_schemas(tokens: &Tokens<'_>) -> Vec<usize> {
    let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    let is_dot = |at| tokens.kind(at) == Some(TokenKind::Dot);
    (0..tokens.len())
        .filter(|&at| {
            is_name(at)
                && !at.checked_sub(1).is_some_and(is_dot)
                && is_dot(at + 1)
                && is_name(at + 2)
                && is_dot(at + 3)
                && (is_name(at + 4) || tokens.is_symbol(at + 4, "*"))
        })
        .collect()
}

/// The parts of a name; `None` where one is computed.
pub(super) fn parts(name: &ObjectName) -> Option<Vec<Ident>> {
    name.0
        .iter()
        .map(|part| match part {
            ObjectNamePart::Identifier(ident) => Some(ident.clone()),
            ObjectNamePart::Function(_) => None,
        })
        .collect()
}

/// A common table expression that FROM may name.
pub(super) struct VisibleCte {
    pub(super) name: String,
    /// Its query's first block, where its columns are the query's.
    pub(super) block: Option<usize>,
    /// Index among all of the statement.
    pub(super) definition: usize,
}

pub(super) struct Extract<'a> {
    pub(super) tokens: Tokens<'a>,
    pub(super) expressions: Expressions<'a>,
    pub(super) rows: &'a Rows,
    reader: Reader<'a>,
    pub(super) blocks: Vec<Block>,
    /// The common table expressions that are visible here.
    pub(super) ctes: Vec<VisibleCte>,
    definitions: Vec<CteDefinition>,
    selects: usize,
    set_operations: bool,
    pub(super) insert: Option<Insert>,
    pub(super) assignments: Vec<Assignment>,
}

impl Extract<'_> {
    fn statement(&mut self, statement: &Statement) -> Extracted<AstKind> {
        match statement {
            Statement::Query(query) => {
                self.query(query, BlockRole::Statement, None)?;
                Ok(match query.body.as_ref() {
                    SetExpr::Update(_) => AstKind::Update,
                    SetExpr::Delete(_) => AstKind::Delete,
                    _ => AstKind::Select,
                })
            }
            Statement::Insert(insert) => {
                self.insert(insert)?;
                Ok(if insert.replace_into {
                    AstKind::Replace
                } else {
                    AstKind::Insert
                })
            }
            Statement::Update(update) => self.update(update).map(|()| AstKind::Update),
            Statement::Delete(delete) => self.delete(delete).map(|()| AstKind::Delete),
            _ => Err(AstUnavailable::NotDml),
        }
    }

    /// Opens a block and gives its index.
    pub(super) fn open(&mut self, role: BlockRole, parent: Option<usize>) -> usize {
        let depth = parent
            .and_then(|parent| self.blocks.get(parent))
            .map_or(0, |parent| parent.depth + 1);
        let block = self.blocks.len();
        self.blocks.push(Block::new(role, parent, depth, block));
        block
    }

    pub(super) fn with_block(&mut self, block: usize, change: impl FnOnce(&mut Block)) {
        if let Some(block) = self.blocks.get_mut(block) {
            change(block);
        }
    }

    /// Reads a query; gives the index of its first block.
    pub(super) fn query(
        &mut self,
        query: &Query,
        role: BlockRole,
        parent: Option<usize>,
    ) -> Extracted<usize> {
        let first = self.open(role, parent);
        self.content(query, first)?;
        Ok(first)
    }

    /// What is in a query whose first block is open.
    fn content(&mut self, query: &Query, first: usize) -> Extracted<()> {
        let visible = self.ctes.len();
        if let Some(with) = &query.with {
            for cte in &with.cte_tables {
                let mut visible = self.define(cte)?;
                if with.recursive {
                    self.ctes.push(visible);
                    self.query(&cte.query, BlockRole::Cte, Some(first))?;
                } else {
                    let block = self.query(&cte.query, BlockRole::Cte, Some(first))?;
                    visible.block = Some(block).filter(|_| cte.alias.columns.is_empty());
                    self.ctes.push(visible);
                }
            }
        }
        self.body(&query.body, first)?;
        self.subqueries(&query.order_by, first)?;
        self.subqueries(&query.limit_clause, first)?;
        let (order_by, limit) = (query.order_by.is_some(), query.limit_clause.is_some());
        self.with_block(first, |block| {
            block.order_by |= order_by;
            block.limit |= limit;
        });
        self.ctes.truncate(visible);
        Ok(())
    }

    fn define(&mut self, cte: &Cte) -> Extracted<VisibleCte> {
        let name = token_number(cte.alias.name.span);
        let close = token_number(cte.closing_paren_token.0.span);
        let (Some(name), Some(close)) = (name, close) else {
            return Err(AstUnavailable::Incomplete);
        };
        self.definitions.push(CteDefinition {
            tokens: name..close + 1,
        });
        Ok(VisibleCte {
            name: cte.alias.name.value.clone(),
            block: None,
            definition: self.definitions.len() - 1,
        })
    }

    fn body(&mut self, body: &SetExpr, block: usize) -> Extracted<()> {
        match body {
            SetExpr::Select(select) => self.select(select, block),
            // A query in parentheses takes the block that was opened for it.
            SetExpr::Query(query) => self.content(query, block),
            SetExpr::SetOperation { left, right, .. } => {
                self.set_operations = true;
                self.body(left, block)?;
                let (parent, head) = match self.blocks.get(block) {
                    Some(block) => (block.parent, block.head),
                    None => (None, block),
                };
                let operand = self.open(BlockRole::SetOperand, parent);
                self.with_block(operand, |block| block.head = head);
                self.body(right, operand)
            }
            SetExpr::Values(values) => self.subqueries(values, block),
            SetExpr::Update(Statement::Update(update)) => self.update_in(update, block),
            SetExpr::Delete(Statement::Delete(delete)) => self.delete_in(delete, block),
            _ => Err(AstUnavailable::Incomplete),
        }
    }

    fn select(&mut self, select: &Select, block: usize) -> Extracted<()> {
        self.selects += 1;
        self.from(&select.from, TableRole::Read, block)?;
        self.filter(select.selection.as_ref(), block)?;
        let token = token_number(select.select_token.0.span);
        let conjuncts = self.conjuncts_of_where(select.selection.as_ref(), token);
        self.subqueries(&select.projection, block)?;
        self.subqueries(&select.group_by, block)?;
        self.subqueries(&select.having, block)?;
        self.subqueries(&select.named_window, block)?;
        let grouped = match &select.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(expressions, _) => !expressions.is_empty(),
        };
        let outputs = self.expressions.outputs(&select.projection);
        let group_columns = self
            .expressions
            .group_columns(&select.group_by, &select.projection);
        self.with_block(block, |block| {
            block.select = token;
            block.conjuncts = conjuncts;
            block.outputs = outputs;
            block.group_columns = group_columns;
            block.distinct = select.distinct.is_some();
            block.group_by = grouped;
            block.having = select.having.is_some();
        });
        Ok(())
    }

    fn update(&mut self, update: &Update) -> Extracted<()> {
        let block = self.open(BlockRole::Statement, None);
        self.update_in(update, block)
    }

    fn update_in(&mut self, update: &Update, block: usize) -> Extracted<()> {
        if update.from.is_some() {
            return Err(AstUnavailable::Incomplete);
        }
        self.from(std::slice::from_ref(&update.table), TableRole::Write, block)?;
        self.filter(update.selection.as_ref(), block)?;
        self.subqueries(&update.assignments, block)?;
        self.subqueries(&update.order_by, block)?;
        self.assignments = self.assigned(&update.assignments)?;
        self.with_block(block, |block| {
            block.order_by = !update.order_by.is_empty();
            block.limit = update.limit.is_some();
        });
        Ok(())
    }

    fn delete(&mut self, delete: &Delete) -> Extracted<()> {
        let block = self.open(BlockRole::Statement, None);
        self.delete_in(delete, block)
    }

    /// `DELETE FROM t`, `DELETE t FROM …` and `DELETE FROM t USING …`: where targets are named,
    /// the tables behind them say what the names mean, and only the named ones are written.
    fn delete_in(&mut self, delete: &Delete, block: usize) -> Extracted<()> {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let tables = delete.using.as_ref().unwrap_or(from);
        self.from(tables, TableRole::Write, block)?;
        let targets = match delete.using {
            Some(_) => from.iter().map(|table| target(&table.relation)).collect(),
            None => delete.tables.iter().map(unqualified).collect(),
        };
        let targets: Option<Vec<&str>> = targets;
        // They name tables of the list, but a schema in them would need a splice of its own.
        let targets =
            targets.ok_or_else(|| AstUnavailable::Unknown("a schema in a DELETE target".into()))?;
        self.with_block(block, |block| only_targets(&mut block.tables, &targets));
        self.filter(delete.selection.as_ref(), block)?;
        self.subqueries(&delete.order_by, block)?;
        self.with_block(block, |block| {
            block.order_by = !delete.order_by.is_empty();
            block.limit = delete.limit.is_some();
        });
        Ok(())
    }

    fn filter(&mut self, expr: Option<&Expr>, block: usize) -> Extracted<()> {
        let Some(expr) = expr else {
            return Ok(());
        };
        let filter = self.trusted(expr);
        self.with_block(block, |block| block.filter = filter);
        self.subqueries(expr, block)
    }

    /// What sqlparser's tree and our own reading of the tokens agree on.
    pub(super) fn trusted(&self, expr: &Expr) -> Condition {
        let condition = self.expressions.condition(expr);
        match condition.first_token() {
            Some(token) => agreed(condition, &self.reader.around(token)),
            None => Condition::Opaque,
        }
    }

    /// The conditions that WHERE joins by AND, where both readings find as many.
    fn conjuncts_of_where(&self, expr: Option<&Expr>, select: Option<usize>) -> Vec<Range<usize>> {
        let (Some(expr), Some(select)) = (expr, select) else {
            return Vec::new();
        };
        agreed_number(self.reader.where_of(select), expr)
    }

    /// The same of ON, which is found by the first column in it.
    pub(super) fn conjuncts_of_on(&self, expr: &Expr, condition: &Condition) -> Vec<Range<usize>> {
        let found = condition.first_token();
        let found = found.map(|token| self.reader.conjuncts_around(token));
        agreed_number(found.unwrap_or_default(), expr)
    }

    /// Reads the queries inside an expression or clause, and notes its aggregates.
    pub(super) fn subqueries(&mut self, node: &impl Visit, block: usize) -> Extracted<()> {
        let mut finder = Finder {
            extract: self,
            block,
            nesting: 0,
        };
        match node.visit(&mut finder) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    pub(super) fn tokens(&self) -> Tokens<'_> {
        self.tokens
    }
}

fn agreed_number(found: Vec<Range<usize>>, expr: &Expr) -> Vec<Range<usize>> {
    if found.len() == count(expr) {
        found
    } else {
        Vec::new()
    }
}

/// The name of a DELETE target that stands in the place of a table.
fn target(table: &TableFactor) -> Option<&str> {
    match table {
        TableFactor::Table { name, .. } => unqualified(name),
        _ => None,
    }
}

/// A name of one part.
fn unqualified(name: &ObjectName) -> Option<&str> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(&name.value),
        _ => None,
    }
}

/// Leaves as written what a DELETE's targets name: all tables where there are none, or where one of
/// them is not found.
fn only_targets(tables: &mut [TableRef], targets: &[&str]) {
    let folded: Vec<String> = targets.iter().map(|target| target.to_lowercase()).collect();
    let names = |table: &TableRef| {
        let visible = match (&table.alias, &table.source) {
            (Some(alias), _) => alias,
            (None, TableSource::Named { name, .. }) => name,
            (None, _) => return None,
        };
        let visible = visible.to_lowercase();
        folded.iter().position(|target| *target == visible)
    };
    let found = |at| tables.iter().any(|table| names(table) == Some(at));
    if folded.is_empty() || !(0..folded.len()).all(found) {
        return;
    }
    for table in tables.iter_mut().filter(|table| names(table).is_none()) {
        table.role = TableRole::Read;
    }
}

/// Finds the queries directly inside a node.
struct Finder<'e, 'a> {
    extract: &'e mut Extract<'a>,
    block: usize,
    nesting: u32,
}

#[rustfmt::skip]
const AGGREGATES: &[&str] = &[
    "COUNT", "SUM", "AVG", "MIN", "MAX", "GROUP_CONCAT", "BIT_AND", "BIT_OR", "BIT_XOR",
    "JSON_ARRAYAGG", "JSON_OBJECTAGG", "STD", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP",
    "VAR_SAMP", "VARIANCE", "ST_COLLECT",
];

impl Visitor for Finder<'_, '_> {
    type Break = AstUnavailable;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<AstUnavailable> {
        self.nesting += 1;
        if self.nesting > 1 {
            return ControlFlow::Continue(());
        }
        match self
            .extract
            .query(query, BlockRole::Subquery, Some(self.block))
        {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<AstUnavailable> {
        self.nesting = self.nesting.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<AstUnavailable> {
        if self.nesting == 0
            && let Expr::Function(function) = expr
        {
            let windowed = function.over.is_some();
            let aggregate = matches!(function.name.0.as_slice(), [ObjectNamePart::Identifier(name)]
                if AGGREGATES.iter().any(|known| known.eq_ignore_ascii_case(&name.value)));
            let inside = match aggregate && !windowed {
                true => columns_inside(&self.extract.expressions, function),
                false => Vec::new(),
            };
            self.extract.with_block(self.block, |block| {
                block.windows |= windowed;
                block.aggregates |= aggregate && !windowed;
                block
                    .aggregated
                    .extend((!inside.is_empty()).then_some(inside));
            });
        }
        ControlFlow::Continue(())
    }
}

/// The columns among a function's arguments.
fn columns_inside(expressions: &Expressions<'_>, function: &Function) -> Vec<ColumnRef> {
    struct Columns<'e, 'a>(&'e Expressions<'a>, Vec<ColumnRef>);

    impl Visitor for Columns<'_, '_> {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            self.1.extend(self.0.column(expr));
            ControlFlow::Continue(())
        }
    }

    let mut columns = Columns(expressions, Vec::new());
    match function.args.visit(&mut columns) {
        ControlFlow::Continue(()) | ControlFlow::Break(()) => columns.1,
    }
}

//! INSERT and REPLACE, and assignments.

use sqlparser::ast::{
    Assignment as SqlAssignment, AssignmentTarget, Expr, FunctionArg, FunctionArgExpr,
    FunctionArguments, Ident, Insert as SqlInsert, OnInsert, Parens, SetExpr, TableObject, Values,
};

use super::super::tokens::{TokenKind, Tokens};
use super::extract::{Extract, parts};
use super::neutral::token_number;
use super::{Assignment, AstUnavailable, BlockRole, Insert, InsertSource, StoredValue, TableRole};

impl Extract<'_> {
    pub(super) fn insert(&mut self, insert: &SqlInsert) -> Result<(), AstUnavailable> {
        let block = self.open(BlockRole::Statement, None);
        let TableObject::TableName(name) = &insert.table else {
            return Err(AstUnavailable::Incomplete);
        };
        self.table(name, None, TableRole::Write, block)?;
        let columns = insert
            .columns
            .iter()
            .map(|column| parts(column)?.pop().map(|ident| ident.value))
            .collect::<Option<Vec<String>>>()
            .ok_or(AstUnavailable::Incomplete)?;
        let source = self.insert_source(insert, block)?;
        let on_duplicate = match &insert.on {
            None => Vec::new(),
            Some(OnInsert::DuplicateKeyUpdate(assignments)) => {
                self.subqueries(assignments, block)?;
                let mut assigned = self.assigned(assignments)?;
                for (assigned, said) in assigned.iter_mut().zip(assignments) {
                    let column = &assigned.column.name;
                    if is_whole(&self.tokens(), &said.value) && stays(&said.value, column, insert) {
                        assigned.value = StoredValue::Same;
                    }
                }
                assigned
            }
            Some(_) => return Err(AstUnavailable::Incomplete),
        };
        let listed = !columns.is_empty() || self.has_empty_list();
        self.insert = Some(Insert {
            columns: listed.then_some(columns),
            source,
            on_duplicate,
        });
        Ok(())
    }

    fn insert_source(
        &mut self,
        insert: &SqlInsert,
        block: usize,
    ) -> Result<InsertSource, AstUnavailable> {
        let Some(query) = &insert.source else {
            self.subqueries(&insert.assignments, block)?;
            return Ok(InsertSource::Set(self.assigned(&insert.assignments)?));
        };
        match query.body.as_ref() {
            SetExpr::Values(values) if query.with.is_none() => {
                self.subqueries(values, block)?;
                self.rows(values)
            }
            _ => self
                .query(query, BlockRole::InsertSource, Some(block))
                .map(InsertSource::Select),
        }
    }

    fn rows(&self, values: &Values) -> Result<InsertSource, AstUnavailable> {
        let start = self.rows.values.ok_or(AstUnavailable::Incomplete)?;
        let slots = self.expressions.slots;
        if self.tokens().kind(start + 1) == Some(TokenKind::List) {
            let slot = slots.get(start + 1).copied().flatten();
            // The parser has seen one row for all of them; others stand behind, in a version comment.
            return slot
                .filter(|_| values.rows.len() == 1)
                .map(InsertSource::Folded)
                .ok_or(AstUnavailable::Incomplete);
        }
        if self.rows.parsed() != values.rows.len() {
            return Err(AstUnavailable::Incomplete);
        }
        let stored =
            |row: &Parens<Vec<Expr>>| row.content.iter().map(|value| self.stored(value)).collect();
        let parsed: Vec<Vec<StoredValue>> = values.rows.iter().map(stored).collect();
        Ok(InsertSource::Rows(self.rows.all(&parsed, slots)))
    }

    /// `()` behind the table: an empty column list.
    fn has_empty_list(&self) -> bool {
        let tokens = self.tokens();
        self.rows.values.is_some_and(|values| {
            tokens.kind(values.wrapping_sub(1)) == Some(TokenKind::Close)
                && tokens.kind(values.wrapping_sub(2)) == Some(TokenKind::Open)
        })
    }

    /// A value that stands alone between parentheses, commas, `=` and the clause's edges.
    fn stored(&self, value: &Expr) -> StoredValue {
        let tokens = self.tokens();
        if let Some((made, called)) = self.expressions.made(value) {
            let alone = is_opened(&tokens, called.start) && is_closed(&tokens, called.end - 1);
            return match alone {
                true => StoredValue::Made(made),
                false => StoredValue::Opaque,
            };
        }
        let at = match value {
            Expr::Value(value) => token_number(value.span),
            Expr::Identifier(name) => token_number(name.span),
            _ => None,
        };
        let Some(at) = at.filter(|&at| stands_alone(&tokens, at)) else {
            return StoredValue::Opaque;
        };
        if tokens.kind(at) == Some(TokenKind::Reserved) && tokens.is_word(at, "DEFAULT") {
            return StoredValue::Default;
        }
        self.expressions
            .literal(value)
            .map_or(StoredValue::Opaque, StoredValue::Slot)
    }

    /// What a list of assignments assigns.
    pub(super) fn assigned(
        &self,
        assignments: &[SqlAssignment],
    ) -> Result<Vec<Assignment>, AstUnavailable> {
        assignments
            .iter()
            .map(|assignment| {
                let AssignmentTarget::ColumnName(name) = &assignment.target else {
                    return None;
                };
                let column = self.expressions.column_of(&parts(name)?)?;
                let value = if is_values_of(&assignment.value, &column.name) {
                    StoredValue::Inserted
                } else {
                    self.stored(&assignment.value)
                };
                Some(Assignment { column, value })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(AstUnavailable::Incomplete)
    }
}

/// Whether nothing but a name stands between `=` and the next assignment.
fn is_whole(tokens: &Tokens<'_>, value: &Expr) -> bool {
    let (first, last) = match value {
        Expr::Identifier(name) => (Some(name), Some(name)),
        Expr::CompoundIdentifier(names) => (names.first(), names.last()),
        _ => (None, None),
    };
    let at = |name: Option<&Ident>| name.and_then(|name| token_number(name.span));
    at(first).is_some_and(|first| is_opened(tokens, first))
        && at(last).is_some_and(|last| is_closed(tokens, last))
}

/// `column = column`, `column = table.column`: not of a row that is called by an alias, nor of a SELECT.
fn stays(value: &Expr, column: &str, insert: &SqlInsert) -> bool {
    let TableObject::TableName(table) = &insert.table else {
        return false;
    };
    let rows = insert.source.as_ref().map(|query| query.body.as_ref());
    if matches!(rows, Some(body) if !matches!(body, SetExpr::Values(_))) {
        return false;
    }
    let table = parts(table).and_then(|mut name| name.pop());
    let is_column = |name: &str| name.eq_ignore_ascii_case(column);
    match value {
        Expr::Identifier(name) => insert.insert_alias.is_none() && is_column(&name.value),
        Expr::CompoundIdentifier(names) => match names.as_slice() {
            [qualifier, name] => {
                let row = insert.insert_alias.as_ref();
                let row = row.and_then(|alias| parts(&alias.row_alias)?.pop());
                table.is_some_and(|table| table.value == qualifier.value)
                    && row.is_none_or(|row| !row.value.eq_ignore_ascii_case(&qualifier.value))
                    && is_column(&name.value)
            }
            _ => false,
        },
        _ => false,
    }
}

/// `VALUES(column)`
fn is_values_of(value: &Expr, column: &str) -> bool {
    let Expr::Function(call) = value else {
        return false;
    };
    let called = parts(&call.name).is_some_and(
        |name| matches!(name.as_slice(), [one] if one.value.eq_ignore_ascii_case("VALUES")),
    );
    let FunctionArguments::List(arguments) = &call.args else {
        return false;
    };
    called
        && matches!(
            arguments.args.as_slice(),
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(named)))]
                if named.value.eq_ignore_ascii_case(column)
        )
}

fn stands_alone(tokens: &Tokens<'_>, at: usize) -> bool {
    is_opened(tokens, at) && is_closed(tokens, at)
}

fn is_opened(tokens: &Tokens<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.kind(before));
    matches!(before, Some(TokenKind::Open | TokenKind::Comma))
        || at
            .checked_sub(1)
            .is_some_and(|before| tokens.is_symbol(before, "=") || tokens.is_symbol(before, ":="))
}

fn is_closed(tokens: &Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at + 1) {
        None => true,
        Some(TokenKind::Close | TokenKind::Comma) => true,
        Some(TokenKind::Reserved | TokenKind::Word) => {
            ["WHERE", "ORDER", "LIMIT", "ON", "AS", "FROM"]
                .iter()
                .any(|word| tokens.is_word(at + 1, word))
        }
        _ => false,
    }
}

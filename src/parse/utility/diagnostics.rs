//! GET DIAGNOSTICS (<https://dev.mysql.com/doc/refman/9.4/en/get-diagnostics.html>).

use super::super::cursor::Cursor;
use super::super::tokens::TokenKind;
use super::Utility;

/// GET \[CURRENT\] DIAGNOSTICS into user variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetDiagnostics {
    /// The token of the condition's number, from 1; `None`: of the statement.
    pub condition: Option<usize>,
    /// The tokens of the variables, and what goes into them.
    pub items: Vec<(usize, Diagnosed)>,
}

/// A piece of a diagnostics area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosed {
    /// NUMBER of conditions
    Number,
    /// ROW_COUNT
    RowCount,
    /// RETURNED_SQLSTATE
    ReturnedSqlstate,
    /// MYSQL_ERRNO
    MysqlErrno,
    /// MESSAGE_TEXT
    MessageText,
    /// What is always empty: names of schema, table, column, constraint and cursor.
    Empty,
}

const OF_STATEMENT: [(&str, Diagnosed); 2] = [
    ("NUMBER", Diagnosed::Number),
    ("ROW_COUNT", Diagnosed::RowCount),
];

const OF_CONDITION: [(&str, Diagnosed); 11] = [
    ("RETURNED_SQLSTATE", Diagnosed::ReturnedSqlstate),
    ("MYSQL_ERRNO", Diagnosed::MysqlErrno),
    ("MESSAGE_TEXT", Diagnosed::MessageText),
    ("CONSTRAINT_CATALOG", Diagnosed::Empty),
    ("CONSTRAINT_SCHEMA", Diagnosed::Empty),
    ("CONSTRAINT_NAME", Diagnosed::Empty),
    ("CATALOG_NAME", Diagnosed::Empty),
    ("SCHEMA_NAME", Diagnosed::Empty),
    ("TABLE_NAME", Diagnosed::Empty),
    ("COLUMN_NAME", Diagnosed::Empty),
    ("CURSOR_NAME", Diagnosed::Empty),
];

/// GET …; what the proxy cannot answer has no content.
pub(super) fn get(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let current = cursor.one_of(&["CURRENT", "STACKED"]);
    if !cursor.word("DIAGNOSTICS") {
        return None;
    }
    let wanted = wanted(cursor).filter(|_| current != Some(1) && cursor.is_end());
    while !cursor.is_end() {
        cursor.step();
    }
    Some(Utility::GetDiagnostics(wanted))
}

fn wanted(cursor: &mut Cursor<'_>) -> Option<GetDiagnostics> {
    let condition = match cursor.word("CONDITION") {
        true => Some(cursor.take(&[TokenKind::Literal])?),
        false => None,
    };
    let known: &[(&str, Diagnosed)] = match condition {
        Some(_) => &OF_CONDITION,
        None => &OF_STATEMENT,
    };
    let mut items = Vec::new();
    loop {
        let variable = cursor.take(&[TokenKind::UserVariable])?;
        if !cursor.symbol("=") {
            return None;
        }
        let (_, what) = known.iter().find(|(word, _)| cursor.word(word))?;
        items.push((variable, *what));
        if !cursor.symbol(",") {
            return Some(GetDiagnostics { condition, items });
        }
    }
}

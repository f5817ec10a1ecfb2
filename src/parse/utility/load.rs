//! LOAD DATA and LOAD XML.

use std::ops::Range;

use super::Utility;
use crate::parse::cursor::{Cursor, QualifiedName};
use crate::parse::tokens::TokenKind;

/// LOAD DATA or LOAD XML, by token numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadData {
    /// LOAD XML
    pub xml: bool,
    /// The file is on the client.
    pub local: bool,
    /// The file's name, a string.
    pub file: usize,
    /// The table that is filled.
    pub table: QualifiedName,
    /// What the file looks like and where its fields go; `None`: it is said in a way that is not read
    /// here.
    pub clauses: Option<LoadClauses>,
}

/// What stands behind the table of LOAD DATA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadClauses {
    /// The name behind CHARACTER SET.
    pub charset: Option<usize>,
    /// Where CHARACTER SET could stand: before this token.
    pub charset_place: usize,
    /// FIELDS TERMINATED BY, a string.
    pub field_terminator: Option<usize>,
    /// FIELDS ENCLOSED BY, a string.
    pub enclosed: Option<usize>,
    /// FIELDS ESCAPED BY, a string.
    pub escaped: Option<usize>,
    /// LINES STARTING BY, a string.
    pub line_start: Option<usize>,
    /// LINES TERMINATED BY, a string.
    pub line_terminator: Option<usize>,
    /// IGNORE n LINES, a number between two words.
    pub ignored: Option<Range<usize>>,
    /// Columns and user variables that get the fields, in parentheses.
    pub list: Option<LoadList>,
    /// Where the list could stand: before this token.
    pub list_place: usize,
    /// The columns to which SET assigns.
    pub assigned: Vec<QualifiedName>,
    /// The tokens of SET.
    pub set: Option<Range<usize>>,
}

/// What gets the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadList {
    /// The `(`.
    pub open: usize,
    /// Columns, and user variables with one token.
    pub items: Vec<LoadItem>,
}

/// What gets a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadItem {
    /// A column.
    Column(QualifiedName),
    /// A user variable.
    Variable(usize),
}

const STRING: [TokenKind; 2] = [TokenKind::Literal, TokenKind::Fixed];

pub(super) fn load(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let xml = cursor.one_of(&["DATA", "XML"])? == 1;
    cursor.one_of(&["LOW_PRIORITY", "CONCURRENT"]);
    let local = cursor.word("LOCAL");
    if !cursor.word("INFILE") {
        return None;
    }
    let file = cursor.take(&STRING)?;
    cursor.one_of(&["REPLACE", "IGNORE"]);
    if !cursor.words(&["INTO", "TABLE"]) {
        return None;
    }
    let table = cursor.qualified()?;
    let clauses = clauses(cursor).filter(|_| !xml && cursor.is_end());
    Some(Utility::LoadData(Box::new(LoadData {
        xml,
        local,
        file,
        table,
        clauses,
    })))
}

fn clauses(cursor: &mut Cursor<'_>) -> Option<LoadClauses> {
    let mut read = LoadClauses::default();
    if cursor.word("PARTITION") {
        in_parentheses(cursor)?;
    }
    read.charset_place = cursor.at();
    let names_charset = cursor.words(&["CHARACTER", "SET"])
        || cursor.words(&["CHAR", "SET"])
        || cursor.word("CHARSET");
    if names_charset {
        let reserved = cursor.is_word("BINARY").then(|| cursor.step());
        let name = reserved.or_else(|| cursor.name());
        read.charset = Some(name.or_else(|| cursor.take(&STRING))?);
    }
    format(cursor, &mut read)?;
    let ignored = cursor.at();
    if cursor.word("IGNORE") {
        cursor.take(&STRING)?;
        cursor.one_of(&["LINES", "ROWS"])?;
        read.ignored = Some(ignored..cursor.at());
    }
    read.list_place = cursor.at();
    if cursor.kind() == Some(TokenKind::Open) {
        read.list = Some(list(cursor)?);
    }
    let set = cursor.at();
    if cursor.word("SET") {
        loop {
            read.assigned.push(cursor.qualified()?);
            if !cursor.symbol("=") {
                return None;
            }
            cursor.expression()?;
            if !cursor.symbol(",") {
                break;
            }
        }
        read.set = Some(set..cursor.at());
    }
    Some(read)
}

/// FIELDS and LINES: each of their parts, in any order and repeatedly; the last one counts.
fn format(cursor: &mut Cursor<'_>, read: &mut LoadClauses) -> Option<()> {
    if cursor.one_of(&["FIELDS", "COLUMNS"]).is_some() {
        let begun = cursor.at();
        loop {
            let place = if cursor.words(&["TERMINATED", "BY"]) {
                &mut read.field_terminator
            } else if cursor.words(&["OPTIONALLY", "ENCLOSED", "BY"])
                || cursor.words(&["ENCLOSED", "BY"])
            {
                &mut read.enclosed
            } else if cursor.words(&["ESCAPED", "BY"]) {
                &mut read.escaped
            } else {
                break;
            };
            *place = Some(cursor.take(&STRING)?);
        }
        (cursor.at() > begun).then_some(())?;
    }
    if cursor.word("LINES") {
        let begun = cursor.at();
        loop {
            let place = if cursor.words(&["TERMINATED", "BY"]) {
                &mut read.line_terminator
            } else if cursor.words(&["STARTING", "BY"]) {
                &mut read.line_start
            } else {
                break;
            };
            *place = Some(cursor.take(&STRING)?);
        }
        (cursor.at() > begun).then_some(())?;
    }
    Some(())
}

fn list(cursor: &mut Cursor<'_>) -> Option<LoadList> {
    let open = cursor.step();
    let mut items = Vec::new();
    while !cursor.symbol(")") {
        if !items.is_empty() && !cursor.symbol(",") {
            return None;
        }
        items.push(match cursor.take(&[TokenKind::UserVariable]) {
            Some(variable) => LoadItem::Variable(variable),
            None => LoadItem::Column(cursor.qualified()?),
        });
    }
    Some(LoadList { open, items })
}

/// Steps over a list of names in parentheses.
fn in_parentheses(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take(&[TokenKind::Open])?;
    while !cursor.symbol(")") {
        (!cursor.is_end()).then(|| cursor.step())?;
    }
    Some(())
}

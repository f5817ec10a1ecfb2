//! Everything else that is recognised: sessions, locks, prepared statements, table maintenance.

use super::super::cursor::{Cursor, QualifiedName};
use super::super::tokens::TokenKind;
use super::Utility;

/// A table of LOCK TABLES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockedTable {
    /// The table.
    pub table: QualifiedName,
    /// The token of its alias.
    pub alias: Option<usize>,
    /// READ, READ LOCAL or WRITE.
    pub mode: LockMode,
}

/// How a table is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// READ
    Read,
    /// READ LOCAL
    ReadLocal,
    /// \[LOW_PRIORITY\] WRITE
    Write,
}

impl LockMode {
    /// Its words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "READ",
            Self::ReadLocal => "READ LOCAL",
            Self::Write => "WRITE",
        }
    }
}

/// A statement of the FLUSH family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// FLUSH TABLES, of all tables.
    Tables,
    /// FLUSH TABLES WITH READ LOCK, of all tables.
    TablesWithReadLock,
    /// What locks in another way: some tables, WITH READ LOCK or FOR EXPORT.
    Locking,
    /// Any other.
    Other,
}

/// Where PREPARE finds the statement's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrepareSource {
    /// The token of a string.
    Text(usize),
    /// The token of a user variable.
    Variable(usize),
}

/// A statement of table maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableAdminVerb {
    /// ANALYZE
    Analyze,
    /// CHECK
    Check,
    /// CHECKSUM
    Checksum,
    /// OPTIMIZE
    Optimize,
    /// REPAIR
    Repair,
}

pub(super) fn use_schema(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let name = cursor.name()?;
    cursor.finish(Utility::Use(name))
}

pub(super) fn kill(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let query = cursor.word("QUERY");
    if !query {
        cursor.word("CONNECTION");
    }
    let id = cursor.expression()?;
    cursor.finish(Utility::Kill { query, id })
}

pub(super) fn lock(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if cursor.word("INSTANCE") {
        return Some(Utility::Unshared("LOCK INSTANCE"));
    }
    cursor.one_of(&["TABLES", "TABLE"])?;
    let mut tables = Vec::new();
    loop {
        tables.push(locked_table(cursor)?);
        if !cursor.symbol(",") {
            break;
        }
    }
    cursor.finish(Utility::LockTables(tables))
}

fn locked_table(cursor: &mut Cursor<'_>) -> Option<LockedTable> {
    let table = cursor.qualified()?;
    let alias = if cursor.word("AS") {
        Some(cursor.take(&[TokenKind::Word, TokenKind::Quoted, TokenKind::Fixed])?)
    } else {
        cursor.take(&[TokenKind::Word, TokenKind::Quoted, TokenKind::Fixed])
    };
    let mode = if cursor.word("READ") {
        match cursor.word("LOCAL") {
            true => LockMode::ReadLocal,
            false => LockMode::Read,
        }
    } else {
        cursor.word("LOW_PRIORITY");
        if !cursor.word("WRITE") {
            return None;
        }
        LockMode::Write
    };
    Some(LockedTable { table, alias, mode })
}

pub(super) fn unlock(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if cursor.word("INSTANCE") {
        return Some(Utility::Unshared("UNLOCK INSTANCE"));
    }
    cursor.one_of(&["TABLES", "TABLE"])?;
    cursor.finish(Utility::UnlockTables)
}

pub(super) fn prepare(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let name = cursor.name()?;
    if !cursor.word("FROM") {
        return None;
    }
    let source = source(cursor)?;
    cursor.finish(Utility::Prepare { name, source })
}

fn source(cursor: &mut Cursor<'_>) -> Option<PrepareSource> {
    Some(if cursor.kind() == Some(TokenKind::UserVariable) {
        PrepareSource::Variable(cursor.step())
    } else {
        PrepareSource::Text(cursor.take(&[TokenKind::Literal, TokenKind::Fixed])?)
    })
}

pub(super) fn execute(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let name = cursor.name()?;
    if let Some(source) = source(cursor) {
        let using = using(cursor)?;
        let immediate = cursor.tokens().is_word(name, "IMMEDIATE");
        return match immediate {
            true => cursor.finish(Utility::ExecuteImmediate { source, using }),
            false => None,
        };
    }
    let using = using(cursor)?;
    cursor.finish(Utility::Execute { name, using })
}

fn using(cursor: &mut Cursor<'_>) -> Option<Vec<usize>> {
    let mut using = Vec::new();
    if cursor.word("USING") {
        loop {
            using.push(cursor.take(&[TokenKind::UserVariable])?);
            if !cursor.symbol(",") {
                break;
            }
        }
    }
    Some(using)
}

pub(super) fn deallocate(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if !cursor.word("PREPARE") {
        return None;
    }
    let name = cursor.name()?;
    cursor.finish(Utility::Deallocate(name))
}

pub(super) fn run(cursor: &mut Cursor<'_>) -> Option<Utility> {
    (!cursor.is_end()).then_some(Utility::Do)
}

pub(super) fn handler(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let table = cursor.qualified()?;
    cursor.one_of(&["OPEN", "READ", "CLOSE"])?;
    Some(Utility::Handler(table))
}

pub(super) fn call(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.qualified().map(Utility::Call)
}

pub(super) fn flush(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if cursor.is_end() {
        return None;
    }
    let mut ahead = cursor.clone();
    ahead.one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    let tables = ahead.one_of(&["TABLES", "TABLE"]).is_some();
    let rest = ahead.clone();
    Some(Utility::Flush(match tables {
        true if ahead.is_end() => Flush::Tables,
        true if ahead.words(&["WITH", "READ", "LOCK"]) && ahead.is_end() => {
            Flush::TablesWithReadLock
        }
        true if has_lock(rest) => Flush::Locking,
        _ => Flush::Other,
    }))
}

/// Whether the rest of FLUSH TABLES asks for locks.
fn has_lock(mut rest: Cursor<'_>) -> bool {
    while !rest.is_end() {
        if rest.words(&["READ", "LOCK"]) || rest.words(&["FOR", "EXPORT"]) {
            return true;
        }
        rest.step();
    }
    false
}

/// BACKUP STAGE, BACKUP LOCK, BACKUP UNLOCK, which MariaDB has.
pub(super) fn backup(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.one_of(&["STAGE", "LOCK", "UNLOCK"])?;
    Some(Utility::Unshared("BACKUP"))
}

/// BINLOG, which leaves a reader of binary logs in its session.
pub(super) fn binlog(_: &mut Cursor<'_>) -> Option<Utility> {
    Some(Utility::Unshared("BINLOG"))
}

pub(super) fn help(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.step();
    cursor.finish(Utility::Help)
}

fn maintenance(cursor: &mut Cursor<'_>, verb: TableAdminVerb) -> Option<Utility> {
    cursor.one_of(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
    cursor.one_of(&["TABLE", "TABLES"])?;
    let tables = cursor.qualified_list()?;
    Some(Utility::TableAdmin { verb, tables })
}

pub(super) fn analyze(cursor: &mut Cursor<'_>) -> Option<Utility> {
    maintenance(cursor, TableAdminVerb::Analyze)
}

pub(super) fn check(cursor: &mut Cursor<'_>) -> Option<Utility> {
    maintenance(cursor, TableAdminVerb::Check)
}

pub(super) fn checksum(cursor: &mut Cursor<'_>) -> Option<Utility> {
    maintenance(cursor, TableAdminVerb::Checksum)
}

pub(super) fn optimize(cursor: &mut Cursor<'_>) -> Option<Utility> {
    maintenance(cursor, TableAdminVerb::Optimize)
}

pub(super) fn repair(cursor: &mut Cursor<'_>) -> Option<Utility> {
    maintenance(cursor, TableAdminVerb::Repair)
}

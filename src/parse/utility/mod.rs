//! Statements that are neither queries nor changes of rows, recognised on tokens.
//!
//! In: tokens. Out: a [`Utility`], or nothing where the words are not exactly the statement of
//! MySQL's manual: then only the server can say what is wrong. Positions are token numbers, so
//! that what is recognised serves every statement of the same digest.

mod admin;
mod diagnostics;
mod load;
mod set;
mod shardwell;
mod show;
mod transaction;

pub use admin::{Flush, LockMode, LockedTable, PrepareSource, TableAdminVerb};
pub use diagnostics::{Diagnosed, GetDiagnostics};
pub use load::{LoadClauses, LoadData, LoadItem, LoadList};
pub use set::{AccessMode, Isolation, Roles, SetItem, TransactionScope, VariableScope};
pub use shardwell::{List, Order, Shown};
pub use show::{Filter, Show, TlsStatus, Window};
pub use transaction::{Completion, XaVerb};

use std::ops::Range;

use super::cursor::{Cursor, QualifiedName};

/// A statement recognised on tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Utility {
    /// SET, in order of assignment.
    Set(Vec<SetItem>),
    /// SHOW
    Show(Show),
    /// USE; the token of the schema's name.
    Use(usize),
    /// BEGIN \[WORK\]
    Begin,
    /// START TRANSACTION
    StartTransaction {
        /// READ ONLY or READ WRITE.
        access: Option<AccessMode>,
        /// WITH CONSISTENT SNAPSHOT.
        consistent_snapshot: bool,
    },
    /// COMMIT
    Commit(Completion),
    /// ROLLBACK
    Rollback(Completion),
    /// SAVEPOINT; the token of its name.
    Savepoint(usize),
    /// ROLLBACK TO \[SAVEPOINT\]; the token of its name.
    RollbackTo(usize),
    /// RELEASE SAVEPOINT; the token of its name.
    ReleaseSavepoint(usize),
    /// KILL
    Kill {
        /// KILL QUERY: the connection stays.
        query: bool,
        /// The tokens of the connection's id, an expression.
        id: Range<usize>,
    },
    /// LOCK TABLES
    LockTables(Vec<LockedTable>),
    /// UNLOCK TABLES
    UnlockTables,
    /// XA
    Xa(XaVerb),
    /// PREPARE … FROM
    Prepare {
        /// The token of the statement's name.
        name: usize,
        /// Where its text comes from.
        source: PrepareSource,
    },
    /// EXECUTE
    Execute {
        /// The token of the statement's name.
        name: usize,
        /// The tokens of the variables behind USING.
        using: Vec<usize>,
    },
    /// EXECUTE IMMEDIATE, which MariaDB has
    ExecuteImmediate {
        /// Where the text comes from.
        source: PrepareSource,
        /// The tokens of the variables behind USING.
        using: Vec<usize>,
    },
    /// DEALLOCATE PREPARE, DROP PREPARE; the token of the statement's name.
    Deallocate(usize),
    /// LOAD DATA, LOAD XML
    LoadData(Box<LoadData>),
    /// DO
    Do,
    /// HANDLER; its table.
    Handler(QualifiedName),
    /// CALL; the routine.
    Call(QualifiedName),
    /// FLUSH
    Flush(Flush),
    /// ANALYZE, CHECK, CHECKSUM, OPTIMIZE and REPAIR TABLE.
    TableAdmin {
        /// Which of them.
        verb: TableAdminVerb,
        /// The tables.
        tables: Vec<QualifiedName>,
    },
    /// GET DIAGNOSTICS; `None`: a form that only a server can answer.
    GetDiagnostics(Option<GetDiagnostics>),
    /// What leaves something on its connection that no session may keep there; its name.
    Unshared(&'static str),
    /// HELP
    Help,
    /// SHARDWELL …
    Shardwell(Order),
}

/// Recognises what follows a statement's first word.
type Recogniser = fn(&mut Cursor<'_>) -> Option<Utility>;

/// Recognises a statement whole.
pub(super) fn recognise(mut cursor: Cursor<'_>) -> Option<Utility> {
    let cursor = &mut cursor;
    const WORDS: &[(&str, Recogniser)] = &[
        ("SET", set::set),
        ("SHOW", show::show),
        ("BEGIN", transaction::begin),
        ("START", transaction::start),
        ("COMMIT", transaction::commit),
        ("ROLLBACK", transaction::rollback),
        ("SAVEPOINT", transaction::savepoint),
        ("RELEASE", transaction::release),
        ("XA", transaction::xa),
        ("USE", admin::use_schema),
        ("KILL", admin::kill),
        ("LOCK", admin::lock),
        ("UNLOCK", admin::unlock),
        ("PREPARE", admin::prepare),
        ("EXECUTE", admin::execute),
        ("DEALLOCATE", admin::deallocate),
        ("DROP", admin::deallocate),
        ("LOAD", load::load),
        ("DO", admin::run),
        ("HANDLER", admin::handler),
        ("CALL", admin::call),
        ("FLUSH", admin::flush),
        ("ANALYZE", admin::analyze),
        ("CHECK", admin::check),
        ("CHECKSUM", admin::checksum),
        ("OPTIMIZE", admin::optimize),
        ("REPAIR", admin::repair),
        ("BACKUP", admin::backup),
        ("BINLOG", admin::binlog),
        ("GET", diagnostics::get),
        ("HELP", admin::help),
        ("SHARDWELL", shardwell::order),
    ];
    let (_, recogniser) = WORDS.iter().find(|(word, _)| cursor.is_word(word))?;
    cursor.step();
    recogniser(cursor)
}

#[cfg(test)]
mod tests;

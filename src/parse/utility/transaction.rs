//! Transaction control and XA
//! (<https://dev.mysql.com/doc/refman/9.4/en/sql-transactional-statements.html>).

use super::super::cursor::Cursor;
use super::Utility;
use super::set::AccessMode;

/// What follows a COMMIT or ROLLBACK; `None` leaves it to `completion_type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// AND \[NO\] CHAIN: whether the next transaction starts at once.
    pub chain: Option<bool>,
    /// \[NO\] RELEASE: whether the connection ends.
    pub release: Option<bool>,
}

/// An XA statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XaVerb {
    /// XA START, XA BEGIN
    Start,
    /// XA END
    End,
    /// XA PREPARE
    Prepare,
    /// XA COMMIT
    Commit,
    /// XA ROLLBACK
    Rollback,
    /// XA RECOVER
    Recover,
}

pub(super) fn begin(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.word("WORK");
    cursor.finish(Utility::Begin)
}

pub(super) fn start(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if !cursor.word("TRANSACTION") {
        return None;
    }
    let mut access = None;
    let mut consistent_snapshot = false;
    if !cursor.is_end() {
        loop {
            if cursor.words(&["WITH", "CONSISTENT", "SNAPSHOT"]) {
                consistent_snapshot = true;
            } else {
                let mode = access_mode(cursor)?;
                if access.is_some_and(|other| other != mode) {
                    return None;
                }
                access = Some(mode);
            }
            if !cursor.symbol(",") {
                break;
            }
        }
    }
    cursor.finish(Utility::StartTransaction {
        access,
        consistent_snapshot,
    })
}

/// READ ONLY or READ WRITE.
pub(super) fn access_mode(cursor: &mut Cursor<'_>) -> Option<AccessMode> {
    if cursor.words(&["READ", "ONLY"]) {
        Some(AccessMode::ReadOnly)
    } else if cursor.words(&["READ", "WRITE"]) {
        Some(AccessMode::ReadWrite)
    } else {
        None
    }
}

fn completion(cursor: &mut Cursor<'_>) -> Option<Completion> {
    let mut completion = Completion::default();
    if cursor.word("AND") {
        completion.chain = Some(!cursor.word("NO"));
        if !cursor.word("CHAIN") {
            return None;
        }
    }
    if cursor.words(&["NO", "RELEASE"]) {
        completion.release = Some(false);
    } else if cursor.word("RELEASE") {
        completion.release = Some(true);
    }
    // MySQL refuses to begin a transaction on a connection that ends.
    let contradiction = completion.chain == Some(true) && completion.release == Some(true);
    (!contradiction).then_some(completion)
}

pub(super) fn commit(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.word("WORK");
    let completion = completion(cursor)?;
    cursor.finish(Utility::Commit(completion))
}

pub(super) fn rollback(cursor: &mut Cursor<'_>) -> Option<Utility> {
    cursor.word("WORK");
    if cursor.word("TO") {
        // A savepoint may itself be called savepoint.
        let mut ahead = cursor.clone();
        if ahead.word("SAVEPOINT") && !ahead.is_end() {
            *cursor = ahead;
        }
        let name = cursor.name()?;
        return cursor.finish(Utility::RollbackTo(name));
    }
    let completion = completion(cursor)?;
    cursor.finish(Utility::Rollback(completion))
}

pub(super) fn savepoint(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let name = cursor.name()?;
    cursor.finish(Utility::Savepoint(name))
}

pub(super) fn release(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if !cursor.word("SAVEPOINT") {
        return None;
    }
    let name = cursor.name()?;
    cursor.finish(Utility::ReleaseSavepoint(name))
}

pub(super) fn xa(cursor: &mut Cursor<'_>) -> Option<Utility> {
    const VERBS: &[(&str, XaVerb)] = &[
        ("START", XaVerb::Start),
        ("BEGIN", XaVerb::Start),
        ("END", XaVerb::End),
        ("PREPARE", XaVerb::Prepare),
        ("COMMIT", XaVerb::Commit),
        ("ROLLBACK", XaVerb::Rollback),
        ("RECOVER", XaVerb::Recover),
    ];
    let (_, verb) = VERBS.iter().find(|(word, _)| cursor.is_word(word))?;
    Some(Utility::Xa(*verb))
}

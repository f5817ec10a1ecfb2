//! The nodes' answers → done, or the error that names those that differ.

use super::agree::Disagreement;
use super::{Answer, Work};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::scatter::Unsaid;
use crate::plan::everywhere::Deed;
use crate::reply as conditions;

/// How a statement ended.
pub(super) enum Verdict {
    /// Every node has done its part, now or before.
    Done,
    /// The client's error.
    Failed(MysqlError),
}

/// What the answers say at first sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// All have done it.
    Done,
    /// All have done it if they have the same definition now.
    Compare,
    /// Some tables are gone from some nodes already: the rest of them is to be dropped.
    DropRest,
    /// At least one has not done it.
    Failed,
}

/// ER_DB_CREATE_EXISTS
const DATABASE_EXISTS: u16 = 1007;
/// ER_DB_DROP_EXISTS
const NO_SUCH_DATABASE: u16 = 1008;
/// ER_TABLE_EXISTS_ERROR
const TABLE_EXISTS: u16 = 1050;
/// ER_BAD_TABLE_ERROR
const UNKNOWN_TABLE: u16 = 1051;
/// ER_NO_SUCH_TABLE
const NO_SUCH_TABLE: u16 = 1146;

/// The errors of nodes that have done it before.
fn done_before(deed: Deed) -> &'static [u16] {
    match deed {
        Deed::CreateTable { .. } => &[TABLE_EXISTS],
        Deed::Drop => &[UNKNOWN_TABLE],
        Deed::Rename => &[NO_SUCH_TABLE, TABLE_EXISTS],
        Deed::CreateDatabase => &[DATABASE_EXISTS],
        Deed::DropDatabase => &[NO_SUCH_DATABASE],
        Deed::Alter | Deed::AlterDatabase | Deed::Truncate | Deed::Maintain(_) => &[],
    }
}

/// What the answers say at first sight.
pub(super) fn first(work: &Work<'_>, answers: &[Answer]) -> First {
    judge(work.all.deed, answers)
}

fn judge(deed: Deed, answers: &[Answer]) -> First {
    let errors = || {
        answers
            .iter()
            .flatten()
            .filter_map(|answer| answer.as_ref().err())
    };
    let failed = errors().count();
    if failed == 0 {
        let existed = answers.iter().flatten().flatten().filter(|said| {
            let mut codes = said.conditions.iter().map(conditions::code);
            codes.any(|code| code == b"1050")
        });
        let existed = existed.count();
        return match deed {
            Deed::CreateTable { .. } if existed > 0 && existed < answers.len() => First::Compare,
            _ => First::Done,
        };
    }
    let before = done_before(deed);
    let repeated = errors().all(|unsaid| !unsaid.lost && before.contains(&unsaid.error.code));
    if failed == answers.len() || !repeated {
        return First::Failed;
    }
    match deed {
        Deed::CreateTable { .. } | Deed::Rename => First::Compare,
        Deed::Drop => First::DropRest,
        _ => First::Done,
    }
}

/// The error of a statement that was not done everywhere.
pub(super) fn failed(work: &Work<'_>, answers: &[Answer]) -> Verdict {
    let mut groups: Vec<(MysqlError, bool, Vec<&str>)> = Vec::new();
    let mut done = Vec::new();
    for (node, answer) in work.nodes.iter().zip(answers) {
        let Some(Err(Unsaid { error, lost })) = answer else {
            done.push(node.name.as_str());
            continue;
        };
        let mut error = error.clone();
        if let Some(names) = node.target.names {
            names.fix_error(&mut error);
        }
        match groups
            .iter_mut()
            .find(|(known, is_lost, _)| *known == error && is_lost == lost)
        {
            Some((.., nodes)) => nodes.push(&node.name),
            None => groups.push((error, *lost, vec![&node.name])),
        }
    }
    Verdict::Failed(told(&groups, &done))
}

fn told(groups: &[(MysqlError, bool, Vec<&str>)], done: &[&str]) -> MysqlError {
    let Some((first, lost, nodes)) = groups.first() else {
        return MysqlError::new(ErrorKind::Internal, "a statement failed without an error");
    };
    if groups.len() == 1 && done.is_empty() && (nodes.len() == 1 || !lost) {
        // All say the same: it is the answer of one MySQL.
        return first.clone();
    }
    let mut error = first.clone();
    let mut behind = |text: &str| error.message.extend_from_slice(text.as_bytes());
    behind(&format!(" (on {}", listed(nodes)));
    for (other, _, nodes) in groups.iter().skip(1) {
        behind(&format!("; on {}: {other}", listed(nodes)));
    }
    if !done.is_empty() {
        behind(&format!("; done on {}", listed(done)));
    }
    if groups.iter().any(|(_, lost, _)| *lost) {
        behind("; whether it ran on a server that was lost is not known");
    }
    behind("; run the statement again when the cause is gone)");
    error
}

/// The error of a statement after which the nodes' tables are not alike.
pub(super) fn differing(
    work: &Work<'_>,
    answers: &[Answer],
    difference: &Disagreement,
) -> MysqlError {
    let errors = answers
        .iter()
        .flatten()
        .filter_map(|answer| answer.as_ref().err());
    let kind = ErrorKind::Internal;
    let mut error = match errors.map(|unsaid| unsaid.error.clone()).next() {
        Some(error) => error,
        None => MysqlError::new(kind, "Table exists already on some shards"),
    };
    let failed = answers
        .iter()
        .position(|answer| matches!(answer, Some(Err(_))));
    let node = failed.and_then(|at| work.nodes.get(at));
    if let Some(names) = node.and_then(|node| node.target.names) {
        names.fix_error(&mut error);
    }
    let text = format!(
        " (table '{}' is not the same on {} as on {}: make them alike, on one shard by \
         /*+ SHARDWELL(shard=NAME) */, and run the statement again)",
        difference.table,
        listed(&difference.different),
        listed(&difference.like_first),
    );
    error.message.extend_from_slice(text.as_bytes());
    error
}

fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;

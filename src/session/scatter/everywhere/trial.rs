//! What a definition would become: tried on an empty temporary table that covers the real one.
//!
//! Where nodes differ before an ALTER TABLE, an earlier one has failed on some of them, or somebody
//! has changed a shard alone. The statement explains the difference if it makes of what the others
//! have what one of them has: then it is for the others. A statement on columns and indexes alone does not
//! say that: `ADD INDEX (a)` succeeds as often as it is run.

use super::super::super::failure::{Failure, interrupted};
use super::super::super::state::Session;
use super::super::{Part, Text};
use super::Work;
use super::agree::{Shown, comparable};
use super::fan_out::query;
use crate::backend::{BackendError, Connection, TextRow};
use crate::net::Interest;

/// The name that the temporary table has at first.
const TRIAL: &str = "`shardwell trial`";

impl Session {
    /// The nodes on which the statement has not been carried out, where it explains how they differ.
    pub(super) async fn untouched(
        &mut self,
        work: &Work<'_>,
        shown: &[Shown],
    ) -> Result<Option<Vec<usize>>, Failure> {
        let mut variants: Vec<(&Shown, Vec<usize>)> = Vec::new();
        for (at, shown) in shown.iter().enumerate() {
            match variants.iter_mut().find(|(known, _)| *known == shown) {
                Some((_, nodes)) => nodes.push(at),
                None => variants.push((shown, vec![at])),
            }
        }
        let mut tried = Vec::with_capacity(variants.len());
        for (shown, nodes) in &variants {
            let becomes = match (shown, nodes.first()) {
                (Shown::Definition(text), Some(node)) if can_be_tried(text) => {
                    self.try_on(work, *node).await?
                }
                _ => None,
            };
            tried.push(((*shown).clone(), becomes.map(Shown::Definition)));
        }
        let todo = todo(&tried).map(|variants_to_do| {
            let nodes = variants_to_do.into_iter().filter_map(|at| variants.get(at));
            let mut nodes: Vec<usize> = nodes.flat_map(|(_, nodes)| nodes.clone()).collect();
            nodes.sort_unstable();
            nodes
        });
        Ok(todo)
    }

    /// What the statement makes of a node's definition; `None`: it cannot be tried, or fails.
    async fn try_on(&mut self, work: &Work<'_>, at: usize) -> Result<Option<Vec<u8>>, Failure> {
        let Some((node, own)) = work
            .nodes
            .get(at)
            .and_then(|node| Some((node, node.own_name(0)?)))
        else {
            return Ok(None);
        };
        let text = work.text(self, at, &[])?;
        let query = query(b"", false);
        let parts = [Part {
            target: node.target,
            text: Text::Query(Vec::new()),
        }];
        let mut workers = self.workers(&parts, &query).await?;
        let Some(mut worker) = workers.pop() else {
            return Ok(None);
        };
        let connection = &mut *worker.backend.connection;
        let limit = self.shared.limits.statement;
        let trial = tried(connection, own, &text);
        let done = self
            .handle
            .watch
            .guard(limit, Interest::FINISH, trial)
            .await;
        if !matches!(done, Ok((_, true))) {
            worker.backend.connection.doom();
        }
        self.held.settle(worker.backend);
        match done {
            Ok((becomes, _)) => Ok(becomes.map(|text| comparable(&text, own))),
            Err(signal) => Err(interrupted(signal)),
        }
    }
}

/// What a temporary copy cannot show.
fn can_be_tried(definition: &[u8]) -> bool {
    let has = |words: &[u8]| definition.windows(words.len()).any(|text| text == words);
    !has(b"FOREIGN KEY") && !has(b"PARTITION BY")
}

/// The definition after the trial, and whether the temporary table is gone again.
async fn tried(connection: &mut Connection, own: &str, text: &[u8]) -> (Option<Vec<u8>>, bool) {
    let becomes = carried_out(connection, own, text).await;
    let drop = format!("DROP TEMPORARY TABLE IF EXISTS {own}, {}", trial_name(own));
    let gone = connection.query(drop.as_bytes()).await.is_ok();
    match becomes {
        Ok(becomes) => (becomes, gone),
        Err(error) => {
            tracing::debug!(%error, "a definition could not be tried");
            (None, gone)
        }
    }
}

async fn carried_out(
    connection: &mut Connection,
    own: &str,
    text: &[u8],
) -> Result<Option<Vec<u8>>, BackendError> {
    // By statement, the trial would be replicated.
    let logged = "SELECT @@log_bin = 0 OR @@binlog_format = 'ROW'";
    if cell(&connection.query(logged.as_bytes()).await?, 0) != Some(b"1".as_slice()) {
        return Ok(None);
    }
    let trial = trial_name(own);
    let create = format!("CREATE TEMPORARY TABLE {trial} LIKE {own}");
    connection.query(create.as_bytes()).await?;
    let cover = format!("ALTER TABLE {trial} RENAME TO {own}");
    connection.query(cover.as_bytes()).await?;
    let show = format!("SHOW CREATE TABLE {own}");
    let is_temporary = |rows: &[TextRow]| {
        cell(rows, 1).is_some_and(|text| text.starts_with(b"CREATE TEMPORARY TABLE"))
    };
    if !is_temporary(&connection.query(show.as_bytes()).await?) {
        return Ok(None);
    }
    connection.query(text).await?;
    let shown = connection.query(show.as_bytes()).await?;
    Ok(cell(&shown, 1)
        .filter(|_| is_temporary(&shown))
        .map(<[u8]>::to_vec))
}

fn cell(rows: &[TextRow], at: usize) -> Option<&[u8]> {
    rows.first()?.get(at)?.as_deref()
}

/// In the table's own database.
fn trial_name(own: &str) -> String {
    let database = own.rsplit_once("`.").map_or("", |(database, _)| database);
    format!("{database}`.{TRIAL}")
}

/// The variants that the statement is for, each given as it is and as the statement makes it.
fn todo(variants: &[(Shown, Option<Shown>)]) -> Option<Vec<usize>> {
    let others = |target: usize| (0..variants.len()).filter(move |at| *at != target);
    let becomes = |at: usize| variants.get(at).and_then(|(_, becomes)| becomes.as_ref());
    let is_target = |target: &usize| {
        let shown = variants.get(*target).map(|(shown, _)| shown);
        others(*target).all(|other| becomes(other).is_some() && becomes(other) == shown)
    };
    let mut targets = (0..variants.len()).filter(is_target);
    match (targets.next(), targets.next()) {
        (Some(target), None) => Some(others(target).collect()),
        (Some(_), Some(_)) => None,
        (None, _) => {
            let first = becomes(0)?;
            let alike = (0..variants.len()).all(|at| becomes(at) == Some(first));
            alike.then(|| (0..variants.len()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variants(pairs: &[(&str, Option<&str>)]) -> Vec<(Shown, Option<Shown>)> {
        let shown = |text: &str| Shown::Definition(text.as_bytes().to_vec());
        let pairs = pairs.iter();
        pairs
            .map(|(is, becomes)| (shown(is), becomes.map(shown)))
            .collect()
    }

    #[test]
    fn the_statement_is_for_those_that_it_makes_like_the_others() {
        let cases = [
            // Done on the first, and it fails there now.
            (variants(&[("ab", None), ("a", Some("ab"))]), Some(vec![1])),
            // It succeeds there again, and must not.
            (
                variants(&[("a", Some("ai")), ("ai", Some("aii"))]),
                Some(vec![0]),
            ),
            (
                variants(&[("a", Some("c")), ("b", Some("c"))]),
                Some(vec![0, 1]),
            ),
            (
                variants(&[("c", Some("c")), ("b", Some("c"))]),
                Some(vec![1]),
            ),
            // Names are exchanged: which of them was first?
            (variants(&[("ab", Some("ba")), ("ba", Some("ab"))]), None),
            (variants(&[("a", Some("ax")), ("b", Some("bx"))]), None),
            (variants(&[("a", None), ("b", None)]), None),
            (
                variants(&[("ax", None), ("a", Some("ax")), ("b", Some("bx"))]),
                None,
            ),
        ];
        for (variants, expected) in cases {
            assert_eq!(todo(&variants), expected, "{variants:?}");
        }
    }

    #[test]
    fn the_trial_is_beside_its_table() {
        assert_eq!(trial_name("`a.b`.`c`"), "`a.b`.`shardwell trial`");
    }
}

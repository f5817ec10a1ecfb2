//! What tables hold after writes: on the shards as on the plain server.

use std::future::Future;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use super::dice::Dice;
use super::pair::{CLIENTS, Stage, assert_same};

impl Stage {
    /// Of these queries, those whose rows on all shards together are not the plain server's.
    pub async fn different_rows(&self, queries: &[&str]) -> Vec<String> {
        let mut different = Vec::new();
        for sql in queries {
            let mut found = Vec::new();
            for position in 0..4 {
                found.extend(rows(&mut self.place.shard(position).await, sql).await);
            }
            found.sort();
            different.extend(difference(sql, &found, &self.expected(sql).await));
        }
        different
    }

    /// Of these queries, those whose rows on any shard are not the plain server's.
    pub async fn different_copies(&self, queries: &[&str]) -> Vec<String> {
        let mut different = Vec::new();
        for sql in queries {
            let expected = self.expected(sql).await;
            for position in 0..4 {
                let mut found = rows(&mut self.place.shard(position).await, sql).await;
                found.sort();
                let what = format!("{sql} on shard {position}");
                different.extend(difference(&what, &found, &expected));
            }
        }
        different
    }

    /// Of these queries, those whose rows on the shard that has single tables are not the plain server's.
    pub async fn different_single(&self, queries: &[&str]) -> Vec<String> {
        let mut different = Vec::new();
        for sql in queries {
            let mut found = rows(&mut self.place.shard(1).await, sql).await;
            found.sort();
            different.extend(difference(sql, &found, &self.expected(sql).await));
        }
        different
    }

    async fn expected(&self, sql: &str) -> Vec<String> {
        let mut expected = rows(&mut self.place.plain().await, sql).await;
        expected.sort();
        expected
    }
}

/// A query's rows, each as text.
pub async fn rows(server: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Row> = server.query(sql).await.expect(sql);
    let text = |row: Row| format!("{:?}", row.unwrap());
    rows.into_iter().map(text).collect()
}

/// Both are sorted.
pub fn difference(what: &str, found: &[String], expected: &[String]) -> Option<String> {
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        let missing = one.iter().filter(|row| !other.contains(row));
        missing.cloned().collect()
    };
    let (ours, theirs) = (only(found, expected), only(expected, found));
    (found != expected).then(|| {
        let counts = (found.len(), expected.len());
        format!("{what}: {counts:?} rows, {ours:#?} instead of {theirs:#?}")
    })
}

/// Runs the statements with every kind of client, each on a stage of its own; the answers and what
/// `different` looks at must be the plain server's.
pub async fn change_with_every_client<S, D>(
    stage: impl Fn() -> S,
    statements: &[&str],
    different: impl Fn(Stage) -> D,
) where
    S: Future<Output = Stage>,
    D: Future<Output = Vec<String>>,
{
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        for statement in statements {
            pair.change(statement).await;
        }
        differences.extend(pair.into_differences(name));
        differences.extend(different(stage).await);
    }
    assert_same(&differences);
}

/// Runs so many random statements with every kind of client, each with dice and a stage of its own; the
/// counts and what `different` looks at must be the plain server's. `statement` is told whether a
/// client counts the rows that it changes, not those that it finds.
pub async fn change_at_random<S, D>(
    stage: impl Fn() -> S,
    (count, statement): (usize, impl Fn(&mut Dice, bool) -> String),
    different: impl Fn(Stage) -> D,
) where
    S: Future<Output = Stage>,
    D: Future<Output = Vec<String>>,
{
    for (seed, (name, extras)) in (1..).zip(CLIENTS) {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        let mut dice = Dice(seed);
        for _ in 0..count {
            pair.counts(&statement(&mut dice, name != "found_rows"))
                .await;
        }
        pair.counts("COMMIT").await;
        assert_same(&pair.into_differences(name));
        assert_same(&different(stage).await);
    }
}

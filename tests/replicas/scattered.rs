//! Statements over several shards, and prepared ones, that replicas answer.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::connect_app;
use crate::set::{Set, answered_by};

/// Who answers, once for each half: the same server for both.
const WHO: &str = "SELECT name FROM parted.who ORDER BY name";

/// Who answers a statement that is prepared.
async fn executed_by(client: &mut Conn, sql: &str) -> Vec<String> {
    let prepared = client.prep(sql).await.unwrap();
    client.exec(&prepared, ()).await.unwrap()
}

async fn twice(client: &mut Conn) -> Vec<String> {
    client.query(WHO).await.unwrap()
}

#[tokio::test]
async fn one_replica_answers_for_all_shards_of_its_set() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = connect_app(&proxy).await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answered = twice(&mut client).await;
        assert_eq!(answered.len(), 2);
        assert_eq!(answered[0], answered[1]);
        seen.extend(answered);
        seen.extend(executed_by(&mut client, WHO).await);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen, ["r1", "r2"]);
    let merged = [
        "SELECT DISTINCT name FROM parted.who",
        "SELECT MAX(name) FROM parted.who",
        "SELECT name FROM parted.who GROUP BY name HAVING COUNT(*) > 0",
        "SELECT name FROM parted.who ORDER BY name LIMIT 1, 1",
    ];
    for sql in merged {
        let answered = answered_by(&mut client, sql).await;
        assert!(seen.contains(&answered), "{sql}: {answered}");
        let executed = executed_by(&mut client, sql).await;
        assert!(seen.contains(&executed[0]), "{sql}: {executed:?}");
    }
    let alone = executed_by(&mut client, "SELECT name FROM shop.who").await;
    assert!(seen.contains(&alone[0]), "{alone:?}");
}

#[tokio::test]
async fn what_else_it_does_keeps_a_scattered_statement_on_the_primary() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let locking = "SELECT name FROM parted.who FOR UPDATE";
    let hinted = "SELECT /*+ SHARDWELL(primary) */ name FROM parted.who";
    let counted = "SELECT SQL_CALC_FOUND_ROWS name FROM parted.who LIMIT 1";
    let cases: [(&[&str], &str); 7] = [
        (&["BEGIN"], WHO),
        (&["SET autocommit = 0"], WHO),
        (&["CREATE TEMPORARY TABLE shop.x (a INT)"], WHO),
        (&["START TRANSACTION READ ONLY"], WHO),
        (&[], locking),
        (&[], hinted),
        (&[], counted),
    ];
    for (before, sql) in cases {
        let mut client = connect_app(&proxy).await;
        for statement in before {
            client.query_drop(*statement).await.unwrap();
        }
        assert_eq!(answered_by(&mut client, sql).await, "p", "{before:?} {sql}");
        assert_eq!(
            executed_by(&mut client, sql).await[0],
            "p",
            "{before:?} {sql}"
        );
    }
    let explained = |sql: &str| format!("EXPLAIN FORMAT=SHARDWELL {sql}");
    let may_answer = async |client: &mut Conn, sql: &str| {
        let lines: Vec<(String, String)> = client.query(explained(sql)).await.unwrap();
        lines.contains(&(
            "servers".to_owned(),
            "replicas may answer: eventual".to_owned(),
        ))
    };
    let mut client = connect_app(&proxy).await;
    assert!(may_answer(&mut client, WHO).await);
    assert!(may_answer(&mut client, "SELECT name FROM shop.who").await);
    for sql in [
        locking,
        hinted,
        counted,
        "SELECT name, @@server_id FROM shop.who",
    ] {
        assert!(!may_answer(&mut client, sql).await, "{sql}");
    }
    client.query_drop("BEGIN").await.unwrap();
    assert!(!may_answer(&mut client, WHO).await);
    let reads = set.proxy("\"primary\"", "").await;
    assert_eq!(answered_by(&mut connect_app(&reads).await, WHO).await, "p");
    let hinted = "SELECT /*+ SHARDWELL(replica) */ name FROM parted.who";
    assert_ne!(
        answered_by(&mut connect_app(&reads).await, hinted).await,
        "p"
    );
}

#[tokio::test]
async fn what_has_not_arrived_is_asked_of_the_primary() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = connect_app(&proxy).await;
    client
        .query_drop("INSERT INTO parted.t VALUES (1, 1, 1), (2, 1, 1)")
        .await
        .unwrap();
    set.wait_until_applied().await;
    for replica in &set.replicas {
        replica
            .run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"])
            .await;
    }
    client
        .query_drop("ALTER TABLE parted.t ADD COLUMN w INT NOT NULL DEFAULT 3")
        .await
        .unwrap();
    for _ in 0..2 {
        let sum: Option<u32> = client
            .query_first("SELECT SUM(w) FROM parted.t")
            .await
            .unwrap();
        assert_eq!(sum, Some(6));
        let prepared = client
            .prep("SELECT SUM(w) FROM parted.t WHERE id > ?")
            .await
            .unwrap();
        let sum: Option<u32> = client.exec_first(&prepared, (1,)).await.unwrap();
        assert_eq!(sum, Some(3));
    }
    let error = client
        .query_drop("SELECT x FROM parted.t")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("1054"), "{error}");
}

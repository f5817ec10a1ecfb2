//! Reads that may be stale, but not by more than they say.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;

use crate::common::connect_app;
use crate::set::{Set, eventually, who};

const BOUNDED: &str = r#"{ consistency = "bounded", max_lag = "1s" }"#;

#[tokio::test]
async fn a_replica_behind_its_bound_answers_nothing_until_it_has_caught_up() {
    let set = Set::start().await;
    let proxy = set.proxy(BOUNDED, "").await;
    let [one, two] = &set.replicas;
    let mut client = connect_app(&proxy).await;
    assert_ne!(who(&mut client).await, "p");
    one.run_on(&["STOP REPLICA"], &["STOP SLAVE"]).await;
    client
        .query_drop("INSERT INTO t VALUES (1, 0)")
        .await
        .unwrap();
    let written = Instant::now();
    eventually("the other one answers everything", async || {
        who(&mut client).await == "r2" && who(&mut client).await == "r2"
    })
    .await;
    two.run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"])
        .await;
    client
        .query_drop("INSERT INTO t VALUES (2, 0)")
        .await
        .unwrap();
    eventually("the primary answers everything", async || {
        who(&mut client).await == "p" && who(&mut client).await == "p"
    })
    .await;
    assert!(written.elapsed() < Duration::from_secs(10));
    for replica in &set.replicas {
        replica.run_on(&["START REPLICA"], &["START SLAVE"]).await;
    }
    eventually("both answer again", async || {
        let mut seen = vec![who(&mut client).await, who(&mut client).await];
        seen.sort();
        seen == ["r1", "r2"]
    })
    .await;
}

/// A counter that is set to the time again and again: what is read is never older than the bound.
#[tokio::test]
async fn no_read_is_older_than_its_bound() {
    let set = Set::start().await;
    let proxy = set.proxy(BOUNDED, "").await;
    let [one, two] = &set.replicas;
    let mut writer = connect_app(&proxy).await;
    writer
        .query_drop("INSERT INTO t VALUES (1, 0)")
        .await
        .unwrap();
    set.wait_until_applied().await;
    one.follow(&set.primary, 3).await;
    two.follow(&set.primary, 0).await;
    let began = Instant::now();
    let run = Duration::from_secs(6);
    let writes = async {
        while began.elapsed() < run {
            let now = began.elapsed().as_millis();
            let sql = format!("UPDATE t SET v = {now} WHERE id = 1");
            writer.query_drop(sql).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut reader = connect_app(&proxy).await;
    let reads = async {
        let mut answered = [0; 3];
        while began.elapsed() < run {
            let asked = began.elapsed();
            let sql = "SELECT v, name FROM t, who WHERE id = 1";
            let (v, name): (u64, String) = reader.query_first(sql).await.unwrap().unwrap();
            let oldest = asked.saturating_sub(Duration::from_millis(1050));
            assert!(
                u128::from(v) >= oldest.as_millis(),
                "{v} at {asked:?} on {name}"
            );
            answered[["p", "r1", "r2"].iter().position(|n| *n == name).unwrap()] += 1;
        }
        answered
    };
    let (answered, ()) = tokio::join!(reads, writes);
    assert!(answered[2] > 100, "{answered:?}");
}

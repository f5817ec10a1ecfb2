//! Primaries that die, hang, are cut off or step back while they are written to.

use std::time::{Duration, Instant};

use mysql_async::Row;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;

use crate::common::{USER, connect_app};
use crate::link::Link;
use crate::semi_sync;
use crate::set::{Node, Set, answered_by, eventually};
use crate::writers::{Writers, assert_kept, rows_on};

/// Who answers on the primary.
const WHO: &str = "SELECT name FROM who LOCK IN SHARE MODE";

/// A set whose first replica has every acknowledged write, and in which nobody writes on a server
/// that is read-only.
async fn start() -> Set {
    let set = Set::start().await;
    let [one, _] = &set.replicas;
    semi_sync::wait_for_replicas(&set.primary).await;
    semi_sync::acknowledge(one).await;
    let revoke = format!("REVOKE READ ONLY ADMIN, SUPER ON *.* FROM '{USER}'@'%'");
    for node in set.nodes() {
        node.run_on(&[], &["SET sql_log_bin = 0", &revoke]).await;
    }
    semi_sync::until_acknowledged(&set.primary, 1).await;
    set
}

/// Makes a replica a primary as a person would: when it has applied all that it has received.
pub async fn promote(node: &Node) {
    node.run_on(&["STOP REPLICA IO_THREAD"], &["STOP SLAVE IO_THREAD"])
        .await;
    let mut admin = node.admin().await;
    match node.flavor {
        Flavor::MySql => {
            let sql = "SELECT WAIT_FOR_EXECUTED_GTID_SET(RECEIVED_TRANSACTION_SET, 30) FROM \
                       performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''";
            let done: Option<u32> = admin.query_first(sql).await.unwrap();
            assert_eq!(done, Some(0));
        }
        Flavor::MariaDb => {
            let status: Option<Row> = admin.query_first("SHOW SLAVE STATUS").await.unwrap();
            let received: String = status.unwrap().get("Gtid_IO_Pos").unwrap();
            let sql = "SELECT MASTER_GTID_WAIT(?, 30)";
            let done: Option<i64> = admin.exec_first(sql, (received,)).await.unwrap();
            assert_eq!(done, Some(0));
        }
    }
    node.run_on(
        &[
            "STOP REPLICA",
            "RESET REPLICA ALL",
            "SET GLOBAL super_read_only = OFF",
            "SET GLOBAL read_only = OFF",
        ],
        &[
            "STOP SLAVE",
            "RESET SLAVE ALL",
            "SET GLOBAL read_only = OFF",
        ],
    )
    .await;
}

pub async fn make_read_only(node: &Node) {
    node.run_on(
        &["SET GLOBAL super_read_only = ON"],
        &["SET GLOBAL read_only = ON"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promotion_after_a_crash_is_followed_and_no_acknowledged_write_is_lost() {
    let mut set = start().await;
    let proxy = set.proxy("\"causal\"", "").await;
    let mut idle = connect_app(&proxy).await;
    idle.query_drop("SET SESSION time_zone = '+03:00'")
        .await
        .unwrap();
    let mut open = connect_app(&proxy).await;
    open.query_drop("BEGIN").await.unwrap();
    open.query_drop("INSERT INTO t VALUES (-1, 0)")
        .await
        .unwrap();
    let writers = Writers::start(&proxy).await;
    set.primary.kill();
    let [one, two] = &set.replicas;
    promote(one).await;
    let promoted = Instant::now();
    two.follow(one, 0).await;
    writers.advance(1).await;
    println!("writes {:?} after the promotion", promoted.elapsed());
    writers.advance(300).await;
    let tally = writers.stop_on(one).await;
    for error in &tally.errors {
        assert!(error.contains("Lost connection"), "{error}");
    }
    assert!(tally.gap < Duration::from_secs(5), "{:?}", tally.gap);
    // The transaction is gone, and is not continued elsewhere.
    assert!(open.query_drop("COMMIT").await.is_err());
    let mut admin = one.admin().await;
    let sql = "SELECT id FROM shop.t WHERE id = -1";
    let found: Option<i64> = admin.query_first(sql).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(answered_by(&mut idle, WHO).await, "r1");
    let zone = answered_by(&mut idle, "SELECT @@time_zone").await;
    assert_eq!(zone, "+03:00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_switch_costs_no_error_outside_transactions() {
    let set = start().await;
    let proxy = set.proxy("\"causal\"", "").await;
    let mut open = connect_app(&proxy).await;
    open.query_drop("BEGIN").await.unwrap();
    open.query_drop("INSERT INTO t VALUES (-1, 0)")
        .await
        .unwrap();
    let writers = Writers::start(&proxy).await;
    let [one, two] = &set.replicas;
    make_read_only(&set.primary).await;
    set.wait_until_applied().await;
    promote(one).await;
    let promoted = Instant::now();
    writers.advance(1).await;
    println!("writes {:?} after the promotion", promoted.elapsed());
    two.follow(one, 0).await;
    writers.advance(300).await;
    assert!(open.query_drop("COMMIT").await.is_err());
    set.primary.follow(one, 0).await;
    writers.advance(300).await;
    let tally = writers.stop().await;
    assert_eq!(tally.errors, Vec::<String>::new());
    assert!(tally.gap < Duration::from_secs(5), "{:?}", tally.gap);
    assert_kept(one, &tally).await;
    let mut client = connect_app(&proxy).await;
    assert_eq!(answered_by(&mut client, WHO).await, "r1");
    let sql = "SELECT id FROM t WHERE id = -1";
    let found: Option<i64> = client.query_first(sql).await.unwrap();
    assert_eq!(found, None);
    // The old primary is a replica like any other.
    eventually("it answers reads", async || {
        let sql = "SELECT name FROM who";
        answered_by(&mut client, sql).await == "p"
    })
    .await;
}

#[tokio::test]
async fn of_two_primaries_at_most_one_is_written_to() {
    let set = start().await;
    let proxy = set
        .proxy("\"primary\"", "failover = { buffer = \"700ms\" }")
        .await;
    let [one, _] = &set.replicas;
    let mut client = connect_app(&proxy).await;
    // What the set does when its semi-synchronous replica goes is not this test's business.
    set.primary
        .run_on(
            &["SET GLOBAL rpl_semi_sync_source_enabled = OFF"],
            &["SET GLOBAL rpl_semi_sync_master_enabled = OFF"],
        )
        .await;
    promote(one).await;
    for id in 0..40 {
        let sql = format!("INSERT INTO t VALUES ({id}, 0)");
        client.query_drop(sql).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rows_on(one).await, 0);
    // Somebody writes there: now nobody knows which one is right.
    one.run(&["INSERT INTO shop.t VALUES (1000, 0)"]).await;
    let mut id = 100;
    eventually("writes are refused", async || {
        id += 1;
        let sql = format!("INSERT INTO t VALUES ({id}, 0)");
        match client.query_drop(sql).await {
            Ok(()) => false,
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("two servers claim"), "{error}");
                true
            }
        }
    })
    .await;
    assert_eq!(rows_on(one).await, 1);
    make_read_only(one).await;
    eventually("one is left", async || {
        answered_by(&mut client, WHO).await == "p"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hung_gets_no_writes_when_it_comes_back() {
    let set = start().await;
    let proxy = set.proxy("\"primary\"", "").await;
    let writers = Writers::start(&proxy).await;
    let frozen = set.primary.freeze();
    let began = Instant::now();
    let [one, two] = &set.replicas;
    promote(one).await;
    two.follow(one, 0).await;
    writers.advance(300).await;
    println!("300 writes within {:?} of the stop", began.elapsed());
    drop(frozen);
    writers.advance(100).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let before = rows_on(&set.primary).await;
    writers.advance(300).await;
    assert_eq!(rows_on(&set.primary).await, before);
    writers.stop_on(one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_cut_off_gets_no_writes_when_it_comes_back() {
    let set = start().await;
    let link = Link::to(set.primary.port).await;
    let [one, two] = &set.replicas;
    let ports = [link.port, one.port, two.port];
    let proxy = set.proxy_to(ports, "\"primary\"", "").await;
    let writers = Writers::start(&proxy).await;
    link.cut();
    promote(one).await;
    two.follow(one, 0).await;
    writers.advance(300).await;
    let before = rows_on(&set.primary).await;
    link.heal();
    writers.advance(100).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    writers.advance(300).await;
    assert_eq!(rows_on(&set.primary).await, before);
    writers.stop_on(one).await;
}

/// A short silence is no failover: nobody gets an error, and what was sent is not sent again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hangs_for_a_while_costs_no_error() {
    let set = start().await;
    let proxy = set.proxy("\"primary\"", "").await;
    let writers = Writers::start(&proxy).await;
    let frozen = set.primary.freeze();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    drop(frozen);
    writers.advance(300).await;
    let tally = writers.stop().await;
    assert_eq!(tally.errors, Vec::<String>::new());
    assert_kept(&set.primary, &tally).await;
}

#[tokio::test]
async fn without_a_primary_statements_wait_and_then_say_so() {
    let set = start().await;
    let proxy = set
        .proxy("\"eventual\"", "failover = { buffer = \"500ms\" }")
        .await;
    let mut client = connect_app(&proxy).await;
    make_read_only(&set.primary).await;
    let began = Instant::now();
    let sql = "INSERT INTO t VALUES (1, 1)";
    let error = client.query_drop(sql).await.unwrap_err().to_string();
    let waited = began.elapsed();
    assert!(
        error.contains("2003") && error.contains("read-only"),
        "{error}"
    );
    assert!(waited >= Duration::from_millis(500), "{waited:?}");
    assert!(waited < Duration::from_secs(3), "{waited:?}");
    // Replicas go on.
    let name = answered_by(&mut client, "SELECT name FROM who").await;
    assert!(["r1", "r2"].contains(&name.as_str()), "{name}");
    set.primary
        .run_on(
            &[
                "SET GLOBAL super_read_only = OFF",
                "SET GLOBAL read_only = OFF",
            ],
            &["SET GLOBAL read_only = OFF"],
        )
        .await;
    eventually("it is primary again", async || {
        client
            .query_drop("REPLACE INTO t VALUES (1, 1)")
            .await
            .is_ok()
    })
    .await;
}

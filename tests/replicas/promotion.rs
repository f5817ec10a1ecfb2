//! Replicas that take the place of a primary that is gone.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;

use crate::common::{USER, connect_app};
use crate::link::Link;
use crate::semi_sync;
use crate::set::{Node, Set, answered_by, eventually};
use crate::writers::{WRITERS, Writers, assert_kept};

/// An account that may promote and no more.
const ACCOUNT: &str = "failover = { promote = \"auto\", buffer = \"20s\", \
                       user = \"promoter\", password = \"of replicas\" }";

/// Longer than a promotion takes that is not refused.
const LONG_ENOUGH: Duration = Duration::from_secs(4);

/// Replicas that both acknowledge, and accounts with no more than the privileges that they need.
async fn start() -> Set {
    let set = Set::start().await;
    semi_sync::wait_for_replicas(&set.primary).await;
    for replica in &set.replicas {
        semi_sync::be_ready(replica).await;
        semi_sync::acknowledge(replica).await;
    }
    let revoke = format!("REVOKE READ ONLY ADMIN, SUPER ON *.* FROM '{USER}'@'%'");
    for node in set.nodes() {
        let writable = node.is_writable().await;
        node.run_on(
            &[
                "SET sql_log_bin = 0",
                "SET GLOBAL super_read_only = OFF",
                "CREATE USER promoter IDENTIFIED BY 'of replicas'",
                "GRANT REPLICATION CLIENT, RELOAD, REPLICATION_SLAVE_ADMIN, \
                 SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN ON *.* TO promoter",
            ],
            &[
                "SET sql_log_bin = 0",
                &revoke,
                "CREATE USER promoter IDENTIFIED BY 'of replicas'",
                "GRANT SLAVE MONITOR, RELOAD, REPLICATION SLAVE ADMIN, \
                 REPLICATION MASTER ADMIN, READ ONLY ADMIN ON *.* TO promoter",
            ],
        )
        .await;
        if !writable {
            node.run_on(&["SET GLOBAL super_read_only = ON"], &[]).await;
        }
    }
    semi_sync::until_acknowledged(&set.primary, 2).await;
    set
}

impl Node {
    async fn is_writable(&self) -> bool {
        let mut admin = self.admin().await;
        let read_only: Option<bool> = admin
            .query_first("SELECT @@GLOBAL.read_only")
            .await
            .unwrap();
        read_only == Some(false)
    }

    /// Whether it receives what its source writes.
    async fn receives(&self) -> bool {
        let mut admin = self.admin().await;
        let (sql, column) = match self.flavor {
            Flavor::MySql => ("SHOW REPLICA STATUS", "Replica_IO_Running"),
            Flavor::MariaDb => ("SHOW SLAVE STATUS", "Slave_IO_Running"),
        };
        let row: Option<mysql_async::Row> = admin.query_first(sql).await.unwrap();
        row.and_then(|row| row.get::<String, _>(column)).as_deref() == Some("Yes")
    }
}

/// The replica that takes writes, and the other one.
async fn promoted(set: &Set) -> (&Node, &Node) {
    let [one, two] = &set.replicas;
    match (one.is_writable().await, two.is_writable().await) {
        (true, false) => (one, two),
        (false, true) => (two, one),
        (true, true) => panic!("both replicas take writes"),
        (false, false) => panic!("no replica takes writes"),
    }
}

async fn none_is_promoted(set: &Set) {
    for replica in &set.replicas {
        assert!(!replica.is_writable().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_the_place_of_a_primary_that_crashed() {
    let mut set = start().await;
    let proxy = set.proxy("\"causal\"", ACCOUNT).await;
    let writers = Writers::start(&proxy).await;
    set.primary.kill();
    writers.advance(300).await;
    let (new, other) = promoted(&set).await;
    // The other one replicates from it, and commits wait for that.
    semi_sync::until_acknowledged(new, 1).await;
    assert!(other.receives().await);
    let tally = writers.stop_on(new).await;
    assert!(tally.gap < Duration::from_secs(15), "{:?}", tally.gap);
    eventually("the other one has all of it", async || {
        let mut admin = other.admin().await;
        let rows: Option<usize> = admin
            .query_first("SELECT COUNT(*) FROM shop.t")
            .await
            .unwrap();
        rows >= Some(tally.acknowledged.len())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hung_is_read_only_when_it_comes_back() {
    let set = start().await;
    let proxy = set.proxy("\"primary\"", ACCOUNT).await;
    let writers = Writers::start(&proxy).await;
    let frozen = set.primary.freeze();
    writers.advance(300).await;
    drop(frozen);
    eventually("it is read-only", async || !set.primary.is_writable().await).await;
    writers.advance(100).await;
    let (new, _) = promoted(&set).await;
    writers.stop_on(new).await;
}

/// Only this proxy has lost the primary: others write there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_promoted_while_replicas_have_the_primary() {
    let set = start().await;
    let link = Link::to(set.primary.port).await;
    let [one, two] = &set.replicas;
    let ports = [link.port, one.port, two.port];
    let proxy = set.proxy_to(ports, "\"primary\"", ACCOUNT).await;
    let writers = Writers::start(&proxy).await;
    link.cut();
    tokio::time::sleep(LONG_ENOUGH).await;
    none_is_promoted(&set).await;
    set.primary
        .run(&["INSERT INTO shop.t VALUES (7000000, 0)"])
        .await;
    link.heal();
    writers.advance(100).await;
    none_is_promoted(&set).await;
    for replica in &set.replicas {
        eventually("it receives again", async || replica.receives().await).await;
    }
    let tally = writers.stop().await;
    assert!(tally.errors.len() as u64 <= WRITERS, "{:?}", tally.errors);
    assert_kept(&set.primary, &tally).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_promoted_whose_acknowledgements_were_not_waited_for() {
    let mut set = start().await;
    set.primary
        .run_on(
            &["SET GLOBAL rpl_semi_sync_source_enabled = OFF"],
            &["SET GLOBAL rpl_semi_sync_master_enabled = OFF"],
        )
        .await;
    let proxy = set.proxy("\"eventual\"", ACCOUNT).await;
    let mut client = connect_app(&proxy).await;
    set.primary.kill();
    tokio::time::sleep(LONG_ENOUGH).await;
    none_is_promoted(&set).await;
    // Reads go on.
    let name = answered_by(&mut client, "SELECT name FROM who").await;
    assert!(["r1", "r2"].contains(&name.as_str()), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_promoted_while_a_replica_is_away_that_may_have_more() {
    let mut set = start().await;
    let proxy = set.proxy("\"primary\"", ACCOUNT).await;
    let writers = Writers::start(&proxy).await;
    let away = set.replicas[1].freeze();
    set.primary.kill();
    tokio::time::sleep(LONG_ENOUGH).await;
    assert!(!set.replicas[0].is_writable().await);
    drop(away);
    writers.advance(300).await;
    let (new, _) = promoted(&set).await;
    writers.stop_on(new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_proxies_promote_one_replica() {
    let mut set = start().await;
    let one = set.proxy("\"primary\"", ACCOUNT).await;
    let two = set.proxy("\"primary\"", ACCOUNT).await;
    let writers = [
        Writers::start(&one).await,
        Writers::begin_at(&two, 1_000_000).await,
    ];
    set.primary.kill();
    for writers in &writers {
        writers.advance(300).await;
    }
    let (new, _) = promoted(&set).await;
    for writers in writers {
        writers.stop_on(new).await;
    }
}

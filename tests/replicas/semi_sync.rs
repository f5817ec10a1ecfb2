//! Commits that wait until replicas have them.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;

use crate::set::{Node, eventually};

/// Makes commits on it wait for a replica that acknowledges.
pub async fn wait_for_replicas(node: &Node) {
    node.run_on(
        &[
            "INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'",
            "SET GLOBAL rpl_semi_sync_source_enabled = ON",
        ],
        &[
            "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC",
            "SET GLOBAL rpl_semi_sync_master_enabled = ON",
        ],
    )
    .await;
}

/// Makes a replica able to take the place of such a primary.
pub async fn be_ready(node: &Node) {
    node.run_on(
        &[
            "SET GLOBAL super_read_only = OFF",
            "SET sql_log_bin = 0",
            "INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'",
            "SET GLOBAL super_read_only = ON",
        ],
        &["SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC"],
    )
    .await;
}

/// Makes a replica acknowledge what it receives.
pub async fn acknowledge(node: &Node) {
    node.run_on(
        &[
            "SET GLOBAL super_read_only = OFF",
            "SET sql_log_bin = 0",
            "INSTALL PLUGIN rpl_semi_sync_replica SONAME 'semisync_replica.so'",
            "SET GLOBAL rpl_semi_sync_replica_enabled = ON",
            "SET GLOBAL super_read_only = ON",
            "STOP REPLICA IO_THREAD",
            "START REPLICA IO_THREAD",
        ],
        &[
            "SET GLOBAL rpl_semi_sync_slave_enabled = ON",
            "STOP SLAVE IO_THREAD",
            "START SLAVE IO_THREAD",
        ],
    )
    .await;
}

/// Waits until so many replicas acknowledge what this server writes.
pub async fn until_acknowledged(node: &Node, replicas: u32) {
    let sql = match node.flavor {
        Flavor::MySql => "SHOW STATUS LIKE 'Rpl_semi_sync_source_clients'",
        Flavor::MariaDb => "SHOW STATUS LIKE 'Rpl_semi_sync_master_clients'",
    };
    eventually("replicas acknowledge", async || {
        let mut admin = node.admin().await;
        let row: Option<(String, u32)> = admin.query_first(sql).await.unwrap();
        row.is_some_and(|(_, clients)| clients == replicas)
    })
    .await;
}

//! Prepared statements on replicas: cursors whose rows wait there, and replicas that are full of them.

use bytes::BytesMut;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use shardwell::wire::{
    Execution, PrepareOk, is_eof, put_execute, put_stmt_fetch, put_stmt_prepare,
};

use crate::common::{APP_PASSWORD, SCHEMA, connect};
use crate::raw::Raw;
use crate::set::Set;

const ROWS: usize = 10;

impl Raw {
    async fn command(&mut self, write: impl FnOnce(&mut BytesMut)) {
        self.packets.reset_sequence();
        self.packets.queue_with(write);
        self.packets.flush().await.unwrap();
    }

    async fn prepare(&mut self, sql: &str) -> u32 {
        self.command(|out| put_stmt_prepare(out, sql.as_bytes()))
            .await;
        let first = self.packets.read_packet().await.unwrap();
        let told = PrepareOk::decode(&first).unwrap();
        for _ in 0..told.params + told.columns {
            self.packets.read_packet().await.unwrap();
        }
        told.statement
    }

    /// Opens a cursor for a statement without parameters and with one column.
    async fn open(&mut self, statement: u32) {
        let execution = Execution {
            bound: Default::default(),
            types: &[],
            own_values: 0,
            cursor: true,
        };
        let capabilities = self.capabilities;
        self.command(|out| put_execute(out, capabilities, statement, &execution))
            .await;
        for _ in 0..2 {
            self.packets.read_packet().await.unwrap();
        }
        let end = self.packets.read_packet().await.unwrap();
        assert!(is_eof(&end, end.len(), self.capabilities), "{end:?}");
    }

    async fn fetch(&mut self, statement: u32, rows: u32) -> usize {
        self.command(|out| put_stmt_fetch(out, statement, rows))
            .await;
        let mut count = 0;
        loop {
            let packet = self.packets.read_packet().await.unwrap();
            assert_ne!(packet.first(), Some(&0xFF), "{packet:?}");
            if is_eof(&packet, packet.len(), self.capabilities) {
                return count;
            }
            count += 1;
        }
    }
}

#[tokio::test]
async fn a_cursor_on_a_replica_leaves_the_primary_to_the_session() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    for id in 0..ROWS {
        let insert = format!("INSERT INTO t VALUES ({id}, 0)");
        client.query(&insert).await.unwrap();
    }
    set.wait_until_applied().await;
    let one = client.prepare("SELECT id FROM t ORDER BY id").await;
    let other = client.prepare("SELECT v FROM t").await;
    let before = set.replicas[0].selects().await + set.replicas[1].selects().await;
    for (begin, end) in [("DO 1", "DO 2"), ("START TRANSACTION READ ONLY", "COMMIT")] {
        client.query(begin).await.unwrap();
        client.open(one).await;
        client.open(other).await;
        assert_eq!(client.fetch(one, 3).await, 3);
        client.query(end).await.unwrap();
        client.query("UPDATE t SET v = v + 1").await.unwrap();
        assert_eq!(client.fetch(other, 100).await, ROWS);
        assert_eq!(client.fetch(one, 100).await, ROWS - 3);
    }
    let after = set.replicas[0].selects().await + set.replicas[1].selects().await;
    assert!(after >= before + 4, "{before} {after}");
}

/// What idle connections to the replica keep gives way, not what those to the primary keep.
#[tokio::test]
async fn a_replica_full_of_statements_gets_back_its_own() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let keeper = connect(proxy.address(), "reports", APP_PASSWORD, Some(SCHEMA));
    let mut keeper = keeper.await.unwrap();
    for n in 0..8 {
        let sql = format!("SELECT {n} + id FROM t WHERE id = ?");
        keeper.exec_drop(sql, (1,)).await.unwrap();
    }
    for replica in &set.replicas {
        let mut admin = replica.admin().await;
        let kept = "SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'";
        let (_, kept): (String, u32) = admin.query_first(kept).await.unwrap().unwrap();
        assert!(kept > 0);
        let full = format!("SET GLOBAL max_prepared_stmt_count = {kept}");
        admin.query_drop(full).await.unwrap();
    }
    // Its connections are of another kind, and opened anew.
    let other = OptsBuilder::from_opts(keeper.opts().clone()).client_found_rows(true);
    let mut other = Conn::new(other).await.unwrap();
    let before = set.replicas[0].selects().await + set.replicas[1].selects().await;
    for n in 8..12 {
        let sql = format!("SELECT {n} + id FROM t WHERE id = ?");
        other.exec_drop(sql, (1,)).await.unwrap();
    }
    let after = set.replicas[0].selects().await + set.replicas[1].selects().await;
    assert!(after >= before + 4, "{before} {after}");
}

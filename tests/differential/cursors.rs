//! Cursors of prepared statements: rows come in the batches of one server, wherever they wait.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use shardwell::wire::{EofPacket, StatusFlags};

use super::common::{ADMIN, APP_PASSWORD};
use super::pair::{CLIENTS, Pair, Stage, assert_same, forget_method};
use super::prepared::{Numbers, Param, execute, int};
use super::raw::{Expect, Packets};

/// CURSOR_TYPE_READ_ONLY
const CURSOR: u8 = 1;

const TABLES: &str = "[schemas.shop.tables.orders]\nkey = \"owner\"\nalgorithm = \"hash_mod\"\n";

const ORDERS: &str = "CREATE TABLE orders (owner BIGINT, id BIGINT, note VARCHAR(20), \
                      PRIMARY KEY (owner, id))";

const ALONE: &str = "CREATE TABLE alone (id INT PRIMARY KEY, v VARCHAR(20))";

async fn stage() -> Stage {
    stage_with(TABLES).await
}

async fn stage_with(tables: &str) -> Stage {
    let stage = Stage::new(tables, &[ORDERS], &[ALONE]).await;
    for owner in 1..=8 {
        let rows: Vec<String> = (1..=7)
            .map(|id| format!("({owner}, {id}, 'n{id}')"))
            .collect();
        let insert = format!("INSERT INTO orders VALUES {}", rows.join(", "));
        stage.run(&insert).await;
    }
    stage
        .run("INSERT INTO alone VALUES (1, 'a'), (2, 'b'), (3, NULL)")
        .await;
    stage
}

/// The same answer, whatever the two sides call the statement.
fn without_number(answer: Packets, number: u32) -> Packets {
    let name = format!("({number})").into_bytes();
    let shorten = |mut payload: Vec<u8>| {
        if let Some(at) = payload.windows(name.len()).position(|w| w == name) {
            payload.drain(at + 1..at + name.len() - 1);
        }
        payload
    };
    let mut answer = answer;
    for packet in &mut answer {
        let payload = std::mem::take(&mut packet.payload);
        packet.payload = match payload.first() {
            Some(0xFF) => shorten(payload),
            _ => payload,
        };
    }
    answer
}

impl Pair {
    async fn open(&mut self, statement: Numbers, params: &[Param]) {
        let what = format!("a cursor of {statement:?} {params:?}");
        self.execute_as(&what, statement, (params, CURSOR)).await;
    }

    /// A cursor on both, whose rows are on other tables: how a server goes about it shows in the columns.
    async fn open_elsewhere(&mut self, sql: &str, statement: Numbers) {
        let rest = execute(&[], true, CURSOR, self.plain.capabilities());
        let packet = |number: u32| [&[0x17], &number.to_le_bytes()[..], &rest].concat();
        let (ours, theirs) = (packet(statement.ours), packet(statement.theirs));
        let mut ours = self.proxy.command(&ours, Expect::Results).await;
        let mut theirs = self.plain.command(&theirs, Expect::Results).await;
        for packet in ours.iter_mut().chain(&mut theirs) {
            forget_method(&mut packet.payload);
        }
        self.compare(sql, &ours, &theirs);
    }

    /// COM_STMT_FETCH on both, once for each number of rows.
    async fn fetch(&mut self, statement: Numbers, batches: &[u32]) {
        for rows in batches {
            let packet =
                |number: u32| [&[0x1C], &number.to_le_bytes()[..], &rows.to_le_bytes()].concat();
            let (ours, theirs) = (packet(statement.ours), packet(statement.theirs));
            let ours = self.proxy.command(&ours, Expect::Rows).await;
            let theirs = self.plain.command(&theirs, Expect::Rows).await;
            let ours = without_number(ours, statement.ours);
            let theirs = without_number(theirs, statement.theirs);
            let what = format!("fetch {rows} of {statement:?}");
            self.compare(&what, &ours, &theirs);
        }
    }

    async fn close(&mut self, statement: Numbers) {
        self.statement("COM_STMT_CLOSE", (0x19, statement), &[], Expect::Silence)
            .await;
    }
}

const OF_ONE: &str = "SELECT id, note FROM orders WHERE owner = ? AND id > ? ORDER BY id";

#[tokio::test]
async fn rows_of_a_cursor_come_in_the_batches_of_one_server() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        let of_one = pair.must_prepare(OF_ONE).await;
        for (owner, batches) in [
            (1, &[2, 5, 1, 1][..]),
            (2, &[7, 0, 3, 1]),
            (3, &[0, 1, 100, 1]),
            (4, &[u32::MAX, 1]),
        ] {
            pair.open(of_one, &[int(owner), int(0)]).await;
            pair.fetch(of_one, batches).await;
        }
        // No rows, and then some: a cursor that is executed anew.
        for params in [[int(5), int(99)], [int(5), int(4)], [int(6), int(1)]] {
            pair.open(of_one, &params).await;
            pair.fetch(of_one, &[2]).await;
        }
        pair.reset(of_one).await;
        pair.fetch(of_one, &[2]).await;
        let alone = pair
            .must_prepare("SELECT v, id FROM alone AS a ORDER BY id")
            .await;
        let same = pair.must_prepare(OF_ONE).await;
        pair.open(alone, &[]).await;
        pair.open(of_one, &[int(1), int(0)]).await;
        pair.open(same, &[int(1), int(3)]).await;
        pair.fetch(alone, &[1]).await;
        for statement in [of_one, same, alone, of_one, same] {
            pair.fetch(statement, &[2]).await;
        }
        pair.close(same).await;
        pair.fetch(same, &[1]).await;
        pair.fetch(of_one, &[1, 100, 1]).await;
        let locking = "SELECT id FROM orders WHERE owner = ? FOR UPDATE";
        for sql in [
            "SELECT DISTINCT note FROM orders WHERE owner = ? ORDER BY note DESC LIMIT 3",
            "SELECT COUNT(*), MAX(note) FROM orders WHERE owner = ?",
            locking,
        ] {
            let statement = pair.must_prepare(sql).await;
            pair.open(statement, &[int(7)]).await;
            pair.fetch(statement, &[1, 9, 9]).await;
            pair.close(statement).await;
        }
        let failing = "SELECT (SELECT id FROM orders b WHERE b.owner = ? AND b.id < a.id) FROM \
                       orders a WHERE a.owner = ?";
        let failing = pair.must_prepare(failing).await;
        pair.open(failing, &[int(1), int(1)]).await;
        pair.fetch(failing, &[1]).await;
        let unknown = Numbers {
            ours: 4711,
            theirs: 4711,
        };
        pair.fetch(unknown, &[1]).await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn neither_transactions_nor_changes_nor_settings_close_a_cursor() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in &CLIENTS[..2] {
        let mut pair = stage.pair(*extras).await;
        let cursor = pair.must_prepare(OF_ONE).await;
        let owner = [int(3), int(0)];
        for (before, between) in [
            (
                &[][..],
                &["BEGIN", "DELETE FROM orders WHERE owner = 3", "ROLLBACK"][..],
            ),
            (&["BEGIN"], &["COMMIT", "BEGIN", "COMMIT"]),
            (
                &["BEGIN", "UPDATE orders SET note = 'x' WHERE owner = 3"],
                &["ROLLBACK"],
            ),
            // On both servers.
            (
                &["BEGIN", "UPDATE orders SET note = 'y' WHERE owner = 4"],
                &["UPDATE orders SET note = 'z' WHERE owner = 5", "COMMIT"],
            ),
            (&["START TRANSACTION READ ONLY"], &["COMMIT"]),
            (&["SET autocommit = 0"], &["COMMIT", "SET autocommit = 1"]),
            (&[], &["SET NAMES latin1", "SET NAMES utf8mb4"]),
            (
                &["SET NAMES utf8mb4"],
                &["ALTER TABLE orders ADD COLUMN z INT DEFAULT 5"],
            ),
            (
                &[],
                &["ALTER TABLE orders DROP COLUMN z", "TRUNCATE TABLE alone"],
            ),
            (
                &[],
                &["SAVEPOINT a", "SELECT COUNT(*) FROM orders WHERE owner = 3"],
            ),
        ] {
            pair.queries(before).await;
            pair.open(cursor, &owner).await;
            pair.fetch(cursor, &[1]).await;
            for sql in between {
                pair.change(sql).await;
                pair.fetch(cursor, &[1]).await;
            }
            pair.fetch(cursor, &[100, 1]).await;
        }
        pair.open(cursor, &owner).await;
        for side in [&mut pair.proxy, &mut pair.plain] {
            // COM_RESET_CONNECTION. How many warnings there were before it is told by MySQL alone.
            side.command(&[0x1F], Expect::One).await;
        }
        pair.fetch(cursor, &[1]).await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

/// What the last packet says of cursors.
fn told(answer: &Packets) -> StatusFlags {
    let last = &answer.last().unwrap().payload;
    let eof = EofPacket::decode(last).unwrap_or_else(|_| panic!("{answer:?}"));
    let cursors =
        StatusFlags::SERVER_STATUS_CURSOR_EXISTS | StatusFlags::SERVER_STATUS_LAST_ROW_SENT;
    eof.status & cursors
}

#[tokio::test]
async fn rows_of_several_shards_come_in_batches_too() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for sql in [
            "SELECT owner, id FROM orders ORDER BY owner, id",
            "SELECT owner FROM orders GROUP BY owner ORDER BY owner LIMIT 3",
            "SELECT COUNT(*) FROM orders a JOIN orders b ON a.note = b.note",
            "SELECT id FROM orders WHERE owner > 100",
        ] {
            let statement = pair.must_prepare(sql).await;
            pair.open_elsewhere(sql, statement).await;
            pair.fetch(statement, &[1, 2, 0, 100, 1]).await;
            pair.open_elsewhere(sql, statement).await;
            pair.reset(statement).await;
            pair.fetch(statement, &[1]).await;
        }
        for sql in [
            "INSERT INTO alone VALUES (99, 'x')",
            "UPDATE orders SET note = 'c' WHERE owner = 1",
            "DELETE FROM alone WHERE id = 99",
        ] {
            let statement = pair.must_prepare(sql).await;
            pair.open(statement, &[]).await;
            pair.fetch(statement, &[1]).await;
        }
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

impl Pair {
    /// What the proxy answers where a cursor is wanted.
    async fn ours(&mut self, sql: &str) -> Packets {
        let statement = self.must_prepare(sql).await;
        let rest = execute(&[], true, CURSOR, self.proxy.capabilities());
        let packet = [&[0x17], &statement.ours.to_le_bytes()[..], &rest].concat();
        self.proxy.command(&packet, Expect::Results).await
    }
}

#[tokio::test]
async fn more_than_a_session_keeps_comes_at_once() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[0].1).await;
    let all = "SELECT owner, id, REPEAT('x', 30000) FROM orders ORDER BY owner, id";
    let answer = pair.ours(all).await;
    assert!(told(&answer).is_empty(), "{answer:?}");
    assert_eq!(answer.len(), 1 + 3 + 1 + 56 + 1);
    // Half of what may wait, and no room for another half and its headers.
    let some = format!("{all} LIMIT 18");
    for cursor in [true, false, false] {
        let answer = pair.ours(&some).await;
        let exists = StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
        assert_eq!(told(&answer).contains(exists), cursor, "{answer:?}");
    }
}

#[tokio::test]
async fn a_cursor_for_explain_does_not_reach_servers_which_it_would_end() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[0].1).await;
    let explain = "EXPLAIN SELECT id FROM orders WHERE owner = 1";
    let answer = pair.ours(explain).await;
    assert!(answer.len() > 3, "{answer:?}");
    pair.query("SELECT COUNT(*) FROM orders WHERE owner = 1")
        .await;
    assert_same(&pair.into_differences("plainest"));
}

#[tokio::test]
async fn a_statement_gives_rows_with_a_cursor_and_without_one() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[0].1).await;
    let statement = pair.must_prepare(OF_ONE).await;
    let capabilities = pair.proxy.capabilities();
    for flags in [0, CURSOR, 0, CURSOR, CURSOR, 0] {
        let rest = execute(&[int(1), int(0)], true, flags, capabilities);
        let packet = [&[0x17], &statement.ours.to_le_bytes()[..], &rest].concat();
        let answer = pair.proxy.command(&packet, Expect::Results).await;
        let cursor = told(&answer) == StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
        // MySQL 9.7 itself gives no rows without a cursor behind an execution with one.
        assert_eq!(
            (cursor, answer.len()),
            if flags == CURSOR {
                (true, 4)
            } else {
                (false, 12)
            }
        );
    }
}

/// Waits until so many sessions keep a connection for a cursor: what a session holds is published
/// behind its answer.
async fn await_pinned(boss: &mut Conn, count: usize) {
    for _ in 0..200 {
        let sessions: Vec<Row> = boss.query("SHOW SHARDWELL SESSIONS").await.unwrap();
        let pinned = |row: &&Row| format!("{row:?}").contains("\"cursor\"");
        if sessions.iter().filter(pinned).count() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{count} sessions are not pinned");
}

#[tokio::test]
async fn a_connection_is_kept_for_a_cursor_and_for_no_longer() {
    let boss = format!(
        "{TABLES}[[users]]\nname = \"{ADMIN}\"\npassword = \"{APP_PASSWORD}\"\nschemas = [\"*\"]\n\
         admin = true\n"
    );
    let stage = stage_with(&boss).await;
    let mut pair = stage.pair(CLIENTS[0].1).await;
    let mut boss = stage.user(ADMIN).await;
    let cursor = pair.must_prepare(OF_ONE).await;
    await_pinned(&mut boss, 0).await;
    for (end, left) in [("reset", 0), ("again", 1), ("fetch", 0), ("close", 0)] {
        pair.open(cursor, &[int(1), int(0)]).await;
        await_pinned(&mut boss, 1).await;
        // The session's own statements run elsewhere.
        pair.query("SELECT note FROM orders WHERE owner = 1 AND id = 1")
            .await;
        match end {
            "reset" => pair.reset(cursor).await,
            "again" => pair.open(cursor, &[int(1), int(7)]).await,
            "fetch" => pair.fetch(cursor, &[7, 1]).await,
            _ => pair.close(cursor).await,
        }
        await_pinned(&mut boss, left).await;
    }
    assert_same(&pair.into_differences("plainest"));
}

//! UPDATE and DELETE with LIMIT that need several shards: as many rows as on one MySQL, and those that
//! come first.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{BOUND, CLIENTS, Stage, assert_same};
use super::prepared::{Param, execute, int, null, text};
use super::rows::change_with_every_client;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6), c DECIMAL(5,2), KEY (a))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
];

const MARKS: &str = "INSERT INTO marks VALUES (1, 1), (1, 2), (2, 9), (5, 1), (6, 6), (9, 1)";

/// Rows with equal values of `a`, `b` and `c`; `id` tells them apart.
fn rows() -> String {
    let row = |id: i64| {
        let b = ["'b'", "'A'", "'a'", "NULL", "'B'", "'ä'"][id as usize % 6];
        format!("({id}, {}, {b}, {}.5)", id * 7 % 10, id * 3 % 8)
    };
    let rows: Vec<String> = (1..=40).map(row).collect();
    format!("INSERT INTO items VALUES {}", rows.join(", "))
}

async fn filled() -> Stage {
    let stage = Stage::new(BOUND, DEFINITIONS, &[]).await;
    stage.run(&rows()).await;
    stage.run(MARKS).await;
    stage
}

/// What is looked at afterwards.
const ROWS: [&str; 1] = ["SELECT * FROM items"];

/// With an order that tells all rows apart, everything is the same.
const ORDERED: &[&str] = &[
    "UPDATE items SET a = a + 100 ORDER BY id LIMIT 7",
    "SELECT ROW_COUNT()",
    "SELECT * FROM items ORDER BY id",
    "UPDATE items SET a = 1 WHERE c > 3 ORDER BY b, id DESC LIMIT 5",
    "UPDATE items SET a = 1 WHERE c > 3 ORDER BY b, id DESC LIMIT 5",
    "UPDATE items AS i SET i.a = 2, b = 'long' ORDER BY i.c DESC, a + 1, id LIMIT 9",
    "DELETE FROM items ORDER BY a DESC, b DESC, id LIMIT 4",
    "SELECT ROW_COUNT()",
    "DELETE FROM items WHERE id BETWEEN 10 AND 20 ORDER BY id DESC LIMIT 3",
    "DELETE FROM items WHERE id IN (1, 2, 3, 4, 1000) ORDER BY id LIMIT 100",
    "DELETE FROM items WHERE EXISTS (SELECT 1 FROM marks WHERE item = items.id) ORDER BY id LIMIT 2",
    "UPDATE items SET b = 'none' WHERE a > 100000 ORDER BY id LIMIT 3",
    "UPDATE items SET b = 'none' ORDER BY id LIMIT 0",
    "DELETE FROM items ORDER BY id LIMIT 0",
    "UPDATE items SET b = 'far too long' ORDER BY id LIMIT 3",
    "UPDATE items SET b = 'x' ORDER BY nope LIMIT 3",
    "UPDATE items SET nope = 'x' ORDER BY id LIMIT 3",
    "UPDATE items SET nope = 'x' WHERE a > 100000 ORDER BY id LIMIT 3",
    "DELETE FROM items WHERE a + nope > 1 LIMIT 3",
    "BEGIN",
    "UPDATE items SET a = 50 ORDER BY id LIMIT 10",
    "SAVEPOINT s",
    "DELETE FROM items ORDER BY id LIMIT 10",
    "UPDATE items SET b = 'far too long' ORDER BY id DESC LIMIT 3",
    "SELECT * FROM items ORDER BY id",
    "ROLLBACK TO s",
    "SELECT * FROM items ORDER BY id",
    "COMMIT",
    "SET autocommit = 0",
    "DELETE FROM items ORDER BY id LIMIT 3",
    "ROLLBACK",
    "SET autocommit = 1",
    "SET sql_select_limit = 2",
    "UPDATE items SET a = 60 ORDER BY id LIMIT 5",
    "SET sql_select_limit = DEFAULT",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "UPDATE items SET a = a + 1 ORDER BY id LIMIT 5",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "UPDATE items SET a = a + 1 ORDER BY id LIMIT 5",
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "BEGIN",
    "UPDATE items SET a = a + 1 ORDER BY id LIMIT 5",
    "COMMIT",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION READ ONLY",
    "UPDATE items SET a = 9 ORDER BY id LIMIT 5",
    "ROLLBACK",
    "SELECT * FROM items ORDER BY id",
];

#[tokio::test]
async fn the_first_rows_are_changed_as_on_one_server() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(filled, ORDERED, different).await;
}

/// Statements and what is bound to them, one execution after the other; each tells all rows apart.
fn prepared() -> Vec<(&'static str, Vec<Vec<Param>>)> {
    vec![
        (
            "UPDATE items SET a = ?, b = ? WHERE id > ? ORDER BY id LIMIT ?",
            vec![
                vec![int(1), text("one"), int(3), int(5)],
                vec![int(2), null(), int(0), int(9)],
                vec![text("3"), text("two"), text("20"), int(3)],
                vec![int(4), text("none"), int(3), int(0)],
                vec![int(5), text("few"), int(38), int(100)],
                vec![int(6), text("far too long"), int(3), int(5)],
                vec![int(7), text("ok"), null(), int(5)],
            ],
        ),
        (
            "DELETE FROM items WHERE c < ? AND b = ? ORDER BY a DESC, id LIMIT 2",
            vec![vec![text("5.0"), text("a")], vec![int(3), text("B")]],
        ),
        (
            "UPDATE items SET a = ? + a ORDER BY id DESC LIMIT ?",
            vec![vec![int(100), int(7)], vec![int(1), int(11)]],
        ),
        (
            "UPDATE items SET a = ? WHERE id IN (?, ?, ?) ORDER BY id LIMIT ?",
            vec![
                vec![int(50), int(11), int(12), int(13), int(2)],
                vec![int(51), int(11), int(11), int(11), int(2)],
            ],
        ),
        (
            "DELETE FROM items ORDER BY id LIMIT ?",
            vec![vec![int(4)], vec![int(1)], vec![int(0)]],
        ),
        ("DELETE FROM items LIMIT ?", vec![vec![int(1000)]]),
    ]
}

#[tokio::test]
async fn prepared_limits_change_the_first_rows_too() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = filled().await;
        let mut pair = stage.pair(extras).await;
        for around in [&["BEGIN", "ROLLBACK"][..], &["SET autocommit = 1"]] {
            for (number, (sql, lists)) in prepared().into_iter().enumerate() {
                if number == 0 {
                    pair.query(around[0]).await;
                }
                let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
                assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
                pair.query("SELECT ROW_COUNT()").await;
                pair.change("SELECT * FROM items ORDER BY id").await;
            }
            for end in &around[1..] {
                pair.query(end).await;
            }
        }
        differences.extend(pair.into_differences(name));
        differences.extend(stage.different_rows(&ROWS).await);
    }
    assert_same(&differences);
}

/// Settings of the preparation, a number as a string, and what is no number.
#[tokio::test]
async fn a_prepared_limit_is_read_as_it_was_prepared() {
    let stage = filled().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    pair.query("SET sql_mode = 'ANSI_QUOTES'").await;
    let sql = "UPDATE \"items\" SET a = ? WHERE \"b\" = ? OR id > ? ORDER BY \"id\" LIMIT ?";
    let quoted = pair.must_prepare(sql).await;
    pair.query("SET sql_mode = ''").await;
    for count in [text("3"), null(), text("x"), int(-1)] {
        // What is no number is refused at least.
        let counts: [&[Param]; 1] = [&[count]];
        pair.writes("DELETE FROM items ORDER BY id LIMIT ?", &counts)
            .await;
    }
    let hidden: [&[Param]; 1] = [&[int(1), int(2)]];
    let sql = "DELETE FROM items ORDER BY a + ?, id LIMIT ?";
    assert_eq!(pair.writes(sql, &hidden).await, 1);
    pair.query("USE information_schema").await;
    let capabilities = pair.plain.capabilities();
    for (a, count) in [(1, 3), (2, 20), (3, 1)] {
        let params = [int(a), text("a"), int(30), int(count)];
        let packet = execute(&params, true, 0, capabilities);
        assert!(!pair.written(sql, quoted, &packet).await);
    }
    assert_same(&pair.into_differences("settings"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// Where other rows may come in between, the statement alone is refused.
#[tokio::test]
async fn read_committed_keeps_no_order() {
    let stage = filled().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let sql = "DELETE FROM items ORDER BY id LIMIT 3";
    for begin in [
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    ] {
        pair.change(begin).await;
        pair.change("BEGIN").await;
        pair.change("UPDATE items SET b = 'kept' WHERE id IN (1, 2, 3)")
            .await;
        assert!(pair.change_or_refusal(sql).await, "{begin}");
        pair.change("DELETE FROM items LIMIT 0").await;
        pair.change("COMMIT").await;
    }
    assert_same(&pair.into_differences("read committed"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// Without an order any rows will do, but no more and no fewer; whether they change does not matter.
#[tokio::test]
async fn as_many_rows_are_changed_as_limit_says() {
    for (name, extras) in CLIENTS {
        let stage = filled().await;
        let mut pair = stage.pair(extras).await;
        for statement in [
            "UPDATE items SET b = 'new' LIMIT 0",
            "UPDATE items SET b = 'new' LIMIT 13",
            "SELECT COUNT(*) FROM items WHERE b = 'new'",
            "UPDATE items SET b = 'new' WHERE b = 'new' LIMIT 11",
            "UPDATE items SET b = 'new' WHERE b = 'new' LIMIT 17",
            "SELECT ROW_COUNT()",
            "UPDATE items SET b = 'all' LIMIT 4000000000",
            "DELETE FROM items LIMIT 11",
            "SELECT ROW_COUNT()",
            "SELECT COUNT(*) FROM items",
            "DELETE FROM items WHERE id > 0 LIMIT 11",
            "DELETE FROM items LIMIT 18446744073709551615",
            "DELETE FROM items LIMIT 2",
            "DELETE FROM items LIMIT 18446744073709551616",
            "DELETE FROM items LIMIT 'x'",
        ] {
            pair.change_or_refusal(statement).await;
        }
        assert_same(&pair.into_differences(name));
    }
}

#[tokio::test]
async fn random_limits_leave_the_same_rows() {
    let stage = filled().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let mut dice = Dice(7);
    let orders = [
        "id",
        "a, id",
        "b DESC, id",
        "c, b, id DESC",
        "a + c, id",
        "b IS NULL, a DESC, id",
    ];
    for _ in 0..150 {
        let (order, limit) = (dice.pick(&orders), dice.roll(9));
        let (low, high) = (dice.roll(50), dice.roll(50));
        let above = format!("a > {low}");
        let between = format!("id BETWEEN {low} AND {high}");
        let condition = dice.pick(&["1 = 1", &above, &between, "b = 'a'"]);
        let statement = match dice.roll(9) {
            0 => "BEGIN".to_owned(),
            1 => "COMMIT".to_owned(),
            2 => "ROLLBACK".to_owned(),
            3 => {
                let row = |id: usize| format!("({id}, {}, 'b', 1.5)", id % 5);
                let rows: Vec<String> = (0..6).map(|n| row(low + n * 9)).collect();
                format!("INSERT IGNORE INTO items VALUES {}", rows.join(", "))
            }
            4..7 => {
                let what = dice.pick(&["a = a + 7", "b = 'y'", "c = c * 2", "b = CONCAT(b, 'zz')"]);
                format!("UPDATE items SET {what} WHERE {condition} ORDER BY {order} LIMIT {limit}")
            }
            _ => format!("DELETE FROM items WHERE {condition} ORDER BY {order} LIMIT {limit}"),
        };
        pair.counts(&statement).await;
    }
    pair.counts("COMMIT").await;
    assert_same(&pair.into_differences("random"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// What comes first stays first: nobody changes or adds rows between finding and changing them.
#[tokio::test]
async fn clients_that_take_from_one_queue_never_take_out_of_turn() {
    let stage = filled().await;
    let mut takers = Vec::new();
    for _ in 0..3 {
        let mut app = stage.app().await;
        takers.push(tokio::spawn(async move {
            let mut taken = 0;
            for _ in 0..5 {
                app.query_drop("DELETE FROM items ORDER BY id LIMIT 2")
                    .await?;
                taken += app.affected_rows();
            }
            Ok::<u64, mysql_async::Error>(taken)
        }));
    }
    let mut taken = 0;
    for taker in takers {
        // Two servers may make each wait for the other: then the client is told, and nothing was taken.
        taken += tokio::time::timeout(Duration::from_secs(300), taker)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
    assert_eq!(taken, 30);
    let mut app = stage.app().await;
    let left: Vec<i64> = app.query("SELECT id FROM items ORDER BY id").await.unwrap();
    assert_eq!(left, (31..=40).collect::<Vec<i64>>());
}

/// Rows whose new value a CHECK forbids: what IGNORE leaves out may count for LIMIT or not.
const CHECKED: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b INT, KEY (b), CONSTRAINT few CHECK (a < 100))",
];

const LEFT_OUT: &[&str] = &[
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 7) ORDER BY id LIMIT 4",
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 8) ORDER BY id DESC LIMIT 6",
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 9) ORDER BY a, id LIMIT 4",
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 10) ORDER BY b, id LIMIT 4",
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 11) WHERE b > 1 ORDER BY id LIMIT 2",
    "UPDATE IGNORE items SET a = IF(id IN (2, 3, 6), 1000, 12) ORDER BY id LIMIT 11",
    "SELECT * FROM items ORDER BY id",
];

#[tokio::test]
async fn rows_that_a_check_leaves_out_are_left_out_as_on_one_server() {
    let stage = async || {
        let stage = Stage::new(BOUND, CHECKED, &[]).await;
        stage.run("INSERT INTO items VALUES (1, 1, 1), (2, 2, 5), (3, 3, 4), (4, 4, 3), (5, 5, 2), (6, 6, 1), (7, 7, 0), (8, 8, 9), (9, 9, 8), (10, 10, 7), (11, 11, 6), (12, 12, 5)").await;
        stage
    };
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(stage, LEFT_OUT, different).await;
}

/// Parents that have children stay where IGNORE says so: whether others go in their place is no shard's
/// to say.
const FAMILY: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n), FOREIGN KEY (item) REFERENCES items (id))",
];

const CHILDLESS: &[&str] = &[
    "DELETE IGNORE FROM items WHERE id > 4 ORDER BY id LIMIT 3",
    "SELECT ROW_COUNT()",
    "DELETE IGNORE FROM items WHERE id > 4 AND a < 5 ORDER BY a DESC, id LIMIT 2",
    "BEGIN",
    "DELETE IGNORE FROM items WHERE id > 9 LIMIT 100",
    "DELETE IGNORE FROM marks LIMIT 0",
    "ROLLBACK",
    "DELETE IGNORE FROM marks ORDER BY item, n LIMIT 1",
    "SELECT * FROM items ORDER BY id",
];

const PARENTS: [&str; 4] = [
    "DELETE IGNORE FROM items ORDER BY id LIMIT 3",
    "DELETE IGNORE FROM items ORDER BY id DESC LIMIT 100",
    "DELETE IGNORE FROM items LIMIT 100",
    "DELETE IGNORE FROM items WHERE id BETWEEN 2 AND 5 LIMIT 4",
];

#[tokio::test]
async fn rows_that_others_refer_to_are_not_left_out_under_a_limit() {
    let stage = async || {
        let stage = Stage::new(BOUND, FAMILY, &[]).await;
        let rows: Vec<String> = (1..=20).map(|id| format!("({id}, {})", id % 7)).collect();
        let rows = rows.join(", ");
        stage.run(&format!("INSERT INTO items VALUES {rows}")).await;
        stage
            .run("INSERT INTO marks VALUES (1, 1), (2, 1), (2, 2), (3, 1), (4, 1)")
            .await;
        stage
    };
    let looked_at = ["SELECT * FROM items", "SELECT * FROM marks"];
    let different = async |stage: Stage| stage.different_rows(&looked_at).await;
    change_with_every_client(stage, CHILDLESS, different).await;
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.refusals(&PARENTS).await;
    pair.change("BEGIN").await;
    pair.change("UPDATE items SET a = 70 WHERE id > 3").await;
    pair.refusals(&PARENTS).await;
    pair.change("SELECT * FROM items ORDER BY id").await;
    pair.change("COMMIT").await;
    assert_same(&pair.into_differences("parents"));
    assert_same(&stage.different_rows(&looked_at).await);
}

/// Without an order any rows will do, but a row that a CHECK leaves out is none of them.
#[tokio::test]
async fn rows_that_a_check_leaves_out_do_not_count_for_a_limit() {
    for (name, extras) in CLIENTS {
        let stage = Stage::new(BOUND, CHECKED, &[]).await;
        let rows: Vec<String> = (1..=60).map(|id| format!("({id}, 1, 1)")).collect();
        let rows = rows.join(", ");
        stage.run(&format!("INSERT INTO items VALUES {rows}")).await;
        let mut pair = stage.pair(extras).await;
        for (n, limit) in [(10, 7), (11, 25), (12, 30), (13, 31), (14, 1)] {
            let sql = format!("UPDATE IGNORE items SET a = IF(id % 2, 1000, {n}) LIMIT {limit}");
            let said = [
                pair.proxy.query(sql.as_bytes()).await,
                pair.plain.query(sql.as_bytes()).await,
            ];
            for answer in said {
                assert_eq!(answer[0].payload[0], 0, "{sql}: {answer:?}");
            }
            pair.change(&format!("SELECT COUNT(*) FROM items WHERE a = {n}"))
                .await;
        }
        assert_same(&pair.into_differences(name));
    }
}

//! Locking reads whose rows have to come together: they lock where the rows are, as one server would.

use mysql_async::prelude::Queryable;

use super::common::servers;
use super::pair::{BOUND_AND_BROADCAST, CLIENTS, Pair, Stage, assert_same};
use mysql_async::Conn;
use shardwell::cli::demo::program::Flavor;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6), KEY by_a (a))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n), KEY by_n (n))",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(6))",
];

const ROWS: [&str; 3] = [
    "INSERT INTO items VALUES (1, 1, 'b'), (2, 5, 'A'), (3, 3, 'c'), (4, 4, 'a'), (5, 2, NULL), \
     (6, 6, 'C'), (7, 7, 'e'), (8, 8, 'd'), (9, 9, 'x'), (10, 10, 'x'), (11, 11, 'y')",
    "INSERT INTO marks VALUES (1, 1), (1, 2), (2, 9), (5, 1), (6, 6), (900, 1)",
    "INSERT INTO kinds VALUES (1, 'one'), (2, 'two'), (3, 'three')",
];

const STATEMENTS: &[&str] = &[
    "SELECT items.id, marks.n FROM items JOIN marks ON marks.n = items.a ORDER BY 1, 2 FOR UPDATE",
    "SELECT i.id, m.* FROM items AS i LEFT JOIN marks m ON m.n = i.a ORDER BY i.id, m.item LOCK IN SHARE MODE",
    "SELECT id, RANK() OVER (ORDER BY a) FROM items ORDER BY id FOR UPDATE",
    "SELECT id FROM items WHERE a IN (SELECT n FROM marks) ORDER BY id FOR UPDATE",
    "SELECT id FROM items WHERE a IN (SELECT n FROM marks FOR UPDATE) ORDER BY id",
    "SELECT d.id + 0, k.b FROM (SELECT id, a FROM items WHERE a < 9) d JOIN kinds k ON k.a = d.a ORDER BY 1 FOR UPDATE",
    "WITH x AS (SELECT id, a FROM items) SELECT x.id, y.id FROM x JOIN x y ON x.a = y.id ORDER BY 1 FOR UPDATE",
    "SELECT GROUP_CONCAT(b ORDER BY id) FROM items FOR UPDATE",
    "SELECT items.id, marks.n FROM items JOIN marks ON marks.n = items.a ORDER BY 1, 2 LIMIT 2 FOR UPDATE NOWAIT",
    "SELECT items.id, marks.n FROM items JOIN marks ON marks.n = items.a ORDER BY 1, 2 FOR UPDATE SKIP LOCKED",
    "SELECT items.id, marks.nope FROM items JOIN marks ON marks.n = items.a FOR UPDATE",
];

const OF_MYSQL: &[&str] = &[
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a ORDER BY 1, 2 FOR UPDATE OF i",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a ORDER BY 1, 2 FOR UPDATE OF i NOWAIT FOR SHARE OF m SKIP LOCKED",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a ORDER BY 1, 2 FOR UPDATE OF i, m",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a FOR UPDATE OF items",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a FOR UPDATE OF i FOR SHARE OF i",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a ORDER BY 1, 2 FOR SHARE",
];

async fn filled() -> Stage {
    let stage = Stage::new(BOUND_AND_BROADCAST, DEFINITIONS, &[]).await;
    for rows in ROWS {
        stage.run(rows).await;
    }
    stage
}

async fn is_mysql() -> bool {
    servers().await.flavor() == Flavor::MySql
}

#[tokio::test]
async fn rows_that_come_together_are_those_of_one_server() {
    let mut differences = Vec::new();
    let of: &[&str] = if is_mysql().await { OF_MYSQL } else { &[] };
    let stage = filled().await;
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for before in ["DO 0", "BEGIN", "SET autocommit = 0"] {
            pair.change(before).await;
            for statement in STATEMENTS.iter().chain(of) {
                pair.query_elsewhere(statement).await;
            }
            pair.change("UPDATE items SET a = a + 1").await;
            pair.query_elsewhere(STATEMENTS[0]).await;
            pair.change("ROLLBACK").await;
            pair.query_elsewhere(STATEMENTS[0]).await;
            pair.change("COMMIT").await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Two clients, each on both sides.
async fn two(stage: &Stage) -> (Pair, Pair) {
    let (one, mut other) = (
        stage.pair(CLIENTS[1].1).await,
        stage.pair(CLIENTS[1].1).await,
    );
    other.change("SET innodb_lock_wait_timeout = 1").await;
    (one, other)
}

#[tokio::test]
async fn what_is_locked_is_read_as_it_is_now_and_the_rest_from_the_snapshot() {
    let stage = filled().await;
    let mysql = is_mysql().await;
    let mut differences = Vec::new();
    let statements = [
        "SELECT i.id, i.b, m.item FROM items i JOIN marks m ON m.n = i.a WHERE i.id < 7 ORDER BY 1, 3",
        "SELECT i.id, i.b, (SELECT COUNT(*) FROM marks m WHERE m.n >= i.a) AS c FROM items i WHERE i.id < 7 ORDER BY 1",
        "SELECT d.id, d.b, m.item FROM (SELECT id, a, b FROM items) AS d JOIN marks m ON m.n = d.a ORDER BY 1, 3",
        "WITH d AS (SELECT id, a, b FROM items) SELECT d.id, d.b, m.item FROM d JOIN marks m ON m.n = d.a ORDER BY 1, 3",
        "SELECT i.id, i.b, k.b FROM items i JOIN kinds k ON k.a = i.a ORDER BY 1",
    ];
    let mut number = 0;
    for (at, statement) in statements.iter().enumerate() {
        let mut locks = vec!["", "FOR UPDATE", "LOCK IN SHARE MODE"];
        if mysql && at == 0 {
            locks.extend(["FOR UPDATE OF i", "FOR SHARE OF m"]);
        }
        for lock in locks {
            number += 1;
            let (mut one, mut other) = two(&stage).await;
            one.query("START TRANSACTION WITH CONSISTENT SNAPSHOT")
                .await;
            // What begins a snapshot everywhere where rows are.
            one.query_elsewhere("SELECT COUNT(*) FROM items").await;
            other
                .change(&format!(
                    "UPDATE items SET b = '{number}' WHERE id IN (1, 5, 6)"
                ))
                .await;
            other
                .change(&format!(
                    "INSERT INTO marks VALUES ({}, 1), ({}, 6)",
                    1000 + number,
                    2000 + number
                ))
                .await;
            other
                .change(&format!("UPDATE kinds SET b = '{number}' WHERE a = 2"))
                .await;
            one.query_elsewhere(&format!("{statement} {lock}")).await;
            one.change("COMMIT").await;
            differences.extend(one.into_differences(lock));
            differences.extend(other.into_differences("the other"));
        }
    }
    assert_same(&differences);
}

#[tokio::test]
async fn what_comes_together_is_locked_until_the_end() {
    let stage = filled().await;
    let mut differences = Vec::new();
    let locks: &[(&str, &str)] = match is_mysql().await {
        true => &[
            ("FOR UPDATE", ""),
            ("FOR UPDATE OF i", ""),
            ("FOR SHARE OF m", ""),
            ("LOCK IN SHARE MODE", ""),
        ],
        false => &[("FOR UPDATE", ""), ("LOCK IN SHARE MODE", "")],
    };
    for (lock, _) in locks {
        for level in ["READ COMMITTED", "REPEATABLE READ"] {
            let (mut one, mut other) = two(&stage).await;
            one.change(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}"))
                .await;
            one.change("BEGIN").await;
            let sql = "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a WHERE i.id = 6 AND m.item = 6";
            one.query_elsewhere(&format!("{sql} {lock}")).await;
            for touched in [
                "UPDATE items SET b = 'new' WHERE id = 6",
                "SELECT id FROM items WHERE id = 6 LOCK IN SHARE MODE",
                "UPDATE marks SET n = 7 WHERE item = 6",
                "SELECT n FROM marks WHERE item = 6 LOCK IN SHARE MODE",
                "UPDATE items SET b = 'new' WHERE id = 3",
            ] {
                other.query_elsewhere(touched).await;
            }
            one.change("ROLLBACK").await;
            other.change("UPDATE marks SET n = 6 WHERE item = 6").await;
            other
                .change("UPDATE items SET b = 'old' WHERE id = 6")
                .await;
            differences.extend(one.into_differences(lock));
            differences.extend(other.into_differences(&format!("beside {lock}, {level}")));
        }
    }
    assert_same(&differences);
}

/// Outside of a transaction it waits for others' locks, and leaves none.
#[tokio::test]
async fn by_itself_a_locking_read_waits_and_leaves_nothing() {
    let stage = filled().await;
    let mut differences = Vec::new();
    let (mut one, mut other) = two(&stage).await;
    let all = "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a ORDER BY 1, 2";
    let prepared =
        "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.a AND i.id > ? ORDER BY 1, 2";
    one.change("BEGIN").await;
    one.change("UPDATE items SET b = 'new' WHERE id IN (1, 2)")
        .await;
    other
        .query_elsewhere(&format!("{all} FOR UPDATE SKIP LOCKED"))
        .await;
    let (mut plain, mut app) = (stage.place.plain().await, stage.app().await);
    for conn in [&mut plain, &mut app] {
        conn.query_drop("SET innodb_lock_wait_timeout = 1")
            .await
            .unwrap();
        let found = asked(conn, &format!("{prepared} FOR UPDATE SKIP LOCKED")).await;
        assert_eq!(found, Ok(vec![(5, 2), (6, 6), (9, 9)]));
        let found = asked(conn, &format!("{prepared} FOR UPDATE")).await;
        assert_eq!(found, Err(1205));
    }
    one.change("ROLLBACK").await;
    other.query_elsewhere(&format!("{all} FOR UPDATE")).await;
    one.change("UPDATE items SET b = 'new' WHERE id IN (1, 2)")
        .await;
    differences.extend(one.into_differences("one"));
    differences.extend(other.into_differences("other"));
    assert_same(&differences);
}

async fn asked(conn: &mut Conn, sql: &str) -> Result<Vec<(i64, i64)>, u16> {
    let rows = conn.exec(sql, (0,)).await;
    rows.map_err(|error| match error {
        mysql_async::Error::Server(error) => error.code,
        other => panic!("{other}"),
    })
}

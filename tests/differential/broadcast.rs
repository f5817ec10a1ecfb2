//! Writes to broadcast tables: the answer of one MySQL, and the same rows on every shard.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{CLIENTS, Stage, assert_same};
use super::rows::change_with_every_client;

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.kinds]
kind = "broadcast"
[schemas.shop.tables.grades]
kind = "broadcast"
[schemas.shop.tables.serial]
kind = "broadcast"
[schemas.shop.tables.stamped]
kind = "broadcast"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)",
    "CREATE TABLE kinds (id INT PRIMARY KEY, a INT UNIQUE, b VARCHAR(6) NOT NULL, c TINYINT DEFAULT 7)",
    "CREATE TABLE grades (g INT PRIMARY KEY, kind INT, \
     FOREIGN KEY (kind) REFERENCES kinds (id))",
    "CREATE TABLE serial (n INT AUTO_INCREMENT PRIMARY KEY, k INT)",
    "CREATE TABLE stamped (id INT PRIMARY KEY, made DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), \
     changed TIMESTAMP(3) NULL ON UPDATE CURRENT_TIMESTAMP(3), noted VARCHAR(40))",
];

/// What is looked at afterwards.
const COPIES: [&str; 3] = [
    "SELECT * FROM kinds",
    "SELECT * FROM grades",
    "SELECT * FROM serial",
];

async fn staged() -> Stage {
    Stage::new(TABLES, DEFINITIONS, &[]).await
}

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    "INSERT INTO kinds VALUES (1, 1, 'one', 1), (2, 2, 'two', 2), (3, 3, 'three', 3)",
    "INSERT INTO kinds (id, b) VALUES (4, UPPER('four'))",
    "INSERT INTO kinds SET id = 5, a = 5, b = DATABASE()",
    "SELECT ROW_COUNT()",
    "INSERT IGNORE INTO kinds VALUES (1, 8, 'x', 1), (6, 6, 'far too long', 1), (7, 1, 'x', 1)",
    "SHOW WARNINGS",
    "INSERT INTO kinds VALUES (8, 8, 'fits', 1), (9, 9, 'fits not', 1)",
    "SHOW WARNINGS",
    "INSERT INTO kinds VALUES (8, 8, 'new', 1), (1, 9, 'old', 1)",
    "SELECT ROW_COUNT()",
    "REPLACE INTO kinds VALUES (5, 4, 'five', 1), (10, 2, 'ten', 1), (1, 1, 'one', 1)",
    "INSERT INTO kinds VALUES (1, 1, 'x', 1), (11, 11, 'x', 1), (4, 4, 'y', 2) \
     ON DUPLICATE KEY UPDATE b = VALUES(b), c = c + 1",
    "UPDATE kinds SET c = 5",
    "UPDATE kinds SET c = 5",
    "UPDATE kinds SET c = c + 1, b = LEFT(b, 2) WHERE id < 5",
    "UPDATE kinds SET c = 200",
    "UPDATE IGNORE kinds SET c = 100 + id * 10",
    "SHOW WARNINGS",
    "UPDATE kinds SET a = a + 100 ORDER BY id DESC LIMIT 2",
    "UPDATE kinds SET a = 1 WHERE id > 3",
    "UPDATE kinds SET id = 2 WHERE id = 1",
    "SELECT * FROM kinds ORDER BY id",
    "INSERT INTO grades VALUES (1, 1), (2, 4), (3, NULL)",
    "INSERT INTO grades VALUES (4, 1), (5, 999)",
    "DELETE FROM kinds WHERE id = 1",
    "DELETE FROM kinds WHERE id > 100",
    "UPDATE kinds JOIN grades ON kind = id SET c = 9, kinds.b = 'j'",
    "UPDATE kinds SET c = 3 WHERE id IN (SELECT kind FROM grades)",
    "DELETE grades FROM grades JOIN kinds ON kind = id WHERE id = 4",
    "DELETE FROM grades WHERE NOT EXISTS (SELECT 1 FROM kinds WHERE id = kind)",
    "DELETE FROM kinds ORDER BY id DESC LIMIT 1",
    "SELECT * FROM grades ORDER BY g",
    "BEGIN",
    "UPDATE kinds SET c = 77",
    "SELECT COUNT(*) FROM kinds WHERE c = 77",
    "INSERT INTO items VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "SAVEPOINT s",
    "DELETE FROM grades",
    "DELETE FROM kinds",
    "INSERT INTO kinds VALUES (20, 20, 'new', 1), (20, 21, 'again', 1)",
    "INSERT INTO kinds VALUES (20, 20, 'new', 1)",
    "SELECT COUNT(*) FROM kinds",
    "ROLLBACK TO s",
    "SELECT COUNT(*), SUM(c) FROM kinds",
    "COMMIT",
    "SELECT COUNT(*), SUM(c) FROM kinds",
    "SET autocommit = 0",
    "DELETE FROM grades",
    "ROLLBACK",
    "UPDATE kinds SET c = 1",
    "COMMIT",
    "SET autocommit = 1",
    "START TRANSACTION READ ONLY",
    "UPDATE kinds SET c = 2",
    "ROLLBACK",
    "INSERT INTO serial VALUES (10, 1), (30, 2), (20, 3)",
    "INSERT INTO serial SET n = 40, k = 1",
    "SELECT LAST_INSERT_ID()",
    "SELECT COUNT(*) FROM kinds",
];

#[tokio::test]
async fn all_copies_are_written_as_one_server_writes() {
    let different = async |stage: Stage| stage.different_copies(&COPIES).await;
    change_with_every_client(staged, STATEMENTS, different).await;
}

/// What could leave copies that differ says so and changes nothing.
#[tokio::test]
async fn what_might_make_copies_differ_is_refused() {
    let stage = staged().await;
    stage
        .run("INSERT INTO kinds VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3)")
        .await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let refused = [
        "UPDATE kinds SET c = 1 LIMIT 2",
        "UPDATE kinds SET c = 1 ORDER BY a LIMIT 2",
        "DELETE FROM kinds ORDER BY b LIMIT 1",
        "UPDATE kinds SET c = RAND()",
        "UPDATE kinds SET b = UUID()",
        "UPDATE kinds SET c = (@x := 1)",
        "UPDATE kinds SET c = (SELECT MAX(g) FROM grades)",
        "UPDATE kinds SET c = (SELECT COUNT(*) FROM items)",
        "UPDATE IGNORE kinds SET a = 9",
        "DELETE IGNORE FROM kinds",
        "DELETE FROM kinds WHERE id IN (SELECT id FROM items)",
        "INSERT INTO kinds (id, b) VALUES (7, @@server_id)",
        "INSERT INTO serial (k) VALUES (1)",
        "INSERT INTO serial VALUES (NULL, 1), (77, 2)",
    ];
    for sql in refused {
        assert!(pair.change_or_refusal(sql).await, "{sql}");
    }
    assert_same(&pair.into_differences("refused"));
    assert_same(&stage.different_copies(&COPIES).await);
}

/// Every copy gets the time of one server.
#[tokio::test]
async fn copies_have_one_clock() {
    let stage = staged().await;
    let mut app = stage.app().await;
    for statement in [
        "INSERT INTO stamped (id, noted) VALUES (1, NOW(6)), (2, UTC_TIMESTAMP(6))",
        "INSERT INTO stamped (id) VALUES (3)",
        "UPDATE stamped SET noted = CURTIME(6) WHERE id = 3",
        "BEGIN",
        "INSERT INTO stamped (id) VALUES (4)",
    ] {
        app.query_drop(statement).await.expect(statement);
    }
    let earlier: String = app.query_first("SELECT NOW(6)").await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let later: String = app.query_first("SELECT NOW(6)").await.unwrap().unwrap();
    assert!(earlier < later, "the clock stands still at {earlier}");
    app.query_drop("COMMIT").await.unwrap();
    let sql = "SELECT id, made, changed, noted FROM stamped ORDER BY id";
    let mut copies = Vec::new();
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let rows: Vec<(i64, String, Option<String>, Option<String>)> =
            shard.query(sql).await.unwrap();
        copies.push(rows);
    }
    assert_eq!(copies[0].len(), 4);
    assert!(copies.iter().all(|copy| *copy == copies[0]), "{copies:#?}");
}

/// A copy that was changed behind the proxy's back is found out, and nothing is changed.
#[tokio::test]
async fn copies_that_differ_are_told() {
    let stage = staged().await;
    let mut app = stage.app().await;
    app.query_drop("INSERT INTO kinds VALUES (1, 1, 'a', 1), (2, 2, 'b', 2)")
        .await
        .unwrap();
    let mut astray = stage.place.shard(2).await;
    astray
        .query_drop("DELETE FROM kinds WHERE id = 2")
        .await
        .unwrap();
    for begin in ["DO 0", "BEGIN"] {
        app.query_drop(begin).await.unwrap();
        let error = app.query_drop("UPDATE kinds SET c = c + 1").await;
        let error = error.unwrap_err().to_string();
        let shards = stage.place.shards();
        for (name, position) in [("a/", 0), ("b/", 2)] {
            let shard = format!("{name}{}", shards[position].1);
            assert!(error.contains(&shard), "{error}");
        }
        app.query_drop("COMMIT").await.unwrap();
    }
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let c: Option<i64> = shard
            .query_first("SELECT c FROM kinds WHERE id = 1")
            .await
            .unwrap();
        assert_eq!(c, Some(1), "shard {position}");
    }
}

/// Many clients write the same rows of all copies: they wait for each other, and never in a circle.
#[tokio::test]
async fn writers_of_the_same_copies_wait_for_each_other() {
    let stage = staged().await;
    let mut app = stage.app().await;
    app.query_drop("INSERT INTO kinds VALUES (1, 0, 'a', 0)")
        .await
        .unwrap();
    let mut clients = Vec::new();
    for _ in 0..6 {
        let mut client = stage.app().await;
        clients.push(tokio::spawn(async move {
            for _ in 0..10 {
                client
                    .query_drop("UPDATE kinds SET a = a + 1 WHERE id = 1")
                    .await
                    .unwrap();
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let a: Option<i64> = shard.query_first("SELECT a FROM kinds").await.unwrap();
        assert_eq!(a, Some(60), "shard {position}");
    }
}

/// Random statements in and outside of transactions.
#[tokio::test]
async fn random_writes_leave_equal_copies() {
    for (seed, (name, extras)) in (11..).zip(CLIENTS) {
        let stage = staged().await;
        let mut pair = stage.pair(extras).await;
        let mut dice = Dice(seed);
        for _ in 0..150 {
            let sql = statement(&mut dice);
            match sql.starts_with("UPDATE IGNORE") {
                true => drop(pair.change_or_refusal(&sql).await),
                false => pair.counts(&sql).await,
            }
        }
        pair.counts("COMMIT").await;
        assert_same(&pair.into_differences(name));
        assert_same(&stage.different_copies(&COPIES).await);
    }
}

fn statement(dice: &mut Dice) -> String {
    let condition = match dice.roll(3) {
        0 => format!("id = {}", dice.roll(12)),
        1 => format!("a > {}", dice.roll(12)),
        _ => format!("id IN ({}, {})", dice.roll(12), dice.roll(12)),
    };
    let ignore = dice.pick(&["", "", "IGNORE "]);
    let text = dice.pick(&["'x'", "'yy'", "CONCAT('a', 'b')", "'far too long'"]);
    let count = 1 + dice.roll(3);
    let row = |dice: &mut Dice| {
        let (id, a, c) = (dice.roll(12), dice.roll(12), dice.roll(140));
        format!("({id}, {a}, {text}, {c})")
    };
    let rows: Vec<String> = (0..count).map(|_| row(dice)).collect();
    let rows = rows.join(", ");
    match dice.roll(16) {
        0 => "BEGIN".to_owned(),
        1 => "COMMIT".to_owned(),
        2 => "ROLLBACK".to_owned(),
        3 => format!("SAVEPOINT {}", dice.pick(&["s", "t"])),
        4 => format!("ROLLBACK TO {}", dice.pick(&["s", "t"])),
        5..8 => format!("INSERT {ignore}INTO kinds VALUES {rows}"),
        8 => format!(
            "INSERT INTO kinds VALUES {rows} ON DUPLICATE KEY UPDATE b = VALUES(b), c = c + 1"
        ),
        9 => format!("REPLACE INTO kinds VALUES {rows}"),
        10..14 => {
            let what = dice.pick(&["a = a + 1", "b = 'y'", "c = c + 30", "id = id + 3"]);
            let order = dice.pick(&["", " ORDER BY id", " ORDER BY id DESC LIMIT 2"]);
            format!("UPDATE {ignore}kinds SET {what} WHERE {condition}{order}")
        }
        14 => format!("INSERT INTO items VALUES ({}, 1)", dice.roll(30)),
        _ => format!("DELETE FROM kinds WHERE {condition}"),
    }
}

//! Triggers on sharded tables: each runs on the shard of its row. What they change, count, say and refuse
//! is what one MySQL tells.

use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{Stage, assert_same};
use super::prepared::{int, null, text};
use super::rows::change_at_random;

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.audit]
key = "id"
bind = "items"
[schemas.shop.tables.other]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.made]
key = "k"
algorithm = "hash_mod"
generate = { column = "n", kind = "segment" }
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, n INT, name VARCHAR(8) NOT NULL DEFAULT '', changed INT DEFAULT 0)",
    "CREATE TABLE audit (id BIGINT, what VARCHAR(20), n INT)",
    "CREATE TABLE other (k INT PRIMARY KEY, id BIGINT, n INT)",
    "CREATE TABLE made (n BIGINT AUTO_INCREMENT PRIMARY KEY, k INT)",
    // Its numbers are its server's own: nobody shall see them.
    "CREATE TABLE counted (a INT AUTO_INCREMENT PRIMARY KEY, id BIGINT)",
    "CREATE TRIGGER fills BEFORE INSERT ON items FOR EACH ROW SET NEW.changed = NEW.changed + 1, \
     NEW.name = IF(NEW.name = '', 'new', NEW.name)",
    "CREATE TRIGGER notes AFTER INSERT ON items FOR EACH ROW BEGIN INSERT INTO audit VALUES (NEW.id, 'insert', NEW.n); \
     INSERT INTO counted (id) VALUES (NEW.id); END",
    "CREATE TRIGGER guards BEFORE UPDATE ON items FOR EACH ROW BEGIN SET NEW.changed = OLD.changed + 1; \
     IF NEW.n > 900 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'too much'; END IF; \
     IF NEW.n > 800 THEN SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'much'; END IF; END",
    "CREATE TRIGGER moves AFTER UPDATE ON items FOR EACH ROW INSERT INTO audit VALUES (NEW.id, 'update', OLD.n), (NEW.id, 'to', NEW.n)",
    "CREATE TRIGGER leaves AFTER DELETE ON items FOR EACH ROW INSERT INTO audit VALUES (OLD.id, 'delete', OLD.n)",
    "CREATE TRIGGER made_notes AFTER INSERT ON made FOR EACH ROW INSERT INTO counted (id) VALUES (NEW.n)",
];

const ROWS: [&str; 4] = [
    "SELECT * FROM items",
    "SELECT * FROM audit",
    "SELECT * FROM other",
    "SELECT k FROM made",
];

const FILL: [&str; 2] = [
    "INSERT INTO items (id, n) VALUES (1, 10), (2, 20), (3, 30), (4, 40), (5, 50), (6, 60)",
    "INSERT INTO other VALUES (11, 1, 5), (12, 2, 6), (13, 6, 7), (14, 9, 8)",
];

async fn stage() -> Stage {
    Stage::new(TABLES, DEFINITIONS, &[]).await
}

const STATEMENTS: &[&str] = &[
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO items (id, n, name) VALUES (7, 70, 'a'), (8, 80, ''), (9, 90, 'far too long')",
    "INSERT IGNORE INTO items (id, n, name) VALUES (7, 70, 'a'), (8, 80, ''), (9, 90, 'far too long')",
    "SELECT ROW_COUNT(), LAST_INSERT_ID()",
    "REPLACE INTO items (id, n) VALUES (1, 11), (2, 22), (10, 100)",
    "INSERT INTO items (id, n) VALUES (1, 1), (20, 1), (3, 3) ON DUPLICATE KEY UPDATE n = n + 1",
    "UPDATE items SET n = n + 1",
    "SELECT ROW_COUNT()",
    "UPDATE items SET n = n WHERE id < 4",
    "UPDATE items SET n = n + 1 ORDER BY id DESC LIMIT 3",
    "UPDATE items SET n = 850 WHERE id IN (3, 4)",
    "SHOW COUNT(*) WARNINGS",
    // Refused by the trigger on one of the shards: nothing of it stays.
    "UPDATE items SET n = IF(id = 5, 950, 1)",
    "UPDATE IGNORE items SET n = IF(id = 5, 950, 2)",
    "DELETE FROM items WHERE id IN (1, 2, 9)",
    "SELECT ROW_COUNT()",
    "DELETE FROM items ORDER BY id LIMIT 2",
    "UPDATE items i JOIN other o ON o.id = i.id SET i.n = o.n",
    "UPDATE items SET n = n + 5 WHERE id IN (SELECT id FROM other)",
    "DELETE i FROM items i JOIN other o ON o.id = i.id WHERE o.n = 7",
    "INSERT INTO items (id, n) SELECT id + 100, n FROM items",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO items (id, n) SELECT id + 200, 900 + n FROM items WHERE id < 100 ON DUPLICATE KEY UPDATE n = 1",
    "INSERT INTO made (k) VALUES (1), (2), (3), (4)",
    "SELECT LAST_INSERT_ID()",
    "SELECT COUNT(*) FROM audit",
];

/// Statements with triggers on all shards, in and outside of transactions.
#[tokio::test]
async fn triggers_do_on_shards_what_they_do_on_one_server() {
    let stage = stage().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    for sql in STATEMENTS {
        pair.change(sql).await;
    }
    for sql in [
        "BEGIN",
        "INSERT INTO items (id, n) VALUES (301, 1), (302, 2), (303, 3), (304, 4)",
        "UPDATE items SET n = IF(id = 303, 950, 1) WHERE id > 300",
        "UPDATE items SET n = n + 7 WHERE id > 300",
        "SAVEPOINT s",
        "DELETE FROM items WHERE id > 302",
        "ROLLBACK TO s",
        "COMMIT",
        "BEGIN",
        "DELETE FROM items",
        "ROLLBACK",
    ] {
        pair.change(sql).await;
    }
    let insert = "INSERT INTO items (id, n, name) VALUES (?, ?, ?), (?, 5, ?)";
    let lists = [
        vec![int(401), int(1), text("x"), int(402), text("")],
        vec![int(403), null(), text(""), int(401), text("y")],
    ];
    let lists: Vec<_> = lists.iter().map(Vec::as_slice).collect();
    assert_eq!(pair.writes(insert, &lists).await, 0);
    let update = "UPDATE items SET n = ? WHERE id > ?";
    let lists = [[int(950), int(300)], [int(850), int(300)]];
    let lists: Vec<_> = lists.iter().map(|list| &list[..]).collect();
    assert_eq!(pair.writes(update, &lists).await, 0);
    assert_same(&pair.into_differences("triggers"));
    assert_same(&stage.different_rows(&ROWS).await);
}

#[tokio::test]
async fn random_statements_leave_the_rows_of_tables_and_triggers() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_at_random(stage, (150, statement), different).await;
}

fn statement(dice: &mut Dice, _: bool) -> String {
    let (low, n) = (dice.roll(12), dice.roll(1000));
    let condition = format!("id BETWEEN {low} AND {}", low + dice.roll(6));
    match dice.roll(6) {
        0 => format!(
            "INSERT INTO items (id, n) VALUES ({low}, {n}), ({}, 1), ({}, 2)",
            low + 1,
            low + 2
        ),
        1 => format!(
            "REPLACE INTO items (id, n) VALUES ({low}, {n}), ({}, 1)",
            low + 3
        ),
        2 => format!("UPDATE items SET n = {n} WHERE {condition}"),
        3 => format!("UPDATE items SET n = n + 1 WHERE {condition} ORDER BY id LIMIT 2"),
        4 => format!("DELETE FROM items WHERE {condition}"),
        _ => format!(
            "INSERT IGNORE INTO items (id, n) SELECT id + 1, n FROM items WHERE {condition}"
        ),
    }
}

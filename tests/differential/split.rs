//! Tables that are several tables on the servers answer as one table does, byte by byte, and no name
//! of the servers shows.

use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Stage, assert_same};

const COLUMNS: &str = "(user_id BIGINT, id BIGINT, name VARCHAR(20) NOT NULL, n TINYINT UNSIGNED, \
                       PRIMARY KEY (user_id, id), UNIQUE KEY by_name (user_id, id, name))";
const LINES: &str = "(buyer BIGINT, parcel BIGINT, pos INT, PRIMARY KEY (buyer, parcel, pos))";
const LOGS: &str = "(id BIGINT PRIMARY KEY, text VARCHAR(20) COMMENT 'what `happened`')";

const TABLES: &str = r#"
[schemas.shop.tables.parcels]
key = "user_id"
algorithm = "hash_mod"
split = { tables = "parcels_{00..02}", key = "id", algorithm = "mod" }
[schemas.shop.tables.`lines`]
key = "buyer"
bind = "parcels"
split = { tables = "lines_{00..02}", key = "parcel" }
[schemas.shop.tables.logs]
key = "id"
algorithm = "mod"
split = { tables = "logs_{0..7}", spread = "round_robin" }
"#;

async fn stage() -> Stage {
    let create = |name: String, columns: &str| format!("CREATE TABLE `{name}` {columns}");
    let parcels = (0..3).map(|n| create(format!("parcels_{n:02}"), COLUMNS));
    let lines = (0..3).map(|n| create(format!("lines_{n:02}"), LINES));
    let logs = (0..8).map(|n| create(format!("logs_{n}"), LOGS));
    let on_shards: Vec<String> = parcels.chain(lines).chain(logs).collect();
    let plain = [("parcels", COLUMNS), ("lines", LINES), ("logs", LOGS)];
    let plain = plain.map(|(name, columns)| create(name.to_owned(), columns));
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let tables = TABLES.replace('`', "");
    Stage::split(&tables, &on_shards, &plain).await
}

/// Statements about the rows of user 5; `@` stands for the number of the client.
const STATEMENTS: &[&str] = &[
    "INSERT INTO parcels VALUES (5, @7, 'seven', 1)",
    "INSERT INTO parcels (name, id, user_id) VALUES ('eight', @8, 5)",
    "INSERT INTO parcels (user_id, id, name, n) VALUES (5, @1, 'one', 1), (5, @4, 'four', 2)",
    "SELECT * FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT parcels.id, parcels.*, `name` x, n + 1 FROM parcels WHERE user_id = 5 AND parcels.id = @7",
    "SELECT p.* FROM parcels p WHERE p.user_id = 5 AND p.id IN (@1, @4) ORDER BY 2 DESC",
    "SELECT (SELECT COUNT(*) FROM `lines` WHERE buyer = 5 AND parcel = @7) FROM parcels \
     WHERE user_id = 5 AND id = @7",
    "SELECT * FROM parcels WHERE user_id = 5 AND id = @7 AND id = @8",
    "INSERT INTO parcels VALUES (5, @7, 'again', 1)",
    "INSERT INTO parcels VALUES (5, @7, 'again', 1) ON DUPLICATE KEY UPDATE parcels.n = parcels.n + 1",
    "INSERT IGNORE INTO parcels VALUES (5, @7, 'again', 1)",
    "SHOW WARNINGS",
    "UPDATE parcels SET n = 300 WHERE user_id = 5 AND id = @7",
    "UPDATE parcels SET parcels.n = 3 WHERE parcels.user_id = 5 AND parcels.id = @7",
    "UPDATE IGNORE parcels SET n = 300 WHERE user_id = 5 AND id = @7",
    "SHOW WARNINGS",
    "SELECT parcels.nope FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT nope FROM parcels WHERE user_id = 5 AND id = @7",
    "DELETE FROM parcels WHERE user_id = 5 AND id = @7 AND parcels.nope = 1",
    "INSERT INTO `lines` VALUES (5, @7, 1), (5, @7, 2)",
    "SELECT * FROM parcels JOIN `lines` ON buyer = user_id AND parcel = id \
     WHERE user_id = 5 AND id = @7 AND buyer = 5 AND parcel = @7 ORDER BY pos",
    "REPLACE INTO parcels SET user_id = 5, id = @7, name = 'new'",
    "DELETE FROM parcels WHERE parcels.user_id = 5 AND parcels.id = @7",
    "DELETE p FROM parcels AS p WHERE p.user_id = 5 AND p.id = @8",
    "SELECT * FROM parcels WHERE user_id = 5 AND id = @8",
    "INSERT INTO logs VALUES (@3, 'x'), (@3, 'y')",
    "INSERT INTO logs VALUES (@3, 'x')",
    "SELECT logs.text FROM logs WHERE logs.id = @3",
    "SELECT * FROM logs_3 WHERE id = @3",
    "SELECT * FROM nowhere WHERE id = @3",
];

#[tokio::test]
async fn a_split_table_is_one_table() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for ((name, extras), number) in CLIENTS.into_iter().zip(1..) {
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            let statement = statement.replace('@', &format!("{number}0"));
            pair.query(statement).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn descriptions_show_one_table_under_its_own_name() {
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    for statement in [
        "SHOW TABLES",
        "SHOW FULL TABLES",
        "SHOW CREATE TABLE logs",
        "SHOW CREATE TABLE parcels",
        "DESCRIBE logs",
        "SHOW FULL COLUMNS FROM parcels",
    ] {
        pair.query(statement).await;
    }
    // The sizes and times of the tables differ; names do not.
    for statement in ["SHOW INDEX FROM parcels", "SHOW TABLE STATUS"] {
        let (ours, theirs) = (
            pair.proxy.query(statement.as_bytes()).await,
            pair.plain.query(statement.as_bytes()).await,
        );
        assert_eq!(ours.len(), theirs.len(), "{statement}");
        let all: Vec<u8> = ours.into_iter().flat_map(|packet| packet.payload).collect();
        let text = String::from_utf8_lossy(&all);
        assert!(
            !text.contains("parcels_") && !text.contains("logs_"),
            "{text}"
        );
    }
    assert_same(&pair.into_differences("descriptions"));
}

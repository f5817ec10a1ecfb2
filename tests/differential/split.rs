//! Tables that are several tables on the servers answer as one table does, byte by byte, and no name
//! of the servers shows.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::common::servers;
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

/// Where names may mean something else; `$` stands for the schema. The proxy may refuse.
const ODD_NAMES: &[&str] = &[
    "SELECT * FROM parcels, $.parcels WHERE parcels.user_id = 5 AND parcels.id = @7",
    "SELECT * FROM parcels, parcels WHERE user_id = 5 AND id = @7",
    "SELECT $.parcels.id, $.parcels.id + 1, $.parcels.* FROM $.parcels \
     WHERE $.parcels.user_id = 5 AND $.parcels.id = @7",
    "SELECT parcels.id, $.parcels.id FROM $.parcels p WHERE p.user_id = 5 AND p.id = @7",
    "SELECT `parcels`.id, `parcels` . `id` FROM `parcels` WHERE user_id = 5 AND id = @7",
    "SELECT a.id, parcels.id FROM parcels a JOIN parcels ON parcels.user_id = a.user_id \
     AND parcels.id = a.id WHERE a.user_id = 5 AND a.id = @7",
    "SELECT parcels.pos FROM `lines` parcels WHERE parcels.buyer = 5 AND parcels.parcel = @7 \
     ORDER BY parcels.pos",
    "SELECT parcels.pos, `lines`.name FROM `lines` parcels JOIN parcels `lines` \
     ON `lines`.user_id = parcels.buyer AND `lines`.id = parcels.parcel \
     WHERE parcels.buyer = 5 AND parcels.parcel = @7 ORDER BY 1",
    "SELECT * FROM $.lines WHERE buyer = 5 AND parcel = @7 ORDER BY pos",
    "SELECT * FROM $.lines WHERE $.lines.buyer = 5 AND $.lines.parcel = @7 ORDER BY $.lines.pos",
    "SELECT * FROM (SELECT @7 AS id) parcels JOIN `lines` ON parcel = parcels.id \
     WHERE buyer = 5 AND parcel = @7 ORDER BY pos",
    "SELECT * FROM (SELECT * FROM parcels WHERE user_id = 5 AND id = @7) parcels",
    "WITH parcels AS (SELECT 1 AS a) SELECT * FROM parcels",
    "WITH Parcels AS (SELECT 1 AS a) SELECT * FROM parcels WHERE user_id = 5 AND id = @7",
    "WITH parcels AS (SELECT * FROM parcels WHERE user_id = 5 AND id = @7) SELECT * FROM parcels",
    "WITH x AS (SELECT * FROM parcels WHERE user_id = 5 AND id = @7) SELECT x.*, id + 1 FROM x",
    "SELECT (SELECT parcels.name) FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT (SELECT parcels.name FROM `lines` parcels LIMIT 1) FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT EXISTS (SELECT 1 FROM `lines` WHERE buyer = parcels.user_id AND parcel = parcels.id) \
     FROM parcels WHERE parcels.user_id = 5 AND parcels.id = @7",
    "SELECT /*+ BKA(parcels) NO_INDEX_MERGE(parcels) */ id FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT STRAIGHT_JOIN pos FROM parcels STRAIGHT_JOIN `lines` WHERE user_id = 5 AND id = @7 \
     AND buyer = 5 AND parcel = @7 ORDER BY pos",
    "SELECT id FROM parcels FORCE INDEX (PRIMARY) WHERE user_id = 5 AND id = @7",
    "SELECT id FROM parcels USE INDEX (nope) WHERE user_id = 5 AND id = @7",
    "SELECT id FROM parcels WHERE user_id = 5 AND id = @7 FOR UPDATE",
    "SELECT id FROM parcels WHERE user_id = 5 AND id = @7 FOR UPDATE OF parcels",
    "SELECT id FROM parcels p WHERE user_id = 5 AND id = @7 FOR UPDATE OF parcels",
    "SELECT id FROM parcels WHERE user_id = 5 AND id = @7 LOCK IN SHARE MODE",
    "SELECT parcels.n + 1 FROM parcels WHERE user_id = 5 AND id = @7 UNION ALL \
     SELECT parcels.n FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT name AS parcels FROM parcels WHERE user_id = 5 AND id = @7 ORDER BY parcels",
    "SELECT parcels FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT parcels.* , 'parcels_00' FROM parcels WHERE user_id = 5 AND id = @7",
    "SELECT * FROM /*! parcels */ WHERE user_id = 5 AND id = @7",
    "SELECT * FROM parcels/**/WHERE user_id = 5 AND id = @7",
    "SELECT * FROM parcels-- x\nWHERE user_id = 5 AND id = @7",
    "UPDATE parcels p SET p.n = 4 WHERE p.user_id = 5 AND p.id = @7",
    "UPDATE $.parcels SET $.parcels.n = 5 WHERE $.parcels.user_id = 5 AND $.parcels.id = @7",
    "UPDATE parcels SET n = 6 WHERE user_id = 5 AND id = @7 ORDER BY parcels.n LIMIT 1",
    "UPDATE parcels, `lines` SET parcels.n = 7, `lines`.pos = 9 WHERE user_id = 5 AND id = @7 \
     AND buyer = 5 AND parcel = @7 AND pos = 2",
    "UPDATE parcels SET n = 'x' WHERE user_id = 5 AND id = @7",
    "UPDATE parcels SET id = @8 WHERE user_id = 5 AND id = @7",
    "INSERT INTO $.parcels VALUES (5, @7, 'q', 1) ON DUPLICATE KEY UPDATE $.parcels.n = $.parcels.n + parcels.n",
    "INSERT INTO parcels VALUES (5, @7, 'q', 1) ON DUPLICATE KEY UPDATE n = (SELECT 8)",
    "INSERT INTO parcels VALUES (5, @7, 'q', 1) AS parcels ON DUPLICATE KEY UPDATE n = parcels.n",
    "INSERT INTO parcels VALUES (5, @7, 'q', 1) AS fresh ON DUPLICATE KEY UPDATE n = fresh.n + 1",
    "INSERT INTO parcels VALUES (5, @7, 'q', 1) ON DUPLICATE KEY UPDATE n = (SELECT parcels.a FROM (SELECT 3 AS a) parcels)",
    "INSERT INTO parcels SELECT 5, @9, 'n', 1",
    "INSERT INTO parcels VALUES (5, @7, NULL, 1)",
    "INSERT INTO parcels VALUES (5, @7, 'a', 1) ON DUPLICATE KEY UPDATE nope = 1",
    "INSERT INTO parcels (user_id, id, name) VALUES (5, @6, 'r') RETURNING id, name",
    "REPLACE INTO parcels (user_id, id, name) VALUES (5, @6, 's') RETURNING parcels.id",
    "DELETE FROM parcels WHERE user_id = 5 AND id = @6 RETURNING *",
    "DELETE FROM parcels AS p WHERE p.user_id = 5 AND p.id = @6",
    "DELETE FROM $.parcels WHERE $.parcels.user_id = 5 AND $.parcels.id = @6",
    "DELETE FROM parcels WHERE user_id = 5 AND id = @6 ORDER BY parcels.n LIMIT 1",
    "DELETE parcels FROM parcels JOIN `lines` ON buyer = user_id AND parcel = id \
     WHERE user_id = 5 AND id = @7 AND buyer = 5 AND parcel = @7 AND pos = 99",
    "DELETE FROM parcels USING parcels WHERE user_id = 5 AND id = @6",
    "DELETE parcels FROM parcels p WHERE user_id = 5 AND id = @6",
    "DELETE FROM parcels WHERE user_id = 5 AND id = @6 AND n = (SELECT MAX(parcels.n) FROM `lines` parcels)",
    "SELECT * FROM parcels WHERE user_id = 5 AND id = @7",
    "SHOW COLUMNS FROM parcels FROM $",
    "SHOW COLUMNS IN $.parcels LIKE 'n%'",
    "DESCRIBE parcels name",
    "DESC $.parcels 'i%'",
    "SHOW CREATE TABLE $.parcels",
    "SHOW CREATE TABLE parcels_00",
    "SHOW INDEX FROM parcels_00",
    "DROP TABLE parcels_00",
    "TRUNCATE TABLE parcels_00",
    "ALTER TABLE parcels_00 ADD COLUMN x INT",
    "RENAME TABLE parcels_00 TO x",
    "HANDLER parcels_00 OPEN",
    "TABLE parcels_00",
    "SELECT * FROM parcels_00 WHERE user_id = 5 AND id = @7",
    "INSERT INTO parcels_00 VALUES (5, 1, 'x', 1)",
    "SELECT * FROM parcels WHERE user_id = 5 AND id = @7 PROCEDURE ANALYSE()",
    "SELECT * FORM parcels WHERE user_id = 5",
    "UPDATE parcels SET WHERE user_id = 5",
    "SET SESSION sql_mode = 'ANSI_QUOTES'",
    "SELECT \"parcels\".id, \"lines\".pos FROM \"parcels\" JOIN \"lines\" ON buyer = user_id AND parcel = id \
     WHERE user_id = 5 AND id = @7 AND buyer = 5 AND parcel = @7 ORDER BY 2",
    "INSERT INTO \"parcels\" VALUES (5, @7, 'q', 1) ON DUPLICATE KEY UPDATE \"parcels\".n = \"parcels\".n + 1",
];

#[tokio::test]
async fn a_name_means_what_it_means_on_one_server() {
    let stage = stage().await;
    let mysql = servers().await.flavor() == Flavor::MySql;
    let mut differences = Vec::new();
    for ((name, extras), number) in CLIENTS.into_iter().zip(5..) {
        let mut pair = stage.pair(extras).await;
        let schema = stage.place.name();
        let statement = |text: &str| {
            text.replace('@', &format!("{number}0"))
                .replace('$', schema)
        };
        for text in [
            "INSERT INTO parcels VALUES (5, @7, 'seven', 1)",
            "INSERT INTO `lines` VALUES (5, @7, 1), (5, @7, 2)",
        ] {
            pair.query(statement(text)).await;
        }
        // MariaDB has no TABLE; through the proxy it is a SELECT there, too.
        let known = |text: &&&str| mysql || !text.starts_with("TABLE ");
        for text in ODD_NAMES.iter().filter(known) {
            pair.change_or_refusal(&statement(text)).await;
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

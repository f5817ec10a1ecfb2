//! OK packets, errors, warnings, transactions, multi-statements, huge packets, other commands.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Pair, Stage, assert_same};
use super::raw::Expect;

const USERS: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL, \
                     n INT, t TINYINT UNSIGNED, blob_ LONGBLOB, UNIQUE KEY by_name (name))";

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

/// Tables on one shard.
const SINGLE: &[&str] = &[
    "CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, body VARCHAR(10) NOT NULL, n TINYINT, \
     UNIQUE KEY (body))",
    "CREATE TABLE copies LIKE notes",
    "CREATE TABLE parents (id INT PRIMARY KEY)",
    "CREATE TABLE children (id INT PRIMARY KEY, parent INT, \
     CONSTRAINT child_of FOREIGN KEY (parent) REFERENCES parents (id))",
];

async fn stage() -> Stage {
    Stage::new(TABLES, &[USERS], SINGLE).await
}

/// Runs the statements for each kind of client, each on tables emptied by `clean`.
async fn on_every_client(stage: &Stage, clean: &[&str], statements: &[&str]) {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        for statement in clean {
            stage.run(statement).await;
        }
        let mut pair = stage.pair(extras).await;
        pair.queries(statements).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

pub async fn on_mariadb() -> bool {
    super::common::servers().await.flavor() == Flavor::MariaDb
}

const EMPTY_NOTES: &[&str] = &["TRUNCATE TABLE notes", "TRUNCATE TABLE copies"];

#[tokio::test]
async fn ok_packets_of_single_tables() {
    let stage = stage().await;
    on_every_client(
        &stage,
        EMPTY_NOTES,
        &[
            "INSERT INTO notes (body) VALUES ('a')",
            "SELECT LAST_INSERT_ID()",
            "SELECT ROW_COUNT()",
            "INSERT INTO notes (body) VALUES ('b'), ('c'), ('d')",
            "SELECT LAST_INSERT_ID(), ROW_COUNT()",
            "INSERT INTO notes (id, body) VALUES (100, 'e')",
            "SELECT LAST_INSERT_ID()",
            "INSERT IGNORE INTO notes (body) VALUES ('a'), ('f')",
            "SHOW WARNINGS",
            "SELECT LAST_INSERT_ID()",
            "REPLACE INTO notes (body) VALUES ('a')",
            "REPLACE INTO notes (id, body) VALUES (100, 'a')",
            "INSERT INTO notes (id, body) VALUES (100, 'x') ON DUPLICATE KEY UPDATE n = 5",
            "INSERT INTO notes (id, body) VALUES (100, 'x') ON DUPLICATE KEY UPDATE n = 5",
            "INSERT INTO notes (body) VALUES ('b') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)",
            "SELECT LAST_INSERT_ID()",
            "UPDATE notes SET n = 1",
            "SELECT ROW_COUNT()",
            "UPDATE notes SET n = 1",
            "SELECT ROW_COUNT()",
            "UPDATE notes SET n = 2 WHERE id = 1",
            "UPDATE IGNORE notes SET n = 1000",
            "SHOW WARNINGS",
            "SHOW COUNT(*) WARNINGS",
            "SHOW ERRORS",
            "INSERT INTO copies SELECT * FROM notes",
            "DELETE FROM copies WHERE id < 3",
            "DELETE FROM copies",
            "INSERT INTO notes SET body = 'set'",
            "UPDATE notes SET id = LAST_INSERT_ID(id + 1000) WHERE body = 'set'",
            "SELECT LAST_INSERT_ID()",
            "SELECT LAST_INSERT_ID(77)",
            "SELECT LAST_INSERT_ID()",
            "SELECT * FROM notes ORDER BY id",
            "SELECT FOUND_ROWS()",
            "SELECT SQL_CALC_FOUND_ROWS id FROM notes ORDER BY id LIMIT 2",
            "SELECT FOUND_ROWS()",
            "SELECT ROW_COUNT()",
            "SELECT * FROM notes WHERE n = 4",
            "SELECT * FROM notes WHERE id = 1",
            "SELECT * FROM notes WHERE 1 = 0",
            "SELECT FOUND_ROWS()",
            "DO 1",
            "DO SLEEP(0), 1/0",
            "SHOW WARNINGS",
            "DELETE FROM notes WHERE id = 1 LIMIT 1",
            // By its keys: what a join of whole tables says of its index depends on statistics.
            "DELETE notes FROM notes JOIN copies ON notes.id = copies.id WHERE notes.id = 2",
            "ALTER TABLE notes ADD COLUMN extra INT",
            "ALTER TABLE notes DROP COLUMN extra",
            "ALTER TABLE notes COMMENT 'x'",
            "CREATE TABLE IF NOT EXISTS notes (id INT)",
            "SHOW WARNINGS",
            "DROP TABLE IF EXISTS not_there",
            "SHOW WARNINGS",
            "SHOW CREATE TABLE notes",
            "SHOW COLUMNS FROM notes",
            "SHOW INDEX FROM parents",
            "DESCRIBE notes",
            "DESC notes body",
            "EXPLAIN SELECT * FROM notes WHERE id = 1",
            "SHOW WARNINGS",
            "TRUNCATE TABLE copies",
        ],
    )
    .await;
}

#[tokio::test]
async fn ok_packets_of_sharded_tables() {
    let stage = stage().await;
    let statements: Vec<String> = (1..=6).flat_map(sharded_statements).collect();
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    on_every_client(&stage, &[], &statements).await;
}

/// Leaves the table as it was.
fn sharded_statements(id: u32) -> Vec<String> {
    [
        "INSERT INTO users (id, name) VALUES ({}, 'n{}')",
        "SELECT ROW_COUNT(), LAST_INSERT_ID()",
        "INSERT INTO users (id, name) VALUES ({}, 'n{}')",
        "SHOW WARNINGS",
        "INSERT IGNORE INTO users (id, name) VALUES ({}, 'n{}')",
        "SHOW WARNINGS",
        "INSERT INTO users (id, name) VALUES ({}, 'n{}') ON DUPLICATE KEY UPDATE n = 3",
        "REPLACE INTO users (id, name, n) VALUES ({}, 'm{}', 4)",
        "UPDATE users SET n = 5 WHERE id = {}",
        "UPDATE users SET n = 5 WHERE id = {}",
        "SELECT ROW_COUNT()",
        "UPDATE users SET n = n + 1, name = 'z{}' WHERE id = {} AND n = 5",
        "UPDATE IGNORE users SET t = 256 WHERE id = {}",
        "SHOW WARNINGS",
        "UPDATE users SET t = 0 - 1 WHERE id = {}",
        "SHOW WARNINGS",
        "SHOW ERRORS",
        "SELECT * FROM users WHERE id = {}",
        "SELECT u.*, u.id + 1 AS next, 'x' FROM users u WHERE u.id = {}",
        "SELECT COUNT(*), MAX(name) FROM users WHERE id = {}",
        "SELECT users.name FROM users WHERE users.id = {} AND users.n IS NOT NULL",
        "SELECT FOUND_ROWS()",
        "SELECT missing FROM users WHERE id = {}",
        "SELECT no_function(1) FROM users WHERE id = {}",
        "SELECT id FROM users WHERE id = {} AND name = 'a' COLLATE nonsense",
        "SELECT CAST('12x' AS SIGNED) FROM users WHERE id = {}",
        "SHOW WARNINGS",
        "SELECT 18446744073709551615 + id FROM users WHERE id = {}",
        "SELECT id FROM users WHERE id = {} FOR UPDATE",
        "SELECT id FROM users WHERE id = {} LOCK IN SHARE MODE",
        "SELECT id FROM users WHERE id = {} LIMIT 0",
        "SELECT id FROM users WHERE id = {} UNION ALL SELECT n FROM users WHERE id = {}",
        "SELECT id FROM users WHERE id IN ({}, {}) ORDER BY name",
        "DELETE FROM users WHERE id = {}",
        "DELETE FROM users WHERE id = {}",
        "SELECT ROW_COUNT()",
    ]
    .iter()
    .map(|statement| statement.replace("{}", &id.to_string()))
    .collect()
}

#[tokio::test]
async fn errors() {
    let stage = stage().await;
    on_every_client(
        &stage,
        EMPTY_NOTES,
        &[
            "INSERT INTO notes (body) VALUES ('a')",
            "INSERT INTO notes (body) VALUES ('a')",
            "SHOW WARNINGS",
            "INSERT INTO notes (body) VALUES (NULL)",
            "INSERT INTO notes (n) VALUES (1)",
            "INSERT INTO notes (body, n) VALUES ('b', 1000)",
            "SHOW WARNINGS",
            "INSERT INTO notes (body) VALUES ('longer than ten')",
            "INSERT INTO notes (body, n) VALUES ('c', 'x')",
            "INSERT INTO notes (body) VALUES ('d', 2)",
            "INSERT INTO notes (nope) VALUES (1)",
            "SELECT ~0 + 1",
            "SELECT 9223372036854775807 + 1",
            "SELECT nope FROM notes",
            "SELECT notes.nope FROM notes",
            "SELECT * FROM nowhere",
            "SHOW WARNINGS",
            "UPDATE nowhere SET a = 1",
            "INSERT INTO nowhere VALUES (1)",
            "DELETE FROM nowhere",
            "DROP TABLE nowhere",
            "TRUNCATE TABLE nowhere",
            "ALTER TABLE nowhere ADD a INT",
            "DESCRIBE nowhere",
            "SHOW CREATE TABLE nowhere",
            "SHOW COLUMNS FROM nowhere",
            "CREATE TABLE notes (id INT)",
            "SELEC 1",
            "SELECT 1 FROM",
            "SELECT * FROM notes WHERE",
            "SELECT *\nFROM notes\n\nWHERE id = = 3",
            "SELECT 'unclosed",
            "SELECT \"unclosed",
            "SELECT `unclosed",
            "SELECT 1 /* unclosed",
            "SELECT (1",
            "SELECT 1)",
            "INSERT INTO notes VALUES",
            "INSERT INTO notes (body) VALUE S ('a')",
            "UPDATE notes n = 1",
            "FROBNICATE THE database",
            "SET",
            "SET a",
            "SHOW",
            "SHOW NONSENSE",
            "USE",
            "BEGIN NOW",
            "COMMIT IT",
            "SAVEPOINT",
            "SELECT 1 garbage here",
            "SELECT COUNT(id, body) FROM notes",
            "SELECT no_such_function(1)",
            "SELECT id, COUNT(*) FROM notes",
            "SELECT 1 UNION SELECT 1, 2",
            "SELECT (SELECT 1, 2)",
            "SELECT (SELECT 1 UNION SELECT 2)",
            "SELECT * FROM notes ORDER BY 9",
            "INSERT INTO children VALUES (1, 5)",
            "INSERT INTO parents VALUES (1)",
            "INSERT INTO children VALUES (1, 1)",
            "DELETE FROM parents",
            "DELETE FROM children",
            "DELETE FROM parents",
            "SELECT JSON_EXTRACT('{', '$.a')",
            "SELECT 1 = 'a' COLLATE latin1_bin",
            "KILL 4294967290",
            "ROLLBACK TO SAVEPOINT nope",
            "RELEASE SAVEPOINT nope",
            "SHOW WARNINGS",
            "SELECT @@no_such_variable",
            "SET no_such_variable = 1",
            "SHOW ERRORS",
            "SHOW COUNT(*) ERRORS",
            "SELECT @@error_count",
        ],
    )
    .await;
}

#[tokio::test]
async fn transactions_and_their_status_flags() {
    let stage = stage().await;
    on_every_client(
        &stage,
        EMPTY_NOTES,
        &[
            "BEGIN",
            "SELECT 1",
            "INSERT INTO notes (body) VALUES ('a')",
            "SELECT * FROM notes",
            "COMMIT",
            "BEGIN WORK",
            "SAVEPOINT one",
            "INSERT INTO notes (body) VALUES ('b')",
            "SAVEPOINT two",
            "INSERT INTO notes (body) VALUES ('c')",
            "ROLLBACK TO two",
            "ROLLBACK TO SAVEPOINT nope",
            "SELECT body FROM notes ORDER BY id",
            "RELEASE SAVEPOINT one",
            "ROLLBACK TO two",
            "ROLLBACK",
            "SELECT body FROM notes ORDER BY id",
            "START TRANSACTION READ ONLY",
            "SELECT COUNT(*) FROM notes",
            "INSERT INTO notes (body) VALUES ('d')",
            "SELECT 1",
            "COMMIT",
            "START TRANSACTION READ ONLY",
            "SELECT 1",
            "ROLLBACK",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "SELECT COUNT(*) FROM notes",
            "COMMIT AND CHAIN",
            "SELECT COUNT(*) FROM notes",
            "ROLLBACK AND CHAIN",
            "INSERT INTO notes (body) VALUES ('e')",
            "COMMIT AND NO CHAIN",
            "SELECT 1",
            "BEGIN",
            "BEGIN",
            "INSERT INTO notes (body) VALUES ('f')",
            "BEGIN",
            "SELECT body FROM notes ORDER BY id",
            "ROLLBACK",
            "SET autocommit = 0",
            "SELECT 1",
            "INSERT INTO notes (body) VALUES ('g')",
            "SELECT 1",
            "ROLLBACK",
            "SELECT body FROM notes ORDER BY id",
            "COMMIT",
            "SAVEPOINT s",
            "ROLLBACK TO s",
            "COMMIT",
            "INSERT INTO notes (body) VALUES ('h')",
            "SET autocommit = 1",
            "SELECT body FROM notes ORDER BY id",
            "SET TRANSACTION READ ONLY",
            "INSERT INTO notes (body) VALUES ('i')",
            "INSERT INTO notes (body) VALUES ('i')",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "BEGIN",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "SELECT COUNT(*) FROM notes",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "COMMIT",
            "BEGIN",
            "INSERT INTO notes (body) VALUES ('j')",
            "CREATE TABLE implicit (id INT)",
            "SELECT 1",
            "DROP TABLE implicit",
            "ROLLBACK",
            "SELECT body FROM notes ORDER BY id",
            "BEGIN",
            "INSERT INTO users (id, name) VALUES (1, 'one')",
            "SELECT * FROM users WHERE id = 1",
            "INSERT INTO users (id, name) VALUES (1, 'one')",
            "SELECT * FROM users WHERE id = 1 FOR UPDATE",
            "ROLLBACK",
            "SELECT * FROM users WHERE id = 1",
            "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
            "COMMIT",
            "START TRANSACTION READ WRITE",
            "SELECT 1 FROM notes LIMIT 1",
            "COMMIT RELEASE",
        ],
    )
    .await;
}

#[tokio::test]
async fn rollback_and_release_says_goodbye() {
    let stage = stage().await;
    for sql in ["COMMIT RELEASE", "ROLLBACK AND NO CHAIN RELEASE"] {
        let mut pair = stage.pair(CLIENTS[1].1).await;
        pair.queries(&["BEGIN", sql, "SELECT 1"]).await;
        assert_same(&pair.into_differences(sql));
    }
}

#[tokio::test]
async fn several_statements_in_one_command() {
    let stage = stage().await;
    let statements = [
        "SELECT 1; SELECT 2",
        "SELECT 1; SELECT 2;",
        "SELECT 1;;",
        "SELECT 1; ; SELECT 2",
        ";",
        "; SELECT 1",
        "SELECT 1; -- the end",
        "SELECT 1; /* the end */",
        "SELECT 1 ;   ",
        "INSERT INTO notes (body) VALUES ('a'); SELECT LAST_INSERT_ID(); SELECT ROW_COUNT()",
        "INSERT INTO notes (body) VALUES ('b'); INSERT INTO notes (body) VALUES ('b'); SELECT 1",
        "SELECT 1; SELEC 2; SELECT 3",
        "SELECT 1;\nSELECT 2;\nSELEC 3",
        "SELECT 1; SELECT * FROM nowhere; SELECT 3",
        "BEGIN; INSERT INTO notes (body) VALUES ('c'); ROLLBACK; SELECT body FROM notes ORDER BY id",
        "SET @a = 1; SELECT @a; SELECT @a + 1",
        "SELECT 1; SELECT id FROM notes WHERE body = 'nothing'; UPDATE notes SET n = 7",
        "SELECT ';'; SELECT \"a;b\"; SELECT `x;y` FROM (SELECT 1 AS `x;y`) AS t",
        "SELECT 1; DO 2; SELECT 3",
        "INSERT INTO users (id, name) VALUES (7, 'x'); SELECT name FROM users WHERE id = 7; \
         DELETE FROM users WHERE id = 7; SHOW WARNINGS",
        "SET NAMES latin1; SELECT @@character_set_client; SET NAMES utf8mb4",
        "SELECT 1; SELECT 'unclosed",
    ];
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        stage.run("TRUNCATE TABLE notes").await;
        let extras = extras | CapabilityFlags::CLIENT_MULTI_STATEMENTS;
        let mut pair = stage.pair(extras).await;
        pair.queries(&statements).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn only_one_statement_without_the_capability() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    pair.queries(&[
        "SELECT 1; SELECT 2",
        "SELECT 1;",
        "SELECT 1; ",
        "SELECT 1; -- comment",
        "SELECT 1; /* comment */",
        "SELECT 1;;",
        "SELECT 1;\n\nSELECT 2\nFROM notes",
        "SELECT\n1; SELECT 'a very long statement that goes on and on and on and on and on and on \
         and on'",
    ])
    .await;
    // The answer counts the warnings of the statement before.
    pair.query("SELECT 1").await;
    pair.command("COM_SET_OPTION on", &[27, 0, 0], Expect::One)
        .await;
    pair.query("SELECT 1; SELECT 2").await;
    pair.command("COM_SET_OPTION off", &[27, 1, 0], Expect::One)
        .await;
    pair.query("SELECT 1; SELECT 2").await;
    pair.command("COM_SET_OPTION wrong", &[27, 9, 0], Expect::One)
        .await;
    assert_same(&pair.into_differences("one statement"));
}

#[tokio::test]
async fn statements_of_nothing() {
    let stage = stage().await;
    on_every_client(
        &stage,
        &[],
        &[
            "",
            " ",
            "\n\t ",
            ";",
            " ; ",
            "-- comment",
            "-- comment\n",
            "# comment",
            "/* comment */",
            "/* comment */;",
            "/**/",
            "/*! */",
            "/*!40000 SELECT 1 */",
            "/*!40000 SELECT */ 1",
            "SELECT 1 /*!99999 + 1 */",
            "SELECT 1 -- end",
            "SELECT 1 # end",
            "SELECT 1--1",
            "SELECT 1 /* a /* b */",
            "-- c\nSELECT 1",
            "SELECT 1\0",
            "--",
            "SELECT 1 --",
        ],
    )
    .await;
}

/// An unknown schema is one to the proxy before it asks any server.
#[tokio::test]
async fn an_unknown_schema() {
    let stage = stage().await;
    if on_mariadb().await {
        println!(
            "skipped: MariaDB tells of the table (1146) where MySQL tells of the schema (1049)"
        );
        return;
    }
    let statements = ["SELECT * FROM nothere.nowhere", "SHOW WARNINGS"];
    on_every_client(&stage, EMPTY_NOTES, &statements).await;
}

#[tokio::test]
async fn other_commands() {
    let stage = stage().await;
    stage.run("INSERT INTO notes (body) VALUES ('a')").await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        commands(&mut pair, stage.place.name()).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

async fn commands(pair: &mut Pair, schema: &str) {
    let named = |code: u8, rest: &str| [&[code], rest.as_bytes()].concat();
    pair.command("COM_PING", &[14], Expect::One).await;
    pair.command("COM_INIT_DB", &named(2, schema), Expect::One)
        .await;
    pair.values("SELECT DATABASE()").await;
    pair.command("COM_INIT_DB unknown", &named(2, "nowhere"), Expect::One)
        .await;
    pair.values("SELECT DATABASE()").await;
    pair.query("USE nowhere").await;
    pair.query(format!("USE `{schema}`")).await;
    pair.command("COM_INIT_DB", &named(2, "information_schema"), Expect::One)
        .await;
    pair.values("SELECT DATABASE(), SCHEMA()").await;
    pair.query(format!("SELECT id FROM {schema}.notes")).await;
    pair.query(format!("USE {schema}")).await;
    for table in ["notes\0", "users\0", "notes\0b%", "nowhere\0"] {
        pair.command(
            &format!("COM_FIELD_LIST {table:?}"),
            &named(4, table),
            Expect::Fields,
        )
        .await;
    }
    let tables = [
        ("information_schema", "TABLES\0"),
        ("information_schema", "columns\0TABLE%"),
        ("information_schema", "nowhere\0"),
        ("mysql", "user\0"),
        ("mysql", "user\0U%"),
        ("mysql", "nowhere\0"),
        ("performance_schema", "threads\0"),
        ("sys", "version\0"),
    ];
    for (system, table) in tables {
        pair.query(format!("USE {system}")).await;
        let what = format!("COM_FIELD_LIST {table:?} of {system}");
        pair.command(&what, &named(4, table), Expect::Fields).await;
    }
    pair.query(format!("USE {schema}")).await;
    pair.query("SET @x = 5, sql_mode = 'ANSI_QUOTES'").await;
    pair.query("SELECT @x, @@sql_mode").await;
    pair.query("BEGIN").await;
    pair.query("INSERT INTO notes (body) VALUES ('lost')").await;
    pair.command("COM_RESET_CONNECTION", &[31], Expect::One)
        .await;
    pair.values("SELECT @x, DATABASE(), LAST_INSERT_ID(), ROW_COUNT()")
        .await;
    pair.query("SELECT @@sql_mode, @@autocommit, @@character_set_client, @@collation_connection")
        .await;
    pair.query("SELECT body FROM notes").await;
    // Beyond the last command MySQL hangs up; the proxy says that it does not know it.
    for code in [0, 5, 6, 11, 15, 16] {
        pair.command(&format!("command {code}"), &[code], Expect::One)
            .await;
    }
    pair.query("SELECT 1").await;
    change_users(pair, schema).await;
}

async fn change_users(pair: &mut Pair, schema: &str) {
    use super::common::{APP_PASSWORD, APP_USER};
    pair.query("SET @x = 5, NAMES latin1").await;
    pair.change_user(APP_USER, APP_PASSWORD, schema).await;
    pair.values("SELECT @x, DATABASE(), @@character_set_client, @@collation_connection")
        .await;
    pair.change_user(APP_USER, APP_PASSWORD, "").await;
    pair.values("SELECT DATABASE()").await;
    pair.query("SELECT * FROM notes").await;
    pair.change_user(APP_USER, "wrong", schema).await;
    // After a wrong password MySQL hangs up, and so does the proxy; MariaDB goes on as the user
    // before.
    if !on_mariadb().await {
        pair.query("SELECT 1").await;
    }
}

#[tokio::test]
async fn packets_around_the_frame_limit() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[2].1).await;
    pair.query("INSERT INTO users (id, name, blob_) VALUES (1, 'one', '')")
        .await;
    for payload in [
        0xFF_FFFE, 0xFF_FFFF, 0x100_0000, 0x100_0001, 0x1FF_FFFE, 0x1FF_FFFF,
    ] {
        // The payload's first byte is the command's.
        let text = |head: &str, tail: &str, len: usize| {
            let fill = len - head.len() - tail.len();
            [head.as_bytes(), &vec![b'x'; fill], tail.as_bytes()].concat()
        };
        pair.query(text("SELECT LENGTH('", "')", payload - 1)).await;
        pair.query(text(
            "UPDATE users SET blob_ = '",
            "' WHERE id = 1",
            payload - 1,
        ))
        .await;
        // A value of that length stands behind nine bytes of length, or four below 2^24.
        for row in [payload, payload - 4, payload - 9] {
            pair.query(format!("SELECT REPEAT('x', {row}) FROM users WHERE id = 1"))
                .await;
        }
        pair.query("SELECT blob_, id FROM users WHERE id = 1").await;
    }
    assert_same(&pair.into_differences("huge"));
}

/// With autocommit off, what a statement that has failed says of the transaction is heard with the next one.
#[tokio::test]
async fn statements_that_cannot_be_resolved_begin_no_transaction_where_servers_begin_none() {
    let stage = Stage::new(TABLES, &[USERS], &[]).await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        pair.query("SET autocommit = 0").await;
        for failing in [
            "SELECT nope FROM users",
            "SELECT nope FROM users WHERE id IN (1, 2, 3, 4)",
            "SELECT id FROM users a JOIN users b USING (id) WHERE n = 1",
            "SELECT COUNT(*) FROM users WHERE n = nope",
        ] {
            for next in ["SELECT @@autocommit", "SELECT id FROM users WHERE id = 2"] {
                for begin in ["COMMIT", "BEGIN", "COMMIT AND CHAIN"] {
                    pair.queries(&[begin, failing, next, "SELECT 1", "ROLLBACK"])
                        .await;
                }
            }
            pair.queries(&[
                failing,
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                failing,
                "SELECT id FROM users WHERE id = 1",
                "COMMIT",
            ])
            .await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

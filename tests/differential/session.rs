//! Session variables follow the session: on whatever connection a statement runs, they are what
//! the client has set, and other sessions do not see them.

use std::time::Duration;

use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

const USERS: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20), d DATETIME, \
                     t TIMESTAMP NULL)";

/// What is asked behind every SET.
const ASKED: &str = "@@sql_mode, @@autocommit, @@time_zone, @@character_set_client, \
                     @@character_set_connection, @@character_set_results, \
                     @@collation_connection, @@sql_safe_updates, @@foreign_key_checks, \
                     @@unique_checks, @@sql_select_limit, @@group_concat_max_len, \
                     @@max_execution_time_or_0, @@lc_time_names, @@div_precision_increment, \
                     @@wait_timeout, @@net_write_timeout, @@sql_auto_is_null, \
                     @@innodb_lock_wait_timeout, @@max_sort_length, @@tx";

const SETS: &[&str] = &[
    "SET NAMES latin1",
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
    "SET NAMES 'utf8mb4'",
    "SET NAMES \"latin1\" COLLATE 'latin1_german1_ci'",
    "SET NAMES DEFAULT",
    "SET NAMES nonsense",
    "SET NAMES utf8mb4 COLLATE latin1_bin",
    "SET NAMES binary",
    "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci",
    "SET CHARACTER SET latin1",
    "SET CHARSET utf8mb4",
    "SET CHARACTER SET DEFAULT",
    "SET character_set_results = NULL",
    "SET character_set_results = latin1",
    "SET character_set_results = utf8mb4",
    "SET character_set_client = latin1, character_set_connection = latin1",
    "SET character_set_client = ucs2",
    "SET collation_connection = utf8mb4_general_ci",
    "SET @@collation_connection = utf8mb4_unicode_ci, @@session.sql_mode = 'ANSI'",
    "SET NAMES utf8mb4",
    "SET sql_mode = ''",
    "SET sql_mode = 'ANSI_QUOTES'",
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
    "SET @@sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')",
    "SET sql_mode=(SELECT CONCAT(@@sql_mode, ',NO_ENGINE_SUBSTITUTION')),time_zone='+00:00',NAMES utf8mb4;",
    "SET @a = (SELECT 5 + (SELECT @@auto_increment_increment)), time_zone = (SELECT 'nowhere')",
    "SET LOCAL sql_mode = REPLACE(@@sql_mode, 'PIPES_AS_CONCAT', 'IGNORE_SPACE')",
    "SET sql_mode = 'TRADITIONAL'",
    "SET sql_mode = 0",
    "SET sql_mode = 4",
    "SET sql_mode = 'NONSENSE'",
    "SET sql_mode = DEFAULT",
    "SET time_zone = '+05:30'",
    "SET time_zone = 'SYSTEM'",
    "SET time_zone = 'Nowhere/Else'",
    "SET time_zone = '-08:00', sql_select_limit = 3, group_concat_max_len = 100",
    "SET sql_select_limit = DEFAULT",
    "SET autocommit = OFF",
    "SET autocommit = 'ON'",
    "SET autocommit = 2",
    "SET autocommit = 0, autocommit = 1",
    "SET @@autocommit := 1",
    "SET foreign_key_checks = 0, unique_checks = OFF",
    "SET foreign_key_checks = 1, unique_checks = 'ON', sql_safe_updates = TRUE",
    "SET sql_safe_updates = 0",
    "SET lc_time_names = 'de_DE'",
    "SET lc_time_names = 'xx_XX'",
    "SET div_precision_increment = 1 + 5",
    "SET div_precision_increment = 1000",
    "SHOW WARNINGS",
    // Not wait_timeout: on a busy machine the second that is left of it may pass.
    "SET net_write_timeout = 0",
    "SHOW WARNINGS",
    "SET wait_timeout = 'x'",
    "SET wait_timeout = 1000, net_write_timeout = 77",
    "SET group_concat_max_len = @@group_concat_max_len * 2",
    "SET @a = 5, @b := 'x', @c = @a",
    "SET @a = 1, div_precision_increment = @a",
    "SET div_precision_increment = GREATEST(2, 1 + 2)",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION READ WRITE, ISOLATION LEVEL SERIALIZABLE",
    "SET transaction_isolation = 'REPEATABLE-READ'",
    "SET SESSION transaction_isolation = 'NONSENSE'",
    "SET innodb_lock_wait_timeout = 3",
    "SET sql_auto_is_null = 1",
    "SET sql_auto_is_null = 0",
    "SET max_sort_length = 8",
    "SET max_sort_length = DEFAULT, lc_time_names = DEFAULT",
    "SET no_such_variable = 1",
    "SET @@session.no_such_variable = 1",
    "SET version = '1'",
    "SET SESSION max_connections = 1",
    "SET sql_mode = NULL",
    "SET sql_mode = 1.5",
    "SET last_insert_id = 42",
    "SELECT LAST_INSERT_ID(), @@last_insert_id, @@identity",
    "SELECT @@`identity`, @@session . last_insert_id",
    "SET @@session . max_sort_length = 9",
    "SET big_tables = 1, big_tables = 'off'",
    "SET sql_mode = 'ANSI_QUOTES', time_zone = 'bad', autocommit = 0",
];

fn asked(mariadb: bool) -> String {
    ASKED
        .replace(
            "@@max_execution_time_or_0",
            if mariadb {
                "@@max_statement_time"
            } else {
                "@@max_execution_time"
            },
        )
        .replace(
            "@@tx",
            if mariadb {
                "@@tx_isolation, @@tx_read_only"
            } else {
                "@@transaction_isolation, @@transaction_read_only"
            },
        )
}

async fn stage() -> (Stage, String) {
    use shardwell::cli::demo::program::Flavor;
    let stage = Stage::new(
        TABLES,
        &[USERS],
        &["CREATE TABLE here (id INT PRIMARY KEY)"],
    )
    .await;
    for id in 1..=4 {
        let sql = format!(
            "INSERT INTO users VALUES ({id}, 'n{id}', '2024-02-29 10:20:30', '2024-02-29 10:20:30')"
        );
        stage.run(&sql).await;
    }
    stage.run("INSERT INTO here VALUES (1)").await;
    let mariadb = super::common::servers().await.flavor() == Flavor::MariaDb;
    (stage, asked(mariadb))
}

/// Asks on connections to different servers.
async fn ask(pair: &mut Pair, asked: &str) {
    pair.query(format!("SELECT {asked}")).await;
    pair.query(format!("SELECT {asked} FROM here")).await;
    for id in 1..=4 {
        // With autocommit off the second server would join the first one's transaction.
        pair.query_or_refusal(&format!("SELECT id, t, {asked} FROM users WHERE id = {id}"))
            .await;
    }
}

#[tokio::test]
async fn what_a_session_sets_follows_it_and_nobody_else() {
    let (stage, asked) = stage().await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut setting = stage.pair(extras).await;
        let mut other = stage.pair(extras).await;
        for sql in SETS {
            setting.query(sql).await;
            ask(&mut setting, &asked).await;
            ask(&mut other, &asked).await;
        }
        differences.extend(setting.into_differences(name));
        differences.extend(other.into_differences(&format!("{name}, other session")));
    }
    assert_same(&differences);
}

/// A server closes a connection that was idle for the session's `wait_timeout`, in a pool too.
#[tokio::test]
async fn connections_that_a_wait_timeout_closed_are_not_used() {
    let (stage, _) = stage().await;
    let extras = CapabilityFlags::CLIENT_DEPRECATE_EOF;
    let mut setting = stage.pair(extras).await;
    let mut other = stage.pair(extras).await;
    setting.query("SET wait_timeout = 1").await;
    for id in 1..=4 {
        let sql = format!("SELECT id, name FROM users WHERE id = {id}");
        setting.query(sql).await;
    }
    let mut differences = setting.into_differences("setting");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    for id in 1..=4 {
        let sql = format!("SELECT @@wait_timeout, id, name FROM users WHERE id = {id}");
        other.query(sql).await;
    }
    differences.extend(other.into_differences("other session"));
    assert_same(&differences);
}

/// Statements whose meaning depends on what was set before them.
const DEPENDENT: &[&str] = &[
    "SET sql_mode = 'ANSI_QUOTES'",
    "SELECT \"id\" FROM \"users\" WHERE \"id\" = 1",
    "SELECT 'a' \"b\"",
    "SET sql_mode = ''",
    "SELECT \"id\" FROM users WHERE id = \"1\"",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
    "SELECT 'a\\' FROM users WHERE id = 2",
    "SELECT name FROM users WHERE id = '2' AND name <> '\\'",
    "SET sql_mode = ''",
    "SELECT 'a\\'' FROM users WHERE id = 2",
    "SET sql_mode = 'PIPES_AS_CONCAT'",
    "SELECT name || 'x' FROM users WHERE id = 3",
    "SET sql_mode = 'HIGH_NOT_PRECEDENCE'",
    "SELECT NOT 1 BETWEEN -5 AND 5 FROM users WHERE id = 3",
    "SET sql_mode = 'IGNORE_SPACE'",
    "SELECT COUNT (*) FROM users WHERE id = 3",
    "SET sql_mode = ''",
    "SELECT COUNT (*) FROM users WHERE id = 3",
    "SELECT 1 || 0 FROM users WHERE id = 3",
    "SET time_zone = '+09:00'",
    "SELECT t, d FROM users WHERE id = 4",
    "SET time_zone = '-03:00'",
    "SELECT t, d FROM users WHERE id = 1",
    "SET sql_select_limit = 0",
    "SELECT id FROM users WHERE id = 1",
    "SET sql_select_limit = DEFAULT",
    "SET NAMES latin1",
    "SELECT 'x', name FROM users WHERE id = 1",
    "SET sql_mode = 'STRICT_ALL_TABLES'",
    "UPDATE users SET name = 'more than twenty characters' WHERE id = 1",
    "SET sql_mode = ''",
    "UPDATE users SET name = 'more than twenty characters' WHERE id = 1",
    "SHOW WARNINGS",
    "UPDATE users SET name = 'n1' WHERE id = 1",
    "SET sql_safe_updates = 1",
    "UPDATE users SET name = 'n1' WHERE id = 1",
];

#[tokio::test]
async fn statements_are_read_as_the_session_says() {
    let (stage, _) = stage().await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        pair.queries(DEPENDENT).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// A clock that stands, and goes again.
const CLOCK: &[&str] = &[
    "SET timestamp = 1552302000.25",
    "SELECT NOW(6), @@timestamp, SYSDATE() > NOW() FROM users WHERE id = 1",
    "SELECT id, NOW(6) FROM users ORDER BY id LIMIT 4",
    "SELECT @@session.timestamp, CURDATE(), UNIX_TIMESTAMP() FROM users WHERE id = 2",
    "SET time_zone = '+05:00', @@timestamp = 3 * 86400",
    "SELECT NOW() FROM users WHERE id = 3",
    "UPDATE users SET t = NOW() WHERE id IN (1, 2, 3, 4)",
    "SELECT id, t FROM users WHERE t < '1980-01-01' ORDER BY id",
    "SET timestamp = 'soon'",
    "SET timestamp = -1",
    "SELECT NOW() FROM users WHERE id = 4",
    "SET timestamp = 0",
    "SELECT NOW() > '2020-01-01' FROM users WHERE id = 4",
    "SET timestamp = 1000",
    "SET timestamp = DEFAULT, time_zone = '-03:00'",
    "SELECT NOW() > '2020-01-01', @@timestamp > 1.5e9 FROM users WHERE id IN (1, 2, 3, 4)",
];

#[tokio::test]
async fn a_clock_that_was_stopped_stands_on_every_shard() {
    let (stage, _) = stage().await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for sql in CLOCK {
            pair.change(sql).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn statements_that_are_not_utf8() {
    let (stage, _) = stage().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let statements: &[(&str, &[u8])] = &[
        ("latin1", b"SELECT '\xE4\xF6\xFC', 1 AS \xE4"),
        ("latin1", b"UPDATE users SET name = '\xE4\xFF' WHERE id = 1"),
        ("latin1", b"SELECT name, HEX(name) FROM users WHERE id = 1"),
        (
            "latin1",
            b"SELECT id FROM users WHERE name = '\xE4\xFF' AND id = 1",
        ),
        // The second byte of these characters is a backslash or a quote's neighbour.
        ("gbk", b"SELECT '\xD5\x5C', HEX('\xD5\x5C')"),
        ("gbk", b"UPDATE users SET name = '\xD5\x5C' WHERE id = 2"),
        ("gbk", b"SELECT name, HEX(name) FROM users WHERE id = 2"),
        (
            "gbk",
            b"SELECT id FROM users WHERE id = 2 AND name = '\xD5\x5C' AND id = 2",
        ),
        ("sjis", b"SELECT '\x95\x5C', HEX('\x95\x5C')"),
        ("sjis", b"UPDATE users SET name = '\x83\x5C' WHERE id = 3"),
        (
            "sjis",
            b"SELECT name, HEX(name) FROM users WHERE name = '\x83\x5C' AND id = 3",
        ),
        ("cp932", b"SELECT '\x83\x5C' FROM users WHERE id = 3"),
        ("big5", b"SELECT '\xA5\x5C', id FROM users WHERE id = 3"),
        (
            "utf8mb4",
            b"SELECT '\xC3\xA4', name FROM users WHERE id = 1",
        ),
        ("utf8mb4", b"SELECT '\xC3' FROM users WHERE id = 1"),
        ("utf8mb4", b"SELECT '\xFF\xFE'"),
        ("utf8mb4", b"UPDATE users SET name = '\xFF' WHERE id = 1"),
        ("utf8mb4", b"SELECT \xC3\xA4 FROM users WHERE id = 1"),
        (
            "utf8mb4",
            b"SELECT id AS `\xC3\xA4` FROM users WHERE id = 1",
        ),
        ("binary", b"SELECT '\xFF\xFE', name FROM users WHERE id = 1"),
    ];
    for (charset, sql) in statements {
        pair.query(format!("SET NAMES {charset}")).await;
        pair.query(sql).await;
    }
    assert_same(&pair.into_differences("bytes"));
}

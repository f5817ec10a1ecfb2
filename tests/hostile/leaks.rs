//! Nothing that one session sets may be seen by another one through a pooled connection.

use mysql_async::prelude::Queryable;

use crate::raw::Raw;
use crate::solo::{SOLO, shared};

/// What one session does, and what another one asks; it must get the answer that it gets before.
const LEAKS: [(&str, &str); 22] = [
    (
        "SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'",
        "SELECT @@sql_mode",
    ),
    ("SET SESSION sql_mode = ''", "SELECT @@sql_mode"),
    ("SET time_zone = '+05:30'", "SELECT @@time_zone"),
    (
        "SET NAMES latin1",
        "SELECT @@character_set_client, @@character_set_results, @@collation_connection",
    ),
    (
        "SET character_set_results = NULL",
        "SELECT @@character_set_results",
    ),
    ("SET @a = 'leak'", "SELECT @a"),
    ("SELECT @b := 'leak'", "SELECT @b"),
    ("SELECT 'leak' INTO @c", "SELECT @c"),
    ("SET autocommit = 0", "SELECT @@autocommit"),
    (
        "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SELECT @@transaction_isolation",
    ),
    (
        "SET SESSION TRANSACTION READ ONLY",
        "SELECT @@transaction_read_only",
    ),
    (
        "SET TRANSACTION READ ONLY",
        "INSERT INTO t VALUES (100, 'x') ON DUPLICATE KEY UPDATE v = 'y'",
    ),
    (
        "SET SESSION group_concat_max_len = 5",
        "SELECT @@group_concat_max_len",
    ),
    ("SET SESSION wait_timeout = 77", "SELECT @@wait_timeout"),
    (
        "SET SESSION max_execution_time = 1",
        "SELECT @@max_execution_time",
    ),
    (
        "SET foreign_key_checks = 0, unique_checks = 0",
        "SELECT @@foreign_key_checks, @@unique_checks",
    ),
    (
        "SET SESSION sql_select_limit = 1",
        "SELECT @@sql_select_limit",
    ),
    (
        "CREATE TEMPORARY TABLE t (leak INT)",
        "SELECT COUNT(id) FROM t",
    ),
    ("SELECT GET_LOCK('leak', 0)", "SELECT IS_FREE_LOCK('leak')"),
    (
        "INSERT INTO auto (v) VALUES ('x')",
        "SELECT LAST_INSERT_ID()",
    ),
    ("USE information_schema", "SELECT DATABASE()"),
    ("PREPARE leak FROM 'SELECT 1'", "EXECUTE leak"),
];

#[tokio::test]
async fn no_session_state_reaches_the_next_session() {
    // One connection for everybody: whatever stays on it is seen.
    let backend = "[backend.pool]\nmax_connections = 1\nacquire_timeout = \"8s\"";
    let (place, proxy) = shared("", backend).await;
    let mut server = place.shard(0).await;
    server
        .query_drop("CREATE TABLE auto (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9))")
        .await
        .unwrap();
    for (statement, question) in LEAKS {
        let mut before = Raw::app(proxy.address(), Some(SOLO)).await;
        let expected = before.query(question).await;
        drop(before);
        let mut leaking = Raw::app(proxy.address(), Some(SOLO)).await;
        let done = leaking.query(statement).await;
        // Refusing is one way not to leak.
        if let Err(error) = &done {
            assert!([1235, 1193].contains(&error.code), "{statement}: {error}");
            println!("refused: {statement}: {error}");
        }
        // Twice: while the session is there, if it lets the connection go, and after it.
        drop(leaking);
        let mut after = Raw::app(proxy.address(), Some(SOLO)).await;
        let got = after.query(question).await;
        assert_eq!(got, expected, "{statement} leaks into {question}");
    }
}

/// Where it does not: the proxy must know these.
const BROKEN_DEFAULTS: [&str; 2] = ["foreign_key_checks", "unique_checks"];

/// Not for every variable does `SET x = DEFAULT` mean the global value.
#[tokio::test]
async fn every_variable_goes_back_to_its_global_value() {
    let (place, _proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let globals: Vec<(String, String)> = server.query("SHOW GLOBAL VARIABLES").await.unwrap();
    let mut different = Vec::new();
    for (name, global) in globals {
        if server
            .query_drop(format!("SET @@SESSION.`{name}` = DEFAULT"))
            .await
            .is_err()
        {
            continue;
        }
        let (_, session): (String, String) = server
            .query_first(format!(
                "SHOW SESSION VARIABLES WHERE Variable_name = '{name}'"
            ))
            .await
            .unwrap()
            .unwrap();
        if session != global {
            different.push(format!("{name}: {session} instead of {global}"));
        }
    }
    assert!(
        different
            .iter()
            .all(|found| BROKEN_DEFAULTS.iter().any(|name| found.starts_with(name))),
        "{different:?}"
    );
}

#[tokio::test]
async fn state_does_not_leak_while_its_session_lives() {
    let backend = "[backend.pool]\nmax_connections = 2\nacquire_timeout = \"3s\"";
    let (place, proxy) = shared("", backend).await;
    let mut server = place.shard(0).await;
    server
        .query_drop("CREATE TABLE auto (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9))")
        .await
        .unwrap();
    let mut asking = Raw::app(proxy.address(), Some(SOLO)).await;
    for (statement, question) in LEAKS {
        let expected = asking.query(question).await;
        let mut leaking = Raw::app(proxy.address(), Some(SOLO)).await;
        let _ = leaking.query(statement).await;
        if statement.contains("GET_LOCK") {
            // A lock is meant to be seen by others.
            assert_eq!(asking.value(question).await, "0");
            continue;
        }
        for _ in 0..3 {
            assert_eq!(
                asking.query(question).await,
                expected,
                "{statement} leaks into {question}"
            );
        }
        drop(leaking);
    }
}

#[tokio::test]
async fn what_a_failed_statement_left_behind_does_not_leak() {
    let backend = "[backend.pool]\nmax_connections = 1";
    let (_place, proxy) = shared("", backend).await;
    let mut leaking = Raw::app(proxy.address(), Some(SOLO)).await;
    leaking.query("SET TRANSACTION READ ONLY").await.unwrap();
    let failed = leaking.query("SELECT v FROM t WHERE id = = 1").await;
    println!("{failed:?}");
    let mut after = Raw::app(proxy.address(), Some(SOLO)).await;
    after.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    // The session that asked for it still has it, until a transaction has begun: as on MySQL.
    for _ in 0..2 {
        let refused = leaking.query("INSERT INTO t VALUES (2, 'x')").await;
        assert_eq!(refused.unwrap_err().code, 1792);
    }
}

#[tokio::test]
async fn user_variables_of_stored_functions_do_not_leak() {
    let backend = "[backend.pool]\nmax_connections = 1";
    let (place, proxy) = shared("", backend).await;
    let mut server = place.shard(0).await;
    for sql in [
        "CREATE FUNCTION remember() RETURNS INT DETERMINISTIC NO SQL BEGIN SET @f = 'leak'; RETURN 1; END",
        "CREATE TRIGGER remembering BEFORE INSERT ON t FOR EACH ROW SET @g = 'leak'",
        "CREATE FUNCTION modes() RETURNS INT DETERMINISTIC NO SQL BEGIN SET SESSION sql_mode = 'ANSI_QUOTES'; RETURN 1; END",
        "CREATE FUNCTION zones() RETURNS INT DETERMINISTIC NO SQL BEGIN SET SESSION time_zone = '+03:00'; RETURN 1; END",
    ] {
        server.query_drop(sql).await.unwrap();
    }
    let mut before = Raw::app(proxy.address(), Some(SOLO)).await;
    let modes = before.value("SELECT @@sql_mode").await;
    let zone = before.value("SELECT @@time_zone").await;
    drop(before);
    for (statement, question, expected) in [
        ("SELECT remember()", "SELECT @f", "NULL"),
        ("INSERT INTO t VALUES (1, 'x')", "SELECT @g", "NULL"),
        ("SELECT modes()", "SELECT @@sql_mode", modes.as_str()),
        ("SELECT zones()", "SELECT @@time_zone", zone.as_str()),
    ] {
        let mut leaking = Raw::app(proxy.address(), Some(SOLO)).await;
        let done = leaking.query(statement).await;
        drop(leaking);
        let mut after = Raw::app(proxy.address(), Some(SOLO)).await;
        let got = after.value(question).await;
        assert_eq!(
            got, expected,
            "{statement} ({done:?}) leaks into {question}"
        );
    }
}

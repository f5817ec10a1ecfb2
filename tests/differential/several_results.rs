//! Several results of one command: procedures that give rows, statements behind each other of which some are
//! answered by several shards, errors in their midst.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::common::Place;
use super::pair::{CLIENTS, Stage, assert_same};
use super::prepared::{int, null, text};
use super::replies::on_mariadb;

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n\
     [schemas.shop_calls]\nshards = [\"a/shop_calls\"]\n";

const USERS: &str = "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20), n INT)";

/// What a schema with one shard may have.
const PROCEDURES: &[&str] = &[
    "CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20))",
    "CREATE PROCEDURE two() BEGIN SELECT 1 AS one; SELECT 'a' AS x, NULL AS y UNION ALL SELECT 'b', 2; END",
    "CREATE PROCEDURE none() BEGIN END",
    "CREATE PROCEDURE asks() BEGIN SELECT LAST_INSERT_ID() AS id; END",
    "CREATE PROCEDURE writes(w VARCHAR(20)) BEGIN INSERT INTO log (what) VALUES (w), (w); END",
    "CREATE PROCEDURE breaks() BEGIN SELECT 1 AS before_it; \
     SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no further', MYSQL_ERRNO = 1644; SELECT 2; END",
    "CREATE PROCEDURE warns() BEGIN SELECT CAST('x' AS SIGNED) AS n; END",
    "CREATE PROCEDURE gives(IN a INT, OUT b INT, INOUT c VARCHAR(20)) \
     BEGIN SET b = a + 1, c = CONCAT(c, '!'); SELECT a; END",
    "CREATE PROCEDURE fails_late(w VARCHAR(20)) BEGIN INSERT INTO log (what) VALUES (w), (w); \
     SELECT 1 UNION SELECT 2; SIGNAL SQLSTATE '45000'; END",
    "CREATE PROCEDURE fails_early() BEGIN SIGNAL SQLSTATE '45000'; END",
    "CREATE PROCEDURE sets() BEGIN DO LAST_INSERT_ID(4711); SIGNAL SQLSTATE '45000'; END",
    "CREATE PROCEDURE goes_on(IN n BIGINT) BEGIN DECLARE at INT DEFAULT 0; WHILE at > -22 DO BEGIN \
     DECLARE CONTINUE HANDLER FOR SQLSTATE '22003' SHOW ERRORS; SELECT n, at, ROUND(n, at); END; \
     SET at = at - 7; END WHILE; END",
    "CREATE PROCEDURE empty_rows() BEGIN SELECT id FROM log WHERE id < 0; SELECT 5; END",
];

/// A stage on which the procedures are in a schema of their own.
async fn stage() -> (Stage, String) {
    let place = Place::new().await;
    let schema = format!("{}_calls", place.name());
    for mut server in [place.shard(0).await, place.plain().await] {
        server
            .query_drop(format!("CREATE DATABASE {schema}"))
            .await
            .unwrap();
        server.query_drop(format!("USE {schema}")).await.unwrap();
        for definition in PROCEDURES {
            server.query_drop(*definition).await.expect(definition);
        }
    }
    let stage = Stage::at(place, TABLES, &[USERS], &[]).await;
    (stage, schema)
}

/// Rows that an error ends whose handler goes on: MySQL's own end of them has another form than the client
/// and it agreed on, which the proxy does not pass on.
#[tokio::test]
async fn a_procedure_goes_on_behind_rows_that_an_error_ended() {
    let (stage, schema) = stage().await;
    let mut answers = Vec::new();
    let plain = stage.place.plain().await;
    for mut client in [stage.app().await, plain] {
        client.query_drop(format!("USE {schema}")).await.unwrap();
        let call = "CALL goes_on(9223372036854775807)";
        let mut results = client.query_iter(call).await.unwrap();
        let mut sets = Vec::new();
        while let Some(columns) = results.columns() {
            let names: Vec<String> = columns.iter().map(|c| c.name_str().into_owned()).collect();
            let rows: Vec<mysql_async::Row> = results.collect().await.unwrap();
            sets.push((names, format!("{rows:?}")));
        }
        drop(results);
        let next: Option<u8> = client.query_first("SELECT 7").await.unwrap();
        assert_eq!(next, Some(7));
        answers.push(sets);
    }
    assert!(
        answers[0].iter().any(|(_, rows)| rows == "[]"),
        "{answers:#?}"
    );
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn procedures_give_all_of_their_results() {
    let (stage, schema) = stage().await;
    let calls = [
        "CALL two()",
        "CALL none()",
        "CALL writes('x')",
        "SELECT ROW_COUNT(), LAST_INSERT_ID()",
        "CALL empty_rows()",
        "CALL asks()",
        "SELECT LAST_INSERT_ID()",
        "CALL breaks()",
        "SHOW ERRORS",
        "CALL warns()",
        "SHOW WARNINGS",
        "CALL empty_rows()",
        "CALL nowhere()",
        "CALL two(1)",
        "SET @c = 'c'",
        "CALL gives(1, @b, @c)",
        "SELECT @b, @c",
        "SELECT COUNT(*) FROM log",
        "CALL two(); SELECT 7; CALL none(); CALL empty_rows()",
        "SELECT 1; CALL breaks(); SELECT 2",
        "SELECT 5 UNION SELECT 6 UNION SELECT 7",
        "CALL fails_early()",
        "SELECT FOUND_ROWS()",
        "SELECT LAST_INSERT_ID()",
        "CALL fails_late('z')",
        "SELECT FOUND_ROWS()",
        "SELECT LAST_INSERT_ID()",
        "CALL fails_late('z')",
        "SHOW WARNINGS",
        "SELECT LAST_INSERT_ID()",
        "SELECT 5 UNION SELECT 6 UNION SELECT 7",
        "CALL fails_early()",
        "SELECT FOUND_ROWS()",
        "SELECT LAST_INSERT_ID()",
        "CALL sets()",
        "SELECT FOUND_ROWS()",
        "SELECT LAST_INSERT_ID()",
        "CALL nowhere()",
        "SELECT FOUND_ROWS()",
        "SELECT LAST_INSERT_ID()",
        "CALL warns()",
        "SELECT FOUND_ROWS()",
        "BEGIN",
        "CALL writes('y')",
        "ROLLBACK",
        "SELECT COUNT(*) FROM log",
    ];
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        stage.run(&format!("TRUNCATE TABLE {schema}.log")).await;
        let mut pair = stage
            .pair(extras | CapabilityFlags::CLIENT_MULTI_STATEMENTS)
            .await;
        pair.query(format!("USE {schema}")).await;
        pair.queries(&calls).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// What a body calls is called when it runs, not when it is made.
#[tokio::test]
async fn functions_of_the_session_in_bodies_are_not_those_of_who_made_them() {
    let (stage, schema) = stage().await;
    let texts = [
        "CREATE PROCEDURE counts() BEGIN INSERT INTO log (what) VALUES ('a'), ('b'); SELECT ROW_COUNT(), \
         LAST_INSERT_ID() > 0; SELECT 1 UNION SELECT 2; SELECT FOUND_ROWS(); SELECT CONNECTION_ID() > 0; END",
        "SELECT 1 UNION SELECT 2 UNION SELECT 3",
        "CALL counts()",
        "CREATE FUNCTION here() RETURNS VARCHAR(64) NO SQL RETURN CONCAT(DATABASE(), '.', SCHEMA())",
        "SELECT here()",
        "CREATE TRIGGER stamp BEFORE INSERT ON log FOR EACH ROW SET NEW.what = RIGHT(DATABASE(), 5)",
        "INSERT INTO log (what) VALUES ('x')",
        "SELECT DISTINCT what FROM log ORDER BY what",
        "SELECT ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES \
         WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME IN ('counts', 'here') ORDER BY 1",
        "SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()",
        "DROP TRIGGER stamp",
        "DROP FUNCTION here",
        "DROP PROCEDURE counts",
        "TRUNCATE TABLE log",
        "DROP DATABASE IF EXISTS there_is_no_such_database",
        "SHOW WARNINGS",
        "DROP SCHEMA IF EXISTS `there_is_no_such_database`",
        "DROP DATABASE there_is_no_such_database",
        "SHOW WARNINGS",
    ];
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        pair.query(format!("USE {schema}")).await;
        pair.queries(&texts).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Where a statement ends depends on what `$` means to the servers: a quote to MySQL from 9.0 on, a letter to others.
#[tokio::test]
async fn dollar_signs_quote_where_they_do_on_the_server() {
    let (stage, schema) = stage().await;
    // Of several statements in one text the proxy sends one: that is what a syntax error quotes.
    let known = !on_mariadb().await;
    let texts = [
        "CREATE FUNCTION js() RETURNS INT LANGUAGE JAVASCRIPT AS $$ let a = 'x'; return 1; $$; SELECT 1",
        "CREATE FUNCTION js2(a INT) RETURNS INT LANGUAGE JAVASCRIPT AS $t$ return $$1;$$; $T$ $t $t$; SELECT 2",
        "SELECT ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME LIKE 'js%' ORDER BY 1",
        "DROP FUNCTION IF EXISTS js; DROP FUNCTION IF EXISTS js2",
        "SELECT 1 AS a$b$; SELECT 2 AS x$$; SELECT 3",
        "SELECT d.$a$ FROM (SELECT 1 AS `$a$`) d; SELECT 2",
        "SELECT @$$ab; SELECT 2",
        "SELECT 1 AS $a$; SELECT 2 AS $a$",
        "SELECT /* $$ ; $$ */ 1; SELECT '$$'; SELECT 2",
        "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 65535, MESSAGE_TEXT = 'the last of all codes'",
        "SELECT 1; SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 65534; SELECT 2",
    ];
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage
            .pair(extras | CapabilityFlags::CLIENT_MULTI_STATEMENTS)
            .await;
        pair.query(format!("USE {schema}")).await;
        let texts = texts
            .iter()
            .filter(|sql| known || !sql.contains("JAVASCRIPT"));
        for sql in texts {
            pair.query(*sql).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn prepared_calls_give_rows_and_parameters() {
    let (stage, schema) = stage().await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        stage.run(&format!("TRUNCATE TABLE {schema}.log")).await;
        let mut pair = stage.pair(extras).await;
        pair.query(format!("USE {schema}")).await;
        pair.prepared("CALL two()", &[&[], &[]]).await;
        pair.prepared("CALL none()", &[&[]]).await;
        pair.prepared("CALL writes(?)", &[&[text("a")], &[text("b")]])
            .await;
        pair.prepared("CALL breaks()", &[&[]]).await;
        pair.prepared("CALL empty_rows()", &[&[]]).await;
        // To others MySQL says before the parameters that there is more, and not behind them: their answers
        // fall out of step. The proxy says it behind them to all.
        if extras.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
            let lists = [[int(1), null(), text("c")], [int(7), null(), text("ä")]];
            pair.prepared("CALL gives(?, ?, ?)", &[&lists[0], &lists[1]])
                .await;
        }
        pair.query("SELECT COUNT(*) FROM log").await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn statements_behind_each_other_may_need_several_shards() {
    let (stage, _) = stage().await;
    let rows = "INSERT INTO users VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4)";
    let commands = [
        "SELECT 1; SELECT id, name FROM users WHERE id > 0 ORDER BY id; SELECT 2",
        "SELECT COUNT(*) FROM users WHERE id > 0; SELECT MAX(n), MIN(n) FROM users WHERE id > 0; SELECT id FROM users WHERE id = 3",
        "SELECT id FROM users WHERE id > 0 ORDER BY id; SELECT nope FROM users; SELECT 3",
        "SELECT name FROM users WHERE id > 0 ORDER BY id DESC LIMIT 2; SELECT id FROM users WHERE id = 9",
        "SELECT DISTINCT name FROM users WHERE id > 0 ORDER BY 1;;",
        "SELECT u.id, (SELECT COUNT(*) FROM users) AS all_of_them FROM users u WHERE u.id > 0 ORDER BY u.id; SELECT 4",
        "BEGIN; SELECT SUM(n) FROM users WHERE id > 0; ROLLBACK; SELECT 5",
    ];
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage
            .pair(extras | CapabilityFlags::CLIENT_MULTI_STATEMENTS)
            .await;
        pair.change("DELETE FROM users WHERE id > 0").await;
        pair.change(rows).await;
        pair.queries(&commands).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

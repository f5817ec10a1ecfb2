//! Limits and rules hold on whatever way a statement takes: as text, prepared, by PREPARE and EXECUTE,
//! with a cursor, among several, with a file of the client's.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::{APP_PASSWORD, APP_USER, Place, SCHEMA, connect, connect_app};
use crate::file::{File, admin, log_in, refusal, reloaded};
use crate::raw::Raw;

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n\
                      [schemas.shop.tables.u]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n\
                      [schemas.shop.tables.everywhere]\nkind = \"broadcast\"\n";

async fn stage() -> (File, Place) {
    let place = Place::new().await;
    for table in ["t", "u", "everywhere"] {
        let definition = format!("CREATE TABLE {table} (id INT PRIMARY KEY, v INT)");
        place.everywhere(&definition).await;
    }
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let insert = format!(
            "INSERT INTO t VALUES ({position}, 0), ({}, 0)",
            position + 4
        );
        shard.query_drop(insert).await.unwrap();
    }
    (File::new(&place, TABLES), place)
}

/// Gives the application limits.
fn limit(file: &File, limits: &str) {
    let user = "password = \"app-secret\"";
    file.replace(user, &format!("{user}\nlimits = {{ {limits} }}"));
}

async fn code(app: &mut Conn, sql: &str) -> u16 {
    match app.query_drop(sql).await {
        Ok(()) => 0,
        refused => refusal(refused).0,
    }
}

async fn prepare(app: &mut Conn, name: &str, text: &str) {
    let sql = format!("PREPARE {name} FROM '{text}'");
    app.query_drop(sql).await.unwrap();
}

/// A file for LOAD DATA LOCAL that stops for a while after its first row.
fn give_file(app: &mut Conn, pause: Duration) {
    let rows = ["1\t7\n", "2\t7\n3\t7\n"];
    let file = futures_util::stream::iter(rows.into_iter().enumerate());
    let file = file.then(move |(number, row)| async move {
        if number > 0 {
            tokio::time::sleep(pause).await;
        }
        Ok(Bytes::from_static(row.as_bytes()))
    });
    app.set_infile_handler(async move { Ok(file.boxed()) });
}

const LOAD: &str = "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE t";

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_of_any_kind_runs_beside_another_where_one_may() {
    let (file, _place) = stage().await;
    limit(&file, "statements = 1");
    let proxy = file.proxy().await;
    let mut busy = connect_app(&proxy).await;
    let mut app = connect_app(&proxy).await;
    prepare(&mut app, "x", "SELECT v FROM t WHERE id = ?").await;
    app.query_drop("SET @id = 1").await.unwrap();
    let sleep = tokio::spawn(async move { busy.query_drop("SELECT SLEEP(15) FROM DUAL").await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    for sql in [
        "SELECT v FROM t WHERE id = 1",
        "SELECT v FROM t ORDER BY v",
        "SELECT t.id FROM t JOIN u ON t.v = u.v",
        "TABLE t",
        "INSERT INTO t VALUES (9, 9)",
        "INSERT INTO u SELECT id + 1, v FROM t",
        "UPDATE t SET v = 1",
        "UPDATE t SET id = 20 WHERE id = 0",
        "UPDATE t JOIN u ON t.v = u.v SET t.v = 2",
        "DELETE FROM t",
        "UPDATE everywhere SET v = 1",
        "CREATE TABLE more (id INT)",
        "ALTER TABLE t ADD COLUMN w INT",
        "ANALYZE TABLE t",
        "CALL nothing()",
        "EXECUTE x USING @id",
        "EXPLAIN SELECT v FROM t WHERE id = 1",
        "LOCK TABLES t READ",
        "SELECT 1; SELECT v FROM t",
        LOAD,
    ] {
        assert_eq!(code(&mut app, sql).await, 1226, "{sql}");
    }
    let prepared = app.prep("SELECT v FROM t ORDER BY v").await.unwrap();
    assert_eq!(refusal(app.exec_drop(&prepared, ()).await).0, 1226);
    for own in [
        "BEGIN",
        "SET @a = 1",
        "SHOW WARNINGS",
        "ROLLBACK",
        "USE shop",
    ] {
        assert_eq!(code(&mut app, own).await, 0, "{own}");
    }
    sleep.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_statement_is_limited_on_every_way() {
    let (file, place) = stage().await;
    limit(&file, "time = \"700ms\"");
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    prepare(&mut app, "x", "UPDATE t SET v = 8 WHERE id = 1").await;
    prepare(&mut app, "y", "UPDATE t SET v = 8").await;
    let update = app.prep("UPDATE t SET v = ? WHERE id = ?").await.unwrap();
    let mut holder = place.shard(1).await;
    holder.query_drop("BEGIN").await.unwrap();
    let lock = "UPDATE t SET v = 9 WHERE id = 1";
    holder.query_drop(lock).await.unwrap();
    for sql in [
        "EXECUTE x",
        "EXECUTE y",
        "INSERT INTO u SELECT id + 1, v FROM t FOR UPDATE",
        "UPDATE t SET id = 21 WHERE id = 1",
        "UPDATE t SET v = 8 ORDER BY id LIMIT 3",
        "REPLACE INTO t VALUES (1, 7), (2, 7)",
        "SELECT 1; UPDATE t SET v = 8",
    ] {
        timed_out(sql, app.query_drop(sql)).await;
        assert_eq!(code(&mut app, "SELECT v FROM t WHERE id = 2").await, 0);
    }
    timed_out("prepared", app.exec_drop(&update, (8, 1))).await;
    give_file(&mut app, Duration::ZERO);
    timed_out(LOAD, app.query_drop(LOAD)).await;
    holder.query_drop("ROLLBACK").await.unwrap();
    // The client's file takes its time, too; the error comes when the client has sent it.
    give_file(&mut app, Duration::from_secs(3));
    timed_out("a slow file", app.query_drop(LOAD)).await;
    let mut boss = admin(&proxy).await;
    let sum = "SELECT SUM(v), COUNT(*) FROM shop.t";
    let sum: Option<(i64, i64)> = boss.query_first(sum).await.unwrap();
    assert_eq!(sum, Some((0, 8)), "nothing is left of them");
}

async fn timed_out<T>(what: &str, run: impl Future<Output = Result<T, mysql_async::Error>>) {
    let began = Instant::now();
    let (code, message) = refusal(run.await);
    assert_eq!(code, 3024, "{what}: {message}");
    assert!(began.elapsed() < Duration::from_secs(25), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_limited_behind_execute_and_for_cursors() {
    let (file, _place) = stage().await;
    limit(&file, "rows = 5");
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    app.query_drop("SET @limit = 8").await.unwrap();
    for (text, using) in [
        ("SELECT id FROM t ORDER BY id", ""),
        ("SELECT id FROM t ORDER BY id LIMIT ?", "USING @limit"),
        (
            "SELECT a.id FROM t a JOIN t b ON a.v = b.v AND b.id = 1",
            "",
        ),
    ] {
        prepare(&mut app, "x", text).await;
        let execute = format!("EXECUTE x {using}");
        assert_eq!(code(&mut app, &execute).await, 1226, "{text}");
    }
    for sql in [
        "SELECT id FROM t ORDER BY id",
        "SELECT a.id FROM everywhere a JOIN everywhere b",
    ] {
        let mut raw = Raw::app(proxy.address(), Some(SCHEMA)).await;
        raw.query("REPLACE INTO everywhere VALUES (1, 1), (2, 2), (3, 3)")
            .await
            .unwrap();
        raw.prepare_first(sql, 1).await;
        let refused = raw.open_cursor().await.unwrap_err();
        assert_eq!(refused.code, 1226, "{sql}");
        assert_eq!(
            raw.query("SELECT id FROM t LIMIT 5").await.unwrap().len(),
            5
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_denies_texts_that_are_prepared_and_those_among_others() {
    let (file, _place) = stage().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut app = connect_app(&proxy).await;
    prepare(&mut app, "x", "DELETE FROM t").await;
    let rule = "[[rules]]\nname = \"keep\"\nuser = \"app\"\npattern = '^(delete from|load data local infile \\S+ replace into table) t$'\n\
                deny = \"say which rows\"\n";
    file.write(&format!("{}\n{rule}", file.first));
    assert_eq!(reloaded(&mut boss).await, ["rules.keep: added"]);
    for sql in [
        "EXECUTE x",
        "PREPARE y FROM 'DELETE FROM t'",
        "SELECT 1; DELETE FROM t",
        LOAD,
    ] {
        assert_eq!(code(&mut app, sql).await, 1227, "{sql}");
    }
    let count: Option<i64> = app.query_first("SELECT COUNT(*) FROM t").await.unwrap();
    assert_eq!(count, Some(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_holds_for_text_and_prepared_executions_together() {
    let (file, _place) = stage().await;
    let rule =
        "[[rules]]\nname = \"slow\"\npattern = \"^select v from t where\"\nrate = 1\nburst = 4\n";
    file.write(&format!("{}\n{rule}", file.first));
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    let prepared = app.prep("SELECT v FROM t WHERE id = ?").await.unwrap();
    prepare(&mut app, "x", "SELECT v FROM t WHERE id = 1").await;
    let (began, mut ran) = (Instant::now(), 0);
    for round in 0..15 {
        let done = match round % 3 {
            0 => app.exec_drop(&prepared, (1,)).await,
            1 => app.query_drop("EXECUTE x").await,
            _ => app.query_drop("SELECT v FROM t WHERE id = 1").await,
        };
        match done {
            Ok(()) => ran += 1,
            refused => assert_eq!(refusal(refused).0, 1226),
        }
    }
    let most = 4 + began.elapsed().as_secs() + 1;
    assert!((4..=most).contains(&ran), "{ran} of {most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_has_so_many_connections_however_they_come() {
    let (file, _place) = stage().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let first = connect_app(&proxy).await;
    let schema = "[schemas.shop]";
    file.replace(schema, &format!("{schema}\nlimits = {{ connections = 2 }}"));
    reloaded(&mut boss).await;
    let mut second = connect_app(&proxy).await;
    let (code_of_login, message) = refusal(log_in(&proxy, APP_PASSWORD).await);
    assert_eq!(code_of_login, 1226, "{message}");
    assert!(message.contains("'connections on shop'"), "{message}");
    let login = connect(proxy.address(), APP_USER, APP_PASSWORD, None);
    let mut third = login.await.expect("it is in no schema");
    third.query_drop("SELECT 1 FROM shop.t").await.unwrap();
    assert_eq!(code(&mut third, "USE shop").await, 1226);
    assert_eq!(code(&mut second, "USE shop").await, 0, "it has its place");
    second.query_drop("USE information_schema").await.unwrap();
    assert_eq!(code(&mut third, "USE shop").await, 0);
    assert_eq!(code(&mut second, "USE shop").await, 1226);
    first.disconnect().await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while code(&mut second, "USE shop").await != 0 {
        assert!(Instant::now() < end, "a place that was left stays taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    third.reset().await.unwrap();
    assert_eq!(code(&mut third, "SELECT 1 FROM t").await, 0);
    for (schema, full) in [(Some(SCHEMA), true), (None, false)] {
        let user = mysql_async::ChangeUserOpts::default();
        let user = user.with_db_name(schema.map(str::to_owned));
        third.change_user(user).await.unwrap();
        let login = log_in(&proxy, APP_PASSWORD).await;
        assert_eq!(login.is_err(), full, "{schema:?}: {login:?}");
    }
}

//! Limits and rules: who is refused what, in MySQL's words, and that a reload applies them.

use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::{APP_PASSWORD, Place, connect_app};
use crate::file::{File, admin, log_in, refusal, reloaded};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n";

async fn file() -> File {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
        .await;
    File::new(&place, TABLES)
}

/// Gives the application's user limits.
fn limit(file: &File, limits: &str) {
    let user = "password = \"app-secret\"";
    file.replace(user, &format!("{user}\nlimits = {{ {limits} }}"));
}

fn rules(file: &File, rules: &str) {
    file.write(&format!("{}\n{rules}\n", file.first));
}

async fn code(app: &mut Conn, statement: &str) -> u16 {
    refusal(app.query_drop(statement).await).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_so_many_connections_and_those_of_before_the_reload_count() {
    let file = file().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut first = connect_app(&proxy).await;
    let second = connect_app(&proxy).await;
    limit(&file, "connections = 2");
    assert_eq!(reloaded(&mut boss).await, ["users.app: changed"]);
    let (code, message) = refusal(log_in(&proxy, APP_PASSWORD).await);
    assert_eq!(code, 1203, "{message}");
    first.query_drop("SELECT 1").await.expect("it goes on");
    admin(&proxy).await.query_drop("SELECT 1").await.unwrap();
    second.disconnect().await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while log_in(&proxy, APP_PASSWORD).await.is_err() {
        assert!(Instant::now() < end, "a place that was left stays taken");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_statements_run_at_once_for_a_user_and_on_a_schema() {
    let file = file().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut waiting = connect_app(&proxy).await;
    let mut app = connect_app(&proxy).await;
    let schema = "[schemas.shop]";
    let on_schema = format!("{schema}\nlimits = {{ statements = 1 }}");
    for on_user in [true, false] {
        match on_user {
            true => limit(&file, "statements = 1"),
            false => file.replace(schema, &on_schema),
        }
        reloaded(&mut boss).await;
        let sleep = tokio::spawn(async move {
            let slept = waiting.query_drop("SELECT SLEEP(3) FROM DUAL").await;
            (waiting, slept)
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(code(&mut app, "SELECT * FROM t").await, 1226);
        let prepared = app.prep("SELECT v FROM t WHERE id = ?").await.unwrap();
        assert_eq!(refusal(app.exec_drop(&prepared, (1,)).await).0, 1226);
        app.query_drop("SET @a = 1").await.expect("not counted");
        app.query_drop("COMMIT").await.expect("not counted");
        let slept;
        (waiting, slept) = sleep.await.unwrap();
        slept.unwrap();
        app.query_drop("SELECT * FROM t").await.unwrap();
        app.exec_drop(&prepared, (1,)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_runs_for_too_long_is_ended_and_the_session_goes_on() {
    let file = file().await;
    limit(&file, "time = \"500ms\"");
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    for id in 0..8 {
        let row = format!("INSERT INTO t VALUES ({id}, {id})");
        app.query_drop(row).await.unwrap();
    }
    let mut boss = admin(&proxy).await;
    boss.query_drop("BEGIN").await.unwrap();
    boss.query_drop("UPDATE shop.t SET v = 9 WHERE id = 1")
        .await
        .unwrap();
    for (waiting, expected) in [
        ("UPDATE t SET v = 8 WHERE id = 1", 3024),
        ("SELECT v FROM t FOR UPDATE", 3024),
        ("UPDATE t SET v = 8", 3024),
    ] {
        let began = Instant::now();
        assert_eq!(code(&mut app, waiting).await, expected, "{waiting}");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(400), "{waiting}: {took:?}");
        assert!(took < Duration::from_secs(20), "{waiting}: {took:?}");
        app.query_drop("SELECT v FROM t WHERE id = 2")
            .await
            .expect("the session goes on");
    }
    boss.query_drop("ROLLBACK").await.unwrap();
    let changed: Option<i64> = app
        .query_first("SELECT COUNT(*) FROM t WHERE v <> id")
        .await
        .unwrap();
    assert_eq!(changed, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_denies_whatever_way_the_statement_takes() {
    let file = file().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut app = connect_app(&proxy).await;
    app.query_drop("INSERT INTO t VALUES (1, 1)").await.unwrap();
    let before = app.prep("DELETE FROM t").await.unwrap();
    rules(
        &file,
        "[[rules]]\nname = \"keep\"\nuser = \"app\"\npattern = '^delete from (shop\\.)?t$'\n\
         deny = \"say which rows\"\nlog = true\n",
    );
    assert_eq!(reloaded(&mut boss).await, ["rules.keep: added"]);
    for statement in [
        "DELETE FROM t",
        "delete/* */from `shop`.`t`",
        "/*!50000 DELETE */ FROM t",
    ] {
        let (code, message) = refusal(app.query_drop(statement).await);
        assert_eq!(code, 1227, "{statement}");
        assert!(
            message.contains("'keep': say which rows"),
            "{statement}: {message}"
        );
    }
    assert_eq!(refusal(app.exec_drop(&before, ()).await).0, 1227);
    let mut other = connect_app(&proxy).await;
    assert_eq!(refusal(other.prep("DELETE FROM t").await).0, 1227);
    let count: Option<i64> = app.query_first("SELECT COUNT(*) FROM t").await.unwrap();
    assert_eq!(count, Some(1));
    app.query_drop("DELETE FROM t WHERE id = 2").await.unwrap();
    boss.query_drop("DELETE FROM shop.t")
        .await
        .expect("another user's");
    file.write(&file.first);
    assert_eq!(reloaded(&mut boss).await, ["rules.keep: removed"]);
    app.query_drop("DELETE FROM t").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_holds_for_all_sessions_together_and_over_a_reload() {
    let file = file().await;
    let rule = "[[rules]]\nname = \"slow\"\nkind = \"select\"\nschema = \"shop\"\npattern = \"where id\"\nrate = 1\nburst = 4";
    rules(&file, rule);
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let (mut one, mut two) = (connect_app(&proxy).await, connect_app(&proxy).await);
    let began = Instant::now();
    let mut ran = 0;
    for round in 0..10 {
        for app in [&mut one, &mut two] {
            match app.query_drop("SELECT v FROM t WHERE id = 1").await {
                Ok(()) => ran += 1,
                refused => assert_eq!(refusal(refused).0, 1226),
            }
        }
        if round == 5 {
            rules(&file, &format!("{rule}\nlog = true"));
            reloaded(&mut boss).await;
        }
    }
    let most = 4 + began.elapsed().as_secs() + 1;
    assert!((4..=most).contains(&ran), "{ran} of {most}");
    one.query_drop("INSERT INTO t VALUES (1, 1)")
        .await
        .expect("another kind");
}

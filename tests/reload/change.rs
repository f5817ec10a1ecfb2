//! What a new configuration changes, for whom, and when.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::{APP_PASSWORD, Place, connect_app};
use crate::file::{File, admin, log_in, refusal, reload, reloaded};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n";

async fn place() -> Place {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
        .await;
    place
}

async fn number(connection: &mut Conn, statement: &str) -> i64 {
    connection.query_first(statement).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_different_is_nothing_that_changes() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    assert!(reloaded(&mut admin(&proxy).await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_users_with_admin_may_give_orders() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    for order in [
        "SHARDWELL RELOAD",
        "SHARDWELL DRAIN SERVER '127.0.0.1:1'",
        "SHARDWELL RESUME SERVER '127.0.0.1:1'",
    ] {
        assert_eq!(refusal(app.query_drop(order).await).0, 1227, "{order}");
    }
    let unknown = app.query_drop("SHARDWELL DANCE").await;
    assert_eq!(refusal(unknown).0, 1064);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_is_refused_whole_with_its_place_and_changes_nothing() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let wrong = file.first.replacen("app-secret", "other", 1);
    file.write(&wrong.replace("kind = \"mod\"", "kind = \"modd\""));
    let (code, message) = refusal(reload(&mut boss).await);
    assert_eq!(code, 1105);
    let line = 1 + wrong[..wrong.find("kind = \"mod\"").unwrap()]
        .matches('\n')
        .count();
    let place = format!("shardwell.toml:{line}:");
    assert!(
        message.contains(&place) && message.contains("modd"),
        "{message}"
    );
    log_in(&proxy, APP_PASSWORD)
        .await
        .expect("the old password");
    // What the servers refuse is refused too.
    file.replace("password = \"backend-secret\"", "password = \"wrong\"");
    let (code, message) = refusal(reload(&mut boss).await);
    assert!(
        code == 1105 && message.contains("refused the proxy's login"),
        "{message}"
    );
    let mut app = connect_app(&proxy).await;
    app.query_drop("INSERT INTO t VALUES (1, 1)").await.unwrap();
    file.write(&file.first);
    assert!(reloaded(&mut boss).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_count_for_new_logins_and_rights_for_the_next_statement() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    file.replace(
        "password = \"app-secret\"\nschemas = [\"shop\"]",
        "password = \"new\"\nschemas = [\"other\"]",
    );
    let other = "\n[schemas.other]\nshards = [\"a/nothing_is_here\"]\n";
    let text = std::fs::read_to_string(&file.path).unwrap() + other;
    file.write(&text);
    assert_eq!(
        reloaded(&mut boss).await,
        ["users.app: changed", "schemas.other: added"]
    );
    assert_eq!(refusal(app.query_drop("SELECT * FROM t").await).0, 1044);
    assert_eq!(refusal(log_in(&proxy, APP_PASSWORD).await).0, 1045);
    assert_eq!(
        refusal(log_in(&proxy, "new").await).0,
        1044,
        "no right to the schema"
    );
    file.write(&file.first);
    reloaded(&mut boss).await;
    app.query_drop("SELECT * FROM t")
        .await
        .expect("the old session, with its rights again");
    log_in(&proxy, APP_PASSWORD).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_ends_under_the_configuration_under_which_it_began() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    app.query_drop("BEGIN").await.unwrap();
    app.query_drop("INSERT INTO t VALUES (1, 1), (2, 2)")
        .await
        .unwrap();
    // From now on `t` is on the third shard alone.
    let shard = file.first.find("shards = ").unwrap();
    let third = file.first[shard..].split('"').nth(5).unwrap().to_owned();
    file.replace(
        "key = \"id\"\nalgorithm = { kind = \"mod\" }",
        &format!("kind = \"single\"\nshard = \"{third}\""),
    );
    assert_eq!(reloaded(&mut boss).await, ["schemas.shop: changed"]);
    app.query_drop("INSERT INTO t VALUES (3, 3)").await.unwrap();
    assert_eq!(number(&mut app, "SELECT COUNT(*) FROM t").await, 3);
    app.query_drop("COMMIT").await.unwrap();
    assert_eq!(
        number(&mut app, "SELECT COUNT(*) FROM t").await,
        1,
        "the row 2 is there"
    );
    file.write(&file.first);
    reloaded(&mut boss).await;
    assert_eq!(number(&mut app, "SELECT COUNT(*) FROM t").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_statements_and_variables_outlive_a_change_of_the_table() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    app.query_drop("SET @kept = 7, SESSION sort_buffer_size = 65536")
        .await
        .unwrap();
    let insert = app.prep("INSERT INTO t VALUES (?, ?)").await.unwrap();
    let find = app.prep("SELECT v FROM t WHERE id = ?").await.unwrap();
    app.exec_drop(&insert, (1, 10)).await.unwrap();
    file.replace("kind = \"mod\"", "kind = \"hash_mod\"");
    assert_eq!(reloaded(&mut boss).await, ["schemas.shop: changed"]);
    for id in 100..120 {
        app.exec_drop(&insert, (id, id)).await.unwrap();
        let found: Option<i64> = app.exec_first(&find, (id,)).await.unwrap();
        assert_eq!(found, Some(id));
    }
    assert_eq!(number(&mut app, "SELECT @kept").await, 7);
    assert_eq!(number(&mut app, "SELECT @@sort_buffer_size").await, 65536);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_restart_is_named_and_the_rest_holds() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    file.replace(
        "[server]",
        "[server]\nworker_threads = 3\nmax_connections = 2",
    );
    let expected = [
        "server.worker_threads: needs a restart",
        "server.max_connections: changed",
    ];
    assert_eq!(reloaded(&mut boss).await, expected);
    // It is named again for as long as it is so.
    assert_eq!(reloaded(&mut boss).await, expected[..1]);
    let mut second = log_in(&proxy, APP_PASSWORD).await.unwrap();
    assert_eq!(refusal(log_in(&proxy, APP_PASSWORD).await).0, 1040);
    assert_eq!(number(&mut second, "SELECT 1").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_servers_that_stay_stay_and_others_are_closed() {
    let place = place().await;
    place
        .everywhere("CREATE VIEW w AS SELECT id, CONNECTION_ID() AS me FROM t")
        .await;
    let file = File::new(
        &place,
        &format!("{TABLES}{}", TABLES.replace("tables.t", "tables.w")),
    );
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    let ids = "SELECT me FROM w WHERE id = ";
    app.query_drop("INSERT INTO t VALUES (0, 0), (2, 2)")
        .await
        .unwrap();
    let on_a = number(&mut app, &format!("{ids}0")).await;
    let on_b = number(&mut app, &format!("{ids}2")).await;
    // The servers of b are reached otherwise, those of a as before.
    file.replace(
        "[replica_sets.b]",
        "[replica_sets.b.backend]\nconnect_timeout = \"7s\"\n[replica_sets.b]",
    );
    assert_eq!(reloaded(&mut boss).await, ["replica_sets.b: changed"]);
    assert_eq!(number(&mut app, &format!("{ids}0")).await, on_a);
    assert_ne!(number(&mut app, &format!("{ids}2")).await, on_b);
    let shards = place.shards();
    let mut server = shards[2].0.admin().await.unwrap();
    for _ in 0..200 {
        let alive: Option<i64> = server
            .query_first(format!(
                "SELECT 1 FROM information_schema.processlist WHERE id = {on_b}"
            ))
            .await
            .unwrap();
        if alive.is_none() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the old connection was not closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_holds_a_connection_keeps_it_while_its_server_stays() {
    let place = place().await;
    let file = File::new(&place, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    app.query_drop("INSERT INTO t VALUES (2, 22)")
        .await
        .unwrap();
    app.query_drop("SELECT v FROM t WHERE id = 2 INTO @kept")
        .await
        .unwrap();
    // Another replica set comes before the one where the variable is.
    let plain = place.plain_address().await;
    let new = format!("[replica_sets.new]\nprimary = \"{plain}\"\n\n[replica_sets.b]");
    file.replace("[replica_sets.b]", &new);
    assert_eq!(
        reloaded(&mut boss).await,
        ["replica_sets.new: added", "schemas.shop: changed"]
    );
    assert_eq!(number(&mut app, "SELECT @kept").await, 22);
    assert_eq!(
        number(&mut app, "SELECT v + @kept FROM t WHERE id = 2").await,
        44
    );
    file.write(&file.first);
    reloaded(&mut boss).await;
    assert_eq!(number(&mut app, "SELECT @kept").await, 22);
}

/// A temporary table in a database that is no shard any more still hides what it hid.
#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_table_does_not_uncover_what_it_hides() {
    let place = place().await;
    let file = File::new(&place, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    app.query_drop("CREATE TEMPORARY TABLE t (id INT, v INT)")
        .await
        .unwrap();
    app.query_drop("INSERT INTO t VALUES (1, 1), (2, 2)")
        .await
        .unwrap();
    // All shards get other databases.
    let mut with_others = file.first.clone();
    for (server, database) in &place.shards() {
        let mut root = server.admin().await.unwrap();
        for statement in [
            format!("CREATE DATABASE {database}_other"),
            format!("CREATE TABLE {database}_other.t LIKE {database}.t"),
        ] {
            root.query_drop(statement).await.unwrap();
        }
        let other = format!("/{database}_other\"");
        with_others = with_others.replace(&format!("/{database}\""), &other);
    }
    file.write(&with_others);
    assert_eq!(reloaded(&mut boss).await, ["schemas.shop: changed"]);
    for statement in [
        "SELECT COUNT(*) FROM t",
        "INSERT INTO t VALUES (3, 3)",
        "DELETE FROM t",
        "DROP TABLE t",
    ] {
        let (code, message) = refusal(app.query_drop(statement).await);
        assert!(
            code == 1235 && message.contains("temporary table 't'"),
            "{statement}: {message}"
        );
        let (code, _) = refusal(app.exec_drop(statement, ()).await);
        assert_eq!(code, 1235, "{statement}");
    }
    let mut other = connect_app(&proxy).await;
    assert_eq!(number(&mut other, "SELECT COUNT(*) FROM t").await, 0);
    file.write(&file.first);
    reloaded(&mut boss).await;
    assert_eq!(number(&mut app, "SELECT COUNT(*) FROM t").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_locks_do_not_move_to_another_server() {
    let file = File::new(&place().await, TABLES);
    let proxy = file.proxy().await;
    let (mut boss, mut app) = (admin(&proxy).await, connect_app(&proxy).await);
    assert_eq!(number(&mut app, "SELECT GET_LOCK('reload', 0)").await, 1);
    let (head, tail) = file.first.split_once("[replica_sets.a]").unwrap();
    let (a, tail) = tail.split_once("[replica_sets.b]").unwrap();
    let (b, tail) = tail.split_once("[schemas.shop]").unwrap();
    file.write(&format!(
        "{head}[replica_sets.b]{b}[replica_sets.a]{a}[schemas.shop]{tail}"
    ));
    let (code, message) = refusal(reload(&mut boss).await);
    assert!(code == 1105 && message.contains("GET_LOCK"), "{message}");
    let mut other = connect_app(&proxy).await;
    assert_eq!(number(&mut other, "SELECT GET_LOCK('reload', 0)").await, 0);
    assert_eq!(number(&mut app, "SELECT RELEASE_LOCK('reload')").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_file_is_read_by_itself() {
    let file = File::new(&place().await, TABLES);
    let watched = file.first.replacen("reload_on_change = false", "", 1);
    file.write(&watched);
    let proxy = file.proxy().await;
    file.write(&watched.replacen("app-secret", "changed", 1));
    for _ in 0..300 {
        if log_in(&proxy, "changed").await.is_ok() {
            assert_eq!(refusal(log_in(&proxy, APP_PASSWORD).await).0, 1045);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the file was not read again");
}

//! SHOW SHARDWELL … and SHARDWELL KILL, as an operator types them.

use std::collections::BTreeMap;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::common::{
    APP_PASSWORD, APP_USER, Answer, Place, SCHEMA, ask, connect, connect_admin, connect_app,
    with_orders,
};
use crate::page::{get, with_admin};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"mod\"\n\
                      [schemas.shop.tables.regions]\nkind = \"broadcast\"";

/// A proxy with a sharded, a broadcast and a single table.
async fn shop() -> (Place, ProxyHandle) {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c INT)")
        .await;
    place
        .everywhere("CREATE TABLE regions (id BIGINT PRIMARY KEY)")
        .await;
    let mut shard = place.shard(2).await;
    shard
        .query_drop("CREATE TABLE settings (a INT)")
        .await
        .unwrap();
    let proxy = start_proxy(with_orders(&place.config(TABLES)))
        .await
        .unwrap();
    (place, proxy)
}

/// Rows by their columns' names; "NULL" for NULL.
pub async fn rows(connection: &mut Conn, sql: &str) -> Vec<BTreeMap<String, String>> {
    let Answer::Rows { columns, rows } = ask(connection, sql).await else {
        panic!("{sql} gives no rows");
    };
    let text = |value: Value| match value {
        Value::NULL => "NULL".to_owned(),
        Value::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
        other => other.as_sql(true),
    };
    let row = |row: Vec<Value>| {
        let values = row.into_iter().map(text);
        columns.iter().cloned().zip(values).collect()
    };
    rows.into_iter().map(row).collect()
}

/// One column of some rows.
fn column<'r>(rows: &'r [BTreeMap<String, String>], name: &str) -> Vec<&'r str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

#[tokio::test]
async fn what_there_is_can_be_listed() {
    let (place, proxy) = shop().await;
    let mut boss = connect_admin(&proxy).await;
    let shards = rows(&mut boss, "SHOW SHARDWELL SHARDS").await;
    assert_eq!(column(&shards, "Position"), ["0", "1", "2", "3"]);
    assert_eq!(column(&shards, "Replica_set"), ["a", "a", "b", "b"]);
    let databases = place.shards().map(|(_, database)| database);
    assert_eq!(column(&shards, "Database"), databases);

    let servers = rows(&mut boss, "SHOW SHARDWELL SERVERS").await;
    assert_eq!(column(&servers, "Role"), ["primary", "primary"]);
    assert_eq!(column(&servers, "Up"), ["yes", "yes"]);
    assert_eq!(column(&servers, "Drained"), ["no", "no"]);
    let pools = rows(&mut boss, "SHOW SHARDWELL POOLS").await;
    assert_eq!(column(&pools, "Server"), column(&servers, "Server"));

    let tables = rows(&mut boss, "SHOW SHARDWELL TABLES").await;
    let find = |name: &str| tables.iter().find(|row| row["Table"] == name).unwrap();
    assert_eq!(find("t")["Sharded"], "by id, mod");
    assert_eq!(find("regions")["Kind"], "broadcast");
    assert_eq!(find("settings")["Shard"], format!("b/{}", databases[2]));
    let some = rows(&mut boss, "SHOW SHARDWELL TABLES LIKE 'set%'").await;
    assert_eq!(column(&some, "Table"), ["settings"]);

    let variables = "SHOW SHARDWELL VARIABLES LIKE 'server.max\\_connections'";
    let variables = rows(&mut boss, variables).await;
    assert_eq!(column(&variables, "Value"), ["10000"]);
    let one = rows(&mut boss, "SHOW SHARDWELL POOLS LIMIT 1").await;
    assert_eq!(one.len(), 1);
    proxy.shutdown().await;
}

/// What SQL shows of sessions and servers is what HTTP shows.
#[tokio::test]
async fn sql_and_http_say_the_same() {
    let place = Place::new().await;
    let (config, address) = with_admin(&with_orders(&place.config("")), "");
    let proxy = start_proxy(config).await.unwrap();
    let mut boss = connect_admin(&proxy).await;
    let _app = connect_app(&proxy).await;
    let sessions = rows(&mut boss, "SHOW SHARDWELL SESSIONS").await;
    let body = get(address, "/sessions").await.body;
    let json: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    for (row, json) in sessions.iter().zip(&json) {
        assert_eq!(row["Id"], json["id"].to_string());
        assert_eq!(row["User"], json["user"].as_str().unwrap());
        assert_eq!(row["Client"], json["client"].as_str().unwrap());
    }
    let servers = rows(&mut boss, "SHOW SHARDWELL SERVERS").await;
    let body = get(address, "/topology").await.body;
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    let shown = &json["replica_sets"][1]["servers"][0];
    assert_eq!(servers[1]["Server"], shown["address"].as_str().unwrap());
    assert_eq!(shown["drained"], false);
    proxy.shutdown().await;
}

/// However the client writes it.
#[tokio::test]
async fn a_session_is_in_the_schema_as_the_proxy_calls_it() {
    let (_place, proxy) = shop().await;
    let mut boss = connect_admin(&proxy).await;
    let written = Some("INFORMATION_SCHEMA");
    let login = connect(proxy.address(), APP_USER, APP_PASSWORD, written);
    let mut app = login.await.unwrap();
    for sql in ["DO 1", "USE INFORMATION_SCHEMA"] {
        ask(&mut app, sql).await;
        let sessions = rows(&mut boss, "SHOW SHARDWELL SESSIONS").await;
        let mine = sessions.iter().find(|row| row["User"] == APP_USER);
        assert_eq!(mine.unwrap()["Schema"], "information_schema", "{sql}");
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn digests_tell_what_statements_took() {
    let (_place, proxy) = shop().await;
    let (mut boss, mut app) = (connect_admin(&proxy).await, connect_app(&proxy).await);
    for id in 0..8 {
        ask(&mut app, &format!("INSERT INTO t VALUES ({id}, 7)")).await;
    }
    ask(&mut app, "INSERT INTO t VALUES (3, 3)").await;
    ask(&mut app, "SELECT  id FROM `t` /* all */ ORDER BY id").await;
    let prepared = app.prep("SELECT c FROM t WHERE id = ?").await.unwrap();
    for id in [1, 1, 6] {
        let found: Option<i32> = app.exec_first(&prepared, (id,)).await.unwrap();
        assert_eq!(found, Some(7));
    }
    ask(&mut app, "SELECT c FROM t WHERE id = 5").await;
    let digests = rows(&mut boss, "SHOW SHARDWELL DIGESTS LIKE '% t %'").await;
    let figures = |statement: &str| {
        let found = digests.iter().filter(|row| row["Statement"] == statement);
        let figures = found.map(|row| {
            let cells = ["Schema", "Count", "Errors", "Rows", "Changed", "Shards"];
            cells.map(|name| row[name].as_str())
        });
        figures.collect::<Vec<_>>()
    };
    assert_eq!(
        figures("INSERT INTO t VALUES ( ?, ? )").len() + figures("INSERT INTO t VALUES (?)").len(),
        1,
        "{digests:#?}"
    );
    let inserts = digests
        .iter()
        .find(|row| row["Statement"].starts_with("INSERT"));
    let inserts = inserts.unwrap();
    assert_eq!((&*inserts["Count"], &*inserts["Errors"]), ("9", "1"));
    assert_eq!((&*inserts["Changed"], &*inserts["Shards"]), ("8", "1.0"));
    let all = [[SCHEMA, "1", "0", "8", "0", "4.0"]];
    assert_eq!(figures("SELECT id FROM t ORDER BY id"), all);
    // Prepared and not prepared: the placeholder is another literal.
    let points = figures("SELECT c FROM t WHERE id = ?");
    let counts: Vec<&str> = points.iter().map(|row| row[1]).collect();
    assert!(counts == ["3", "1"] || counts == ["1", "3"], "{points:?}");
    for row in &digests {
        let time = |name: &str| row[name].parse::<f64>().unwrap();
        assert!(time("Max_ms") >= time("Avg_ms"), "{row:?}");
        assert_eq!(row["Digest"].len(), 16);
    }
    let slowest = rows(&mut boss, "SHOW SHARDWELL DIGESTS LIMIT 1").await;
    assert_eq!(slowest.len(), 1);

    let plans = rows(&mut boss, "SHOW SHARDWELL PLANS LIKE 'select id from t %'").await;
    assert_eq!(column(&plans, "Several_shards"), ["merged"]);
    assert_eq!(column(&plans, "Goes_to"), ["the shards that t (id) says"]);
    proxy.shutdown().await;
}

#[tokio::test]
async fn orders_and_lists_are_for_those_who_may() {
    let (_place, proxy) = shop().await;
    let (mut boss, mut app) = (connect_admin(&proxy).await, connect_app(&proxy).await);
    for sql in [
        "SHOW SHARDWELL SESSIONS",
        "SHOW SHARDWELL DIGESTS",
        "SHOW SHARDWELL VARIABLES LIKE '%'",
        "SHARDWELL KILL 1",
    ] {
        let told = ask(&mut app, sql).await;
        assert!(
            matches!(told, Answer::Refused { code: 1227, .. }),
            "{sql}: {told:?}"
        );
    }
    for (sql, wanted) in [
        ("SHOW SHARDWELL NONSENSE", 1235),
        ("SHOW SHARDWELL POOLS LIMIT 1.5", 1210),
        ("SHOW SHARDWELL POOLS LIKE 5", 1210),
        ("SHARDWELL KILL 4000000000", 1094),
    ] {
        let told = ask(&mut boss, sql).await;
        assert!(
            matches!(told, Answer::Refused { code, .. } if code == wanted),
            "{sql}: {told:?}"
        );
    }
    // KILL is for one's own sessions, SHARDWELL KILL for all.
    let id: u32 = app
        .query_first("SELECT CONNECTION_ID()")
        .await
        .unwrap()
        .unwrap();
    let told = ask(&mut boss, &format!("KILL {id}")).await;
    assert!(
        matches!(told, Answer::Refused { code: 1095, .. }),
        "{told:?}"
    );
    ask(&mut boss, &format!("SHARDWELL KILL QUERY {id}")).await;
    assert_eq!(app.query_first::<u8, _>("SELECT 1").await.unwrap(), Some(1));
    ask(&mut boss, &format!("SHARDWELL KILL {id}")).await;
    assert!(app.query_drop("SELECT 1").await.is_err());
    proxy.shutdown().await;
}

//! EXPLAIN FORMAT=SHARDWELL and the SHARDWELL hints, through the proxy.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Answer, Place, ask, connect_app};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"mod\"";

async fn place() -> Place {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20))")
        .await;
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let row = format!("INSERT INTO users VALUES ({position}, 'on {position}')");
        shard.query_drop(row).await.unwrap();
    }
    place
}

async fn explained(app: &mut Conn, statement: &str) -> Vec<(String, String)> {
    let sql = format!("EXPLAIN FORMAT=SHARDWELL {statement}");
    app.query(sql).await.unwrap()
}

fn detail<'a>(lines: &'a [(String, String)], what: &str) -> &'a str {
    let found = lines.iter().find(|(name, _)| name == what);
    found.map_or("", |(_, detail)| detail)
}

#[tokio::test]
async fn an_explanation_names_the_shard_its_text_and_the_reason() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let lines = explained(&mut app, "SELECT name FROM users WHERE id = 6").await;
    let [_, _, (server, database), _] = place.shards().map(|(_, name)| ("b", name));
    let sql = format!("SELECT name FROM `{database}`.users WHERE id = 6");
    assert_eq!(detail(&lines, &format!("{server}/{database}")), sql);
    assert_eq!(detail(&lines, "sharded"), "shop.users by id, mod");
    assert_eq!(detail(&lines, "condition"), "id = 6");
    assert_eq!(detail(&lines, "route"), "one data node of 4");

    let lines = explained(&mut app, "SELECT name FROM users").await;
    assert_eq!(detail(&lines, "condition"), "nothing is said of id");
    assert_eq!(detail(&lines, "route"), "4 data nodes of 4");

    let lines = explained(
        &mut app,
        "SELECT SUM(id) OVER () FROM users WHERE name > 'a'",
    )
    .await;
    let cost = detail(&lines, "cost");
    for part in [
        "1 of 1 tables",
        "in 4 queries",
        "10000000 rows",
        "1073741824 bytes",
    ] {
        assert!(cost.contains(part), "{part}: {cost}");
    }
    let travels = detail(&lines, "gather shop.users");
    assert!(
        travels.ends_with("from 4 data nodes, where its condition holds"),
        "{travels}"
    );

    let lines = explained(&mut app, "DELETE FROM nowhere").await;
    assert!(detail(&lines, "refused").contains("1146"), "{lines:?}");
    for statement in ["SHOW WARNINGS", "SET autocommit = 0", "CREATE DATABASE x"] {
        assert!(
            !explained(&mut app, statement).await.is_empty(),
            "{statement}"
        );
    }
    app.query_drop("SET @id = 6").await.unwrap();
    let lines = explained(&mut app, "SELECT name FROM users WHERE id = @id").await;
    assert_eq!(detail(&lines, "condition"), "id = @id");
    assert_eq!(detail(&lines, "route"), "one data node of 4");
    // Nothing of that was carried out.
    let autocommit: Option<u8> = app.query_first("SELECT @@autocommit").await.unwrap();
    assert_eq!(autocommit, Some(1));
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_hint_leads_to_its_shard_and_leaves_no_warning() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    for (position, (_, database)) in place.shards().into_iter().enumerate() {
        let sql = format!("SELECT /*+ SHARDWELL(shard={database}) */ name FROM users");
        let names: Vec<String> = app.query(sql).await.unwrap();
        assert_eq!(names, [format!("on {position}")]);
        assert_eq!(app.get_warnings(), 0);
    }
    let [(_, first), ..] = place.shards();
    let refused = |code: u16, state: &str| Answer::Refused {
        code,
        state: state.to_owned(),
    };
    let table = [
        ("shard=nowhere", refused(1210, "HY000")),
        ("quick", refused(1210, "HY000")),
        ("scatter=off", refused(1235, "42000")),
    ];
    for (hint, expected) in table {
        let sql = format!("SELECT /*+ SHARDWELL({hint}) */ name FROM users");
        assert_eq!(ask(&mut app, &sql).await, expected, "{hint}");
    }
    let row = format!("INSERT /*+ SHARDWELL(shard={first}) */ INTO users VALUES (9, 'x')");
    assert_eq!(ask(&mut app, &row).await, refused(1210, "HY000"));
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

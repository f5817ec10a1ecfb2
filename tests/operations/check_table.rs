//! SHARDWELL CHECK TABLE: definitions that differ, rows that lie on the wrong shard.

use std::collections::BTreeMap;

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::admin_sql::rows;
use crate::common::{Answer, Place, ask, connect_admin, connect_app, with_orders};

const TABLES: &str = r#"
[schemas.shop.tables.t]
key = "id"
algorithm = "mod"
[schemas.shop.tables.people]
key = ["country", "born"]
algorithm = "hash_mod"
[schemas.shop.tables.parts]
key = "id"
algorithm = "mod"
split = { tables = "parts_{0..1}", key = "id", algorithm = "mod" }
[schemas.shop.tables.regions]
kind = "broadcast"
"#;

/// Findings of a kind: shard without its replica set, row, key, where it belongs.
fn found(all: &[BTreeMap<String, String>], check: &str) -> Vec<[String; 4]> {
    let of = all.iter().filter(|row| row["Check"] == check);
    let own = |name: &str| {
        name.split_once('/')
            .map_or(name, |(_, name)| name)
            .to_owned()
    };
    of.map(|row| {
        [
            own(&row["Shard"]),
            row["Row"].clone(),
            row["Key"].clone(),
            own(&row["Belongs_to"]),
        ]
    })
    .collect()
}

fn details<'r>(all: &'r [BTreeMap<String, String>], check: &str) -> Vec<&'r str> {
    let of = all.iter().filter(|row| row["Check"] == check);
    of.map(|row| row["Detail"].as_str()).collect()
}

/// A proxy with tables of several rules, with 40 rows in each, placed by the proxy.
async fn filled(place: &Place) -> ProxyHandle {
    for sql in [
        "CREATE TABLE t (id BIGINT PRIMARY KEY, c INT)",
        "CREATE TABLE people (country VARCHAR(20) COLLATE utf8mb4_general_ci, born DATE, n INT)",
        "CREATE TABLE parts_0 (id BIGINT PRIMARY KEY)",
        "CREATE TABLE parts_1 (id BIGINT PRIMARY KEY)",
        "CREATE TABLE regions (id INT PRIMARY KEY)",
    ] {
        place.everywhere(sql).await;
    }
    let config = with_orders(&place.config(TABLES));
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    for id in 0..40 {
        let (country, year) = (id % 5, 1950 + id);
        for sql in [
            format!("INSERT INTO t VALUES ({id}, 1)"),
            format!("INSERT INTO parts VALUES ({id})"),
            format!("INSERT INTO people VALUES ('Land {country}', '{year}-02-03', {id})"),
        ] {
            let done = ask(&mut app, &sql).await;
            assert!(matches!(done, Answer::Done { .. }), "{sql}: {done:?}");
        }
    }
    proxy
}

#[tokio::test]
async fn rows_that_the_proxy_placed_are_where_they_belong() {
    let place = Place::new().await;
    let proxy = filled(&place).await;
    let mut boss = connect_admin(&proxy).await;
    for table in ["t", "people", "parts"] {
        let clean = rows(&mut boss, &format!("SHARDWELL CHECK TABLE {table}")).await;
        let wrong = clean.iter().filter(|row| row["Check"] != "rows");
        assert_eq!(wrong.count(), 0, "{clean:#?}");
        let counts = details(&clean, "rows").into_iter();
        let counts = counts.map(|text| text.split_once(' ').unwrap().0.parse::<u32>().unwrap());
        assert_eq!(counts.sum::<u32>(), 40, "{clean:#?}");
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn rows_on_the_wrong_shard_are_listed_with_where_they_belong() {
    let place = Place::new().await;
    let proxy = filled(&place).await;
    let mut boss = connect_admin(&proxy).await;
    let mut one = place.shard(1).await;
    for sql in [
        "INSERT INTO t VALUES (100, 1), (101, 1), (-2, 1)",
        "INSERT INTO parts_0 VALUES (101)",
        "INSERT INTO people VALUES (NULL, '2000-01-01', 7), ('Côte', '2000-01-01', 8)",
    ] {
        one.query_drop(sql).await.unwrap();
    }
    let [s0, s1, s2, _] = place.shards().map(|(_, database)| database);

    let misplaced = rows(&mut boss, "SHARDWELL CHECK TABLE shop.t").await;
    let expected = [(-2, &s2), (100, &s0)].map(|(id, belongs)| {
        let named = format!("id={id}");
        [s1.clone(), named.clone(), named, belongs.clone()]
    });
    assert_eq!(found(&misplaced, "misplaced"), expected, "{misplaced:#?}");
    let counted = details(&misplaced, "rows");
    assert_eq!(counted[1], "13 rows, 2 of them in a wrong place");

    // As docs/runbook.md has it.
    let here = format!("/*+ SHARDWELL(shard=a/{s1}) */");
    let seen = rows(&mut boss, &format!("SELECT {here} * FROM t WHERE id = 100")).await;
    assert_eq!(seen.len(), 1);
    boss.query_drop("INSERT INTO t VALUES (100, 1)")
        .await
        .unwrap();
    let delete = format!("DELETE {here} FROM t WHERE id = 100");
    boss.query_drop(delete).await.unwrap();
    let left = rows(&mut boss, "SHARDWELL CHECK TABLE t").await;
    let left: Vec<String> = found(&left, "misplaced")
        .into_iter()
        .map(|[_, row, ..]| row)
        .collect();
    assert_eq!(left, ["id=-2"]);
    let kept: Option<i64> = boss
        .query_first("SELECT id FROM t WHERE id = 100")
        .await
        .unwrap();
    assert_eq!(kept, Some(100));

    let parts = rows(&mut boss, "SHARDWELL CHECK TABLE parts").await;
    let named = "id=101".to_owned();
    let belongs = format!("{s1}.parts_1");
    let expected = [[format!("{s1}.parts_0"), named.clone(), named, belongs]];
    assert_eq!(found(&parts, "misplaced"), expected, "{parts:#?}");

    let people = rows(&mut boss, "SHARDWELL CHECK TABLE people").await;
    let expected = ["NULL", "Côte"].map(|country| {
        let key = format!("country={country}, born=2000-01-01");
        [s1.clone(), "NULL".to_owned(), key, "NULL".to_owned()]
    });
    assert_eq!(found(&people, "unplaced"), expected, "{people:#?}");
    proxy.shutdown().await;
}

#[tokio::test]
async fn shards_that_define_a_table_differently_are_named() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c INT)")
        .await;
    place
        .everywhere("CREATE TABLE regions (id INT PRIMARY KEY)")
        .await;
    let proxy = start_proxy(with_orders(&place.config(TABLES)))
        .await
        .unwrap();
    let mut boss = connect_admin(&proxy).await;
    let same = rows(&mut boss, "SHARDWELL CHECK TABLE regions").await;
    assert_eq!(details(&same, "definition"), [""; 0]);
    let mut two = place.shard(2).await;
    two.query_drop("ALTER TABLE regions ADD COLUMN name CHAR(5)")
        .await
        .unwrap();
    two.query_drop("ALTER TABLE t ADD INDEX (c)").await.unwrap();
    let regions = rows(&mut boss, "SHARDWELL CHECK TABLE regions").await;
    let told = details(&regions, "definition").join("; ");
    assert!(
        told.contains("column 'name'") && told.contains("char(5)"),
        "{told}"
    );
    let t = rows(&mut boss, "SHARDWELL CHECK TABLE t").await;
    assert!(
        details(&t, "definition").join("; ").contains("index 'c'"),
        "{t:#?}"
    );
    assert_eq!(details(&t, "rows").len(), 4);

    for (sql, code) in [
        ("SHARDWELL CHECK TABLE nothing", 1146),
        ("SHARDWELL CHECK TABLE no.t", 1049),
    ] {
        let told = ask(&mut boss, sql).await;
        assert!(
            matches!(told, Answer::Refused { code: is, .. } if is == code),
            "{told:?}"
        );
    }
    proxy.shutdown().await;
}

/// More rows than a page has, and more misplaced ones than are listed.
#[tokio::test]
async fn a_long_table_is_read_in_pages_and_the_list_is_bounded() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c INT)")
        .await;
    let mut one = place.shard(1).await;
    for start in (0..50_000_u32).step_by(5000) {
        let values = (start..start + 5000).map(|id| format!("({id}, 0)"));
        let values = values.collect::<Vec<_>>().join(",");
        one.query_drop(format!("INSERT INTO t VALUES {values}"))
            .await
            .unwrap();
    }
    let proxy = start_proxy(with_orders(&place.config(TABLES)))
        .await
        .unwrap();
    let mut boss = connect_admin(&proxy).await;
    let checked = rows(&mut boss, "SHARDWELL CHECK TABLE t").await;
    assert_eq!(found(&checked, "misplaced").len(), 1000);
    let counted = details(&checked, "rows");
    assert_eq!(counted[1], "50000 rows, 37500 of them in a wrong place");
    proxy.shutdown().await;
}

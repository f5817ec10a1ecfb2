//! Ids for new rows on real servers: no two alike whichever proxy gives them.
//!
//! `SHARDWELL_IDS=1000000` makes so many; without it some thousands.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use common::{Place, connect_app};
use futures_util::future::join_all;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::demo::proxy::ProxyHandle;

/// Proxies, and clients of each.
const PROXIES: usize = 3;
const CLIENTS: usize = 2;

/// Rows of one INSERT.
const ROWS: usize = 250;

fn tables(database: &str) -> String {
    format!(
        r#"
[transactions]
database = "{database}"
[schemas.shop.tables.flakes]
key = "id"
algorithm = "hash_mod"
generate = {{ column = "id", kind = "snowflake" }}
[schemas.shop.tables.blocks]
key = "id"
algorithm = "hash_mod"
generate = {{ column = "id", kind = "segment", block = 700, start = 5 }}
[schemas.shop.tables.papers]
key = "id"
algorithm = "hash_mod"
generate = {{ column = "id", kind = "uuid_v7" }}
[schemas.shop.tables.letters]
key = "id"
algorithm = "hash_mod"
generate = {{ column = "id", kind = "uuid_v7" }}
[schemas.shop.tables.orders]
key = "user_id"
algorithm = "mod"
generate = {{ column = "id", kind = "snowflake" }}
"#
    )
}

/// A place with the tables, and the proxies' own database for it alone.
async fn place() -> (Place, String) {
    let place = Place::new().await;
    let id = "id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY";
    for name in ["flakes", "blocks"] {
        let create = format!("CREATE TABLE {name} ({id}, n INT)");
        place.everywhere(&create).await;
    }
    for (name, id) in [("papers", "BINARY(16)"), ("letters", "CHAR(36)")] {
        let create =
            format!("CREATE TABLE {name} (id {id} NOT NULL PRIMARY KEY, client INT, n INT)");
        place.everywhere(&create).await;
    }
    let orders = format!(
        "CREATE TABLE orders ({id}, user_id INT, code CHAR(4), n INT, UNIQUE (user_id, code))"
    );
    place.everywhere(&orders).await;
    let own = format!("own_{}", place.name());
    (place, own)
}

async fn proxies(place: &Place, own: &str, count: usize) -> Vec<ProxyHandle> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(place.proxy(&tables(own)).await);
    }
    all
}

/// Every id of a table, from the shards.
async fn ids(place: &Place, table: &str) -> Vec<u64> {
    let mut all = Vec::new();
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let ids: Vec<u64> = shard
            .query(format!("SELECT id FROM {table}"))
            .await
            .unwrap();
        all.extend(ids);
    }
    all
}

async fn number(connection: &mut Conn, sql: &str) -> u64 {
    connection.query_first(sql).await.unwrap().unwrap()
}

/// The error of a statement.
async fn refusal(connection: &mut Conn, sql: &str) -> String {
    connection.query_drop(sql).await.unwrap_err().to_string()
}

/// Inserts rows until there are `wanted`, in statements of one row and of many. The ids of each
/// follow those that it was told.
async fn insert(proxy: &ProxyHandle, table: &str, wanted: usize) -> HashSet<u64> {
    let mut connection = connect_app(proxy).await;
    let mut told = HashSet::new();
    let mut rows = 1;
    while told.len() < wanted {
        let values = vec!["(1)"; rows].join(", ");
        let sql = format!("INSERT INTO {table} (n) VALUES {values}");
        connection.query_drop(sql).await.unwrap();
        let first = connection.last_insert_id().unwrap();
        assert!((first..first + rows as u64).all(|id| told.insert(id)));
        rows = if rows == 1 { ROWS } else { 1 };
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn several_proxies_give_no_id_twice() {
    let wanted = std::env::var("SHARDWELL_IDS").ok();
    let wanted: usize = wanted.map_or(12_000, |wanted| wanted.parse().unwrap());
    let (place, own) = place().await;
    let proxies = proxies(&place, &own, PROXIES).await;
    for table in ["flakes", "blocks"] {
        let each = wanted / 2 / PROXIES / CLIENTS;
        let clients = proxies.iter().flat_map(|proxy| {
            (0..CLIENTS).map(move |_| async move { insert(proxy, table, each).await })
        });
        let told = join_all(clients).await;
        let count: usize = told.iter().map(HashSet::len).sum();
        let told: HashSet<u64> = told.into_iter().flatten().collect();
        assert_eq!(told.len(), count, "{table}: an id was told twice");
        let stored = ids(&place, table).await;
        assert_eq!(stored.len(), count, "{table}");
        let stored: HashSet<u64> = stored.into_iter().collect();
        assert!(
            stored == told,
            "{table}: the rows have other ids than were told"
        );
        if table == "flakes" {
            let workers: HashSet<u64> = told.iter().map(|id| id >> 12 & 0x3FF).collect();
            assert_eq!(workers.len(), PROXIES);
        } else {
            assert_eq!(told.iter().min(), Some(&5));
        }
    }
}

/// Inserts rows until there are `wanted`, in statements of one row and of many, each with its number.
async fn insert_numbered(proxy: &ProxyHandle, table: &str, (client, wanted): (usize, usize)) {
    let mut connection = connect_app(proxy).await;
    let (mut done, mut rows) = (0, 1);
    while done < wanted {
        let values: Vec<String> = (done..done + rows)
            .map(|n| format!("({client}, {n})"))
            .collect();
        let sql = format!(
            "INSERT INTO {table} (client, n) VALUES {}",
            values.join(", ")
        );
        connection.query_drop(sql).await.unwrap();
        assert_eq!(connection.last_insert_id().unwrap_or(0), 0);
        done += rows;
        rows = if rows == 1 { ROWS } else { 1 };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_proxies_give_no_uuid_twice_and_each_client_gets_them_in_order() {
    let (place, own) = place().await;
    let proxies = proxies(&place, &own, PROXIES).await;
    for table in ["papers", "letters"] {
        let clients = proxies.iter().enumerate().flat_map(|(at, proxy)| {
            let numbers = (0..CLIENTS).map(move |client| at * CLIENTS + client);
            numbers.map(move |client| insert_numbered(proxy, table, (client, 1000)))
        });
        join_all(clients).await;
        let mut connection = connect_app(&proxies[0]).await;
        let sql = format!("SELECT client, n, id FROM {table} ORDER BY client, n");
        let stored: Vec<(usize, usize, Vec<u8>)> = connection.query(sql).await.unwrap();
        assert!(stored.len() >= PROXIES * CLIENTS * 1000, "{table}");
        for pair in stored.windows(2) {
            let ((client, _, id), (next_client, _, next)) = (&pair[0], &pair[1]);
            assert!(client != next_client || id < next, "{table}: {pair:?}");
        }
        let distinct: HashSet<&Vec<u8>> = stored.iter().map(|(_, _, id)| id).collect();
        assert_eq!(distinct.len(), stored.len(), "{table}");
    }
}

#[tokio::test]
async fn a_column_of_mariadbs_type_gets_uuids() {
    if common::servers().await.flavor() != Flavor::MariaDb {
        return;
    }
    let place = Place::new().await;
    let create = "CREATE TABLE cards (id UUID PRIMARY KEY, n INT)";
    place.everywhere(create).await;
    let cards = "[schemas.shop.tables.cards]\nkey = \"n\"\nalgorithm = \"mod\"\n\
                 generate = { column = \"id\", kind = \"uuid_v7\" }\n";
    let proxy = place.proxy(cards).await;
    let mut connection = connect_app(&proxy).await;
    let insert = "INSERT INTO cards (n) VALUES (1), (2), (3), (4)";
    connection.query_drop(insert).await.unwrap();
    let sql = "SELECT id FROM cards ORDER BY n";
    let ids: Vec<String> = connection.query(sql).await.unwrap();
    assert_eq!(ids.len(), 4);
    assert!(ids.is_sorted() && ids.iter().all(|id| id[14..].starts_with('7')));
}

/// What a column cannot hold is said when the proxy starts, and by statements on the table.
#[tokio::test]
async fn a_column_that_holds_no_uuids_is_refused() {
    let (place, own) = place().await;
    place
        .everywhere("ALTER TABLE letters MODIFY id CHAR(32)")
        .await;
    let proxy = place.proxy(&tables(&own)).await;
    let mut connection = connect_app(&proxy).await;
    let error = refusal(&mut connection, "INSERT INTO letters (n) VALUES (1)").await;
    assert!(
        error.contains("it is char(32), and ids of kind \"uuid_v7\" need BINARY(16)"),
        "{error}"
    );
}

/// Of rows that may be left out or updated, the first one that is new tells its id.
#[tokio::test]
async fn the_first_row_that_is_new_tells_its_id() {
    let (place, own) = place().await;
    let proxy = place.proxy(&tables(&own)).await;
    let mut connection = connect_app(&proxy).await;
    let fill = "INSERT INTO orders (user_id, code) VALUES (1, 'a'), (2, 'a'), (3, 'a')";
    connection.query_drop(fill).await.unwrap();
    let statements = [
        (
            "INSERT IGNORE INTO orders (user_id, code) VALUES (1, 'a'), (2, 'b'), (2, 'a'), (3, 'b')",
            2,
            'b',
        ),
        (
            "INSERT INTO orders (user_id, code) VALUES (3, 'a'), (3, 'c'), (1, 'c') ON DUPLICATE KEY UPDATE n = 1",
            3,
            'c',
        ),
    ];
    for (sql, user, code) in statements {
        connection.query_drop(sql).await.unwrap();
        let told = connection.last_insert_id().unwrap();
        let last = number(&mut connection, "SELECT LAST_INSERT_ID()").await;
        let find = format!("SELECT id FROM orders WHERE user_id = {user} AND code = '{code}'");
        let stored = number(&mut connection, &find).await;
        assert_eq!((told, last), (stored, stored), "{sql}");
    }
    let before = number(&mut connection, "SELECT LAST_INSERT_ID()").await;
    let none = "INSERT IGNORE INTO orders (user_id, code) VALUES (1, 'a'), (2, 'a')";
    connection.query_drop(none).await.unwrap();
    let told = connection.last_insert_id();
    assert_eq!(told.unwrap_or(0), 0);
    let after = number(&mut connection, "SELECT LAST_INSERT_ID()").await;
    assert_eq!(after, before);
}

/// A proxy whose worker number another one has taken goes on with another number.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_number_is_not_used_on() {
    let (place, own) = place().await;
    let proxy = place.proxy(&tables(&own)).await;
    let mut connection = connect_app(&proxy).await;
    let worker = async |connection: &mut Conn| {
        let insert = "INSERT INTO flakes (n) VALUES (1)";
        connection.query_drop(insert).await.unwrap();
        connection.last_insert_id().unwrap() >> 12 & 0x3FF
    };
    assert_eq!(worker(&mut connection).await, 0);
    let mut home = place.shard(0).await;
    let take = format!("UPDATE {own}.workers SET holder = 'another', granted = granted + 60000");
    home.query_drop(take).await.unwrap();
    let began = Instant::now();
    while worker(&mut connection).await == 0 {
        assert!(began.elapsed() < Duration::from_secs(50), "it uses it on");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let ids = ids(&place, "flakes").await;
    let distinct: HashSet<u64> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len());
}

/// Where no worker number is free, rows that need ids are refused, and others are not.
#[tokio::test]
async fn without_a_worker_number_there_are_no_ids() {
    let (place, own) = place().await;
    let first = place.proxy(&tables(&own)).await;
    let mut connection = connect_app(&first).await;
    let insert = "INSERT INTO flakes (n) VALUES (1)";
    connection.query_drop(insert).await.unwrap();
    let mut home = place.shard(0).await;
    let rows: Vec<String> = (1..1024)
        .map(|n| format!("({n}, 'x', 0, 99999999999999)"))
        .collect();
    let fill = format!("INSERT INTO {own}.workers VALUES {}", rows.join(", "));
    home.query_drop(fill).await.unwrap();
    let second = place.proxy(&tables(&own)).await;
    let mut refused = connect_app(&second).await;
    let error = refusal(&mut refused, insert).await;
    let expected = "all 1024 worker numbers are leased";
    assert!(
        error.contains("1467") && error.contains(expected),
        "{error}"
    );
    refused
        .query_drop("INSERT INTO flakes VALUES (17, 1)")
        .await
        .unwrap();
    refused
        .query_drop("INSERT INTO blocks (n) VALUES (1)")
        .await
        .unwrap();
    // Its proxy has ended: the number is free again.
    let free = format!("UPDATE {own}.workers SET renewed = 0 WHERE worker = 900");
    home.query_drop(free).await.unwrap();
    refused.query_drop(insert).await.unwrap();
    let id = refused.last_insert_id().unwrap();
    assert_eq!(id >> 12 & 0x3FF, 900);
}

/// Prepared statements get them too; EXPLAIN says what gets them.
#[tokio::test]
async fn what_gets_ids_is_told() {
    let (place, own) = place().await;
    let proxy = place.proxy(&tables(&own)).await;
    let mut connection = connect_app(&proxy).await;
    let insert = "INSERT INTO flakes (n) VALUES (?)";
    connection.exec_drop(insert, (1,)).await.unwrap();
    assert!(connection.last_insert_id().is_some_and(|id| id > 1 << 22));
    let explain = "EXPLAIN FORMAT=SHARDWELL INSERT INTO orders (user_id) VALUES (1), (5)";
    let lines: Vec<(String, String)> = connection.query(explain).await.unwrap();
    let told = &lines.first().unwrap().1;
    assert!(
        told.starts_with("column 'id' gets an id (snowflake) in every row"),
        "{told}"
    );
    assert!(
        lines
            .iter()
            .any(|(_, text)| text.contains("(1, 1), (5, 2)")),
        "{lines:?}"
    );
    let explain = "EXPLAIN FORMAT=SHARDWELL INSERT INTO letters (n) VALUES (1), (5)";
    let lines: Vec<(String, String)> = connection.query(explain).await.unwrap();
    let told = &lines.first().unwrap().1;
    assert!(
        told.ends_with("(uuid_v7) in every row; here UUIDs that end in 1, 2, … stand for them"),
        "{told}"
    );
    let rows = vec!["(1)"; 4097].join(", ");
    let many = format!("INSERT INTO flakes (n) VALUES {rows}");
    let error = refusal(&mut connection, &many).await;
    assert!(
        error.contains("1235") && error.contains("more than 4096 new ids"),
        "{error}"
    );
    assert_eq!(ids(&place, "flakes").await.len(), 1);
}

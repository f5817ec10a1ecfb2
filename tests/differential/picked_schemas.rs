//! UPDATE and DELETE over tables of two schemas, whose shards are not the same.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::common::{PASSWORD, Place, USER, connect, servers};
use super::pair::{Stage, assert_same};

/// `shop` stands for the place's name.
const TABLES: &str = r#"
[schemas.shop.tables.people]
key = "id"
algorithm = "hash_mod"
[schemas.shop_x]
shards = ["a/shop_x_0", "b/shop_x_1"]
[schemas.shop_x.tables.buys]
key = "buy"
algorithm = "hash_mod"
[schemas.shop_x.tables.cats]
kind = "broadcast"
"#;

const PEOPLE: &str = "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(20), age INT)";

const OTHERS: [&str; 4] = [
    "CREATE TABLE buys (buy INT PRIMARY KEY, person INT, total INT)",
    "CREATE TABLE cats (cat INT PRIMARY KEY, title VARCHAR(20))",
    "CREATE TABLE people (id INT PRIMARY KEY, age INT)",
    "INSERT INTO cats VALUES (1, 'one'), (2, 'two')",
];

const STATEMENTS: &[&str] = &[
    "INSERT INTO people VALUES (1, 'ann', 1), (2, 'bob', 2), (3, 'cyd', 3), (4, 'dan', 4)",
    "INSERT INTO shop_x.buys VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30), (4, 4, 40), (5, 9, 50)",
    "UPDATE people SET age = age + 1 WHERE id IN (SELECT person FROM shop_x.buys)",
    "UPDATE people p JOIN shop_x.buys b ON b.person = p.id SET p.age = b.total, p.name = 'x' WHERE b.buy > 1",
    "UPDATE shop_x.buys SET total = (SELECT MAX(age) FROM people) WHERE person IN (SELECT id FROM people)",
    "UPDATE people JOIN shop_x.buys ON buys.person = people.id SET people.age = people.age + 3, buys.total = buys.buy",
    "UPDATE people JOIN shop_x.people x ON x.id = people.id SET people.age = 50, x.age = people.id",
    "UPDATE people SET name = (SELECT title FROM shop_x.cats WHERE cat = id) WHERE EXISTS (SELECT * FROM \
     shop_x.buys WHERE person = people.id)",
    "SELECT * FROM people ORDER BY id",
    "DELETE people, x FROM shop.people JOIN shop_x.people x ON x.id = people.id WHERE x.id = 1",
    "DELETE people FROM people JOIN shop_x.buys ON buys.person = people.id WHERE total > 3",
    "DELETE FROM shop_x.buys WHERE person NOT IN (SELECT id FROM people)",
    "UPDATE people SET age = 1 WHERE id IN (SELECT person FROM shop_x.nope)",
    "UPDATE people SET age = 1 WHERE id IN (SELECT nope FROM shop_x.buys)",
    "BEGIN",
    "UPDATE shop_x.buys SET total = 8 WHERE person IN (SELECT id FROM people)",
    "UPDATE people SET age = 8 WHERE id IN (SELECT person FROM shop_x.buys)",
    "ROLLBACK",
    "UPDATE people SET age = 9 WHERE id NOT IN (SELECT person FROM shop_x.buys)",
];

/// Names of columns and of tables to be deleted from that begin with a schema.
const REFUSED: [&str; 2] = [
    "UPDATE shop.people JOIN shop_x.buys ON shop_x.buys.person = shop.people.id SET shop.people.age = \
     shop.people.age + 4, shop_x.buys.total = shop.people.id",
    "DELETE shop.people, x FROM shop.people JOIN shop_x.people x ON x.id = people.id",
];

#[tokio::test]
async fn rows_of_two_schemas_are_written_as_by_one_server() {
    let place = Place::new().await;
    let of = |sql: &str| sql.replace("shop", place.name());
    let all = servers().await;
    let other = [
        (&all.a, of("shop_x_0")),
        (&all.b, of("shop_x_1")),
        (all.plain().await, of("shop_x")),
    ];
    for (at, (server, database)) in other.iter().enumerate() {
        let mut admin = server.admin().await.unwrap();
        let create = format!("CREATE DATABASE {database}");
        admin.query_drop(create).await.unwrap();
        let address = server.address();
        let mut shard = connect(address, USER, PASSWORD, Some(database))
            .await
            .unwrap();
        for sql in OTHERS {
            // A single table is on one of them.
            if at != 1 || !sql.contains("people") {
                shard.query_drop(sql).await.unwrap();
            }
        }
    }
    let statements: Vec<String> = STATEMENTS.iter().map(|sql| of(sql)).collect();
    let name = place.name().to_owned();
    let stage = Stage::at(place, TABLES, &[PEOPLE], &[]).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let mut refused = Vec::new();
    for sql in &statements {
        if pair.change_or_refusal(sql).await {
            refused.push(sql);
        }
    }
    let never: Vec<String> = REFUSED
        .iter()
        .map(|sql| sql.replace("shop", &name))
        .collect();
    let never: Vec<&str> = never.iter().map(String::as_str).collect();
    pair.refusals(&never).await;
    pair.change(&format!("SELECT * FROM {name}_x.buys ORDER BY buy"))
        .await;
    pair.change(&format!("SELECT * FROM {name}_x.people ORDER BY id"))
        .await;
    assert_same(&pair.into_differences("two schemas"));
    assert_same(&stage.different_rows(&["SELECT * FROM people"]).await);
    assert!(refused.is_empty(), "{refused:#?}");
}

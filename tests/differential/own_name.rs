//! USER() and its like tell the client's own account, not the proxy's on the servers.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::common::{APP_PASSWORD, APP_USER};
use super::pair::{BOUND_AND_BROADCAST, CLIENTS, Stage, assert_same};
use super::prepared::{Param, int};

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, name VARCHAR(300), code VARCHAR(40) COLLATE utf8mb4_bin)",
    "CREATE TABLE marks (item BIGINT, n INT, who VARCHAR(300), PRIMARY KEY (item, n))",
    "CREATE TABLE kinds (id INT PRIMARY KEY, who VARCHAR(300))",
];

const ALONE: &[&str] = &[
    "CREATE TABLE alone (id INT PRIMARY KEY, who VARCHAR(300))",
    "CREATE TABLE user (id INT PRIMARY KEY AUTO_INCREMENT, user INT)",
];

const STATEMENTS: &[&str] = &[
    "SELECT USER()",
    "SELECT user ( ), Current_User, CURRENT_USER(), session_user(), SYSTEM_USER() AS s",
    "SELECT CURRENT_USER who, /* of */ CURRENT_USER + 0, -- last\n concat(USER(), '!')",
    "SELECT COLLATION(USER()), CHARSET(CURRENT_USER()), COERCIBILITY(USER()), LENGTH(CURRENT_USER)",
    "SELECT COLLATION(CONCAT(USER(), 'x')), USER() = CONCAT('APP@', '127.0.0.1'), USER() LIKE 'app@%'",
    "SELECT SUBSTRING_INDEX(USER(), '@', 1), CURRENT_USER() IN ('app@%', 'x'), 'USER()', `user` FROM user",
    "SELECT (SELECT USER()) a, b.c FROM (SELECT CURRENT_USER c) b",
    "SELECT USER() UNION SELECT CURRENT_USER UNION SELECT 'x'",
    "WITH me AS (SELECT CURRENT_USER() AS c) SELECT * FROM me",
    "DO USER()",
    "SET @me = CURRENT_USER()",
    "SELECT @me, @me = CURRENT_USER()",
    // Changes.
    "INSERT INTO items VALUES (1, USER(), 'a'), (2, CURRENT_USER, 'app@%'), (3, SESSION_USER(), NULL), \
     (4, 'someone', 'b'), (5, CONCAT(SYSTEM_USER(), '/', CURRENT_USER()), 'c')",
    "INSERT INTO items (id, name) VALUES (6, CURRENT_USER())",
    "INSERT INTO marks SELECT id, 1, USER() FROM items WHERE name = CURRENT_USER()",
    "INSERT INTO marks VALUES (1, 2, USER()) ON DUPLICATE KEY UPDATE who = CURRENT_USER()",
    "INSERT INTO marks VALUES (1, 2, USER()) ON DUPLICATE KEY UPDATE who = CURRENT_USER()",
    "INSERT INTO kinds VALUES (1, USER()), (2, CURRENT_USER)",
    "UPDATE kinds SET who = CONCAT(who, '/', SESSION_USER()) WHERE who = CURRENT_USER()",
    "INSERT INTO alone VALUES (1, USER()), (2, CURRENT_USER)",
    "REPLACE INTO alone SET id = 2, who = SYSTEM_USER()",
    "INSERT INTO user () VALUES ()",
    "INSERT user() VALUES ()",
    "UPDATE items SET code = CURRENT_USER() WHERE id = 4",
    "UPDATE items SET code = NULL WHERE name = USER() AND id > 0",
    "DELETE FROM marks WHERE who = USER() AND item = 6",
    "SELECT * FROM items ORDER BY id",
    "SELECT * FROM marks ORDER BY item, n",
    "SELECT * FROM kinds ORDER BY id",
    "SELECT * FROM alone ORDER BY id",
    "SELECT * FROM user",
    // Over one and several shards.
    "SELECT id, USER() FROM items WHERE id = 3 AND name = USER()",
    "SELECT id, CURRENT_USER FROM items WHERE code = CURRENT_USER() OR name = USER() ORDER BY id",
    "SELECT id, name = USER() AS own FROM items ORDER BY name = USER(), id",
    "SELECT USER(), COUNT(*) FROM items GROUP BY USER()",
    "SELECT name, CURRENT_USER(), COUNT(*) FROM items GROUP BY name, CURRENT_USER() ORDER BY name",
    "SELECT MAX(CONCAT(CURRENT_USER(), id)) FROM items HAVING MAX(name) <> CURRENT_USER()",
    "SELECT i.id, m.n FROM items i JOIN marks m ON m.n = i.id WHERE m.who = USER() OR i.name = CURRENT_USER() \
     ORDER BY i.id, m.n",
    "SELECT id, (SELECT COUNT(*) FROM marks WHERE who <> USER()) c FROM items WHERE name = USER() ORDER BY id",
    "SELECT id, RANK() OVER (ORDER BY name = USER(), id) r, CURRENT_USER FROM items ORDER BY id",
    "CREATE TABLE made (id INT DEFAULT 1, KEY (id)) AS SELECT USER() AS u, CURRENT_USER() AS c FROM alone WHERE id = 1",
    "SELECT * FROM made",
    "SHOW CREATE TABLE made",
    "DROP TABLE made",
    "DELETE FROM items",
    "DELETE FROM marks",
    "DELETE FROM kinds",
    "DELETE FROM alone",
    "TRUNCATE TABLE user",
];

async fn staged() -> Stage {
    Stage::new(BOUND_AND_BROADCAST, DEFINITIONS, ALONE).await
}

#[tokio::test]
async fn a_client_is_told_its_own_account() {
    let stage = staged().await;
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for sql in STATEMENTS {
            pair.change(sql).await;
        }
        assert_same(&pair.into_differences(name));
    }
}

#[tokio::test]
async fn in_prepared_statements_too() {
    let stage = staged().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let rows: Vec<Vec<Param>> = (1..7).map(|id| vec![int(id)]).collect();
    let rows: Vec<&[Param]> = rows.iter().map(Vec::as_slice).collect();
    pair.prepared("INSERT INTO items VALUES (?, USER(), CURRENT_USER)", &rows)
        .await;
    let lists = [
        "SELECT USER(), ?, CURRENT_USER",
        "SELECT id, name, CURRENT_USER() FROM items WHERE id = ? AND name = USER()",
        "SELECT id, USER() FROM items WHERE id > ? AND name = USER() ORDER BY id",
        "SELECT COUNT(*), CURRENT_USER() FROM items i JOIN items o ON o.name = i.name WHERE i.id > ?",
        "UPDATE items SET code = SESSION_USER() WHERE id = ?",
        "DELETE FROM items WHERE id = ? AND code = CURRENT_USER()",
    ];
    for sql in lists {
        pair.prepared(sql, &[&[int(1)], &[int(2)]]).await;
    }
    pair.queries(&[
        "PREPARE s FROM 'SELECT USER(), CURRENT_USER()'",
        "EXECUTE s",
    ])
    .await;
    pair.change("SELECT * FROM items ORDER BY id").await;
    assert_same(&pair.into_differences("prepared"));
}

/// The same text, prepared by one client and then by another: each is told its own name.
#[tokio::test]
async fn each_client_is_told_its_own() {
    let users = format!(
        "{BOUND_AND_BROADCAST}\n[[users]]\nname = \"reader\"\npassword = \"{APP_PASSWORD}\"\nschemas = [\"*\"]\n"
    );
    let stage = Stage::new(&users, DEFINITIONS, ALONE).await;
    let sql = "SELECT SUBSTRING_INDEX(USER(), '@', 1), CURRENT_USER(), ?";
    for name in [APP_USER, "reader", APP_USER] {
        let mut client = stage.user(name).await;
        for _ in 0..3 {
            let found: Option<(String, String, i64)> = client.exec_first(sql, (1,)).await.unwrap();
            let expected = (name.to_owned(), format!("{name}@%"), 1);
            assert_eq!(found, Some(expected));
        }
    }
}

/// What a server keeps as code asks when it runs, and is told of the account that runs it there.
#[tokio::test]
async fn accounts_in_definitions_are_not_replaced() {
    let stage = staged().await;
    let mut client = stage.app().await;
    let definitions = [
        "CREATE TABLE noted (id INT PRIMARY KEY, who VARCHAR(300) DEFAULT (USER()))",
        "CREATE DEFINER = CURRENT_USER VIEW me AS SELECT id, CURRENT_USER() AS who FROM noted",
        "INSERT INTO noted (id) VALUES (1)",
    ];
    for sql in definitions {
        client.query_drop(sql).await.expect(sql);
    }
    let shown: Option<(String, String)> =
        client.query_first("SHOW CREATE TABLE noted").await.unwrap();
    let (_, shown) = shown.unwrap();
    assert!(shown.contains("user()"), "{shown}");
    let of_server: Option<i64> = client
        .query_first("SELECT COUNT(*) FROM me JOIN noted USING (id) WHERE noted.who <> USER() AND me.who <> CURRENT_USER()")
        .await
        .unwrap();
    assert_eq!(of_server, Some(1));
}

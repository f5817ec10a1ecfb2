//! What replies say of the transaction: drivers decide by it whether to COMMIT.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Place, connect_app};
use mysql_async::Conn;
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;

/// `users` by key.
const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"";

async fn in_transaction_after(app: &mut Conn, statement: &str) -> bool {
    let mut result = app.query_iter(statement).await.unwrap();
    let mut rows = Vec::<mysql_async::Row>::new();
    rows.extend(result.collect().await.unwrap());
    result.drop_result().await.unwrap();
    let ok = app.last_ok_packet().unwrap();
    ok.status_flags()
        .contains(StatusFlags::SERVER_STATUS_IN_TRANS)
}

#[tokio::test]
async fn every_reply_tells_whether_a_transaction_is_open() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20))")
        .await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let insert = "INSERT INTO users VALUES (1, 'a')";
    let update = "UPDATE users SET name = 'b' WHERE id = 1";
    let steps = [
        ("SELECT 1", false),
        ("BEGIN", true),
        ("SELECT 1", true),
        ("SET @v = 1", true),
        (insert, true),
        ("SELECT 1", true),
        ("SHOW TABLES", true),
        ("ROLLBACK", false),
        ("SELECT 1", false),
        ("BEGIN", true),
        (insert, true),
        ("COMMIT", false),
        ("BEGIN", true),
        (update, true),
        ("BEGIN", true),
        ("ROLLBACK", false),
        (update, false),
        ("SET autocommit = 0", false),
        ("SELECT 1", false),
        (update, true),
        ("ROLLBACK", false),
        (update, true),
        ("SET autocommit = 1", false),
        (update, false),
    ];
    for (at, (statement, expected)) in steps.into_iter().enumerate() {
        let told = in_transaction_after(&mut app, statement).await;
        assert_eq!(told, expected, "step {at}: {statement}");
    }
    proxy.shutdown().await;
}

//! Statements that no shard runs: MySQL's own error where there is one, else the proxy's.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Answer, Place, ask, connect_app};

/// `users` by key.
const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"";

fn refused(code: u16, state: &str) -> Answer {
    Answer::Refused {
        code,
        state: state.to_owned(),
    }
}

#[tokio::test]
async fn what_mysql_cannot_read_is_a_syntax_error_and_the_rest_is_unsupported() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20))")
        .await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let syntax = refused(1064, "42000");
    let unsupported = refused(1235, "42000");
    let cases = [
        ("SELECT FROM", &syntax),
        ("SELEC name FROM users WHERE id = 1", &syntax),
        ("SELECT name FROM users WHERE id =", &syntax),
        ("INSERT INTO users VALUES (1, 'a'", &syntax),
        ("UPDATE users SET name = 'a' WHERE id = 1 1", &syntax),
        ("SHOW CREATE TABLE users nonsense", &syntax),
        ("BACKUP INSTANCE TO 'somewhere'", &syntax),
        ("HANDLER users OPEN", &unsupported),
        ("UPDATE IGNORE users SET id = 2 WHERE id = 1", &unsupported),
    ];
    for (statement, expected) in cases {
        assert_eq!(&ask(&mut app, statement).await, expected, "{statement}");
    }
    let found = ask(&mut app, "SELECT name FROM users WHERE id = 1").await;
    assert!(matches!(found, Answer::Rows { .. }), "{found:?}");
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn asking_leaves_a_transaction_alone() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(20))")
        .await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    for statement in ["BEGIN", "INSERT INTO users VALUES (1, 'a')"] {
        let done = ask(&mut app, statement).await;
        assert!(matches!(done, Answer::Done { .. }), "{done:?}");
    }
    let error = ask(&mut app, "SELECT FROM").await;
    assert_eq!(error, refused(1064, "42000"));
    ask(&mut app, "ROLLBACK").await;
    let found = ask(&mut app, "SELECT id FROM users WHERE id = 1").await;
    assert!(
        matches!(&found, Answer::Rows { rows, .. } if rows.is_empty()),
        "{found:?}"
    );
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

//! The table that the tests work on: accounts on four shards of two servers.

use mysql_async::Conn;
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::common::{Answer, Place, ask, connect_app};

/// `accounts` by id: 1 to 250 are on server a, 251 and more on server b.
pub const TABLES: &str = r#"
[schemas.shop.tables.accounts]
key = "id"
algorithm = { kind = "range", bounds = [100, 251, 400] }
"#;

/// An account on the first server.
pub const A: u32 = 1;
/// An account on the second one.
pub const B: u32 = 300;

/// The databases with five accounts of 100 each, and a proxy.
pub async fn bank(more: &str) -> (Place, ProxyHandle) {
    let place = Place::new().await;
    place
        .everywhere(
            "CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL, note VARCHAR(30))",
        )
        .await;
    // Single tables on the first server and on the second one.
    for position in [1, 3] {
        let sql = format!("CREATE TABLE log{position} (id INT)");
        place.shard(position).await.query_drop(sql).await.unwrap();
    }
    let config = place.config(&format!("{TABLES}\n{more}"));
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    let mut plain = place.plain().await;
    for id in [A, 2, 150, B, 301, 500] {
        let sql = format!("INSERT INTO accounts (id, balance) VALUES ({id}, 100)");
        app.query_drop(&sql).await.unwrap();
        plain.query_drop(&sql).await.unwrap();
    }
    app.disconnect().await.unwrap();
    (place, proxy)
}

/// The balance that a connection sees.
pub async fn balance(connection: &mut Conn, id: u32) -> i64 {
    let sql = format!("SELECT balance FROM accounts WHERE id = {id}");
    connection.query_first(sql).await.unwrap().unwrap()
}

/// Whether a connection is in a transaction, by its last answer.
pub fn in_transaction(connection: &Conn) -> bool {
    let ok = connection.last_ok_packet().unwrap();
    ok.status_flags()
        .contains(StatusFlags::SERVER_STATUS_IN_TRANS)
}

/// Runs statements through the proxy and on one MySQL: the answers must be equal, and the accounts
/// afterwards.
pub async fn same(place: &Place, proxy: &ProxyHandle, statements: &[&str]) {
    let mut app = connect_app(proxy).await;
    let mut plain = place.plain().await;
    for statement in statements {
        let (found, expected) = (
            ask(&mut app, statement).await,
            ask(&mut plain, statement).await,
        );
        assert_eq!(found, expected, "{statement} in {statements:?}");
        if !matches!(found, Answer::Refused { .. }) {
            let states = (in_transaction(&app), in_transaction(&plain));
            assert_eq!(states.0, states.1, "{statement} in {statements:?}");
        }
    }
    drop((app, plain));
    assert_eq!(everything(place).await.0, everything(place).await.1);
}

/// All accounts: on the shards, and on the plain server.
pub async fn everything(place: &Place) -> (Vec<Account>, Vec<Account>) {
    const SQL: &str = "SELECT id, balance, note FROM accounts";
    let mut found: Vec<Account> = Vec::new();
    for position in 0..4 {
        let rows: Vec<Account> = place.shard(position).await.query(SQL).await.unwrap();
        found.extend(rows);
    }
    found.sort();
    let mut expected: Vec<Account> = place.plain().await.query(SQL).await.unwrap();
    expected.sort();
    (found, expected)
}

/// id, balance, note
pub type Account = (u32, i64, Option<String>);

//! What a transaction costs: the statements that reach the servers.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::start_proxy;

use crate::accounts::{A, B, TABLES};
use crate::common::{Place, connect_app};
use crate::tap::Tap;

/// A proxy that reaches the place's two servers through taps.
pub async fn tapped(place: &Place, more: &str) -> (String, Tap, Tap) {
    let shards = place.shards();
    let (a, b) = (shards[0].0.address(), shards[2].0.address());
    let (first, second) = (Tap::new(a).await, Tap::new(b).await);
    let config = place
        .config(&format!("{TABLES}\n{more}"))
        .replace(&a.to_string(), &first.address.to_string())
        .replace(&b.to_string(), &second.address.to_string())
        .replace("[backend]", "[backend]\ntls = \"off\"");
    (config, first, second)
}

/// What was heard that belongs to the session, with the names that vary cut out.
fn heard(tap: &Tap) -> Vec<String> {
    let own = |sql: &String| {
        ["XA RECOVER", "DELETE FROM", "SELECT outcome", "innodb_lock"]
            .iter()
            .all(|own| !sql.contains(own))
    };
    tap.take_heard()
        .into_iter()
        .filter(own)
        .map(|sql| {
            let from = sql.char_indices().find(|(_, c)| c.is_ascii_alphabetic());
            let sql = &sql[from.map_or(0, |(at, _)| at)..];
            let words: Vec<&str> = sql.split_whitespace().take(2).collect();
            words.join(" ")
        })
        .collect()
}

#[tokio::test]
async fn a_transaction_pays_for_what_it_uses() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        .await;
    let (config, a, b) = tapped(&place, "").await;
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    for id in [A, B] {
        let insert = format!("INSERT INTO accounts VALUES ({id}, 1)");
        app.query_drop(insert).await.unwrap();
    }
    let update = |id| format!("UPDATE accounts SET balance = balance + 1 WHERE id = {id}");
    let select = |id| format!("SELECT balance FROM accounts WHERE id = {id}");
    // The first transaction over both makes the proxy's own tables.
    for sql in ["BEGIN", &update(A), &update(B), "COMMIT"] {
        app.query_drop(sql).await.unwrap();
    }
    let cases: [(&[String], &[&str], &[&str]); 4] = [
        (
            &[update(A), update(2)],
            &["BEGIN", "UPDATE `t", "UPDATE `t", "COMMIT"],
            &[],
        ),
        (
            &[update(A), update(B)],
            &["BEGIN", "UPDATE `t", "INSERT INTO", "COMMIT AND"],
            &["XA START", "UPDATE `t", "XA END", "XA PREPARE", "XA COMMIT"],
        ),
        (
            &[select(A), update(B)],
            &["BEGIN", "SELECT balance", "COMMIT AND"],
            &["XA START", "UPDATE `t", "XA END", "XA COMMIT"],
        ),
        (
            &[update(A), select(B)],
            &["BEGIN", "UPDATE `t", "COMMIT AND"],
            &["XA START", "SELECT balance", "XA END", "XA COMMIT"],
        ),
    ];
    for (statements, on_a, on_b) in cases {
        a.take_heard();
        b.take_heard();
        app.query_drop("BEGIN").await.unwrap();
        for sql in statements {
            app.query_drop(sql).await.unwrap();
        }
        app.query_drop("COMMIT").await.unwrap();
        let word = |heard: Vec<String>| -> Vec<String> {
            let cut = heard.into_iter().map(|sql| match sql.split_once("`t") {
                Some((before, _)) => format!("{before}`t"),
                None => sql,
            });
            cut.collect()
        };
        assert_eq!(word(heard(&a)), on_a, "{statements:?}");
        assert_eq!(word(heard(&b)), on_b, "{statements:?}");
    }
    drop(app);
    proxy.shutdown().await;
}

/// Decisions go when nobody can ask for them any more.
#[tokio::test]
async fn decisions_are_cleaned_up() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        .await;
    let (config, a, _b) = tapped(&place, "[transactions]\nrecover_after = \"200ms\"").await;
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    for balance in 0..5 {
        app.query_drop("BEGIN").await.unwrap();
        for id in [A, B] {
            let sql = format!("REPLACE INTO accounts VALUES ({id}, {balance})");
            app.query_drop(sql).await.unwrap();
        }
        app.query_drop("COMMIT").await.unwrap();
    }
    let heard = a.take_heard();
    let rows = heard.iter().filter_map(|sql| {
        let (_, values) = sql.split_once("decisions (gtrid, outcome, branches) VALUES ('")?;
        Some(values.split('\'').next()?.to_owned())
    });
    let rows: Vec<String> = rows.collect();
    assert_eq!(rows.len(), 5);
    let list = rows.join("','");
    let count = format!("SELECT COUNT(*) FROM shardwell.decisions WHERE gtrid IN ('{list}')");
    let mut first = place.shard(0).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    while first.query_first(&count).await.unwrap() != Some(0) {
        assert!(Instant::now() < deadline, "{rows:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(app);
    proxy.shutdown().await;
}

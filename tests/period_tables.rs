//! A table for each month: found, created ahead of time, and written to by the month of the key.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::{Answer, Place, ask, connect_app};
use mysql_async::prelude::Queryable;
use shardwell::value::CalendarDate;

/// The first of this month, and of the months after it.
fn months(count: u16) -> Vec<(u16, u8)> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let today = i64::try_from(since.as_secs()).unwrap() / 86_400;
    let today = CalendarDate::from_day_number(today).unwrap();
    let first = today.year * 12 + u16::from(today.month) - 1;
    (first..first + count)
        .map(|month| (month / 12, (month % 12 + 1) as u8))
        .collect()
}

fn table((year, month): (u16, u8)) -> String {
    format!("events_{year:04}{month:02}")
}

fn rule(start: (u16, u8)) -> String {
    format!(
        r#"
[schemas.shop.tables.events]
key = "user_id"
algorithm = "mod"
split = {{ tables = "events_{{yyyyMM}}", key = "at", algorithm = {{ kind = "time_range", unit = "month", start = "{:04}-{:02}-01" }}, ahead = 2 }}
"#,
        start.0, start.1
    )
}

async fn tables_of(place: &Place, shard: usize) -> Vec<String> {
    let mut connection = place.shard(shard).await;
    connection.query("SHOW TABLES").await.unwrap()
}

/// This month's table on every shard, with a default that strict servers refuse, and one of the
/// tables to come on one shard only.
async fn create_by_hand(place: &Place, months: &[(u16, u8)]) {
    let columns = "(user_id BIGINT, at DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00', \
                   note VARCHAR(20), KEY by_time (at))";
    let create = format!("CREATE TABLE {} {columns}", table(months[0]));
    for shard in 0..4 {
        let mut connection = place.shard(shard).await;
        connection.query_drop("SET sql_mode = ''").await.unwrap();
        connection.query_drop(&create).await.unwrap();
    }
    // Created by hand on one shard only: it is completed.
    let partial = format!(
        "CREATE TABLE {} LIKE {}",
        table(months[2]),
        table(months[0])
    );
    let mut second = place.shard(1).await;
    second.query_drop("SET sql_mode = ''").await.unwrap();
    second.query_drop(partial).await.unwrap();
}

#[tokio::test]
async fn the_tables_of_coming_months_are_created_like_the_newest() {
    let place = Place::new().await;
    let months = months(4);
    create_by_hand(&place, &months).await;
    let config = rule(months[0]);
    // Two proxies at once do not hurt each other.
    let (proxy, other) = tokio::join!(place.proxy(&config), place.proxy(&config));
    let expected: Vec<String> = months[..3].iter().copied().map(table).collect();
    for shard in 0..4 {
        assert_eq!(tables_of(&place, shard).await, expected, "shard {shard}");
    }
    let mut app = connect_app(&proxy).await;
    let at = |(year, month): (u16, u8)| format!("'{year:04}-{month:02}-15 10:00:00'");
    for (user, month) in (0..3).zip(&months) {
        let insert = format!(
            "INSERT INTO events VALUES ({user}, {}, 'note {user}')",
            at(*month)
        );
        let done = ask(&mut app, &insert).await;
        assert!(matches!(done, Answer::Done { affected: 1, .. }), "{done:?}");
        let mut shard = place.shard(user).await;
        let count = format!("SELECT COUNT(*) FROM {}", table(*month));
        let count: Option<u64> = shard.query_first(count).await.unwrap();
        assert_eq!(count, Some(1), "user {user}");
    }
    let select = |month| {
        format!(
            "SELECT note FROM events WHERE user_id = 2 AND at = {}",
            at(month)
        )
    };
    let mut behind_other = connect_app(&other).await;
    for app in [&mut app, &mut behind_other] {
        let notes: Vec<String> = app.query(select(months[2])).await.unwrap();
        assert_eq!(notes, ["note 2"]);
        let shown: Vec<String> = app.query("SHOW TABLES").await.unwrap();
        assert_eq!(shown, ["events"]);
    }
    let beyond = format!("INSERT INTO events VALUES (1, {}, 'x')", at(months[3]));
    let error = app.query_drop(beyond).await.unwrap_err().to_string();
    let (last, asked) = (months[2], months[3]);
    let said = format!(
        "its period, {:04}-{:02}, is beyond the last one, {:04}-{:02}",
        asked.0, asked.1, last.0, last.1
    );
    assert!(error.contains(&said) && error.contains("1526"), "{error}");
    app.disconnect().await.unwrap();
    behind_other.disconnect().await.unwrap();
    proxy.shutdown().await;
    other.shutdown().await;
}

#[tokio::test]
async fn dropped_months_have_no_place_and_do_not_come_back() {
    let place = Place::new().await;
    let months = months(3);
    let (year, month) = months[0];
    let start = (year - 1, month);
    for (year, month) in [months[0], months[1]] {
        let create = format!(
            "CREATE TABLE {} (user_id BIGINT, at DATETIME)",
            table((year, month))
        );
        for shard in 0..4 {
            place.shard(shard).await.query_drop(&create).await.unwrap();
        }
    }
    let proxy = place.proxy(&rule(start)).await;
    let mut app = connect_app(&proxy).await;
    let insert = format!(
        "INSERT INTO events VALUES (1, '{:04}-{month:02}-20')",
        start.0
    );
    let error = app.query_drop(insert).await.unwrap_err().to_string();
    let said = format!("its period, {:04}-{month:02}, has no table", start.0);
    assert!(error.contains(&said), "{error}");
    let insert = format!("INSERT INTO events VALUES (1, '{year:04}-{month:02}-20')");
    app.query_drop(insert).await.unwrap();
    assert_eq!(
        tables_of(&place, 0).await,
        months.iter().copied().map(table).collect::<Vec<_>>()
    );
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

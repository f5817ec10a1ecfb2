//! Limits on rows and bytes of an answer: the client is told behind whole rows, the server is stopped,
//! and the session goes on.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{BinaryProtocol, Conn, Error, QueryResult, Row, TextProtocol};

use crate::common::{Place, connect_app};
use crate::file::{File, admin, refusal, reloaded};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n\
                      [schemas.shop.tables.u]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n";

const MOST: usize = 100;

/// 150 rows on each shard, of 104 bytes in text: 4 of digits, 98 letters, a length each.
async fn stage() -> (File, Place) {
    let place = Place::new().await;
    for table in ["t", "u"] {
        let definition = format!("CREATE TABLE {table} (id INT PRIMARY KEY, v CHAR(98))");
        place.everywhere(&definition).await;
    }
    for position in 0..4 {
        let row = |id: i32| format!("({}, REPEAT('x', 98))", 4000 + 4 * id + position);
        let rows: Vec<String> = (0..150).map(row).collect();
        let mut shard = place.shard(position as usize).await;
        for table in ["t", "u"] {
            let insert = format!("INSERT INTO {table} VALUES {}", rows.join(", "));
            shard.query_drop(insert).await.unwrap();
        }
    }
    (File::new(&place, TABLES), place)
}

/// Rows until the end of an answer, and the error that ended it.
macro_rules! drained {
    ($answer:expr) => {{
        let mut rows = 0;
        let end = loop {
            match $answer.next().await {
                Ok(Some(_)) => rows += 1,
                Ok(None) => break None,
                Err(error) => break Some(refusal::<()>(Err(error))),
            }
        };
        (rows, end)
    }};
}

async fn text(app: &mut Conn, sql: &str) -> (usize, Option<(u16, String)>) {
    let mut answer: QueryResult<'_, '_, TextProtocol> = match app.query_iter(sql).await {
        Ok(answer) => answer,
        Err(error) => return (0, Some(refusal::<()>(Err(error)))),
    };
    drained!(answer)
}

async fn prepared(app: &mut Conn, sql: &str) -> (usize, Option<(u16, String)>) {
    let statement = app.prep(sql).await.unwrap();
    let mut answer: QueryResult<'_, '_, BinaryProtocol> = match app.exec_iter(&statement, ()).await
    {
        Ok(answer) => answer,
        Err(error) => return (0, Some(refusal::<()>(Err(error)))),
    };
    drained!(answer)
}

/// On one shard, merged, gathered.
const ANSWERS: [&str; 3] = [
    "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) \
     SELECT t.id, t.v FROM t, n WHERE t.id = 4000 ORDER BY n.n",
    "SELECT id, v FROM t ORDER BY id",
    "SELECT a.id, a.v FROM t a JOIN u b ON a.v = b.v AND b.id < 4001 ORDER BY a.id",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_too_many_rows_or_bytes_ends_with_an_error_and_the_session_goes_on() {
    let (file, _place) = stage().await;
    let user = "password = \"app-secret\"";
    let schema = "[schemas.shop]";
    let limited = [
        (user, "rows = 100", "'rows of an answer'"),
        (schema, "rows = 100", "'rows of an answer on shop'"),
        (user, "bytes = \"10400\"", "'bytes of an answer'"),
    ];
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut app = connect_app(&proxy).await;
    for (place, limits, what) in limited {
        file.replace(place, &format!("{place}\nlimits = {{ {limits} }}"));
        reloaded(&mut boss).await;
        for sql in ANSWERS {
            for binary in [false, true] {
                let (rows, end) = match binary {
                    false => text(&mut app, sql).await,
                    true => prepared(&mut app, sql).await,
                };
                let (code, message) = end.expect("it is too much");
                assert_eq!(code, 1226, "{sql}: {message}");
                assert!(message.contains(what), "{sql}: {message}");
                assert!(message.contains("User 'app'"), "{message}");
                assert!(rows <= MOST, "{sql}: {rows}");
                let count: Option<i64> = app.query_first("SELECT COUNT(*) FROM t").await.unwrap();
                assert_eq!(count, Some(600));
                let few = format!("{sql} LIMIT 99");
                let (rows, end) = text(&mut app, &few).await;
                assert_eq!((rows, end), (99, None), "{few}");
            }
        }
    }
    boss.query_drop("SELECT id, v FROM shop.t ORDER BY id")
        .await
        .expect("another user's");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_does_not_go_on_and_a_transaction_stays_open() {
    let (file, place) = stage().await;
    let user = "password = \"app-secret\"";
    file.replace(user, &format!("{user}\nlimits = {{ rows = 100 }}"));
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    app.query_drop("BEGIN").await.unwrap();
    app.query_drop("UPDATE t SET v = 'changed' WHERE id = 4000")
        .await
        .unwrap();
    let endless = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900) \
                   SELECT t.id, REPEAT('x', 1000), IF(n.n > 300, SLEEP(60), 0) FROM t, n \
                   WHERE t.id = 4000";
    let began = Instant::now();
    for _ in 0..3 {
        let (rows, end) = text(&mut app, endless).await;
        assert_eq!(end.map(|(code, _)| code), Some(1226));
        assert_eq!(rows, MOST);
    }
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
    let running = "SELECT COUNT(*) FROM information_schema.processlist \
                   WHERE info LIKE 'WITH RECURSIVE%'";
    let mut server = place.shard(0).await;
    let end = Instant::now() + Duration::from_secs(10);
    while server.query_first(running).await.unwrap() != Some(0_i64) {
        assert!(Instant::now() < end, "the server goes on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    app.query_drop("COMMIT").await.unwrap();
    let value: Option<String> = app
        .query_first("SELECT v FROM t WHERE id = 4000")
        .await
        .unwrap();
    assert_eq!(value.as_deref(), Some("changed"));
    let refused: Result<Vec<Row>, Error> = app.query("SELECT id FROM t FOR UPDATE").await;
    assert_eq!(refusal(refused).0, 1226);
}

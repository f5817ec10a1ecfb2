//! mysql_async: a pool, prepared statements, batches, transactions, several results, values, errors.

use chrono::{NaiveDate, NaiveDateTime};
use mysql_async::prelude::*;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Params, Pool, SslOpts, TxOpts, Value, params};
use shardwell_clients as story;

type Done = Result<(), Box<dyn std::error::Error>>;

type Person = (
    String,
    String,
    NaiveDate,
    NaiveDateTime,
    Vec<u8>,
    serde_json::Value,
    u64,
    bool,
    f64,
);

async fn rows(conn: &mut Conn) -> Done {
    let seen: NaiveDateTime = story::SEEN.parse()?;
    let born: NaiveDate = story::BORN.parse()?;
    let profile: serde_json::Value = serde_json::from_str(story::PROFILE)?;
    let zoe = params! {
        "id" => 1, "name" => story::NAME, "balance" => story::BALANCE, born, seen,
        "photo" => story::photo(), "profile" => profile.clone(), "visits" => story::VISITS, "score" => story::SCORE,
    };
    conn.exec_drop(
        "INSERT INTO people VALUES (:id, :name, :balance, :born, :seen, :photo, :profile, :visits, TRUE, :score)",
        zoe,
    )
    .await?;
    assert_eq!(conn.affected_rows(), 1);
    let others = (2..=30).map(|n| (n, format!("n{n}"), n));
    conn.exec_batch(
        "INSERT INTO people (id, name, balance) VALUES (?, ?, ?)",
        others,
    )
    .await?;
    conn.exec_batch(
        "INSERT INTO pets VALUES (?, ?, ?)",
        [(10, 1, "Rex"), (20, 2, "Tom")],
    )
    .await?;
    let columns = "name, balance, born, seen, photo, profile, visits, active, score";
    let expected: Person = (
        story::NAME.into(),
        story::BALANCE.into(),
        born,
        seen,
        story::photo(),
        profile,
        story::VISITS,
        true,
        story::SCORE,
    );
    let prepared: Option<Person> = conn
        .exec_first(format!("SELECT {columns} FROM people WHERE id = ?"), (1,))
        .await?;
    assert_eq!(prepared.as_ref(), Some(&expected));
    let text: Option<Person> = conn
        .query_first(format!("SELECT {columns} FROM people WHERE id = 1"))
        .await?;
    assert_eq!(text.as_ref(), Some(&expected));
    conn.query_drop("INSERT INTO notes (title) VALUES ('first')")
        .await?;
    assert!(conn.last_insert_id().is_some_and(|id| id > 0));
    Ok(())
}

async fn questions(conn: &mut Conn) -> Done {
    let total: Option<(i64, String)> = conn
        .exec_first(
            "SELECT COUNT(*), SUM(balance) FROM people WHERE id > ?",
            (1,),
        )
        .await?;
    assert_eq!(total, Some((29, "464.000000".into())));
    let page: Vec<i64> = conn
        .exec(
            "SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?",
            (2, 10),
        )
        .await?;
    assert_eq!(page, [11, 12]);
    let joined: Vec<(String, String)> = conn
        .query("SELECT o.name, p.name FROM pets p JOIN people o ON o.id = p.owner_id ORDER BY p.id")
        .await?;
    assert_eq!(
        joined,
        [
            (story::NAME.into(), "Rex".into()),
            ("n2".into(), "Tom".into())
        ]
    );
    let by_key = conn.prep("SELECT name FROM people WHERE id = ?").await?;
    for id in [5, 6, 7] {
        assert_eq!(
            conn.exec_first(&by_key, (id,)).await?,
            Some(format!("n{id}"))
        );
    }
    conn.close(by_key).await?;
    let mut several = conn
        .query_iter("SELECT 1; SELECT name FROM people WHERE id = 9; SELECT COUNT(*) FROM people")
        .await?;
    assert_eq!(several.collect::<i64>().await?, [1]);
    assert_eq!(several.collect::<String>().await?, ["n9"]);
    assert_eq!(several.collect::<i64>().await?, [30]);
    assert!(several.is_empty());
    several.drop_result().await?;
    Ok(())
}

async fn transactions(conn: &mut Conn) -> Done {
    let mut back = conn.start_transaction(TxOpts::default()).await?;
    back.query_drop("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6)")
        .await?;
    assert_eq!(back.affected_rows(), 3);
    back.rollback().await?;
    let mut options = TxOpts::default();
    options
        .with_isolation_level(mysql_async::IsolationLevel::ReadCommitted)
        .with_consistent_snapshot(true);
    let mut kept = conn.start_transaction(options).await?;
    kept.exec_drop("UPDATE people SET name = ? WHERE id = ?", ("kept", 4))
        .await?;
    kept.query_drop("SAVEPOINT s").await?;
    kept.query_drop("DELETE FROM people WHERE id = 5").await?;
    kept.query_drop("ROLLBACK TO s").await?;
    kept.commit().await?;
    let names: Vec<String> = conn
        .query("SELECT name FROM people WHERE id IN (4, 5, 6) ORDER BY id")
        .await?;
    assert_eq!(names, ["kept", "n5", "n6"]);
    Ok(())
}

async fn errors(conn: &mut Conn) -> Done {
    for (statement, number) in [
        ("INSERT INTO people (id, name) VALUES (1, 'again')", 1062),
        ("SELEC 1", 1064),
        ("SELECT * FROM missing", 1146),
        ("SELECT missing FROM people", 1054),
    ] {
        for result in [
            conn.query_drop(statement).await,
            conn.exec_drop(statement, Params::Empty).await,
        ] {
            let Err(Error::Server(error)) = result else {
                panic!("{statement}: {result:?}")
            };
            assert_eq!(error.code, number, "{statement}");
        }
    }
    Ok(())
}

/// A connection that comes back to the pool is reset: nothing of its user stays.
async fn pooled(pool: &Pool) -> Done {
    let mut conn = pool.get_conn().await?;
    conn.query_drop("SET @mine = 1, time_zone = '+05:00'")
        .await?;
    conn.query_drop("START TRANSACTION").await?;
    conn.query_drop("DELETE FROM people WHERE id = 8").await?;
    drop(conn);
    let mut conn = pool.get_conn().await?;
    let left: Option<(Value, String, i64)> = conn
        .query_first("SELECT @mine, @@time_zone, (SELECT COUNT(*) FROM people WHERE id = 8)")
        .await?;
    assert_eq!(left, Some((Value::NULL, "SYSTEM".into(), 1)));
    let large: Vec<u8> = vec![b'x'; 20 << 20];
    conn.exec_drop("SET @large = ?", (&large,)).await?;
    assert_eq!(conn.query_first("SELECT @large").await?, Some(large));
    conn.ping().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let tls = story::encrypted().then(|| SslOpts::default().with_danger_accept_invalid_certs(true));
    let options: Opts = OptsBuilder::default()
        .ip_or_hostname(story::env("MYSQL_HOST"))
        .tcp_port(story::port())
        .user(Some(story::env("MYSQL_USER")))
        .pass(Some(story::env("MYSQL_PASSWORD")))
        .db_name(Some(story::env("MYSQL_DB")))
        .ssl_opts(tls)
        .into();
    let pool = Pool::new(options);
    let mut conn = pool.get_conn().await?;
    rows(&mut conn).await?;
    questions(&mut conn).await?;
    transactions(&mut conn).await?;
    errors(&mut conn).await?;
    drop(conn);
    pooled(&pool).await?;
    pool.disconnect().await?;
    Ok(())
}

//! sqlx: a pool, statements that it prepares and keeps, transactions, streams, types, errors, migrations.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime};
use shardwell_clients as story;
use sqlx::mysql::{MySqlConnectOptions, MySqlPool, MySqlPoolOptions, MySqlSslMode};
use sqlx::{Acquire, Column, Connection, Executor, FromRow, QueryBuilder, Row};

type Done = Result<(), Box<dyn std::error::Error>>;

#[derive(Debug, PartialEq, FromRow)]
struct Person {
    id: i64,
    name: String,
    balance: Option<BigDecimal>,
    born: Option<NaiveDate>,
    seen: Option<NaiveDateTime>,
    photo: Option<Vec<u8>>,
    profile: Option<serde_json::Value>,
    visits: Option<u64>,
    active: bool,
    score: Option<f64>,
}

fn zoe() -> Result<Person, Box<dyn std::error::Error>> {
    Ok(Person {
        id: 1,
        name: story::NAME.into(),
        balance: Some(story::BALANCE.parse()?),
        born: Some(story::BORN.parse()?),
        seen: Some(story::SEEN.parse()?),
        photo: Some(story::photo()),
        profile: Some(serde_json::from_str(story::PROFILE)?),
        visits: Some(story::VISITS),
        active: true,
        score: Some(story::SCORE),
    })
}

async fn rows(pool: &MySqlPool) -> Done {
    let zoe = zoe()?;
    let done = sqlx::query("INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(zoe.id)
        .bind(&zoe.name)
        .bind(&zoe.balance)
        .bind(zoe.born)
        .bind(zoe.seen)
        .bind(&zoe.photo)
        .bind(&zoe.profile)
        .bind(zoe.visits)
        .bind(zoe.active)
        .bind(zoe.score)
        .execute(pool)
        .await?;
    assert_eq!(done.rows_affected(), 1);
    let mut batch = QueryBuilder::new("INSERT INTO people (id, name, balance) ");
    batch.push_values(2..=30_i64, |mut row, n| {
        row.push_bind(n)
            .push_bind(format!("n{n}"))
            .push_bind(BigDecimal::from(n));
    });
    assert_eq!(batch.build().execute(pool).await?.rows_affected(), 29);
    for (id, owner, name) in [(10_i64, 1_i64, "Rex"), (20, 2, "Tom")] {
        sqlx::query("INSERT INTO pets VALUES (?, ?, ?)")
            .bind(id)
            .bind(owner)
            .bind(name)
            .execute(pool)
            .await?;
    }
    // Prepared once, then executed again.
    for _ in 0..3 {
        let found: Person = sqlx::query_as("SELECT * FROM people WHERE id = ?")
            .bind(1)
            .fetch_one(pool)
            .await?;
        assert_eq!(found, zoe);
    }
    let noted = sqlx::query("INSERT INTO notes (title) VALUES (?)")
        .bind("first")
        .execute(pool)
        .await?;
    assert!(noted.last_insert_id() > 0);
    Ok(())
}

async fn questions(pool: &MySqlPool) -> Done {
    let (count, sum): (i64, BigDecimal) =
        sqlx::query_as("SELECT COUNT(*), SUM(balance) FROM people WHERE id > ?")
            .bind(1)
            .fetch_one(pool)
            .await?;
    assert_eq!((count, sum.to_string().as_str()), (29, "464.000000"));
    let page: Vec<i64> = sqlx::query_scalar("SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?")
        .bind(2)
        .bind(10)
        .fetch_all(pool)
        .await?;
    assert_eq!(page, [11, 12]);
    let joined: Vec<(String, String)> = sqlx::query_as(
        "SELECT o.name, p.name FROM pets p JOIN people o ON o.id = p.owner_id ORDER BY p.id",
    )
    .fetch_all(pool)
    .await?;
    assert_eq!(
        joined,
        [
            (story::NAME.into(), "Rex".into()),
            ("n2".into(), "Tom".into())
        ]
    );
    let mut listed = QueryBuilder::new("SELECT name FROM people WHERE id IN (");
    listed.separated(", ").push_bind(3_i64).push_bind(17_i64);
    let names: Vec<String> = listed
        .push(") ORDER BY id DESC")
        .build_query_scalar()
        .fetch_all(pool)
        .await?;
    assert_eq!(names, ["n17", "n3"]);
    // A stream that is left before its end: the connection reads the rest before its next statement.
    let mut connection = pool.acquire().await?;
    {
        use tokio_stream::StreamExt;
        let mut stream = sqlx::query("SELECT id FROM people ORDER BY id").fetch(&mut *connection);
        let first = stream.next().await.ok_or("no row")??;
        assert_eq!(first.get::<i64, _>("id"), 1);
    }
    connection.ping().await?;
    let several = sqlx::raw_sql("SELECT 1; SELECT name FROM people WHERE id = 9")
        .fetch_all(&mut *connection)
        .await?;
    assert_eq!(several.len(), 2);
    assert_eq!(several[1].get::<String, _>(0), "n9");
    Ok(())
}

async fn described(pool: &MySqlPool) -> Done {
    let mut connection = pool.acquire().await?;
    let told = connection
        .describe(sqlx::SqlStr::from_static(
            "SELECT id, name, visits FROM people WHERE id = ?",
        ))
        .await?;
    let columns: Vec<String> = told
        .columns()
        .iter()
        .map(|c| format!("{} {}", c.name(), c.type_info()))
        .collect();
    assert_eq!(
        columns,
        ["id BIGINT", "name VARCHAR", "visits BIGINT UNSIGNED"]
    );
    assert_eq!(
        (told.nullable(0), told.nullable(1), told.nullable(2)),
        (Some(false), Some(false), Some(true))
    );
    Ok(())
}

async fn transactions(pool: &MySqlPool) -> Done {
    {
        // Rolled back where it is dropped.
        let mut dropped = pool.begin().await?;
        sqlx::query("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6)")
            .execute(&mut *dropped)
            .await?;
    }
    let mut outer = pool.begin().await?;
    sqlx::query("UPDATE people SET name = ? WHERE id = 4")
        .bind("kept")
        .execute(&mut *outer)
        .await?;
    {
        let mut inner = outer.begin().await?;
        let done = sqlx::query("DELETE FROM people WHERE id = 5")
            .execute(&mut *inner)
            .await?;
        assert_eq!(done.rows_affected(), 1);
        inner.rollback().await?;
    }
    outer.commit().await?;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM people WHERE id IN (4, 5, 6) ORDER BY id")
            .fetch_all(pool)
            .await?;
    assert_eq!(names, ["kept", "n5", "n6"]);
    // It asks for found rows, not changed ones.
    let same = sqlx::query("UPDATE people SET name = 'n6' WHERE id IN (6, 7000)")
        .execute(pool)
        .await?;
    assert_eq!(same.rows_affected(), 1);
    assert_eq!(
        sqlx::query("DELETE FROM people WHERE id = 30")
            .execute(pool)
            .await?
            .rows_affected(),
        1
    );
    Ok(())
}

async fn errors(pool: &MySqlPool) -> Done {
    for (statement, number, state) in [
        (
            "INSERT INTO people (id, name) VALUES (1, 'again')",
            1062,
            "23000",
        ),
        ("SELEC 1", 1064, "42000"),
        ("SELECT * FROM missing", 1146, "42S02"),
        ("SELECT missing FROM people", 1054, "42S22"),
        ("INSERT INTO pets VALUES (30, 999, 'stray')", 1452, "23000"),
    ] {
        let error = sqlx::query(statement)
            .execute(pool)
            .await
            .expect_err(statement);
        let error = error.into_database_error().ok_or(statement)?;
        let told = error.downcast_ref::<sqlx::mysql::MySqlDatabaseError>();
        assert_eq!(
            (told.number(), told.code()),
            (number, Some(state)),
            "{statement}"
        );
        assert_eq!(error.is_unique_violation(), number == 1062);
        assert_eq!(error.is_foreign_key_violation(), number == 1452);
    }
    Ok(())
}

async fn several_at_once(pool: &MySqlPool) -> Done {
    let tasks: Vec<_> = (2..=20_i64)
        .map(|id| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let name: String = sqlx::query_scalar("SELECT name FROM people WHERE id = ?")
                    .bind(id)
                    .fetch_one(&pool)
                    .await?;
                Ok::<_, sqlx::Error>((id, name))
            })
        })
        .collect();
    for task in tasks {
        let (id, name) = task.await??;
        assert!(id == 4 || name == format!("n{id}"), "{id}: {name}");
    }
    Ok(())
}

async fn migrations(pool: &MySqlPool) -> Done {
    let migrator = sqlx::migrate!("./sqlx-migrations");
    migrator.run(pool).await?;
    migrator.run(pool).await?;
    let draft = sqlx::query("INSERT INTO drafts (word) VALUES ('w')")
        .execute(pool)
        .await?;
    assert!(draft.last_insert_id() > 0);
    let size: i32 = sqlx::query_scalar("SELECT size FROM drafts WHERE word = ?")
        .bind("w")
        .fetch_one(pool)
        .await?;
    assert_eq!(size, 3);
    migrator.undo(pool, 0).await?;
    let gone = sqlx::query("SELECT 1 FROM drafts")
        .execute(pool)
        .await
        .expect_err("a migration back");
    assert_eq!(
        gone.into_database_error()
            .and_then(|e| e.code().map(String::from))
            .as_deref(),
        Some("42S02")
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let mode = if story::encrypted() {
        MySqlSslMode::Preferred
    } else {
        MySqlSslMode::Disabled
    };
    let options = MySqlConnectOptions::new()
        .host(&story::env("MYSQL_HOST"))
        .port(story::port())
        .username(&story::env("MYSQL_USER"))
        .password(&story::env("MYSQL_PASSWORD"))
        .database(&story::env("MYSQL_DB"))
        .ssl_mode(mode);
    let pool = MySqlPoolOptions::new()
        .max_connections(3)
        .connect_with(options.clone())
        .await?;
    let (_, cipher): (String, String) = sqlx::query_as("SHOW STATUS LIKE 'Ssl_cipher'")
        .fetch_one(&pool)
        .await?;
    assert_eq!(!cipher.is_empty(), story::encrypted());
    rows(&pool).await?;
    questions(&pool).await?;
    described(&pool).await?;
    transactions(&pool).await?;
    errors(&pool).await?;
    several_at_once(&pool).await?;
    migrations(&pool).await?;
    pool.close().await;
    let mut again = sqlx::MySqlConnection::connect_with(&options).await?;
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM people")
        .fetch_one(&mut again)
        .await?;
    assert_eq!(count, 29);
    again.close().await?;
    Ok(())
}

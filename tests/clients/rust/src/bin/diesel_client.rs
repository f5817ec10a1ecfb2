//! diesel on the C library: its query builder, which prepares and keeps every statement, a pool, transactions, migrations.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::result::{DatabaseErrorKind, Error};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use shardwell_clients as story;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("diesel-migrations");

type Done = Result<(), Box<dyn std::error::Error + Send + Sync>>;

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> VarChar,
        balance -> Nullable<Decimal>,
        born -> Nullable<Date>,
        seen -> Nullable<Datetime>,
        photo -> Nullable<Blob>,
        profile -> Nullable<Json>,
        visits -> Nullable<Unsigned<BigInt>>,
        active -> Bool,
        score -> Nullable<Double>,
    }
}
diesel::table! {
    pets (id) {
        id -> BigInt,
        owner_id -> BigInt,
        name -> VarChar,
    }
}
diesel::table! {
    notes (id) {
        id -> BigInt,
        title -> VarChar,
        body -> Nullable<Text>,
    }
}
diesel::table! {
    drafts (id) {
        id -> BigInt,
        word -> VarChar,
        size -> Integer,
    }
}
diesel::joinable!(pets -> people (owner_id));
diesel::allow_tables_to_appear_in_same_query!(people, pets);

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable, Insertable, AsChangeset)]
#[diesel(table_name = people)]
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

#[derive(Debug, PartialEq, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = pets, belongs_to(Person, foreign_key = owner_id))]
struct Pet {
    id: i64,
    owner_id: i64,
    name: String,
}

fn zoe() -> Result<Person, Box<dyn std::error::Error + Send + Sync>> {
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

fn rows(db: &mut MysqlConnection) -> Done {
    let zoe = zoe()?;
    assert_eq!(
        diesel::insert_into(people::table)
            .values(&zoe)
            .execute(db)?,
        1
    );
    let others: Vec<_> = (2..=30_i64)
        .map(|n| {
            (
                people::id.eq(n),
                people::name.eq(format!("n{n}")),
                people::balance.eq(BigDecimal::from(n)),
            )
        })
        .collect();
    assert_eq!(
        diesel::insert_into(people::table)
            .values(&others)
            .execute(db)?,
        29
    );
    let both = [
        Pet {
            id: 10,
            owner_id: 1,
            name: "Rex".into(),
        },
        Pet {
            id: 20,
            owner_id: 2,
            name: "Tom".into(),
        },
    ];
    assert_eq!(
        diesel::insert_into(pets::table).values(&both).execute(db)?,
        2
    );
    for _ in 0..3 {
        assert_eq!(
            people::table
                .find(1)
                .select(Person::as_select())
                .first(db)?,
            zoe
        );
    }
    assert_eq!(
        Pet::belonging_to(&zoe).select(Pet::as_select()).load(db)?,
        both[..1]
    );
    diesel::insert_into(notes::table)
        .values(notes::title.eq("first"))
        .execute(db)?;
    let generated: i64 = notes::table
        .select(notes::id)
        .filter(notes::title.eq("first"))
        .first(db)?;
    assert!(generated > 0);
    let last: u64 = diesel::select(diesel::dsl::sql::<
        diesel::sql_types::Unsigned<diesel::sql_types::BigInt>,
    >("LAST_INSERT_ID()"))
    .first(db)?;
    assert_eq!(last, generated.cast_unsigned());
    Ok(())
}

fn questions(db: &mut MysqlConnection) -> Done {
    use diesel::dsl::{count_star, exists, max, select, sum};
    let total: (i64, Option<BigDecimal>) = people::table
        .filter(people::id.gt(1))
        .select((count_star(), sum(people::balance)))
        .first(db)?;
    assert_eq!(
        (total.0, total.1.map(|sum| sum.to_string()).as_deref()),
        (29, Some("464.000000"))
    );
    assert_eq!(
        people::table
            .select(max(people::id))
            .first::<Option<i64>>(db)?,
        Some(30)
    );
    let page: Vec<i64> = people::table
        .select(people::id)
        .order(people::id)
        .limit(2)
        .offset(10)
        .load(db)?;
    assert_eq!(page, [11, 12]);
    let joined: Vec<(String, String)> = pets::table
        .inner_join(people::table)
        .order(pets::id)
        .select((people::name, pets::name))
        .load(db)?;
    assert_eq!(
        joined,
        [
            (story::NAME.into(), "Rex".into()),
            ("n2".into(), "Tom".into())
        ]
    );
    let names: Vec<String> = people::table
        .filter(people::id.eq_any([3, 17]))
        .order(people::id.desc())
        .select(people::name)
        .load(db)?;
    assert_eq!(names, ["n17", "n3"]);
    assert!(select(exists(people::table.filter(people::name.eq("n5")))).get_result::<bool>(db)?);
    let groups: Vec<(bool, i64)> = people::table
        .group_by(people::active)
        .select((people::active, count_star()))
        .load(db)?;
    assert_eq!(groups, [(true, 30)]);
    // Rows are read one by one.
    let mut read = 0;
    for row in people::table
        .select((people::id, people::name))
        .load_iter::<(i64, String), DefaultLoadingMode>(db)?
    {
        let (id, name) = row?;
        assert!(id == 1 || name == format!("n{id}"));
        read += 1;
    }
    assert_eq!(read, 30);
    Ok(())
}

fn transactions(db: &mut MysqlConnection) -> Done {
    let several = people::table.filter(people::id.eq_any([4, 5, 6]));
    let back = db.transaction::<(), Error, _>(|db| {
        assert_eq!(
            diesel::update(several.clone())
                .set(people::name.eq("gone"))
                .execute(db)?,
            3
        );
        Err(Error::RollbackTransaction)
    });
    assert_eq!(back, Err(Error::RollbackTransaction));
    db.transaction::<(), Error, _>(|db| {
        let mut fourth: Person = people::table
            .find(4)
            .select(Person::as_select())
            .for_update()
            .first(db)?;
        fourth.name = "kept".into();
        diesel::update(people::table.find(4))
            .set(&fourth)
            .execute(db)?;
        // A savepoint.
        let inner = db.transaction::<(), Error, _>(|db| {
            assert_eq!(diesel::delete(people::table.find(5)).execute(db)?, 1);
            Err(Error::RollbackTransaction)
        });
        assert_eq!(inner, Err(Error::RollbackTransaction));
        Ok(())
    })?;
    let names: Vec<String> = several.order(people::id).select(people::name).load(db)?;
    assert_eq!(names, ["kept", "n5", "n6"]);
    // It asks for found rows, not changed ones.
    assert_eq!(
        diesel::update(people::table.find(6))
            .set(people::name.eq("n6"))
            .execute(db)?,
        1
    );
    assert_eq!(
        diesel::replace_into(people::table)
            .values((people::id.eq(7), people::name.eq("new")))
            .execute(db)?,
        2
    );
    let upsert = diesel::insert_into(people::table)
        .values((people::id.eq(8), people::name.eq("x")))
        .on_conflict(diesel::dsl::DuplicatedKeys)
        .do_update()
        .set(people::name.eq("upserted"));
    assert_eq!(upsert.execute(db)?, 2);
    assert_eq!(
        people::table
            .find(8)
            .select(people::name)
            .first::<String>(db)?,
        "upserted"
    );
    assert_eq!(diesel::delete(people::table.find(30)).execute(db)?, 1);
    Ok(())
}

fn errors(db: &mut MysqlConnection) -> Done {
    let again = diesel::insert_into(people::table)
        .values((people::id.eq(1), people::name.eq("again")))
        .execute(db);
    assert!(
        matches!(
            again,
            Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
        ),
        "{again:?}"
    );
    let stray = diesel::insert_into(pets::table)
        .values(Pet {
            id: 30,
            owner_id: 999,
            name: "stray".into(),
        })
        .execute(db);
    assert!(
        matches!(
            stray,
            Err(Error::DatabaseError(
                DatabaseErrorKind::ForeignKeyViolation,
                _
            ))
        ),
        "{stray:?}"
    );
    for (statement, part) in [
        ("SELEC 1", "You have an error in your SQL syntax"),
        ("SELECT * FROM missing", "missing' doesn't exist"),
    ] {
        match diesel::sql_query(statement).execute(db) {
            Err(Error::DatabaseError(_, told)) => {
                assert!(told.message().contains(part), "{}", told.message())
            }
            other => panic!("{statement}: {other:?}"),
        }
    }
    assert_eq!(
        people::table
            .find(12345)
            .select(people::id)
            .first::<i64>(db)
            .optional()?,
        None
    );
    Ok(())
}

fn migrations(db: &mut MysqlConnection) -> Done {
    assert_eq!(db.run_pending_migrations(MIGRATIONS)?.len(), 2);
    assert!(!db.has_pending_migration(MIGRATIONS)?);
    diesel::insert_into(drafts::table)
        .values(drafts::word.eq("w"))
        .execute(db)?;
    assert_eq!(drafts::table.select(drafts::size).first::<i32>(db)?, 3);
    assert_eq!(db.revert_all_migrations(MIGRATIONS)?.len(), 2);
    assert!(drafts::table.count().get_result::<i64>(db).is_err());
    Ok(())
}

fn main() -> Done {
    let url = format!(
        "mysql://{}:{}@{}:{}/{}",
        story::env("MYSQL_USER"),
        story::env("MYSQL_PASSWORD"),
        story::env("MYSQL_HOST"),
        story::port(),
        story::env("MYSQL_DB")
    );
    let pool = Pool::builder()
        .max_size(3)
        .test_on_check_out(true)
        .build(ConnectionManager::<MysqlConnection>::new(url))?;
    let mut db = pool.get()?;
    rows(&mut db)?;
    questions(&mut db)?;
    transactions(&mut db)?;
    errors(&mut db)?;
    migrations(&mut db)?;
    drop(db);
    let tasks: Vec<_> = (9..=20_i64)
        .map(|id| {
            let pool = pool.clone();
            std::thread::spawn(move || -> Done {
                let name: String = people::table
                    .find(id)
                    .select(people::name)
                    .first(&mut pool.get()?)?;
                assert_eq!(name, format!("n{id}"));
                Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.join().expect("a thread")?;
    }
    Ok(())
}

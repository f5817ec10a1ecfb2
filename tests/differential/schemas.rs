//! `[schemas."*"]`: databases of a replica set that are schemas without standing in the configuration. They
//! come and go as on one server.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;

use super::common::{APP_PASSWORD, Place, connect, servers};
use super::pair::{CLIENTS, Stage, assert_same, make_account};

const TABLES: &str = r#"
[schemas."*"]
shards = ["a/*"]
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
"#;

const ITEMS: &str = "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)";

/// `{n}` is the name of the schema that is configured.
const STATEMENTS: &[&str] = &[
    "USE {n}x",
    "CREATE DATABASE {n}x",
    "CREATE DATABASE {n}x",
    "CREATE DATABASE IF NOT EXISTS {n}x",
    "CREATE DATABASE {n}",
    "SHOW CREATE DATABASE {n}x",
    "SHOW DATABASES LIKE '{n}x'",
    "SHOW DATABASES WHERE `Database` REGEXP '^{n}[xy]?$'",
    "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{n}x'",
    "CREATE TABLE {n}x.t (id INT PRIMARY KEY AUTO_INCREMENT, a INT)",
    "USE {n}x",
    "SELECT DATABASE()",
    "SHOW TABLES",
    "INSERT INTO t (a) VALUES (1), (3), (5)",
    "SELECT LAST_INSERT_ID()",
    "SELECT * FROM t ORDER BY id",
    "CREATE VIEW v AS SELECT MAX(a) AS most FROM t",
    "SELECT * FROM v",
    "SHOW FULL TABLES",
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 2",
    "SELECT COUNT(*) FROM {n}.items",
    "SELECT i.id, t.id FROM {n}.items i JOIN t ON t.a = i.a ORDER BY 1",
    "BEGIN",
    "UPDATE {n}.items SET a = 30 WHERE id = 3",
    "UPDATE t SET a = 30 WHERE a = 3",
    "ROLLBACK",
    "SELECT * FROM t WHERE a = 3",
    "ALTER DATABASE CHARACTER SET latin1",
    "SHOW CREATE DATABASE {n}x",
    "CREATE SCHEMA `{n}y` CHARACTER SET utf8mb4",
    "SHOW DATABASES LIKE '{n}x'",
    "SHOW DATABASES WHERE `Database` REGEXP '^{n}[xy]?$'",
    "SHOW DATABASES LIKE '{n}y'",
    "CREATE TABLE {n}y.u LIKE t",
    "SHOW CREATE TABLE {n}y.u",
    "INSERT INTO {n}y.u SELECT * FROM t",
    "SELECT t.id, u.a FROM t JOIN {n}y.u USING (id) ORDER BY 1",
    "UPDATE {n}y.u JOIN t USING (id) SET u.a = t.a + 1",
    "SELECT * FROM {n}y.u ORDER BY id",
    "DELETE u FROM {n}y.u AS u JOIN t USING (id) WHERE t.a > 1",
    "SELECT COUNT(*) FROM {n}y.u",
    "CREATE TABLE {n}y.c (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES {n}x.t (id))",
    "RENAME TABLE {n}y.u TO {n}x.u",
    "SHOW TABLES",
    "DROP DATABASE {n}y",
    "SELECT * FROM {n}y.u AS gone",
    "SHOW TABLES FROM {n}y",
    "CREATE TABLE {n}y.u (a INT)",
    "DROP DATABASE {n}x",
    "SELECT DATABASE()",
    "SHOW TABLES",
    "SELECT * FROM t",
    "USE {n}x",
    "DROP DATABASE {n}x",
    "DROP DATABASE IF EXISTS {n}x",
    "SHOW WARNINGS",
    "ALTER DATABASE {n}x CHARACTER SET utf8mb4",
    "SHOW CREATE DATABASE {n}x",
    "CREATE DATABASE {n}x CHARACTER SET nosuch",
    "USE {n}",
    "SELECT COUNT(*) FROM items",
];

async fn stage() -> Stage {
    let stage = Stage::new(TABLES, &[ITEMS], &[]).await;
    stage
        .run("INSERT INTO items VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)")
        .await;
    stage
}

#[tokio::test]
async fn databases_come_and_go_as_on_one_server() {
    let mut differences = Vec::new();
    let mariadb = servers().await.flavor() == Flavor::MariaDb;
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            let statement = statement.replace("{n}", stage.place.name());
            if mariadb && statement.ends_with("AS gone") {
                // Of a database that is gone it says that the table is.
                continue;
            }
            match statement.split_whitespace().next() {
                // Of these the proxy makes the columns itself.
                _ if statement.starts_with("SHOW DATABASES") => pair.values(&statement).await,
                _ if statement.starts_with("SELECT DATABASE") => pair.values(&statement).await,
                Some("SELECT") => pair.query_elsewhere(&statement).await,
                _ => pair.change(&statement).await,
            }
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn names_that_are_taken_are_not_to_be_had() {
    let stage = stage().await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    let shard = format!("CREATE DATABASE {}_0", stage.place.name());
    pair.refusals(&[
        shard.as_str(),
        "CREATE DATABASE shardwell",
        "DROP DATABASE mysql",
    ])
    .await;
    let mut app = stage.app().await;
    for sql in [
        "CREATE VIEW {n}v AS SELECT * FROM shardwell.decisions",
        "CREATE TABLE {n}v LIKE shardwell.decisions",
        "HANDLER shardwell.decisions OPEN",
        "SELECT * FROM shardwell.decisions",
    ] {
        let sql = sql.replace("{n}", &format!("{}x.", stage.place.name()));
        app.query_drop(format!(
            "CREATE DATABASE IF NOT EXISTS {}x",
            stage.place.name()
        ))
        .await
        .unwrap();
        let error = app.query_drop(&sql).await.unwrap_err().to_string();
        assert!(error.contains("1049"), "{sql}: {error}");
    }
    let names: Vec<String> = app.query("SHOW DATABASES").await.unwrap();
    let hidden = |name: &&String| {
        name.starts_with(&format!("{}_", stage.place.name())) || *name == "shardwell"
    };
    assert_eq!(names.iter().find(hidden), None);
}

/// A database that was made straight on the server is found by its name.
#[tokio::test]
async fn what_is_made_behind_the_proxys_back_is_found() {
    let stage = stage().await;
    let name = stage.place.name();
    let straight = |sql: String| async move {
        let mut admin = servers().await.a.admin().await.unwrap();
        admin.query_drop(sql).await.unwrap();
    };
    let mut app = stage.app().await;
    for (number, way) in [
        "USE {}",
        "SELECT COUNT(*) FROM {}.t",
        "INSERT INTO {}.t VALUES (1)",
    ]
    .into_iter()
    .enumerate()
    {
        let database = format!("{name}b{number}");
        straight(format!("CREATE DATABASE {database}")).await;
        straight(format!("CREATE TABLE {database}.t (a INT)")).await;
        wait_for(&mut app, &way.replace("{}", &database)).await;
        straight(format!("DROP DATABASE {database}")).await;
        let gone = format!("SELECT * FROM {database}.t");
        let error = app.query_drop(gone).await.unwrap_err().to_string();
        assert!(error.contains("1049") || error.contains("1146"), "{error}");
    }
    let database = format!("{name}l");
    straight(format!("CREATE DATABASE {database}")).await;
    wait_for(&mut app, &format!("SHOW TABLES FROM {database}")).await;
    let account = ("app", APP_PASSWORD, Some(database.as_str()));
    let proxy = stage.address();
    let mut other = connect(proxy, account.0, account.1, account.2)
        .await
        .unwrap();
    let current: Option<String> = other.query_first("SELECT DATABASE()").await.unwrap();
    assert_eq!(current.as_deref(), Some(database.as_str()));
}

/// The servers are asked again once in a second.
async fn wait_for(app: &mut mysql_async::Conn, sql: &str) {
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match app.query_drop(sql).await {
            Ok(()) => return,
            Err(error) if tokio::time::Instant::now() > end => panic!("{sql}: {error}"),
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
}

/// Who may not see a schema cannot make it either.
#[tokio::test]
async fn users_make_and_see_what_is_theirs() {
    let place = Place::new().await;
    place.everywhere(ITEMS).await;
    make_account().await;
    let name = place.name();
    let more = format!(
        "[schemas.\"*\"]\nshards = [\"a/*\"]\n[[users]]\nname = \"guest\"\npassword = \"{APP_PASSWORD}\"\n\
         schemas = [\"{name}mine\"]\n"
    );
    let proxy = place.proxy(&more).await;
    let mut guest = connect(proxy.address(), "guest", APP_PASSWORD, None)
        .await
        .unwrap();
    for (sql, code) in [
        (format!("CREATE DATABASE {name}other"), Some("1044")),
        (format!("USE {name}mine"), Some("1049")),
        (format!("CREATE DATABASE {name}mine"), None),
        (format!("CREATE TABLE {name}mine.t (a INT)"), None),
        (format!("USE {name}mine"), None),
        (format!("DROP DATABASE {name}other"), Some("1044")),
        (format!("CREATE TABLE {name}other.t (a INT)"), Some("10")),
    ] {
        let said = guest.query_drop(&sql).await.err().map(|e| e.to_string());
        match (code, said) {
            (None, None) => {}
            (Some(code), Some(said)) => assert!(said.contains(code), "{sql}: {said}"),
            (_, said) => panic!("{sql}: {said:?}"),
        }
    }
    let seen: Vec<String> = guest.query("SHOW DATABASES").await.unwrap();
    let own: Vec<&String> = seen.iter().filter(|one| one.starts_with(name)).collect();
    assert_eq!(own, [&format!("{name}mine")]);
}

/// What servers tell of themselves has no other user's names in it; who may use all schemas gets all of it.
#[tokio::test]
async fn servers_tell_users_of_their_own_schemas_only() {
    let place = Place::new().await;
    let name = place.name();
    let more = format!(
        "[schemas.\"*\"]\nshards = [\"a/*\"]\n[[users]]\nname = \"guest\"\npassword = \"{APP_PASSWORD}\"\n\
         schemas = [\"{name}mine\"]\n[[users]]\nname = \"boss\"\npassword = \"{APP_PASSWORD}\"\nschemas = [\"*\"]\n"
    );
    let proxy = place.proxy(&more).await;
    let user = |user, schema| connect(proxy.address(), user, APP_PASSWORD, schema);
    let mut boss = user("boss", None).await.unwrap();
    let (mine, secret) = (format!("{name}mine"), format!("{name}secret"));
    for schema in [&mine, &secret] {
        for sql in [
            format!("CREATE DATABASE {schema}"),
            format!("USE {schema}"),
            "CREATE TABLE t (a INT PRIMARY KEY)".to_owned(),
            "INSERT INTO t VALUES (7)".to_owned(),
            "CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1".to_owned(),
        ] {
            boss.query_drop(&sql).await.expect(&sql);
        }
    }
    let mut guest = user("guest", Some(mine.as_str())).await.unwrap();
    boss.query_drop(format!("USE {mine}")).await.unwrap();
    for (sql, for_guest, for_boss) in [
        (
            "SELECT TABLE_SCHEMA FROM information_schema.TABLES WHERE TABLE_SCHEMA LIKE '{n}%'",
            1,
            2,
        ),
        (
            "SELECT 1 FROM information_schema.SCHEMATA AS s WHERE s.SCHEMA_NAME LIKE '{n}%t'",
            0,
            1,
        ),
        (
            "SELECT t.a FROM t JOIN information_schema.COLUMNS c ON c.COLUMN_NAME = 'a' WHERE c.TABLE_SCHEMA LIKE '{n}%'",
            1,
            2,
        ),
        (
            "SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA LIKE '{n}%'",
            1,
            2,
        ),
        ("SHOW FUNCTION STATUS WHERE Db LIKE '{n}%' OR FALSE", 1, 2),
        ("SHOW DATABASES WHERE `Database` LIKE '{n}%t'", 0, 1),
    ] {
        let sql = sql.replace("{n}", name);
        let rows = async |app: &mut mysql_async::Conn| -> usize {
            let rows: Vec<mysql_async::Row> = app.query(&sql).await.expect(&sql);
            rows.len()
        };
        let seen = (rows(&mut guest).await, rows(&mut boss).await);
        assert_eq!(seen, (for_guest, for_boss), "{sql}");
    }
    for sql in ["SHOW FUNCTION STATUS", "SHOW FUNCTION STATUS LIKE 'f'"] {
        let rows: Vec<(String, String)> = guest
            .query_map(sql, |mut row: mysql_async::Row| {
                (row.take(0).unwrap(), row.take(1).unwrap())
            })
            .await
            .unwrap();
        assert_eq!(rows, [(mine.clone(), "f".to_owned())], "{sql}");
    }
    let tables = match servers().await.flavor() {
        Flavor::MySql => "INNODB_TABLES",
        Flavor::MariaDb => "INNODB_SYS_TABLES",
    };
    for sql in [
        format!("SELECT NAME FROM information_schema.{tables}"),
        "CREATE PROCEDURE p() BEGIN SET @s = 'SELECT 1'; PREPARE q FROM @s; EXECUTE q; END"
            .to_owned(),
    ] {
        let error = guest.query_drop(&sql).await.unwrap_err().to_string();
        assert!(error.contains("1227"), "{error}");
        boss.query_drop(&sql).await.expect(&sql);
    }
}

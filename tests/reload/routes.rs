//! Rules that say where statements go.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::{Place, connect_app};
use crate::file::{File, admin, refusal, reloaded};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n\
                      [schemas.shop.tables.everywhere]\nkind = \"broadcast\"\n";

/// Row `n` lies on shard `n`.
async fn stage() -> (File, Place) {
    let place = Place::new().await;
    for table in ["t", "everywhere"] {
        let definition = format!("CREATE TABLE {table} (id INT PRIMARY KEY, v INT)");
        place.everywhere(&definition).await;
    }
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let insert = format!("INSERT INTO t VALUES ({position}, 0)");
        shard.query_drop(insert).await.unwrap();
    }
    (File::new(&place, TABLES), place)
}

/// Gives the file one rule for the application.
fn rule(file: &File, rule: &str) {
    let rule = format!("[[rules]]\nname = \"there\"\nuser = \"app\"\n{rule}\n");
    file.write(&format!("{}\n{rule}", file.first));
}

async fn ids(app: &mut Conn, sql: &str) -> Vec<i32> {
    app.query(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_see_what_the_rule_leaves_them() {
    let (file, place) = stage().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut app = connect_app(&proxy).await;
    let all = "SELECT id FROM t ORDER BY id";
    let before = app.prep(all).await.unwrap();
    let [s0, _, s2, _] = place.shards().map(|(_, database)| database);
    let hinted = format!("SELECT /*+ SHARDWELL(shard=b/{s2}, scatter=off) */ id FROM t");
    let table: [(String, &[i32], &[i32]); 6] = [
        (format!("route = \"a/{s0}\""), &[0], &[0]),
        (format!("route = \"{s2}\""), &[2], &[2]),
        ("route = \"b\"".to_owned(), &[2, 3], &[]),
        (
            "hint = \"replica_set=a, scatter=on\"".to_owned(),
            &[0, 1],
            &[0, 1],
        ),
        ("route = \"primary\"".to_owned(), &[0, 1, 2, 3], &[2]),
        ("route = \"replica\"".to_owned(), &[0, 1, 2, 3], &[2]),
    ];
    for (action, expected, of_hinted) in table {
        rule(&file, &format!("kind = \"select\"\n{action}"));
        reloaded(&mut boss).await;
        assert_eq!(ids(&mut app, all).await, expected, "{action}");
        let rows: Vec<i32> = app.exec(&before, ()).await.unwrap();
        assert_eq!(rows, expected, "{action}, prepared before");
        let after = app.prep(all).await.unwrap();
        let rows: Vec<i32> = app.exec(&after, ()).await.unwrap();
        assert_eq!(rows, expected, "{action}, prepared now");
        let immediate = format!("PREPARE x FROM '{all}'");
        app.query_drop(immediate).await.unwrap();
        assert_eq!(
            ids(&mut app, "EXECUTE x").await,
            expected,
            "{action}, as text"
        );
        match of_hinted {
            // The shards that are left are more than one, and the statement says scatter=off.
            [] => assert_eq!(refusal(app.query_drop(&hinted).await).0, 1235, "{action}"),
            _ => assert_eq!(ids(&mut app, &hinted).await, of_hinted, "{action}"),
        }
        let all_of_boss: Vec<i32> = boss
            .query("SELECT id FROM shop.t ORDER BY id")
            .await
            .unwrap();
        assert_eq!(all_of_boss, [0, 1, 2, 3], "another user's");
        for own in [
            "SELECT LAST_INSERT_ID()",
            "SELECT @@version",
            "SELECT DATABASE()",
        ] {
            app.query_drop(own)
                .await
                .unwrap_or_else(|error| panic!("{action}: {own}: {error}"));
        }
    }
    file.write(&file.first);
    reloaded(&mut boss).await;
    assert_eq!(ids(&mut app, all).await, [0, 1, 2, 3]);
    let rows: Vec<i32> = app.exec(&before, ()).await.unwrap();
    assert_eq!(rows, [0, 1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_as_safe_as_a_hint() {
    let (file, place) = stage().await;
    let [s0, ..] = place.shards().map(|(_, database)| database);
    rule(&file, &format!("route = \"a/{s0}\""));
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    for (sql, code) in [
        ("INSERT INTO t VALUES (5, 5)", 1210),
        ("INSERT INTO everywhere VALUES (1, 1)", 1235),
        ("UPDATE everywhere SET v = 1", 1235),
        ("INSERT INTO t VALUES (4, 4)", 0),
        ("UPDATE t SET v = 9", 0),
        ("SET @x = 1", 0),
        ("BEGIN", 0),
        ("SHOW TABLES", 0),
        ("COMMIT", 0),
        ("SELECT id FROM everywhere", 0),
        ("ALTER TABLE t ADD COLUMN w INT", 0),
    ] {
        let told = app.query_drop(sql).await;
        match code {
            0 => told.unwrap_or_else(|error| panic!("{sql}: {error}")),
            code => assert_eq!(refusal(told).0, code, "{sql}"),
        }
    }
    let mut counts = Vec::new();
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let changed = "SELECT COUNT(*) FROM t WHERE v = 9";
        let count: Option<i64> = shard.query_first(changed).await.unwrap();
        counts.extend(count);
    }
    assert_eq!(counts, [2, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rules_hint_is_like_the_statements_and_the_first_rule_counts() {
    let (file, place) = stage().await;
    let proxy = file.proxy().await;
    let mut boss = admin(&proxy).await;
    let mut app = connect_app(&proxy).await;
    rule(&file, "kind = \"select\"\nhint = \"replica\"");
    reloaded(&mut boss).await;
    let (code, message) = refusal(app.query_drop("SELECT LAST_INSERT_ID()").await);
    assert_eq!(code, 1235, "{message}");
    assert!(message.contains("hint 'replica'"), "{message}");
    rule(&file, "pattern = 'from t$'\nhint = \"scatter=off\"");
    reloaded(&mut boss).await;
    assert_eq!(refusal(app.query_drop("SELECT id FROM t").await).0, 1235);
    app.query_drop("SELECT id FROM t WHERE id = 1")
        .await
        .unwrap();
    let [s0, s1, ..] = place.shards().map(|(_, database)| database);
    rule(
        &file,
        &format!(
            "route = \"{s1}\"\n[[rules]]\nname = \"second\"\nuser = \"app\"\n\
             hint = \"shard={s0}, scatter=off\"\n"
        ),
    );
    reloaded(&mut boss).await;
    assert_eq!(ids(&mut app, "SELECT id FROM t").await, [1]);
    let lines: Vec<(String, String)> = app
        .query("EXPLAIN FORMAT=SHARDWELL SELECT id FROM t")
        .await
        .unwrap();
    let told = |name: &str| lines.iter().any(|(what, _)| what.contains(name));
    assert!(told(&s1) && !told(&s0), "{lines:?}");
}

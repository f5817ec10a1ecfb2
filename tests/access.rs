//! A user sees the schemas that the configuration names, and nothing else of the servers.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Answer, Place, ask, connect_app};
use shardwell::cli::demo::proxy::start_proxy;

#[tokio::test]
async fn other_schemas_physical_databases_and_the_servers_own_are_out_of_reach() {
    let mine = Place::new().await;
    let theirs = Place::new().await;
    for place in [&mine, &theirs] {
        place
            .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
            .await;
    }
    let table = "key = \"id\"\nalgorithm = \"hash_mod\"";
    let physical: Vec<String> = theirs.shards().map(|(_, database)| database).to_vec();
    let tables = format!(
        "[schemas.shop.tables.t]\n{table}\n\
         [schemas.other]\nshards = [\"a/{}\"]\n[schemas.other.tables.t]\n{table}",
        physical[0]
    );
    let proxy = start_proxy(mine.config(&tables)).await.unwrap();
    let mut app = connect_app(&proxy).await;
    let own = ask(&mut app, "SELECT * FROM shop.t WHERE id = 1").await;
    assert!(matches!(own, Answer::Rows { .. }), "{own:?}");
    let hidden = &physical[0];
    let cases = [
        ("SELECT * FROM other.t WHERE id = 1".to_owned(), 1044),
        (
            "SELECT * FROM shop.t, other.t o WHERE o.id = 1".to_owned(),
            1044,
        ),
        ("INSERT INTO other.t VALUES (1)".to_owned(), 1044),
        ("DROP TABLE other.t".to_owned(), 1044),
        ("USE other".to_owned(), 1044),
        ("SHOW TABLES FROM other".to_owned(), 1044),
        ("SHOW COLUMNS FROM t FROM other".to_owned(), 1044),
        ("DESCRIBE other.t".to_owned(), 1044),
        (
            "EXPLAIN SELECT * FROM other.t WHERE id = 1".to_owned(),
            1044,
        ),
        (format!("SELECT * FROM {hidden}.t WHERE id = 1"), 1049),
        (format!("USE {hidden}"), 1044),
        (format!("CHECKSUM TABLE {hidden}.t"), 1049),
        ("SELECT * FROM other.nothing".to_owned(), 1044),
        ("INSERT INTO other.t () VALUES ()".to_owned(), 1044),
        ("SELECT other.f()".to_owned(), 1044),
        (format!("SELECT /*+ SHARDWELL(shard={hidden}) */ 1"), 1210),
        (
            format!("/*+ SHARDWELL(shard={hidden}) */ DROP TABLE t"),
            1210,
        ),
        (
            format!("SELECT /*+ SHARDWELL(shard={hidden}) */ * FROM t"),
            1210,
        ),
        (
            "EXPLAIN FORMAT=SHARDWELL SELECT * FROM other.t WHERE id = 1".to_owned(),
            1044,
        ),
        (
            "EXPLAIN FORMAT=SHARDWELL INSERT INTO other.t () VALUES ()".to_owned(),
            1044,
        ),
        ("SELECT * FROM mysql.user".to_owned(), 1044),
        ("SHOW TABLES FROM mysql".to_owned(), 1044),
        ("USE mysql".to_owned(), 1044),
    ];
    for (statement, expected) in cases {
        match ask(&mut app, &statement).await {
            // Some are refused for another reason before that; what counts is that none is run.
            Answer::Refused { code, .. } => {
                assert!(code == expected || code == 1235, "{statement}: {code}");
            }
            other => panic!("{statement}: {other:?}"),
        }
    }
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

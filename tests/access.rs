//! A user sees the schemas that the configuration names, and nothing else of the servers.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{APP_PASSWORD, APP_USER, Answer, Place, SCHEMA, ask, connect_app};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, SslOpts};
use shardwell::cli::demo::proxy::start_proxy;

/// Statements, `$` for a hidden database, and the error of each.
const OUT_OF_REACH: &[(&str, u16)] = &[
    ("SELECT * FROM other.t WHERE id = 1", 1044),
    ("SELECT * FROM shop.t, other.t o WHERE o.id = 1", 1044),
    ("INSERT INTO other.t VALUES (1)", 1044),
    ("DROP TABLE other.t", 1044),
    ("USE other", 1044),
    ("SHOW TABLES FROM other", 1044),
    ("SHOW COLUMNS FROM t FROM other", 1044),
    ("DESCRIBE other.t", 1044),
    ("EXPLAIN SELECT * FROM other.t WHERE id = 1", 1044),
    ("SELECT * FROM $.t WHERE id = 1", 1049),
    ("USE $", 1044),
    ("CHECKSUM TABLE $.t", 1049),
    ("SELECT * FROM other.nothing", 1044),
    ("INSERT INTO other.t () VALUES ()", 1044),
    ("SELECT other.f()", 1044),
    ("SELECT /*+ SHARDWELL(shard=$) */ 1", 1210),
    ("/*+ SHARDWELL(shard=$) */ DROP TABLE t", 1210),
    ("SELECT /*+ SHARDWELL(shard=$) */ * FROM t", 1210),
    (
        "EXPLAIN FORMAT=SHARDWELL SELECT * FROM other.t WHERE id = 1",
        1044,
    ),
    (
        "EXPLAIN FORMAT=SHARDWELL INSERT INTO other.t () VALUES ()",
        1044,
    ),
    ("PREPARE s FROM 'SELECT * FROM other.t WHERE id = 1'", 1044),
    ("PREPARE s FROM 'SELECT * FROM $.t'", 1049),
    ("PREPARE s FROM 'CREATE TABLE other.made (id INT)'", 1044),
    ("EXECUTE s", 1243),
    ("SELECT * FROM mysql.user", 1044),
    ("SHOW TABLES FROM mysql", 1044),
    ("USE mysql", 1044),
    // Accounts of the servers, with hashes of their passwords; what other clients do.
    ("SHOW GRANTS FOR root@localhost", 1044),
    ("SHOW GRANTS FOR CURRENT_USER, root@localhost", 1044),
    ("SHOW CREATE USER CURRENT_USER()", 1044),
    ("SHOW CREATE USER root@localhost", 1044),
    ("PREPARE s FROM 'SHOW GRANTS FOR root@localhost'", 1044),
    ("SHOW BINLOG EVENTS LIMIT 1", 1227),
    ("SHOW RELAYLOG EVENTS", 1227),
    ("SHOW ENGINE INNODB STATUS", 1227),
    ("SHOW OPEN TABLES", 1227),
    ("SHOW OPEN TABLES LIKE 't'", 1227),
];

/// What a client is told of its own rights: nothing of the account on the servers.
fn own_rights() -> Vec<(String, Vec<String>)> {
    let grants = [
        format!("GRANT USAGE ON *.* TO `{APP_USER}`@`%`"),
        format!("GRANT ALL PRIVILEGES ON `shop`.* TO `{APP_USER}`@`%`"),
    ];
    let of = "FROM information_schema.";
    let own = "WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER()";
    let with = |sql: String, rows: &[&str]| (sql, rows.iter().map(|r| (*r).to_owned()).collect());
    let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
    vec![
        with("SHOW GRANTS".to_owned(), &grants),
        with("SHOW GRANTS FOR CURRENT_USER()".to_owned(), &grants),
        with("show grants for current_user".to_owned(), &grants),
        with(
            format!("SELECT DISTINCT TABLE_SCHEMA {of}SCHEMA_PRIVILEGES {own}"),
            &["shop"],
        ),
        with(
            format!(
                "SELECT PRIVILEGE_TYPE {of}SCHEMA_PRIVILEGES {own} AND PRIVILEGE_TYPE LIKE 'CREATE%' ORDER BY 1"
            ),
            &[
                "CREATE",
                "CREATE ROUTINE",
                "CREATE TEMPORARY TABLES",
                "CREATE VIEW",
            ],
        ),
        with(
            format!("SELECT PRIVILEGE_TYPE {of}USER_PRIVILEGES"),
            &["USAGE"],
        ),
        with(format!("SELECT TABLE_NAME {of}TABLE_PRIVILEGES"), &[]),
        with(format!("SELECT COLUMN_NAME {of}COLUMN_PRIVILEGES"), &[]),
    ]
}

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
    for (statement, expected) in OUT_OF_REACH {
        let statement = statement.replace('$', hidden);
        match ask(&mut app, &statement).await {
            // Some are refused for another reason before that; what counts is that none is run.
            Answer::Refused { code, .. } => {
                assert!(code == *expected || code == 1235, "{statement}: {code}");
            }
            other => panic!("{statement}: {other:?}"),
        }
    }
    for (statement, told) in own_rights() {
        let rows: Vec<String> = app
            .query(&statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(rows, told, "{statement}");
        let rows: Vec<String> = app.exec(&statement, ()).await.unwrap();
        assert_eq!(rows, told, "{statement}, prepared");
    }
    // A text in a variable, and texts that only MariaDB executes.
    let set = "SET @sql = 'SELECT * FROM other.t'";
    assert!(matches!(ask(&mut app, set).await, Answer::Done { .. }));
    for (statement, codes) in [
        ("PREPARE s FROM @sql", [1044, 1044]),
        ("EXECUTE IMMEDIATE @sql", [1044, 1064]),
        ("EXECUTE IMMEDIATE 'SELECT * FROM other.t'", [1044, 1064]),
        ("EXECUTE IMMEDIATE CONCAT(@sql, '')", [1235, 1064]),
        ("BEGIN NOT ATOMIC EXECUTE IMMEDIATE @sql; END", [1227, 1227]),
    ] {
        match ask(&mut app, statement).await {
            Answer::Refused { code, .. } => assert!(codes.contains(&code), "{statement}: {code}"),
            other => panic!("{statement}: {other:?}"),
        }
    }
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

/// What a client asks about its own connection is not answered with the proxy's to a server.
#[tokio::test]
async fn a_client_is_told_how_its_own_connection_is_encrypted() {
    let place = Place::new().await;
    let proxy = start_proxy(place.config("")).await.unwrap();
    let address = proxy.address();
    for encrypted in [false, true] {
        let tls = SslOpts::default().with_danger_accept_invalid_certs(true);
        let options = OptsBuilder::default()
            .ip_or_hostname(address.ip().to_string())
            .tcp_port(address.port())
            .user(Some(APP_USER))
            .pass(Some(APP_PASSWORD))
            .db_name(Some(SCHEMA))
            .prefer_socket(false)
            .ssl_opts(encrypted.then_some(tls));
        let mut client = Conn::new(options).await.unwrap();
        let mut told = Vec::new();
        for name in ["Ssl_version", "ssl_cipher", "Threads_running"] {
            let sql = format!("SHOW SESSION STATUS LIKE '{name}'");
            let row: Option<(String, String)> = client.query_first(sql).await.unwrap();
            told.push(row.unwrap());
        }
        let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Ssl_version", "Ssl_cipher", "Threads_running"]);
        let [version, cipher, _] = <[(String, String); 3]>::try_from(told).unwrap();
        assert_eq!(version.1, if encrypted { "TLSv1.3" } else { "" });
        assert_eq!(cipher.1.starts_with("TLS_"), encrypted, "{cipher:?}");
        let socket: Option<String> = client.query_first("SELECT @@socket").await.unwrap();
        assert_eq!(socket.unwrap(), "");
    }
}

//! Which statements a replica answers.

use mysql_async::prelude::Queryable;

use shardwell::cli::demo::program::Flavor;

use crate::common::{APP_PASSWORD, SCHEMA, connect, connect_app, servers};
use crate::set::{Set, answered_by, who};

#[tokio::test]
async fn only_plain_reads_leave_the_primary() {
    let set = Set::start().await;
    set.primary
        .run(&[
            "CREATE FUNCTION shop.f() RETURNS INT DETERMINISTIC RETURN 1",
            "CREATE TABLE shop.seen (id INT AUTO_INCREMENT PRIMARY KEY)",
            "CREATE FUNCTION shop.note() RETURNS INT MODIFIES SQL DATA DETERMINISTIC \
             BEGIN INSERT INTO shop.seen VALUES (); RETURN 1; END",
            "CREATE VIEW shop.noting AS SELECT name, shop.note() AS n FROM shop.who",
        ])
        .await;
    set.wait_until_applied().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = connect_app(&proxy).await;
    let plain = [
        "SELECT name FROM who",
        "SELECT w.name FROM who w JOIN who x USING (name) WHERE x.name > ''",
        "WITH c AS (SELECT name FROM who) SELECT name FROM c",
        "SELECT name FROM (SELECT * FROM who) d",
        "SELECT name FROM who UNION SELECT name FROM who",
        "SELECT /*+ SHARDWELL(replica) */ name FROM who",
    ];
    for sql in plain {
        let answered = answered_by(&mut client, sql).await;
        assert!(
            ["r1", "r2"].contains(&answered.as_str()),
            "{sql}: {answered}"
        );
    }
    let not_plain = [
        "SELECT name FROM who FOR UPDATE",
        "SELECT name FROM who FOR SHARE",
        "SELECT name FROM who LOCK IN SHARE MODE",
        "SELECT name FROM who WHERE @x IS NULL",
        "SELECT name FROM who WHERE @@server_id > 0",
        "SELECT name FROM who WHERE LAST_INSERT_ID() = 0",
        "SELECT name FROM who WHERE CONNECTION_ID() > 0",
        "SELECT name FROM who WHERE f() = 1",
        "SELECT name FROM who WHERE note() = 1",
        "SELECT name FROM noting WHERE n = 1",
        "SELECT SQL_CALC_FOUND_ROWS name FROM who",
        "SELECT /*+ SHARDWELL(primary) */ name FROM who",
        "SELECT /*! name */ FROM who",
    ];
    let mariadb = servers().await.flavor() == Flavor::MariaDb;
    for sql in not_plain {
        if mariadb && sql.contains("FOR SHARE") {
            continue;
        }
        // Some leave something on a connection, which the next one shall not see.
        let mut client = connect_app(&proxy).await;
        assert_eq!(answered_by(&mut client, sql).await, "p", "{sql}");
    }
    let refused = answered_by(
        &mut client,
        "SELECT /*+ SHARDWELL(replica) */ name FROM who FOR UPDATE",
    );
    let refused = refused.await;
    assert!(refused.contains("1235"), "{refused}");
    // What the view writes was written once, on the primary.
    let mut admin = set.primary.admin().await;
    let seen: Vec<u32> = admin.query("SELECT id FROM shop.seen").await.unwrap();
    assert_eq!(seen.len(), 2, "{seen:?}");
}

#[tokio::test]
async fn what_a_session_has_open_keeps_its_reads_on_the_primary() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let primary_only: [&[&str]; 8] = [
        &["BEGIN"],
        &["START TRANSACTION"],
        &["SET autocommit = 0"],
        &["CREATE TEMPORARY TABLE x (a INT)"],
        &["SELECT GET_LOCK('l', 1)"],
        &["SET @a = 1"],
        &[
            "START TRANSACTION READ ONLY",
            "SELECT name FROM who WHERE @@server_id > 0",
        ],
        &[
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "START TRANSACTION READ ONLY",
        ],
    ];
    for statements in primary_only {
        let mut client = connect_app(&proxy).await;
        for sql in statements {
            client.query_drop(*sql).await.unwrap();
        }
        assert_eq!(who(&mut client).await, "p", "{statements:?}");
    }
    let mut client = connect_app(&proxy).await;
    client
        .query_drop("SET TRANSACTION READ ONLY")
        .await
        .unwrap();
    assert_eq!(who(&mut client).await, "p");
    assert_ne!(who(&mut client).await, "p", "it was for one transaction");
}

#[tokio::test]
async fn a_read_only_transaction_stays_on_one_replica() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = connect_app(&proxy).await;
    for begin in [
        "START TRANSACTION READ ONLY",
        "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
    ] {
        client.query_drop(begin).await.unwrap();
        let first = who(&mut client).await;
        assert_ne!(first, "p", "{begin}");
        for _ in 0..3 {
            assert_eq!(who(&mut client).await, first);
        }
        let refused = [
            "SELECT name FROM who FOR UPDATE",
            "INSERT INTO t VALUES (1, 1)",
            "SELECT GET_LOCK('l', 0)",
            "SET @a = 1",
        ];
        for sql in refused {
            let error = client.query_drop(sql).await.unwrap_err().to_string();
            assert!(error.contains("1235"), "{sql}: {error}");
        }
        assert_eq!(who(&mut client).await, first, "the transaction goes on");
        client.query_drop("COMMIT").await.unwrap();
        client
            .query_drop("REPLACE INTO t VALUES (1, 1)")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_user_may_read_otherwise_than_a_schema_says() {
    let set = Set::start().await;
    let proxy = set.proxy("\"primary\"", "").await;
    let mut client = connect_app(&proxy).await;
    assert_eq!(who(&mut client).await, "p");
    let hinted = "SELECT /*+ SHARDWELL(replica) */ name FROM who";
    assert_ne!(answered_by(&mut client, hinted).await, "p");
    let mut reports = connect(proxy.address(), "reports", APP_PASSWORD, Some(SCHEMA))
        .await
        .unwrap();
    assert_ne!(who(&mut reports).await, "p");
}

#[tokio::test]
async fn a_rule_sends_the_reads_to_replicas_that_one_can_answer() {
    let set = Set::start().await;
    let rule = "[[rules]]\nname = \"away\"\nuser = \"app\"\nroute = \"replica\"";
    let proxy = set.proxy("\"primary\"", rule).await;
    let mut client = connect_app(&proxy).await;
    assert_ne!(who(&mut client).await, "p");
    let prepared = client.prep("SELECT name FROM who").await.unwrap();
    let name: Option<String> = client.exec_first(&prepared, ()).await.unwrap();
    assert_ne!(name.as_deref(), Some("p"));
    let locking = "SELECT name FROM who FOR UPDATE";
    assert_eq!(answered_by(&mut client, locking).await, "p");
    client
        .query_drop("REPLACE INTO t VALUES (3, 3)")
        .await
        .unwrap();
}

#[tokio::test]
async fn session_settings_go_with_the_read_and_never_unlock_a_replica() {
    let set = Set::start().await;
    set.primary
        .run(&[
            "CREATE FUNCTION shop.note() RETURNS INT MODIFIES SQL DATA DETERMINISTIC \
             BEGIN INSERT INTO shop.t VALUES (7, 7); RETURN 1; END",
            "CREATE VIEW shop.noting AS SELECT name, shop.note() AS n FROM shop.who",
        ])
        .await;
    set.wait_until_applied().await;
    for replica in &set.replicas {
        // An account with all privileges may write there, but for the proxy's own care.
        replica
            .run_on(
                &[
                    "SET GLOBAL super_read_only = OFF",
                    "SET GLOBAL read_only = OFF",
                ],
                &["SET GLOBAL read_only = OFF"],
            )
            .await;
    }
    let proxy = set.proxy("\"eventual\"", "").await;
    let mut client = connect_app(&proxy).await;
    for sql in [
        "SET SESSION TRANSACTION READ ONLY",
        "SET SESSION TRANSACTION READ WRITE",
        "SET time_zone = '+05:00'",
    ] {
        client.query_drop(sql).await.unwrap();
        assert_ne!(who(&mut client).await, "p", "{sql}");
    }
    let hour = "SELECT name, HOUR(FROM_UNIXTIME(0)) FROM who";
    let (name, hour): (String, u8) = client.query_first(hour).await.unwrap().unwrap();
    assert_eq!(hour, 5);
    assert_ne!(name, "p");
    assert_eq!(
        answered_by(&mut client, "SELECT name FROM noting WHERE n = 1").await,
        "p"
    );
    // Replication would stop if the row were there already.
    set.wait_until_applied().await;
}

#[tokio::test]
async fn reads_have_the_primarys_globals_on_replicas_that_have_others() {
    let set = Set::start().await;
    for replica in &set.replicas {
        replica
            .run(&[
                "SET GLOBAL time_zone = '+07:00'",
                "SET GLOBAL sql_mode = 'PIPES_AS_CONCAT'",
                "SET GLOBAL div_precision_increment = 9",
            ])
            .await;
    }
    set.primary.run(&["SET GLOBAL time_zone = '+02:00'"]).await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let values = "SELECT name, HOUR(FROM_UNIXTIME(0)), 3 || 4, 1 / 3 FROM who";
    let expected = |name: &str, hour: u8, third: &str| {
        assert_ne!(name, "p");
        (name.to_owned(), hour, 1, third.to_owned())
    };
    let mut client = connect_app(&proxy).await;
    let found: (String, u8, u8, String) = client.query_first(values).await.unwrap().unwrap();
    assert_eq!(found, expected(&found.0, 2, "0.3333"));
    for sql in [
        "SET GLOBAL div_precision_increment = 6",
        "SET GLOBAL time_zone = '+04:00'",
    ] {
        client.query_drop(sql).await.unwrap();
    }
    let mut later = connect_app(&proxy).await;
    let found: (String, u8, u8, String) = later.query_first(values).await.unwrap().unwrap();
    assert_eq!(found, expected(&found.0, 4, "0.333333"));
    let found: (String, u8, u8, String) = client.query_first(values).await.unwrap().unwrap();
    assert_eq!(found, expected(&found.0, 2, "0.3333"));
}

#[tokio::test]
async fn what_has_not_arrived_on_a_replica_is_asked_of_the_primary() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    for replica in &set.replicas {
        replica
            .run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"])
            .await;
    }
    let mut client = connect_app(&proxy).await;
    client.query_drop("CREATE TABLE n (id INT)").await.unwrap();
    for _ in 0..2 {
        let none: Vec<u32> = client.query("SELECT id FROM n").await.unwrap();
        assert!(none.is_empty());
    }
    client
        .query_drop("ALTER TABLE t ADD COLUMN w INT")
        .await
        .unwrap();
    for _ in 0..2 {
        let none: Vec<u32> = client.query("SELECT w FROM t").await.unwrap();
        assert!(none.is_empty());
    }
    let error = client.query_drop("SELECT x FROM t").await.unwrap_err();
    assert!(error.to_string().contains("1054"), "{error}");
}

#[tokio::test]
async fn a_replica_that_would_answer_otherwise_is_not_asked() {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    let [one, _] = &set.replicas;
    one.run(&["SET GLOBAL collation_server = 'latin1_bin'"])
        .await;
    let mut client = connect_app(&proxy).await;
    crate::set::eventually("the other one answers everything", async || {
        who(&mut client).await == "r2" && who(&mut client).await == "r2"
    })
    .await;
}

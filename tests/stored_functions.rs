//! Stored functions and sequences: what they do and leave behind is their session's own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod common;

use common::{Answer, Place, ask, connect_app, servers};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"";

/// Writes a row into `log` and gives the number of rows there, its own among them.
const NOTE: &str = "CREATE FUNCTION note(v INT) RETURNS INT NOT DETERMINISTIC MODIFIES SQL DATA \
    BEGIN INSERT INTO log VALUES (v); RETURN (SELECT COUNT(*) FROM log); END";

/// Leaves a user variable in its session and gives what it was before.
const LEAVE: &str = "CREATE FUNCTION leave_it(v INT) RETURNS INT NOT DETERMINISTIC NO SQL \
    BEGIN DECLARE old INT DEFAULT @left_there; SET @left_there = v; RETURN old; END";

/// A lock that its session holds.
const LOCKS: &str = "CREATE FUNCTION take_lock(name VARCHAR(20)) RETURNS INT NOT DETERMINISTIC NO SQL \
    RETURN GET_LOCK(name, 0)";

async fn on_shard(place: &Place, position: usize, statements: &[&str]) {
    let mut shard = place.shard(position).await;
    shard
        .query_drop("SET GLOBAL log_bin_trust_function_creators = 1")
        .await
        .unwrap();
    for statement in statements {
        shard.query_drop(*statement).await.expect(statement);
    }
    shard.disconnect().await.unwrap();
}

/// `t` is sharded, `log` and the functions are on all shards, the table `here` on one.
async fn place() -> Place {
    let place = Place::new().await;
    let t = "CREATE TABLE t (id BIGINT PRIMARY KEY, v INT)";
    for position in 0..4 {
        let statements = ["CREATE TABLE log (v INT)", t, NOTE, LEAVE, LOCKS];
        on_shard(&place, position, &statements).await;
    }
    on_shard(
        &place,
        1,
        &["CREATE TABLE here (a INT)", "INSERT INTO here VALUES (1)"],
    )
    .await;
    place
}

/// A proxy whose schema is the first shard alone.
async fn proxy_of_one_shard(place: &Place) -> ProxyHandle {
    let (_, database) = &place.shards()[0];
    let config = place.config("");
    let (servers, _) = config.split_once("[schemas.shop]").unwrap();
    let schema = format!("[schemas.shop]\nshards = [\"a/{database}\"]\n");
    start_proxy(servers.to_owned() + &schema).await.unwrap()
}

async fn number(app: &mut Conn, statement: &str) -> Option<i64> {
    let row: Option<Option<i64>> = app.query_first(statement).await.expect(statement);
    row.flatten()
}

async fn logged(place: &Place) -> [i64; 4] {
    let mut counts = [0; 4];
    for (position, count) in counts.iter_mut().enumerate() {
        let mut shard = place.shard(position).await;
        *count = number(&mut shard, "SELECT COUNT(*) FROM log")
            .await
            .unwrap();
        shard.disconnect().await.unwrap();
    }
    counts
}

#[tokio::test]
async fn a_requested_transaction_begins_with_a_stored_function() {
    let place = place().await;
    let several = place.proxy(TABLES).await;
    let one = proxy_of_one_shard(&place).await;
    for (proxy, call) in [
        (&several, "SELECT note(1) FROM here"),
        (&one, "SELECT note(1)"),
        (&one, "SELECT shop.note(1)"),
        (&one, "DO note(1)"),
        (&one, "SET @x = note(1)"),
    ] {
        let mut app = connect_app(proxy).await;
        for begin in ["BEGIN", "SET autocommit = 0"] {
            app.query_drop(begin).await.unwrap();
            app.query_drop(call).await.expect(call);
            app.query_drop("ROLLBACK").await.unwrap();
            assert_eq!(logged(&place).await, [0; 4], "{begin}; {call}");
        }
        app.query_drop("SET autocommit = 1").await.unwrap();
        let begin = "START TRANSACTION READ ONLY";
        app.query_drop(begin).await.unwrap();
        let written = ask(&mut app, call).await;
        let refused = matches!(written, Answer::Refused { code: 1792, .. });
        assert!(refused, "{call}: {written:?}");
        app.disconnect().await.unwrap();
    }
    one.shutdown().await;
    several.shutdown().await;
}

#[tokio::test]
async fn a_stored_function_runs_where_its_statement_is_certain_to_be() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    for id in 1..=8 {
        let insert = format!("INSERT INTO t (id, v) VALUES ({id}, 0)");
        app.query_drop(insert).await.unwrap();
    }
    for statement in [
        "SELECT note(1)",
        "SELECT `note`(1)",
        "SELECT shop.note(1)",
        "SELECT 1 FROM t WHERE note(id) > 0",
        "DO note(1)",
        "SET @x = note(1)",
        "SELECT note(1) FROM t WHERE id IN (1, 2, 3, 4, 5, 6, 7, 8)",
        "UPDATE t SET v = note(1)",
    ] {
        let answer = ask(&mut app, statement).await;
        let refused = matches!(&answer, Answer::Refused { code: 1235, .. });
        assert!(refused, "{statement}: {answer:?}");
    }
    assert_eq!(logged(&place).await, [0; 4]);
    let one = number(&mut app, "SELECT note(id) FROM t WHERE id = 3").await;
    assert_eq!(one, Some(1));
    assert_eq!(logged(&place).await.iter().sum::<i64>(), 1);
    app.disconnect().await.unwrap();
    let mut app = connect_app(&proxy).await;
    on_shard(
        &place,
        2,
        &["CREATE FUNCTION only_here() RETURNS INT NO SQL RETURN 7"],
    )
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    for statement in ["SELECT only_here()", "SELECT shop.only_here()"] {
        assert_eq!(number(&mut app, statement).await, Some(7), "{statement}");
    }
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn what_a_stored_function_leaves_in_its_session_stays_there() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut mine = connect_app(&proxy).await;
    let mut theirs = connect_app(&proxy).await;
    for round in 0..4 {
        let (mine_then, theirs_then) = match round {
            0 => (None, None),
            _ => (Some(1), Some(2)),
        };
        let call = |v: i32| format!("SELECT leave_it({v}) FROM here");
        assert_eq!(number(&mut mine, &call(1)).await, mine_then);
        assert_eq!(number(&mut theirs, &call(2)).await, theirs_then);
    }
    assert_eq!(number(&mut mine, "SELECT @left_there").await, Some(1));
    let locks = "SELECT take_lock('l') FROM here";
    assert_eq!(number(&mut mine, locks).await, Some(1));
    assert_eq!(number(&mut theirs, locks).await, Some(0));
    assert_eq!(number(&mut mine, "SELECT RELEASE_LOCK('l')").await, Some(1));
    theirs.disconnect().await.unwrap();
    mine.disconnect().await.unwrap();
    proxy.shutdown().await;
}

/// Triggers of sharded tables: one sets a variable, one counts in it, one locks, one reads the last id.
async fn with_triggers() -> (Place, ProxyHandle) {
    let place = place().await;
    for position in 0..4 {
        let statements = [
            "CREATE TABLE marked (id BIGINT PRIMARY KEY, v INT)",
            "CREATE TRIGGER marks BEFORE INSERT ON marked FOR EACH ROW SET @marked = NEW.id",
            "CREATE TABLE counted (id BIGINT PRIMARY KEY, v INT)",
            "CREATE TRIGGER counts BEFORE INSERT ON counted FOR EACH ROW SET @counted = @counted + 1",
            "CREATE TABLE locked (id BIGINT PRIMARY KEY, v INT)",
            "CREATE TRIGGER locks BEFORE INSERT ON locked FOR EACH ROW SET NEW.v = GET_LOCK('t', 0)",
            "CREATE TABLE following (id BIGINT PRIMARY KEY, v INT)",
            "CREATE TRIGGER follows BEFORE INSERT ON following FOR EACH ROW SET NEW.v = LAST_INSERT_ID()",
            "CREATE TABLE numbered (id BIGINT PRIMARY KEY AUTO_INCREMENT)",
        ];
        let statements = if position == 1 {
            &statements[..]
        } else {
            &statements[..8]
        };
        on_shard(&place, position, statements).await;
    }
    let rule = |table: &str| {
        format!("[schemas.shop.tables.{table}]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n")
    };
    let tables = ["t", "marked", "counted", "locked", "following"]
        .map(rule)
        .concat();
    let proxy = place.proxy(&tables).await;
    (place, proxy)
}

/// On how many shards' servers the triggers' lock is held.
async fn held(place: &Place) -> usize {
    let mut held = 0;
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let used = number(&mut shard, "SELECT IS_USED_LOCK('t')").await;
        held += usize::from(used.is_some());
        shard.disconnect().await.unwrap();
    }
    held
}

#[tokio::test]
async fn what_triggers_leave_in_their_session_stays_there() {
    let (place, proxy) = with_triggers().await;
    let mut mine = connect_app(&proxy).await;
    let mut theirs = connect_app(&proxy).await;
    let refused = |answer: Answer| matches!(answer, Answer::Refused { code: 1235, .. });
    mine.query_drop("INSERT INTO marked VALUES (3, 0)")
        .await
        .unwrap();
    assert_eq!(number(&mut mine, "SELECT @marked").await, Some(3));
    assert_eq!(number(&mut theirs, "SELECT @marked").await, None);
    let rows = "VALUES (11, 0), (12, 0), (13, 0), (14, 0), (15, 0), (16, 0), (17, 0), (18, 0)";
    mine.query_drop(format!("INSERT INTO marked {rows}"))
        .await
        .unwrap();
    assert!(refused(ask(&mut mine, "SELECT @marked").await));
    assert_eq!(number(&mut mine, "SELECT @other").await, None);
    assert_eq!(number(&mut theirs, "SELECT @marked").await, None);
    // What the client has set is on one connection only.
    theirs.query_drop("SET @counted = 5").await.unwrap();
    let counted = ask(&mut theirs, &format!("INSERT INTO counted {rows}")).await;
    assert!(refused(counted));
    theirs.query_drop("DELETE FROM marked").await.unwrap();
    theirs
        .query_drop(format!("INSERT INTO marked {rows}"))
        .await
        .unwrap();

    let several = ask(&mut mine, &format!("INSERT INTO locked {rows}")).await;
    assert!(refused(several));
    mine.disconnect().await.unwrap();
    theirs.disconnect().await.unwrap();
    let mut mine = connect_app(&proxy).await;
    assert_eq!(held(&place).await, 0);
    mine.query_drop("INSERT INTO locked VALUES (3, 0)")
        .await
        .unwrap();
    assert!(held(&place).await > 0);
    let got = number(&mut mine, "SELECT v FROM locked WHERE id = 3").await;
    assert_eq!(got, Some(1));
    mine.disconnect().await.unwrap();
    let mut waits = 0;
    while held(&place).await > 0 && waits < 100 {
        waits += 1;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(held(&place).await, 0);
    proxy.shutdown().await;
}

#[tokio::test]
async fn triggers_know_the_last_id_of_their_session() {
    let (_place, proxy) = with_triggers().await;
    let mut mine = connect_app(&proxy).await;
    let mut theirs = connect_app(&proxy).await;
    for (app, last) in [(&mut mine, 1), (&mut theirs, 2)] {
        app.query_drop("INSERT INTO numbered VALUES ()")
            .await
            .unwrap();
        assert_eq!(number(app, "SELECT LAST_INSERT_ID()").await, Some(last));
    }
    for (app, last, id) in [(&mut mine, 1, 21), (&mut theirs, 2, 22)] {
        let insert = format!("INSERT INTO following VALUES ({id}, 0)");
        app.query_drop(insert).await.unwrap();
        let select = format!("SELECT v FROM following WHERE id = {id}");
        assert_eq!(number(app, &select).await, Some(last));
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_trigger_made_through_the_proxy_is_known_at_once() {
    let place = place().await;
    on_shard(&place, 0, &["CREATE TABLE l (a INT)"]).await;
    let proxy = proxy_of_one_shard(&place).await;
    let mut mine = connect_app(&proxy).await;
    mine.query_drop("INSERT INTO l VALUES (2)").await.unwrap();
    let create =
        "CREATE TRIGGER locks BEFORE INSERT ON l FOR EACH ROW SET NEW.a = GET_LOCK('t', 0)";
    mine.query_drop(create).await.unwrap();
    mine.query_drop("INSERT INTO l VALUES (2)").await.unwrap();
    assert!(held(&place).await > 0);
    mine.query_drop("DROP TRIGGER locks").await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_schema_with_one_shard_runs_them_as_mysql_does() {
    let place = place().await;
    on_shard(&place, 0, &["CREATE TABLE f (note INT)"]).await;
    let proxy = proxy_of_one_shard(&place).await;
    let mut app = connect_app(&proxy).await;
    let steps: [(&str, Option<i64>); 9] = [
        ("SELECT note(1)", Some(1)),
        ("SELECT shop.note(1)", Some(2)),
        ("SELECT NOTE (1)", Some(3)),
        ("SELECT (SELECT note(1))", Some(4)),
        ("SELECT leave_it(5)", None),
        ("SELECT @left_there", Some(5)),
        ("SELECT take_lock('a')", Some(1)),
        ("SELECT IS_FREE_LOCK('a')", Some(0)),
        ("SELECT RELEASE_LOCK('a')", Some(1)),
    ];
    for (statement, expected) in steps {
        assert_eq!(number(&mut app, statement).await, expected, "{statement}");
    }
    app.query_drop("BEGIN").await.unwrap();
    app.query_drop("SET @x = note(1)").await.unwrap();
    app.query_drop("DO note(1), shop.note(2)").await.unwrap();
    assert_eq!(number(&mut app, "SELECT @x").await, Some(5));
    app.query_drop("ROLLBACK").await.unwrap();
    assert_eq!(logged(&place).await, [4, 0, 0, 0]);
    let row: Option<(i64, String)> = app
        .query_first("SELECT COUNT(*), UPPER('a') FROM f")
        .await
        .unwrap();
    assert_eq!(row, Some((0, "A".to_owned())));
    app.query_drop("INSERT INTO f (note) VALUES (1)")
        .await
        .unwrap();
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_function_made_behind_the_proxys_back_is_found_when_it_is_called() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let call = "SELECT made_later() FROM here";
    let missing = ask(&mut app, call).await;
    assert!(
        matches!(missing, Answer::Refused { code: 1305, .. }),
        "{missing:?}"
    );
    let create = "CREATE FUNCTION made_later() RETURNS INT MODIFIES SQL DATA NOT DETERMINISTIC \
                  BEGIN INSERT INTO log VALUES (1); SET @later = 5; RETURN 9; END";
    on_shard(&place, 1, &[create]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    app.query_drop("BEGIN").await.unwrap();
    assert_eq!(number(&mut app, call).await, Some(9));
    app.query_drop("ROLLBACK").await.unwrap();
    assert_eq!(logged(&place).await, [0; 4]);
    assert_eq!(number(&mut app, "SELECT @later").await, Some(5));
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn sequences_give_their_own_numbers() {
    if servers().await.flavor() != Flavor::MariaDb {
        return;
    }
    let place = place().await;
    on_shard(
        &place,
        2,
        &[
            "CREATE SEQUENCE s START WITH 5",
            "CREATE TABLE beside (a INT)",
        ],
    )
    .await;
    let proxy = place.proxy(TABLES).await;
    for _ in 0..2 {
        // Sessions spread over the servers.
        for statement in [
            "SELECT NEXTVAL(s)",
            "SELECT NEXT VALUE FOR s",
            "SELECT NEXTVAL(shop.s)",
        ] {
            let mut app = connect_app(&proxy).await;
            let next = number(&mut app, statement).await.unwrap();
            assert!((5..11).contains(&next), "{statement}: {next}");
            let again = number(&mut app, "SELECT LASTVAL(s)").await;
            assert_eq!(again, Some(next), "{statement}");
            app.disconnect().await.unwrap();
        }
    }
    let mut app = connect_app(&proxy).await;
    app.query_drop("INSERT INTO beside VALUES (NEXTVAL(s))")
        .await
        .unwrap();
    assert_eq!(number(&mut app, "SELECT a FROM beside").await, Some(11));
    for statement in [
        "INSERT INTO t (id, v) VALUES (1, NEXTVAL(s))",
        "SELECT NEXTVAL(s) FROM here",
    ] {
        let answer = ask(&mut app, statement).await;
        assert!(
            matches!(&answer, Answer::Refused { code: 1235, .. }),
            "{statement}: {answer:?}"
        );
    }
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

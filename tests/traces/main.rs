//! What a collector gets to see of statements: their spans, the client's trace, no values.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod collector;
#[path = "../common/mod.rs"]
mod common;
mod otlp;
#[path = "../operations/page.rs"]
#[allow(dead_code)]
mod page;
#[path = "../differential/raw.rs"]
#[allow(dead_code)]
mod raw;

use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::wire::{CapabilityFlags, PrepareOk};

use collector::Collector;
use common::{APP_PASSWORD, APP_USER, Answer, Place, SCHEMA, ask, connect_app};
use otlp::Span;
use page::{Metrics, with_admin};
use raw::{Expect, Raw};

const TABLES: &str = r#"
[schemas.shop.tables.t]
key = "id"
algorithm = "mod"
"#;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Four shards with a table, a collector, and a proxy that sends it traces.
struct Stage {
    place: Place,
    collector: Collector,
    proxy: ProxyHandle,
}

impl Stage {
    async fn new(keys: &str) -> Self {
        let place = Place::new().await;
        place
            .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c CHAR(20))")
            .await;
        let collector = Collector::new().await;
        let config = format!("{}{}", place.config(TABLES), collector.section(keys));
        let proxy = start_proxy(config).await.unwrap();
        Self {
            place,
            collector,
            proxy,
        }
    }

    async fn app(&self) -> Conn {
        connect_app(&self.proxy).await
    }

    /// A client that can send query attributes.
    async fn raw(&self) -> Raw {
        let extras = CapabilityFlags::CLIENT_QUERY_ATTRIBUTES
            | CapabilityFlags::CLIENT_CONNECT_WITH_DB
            | CapabilityFlags::CLIENT_DEPRECATE_EOF;
        let account = (APP_USER, APP_PASSWORD);
        Raw::connect(self.proxy.address(), account, SCHEMA, extras, 45).await
    }
}

fn parent_of(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

fn names(spans: &[Span]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}

/// COM_QUERY with one query attribute.
fn query_with(name: &str, value: &str, sql: &str) -> Vec<u8> {
    let mut packet = vec![3, 1, 1, 0, 1];
    put_attribute(&mut packet, name);
    put_value(&mut packet, value);
    packet.extend(sql.as_bytes());
    packet
}

/// A string's type, with its name.
fn put_attribute(packet: &mut Vec<u8>, name: &str) {
    packet.extend([253, 0, name.len() as u8]);
    packet.extend(name.as_bytes());
}

fn put_value(packet: &mut Vec<u8>, value: &str) {
    packet.push(value.len() as u8);
    packet.extend(value.as_bytes());
}

/// The values of all spans together.
fn all_text(spans: &[Span]) -> String {
    format!("{spans:?}")
}

#[tokio::test]
async fn a_statement_on_one_shard_has_a_plan_and_a_question_to_a_server() {
    let stage = Stage::new("service = \"front\"").await;
    let mut app = stage.app().await;
    ask(&mut app, "INSERT INTO t VALUES (7, 'my secret')").await;
    let (root, parts) = stage.collector.trace_of("INSERT INTO t VALUES (?)").await;
    let has = |span: &Span, name: &str| span.attributes.get(name).cloned().unwrap_or_default();
    assert_eq!(
        (&*root.name, &*root.parent, root.status),
        ("INSERT t", "", 0)
    );
    assert_eq!(root.service, "front");
    assert_eq!(has(&root, "db.system.name"), "mysql");
    assert_eq!(has(&root, "db.namespace"), "shop");
    assert_eq!(has(&root, "db.query.summary"), "INSERT t");
    assert_eq!(has(&root, "shardwell.digest").len(), 16);
    let [plan, asked] = parts.as_slice() else {
        panic!("{parts:#?}");
    };
    assert_eq!((&*plan.name, plan.kind), ("plan", 1));
    assert_eq!((&*asked.name, asked.kind), ("INSERT t", 3));
    let (server, database) = &stage.place.shards()[3];
    assert_eq!(has(asked, "db.namespace"), *database);
    assert_eq!(has(asked, "shardwell.shard"), format!("b/{database}"));
    assert_eq!(
        has(asked, "server.port"),
        server.address().port().to_string()
    );
    for part in &parts {
        assert_eq!(part.parent, root.id, "{part:#?}");
        assert!(root.from <= part.from && part.from <= part.to && part.to <= root.to);
    }
    assert!(!all_text(&stage.collector.all()).contains("secret"));
    stage.proxy.shutdown().await;
}

#[tokio::test]
async fn the_clients_trace_is_joined_and_its_decision_holds() {
    // Of themselves no statements are traced.
    let stage = Stage::new("sample = 0.0").await;
    let mut app = stage.app().await;
    let comment = |flags: &str| format!("/*a='b',traceparent='{}'*/", parent_of(flags));
    ask(&mut app, "SELECT id FROM t WHERE id = 1").await;
    ask(
        &mut app,
        &format!("SELECT id FROM t WHERE id = 1 {}", comment("00")),
    )
    .await;
    ask(
        &mut app,
        &format!("SELECT c FROM t WHERE id = 1 {}", comment("01")),
    )
    .await;
    let mut raw = stage.raw().await;
    let packet = query_with(
        "traceparent",
        &parent_of("01"),
        "SELECT 1 FROM t WHERE id = 2",
    );
    raw.command(&packet, Expect::Results).await;
    execute_with_attribute(&mut raw).await;
    for normal in [
        "SELECT c FROM t WHERE id = ?",
        "SELECT ? FROM t WHERE id = ?",
        "SELECT id , c FROM t WHERE id = ?",
    ] {
        let (root, parts) = stage.collector.trace_of(normal).await;
        assert_eq!((&*root.trace, &*root.parent), (TRACE, PARENT), "{normal}");
        let mine = parts.iter().filter(|part| part.parent == root.id);
        assert_eq!(mine.count(), 2, "{normal}: {parts:#?}");
    }
    let roots = stage.collector.all();
    let roots = roots.iter().filter(|span| span.kind == 2);
    assert_eq!(roots.count(), 3);
    stage.proxy.shutdown().await;
}

/// COM_STMT_EXECUTE with one parameter and one query attribute.
async fn execute_with_attribute(raw: &mut Raw) {
    let sql = "SELECT id, c FROM t WHERE id = ?";
    let prepare = [&[0x16], sql.as_bytes()].concat();
    let told = raw.command(&prepare, Expect::Prepared).await;
    let number = PrepareOk::decode(&told[0].payload).unwrap().statement;
    let mut packet = vec![0x17];
    packet.extend(number.to_le_bytes());
    // PARAMETER_COUNT_AVAILABLE, one iteration, two values, none NULL, types follow.
    packet.extend([8, 1, 0, 0, 0, 2, 0, 1]);
    // BIGINT without a name.
    packet.extend([8, 0, 0]);
    put_attribute(&mut packet, "traceparent");
    packet.extend(5_i64.to_le_bytes());
    put_value(&mut packet, &parent_of("01"));
    let answer = raw.command(&packet, Expect::Results).await;
    assert_ne!(answer[0].payload[0], 0xFF, "{answer:?}");
}

#[tokio::test]
async fn an_error_is_told_by_its_number_alone() {
    let stage = Stage::new("").await;
    let mut app = stage.app().await;
    ask(&mut app, "INSERT INTO t VALUES (1, 'x')").await;
    let twice = ask(&mut app, "INSERT INTO t (id, c) VALUES (1, 'my secret')").await;
    assert!(
        matches!(twice, Answer::Refused { code: 1062, .. }),
        "{twice:?}"
    );
    let syntax = ask(&mut app, "SELECT FROM 'my secret'").await;
    assert!(
        matches!(syntax, Answer::Refused { code: 1064, .. }),
        "{syntax:?}"
    );
    let normal = "INSERT INTO t ( id , c ) VALUES (?)";
    let (root, parts) = stage.collector.trace_of(normal).await;
    let asked = parts.last().unwrap();
    for span in [&root, asked] {
        assert_eq!((span.status, &*span.message), (2, ""), "{span:#?}");
        assert_eq!(span.attributes["db.response.status_code"], "1062");
        assert_eq!(span.attributes["error.type"], "1062");
    }
    let (syntax, _) = stage.collector.trace_of("SELECT FROM ?").await;
    assert_eq!(syntax.attributes["error.type"], "1064");
    assert!(!all_text(&stage.collector.all()).contains("secret"));
    stage.proxy.shutdown().await;
}

#[tokio::test]
async fn what_several_shards_do_stands_in_the_work_that_needs_them() {
    let stage = Stage::new("").await;
    let mut app = stage.app().await;
    for (sql, normal, work, least) in [
        (
            "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
            "INSERT INTO t VALUES (?)",
            "write",
            3,
        ),
        (
            "SELECT id FROM t ORDER BY id",
            "SELECT id FROM t ORDER BY id",
            "merge",
            4,
        ),
        (
            "SELECT id, ROW_NUMBER() OVER (ORDER BY c) FROM t",
            "SELECT id , ROW_NUMBER ( ) OVER ( ORDER BY c ) FROM t",
            "gather",
            5,
        ),
        (
            "ALTER TABLE t ADD COLUMN d INT",
            "ALTER TABLE t ADD COLUMN d INT",
            "definition",
            4,
        ),
    ] {
        let done = ask(&mut app, sql).await;
        assert!(!matches!(done, Answer::Refused { .. }), "{sql}: {done:?}");
        let (root, parts) = stage.collector.trace_of(normal).await;
        let found = parts.iter().find(|part| part.name == work);
        let found = found.unwrap_or_else(|| panic!("{sql}: {:?}", names(&parts)));
        assert_eq!((&found.parent, found.kind), (&root.id, 1), "{sql}");
        let asked: Vec<&Span> = parts.iter().filter(|part| part.kind == 3).collect();
        assert!(asked.len() >= least, "{sql}: {parts:#?}");
        for one in asked {
            assert_eq!(one.parent, found.id, "{sql}: {one:#?}");
            assert!(one.from <= one.to && one.to <= root.to, "{sql}: {one:#?}");
        }
    }
    stage.proxy.shutdown().await;
}

#[tokio::test]
async fn rows_that_a_limit_is_about_are_chosen_by_questions_of_their_own() {
    let stage = Stage::new("").await;
    let mut app = stage.app().await;
    ask(
        &mut app,
        "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')",
    )
    .await;
    // On the shard of 1 and 5 is one of the three rows, on that of 3 there are none.
    let sql = "UPDATE t SET c = 'my secret' WHERE id <> 3 ORDER BY id LIMIT 3";
    let done = ask(&mut app, sql).await;
    assert!(!matches!(done, Answer::Refused { .. }), "{done:?}");
    let normal = "UPDATE t SET c = ? WHERE id <> ? ORDER BY id LIMIT ?";
    let (root, parts) = stage.collector.trace_of(normal).await;
    let work = parts.iter().find(|part| part.name == "write");
    let work = work.unwrap_or_else(|| panic!("{:?}", names(&parts)));
    let asked = |name: &str| {
        let mut asked: Vec<&Span> = parts.iter().filter(|part| part.name == name).collect();
        asked.sort_by_key(|span| &span.attributes["shardwell.shard"]);
        asked
    };
    let (chosen, changed) = (asked("choose rows"), asked("UPDATE t"));
    assert_eq!(chosen.len(), 4, "{parts:#?}");
    assert_eq!(changed.len(), 4, "{parts:#?}");
    for (one, other) in chosen.into_iter().zip(changed) {
        assert_eq!((&one.parent, one.kind, one.status), (&work.id, 3, 0));
        let shard = |span: &Span| span.attributes["shardwell.shard"].clone();
        assert_eq!(shard(one), shard(other));
        assert!(root.from <= one.from && one.to <= other.from, "{parts:#?}");
    }
    assert!(!all_text(&stage.collector.all()).contains("secret"));
    stage.proxy.shutdown().await;
}

#[tokio::test]
async fn the_steps_of_a_commit_on_several_replica_sets_are_shown() {
    let stage = Stage::new("").await;
    let mut app = stage.app().await;
    for (end, work, steps) in [
        (
            "COMMIT",
            "commit",
            ["COMMIT", "XA COMMIT", "XA PREPARE", "record decision"].as_slice(),
        ),
        ("ROLLBACK", "rollback", &["ROLLBACK", "XA ROLLBACK"]),
    ] {
        app.query_drop("BEGIN").await.unwrap();
        app.query_drop("REPLACE INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
            .await
            .unwrap();
        app.query_drop(end).await.unwrap();
        let (root, parts) = stage.collector.trace_of(end).await;
        let found = parts.iter().find(|part| part.name == work);
        let found = found.unwrap_or_else(|| panic!("{end}: {:?}", names(&parts)));
        let asked = parts.iter().filter(|part| part.kind == 3);
        let mut named: Vec<&str> = asked.clone().map(|part| part.name.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, steps);
        for one in asked {
            assert_eq!(one.parent, found.id, "{end}: {one:#?}");
            assert!(root.from <= one.from && one.from <= one.to, "{one:#?}");
            assert!(one.attributes.contains_key("server.address"), "{one:#?}");
        }
    }
    stage.proxy.shutdown().await;
}

#[tokio::test]
async fn a_collector_that_does_not_answer_costs_spans_and_no_time() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c CHAR(20))")
        .await;
    let collector = Collector::new().await;
    collector.hang(true);
    let section = collector.section("queue = 512");
    let config = format!("{}{section}", place.config(TABLES));
    let (config, admin) = with_admin(&config, "");
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    let lost = "shardwell_trace_spans_total{result=\"lost\"}";
    let begun = Instant::now();
    let mut asked = 0_u32;
    while Metrics::read(admin).await.get(lost) < 300.0 {
        for id in 0..50 {
            app.query_drop(format!("SELECT c FROM t WHERE id = {id}"))
                .await
                .unwrap();
        }
        asked += 50;
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{asked} statements"
        );
    }
    // Three spans each: what was not taken is no more than what waits and what was lost.
    assert!(3 * asked <= 512 + 300 + 150, "{asked} statements");
    collector.hang(false);
    let sent = "shardwell_trace_spans_total{result=\"sent\"}";
    while Metrics::read(admin).await.get(sent) < 400.0 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let roots = collector.all();
    for root in roots.iter().filter(|span| span.kind == 2) {
        let parts = roots.iter().filter(|span| span.parent == root.id);
        assert_eq!(parts.count(), 2, "a trace is whole");
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn without_a_collector_statements_are_answered_and_what_waits_is_bounded() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c CHAR(20))")
        .await;
    let free = shardwell::cli::demo::server::free_port().unwrap();
    let section =
        format!("[traces]\nendpoint = \"http://127.0.0.1:{free}\"\ninterval = \"50ms\"\n");
    let config = format!("{}{section}timeout = \"1s\"\n", place.config(TABLES));
    let (config, admin) = with_admin(&config, "");
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    let lost = "shardwell_trace_spans_total{result=\"lost\"}";
    let begun = Instant::now();
    while Metrics::read(admin).await.get(lost) < 30.0 {
        app.query_drop("SELECT c FROM t WHERE id = 1")
            .await
            .unwrap();
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    let leaving = Instant::now();
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
    assert!(leaving.elapsed() < Duration::from_secs(20));
}

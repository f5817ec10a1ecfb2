//! After known statements, `/metrics` has exactly their counts.

use std::net::SocketAddr;

use crate::common::{Answer, Place, SCHEMA, ask, connect_app};
use crate::page::{Metrics, get, with_admin};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"mod\"";

/// A proxy with a table `t` of these columns behind it, and its address for operators.
async fn watched(columns: &str) -> (Place, ProxyHandle, SocketAddr) {
    watched_with(columns, "").await
}

/// The same with more lines of the configuration.
async fn watched_with(columns: &str, more: &str) -> (Place, ProxyHandle, SocketAddr) {
    let place = Place::new().await;
    place
        .everywhere(&format!("CREATE TABLE t ({columns})"))
        .await;
    let (config, address) = with_admin(&place.config(&format!("{more}\n{TABLES}")), "");
    let proxy = start_proxy(config).await.unwrap();
    (place, proxy, address)
}

/// A client, and what was counted until then: what its driver asked when it connected too, since a
/// session that answers a ping has counted all before it.
async fn connected(proxy: &ProxyHandle, address: SocketAddr) -> (Conn, Metrics) {
    let mut app = connect_app(proxy).await;
    app.ping().await.unwrap();
    (app, Metrics::read(address).await)
}

fn statement(kind: &str, what: &str) -> String {
    format!("shardwell_statement_{what}{{schema=\"{SCHEMA}\",kind=\"{kind}\"}}")
}

#[tokio::test]
async fn statements_are_counted_by_schema_kind_shard_and_server() {
    let (place, proxy, address) = watched("id BIGINT PRIMARY KEY, c INT").await;
    let (mut app, before) = connected(&proxy, address).await;
    run_statements(&mut app).await;
    let expected = [
        (statement("insert", "seconds_count"), 9.0),
        (statement("insert", "changed_rows_total"), 8.0),
        (statement("insert", "failures_total"), 1.0),
        // Five point selects, one merged, one gathered.
        (statement("select", "seconds_count"), 7.0),
        (statement("select", "rows_total"), 5.0 + 8.0 + 1.0),
        (statement("select", "failures_total"), 0.0),
        (statement("update", "seconds_count"), 1.0),
        (statement("update", "changed_rows_total"), 8.0),
        ("shardwell_errors_total{code=\"1062\"}".to_owned(), 1.0),
        ("shardwell_errors_total{code=\"1064\"}".to_owned(), 1.0),
    ];
    let seen = Metrics::rise(address, &before, &expected).await;
    check_shards(&place, &seen);
    check_several(&seen);
    assert_eq!(seen.get("shardwell_prepared_statements"), 1.0);
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

/// Two INSERTs for each shard, three SELECTs, two of them prepared; one merged, one gathered; an UPDATE
/// everywhere; a statement that fails and one that cannot be read.
async fn run_statements(app: &mut Conn) {
    for id in 0..8 {
        let insert = format!("INSERT INTO t VALUES ({id}, {id})");
        assert!(matches!(ask(app, &insert).await, Answer::Done { .. }));
    }
    for id in [0, 0, 1] {
        ask(app, &format!("SELECT c FROM t WHERE id = {id}")).await;
    }
    let prepared = app.prep("SELECT c FROM t WHERE id = ?").await.unwrap();
    for id in [1, 1] {
        let found: Option<i32> = app.exec_first(&prepared, (id,)).await.unwrap();
        assert_eq!(found, Some(id));
    }
    ask(app, "SELECT id FROM t ORDER BY id").await;
    ask(app, "UPDATE t SET c = c + 10").await;
    ask(
        app,
        "SELECT t.id FROM t JOIN t u ON t.c = u.c WHERE t.id = 5",
    )
    .await;
    let twice = ask(app, "INSERT INTO t VALUES (3, 3)").await;
    assert!(matches!(twice, Answer::Refused { code: 1062, .. }));
    let unread = ask(app, "SELECT 'unfinished").await;
    assert!(
        matches!(unread, Answer::Refused { code: 1064, .. }),
        "{unread:?}"
    );
}

fn check_shards(place: &Place, seen: &Metrics) {
    // Each shard: 2 INSERTs and a part of the merged SELECT and of the UPDATE; the point selects and
    // the INSERT that failed besides.
    let own = [2.0 + 2.0 + 2.0, 2.0 + 2.0 + 3.0, 4.0, 4.0 + 1.0];
    for (at, (_, database)) in place.shards().into_iter().enumerate() {
        let set = ["a", "a", "b", "b"][at];
        let name = format!(
            "shardwell_shard_seconds_count{{schema=\"{SCHEMA}\",shard=\"{set}/{database}\"}}"
        );
        assert_eq!(seen.get(&name), own[at], "{name} in {seen:#?}");
    }
}

fn check_several(seen: &Metrics) {
    for (work, nodes, rows) in [("merge", 4.0, 8.0), ("write", 4.0, 8.0)] {
        let of = |what| {
            seen.get(&format!(
                "shardwell_several_shards_{what}{{work=\"{work}\"}}"
            ))
        };
        assert_eq!(of("seconds_count"), 1.0, "{work}");
        assert_eq!(
            (of("nodes_total"), of("rows_total")),
            (nodes, rows),
            "{work}"
        );
    }
    let gathered = |what| {
        seen.get(&format!(
            "shardwell_several_shards_{what}{{work=\"gather\"}}"
        ))
    };
    assert_eq!(gathered("seconds_count"), 1.0);
    assert!(
        gathered("rows_total") > 0.0 && gathered("bytes_total") > 0.0,
        "{seen:#?}"
    );
    assert!(
        seen.sum("shardwell_server_seconds_count") >= seen.sum("shardwell_shard_seconds_count")
    );
}

/// A proxy whose user may do little.
async fn limited() -> (Place, ProxyHandle, SocketAddr) {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .await;
    let user = "password = \"app-secret\"";
    let config = place.config(TABLES).replacen(
        user,
        &format!(
            "{user}\nlimits = {{ connections = 1, rows = 2, bytes = \"100\", time = \"3s\" }}"
        ),
        1,
    );
    let rules = "[[rules]]\nname = \"none\"\nkind = \"delete\"\ndeny = \"no\"\n\
                 [[rules]]\nname = \"few\"\npattern = \"^insert\"\nrate = 1\nburst = 3\n\
                 [[rules]]\nname = \"reads\"\nkind = \"select\"\nroute = \"replica\"\n";
    let (config, address) = with_admin(&format!("{config}\n{rules}"), "");
    let proxy = start_proxy(config).await.unwrap();
    (place, proxy, address)
}

/// How many INSERTs one after the other there were before the rate was reached.
async fn insert_until_refused(app: &mut Conn) -> f64 {
    for id in 0..50_u8 {
        let insert = format!("INSERT INTO t VALUES ({id})");
        if matches!(ask(app, &insert).await, Answer::Refused { code: 1226, .. }) {
            return f64::from(id);
        }
    }
    panic!("the rate does not hold");
}

#[tokio::test]
async fn limits_rules_and_definitions_show_who_was_refused_by_what() {
    let (place, proxy, address) = limited().await;
    let (mut app, before) = connected(&proxy, address).await;
    let inserted = insert_until_refused(&mut app).await;
    let mut holder = place.shard(1).await;
    holder.query_drop("BEGIN").await.unwrap();
    holder
        .query_drop("DELETE FROM t WHERE id = 1")
        .await
        .unwrap();
    for sql in [
        "DELETE FROM t",
        "SELECT id FROM t",
        "SELECT REPEAT('x', 101) FROM t WHERE id = 1",
        "SELECT id FROM t WHERE id = 1 FOR UPDATE",
    ] {
        ask(&mut app, sql).await;
    }
    holder.query_drop("ROLLBACK").await.unwrap();
    ask(&mut app, "ALTER TABLE t ADD INDEX (nope)").await;
    let more = crate::common::connect(proxy.address(), "app", "app-secret", None).await;
    assert!(more.is_err());
    let expected = [
        ("limit_refusals_total{limit=\"connections\"}", 1.0),
        ("limit_refusals_total{limit=\"statements\"}", 0.0),
        ("limit_refusals_total{limit=\"time\"}", 1.0),
        ("limit_refusals_total{limit=\"rows\"}", 1.0),
        ("limit_refusals_total{limit=\"bytes\"}", 1.0),
        ("rule_statements_total{rule=\"few\"}", inserted + 1.0),
        ("rule_refusals_total{rule=\"few\"}", 1.0),
        ("rule_refusals_total{rule=\"none\"}", 1.0),
        ("rule_refusals_total{rule=\"reads\"}", 0.0),
        ("several_shards_seconds_count{work=\"definition\"}", 1.0),
        ("several_shards_nodes_total{work=\"definition\"}", 4.0),
    ];
    let expected = expected.map(|(name, value)| (format!("shardwell_{name}"), value));
    let seen = Metrics::rise(address, &before, &expected).await;
    assert!(seen.get("shardwell_rule_statements_total{rule=\"reads\"}") >= 3.0);
    assert_eq!(
        seen.sum("shardwell_definition_failures_total"),
        4.0,
        "{seen:#?}"
    );
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_plan_is_made_once() {
    let (_place, proxy, address) = watched("id BIGINT PRIMARY KEY").await;
    let (mut app, before) = connected(&proxy, address).await;
    for id in 0..10 {
        ask(&mut app, &format!("SELECT id FROM t WHERE id = {id}")).await;
    }
    let expected = [
        ("shardwell_plan_seconds_count".to_owned(), 1.0),
        ("shardwell_plan_cache_hits_total".to_owned(), 9.0),
        ("shardwell_plan_cache_plans".to_owned(), 1.0),
        ("shardwell_staged_statements_total".to_owned(), 10.0),
    ];
    Metrics::rise(address, &before, &expected).await;
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn clients_sessions_pools_and_bytes_are_as_they_are() {
    let (_place, proxy, address) = watched("id BIGINT PRIMARY KEY").await;
    let mut one = connect_app(&proxy).await;
    let mut other = connect_app(&proxy).await;
    one.query_drop("BEGIN").await.unwrap();
    one.query_drop("SELECT * FROM t WHERE id = 1")
        .await
        .unwrap();
    other.query_drop("SET @mine = 1").await.unwrap();
    let wrong = crate::common::connect(proxy.address(), "app", "no", None).await;
    assert!(wrong.is_err());
    let expected = [
        ("shardwell_client_accepted_total".to_owned(), 3.0),
        ("shardwell_client_denied_total".to_owned(), 1.0),
        ("shardwell_sessions{state=\"idle\"}".to_owned(), 2.0),
        ("shardwell_sessions_in_transaction".to_owned(), 1.0),
        (
            "shardwell_sessions_pinned{reason=\"user_variable\"}".to_owned(),
            1.0,
        ),
    ];
    let seen = Metrics::rise(address, &Metrics::none(), &expected).await;
    assert!(seen.sum("shardwell_pool_connections{") >= 2.0, "{seen:#?}");
    assert_eq!(seen.sum("shardwell_server_up"), 2.0);
    assert_eq!(seen.sum("shardwell_server_primary"), 2.0);

    let sessions = get(address, "/sessions").await;
    let sessions: serde_json::Value = serde_json::from_str(&sessions.body).unwrap();
    assert_eq!(sessions[0]["in_transaction"], true, "{sessions:#}");
    assert_eq!(sessions[1]["pinned_by"][0], "user_variable", "{sessions:#}");
    assert_eq!(sessions[1]["user"], "app", "{sessions:#}");
    // The bytes of a session that has ended still count.
    let of = |seen: &Metrics| seen.get("shardwell_client_sent_bytes_total");
    let sent = of(&seen);
    assert!(sent > 0.0);
    one.disconnect().await.unwrap();
    other.disconnect().await.unwrap();
    let gone = |seen: &Metrics| seen.sum("shardwell_sessions{") == 0.0;
    let seen = Metrics::until(address, gone).await;
    assert!(of(&seen) >= sent);
    assert_eq!(seen.sum("shardwell_sessions{"), 0.0, "{seen:#?}");
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_full_pool_shows_who_waits_and_who_was_turned_away() {
    let limits = "[backend.pool]\nmax_connections = 1\nmax_waiting = 1";
    let (_place, proxy, address) = watched_with("id BIGINT PRIMARY KEY", limits).await;
    let read = "SELECT * FROM t WHERE id = 1";
    let mut holder = connect_app(&proxy).await;
    holder.query_drop("BEGIN").await.unwrap();
    holder.query_drop(read).await.unwrap();
    let mut patient = connect_app(&proxy).await;
    let waiting = tokio::spawn(async move { patient.query_drop(read).await });
    let of = |seen: &Metrics, name: &str| seen.sum(&format!("shardwell_pool_{name}"));
    let waits = |seen: &Metrics| of(seen, "waiting") == 1.0;
    assert!(waits(&Metrics::until(address, waits).await), "nobody waits");
    let refused = connect_app(&proxy).await.query_drop(read).await;
    let Err(mysql_async::Error::Server(refused)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((refused.code, refused.state.as_str()), (1040, "08004"));
    holder.query_drop("COMMIT").await.unwrap();
    waiting.await.unwrap().unwrap();

    let ended = |seen: &Metrics| of(seen, "waiting") == 0.0 && of(seen, "refused_total") == 1.0;
    let seen = Metrics::until(address, ended).await;
    assert_eq!(of(&seen, "refused_total"), 1.0);
    assert_eq!(of(&seen, "wait_seconds_count"), 1.0);
    assert_eq!(of(&seen, "waiting"), 0.0);
    assert_eq!(of(&seen, "max_connections"), 2.0);
    let topology = get(address, "/topology").await;
    let topology: serde_json::Value = serde_json::from_str(&topology.body).unwrap();
    let servers = [0, 1].map(|set| &topology["replica_sets"][set]["servers"][0]["connections"]);
    let sum = |key: &str| -> u64 {
        let values = servers.iter().map(|server| server[key].as_u64().unwrap());
        values.sum()
    };
    let keys = [
        "max",
        "max_waiting",
        "waits",
        "refused",
        "timeouts",
        "failed",
    ];
    assert_eq!(keys.map(sum), [2, 2, 1, 1, 0, 0], "{topology:#}");
    proxy.shutdown().await;
}

/// Names as queries of Prometheus have them, with what the page says that they are.
fn named_metrics(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let begins = text.match_indices("shardwell_").map(|(at, _)| at);
    let names = begins.map(|at| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    });
    names.map(|name| {
        let kinds = [
            ("_total", "counter"),
            ("_bucket", "histogram"),
            ("_count", "histogram"),
        ];
        let mut kinds = kinds.into_iter();
        let found = kinds.find_map(|(end, kind)| Some((name.strip_suffix(end)?, kind)));
        found.unwrap_or((name, "gauge"))
    })
}

/// What the dashboard and the alerts ask for is there, as what they take it for.
#[tokio::test]
async fn every_metric_of_dashboard_and_alerts_is_exported() {
    let place = Place::new().await;
    let (config, address) = with_admin(&place.config(""), "");
    let proxy = start_proxy(config).await.unwrap();
    let page = get(address, "/metrics").await.body;
    for (text, least) in [
        (
            include_str!("../../config/docker/grafana/shardwell.json"),
            30,
        ),
        (include_str!("../../config/docker/alerts.yml"), 9),
    ] {
        let mut count = 0;
        for (name, kind) in named_metrics(text) {
            let line = format!("# TYPE {name} {kind}\n");
            assert!(page.contains(&line), "{line}");
            count += 1;
        }
        assert!(count >= least, "{count}");
    }
    proxy.shutdown().await;
}

/// Names that are shown, and those that the page for operators explains.
#[tokio::test]
async fn every_metric_is_documented() {
    let docs = include_str!("../../docs/operations.md");
    let place = Place::new().await;
    let (config, address) = with_admin(&place.config(""), "");
    let proxy = start_proxy(config).await.unwrap();
    let page = get(address, "/metrics").await;
    let families = page
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "));
    let mut count = 0;
    for family in families {
        let (name, kind) = family.split_once(' ').unwrap();
        let name = match kind {
            "counter" => format!("`{name}_total"),
            _ => format!("`{name}"),
        };
        assert!(docs.contains(&name), "{name} is not documented");
        count += 1;
    }
    assert!(count > 30, "{count}");
    proxy.shutdown().await;
}

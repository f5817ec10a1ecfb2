//! The log as operators read it: slow statements and refusals, without values.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::common::process::{Process, connect_when_up, listens};
use crate::common::{ADMIN, APP_PASSWORD, Answer, Place, SCHEMA, ask, connect, with_orders};
use crate::page::{get_with, with_admin};

const TABLES: &str = r#"
[schemas.shop.tables.t]
key = "id"
algorithm = "mod"
[log]
format = "json"
slow = "200ms"
[[rules]]
name = "no_full_delete"
kind = "delete"
pattern = '^delete from t$'
deny = "say which rows"
"#;

/// Lines of the log with this target.
fn lines(log: &Path, target: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        line
    });
    lines.filter(|line| line["target"] == target).collect()
}

/// Statements of all kinds on a proxy that logs to `log`, until it has left.
async fn log_statements(place: &Place, folder: &Path, log: &Path) {
    let (config, file) = (place.config(TABLES), folder.join("c.toml"));
    std::fs::write(&file, &config).unwrap();
    let mut process = Process::start(&file, std::fs::File::create(log).unwrap());
    let mut app = connect_when_up(listens(&config), APP_PASSWORD).await;
    for sql in [
        "INSERT INTO t VALUES (1, 'quick'), (2, 'x')",
        "SELECT c, SLEEP(0.4) FROM t WHERE id = 1 AND c <> 'my secret'",
    ] {
        let done = ask(&mut app, sql).await;
        assert!(!matches!(done, Answer::Refused { .. }), "{sql}: {done:?}");
    }
    let mut shard = place.shard(3).await;
    shard.query_drop("LOCK TABLES t WRITE").await.unwrap();
    let free = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        shard.query_drop("UNLOCK TABLES").await.unwrap();
    };
    tokio::join!(ask(&mut app, "SELECT id FROM t ORDER BY id"), free);
    let sql = "SELECT SLEEP(?) FROM t WHERE id = ?";
    app.exec_drop(sql, (0.25, 2)).await.unwrap();
    ask(&mut app, "DELETE FROM t -- my secret").await;
    app.disconnect().await.unwrap();
    process.signal(Signal::SIGTERM);
    process.ended().await;
}

#[tokio::test]
async fn slow_statements_are_logged_with_their_stages_and_without_values() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c CHAR(20))")
        .await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    log_statements(&place, folder.path(), &log).await;

    let slow = lines(&log, "shardwell::slow");
    // On a busy machine others are slow too.
    let find = |text: &str| {
        let mut found = slow.iter().filter(|line| line["statement"] == text);
        found.next().unwrap_or_else(|| panic!("{slow:#?}"))
    };
    let one = find("SELECT c , SLEEP ( ? ) FROM t WHERE id = ? AND c <> ?");
    let all = find("SELECT id FROM t ORDER BY id");
    let executed = find("SELECT SLEEP ( ? ) FROM t WHERE id = ?");
    let number = |line: &Value, name: &str| line[name].as_f64().unwrap_or(-1.0);
    let databases = place.shards().map(|(_, database)| database);
    assert_eq!(one["shards"], format!("a/{}", databases[1]));
    assert_eq!(
        (&one["user"], &one["schema"]),
        (&"app".into(), &"shop".into())
    );
    assert_eq!(
        (number(one, "rows"), one["digest"].as_str().unwrap().len()),
        (1.0, 16)
    );
    let stages = ["plan_ms", "server_ms", "reply_ms"].map(|name| number(one, name));
    assert!(
        number(one, "took_ms") >= 400.0 && stages[1] >= 390.0,
        "{one:#}"
    );
    assert!(
        (stages.iter().sum::<f64>() - number(one, "took_ms")).abs() < 0.1,
        "{one:#}"
    );
    let each = all["shards"].as_str().unwrap().split(", ");
    assert_eq!(each.count(), 4, "{all:#}");
    assert!(all["shards"].as_str().unwrap().contains("ms"), "{all:#}");
    assert!(number(executed, "took_ms") >= 250.0, "{executed:#}");

    let refusals = lines(&log, "shardwell::audit");
    let [refusal] = refusals.as_slice() else {
        panic!("{refusals:#?}");
    };
    assert_eq!(refusal["statement"], "DELETE FROM t");
    let whole = std::fs::read_to_string(&log).unwrap();
    assert!(!whole.contains("secret"), "{whole}");
}

/// What only whoever sends it may know, in all that could end up in a log.
const SECRETS: [&str; 5] = [
    "INSERT INTO t VALUES (5, 'hidden-1')",
    "SELECT 'hidden-2' FROM t WHERE c = 'hidden-3' ORDER BY id",
    "INSERT INTO t VALUES (5, 'hidden-4')",
    "CREATE USER somebody IDENTIFIED BY 'hidden-5'",
    "SELECT 'hidden-6",
];

const HIDDEN: &str = "hidden-password";

/// A configuration that logs as much as it can, with its address for operators.
fn talkative(place: &Place) -> (String, SocketAddr) {
    let keys = "token = \"0123456789-hidden\"";
    let (config, admin) = with_admin(&with_orders(&place.config(TABLES)), keys);
    let config = config.replace("slow = \"200ms\"", "slow = \"1ms\"");
    (config.replace(APP_PASSWORD, HIDDEN), admin)
}

/// Everything that a client can have refused, and what a server gets to see of values.
async fn say_secrets(app: &mut Conn, address: SocketAddr) {
    for sql in SECRETS {
        ask(app, sql).await;
    }
    let prepared = "SELECT c FROM t WHERE c = ? AND id = 5";
    app.exec_drop(prepared, ("hidden-7",)).await.unwrap();
    let injected = "nobody\n{\"target\":\"shardwell::audit\",\"forged\":1}";
    for (user, password, schema) in [("app", HIDDEN, "elsewhere"), (injected, "hidden-8", SCHEMA)] {
        let login = connect(address, user, password, Some(schema)).await;
        assert!(login.is_err(), "{user}");
    }
}

/// Everything that an operator is shown.
async fn shown_to(boss: &mut Conn, admin: SocketAddr) -> String {
    let mut shown = String::new();
    for list in [
        "SHARDS",
        "SERVERS",
        "POOLS",
        "SESSIONS",
        "TABLES",
        "PLANS",
        "DIGESTS",
        "VARIABLES",
        "TRANSACTIONS",
    ] {
        let answer = ask(boss, &format!("SHOW SHARDWELL {list}")).await;
        shown.push_str(&format!("{list}: {}", text_of(answer)));
    }
    let token = "Authorization: Bearer 0123456789-hidden\r\n";
    for path in ["/topology", "/sessions", "/metrics", "/readyz"] {
        shown.push_str(&get_with(admin, path, token).await.body);
    }
    shown
}

/// At the finest level, with every way that a value can take; nobody gets to see secrets by asking either.
#[tokio::test]
async fn no_level_of_the_log_and_no_list_shows_secrets() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, c CHAR(20))")
        .await;
    let folder = tempfile::tempdir().unwrap();
    let (log, file) = (folder.path().join("log"), folder.path().join("c.toml"));
    let (config, admin) = talkative(&place);
    std::fs::write(&file, &config).unwrap();
    let out = std::fs::File::create(&log).unwrap();
    let mut process = Process::start_with(&file, out, |command| {
        command.env("SHARDWELL_LOG", "trace");
    });
    let address = listens(&config);
    let mut app = connect_when_up(address, HIDDEN).await;
    say_secrets(&mut app, address).await;
    let boss = connect(address, ADMIN, HIDDEN, Some(SCHEMA)).await;
    let mut boss = boss.unwrap();
    let mut shown = shown_to(&mut boss, admin).await;
    let wrong = config.replace("[server]", "[server]\npasword = \"hidden-9\"");
    std::fs::write(&file, wrong).unwrap();
    let reload: Result<Vec<Row>, _> = boss.query("SHARDWELL RELOAD").await;
    shown.push_str(&reload.unwrap_err().to_string());
    let kill = format!("SHARDWELL KILL {}", app.id());
    boss.query_drop(kill).await.unwrap();
    process.signal(Signal::SIGTERM);
    process.ended().await;

    let whole = std::fs::read_to_string(&log).unwrap();
    for (what, text) in [("the log", &whole), ("what is shown", &shown)] {
        let near = text.lines().find(|line| line.contains("hidden"));
        assert_eq!(near, None, "{what}");
    }
    assert!(shown.contains("INSERT INTO t VALUES") && whole.contains("DEBUG"));
    check_audit(&lines(&log, "shardwell::audit"));
}

fn check_audit(audit: &[Value]) {
    for (key, text) in [
        ("error", "ERROR 1044"),
        ("error", "ERROR 1045"),
        ("order", "SHARDWELL RELOAD"),
        ("order", "SHARDWELL KILL"),
    ] {
        let has = |line: &Value| line[key].as_str().is_some_and(|said| said.contains(text));
        assert!(audit.iter().any(has), "{text}: {audit:#?}");
    }
    let forged = |line: &Value| !line["forged"].is_null();
    assert!(!audit.iter().any(forged), "{audit:#?}");
}

/// All values of an answer.
fn text_of(answer: Answer) -> String {
    let Answer::Rows { rows, .. } = answer else {
        panic!("{answer:?}");
    };
    let values = rows.into_iter().flatten();
    let texts = values.map(|value| match value {
        mysql_async::Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => other.as_sql(true),
    });
    texts.collect::<Vec<_>>().join(" ")
}

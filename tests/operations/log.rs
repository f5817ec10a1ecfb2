//! The log as operators read it: slow statements and refusals, without values.

use std::path::Path;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::common::process::{Process, connect_when_up, listens};
use crate::common::{APP_PASSWORD, Answer, Place, ask};

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

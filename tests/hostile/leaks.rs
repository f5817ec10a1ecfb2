//! Nothing that one session sets may be seen by another one through a pooled connection.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;
use shardwell::error::MysqlError;
use shardwell::wire::{BackendWish, Reader};

use crate::common::{APP_PASSWORD, APP_USER, Place, servers};
use crate::kinds_of_state::{Kind, OBJECTS, OTHERS, VARIABLES};
use crate::raw::{PATIENCE, Raw};
use crate::solo::{SOLO, shared, shared_with};

/// How the client that leaks leaves.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Between two statements.
    Plainly,
    /// In a transaction.
    InTransaction,
    /// Having said everything in one command.
    AtOnce,
    /// In the middle of the statement behind, without goodbye.
    InTheMiddle,
}

const MANNERS: [Manner; 4] = [
    Manner::Plainly,
    Manner::InTransaction,
    Manner::AtOnce,
    Manner::InTheMiddle,
];

/// What differs from one connection, or one moment, to the next.
const VOLATILE: [&str; 14] = [
    "statement_id",
    "timestamp",
    "pseudo_thread_id",
    "last_gtid",
    "gtid_binlog_pos",
    "gtid_binlog_state",
    "gtid_current_pos",
    "gtid_executed",
    "gtid_owned",
    "gtid_purged",
    "innodb_thread_sleep_delay",
    // MariaDB's replica has it, whichever session sets it: another test may just now.
    "max_relay_log_size",
    "rand_seed1",
    "rand_seed2",
];

/// A client that may send several statements at once.
async fn client(proxy: &ProxyHandle) -> Raw {
    let mut raw = Raw::greeted(proxy.address()).await;
    let wish = BackendWish {
        schema: true,
        multi_statements: true,
        ..BackendWish::default()
    };
    raw.login_with(APP_USER, APP_PASSWORD, Some(SOLO), wish)
        .await
        .unwrap();
    raw
}

type Answer = Result<Vec<Vec<u8>>, u16>;

/// What a client gets to hear: of errors, the number.
async fn answers(client: &mut Raw, questions: &[&str]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for question in questions {
        answers.push(client.query(question).await.map_err(|error| error.code));
    }
    answers
}

/// The system variables, but for what changes by itself.
async fn variables(client: &mut Raw) -> BTreeMap<String, String> {
    let rows = client.query("SHOW SESSION VARIABLES").await.unwrap();
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap()).into_owned();
    let pairs = rows.iter().map(|row| {
        let mut reader = Reader::new(row);
        let name = text(reader.nullable_bytes().unwrap());
        (name, text(reader.nullable_bytes().unwrap()))
    });
    pairs
        .filter(|(name, _)| !VOLATILE.contains(&name.as_str()))
        .collect()
}

/// One client sets the state and leaves; says how its last statement ended.
async fn set_and_leave(
    proxy: &ProxyHandle,
    manner: Manner,
    sets: &[String],
) -> Result<(), MysqlError> {
    let mut client = client(proxy).await;
    let mut last = Ok(());
    match manner {
        Manner::Plainly | Manner::InTransaction => {
            if matches!(manner, Manner::InTransaction) {
                client.query("BEGIN").await.unwrap();
                client.query("SELECT COUNT(*) FROM auto").await.unwrap();
            }
            for sql in sets {
                last = client.query(sql).await.map(drop);
            }
        }
        Manner::AtOnce => {
            client.send(&sets.join(";")).await;
            for _ in sets {
                last = client.answer().await.map(drop);
                if last.is_err() {
                    break;
                }
            }
        }
        Manner::InTheMiddle => {
            client
                .send(&format!("{};DO SLEEP(0.1)", sets.join(";")))
                .await;
            for _ in sets {
                last = client.answer().await.map(drop);
                if last.is_err() {
                    break;
                }
            }
        }
    }
    last
}

/// What a kind of state does to the next client; nothing, if all is well.
async fn leaked(
    proxy: &ProxyHandle,
    server: &mut Conn,
    (kind, manner): (&Kind, Manner),
    number: u32,
) -> Vec<String> {
    let mut before = client(proxy).await;
    let expected = answers(&mut before, kind.asks).await;
    let variables_before = variables(&mut before).await;
    drop(before);
    let sets = kind.sets.iter();
    let sets: Vec<_> = sets
        .map(|sql| sql.replace("{n}", &number.to_string()))
        .collect();
    let done = set_and_leave(proxy, manner, &sets).await;
    let mut wrong = Vec::new();
    match (&done, kind.refused) {
        (Err(error), Some(name)) if error.code == 1235 && error.to_string().contains(name) => {}
        (Ok(()), None) => {}
        // A transaction does not let everything through, nor does one command.
        (Err(_), None) if !matches!(manner, Manner::Plainly) => {}
        _ => wrong.push(format!("{done:?}")),
    }
    let mut after = client(proxy).await;
    if matches!(manner, Manner::InTheMiddle) {
        locks_are_free(&mut after, kind.asks).await;
    }
    let got = answers(&mut after, kind.asks).await;
    for ((question, got), expected) in kind.asks.iter().zip(got).zip(expected) {
        if got != expected {
            wrong.push(format!("{question}: {got:?} instead of {expected:?}"));
        }
    }
    let variables_after = variables(&mut after).await;
    for (name, value) in &variables_after {
        let before = variables_before.get(name);
        if before != Some(value) {
            wrong.push(format!("@@{name}: {value} instead of {before:?}"));
        }
    }
    // Locks of a client that has gone would stop the server's own.
    roll_prepared_back(server).await;
    for sql in [
        "SET lock_wait_timeout = 2",
        "CREATE OR REPLACE VIEW probe AS SELECT 1",
        "LOCK TABLES t WRITE, auto WRITE",
        "UNLOCK TABLES",
    ] {
        if let Err(error) = server.query_drop(sql).await {
            wrong.push(format!("{sql}: {error}"));
        }
    }
    wrong
}

/// Waits for the server, which may still be at work for the client that has gone.
async fn locks_are_free(client: &mut Raw, questions: &[&str]) {
    let locks = questions.iter().filter(|ask| ask.contains("IS_FREE_LOCK"));
    let until = Instant::now() + PATIENCE;
    for lock in locks {
        let free = |rows: Answer| rows.is_ok_and(|rows| rows == [b"\x011".to_vec()]);
        while !free(client.query(lock).await.map_err(|error| error.code)) && Instant::now() < until
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Ends the transactions that clients have prepared: they are meant to outlive them. MariaDB lets
/// nobody else do so before the client's connection is closed.
async fn roll_prepared_back(server: &mut Conn) {
    let until = Instant::now() + PATIENCE;
    loop {
        let prepared: Vec<(u64, u64, u64, String)> = server.query("XA RECOVER").await.unwrap();
        let mut names = prepared.into_iter().map(|(_, _, _, name)| name);
        let Some(name) = names.find(|name| name.starts_with("leak")) else {
            return;
        };
        let ended = server.query_drop(format!("XA ROLLBACK '{name}'")).await;
        assert!(ended.is_ok() || Instant::now() < until, "{ended:?}");
    }
}

/// A proxy that knows the objects, and a connection to its server.
async fn with_objects(backend: &str) -> (Place, ProxyHandle, Conn) {
    let (place, proxy) = shared_with(&OBJECTS, "", backend).await;
    let mut server = place.shard(0).await;
    let row = "INSERT INTO t VALUES (1, 'y')";
    server.query_drop(row).await.unwrap();
    (place, proxy, server)
}

/// The kinds that the server knows.
async fn known<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> Vec<&'k Kind> {
    let flavor = servers().await.flavor();
    let here = |kind: &&Kind| kind.only.is_none_or(|only| only == flavor);
    kinds.into_iter().filter(here).collect()
}

async fn none_reaches_the_next_session(kinds: &[Kind]) {
    // One connection for everybody: whatever stays on it is seen.
    let backend = "[backend.pool]\nmax_connections = 1\nacquire_timeout = \"8s\"";
    let (_place, proxy, mut server) = with_objects(backend).await;
    let (mut wrong, mut number) = (Vec::new(), 100);
    for kind in known(kinds).await {
        for manner in MANNERS {
            number += 1;
            for what in leaked(&proxy, &mut server, (kind, manner), number).await {
                wrong.push(format!("{:?} {manner:?}: {what}", kind.sets));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_system_variable_reaches_the_next_session() {
    none_reaches_the_next_session(VARIABLES).await;
}

#[tokio::test]
async fn no_session_state_reaches_the_next_session() {
    none_reaches_the_next_session(OTHERS).await;
}

/// Other values than `value`, of which one may be allowed.
fn other_values(value: &str) -> Vec<String> {
    match value {
        "ON" | "OFF" => vec![if value == "ON" { "OFF" } else { "ON" }.to_owned()],
        _ => match value.parse::<f64>() {
            Ok(_) => ["1", "0", "2", "4096", "100"]
                .iter()
                .filter(|other| **other != value)
                .map(ToString::to_string)
                .collect(),
            Err(_) => [
                "1",
                "2",
                "''",
                "'latin1'",
                "'latin1_bin'",
                "'de_DE'",
                "'+01:00'",
            ]
            .map(str::to_owned)
            .to_vec(),
        },
    }
}

/// Whatever the server lets a session change, known to the proxy or not.
#[tokio::test]
async fn no_variable_of_the_server_reaches_the_next_session() {
    let backend = "[backend.pool]\nmax_connections = 1\nacquire_timeout = \"8s\"";
    let (_place, proxy) = shared("", backend).await;
    let mut asking = client(&proxy).await;
    let before = variables(&mut asking).await;
    let mut changed = 0;
    let mut wrong = Vec::new();
    for (name, value) in &before {
        for other in other_values(value) {
            let set = format!("SET SESSION `{name}` = {other}");
            let mut leaking = client(&proxy).await;
            if leaking.query(&set).await.is_err() {
                continue;
            }
            let mut leaking = Some(leaking);
            changed += 1;
            // While the session is there, and after it. These two keep the only connection.
            let keeps = ["profiling", "optimizer_trace"].contains(&name.as_str());
            for after in [false, true] {
                if keeps && !after {
                    continue;
                }
                if after {
                    drop(leaking.take());
                }
                for (name, value) in variables(&mut asking).await {
                    let before = before.get(&name);
                    if before != Some(&value) {
                        wrong.push(format!("{set}: {name} is {value} instead of {before:?}"));
                    }
                }
            }
            break;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed > 100, "only {changed} variables could be changed");
}

/// Where it does not: the proxy must know these.
const BROKEN_DEFAULTS: [&str; 2] = ["foreign_key_checks", "unique_checks"];

/// Not for every variable does `SET x = DEFAULT` mean the global value.
#[tokio::test]
async fn every_variable_goes_back_to_its_global_value() {
    let (place, _proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let globals: Vec<(String, String)> = server.query("SHOW GLOBAL VARIABLES").await.unwrap();
    let mut different = Vec::new();
    for (name, global) in globals {
        if server
            .query_drop(format!("SET @@SESSION.`{name}` = DEFAULT"))
            .await
            .is_err()
        {
            continue;
        }
        let (_, session): (String, String) = server
            .query_first(format!(
                "SHOW SESSION VARIABLES WHERE Variable_name = '{name}'"
            ))
            .await
            .unwrap()
            .unwrap();
        if session != global {
            different.push(format!("{name}: {session} instead of {global}"));
        }
    }
    assert!(
        different
            .iter()
            .all(|found| BROKEN_DEFAULTS.iter().any(|name| found.starts_with(name))),
        "{different:?}"
    );
}

/// What others are meant to see while its session lives.
fn is_shared(set: &str) -> bool {
    let shared = [
        "LOCK",
        "takes()",
        "taking",
        "BACKUP",
        "lock",
        "many()",
        "XA PREPARE",
        "FOR EXPORT",
        "FOR UPDATE",
    ];
    shared.iter().any(|word| set.contains(word))
}

#[tokio::test]
async fn state_does_not_leak_while_its_session_lives() {
    let backend = "[backend.pool]\nmax_connections = 2\nacquire_timeout = \"3s\"";
    let (_place, proxy, mut server) = with_objects(backend).await;
    let mut asking = client(&proxy).await;
    let (mut wrong, mut number) = (Vec::new(), 100);
    for kind in known(VARIABLES.iter().chain(OTHERS)).await {
        if kind.sets.iter().any(|set| is_shared(set)) {
            continue;
        }
        number += 1;
        answers(&mut asking, kind.asks).await;
        let expected = answers(&mut asking, kind.asks).await;
        let mut leaking = client(&proxy).await;
        for set in kind.sets {
            let _ = leaking
                .query(&set.replace("{n}", &number.to_string()))
                .await;
        }
        for _ in 0..3 {
            let got = answers(&mut asking, kind.asks).await;
            if got != expected {
                wrong.push(format!("{:?}: {got:?} instead of {expected:?}", kind.sets));
            }
        }
        drop(leaking);
        roll_prepared_back(&mut server).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_a_failed_statement_left_behind_does_not_leak() {
    let backend = "[backend.pool]\nmax_connections = 1";
    let (_place, proxy) = shared("", backend).await;
    let mut leaking = Raw::app(proxy.address(), Some(SOLO)).await;
    leaking.query("SET TRANSACTION READ ONLY").await.unwrap();
    let failed = leaking.query("SELECT v FROM t WHERE id = = 1").await;
    println!("{failed:?}");
    let mut after = Raw::app(proxy.address(), Some(SOLO)).await;
    after.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    // The session that asked for it still has it, until a transaction has begun: as on MySQL.
    for _ in 0..2 {
        let refused = leaking.query("INSERT INTO t VALUES (2, 'x')").await;
        assert_eq!(refused.unwrap_err().code, 1792);
    }
}

/// Without autocommit a server locks the definition of every table that a statement reads, also of those
/// that know no transactions: the lock must not outlive the session's ROLLBACK, or the session.
#[tokio::test]
async fn locks_of_tables_without_transactions_stay_on_no_connection() {
    let (place, proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let table = "CREATE TABLE plain (id INT PRIMARY KEY) ENGINE = MyISAM";
    server.query_drop(table).await.unwrap();
    let mut app = client(&proxy).await;
    app.query("SET autocommit = 0").await.unwrap();
    for sql in [
        "INSERT INTO plain VALUES (1), (2)",
        "SELECT * FROM plain",
        "SELECT * FROM plain WHERE id = (SELECT id FROM plain)",
        "UPDATE plain SET id = 3 WHERE id = 2",
    ] {
        // One of them fails while it reads.
        let _ = app.query(sql).await;
        app.query("ROLLBACK").await.unwrap();
        let alter = "ALTER TABLE plain COMMENT = 'changed'";
        for wait in ["SET lock_wait_timeout = 5", alter] {
            let done = server.query_drop(wait).await;
            done.unwrap_or_else(|error| panic!("{wait} behind {sql}: {error}"));
        }
    }
    assert_eq!(app.value("SELECT COUNT(*) FROM plain").await, "2");
}

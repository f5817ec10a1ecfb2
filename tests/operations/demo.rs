//! `shardwell demo` as a newcomer runs it: what it prints can be done.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::{SCHEMA, connect};
use crate::page::get;

/// The running program; it ends with this.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Demo {
    fn interrupt(&mut self) -> bool {
        let id = Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        kill(id, Signal::SIGINT).unwrap();
        self.0.wait().unwrap().success()
    }
}

/// Starts it; what it says to its end.
fn start() -> (Demo, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shardwell"));
    command.arg("demo").stdout(Stdio::piped());
    if let Some(program) = std::env::var_os("SHARDWELL_MYSQLD") {
        command.arg("--mysqld").arg(program);
    }
    let mut demo = Demo(command.spawn().unwrap());
    let said = BufReader::new(demo.0.stdout.take().unwrap());
    let mut lines = Vec::new();
    for line in said.lines() {
        lines.push(line.unwrap());
        if lines.last().is_some_and(|line| line.starts_with("Ctrl-C")) {
            return (demo, lines);
        }
    }
    panic!("it has ended: {lines:#?}");
}

/// The connection that a line of mysql's command makes.
async fn connection(lines: &[String], user: &str) -> Conn {
    let flag = format!(" -u{user} ");
    let line = lines.iter().find(|line| line.contains(&flag)).unwrap();
    let of = |flag: &str| {
        let mut words = line.split(' ');
        words.find_map(|word| word.strip_prefix(flag)).unwrap()
    };
    let address = format!("{}:{}", of("-h"), of("-P"));
    let address = address.parse().unwrap();
    connect(address, user, of("-p"), Some(SCHEMA))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_demo_says_can_be_done() {
    let (mut demo, lines) = tokio::task::spawn_blocking(start).await.unwrap();
    let mut app = connection(&lines, "app").await;
    let mut operator = connection(&lines, "operator").await;
    let begins = lines
        .iter()
        .position(|line| line.starts_with("As an operator"));
    let statements = |lines: &[String]| -> Vec<String> {
        let statements = lines.iter().filter(|line| line.ends_with(';'));
        statements.map(|line| line.trim().to_owned()).collect()
    };
    let (theirs, orders) = lines.split_at(begins.unwrap());
    let (theirs, orders) = (statements(theirs), statements(orders));
    assert!(theirs.len() >= 7 && orders.len() >= 4, "{lines:#?}");
    for sql in theirs {
        run(&mut app, &sql).await;
    }
    for sql in orders {
        run(&mut operator, &sql).await;
    }
    assert!(app.query_drop("SHOW SHARDWELL SERVERS").await.is_err());

    let after = |text: &str| -> &str {
        let found = lines.iter().find_map(|line| line.split_once(text));
        found.unwrap_or_else(|| panic!("{text} in {lines:#?}")).1
    };
    let metrics = after("curl http://").strip_suffix("/metrics").unwrap();
    let page = get(metrics.parse::<SocketAddr>().unwrap(), "/metrics").await;
    assert!(
        page.body
            .contains("shardwell_server_drained{replica_set=\"a\"")
    );
    let file = PathBuf::from(after("read again when it changes: "));
    change(&file, &mut operator).await;
    drop((app, operator));
    assert!(
        tokio::task::spawn_blocking(move || demo.interrupt())
            .await
            .unwrap()
    );
    assert!(!file.exists(), "{}", file.display());
}

async fn run(client: &mut Conn, sql: &str) {
    let rows: Result<Vec<Row>, _> = client.query(sql).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let changes = ["UPDATE", "SHARDWELL DRAIN"];
    let changes = changes.iter().any(|word| sql.starts_with(word));
    assert!(changes || !rows.is_empty(), "{sql}");
}

/// A rule in the file is in force by itself.
async fn change(file: &Path, client: &mut Conn) {
    let text = std::fs::read_to_string(file).unwrap();
    let rule = "[[rules]]\nname = \"no\"\nkind = \"delete\"\ndeny = \"say which rows\"\n";
    std::fs::write(file, format!("{text}\n{rule}")).unwrap();
    let denied = async {
        let delete = "DELETE FROM regions WHERE region_id = 999";
        while client.query_drop(delete).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let patience = Duration::from_secs(60);
    tokio::time::timeout(patience, denied).await.unwrap();
}

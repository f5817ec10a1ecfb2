//! What README.md tells a new user to do, taken from its text and done: the configuration, the commands
//! and the statements.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use nix::sys::signal::Signal;
use shardwell::cli::demo::cluster::Cluster;
use shardwell::cli::demo::program::Program;
use shardwell::cli::demo::server::free_port;
use shardwell::cli::demo::workspace::Workspace;

use crate::common::process::{PATIENCE, Process, connect_when_up, listens};
use crate::common::{APP_PASSWORD, SCHEMA, connect};
use crate::page::get;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));

const SCHEMA_SQL: &str = "CREATE TABLE users (user_id BIGINT PRIMARY KEY, name VARCHAR(50));\n\
    CREATE TABLE orders (order_id BIGINT, user_id BIGINT, PRIMARY KEY (user_id, order_id));\n\
    CREATE TABLE regions (region_id INT PRIMARY KEY, name VARCHAR(50));\n\
    CREATE TABLE events (id INT PRIMARY KEY);\n";

/// The first block of this language that contains a text.
fn block(language: &str, text: &str) -> &'static str {
    let mut blocks = README.split("```").skip(1).step_by(2);
    let is_it = |block: &&str| block.starts_with(&format!("{language}\n")) && block.contains(text);
    let block = blocks.find(is_it).expect(text);
    block.split_once('\n').unwrap().1
}

/// What stands in backticks in the row of the table `what | how` that begins so.
fn how(what: &str) -> Vec<&'static str> {
    let begins = format!("| {what} |");
    let row = README.lines().find(|line| line.starts_with(&begins));
    let row = row.unwrap_or_else(|| panic!("README.md has no row '{what}'"));
    row.split('`').skip(1).step_by(2).collect()
}

/// The README's configuration with the addresses of servers that are there.
fn config(cluster: &Cluster, secret: &Path, admin: SocketAddr) -> String {
    let listen = free_port().unwrap();
    let (a, replica, b) = (
        cluster.primary_a(),
        cluster.replica_a(),
        cluster.primary_b(),
    );
    assert!(README.contains("`admin = \"127.0.0.1:9307\"` in `[server]`"));
    let mut config = block("toml", "# shardwell.toml").to_owned();
    for (theirs, ours) in [
        (
            "\"0.0.0.0:3307\"",
            format!("\"127.0.0.1:{listen}\"\nadmin = \"{admin}\""),
        ),
        (
            "\"/run/secrets/shardwell\"",
            format!("\"{}\"", secret.display()),
        ),
        (
            "\"10.0.0.1:3306\"",
            format!("\"{a}\"\nreplicas = [\"{replica}\"]"),
        ),
        ("\"10.0.0.2:3306\"", format!("\"{b}\"")),
    ] {
        assert_eq!(config.matches(theirs).count(), 1, "{theirs}");
        config = config.replace(theirs, &ours);
    }
    assert_eq!(cluster.account().0, "shardwell");
    let operator = "[[users]]\nname = \"operator\"\nadmin = true\nschemas = [\"shop\"]";
    format!("{config}\n{operator}\npassword = \"{APP_PASSWORD}\"\n")
}

/// Runs a line of the README in a folder.
fn run(line: &str, folder: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_shardwell"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).current_dir(folder);
    shell.env("PATH", path).env("APP_PASSWORD", APP_PASSWORD);
    shell.output().unwrap()
}

/// The answer's rows, all values as text.
async fn rows(client: &mut Conn, sql: &str) -> Vec<Vec<String>> {
    let rows: Vec<Row> = client
        .query(sql)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    let text = |row: Row| {
        row.unwrap()
            .into_iter()
            .map(|value| value.as_sql(true))
            .collect()
    };
    rows.into_iter().map(text).collect()
}

fn has(rows: &[Vec<String>], texts: &[&str]) -> bool {
    let found = |row: &Vec<String>, text: &str| row.iter().any(|value| value.contains(text));
    rows.iter()
        .any(|row| texts.iter().all(|text| found(row, text)))
}

#[tokio::test]
async fn what_the_readme_says_can_be_done() {
    let workspace = Workspace::new().unwrap();
    let folder = workspace.path();
    let given = std::env::var_os("SHARDWELL_MYSQLD").map(std::path::PathBuf::from);
    let program = Program::find(given.as_deref()).unwrap();
    let cluster = Cluster::start(program, folder).await.unwrap();
    let admin = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let (secret, file) = (folder.join("secret"), folder.join("shardwell.toml"));
    let config = config(&cluster, &secret, admin);
    std::fs::write(&secret, cluster.account().1).unwrap();
    std::fs::write(&file, &config).unwrap();
    std::fs::write(folder.join("schema.sql"), SCHEMA_SQL).unwrap();

    let commands = block("sh", "shardwell check");
    let mut lines = commands.lines();
    for line in lines.by_ref().take_while(|line| !line.contains(" serve ")) {
        let output = run(line, folder);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && !said.is_empty(),
            "{line}: {output:?}"
        );
    }
    assert!(commands.contains("shardwell serve --config shardwell.toml"));
    let mut process = Process::start_with(&file, std::process::Stdio::null(), |command| {
        command.env("APP_PASSWORD", APP_PASSWORD);
    });
    let address = listens(&config);
    let mut app = connect_when_up(address, APP_PASSWORD).await;
    let operator = async || connect(address, "operator", APP_PASSWORD, Some(SCHEMA)).await;
    let mut operator = operator().await.unwrap();

    fill(&mut app).await;
    look_around(&mut app, &mut operator).await;
    end_a_session(address, &mut operator).await;
    drain(&mut operator, &cluster.replica_a().to_string()).await;
    change_a_rule(&mut app, (&file, &config)).await;
    read_metrics(admin).await;

    process.signal(Signal::SIGTERM);
    drop((app, operator));
    assert!(process.ended().await.success());
    cluster.stop().await.unwrap();
}

async fn fill(app: &mut Conn) {
    for sql in SCHEMA_SQL.split_terminator(";\n") {
        app.query_drop(sql).await.unwrap();
    }
    for id in 1..=20 {
        let user = format!("INSERT INTO users VALUES ({id}, 'user {id}')");
        let order = format!("INSERT INTO orders VALUES ({id}, {id})");
        app.query_drop(user).await.unwrap();
        app.query_drop(order).await.unwrap();
    }
    app.query_drop("INSERT INTO regions VALUES (1, 'Europe')")
        .await
        .unwrap();
}

/// Where a statement goes, which are slow, who and what is there, and whether rows are where they belong.
async fn look_around(app: &mut Conn, operator: &mut Conn) {
    let (_, select) = block("sh", "mysql> ").split_once("mysql> ").unwrap();
    assert_eq!(rows(app, select.trim()).await, [["'user 7'"]]);

    let [explain] = how("where a statement goes, and why")[..] else {
        panic!("one statement")
    };
    assert!(has(
        &rows(app, explain).await,
        &["route", "one data node of 4"]
    ));

    let digests = how("which statements are slow")[0];
    let found = rows(operator, digests).await;
    assert!(
        found.len() <= 10 && has(&found, &["FROM users WHERE user_id = ?"]),
        "{found:?}"
    );

    for word in how("servers, connections, shards, tables") {
        let sql = match word.starts_with("SHOW ") {
            true => word.to_owned(),
            false => format!("SHOW SHARDWELL {word}"),
        };
        assert!(!rows(operator, &sql).await.is_empty(), "{sql}");
    }

    let check = how("do shards agree, are rows where they belong")[0];
    let found = rows(operator, check).await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|row| row[0] == "'rows'"), "{found:?}");
}

async fn end_a_session(address: SocketAddr, operator: &mut Conn) {
    let [sessions, kill] = how("who is there; ending one")[..] else {
        panic!("two statements")
    };
    let mut victim = connect(address, "app", APP_PASSWORD, Some(SCHEMA))
        .await
        .unwrap();
    let id = victim.id().to_string();
    assert!(has(&rows(operator, sessions).await, &[&id]));
    assert!(kill.ends_with(" 17"));
    operator.query_drop(kill.replace("17", &id)).await.unwrap();
    assert!(victim.query_drop("DO 1").await.is_err());
}

async fn drain(operator: &mut Conn, replica: &str) {
    let [_, drain, resume] = how("a replica away for a while, as `SERVERS` shows it")[..] else {
        panic!("two statements behind what shows servers")
    };
    let server = |sql: &str| sql.replace("127.0.0.1:…", replica);
    let drained = async |operator: &mut Conn| {
        let sql = "SHOW SHARDWELL SERVERS";
        let result: Vec<Row> = operator.query(sql).await.unwrap();
        let row = result.into_iter().find(|row| {
            let of = |at: usize| row.get::<Option<String>, _>(at).flatten();
            (0..row.len()).any(|at| of(at).as_deref() == Some(replica))
        });
        row.unwrap().get::<String, _>("Drained").unwrap()
    };
    assert_eq!(drained(operator).await, "no");
    operator.query_drop(server(drain)).await.unwrap();
    assert_eq!(drained(operator).await, "yes");
    operator.query_drop(server(resume)).await.unwrap();
    assert_eq!(drained(operator).await, "no");
}

async fn change_a_rule(app: &mut Conn, (file, config): (&Path, &str)) {
    let what = "a changed file, such as a [rule](docs/limits.md)";
    assert_eq!(how(what), ["SHARDWELL RELOAD"]);
    let rule = block("toml", "[[rules]]");
    std::fs::write(file, format!("{config}\n{rule}")).unwrap();
    let refused = "DELETE FROM events";
    assert!(README.contains(&format!("`{refused}` is refused")));
    let denied = async {
        while app.query_drop(refused).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, denied)
        .await
        .expect("the rule is in force");
}

async fn read_metrics(admin: SocketAddr) {
    let [curl, health, ready] = how("metrics, health, in a shell")[..] else {
        panic!("three pages")
    };
    let path = curl.strip_prefix("curl http://127.0.0.1:9307").unwrap();
    let page = get(admin, path).await;
    assert!(
        page.status == 200 && page.body.contains("shardwell_"),
        "{page:?}"
    );
    for path in [health, ready] {
        assert_eq!(get(admin, path).await.status, 200, "{path}");
    }
}

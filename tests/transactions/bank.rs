//! The bank: transfers between accounts on two servers, while connections are cut, the proxy is
//! killed and servers are killed at every step of the protocol. After recovery no money is missing,
//! what was acknowledged is there, and nothing stays prepared.
//!
//! `SHARDWELL_BANK_ROUNDS=N` adds N random rounds to those that every run makes, and as many blows to
//! the storm.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use rand::RngExt;
use shardwell::cli::demo::server::{ServerOptions, ServerProcess, free_port};

use crate::common::{APP_PASSWORD, APP_USER, PASSWORD, SCHEMA, USER, connect, servers};
use crate::tap::{Tap, When};

/// Everything must be in order so soon after a fault.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an account begins with.
const START: i64 = 1000;

/// Accounts on the first server, and on the second one.
const FIRST: std::ops::Range<u32> = 0..10;
const SECOND: std::ops::Range<u32> = 100..110;

/// A server behind a tap, that can be killed and started again on its data.
struct Vault {
    folder: PathBuf,
    port: u16,
    process: Option<ServerProcess>,
    tap: Tap,
}

impl Vault {
    async fn new(id: u32) -> Self {
        let port = free_port().unwrap();
        let folder = servers().await.new_folder();
        let template = servers().await.template();
        let process = ServerProcess::start(template, &folder, &options(port, id))
            .await
            .unwrap();
        process.create_account(USER, PASSWORD).await.unwrap();
        Self {
            folder,
            port,
            process: Some(process),
            tap: Tap::new(SocketAddr::from(([127, 0, 0, 1], port))).await,
        }
    }

    async fn kill(&mut self, id: u32) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
        let template = servers().await.template();
        let options = options(self.port, id);
        let again = ServerProcess::start_again(template, &self.folder, &options);
        self.process = Some(again.await.unwrap());
    }

    /// A connection past the tap.
    async fn straight(&self) -> Conn {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        connect(address, USER, PASSWORD, None).await.unwrap()
    }

    async fn rows(&self, sql: &str) -> Vec<(u32, i64)> {
        self.straight().await.query(sql).await.unwrap()
    }
}

fn options(port: u16, id: u32) -> ServerOptions {
    ServerOptions {
        server_id: Some(id),
        flags: vec![format!("--port={port}")],
    }
}

/// The proxy as a process of its own.
struct Teller {
    config: PathBuf,
    port: u16,
    process: Child,
}

impl Teller {
    async fn new(a: &Tap, b: &Tap) -> Self {
        let port = free_port().unwrap();
        let config = servers().await.new_folder().with_extension("toml");
        let text = format!(
            r#"
[server]
listen = "127.0.0.1:{port}"
[[users]]
name = "{APP_USER}"
password = "{APP_PASSWORD}"
schemas = ["{SCHEMA}"]
[backend]
user = "{USER}"
password = "{PASSWORD}"
tls = "off"
[replica_sets.a]
primary = "{}"
[replica_sets.b]
primary = "{}"
[transactions]
recover_after = "400ms"
[schemas.{SCHEMA}]
shards = ["a/bank", "b/bank"]
[schemas.{SCHEMA}.tables.accounts]
key = "id"
algorithm = {{ kind = "range", bounds = [100] }}
[schemas.{SCHEMA}.tables.moves]
key = "id"
algorithm = {{ kind = "range", bounds = [100] }}
"#,
            a.address, b.address
        );
        std::fs::write(&config, text).unwrap();
        let process = Self::start(&config);
        let teller = Self {
            config,
            port,
            process,
        };
        teller.client().await;
        teller
    }

    fn start(config: &PathBuf) -> Child {
        Command::new(env!("CARGO_BIN_EXE_shardwell"))
            .arg("serve")
            .arg("--config")
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// SIGKILL, and another process in its place.
    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = Self::start(&self.config);
    }

    /// A client of the proxy, as soon as it is there.
    async fn client(&self) -> Conn {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let deadline = Instant::now() + PATIENCE;
        loop {
            match connect(address, APP_USER, APP_PASSWORD, Some(SCHEMA)).await {
                Ok(client) => return client,
                Err(error) => assert!(Instant::now() < deadline, "no proxy: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The connection between the proxy and the server.
    Connection,
    /// The proxy.
    Proxy,
    /// The server that hears the statement.
    Server,
    /// The other server.
    Other,
}

/// How a transfer is meant to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Commit,
    Rollback,
    /// By itself: one statement on both servers.
    Alone,
}

/// A message of the protocol: on which server, what it holds, in a transaction with which end.
type Message = (usize, &'static str, Wish);

/// Every message of a transfer that begins on the first server.
const MESSAGES: [Message; 23] = [
    (0, "BEGIN", Wish::Commit),
    (0, "UPDATE", Wish::Commit),
    (1, "XA START", Wish::Commit),
    (1, "UPDATE", Wish::Commit),
    (1, "INSERT INTO `bank`", Wish::Commit),
    (0, "INSERT INTO `shardwell`", Wish::Commit),
    (1, "XA END", Wish::Commit),
    (1, "XA PREPARE", Wish::Commit),
    (0, "COMMIT AND NO CHAIN", Wish::Commit),
    (1, "XA COMMIT", Wish::Commit),
    (0, "ROLLBACK AND NO CHAIN", Wish::Rollback),
    (1, "XA START", Wish::Rollback),
    (1, "XA END", Wish::Rollback),
    (1, "XA ROLLBACK", Wish::Rollback),
    (0, "BEGIN", Wish::Alone),
    (0, "INSERT INTO `bank`", Wish::Alone),
    (1, "XA START", Wish::Alone),
    (1, "INSERT INTO `bank`", Wish::Alone),
    (0, "INSERT INTO `shardwell`", Wish::Alone),
    (1, "XA END", Wish::Alone),
    (1, "XA PREPARE", Wish::Alone),
    (0, "COMMIT AND NO CHAIN", Wish::Alone),
    (1, "XA COMMIT", Wish::Alone),
];

struct Bank {
    vaults: [Vault; 2],
    teller: Teller,
    /// Transfers that the client was told are committed.
    acknowledged: BTreeSet<i64>,
    /// Transfers that it rolled back.
    taken_back: BTreeSet<i64>,
    next: i64,
}

impl Bank {
    async fn open() -> Self {
        let (a, b) = tokio::join!(Vault::new(1), Vault::new(2));
        for (vault, ids) in [(&a, FIRST), (&b, SECOND)] {
            let mut admin = vault.straight().await;
            for sql in [
                "CREATE DATABASE bank".to_owned(),
                "CREATE TABLE bank.accounts (id INT PRIMARY KEY, balance BIGINT NOT NULL)"
                    .to_owned(),
                "CREATE TABLE bank.moves (id INT, transfer BIGINT, amount BIGINT NOT NULL, \
                 PRIMARY KEY (id, transfer))"
                    .to_owned(),
            ] {
                admin.query_drop(sql).await.unwrap();
            }
            for id in ids {
                let sql = format!("INSERT INTO bank.accounts VALUES ({id}, {START})");
                admin.query_drop(sql).await.unwrap();
            }
        }
        let teller = Teller::new(&a.tap, &b.tap).await;
        Self {
            vaults: [a, b],
            teller,
            acknowledged: BTreeSet::new(),
            taken_back: BTreeSet::new(),
            next: 0,
        }
    }

    /// The next transfer's number and statements.
    fn transfer(&mut self, from: u32, to: u32, wish: Wish) -> (i64, Vec<String>) {
        self.next += 1;
        (self.next, statements([from, to], self.next, wish))
    }

    /// One transfer that meets a fault.
    async fn round(&mut self, (at, needle, wish): Message, when: When, fault: Fault) {
        let mut rng = rand::rng();
        let (from, to) = (rng.random_range(FIRST), rng.random_range(SECOND));
        let (number, statements) = self.transfer(from, to, wish);
        let client = self.teller.client().await;
        self.vaults[at].tap.cut_at(needle, when);
        let work = tokio::spawn(run(client, statements));
        let hit = tokio::time::timeout(PATIENCE, self.vaults[at].tap.hit()).await;
        assert!(hit.is_ok(), "{needle} never came");
        match fault {
            Fault::Connection => {}
            Fault::Proxy => self.teller.kill(),
            Fault::Server => self.vaults[at].kill(at as u32 + 1).await,
            Fault::Other => self.vaults[1 - at].kill(2 - at as u32).await,
        }
        self.vaults[at].tap.cut();
        let done = tokio::time::timeout(PATIENCE, work).await;
        let done = done.expect("the client is answered").unwrap();
        match (wish, done) {
            (Wish::Commit | Wish::Alone, Ok(())) => drop(self.acknowledged.insert(number)),
            (Wish::Rollback, _) => drop(self.taken_back.insert(number)),
            (Wish::Commit | Wish::Alone, Err(_)) => {}
        }
        self.settle(&format!("{needle} {when:?} {fault:?} {wish:?}"))
            .await;
    }

    /// Waits until nothing is prepared, and balances the books.
    async fn settle(&self, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        for vault in &self.vaults {
            loop {
                let prepared: Vec<mysql_async::Row> =
                    vault.straight().await.query("XA RECOVER").await.unwrap();
                if prepared.is_empty() {
                    break;
                }
                assert!(Instant::now() < deadline, "{what}: still prepared");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let mut books: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        let mut total = 0;
        for vault in &self.vaults {
            let sums = "SELECT id, CAST(SUM(amount) AS SIGNED) FROM bank.moves GROUP BY id";
            let sums: BTreeMap<u32, i64> = vault.rows(sums).await.into_iter().collect();
            for (id, balance) in vault.rows("SELECT id, balance FROM bank.accounts").await {
                let moved = sums.get(&id).copied().unwrap_or(0);
                assert_eq!(balance, START + moved, "{what}: account {id}");
                total += balance;
            }
            let moves: Vec<(i64, i64)> = vault
                .straight()
                .await
                .query("SELECT transfer, amount FROM bank.moves")
                .await
                .unwrap();
            for (transfer, amount) in moves {
                books.entry(transfer).or_default().push(amount);
            }
        }
        let accounts = i64::from(FIRST.end - FIRST.start + SECOND.end - SECOND.start);
        assert_eq!(total, accounts * START, "{what}");
        for (transfer, amounts) in &books {
            let whole = amounts.len() == 2 && amounts.iter().sum::<i64>() == 0;
            assert!(
                whole,
                "{what}: transfer {transfer} is half done: {amounts:?}"
            );
            assert!(
                !self.taken_back.contains(transfer),
                "{what}: {transfer} was taken back"
            );
        }
        for transfer in &self.acknowledged {
            assert!(
                books.contains_key(transfer),
                "{what}: {transfer} was acknowledged"
            );
        }
    }
}

/// The statements of one transfer.
fn statements([from, to]: [u32; 2], number: i64, wish: Wish) -> Vec<String> {
    let amount = rand::rng().random_range(1..10);
    if wish == Wish::Alone {
        // A transfer of nothing.
        return vec![format!(
            "INSERT INTO moves VALUES ({from}, {number}, 0), ({to}, {number}, 0)"
        )];
    }
    let mut statements = vec!["BEGIN".to_owned()];
    for (id, amount) in [(from, -amount), (to, amount)] {
        statements.push(format!(
            "UPDATE accounts SET balance = balance + {amount} WHERE id = {id}"
        ));
        statements.push(format!(
            "INSERT INTO moves VALUES ({id}, {number}, {amount})"
        ));
    }
    let end = match wish {
        Wish::Commit | Wish::Alone => "COMMIT",
        Wish::Rollback => "ROLLBACK",
    };
    statements.push(end.to_owned());
    statements
}

async fn run(mut client: Conn, statements: Vec<String>) -> Result<(), Error> {
    for sql in statements {
        client.query_drop(sql).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_money_is_lost_whatever_fails_at_any_step() {
    let mut bank = Bank::open().await;
    // The first transfer makes the proxy's own tables.
    let (number, statements) = bank.transfer(1, 101, Wish::Commit);
    run(bank.teller.client().await, statements).await.unwrap();
    bank.acknowledged.insert(number);
    bank.settle("the first transfer").await;
    for message in MESSAGES {
        for when in [When::Before, When::After] {
            for fault in [Fault::Connection, Fault::Proxy] {
                bank.round(message, when, fault).await;
            }
        }
    }
    // A server takes seconds to come back: where the protocol depends on it.
    let servers = [
        ((1, "XA PREPARE", Wish::Commit), When::Before, Fault::Other),
        ((1, "XA PREPARE", Wish::Commit), When::After, Fault::Server),
        (
            (0, "INSERT INTO `shardwell`", Wish::Commit),
            When::After,
            Fault::Server,
        ),
        (
            (0, "COMMIT AND NO CHAIN", Wish::Commit),
            When::Before,
            Fault::Server,
        ),
        (
            (0, "COMMIT AND NO CHAIN", Wish::Commit),
            When::After,
            Fault::Server,
        ),
        (
            (0, "COMMIT AND NO CHAIN", Wish::Commit),
            When::After,
            Fault::Other,
        ),
        ((1, "XA COMMIT", Wish::Commit), When::Before, Fault::Server),
        ((1, "XA COMMIT", Wish::Commit), When::Before, Fault::Other),
        ((1, "XA COMMIT", Wish::Commit), When::After, Fault::Server),
    ];
    for (message, when, fault) in servers {
        bank.round(message, when, fault).await;
    }
    for _ in 0..rounds() {
        let (message, when, fault) = {
            let mut rng = rand::rng();
            let faults = [Fault::Connection, Fault::Proxy, Fault::Server, Fault::Other];
            (
                MESSAGES[rng.random_range(0..MESSAGES.len())],
                [When::Before, When::After][rng.random_range(0..2)],
                faults[rng.random_range(0..4)],
            )
        };
        bank.round(message, when, fault).await;
    }
    assert!(bank.acknowledged.len() > 1);
}

fn rounds() -> usize {
    let more = std::env::var("SHARDWELL_BANK_ROUNDS").ok();
    more.and_then(|more| more.parse().ok()).unwrap_or(0)
}

/// Many clients of two proxies, each of which recovers what the other leaves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_money_is_lost_in_a_storm() {
    const CLIENTS: usize = 6;
    let mut bank = Bank::open().await;
    let second = Teller::new(&bank.vaults[0].tap, &bank.vaults[1].tap).await;
    let ports = [bank.teller.port, second.port];
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let stop = Arc::clone(&stop);
            tokio::spawn(keep_transferring(ports[client % 2], client as i64, stop))
        })
        .collect();
    for blow in 0..6 + rounds() {
        let pause = rand::rng().random_range(300..1200);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        match blow % 3 {
            0 => bank.teller.kill(),
            1 => {
                bank.vaults[blow / 3 % 2]
                    .kill((blow / 3 % 2) as u32 + 1)
                    .await
            }
            _ => drop(bank.vaults.each_ref().map(|vault| vault.tap.cut_all())),
        }
    }
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        bank.acknowledged.extend(client.await.unwrap());
    }
    assert!(bank.acknowledged.len() > CLIENTS);
    bank.settle("the storm").await;
}

/// One transfer after the other, whatever happens; the numbers of those that were acknowledged.
async fn keep_transferring(port: u16, client: i64, stop: Arc<AtomicBool>) -> Vec<i64> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut acknowledged = Vec::new();
    let mut connection = None;
    for number in 1.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let mut app = match connection.take() {
            Some(app) => app,
            None => match connect(address, APP_USER, APP_PASSWORD, Some(SCHEMA)).await {
                Ok(app) => app,
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let number = client * 1_000_000 + number;
        let statements = {
            let mut rng = rand::rng();
            let mut accounts = [rng.random_range(FIRST), rng.random_range(SECOND)];
            if rng.random() {
                accounts.reverse();
            }
            let wish = [Wish::Commit, Wish::Alone][rng.random_range(0..2)];
            statements(accounts, number, wish)
        };
        let mut done = Ok(());
        for sql in statements {
            done = app.query_drop(sql).await;
            if done.is_err() {
                break;
            }
        }
        match done {
            Ok(()) => acknowledged.push(number),
            // The server's own error: the session may go on, outside the transaction.
            Err(Error::Server(_)) if app.query_drop("ROLLBACK").await.is_err() => continue,
            Err(Error::Server(_)) => {}
            Err(_) => continue,
        }
        connection = Some(app);
    }
    acknowledged
}

//! Limits: connections, pools, memory, and how long a client may not read.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;

use crate::raw::Raw;
use crate::solo::{SOLO, config, shared};

/// A proxy in a process of its own.
struct Proxy {
    process: Child,
    address: std::net::SocketAddr,
    _folder: tempfile::TempDir,
}

impl Proxy {
    async fn start(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shardwell.toml");
        std::fs::write(&file, config).unwrap();
        let listen = config.split('"').nth(1).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_shardwell"))
            .arg("serve")
            .arg("--config")
            .arg(&file)
            .env("SHARDWELL_LOG", "warn")
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let proxy = Self {
            process,
            address: listen.parse().unwrap(),
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_secs(20);
        while tokio::net::TcpStream::connect(proxy.address).await.is_err() {
            assert!(Instant::now() < deadline, "the proxy does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        proxy
    }

    /// Resident memory in KiB.
    fn rss(&self) -> u64 {
        let file = Path::new("/proc")
            .join(self.process.id().to_string())
            .join("status");
        let text = std::fs::read_to_string(file).unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn shared_process(server: &str, backend: &str) -> (crate::common::Place, Proxy) {
    let (place, unused) = shared("", "").await;
    drop(unused);
    let (process, database) = &place.shards()[0];
    let config = config(process.address().port(), server, backend)
        .replace(&format!("a/{SOLO}"), &format!("a/{database}"));
    (place, Proxy::start(&config).await)
}

#[tokio::test]
async fn two_thousand_idle_clients_cost_little_and_disturb_nobody() {
    const CLIENTS: u64 = 2000;
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let (_place, proxy) = shared_process("", "").await;
    // What the first clients cost is the fixed base: arenas, caches, the first backend connection.
    let mut idle = Vec::new();
    for _ in 0..200 {
        let mut raw = Raw::app(proxy.address, Some(SOLO)).await;
        assert!(raw.works().await);
        idle.push(raw);
    }
    let base = proxy.rss();
    // What else the process does meanwhile (a look at the catalog, a thread's first arena) costs once.
    let mut growths = Vec::new();
    for _ in 0..2 {
        let before = proxy.rss();
        for _ in 0..CLIENTS / 2 {
            let mut raw = Raw::app(proxy.address, Some(SOLO)).await;
            assert!(raw.works().await);
            idle.push(raw);
        }
        growths.push(proxy.rss().saturating_sub(before));
    }
    let growth = growths.iter().min().copied().unwrap_or_default();
    let per_client = growth as f64 / (CLIENTS / 2) as f64;
    println!("base {base} KiB, {per_client:.1} KiB for each idle client of {growths:?} KiB");
    assert!(per_client <= 10.0, "{per_client} KiB");
    let started = Instant::now();
    for _ in 0..100 {
        assert!(idle[0].works().await);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(idle.last_mut().unwrap().works().await);
}

#[tokio::test]
async fn a_client_that_reads_nothing_costs_no_memory_and_ends_by_the_write_timeout() {
    let (place, proxy) = shared_process("[server.timeouts]\nwrite = \"3s\"", "").await;
    let mut server = place.shard(0).await;
    let mut witness = Raw::app(proxy.address, Some(SOLO)).await;
    assert!(witness.works().await);
    let before = proxy.rss();
    let mut deaf = Raw::app(proxy.address, Some(SOLO)).await;
    // 200 MB: 200 rows of a million bytes.
    deaf.send(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
         SELECT i, REPEAT('x', 1000000) AS deaf FROM n",
    )
    .await;
    let started = Instant::now();
    let mut most = before;
    let mut gone = false;
    while !gone && started.elapsed() < Duration::from_secs(12) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        most = most.max(proxy.rss());
        assert!(witness.works().await);
        let running: Vec<String> = server
            .query("SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO LIKE '%AS deaf%' AND INFO NOT LIKE '%PROCESSLIST%'")
            .await
            .unwrap();
        gone = running.is_empty() && started.elapsed() > Duration::from_secs(1);
    }
    let grown = most - before;
    println!("grown by {grown} KiB, gone after {:?}", started.elapsed());
    assert!(gone, "the statement still runs");
    assert!(started.elapsed() > Duration::from_secs(2));
    assert!(started.elapsed() < Duration::from_secs(6));
    assert!(grown < 8 * 1024, "{grown} KiB");
    assert!(deaf.read_answer().await.is_err());
}

#[tokio::test]
async fn a_full_pool_makes_clients_wait_their_turn_and_no_longer_than_allowed() {
    let backend = "[backend.pool]\nmax_connections = 2\nacquire_timeout = \"1s\"";
    let (_place, proxy) = shared("", backend).await;
    let mut clients = Vec::new();
    for n in 0..5 {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.query("BEGIN").await.unwrap();
        if n < 2 {
            raw.query(&format!("INSERT INTO t VALUES ({n}, 'x')"))
                .await
                .unwrap();
        }
        clients.push(raw);
    }
    let started = Instant::now();
    for client in &mut clients[2..] {
        client.send("INSERT INTO t VALUES (9, 'x')").await;
    }
    for client in &mut clients[2..] {
        assert_eq!(client.answer().await.unwrap_err().code, 1040);
    }
    let waited = started.elapsed();
    assert!(waited > Duration::from_millis(900) && waited < Duration::from_secs(3));
    // First come, first served.
    clients[2].send("INSERT INTO t VALUES (2, 'x')").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    clients[3].send("INSERT INTO t VALUES (3, 'x')").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    clients[0].query("COMMIT").await.unwrap();
    assert!(clients[2].answer().await.is_ok());
    assert_eq!(clients[3].answer().await.unwrap_err().code, 1040);
    // Leaving is as good as COMMIT, for the others.
    clients[4].send("INSERT INTO t VALUES (4, 'x')").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(clients.remove(1));
    assert!(clients[3].answer().await.is_ok());
}

#[tokio::test]
async fn no_permit_is_lost_when_clients_leave_at_every_moment() {
    let backend = "[backend.pool]\nmax_connections = 3\nacquire_timeout = \"2s\"";
    let (_place, proxy) = shared("", backend).await;
    for round in 0..60u64 {
        let mut leavers = Vec::new();
        for n in 0..6 {
            let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
            let sql = match n % 3 {
                0 => "BEGIN",
                1 => "SELECT SLEEP(0.01)",
                _ => "SET @a = 1",
            };
            raw.send(sql).await;
            leavers.push(raw);
        }
        tokio::time::sleep(Duration::from_micros(300 * round)).await;
    }
    let mut clients = Vec::new();
    for n in 0..3 {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.query("BEGIN").await.unwrap();
        raw.query(&format!("INSERT INTO t VALUES ({n}, 'x')"))
            .await
            .unwrap();
        clients.push(raw);
    }
}

#[tokio::test]
async fn one_client_too_many_is_refused_with_the_first_packet() {
    let (_place, proxy) = shared("max_connections = 3", "").await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Raw::app(proxy.address(), Some(SOLO)).await);
    }
    let Err(error) = Raw::try_greeted(proxy.address()).await else {
        panic!("a fourth client was greeted");
    };
    assert_eq!(error.code, 1040);
    assert_eq!(error.message, b"Too many connections");
    drop(clients.pop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    assert!(raw.works().await);
    assert!(clients[0].works().await);
}

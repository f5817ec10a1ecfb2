//! A plain HTTP client, and metrics as it reads them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use shardwell::cli::demo::server::free_port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Asks for a path, with further header lines.
pub async fn get_with(address: SocketAddr, path: &str, headers: &str) -> Page {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).expect("a status");
    Page {
        status: status.parse().expect("a number"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Asks for a path.
pub async fn get(address: SocketAddr, path: &str) -> Page {
    get_with(address, path, "").await
}

/// A configuration with HTTP for operators; `keys` go into its table besides the address.
pub fn with_admin(config: &str, keys: &str) -> (String, SocketAddr) {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port().expect("a port")));
    let table = format!("[server.admin]\nlisten = \"{address}\"\n{keys}\n");
    (format!("{config}\n{table}"), address)
}

/// The series of `/metrics` with their values.
#[derive(Debug)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// Reads them.
    pub async fn read(address: SocketAddr) -> Self {
        let page = get(address, "/metrics").await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.ends_with("# EOF\n"), "{}", page.body);
        let lines = page.body.lines().filter(|line| !line.starts_with('#'));
        let series = lines.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect(line);
            (name.to_owned(), value.parse().expect(line))
        });
        Self(series.collect())
    }

    /// Reads them until they are so, or for 10 s: a session counts what it did behind its answer.
    pub async fn until(address: SocketAddr, met: impl Fn(&Self) -> bool) -> Self {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let seen = Self::read(address).await;
            if met(&seen) || Instant::now() > end {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until these series have risen so much since `before`, and gives all as they are then.
    pub async fn rise(address: SocketAddr, before: &Self, by: &[(String, f64)]) -> Self {
        let more = |seen: &Self, name: &str| seen.get(name) - before.get(name);
        let met = |seen: &Self| by.iter().all(|(name, value)| more(seen, name) == *value);
        let seen = Self::until(address, met).await.since(before);
        for (name, value) in by {
            assert_eq!(seen.get(name), *value, "{name} in {seen:#?}");
        }
        seen
    }

    /// No series at all.
    pub fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// How much more there is than before.
    pub fn since(mut self, before: &Self) -> Self {
        for (name, value) in &mut self.0 {
            *value -= before.get(name);
        }
        self
    }

    /// A value; 0 for a series that is not there.
    pub fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(0.0)
    }

    /// The values of series that begin so, added up.
    pub fn sum(&self, prefix: &str) -> f64 {
        let found = self.0.iter().filter(|(name, _)| name.starts_with(prefix));
        found.map(|(_, value)| value).sum()
    }
}

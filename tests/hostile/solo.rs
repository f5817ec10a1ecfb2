//! A server of a test's own that can be killed, stopped and started again, and a proxy before it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::cli::demo::server::{ServerOptions, ServerProcess, free_port};

use crate::common::{APP_PASSWORD, APP_USER, PASSWORD, Place, USER, servers};

/// The schema and its only database.
pub const SOLO: &str = "solo";

/// One server behind one port, whatever happens to it.
pub struct Solo {
    server: Option<ServerProcess>,
    port: u16,
}

impl Solo {
    /// A server with the table `t (id, v)`.
    pub async fn start() -> Self {
        let mut solo = Self {
            server: None,
            port: free_port().unwrap(),
        };
        solo.restart().await;
        solo
    }

    /// A new server behind the same port, as if the old one had lost its rows.
    pub async fn restart(&mut self) {
        self.server = None;
        let options = ServerOptions {
            server_id: None,
            flags: vec![format!("--port={}", self.port)],
        };
        self.server = Some(servers().await.another(&options).await);
        let mut admin = self.admin().await;
        for sql in [
            "CREATE DATABASE solo",
            "CREATE TABLE solo.t (id INT PRIMARY KEY, v VARCHAR(100))",
        ] {
            admin.query_drop(sql).await.unwrap();
        }
    }

    /// Ends the server as a crash would.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Where the server is.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// A connection past the proxy.
    pub async fn admin(&self) -> Conn {
        self.server.as_ref().unwrap().admin().await.unwrap()
    }

    /// Stops all of its threads, until the returned value is dropped.
    pub fn freeze(&self) -> Frozen {
        let socket = self.server.as_ref().unwrap().socket();
        let file = socket.parent().unwrap().join("pid");
        let text = std::fs::read_to_string(file).unwrap();
        let process = Pid::from_raw(text.trim().parse().unwrap());
        signal::kill(process, Signal::SIGSTOP).unwrap();
        // One of them may be at work still, on another core.
        let until = Instant::now() + Duration::from_secs(10);
        while !is_stopped(process) {
            assert!(Instant::now() < until, "{process} goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
        Frozen(process)
    }

    /// The configuration of a proxy; `server` and `backend` are more lines of these sections.
    pub fn config(&self, server: &str, backend: &str) -> String {
        config(self.port, server, backend)
    }

    /// A proxy before it.
    pub async fn proxy(&self, server: &str, backend: &str) -> ProxyHandle {
        start_proxy(self.config(server, backend)).await.unwrap()
    }
}

/// Whether all threads of a process are stopped.
fn is_stopped(process: Pid) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        // A thread may end meanwhile.
        let status = std::fs::read_to_string(thread.path().join("status"));
        status.is_ok_and(|status| status.contains("\nState:\tT"))
    })
}

/// A proxy's configuration for one server with one shard.
pub fn config(port: u16, server: &str, backend: &str) -> String {
    let listen = free_port().unwrap();
    format!(
        r#"
[server]
listen = "127.0.0.1:{listen}"
{server}

[[users]]
name = "{APP_USER}"
password = "{APP_PASSWORD}"
schemas = ["{SOLO}"]

[[users]]
name = "other"
password = "{APP_PASSWORD}"
schemas = ["*"]

[backend]
user = "{USER}"
password = "{PASSWORD}"
{backend}

[replica_sets.a]
primary = "127.0.0.1:{port}"

[schemas.{SOLO}]
shards = ["a/{SOLO}"]
"#
    )
}

/// A proxy before one shard of a [`Place`], which the test has for itself.
pub async fn shared(server: &str, backend: &str) -> (Place, ProxyHandle) {
    shared_with(&[], server, backend).await
}

/// The same; what these statements make is there when the proxy first looks.
pub async fn shared_with(objects: &[&str], server: &str, backend: &str) -> (Place, ProxyHandle) {
    let place = Place::new().await;
    let (process, database) = &place.shards()[0];
    let config = config(process.address().port(), server, backend)
        .replace(&format!("a/{SOLO}"), &format!("a/{database}"));
    let mut shard = place.shard(0).await;
    let table = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(100))";
    for sql in std::iter::once(&table).chain(objects) {
        shard.query_drop(*sql).await.unwrap();
    }
    let proxy = start_proxy(config).await.unwrap();
    (place, proxy)
}

/// A process that does nothing for now.
pub struct Frozen(Pid);

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = signal::kill(self.0, Signal::SIGCONT);
    }
}

//! A proxy in a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{APP_USER, SCHEMA, connect};

/// How long anything may take that happens by itself.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A proxy in a process of its own, which ends with this.
pub struct Process(Child);

impl Process {
    /// Starts one; its log goes to `log`.
    pub fn start(config: &Path, log: impl Into<Stdio>) -> Self {
        Self::start_with(config, log, |_| {})
    }

    /// The same, with more that the command needs.
    pub fn start_with(
        config: &Path,
        log: impl Into<Stdio>,
        more: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shardwell"));
        command.args(["serve", "--config"]).arg(config).stderr(log);
        more(&mut command);
        Self(command.spawn().unwrap())
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        let process = Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        kill(process, signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the process goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a proxy with this configuration listens.
pub fn listens(config: &str) -> SocketAddr {
    let listen = config.split_once("listen = \"").unwrap().1;
    listen.split('"').next().unwrap().parse().unwrap()
}

/// A connection of the application, once the proxy lets it in.
pub async fn connect_when_up(address: SocketAddr, password: &str) -> Conn {
    let end = Instant::now() + PATIENCE;
    loop {
        match connect(address, APP_USER, password, Some(SCHEMA)).await {
            Ok(connection) => return connection,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

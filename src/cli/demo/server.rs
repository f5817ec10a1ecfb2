//! A real MySQL or MariaDB server in a folder of its own, for the demo and the tests.
//!
//! In: an initialised [`Template`] and [`ServerOptions`]. Out: a [`ServerProcess`] that listens on
//! loopback and on a Unix socket, and that ends with its owner (see `supervised`).

use std::ffi::OsString;
use std::iter::repeat_with;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mysql_async::{Conn, Opts, OptsBuilder};

use super::program::Flavor;
use super::supervised::{Invocation, POLL, Supervised};
use super::template::{CARELESS, Template, flag, tail};

/// How long a server may take until it answers.
const START: Duration = Duration::from_secs(90);

/// How long a server may take to shut down before it is killed.
const GRACE: Duration = Duration::from_secs(15);

/// Unix socket paths are limited to 107 bytes (`sun_path`, unix(7)).
const MAX_SOCKET_PATH: usize = 107;

/// Above the ports of well-known services and below those of connections.
const LISTENERS_PORTS: Range<u16> = 15_000..32_768;

/// What a server is for.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// The server's number in replication; with it come the binary log and GTIDs.
    pub server_id: Option<u32>,
    /// Further command-line flags; they override the usual ones.
    pub flags: Vec<String>,
}

/// A running server. Dropping it kills it at once: its data are not worth a shutdown.
#[derive(Debug)]
pub struct ServerProcess {
    flavor: Flavor,
    port: u16,
    socket: PathBuf,
    log: PathBuf,
    process: Supervised,
}

impl ServerProcess {
    /// Starts a server on a copy of the template in `folder`, which must not exist, and waits
    /// until it answers.
    ///
    /// # Errors
    /// The server does not start; the message has the end of its error log.
    pub async fn start(
        template: &Template,
        folder: &Path,
        options: &ServerOptions,
    ) -> Result<Self> {
        std::fs::create_dir(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        template.copy_to(&folder.join("data"))?;
        Self::start_again(template, folder, options).await
    }

    /// Starts a server on the data that another one has left in `folder`, and waits until it
    /// answers.
    ///
    /// # Errors
    /// The server does not start; the message has the end of its error log.
    pub async fn start_again(
        template: &Template,
        folder: &Path,
        options: &ServerOptions,
    ) -> Result<Self> {
        // A free port is only known to have been free: another process may be faster.
        let mut attempts = 3;
        loop {
            let mut server = Self::spawn(template, folder, options)?;
            match server.wait_until_ready().await {
                Ok(()) => return Ok(server),
                Err(error) => {
                    attempts -= 1;
                    if attempts == 0 || !port_was_taken(&server.log) {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn spawn(template: &Template, folder: &Path, options: &ServerOptions) -> Result<Self> {
        let program = template.program();
        let port = free_port()?;
        let socket = folder.join("socket");
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            bail!(
                "{} is too long for a Unix socket: set TMPDIR to a folder with a shorter path",
                socket.display()
            );
        }
        let log = folder.join("error.log");
        let mut arguments: Vec<OsString> = vec![
            flag("datadir", &folder.join("data")),
            // A starting server removes the temporary tables that it finds, another one's too.
            flag("tmpdir", folder),
            flag("socket", &socket),
            flag("pid-file", &folder.join("pid")),
            format!("--port={port}").into(),
        ];
        arguments.extend(
            flags(program.flavor(), options)
                .into_iter()
                .map(OsString::from),
        );
        let process = Supervised::spawn(Invocation {
            program,
            arguments,
            input: Path::new("/dev/null"),
            log: &log,
            grace: GRACE,
        })?;
        Ok(Self {
            flavor: program.flavor(),
            port,
            socket,
            log,
            process,
        })
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = self.process.ended()? {
                bail!(
                    "the server ended with {status}; the end of its log:\n{}",
                    tail(&self.log)
                );
            }
            let error = match self.admin().await {
                Ok(connection) => return Ok(connection.disconnect().await?),
                Err(error) => error,
            };
            if Instant::now() >= deadline {
                bail!(
                    "the server does not answer after {} s ({error}); the end of its log:\n{}",
                    START.as_secs(),
                    tail(&self.log)
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// What it is.
    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// Where it listens for TCP connections.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Its Unix socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Its error log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// A new connection as `root`, who may come by the Unix socket only.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn admin(&self) -> Result<Conn, mysql_async::Error> {
        Conn::new(Opts::from(
            OptsBuilder::default()
                .socket(Some(self.socket.to_string_lossy()))
                .user(Some("root")),
        ))
        .await
    }

    /// Makes an account that may do everything, from anywhere, with the flavor's own
    /// authentication plugin. The name and the password must need no escaping.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn create_account(&self, user: &str, password: &str) -> Result<()> {
        use mysql_async::prelude::Queryable;
        let how = match self.flavor {
            Flavor::MySql => format!("WITH caching_sha2_password BY '{password}'"),
            Flavor::MariaDb => format!("BY '{password}'"),
        };
        let mut connection = self.admin().await?;
        connection
            .query_drop(format!("CREATE USER '{user}'@'%' IDENTIFIED {how}"))
            .await?;
        connection
            .query_drop(format!("GRANT ALL ON *.* TO '{user}'@'%'"))
            .await?;
        Ok(connection.disconnect().await?)
    }

    /// Shuts the server down as an operator would, and kills it if that takes too long.
    ///
    /// # Errors
    /// It could not be waited for.
    pub async fn stop(mut self) -> Result<()> {
        self.process.stop().await?;
        Ok(())
    }

    /// Kills the server as a crash would, and waits until it is gone.
    pub fn kill(self) {}
}

fn flags(flavor: Flavor, options: &ServerOptions) -> Vec<String> {
    let common = [
        "--bind-address=127.0.0.1",
        "--performance-schema=OFF",
        "--secure-file-priv=",
        "--character-set-server=utf8mb4",
        "--max-connections=500",
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-log-buffer-size=4M",
        "--key-buffer-size=1M",
        "--table-open-cache=400",
        "--max-allowed-packet=64M",
        "--local-infile=1",
    ];
    let own: &[&str] = match flavor {
        Flavor::MySql => &["--mysqlx=OFF", "--innodb-redo-log-capacity=64M"],
        Flavor::MariaDb => &[
            "--innodb-log-file-size=16M",
            "--collation-server=utf8mb4_general_ci",
        ],
    };
    let mut flags: Vec<String> = common
        .iter()
        .chain(own)
        .chain(&CARELESS)
        .map(ToString::to_string)
        .collect();
    match options.server_id {
        None => flags.push("--skip-log-bin".to_owned()),
        Some(id) => {
            flags.push(format!("--server-id={id}"));
            flags.push("--log-bin=binlog".to_owned());
            flags.push("--sync-binlog=0".to_owned());
            flags.push("--relay-log=relay".to_owned());
            let own: &[&str] = match flavor {
                Flavor::MySql => &["--gtid-mode=ON", "--enforce-gtid-consistency=ON"],
                Flavor::MariaDb => &["--log-slave-updates=ON", "--binlog-format=ROW"],
            };
            flags.extend(own.iter().map(ToString::to_string));
        }
    }
    flags.extend(options.flags.iter().cloned());
    flags
}

/// A TCP port on loopback that nobody listens on now.
///
/// Between this answer and its use another process may be faster. No connection is: the port lies
/// below those that the system gives to the near ends of connections, which on a busy machine
/// would take a port again as soon as it is free (`ip_local_port_range` of ip(7)).
///
/// # Errors
/// The system has none.
pub fn free_port() -> std::io::Result<u16> {
    const ATTEMPTS: usize = 100;
    let random = repeat_with(|| rand::random_range(LISTENERS_PORTS));
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    match random.take(ATTEMPTS).find(is_free) {
        Some(port) => Ok(port),
        // A system of other habits: any port that it has.
        None => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port()),
    }
}

fn port_was_taken(log: &Path) -> bool {
    let text = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text).contains("on TCP/IP port")
}

//! `shardwell demo`: a sharded shop on real servers, in one command.
//!
//! In: [`DemoArgs`]. Out: the exit code, after the servers, the proxy and the temporary folder are
//! gone. Everything lives in one [`workspace::Workspace`]; the servers end with this process,
//! whatever ends it.
//!
//! The pieces that start servers ([`program`], [`template`], [`server`], [`workspace`]) also carry
//! the integration tests.

pub mod cluster;
mod config;
mod output;
pub mod program;
pub mod proxy;
pub mod sample;
pub mod server;
mod supervised;
pub mod template;
pub mod workspace;

use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mysql_async::{Conn, Opts, OptsBuilder};
use tokio::signal::unix::{SignalKind, signal};

use cluster::Cluster;
use program::Program;
use proxy::{ProxyHandle, start_proxy_from};
use workspace::Workspace;

/// The application's account.
const USER: &str = "app";

/// The account that may ask and order the proxy itself.
const OPERATOR: &str = "operator";

/// The port that is taken if it is free and none is given.
const USUAL_PORT: u16 = 3307;

/// The port for operators, if it is free.
const USUAL_ADMIN_PORT: u16 = 9307;

/// Arguments of `shardwell demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// The server program to run [default: mysqld, else mariadbd, on PATH]
    #[arg(long, value_name = "PATH")]
    pub mysqld: Option<PathBuf>,

    /// Run this statement through the proxy, print its answer and leave; may be repeated
    #[arg(long, value_name = "SQL")]
    pub exec: Vec<String>,

    /// The port for clients [default: 3307 if it is free, else any]
    #[arg(long)]
    pub port: Option<u16>,
}

/// Starts everything, runs the given statements or waits for Ctrl-C, and takes everything down.
///
/// # Errors
/// A server or the proxy does not start, or the sample cannot be loaded.
pub async fn run(args: DemoArgs) -> Result<ExitCode> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let work = async {
        let demo = Demo::start(&args).await?;
        if args.exec.is_empty() {
            demo.introduce();
            return std::future::pending().await;
        }
        let code = demo.execute(&args.exec).await?;
        demo.stop().await?;
        Ok(code)
    };
    // Dropping the work kills the servers and removes the folder, at whatever step it was.
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => Ok(after_signal(&args)),
        _ = terminate.recv() => Ok(after_signal(&args)),
    }
}

/// Ctrl-C is how a demo without statements ends; with statements it is cut short.
fn after_signal(args: &DemoArgs) -> ExitCode {
    if args.exec.is_empty() {
        eprintln!("\nStopped; nothing is left behind.");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A running demo. Fields are dropped in this order: the folder goes last.
struct Demo {
    proxy: ProxyHandle,
    cluster: Cluster,
    admin: SocketAddr,
    password: String,
    config_file: PathBuf,
    _workspace: Workspace,
}

impl Demo {
    async fn start(args: &DemoArgs) -> Result<Self> {
        let program = Program::find(args.mysqld.as_deref())?;
        let progress = progress();
        step(&progress, "Starting three database servers");
        let workspace = Workspace::new()?;
        let cluster = Cluster::start(program, workspace.path()).await?;
        step(&progress, "Making the tables");
        sample::create_tables(&cluster).await?;
        step(&progress, "Starting the proxy");
        let password = cluster::random_password();
        let admin = local_address(None, USUAL_ADMIN_PORT)?;
        let front = config::Front {
            listen: local_address(args.port, USUAL_PORT)?,
            admin,
            user: USER,
            operator: OPERATOR,
            password: &password,
        };
        let config = config::config_toml(&cluster, &front);
        let config_file = write_config(workspace.path(), &config)?;
        let proxy = start_proxy_from(&config_file).await?;
        let demo = Self {
            proxy,
            cluster,
            admin,
            password,
            config_file,
            _workspace: workspace,
        };
        step(&progress, "Loading the shop through the proxy");
        let mut connection = demo.connect().await?;
        sample::load(&mut connection, &progress).await?;
        connection.disconnect().await?;
        // A read from the replica must find the shop complete.
        demo.cluster.wait_for_replica().await?;
        progress.finish_and_clear();
        Ok(demo)
    }

    async fn connect(&self) -> Result<Conn> {
        let address = self.proxy.address();
        let options = OptsBuilder::default()
            .ip_or_hostname(address.ip().to_string())
            .tcp_port(address.port())
            .user(Some(USER))
            .pass(Some(&self.password))
            .db_name(Some("shop"))
            .prefer_socket(false);
        Conn::new(Opts::from(options))
            .await
            .context("cannot connect to the proxy")
    }

    /// Tells how to connect and what to try.
    fn introduce(&self) {
        let (port, password) = (self.proxy.address().port(), &self.password);
        let connect = |user| format!("mysql -h127.0.0.1 -P{port} -u{user} -p{password} shop");
        let (app, operator) = (connect(USER), connect(OPERATOR));
        let mut text = format!(
            "\nOne shop on four shards behind one address. Connect with any MySQL client:\n\n    {app}\n\n\
             Worth trying:\n"
        );
        for (statement, what) in STATEMENTS {
            text.push_str(&format!("\n    {statement};\n        {what}\n"));
        }
        text.push_str(&format!(
            "\nAs an operator, who may ask the proxy itself:\n\n    {operator}\n"
        ));
        let replica = self.cluster.replica_a().to_string();
        for (statement, what) in ORDERS {
            let statement = statement.replace("REPLICA", &replica);
            text.push_str(&format!("\n    {statement};\n        {what}\n"));
        }
        text.push_str(&format!(
            "\nMetrics: curl http://{}/metrics\nThe configuration, read again when it changes: {}\n\
             Ctrl-C stops everything and leaves nothing.\n",
            self.admin,
            self.config_file.display()
        ));
        // Whoever reads may be gone already; the demo runs on all the same.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Runs the statements in one session; the exit code says whether all succeeded.
    async fn execute(&self, statements: &[String]) -> Result<ExitCode> {
        let mut connection = self.connect().await?;
        let mut all_succeeded = true;
        for statement in statements {
            let (text, succeeded) = output::run(&mut connection, statement).await;
            all_succeeded &= succeeded;
            std::io::stdout().write_all(text.as_bytes())?;
        }
        Ok(if all_succeeded {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Drains the proxy; the servers' data are not worth a shutdown, they are killed.
    async fn stop(self) -> Result<()> {
        self.proxy.shutdown().await;
        Ok(())
    }
}

/// Statements worth trying, and where each goes.
const STATEMENTS: [(&str, &str); 7] = [
    (
        "SELECT name, email FROM users WHERE user_id = 42",
        "one shard: the key says which",
    ),
    (
        "SELECT o.order_id, p.name, i.quantity FROM orders o JOIN order_items i USING (user_id, order_id) \
         JOIN products p USING (product_id) WHERE o.user_id = 42",
        "one shard: orders and order_items lie beside their user, products is on every shard",
    ),
    (
        "UPDATE orders SET status = 'sent' WHERE user_id = 42 AND status = 'paid'",
        "one shard: the key, whatever stands beside it with AND",
    ),
    (
        "SELECT kind, COUNT(*) FROM events GROUP BY kind",
        "one shard: a table without a rule is where it was found",
    ),
    (
        "SELECT p.name, SUM(i.quantity) sold FROM order_items i JOIN products p USING (product_id) \
         GROUP BY p.name ORDER BY sold DESC LIMIT 3",
        "all four shards, and one answer: sums and order are merged as the rows come",
    ),
    (
        "UPDATE orders SET note = 'be quick' WHERE status = 'paid'",
        "all four shards, on two servers: everywhere or nowhere",
    ),
    (
        "EXPLAIN FORMAT=SHARDWELL SELECT COUNT(*) FROM orders",
        "where a statement goes, what each shard is asked, and how it becomes one answer",
    ),
];

/// What an operator may try; REPLICA stands for the replica's address.
const ORDERS: [(&str, &str); 4] = [
    (
        "SHOW SHARDWELL DIGESTS LIMIT 5",
        "the statements that took most time, without their values",
    ),
    (
        "SHOW SHARDWELL SERVERS",
        "also SHARDS, POOLS, SESSIONS, TABLES, PLANS, TRANSACTIONS, VARIABLES",
    ),
    (
        "SHARDWELL DRAIN SERVER 'REPLICA'",
        "the replica gets no reads any more; RESUME SERVER brings it back",
    ),
    (
        "SHARDWELL CHECK TABLE orders",
        "do the shards agree, does every row lie where it belongs",
    ),
];

fn progress() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// On a terminal the bar says what goes on; elsewhere a line on stderr does.
fn step(progress: &ProgressBar, what: &'static str) {
    progress.set_message(what);
    if progress.is_hidden() {
        eprintln!("{what} ...");
    }
}

/// An address of this machine: with the given port, else the usual one if it is free, else any.
fn local_address(port: Option<u16>, usual: u16) -> Result<SocketAddr> {
    let port = match port {
        Some(port) => port,
        None if TcpListener::bind((Ipv4Addr::LOCALHOST, usual)).is_ok() => usual,
        None => server::free_port()?,
    };
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

fn write_config(folder: &Path, text: &str) -> Result<PathBuf> {
    let path = folder.join("shardwell.toml");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

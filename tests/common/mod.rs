//! Real servers for the integration tests.
//!
//! The servers are shared by all tests of a binary and end with it, whatever ends it. Each test
//! takes a [`Place`]: databases of its own, so that tests run beside each other.
//!
//! The program is named by SHARDWELL_MYSQLD (`make test` sets it), else taken from PATH.

// Each test binary uses its own part of this, and a helper that fails fails its test.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod process;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Opts, OptsBuilder, Row, Value};
use shardwell::cli::demo::program::{Flavor, Program};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::cli::demo::server::{ServerOptions, ServerProcess, free_port};
use shardwell::cli::demo::template::Template;
use shardwell::cli::demo::workspace::Workspace;
use tokio::sync::OnceCell;

/// The account of tests and proxy on every server.
pub const USER: &str = "shardwell";
/// Its password.
pub const PASSWORD: &str = "backend-secret";
/// The proxy's client account.
pub const APP_USER: &str = "app";
/// Its password.
pub const APP_PASSWORD: &str = "app-secret";
/// The user that gives the proxy orders, where there is one; its password is the application's.
pub const ADMIN: &str = "boss";
/// The logical database behind every proxy.
pub const SCHEMA: &str = "shop";

/// The servers of this test binary.
pub struct Servers {
    /// Holds the shards 0 and 1.
    pub a: ServerProcess,
    /// Holds the shards 2 and 3.
    pub b: ServerProcess,
    plain: OnceCell<ServerProcess>,
    template: Template,
    workspace: Workspace,
}

/// The servers `a` and `b`, started at the first call.
pub async fn servers() -> &'static Servers {
    static SERVERS: OnceCell<Servers> = OnceCell::const_new();
    SERVERS.get_or_init(Servers::start).await
}

impl Servers {
    async fn start() -> Self {
        let given = std::env::var_os("SHARDWELL_MYSQLD").map(PathBuf::from);
        let program = Program::find(given.as_deref())
            .expect("integration tests need a real server: run `make test`");
        let workspace = Workspace::new().expect("a temporary folder");
        let template = Template::initialise(program, workspace.path())
            .await
            .expect("a data folder");
        let (a, b) = tokio::join!(
            start(&template, &workspace, "a", 1),
            start(&template, &workspace, "b", 2),
        );
        Self {
            a,
            b,
            plain: OnceCell::new(),
            template,
            workspace,
        }
    }

    /// A third server that knows nothing of shards: what it answers is right by definition.
    pub async fn plain(&self) -> &ServerProcess {
        self.plain
            .get_or_init(|| start(&self.template, &self.workspace, "plain", 3))
            .await
    }

    /// A further server of a test's own, to be stopped or killed.
    pub async fn another(&self, options: &ServerOptions) -> ServerProcess {
        let folder = self.new_folder();
        let server = ServerProcess::start(&self.template, &folder, options)
            .await
            .expect("a server starts");
        server
            .create_account(USER, PASSWORD)
            .await
            .expect("an account");
        server
    }

    /// A folder for a server of a test's own; it does not exist yet.
    pub fn new_folder(&self) -> PathBuf {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("x{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.workspace.path().join(name)
    }

    /// What servers are made from.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// Whether the tests run on MySQL or MariaDB.
    pub fn flavor(&self) -> Flavor {
        self.a.flavor()
    }
}

async fn start(template: &Template, workspace: &Workspace, name: &str, id: u32) -> ServerProcess {
    let options = ServerOptions {
        server_id: Some(id),
        flags: Vec::new(),
    };
    let server = ServerProcess::start(template, &workspace.path().join(name), &options)
        .await
        .expect("a server starts");
    server
        .create_account(USER, PASSWORD)
        .await
        .expect("an account");
    server
}

/// Four shard databases on two servers and one plain database, for one test.
pub struct Place {
    servers: &'static Servers,
    name: String,
}

impl Place {
    /// New, empty databases.
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        Self::named(&format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed))).await
    }

    /// The same under a name that no other test of the binary takes.
    pub async fn named(name: &str) -> Self {
        let place = Self {
            servers: servers().await,
            name: name.to_owned(),
        };
        let mut targets: Vec<(&ServerProcess, String)> = place.shards().into();
        targets.push((place.servers.plain().await, place.name.clone()));
        for (server, database) in targets {
            let mut connection = server.admin().await.expect("the server answers");
            connection
                .query_drop(format!("CREATE DATABASE {database}"))
                .await
                .expect("a new database");
            connection.disconnect().await.expect("a polite goodbye");
        }
        place
    }

    /// What the plain database is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the plain server listens.
    pub async fn plain_address(&self) -> SocketAddr {
        self.servers.plain().await.address()
    }

    /// The shards in the schema's order: server and physical database.
    pub fn shards(&self) -> [(&'static ServerProcess, String); 4] {
        let Servers { a, b, .. } = self.servers;
        [(a, 0), (a, 1), (b, 2), (b, 3)].map(|(server, n)| (server, format!("{}_{n}", self.name)))
    }

    /// A connection straight to the shard at this position.
    pub async fn shard(&self, position: usize) -> Conn {
        let shards = self.shards();
        let (server, database) = &shards[position];
        connect(server.address(), USER, PASSWORD, Some(database))
            .await
            .expect("a shard answers")
    }

    /// A connection to the plain database.
    pub async fn plain(&self) -> Conn {
        let server = self.servers.plain().await;
        connect(server.address(), USER, PASSWORD, Some(&self.name))
            .await
            .expect("the plain server answers")
    }

    /// Runs a statement on every shard and on the plain database, past the proxy.
    pub async fn everywhere(&self, statement: &str) {
        for position in 0..4 {
            self.shard(position)
                .await
                .query_drop(statement)
                .await
                .expect(statement);
        }
        self.plain()
            .await
            .query_drop(statement)
            .await
            .expect(statement);
    }

    /// A configuration for a proxy in front of this place. `tables` is TOML that says how the
    /// tables of `[schemas.shop]` are placed.
    pub fn config(&self, tables: &str) -> String {
        let (a, b) = (self.servers.a.address(), self.servers.b.address());
        let port = free_port().expect("a free port");
        let shards = self.shards().map(|(_, database)| database);
        let [s0, s1, s2, s3] = &shards;
        format!(
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

[replica_sets.a]
primary = "{a}"

[replica_sets.b]
primary = "{b}"

[schemas.{SCHEMA}]
shards = ["a/{s0}", "a/{s1}", "b/{s2}", "b/{s3}"]

{tables}
"#
        )
    }

    /// A proxy in front of this place; see [`Place::config`].
    pub async fn proxy(&self, tables: &str) -> ProxyHandle {
        start_proxy(self.config(tables))
            .await
            .expect("the proxy starts")
    }
}

/// A configuration with [`ADMIN`] in it.
pub fn with_orders(config: &str) -> String {
    let user = format!(
        "[[users]]\nname = \"{ADMIN}\"\npassword = \"{APP_PASSWORD}\"\nschemas = [\"*\"]\n\
         admin = true\n\n[backend]"
    );
    config.replacen("[backend]", &user, 1)
}

/// A connection of [`ADMIN`] to a proxy.
pub async fn connect_admin(proxy: &ProxyHandle) -> Conn {
    connect(proxy.address(), ADMIN, APP_PASSWORD, Some(SCHEMA))
        .await
        .expect("the proxy answers")
}

/// A connection of the application to a proxy.
pub async fn connect_app(proxy: &ProxyHandle) -> Conn {
    connect(proxy.address(), APP_USER, APP_PASSWORD, Some(SCHEMA))
        .await
        .expect("the proxy answers")
}

/// A connection by TCP.
///
/// # Errors
/// What the server or the network says.
pub async fn connect(
    address: SocketAddr,
    user: &str,
    password: &str,
    database: Option<&str>,
) -> Result<Conn, Error> {
    Conn::new(Opts::from(
        OptsBuilder::default()
            .ip_or_hostname(address.ip().to_string())
            .tcp_port(address.port())
            .user(Some(user))
            .pass(Some(password))
            .db_name(database)
            .prefer_socket(false),
    ))
    .await
}

/// What a statement answered, in a form that two servers can be compared by.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Column names and rows.
    Rows {
        /// The names in the answer's order.
        columns: Vec<String>,
        /// The rows in the answer's order.
        rows: Vec<Vec<Value>>,
    },
    /// No result set.
    Done {
        /// Affected rows as the server counts them.
        affected: u64,
        /// The last generated id, if any.
        last_insert_id: Option<u64>,
    },
    /// A refusal: code and SQLSTATE; the text may differ.
    Refused {
        /// The error number.
        code: u16,
        /// The SQLSTATE.
        state: String,
    },
}

impl Answer {
    /// The same answer with its rows sorted, for statements without ORDER BY.
    #[must_use]
    pub fn in_any_order(mut self) -> Self {
        if let Self::Rows { rows, .. } = &mut self {
            rows.sort_by_cached_key(|row| format!("{row:?}"));
        }
        self
    }
}

/// Runs a statement by the text protocol and takes its first answer.
pub async fn ask(connection: &mut Conn, statement: &str) -> Answer {
    match try_ask(connection, statement).await {
        Ok(answer) => answer,
        Err(Error::Server(error)) => Answer::Refused {
            code: error.code,
            state: error.state,
        },
        Err(other) => panic!("{statement}: {other}"),
    }
}

async fn try_ask(connection: &mut Conn, statement: &str) -> Result<Answer, Error> {
    let mut result = connection.query_iter(statement).await?;
    let columns: Vec<String> = result
        .columns_ref()
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    let (affected, last_insert_id) = (result.affected_rows(), result.last_insert_id());
    let rows: Vec<Row> = result.collect().await?;
    result.drop_result().await?;
    if columns.is_empty() {
        return Ok(Answer::Done {
            affected,
            last_insert_id,
        });
    }
    Ok(Answer::Rows {
        columns,
        rows: rows.into_iter().map(Row::unwrap).collect(),
    })
}

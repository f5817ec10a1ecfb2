//! The validated configuration: what the rest of the program may rely on.

mod backend;
mod others;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::admin::AdminConfig;
use super::generate::GenerateConfig;
use super::limits::{Limits, RuleConfig};
use super::log::LogConfig;
use super::period_tables::PeriodTables;
use super::secret::Credential;
use super::traces::TracesConfig;

pub use others::OtherSchemas;

pub use backend::{
    Account, BackendConfig, BackendTls, BalanceConfig, BalancePolicy, PoolConfig, PromotionConfig,
};

/// A whole configuration, consistent in itself: every name that is used exists, every position
/// lies in its list, every number lies in its range, every secret has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The side that clients see.
    pub server: ServerConfig,
    /// Who may log in; at least one, names are unique.
    pub users: Vec<UserConfig>,
    /// In the order of the file; at least one, names and addresses are unique.
    pub replica_sets: Vec<ReplicaSetConfig>,
    /// In the order of the file; at least one where there are no others, names are unique.
    pub schemas: Vec<SchemaConfig>,
    /// `[schemas."*"]`: databases that are schemas besides those; `None`: there are none.
    pub others: Option<OtherSchemas>,
    /// How transactions over several replica sets end.
    pub transactions: TransactionConfig,
    /// What statements are held against, in the order of the file; names are unique.
    pub rules: Vec<RuleConfig>,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where traces go; `None`: there are none.
    pub traces: Option<TracesConfig>,
}

/// `[transactions]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionConfig {
    /// What COMMIT guarantees.
    pub commit: CommitMode,
    /// The proxy's own database on every replica set; no shard of the configuration.
    pub database: String,
    /// A prepared branch that nobody ends for so long is ended by recovery.
    pub recover_after: Duration,
}

/// What COMMIT guarantees for writes on several replica sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitMode {
    /// Everywhere or nowhere, whatever fails.
    Atomic,
    /// One COMMIT after the other: what fails in between leaves some of them committed.
    BestEffort,
}

/// `[server]`
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Where to listen; at least one, no two alike.
    pub listen: Vec<Address>,
    /// The version shown to clients instead of the proxy's own; begins with `digits.digits.digits`.
    pub version: Option<String>,
    /// Client connections at once.
    pub max_connections: u32,
    /// Largest command of a client, in bytes: 1 KiB to 1 GiB.
    pub max_allowed_packet: u32,
    /// Threads that serve clients; `None`: one per core.
    pub worker_threads: Option<u32>,
    /// Another process may listen on the same ports: it takes over when this one leaves.
    pub reuse_port: bool,
    /// The configuration is read again when one of its files changes.
    pub reload_on_change: bool,
    /// Clients may send files (LOAD DATA LOCAL), where the servers take them.
    pub local_infile: bool,
    /// Where the proxy stands: reads prefer servers of the same zone.
    pub zone: Option<String>,
    /// How long to wait for what.
    pub timeouts: ServerTimeouts,
    /// What one statement on several data nodes may take.
    pub merge: MergeLimits,
    /// How much one statement may bring together.
    pub gather: GatherConfig,
    /// TLS towards clients.
    pub tls: ServerTls,
    /// Where operators look at the proxy; `None`: nowhere.
    pub admin: Option<AdminConfig>,
}

/// `[server.timeouts]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTimeouts {
    /// From a client's connect to the end of its login.
    pub handshake: Duration,
    /// Between two commands of a client; the default of the session's `wait_timeout`.
    pub idle: Duration,
    /// For a client that does not read what it asked for.
    pub write: Duration,
    /// For a server's first byte of an answer; `None`: as long as it takes.
    pub statement: Option<Duration>,
    /// For running statements when the proxy shuts down.
    pub drain: Duration,
}

/// `[server.merge]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeLimits {
    /// What may be held while answers are merged, in bytes.
    pub memory: u64,
    /// Rows, groups or distinct values that may be held.
    pub rows: u64,
    /// Connections to one server.
    pub connections: u32,
    /// What rows of all sessions' cursors may have while they wait to be fetched, in bytes.
    pub cursors: u64,
}

/// `[server.gather]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatherConfig {
    /// Rows of several shards that one statement brings together, at most.
    pub max_rows: u32,
    /// Their bytes, at most.
    pub max_bytes: u64,
}

/// `[server.tls]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerTls {
    /// TLS is not offered.
    Off,
    /// TLS is offered.
    On {
        /// Clients without TLS are turned away.
        required: bool,
        /// The certificate shown to clients.
        identity: TlsIdentity,
        /// PEM file of the authorities whose client certificates are demanded; `None`: none is.
        client_ca: Option<PathBuf>,
    },
}

/// Where the certificate towards clients comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsIdentity {
    /// Made at start, in memory, signed by itself, as MySQL does.
    SelfSigned,
    /// Read from PEM files.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
}

/// A place to connect to or to listen on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// `host:port`; an IPv6 host is held without its brackets.
    Tcp {
        /// A name or an IP address.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// `unix:/path`
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// One of `[[users]]`
#[derive(Clone, Debug, PartialEq)]
pub struct UserConfig {
    /// 1 to 32 characters.
    pub name: String,
    /// How to recognise the user.
    pub credential: Credential,
    /// mysql_native_password is allowed besides caching_sha2_password.
    pub native_password: bool,
    /// What the user may see.
    pub schemas: SchemaAccess,
    /// The user may give the proxy orders and see other users' sessions.
    pub admin: bool,
    /// Which servers may answer the user's reads, whatever the schemas say.
    pub read: Option<ReadPolicy>,
    /// What the user may take.
    pub limits: Limits,
}

/// The schemas that a user may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaAccess {
    /// `["*"]`
    All,
    /// These; each one exists.
    Only(Vec<String>),
}

impl SchemaAccess {
    /// Whether the schema of this name may be used.
    pub fn allows(&self, schema: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == schema),
        }
    }
}

/// `[replica_sets.NAME]`
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaSetConfig {
    /// The name in the file.
    pub name: String,
    /// The server that takes writes.
    pub primary: MemberConfig,
    /// Its copies; at most 63.
    pub replicas: Vec<MemberConfig>,
    /// How to connect to any of them: `[backend]` with this replica set's own settings on top.
    pub backend: BackendConfig,
}

/// A server of a replica set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberConfig {
    /// Where it is.
    pub address: Address,
    /// Its share of the reads, against the other servers' weights: 1 to 1000.
    pub weight: u16,
    /// Where it stands, to be compared with [`ServerConfig::zone`].
    pub zone: Option<String>,
}

/// `[schemas.NAME]`
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaConfig {
    /// What clients call it.
    pub name: String,
    /// In the order of the file, which algorithms rely on; at least one, no two alike.
    pub shards: Vec<ShardConfig>,
    /// Where new single tables go: a position in `shards`.
    pub default_shard: usize,
    /// Which servers may answer reads.
    pub read: ReadPolicy,
    /// What all statements on it may take together.
    pub limits: Limits,
    /// The tables that have a rule, in the order of the file; names are unique.
    pub tables: Vec<TableConfig>,
}

/// `"replica_set/database"`; no other shard of the configuration is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardConfig {
    /// A position in [`Config::replica_sets`].
    pub replica_set: usize,
    /// The physical database.
    pub database: String,
}

/// Which servers may answer reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadPolicy {
    /// Only the primary: every read sees every write before it.
    #[default]
    Primary,
    /// A replica that has every write of the session.
    Causal {
        /// How long a read waits for a replica that does not have them yet, before it goes to the
        /// primary.
        wait: Duration,
    },
    /// A replica that has every write that is older than this.
    Bounded {
        /// How far a replica may be behind.
        max_lag: Duration,
    },
    /// Any replica.
    Eventual,
}

/// `[schemas.NAME.tables.NAME]`
#[derive(Clone, Debug, PartialEq)]
pub struct TableConfig {
    /// What clients call it, and its name on the shards.
    pub name: String,
    /// How its rows are placed.
    pub rule: TableRule,
    /// What gives its rows their ids; only of a sharded table.
    pub generate: Option<GenerateConfig>,
}

/// How a table's rows are placed.
#[derive(Clone, Debug, PartialEq)]
pub enum TableRule {
    /// Spread over the schema's shards.
    Sharded {
        /// The key's columns, at least one, no two alike.
        key: Vec<String>,
        /// What maps a key to a shard, or to a table of a split that is spread.
        algorithm: AlgorithmSpec,
        /// The tables that it consists of, where they are several.
        split: Option<SplitConfig>,
        /// Tables with the same number are sharded alike; unique over all schemas.
        binding_group: u32,
    },
    /// A full copy on every shard.
    Broadcast,
    /// All rows on one shard: a position in [`SchemaConfig::shards`], or where the table is found.
    Single(Option<usize>),
}

/// `split = { … }`: a table that is several tables inside its databases.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitConfig {
    /// What they are called on the servers.
    pub tables: SplitTables,
    /// Which of them a row is in.
    pub by: SplitRule,
}

/// The tables of a split.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitTables {
    /// Their names: at least two, no two alike.
    Listed(Vec<String>),
    /// Those that the servers have; the rule is a key's.
    ByPeriod(Box<PeriodTables>),
}

/// Which table of a split a row is in.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitRule {
    /// Every shard has all of them; this key and algorithm say which one.
    Key {
        /// The key's columns, at least one, no two alike.
        key: Vec<String>,
        /// What maps a key to a table.
        algorithm: AlgorithmSpec,
    },
    /// Each is on one shard; the table's own key and algorithm say which one.
    Spread(Spread),
}

impl SplitConfig {
    /// What the table's own algorithm places: shards, or, where the split is spread over them, its
    /// tables.
    pub fn places(&self, shards: usize) -> usize {
        match self.by {
            SplitRule::Key { .. } => shards,
            SplitRule::Spread(_) => match &self.tables {
                SplitTables::Listed(tables) => tables.len(),
                SplitTables::ByPeriod(_) => shards,
            },
        }
    }

    /// Whether both are split into equally many tables by equal rules; key columns may have other
    /// names.
    pub fn like(&self, other: &Self) -> bool {
        let rules = match (&self.by, &other.by) {
            (SplitRule::Spread(mine), SplitRule::Spread(theirs)) => mine == theirs,
            (
                SplitRule::Key { key, algorithm },
                SplitRule::Key {
                    key: their_key,
                    algorithm: theirs,
                },
            ) => key.len() == their_key.len() && algorithm == theirs,
            _ => false,
        };
        let tables = match (&self.tables, &other.tables) {
            (SplitTables::Listed(mine), SplitTables::Listed(theirs)) => mine.len() == theirs.len(),
            (SplitTables::ByPeriod(_), SplitTables::ByPeriod(_)) => true,
            _ => false,
        };
        rules && tables
    }
}

/// How the tables of a split are dealt out to the shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The first shard has the first tables, the last shard the last ones; as many each.
    Blocks,
    /// The first table is on the first shard, the second on the second, and so on around.
    RoundRobin,
}

/// An algorithm as configured: its registered name and its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlgorithmSpec {
    /// The name under which `route::algorithm` registers it.
    pub name: String,
    /// The parameters, unchecked; the algorithm's own constructor checks them.
    pub params: toml::Table,
}

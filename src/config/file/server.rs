//! The keys of `[server]` and `[[users]]`.

use serde::Deserialize;
use toml::Spanned;

use super::super::secret::Secret;
use super::{DurationText, Key, OneOrMany, SizeText};

/// The side that clients see.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct ServerFile {
    /// Where clients connect: an address or a list of addresses.
    pub(in crate::config) listen: Key<OneOrMany>,
    /// The version shown to clients, such as `"8.4.6-shardwell"`: three numbers and anything
    /// behind, at most 60 bytes. Without it: the proxy's own.
    pub(in crate::config) version: Key<String>,
    /// Client connections at once; one more is told "Too many connections".
    pub(in crate::config) max_connections: Key<i64>,
    /// Largest command of a client.
    pub(in crate::config) max_allowed_packet: Key<SizeText>,
    /// Threads that serve clients. Without it: one per core.
    pub(in crate::config) worker_threads: Key<i64>,
    /// Let another process listen on the same TCP ports, to take over from this one:
    /// [upgrades](reload.md#upgrades).
    pub(in crate::config) reuse_port: Key<bool>,
    /// Read the configuration again when one of its files changes: [changes](reload.md).
    pub(in crate::config) reload_on_change: Key<bool>,
    /// Let clients send files with LOAD DATA LOCAL, where the servers' own `local_infile` allows
    /// it: [loading](loading.md).
    pub(in crate::config) local_infile: Key<bool>,
    /// Where the proxy stands, any name: reads prefer servers of the same `zone`. Without it:
    /// nowhere in particular.
    pub(in crate::config) zone: Key<String>,
    /// How long to wait for what.
    pub(in crate::config) timeouts: TimeoutsFile,
    /// What one statement on several data nodes may take.
    pub(in crate::config) merge: MergeFile,
    /// How many rows of several shards may come together in one place.
    pub(in crate::config) gather: GatherFile,
    /// TLS towards clients.
    pub(in crate::config) tls: ServerTlsFile,
    /// HTTP for operators: its address, or a table. Without it: none.
    pub(in crate::config) admin: Key<AdminFile>,
}

/// HTTP for operators: metrics, health, topology and sessions, see [Operations](operations.md).
/// `admin = "127.0.0.1:9307"` in `[server]` stands for a table with `listen` alone.
#[derive(Default)]
pub(in crate::config) struct AdminFile {
    /// The address, where it stands alone.
    pub(in crate::config) address: Option<String>,
    /// One address. Without a token it must be one that only this machine reaches: `127.0.0.1`,
    /// `[::1]`, `localhost` or a Unix socket.
    pub(in crate::config) listen: Key<String>,
    /// What requests carry as `Authorization: Bearer TOKEN`, in clear: at least 16 printable ASCII
    /// characters. Without any of the three: none is asked for.
    pub(in crate::config) token: Key<Secret>,
    /// Instead of `token`: the environment variable that holds it.
    pub(in crate::config) token_env: Key<String>,
    /// Instead of `token`: the path of a file that holds it.
    pub(in crate::config) token_file: Key<String>,
    /// HTTPS instead of HTTP; empty: with a self-signed certificate. Without it: HTTP.
    pub(in crate::config) tls: Option<AdminTlsFile>,
}

/// HTTPS for operators.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct AdminTlsFile {
    /// PEM file of the certificate chain; together with `key`. Without both: a self-signed
    /// certificate, made at start and kept in memory.
    pub(in crate::config) cert: Key<String>,
    /// PEM file of the certificate's private key; together with `cert`.
    pub(in crate::config) key: Key<String>,
    /// PEM file of the authorities that sign operators' certificates; with it, each must show one.
    /// Without it: none is demanded.
    pub(in crate::config) client_ca: Key<String>,
}

/// How long to wait for what.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct TimeoutsFile {
    /// From a client's connect to the end of its login (MySQL's `connect_timeout`).
    pub(in crate::config) handshake: Key<DurationText>,
    /// Between two commands of a client; the initial `wait_timeout` of each session.
    pub(in crate::config) idle: Key<DurationText>,
    /// How long a client may leave its answer unread (MySQL's `net_write_timeout`).
    pub(in crate::config) write: Key<DurationText>,
    /// How long a server may take until its answer begins; `"0"`: as long as it takes. MySQL has no
    /// limit either, and a long ALTER TABLE or report is no fault.
    pub(in crate::config) statement: Key<DurationText>,
    /// How long a shutdown waits for running statements and open transactions.
    pub(in crate::config) drain: Key<DurationText>,
}

/// What one statement on several data nodes may take. Rows stream through the proxy; what has to be
/// held are groups that do not come in order, distinct values, and rows that wait for those of
/// another shard on the same connection.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct MergeFile {
    /// What may be held while answers are merged; more is error 1038.
    pub(in crate::config) memory: Key<SizeText>,
    /// Rows, groups or distinct values that may be held.
    pub(in crate::config) rows: Key<i64>,
    /// Connections to one server at once; queries beyond that wait for their turn.
    pub(in crate::config) connections: Key<i64>,
    /// Rows of cursors of all sessions that may wait in the proxy; what finds no room is sent at once.
    pub(in crate::config) cursors: Key<SizeText>,
}

/// What no shard can answer alone and the proxy cannot put together itself (a join of tables that
/// are sharded differently, window functions, …) one server finishes, on rows that are brought
/// there.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct GatherFile {
    /// How many rows one statement may bring together; one more is error 1038.
    pub(in crate::config) max_rows: Key<i64>,
    /// How many bytes they may have.
    pub(in crate::config) max_bytes: Key<SizeText>,
}

/// TLS towards clients.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct ServerTlsFile {
    /// `"auto"`: for clients that ask for it. `"required"`: clients without TLS are turned away.
    /// `"off"`: not offered.
    pub(in crate::config) mode: Key<String>,
    /// PEM file of the certificate chain; together with `key`. Without both: a self-signed
    /// certificate, made at start and kept in memory.
    pub(in crate::config) cert: Key<String>,
    /// PEM file of the certificate's private key; together with `cert`.
    pub(in crate::config) key: Key<String>,
    /// PEM file of the authorities that sign client certificates; with it, each TLS client must
    /// show one. Without it: none is demanded.
    pub(in crate::config) client_ca: Key<String>,
}

/// Who may log in: at least one.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct UserFile {
    /// The user name, unique; at most 32 characters.
    pub(in crate::config) name: Key<String>,
    /// The password in clear; may be empty.
    pub(in crate::config) password: Key<Secret>,
    /// Instead of `password`: the environment variable that holds it, which must not be empty.
    pub(in crate::config) password_env: Key<String>,
    /// Instead of `password`: the path of a file that holds it, which must not be empty; a line
    /// break at the end does not count.
    pub(in crate::config) password_file: Key<String>,
    /// Instead of `password`: what MySQL stores (`mysql.user.authentication_string`): `*` and 40
    /// hexadecimal digits (mysql_native_password), or `$A$005$` and 63 characters
    /// (caching_sha2_password), or the latter as `0x…` as `SHOW CREATE USER` prints it with
    /// `print_identified_with_as_hex`.
    pub(in crate::config) password_hash: Key<Secret>,
    /// `true`: also allow mysql_native_password, for old drivers; not with a caching_sha2_password
    /// hash.
    pub(in crate::config) native_password: Key<bool>,
    /// The schemas that the user may use; `["*"]`: all, and the servers' own `mysql`, `sys` and
    /// `performance_schema`, which nobody else sees.
    pub(in crate::config) schemas: Key<Vec<Spanned<String>>>,
    /// `true`: the user may give the proxy orders, such as [`SHARDWELL RELOAD`](reload.md).
    pub(in crate::config) admin: Key<bool>,
    /// Which servers answer the user's reads, whatever the schemas say: see
    /// [Replicas](replicas.md). Without it: what the schemas say.
    pub(in crate::config) read: Key<ReadFile>,
    /// What the user may take.
    pub(in crate::config) limits: LimitsFile,
}

/// Which servers answer reads: a word, or a table such as `{ consistency = "bounded", max_lag =
/// "2s" }`. See [Replicas](replicas.md).
pub(in crate::config) struct ReadFile {
    /// `"primary"`, `"causal"`, `"bounded"` or `"eventual"`.
    pub(in crate::config) consistency: Option<String>,
    /// `"causal"`: how long a read waits for a replica that has what the session has written.
    pub(in crate::config) wait: Key<DurationText>,
    /// `"bounded"`: how far a replica may be behind; at least three times the `health.interval`.
    pub(in crate::config) max_lag: Key<DurationText>,
}

/// What a user, or all statements on a schema, may take: [Limits and rules](limits.md). Without a
/// key: any amount.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct LimitsFile {
    /// Clients that are logged in at once; of a schema: that have it as their current one.
    pub(in crate::config) connections: Key<i64>,
    /// Statements at once; of a schema: together.
    pub(in crate::config) statements: Key<i64>,
    /// How long one statement may run; `"0"`: as long as it takes.
    pub(in crate::config) time: Key<DurationText>,
    /// Rows of one answer.
    pub(in crate::config) rows: Key<i64>,
    /// Bytes of one answer.
    pub(in crate::config) bytes: Key<SizeText>,
}

//! The keys of `[backend]` and `[replica_sets.NAME]`.

use serde::Deserialize;
use toml::Spanned;

use super::super::secret::Secret;
use super::{DurationText, Key};

/// How the proxy connects to the servers. `[replica_sets.NAME.backend]` has the same keys and
/// overrides them one by one; the three ways to write a password count as one.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct BackendFile {
    /// The account on the servers.
    pub(in crate::config) user: Key<String>,
    /// Its password in clear; may be empty. A hash cannot log in.
    pub(in crate::config) password: Key<Secret>,
    /// Instead of `password`: the environment variable that holds it, which must not be empty.
    pub(in crate::config) password_env: Key<String>,
    /// Instead of `password`: the path of a file that holds it, which must not be empty; a line
    /// break at the end does not count.
    pub(in crate::config) password_file: Key<String>,
    /// `"preferred"`: when the server offers it. `"required"`: always, but the certificate is not
    /// checked. `"verify"`: always, certificate and host name are checked.
    pub(in crate::config) tls: Key<String>,
    /// PEM file of the authorities that sign the servers' certificates; required with `"verify"`,
    /// refused without.
    pub(in crate::config) ca: Key<String>,
    /// TCP, TLS and login together.
    pub(in crate::config) connect_timeout: Key<DurationText>,
    /// The connections to each server.
    pub(in crate::config) pool: PoolFile,
    /// Which server answers a read that a replica may answer.
    pub(in crate::config) balance: BalanceFile,
    /// How servers are watched.
    pub(in crate::config) health: HealthFile,
    /// When a primary goes.
    pub(in crate::config) failover: FailoverFile,
}

/// The connections to each server.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct PoolFile {
    /// Connections at once, idle and busy.
    pub(in crate::config) max_connections: Key<i64>,
    /// Idle connections kept ready; at most `max_connections`.
    pub(in crate::config) min_idle: Key<i64>,
    /// An idle connection is closed after this.
    pub(in crate::config) max_idle: Key<DurationText>,
    /// A connection is not reused after this, or up to a fifth of it earlier, so that not all are
    /// replaced at once.
    pub(in crate::config) max_age: Key<DurationText>,
    /// A connection that was idle for about so long, 5 s or half of this more at most, is asked
    /// whether it still works before a statement runs on it.
    pub(in crate::config) validate_after: Key<DurationText>,
    /// How long a statement waits for a connection; then error 1040.
    pub(in crate::config) acquire_timeout: Key<DurationText>,
    /// So many statements may wait at once; one more gets error 1040 at once.
    pub(in crate::config) max_waiting: Key<i64>,
}

/// Which server answers a read that a replica may answer.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct BalanceFile {
    /// See [Replicas](replicas.md#which-replica).
    pub(in crate::config) policy: Key<String>,
    /// So long a server that has come back gets less than its share; `"0s"`: its share at once.
    pub(in crate::config) slow_start: Key<DurationText>,
    /// `"fallback"`: the primary answers such reads where no replica can. `"share"`: it takes its
    /// share of them.
    pub(in crate::config) primary: Key<String>,
}

/// How servers are watched.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct HealthFile {
    /// How often each server of a set with replicas is asked how it is.
    pub(in crate::config) interval: Key<DurationText>,
    /// No server is taken for dead for a shorter silence, whatever its answers were like before;
    /// `"0s"`: the answers alone decide. Raise it where machines are short of CPU and servers are
    /// taken for dead that are not.
    pub(in crate::config) min_silence: Key<DurationText>,
}

/// When a primary goes: [which server is the primary](replicas.md#which-server-is-the-primary).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct FailoverFile {
    /// How long a statement waits for a primary while there is none; with `promote = "auto"` it is
    /// longer unless it is written.
    pub(in crate::config) buffer: Key<DurationText>,
    /// `"off"`: Shardwell follows a promotion that others make. `"auto"`: it [promotes a replica
    /// itself](replicas.md#promoting-a-replica) where no acknowledged write can be lost.
    pub(in crate::config) promote: Key<String>,
    /// With `"auto"`: for how long a primary must have been taken for dead.
    pub(in crate::config) after: Key<DurationText>,
    /// With `"auto"`: the account that promotes. Without it: that of `[backend]`.
    pub(in crate::config) user: Key<String>,
    /// Its password in clear; may be empty.
    pub(in crate::config) password: Key<Secret>,
    /// Instead of `password`: the environment variable that holds it, which must not be empty.
    pub(in crate::config) password_env: Key<String>,
    /// Instead of `password`: the path of a file that holds it, which must not be empty; a line
    /// break at the end does not count.
    pub(in crate::config) password_file: Key<String>,
}

/// The servers: at least one set. The name must not hold a `/`. A server belongs to one replica
/// set, once: in two places its rows would count twice.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct ReplicaSetFile {
    /// The server that takes writes: its address, or a table.
    pub(in crate::config) primary: Key<MemberFile>,
    /// Its copies, at most 63: addresses, or tables.
    pub(in crate::config) replicas: Vec<Spanned<MemberFile>>,
    /// What differs from `[backend]`.
    pub(in crate::config) backend: Key<BackendFile>,
}

/// A server: its address, or a table such as `{ address = "host:port", weight = 2, zone = "north"
/// }`.
pub(in crate::config) struct MemberFile {
    /// Where it is.
    pub(in crate::config) address: Option<String>,
    /// Its share of the reads.
    pub(in crate::config) weight: Key<i64>,
    /// Where it stands, any name.
    pub(in crate::config) zone: Key<String>,
}

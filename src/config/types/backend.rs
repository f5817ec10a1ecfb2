//! How servers are reached, watched and chosen.

use std::path::PathBuf;
use std::time::Duration;

use super::super::secret::Secret;

/// How to connect to the servers of a replica set.
#[derive(Clone, Debug, PartialEq)]
pub struct BackendConfig {
    /// The account on the servers.
    pub user: String,
    /// Its password; may be empty.
    pub password: Secret,
    /// TLS towards the servers.
    pub tls: BackendTls,
    /// For TCP, TLS and login together.
    pub connect_timeout: Duration,
    /// The limits of each server's pool.
    pub pool: PoolConfig,
    /// How reads are spread over the servers of a replica set.
    pub balance: BalanceConfig,
    /// How often each server is asked how it is.
    pub health_interval: Duration,
    /// No server is taken for dead for a shorter silence.
    pub min_silence: Duration,
    /// How long a statement waits for a primary while there is none.
    pub failover_buffer: Duration,
    /// Whether a replica takes the place of a primary that is gone; `None`: others see to that.
    pub promotion: Option<PromotionConfig>,
}

/// `backend.failover`, where `promote = "auto"`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionConfig {
    /// For how long a primary must have been taken for dead.
    pub after: Duration,
    /// Who promotes; `None`: the account of the statements.
    pub account: Option<Account>,
}

/// An account on the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub user: String,
    /// Its password; may be empty.
    pub password: Secret,
}

/// TLS towards a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendTls {
    /// Never.
    Off,
    /// When the server offers it; its certificate is not checked.
    Preferred,
    /// Always; the certificate is not checked.
    Required,
    /// Always; certificate and host name are checked.
    Verify {
        /// PEM file of the authorities.
        ca: PathBuf,
    },
}

/// `[backend.pool]`; the numbers are per server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolConfig {
    /// Connections at once, idle and busy.
    pub max_connections: u32,
    /// Idle connections kept ready; at most `max_connections`.
    pub min_idle: u32,
    /// An idle connection above `min_idle` is closed after this.
    pub max_idle: Duration,
    /// A connection is not reused after this.
    pub max_age: Duration,
    /// A connection that was idle for so long is asked whether it works before it is used.
    pub validate_after: Duration,
    /// How long a statement waits for a connection.
    pub acquire_timeout: Duration,
    /// Statements that wait at once; one more is refused.
    pub max_waiting: u32,
}

/// `[backend.balance]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceConfig {
    /// Which of the servers that may answer a read does.
    pub policy: BalancePolicy,
    /// So long a server that has come back gets less than its share; zero: it gets it at once.
    pub slow_start: Duration,
    /// The primary takes its share of the reads that replicas may answer; otherwise it takes them
    /// only where no replica can.
    pub primary_shares: bool,
}

/// Which of several servers answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalancePolicy {
    /// One after the other.
    RoundRobin,
    /// One after the other, as often as their weights say.
    WeightedRoundRobin,
    /// Any.
    Random,
    /// Any, as often as their weights say.
    WeightedRandom,
    /// The one with the fewest statements under way.
    LeastConnections,
    /// The one with the fewest statements under way for its weight.
    WeightedLeastConnections,
    /// Always the same one for the same client host.
    SourceHash,
    /// The better of two, by response time and statements under way.
    PeakEwma,
}

//! Every default and limit of the configuration, in one place.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::types::BalancePolicy;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const MIB: u64 = 1 << 20;

/// Where clients connect when `server.listen` is absent: only from this machine.
pub const LISTEN: &str = "127.0.0.1:3307";
/// The port of [`LISTEN`].
pub const LISTEN_PORT: u16 = 3307;
/// The port of the admin listener in messages and examples: it listens only where the file says so.
pub const ADMIN_PORT: u16 = 9307;
/// The shortest token of the admin listener, in bytes.
pub const ADMIN_TOKEN_BYTES: usize = 16;
/// MySQL's port, for messages: a server's address always names its port.
pub const MYSQL_PORT: u16 = 3306;
/// `server.max_connections`: client connections at once.
pub const MAX_CONNECTIONS: u32 = 10_000;
/// `server.max_allowed_packet`, in bytes; MySQL's own default.
pub const MAX_ALLOWED_PACKET: u32 = 64 * MIB as u32;
/// `server.merge.cursors`, in bytes.
pub const MERGE_CURSORS: u64 = 256 * MIB;
/// `server.gather.max_rows`
pub const GATHER_ROWS: u32 = 10_000_000;
/// `server.gather.max_bytes`
pub const GATHER_BYTES: u64 = 1024 * MIB;
/// `server.timeouts.handshake`; MySQL's `connect_timeout`.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// `server.timeouts.idle`; MySQL's `wait_timeout`.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(8 * HOUR);
/// `server.timeouts.write`; MySQL's `net_write_timeout`.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(MINUTE);
/// `server.timeouts.drain`: how long a shutdown waits for running statements.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// `log.slow`: statements that take so long are logged.
pub const SLOW_STATEMENT: Duration = Duration::from_secs(1);
/// The port of OTLP over HTTP, for endpoints that name none.
pub const TRACES_PORT: u16 = 4318;
/// The path of OTLP over HTTP, for endpoints that name none.
pub const TRACES_PATH: &str = "/v1/traces";
/// `traces.service`: what the traces call the proxy.
pub const TRACES_SERVICE: &str = "shardwell";
/// `traces.sample`: the part of the statements that are traced.
pub const TRACES_SAMPLE: f64 = 1.0;
/// `traces.interval`: how long spans wait for others to be sent with.
pub const TRACES_INTERVAL: Duration = Duration::from_secs(5);
/// `traces.timeout`: for one request to the collector.
pub const TRACES_TIMEOUT: Duration = Duration::from_secs(10);
/// `traces.queue`: spans that wait to be sent.
pub const TRACES_QUEUE: u32 = 8192;
/// What `traces.queue` may be.
pub const TRACES_QUEUE_RANGE: RangeInclusive<u32> = 512..=1_000_000;
/// Longest `traces.service`, in characters.
pub const TRACES_SERVICE_CHARS: usize = 255;
/// `server.merge.memory`, in bytes.
pub const MERGE_MEMORY: u64 = 256 * MIB;
/// `server.merge.rows`.
pub const MERGE_ROWS: u32 = 10_000_000;
/// `server.merge.connections`, per server.
pub const MERGE_CONNECTIONS: u32 = 8;
/// `backend.connect_timeout`: TCP, TLS and login together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// `backend.pool.max_connections`, per server.
pub const POOL_MAX_CONNECTIONS: u32 = 64;
/// `backend.pool.min_idle`, per server.
pub const POOL_MIN_IDLE: u32 = 0;
/// `backend.pool.max_idle`: an idle connection is closed after this.
pub const POOL_MAX_IDLE: Duration = Duration::from_secs(5 * MINUTE);
/// `backend.pool.max_age`: a connection is not reused after this.
pub const POOL_MAX_AGE: Duration = Duration::from_secs(HOUR);
/// `backend.pool.validate_after`: firewalls forget connections without telling anybody.
pub const POOL_VALIDATE_AFTER: Duration = Duration::from_secs(30);
/// `backend.pool.acquire_timeout`: how long a statement waits for a connection.
pub const POOL_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// `backend.pool.max_waiting`: statements that wait for a connection at once, per server.
pub const POOL_MAX_WAITING: u32 = 4096;
/// A server's `weight`.
pub const WEIGHT: u16 = 1;
/// `backend.balance.policy`.
pub const BALANCE_POLICY: BalancePolicy = BalancePolicy::PeakEwma;
/// `backend.balance.slow_start`.
pub const SLOW_START: Duration = Duration::from_secs(10);
/// `backend.health.interval`.
pub const HEALTH_INTERVAL: Duration = Duration::from_millis(500);
/// `backend.health.min_silence`: longer than a machine under load lets an answer wait.
pub const MIN_SILENCE: Duration = Duration::from_secs(1);
/// `backend.failover.buffer`: longer than it takes to notice that a primary is gone and to follow
/// the next one.
pub const FAILOVER_BUFFER: Duration = Duration::from_secs(5);
/// The same where the proxy promotes replicas: a server that hangs is not known to be gone before
/// its replicas have tried to reach it.
pub const FAILOVER_BUFFER_PROMOTING: Duration = Duration::from_secs(15);
/// `backend.failover.after`: a silence that is a fault has lasted a second already.
pub const PROMOTE_AFTER: Duration = Duration::from_secs(1);
/// `wait` of causal reads: some round trips of replication within one data centre.
pub const CAUSAL_WAIT: Duration = Duration::from_millis(50);
/// `max_lag` of bounded reads.
pub const MAX_LAG: Duration = Duration::from_secs(2);

/// `transactions.database`: the proxy's own database on every replica set.
pub const OWN_DATABASE: &str = "shardwell";
/// `transactions.recover_after`: how long a prepared branch is left to whoever prepared it.
pub const RECOVER_AFTER: Duration = Duration::from_secs(10);

/// `block` of ids of kind `segment`.
pub const SEGMENT_BLOCK: u32 = 1000;
/// `start` of ids of kind `segment`.
pub const SEGMENT_START: u64 = 1;

/// What `rate` and `burst` of a rule may be.
pub const RULE_RATE: RangeInclusive<u32> = 1..=1_000_000;
/// What `rows` of limits may be.
pub const ANSWER_ROWS: RangeInclusive<u32> = 1..=u32::MAX;
/// What `bytes` of limits may be.
pub const ANSWER_BYTES: RangeInclusive<u64> = 1..=1024 * 1024 * MIB;
/// What `max_connections` may be, for clients and for pools.
pub const CONNECTIONS: RangeInclusive<u32> = 1..=1_000_000;
/// What `max_allowed_packet` may be, in bytes: MySQL's own limits.
pub const PACKET_BYTES: RangeInclusive<u64> = 1024..=1024 * MIB;
/// What `merge.memory` and `merge.cursors` may be, in bytes.
pub const MERGE_BYTES: RangeInclusive<u64> = MIB..=1024 * 1024 * MIB;
/// What `merge.rows` may be.
pub const MERGE_ROWS_RANGE: RangeInclusive<u32> = 1..=u32::MAX;
/// What `merge.connections` may be.
pub const MERGE_CONNECTIONS_RANGE: RangeInclusive<u32> = 1..=1024;
/// What `server.gather.max_rows` may be.
pub const GATHER_ROWS_RANGE: RangeInclusive<u32> = 1..=4_000_000_000;
/// What `server.gather.max_bytes` may be.
pub const GATHER_BYTES_RANGE: RangeInclusive<u64> = MIB..=1024 * 1024 * MIB;
/// What a timeout may be.
pub const TIMEOUT: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(365 * DAY);
/// What `worker_threads` may be.
pub const WORKER_THREADS: RangeInclusive<u32> = 1..=1024;
/// Most replicas of a replica set: a read remembers in 64 bits which servers it has tried.
pub const MAX_REPLICAS: usize = 63;
/// What `backend.health.interval` may be.
pub const HEALTH_INTERVALS: RangeInclusive<Duration> =
    Duration::from_millis(50)..=Duration::from_secs(MINUTE);
/// What a server's `weight` may be; a replica that shall not be read is left out.
pub const WEIGHTS: RangeInclusive<u32> = 1..=1000;
/// Longest user name, in characters, as in MySQL.
pub const USER_NAME_CHARS: usize = 32;
/// Longest name of a schema, table or column, in characters, as in MySQL.
pub const NAME_CHARS: usize = 64;
/// Longest `server.version`, in bytes.
pub const VERSION_BYTES: usize = 60;
/// Most shards, schemas or replica sets: their ids are 16 bits.
pub const MAX_IDS: usize = u16::MAX as usize;
/// Most tables that one table may be split into.
pub const MAX_SPLIT_TABLES: usize = 10_000;
/// What `ahead` of tables by period may be.
pub const AHEAD: RangeInclusive<u32> = 1..=1000;
/// What `block` of ids of kind `segment` may be.
pub const SEGMENT_BLOCKS: RangeInclusive<u32> = 1..=100_000_000;
/// Most columns of a sharding key.
pub const MAX_KEY_COLUMNS: usize = 16;

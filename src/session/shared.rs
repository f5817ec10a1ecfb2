//! What all sessions of a process share.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};

use super::Registry;
use super::gather::Turns;
use super::limits::{Gate, LimitParts, SchemaPlaces, Usages};
use super::live::{Live, Orders};
use super::prepared::Templates;
use super::refresh::Refresher;
use super::scratch::Scratches;
use super::series::SnapshotSeries;
use super::slow::SlowLog;
use crate::auth::{Credential, RsaKey};
use crate::backend::{Cluster, Interner};
use crate::config::{GatherConfig, Limits, MergeLimits, ReadPolicy, SchemaAccess};
use crate::execute;
use crate::net::Ticker;
use crate::net::tls::ServerTls;
use crate::parse::DigestSeed;
use crate::plan::PlanCache;
use crate::route::Router;
use crate::sequence::Sequences;
use crate::telemetry::traces::Tracer;
use crate::telemetry::{Metrics, RuleSeries};
use crate::topology::Topology;
use crate::transaction::Coordinator;
use crate::wire::CapabilityFlags;

/// What clients are shown before any server has told its version.
const FALLBACK_VERSION: &str = "8.4.0";

/// Topology and everything that was derived from it; replaced as one.
#[derive(Debug)]
pub struct Snapshot {
    /// Schemas, shards and tables.
    pub topology: Topology,
    /// The placement rules, compiled.
    pub router: Router,
    /// Plans made for this topology.
    pub plans: PlanCache,
    /// What is recorded of its schemas and shards, once that was looked up.
    series: OnceLock<Arc<SnapshotSeries>>,
}

impl Snapshot {
    /// Puts the parts together; there is no plan yet.
    pub fn new(topology: Topology, router: Router) -> Self {
        Self {
            topology,
            router,
            plans: PlanCache::default(),
            series: OnceLock::new(),
        }
    }

    /// What is recorded of its schemas and shards.
    pub fn series(&self, metrics: &Metrics) -> &Arc<SnapshotSeries> {
        let look_up = || Arc::new(SnapshotSeries::new(metrics, &self.topology));
        self.series.get_or_init(look_up)
    }
}

/// Limits and timeouts of the side that clients see.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// Largest command, in bytes.
    pub max_allowed_packet: usize,
    /// From connect to the end of the login.
    pub handshake: Duration,
    /// Between two commands.
    pub idle: Duration,
    /// For a client that does not read.
    pub write: Duration,
    /// For a server's next bytes of an answer.
    pub statement: Option<Duration>,
    /// What one statement on several data nodes may take.
    pub merge: MergeLimits,
    /// What one statement may bring together from several shards.
    pub gather: GatherConfig,
    /// Clients at once.
    pub clients: usize,
    /// For what is under way when the proxy shuts down.
    pub drain: Duration,
    /// Statements that take so many nanoseconds or more are logged; `u64::MAX`: none are.
    pub slow: u64,
}

impl ClientLimits {
    /// How long the two sides of a statement may take.
    pub(super) fn of_statement(&self) -> execute::Limits {
        execute::Limits {
            statement: self.statement,
            write: self.write,
        }
    }
}

/// Who may log in.
pub type Accounts = HashMap<Vec<u8>, Arc<Account>>;

/// A user of the configuration.
#[derive(Debug)]
pub struct Account {
    /// The name.
    pub name: String,
    /// How to recognise the user.
    pub credential: Arc<Credential>,
    /// mysql_native_password is allowed.
    pub native_password: bool,
    /// What the user may see.
    pub schemas: SchemaAccess,
    /// The user may give the proxy orders.
    pub admin: bool,
    /// Which servers may answer the user's reads, whatever the schemas say.
    pub read: Option<ReadPolicy>,
    /// What the user may take.
    pub limits: Limits,
}

/// What all sessions share under one configuration. When the configuration changes there is another
/// one; a session goes over to it between two statements.
#[derive(Debug)]
pub struct Shared {
    /// Who may log in.
    pub accounts: Accounts,
    /// What statements are held against; `None`: nothing.
    pub(super) gate: Option<Gate>,
    /// How many connections schemas may have.
    pub(super) places: SchemaPlaces,
    /// The servers.
    pub cluster: Arc<Cluster>,
    /// Limits towards clients.
    pub limits: ClientLimits,
    /// TLS towards clients; `None`: not offered.
    pub tls: Option<ServerTls>,
    /// The proxy has made its certificate itself.
    pub tls_is_own: bool,
    /// Clients without TLS are turned away.
    pub tls_required: bool,
    /// What clients are offered.
    pub offered: CapabilityFlags,
    /// The version that clients are shown, where the configuration says it.
    pub version: Option<String>,
    /// Keeps the snapshot true to the servers.
    pub refresher: Refresher,
    /// Transactions over several replica sets.
    pub coordinator: Arc<Coordinator>,
    /// Ids for new rows.
    pub sequences: Arc<Sequences>,
    /// Makes traces; `None`: nobody wants any.
    pub tracer: Option<Tracer>,
    /// The right to bring rows together.
    pub gathers: Arc<Turns>,
    snapshot: ArcSwap<Snapshot>,
    /// There is another configuration by now.
    superseded: AtomicBool,
    lasting: Arc<Lasting>,
}

/// What outlives a change of the configuration.
#[derive(Debug)]
pub struct Lasting {
    /// When the proxy started.
    pub started: Instant,
    /// What is counted of the process.
    pub metrics: Metrics,
    /// For passwords without TLS.
    pub rsa: Arc<RsaKey>,
    /// What an unknown user's password is compared with.
    pub decoy: Arc<Credential>,
    /// All sessions.
    pub registry: Arc<Registry>,
    /// Deadlines.
    pub ticker: Arc<Ticker>,
    /// Shared session variables.
    pub interner: Interner,
    /// Shared texts of prepared statements.
    pub(super) templates: Templates,
    /// How many statements all sessions have prepared.
    pub(super) prepared: Arc<AtomicUsize>,
    /// How many bytes of rows wait for COM_STMT_FETCH.
    pub(super) waiting: Arc<AtomicUsize>,
    /// Makes digests of this process unlike those of another.
    pub seed: DigestSeed,
    /// What sessions ask of the process.
    pub orders: Orders,
    /// What users and schemas take at this moment.
    pub(super) usages: Usages,
    /// How many slow statements are logged.
    pub(super) slow_log: SlowLog,
    live: OnceLock<Weak<Live>>,
    pub(super) scratches: Scratches,
}

impl Default for Lasting {
    fn default() -> Self {
        let seed = DigestSeed(rand::random());
        Self {
            started: Instant::now(),
            metrics: Metrics::default(),
            rsa: Arc::default(),
            decoy: Arc::new(Credential::decoy()),
            registry: Arc::default(),
            ticker: Arc::default(),
            interner: Interner::default(),
            templates: Templates::default(),
            prepared: Arc::default(),
            waiting: Arc::default(),
            seed,
            orders: Orders::default(),
            usages: Usages::default(),
            slow_log: SlowLog::default(),
            live: OnceLock::new(),
            scratches: Scratches::new(seed),
        }
    }
}

impl Deref for Shared {
    type Target = Lasting;

    fn deref(&self) -> &Lasting {
        &self.lasting
    }
}

/// The parts of [`Shared`] that the caller makes.
#[derive(Debug)]
pub struct SharedParts {
    /// See [`Shared::accounts`].
    pub accounts: Accounts,
    /// What statements are held against.
    pub gate: LimitParts,
    /// See [`Shared::cluster`].
    pub cluster: Arc<Cluster>,
    /// See [`Shared::limits`].
    pub limits: ClientLimits,
    /// See [`Shared::tls`].
    pub tls: Option<ServerTls>,
    /// See [`Shared::tls_is_own`].
    pub tls_is_own: bool,
    /// See [`Shared::tls_required`].
    pub tls_required: bool,
    /// See [`Shared::offered`].
    pub offered: CapabilityFlags,
    /// See [`Shared::version`].
    pub version: Option<String>,
    /// See [`Shared::refresher`].
    pub refresher: Refresher,
    /// See [`Shared::coordinator`].
    pub coordinator: Arc<Coordinator>,
    /// See [`Shared::sequences`].
    pub sequences: Arc<Sequences>,
    /// See [`Shared::tracer`].
    pub tracer: Option<Tracer>,
}

impl Shared {
    /// Puts the parts together.
    pub fn new(parts: SharedParts, snapshot: Snapshot) -> Arc<Self> {
        Self::build(parts, Arc::new(snapshot), Arc::default(), None)
    }

    /// What takes the place of `self`. Without a snapshot, its own stays.
    pub fn follow(&self, parts: SharedParts, snapshot: Option<Snapshot>) -> Arc<Self> {
        let snapshot = snapshot.map_or_else(|| self.snapshot.load_full(), Arc::new);
        let lasting = Arc::clone(&self.lasting);
        Self::build(parts, snapshot, lasting, Some(self))
    }

    fn build(
        parts: SharedParts,
        snapshot: Arc<Snapshot>,
        lasting: Arc<Lasting>,
        before: Option<&Self>,
    ) -> Arc<Self> {
        let pools = parts.cluster.replica_sets().iter();
        let smallest = pools.map(|set| set.most_connections()).min().unwrap_or(1);
        let most_gathers = (smallest as usize / 2).max(1);
        let gathers = before.filter(|before| before.gathers.most() == most_gathers);
        let gathers = gathers.map(|before| Arc::clone(&before.gathers));
        Arc::new(Self {
            gathers: gathers.unwrap_or_else(|| Arc::new(Turns::new(most_gathers))),
            places: SchemaPlaces::new(&parts.gate.schemas),
            gate: Gate::new(parts.gate, parts.accounts.values(), &lasting.usages),
            accounts: parts.accounts,
            cluster: parts.cluster,
            limits: parts.limits,
            tls: parts.tls,
            tls_is_own: parts.tls_is_own,
            tls_required: parts.tls_required,
            offered: parts.offered,
            version: parts.version,
            refresher: parts.refresher,
            coordinator: parts.coordinator,
            sequences: parts.sequences,
            tracer: parts.tracer,
            snapshot: ArcSwap::new(snapshot),
            superseded: AtomicBool::new(false),
            lasting,
        })
    }

    /// The rules, with what became of the statements that met them.
    pub fn rules(&self) -> impl Iterator<Item = (&str, &RuleSeries)> {
        self.gate.iter().flat_map(Gate::rules)
    }

    /// Whether there is another configuration by now.
    pub fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Acquire)
    }

    /// There is another configuration from now on.
    pub(super) fn supersede(&self) {
        self.superseded.store(true, Ordering::Release);
    }

    /// What holds under the configuration of this moment.
    pub fn newest(self: &Arc<Self>) -> Arc<Self> {
        let live = self.live.get().and_then(Weak::upgrade);
        live.map_or_else(|| Arc::clone(self), |live| live.load())
    }

    /// The snapshot of this moment. A statement keeps the one that it began with.
    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// Replaces the snapshot for all statements to come.
    pub fn replace_snapshot(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// The version that clients are shown: the configured one, else that of the servers.
    pub fn shown_version(&self) -> String {
        let known = || self.cluster.version().map(|version| version.text.clone());
        let version = self.version.clone().or_else(known);
        version.unwrap_or_else(|| FALLBACK_VERSION.to_owned())
    }
}

impl Lasting {
    /// Where the configuration of the moment is.
    pub(super) fn set_live(&self, live: Weak<Live>) {
        let _ = self.live.set(live);
    }

    /// How many statements clients have prepared.
    pub fn prepared_statements(&self) -> usize {
        self.prepared.load(Ordering::Relaxed)
    }

    /// How many bytes the rows of open cursors have that wait here.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

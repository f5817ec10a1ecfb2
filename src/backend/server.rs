//! One server: where it is, how to log in, and what it turned out to be.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{BackendError, Variables};
use crate::config::{Account, Address, BackendConfig, BackendTls, ReplicaSetConfig};
use crate::error::MysqlError;
use crate::net::Reactor;
use crate::net::tls::{ClientTls, TlsConfigError};
use crate::telemetry::ServerSeries;

/// A server of a replica set.
#[derive(Debug)]
pub struct Server {
    /// The replica set's name, for messages.
    pub replica_set: String,
    /// Where it is.
    pub address: Address,
    /// How to connect.
    pub config: BackendConfig,
    /// TLS, where the configuration wants it.
    pub tls: Option<ClientTls>,
    /// Its replica set has others: what sessions write there must be known by its GTIDs.
    pub replicated: bool,
    /// What happens between the proxy and it.
    pub series: ServerSeries,
    /// Watches its connections.
    pub reactor: Reactor,
    version: OnceLock<ServerVersion>,
    defaults: Mutex<Option<Arc<Variables>>>,
    globals: AtomicU64,
    control: Semaphore,
    logged: Mutex<Option<Instant>>,
}

/// A time between two changes of a server's global variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Globals(u64);

/// How many connections beside the pool may be open at once to end statements: a thousand clients
/// that leave at once are not a thousand connections.
const MAX_CONTROL: usize = 8;

/// How often a refused login is written to the log: every client's statement may try one.
const LOG_EVERY: Duration = Duration::from_secs(10);

impl Server {
    /// Reads what TLS needs.
    ///
    /// # Errors
    /// The CA file cannot be used.
    pub fn new(
        replica_set: &str,
        address: Address,
        config: BackendConfig,
        replicated: bool,
        reactor: &Reactor,
    ) -> Result<Arc<Self>, TlsConfigError> {
        let tls = match &config.tls {
            BackendTls::Off => None,
            BackendTls::Preferred | BackendTls::Required => Some(ClientTls::unverified()?),
            BackendTls::Verify { ca } => Some(ClientTls::verified(ca)?),
        };
        let replica_set = replica_set.to_owned();
        Ok(Self::reached(
            (replica_set, address),
            config,
            tls,
            replicated,
            reactor,
        ))
    }

    /// A server of which nothing else is known yet.
    fn reached(
        (replica_set, address): (String, Address),
        config: BackendConfig,
        tls: Option<ClientTls>,
        replicated: bool,
        reactor: &Reactor,
    ) -> Arc<Self> {
        Arc::new(Self {
            replica_set,
            address,
            config,
            tls,
            replicated,
            series: ServerSeries::default(),
            reactor: reactor.clone(),
            version: OnceLock::new(),
            defaults: Mutex::default(),
            globals: AtomicU64::new(0),
            control: Semaphore::new(MAX_CONTROL),
            logged: Mutex::default(),
        })
    }

    /// The same server, for another account.
    pub(super) fn with_account(&self, account: &Account) -> Arc<Self> {
        let config = BackendConfig {
            user: account.user.clone(),
            password: account.password.clone(),
            ..self.config.clone()
        };
        let place = (self.replica_set.clone(), self.address.clone());
        Self::reached(place, config, self.tls.clone(), false, &self.reactor)
    }

    /// Whether its connections would be the same under this configuration.
    pub(super) fn is_reached_by(&self, config: &ReplicaSetConfig) -> bool {
        let (mine, new) = (&self.config, &config.backend);
        self.replica_set == config.name
            && mine.user == new.user
            && mine.password == new.password
            && mine.tls == new.tls
            && mine.connect_timeout == new.connect_timeout
    }

    /// It refused the proxy's login. The log gets the server's own words, clients do not.
    pub(super) fn refused(&self, error: MysqlError) -> BackendError {
        let now = Instant::now();
        let mut logged = self.logged.lock();
        if logged.is_none_or(|before| now.duration_since(before) >= LOG_EVERY) {
            *logged = Some(now);
            tracing::warn!(
                replica_set = self.replica_set,
                server = %self.address,
                user = self.config.user,
                %error,
                "a server refuses the proxy's login"
            );
        }
        BackendError::Login {
            replica_set: self.replica_set.clone(),
            error,
        }
    }

    /// The right to one connection beside the pool.
    pub(super) async fn control_permit(&self) -> Option<SemaphorePermit<'_>> {
        self.control.acquire().await.ok()
    }

    /// What the server said it is at the first login.
    pub fn version(&self) -> Option<&ServerVersion> {
        self.version.get()
    }

    /// The server said what it is.
    pub(super) fn note_version(&self, version: &ServerVersion) {
        self.version.get_or_init(|| version.clone());
    }

    /// What a session begins with there, once a connection was opened.
    pub fn defaults(&self) -> Option<Arc<Variables>> {
        self.defaults.lock().clone()
    }

    /// A session that has just begun there has these variables: others are as old as those of the login.
    /// The value that is kept, and its time.
    pub(super) fn note_defaults(
        &self,
        found: Variables,
        login: Globals,
    ) -> (Arc<Variables>, Globals) {
        let mut defaults = self.defaults.lock();
        match &*defaults {
            Some(known) if **known == found => (Arc::clone(known), login),
            known => {
                let had = known.is_some();
                let found = Arc::new(found);
                *defaults = Some(Arc::clone(&found));
                drop(defaults);
                if had {
                    self.note_globals();
                }
                (found, self.globals())
            }
        }
    }

    /// The time of the global variables.
    pub fn globals(&self) -> Globals {
        Globals(self.globals.load(Ordering::Acquire))
    }

    /// Its global variables were changed: sessions that began before have others.
    pub fn note_globals(&self) {
        self.globals.fetch_add(1, Ordering::AcqRel);
        tracing::info!(replica_set = self.replica_set, server = %self.address, "global variables were changed");
    }

    /// Whether a server without TLS is turned away.
    pub fn tls_required(&self) -> bool {
        matches!(
            self.config.tls,
            BackendTls::Required | BackendTls::Verify { .. }
        )
    }

    /// The name for TLS: the host as configured.
    pub fn host(&self) -> &str {
        match &self.address {
            Address::Tcp { host, .. } => host,
            Address::Unix(_) => "localhost",
        }
    }
}

/// Whose server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// Oracle's, Percona's and what calls itself so.
    MySql,
    /// MariaDB.
    MariaDb,
}

/// The version of a greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// As the server says it.
    pub text: String,
    /// Whose it is.
    pub flavor: Flavor,
}

impl ServerVersion {
    /// The first two numbers of it; those that it has not are 0.
    pub fn numbers(&self) -> (u16, u16) {
        let mut numbers = self.text.split(|c: char| !c.is_ascii_digit());
        let mut next = || {
            numbers
                .next()
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        (next(), next())
    }

    /// Whether `$$` is a quote: since MySQL 9.0, whose routines have bodies in other languages than SQL.
    pub fn has_dollar_quotes(&self) -> bool {
        self.flavor == Flavor::MySql && self.numbers().0 >= 9
    }

    /// From a greeting; MariaDB may put `5.5.5-` before its own version.
    pub fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let flavor = if text.to_ascii_lowercase().contains("mariadb") {
            Flavor::MariaDb
        } else {
            Flavor::MySql
        };
        let text = match flavor {
            Flavor::MariaDb => text.strip_prefix("5.5.5-").unwrap_or(&text).to_owned(),
            Flavor::MySql => text.into_owned(),
        };
        Self { text, flavor }
    }
}

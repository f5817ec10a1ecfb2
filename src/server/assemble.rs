//! Configuration → everything that sessions share.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::auth::{AuthError, Credential};
use crate::backend::Cluster;
use crate::config::{self, Config, PasswordHash, TlsIdentity};
use crate::net::Reactor;
use crate::net::tls::{ServerTls, TlsConfigError};
use crate::sequence::Sequences;
use crate::server::traces;
use crate::session::{
    Account, Accounts, ClientLimits, LimitParts, RefreshError, Refresher, Shared, SharedParts,
};
use crate::telemetry::traces::Tracer;
use crate::transaction::Coordinator;
use crate::wire::{ServerFeatures, server_capabilities};

/// Why the proxy cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// As configured.
        address: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// A certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsConfigError),
    /// A password or hash cannot be used.
    #[error("user '{user}': {source}")]
    Credential {
        /// The user.
        user: String,
        /// What is wrong.
        source: AuthError,
    },
    /// No traces can be made.
    #[error("traces: {0}")]
    Traces(String),
    /// The configuration contradicts itself.
    #[error(transparent)]
    Topology(#[from] RefreshError),
}

/// Builds it all; nothing is connected yet.
pub(super) fn assemble(config: &Arc<Config>, reactor: &Reactor) -> Result<Arc<Shared>, StartError> {
    let cluster = Arc::new(Cluster::new(config, reactor)?);
    let refresher = Refresher::new(Arc::clone(config), Arc::clone(&cluster));
    let snapshot = refresher.blind()?;
    let facing = Facing::new(config, None)?;
    let tracer = traces::tracer(config)?;
    let coordinator = Coordinator::new(Arc::clone(&cluster), config.transactions.clone());
    let sequences = sequences(config, &cluster);
    let known = (coordinator, sequences, tracer);
    let parts = facing.with(config, (cluster, refresher), known);
    Ok(Shared::new(parts, snapshot))
}

/// The side that clients see.
#[derive(Debug)]
pub(super) struct Facing {
    accounts: Accounts,
    tls: Option<ServerTls>,
    tls_required: bool,
}

impl Facing {
    /// Reads what the configuration names. A certificate that the proxy made itself stays as it was
    /// `before`.
    pub fn new(config: &Config, before: Option<&Shared>) -> Result<Self, StartError> {
        let own = |tls: &config::ServerTls| {
            matches!(
                tls,
                config::ServerTls::On {
                    identity: TlsIdentity::SelfSigned,
                    ..
                }
            )
        };
        let kept = before.filter(|before| own(&config.server.tls) && before.tls_is_own);
        let (tls, tls_required) = match (&config.server.tls, kept) {
            (config::ServerTls::On { required, .. }, Some(kept)) => (kept.tls.clone(), *required),
            (tls, _) => server_tls(tls)?,
        };
        Ok(Self {
            accounts: accounts(config)?,
            tls,
            tls_required,
        })
    }

    /// Puts both sides together.
    pub fn with(
        self,
        config: &Config,
        (cluster, refresher): (Arc<Cluster>, Refresher),
        (coordinator, sequences, tracer): (Arc<Coordinator>, Arc<Sequences>, Option<Tracer>),
    ) -> SharedParts {
        let features = ServerFeatures {
            tls: self.tls.is_some(),
            zlib: true,
            zstd: true,
            local_files: config.server.local_infile,
        };
        let identity = match &config.server.tls {
            config::ServerTls::On { identity, .. } => Some(identity),
            config::ServerTls::Off => None,
        };
        SharedParts {
            accounts: self.accounts,
            gate: LimitParts {
                rules: config.rules.clone(),
                schemas: config
                    .schemas
                    .iter()
                    .map(|schema| (schema.name.clone(), schema.limits))
                    .collect(),
            },
            cluster,
            limits: limits(config),
            tls: self.tls,
            tls_is_own: identity == Some(&TlsIdentity::SelfSigned),
            tls_required: self.tls_required,
            offered: server_capabilities(features),
            version: config.server.version.clone(),
            refresher,
            coordinator,
            sequences,
            tracer,
        }
    }
}

/// Where new rows get their ids.
pub(super) fn sequences(config: &Config, cluster: &Arc<Cluster>) -> Arc<Sequences> {
    let database = config.transactions.database.clone();
    Sequences::new(Arc::clone(cluster), database)
}

fn limits(config: &Config) -> ClientLimits {
    let timeouts = &config.server.timeouts;
    ClientLimits {
        max_allowed_packet: config.server.max_allowed_packet as usize,
        handshake: timeouts.handshake,
        idle: timeouts.idle,
        write: timeouts.write,
        statement: timeouts.statement,
        merge: config.server.merge,
        gather: config.server.gather,
        clients: config.server.max_connections as usize,
        drain: timeouts.drain,
        slow: config.log.slow.map_or(u64::MAX, |slow| {
            u64::try_from(slow.as_nanos()).unwrap_or(u64::MAX)
        }),
    }
}

fn server_tls(tls: &config::ServerTls) -> Result<(Option<ServerTls>, bool), TlsConfigError> {
    let config::ServerTls::On {
        required,
        identity,
        client_ca,
    } = tls
    else {
        return Ok((None, false));
    };
    let tls = self::identity(identity, client_ca.as_deref())?;
    Ok((Some(tls), *required))
}

/// Reads the certificate, or makes one.
pub(super) fn identity(
    identity: &TlsIdentity,
    client_ca: Option<&Path>,
) -> Result<ServerTls, TlsConfigError> {
    match identity {
        TlsIdentity::SelfSigned => ServerTls::self_signed(),
        TlsIdentity::Files { cert, key } => ServerTls::from_files(cert, key, client_ca),
    }
}

fn accounts(config: &Config) -> Result<Accounts, StartError> {
    let accounts = config.users.iter().map(|user| {
        let credential = match &user.credential {
            config::Credential::Password(password) => {
                Credential::from_password(password.expose().as_bytes())
            }
            config::Credential::Hash(
                PasswordHash::Native(hash) | PasswordHash::CachingSha2(hash),
            ) => Credential::parse(hash.expose().as_bytes()),
        };
        let credential = credential.map_err(|source| StartError::Credential {
            user: user.name.clone(),
            source,
        })?;
        let account = Account {
            name: user.name.clone(),
            credential: Arc::new(credential),
            native_password: user.native_password,
            schemas: user.schemas.clone(),
            admin: user.admin,
            read: user.read,
            limits: user.limits,
        };
        Ok((user.name.clone().into_bytes(), Arc::new(account)))
    });
    accounts.collect()
}

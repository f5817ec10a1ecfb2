//! `[backend]` and `[replica_sets.NAME]`: the servers and how to connect to them.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{BackendFile, DurationText, Key, MemberFile, Named, ReplicaSetFile};
use super::super::secret::Secret;
use super::super::types::{
    Address, BackendConfig, BackendTls, MemberConfig, PoolConfig, ReplicaSetConfig,
};
use super::problems::Problems;
use super::scalar::{self, Outside, PasswordKeys};
use super::{balance, failover};

pub(super) fn replica_sets(
    backend: Option<&Spanned<BackendFile>>,
    files: &Named<ReplicaSetFile>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Vec<ReplicaSetConfig> {
    if files.is_empty() {
        let help = "add [replica_sets.a] with primary = \"host:3306\"";
        problems.missing(
            "no replica sets: there are no servers to send statements to",
            help,
        );
    }
    let mut files: Vec<_> = files.iter().collect();
    files.sort_by_key(|(name, _)| name.span().start);
    if let Some((name, _)) = files.get(defaults::MAX_IDS) {
        problems.add(name.span(), "too many replica sets", None);
    }
    let mut addresses = Addresses::default();
    let mut sets = Vec::new();
    for (name, file) in files {
        check_set_name(name, problems);
        let primary = primary(name, file, &mut addresses, problems);
        let replicas = replicas(name.get_ref(), &file.replicas, &mut addresses, problems);
        let backend = Layers::new(name, file.backend.as_ref(), backend).config(outside, problems);
        let name = name.get_ref().clone();
        sets.push(ReplicaSetConfig {
            name,
            primary,
            replicas,
            backend,
        });
    }
    sets
}

/// Shards are written "replica_set/database", so the name ends at the first slash.
fn check_set_name(name: &Spanned<String>, problems: &mut Problems) {
    let text = name.get_ref();
    scalar::check_name(
        name.span(),
        "replica set name",
        text,
        defaults::NAME_CHARS,
        problems,
    );
    if text.contains('/') {
        problems.add(
            name.span(),
            format!("the replica set name '{text}' holds a '/'"),
            None,
        );
    }
}

/// Every server's address and the replica set it belongs to: one server in two places would
/// count its rows twice.
#[derive(Default)]
struct Addresses(HashMap<Address, String>);

impl Addresses {
    fn add(
        &mut self,
        set: &str,
        span: Range<usize>,
        text: &str,
        problems: &mut Problems,
    ) -> Option<Address> {
        let address = scalar::address(span.clone(), text, defaults::MYSQL_PORT, problems)?;
        if let Some(other) = self.0.insert(address.clone(), set.to_owned()) {
            let message = format!("the server \"{text}\" is already in replica set '{other}'");
            problems.add(span, message, "a server belongs to one replica set, once");
        }
        Some(address)
    }
}

/// Stands in for an address that is wrong; never leaves validation.
fn nowhere() -> Address {
    Address::Tcp {
        host: String::new(),
        port: 0,
    }
}

fn primary(
    name: &Spanned<String>,
    file: &ReplicaSetFile,
    addresses: &mut Addresses,
    problems: &mut Problems,
) -> MemberConfig {
    let set = name.get_ref();
    let found = match &file.primary {
        Some(primary) => member(set, "the primary", primary, addresses, problems),
        None => {
            let message = format!("replica set '{set}' has no primary");
            problems.add(name.span(), message, "add primary = \"host:3306\"");
            None
        }
    };
    found.unwrap_or_else(|| MemberConfig {
        address: nowhere(),
        weight: defaults::WEIGHT,
        zone: None,
    })
}

fn replicas(
    set: &str,
    files: &[Spanned<MemberFile>],
    addresses: &mut Addresses,
    problems: &mut Problems,
) -> Vec<MemberConfig> {
    if let Some(one_more) = files.get(defaults::MAX_REPLICAS) {
        let message = format!("replica set '{set}' has too many replicas");
        let help = format!("at most {}", defaults::MAX_REPLICAS);
        problems.add(one_more.span(), message, help);
    }
    let replicas = files
        .iter()
        .map(|replica| member(set, "a replica", replica, addresses, problems));
    replicas.flatten().collect()
}

fn member(
    set: &str,
    what: &str,
    written: &Spanned<MemberFile>,
    addresses: &mut Addresses,
    problems: &mut Problems,
) -> Option<MemberConfig> {
    let file = written.get_ref();
    let weight = scalar::number(file.weight.as_ref(), "weight", defaults::WEIGHTS, problems);
    let weight = weight.and_then(|weight| u16::try_from(weight).ok());
    let Some(text) = &file.address else {
        let message = format!("{what} of '{set}' has no address");
        problems.add(written.span(), message, "add address = \"host:3306\"");
        return None;
    };
    let address = addresses
        .add(set, written.span(), text, problems)
        .unwrap_or_else(nowhere);
    Some(MemberConfig {
        address,
        weight: weight.unwrap_or(defaults::WEIGHT),
        zone: zone(&file.zone, problems),
    })
}

/// A `zone` key.
pub(super) fn zone(key: &Key<String>, problems: &mut Problems) -> Option<String> {
    let zone = key.as_ref()?;
    let text = zone.get_ref();
    scalar::check_name(zone.span(), "zone", text, defaults::NAME_CHARS, problems);
    Some(text.clone())
}

/// The keys that a password may have.
const PASSWORD_WAYS: &str = "one of password, password_env, password_file";

/// A replica set's own settings over the common ones.
pub(super) struct Layers<'a> {
    /// Where to point when something is missing.
    place: Range<usize>,
    /// The upper layer first.
    files: Vec<&'a BackendFile>,
}

impl<'a> Layers<'a> {
    fn new(
        set: &Spanned<String>,
        own: Option<&'a Spanned<BackendFile>>,
        common: Option<&'a Spanned<BackendFile>>,
    ) -> Self {
        let place = common.or(own).map_or(set.span(), Spanned::span);
        let files = own
            .into_iter()
            .chain(common)
            .map(Spanned::get_ref)
            .collect();
        Self { place, files }
    }

    /// The first layer's value that is present.
    pub(super) fn first<T>(
        &self,
        key: impl Fn(&'a BackendFile) -> &'a Key<T>,
    ) -> Option<&'a Spanned<T>> {
        self.files.iter().find_map(|file| key(file).as_ref())
    }

    fn config(&self, outside: &Outside<'_>, problems: &mut Problems) -> BackendConfig {
        let user = self
            .first(|file| &file.user)
            .map(|user| user.get_ref().clone());
        let user = user.unwrap_or_else(|| {
            self.missing("user", "add user = \"…\" to [backend]", problems);
            String::new()
        });
        let connect_timeout = self.first(|file| &file.connect_timeout);
        let default = defaults::CONNECT_TIMEOUT;
        let promotion = failover::promotion(self, outside, problems);
        BackendConfig {
            user,
            password: self.own_password(outside, problems),
            tls: self.tls(outside, problems),
            connect_timeout: scalar::timeout(connect_timeout, "connect_timeout", default, problems),
            pool: self.pool(problems),
            balance: balance::balance(self, problems),
            health_interval: balance::health_interval(self, problems),
            min_silence: balance::min_silence(self, problems),
            failover_buffer: failover::buffer(self, promotion.as_ref(), problems),
            promotion,
        }
    }

    /// Said in the same words for every replica set, so that it is reported once.
    fn missing(&self, key: &str, help: &str, problems: &mut Problems) {
        problems.add(self.place.clone(), format!("no backend {key}"), help);
    }

    fn own_password(&self, outside: &Outside<'_>, problems: &mut Problems) -> Secret {
        let keys = |file: &'a BackendFile| PasswordKeys {
            text: file.password.as_ref(),
            env: file.password_env.as_ref(),
            file: file.password_file.as_ref(),
        };
        let password = self.password(keys, "backend password", outside, problems);
        password.unwrap_or_else(|| {
            let help =
                format!("add {PASSWORD_WAYS} to [backend]; password = \"\" if there is none");
            self.missing("password", &help, problems);
            Secret::new("")
        })
    }

    /// The three ways are one setting: an upper layer's way hides all of the lower layer's. `None`:
    /// none is written.
    pub(super) fn password(
        &self,
        keys: impl Fn(&'a BackendFile) -> PasswordKeys<'a>,
        what: &str,
        outside: &Outside<'_>,
        problems: &mut Problems,
    ) -> Option<Secret> {
        let mut layers = self.files.iter().map(|file| keys(file));
        let keys = layers.find(|keys| !keys.spans().is_empty())?;
        if let [_, .., last] = keys.spans().as_slice() {
            let help = format!("keep {PASSWORD_WAYS}");
            problems.add(last.clone(), format!("more than one {what}"), help);
        }
        let password = keys.resolve(outside, problems);
        Some(password.unwrap_or_else(|| Secret::new("")))
    }

    /// The first layer's place of something.
    pub(super) fn first_span(
        &self,
        place: impl Fn(&'a BackendFile) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        self.files.iter().find_map(|file| place(file))
    }

    fn tls(&self, outside: &Outside<'_>, problems: &mut Problems) -> BackendTls {
        let mode = self.first(|file| &file.tls);
        let chosen = mode.and_then(|mode| scalar::choice(mode, "tls", &TLS_MODES, problems));
        let ca = self.first(|file| &file.ca);
        let plain = match chosen.unwrap_or(TlsMode::Preferred) {
            TlsMode::Verify => return self.verify(mode, ca, outside, problems),
            TlsMode::Off => BackendTls::Off,
            TlsMode::Preferred => BackendTls::Preferred,
            TlsMode::Required => BackendTls::Required,
        };
        // A `ca` below the layer that chose the mode is there for the other replica sets.
        let mode_layer = self.files.iter().position(|file| file.tls.is_some());
        let ca_layer = self.files.iter().position(|file| file.ca.is_some());
        if ca_layer <= mode_layer || mode_layer.is_none() {
            problems.useless(ca, "ca", "without tls = \"verify\"");
        }
        plain
    }

    fn verify(
        &self,
        mode: Option<&Spanned<String>>,
        ca: Option<&Spanned<String>>,
        outside: &Outside<'_>,
        problems: &mut Problems,
    ) -> BackendTls {
        if let (Some(mode), None) = (mode, ca) {
            let help = "add ca = \"/path/to/ca.pem\"";
            problems.add(
                mode.span(),
                "tls = \"verify\" needs the authority's certificate",
                help,
            );
        }
        BackendTls::Verify {
            ca: scalar::path(ca, outside, problems).unwrap_or_default(),
        }
    }

    fn pool(&self, problems: &mut Problems) -> PoolConfig {
        let limits = defaults::CONNECTIONS;
        let max = self.first(|file| &file.pool.max_connections);
        let max_connections = scalar::number(max, "max_connections", limits.clone(), problems)
            .unwrap_or(defaults::POOL_MAX_CONNECTIONS);
        let min = self.first(|file| &file.pool.min_idle);
        let min_idle = scalar::number(min, "min_idle", 0..=max_connections, problems)
            .unwrap_or(defaults::POOL_MIN_IDLE);
        let waiting = self.first(|file| &file.pool.max_waiting);
        let max_waiting = scalar::number(waiting, "max_waiting", 0..=*limits.end(), problems)
            .unwrap_or(defaults::POOL_MAX_WAITING);
        let mut timeout = |name, key: fn(&BackendFile) -> &Key<DurationText>, default: Duration| {
            scalar::timeout(self.first(key), name, default, problems)
        };
        PoolConfig {
            max_connections,
            min_idle,
            max_idle: timeout("max_idle", |f| &f.pool.max_idle, defaults::POOL_MAX_IDLE),
            max_age: timeout("max_age", |f| &f.pool.max_age, defaults::POOL_MAX_AGE),
            validate_after: timeout(
                "validate_after",
                |f| &f.pool.validate_after,
                defaults::POOL_VALIDATE_AFTER,
            ),
            acquire_timeout: timeout(
                "acquire_timeout",
                |f| &f.pool.acquire_timeout,
                defaults::POOL_ACQUIRE_TIMEOUT,
            ),
            max_waiting,
        }
    }
}

#[derive(Clone, Copy)]
enum TlsMode {
    Off,
    Preferred,
    Required,
    Verify,
}

const TLS_MODES: [(&str, TlsMode); 4] = [
    ("off", TlsMode::Off),
    ("preferred", TlsMode::Preferred),
    ("required", TlsMode::Required),
    ("verify", TlsMode::Verify),
];

//! The file as serde reads it: every key optional, every value with its place.
//!
//! These types know the names of the keys and the TOML type of each value, nothing else;
//! `validate` turns them into [`super::Config`]. None of them derives `Debug`.
//!
//! What is written here of a key stands in docs/configuration-reference.md, in the Markdown of that
//! folder; `tests/reference.rs` makes the page.

mod backend;
mod schemas;
mod server;
mod values;

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

pub(super) use backend::{BackendFile, FailoverFile, MemberFile, ReplicaSetFile};
pub(super) use schemas::{AlgorithmFile, GenerateFile, SchemaFile, SplitFile, TableFile};
pub(super) use server::{
    AdminFile, GatherFile, LimitsFile, MergeFile, ReadFile, ServerFile, ServerTlsFile,
    TimeoutsFile, UserFile,
};
pub(super) use values::{DurationText, OneOrMany, SizeText};

/// Tables of one kind by name; the name's place is the place of the whole.
pub(in crate::config) type Named<T> = BTreeMap<Spanned<String>, T>;
/// An optional value with its place.
pub(in crate::config) type Key<T> = Option<Spanned<T>>;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct File {
    /// The side that clients see.
    pub(in crate::config) server: ServerFile,
    /// Who may log in; at least one.
    pub(in crate::config) users: Vec<Spanned<UserFile>>,
    /// How the proxy connects to the servers.
    pub(in crate::config) backend: Key<BackendFile>,
    /// The servers: at least one set.
    pub(in crate::config) replica_sets: Named<ReplicaSetFile>,
    /// Logical databases: at least one.
    pub(in crate::config) schemas: Named<SchemaFile>,
    /// Transactions over several replica sets.
    pub(in crate::config) transactions: TransactionsFile,
    /// What statements are held against.
    pub(in crate::config) rules: Vec<Spanned<RuleFile>>,
    /// What goes to standard error.
    pub(in crate::config) log: LogFile,
    /// OpenTelemetry traces.
    pub(in crate::config) traces: Key<TracesFile>,
}

/// Transactions over several replica sets: what they guarantee and what they need of the servers is
/// in [Transactions](transactions.md).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct TransactionsFile {
    /// `"atomic"`: writes on several replica sets are committed everywhere or nowhere, whatever
    /// fails. `"best_effort"`: one COMMIT after the other, so that a failure in between leaves some
    /// of them committed.
    pub(in crate::config) commit: Key<String>,
    /// The proxy's own database on every replica set, made when it is first needed;
    /// [ids](ids.md#what-keeps-numbers-apart) come from there too. **Every proxy in front of the same
    /// servers must use the same one.** It must not be a shard.
    pub(in crate::config) database: Key<String>,
    /// A prepared branch that nobody has ended for so long is ended by recovery: the longest time
    /// that a COMMIT may stand between its two phases.
    pub(in crate::config) recover_after: Key<DurationText>,
}

/// What statements are held against, in the order of the file: [Limits and rules](limits.md). Each
/// needs a name and an action; a rule that denies needs a condition.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct RuleFile {
    /// Unique; a rate goes on counting over a reload by it.
    pub(in crate::config) name: Key<String>,
    /// Only statements of this user. Without it: of anyone.
    pub(in crate::config) user: Key<String>,
    /// Only statements on this schema. Without it: on any.
    pub(in crate::config) schema: Key<String>,
    /// Only statements of this kind, or of one of a list of kinds. Without it: of any.
    pub(in crate::config) kind: Key<OneOrMany>,
    /// Only statements in whose normal form this regular expression is found.
    pub(in crate::config) pattern: Key<String>,
    /// Only statements with this normal form.
    pub(in crate::config) digest: Key<String>,
    /// Action: `true`: later rules do not count.
    pub(in crate::config) allow: Key<bool>,
    /// Action: they are refused, with this text.
    pub(in crate::config) deny: Key<String>,
    /// Action: so many of them a second.
    pub(in crate::config) rate: Key<i64>,
    /// With `rate`: so many at once after a pause. Without it: as many as `rate`.
    pub(in crate::config) burst: Key<i64>,
    /// Action: they go there: `"primary"`, `"replica"`, a shard (`"a/shop_0"`, or its database
    /// alone), or a replica set (`"a"`).
    pub(in crate::config) route: Key<String>,
    /// Action: what takes the place of their [hint](hints.md): `"shard=a/shop_0"`,
    /// `"replica_set=a"`, `"scatter=off"`, `"scatter=on"`, `"primary"`, `"replica"`, or several
    /// with commas.
    pub(in crate::config) hint: Key<String>,
    /// `true`: they are logged, whatever else is done with them; it may stand alone.
    pub(in crate::config) log: Key<bool>,
}

/// What goes to standard error: [the log](operations.md#the-log).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct LogFile {
    /// `"json"`: one object a line.
    pub(in crate::config) format: Key<String>,
    /// Statements that take so long or longer are logged; `"0"`: none are.
    pub(in crate::config) slow: Key<DurationText>,
}

/// [OpenTelemetry traces](operations.md#traces), in programs that were built with them. There are
/// none without this section.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct TracesFile {
    /// The collector's URL for OTLP over HTTP: `"http://host:4318"`, with a path if that is not
    /// `/v1/traces`.
    pub(in crate::config) endpoint: Key<String>,
    /// PEM file of the authorities that sign the collector's certificate; required with `https://`,
    /// refused with `http://`.
    pub(in crate::config) ca: Key<String>,
    /// `service.name` of the traces.
    pub(in crate::config) service: Key<String>,
    /// The part of the statements that is traced, `0.0` to `1.0`; where the client has a trace, it
    /// decides.
    pub(in crate::config) sample: Key<toml::Value>,
    /// Spans are sent when so much time has passed, or there are 512.
    pub(in crate::config) interval: Key<DurationText>,
    /// For one request to the collector.
    pub(in crate::config) timeout: Key<DurationText>,
    /// So many spans may wait; traces that find no room are dropped.
    pub(in crate::config) queue: Key<i64>,
}

//! The file as serde reads it: every key optional, every value with its place.
//!
//! These types know the names of the keys and the TOML type of each value, nothing else;
//! `validate` turns them into [`super::Config`]. None of them derives `Debug`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::secret::Secret;

/// Tables of one kind by name; the name's place is the place of the whole.
pub(super) type Named<T> = BTreeMap<Spanned<String>, T>;
/// An optional value with its place.
pub(super) type Key<T> = Option<Spanned<T>>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) server: ServerFile,
    pub(super) users: Vec<Spanned<UserFile>>,
    pub(super) backend: Key<BackendFile>,
    pub(super) replica_sets: Named<ReplicaSetFile>,
    pub(super) schemas: Named<SchemaFile>,
    pub(super) transactions: TransactionsFile,
    pub(super) rules: Vec<Spanned<RuleFile>>,
    pub(super) log: LogFile,
    pub(super) traces: Key<TracesFile>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LogFile {
    pub(super) format: Key<String>,
    pub(super) slow: Key<DurationText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TracesFile {
    pub(super) endpoint: Key<String>,
    pub(super) ca: Key<String>,
    pub(super) service: Key<String>,
    pub(super) sample: Key<toml::Value>,
    pub(super) interval: Key<DurationText>,
    pub(super) timeout: Key<DurationText>,
    pub(super) queue: Key<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsFile {
    pub(super) connections: Key<i64>,
    pub(super) statements: Key<i64>,
    pub(super) time: Key<DurationText>,
    pub(super) rows: Key<i64>,
    pub(super) bytes: Key<SizeText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) name: Key<String>,
    pub(super) user: Key<String>,
    pub(super) schema: Key<String>,
    pub(super) kind: Key<OneOrMany>,
    pub(super) pattern: Key<String>,
    pub(super) digest: Key<String>,
    pub(super) allow: Key<bool>,
    pub(super) deny: Key<String>,
    pub(super) rate: Key<i64>,
    pub(super) burst: Key<i64>,
    pub(super) route: Key<String>,
    pub(super) hint: Key<String>,
    pub(super) log: Key<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TransactionsFile {
    pub(super) commit: Key<String>,
    pub(super) database: Key<String>,
    pub(super) recover_after: Key<DurationText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerFile {
    pub(super) listen: Key<OneOrMany>,
    pub(super) version: Key<String>,
    pub(super) max_connections: Key<i64>,
    pub(super) max_allowed_packet: Key<SizeText>,
    pub(super) worker_threads: Key<i64>,
    pub(super) reuse_port: Key<bool>,
    pub(super) reload_on_change: Key<bool>,
    pub(super) local_infile: Key<bool>,
    pub(super) zone: Key<String>,
    pub(super) timeouts: TimeoutsFile,
    pub(super) merge: MergeFile,
    pub(super) gather: GatherFile,
    pub(super) tls: ServerTlsFile,
    pub(super) admin: Key<AdminFile>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AdminTlsFile {
    pub(super) cert: Key<String>,
    pub(super) key: Key<String>,
    pub(super) client_ca: Key<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TimeoutsFile {
    pub(super) handshake: Key<DurationText>,
    pub(super) idle: Key<DurationText>,
    pub(super) write: Key<DurationText>,
    pub(super) statement: Key<DurationText>,
    pub(super) drain: Key<DurationText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MergeFile {
    pub(super) memory: Key<SizeText>,
    pub(super) rows: Key<i64>,
    pub(super) connections: Key<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GatherFile {
    pub(super) max_rows: Key<i64>,
    pub(super) max_bytes: Key<SizeText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerTlsFile {
    pub(super) mode: Key<String>,
    pub(super) cert: Key<String>,
    pub(super) key: Key<String>,
    pub(super) client_ca: Key<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UserFile {
    pub(super) name: Key<String>,
    pub(super) password: Key<Secret>,
    pub(super) password_env: Key<String>,
    pub(super) password_file: Key<String>,
    pub(super) password_hash: Key<Secret>,
    pub(super) native_password: Key<bool>,
    pub(super) schemas: Key<Vec<Spanned<String>>>,
    pub(super) admin: Key<bool>,
    pub(super) read: Key<ReadFile>,
    pub(super) limits: LimitsFile,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BackendFile {
    pub(super) user: Key<String>,
    pub(super) password: Key<Secret>,
    pub(super) password_env: Key<String>,
    pub(super) password_file: Key<String>,
    pub(super) tls: Key<String>,
    pub(super) ca: Key<String>,
    pub(super) connect_timeout: Key<DurationText>,
    pub(super) pool: PoolFile,
    pub(super) balance: BalanceFile,
    pub(super) health: HealthFile,
    pub(super) failover: FailoverFile,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PoolFile {
    pub(super) max_connections: Key<i64>,
    pub(super) min_idle: Key<i64>,
    pub(super) max_idle: Key<DurationText>,
    pub(super) max_age: Key<DurationText>,
    pub(super) validate_after: Key<DurationText>,
    pub(super) acquire_timeout: Key<DurationText>,
    pub(super) max_waiting: Key<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BalanceFile {
    pub(super) policy: Key<String>,
    pub(super) slow_start: Key<DurationText>,
    pub(super) primary: Key<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HealthFile {
    pub(super) interval: Key<DurationText>,
    pub(super) min_silence: Key<DurationText>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FailoverFile {
    pub(super) buffer: Key<DurationText>,
    pub(super) promote: Key<String>,
    pub(super) after: Key<DurationText>,
    pub(super) user: Key<String>,
    pub(super) password: Key<Secret>,
    pub(super) password_env: Key<String>,
    pub(super) password_file: Key<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReplicaSetFile {
    pub(super) primary: Key<MemberFile>,
    pub(super) replicas: Vec<Spanned<MemberFile>>,
    pub(super) backend: Key<BackendFile>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SchemaFile {
    pub(super) shards: Key<Vec<Spanned<String>>>,
    pub(super) default_shard: Key<String>,
    pub(super) read: Key<ReadFile>,
    pub(super) limits: LimitsFile,
    pub(super) tables: Named<TableFile>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TableFile {
    pub(super) kind: Key<String>,
    pub(super) key: Key<OneOrMany>,
    pub(super) algorithm: Key<AlgorithmFile>,
    pub(super) split: Key<SplitFile>,
    pub(super) bind: Key<String>,
    pub(super) shard: Key<String>,
    pub(super) generate: Key<GenerateFile>,
}

/// `generate = { column = "order_id", kind = "snowflake" }`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GenerateFile {
    pub(super) column: Key<String>,
    pub(super) kind: Key<String>,
    pub(super) block: Key<i64>,
    pub(super) start: Key<i64>,
}

/// `split = { tables = "orders_{00..15}", … }`
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SplitFile {
    pub(super) tables: Key<OneOrMany>,
    pub(super) key: Key<OneOrMany>,
    pub(super) algorithm: Key<AlgorithmFile>,
    pub(super) spread: Key<String>,
    pub(super) ahead: Key<i64>,
}

/// A string or a list of strings.
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<Spanned<String>>),
}

/// `"250ms"`, not yet read.
pub(super) struct DurationText(pub(super) String);

/// `67108864` or `"64MiB"`, not yet read.
pub(super) struct SizeText(pub(super) String);

/// `"host:port"` or `{ address = "host:port", weight = 2, zone = "north" }`.
pub(super) struct MemberFile {
    /// `None` in a table without `address`.
    pub(super) address: Option<String>,
    pub(super) weight: Key<i64>,
    pub(super) zone: Key<String>,
}

/// `"host:port"` or `{ listen = "host:port", token = "…" }`.
#[derive(Default)]
pub(super) struct AdminFile {
    /// The address, where it stands alone.
    pub(super) address: Option<String>,
    pub(super) listen: Key<String>,
    pub(super) token: Key<Secret>,
    pub(super) token_env: Key<String>,
    pub(super) token_file: Key<String>,
    /// `None` without a table of this name.
    pub(super) tls: Option<AdminTlsFile>,
}

/// `"causal"` or `{ consistency = "causal", wait = "50ms" }`.
pub(super) struct ReadFile {
    /// `None` in a table without `consistency`.
    pub(super) consistency: Option<String>,
    pub(super) wait: Key<DurationText>,
    pub(super) max_lag: Key<DurationText>,
}

/// `"name"` or `{ kind = "name", parameter = … }`.
pub(super) struct AlgorithmFile {
    /// `None` in a table without a string `kind`.
    pub(super) kind: Option<String>,
    pub(super) params: toml::Table,
}

/// A visitor for values that are a string or something else beside it.
macro_rules! deserialize_with {
    ($type:ty, $expecting:literal, { $($visits:tt)* }) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ThisVisitor;

                impl<'de> Visitor<'de> for ThisVisitor {
                    type Value = $type;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    $($visits)*
                }

                deserializer.deserialize_any(ThisVisitor)
            }
        }
    };
}

deserialize_with!(OneOrMany, "a string or a list of strings", {
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(OneOrMany::One(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(OneOrMany::Many(items))
    }
});

deserialize_with!(
    DurationText,
    "a duration in quotes, such as \"250ms\", \"10s\", \"5m\" or \"8h\"",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(DurationText(text.to_owned()))
        }
    }
);

deserialize_with!(
    SizeText,
    "a size such as \"64MiB\", or a number of bytes",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(SizeText(text.to_owned()))
        }

        fn visit_i64<E: Error>(self, bytes: i64) -> Result<Self::Value, E> {
            Ok(SizeText(bytes.to_string()))
        }
    }
);

deserialize_with!(
    MemberFile,
    "\"host:port\" or { address = \"host:port\", weight = 1 }",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(MemberFile {
                address: Some(text.to_owned()),
                weight: None,
                zone: None,
            })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            #[derive(Default, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            struct Table {
                address: Option<String>,
                weight: Key<i64>,
                zone: Key<String>,
            }
            let table = Table::deserialize(MapAccessDeserializer::new(map))?;
            Ok(MemberFile {
                address: table.address,
                weight: table.weight,
                zone: table.zone,
            })
        }
    }
);

deserialize_with!(
    AdminFile,
    "\"host:port\" or { listen = \"host:port\", token = \"…\" }",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(AdminFile {
                address: Some(text.to_owned()),
                ..AdminFile::default()
            })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            #[derive(Default, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            struct Table {
                listen: Key<String>,
                token: Key<Secret>,
                token_env: Key<String>,
                token_file: Key<String>,
                tls: Option<AdminTlsFile>,
            }
            let table = Table::deserialize(MapAccessDeserializer::new(map))?;
            Ok(AdminFile {
                address: None,
                listen: table.listen,
                token: table.token,
                token_env: table.token_env,
                token_file: table.token_file,
                tls: table.tls,
            })
        }
    }
);

deserialize_with!(
    ReadFile,
    "\"primary\", \"causal\", \"bounded\", \"eventual\" or { consistency = \"causal\", … }",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(ReadFile {
                consistency: Some(text.to_owned()),
                wait: None,
                max_lag: None,
            })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            #[derive(Default, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            struct Table {
                consistency: Option<String>,
                wait: Key<DurationText>,
                max_lag: Key<DurationText>,
            }
            let table = Table::deserialize(MapAccessDeserializer::new(map))?;
            Ok(ReadFile {
                consistency: table.consistency,
                wait: table.wait,
                max_lag: table.max_lag,
            })
        }
    }
);

deserialize_with!(
    AlgorithmFile,
    "an algorithm's name or { kind = \"name\", … }",
    {
        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            let params = toml::Table::new();
            Ok(AlgorithmFile {
                kind: Some(text.to_owned()),
                params,
            })
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            let mut params = toml::Table::deserialize(MapAccessDeserializer::new(map))?;
            let kind = match params.remove("kind") {
                Some(toml::Value::String(kind)) => Some(kind),
                _ => None,
            };
            Ok(AlgorithmFile { kind, params })
        }
    }
);

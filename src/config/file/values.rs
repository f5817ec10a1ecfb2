//! Values that have several forms, and how serde reads them.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::super::secret::Secret;
use super::Key;
use super::backend::MemberFile;
use super::schemas::AlgorithmFile;
use super::server::{AdminFile, AdminTlsFile, ReadFile};

/// A string or a list of strings.
pub(in crate::config) enum OneOrMany {
    One(String),
    Many(Vec<Spanned<String>>),
}

/// `"250ms"`, not yet read.
pub(in crate::config) struct DurationText(pub(in crate::config) String);

/// `67108864` or `"64MiB"`, not yet read.
pub(in crate::config) struct SizeText(pub(in crate::config) String);

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

//! Config: one TOML file → [`Config`].

pub mod defaults;
mod secret;
mod types;

pub use secret::{Credential, PasswordHash, Secret};
pub use types::{
    Address, AlgorithmSpec, BackendConfig, BackendTls, Config, PoolConfig, ReadPolicy,
    ReplicaConfig, ReplicaSetConfig, SchemaAccess, SchemaConfig, ServerConfig, ServerTimeouts,
    ServerTls, ShardConfig, TableConfig, TableRule, TlsIdentity, UserConfig,
};

//! Config: one TOML file → [`Config`].
//!
//! In: the text of a file and a [`Context`], which answers for what lies outside the file. Out: a
//! [`Config`] that is consistent in itself, or a [`ConfigError`] that lists every problem with
//! its line and what to write instead. Two stages: `file` is what serde reads, `validate` makes
//! types of it that cannot be wrong.

pub mod defaults;
mod diagnostic;
mod environment;
mod file;
mod read;
mod redact;
mod secret;
mod suggest;
mod types;
mod units;
mod validate;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use diagnostic::{ConfigError, Diagnostic, Place, Report};
pub use environment::{Environment, FileAlone, ProcessEnvironment};
pub use secret::{Credential, PasswordHash, Secret};
pub use types::{
    Address, AlgorithmSpec, BackendConfig, BackendTls, Config, PoolConfig, ReadPolicy,
    ReplicaConfig, ReplicaSetConfig, SchemaAccess, SchemaConfig, ServerConfig, ServerTimeouts,
    ServerTls, ShardConfig, TableConfig, TableRule, TlsIdentity, UserConfig,
};
pub use validate::{AlgorithmCheck, AnyAlgorithm, Context};

/// Reads and validates a configuration file.
///
/// # Errors
/// The file cannot be read, or something in it is wrong.
pub fn load(path: &Path, context: &Context<'_>) -> Result<Config, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok(parse(&text, path, context)?)
}

/// Validates a configuration's text; `path` is for messages, and relative paths in the text
/// start at its folder.
///
/// # Errors
/// Everything that is wrong with the text.
pub fn parse(text: &str, path: &Path, context: &Context<'_>) -> Result<Config, Report> {
    let folder = path.parent().unwrap_or(Path::new(""));
    read::read(text)
        .and_then(|file| validate::validate(&file, folder, context))
        .map_err(|problems| Report::new(path, text, problems))
}

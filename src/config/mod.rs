//! Config: one TOML file → [`Config`].
//!
//! In: the text of a file and a [`Context`], which answers for what lies outside the file. Out: a
//! [`Config`] that is consistent in itself, or a [`ConfigError`] that lists every problem with
//! its line and what to write instead. Two stages: `file` is what serde reads, `validate` makes
//! types of it that cannot be wrong.

mod admin;
mod change;
pub mod defaults;
mod diagnostic;
mod environment;
mod file;
mod generate;
mod hints;
mod limits;
mod log;
mod period_tables;
mod periods;
mod read;
mod redact;
mod secret;
mod suggest;
mod system_schemas;
mod traces;
mod types;
mod units;
mod validate;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::string::FromUtf8Error;

use diagnostic::Problem;

pub use admin::{AdminConfig, AdminTls};
pub use change::{Change, Effect, changes};
pub use diagnostic::{ConfigError, Diagnostic, Place, Report};
pub use environment::{Environment, FileAlone, ProcessEnvironment};
pub use generate::{GenerateConfig, IdKind};
pub use hints::{HintPlace, HintRule, HintServer};
pub use limits::{Kind, Limits, Pattern, RuleAction, RuleConfig};
pub use log::{LogConfig, LogFormat};
pub use period_tables::{PeriodPattern, PeriodTables};
pub use periods::{PERIOD_PARAMS, periods};
pub use secret::{Credential, PasswordHash, Secret};
pub use system_schemas::system_schema;
pub use traces::{TracesConfig, TracesEndpoint};
pub use types::{
    Account, Address, AlgorithmSpec, BackendConfig, BackendTls, BalanceConfig, BalancePolicy,
    CommitMode, Config, GatherConfig, MemberConfig, MergeLimits, OtherSchemas, PoolConfig,
    PromotionConfig, ReadPolicy, ReplicaSetConfig, SchemaAccess, SchemaConfig, ServerConfig,
    ServerTimeouts, ServerTls, ShardConfig, SplitConfig, SplitRule, SplitTables, Spread,
    TableConfig, TableRule, TlsIdentity, TransactionConfig, UserConfig,
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
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    Ok(parse(&text, path, context)?)
}

fn not_utf8(path: &Path, error: &FromUtf8Error) -> ConfigError {
    let at = error.utf8_error().valid_up_to();
    let text = String::from_utf8_lossy(error.as_bytes());
    let problem = Problem {
        span: Some(at..at),
        message: "the file is not UTF-8".to_owned(),
        help: Some("save it in UTF-8".to_owned()),
    };
    Report::new(path, &text, vec![problem]).into()
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

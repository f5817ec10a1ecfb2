//! `limits = { … }` of users and schemas.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{LimitsFile, SizeText};
use super::super::limits::Limits;
use super::super::units;
use super::problems::Problems;
use super::scalar;

/// The limits of a user or a schema.
pub(super) fn limits(file: &LimitsFile, problems: &mut Problems) -> Limits {
    let number = |key, name, problems: &mut Problems| {
        scalar::number(key, name, defaults::CONNECTIONS, problems)
    };
    Limits {
        connections: number(file.connections.as_ref(), "connections", problems),
        statements: number(file.statements.as_ref(), "statements", problems),
        time: scalar::optional_timeout(file.time.as_ref(), "time", problems),
        rows: scalar::number(file.rows.as_ref(), "rows", defaults::ANSWER_ROWS, problems)
            .map(u64::from),
        bytes: bytes(file.bytes.as_ref(), problems),
    }
}

fn bytes(key: Option<&Spanned<SizeText>>, problems: &mut Problems) -> Option<u64> {
    let key = key?;
    let text = &key.get_ref().0;
    let bytes = units::size(text).filter(|bytes| defaults::ANSWER_BYTES.contains(bytes));
    if bytes.is_none() {
        let message = format!("`bytes` cannot be \"{text}\"");
        let help = "from \"1\" to \"1024GiB\", such as \"64MiB\"";
        problems.add(key.span(), message, help);
    }
    bytes
}

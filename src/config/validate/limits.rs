//! `limits = { … }` of users and schemas.

use super::super::defaults;
use super::super::file::LimitsFile;
use super::super::limits::Limits;
use super::problems::Problems;
use super::scalar;

/// The limits of a user.
pub(super) fn of_user(file: &LimitsFile, problems: &mut Problems) -> Limits {
    let number = |key, name, problems: &mut Problems| {
        scalar::number(key, name, defaults::CONNECTIONS, problems)
    };
    Limits {
        connections: number(file.connections.as_ref(), "connections", problems),
        statements: number(file.statements.as_ref(), "statements", problems),
        time: scalar::optional_timeout(file.time.as_ref(), "time", problems),
    }
}

/// The limits of a schema: a connection belongs to no schema.
pub(super) fn of_schema(file: &LimitsFile, problems: &mut Problems) -> Limits {
    if let Some(key) = &file.connections {
        let help = "limit the connections of a user, or the statements of the schema";
        problems.add(
            key.span(),
            "`connections` of a schema cannot be limited",
            help,
        );
    }
    Limits {
        connections: None,
        ..of_user(file, problems)
    }
}

//! Which names of the servers stand in the rows of an answer.

use super::NamesInRows;
use crate::parse::{Show, StatementKind, Tokens, Utility};

/// What of the servers' names the rows of a statement's answer hold.
pub fn of(kind: &StatementKind, tokens: Tokens<'_>) -> NamesInRows {
    match kind {
        StatementKind::Utility(Utility::Show(show)) => of_show(show),
        StatementKind::Utility(Utility::TableAdmin { .. }) => NamesInRows::Text,
        _ if tokens.begins(&["CHECKSUM"]) => NamesInRows::Text,
        _ => NamesInRows::No,
    }
}

fn of_show(show: &Show) -> NamesInRows {
    match show {
        Show::Tables { .. } | Show::TableStatus { .. } => NamesInRows::TableList,
        Show::Index { .. }
        | Show::CreateTable(_)
        | Show::CreateView(_)
        | Show::CreateObject(_)
        | Show::CreateDatabase(_)
        | Show::SchemaObjects { .. } => NamesInRows::Names,
        _ => NamesInRows::No,
    }
}

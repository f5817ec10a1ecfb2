//! The audit log, lines of the log's target `shardwell::audit`: who was refused what, and who gave the
//! proxy which order. Errors are written as strings, which the log escapes: what a client has sent
//! cannot begin a line of its own.

use super::limits::shape;
use super::shared::Lasting;
use super::state::Session;
use super::statement::Statement;
use crate::auth::Denial;
use crate::error::MysqlError;
use crate::parse::{TokenKind, Tokens};

/// How many characters of an order, and of what a client has sent with a login, are written.
const MOST: usize = 200;

/// How many of a refused statement's normal form: what fills megabytes is named by its beginning.
const MOST_OF_STATEMENT: usize = 2000;

/// The log's target.
pub(super) const AUDIT: &str = "shardwell::audit";

/// Writes down that a user was refused, apart from any statement.
pub(super) fn refused_user(user: &str, host: &str, error: MysqlError) -> MysqlError {
    let text = error.to_string();
    let (user, text) = (shortened(user, MOST), shortened(&text, MOST));
    tracing::warn!(target: AUDIT, user, host, error = text, "refused");
    error
}

/// Its first characters, so many at most.
fn shortened(text: &str, most: usize) -> &str {
    let end = text.char_indices().nth(most);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A statement's normal form, which has no values.
pub(super) fn written(statement: &Statement<'_>) -> String {
    shortened(&shape(statement.tokens()), MOST_OF_STATEMENT).to_owned()
}

/// An order as it was typed, without its comments: they would hide what it says.
fn order(tokens: Tokens<'_>) -> String {
    let mut out = String::new();
    let mut end = None;
    for (at, token) in tokens.all().iter().enumerate() {
        if token.kind == TokenKind::Hint {
            continue;
        }
        if end.is_some_and(|end| end < token.start) {
            out.push(' ');
        }
        out.push_str(&String::from_utf8_lossy(tokens.text(at)));
        end = Some(token.end);
    }
    out
}

impl Lasting {
    /// Counts a login that failed and writes it down; gives what the client is told.
    pub(super) fn denied(&self, denial: Denial, user: &str, host: &str) -> MysqlError {
        self.metrics.denied.count();
        refused_user(user, host, denial.to_mysql(user, host))
    }
}

impl Session {
    /// Writes a refusal down.
    pub(super) fn refused(
        &self,
        error: MysqlError,
        statement: Option<&Statement<'_>>,
    ) -> MysqlError {
        let statement = statement.map(written).unwrap_or_default();
        let text = error.to_string();
        tracing::warn!(
            target: AUDIT,
            user = self.account.name, host = self.host(), session = self.handle.id.0,
            error = shortened(&text, MOST),
            statement, "refused"
        );
        error
    }

    /// Writes an operator's order down, as it was typed: it names servers, tables and numbers only.
    pub(super) fn ordered(&self, statement: &Statement<'_>) {
        let order = order(statement.tokens());
        let order = shortened(&order, MOST);
        tracing::warn!(
            target: AUDIT,
            user = self.account.name, host = self.host(), session = self.handle.id.0,
            order, "an order to the proxy"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{Digest, DigestSeed, LexMode, scan};

    #[test]
    fn an_order_is_written_without_comments() {
        let long = "x".repeat(300);
        for (sql, written) in [
            ("SHARDWELL KILL 5".to_owned(), "SHARDWELL KILL 5"),
            (format!("/* {long} */ SHARDWELL RELOAD"), "SHARDWELL RELOAD"),
            (
                format!("-- {long}\nSHARDWELL/*{long}*/RELOAD"),
                "SHARDWELL RELOAD",
            ),
            (
                "SHARDWELL\n  DRAIN 'a/1'  -- x".to_owned(),
                "SHARDWELL DRAIN 'a/1'",
            ),
        ] {
            let mut digest = Digest::default();
            let (bytes, mode) = (sql.as_bytes(), LexMode::default());
            scan(bytes, 0, mode, DigestSeed(1), 0, &mut digest).unwrap();
            assert_eq!(order(Tokens::new(bytes, &digest)), written);
        }
    }

    #[test]
    fn what_clients_send_is_cut_between_characters() {
        assert_eq!(shortened("é", 200), "é");
        assert_eq!(shortened(&"é".repeat(200), 200).chars().count(), 200);
        assert_eq!(shortened(&"é".repeat(70_000), 200), "é".repeat(200));
    }
}

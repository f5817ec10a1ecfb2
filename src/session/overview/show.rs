//! SHOW SHARDWELL …: what is there, as rows.

use super::like::Like;
use super::lists;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::{List, Shown};
use crate::route::key::unquote;
use crate::session::failure::Failure;
use crate::session::local::More;
use crate::session::state::{Session, name_of};
use crate::session::statement::Statement;
use crate::wire::TextColumn;

/// A cell; `None` is NULL.
pub(in crate::session) type Cell = Option<String>;

/// Rows for a client.
#[derive(Debug)]
pub(in crate::session) struct Listing {
    /// Their columns.
    pub columns: Vec<TextColumn>,
    /// The column that LIKE looks at.
    pub named: usize,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Listing {
    /// Columns of text, and of integers where a `#` stands before the name.
    pub fn new(columns: &[&str], named: usize, rows: Vec<Vec<Cell>>) -> Self {
        let column = |name: &&str| match name.strip_prefix('#') {
            Some(name) => TextColumn::integer(name),
            None => TextColumn::text(*name),
        };
        Self {
            columns: columns.iter().map(column).collect(),
            named,
            rows,
        }
    }
}

/// Rows of lists that may be long, where LIMIT does not say how many.
const ROWS: usize = 100;

impl Session {
    /// SHOW SHARDWELL … for users with `admin = true`; what concerns the session alone, for all.
    pub(in crate::session) async fn show_list(
        &mut self,
        shown: Shown,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        match shown.list {
            List::Position => return self.show_position(statement.more).await,
            List::Transactions => {
                self.show_transactions(statement.more);
                return Ok(());
            }
            _ => self.check_admin()?,
        }
        let like = shown.like.map(|at| string(statement, at)).transpose()?;
        let like = like.as_deref().map(Like::new);
        let limit = shown.limit.map(|at| number(statement, at)).transpose()?;
        // The session may still be under the configuration of before.
        let shared = self.shared.newest();
        let mut listing = match shown.list {
            List::Shards => lists::shards(&shared),
            List::Servers => lists::servers(&shared),
            List::Pools => lists::pools(&shared),
            List::Sessions => lists::sessions(&shared),
            List::Tables => lists::tables(&shared),
            List::Plans => lists::plans(&shared),
            List::Digests => lists::digests(&shared),
            List::Variables => lists::variables(&shared),
            List::Position | List::Transactions => return Ok(()),
        };
        let named = listing.named;
        if let Some(like) = like {
            let is = |cell: &Cell| cell.as_deref().is_some_and(|name| like.matches(name));
            listing.rows.retain(|row| row.get(named).is_some_and(is));
        }
        let long = matches!(shown.list, List::Plans | List::Digests);
        let most = limit.unwrap_or(if long { ROWS } else { usize::MAX });
        listing.rows.truncate(most);
        self.reply_listing(listing, statement.more);
        Ok(())
    }

    /// Queues rows.
    pub(in crate::session) fn reply_listing(&mut self, listing: Listing, more: More) {
        let bytes = |cell: Cell| cell.map(String::into_bytes);
        let rows = listing.rows.into_iter();
        let rows: Vec<Vec<_>> = rows
            .map(|row| row.into_iter().map(bytes).collect())
            .collect();
        self.reply_rows(&listing.columns, &rows, more);
    }
}

/// The pattern behind LIKE.
fn string(statement: &Statement<'_>, at: usize) -> Result<String, MysqlError> {
    let text = statement.tokens().text(at);
    let found = unquote(text, statement.mode).map(|text| name_of(&text));
    found.ok_or_else(|| wrong("LIKE needs a string in quotes"))
}

/// The number behind LIMIT.
fn number(statement: &Statement<'_>, at: usize) -> Result<usize, MysqlError> {
    let text = std::str::from_utf8(statement.tokens().text(at)).ok();
    let found = text.and_then(|text| text.parse().ok());
    found.ok_or_else(|| wrong("LIMIT needs a whole number"))
}

fn wrong(message: &str) -> MysqlError {
    MysqlError::new(ErrorKind::WrongArguments, message)
}

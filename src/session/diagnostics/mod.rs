//! What SHOW WARNINGS and SHOW ERRORS show of the statement before.
//!
//! The connection that ran it goes back to its pool, where others will overwrite what the server
//! remembers: so the conditions are fetched while it is still ours, and only where there are any.

mod ask;
mod get;

pub(super) use ask::keeps_conditions;

use super::request::Request;
use super::shard_query::ShardQuery;
use super::state::Session;
use crate::backend::{BackendError, Connection, TextRow};
use crate::error::{MysqlError, SqlState};
use crate::reply::Names;

/// One row of SHOW WARNINGS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    /// `Note`, `Warning` or `Error`.
    pub level: Vec<u8>,
    /// MySQL's error number.
    pub code: u16,
    /// Its state, where it is known: rows of SHOW WARNINGS do not say it.
    pub state: Option<SqlState>,
    /// The text.
    pub message: Vec<u8>,
}

impl Condition {
    fn is_error(&self) -> bool {
        self.level == b"Error"
    }
}

/// The conditions of the statement before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Diagnostics {
    /// Those that are shown: no more than `max_error_count`.
    conditions: Vec<Condition>,
    /// `@@warning_count`: how many there were.
    count: u64,
    /// `@@error_count`: how many of them were errors.
    errors: u64,
}

/// How many conditions a server keeps where nobody says otherwise (`max_error_count`): MySQL's, and more
/// than MariaDB's.
const MOST: usize = 1024;

/// What SHOW WARNINGS gave, with the names that the client knows.
pub(super) fn conditions(rows: Vec<TextRow>, names: Option<Names<'_>>) -> Vec<Condition> {
    let conditions = rows.into_iter().filter_map(|row| {
        let mut columns = row.into_iter();
        let level = columns.next()??;
        let code = columns.next()??;
        let message = columns.next()??;
        let mut told = MysqlError {
            code: std::str::from_utf8(&code).ok()?.parse().ok()?,
            state: SqlState::GENERAL,
            message,
        };
        if let Some(names) = names {
            names.fix_error(&mut told);
        }
        Some(Condition {
            level,
            code: told.code,
            state: None,
            message: told.message,
        })
    });
    conditions.collect()
}

impl Diagnostics {
    /// The statement failed with this.
    pub fn of_error(error: &MysqlError) -> Self {
        Self {
            conditions: vec![Condition {
                level: b"Error".to_vec(),
                code: error.code,
                state: Some(error.state),
                message: error.message.clone(),
            }],
            count: 1,
            errors: 1,
        }
    }

    /// Asks the connection that ran the statement, whose answer says that there are `count` of them.
    /// Where they are more than it shows, a SELECT asks for their numbers, unless the statement's
    /// FOUND_ROWS() is still `wanted`.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn fetch(
        connection: &mut Connection,
        names: Option<Names<'_>>,
        (count, wanted): (u64, bool),
    ) -> Result<Self, BackendError> {
        let rows = connection.query(b"SHOW WARNINGS").await?;
        let mut all = Self::of_several(conditions(rows, names), count, usize::MAX);
        if !wanted && (all.conditions.len() as u64) < count {
            let sql = b"SELECT @@warning_count, @@error_count LIMIT 1";
            let told = connection.query(sql).await?;
            let mut counts = told.into_iter().flatten().flatten().map(|text| {
                let text = std::str::from_utf8(&text).ok()?;
                text.parse::<u64>().ok()
            });
            all.count = counts.next().flatten().unwrap_or(all.count);
            all.errors = counts.next().flatten().unwrap_or(all.errors);
        }
        Ok(all)
    }

    /// Asks the connection on which a statement has failed with `error`: there may have been warnings
    /// before it, and what the error does not say itself.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn fetch_failed(
        connection: &mut Connection,
        names: Option<Names<'_>>,
        error: &MysqlError,
    ) -> Result<Self, BackendError> {
        let mut all = Self::fetch(connection, names, (0, false)).await?;
        let same = |condition: &&mut Condition| condition.code == error.code;
        match all.conditions.iter_mut().rev().find(same) {
            Some(told) => told.state = Some(error.state),
            None => all = Self::of_error(error),
        }
        Ok(all)
    }

    /// These conditions, of all that there were: no more than `most` are kept.
    pub fn of_several(mut conditions: Vec<Condition>, count: u64, most: usize) -> Self {
        let errors = conditions.iter().filter(|told| told.is_error()).count();
        let count = count.max(conditions.len() as u64);
        conditions.truncate(most);
        Self {
            conditions,
            count,
            errors: errors as u64,
        }
    }

    /// Takes over those of what ran next; no more than `most` are kept.
    pub fn add(&mut self, next: Self, most: usize) {
        self.conditions.extend(next.conditions);
        self.conditions.truncate(most);
        self.count += next.count;
        self.errors += next.errors;
    }

    /// All of them, or errors only.
    pub fn conditions(&self, errors_only: bool) -> impl Iterator<Item = &Condition> {
        let all = self.conditions.iter();
        all.filter(move |condition| !errors_only || condition.is_error())
    }

    /// `@@warning_count`
    pub fn count(&self) -> u64 {
        self.count
    }

    /// `@@error_count`
    pub fn errors(&self) -> u64 {
        self.errors
    }
}

impl Session {
    /// Whether a server may know more of a statement that has failed than its error says: warnings about
    /// rows before the one that failed, where they are not errors themselves.
    pub(super) fn may_tell_more(&self, query: &ShardQuery<'_>) -> bool {
        const STRICT: [&[u8]; 3] = [b"STRICT_TRANS_TABLES", b"STRICT_ALL_TABLES", b"TRADITIONAL"];
        if query.read_only || !matches!(query.request, Request::Query { .. } | Request::Execute(_))
        {
            return false;
        }
        let mut modes = self.state.variables.sql_modes();
        !modes.any(|mode| STRICT.contains(&mode))
    }

    /// The session's `max_error_count`.
    pub(super) fn most_conditions(&self) -> usize {
        let most = self.state.variables.get("max_error_count");
        let most = most.and_then(|most| std::str::from_utf8(most).ok()?.parse().ok());
        most.unwrap_or(MOST)
    }
}

//! What SHOW WARNINGS and SHOW ERRORS show of the statement before.
//!
//! The connection that ran it goes back to its pool, where others will overwrite what the server
//! remembers: so the conditions are fetched while it is still ours, and only where there are any.

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
    /// The text.
    pub message: Vec<u8>,
}

/// The conditions of the statement before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Diagnostics {
    conditions: Vec<Condition>,
}

impl Diagnostics {
    /// The statement failed with this.
    pub fn of_error(error: &MysqlError) -> Self {
        Self {
            conditions: vec![Condition {
                level: b"Error".to_vec(),
                code: error.code,
                message: error.message.clone(),
            }],
        }
    }

    /// Asks the connection that ran the statement.
    ///
    /// # Errors
    /// What the connection says.
    pub async fn fetch(
        connection: &mut Connection,
        names: Option<Names<'_>>,
    ) -> Result<Self, BackendError> {
        let rows = connection.query(b"SHOW WARNINGS").await?;
        Ok(Self::of_rows(rows, names))
    }

    /// What SHOW WARNINGS gave, with the names that the client knows.
    pub fn of_rows(rows: Vec<TextRow>, names: Option<Names<'_>>) -> Self {
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
                message: told.message,
            })
        });
        Self {
            conditions: conditions.collect(),
        }
    }

    /// These conditions.
    pub fn from_conditions(conditions: Vec<Condition>) -> Self {
        Self { conditions }
    }

    /// All of them.
    pub fn into_conditions(self) -> Vec<Condition> {
        self.conditions
    }

    /// Takes the conditions of another server too.
    pub fn extend(&mut self, more: Self) {
        self.conditions.extend(more.conditions);
    }

    /// All of them, or errors only.
    pub fn conditions(&self, errors_only: bool) -> impl Iterator<Item = &Condition> {
        self.conditions
            .iter()
            .filter(move |condition| !errors_only || condition.level == b"Error")
    }
}

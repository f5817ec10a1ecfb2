//! GET DIAGNOSTICS: what the session knows of the statement before, put into user variables by the
//! server that has them.

use std::io::Write as _;

use super::Condition;
use crate::error::MysqlError;
use crate::error::StageError;
use crate::parse::utility::{Diagnosed, GetDiagnostics};
use crate::plan::{PlanError, Unsupported};
use crate::session::failure::Failure;
use crate::session::state::Session;
use crate::session::statement::Statement;

impl Session {
    /// Carries GET DIAGNOSTICS out as a SET; says whether the rest of the command shall run.
    pub(in crate::session) async fn get_diagnostics(
        &mut self,
        wanted: Option<&GetDiagnostics>,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let wanted = wanted.ok_or_else(|| unsupported("this form of GET DIAGNOSTICS"))?;
        let text = self.assignments(wanted, statement)?;
        let before = std::mem::take(&mut self.diagnostics);
        let done = self.run_text(&text, statement).await?;
        if done {
            self.diagnostics = before;
        }
        Ok(done)
    }

    /// `SET @a = …, …` with the values.
    fn assignments(
        &self,
        wanted: &GetDiagnostics,
        statement: &Statement<'_>,
    ) -> Result<Vec<u8>, MysqlError> {
        let tokens = statement.tokens();
        let condition = match wanted.condition {
            None => None,
            Some(at) => {
                let number = std::str::from_utf8(tokens.text(at)).ok();
                let number = number.and_then(|number| number.parse::<usize>().ok());
                let found = number.and_then(|number| {
                    self.diagnostics
                        .conditions(false)
                        .nth(number.checked_sub(1)?)
                });
                Some(found.ok_or_else(|| {
                    unsupported("GET DIAGNOSTICS of a condition that is not there")
                })?)
            }
        };
        let mut sql = b"SET ".to_vec();
        for (at, (variable, what)) in wanted.items.iter().enumerate() {
            if at > 0 {
                sql.extend_from_slice(b", ");
            }
            sql.extend_from_slice(tokens.text(*variable));
            sql.extend_from_slice(b" = ");
            match condition {
                None => self.put_of_statement(*what, &mut sql)?,
                Some(condition) => put_of_condition(condition, *what, &mut sql)?,
            }
        }
        Ok(sql)
    }

    fn put_of_statement(&self, what: Diagnosed, sql: &mut Vec<u8>) -> Result<(), MysqlError> {
        let number = match what {
            Diagnosed::Number => {
                i128::try_from(self.diagnostics.conditions(false).count()).unwrap_or(0)
            }
            Diagnosed::RowCount => i128::from(self.state.row_count),
            _ => return Err(unsupported("this form of GET DIAGNOSTICS")),
        };
        // Writing to memory cannot fail.
        let _ = write!(sql, "{number}");
        Ok(())
    }
}

fn put_of_condition(
    condition: &Condition,
    what: Diagnosed,
    sql: &mut Vec<u8>,
) -> Result<(), MysqlError> {
    match what {
        Diagnosed::MysqlErrno => {
            let _ = write!(sql, "CAST({} AS UNSIGNED)", condition.code);
        }
        Diagnosed::MessageText => {
            put_text(&condition.message, sql);
        }
        Diagnosed::ReturnedSqlstate => match &condition.state {
            Some(state) => {
                put_text(&state.0, sql);
            }
            None => {
                return Err(unsupported(
                    "RETURNED_SQLSTATE of a warning in GET DIAGNOSTICS",
                ));
            }
        },
        // What no server fills in.
        Diagnosed::Empty => put_text(b"", sql),
        Diagnosed::Number | Diagnosed::RowCount => {
            return Err(unsupported("this form of GET DIAGNOSTICS"));
        }
    }
    Ok(())
}

/// In the character set in which servers say it.
fn put_text(text: &[u8], sql: &mut Vec<u8>) {
    let _ = write!(sql, "_utf8mb4 x'{}'", hex::encode(text));
}

fn unsupported(what: &str) -> MysqlError {
    PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
}

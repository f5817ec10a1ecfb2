//! SHOW WARNINGS, SHOW ERRORS, and how many there are.

use super::Condition;
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::Window;
use crate::parse::{Show, Utility};
use crate::session::failure::Failure;
use crate::session::local::More;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::wire::{ColumnFlags, ColumnType, TextColumn};

/// Whether a statement that the session carries out leaves the conditions of the one before: it asks for
/// them, or what it runs says of itself what it leaves.
pub(in crate::session) fn keeps_conditions(utility: &Utility) -> bool {
    matches!(
        utility,
        Utility::Show(
            Show::Warnings(_) | Show::Errors(_) | Show::CountWarnings | Show::CountErrors
        ) | Utility::GetDiagnostics(_)
            | Utility::Set(_)
            | Utility::Execute { .. }
            | Utility::ExecuteImmediate { .. }
    )
}

impl Session {
    /// SHOW WARNINGS, SHOW ERRORS.
    ///
    /// # Errors
    /// LIMIT is no number.
    pub(in crate::session) fn show_conditions(
        &mut self,
        errors_only: bool,
        window: Option<Window>,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let (offset, most) = match window {
            None => (0, usize::MAX),
            Some(window) => {
                let offset = window.offset.map(|at| number(statement, at)).transpose()?;
                (offset.unwrap_or(0), number(statement, window.count)?)
            }
        };
        let columns = self.condition_columns();
        let conditions = self.diagnostics.conditions(errors_only);
        let rows: Vec<_> = conditions.skip(offset).take(most).map(row).collect();
        self.reply_rows(&columns, &rows, statement.more);
        Ok(())
    }

    /// SHOW COUNT(*) WARNINGS, SHOW COUNT(*) ERRORS.
    pub(in crate::session) fn count_conditions(&mut self, errors_only: bool, more: More) {
        let (name, count) = match errors_only {
            true => ("@@session.error_count", self.diagnostics.errors()),
            false => ("@@session.warning_count", self.diagnostics.count()),
        };
        let rows = [vec![Some(count.to_string().into_bytes())]];
        let mut column = TextColumn::integer(name);
        column.flags |= ColumnFlags::UNSIGNED_FLAG;
        self.reply_rows(&[column], &rows, more);
    }

    /// The columns of SHOW WARNINGS, as the servers declare them: Level CHAR(7), Code INT UNSIGNED,
    /// Message CHAR(512).
    fn condition_columns(&self) -> [TextColumn; 3] {
        let (collation, bytes) = self.results_collation();
        // What stands for "no fixed number of decimals", and how many digits the code has.
        let (not_fixed, digits) = match self.flavor() {
            Some(Flavor::MariaDb) => (39, 4),
            Some(Flavor::MySql) | None => (31, 5),
        };
        let text = |name: &str, characters: u32| TextColumn {
            collation,
            length: characters * bytes,
            flags: ColumnFlags::NOT_NULL_FLAG,
            decimals: not_fixed,
            ..TextColumn::text(name)
        };
        let code = TextColumn {
            column_type: ColumnType::MYSQL_TYPE_LONG,
            length: digits,
            flags: ColumnFlags::NOT_NULL_FLAG
                | ColumnFlags::UNSIGNED_FLAG
                | ColumnFlags::BINARY_FLAG,
            ..TextColumn::integer("Code")
        };
        [text("Level", 7), code, text("Message", 512)]
    }
}

fn row(condition: &Condition) -> Vec<Option<Vec<u8>>> {
    vec![
        Some(condition.level.clone()),
        Some(condition.code.to_string().into_bytes()),
        Some(condition.message.clone()),
    ]
}

/// A number of LIMIT.
fn number(statement: &Statement<'_>, at: usize) -> Result<usize, MysqlError> {
    let text = std::str::from_utf8(statement.tokens().text(at)).ok();
    let found = text.and_then(|text| text.parse().ok());
    found.ok_or_else(|| {
        let message = "LIMIT needs a whole number";
        MysqlError::new(ErrorKind::WrongArguments, message)
    })
}

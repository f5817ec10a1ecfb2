//! DROP DATABASE of a name that is no schema: nothing is dropped, and with IF EXISTS a note says so.

use super::diagnostics::{Condition, Diagnostics};
use super::failure::Failure;
use super::state::Session;
use super::statement::Statement;
use crate::config::SchemaAccess;
use crate::error::{ErrorKind, MysqlError};
use crate::wire::{OkHeader, OkPacket, StatusFlags};

/// Whether a plan's refusal says that there is no such database to drop.
pub(super) fn is_unknown_database(error: &MysqlError) -> bool {
    error.code == ErrorKind::NoSuchDatabase.code().0
}

impl Session {
    /// Answers as MySQL does that has no such database; says whether the rest of the command shall run.
    ///
    /// # Errors
    /// `missing`, where the statement does not say IF EXISTS; 1044 for users who may not know which databases
    /// there are.
    pub(super) async fn drop_unknown(
        &mut self,
        statement: &Statement<'_>,
        missing: &MysqlError,
    ) -> Result<bool, Failure> {
        let tokens = statement.tokens();
        if !matches!(self.account.schemas, SchemaAccess::All) {
            let name = tokens.name(tokens.len().saturating_sub(1));
            let name = name.unwrap_or_default();
            self.shared
                .check_schema(&self.account, name.as_bytes(), self.host())?;
        }
        self.end_everywhere(true).await?;
        self.state.next_access = None;
        let lenient = ["DATABASE", "SCHEMA"]
            .iter()
            .any(|word| tokens.begins(&["DROP", word, "IF", "EXISTS"]));
        if !lenient {
            return Err(Failure::Error(missing.clone()));
        }
        let mut status = self.status();
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, statement.more.0);
        status.set(StatusFlags::SERVER_STATUS_DB_DROPPED, true);
        let ok = OkPacket {
            status,
            warnings: 1,
            ..OkPacket::default()
        };
        let capabilities = self.capabilities;
        self.client
            .queue_with(|out| ok.encode(out, capabilities, OkHeader::Ok));
        self.state.row_count = 0;
        let note = Condition {
            level: b"Note".to_vec(),
            code: missing.code,
            state: Some(missing.state),
            message: missing.message.clone(),
        };
        self.diagnostics = Diagnostics::of_several(vec![note], 1, self.most_conditions());
        Ok(true)
    }
}

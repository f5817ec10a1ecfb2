//! Replies of the proxy's own.

use super::diagnostics::Diagnostics;
use super::found_rows::Answered;
use super::state::Session;
use crate::error::MysqlError;
use crate::reply::put_end;
use crate::wire::{OkHeader, OkPacket, RowForm, StatusFlags, TextColumn, put_err, put_result};

/// What surrounds a reply: another statement of the same command may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct More(pub bool);

impl Session {
    /// Queues an OK packet.
    pub fn reply_ok(&mut self, more: More) {
        self.reply_ok_with(more, &[]);
    }

    /// Queues an OK packet with session changes, for clients that track them.
    pub fn reply_ok_with(&mut self, more: More, session_changes: &[u8]) {
        self.reply_ok_of(more, (session_changes, 0), b"");
    }

    /// Queues an OK packet with session changes, the number of warnings, and words for people.
    pub fn reply_ok_of(
        &mut self,
        more: More,
        (session_changes, warnings): (&[u8], u16),
        info: &[u8],
    ) {
        let ok = OkPacket {
            status: self.status_with(more),
            session_changes,
            warnings,
            info,
            ..OkPacket::default()
        };
        let capabilities = self.capabilities;
        self.client
            .queue_with(|out| ok.encode(out, capabilities, OkHeader::Ok));
        self.state.row_count = 0;
    }

    /// Queues the answer to COM_SET_OPTION: an EOF packet, in the form that was negotiated.
    pub fn reply_eof(&mut self) {
        let status = self.status();
        let capabilities = self.capabilities;
        self.client
            .queue_with(|out| put_end(out, (status, 0), capabilities));
    }

    /// Queues an ERR packet; SHOW WARNINGS will show it.
    pub fn reply_error(&mut self, error: &MysqlError) {
        self.client.queue_with(|out| put_err(out, error));
        self.state.row_count = -1;
        self.note_failed(error.code);
        self.diagnostics = Diagnostics::of_error(error);
    }

    /// Queues rows of our own.
    pub fn reply_rows(
        &mut self,
        columns: &[TextColumn],
        rows: &[Vec<Option<Vec<u8>>>],
        more: More,
    ) {
        let status = self.status_with(more);
        let mut sequence = self.client.sequence();
        let form = match self.binary_rows {
            true => RowForm::Binary,
            false => RowForm::Text,
        };
        put_result(
            self.client.output(),
            &mut sequence,
            (self.capabilities, form),
            columns,
            rows.iter().map(|row| row.iter().map(Option::as_deref)),
            status,
        );
        self.client.set_sequence(sequence);
        self.state.row_count = -1;
        self.note_found(Answered {
            rows: Some(rows.len() as u64),
            ..Answered::default()
        });
    }

    fn status_with(&self, more: More) -> StatusFlags {
        let mut status = self.status();
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more.0);
        status
    }
}

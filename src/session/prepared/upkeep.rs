//! COM_STMT_SEND_LONG_DATA, COM_STMT_RESET, COM_STMT_CLOSE.

use super::statements::{Prepared, command, unknown, wrong_arguments};
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::session::local::More;
use crate::session::state::Session;
use crate::wire::Reader;

impl Prepared {
    /// What was sent of a parameter.
    pub fn long_data(&self, at: usize) -> Option<&[u8]> {
        let sent = self.long_data.iter();
        let mut found = sent.filter(|(param, _)| usize::from(*param) == at);
        found.next().map(|(_, data)| data.as_slice())
    }

    /// Adds a piece to a parameter; the statement's pieces together may have `limit` bytes.
    fn add_piece(&mut self, (param, piece): (u16, &[u8]), limit: usize, flavor: Option<Flavor>) {
        if param >= self.params {
            let command = command("mysqld_stmt_send_long_data", flavor);
            self.long_error = Some(wrong_arguments(command));
            return;
        }
        let sent: usize = self.long_data.iter().map(|(_, data)| data.len()).sum();
        if sent.saturating_add(piece.len()) > limit {
            self.long_error = Some(too_long());
            return;
        }
        match self.long_data.iter_mut().find(|(known, _)| *known == param) {
            Some((_, data)) => data.extend_from_slice(piece),
            None => self.long_data.push((param, piece.to_vec())),
        }
    }
}

impl Session {
    /// COM_STMT_SEND_LONG_DATA, which has no reply: what is wrong is told at the execution.
    pub(in crate::session) fn stmt_long_data(&mut self, body: &[u8]) {
        let mut reader = Reader::new(body);
        let (Ok(number), Ok(param)) = (reader.u32(), reader.u16()) else {
            return;
        };
        let (limit, flavor) = (self.shared.limits.max_allowed_packet, self.flavor());
        if let Some(prepared) = self.statements.get_mut(number) {
            prepared.add_piece((param, reader.rest()), limit, flavor);
        }
    }

    /// COM_STMT_RESET.
    pub(in crate::session) async fn stmt_reset(&mut self, number: u32) {
        self.close_cursor(number).await;
        match self.statements.get_mut(number) {
            Some(prepared) => {
                prepared.long_data.clear();
                prepared.long_error = None;
                self.reply_ok(More(false));
            }
            None => {
                let error = unknown(number, "mysqld_stmt_reset", self.flavor());
                self.reply_error(&error);
            }
        }
    }

    /// COM_STMT_CLOSE, which has no reply.
    pub(in crate::session) async fn stmt_close(&mut self, number: u32) {
        self.statements.remove(number);
        self.close_cursor(number).await;
    }
}

fn too_long() -> MysqlError {
    MysqlError::new(
        ErrorKind::Internal,
        "Parameter of prepared statement which is set through mysql_send_long_data() is longer \
         than 'max_allowed_packet' bytes",
    )
}

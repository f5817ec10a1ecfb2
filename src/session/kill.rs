//! KILL and SHOW PROCESSLIST: sessions among themselves.

use super::local::More;
use super::registry::{SessionHandle, SessionId};
use super::state::Session;
use crate::error::{ErrorKind, MysqlError};
use crate::net::Signal;
use crate::wire::TextColumn;

/// Most bytes of a statement that SHOW PROCESSLIST shows without FULL.
const SHORT_INFO: usize = 100;

/// Whose sessions may be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The user's.
    Own,
    /// All.
    Anyones,
}

impl Session {
    /// KILL [QUERY | CONNECTION] and COM_PROCESS_KILL. Everybody may end their own sessions;
    /// SHARDWELL KILL those of others.
    ///
    /// # Errors
    /// 1094 for an unknown id, 1095 for somebody else's.
    pub fn kill(&self, id: u64, query_only: bool, whose: Whose) -> Result<(), MysqlError> {
        let found = u32::try_from(id)
            .ok()
            .and_then(|id| self.shared.registry.get(SessionId(id)));
        let Some(handle) = found else {
            return Err(MysqlError::new(
                ErrorKind::NoSuchThread,
                format!("Unknown thread id: {id}"),
            ));
        };
        let own = handle.user().as_deref() == Some(&self.account.name);
        if whose == Whose::Own && !own {
            return Err(MysqlError::new(
                ErrorKind::KillDenied,
                format!("You are not owner of thread {id}"),
            ));
        }
        handle.watch.send(if query_only {
            Signal::KillQuery
        } else {
            Signal::KillConnection
        });
        Ok(())
    }

    /// Carries a KILL out and answers it.
    pub fn kill_session(&mut self, id: u64, query_only: bool) {
        match self.kill(id, query_only, Whose::Own) {
            Ok(()) => self.reply_ok(More(false)),
            Err(error) => self.reply_error(&error),
        }
    }

    /// SHOW [FULL] PROCESSLIST: the user's own sessions.
    pub fn show_processlist(&mut self, full: bool, more: More) {
        let columns = [
            TextColumn::integer("Id"),
            TextColumn::text("User"),
            TextColumn::text("Host"),
            TextColumn::text("db"),
            TextColumn::text("Command"),
            TextColumn::integer("Time"),
            TextColumn::text("State"),
            TextColumn::text("Info"),
        ];
        let now = self.handle.watch.now();
        let sessions = self.shared.registry.list().into_iter();
        let own = sessions.filter(|session| session.user().as_deref() == Some(&self.account.name));
        let rows: Vec<Vec<Option<Vec<u8>>>> = own
            .map(|session| {
                let activity = session.activity();
                let info = activity.running.then(|| {
                    let mut statement = activity.statement;
                    if !full {
                        statement.truncate(SHORT_INFO);
                    }
                    statement
                });
                let command = if info.is_some() { "Query" } else { "Sleep" };
                vec![
                    Some(session.id.0.to_string().into_bytes()),
                    Some(self.account.name.clone().into_bytes()),
                    Some(session.peer.clone().into_bytes()),
                    activity.schema.map(String::into_bytes),
                    Some(command.as_bytes().to_vec()),
                    Some(activity.since.until(now).as_secs().to_string().into_bytes()),
                    Some(state_of(&session).into_bytes()),
                    info,
                ]
            })
            .collect();
        self.reply_rows(&columns, &rows, more);
    }
}

/// What a session is in the midst of; empty: nothing worth telling.
fn state_of(session: &SessionHandle) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    match session.loading.seen() {
        (0, _) => String::new(),
        (bytes, 0) => format!("loading: {:.1} MiB", bytes as f64 / MIB),
        (bytes, rows) => format!("loading: {:.1} MiB, {rows} rows", bytes as f64 / MIB),
    }
}

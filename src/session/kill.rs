//! KILL and SHOW PROCESSLIST: sessions among themselves.

use super::local::More;
use super::registry::{SessionHandle, SessionId};
use super::state::{Session, name_of};
use crate::error::{ErrorKind, MysqlError};
use crate::net::Signal;
use crate::rewrite::SessionRow;
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
        let most = if full { usize::MAX } else { SHORT_INFO };
        let sessions = self.sessions_shown(most).into_iter();
        let bytes = |text: String| Some(text.into_bytes());
        let rows: Vec<Vec<Option<Vec<u8>>>> = sessions
            .map(|session| {
                vec![
                    bytes(session.id.to_string()),
                    bytes(session.user),
                    bytes(session.host),
                    session.schema.and_then(bytes),
                    bytes(session.command.to_owned()),
                    bytes(session.time.to_string()),
                    bytes(session.state),
                    session.info.and_then(bytes),
                ]
            })
            .collect();
        self.reply_rows(&columns, &rows, more);
    }

    /// The user's own sessions, with at most so many bytes of their statements.
    pub(super) fn sessions_shown(&self, most: usize) -> Vec<SessionRow> {
        let now = self.handle.watch.now();
        let sessions = self.shared.registry.list().into_iter();
        let own = sessions.filter(|session| session.user().as_deref() == Some(&self.account.name));
        let rows = own.map(|session| {
            let activity = session.activity();
            let info = activity.running.then(|| {
                let statement = activity.statement.get(..most);
                name_of(statement.unwrap_or(&activity.statement))
            });
            SessionRow {
                id: session.id.0,
                user: self.account.name.clone(),
                host: session.peer.clone(),
                schema: activity.schema,
                command: if info.is_some() { "Query" } else { "Sleep" },
                time: activity.since.until(now).as_secs(),
                state: state_of(&session),
                info,
            }
        });
        rows.collect()
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

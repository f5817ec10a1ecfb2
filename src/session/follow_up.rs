//! What the proxy asks of a connection behind a statement, before others use it: the conditions,
//! what SET has set, and the counts that the answer did not tell.

use super::diagnostics::Diagnostics;
use super::request::Request;
use super::shard_query::ShardQuery;
use super::state::Session;
use crate::backend::{BackendError, Connection};
use crate::execute::Summary;
use crate::reply::Names;
use crate::wire::StatusFlags;

impl Session {
    /// Asks what must be asked. The conditions come first: every further statement forgets them.
    ///
    /// # Errors
    /// What the connection says; what it carries is then not known.
    pub(super) async fn follow_up(
        &mut self,
        connection: &mut Connection,
        query: &ShardQuery<'_>,
        names: Option<Names<'_>>,
        summary: &Summary,
    ) -> Result<(), BackendError> {
        if let Some(error) = &summary.error {
            self.diagnostics = Diagnostics::fetch_failed(connection, names, error).await?;
            if query.leaves_counts {
                self.fetch_counts(connection, true, summary).await?;
            }
            return Ok(());
        }
        if summary.warnings > 0 {
            let count = (u64::from(summary.warnings), query.leaves_counts);
            self.diagnostics = Diagnostics::fetch(connection, names, count).await?;
        }
        if let Request::Set { read_back, .. } = &query.request {
            self.note_set(connection, read_back).await?;
        }
        // The insert id of an answer may be one that the statement wrote itself, which
        // LAST_INSERT_ID() does not give.
        if summary.last_insert_id != 0 || query.leaves_counts {
            self.fetch_counts(connection, query.leaves_counts, summary)
                .await?;
        }
        if self.hides_transaction(query, summary) {
            // Whatever completion_type says.
            let sql = b"COMMIT AND NO CHAIN NO RELEASE";
            connection.query(sql).await?;
        }
        Ok(())
    }

    /// Whether a statement without autocommit may have left a transaction of which no status tells: a
    /// table that knows none (MyISAM) stays locked against changes of its definition until a COMMIT.
    pub(super) fn hides_transaction(&self, query: &ShardQuery<'_>, summary: &Summary) -> bool {
        query.transactional
            && !self.state.autocommit()
            && !summary.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS)
    }

    async fn fetch_counts(
        &mut self,
        connection: &mut Connection,
        whole: bool,
        summary: &Summary,
    ) -> Result<(), BackendError> {
        // The session's sql_select_limit may be 0: only a limit of its own overrides it.
        let sql: &[u8] = if whole {
            b"SELECT LAST_INSERT_ID(), FOUND_ROWS() LIMIT 1"
        } else {
            b"SELECT LAST_INSERT_ID() LIMIT 1"
        };
        let row = connection.query(sql).await?.into_iter().next();
        let mut counts = row.unwrap_or_default().into_iter();
        let mut count = || -> Option<u64> {
            let text = counts.next()??;
            std::str::from_utf8(&text).ok()?.parse().ok()
        };
        // Before a statement that leaves counts the connection was given the session's id; before
        // others it may hold another session's, so that only the id of the answer is believed.
        if let Some(id) = count().filter(|id| whole || *id == summary.last_insert_id) {
            self.state.last_insert_id = id;
        }
        if let Some(rows) = count().filter(|_| whole) {
            let flavor = self.flavor();
            self.state.found.asked(flavor, rows, summary);
        }
        Ok(())
    }
}

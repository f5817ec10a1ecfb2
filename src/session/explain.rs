//! EXPLAIN FORMAT=SHARDWELL: the explanation as rows.

use super::failure::Failure;
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use crate::explain::{Question, planned};
use crate::route::Variables;
use crate::wire::TextColumn;

/// Longest text of a line that a client may make room for, in bytes.
const DETAIL_BYTES: u32 = 1 << 24;

impl Session {
    /// Explains the statement that begins at the token `first`.
    pub(super) async fn explain(
        &mut self,
        first: usize,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let start = statement.digest.tokens.get(first);
        let start = start.map_or(statement.start, |token| token.start as usize);
        let sql = statement.sql.get(start..statement.digest.end);
        let sql = sql.unwrap_or_default();
        let schema = self.state.schema.clone();
        let temporary = self.temporary.clone();
        let question = Question {
            read: self.account.read,
            inside: self.transaction.is_active() || !self.state.autocommit(),
            sql,
            mode: self.state.text.lex,
            charset: self.state.text.charset,
            schema: schema.as_deref(),
            topology: &snapshot.topology,
            router: &snapshot.router,
            gather: self.shared.limits.gather,
            hint: None,
            temporary: &temporary,
        };
        let Some(unruled) = planned(&question) else {
            return self.nothing(statement).await;
        };
        let hint = self.hint_for((snapshot, unruled.plan()), unruled.tokens());
        let question = Question {
            hint: hint.as_deref(),
            ..question
        };
        let ruled = hint.as_ref().and_then(|_| planned(&question));
        let planned = ruled.unwrap_or(unruled);
        self.check_reach(&planned.plan().reach, &snapshot.topology)?;
        let variables = match planned.plan().uses_pinned_state {
            true => self.user_variables(planned.plan()).await?,
            false => Variables::default(),
        };
        let detail = TextColumn {
            length: DETAIL_BYTES,
            ..TextColumn::text("detail")
        };
        let lines = planned.explain(&variables).into_iter();
        let rows: Vec<_> = lines
            .map(|line| vec![Some(line.what.into_bytes()), Some(line.detail.into_bytes())])
            .collect();
        self.reply_rows(&[TextColumn::text("what"), detail], &rows, statement.more);
        Ok(true)
    }
}

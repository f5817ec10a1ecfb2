//! EXPLAIN FORMAT=SHARDWELL: the explanation as rows.

use super::query::Statement;
use super::run::Failure;
use super::shared::Snapshot;
use super::state::Session;
use crate::explain::{Question, explain};
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
        let mut explained = explain(&self.question(sql, snapshot, &Variables::default()));
        if let Some(explanation) = explained.take_if(|e| e.plan.uses_pinned_state) {
            let variables = self.user_variables(&explanation.plan).await?;
            explained = explain(&self.question(sql, snapshot, &variables));
        }
        let Some(explanation) = explained else {
            return self.nothing(statement).await;
        };
        self.check_reach(&explanation.plan.reach, &snapshot.topology)?;
        let detail = TextColumn {
            length: DETAIL_BYTES,
            ..TextColumn::text("detail")
        };
        let lines = explanation.lines.into_iter();
        let rows: Vec<_> = lines
            .map(|line| vec![Some(line.what.into_bytes()), Some(line.detail.into_bytes())])
            .collect();
        self.reply_rows(&[TextColumn::text("what"), detail], &rows, statement.more);
        Ok(true)
    }

    fn question<'q>(
        &'q self,
        sql: &'q [u8],
        snapshot: &'q Snapshot,
        variables: &'q Variables,
    ) -> Question<'q> {
        Question {
            sql,
            mode: self.state.text.lex,
            charset: self.state.text.charset,
            schema: self.state.schema.as_deref(),
            topology: &snapshot.topology,
            router: &snapshot.router,
            variables,
        }
    }
}

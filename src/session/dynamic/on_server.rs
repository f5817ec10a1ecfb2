//! EXECUTE by the server itself: for parameters of which only it knows the types.
//!
//! The session's user variables are on one connection, where the text is prepared under a name of the
//! proxy's own and executed with them.

use super::unsupported;
use crate::backend::Wanted;
use crate::error::MysqlError;
use crate::net::Interest;
use crate::parse::Multibyte;
use crate::plan::{Action, Plan};
use crate::session::command_phase::End;
use crate::session::connection_phase::wants_found_rows;
use crate::session::failure::Failure;
use crate::session::limits::Stage;
use crate::session::prepared::{ShardText, Template};
use crate::session::request::Request;
use crate::session::shard_query::{ShardQuery, Target};
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

/// What a server calls the text; the next one takes its place.
const NAME: &str = "`shardwell$text`";

const MOVED: &str = "EXECUTE of an INSERT … SELECT that moves rows, with a parameter that is computed with, \
                     or whose type is not known";

impl Session {
    pub(super) async fn execute_on_server(
        &mut self,
        template: &Template,
        using: &[usize],
        outer: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let statement = Statement {
            sql: &template.sql,
            digest: &template.digest,
            start: 0,
            ..*outer
        };
        let (snapshot, plan) = Box::pin(self.plan_of(&statement)).await;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        match &plan.action {
            Action::Generate(generate) => return Err(Failure::Error(generate.refusal())),
            Action::Move(_) => return Err(Failure::Error(unsupported(MOVED))),
            Action::Picked(picked) => return Err(Failure::Error(picked.refusal())),
            Action::Rekey(rekey) => return Err(Failure::Error(rekey.refusal())),
            Action::Load(_) => return Err(Failure::Error(MysqlError::stale())),
            _ => {}
        }
        let mut permit = self.admit((&snapshot, &plan), &statement, Stage::Run)?;
        self.quota = permit.take_quota();
        self.state.found.begin(plan.found_rows);
        let (statement, plan) = match permit.hint() {
            None => (statement, plan),
            Some(hint) => {
                let hinted = statement.hinted(hint);
                (hinted, self.plan_in(&snapshot, &hinted))
            }
        };
        if !on_one(&snapshot, &plan) || template.text.lex.multibyte != Multibyte::None {
            let what = "EXECUTE over several shards with a parameter that is computed with or shown, or \
                        whose type is not known";
            return Err(Failure::Error(unsupported(what)));
        }
        let planned = (&*snapshot, &*plan);
        let (target, part) = self.place_to_prepare(planned.0, planned.1, &statement)?;
        let text = self.shard_text(planned, &statement, (target, part), template)?;
        self.prepare_there(&target, &text, template).await?;
        let tokens = outer.tokens();
        let mut sql = format!("EXECUTE {NAME} USING ").into_bytes();
        for (number, at) in using.iter().enumerate() {
            sql.extend_from_slice(if number > 0 { b", " } else { b"" });
            sql.extend_from_slice(tokens.text(*at));
        }
        let query = ShardQuery {
            uses_pinned_state: true,
            qualified: text.database.is_none(),
            ..query(&plan, &sql)
        };
        let summary = self.run(&target, &query, outer.more).await?;
        self.note_temporary(planned, target.shard, &summary);
        if plan.changes_tables || summary.error.is_some() {
            self.note_outcome(planned, &statement, &summary).await;
        }
        Ok(summary.error.is_none())
    }

    /// Has the connection with the session's variables prepare a text.
    async fn prepare_there(
        &mut self,
        target: &Target<'_>,
        text: &ShardText,
        template: &Template,
    ) -> Result<(), Failure> {
        let pinned = self.held.pinned().filter(|at| *at == target.replica_set);
        let Some(mut backend) = pinned.and_then(|at| self.held.take(at)) else {
            let what = "EXECUTE with a user variable of another replica set, or of none";
            return Err(Failure::Error(unsupported(what)));
        };
        let wanted = Wanted {
            database: text.database.as_deref(),
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let mut sql = format!("PREPARE {NAME} FROM ").into_bytes();
        super::values::put_quoted(&mut sql, &text.sql, template.text.lex.no_backslash_escapes);
        let connection = &mut backend.connection;
        let prepared = async {
            connection.prepare(&wanted, &[]).await?;
            connection.query(&sql).await
        };
        let limit = Some(self.shared.limits.handshake);
        let prepared = self
            .handle
            .watch
            .guard(limit, Interest::STATEMENT, prepared);
        match prepared.await {
            Ok(Ok(_)) => {
                self.held.settle(backend);
                Ok(())
            }
            Ok(Err(error @ crate::backend::BackendError::Setup(_))) => {
                self.held.settle(backend);
                Err(Failure::from(&error))
            }
            Ok(Err(_)) | Err(_) => Err(Failure::End(End::Broken)),
        }
    }
}

/// What a statement of the plan does, as `sql` says it.
pub(super) fn query<'q>(plan: &'q Plan, sql: &'q [u8]) -> ShardQuery<'q> {
    let attributes = b"";
    ShardQuery::of(plan, Request::Query { sql, attributes })
}

/// Whether one server has all that the statement needs, whatever its parameters are.
fn on_one(snapshot: &Snapshot, plan: &Plan) -> bool {
    match &plan.action {
        Action::Sharded { table, .. } => snapshot.router.nodes(*table).len() == 1,
        Action::Copies(shards) => shards.len() == 1,
        Action::Single(_) | Action::Any(_) => true,
        _ => false,
    }
}

//! The way of a statement: parse → plan → route → rewrite → execute → reply, on one screen.

use std::pin::pin;
use std::sync::Arc;

use super::command_phase::End;
use super::local::More;
use super::refresh::RefreshError;
use super::request::Request;
use super::run::{Failure, ShardQuery, Target};
use super::scatter::Scattered;
use super::shared::Snapshot;
use super::state::Session;
use crate::backend::Flavor;
use crate::backend::catalog::TableName;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::Summary;
use crate::parse::{self, Digest, LexMode, Tokens};
use crate::plan::{self, Access, Action, Edit, Plan, PlanError, Replacement, Unsupported};
use crate::rewrite::{self, Values};
use crate::route::key::LiteralContext;
use crate::route::{DataNode, Literals, Route, Variables};
use crate::wire::QueryCommand;

/// How old the tables' list may be when a table is not in it.
const FRESH: std::time::Duration = std::time::Duration::from_secs(1);

/// One statement of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    /// Its bytes, and those of its siblings before and behind it.
    pub sql: &'a [u8],
    /// Where it and its literals are.
    pub digest: &'a Digest,
    /// Where it begins.
    pub start: usize,
    /// The client's query attributes.
    pub attributes: &'a [u8],
    /// Whether another statement follows it.
    pub more: More,
    /// The settings under which it was read.
    pub mode: LexMode,
}

impl<'a> Statement<'a> {
    /// Its own bytes.
    pub fn text(&self) -> &'a [u8] {
        self.sql
            .get(self.start..self.digest.end)
            .unwrap_or_default()
    }

    /// Whether there is anything but blanks in it.
    fn has_comment(&self) -> bool {
        let end = self.digest.next.unwrap_or(self.sql.len());
        let text = self.sql.get(self.start..end).unwrap_or_default();
        text.iter()
            .any(|byte| !byte.is_ascii_whitespace() && *byte != b';')
    }

    /// Its tokens.
    pub fn tokens(&self) -> Tokens<'a> {
        Tokens::new(self.sql, self.digest)
    }
}

impl Session {
    /// COM_QUERY: one statement, or several.
    pub async fn query(&mut self, command: QueryCommand<'_>) -> Result<(), End> {
        self.handle.begin(command.sql);
        let mut scratch = self.shared.take_scratch();
        let result = pin!(self.statements(command, &mut scratch.0)).await;
        self.shared.give_scratch(scratch);
        self.handle.end();
        result
    }

    async fn statements(
        &mut self,
        command: QueryCommand<'_>,
        digest: &mut Digest,
    ) -> Result<(), End> {
        let mut start = 0;
        loop {
            let done = match self.scan(command.sql, start, digest) {
                Err(unreadable) => {
                    let span = (start, command.sql.len());
                    let error = Box::pin(self.syntax_error(command.sql, span, unreadable));
                    Err(Failure::Error(error.await))
                }
                Ok(()) => {
                    let statement = Statement {
                        sql: command.sql,
                        digest,
                        start,
                        attributes: command.attributes,
                        more: More(digest.next.is_some()),
                        mode: self.state.text.lex,
                    };
                    pin!(self.statement(&statement)).await
                }
            };
            match done {
                Ok(true) => {}
                // The server's own error has reached the client already.
                Ok(false) => return Ok(()),
                Err(Failure::Error(error)) => {
                    self.reply_error(&error);
                    return Ok(());
                }
                Err(Failure::End(end)) => return Err(end),
            }
            match digest.next {
                None => return Ok(()),
                Some(next) => start = next,
            }
        }
    }

    fn scan(&self, sql: &[u8], start: usize, digest: &mut Digest) -> Result<(), MysqlError> {
        let mode = self.state.text.lex;
        let context = self.state.plan_context;
        parse::scan(sql, start, mode, self.shared.seed, context, digest)
            .map_err(|error| error.to_mysql())?;
        match digest.next {
            Some(next) if !self.state.multi_statements => {
                let near = sql.get(next..).unwrap_or_default();
                if !self.is_comment(near) {
                    return Err(syntax_error(near));
                }
                digest.next = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// Scans a text that must be one statement.
    pub(super) fn scan_alone(&self, sql: &[u8], digest: &mut Digest) -> Result<(), MysqlError> {
        self.scan(sql, 0, digest)?;
        match digest.next.take() {
            Some(next) => {
                let near = sql.get(next..).unwrap_or_default();
                match self.is_comment(near) {
                    true => Ok(()),
                    false => Err(syntax_error(near)),
                }
            }
            None => Ok(()),
        }
    }

    /// Whether there is no token in the text.
    fn is_comment(&self, text: &[u8]) -> bool {
        let mode = self.state.text.lex;
        let mut digest = Digest::default();
        parse::scan(text, 0, mode, self.shared.seed, 0, &mut digest).is_ok()
            && digest.tokens.is_empty()
    }

    /// One statement; says whether the rest of the command shall run.
    async fn statement(&mut self, statement: &Statement<'_>) -> Result<bool, Failure> {
        self.shared.count_question();
        let snapshot = self.shared.snapshot();
        let snapshot: Arc<Snapshot> = Arc::clone(&snapshot);
        let (snapshot, plan) = match snapshot.plans.get(statement.digest.hash) {
            Some(plan) => (snapshot, plan),
            None => Box::pin(self.make_plan(snapshot, statement)).await,
        };
        self.check_reach(&plan.reach, &snapshot.topology)?;
        self.check_found_rows(&plan)?;
        match &plan.action {
            Action::Utility(utility) => {
                return Box::pin(self.utility(utility, &plan, &snapshot, statement)).await;
            }
            Action::Explain { first } => {
                return Box::pin(self.explain(*first, &snapshot, statement)).await;
            }
            Action::Nothing => return Box::pin(self.nothing(statement)).await,
            Action::Refuse(_) if let Some(Ok(gather)) = &plan.gather => {
                return Box::pin(self.gather(&snapshot, (&plan, gather), statement)).await;
            }
            Action::Unreadable(error) => {
                let span = (statement.start, statement.digest.end);
                let error = Box::pin(self.syntax_error(statement.sql, span, error.clone()));
                return Err(Failure::Error(error.await));
            }
            _ => {}
        }
        let literals = Literals {
            digest: statement.digest,
            text: statement.sql,
            context: LiteralContext {
                mode: self.state.text.lex,
                charset: self.state.text.charset,
            },
            params: crate::route::Params::default(),
        };
        let variables = if plan.uses_pinned_state {
            Box::pin(self.user_variables(&plan)).await?
        } else {
            Variables::default()
        };
        let route = snapshot.router.route_with(&plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        pin!(self.run_routed(&snapshot, &plan, &route, statement)).await
    }

    /// FOUND_ROWS() is not guessed.
    pub(super) fn check_found_rows(&self, plan: &Plan) -> Result<(), Failure> {
        let reads = |edit: &Edit| edit.with == Replacement::FoundRows;
        if !self.state.skipped_rows || !plan.edits.iter().any(reads) {
            return Ok(());
        }
        let what = "FOUND_ROWS() after a SELECT with OFFSET and without SQL_CALC_FOUND_ROWS";
        let what = Unsupported::Statement(what.to_owned());
        Err(Failure::Error(PlanError::from(what).to_mysql()))
    }

    /// As MySQL has it: a comment is a statement that does nothing, blanks are an error.
    pub(super) async fn nothing(&mut self, statement: &Statement<'_>) -> Result<bool, Failure> {
        if statement.text().is_empty() && !statement.has_comment() {
            let empty = MysqlError::new(ErrorKind::EmptyQuery, "Query was empty");
            if !statement.more.0 {
                return Err(Failure::Error(empty));
            }
            // A semicolon with nothing before it is a syntax error, not an empty statement.
            let span = (statement.start, statement.sql.len());
            let error = self.syntax_error(statement.sql, span, empty).await;
            return Err(Failure::Error(error));
        }
        self.reply_ok(statement.more);
        Ok(true)
    }

    /// A new plan. A table or function that is not known may have been
    /// made behind the proxy's back: the servers are looked at again first.
    async fn make_plan(
        &self,
        snapshot: Arc<Snapshot>,
        statement: &Statement<'_>,
    ) -> (Arc<Snapshot>, Arc<Plan>) {
        let plan = self.build_plan(&snapshot, statement);
        if !is_unknown_table(&plan) && !plan.calls_unknown {
            return (snapshot, plan);
        }
        match self.look_for_new(is_unknown_table(&plan)).await {
            Ok(true) => {
                let fresh = Arc::clone(&self.shared.snapshot());
                let plan = self.build_plan(&fresh, statement);
                (fresh, plan)
            }
            Ok(false) => {
                // Somebody else may have looked meanwhile.
                let newest = Arc::clone(&self.shared.snapshot());
                if Arc::ptr_eq(&newest, &snapshot) {
                    return (snapshot, plan);
                }
                let plan = self.build_plan(&newest, statement);
                (newest, plan)
            }
            Err(error) => {
                tracing::warn!(%error, "cannot look for a new table or function");
                (snapshot, plan)
            }
        }
    }

    /// Looks for a table, else for a function, that may be new.
    async fn look_for_new(&self, table: bool) -> Result<bool, RefreshError> {
        let (shared, refresher) = (&self.shared, &self.shared.refresher);
        if table {
            Box::pin(refresher.refresh(shared, FRESH)).await
        } else {
            Box::pin(refresher.refresh_functions(shared, FRESH)).await
        }
    }

    fn build_plan(&self, snapshot: &Snapshot, statement: &Statement<'_>) -> Arc<Plan> {
        let plan = plan::build(&plan::Request {
            tokens: statement.tokens(),
            mode: statement.mode,
            topology: &snapshot.topology,
            schema: self.state.schema.as_deref(),
        });
        if is_unknown_table(&plan) {
            return Arc::new(plan);
        }
        let digest = statement.digest;
        snapshot
            .plans
            .insert(digest.hash, digest.normal.len(), plan)
    }

    /// Runs a statement on the shard that its route names.
    pub(super) async fn run_routed(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
        route: &Route,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if let Some(nodes) = several(snapshot, plan, route) {
            return Box::pin(self.run_several((snapshot, plan), nodes, statement)).await;
        }
        let (target, part) = self.target(snapshot, plan, route)?;
        if plan.commits && self.transaction.is_beyond(target.replica_set) {
            Box::pin(self.end_everywhere(true)).await?;
        }
        let mut room = std::mem::take(&mut self.spliced);
        let text = self.rewrite((snapshot, plan), statement, (target, part), &mut room)?;
        let query = ShardQuery {
            request: Request::Query {
                sql: text,
                attributes: statement.attributes,
            },
            qualified: plan.qualified,
            read_only: plan.access == Access::Read,
            transactional: plan.transactional,
            needs_last_insert_id: plan.needs_last_insert_id,
            leaves_counts: plan.leaves_counts,
            pin: plan.pin,
            uses_pinned_state: plan.uses_pinned_state,
        };
        let summary = pin!(self.run(&target, &query, statement.more)).await?;
        self.keep_spliced(room);
        self.state.skipped_rows |= plan.skips_rows && summary.error.is_none();
        if plan.changes_tables || summary.error.is_some() {
            Box::pin(self.note_outcome((snapshot, plan), statement, &summary)).await;
        }
        Ok(summary.error.is_none())
    }

    /// What an outcome says of tables and plans; says whether the statement must be planned anew.
    pub(super) async fn note_outcome(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
        summary: &Summary,
    ) -> bool {
        match &summary.error {
            None if plan.changes_tables => {
                self.look_again(snapshot, statement).await;
                false
            }
            // Behind the proxy's back it may come to exist: the next call shall be planned anew.
            Some(error) if error.code == ErrorKind::DoesNotExist.code().0 => {
                snapshot.plans.remove(statement.digest.hash);
                true
            }
            _ => false,
        }
    }

    /// The plan of a statement, and the snapshot that it belongs to.
    pub(super) async fn plan_of(&self, statement: &Statement<'_>) -> (Arc<Snapshot>, Arc<Plan>) {
        let snapshot = Arc::clone(&self.shared.snapshot());
        match snapshot.plans.get(statement.digest.hash) {
            Some(plan) => (snapshot, plan),
            None => self.make_plan(snapshot, statement).await,
        }
    }

    pub(super) fn rewrite<'s>(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'s>,
        (target, part): (Target<'_>, u32),
        room: &'s mut Vec<u8>,
    ) -> Result<&'s [u8], Failure> {
        let values = self.values((snapshot, plan), (target, part));
        let (sql, digest) = (statement.sql, statement.digest);
        rewrite::splice(sql, statement.start, digest, &plan.edits, &values, room)
            .map_err(|error| Failure::from(&error))
    }

    /// What the text's edits put in.
    pub(super) fn values<'v>(
        &'v self,
        (snapshot, plan): (&'v Snapshot, &'v Plan),
        (target, part): (Target<'v>, u32),
    ) -> Values<'v> {
        Values {
            database: target.names.map(|names| names.physical).unwrap_or_default(),
            part,
            topology: &snapshot.topology,
            schema: self.state.schema.as_deref(),
            gathered: &[],
            connection_id: self.handle.id.0,
            row_count: self.state.row_count,
            found_rows: self.state.found_rows,
            repeated: &plan.edits,
            mariadb: self.flavor() == Some(Flavor::MariaDb),
        }
    }

    /// Runs a statement that several data nodes must carry out together.
    async fn run_several(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        nodes: &[DataNode],
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        match &plan.write {
            Some(Ok(write)) => {
                return self
                    .run_written((snapshot, plan), write, nodes, statement)
                    .await;
            }
            Some(Err(reason)) => {
                let what = Unsupported::Unsplit {
                    reason: *reason,
                    nodes: nodes.len(),
                };
                return Err(Failure::Error(PlanError::from(what).to_mysql()));
            }
            None => {}
        }
        match (&plan.scatter, &plan.gather) {
            _ if let Some(scatter) = plan.merged() => {
                let plans = (snapshot, plan);
                let done = self.run_scattered(plans, scatter, nodes, (statement, None));
                let done = done.await?;
                match (done, &plan.gather) {
                    (Scattered::Answered, _) => Ok(true),
                    (Scattered::Unmergeable(_), Some(Ok(gather))) => {
                        self.gather(snapshot, (plan, gather), statement).await
                    }
                    (Scattered::Unmergeable(error), _) => Err(Failure::Error(error)),
                }
            }
            (_, Some(Ok(gather))) => self.gather(snapshot, (plan, gather), statement).await,
            (_, Some(Err(error))) => Err(Failure::Error(error.clone())),
            (Some(Err(reason)), None) => {
                let what = Unsupported::Unmerged {
                    reason: *reason,
                    nodes: nodes.len(),
                };
                Err(Failure::Error(PlanError::from(what).to_mysql()))
            }
            (_, None) => {
                let shards = nodes.iter().map(|node| node.shard);
                Err(Failure::Error(plan::many_nodes(&snapshot.topology, shards)))
            }
        }
    }

    /// A definition went through: what it made must be found.
    async fn look_again(&self, snapshot: &Snapshot, statement: &Statement<'_>) {
        let (topology, schema) = (&snapshot.topology, self.state.schema.as_deref());
        let changed = plan::changed_tables(statement.tokens(), topology, schema);
        let refresher = &self.shared.refresher;
        let refreshed = if changed.is_empty() {
            let always = std::time::Duration::ZERO;
            refresher.refresh(&self.shared, always).await.map(|_| ())
        } else {
            let name = |(schema, table)| TableName { schema, table };
            let changed: Vec<TableName> = changed.into_iter().map(name).collect();
            refresher.tables_changed(&self.shared, &changed).await
        };
        if let Err(error) = refreshed {
            tracing::warn!(%error, "cannot read the tables from the servers");
        }
    }
}

/// The data nodes of a statement that needs several and may have them.
pub(super) fn several<'r>(
    snapshot: &'r Snapshot,
    plan: &Plan,
    route: &'r Route,
) -> Option<&'r [DataNode]> {
    let nodes = match route {
        Route::Many(nodes) => nodes.as_slice(),
        Route::All(table) => snapshot.router.nodes(*table),
        Route::Single(_) | Route::NoMatch(_) | Route::Any(_) => return None,
    };
    let together = plan.scatter.is_some() || plan.write.is_some();
    (together && !plan.hints.one_node).then_some(nodes)
}

fn is_unknown_table(plan: &Plan) -> bool {
    let unknown = ErrorKind::NoSuchTable.code().0;
    matches!(&plan.action, Action::Refuse(error) if error.code == unknown)
}

/// What MySQL says of text behind a statement's end.
fn syntax_error(near: &[u8]) -> MysqlError {
    const SHOWN: usize = 80;
    let near = near.get(..SHOWN).unwrap_or(near);
    MysqlError::new(
        ErrorKind::Syntax,
        format!(
            "You have an error in your SQL syntax; check the manual that corresponds to your \
             MySQL server version for the right syntax to use near '{}' at line 1",
            String::from_utf8_lossy(near)
        ),
    )
}

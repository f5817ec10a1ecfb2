//! The way of a statement: parse → plan → route → rewrite → execute → reply, on one screen.

use std::pin::pin;

use super::command_phase::End;
use super::drop_unknown::is_unknown_database;
use super::failure::Failure;
use super::gather::Asked;
use super::local::More;
use super::prepared::Bindings;
use super::request::Request;
use super::scatter::Scattered;
use super::shard_query::{ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::parse::{self, Digest};
use crate::plan::{self, Action, Gather, Plan, PlanError, Unsupported, Write};
use crate::rewrite::{self, Values};
use crate::route::{DataNode, Route, Variables};
use crate::telemetry::Verb;
use crate::wire::QueryCommand;

impl Session {
    /// COM_QUERY: one statement, or several.
    pub async fn query(&mut self, command: QueryCommand<'_>) -> Result<(), End> {
        self.handle.begin(command.sql);
        let mut scratch = self.shared.scratches.take();
        let result = pin!(self.statements(command, &mut scratch.0)).await;
        self.shared.scratches.give(scratch);
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
            self.state.found.next();
            let done = match self.scan(command.sql, start, digest) {
                Err(unreadable) => {
                    self.unreadable(&unreadable);
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
                        ids: None,
                        hint: None,
                    };
                    let done = pin!(self.statement(&statement)).await;
                    self.measured(&done);
                    done
                }
            };
            match done {
                Ok(true) => {}
                // The server's own error has reached the client already.
                Ok(false) => return Ok(()),
                Err(Failure::Error(error)) => {
                    let error = self.or_timed_out(error);
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
        let scratches = &self.shared.scratches;
        scratches
            .scan((sql, start), mode, context, digest)
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
        self.meter.begin();
        self.trace_query(statement);
        pin!(self.planned_statement(statement)).await
    }

    /// A statement, once it is counted.
    pub(super) async fn planned_statement(
        &mut self,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let (snapshot, plan) = pin!(self.plan_of(statement)).await;
        let permit = self.admitted((&snapshot, &plan), statement)?;
        if let Some(hint) = permit.hint() {
            return Box::pin(self.planned_statement(&statement.hinted(hint))).await;
        }
        match &plan.action {
            Action::Utility(utility) => {
                return Box::pin(self.utility(utility, &plan, &snapshot, statement)).await;
            }
            Action::Explain { first } => {
                return Box::pin(self.explain(*first, &snapshot, statement)).await;
            }
            Action::Everywhere(all) => {
                return Box::pin(self.run_everywhere((&snapshot, &plan), all, statement)).await;
            }
            Action::Lock(locks) => {
                return Box::pin(self.lock((&snapshot, &plan), locks, statement)).await;
            }
            Action::Generate(generate) => {
                return Box::pin(self.run_with_ids(generate, &snapshot, statement)).await;
            }
            Action::Move(moved) => {
                let asked = (statement, None);
                return Box::pin(self.run_moved(moved, (&snapshot, &plan), asked)).await;
            }
            Action::Rekey(rekey) => {
                return Box::pin(self.run_rekeyed(rekey, &snapshot, statement)).await;
            }
            Action::Picked(picked) => {
                return Box::pin(self.run_picked(picked, (&snapshot, &plan), statement)).await;
            }
            Action::Load(load) => {
                return Box::pin(self.run_load(load, (&snapshot, &plan), statement)).await;
            }
            Action::Nothing => return Box::pin(self.nothing(statement)).await,
            Action::Refuse(_) if let Some(gather) = plan.gathered() => {
                return Box::pin(self.gathered(&snapshot, (&plan, gather), statement)).await;
            }
            Action::Refuse(error) if is_unknown_database(error) => {
                return Box::pin(self.drop_unknown(statement, error)).await;
            }
            Action::Refuse(error) if plan.commits => {
                return Err(Box::pin(self.refuse_committed(statement, error)).await);
            }
            Action::Unreadable(error) => {
                let worded = Box::pin(self.worded(statement, error)).await;
                return Err(Failure::Error(worded));
            }
            _ => {}
        }
        let literals = statement.literals(self.state.text.charset);
        let variables = match plan.is_asked_first() {
            true => Box::pin(self.ask_first(&snapshot, &plan)).await?,
            false => Variables::default(),
        };
        let route = snapshot.router.route_with(&plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        pin!(self.run_routed(&snapshot, &plan, &route, statement)).await
    }

    /// What no shard has together.
    async fn gathered(
        &mut self,
        snapshot: &Snapshot,
        planned: (&Plan, &Gather),
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let done = self
            .gather(snapshot, planned, (statement, Asked::Text))
            .await?;
        Ok(done.error.is_none())
    }

    /// What is wrong with a statement, as a server words it that cannot read it either.
    pub(super) async fn worded(
        &mut self,
        statement: &Statement<'_>,
        error: &MysqlError,
    ) -> MysqlError {
        let span = (statement.start, statement.digest.end);
        self.syntax_error(statement.sql, span, error.clone()).await
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

    /// Runs a statement on the shard that its route names.
    pub(super) async fn run_routed(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
        route: &Route,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let elsewhere = || self.held_elsewhere(snapshot, plan, route);
        if let Some(nodes) = several(snapshot, plan, route).or_else(elsewhere) {
            let asked = (statement, None);
            return Box::pin(self.run_several((snapshot, plan), nodes, asked)).await;
        }
        let (mut target, part) = match self.target(snapshot, plan, route) {
            Err(Failure::Error(refused)) => {
                return Err(Box::pin(self.or_unknown_function(plan, statement, refused)).await);
            }
            found => found?,
        };
        let looked_up = self.looked_up.clone();
        if plan.looks_up.any() {
            target.show_counted(looked_up.as_deref(), plan, &snapshot.topology);
        }
        if plan.commits && self.transaction.is_beyond(target.replica_set) {
            Box::pin(self.end_everywhere(true)).await?;
        }
        let mut room = std::mem::take(&mut self.spliced);
        let text = self.rewrite((snapshot, plan), statement, (target, part), &mut room)?;
        let attributes = statement.attributes;
        let file = match plan.verb {
            Verb::Load => self.file_of(statement)?,
            _ => None,
        };
        let request = match &file {
            Some(file) => Request::Load {
                sql: text,
                attributes,
                file,
            },
            None => Request::Query {
                sql: text,
                attributes,
            },
        };
        let query = ShardQuery::of(plan, request);
        let summary = pin!(self.run(&target, &query, statement.more)).await?;
        self.keep_spliced(room);
        if file.is_some() {
            self.handle.loading.reset();
        }
        self.note_temporary((snapshot, plan), target.shard, &summary);
        if plan.changes_tables || summary.error.is_some() {
            Box::pin(self.note_outcome((snapshot, plan), statement, &summary)).await;
        }
        Ok(summary.error.is_none())
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
            client: self.own_name(),
            row_count: self.state.row_count,
            found_rows: self.state.found.value(),
            conditions: (self.diagnostics.count(), self.diagnostics.errors()),
            looked_up: self.looked_up.as_deref(),
            repeated: &plan.edits,
            mariadb: self.flavor() == Some(Flavor::MariaDb),
            access: Some(&self.account.schemas),
        }
    }

    /// Answers a SELECT by merging what several data nodes answer.
    async fn merged<'s>(
        &mut self,
        plans: (&'s Snapshot, &'s Plan),
        scatter: &plan::scatter::Scatter,
        nodes: &[DataNode],
        (statement, bindings): (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<Scattered, Failure> {
        match bindings {
            Some(bindings) => {
                let asked = (statement, bindings);
                self.execute_merged(plans, scatter, nodes, asked).await
            }
            None => {
                let asked = (statement, None);
                self.run_scattered(plans, scatter, nodes, asked).await
            }
        }
    }

    /// Runs a statement that several data nodes must carry out together.
    pub(super) async fn run_several<'s>(
        &mut self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        nodes: &[DataNode],
        (statement, bindings): (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<bool, Failure> {
        self.meter.several(match (&plan.write, plan.merged()) {
            (Some(_), _) => "write",
            (None, Some(_)) => "merge",
            (None, None) => "gather",
        });
        let gathering = (statement, bindings.map_or(Asked::Text, Asked::Execute));
        match &plan.write {
            Some(Ok(write)) => {
                let (plans, asked) = ((snapshot, plan), (statement, bindings));
                return match write {
                    Write::Picked(picked) => self.run_picked(picked, plans, statement).await,
                    _ => self.run_written(plans, write, nodes, asked).await,
                };
            }
            Some(Err(reason)) => {
                let refused = plan::unsplit(&plan.action, *reason, nodes.len());
                return Err(self.or_unknown_function(plan, statement, refused).await);
            }
            None => {}
        }
        match (&plan.scatter, &plan.gather) {
            _ if let Some(scatter) = plan.merged() => {
                let asked = (statement, bindings);
                let merged = self.merged((snapshot, plan), scatter, nodes, asked);
                match (merged.await?, plan.gathered()) {
                    (Scattered::Answered, _) => Ok(true),
                    (Scattered::Unmergeable(_), Some(gather)) => {
                        let done = self.gather(snapshot, (plan, gather), gathering).await?;
                        Ok(done.error.is_none())
                    }
                    (Scattered::Unmergeable(error), _) => Err(Failure::Error(error)),
                }
            }
            (_, Some(Ok(gather))) => {
                let done = self.gather(snapshot, (plan, gather), gathering).await?;
                Ok(done.error.is_none())
            }
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
                Err(Failure::Error(plan::many_nodes(
                    &snapshot.topology,
                    plan,
                    shards,
                )))
            }
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
        Route::Single(_) | Route::NoMatch(_) | Route::Any(_) | Route::Server(_) => return None,
    };
    let together = plan.scatter.is_some() || plan.write.is_some();
    (together && !plan.hints.one_node).then_some(nodes)
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

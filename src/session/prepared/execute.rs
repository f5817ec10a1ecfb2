//! COM_STMT_EXECUTE: no text is read, and what was planned is used as it is.

use std::pin::pin;
use std::sync::Arc;

use super::bindings::Bindings;
use super::bound::{self, Bound, BoundError};
use super::shard::ShardExecute;
use super::statements::{Prepared, unknown, wrong_arguments};
use super::template::{Planned, Template};
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::{Tokens, Utility};
use crate::plan::{Action, Plan, Write};
use crate::route::{DataNode, Literals, Params, Route, Variables};
use crate::session::command_phase::End;
use crate::session::drop_unknown::is_unknown_database;
use crate::session::dynamic::with_bound;
use crate::session::failure::Failure;
use crate::session::gather::Asked;
use crate::session::local::More;
use crate::session::query::several;
use crate::session::request::Request;
use crate::session::shard_query::ShardQuery;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::wire::{ExecuteCommand, Execution};

/// How the errors name the command.
const COMMAND: &str = "mysqld_stmt_execute";

/// What a statement is whose rows are found together.
const PICKED: &str = "an UPDATE or DELETE with joins or subqueries over several shards";

impl Session {
    /// COM_STMT_EXECUTE.
    pub(in crate::session) async fn stmt_execute(&mut self, body: &[u8]) -> Result<(), End> {
        let Ok(command) = ExecuteCommand::decode(body) else {
            self.reply_error(&malformed());
            return Ok(());
        };
        let latest = self.flavor() == Some(Flavor::MariaDb);
        let Some((number, mut prepared)) = self.statements.take(command.statement, latest) else {
            self.reply_error(&unknown(command.statement, COMMAND, self.flavor()));
            return Ok(());
        };
        let cursor = command.wants_cursor();
        if cursor || self.held.has_cursors() || self.statements.has_rows() {
            Box::pin(self.close_cursor(number)).await;
        }
        let room = match cursor {
            true => self.hold_back(&prepared),
            false => None,
        };
        self.handle.begin(&prepared.template.sql);
        self.meter.begin();
        let done = pin!(self.execute(&mut prepared, command)).await;
        self.measured(&done);
        prepared.long_data.clear();
        self.statements.put_back(number, prepared);
        self.handle.end();
        let told = self.tell(done);
        if let Some(room) = room {
            self.keep_answer(number, room);
        }
        told
    }

    /// The client is told of an error that has not ended the session.
    pub(super) fn tell(&mut self, done: Result<(), Failure>) -> Result<(), End> {
        match done {
            Ok(()) => Ok(()),
            Err(Failure::Error(error)) => {
                let error = self.or_timed_out(error);
                self.reply_error(&error);
                Ok(())
            }
            Err(Failure::End(end)) => Err(end),
        }
    }

    async fn execute(
        &mut self,
        prepared: &mut Prepared,
        command: ExecuteCommand<'_>,
    ) -> Result<(), Failure> {
        if let Some(error) = &prepared.long_error {
            return Err(Failure::Error(error.clone()));
        }
        let (bound, prepared) = bound::read(prepared, command, self.capabilities, self.shared.seed)
            .map_err(|error| Failure::Error(told(&error)))?;
        let template = Arc::clone(&prepared.template);
        let own = (&bound.packet, usize::from(prepared.params), bound.own);
        self.trace_execution(&template.sql, own);
        if template.plan_context == self.state.plan_context {
            return pin!(self.execute_here(prepared, &template, &bound)).await;
        }
        // As on MySQL, names mean what they meant where the statement was prepared.
        let now = (self.state.schema.take(), self.state.plan_context);
        self.state.schema.clone_from(&template.schema);
        self.state.plan_context = template.plan_context;
        let done = Box::pin(self.execute_here(prepared, &template, &bound)).await;
        (self.state.schema, self.state.plan_context) = now;
        done
    }

    /// Executes in the schema in which the statement was prepared.
    async fn execute_here(
        &mut self,
        prepared: &Prepared,
        template: &Template,
        bound: &Bound<'_>,
    ) -> Result<(), Failure> {
        let snapshot = Arc::clone(&self.shared.snapshot());
        let statement = Statement {
            sql: &template.sql,
            digest: &template.digest,
            start: 0,
            attributes: b"",
            more: More(false),
            mode: template.text.lex,
            ids: None,
            hint: template.hint.as_deref(),
        };
        let known = template.planned(&snapshot);
        let (snapshot, planned) = match known.filter(|_| !self.has_temporary(template, &snapshot)) {
            Some(planned) => (snapshot, planned),
            None => Box::pin(self.plan_again(template, &statement)).await,
        };
        let plan = &planned.plan;
        let permit = self.admitted((&snapshot, plan), &statement)?;
        if let Some(hint) = permit.shared_hint() {
            let hinted = template.hinted(hint);
            return Box::pin(self.execute_here(prepared, &hinted, bound)).await;
        }
        match &plan.action {
            Action::Utility(utility) => {
                let planned = (&snapshot, &planned);
                let done = self.execute_utility(utility, planned, &statement, (template, bound));
                return Box::pin(done).await;
            }
            Action::Refuse(_) if let Some(gather) = plan.gathered() => {
                let bindings = Bindings::new((prepared, template), bound, self.shared.seed);
                let asked = (&statement, Asked::Execute(&bindings));
                let done = self.gather(&snapshot, (plan, gather), asked);
                return Box::pin(done).await.map(drop);
            }
            Action::Refuse(error) if is_unknown_database(error) => {
                let done = self.drop_unknown(&statement, error);
                return Box::pin(done).await.map(drop);
            }
            Action::Refuse(error) if plan.commits => {
                return Err(Box::pin(self.refuse_committed(&statement, error)).await);
            }
            Action::Rekey(_) | Action::Generate(_) | Action::Picked(_) | Action::Move(_) => {
                let execution = (prepared, template, bound);
                let done = self.execute_as_another((&snapshot, &planned), &statement, execution);
                return Box::pin(done).await;
            }
            Action::Nothing => return Box::pin(self.nothing(&statement)).await.map(drop),
            _ => {}
        }
        let variables = match plan.is_asked_first() {
            true => Box::pin(self.ask_first(&snapshot, plan)).await?,
            false => Variables::default(),
        };
        let literals = self.literals_of(&statement, (template, bound));
        let route = snapshot.router.route_with(plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        let planned = (&snapshot, &planned);
        pin!(self.execute_routed(planned, &route, &statement, (prepared, template, bound))).await
    }

    /// Executes what becomes another statement.
    async fn execute_as_another(
        &mut self,
        (snapshot, planned): (&Arc<Snapshot>, &Arc<Planned>),
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        let execution = (prepared, template, bound);
        match &planned.plan.action {
            Action::Rekey(rekey) => {
                let planned = (snapshot, &**rekey);
                self.execute_rekeyed(planned, statement, execution).await
            }
            Action::Generate(generate) => {
                let planned = (snapshot, planned, &**generate);
                self.execute_with_ids(planned, statement, execution).await
            }
            Action::Move(moved) => {
                let planned = (snapshot, &*planned.plan, &**moved);
                self.execute_moved(planned, statement, execution).await
            }
            _ => {
                let filled = self.execute_filled(PICKED, statement, execution);
                filled.await
            }
        }
    }

    /// What the text and its parameters say.
    pub(super) fn literals_of<'a>(
        &self,
        statement: &Statement<'a>,
        (template, bound): (&'a Template, &'a Bound<'_>),
    ) -> Literals<'a> {
        Literals {
            params: Params {
                values: &bound.values,
                ordinals: &template.ordinals,
                charset: self.state.text.charset,
            },
            ..statement.literals(template.text.charset)
        }
    }

    /// Plans a statement whose plan is of before a change.
    pub(super) async fn plan_again(
        &mut self,
        template: &Template,
        statement: &Statement<'_>,
    ) -> (Arc<Snapshot>, Arc<Planned>) {
        let (snapshot, plan) = self.plan_of(statement).await;
        let keep = !self.has_temporary(template, &snapshot);
        let planned = template.plan(&snapshot, plan, keep);
        (snapshot, planned)
    }

    /// Whether the statement may name a temporary table of the session, of which other sessions' plans know
    /// nothing.
    pub(super) fn has_temporary(&self, template: &Template, snapshot: &Snapshot) -> bool {
        let tokens = Tokens::new(&template.sql, &template.digest);
        !self.temporary.is_empty() && !self.temporary_in(tokens, &snapshot.topology).is_empty()
    }

    pub(super) async fn execute_routed(
        &mut self,
        (snapshot, planned): (&Arc<Snapshot>, &Arc<Planned>),
        route: &Route,
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        let plan = &planned.plan;
        let elsewhere = || self.held_elsewhere(snapshot, plan, route);
        if let Some(nodes) = several(snapshot, plan, route).or_else(elsewhere) {
            let own = (prepared, template, bound);
            let done = self.execute_several((snapshot, plan), nodes, statement, own);
            return Box::pin(done).await;
        }
        let (mut target, part) = self.target(snapshot, plan, route)?;
        let looked_up = self.looked_up.clone();
        if plan.looks_up.any() {
            target.show_counted(looked_up.as_deref(), plan, &snapshot.topology);
        }
        let place = (target.shard, part);
        let made;
        let text = match planned.text(place) {
            Some(text) => text,
            None => {
                made = self.shard_text((snapshot, plan), statement, (target, part), template)?;
                template.keep(planned, place, &made);
                &made
            }
        };
        let cursor = self.may_have_cursor(plan, &target, bound);
        let execute = ShardExecute {
            text,
            settings: &template.settings,
            execution: Execution {
                bound: bound.packet,
                types: &prepared.types,
                own_values: bound.own,
                cursor,
            },
            long_data: &prepared.long_data,
            types_hash: bound.types_hash,
            cursor: cursor.then_some(prepared.number),
        };
        let query = ShardQuery {
            // The statement remembers its database.
            qualified: true,
            ids: statement.insert_ids(),
            ..ShardQuery::of(plan, Request::Execute(&execute))
        };
        let summary = pin!(self.run(&target, &query, More(false))).await?;
        self.note_temporary((snapshot, plan), target.shard, &summary);
        self.state.last_insert_id = summary.generated.unwrap_or(self.state.last_insert_id);
        if plan.changes_tables || summary.error.is_some() {
            let done = self.note_outcome((snapshot, plan), statement, &summary);
            if Box::pin(done).await {
                template.forget_plan();
            }
        }
        Ok(())
    }

    /// Executes on several data nodes.
    async fn execute_several(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        nodes: &[DataNode],
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        if let Some(Ok(Write::Picked(_))) = &plan.write {
            let execution = (prepared, template, bound);
            return self.execute_filled(PICKED, statement, execution).await;
        }
        let bindings = Bindings::new((prepared, template), bound, self.shared.seed);
        let asked = (statement, Some(&bindings));
        let done = self.run_several((snapshot, plan), nodes, asked);
        done.await.map(drop)
    }

    /// What the session carries out itself, as in the text protocol but for the form of rows.
    async fn execute_utility(
        &mut self,
        utility: &Utility,
        (snapshot, planned): (&Arc<Snapshot>, &Arc<Planned>),
        statement: &Statement<'_>,
        (template, bound): (&Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        self.binary_rows = true;
        let done = match template.has_placeholders() {
            false => {
                let done = self.utility(utility, &planned.plan, snapshot, statement);
                done.await
            }
            true => self.execute_bound_utility(template, bound, statement).await,
        };
        self.binary_rows = false;
        done.map(drop)
    }

    /// Runs SET or KILL with the values of its parameters in its text.
    async fn execute_bound_utility(
        &mut self,
        template: &Template,
        bound: &Bound<'_>,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let filled = with_bound(template, &bound.values, &[]);
        let sql = filled.ok_or_else(|| unsupported("parameters of this statement"))?;
        self.run_text(&sql, statement).await
    }
}

fn told(error: &BoundError) -> MysqlError {
    match error {
        BoundError::Malformed => malformed(),
        BoundError::Untyped => wrong_arguments(COMMAND),
        BoundError::Unclear => unsupported("query attributes behind a parameter of this type"),
    }
}

fn malformed() -> MysqlError {
    MysqlError::new(
        ErrorKind::MalformedPacket,
        "Malformed communication packet.",
    )
}

pub(super) fn unsupported(what: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::NotSupportedYet,
        format!("This version of Shardwell doesn't yet support '{what} of prepared statements'"),
    )
}

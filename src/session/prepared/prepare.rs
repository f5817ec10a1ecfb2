//! COM_STMT_PREPARE.
//!
//! The server is asked each time, as without a proxy: only it knows what the statement's columns are
//! now, and what is wrong with it. Its statement is then there for the first execution.

use std::sync::Arc;

use super::statements::Prepared;
use super::template::{ShardText, Template};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::Summary;
use crate::parse::{Digest, Tokens};
use crate::plan::{Action, Plan, PlanError, Unsupported, has_undescribed_parameter};
use crate::route::{DataNode, Route};
use crate::session::command_phase::End;
use crate::session::drop_unknown::is_unknown_database;
use crate::session::dynamic::is_dynamic;
use crate::session::failure::Failure;
use crate::session::gather::Asked;
use crate::session::limits::Stage;
use crate::session::local::More;
use crate::session::request::Request;
use crate::session::scatter::{a_node, place_to_ask};
use crate::session::shard_query::{Lent, ShardQuery, Target};
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::topology::TableId;

impl Session {
    /// COM_STMT_PREPARE.
    pub(in crate::session) async fn stmt_prepare(&mut self, sql: &[u8]) -> Result<(), End> {
        self.handle.begin(sql);
        let mut scratch = self.shared.scratches.take();
        let prepared = self.prepare_text(sql, &mut scratch.0).await;
        self.shared.scratches.give(scratch);
        self.handle.end();
        match prepared {
            Ok(()) => Ok(()),
            Err(Failure::Error(error)) => {
                self.reply_error(&error);
                Ok(())
            }
            Err(Failure::End(end)) => Err(end),
        }
    }

    async fn prepare_text(&mut self, sql: &[u8], digest: &mut Digest) -> Result<(), Failure> {
        let number = self.statements.number()?;
        if let Err(unreadable) = self.scan_alone(sql, digest) {
            let error = self.preparation_error(sql, unreadable).await;
            return Err(Failure::Error(error));
        }
        self.check_parameters(Tokens::new(sql, digest))?;
        let settings = self.state.variables.for_reading();
        let settings = self.shared.interner.intern(settings);
        let (text, context) = (self.state.text, self.state.plan_context);
        let schema = (self.state.schema.as_deref(), context);
        let templates = &self.shared.templates;
        let template = templates.share(sql, digest, text, schema, settings);
        let statement = Statement {
            sql,
            digest,
            start: 0,
            attributes: b"",
            more: More(false),
            mode: text.lex,
            ids: None,
            hint: None,
        };
        let (snapshot, plan) = self.plan_of(&statement).await;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        let permit = self.admit((&snapshot, &plan), &statement, Stage::Prepare)?;
        let Some(hint) = permit.shared_hint() else {
            let templates = (&template, &template);
            let planned = (&snapshot, &plan);
            return self
                .prepare_text_as(number, templates, planned, &statement)
                .await;
        };
        let (hinted, statement) = (template.hinted(hint), statement.hinted(hint));
        let plan = self.plan_in(&snapshot, &statement);
        let planned = (&snapshot, &plan);
        self.prepare_text_as(number, (&hinted, &template), planned, &statement)
            .await
    }

    /// Whether the servers describe each of a statement's parameters.
    fn check_parameters(&self, tokens: Tokens<'_>) -> Result<(), MysqlError> {
        let only_mariadb = {
            let brands = self.shared.snapshot().topology.functions.brands();
            brands.mariadb && !brands.mysql
        };
        match !only_mariadb && has_undescribed_parameter(tokens) {
            true => Err(PlanError::from(Unsupported::UndescribedParameter).to_mysql()),
            false => Ok(()),
        }
    }

    /// Prepares the text of a template, and keeps another: rules are looked at again when that is
    /// executed.
    async fn prepare_text_as(
        &mut self,
        number: u32,
        (template, kept): (&Arc<Template>, &Arc<Template>),
        (snapshot, plan): (&Arc<Snapshot>, &Arc<Plan>),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        match &plan.action {
            // No server has all of its tables.
            Action::Refuse(_) if let Some(gather) = plan.gathered() => {
                let asked = (statement, Asked::Prepare(template, number));
                let told = Box::pin(self.gather(snapshot, (plan, gather), asked)).await?;
                self.keep_prepared(number, kept, &told);
                return Ok(());
            }
            Action::Refuse(error) if is_unknown_database(error) => {
                let unread = self.prepare_unread(number, kept, (snapshot, plan), statement);
                return Box::pin(unread).await;
            }
            Action::Refuse(error) | Action::Unreadable(error) => {
                let error = self.preparation_error(statement.sql, error.clone()).await;
                return Err(Failure::Error(error));
            }
            Action::Generate(generate) => {
                let planned = (snapshot, plan, &**generate);
                return self
                    .prepare_with_ids(number, (template, kept), planned, statement)
                    .await;
            }
            Action::Move(moved) => {
                let planned = (&**snapshot, &**plan);
                if !Box::pin(self.check_moved(planned, moved, statement)).await? {
                    let unread = self.prepare_unread(number, kept, planned, statement);
                    return Box::pin(unread).await;
                }
            }
            Action::Picked(picked) => {
                let planned = (&**snapshot, &**plan);
                Box::pin(self.check_picked(planned, picked, statement)).await?;
            }
            Action::Rekey(rekey) => {
                // What is kept is the plan that moves rows.
                template.plan(snapshot, Arc::clone(plan), true);
                let planned = (snapshot, &rekey.plan);
                return self
                    .prepare_planned(number, (template, kept), planned, statement)
                    .await;
            }
            Action::Explain { .. } | Action::Everywhere(_) | Action::Load(_) | Action::Lock(_) => {
                return Err(Failure::Error(not_preparable()));
            }
            Action::Utility(own) if is_dynamic(own) => {
                return Err(Failure::Error(not_preparable()));
            }
            _ => {}
        }
        self.prepare_planned(number, (template, kept), (snapshot, plan), statement)
            .await
    }

    /// Has a server prepare the statement, and keeps it if that succeeds.
    pub(super) async fn prepare_planned(
        &mut self,
        number: u32,
        (template, kept): (&Arc<Template>, &Arc<Template>),
        (snapshot, plan): (&Arc<Snapshot>, &Arc<Plan>),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let (target, part) = self.place_to_prepare(snapshot, plan, statement)?;
        let planned = match template.planned(snapshot) {
            Some(planned) if !matches!(planned.plan.action, Action::Rekey(_)) => planned,
            kept => template.plan(snapshot, Arc::clone(plan), kept.is_none()),
        };
        let place = (target.shard, part);
        let text = match planned.text(place) {
            Some(text) => Arc::clone(text),
            None => {
                let text =
                    self.shard_text((snapshot, plan), statement, (target, part), template)?;
                template.keep(&planned, place, &text);
                text
            }
        };
        let query = ShardQuery {
            request: Request::Prepare {
                text: &text,
                number,
                hidden: &template.hidden,
            },
            qualified: text.database.is_none(),
            uses_pinned_state: plan.uses_pinned_state,
            variables: Lent::of(plan),
            ..ShardQuery::OWN
        };
        let summary = self.run(&target, &query, More(false)).await?;
        self.keep_prepared(number, kept, &summary);
        Ok(())
    }

    /// Keeps a statement that a server has prepared.
    pub(super) fn keep_prepared(
        &mut self,
        number: u32,
        template: &Arc<Template>,
        summary: &Summary,
    ) {
        if let (None, Some(told)) = (&summary.error, summary.prepared) {
            let prepared = Prepared {
                number,
                template: Arc::clone(template),
                params: told.params,
                types: Vec::new(),
                remembered: Vec::new(),
                types_hash: 0,
                has_columns: told.columns > 0,
                long_data: Vec::new(),
                long_error: None,
            };
            self.statements.insert(number, prepared);
        }
    }

    /// The text that a server gets at a place.
    pub(in crate::session) fn shard_text(
        &mut self,
        planned: (&Snapshot, &Plan),
        statement: &Statement<'_>,
        (target, part): (Target<'_>, u32),
        template: &Template,
    ) -> Result<Arc<ShardText>, Failure> {
        let mut room = std::mem::take(&mut self.spliced);
        let sql = match planned.1.action {
            // Of comments the server shall say what it says of comments.
            Action::Nothing => statement.sql,
            _ => self.rewrite(planned, statement, (target, part), &mut room)?,
        };
        let database = target.database().filter(|_| !planned.1.qualified);
        let text = ShardText::new(sql, database, &template.settings, self.shared.seed);
        self.keep_spliced(room);
        Ok(text)
    }

    /// A shard that the statement may reach: all of them have the same tables.
    pub(in crate::session) fn place_to_prepare<'s>(
        &self,
        snapshot: &'s Snapshot,
        plan: &'s Plan,
        statement: &Statement<'_>,
    ) -> Result<(Target<'s>, u32), Failure> {
        let route = match &plan.action {
            Action::Sharded { table, .. } => Route::Single(self.any_node(snapshot, plan, *table)?),
            Action::Single(shard) => Route::Single((*shard).into()),
            Action::Copies(shards) if let [first, ..] = **shards => Route::Single(first.into()),
            Action::Any(schema) => Route::Any(*schema),
            Action::OtherSchema(other) => Route::Server(other.replica_set),
            Action::Picked(picked) => {
                let node = place_to_ask(picked, snapshot).ok_or_else(MysqlError::stale)?;
                Route::Single(node)
            }
            Action::Move(moved) => {
                let node = moved.meeting.and_then(|table| a_node(table, snapshot));
                Route::Single(node.ok_or_else(MysqlError::stale)?)
            }
            _ => return Ok((self.set_target(plan, snapshot, statement)?, 0)),
        };
        self.target(snapshot, plan, &route)
    }

    /// A node of the table: where the session is already, else spread by session.
    fn any_node(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        table: TableId,
    ) -> Result<DataNode, MysqlError> {
        let nodes = snapshot.router.nodes(table);
        let allowed = |node: &&DataNode| {
            let only = plan.hints.only.as_ref();
            only.is_none_or(|only| only.allows(node.shard))
        };
        let nodes: Vec<DataNode> = nodes.iter().filter(allowed).copied().collect();
        let preferred = self.preferred(plan);
        let here = nodes.iter().find(|node| {
            let shard = snapshot.topology.shard(node.shard);
            shard.is_some_and(|shard| Some(shard.replica_set) == preferred)
        });
        let spread = self.handle.id.0 as usize % nodes.len().max(1);
        let node = here.or_else(|| nodes.get(spread));
        node.copied().ok_or_else(|| {
            MysqlError::new(ErrorKind::Internal, "the table has no shard; run it again")
        })
    }
}

fn not_preparable() -> MysqlError {
    MysqlError::new(
        ErrorKind::NotPreparable,
        "This command is not supported in the prepared statement protocol yet",
    )
}

//! A text that shall be prepared: what a server has against it, and how many parameters it has.

use std::sync::Arc;

use super::{Named, unsupported};
use crate::backend::{BackendError, Checked, Flavor, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::net::Interest;
use crate::parse::{Digest, LiteralKind, Multibyte, Utility};
use crate::plan::{Action, Plan};
use crate::route::key::unquote;
use crate::session::command_phase::End;
use crate::session::connection_phase::wants_found_rows;
use crate::session::diagnostics::Diagnostics;
use crate::session::drop_unknown::is_unknown_database;
use crate::session::failure::Failure;
use crate::session::held::Backend;
use crate::session::limits::Stage;
use crate::session::local::More;
use crate::session::prepared::Template;
use crate::session::shard_query::Target;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

impl Session {
    /// Plans a text, and asks a server what is wrong with it, and what else there is to say.
    ///
    /// # Errors
    /// The server's; a schema that the user may not see.
    pub(super) async fn read_text(&mut self, sql: &[u8]) -> Result<(Named, Diagnostics), Failure> {
        let mut conditions = Diagnostics::default();
        let mut digest = Digest::default();
        if let Err(unreadable) = self.scan_alone(sql, &mut digest) {
            let error = Box::pin(self.preparation_error(sql, unreadable)).await;
            return Err(Failure::Error(error));
        }
        let settings = self.state.variables.for_reading();
        let settings = self.shared.interner.intern(settings);
        let schema = (self.state.schema.as_deref(), self.state.plan_context);
        let templates = &self.shared.templates;
        let template = templates.share(sql, &digest, self.state.text, schema, settings);
        let statement = Statement {
            sql,
            digest: &digest,
            start: 0,
            attributes: b"",
            more: More(false),
            mode: self.state.text.lex,
            ids: None,
            hint: None,
        };
        let (snapshot, plan) = Box::pin(self.plan_of(&statement)).await;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        let _permit = self.admit((&snapshot, &plan), &statement, Stage::Prepare)?;
        let params = match &plan.action {
            Action::Refuse(_) if plan.gathered().is_some() => placeholders(&digest),
            // The text that servers get comes with the ids: they say what is wrong with it at EXECUTE.
            Action::Generate(_) => placeholders(&digest),
            Action::Everywhere(_) if placeholders(&digest) == 0 => 0,
            Action::Refuse(error) if is_unknown_database(error) => 0,
            Action::Refuse(error) | Action::Unreadable(error) => {
                let error = Box::pin(self.preparation_error(sql, error.clone())).await;
                return Err(Failure::Error(error));
            }
            Action::Move(_) | Action::Picked(_) => {
                let planned = (&*snapshot, &*plan);
                Box::pin(self.check_steps(planned, &statement)).await?;
                placeholders(&digest)
            }
            Action::Lock(_) if self.flavor() == Some(Flavor::MariaDb) => 0,
            Action::Explain { .. } | Action::Everywhere(_) | Action::Load(_) | Action::Lock(_) => {
                return Err(Failure::Error(not_preparable()));
            }
            Action::Utility(own) if is_dynamic(own) => {
                return Err(Failure::Error(not_preparable()));
            }
            action => {
                let plan = match action {
                    Action::Rekey(rekey) => &rekey.plan,
                    _ => &plan,
                };
                let planned = (&*snapshot, &**plan);
                let read = Box::pin(self.read_by_server(planned, &template, &statement)).await?;
                conditions = read.1;
                read.0
            }
        };
        Ok((Named { template, params }, conditions))
    }

    /// Asks a server what it has against a statement whose steps are other statements.
    async fn check_steps(
        &mut self,
        planned: (&Snapshot, &Plan),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        match &planned.1.action {
            // What no server can read, it says at EXECUTE.
            Action::Move(moved) => self.check_moved(planned, moved, statement).await.map(drop),
            Action::Picked(picked) => self.check_picked(planned, picked, statement).await,
            _ => Ok(()),
        }
    }

    /// How many parameters a server says that the text has, and what it has to say of it.
    async fn read_by_server(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        template: &Arc<Template>,
        statement: &Statement<'_>,
    ) -> Result<(usize, Diagnostics), Failure> {
        let (target, part) = self.place_to_prepare(snapshot, plan, statement)?;
        let text = self.shard_text((snapshot, plan), statement, (target, part), template)?;
        let mut backend = self.where_to_ask(&target, plan).await?;
        let wanted = Wanted {
            database: text.database.as_deref(),
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let asked = async {
            backend.connection.prepare(&wanted, &[]).await?;
            let checked = backend.connection.check(&text.sql).await?;
            let conditions = match checked {
                Checked::Prepared { warnings, .. } if warnings > 0 => {
                    let count = (u64::from(warnings), false);
                    Diagnostics::fetch(&mut backend.connection, target.names, count).await?
                }
                _ => Diagnostics::default(),
            };
            Ok::<_, BackendError>((checked, conditions))
        };
        let limit = Some(self.shared.limits.handshake);
        let asked = self.handle.watch.guard(limit, Interest::STATEMENT, asked);
        match asked.await {
            Ok(Ok((checked, conditions))) => {
                self.held.settle(backend);
                match checked {
                    Checked::Prepared { parameters, .. } => {
                        Ok((usize::from(parameters), conditions))
                    }
                    Checked::Objection(error) => Err(Failure::Error(error)),
                }
            }
            Ok(Err(error)) if !ties(&backend) => Err(Failure::from(&error)),
            Ok(Err(_)) | Err(_) => Err(Failure::End(End::Broken)),
        }
    }

    /// The session's own connection to where the text would run, else one of the pool.
    async fn where_to_ask(&mut self, target: &Target<'_>, plan: &Plan) -> Result<Backend, Failure> {
        if let Some(backend) = self.held.take(target.replica_set) {
            return Ok(backend);
        }
        let query = super::on_server::query(plan, b"");
        Ok(self.connect(target, &query).await?.0)
    }
}

fn ties(backend: &Backend) -> bool {
    backend.transaction || !backend.pins.is_empty()
}

fn placeholders(digest: &Digest) -> usize {
    let literals = digest.literals.iter();
    literals
        .filter(|literal| literal.kind == LiteralKind::Placeholder)
        .count()
}

/// Whether the statement is about a prepared text itself.
pub(in crate::session) fn is_dynamic(utility: &Utility) -> bool {
    matches!(
        utility,
        Utility::Prepare { .. }
            | Utility::Execute { .. }
            | Utility::ExecuteImmediate { .. }
            | Utility::Deallocate(_)
    )
}

/// The bytes of a string in the statement.
///
/// # Errors
/// The proxy cannot tell them.
pub(super) fn literal(statement: &Statement<'_>, at: usize) -> Result<Vec<u8>, MysqlError> {
    // Behind a word a string may be an alias, which takes no slot. What has an introducer does not
    // begin with a quote.
    let readable = statement.mode.multibyte == Multibyte::None;
    let text = readable.then(|| statement.tokens().text(at));
    let text = text.and_then(|text| unquote(text, statement.mode));
    text.map(std::borrow::Cow::into_owned)
        .ok_or_else(|| unsupported("PREPARE from this kind of string"))
}

fn not_preparable() -> MysqlError {
    MysqlError::new(
        ErrorKind::NotPreparable,
        "This command is not supported in the prepared statement protocol yet",
    )
}

//! Rows that come together on one server, whose answer the session keeps: they are to be stored. The
//! statement belongs to a transaction.

use super::place::Asking;
use super::{Asked, Parameters, query, target};
use crate::backend::{StatementKey, Wanted};
use crate::error::{MysqlError, StageError};
use crate::execute::RelayError;
use crate::execute::gather;
use crate::execute::scatter::{Command, Kept, Lane, Query, ScatterError};
use crate::merge::{MergeSpec, RowFormat};
use crate::plan::{Gather, Gathered, Plan};
use crate::reply::Names;
use crate::rewrite::{RowLock, Travel};
use crate::session::acquire::lend;
use crate::session::connection_phase::wants_found_rows;
use crate::session::failure::Failure;
use crate::session::held::Backend;
use crate::session::prepared::{Bindings, Executed, Rebound, ShardText};
use crate::session::request::Request;
use crate::session::scatter::{WITH_WARNINGS, check_kept};
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

/// For what an answer is kept.
#[derive(Clone, Copy)]
pub(in super::super) struct Keeping<'a> {
    /// How the rows of a table are locked where they are read.
    pub lock: &'a (dyn Fn(&Gathered) -> Option<RowLock> + Sync),
    /// The refusal of an answer, by the end of its sentence.
    pub refused: fn(&str) -> MysqlError,
}

/// What is bound to the SELECT, and what is bound to its text where that has other placeholders.
type Given<'a> = (&'a Bindings<'a>, Option<&'a Rebound>);

/// How the rows of a table are locked: as the SELECT says, or as they are for what keeps them.
fn lock(table: &Gathered, keeping: Keeping<'_>) -> Option<String> {
    let own = || (keeping.lock)(table).map(|lock| lock.clause().to_owned());
    table.lock.clone().or_else(own)
}

impl Session {
    /// Brings the rows together, runs the SELECT on them and keeps its answer.
    pub(in super::super) async fn gather_kept(
        &mut self,
        snapshot: &Snapshot,
        (plan, gathered): (&Plan, &Gather),
        (statement, bindings, keeping): (&Statement<'_>, Option<&Bindings<'_>>, Keeping<'_>),
    ) -> Result<Kept, Failure> {
        let inside = self.is_inside(plan)?;
        let asked = bindings.map_or(Asked::Text, Asked::Execute);
        let rebound = Parameters::of(gathered, statement, asked)?.rebound(asked)?;
        let _turn = self.turn().await?;
        let from = Asking {
            statement,
            bindings,
            travel: Travel::of_transaction(inside),
            lock: &|table| lock(table, keeping),
        };
        let placed = self
            .place(snapshot, (plan, gathered), from, (None, &[]))
            .await?;
        let names = placed.names();
        let names = placed.target(&names);
        let target = target(placed.replica_set, Some(names));
        let mut room = Vec::new();
        let sql = self.finishing(snapshot, gathered, statement, &placed, &mut room)?;
        let attributes = statement.attributes;
        let lent = self.lent_inside(plan, true).await?;
        let query = query(plan, Request::Query { sql, attributes }, inside);
        let query = query.with_lent(lent.as_ref());
        let mut backend = self.finisher(&target, &query, inside).await?;
        let kept = match self.bring_inside(&placed.job, &mut backend).await {
            Ok(moved) if moved.warnings > 0 => {
                Err(Failure::Error((keeping.refused)(WITH_WARNINGS)))
            }
            Ok(_) => {
                let prelude: Vec<Vec<u8>> = lend(&mut backend, &query).into_iter().collect();
                let asked = (sql, bindings.zip(Some(rebound.as_ref())), names);
                self.finish_kept((&mut backend, &prelude), asked, keeping)
                    .await
            }
            Err(failure) => Err(failure),
        };
        match kept {
            Ok(kept) => {
                if self.clear(&mut backend, &placed, false).await? {
                    backend.connection.packets().trim();
                    self.held.settle(backend);
                }
                self.note_gathered(&placed.job);
                Ok(kept)
            }
            Err(mut failure) => {
                if let Failure::Error(error) = &mut failure {
                    names.fix_error(error);
                }
                Err(self.give_up(backend, &placed, failure).await)
            }
        }
    }

    async fn finish_kept(
        &mut self,
        (backend, prelude): (&mut Backend, &[Vec<u8>]),
        (sql, bound, names): (&[u8], Option<Given<'_>>, Names<'_>),
        keeping: Keeping<'_>,
    ) -> Result<Kept, Failure> {
        let variables = gather::source_variables(&self.state.variables, false);
        let variables = self.shared.interner.intern(variables);
        let wanted = Wanted {
            database: None,
            variables: Some(&variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let connection = &mut backend.connection;
        let prepared = connection.prepare(&wanted, prelude).await;
        prepared.map_err(|error| Failure::from(&error))?;
        let settings = bound.map(|(bindings, _)| &bindings.template.settings);
        let text = settings.map(|settings| ShardText::new(sql, None, settings, self.shared.seed));
        let then = settings.map(|settings| self.variables_with(&variables, settings));
        let executed = bound.map(|(bindings, rebound)| match rebound {
            Some(rebound) => Executed::of(bindings).with(rebound),
            None => Executed::of(bindings),
        });
        let (format, command) = match (&executed, &text, &then) {
            (Some(executed), Some(text), Some(then)) => (
                RowFormat::Binary,
                executed.command(text, (then, &variables)),
            ),
            _ => (
                RowFormat::Text,
                Command::Text {
                    sql: sql.to_vec(),
                    attributes: b"",
                    database: None,
                },
            ),
        };
        let number = 0;
        let lanes = vec![Lane::new(connection, vec![Query { number, command }])];
        let spec = |visible| Ok(MergeSpec::as_it_comes(visible));
        let answer = self
            .keep_rows((lanes, vec![Some(names)]), (format, 0, false), &spec)
            .await;
        if let (Some(executed), Some(text)) = (&executed, &text) {
            let key = StatementKey(text.key.0 ^ executed.types_hash);
            backend.connection.statements().close_known(key);
        }
        let (kept, warnings) = answer.map_err(failure)?;
        let checked = check_kept(&kept, (warnings, keeping.refused), &mut backend.connection).await;
        checked.map_err(|error| Failure::from(&error))??;
        Ok(kept)
    }
}

/// Why there is no answer to keep.
fn failure(error: ScatterError) -> Failure {
    match error {
        ScatterError::Refused { error, .. } => Failure::Error(error),
        ScatterError::Lost(RelayError::Backend { error, .. }) => Failure::Error(error.to_mysql()),
        ScatterError::Lost(RelayError::Client(stop)) => Failure::End(stop.into()),
    }
}

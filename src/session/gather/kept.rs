//! Rows that come together on one server, whose answer the session keeps: they are to be stored. The
//! statement belongs to a transaction.

use super::query;
use crate::backend::Wanted;
use crate::error::{MysqlError, StageError};
use crate::execute::RelayError;
use crate::execute::gather;
use crate::execute::scatter::{Command, Kept, Lane, Query, ScatterError};
use crate::merge::MergeSpec;
use crate::plan::{Gather, Gathered, Plan};
use crate::reply::Names;
use crate::rewrite::{RowLock, Travel};
use crate::session::connection_phase::wants_found_rows;
use crate::session::failure::Failure;
use crate::session::held::Backend;
use crate::session::request::Request;
use crate::session::scatter::{WITH_WARNINGS, check_kept};
use crate::session::shard_query::Target;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::topology::ReadPolicy;

/// For what an answer is kept.
#[derive(Clone, Copy)]
pub(in super::super) struct Keeping<'a> {
    /// How the rows of a table are locked where they are read.
    pub lock: &'a (dyn Fn(&Gathered) -> Option<RowLock> + Sync),
    /// The refusal of an answer, by the end of its sentence.
    pub refused: fn(&str) -> MysqlError,
}

impl Session {
    /// Brings the rows together, runs the SELECT on them and keeps its answer.
    pub(in super::super) async fn gather_kept(
        &mut self,
        snapshot: &Snapshot,
        (plan, gathered): (&Plan, &Gather),
        (statement, keeping): (&Statement<'_>, Keeping<'_>),
    ) -> Result<Kept, Failure> {
        let inside = self.is_inside(plan)?;
        let _turn = self.turn().await?;
        let from = (statement, None, Travel::of_transaction(inside));
        let mut placed = self
            .place(snapshot, (plan, gathered), from, (None, &[]))
            .await?;
        for table in &mut placed.job.tables {
            let lock = gathered.tables.get(table.reference).and_then(keeping.lock);
            if let Some(lock) = lock {
                let sources = table.sources.iter_mut();
                sources.for_each(|(_, source)| source.sql.lock(lock));
            }
        }
        let names = placed.names();
        let names = placed.target(&names);
        let target = Target {
            replica_set: placed.replica_set,
            shard: None,
            names: Some(names),
            rows: None,
            read: ReadPolicy::Primary,
        };
        let mut room = Vec::new();
        let sql = self.finishing(snapshot, gathered, statement, &placed, &mut room)?;
        let attributes = statement.attributes;
        let query = query(plan, Request::Query { sql, attributes }, inside);
        let mut backend = self.finisher(&target, &query, inside).await?;
        let kept = match self.bring_inside(&placed.job, &mut backend).await {
            Ok(moved) if moved.warnings > 0 => {
                Err(Failure::Error((keeping.refused)(WITH_WARNINGS)))
            }
            Ok(_) => self.finish_kept(&mut backend, (sql, names), keeping).await,
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
        backend: &mut Backend,
        (sql, names): (&[u8], Names<'_>),
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
        let prepared = connection.prepare(&wanted, &[]).await;
        prepared.map_err(|error| Failure::from(&error))?;
        let command = Command::Text {
            sql: sql.to_vec(),
            attributes: b"",
            database: None,
        };
        let number = 0;
        let lanes = vec![Lane::new(connection, vec![Query { number, command }])];
        let spec = |visible| Ok(MergeSpec::as_it_comes(visible));
        let (kept, warnings) = match self
            .keep_rows((lanes, vec![Some(names)]), (0, false), &spec)
            .await
        {
            Ok(kept) => kept,
            Err(ScatterError::Refused { error, .. }) => return Err(Failure::Error(error)),
            Err(ScatterError::Lost(RelayError::Backend { error, .. })) => {
                return Err(Failure::Error(error.to_mysql()));
            }
            Err(ScatterError::Lost(RelayError::Client(stop))) => {
                return Err(Failure::End(stop.into()));
            }
        };
        let checked = check_kept(&kept, (warnings, keeping.refused), &mut backend.connection).await;
        checked.map_err(|error| Failure::from(&error))??;
        Ok(kept)
    }
}

//! INSERT and REPLACE whose rows get ids: the ids first, then the statement that has them.

use super::failure::{Failure, interrupted};
use super::prepared::Bindings;
use super::query::several;
use super::request::Request;
use super::shard_query::ShardQuery;
use super::shared::Snapshot;
use super::state::Session;
use super::statement::{GivenIds, Statement};
use crate::error::{MysqlError, StageError};
use crate::net::Interest;
use crate::parse::{self, Digest, LexMode};
use crate::plan::{Generate, Plan, PlanError, Unsupported, Write};
use crate::reply::{InsertIds, RowId};
use crate::rewrite::{IdTexts, WrittenId};
use crate::route::{Route, Variables};
use crate::sequence::IdsOf;
use crate::topology::{Generated, IdColumn, TableId};
use crate::value::{NewId, NewIds};

/// Tells the plans of texts that have their ids from those of the same texts by clients, whose NULL
/// and 0 stand for ids.
pub(super) const FILLED: u64 = 0x1d5_f111_ed1d_5f11;

/// A statement whose rows have their ids.
pub(super) struct Filled {
    sql: Vec<u8>,
    /// What becomes of the insert id; `None`: it has nothing to do with these ids.
    ids: Option<InsertIds>,
}

impl Filled {
    /// The statement in the place of the client's.
    pub fn statement<'a>(&'a self, client: &Statement<'a>, digest: &'a Digest) -> Statement<'a> {
        Statement {
            sql: &self.sql,
            digest,
            start: 0,
            ids: Some(match &self.ids {
                Some(ids) => GivenIds::Numbers(ids),
                None => GivenIds::Untold,
            }),
            ..*client
        }
    }
}

impl Session {
    /// Gives a statement's rows their ids and runs it; says whether the rest of the command shall run.
    pub(super) async fn run_with_ids(
        &mut self,
        generate: &Generate,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let filled = self.filled(generate, snapshot, statement).await?;
        let digest = self.scan_filled(&filled, statement.mode)?;
        let statement = filled.statement(statement, &digest);
        self.run_filled(&statement).await
    }

    /// Gives a statement's rows their ids.
    pub(super) async fn filled(
        &self,
        generate: &Generate,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<Filled, Failure> {
        let text = (statement.sql, statement.start, statement.digest);
        let texts = IdTexts::read(text, generate, self.stores_zero());
        let texts = texts.map_err(|error| Failure::from(&error))?;
        let made = self.take_ids(generate, snapshot, texts.wanted()).await?;
        let sql = texts.fill(&made).map_err(|error| Failure::from(&error))?;
        let ids = insert_ids(generate, texts.written(), &made);
        Ok(Filled { sql, ids })
    }

    /// Scans a text whose rows have their ids.
    pub(super) fn scan_filled(&self, filled: &Filled, mode: LexMode) -> Result<Digest, MysqlError> {
        self.scan_in(&filled.sql, mode, self.state.plan_context ^ FILLED)
    }

    /// Scans a text of the proxy's own in the mode of the client's statement.
    pub(super) fn scan_in(
        &self,
        sql: &[u8],
        mode: LexMode,
        context: u64,
    ) -> Result<Digest, MysqlError> {
        let mut digest = Digest::default();
        parse::scan(sql, 0, mode, self.shared.seed, context, &mut digest)
            .map_err(|error| error.to_mysql())?;
        Ok(digest)
    }

    /// `count` ids, which may be none.
    pub(super) async fn take_ids(
        &self,
        generate: &Generate,
        snapshot: &Snapshot,
        count: usize,
    ) -> Result<NewIds, Failure> {
        if count == 0 {
            return Ok(NewIds::Numbers(0));
        }
        let asked = (generate.table, &generate.generated, generate.column);
        self.take_some_ids(asked, snapshot, count).await
    }

    /// `count` ids of a table's column.
    pub(super) async fn take_some_ids(
        &self,
        (table, generated, column): (TableId, &Generated, IdColumn),
        snapshot: &Snapshot,
        count: usize,
    ) -> Result<NewIds, Failure> {
        let topology = &snapshot.topology;
        let found = topology.table_by_id(table).and_then(|table| {
            let schema = topology.schema_by_id(table.schema)?;
            Some((table, topology.shard(*schema.shards.first()?)?))
        });
        let (table, shard) = found.ok_or_else(MysqlError::stale)?;
        let of = IdsOf {
            replica_set: shard.replica_set,
            database: &shard.database,
            table: &table.name,
            kind: generated.kind,
            form: column.form,
        };
        let taken = self.shared.sequences.take(of, count);
        match self
            .handle
            .watch
            .guard(None, Interest::STATEMENT, taken)
            .await
        {
            Ok(taken) => taken.map_err(|error| Failure::from(&error)),
            Err(signal) => Err(interrupted(signal)),
        }
    }

    /// sql_mode NO_AUTO_VALUE_ON_ZERO: 0 is a value like others.
    pub(super) fn stores_zero(&self) -> bool {
        let mut modes = self.state.variables.sql_modes();
        modes.any(|mode| mode.eq_ignore_ascii_case(b"NO_AUTO_VALUE_ON_ZERO"))
    }

    /// The way of any other statement, from its plan on.
    async fn run_filled(&mut self, statement: &Statement<'_>) -> Result<bool, Failure> {
        let (snapshot, plan) = self.plan_of(statement).await;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        self.state.found.begin(plan.found_rows);
        self.check_found_rows(&plan)?;
        let literals = statement.literals(self.state.text.charset);
        let variables = match plan.uses_pinned_state {
            true => self.user_variables(&plan).await?,
            false => Variables::default(),
        };
        let route = snapshot.router.route_with(&plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        let Some(ids) = statement.insert_ids() else {
            return self.run_routed(&snapshot, &plan, &route, statement).await;
        };
        if ids.one_by_one() {
            let asked = (statement, None);
            return self.run_one_by_one((&snapshot, &plan), &route, asked).await;
        }
        if let Some(nodes) = several(&snapshot, &plan, &route) {
            let asked = (statement, None);
            return self.run_several((&snapshot, &plan), nodes, asked).await;
        }
        let (target, part) = self.target(&snapshot, &plan, &route)?;
        let mut room = std::mem::take(&mut self.spliced);
        let text = self.rewrite((&snapshot, &plan), statement, (target, part), &mut room)?;
        let request = Request::Query {
            sql: text,
            attributes: statement.attributes,
        };
        let query = ShardQuery {
            ids: Some(ids),
            ..ShardQuery::of(&plan, request)
        };
        let summary = self.run(&target, &query, statement.more).await?;
        self.keep_spliced(room);
        if let Some(id) = summary.generated {
            self.state.last_insert_id = id;
        }
        if summary.error.is_some() {
            self.note_outcome((&snapshot, &plan), statement, &summary)
                .await;
        }
        Ok(summary.error.is_none())
    }

    /// Each row by itself, in one transaction: every answer tells what has become of one row.
    pub(super) async fn run_one_by_one<'s>(
        &mut self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        route: &Route,
        asked: (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<bool, Failure> {
        let nodes = snapshot.router.routed(route);
        let reason = match &plan.write {
            Some(Ok(write @ Write::Rows(_))) if !nodes.is_empty() => {
                return self
                    .run_written((snapshot, plan), write, nodes, asked)
                    .await;
            }
            Some(Err(reason)) => reason.to_string(),
            _ => "a schema of one shard".to_owned(),
        };
        let what = format!(
            "IGNORE or ON DUPLICATE KEY UPDATE in an INSERT of several rows that get ids, with {reason}"
        );
        let what = PlanError::from(Unsupported::Statement(what));
        Err(Failure::Error(what.to_mysql()))
    }
}

/// What becomes of the insert id; `None`: it has nothing to do with the ids.
pub(super) fn insert_ids(
    generate: &Generate,
    rows: impl IntoIterator<Item = WrittenId>,
    made: &NewIds,
) -> Option<InsertIds> {
    if !generate.column.form.is_number() {
        return None;
    }
    let mut made = made.iter();
    let id = |written| match written {
        WrittenId::Wanted => match made.next() {
            Some(NewId::Number(id)) => RowId::Made(id),
            _ => RowId::Own(0),
        },
        WrittenId::Own(id) => RowId::Own(id),
        WrittenId::Zero | WrittenId::Bound(_) | WrittenId::Value => RowId::Own(0),
    };
    Some(InsertIds {
        rows: rows.into_iter().map(id).collect(),
        duplicates: generate.duplicates,
        told: generate.column.auto_increment,
    })
}

//! UPDATE and DELETE whose rows no data node finds alone.
//!
//! In one transaction a SELECT finds the rows: what it reads is brought to one server and stays locked,
//! what will be written for update, the rest as MySQL locks what subqueries read. Then each row is
//! written where it is, by its primary key, with the values that the SELECT has told.
//!
//! | file | what it does |
//! |---|---|
//! | `check` | what a server has against the statement |
//! | `rows` | the SELECT's answer, as rows of data nodes |
//! | `parts` | the texts that write them |

mod check;
mod parts;
mod rows;

pub(in super::super) use check::{a_node, place_to_ask};

use super::super::failure::Failure;
use super::super::gather::Keeping;
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::counts::{none_left_out, numbers};
use super::limited::own;
use super::writes::{Kind, Told, Writing};
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::scatter::{Kept, Written};
use crate::plan::{Action, Gathered, Picked, Plan, PlanError, Unsupported};
use crate::reply as conditions;
use crate::rewrite::{PickTarget, PickTexts, RowLock};
use rows::PickedRows;

/// What the steps have in common.
struct Picking<'s> {
    snapshot: &'s Snapshot,
    plan: &'s Plan,
    picked: &'s Picked,
    texts: PickTexts<'s>,
}

/// What an UPDATE says that finds no row.
const NONE_MATCHED: &[u8] = b"Rows matched: 0  Changed: 0  Warnings: 0";

impl Session {
    /// Runs the statement; says whether the rest of the command shall run.
    pub(in super::super) async fn run_picked(
        &mut self,
        picked: &Picked,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        Self::check_scattered(plan)?;
        self.check_alone()?;
        self.check_gathers()?;
        self.check_safe(picked)?;
        self.meter.several("write");
        let place = place_to_ask(picked, snapshot);
        let known = self.object((snapshot, plan), place, statement).await?;
        if picked.wrong {
            return Err(refused("in this form"));
        }
        for table in &picked.tables {
            let read = self.shared.refresher.definition(snapshot, table.table);
            read.await.map_err(|error| Failure::from(&error))?;
        }
        let texts = PickTexts::new(statement.tokens(), picked, &snapshot.topology);
        let texts = texts.map_err(|error| refused(&error.to_string()))?;
        let again = |target: &PickTarget<'_>| picked.read.contains(&target.table().table);
        if !known && texts.targets.iter().any(again) {
            return Err(refused("with a subquery on the table that is written"));
        }
        let picking = Picking {
            snapshot,
            plan,
            picked,
            texts,
        };
        let own = self.begin_own();
        let told = self.pick_and_write(&picking, (own, statement)).await;
        let told = self.end_own(own, told).await?;
        self.answer_told(told, statement.more);
        Ok(true)
    }

    async fn pick_and_write(
        &mut self,
        picking: &Picking<'_>,
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<Told, Failure> {
        // ROW_COUNT() and FOUND_ROWS() are those of the client's statement before, in all steps.
        let state = &self.state;
        let before = (state.row_count, state.found);
        let kept = self.pick(picking, statement).await?;
        let state = &mut self.state;
        (state.row_count, state.found) = before;
        let rows = PickedRows::read(&kept, picking)?;
        drop(kept);
        let parts = self.picked_parts(picking, &rows, statement)?;
        let writing = Writing::new(Kind::Change, parts);
        let query = ShardQuery::of_write(picking.plan, statement.attributes, true);
        let done = self.write_parts(&writing, &query, (own, statement)).await?;
        if let Err(how) = check_written(picking.picked, &done.written, rows.count) {
            if !own {
                let sets = writing.parts.iter().map(|part| part.target.replica_set);
                self.back_to_savepoint(&sets.collect::<Vec<_>>()).await?;
            }
            return Err(refused(how));
        }
        let updates = picking.picked.updates;
        let mut told = self.told(done, (&writing, None), false);
        if updates && told.counts.info.is_empty() {
            told.counts.info = NONE_MATCHED.to_vec();
        }
        Ok(told)
    }

    /// Whether the statement is allowed where it must not change what no index finds.
    ///
    /// # Errors
    /// It is not, or that depends on how a server would find the rows.
    fn check_safe(&self, picked: &Picked) -> Result<(), Failure> {
        if !self.state.has_safe_updates() {
            return Ok(());
        }
        match (picked.alone, picked.has_condition, picked.has_limit) {
            (true, _, true) => Ok(()),
            (true, false, false) => {
                let end = match self.flavor() {
                    Some(Flavor::MariaDb) => "",
                    _ => ". ",
                };
                let message = format!(
                    "You are using safe update mode and you tried to update a table without a WHERE that \
                     uses a KEY column{end}"
                );
                let error = MysqlError::new(ErrorKind::UpdateWithoutKey, message);
                Err(Failure::Error(error))
            }
            _ => Err(refused("under sql_safe_updates, without LIMIT")),
        }
    }

    /// Finds and locks the rows.
    async fn pick(
        &mut self,
        picking: &Picking<'_>,
        statement: &Statement<'_>,
    ) -> Result<Kept, Failure> {
        let sql = picking.texts.reading();
        let digest = self.scan_in(&sql, statement.mode, self.state.plan_context)?;
        let asked = own(&sql, &digest, statement);
        let plan = self.plan_in(picking.snapshot, &asked);
        let gathered = match (&plan.gather, &plan.action) {
            (Some(Ok(gathered)), _) => gathered,
            (Some(Err(error)), _) | (None, Action::Refuse(error)) => {
                return Err(Failure::Error(error.clone()));
            }
            _ => return Err(refused("in this form")),
        };
        let targets = &picking.texts.targets;
        let lock = |table: &Gathered| {
            let id = table.rows.table();
            let is_written = targets
                .iter()
                .any(|target| Some(target.table().table) == id);
            Some(match is_written {
                true => RowLock::Update,
                false => RowLock::Share,
            })
        };
        let keeping = Keeping {
            lock: &lock,
            refused: unsupported,
        };
        self.gather_kept(picking.snapshot, (&plan, gathered), (&asked, None, keeping))
            .await
            .map_err(|failure| match failure {
                Failure::Error(error)
                    if picking.picked.ignore
                        && error.code == ErrorKind::SubqueryNotOneRow.code().0 =>
                {
                    refused("with IGNORE and a subquery that gives more than one row")
                }
                failure => failure,
            })
    }
}

/// Whether all rows were written that were found, but for those that IGNORE may leave out.
///
/// # Errors
/// What the statement is that it cannot be run.
fn check_written(picked: &Picked, done: &[Written], found: u64) -> Result<(), &'static str> {
    if picked.whole && !done.iter().all(none_left_out) {
        return Err("with IGNORE that leaves rows out, and LIMIT or several tables to delete from");
    }
    let left = match picked.ignore {
        true => left_out(done),
        false => 0,
    };
    match written(done, picked.updates) + left == found {
        true => Ok(()),
        false => Err(
            "of rows that are not where their sharding keys belong, or that go with others (ON DELETE \
             CASCADE)",
        ),
    }
}

/// How many rows IGNORE has left as they are, and a server does not count as found: others refer to them; on
/// MariaDB, a CHECK forbids it.
fn left_out(written: &[Written]) -> u64 {
    const LEFT: [&[u8]; 3] = [b"1451", b"1217", b"4025"];
    let told = written.iter().flat_map(|part| &part.conditions);
    let left = told.filter(|row| LEFT.contains(&conditions::code(row)));
    left.count() as u64
}

/// How many rows were written: found by an UPDATE, taken away by a DELETE.
fn written(written: &[Written], updates: bool) -> u64 {
    let rows = written.iter().map(|part| match updates {
        true => numbers(&part.changes.info).first().copied().unwrap_or(0),
        false => part.changes.affected_rows,
    });
    rows.sum()
}

fn unsupported(how: &str) -> MysqlError {
    let what = format!("an UPDATE or DELETE with joins or subqueries over several shards {how}");
    PlanError::from(Unsupported::Statement(what)).to_mysql()
}

fn refused(how: &str) -> Failure {
    Failure::Error(unsupported(how))
}

//! A write that several data nodes carry out: everywhere, or nowhere.
//!
//! Outside of a transaction it gets one of its own, whose commit is atomic. Within the client's,
//! every server sets a savepoint first: an error takes back this statement and nothing else, as on
//! MySQL; where a server has rolled back more, the whole transaction is rolled back.

use super::super::diagnostics::Diagnostics;
use super::super::failure::Failure;
use super::super::found_rows::Answered;
use super::super::held::Backend;
use super::super::local::More;
use super::super::prepared::{Bindings, Rebound, ShardText};
use super::super::shard_query::{ShardQuery, Target};
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::target::node_target;
use super::super::transaction::Transaction;
use super::copies::Copies;
use super::counts::{Counts, counts, numbers, once};
use super::given_id::{LastRow, given};
use super::limited::Limited;
use super::written::Done;
use super::{Part, Text};
use crate::backend::Flavor;
use crate::error::{MysqlError, StageError};
use crate::net::Interest;
use crate::plan::{Duplicates, Plan, PlanError, RowPlaces, Rows, Unsupported, Write};
use crate::rewrite::{self, RowTexts};
use crate::route::{DataNode, Literals, Params};
use crate::topology::ReplicaSetId;
use crate::wire::{CapabilityFlags, OkHeader, OkPacket, StatusFlags};

/// What a statement within the client's transaction can be taken back to.
pub(super) const SAVEPOINT: &str = "`shardwell statement`";

/// What the parts have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows are changed where they are.
    Change,
    /// Rows are stored, for which a server may count ids.
    Store,
    /// The same by one server alone, whose ids are as good as any.
    Alone,
}

/// The parts of a write.
pub(super) struct Writing<'s> {
    pub kind: Kind,
    pub parts: Vec<Part<'s>>,
    /// Which rows of the client's each part stores; `None`: it stores none.
    pub rows: Option<Vec<Vec<usize>>>,
    /// The last of all rows.
    pub last_row: LastRow,
    /// The parts write copies of the same rows.
    pub copies: Option<Copies>,
    /// The parts share a LIMIT.
    pub limited: Option<Limited<'s>>,
    /// What is executed, where the client has prepared it.
    pub bindings: Option<&'s Bindings<'s>>,
    /// The parameters of each part that stores rows of its own.
    pub rebound: Vec<Rebound>,
}

impl<'s> Writing<'s> {
    pub fn new(kind: Kind, parts: Vec<Part<'s>>) -> Self {
        Self {
            kind,
            parts,
            rows: None,
            last_row: LastRow::default(),
            copies: None,
            limited: None,
            bindings: None,
            rebound: Vec::new(),
        }
    }

    /// Rows that one server stores.
    pub fn alone(part: Part<'s>) -> Self {
        Self::new(Kind::Alone, vec![part])
    }

    /// The same parts, whose texts are still to come.
    pub fn without_texts(&self) -> Self {
        let empty = |part: &Part<'s>| Part {
            target: part.target,
            text: Text::Query(Vec::new()),
        };
        Self {
            bindings: self.bindings,
            ..Self::new(self.kind, self.parts.iter().map(empty).collect())
        }
    }
}

/// What the client is told of a write.
#[derive(Default)]
pub(super) struct Told {
    pub counts: Counts,
    pub last_insert_id: u64,
    /// What LAST_INSERT_ID() gives from now on, if that changes.
    pub generated: Option<u64>,
    pub conditions: Diagnostics,
    /// How many parts there were.
    pub parts: usize,
}

impl Session {
    /// Runs a write on several data nodes; says whether the rest of the command shall run.
    pub(in super::super) async fn run_written<'s>(
        &mut self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        write: &Write,
        nodes: &[DataNode],
        (statement, bindings): (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<bool, Failure> {
        Self::check_scattered(plan)?;
        self.check_alone()?;
        self.check_temporary(write)?;
        if let Some(bindings) = bindings {
            bindings.check_places()?;
            bindings.check_edits(&plan.edits)?;
        }
        let asked = (statement, bindings);
        let writing = self.writing((snapshot, plan), (write, usize::MAX), nodes, asked)?;
        // What is prepared remembers its database.
        let qualified = plan.qualified || bindings.is_some();
        let query = ShardQuery::of_write(plan, statement.attributes, qualified);
        let own = self.begin_own();
        if own && writing.limited.as_ref().is_some_and(Limited::is_ordered) {
            self.keep_rows_in_place();
        }
        let done = self.write_parts(&writing, &query, (own, statement)).await;
        let done = self.end_own(own, done).await?;
        let (duplicates, expressions) = match write {
            Write::Rows(rows) => (
                Some(rows.duplicates),
                matches!(rows.places, RowPlaces::Tokens(_)),
            ),
            _ => (None, false),
        };
        let told = self.told(done, (&writing, duplicates), expressions);
        self.answer_told(told, statement.more);
        Ok(true)
    }

    /// Begins a transaction, unless there is one; says whether it is the statement's own.
    pub(super) fn begin_own(&mut self) -> bool {
        let own = !self.transaction.is_active() && self.state.autocommit();
        self.begin_written(own);
        own
    }

    /// Ends a transaction of the statement's own: everything of it stays, or nothing.
    pub(super) async fn end_own<T>(
        &mut self,
        own: bool,
        done: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let done = match done {
            Ok(done) if own => self.end_everywhere(true).await.map(|()| done),
            Err(Failure::Error(error)) if own => {
                let back = self.take_back_own().await;
                back.and(Err(Failure::Error(error)))
            }
            done => done,
        };
        if let Some(before) = self.suspended.take() {
            self.state.set_variables(before, &self.shared);
        }
        done
    }

    /// A transaction of the statement's own failed: nothing of it may stay anywhere.
    async fn take_back_own(&mut self) -> Result<(), Failure> {
        match self.transaction {
            Transaction::Open(_) => self.end_everywhere(false).await,
            Transaction::None | Transaction::Requested(_) => {
                self.transaction = Transaction::None;
                Ok(())
            }
        }
    }

    /// The parts of a write; those that store rows of their own have texts of no more than `most`
    /// bytes, or one row.
    pub(super) fn writing<'s>(
        &self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        (write, most): (&Write, usize),
        nodes: &[DataNode],
        asked: (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<Writing<'s>, Failure> {
        let (statement, bindings) = asked;
        let rows = match write {
            Write::Rows(rows) => rows,
            Write::Picked(picked) => return Err(Failure::Error(picked.refusal())),
            Write::Own | Write::Limited(_) | Write::Selected | Write::Copies { .. } => {
                let parts = self.texts((snapshot, plan), nodes, None, asked)?;
                let plans = (snapshot, plan);
                let limited = match write {
                    Write::Limited(limited) => {
                        Some(self.limited(plans, *limited, (nodes, &parts), asked)?)
                    }
                    _ => None,
                };
                let kind = match write {
                    Write::Selected | Write::Copies { stores: true } => Kind::Store,
                    _ => Kind::Change,
                };
                return Ok(Writing {
                    copies: Copies::of(write, snapshot, nodes),
                    limited,
                    bindings,
                    ..Writing::new(kind, parts)
                });
            }
        };
        let last_row = LastRow {
            given: given(rows.given_id, statement, bindings),
            ignore: rows.duplicates == Duplicates::Ignore,
        };
        let (texts, rows) = self.split_rows((snapshot, plan), rows, nodes, asked)?;
        let (nodes, rows) = match statement.insert_ids() {
            Some(ids) if ids.one_by_one() => one_by_one(nodes, &rows),
            _ if most < statement.sql.len() => texts.in_pieces(nodes, &rows, most),
            _ => (nodes.to_vec(), rows),
        };
        let split = Some((&texts, rows.as_slice()));
        let own = |bindings: &'s Bindings<'s>| {
            let kept = rows
                .iter()
                .map(|rows| texts.literals(statement.digest, rows));
            let some = kept.map(|literals| bindings.some(literals));
            some.collect::<Result<Vec<_>, _>>()
        };
        let parts = self.texts((snapshot, plan), &nodes, split, asked)?;
        let rebound = bindings.map_or(Ok(Vec::new()), own)?;
        Ok(Writing {
            rebound,
            last_row,
            bindings,
            rows: Some(rows),
            ..Writing::new(Kind::Store, parts)
        })
    }

    /// The rows that each of the nodes stores.
    fn split_rows(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        rows: &Rows,
        nodes: &[DataNode],
        (statement, bindings): (&Statement<'_>, Option<&Bindings<'_>>),
    ) -> Result<(RowTexts, Vec<Vec<usize>>), Failure> {
        let charset = self.state.text.charset;
        let literals = Literals {
            params: bindings.map_or_else(Params::default, |all| all.params(charset)),
            ..statement.literals(charset)
        };
        let placed = snapshot.router.rows(plan, literals);
        let placed = placed.map_err(|error| Failure::from(&error))?;
        let texts = RowTexts::find(&rows.places, statement.digest);
        let texts = texts.map_err(|error| Failure::from(&error))?;
        let of = |node: &DataNode| {
            let rows = placed.iter().enumerate();
            let rows = rows.filter(|(_, place)| *place == node);
            rows.map(|(at, _)| at).collect::<Vec<_>>()
        };
        let split: Vec<Vec<usize>> = nodes.iter().map(of).collect();
        let stored: usize = split.iter().map(Vec::len).sum();
        if stored != texts.len() {
            return Err(Failure::from(&rewrite::SpliceError::ForeignPlan));
        }
        Ok((texts, split))
    }

    pub(super) fn texts<'s>(
        &self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        nodes: &[DataNode],
        rows: Option<(&RowTexts, &[Vec<usize>])>,
        (statement, bindings): (&Statement<'_>, Option<&Bindings<'_>>),
    ) -> Result<Vec<Part<'s>>, Failure> {
        let mut parts = Vec::with_capacity(nodes.len());
        let edits = &plan.edits;
        for (at, node) in nodes.iter().enumerate() {
            let target = node_target(&snapshot.topology, *node, plan)?;
            let values = self.values((snapshot, plan), (target, node.part));
            let (sql, start, digest) = (statement.sql, statement.start, statement.digest);
            let text = match rows {
                None => {
                    let mut room = Vec::new();
                    rewrite::splice(sql, start, digest, edits, &values, &mut room)
                        .map(<[u8]>::to_vec)
                }
                Some((texts, split)) => {
                    let kept = split.get(at).map(Vec::as_slice).unwrap_or_default();
                    rewrite::splice_rows((sql, start, digest), edits, &values, (texts, kept))
                }
            };
            let text = text.map_err(|error| Failure::from(&error))?;
            let text = self.text_for((target, plan), text, bindings);
            parts.push(Part { target, text });
        }
        Ok(parts)
    }

    /// A node's text, to be prepared where the client has prepared the statement.
    pub(super) fn text_for(
        &self,
        (target, plan): (Target<'_>, &Plan),
        sql: Vec<u8>,
        bindings: Option<&Bindings<'_>>,
    ) -> Text {
        let Some(bindings) = bindings else {
            return Text::Query(sql);
        };
        let database = target.database().filter(|_| !plan.qualified);
        let (settings, seed) = (&bindings.template.settings, self.shared.seed);
        Text::Prepared(ShardText::new(&sql, database, settings, seed))
    }

    /// What the client is told. `duplicates`: what rows do whose key is there already, where rows of
    /// VALUES are stored; `expressions`: those rows are not literals.
    pub(super) fn told(
        &self,
        mut done: Done,
        (writing, duplicates): (&Writing<'_>, Option<Duplicates>),
        expressions: bool,
    ) -> Told {
        let nulls = writing.kind != Kind::Change && self.flavor() == Some(Flavor::MySql);
        once(&mut done.written, expressions, nulls);
        let found = self
            .capabilities
            .contains(CapabilityFlags::CLIENT_FOUND_ROWS);
        Told {
            counts: counts(&done.written, duplicates, found),
            last_insert_id: done.last_insert_id,
            generated: done.generated,
            conditions: self.conditions(&done.written, writing),
            parts: writing.parts.len(),
        }
    }

    /// Answers the client.
    pub(super) fn answer_told(&mut self, told: Told, more: More) {
        let counts = told.counts;
        let mut status = self.status();
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more.0);
        let ok = OkPacket {
            affected_rows: counts.affected_rows,
            last_insert_id: told.last_insert_id,
            status,
            warnings: counts.warnings,
            info: &counts.info,
            ..OkPacket::default()
        };
        let capabilities = self.capabilities;
        self.client
            .queue_with(|out| ok.encode(out, capabilities, OkHeader::Ok));
        if let Some(id) = told.generated {
            self.state.last_insert_id = id;
        }
        self.state.row_count = i64::try_from(counts.affected_rows).unwrap_or(i64::MAX);
        self.note_found(Answered {
            rows: None,
            affected: counts.affected_rows,
            told: numbers(&counts.info).first().copied(),
        });
        self.meter.changed = counts.affected_rows;
        let writes = &self.shared.metrics.writes;
        self.meter.worked(writes, told.parts);
        writes.rows.add(counts.affected_rows);
        self.diagnostics = told.conditions;
    }

    /// Takes the statement back on these replica sets; what a server has rolled back already is rolled
    /// back everywhere.
    pub(super) async fn back_to_savepoint(
        &mut self,
        replica_sets: &[ReplicaSetId],
    ) -> Result<(), Failure> {
        let statements = [format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}").into_bytes()];
        let limit = Some(self.shared.limits.handshake);
        let concerned = |backend: &&mut Backend| replica_sets.contains(&backend.replica_set);
        let backends: Vec<&mut Backend> = self.held.in_transaction().filter(concerned).collect();
        let back = backends.into_iter().map(|backend| async {
            let answers = backend.connection.execute_all(&statements).await;
            let done = matches!(answers.as_deref(), Ok([Ok(_)]));
            backend.uncertain &= !done;
            (done, answers.err())
        });
        let back = futures_util::future::join_all(back);
        let answers = match self.handle.watch.guard(limit, Interest::FINISH, back).await {
            Ok(answers) => answers,
            Err(signal) => return Err(super::super::failure::interrupted(signal).into_end()),
        };
        if let Some(error) = answers.iter().find_map(|(_, lost)| lost.as_ref()) {
            return Err(Failure::from(error).into_end());
        }
        match answers.iter().all(|(done, _)| *done) {
            true => Ok(()),
            false => self.end_everywhere(false).await,
        }
    }
}

/// Each row a part of its own.
fn one_by_one(nodes: &[DataNode], rows: &[Vec<usize>]) -> (Vec<DataNode>, Vec<Vec<usize>>) {
    let each = nodes.iter().zip(rows);
    let each = each.flat_map(|(node, rows)| rows.iter().map(|row| (*node, vec![*row])));
    each.unzip()
}

/// Rows whose ids the servers made: each server counts for itself.
pub(super) fn counted_by_servers() -> MysqlError {
    let what = "an INSERT of rows on several shards into a table whose AUTO_INCREMENT the servers \
                count";
    PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
}

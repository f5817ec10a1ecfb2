//! UPDATE of a sharding key: rows whose new key belongs to another data node go there.
//!
//! All in one transaction: the rows are found and locked with their primary keys, and the client's own
//! UPDATE changes them where they are, so that what it counts, converts and objects to is MySQL's. Then
//! those that are in the wrong place are read whole, deleted, and stored where they belong. Where the
//! statement itself says that no row can leave its data node, it runs like any other.
//!
//! | file | what it does |
//! |---|---|
//! | `find` | the rows that the statement is about |
//! | `change` | the UPDATE where they are, and which of them leave |
//! | `leave` | deletes and stores them |

mod change;
mod find;
mod leave;

pub(super) use find::{cells, definitions, tuple};

use super::super::failure::Failure;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::target::node_target;
use super::writes::{Told, Writing};
use super::written::{Broken, Done};
use super::{Part, Text, Worker};
use crate::error::{MysqlError, StageError};
use crate::execute::scatter::Written;
use crate::plan::{KeyCondition, PlanError, Rekey, Unsupported};
use crate::rewrite::RekeyTexts;
use crate::route::{DataNode, Literals, Route, Variables, node_table};
use crate::topology::{Sharding, TableKind};

/// How many rows one text lists: servers look up so many by their keys.
const LISTED: usize = 1000;

/// What the steps have in common.
struct Rekeying<'s> {
    snapshot: &'s Snapshot,
    rekey: &'s Rekey,
    sharding: &'s Sharding,
    texts: RekeyTexts<'s>,
    /// Where the rows are that the statement is about.
    nodes: &'s [DataNode],
    /// Where all of them belong afterwards, if the statement says it.
    target: Option<DataNode>,
}

/// A row that the statement is about.
struct Found {
    /// Its primary key as a row of values.
    old: Vec<u8>,
    /// The one that it gets.
    new: Vec<u8>,
    /// Its sharding key, as far as equal ones must look alike.
    key: Option<Vec<Vec<u8>>>,
}

/// A row that leaves its data node.
struct Leaving {
    from: DataNode,
    to: DataNode,
    /// Its primary key as a row of values.
    key: Vec<u8>,
    /// All that is stored of it, as a row of values.
    values: Vec<u8>,
}

/// What the UPDATE did.
struct Changed<'s> {
    writing: Writing<'s>,
    written: Vec<Written>,
    leaving: Vec<Leaving>,
}

/// Where the rows of an UPDATE are, and where they belong afterwards, if the statement says it.
pub(in super::super) struct Whereabouts {
    /// Where they are.
    pub route: Route,
    target: Option<DataNode>,
}

impl Whereabouts {
    /// What the statement says.
    ///
    /// # Errors
    /// It has no route.
    pub fn of(rekey: &Rekey, snapshot: &Snapshot, literals: Literals<'_>) -> Result<Self, Failure> {
        let (router, plan) = (&snapshot.router, &rekey.plan);
        let route = router.route_with(plan, literals, &Variables::default());
        let route = route.map_err(|error| Failure::from(&error))?;
        let stored = |key| KeyCondition::Stored(vec![key]);
        let target = rekey.key.clone().map(stored).and_then(|key| {
            // What is wrong with a value, its server says.
            match router.route_condition(rekey.table, &key, literals).ok()? {
                Route::Single(node) => Some(node),
                _ => None,
            }
        });
        Ok(Self { route, target })
    }

    /// Whether no row can leave its data node.
    pub fn stay(&self, rekey: &Rekey, snapshot: &Snapshot) -> bool {
        match &self.route {
            Route::Single(node) => {
                self.target == Some(*node) || snapshot.router.nodes(rekey.table).len() == 1
            }
            Route::NoMatch(_) => true,
            _ => false,
        }
    }
}

impl Session {
    /// Runs the UPDATE; says whether the rest of the command shall run.
    pub(in super::super) async fn run_rekeyed(
        &mut self,
        rekey: &Rekey,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let literals = statement.literals(self.state.text.charset);
        let places = Whereabouts::of(rekey, snapshot, literals)?;
        if places.stay(rekey, snapshot) {
            let plan = &rekey.plan;
            return self
                .run_routed(snapshot, plan, &places.route, statement)
                .await;
        }
        self.check_alone()?;
        if self.state.has_safe_updates() {
            return Err(refused("under sql_safe_updates"));
        }
        self.meter.several("write");
        let own = self.begin_own();
        let asked = (own, statement);
        let told = self.rekey_rows(rekey, (snapshot, &places), asked).await;
        let told = self.end_own(own, told).await?;
        self.answer_told(told, statement.more);
        Ok(true)
    }

    async fn rekey_rows(
        &mut self,
        rekey: &Rekey,
        (snapshot, places): (&Snapshot, &Whereabouts),
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<Told, Failure> {
        let definition = self.shared.refresher.definition(snapshot, rekey.table);
        let definition = definition.await.map_err(|error| Failure::from(&error))?;
        let definition = definition.ok_or_else(MysqlError::stale)?;
        let table = snapshot.topology.table_by_id(rekey.table);
        let Some(TableKind::Sharded(sharding)) = table.map(|table| &table.kind) else {
            return Err(Failure::Error(MysqlError::stale()));
        };
        let texts = RekeyTexts::new(statement.tokens(), rekey, (sharding, &definition));
        let texts = texts.map_err(|error| refused(&error.to_string()))?;
        let rekeying = Rekeying {
            snapshot,
            rekey,
            sharding,
            texts,
            nodes: snapshot.router.routed(&places.route),
            target: places.target,
        };
        let asked = (own, statement);
        let (changed, sets) = self.change_in_place(&rekeying, asked).await?;
        if !changed.leaving.is_empty() {
            let moved = self
                .move_leaving(&rekeying, (&changed.leaving, &sets), asked)
                .await;
            if let (Err(Failure::Error(_)), false) = (&moved, own) {
                self.back_to_savepoint(&sets).await?;
            }
            moved?;
        }
        let done = Done {
            written: changed.written,
            last_insert_id: 0,
            generated: None,
        };
        Ok(self.told(done, (&changed.writing, None), false))
    }
}

impl<'s> Rekeying<'s> {
    /// A text of the proxy's own for a data node.
    fn part(&self, node: DataNode, sql: String) -> Result<Part<'s>, Failure> {
        let target = node_target(&self.snapshot.topology, node, &self.rekey.plan)?;
        let text = Text::Query(sql.into_bytes());
        Ok(Part { target, text })
    }

    /// What a data node calls the table.
    fn table(&self, node: DataNode) -> Result<String, Failure> {
        let name = node_table(self.rekey.table, node, &self.snapshot.topology);
        name.ok_or_else(|| Failure::Error(MysqlError::stale()))
    }

    /// Whether rows may leave a data node.
    fn may_leave(&self, node: DataNode) -> bool {
        self.target.is_none_or(|target| target != node)
    }
}

/// Gives the workers other parts.
fn assign(workers: &mut [Worker], parts: &[Part<'_>]) {
    for worker in workers {
        let set = worker.backend.replica_set;
        let own = parts.iter().enumerate();
        let own = own.filter(|(_, part)| part.target.replica_set == set);
        worker.parts = own.map(|(at, _)| at).collect();
    }
}

/// The rows of values, as many as one text lists.
pub(super) fn in_lists<'r>(
    rows: impl Iterator<Item = &'r [u8]>,
) -> impl Iterator<Item = Vec<&'r [u8]>> {
    let rows: Vec<&[u8]> = rows.collect();
    let lists: Vec<Vec<&[u8]>> = rows.chunks(LISTED).map(<[&[u8]]>::to_vec).collect();
    lists.into_iter()
}

fn unsupported(how: &str) -> MysqlError {
    let what = format!("an UPDATE that moves rows to other shards {how}");
    PlanError::from(Unsupported::Statement(what)).to_mysql()
}

fn refused(how: &str) -> Failure {
    Failure::Error(unsupported(how))
}

fn broken(how: &str) -> Broken {
    Broken::Told(unsupported(how))
}

//! The answer of the SELECT that finds rows → which rows of which data nodes get which values.

use std::collections::{HashMap, HashSet};

use super::super::super::failure::Failure;
use super::super::rekey::{cells, definitions, tuple};
use super::{Picking, refused};
use crate::error::MysqlError;
use crate::execute::scatter::Kept;
use crate::rewrite::{MoveError, MovedRows, PickTarget};
use crate::route::DataNode;
use crate::session::scatter::written::Broken;
use crate::topology::{Column, TableKind};
use crate::wire::ColumnDefinition;

/// Rows of one data node that get the same values.
pub(super) struct Alike {
    /// Position among the targets.
    pub target: usize,
    pub node: DataNode,
    /// What the columns get that the SELECT has told, as literals.
    pub values: Vec<Vec<u8>>,
    /// Their primary keys as rows of values.
    pub keys: Vec<Vec<u8>>,
}

/// All rows that are to be written, each once.
pub(super) struct PickedRows {
    pub alike: Vec<Alike>,
    pub count: u64,
}

/// What tells rows with the same fate: target, data node and values.
type Fate = (usize, DataNode, Vec<Vec<u8>>);

impl PickedRows {
    pub fn read(kept: &Kept, picking: &Picking<'_>) -> Result<Self, Failure> {
        let columns = definitions(kept).map_err(failure)?;
        let mut read = Self {
            alike: Vec::new(),
            count: 0,
        };
        for (at, target) in picking.texts.targets.iter().enumerate() {
            let reader = Reader::new((picking, target), &columns)?;
            let mut places: HashMap<Fate, usize> = HashMap::new();
            let mut seen = HashSet::new();
            for (number, row) in kept.rows.iter().enumerate() {
                let Some((node, key)) = reader.row(row, number)? else {
                    continue;
                };
                // A row that is found more than once is written once.
                if !seen.insert((node, key.clone())) {
                    continue;
                }
                let fate = (at, node, reader.values(row)?);
                let place = *places.entry(fate.clone()).or_insert(read.alike.len());
                if place == read.alike.len() {
                    let (target, node, values) = fate;
                    let keys = Vec::new();
                    read.alike.push(Alike {
                        target,
                        node,
                        values,
                        keys,
                    });
                }
                if let Some(alike) = read.alike.get_mut(place) {
                    alike.keys.push(key);
                }
                read.count += 1;
            }
        }
        Ok(read)
    }
}

/// Reads a target's part of each row.
struct Reader<'a> {
    picking: &'a Picking<'a>,
    target: &'a PickTarget<'a>,
    key: MovedRows,
    values: Vec<(usize, MovedRows)>,
    /// Where all rows are.
    shard: Option<DataNode>,
}

impl<'a> Reader<'a> {
    fn new(
        (picking, target): (&'a Picking<'a>, &'a PickTarget<'a>),
        columns: &[ColumnDefinition<'_>],
    ) -> Result<Self, Failure> {
        let some = |range: &std::ops::Range<usize>, into: &[&Column]| {
            let from = columns.get(range.clone()).unwrap_or_default();
            MovedRows::new(from, into).map_err(|error| told(&error))
        };
        let key = some(&target.key, &target.primary)?;
        let selected = target.values.clone().zip(target.selected());
        let values = selected.map(|(at, (column, _))| Ok((at, some(&(at..at + 1), &[column])?)));
        let topology = &picking.snapshot.topology;
        let table = topology.table_by_id(target.table().table);
        let shard = match table.map(|table| &table.kind) {
            Some(TableKind::Single(shard)) => Some(DataNode::from(*shard)),
            Some(TableKind::Sharded(_)) => None,
            _ => return Err(Failure::Error(MysqlError::stale())),
        };
        Ok(Self {
            picking,
            target,
            key,
            values: values.collect::<Result<_, Failure>>()?,
            shard,
        })
    }

    /// Where the row is, and its primary key; `None`: an outer join has not found one.
    fn row(&self, row: &[u8], number: usize) -> Result<Option<(DataNode, Vec<u8>)>, Failure> {
        let key = cells(row, &self.target.key).map_err(failure)?;
        if key.iter().any(Option::is_none) {
            return Ok(None);
        }
        let node = match self.shard {
            Some(node) => node,
            None => {
                let place = cells(row, &self.target.place).map_err(failure)?;
                let router = &self.picking.snapshot.router;
                let node = router.place(self.target.table().table, &place, number + 1);
                node.map_err(|error| Failure::from(&error))?
            }
        };
        let key = tuple(&self.key, row, self.target.key.start).map_err(failure)?;
        Ok(Some((node, key)))
    }

    /// What the row's columns get.
    fn values(&self, row: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
        let values = self.values.iter();
        let values = values.map(|(at, column)| tuple(column, row, *at).map_err(failure));
        values.collect()
    }
}

fn told(error: &MoveError) -> Failure {
    match error {
        MoveError::Type { column, into, from } => refused(&format!(
            "that stores {from} in column '{column}' of type {into}"
        )),
        other => Failure::from(other),
    }
}

fn failure(broken: Broken) -> Failure {
    Failure::Error(match broken {
        Broken::Told(error) => error,
        Broken::Lost(_) => MysqlError::stale(),
    })
}

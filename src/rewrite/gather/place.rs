//! Where each table of a statement is when it runs: its own place, or a table that its rows are
//! brought to.

use super::super::error::SpliceError;
use super::super::splice::PlacedTable;
use crate::parse::Digest;
use crate::plan::{Filter, Gather, Gathered};
use crate::route::{DataNode, TableNodes};
use crate::topology::{ReplicaSetId, Shard, TableKind, Topology};

/// What tables of gathered rows are called, with a number behind it.
const NAME: &str = "__shardwell_gather_";

/// The tables of a statement in their places.
#[derive(Clone, Debug)]
pub struct Places<'t> {
    /// The shard whose database takes the tables of gathered rows.
    pub home: &'t Shard,
    /// The table of each reference.
    pub tables: Vec<PlacedTable>,
    /// Whether it is one of gathered rows.
    pub moved: Vec<bool>,
}

/// Which rows come to the connection where a statement finishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// Those of tables that are not whole on its server.
    Foreign,
    /// All: the connection does not see what the statement must see.
    All,
}

impl Travel {
    /// Inside a transaction a statement finishes on a connection beside it.
    pub fn of_transaction(inside: bool) -> Self {
        match inside {
            true => Self::All,
            false => Self::Foreign,
        }
    }
}

impl<'t> Places<'t> {
    /// Places the tables of a statement that finishes on a replica set. Those with `few` rows travel
    /// even there: others are limited by them then.
    ///
    /// # Errors
    /// The plan is of another topology.
    pub fn new(
        topology: &'t Topology,
        gather: &Gather,
        nodes: &[TableNodes],
        (at, travel, few): (ReplicaSetId, Travel, &[usize]),
    ) -> Result<Self, SpliceError> {
        let home = home(topology, at, gather).ok_or(SpliceError::Stale)?;
        let mut places = Self {
            home,
            tables: Vec::new(),
            moved: Vec::new(),
        };
        for (number, (table, nodes)) in gather.tables.iter().zip(nodes).enumerate() {
            let stays = nodes
                .whole_on(at, topology)
                .filter(|_| travel == Travel::Foreign && !few.contains(&number));
            places.moved.push(stays.is_none());
            places.tables.push(match stays {
                Some(node) => physical(topology, table, node)?,
                None => PlacedTable {
                    database: home.database.clone(),
                    table: gathered_name(gather, number, topology.fold_names),
                    gathered: true,
                },
            });
        }
        Ok(places)
    }

    /// Whether a table that stays would limit tables that travel, if its rows travelled too.
    pub fn would_limit(&self, gather: &Gather, number: usize) -> bool {
        let travels = |at: usize| self.moved.get(at) == Some(&true);
        let others = gather.tables.iter().enumerate();
        let mut limited = others.filter(|(at, other)| travels(*at) && other.copy_of.is_none());
        !travels(number) && limited.any(|(_, other)| other.links.iter().any(|l| l.other == number))
    }

    /// DROP TEMPORARY TABLE; `None` where there is nothing to drop.
    pub fn drop_tables(&self) -> Option<Vec<u8>> {
        let moved = self.tables.iter().zip(&self.moved);
        let mut sql = b"DROP TEMPORARY TABLE IF EXISTS ".to_vec();
        let begun = sql.len();
        for (table, _) in moved.filter(|(_, moved)| **moved) {
            if sql.len() > begun {
                sql.push(b',');
            }
            super::super::splice::put_table(&mut sql, table);
        }
        (sql.len() > begun).then_some(sql)
    }
}

/// What the table of a reference's rows is called.
///
/// Two subqueries are one expression to MySQL (in GROUP BY, in ORDER BY with DISTINCT) where their
/// texts are equal but for the case of letters. A subquery that a statement repeats needs other tables
/// each time: where letters' case tells tables apart, it alone tells their names apart.
fn gathered_name(gather: &Gather, number: usize, fold: bool) -> String {
    let own = gather.tables.get(number);
    let repeats = |other: &Gathered| {
        own.is_some_and(|own| {
            own.schema == other.schema
                && own.name.eq_ignore_ascii_case(&other.name)
                && own.alias.eq_ignore_ascii_case(&other.alias)
        })
    };
    let before = gather.tables.iter().take(number).enumerate();
    let mut alike = before.filter(|(_, other)| !fold && repeats(other));
    let Some((first, _)) = alike.next() else {
        return format!("{NAME}{number}");
    };
    match in_other_case(NAME, alike.count() + 1) {
        Some(name) => format!("{name}{first}"),
        None => format!("{NAME}{number}"),
    }
}

/// The `turn`th way to write letters in another case; `None`: there are not so many.
fn in_other_case(name: &str, mut turn: usize) -> Option<String> {
    let case = |letter: char| {
        if !letter.is_ascii_alphabetic() {
            return letter;
        }
        let upper = turn % 2 == 1;
        turn /= 2;
        if upper {
            letter.to_ascii_uppercase()
        } else {
            letter
        }
    };
    let written = name.chars().map(case).collect();
    (turn == 0).then_some(written)
}

/// A shard of one of the statement's schemas, if one is on the replica set.
fn home<'t>(topology: &'t Topology, at: ReplicaSetId, gather: &Gather) -> Option<&'t Shard> {
    let here = |shard: &&Shard| shard.replica_set == at;
    let schemas = gather.tables.iter().map(|table| table.schema);
    let schemas = schemas.filter_map(|schema| topology.schema_by_id(schema));
    let shards = schemas.flat_map(|schema| &schema.shards);
    let mut own = shards.filter_map(|shard| topology.shard(*shard));
    own.find(here).or_else(|| topology.shards.iter().find(here))
}

/// A table on one of its data nodes.
///
/// # Errors
/// The plan is of another topology.
pub fn physical(
    topology: &Topology,
    table: &Gathered,
    node: DataNode,
) -> Result<PlacedTable, SpliceError> {
    let shard = topology.shard(node.shard).ok_or(SpliceError::Stale)?;
    let known = table.rows.table().and_then(|id| topology.table_by_id(id));
    let part = known.and_then(|table| match &table.kind {
        TableKind::Sharded(sharding) => sharding.physical_name(node.part),
        _ => None,
    });
    Ok(PlacedTable {
        database: shard.database.clone(),
        table: part.unwrap_or(&table.name).to_owned(),
        gathered: false,
    })
}

/// The numbers of the statement's literals that a condition has, in its order.
///
/// # Errors
/// The plan is of another statement.
pub fn filter_literals(filter: &Filter, digest: &Digest) -> Result<Vec<usize>, SpliceError> {
    let token = |at: usize| digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
    let last = filter.tokens.end.checked_sub(1);
    let last = token(last.ok_or(SpliceError::ForeignPlan)?)?;
    // What is left out are names.
    let text = token(filter.tokens.start)?.start..last.end;
    let literals = digest.literals.iter().enumerate();
    let inside = literals.filter(|(_, literal)| text.contains(&literal.start));
    Ok(inside.map(|(at, _)| at).collect())
}

/// A table's index hints in the client's words, with a blank before each.
///
/// # Errors
/// The plan is of another statement.
pub fn hints_text(table: &Gathered, sql: &[u8], digest: &Digest) -> Result<Vec<u8>, SpliceError> {
    let token = |at: usize| digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
    let mut out = Vec::new();
    for hint in &table.index_hints {
        let last = hint.end.checked_sub(1).ok_or(SpliceError::ForeignPlan)?;
        let text = token(hint.start)?.start as usize..token(last)?.end as usize;
        out.push(b' ');
        out.extend_from_slice(sql.get(text).ok_or(SpliceError::ForeignPlan)?);
    }
    Ok(out)
}

/// A condition in the client's words.
///
/// # Errors
/// The plan is of another statement.
pub fn filter_text(filter: &Filter, sql: &[u8], digest: &Digest) -> Result<Vec<u8>, SpliceError> {
    let token = |at: usize| digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
    let start = |at: usize| Ok(token(at)?.start as usize);
    let piece = |from: usize, to: usize| sql.get(from..to).ok_or(SpliceError::ForeignPlan);
    let last = filter.tokens.end.checked_sub(1);
    let end = token(last.ok_or(SpliceError::ForeignPlan)?)?.end as usize;
    let mut out = Vec::new();
    let mut copied = start(filter.tokens.start)?;
    for without in &filter.without {
        out.extend_from_slice(piece(copied, start(without.start)?)?);
        copied = start(without.end)?;
    }
    out.extend_from_slice(piece(copied, end)?);
    Ok(out)
}

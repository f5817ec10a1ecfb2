//! The nodes' answers → the client's.

use super::super::super::diagnostics::{self, Condition, Diagnostics};
use super::super::super::failure::Failure;
use super::super::super::found_rows::Answered;
use super::super::super::local::More;
use super::super::super::state::Session;
use super::super::counters::cells;
use super::super::counts::{numbers, with_numbers};
use super::{Answer, Node, Work};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::scatter::Said;
use crate::parse::TableAdminVerb;
use crate::plan::everywhere::{Deed, Place};
use crate::topology::TableKind;
use crate::wire::{
    CapabilityFlags, EofPacket, OkHeader, OkPacket, SessionChange, StatusFlags, put_lenenc,
    put_nullable_bytes,
};
use bytes::BytesMut;

/// A row of text values.
type Row = Vec<Option<Vec<u8>>>;

/// The name of a node, and its rows.
type OfNode<'w> = (&'w str, Vec<Row>);

/// What a node said that has said something.
type Told<'w> = (&'w Node<'w>, &'w Said);

impl Session {
    /// Queues the answer of a statement that every node has carried out; `leaves`: the session has no current
    /// schema any more.
    pub(super) fn answer_everywhere(
        &mut self,
        work: &Work<'_>,
        answers: &[Answer],
        leaves: bool,
    ) -> Result<(), Failure> {
        let nodes = work.nodes.iter().zip(answers);
        let told: Vec<Told<'_>> = nodes
            .filter_map(|(node, answer)| Some((node, answer.as_ref()?.as_ref().ok()?)))
            .collect();
        let conditions = conditions(&told);
        match work.all.deed {
            Deed::Maintain(verb) => {
                let rows = match verb {
                    TableAdminVerb::Checksum => checksums(work, &told)?,
                    _ => messages(work, &told),
                };
                self.put_maintained(work, &told, &rows)?;
            }
            _ => self.put_done(work, &told, &conditions, leaves),
        }
        let count = conditions.len() as u64;
        let most = self.most_conditions();
        self.diagnostics = Diagnostics::of_several(conditions, count, most);
        Ok(())
    }

    fn put_done(
        &mut self,
        work: &Work<'_>,
        told: &[Told<'_>],
        conditions: &[Condition],
        leaves: bool,
    ) {
        let mut changes = BytesMut::new();
        if leaves {
            SessionChange::Schema(b"").encode(&mut changes);
        }
        let warnings = u16::try_from(conditions.len()).unwrap_or(u16::MAX);
        let (affected_rows, info) = changed(work, told, warnings);
        let mut status = self.status();
        let More(more) = work.statement.more;
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more);
        let dropped = work.all.deed == Deed::DropDatabase;
        status.set(StatusFlags::SERVER_STATUS_DB_DROPPED, dropped);
        let ok = OkPacket {
            affected_rows,
            status,
            warnings,
            info: &info,
            session_changes: &changes,
            ..OkPacket::default()
        };
        let capabilities = self.capabilities;
        self.client
            .queue_with(|out| ok.encode(out, capabilities, OkHeader::Ok));
        self.state.row_count = i64::try_from(affected_rows).unwrap_or(i64::MAX);
        self.note_found(Answered {
            told: numbers(&info).first().copied(),
            ..Answered::default()
        });
    }

    fn put_maintained(
        &mut self,
        work: &Work<'_>,
        told: &[Told<'_>],
        rows: &[Row],
    ) -> Result<(), Failure> {
        let Some((node, said)) = told.first() else {
            return Ok(());
        };
        let mut columns = Vec::with_capacity(said.columns.len());
        for column in &said.columns {
            let mut out = BytesMut::new();
            if let Some(names) = node.target.names {
                names
                    .put_column(column, &mut out)
                    .map_err(|error| Failure::from(&error))?;
            }
            columns.push(out);
        }
        let mut status = self.status();
        let More(more) = work.statement.more;
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more);
        let capabilities = self.capabilities;
        let new_eof = capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF);
        let eof = EofPacket {
            warnings: 0,
            status,
        };
        self.client
            .queue_with(|out| put_lenenc(out, columns.len() as u64));
        for column in &columns {
            self.client.queue_with(|out| out.extend_from_slice(column));
        }
        if !new_eof {
            self.client.queue_with(|out| eof.encode(out));
        }
        for row in rows {
            self.client.queue_with(|out| {
                row.iter()
                    .for_each(|cell| put_nullable_bytes(out, cell.as_deref()));
            });
        }
        self.client.queue_with(|out| match new_eof {
            true => {
                let ok = OkPacket {
                    status,
                    ..OkPacket::default()
                };
                ok.encode(out, capabilities, OkHeader::Eof);
            }
            false => eof.encode(out),
        });
        self.state.row_count = -1;
        Ok(())
    }
}

/// What SHOW WARNINGS shows: what several nodes say of the same statement is said once.
fn conditions(told: &[Told<'_>]) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    for (node, said) in told {
        let mut before = all.clone();
        for condition in diagnostics::conditions(said.conditions.clone(), node.target.names) {
            match before.iter().position(|known| *known == condition) {
                Some(at) => drop(before.swap_remove(at)),
                None => all.push(condition),
            }
        }
    }
    all
}

/// Rows that were changed, and the servers' sentence about them: summed over the nodes of a sharded
/// table, counted once where every shard has the same rows.
fn changed(work: &Work<'_>, told: &[Told<'_>], warnings: u16) -> (u64, Vec<u8>) {
    if work.all.deed == Deed::DropDatabase {
        return (dropped(work), Vec::new());
    }
    let sharded = work
        .all
        .names
        .iter()
        .any(|name| matches!(name.place, Place::Nodes(_)));
    let counted = if sharded { told.len() } else { 1 };
    let told = || told.iter().take(counted).map(|(_, said)| &said.changes);
    let affected = told()
        .map(|changes| changes.affected_rows)
        .fold(0, u64::saturating_add);
    let sentence = told()
        .map(|changes| changes.info.as_slice())
        .find(|info| !info.is_empty());
    let Some(sentence) = sentence else {
        return (affected, Vec::new());
    };
    let mut sums = vec![0_u64; numbers(sentence).len()];
    for changes in told() {
        for (sum, number) in sums.iter_mut().zip(numbers(&changes.info)) {
            *sum = sum.saturating_add(number);
        }
    }
    // Records, duplicates, then always the warnings.
    if let Some(last) = sums.last_mut() {
        *last = warnings.into();
    }
    (affected, with_numbers(sentence, &sums))
}

/// How many tables the schema had.
fn dropped(work: &Work<'_>) -> u64 {
    let topology = &work.snapshot.topology;
    let schema = work.all.names.first();
    let schema = schema.and_then(|name| topology.schema_by_id(name.schema));
    let tables = schema.into_iter().flat_map(|schema| schema.tables.values());
    let was_there = tables.filter(|id| {
        let kind = topology.table_by_id(**id).map(|table| &table.kind);
        let read = topology.definition(**id).is_some();
        read || matches!(kind, Some(TableKind::Single(_) | TableKind::Refused { .. }))
    });
    was_there.count() as u64
}

/// The rows of a node, with the client's names.
fn rows_of((node, said): &Told<'_>) -> Vec<Row> {
    let rows = said.rows.iter().map(|row| {
        let mut out = BytesMut::new();
        match node.target.rows.map(|names| names.put(row, &mut out)) {
            Some(Ok(_)) => cells(&out.freeze()),
            Some(Err(_)) | None => cells(row),
        }
    });
    rows.collect()
}

/// The rows of each node about a table, for each table of the statement.
fn by_table<'w>(work: &Work<'_>, told: &[Told<'w>]) -> Vec<(usize, Vec<OfNode<'w>>)> {
    let topology = &work.snapshot.topology;
    let rows: Vec<(&Node<'_>, Vec<Row>)> = told.iter().map(|t| (t.0, rows_of(t))).collect();
    let tables = work.all.names.iter().enumerate().map(|(at, name)| {
        let schema = topology.schema_by_id(name.schema);
        let schema = schema.map_or("", |schema| schema.name.as_str());
        let full_name = format!("{schema}.{}", name.table.as_deref().unwrap_or_default());
        let is_about = |row: &&Row| {
            let cell = row.first().and_then(Option::as_deref).unwrap_or_default();
            cell.eq_ignore_ascii_case(full_name.as_bytes())
        };
        let nodes = rows.iter().filter(|(node, _)| node.own_name(at).is_some());
        let nodes = nodes.map(|(node, rows)| {
            let rows: Vec<Row> = rows.iter().filter(is_about).cloned().collect();
            (node.name.as_str(), rows)
        });
        (at, nodes.collect())
    });
    tables.collect()
}

/// ANALYZE, CHECK, OPTIMIZE, REPAIR: what all nodes say of a table is said once, what only some say
/// tells which.
fn messages(work: &Work<'_>, told: &[Told<'_>]) -> Vec<Row> {
    let mut all = Vec::new();
    for (_, nodes) in by_table(work, told) {
        all.extend(said_once(&nodes));
    }
    all
}

fn said_once(nodes: &[OfNode<'_>]) -> Vec<Row> {
    let mut rows: Vec<(Row, Vec<usize>)> = Vec::new();
    for (node, (_, own)) in nodes.iter().enumerate() {
        for row in own {
            match rows
                .iter_mut()
                .find(|(known, by)| known == row && !by.contains(&node))
            {
                Some((_, by)) => by.push(node),
                None => rows.push((row.clone(), vec![node])),
            }
        }
    }
    let told = rows.into_iter().map(|(mut row, by)| {
        if by.len() < nodes.len()
            && let Some(Some(text)) = row.last_mut()
        {
            let names = by.iter().filter_map(|at| nodes.get(*at));
            let mut names: Vec<&str> = names.map(|(name, _)| *name).collect();
            names.dedup();
            text.extend_from_slice(format!(" (on {})", names.join(", ")).as_bytes());
        }
        row
    });
    told.collect()
}

/// CHECKSUM TABLE: the sum over rows is that over nodes; copies must have the same.
fn checksums(work: &Work<'_>, told: &[Told<'_>]) -> Result<Vec<Row>, MysqlError> {
    let mut all = Vec::new();
    for (at, nodes) in by_table(work, told) {
        let Some(name) = work.all.names.get(at) else {
            continue;
        };
        let first = nodes.first().and_then(|(_, rows)| rows.first());
        let Some(table) = first.and_then(|row| row.first()).cloned() else {
            continue;
        };
        let sums: Vec<Option<u64>> = nodes.iter().map(|(_, rows)| checksum(rows)).collect();
        let sum = match name.place {
            Place::Nodes(_) => sums.iter().try_fold(0_u64, |sum, of| {
                // As servers add the checksums of rows: in 32 bits.
                Some(sum.wrapping_add((*of)?) & u64::from(u32::MAX))
            }),
            Place::Shards(_) | Place::One(_) => {
                if sums.windows(2).any(|pair| pair.first() != pair.last()) {
                    return Err(different_copies(&table, &nodes));
                }
                sums.first().copied().flatten()
            }
        };
        all.push(vec![table, sum.map(|sum| sum.to_string().into_bytes())]);
    }
    Ok(all)
}

fn checksum(rows: &[Row]) -> Option<u64> {
    let cell = rows.first()?.get(1)?.as_deref()?;
    std::str::from_utf8(cell).ok()?.parse().ok()
}

fn different_copies(table: &Option<Vec<u8>>, nodes: &[OfNode<'_>]) -> MysqlError {
    let table = String::from_utf8_lossy(table.as_deref().unwrap_or_default()).into_owned();
    let told = nodes.iter().map(|(name, rows)| match checksum(rows) {
        Some(sum) => format!("{sum} on {name}"),
        None => format!("NULL on {name}"),
    });
    let told: Vec<String> = told.collect();
    let message = format!(
        "the copies of broadcast table '{table}' differ: their checksums are {}",
        told.join(", ")
    );
    MysqlError::new(ErrorKind::Internal, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_all_nodes_are_one_and_others_name_their_nodes() {
        let row = |cells: [&str; 2]| -> Row {
            cells
                .iter()
                .map(|cell| Some(cell.as_bytes().to_vec()))
                .collect()
        };
        let (ok, broken) = (row(["s.t", "OK"]), row(["s.t", "Corrupt"]));
        let nodes = [("a/0", vec![ok.clone()]), ("a/1", vec![ok.clone()])];
        assert_eq!(said_once(&nodes), std::slice::from_ref(&ok));
        let nodes = [("a/0", vec![ok.clone()]), ("a/1", vec![broken])];
        let told = [
            row(["s.t", "OK (on a/0)"]),
            row(["s.t", "Corrupt (on a/1)"]),
        ];
        assert_eq!(said_once(&nodes), told);
        // Two nodes may be on one shard.
        let nodes = [("a/0", vec![ok.clone()]), ("a/0", vec![ok.clone()])];
        assert_eq!(said_once(&nodes), std::slice::from_ref(&ok));
        // A server may say the same twice.
        let nodes = [("a/0", vec![ok.clone(), ok.clone()])];
        assert_eq!(said_once(&nodes).len(), 2);
    }
}

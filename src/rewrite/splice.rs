//! Edits, by token → bytes.

use std::io::Write as _;
use std::ops::Range;

use super::error::SpliceError;
use super::looked_up::{LookedUp, put_sessions};
use super::system::{Seen, put_condition, put_system, put_visible_schemas};
use super::text::{
    put_count, put_current_schema, put_found_rows, put_id, put_item_name, put_name_alias,
    put_no_role, put_quoted, put_string, put_total, put_true,
};
use crate::config::SchemaAccess;
use crate::merge::{Limit, hidden};
use crate::parse::{Digest, Slot, TokenKind};
use crate::plan::scatter::{Form, HiddenColumn, Known, LimitSlots};
use crate::plan::{CteCopy, Edit, Replacement, TABLES_IN};
use crate::topology::{ReplicaSetId, TableId, TableKind, Topology};

/// Where users of the configuration may come from.
pub(super) const ANY_HOST: &str = "%";

/// What the edits put in.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// The shard's database.
    pub database: &'a [u8],
    /// Which of the tables that split tables consist of.
    pub part: u32,
    /// What table references have become where rows are gathered.
    pub gathered: &'a [PlacedTable],
    /// Where the tables' names are.
    pub topology: &'a Topology,
    /// The session's current schema.
    pub schema: Option<&'a str>,
    /// The proxy's id of the connection.
    pub connection_id: u32,
    /// Who the client is.
    pub client: Client<'a>,
    /// ROW_COUNT() of the previous statement.
    pub row_count: i64,
    /// FOUND_ROWS() of the previous SELECT.
    pub found_rows: u64,
    /// How many conditions the previous statement left, and how many of them are errors.
    pub conditions: (u64, u64),
    /// What was looked up for the statement's system tables.
    pub looked_up: Option<&'a LookedUp>,
    /// Edits of names and values, for pieces of the text that are repeated elsewhere in it.
    pub repeated: &'a [Edit],
    /// MySQL's forms of hidden columns, or MariaDB's.
    pub mariadb: bool,
    /// The schemas that the client may see; all without it.
    pub access: Option<&'a SchemaAccess>,
}

/// A client as accounts name it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// Its name in the configuration.
    pub name: &'a str,
    /// The host that it comes from.
    pub host: &'a str,
}

/// A table on the server that runs the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedTable {
    /// Its database.
    pub database: String,
    /// Its name there.
    pub table: String,
    /// It holds rows that were gathered.
    pub gathered: bool,
}

impl<'a> Values<'a> {
    /// Whether the client may see all schemas.
    fn sees_all(&self) -> bool {
        self.access
            .is_none_or(|access| matches!(access, SchemaAccess::All))
    }

    fn part_name(&self, table: TableId) -> Result<&'a str, SpliceError> {
        let table = self.topology.table_by_id(table);
        let name = match table.map(|table| &table.kind) {
            Some(TableKind::Sharded(sharding)) => sharding.physical_name(self.part),
            _ => None,
        };
        name.ok_or(SpliceError::Stale)
    }
}

/// The statement that begins at byte `start` of `sql`, with the edits carried out: in `room`, whose
/// memory is reused, where there are any.
///
/// # Errors
/// The edits are not of this statement.
pub fn splice<'a>(
    sql: &'a [u8],
    start: usize,
    digest: &Digest,
    edits: &[Edit],
    values: &Values<'_>,
    room: &'a mut Vec<u8>,
) -> Result<&'a [u8], SpliceError> {
    if edits.is_empty() {
        return sql.get(start..digest.end).ok_or(SpliceError::ForeignPlan);
    }
    let source = Source {
        sql,
        digest,
        values,
    };
    room.clear();
    room.reserve(digest.end.saturating_sub(start) + 64 * edits.len());
    source.put_edited(start..digest.end, edits.iter(), room)?;
    Ok(room)
}

/// A statement and what its edits put in.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) sql: &'a [u8],
    pub(super) digest: &'a Digest,
    pub(super) values: &'a Values<'a>,
}

impl<'a> Source<'a> {
    fn piece(&self, range: Range<usize>) -> Result<&'a [u8], SpliceError> {
        self.sql.get(range).ok_or(SpliceError::ForeignPlan)
    }

    /// Appends a part of the text with the edits that stand in it.
    pub(super) fn put_edited<'e>(
        &self,
        text: Range<usize>,
        edits: impl Iterator<Item = &'e Edit>,
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        let mut copied = text.start;
        for edit in edits {
            let place = place(self.digest, edit)?;
            out.extend_from_slice(self.piece(copied..place.start)?);
            copied = place.end;
            self.put_edit(edit, place, out)?;
        }
        out.extend_from_slice(self.piece(copied..text.end)?);
        Ok(())
    }

    fn put_edit(
        &self,
        edit: &Edit,
        place: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        match &edit.with {
            Replacement::ItemName { first } => {
                let first = self.name_start(*first as usize)?;
                put_item_name(out, self.piece(first..place.start)?.trim_ascii_start());
            }
            Replacement::RoleOrName if !self.values.mariadb => {
                let name = self.digest.tokens.get(edit.token as usize);
                let name = name.ok_or(SpliceError::ForeignPlan)?;
                out.extend_from_slice(self.piece(name.start as usize..name.end as usize)?);
            }
            Replacement::SystemColumn(Some(name)) if !self.values.mariadb => {
                put_name_alias(out, name.as_bytes());
            }
            Replacement::SystemColumn(_) => {
                let last = edit.token.checked_sub(1).ok_or(SpliceError::ForeignPlan)?;
                let last = self.digest.tokens.get(last as usize);
                let last = last.ok_or(SpliceError::ForeignPlan)?;
                put_name_alias(out, self.piece(last.start as usize..last.end as usize)?);
            }
            Replacement::PhysicalTable
            | Replacement::SplitTable { .. }
            | Replacement::Gathered { .. }
            | Replacement::SystemTable { .. }
            | Replacement::Sessions { .. }
            | Replacement::CteName { .. } => self.put_name(edit, place, out)?,
            Replacement::Held {
                reference,
                parameters,
            } if self.is_gathered(*reference)? => put_true(out, *parameters),
            Replacement::IndexHint { reference } if self.is_gathered(*reference)? => {}
            Replacement::Held { .. } | Replacement::IndexHint { .. } => {
                out.extend_from_slice(self.piece(place)?);
            }
            Replacement::CteCopies(copies) => {
                for copy in copies {
                    self.put_copy(copy, out)?;
                }
            }
            Replacement::Hidden(columns) => {
                for column in columns {
                    out.extend_from_slice(b", ");
                    out.extend(self.hidden(column)?);
                }
            }
            Replacement::Keys {
                clause,
                expressions,
            } => self.put_keys(*clause, expressions, out)?,
            Replacement::Limit(slots) => {
                let limit = limit(*slots, self.sql, self.digest)?;
                let _ = write!(out, "{}", limit.offset.saturating_add(limit.count));
            }
            with => put(out, with, self.values),
        }
        Ok(())
    }

    fn is_gathered(&self, reference: u32) -> Result<bool, SpliceError> {
        let table = self.values.gathered.get(reference as usize);
        Ok(table.ok_or(SpliceError::ForeignPlan)?.gathered)
    }

    /// Expressions behind the clause that they open, or behind those that stand in it already.
    fn put_keys(
        &self,
        clause: Option<&str>,
        expressions: &[Range<usize>],
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        if let Some(clause) = clause {
            let _ = write!(out, " {clause} ");
        }
        for (at, expression) in expressions.iter().enumerate() {
            if at > 0 || clause.is_none() {
                out.extend_from_slice(b", ");
            }
            out.extend(self.repeated(expression)?);
        }
        Ok(())
    }

    /// Where a select item's name begins: MariaDB reads comments between a comma and the item with it.
    fn name_start(&self, first: usize) -> Result<usize, SpliceError> {
        let token = |at: usize| self.digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
        let before = first.checked_sub(1).map(token).transpose()?;
        let comma = before.filter(|before| before.kind == TokenKind::Comma);
        Ok(match comma.filter(|_| self.values.mariadb) {
            Some(comma) => comma.end as usize,
            None => token(first)?.start as usize,
        })
    }

    /// What a name becomes.
    fn put_name(
        &self,
        edit: &Edit,
        place: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        let alias = match &edit.with {
            Replacement::PhysicalTable => {
                put_quoted(out, self.values.database);
                out.push(b'.');
                out.extend_from_slice(self.piece(place.clone())?);
                false
            }
            Replacement::SplitTable {
                table,
                database,
                alias,
            } => {
                if *database {
                    put_quoted(out, self.values.database);
                    out.push(b'.');
                }
                put_quoted(out, self.values.part_name(*table)?.as_bytes());
                *alias
            }
            Replacement::Gathered { reference, alias } => {
                let table = self.values.gathered.get(*reference as usize);
                put_table(out, table.ok_or(SpliceError::ForeignPlan)?);
                *alias
            }
            Replacement::SystemTable { own: true, .. } if self.values.sees_all() => {
                out.extend_from_slice(self.piece(place.clone())?);
                false
            }
            Replacement::SystemTable {
                table,
                replica_set,
                alias,
                ..
            } => {
                put_system(out, table, self.seen(*replica_set));
                *alias
            }
            Replacement::Sessions { of, alias } => {
                let sessions = self.values.looked_up.map(|found| found.sessions.as_slice());
                put_sessions(out, *of, sessions.unwrap_or_default());
                *alias
            }
            Replacement::CteName { name, alias } => {
                put_quoted(out, name.as_bytes());
                *alias
            }
            _ => false,
        };
        match alias {
            true => self.put_alias(edit, place, out),
            false => Ok(()),
        }
    }

    /// What the servers' own tables are seen with on a replica set.
    fn seen(&self, replica_set: ReplicaSetId) -> Seen<'_> {
        Seen {
            topology: self.values.topology,
            access: self.values.access,
            client: self.values.client,
            replica_set,
            mariadb: self.values.mariadb,
            looked_up: self.values.looked_up,
        }
    }

    /// The name that an edit replaces, without what stands before it, as an alias.
    fn put_alias(
        &self,
        edit: &Edit,
        place: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<(), SpliceError> {
        let last = edit.token as usize + (edit.tokens as usize).saturating_sub(1);
        let token = self.digest.tokens.get(last);
        let start = token.ok_or(SpliceError::ForeignPlan)?.start as usize;
        let name = self.piece(start..place.end)?;
        // Behind a dot a word of the language is a name, behind AS it is none.
        if behind_dot(self.digest, last) {
            put_name_alias(out, name);
        } else {
            out.extend_from_slice(b" AS ");
            out.extend_from_slice(name);
        }
        Ok(())
    }

    fn put_copy(&self, copy: &CteCopy, out: &mut Vec<u8>) -> Result<(), SpliceError> {
        let range = copy.text(self.digest).ok_or(SpliceError::ForeignPlan)?;
        out.push(b' ');
        put_quoted(out, copy.name.as_bytes());
        out.push(b' ');
        self.put_edited(range, copy.edits.iter(), out)?;
        out.push(b',');
        Ok(())
    }

    /// A piece of the text, to stand elsewhere in it.
    fn repeated(&self, tokens: &Range<usize>) -> Result<Vec<u8>, SpliceError> {
        let mut out = Vec::new();
        let token = |at: usize| self.digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
        let (Some(last), false) = (tokens.end.checked_sub(1), tokens.is_empty()) else {
            return Ok(out);
        };
        let text = token(tokens.start)?.start as usize..token(last)?.end as usize;
        let inside = self.values.repeated.iter().filter(|edit| {
            let name = matches!(edit.with, Replacement::ItemName { .. });
            !name && tokens.contains(&(edit.token as usize))
        });
        self.put_edited(text, inside, &mut out)?;
        Ok(out)
    }

    fn hidden(&self, column: &HiddenColumn) -> Result<Vec<u8>, SpliceError> {
        let expression = self.repeated(&column.expression)?;
        // What may be a number has no weight of its own: that of its text does no harm.
        let text = || [b"CONCAT(", expression.as_slice(), b")"].concat();
        let sql = match &column.form {
            Form::Value => expression,
            Form::Weight(Known::Nothing) => hidden::weight(&text()),
            Form::Weight(_) => hidden::weight(&expression),
            Form::SortWeight(Known::Nothing) => hidden::sort_weight(&text()),
            Form::SortWeight(Known::NoPad) => hidden::weight(&expression),
            Form::SortWeight(Known::Padded(_)) => hidden::padded_sort_weight(&expression),
            Form::Pad(Known::Nothing) => hidden::checked_pad(&text(), self.values.mariadb),
            Form::Pad(Known::NoPad) => b"''".to_vec(),
            Form::Pad(Known::Padded(collation)) => hidden::pad_of(collation),
            Form::Member => hidden::member(&expression),
            Form::Float => hidden::float(&expression),
            Form::Timestamp => hidden::timestamp(&expression),
            Form::Sum => hidden::sum(&expression),
            Form::FullSum => hidden::full_sum(&expression),
            Form::Count => [b"COUNT(", expression.as_slice(), b")"].concat(),
            Form::CountAll => b"COUNT(*)".to_vec(),
        };
        let value = column.form == Form::Value;
        Ok(match (column.of_group, self.values.mariadb) {
            (false, _) => sql,
            // MySQL sees that it is the same, and says if it is not.
            (true, false) if value => sql,
            (true, false) => [b"ANY_VALUE(", sql.as_slice(), b")"].concat(),
            (true, true) => [b"MAX(", sql.as_slice(), b")"].concat(),
        })
    }
}

/// What a statement's LIMIT says.
///
/// # Errors
/// It is no number that fits.
pub fn limit(slots: LimitSlots, sql: &[u8], digest: &Digest) -> Result<Limit, SpliceError> {
    let number = |slot: Slot| {
        let literal = digest.slot_literals(slot).next();
        let text = literal.and_then(|literal| std::str::from_utf8(literal.text(sql)).ok());
        text.and_then(|text| text.parse().ok())
            .ok_or(SpliceError::NoLimit)
    };
    Ok(Limit {
        offset: slots.offset.map_or(Ok(0), number)?,
        count: number(slots.count)?,
    })
}

/// The bytes that an edit replaces. An insertion stands behind the token before it, so that no
/// comment comes between an item and its name.
///
/// # Errors
/// The statement does not have these tokens.
pub fn place(digest: &Digest, edit: &Edit) -> Result<Range<usize>, SpliceError> {
    let token = |at: usize| digest.tokens.get(at).ok_or(SpliceError::ForeignPlan);
    let (first, count) = (edit.token as usize, edit.tokens as usize);
    if count > 0 {
        let last = token(first + count - 1)?;
        return Ok(token(first)?.start as usize..last.end as usize);
    }
    let before = first.checked_sub(1).ok_or(SpliceError::ForeignPlan)?;
    let end = token(before)?.end as usize;
    Ok(end..end)
}

fn behind_dot(digest: &Digest, at: usize) -> bool {
    let before = at.checked_sub(1);
    let before = before.and_then(|at| digest.tokens.get(at));
    before.is_some_and(|token| token.kind == TokenKind::Dot)
}

/// An account, with the type and the collation of the server's own function.
fn put_account(out: &mut Vec<u8>, function: &str, name: &str, host: &str) {
    put_like(out, function, &format!("{name}@{host}"));
}

/// A text that has the type, the collation and the coercibility of what `function` gives.
pub(super) fn put_like(out: &mut Vec<u8>, function: &str, text: &str) {
    out.extend_from_slice(b"IF(TRUE, ");
    put_string(out, Some(text));
    let _ = write!(out, ", {function})");
}

fn put(out: &mut Vec<u8>, with: &Replacement, values: &Values<'_>) {
    match with {
        Replacement::PhysicalDatabase => put_quoted(out, values.database),
        Replacement::TablesIn => {
            put_quoted(out, &[TABLES_IN.as_bytes(), values.database].concat());
        }
        Replacement::Visible(word) if !values.sees_all() => {
            put_condition(out, word, values.topology, values.access);
        }
        Replacement::Databases => put_visible_schemas(out, values.topology, values.access),
        Replacement::CurrentSchema => put_current_schema(out, values.schema),
        Replacement::SchemaText => put_string(out, values.schema),
        Replacement::ConnectionId => put_id(out, values.connection_id, values.mariadb),
        Replacement::User => put_account(out, "USER()", values.client.name, values.client.host),
        Replacement::Account => put_account(out, "CURRENT_USER()", values.client.name, ANY_HOST),
        Replacement::Role | Replacement::RoleOrName => put_no_role(out, values.mariadb),
        Replacement::RowCount => put_count(out, values.row_count.into()),
        Replacement::FoundRows => put_found_rows(out, values.found_rows, values.mariadb),
        Replacement::WarningCount => put_total(out, values.conditions.0, values.mariadb),
        Replacement::ErrorCount => put_total(out, values.conditions.1, values.mariadb),
        Replacement::Text(text) => out.extend_from_slice(text.as_bytes()),
        // Needs the statement's text: `splice` puts it.
        Replacement::ItemName { .. }
        | Replacement::Gathered { .. }
        | Replacement::Held { .. }
        | Replacement::IndexHint { .. }
        | Replacement::CteName { .. }
        | Replacement::CteCopies(_)
        | Replacement::Hidden(_)
        | Replacement::Keys { .. }
        | Replacement::Limit(_)
        | Replacement::PhysicalTable
        | Replacement::SystemColumn(_)
        | Replacement::SystemTable { .. }
        | Replacement::Sessions { .. }
        | Replacement::Visible(_)
        | Replacement::SplitTable { .. } => {}
    }
}

/// A table with its database.
pub(super) fn put_table(out: &mut Vec<u8>, table: &PlacedTable) {
    put_quoted(out, table.database.as_bytes());
    out.push(b'.');
    put_quoted(out, table.table.as_bytes());
}

//! Physical names out, logical names in: what a client reads must not tell where its data lies.

use bytes::BytesMut;
use memchr::memmem;

use crate::error::{MysqlError, SqlState};
use crate::plan::TABLES_IN;
use crate::topology::{TableId, TableKind, Topology};
use crate::wire::{ColumnDefinition, WireError, rewrite_schema};

/// The database of the shard that answers, and what the client calls it.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The database on the server.
    pub physical: &'a [u8],
    /// The schema that the client knows.
    pub logical: &'a [u8],
    /// The split tables of the statement.
    pub split: Option<SplitNames<'a>>,
    /// The tables of a statement whose tables were gathered.
    pub gathered: &'a [GatheredName<'a>],
}

/// A table that stands for one of the client's on the server that answers.
#[derive(Clone, Copy, Debug)]
pub struct GatheredName<'a> {
    /// Its database there.
    pub database: &'a [u8],
    /// Its name there.
    pub table: &'a [u8],
    /// The client's schema.
    pub schema: &'a [u8],
    /// The client's table.
    pub name: &'a [u8],
}

/// The tables that answer for split tables.
#[derive(Clone, Copy, Debug)]
pub struct SplitNames<'a> {
    /// Where their names are.
    pub topology: &'a Topology,
    /// The split tables.
    pub tables: &'a [TableId],
    /// Which of their tables.
    pub part: u32,
}

impl<'a> SplitNames<'a> {
    /// Each split table's name on the server, and what the client calls it.
    fn pairs(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.tables.iter().filter_map(move |id| {
            let table = self.topology.table_by_id(*id)?;
            let TableKind::Sharded(sharding) = &table.kind else {
                return None;
            };
            let physical = sharding.physical_name(self.part)?;
            Some((physical.as_bytes(), table.name.as_bytes()))
        })
    }
}

/// ER_DUP_ENTRY quotes the client's own data: never a place for names of ours.
const DUPLICATE_ENTRY: u16 = 1062;
/// ER_PARSE_ERROR
const SYNTAX: u16 = 1064;
/// ER_DBACCESS_DENIED_ERROR, ER_BAD_DB_ERROR: the quoted word is a database.
const QUOTE_A_DATABASE: [u16; 4] = [1007, 1008, 1044, 1049];
/// ER_UNKNOWN_TABLE: `Unknown table 'NAME' in information_schema`, where a gathered statement names a table
/// that it has not brought: MySQL sees fewer WITH queries behind parentheses than the text seems to have.
const UNKNOWN_TABLE: u16 = 1109;
/// ER_NO_SUCH_TABLE
const NO_SUCH_TABLE: u16 = 1146;
/// ER_SP_DOES_NOT_EXIST: `FUNCTION database.name does not exist`, without quotes.
const NO_SUCH_ROUTINE: u16 = 1305;

impl Names<'_> {
    /// Whether there is nothing to replace.
    pub fn same(&self) -> bool {
        self.physical == self.logical && self.split.is_none() && self.gathered.is_empty()
    }

    /// Appends a column definition with the schema's logical name.
    ///
    /// # Errors
    /// The definition is malformed.
    pub fn put_column(&self, payload: &[u8], out: &mut BytesMut) -> Result<(), WireError> {
        let start = out.len();
        if !self.gathered.is_empty() {
            return self.put_gathered(payload, out);
        }
        let schema_alone = rewrite_schema(payload, self.physical, self.logical, out)?;
        if schema_alone && self.split.is_none() {
            return Ok(());
        }
        out.truncate(start);
        let mut column = ColumnDefinition::decode(payload)?;
        if column.schema == self.physical {
            column.schema = self.logical;
        }
        for (physical, logical) in self.split.into_iter().flat_map(SplitNames::pairs) {
            for name in [&mut column.table, &mut column.org_table] {
                if *name == physical {
                    *name = logical;
                }
            }
        }
        let renamed = [column.name, column.org_name].map(|name| self.rename_tables_in(name));
        let [name, org_name] = &renamed;
        column.name = name.as_deref().unwrap_or(column.name);
        column.org_name = org_name.as_deref().unwrap_or(column.org_name);
        column.encode(out);
        Ok(())
    }

    fn put_gathered(&self, payload: &[u8], out: &mut BytesMut) -> Result<(), WireError> {
        let mut column = ColumnDefinition::decode(payload)?;
        let mut tables = self.gathered.iter();
        // A column that comes by way of an inner query has no schema, but its table.
        let schema = column.schema;
        let of_schema = |found: &&GatheredName<'_>| found.database == schema;
        let found = tables.find(|found| {
            (schema.is_empty() || of_schema(found)) && found.table == column.org_table
        });
        if let Some(found) = found {
            column.org_table = found.name;
        }
        let found = found.or_else(|| self.gathered.iter().find(of_schema));
        if let Some(found) = found.filter(|_| !schema.is_empty()) {
            column.schema = found.schema;
        }
        column.encode(out);
        Ok(())
    }

    fn rename_tables_in(&self, name: &[u8]) -> Option<Vec<u8>> {
        let rest = name.strip_prefix(TABLES_IN.as_bytes())?;
        let tail = rest.strip_prefix(self.physical)?;
        (tail.is_empty() || tail.starts_with(b" ("))
            .then(|| [TABLES_IN.as_bytes(), self.logical, tail].concat())
    }

    /// An error's message with the schema's logical name.
    pub fn fix_error(&self, error: &mut MysqlError) {
        if self.same() {
            return;
        }
        if error.code == DUPLICATE_ENTRY {
            return self.fix_key(error);
        }
        if error.code == SYNTAX {
            // The piece of the text that MySQL shows has names in it that the client did not write.
            for (physical, _) in self.databases() {
                let inserted = [b"`", physical, b"`."].concat();
                error.message = replaced(&error.message, &inserted, b"");
            }
        }
        if error.code == UNKNOWN_TABLE && !self.gathered.is_empty() {
            self.fix_unknown(error);
        }
        self.replace(error, b"'", b".");
        self.replace(error, b"`", b"`");
        if error.code == NO_SUCH_ROUTINE {
            self.replace(error, b" ", b".");
            // Where a gathered statement finishes, no function without a schema is found.
            if let Some(found) = self.gathered.first() {
                let named = [b" ", found.schema, b"."].concat();
                error.message = replaced(&error.message, b" information_schema.", &named);
            }
        }
        if QUOTE_A_DATABASE.contains(&error.code) {
            self.replace(error, b"'", b"'");
        }
        self.fix_tables(&mut error.message);
    }

    /// What a statement finds missing in the database where it finishes is missing in the client's schema.
    fn fix_unknown(&self, error: &mut MysqlError) {
        let name = error.message.strip_suffix(b"' in information_schema");
        let name = name.and_then(|name| name.split(|byte| *byte == b'\'').nth(1));
        let Some(name) = name.map(<[u8]>::to_ascii_lowercase) else {
            return;
        };
        let schema = self
            .gathered
            .first()
            .map_or(self.logical, |found| found.schema);
        error.code = NO_SUCH_TABLE;
        error.state = SqlState(*b"42S02");
        error.message = [b"Table '", schema, b".", &name, b"' doesn't exist"].concat();
    }

    /// The databases that may stand in a message, with the client's schemas.
    fn databases(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let gathered = self.gathered.iter();
        let gathered = gathered.map(|found| (found.database, found.schema));
        gathered.chain([(self.physical, self.logical)])
    }

    /// `… for key 'orders_03.PRIMARY'`: the last quoted word names the table.
    fn fix_key(&self, error: &mut MysqlError) {
        let Some(at) = memmem::rfind(&error.message, b" '") else {
            return;
        };
        let (before, key) = error.message.split_at(at + 2);
        for (physical, logical) in self.split.into_iter().flat_map(SplitNames::pairs) {
            let rest = key.strip_prefix(physical);
            if let Some(rest) = rest.filter(|rest| rest.starts_with(b".")) {
                error.message = [before, logical, rest].concat();
                return;
            }
        }
    }

    /// The names of split and gathered tables where they stand between quotes and dots.
    fn fix_tables(&self, message: &mut Vec<u8>) {
        let split = self.split.into_iter().flat_map(SplitNames::pairs);
        let gathered = self.gathered.iter().map(|found| (found.table, found.name));
        for (physical, logical) in split.chain(gathered) {
            for before in [b"'", b"`", b"."] {
                for behind in [b"'", b"`", b"."] {
                    let from = [before, physical, behind].concat();
                    let to = [before, logical, behind].concat();
                    *message = replaced(message, &from, &to);
                }
            }
        }
    }

    fn replace(&self, error: &mut MysqlError, before: &[u8], behind: &[u8]) {
        for (physical, logical) in self.databases() {
            let from = [before, physical, behind].concat();
            let to = [before, logical, behind].concat();
            error.message = replaced(&error.message, &from, &to);
        }
    }
}

/// `text` with `to` wherever `from` was.
fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut fixed = Vec::with_capacity(text.len());
    let mut copied = 0;
    for at in memmem::find_iter(text, from) {
        fixed.extend_from_slice(text.get(copied..at).unwrap_or_default());
        fixed.extend_from_slice(to);
        copied = at + from.len();
    }
    fixed.extend_from_slice(text.get(copied..).unwrap_or_default());
    fixed
}

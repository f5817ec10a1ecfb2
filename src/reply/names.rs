//! Physical names out, logical names in: what a client reads must not tell where its data lies.

use bytes::BytesMut;
use memchr::memmem;

use crate::error::MysqlError;
use crate::wire::{ColumnDefinition, WireError};

/// The database of the shard that answers, and what the client calls it.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The database on the server.
    pub physical: &'a [u8],
    /// The schema that the client knows.
    pub logical: &'a [u8],
}

/// ER_DUP_ENTRY quotes the client's own data: never a place for names of ours.
const DUPLICATE_ENTRY: u16 = 1062;
/// ER_DBACCESS_DENIED_ERROR, ER_BAD_DB_ERROR: the quoted word is a database.
const QUOTE_A_DATABASE: [u16; 4] = [1007, 1008, 1044, 1049];
/// How SHOW TABLES names its first column.
const TABLES_IN: &[u8] = b"Tables_in_";

impl Names<'_> {
    /// Whether there is nothing to replace.
    pub fn same(&self) -> bool {
        self.physical == self.logical
    }

    /// Appends a column definition with the schema's logical name.
    ///
    /// # Errors
    /// The definition is malformed.
    pub fn put_column(&self, payload: &[u8], out: &mut BytesMut) -> Result<(), WireError> {
        let mut column = ColumnDefinition::decode(payload)?;
        if column.schema == self.physical {
            column.schema = self.logical;
        }
        let renamed = self.rename_tables_in(column.name);
        if let Some(renamed) = &renamed {
            column.name = renamed;
        }
        column.encode(out);
        Ok(())
    }

    fn rename_tables_in(&self, name: &[u8]) -> Option<Vec<u8>> {
        let rest = name.strip_prefix(TABLES_IN)?;
        let tail = rest.strip_prefix(self.physical)?;
        (tail.is_empty() || tail.starts_with(b" ("))
            .then(|| [TABLES_IN, self.logical, tail].concat())
    }

    /// An error's message with the schema's logical name.
    pub fn fix_error(&self, error: &mut MysqlError) {
        if self.same() || error.code == DUPLICATE_ENTRY {
            return;
        }
        self.replace(error, b"'", b".");
        self.replace(error, b"`", b"`");
        if QUOTE_A_DATABASE.contains(&error.code) {
            self.replace(error, b"'", b"'");
        }
    }

    fn replace(&self, error: &mut MysqlError, before: &[u8], behind: &[u8]) {
        let from = [before, self.physical, behind].concat();
        let finder = memmem::Finder::new(&from);
        let Some(first) = finder.find(&error.message) else {
            return;
        };
        let mut fixed = Vec::with_capacity(error.message.len());
        let mut copied = 0;
        let mut next = Some(first);
        while let Some(at) = next {
            fixed.extend_from_slice(&error.message[copied..at]);
            fixed.extend_from_slice(before);
            fixed.extend_from_slice(self.logical);
            fixed.extend_from_slice(behind);
            copied = at + from.len();
            next = finder
                .find(&error.message[copied..])
                .map(|found| copied + found);
        }
        fixed.extend_from_slice(&error.message[copied..]);
        error.message = fixed;
    }
}

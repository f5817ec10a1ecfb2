//! What a server answered, as values that can be compared.

use shardwell::wire::{
    CapabilityFlags, ColumnDefinition, ColumnType, EofPacket, OkPacket, Reader, Reply, decode_err,
};

use super::super::raw::Packets;

/// One value; `None` is NULL.
pub type Value = Option<Vec<u8>>;

/// The first answer to a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Rows(Table),
    Done { affected: u64, last_id: u64 },
    Error(Error),
}

/// An ERR packet, before or after rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: u16,
    pub state: String,
    pub message: String,
}

/// A result set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
    /// How many warnings the end of the rows tells.
    pub warnings: u16,
}

/// A column's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// Schema, table, original table, original name.
    pub origin: [String; 4],
    pub kind: u8,
    pub collation: u16,
    pub length: u32,
    pub flags: u16,
    pub decimals: u8,
}

/// PRI_KEY, UNIQUE_KEY, MULTIPLE_KEY, NO_DEFAULT_VALUE, PART_KEY, and a flag that MariaDB keeps to itself: a server leaves them
/// out where it happens to keep rows in a table of its own, which depends on how many there are.
const KEY_FLAGS: u16 = 0x0002 | 0x0004 | 0x0008 | 0x1000 | 0x4000 | 0x8000;

/// BINARY: of numbers that were not kept in such a table.
const BINARY_FLAG: u16 = 0x0080;

/// Its type is a BLOB, which a table that keeps what was computed says, and the computation does not.
const BLOB_FLAG: u16 = 0x0010;

/// ENUM and SET: of the greatest or least of them where it was kept in such a table.
const MEMBER_FLAGS: u16 = 0x0100 | 0x0800;

/// NOT NULL: a subquery that becomes an outer join takes it off.
const NOT_NULL_FLAG: u16 = 0x0001;

/// Such a table keeps integers in the smallest type that is large enough, and years as numbers.
const INTEGERS: [u8; 6] = [1, 2, 3, 8, 9, 13];

/// And strings in one that is large enough.
const STRINGS: [u8; 7] = [6, 249, 250, 251, 252, 253, 254];

impl Column {
    /// The definition without what depends on how the servers went about it.
    pub fn certain(&self, other: &Self) -> Self {
        let mut certain = self.clone();
        certain.flags &= !(KEY_FLAGS | NOT_NULL_FLAG);
        if ![self, other]
            .iter()
            .any(|column| column.origin[0].is_empty())
        {
            return certain;
        }
        // What was kept in such a table has the name that it had there.
        certain.origin = Default::default();
        let kept = self.origin != other.origin
            || (self.flags ^ other.flags) & (BINARY_FLAG | BLOB_FLAG | MEMBER_FLAGS) != 0
            || self.is_json() && self.collation != other.collation;
        certain.flags &= !BINARY_FLAG;
        if STRINGS.contains(&certain.kind) {
            certain.decimals = 0;
        }
        if kept {
            (certain.length, certain.flags, certain.decimals) = (0, 0, 0);
            certain.kind = match certain.kind {
                kind if INTEGERS.contains(&kind) => ColumnType::MYSQL_TYPE_LONGLONG as u8,
                kind if STRINGS.contains(&kind) => ColumnType::MYSQL_TYPE_VAR_STRING as u8,
                kind => kind,
            };
            if certain.is_json() {
                certain.collation = 0;
            }
        }
        certain
    }

    fn decode(payload: &[u8]) -> Self {
        let definition = ColumnDefinition::decode(payload).expect("a column definition");
        let origin = [
            definition.schema,
            definition.table,
            definition.org_table,
            definition.org_name,
        ];
        Self {
            name: text(definition.name),
            origin: origin.map(text),
            kind: definition.column_type,
            collation: definition.collation,
            length: definition.length,
            flags: definition.flags,
            decimals: definition.decimals,
        }
    }

    /// Whether values are documents.
    pub fn is_json(&self) -> bool {
        self.kind == ColumnType::MYSQL_TYPE_JSON as u8
    }

    /// Whether values are binary floating-point numbers, whose sums depend on the order.
    pub fn is_float(&self) -> bool {
        self.kind == ColumnType::MYSQL_TYPE_DOUBLE as u8
    }
}

impl Answer {
    /// Reads the packets of an answer by the text protocol.
    pub fn decode(packets: &Packets, capabilities: CapabilityFlags) -> Self {
        let first = &packets.first().expect("an answer").payload;
        let columns = match Reply::decode(first) {
            Ok(Reply::ResultSet { columns }) => usize::try_from(columns).unwrap(),
            Ok(Reply::Ok) => {
                let ok = OkPacket::decode(first, capabilities).expect("an OK packet");
                return Self::Done {
                    affected: ok.affected_rows,
                    last_id: ok.last_insert_id,
                };
            }
            _ => return Self::Error(Error::decode(first)),
        };
        let last = &packets.last().expect("an answer").payload;
        if last.first() == Some(&0xFF) || !last.starts_with(&[0xFE]) {
            return Self::Error(Error::decode(last));
        }
        let (definitions, rows) = packets[1..packets.len() - 1].split_at(columns);
        let rows = rows.iter().map(|packet| values(&packet.payload, columns));
        let columns = definitions.iter();
        Self::Rows(Table {
            columns: columns
                .map(|packet| Column::decode(&packet.payload))
                .collect(),
            rows: rows.collect(),
            warnings: warnings(last, capabilities),
        })
    }
}

/// The number of warnings in the packet behind the rows.
fn warnings(last: &[u8], capabilities: CapabilityFlags) -> u16 {
    if capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        let ok = OkPacket::decode(last, capabilities);
        return ok.expect("an OK packet behind the rows").warnings;
    }
    EofPacket::decode(last).expect("an EOF packet").warnings
}

impl Error {
    fn decode(payload: &[u8]) -> Self {
        match decode_err(payload) {
            Ok(error) => Self {
                code: error.code,
                state: error.state.as_str().to_owned(),
                message: text(&error.message),
            },
            Err(_) => Self {
                code: 0,
                state: String::new(),
                message: text(payload),
            },
        }
    }
}

fn values(payload: &[u8], columns: usize) -> Vec<Value> {
    let mut reader = Reader::new(payload);
    let values = (0..columns).map(|_| reader.nullable_bytes().expect("a value"));
    let values = values.map(|value| value.map(<[u8]>::to_vec)).collect();
    assert!(reader.is_empty(), "bytes behind the last value");
    values
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A row to be read by people.
pub fn shown(row: &[Value]) -> String {
    let values = row.iter().map(|value| match value {
        None => "NULL".to_owned(),
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => format!("{:?}", text.chars().take(60).collect::<String>()),
            Err(_) => format!("x'{}'", bytes.escape_ascii()),
        },
    });
    values.collect::<Vec<_>>().join(" | ")
}

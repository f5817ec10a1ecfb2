//! Rows that a server answers with → the rows of an INSERT … VALUES that stores the same values.
//!
//! In: the definitions of the answer's columns and of the columns that get the values; then rows of text
//! or binary values, with strings in their columns' own character sets. Out: text, in which a value means the
//! same under every sql_mode and character set. INSERT … SELECT converts a value from its type to the
//! column's: only where a literal is certainly converted to the same value is it written.

use bytes::BytesMut;
use mysql_common::collations::{Collation, CollationId};

use crate::error::{ErrorKind, MysqlError, StageError};
use crate::merge::RowFormat;
use crate::topology::Column;
use crate::wire::{BinaryRows, ColumnDefinition, ColumnFlags, ColumnType, Reader, WireError};

/// Why rows cannot be moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// A row cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The SELECT does not have a value for each column.
    #[error("Column count doesn't match value count at row 1")]
    Count,
    /// A value of this type does not travel, or may not become what the server would make of it.
    #[error(
        "This version of Shardwell doesn't yet support 'an INSERT … SELECT that moves values of type \
         {from} into column '{column}' of type {into}'"
    )]
    Type {
        /// The column that gets the values.
        column: String,
        /// Its type.
        into: String,
        /// The type of the values.
        from: String,
    },
    /// A row that is not one of the answer's.
    #[error("Malformed communication packet: a row to be moved")]
    BadRow,
    /// A value that its type does not have.
    #[error("Malformed communication packet: a value for column '{0}' is none of its type")]
    BadValue(String),
}

impl StageError for MoveError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Wire(error) => error.kind(),
            Self::Count => ErrorKind::WrongValueCount,
            Self::Type { .. } => ErrorKind::NotSupportedYet,
            Self::BadRow | Self::BadValue(_) => ErrorKind::MalformedPacket,
        }
    }

    fn to_mysql(&self) -> MysqlError {
        match self {
            Self::Wire(error) => error.to_mysql(),
            other => MysqlError::new(other.kind(), other.to_string()),
        }
    }
}

/// How the values of a column are written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// Digits that are a literal.
    Number,
    /// The same with an exponent: the shortest text of a DOUBLE.
    Double,
    /// Text of a time.
    Time,
    /// A string in this character set.
    Text(String),
    /// The same, of an ENUM: an empty one is no member.
    Member(String),
    /// There is nothing but NULL.
    Null,
}

/// Writes the rows of an INSERT.
#[derive(Clone, Debug)]
pub struct MovedRows {
    columns: Vec<(String, Form)>,
    /// Where rows are binary: what makes them text.
    binary: Option<BinaryRows>,
}

impl MovedRows {
    /// Rows of the columns `from` for the columns `into`.
    ///
    /// # Errors
    /// There are not as many of these, or values do not travel.
    pub fn new(from: &[ColumnDefinition<'_>], into: &[&Column]) -> Result<Self, MoveError> {
        if from.len() != into.len() {
            return Err(MoveError::Count);
        }
        let columns = from.iter().zip(into).map(|(from, into)| {
            let form = form(from, into).ok_or_else(|| MoveError::Type {
                column: into.name.clone(),
                into: into.column_type.clone(),
                from: type_name(from),
            })?;
            Ok((into.name.clone(), form))
        });
        let columns = columns.collect::<Result<_, MoveError>>()?;
        Ok(Self {
            columns,
            binary: None,
        })
    }

    /// The same where rows of the columns `from` are sent so.
    ///
    /// # Errors
    /// A type has no binary form.
    pub fn sent_in(
        mut self,
        format: RowFormat,
        from: &[ColumnDefinition<'_>],
    ) -> Result<Self, MoveError> {
        if format == RowFormat::Binary {
            let rows = self.binary.insert(BinaryRows::default());
            for column in from {
                rows.push(column)?;
            }
        }
        Ok(self)
    }

    /// Whether the text of a column's values depends on the session's time zone.
    pub fn is_zoned(column: &ColumnDefinition<'_>) -> bool {
        column.known_type() == Some(ColumnType::MYSQL_TYPE_TIMESTAMP)
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The row is not one of the answer's, or cannot be stored as it is.
    pub fn put(&self, row: &[u8], sql: &mut Vec<u8>) -> Result<(), MoveError> {
        match &self.binary {
            None => self.put_text(row, sql),
            Some(rows) => {
                let mut text = BytesMut::new();
                rows.put_text(row, &mut text)?;
                self.put_text(&text, sql)
            }
        }
    }

    fn put_text(&self, row: &[u8], sql: &mut Vec<u8>) -> Result<(), MoveError> {
        let mut reader = Reader::new(row);
        for at in 0..self.columns.len() {
            self.put_value(at, reader.nullable_bytes()?, sql)?;
        }
        sql.push(b')');
        Ok(())
    }

    /// Appends a value, and what stands before it.
    fn put_value(
        &self,
        at: usize,
        value: Option<&[u8]>,
        sql: &mut Vec<u8>,
    ) -> Result<(), MoveError> {
        sql.push(if at == 0 { b'(' } else { b',' });
        let Some((name, form)) = self.columns.get(at) else {
            return Err(MoveError::BadRow);
        };
        match value {
            None => sql.extend_from_slice(b"NULL"),
            Some(value) => form
                .put(value, sql)
                .ok_or_else(|| MoveError::BadValue(name.clone()))?,
        }
        Ok(())
    }
}

impl Form {
    fn put(&self, value: &[u8], sql: &mut Vec<u8>) -> Option<()> {
        let only = |allowed: &[u8]| {
            let known = |byte: &u8| byte.is_ascii_digit() || allowed.contains(byte);
            (!value.is_empty() && value.iter().all(known)).then_some(())
        };
        match self {
            Self::Number => {
                only(b"-.")?;
                sql.extend_from_slice(value);
            }
            Self::Double => {
                only(b"-+.e")?;
                sql.extend_from_slice(value);
                sql.extend_from_slice(if value.contains(&b'e') { b"" } else { b"e0" });
            }
            Self::Time => {
                only(b"-:. ")?;
                sql.push(b'\'');
                sql.extend_from_slice(value);
                sql.push(b'\'');
            }
            Self::Member(_) if value.is_empty() => return None,
            Self::Text(charset) | Self::Member(charset) => {
                let text = hex::encode_upper(value);
                sql.extend_from_slice(format!("_{charset} x'{text}'").as_bytes());
            }
            Self::Null => return None,
        }
        Some(())
    }
}

/// Families of columns, by what is stored in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Integer,
    Year,
    Decimal,
    Double,
    Text,
    Bytes,
    Date,
    /// DATETIME and TIMESTAMP.
    DateTime,
    Time,
    Bit,
    Members,
    Json,
    Geometry,
    Other,
}

fn family(column: &Column) -> Family {
    match column.data_type.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => Family::Integer,
        "year" => Family::Year,
        "decimal" | "numeric" => Family::Decimal,
        "float" | "double" | "real" => Family::Double,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => Family::Text,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Family::Bytes,
        "date" => Family::Date,
        "datetime" | "timestamp" => Family::DateTime,
        "time" => Family::Time,
        "bit" => Family::Bit,
        "enum" | "set" => Family::Members,
        "json" => Family::Json,
        "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
        | "multipolygon" | "geomcollection" | "geometrycollection" => Family::Geometry,
        _ => Family::Other,
    }
}

/// How values of a type get into a column; `None`: a literal may not become what the value becomes.
fn form(from: &ColumnDefinition<'_>, column: &Column) -> Option<Form> {
    use ColumnType::*;
    use Family::{
        Bit, Bytes, Date, DateTime, Decimal, Double, Geometry, Integer, Text, Time, Year,
    };
    let into = family(column);
    let numeric = matches!(into, Integer | Decimal | Double);
    let flags = from.known_flags();
    // The text of a number in a string has its leading zeros; those of a literal are lost.
    let spelled = into == Text && !flags.contains(ColumnFlags::ZEROFILL_FLAG);
    let exact = from.decimals <= fraction(column);
    let (form, fits) = match from.known_type()? {
        MYSQL_TYPE_NULL => (Form::Null, true),
        MYSQL_TYPE_TINY | MYSQL_TYPE_SHORT | MYSQL_TYPE_INT24 | MYSQL_TYPE_LONG
        | MYSQL_TYPE_LONGLONG => (Form::Number, numeric || into == Year || spelled),
        MYSQL_TYPE_YEAR => (Form::Number, numeric || into == Year),
        MYSQL_TYPE_DECIMAL | MYSQL_TYPE_NEWDECIMAL => (Form::Number, numeric || spelled),
        // With a fixed number of digits the text is not the value.
        MYSQL_TYPE_DOUBLE => (Form::Double, numeric && from.decimals >= 31),
        MYSQL_TYPE_DATE | MYSQL_TYPE_NEWDATE => {
            (Form::Time, matches!(into, Date | DateTime | Text))
        }
        MYSQL_TYPE_DATETIME | MYSQL_TYPE_TIMESTAMP => {
            (Form::Time, into == DateTime && exact || into == Text)
        }
        MYSQL_TYPE_TIME => (Form::Time, into == Time && exact || into == Text),
        MYSQL_TYPE_BIT => (Form::Text("binary".to_owned()), into == Bit),
        MYSQL_TYPE_GEOMETRY => (Form::Text("binary".to_owned()), into == Geometry),
        MYSQL_TYPE_VARCHAR
        | MYSQL_TYPE_VAR_STRING
        | MYSQL_TYPE_STRING
        | MYSQL_TYPE_BLOB
        | MYSQL_TYPE_TINY_BLOB
        | MYSQL_TYPE_MEDIUM_BLOB
        | MYSQL_TYPE_LONG_BLOB => {
            let charset = charset(from.collation)?;
            // What is stored of a member elsewhere may be its number.
            let stays = matches!(into, Text | Bytes | Family::Members);
            if flags.contains(ColumnFlags::ENUM_FLAG) {
                (Form::Member(charset), stays)
            } else {
                let set = flags.contains(ColumnFlags::SET_FLAG);
                (Form::Text(charset), stays || !set)
            }
        }
        _ => return None,
    };
    fits.then_some(form)
}

fn type_name(column: &ColumnDefinition<'_>) -> String {
    let name = column.known_type().map(|found| format!("{found:?}"));
    let name = name.unwrap_or_else(|| format!("number {}", column.column_type));
    name.strip_prefix("MYSQL_TYPE_").unwrap_or(&name).to_owned()
}

/// Digits behind the second: the number in `datetime(6)`.
fn fraction(column: &Column) -> u8 {
    let digits = column.column_type.split(['(', ')']).nth(1);
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The ids of MariaDB's collations by UCA 14.0.0 of utf8mb3 and utf8mb4.
const UCA1400: std::ops::Range<u16> = 2048..2560;

/// The character set of a collation, by its id.
fn charset(collation: u16) -> Option<String> {
    if UCA1400.contains(&collation) {
        return Some("utf8mb4".to_owned());
    }
    let known = Collation::resolve(CollationId::from(collation));
    match known.charset() {
        _ if known.id() == CollationId::UNKNOWN_COLLATION_ID => None,
        // The name is deprecated, and its texts mean the same in the larger set.
        "utf8" | "utf8mb3" => Some("utf8mb4".to_owned()),
        other => Some(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;

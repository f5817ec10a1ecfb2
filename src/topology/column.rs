//! The type of a sharding-key column, as far as equality of keys depends on it.

/// A key column's type; a type that is not here cannot be a sharding key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyType {
    /// TINYINT … BIGINT.
    Integer {
        /// Smallest value that the column holds.
        min: i128,
        /// Largest value that the column holds.
        max: i128,
    },
    /// DECIMAL(precision, scale).
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// CHAR or VARCHAR.
    Text {
        /// CHAR: trailing spaces are not stored.
        fixed: bool,
        /// Most characters that the column holds.
        length: u32,
        /// How the collation compares.
        collation: KeyCollation,
    },
    /// BINARY (padded with zero bytes when stored) or VARBINARY.
    Binary {
        /// BINARY rather than VARBINARY.
        fixed: bool,
        /// Most bytes that the column holds.
        length: u32,
    },
    /// DATE.
    Date,
    /// DATETIME(fsp).
    DateTime {
        /// Digits after the second.
        fsp: u8,
    },
}

/// A collation whose equality the proxy can reproduce, at least on part of the characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCollation {
    /// Its MySQL name, for instance `utf8mb4_0900_ai_ci`.
    pub name: String,
    /// The character set of the column.
    pub charset: String,
    /// PAD SPACE: trailing spaces do not count.
    pub pad_space: bool,
    /// Which strings are equal.
    pub folding: Folding,
}

/// Which strings a collation holds equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// Equal bytes only (`_bin` collations).
    Exact,
    /// Printable ASCII: letters without their case. Anything else: only MySQL knows.
    AsciiCase,
    /// Printable ASCII: equal bytes only. Anything else: only MySQL knows.
    AsciiExact,
}

/// Why a column cannot be a sharding key, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct KeyTypeRefused {
    /// For people; begins with the type or the collation.
    pub reason: String,
}

impl KeyTypeRefused {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// A column as `information_schema.COLUMNS` describes it.
#[derive(Clone, Copy, Debug)]
pub struct ColumnFacts<'a> {
    /// DATA_TYPE: `int`.
    pub data_type: &'a str,
    /// COLUMN_TYPE: `int unsigned`, `decimal(10,2)`.
    pub column_type: &'a str,
    /// CHARACTER_SET_NAME; `None` for types without one.
    pub charset: Option<&'a str>,
    /// COLLATION_NAME; `None` for types without one.
    pub collation: Option<&'a str>,
}

impl KeyType {
    /// The key type of a column.
    ///
    /// # Errors
    /// Equality on such a column cannot be reproduced outside MySQL.
    pub fn from_column(column: &ColumnFacts<'_>) -> Result<Self, KeyTypeRefused> {
        let data_type = column.data_type.to_ascii_lowercase();
        let column_type = column.column_type.to_ascii_lowercase();
        if let Some(bits) = integer_bits(&data_type) {
            return Ok(integer(
                bits,
                column_type
                    .split_whitespace()
                    .any(|word| word == "unsigned"),
            ));
        }
        let numbers = parenthesised(&column_type);
        let first = numbers.first().copied();
        match data_type.as_str() {
            "decimal" | "numeric" => decimal(&numbers),
            "char" | "varchar" => {
                let length = first.ok_or_else(|| unreadable(column))?;
                let collation = super::collation::key_collation(column)?;
                Ok(Self::Text {
                    fixed: data_type == "char",
                    length,
                    collation,
                })
            }
            "binary" | "varbinary" => {
                let length = first.ok_or_else(|| unreadable(column))?;
                Ok(Self::Binary {
                    fixed: data_type == "binary",
                    length,
                })
            }
            "date" => Ok(Self::Date),
            "datetime" => {
                let fsp = u8::try_from(first.unwrap_or(0))
                    .ok()
                    .filter(|fsp| *fsp <= 6);
                Ok(Self::DateTime {
                    fsp: fsp.ok_or_else(|| unreadable(column))?,
                })
            }
            other => Err(refused(other)),
        }
    }

    /// Whether equal values of the two columns become equal keys, so that tables may be bound.
    pub fn places_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Text {
                    collation: mine, ..
                },
                Self::Text {
                    collation: theirs, ..
                },
            ) => {
                mine.charset == theirs.charset
                    && mine.pad_space == theirs.pad_space
                    && mine.folding == theirs.folding
            }
            (
                Self::Binary {
                    fixed: mine,
                    length,
                },
                Self::Binary {
                    fixed: theirs,
                    length: other,
                },
            ) => mine == theirs && (!mine || length == other),
            (mine, theirs) => std::mem::discriminant(mine) == std::mem::discriminant(theirs),
        }
    }

    /// Whether a column of this type holds every value of one of the other type, as the same key. Never
    /// said of texts: a statement need not tell their collation.
    pub fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Integer { min, max },
                Self::Integer {
                    min: least,
                    max: most,
                },
            ) => min <= least && max >= most,
            (
                Self::Binary {
                    fixed: false,
                    length,
                },
                Self::Binary {
                    fixed: false,
                    length: other,
                },
            ) => length >= other,
            (Self::Text { .. }, _) => false,
            (mine, theirs) => mine == theirs,
        }
    }
}

fn integer_bits(data_type: &str) -> Option<u32> {
    Some(match data_type {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" | "integer" => 32,
        "bigint" => 64,
        _ => return None,
    })
}

fn integer(bits: u32, unsigned: bool) -> KeyType {
    if unsigned {
        KeyType::Integer {
            min: 0,
            max: (1 << bits) - 1,
        }
    } else {
        KeyType::Integer {
            min: -(1 << (bits - 1)),
            max: (1 << (bits - 1)) - 1,
        }
    }
}

/// Keys hold a DECIMAL's digits in 128 bits.
fn decimal(numbers: &[u32]) -> Result<KeyType, KeyTypeRefused> {
    const MOST_DIGITS: u8 = 38;
    let part = |index: usize, default: u32| {
        u8::try_from(numbers.get(index).copied().unwrap_or(default)).unwrap_or(u8::MAX)
    };
    let (precision, scale) = (part(0, 10), part(1, 0));
    if precision > MOST_DIGITS {
        let reason = format!("DECIMAL with {precision} digits: a key has at most {MOST_DIGITS}");
        return Err(KeyTypeRefused::new(reason));
    }
    Ok(KeyType::Decimal { precision, scale })
}

/// The numbers in the parentheses that follow the type's name, if they are there.
fn parenthesised(column_type: &str) -> Vec<u32> {
    let Some((name, rest)) = column_type.split_once('(') else {
        return Vec::new();
    };
    let inner = rest.split(')').next().unwrap_or_default();
    if name.trim().contains(' ') {
        return Vec::new();
    }
    inner
        .split(',')
        .map_while(|number| number.trim().parse().ok())
        .collect()
}

fn unreadable(column: &ColumnFacts<'_>) -> KeyTypeRefused {
    KeyTypeRefused::new(format!(
        "the column type '{}' is not understood",
        column.column_type
    ))
}

fn refused(data_type: &str) -> KeyTypeRefused {
    let why = match data_type {
        "float" | "double" | "real" => {
            "equality of approximate numbers depends on how they are written"
        }
        "json" => "two spellings of a document can be equal",
        "tinyblob" | "blob" | "mediumblob" | "longblob" => "use VARBINARY",
        "tinytext" | "text" | "mediumtext" | "longtext" => "use VARCHAR",
        "enum" | "set" => {
            "its values can be written as names and as numbers; use VARCHAR or an integer"
        }
        "bit" => "its values can be written as strings and as numbers; use an integer",
        "year" => "years of two digits mean years of four; use SMALLINT",
        "time" => "its values depend on how they are written; use an integer",
        "timestamp" => "its values depend on the session's time zone; use DATETIME",
        _ => "use an integer, DECIMAL, CHAR, VARCHAR, BINARY, VARBINARY, DATE or DATETIME",
    };
    KeyTypeRefused::new(format!(
        "{} cannot be a sharding key: {why}",
        data_type.to_ascii_uppercase()
    ))
}

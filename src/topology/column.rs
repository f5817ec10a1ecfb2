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
}

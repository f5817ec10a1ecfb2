//! The hidden columns that a merge needs, as SQL around an expression of the client's.
//!
//! Each expression is evaluated once more, so it must give the same value again (no RAND()), and
//! the result of an aggregate is as good as a column.
//!
//! Which hidden columns a key needs:
//!
//! | type of the key | hidden columns |
//! |---|---|
//! | integers, YEAR, BIT, DECIMAL, DOUBLE, DATE, DATETIME, TIME | none |
//! | BINARY, VARBINARY, BLOB | none |
//! | CHAR, VARCHAR, TEXT, and every expression of a type not known | [`weight`] and [`pad`] |
//! | ENUM, SET | [`member`]; for MIN and MAX, which compare them as strings, [`weight`] and [`pad`] |
//! | FLOAT, and DOUBLE(M,D) | [`float`] |
//! | TIMESTAMP | [`timestamp`] |
//! | JSON, GEOMETRY, VECTOR, MariaDB's UUID and INET6 | not mergeable |
//!
//! UUID and INET6 look like strings in an answer, so that only the catalog tells them.

/// The bytes that a string is compared by under its own collation, whatever it is.
pub fn weight(expression: &[u8]) -> Vec<u8> {
    [b"WEIGHT_STRING(", expression, b")"].concat()
}

/// The weight of one space under the expression's collation, or an empty string if it is NO PAD.
///
/// COALESCE has the collation that its arguments agree on, where a literal gives way to all else; it stops at
/// the literal, so that the expression's value does not matter, not even NULL.
pub fn pad(expression: &[u8]) -> Vec<u8> {
    [
        b"IF(COALESCE('a',".as_slice(),
        expression,
        b")='a ',WEIGHT_STRING(COALESCE(' ',",
        expression,
        b")),'')",
    ]
    .concat()
}

/// The number of a member of ENUM, the bits of a SET.
pub fn member(expression: &[u8]) -> Vec<u8> {
    [b"CAST(", expression, b" AS UNSIGNED)"].concat()
}

/// All digits of a FLOAT or of a DOUBLE with a fixed number of digits.
pub fn float(expression: &[u8]) -> Vec<u8> {
    [b"(", expression, b")+0e0"].concat()
}

/// The moment of a TIMESTAMP: two of them look alike in the hour that the end of summer time repeats.
pub fn timestamp(expression: &[u8]) -> Vec<u8> {
    [b"UNIX_TIMESTAMP(", expression, b")"].concat()
}

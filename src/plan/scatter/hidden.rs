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
//! | CHAR, VARCHAR, TEXT, and every expression of a type not known | [`weight`] or [`sort_weight`], and [`pad`] |
//! | ENUM, SET | [`member`]; for MIN and MAX, which compare them as strings, [`weight`] and [`pad`] |
//! | FLOAT, and DOUBLE(M,D) | [`float`] |
//! | TIMESTAMP | [`timestamp`] |
//! | JSON, GEOMETRY, VECTOR, MariaDB's UUID, INET4 and INET6 | not mergeable |
//!
//! Where the types are not known, [`weight`] and [`pad`] of any of them do no harm (of UUID and INET they raise
//! warnings), and the merge says what else it needs.
//!
//! Servers sort by no more than `max_sort_length` bytes of a weight: [`sort_weight`] is what ORDER BY needs,
//! [`weight`] what tells groups and distinct rows apart. Where those shall come in order, rows that break
//! it (strings that agree in the first 1024 bytes of their weights) are refused.

/// The bytes that a string is compared by under its own collation, whatever it is.
pub fn weight(expression: &[u8]) -> Vec<u8> {
    [b"WEIGHT_STRING(", expression, b")"].concat()
}

/// The part of the [`weight`] that servers sort by. Collations without padding are sorted by all of it.
///
/// MariaDB sorts general and binary collations by `max_sort_length / (bytes of the longest character)`
/// characters, which is less: there two strings that agree so far come in the order of all that follows, not
/// of the next key.
pub fn sort_weight(expression: &[u8]) -> Vec<u8> {
    let weight = weight(expression);
    [
        b"IF(COALESCE('a',".as_slice(),
        expression,
        b")='a ',LEFT(",
        &weight,
        b",@@max_sort_length),",
        &weight,
        b")",
    ]
    .concat()
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

/// [`sort_weight`] of strings that are known to be padded.
pub fn padded_sort_weight(expression: &[u8]) -> Vec<u8> {
    [
        b"LEFT(",
        weight(expression).as_slice(),
        b",@@max_sort_length)",
    ]
    .concat()
}

/// [`pad`] of strings of this collation, computed once.
pub fn pad_of(collation: &str) -> Vec<u8> {
    let charset = collation.split('_').next().unwrap_or(collation);
    format!("WEIGHT_STRING(CONVERT(' ' USING {charset}) COLLATE {collation})").into_bytes()
}

/// Collations whose WEIGHT_STRING neither sorts nor groups strings as the server itself does, found by
/// comparing all of MySQL 9.7 and MariaDB 10.11; those of MySQL.
const WITHOUT_WEIGHTS: [&str; 8] = [
    "big5_chinese_ci",
    "cp1250_czech_cs",
    "gb18030_chinese_ci",
    "latin2_czech_cs",
    "latin7_estonian_cs",
    "latin7_general_ci",
    "latin7_general_cs",
    "tis620_thai_ci",
];

/// Whether strings of this collation can be merged by their weights. A string whose collation is
/// not known needs [`checked_pad`].
pub fn has_weights(collation: &str) -> bool {
    let several_levels = collation.contains("uca1400") && !collation.ends_with("_ai_ci")
        || collation.ends_with("_thai_520_w2");
    // MariaDB sorts 'a' and 'a\0' as equals here, but tells them apart in groups.
    let zeros_apart = collation.contains("_nopad_")
        && !collation.contains("_unicode_")
        && !collation.contains("_uca1400_");
    !several_levels && !zeros_apart && !WITHOUT_WEIGHTS.contains(&collation)
}

/// What COERCIBILITY says of whatever has one collation.
const AGREED: &str = "0,2,3,4,5,6";

/// [`pad`], or NULL for a collation that [`has_weights`] denies, and for strings of several collations that do
/// not agree on one (`IF(a, b, c)`): they are sorted as binary, but a literal beside them does not give way,
/// so that nothing tells how they are padded. Upon NULL the merge is refused.
/// Costs some tenths of a microsecond for each row.
pub fn checked_pad(expression: &[u8], mariadb: bool) -> Vec<u8> {
    let collation = [b"COLLATION(", expression, b")"].concat();
    let denied = WITHOUT_WEIGHTS.join("','");
    let mut sql = [
        b"CASE WHEN COERCIBILITY(",
        expression,
        b") NOT IN (",
        AGREED.as_bytes(),
        b") OR ",
        collation.as_slice(),
        b" IN ('",
        denied.as_bytes(),
        b"')",
    ]
    .concat();
    if mariadb {
        // Somewhat more than `has_weights` denies.
        for pattern in ["%nopad%", "%thai_520_w2", "%uca1400%s", "%uca1400%as_c_"] {
            sql.extend(
                [
                    b" OR ",
                    collation.as_slice(),
                    b" LIKE '",
                    pattern.as_bytes(),
                    b"'",
                ]
                .concat(),
            );
        }
    }
    sql.extend([b" THEN NULL ELSE ", pad(expression).as_slice(), b" END"].concat());
    sql
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

/// SUM
pub fn sum(expression: &[u8]) -> Vec<u8> {
    [b"SUM(", expression, b")"].concat()
}

/// SUM of a DECIMAL with as many digits behind the point as MariaDB knows, so that none of the quotients'
/// that it was made of are rounded.
pub fn full_sum(expression: &[u8]) -> Vec<u8> {
    const MOST_DECIMALS: usize = 38;
    let mut sql = sum(expression);
    sql.extend_from_slice(b"+0.");
    sql.extend(std::iter::repeat_n(b'0', MOST_DECIMALS));
    sql
}

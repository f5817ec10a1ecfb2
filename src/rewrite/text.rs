//! Values and names as pieces of SQL.

use std::io::Write as _;

/// Longest name that MySQL gives to a result column, in bytes.
const MAX_NAME: usize = 255;

/// As a BIGINT of the width that ROW_COUNT() and FOUND_ROWS() have: a string's length becomes that
/// of the number.
pub(super) fn put_count(out: &mut Vec<u8>, number: i128) {
    out.extend_from_slice(format!("CAST('{number:>21}' AS SIGNED)").as_bytes());
}

/// The number that FOUND_ROWS() gives. MySQL sees a call of it, too, for it says that it is deprecated.
pub(super) fn put_found_rows(out: &mut Vec<u8>, number: u64, mariadb: bool) {
    if mariadb {
        return put_count(out, number.into());
    }
    out.extend_from_slice(b"IF(TRUE, ");
    put_count(out, number.into());
    out.extend_from_slice(b", FOUND_ROWS())");
}

/// A number that has the type of a system variable that counts, which may be NULL.
pub(super) fn put_total(out: &mut Vec<u8>, number: u64, mariadb: bool) {
    let number = format!("CAST(NULLIF('{number:>21}', '') AS UNSIGNED)");
    // A digit more, as it declares its variables.
    let _ = match mariadb {
        true => write!(out, "({number} + 0)"),
        false => write!(out, "{number}"),
    };
}

/// As CONNECTION_ID() gives it on MySQL, with its type. MariaDB's, which has 32 bits, no CAST gives.
pub(super) fn put_id(out: &mut Vec<u8>, number: u32, mariadb: bool) {
    match mariadb {
        true => put_number(out, number.into()),
        false => out.extend_from_slice(format!("CAST('{number}' AS UNSIGNED)").as_bytes()),
    }
}

/// What CURRENT_ROLE() gives where there is none, with the function's own type.
pub(super) fn put_no_role(out: &mut Vec<u8>, mariadb: bool) {
    let none = if mariadb { "NULL" } else { "'NONE'" };
    let _ = write!(out, "IF(TRUE, {none}, CURRENT_ROLE())");
}

/// TRUE, with parameters that say nothing.
pub(super) fn put_true(out: &mut Vec<u8>, parameters: u32) {
    out.extend_from_slice(b"(TRUE");
    for _ in 0..parameters {
        out.extend_from_slice(b" OR ? IS NULL");
    }
    out.push(b')');
}

/// In parentheses, for a sign must not join its neighbour.
pub(super) fn put_number(out: &mut Vec<u8>, number: i128) {
    // Writing to memory cannot fail.
    let _ = if number < 0 {
        write!(out, "({number})")
    } else {
        write!(out, "{number}")
    };
}

/// ` AS` and a name, which may have its quotes already.
pub(super) fn put_name_alias(out: &mut Vec<u8>, name: &[u8]) {
    out.extend_from_slice(b" AS ");
    match name.first() {
        Some(b'`' | b'"') => out.extend_from_slice(name),
        _ => put_quoted(out, name),
    }
}

pub(super) fn put_quoted(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'`');
    for (at, piece) in name.split(|byte| *byte == b'`').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"``");
        }
        out.extend_from_slice(piece);
    }
    out.push(b'`');
}

/// A string that means the same in every sql_mode and character set: plain where it is plain, else
/// its bytes.
pub(super) fn put_string(out: &mut Vec<u8>, value: Option<&str>) {
    let Some(value) = value else {
        out.extend_from_slice(b"NULL");
        return;
    };
    if value
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"'\\".contains(&b))
    {
        let _ = write!(out, "'{value}'");
    } else {
        let _ = write!(out, "_utf8mb4 x'{}'", hex::encode(value));
    }
}

/// The session's schema as DATABASE() has it: with its length, which may be NULL, and with its collation, which
/// gives way to a column's and decides against a literal's.
pub(super) fn put_current_schema(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        None => out.extend_from_slice(b"IF(1, NULL, LEFT(DATABASE(), 64))"),
        Some(_) => {
            out.extend_from_slice(b"IF(1, LEFT(INSERT(IFNULL(DATABASE(), '-'), 1, 64, ");
            put_string(out, value);
            out.extend_from_slice(b"), 64), NULL)");
        }
    }
}

/// The name that MySQL gives to a column without alias: the item's text, in which a character of
/// four bytes becomes `?`.
pub(super) fn put_item_name(out: &mut Vec<u8>, item: &[u8]) {
    let (mut end, mut length) = (0, 0);
    while let Some(first) = item.get(end) {
        let bytes = match first {
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        length += if bytes == 4 { 1 } else { bytes };
        if length > MAX_NAME {
            break;
        }
        end += bytes;
    }
    out.extend_from_slice(b" AS ");
    put_quoted(out, item.get(..end).unwrap_or(item));
}

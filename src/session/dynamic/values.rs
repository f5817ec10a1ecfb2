//! User variables as literals in the places of a text's parameters.

use super::unsupported;
use crate::backend::TextRow;
use crate::error::MysqlError;
use crate::net::Interest;
use crate::parse::{LiteralKind, Multibyte, Tokens};
use crate::plan::{Stand, stands};
use crate::session::command_phase::End;
use crate::session::failure::Failure;
use crate::session::prepared::Template;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::wire::binary::is_text;
use crate::wire::{BinaryValue, ColumnFlags, ColumnType, ParamType};

/// A variable's type and value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Null,
    Integer(Vec<u8>),
    /// An integer of a type without sign.
    Unsigned(Vec<u8>),
    /// What [`decimal`] has read.
    Decimal(Vec<u8>),
    Double(Vec<u8>),
    /// A string in the connection's collation.
    Text(Vec<u8>),
    /// Bytes, in hexadecimal digits.
    Bytes(Vec<u8>),
    /// A day or a time of a day, as a literal.
    Moment(Vec<u8>),
    /// No literal is the same.
    Other,
}

impl Session {
    /// The text with the variables' values; `None`: a literal could mean something else.
    pub(super) async fn with_values(
        &mut self,
        template: &Template,
        using: &[usize],
        statement: &Statement<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(stands) = stands_of(template, using.len()) else {
            return Ok(None);
        };
        let values = self.values_of(using, statement).await?;
        Ok(filled((template, 0), &stands, &values))
    }

    /// The values of variables; a session without a connection of its own has set none.
    async fn values_of(
        &mut self,
        using: &[usize],
        statement: &Statement<'_>,
    ) -> Result<Vec<Value>, Failure> {
        let tokens = statement.tokens();
        let mut sql = b"SELECT @@character_set_client,@@collation_connection".to_vec();
        for at in using {
            let name = tokens.text(*at);
            for (before, behind) in [("", ""), ("HEX(", ")"), ("COLLATION(", ")")] {
                sql.push(b',');
                sql.extend_from_slice(before.as_bytes());
                sql.extend_from_slice(name);
                sql.extend_from_slice(behind.as_bytes());
            }
        }
        sql.extend_from_slice(b" LIMIT 1");
        let Some((types, row)) = self.ask_pinned(&sql).await? else {
            return Ok(vec![Value::Null; using.len()]);
        };
        let Some((settings, values)) = row.split_at_checked(2) else {
            return Err(Failure::End(End::Broken));
        };
        let types = types.get(2..).unwrap_or_default();
        let told = values.chunks(3).zip(types.chunks(3));
        Ok(told
            .map(|(value, types)| value_of(value, types.first().copied(), settings))
            .collect())
    }

    /// What the connection with the session's variables answers; `None`: there is none.
    async fn ask_pinned(&mut self, sql: &[u8]) -> Result<Option<(Vec<Type>, TextRow)>, Failure> {
        let held = self.held.pinned().and_then(|at| self.held.take(at));
        let Some(mut backend) = held else {
            return Ok(None);
        };
        let (types, rows) = self
            .ask_held(&mut backend, sql, Interest::STATEMENT)
            .await?;
        self.held.settle(backend);
        match rows.into_iter().next() {
            Some(row) => Ok(Some((types, row))),
            None => Err(Failure::End(End::Broken)),
        }
    }

    /// The text that a variable holds, as PREPARE reads it.
    pub(super) async fn text_in(
        &mut self,
        at: usize,
        statement: &Statement<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let charset = self.state.variables.get("character_set_client");
        let charset = charset.unwrap_or(b"utf8mb4").to_vec();
        if !charset.iter().all(u8::is_ascii_alphanumeric) {
            return Err(Failure::Error(unsupported("PREPARE in this character set")));
        }
        let mut sql = b"SELECT HEX(CONVERT(".to_vec();
        sql.extend_from_slice(statement.tokens().text(at));
        sql.extend_from_slice(b" USING ");
        sql.extend_from_slice(&charset);
        sql.extend_from_slice(b")) LIMIT 1");
        let told = self.ask_pinned(&sql).await?;
        let hex = told.and_then(|(_, row)| row.into_iter().next()?);
        // MySQL reads the text "NULL" where there is none.
        let Some(hex) = hex else {
            return Ok(b"NULL".to_vec());
        };
        unhex(&hex).ok_or_else(|| Failure::Error(MysqlError::stale()))
    }
}

/// What the text's parameters stand for; `None`: they are not so many, or its bytes may be parts of
/// characters.
fn stands_of(template: &Template, params: usize) -> Option<Vec<Stand>> {
    let stands = stands(Tokens::new(&template.sql, &template.digest));
    let single = template.text.lex.multibyte == Multibyte::None;
    (single && stands.len() == params).then_some(stands)
}

/// The text with literals in the places of its parameters; `None`: one could mean something else.
fn filled(
    (template, start): (&Template, usize),
    stands: &[Stand],
    values: &[Value],
) -> Option<Vec<u8>> {
    let plain = template.text.lex.no_backslash_escapes;
    let mut sql = Vec::with_capacity(template.sql.len() + 64);
    let literals = template.digest.literals.iter();
    let places = literals.filter(|literal| literal.kind == LiteralKind::Placeholder);
    let mut done = 0;
    let all = places.zip(stands).zip(values);
    for ((place, stand), value) in all.filter(|((place, _), _)| place.start as usize >= start) {
        let before = template.sql.get(done..place.start as usize);
        sql.extend_from_slice(before.unwrap_or_default());
        if !put(&mut sql, value, *stand, plain) {
            return None;
        }
        done = place.end as usize;
    }
    sql.extend_from_slice(template.sql.get(done..).unwrap_or_default());
    Some(sql)
}

/// The text of SET or KILL with what is bound to its placeholders; `None`: no literal says the same.
pub(in crate::session) fn with_bound(
    template: &Template,
    bound: &[BinaryValue<'_>],
    types: &[ParamType],
) -> Option<Vec<u8>> {
    with_bound_behind(0, template, (bound, types))
}

/// The same from a byte of the text on: placeholders before it stay.
pub(in crate::session) fn with_bound_behind(
    start: usize,
    template: &Template,
    (bound, types): (&[BinaryValue<'_>], &[ParamType]),
) -> Option<Vec<u8>> {
    let stands = stands_of(template, bound.len())?;
    let values = bound.iter().enumerate().map(|(at, bound)| {
        let unsigned = types.get(at).is_some_and(|declared| declared.is_unsigned());
        match value_of_bound(bound) {
            Value::Integer(digits) if unsigned => Value::Unsigned(digits),
            value => value,
        }
    });
    let values: Vec<Value> = values.collect();
    filled((template, start), &stands, &values)
}

fn value_of_bound(bound: &BinaryValue<'_>) -> Value {
    match bound {
        BinaryValue::Null => Value::Null,
        BinaryValue::Integer(number) => Value::Integer(number.to_string().into_bytes()),
        BinaryValue::Float(number) if number.is_finite() => {
            Value::Double(format!("{number:e}").into_bytes())
        }
        BinaryValue::Decimal(digits) => decimal(digits),
        BinaryValue::Text(text) => Value::Text(text.to_vec()),
        BinaryValue::Blob(bytes) => Value::Bytes(hex::encode(bytes).into_bytes()),
        BinaryValue::Moment { .. } => moment(bound).map_or(Value::Other, Value::Moment),
        BinaryValue::Float(_) | BinaryValue::Other => Value::Other,
    }
}

/// A decimal number that is a literal as it is. Of a parameter its client may have written anything.
fn decimal(text: &[u8]) -> Value {
    let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+"));
    let mut parts = unsigned.unwrap_or(text).splitn(2, |byte| *byte == b'.');
    let is_digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    match (parts.next().is_some_and(is_digits), parts.next()) {
        (true, None) => Value::Decimal(text.to_vec()),
        (true, Some(behind)) if is_digits(behind) => Value::Decimal(text.to_vec()),
        _ => Value::Other,
    }
}

/// DATE'…' or TIMESTAMP'…'; `None`: literals have no months and days that are 0.
fn moment(bound: &BinaryValue<'_>) -> Option<Vec<u8>> {
    let BinaryValue::Moment {
        year,
        month: month @ 1..=12,
        day: day @ 1..=31,
        time: [hour, minute, second],
        micros,
        date_only,
    } = bound
    else {
        return None;
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    let literal = match (date_only, micros) {
        (true, _) => format!(" DATE'{date}'"),
        (false, 0) => format!(" TIMESTAMP'{date} {hour:02}:{minute:02}:{second:02}'"),
        (false, _) => {
            format!(" TIMESTAMP'{date} {hour:02}:{minute:02}:{second:02}.{micros:06}'")
        }
    };
    Some(literal.into_bytes())
}

/// A column's type and flags.
type Type = (u8, u16);

fn value_of(
    told: &[Option<Vec<u8>>],
    declared: Option<Type>,
    settings: &[Option<Vec<u8>>],
) -> Value {
    let [value, hex, collation] = told else {
        return Value::Other;
    };
    let (Some(value), Some(hex), Some(collation)) = (value, hex, collation) else {
        return if value.is_none() {
            Value::Null
        } else {
            Value::Other
        };
    };
    let (kind, flags) = declared.unwrap_or_default();
    let unsigned = flags & ColumnFlags::UNSIGNED_FLAG.bits() != 0;
    use ColumnType as T;
    match T::try_from(kind) {
        // A literal that is that small has a sign.
        Ok(T::MYSQL_TYPE_LONGLONG) if unsigned => Value::Unsigned(value.clone()),
        Ok(T::MYSQL_TYPE_LONGLONG) => match std::str::from_utf8(value).map(str::parse::<i64>) {
            Ok(Ok(_)) => Value::Integer(value.clone()),
            _ => Value::Other,
        },
        Ok(T::MYSQL_TYPE_NEWDECIMAL) => decimal(value),
        Ok(T::MYSQL_TYPE_DOUBLE) => Value::Double(value.clone()),
        Ok(_) if is_text(kind) && collation == b"binary" => Value::Bytes(hex.clone()),
        Ok(_) if is_text(kind) => text(hex, collation, settings),
        _ => Value::Other,
    }
}

/// A string is a literal's if the client's and the connection's character sets are its own.
fn text(hex: &[u8], collation: &[u8], settings: &[Option<Vec<u8>>]) -> Value {
    let [Some(client), Some(connection)] = settings else {
        return Value::Other;
    };
    let of_client = collation
        .strip_prefix(client.as_slice())
        .is_some_and(|rest| rest.first() == Some(&b'_'));
    match unhex(hex) {
        Some(text) if of_client && collation == connection.as_slice() => Value::Text(text),
        _ => Value::Other,
    }
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    hex::decode(digits).ok()
}

/// Appends a value; says whether a literal can stand for it there.
fn put(sql: &mut Vec<u8>, value: &Value, stand: Stand, no_backslash_escapes: bool) -> bool {
    match (stand, value) {
        (Stand::Limit, Value::Integer(digits) | Value::Unsigned(digits))
            if digits.iter().all(u8::is_ascii_digit) =>
        {
            sql.extend_from_slice(digits);
        }
        (Stand::Value | Stand::Summand, Value::Integer(digits))
        | (Stand::Value, Value::Unsigned(digits)) => {
            sql.push(b' ');
            sql.extend_from_slice(digits);
        }
        // It decides whether the sum has a sign, which a literal of this size does not.
        (Stand::Summand, Value::Unsigned(digits)) => {
            sql.extend_from_slice(b" CAST(");
            sql.extend_from_slice(digits);
            sql.extend_from_slice(b" AS UNSIGNED)");
        }
        (Stand::Computed | Stand::Limit | Stand::Summand, _) | (_, Value::Other) => return false,
        (Stand::Value, Value::Null) => sql.extend_from_slice(b"NULL"),
        (Stand::Value, Value::Decimal(digits)) => {
            sql.push(b' ');
            sql.extend_from_slice(digits);
            if !digits.contains(&b'.') {
                sql.push(b'.');
            }
        }
        (Stand::Value, Value::Double(digits)) => {
            sql.push(b' ');
            sql.extend_from_slice(digits);
            if !digits.contains(&b'e') {
                sql.extend_from_slice(b"e0");
            }
        }
        (Stand::Value, Value::Text(text)) => put_quoted(sql, text, no_backslash_escapes),
        (Stand::Value, Value::Moment(literal)) => sql.extend_from_slice(literal),
        (Stand::Value, Value::Bytes(hex)) => {
            sql.extend_from_slice(b" _binary x'");
            sql.extend_from_slice(hex);
            sql.push(b'\'');
        }
    }
    true
}

/// Appends a string as a literal, in a character set whose ASCII bytes stand for themselves.
pub(super) fn put_quoted(sql: &mut Vec<u8>, text: &[u8], no_backslash_escapes: bool) {
    sql.push(b'\'');
    for byte in text {
        match byte {
            b'\'' => sql.extend_from_slice(b"''"),
            b'\\' if !no_backslash_escapes => sql.extend_from_slice(b"\\\\"),
            other => sql.push(*other),
        }
    }
    sql.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(parts: [&str; 3]) -> Vec<Option<Vec<u8>>> {
        parts.map(|part| Some(part.as_bytes().to_vec())).to_vec()
    }

    #[test]
    fn variables_keep_their_types_as_literals() {
        let settings = told(["utf8mb4", "utf8mb4_0900_ai_ci", ""]);
        let settings = &settings[..2];
        use ColumnType as T;
        let number = "binary";
        let table: [(T, [&str; 3], Option<&str>); 10] = [
            (T::MYSQL_TYPE_LONGLONG, ["5", "5", number], Some(" 5")),
            (T::MYSQL_TYPE_LONGLONG, ["-5", "F", number], Some(" -5")),
            (T::MYSQL_TYPE_NEWDECIMAL, ["5", "5", number], Some(" 5.")),
            (
                T::MYSQL_TYPE_NEWDECIMAL,
                ["1.50", "2", number],
                Some(" 1.50"),
            ),
            (T::MYSQL_TYPE_DOUBLE, ["1.5", "2", number], Some(" 1.5e0")),
            (T::MYSQL_TYPE_DOUBLE, ["1e300", "F", number], Some(" 1e300")),
            (
                T::MYSQL_TYPE_MEDIUM_BLOB,
                ["x", "275C", "utf8mb4_0900_ai_ci"],
                Some("'''\\\\'"),
            ),
            (T::MYSQL_TYPE_MEDIUM_BLOB, ["x", "78", "utf8mb4_bin"], None),
            (
                T::MYSQL_TYPE_LONG_BLOB,
                ["x", "78", "binary"],
                Some(" _binary x'78'"),
            ),
            (T::MYSQL_TYPE_DATE, ["x", "78", "binary"], None),
        ];
        for (kind, parts, expected) in table {
            let value = value_of(&told(parts), Some((kind as u8, 0)), settings);
            let mut sql = Vec::new();
            let stands = put(&mut sql, &value, Stand::Value, false);
            let sql = String::from_utf8(sql).unwrap();
            assert_eq!(
                stands.then_some(sql.as_str()),
                expected,
                "{kind:?} {parts:?}"
            );
        }
    }

    #[test]
    fn what_has_no_sign_has_none_in_a_sum() {
        let flags = ColumnFlags::UNSIGNED_FLAG.bits();
        let declared = Some((ColumnType::MYSQL_TYPE_LONGLONG as u8, flags));
        let value = value_of(&told(["5", "5", "binary"]), declared, &[]);
        for (stand, expected) in [
            (Stand::Value, " 5"),
            (Stand::Limit, "5"),
            (Stand::Summand, " CAST(5 AS UNSIGNED)"),
        ] {
            let mut sql = Vec::new();
            assert!(put(&mut sql, &value, stand, false), "{stand:?}");
            assert_eq!(String::from_utf8(sql).unwrap(), expected, "{stand:?}");
        }
    }

    /// A client's decimal is a string on its way: it must not become anything but a number.
    #[test]
    fn decimals_are_digits_and_a_dot() {
        let table: [(&str, Option<&str>); 18] = [
            ("1", Some(" 1.")),
            ("-1", Some(" -1.")),
            ("+1", Some(" +1.")),
            ("0012.50", Some(" 0012.50")),
            ("-0.5", Some(" -0.5")),
            ("", None),
            ("-", None),
            (".", None),
            ("1.", None),
            (".5", None),
            ("--1", None),
            ("1.2.3", None),
            ("1e5", None),
            (" 1", None),
            ("1)", None),
            ("1 OR 1=1", None),
            ("0) -- ", None),
            ("1.5, (SELECT 1)", None),
        ];
        for (digits, expected) in table {
            let mut sql = Vec::new();
            let value = value_of_bound(&BinaryValue::Decimal(digits.as_bytes()));
            let stands = put(&mut sql, &value, Stand::Value, false);
            let sql = String::from_utf8(sql).unwrap();
            assert_eq!(stands.then_some(sql.as_str()), expected, "{digits}");
        }
    }

    #[test]
    fn limits_are_numbers_without_sign() {
        for (value, stands) in [("5", true), ("-5", false)] {
            let value = Value::Integer(value.into());
            assert_eq!(put(&mut Vec::new(), &value, Stand::Limit, false), stands);
        }
        let text = Value::Text(b"5".to_vec());
        assert!(!put(&mut Vec::new(), &text, Stand::Limit, false));
    }
}

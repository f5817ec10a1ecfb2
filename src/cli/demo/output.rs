//! Answers as the `mysql` command-line client prints them with `--table`.

use std::fmt::Write as _;

use mysql_async::consts::ColumnType;
use mysql_async::prelude::Queryable;
use mysql_async::{Column, Conn, Error, Row, Value};

/// Runs one statement and gives back what the client would print, and whether it succeeded.
pub async fn run(connection: &mut Conn, statement: &str) -> (String, bool) {
    let mut text = String::new();
    match collect(connection, statement, &mut text).await {
        Ok(()) => (text, true),
        Err(error) => {
            text.push_str(&describe(&error));
            (text, false)
        }
    }
}

async fn collect(connection: &mut Conn, statement: &str, text: &mut String) -> Result<(), Error> {
    let mut result = connection.query_iter(statement).await?;
    loop {
        let columns = result.columns();
        match columns.filter(|columns| !columns.is_empty()) {
            Some(columns) => {
                let rows: Vec<Row> = result.collect().await?;
                text.push_str(&table(&columns, rows));
            }
            None => {
                let affected = result.affected_rows();
                let _: Vec<Row> = result.collect().await?;
                let _ = writeln!(text, "Query OK, {}\n", rows_word(affected, "affected"));
            }
        }
        if result.is_empty() {
            return Ok(());
        }
    }
}

/// An error as `ERROR code (state): message`.
pub fn describe(error: &Error) -> String {
    match error {
        Error::Server(error) => format!(
            "ERROR {} ({}): {}\n",
            error.code, error.state, error.message
        ),
        // CR_SERVER_LOST, which the client library reports in words of its own.
        other => format!("ERROR 2013 (HY000): {other}\n"),
    }
}

fn rows_word(count: u64, what: &str) -> String {
    format!("{count} row{} {what}", if count == 1 { "" } else { "s" })
}

fn table(columns: &[Column], rows: Vec<Row>) -> String {
    if rows.is_empty() {
        return "Empty set\n\n".to_owned();
    }
    let count = rows.len() as u64;
    let header: Vec<String> = columns
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    let cells: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| row.unwrap().into_iter().map(cell).collect())
        .collect();
    let right: Vec<bool> = columns
        .iter()
        .map(|column| is_number(column.column_type()))
        .collect();
    let grid = grid(&header, &cells, &right);
    format!("{grid}{}\n\n", rows_word(count, "in set"))
}

/// Draws the grid; a column's `right` says that its cells (not its name) stand to the right.
fn grid(header: &[String], rows: &[Vec<String>], right: &[bool]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut rule = String::from("+");
    for width in &widths {
        rule.push_str(&"-".repeat(width + 2));
        rule.push('+');
    }
    rule.push('\n');
    let mut text = rule.clone();
    push_line(&mut text, header, &widths, &vec![false; widths.len()]);
    text.push_str(&rule);
    for row in rows {
        push_line(&mut text, row, &widths, right);
    }
    text.push_str(&rule);
    text
}

fn push_line(text: &mut String, cells: &[String], widths: &[usize], right: &[bool]) {
    text.push('|');
    for ((cell, width), right) in cells.iter().zip(widths).zip(right) {
        let _ = if *right {
            write!(text, " {cell:>width$} |")
        } else {
            write!(text, " {cell:<width$} |")
        };
    }
    text.push('\n');
}

/// A cell of the text protocol: bytes or NULL; the other kinds never come that way.
fn cell(value: Value) -> String {
    match value {
        Value::NULL => "NULL".to_owned(),
        Value::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => other.as_sql(true),
    }
}

fn is_number(kind: ColumnType) -> bool {
    use ColumnType::{
        MYSQL_TYPE_DECIMAL, MYSQL_TYPE_DOUBLE, MYSQL_TYPE_FLOAT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG,
        MYSQL_TYPE_LONGLONG, MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_NULL, MYSQL_TYPE_SHORT,
        MYSQL_TYPE_TINY, MYSQL_TYPE_YEAR,
    };
    matches!(
        kind,
        MYSQL_TYPE_DECIMAL
            | MYSQL_TYPE_DOUBLE
            | MYSQL_TYPE_FLOAT
            | MYSQL_TYPE_INT24
            | MYSQL_TYPE_LONG
            | MYSQL_TYPE_LONGLONG
            | MYSQL_TYPE_NEWDECIMAL
            | MYSQL_TYPE_NULL
            | MYSQL_TYPE_SHORT
            | MYSQL_TYPE_TINY
            | MYSQL_TYPE_YEAR
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_is_the_clients() {
        let strings = |cells: &[&str]| cells.iter().map(ToString::to_string).collect::<Vec<_>>();
        let text = grid(
            &strings(&["id", "name"]),
            &[strings(&["7", "Élise"]), strings(&["1042", "NULL"])],
            &[true, false],
        );
        let expected = "\
+------+-------+
| id   | name  |
+------+-------+
|    7 | Élise |
| 1042 | NULL  |
+------+-------+
";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_error_has_its_code_and_state() {
        let error = Error::Server(mysql_async::ServerError {
            code: 1146,
            state: "42S02".to_owned(),
            message: "Table 'shop.x' doesn't exist".to_owned(),
        });
        assert_eq!(
            describe(&error),
            "ERROR 1146 (42S02): Table 'shop.x' doesn't exist\n"
        );
    }
}

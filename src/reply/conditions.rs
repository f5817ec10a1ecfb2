//! What several servers say behind one statement → what one server would say.
//!
//! In: rows of SHOW WARNINGS, by query. Out: the same without what is said of the statement's text
//! rather than of rows, but for the first time.

use crate::backend::TextRow;

/// What a server says of a query that it has carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warned {
    /// The number of the query.
    pub query: usize,
    /// How many conditions there are; SHOW WARNINGS shows at most `max_error_count` of them.
    pub warnings: u16,
    /// The rows of SHOW WARNINGS.
    pub rows: Vec<TextRow>,
}

/// MySQL's and MariaDB's warnings of what they read in a statement's text, whatever its rows are.
const OF_THE_TEXT: [&[u8]; 9] = [
    b"1287", b"1681", b"3126", b"3127", b"3128", b"3719", b"3720", b"3778", b"4095",
];

/// Whether a condition is about the statement's text, whatever its rows are.
pub fn is_of_the_text(row: &TextRow) -> bool {
    OF_THE_TEXT.contains(&code(row))
}

/// The number of a condition, in digits.
pub fn code(row: &TextRow) -> &[u8] {
    cell(row, 1)
}

/// The text of a condition.
pub fn message(row: &TextRow) -> &[u8] {
    cell(row, 2)
}

fn cell(row: &TextRow, at: usize) -> &[u8] {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// Leaves out what several nodes say of what they share, but for the first time.
pub fn once<'a>(
    nodes: impl Iterator<Item = (&'a mut u16, &'a mut Vec<TextRow>)>,
    is_shared: impl Fn(&TextRow) -> bool,
) {
    let mut said: Vec<TextRow> = Vec::new();
    for (warnings, rows) in nodes {
        let mut before = said.clone();
        let mut kept = Vec::with_capacity(rows.len());
        for row in std::mem::take(rows) {
            if !is_shared(&row) {
                kept.push(row);
            } else if let Some(at) = before.iter().position(|known| *known == row) {
                before.swap_remove(at);
                *warnings = warnings.saturating_sub(1);
            } else {
                said.push(row.clone());
                kept.push(row);
            }
        }
        *rows = kept;
    }
}

/// What `queries` nodes say of one read, in the order of the nodes: once what is about the text, and
/// what each of them says once of a value that stands in `texts` (a server converts a literal once,
/// and a column's value in every row).
pub fn merged(mut all: Vec<Warned>, queries: usize, texts: &[&[u8]]) -> Vec<Warned> {
    all.sort_by_key(|node| node.query);
    let by_all = |row: &&TextRow| {
        let once = |node: &Warned| node.rows.iter().filter(|other| other == row).count() == 1;
        all.len() == queries && quotes(row, texts) && all.iter().all(once)
    };
    let first = all.first().map(|node| node.rows.as_slice());
    let literals: Vec<TextRow> = first
        .unwrap_or_default()
        .iter()
        .filter(by_all)
        .cloned()
        .collect();
    let nodes = all
        .iter_mut()
        .map(|node| (&mut node.warnings, &mut node.rows));
    once(nodes, |row| is_of_the_text(row) || literals.contains(row));
    all
}

/// Whether a condition names a value that stands in one of the texts.
fn quotes(row: &TextRow, texts: &[&[u8]]) -> bool {
    let mut pieces = message(row).split(|byte| *byte == b'\'');
    let value = pieces.nth(1).filter(|value| !value.is_empty());
    value.is_some_and(|value| {
        let stands_in = |text: &&[u8]| text.windows(value.len()).any(|piece| piece == value);
        texts.iter().any(stands_in)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(code: &str, message: &str) -> TextRow {
        let cells = ["Warning", code, message];
        cells.map(|cell| Some(cell.as_bytes().to_vec())).to_vec()
    }

    #[test]
    fn what_is_said_of_the_text_is_said_once_and_what_is_said_of_rows_each_time() {
        let literal = row("1292", "Truncated incorrect DOUBLE value: 'abc'");
        let old = row("1287", "'BINARY expr' is deprecated");
        let of_row = row("1292", "Truncated incorrect DOUBLE value: 'x7'");
        let node = |query, rows: &[&TextRow]| Warned {
            query,
            warnings: rows.len() as u16,
            rows: rows.iter().map(|row| (*row).clone()).collect(),
        };
        let both = || {
            let said = [&literal, &old, &of_row];
            vec![node(1, &said), node(0, &said)]
        };
        let text: &[u8] = b"SELECT BINARY s FROM t WHERE n = 'abc'";
        let twice = [&literal, &old, &of_row, &literal];
        let cases = [
            (
                both(),
                2,
                text,
                vec![node(0, &[&literal, &old, &of_row]), node(1, &[&of_row])],
            ),
            // Somebody has not said it: it is of rows.
            (
                both(),
                3,
                text,
                vec![
                    node(0, &[&literal, &old, &of_row]),
                    node(1, &[&literal, &of_row]),
                ],
            ),
            // The value stands in no literal.
            (
                both(),
                2,
                &b"SELECT 1"[..],
                vec![
                    node(0, &[&literal, &old, &of_row]),
                    node(1, &[&literal, &of_row]),
                ],
            ),
            // One of them says it of several rows.
            (
                vec![node(0, &twice), node(1, &[&literal])],
                2,
                text,
                vec![node(0, &twice), node(1, &[&literal])],
            ),
        ];
        for (said, queries, text, expected) in cases {
            assert_eq!(merged(said, queries, &[text]), expected);
        }
    }
}

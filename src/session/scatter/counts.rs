//! The answers of several nodes to one write → the answer that one MySQL would give.

use std::ops::Range;

use crate::execute::scatter::Written;
use crate::plan::Duplicates;
use crate::reply as conditions;

/// What a client is told of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub affected_rows: u64,
    pub warnings: u16,
    pub info: Vec<u8>,
}

/// What the info of an INSERT looks like where no server says it.
const RECORDS: &[u8] = b"Records: 0  Duplicates: 0  Warnings: 0";

/// Sums of what the nodes said. `rows`: what duplicates did, where rows of VALUES are stored;
/// `found`: the client has asked for rows found instead of changed.
pub(super) fn counts(written: &[Written], rows: Option<Duplicates>, found: bool) -> Counts {
    let sum = |of: fn(&Written) -> u64| written.iter().map(of).fold(0, u64::saturating_add);
    let warnings = sum(|node| node.warnings.into());
    let info = match info(written, rows, found) {
        // Records, duplicates; matched, changed; then always the warnings.
        Some((sentence, sums)) if sums.len() == 3 => {
            let warnings = [warnings];
            let numbers: Vec<u64> = sums.into_iter().take(2).chain(warnings).collect();
            with_numbers(&sentence, &numbers)
        }
        _ => Vec::new(),
    };
    Counts {
        affected_rows: sum(|node| node.changes.affected_rows),
        warnings: u16::try_from(warnings).unwrap_or(u16::MAX),
        info,
    }
}

/// Errors that IGNORE makes warnings of, and whose rows stay as they are: duplicates, foreign keys, CHECK,
/// partitions.
const LEFT_OUT: [&[u8]; 15] = [
    b"1022", b"1062", b"1169", b"1216", b"1217", b"1369", b"1451", b"1452", b"1526", b"1586",
    b"1748", b"1761", b"1762", b"3819", b"4025",
];

/// Whether IGNORE has certainly left out no row.
pub(super) fn none_left_out(node: &Written) -> bool {
    let mut codes = node.conditions.iter().map(conditions::code);
    all_told(node) && codes.all(|code| !LEFT_OUT.contains(&code))
}

/// Whether the list of warnings is whole: SHOW WARNINGS shows at most `max_error_count` of them.
pub(super) fn all_told(node: &Written) -> bool {
    node.conditions.len() == usize::from(node.warnings)
}

/// What every server says of a text that all of them get counts once. `rows`: those that the parts
/// have each for itself are not literals. `nulls`: so does that a column of stored rows cannot be NULL,
/// which MySQL says once of a column, however many rows there are.
pub(super) fn once(written: &mut [Written], rows: bool, nulls: bool) {
    const VALUES: &[u8] = b"VALUES function";
    const BAD_NULL: &[u8] = b"1048";
    let nodes = written
        .iter_mut()
        .map(|node| (&mut node.warnings, &mut node.conditions));
    conditions::once(nodes, |row| {
        if nulls && conditions::code(row) == BAD_NULL {
            return true;
        }
        // VALUES() stands behind the rows.
        let mut pieces = conditions::message(row).windows(VALUES.len());
        let shared = !rows || pieces.any(|text| text == VALUES);
        shared && conditions::is_of_the_text(row)
    });
}

/// The servers' own sentence, in their language, and the sums of its numbers. `None` where there is
/// no sentence, or one of the numbers is not known.
fn info(written: &[Written], rows: Option<Duplicates>, found: bool) -> Option<(Vec<u8>, Vec<u64>)> {
    let mut told = written.iter().map(|node| node.changes.info.as_slice());
    let sentence = told.find(|info| !info.is_empty());
    let sentence = sentence.or(rows.map(|_| RECORDS)).unwrap_or_default();
    let mut sums = vec![0; numbers(sentence).len()];
    for node in written {
        let counted = match (node.changes.info.as_slice(), rows) {
            // A single row is answered without a sentence.
            (b"", Some(duplicates)) => {
                let affected = node.changes.affected_rows;
                vec![1, duplicates.of_one(affected, found)?, 0]
            }
            // MariaDB says nothing where it sees beforehand that no row matches.
            (b"", None) if node.changes.affected_rows == 0 => vec![0; sums.len()],
            (info, _) => numbers(info),
        };
        if counted.len() != sums.len() {
            return None;
        }
        for (sum, number) in sums.iter_mut().zip(counted) {
            *sum += number;
        }
    }
    Some((sentence.to_vec(), sums))
}

/// The numbers in a sentence.
pub(super) fn numbers(sentence: &[u8]) -> Vec<u64> {
    let digits = sentence.split(|byte| !byte.is_ascii_digit());
    let digits = digits.filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    digits.collect()
}

/// A sentence with other numbers.
pub(super) fn with_numbers(sentence: &[u8], numbers: &[u64]) -> Vec<u8> {
    let (mut out, mut numbers) = (Vec::with_capacity(sentence.len() + 8), numbers.iter());
    let mut within = false;
    for byte in sentence {
        if !byte.is_ascii_digit() {
            out.push(*byte);
        } else if !within && let Some(number) = numbers.next() {
            out.extend_from_slice(number.to_string().as_bytes());
        }
        within = byte.is_ascii_digit();
    }
    out
}

/// What servers put before the number of a row.
const AT_ROW: &[u8] = b" at row ";

/// What stands behind the number of a row that a message of LOAD DATA begins with.
const LOADED: [&[u8]; 2] = [b" doesn't contain data", b" was truncated"];

/// The row that a message is about, from 1, and where its number stands.
fn row_of(message: &[u8]) -> Option<(Range<usize>, u64)> {
    let number = |place: Range<usize>| {
        let digits = std::str::from_utf8(message.get(place.clone())?).ok()?;
        Some((place, digits.parse().ok()?))
    };
    if let Some(rest) = message.strip_prefix(b"Row ") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let behind = rest.get(digits..)?;
        let place = 4..4 + digits;
        return number(place).filter(|_| LOADED.iter().any(|said| behind.starts_with(said)));
    }
    let digits = message.iter().rev().take_while(|b| b.is_ascii_digit());
    let start = message.len() - digits.count();
    let before = message.get(..start)?;
    number(start..message.len()).filter(|_| before.ends_with(AT_ROW))
}

/// Puts the client's number of a row into a message about one of these rows; says the number.
pub(super) fn renumber(message: &mut Vec<u8>, rows: &[usize]) -> Option<usize> {
    let (place, number) = row_of(message)?;
    let at = usize::try_from(number).ok()?.checked_sub(1)?;
    let number = rows.get(at)? + 1;
    message.splice(place, number.to_string().into_bytes());
    Some(number)
}

/// Numbers a row on where the rows of the shards before end.
pub(super) fn number_on(message: &mut Vec<u8>, before: u64) {
    if let Some((place, number)) = row_of(message) {
        let number = number.saturating_add(before);
        message.splice(place, number.to_string().into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Changes;

    fn node(query: usize, affected_rows: u64, warnings: u16, info: &str) -> Written {
        Written {
            query,
            changes: Changes {
                affected_rows,
                last_insert_id: 0,
                info: info.as_bytes().to_vec(),
            },
            warnings,
            conditions: Vec::new(),
        }
    }

    #[test]
    fn numbers_are_summed_within_the_servers_own_sentence() {
        let update =
            |matched, changed| format!("Rows matched: {matched}  Changed: {changed}  Warnings: 0");
        let told = [node(0, 3, 0, &update(10, 3)), node(1, 0, 0, &update(2, 0))];
        let summed = counts(&told, None, false);
        assert_eq!(summed.affected_rows, 3);
        assert_eq!(summed.info, update(12, 3).as_bytes());
        let silent = [node(0, 3, 0, &update(10, 3)), node(1, 0, 0, "")];
        assert_eq!(counts(&silent, None, false).info, update(10, 3).as_bytes());
        let deleted = [node(0, 3, 0, ""), node(1, 4, 0, "")];
        let summed = counts(&deleted, None, false);
        assert_eq!((summed.affected_rows, summed.info), (7, Vec::new()));
    }

    #[test]
    fn single_rows_are_counted_although_their_servers_say_nothing() {
        let told = [
            node(0, 1, 1, "Records: 2  Duplicates: 1  Warnings: 1"),
            node(1, 0, 1, ""),
        ];
        let ignored = counts(&told, Some(Duplicates::Ignore), false);
        assert_eq!(ignored.warnings, 2);
        assert_eq!(ignored.info, b"Records: 3  Duplicates: 2  Warnings: 2");
        let single = [node(0, 1, 0, ""), node(1, 2, 0, "")];
        let replaced = counts(&single, Some(Duplicates::Replace), false);
        assert_eq!(replaced.info, b"Records: 2  Duplicates: 1  Warnings: 0");
        let update = Duplicates::Update { ignore: false };
        assert_eq!(counts(&single, Some(update), true).info, b"");
    }

    #[test]
    fn what_every_server_says_of_the_text_counts_once() {
        let condition = |code: &str, message: &str| {
            let cells = ["Warning", code, message];
            cells.map(|cell| Some(cell.as_bytes().to_vec())).to_vec()
        };
        let values = condition("1287", "'VALUES function' is deprecated");
        let binary = condition("1287", "'BINARY expr' is deprecated");
        let cut = condition("1265", "Data truncated for column 'a' at row 1");
        let told = [values.clone(), values.clone(), binary.clone(), cut.clone()];
        let nodes = || {
            let mut node = node(0, 1, 4, "");
            node.conditions = told.to_vec();
            [node.clone(), node]
        };
        for (rows, second) in [(false, vec![cut.clone()]), (true, vec![binary, cut])] {
            let mut written = nodes();
            once(&mut written, rows, false);
            assert_eq!((written[0].warnings, written[0].conditions.len()), (4, 4));
            assert_eq!(usize::from(written[1].warnings), second.len());
            assert_eq!(written[1].conditions, second);
        }
    }

    #[test]
    fn rows_get_the_numbers_that_the_client_gave_them() {
        let rows = [3, 5, 9];
        let cases = [
            (
                "Data too long for column 'a' at row 2",
                Some(6),
                "Data too long for column 'a' at row 6",
            ),
            ("Data too long at row 4", None, "Data too long at row 4"),
            (
                "Row 1 doesn't contain data for all columns",
                Some(4),
                "Row 4 doesn't contain data for all columns",
            ),
            (
                "Row 1 was cut by GROUP_CONCAT()",
                None,
                "Row 1 was cut by GROUP_CONCAT()",
            ),
            (
                "Duplicate entry '1' for key 'a'",
                None,
                "Duplicate entry '1' for key 'a'",
            ),
        ];
        for (told, number, expected) in cases {
            let mut message = told.as_bytes().to_vec();
            assert_eq!(renumber(&mut message, &rows), number, "{told}");
            assert_eq!(String::from_utf8_lossy(&message), expected);
        }
    }
}

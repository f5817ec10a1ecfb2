//! Whether rows are in an order that ORDER BY allows.
//!
//! The plain server orders all rows twice, breaking ties by all columns forwards and backwards. Where
//! both answers have had the same rows up to a place, a group of ties ends there: in between any order
//! is right, and a LIMIT may take any of them.

use std::collections::HashMap;
use std::ops::Range;

/// A row in the form that rows are compared in.
pub type Key = Vec<Option<Vec<u8>>>;

/// The places of the groups of ties.
///
/// # Errors
/// The answers have different rows: something else than the order is not fixed.
pub fn ties(forwards: &[Key], backwards: &[Key]) -> Result<Vec<Range<usize>>, String> {
    if forwards.len() != backwards.len() {
        return Err("the number of rows changes with the order".to_owned());
    }
    let mut balance: HashMap<&Key, i64> = HashMap::new();
    let mut uneven = 0_i64;
    let mut count = |key, by: i64| {
        let entry = balance.entry(key).or_default();
        uneven += (*entry + by).abs() - entry.abs();
        *entry += by;
        uneven
    };
    let mut groups = Vec::new();
    let mut start = 0;
    for (at, (one, other)) in forwards.iter().zip(backwards).enumerate() {
        count(one, 1);
        if count(other, -1) == 0 {
            groups.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < forwards.len() {
        return Err("the rows change with the order".to_owned());
    }
    Ok(groups)
}

/// Joins neighbouring groups whose rows are equal to a collation: the server did not order them.
pub fn joined(
    groups: Vec<Range<usize>>,
    rows: &[Key],
    fold: impl Fn(&Key) -> Key,
) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for group in groups {
        match found.last_mut() {
            Some(last) if fold(&rows[last.end - 1]) == fold(&rows[group.start]) => {
                last.end = group.end;
            }
            _ => found.push(group),
        }
    }
    found
}

/// Whether `rows` are those from `offset` on, at most `count`, of all rows, which may be in any order
/// inside of the groups.
pub fn allowed(
    rows: &[Key],
    all: &[Key],
    groups: &[Range<usize>],
    (offset, count): (usize, usize),
) -> bool {
    let end = all.len().min(offset.saturating_add(count));
    if rows.len() != end.saturating_sub(offset) {
        return false;
    }
    groups.iter().all(|group| {
        let (from, to) = (group.start.max(offset), group.end.min(end));
        from >= to || within(&rows[from - offset..to - offset], &all[group.clone()])
    })
}

/// Whether each of these rows is there as often.
pub fn within(rows: &[Key], all: &[Key]) -> bool {
    let mut left: HashMap<&Key, usize> = HashMap::new();
    for row in all {
        *left.entry(row).or_default() += 1;
    }
    rows.iter().all(|row| match left.get_mut(row) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        text.chars()
            .map(|c| vec![Some(c.to_string().into_bytes())])
            .collect()
    }

    #[test]
    fn rows_may_change_places_inside_of_a_group_only() {
        let all = keys("abcdef");
        let groups = ties(&all, &keys("acbdfe")).unwrap();
        assert_eq!(groups, [0..1, 1..3, 3..4, 4..6]);
        let cases = [
            ("abcdef", 0, 9, true),
            ("acbdfe", 0, 9, true),
            ("abcde", 0, 9, false),
            ("bacdef", 0, 9, false),
            ("abbdef", 0, 9, false),
            ("ac", 0, 2, true),
            ("bc", 0, 2, false),
            ("bd", 2, 2, true),
            ("cd", 2, 2, true),
            ("db", 2, 2, false),
            ("", 7, 2, true),
            ("f", 5, 3, true),
            ("e", 5, 3, true),
        ];
        for (rows, offset, count, expected) in cases {
            let answer = allowed(&keys(rows), &all, &groups, (offset, count));
            assert_eq!(answer, expected, "{rows} from {offset}");
        }
        assert!(ties(&all, &keys("abcdeg")).is_err());
    }
}

//! What the servers say behind an answer: how many warnings there are, and what SHOW WARNINGS shows.
//!
//! Shards work at the same time, and a server may look at rows in any order: which warning comes
//! first is not compared.

use shardwell::wire::CapabilityFlags;

use super::super::pair::Pair;
use super::answer::{Answer, Table, Value, shown};
use super::way::Way;

/// SHOW WARNINGS shows no more than this many (`max_error_count` of MariaDB): which ones is chance.
const SHOWN: u16 = 64;

/// Whether both say the same behind these rows; `fewer`: the proxy may leave some of it out.
pub async fn compare(
    pair: &mut Pair,
    (ours, theirs): (&Table, &Table),
    known: CapabilityFlags,
    fewer: bool,
) -> Result<(), String> {
    if ours.warnings == 0 && (theirs.warnings == 0 || fewer) {
        return Ok(());
    }
    let sql = "SHOW WARNINGS";
    let one = rows(Way::Text.ask(&mut pair.proxy, sql, known).await)?;
    let other = rows(Way::Text.ask(&mut pair.plain, sql, known).await)?;
    judged((ours.warnings, &one), (theirs.warnings, &other), fewer)
}

/// A shard's statement has what it orders and groups by once more than the client's, and so it may say
/// more often what is said.
fn judged(
    (ours, one): (u16, &[Vec<Value>]),
    (theirs, other): (u16, &[Vec<Value>]),
    fewer: bool,
) -> Result<(), String> {
    if ours >= SHOWN && theirs > 0 {
        return Ok(());
    }
    let (more, less) = (missing(one, other), missing(other, one));
    if usize::from(ours) == one.len() && more.is_empty() && (fewer || less.is_empty()) {
        return Ok(());
    }
    let mut text = format!("{ours} warnings, and {theirs} on the plain server");
    for (name, rows) in [("proxy", more), ("plain", less)] {
        for row in rows.into_iter().take(4) {
            text.push_str(&format!("\n    {name} alone: {}", shown(row)));
        }
    }
    Err(text)
}

fn rows(answer: Answer) -> Result<Vec<Vec<Value>>, String> {
    match answer {
        Answer::Rows(table) => Ok(table.rows),
        other => Err(format!("SHOW WARNINGS: {other:?}")),
    }
}

/// The rows that the others have not.
fn missing<'a>(rows: &'a [Vec<Value>], others: &[Vec<Value>]) -> Vec<&'a Vec<Value>> {
    let alone = |row: &&Vec<Value>| !others.contains(row);
    rows.iter().filter(alone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Texts = &'static [&'static str];

    #[test]
    fn what_is_said_may_be_said_more_often_but_nothing_else() {
        let said = |texts: &[&str]| -> Vec<Vec<Value>> {
            let cells = |text: &&str| ["Warning", "1292", text].map(|cell| Some(cell.into()));
            texts.iter().map(|text| cells(text).to_vec()).collect()
        };
        let cases: [(u16, Texts, Texts, bool, bool); 7] = [
            (2, &["a", "b"], &["b", "a"], false, true),
            (3, &["a", "a", "b"], &["b", "a"], false, true),
            (1, &["a"], &["a", "b"], false, false),
            (1, &["a"], &["a", "b"], true, true),
            (2, &["a", "b"], &["a"], true, false),
            // The end of the rows tells another number than SHOW WARNINGS.
            (2, &["a"], &["a"], false, false),
            // Which ones are shown is chance.
            (80, &["a"], &["b"], false, true),
        ];
        for (count, one, other, fewer, expected) in cases {
            let theirs = u16::try_from(other.len()).unwrap();
            let judged = judged((count, &said(one)), (theirs, &said(other)), fewer);
            assert_eq!(
                judged.is_ok(),
                expected,
                "{count} {one:?} {other:?} {fewer}"
            );
        }
    }
}

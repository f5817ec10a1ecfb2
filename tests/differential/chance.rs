//! What of an answer is chance where rows of several shards are concerned, and nothing more than that:
//!
//! - Of an INSERT whose rows are wrong on several shards, each shard meets its own first one. The error is
//!   that of any of them, where one server tells that of the first. So it must be one that this server tells
//!   too, of some of the rows.
//! - Where a join finds a row more than once, how often one server converts the value that it gets
//!   depends on which table it reads first; through the proxy that is done once for each row. So the
//!   proxy's warnings may be fewer, but none may be another one, or missing altogether.

use std::collections::BTreeSet;

use shardwell::wire::{Reader, decode_err};

use super::pair::{Pair, forget_warnings};
use super::raw::{Packets, Raw};

/// Whether the proxy's error, another one than the plain server's, is that of other rows of the INSERT.
pub async fn of_other_rows(pair: &mut Pair, sql: &str, ours: &Packets, theirs: &Packets) -> bool {
    let (Some(ours), Some(theirs)) = (error(ours), error(theirs)) else {
        return false;
    };
    let parts = some_of_the_rows(sql);
    if ours == theirs || parts.is_empty() {
        return false;
    }
    let plain = &mut pair.plain;
    let (begin, end) = match in_transaction(plain).await {
        true => (
            "SAVEPOINT others",
            &["ROLLBACK TO others", "RELEASE SAVEPOINT others"][..],
        ),
        false => ("BEGIN", &["ROLLBACK"][..]),
    };
    let mut told = BTreeSet::new();
    for part in parts {
        for before in [begin, &part] {
            told.extend(error(&plain.query(before.as_bytes()).await));
        }
        for after in end {
            let done = plain.query(after.as_bytes()).await;
            assert_eq!(error(&done), None, "{after} behind {part}");
        }
    }
    told.contains(&ours)
}

/// Whether the proxy has fewer warnings of the same kinds for rows that a join finds more than once;
/// then the number of warnings is taken out of both answers.
pub async fn of_rows_found_twice(
    pair: &mut Pair,
    sql: &str,
    [ours, theirs]: [&mut Packets; 2],
) -> bool {
    if !(sql.starts_with("UPDATE") && sql.contains(" JOIN ")) {
        return false;
    }
    let (Some(less), Some(more)) = (warnings(ours), warnings(theirs)) else {
        return false;
    };
    if less == 0 || less >= more {
        return false;
    }
    if kinds(&mut pair.proxy).await != kinds(&mut pair.plain).await {
        return false;
    }
    for packet in ours.iter_mut().chain(theirs) {
        forget_warnings(&mut packet.payload);
    }
    true
}

/// The number of an answer's error.
fn error(answer: &Packets) -> Option<u16> {
    let last = answer.last()?;
    let error = (last.payload.first() == Some(&0xFF)).then(|| decode_err(&last.payload).ok())?;
    error.map(|error| error.code)
}

/// The statement with some of the rows of its VALUES, for any of them but all.
fn some_of_the_rows(sql: &str) -> Vec<String> {
    let Some((head, rows)) = sql.split_once(" VALUES (") else {
        return Vec::new();
    };
    let (rows, tail) = rows.split_once(" ON DUPLICATE").unwrap_or((rows, ""));
    let rows = rows.trim_end();
    let rows: Vec<&str> = rows
        .strip_suffix(')')
        .unwrap_or(rows)
        .split("), (")
        .collect();
    let tail = match tail {
        "" => String::new(),
        tail => format!(" ON DUPLICATE{tail}"),
    };
    let all = (1_usize << rows.len()) - 1;
    let some = (1..all).map(|which| {
        let some = rows.iter().enumerate();
        let some = some.filter(|(at, _)| which & 1 << at != 0);
        let some: Vec<String> = some.map(|(_, row)| format!("({row})")).collect();
        format!("{head} VALUES {}{tail}", some.join(", "))
    });
    some.collect()
}

/// Whether the server says that a transaction is open.
pub async fn in_transaction(server: &mut Raw) -> bool {
    let answer = server.query(b"DO 0").await;
    answer[0].payload[3] & 1 != 0
}

/// The warnings that an OK tells of.
fn warnings(answer: &Packets) -> Option<u16> {
    let [ok] = answer.as_slice() else { return None };
    let mut reader = Reader::new(ok.payload.strip_prefix(b"\0")?);
    reader.lenenc().ok()?;
    reader.lenenc().ok()?;
    reader.u16().ok()?;
    reader.u16().ok()
}

/// Level, code and text of what SHOW WARNINGS tells, whichever rows it is of.
async fn kinds(server: &mut Raw) -> BTreeSet<[String; 3]> {
    let answer = server.query(b"SHOW WARNINGS").await;
    let told = answer.iter().filter_map(|packet| {
        let mut reader = Reader::new(&packet.payload);
        let mut cell = || {
            let bytes = reader.nullable_bytes().ok()??;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let [level, code, text] = [cell()?, cell()?, cell()?];
        let text = match text.rsplit_once(" at row ") {
            Some((text, _)) => text.to_owned(),
            None => text,
        };
        reader.rest().is_empty().then_some([level, code, text])
    });
    told.collect()
}

#[test]
fn rows_are_taken_apart() {
    let sql =
        "REPLACE INTO t (a) VALUES (1, 'x'), (2, '), ') ON DUPLICATE KEY UPDATE a = VALUES(a)";
    assert_eq!(
        some_of_the_rows(sql),
        [
            "REPLACE INTO t (a) VALUES (1, 'x') ON DUPLICATE KEY UPDATE a = VALUES(a)",
            "REPLACE INTO t (a) VALUES (2, '), ') ON DUPLICATE KEY UPDATE a = VALUES(a)"
        ]
    );
    assert!(some_of_the_rows("INSERT INTO t VALUES (1)").is_empty());
    assert!(some_of_the_rows("INSERT INTO t SELECT 1").is_empty());
}

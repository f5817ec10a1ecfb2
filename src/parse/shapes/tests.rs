use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;
use crate::parse::{DigestSeed, Multibyte, scan};

const SEED: DigestSeed = DigestSeed(7);

/// What is remembered after a text has come twice.
fn shapes_of(sql: &[u8], mode: LexMode) -> Shapes {
    let mut shapes = Shapes::default();
    let mut digest = Digest::default();
    for _ in 0..2 {
        let found = shapes.find(sql, mode, 1, &mut digest);
        if let (Err(key), Ok(())) = (found, scan(sql, 0, mode, SEED, 1, &mut digest)) {
            shapes.remember(key, sql, &digest);
        }
    }
    shapes
}

/// Whether a text is found; then its digest must be that of the scan.
fn is_found(shapes: &Shapes, sql: &[u8], mode: LexMode) -> bool {
    // A buffer is never empty.
    let mut found = Digest::default();
    let _ = scan(b"SELECT a, 'b' IN (1, 2)", 0, mode, SEED, 9, &mut found);
    if shapes.find(sql, mode, 1, &mut found).is_err() {
        return false;
    }
    let mut wanted = Digest::default();
    let text = String::from_utf8_lossy(sql);
    scan(sql, 0, mode, SEED, 1, &mut wanted).expect(&text);
    assert_eq!(found.hash, wanted.hash, "{text}");
    assert_eq!(found.normal, wanted.normal, "{text}");
    assert_eq!(found.literals, wanted.literals, "{text}");
    assert_eq!(found.groups, wanted.groups, "{text}");
    assert_eq!(found.tokens, wanted.tokens, "{text}");
    assert_eq!((found.end, found.next), (wanted.end, wanted.next), "{text}");
    true
}

#[test]
fn texts_that_differ_in_literals_only_are_found() {
    let cases: &[(&str, &str)] = &[
        ("SELECT 1", "SELECT 1"),
        (
            "SELECT c FROM t1 WHERE id=5",
            "SELECT c FROM t1 WHERE id=50123",
        ),
        ("a = 'x' AND b=2 -- c", "a = 'it''s \\' b=3' AND b=17 -- c"),
        ("a IN (1, 2) AND b", "a IN (100, 22) AND b"),
        ("a IN (-1) LIMIT 3, 4;", "a IN (-100) LIMIT 33, 44;"),
        (
            "INSERT INTO t VALUES (1,'a',NULL),(2,'b',null)",
            "INSERT INTO t VALUES (10,'',null),(1,'bb',NULL)",
        ),
        ("x = 1.5 + 2e3", "x = 10.25 + 1e-5"),
        ("x = _utf8'a' AND y = N'b'", "x = _utf8'' AND y = n'bb'"),
        ("x = 1 AND y = TRUE", "x = 2 AND y = true"),
        ("SELECT * FROM t", "SELECT * FROM t"),
        ("", ""),
    ];
    for (before, text) in cases {
        let mode = LexMode::default();
        let shapes = shapes_of(before.as_bytes(), mode);
        assert!(is_found(&shapes, text.as_bytes(), mode), "{text}");
    }
}

#[test]
fn whatever_may_mean_something_else_is_scanned() {
    let cases: &[(&str, &str)] = &[
        ("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id=5 "),
        ("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id='5'"),
        ("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id=5.0"),
        ("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id=5a"),
        ("SELECT c FROM t WHERE id=5", "SELECT C FROM t WHERE id=5"),
        ("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id=--5"),
        (
            "SELECT c FROM t WHERE id=5",
            "SELECT c FROM t WHERE id=5; SELECT 1",
        ),
        ("SELECT 1 FROM t1 WHERE a=1", "SELECT 1 FROM t2 WHERE a=1"),
        ("a ORDER BY 1", "a ORDER BY 2"),
        ("SELECT 1 AS 'x'", "SELECT 1 AS 'y'"),
        ("x = TRUE", "x = FALSE"),
        ("x = NULL", "x = 1"),
        ("a IN (1, 2)", "a IN (1, 2, 3)"),
        ("a IN (1, 2)", "a IN (1, b)"),
        ("a IN (1, 2)", "a IN (1, -2)"),
        ("x = \"a\"", "x = \"a"),
        ("SELECT `a`1", "SELECT `a`.5"),
        ("SELECT 1/*!50110 +1 */", "SELECT 2/*!50110 +1 */"),
        ("SELECT 1; SELECT 2", "SELECT 1; SELECT 2"),
    ];
    for (before, text) in cases {
        let mode = LexMode::default();
        let shapes = shapes_of(before.as_bytes(), mode);
        assert!(
            !is_found(&shapes, text.as_bytes(), mode),
            "{before}: {text}"
        );
    }
}

#[test]
fn what_came_once_or_was_read_otherwise_is_not_found() {
    let sql = b"SELECT \"a\"";
    let (mode, mut digest) = (LexMode::default(), Digest::default());
    let mut shapes = Shapes::default();
    let key = shapes.find(sql, mode, 1, &mut digest).unwrap_err();
    scan(sql, 0, mode, SEED, 1, &mut digest).unwrap();
    shapes.remember(key, sql, &digest);
    assert!(shapes.find(sql, mode, 1, &mut digest).is_err());
    let shapes = shapes_of(sql, mode);
    let ansi_quotes = LexMode {
        ansi_quotes: true,
        ..mode
    };
    assert!(shapes.find(sql, ansi_quotes, 1, &mut digest).is_err());
    assert!(shapes.find(sql, mode, 2, &mut digest).is_err());
    assert!(is_found(&shapes, sql, mode));
}

/// Literals and what looks like them.
fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        "[0-9]{0,2}[.e]?[0-9]{0,2}",
        "'[a-c'\\\\ é]{0,6}'",
        "\"[a-c\"\\\\ ]{0,3}\"",
        select(vec![
            "NULL",
            "true",
            "FALSE",
            "?",
            "0x2A",
            "x'2A'",
            "b'1'",
            "0b1",
            "N'a'",
            "_latin1'a'",
            "_latin1 x'2A'",
            "'a' 'b'",
            "-5",
            "+5",
            "- 5",
            "--5",
            ".5",
            "1.",
            "1a",
            "a",
            "t.1",
            "`a`",
            "@a",
            "(1, 2)",
            "(-1)",
            "/*1*/",
            "#",
        ])
        .prop_map(str::to_owned),
    ]
}

/// What stands between literals.
fn between() -> impl Strategy<Value = &'static str> {
    select(vec![
        "SELECT ",
        " FROM t1 WHERE a = ",
        ", ",
        " IN (",
        ")",
        " AND b<",
        " ORDER BY ",
        " LIMIT ",
        " VALUES (",
        "), (",
        " AS ",
        "-",
        "=",
        "(",
        ".",
        "x",
        " ",
        "",
        "`",
        " /* c */ ",
        " -- c\n",
        ";",
        "\\",
        "DATE ",
        "@",
        "/*!1 ",
        " */",
        "CREATE PROCEDURE p() BEGIN ",
        " END ",
    ])
}

fn mode() -> impl Strategy<Value = LexMode> {
    (any::<[bool; 2]>(), any::<bool>()).prop_map(|(flags, gbk)| LexMode {
        ansi_quotes: flags[0],
        no_backslash_escapes: flags[1],
        multibyte: if gbk { Multibyte::Gbk } else { Multibyte::None },
        ..LexMode::default()
    })
}

const CASES: u32 = 2000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn what_is_found_is_what_the_scan_finds(
        pieces in proptest::collection::vec((between(), literal(), literal(), 0..3_u8), 1..8),
        mode in mode(),
        bytes in proptest::collection::vec((any::<Index>(), any::<u8>()), 0..3),
    ) {
        let before: String = pieces.iter().map(|(text, one, ..)| format!("{text}{one}")).collect();
        let shapes = shapes_of(before.as_bytes(), mode);
        is_found(&shapes, before.as_bytes(), mode);
        let text: String = pieces
            .iter()
            .map(|(text, one, other, keep)| format!("{text}{}", if *keep > 0 { one } else { other }))
            .collect();
        let mut text = text.into_bytes();
        is_found(&shapes, &text, mode);
        for (at, byte) in bytes {
            let at = at.index(text.len().max(1));
            if let Some(old) = text.get_mut(at) {
                *old = byte;
            }
            is_found(&shapes, &text, mode);
        }
    }
}

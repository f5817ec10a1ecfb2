//! The pass over a statement: literals, folding, ends, and what is equal to what.

use super::*;

fn digest(sql: &str) -> Digest {
    tokenize(sql.as_bytes(), LexMode::default()).unwrap()
}

fn literals(sql: &str) -> Vec<&str> {
    digest(sql)
        .literals
        .iter()
        .map(|literal| &sql[literal.start as usize..literal.end as usize])
        .collect()
}

const NORMAL_FORMS: &[(&str, &str)] = &[
    (
        "select  c from sbtest1 WHERE id=50",
        "SELECT c FROM sbtest1 WHERE id = ?i",
    ),
    (
        "SELECT '42', 4.2, 1e5, .5, 1.",
        "SELECT ?s  , ?d  , ?f  , ?d  , ?d",
    ),
    (
        "SELECT 0x2A, x'2A', 0b1, b'1', 0X2A",
        "SELECT ?x  , ?x  , ?b  , ?b  , 0X2A",
    ),
    (
        "SELECT N'a', _utf8mb4'a', _utf8mb4 x'00', _foo 'a'",
        "SELECT ?n  , ?s_ , ?x_ , _foo 'a'",
    ),
    (
        "SELECT 1ea, t.1a, t.1, t.1e5, 1e5a",
        "SELECT 1ea , t . 1a , t . 1 , t . 1e5 , ?f  a",
    ),
    (
        "SELECT a -1, -1, a-(-1.5), - 1",
        "SELECT a - ?i  , ?i  , a - ( ?d  ) , - ?i",
    ),
    (
        "SELECT 1 AS 'x', 1 'y', 'a' 'b'",
        "SELECT ?i  AS 'x' , ?i  'y' , ?s",
    ),
    ("SELECT DATE '2020-01-01', d 'x'", "SELECT DATE ?s  , d 'x'"),
    ("a IN (1, -2,'x' 'y' ,null)", "a IN (?*1)"),
    ("a IN (1, b)", "a IN ( ?i  , b )"),
    ("a IN ()", "a IN ( )"),
    (
        "INSERT INTO t VALUES (1,'a',NULL), (2,TRUE,?)",
        "INSERT INTO t VALUES (?*3)",
    ),
    ("INSERT INTO t value (1)", "INSERT INTO t value (?*1)"),
    (
        "INSERT INTO t VALUES (1),(2,3)",
        "INSERT INTO t VALUES ( ?i  ) , ( ?i  , ?i  )",
    ),
    (
        "INSERT INTO t VALUES (1,NOW())",
        "INSERT INTO t VALUES ( ?i  , NOW ( ) )",
    ),
    (
        "a = NULL AND b IS NULL AND c <=> true",
        "a = ?0  AND b IS NULL AND c <=> ?t",
    ),
    ("SET a=NULL, @b:=FALSE", "SET a = ?0  , @b := ?t"),
    (
        "SELECT /* x */ 1 -- c\n, 2 # d\n, 3--4",
        "SELECT ?i  , ?i  , ?i  - ?i",
    ),
    ("SELECT /*+ BKA(t) */ 1 --", "SELECT /*+ BKA(t) */ ?i"),
    (
        "SELECT /*!50110 1, 'a' */ + 1",
        "SELECT /*!50110 1 , 'a' */ + ?i",
    ),
    (
        "select order.id, `select`, t.Select FROM t",
        "SELECT order . id , `select` , t . Select FROM t",
    ),
    (
        "a<=>b<<1<@v->'$.a'->>\"$.b\"",
        "a <=> b << ?i  < @v -> ?s  ->> ?s",
    ),
    (
        "@@session.sql_mode, @@`x`, @`a b`, @'c', @d.e",
        "@@session.sql_mode , @@`x` , @`a b` , @'c' , @d.e",
    ),
    ("SELECT 1\0\0", "SELECT ?i"),
    (
        "a ORDER BY SUM((SELECT 1 FROM t GROUP BY 2, 3)), 4 DESC LIMIT 5, 6",
        "a ORDER BY SUM ( ( SELECT ?i  FROM t GROUP BY 2 , 3 ) ) , 4 DESC LIMIT ?i  , ?i",
    ),
    (
        "GROUP_CONCAT(a ORDER BY 1, b), f(2, 3), 4",
        "GROUP_CONCAT ( a ORDER BY 1 , b ) , f ( ?i  , ?i  ) , ?i",
    ),
];

#[test]
fn the_normal_form_shows_what_is_fixed() {
    for (sql, normal) in NORMAL_FORMS {
        assert_eq!(digest(sql).text(), *normal, "{sql}");
    }
}

#[test]
fn literals_are_found_with_sign_introducer_and_neighbours() {
    let table: [(&str, &[&str]); 6] = [
        ("SELECT -5, a-5, (+5)", &["-5", "5", "+5"]),
        (
            r"SELECT 'a\'b', 'c''d', 'e\\'",
            &[r"'a\'b'", "'c''d'", r"'e\\'"],
        ),
        ("SELECT 'a' /* x */ 'b' , 1", &["'a' /* x */ 'b'", "1"]),
        ("a IN (_latin1'x', N'y')", &["_latin1'x'", "N'y'"]),
        ("VALUES (1, 2), (3, 4)", &["1", "2", "3", "4"]),
        ("LIMIT 5, 10", &["5", "10"]),
    ];
    for (sql, wanted) in table {
        assert_eq!(literals(sql), wanted, "{sql}");
    }
}

#[test]
fn slots_survive_lists_of_any_length() {
    let sql = "x = 1 AND a IN (2,3,4) AND b IN (5) AND VALUES (6,7),(8,9),(10,11) AND y = 12";
    let digest = digest(sql);
    let of = |slot| -> Vec<&str> {
        digest
            .slot_literals(Slot(slot))
            .map(|literal| std::str::from_utf8(literal.text(sql.as_bytes())).unwrap())
            .collect()
    };
    assert_eq!(digest.slots(), 6);
    assert_eq!(of(0), ["1"]);
    assert_eq!(of(1), ["2", "3", "4"]);
    assert_eq!(of(2), ["5"]);
    assert_eq!(of(3), ["6", "8", "10"]);
    assert_eq!(of(4), ["7", "9", "11"]);
    assert_eq!(of(5), ["12"]);
    assert!(of(6).is_empty());
    assert_eq!(digest.group(Slot(4)).unwrap().columns, 2);
    assert!(digest.group(Slot(5)).is_none());
}

#[test]
fn statements_end_where_the_server_ends_them() {
    let table: [(&str, &[&str]); 9] = [
        ("SELECT 1", &["SELECT 1"]),
        (
            "SELECT ';' ; -- ;\n SELECT `;` /* ; */;",
            &["SELECT ';'", "-- ;\n SELECT `;`"],
        ),
        ("SELECT 1;;\0", &["SELECT 1"]),
        ("SELECT 1; /* x */", &["SELECT 1", ""]),
        (
            "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; SELECT CASE a WHEN 1 THEN IF(a,1,2) END; END; SELECT 2",
            &[
                "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; SELECT CASE a WHEN 1 THEN IF(a,1,2) END; END",
                "SELECT 2",
            ],
        ),
        (
            "CREATE TRIGGER IF NOT EXISTS t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = IF(1,2,3); SELECT 2",
            &[
                "CREATE TRIGGER IF NOT EXISTS t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = IF(1,2,3)",
                "SELECT 2",
            ],
        ),
        (
            "CREATE FUNCTION f() RETURNS INT DETERMINISTIC l: LOOP REPEAT SET a=REPEAT('x',1); UNTIL a END REPEAT; LEAVE l; END LOOP; BEGIN",
            &[
                "CREATE FUNCTION f() RETURNS INT DETERMINISTIC l: LOOP REPEAT SET a=REPEAT('x',1); UNTIL a END REPEAT; LEAVE l; END LOOP",
                "BEGIN",
            ],
        ),
        (
            "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; SELECT 1; END; SELECT 2",
            &[
                "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END; SELECT 1; END",
                "SELECT 2",
            ],
        ),
        (
            "CREATE TABLE event (begin INT); SELECT 1",
            &["CREATE TABLE event (begin INT)", "SELECT 1"],
        ),
    ];
    for (sql, wanted) in table {
        let mut found = Vec::new();
        let mut digest = Digest::default();
        let mut start = Some(0);
        while let Some(at) = start {
            scan(
                sql.as_bytes(),
                at,
                LexMode::default(),
                DigestSeed(7),
                0,
                &mut digest,
            )
            .unwrap();
            found.push(sql[at..digest.end].trim_start());
            start = digest.next;
        }
        assert_eq!(found, wanted, "{sql}");
    }
}

#[test]
fn the_mode_decides_what_quotes_and_backslashes_mean() {
    let ansi = LexMode {
        ansi_quotes: true,
        ..LexMode::default()
    };
    assert_eq!(
        tokenize(b"SELECT \"a\"", ansi).unwrap().text(),
        "SELECT \"a\""
    );
    let plain = LexMode {
        no_backslash_escapes: true,
        ..LexMode::default()
    };
    assert_eq!(
        tokenize(br"SELECT '\', 'x'", plain).unwrap().literals.len(),
        2
    );
    assert!(tokenize(br"SELECT '\'", LexMode::default()).is_err());
    for (multibyte, sql) in [
        (Multibyte::Gbk, b"SELECT '\xbf\x5c', 'x'".as_slice()),
        (Multibyte::Sjis, b"SELECT '\x83\x5c', 'x'"),
        (Multibyte::Big5, b"SELECT `\xa4\x60`, 'x', 'y'"),
    ] {
        let mode = LexMode {
            multibyte,
            ..LexMode::default()
        };
        assert_eq!(tokenize(sql, mode).unwrap().literals.len(), 2);
    }
}

#[test]
fn dollar_signs_are_quotes_where_the_servers_read_them_so() {
    let quotes = LexMode {
        dollar_quotes: true,
        ..LexMode::default()
    };
    // How many statements there are to a server that quotes so, and to others.
    let table = [
        ("AS $$ a; b $$; SELECT 1", 2, 3),
        ("AS $t$ $$1;$$; $T$ x $t$; SELECT 1", 2, 4),
        ("SELECT f.$a$ FROM f; SELECT $b$ x; $b$", 2, 3),
        ("SELECT @$$a; SELECT @$$a", 2, 2),
        ("SELECT a$$; SELECT a$$", 2, 2),
        ("SELECT 1$a$; SELECT 1$a$", 2, 2),
        ("SELECT $a b$; SELECT $a b$", 2, 2),
        ("SELECT '$$'; SELECT '$$'", 2, 2),
    ];
    for (sql, quoted, plain) in table {
        for (mode, wanted) in [(quotes, quoted), (LexMode::default(), plain)] {
            assert_eq!(statements(sql, mode), Some(wanted), "{sql}");
        }
    }
    assert_eq!(statements("SELECT $a$ b $$", quotes), None);
}

/// How many statements the text is; `None`: something in it has no end.
fn statements(sql: &str, mode: LexMode) -> Option<usize> {
    let mut digest = Digest::default();
    let (mut at, mut count) = (0, 0);
    loop {
        scan(sql.as_bytes(), at, mode, DigestSeed(1), 0, &mut digest).ok()?;
        count += 1;
        match digest.next {
            Some(next) => at = next,
            None => return Some(count),
        }
    }
}

#[test]
fn what_has_no_end_is_named() {
    let table = [
        ("SELECT 'a", ParseError::UnterminatedString(7)),
        ("SELECT `a``", ParseError::UnterminatedName(7)),
        ("SELECT 1 /* a", ParseError::UnterminatedComment(9)),
        ("SELECT 1 /*! a", ParseError::UnterminatedComment(9)),
        ("SELECT @'a", ParseError::UnterminatedString(8)),
    ];
    for (sql, wanted) in table {
        assert_eq!(
            tokenize(sql.as_bytes(), LexMode::default()).unwrap_err(),
            wanted,
            "{sql}"
        );
    }
}

#[test]
fn mode_context_and_seed_enter_the_hash() {
    let hash = |mode, seed, context| {
        let mut digest = Digest::default();
        scan(b"SELECT 1", 0, mode, DigestSeed(seed), context, &mut digest).unwrap();
        digest.hash
    };
    let base = hash(LexMode::default(), 0, 0);
    let ansi = LexMode {
        ansi_quotes: true,
        ..LexMode::default()
    };
    assert_ne!(base, hash(ansi, 0, 0));
    assert_ne!(base, hash(LexMode::default(), 1, 0));
    assert_ne!(base, hash(LexMode::default(), 0, 1));
    assert_eq!(base, hash(LexMode::default(), 0, 0));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that make most of the lexer's decisions happen.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..4),
            proptest::sample::select(vec![
                "'",
                "\"",
                "`",
                "\\",
                "/*",
                "*/",
                "/*!",
                "/*!50110 ",
                "/*+",
                "--",
                "-- ",
                "#",
                "\n",
                ";",
                "(",
                ")",
                ",",
                ".",
                "@",
                "@@",
                "?",
                "-",
                "5",
                "0x",
                "1e",
                "_utf8",
                "N'",
                "x'",
                " IN ",
                " VALUES ",
                "NULL",
                " CREATE PROCEDURE p() ",
                " BEGIN ",
                " IF ",
                " CASE ",
                " END ",
                "SELECT ",
                " FROM t ",
                " WHERE ",
                " a ",
                " = ",
                " AND ",
                " OR ",
                " NOT ",
                "INSERT INTO t ",
                "UPDATE t SET a=1",
                " ON DUPLICATE KEY UPDATE ",
                "SET ",
                "SHOW ",
            ])
            .prop_map(|piece| piece.as_bytes().to_vec()),
        ]
    }

    fn statement() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
    }

    fn mode() -> impl Strategy<Value = LexMode> {
        (any::<[bool; 5]>(), 0..4_usize).prop_map(|(flags, charset)| LexMode {
            ansi_quotes: flags[0],
            no_backslash_escapes: flags[1],
            pipes_as_concat: flags[2],
            high_not_precedence: flags[3],
            ignore_space: false,
            dollar_quotes: flags[4],
            multibyte: [
                Multibyte::None,
                Multibyte::Big5,
                Multibyte::Gbk,
                Multibyte::Sjis,
            ][charset],
        })
    }

    fn literal() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            "[a-z\\\\']{0,8}".prop_map(|text| {
                format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
            }),
        ]
    }

    proptest! {
        #[test]
        fn any_bytes_give_tokens_or_an_error(sql in statement(), mode in mode()) {
            let mut found = Digest::default();
            let mut start = Some(0);
            while let Some(at) = start {
                if scan(&sql, at, mode, DigestSeed(1), 2, &mut found).is_err() {
                    break;
                }
                prop_assert!(found.next.is_none_or(|next| next > at));
                let tokens = Tokens::new(&sql, &found);
                let mut end = at;
                for token in tokens.all() {
                    prop_assert!(token.start as usize >= end && token.end > token.start);
                    end = token.end as usize;
                }
                let slotted: usize = (0..found.slots())
                    .map(|slot| found.slot_literals(Slot(slot)).count())
                    .sum();
                prop_assert_eq!(slotted, found.literals.len());
                let _ = statement_kind(&tokens);
                let _ = effects(&tokens);
                let _ = hints(&tokens);
                let _ = ast::parse(&tokens, mode);
                start = found.next;
            }
        }

        #[test]
        fn equal_statements_with_other_literals_have_equal_digests(
            numbers in proptest::array::uniform2(any::<u32>()),
            lists in proptest::array::uniform2(proptest::collection::vec(literal(), 1..6)),
        ) {
            let make = |i: usize| {
                let list = lists[i].join(", ");
                format!(
                    "SELECT /* {i} */ a FROM t WHERE id={} AND b IN ({list}) LIMIT {}",
                    numbers[i], numbers[i]
                )
            };
            let (one, other) = (make(0), make(1));
            let digests = [digest(&one), digest(&other)];
            prop_assert_eq!(digests[0].hash, digests[1].hash);
            prop_assert_eq!(&digests[0].normal, &digests[1].normal);
            for (sql, found, list) in [(&one, &digests[0], &lists[0]), (&other, &digests[1], &lists[1])] {
                let texts: Vec<&[u8]> = found
                    .slot_literals(Slot(1))
                    .map(|literal| literal.text(sql.as_bytes()))
                    .collect();
                let wanted: Vec<&[u8]> = list.iter().map(String::as_bytes).collect();
                prop_assert_eq!(texts, wanted);
            }
        }
    }
}

//! What is read from DML, and what is not trusted.

use super::super::tokens::tokenize;
use super::*;

fn try_parse(sql: &str) -> Result<Ast, AstUnavailable> {
    let mode = LexMode::default();
    let digest = tokenize(sql.as_bytes(), mode).unwrap();
    parse(&Tokens::new(sql.as_bytes(), &digest), mode)
}

fn ast(sql: &str) -> Ast {
    try_parse(sql).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// A condition in short: `a=?0`, `(x & y)`, `(x | y)`, `!x`, `~` for what is not trusted.
fn short(condition: &Condition) -> String {
    let name = |column: &ColumnRef| {
        [&column.schema, &column.table]
            .into_iter()
            .flatten()
            .chain([&column.name])
            .cloned()
            .collect::<Vec<_>>()
            .join(".")
    };
    let join = |inner: &[Condition], with: &str| {
        let parts: Vec<String> = inner.iter().map(short).collect();
        format!("({})", parts.join(with))
    };
    match condition {
        Condition::And(inner) => join(inner, " & "),
        Condition::Or(inner) => join(inner, " | "),
        Condition::Not(inner) => format!("!{}", short(inner)),
        Condition::Compare { column, op, value } => {
            let op = op.symbol();
            match value {
                Operand::Slot(slot) => format!("{}{op}?{}", name(column), slot.0),
                Operand::Made(made) => {
                    let maker = made.maker.name();
                    format!("{}{op}{maker} ?{}", name(column), made.of.0)
                }
                Operand::Variable(variable) => format!("{}{op}@{variable}", name(column)),
            }
        }
        Condition::In { column, values } => format!("{} in ?{}", name(column), values.0),
        Condition::Between { column, low, high } => {
            format!("{} in ?{}..?{}", name(column), low.0, high.0)
        }
        Condition::ColumnsEqual(one, other) => format!("{}={}", name(one), name(other)),
        Condition::IsNull(column) => format!("{} null", name(column)),
        Condition::InQuery(column, select) => format!("{} in #{select}", name(column)),
        Condition::Exists(select) => format!("exists #{select}"),
        Condition::Opaque => "~".into(),
    }
}

#[test]
fn conditions_are_read_where_both_readings_agree() {
    let table = [
        ("a = 1", "a=?0"),
        ("5 < t.a", "t.a>?0"),
        ("a SOUNDS LIKE 'x' AND b = 1", "(~ & b=?1)"),
        ("TRIM(LEADING FROM a) = 'x' AND b = 1", "(~ & b=?1)"),
        ("MID(a FROM 2 FOR 3) = 'x' AND b = 1", "(~ & b=?3)"),
        ("CHAR(a, 65 USING utf8mb4) = 'x' AND b = 1", "(~ & b=?2)"),
        ("CAST(a AS SIGNED INTEGER) = 1 AND b = 1", "(~ & b=?1)"),
        (
            "CONVERT(a, CHAR(3) CHARACTER SET latin1) = 'x' AND b = 1",
            "(~ & b=?2)",
        ),
        ("WEIGHT_STRING(a AS CHAR(3)) = 'x' AND b = 1", "(~ & b=?2)"),
        ("INTERVAL(a, 1, 2) = 2 AND b = 3", "(~ & b=?3)"),
        ("a > NOW() - INTERVAL(1) DAY AND b = 3", "(~ & b=?1)"),
        ("a = {d '2024-01-02'} AND b = 2", "(~ & b=?0)"),
        ("a = ((SELECT 1) UNION (SELECT 2)) AND b = 3", "(~ & b=?2)"),
        ("((SELECT 1) + 2) = a AND b = 3", "(~ & b=?2)"),
        (
            "JSON_VALUE(a, '$.x' RETURNING DECIMAL(5,1) NULL ON EMPTY ERROR ON ERROR) > 1 AND b = 2",
            "(~ & b=?4)",
        ),
        ("s.t.a <=> 'x' AND b IN (1, 2, 3)", "(s.t.a<=>?0 & b in ?1)"),
        ("a = 1 OR a = 2 AND b = 3", "(a=?0 | (a=?1 & b=?2))"),
        ("(a = 1 OR a = 2) && ((b = 3))", "((a=?0 | a=?1) & b=?2)"),
        ("a = 1 || b = 2", "(a=?0 | b=?1)"),
        ("a BETWEEN 1 AND 2 AND b = 3", "(a in ?0..?1 & b=?2)"),
        ("a NOT IN (1) AND NOT b = 2", "(!a in ?0 & !b=?1)"),
        ("a IS NULL AND b IS NOT NULL", "(a null & !b null)"),
        ("`a``b` = -5 AND `select` = ?", "(a`b=?0 & select=?1)"),
        ("LEFT(x, 2) = 'ab' AND id = 5", "(~ & id=?2)"),
        (
            "CASE WHEN a = 1 AND b = 2 THEN 1 ELSE 0 END AND id = 5",
            "(~ & id=?4)",
        ),
        ("a.id = b.id AND a.id = 4", "(a.id=b.id & a.id=?0)"),
        ("(a, b) = (1, 2) AND c = 3", "(a=?0 & b=?1 & c=?2)"),
        ("(1, 2) <=> (a, t.b)", "(a<=>?0 & t.b<=>?1)"),
        ("(a, b) <> (1, 2)", "!(a=?0 & b=?1)"),
        ("(a, b) < (1, 2)", "(a<?0 | (a=?0 & b<?1))"),
        (
            "(a, b, c) >= (1, 2, 3)",
            "(a>?0 | (a=?0 & (b>?1 | (b=?1 & c>=?2))))",
        ),
        (
            "(a, b) IN ((1, 2), (3, 4))",
            "((a=?0 & b=?1) | (a=?2 & b=?3))",
        ),
        ("(a, b) NOT IN ((1, 2))", "!(a=?0 & b=?1)"),
        ("a IN (1, b, @c)", "(a=?0 | a=b | a=@c)"),
        ("5 IN (a, 6)", "(a=?0 | ~)"),
        ("a = @X OR @`y` <= a", "(a=@x | a>=@y)"),
        ("a IN (SELECT 1) AND b = 2", "(a in #8 & b=?1)"),
        ("NOT EXISTS (SELECT 1) AND b = 2", "(!exists #8 & b=?1)"),
    ];
    for (text, wanted) in table {
        let ast = ast(&format!("SELECT * FROM t WHERE {text} ORDER BY 1 LIMIT 9"));
        assert_eq!(short(&ast.blocks[0].filter), wanted, "{text}");
    }
}

#[test]
fn what_may_mean_something_else_is_opaque() {
    let table = [
        ("BINARY a = 'x' AND id = 5", "(~ & id=?1)"),
        ("id = 5 = 1", "~"),
        ("id = 5 COLLATE utf8mb4_bin", "~"),
        ("id = 5 + 1 AND b = 2", "(~ & b=?2)"),
        ("id = 5 IS TRUE", "~"),
        ("id = 5 XOR b = 1", "~"),
        ("! id = 5 AND b = 2", "(~ & b=?1)"),
        ("NOT id = 5 OR b = 1", "(!id=?0 | b=?1)"),
        ("@a := id = 5 AND b = 1", "~"),
        ("id = (5)", "~"),
        ("(id, b) = (5, 6, 7)", "~"),
        ("(id, b) = (SELECT 5, 6)", "~"),
        ("(id, f(b)) = (5, 6)", "(id=?0 & ~)"),
        ("(id, b) IN ((5, 6), f(7))", "((id=?0 & b=?1) | ~)"),
        ("(id, (b)) = (5, 6)", "(id=?0 & ~)"),
        ("id IN (5, b + 1)", "(id=?0 | ~)"),
        ("id IN ((5), 6)", "(~ | id=?1)"),
        ("id = @@x", "~"),
        ("id = @a + 1", "~"),
        ("id = @`a b`", "~"),
        ("id IN ((SELECT 5))", "~"),
        ("id IN (SELECT 5) = 1", "~"),
        ("id IN (WITH c AS (SELECT 5 AS x) SELECT x FROM c)", "~"),
        ("b + (id, 2) IN ((1, 2))", "~"),
        ("EXISTS (SELECT 1) + 1", "~"),
        ("id = _latin1'x'", "id=?0"),
        ("f(id) = 5", "~"),
        (
            "id BETWEEN 1 AND 2 OR b BETWEEN 3 AND c",
            "(id in ?0..?1 | ~)",
        ),
        ("id LIKE 'x' AND a = 1", "(~ & a=?1)"),
        ("id = DATE '2020-01-01'", "~"),
        ("id = 5 /*!50000 OR b = 2 */", "~"),
    ];
    for (text, wanted) in table {
        let ast = ast(&format!("SELECT * FROM t WHERE {text}"));
        assert_eq!(short(&ast.blocks[0].filter), wanted, "{text}");
    }
}

#[test]
fn the_mode_decides_what_pipes_and_not_mean() {
    let sql = b"SELECT * FROM t WHERE id = 5 || b = 1 AND NOT c = 2";
    let read = |mode| {
        let digest = tokenize(sql, mode).unwrap();
        let ast = parse(&Tokens::new(sql, &digest), mode).unwrap();
        short(&ast.blocks[0].filter)
    };
    let mode = LexMode::default();
    assert_eq!(read(mode), "(id=?0 | (b=?1 & !c=?2))");
    let pipes = LexMode {
        pipes_as_concat: true,
        ..mode
    };
    assert_eq!(read(pipes), "(~ & !c=?2)");
    let not = LexMode {
        high_not_precedence: true,
        ..mode
    };
    assert_eq!(read(not), "(id=?0 | (b=?1 & ~))");
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn tables_are_found_wherever_they_stand() {
    let names = |sql: &str| -> Vec<String> {
        ast(sql)
            .tables()
            .map(|(block, table)| {
                let source = match &table.source {
                    TableSource::Named { schema, name, .. } => {
                        let schema = schema.as_ref().map(|schema| format!("{schema}."));
                        format!("{}{name}", schema.unwrap_or_default())
                    }
                    TableSource::Cte { name, .. } => format!("cte {name}"),
                    TableSource::Derived(block) => format!("derived {block}"),
                    TableSource::Other => "other".into(),
                };
                let alias = table.alias.as_ref().map(|alias| format!(" {alias}"));
                let write = if table.role == TableRole::Write {
                    "!"
                } else {
                    ""
                };
                let nullable = if table.nullable { "?" } else { "" };
                let alias = alias.unwrap_or_default();
                format!("{}:{source}{alias}{write}{nullable}", block.depth)
            })
            .collect()
    };
    let table: [(&str, &[&str]); 29] = [
        ("SELECT 1 FROM DUAL", &[]),
        (
            "SELECT a.x FROM {oj a LEFT JOIN b ON a.x = b.x}, c WHERE a.y = {d '2024-01-02'}",
            &["0:a", "0:b?", "0:c"],
        ),
        (
            "SELECT ((SELECT 1 FROM b) EXCEPT (SELECT 2 FROM c)) FROM a",
            &["0:a", "1:b", "1:c"],
        ),
        (
            "SELECT * FROM a, s.b AS c JOIN d",
            &["0:a", "0:s.b c", "0:d"],
        ),
        (
            "SELECT * FROM a LEFT JOIN b ON 1 RIGHT JOIN c USING (x)",
            &["0:a?", "0:b?", "0:c"],
        ),
        (
            "SELECT (SELECT 1 FROM b) FROM a WHERE x IN (SELECT y FROM c)",
            &["0:a", "1:c", "1:b"],
        ),
        (
            "SELECT * FROM (SELECT * FROM a) AS d",
            &["0:derived 1 d", "1:a"],
        ),
        (
            "WITH a AS (SELECT * FROM b) SELECT * FROM a, s.a",
            &["0:cte a", "0:s.a", "1:b"],
        ),
        ("SELECT 1 FROM a UNION SELECT 2 FROM b", &["0:a", "0:b"]),
        ("TABLE a UNION TABLE s.b", &["0:a", "0:s.b"]),
        (
            "SELECT * FROM a, (TABLE b) c",
            &["0:a", "0:derived 1 c", "1:b"],
        ),
        ("SELECT * FROM (a), (b AS c)", &["0:a", "0:b c"]),
        (
            "SELECT * FROM (a, b x) LEFT JOIN (c, (d)) ON RIGHT(a.x, 1) = c.x",
            &["0:a", "0:b x", "0:c?", "0:d?"],
        ),
        (
            "SELECT * FROM a JOIN b RIGHT JOIN c ON 1",
            &["0:a?", "0:b?", "0:c"],
        ),
        ("UPDATE (a, b) SET a.c = 1", &["0:a!", "0:b!"]),
        (
            "(WITH a AS (SELECT * FROM b) SELECT * FROM a) UNION SELECT * FROM a",
            &["0:cte a", "1:b", "0:a"],
        ),
        (
            "SELECT * FROM a, JSON_TABLE(a.x, '$[*]' COLUMNS (n INT PATH '$.b', \
             NESTED '$.c' COLUMNS (m INT EXISTS PATH '$'))) j",
            &["0:a", "0:other"],
        ),
        (
            "SELECT * FROM a JOIN JSON_TABLE(a.x, '$[*]' COLUMNS (n VARCHAR(9) CHARACTER SET utf8mb4 \
             COLLATE utf8mb4_bin PATH '$.b', NESTED '$.c' COLUMNS (m TEXT CHARSET latin1 PATH '$'))) j",
            &["0:a", "0:other"],
        ),
        (
            "SELECT SQL_NO_CACHE MOD(1, 2), NULL MOD 2, 'x' MOD 2, TRUE MOD 3 FROM a",
            &["0:a"],
        ),
        ("INSERT INTO a SELECT * FROM b", &["0:a!", "1:b"]),
        (
            "UPDATE a, s.b x SET a.c = 1 WHERE a.i = x.i",
            &["0:a!", "0:s.b x!"],
        ),
        ("DELETE FROM a WHERE b = 1", &["0:a!"]),
        ("DELETE a.* FROM a, b WHERE a.x = b.x", &["0:a!", "0:b"]),
        ("DELETE FROM a USING a JOIN b", &["0:a!", "0:b"]),
        (
            "DELETE x, B FROM (a AS x JOIN a AS y) LEFT JOIN s.b ON 1",
            &["0:a x!", "0:a y", "0:s.b!?"],
        ),
        // A target that is not there: MySQL's error, and nothing is said to be only read.
        ("DELETE a FROM a AS x, b", &["0:a x!", "0:b!"]),
        ("DELETE a, b FROM a AS x, b", &["0:a x!", "0:b!"]),
        ("UPDATE LOW_PRIORITY IGNORE a SET b = 1 LIMIT 1", &["0:a!"]),
        (
            "SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b) LOCK IN SHARE MODE",
            &["0:a", "1:b"],
        ),
    ];
    for (sql, wanted) in table {
        assert_eq!(names(sql), wanted, "{sql}");
    }
}

#[test]
fn names_are_given_by_token() {
    let sql = "SELECT s.t.a, s.t.*, t.b FROM `s`.t WHERE s . t . c = 1";
    let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
    let tokens = Tokens::new(sql.as_bytes(), &digest);
    let ast = parse(&tokens, LexMode::default()).unwrap();
    let texts: Vec<&[u8]> = ast
        .column_schemas
        .iter()
        .map(|&at| tokens.text(at))
        .collect();
    assert_eq!(texts, [b"s"; 3]);
    let TableSource::Named {
        schema_token: Some(schema),
        name_token,
        ..
    } = ast.blocks[0].tables[0].source
    else {
        panic!("a named table with a schema");
    };
    assert_eq!(tokens.text(schema), b"`s`");
    assert_eq!(tokens.text(name_token), b"t");
}

#[test]
fn inserts_tell_what_each_row_stores() {
    let insert = |sql: &str| ast(sql).insert.unwrap();
    let folded =
        insert("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y') ON DUPLICATE KEY UPDATE a = 5");
    assert_eq!(folded.columns, Some(vec!["a".into(), "b".into()]));
    assert!(matches!(folded.source, InsertSource::Folded(Slot(0))));
    assert_eq!(folded.on_duplicate[0].value, StoredValue::Slot(Slot(2)));

    let mixed = insert("INSERT IGNORE INTO t VALUES (1, NOW()), (DEFAULT, -2), (3 + 1, (4))");
    assert_eq!(mixed.columns, None);
    let InsertSource::Rows(rows) = mixed.source else {
        panic!("rows");
    };
    let values: Vec<&[StoredValue]> = rows.iter().map(|row| row.values.as_slice()).collect();
    let slot = |slot| StoredValue::Slot(Slot(slot));
    assert_eq!(
        values,
        [
            [slot(0), StoredValue::Opaque],
            [StoredValue::Default, slot(1)],
            [StoredValue::Opaque, StoredValue::Opaque]
        ]
    );
    assert_eq!(rows[0].tokens, 5..12);

    let set = insert("REPLACE t SET a = 1, b = a + 1");
    let InsertSource::Set(set) = set.source else {
        panic!("assignments");
    };
    assert_eq!(set[0].value, slot(0));
    assert_eq!(set[1].value, StoredValue::Opaque);
}

#[test]
fn joins_say_what_their_conditions_limit() {
    let ast = ast(
        "SELECT COUNT(*) FROM a JOIN b ON a.id = b.id LEFT JOIN c ON c.x = 1 NATURAL JOIN d GROUP BY 1",
    );
    let block = &ast.blocks[0];
    let joins: Vec<(String, bool, bool)> = block
        .joins
        .iter()
        .map(|join| (short(&join.condition), join.outer, join.natural))
        .collect();
    assert_eq!(
        joins,
        [
            ("a.id=b.id".into(), false, false),
            ("c.x=?0".into(), true, false),
            ("~".into(), false, true)
        ]
    );
    assert!(block.aggregates && block.group_by && !block.windows && !block.limit);
    let braced = self::ast(
        "SELECT 1 FROM {oj a LEFT JOIN b ON a.id = b.id AND b.x = {d '2024-01-02'} AND b.y = 1} WHERE a.z = 2",
    );
    assert_eq!(
        short(&braced.blocks[0].joins[0].condition),
        "(a.id=b.id & ~ & b.y=?1)"
    );
}

/// Bulk loaders send them: a hundred thousand rows, each with `NOW()`.
#[test]
fn rows_that_are_alike_are_parsed_once() {
    let row = |at: usize| match at % 3 {
        0 => format!("({at}, NOW(), 0x7A)"),
        1 => format!("({at}, now( ) , 'x')"),
        _ => format!("(-{at}, 1 + {at}, {at}.5)"),
    };
    let rows: Vec<String> = (0..100_000).map(row).collect();
    let sql = format!("INSERT INTO t (a, b, c) VALUES {}", rows.join(", "));
    let InsertSource::Rows(stored) = ast(&sql).insert.unwrap().source else {
        panic!("rows");
    };
    assert_eq!(stored.len(), rows.len());
    let mut slot = 0;
    let mut next = || {
        slot += 1;
        StoredValue::Slot(Slot(slot - 1))
    };
    for (at, row) in stored.iter().enumerate() {
        let key = next();
        if at % 3 == 2 {
            next();
            next();
        }
        assert_eq!(row.values, [key, StoredValue::Opaque, next()], "row {at}");
    }
}

#[test]
fn rows_with_queries_and_comments_are_parsed_each() {
    for value in ["(SELECT 1)", "/*!50000 1 */", "1 IN (1, 2)"] {
        let sql = format!("INSERT INTO t VALUES ({value}, NOW()), ({value}, NOW())");
        let InsertSource::Rows(rows) = ast(&sql).insert.unwrap().source else {
            panic!("{value}: rows");
        };
        assert_eq!(rows[0].values, rows[1].values, "{value}");
        assert_eq!(rows[0].tokens.len(), rows[1].tokens.len(), "{value}");
    }
}

#[test]
fn what_is_too_complex_or_unclear_has_no_ast() {
    let ors = |count: usize| format!("SELECT 1 FROM t WHERE a=1{}", " OR a=1".repeat(count));
    let unions = |count: usize| format!("SELECT 1{}", " UNION SELECT 1".repeat(count));
    assert_eq!(
        short(&ast(&ors(500)).blocks[0].filter).matches('|').count(),
        500
    );
    let table = [
        (ors(40_000), AstUnavailable::TooComplex),
        (
            format!("SELECT 1 FROM t WHERE {}(1)", "(a=1) OR ".repeat(2_001)),
            AstUnavailable::TooComplex,
        ),
        (unions(400), AstUnavailable::TooComplex),
        (
            format!("SELECT {}1{}", "(".repeat(60), ")".repeat(60)),
            AstUnavailable::TooComplex,
        ),
        ("SET a = 1".into(), AstUnavailable::NotDml),
        (
            "SELECT /*!99999 a, */ 1".into(),
            AstUnavailable::VersionComment,
        ),
        ("SELECT /*M! a, */ 1".into(), AstUnavailable::VersionComment),
    ];
    for (sql, wanted) in table {
        assert_eq!(try_parse(&sql).unwrap_err(), wanted);
    }
    for sql in [
        "SELECT 1 FROM FROM",
        "INSERT INTO t (a) VALUES (1), (2) /*!50000 , (3) */",
    ] {
        assert_eq!(try_parse(sql).unwrap_err(), AstUnavailable::Incomplete);
    }
    assert!(matches!(
        try_parse("SELECT 1 FROM (a, b JOIN c USING (x))"),
        Err(AstUnavailable::Unknown(_))
    ));
    assert!(matches!(
        try_parse("SELECT 1 FROM t WHERE"),
        Err(AstUnavailable::Unknown(_))
    ));
}

/// ORMs look for many rows at once by keys of several columns.
#[test]
fn operators_of_expressions_beside_each_other_do_not_add_up() {
    let sql = format!(
        "SELECT {}0 FROM t WHERE {}0",
        "a + 1 - b * 2, ".repeat(2_000),
        "(a = 1 AND b = -a AND c < 3) OR ".repeat(1_900)
    );
    let ast = ast(&sql);
    assert_eq!(ast.blocks[0].outputs.len(), 2_001);
    assert_eq!(short(&ast.blocks[0].filter).matches('|').count(), 1_900);
}

#[test]
fn the_largest_tree_fits_a_small_stack() {
    let shapes = [
        ("a=1 OR ", 1_000),
        ("a AND ", 1_990),
        ("1+", 1_990),
        ("NOT a IS NULL = ", 660),
        ("a IS NULL AND ", 1_000),
        ("(a=1 AND b=2) OR ", 1_990),
    ];
    for (shape, times) in shapes {
        let sql = format!("SELECT 1 FROM t WHERE {}1", shape.repeat(times));
        let parsed = try_parse(&sql);
        assert!(
            !matches!(parsed, Err(AstUnavailable::TooComplex)),
            "{shape}"
        );
        let thread = std::thread::Builder::new().stack_size(2 << 20);
        let parsed = thread.spawn(move || try_parse(&sql).is_ok()).unwrap();
        assert!(parsed.join().is_ok(), "{shape}");
    }
}

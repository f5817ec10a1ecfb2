//! Prepared INSERTs whose rows get ids: the answers of one MySQL with AUTO_INCREMENT, and the same rows
//! afterwards.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::wire::{CapabilityFlags, ColumnType};

use super::common::servers;
use super::ids;
use super::pair::{CLIENTS, Pair, assert_same, is_refusal};
use super::prepared::{Numbers, Param, execute, fixed, int, null, sent, text};
use super::raw::Expect;
use super::uuids;

type Case = (&'static str, Vec<Vec<Param>>);

fn double(value: f64) -> Param {
    fixed(ColumnType::MYSQL_TYPE_DOUBLE, false, &value.to_le_bytes())
}

fn tiny(value: u8) -> Param {
    fixed(ColumnType::MYSQL_TYPE_TINY, true, &[value])
}

/// Where a row's id is left out, wanted, or the client's own.
fn plain() -> Vec<Case> {
    let one = |id: i64, code: &str| vec![int(id), text(code)];
    vec![
        (
            "INSERT INTO o (user_id, code) VALUES (?, ?)",
            vec![
                one(1, "a"),
                one(2, "a"),
                vec![text("3"), null()],
                // A key that is there, and on.
                one(1, "a"),
                one(4, "a"),
            ],
        ),
        (
            "INSERT INTO o (user_id, code) VALUES (?, ?), (?, ?), (?, ?)",
            vec![
                [one(2, "b"), one(3, "b"), one(4, "b")].concat(),
                [one(2, "c"), one(6, "c"), one(10, "c")].concat(),
            ],
        ),
        (
            "INSERT INTO o VALUES (?, ?, ?, ?)",
            vec![
                vec![null(), int(5), text("a"), int(1)],
                vec![int(0), int(5), text("b"), int(1)],
                vec![text("0"), int(5), text("c"), int(1)],
                vec![double(0.0), int(5), text("d"), int(1)],
                vec![int(50), int(5), text("e"), int(1)],
                vec![text("51"), int(5), text("f"), int(1)],
                vec![double(52.0), int(5), text("g"), int(1)],
                vec![tiny(53), int(5), text("h"), int(1)],
                vec![int(50), int(5), text("i"), int(1)],
                vec![null(), int(5), text("k"), int(1)],
            ],
        ),
        (
            "INSERT INTO o (id, user_id, code) VALUES (?, ?, ?), (?, ?, ?)",
            vec![
                vec![null(), int(6), text("a"), null(), int(7), text("a")],
                vec![int(0), int(6), text("b"), text("0"), int(7), text("b")],
                vec![int(60), int(6), text("c"), int(59), int(7), text("c")],
            ],
        ),
        (
            "INSERT INTO o (n, id, user_id) VALUES (?, DEFAULT, 7), (? + 1, NULL, ?), (3, 0, 8), (4, '0', ?)",
            vec![vec![int(1), int(2), int(8), int(9)]],
        ),
        (
            "INSERT INTO o SET user_id = ?, code = ?",
            vec![one(8, "a"), one(8, "a"), one(9, "a")],
        ),
        (
            "INSERT o SET id = ?, user_id = ?",
            vec![
                vec![null(), int(9)],
                vec![int(0), int(9)],
                vec![int(61), int(9)],
            ],
        ),
        (
            "INSERT INTO o SET user_id = ?, id = DEFAULT, n = ?",
            vec![vec![int(9), int(3)]],
        ),
        (
            "INSERT INTO o (user_id, n) VALUES (31, LAST_INSERT_ID())",
            vec![vec![], vec![]],
        ),
        (
            "INSERT INTO o (user_id, n) VALUES (?, LAST_INSERT_ID(?))",
            vec![vec![int(32), int(7)]],
        ),
        (
            "INSERT INTO o (id, user_id, n) VALUES (?, 33, LAST_INSERT_ID(?))",
            vec![vec![int(70), int(7)], vec![null(), int(7)]],
        ),
        // The id decides the shard.
        (
            "INSERT INTO bills (total) VALUES (?)",
            vec![vec![int(5)], vec![null()], vec![text("6")]],
        ),
        (
            "INSERT INTO bills VALUES (?, ?), (?, ?), (?, ?)",
            vec![
                vec![null(), int(6), int(0), int(7), null(), int(8)],
                vec![int(7), int(6), int(6), int(7), int(5), int(8)],
            ],
        ),
        ("INSERT INTO bills () VALUES ()", vec![vec![], vec![]]),
        ("INSERT INTO bills VALUES (), ()", vec![vec![]]),
        ("INSERT INTO bills SET total = ?", vec![vec![int(9)]]),
        (
            "REPLACE INTO bills VALUES (?, ?)",
            vec![vec![int(5), int(50)], vec![null(), int(51)]],
        ),
        (
            "REPLACE INTO rep (user_id, code) VALUES (?, ?)",
            vec![one(1, "a"), one(1, "a"), one(2, "b")],
        ),
        (
            "REPLACE INTO rep (user_id, code) VALUES (?, ?), (?, ?), (?, ?)",
            vec![[one(1, "a"), one(2, "a"), one(3, "a")].concat()],
        ),
        (
            "REPLACE INTO rep SET user_id = ?, code = ?",
            vec![one(1, "a")],
        ),
    ]
}

/// Rows whose key may be there already; such rows come last, see `ids`.
fn duplicates() -> Vec<Case> {
    let rows = |rows: &[(i64, &str)]| {
        let row = |(id, code): &(i64, &str)| [int(*id), text(code)];
        rows.iter().flat_map(row).collect::<Vec<_>>()
    };
    vec![
        (
            "INSERT INTO dup (user_id, code) VALUES (?, ?), (?, ?), (?, ?)",
            vec![rows(&[(1, "a"), (2, "a"), (3, "a")])],
        ),
        (
            "INSERT IGNORE INTO dup (user_id, code) VALUES (?, ?)",
            vec![rows(&[(1, "a")]), rows(&[(1, "b")]), rows(&[(1, "b")])],
        ),
        (
            "INSERT IGNORE INTO dup (user_id, code) VALUES (?, ?), (?, ?), (?, ?)",
            vec![
                rows(&[(2, "b"), (3, "b"), (1, "a")]),
                rows(&[(5, "a"), (5, "b"), (1, "a")]),
                rows(&[(1, "a"), (2, "a"), (3, "a")]),
                rows(&[(6, "far too long"), (7, "c"), (8, "c")]),
            ],
        ),
        (
            "INSERT IGNORE INTO dup (id, user_id, code) VALUES (?, ?, ?)",
            vec![
                vec![int(10), int(1), text("a")],
                vec![int(10), int(1), text("c")],
            ],
        ),
        (
            "INSERT INTO dup (user_id, code) VALUES (?, ?) ON DUPLICATE KEY UPDATE n = n + ?",
            vec![
                vec![int(1), text("u"), int(1)],
                vec![int(1), text("u"), int(1)],
                vec![int(1), text("u"), int(0)],
            ],
        ),
        (
            "INSERT INTO dup SET user_id = ?, code = 'u' ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), n = ?",
            vec![
                vec![int(1), int(7)],
                vec![int(1), int(7)],
                vec![int(2), int(7)],
                vec![int(1), int(8)],
            ],
        ),
        (
            "INSERT INTO dup (id, user_id, code) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE n = n + 1",
            vec![
                vec![int(20), int(1), text("w")],
                vec![int(21), int(1), text("w")],
                vec![null(), int(1), text("w")],
            ],
        ),
        (
            "INSERT INTO dup (user_id, code) VALUES (?, ?), (?, ?), (?, ?) \
             ON DUPLICATE KEY UPDATE n = VALUES(n) + 1",
            vec![
                rows(&[(9, "b"), (10, "a"), (11, "a")]),
                rows(&[(12, "a"), (12, "b"), (12, "a")]),
                rows(&[(9, "b"), (10, "a"), (11, "a")]),
            ],
        ),
    ]
}

async fn run(pair: &mut Pair, client: &str, cases: &[Case]) {
    for (sql, lists) in cases {
        if ids::is_untold(client, sql) {
            continue;
        }
        for params in lists {
            assert_eq!(pair.writes(sql, &[params]).await, 0, "{sql} {params:?}");
            if sql.starts_with("INSERT IGNORE") {
                pair.change("SHOW WARNINGS").await;
            }
            pair.change("SELECT LAST_INSERT_ID(), ROW_COUNT()").await;
        }
    }
}

#[tokio::test]
async fn prepared_rows_get_ids_as_one_server_gives_them() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = ids::stage().await;
        let mut pair = stage.pair(extras).await;
        run(&mut pair, name, &plain()).await;
        run(&mut pair, name, &duplicates()).await;
        for around in [["BEGIN", "ROLLBACK"], ["START TRANSACTION", "COMMIT"]] {
            pair.query(around[0]).await;
            let many = "INSERT INTO o (user_id, n) VALUES (?, ?), (?, 5), (44, ?)";
            let params = [int(41), int(2), int(42), int(3)];
            assert_eq!(pair.writes(many, &[&params, &params]).await, 0);
            let one = "INSERT INTO o (user_id, n) VALUES (?, ?)";
            assert_eq!(pair.writes(one, &[&[int(43), int(4)]]).await, 0);
            pair.change("SELECT LAST_INSERT_ID()").await;
            pair.query(around[1]).await;
        }
        for table in ["o", "dup", "rep"] {
            let rows = format!("SELECT * FROM {table} ORDER BY id");
            pair.change(&rows).await;
        }
        pair.change("SELECT * FROM bills ORDER BY bill").await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// COM_STMT_SEND_LONG_DATA on both.
async fn send(pair: &mut Pair, statement: Numbers, param: u16, data: &str) {
    let rest = [&param.to_le_bytes()[..], data.as_bytes()].concat();
    pair.statement("long data", (0x18, statement), &rest, Expect::Silence)
        .await;
}

#[tokio::test]
async fn long_data_and_types_of_before_go_with_rows_that_get_ids() {
    let stage = ids::stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let sql = "INSERT INTO o (code, n, user_id) VALUES (?, ?, ?), (?, ?, ?)";
    let rows = pair.must_prepare(sql).await;
    let one = pair
        .must_prepare("INSERT INTO o (code, id, user_id) VALUES (?, ?, 7)")
        .await;
    let string = || sent(ColumnType::MYSQL_TYPE_VAR_STRING);
    let ids = ["0", "61", "", "62"];
    for (turn, (first, id)) in (1..).zip(ids).enumerate() {
        // The types are told once, and now and then once more.
        let told = turn != 1;
        let code = format!("l{turn}");
        send(&mut pair, rows, 0, &code).await;
        send(&mut pair, rows, 3, "in ").await;
        send(&mut pair, rows, 3, &turn.to_string()).await;
        let n = if turn == 2 { text("4") } else { int(5) };
        let params = [string(), n, int(first), string(), int(6), int(first + 1)];
        let packet = execute(&params, told, 0, pair.plain.capabilities());
        assert!(!pair.written(sql, rows, &packet).await);
        let params = if id.is_empty() {
            [text(&code), null()]
        } else {
            send(&mut pair, one, 1, id).await;
            [text(&code), string()]
        };
        let packet = execute(&params, turn == 0, 0, pair.plain.capabilities());
        assert!(!pair.written("one", one, &packet).await);
        pair.change("SELECT LAST_INSERT_ID()").await;
    }
    pair.change("SELECT * FROM o ORDER BY id").await;
    assert_same(&pair.into_differences("long data"));
}

#[tokio::test]
async fn what_zero_is_follows_from_the_mode_of_the_execution() {
    let stage = ids::stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let bound = pair
        .must_prepare("INSERT INTO o (id, user_id, code) VALUES (?, ?, ?)")
        .await;
    let literal = pair
        .must_prepare("INSERT INTO o (id, user_id, code) VALUES (0, ?, ?)")
        .await;
    for (turn, mode) in ["", "NO_AUTO_VALUE_ON_ZERO", "", "NO_AUTO_VALUE_ON_ZERO"]
        .iter()
        .enumerate()
    {
        pair.query(format!("SET sql_mode = '{mode}'")).await;
        let code = format!("z{turn}");
        let capabilities = pair.plain.capabilities();
        for (statement, params) in [
            (bound, vec![int(0), int(1), text(&code)]),
            (literal, vec![int(1), text(&format!("{code}l"))]),
            (bound, vec![null(), int(3), text(&code)]),
        ] {
            let packet = execute(&params, true, 0, capabilities);
            assert!(!pair.written(&code, statement, &packet).await);
            pair.change("SELECT LAST_INSERT_ID()").await;
        }
    }
    pair.change("SELECT * FROM o ORDER BY id, code").await;
    assert_same(&pair.into_differences("zero"));
}

/// Rows that get UUIDs, and what is bound for some.
fn with_uuids() -> Vec<Case> {
    let one = |id: i64, code: &str| vec![int(id), text(code)];
    vec![
        (
            "INSERT INTO notes (user_id, code) VALUES (?, ?)",
            vec![
                one(1, "a"),
                one(2, "a"),
                one(1, "a"),
                one(3, "far too long"),
            ],
        ),
        (
            "INSERT INTO notes (user_id, code) VALUES (?, ?), (?, ?), (?, 'b')",
            vec![vec![int(2), text("b"), int(3), text("b"), int(4)]],
        ),
        (
            "INSERT INTO notes (id, user_id) VALUES (?, ?), (NULL, ?), (DEFAULT, 8)",
            vec![
                vec![null(), int(5), int(6)],
                vec![text("own"), int(5), int(6)],
                vec![text("own"), int(5), int(6)],
                vec![int(0), int(5), int(6)],
            ],
        ),
        (
            "INSERT IGNORE INTO notes (user_id, code) VALUES (?, ?), (?, ?)",
            vec![
                [one(1, "a"), one(20, "a")].concat(),
                [one(1, "a"), one(2, "a")].concat(),
            ],
        ),
        (
            "INSERT INTO notes (user_id, code) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE n = n + ?",
            vec![[one(21, "u"), one(22, "u"), vec![int(3)]].concat(); 2],
        ),
        (
            "REPLACE INTO notes SET user_id = ?, code = ?",
            vec![one(1, "a"), one(1, "a"), one(30, "r")],
        ),
        (
            "INSERT INTO papers (n) VALUES (?), (?), (?)",
            vec![vec![int(1), int(2), int(3)]; 2],
        ),
        (
            "INSERT INTO papers SET n = ?",
            vec![vec![int(4)], vec![null()]],
        ),
        ("INSERT INTO papers VALUES (), ()", vec![vec![]]),
        (
            "INSERT INTO papers (id, n) VALUES (?, 7)",
            vec![
                vec![null()],
                vec![text("sixteen bytes id")],
                vec![text("sixteen bytes id")],
            ],
        ),
        (
            "INSERT INTO letters (n) VALUES (?), (?), (?)",
            vec![vec![int(1), int(2), int(3)]; 2],
        ),
        (
            "INSERT INTO letters VALUES (?, ?), (?, 5)",
            vec![vec![text("01935b7e-0aff-7c01-8000-00000000000f"), int(4), null()]; 2],
        ),
    ]
}

#[tokio::test]
async fn prepared_rows_get_uuids() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = uuids::stage().await;
        let mut pair = stage.pair(extras).await;
        run(&mut pair, name, &with_uuids()).await;
        for sql in uuids::ROWS {
            pair.change(sql).await;
        }
        let mut app = stage.app().await;
        // Bound as bytes or as text, an id is on the shard where it is looked for.
        for table in ["papers", "letters"] {
            let ids = format!("SELECT id FROM {table}");
            let ids: Vec<Vec<u8>> = app.query(ids).await.unwrap();
            assert!(ids.len() > 6);
            for id in ids {
                let found = format!("SELECT COUNT(*) FROM {table} WHERE id = ?");
                let found: Option<u64> = app.exec_first(found, (id,)).await.unwrap();
                assert_eq!(found, Some(1), "{table}");
            }
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn rows_of_split_tables_and_returned_rows_have_their_ids() {
    let stage = ids::split_stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let cases: [Case; 3] = [
        ("INSERT INTO parts (n) VALUES (?)", vec![vec![int(1)]; 6]),
        (
            "INSERT INTO parts (n) VALUES (?), (2), (?), (3), (?)",
            vec![vec![int(1), int(2), int(3)]; 2],
        ),
        (
            "INSERT INTO parts VALUES (?, ?), (NULL, ?)",
            vec![vec![int(0), int(1), int(2)]; 2],
        ),
    ];
    run(&mut pair, "split", &cases).await;
    if servers().await.flavor() == Flavor::MariaDb {
        let sql = "INSERT INTO parts (n) VALUES (?) RETURNING id, n + ?";
        pair.prepared(sql, &[&[int(1), int(5)], &[int(2), int(6)]])
            .await;
    }
    pair.change("SELECT * FROM parts ORDER BY id").await;
    assert_same(&pair.into_differences("split"));
}

/// What is not certain says so and stores nothing.
#[tokio::test]
async fn bound_ids_that_are_not_certain_are_refused() {
    let stage = ids::stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let date = fixed(ColumnType::MYSQL_TYPE_DATE, false, &[4, 0xE8, 7, 2, 29]);
    let ids = [
        int(-1),
        double(1.5),
        double(1e17),
        text("1x"),
        text(""),
        text(" 1"),
        date,
    ];
    for id in ids {
        let sql = "INSERT INTO o (id, user_id) VALUES (?, ?)";
        let refused = pair.writes(sql, &[&[id.clone(), int(1)]]).await;
        assert_eq!(refused, 1, "{id:?}");
    }
    for sql in [
        "INSERT INTO o (id, user_id) VALUES (? + 1, ?)",
        "INSERT INTO o (id, user_id) VALUES ('x', ?)",
        "INSERT INTO o (user_id, n) VALUES (?, id)",
    ] {
        let packet = [&[0x16], sql.as_bytes()].concat();
        let answer = pair.proxy.command(&packet, Expect::Prepared).await;
        assert!(is_refusal(&answer), "{sql}: {answer:?}");
    }
    pair.change("SELECT COUNT(*) FROM o").await;
    // What one server says of such a text.
    for sql in [
        "INSERT INTO o (user_id, nothing) VALUES (?, ?)",
        "INSERT INTO o (user_id, code) VALUES (?)",
        "INSERT INTO o (user_id, code) VALUES (?, ?",
    ] {
        pair.prepare(sql).await;
    }
    assert_same(&pair.into_differences("refused"));
}

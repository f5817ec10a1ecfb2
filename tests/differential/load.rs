//! LOAD DATA LOCAL: the answer of one MySQL, and the same rows afterwards.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use shardwell::wire::{CapabilityFlags, decode_err};

use super::pair::{Pair, Stage, assert_same};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.words]
key = "word"
algorithm = "hash_mod"
[schemas.shop.tables.kinds]
kind = "broadcast"
[schemas.shop.tables.orders]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "segment", start = 100 }
[schemas.shop.tables.bills]
key = "bill"
algorithm = "mod"
generate = { column = "bill", kind = "segment", start = 100 }
[schemas.shop.tables.picky]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.serial]
key = "id"
algorithm = "mod"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(10) NOT NULL DEFAULT 'none', \
     c DATE, d TEXT)",
    "CREATE TABLE words (word VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, n INT)",
    "CREATE TABLE kinds (id INT PRIMARY KEY, a VARCHAR(6) NOT NULL)",
    "CREATE TABLE orders (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT, n INT) \
     AUTO_INCREMENT = 100",
    "CREATE TABLE bills (bill BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, total INT) \
     AUTO_INCREMENT = 100",
    "CREATE TABLE picky (id BIGINT PRIMARY KEY, a INT)",
    "CREATE TRIGGER no13 BEFORE INSERT ON picky FOR EACH ROW BEGIN \
     IF NEW.a = 13 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no 13'; END IF; END",
    "CREATE TABLE serial (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT)",
];

const ONCE: &[&str] =
    &["CREATE TABLE alone (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(10), b INT)"];

const LOCAL: CapabilityFlags = CapabilityFlags::CLIENT_LOCAL_FILES;

async fn stage() -> Stage {
    Stage::new(TABLES, DEFINITIONS, ONCE).await
}

/// What is looked at after each load. Where both answered with an error, SHOW WARNINGS has only that; and
/// the conditions of several shards come in an order of their own.
async fn look(pair: &mut Pair, (table, several): (&str, bool)) {
    let mut told = Vec::new();
    for raw in [&mut pair.proxy, &mut pair.plain] {
        let mut answer = raw.query(b"SHOW WARNINGS").await;
        let mut rows: Vec<Vec<u8>> = answer.drain(..).map(|packet| packet.payload).collect();
        if several {
            rows.sort();
        }
        told.push(rows);
    }
    let failed = told
        .iter()
        .flatten()
        .any(|row| row.starts_with(b"\x05Error"));
    if told[0] != told[1] && !failed {
        let shown = told.iter().map(|rows| {
            rows.iter()
                .map(|row| row.escape_ascii().to_string() + "\n")
                .collect::<String>()
        });
        pair.note(format!(
            "SHOW WARNINGS of {table}:\n{}",
            shown.collect::<Vec<_>>().join("---\n")
        ));
    }
    pair.query("SELECT ROW_COUNT()").await;
    let columns = match table {
        // A server takes ids for a file in blocks whose rest is lost.
        "orders" => "user_id, n",
        "bills" => "total, total > 30",
        "alone" => "id, a, b, LAST_INSERT_ID()",
        _ => "*",
    };
    pair.query_elsewhere(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2"))
        .await;
}

/// Files and the statements that load them: table, what stands behind it, file.
const LOADS: &[(&str, &str, &str)] = &[
    (
        "items",
        "",
        "1\t10\tone\t2026-01-01\tx\n2\t20\ttwo\t\\N\ty\n3\t30\tthree\t2026-03-03\tz\n",
    ),
    // Nothing, rows that are there, rows that are cut, too few and too many fields.
    ("items", "", ""),
    (
        "items",
        "",
        "3\t31\tagain\t\\N\t\\N\n4\t40\tmuch too long a word\tno date\tx\n",
    ),
    (
        "items",
        "",
        "5\n6\t60\n7\t70\tseven\t2026-01-01\tx\tmore\teven more\n",
    ),
    (
        "items",
        "",
        "8\tno number\t\\N\t\\N\tx\n9\t90\tnine\t2026-13-40\t\\\\ \\t \\n",
    ),
    (
        "items",
        "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES \
      (id, b, d)",
        "id,b,d\r\n11,\"a\"\"b\",\"line\r\nbreak, and comma\"\r\n\"12\",NULL,\"NULL\"\r\n13,\"x\",last",
    ),
    (
        "items",
        "COLUMNS TERMINATED BY 0x7C ESCAPED BY '' LINES STARTING BY '>>' (id, a)",
        "noise>>21|1\nno prefix\nmore noise >>22|2\\\n>>23|3\n",
    ),
    (
        "items",
        "(id, @a, @b) SET a = @a * 2, b = CONCAT(LEFT(@b, 3), '!'), c = '2026-05-05'",
        "31\t1\tabcdef\n32\t2\tghi\n33\t\\N\tj\n",
    ),
    (
        "items",
        "IGNORE 2 ROWS (id, a)",
        "head\nhead\n41\t1\n42\t2\n43\t3\n44\t4\n45\t5\n46\t6\n",
    ),
    (
        "items",
        "CHARACTER SET latin1 (id, d)",
        "51\tgr\u{fc}n\n52\tx\n",
    ),
    (
        "items",
        "CHARACTER SET binary (id, d)",
        "53\tgr\u{fc}n\n54\t\u{1F600}\n",
    ),
    ("words", "", "one\t1\ngrün\t2\nthree\t3\n\t4\n"),
    ("words", "CHARACTER SET binary", "blau\t1\nröt\t2\n"),
    (
        "words",
        "FIELDS TERMINATED BY '\\t' OPTIONALLY ENCLOSED BY '\\'' (n, word)",
        "7\t'it''s'\n8\tit\n",
    ),
    ("kinds", "", "1\tone\n2\ttwo\n3\tmuch too long\n1\tagain\n"),
    ("kinds", "(id)", "7\n8\n"),
    (
        "alone",
        "(a, b)",
        "one\t1\ntwo\t2\nmuch too long a word\t3\n",
    ),
    ("alone", "(a, @b) SET b = @b + 1", "one\t1\ntwo\t2\n"),
    ("alone", "CHARACTER SET gbk (a, b)", "one\t1\n"),
    ("orders", "(user_id, n)", "1\t10\n2\t20\n3\t30\n4\t40\n"),
    ("orders", "", "\\N\t5\t1\n0\t6\t2\n50\t7\t3\n"),
    (
        "orders",
        "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' (n, id, user_id)",
        "1,\"0\",8\n2,NULL,9\n3,\"51\",10\n",
    ),
    ("bills", "(total)", "10\n20\n30\n"),
    ("bills", "", "\\N\t40\n0\t50\n"),
    ("serial", "", "1\t1\n2\t2\n3\t3\n"),
];

#[tokio::test(flavor = "multi_thread")]
async fn files_are_loaded_as_on_one_server() {
    let stage = stage().await;
    let mut pair = stage.pair(LOCAL).await;
    for (table, clauses, file) in LOADS {
        for (duplicates, piece) in [("", 1 << 20), ("IGNORE", 7), ("REPLACE", 1)] {
            let ids = ["orders", "bills", "alone"].contains(table);
            if ids && duplicates == "REPLACE" {
                continue;
            }
            let sql = format!(
                "LOAD DATA LOCAL INFILE 'some/file' {duplicates} INTO TABLE {table} {clauses}"
            );
            pair.load(&sql, file.as_bytes(), piece).await;
            let several = !["alone", "kinds"].contains(table);
            look(&mut pair, (table, several)).await;
        }
    }
    assert_same(&pair.into_differences(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_belongs_to_the_transaction_that_it_comes_in() {
    let stage = stage().await;
    let mut pair = stage.pair(LOCAL).await;
    let load = "LOAD DATA LOCAL INFILE 'f' INTO TABLE picky";
    let rows = "SELECT * FROM picky ORDER BY id";
    let (good, bad) = (
        "3\t3\n4\t4\n5\t5\n6\t6\n",
        "7\t7\n8\t13\n9\t9\n10\t10\n11\t11\n",
    );
    for begin in ["DO 0", "BEGIN", "SET autocommit = 0"] {
        pair.queries(&[begin, "INSERT INTO picky VALUES (1, 1), (2, 2)"])
            .await;
        pair.load(load, good.as_bytes(), 5).await;
        // On one server a row in the midst of the file fails; everywhere the statement is taken back.
        pair.load(load, bad.as_bytes(), 5).await;
        pair.query("SELECT ROW_COUNT()").await;
        pair.query_elsewhere(rows).await;
        pair.query("ROLLBACK").await;
        pair.query_elsewhere(rows).await;
        pair.load(load, b"20\t20\n21\t21\n", 100).await;
        pair.queries(&["COMMIT", "SET autocommit = 1"]).await;
        pair.query_elsewhere(rows).await;
        pair.query("TRUNCATE TABLE picky").await;
    }
    assert_same(&pair.into_differences(""));
}

/// A file with a row for each of these numbers.
fn numbers(rows: std::ops::Range<usize>) -> Vec<u8> {
    let rows = rows.map(|id| format!("{id}\t{}\n", 100 + id % 7));
    rows.collect::<String>().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_come_in_batches_and_count_as_one() {
    let stage = stage().await;
    let mut pair = stage.pair(LOCAL).await;
    let mut file = numbers(1..110_000);
    file.extend_from_slice(b"110000\tno number\n");
    file.extend(numbers(110_001..120_001));
    for table in ["items (id, a)", "kinds", "alone (id, b)"] {
        let sql = format!("LOAD DATA LOCAL INFILE 'f' INTO TABLE {table}");
        pair.load(&sql, &file, 16_000).await;
        pair.query("SHOW WARNINGS").await;
    }
    for sums in [
        "COUNT(*), SUM(id), SUM(a)",
        "COUNT(*), SUM(id), SUM(a > 103)",
    ] {
        pair.query_elsewhere(&format!("SELECT {sums} FROM items"))
            .await;
    }
    pair.query_elsewhere("SELECT COUNT(*), SUM(id), SUM(a) FROM kinds")
        .await;
    // An error in the last batch takes back all of them.
    let mut file = numbers(1..115_000);
    file.extend_from_slice(b"115000\t13\n115001\t1\n");
    pair.query("BEGIN").await;
    pair.query("INSERT INTO picky VALUES (200000, 1)").await;
    pair.load(
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE picky",
        &file,
        1 << 20,
    )
    .await;
    pair.query_elsewhere("SELECT COUNT(*) FROM picky").await;
    pair.query("COMMIT").await;
    pair.load(
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE picky",
        &file,
        1 << 20,
    )
    .await;
    pair.query_elsewhere("SELECT COUNT(*) FROM picky").await;
    assert_same(&pair.into_differences(""));
}

/// The session that loads a file, once SHOW PROCESSLIST tells how far it is, with this at the end.
async fn loading(app: &mut Conn, end: &str) -> u32 {
    for _ in 0..600 {
        let rows: Vec<Row> = app.query("SHOW PROCESSLIST").await.unwrap();
        for row in rows {
            let state: String = row.get("State").unwrap();
            if state.starts_with("loading: ") && state.ends_with(end) {
                return row.get("Id").unwrap();
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody loads a file");
}

async fn count(app: &mut Conn, table: &str) -> u64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    app.query_first(sql).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_killed_or_left_in_the_midst_leaves_nothing() {
    let stage = stage().await;
    let mut app = stage.app().await;
    for (table, end) in [("items (id, a)", " rows"), ("alone (id, b)", " MiB")] {
        let name = table.split(' ').next().unwrap();
        let sql = format!("LOAD DATA LOCAL INFILE 'f' INTO TABLE {table}");
        let mut client = stage.pair(LOCAL).await.proxy;
        let asked = client.begin_load(sql.as_bytes()).await;
        assert_eq!(asked[0].payload, b"\xFBf");
        client.piece(&numbers(1..60_000)).await;
        let id = loading(&mut app, end).await;
        app.query_drop(format!("KILL QUERY {id}")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
        client.piece(&numbers(60_000..60_010)).await;
        client.piece(b"").await;
        let answer = client.answer().await;
        let error = decode_err(&answer[0].payload).unwrap();
        assert_eq!(error.code, 1317, "{error}");
        assert_eq!(count(&mut app, name).await, 0);
        // The session goes on.
        let again = client.load(sql.as_bytes(), b"1\t1\n", 10).await;
        assert_eq!(again[1].payload[..2], [0, 1], "{again:?}");

        client.begin_load(sql.as_bytes()).await;
        client.piece(&numbers(2..60_000)).await;
        loading(&mut app, end).await;
        drop(client);
        let insert = format!("INSERT INTO {table} VALUES (2, 2)");
        // Where the rows were, nothing is locked in the end.
        while let Err(error) = app.query_drop(&insert).await {
            assert!(error.to_string().contains("1205"), "{error}");
        }
        assert_eq!(count(&mut app, name).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_asked_for_only_where_they_may_be_sent() {
    let stage = stage().await;
    let mut without = stage.pair(CapabilityFlags::empty()).await.proxy;
    let mut with = stage
        .pair(LOCAL | CapabilityFlags::CLIENT_MULTI_STATEMENTS)
        .await;
    for table in ["items", "alone", "kinds"] {
        let sql = format!("LOAD DATA LOCAL INFILE 'f' INTO TABLE {table}");
        let answer = without.query(sql.as_bytes()).await;
        assert_eq!(decode_err(&answer[0].payload).unwrap().code, 3948);
        // What is wrong with the statement is told before the file.
        for wrong in [
            "(id, nothing)",
            "FIELDS ENCLOSED BY 'ab'",
            "(id) SET nothing",
            "LINES",
        ] {
            with.query(format!("{sql} {wrong}")).await;
        }
        // Several statements in one command, with the file of one of them.
        with.load(&format!("SELECT 1; {sql} (id); SELECT 2"), b"", 1)
            .await;
    }
    let refused = [
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items (a, b)",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items (@id, a) SET id = @id + 1",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items (id) SET a = (SELECT 1)",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items (id) SET a = RAND()",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items (id) SET a = @other",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items FIELDS TERMINATED BY ''",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items FIELDS TERMINATED BY '§'",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE items CHARACTER SET gbk",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE serial (n)",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE kinds (id) SET a = 'x'",
        "LOAD DATA INFILE 'f' INTO TABLE items",
        "LOAD XML LOCAL INFILE 'f' INTO TABLE items",
    ];
    with.refusals(&refused).await;
    // A row without a certain place: nothing of the file is stored.
    for (file, code) in [
        ("1\t1\n\\N\t2\n", 1048),
        ("1\t1\nx\t2\n", 1366),
        ("1\t1\n99999999999999999999\t2\n", 1264),
    ] {
        let sql = b"LOAD DATA LOCAL INFILE 'f' INTO TABLE items (id, a)";
        let answer = with.proxy.load(sql, file.as_bytes(), 3).await;
        assert_eq!(decode_err(&answer[1].payload).unwrap().code, code, "{file}");
    }
    let sql = b"LOAD DATA LOCAL INFILE 'f' INTO TABLE items (a, id)";
    let answer = with.proxy.load(sql, b"1\t1\n2\n", 3).await;
    assert_eq!(decode_err(&answer[1].payload).unwrap().code, 1261);
    assert_eq!(count(&mut stage.app().await, "items").await, 0);
    assert_same(&with.into_differences(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_that_got_fields_have_no_values_afterwards() {
    let stage = stage().await;
    let mut client = stage.pair(LOCAL).await.proxy;
    for begin in ["BEGIN", "COMMIT"] {
        client.query(begin.as_bytes()).await;
        let sql = b"LOAD DATA LOCAL INFILE 'f' REPLACE INTO TABLE items (id, @a) SET a = @a";
        let answer = client.load(sql, b"1\t1\n2\t2\n3\t3\n", 4).await;
        assert_eq!(answer[1].payload.first(), Some(&0), "{answer:?}");
        let told = client.query(b"SELECT @a").await;
        assert_eq!(told[told.len() - 2].payload, [0xFB]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_get_ids_that_follow_each_other() {
    let stage = stage().await;
    let mut client = stage.pair(LOCAL).await.proxy;
    let mut app = stage.app().await;
    let loads = [
        ("orders (user_id, n)", "1\t10\n2\t20\n3\t30\n4\t40\n"),
        (
            "orders (n, id, user_id)",
            "10\t0\t1\n20\t\\N\t2\n30\t0\t3\n40\t0\t4\n",
        ),
        ("bills (total)", "10\n20\n30\n40\n"),
        ("bills", "\\N\t10\n0\t20\n\\N\t30\n\\N\t40\n"),
    ];
    for (table, file) in loads {
        let name = table.split(' ').next().unwrap();
        app.query_drop(format!("TRUNCATE TABLE {name}"))
            .await
            .unwrap();
        let sql = format!("LOAD DATA LOCAL INFILE 'f' INTO TABLE {table}");
        let answer = client.load(sql.as_bytes(), file.as_bytes(), 3).await;
        assert_eq!(answer[1].payload[..3], [0, 4, 0], "{answer:?}");
        let told = client.query(b"SELECT LAST_INSERT_ID()").await;
        let told = &told[told.len() - 2].payload;
        let first: u64 = std::str::from_utf8(&told[1..]).unwrap().parse().unwrap();
        let (id, n) = if name == "orders" {
            ("id", "n")
        } else {
            ("bill", "total")
        };
        let rows: Vec<(u64, u64)> = app
            .query(format!("SELECT {id}, {n} FROM {name} ORDER BY {id}"))
            .await
            .unwrap();
        let expected: Vec<(u64, u64)> = (first..).zip([10, 20, 30, 40]).collect();
        assert_eq!(rows, expected, "{table}");
    }
}

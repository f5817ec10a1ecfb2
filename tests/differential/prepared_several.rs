//! Prepared statements whose rows lie on several shards: the merged binary rows must be those of one
//! server, byte by byte.

use shardwell::wire::{CapabilityFlags, ColumnType};

use super::pair::{Pair, Stage, assert_same, forget_method, is_refusal};
use super::prepared::{Param, every_type, execute, fixed, int, null, text};
use super::raw::{Expect, Packets};

const TABLES: &str = "[schemas.shop.tables.things]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

const DEFINITION: &str = "CREATE TABLE things (id BIGINT NOT NULL PRIMARY KEY, i INT, u BIGINT UNSIGNED, \
    s VARCHAR(30) COLLATE utf8mb4_general_ci, sb VARCHAR(30) COLLATE utf8mb4_bin, \
    l CHAR(10) CHARACTER SET latin1 COLLATE latin1_german2_ci, e ENUM('z','y','x'), \
    st SET('one','two','three'), f FLOAT, d DOUBLE, de DECIMAL(12,3), ts TIMESTAMP(3) NULL, \
    dt DATETIME(6), tm TIME(3), da DATE, y YEAR, b VARBINARY(20), bi BIT(9), t TEXT)";

/// Rows with equal values, NULLs and both signs in every column.
fn rows() -> Vec<String> {
    let strings = [
        "'a'",
        "'A '",
        "'ä'",
        "'b'",
        "NULL",
        "'Ae'",
        "''",
        "'straße'",
    ];
    let row = |id: usize| {
        let or_null = |every: usize, value: String| match id % every {
            0 => "NULL".to_owned(),
            _ => value,
        };
        let s = strings[id % strings.len()];
        [
            id.to_string(),
            or_null(5, (id as i64 % 7 - 3).to_string()),
            or_null(11, format!("{}", u64::MAX - id as u64 % 3)),
            s.to_owned(),
            strings[(id / 2) % strings.len()].to_owned(),
            strings[(id / 3) % strings.len()].to_owned(),
            or_null(6, format!("{}", id % 3 + 1)),
            or_null(7, format!("{}", id % 8)),
            or_null(4, format!("{}", (id as f64 % 9.0 - 4.0) / 10.0)),
            or_null(9, format!("{}", id as f64 / 4.0 - 3.0)),
            or_null(8, format!("{}.{:03}", id as i64 % 5 - 2, id % 3 * 5)),
            or_null(6, format!("'2024-0{}-10 10:00:0{}.5'", id % 3 + 1, id % 4)),
            or_null(
                7,
                format!("'20{:02}-01-01 00:00:00.00000{}'", id % 4 + 10, id % 2),
            ),
            or_null(5, format!("'{}0{}:00:00.25'", ["", "-"][id % 2], id % 4)),
            or_null(9, format!("'19{:02}-02-03'", 70 + id % 5)),
            or_null(8, format!("{}", 1990 + id % 6)),
            or_null(6, format!("0x0{}FF", id % 5)),
            or_null(7, format!("{}", id % 300)),
            s.to_owned(),
        ]
        .join(", ")
    };
    (1..=40).map(row).collect()
}

/// Whether the order of the rows is the statement's.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    Ordered,
    Any,
}

fn normal(mut answer: Packets, rows: Rows) -> Packets {
    for packet in &mut answer {
        forget_method(&mut packet.payload);
        let length = packet.payload.len();
        if packet.payload.starts_with(b"\x03def") {
            // MariaDB marks keys of groups that it has really made: not with LIMIT 0.
            packet.payload[length - 4] &= 0x7F;
        }
    }
    // How many warnings a comparison raises depends on how many rows it meets.
    if let Some(end) = answer.last_mut()
        && end.payload.first() == Some(&0xFE)
    {
        let count = if end.payload.len() == 5 { 1..3 } else { 5..7 };
        end.payload[count].fill(0);
    }
    if rows == Rows::Any {
        for packet in &mut answer {
            packet.sequence = 0;
        }
        answer.sort_by(|one, other| one.payload.cmp(&other.payload));
    }
    answer
}

impl Pair {
    /// Prepares on both and executes with each list of parameters. Answers must be equal, but for how a
    /// server went about it; says how often the proxy refused.
    async fn merged(&mut self, (sql, rows): (&str, Rows), lists: &[&[Param]]) -> usize {
        let statement = self.must_prepare(sql).await;
        let mut refused = 0;
        for params in lists {
            let rest = execute(params, true, 0, self.plain.capabilities());
            let packet = |number: u32| [&[0x17], &number.to_le_bytes()[..], &rest].concat();
            let ours = packet(statement.ours);
            let ours = self.proxy.command(&ours, Expect::Results).await;
            let theirs = packet(statement.theirs);
            let theirs = self.plain.command(&theirs, Expect::Results).await;
            if is_refusal(&ours) {
                refused += 1;
                continue;
            }
            let what = format!("{sql} {params:?}");
            self.compare(&what, &normal(ours, rows), &normal(theirs, rows));
        }
        self.statement("COM_STMT_CLOSE", (0x19, statement), &[], Expect::Silence)
            .await;
        refused
    }
}

/// What is merged.
const ORDERED: &[&str] = &[
    "SELECT id, i FROM things ORDER BY i, id",
    "SELECT id FROM things ORDER BY i DESC, id DESC",
    "SELECT id FROM things ORDER BY u, id",
    "SELECT s, id FROM things ORDER BY s, id",
    "SELECT id FROM things ORDER BY s DESC, id",
    "SELECT id, sb FROM things ORDER BY sb, id",
    "SELECT id, l FROM things ORDER BY l, id",
    "SELECT id FROM things ORDER BY e, id",
    "SELECT id, e FROM things ORDER BY e DESC, id",
    "SELECT id FROM things ORDER BY st, id",
    "SELECT id, f FROM things ORDER BY f, id",
    "SELECT id FROM things ORDER BY d DESC, id",
    "SELECT id, de FROM things ORDER BY de, id",
    "SELECT id FROM things ORDER BY ts, id",
    "SELECT id, ts FROM things ORDER BY ts DESC, id",
    "SELECT id, dt FROM things ORDER BY dt, id",
    "SELECT id, tm FROM things ORDER BY tm, id",
    "SELECT id, da FROM things ORDER BY da DESC, id",
    "SELECT id, y FROM things ORDER BY y, id",
    "SELECT id, b FROM things ORDER BY b, id",
    "SELECT id, bi FROM things ORDER BY bi, id",
    "SELECT id, t FROM things ORDER BY t, id",
    "SELECT id, i + de AS x FROM things ORDER BY i + de, id",
    "SELECT * FROM things ORDER BY id",
    "SELECT things.* FROM things ORDER BY s, sb, id LIMIT 7",
    "SELECT id FROM things ORDER BY i, id LIMIT 3, 9",
    "SELECT i, COUNT(*), SUM(i), SUM(de), AVG(i), AVG(de), MIN(s), MAX(s), MIN(dt), MAX(tm), MIN(de), \
     MAX(f), SUM(d), AVG(d), COUNT(e) FROM things GROUP BY i ORDER BY i",
    "SELECT COUNT(*), SUM(u), MIN(id), MAX(id), MIN(e), MAX(ts), MIN(y), MIN(da) FROM things",
    "SELECT COUNT(DISTINCT i), COUNT(DISTINCT s) FROM things",
    "SELECT e, COUNT(DISTINCT i) FROM things GROUP BY e ORDER BY e",
    "SELECT sb, COUNT(*) AS c FROM things GROUP BY sb HAVING c > 3 ORDER BY sb",
    "SELECT i, COUNT(*) AS c FROM things GROUP BY i HAVING COUNT(*) >= 6 ORDER BY c DESC, i LIMIT 2",
    "SELECT BIT_OR(bi), BIT_XOR(i), BIT_AND(u) FROM things",
    "SELECT DISTINCT i FROM things ORDER BY i",
    "SELECT DISTINCT e, i FROM things ORDER BY e DESC, i LIMIT 4",
    "SELECT AVG(i) FROM things WHERE id < 0",
    "SELECT y, SUM(de) FROM things WHERE id > 100 GROUP BY y ORDER BY y",
    "SELECT SQL_CALC_FOUND_ROWS id FROM things ORDER BY id LIMIT 3",
    "SELECT id, i FROM things UNION ALL SELECT id + 100, u FROM things WHERE id < 9 ORDER BY i, id",
    "(SELECT de, id FROM things) UNION ALL (SELECT i, id FROM things) UNION ALL \
     (SELECT 1.5, -id FROM things) ORDER BY 1 DESC, id LIMIT 5, 50",
];

async fn stage() -> (Stage, Vec<Pair>) {
    let stage = Stage::new(TABLES, &[DEFINITION], &[]).await;
    let mut pairs = Vec::new();
    for extras in [
        CapabilityFlags::CLIENT_DEPRECATE_EOF,
        CapabilityFlags::empty(),
    ] {
        pairs.push(stage.pair(extras).await);
    }
    for row in rows() {
        pairs[0]
            .query(format!("INSERT INTO things VALUES ({row})"))
            .await;
    }
    (stage, pairs)
}

#[tokio::test]
async fn rows_of_several_shards_are_merged_in_binary_form() {
    let (_stage, pairs) = stage().await;
    let mut differences = Vec::new();
    for mut pair in pairs {
        for sql in ORDERED {
            assert_eq!(
                pair.merged((sql, Rows::Ordered), &[&[], &[]]).await,
                0,
                "{sql}"
            );
        }
        for column in [
            "i", "u", "s", "sb", "l", "e", "st", "f", "d", "de", "ts", "dt", "tm", "da", "y", "b",
            "bi", "t",
        ] {
            let sql = format!(
                "SELECT {column}, id FROM things UNION ALL (SELECT {column}, id + 40 FROM things) \
                 ORDER BY {column} DESC, 2 LIMIT 7, 60"
            );
            let refused = pair.merged((&sql, Rows::Ordered), &[&[]]).await;
            assert_eq!(refused, 0, "{sql}");
        }
        for sql in [
            "SELECT * FROM things UNION ALL SELECT * FROM things WHERE id < 20",
            "SELECT * FROM things",
            "SELECT s, id + 1 AS n, NULL FROM things",
        ] {
            assert_eq!(pair.merged((sql, Rows::Any), &[&[], &[]]).await, 0, "{sql}");
        }
        differences.extend(pair.into_differences("merged"));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn parameters_of_every_type_reach_all_shards() {
    let (_stage, pairs) = stage().await;
    let mut differences = Vec::new();
    for mut pair in pairs {
        for param in every_type() {
            let with = [param.clone(), int(25)];
            for column in ["i", "s", "de", "d", "dt", "tm", "b", "u"] {
                let sql = format!(
                    "SELECT id, {column} FROM things WHERE ({column} <> ? OR {column} IS NULL) AND id < ? \
                     ORDER BY {column}, id"
                );
                assert_eq!(
                    pair.merged((&sql, Rows::Ordered), &[&with]).await,
                    0,
                    "{sql}"
                );
            }
            let sql = "SELECT ? AS p, id FROM things WHERE id < ? ORDER BY id";
            assert_eq!(
                pair.merged((sql, Rows::Ordered), &[&with]).await,
                0,
                "{sql}"
            );
        }
        let sql =
            "SELECT e, COUNT(*), SUM(i) FROM things WHERE i > ? AND s <> ? GROUP BY e ORDER BY e";
        let lists: [&[Param]; 3] = [
            &[int(0), text("b")],
            &[int(-2), null()],
            &[null(), text("a")],
        ];
        assert_eq!(pair.merged((sql, Rows::Ordered), &lists).await, 0);
        differences.extend(pair.into_differences("parameters"));
    }
    assert_same(&differences);
}

fn unsigned(value: u64) -> Param {
    fixed(ColumnType::MYSQL_TYPE_LONGLONG, true, &value.to_le_bytes())
}

#[tokio::test]
async fn limits_may_be_parameters() {
    let (_stage, pairs) = stage().await;
    let mut differences = Vec::new();
    for mut pair in pairs {
        let one: Vec<Vec<Param>> = vec![
            vec![int(0), int(3)],
            vec![int(5), int(0)],
            vec![int(5), text("4")],
            vec![null(), int(4)],
            vec![int(1), unsigned(u64::MAX)],
        ];
        let one: Vec<&[Param]> = one.iter().map(Vec::as_slice).collect();
        for sql in [
            "SELECT id FROM things WHERE id > ? ORDER BY s, id LIMIT ?",
            "SELECT id FROM things WHERE id > ? ORDER BY s, id LIMIT 2, ?",
            "SELECT i, COUNT(*) AS c FROM things WHERE id > ? GROUP BY i ORDER BY c, i LIMIT ?",
            "SELECT DISTINCT i FROM things WHERE id > ? ORDER BY i LIMIT ?",
            "SELECT i, COUNT(*) AS c FROM things WHERE id > ? GROUP BY i HAVING c > 2 ORDER BY i LIMIT 1, ?",
        ] {
            assert_eq!(pair.merged((sql, Rows::Ordered), &one).await, 0, "{sql}");
        }
        let two: Vec<Vec<Param>> = vec![
            vec![text("b"), int(0), int(3)],
            vec![text("zz"), int(7), int(9)],
            vec![text("zz"), text("7"), unsigned(u64::MAX)],
            vec![text("b"), int(1000), int(9)],
        ];
        let two: Vec<&[Param]> = two.iter().map(Vec::as_slice).collect();
        for sql in [
            "SELECT id, s FROM things WHERE s <> ? ORDER BY id LIMIT ?, ?",
            "SELECT i, MAX(s) FROM things WHERE s <> ? GROUP BY i ORDER BY MAX(de), i LIMIT ?, ?",
        ] {
            assert_eq!(pair.merged((sql, Rows::Ordered), &two).await, 0, "{sql}");
        }
        let sql = "SELECT id, s FROM things WHERE s <> ? ORDER BY id LIMIT ? OFFSET ?";
        let lists: &[&[Param]] = &[&[text("b"), int(3), int(4)], &[null(), int(3), int(4)]];
        assert_eq!(pair.merged((sql, Rows::Ordered), lists).await, 0, "{sql}");
        differences.extend(pair.into_differences("limits"));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn what_cannot_be_merged_with_its_parameters_a_server_finishes() {
    let (_stage, mut pairs) = stage().await;
    let mut pair = pairs.remove(0);
    for sql in [
        "SELECT id FROM things ORDER BY i + ?, id",
        "SELECT COUNT(*) AS c FROM things GROUP BY i + ? ORDER BY c",
        "SELECT i, COUNT(*) FROM things GROUP BY i HAVING COUNT(*) > ? ORDER BY i",
        "SELECT AVG(i + ?) FROM things",
        "SELECT id FROM things ORDER BY ?, id",
        "SELECT id FROM things ORDER BY s, ? DESC, id",
        "SELECT a.id FROM things a JOIN things b ON a.i = b.i WHERE a.id > ? ORDER BY a.id",
    ] {
        let refused = pair.merged((sql, Rows::Ordered), &[&[int(1)]]).await;
        assert_eq!(refused, 0, "{sql}");
    }
    let negative: &[&[Param]] = &[&[int(-1)], &[null()]];
    let sql = "SELECT id FROM things ORDER BY id LIMIT ?";
    assert_eq!(pair.merged((sql, Rows::Ordered), negative).await, 0);
    let sql = "SELECT id FROM things WHERE i = ? AND (SELECT 1 UNION SELECT 2) = i ORDER BY id";
    pair.merged((sql, Rows::Ordered), &[&[int(1)]]).await;
    // In a transaction, under other settings than those at the preparation, and with a limit of the session's.
    let sql = "SELECT id, i FROM things WHERE id > ? ORDER BY i, id";
    let statement = pair.must_prepare(sql).await;
    for set in [
        "BEGIN",
        "UPDATE things SET i = 77 WHERE id = 7",
        "SET sql_mode = 'ANSI_QUOTES'",
        "SET sql_select_limit = 4",
        "ROLLBACK",
        "SET autocommit = 0",
    ] {
        pair.query(set).await;
        let rest = execute(&[int(3)], true, 0, pair.plain.capabilities());
        let packet = |number: u32| [&[0x17], &number.to_le_bytes()[..], &rest].concat();
        let ours = packet(statement.ours);
        let ours = pair.proxy.command(&ours, Expect::Results).await;
        let theirs = packet(statement.theirs);
        let theirs = pair.plain.command(&theirs, Expect::Results).await;
        let (ours, theirs) = (normal(ours, Rows::Ordered), normal(theirs, Rows::Ordered));
        pair.compare(set, &ours, &theirs);
    }
    assert_same(&pair.into_differences("transaction"));
}

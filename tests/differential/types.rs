//! Every column type: definitions and rows as the server sent them.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Pair, Stage, assert_same};
use super::prepared::{Param, int};

const TABLES: &str = "[schemas.shop.tables.typed]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

/// Column type and two values.
const TYPES: &[(&str, &str, &str)] = &[
    ("TINYINT", "-128", "127"),
    ("TINYINT UNSIGNED", "0", "255"),
    ("TINYINT(1)", "1", "0"),
    ("BOOL NOT NULL DEFAULT TRUE", "TRUE", "FALSE"),
    ("SMALLINT", "-32768", "32767"),
    ("SMALLINT UNSIGNED ZEROFILL", "7", "65535"),
    ("MEDIUMINT", "-8388608", "8388607"),
    ("MEDIUMINT(5) UNSIGNED ZEROFILL", "3", "16777215"),
    ("INT", "-2147483648", "2147483647"),
    ("INT(10) UNSIGNED ZEROFILL", "1", "4294967295"),
    ("BIGINT", "-9223372036854775808", "9223372036854775807"),
    ("BIGINT UNSIGNED", "0", "18446744073709551615"),
    ("DECIMAL(10,2)", "-12345678.91", "0.5"),
    ("DECIMAL(65,30)", "0.000000000000000000000000000001", "-1"),
    ("DECIMAL(5) UNSIGNED", "0", "99999"),
    ("FLOAT", "1.5e-7", "-3.402823e38"),
    ("FLOAT(7,3)", "1234.567", "0"),
    (
        "DOUBLE",
        "1.7976931348623157e308",
        "-2.2250738585072014e-308",
    ),
    ("DOUBLE(10,4) UNSIGNED", "1.5", "123456.7891"),
    ("REAL", "0.1", "1e0"),
    ("BIT(1)", "b'1'", "b'0'"),
    ("BIT(17)", "b'10101010101010101'", "0"),
    ("BIT(64)", "0xFFFFFFFFFFFFFFFF", "1"),
    ("DATE", "'2024-02-29'", "'9999-12-31'"),
    ("TIME", "'-838:59:59'", "'00:00:00'"),
    ("TIME(6)", "'10:20:30.123456'", "'23:59:59.999999'"),
    ("DATETIME", "'2024-02-29 10:20:30'", "'1000-01-01 00:00:00'"),
    (
        "DATETIME(3)",
        "'2024-02-29 10:20:30.123'",
        "'9999-12-31 23:59:59.999'",
    ),
    (
        "TIMESTAMP NULL",
        "'2024-02-29 10:20:30'",
        "'1970-01-02 00:00:01'",
    ),
    (
        "TIMESTAMP(6) NULL",
        "'2024-02-29 10:20:30.654321'",
        "'2038-01-19 03:14:07'",
    ),
    ("YEAR", "1901", "2155"),
    ("CHAR(0)", "''", "''"),
    ("CHAR(10)", "'abc   '", "'äöü🙂'"),
    (
        "CHAR(10) CHARACTER SET latin1 COLLATE latin1_german1_ci",
        "'äöü'",
        "'x'",
    ),
    ("CHAR(5) CHARACTER SET ucs2", "'ab'", "''"),
    ("VARCHAR(20)", "'varchar'", "'ß €'"),
    (
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        "'BiN'",
        "''",
    ),
    (
        "VARCHAR(20) CHARACTER SET utf16 COLLATE utf16_unicode_ci",
        "'utf16'",
        "'ü'",
    ),
    ("VARCHAR(9) CHARACTER SET sjis", "'abc'", "'ソ'"),
    (
        "VARCHAR(9) CHARACTER SET gbk COLLATE gbk_bin",
        "'abc'",
        "'中'",
    ),
    (
        "VARCHAR(300) CHARACTER SET ascii",
        "REPEAT('a', 300)",
        "'\\0\\n\\\\'",
    ),
    ("BINARY(4)", "'ab'", "0x00FF00FF"),
    ("VARBINARY(300)", "0xDEADBEEF", "REPEAT(0x00, 252)"),
    ("TINYTEXT", "REPEAT('t', 251)", "''"),
    ("TEXT CHARACTER SET latin1", "REPEAT('é', 300)", "'x'"),
    ("MEDIUMTEXT", "REPEAT('m', 70000)", "'x'"),
    ("LONGTEXT COLLATE utf8mb4_unicode_ci", "'l'", "'ö'"),
    ("TINYBLOB", "0x00", "''"),
    ("BLOB", "REPEAT(0xFF, 65535)", "0x01"),
    ("MEDIUMBLOB", "0xFFFEFD", "''"),
    ("LONGBLOB", "0x1234", "''"),
    ("ENUM('a','b''c','ö')", "'b''c'", "'ö'"),
    (
        "ENUM('x','y') CHARACTER SET latin1 NOT NULL DEFAULT 'y'",
        "'x'",
        "2",
    ),
    ("SET('one','two','three')", "'one,three'", "''"),
    ("JSON", "'{\"a\": [1, 2.5, null, \"ü\"]}'", "'[]'"),
    (
        "GEOMETRY",
        "ST_GeomFromText('POINT(1 2)')",
        "ST_GeomFromText('LINESTRING(0 0, 1 1)')",
    ),
    ("POINT", "ST_GeomFromText('POINT(3 4)')", "NULL"),
    (
        "POLYGON",
        "ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')",
        "NULL",
    ),
];

/// Types of one flavor only.
const MYSQL_TYPES: &[(&str, &str, &str)] = &[
    ("VECTOR(3)", "STRING_TO_VECTOR('[1,2,3]')", "NULL"),
    ("VARCHAR(9) COLLATE utf8mb4_ja_0900_as_cs", "'あ'", "'x'"),
    ("INT INVISIBLE", "1", "2"),
];
const MARIADB_TYPES: &[(&str, &str, &str)] = &[
    ("UUID", "'123e4567-e89b-12d3-a456-426614174000'", "NULL"),
    ("INET6", "'::1'", "'2001:db8::ff00:42:8329'"),
    ("INET4", "'127.0.0.1'", "NULL"),
    ("INT INVISIBLE", "1", "2"),
];

/// Columns that have no value of their own.
const COMPUTED: &str = "g1 BIGINT AS (id * 2) VIRTUAL, g2 VARCHAR(40) AS (CONCAT('#', id)) STORED, \
                        d1 INT NOT NULL DEFAULT 42, d2 VARCHAR(10) DEFAULT 'de''fault', \
                        d3 TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00', KEY by_d1 (d1), \
                        UNIQUE KEY (id, d2)";

async fn types() -> Vec<(&'static str, &'static str, &'static str)> {
    let own = match super::common::servers().await.flavor() {
        Flavor::MySql => MYSQL_TYPES,
        Flavor::MariaDb => MARIADB_TYPES,
    };
    TYPES.iter().chain(own).copied().collect()
}

/// A table with a column of each type, and the columns' names.
fn typed(types: &[(&str, &str, &str)]) -> (String, String) {
    let columns = types.iter().enumerate();
    let columns = columns.map(|(at, (column, ..))| format!("c{at} {column}"));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let names = (0..types.len()).map(|at| format!("c{at}"));
    let create = format!("CREATE TABLE typed (id INT PRIMARY KEY, {columns}, {COMPUTED})");
    (create, names.collect::<Vec<_>>().join(", "))
}

/// The same with rows, beside a table `n` that is sharded in another way and names them in `v`.
pub(super) async fn filled() -> (Stage, Pair, String) {
    let types = types().await;
    let (create, names) = typed(&types);
    let tables = "[schemas.shop.tables.typed]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n\
                  [schemas.shop.tables.n]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n";
    let other = "CREATE TABLE n (k INT PRIMARY KEY, v INT)";
    let stage = Stage::new(tables, &[&create, other], &[]).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    for (id, value) in [(1, 1), (2, 2), (3, 0), (7, 2)] {
        let values = types.iter().map(|(_, one, two)| match value {
            1 => *one,
            2 => *two,
            _ => "DEFAULT",
        });
        let values = values.collect::<Vec<_>>().join(", ");
        pair.query(format!(
            "INSERT INTO typed (id, {names}) VALUES ({id}, {values})"
        ))
        .await;
        pair.query(format!("INSERT INTO n VALUES ({}, {id})", 10 - id))
            .await;
    }
    (stage, pair, names)
}

#[tokio::test]
async fn every_type_in_rows_and_definitions() {
    let types = types().await;
    let (create, names) = typed(&types);
    let single = create.replace("TABLE typed", "TABLE alone");
    let stage = Stage::new(TABLES, &[&create], &[&single]).await;
    let ones: Vec<&str> = types.iter().map(|(_, one, _)| *one).collect();
    let others: Vec<&str> = types.iter().map(|(_, _, other)| *other).collect();
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for table in ["typed", "alone"] {
            for (id, values) in [(1, &ones), (2, &others)] {
                pair.query(format!(
                    "INSERT INTO {table} (id, {names}) VALUES ({id}, {})",
                    values.join(", ")
                ))
                .await;
            }
            pair.query(format!("INSERT INTO {table} (id) VALUES (3)"))
                .await;
            for sql in ["SELECT *", "SELECT id, g1, d2, d3"] {
                let ids = [int(1), int(2), int(3)].map(|id| vec![id]);
                let ids: Vec<&[Param]> = ids.iter().map(Vec::as_slice).collect();
                pair.prepared(&format!("{sql} FROM {table} WHERE id = ?"), &ids)
                    .await;
            }
            for id in 1..=3 {
                pair.query(format!("SELECT * FROM {table} WHERE id = {id}"))
                    .await;
                pair.query(format!(
                    "SELECT {names}, g1, g2 FROM {table} AS t WHERE id = {id}"
                ))
                .await;
                for name in names.split(", ") {
                    pair.query(format!(
                        "SELECT {name} AS x, MAX({name}), CONCAT({name}) FROM \
                                        {table} WHERE id = {id} GROUP BY {name}"
                    ))
                    .await;
                }
            }
            pair.command(
                "COM_FIELD_LIST",
                &[&[4], table.as_bytes(), &[0]].concat(),
                super::raw::Expect::Fields,
            )
            .await;
            pair.query(format!("SHOW FULL COLUMNS FROM {table}")).await;
            pair.query(format!("SHOW CREATE TABLE {table}")).await;
            for id in 1..=3 {
                pair.query(format!("DELETE FROM {table} WHERE id = {id}"))
                    .await;
            }
        }
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

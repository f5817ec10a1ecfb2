//! Rows that get UUIDs: what one server answers whose triggers make them, and the same rows afterwards
//! but for the ids.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::common::servers;
use super::ids::is_untold;
use super::pair::{CLIENTS, Pair, Stage, assert_same};
use super::prepared::{int, null, text};

const TABLES: &str = r#"
[schemas.shop.tables.notes]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "uuid_v7" }
[schemas.shop.tables.papers]
key = "id"
algorithm = "hash_mod"
generate = { column = "id", kind = "uuid_v7" }
[schemas.shop.tables.letters]
key = "id"
algorithm = "consistent_hash"
generate = { column = "id", kind = "uuid_v7" }
[schemas.shop.tables.sheets]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.plain]
key = "user_id"
algorithm = "mod"
"#;

/// Only the plain server makes ids of its own.
pub(super) async fn stage() -> Stage {
    let columns = "user_id INT, code VARCHAR(6), n INT NOT NULL DEFAULT 0, UNIQUE (user_id, code)";
    let tables = [
        format!("CREATE TABLE notes (id CHAR(36) DEFAULT '-' PRIMARY KEY, {columns})"),
        "CREATE TABLE papers (id BINARY(16) DEFAULT '-' PRIMARY KEY, n INT)".to_owned(),
        "CREATE TABLE letters (id VARCHAR(40) DEFAULT '-' PRIMARY KEY, n INT)".to_owned(),
        "CREATE TABLE sheets (id BINARY(16) PRIMARY KEY, n INT)".to_owned(),
        "CREATE TABLE plain (user_id INT, code VARCHAR(40))".to_owned(),
    ];
    let text = "CAST(UUID() AS CHAR)";
    let bytes = "UNHEX(REPLACE(UUID(), '-', ''))";
    let makers = [("notes", text), ("papers", bytes), ("letters", text)];
    let triggers = makers.map(|(table, make)| {
        format!(
            "CREATE TRIGGER of_{table} BEFORE INSERT ON {table} FOR EACH ROW SET NEW.id = \
             IF(NEW.id IS NULL OR LEFT(NEW.id, 1) = '-', {make}, NEW.id)"
        )
    });
    let on_plain = tables.iter().chain(&triggers).map(String::as_str);
    let on_plain: Vec<&str> = on_plain.collect();
    Stage::split(TABLES, &tables, &on_plain).await
}

const STATEMENTS: &[&str] = &[
    "INSERT INTO notes (user_id, code) VALUES (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO notes (user_id, code) VALUES (2, 'a'), (3, 'a'), (4, 'a')",
    "INSERT INTO notes VALUES (NULL, 5, 'a', 1)",
    "INSERT INTO notes VALUES (NULL, 6, 'a', 1), (NULL, 7, 'a', 1 + 1)",
    "INSERT INTO notes (id, user_id) VALUES (DEFAULT, 8)",
    "INSERT INTO notes SET user_id = 8, code = 'a'",
    "INSERT notes SET id = NULL, user_id = 9",
    "SELECT ROW_COUNT()",
    // The client's own.
    "INSERT INTO notes (id, user_id) VALUES (0, 20)",
    "INSERT INTO notes (id, user_id) VALUES ('', 21)",
    "INSERT INTO notes (id, user_id, code) VALUES ('own', 22, 'a'), (CONCAT('o', 'wn2'), 23, 'a'), (NULL, 24, 'a')",
    "SELECT id, user_id FROM notes WHERE user_id BETWEEN 20 AND 23 ORDER BY user_id",
    // What fails.
    "INSERT INTO notes (user_id, code) VALUES (1, 'a')",
    "INSERT INTO notes (id, user_id) VALUES ('own', 22)",
    "INSERT INTO notes (user_id) VALUES (1, 'a')",
    "INSERT INTO notes (user_id, code) VALUES (30, 'far too long')",
    // Keys that are there.
    "INSERT IGNORE INTO notes (user_id, code) VALUES (1, 'a')",
    "INSERT IGNORE INTO notes (user_id, code) VALUES (1, 'a'), (1, 'b'), (2, 'b'), (3, 'a')",
    "SHOW WARNINGS",
    "INSERT INTO notes (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = n + 1",
    "INSERT INTO notes (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = n + 1",
    "INSERT INTO notes (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = 1",
    "INSERT INTO notes (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = LAST_INSERT_ID(77)",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO notes (user_id, code) VALUES (1, 'u'), (2, 'u'), (3, 'a') ON DUPLICATE KEY UPDATE n = VALUES(n) + 5",
    "REPLACE INTO notes (user_id, code) VALUES (1, 'a')",
    "REPLACE INTO notes (user_id, code) VALUES (1, 'a'), (2, 'r'), (3, 'a')",
    "REPLACE INTO notes SET user_id = 2, code = 'r'",
    "SELECT LAST_INSERT_ID()",
    // In transactions.
    "BEGIN",
    "INSERT INTO notes (user_id, code) VALUES (40, 't'), (41, 't')",
    "ROLLBACK",
    "SELECT COUNT(*) FROM notes WHERE code = 't'",
    "SET autocommit = 0",
    "INSERT INTO notes (user_id, code) VALUES (40, 't')",
    "INSERT INTO notes (user_id, code) VALUES (41, 't'), (42, 't'), (43, 't')",
    "COMMIT",
    "SET autocommit = 1",
    // The id decides the shard.
    "INSERT INTO papers (n) VALUES (5)",
    "INSERT INTO papers VALUES (NULL, 6), (DEFAULT, 7)",
    "INSERT INTO papers () VALUES ()",
    "INSERT INTO papers VALUES (), ()",
    "INSERT INTO papers SET n = 9",
    "INSERT INTO papers VALUES (0x01935B7E0AFF7C01800000000000000F, 10)",
    "INSERT INTO papers VALUES (X'01935b7e0aff7c01800000000000000f', 11)",
    "INSERT INTO letters (n) VALUES (1), (2), (3), (4)",
    "INSERT INTO letters VALUES ('01935b7e-0aff-7c01-8000-00000000000f', 5), (NULL, 6)",
    "INSERT INTO letters VALUES ('01935B7E-0AFF-7C01-8000-00000000000F', 7)",
    // From other rows.
    "INSERT INTO plain VALUES (50, 'x'), (51, 'y'), (52, 'z')",
    "INSERT INTO notes (user_id, code) SELECT user_id, code FROM plain",
    "INSERT IGNORE INTO notes (user_id, code) SELECT user_id + (user_id = 52), code FROM plain",
    "INSERT INTO notes (id, user_id) SELECT IF(user_id = 50, 'mine', NULL), user_id FROM plain",
    "INSERT INTO papers (n) SELECT user_id FROM plain",
    "REPLACE INTO letters (n) SELECT user_id FROM plain",
    "SELECT LAST_INSERT_ID(), ROW_COUNT()",
    // Texts of PREPARE.
    "SET @a = 60, @b = 61, @x = 'x', @none = NULL, @own = 'mine too'",
    "PREPARE one FROM 'INSERT INTO notes (user_id, code) VALUES (?, ?)'",
    "EXECUTE one USING @a, @x",
    "EXECUTE one USING @b, @none",
    "EXECUTE one USING @b, @none",
    "EXECUTE one USING @a, @x",
    "PREPARE given FROM 'INSERT INTO notes (id, user_id) VALUES (?, ?), (?, 63)'",
    "EXECUTE given USING @none, @a, @own",
    "PREPARE paper FROM 'INSERT INTO papers SET n = ?'",
    "EXECUTE paper USING @a",
    "EXECUTE paper USING @none",
    "SELECT LAST_INSERT_ID(), ROW_COUNT()",
];

/// What must be the same afterwards.
pub(super) const ROWS: [&str; 3] = [
    "SELECT user_id, code, n, IF(LENGTH(id) < 36, id, '') FROM notes ORDER BY 1, 2, 3, 4",
    "SELECT n, LENGTH(id) FROM papers ORDER BY 1, 2",
    "SELECT n, LENGTH(id) FROM letters ORDER BY 1, 2",
];

/// Ids that are neither a client's own nor UUIDs of version 7.
const OTHERS: [&str; 3] = [
    "SELECT COUNT(*) FROM notes WHERE LENGTH(id) = 36 AND id NOT LIKE '________-____-7___-____-____________'",
    "SELECT COUNT(*) FROM papers WHERE HEX(id) NOT LIKE '____________7___________________'",
    "SELECT COUNT(*) FROM letters WHERE id NOT LIKE '________-____-7___-____-____________'",
];

#[tokio::test]
async fn uuids_are_no_insert_ids() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS.iter().chain(&ROWS) {
            if !is_untold(name, statement) {
                pair.change(statement).await;
            }
        }
        let mut app = stage.app().await;
        for count in OTHERS {
            let others: u64 = app.query_first(count).await.unwrap().unwrap();
            assert_eq!(others, 0, "{count}");
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Keys that functions make of text.
const MADE: &[&str] = &[
    "INSERT INTO papers VALUES (UNHEX('01935B7E0AFF7C01800000000000000F'), 1)",
    "INSERT INTO papers VALUES (unhex('01935b7e0aff7c018000000000000010'), 2), (UNHEX('01935B7E0AFF7C018000000000000011'), 3), (0x01935B7E0AFF7C018000000000000012, 4)",
    "INSERT INTO papers SET id = UNHEX('01935B7E0AFF7C018000000000000013'), n = 5",
    "INSERT INTO papers VALUES (UNHEX('01935B7E0AFF7C01800000000000000F'), 6)",
    "REPLACE INTO papers VALUES (UNHEX('01935B7E0AFF7C01800000000000000F'), 7)",
    "INSERT INTO papers VALUES (UNHEX('0193'), 8), (UNHEX(''), 9)",
    "SELECT n FROM papers WHERE id = UNHEX('01935B7E0AFF7C01800000000000000F')",
    "SELECT n FROM papers WHERE UNHEX('01935B7E0AFF7C01800000000000000F') = id",
    "SELECT n FROM papers WHERE id = UNHEX('0193')",
    "SELECT n FROM papers WHERE id = UNHEX('01930000000000000000000000000000')",
    "SELECT n FROM papers WHERE id = UNHEX('193')",
    "SELECT n FROM papers WHERE id = UNHEX(NULL)",
    "SELECT n FROM papers WHERE id <=> UNHEX('01935B7E0AFF7C018000000000000010')",
    "SELECT n FROM papers WHERE id = UNHEX(31)",
    "SELECT n FROM papers WHERE NOT id <> UNHEX('01935B7E0AFF7C018000000000000010')",
    "SELECT n FROM papers WHERE id IN (UNHEX('01935B7E0AFF7C018000000000000010'), UNHEX('01935B7E0AFF7C018000000000000011'), NULL) ORDER BY n",
    "SELECT n FROM papers WHERE id NOT IN (UNHEX('01935B7E0AFF7C018000000000000010')) ORDER BY n",
    "SELECT n FROM papers WHERE (id, n) IN ((UNHEX('01935B7E0AFF7C018000000000000010'), 2), (UNHEX('01935B7E0AFF7C018000000000000011'), 2))",
    "SELECT n FROM papers WHERE id >= UNHEX('01935B7E0AFF7C018000000000000011') ORDER BY n",
    "UPDATE papers SET n = n + 10 WHERE id = UNHEX('01935B7E0AFF7C018000000000000010')",
    "DELETE FROM papers WHERE id = UNHEX('01935B7E0AFF7C018000000000000011')",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000010')",
    "SELECT n FROM papers WHERE id IN (UUID_TO_BIN('{01935b7e-0aff-7c01-8000-000000000010}'), UUID_TO_BIN('01935B7E0AFF7C01800000000000000F', 0)) ORDER BY n",
    "INSERT INTO papers VALUES (UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000020'), 20)",
    "INSERT INTO papers VALUES (UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000021', 1), 21), (UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000022', 1), 22), (UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000023', 0), 23)",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000021', 1)",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000021', 2)",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000021', NULL)",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('01935b7e-0aff-7c01-8000-000000000021')",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN('no uuid')",
    "SELECT n FROM papers WHERE id = UUID_TO_BIN(NULL)",
    "SELECT HEX(id), n FROM papers ORDER BY id",
];

/// What MySQL refuses, and the proxy must not send anywhere.
const NO_UUIDS: [&str; 2] = [
    "INSERT INTO papers VALUES (UUID_TO_BIN('no uuid'), 1)",
    "INSERT IGNORE INTO papers VALUES (UUID_TO_BIN('01935b7e-0aff-7c01-8000'), 1)",
];

#[tokio::test]
async fn functions_make_keys_of_text() {
    let mysql = servers().await.flavor() == Flavor::MySql;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        let refused = NO_UUIDS.iter().filter(|_| mysql);
        for statement in MADE.iter().chain(refused) {
            if mysql || !statement.contains("UUID_TO_BIN") {
                pair.change(statement).await;
            }
        }
        make_of_parameters(&mut pair, "UNHEX(?)", HEX).await;
        if mysql {
            make_of_parameters(&mut pair, "UUID_TO_BIN(?)", UUIDS).await;
            make_of_parameters(&mut pair, "UUID_TO_BIN(?, 1)", UUIDS).await;
        }
        pair.change("SELECT HEX(id), n FROM sheets ORDER BY id")
            .await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

const HEX: [&str; 2] = [
    "01935B7E0AFF7C018000000000000010",
    "01935b7e0aff7c018000000000000011",
];
const UUIDS: [&str; 2] = [
    "01935b7e-0aff-7c01-8000-000000000030",
    "01935B7E-0AFF-7C01-8000-000000000031",
];

/// Rows are stored, found and changed by what a function makes of bound text.
async fn make_of_parameters(pair: &mut Pair, made: &str, texts: [&str; 2]) {
    let sqls = [
        (format!("INSERT INTO sheets VALUES ({made}, ?)"), true),
        (format!("SELECT n FROM sheets WHERE id = {made}"), false),
        (format!("SELECT n FROM sheets WHERE id IN ({made})"), false),
        (
            format!("DELETE FROM sheets WHERE id = {made} AND n = ?"),
            true,
        ),
    ];
    for (sql, numbered) in sqls {
        let statement = pair.must_prepare(&sql).await;
        for (value, n) in texts.iter().zip(1..) {
            let mut params = vec![text(value)];
            params.extend(numbered.then(|| int(if sql.starts_with("D") { 1 } else { n })));
            pair.execute(&sql, statement, &params).await;
        }
        if !sql.starts_with("INSERT") {
            let mut params = vec![null()];
            params.extend(numbered.then(|| int(1)));
            pair.execute(&sql, statement, &params).await;
        }
    }
}

/// Tables, what stands behind their name, and a file.
const LOADS: &[(&str, &str, &str)] = &[
    ("notes", "(user_id, code)", "101\ta\n102\tb\n103\tc\n"),
    (
        "notes",
        "",
        "\\N\t104\ta\t1\n0\t105\tb\t2\nour own\t106\tc\t3\n",
    ),
    (
        "notes",
        "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' (code, id, user_id)",
        "\"a\",NULL,107\n\"b\",\"theirs\",\"108\"\n",
    ),
    (
        "notes",
        "(@id, user_id) SET id = CONCAT('<', @id, '>')",
        "one\t109\ntwo\t110\n",
    ),
    ("letters", "(n)", "101\n102\n103\n"),
    (
        "letters",
        "",
        "\\N\t104\n01935b7e-0aff-7c01-8000-0000000000aa\t105\n",
    ),
];

#[tokio::test]
async fn files_get_uuids() {
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_LOCAL_FILES).await;
    for (table, clauses, file) in LOADS {
        let sql = format!("LOAD DATA LOCAL INFILE 'a file' INTO TABLE {table} {clauses}");
        pair.load(&sql, file.as_bytes(), 1 << 20).await;
        pair.change("SELECT LAST_INSERT_ID(), ROW_COUNT()").await;
    }
    for sql in ROWS {
        pair.change(sql).await;
    }
    let refused = [
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE papers (n)",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE letters FIELDS TERMINATED BY 'a' (n)",
    ];
    for sql in refused {
        assert!(pair.change_or_refusal(sql).await, "{sql}");
    }
    assert_same(&pair.into_differences(""));
    let mut app = stage.app().await;
    for count in [OTHERS[0], OTHERS[2]] {
        let others: u64 = app.query_first(count).await.unwrap().unwrap();
        assert_eq!(others, 0, "{count}");
    }
}

/// However a client writes an id, it finds the row: on the id's shard, or on all.
#[tokio::test]
async fn ids_are_found_in_every_spelling() {
    let stage = stage().await;
    let mut app = stage.app().await;
    let many = vec!["(1)"; 40].join(", ");
    for table in ["papers", "letters"] {
        let insert = format!("INSERT INTO {table} (n) VALUES {many}");
        app.query_drop(insert).await.unwrap();
    }
    let letters: Vec<String> = app.query("SELECT id FROM letters").await.unwrap();
    let papers: Vec<Vec<u8>> = app.query("SELECT id FROM papers").await.unwrap();
    assert_eq!((letters.len(), papers.len()), (40, 40));
    let mut found = async |sql: String| {
        let count: u64 = app.query_first(&sql).await.unwrap().unwrap();
        assert_eq!(count, 1, "{sql}");
    };
    for id in &letters {
        for id in [id.clone(), id.to_uppercase(), format!("{id}' OR id = 'x")] {
            found(format!("SELECT COUNT(*) FROM letters WHERE id = '{id}'")).await;
        }
    }
    for id in &papers {
        let (lower, upper) = (hex::encode(id), hex::encode_upper(id));
        let mut spellings = vec![
            format!("0x{lower}"),
            format!("X'{upper}'"),
            format!("x'{lower}'"),
            format!("_binary 0x{upper}"),
            format!("UNHEX('{lower}')"),
        ];
        if servers().await.flavor() == Flavor::MySql {
            let dashed = uuid::Uuid::from_slice(id).unwrap().hyphenated().to_string();
            spellings.push(format!("UUID_TO_BIN('{dashed}')"));
        }
        for id in spellings {
            found(format!("SELECT COUNT(*) FROM papers WHERE id = {id}")).await;
        }
    }
    for id in papers {
        let sql = "SELECT COUNT(*) FROM papers WHERE id = ?";
        let count: Option<u64> = app.exec_first(sql, (id,)).await.unwrap();
        assert_eq!(count, Some(1));
    }
}

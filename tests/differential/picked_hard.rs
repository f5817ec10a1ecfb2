//! UPDATE and DELETE over shards where the values, the keys and the settings are unusual.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::common::servers;
use super::pair::{Stage, assert_same};

/// Types of primary keys, and five values of each.
const KEYS: [(&str, &str, [&str; 5]); 14] = [
    (
        "k_bin",
        "BINARY(4)",
        ["x'00'", "x'5C27'", "x'FF00FF00'", "'ab'", "'AB'"],
    ),
    (
        "k_vbin",
        "VARBINARY(8)",
        ["x''", "x'00'", "x'0000'", "'a '", "'a'"],
    ),
    (
        "k_latin",
        "VARCHAR(10) CHARACTER SET latin1",
        ["'a'", "x'E9'", "'it''s'", "x'5C'", "'b '"],
    ),
    (
        "k_0900",
        "VARCHAR(10) COLLATE utf8mb4_0900_ai_ci",
        ["'a'", "'a '", "''", "'\u{1F600}'", "'stra\u{DF}e'"],
    ),
    (
        "k_pad",
        "CHAR(5) COLLATE utf8mb4_general_ci",
        ["'a'", "'B'", "''", "'\u{E9}t'", "'%_'"],
    ),
    (
        "k_0900c",
        "CHAR(5) COLLATE utf8mb4_0900_as_cs",
        ["'a'", "'A'", "''", "'\u{E9}t'", "'%_'"],
    ),
    (
        "k_sjis",
        "VARCHAR(10) CHARACTER SET sjis",
        ["'a'", "_sjis x'835C'", "_sjis x'955C'", "'\\\\'", "'''' "],
    ),
    (
        "k_gbk",
        "VARCHAR(10) CHARACTER SET gbk",
        ["'a'", "_gbk x'BF5C'", "_gbk x'815C'", "'\\\\'", "''''"],
    ),
    (
        "k_dec",
        "DECIMAL(30,6)",
        [
            "0",
            "-1.5",
            "123456789012345678901234.123456",
            "0.000001",
            "7",
        ],
    ),
    (
        "k_when",
        "DATETIME(6)",
        [
            "'2020-01-01'",
            "'2020-01-01 00:00:00.000001'",
            "'1000-01-01'",
            "'9999-12-31 23:59:59.999999'",
            "'2021-10-31 02:30:00'",
        ],
    ),
    (
        "k_date",
        "DATE",
        [
            "'2020-01-01'",
            "'2020-01-02'",
            "'1000-01-01'",
            "'9999-12-31'",
            "'2021-10-31'",
        ],
    ),
    (
        "k_big",
        "BIGINT UNSIGNED",
        [
            "0",
            "18446744073709551615",
            "9223372036854775808",
            "9223372036854775807",
            "9007199254740993",
        ],
    ),
    ("k_year", "YEAR", ["0", "1901", "2000", "2155", "1970"]),
    (
        "k_fill",
        "INT(8) UNSIGNED ZEROFILL",
        ["0", "7", "77", "4294967295", "100"],
    ),
];

const REFUSED: [(&str, &str, [&str; 5]); 3] = [
    ("k_float", "FLOAT", ["0.1", "1e10", "3", "4", "5"]),
    (
        "k_enum",
        "ENUM('z','y','x','w','v')",
        ["'z'", "'y'", "'x'", "'w'", "'v'"],
    ),
    (
        "k_stamp",
        "TIMESTAMP(3)",
        [
            "'2020-01-01'",
            "'2021-01-01'",
            "'2022-01-01'",
            "'2023-01-01'",
            "'2024-01-01'",
        ],
    ),
];

const SETTINGS: [&str; 8] = [
    "SET sql_mode = DEFAULT",
    "SET sql_mode = ''",
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
    "SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'",
    "SET NAMES latin1",
    "SET NAMES gbk",
    "SET NAMES sjis",
    "SET time_zone = 'Europe/Berlin'",
];

async fn of_keys() -> Stage {
    let mut tables =
        "[schemas.shop.tables.marks]\nkey = \"m\"\nalgorithm = \"hash_mod\"\n".to_owned();
    let mut create =
        vec!["CREATE TABLE marks (m INT PRIMARY KEY, v INT, w VARCHAR(20))".to_owned()];
    for (name, kind, _) in KEYS.iter().chain(&REFUSED) {
        tables += &format!("[schemas.shop.tables.{name}]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n");
        create.push(format!(
            "CREATE TABLE {name} (id {kind} PRIMARY KEY, k INT NOT NULL, n INT, s VARCHAR(60))"
        ));
    }
    if servers().await.flavor() == Flavor::MariaDb {
        for definition in &mut create {
            for collation in ["utf8mb4_0900_ai_ci", "utf8mb4_0900_as_cs"] {
                *definition = definition.replace(collation, "utf8mb4_nopad_bin");
            }
        }
    }
    let create: Vec<&str> = create.iter().map(String::as_str).collect();
    let stage = Stage::new(&tables, &create, &[]).await;
    stage.run("INSERT INTO marks VALUES (1, 11, 'a\\'b'), (2, 12, 'c\\\\'), (3, 13, '\u{E9}'), (4, 14, NULL), (9, 15, 'x')").await;
    for (name, _, values) in KEYS.iter().chain(&REFUSED) {
        let rows: Vec<String> = values
            .iter()
            .zip(1..)
            .map(|(value, n)| format!("({value}, {}, {n}, 's')", 10 + n))
            .collect();
        stage
            .run(&format!("INSERT INTO {name} VALUES {}", rows.join(", ")))
            .await;
    }
    stage
}

/// Whatever the type of the primary key is, and however the client talks: the same rows are written.
#[tokio::test]
async fn primary_keys_of_all_types_name_their_rows() {
    let stage = of_keys().await;
    let mut refused = Vec::new();
    let mut differences = Vec::new();
    for settings in SETTINGS {
        let mut pair = stage.pair(CapabilityFlags::empty()).await;
        pair.change(settings).await;
        for (name, ..) in &KEYS {
            for sql in [
                format!(
                    "UPDATE {name} t SET s = (SELECT MAX(w) FROM marks WHERE m = t.n), n = n + 1 WHERE k IN (SELECT v FROM marks)"
                ),
                format!(
                    "UPDATE {name} t JOIN marks ON marks.v = t.k SET t.n = marks.m, t.s = CONCAT(t.s, marks.w) WHERE marks.m > 1"
                ),
                format!(
                    "UPDATE {name} SET n = 3 WHERE id = (SELECT MIN(id) FROM (SELECT id FROM {name} WHERE k > 11) x)"
                ),
            ] {
                if pair.change_or_refusal(&sql).await {
                    refused.push(format!("{settings}: {sql}"));
                }
            }
        }
        differences.extend(pair.into_differences(settings));
        for (name, ..) in &KEYS {
            let all = format!("SELECT * FROM {name}");
            differences.extend(stage.different_rows(&[&all]).await);
        }
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for (name, ..) in &KEYS {
        for sql in [
            format!("DELETE FROM {name} WHERE n IN (SELECT m FROM marks WHERE m > 2)"),
            format!(
                "DELETE t FROM {name} t JOIN marks ON marks.v = t.k WHERE marks.m = 1 OR marks.m = 9"
            ),
        ] {
            if pair.change_or_refusal(&sql).await {
                refused.push(sql);
            }
        }
    }
    let refusals: Vec<String> = REFUSED
        .iter()
        .map(|(name, ..)| format!("DELETE FROM {name} WHERE n IN (SELECT m FROM marks)"))
        .collect();
    let refusals: Vec<&str> = refusals.iter().map(String::as_str).collect();
    pair.refusals(&refusals).await;
    differences.extend(pair.into_differences("deleting"));
    for (name, ..) in KEYS.iter().chain(&REFUSED) {
        let all = format!("SELECT * FROM {name}");
        differences.extend(stage.different_rows(&[&all]).await);
    }
    // Its collations without padding are refused.
    if servers().await.flavor() == Flavor::MariaDb {
        refused.retain(|sql| !sql.contains("k_0900"));
    }
    assert_same(&refused);
    assert_same(&differences);
}

const TABLES: &str = r#"
[schemas.shop.tables.people]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.buys]
key = "buy"
algorithm = "hash_mod"
[schemas.shop.tables.tags]
key = "word"
algorithm = "hash_mod"
[schemas.shop.tables.kids]
key = "kid"
algorithm = "hash_mod"
[schemas.shop.tables.logs]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.cats]
kind = "broadcast"
"#;

const EVERYWHERE: &[&str] = &[
    "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'nobody', city VARCHAR(20) DEFAULT 'x', age INT, \
     twice INT AS (age * 2), small TINYINT, at TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP, f FLOAT, d DOUBLE, b BLOB, \
     e ENUM('a','b','c'), st SET('p','q'), bt BIT(9), tm TIME(2), dt DATETIME(1), y YEAR, j JSON)",
    "CREATE TABLE buys (buy INT PRIMARY KEY, person BIGINT, total DECIMAL(8,2), cat INT, f FLOAT, d DOUBLE, b BLOB, \
     e ENUM('a','b','c'), st SET('p','q'), bt BIT(9), tm TIME(2), dt DATETIME(1), y YEAR, j JSON, ts TIMESTAMP(2) NULL, word VARCHAR(20), up INT UNSIGNED, KEY (person))",
    "CREATE TABLE tags (id INT PRIMARY KEY, word VARCHAR(10) NOT NULL, n INT)",
    "CREATE TABLE kids (kid INT PRIMARY KEY, n INT, CHECK (n < 50))",
    "CREATE TABLE logs (id BIGINT PRIMARY KEY, n INT)",
    "CREATE TRIGGER people_u BEFORE UPDATE ON people FOR EACH ROW SET NEW.f = COALESCE(OLD.f, 0) + 1",
    "CREATE TRIGGER kids_d AFTER DELETE ON kids FOR EACH ROW SET @kids = 1",
    "CREATE TABLE cats (cat INT PRIMARY KEY, title VARCHAR(20))",
    "INSERT INTO cats VALUES (1, 'one'), (2, 'two'), (3, NULL)",
];

const ONCE: &[&str] = &[
    "CREATE TABLE notes (note INT PRIMARY KEY, id BIGINT, told VARCHAR(20))",
    "INSERT INTO notes VALUES (1, 1, 'a'), (2, 4, 'b'), (3, 77, 'c'), (4, NULL, 'd')",
];

const FILL: [&str; 5] = [
    "INSERT INTO people (id, name, city, age, small) VALUES (1, 'ann', 'Bern', 20, 1), (2, 'bob', 'Rom', 30, 2), (3, 'cyd', NULL, NULL, 3), \
     (4, 'dan', 'Bern', 40, NULL), (5, 'eve', 'Oslo', 50, 5), (6, 'Ann', 'Rom', 20, 6), (7, '5', '', 0, 7)",
    "INSERT INTO buys (buy, person, total, cat, f, d, b, e, st, bt, tm, dt, y, j, ts, word, up) VALUES \
     (1, 1, 1.50, 1, 0.1, 0.1, x'00FF', 'a', 'p,q', 257, '-01:02:03.45', '2020-01-02 03:04:05.6', 2020, '{\"a\": 1}', '2020-01-02 03:04:05.67', 'w\\'\\\\', 1), \
     (2, 1, 2.50, 2, 1e20, 1e300, x'', 'b', '', 0, '838:59:59', '1000-01-01', 1901, '[1]', NULL, '', 0), \
     (3, 2, 30, 1, -3.25, -1e-300, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 4294967295), \
     (4, 4, 4.25, 3, NULL, 3, 'abc', 'c', 'p', 1, '00:00:00.01', '2020-02-29 23:59:59.9', 0, 'null', '2021-01-01', '\u{1F600}', 5), \
     (5, 9, 5, 2, 5, 5, 'x', 'a', 'q', 5, '5', '2005-05-05', 2005, '5', '2005-05-05', '5', 5), \
     (6, NULL, 6, 1, 6, 6, 'x', 'a', 'q', 6, '6', '2006-06-06', 2006, '6', '2006-06-06', '6', 6), \
     (7, 5, 70, NULL, 7, 7, 'x', 'a', 'q', 7, '7', '2007-07-07', 2007, '7', '2007-07-07', '7', 7)",
    "INSERT INTO tags VALUES (1, 'ann', 1), (2, 'bob', 2), (3, 'Cyd', 3), (4, 'x y', 4), (5, 'ann', 5)",
    "INSERT INTO kids VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "INSERT INTO logs VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
];

/// What must be done as one server does it, or be refused.
const STATEMENTS: &[&str] = &[
    // ORDER BY by position is the position in SET, or no column at all.
    "UPDATE people SET age = age + 1 WHERE id IN (SELECT person FROM buys) ORDER BY 1 LIMIT 1",
    "UPDATE people SET age = 7, small = (SELECT 1) WHERE id IN (SELECT person FROM buys) ORDER BY 1 DESC LIMIT 2",
    "DELETE FROM kids WHERE n IN (SELECT cat FROM buys) ORDER BY 1 LIMIT 1",
    "UPDATE people SET age = id, small = 3 WHERE id IN (SELECT person FROM buys) ORDER BY 2 LIMIT 1",
    "UPDATE people SET age = 3 WHERE id IN (SELECT person FROM buys) ORDER BY (SELECT MAX(buy) FROM buys WHERE person = people.id) DESC LIMIT 2",
    "UPDATE people SET age = 3 WHERE id IN (SELECT person FROM buys) ORDER BY age DESC, id LIMIT 0",
    "UPDATE people SET small = 9 - id WHERE id < 5",
    "UPDATE people SET small = small, age = (SELECT 71) WHERE id IN (SELECT person FROM buys) ORDER BY 1 LIMIT 1",
    "UPDATE people SET small = small, age = (SELECT 72) WHERE id IN (SELECT person FROM buys) ORDER BY (2) DESC LIMIT 1",
    "UPDATE /*+ NO_ICP(people) */ people SET age = (SELECT 73) WHERE id IN (SELECT person FROM buys) ORDER BY NULL",
    // Aggregates where there are none.
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = MAX(b.buy)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = COUNT(*)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = ROW_NUMBER() OVER (ORDER BY b.buy)",
    "UPDATE notes n JOIN people p ON p.id = n.id SET n.told = MAX(p.name)",
    // Defaults.
    "UPDATE people SET city = DEFAULT(city), name = DEFAULT WHERE id IN (SELECT person FROM buys)",
    // NULL into NOT NULL.
    "UPDATE people SET name = NULL WHERE id IN (SELECT person FROM buys WHERE buy = 3)",
    "UPDATE people SET name = (SELECT MAX(word) FROM buys WHERE buy = 3) WHERE id IN (SELECT person FROM buys WHERE buy = 3)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.word WHERE b.buy = 3",
    // Values of every type into their own and others' columns.
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.d = b.d WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.d = b.total + 0.1 WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.d WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.total WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.b = b.b WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.e = b.e WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.st = b.st WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.bt = b.bt WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.bt = b.word WHERE b.buy = 7",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.tm = b.tm WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.dt = b.dt WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.dt WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.total WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.up, p.age = b.up - 1 WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.up - 10 WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.dt + 0 WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.y = b.y WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.y = b.buy WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.j = b.word WHERE b.buy = 7",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.word WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.word WHERE b.buy = 7",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.small = p.small + b.buy * 100 WHERE b.buy = 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.buy = 3, p.small = b.cat IS NULL WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = 0x10 + b.buy, p.name = 0x41 WHERE b.buy > 3",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = CONVERT(b.word USING latin1) WHERE b.buy = 7",
    "UPDATE people SET age = age / 0 WHERE id IN (SELECT person FROM buys)",
    // Marks of its own in the client's text.
    // WITH.
    "WITH people AS (SELECT 1 AS id) UPDATE buys b JOIN people ON people.id = b.person SET b.cat = 3",
    "WITH w AS (SELECT person FROM buys WHERE cat = 1) UPDATE people SET age = 12 WHERE id IN (SELECT person FROM w)",
    "WITH w AS (SELECT person FROM buys WHERE cat = 1) DELETE people FROM people JOIN w ON w.person = id WHERE id = 77",
    "WITH w (cat) AS (SELECT 5 FROM buys) UPDATE people JOIN w ON w.cat = id SET cat = 13",
    // The same row under two names.
    "UPDATE people p JOIN people q ON q.id = p.id + 1 SET p.age = 1, q.city = 'second'",
    "UPDATE people p JOIN people q ON q.id = p.id + 1 SET p.age = q.small, q.city = p.name",
    "UPDATE people p JOIN people q ON q.id = p.id + 1 SET p.age = 5, q.small = 6, q.age = 9",
    "UPDATE tags a JOIN tags b ON b.id = a.id + 1 SET a.id = a.id + 100, b.n = 7",
    // Primary keys that are not sharding keys.
    // IN links.
    "UPDATE tags SET n = 70 WHERE word IN (SELECT name FROM people WHERE id > 0)",
    "UPDATE tags SET n = 71 WHERE n = 1 OR word IN (SELECT name FROM people WHERE id = 2)",
    "UPDATE tags SET n = 72 WHERE word IN (SELECT name FROM people WHERE id = 2) IS FALSE",
    "UPDATE tags SET n = 73 WHERE NOT word IN (SELECT name FROM people WHERE id = 2)",
    "UPDATE tags SET n = 74 WHERE word IN (SELECT name FROM people WHERE id = 2) XOR n = 74",
    "UPDATE tags SET n = 75 WHERE word IN (SELECT name FROM people WHERE id = 2 UNION SELECT 'x y')",
    "UPDATE tags SET n = 76 WHERE word IN (SELECT 'x y' UNION SELECT name FROM people WHERE id = 2)",
    "UPDATE tags SET n = 77 WHERE word IN (SELECT name FROM people WHERE id = 2 EXCEPT SELECT 'bob')",
    "UPDATE tags SET n = 78 WHERE word IN (SELECT p.name FROM people p LEFT JOIN buys b ON b.person = p.id WHERE b.buy IS NULL)",
    "UPDATE tags SET n = 79 WHERE word IN (SELECT name FROM people GROUP BY name HAVING COUNT(*) > 1)",
    "UPDATE tags SET n = 80 WHERE word IN (SELECT name FROM people WHERE people.id = tags.n)",
    "UPDATE tags SET n = 81 WHERE n IN (SELECT MAX(cat) FROM buys GROUP BY person)",
    "UPDATE tags SET n = 82 WHERE word = (SELECT name FROM people WHERE id = 1) AND id IN (SELECT id FROM people WHERE age IN (SELECT cat * 10 FROM buys))",
    "UPDATE people p LEFT JOIN tags t ON t.word IN (SELECT word FROM buys WHERE buy = 1) SET p.age = 5, t.n = 6",
    "UPDATE people p LEFT JOIN tags t ON p.id IN (SELECT person FROM buys WHERE buy = 3) AND t.id = p.id SET p.age = 6 WHERE t.id IS NULL",
    "UPDATE tags t RIGHT JOIN people p ON p.id IN (SELECT person FROM buys WHERE buy = 3) AND t.id = p.id SET p.age = 7 WHERE t.id IS NULL",
    "DELETE t FROM people p LEFT JOIN tags t ON t.id = p.id + 10 WHERE p.id < 5",
    "DELETE p, t FROM logs p LEFT JOIN tags t ON t.id = p.id WHERE p.id < 2",
    // A time of change.
    "UPDATE people SET age = age WHERE id IN (SELECT person FROM buys)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.buy",
    "UPDATE people SET dt = CURDATE() WHERE id IN (SELECT person FROM buys) AND NOW() > '2020-01-01'",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.dt = DATE(NOW()) + INTERVAL b.buy DAY",
    // Checks.
    "UPDATE kids SET n = n + 47 WHERE kid IN (SELECT buy FROM buys)",
    "UPDATE kids SET n = (SELECT 100 + MIN(buy) FROM buys) WHERE kid = 3",
    // State of the session.
    "SET @x = 3, @w = 'nib'",
    "UPDATE people SET age = @x WHERE id IN (SELECT person FROM buys WHERE buy > @x)",
    "UPDATE people p JOIN buys b ON b.person = p.id AND b.buy = @x SET p.age = b.buy + @x, p.city = @w",
    "DELETE FROM logs WHERE id IN (SELECT person FROM buys WHERE word = @w) AND id > @x",
    "UPDATE people SET age = 4 WHERE id IN (SELECT person FROM buys WHERE buy > ROW_COUNT())",
    "UPDATE people SET age = ROW_COUNT() WHERE id IN (SELECT person FROM buys)",
    "SELECT * FROM tags ORDER BY id LIMIT 2",
    "UPDATE people SET age = FOUND_ROWS() WHERE id IN (SELECT person FROM buys)",
    "SELECT ROW_COUNT()",
    "DELETE FROM people WHERE id > (SELECT MAX(buy) * 10 FROM buys)",
    "SELECT ROW_COUNT()",
    "UPDATE people SET age = age + 1 WHERE id IN (SELECT nope FROM buys)",
    "SELECT ROW_COUNT()",
    "UPDATE people SET city = DATABASE() WHERE id IN (SELECT person FROM buys)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.city = CONCAT(DATABASE(), b.buy) WHERE b.buy > 1",
    "SET sql_select_limit = 1",
    "UPDATE people SET age = age + 1 WHERE id IN (SELECT person FROM buys)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = p.age + 10",
    "SET sql_select_limit = DEFAULT",
    "SET sql_mode = ''",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = MAX(b.buy)",
    "UPDATE notes n JOIN people p ON p.id = n.id SET n.told = MAX(p.name)",
    "UPDATE people SET small = (SELECT 1000 + MAX(buy) FROM buys) WHERE id < 3",
    "UPDATE people SET name = (SELECT MAX(word) FROM buys WHERE buy = 3) WHERE id = 3",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.word WHERE b.buy = 3",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.e = b.word, p.small = b.total * 100 WHERE b.buy = 4",
    "UPDATE people SET small = 300 WHERE id IN (SELECT person FROM buys)",
    "SET sql_mode = 'NO_UNSIGNED_SUBTRACTION'",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.up - 10 WHERE b.buy = 4",
    "SET sql_mode = 'PIPES_AS_CONCAT,ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.buy || 'x\\', \"city\" = '\"' WHERE b.buy = 4",
    "UPDATE \"people\" SET \"city\" = 'a''\\', age = (SELECT MIN(\"buy\") FROM buys) WHERE \"id\" IN (SELECT person FROM buys)",
    "SET sql_mode = DEFAULT",
    "DELETE FROM kids WHERE kid IN (SELECT buy FROM buys)",
];

/// What is refused, under any settings.
const NEVER: &[&str] = &[
    "UPDATE /*+ SET_VAR(sql_mode='') */ people SET small = (SELECT 1000 FROM buys LIMIT 1)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.city = DEFAULT(p.city), p.name = DEFAULT",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.f = b.f",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.d = b.f WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.e = b.buy WHERE b.buy = 3",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.e = b.e + 1 WHERE b.buy = 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.st = b.up WHERE b.buy = 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.bt = b.buy WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.bt WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.tm = b.dt WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.dt = b.ts WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.f WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = b.y WHERE b.buy = 4",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.j = b.j WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.j = b.buy WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.j = b.d WHERE b.buy > 1",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.j = JSON_EXTRACT(b.j, '$') WHERE b.buy = 7",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = JSON_EXTRACT(b.j, '$') WHERE b.buy = 7",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.name = LPAD(b.buy, 3, '0'), p.b = UNHEX(HEX(b.word)) WHERE b.buy > 3",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.buy / 0 WHERE b.buy > 3",
    "UPDATE people SET age = (SELECT MAX(buy) FROM buys), city = 'shardwell value 0'",
    "UPDATE people SET city = 'shardwell rows', age = (SELECT MIN(buy) FROM buys) WHERE id IN (SELECT person FROM buys)",
    "WITH w AS (SELECT person FROM buys WHERE cat = 1) UPDATE people JOIN w ON w.person = id SET age = 13",
    "DELETE p, q FROM logs p JOIN logs q ON q.id = p.id + 1 WHERE p.id < 3",
    "UPDATE tags SET id = id + 1 WHERE id IN (SELECT buy FROM buys) ORDER BY id DESC",
    "UPDATE tags SET id = id + 10 WHERE id IN (SELECT buy FROM buys)",
    "UPDATE tags t JOIN buys b ON b.buy = t.n SET t.id = b.buy + 40",
    "UPDATE people SET age = (@x := 4) WHERE id IN (SELECT person FROM buys)",
    "UPDATE people SET age = LAST_INSERT_ID(age + 1) WHERE id IN (SELECT person FROM buys)",
    "UPDATE people SET age = 9 WHERE name = 0 AND id NOT IN (SELECT person FROM buys WHERE person > 0)",
];

const ROWS: [&str; 5] = [
    "SELECT id, name, city, age, twice, small, at IS NULL, f, d, b, e, st, bt, tm, dt, y, j FROM people",
    "SELECT * FROM buys",
    "SELECT * FROM tags",
    "SELECT * FROM kids",
    "SELECT * FROM logs",
];

async fn differences(stage: &Stage) -> Vec<String> {
    let mut different = stage.different_rows(&ROWS).await;
    different.extend(stage.different_copies(&["SELECT * FROM cats"]).await);
    different.extend(stage.different_single(&["SELECT * FROM notes"]).await);
    different
}

#[tokio::test]
async fn whatever_is_done_is_done_as_by_one_server() {
    // MariaDB has other statements, types and errors.
    if servers().await.flavor() == Flavor::MariaDb {
        return;
    }
    let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for sql in FILL {
        pair.change(sql).await;
    }
    let mut found = Vec::new();
    let mut seen = 0;
    let mut before = Vec::new();
    pair.change("SET @x = 3").await;
    pair.refusals(NEVER).await;
    for sql in STATEMENTS {
        if pair.change_or_refusal(sql).await {
            found.push(format!("refused: {sql}"));
        }
        found.extend(pair.differences()[seen..].to_vec());
        seen = pair.differences().len();
        let now = differences(&stage).await;
        if now != before {
            found.push(format!("AFTER {sql}: {}", now.join("\n")));
        }
        before = now;
    }
    assert_same(&found);
}

/// What others have committed since the transaction's snapshot is found, as by one server's UPDATE.
#[tokio::test]
async fn rows_are_found_as_they_are_not_as_a_snapshot_has_them() {
    let mut differences = Vec::new();
    for level in ["REPEATABLE READ", "READ COMMITTED", "SERIALIZABLE"] {
        let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
        for sql in FILL {
            stage.run(sql).await;
        }
        let mut pair = stage.pair(CapabilityFlags::empty()).await;
        pair.change(&format!("SET SESSION TRANSACTION ISOLATION LEVEL {level}"))
            .await;
        pair.change("BEGIN").await;
        if level != "SERIALIZABLE" {
            pair.change("SELECT COUNT(*) FROM people").await;
            pair.change("SELECT COUNT(*) FROM buys").await;
        }
        stage
            .run("UPDATE buys SET cat = 3, total = 55 WHERE buy = 7")
            .await;
        stage.run("UPDATE buys SET cat = 1 WHERE buy = 4").await;
        stage
            .run("INSERT INTO people (id, name, age) VALUES (9, 'new', 1)")
            .await;
        stage
            .run("INSERT INTO buys (buy, person, cat) VALUES (8, 3, 3), (9, 9, 3)")
            .await;
        stage.run("UPDATE notes SET id = 3 WHERE note = 3").await;
        stage.run("UPDATE people SET age = 90 WHERE id = 2").await;
        for sql in [
            "UPDATE people SET age = 1000 WHERE id IN (SELECT person FROM buys WHERE cat = 3)",
            "SELECT ROW_COUNT()",
            "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = p.age + b.total WHERE b.buy IN (3, 7)",
            "DELETE n FROM notes n JOIN people p ON p.id = n.id",
            "UPDATE people SET name = (SELECT MAX(total) FROM buys)",
            "DELETE FROM people WHERE NOT EXISTS (SELECT * FROM buys WHERE person = people.id) ORDER BY id DESC LIMIT 1",
            "COMMIT",
        ] {
            pair.change(sql).await;
        }
        differences.extend(pair.into_differences(level));
        differences.extend(self::differences(&stage).await);
    }
    assert_same(&differences);
}

/// A statement that waits in vain takes nothing else back, and one of its own leaves no lock.
#[tokio::test]
async fn what_waits_in_vain_leaves_nothing() {
    let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut holders = [stage.app().await, stage.place.plain().await];
    for holder in &mut holders {
        holder.query_drop("BEGIN").await.unwrap();
        holder
            .query_drop("UPDATE buys SET cat = 9 WHERE buy = 3")
            .await
            .unwrap();
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.change("SET SESSION innodb_lock_wait_timeout = 1")
        .await;
    for sql in [
        "UPDATE people SET age = 1000 WHERE id IN (SELECT person FROM buys)",
        "BEGIN",
        "UPDATE kids SET n = n + 1",
        "UPDATE people SET age = 1000 WHERE id IN (SELECT person FROM buys)",
        "UPDATE people p JOIN buys b ON b.person = p.id SET b.total = 5, p.age = 6",
        "UPDATE kids SET n = n + 1",
        "COMMIT",
        "DELETE people FROM people JOIN buys ON person = id",
    ] {
        pair.change(sql).await;
    }
    // Nobody else holds these.
    for sql in [
        "UPDATE people SET age = 7",
        "UPDATE buys SET total = 8 WHERE buy <> 3",
    ] {
        for holder in &mut holders {
            holder.query_drop(sql).await.unwrap();
        }
    }
    for holder in &mut holders {
        holder.query_drop("COMMIT").await.unwrap();
    }
    assert_same(&pair.into_differences("waiting"));
    assert_same(&differences(&stage).await);
}

/// More rows than one text lists, and more values than limit what is read.
#[tokio::test]
async fn many_rows_are_written_in_several_texts() {
    let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
    let many = |from: i32, row: &dyn Fn(i32) -> String| {
        let rows: Vec<String> = (from..from + 2_500).map(row).collect();
        rows.join(", ")
    };
    for from in [1, 2_501, 5_001] {
        stage
            .run(&format!(
                "INSERT INTO logs VALUES {}",
                many(from, &|n| format!("({n}, {})", n % 7))
            ))
            .await;
        stage
            .run(&format!(
                "INSERT INTO buys (buy, person, cat) VALUES {}",
                many(from, &|n| format!("({n}, {}, {})", n - 2, n % 5))
            ))
            .await;
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for sql in [
        "UPDATE logs SET n = n + 1 WHERE id IN (SELECT person FROM buys WHERE cat < 4)",
        "UPDATE logs SET n = 50 WHERE id IN (SELECT person FROM buys WHERE buy < 1003)",
        "UPDATE logs SET n = 51 WHERE id IN (SELECT person FROM buys WHERE buy BETWEEN 5 AND 1004)",
        "UPDATE logs SET n = 52 WHERE id IN (SELECT person FROM buys WHERE buy BETWEEN 5 AND 1005)",
        "UPDATE logs l JOIN buys b ON b.person = l.id SET l.n = b.cat * 3, b.up = l.id % 11 WHERE b.cat > 0",
        "DELETE l, b FROM buys b LEFT JOIN logs l ON l.id = b.person WHERE b.cat < 3",
    ] {
        pair.counts(sql).await;
    }
    assert_same(&pair.into_differences("many"));
    assert_same(&differences(&stage).await);
}

//! Keys compared with user variables: the answer is plain MySQL's, or a refusal.

use super::common::Place;
use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = "[schemas.shop.tables.num]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.txt]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.exact]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n";

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE num (k BIGINT, v INT)",
    "CREATE TABLE txt (k VARCHAR(20) COLLATE utf8mb4_general_ci, v INT)",
    "CREATE TABLE exact (k DECIMAL(30,10), v INT)",
];

const VALUES: &[&str] = &[
    "1",
    "2",
    "3",
    "4",
    "'5'",
    "'6abc'",
    "7e0",
    "8.0",
    "2.5",
    "'2.5'",
    "NULL",
    "-1",
    "9007199254740993",
    "'a'",
    "'B'",
    "'a '",
    "_latin1'a'",
    "'a' COLLATE utf8mb4_bin",
    "'ä'",
    "x'61'",
    "TRUE",
    "''",
    "18446744073709551615",
    "1e300",
    "DATE'2024-01-01'",
];

const CONDITIONS: &[&str] = &[
    "k = @x",
    "@X = k",
    "k <=> @`x`",
    "k IN (@x, @y)",
    "k IN (@x, 3)",
    "k >= @x AND k <= @x",
    "k = @x AND v = @y",
    "(k, v) = (@x, 2)",
    "k = @unset",
    "k = @x + 0",
    "k = @x OR k = 4",
    "NOT k <> @x",
];

async fn fill(pair: &mut Pair) {
    for value in 0..12 {
        let rows = [
            format!("INSERT INTO num VALUES ({value}, {value})"),
            format!("INSERT INTO txt VALUES ('{value}', {value})"),
            format!("INSERT INTO exact VALUES ({value}.5, {value})"),
            format!("INSERT INTO exact VALUES ({value}, {value})"),
        ];
        for row in rows {
            pair.query(row).await;
        }
    }
    for (text, v) in ["a", "A", "b", "B", "6abc"].into_iter().zip(0..) {
        pair.query(format!("INSERT INTO txt VALUES ('{text}', {v})"))
            .await;
    }
    for number in [9_007_199_254_740_992_i64, 9_007_199_254_740_993] {
        pair.query(format!("INSERT INTO num VALUES ({number}, 0)"))
            .await;
    }
}

#[tokio::test]
async fn a_variable_finds_what_its_value_finds() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut differences = Vec::new();
    let mut answered = 0;
    fill(&mut stage.pair(CLIENTS[1].1).await).await;
    for value in VALUES {
        let mut pair = stage.pair(CLIENTS[1].1).await;
        pair.query("SET NAMES utf8mb4 COLLATE utf8mb4_general_ci")
            .await;
        pair.query(format!("SET @x = {value}, @y = 2")).await;
        for table in ["num", "txt", "exact"] {
            for condition in CONDITIONS {
                let sql = format!("SELECT k, v FROM {table} WHERE {condition} ORDER BY k, v");
                answered += usize::from(!pair.rows_or_refusal(&sql).await);
            }
        }
        differences.extend(pair.into_differences(value));
    }
    assert!(answered > 150, "{answered} answers prove nothing");
    assert_same(&differences);
}

#[tokio::test]
async fn a_variable_that_the_statement_assigns_is_not_trusted() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    fill(&mut pair).await;
    pair.query("SET @x = 1").await;
    for sql in [
        "SELECT k, @x := k + 1 FROM num WHERE k = @x",
        "SELECT k FROM num WHERE k = @x AND (@x := 2)",
        "SELECT k, @x FROM num WHERE k = @x",
    ] {
        pair.rows_or_refusal(sql).await;
    }
    assert_same(&pair.into_differences("assigned"));
}

/// All tables are on one shard of several; `$` stands for the schema.
const READING: &[&str] = &[
    "INSERT INTO notes VALUES (1, 'one'), (2, 'two')",
    "SET @n = (SELECT COUNT(*) FROM notes), @t = (SELECT MAX(text) FROM $.notes)",
    "SELECT @n, @t",
    "SET sql_mode = (SELECT 'ANSI_QUOTES' FROM notes LIMIT 1), @n = @n + (SELECT MIN(id) FROM notes)",
    "SELECT @@sql_mode, @n",
    "DO (SELECT MAX(id) FROM notes)",
    "DO (SELECT @n := MAX(id) FROM $.notes)",
    "SELECT @n",
    "SET @n = (SELECT id FROM notes)",
    "SET @n = (SELECT nope FROM notes)",
    "SET @n = (SELECT 1 FROM nowhere)",
    "SELECT @n",
    "BEGIN",
    "INSERT INTO notes VALUES (3, 'three')",
    "SET @n = (SELECT COUNT(*) FROM notes)",
    "DO (SELECT @t := MAX(id) FROM notes)",
    "SELECT @n, @t",
    "ROLLBACK",
    "SET @n = (SELECT COUNT(*) FROM notes)",
    "SELECT @n",
    "SET autocommit = 0",
    "SET @n = (SELECT COUNT(*) FROM notes FOR UPDATE)",
    "COMMIT",
    "SET autocommit = 1",
    "DELETE FROM notes",
];

#[tokio::test]
async fn set_and_do_read_tables_where_they_are() {
    let once = ["CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(10))"];
    let stage = Stage::new("", &[], &once).await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for statement in READING {
            let statement = statement.replace('$', stage.place.name());
            pair.query(statement).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// `notes` is a single table beside sharded ones; `$` stands for the schema. Scripts of migrations ask so.
const ASKING: &[&str] = &[
    "INSERT INTO notes VALUES (1, 'one'), (2, 'two')",
    "SET @n = (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes')",
    "SELECT ROW_COUNT(), @n",
    "SET @n := (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '$' AND table_name IN ('num', 'notes')), @m = 5, @`o p` = (SELECT table_schema FROM information_schema.columns c WHERE c.table_schema = SCHEMA() AND c.table_name = 'num' LIMIT 1)",
    "SELECT @n, @m, @`o p`",
    "SET @n = EXISTS(SELECT * FROM information_schema.statistics WHERE table_schema = '$' AND index_name = 'nope')",
    "SELECT @n",
    "SET @n = EXISTS(SELECT * FROM information_schema.statistics WHERE table_schema = '$' AND table_name = 'notes')",
    "SELECT @n",
    "SET @n = (SELECT 1 FROM dual WHERE EXISTS(SELECT 1 FROM information_schema.key_column_usage WHERE constraint_schema = DATABASE()))",
    "SELECT @n",
    "SET @n = (SELECT MAXLEN FROM information_schema.character_sets WHERE character_set_name = 'utf8mb4')",
    "SELECT @n",
    "DO (SELECT @n := COUNT(*) FROM information_schema.tables WHERE table_schema = '$' AND table_name = 'notes')",
    "SELECT @n",
    "SET @n = (SELECT MAX(id) FROM notes), @m = (SELECT $.notes.text FROM $.notes WHERE id = @n)",
    "SELECT @n, @m",
    "SET @n = (SELECT nope FROM information_schema.tables)",
    "SET @s = (SELECT IF(COUNT(*) = 0, 'ALTER TABLE notes ADD COLUMN more INT', 'SELECT 1') FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes' AND column_name = 'more')",
    "PREPARE migrate FROM @s",
    "EXECUTE migrate",
    "SET @s = (SELECT IF(COUNT(*) = 0, 'ALTER TABLE notes ADD COLUMN more INT', 'SELECT 1') FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'notes' AND column_name = 'more')",
    "PREPARE migrate FROM @s",
    "EXECUTE migrate",
    "DEALLOCATE PREPARE migrate",
    "ALTER TABLE notes DROP COLUMN more",
    "DELETE FROM notes",
];

#[tokio::test]
async fn set_and_do_ask_for_definitions() {
    let once = ["CREATE TABLE notes (id INT PRIMARY KEY, text VARCHAR(10))"];
    let stage = Stage::new(TABLES, DEFINITIONS, &once).await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for statement in ASKING {
            let statement = statement.replace('$', stage.place.name());
            // The definitions are read through other queries, with other indexes.
            pair.query_elsewhere(&statement).await;
        }
        let refused = "SET sql_mode = (SELECT 'ANSI' FROM information_schema.tables LIMIT 1)";
        assert!(pair.rows_or_refusal(refused).await, "{refused}");
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Each table is on one shard, of one server or the other.
const ELSEWHERE: &[&str] = &[
    "SET @a = 1, @b = 'x'",
    "SET @n = (SELECT COUNT(*) FROM here) + @a, @t = (SELECT MAX(text) FROM here)",
    "SELECT @n, @t, @a, @b",
    "SET @n = (SELECT COUNT(*) FROM there) + @n, @t = (SELECT CONCAT(@b, MAX(text)) FROM there WHERE id >= @a)",
    "SELECT @n, @t, @a, @b",
    "DO (SELECT @n := MAX(id) + @a FROM here)",
    "SELECT @n, ROW_COUNT()",
    "DO (SELECT @n := MAX(id) + @n FROM there)",
    "SELECT @n",
    "SELECT id, text INTO @n, @t FROM here WHERE id = 1",
    "SELECT id, text INTO @n, @t FROM there WHERE id = @n + 2",
    "SELECT @n, @t",
    "INSERT INTO here VALUES (@n * 10, @t)",
    "INSERT INTO there VALUES (@n * 10, @t)",
    "SELECT here.*, there.* FROM here JOIN there USING (id, text) WHERE id > @n",
    "SET @n = (SELECT id FROM there)",
    "SET @n = (SELECT nope FROM there)",
    "SELECT @n",
    "DELETE FROM here WHERE id > @n AND text = @t",
    "DELETE FROM there WHERE id > @n AND text = @t",
];

#[tokio::test]
async fn variables_are_where_tables_are_on_several_servers() {
    let place = Place::new().await;
    let [first, .., last] = place.shards();
    let tables = format!(
        "[schemas.shop.tables.here]\nkind = \"single\"\nshard = \"a/{}\"\n\
         [schemas.shop.tables.there]\nkind = \"single\"\nshard = \"b/{}\"\n",
        first.1, last.1
    );
    let stage = Stage::at(place, &tables, &[], &[]).await;
    for table in ["here", "there"] {
        let definition = format!("CREATE TABLE {table} (id INT PRIMARY KEY, text VARCHAR(10))");
        stage.run(&definition).await;
        let rows = format!("INSERT INTO {table} VALUES (1, 'one'), (2, 'two'), (3, 'three')");
        stage.run(&rows).await;
    }
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        for (before, behind) in [
            ("DO 0", "DO 0"),
            ("BEGIN", "COMMIT"),
            ("SET autocommit = 0", "ROLLBACK"),
        ] {
            let mut pair = stage.pair(extras).await;
            pair.query(before).await;
            for statement in ELSEWHERE {
                // The one joins on one server, the other where it has brought rows together.
                pair.query_elsewhere(statement).await;
            }
            pair.query(behind).await;
            differences.extend(pair.into_differences(name));
        }
    }
    assert_same(&differences);
}

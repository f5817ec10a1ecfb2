//! SHOW WARNINGS and its like after statements that ran on several shards: one list, as on one server.

use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.kinds]
kind = "broadcast"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, n TINYINT, s VARCHAR(5), UNIQUE KEY (id, n))",
    "CREATE TABLE kinds (a INT PRIMARY KEY, s VARCHAR(5))",
    "INSERT INTO kinds VALUES (1, 'one'), (2, '2nd')",
];

const SINGLE: &[&str] = &["CREATE TABLE notes (id INT PRIMARY KEY, n TINYINT, s VARCHAR(5))"];

/// What gives conditions, after which everything is asked that can be asked of them.
const STATEMENTS: &[&str] = &[
    "INSERT INTO items VALUES (1, 1, 'abc'), (2, 2, 'x'), (3, 3, '7y'), (4, 4, '4'), (5, 5, 'q'), (6, 6, '6'), (7, 7, 'abc')",
    // Said of each row, by the shard that has it.
    "SELECT id, s + 0 FROM items ORDER BY id",
    "SELECT id FROM items WHERE s = 5 ORDER BY id",
    "SELECT SUM(s + 0) FROM items",
    "SELECT id, s + 0 FROM items WHERE id IN (1, 2, 3) ORDER BY id",
    "SELECT COUNT(*), n % 2 FROM items WHERE s > 3 GROUP BY n % 2 ORDER BY 2",
    // Said of the text, by every shard.
    "SELECT id FROM items WHERE n = 'abc' ORDER BY id",
    "SELECT id FROM items WHERE n = '4four' ORDER BY id",
    "SELECT id, 1 / 0 FROM items WHERE id = 3",
    // On one shard, and nowhere.
    "SELECT id, s + 0 FROM items WHERE id = 1",
    "SELECT id FROM items ORDER BY id",
    "SELECT CAST('1x' AS SIGNED)",
    // Rows of one INSERT that are on several shards.
    "INSERT IGNORE INTO items VALUES (11, 1000, 'fits'), (12, 2, 'fits not'), (13, 3, 'x'), (14, -1000, 'neither'), (1, 1, 'x')",
    "INSERT INTO items VALUES (21, 1, 'x'), (22, 1000, 'x'), (23, 2, 'x')",
    "INSERT INTO items VALUES (31, 1, 'x'), (2, 2, 'x'), (33, 3, 'x')",
    "UPDATE IGNORE items SET n = 1000",
    "UPDATE items SET s = s + 0 WHERE id < 0",
    "DELETE FROM items WHERE n = 'abc' AND id > 1000",
    "UPDATE items SET nope = 1",
    "SELECT nope FROM items",
    "INSERT INTO nowhere VALUES (1)",
    "REPLACE INTO kinds VALUES (3, 'three'), (4, 'four')",
    "INSERT IGNORE INTO kinds VALUES (5, 'much too long'), (1, 'one')",
    "CREATE TABLE IF NOT EXISTS items (id BIGINT PRIMARY KEY)",
    "DROP TABLE IF EXISTS not_there",
    "ALTER TABLE items ADD COLUMN extra FLOAT(8, 2)",
    "ALTER TABLE items DROP COLUMN extra",
    // Warnings before an error.
    "SET sql_mode = ''",
    "INSERT INTO notes VALUES (1, 1000, 'too long'), (2, 2, 'x'), (1, 1, 'x')",
    "INSERT INTO notes VALUES (3, 1000, 'too long'), (4, 2, 'x')",
    "INSERT INTO items VALUES (41, 1000, 'too long'), (42, 2, 'x'), (43, 3, 'too long')",
    "SET sql_mode = DEFAULT",
    // Statements that the session carries out itself leave nothing of the one before.
    "BEGIN",
    "ROLLBACK",
    "SELECT nope",
    // No more than the session wishes for are kept; all of them are counted.
    "SET max_error_count = 2",
    "SELECT id, s + 0 FROM items ORDER BY id",
    "UPDATE IGNORE items SET n = 1000",
    "INSERT IGNORE INTO items VALUES (51, 1000, 'x'), (52, 1000, 'x'), (53, 1000, 'x'), (54, 1000, 'x')",
    "SELECT id, s + 0 FROM items WHERE id = 1 OR id = 1",
    "SELECT s + 0, s - 0, s * 1 FROM items WHERE id = 1",
    "SELECT SQL_CALC_FOUND_ROWS s + 0, s - 0, s * 1 FROM items WHERE id = 1 LIMIT 1",
    "SET max_error_count = 0",
    "SELECT id, s + 0 FROM items WHERE s = 'abc' ORDER BY id",
    "SET max_error_count = DEFAULT",
];

/// What MariaDB says of a literal only where there are rows.
const OF_MYSQL: [&str; 1] = ["WHERE n = '"];

/// What is asked behind a statement, each time with the statement anew where it forgets them.
const QUESTIONS: &[&str] = &[
    "SHOW COUNT(*) WARNINGS",
    "SHOW COUNT(*) ERRORS",
    "SHOW ERRORS",
    "SHOW ERRORS LIMIT 0",
    "SHOW WARNINGS LIMIT 1, 0",
    "SELECT @@warning_count, @@session.error_count AS e, @@local.warning_count + 1",
    "SELECT @@`warning_count`, @@session . error_count, @@local.`Warning_Count` AS w",
    // MySQL has forgotten them, MariaDB keeps those of the last statement with tables.
    "SHOW WARNINGS",
    "SELECT @@error_count",
];

/// What SHOW WARNINGS lists on both, in any order: that of rows is no server's to know.
async fn same_list(pair: &mut Pair, behind: &str) {
    let ask = b"SHOW WARNINGS";
    let (mut ours, mut theirs) = (pair.proxy.query(ask).await, pair.plain.query(ask).await);
    let mut lists = Vec::new();
    for answer in [&mut ours, &mut theirs] {
        let mut list: Vec<Vec<u8>> = answer
            .iter()
            .map(|packet| packet.payload.to_vec())
            .collect();
        list.sort();
        lists.push(list);
    }
    if lists.first() != lists.last() {
        pair.compare(&format!("SHOW WARNINGS behind {behind}"), &ours, &theirs);
    }
}

#[tokio::test]
async fn conditions_of_several_shards_are_one_list() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let on_mariadb = super::replies::on_mariadb().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS.into_iter().take(2) {
        let mut pair = stage.pair(extras).await;
        let (skipped, questions): (&[&str], _) = match on_mariadb {
            true => (&OF_MYSQL, QUESTIONS.get(..6).unwrap()),
            false => (&[], QUESTIONS),
        };
        let is_asked = |sql: &&&str| !skipped.iter().any(|part| sql.contains(part));
        for statement in STATEMENTS.iter().filter(is_asked) {
            pair.change(statement).await;
            // On MariaDB a statement without tables leaves what the one before has left.
            let bare = ["SET ", "BEGIN", "ROLLBACK"];
            if on_mariadb && bare.iter().any(|word| statement.starts_with(word)) {
                continue;
            }
            same_list(&mut pair, statement).await;
            for question in questions {
                let before = pair.differences().len();
                pair.query(question).await;
                if pair.differences().len() > before {
                    pair.note(format!("… behind {statement}"));
                }
            }
        }
        stage.run("DELETE FROM items").await;
        stage.run("DELETE FROM notes").await;
        stage.run("DELETE FROM kinds WHERE a > 2").await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

/// The rows of an INSERT are numbered as the client has them, whatever shard they went to.
#[tokio::test]
async fn rows_have_the_clients_numbers_and_names_are_the_clients() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for sql in [
        "INSERT IGNORE INTO items VALUES (1, 1, 'a'), (2, 1000, 'a'), (3, 1, 'too long'), (4, 1, 'a'), (5, 1000, 'too long')",
        "SHOW WARNINGS",
        "SHOW WARNINGS LIMIT 2",
        "SHOW WARNINGS LIMIT 1, 2",
        "SHOW WARNINGS LIMIT 2 OFFSET 3",
        "INSERT INTO items VALUES (1, 1, 'a')",
        "SHOW WARNINGS",
        "GET DIAGNOSTICS @number = NUMBER, @rows = ROW_COUNT",
        "GET CURRENT DIAGNOSTICS CONDITION 1 @text = MESSAGE_TEXT, @errno = MYSQL_ERRNO, @state = RETURNED_SQLSTATE, @t = TABLE_NAME",
        "SHOW COUNT(*) ERRORS",
        "SELECT nope FROM items",
        "SET @count = @@warning_count",
        "SELECT @count",
    ] {
        pair.query(sql).await;
    }
    // The servers keep strings of theirs in another character set.
    pair.values("SELECT @number, @rows, @text, @errno, @state, @t")
        .await;
    pair.refusals(&[
        "GET DIAGNOSTICS CONDITION 7 @text = MESSAGE_TEXT",
        "GET STACKED DIAGNOSTICS @number = NUMBER",
    ])
    .await;
    assert_same(pair.differences());
}

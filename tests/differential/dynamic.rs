//! PREPARE, EXECUTE, DEALLOCATE and MariaDB's EXECUTE IMMEDIATE as text: as on one server, or refused.

use shardwell::cli::demo::program::Flavor;

use super::common::servers;
use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = "[schemas.shop.tables.num]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.txt]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n";

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE num (k BIGINT PRIMARY KEY, v INT, d DECIMAL(20,5), f DOUBLE, s VARCHAR(20))",
    "CREATE TABLE txt (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT)",
];

const SINGLE: &[&str] = &["CREATE TABLE alone (k INT PRIMARY KEY, v VARCHAR(20))"];

async fn fill(pair: &mut Pair) {
    for value in 0..12 {
        pair.query(format!(
            "INSERT INTO num VALUES ({value}, {value}, {value}.5, {value}.25, '{value}')"
        ))
        .await;
        pair.query(format!("INSERT INTO txt VALUES ('{value}', {value})"))
            .await;
    }
    pair.query("INSERT INTO alone VALUES (1, 'a'), (2, 'b')")
        .await;
}

/// What is done in one session, in this order.
const STATEMENTS: &[&str] = &[
    "PREPARE one FROM 'SELECT 1'",
    "EXECUTE one",
    "EXECUTE `ONE`",
    "DEALLOCATE PREPARE one",
    "EXECUTE one",
    "DEALLOCATE PREPARE one",
    "DROP PREPARE one",
    "PREPARE s FROM 'SELECT v FROM num WHERE k = ?'",
    "EXECUTE s USING @unset",
    "SET @k = 3, @t = '4', @d = 5.0, @e = 6e0, @x = x'37', @n = NULL, @two = 2",
    "EXECUTE s USING @k",
    "EXECUTE s USING @t",
    "EXECUTE s USING @d",
    "EXECUTE s USING @e",
    "EXECUTE s USING @x",
    "EXECUTE s USING @n",
    "EXECUTE s",
    "EXECUTE s USING @k, @t",
    "PREPARE s FROM 'SELECT nothing FROM num'",
    "EXECUTE s USING @k",
    "PREPARE s FROM 'SELECT k FROM num WHERE v IN (?, ?) ORDER BY k'",
    "EXECUTE s USING @k, @t",
    "PREPARE s FROM 'SELECT k, v FROM num ORDER BY k LIMIT ?, ?'",
    "EXECUTE s USING @k, @two",
    "PREPARE s FROM 'SELECT COUNT(*), SUM(v) FROM num WHERE v BETWEEN ? AND ?'",
    "EXECUTE s USING @two, @e",
    "PREPARE s FROM 'INSERT INTO num (k, v, d, f, s) VALUES (?, 1, ?, ?, ?), (?, 2, ?, ?, ?)'",
    "SET @a = 100, @b = 101, @quote = 'a''b\\\\c'",
    "EXECUTE s USING @a, @d, @e, @quote, @b, @e, @d, @x",
    "SELECT * FROM num WHERE k >= 100 ORDER BY k",
    "PREPARE s FROM 'UPDATE num SET s = ?, v = ? WHERE k > ?'",
    "EXECUTE s USING @t, @n, @two",
    "SELECT * FROM num ORDER BY k",
    "PREPARE s FROM 'DELETE FROM num WHERE k = ?'",
    "EXECUTE s USING @a",
    "SELECT ROW_COUNT()",
    "PREPARE s FROM 'SELECT a.k, b.v FROM num a JOIN txt b ON b.v = a.v WHERE a.k < ? ORDER BY 1'",
    "EXECUTE s USING @k",
    "SET @sql = 'SELECT v FROM txt WHERE k = ?'",
    "PREPARE s FROM @sql",
    "EXECUTE s USING @t",
    "PREPARE s FROM @unset",
    "PREPARE s FROM @k",
    "PREPARE s FROM 'SELECT 1; SELECT 2'",
    "PREPARE s FROM ''",
    "PREPARE s FROM 'PREPARE t FROM \"SELECT 1\"'",
    "PREPARE s FROM 'EXECUTE t'",
    "PREPARE s FROM 'LOCK TABLES alone READ'",
    "PREPARE s FROM 'SELECT v FROM alone WHERE k = ?'",
    "EXECUTE s USING @two",
    "PREPARE s FROM 'BEGIN'",
    "PREPARE s FROM 'COMMIT'",
    "EXECUTE s",
    "PREPARE s FROM 'SET @k = 7'",
    "EXECUTE s",
    "SELECT @k",
    "PREPARE s FROM 'SELECT k FROM txt ORDER BY k'",
    "SET SESSION sql_select_limit = 1",
    "EXECUTE s",
    "SET SESSION sql_select_limit = DEFAULT, optimizer_switch = 'index_merge=off'",
    "EXECUTE s",
    "SET SESSION sql_safe_updates = 1, sql_big_selects = 0, max_join_size = 1000",
    "EXECUTE s",
    "PREPARE s FROM 'SET SESSION sql_select_limit = 2'",
    "EXECUTE s",
    "SELECT k FROM txt ORDER BY k",
    "SET SESSION sql_select_limit = DEFAULT",
    "PREPARE s FROM 'SET SESSION sql_select_limit = ?'",
    "EXECUTE s USING @two",
    "SELECT k FROM txt ORDER BY k",
    "SET SESSION sql_select_limit = DEFAULT",
    "PREPARE s FROM 'CREATE TABLE made (k INT PRIMARY KEY)'",
    "EXECUTE s",
    "SELECT * FROM made",
    "PREPARE s FROM 'SELECT'",
    "PREPARE s FROM 'SELECT ? + 1'",
    "EXECUTE s USING @d",
    "PREPARE s FROM 'SELECT ?, v FROM alone'",
    "EXECUTE s USING @t",
    "PREPARE s FROM 'SELECT k + ? AS c FROM num ORDER BY c'",
    "EXECUTE s USING @d",
    "PREPARE",
    "PREPARE s FROM CONCAT('SELECT ', '1')",
    "EXECUTE s USING 1 + 1",
];

#[tokio::test]
async fn texts_are_prepared_and_executed_as_on_one_server() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    fill(&mut pair).await;
    let mut refused = Vec::new();
    for sql in STATEMENTS {
        if pair.change_or_refusal(sql).await {
            refused.push(*sql);
        }
    }
    assert_same(&pair.into_differences("dynamic"));
    println!("refused: {refused:#?}");
    assert!(refused.len() <= 8, "{refused:?}");
}

#[tokio::test]
async fn mariadb_executes_a_text_at_once() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    fill(&mut pair).await;
    let statements = [
        "SET @k = 3, @sql = 'SELECT k FROM num WHERE v > 8 ORDER BY k'",
        "EXECUTE IMMEDIATE 'SELECT v FROM num WHERE k = ?' USING @k",
        "EXECUTE IMMEDIATE @sql",
        "EXECUTE IMMEDIATE 'SELECT COUNT(*) FROM num'",
        "EXECUTE IMMEDIATE 'SELECT'",
    ];
    for sql in statements {
        let refused = pair.change_or_refusal(sql).await;
        assert!(!refused, "{sql}");
    }
    if servers().await.flavor() == Flavor::MariaDb {
        let refused = pair.change_or_refusal("EXECUTE IMMEDIATE CONCAT('SELECT ', 1)");
        assert!(refused.await);
    }
    assert_same(&pair.into_differences("immediate"));
}

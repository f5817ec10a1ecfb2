//! Random conditions over key and other columns, always the same ones: the proxy's answer is plain
//! MySQL's, or a refusal.

use super::dice::Dice;
use super::pair::{CLIENTS, Stage, assert_same};

const TABLES: &str = "[schemas.shop.tables.num]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.txt]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n";

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE num (k BIGINT, a INT, b VARCHAR(10), KEY (k))",
    "CREATE TABLE txt (k VARCHAR(10) COLLATE utf8mb4_general_ci, a INT, b VARCHAR(10), KEY (k))",
];

const NUMBERS: &[&str] = &[
    "1", "2", "3", "'2'", "3.0", "7", "NULL", "0", "TRUE", "1 + 1", "b", "a",
];
const TEXTS: &[&str] = &[
    "'a'",
    "'B'",
    "'b'",
    "'c '",
    "'zz'",
    "NULL",
    "2",
    "''",
    "CONCAT('a')",
    "b",
];
const COLUMNS: &[&str] = &[
    "k", "k", "k", "k", "t.k", "`k`", "a", "b", "K", "-k", "(k)", "k + 0",
];
const COMPARISONS: &[&str] = &["=", "=", "=", "=", "<=>", "<>", "<", ">=", "!=", "LIKE"];

fn leaf(dice: &mut Dice, values: &[&str]) -> String {
    let column = dice.pick(COLUMNS);
    let (one, two, three) = (dice.pick(values), dice.pick(values), dice.pick(values));
    match dice.roll(14) {
        0 => format!("{column} IN ({one}, {two}, {three})"),
        1 => format!("{column} NOT IN ({one}, {two})"),
        2 => format!("{column} BETWEEN {one} AND {two}"),
        3 => format!("{column} IS NULL"),
        4 => format!("{column} IN ({one})"),
        5 => format!("{one} = {column}"),
        6 => format!("{column} = {one} = {two}"),
        7 => format!("({column}, a) IN (({one}, {two}))"),
        8 => format!("{column} = {one} IS NOT TRUE"),
        9 => format!("CASE WHEN {column} = {one} THEN {two} ELSE {three} END"),
        _ => format!("{column} {} {one}", dice.pick(COMPARISONS)),
    }
}

fn condition(dice: &mut Dice, values: &[&str], depth: usize) -> String {
    if depth == 0 || dice.roll(4) == 0 {
        return leaf(dice, values);
    }
    let one = condition(dice, values, depth - 1);
    let other = condition(dice, values, depth - 1);
    match dice.roll(16) {
        0 => format!("NOT {one}"),
        1 => format!("! ({one})"),
        2 => format!("({one})"),
        3 => format!("{one} XOR {other}"),
        4 => format!("({one}) XOR ({other})"),
        5 => format!("{one} || {other}"),
        6 => format!("{one} && {other}"),
        7 => format!("NOT ({one} OR {other})"),
        8 => format!("{one} OR {other}"),
        9 => format!("({one} OR {other})"),
        10 => format!("({one}) = ({other})"),
        11 => format!("({one} AND {other}) IS NOT NULL"),
        12 => format!("({one}) AND ({other})"),
        _ => format!("{one} AND {other}"),
    }
}

async fn rounds(table: &str, values: &[&str], modes: &str, seed: u64) {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    pair.query(format!("SET sql_mode = '{modes}'")).await;
    for (row, value) in values.iter().take(9).cycle().take(27).enumerate() {
        let b = TEXTS[row % 4];
        let sql = format!(
            "INSERT INTO {table} (k, a, b) VALUES ({value}, {}, {b})",
            row % 5
        );
        pair.change_or_refusal(&sql).await;
    }
    let mut dice = Dice(seed);
    let mut answered = 0;
    for round in 0..1500 {
        let condition = condition(&mut dice, values, 3);
        let refused = if round % 10 == 0 {
            let sql = format!("UPDATE {table} AS t SET a = a + 1 WHERE {condition}");
            pair.change_or_refusal(&sql).await
        } else {
            let sql =
                format!("SELECT * FROM {table} AS t WHERE {condition} ORDER BY k, a, b, HEX(b)");
            pair.rows_or_refusal(&sql).await
        };
        answered += usize::from(!refused);
    }
    assert_same(&pair.into_differences(table));
    assert!(answered > 50, "{table}: {answered} answers prove nothing");
}

#[tokio::test]
async fn conditions_on_numbers() {
    rounds("num", NUMBERS, "", 1).await;
}

#[tokio::test]
async fn conditions_on_text() {
    rounds("txt", TEXTS, "", 2).await;
}

#[tokio::test]
async fn conditions_where_not_and_pipes_mean_something_else() {
    rounds("num", NUMBERS, "HIGH_NOT_PRECEDENCE,PIPES_AS_CONCAT", 3).await;
}

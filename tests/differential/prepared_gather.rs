//! Prepared statements whose rows come together on one server: the same definitions, the same binary
//! rows and the same errors as of one server with all rows.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::{CapabilityFlags, PrepareOk};

use super::common::servers;
use super::gather::{STATEMENTS, stage};
use super::pair::{Pair, assert_same, forget_method};
use super::prepared::{Numbers, Param, every_type, execute, int, null, sent, text};
use super::raw::{Expect, Packets};
use super::types::filled;
use shardwell::wire::ColumnType;

fn normal(mut answer: Packets) -> Packets {
    let mut prepared = false;
    for packet in &mut answer {
        if let (Ok(_), 12) = (PrepareOk::decode(&packet.payload), packet.payload.len()) {
            packet.payload[1..5].fill(0);
            prepared = true;
        }
        forget_method(&mut packet.payload);
    }
    // How many warnings a comparison raises depends on how many rows it meets.
    if let Some(end) = answer.last_mut()
        && !prepared
        && end.payload.first() == Some(&0xFE)
    {
        let count = if end.payload.len() == 5 { 1..3 } else { 5..7 };
        end.payload[count].fill(0);
    }
    answer
}

impl Pair {
    /// Prepares on both; the numbers, where both succeed.
    async fn prepare_elsewhere(&mut self, sql: &str) -> Option<Numbers> {
        let packet = [&[0x16], sql.as_bytes()].concat();
        let ours = self.proxy.command(&packet, Expect::Prepared).await;
        let theirs = self.plain.command(&packet, Expect::Prepared).await;
        let number = |answer: &Packets| {
            let told = PrepareOk::decode(&answer.first()?.payload).ok()?;
            Some(told.statement)
        };
        let numbers = number(&ours).zip(number(&theirs));
        self.compare(&format!("prepare {sql}"), &normal(ours), &normal(theirs));
        numbers.map(|(ours, theirs)| Numbers { ours, theirs })
    }

    async fn execute_elsewhere(&mut self, what: &str, statement: Numbers, params: &[Param]) {
        let rest = execute(params, true, 0, self.plain.capabilities());
        let packet = |number: u32| [&[0x17], &number.to_le_bytes()[..], &rest].concat();
        let ours = packet(statement.ours);
        let ours = self.proxy.command(&ours, Expect::Results).await;
        let theirs = packet(statement.theirs);
        let theirs = self.plain.command(&theirs, Expect::Results).await;
        self.compare(what, &normal(ours), &normal(theirs));
    }

    /// Prepares, executes with each list of parameters, and closes.
    async fn gathered(&mut self, sql: &str, lists: &[&[Param]]) {
        let Some(statement) = self.prepare_elsewhere(sql).await else {
            return;
        };
        for params in lists {
            let what = format!("{sql} {params:?}");
            self.execute_elsewhere(&what, statement, params).await;
        }
        self.statement("COM_STMT_CLOSE", (0x19, statement), &[], Expect::Silence)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_finishes_can_be_prepared() {
    let (stage, mut pair) = stage().await;
    for sql in STATEMENTS {
        let sql = sql.replace("shop.", &format!("{}.", stage.place.name()));
        if servers().await.flavor() == Flavor::MariaDb
            && (sql.contains("LATERAL") || sql.contains("(WITH d"))
        {
            continue;
        }
        pair.gathered(&sql, &[&[], &[]]).await;
    }
    assert_same(&pair.into_differences("gather"));
}

/// Statements with parameters, and what is bound to them.
fn with_parameters() -> Vec<(&'static str, Vec<Vec<Param>>)> {
    vec![
        (
            "SELECT o.order_id, ? AS p FROM users u JOIN orders o ON o.user_id = u.id WHERE o.total > ? \
             ORDER BY o.order_id",
            vec![vec![int(7), text("4.5")]],
        ),
        (
            "SELECT u.id, o.order_id, ? AS p FROM users u JOIN orders o ON o.user_id = u.id \
             WHERE o.total > ? AND u.age BETWEEN ? AND ? ORDER BY o.order_id",
            vec![
                vec![text("x"), int(3), int(20), int(23)],
                vec![text(""), text("4.5"), text("21"), int(30)],
                vec![text("again"), int(3), int(20), int(23)],
            ],
        ),
        (
            "SELECT u.id, o.order_id FROM users u JOIN orders o ON o.user_id = u.id \
             WHERE o.order_id IN (?, ?, ?) AND u.city = ? ORDER BY 1, 2",
            vec![
                vec![int(1), int(6), int(20), text("bern")],
                vec![text("1"), text("11"), null(), text("KÖLN")],
            ],
        ),
        (
            "SELECT u.id, o.order_id FROM users u LEFT JOIN orders o ON o.user_id = u.id \
             AND o.total > ? AND o.state <> ? WHERE u.id < ? ORDER BY u.id, o.order_id LIMIT ?",
            vec![
                vec![int(9), text("new"), int(9), int(5)],
                vec![int(9), int(1), int(9), int(2)],
                vec![null(), text("sent"), text("9"), int(100)],
            ],
        ),
        (
            "SELECT id, ? + (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.id AND o.total < ?) n \
             FROM users u WHERE LOWER(u.name) LIKE ? ORDER BY id",
            vec![
                vec![int(1), int(10), text("u1%")],
                vec![text("1.5"), text("12"), text("%2")],
            ],
        ),
        (
            "SELECT id FROM users ORDER BY id + ?, id DESC",
            vec![vec![int(3)], vec![null()]],
        ),
        (
            "SELECT city, COUNT(*) FROM users GROUP BY city HAVING COUNT(*) > ? ORDER BY city",
            vec![vec![int(1)], vec![int(2)]],
        ),
        (
            "SELECT AVG(age + ?), GROUP_CONCAT(id ORDER BY id SEPARATOR '-') FROM users WHERE id <> ?",
            vec![vec![int(1), int(5)], vec![text("1"), text("5")]],
        ),
        (
            "SELECT u.name, c.region FROM users u JOIN cities c ON c.name = u.city \
             WHERE c.region = ? OR u.age = ? ORDER BY u.id",
            vec![vec![text("CH"), int(21)], vec![null(), text("22")]],
        ),
        (
            "WITH o AS (SELECT user_id, SUM(total) s FROM orders WHERE total > ? GROUP BY user_id) \
             SELECT u.name, o.s FROM users u JOIN o ON o.user_id = u.id WHERE u.id < ? ORDER BY u.id",
            vec![vec![int(4), int(8)]],
        ),
        (
            "WITH o AS (SELECT user_id, SUM(total) s FROM orders WHERE total > ? AND state <> ? GROUP BY user_id) \
             SELECT u.name, o.s, ? AS p FROM users u JOIN o ON o.user_id = u.id \
             WHERE o.s = (SELECT MAX(s) FROM o WHERE s < ?) OR u.id = ? ORDER BY u.id",
            vec![
                vec![int(4), text("new"), text("x"), int(1000), int(2)],
                vec![text("2.5"), null(), null(), text("99"), text("3")],
                vec![int(1), text("sent"), int(7), int(40), null()],
            ],
        ),
        (
            "WITH a AS (SELECT id, age + ? AS g FROM users WHERE id < ?), \
             b AS (SELECT x.id, x.g, y.id AS other, ? AS k FROM a x JOIN a y ON x.g = y.g AND x.id < ?) \
             SELECT p.id, p.k, q.other, ? AS z FROM b p LEFT JOIN b q ON q.id = p.other AND q.g > ? \
             ORDER BY p.id, q.other, p.other LIMIT ?",
            vec![
                vec![
                    int(1),
                    int(9),
                    text("k"),
                    int(6),
                    text("z"),
                    int(20),
                    int(30),
                ],
                vec![
                    text("1"),
                    text("7"),
                    int(-3),
                    int(5),
                    null(),
                    text("3"),
                    int(4),
                ],
            ],
        ),
        (
            "SELECT u.id FROM users u, orders o WHERE u.id = o.user_id AND o.order_id = ?",
            vec![vec![int(-1)], vec![int(3)], vec![text("3")], vec![int(4)]],
        ),
        (
            "SELECT id FROM users WHERE id < ? UNION SELECT user_id FROM orders WHERE total > ? ORDER BY id",
            vec![vec![int(4), int(20)]],
        ),
        (
            "SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE o.placed > ?",
            vec![
                vec![text("2024-01-05")],
                vec![text("2024-01-05 10:00:00.5")],
                vec![text("not a date")],
            ],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_come_along_to_the_shards_and_to_the_end() {
    let (stage, pair) = stage().await;
    let mut differences = pair.into_differences("stage");
    for extras in [
        CapabilityFlags::CLIENT_DEPRECATE_EOF,
        CapabilityFlags::empty(),
    ] {
        let mut pair = stage.pair(extras).await;
        for (sql, lists) in with_parameters() {
            let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
            pair.gathered(sql, &lists).await;
        }
        // Servers do not agree how long a value of type BIT is.
        for param in every_type().into_iter().filter(|param| !param.is_bit()) {
            for column in [
                "u.id", "u.name", "u.age", "u.score", "o.total", "o.placed", "o.state",
            ] {
                let sql = format!(
                    "SELECT u.id, o.order_id FROM users u JOIN orders o ON o.user_id = u.id \
                     WHERE {column} <> ? AND o.order_id > ? ORDER BY o.order_id"
                );
                pair.gathered(&sql, &[&[param.clone(), int(2)]]).await;
            }
        }
        differences.extend(pair.into_differences("parameters"));
    }
    assert_same(&differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_data_settings_and_changes_between_the_executions() {
    let (stage, mut pair) = stage().await;
    let sql = "SELECT u.id, \"x\", o.order_id FROM users u JOIN orders o ON o.user_id = u.id \
               WHERE u.name <> ? AND o.order_id < ? AND u.city IN (?, \"Bern\") ORDER BY o.order_id";
    let statement = pair.prepare_elsewhere(sql).await.unwrap();
    let string = || sent(ColumnType::MYSQL_TYPE_VAR_STRING);
    for setting in [
        "SET @@SESSION.sql_mode = @@GLOBAL.sql_mode",
        "SET sql_mode = 'ANSI_QUOTES'",
    ] {
        pair.query(setting).await;
        let params = [text("u3"), int(20), text("Köln")];
        pair.execute_elsewhere(setting, statement, &params).await;
        for (param, data) in [(0_u16, "u1"), (2, "Os"), (2, "lo")] {
            let rest = [&param.to_le_bytes()[..], data.as_bytes()].concat();
            pair.statement("long data", (0x18, statement), &rest, Expect::Silence)
                .await;
        }
        let params = [string(), int(20), string()];
        pair.execute_elsewhere("long data", statement, &params)
            .await;
    }
    pair.query("SET sql_mode = DEFAULT").await;
    let all = "SELECT * FROM users u JOIN orders o ON o.user_id = u.id WHERE o.order_id > ? \
               ORDER BY o.order_id";
    let all = pair.prepare_elsewhere(all).await.unwrap();
    let sum = pair
        .prepare_elsewhere(
            "SELECT SUM(u.age + o.total + ?) FROM users u JOIN orders o ON o.user_id = u.id",
        )
        .await
        .unwrap();
    for change in [
        "UPDATE users SET age = 50 WHERE id = 3",
        "DELETE FROM orders WHERE order_id = 5",
        "INSERT INTO users VALUES (99, 'new', NULL, 1, 2)",
    ] {
        pair.change(change).await;
        pair.execute_elsewhere(change, all, &[int(3)]).await;
        pair.execute_elsewhere(change, sum, &[int(3)]).await;
        pair.execute_elsewhere(change, sum, &[text("3")]).await;
    }
    for begin in ["BEGIN", "SET autocommit = 0"] {
        pair.query(begin).await;
        pair.query("UPDATE users SET age = age + 1 WHERE id = 3")
            .await;
        pair.execute_elsewhere(begin, all, &[int(3)]).await;
        pair.execute_elsewhere(begin, sum, &[int(3)]).await;
        let sql = "SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE u.age > ?";
        pair.gathered(sql, &[&[int(20)], &[text("30")]]).await;
        pair.query("ROLLBACK").await;
        pair.execute_elsewhere("ROLLBACK", sum, &[int(3)]).await;
    }
    drop(stage);
    assert_same(&pair.into_differences("between"));
}

/// Rows come in binary form where a condition has parameters: of every type they must be the same.
#[tokio::test(flavor = "multi_thread")]
async fn every_type_arrives_as_it_was_in_binary_form_too() {
    let (_stage, mut pair, names) = filled().await;
    for setting in [
        "SET @@SESSION.sql_mode = @@GLOBAL.sql_mode",
        "SET time_zone = '+05:30'",
        "SET NAMES latin1",
        "SET sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES'",
    ] {
        pair.query(setting).await;
        let join = "FROM typed t JOIN n ON n.v = t.id WHERE t.id <> ? AND n.v > ? ORDER BY id";
        for what in ["*", &format!("{names}, g1, g2, d1, d3")] {
            let sql = format!("SELECT {what} {join}");
            pair.gathered(&sql, &[&[int(100), int(0)], &[text("2"), text("0")]])
                .await;
        }
    }
    assert_same(&pair.into_differences("types"));
}

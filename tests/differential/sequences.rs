//! Random sequences of writes and transactions, always the same ones: every answer is plain MySQL's (counts,
//! texts, insert ids, warnings, error codes), and so is every table afterwards. What the proxy refuses is
//! left out on both sides.

use std::collections::BTreeMap;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::wire::{PrepareOk, decode_err};

use super::chance::{in_transaction, of_other_rows, of_rows_found_twice};
use super::dice::Dice;
use super::pair::{CLIENTS, Pair, Stage, assert_same, is_refusal};
use super::prepared::{Param, execute, int};
use super::raw::{Expect, Packets, Raw};
use super::replies::on_mariadb;
use super::rows::{change_with_every_client, difference, rows};

const TABLES: &str = r#"
[schemas.shop.tables.people]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.buys]
key = "buy"
algorithm = "hash_mod"
[schemas.shop.tables.parts]
key = "buy"
bind = "buys"
[schemas.shop.tables.tags]
key = "word"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "customer"
algorithm = "hash_mod"
[schemas.shop.tables.cats]
kind = "broadcast"
"#;

const EVERYWHERE: &[&str] = &[
    "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(8) NOT NULL DEFAULT 'x', age INT, \
     twice INT AS (age * 2), small TINYINT, CONSTRAINT young CHECK (age < 1000))",
    "CREATE TABLE buys (buy INT PRIMARY KEY, person BIGINT, total DECIMAL(8,2), cat INT, KEY (person))",
    "CREATE TABLE parts (part INT, buy INT NOT NULL, n INT NOT NULL, PRIMARY KEY (part, buy))",
    "CREATE TABLE tags (id INT, word VARCHAR(10), n INT, PRIMARY KEY (word, id), UNIQUE (word, n))",
    "CREATE TABLE marks (id INT, customer INT, n INT CHECK (n < 1000), note VARCHAR(4) DEFAULT 'd', \
     PRIMARY KEY (customer, id), UNIQUE (n, customer))",
    "CREATE TABLE cats (cat INT PRIMARY KEY, title VARCHAR(8) NOT NULL)",
];

const ONCE: &[&str] =
    &["CREATE TABLE notes (note INT AUTO_INCREMENT PRIMARY KEY, id BIGINT, told VARCHAR(20))"];

const SHARDED: [&str; 5] = ["people", "buys", "parts", "tags", "marks"];

const FILL: [&str; 7] = [
    "INSERT INTO people (id, name, age, small) VALUES (1, 'ann', 20, 1), (2, 'bob', 30, 2), (3, 'cyd', NULL, 3), \
     (4, 'dan', 40, NULL), (5, 'eve', 50, 5), (6, 'Ann', 20, 6)",
    "INSERT INTO buys VALUES (1, 1, 1.50, 1), (2, 1, 2.50, 2), (3, 2, 30, 1), (4, 4, 4.25, 3), (5, 9, 5, 2), \
     (6, NULL, 6, 1), (7, 5, 70, NULL)",
    "INSERT INTO parts VALUES (1, 1, 10), (2, 1, 20), (1, 2, 30), (1, 3, 40), (1, 7, 2)",
    "INSERT INTO tags VALUES (1, 'ann', 1), (2, 'bob', 2), (3, 'Cyd', 3), (4, 'x y', 4), (5, 'ann', 5)",
    "INSERT INTO marks (id, customer, n) VALUES (1, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, NULL), (4, 4, 5)",
    "INSERT INTO cats VALUES (1, 'one'), (2, 'two'), (3, 'three')",
    "INSERT INTO notes (note, id, told) VALUES (1, 1, 'a'), (2, 4, 'b'), (3, 77, 'c'), (4, NULL, 'd')",
];

const MODES: [&str; 8] = [
    "STRICT_TRANS_TABLES",
    "STRICT_TRANS_TABLES",
    "STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO",
    "",
    "",
    "STRICT_ALL_TABLES,ANSI_QUOTES",
    "PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES",
    "NO_AUTO_VALUE_ON_ZERO,ERROR_FOR_DIVISION_BY_ZERO",
];

/// What a random sequence has shown to be wrong once: a transaction that begins or ends where no server
/// knows of it.
const WITHOUT_A_SERVER: &[&str] = &[
    FILL[0],
    "COMMIT AND CHAIN",
    "UPDATE people SET age = 60 WHERE id = 1",
    "ROLLBACK",
    "ROLLBACK AND CHAIN",
    "DELETE FROM people",
    "ROLLBACK AND NO CHAIN",
    "SET TRANSACTION READ ONLY",
    "COMMIT AND CHAIN",
    "UPDATE people SET age = 61 WHERE id = 1",
    "ROLLBACK",
    "UPDATE people SET age = 62 WHERE id = 1",
    "BEGIN",
    "COMMIT AND CHAIN",
    "UPDATE people SET age = 63 WHERE id = 1",
    "ROLLBACK",
    "SET completion_type = 'CHAIN'",
    "COMMIT",
    "UPDATE people SET age = 64 WHERE id = 1",
    "ROLLBACK AND NO CHAIN",
    "SET completion_type = 'NO_CHAIN'",
    "SET autocommit = 0",
    "BEGIN",
    "SET autocommit = 1",
    "UPDATE people SET age = 65 WHERE id = 2",
    "ROLLBACK",
    "SET autocommit = 0",
    "BEGIN",
    "SET @on = 1",
    "SET autocommit = 1, nope = 3",
    "UPDATE people SET age = 66 WHERE id = 2",
    "ROLLBACK",
    "UPDATE people SET age = age + 1",
    "ROLLBACK AND CHAIN",
    "UPDATE people SET age = 67 WHERE id = 3",
    "COMMIT",
    "SET autocommit = 1",
    "BEGIN",
    "SET autocommit = 1",
    "UPDATE people SET age = 68 WHERE id = 3",
    "ROLLBACK",
];

#[tokio::test]
async fn transactions_that_no_server_knows_of_begin_and_end_too() {
    let staged = || Stage::new(TABLES, EVERYWHERE, ONCE);
    let different = async |stage: Stage| stage.different_rows(&["SELECT * FROM people"]).await;
    change_with_every_client(staged, WITHOUT_A_SERVER, different).await;
}

/// What a transaction may do that begins where another one is open: MySQL and MariaDB differ.
const ONE_BEHIND_ANOTHER: &[&str] = &[
    FILL[0],
    "START TRANSACTION READ ONLY",
    "START TRANSACTION",
    "UPDATE people SET age = 60 WHERE id = 1",
    "COMMIT",
    "UPDATE people SET age = 61 WHERE id = 2",
    "START TRANSACTION READ ONLY",
    "SELECT COUNT(*) FROM people WHERE id = 1",
    "BEGIN",
    "UPDATE people SET age = 62 WHERE id = 1",
    "COMMIT AND CHAIN",
    "UPDATE people SET age = 63 WHERE id = 2",
    "ROLLBACK",
    "START TRANSACTION READ ONLY",
    "SELECT COUNT(*) FROM people",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
    "UPDATE people SET age = 64",
    "COMMIT",
    "START TRANSACTION READ ONLY",
    "START TRANSACTION READ WRITE",
    "UPDATE people SET age = 65",
    "COMMIT",
    "SET TRANSACTION READ ONLY",
    "BEGIN",
    "BEGIN",
    "UPDATE people SET age = 66",
    "COMMIT",
    "SET autocommit = 0",
    "START TRANSACTION READ ONLY",
    "BEGIN",
    "UPDATE people SET age = 67",
    "COMMIT",
    "UPDATE people SET age = 68",
    "COMMIT",
];

#[tokio::test]
async fn a_transaction_may_do_what_the_one_before_it_could_where_servers_say_so() {
    let staged = || Stage::new(TABLES, EVERYWHERE, ONCE);
    let different = async |stage: Stage| stage.different_rows(&["SELECT * FROM people"]).await;
    change_with_every_client(staged, ONE_BEHIND_ANOTHER, different).await;
}

const CONTROL: [&str; 20] = [
    "BEGIN",
    "BEGIN",
    "BEGIN",
    "COMMIT",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "SAVEPOINT s",
    "SAVEPOINT t",
    "ROLLBACK TO s",
    "ROLLBACK TO SAVEPOINT t",
    "RELEASE SAVEPOINT s",
    "SET autocommit = 0",
    "SET autocommit = 1",
    "COMMIT AND CHAIN",
    "ROLLBACK AND CHAIN",
    "START TRANSACTION READ WRITE",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT",
    "DO 1",
    "CREATE TABLE IF NOT EXISTS cats (a INT)",
];

const ASKED: [&str; 9] = [
    "SELECT ROW_COUNT()",
    "SELECT LAST_INSERT_ID()",
    "SHOW COUNT(*) WARNINGS",
    "SELECT @@warning_count, @@error_count",
    "SELECT COUNT(*), SUM(age), MAX(name) FROM people",
    "SELECT COUNT(*), SUM(total), MIN(cat) FROM buys",
    "SELECT @@autocommit",
    "SELEC 1",
    "SELECT nope FROM people",
];

/// Numbers that a prepared statement takes as parameters stand between `~`.
struct Maker<'a> {
    dice: &'a mut Dice,
    /// Whether the client counts the rows that it changes, not those that it finds.
    changed: bool,
}

impl Maker<'_> {
    fn key(&mut self) -> String {
        format!("~{}~", self.dice.roll(12))
    }

    fn pick(&mut self, from: &[&str]) -> String {
        self.dice.pick(from).to_owned()
    }

    /// Mostly right for an INT with a check; rarely NULL, too large, or not computable.
    fn number(&mut self) -> String {
        match self.dice.roll(16) {
            0 => "NULL".to_owned(),
            1 => "~1000~".to_owned(),
            2 => "~99999999999~".to_owned(),
            3 => format!("~{}~ / 0", self.dice.roll(5)),
            4 => "'7x'".to_owned(),
            5 => "DEFAULT".to_owned(),
            _ => format!("~{}~", self.dice.roll(140)),
        }
    }

    /// A number that passes a check, or any.
    fn stored(&mut self, passes: bool) -> String {
        let number = self.number();
        match passes && (number.contains("9999") || number.contains("1000")) {
            true => "~9~".to_owned(),
            false => number,
        }
    }

    fn word(&mut self) -> String {
        self.pick(&[
            "'ann'",
            "'bob'",
            "'Cyd'",
            "'x y'",
            "'dan'",
            "'z'",
            "'it''s'",
            "''",
            "'far too long'",
            "NULL",
        ])
    }

    fn of_people(&mut self) -> String {
        let (a, b, c) = (self.key(), self.key(), self.key());
        match self.dice.roll(6) {
            0 => format!("p.age > {a}"),
            1 => format!("p.id IN ({a}, {b}, {c})"),
            2 => format!("p.name LIKE '%{}%'", self.dice.pick(&["a", "b", "n"])),
            3 => format!("p.id = {a}"),
            4 => format!("p.id BETWEEN {a} AND {b}"),
            _ => "p.id > 0".to_owned(),
        }
    }

    fn of_buys(&mut self) -> String {
        let (a, b, c) = (self.key(), self.key(), self.key());
        match self.dice.roll(6) {
            0 => format!("b.cat = {a}"),
            1 => format!("b.buy IN ({a}, {b}, {c})"),
            2 => format!("b.total > {a}"),
            3 => format!("b.person BETWEEN {a} AND {b}"),
            4 => format!("b.buy = {a}"),
            _ => "b.person > 0".to_owned(),
        }
    }

    fn of_marks(&mut self) -> String {
        let (a, b) = (self.key(), self.key());
        match self.dice.roll(5) {
            0 => format!("n = {a}"),
            1 => format!("customer IN ({a}, {b})"),
            2 => format!("customer = {a}"),
            3 => format!("id BETWEEN {a} AND {b}"),
            _ => format!("customer > {a}"),
        }
    }

    fn verb(&mut self) -> String {
        self.pick(&[
            "INSERT INTO",
            "INSERT INTO",
            "INSERT IGNORE INTO",
            "REPLACE INTO",
        ])
    }

    fn tail(&mut self, verb: &str, set: &str) -> String {
        match verb.contains("INSERT") && self.changed && self.dice.roll(2) == 0 {
            true => format!(" ON DUPLICATE KEY UPDATE {set}"),
            false => String::new(),
        }
    }

    fn insert(&mut self) -> String {
        let verb = self.verb();
        let (a, b, c, d) = (self.key(), self.key(), self.key(), self.key());
        // A row that fails a check under IGNORE is none of the "Records" of one server's text.
        let ignore = verb.contains("IGNORE");
        match self.dice.roll(6) {
            0 => {
                let (one, two) = (self.word(), self.word());
                let (n, m) = (self.stored(ignore), self.stored(ignore));
                let tail = self.tail(&verb, &format!("age = {d}, name = VALUES(name)"));
                format!(
                    "{verb} people (id, name, age) VALUES ({a}, {one}, {n}), ({b}, {two}, {m}){tail}"
                )
            }
            1 => {
                let tail = self.tail(&verb, "cat = VALUES(cat) + 1, total = total + 1");
                format!("{verb} buys VALUES ({a}, {b}, {c}.5, {d}), ({c}, NULL, 3, {a}), ({d}, {a}, {b}, NULL){tail}")
                    .replace("~.5", ".5~")
            }
            2 => {
                let (n, m) = (self.stored(ignore), self.stored(ignore));
                let tail = self.tail(&verb, &format!("note = 'u', n = {d}"));
                format!(
                    "{verb} marks (id, customer, n) VALUES ({a}, {b}, {n}), ({c}, {d}, {m}), ({b}, {b}, {a}){tail}"
                )
            }
            3 => {
                let (one, two) = (self.word(), self.word());
                let tail = self.tail(&verb, &format!("n = n + {d}"));
                format!("{verb} tags VALUES ({a}, {one}, {b}), ({c}, {two}, {d}){tail}")
            }
            4 => {
                let (one, two) = (self.word(), self.word());
                let tail = self.tail(&verb, &format!("id = {d}"));
                format!("{verb} notes (id, told) VALUES ({a}, {one}), ({b}, {two}){tail}")
            }
            _ => {
                let one = self.word();
                let tail = self.tail(&verb, "title = 'upd'");
                format!("{verb} cats SET cat = {a}, title = {one}{tail}")
            }
        }
    }

    fn insert_select(&mut self) -> String {
        let verb = self.verb();
        let (a, b) = (self.key(), self.key());
        let (people, buys) = (self.of_people(), self.of_buys());
        match self.dice.roll(9) {
            0 => {
                let tail = self.tail(&verb, "note = 'u'");
                format!(
                    "{verb} marks (id, customer, n) SELECT p.id, p.id + {a}, p.age FROM people p WHERE {people} ORDER BY p.id{tail}"
                )
            }
            1 => {
                let tail = self.tail(&verb, "age = 3");
                format!(
                    "{verb} people (id, name, age) SELECT b.buy, 'new', b.total FROM buys b WHERE {buys} ORDER BY b.buy{tail}"
                )
            }
            2 => {
                let tail = self.tail(&verb, "parts.n = 4");
                format!(
                    "{verb} parts SELECT {a}, b.buy, IFNULL(b.cat, 8) FROM buys b WHERE {buys}{tail}"
                )
            }
            3 => {
                let tail = self.tail(&verb, "n = 4");
                format!(
                    "{verb} tags SELECT p.id, p.name, p.age FROM people p WHERE {people} ORDER BY p.id{tail}"
                )
            }
            4 => {
                let tail = self.tail(&verb, "small = 9");
                format!(
                    "{verb} people (id, name) SELECT p.id + {a}, p.name FROM people p WHERE {people} ORDER BY p.id LIMIT 3{tail}"
                )
            }
            5 => format!(
                "{verb} notes (note, id, told) SELECT p.id + {a}, p.age, p.name FROM people p WHERE {people} ORDER BY p.id"
            ),
            6 => {
                let tail = self.tail(&verb, "cat = 5");
                format!(
                    "{verb} buys SELECT p.id + {a}, b.buy, 1, b.cat FROM people p JOIN buys b ON b.person = p.id WHERE {people} AND {buys} ORDER BY p.id, b.buy{tail}"
                )
            }
            7 => format!(
                "{verb} cats SELECT p.id, p.name FROM people p WHERE {people} ORDER BY p.id"
            ),
            _ => format!(
                "{verb} marks (id, customer, n) SELECT n.note, {a}, {b} + n.note FROM notes n ORDER BY n.note"
            ),
        }
    }

    fn plain_change(&mut self) -> String {
        let (a, b, n) = (self.key(), self.key(), self.number());
        let limit = self.dice.roll(4);
        let ignore = self.pick(&["", "", " IGNORE"]);
        let marks = self.of_marks();
        let people = self.of_people().replace("p.", "");
        let buys = self.of_buys().replace("b.", "");
        match self.dice.roll(18) {
            0 => format!("UPDATE{ignore} people SET age = {n} WHERE {people}"),
            1 => format!(
                "UPDATE{ignore} people SET small = small + {a}, name = CONCAT(name, 'y') WHERE {people} ORDER BY id LIMIT ~{limit}~"
            ),
            2 => format!("UPDATE{ignore} people SET name = NULL WHERE {people}"),
            3 => format!(
                "DELETE{ignore} FROM people WHERE {people} ORDER BY id DESC LIMIT ~{limit}~"
            ),
            4 => format!("DELETE{ignore} FROM marks WHERE {marks}"),
            5 => format!("UPDATE marks SET n = {n} WHERE {marks}"),
            6 => format!(
                "UPDATE marks SET customer = customer + 100 WHERE customer < 100 AND {marks}"
            ),
            7 => format!(
                "UPDATE marks SET customer = customer - 100 WHERE customer > 99 AND {marks}"
            ),
            8 => format!(
                "UPDATE marks SET customer = {a}, note = 'mv' WHERE {marks} ORDER BY id, customer LIMIT ~{limit}~"
            ),
            9 => format!(
                "UPDATE{ignore} marks SET customer = {a}, id = {b} WHERE customer = {b} AND id = {a}"
            ),
            10 => format!("UPDATE people SET id = {a} WHERE id = {b}"),
            11 => format!("UPDATE people SET id = id + 20, age = {n} WHERE {people}"),
            12 => {
                format!("UPDATE people SET id = id - 20 WHERE id > 20 ORDER BY id LIMIT ~{limit}~")
            }
            13 => format!("DELETE FROM buys WHERE {buys}"),
            14 => format!("UPDATE buys SET total = total * {a}, cat = {n} WHERE {buys}"),
            15 => format!(
                "UPDATE{ignore} cats SET title = {}, cat = cat + {a} WHERE cat = {b}",
                self.word()
            ),
            16 => format!(
                "UPDATE{ignore} notes SET told = {}, id = {n} WHERE note < {a} ORDER BY note LIMIT ~{limit}~",
                self.word()
            ),
            _ => format!(
                "UPDATE tags SET word = {}, n = {n} WHERE id = {a}",
                self.word()
            ),
        }
    }

    fn picked(&mut self) -> String {
        let (a, b, n) = (self.key(), self.key(), self.number());
        let n = n.replace("DEFAULT", "~3~");
        let limit = self.dice.roll(4);
        let ignore = self.pick(&["", "", "", " IGNORE"]);
        let (people, buys, marks) = (self.of_people(), self.of_buys(), self.of_marks());
        match self.dice.roll(19) {
            0 => format!(
                "DELETE{ignore} FROM p USING people p WHERE p.id IN (SELECT b.person FROM buys b WHERE {buys})"
            ),
            1 => format!(
                "DELETE FROM b USING buys b WHERE b.person NOT IN (SELECT p.id FROM people p WHERE {people}) AND {buys}"
            ),
            2 => format!(
                "UPDATE{ignore} people p SET p.age = {n} WHERE {people} AND EXISTS (SELECT * FROM buys b WHERE b.person = p.id AND {buys})"
            ),
            3 => format!(
                "UPDATE people p SET p.age = (SELECT COUNT(*) FROM buys b WHERE b.person = p.id AND {buys}) WHERE {people}"
            ),
            4 => format!(
                "UPDATE{ignore} people p JOIN buys b ON b.person = p.id SET p.small = {n}, b.cat = {a} WHERE {buys} AND {people}"
            ),
            5 => format!(
                "UPDATE people p LEFT JOIN buys b ON b.person = p.id AND {buys} SET p.name = 'none' WHERE b.buy IS NULL AND {people}"
            ),
            6 => format!(
                "DELETE b FROM people p JOIN buys b ON b.person = p.id WHERE {buys} AND {people}"
            ),
            7 => format!(
                "DELETE{ignore} p, b FROM people p JOIN buys b ON b.person = p.id WHERE {people} AND {buys}"
            ),
            8 => format!(
                "UPDATE buys b SET b.total = b.total + (SELECT COALESCE(MAX(p.age), 0) FROM people p WHERE {people}) WHERE {buys}"
            ),
            9 => format!(
                "UPDATE{ignore} people p SET p.name = 'top', p.small = {n} WHERE {people} AND p.id IN (SELECT person FROM buys) ORDER BY p.id LIMIT ~{limit}~"
            ),
            10 => format!(
                "UPDATE{ignore} notes n JOIN people p ON p.id = n.note SET n.told = p.name WHERE {people}"
            ),
            11 => format!(
                "UPDATE people p JOIN (SELECT b.person, MAX(b.total) AS m FROM buys b WHERE {buys} GROUP BY b.person) x ON x.person = p.id SET p.age = x.m WHERE {people}"
            ),
            12 => format!(
                "UPDATE marks SET customer = {a} WHERE {marks} AND customer IN (SELECT person FROM buys)"
            ),
            13 => format!(
                "UPDATE people p JOIN notes n ON n.id = p.id SET p.id = p.id + 30 WHERE {people}"
            ),
            14 => format!("DELETE parts FROM parts JOIN buys b ON b.buy = parts.buy WHERE {buys}"),
            15 => format!(
                "UPDATE parts JOIN buys b ON b.buy = parts.buy SET parts.n = {n}, b.cat = {b} WHERE {buys}"
            ),
            16 => format!(
                "UPDATE tags t JOIN people p ON p.name = t.word SET t.n = p.id + {a} WHERE {people}"
            ),
            17 => {
                format!("DELETE FROM tags WHERE n > (SELECT COUNT(*) FROM people p WHERE {people})")
            }
            _ => format!(
                "DELETE FROM marks WHERE {marks} AND n IN (SELECT age FROM people) ORDER BY id, customer LIMIT ~{limit}~"
            ),
        }
    }

    fn statement(&mut self) -> String {
        match self.dice.roll(20) {
            0..5 => self.pick(&CONTROL),
            5 => self.pick(&ASKED[4..]),
            6 => format!("SELECT * FROM people WHERE id = {}", self.key()),
            7..11 => self.insert(),
            11..13 => self.insert_select(),
            13..16 => self.plain_change(),
            _ => self.picked(),
        }
    }
}

/// How a statement is sent.
#[derive(Clone, Copy, Debug)]
enum Way {
    Text,
    Binary,
    Named,
}

/// The text with a `?` for each number, and the numbers.
fn parameters(made: &str) -> (String, Vec<&str>) {
    let parts: Vec<&str> = made.split('~').collect();
    let texts: Vec<&str> = parts.iter().copied().step_by(2).collect();
    let numbers = parts.into_iter().skip(1).step_by(2).collect();
    (texts.join("?"), numbers)
}

struct Run {
    pair: Pair,
    refused: BTreeMap<String, usize>,
    answered: usize,
    /// Wrong values are errors.
    strict: bool,
    /// The last statement has failed, or its warnings are not compared: nor is what is said of them.
    failed: bool,
    mariadb: bool,
}

impl Run {
    async fn step(&mut self, made: &str, way: Way) {
        match way {
            Way::Text => self.query(&made.replace('~', "")).await,
            Way::Binary => self.binary(made).await,
            Way::Named => self.named(made).await,
        }
    }

    /// Compares the answers to `sql`, which means `text`.
    async fn compare(&mut self, sql: &str, text: &str, [mut ours, mut theirs]: [Packets; 2]) {
        // The code, not which row it names; of several wrong rows any may be the first.
        let kept = match of_other_rows(&mut self.pair, text, &ours, &theirs).await {
            true => 1,
            false => 3,
        };
        // Which warnings stand beside the answer is then not compared.
        let answers = [&mut ours, &mut theirs];
        self.failed = of_rows_found_twice(&mut self.pair, text, answers).await;
        for packet in ours.iter_mut().chain(&mut theirs) {
            if packet.payload.first() == Some(&0xFF) {
                self.failed = true;
                packet.payload.truncate(kept);
            }
        }
        for packet in &mut ours {
            forget_tracking(&mut packet.payload);
        }
        self.pair.forget([&mut ours, &mut theirs]);
        self.pair.compare(sql, &ours, &theirs);
        self.answered += 1;
    }

    fn refused(&mut self, answer: &Packets) -> bool {
        // DDL is not prepared (1295).
        let unprepared = answer
            .last()
            .is_some_and(|p| p.payload.starts_with(b"\xff\x0f\x05"));
        // Without strict mode MySQL stores NULL in a NOT NULL column if a statement has several rows, not
        // if it has one, as it has on a shard (1048).
        let one_row = !self.strict
            && answer
                .last()
                .is_some_and(|p| p.payload.starts_with(b"\xff\x18\x04"));
        let refused = unprepared || one_row || is_refusal(answer);
        if refused {
            let error = decode_err(&answer.last().unwrap().payload).unwrap();
            let reason = error.message.escape_ascii().to_string();
            *self.refused.entry(reason).or_default() += 1;
        }
        refused
    }

    async fn query(&mut self, sql: &str) {
        self.query_for(sql, sql).await;
    }

    /// The same, where it is another text that `sql` runs.
    async fn query_for(&mut self, sql: &str, text: &str) {
        let ours = self.pair.proxy.query(sql.as_bytes()).await;
        if self.refused(&ours) {
            return;
        }
        let theirs = self.pair.plain.query(sql.as_bytes()).await;
        self.compare(sql, text, [ours, theirs]).await;
    }

    /// What is refused may have begun a transaction where autocommit is off, as it would have on the
    /// plain server, which was not asked.
    async fn begin_alike(&mut self) {
        let plain = &mut self.pair.plain;
        if in_transaction(&mut self.pair.proxy).await && !in_transaction(plain).await {
            plain.query(b"SELECT 1 FROM people LIMIT 1").await;
        }
    }

    async fn named(&mut self, made: &str) {
        let (text, numbers) = parameters(made);
        let prepare = format!("PREPARE s FROM '{}'", text.replace('\'', "''"));
        let set: Vec<String> = (0..)
            .zip(&numbers)
            .map(|(at, n)| format!("@p{at} = {n}"))
            .collect();
        let using: Vec<String> = (0..numbers.len()).map(|at| format!("@p{at}")).collect();
        if set.is_empty() {
            return self.query(made).await;
        }
        self.query(&format!("SET {}", set.join(", "))).await;
        let refusals = self.refused.values().sum::<usize>();
        self.query(&prepare).await;
        if refusals == self.refused.values().sum::<usize>() {
            let execute = format!("EXECUTE s USING {}", using.join(", "));
            self.query_for(&execute, &made.replace('~', "")).await;
        }
    }

    async fn binary(&mut self, made: &str) {
        let (text, numbers) = parameters(made);
        if numbers.iter().any(|number| number.contains('.')) {
            return self.query(&made.replace('~', "")).await;
        }
        let params: Vec<Param> = numbers.iter().map(|n| int(n.parse().unwrap())).collect();
        let packet = [&[0x16], text.as_bytes()].concat();
        let ours = self.pair.proxy.command(&packet, Expect::Prepared).await;
        if self.refused(&ours) {
            return;
        }
        let theirs = self.pair.plain.command(&packet, Expect::Prepared).await;
        let (Some(one), Some(other)) = (number(&ours), number(&theirs)) else {
            return self.compare(&text, "", [ours, theirs]).await;
        };
        let rest = execute(&params, true, 0, self.pair.plain.capabilities());
        let ours = statement(&mut self.pair.proxy, 0x17, one, &rest, Expect::Results).await;
        if !self.refused(&ours) {
            let theirs = statement(&mut self.pair.plain, 0x17, other, &rest, Expect::Results).await;
            let sql = format!("{text} {params:?}");
            let text = made.replace('~', "");
            self.compare(&sql, &text, [ours, theirs]).await;
        }
        statement(&mut self.pair.proxy, 0x19, one, &[], Expect::Silence).await;
        statement(&mut self.pair.plain, 0x19, other, &[], Expect::Silence).await;
    }
}

/// Takes SERVER_SESSION_STATE_CHANGED out of an EOF: the proxy's servers report more than the client asked for.
fn forget_tracking(payload: &mut [u8]) {
    if let [0xFE, _, _, _, status] = payload {
        *status &= !0x40;
    }
}

fn number(answer: &Packets) -> Option<u32> {
    let told = PrepareOk::decode(&answer.first()?.payload).ok()?;
    Some(told.statement)
}

async fn statement(
    side: &mut Raw,
    command: u8,
    number: u32,
    rest: &[u8],
    expect: Expect,
) -> Packets {
    let packet = [&[command], &number.to_le_bytes()[..], rest].concat();
    side.command(&packet, expect).await
}

/// The servers themselves.
struct Servers {
    shards: Vec<Conn>,
    plain: Conn,
}

impl Servers {
    async fn of(stage: &Stage) -> Self {
        let mut shards = Vec::new();
        for position in 0..4 {
            shards.push(stage.place.shard(position).await);
        }
        let plain = stage.place.plain().await;
        Self { shards, plain }
    }

    async fn clear(&mut self) {
        for (position, server) in self.shards.iter_mut().chain([&mut self.plain]).enumerate() {
            let tables = SHARDED.iter().chain(&["cats"]);
            let mut texts: Vec<String> = tables.map(|t| format!("DELETE FROM {t}")).collect();
            if position == 1 || position == 4 {
                texts.push("DELETE FROM notes".to_owned());
                texts.push("ALTER TABLE notes AUTO_INCREMENT = 1".to_owned());
            }
            server.query_drop(texts.join(";")).await.unwrap();
        }
    }

    async fn different(&mut self) -> Vec<String> {
        let mut different = Vec::new();
        for table in SHARDED.iter().chain(&["cats", "notes"]) {
            let sql = format!("SELECT * FROM {table}");
            let expected = sorted(rows(&mut self.plain, &sql).await);
            let mut found = Vec::new();
            for (position, shard) in self.shards.iter_mut().enumerate() {
                if *table == "notes" && position != 1 {
                    continue;
                }
                let here = rows(shard, &sql).await;
                if *table == "cats" {
                    different.extend(difference(&sql, &sorted(here.clone()), &expected));
                    found.clear();
                }
                found.extend(here);
            }
            different.extend(difference(&sql, &sorted(found), &expected));
        }
        different
    }
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

/// What one sequence's answers and tables are not alike in, with the sequence.
async fn sequence(run: &mut Run, servers: &mut Servers, seed: u64, changed: bool) -> Vec<String> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    servers.clear().await;
    run.pair
        .query("SET sql_mode = 'STRICT_TRANS_TABLES', autocommit = 1")
        .await;
    for sql in FILL {
        run.query(sql).await;
    }
    let modes = dice.pick(&MODES);
    run.strict = modes.contains("STRICT");
    run.pair.query(format!("SET sql_mode = '{modes}'")).await;
    run.query("SELECT LAST_INSERT_ID(0)").await;
    let mut told = Vec::new();
    let before = run.pair.differences().len();
    for _ in 0..25 {
        let made = Maker {
            dice: &mut dice,
            changed,
        }
        .statement();
        // MySQL prepares no questions about warnings, and warns of VALUES() when it is prepared.
        let prepared =
            !made.contains("@@") && !made.contains("VALUES(") && !CONTROL.contains(&made.as_str());
        let way = match dice.roll(5) {
            0 if prepared => Way::Binary,
            1 if prepared => Way::Named,
            _ => Way::Text,
        };
        let refused = run.refused.values().sum::<usize>();
        run.step(&made, way).await;
        let refused = refused < run.refused.values().sum::<usize>();
        told.push(format!(
            "{way:?}{} {made}",
            if refused { " (refused)" } else { "" }
        ));
        if run.pair.differences().len() > before {
            break;
        }
        if refused {
            run.begin_alike().await;
            run.query("DO 0").await;
        } else if !run.failed && !made.starts_with("S") && dice.once_in(3) {
            // MariaDB keeps warnings over statements that reach no table.
            let asked = dice.pick(&ASKED[..if run.mariadb { 2 } else { 4 }]);
            told.push(asked.to_owned());
            run.query(asked).await;
        }
    }
    run.query(dice.pick(&["COMMIT", "ROLLBACK"])).await;
    let mut different = run.pair.differences()[before..].to_vec();
    run.query("SET autocommit = 1").await;
    different.extend(servers.different().await);
    match different.is_empty() {
        true => Vec::new(),
        false => vec![format!(
            "seed {seed}:\n  {}\n  => {}",
            told.join("\n  "),
            different.join("\n  ")
        )],
    }
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |given| given.parse().unwrap())
}

/// `SHARDWELL_SEED` is the first seed, `SHARDWELL_SEQUENCES` how many sequences there are.
#[tokio::test]
async fn random_sequences_answer_and_leave_what_one_server_does() {
    let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
    let mut servers = Servers::of(&stage).await;
    let mariadb = on_mariadb().await;
    let mut runs = Vec::new();
    for (_, extras) in CLIENTS {
        let pair = stage.pair(extras).await;
        runs.push(Run {
            pair,
            refused: BTreeMap::new(),
            answered: 0,
            strict: true,
            failed: false,
            mariadb,
        });
    }
    let first = setting("SHARDWELL_SEED", 1);
    let mut differences = Vec::new();
    for seed in first..first + setting("SHARDWELL_SEQUENCES", 40) {
        let client = usize::try_from(seed).unwrap() % CLIENTS.len();
        let changed = CLIENTS[client].0 != "found_rows";
        let found = sequence(&mut runs[client], &mut servers, seed, changed).await;
        for text in &found {
            println!("{text}");
        }
        differences.extend(found);
    }
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for (reason, count) in runs.iter().flat_map(|run| &run.refused) {
        *refused.entry(reason).or_default() += count;
    }
    let answered: usize = runs.iter().map(|run| run.answered).sum();
    println!("{answered} answered, refused: {refused:#?}");
    assert_same(&differences);
    assert!(
        answered > 5 * refused.values().sum::<usize>(),
        "{refused:#?}"
    );
}

//! Prepared statements in the binary protocol: metadata, parameters of every type, rows, errors.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::{CapabilityFlags, ColumnType, PrepareOk};

use super::pair::{CLIENTS, Pair, Stage, assert_same};
use super::raw::{Expect, Packets};

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.names]\nkey = \"name\"\nalgorithm = \"hash_mod\"\n";

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(50), n INT, d DECIMAL(20,5), \
     f DOUBLE, b BLOB, at DATETIME(6), t TIME(6), u BIGINT UNSIGNED)",
    "CREATE TABLE names (name VARCHAR(50) COLLATE utf8mb4_bin PRIMARY KEY, n INT)",
];

const SINGLE: &[&str] = &["CREATE TABLE alone (id INT PRIMARY KEY, v VARCHAR(20))"];

/// A parameter: its type, its sign, and its bytes; no bytes are NULL.
#[derive(Clone, Debug)]
pub struct Param(ColumnType, bool, Option<Vec<u8>>);

use ColumnType as T;

impl Param {
    pub fn is_bit(&self) -> bool {
        self.0 == T::MYSQL_TYPE_BIT
    }
}

pub fn int(value: i64) -> Param {
    Param(
        T::MYSQL_TYPE_LONGLONG,
        false,
        Some(value.to_le_bytes().to_vec()),
    )
}

fn lenenc(column_type: ColumnType, value: &[u8]) -> Param {
    assert!(value.len() < 251);
    let bytes = [&[value.len() as u8], value].concat();
    Param(column_type, false, Some(bytes))
}

pub fn text(value: &str) -> Param {
    lenenc(T::MYSQL_TYPE_VAR_STRING, value.as_bytes())
}

pub fn null() -> Param {
    Param(T::MYSQL_TYPE_NULL, false, None)
}

/// A statement's numbers on the two sides.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub ours: u32,
    pub theirs: u32,
}

/// What stands behind the number in COM_STMT_EXECUTE, `types` telling whether they are sent.
pub fn execute(params: &[Param], types: bool, flags: u8, capabilities: CapabilityFlags) -> Vec<u8> {
    let named = capabilities.contains(CapabilityFlags::CLIENT_QUERY_ATTRIBUTES);
    let mut packet = vec![flags];
    packet.extend(1_u32.to_le_bytes());
    if params.is_empty() {
        return packet;
    }
    if named {
        packet.push(params.len() as u8);
    }
    let mut nulls = vec![0_u8; params.len().div_ceil(8)];
    for (at, param) in params.iter().enumerate() {
        nulls[at / 8] |= u8::from(param.2.is_none()) << (at % 8);
    }
    packet.extend(nulls);
    packet.push(types.into());
    if types {
        for Param(column_type, unsigned, _) in params {
            packet.push(*column_type as u8);
            packet.push(if *unsigned { 0x80 } else { 0 });
            if named {
                packet.push(0);
            }
        }
    }
    for Param(.., value) in params {
        packet.extend(value.iter().flatten());
    }
    packet
}

fn number(packets: &Packets) -> Option<u32> {
    let told = PrepareOk::decode(&packets.first()?.payload).ok()?;
    Some(told.statement)
}

impl Pair {
    /// COM_STMT_PREPARE on both: the numbers, where both succeed. A server that prepares a statement
    /// anew by itself takes a number for it, so that the two sides do not agree.
    pub async fn prepare(&mut self, sql: &str) -> Option<Numbers> {
        let packet = [&[0x16], sql.as_bytes()].concat();
        let mut ours = self.proxy.command(&packet, Expect::Prepared).await;
        let mut theirs = self.plain.command(&packet, Expect::Prepared).await;
        let numbers = number(&ours).zip(number(&theirs));
        for answer in [&mut ours, &mut theirs] {
            if number(answer).is_some() {
                answer[0].payload[1..5].fill(0);
            }
        }
        self.compare(sql, &ours, &theirs);
        numbers.map(|(ours, theirs)| Numbers { ours, theirs })
    }

    /// The same of a statement that must be prepared.
    pub async fn must_prepare(&mut self, sql: &str) -> Numbers {
        let numbers = self.prepare(sql).await;
        let differences = || self.differences().join("\n");
        numbers.unwrap_or_else(|| panic!("{sql}: {}", differences()))
    }

    /// A command about a statement: what stands behind the number is `rest`.
    pub async fn statement(
        &mut self,
        what: &str,
        (command, numbers): (u8, Numbers),
        rest: &[u8],
        expect: Expect,
    ) {
        let packet = |number: u32| [&[command], &number.to_le_bytes()[..], rest].concat();
        let ours = self.proxy.command(&packet(numbers.ours), expect).await;
        let theirs = self.plain.command(&packet(numbers.theirs), expect).await;
        self.compare(what, &ours, &theirs);
    }

    /// COM_STMT_EXECUTE on both.
    pub async fn execute(&mut self, what: &str, statement: Numbers, params: &[Param]) {
        self.execute_as(what, statement, (params, 0)).await;
    }

    /// The same with flags.
    pub async fn execute_as(
        &mut self,
        what: &str,
        statement: Numbers,
        (params, flags): (&[Param], u8),
    ) {
        let rest = execute(params, true, flags, self.plain.capabilities());
        self.statement(what, (0x17, statement), &rest, Expect::Results)
            .await;
    }

    /// Prepares, executes with each list of parameters, and closes.
    pub async fn prepared(&mut self, sql: &str, lists: &[&[Param]]) {
        let Some(statement) = self.prepare(sql).await else {
            return;
        };
        for params in lists {
            let what = format!("{sql} {params:?}");
            self.execute(&what, statement, params).await;
        }
        self.statement("COM_STMT_CLOSE", (0x19, statement), &[], Expect::Silence)
            .await;
    }
}

async fn stage() -> Stage {
    Stage::new(TABLES, DEFINITIONS, SINGLE).await
}

#[tokio::test]
async fn statements_are_prepared_and_executed_as_on_one_server() {
    let stage = stage().await;
    let mut differences = Vec::new();
    let attributes = CapabilityFlags::CLIENT_DEPRECATE_EOF
        | CapabilityFlags::CLIENT_SESSION_TRACK
        | CapabilityFlags::CLIENT_QUERY_ATTRIBUTES;
    let mut clients = CLIENTS.to_vec();
    if super::common::servers().await.flavor() == Flavor::MySql {
        clients.push(("attributes", attributes));
    }
    for (client, extras) in clients {
        let mut pair = stage.pair(extras).await;
        for id in 1..=8 {
            pair.prepared(
                "INSERT INTO users (id, name, n) VALUES (?, ?, ?)",
                &[&[int(id), text("zoë"), int(id * 10)]],
            )
            .await;
        }
        let ids: Vec<Vec<Param>> = (1..=9).map(|id| vec![int(id)]).collect();
        let ids: Vec<&[Param]> = ids.iter().map(Vec::as_slice).collect();
        pair.prepared("SELECT * FROM users WHERE id = ?", &ids)
            .await;
        pair.prepared(
            "SELECT id, name AS x FROM users u WHERE u.id = ? AND n > 5",
            &ids,
        )
        .await;
        pair.prepared(
            "SELECT n FROM users WHERE id = ? ORDER BY name LIMIT ?",
            &[&[int(1), int(1)], &[int(2), int(0)], &[int(3), int(-1)]],
        )
        .await;
        pair.prepared(
            "UPDATE users SET n = ? WHERE id = ?",
            &[&[null(), int(3)], &[int(5), text("4")]],
        )
        .await;
        for params in [[int(1), int(2), text("a")], [text("b"), null(), int(7)]] {
            pair.prepared("SELECT ?, ? + 1, CONCAT(?)", &[&params])
                .await;
        }
        pair.prepared(
            "INSERT INTO alone VALUES (?, ?)",
            &[&[int(1), text("v")], &[int(1), text("w")]],
        )
        .await;
        pair.prepared("SELECT * FROM alone WHERE id = ?", &[&[int(1)], &[int(2)]])
            .await;
        for sql in [
            "SELECT * FROM nowhere WHERE id = ?",
            "SELECT FROM users",
            "SELECT nothing FROM users WHERE id = ?",
            "BEGIN",
            "SAVEPOINT a",
            "USE shop",
            "",
            "-- nothing",
            "SELECT 1; SELECT 2",
            "PREPARE a FROM 'SELECT 1'",
        ] {
            pair.prepare(sql).await;
        }
        for sql in [
            "SELECT 1;",
            "SELECT 1; -- end",
            "COMMIT",
            "SET @@session.sql_mode = ''",
            "DO 1",
            "SELECT 'a' AS x, 2.5",
        ] {
            pair.prepared(sql, &[&[], &[]]).await;
        }
        for statement in [0_u32, 77, u32::MAX - 1] {
            let numbers = Numbers {
                ours: statement,
                theirs: statement,
            };
            pair.execute("unknown statement", numbers, &[]).await;
            for (command, expect) in [(0x1A, Expect::One), (0x19, Expect::Silence)] {
                pair.statement("reset, close", (command, numbers), &[], expect)
                    .await;
            }
        }
        pair.prepared("DELETE FROM alone WHERE id = ?", &[&[int(1)]])
            .await;
        for id in 1..=8 {
            pair.prepared("DELETE FROM users WHERE id = ?", &[&[int(id)]])
                .await;
        }
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

pub fn fixed(column_type: ColumnType, unsigned: bool, bytes: &[u8]) -> Param {
    Param(column_type, unsigned, Some(bytes.to_vec()))
}

/// A value of every type that a client may bind.
pub fn every_type() -> Vec<Param> {
    let mut all = vec![
        fixed(T::MYSQL_TYPE_TINY, false, &[0x80]),
        fixed(T::MYSQL_TYPE_TINY, true, &[0x80]),
        fixed(T::MYSQL_TYPE_SHORT, false, &[0xFE, 0xFF]),
        fixed(T::MYSQL_TYPE_SHORT, true, &[0xFE, 0xFF]),
        fixed(T::MYSQL_TYPE_LONG, false, &[1, 0, 0, 0x80]),
        fixed(T::MYSQL_TYPE_LONG, true, &[1, 0, 0, 0x80]),
        fixed(T::MYSQL_TYPE_LONGLONG, false, &i64::MIN.to_le_bytes()),
        fixed(T::MYSQL_TYPE_LONGLONG, true, &u64::MAX.to_le_bytes()),
        fixed(T::MYSQL_TYPE_FLOAT, false, &1.5e-7_f32.to_le_bytes()),
        fixed(T::MYSQL_TYPE_DOUBLE, false, &(-2.25e300_f64).to_le_bytes()),
        fixed(T::MYSQL_TYPE_DATE, false, &[4, 0xE8, 7, 2, 29]),
        fixed(T::MYSQL_TYPE_DATE, false, &[0]),
        fixed(
            T::MYSQL_TYPE_DATETIME,
            false,
            &[7, 0xE8, 7, 2, 29, 10, 20, 30],
        ),
        fixed(T::MYSQL_TYPE_DATETIME, false, &[4, 0xE8, 7, 2, 29]),
        fixed(
            T::MYSQL_TYPE_TIMESTAMP,
            false,
            &[11, 0xE8, 7, 2, 29, 10, 20, 30, 0x40, 0xE2, 1, 0],
        ),
        fixed(T::MYSQL_TYPE_TIME, false, &[0]),
        fixed(T::MYSQL_TYPE_TIME, false, &[8, 1, 34, 0, 0, 0, 22, 59, 59]),
        fixed(
            T::MYSQL_TYPE_TIME,
            false,
            &[12, 0, 1, 0, 0, 0, 2, 3, 4, 0x40, 0xE2, 1, 0],
        ),
        null(),
        Param(T::MYSQL_TYPE_VAR_STRING, false, None),
        Param(T::MYSQL_TYPE_LONGLONG, true, None),
    ];
    let strings = [
        (T::MYSQL_TYPE_NEWDECIMAL, "-12345678901234567890.0123456789"),
        (T::MYSQL_TYPE_DECIMAL, "0.10"),
        (T::MYSQL_TYPE_VARCHAR, "zoë"),
        (T::MYSQL_TYPE_VAR_STRING, ""),
        (T::MYSQL_TYPE_STRING, "'; \\ \""),
        (T::MYSQL_TYPE_TINY_BLOB, "tiny"),
        (T::MYSQL_TYPE_BLOB, "\0\u{1}"),
        (T::MYSQL_TYPE_LONG_BLOB, "long"),
        (T::MYSQL_TYPE_JSON, "{\"a\": 1}"),
        (T::MYSQL_TYPE_ENUM, "e"),
        (T::MYSQL_TYPE_SET, "a,b"),
        (T::MYSQL_TYPE_BIT, "1"),
    ];
    all.extend(strings.map(|(column_type, text)| lenenc(column_type, text.as_bytes())));
    all
}

#[tokio::test]
async fn parameters_of_every_type_arrive_as_they_were_sent() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for param in every_type() {
            let one = [param.clone()];
            // Prepared anew each time: a server's statement remembers types.
            pair.prepared("SELECT ? AS x", &[&one]).await;
            pair.prepared(
                "SELECT HEX(?) AS x, ? IS NULL",
                &[&[param.clone(), param.clone()]],
            )
            .await;
            for column in ["name", "n", "d", "f", "b", "at", "t", "u"] {
                let insert = format!("INSERT INTO users (id, {column}) VALUES (?, ?)");
                pair.prepared(&insert, &[&[int(7), param.clone()]]).await;
                pair.prepared("SELECT * FROM users WHERE id = ?", &[&[int(7)]])
                    .await;
                pair.prepared("DELETE FROM users WHERE id = ?", &[&[int(7)]])
                    .await;
            }
        }
        let all = every_type();
        let marks = vec!["?"; all.len()].join(", ");
        pair.prepared(&format!("SELECT {marks}"), &[&all]).await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

impl Pair {
    async fn long_data(&mut self, statement: Numbers, param: u16, data: &[u8]) {
        let rest = [&param.to_le_bytes()[..], data].concat();
        self.statement("long data", (0x18, statement), &rest, Expect::Silence)
            .await;
    }

    /// COM_STMT_RESET on both.
    pub async fn reset(&mut self, statement: Numbers) {
        self.statement("COM_STMT_RESET", (0x1A, statement), &[], Expect::One)
            .await;
    }
}

/// A string or bytes whose value was sent before.
pub fn sent(column_type: ColumnType) -> Param {
    Param(column_type, false, Some(Vec::new()))
}

#[tokio::test]
async fn long_data_is_gathered_until_the_execution() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        let insert = "INSERT INTO users (id, name, b) VALUES (?, ?, ?)";
        let insert = pair.must_prepare(insert).await;
        let select = "SELECT id, name, LENGTH(b), CRC32(b) FROM users WHERE id = ?";
        let select = pair.must_prepare(select).await;
        let blob = sent(T::MYSQL_TYPE_BLOB);
        pair.long_data(insert, 2, &[b'x'; 100_000]).await;
        pair.long_data(insert, 2, b"tail").await;
        pair.long_data(insert, 1, b"by pieces").await;
        let string = sent(T::MYSQL_TYPE_VAR_STRING);
        pair.execute("insert", insert, &[int(1), string.clone(), blob.clone()])
            .await;
        // The data are gone with the execution.
        pair.execute("again", insert, &[int(2), text("two"), text("b")])
            .await;
        pair.long_data(insert, 2, b"forgotten").await;
        pair.reset(insert).await;
        pair.execute("reset", insert, &[int(3), text("three"), text("c")])
            .await;
        pair.long_data(insert, 2, b"").await;
        pair.execute("empty", insert, &[int(4), text("four"), blob.clone()])
            .await;
        pair.long_data(insert, 2, b"data beats NULL").await;
        pair.execute(
            "null",
            insert,
            &[int(5), text("five"), Param(T::MYSQL_TYPE_BLOB, false, None)],
        )
        .await;
        pair.long_data(insert, 3, b"no such parameter").await;
        pair.execute("wrong parameter", insert, &[int(6), text("six"), text("d")])
            .await;
        pair.execute("and then", insert, &[int(6), text("six"), text("d")])
            .await;
        pair.long_data(
            Numbers {
                ours: 999,
                theirs: 999,
            },
            0,
            b"nobody",
        )
        .await;
        // The sharding key itself, as a string and in bytes.
        for column_type in [T::MYSQL_TYPE_VAR_STRING, T::MYSQL_TYPE_STRING] {
            pair.long_data(select, 0, b"5").await;
            pair.execute("long key", select, &[sent(column_type)]).await;
        }
        for id in 1..=6 {
            pair.execute("select", select, &[int(id)]).await;
            pair.prepared("DELETE FROM users WHERE id = ?", &[&[int(id)]])
                .await;
        }
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn executions_that_cannot_be_read_are_refused() {
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let select = pair
        .must_prepare("SELECT id FROM users WHERE id = ? AND name = ?")
        .await;
    let whole = execute(
        &[int(1), text("some name")],
        true,
        0,
        pair.plain.capabilities(),
    );
    let repeated = execute(&[int(1), text("a")], false, 0, pair.plain.capabilities());
    pair.statement(
        "types never told",
        (0x17, select),
        &repeated,
        Expect::Results,
    )
    .await;
    pair.statement("whole", (0x17, select), &whole, Expect::Results)
        .await;
    pair.statement(
        "types told before",
        (0x17, select),
        &repeated,
        Expect::Results,
    )
    .await;
    // MySQL takes a string that is cut off for a shorter one: not compared.
    // MariaDB tells this or that error; either side refuses.
    let cuts: &[usize] = match super::common::servers().await.flavor() {
        Flavor::MySql => &[5, 6, 7, 9, 11, 15],
        Flavor::MariaDb => &[],
    };
    for &cut in cuts {
        let what = format!("cut at {cut}");
        pair.statement(&what, (0x17, select), &whole[..cut], Expect::Results)
            .await;
    }
    pair.query("SELECT 1").await;
    assert_same(&pair.into_differences(""));
}

#[tokio::test]
async fn what_happens_between_preparing_and_executing_counts_as_on_one_server() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        stage
            .run("CREATE TABLE moving (id INT PRIMARY KEY, v VARCHAR(9))")
            .await;
        let all = pair.must_prepare("SELECT * FROM moving").await;
        let insert = pair
            .must_prepare("INSERT INTO moving (id, v) VALUES (?, ?)")
            .await;
        pair.execute("before", insert, &[int(1), text("one")]).await;
        pair.execute("before", all, &[]).await;
        for change in [
            "ALTER TABLE moving ADD COLUMN w DATETIME(3) DEFAULT '2024-01-02 03:04:05.678'",
            "ALTER TABLE moving MODIFY v TEXT, DROP COLUMN w",
        ] {
            stage.run(change).await;
            pair.execute(change, all, &[]).await;
        }
        stage.run("DROP TABLE moving").await;
        pair.execute("dropped", all, &[]).await;
        pair.execute("dropped", insert, &[int(2), text("two")])
            .await;
        pair.query("SHOW WARNINGS").await;
        // Quotes mean what they meant when the statement was prepared; strings what they mean now.
        pair.query("SET sql_mode = 'ANSI_QUOTES'").await;
        let quoted = pair
            .must_prepare("SELECT \"id\" FROM users WHERE \"id\" = ?")
            .await;
        pair.query("SET sql_mode = DEFAULT").await;
        let string = pair
            .must_prepare("SELECT \"id\", ? FROM users WHERE id = ?")
            .await;
        pair.prepared("INSERT INTO users (id) VALUES (?)", &[&[int(1)]])
            .await;
        pair.execute("quoted", quoted, &[int(1)]).await;
        pair.execute("string", string, &[text("ä"), int(1)]).await;
        pair.query("SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', autocommit = 0")
            .await;
        pair.execute("quoted", quoted, &[int(1)]).await;
        pair.execute("string", string, &[text("ä"), int(1)]).await;
        pair.query("COMMIT").await;
        pair.query("SET NAMES latin1").await;
        pair.execute(
            "latin1",
            string,
            &[lenenc(T::MYSQL_TYPE_VAR_STRING, b"\xE4"), int(1)],
        )
        .await;
        pair.query("SET NAMES utf8mb4, sql_mode = DEFAULT, autocommit = 1")
            .await;
        // The statement's schema is the one in which it was prepared.
        pair.query("USE information_schema").await;
        if client != "deprecate_eof" {
            // Where sessions are tracked a server tells that it went there and back.
            pair.query(format!("USE {}", stage.place.name())).await;
        }
        pair.execute("elsewhere", string, &[text("x"), int(1)])
            .await;
        pair.values("SELECT DATABASE()").await;
        pair.command("COM_RESET_CONNECTION", &[0x1F], Expect::One)
            .await;
        let numbers = [string.ours, string.theirs];
        for number in numbers {
            let both = Numbers {
                ours: number,
                theirs: number,
            };
            pair.execute("forgotten", both, &[text("x"), int(1)]).await;
        }
        let schema = stage.place.name();
        pair.query(format!("USE {schema}")).await;
        pair.prepared("DELETE FROM users WHERE id = ?", &[&[int(1)]])
            .await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn transactions_and_session_functions_of_prepared_statements() {
    let stage = stage().await;
    let mut differences = Vec::new();
    for (client, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        let insert = pair
            .must_prepare("INSERT INTO users (id, n) VALUES (?, ?)")
            .await;
        let select = pair
            .must_prepare("SELECT id, n FROM users WHERE id = ?")
            .await;
        let [commit, rollback] = ["COMMIT", "ROLLBACK"];
        let commit = pair.must_prepare(commit).await;
        let rollback = pair.must_prepare(rollback).await;
        // MySQL prepares it no more, MariaDB does.
        let warnings = pair.prepare("SHOW WARNINGS").await;
        for end in [rollback, commit] {
            pair.query("BEGIN").await;
            pair.execute("insert", insert, &[int(1), int(10)]).await;
            pair.execute("select", select, &[int(1)]).await;
            pair.execute("end", end, &[]).await;
            pair.execute("select", select, &[int(1)]).await;
        }
        pair.execute("duplicate", insert, &[int(1), int(10)]).await;
        if let Some(warnings) = warnings {
            pair.execute("warnings", warnings, &[]).await;
        }
        pair.query("SET autocommit = 0").await;
        pair.execute("select", select, &[int(1)]).await;
        pair.execute("rollback", rollback, &[]).await;
        pair.query("SET autocommit = 1").await;
        pair.query("SET sql_mode = ''").await;
        pair.prepared(
            "UPDATE users SET n = ? WHERE id = ?",
            &[&[text("12x"), int(1)]],
        )
        .await;
        if let Some(warnings) = warnings {
            pair.execute("warnings", warnings, &[]).await;
        }
        for sql in ["SELECT ROW_COUNT() AS c", "SELECT LAST_INSERT_ID() AS c"] {
            pair.query("UPDATE users SET n = 5 WHERE id = 1").await;
            pair.prepared(sql, &[&[], &[]]).await;
        }
        pair.prepared("SET @a = 5, sql_mode = 'ANSI_QUOTES'", &[&[]])
            .await;
        pair.prepared("SELECT @a, @@sql_mode", &[&[]]).await;
        pair.prepared("DELETE FROM users WHERE id = ?", &[&[int(1)]])
            .await;
        differences.extend(pair.into_differences(client));
    }
    assert_same(&differences);
}

/// What is no query has parameters too.
#[tokio::test]
async fn settings_take_parameters() {
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    for (sql, params) in [
        ("SET character_set_results = ?", text("latin1")),
        ("SET SESSION sql_select_limit = ?", int(1)),
        ("SET sql_select_limit = ?", text("x'")),
        ("SET @a = ?, @b := 7", text("it's\\")),
        ("SET @a = ?", null()),
        ("KILL QUERY ?", int(0)),
    ] {
        pair.prepared(sql, &[&[params]]).await;
        pair.query("SELECT @a, @b, @@sql_select_limit, @@character_set_results")
            .await;
    }
    assert_same(&pair.into_differences("settings"));
}

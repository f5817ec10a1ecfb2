//! Servers that break the protocol: a clear error or a closed connection, never a wrong answer.

use std::time::{Duration, Instant};

use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::fake::{Fake, OFFERED, Step, answer, column, end, err, from_sequence, ok, one_row, row};
use crate::raw::Raw;
use crate::solo::{SOLO, config};

const LOST: u16 = 2013;
const MALFORMED: u16 = 1835;
const UNREACHABLE: u16 = 2003;

async fn proxy_before(fake: &Fake, server: &str) -> ProxyHandle {
    let backend = "connect_timeout = \"1s\"";
    let config = config(fake.address.port(), server, backend);
    let config = config.replace(&format!("a/{SOLO}"), "a/fake_0");
    start_proxy(config).await.unwrap()
}

/// How a client must see a broken answer.
#[derive(Clone, Copy, Debug)]
enum Seen {
    Value(&'static str),
    Error(u16),
    Closed,
}

fn head() -> Vec<u8> {
    answer(&[b"\x01", &column("fake_0")])
}

type Case = (&'static str, Vec<Step>, Seen);

fn send(bytes: Vec<u8>) -> Vec<Step> {
    vec![Step::Send(bytes)]
}

/// The head and two rows; the next sequence id is 5.
fn rows() -> Vec<u8> {
    [head(), from_sequence(3, &[&row("a"), &row("b")])].concat()
}

/// Two parts that the proxy reads apart.
fn apart(first: Vec<u8>, then: Step) -> Vec<Step> {
    let pause = Step::Wait(Duration::from_millis(150));
    vec![Step::Send(first), pause, then]
}

/// What the fake sends for `SELECT v FROM t WHERE id = <position>`.
fn broken_answers() -> Vec<Case> {
    [unusual(), malformed_at_once(), malformed_later(), deaths()].concat()
}

fn unusual() -> Vec<Case> {
    let bytes = one_row("slow").into_iter();
    let busy = err(1205, "Table 'fake_0.t' is busy");
    let stopped = [rows(), from_sequence(5, &[&err(1317, "stop")])].concat();
    vec![
        (
            "late",
            apart(Vec::new(), Step::Send(one_row("late"))),
            Seen::Value("late"),
        ),
        (
            "byte by byte",
            bytes.map(|byte| Step::Send(vec![byte])).collect(),
            Seen::Value("slow"),
        ),
        ("an error", send(answer(&[&busy])), Seen::Error(1205)),
        ("an error behind rows", send(stopped), Seen::Error(1317)),
    ]
}

fn malformed_at_once() -> Vec<Case> {
    let column_of = |column: &[u8]| send(answer(&[b"\x01", column, &row("a"), &end(0)]));
    let misplaced = answer(&[b"\x02", &column("fake_0"), &row("a"), &end(0)]);
    let progress = answer(&[b"\xff\xff\xff\x01\x01\x02\x10\x00\x00\x00", &ok(0)]);
    [
        ("a malformed column", column_of(b"\x03def\x20oops")),
        ("a row for a column", send(misplaced)),
        ("too many columns", send(answer(&[b"\xfd\x00\x00\x01"]))),
        ("a wrong sequence id", send(from_sequence(2, &[&ok(0)]))),
        ("a local file", send(answer(&[b"\xfb/etc/passwd"]))),
        ("a progress report", send(progress)),
        ("an unknown packet", send(answer(&[b"\xfc\x01"]))),
        ("nothing in a packet", send(answer(&[b""]))),
    ]
    .map(|(what, steps)| (what, steps, Seen::Error(MALFORMED)))
    .into()
}

fn malformed_later() -> Vec<Case> {
    let out_of_order = [head(), from_sequence(7, &[&row("a"), &end(0)])].concat();
    let broken_end = || from_sequence(5, &[b"\xfe\x00"]);
    let empty_row = from_sequence(5, &[b"", &end(0)]);
    [
        ("a wrong sequence id of a row", send(out_of_order)),
        (
            "a malformed end in the same breath",
            send([rows(), broken_end()].concat()),
        ),
        (
            "a malformed end later",
            apart(rows(), Step::Send(broken_end())),
        ),
        ("an empty row", apart(rows(), Step::Send(empty_row))),
    ]
    .map(|(what, steps)| (what, steps, Seen::Error(MALFORMED)))
    .into()
}

fn deaths() -> Vec<Case> {
    let half_a_row = [rows(), vec![100, 0, 0, 5, 99, b'x']].concat();
    vec![
        (
            "death between rows",
            apart(rows(), Step::Close),
            Seen::Error(LOST),
        ),
        (
            "death within a row",
            apart(half_a_row, Step::Close),
            Seen::Closed,
        ),
        (
            "death within the columns",
            apart(answer(&[b"\x01"]), Step::Close),
            Seen::Closed,
        ),
    ]
}

#[tokio::test]
async fn a_broken_answer_is_an_error_or_the_end_and_never_half_a_truth() {
    let fake = Fake::start(|sql, _| {
        let case = sql
            .split("id = ")
            .nth(1)
            .and_then(|id| id.parse::<usize>().ok());
        match case.and_then(|id| broken_answers().into_iter().nth(id)) {
            Some((_, steps, _)) => steps,
            None => vec![Step::Send(one_row("1"))],
        }
    })
    .await;
    let proxy = proxy_before(&fake, "").await;
    let mut witness = Raw::app(proxy.address(), Some(SOLO)).await;
    for (id, (what, _, seen)) in broken_answers().into_iter().enumerate() {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.send(&format!("SELECT v FROM t WHERE id = {id}")).await;
        let outcome = tokio::time::timeout(Duration::from_secs(5), raw.read_answer());
        let outcome = outcome
            .await
            .unwrap_or_else(|_| panic!("{what}: no answer"));
        match (seen, outcome) {
            (Seen::Value(value), Ok(Ok(rows))) => assert_eq!(rows, [row(value)], "{what}"),
            (Seen::Error(code), Ok(Err(error))) => {
                assert_eq!(error.code, code, "{what}: {error}");
                let text = String::from_utf8_lossy(&error.message).into_owned();
                assert!(!text.contains("fake_0"), "{what}: {text}");
                assert!(raw.works().await, "{what}");
            }
            (Seen::Closed, Err(_)) => {}
            (_, outcome) => panic!("{what}: {outcome:?}"),
        }
        assert!(witness.works().await, "{what}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_reaches_nobody() {
    for late in [false, true] {
        let fake = Fake::start(move |sql, _| match sql.contains("id = 666") {
            true if late => vec![
                Step::Send(one_row("first")),
                Step::Wait(Duration::from_millis(50)),
                Step::Send(one_row("stale")),
            ],
            true => vec![Step::Send([one_row("first"), one_row("stale")].concat())],
            false => vec![Step::Send(one_row("own"))],
        })
        .await;
        let proxy = proxy_before(&fake, "").await;
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        let rows = raw.query("SELECT v FROM t WHERE id = 666").await.unwrap();
        assert_eq!(rows, [row("first")]);
        tokio::time::sleep(Duration::from_millis(150)).await;
        let rows = raw.query("SELECT v FROM t WHERE id = 1").await.unwrap();
        assert_eq!(rows, [row("own")], "late: {late}");
    }
}

#[tokio::test]
async fn a_transaction_gets_no_answer_that_it_did_not_ask_for() {
    let in_transaction = 1;
    let fake = Fake::start(move |sql, _| {
        if sql.contains("INSERT") {
            let mut bytes = answer(&[&ok(in_transaction)]);
            bytes.extend(one_row("stale"));
            return vec![Step::Send(bytes)];
        }
        vec![Step::Send(one_row("own"))]
    })
    .await;
    let proxy = proxy_before(&fake, "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    raw.query("BEGIN").await.unwrap();
    raw.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    raw.send("SELECT v FROM t WHERE id = 1").await;
    assert_eq!(raw.last_words().await.code, LOST);
    assert_eq!(fake.heard("SELECT v"), 0);
}

#[tokio::test]
async fn several_results_pass_as_they_are() {
    let more = 8;
    let bytes = [
        answer(&[b"\x01", &column("fake_0"), &row("a"), &end(more)]),
        from_sequence(5, &[b"\x01", &column("fake_0"), &row("b"), &end(more)]),
        from_sequence(9, &[&ok(0)]),
    ]
    .concat();
    let fake = Fake::start(move |sql, _| match sql.contains("id = 1") {
        true => bytes
            .chunks(11)
            .map(|chunk| Step::Send(chunk.to_vec()))
            .collect(),
        false => vec![Step::Send(one_row("1"))],
    })
    .await;
    let proxy = proxy_before(&fake, "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    raw.send("SELECT v FROM t WHERE id = 1").await;
    assert_eq!(raw.answer().await.unwrap(), [row("a")]);
    assert_eq!(raw.answer().await.unwrap(), [row("b")]);
    assert!(raw.answer().await.unwrap().is_empty());
    assert!(raw.works().await);
}

#[tokio::test]
async fn only_what_cannot_have_run_is_sent_twice() {
    let fake = Fake::start(|sql, connection| {
        let goodbye = from_sequence(0, &[&err(4031, "inactivity")]);
        let lookalike = answer(&[&err(4031, "inactivity")]);
        match sql {
            // The first connection belongs to the proxy's own look at the tables.
            sql if sql.contains("'goodbye'") && connection == 2 => {
                vec![Step::Send(goodbye), Step::Close]
            }
            sql if sql.contains("'lookalike'") => vec![Step::Send(lookalike)],
            sql if sql.contains("'dies'") || sql.contains("id = 7") => vec![Step::Close],
            sql if sql.contains("INSERT") => vec![Step::Send(answer(&[&ok(0)]))],
            _ => vec![Step::Send(one_row("1"))],
        }
    })
    .await;
    let proxy = proxy_before(&fake, "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    assert!(raw.works().await);
    raw.query("INSERT INTO t VALUES (1, 'goodbye')")
        .await
        .unwrap();
    assert_eq!(fake.heard("goodbye"), 2);
    let error = raw
        .query("INSERT INTO t VALUES (1, 'lookalike')")
        .await
        .unwrap_err();
    assert_eq!((error.code, fake.heard("lookalike")), (4031, 1));
    let error = raw
        .query("INSERT INTO t VALUES (1, 'dies')")
        .await
        .unwrap_err();
    assert_eq!((error.code, fake.heard("'dies'")), (LOST, 1));
    // A read may run again: once.
    let error = raw.query("SELECT v FROM t WHERE id = 7").await.unwrap_err();
    assert_eq!((error.code, fake.heard("id = 7")), (LOST, 2));
    assert!(raw.works().await);
}

#[tokio::test]
async fn a_server_that_dies_in_a_transaction_ends_the_session() {
    let fake = Fake::start(|sql, _| match sql {
        sql if sql.contains("'dies'") => vec![Step::Close],
        sql if sql.contains("INSERT") => vec![Step::Send(answer(&[&ok(1)]))],
        _ => vec![Step::Send(one_row("1"))],
    })
    .await;
    let proxy = proxy_before(&fake, "").await;
    for first in ["INSERT INTO t VALUES (1, 'x')", "SET @a = 1"] {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.query("BEGIN").await.unwrap();
        let _ = raw.query(first).await;
        raw.send("INSERT INTO t VALUES (2, 'dies')").await;
        assert_eq!(raw.last_words().await.code, LOST);
    }
    assert_eq!(fake.heard("'dies'"), 2);
}

#[tokio::test]
async fn a_length_that_lies_waits_no_longer_than_a_statement_may() {
    let fake = Fake::start(|sql, _| match sql.contains("id = 1") {
        true => vec![Step::Send(vec![0xFE, 0xFF, 0xFF, 1, 1]), Step::Hang],
        false => vec![Step::Send(one_row("1"))],
    })
    .await;
    let proxy = proxy_before(&fake, "[server.timeouts]\nstatement = \"300ms\"").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    let started = Instant::now();
    let error = raw.query("SELECT v FROM t WHERE id = 1").await.unwrap_err();
    assert_eq!(error.code, LOST);
    assert!(started.elapsed() < Duration::from_secs(12));
    assert_eq!(fake.heard("KILL QUERY"), 1);
    assert_eq!(
        fake.heard("id = 1"),
        1,
        "what took too long must not run again"
    );
    assert!(raw.works().await);
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_refused_with_the_reason() {
    let greetings: [(&str, Vec<Step>, &str); 5] = [
        ("silence", vec![Step::Hang], "no answer within 1000 ms"),
        ("death", vec![Step::Close], "closed"),
        (
            "garbage",
            vec![Step::Send(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()), Step::Hang],
            "out of order",
        ),
        (
            "an old protocol",
            vec![Step::Send(from_sequence(0, &[b"\x09 3.23"])), Step::Hang],
            "version",
        ),
        (
            "refusal",
            vec![
                Step::Send(from_sequence(0, &[b"\xff\x10\x04Too many connections"])),
                Step::Close,
            ],
            "Too many connections",
        ),
    ];
    for (what, steps, reason) in greetings {
        let fake = Fake::greeting(OFFERED, steps, |_, _| Vec::new()).await;
        let proxy = proxy_before(&fake, "").await;
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        let error = raw.query("SELECT 1").await.unwrap_err();
        assert_eq!(error.code, UNREACHABLE, "{what}: {error}");
        assert!(error.to_string().contains(reason), "{what}: {error}");
    }
    let old = OFFERED - shardwell::wire::CapabilityFlags::CLIENT_DEPRECATE_EOF;
    let fake = Fake::greeting(old, Vec::new(), |_, _| Vec::new()).await;
    let proxy = proxy_before(&fake, "").await;
    let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
    let error = raw.query("SELECT 1").await.unwrap_err();
    assert!(error.to_string().contains("too old"), "{error}");
}

#[tokio::test]
async fn a_thousand_questions_for_an_unknown_table_are_few_looks() {
    let fake = Fake::greeting(OFFERED, vec![Step::Hang], |_, _| Vec::new()).await;
    let proxy = proxy_before(&fake, "").await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(Raw::app(proxy.address(), Some(SOLO)).await);
    }
    let started = Instant::now();
    for client in &mut clients {
        client.send("SELECT v FROM unknown WHERE id = 1").await;
    }
    for client in &mut clients {
        assert!(client.answer().await.is_err());
    }
    // One look ends after `connect_timeout`, 1 s.
    let waited = started.elapsed();
    assert!(waited < Duration::from_secs(5), "{waited:?}");
}

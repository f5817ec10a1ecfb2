//! UPDATE whose rows are found together and written by their primary keys, on two servers: whatever ends
//! it while it finds or writes, it has changed all of its rows or none.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::accounts::{Account, in_transaction};
use crate::common::{Place, connect_app};
use crate::cost::tapped;
use crate::moves::{PATIENCE, cut_at, settle};
use crate::tap::When;

/// Row 1 is on the first server, row 300 on the second one.
const STATEMENT: &str = "UPDATE accounts SET balance = balance + 1, note = 'p' WHERE id IN (SELECT account \
                         FROM marks)";

const TABLES: &str = r#"
[schemas.shop.tables.accounts]
key = "id"
algorithm = { kind = "range", bounds = [100, 251, 400] }
[schemas.shop.tables.marks]
key = "mark"
algorithm = { kind = "range", bounds = [100, 251, 400] }
"#;

const ROWS: [&str; 2] = [
    "INSERT INTO accounts (id, balance) VALUES (1, 100), (2, 100), (300, 100), (301, 100)",
    "INSERT INTO marks VALUES (1, 1), (300, 300), (301, 777)",
];

async fn tables(place: &Place) {
    let accounts = "CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL, note VARCHAR(30), KEY (note))";
    place.everywhere(accounts).await;
    let marks = "CREATE TABLE marks (mark INT PRIMARY KEY, account INT)";
    place.everywhere(marks).await;
    let bulk = "CREATE TABLE bulk (n INT)";
    place.shard(2).await.query_drop(bulk).await.unwrap();
}

async fn fill(proxy: &ProxyHandle) {
    let mut app = connect_app(proxy).await;
    for sql in ROWS {
        app.query_drop(sql).await.unwrap();
    }
}

async fn staged(more: &str) -> (Place, ProxyHandle) {
    let place = Place::new().await;
    tables(&place).await;
    let config = place.config(&format!("{TABLES}\n{more}"));
    let proxy = start_proxy(config).await.unwrap();
    fill(&proxy).await;
    (place, proxy)
}

/// All accounts, as they are committed; one that is locked is waited for.
async fn accounts(place: &Place) -> Vec<Account> {
    let mut all: Vec<Account> = Vec::new();
    for position in 0..4 {
        let sql = "SELECT id, balance, note FROM accounts LOCK IN SHARE MODE";
        let rows: Vec<Account> = place.shard(position).await.query(sql).await.unwrap();
        all.extend(rows);
    }
    all.sort();
    all
}

/// What the accounts are if the statement was carried out, or not; with what the transaction wrote before.
fn expected(done: bool, before: bool) -> Vec<Account> {
    let row = |id: u32| {
        let picked = done && matches!(id, 1 | 300);
        let own = before && matches!(id, 2 | 301);
        let balance = 100 + i64::from(picked) - 90 * i64::from(own);
        (id, balance, picked.then(|| "p".to_owned()))
    };
    [1, 2, 300, 301].map(row).to_vec()
}

/// What ends the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Deadlock,
    LockWait,
    Kill,
    Gone,
}

impl Ended {
    fn code(self) -> u16 {
        match self {
            Self::Deadlock => 1213,
            Self::LockWait => 1205,
            Self::Kill | Self::Gone => 1317,
        }
    }
}

/// What somebody else on the second server does before the statement, which then waits; and what makes
/// a deadlock of that.
const WAITS: [[&str; 2]; 2] = [
    // While rows are found.
    [
        "UPDATE accounts SET balance = balance WHERE id = 300",
        "UPDATE marks SET account = 777 WHERE mark = 300",
    ],
    [
        "SELECT id FROM accounts FORCE INDEX (note) WHERE note BETWEEN 'm' AND 'q' FOR UPDATE",
        "UPDATE accounts SET balance = balance WHERE id = 300",
    ],
];

#[tokio::test]
async fn what_ends_a_statement_takes_back_what_mysql_takes_back() {
    for [holds, closes] in WAITS {
        for ended in [Ended::Deadlock, Ended::LockWait, Ended::Kill, Ended::Gone] {
            for inside in [false, true] {
                let (place, proxy) = staged("").await;
                ends(&place, &proxy, (holds, closes), (ended, inside)).await;
                proxy.shutdown().await;
            }
        }
    }
}

async fn ends(
    place: &Place,
    proxy: &ProxyHandle,
    (holds, closes): (&str, &str),
    (ended, inside): (Ended, bool),
) {
    let what = format!("{holds}: {ended:?}, inside: {inside}");
    let mut holder = holding(place, holds, ended).await;
    let mut client = connect_app(proxy).await;
    let id: u64 = client
        .query_first("SELECT CONNECTION_ID()")
        .await
        .unwrap()
        .unwrap();
    if ended == Ended::LockWait {
        let wait = "SET innodb_lock_wait_timeout = 1";
        client.query_drop(wait).await.unwrap();
    }
    if inside {
        for sql in [
            "BEGIN",
            "UPDATE accounts SET balance = 10 WHERE id = 2",
            "UPDATE accounts SET balance = 10 WHERE id = 301",
        ] {
            client.query_drop(sql).await.unwrap();
        }
    }
    let running = tokio::spawn(async move {
        let done = client.query_drop(STATEMENT).await;
        (client, done)
    });
    waits(place, &what).await;
    match ended {
        Ended::Deadlock => holder.query_drop(closes).await.expect(&what),
        Ended::LockWait => {}
        Ended::Kill => {
            let kill = format!("KILL QUERY {id}");
            connect_app(proxy).await.query_drop(kill).await.unwrap();
        }
        Ended::Gone => running.abort(),
    }
    let told = tokio::time::timeout(PATIENCE, running).await.unwrap();
    holder.query_drop("ROLLBACK").await.unwrap();
    drop(holder);
    let kept = inside && matches!(ended, Ended::LockWait | Ended::Kill);
    if let Ok((mut client, done)) = told {
        assert_eq!(code(done), ended.code(), "{what}");
        assert!(!kept || in_transaction_now(&mut client).await, "{what}");
        client.query_drop("COMMIT").await.unwrap();
        assert!(!in_transaction(&client), "{what}");
    } else {
        assert_eq!(ended, Ended::Gone, "{what}");
    }
    assert_eq!(accounts(place).await, expected(false, kept), "{what}");
    // Nobody holds a lock any more.
    let mut next = connect_app(proxy).await;
    next.query_drop(STATEMENT).await.expect(&what);
    assert_eq!(next.affected_rows(), 2, "{what}");
    assert_eq!(accounts(place).await, expected(true, kept), "{what}");
}

/// Somebody else on the second server, who holds what the statement will wait for.
async fn holding(place: &Place, holds: &str, ended: Ended) -> Conn {
    let mut holder = place.shard(2).await;
    holder.query_drop("BEGIN").await.unwrap();
    // The one that has written less is the victim of a deadlock.
    let many = format!("INSERT INTO bulk VALUES (0){}", ", (1)".repeat(80));
    let bulk = if ended == Ended::Deadlock {
        &many
    } else {
        "DO 1"
    };
    for sql in [bulk, holds] {
        let _: Vec<mysql_async::Row> = holder.query(sql).await.unwrap();
    }
    holder
}

fn code(done: Result<(), Error>) -> u16 {
    match done {
        Err(Error::Server(error)) => error.code,
        other => panic!("an error was expected: {other:?}"),
    }
}

async fn in_transaction_now(client: &mut Conn) -> bool {
    client.query_drop("DO 1").await.unwrap();
    in_transaction(client)
}

/// Waits until a statement waits for a lock of the shard that the holder is on.
async fn waits(place: &Place, what: &str) {
    let mut shard = place.shard(2).await;
    let database = place.shards()[2].1.clone();
    let sql = format!(
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE \
         '%{database}%'"
    );
    let deadline = Instant::now() + PATIENCE;
    while shard.query_first::<u64, _>(&sql).await.unwrap() == Some(0) {
        assert!(Instant::now() < deadline, "{what}: nothing waits");
        // Whoever asks more often gets the same answer again.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// More rows than may be found, or written: nothing is written, and a transaction goes on.
#[tokio::test]
async fn budgets_end_a_statement_before_it_writes() {
    const OUT_OF_MEMORY: u16 = 1038;
    const LONG: &str = "UPDATE accounts JOIN marks ON account = id SET note = REPEAT(mark, 20000)";
    for (limit, sql) in [
        ("[server.gather]\nmax_rows = 3", STATEMENT),
        ("[server.merge]\nmemory = \"1MiB\"", LONG),
    ] {
        let (place, proxy) = staged(limit).await;
        let mut client = connect_app(&proxy).await;
        let many: Vec<String> = (310..390).map(|id| format!("({id}, {id})")).collect();
        for sql in [
            format!("INSERT INTO marks VALUES {}", many.join(", ")),
            format!(
                "INSERT INTO accounts (id, balance) VALUES {}",
                many.join(", ")
            ),
        ] {
            client.query_drop(sql).await.unwrap();
        }
        let before = accounts(&place).await;
        assert_eq!(code(client.query_drop(sql).await), OUT_OF_MEMORY, "{limit}");
        assert_eq!(accounts(&place).await, before, "{limit}");
        client.query_drop("BEGIN").await.unwrap();
        let own = "UPDATE accounts SET balance = 10 WHERE id IN (2, 301)";
        client.query_drop(own).await.unwrap();
        assert_eq!(code(client.query_drop(sql).await), OUT_OF_MEMORY, "{limit}");
        assert!(in_transaction_now(&mut client).await, "{limit}");
        client.query_drop("COMMIT").await.unwrap();
        let after = accounts(&place).await;
        let changed = after.iter().filter(|row| !before.contains(row)).count();
        assert_eq!(changed, 2, "{limit}");
        proxy.shutdown().await;
    }
}

/// What is said to the first server (0) and to the second one (1).
const STEPS: [(usize, &str); 9] = [
    (0, "LOCK IN SHARE MODE"),
    (1, "FOR UPDATE"),
    (0, "SET `balance` = "),
    (1, "SET `balance` = "),
    (1, "XA END"),
    (1, "XA PREPARE"),
    (0, "decisions (gtrid"),
    (0, "COMMIT"),
    (1, "XA COMMIT"),
];

#[tokio::test]
async fn a_lost_server_leaves_all_rows_or_none() {
    let place = Place::new().await;
    tables(&place).await;
    let (config, a, b) = tapped(&place, "[transactions]\nrecover_after = \"200ms\"").await;
    let config = config.replace(crate::accounts::TABLES, TABLES);
    let mut taps = [a, b];
    let proxy = start_proxy(config).await.unwrap();
    fill(&proxy).await;
    // The first transaction over both makes the proxy's own tables.
    let back = "UPDATE accounts SET balance = 100, note = NULL";
    for sql in [STATEMENT, back] {
        connect_app(&proxy).await.query_drop(sql).await.unwrap();
    }
    let mut seen = [0, 0];
    for (at, needle) in STEPS {
        for when in [When::Before, When::After] {
            let client = connect_app(&proxy).await;
            let told = cut_at(&mut taps[at], (needle, when), client, STATEMENT).await;
            settle(&place, needle).await;
            let found = accounts(&place).await;
            let done = found == expected(true, false);
            assert!(
                done || found == expected(false, false),
                "{needle} {when:?}: {found:?}"
            );
            assert!(done || !told, "{needle} {when:?}: told to be there");
            seen[usize::from(done)] += 1;
            connect_app(&proxy).await.query_drop(back).await.unwrap();
        }
    }
    assert!(seen.iter().all(|count| *count > 2), "{seen:?}");
    proxy.shutdown().await;
}

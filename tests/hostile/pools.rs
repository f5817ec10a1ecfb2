//! Many clients over few connections: whose turn it is, who is turned away, and how a server is met
//! that has just come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::start_proxy;
use shardwell::wire::BackendWish;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::common::{APP_PASSWORD, APP_USER, connect};
use crate::raw::Raw;
use crate::solo::{SOLO, Solo, config, shared};

/// How long a connection takes that goes through a [`Door`].
const SLOW: Duration = Duration::from_millis(50);

/// The way to a server: slow to connect, and it counts.
struct Door {
    port: u16,
    counts: Arc<Counts>,
    /// Grows by one to forget all connections until then.
    forgets: Arc<watch::Sender<u32>>,
}

#[derive(Default)]
struct Counts {
    /// Connections so far.
    all: AtomicUsize,
    /// Those that are being opened.
    opening: AtomicUsize,
    /// The most of them at any time.
    most: AtomicUsize,
}

impl Door {
    async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let forgets = Arc::new(watch::Sender::new(0));
        let forgetting = Arc::clone(&forgets);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let counts = Arc::clone(&counting);
                let mut forget = forgetting.subscribe();
                tokio::spawn(async move {
                    counts.all.fetch_add(1, Ordering::Relaxed);
                    let opening = counts.opening.fetch_add(1, Ordering::Relaxed) + 1;
                    counts.most.fetch_max(opening, Ordering::Relaxed);
                    tokio::time::sleep(SLOW).await;
                    counts.opening.fetch_sub(1, Ordering::Relaxed);
                    if let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await {
                        tokio::select! {
                            _ = copy_bidirectional(&mut client, &mut server) => {}
                            // Nobody is told, and nothing comes through any more.
                            _ = forget.changed() => std::future::pending().await,
                        }
                    }
                });
            }
        });
        Self {
            port,
            counts,
            forgets,
        }
    }

    /// Loses what comes on the connections of before, as a firewall that has forgotten them.
    fn forget(&self) {
        self.forgets.send_modify(|times| *times += 1);
    }

    fn all(&self) -> usize {
        self.counts.all.load(Ordering::Relaxed)
    }

    /// The most that were being opened at once since the last call.
    fn most_at_once(&self) -> usize {
        self.counts.most.swap(0, Ordering::Relaxed)
    }
}

/// Clients that run a statement over and over.
struct Crowd {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    clients: JoinSet<Tally>,
}

/// What a client met.
#[derive(Default)]
struct Tally {
    answers: usize,
    errors: Vec<u16>,
    longest: Duration,
}

impl Crowd {
    async fn of(clients: Vec<Raw>, sql: &'static str) -> Self {
        let mut crowd = Self {
            stop: Arc::default(),
            answers: Arc::default(),
            clients: JoinSet::new(),
        };
        for mut client in clients {
            let (stop, answers) = (Arc::clone(&crowd.stop), Arc::clone(&crowd.answers));
            crowd.clients.spawn(async move {
                let mut tally = Tally::default();
                while !stop.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    match client.query(sql).await {
                        Ok(_) => {
                            tally.answers += 1;
                            answers.fetch_add(1, Ordering::Relaxed);
                            tally.longest = tally.longest.max(began.elapsed());
                        }
                        Err(error) => tally.errors.push(error.code),
                    }
                }
                tally
            });
        }
        crowd
    }

    /// Waits for so many more answers.
    async fn advance(&self, more: usize) {
        let wanted = self.answers.load(Ordering::Relaxed) + more;
        let end = Instant::now() + Duration::from_secs(60);
        while self.answers.load(Ordering::Relaxed) < wanted {
            assert!(Instant::now() < end, "the clients get no answers");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn end(mut self) -> Vec<Tally> {
        self.stop.store(true, Ordering::Relaxed);
        let mut tallies = Vec::new();
        while let Some(tally) = self.clients.join_next().await {
            tallies.push(tally.unwrap());
        }
        tallies
    }
}

async fn clients(address: std::net::SocketAddr, count: usize) -> Vec<Raw> {
    let mut clients = Vec::with_capacity(count);
    for _ in 0..count {
        clients.push(Raw::app(address, Some(SOLO)).await);
    }
    clients
}

fn pool(more: &str) -> String {
    format!("[backend.pool]\nacquire_timeout = \"20s\"\n{more}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_share_eight_connections_evenly() {
    let (_place, proxy) = shared("", &pool("max_connections = 8")).await;
    let clients = clients(proxy.address(), 200).await;
    let crowd = Crowd::of(clients, "SELECT SLEEP(0.002)").await;
    crowd.advance(6000).await;
    let tallies = crowd.end().await;
    assert!(tallies.iter().all(|tally| tally.errors.is_empty()));
    let counts = || tallies.iter().map(|tally| tally.answers);
    let (least, most) = (counts().min().unwrap(), counts().max().unwrap());
    let longest = tallies.iter().map(|tally| tally.longest).max().unwrap();
    println!("from {least} to {most} answers each; {longest:?} at most for one");
    // Served in turn, all get the same number, but for the statements under way.
    assert!(most - least <= 3, "from {least} to {most} answers");
}

#[tokio::test]
async fn who_would_make_the_queue_too_long_is_turned_away_at_once() {
    let limits = "max_connections = 1\nmax_waiting = 2";
    let (_place, proxy) = shared("", &pool(limits)).await;
    let mut holder = Raw::app(proxy.address(), Some(SOLO)).await;
    holder.query("BEGIN").await.unwrap();
    holder.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    let mut waiting = clients(proxy.address(), 2).await;
    for client in &mut waiting {
        client.send("INSERT INTO t VALUES (2, 'x')").await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut late = Raw::app(proxy.address(), Some(SOLO)).await;
    let began = Instant::now();
    let error = late.query("SELECT * FROM t").await.unwrap_err();
    assert_eq!(error.code, 1040, "{error}");
    let text = String::from_utf8_lossy(&error.message).into_owned();
    assert!(text.contains("2 statements wait already"), "{text}");
    assert!(began.elapsed() < Duration::from_secs(5));
    // A place in the queue is free as soon as its client leaves.
    drop(waiting.pop());
    tokio::time::sleep(Duration::from_millis(300)).await;
    late.send("INSERT INTO t VALUES (3, 'x')").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    holder.query("COMMIT").await.unwrap();
    assert!(waiting[0].answer().await.is_ok());
    assert!(late.answer().await.is_ok());
    assert!(late.works().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_two_kinds_do_not_take_each_others_connections_apart() {
    let (place, proxy) = shared("", "").await;
    drop(proxy);
    let (server, database) = &place.shards()[0];
    let door = Door::to(server.address().port()).await;
    let text = config(door.port, "", &pool("max_connections = 8"))
        .replace(&format!("a/{SOLO}"), &format!("a/{database}"));
    let proxy = start_proxy(text).await.unwrap();
    let mut clients = clients(proxy.address(), 20).await;
    for _ in 0..20 {
        let mut raw = Raw::greeted(proxy.address()).await;
        let wish = BackendWish {
            schema: true,
            found_rows: true,
            ..BackendWish::default()
        };
        raw.login_with(APP_USER, APP_PASSWORD, Some(SOLO), wish)
            .await
            .unwrap();
        clients.push(raw);
    }
    let crowd = Crowd::of(clients, "SELECT SLEEP(0.002)").await;
    crowd.advance(200).await;
    let before = door.all();
    crowd.advance(2000).await;
    let opened = door.all() - before;
    let tallies = crowd.end().await;
    assert!(tallies.iter().all(|tally| tally.errors.is_empty()));
    let least = tallies.iter().map(|tally| tally.answers).min().unwrap();
    println!("{opened} connections for 2000 statements; {least} answers at least");
    // First come, first served without a regard to the kind would open about 1000.
    assert!(opened < 200, "{opened} connections for 2000 statements");
    assert!(least > 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_back_is_not_met_by_everybody_at_once() {
    let mut solo = Solo::start().await;
    let door = Door::to(solo.address().port()).await;
    let text = config(door.port, "", &pool("max_connections = 40"));
    let proxy = start_proxy(text).await.unwrap();
    let crowd = Crowd::of(clients(proxy.address(), 60).await, "SELECT SLEEP(0.01)").await;
    crowd.advance(500).await;
    let at_first = door.most_at_once();
    solo.kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    door.most_at_once();
    let before = door.all();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (while_gone, attempts) = (door.most_at_once(), door.all() - before);
    solo.restart().await;
    crowd.advance(1000).await;
    let when_back = door.most_at_once();
    let tallies = crowd.end().await;
    println!("{at_first}, {while_gone} ({attempts} in a second), {when_back} at once");
    assert!((1..=8).contains(&at_first), "{at_first}");
    // One after the other, each as long as it takes.
    assert!((1..=2).contains(&while_gone), "{while_gone}");
    assert!(attempts <= 40, "{attempts}");
    assert!((1..=8).contains(&when_back), "{when_back}");
    let mut codes: Vec<u16> = tallies.into_iter().flat_map(|tally| tally.errors).collect();
    codes.sort_unstable();
    codes.dedup();
    // A server that has just come back may not have the schema and its tables yet.
    let expected = [1044, 1049, 1146, 2003, 2013];
    assert!(
        codes.iter().all(|code| expected.contains(code)),
        "{codes:?}"
    );
}

#[tokio::test]
async fn the_connections_that_are_kept_ready_are_there_before_the_first_client() {
    let solo = Solo::start().await;
    let door = Door::to(solo.address().port()).await;
    let text = config(door.port, "", &pool("min_idle = 6"));
    let proxy = start_proxy(text).await.unwrap();
    assert!(door.all() >= 6, "{}", door.all());
    // Those for questions of the proxy's own are gone soon.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = door.all();
    for mut client in clients(proxy.address(), 6).await {
        client.query("BEGIN").await.unwrap();
        client.query("SELECT * FROM t").await.unwrap();
        assert!(client.works().await);
    }
    assert_eq!(door.all(), before);
}

#[tokio::test]
async fn a_connection_that_was_idle_for_long_is_asked_before_it_is_used() {
    let solo = Solo::start().await;
    let door = Door::to(solo.address().port()).await;
    for (validate_after, is_answered) in [("300ms", true), ("1h", false)] {
        let limits = format!("max_connections = 4\nvalidate_after = \"{validate_after}\"");
        let proxy = start_proxy(config(door.port, "", &pool(&limits)))
            .await
            .unwrap();
        let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
        client.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
        door.forget();
        tokio::time::sleep(Duration::from_secs(2)).await;
        client.send("DELETE FROM t").await;
        let answer = tokio::time::timeout(Duration::from_secs(15), client.answer()).await;
        assert_eq!(answer.is_ok_and(|answer| answer.is_ok()), is_answered);
    }
}

/// What connections keep prepared for whoever needs it next gives way to what is needed now.
#[tokio::test]
async fn a_server_full_of_statements_gets_back_what_nobody_uses() {
    let solo = Solo::start().await;
    let proxy = solo.proxy("", "").await;
    let client = || connect(proxy.address(), APP_USER, APP_PASSWORD, Some(SOLO));
    let (mut one, mut other) = (client().await.unwrap(), client().await.unwrap());
    one.query_drop("BEGIN").await.unwrap();
    for n in 0..5 {
        let row: Option<i64> = one
            .exec_first(format!("SELECT {n} + id FROM t WHERE id = ?"), (1,))
            .await
            .unwrap();
        assert_eq!(row, None);
    }
    // On another connection, which has none.
    other.query_drop("BEGIN").await.unwrap();
    other.query_drop("SELECT * FROM t").await.unwrap();
    one.query_drop("COMMIT").await.unwrap();
    let mut admin = solo.admin().await;
    let full = "SET GLOBAL max_prepared_stmt_count = 5";
    admin.query_drop(full).await.unwrap();
    for n in 5..30 {
        for client in [&mut other, &mut one] {
            let sql = format!("SELECT {n} + id FROM t WHERE id > ?");
            let statement = client.prep(sql).await.unwrap();
            let rows: Vec<i64> = client.exec(&statement, (1,)).await.unwrap();
            assert!(rows.is_empty());
            client.close(statement).await.unwrap();
        }
    }
    // What was prepared first is prepared anew.
    let sql = "SELECT 0 + id FROM t WHERE id = ?";
    let row: Option<i64> = one.exec_first(sql, (1,)).await.unwrap();
    assert_eq!(row, None);
    proxy.shutdown().await;
}

/// Connections whose way to the server is lost do not answer that their statements are closed.
#[tokio::test]
async fn nobody_waits_long_for_what_a_full_server_shall_get_back() {
    let solo = Solo::start().await;
    let door = Door::to(solo.address().port()).await;
    let limits = pool("max_connections = 4");
    let proxy = start_proxy(config(door.port, "", &limits)).await.unwrap();
    let keeper = connect(proxy.address(), APP_USER, APP_PASSWORD, Some(SOLO));
    let mut keeper = keeper.await.unwrap();
    for n in 0..5 {
        let sql = format!("SELECT {n} + id FROM t WHERE id = ?");
        keeper.exec_drop(sql, (1,)).await.unwrap();
    }
    let mut admin = solo.admin().await;
    let full = "SET GLOBAL max_prepared_stmt_count = 5";
    admin.query_drop(full).await.unwrap();
    door.forget();
    // A connection of another kind, which is opened anew.
    let of_keeper = keeper.opts().clone();
    let other = mysql_async::OptsBuilder::from_opts(of_keeper).client_found_rows(true);
    let mut other = mysql_async::Conn::new(other).await.unwrap();
    let began = Instant::now();
    match other.prep("SELECT id FROM t WHERE id = ?").await {
        Err(mysql_async::Error::Server(error)) => assert_eq!(error.code, 1461, "{error}"),
        told => panic!("{told:?}"),
    }
    let waited = began.elapsed();
    assert!((1..15).contains(&waited.as_secs()), "{waited:?}");
}

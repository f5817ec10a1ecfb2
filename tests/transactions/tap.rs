//! A tap between the proxy and a server: it hears every statement, and can cut the connection between
//! any two messages.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The server never gets the statement.
    Before,
    /// The server has answered; the proxy never hears.
    After,
}

/// One fault to come.
#[derive(Clone, Debug)]
struct Rule {
    needle: String,
    when: When,
}

/// What is shared by the connections of a tap.
struct Inner {
    server: SocketAddr,
    rule: Mutex<Option<Rule>>,
    heard: Mutex<Vec<String>>,
    /// Tells that the rule's statement has come.
    hit: mpsc::UnboundedSender<()>,
    /// The connection may be cut now.
    cut: Notify,
    /// All connections are cut.
    cut_all: Notify,
}

/// A running tap.
pub struct Tap {
    /// Where it listens.
    pub address: SocketAddr,
    inner: Arc<Inner>,
    hits: mpsc::UnboundedReceiver<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Tap {
    /// A tap before a server.
    pub async fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (hit, hits) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            server,
            rule: Mutex::default(),
            heard: Mutex::default(),
            hit,
            cut: Notify::new(),
            cut_all: Notify::new(),
        });
        let accepting = Arc::clone(&inner);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, Arc::clone(&accepting)));
            }
        });
        Self {
            address,
            inner,
            hits,
            task,
        }
    }

    /// Cuts the connection at the next statement with `needle` in it.
    pub fn cut_at(&mut self, needle: &str, when: When) {
        while self.hits.try_recv().is_ok() {}
        let needle = needle.to_owned();
        *self.inner.rule.lock().unwrap() = Some(Rule { needle, when });
    }

    /// Waits until the statement has come; the connection stands still until [`Tap::cut`].
    pub async fn hit(&mut self) {
        self.hits.recv().await.unwrap();
    }

    /// Cuts the connection that stands still.
    pub fn cut(&self) {
        self.inner.cut.notify_one();
    }

    /// Cuts every connection that is open.
    pub fn cut_all(&self) {
        self.inner.cut_all.notify_waiters();
    }

    /// The statements since the last call, in order.
    pub fn take_heard(&self) -> Vec<String> {
        std::mem::take(&mut self.inner.heard.lock().unwrap())
    }
}

async fn serve(client: TcpStream, inner: Arc<Inner>) -> Option<()> {
    client.set_nodelay(true).ok()?;
    let server = TcpStream::connect(inner.server).await.ok()?;
    server.set_nodelay(true).ok()?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // The next answer is not passed on.
    let held = AtomicBool::new(false);
    // What ends first ends the connection.
    tokio::select! {
        _ = commands(from_client, to_server, &inner, &held) => {}
        _ = answers(from_server, to_client, &inner, &held) => {}
        () = inner.cut_all.notified() => {}
    }
    Some(())
}

/// Passes commands on, frame by frame.
async fn commands(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    inner: &Inner,
    held: &AtomicBool,
) -> Option<()> {
    loop {
        let mut frame = vec![0; 4];
        from.read_exact(&mut frame).await.ok()?;
        let len = usize::from(frame[0]) | usize::from(frame[1]) << 8 | usize::from(frame[2]) << 16;
        frame.resize(4 + len, 0);
        from.read_exact(&mut frame[4..]).await.ok()?;
        let statement = (frame[3] == 0 && frame.get(4) == Some(&3))
            .then(|| String::from_utf8_lossy(&frame[5..]).into_owned());
        match statement.and_then(|sql| inner.hear(sql)) {
            Some(When::Before) => return inner.stand_still().await,
            Some(When::After) => held.store(true, Ordering::SeqCst),
            None => {}
        }
        to.write_all(&frame).await.ok()?;
    }
}

/// Passes answers on.
async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    inner: &Inner,
    held: &AtomicBool,
) -> Option<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).await.ok().filter(|read| *read > 0)?;
        if held.load(Ordering::SeqCst) {
            // It may be the answer to the statement before, in the same packet of the network.
            tokio::time::sleep(ANSWERED).await;
            return inner.stand_still().await;
        }
        to.write_all(&bytes[..read]).await.ok()?;
    }
}

/// How long a server may take for a small statement.
const ANSWERED: Duration = Duration::from_millis(30);

impl Inner {
    /// Notes a statement; says whether it is the one.
    fn hear(&self, sql: String) -> Option<When> {
        let mut rule = self.rule.lock().unwrap();
        let when = rule
            .as_ref()
            .filter(|rule| sql.contains(&rule.needle))
            .map(|rule| rule.when);
        if when.is_some() {
            *rule = None;
        }
        self.heard.lock().unwrap().push(sql);
        when
    }

    /// Tells that the moment has come, and waits until the connection may be cut.
    async fn stand_still(&self) -> Option<()> {
        self.hit.send(()).ok()?;
        self.cut.notified().await;
        None
    }
}

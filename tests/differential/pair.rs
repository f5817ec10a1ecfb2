//! A proxy and a plain server side by side: what one answers, the other must answer.

use bytes::BytesMut;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::wire::{CapabilityFlags, ColumnDefinition, Reply, decode_err};

use tokio::sync::OnceCell;

use super::common::{APP_PASSWORD, APP_USER, Place, SCHEMA, connect, servers};
use super::raw::{Expect, Packets, Raw};

/// utf8mb4_general_ci, which both flavors know.
pub const COLLATION: u8 = 45;

/// The clients that answers are compared for.
pub const CLIENTS: [(&str, CapabilityFlags); 4] = [
    ("plainest", CapabilityFlags::empty()),
    ("deprecate_eof", CapabilityFlags::CLIENT_DEPRECATE_EOF),
    (
        "tracking",
        CapabilityFlags::CLIENT_DEPRECATE_EOF.union(CapabilityFlags::CLIENT_SESSION_TRACK),
    ),
    (
        "found_rows",
        CapabilityFlags::CLIENT_FOUND_ROWS
            .union(CapabilityFlags::CLIENT_SESSION_TRACK)
            .union(CapabilityFlags::CLIENT_MULTI_STATEMENTS),
    ),
];

/// Two tables that are bound to each other.
pub const BOUND: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
"#;

/// The same, and a broadcast table.
pub const BOUND_AND_BROADCAST: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.kinds]
kind = "broadcast"
"#;

/// Four shards behind a proxy, and a plain server with a database of the schema's name.
pub struct Stage {
    pub place: Place,
    proxy: ProxyHandle,
}

impl Stage {
    /// Runs `everywhere` on every shard and on the plain server, `once` on one shard and on the
    /// plain server, then starts the proxy. `tables` is TOML as in [`Place::config`].
    pub async fn new(tables: &str, everywhere: &[&str], once: &[&str]) -> Self {
        Self::at(Place::new().await, tables, everywhere, once).await
    }

    /// The same in a place that is already there.
    pub async fn at(place: Place, tables: &str, everywhere: &[&str], once: &[&str]) -> Self {
        for definition in everywhere {
            place.everywhere(definition).await;
        }
        Self::on(place, tables, once).await
    }

    /// The same where the shards have other tables than the plain server.
    pub async fn split(tables: &str, on_shards: &[String], on_plain: &[&str]) -> Self {
        let place = Place::new().await;
        for definition in on_shards {
            for position in 0..4 {
                let mut shard = place.shard(position).await;
                shard.query_drop(definition).await.expect(definition);
            }
        }
        for definition in on_plain {
            let mut plain = place.plain().await;
            plain.query_drop(*definition).await.expect(definition);
        }
        Self::on(place, tables, &[]).await
    }

    async fn on(place: Place, tables: &str, once: &[&str]) -> Self {
        for definition in once {
            for mut server in [place.shard(1).await, place.plain().await] {
                server.query_drop(*definition).await.expect(definition);
            }
        }
        make_account().await;
        // Same name, same bytes.
        let config = place
            .config(&tables.replace(SCHEMA, place.name()))
            .replace(
                &format!("[schemas.{SCHEMA}"),
                &format!("[schemas.{}", place.name()),
            )
            .replace(&format!("schemas = [\"{SCHEMA}\"]"), "schemas = [\"*\"]");
        let proxy = start_proxy(config).await.unwrap();
        Self { place, proxy }
    }

    /// Two connections, alike.
    pub async fn pair(&self, extras: CapabilityFlags) -> Pair {
        let account = (APP_USER, APP_PASSWORD);
        let schema = self.place.name();
        let plain = self.place.plain_address().await;
        Pair {
            proxy: Raw::connect(self.proxy.address(), account, schema, extras, COLLATION).await,
            plain: Raw::connect(plain, account, schema, extras, COLLATION).await,
            flavor: servers().await.flavor(),
            differences: Vec::new(),
        }
    }

    /// A connection of the application to the proxy.
    pub async fn app(&self) -> Conn {
        self.user(APP_USER).await
    }

    /// Where the proxy listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.proxy.address()
    }

    /// A connection of a user to the proxy who has the application's password.
    pub async fn user(&self, name: &str) -> Conn {
        let address = self.proxy.address();
        let schema = Some(self.place.name());
        let connection = connect(address, name, APP_PASSWORD, schema).await;
        connection.expect("the proxy answers")
    }

    /// Runs a statement through the proxy and on the plain server; both must succeed.
    pub async fn run(&self, statement: &str) {
        let mut proxy = self.app().await;
        proxy.query_drop(statement).await.expect(statement);
        let mut plain = self.place.plain().await;
        plain.query_drop(statement).await.expect(statement);
    }
}

/// The proxy's account, on the plain server, unless it is there.
pub async fn make_account() {
    static ACCOUNT: OnceCell<()> = OnceCell::const_new();
    ACCOUNT.get_or_init(create_account).await;
}

async fn create_account() {
    let plain = servers().await.plain().await;
    plain.create_account(APP_USER, APP_PASSWORD).await.unwrap();
}

/// Two connections and what they disagreed on.
pub struct Pair {
    pub proxy: Raw,
    pub plain: Raw,
    flavor: Flavor,
    differences: Vec<String>,
}

impl Pair {
    /// COM_QUERY on both.
    pub async fn query(&mut self, sql: impl AsRef<[u8]>) {
        let sql = sql.as_ref();
        let shown = sql.get(..300).unwrap_or(sql);
        let (ours, theirs) = (self.proxy.query(sql).await, self.plain.query(sql).await);
        self.compare(&shown.escape_ascii().to_string(), &ours, &theirs);
    }

    /// LOAD DATA LOCAL on both, with a file that comes in pieces. Which of several wrong rows an error
    /// names is chance.
    pub async fn load(&mut self, sql: &str, file: &[u8], piece: usize) {
        let ours = self.proxy.load(sql.as_bytes(), file, piece).await;
        let theirs = self.plain.load(sql.as_bytes(), file, piece).await;
        self.compare_counts(sql, ours, theirs);
    }

    /// COM_QUERY on both, one after the other.
    pub async fn queries(&mut self, statements: &[&str]) {
        for sql in statements {
            if sql.starts_with("SELECT FOUND_ROWS()") {
                // MySQL warns that the function is deprecated; the proxy answers it with a number.
                self.rows_or_refusal(sql).await;
            } else {
                self.query(sql).await;
            }
        }
    }

    /// COM_QUERY on both, whose rows must be equal: how many warnings a comparison raises depends on
    /// how many rows it meets, and a shard has fewer. Says whether the proxy refused with 1235.
    pub async fn rows_or_refusal(&mut self, sql: &str) -> bool {
        let mut ours = self.proxy.query(sql.as_bytes()).await;
        if is_refusal(&ours) {
            return true;
        }
        let mut theirs = self.plain.query(sql.as_bytes()).await;
        for answer in [&mut ours, &mut theirs] {
            if answer.len() > 1 {
                answer.pop();
            }
        }
        self.compare(sql, &ours, &theirs);
        false
    }

    /// COM_QUERY on both, of which one runs it on other tables with the same rows: how the server
    /// goes about it shows in the flags of columns and in the status.
    pub async fn query_elsewhere(&mut self, sql: &str) {
        let mut ours = self.proxy.query(sql.as_bytes()).await;
        let mut theirs = self.plain.query(sql.as_bytes()).await;
        for packet in ours.iter_mut().chain(&mut theirs) {
            forget_method(&mut packet.payload);
        }
        self.compare(sql, &ours, &theirs);
    }

    /// COM_QUERY on both; the proxy may refuse with 1235.
    pub async fn query_or_refusal(&mut self, sql: &str) {
        let ours = self.proxy.query(sql.as_bytes()).await;
        let theirs = self.plain.query(sql.as_bytes()).await;
        if !is_refusal(&ours) {
            self.compare(sql, &ours, &theirs);
        }
    }

    /// Statements that the proxy must refuse with 1235.
    pub async fn refusals(&mut self, statements: &[&str]) {
        for sql in statements {
            assert!(self.change_or_refusal(sql).await, "{sql}");
        }
    }

    /// COM_QUERY through the proxy, and on the plain server unless the proxy refused with 1235.
    pub async fn change_or_refusal(&mut self, sql: &str) -> bool {
        let ours = self.proxy.query(sql.as_bytes()).await;
        if is_refusal(&ours) {
            return true;
        }
        let mut ours = ours;
        let mut theirs = self.plain.query(sql.as_bytes()).await;
        for packet in ours.iter_mut().chain(&mut theirs) {
            // Whether an index is used (0x20) depends on how many rows there are, and a shard has
            // fewer. The counts before the status are of one byte each here.
            if let Some(status) = packet.payload.get_mut(3) {
                *status &= !0x20;
            }
            forget_warnings(&mut packet.payload);
        }
        self.compare(sql, &ours, &theirs);
        false
    }

    /// COM_QUERY on both, but for whether an index is used: that depends on how many rows there are.
    pub async fn change(&mut self, sql: &str) {
        let mut ours = self.proxy.query(sql.as_bytes()).await;
        let mut theirs = self.plain.query(sql.as_bytes()).await;
        self.forget([&mut ours, &mut theirs]);
        self.compare(sql, &ours, &theirs);
    }

    /// Takes out of both answers whether an index is used, and where MariaDB does not say it what an UPDATE
    /// says that finds nothing.
    pub fn forget(&self, answers: [&mut Packets; 2]) {
        for packet in answers.into_iter().flatten() {
            forget_index(&mut packet.payload);
            if self.flavor == Flavor::MariaDb {
                forget_nothing(&mut packet.payload);
            }
        }
    }

    /// The same, but for what an error says: which of several rows is the first to fail is chance.
    pub async fn counts(&mut self, sql: &str) {
        let ours = self.proxy.query(sql.as_bytes()).await;
        let theirs = self.plain.query(sql.as_bytes()).await;
        self.compare_counts(sql, ours, theirs);
    }

    fn compare_counts(&mut self, sql: &str, mut ours: Packets, mut theirs: Packets) {
        let fails = |answer: &Packets| answer.iter().any(|p| p.payload.first() == Some(&0xFF));
        let both = fails(&ours) && fails(&theirs);
        for packet in ours.iter_mut().chain(&mut theirs) {
            if both && packet.payload.first() == Some(&0xFF) {
                packet.payload.truncate(1);
            }
        }
        self.forget([&mut ours, &mut theirs]);
        self.compare(sql, &ours, &theirs);
    }

    /// COM_QUERY on both, whose rows must be equal. Where the proxy writes a literal for a function
    /// (DATABASE() for one), the column has the literal's length.
    pub async fn values(&mut self, sql: &str) {
        let ours = self.proxy.query(sql.as_bytes()).await;
        let theirs = self.plain.query(sql.as_bytes()).await;
        let row = |answer: &Packets| answer.iter().rev().nth(1).cloned();
        let (ours, theirs) = (row(&ours), row(&theirs));
        self.compare(
            sql,
            &ours.into_iter().collect(),
            &theirs.into_iter().collect(),
        );
    }

    /// Any command on both.
    pub async fn command(&mut self, what: &str, payload: &[u8], expect: Expect) {
        let ours = self.proxy.command(payload, expect).await;
        let theirs = self.plain.command(payload, expect).await;
        self.compare(what, &ours, &theirs);
    }

    /// COM_CHANGE_USER on both.
    pub async fn change_user(&mut self, user: &str, password: &str, schema: &str) {
        let ours = self.proxy.change_user(user, password, schema).await;
        let theirs = self.plain.change_user(user, password, schema).await;
        self.compare("COM_CHANGE_USER", &ours, &theirs);
    }

    pub fn compare(&mut self, what: &str, ours: &Packets, theirs: &Packets) {
        if ours == theirs {
            return;
        }
        let mut text = what.to_owned();
        for at in 0..ours.len().max(theirs.len()) {
            let (one, other) = (ours.get(at), theirs.get(at));
            if one != other {
                text.push_str(&format!("\n    proxy: {one:?}\n    plain: {other:?}"));
            }
        }
        self.differences.push(text);
    }

    /// Something else that is not alike.
    pub fn note(&mut self, difference: String) {
        self.differences.push(difference);
    }

    /// What they disagreed on so far.
    pub fn differences(&self) -> &[String] {
        &self.differences
    }

    /// What they disagreed on so far.
    pub fn take_differences(&mut self) -> impl Iterator<Item = String> {
        std::mem::take(&mut self.differences).into_iter()
    }

    /// What they disagreed on, each prefixed with `context`.
    pub fn into_differences(self, context: &str) -> Vec<String> {
        let differences = self.differences.into_iter();
        differences
            .map(|text| format!("{context}: {text}"))
            .collect()
    }
}

/// Takes SERVER_QUERY_NO_INDEX_USED out of an OK, or out of an EOF.
fn forget_index(payload: &mut [u8]) {
    let behind = |at: usize| match payload.get(at) {
        Some(0xFC) => at + 3,
        Some(0xFD) => at + 4,
        Some(0xFE) => at + 9,
        _ => at + 1,
    };
    let at = match payload.first() {
        Some(0) => behind(behind(1)),
        Some(0xFE) => 3,
        _ => return,
    };
    if let Some(status) = payload.get_mut(at) {
        *status &= !0x20;
    }
}

/// Takes out what an UPDATE says that finds nothing: MariaDB is silent where it sees that beforehand.
fn forget_nothing(payload: &mut Vec<u8>) {
    const NONE: &[u8] = b"(Rows matched: 0  Changed: 0  Warnings: 0";
    if payload.ends_with(NONE) {
        payload.truncate(payload.len() - NONE.len());
    }
}

/// Takes the number of warnings out of an OK of a change: how many a comparison raises depends on
/// how many rows it meets.
pub fn forget_warnings(payload: &mut Vec<u8>) {
    const COUNT: &[u8] = b"  Warnings: ";
    let Some(at) = payload.windows(COUNT.len()).position(|w| w == COUNT) else {
        return;
    };
    payload.truncate(at);
    // The number itself, and the length of the text that tells it too.
    for byte in payload.iter_mut().skip(5).take(3) {
        *byte = 0;
    }
}

/// Takes out what tells how a server ran a query: which keys a column is part of, whether it came
/// by way of a table of the server's own, whether an index was used.
pub fn forget_method(payload: &mut Vec<u8>) {
    const KEPT: u16 = 0x0001 | 0x0010 | 0x0020 | 0x0040 | 0x0100 | 0x0800 | 0x8000;
    const FLAGS_FROM_END: usize = 5;
    if payload.starts_with(b"\x03def\0\0\0") {
        // An expression: the field of the server's own table that held it has its name too.
        let mut column = ColumnDefinition::decode(payload).unwrap();
        column.org_name = b"";
        let mut out = BytesMut::new();
        column.encode(&mut out);
        *payload = out.to_vec();
    }
    let length = payload.len();
    if payload.starts_with(b"\x03def") {
        if let Some([low, high]) = payload.get_mut(length - FLAGS_FROM_END..length - 3) {
            let flags = u16::from_le_bytes([*low, *high]) & KEPT;
            [*low, *high] = flags.to_le_bytes();
        }
    } else if payload.first() == Some(&0xFE)
        && length < 9
        && let Some(status) = payload.get_mut(3)
    {
        *status &= !0x30;
    } else if let [0, 0, 0, status, _, _, _] = payload.as_mut_slice() {
        // An OK of a statement that changed no rows, such as SET.
        *status &= !0x30;
    }
}

/// Fails with all differences at once.
pub fn assert_same(differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Whether the proxy says that it cannot answer: 1235, or that it does not store such a key. Where
/// MySQL stores another value than the one written (cut, clipped, rounded, NULL into a nullable
/// key), the proxy does not guess which one.
pub fn is_refusal(answer: &Packets) -> bool {
    let error = answer
        .last()
        .filter(|packet| matches!(Reply::decode(&packet.payload), Ok(Reply::Err)));
    error
        .and_then(|packet| decode_err(&packet.payload).ok())
        .is_some_and(|error| {
            REFUSALS.contains(&error.code) || memmem(&error.message, b"sharding key")
        })
}

/// ER_NOT_SUPPORTED_YET, and ER_CANNOT_CONVERT_STRING: a server with one row refuses a binary literal
/// as a string where one with more rows finds none that is equal to it.
const REFUSALS: [u16; 2] = [1235, 3854];

fn memmem(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

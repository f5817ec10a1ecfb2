//! A session and what it remembers between commands.

use std::sync::Arc;
use std::time::Duration;

use super::diagnostics::Diagnostics;
use super::dynamic::Names;
use super::found_rows::FoundCount;
use super::held::Held;
use super::limits::Place;
use super::measure::Meter;
use super::prepared::Statements;
use super::registry::SessionHandle;
use super::shared::{Account, Shared};
use super::transaction::Transaction;
use super::written::Written;
use crate::backend::{Flavor, Variables};
use crate::net::{Moment, PacketStream};
use crate::parse::utility::AccessMode;
use crate::parse::{LexMode, Multibyte};
use crate::plan::TemporaryTable;
use crate::reply::{Quota, TrackedVariables};
use crate::rewrite::LookedUp;
use crate::route::key::Charset;
use crate::wire::{CapabilityFlags, Login, SALT_LEN, StatusFlags};

/// The status bit by which MariaDB tells that `"` quotes names.
const MARIADB_ANSI_QUOTES: u16 = 0x8000;

/// One logged-in client.
#[derive(Debug)]
pub(super) struct Session {
    /// What all sessions share.
    pub shared: Arc<Shared>,
    /// What others see of this one.
    pub handle: Arc<SessionHandle>,
    /// The client.
    pub client: PacketStream,
    /// What was negotiated with it.
    pub capabilities: CapabilityFlags,
    /// Who it is.
    pub account: Arc<Account>,
    /// Its place among the connections of its user and its current schema.
    pub place: Place,
    /// The greeting's salt.
    pub salt: [u8; SALT_LEN],
    /// What statements change.
    pub state: State,
    /// The transaction that it is in.
    pub transaction: Transaction,
    /// Connections that it keeps.
    pub held: Held,
    /// The temporary tables in schemas with several shards.
    pub temporary: Vec<TemporaryTable>,
    /// It holds LOCK TABLES, on some of them.
    pub locked: bool,
    /// The variables that it has again when the statement has ended.
    pub suspended: Option<Arc<Variables>>,
    /// What it has written, for reads from replicas.
    pub written: Written,
    /// What SHOW WARNINGS shows.
    pub diagnostics: Diagnostics,
    /// Room for the text that a shard gets, used again and again.
    pub spliced: Vec<u8>,
    /// What the client has prepared.
    pub statements: Statements,
    /// What it has prepared as text.
    pub names: Names,
    /// What was looked up for the statement under way.
    pub looked_up: Option<Arc<LookedUp>>,
    /// Rows of the proxy's own are asked for by COM_STMT_EXECUTE.
    pub binary_rows: bool,
    /// When it logged in.
    pub since: Moment,
    /// What is measured of the statement under way.
    pub meter: Meter,
    /// The most that the answer to it may be.
    pub quota: Option<Box<Quota>>,
}

/// What COM_RESET_CONNECTION forgets, besides transaction and connections.
#[derive(Debug)]
pub(super) struct State {
    /// The current schema, by its logical name.
    pub schema: Option<String>,
    /// What besides a statement's text decides on its plan: a hash of the schema's name.
    pub plan_context: u64,
    /// System variables: those that decide what statements do, and those that the session has set.
    pub variables: Arc<Variables>,
    /// Whether what sessions begin with is among them.
    pub has_defaults: bool,
    /// How the client's text is read, derived from the variables.
    pub text: TextMode,
    /// Whether statements outside a transaction commit themselves, derived too.
    autocommit: bool,
    /// Whether the client hears of GTIDs, derived too.
    hears_of_gtids: bool,
    /// The client's `wait_timeout`, where it set one, derived too.
    pub idle_limit: Option<Duration>,
    /// Which session changes the client hears of.
    pub tracked: TrackedVariables,
    /// Several statements in one command are allowed.
    pub multi_statements: bool,
    /// SET TRANSACTION for the next transaction only.
    pub next_transaction: Vec<Vec<u8>>,
    /// Whether that is READ ONLY, where it says.
    pub next_access: Option<AccessMode>,
    /// LAST_INSERT_ID()
    pub last_insert_id: u64,
    /// ROW_COUNT()
    pub row_count: i64,
    /// FOUND_ROWS()
    pub found: FoundCount,
}

/// The largest buffer for statements that a session keeps, in bytes.
const KEPT_SPLICED: usize = 512;

/// How the bytes of a statement become tokens and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextMode {
    /// For the lexer.
    pub lex: LexMode,
    /// For literals.
    pub charset: Charset,
}

impl Session {
    /// A session behind its login.
    pub fn new(
        shared: Arc<Shared>,
        handle: Arc<SessionHandle>,
        client: PacketStream,
        capabilities: CapabilityFlags,
        (account, place): (Arc<Account>, Place),
        salt: [u8; SALT_LEN],
    ) -> Self {
        let state = State::new(&shared, capabilities, Variables::default());
        let statements = Statements::new(Arc::clone(&shared.prepared));
        let since = handle.watch.now();
        Self {
            shared,
            handle,
            client,
            capabilities,
            account,
            place,
            salt,
            state,
            transaction: Transaction::default(),
            held: Held::default(),
            temporary: Vec::new(),
            locked: false,
            suspended: None,
            written: Written::default(),
            diagnostics: Diagnostics::default(),
            spliced: Vec::new(),
            statements,
            names: Names::default(),
            looked_up: None,
            binary_rows: false,
            since,
            meter: Meter::default(),
            quota: None,
        }
    }

    /// Keeps the room for the next statement's text, unless it is large.
    pub fn keep_spliced(&mut self, room: Vec<u8>) {
        if room.capacity() <= KEPT_SPLICED {
            self.spliced = room;
        }
    }

    /// Takes over what the login packet says of the session.
    pub async fn start(&mut self, login: &Login) {
        self.reset_state(u16::from(login.collation)).await;
        self.set_schema(login.schema.as_deref().map(name_of));
    }

    /// Changes the current schema; it exists and the user may use it.
    pub fn set_schema(&mut self, schema: Option<String>) {
        self.handle.set_schema(schema.as_deref());
        self.state.plan_context = schema
            .as_deref()
            .map_or(0, |schema| xxhash_rust::xxh3::xxh3_64(schema.as_bytes()));
        self.state.schema = schema;
    }

    /// The state after a login with this collation id.
    pub async fn reset_state(&mut self, collation: u16) {
        self.shared.cluster.settle_globals().await;
        let defaults = self.shared.cluster.defaults();
        let has_defaults = defaults.is_some();
        let mut variables = defaults.map_or_else(Variables::default, Arc::unwrap_or_clone);
        super::session_set::log_in(&mut variables, collation, self.flavor());
        if self.ignores_space() {
            super::session_set::ignore_space(&mut variables);
        }
        self.state = State::new(&self.shared, self.capabilities, variables);
        self.state.has_defaults = has_defaults;
        self.diagnostics = Diagnostics::default();
    }

    fn ignores_space(&self) -> bool {
        let ignores = CapabilityFlags::CLIENT_IGNORE_SPACE;
        self.capabilities.contains(ignores)
    }

    /// The session began before any server had told what sessions begin with: it has that from now on.
    pub fn take_defaults(&mut self) {
        let Some(defaults) = self.shared.cluster.defaults() else {
            return;
        };
        let mut variables = (*self.state.variables).clone();
        let own_modes = variables.get("sql_mode").is_some();
        variables.fill(&defaults);
        if self.ignores_space() && !own_modes {
            super::session_set::ignore_space(&mut variables);
        }
        let variables = self.shared.interner.intern(variables);
        self.state.set_variables(variables, &self.shared);
        self.state.has_defaults = true;
    }

    /// The status that replies of the proxy's own carry.
    pub fn status(&self) -> StatusFlags {
        let mut status = self.state.status() | self.transaction_status();
        if self.state.text.lex.ansi_quotes && self.flavor() == Some(Flavor::MariaDb) {
            status |= StatusFlags::from_bits_retain(MARIADB_ANSI_QUOTES);
        }
        status
    }

    /// What the servers behind the proxy are, if one was reached yet.
    pub fn flavor(&self) -> Option<Flavor> {
        self.shared.cluster.version().map(|version| version.flavor)
    }

    /// The flags that tell of the transaction.
    pub fn transaction_status(&self) -> StatusFlags {
        let mut status = StatusFlags::empty();
        status.set(
            StatusFlags::SERVER_STATUS_IN_TRANS,
            self.transaction.has_begun(),
        );
        status.set(
            StatusFlags::SERVER_STATUS_IN_TRANS_READONLY,
            self.transaction.is_read_only(),
        );
        status
    }
}

impl State {
    fn new(shared: &Shared, capabilities: CapabilityFlags, variables: Variables) -> Self {
        let text = TextMode::of(&variables, shared);
        Self {
            schema: None,
            plan_context: 0,
            autocommit: autocommit(&variables),
            hears_of_gtids: hears_of_gtids(&variables),
            idle_limit: wait_timeout(&variables),
            variables: shared.interner.intern(variables),
            has_defaults: false,
            text,
            tracked: TrackedVariables::Default,
            multi_statements: capabilities.contains(CapabilityFlags::CLIENT_MULTI_STATEMENTS),
            next_transaction: Vec::new(),
            next_access: None,
            last_insert_id: 0,
            row_count: 0,
            found: FoundCount::default(),
        }
    }

    /// Replaces the variables and what is derived from them.
    pub fn set_variables(&mut self, variables: Arc<Variables>, shared: &Shared) {
        self.text = TextMode::of(&variables, shared);
        self.autocommit = autocommit(&variables);
        self.hears_of_gtids = hears_of_gtids(&variables);
        self.idle_limit = wait_timeout(&variables);
        self.variables = variables;
    }

    /// Whether statements outside a transaction commit themselves.
    pub fn autocommit(&self) -> bool {
        self.autocommit
    }

    /// Whether the client set `sql_safe_updates`.
    pub fn has_safe_updates(&self) -> bool {
        let set = self.variables.get("sql_safe_updates");
        set.is_some_and(|set| !matches!(set, b"0" | b"OFF"))
    }

    /// Whether the client asked for the GTIDs of what it writes.
    pub fn hears_of_gtids(&self) -> bool {
        self.hears_of_gtids
    }

    fn status(&self) -> StatusFlags {
        let mut status = StatusFlags::empty();
        status.set(StatusFlags::SERVER_STATUS_AUTOCOMMIT, self.autocommit());
        status.set(
            StatusFlags::SERVER_STATUS_NO_BACKSLASH_ESCAPES,
            self.text.lex.no_backslash_escapes,
        );
        status
    }
}

impl TextMode {
    fn of(variables: &Variables, shared: &Shared) -> Self {
        let has = |name: &str| {
            variables
                .sql_modes()
                .any(|mode| mode.eq_ignore_ascii_case(name.as_bytes()))
        };
        let charset = variables.get("character_set_client").unwrap_or(b"utf8mb4");
        let connection = variables
            .get("collation_connection")
            .unwrap_or(b"utf8mb4_0900_ai_ci");
        Self {
            lex: LexMode {
                ansi_quotes: has("ANSI_QUOTES"),
                no_backslash_escapes: has("NO_BACKSLASH_ESCAPES"),
                pipes_as_concat: has("PIPES_AS_CONCAT"),
                high_not_precedence: has("HIGH_NOT_PRECEDENCE"),
                ignore_space: has("IGNORE_SPACE"),
                dollar_quotes: shared.cluster.dollar_quotes(),
                multibyte: multibyte(charset),
            },
            charset: Charset::of_session(&name_of(charset), &charset_of(connection)),
        }
    }
}

fn autocommit(variables: &Variables) -> bool {
    let value = variables.get("autocommit");
    !matches!(value, Some(b"OFF" | b"off" | b"0"))
}

fn hears_of_gtids(variables: &Variables) -> bool {
    let value = variables.get("session_track_gtids");
    value.is_some_and(|value| value != b"OFF")
}

fn wait_timeout(variables: &Variables) -> Option<Duration> {
    let value = std::str::from_utf8(variables.get("wait_timeout")?).ok()?;
    value.parse().ok().map(Duration::from_secs)
}

fn multibyte(charset: &[u8]) -> Multibyte {
    match charset {
        b"big5" => Multibyte::Big5,
        b"gbk" | b"gb18030" => Multibyte::Gbk,
        b"sjis" | b"cp932" => Multibyte::Sjis,
        _ => Multibyte::None,
    }
}

/// A collation's name begins with its character set's.
fn charset_of(collation: &[u8]) -> String {
    let name = name_of(collation);
    match name.split_once('_') {
        Some((charset, _)) => charset.to_owned(),
        None => name,
    }
}

/// Names travel in utf8mb4 wherever the proxy itself looks at them.
pub(super) fn name_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! One connection to a server and the session state that it carries.

mod fresh;

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::server::Globals;
use super::{BackendError, Server, ServerVersion, Statements, Variables};
use crate::error::MysqlError;
use crate::net::{Cord, NetError, PacketStream, Signal};
use crate::wire::{
    CapabilityFlags, OkPacket, Reply, StatusFlags, WireError, decode_err, put_init_db, put_query,
};

/// The largest packet of an answer to a command of the proxy's own, in bytes.
const MAX_OWN_ANSWER: usize = 16 << 20;

/// How long a server may take to answer a command of the proxy's own.
pub(super) const OWN_PATIENCE: Duration = Duration::from_secs(30);

/// The variables that [`fresh::PROTECT`] sets, by both of their names.
const ACCESS_MODES: [&[u8]; 2] = [b"transaction_read_only", b"tx_read_only"];

/// The state in which a session needs a connection.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The current database; `None`: any will do.
    pub database: Option<&'a str>,
    /// The session's variables; `None`: as they are.
    pub variables: Option<&'a Arc<Variables>>,
    /// The client negotiated CLIENT_FOUND_ROWS, which a connection has for life.
    pub found_rows: bool,
}

impl Wanted<'_> {
    /// A connection as it is after login.
    pub const fn fresh() -> Self {
        Self {
            database: None,
            variables: None,
            found_rows: false,
        }
    }
}

/// A logged-in connection.
#[derive(Debug)]
pub struct Connection {
    server: Arc<Server>,
    packets: PacketStream,
    login: LoginFacts,
    /// Since when its age counts: since it was opened, or a little before.
    pub(super) ages_from: Instant,
    database: Option<String>,
    variables: Arc<Variables>,
    /// Statements of its session were profiled or traced: MariaDB does not forget them.
    remembers: bool,
    statements: Statements,
    /// What the server told of its session behind the last statement of the proxy's own.
    told: Vec<u8>,
    doomed: bool,
    /// The term of its pool in which it was opened.
    pub(super) term: u64,
    /// Ends it from outside, where that may become necessary.
    pub(super) cord: Option<Arc<Cord>>,
    /// The server refuses writes on it.
    protected: bool,
    /// It has user variables of a session that goes on elsewhere.
    lent: bool,
    /// Of which time the global variables are that its session began with.
    globals: Globals,
}

/// What a login told.
#[derive(Clone, Debug)]
pub(super) struct LoginFacts {
    pub(super) thread_id: u32,
    pub(super) version: ServerVersion,
    pub(super) capabilities: CapabilityFlags,
}

impl Connection {
    /// Connects and logs in, within `connect_timeout`.
    ///
    /// # Errors
    /// [`BackendError::Connect`], [`BackendError::Login`], [`BackendError::Unsuitable`].
    pub async fn open(server: Arc<Server>, found_rows: bool) -> Result<Self, BackendError> {
        let limit = server.config.connect_timeout;
        let opening = Self::open_now(Arc::clone(&server), found_rows);
        match server.reactor.timeout(limit, opening).await {
            Ok(opened) => opened,
            Err(_) => Err(BackendError::Connect {
                replica_set: server.replica_set.clone(),
                reason: format!("no answer within {} ms", limit.as_millis()),
            }),
        }
    }

    async fn open_now(server: Arc<Server>, found_rows: bool) -> Result<Self, BackendError> {
        let globals = server.globals();
        let (packets, login) = super::login::login(&server, found_rows).await?;
        let statements = Statements::new(server.config.pool.max_connections);
        let mut connection = Self {
            server,
            packets,
            login,
            ages_from: Instant::now(),
            database: None,
            variables: Arc::default(),
            remembers: false,
            statements,
            told: Vec::new(),
            doomed: false,
            term: 0,
            cord: None,
            protected: false,
            lent: false,
            globals,
        };
        connection.begin().await?;
        Ok(connection)
    }

    /// Whether the server refuses writes on this connection.
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// The server it leads to.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// The server's own id of this connection, for KILL.
    pub fn thread_id(&self) -> u32 {
        self.login.thread_id
    }

    /// What the server said it is.
    pub fn version(&self) -> &ServerVersion {
        &self.login.version
    }

    /// What both sides agreed on.
    pub fn capabilities(&self) -> CapabilityFlags {
        self.login.capabilities
    }

    /// Whether affected rows mean found rows on this connection.
    pub fn found_rows(&self) -> bool {
        self.login
            .capabilities
            .contains(CapabilityFlags::CLIENT_FOUND_ROWS)
    }

    /// The packets of the connection.
    pub fn packets(&mut self) -> &mut PacketStream {
        &mut self.packets
    }

    /// The statements that are prepared on it.
    pub fn statements(&mut self) -> &mut Statements {
        &mut self.statements
    }

    /// The variables that the connection carries.
    pub fn variables(&self) -> &Arc<Variables> {
        &self.variables
    }

    /// A statement that ran here changed the variables to these.
    pub fn note_variables(&mut self, variables: Arc<Variables>) {
        self.remembers |= variables.remember_statements();
        self.variables = variables;
    }

    /// Whether nothing needs to change for `wanted`.
    pub fn matches(&self, wanted: &Wanted<'_>) -> bool {
        self.found_rows() == wanted.found_rows
            && wanted
                .database
                .is_none_or(|database| self.database.as_deref() == Some(database))
            && wanted
                .variables
                .is_none_or(|variables| Arc::ptr_eq(variables, &self.variables))
    }

    /// Makes a handle that ends the connection from outside.
    ///
    /// # Errors
    /// [`BackendError::Lost`].
    pub(super) fn attach_cord(&mut self) -> Result<Weak<Cord>, BackendError> {
        let cord = self.packets.stream().cord();
        let cord = cord.map_err(|error| self.lost(NetError::Io(error), true))?;
        Ok(Arc::downgrade(self.cord.insert(Arc::new(cord))))
    }

    /// The server may have another current database than was agreed: the next statement that needs
    /// one says which.
    pub fn forget_database(&mut self) {
        self.database = None;
    }

    /// Nobody may use the connection after its present owner.
    pub fn doom(&mut self) {
        self.doomed = true;
    }

    /// It gets user variables of a session that goes on elsewhere: before others use it, it must be
    /// [reset](Self::reset).
    pub fn lend(&mut self) {
        self.lent = true;
    }

    /// Whether it has such variables.
    pub fn is_lent(&self) -> bool {
        self.lent
    }

    /// Whether somebody else may use the connection.
    pub fn is_reusable(&self) -> bool {
        !self.doomed && !self.remembers && self.is_quiet()
    }

    /// Whether the server has said nothing since the last answer: what it says unasked is goodbye.
    /// Costs no syscall while nothing has arrived.
    pub fn is_quiet(&self) -> bool {
        self.packets.is_quiet()
    }

    /// Brings the connection into the state that the session needs, and runs `prelude` there (the
    /// beginning of a transaction). Nothing of the session's statement is sent before the server
    /// has agreed to all of it: a statement in the wrong database would be a silent disaster.
    ///
    /// # Errors
    /// [`BackendError::Setup`] with the server's own words; the connection is then of no use.
    pub async fn prepare(
        &mut self,
        wanted: &Wanted<'_>,
        prelude: &[Vec<u8>],
    ) -> Result<(), BackendError> {
        if prelude.is_empty() && self.matches(wanted) {
            return Ok(());
        }
        let mut replies = 0;
        let change_database = wanted
            .database
            .filter(|database| self.database.as_deref() != Some(*database));
        if let Some(database) = change_database {
            self.database = None;
            self.packets.reset_sequence();
            self.packets
                .queue_with(|out| put_init_db(out, database.as_bytes()));
            replies += 1;
        }
        if let Some(variables) = wanted.variables
            && let Some(sql) = variables.difference(&self.variables)
        {
            self.queue_query(&sql);
            replies += 1 + self.queue_own_settings(&sql, variables);
        }
        for sql in prelude {
            self.queue_query(sql);
            replies += 1;
        }
        self.flush().await?;
        for _ in 0..replies {
            self.read_ok().await?;
        }
        if let Some(database) = change_database {
            self.database = Some(database.to_owned());
        }
        if let Some(variables) = wanted.variables {
            self.note_variables(Arc::clone(variables));
        }
        Ok(())
    }

    /// The session's variables may have overwritten what the proxy needs of the connection. Says
    /// how many statements set it right.
    fn queue_own_settings(&mut self, sql: &[u8], wanted: &Variables) -> usize {
        let names = |name: &[u8]| sql.windows(name.len()).any(|part| part == name);
        let mut queued = 0;
        if self.protected && ACCESS_MODES.iter().any(|name| names(name)) {
            self.queue_query(fresh::PROTECT);
            queued += 1;
        }
        if names(b"session_track_gtids") && wanted.get("session_track_gtids").is_none() {
            let tracking = self.tracking();
            self.queue_query(tracking.as_bytes());
            queued += 1;
        }
        queued
    }

    /// Runs a statement of the proxy's own that gives no rows.
    ///
    /// # Errors
    /// [`BackendError::Setup`] with the server's own words; what the connection says; it is of no
    /// use after `OWN_PATIENCE` without an answer.
    pub async fn execute(&mut self, sql: &[u8]) -> Result<(), BackendError> {
        self.queue_query(sql);
        let reactor = self.server.reactor.clone();
        let answered = reactor.timeout(OWN_PATIENCE, async {
            self.flush().await?;
            self.read_ok().await
        });
        match answered.await {
            Ok(answered) => answered.map(|_| ()),
            Err(_) => Err(self.too_slow()),
        }
    }

    /// Runs statements that give no rows, one behind the other without waiting in between. Each has
    /// its own answer: what the server says, or its error.
    ///
    /// # Errors
    /// What the connection says; how many of them ran is then not known.
    pub async fn execute_all(
        &mut self,
        statements: &[Vec<u8>],
    ) -> Result<Vec<Result<StatusFlags, MysqlError>>, BackendError> {
        for sql in statements {
            self.queue_query(sql);
        }
        self.flush().await?;
        let mut answers = Vec::with_capacity(statements.len());
        for _ in statements {
            answers.push(match self.read_ok().await {
                Ok(status) => Ok(status),
                Err(BackendError::Setup(error)) => Err(error),
                Err(error) => return Err(error),
            });
        }
        Ok(answers)
    }

    /// Runs a statement as [`Connection::execute`] does, however long it takes: the caller has a
    /// limit of its own.
    ///
    /// # Errors
    /// As [`Connection::execute`].
    pub async fn execute_patiently(&mut self, sql: &[u8]) -> Result<(), BackendError> {
        self.queue_query(sql);
        self.flush().await?;
        self.read_ok().await.map(|_| ())
    }

    /// The error for a server that does not answer a statement of the proxy's own.
    pub(super) fn too_slow(&self) -> BackendError {
        self.lost(NetError::Interrupted(Signal::Deadline), false)
    }

    /// Counts the bytes since the last time as the server's.
    pub(super) fn count_traffic(&mut self) {
        let traffic = self.packets.take_traffic();
        let series = &self.server.series;
        series.received.add(traffic.received);
        series.sent.add(traffic.sent);
    }

    /// Queues a statement as COM_QUERY, without attributes.
    pub fn queue_query(&mut self, sql: &[u8]) {
        let capabilities = self.login.capabilities;
        self.packets.reset_sequence();
        self.packets
            .queue_with(|out| put_query(out, capabilities, &[], sql));
    }

    /// Sends what is queued.
    ///
    /// # Errors
    /// [`BackendError::Lost`].
    pub async fn flush(&mut self) -> Result<(), BackendError> {
        match self.packets.flush().await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lost(error, false)),
        }
    }

    async fn read_ok(&mut self) -> Result<StatusFlags, BackendError> {
        let payload = self.read_packet().await?;
        match Reply::decode(&payload).map_err(|error| self.malformed(error))? {
            Reply::Ok => {
                let ok = OkPacket::decode(&payload, self.login.capabilities);
                let ok = ok.map_err(|error| self.malformed(error))?;
                self.told.clear();
                self.told.extend_from_slice(ok.session_changes);
                Ok(ok.status)
            }
            Reply::Err => Err(BackendError::Setup(
                decode_err(&payload).map_err(|error| self.malformed(error))?,
            )),
            Reply::Eof | Reply::LocalInfile(_) | Reply::ResultSet { .. } => {
                Err(self.malformed(WireError::Malformed {
                    packet: "COM_QUERY response",
                    reason: "rows where none were asked for",
                }))
            }
        }
    }

    /// What the server told of its session behind the last statement of the proxy's own.
    pub fn told(&self) -> &[u8] {
        &self.told
    }

    /// One packet of the answer to a command of the proxy's own.
    ///
    /// # Errors
    /// [`BackendError::Lost`].
    pub async fn read_packet(&mut self) -> Result<BytesMut, BackendError> {
        self.packets.set_max_packet(MAX_OWN_ANSWER);
        // Every command of a pipeline is answered from sequence id 1 on.
        self.packets.accept_any_sequence();
        match self.packets.read_packet().await {
            Ok(payload) => Ok(payload),
            Err(error) => Err(self.lost(error, false)),
        }
    }

    /// The error for a connection that broke.
    pub fn lost(&self, source: NetError, untouched: bool) -> BackendError {
        self.server.series.lost.count();
        BackendError::Lost {
            replica_set: self.server.replica_set.clone(),
            untouched,
            source,
        }
    }

    /// The error for a server that broke the protocol.
    pub fn malformed(&self, source: WireError) -> BackendError {
        BackendError::Protocol {
            replica_set: self.server.replica_set.clone(),
            source,
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.count_traffic();
    }
}

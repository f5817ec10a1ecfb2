//! From an accepted socket to a logged-in session.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpStream;

use super::command_phase;
use super::limits::Place;
use super::registry::{Registered, Registry};
use super::session_set::check_client_charset;
use super::shared::{Account, Shared};
use super::state::Session;
use crate::auth::server_side::{Account as Claimed, ClientOffer, Denial, ServerContext};
use crate::auth::{Authenticated, CACHING_SHA2, ServerAuth, ServerStep};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::net::compress::{Algorithm, Compressed};
use crate::net::{Interest, NetError, PacketStream, Reactor, Signal, Stream};
use crate::wire::{
    CapabilityFlags, FirstPacket, Greeting, Login, OkHeader, OkPacket, SALT_LEN, StatusFlags,
    negotiate, put_early_err, put_err,
};

/// Largest packet before the login is done, in bytes.
const MAX_LOGIN_PACKET: usize = 128 * 1024;

/// utf8mb4_0900_ai_ci, what the greeting shows.
const GREETING_COLLATION: u8 = 255;

/// Serves one client until it leaves. The session is there from the call on: a shutdown waits for it
/// before the future is polled for the first time.
pub fn serve(shared: Arc<Shared>, stream: Stream, peer: String) -> impl Future<Output = ()> {
    shared.metrics.accepted.count();
    let watch = shared.ticker.watch();
    let registered = Registry::register(&shared.registry, peer, watch);
    serve_registered(shared, stream, registered)
}

async fn serve_registered(shared: Arc<Shared>, stream: Stream, registered: Registered) {
    let id = registered.handle().id;
    let login = Box::pin(log_in(&shared, stream, &registered));
    match login.await {
        Ok(session) => {
            tracing::debug!(id = id.0, "logged in");
            command_phase::run(session).await;
        }
        Err(error) => tracing::debug!(id = id.0, %error, "no login"),
    }
    drop(registered);
}

/// Turns a client away that cannot be served.
pub async fn refuse(stream: Stream, error: &MysqlError, reactor: &Reactor) {
    let mut packets = PacketStream::new(stream, MAX_LOGIN_PACKET);
    packets.queue_with(|out| put_early_err(out, error));
    let farewell = async {
        let _ = packets.flush().await;
        packets.shutdown().await;
    };
    let _ = reactor
        .timeout(std::time::Duration::from_secs(1), farewell)
        .await;
}

async fn log_in(
    shared: &Arc<Shared>,
    stream: Stream,
    registered: &Registered,
) -> Result<Box<Session>, NetError> {
    let watch = Arc::clone(&registered.handle().watch);
    let limit = Some(shared.limits.handshake);
    let phase = Box::pin(ConnectionPhase::begin(shared, stream, registered)?.run());
    // A login that has begun ends, also as the process leaves: then it is told so.
    match watch.guard(limit, Interest::FINISH, phase).await {
        Ok(done) => done,
        Err(signal) => Err(NetError::Interrupted(signal)),
    }
}

struct ConnectionPhase<'a> {
    shared: &'a Arc<Shared>,
    registered: &'a Registered,
    packets: PacketStream,
    salt: [u8; SALT_LEN],
}

impl<'a> ConnectionPhase<'a> {
    fn begin(
        shared: &'a Arc<Shared>,
        stream: Stream,
        registered: &'a Registered,
    ) -> Result<Self, NetError> {
        Ok(Self {
            shared,
            registered,
            packets: PacketStream::new(stream, MAX_LOGIN_PACKET),
            salt: random_salt(),
        })
    }

    async fn run(mut self) -> Result<Box<Session>, NetError> {
        match self.attempt().await {
            Ok((login, account, place)) => self.welcome(login, account, place).await,
            Err(Refusal::Net(error)) => Err(error),
            Err(Refusal::Told(error)) => {
                self.packets.queue_with(|out| put_err(out, &error));
                self.packets.flush().await?;
                self.packets.shutdown().await;
                Err(NetError::Io(std::io::Error::other(error)))
            }
        }
    }

    async fn attempt(&mut self) -> Result<(Login, Arc<Account>, Place), Refusal> {
        self.greet().await?;
        let mut login = self.read_login().await?;
        check_client_charset(u16::from(login.collation))?;
        let account = self.authenticate(&login).await?;
        let host = self.host();
        let schema = match login.schema.as_deref() {
            Some(schema) => Some(self.shared.find_schema(&account, schema, &host).await?),
            None => None,
        };
        let shared = self.shared;
        let place = shared.admit_login(&account, schema.as_deref(), &host)?;
        // The name that the session goes by; the client may have written it in other letters.
        login.schema = schema.map(String::into_bytes);
        Ok((login, account, place))
    }

    async fn greet(&mut self) -> Result<(), Refusal> {
        let greeting = Greeting {
            version: self.shared.shown_version().into_bytes(),
            connection_id: self.registered.handle().id.0,
            salt: self.salt,
            capabilities: self.shared.offered,
            extended_capabilities: 0,
            collation: GREETING_COLLATION,
            status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
            auth_plugin: CACHING_SHA2.to_vec(),
        };
        let mut encoded = Ok(());
        self.packets
            .queue_with(|out| encoded = greeting.encode(out));
        encoded.map_err(MysqlError::from)?;
        Ok(self.packets.flush().await?)
    }

    async fn read_login(&mut self) -> Result<Login, Refusal> {
        let offered = self.shared.offered;
        let payload = self.read_handshake_packet().await?;
        let first = FirstPacket::decode(&payload, offered).map_err(MysqlError::from)?;
        let login = match first {
            FirstPacket::Login(login) => login,
            FirstPacket::SslRequest(_) => {
                self.start_tls().await?;
                let payload = self.read_handshake_packet().await?;
                Login::decode(&payload, offered).map_err(MysqlError::from)?
            }
        };
        if self.shared.tls_required && !self.packets.stream().is_secure() {
            return Err(Refusal::Told(MysqlError::new(
                ErrorKind::SecureTransportRequired,
                "Connections using insecure transport are prohibited while \
                 server.tls.mode = \"required\".",
            )));
        }
        Ok(login)
    }

    /// Reads not one byte more than the packet: TLS may begin behind it.
    async fn read_handshake_packet(&mut self) -> Result<BytesMut, Refusal> {
        match self.packets.read_packet_exact().await {
            Ok(payload) => Ok(payload),
            Err(error @ (NetError::TooLarge | NetError::OutOfOrder)) => {
                Err(Refusal::Told(error.to_mysql()))
            }
            Err(error) => Err(Refusal::Net(error)),
        }
    }

    async fn start_tls(&mut self) -> Result<(), Refusal> {
        let Some(tls) = self.shared.tls.clone() else {
            return Err(Refusal::Told(Denial::BadHandshake.to_mysql("", "")));
        };
        self.packets
            .upgrade(|stream| async move { tls.accept(stream).await })
            .await?;
        Ok(())
    }

    async fn authenticate(&mut self, login: &Login) -> Result<Arc<Account>, Refusal> {
        let offer = ClientOffer {
            plugin: login.auth_plugin.as_deref(),
            response: &login.auth_response,
            change_user: false,
        };
        let checked = check_password(
            self.shared,
            &mut self.packets,
            self.salt,
            &login.user,
            offer,
        );
        let host = peer_host(&self.registered.handle().peer);
        match checked.await? {
            Ok((account, _proof)) => Ok(account),
            Err(denial) => {
                let user = String::from_utf8_lossy(&login.user);
                Err(Refusal::Told(self.shared.denied(denial, &user, host)))
            }
        }
    }

    fn host(&self) -> String {
        peer_host(&self.registered.handle().peer).to_owned()
    }

    async fn welcome(
        mut self,
        login: Login,
        account: Arc<Account>,
        place: Place,
    ) -> Result<Box<Session>, NetError> {
        let capabilities = negotiate(login.capabilities, self.shared.offered);
        let ok = OkPacket {
            status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
            ..OkPacket::default()
        };
        self.packets
            .queue_with(|out| ok.encode(out, capabilities, OkHeader::Ok));
        self.packets.flush().await?;
        if let Some(algorithm) = compression(capabilities, login.zstd_level) {
            let compressed =
                |stream| Stream::Compressed(Box::new(Compressed::new(stream, algorithm)));
            self.packets
                .upgrade(|stream| std::future::ready(Ok(compressed(stream))))
                .await?;
        }
        self.packets
            .set_max_packet(self.shared.limits.max_allowed_packet);
        self.registered.handle().set_user(&account.name);
        let mut session = Session::new(
            Arc::clone(self.shared),
            Arc::clone(self.registered.handle()),
            self.packets,
            capabilities,
            (account, place),
            self.salt,
        );
        session.start(&login).await;
        Ok(Box::new(session))
    }
}

/// What was negotiated; of two, the one that MySQL's own list names first.
fn compression(capabilities: CapabilityFlags, zstd_level: Option<u8>) -> Option<Algorithm> {
    const DEFAULT_LEVEL: u8 = 3;
    if capabilities.contains(CapabilityFlags::CLIENT_COMPRESS) {
        return Some(Algorithm::Zlib);
    }
    let zstd = capabilities.contains(CapabilityFlags::CLIENT_ZSTD_COMPRESSION_ALGORITHM);
    let level = zstd_level.filter(|level| (1..=22).contains(level));
    zstd.then(|| Algorithm::Zstd(level.unwrap_or(DEFAULT_LEVEL)))
}

/// Why there is no session.
pub(super) enum Refusal {
    /// The client gets this error.
    Told(MysqlError),
    /// Nobody is there to be told.
    Net(NetError),
}

impl From<NetError> for Refusal {
    fn from(error: NetError) -> Self {
        Self::Net(error)
    }
}

impl From<MysqlError> for Refusal {
    fn from(error: MysqlError) -> Self {
        Self::Told(error)
    }
}

/// The exchange of the authentication plugin. An unknown user takes the same way as a wrong
/// password.
pub(super) async fn check_password(
    shared: &Shared,
    packets: &mut PacketStream,
    salt: [u8; SALT_LEN],
    user: &[u8],
    offer: ClientOffer<'_>,
) -> Result<Result<(Arc<Account>, Authenticated), Denial>, NetError> {
    let found = shared.accounts.get(user).cloned();
    let claimed = match &found {
        Some(account) => Claimed::known(Arc::clone(&account.credential)),
        None => Claimed::unknown(Arc::clone(&shared.decoy)),
    };
    let context = ServerContext {
        salt,
        secure: packets.stream().is_secure(),
        native: found.as_ref().is_none_or(|account| account.native_password),
        rsa: Arc::clone(&shared.rsa),
    };
    let (mut auth, mut step) = ServerAuth::start(claimed, context, offer);
    loop {
        match step {
            ServerStep::Continue { send } => {
                packets.queue(&send);
                packets.flush().await?;
                let answer = packets.read_packet_exact().await?;
                step = auth.on_packet(&answer);
            }
            ServerStep::Authenticated { send, proof } => {
                if let Some(send) = send {
                    packets.queue(send);
                }
                return Ok(match found {
                    Some(account) => Ok((account, proof)),
                    None => Err(Denial::WrongPassword {
                        password_used: true,
                    }),
                });
            }
            ServerStep::Denied(denial) => return Ok(Err(denial)),
        }
    }
}

/// Both halves of a salt travel in zero-terminated strings of ASCII: 1 to 127.
pub(super) fn random_salt() -> [u8; SALT_LEN] {
    let mut salt: [u8; SALT_LEN] = rand::random();
    for byte in &mut salt {
        *byte = *byte % 127 + 1;
    }
    salt
}

/// The host of a `host:port`.
pub(super) fn peer_host(peer: &str) -> &str {
    match peer.rsplit_once(':') {
        Some((host, _port)) => host.trim_start_matches('[').trim_end_matches(']'),
        None => peer,
    }
}

/// How a peer is shown: `localhost` for Unix sockets, as MySQL does.
pub fn peer_name(stream: &Stream) -> String {
    let tcp = |tcp: &TcpStream| {
        tcp.peer_addr().map_or_else(
            |_| "unknown".to_owned(),
            |address| match address.ip() {
                IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
                    || address.to_string(),
                    |v4| format!("{v4}:{}", address.port()),
                ),
                IpAddr::V4(_) => address.to_string(),
            },
        )
    };
    match stream {
        Stream::Tcp(stream) => tcp(stream),
        Stream::Tls(stream) => tcp(stream.get_ref().0),
        Stream::Unix(_) => "localhost".to_owned(),
        Stream::Compressed(stream) => peer_name(stream.inner()),
        Stream::Closed => "unknown".to_owned(),
    }
}

/// A signal that ends a wait, as the client is told of it.
pub(super) fn farewell(signal: Signal) -> MysqlError {
    match signal {
        Signal::Drain | Signal::KillQuery | Signal::News => {
            MysqlError::new(ErrorKind::ServerShutdown, "Server shutdown in progress")
        }
        Signal::KillConnection => {
            MysqlError::new(ErrorKind::QueryInterrupted, "Connection was killed")
        }
        Signal::Deadline => MysqlError::new(
            ErrorKind::ClientTimeout,
            "The client was disconnected by the server because of inactivity. \
             See wait_timeout and interactive_timeout for configuring this behavior.",
        ),
    }
}

/// Whether a client asks for something that changes the meaning of its statements for good.
pub(super) fn wants_found_rows(capabilities: CapabilityFlags) -> bool {
    capabilities.contains(CapabilityFlags::CLIENT_FOUND_ROWS)
}

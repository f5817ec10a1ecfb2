//! Logging in to a server.

use std::sync::Arc;

use super::connection::LoginFacts;
use super::{BackendError, Flavor, Server, ServerVersion};
use crate::auth::{ClientAuth, ClientStep};
use crate::net::{NetError, PacketStream, Stream};
use crate::wire::{
    BackendWish, CapabilityFlags, Greeting, Login, ServerHello, SslRequest, client_capabilities,
};

/// Largest packet of a login, in bytes.
const MAX_LOGIN_PACKET: usize = 64 * 1024;

/// What the server is told of the largest packet; it does not matter to the server.
const MAX_PACKET: u32 = 1 << 30;

/// utf8mb4_0900_ai_ci, MySQL's default.
const MYSQL_COLLATION: u8 = 255;

/// utf8mb4_general_ci, MariaDB's default.
const MARIADB_COLLATION: u8 = 45;

/// Connects and logs in.
pub(super) async fn login(
    server: &Arc<Server>,
    found_rows: bool,
) -> Result<(PacketStream, LoginFacts), BackendError> {
    let attempt = Attempt { server };
    let connecting = server.reactor.watching(Stream::connect(&server.address));
    let stream = connecting
        .await
        .map_err(|error| attempt.connect_failed(&error))?;
    let mut packets = PacketStream::new(stream, MAX_LOGIN_PACKET);
    let greeting = attempt.greeting(&mut packets).await?;
    let version = ServerVersion::parse(&greeting.version);
    let wish = BackendWish {
        found_rows,
        tls: server.tls.is_some() && matches!(packets.stream(), Stream::Tcp(_)),
        // Asked for a file, the proxy sends what its own client has sent, and nothing else.
        local_files: true,
        ..BackendWish::default()
    };
    let capabilities = client_capabilities(wish, greeting.capabilities);
    attempt.check(capabilities, wish)?;
    let collation = match version.flavor {
        Flavor::MySql => MYSQL_COLLATION,
        Flavor::MariaDb => MARIADB_COLLATION,
    };
    if capabilities.contains(CapabilityFlags::CLIENT_SSL) {
        attempt
            .start_tls(&mut packets, capabilities, collation)
            .await?;
    }
    attempt
        .authenticate(&mut packets, &greeting, capabilities, collation)
        .await?;
    packets.reset_sequence();
    server.note_version(&version);
    let facts = LoginFacts {
        thread_id: greeting.connection_id,
        version,
        capabilities,
    };
    Ok((packets, facts))
}

struct Attempt<'a> {
    server: &'a Server,
}

impl Attempt<'_> {
    async fn greeting(&self, packets: &mut PacketStream) -> Result<Greeting, BackendError> {
        let payload = packets.read_packet().await.map_err(|e| self.broken(e))?;
        match ServerHello::decode(&payload).map_err(|error| self.connect_failed(&error))? {
            ServerHello::Greeting(greeting) => Ok(greeting),
            ServerHello::Refused(error) => Err(self.server.refused(error)),
        }
    }

    fn check(&self, capabilities: CapabilityFlags, wish: BackendWish) -> Result<(), BackendError> {
        let unsuitable = |reason| BackendError::Unsuitable {
            replica_set: self.name(),
            reason,
        };
        if !capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
            return Err(unsuitable(
                "it is too old: MySQL 5.7.5 or MariaDB 10.2 is the oldest that can be used",
            ));
        }
        let tls = capabilities.contains(CapabilityFlags::CLIENT_SSL);
        if self.server.tls_required() && wish.tls && !tls {
            return Err(unsuitable(
                "it does not offer TLS, which backend.tls demands",
            ));
        }
        Ok(())
    }

    async fn start_tls(
        &self,
        packets: &mut PacketStream,
        capabilities: CapabilityFlags,
        collation: u8,
    ) -> Result<(), BackendError> {
        let request = SslRequest {
            capabilities,
            max_packet: MAX_PACKET,
            collation,
        };
        packets.queue_with(|out| request.encode(out));
        packets.flush().await.map_err(|e| self.broken(e))?;
        let Some(tls) = &self.server.tls else {
            return Ok(());
        };
        let host = self.server.host();
        packets
            .upgrade(|stream| tls.connect(stream, host))
            .await
            .map_err(|e| self.broken(e))
    }

    async fn authenticate(
        &self,
        packets: &mut PacketStream,
        greeting: &Greeting,
        capabilities: CapabilityFlags,
        collation: u8,
    ) -> Result<(), BackendError> {
        let config = &self.server.config;
        let mut auth = ClientAuth::new(
            config.password.expose().as_bytes(),
            &greeting.auth_plugin,
            greeting.salt,
            packets.stream().is_secure(),
        );
        let first = auth.initial_response();
        let login = Login {
            capabilities,
            max_packet: MAX_PACKET,
            collation,
            user: config.user.clone().into_bytes(),
            auth_response: first.auth_response,
            schema: None,
            auth_plugin: Some(first.plugin.to_vec()),
            attributes: vec![(b"program_name".to_vec(), b"shardwell".to_vec())],
            zstd_level: None,
        };
        let mut encoded = Ok(());
        packets.queue_with(|out| encoded = login.encode(out));
        encoded.map_err(|error| self.connect_failed(&error))?;
        packets.flush().await.map_err(|e| self.broken(e))?;
        loop {
            let payload = packets.read_packet().await.map_err(|e| self.broken(e))?;
            match auth.on_packet(&payload) {
                ClientStep::Done => return Ok(()),
                ClientStep::Wait => {}
                ClientStep::Send(answer) => {
                    packets.queue(&answer);
                    packets.flush().await.map_err(|e| self.broken(e))?;
                }
                ClientStep::Error(crate::auth::AuthError::Refused(error)) => {
                    return Err(self.server.refused(error));
                }
                ClientStep::Error(error) => return Err(self.connect_failed(&error)),
            }
        }
    }

    fn name(&self) -> String {
        self.server.replica_set.clone()
    }

    fn broken(&self, error: NetError) -> BackendError {
        self.connect_failed(&error)
    }

    fn connect_failed(&self, error: &dyn std::fmt::Display) -> BackendError {
        BackendError::Connect {
            replica_set: self.name(),
            reason: error.to_string(),
        }
    }
}

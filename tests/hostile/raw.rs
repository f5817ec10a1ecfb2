//! A client that can misbehave: packets and bytes as a test wants them.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::BufMut;
use shardwell::auth::{ClientAuth, ClientStep};
use shardwell::error::MysqlError;
use shardwell::net::{NetError, PacketStream, Stream};
use shardwell::wire::{
    BackendWish, Greeting, Login, Reply, ServerHello, client_capabilities, decode_err, is_eof,
    put_query, put_stmt_prepare,
};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::common::{APP_PASSWORD, APP_USER};

/// Largest packet that it takes, in bytes.
const MAX_PACKET: usize = 64 << 20;

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that was greeted.
pub struct Raw {
    /// Its packets.
    pub packets: PacketStream,
    /// What the proxy said.
    pub greeting: Greeting,
    /// What both sides agreed on.
    pub capabilities: shardwell::wire::CapabilityFlags,
    /// The id of the collation that a login names.
    pub collation: u8,
}

/// A connection of which nothing is known.
pub async fn tcp(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Everything until the other side closes; a reset is an end too.
pub async fn rest_of(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes));
    let _ = read.await.expect("the other side closes in time");
    bytes
}

impl Raw {
    /// Connects and takes the greeting.
    pub async fn greeted(address: SocketAddr) -> Self {
        Self::try_greeted(address).await.unwrap()
    }

    /// Connects; the refusal where there is one instead of a greeting.
    pub async fn try_greeted(address: SocketAddr) -> Result<Self, MysqlError> {
        let mut packets = PacketStream::new(Stream::Tcp(tcp(address).await), MAX_PACKET);
        let payload = packets.read_packet().await.unwrap();
        match ServerHello::decode(&payload).unwrap() {
            ServerHello::Greeting(greeting) => Ok(Self {
                packets,
                collation: 45,
                capabilities: client_capabilities(BackendWish::default(), greeting.capabilities),
                greeting,
            }),
            ServerHello::Refused(error) => Err(error),
        }
    }

    /// The application's connection.
    pub async fn app(address: SocketAddr, schema: Option<&str>) -> Self {
        let mut raw = Self::greeted(address).await;
        raw.login(APP_USER, APP_PASSWORD, schema).await.unwrap();
        raw
    }

    /// Logs in.
    pub async fn login(
        &mut self,
        user: &str,
        password: &str,
        schema: Option<&str>,
    ) -> Result<(), MysqlError> {
        let wish = BackendWish {
            schema: schema.is_some(),
            ..BackendWish::default()
        };
        self.login_with(user, password, schema, wish).await
    }

    /// Logs in with these wishes.
    pub async fn login_with(
        &mut self,
        user: &str,
        password: &str,
        schema: Option<&str>,
        wish: BackendWish,
    ) -> Result<(), MysqlError> {
        let greeting = &self.greeting;
        let mut auth = ClientAuth::new(
            password.as_bytes(),
            &greeting.auth_plugin,
            greeting.salt,
            false,
        );
        let first = auth.initial_response();
        let login = Login {
            capabilities: client_capabilities(wish, greeting.capabilities),
            max_packet: 1 << 24,
            collation: self.collation,
            user: user.as_bytes().to_vec(),
            auth_response: first.auth_response,
            schema: schema.map(|schema| schema.as_bytes().to_vec()),
            auth_plugin: Some(first.plugin.to_vec()),
            attributes: Vec::new(),
            zstd_level: None,
        };
        self.packets.queue_with(|out| login.encode(out).unwrap());
        self.packets.flush().await.unwrap();
        loop {
            let payload = self.packets.read_packet().await.unwrap();
            match auth.on_packet(&payload) {
                ClientStep::Done => return Ok(()),
                ClientStep::Wait => {}
                ClientStep::Send(answer) => {
                    self.packets.queue(&answer);
                    self.packets.flush().await.unwrap();
                }
                ClientStep::Error(shardwell::auth::AuthError::Refused(error)) => return Err(error),
                ClientStep::Error(error) => panic!("{error}"),
            }
        }
    }

    /// Prepares the session's first statement, without parameters.
    pub async fn prepare_first(&mut self, sql: &str, columns: usize) {
        self.packets.reset_sequence();
        self.packets
            .queue_with(|out| put_stmt_prepare(out, sql.as_bytes()));
        self.packets.flush().await.unwrap();
        for _ in 0..=columns {
            self.packets.read_packet().await.unwrap();
        }
    }

    /// Executes it with a read-only cursor; the rows that come at once.
    pub async fn open_cursor(&mut self) -> Result<Vec<Vec<u8>>, MysqlError> {
        const EXECUTE: [u8; 10] = [0x17, 1, 0, 0, 0, 1, 1, 0, 0, 0];
        self.packets.reset_sequence();
        self.packets.queue_with(|out| out.put_slice(&EXECUTE));
        self.packets.flush().await.unwrap();
        self.answer().await
    }

    /// Sends a statement and does not wait for its answer.
    pub async fn send(&mut self, sql: &str) {
        let capabilities = self.capabilities;
        self.packets.reset_sequence();
        self.packets
            .queue_with(|out| put_query(out, capabilities, &[], sql.as_bytes()));
        self.packets.flush().await.unwrap();
    }

    /// Runs a statement: its rows as raw payloads.
    pub async fn query(&mut self, sql: &str) -> Result<Vec<Vec<u8>>, MysqlError> {
        self.send(sql).await;
        self.answer().await
    }

    /// The answer to what was sent.
    pub async fn answer(&mut self) -> Result<Vec<Vec<u8>>, MysqlError> {
        tokio::time::timeout(PATIENCE, self.read_answer())
            .await
            .expect("an answer in time")
            .expect("an answer")
    }

    /// The answer, or how the connection ended.
    pub async fn read_answer(&mut self) -> Result<Result<Vec<Vec<u8>>, MysqlError>, NetError> {
        let first = self.packets.read_packet().await?;
        let columns = match Reply::decode(&first).unwrap() {
            Reply::Ok => return Ok(Ok(Vec::new())),
            Reply::Err => return Ok(Err(decode_err(&first).unwrap())),
            Reply::ResultSet { columns } => columns,
            other => panic!("{other:?}"),
        };
        for _ in 0..columns {
            self.packets.read_packet().await?;
        }
        let mut rows = Vec::new();
        loop {
            let payload = self.packets.read_packet().await?;
            if payload.first() == Some(&0xFF) {
                return Ok(Err(decode_err(&payload).unwrap()));
            }
            if is_eof(&payload, payload.len(), self.capabilities) {
                return Ok(Ok(rows));
            }
            rows.push(payload.to_vec());
        }
    }

    /// The next packet, which must be an error, and the end of the connection behind it.
    pub async fn last_words(&mut self) -> MysqlError {
        self.packets.accept_any_sequence();
        let read = tokio::time::timeout(PATIENCE, self.packets.read_packet());
        let payload = read.await.expect("last words in time").unwrap();
        let error = decode_err(&payload).unwrap();
        assert!(self.is_closed().await);
        error
    }

    /// Whether the other side closes without another word.
    pub async fn is_closed(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.packets.read_packet());
        matches!(
            read.await.expect("an end in time"),
            Err(NetError::Closed | NetError::Truncated | NetError::Io(_))
        )
    }

    /// Whether the connection still serves.
    pub async fn works(&mut self) -> bool {
        matches!(self.query("SELECT 1").await, Ok(rows) if rows == [b"\x011".to_vec()])
    }

    /// The first value of the only row.
    pub async fn value(&mut self, sql: &str) -> String {
        let rows = self
            .query(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let mut reader = shardwell::wire::Reader::new(&rows[0]);
        match reader.nullable_bytes().unwrap() {
            Some(value) => String::from_utf8_lossy(value).into_owned(),
            None => "NULL".to_owned(),
        }
    }
}

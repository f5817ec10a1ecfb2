//! A client that keeps every packet of an answer as it came.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use shardwell::auth::{ClientAuth, ClientStep};
use shardwell::config::Address;
use shardwell::net::{PacketStream, Stream};
use shardwell::wire::{
    CapabilityFlags, ChangeUser, EofPacket, Greeting, Login, OkHeader, OkPacket, PrepareOk, Reply,
    ServerHello, SessionChange, SessionChanges, StatusFlags, is_eof, put_change_user,
};

/// No answer of these tests takes longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Larger than any answer of these tests.
const MAX_PACKET: usize = 256 << 20;

/// What every client negotiates, whatever else it is given.
pub const BASE: CapabilityFlags = CapabilityFlags::CLIENT_LONG_FLAG
    .union(CapabilityFlags::CLIENT_PROTOCOL_41)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_PS_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA);

/// One packet: its (last) sequence id and its payload.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// As it came.
    pub sequence: u8,
    /// Joined where it spans several frames.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 400;
        let shown = self.payload.get(..SHOWN).unwrap_or(&self.payload);
        write!(
            f,
            "#{} [{}] {}",
            self.sequence,
            self.payload.len(),
            shown.escape_ascii()
        )
    }
}

/// All packets of an answer; the server hanging up shows as a packet `(closed)`.
pub type Packets = Vec<Packet>;

/// What an exchange expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// OK, ERR, EOF or result sets.
    Results,
    /// Column definitions up to an EOF.
    Fields,
    /// One packet.
    One,
    /// What COM_STMT_PREPARE gives.
    Prepared,
    /// Rows up to an OK, ERR or EOF.
    Rows,
    /// Nothing.
    Silence,
}

/// A logged-in connection.
pub struct Raw {
    packets: PacketStream,
    capabilities: CapabilityFlags,
    greeting: Greeting,
}

impl Raw {
    /// Logs in with [`BASE`] and `extras`.
    pub async fn connect(
        address: SocketAddr,
        (user, password): (&str, &str),
        schema: &str,
        extras: CapabilityFlags,
        collation: u8,
    ) -> Self {
        let address = Address::Tcp {
            host: address.ip().to_string(),
            port: address.port(),
        };
        let stream = Stream::connect(&address).await.unwrap();
        let mut packets = PacketStream::new(stream, MAX_PACKET);
        let hello = packets.read_packet().await.unwrap();
        let ServerHello::Greeting(greeting) = ServerHello::decode(&hello).unwrap() else {
            panic!("refused: {hello:?}");
        };
        let capabilities = BASE | extras;
        assert!(greeting.capabilities.contains(capabilities), "{greeting:?}");
        let mut auth = ClientAuth::new(
            password.as_bytes(),
            &greeting.auth_plugin,
            greeting.salt,
            false,
        );
        let first = auth.initial_response();
        let login = Login {
            capabilities,
            max_packet: 1 << 30,
            collation,
            user: user.as_bytes().to_vec(),
            auth_response: first.auth_response,
            schema: Some(schema.as_bytes().to_vec()),
            auth_plugin: Some(first.plugin.to_vec()),
            attributes: Vec::new(),
            zstd_level: None,
        };
        packets.queue_with(|out| login.encode(out).unwrap());
        packets.flush().await.unwrap();
        let mut raw = Self {
            packets,
            capabilities: capabilities | CapabilityFlags::CLIENT_CONNECT_WITH_DB,
            greeting,
        };
        let last = raw.authenticate(&mut auth).await;
        assert_eq!(last.payload.first(), Some(&0), "{last:?}");
        raw
    }

    async fn authenticate(&mut self, auth: &mut ClientAuth) -> Packet {
        loop {
            let packet = self.packet().await;
            match auth.on_packet(&packet.payload) {
                ClientStep::Wait => {}
                ClientStep::Send(answer) => {
                    self.packets.queue(&answer);
                    if self.packets.flush().await.is_err() {
                        return closed();
                    }
                }
                ClientStep::Done | ClientStep::Error(_) => return packet,
            }
        }
    }

    /// COM_QUERY.
    pub async fn query(&mut self, sql: &[u8]) -> Packets {
        self.command(&[&[3], sql].concat(), Expect::Results).await
    }

    /// COM_QUERY with LOAD DATA LOCAL: the file is sent in pieces of this size when it is asked for.
    pub async fn load(&mut self, sql: &[u8], file: &[u8], piece: usize) -> Packets {
        let mut answer = self.begin_load(sql).await;
        if answer.last().and_then(|last| last.payload.first()) != Some(&0xFB) {
            return answer;
        }
        for piece in file.chunks(piece) {
            self.piece(piece).await;
        }
        self.piece(b"").await;
        answer.extend(self.answer().await);
        answer
    }

    /// The answer up to the wish for a file.
    pub async fn begin_load(&mut self, sql: &[u8]) -> Packets {
        self.command(&[&[3], sql].concat(), Expect::Results).await
    }

    /// A piece of a file; an empty one ends it.
    pub async fn piece(&mut self, bytes: &[u8]) {
        self.packets.queue(bytes);
        self.packets.flush().await.unwrap();
    }

    /// What follows a file.
    pub async fn answer(&mut self) -> Packets {
        let mut answer = Packets::new();
        while self.result(&mut answer).await {}
        answer
    }

    /// Any command.
    pub async fn command(&mut self, payload: &[u8], expect: Expect) -> Packets {
        self.packets.reset_sequence();
        self.packets.queue(payload);
        if self.packets.flush().await.is_err() {
            return vec![closed()];
        }
        let mut answer = Packets::new();
        match expect {
            Expect::One => answer.push(self.packet().await),
            Expect::Fields => self.definitions(&mut answer).await,
            Expect::Results => while self.result(&mut answer).await {},
            Expect::Prepared => self.prepared(&mut answer).await,
            Expect::Rows => {
                self.rows(&mut answer).await;
            }
            Expect::Silence => {}
        }
        answer
    }

    /// What was negotiated.
    pub fn capabilities(&self) -> CapabilityFlags {
        self.capabilities
    }

    async fn prepared(&mut self, answer: &mut Packets) {
        let first = self.packet().await;
        let told = PrepareOk::decode(&first.payload);
        answer.push(first);
        let Ok(told) = told else {
            return;
        };
        for count in [told.params, told.columns] {
            for _ in 0..count {
                answer.push(self.packet().await);
            }
            if count > 0 && !self.deprecates_eof() {
                answer.push(known_before_rows(self.packet().await));
            }
        }
    }

    /// COM_CHANGE_USER; only the last packet: what comes before is full of random bytes.
    pub async fn change_user(&mut self, user: &str, password: &str, schema: &str) -> Packets {
        let mut auth = ClientAuth::new(
            password.as_bytes(),
            &self.greeting.auth_plugin,
            self.greeting.salt,
            false,
        );
        let first = auth.initial_response();
        let change = ChangeUser {
            user: user.as_bytes().to_vec(),
            auth_response: first.auth_response,
            schema: Some(schema.as_bytes().to_vec()),
            collation: Some(45),
            auth_plugin: Some(first.plugin.to_vec()),
            attributes: Vec::new(),
        };
        self.packets.reset_sequence();
        self.packets
            .queue_with(|out| put_change_user(out, &change, self.capabilities).unwrap());
        if self.packets.flush().await.is_err() {
            return vec![closed()];
        }
        let mut last = self.authenticate(&mut auth).await;
        // How many packets the plugin's exchange takes is between it and the server.
        last.sequence = 0;
        vec![last]
    }

    async fn packet(&mut self) -> Packet {
        let read = tokio::time::timeout(PATIENCE, self.packets.read_packet());
        match read.await.expect("an answer in time") {
            Ok(payload) => Packet {
                sequence: self.packets.sequence().wrapping_sub(1),
                payload: payload.to_vec(),
            },
            Err(_) => closed(),
        }
    }

    /// One result; says whether another follows.
    async fn result(&mut self, answer: &mut Packets) -> bool {
        let first = self.packet().await;
        let payload = first.payload.clone();
        if payload.first() == Some(&0) {
            answer.push(self.without_transaction_state(first));
        } else {
            answer.push(first);
        }
        match Reply::decode(&payload) {
            Ok(Reply::Ok) => more(
                OkPacket::decode(&payload, self.capabilities)
                    .unwrap()
                    .status,
            ),
            Ok(Reply::ResultSet { columns }) => {
                for _ in 0..columns {
                    answer.push(self.packet().await);
                }
                if !self.deprecates_eof() {
                    let eof = self.packet().await;
                    if ends_here(&eof.payload) {
                        answer.push(eof);
                        return false;
                    }
                    answer.push(known_before_rows(eof));
                }
                self.rows(answer).await
            }
            _ => false,
        }
    }

    async fn rows(&mut self, answer: &mut Packets) -> bool {
        loop {
            let packet = self.packet().await;
            let payload = packet.payload.clone();
            answer.push(packet);
            if payload.first() == Some(&0xFF) || payload == closed().payload {
                return false;
            }
            if !is_eof(&payload, payload.len(), self.capabilities) {
                continue;
            }
            return more(if self.deprecates_eof() {
                OkPacket::decode(&payload, self.capabilities)
                    .unwrap()
                    .status
            } else {
                EofPacket::decode(&payload).unwrap().status
            });
        }
    }

    async fn definitions(&mut self, answer: &mut Packets) {
        loop {
            let packet = self.packet().await;
            let first = packet.payload.first().copied();
            let end = packet == closed() || matches!(first, Some(0xFE | 0xFF));
            answer.push(packet);
            if end {
                return;
            }
        }
    }

    /// An OK packet without the report of the transaction's state: a transaction begins on a server
    /// when the first statement leads there, and the proxy has nothing to report before. The other
    /// changes are sorted: MariaDB reports them in the order of a hash table.
    fn without_transaction_state(&self, packet: Packet) -> Packet {
        let Ok(mut ok) = OkPacket::decode(&packet.payload, self.capabilities) else {
            return packet;
        };
        let mut left: Vec<BytesMut> = Vec::new();
        for change in SessionChanges::new(ok.session_changes) {
            match change.unwrap() {
                SessionChange::TransactionState(_) => {}
                other => {
                    let mut encoded = BytesMut::new();
                    other.encode(&mut encoded);
                    left.push(encoded);
                }
            }
        }
        left.sort();
        let left = left.concat();
        ok.session_changes = &left;
        let mut payload = BytesMut::new();
        ok.encode(&mut payload, self.capabilities, OkHeader::Ok);
        Packet {
            payload: payload.to_vec(),
            ..packet
        }
    }

    fn deprecates_eof(&self) -> bool {
        self.capabilities
            .contains(CapabilityFlags::CLIENT_DEPRECATE_EOF)
    }
}

fn closed() -> Packet {
    Packet {
        sequence: 0,
        payload: b"(closed)".to_vec(),
    }
}

/// Whether no rows follow the columns: there is an error, or a cursor has them.
fn ends_here(payload: &[u8]) -> bool {
    let cursor = |eof: EofPacket| {
        eof.status
            .contains(StatusFlags::SERVER_STATUS_CURSOR_EXISTS)
    };
    payload.first() != Some(&0xFE) || EofPacket::decode(payload).is_ok_and(cursor)
}

/// An EOF behind column definitions as far as the proxy can know it: its servers send none, and the
/// warnings and flags of the statement are told behind the rows only.
fn known_before_rows(packet: Packet) -> Packet {
    let Ok(mut eof) = EofPacket::decode(&packet.payload) else {
        return packet;
    };
    eof.warnings = 0;
    eof.status &= StatusFlags::SERVER_STATUS_AUTOCOMMIT
        | StatusFlags::SERVER_STATUS_IN_TRANS
        | StatusFlags::SERVER_MORE_RESULTS_EXISTS;
    let mut payload = BytesMut::new();
    eof.encode(&mut payload);
    Packet {
        payload: payload.to_vec(),
        ..packet
    }
}

fn more(status: StatusFlags) -> bool {
    status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
}

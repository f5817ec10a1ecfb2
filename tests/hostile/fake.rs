//! A server that says what a test wants, right or wrong.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use shardwell::net::{PacketStream, Stream};
use shardwell::wire::{
    CapabilityFlags, ColumnDefinition, Greeting, OkHeader, OkPacket, StatusFlags, put_err,
    put_lenenc_bytes, put_packet,
};
use tokio::net::TcpListener;

/// What it offers by default: what the proxy needs and no more.
pub const OFFERED: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41
    .union(CapabilityFlags::CLIENT_LONG_PASSWORD)
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH)
    .union(CapabilityFlags::CLIENT_MULTI_RESULTS)
    .union(CapabilityFlags::CLIENT_SESSION_TRACK)
    .union(CapabilityFlags::CLIENT_DEPRECATE_EOF);

/// One thing that it does when a statement has come.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Closes the connection.
    Close,
    /// Says nothing any more, and keeps the connection.
    Hang,
}

/// What a statement is answered with, on the n-th connection.
pub type Script = dyn Fn(&str, usize) -> Vec<Step> + Send + Sync;

/// A running fake.
pub struct Fake {
    /// Where it listens.
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// A fake that answers statements as `script` says. What the proxy asks for itself is answered
    /// well: there is one table, `t`.
    pub async fn start(script: impl Fn(&str, usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::greeting(OFFERED, Vec::new(), script).await
    }

    /// The same with other capabilities, and with steps before each greeting.
    pub async fn greeting(
        offered: CapabilityFlags,
        first: Vec<Step>,
        script: impl Fn(&str, usize) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(accept(
            listener,
            (offered, first),
            Arc::new(script),
            Arc::clone(&heard),
        ));
        Self {
            address,
            heard,
            task,
        }
    }

    /// How often a statement with `needle` in it has come.
    pub fn heard(&self, needle: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|sql| sql.contains(needle)).count()
    }
}

async fn accept(
    listener: TcpListener,
    hello: (CapabilityFlags, Vec<Step>),
    script: Arc<Script>,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let mut number = 0;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        number += 1;
        let (script, heard) = (Arc::clone(&script), Arc::clone(&heard));
        let hello = hello.clone();
        tokio::spawn(async move {
            let packets = PacketStream::new(Stream::Tcp(stream), 1 << 24);
            serve(packets, hello, &*script, &heard, number).await
        });
    }
}

async fn serve(
    mut packets: PacketStream,
    (offered, first): (CapabilityFlags, Vec<Step>),
    script: &Script,
    heard: &Mutex<Vec<String>>,
    number: usize,
) -> Option<()> {
    let greeting = Greeting {
        version: b"8.4.0-fake".to_vec(),
        connection_id: u32::try_from(number).unwrap(),
        salt: [7; 20],
        capabilities: offered,
        extended_capabilities: 0,
        collation: 45,
        status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
        auth_plugin: b"mysql_native_password".to_vec(),
    };
    for step in first {
        act(&mut packets, step).await?;
    }
    packets.queue_with(|out| greeting.encode(out).unwrap());
    packets.flush().await.ok()?;
    packets.read_packet().await.ok()?;
    packets.queue(&ok(0));
    packets.flush().await.ok()?;
    loop {
        packets.reset_sequence();
        let command = packets.read_packet().await.ok()?;
        let sql = String::from_utf8_lossy(command.get(1..)?).into_owned();
        if command.first() == Some(&3) {
            heard.lock().unwrap().push(sql.clone());
        }
        let steps = match own_answer(&sql) {
            Some(answer) => vec![Step::Send(answer)],
            None if command.first() != Some(&3) => vec![Step::Send(answer(&[&ok(0)]))],
            None => script(&sql, number),
        };
        for step in steps {
            act(&mut packets, step).await?;
        }
    }
}

async fn act(packets: &mut PacketStream, step: Step) -> Option<()> {
    match step {
        Step::Send(bytes) => {
            packets.output().extend_from_slice(&bytes);
            packets.flush().await.ok()
        }
        Step::Wait(time) => {
            tokio::time::sleep(time).await;
            Some(())
        }
        Step::Close => None,
        Step::Hang => std::future::pending().await,
    }
}

/// What the proxy asks of its own accord.
fn own_answer(sql: &str) -> Option<Vec<u8>> {
    if sql.starts_with("SET ") || sql.starts_with("BEGIN") || sql.starts_with("KILL") {
        return Some(answer(&[&ok(0)]));
    }
    if sql.contains("lower_case_table_names") {
        return Some(answer(&[
            b"\x02",
            &column(""),
            &column(""),
            b"\x010\x00",
            &end(0),
        ]));
    }
    if sql.contains("information_schema.TABLES") {
        return Some(answer(&[b"\x01", &column(""), b"\x01t", &end(0)]));
    }
    None
}

/// Packets from sequence id 1 on.
pub fn answer(payloads: &[&[u8]]) -> Vec<u8> {
    from_sequence(1, payloads)
}

/// Packets from this sequence id on.
pub fn from_sequence(mut sequence: u8, payloads: &[&[u8]]) -> Vec<u8> {
    let mut out = BytesMut::new();
    for payload in payloads {
        put_packet(&mut out, &mut sequence, payload);
    }
    out.to_vec()
}

/// An OK packet with these status flags besides AUTOCOMMIT.
pub fn ok(status: u16) -> Vec<u8> {
    closing(status, OkHeader::Ok)
}

/// The packet behind rows.
pub fn end(status: u16) -> Vec<u8> {
    closing(status, OkHeader::Eof)
}

fn closing(status: u16, header: OkHeader) -> Vec<u8> {
    let ok = OkPacket {
        status: StatusFlags::from_bits_retain(status) | StatusFlags::SERVER_STATUS_AUTOCOMMIT,
        ..OkPacket::default()
    };
    let mut out = BytesMut::new();
    ok.encode(&mut out, OFFERED, header);
    out.to_vec()
}

/// An ERR packet.
pub fn err(code: u16, message: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    put_err(
        &mut out,
        &shardwell::error::MysqlError {
            code,
            state: shardwell::error::SqlState::GENERAL,
            message: message.as_bytes().to_vec(),
        },
    );
    out.to_vec()
}

/// A definition of the column `v` in this schema.
pub fn column(schema: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    let column = ColumnDefinition {
        catalog: b"def",
        schema: schema.as_bytes(),
        table: b"t",
        org_table: b"t",
        name: b"v",
        org_name: b"v",
        collation: 45,
        length: 100,
        column_type: 253,
        flags: 0,
        decimals: 0,
        default: None,
    };
    column.encode(&mut out);
    out.to_vec()
}

/// A row with one value.
pub fn row(value: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    put_lenenc_bytes(&mut out, value.as_bytes());
    out.to_vec()
}

/// A result with one column and one row.
pub fn one_row(value: &str) -> Vec<u8> {
    answer(&[b"\x01", &column("fake_0"), &row(value), &end(0)])
}

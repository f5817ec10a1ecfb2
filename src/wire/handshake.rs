//! What a server says while a connection is set up: its greeting and its authentication requests.
//!
//! What the client answers is in [`login`](super::login).

use bytes::{BufMut, BytesMut};

use super::codec::{Reader, put_nul_bytes};
use super::error::{Result, WireError};
use super::response::decode_err;
use super::{CapabilityFlags, StatusFlags};
use crate::error::MysqlError;

/// Bytes of the random challenge that both scrambles use.
pub const SALT_LEN: usize = 20;

/// Bytes of the salt's first part, before the capability flags.
const SALT_HEAD: usize = 8;

const PROTOCOL_VERSION: u8 = 10;

/// The first packet of a connection, sent by the server (`Protocol::HandshakeV10`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The server's version, without a zero byte.
    pub version: Vec<u8>,
    /// The server's number of this connection, which KILL takes.
    pub connection_id: u32,
    /// The challenge. Its bytes are not zero when we make it.
    pub salt: [u8; SALT_LEN],
    /// What the server offers.
    pub capabilities: CapabilityFlags,
    /// MariaDB's further capability bits; 0 for any other server and in every greeting of ours.
    pub extended_capabilities: u32,
    /// Id of the server's default collation; ids above 255 are cut to their low byte.
    pub collation: u8,
    /// The session's state.
    pub status: StatusFlags,
    /// The plugin that the salt is meant for; empty without PLUGIN_AUTH.
    pub auth_plugin: Vec<u8>,
}

impl Greeting {
    /// Appends the packet's payload.
    ///
    /// # Errors
    /// [`WireError::Malformed`]: a zero byte in `version` or `auth_plugin`.
    pub fn encode(&self, out: &mut BytesMut) -> Result<()> {
        let [low_0, low_1, high_0, high_1] = self.capabilities.bits().to_le_bytes();
        let (head, tail) = self.salt.split_at(SALT_HEAD);
        out.put_u8(PROTOCOL_VERSION);
        put_nul_bytes(out, &self.version)?;
        out.put_u32_le(self.connection_id);
        out.put_slice(head);
        out.put_u8(0);
        out.put_slice(&[low_0, low_1]);
        out.put_u8(self.collation);
        out.put_u16_le(self.status.bits());
        out.put_slice(&[high_0, high_1]);
        out.put_u8(if self.has_plugin() {
            SALT_LEN as u8 + 1
        } else {
            0
        });
        out.put_bytes(0, 6);
        out.put_u32_le(self.extended_capabilities);
        out.put_slice(tail);
        out.put_u8(0);
        if self.has_plugin() {
            put_nul_bytes(out, &self.auth_plugin)?;
        }
        Ok(())
    }

    /// Reads a greeting of MySQL 5.7 to 9 or MariaDB.
    ///
    /// # Errors
    /// [`WireError::ProtocolVersion`], [`WireError::MissingCapability`] for servers of another
    /// age, and the errors of a truncated packet.
    pub fn decode(payload: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(payload);
        let protocol = reader.u8()?;
        if protocol != PROTOCOL_VERSION {
            return Err(WireError::ProtocolVersion(protocol));
        }
        let version = reader.nul_bytes()?.to_vec();
        let connection_id = reader.u32()?;
        let salt_head: [u8; SALT_HEAD] = reader.array()?;
        reader.take(1)?;
        let [low_0, low_1] = reader.array()?;
        let collation = reader.u8()?;
        let status = StatusFlags::from_bits_retain(reader.u16()?);
        let [high_0, high_1] = reader.array()?;
        let bits = u32::from_le_bytes([low_0, low_1, high_0, high_1]);
        let capabilities = CapabilityFlags::from_bits_retain(bits);
        require_modern(capabilities)?;
        let salt_len = usize::from(reader.u8()?);
        reader.take(6)?;
        let extended = reader.u32()?;
        let salt = read_salt(&mut reader, salt_head, salt_len)?;
        let auth_plugin = if capabilities.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH) {
            reader.nul_bytes_or_rest().to_vec()
        } else {
            Vec::new()
        };
        // MySQL sets the bit that MariaDB leaves out to say that the filler means something.
        let is_mysql = capabilities.contains(CapabilityFlags::CLIENT_LONG_PASSWORD);
        Ok(Self {
            version,
            connection_id,
            salt,
            capabilities,
            extended_capabilities: if is_mysql { 0 } else { extended },
            collation,
            status,
            auth_plugin,
        })
    }

    fn has_plugin(&self) -> bool {
        self.capabilities
            .contains(CapabilityFlags::CLIENT_PLUGIN_AUTH)
    }
}

fn require_modern(capabilities: CapabilityFlags) -> Result<()> {
    if !capabilities.contains(CapabilityFlags::CLIENT_PROTOCOL_41) {
        return Err(WireError::MissingCapability("CLIENT_PROTOCOL_41"));
    }
    if !capabilities.contains(CapabilityFlags::CLIENT_SECURE_CONNECTION) {
        return Err(WireError::MissingCapability("CLIENT_SECURE_CONNECTION"));
    }
    Ok(())
}

/// The second part is 13 bytes at least, of which a zero closes the salt of 20.
fn read_salt(
    reader: &mut Reader<'_>,
    head: [u8; SALT_HEAD],
    salt_len: usize,
) -> Result<[u8; SALT_LEN]> {
    let tail_len = salt_len
        .saturating_sub(SALT_HEAD)
        .max(SALT_LEN + 1 - SALT_HEAD);
    let mut tail = Reader::new(reader.take(tail_len)?);
    let tail: [u8; SALT_LEN - SALT_HEAD] = tail.array()?;
    let mut salt = [0; SALT_LEN];
    for (to, from) in salt.iter_mut().zip(head.iter().chain(&tail)) {
        *to = *from;
    }
    Ok(salt)
}

/// What a server opens a connection with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerHello {
    /// It may be logged in to.
    Greeting(Greeting),
    /// It turns us away at once: too many connections (1040), host blocked (1129), …
    Refused(MysqlError),
}

impl ServerHello {
    /// Reads the first packet of a connection.
    ///
    /// # Errors
    /// Those of [`Greeting::decode`].
    pub fn decode(payload: &[u8]) -> Result<Self> {
        if payload.first() == Some(&0xFF) {
            return decode_err(payload).map(Self::Refused);
        }
        Greeting::decode(payload).map(Self::Greeting)
    }
}

/// The server asks for another plugin (`Protocol::AuthSwitchRequest`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthSwitchRequest<'a> {
    /// The plugin to go on with. Empty: the password format of MySQL 4.0, a single-byte packet.
    pub plugin: &'a [u8],
    /// What the plugin needs; for both password plugins the salt, without its closing zero.
    pub data: &'a [u8],
}

impl<'a> AuthSwitchRequest<'a> {
    /// The packet's first byte.
    pub const HEADER: u8 = 0xFE;

    /// Appends the packet's payload.
    ///
    /// # Errors
    /// [`WireError::Malformed`]: a zero byte in `plugin`.
    pub fn encode(&self, out: &mut BytesMut) -> Result<()> {
        out.put_u8(Self::HEADER);
        put_nul_bytes(out, self.plugin)?;
        out.put_slice(self.data);
        out.put_u8(0);
        Ok(())
    }

    /// Reads the packet.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for another packet, and the errors of a truncated one.
    pub fn decode(payload: &'a [u8]) -> Result<Self> {
        let mut reader = expect(payload, Self::HEADER, "AuthSwitchRequest")?;
        if reader.is_empty() {
            return Ok(Self {
                plugin: b"",
                data: b"",
            });
        }
        let plugin = reader.nul_bytes()?;
        let data = reader.rest();
        Ok(Self {
            plugin,
            data: data.strip_suffix(&[0]).unwrap_or(data),
        })
    }
}

/// A message from one side's plugin to the other's (`Protocol::AuthMoreData`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthMoreData<'a>(pub &'a [u8]);

impl<'a> AuthMoreData<'a> {
    /// The packet's first byte.
    pub const HEADER: u8 = 0x01;

    /// Appends the packet's payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u8(Self::HEADER);
        out.put_slice(self.0);
    }

    /// Reads the packet.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for another packet.
    pub fn decode(payload: &'a [u8]) -> Result<Self> {
        expect(payload, Self::HEADER, "AuthMoreData").map(|mut reader| Self(reader.rest()))
    }
}

fn expect<'a>(payload: &'a [u8], header: u8, packet: &'static str) -> Result<Reader<'a>> {
    let mut reader = Reader::new(payload);
    if reader.u8()? == header {
        Ok(reader)
    } else {
        Err(WireError::Malformed {
            packet,
            reason: "unexpected first byte",
        })
    }
}

//! What a client answers to the greeting: a request for TLS, then its login.

use bytes::{BufMut, BytesMut};

use super::CapabilityFlags;
use super::capability::negotiate;
use super::codec::{Reader, lenenc_len, put_lenenc, put_lenenc_bytes, put_nul_bytes};
use super::error::{Result, WireError};

/// Most bytes of connection attributes, MySQL's own limit.
pub const MAX_ATTRIBUTES: usize = 64 * 1024 - 1;

/// Bytes of the part that a login and a request for TLS share.
const FIXED_LEN: usize = 32;

/// Bytes of the unused part of it.
const FILLER_LEN: usize = 23;

/// Connection attributes: names and values, in the client's order.
pub type Attributes = Vec<(Vec<u8>, Vec<u8>)>;

/// A client's login (`Protocol::HandshakeResponse41`).
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Decoded: what the client asked for and was offered. To encode: what was negotiated; the
    /// flags of optional fields (schema, zstd level) follow the fields.
    pub capabilities: CapabilityFlags,
    /// The client's idea of the longest packet in bytes. Many clients send 0: do not rely on it.
    pub max_packet: u32,
    /// Id of the connection's collation; ids above 255 are cut to their low byte.
    pub collation: u8,
    /// The account's name.
    pub user: Vec<u8>,
    /// The plugin's first answer: usually a scramble; empty for "no password" or "no idea".
    pub auth_response: Vec<u8>,
    /// The schema to start in; an empty name counts as none.
    pub schema: Option<Vec<u8>>,
    /// The plugin of `auth_response`; `None` where the client cannot speak of plugins.
    pub auth_plugin: Option<Vec<u8>>,
    /// What the client tells about itself.
    pub attributes: Attributes,
    /// Compression level, where zstd compression was negotiated.
    pub zstd_level: Option<u8>,
}

impl std::fmt::Debug for Login {
    /// Leaves out the plugin's answer: over TLS it can be the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("capabilities", &self.capabilities)
            .field("collation", &self.collation)
            .field("user", &String::from_utf8_lossy(&self.user))
            .field(
                "schema",
                &self.schema.as_deref().map(String::from_utf8_lossy),
            )
            .field(
                "auth_plugin",
                &self.auth_plugin.as_deref().map(String::from_utf8_lossy),
            )
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Appends the packet's payload.
    ///
    /// # Errors
    /// [`WireError::Malformed`]: a zero byte in a name. [`WireError::TooLong`]: a response of more
    /// than 255 bytes without PLUGIN_AUTH_LENENC_CLIENT_DATA, or too many attributes.
    pub fn encode(&self, out: &mut BytesMut) -> Result<()> {
        let mut capabilities = self.capabilities;
        capabilities.set(
            CapabilityFlags::CLIENT_CONNECT_WITH_DB,
            self.schema.is_some(),
        );
        capabilities.set(
            CapabilityFlags::CLIENT_ZSTD_COMPRESSION_ALGORITHM,
            self.zstd_level.is_some(),
        );
        put_fixed(out, capabilities, self.max_packet, self.collation);
        put_nul_bytes(out, &self.user)?;
        put_response(out, capabilities, &self.auth_response)?;
        if let Some(schema) = &self.schema {
            put_nul_bytes(out, schema)?;
        }
        if capabilities.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH) {
            put_nul_bytes(out, self.auth_plugin.as_deref().unwrap_or_default())?;
        }
        if capabilities.contains(CapabilityFlags::CLIENT_CONNECT_ATTRS) {
            put_attributes(out, &self.attributes)?;
        }
        if let Some(level) = self.zstd_level {
            out.put_u8(level);
        }
        Ok(())
    }

    /// Reads a login of a client that was offered `offered`.
    ///
    /// # Errors
    /// [`WireError::MissingCapability`] for a client before MySQL 4.1, [`WireError::TooLong`] for
    /// too many attributes, and the errors of a truncated packet.
    pub fn decode(payload: &[u8], offered: CapabilityFlags) -> Result<Self> {
        let mut reader = Reader::new(payload);
        let fixed = SslRequest::decode(&mut reader, offered)?;
        let capabilities = fixed.capabilities;
        let has = |flag| capabilities.contains(flag);
        let user = reader.nul_bytes()?.to_vec();
        let auth_response = read_response(&mut reader, capabilities)?.to_vec();
        let schema = if has(CapabilityFlags::CLIENT_CONNECT_WITH_DB) {
            Some(reader.nul_bytes()?.to_vec()).filter(|name| !name.is_empty())
        } else {
            None
        };
        // MySQL takes a missing or unterminated plugin name for what there is of it.
        let auth_plugin =
            has(CapabilityFlags::CLIENT_PLUGIN_AUTH).then(|| reader.nul_bytes_or_rest().to_vec());
        let attributes = if has(CapabilityFlags::CLIENT_CONNECT_ATTRS) && !reader.is_empty() {
            read_attributes(&mut reader)?
        } else {
            Vec::new()
        };
        let zstd_level = has(CapabilityFlags::CLIENT_ZSTD_COMPRESSION_ALGORITHM)
            .then(|| reader.u8())
            .transpose()?;
        Ok(Self {
            capabilities,
            max_packet: fixed.max_packet,
            collation: fixed.collation,
            user,
            auth_response,
            schema,
            auth_plugin,
            attributes,
            zstd_level,
        })
    }
}

/// A client's wish to go on over TLS (`Protocol::SSLRequest`); its login follows inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SslRequest {
    /// As in [`Login`].
    pub capabilities: CapabilityFlags,
    /// As in [`Login`].
    pub max_packet: u32,
    /// As in [`Login`].
    pub collation: u8,
}

impl SslRequest {
    /// Appends the packet's payload.
    pub fn encode(&self, out: &mut BytesMut) {
        let capabilities = self.capabilities | CapabilityFlags::CLIENT_SSL;
        put_fixed(out, capabilities, self.max_packet, self.collation);
    }

    /// Reads the part that a login and a request for TLS share.
    fn decode(reader: &mut Reader<'_>, offered: CapabilityFlags) -> Result<Self> {
        // The flag stands in the low half, which is all that older clients send.
        let low = u32::from(reader.clone().u16()?);
        let asked = CapabilityFlags::from_bits_retain(low);
        if !asked.contains(CapabilityFlags::CLIENT_PROTOCOL_41) {
            return Err(WireError::MissingCapability("CLIENT_PROTOCOL_41"));
        }
        let asked = CapabilityFlags::from_bits_retain(reader.u32()?);
        let max_packet = reader.u32()?;
        let collation = reader.u8()?;
        reader.take(FILLER_LEN)?;
        Ok(Self {
            capabilities: negotiate(asked, offered),
            max_packet,
            collation,
        })
    }
}

/// The first packet of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstPacket {
    /// TLS first.
    SslRequest(SslRequest),
    /// The login itself.
    Login(Login),
}

impl FirstPacket {
    /// Reads the packet of a client that was offered `offered`.
    ///
    /// # Errors
    /// Those of [`Login::decode`].
    pub fn decode(payload: &[u8], offered: CapabilityFlags) -> Result<Self> {
        if payload.len() == FIXED_LEN {
            let fixed = SslRequest::decode(&mut Reader::new(payload), offered)?;
            if fixed.capabilities.contains(CapabilityFlags::CLIENT_SSL) {
                return Ok(Self::SslRequest(fixed));
            }
        }
        Login::decode(payload, offered).map(Self::Login)
    }
}

fn put_fixed(out: &mut BytesMut, capabilities: CapabilityFlags, max_packet: u32, collation: u8) {
    out.put_u32_le(capabilities.bits());
    out.put_u32_le(max_packet);
    out.put_u8(collation);
    out.put_bytes(0, FILLER_LEN);
}

fn put_response(out: &mut BytesMut, capabilities: CapabilityFlags, response: &[u8]) -> Result<()> {
    if capabilities.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA) {
        put_lenenc_bytes(out, response);
        return Ok(());
    }
    put_short_response(out, capabilities, response)
}

fn read_response<'a>(reader: &mut Reader<'a>, capabilities: CapabilityFlags) -> Result<&'a [u8]> {
    if capabilities.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA) {
        return reader.lenenc_bytes();
    }
    read_short_response(reader, capabilities)
}

/// Appends an authentication response behind one byte of length, or, without SECURE_CONNECTION,
/// before a zero.
pub(super) fn put_short_response(
    out: &mut BytesMut,
    capabilities: CapabilityFlags,
    response: &[u8],
) -> Result<()> {
    if !capabilities.contains(CapabilityFlags::CLIENT_SECURE_CONNECTION) {
        return put_nul_bytes(out, response);
    }
    let len = u8::try_from(response.len()).map_err(|_| WireError::TooLong {
        what: "the authentication response",
        len: response.len(),
        max: usize::from(u8::MAX),
    })?;
    out.put_u8(len);
    out.put_slice(response);
    Ok(())
}

/// Reads what [`put_short_response`] writes.
pub(super) fn read_short_response<'a>(
    reader: &mut Reader<'a>,
    capabilities: CapabilityFlags,
) -> Result<&'a [u8]> {
    if !capabilities.contains(CapabilityFlags::CLIENT_SECURE_CONNECTION) {
        return reader.nul_bytes();
    }
    let len = reader.u8()?;
    reader.take(usize::from(len))
}

/// Appends connection attributes behind their total length.
pub(super) fn put_attributes(out: &mut BytesMut, attributes: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
    let size = |bytes: &Vec<u8>| lenenc_len(bytes.len() as u64) + bytes.len();
    let total = attributes
        .iter()
        .map(|(name, value)| size(name) + size(value))
        .sum();
    check_attributes(total)?;
    put_lenenc(out, total as u64);
    for (name, value) in attributes {
        put_lenenc_bytes(out, name);
        put_lenenc_bytes(out, value);
    }
    Ok(())
}

/// Reads connection attributes behind their total length.
pub(super) fn read_attributes(reader: &mut Reader<'_>) -> Result<Attributes> {
    let block = reader.lenenc_bytes()?;
    check_attributes(block.len())?;
    let mut block = Reader::new(block);
    let mut attributes = Vec::new();
    while !block.is_empty() {
        let name = block.lenenc_bytes()?.to_vec();
        let value = block.lenenc_bytes()?.to_vec();
        attributes.push((name, value));
    }
    Ok(attributes)
}

fn check_attributes(len: usize) -> Result<()> {
    if len > MAX_ATTRIBUTES {
        return Err(WireError::TooLong {
            what: "the list of connection attributes",
            len,
            max: MAX_ATTRIBUTES,
        });
    }
    Ok(())
}

//! COM_CHANGE_USER: another login on a connection that is already open.

use bytes::{BufMut, BytesMut};

use super::CapabilityFlags;
use super::codec::{Reader, put_nul_bytes};
use super::error::Result;
use super::login::{
    Attributes, put_attributes, put_short_response, read_attributes, read_short_response,
};

/// The payload of COM_CHANGE_USER behind its command byte.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeUser {
    /// The account's name.
    pub user: Vec<u8>,
    /// The plugin's first answer, at most 255 bytes.
    pub auth_response: Vec<u8>,
    /// The schema to start in; an empty name counts as none.
    pub schema: Option<Vec<u8>>,
    /// Id of the connection's collation; `None` where the client leaves it as it is.
    pub collation: Option<u16>,
    /// The plugin of `auth_response`; `None` where the client cannot speak of plugins.
    pub auth_plugin: Option<Vec<u8>>,
    /// What the client tells about itself.
    pub attributes: Attributes,
}

impl std::fmt::Debug for ChangeUser {
    /// Leaves out the plugin's answer: over TLS it can be the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChangeUser")
            .field("user", &String::from_utf8_lossy(&self.user))
            .field(
                "schema",
                &self.schema.as_deref().map(String::from_utf8_lossy),
            )
            .finish_non_exhaustive()
    }
}

impl ChangeUser {
    /// Appends what follows the command byte. Without a collation the packet ends behind the schema.
    ///
    /// # Errors
    /// [`WireError::Malformed`](super::WireError::Malformed): a zero byte in a name.
    /// [`WireError::TooLong`](super::WireError::TooLong): a response of more than 255 bytes or too
    /// many attributes.
    pub fn encode(&self, out: &mut BytesMut, capabilities: CapabilityFlags) -> Result<()> {
        put_nul_bytes(out, &self.user)?;
        put_short_response(out, capabilities, &self.auth_response)?;
        put_nul_bytes(out, self.schema.as_deref().unwrap_or_default())?;
        let Some(collation) = self.collation else {
            return Ok(());
        };
        out.put_u16_le(collation);
        if capabilities.contains(CapabilityFlags::CLIENT_PLUGIN_AUTH) {
            put_nul_bytes(out, self.auth_plugin.as_deref().unwrap_or_default())?;
        }
        if capabilities.contains(CapabilityFlags::CLIENT_CONNECT_ATTRS) {
            put_attributes(out, &self.attributes)?;
        }
        Ok(())
    }

    /// Reads what follows the command byte, of a client with these negotiated capabilities.
    ///
    /// # Errors
    /// Those of a truncated packet;
    /// [`WireError::TooLong`](super::WireError::TooLong) for too many attributes.
    pub fn decode(payload: &[u8], capabilities: CapabilityFlags) -> Result<Self> {
        let has = |flag| capabilities.contains(flag);
        let mut reader = Reader::new(payload);
        let user = reader.nul_bytes()?.to_vec();
        let auth_response = read_short_response(&mut reader, capabilities)?.to_vec();
        let schema = Some(reader.nul_bytes()?.to_vec()).filter(|name| !name.is_empty());
        let collation = (!reader.is_empty()).then(|| reader.u16()).transpose()?;
        let auth_plugin =
            has(CapabilityFlags::CLIENT_PLUGIN_AUTH).then(|| reader.nul_bytes_or_rest().to_vec());
        let attributes = if has(CapabilityFlags::CLIENT_CONNECT_ATTRS) && !reader.is_empty() {
            read_attributes(&mut reader)?
        } else {
            Attributes::new()
        };
        Ok(Self {
            user,
            auth_response,
            schema,
            collation,
            auth_plugin,
            attributes,
        })
    }
}

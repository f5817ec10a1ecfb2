//! Logging in to a server: the client's half of the authentication.
//!
//! [`ClientAuth::initial_response`] gives what the login packet says; each later packet of the
//! server's goes to [`ClientAuth::on_packet`]. Nothing is read or sent here.

use std::fmt;

use super::error::AuthError;
use super::rsa::encrypt_password;
use super::scramble::{Salt, native_scramble, sha2_scramble};
use super::{CACHING_SHA2, CLEAR, FAST_SUCCESS, FULL_AUTHENTICATION, NATIVE, REQUEST_KEY};
use crate::wire::{AuthMoreData, AuthSwitchRequest, decode_err};

/// The name of the plugin that a switch request without a name means.
const OLD_PASSWORD: &str = "mysql_old_password";

/// What goes into the login packet.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialResponse {
    /// The plugin's name.
    pub plugin: &'static [u8],
    /// Its answer to the salt.
    pub auth_response: Vec<u8>,
}

/// What to do next.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this payload, then read the server's next packet.
    Send(Vec<u8>),
    /// Nothing to send: read the server's next packet.
    Wait,
    /// Logged in. The packet at hand is the server's OK packet.
    Done,
    /// It will not work; close the connection.
    Error(AuthError),
}

impl fmt::Debug for Step {
    /// Leaves out what is sent: over TLS it is the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(payload) => write!(f, "Send({} bytes)", payload.len()),
            Self::Wait => f.write_str("Wait"),
            Self::Done => f.write_str("Done"),
            Self::Error(error) => f.debug_tuple("Error").field(error).finish(),
        }
    }
}

/// One login to a server.
pub struct ClientAuth {
    password: Vec<u8>,
    plugin: Plugin,
    salt: Salt,
    secure: bool,
    key_requested: bool,
}

impl fmt::Debug for ClientAuth {
    /// Leaves out the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAuth")
            .field("plugin", &self.plugin)
            .field("secure", &self.secure)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plugin {
    CachingSha2,
    Native,
    Clear,
}

impl Plugin {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::CachingSha2 => CACHING_SHA2,
            Self::Native => NATIVE,
            Self::Clear => CLEAR,
        }
    }
}

impl ClientAuth {
    /// Begins a login. `plugin` and `salt` are the greeting's; `secure` says that the connection
    /// cannot be listened to (TLS or a Unix socket), so that the password may go over it.
    pub fn new(password: &[u8], plugin: &[u8], salt: Salt, secure: bool) -> Self {
        Self {
            password: password.to_vec(),
            // A plugin that we lack may be the server's default and yet not the user's: open with
            // the usual one, the server will ask for another where it must.
            plugin: if plugin == NATIVE {
                Plugin::Native
            } else {
                Plugin::CachingSha2
            },
            salt,
            secure,
            key_requested: false,
        }
    }

    /// What the login packet, or a COM_CHANGE_USER, says.
    pub fn initial_response(&self) -> InitialResponse {
        InitialResponse {
            plugin: self.plugin.name(),
            auth_response: self.response(),
        }
    }

    /// Goes on with the payload of the server's next packet.
    pub fn on_packet(&mut self, payload: &[u8]) -> Step {
        let step = match payload.first() {
            Some(0x00) => Ok(Step::Done),
            Some(0xFF) => decode_err(payload)
                .map_err(AuthError::from)
                .and_then(|error| Err(AuthError::Refused(error))),
            Some(&AuthSwitchRequest::HEADER) => self.on_switch(payload),
            Some(&AuthMoreData::HEADER) => self.on_more_data(payload),
            _ => Err(AuthError::UnexpectedPacket),
        };
        step.unwrap_or_else(Step::Error)
    }

    fn on_switch(&mut self, payload: &[u8]) -> Result<Step, AuthError> {
        let request = AuthSwitchRequest::decode(payload)?;
        self.plugin = match request.plugin {
            CACHING_SHA2 => Plugin::CachingSha2,
            NATIVE => Plugin::Native,
            CLEAR if self.secure => Plugin::Clear,
            CLEAR => return Err(AuthError::NeedsTls("mysql_clear_password")),
            b"" => return Err(AuthError::UnsupportedPlugin(OLD_PASSWORD.to_owned())),
            other => {
                let name = String::from_utf8_lossy(other).into_owned();
                return Err(AuthError::UnsupportedPlugin(name));
            }
        };
        self.key_requested = false;
        if self.plugin != Plugin::Clear {
            self.salt = Salt::try_from(request.data).map_err(|_| AuthError::UnexpectedPacket)?;
        }
        Ok(Step::Send(self.response()))
    }

    fn on_more_data(&mut self, payload: &[u8]) -> Result<Step, AuthError> {
        let AuthMoreData(data) = AuthMoreData::decode(payload)?;
        if self.plugin != Plugin::CachingSha2 {
            return Err(AuthError::UnexpectedPacket);
        }
        if std::mem::take(&mut self.key_requested) {
            return encrypt_password(&self.password, &self.salt, data).map(Step::Send);
        }
        match data {
            [FAST_SUCCESS] => Ok(Step::Wait),
            [FULL_AUTHENTICATION] if self.secure => Ok(Step::Send(self.cleartext())),
            [FULL_AUTHENTICATION] => {
                self.key_requested = true;
                Ok(Step::Send(vec![REQUEST_KEY]))
            }
            _ => Err(AuthError::UnexpectedPacket),
        }
    }

    /// The plugin's answer to the salt.
    fn response(&self) -> Vec<u8> {
        match self.plugin {
            Plugin::Clear => self.cleartext(),
            Plugin::Native if self.password.is_empty() => Vec::new(),
            Plugin::CachingSha2 if self.password.is_empty() => vec![0],
            Plugin::Native => native_scramble(&self.password, &self.salt).to_vec(),
            Plugin::CachingSha2 => sha2_scramble(&self.password, &self.salt).to_vec(),
        }
    }

    fn cleartext(&self) -> Vec<u8> {
        [&self.password, &[0][..]].concat()
    }
}

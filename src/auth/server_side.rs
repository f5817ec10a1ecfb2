//! Checking a client: the server's half of the authentication, at login and at COM_CHANGE_USER.
//!
//! [`ServerAuth::start`] takes what the client said first; each later packet of the client's goes
//! to [`ServerAuth::on_packet`]. Nothing is read or sent here.

use std::sync::Arc;

use bytes::BytesMut;

use super::credential::Credential;
use super::rsa::RsaKey;
use super::scramble::Salt;
use super::{CACHING_SHA2, FAST_SUCCESS, FULL_AUTHENTICATION, NATIVE, REQUEST_KEY};
use crate::error::{ErrorKind, MysqlError};
use crate::wire::{AuthMoreData, AuthSwitchRequest};

/// Whom the client claims to be.
#[derive(Clone, Debug)]
pub struct Account {
    credential: Arc<Credential>,
    exists: bool,
}

impl Account {
    /// A user of the configuration.
    pub const fn known(credential: Arc<Credential>) -> Self {
        Self {
            credential,
            exists: true,
        }
    }

    /// No user has the claimed name. The exchange goes as it would with `decoy`, but always ends in
    /// a denial: give a [`Credential::decoy`], or any user's credential to be like that user.
    pub const fn unknown(decoy: Arc<Credential>) -> Self {
        Self {
            credential: decoy,
            exists: false,
        }
    }
}

/// What the connection brings along.
#[derive(Clone, Debug)]
pub struct ServerContext {
    /// The greeting's salt.
    pub salt: Salt,
    /// The connection cannot be listened to: TLS or a Unix socket.
    pub secure: bool,
    /// mysql_native_password is allowed where a client asks for it.
    pub native: bool,
    /// For passwords that come without TLS.
    pub rsa: Arc<RsaKey>,
}

/// What the client said first.
#[derive(Clone, Copy, Debug)]
pub struct ClientOffer<'a> {
    /// The plugin it used; `None` where PLUGIN_AUTH was not negotiated.
    pub plugin: Option<&'a [u8]>,
    /// The plugin's answer to the salt.
    pub response: &'a [u8],
    /// It is a COM_CHANGE_USER. As MySQL does, the client is then always asked anew, since clients
    /// do not agree on which salt their first answer is for.
    pub change_user: bool,
}

/// Proof that a client showed its account's password. Only this module makes one.
#[derive(Debug, PartialEq, Eq)]
pub struct Authenticated(());

/// Why a client is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Wrong name or password (error 1045).
    WrongPassword {
        /// The client sent something other than "no password".
        password_used: bool,
    },
    /// The client knows no plugins, and what it knows is not allowed (error 1251).
    ClientTooOld,
    /// The client sent what is no answer (error 1043).
    BadHandshake,
    /// The RSA key could not be made (error 1105).
    NoKey,
}

impl Denial {
    /// The error as MySQL words it.
    pub fn to_mysql(self, user: &str, host: &str) -> MysqlError {
        match self {
            Self::WrongPassword { password_used } => {
                let used = if password_used { "YES" } else { "NO" };
                MysqlError::new(
                    ErrorKind::AccessDenied,
                    format!("Access denied for user '{user}'@'{host}' (using password: {used})"),
                )
            }
            Self::ClientTooOld => MysqlError::new(
                ErrorKind::AuthModeNotSupported,
                "Client does not support authentication protocol requested by server; \
                 consider upgrading MySQL client",
            ),
            Self::BadHandshake => MysqlError::new(ErrorKind::BadHandshake, "Bad handshake"),
            Self::NoKey => MysqlError::new(
                ErrorKind::Internal,
                "The RSA key for password exchange could not be generated",
            ),
        }
    }
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this payload and hand the client's answer to [`ServerAuth::on_packet`].
    Continue {
        /// A packet's payload.
        send: Vec<u8>,
    },
    /// Send this payload, if there is one, and behind it an OK packet.
    Authenticated {
        /// A packet's payload: "the scramble was right".
        send: Option<&'static [u8]>,
        /// For those who want to see it.
        proof: Authenticated,
    },
    /// Send the denial's error and close the connection.
    Denied(Denial),
}

/// The authentication of one client.
#[derive(Debug)]
pub struct ServerAuth {
    account: Account,
    context: ServerContext,
    awaits: Awaits,
}

/// The packet that the client owes us.
#[derive(Clone, Copy, Debug)]
enum Awaits {
    /// A scramble for this plugin.
    Scramble(Plugin),
    /// The password, or a request for our public key.
    Password,
    /// The password, encrypted with our public key.
    EncryptedPassword,
    /// Nothing: the exchange is over.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plugin {
    CachingSha2,
    Native,
}

impl Plugin {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::CachingSha2 => CACHING_SHA2,
            Self::Native => NATIVE,
        }
    }
}

const WRONG: Step = Step::Denied(Denial::WrongPassword {
    password_used: true,
});

impl ServerAuth {
    /// Begins with what the client said first.
    pub fn start(account: Account, context: ServerContext, offer: ClientOffer<'_>) -> (Self, Step) {
        let mut auth = Self {
            account,
            context,
            awaits: Awaits::Nothing,
        };
        let step = auth.first_step(offer);
        (auth, step)
    }

    /// Goes on with the payload of the client's next packet.
    pub fn on_packet(&mut self, payload: &[u8]) -> Step {
        match std::mem::replace(&mut self.awaits, Awaits::Nothing) {
            Awaits::Scramble(plugin) => self.check_scramble(plugin, payload),
            Awaits::Password => self.check_password(payload),
            Awaits::EncryptedPassword => self.check_encrypted(payload),
            Awaits::Nothing => Step::Denied(Denial::BadHandshake),
        }
    }

    fn first_step(&mut self, offer: ClientOffer<'_>) -> Step {
        let Some(offered) = offer.plugin else {
            if self.native_allowed() {
                return self.check_scramble(Plugin::Native, offer.response);
            }
            return Step::Denied(Denial::ClientTooOld);
        };
        let plugin = if offered == NATIVE && self.native_allowed() {
            Plugin::Native
        } else {
            Plugin::CachingSha2
        };
        if offered == plugin.name() && !offer.change_user {
            self.check_scramble(plugin, offer.response)
        } else {
            self.request_switch(plugin)
        }
    }

    fn native_allowed(&self) -> bool {
        self.context.native && self.account.credential.knows_native()
    }

    fn request_switch(&mut self, plugin: Plugin) -> Step {
        let mut send = BytesMut::new();
        let request = AuthSwitchRequest {
            plugin: plugin.name(),
            data: &self.context.salt,
        };
        if request.encode(&mut send).is_err() {
            return Step::Denied(Denial::BadHandshake);
        }
        self.awaits = Awaits::Scramble(plugin);
        Step::Continue { send: send.into() }
    }

    fn check_scramble(&mut self, plugin: Plugin, response: &[u8]) -> Step {
        if response.is_empty() || response == [0] {
            let right = self.account.credential.is_empty();
            return self.conclude(right, None, false);
        }
        let salt = &self.context.salt;
        match plugin {
            Plugin::Native => {
                let right = self.account.credential.verify_native(response, salt);
                self.conclude(right == Some(true), None, true)
            }
            Plugin::CachingSha2 => match self.account.credential.verify_sha2(response, salt) {
                Some(true) => {
                    self.conclude(true, Some(&[AuthMoreData::HEADER, FAST_SUCCESS]), true)
                }
                // A wrong answer is no denial yet, as with MySQL: sqlx scrambled in a way of its own before
                // 0.9, and is out of step when such an answer is taken.
                Some(false) | None => {
                    self.awaits = Awaits::Password;
                    more_data(&[FULL_AUTHENTICATION])
                }
            },
        }
    }

    fn check_password(&mut self, payload: &[u8]) -> Step {
        if payload == [REQUEST_KEY] {
            let Ok(key) = self.context.rsa.public_pem() else {
                return Step::Denied(Denial::NoKey);
            };
            let step = more_data(key);
            self.awaits = Awaits::EncryptedPassword;
            return step;
        }
        if !self.context.secure {
            // A client that has our key already encrypts at once. A password in the clear is no
            // ciphertext and is refused here, right or wrong: it has been seen by others.
            return self.check_encrypted(payload);
        }
        match payload.strip_suffix(&[0]) {
            Some(password) => {
                let right = self.account.credential.verify_cleartext(password);
                self.conclude(right, None, !password.is_empty())
            }
            None => WRONG,
        }
    }

    fn check_encrypted(&mut self, payload: &[u8]) -> Step {
        let context = &self.context;
        match context.rsa.decrypt_password(payload, &context.salt) {
            Ok(Some(password)) => {
                let right = self.account.credential.verify_cleartext(&password);
                self.conclude(right, None, true)
            }
            Ok(None) => WRONG,
            Err(_) => Step::Denied(Denial::NoKey),
        }
    }

    /// The one place where a client is let in: the password is right, and the user exists.
    const fn conclude(
        &self,
        right: bool,
        send: Option<&'static [u8]>,
        password_used: bool,
    ) -> Step {
        if right & self.account.exists {
            Step::Authenticated {
                send,
                proof: Authenticated(()),
            }
        } else {
            Step::Denied(Denial::WrongPassword { password_used })
        }
    }
}

fn more_data(data: &[u8]) -> Step {
    let mut send = BytesMut::with_capacity(1 + data.len());
    AuthMoreData(data).encode(&mut send);
    Step::Continue { send: send.into() }
}

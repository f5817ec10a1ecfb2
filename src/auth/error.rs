//! What can go wrong with accounts and logins.

use crate::error::{ErrorKind, MysqlError, StageError};
use crate::wire::WireError;

/// Why a login to a server fails, or why an account cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A stored hash in the configuration is not one.
    #[error("the stored password hash is not valid: {0}")]
    BadHash(&'static str),
    /// A password is longer than caching_sha2_password allows.
    #[error("a password has {0} bytes, at most {max} are allowed", max = super::MAX_PASSWORD)]
    PasswordTooLong(usize),
    /// The server turns us away.
    #[error("the server refused the login: {0}")]
    Refused(MysqlError),
    /// The server insists on a plugin that we do not have.
    #[error(
        "the server asks for authentication plugin '{0}'; supported are caching_sha2_password, \
         mysql_native_password and, over TLS, mysql_clear_password"
    )]
    UnsupportedPlugin(String),
    /// The plugin would send the password in the clear.
    #[error("authentication plugin '{0}' needs a connection with TLS")]
    NeedsTls(&'static str),
    /// The server sends a packet that has no place here.
    #[error("unexpected packet during authentication")]
    UnexpectedPacket,
    /// The server's public key is not an RSA key that can encrypt the password.
    #[error("the server's RSA public key cannot be used")]
    BadKey,
    /// No RSA key could be made.
    #[error("the RSA key pair could not be generated")]
    NoKey,
    /// A packet cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl StageError for AuthError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::BadHash(_) | Self::PasswordTooLong(_) | Self::NoKey => ErrorKind::Internal,
            Self::Wire(error) => error.kind(),
            _ => ErrorKind::BackendUnavailable,
        }
    }

    /// Nothing is executed before a login.
    fn retryable(&self) -> bool {
        true
    }
}

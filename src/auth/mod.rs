//! Who is there? Authentication in both directions as state machines without I/O.
//!
//! In: an account and the packets of the other side. Out: the packets to send, and in the end a
//! proof, [`Authenticated`], or a [`Denial`]. [`server_side`] checks clients, [`client_side`] logs
//! in to servers. Both know `caching_sha2_password` (fast, and in full over TLS or RSA) and
//! `mysql_native_password`; the exchanges follow
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html>.

pub mod client_side;
pub mod credential;
mod crypt;
pub mod error;
pub mod rsa;
pub mod scramble;
pub mod server_side;

pub use client_side::{ClientAuth, InitialResponse, Step as ClientStep};
pub use credential::Credential;
pub use error::AuthError;
pub use rsa::RsaKey;
pub use server_side::{
    Account, Authenticated, ClientOffer, Denial, ServerAuth, ServerContext, Step as ServerStep,
};

/// The plugin that clients are asked to use: SHA-256, MySQL's default since 8.0.
pub const CACHING_SHA2: &[u8] = b"caching_sha2_password";

/// The plugin before it: SHA-1, gone from MySQL 9.
pub const NATIVE: &[u8] = b"mysql_native_password";

/// The plugin that sends the password as it is.
pub const CLEAR: &[u8] = b"mysql_clear_password";

/// Most bytes of a password, MySQL's own limit for caching_sha2_password.
pub const MAX_PASSWORD: usize = 256;

/// A client's wish to have the server's public key.
const REQUEST_KEY: u8 = 0x02;

/// Server to client: the scramble was right.
const FAST_SUCCESS: u8 = 0x03;

/// Server to client: the scramble says nothing to me, send the password.
const FULL_AUTHENTICATION: u8 = 0x04;

#[cfg(test)]
mod tests;

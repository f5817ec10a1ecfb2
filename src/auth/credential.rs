//! What we know of a user's password, and what can be verified with it.

use std::fmt;
use std::sync::OnceLock;

use super::MAX_PASSWORD;
use super::crypt::{decode_digest, sha256_crypt};
use super::error::AuthError;
use super::scramble::{self, NATIVE_LEN, NativeHash, SHA2_LEN, Salt, Sha2Hash, equal};

/// Bytes of the salt in a stored hash of caching_sha2_password.
const STORED_SALT_LEN: usize = 20;

/// What opens a stored hash of caching_sha2_password.
const CRYPT_MARK: &[u8] = b"$A$";

/// SHA-crypt rounds that one unit of a stored hash's cost stands for.
const ROUNDS_PER_UNIT: u32 = 1000;

/// A user's secret, in the form in which the configuration gives it. Passwords are not kept: only
/// hashes of them.
pub struct Credential {
    secret: Secret,
    /// The second hash, once a full authentication has shown the password.
    seen: OnceLock<Sha2Hash>,
}

enum Secret {
    /// There is no password.
    Empty,
    /// A password was given: both second hashes are known.
    Password { native: NativeHash, sha2: Sha2Hash },
    /// Only the hash of mysql_native_password is known.
    Native(NativeHash),
    /// Only the stored hash of caching_sha2_password is known.
    Crypt {
        salt: [u8; STORED_SALT_LEN],
        rounds: u32,
        digest: [u8; SHA2_LEN],
    },
}

impl Credential {
    /// Reads a secret: `*` and 40 hexadecimal digits is a hash of mysql_native_password, `$A$…` one
    /// of caching_sha2_password (also in hexadecimal behind `0x`, as `SHOW CREATE USER` prints it
    /// with `print_identified_with_as_hex`); anything else is a password.
    ///
    /// # Errors
    /// [`AuthError::BadHash`] for what opens with `$A$` and is no hash,
    /// [`AuthError::PasswordTooLong`].
    pub fn parse(text: &[u8]) -> Result<Self, AuthError> {
        if let Some(hash) = parse_native(text) {
            return Ok(Self::new(Secret::Native(hash)));
        }
        if text.starts_with(CRYPT_MARK) {
            return parse_crypt(text).map(Self::new);
        }
        if let Some(hash) = text
            .strip_prefix(b"0x")
            .and_then(|hash| hex::decode(hash).ok())
            && hash.starts_with(CRYPT_MARK)
        {
            return parse_crypt(&hash).map(Self::new);
        }
        Self::from_password(text)
    }

    /// The secret of a user with this password, whatever it looks like.
    ///
    /// # Errors
    /// [`AuthError::PasswordTooLong`].
    pub fn from_password(password: &[u8]) -> Result<Self, AuthError> {
        if password.len() > MAX_PASSWORD {
            return Err(AuthError::PasswordTooLong(password.len()));
        }
        Ok(Self::new(if password.is_empty() {
            Secret::Empty
        } else {
            Secret::Password {
                native: scramble::native_hash(password),
                sha2: scramble::sha2_hash(password),
            }
        }))
    }

    /// A secret that no password opens: it stands in for users that do not exist, so that they are
    /// turned away in the same way and time as those who err.
    pub const fn decoy() -> Self {
        Self::new(Secret::Password {
            native: [0; NATIVE_LEN],
            sha2: [0; SHA2_LEN],
        })
    }

    const fn new(secret: Secret) -> Self {
        Self {
            secret,
            seen: OnceLock::new(),
        }
    }

    /// Whether the user has no password.
    pub const fn is_empty(&self) -> bool {
        matches!(self.secret, Secret::Empty)
    }

    /// Whether this is the password. Remembers it (its second hash) if so, after which
    /// [`verify_sha2`](Self::verify_sha2) knows.
    pub fn verify_cleartext(&self, password: &[u8]) -> bool {
        if password.len() > MAX_PASSWORD {
            return false;
        }
        let right = match &self.secret {
            Secret::Empty => password.is_empty(),
            Secret::Password { sha2, .. } => equal(&scramble::sha2_hash(password), sha2),
            Secret::Native(native) => equal(&scramble::native_hash(password), native),
            Secret::Crypt {
                salt,
                rounds,
                digest,
            } => equal(&sha256_crypt(password, salt, *rounds), digest),
        };
        if right {
            self.seen.get_or_init(|| scramble::sha2_hash(password));
        }
        right
    }

    /// Whether a scramble of mysql_native_password is right; `None` where the secret does not tell.
    pub fn verify_native(&self, response: &[u8], salt: &Salt) -> Option<bool> {
        match &self.secret {
            Secret::Empty => Some(false),
            Secret::Password { native, .. } | Secret::Native(native) => {
                Some(scramble::verify_native(response, salt, native))
            }
            Secret::Crypt { .. } => None,
        }
    }

    /// Whether a scramble of caching_sha2_password is right; `None` where that is not known before
    /// the password itself has been seen once.
    pub fn verify_sha2(&self, response: &[u8], salt: &Salt) -> Option<bool> {
        let hash = match &self.secret {
            Secret::Empty => return Some(false),
            Secret::Password { sha2, .. } => sha2,
            Secret::Native(_) | Secret::Crypt { .. } => self.seen.get()?,
        };
        Some(scramble::verify_sha2(response, salt, hash))
    }

    /// Whether [`verify_native`](Self::verify_native) can tell.
    pub const fn knows_native(&self) -> bool {
        !matches!(self.secret, Secret::Crypt { .. })
    }
}

impl fmt::Debug for Credential {
    /// Tells the secret's form only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.secret {
            Secret::Empty => "Credential(none)",
            Secret::Password { .. } => "Credential(password)",
            Secret::Native(_) => "Credential(mysql_native_password)",
            Secret::Crypt { .. } => "Credential(caching_sha2_password)",
        })
    }
}

fn parse_native(text: &[u8]) -> Option<NativeHash> {
    let mut hash = [0; NATIVE_LEN];
    hex::decode_to_slice(text.strip_prefix(b"*")?, &mut hash).ok()?;
    Some(hash)
}

/// `$A$`, the cost in three hexadecimal digits, `$`, 20 bytes of salt, the digest.
fn parse_crypt(text: &[u8]) -> Result<Secret, AuthError> {
    let body = text
        .strip_prefix(CRYPT_MARK)
        .ok_or(AuthError::BadHash("it does not open with $A$"))?;
    let (cost, body) = body
        .split_first_chunk::<3>()
        .ok_or(AuthError::BadHash("its cost is missing"))?;
    let (salt, encoded) = body
        .strip_prefix(b"$")
        .and_then(|body| body.split_first_chunk::<STORED_SALT_LEN>())
        .ok_or(AuthError::BadHash("its 20 bytes of salt are missing"))?;
    let units = std::str::from_utf8(cost)
        .ok()
        .and_then(|cost| u32::from_str_radix(cost, 16).ok())
        .filter(|units| *units > 0)
        .ok_or(AuthError::BadHash("its cost is not a number above 0"))?;
    let digest = decode_digest(encoded).ok_or(AuthError::BadHash(
        "its digest is not 43 characters of SHA-crypt",
    ))?;
    Ok(Secret::Crypt {
        salt: *salt,
        rounds: units * ROUNDS_PER_UNIT,
        digest,
    })
}

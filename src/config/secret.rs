//! Passwords and hashes, in types that cannot print them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A text that must not be seen: `Debug` is redacted and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the code that logs in or compares.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Reads a string and nothing else. serde's own message would quote the value (`invalid type:
/// integer `1234``), so the wrong types are caught here.
struct SecretVisitor;

const NOT_A_STRING: &str = "a password or hash is a string in quotes";

impl Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::new(text))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::custom(NOT_A_STRING))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

/// What a client's password is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The password in clear; the proxy derives what each method needs.
    Password(Secret),
    /// Only a hash of it.
    Hash(PasswordHash),
}

/// A stored hash whose form was checked; `auth` reads its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordHash {
    /// `*` and 40 upper or lower case hexadecimal digits: SHA1(SHA1(password)).
    Native(Secret),
    /// `$A$`, three hexadecimal digits (rounds / 1000), `$`, 20 bytes of salt, 43 of hash, as in
    /// `mysql.user.authentication_string`.
    CachingSha2(Secret),
}

impl PasswordHash {
    /// Recognises a hash by its form; `0x…` is the same in hexadecimal, as `SHOW CREATE USER`
    /// prints it with `print_identified_with_as_hex`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("0x") {
            let raw = String::from_utf8(hex::decode(digits).ok()?).ok()?;
            return Self::parse_caching_sha2(&raw);
        }
        match text.strip_prefix('*') {
            Some(digits) if is_hex(digits, 40) => Some(Self::Native(Secret::new(text))),
            Some(_) => None,
            None => Self::parse_caching_sha2(text),
        }
    }

    fn parse_caching_sha2(text: &str) -> Option<Self> {
        const SALT_AND_HASH: usize = 20 + 43;
        let (rounds, rest) = text.strip_prefix("$A$")?.split_once('$')?;
        let sound = is_hex(rounds, 3) && rest.len() == SALT_AND_HASH && rest.is_ascii();
        sound.then(|| Self::CachingSha2(Secret::new(text)))
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

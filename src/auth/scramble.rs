//! Scrambles: how a client shows that it knows a password without sending it.
//!
//! Both plugins send `H(p) XOR H(salt and H(H(p)))`, so that a server needs to keep only the
//! second hash, `H(H(p))`. They differ in the hash and in the order of its two inputs.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::wire::SALT_LEN;

/// Bytes of a hash, and of a scramble, of mysql_native_password.
pub const NATIVE_LEN: usize = 20;

/// Bytes of a hash, and of a scramble, of caching_sha2_password.
pub const SHA2_LEN: usize = 32;

/// The second hash of mysql_native_password.
pub type NativeHash = [u8; NATIVE_LEN];

/// The second hash of caching_sha2_password.
pub type Sha2Hash = [u8; SHA2_LEN];

/// The challenge that a scramble answers.
pub type Salt = [u8; SALT_LEN];

/// `SHA1(SHA1(password))`.
pub fn native_hash(password: &[u8]) -> NativeHash {
    sha1(&[&sha1(&[password])])
}

/// `SHA256(SHA256(password))`.
pub fn sha2_hash(password: &[u8]) -> Sha2Hash {
    sha256(&[&sha256(&[password])])
}

/// A client's answer for mysql_native_password; a password must not be empty.
pub fn native_scramble(password: &[u8], salt: &Salt) -> [u8; NATIVE_LEN] {
    let first = sha1(&[password]);
    let second = sha1(&[&first]);
    xor(first, sha1(&[salt, &second]))
}

/// A client's answer for caching_sha2_password; a password must not be empty.
pub fn sha2_scramble(password: &[u8], salt: &Salt) -> [u8; SHA2_LEN] {
    let first = sha256(&[password]);
    let second = sha256(&[&first]);
    xor(first, sha256(&[&second, salt]))
}

/// Whether the answer comes from someone who knows the password of this second hash.
pub fn verify_native(response: &[u8], salt: &Salt, hash: &NativeHash) -> bool {
    let Ok(response) = <[u8; NATIVE_LEN]>::try_from(response) else {
        return false;
    };
    let first = xor(response, sha1(&[salt, hash]));
    equal(&sha1(&[&first]), hash)
}

/// Whether the answer comes from someone who knows the password of this second hash.
pub fn verify_sha2(response: &[u8], salt: &Salt, hash: &Sha2Hash) -> bool {
    let Ok(response) = <[u8; SHA2_LEN]>::try_from(response) else {
        return false;
    };
    let first = xor(response, sha256(&[hash, salt]));
    equal(&sha256(&[&first]), hash)
}

/// SHA-1 of the parts, one behind the other.
fn sha1(parts: &[&[u8]]) -> [u8; NATIVE_LEN] {
    hash(&SHA1_FOR_LEGACY_USE_ONLY, parts)
}

/// SHA-256 of the parts, one behind the other.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; SHA2_LEN] {
    hash(&SHA256, parts)
}

/// `N` is the algorithm's length of output.
fn hash<const N: usize>(algorithm: &'static Algorithm, parts: &[&[u8]]) -> [u8; N] {
    let mut context = Context::new(algorithm);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}

fn xor<const N: usize>(left: [u8; N], right: [u8; N]) -> [u8; N] {
    let mut out = left;
    xor_cycled(&mut out, &right);
    out
}

/// XORs `bytes` with `key`, which is repeated as often as needed.
pub(super) fn xor_cycled(bytes: &mut [u8], key: &[u8]) {
    for (byte, key) in bytes.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// Compares in a time that depends on the lengths only.
pub(super) fn equal(left: &[u8], right: &[u8]) -> bool {
    verify_slices_are_equal(left, right).is_ok()
}

//! SHA-crypt as MySQL stores passwords with it.
//!
//! The algorithm is Ulrich Drepper's (<https://www.akkadia.org/drepper/SHA-crypt.txt>), except that
//! MySQL's salt has 20 bytes, of which the original would use 16.

use super::scramble::{SHA2_LEN, sha256};

/// The digits of SHA-crypt's base 64, lowest first.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of an encoded digest.
pub(super) const ENCODED_LEN: usize = 43;

/// The digest's bytes in the order in which they are encoded, three to four characters.
const ORDER: [[usize; 3]; 10] = [
    [0, 10, 20],
    [21, 1, 11],
    [12, 22, 2],
    [3, 13, 23],
    [24, 4, 14],
    [15, 25, 5],
    [6, 16, 26],
    [27, 7, 17],
    [18, 28, 8],
    [9, 19, 29],
];

/// The two bytes that remain for the last three characters.
const ORDER_END: [usize; 2] = [31, 30];

/// The digest of a password. The cost grows with `rounds`, and with the password's length squared:
/// callers bound it.
pub(super) fn sha256_crypt(password: &[u8], salt: &[u8], rounds: u32) -> [u8; SHA2_LEN] {
    let start = initial_digest(password, salt);
    let [first, ..] = start;
    let password_digest = sha256(&vec![password; password.len()]);
    let salt_digest = sha256(&vec![salt; 16 + usize::from(first)]);
    let password_sequence = cycled(&password_digest, password.len());
    let salt_sequence = cycled(&salt_digest, salt.len());
    (0..rounds).fold(start, |digest, round| {
        let odd = round & 1 == 1;
        let mut parts: [&[u8]; 4] = [&password_sequence, b"", b"", &password_sequence];
        let [head, salted, keyed, tail] = &mut parts;
        *(if odd { tail } else { head }) = &digest;
        if !round.is_multiple_of(3) {
            *salted = &salt_sequence;
        }
        if !round.is_multiple_of(7) {
            *keyed = &password_sequence;
        }
        sha256(&parts)
    })
}

fn initial_digest(password: &[u8], salt: &[u8]) -> [u8; SHA2_LEN] {
    let alternate = sha256(&[password, salt, password]);
    let filled = cycled(&alternate, password.len());
    let mut parts: Vec<&[u8]> = vec![password, salt, &filled];
    let mut bits = password.len();
    while bits > 0 {
        parts.push(if bits & 1 == 1 { &alternate } else { password });
        bits >>= 1;
    }
    sha256(&parts)
}

fn cycled(bytes: &[u8], len: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(len).collect()
}

/// Reads a digest from its 43 characters; `None` where they are no digest.
pub(super) fn decode_digest(text: &[u8]) -> Option<[u8; SHA2_LEN]> {
    if text.len() != ENCODED_LEN {
        return None;
    }
    let mut digest = [0; SHA2_LEN];
    let mut groups = text.chunks(4);
    for [high, middle, low] in ORDER {
        let [a, b, c, _] = decode_group(groups.next()?)?.to_le_bytes();
        *digest.get_mut(low)? = a;
        *digest.get_mut(middle)? = b;
        *digest.get_mut(high)? = c;
    }
    let [middle, low] = ORDER_END;
    let [a, b, overflow, _] = decode_group(groups.next()?)?.to_le_bytes();
    *digest.get_mut(low)? = a;
    *digest.get_mut(middle)? = b;
    (overflow == 0).then_some(digest)
}

fn decode_group(group: &[u8]) -> Option<u32> {
    group.iter().rev().try_fold(0, |value, character| {
        let digit = DIGITS.iter().position(|digit| digit == character)?;
        Some(value << 6 | u32::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_hash_of_a_twenty_byte_salt_is_met() {
        // The example hash of hashcat's mode 7401, whose password is "hashcat".
        let salt = hex::decode("F9CC98CE08892924F50A213B6BC571A2C11778C5").unwrap();
        let digest = decode_digest(b"bTy95Y99eAME1dwEkHOA1ndHGBWz.1bxSSRkuTXFGV/").unwrap();
        assert_eq!(sha256_crypt(b"hashcat", &salt, 5000), digest);
        assert_ne!(sha256_crypt(b"hashcats", &salt, 5000), digest);
    }

    #[test]
    fn the_example_of_the_specification_is_met() {
        let digest = decode_digest(b"5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5").unwrap();
        assert_eq!(sha256_crypt(b"Hello world!", b"saltstring", 5000), digest);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in [
            &b""[..],
            b"bTy95Y99",
            &[b'!'; ENCODED_LEN],
            &[b'z'; ENCODED_LEN],
        ] {
            assert_eq!(decode_digest(text), None);
        }
    }
}

//! Passwords under RSA: how caching_sha2_password sends them where there is no TLS.
//!
//! The password and a closing zero are XORed with the salt and encrypted with RSA-OAEP (SHA-1).

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey,
    PrivateDecryptingKey, PublicEncryptingKey,
};
use pem::{EncodeConfig, LineEnding, Pem};

use super::error::AuthError;
use super::scramble::{Salt, xor_cycled};

/// A key's name in PEM.
const PEM_TAG: &str = "PUBLIC KEY";

/// Our key pair, 2048 bits, made when it is first needed (which takes a good part of a second).
#[derive(Default)]
pub struct RsaKey {
    pair: OnceLock<Result<KeyPair, AuthError>>,
}

struct KeyPair {
    private: OaepPrivateDecryptingKey,
    public_pem: Vec<u8>,
}

impl RsaKey {
    /// A key that is not made yet.
    pub const fn new() -> Self {
        Self {
            pair: OnceLock::new(),
        }
    }

    /// The public key in PEM, as clients want it.
    ///
    /// # Errors
    /// [`AuthError::NoKey`].
    pub fn public_pem(&self) -> Result<&[u8], AuthError> {
        self.pair().map(|pair| pair.public_pem.as_slice())
    }

    /// The password that a client encrypted with our public key, without its closing zero; `None`
    /// for bytes that are no such thing.
    ///
    /// # Errors
    /// [`AuthError::NoKey`].
    pub fn decrypt_password(
        &self,
        encrypted: &[u8],
        salt: &Salt,
    ) -> Result<Option<Vec<u8>>, AuthError> {
        let key = &self.pair()?.private;
        let mut buffer = vec![0; key.min_output_size()];
        let Ok(password) = key.decrypt(&OAEP_SHA1_MGF1SHA1, encrypted, &mut buffer, None) else {
            return Ok(None);
        };
        xor_cycled(password, salt);
        Ok(password.strip_suffix(&[0]).map(<[u8]>::to_vec))
    }

    fn pair(&self) -> Result<&KeyPair, AuthError> {
        let made = self.pair.get_or_init(KeyPair::generate);
        made.as_ref().map_err(Clone::clone)
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").finish_non_exhaustive()
    }
}

impl KeyPair {
    fn generate() -> Result<Self, AuthError> {
        let private =
            PrivateDecryptingKey::generate(KeySize::Rsa2048).map_err(|_| AuthError::NoKey)?;
        let der: PublicKeyX509Der<'_> = private
            .public_key()
            .as_der()
            .map_err(|_| AuthError::NoKey)?;
        let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
        let public_pem = pem::encode_config(&Pem::new(PEM_TAG, der.as_ref()), config).into_bytes();
        let private = OaepPrivateDecryptingKey::new(private).map_err(|_| AuthError::NoKey)?;
        Ok(Self {
            private,
            public_pem,
        })
    }
}

/// Encrypts a password for the server whose public key this is.
///
/// # Errors
/// [`AuthError::BadKey`]: the key is none, or too short for the password.
pub fn encrypt_password(
    password: &[u8],
    salt: &Salt,
    public_pem: &[u8],
) -> Result<Vec<u8>, AuthError> {
    let pem = pem::parse(public_pem).map_err(|_| AuthError::BadKey)?;
    if pem.tag() != PEM_TAG {
        return Err(AuthError::BadKey);
    }
    let key = PublicEncryptingKey::from_der(pem.contents())
        .map_err(|_| AuthError::BadKey)
        .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(|_| AuthError::BadKey))?;
    let mut plain = [password, &[0]].concat();
    xor_cycled(&mut plain, salt);
    let mut encrypted = vec![0; key.ciphertext_size()];
    let len = key
        .encrypt(&OAEP_SHA1_MGF1SHA1, &plain, &mut encrypted, None)
        .map_err(|_| AuthError::BadKey)?
        .len();
    encrypted.truncate(len);
    Ok(encrypted)
}

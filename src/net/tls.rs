//! TLS in both roles (rustls).
//!
//! In: certificates as PEM files, or nothing: then a self-signed certificate is made in memory, as
//! MySQL itself does. Out: wrapped [`Stream`]s.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    CipherSuite, ClientConfig, CommonState, DigitallySignedStruct, ProtocolVersion, RootCertStore,
    ServerConfig, SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use super::{NetError, Stream};

/// Why a TLS configuration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsConfigError {
    /// A file is not readable or not PEM.
    #[error("{path}: {reason}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The pieces do not fit together.
    #[error("TLS: {0}")]
    Rustls(#[from] rustls::Error),
    /// The verifier for client certificates refused the CA.
    #[error("TLS client CA: {0}")]
    ClientCa(String),
    /// No self-signed certificate could be made.
    #[error("TLS: cannot make a self-signed certificate: {0}")]
    SelfSigned(String),
}

/// What a connection is encrypted with, as OpenSSL and so MySQL's `Ssl_version` and `Ssl_cipher` name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// `TLSv1.3`
    pub version: &'static str,
    /// `TLS_AES_256_GCM_SHA384`
    pub cipher: &'static str,
}

impl Encryption {
    pub(super) fn of(connection: &CommonState) -> Self {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            _ => "",
        };
        use CipherSuite as C;
        let cipher = match connection
            .negotiated_cipher_suite()
            .map(|suite| suite.suite())
        {
            Some(C::TLS13_AES_256_GCM_SHA384) => "TLS_AES_256_GCM_SHA384",
            Some(C::TLS13_AES_128_GCM_SHA256) => "TLS_AES_128_GCM_SHA256",
            Some(C::TLS13_CHACHA20_POLY1305_SHA256) => "TLS_CHACHA20_POLY1305_SHA256",
            Some(C::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384) => "ECDHE-ECDSA-AES256-GCM-SHA384",
            Some(C::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) => "ECDHE-ECDSA-AES128-GCM-SHA256",
            Some(C::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256) => {
                "ECDHE-ECDSA-CHACHA20-POLY1305"
            }
            Some(C::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) => "ECDHE-RSA-AES256-GCM-SHA384",
            Some(C::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) => "ECDHE-RSA-AES128-GCM-SHA256",
            Some(C::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256) => "ECDHE-RSA-CHACHA20-POLY1305",
            other => other.and_then(|suite| suite.as_str()).unwrap_or_default(),
        };
        Self { version, cipher }
    }
}

/// Accepts TLS from clients.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerTls")
    }
}

impl ServerTls {
    /// A fresh self-signed certificate.
    ///
    /// # Errors
    /// [`TlsConfigError::SelfSigned`].
    pub fn self_signed() -> Result<Self, TlsConfigError> {
        let made = rcgen::generate_simple_self_signed(vec!["shardwell".into(), "localhost".into()])
            .map_err(|error| TlsConfigError::SelfSigned(error.to_string()))?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .map_err(|error| TlsConfigError::SelfSigned(error.to_owned()))?;
        Self::new(vec![made.cert.der().clone()], key, None)
    }

    /// From PEM files; with `client_ca` only clients with a certificate of that CA are let in.
    ///
    /// # Errors
    /// The file that cannot be used, and why.
    pub fn from_files(
        cert: &Path,
        key: &Path,
        client_ca: Option<&Path>,
    ) -> Result<Self, TlsConfigError> {
        let chain = read_certificates(cert)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| file_error(key, &error))?;
        let roots = client_ca.map(read_roots).transpose()?;
        Self::new(chain, key, roots)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        client_roots: Option<RootCertStore>,
    ) -> Result<Self, TlsConfigError> {
        let provider = provider();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let builder = match client_roots {
            None => builder.with_no_client_auth(),
            Some(roots) => {
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .map_err(|error| TlsConfigError::ClientCa(error.to_string()))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let config = builder.with_single_cert(chain, key)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// The server's side of the handshake.
    ///
    /// # Errors
    /// [`NetError::Tls`]; a socket that cannot carry TLS counts as one.
    pub async fn accept(&self, stream: Stream) -> Result<Stream, NetError> {
        let Stream::Tcp(tcp) = stream else {
            return Err(NetError::Tls(io::Error::other(
                "TLS needs a TCP connection",
            )));
        };
        let tls = self.0.accept(tcp).await.map_err(NetError::Tls)?;
        Ok(Stream::Tls(Box::new(TlsStream::Server(tls))))
    }
}

/// Starts TLS towards a backend.
#[derive(Clone)]
pub struct ClientTls(TlsConnector);

impl std::fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientTls")
    }
}

impl ClientTls {
    /// Encrypts without asking who the server is.
    ///
    /// # Errors
    /// [`TlsConfigError::Rustls`].
    pub fn unverified() -> Result<Self, TlsConfigError> {
        let provider = provider();
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Lets in only servers with a certificate of this CA, for the name they were reached by.
    ///
    /// # Errors
    /// The file that cannot be used, and why.
    pub fn verified(ca: &Path) -> Result<Self, TlsConfigError> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(read_roots(ca)?)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// The client's side of the handshake; `host` is the server's name or address.
    ///
    /// # Errors
    /// [`NetError::Tls`].
    pub async fn connect(&self, stream: Stream, host: &str) -> Result<Stream, NetError> {
        let Stream::Tcp(tcp) = stream else {
            return Err(NetError::Tls(io::Error::other(
                "TLS needs a TCP connection",
            )));
        };
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| NetError::Tls(io::Error::other(error)))?;
        let tls = self.0.connect(name, tcp).await.map_err(NetError::Tls)?;
        Ok(Stream::Tls(Box::new(TlsStream::Client(tls))))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn file_error(path: &Path, reason: &dyn std::fmt::Display) -> TlsConfigError {
    TlsConfigError::File {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsConfigError> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file_error(path, &error))?;
    if chain.is_empty() {
        return Err(file_error(path, &"no certificate in this file"));
    }
    Ok(chain)
}

fn read_roots(path: &Path) -> Result<RootCertStore, TlsConfigError> {
    let mut roots = RootCertStore::empty();
    for certificate in read_certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| file_error(path, &error))?;
    }
    Ok(roots)
}

/// What `tls = "preferred"` and `"required"` mean in MySQL's own clients: encryption against
/// listeners, without identity. Signatures are still checked.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

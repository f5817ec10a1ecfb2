//! `[server.admin]`: where operators look at the proxy.

use std::net::IpAddr;
use std::path::PathBuf;

use super::secret::Secret;
use super::types::{Address, TlsIdentity};

/// `[server.admin]`: HTTP with metrics, health, topology and sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminConfig {
    /// Where to listen. Without a token nobody but this machine can connect there.
    pub listen: Address,
    /// What a request must carry; `None`: anybody who can connect may ask.
    pub token: Option<Secret>,
    /// HTTPS instead of HTTP.
    pub tls: Option<AdminTls>,
}

/// `[server.admin.tls]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTls {
    /// The certificate that is shown.
    pub identity: TlsIdentity,
    /// PEM file of the authorities whose client certificates are demanded; `None`: none is.
    pub client_ca: Option<PathBuf>,
}

impl AdminConfig {
    /// Whether only this machine can connect to the address.
    pub fn is_local(address: &Address) -> bool {
        match address {
            Address::Unix(_) => true,
            Address::Tcp { host, .. } => {
                let ip = host.parse::<IpAddr>();
                ip.map_or_else(
                    |_| host.eq_ignore_ascii_case("localhost"),
                    |ip| ip.is_loopback(),
                )
            }
        }
    }
}

//! What the Rust clients write and expect to read back.

/// Text outside the basic plane, with what needs escapes.
pub const NAME: &str = "Zoë 'the \\ \"q\" 🎈'\n";
/// A DECIMAL(20, 6).
pub const BALANCE: &str = "12345678901234.567890";
/// A DATE.
pub const BORN: &str = "1990-12-31";
/// A DATETIME(6), as RFC 3339 has it.
pub const SEEN: &str = "2026-01-02T03:04:05.678901";
/// A JSON document.
pub const PROFILE: &str = r#"{"tags": ["é", "🎈"], "depth": {"n": 1}}"#;
/// The largest BIGINT UNSIGNED.
pub const VISITS: u64 = u64::MAX;
/// A DOUBLE that has no exact binary form.
pub const SCORE: f64 = 0.1;

/// A BLOB of all bytes.
pub fn photo() -> Vec<u8> {
    (0..=255).chain(*b"'\\\r\n\x1a").collect()
}

/// A variable that tests/clients/run sets.
///
/// # Panics
/// Where it is not set.
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// Where the server listens.
///
/// # Panics
/// Where MYSQL_PORT is no port.
pub fn port() -> u16 {
    env("MYSQL_PORT").parse().expect("a port")
}

/// Whether the client shall use TLS.
pub fn encrypted() -> bool {
    env("MYSQL_TLS") == "on"
}

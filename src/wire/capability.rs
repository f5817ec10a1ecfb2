//! Which capabilities we offer to clients and which we want from servers.

use super::CapabilityFlags;

const fn all(flags: &[CapabilityFlags]) -> CapabilityFlags {
    let mut bits = 0;
    let mut rest = flags;
    while let [flag, tail @ ..] = rest {
        bits |= flag.bits();
        rest = tail;
    }
    CapabilityFlags::from_bits_retain(bits)
}

/// What every client is offered. What depends on the configuration is added by
/// [`server_capabilities`].
pub const SERVER_CAPABILITIES: CapabilityFlags = all(&[
    CapabilityFlags::CLIENT_LONG_PASSWORD,
    CapabilityFlags::CLIENT_FOUND_ROWS,
    CapabilityFlags::CLIENT_LONG_FLAG,
    CapabilityFlags::CLIENT_CONNECT_WITH_DB,
    CapabilityFlags::CLIENT_IGNORE_SPACE,
    CapabilityFlags::CLIENT_PROTOCOL_41,
    CapabilityFlags::CLIENT_INTERACTIVE,
    CapabilityFlags::CLIENT_TRANSACTIONS,
    CapabilityFlags::CLIENT_SECURE_CONNECTION,
    CapabilityFlags::CLIENT_MULTI_STATEMENTS,
    CapabilityFlags::CLIENT_MULTI_RESULTS,
    CapabilityFlags::CLIENT_PS_MULTI_RESULTS,
    CapabilityFlags::CLIENT_PLUGIN_AUTH,
    CapabilityFlags::CLIENT_CONNECT_ATTRS,
    CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
    CapabilityFlags::CLIENT_SESSION_TRACK,
    CapabilityFlags::CLIENT_DEPRECATE_EOF,
    CapabilityFlags::CLIENT_QUERY_ATTRIBUTES,
]);

/// What every server is asked for.
const WANTED: CapabilityFlags = all(&[
    CapabilityFlags::CLIENT_LONG_PASSWORD,
    CapabilityFlags::CLIENT_LONG_FLAG,
    CapabilityFlags::CLIENT_PROTOCOL_41,
    CapabilityFlags::CLIENT_TRANSACTIONS,
    CapabilityFlags::CLIENT_SECURE_CONNECTION,
    CapabilityFlags::CLIENT_MULTI_RESULTS,
    CapabilityFlags::CLIENT_PS_MULTI_RESULTS,
    CapabilityFlags::CLIENT_PLUGIN_AUTH,
    CapabilityFlags::CLIENT_CONNECT_ATTRS,
    CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA,
    CapabilityFlags::CLIENT_SESSION_TRACK,
    CapabilityFlags::CLIENT_DEPRECATE_EOF,
    CapabilityFlags::CLIENT_QUERY_ATTRIBUTES,
]);

/// The parts of the offer to clients that the configuration decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerFeatures {
    /// TLS is configured.
    pub tls: bool,
    /// LOAD DATA LOCAL INFILE is relayed.
    pub local_files: bool,
    /// zlib compression is allowed.
    pub zlib: bool,
    /// zstd compression is allowed.
    pub zstd: bool,
}

/// What a client is offered: [`SERVER_CAPABILITIES`] and the configured extras.
pub fn server_capabilities(features: ServerFeatures) -> CapabilityFlags {
    SERVER_CAPABILITIES
        | only_if(features.tls, CapabilityFlags::CLIENT_SSL)
        | only_if(features.local_files, CapabilityFlags::CLIENT_LOCAL_FILES)
        | only_if(features.zlib, CapabilityFlags::CLIENT_COMPRESS)
        | only_if(
            features.zstd,
            CapabilityFlags::CLIENT_ZSTD_COMPRESSION_ALGORITHM,
        )
}

/// The parts of our wish towards a server that differ between connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendWish {
    /// A schema is named in the login packet.
    pub schema: bool,
    /// UPDATE counts the rows found, not the rows changed.
    pub found_rows: bool,
    /// sql_mode IGNORE_SPACE from the start.
    pub ignore_space: bool,
    /// `interactive_timeout` applies instead of `wait_timeout`.
    pub interactive: bool,
    /// Several statements in one COM_QUERY.
    pub multi_statements: bool,
    /// The server may ask for a local file.
    pub local_files: bool,
    /// TLS is wanted.
    pub tls: bool,
}

/// What we ask of a server that offers `offered`: never more than that.
pub fn client_capabilities(wish: BackendWish, offered: CapabilityFlags) -> CapabilityFlags {
    let wanted = WANTED
        | only_if(wish.schema, CapabilityFlags::CLIENT_CONNECT_WITH_DB)
        | only_if(wish.found_rows, CapabilityFlags::CLIENT_FOUND_ROWS)
        | only_if(wish.ignore_space, CapabilityFlags::CLIENT_IGNORE_SPACE)
        | only_if(wish.interactive, CapabilityFlags::CLIENT_INTERACTIVE)
        | only_if(
            wish.multi_statements,
            CapabilityFlags::CLIENT_MULTI_STATEMENTS,
        )
        | only_if(wish.local_files, CapabilityFlags::CLIENT_LOCAL_FILES)
        | only_if(wish.tls, CapabilityFlags::CLIENT_SSL);
    negotiate(wanted, offered)
}

/// What holds on a connection: what one side asks for and the other offers. Clients do set flags
/// that were not offered, so their own word is not enough.
pub fn negotiate(client: CapabilityFlags, offered: CapabilityFlags) -> CapabilityFlags {
    client & offered
}

fn only_if(condition: bool, flag: CapabilityFlags) -> CapabilityFlags {
    if condition {
        flag
    } else {
        CapabilityFlags::empty()
    }
}

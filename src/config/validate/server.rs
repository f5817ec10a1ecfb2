//! `[server]`: where to listen, limits, timeouts, TLS towards clients.

use super::super::defaults;
use super::super::file::{
    GatherFile, Key, MergeFile, OneOrMany, ServerFile, ServerTlsFile, TimeoutsFile,
};
use super::super::types::{
    Address, GatherConfig, MergeLimits, ServerConfig, ServerTimeouts, ServerTls, TlsIdentity,
};
use super::admin;
use super::backend;
use super::problems::Problems;
use super::scalar::{self, Outside};

pub(super) fn server(
    file: &ServerFile,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> ServerConfig {
    ServerConfig {
        listen: listen(&file.listen, problems),
        version: version(&file.version, problems),
        max_connections: scalar::number(
            file.max_connections.as_ref(),
            "max_connections",
            defaults::CONNECTIONS,
            problems,
        )
        .unwrap_or(defaults::MAX_CONNECTIONS),
        max_allowed_packet: scalar::packet_bytes(file.max_allowed_packet.as_ref(), problems),
        worker_threads: scalar::number(
            file.worker_threads.as_ref(),
            "worker_threads",
            defaults::WORKER_THREADS,
            problems,
        ),
        reuse_port: flag(&file.reuse_port, false),
        reload_on_change: flag(&file.reload_on_change, true),
        local_infile: flag(&file.local_infile, true),
        zone: backend::zone(&file.zone, problems),
        timeouts: timeouts(&file.timeouts, problems),
        merge: merge(&file.merge, problems),
        gather: gather(&file.gather, problems),
        tls: tls(&file.tls, outside, problems),
        admin: admin::admin(&file.admin, outside, problems),
    }
}

fn flag(key: &Key<bool>, default: bool) -> bool {
    key.as_ref().map_or(default, |key| *key.get_ref())
}

fn listen(key: &Key<OneOrMany>, problems: &mut Problems) -> Vec<Address> {
    let mut addresses = Vec::new();
    let mut add = |span: std::ops::Range<usize>, text: &str| {
        let Some(address) = scalar::address(span.clone(), text, defaults::LISTEN_PORT, problems)
        else {
            return;
        };
        if addresses.contains(&address) {
            problems.add(span, format!("\"{text}\" is listed twice"), "remove one");
        } else {
            addresses.push(address);
        }
    };
    match key {
        None => add(0..0, defaults::LISTEN),
        Some(value) => match value.get_ref() {
            OneOrMany::One(text) => add(value.span(), text),
            OneOrMany::Many(items) if items.is_empty() => {
                problems.add(
                    value.span(),
                    "`listen` is empty",
                    "such as \"0.0.0.0:3307\"",
                );
            }
            OneOrMany::Many(items) => {
                items
                    .iter()
                    .for_each(|item| add(item.span(), item.get_ref()));
            }
        },
    }
    addresses
}

/// Clients read the version's numbers to learn what the server can do.
fn version(key: &Key<String>, problems: &mut Problems) -> Option<String> {
    let value = key.as_ref()?;
    let text = value.get_ref();
    let numbers = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()
        .unwrap_or_default();
    let parts: Vec<&str> = numbers.split('.').collect();
    let numbered = parts.len() == 3 && parts.iter().all(|part| part.parse::<u16>().is_ok());
    let plain = text.len() <= defaults::VERSION_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
    if !numbered || !plain {
        let message = format!("`version` cannot be \"{}\"", text.escape_debug());
        problems.add(
            value.span(),
            message,
            "three numbers and anything behind: \"8.4.6-shardwell\"",
        );
    }
    Some(text.clone())
}

fn timeouts(file: &TimeoutsFile, problems: &mut Problems) -> ServerTimeouts {
    ServerTimeouts {
        handshake: scalar::timeout(
            file.handshake.as_ref(),
            "handshake",
            defaults::HANDSHAKE_TIMEOUT,
            problems,
        ),
        idle: scalar::timeout(file.idle.as_ref(), "idle", defaults::IDLE_TIMEOUT, problems),
        write: scalar::timeout(
            file.write.as_ref(),
            "write",
            defaults::WRITE_TIMEOUT,
            problems,
        ),
        statement: scalar::optional_timeout(file.statement.as_ref(), "statement", problems),
        drain: scalar::timeout(
            file.drain.as_ref(),
            "drain",
            defaults::DRAIN_TIMEOUT,
            problems,
        ),
    }
}

fn merge(file: &MergeFile, problems: &mut Problems) -> MergeLimits {
    let memory = (defaults::MERGE_BYTES, defaults::MERGE_MEMORY);
    let cursors = (defaults::MERGE_BYTES, defaults::MERGE_CURSORS);
    let rows = scalar::number(
        file.rows.as_ref(),
        "rows",
        defaults::MERGE_ROWS_RANGE,
        problems,
    );
    MergeLimits {
        memory: scalar::bytes(file.memory.as_ref(), "memory", memory, problems),
        rows: rows.unwrap_or(defaults::MERGE_ROWS).into(),
        connections: scalar::number(
            file.connections.as_ref(),
            "connections",
            defaults::MERGE_CONNECTIONS_RANGE,
            problems,
        )
        .unwrap_or(defaults::MERGE_CONNECTIONS),
        cursors: scalar::bytes(file.cursors.as_ref(), "cursors", cursors, problems),
    }
}

fn gather(file: &GatherFile, problems: &mut Problems) -> GatherConfig {
    let bytes = (defaults::GATHER_BYTES_RANGE, defaults::GATHER_BYTES);
    let rows = defaults::GATHER_ROWS_RANGE;
    let rows = scalar::number(file.max_rows.as_ref(), "max_rows", rows, problems);
    GatherConfig {
        max_rows: rows.unwrap_or(defaults::GATHER_ROWS),
        max_bytes: scalar::bytes(file.max_bytes.as_ref(), "max_bytes", bytes, problems),
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Off,
    Auto,
    Required,
}

const MODES: [(&str, Mode); 3] = [
    ("auto", Mode::Auto),
    ("off", Mode::Off),
    ("required", Mode::Required),
];

fn tls(file: &ServerTlsFile, outside: &Outside<'_>, problems: &mut Problems) -> ServerTls {
    let mode = file
        .mode
        .as_ref()
        .and_then(|mode| scalar::choice(mode, "mode", &MODES, problems));
    let required = match mode.unwrap_or(Mode::Auto) {
        Mode::Off => {
            for (key, name) in [
                (&file.cert, "cert"),
                (&file.key, "key"),
                (&file.client_ca, "client_ca"),
            ] {
                problems.useless(key.as_ref(), name, "with mode = \"off\"");
            }
            return ServerTls::Off;
        }
        Mode::Auto => false,
        Mode::Required => true,
    };
    ServerTls::On {
        required,
        identity: identity((&file.cert, &file.key), outside, problems),
        client_ca: scalar::path(file.client_ca.as_ref(), outside, problems),
    }
}

/// A certificate and its key; both or neither.
pub(super) fn identity(
    (cert, key): (&Key<String>, &Key<String>),
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> TlsIdentity {
    let (missing, given) = match (cert, key) {
        (Some(cert), None) => ("key", Some(cert)),
        (None, Some(key)) => ("cert", Some(key)),
        _ => ("", None),
    };
    if let Some(given) = given {
        let message = format!("`{missing}` is missing: a certificate and its key go together");
        problems.add(
            given.span(),
            message,
            format!("add {missing} = \"/path/to/file.pem\""),
        );
    }
    let cert = scalar::path(cert.as_ref(), outside, problems);
    let key = scalar::path(key.as_ref(), outside, problems);
    match (cert, key) {
        (Some(cert), Some(key)) => TlsIdentity::Files { cert, key },
        _ => TlsIdentity::SelfSigned,
    }
}

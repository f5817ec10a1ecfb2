//! `[traces]`: where OpenTelemetry traces go, and which statements have one.

use std::ops::Range;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{Key, TracesFile};
use super::super::traces::{TracesConfig, TracesEndpoint};
use super::super::types::Address;
use super::problems::Problems;
use super::scalar::{self, Outside};

const EXAMPLE: &str = "endpoint = \"http://127.0.0.1:4318\"";

/// `None`: there are no traces.
pub(super) fn traces(
    key: &Key<TracesFile>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Option<TracesConfig> {
    let file = key.as_ref()?;
    if !outside.environment.sends_traces() {
        problems.add(
            file.span(),
            "this Shardwell was built without traces",
            "build it with `cargo build --release --features otlp`, or remove [traces]",
        );
    }
    let (span, file) = (file.span(), file.get_ref());
    let endpoint = endpoint(span, file, outside, problems);
    let service = service(file, problems);
    let sample = sample(file, problems);
    let interval = (file.interval.as_ref(), defaults::TRACES_INTERVAL);
    let interval = scalar::timeout(interval.0, "interval", interval.1, problems);
    let timeout = (file.timeout.as_ref(), defaults::TRACES_TIMEOUT);
    let timeout = scalar::timeout(timeout.0, "timeout", timeout.1, problems);
    let (queue, limits) = (file.queue.as_ref(), defaults::TRACES_QUEUE_RANGE);
    let queue = scalar::number(queue, "queue", limits, problems);
    Some(TracesConfig {
        endpoint: endpoint?,
        service,
        sample,
        interval,
        timeout,
        queue: queue.unwrap_or(defaults::TRACES_QUEUE),
    })
}

fn service(file: &TracesFile, problems: &mut Problems) -> String {
    let Some(service) = &file.service else {
        return defaults::TRACES_SERVICE.to_owned();
    };
    let most = defaults::TRACES_SERVICE_CHARS;
    scalar::check_name(service.span(), "service", service.get_ref(), most, problems);
    service.get_ref().clone()
}

fn sample(file: &TracesFile, problems: &mut Problems) -> f64 {
    let Some(sample) = &file.sample else {
        return defaults::TRACES_SAMPLE;
    };
    let part = match sample.get_ref() {
        toml::Value::Float(part) => Some(*part),
        toml::Value::Integer(0) => Some(0.0),
        toml::Value::Integer(1) => Some(1.0),
        _ => None,
    };
    part.filter(|part| (0.0..=1.0).contains(part))
        .unwrap_or_else(|| {
            let message = format!("`sample` cannot be {}", sample.get_ref());
            problems.add(
                sample.span(),
                message,
                "from 0.0 to 1.0: 0.01 is one statement in a hundred",
            );
            0.0
        })
}

fn endpoint(
    section: Range<usize>,
    file: &TracesFile,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Option<TracesEndpoint> {
    let Some(key) = &file.endpoint else {
        problems.add(
            section,
            "`traces` has no endpoint",
            format!("add {EXAMPLE}"),
        );
        return None;
    };
    let ca = scalar::path(file.ca.as_ref(), outside, problems);
    match (split(key), &file.ca) {
        (None, _) => {
            let message = format!("not a URL of a collector: \"{}\"", key.get_ref());
            problems.add(key.span(), message, EXAMPLE);
            None
        }
        (Some((true, ..)), None) => {
            let help = "add ca = \"…\": the PEM file of the authorities that sign its certificate";
            problems.add(key.span(), "an https endpoint needs `ca`", help);
            None
        }
        (Some((secure, address, path)), ca_key) => {
            if !secure {
                problems.useless(ca_key.as_ref(), "ca", "with an http endpoint");
            }
            Some(TracesEndpoint { address, path, ca })
        }
    }
}

/// `http://host:4318/v1/traces` → whether it is encrypted, the address and the path.
fn split(url: &Spanned<String>) -> Option<(bool, Address, String)> {
    let url = url.get_ref();
    let (secure, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return None,
    };
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let path = match path {
        "" | "/" => defaults::TRACES_PATH,
        path => path,
    };
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'#');
    let port = defaults::TRACES_PORT;
    let address =
        scalar::tcp_address(host).or_else(|| scalar::tcp_address(&format!("{host}:{port}")));
    Some((secure, address.filter(|_| plain)?, path.to_owned()))
}

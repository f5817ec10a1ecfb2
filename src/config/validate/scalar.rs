//! Single values: numbers, durations, sizes, choices, names, paths, addresses, passwords.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::environment::Environment;
use super::super::file::{DurationText, SizeText};
use super::super::secret::Secret;
use super::super::types::Address;
use super::super::{suggest, units};
use super::problems::Problems;

/// Where values outside the file are looked up.
pub(super) struct Outside<'a> {
    /// Relative paths start here.
    pub(super) folder: &'a Path,
    pub(super) environment: &'a dyn Environment,
}

/// A whole number within its limits.
pub(super) fn number(
    key: Option<&Spanned<i64>>,
    name: &str,
    limits: RangeInclusive<u32>,
    problems: &mut Problems,
) -> Option<u32> {
    let value = key?;
    let found = u32::try_from(*value.get_ref())
        .ok()
        .filter(|number| limits.contains(number));
    if found.is_none() {
        let message = format!("`{name}` cannot be {}", value.get_ref());
        let help = format!("from {} to {}", limits.start(), limits.end());
        problems.add(value.span(), message, help);
    }
    found
}

/// A timeout; absent or wrong: the default.
pub(super) fn timeout(
    key: Option<&Spanned<DurationText>>,
    name: &str,
    default: Duration,
    problems: &mut Problems,
) -> Duration {
    let Some(value) = key else { return default };
    let text = &value.get_ref().0;
    let Some(duration) = units::duration(text) else {
        let message = format!("`{name}` is not a duration: \"{text}\"");
        problems.add(
            value.span(),
            message,
            "a number and ms, s, m or h, such as \"10s\"",
        );
        return default;
    };
    if !defaults::TIMEOUT.contains(&duration) {
        let help = format!(
            "from {} to {}",
            units::show_duration(*defaults::TIMEOUT.start()),
            units::show_duration(*defaults::TIMEOUT.end())
        );
        problems.add(value.span(), format!("`{name}` cannot be \"{text}\""), help);
        return default;
    }
    duration
}

/// A timeout that `"0"` turns off; absent: off.
pub(super) fn optional_timeout(
    key: Option<&Spanned<DurationText>>,
    name: &str,
    problems: &mut Problems,
) -> Option<Duration> {
    let text = &key?.get_ref().0;
    if units::duration(text) == Some(Duration::ZERO) {
        return None;
    }
    Some(timeout(key, name, Duration::ZERO, problems))
}

/// `max_allowed_packet`, in bytes.
pub(super) fn packet_bytes(key: Option<&Spanned<SizeText>>, problems: &mut Problems) -> u32 {
    let Some(value) = key else {
        return defaults::MAX_ALLOWED_PACKET;
    };
    let text = &value.get_ref().0;
    let bytes = units::size(text).filter(|bytes| defaults::PACKET_BYTES.contains(bytes));
    bytes
        .and_then(|bytes| u32::try_from(bytes).ok())
        .unwrap_or_else(|| {
            let message = format!("`max_allowed_packet` cannot be \"{text}\"");
            problems.add(
                value.span(),
                message,
                "from \"1KiB\" to \"1GiB\", such as \"64MiB\"",
            );
            defaults::MAX_ALLOWED_PACKET
        })
}

/// A size in bytes.
pub(super) fn bytes(
    key: Option<&Spanned<SizeText>>,
    name: &str,
    (allowed, default): (RangeInclusive<u64>, u64),
    problems: &mut Problems,
) -> u64 {
    let Some(value) = key else {
        return default;
    };
    let text = &value.get_ref().0;
    let bytes = units::size(text).filter(|bytes| allowed.contains(bytes));
    bytes.unwrap_or_else(|| {
        let message = format!("`{name}` cannot be \"{text}\"");
        problems.add(
            value.span(),
            message,
            "from \"1MiB\" to \"1024GiB\", such as \"256MiB\"",
        );
        default
    })
}

/// One of a few words.
pub(super) fn choice<T: Copy>(
    value: &Spanned<String>,
    name: &str,
    options: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let word = value.get_ref();
    let found = options.iter().find(|(option, _)| option == word);
    if found.is_none() {
        let help = suggest::instead(word, options.iter().map(|(option, _)| *option));
        problems.add(value.span(), format!("`{name}` cannot be \"{word}\""), help);
    }
    found.map(|(_, meaning)| *meaning)
}

/// Checks a name of MySQL's: not empty, no control characters, not too long.
pub(super) fn check_name(
    span: Range<usize>,
    what: &str,
    name: &str,
    most: usize,
    problems: &mut Problems,
) {
    let why = if name.is_empty() {
        "is empty".to_owned()
    } else if name.chars().any(char::is_control) {
        "holds a control character".to_owned()
    } else if name.chars().count() > most {
        format!("is longer than {most} characters")
    } else {
        return;
    };
    problems.add(
        span,
        format!("the {what} '{}' {why}", name.escape_debug()),
        None,
    );
}

/// A file that must be readable; relative paths start at the configuration's folder.
pub(super) fn path(
    key: Option<&Spanned<String>>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Option<PathBuf> {
    let value = key?;
    let path = outside.folder.join(value.get_ref());
    if let Err(why) = outside.environment.readable(&path) {
        problems.add(
            value.span(),
            why,
            "relative paths start at the configuration file's folder",
        );
    }
    Some(path)
}

/// `host:port`, `[ipv6]:port` or `unix:/path`; `port` is for the help only.
pub(super) fn address(
    span: Range<usize>,
    text: &str,
    port: u16,
    problems: &mut Problems,
) -> Option<Address> {
    let address = parse_address(text);
    if address.is_none() {
        let help = if text.parse::<std::net::Ipv6Addr>().is_ok() {
            format!("an IPv6 address stands in brackets: \"[{text}]:{port}\"")
        } else if !text.is_empty() && !text.contains([':', '/', ' ']) {
            format!("the port is missing: \"{text}:{port}\"")
        } else {
            "\"host:port\", \"[ipv6]:port\" or \"unix:/path\"".to_owned()
        };
        problems.add(span, format!("not an address: \"{text}\""), help);
    }
    address
}

fn parse_address(text: &str) -> Option<Address> {
    match text.strip_prefix("unix:") {
        Some(path) => path.starts_with('/').then(|| Address::Unix(path.into())),
        None => tcp_address(text),
    }
}

/// `host:port` or `[ipv6]:port`
pub(super) fn tcp_address(text: &str) -> Option<Address> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    let host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok().then_some(ip)?,
        None => is_host_name(host).then_some(host)?,
    };
    Some(Address::Tcp {
        host: host.to_owned(),
        port,
    })
}

fn is_host_name(host: &str) -> bool {
    !host.is_empty()
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || "-._".contains(c))
}

/// The ways to write a password.
#[derive(Clone, Copy)]
pub(super) struct PasswordKeys<'a> {
    pub(super) text: Option<&'a Spanned<Secret>>,
    pub(super) env: Option<&'a Spanned<String>>,
    pub(super) file: Option<&'a Spanned<String>>,
}

impl PasswordKeys<'_> {
    /// The places of those that are used, in this order.
    pub(super) fn spans(&self) -> Vec<Range<usize>> {
        let text = self.text.map(Spanned::span);
        let env = self.env.map(Spanned::span);
        text.into_iter()
            .chain(env)
            .chain(self.file.map(Spanned::span))
            .collect()
    }

    /// The password itself; `None` if none is written or it cannot be read.
    pub(super) fn resolve(&self, outside: &Outside<'_>, problems: &mut Problems) -> Option<Secret> {
        if let Some(text) = self.text {
            return Some(text.get_ref().clone());
        }
        let (span, read) = match (self.env, self.file) {
            (Some(env), _) => (env.span(), outside.environment.variable(env.get_ref())),
            (None, Some(file)) => {
                let path = outside.folder.join(file.get_ref());
                (file.span(), outside.environment.secret_file(&path))
            }
            (None, None) => return None,
        };
        match read {
            Ok(text) => Some(Secret::new(text)),
            Err(why) => {
                problems.add(span, why, None);
                None
            }
        }
    }
}

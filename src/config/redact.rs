//! The lines that error messages quote, without the secrets that stand in them.

use super::suggest;

const HIDDEN: &str = "[redacted]";
/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 3] = ["password", "password_hash", "token"];
/// Keys that sound like secrets and are none.
const HARMLESS_KEYS: [&str; 5] = [
    "password_env",
    "password_file",
    "native_password",
    "token_env",
    "token_file",
];
/// A key with one of these in it is taken for a secret.
const TELLING: [&str; 5] = ["pass", "pwd", "secret", "hash", "token"];
const LONG_QUOTES: [&str; 2] = ["\"\"\"", "'''"];

/// The line of this number (from 1). What follows `password =` on it, and every line of a
/// password in long quotes, is replaced.
pub(super) fn redacted(text: &str, number: usize) -> String {
    let mut inside: Option<&str> = None;
    let mut shown = String::new();
    for line in text.lines().take(number) {
        shown.clear();
        if let Some(quotes) = inside {
            shown.push_str(HIDDEN);
            inside = (!line.contains(quotes)).then_some(quotes);
            continue;
        }
        match secret_value(line) {
            None => shown.push_str(line),
            Some(at) => {
                let (before, value) = line.split_at(at);
                shown.push_str(before);
                shown.push_str(HIDDEN);
                inside = opened(value);
            }
        }
    }
    shown
}

/// The long quotes that this value opens and does not close.
fn opened(value: &str) -> Option<&'static str> {
    let quotes = LONG_QUOTES
        .into_iter()
        .find(|quotes| value.starts_with(quotes))?;
    (value.matches(quotes).count() < 2).then_some(quotes)
}

/// Where the first secret's value begins on the line.
fn secret_value(line: &str) -> Option<usize> {
    line.match_indices('=').find_map(|(at, _)| {
        let (before, after) = line.split_at_checked(at)?;
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let key = before.rsplit(|c| !is_key(c)).next()?;
        let value = after.strip_prefix('=')?.trim_start();
        is_secret(key).then(|| line.len() - value.len())
    })
}

/// Also true of what is probably a misspelt `password`: the message about it quotes the line.
fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    !HARMLESS_KEYS.contains(&key.as_str())
        && (TELLING.iter().any(|part| key.contains(part))
            || suggest::closest(&key, SECRET_KEYS).is_some())
}

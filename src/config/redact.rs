//! The lines that error messages quote, without the secrets that stand in them.

const HIDDEN: &str = "[redacted]";
/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 2] = ["password", "password_hash"];
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
    let mut from = 0;
    while let Some(found) = line.get(from..)?.find("password") {
        let start = from + found;
        let rest = line.get(start..)?;
        let is_key_byte = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let length = rest.find(|c| !is_key_byte(c)).unwrap_or(rest.len());
        let key = rest.get(..length)?;
        let after = rest.get(length..)?;
        let value = after.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        if let Some(value) = value
            .strip_prefix('=')
            .filter(|_| SECRET_KEYS.contains(&key))
        {
            return Some(line.len() - value.trim_start().len());
        }
        from = start + length;
    }
    None
}

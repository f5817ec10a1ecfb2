//! Durations (`"250ms"`, `"10s"`, `"5m"`, `"8h"`) and sizes (`"64MiB"`).

use std::time::Duration;

/// A number and its unit, or `"0"`; `None` for anything else and where it overflows.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = |each: u64| number.checked_mul(each).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "" if number == 0 => Some(Duration::ZERO),
        _ => None,
    }
}

/// Bytes, or a number with KiB, MiB or GiB; `None` for anything else and where it overflows.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim_start()))
}

/// A duration as it is written in the file.
pub(super) fn show_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (duration.subsec_millis(), seconds) {
        (millis, _) if millis > 0 => format!("{}ms", duration.as_millis()),
        (_, s) if s > 0 && s % 3600 == 0 => format!("{}h", s / 3600),
        (_, s) if s > 0 && s % 60 == 0 => format!("{}m", s / 60),
        (_, s) => format!("{s}s"),
    }
}

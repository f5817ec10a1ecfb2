//! `[log]`: what is written to standard error, and how.

use super::super::defaults;
use super::super::file::LogFile;
use super::super::log::{LogConfig, LogFormat};
use super::problems::Problems;
use super::scalar;

const FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];

pub(super) fn log(file: &LogFile, problems: &mut Problems) -> LogConfig {
    let format = file.format.as_ref();
    let format = format.and_then(|word| scalar::choice(word, "format", &FORMATS, problems));
    LogConfig {
        format: format.unwrap_or_default(),
        slow: match &file.slow {
            None => Some(defaults::SLOW_STATEMENT),
            slow => scalar::optional_timeout(slow.as_ref(), "slow", problems),
        },
    }
}

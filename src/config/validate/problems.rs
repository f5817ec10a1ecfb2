//! The list of what is wrong.

use std::ops::Range;

use toml::Spanned;

use super::super::diagnostic::Problem;

/// Collects what is wrong with a file.
#[derive(Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Something at a place is wrong; `help` tells what to write instead.
    pub(super) fn add(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl IntoHelp,
    ) {
        let (span, message, help) = (Some(span), message.into(), help.into_help());
        self.0.push(Problem {
            span,
            message,
            help,
        });
    }

    /// Something is missing from the file as a whole.
    pub(super) fn missing(&mut self, message: &str, help: &str) {
        let (message, help) = (message.to_owned(), Some(help.to_owned()));
        self.0.push(Problem {
            span: None,
            message,
            help,
        });
    }

    /// A key that would do nothing where it stands.
    pub(super) fn useless<T>(&mut self, key: Option<&Spanned<T>>, name: &str, why: &str) {
        if let Some(key) = key {
            self.add(
                key.span(),
                format!("`{name}` has no effect {why}"),
                "remove the key",
            );
        }
    }

    /// The value, if nothing was wrong.
    pub(super) fn or<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }
}

/// Help that may be absent.
pub(super) trait IntoHelp {
    fn into_help(self) -> Option<String>;
}

impl IntoHelp for Option<String> {
    fn into_help(self) -> Option<String> {
        self
    }
}

impl IntoHelp for &str {
    fn into_help(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl IntoHelp for String {
    fn into_help(self) -> Option<String> {
        Some(self)
    }
}

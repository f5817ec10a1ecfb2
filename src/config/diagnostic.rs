//! Problems with places in the file → text for people, with the line and a caret under it.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::redact::redacted;

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file itself cannot be read.
    #[error("cannot read the configuration {path}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was read and is wrong.
    #[error(transparent)]
    Invalid(#[from] Report),
}

/// Everything that is wrong with one file, in the order of the file; never empty.
#[derive(Debug)]
pub struct Report(Vec<Diagnostic>);

impl Report {
    /// What applies to several replica sets is found once for each of them and said once.
    pub(super) fn new(path: &Path, text: &str, problems: Vec<Problem>) -> Self {
        let mut distinct: Vec<Problem> = Vec::new();
        for problem in problems {
            if !distinct.contains(&problem) {
                distinct.push(problem);
            }
        }
        let start = |problem: &Problem| problem.span.as_ref().map_or(usize::MAX, |span| span.start);
        distinct.sort_by_key(start);
        let locate = |problem| Diagnostic::new(path, text, problem);
        Self(distinct.into_iter().map(locate).collect())
    }

    /// The problems one by one.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl ConfigError {
    /// The same on one line, for a client: the first problem with its place, and how many more.
    pub fn brief(&self) -> String {
        match self {
            Self::Unreadable { source, .. } => format!("{self}: {source}"),
            Self::Invalid(report) => report.brief(),
        }
    }
}

impl Report {
    fn brief(&self) -> String {
        let Some(first) = self.0.first() else {
            return String::new();
        };
        let path = first.path.display();
        let place = match &first.place {
            Some(place) => format!("{path}:{}:{}", place.line, place.column),
            None => path.to_string(),
        };
        let help = first.help.iter().map(|help| format!(" ({help})"));
        let more = match self.0.len() {
            1 => String::new(),
            many => format!("; and {} more", many - 1),
        };
        format!(
            "{place}: {}{}{more}",
            first.message,
            help.collect::<String>()
        )
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f, "\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

/// One problem, before its place is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Byte offsets in the file; `None` where something is missing altogether.
    pub(super) span: Option<Range<usize>>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// One problem with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub path: PathBuf,
    /// Where in it; `None` where something is missing altogether.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line, with passwords and hashes blotted out.
    pub text: String,
    /// How many characters are meant, at least 1.
    pub width: usize,
}

impl Diagnostic {
    fn new(path: &Path, text: &str, problem: Problem) -> Self {
        Self {
            path: path.to_owned(),
            place: problem.span.map(|span| Place::new(text, &span)),
            message: problem.message,
            help: problem.help,
        }
    }
}

impl Place {
    fn new(text: &str, span: &Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(line_start..).unwrap_or_default();
        let line = line.lines().next().unwrap_or_default();
        let end = text
            .ceil_char_boundary(span.end)
            .min(line_start + line.len());
        let number = before.matches('\n').count() + 1;
        Self {
            line: number,
            column: text
                .get(line_start..start)
                .unwrap_or_default()
                .chars()
                .count()
                + 1,
            text: redacted(text, number),
            width: text
                .get(start..end)
                .unwrap_or_default()
                .chars()
                .count()
                .max(1),
        }
    }

    /// Blanks up to the column (tabs stay tabs, so that both lines bend alike) and the carets.
    fn underline(&self) -> String {
        let length = self.text.chars().count();
        let lead = (self.column - 1).min(length);
        let carets = self.width.min(length.saturating_sub(lead)).max(1);
        let blank = |c| if c == '\t' { '\t' } else { ' ' };
        let mut line: String = self.text.chars().take(lead).map(blank).collect();
        line.extend(std::iter::repeat_n('^', carets));
        line
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "error: {}", self.message)?;
        let Some(place) = &self.place else {
            write!(f, "\n --> {path}")?;
            return self
                .help
                .iter()
                .try_for_each(|help| write!(f, "\n  = help: {help}"));
        };
        let (line, column) = (place.line, place.column);
        let margin = " ".repeat(line.to_string().len());
        write!(f, "\n{margin}--> {path}:{line}:{column}")?;
        write!(f, "\n{margin} |\n{line} | {}", place.text)?;
        write!(f, "\n{margin} | {}", place.underline())?;
        self.help
            .iter()
            .try_for_each(|help| write!(f, "\n{margin} = help: {help}"))
    }
}

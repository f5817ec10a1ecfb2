//! What the statement says of its file, read from its literals.

use super::super::super::failure::Failure;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::Loading;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::plan::{LoadIds, LoadTarget, PlanError, Unsupported};
use crate::rewrite::{FileCharset, FileError, FileFormat, FileRows, FormatError, Separators};
use crate::route::key::{Scalar, unquote};

impl Session {
    /// The bytes that a string token stands for.
    pub(super) fn string_of(&self, token: usize, statement: &Statement<'_>) -> Option<Vec<u8>> {
        let tokens = statement.tokens();
        let context = statement.literals(self.state.text.charset).context;
        let Some(literal) = tokens.literal(token) else {
            return unquote(tokens.text(token), statement.mode).map(std::borrow::Cow::into_owned);
        };
        match Scalar::read(literal, statement.sql, context) {
            Scalar::Text(text) => Some(text.bytes.into_owned()),
            Scalar::Bytes(bytes) | Scalar::HexString(bytes) => Some(bytes.into_owned()),
            _ => None,
        }
    }

    fn separators(&self, loading: &Loading<'_>) -> Result<Separators, Failure> {
        let clauses = &loading.load.clauses;
        let read = |token: Option<usize>| {
            let string = token.map(|token| {
                let string = self.string_of(token, loading.statement);
                string.ok_or_else(|| refused("LOAD DATA with a separator that cannot be read"))
            });
            string.transpose()
        };
        Ok(Separators {
            field: read(clauses.field_terminator)?,
            enclosed: read(clauses.enclosed)?,
            escaped: read(clauses.escaped)?,
            line_start: read(clauses.line_start)?,
            line: read(clauses.line_terminator)?,
        })
    }

    /// The file's rows, none of which has come yet.
    pub(super) fn file_rows(&self, loading: &mut Loading<'_>) -> Result<FileRows, Failure> {
        let Some(charset) = FileCharset::named(&loading.charset) else {
            let charset = &loading.charset;
            let what = format!("LOAD DATA of a file in character set '{charset}'");
            return Err(Failure::Error(refused(&what)));
        };
        let separators = self.separators(loading)?;
        let backslash = !loading.statement.mode.no_backslash_escapes;
        let format = FileFormat::new(separators, backslash, charset);
        let format = format.map_err(|error| Failure::Error(unreadable(error)))?;
        if let LoadIds::Made { column, .. } = &loading.load.ids {
            let Some(terminator) = format.behind_id(column.form) else {
                let what = "LOAD DATA of rows that get ids, with separators that begin as ids do";
                return Err(Failure::Error(refused(what)));
            };
            loading.behind_id = terminator.to_vec();
        }
        let ignored = loading.load.clauses.ignored.clone();
        let ignored = ignored.map_or(Ok(0), |tokens| {
            let number = loading.statement.tokens().text(tokens.start + 1);
            let number = std::str::from_utf8(number)
                .ok()
                .and_then(|n| n.parse().ok());
            number.ok_or_else(|| refused("IGNORE of this number of lines in LOAD DATA"))
        })?;
        let longest = self.shared.limits.max_allowed_packet;
        let fields = (loading.load.fields, loading.wanted());
        Ok(FileRows::new(format, fields, (ignored, longest)))
    }
}

impl Loading<'_> {
    /// The fields whose values are wanted: those of the key columns, then that of the id.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let mut wanted = self.key_fields();
        wanted.extend(self.id_place());
        wanted
    }

    fn key_fields(&self) -> Vec<usize> {
        match &self.load.to {
            // A key that is the id has its place behind the others.
            LoadTarget::Rows(keys) => keys
                .iter()
                .map(|key| {
                    key.filter(|_| *key != self.id_place())
                        .unwrap_or(usize::MAX)
                })
                .collect(),
            LoadTarget::Copies(_) => Vec::new(),
        }
    }

    /// The field of the id, if it has one.
    pub(super) fn id_place(&self) -> Option<usize> {
        match &self.load.ids {
            LoadIds::Given(at) => Some(*at),
            LoadIds::Made { at, .. } => *at,
            LoadIds::None => None,
        }
    }

    /// The position of the id among the wanted fields.
    pub(super) fn id_field(&self) -> usize {
        self.key_fields().len()
    }
}

pub(super) fn refused(what: &str) -> MysqlError {
    PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
}

fn unreadable(error: FormatError) -> MysqlError {
    match error {
        FormatError::Separator => MysqlError::new(ErrorKind::WrongSeparator, error.to_string()),
        _ => refused(&error.to_string()),
    }
}

pub(super) fn broken(error: &FileError) -> MysqlError {
    let kind = match error {
        FileError::NotUtf8 { .. } => ErrorKind::InvalidCharacters,
        FileError::TooLong { .. } => ErrorKind::PacketTooLarge,
    };
    MysqlError::new(kind, error.to_string())
}

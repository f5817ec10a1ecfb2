//! What FIELDS and LINES say of a file.

use crate::value::IdForm;

/// The bytes of the file's characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileCharset {
    /// Each byte is a character.
    SingleByte,
    /// UTF-8.
    Utf8,
}

impl FileCharset {
    /// By MySQL's name in any case; `None`: characters have several bytes, and not as in UTF-8.
    pub fn named(name: &str) -> Option<Self> {
        const SINGLE_BYTE: [&str; 28] = [
            "ascii", "armscii8", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850",
            "cp852", "cp866", "dec8", "geostd8", "greek", "hebrew", "hp8", "keybcs2", "koi8r",
            "koi8u", "latin1", "latin2", "latin5", "latin7", "macce", "macroman", "swe7", "tis620",
            "usascii", "us7ascii",
        ];
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if ["utf8mb4", "utf8mb3", "utf8"].into_iter().any(is) {
            Some(Self::Utf8)
        } else if SINGLE_BYTE.into_iter().any(is) {
            Some(Self::SingleByte)
        } else {
            None
        }
    }
}

/// What the statement says, `None` for what it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Separators {
    /// FIELDS TERMINATED BY
    pub field: Option<Vec<u8>>,
    /// FIELDS ENCLOSED BY
    pub enclosed: Option<Vec<u8>>,
    /// FIELDS ESCAPED BY
    pub escaped: Option<Vec<u8>>,
    /// LINES STARTING BY
    pub line_start: Option<Vec<u8>>,
    /// LINES TERMINATED BY
    pub line: Option<Vec<u8>>,
}

/// How a file's fields and lines end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormat {
    /// Behind a field that is not its line's last one; may be empty.
    pub(super) field: Vec<u8>,
    /// Before and behind a field.
    pub(super) enclosed: Option<u8>,
    /// Before a character that means something else, or itself.
    pub(super) escaped: Option<u8>,
    /// Before a line's first field; what comes before it is skipped.
    pub(super) line_start: Vec<u8>,
    /// Behind a line; empty: rows end with their last field.
    pub(super) line: Vec<u8>,
    pub(super) charset: FileCharset,
}

/// A format that is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// ENCLOSED BY or ESCAPED BY of several characters: MySQL's error 1083.
    #[error("Field separator argument is not what is expected; check the manual")]
    Separator,
    /// Fields are neither terminated nor enclosed: the columns' widths cut them.
    #[error("LOAD DATA of a file whose fields have a fixed width")]
    FixedWidth,
    /// A separator is not ASCII: what the servers make of it depends on character sets.
    #[error("LOAD DATA with separators that are not ASCII")]
    NotAscii,
    /// One byte has two meanings.
    #[error("LOAD DATA whose ESCAPED BY begins another separator")]
    Ambiguous,
}

impl FileFormat {
    /// The format that the statement asks for; `backslash`: a backslash escapes unless it says
    /// otherwise (it does not under NO_BACKSLASH_ESCAPES).
    ///
    /// # Errors
    /// As [`FormatError`] says.
    pub fn new(
        said: Separators,
        backslash: bool,
        charset: FileCharset,
    ) -> Result<Self, FormatError> {
        let one = |bytes: Option<Vec<u8>>| match bytes.as_deref() {
            None | Some([]) => Ok(None),
            Some([byte]) => Ok(Some(*byte)),
            Some(_) => Err(FormatError::Separator),
        };
        let escaped = said.escaped.or(backslash.then(|| b"\\".to_vec()));
        let mut format = Self {
            field: said.field.unwrap_or_else(|| b"\t".to_vec()),
            enclosed: one(said.enclosed)?,
            escaped: one(escaped)?,
            line_start: said.line_start.unwrap_or_default(),
            line: said.line.unwrap_or_else(|| b"\n".to_vec()),
            charset,
        };
        if format.field.is_empty() && format.enclosed.is_none() {
            return Err(FormatError::FixedWidth);
        }
        let single = [format.enclosed, format.escaped];
        let longer = [&format.field, &format.line_start, &format.line];
        if !longer.into_iter().all(|bytes| bytes.is_ascii())
            || !single.iter().flatten().all(u8::is_ascii)
        {
            return Err(FormatError::NotAscii);
        }
        if let Some(escaped) = format.escaped
            && longer
                .into_iter()
                .any(|bytes| bytes.first() == Some(&escaped))
        {
            return Err(FormatError::Ambiguous);
        }
        if format.field == format.line {
            // As the servers have it: only the number of fields ends a row.
            format.line.clear();
        }
        Ok(format)
    }

    /// What must stand behind an unquoted id, a number or a UUID, for it to be a line's first field;
    /// `None`: none can be put there.
    pub fn behind_id(&self, form: IdForm) -> Option<&[u8]> {
        let special = |byte: u8| {
            let letter = !form.is_number() && byte.is_ascii_hexdigit();
            letter || byte.is_ascii_digit() || byte == b'-'
        };
        let single = [self.enclosed, self.escaped].into_iter().flatten();
        let firsts = [&self.field, &self.line].map(|bytes| bytes.first().copied());
        let mut all = single.chain(firsts.into_iter().flatten());
        let certain = !self.field.is_empty() && !all.any(special);
        certain.then_some(self.field.as_slice())
    }
}

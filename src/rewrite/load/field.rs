//! One field, and what is between fields: the servers' own way through a file, byte by byte.

use std::ops::Range;

use super::format::{FileCharset, FileFormat};

/// Why the way ends before there is a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// What has come so far does not tell.
    More,
    /// Bytes that are no UTF-8 stand where servers disagree about them.
    NotUtf8,
}

/// What ends a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndedBy {
    /// Another field follows.
    Field,
    /// It is its line's last one.
    Line,
    /// The file ends with it.
    File,
}

/// A field as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its bytes with their quotes, without the terminator.
    pub raw: Range<usize>,
    pub ended_by: EndedBy,
    /// Whether it is NULL, where its value was taken.
    pub null: bool,
}

/// A place in the part of the file that has come.
pub(super) struct Reader<'a> {
    pub format: &'a FileFormat,
    pub bytes: &'a [u8],
    /// The next byte.
    pub at: usize,
    /// Nothing comes behind the bytes.
    pub complete: bool,
}

impl Reader<'_> {
    /// The next byte; `None`: the file has ended.
    fn get(&mut self) -> Result<Option<u8>, Halt> {
        match self.bytes.get(self.at) {
            Some(byte) => {
                self.at += 1;
                Ok(Some(*byte))
            }
            None if self.complete => Ok(None),
            None => Err(Halt::More),
        }
    }

    /// Steps over a separator if it stands here.
    fn separator(&mut self, separator: &[u8]) -> Result<bool, Halt> {
        let Some(first) = separator.first() else {
            return Ok(false);
        };
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.first().is_some_and(|byte| byte != first) {
            return Ok(false);
        }
        if rest.starts_with(separator) {
            self.at += separator.len();
            return Ok(true);
        }
        match separator.starts_with(rest) && !self.complete {
            true => Err(Halt::More),
            false => Ok(false),
        }
    }

    /// Steps over the rest of a character of several bytes whose first one stands before here.
    fn rest_of_character(&mut self, first: u8) -> Result<Range<usize>, Halt> {
        let start = self.at - 1;
        if first.is_ascii() || self.format.charset == FileCharset::SingleByte {
            return Ok(start..self.at);
        }
        let length = match first {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return Err(Halt::NotUtf8),
        };
        match self.bytes.get(start..start + length) {
            Some(bytes) if std::str::from_utf8(bytes).is_ok() => {
                self.at = start + length;
                Ok(start..self.at)
            }
            None if !self.complete => Err(Halt::More),
            _ => Err(Halt::NotUtf8),
        }
    }

    /// Skips what stands before LINES STARTING BY, and that itself; `false`: the file ends before.
    pub fn line_start(&mut self) -> Result<bool, Halt> {
        let start = &self.format.line_start;
        let Some(first) = start.first() else {
            return Ok(true);
        };
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(skipped) = rest.iter().position(|byte| byte == first) else {
                self.at = self.bytes.len();
                return if self.complete {
                    Ok(false)
                } else {
                    Err(Halt::More)
                };
            };
            self.at += skipped;
            if self.separator(start)? {
                return Ok(true);
            }
            self.at += 1;
        }
    }

    /// The next field of a line; `None`: the file has ended before it. Its value goes into `value`.
    pub fn field(&mut self, value: Option<&mut Vec<u8>>) -> Result<Option<Field>, Halt> {
        let start = self.at;
        let Some(first) = self.get()? else {
            return Ok(None);
        };
        let quoted = self.format.enclosed == Some(first);
        if !quoted {
            self.at = start;
        }
        let mut taken = Value::new(value);
        if quoted {
            // Part of the value unless the field is closed.
            taken.push(first);
        }
        let ended_by = self.rest_of_field(quoted, &mut taken)?;
        let (ended_by, terminator, closed) = ended_by;
        let null = taken.is_null(closed, self.format.enclosed.is_some());
        if closed {
            taken.unquote();
        }
        Ok(Some(Field {
            raw: start..self.at - terminator,
            ended_by,
            null,
        }))
    }

    /// What has ended the field, the length of that, and whether the field was closed by a quote.
    fn rest_of_field(
        &mut self,
        quoted: bool,
        value: &mut Value<'_>,
    ) -> Result<(EndedBy, usize, bool), Halt> {
        let format = self.format;
        loop {
            let Some(byte) = self.get()? else {
                return Ok((EndedBy::File, 0, false));
            };
            if format.escaped == Some(byte) && !self.is_single_quote(byte)? {
                if !self.escaped(byte, value)? {
                    return Ok((EndedBy::File, 0, false));
                }
                continue;
            }
            if quoted && format.enclosed == Some(byte) {
                match self.after_quote(byte)? {
                    AfterQuote::Ended(by, length) => return Ok((by, length, true)),
                    AfterQuote::Doubled => {}
                    AfterQuote::Inside => {}
                }
                value.push(byte);
                continue;
            }
            if !quoted {
                self.at -= 1;
                if self.separator(&format.line)? {
                    return Ok((EndedBy::Line, format.line.len(), false));
                }
                if self.separator(&format.field)? {
                    return Ok((EndedBy::Field, format.field.len(), false));
                }
                self.at += 1;
            }
            value.push(byte);
        }
    }

    /// Whether the escape character, which stands before here, means a quote of its own: it is the quote,
    /// and not doubled.
    fn is_single_quote(&mut self, escape: u8) -> Result<bool, Halt> {
        if self.format.enclosed != Some(escape) {
            return Ok(false);
        }
        let Some(next) = self.get()? else {
            return Ok(false);
        };
        self.at -= 1;
        Ok(next != escape)
    }

    /// What follows the escape character; `false`: the file has ended.
    fn escaped(&mut self, escape: u8, value: &mut Value<'_>) -> Result<bool, Halt> {
        let Some(next) = self.get()? else {
            value.push(escape);
            return Ok(false);
        };
        let character = self.rest_of_character(next)?;
        if character.len() > 1 {
            let bytes = self.bytes.get(character).unwrap_or_default();
            bytes.iter().for_each(|byte| value.push(*byte));
        } else {
            value.unescape(next);
        }
        Ok(true)
    }

    /// What a quote within a quoted field means, by what follows it.
    fn after_quote(&mut self, quote: u8) -> Result<AfterQuote, Halt> {
        let Some(next) = self.get()? else {
            return Ok(AfterQuote::Ended(EndedBy::File, 0));
        };
        if next == quote {
            return Ok(AfterQuote::Doubled);
        }
        self.at -= 1;
        let format = self.format;
        if self.separator(&format.line)? {
            return Ok(AfterQuote::Ended(EndedBy::Line, format.line.len()));
        }
        if self.separator(&format.field)? {
            return Ok(AfterQuote::Ended(EndedBy::Field, format.field.len()));
        }
        Ok(AfterQuote::Inside)
    }

    /// Skips the rest of a line, quotes or not; `false`: the file has ended within it.
    pub fn rest_of_line(&mut self) -> Result<bool, Halt> {
        if self.format.line.is_empty() {
            return Ok(true);
        }
        loop {
            if self.separator(&self.format.line)? {
                return Ok(true);
            }
            let Some(byte) = self.get()? else {
                return Ok(false);
            };
            if self.format.escaped == Some(byte) {
                let Some(next) = self.get()? else {
                    return Ok(false);
                };
                self.rest_of_character(next)?;
            } else {
                self.rest_of_character(byte)?;
            }
        }
    }
}

enum AfterQuote {
    Ended(EndedBy, usize),
    Doubled,
    Inside,
}

/// The value of a field, where it is wanted.
struct Value<'v> {
    bytes: Option<&'v mut Vec<u8>>,
    /// `\N` was in it.
    found_null: bool,
}

impl<'v> Value<'v> {
    fn new(mut bytes: Option<&'v mut Vec<u8>>) -> Self {
        if let Some(bytes) = &mut bytes {
            bytes.clear();
        }
        Self {
            bytes,
            found_null: false,
        }
    }

    fn push(&mut self, byte: u8) {
        if let Some(bytes) = &mut self.bytes {
            bytes.push(byte);
        }
    }

    /// The manual's table of escapes.
    fn unescape(&mut self, escaped: u8) {
        let byte = match escaped {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'0' => 0,
            b'Z' => 26,
            b'N' => {
                self.found_null = true;
                escaped
            }
            other => other,
        };
        self.push(byte);
    }

    /// Takes the opening quote away.
    fn unquote(&mut self) {
        if let Some(bytes) = &mut self.bytes
            && !bytes.is_empty()
        {
            bytes.remove(0);
        }
    }

    /// Whether the field is `\N` alone or, where fields may be quoted, the bare word NULL.
    fn is_null(&self, closed: bool, may_be_quoted: bool) -> bool {
        let Some(bytes) = &self.bytes else {
            return false;
        };
        let alone = bytes.len() == 1 + usize::from(closed);
        let word = may_be_quoted && !closed && bytes.as_slice() == b"NULL";
        self.found_null && alone || word
    }
}

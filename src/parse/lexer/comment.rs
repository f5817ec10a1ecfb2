//! Comments, hints and version comments.

use memchr::{memchr, memmem};

use super::super::error::ParseError;
use super::{Class, Lexed, Lexeme, Lexer, class};

impl Lexer<'_> {
    /// Whether the `-`, `/` or `#` at the position opens a comment.
    #[inline]
    pub(super) fn opens_comment(&self, byte: u8) -> bool {
        match byte {
            b'#' => true,
            b'-' => self.is_byte(self.pos + 1, b'-') && self.ends_dashes(self.pos + 2),
            _ => self.is_byte(self.pos + 1, b'*'),
        }
    }

    /// `--` opens a comment before a blank, a control character or the end.
    fn ends_dashes(&self, at: usize) -> bool {
        self.byte(at)
            .is_none_or(|byte| byte == b' ' || byte.is_ascii_control())
    }

    fn skip_line(&mut self) {
        let rest = self.sql.get(self.pos..).unwrap_or_default();
        self.pos += memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Skips a comment, or gives the hint or the opening of a version comment.
    #[cold]
    pub(super) fn comment(&mut self, byte: u8) -> Result<Option<Lexed>, ParseError> {
        if byte != b'/' {
            self.skip_line();
            return Ok(None);
        }
        match (self.byte(self.pos + 2), self.byte(self.pos + 3)) {
            _ if self.is_for_no_server() => {}
            (Some(b'!'), _) if self.version.is_none() => return Ok(Some(self.version_open(3))),
            (Some(b'M'), Some(b'!')) if self.version.is_none() => {
                return Ok(Some(self.version_open(4)));
            }
            _ => {}
        }
        let start = self.pos;
        let body = self.sql.get(start + 2..).unwrap_or_default();
        let Some(length) = memmem::find(body, b"*/") else {
            return Err(ParseError::UnterminatedComment(start as u32));
        };
        self.pos = start + length + 4;
        Ok(body
            .starts_with(b"+")
            .then(|| self.lexed(Lexeme::Hint, start)))
    }

    /// Whether a version comment opens here that no server executes: what mariadb-dump begins with is
    /// for clients.
    fn is_for_no_server(&self) -> bool {
        let rest = self.sql.get(self.pos..).unwrap_or_default();
        let openings: [&[u8]; 2] = [b"/*!999999", b"/*M!999999"];
        let opening = openings.iter().find(|opening| rest.starts_with(opening));
        let body = opening.and_then(|opening| rest.get(opening.len()..));
        let body = body.and_then(|body| body.get(..memmem::find(body, b"*/")?));
        // A comment in it would end elsewhere.
        body.is_some_and(|body| memmem::find(body, b"/*").is_none())
    }

    /// A version is five or six digits directly behind the `!`.
    fn version_open(&mut self, prefix: usize) -> Lexed {
        let start = self.pos;
        self.version = Some(start);
        let digits = (0..6)
            .take_while(|i| self.digit_at(start + prefix + i))
            .count();
        self.pos = start + prefix + if digits >= 5 { digits } else { 0 };
        self.lexed(Lexeme::VersionOpen, start)
    }

    /// Skips blanks and comments (not hints, not version comments).
    pub(in super::super) fn skip_trivia(&mut self) -> Result<(), ParseError> {
        while let Some(byte) = self.byte(self.pos) {
            if class(byte) == Class::Blank {
                self.pos += 1;
                continue;
            }
            if !matches!(byte, b'-' | b'/' | b'#') || !self.opens_comment(byte) {
                break;
            }
            let mut ahead = *self;
            if ahead.comment(byte)?.is_some() {
                break;
            }
            *self = ahead;
        }
        Ok(())
    }
}

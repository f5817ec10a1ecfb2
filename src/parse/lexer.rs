//! The byte lexer: where each token of a statement starts and ends.
//!
//! In: any bytes and the session's [`LexMode`]. Out: one [`Lexeme`] after the other, or the
//! one [`ParseError`] of a string, name or comment without end. It follows MySQL's own lexer
//! (<https://dev.mysql.com/doc/refman/9.4/en/language-structure.html>): identifiers may start
//! with a digit, `--` opens a comment only before a blank, comments do not nest.

use memchr::{memchr, memchr2, memmem};

use super::digest::{LexMode, LiteralKind, Multibyte};
use super::error::ParseError;
use super::keyword;

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// Nothing but blanks and comments was left.
    End,
    /// `;`
    Semicolon,
    /// A bare word: a keyword or a name.
    Word,
    /// A bare word that must be a name, because a `.` stands beside it.
    Name,
    /// `` `x` ``, and `"x"` under ANSI_QUOTES.
    Quoted,
    /// A number, string, hex or bit literal without sign, or `?`.
    Literal {
        kind: LiteralKind,
        introduced: bool,
    },
    /// `@x`, `` @`x` ``, `@'x'`
    UserVariable,
    /// `@@x`, `@@session.x`
    SystemVariable,
    Open,
    Close,
    Comma,
    Dot,
    /// `=`, `<=>`, `<`, `<=`, `>`, `>=`, `<>`, `!=`, `:=`
    Comparison,
    /// Any other operator.
    Operator,
    /// `/*+ … */`
    Hint,
    /// `/*!`, `/*!50110`, `/*M!100100`: what follows is live code on some servers.
    VersionOpen,
    /// The `*/` of a version comment.
    VersionClose,
    /// A byte that starts no token.
    Other,
}

/// A lexeme and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexed {
    pub(super) lexeme: Lexeme,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Other,
    Blank,
    Letter,
    Digit,
    Punctuation,
}

const CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r' => Class::Blank,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' | 0x80..=0xFF => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            0x21..=0x7E => Class::Punctuation,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
}

#[inline]
fn class(byte: u8) -> Class {
    CLASSES[byte as usize]
}

#[inline]
fn is_word(byte: u8) -> bool {
    matches!(class(byte), Class::Letter | Class::Digit)
}

/// A position in a statement's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexer<'a> {
    sql: &'a [u8],
    pos: usize,
    mode: LexMode,
    /// The byte before `pos` ends a name, so that a `.` here is a separator.
    after_name: bool,
    /// The byte before `pos` is such a separator, so that a name follows, not a number.
    after_dot: bool,
    /// Start of the version comment that `pos` is in.
    version: Option<usize>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(sql: &'a [u8], start: usize, mode: LexMode) -> Self {
        Self {
            sql,
            pos: start,
            mode,
            after_name: false,
            after_dot: false,
            version: None,
        }
    }

    #[inline]
    pub(super) fn position(&self) -> usize {
        self.pos
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.sql.get(at).copied()
    }

    #[inline]
    fn is_byte(&self, at: usize, wanted: u8) -> bool {
        self.byte(at) == Some(wanted)
    }

    #[inline]
    fn digit_at(&self, at: usize) -> bool {
        self.byte(at).is_some_and(|byte| byte.is_ascii_digit())
    }

    #[inline]
    fn word_at(&self, at: usize) -> bool {
        self.byte(at).is_some_and(is_word)
    }

    /// The bytes of a lexeme.
    #[inline]
    pub(super) fn text(&self, lexed: Lexed) -> &'a [u8] {
        self.sql.get(lexed.start..lexed.end).unwrap_or_default()
    }

    /// Whether a number starts directly at the position (behind a sign).
    pub(super) fn at_number(&self) -> bool {
        self.digit_at(self.pos) || (self.is_byte(self.pos, b'.') && self.digit_at(self.pos + 1))
    }

    /// The next lexeme.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Lexed, ParseError> {
        let (mut name, dot) = (self.after_name, self.after_dot);
        self.after_name = false;
        self.after_dot = false;
        if dot && self.word_at(self.pos) {
            return Ok(self.word(Lexeme::Name));
        }
        loop {
            let Some(byte) = self.byte(self.pos) else {
                return self.finish();
            };
            match class(byte) {
                Class::Blank => {
                    self.pos += 1;
                    name = false;
                }
                Class::Letter => return self.letter(byte),
                Class::Digit => return Ok(self.number()),
                Class::Punctuation => {
                    if let Some(lexed) = self.punctuation(byte, name)? {
                        return Ok(lexed);
                    }
                    name = false;
                }
                Class::Other => {
                    if let Some(lexed) = self.other(byte) {
                        return Ok(lexed);
                    }
                }
            }
        }
    }

    fn finish(&self) -> Result<Lexed, ParseError> {
        match self.version {
            Some(start) => Err(ParseError::UnterminatedComment(start)),
            None => Ok(Lexed {
                lexeme: Lexeme::End,
                start: self.pos,
                end: self.pos,
            }),
        }
    }

    /// A control byte. Clients (mysqlslap) end their text with NUL; there it counts as a blank.
    fn other(&mut self, byte: u8) -> Option<Lexed> {
        let start = self.pos;
        self.pos += 1;
        if byte != 0 {
            return Some(self.lexed(Lexeme::Other, start));
        }
        while self.is_byte(self.pos, 0) {
            self.pos += 1;
        }
        (self.pos < self.sql.len()).then(|| self.lexed(Lexeme::Other, start))
    }

    #[inline]
    fn lexed(&self, lexeme: Lexeme, start: usize) -> Lexed {
        Lexed {
            lexeme,
            start,
            end: self.pos,
        }
    }

    /// Consumes `length` bytes.
    #[inline]
    fn take(&mut self, lexeme: Lexeme, length: usize) -> Lexed {
        let start = self.pos;
        self.pos += length;
        self.lexed(lexeme, start)
    }

    /// Consumes the bytes of a word from the position on.
    #[inline]
    fn word(&mut self, lexeme: Lexeme) -> Lexed {
        let start = self.pos;
        if self.mode.multibyte == Multibyte::None {
            while self.word_at(self.pos) {
                self.pos += 1;
            }
        } else {
            while self.word_at(self.pos) {
                self.pos += self.character();
            }
        }
        self.after_name = true;
        let mut lexed = self.lexed(lexeme, start);
        if self.is_byte(self.pos, b'.') && self.word_at(self.pos + 1) {
            lexed.lexeme = Lexeme::Name;
        }
        lexed
    }

    /// Bytes of the character at the position.
    fn character(&self) -> usize {
        match (self.byte(self.pos), self.byte(self.pos + 1)) {
            (Some(first), Some(second)) if self.mode.multibyte.is_pair(first, second) => 2,
            _ => 1,
        }
    }

    /// A word, or a literal that starts with a letter.
    #[inline]
    fn letter(&mut self, byte: u8) -> Result<Lexed, ParseError> {
        if self.is_byte(self.pos + 1, b'\'') {
            match byte {
                b'n' | b'N' => return self.prefixed_string(LiteralKind::NationalString),
                b'x' | b'X' => {
                    if let Some(lexed) = self.quoted_digits(LiteralKind::Hex) {
                        return Ok(lexed);
                    }
                }
                b'b' | b'B' => {
                    if let Some(lexed) = self.quoted_digits(LiteralKind::Bit) {
                        return Ok(lexed);
                    }
                }
                _ => {}
            }
        }
        let word = self.word(Lexeme::Word);
        if byte == b'_' && word.lexeme == Lexeme::Word && keyword::is_introducer(self.text(word)) {
            return self.introduced(word);
        }
        Ok(word)
    }

    /// The literal behind an introducer, or the introducer as a word where none follows.
    fn introduced(&mut self, word: Lexed) -> Result<Lexed, ParseError> {
        let mut ahead = *self;
        ahead.after_name = false;
        ahead.skip_trivia()?;
        let quoted = ahead.is_byte(ahead.pos + 1, b'\'');
        let value = match ahead.byte(ahead.pos) {
            Some(b'\'') => Some(ahead.string(b'\'', LiteralKind::String)?),
            Some(b'"') if !self.mode.ansi_quotes => Some(ahead.string(b'"', LiteralKind::String)?),
            Some(b'x' | b'X') if quoted => ahead.quoted_digits(LiteralKind::Hex),
            Some(b'b' | b'B') if quoted => ahead.quoted_digits(LiteralKind::Bit),
            Some(b'0') => ahead.zero_prefixed(ahead.pos),
            _ => None,
        };
        let Some(Lexed {
            lexeme: Lexeme::Literal { kind, .. },
            end,
            ..
        }) = value
        else {
            return Ok(word);
        };
        *self = ahead;
        Ok(Lexed {
            lexeme: Lexeme::Literal {
                kind,
                introduced: true,
            },
            start: word.start,
            end,
        })
    }

    fn prefixed_string(&mut self, kind: LiteralKind) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.pos += 1;
        let string = self.string(b'\'', kind)?;
        Ok(Lexed { start, ..string })
    }

    /// `x'2A'` or `b'101'`; `None` where the digits are wrong, which MySQL refuses anyway.
    fn quoted_digits(&mut self, kind: LiteralKind) -> Option<Lexed> {
        let start = self.pos;
        let mut at = start + 2;
        while self.byte(at).is_some_and(|byte| is_digit_of(kind, byte)) {
            at += 1;
        }
        if !self.is_byte(at, b'\'') || (kind == LiteralKind::Hex && !(at - start).is_multiple_of(2))
        {
            return None;
        }
        self.pos = at + 1;
        Some(self.lexed(literal(kind), start))
    }

    /// A number, or a word that starts with a digit.
    fn number(&mut self) -> Lexed {
        let start = self.pos;
        if let Some(lexed) = self.zero_prefixed(start) {
            return lexed;
        }
        self.digits();
        match self.byte(self.pos) {
            Some(b'.') => self.fraction(start),
            Some(b'e' | b'E') if self.exponent() => self.lexed(literal(LiteralKind::Float), start),
            Some(byte) if is_word(byte) => {
                self.pos = start;
                self.word(Lexeme::Word)
            }
            _ => self.lexed(literal(LiteralKind::Integer), start),
        }
    }

    fn digits(&mut self) {
        while self.digit_at(self.pos) {
            self.pos += 1;
        }
    }

    /// `0x2A` or `0b101`; the letter must be small, and the whole word must be digits.
    fn zero_prefixed(&mut self, start: usize) -> Option<Lexed> {
        if !self.is_byte(start, b'0') {
            return None;
        }
        let kind = match self.byte(start + 1) {
            Some(b'x') => LiteralKind::Hex,
            Some(b'b') => LiteralKind::Bit,
            _ => return None,
        };
        let mut at = start + 2;
        while self.byte(at).is_some_and(|byte| is_digit_of(kind, byte)) {
            at += 1;
        }
        if at == start + 2 || self.word_at(at) {
            return None;
        }
        self.pos = at;
        Some(self.lexed(literal(kind), start))
    }

    /// From the point of a number on.
    fn fraction(&mut self, start: usize) -> Lexed {
        self.pos += 1;
        self.digits();
        let kind = if matches!(self.byte(self.pos), Some(b'e' | b'E')) && self.exponent() {
            LiteralKind::Float
        } else {
            LiteralKind::Decimal
        };
        self.lexed(literal(kind), start)
    }

    /// Consumes `e5`, `E+5`, `e-5`; false where the `e` opens no exponent.
    fn exponent(&mut self) -> bool {
        let mut at = self.pos + 1;
        if matches!(self.byte(at), Some(b'+' | b'-')) {
            at += 1;
        }
        if !self.digit_at(at) {
            return false;
        }
        self.pos = at;
        self.digits();
        true
    }

    /// A token that starts with punctuation; `None` after a comment.
    #[inline]
    fn punctuation(&mut self, byte: u8, after_name: bool) -> Result<Option<Lexed>, ParseError> {
        Ok(Some(match byte {
            b'(' => self.take(Lexeme::Open, 1),
            b')' => self.take(Lexeme::Close, 1),
            b',' => self.take(Lexeme::Comma, 1),
            b'=' => self.take(Lexeme::Comparison, 1),
            b'\'' => self.string(b'\'', LiteralKind::String)?,
            b'"' if !self.mode.ansi_quotes => self.string(b'"', LiteralKind::String)?,
            b'`' | b'"' => self.quoted_name(byte)?,
            b'.' => self.dot(after_name),
            b'?' => self.take(literal(LiteralKind::Placeholder), 1),
            b';' => self.take(Lexeme::Semicolon, 1),
            b'@' => self.variable()?,
            b'-' | b'/' | b'#' | b'*' => return self.comment_or_operator(byte),
            _ => self.operator(byte),
        }))
    }

    fn dot(&mut self, after_name: bool) -> Lexed {
        if !after_name && self.digit_at(self.pos + 1) {
            let start = self.pos;
            return self.fraction(start);
        }
        self.after_dot = true;
        self.take(Lexeme::Dot, 1)
    }

    fn comment_or_operator(&mut self, byte: u8) -> Result<Option<Lexed>, ParseError> {
        let second = self.byte(self.pos + 1);
        match (byte, second) {
            (b'#', _) => self.skip_line(),
            (b'-', Some(b'-')) if self.ends_dashes(self.pos + 2) => self.skip_line(),
            (b'/', Some(b'*')) => return self.comment(),
            (b'*', Some(b'/')) if self.version.take().is_some() => {
                return Ok(Some(self.take(Lexeme::VersionClose, 2)));
            }
            _ => return Ok(Some(self.operator(byte))),
        }
        Ok(None)
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

    /// At `/*`: skips a comment, or gives the hint or the opening of a version comment.
    fn comment(&mut self) -> Result<Option<Lexed>, ParseError> {
        match (self.byte(self.pos + 2), self.byte(self.pos + 3)) {
            (Some(b'!'), _) if self.version.is_none() => return Ok(Some(self.version_open(3))),
            (Some(b'M'), Some(b'!')) if self.version.is_none() => {
                return Ok(Some(self.version_open(4)));
            }
            _ => {}
        }
        let start = self.pos;
        let body = self.sql.get(start + 2..).unwrap_or_default();
        let Some(length) = memmem::find(body, b"*/") else {
            return Err(ParseError::UnterminatedComment(start));
        };
        self.pos = start + length + 4;
        Ok(body
            .starts_with(b"+")
            .then(|| self.lexed(Lexeme::Hint, start)))
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

    fn operator(&mut self, byte: u8) -> Lexed {
        let (second, third) = (self.byte(self.pos + 1), self.byte(self.pos + 2));
        let (lexeme, length) = match (byte, second, third) {
            (b'<', Some(b'='), Some(b'>')) => (Lexeme::Comparison, 3),
            (b'<', Some(b'=' | b'>'), _) | (b'>' | b'!' | b':', Some(b'='), _) => {
                (Lexeme::Comparison, 2)
            }
            (b'<', Some(b'<'), _) | (b'>', Some(b'>'), _) => (Lexeme::Operator, 2),
            (b'<' | b'>', _, _) => (Lexeme::Comparison, 1),
            (b'-', Some(b'>'), Some(b'>')) => (Lexeme::Operator, 3),
            (b'-', Some(b'>'), _) | (b'&', Some(b'&'), _) | (b'|', Some(b'|'), _) => {
                (Lexeme::Operator, 2)
            }
            _ => (Lexeme::Operator, 1),
        };
        self.take(lexeme, length)
    }

    /// `@x`, `` @`x` ``, `@'x'`, `@@x`, `@@scope.x`; a lone `@` is an operator.
    fn variable(&mut self) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.pos += 1;
        if self.is_byte(self.pos, b'@') {
            self.pos += 1;
            self.dotted_name()?;
            return Ok(self.lexed(Lexeme::SystemVariable, start));
        }
        match self.byte(self.pos) {
            Some(quote @ (b'`' | b'"' | b'\'')) => {
                let name = if quote == b'`' || (quote == b'"' && self.mode.ansi_quotes) {
                    self.quoted_name(quote)?
                } else {
                    self.one_string(quote)?;
                    self.lexed(Lexeme::UserVariable, start)
                };
                self.after_name = false;
                Ok(Lexed {
                    lexeme: Lexeme::UserVariable,
                    start,
                    end: name.end,
                })
            }
            Some(byte) if is_word(byte) || byte == b'.' => {
                while self.word_at(self.pos) || self.is_byte(self.pos, b'.') {
                    self.pos += self.character();
                }
                Ok(self.lexed(Lexeme::UserVariable, start))
            }
            _ => Ok(self.lexed(Lexeme::Operator, start)),
        }
    }

    /// Consumes `x`, `x.y`, `` `x` ``, `` x.`y` ``.
    fn dotted_name(&mut self) -> Result<(), ParseError> {
        loop {
            match self.byte(self.pos) {
                Some(b'`') => {
                    self.quoted_name(b'`')?;
                }
                Some(byte) if is_word(byte) => {
                    self.word(Lexeme::Name);
                }
                _ => break,
            }
            let continues = self.is_byte(self.pos, b'.')
                && (self.word_at(self.pos + 1) || self.is_byte(self.pos + 1, b'`'));
            if !continues {
                break;
            }
            self.pos += 1;
        }
        self.after_name = false;
        Ok(())
    }

    /// A quoted name; only the doubled quote is special in it.
    fn quoted_name(&mut self, quote: u8) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.pos += 1;
        loop {
            if !self.seek(quote, quote) {
                return Err(ParseError::UnterminatedName(start));
            }
            self.pos += 1;
            if !self.is_byte(self.pos, quote) {
                break;
            }
            self.pos += 1;
        }
        self.after_name = true;
        Ok(self.lexed(Lexeme::Quoted, start))
    }

    /// A string with the strings that directly follow it: MySQL joins them.
    fn string(&mut self, quote: u8, kind: LiteralKind) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.one_string(quote)?;
        let mut end = self.pos;
        loop {
            self.skip_trivia()?;
            match self.byte(self.pos) {
                Some(b'\'') => self.one_string(b'\'')?,
                Some(b'"') if !self.mode.ansi_quotes => self.one_string(b'"')?,
                _ => break,
            }
            end = self.pos;
        }
        Ok(Lexed {
            lexeme: literal(kind),
            start,
            end,
        })
    }

    /// Consumes one string from its opening quote to its closing one.
    fn one_string(&mut self, quote: u8) -> Result<(), ParseError> {
        let start = self.pos;
        let escape = if self.mode.no_backslash_escapes {
            quote
        } else {
            b'\\'
        };
        self.pos += 1;
        loop {
            if !self.seek(quote, escape) {
                return Err(ParseError::UnterminatedString(start));
            }
            if !self.is_byte(self.pos, quote) {
                self.pos += 2;
                continue;
            }
            self.pos += 1;
            if !self.is_byte(self.pos, quote) {
                return Ok(());
            }
            self.pos += 1;
        }
    }

    /// Moves to the next of two bytes that is a character of its own; false where there is none.
    #[inline]
    fn seek(&mut self, one: u8, other: u8) -> bool {
        if self.mode.multibyte == Multibyte::None {
            let found = self
                .sql
                .get(self.pos..)
                .and_then(|rest| memchr2(one, other, rest));
            self.pos += found.unwrap_or(0);
            return found.is_some();
        }
        while let Some(byte) = self.byte(self.pos) {
            if byte == one || byte == other {
                return true;
            }
            self.pos += self.character();
        }
        false
    }

    /// Skips blanks and comments (not hints, not version comments).
    pub(super) fn skip_trivia(&mut self) -> Result<(), ParseError> {
        while let Some(byte) = self.byte(self.pos) {
            match (byte, self.byte(self.pos + 1)) {
                _ if class(byte) == Class::Blank => self.pos += 1,
                (b'#', _) => self.skip_line(),
                (b'-', Some(b'-')) if self.ends_dashes(self.pos + 2) => self.skip_line(),
                (b'/', Some(b'*')) => {
                    let mut ahead = *self;
                    if ahead.comment()?.is_some() {
                        return Ok(());
                    }
                    *self = ahead;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Behind a `;`: the next statement's first byte, `None` where only blanks, comments,
    /// further `;` and NUL follow.
    pub(super) fn next_statement(mut self) -> Option<usize> {
        // An unterminated comment is the next statement's error.
        let _ = self.skip_trivia();
        let rest = self.sql.get(self.pos..)?;
        rest.iter()
            .any(|&byte| !(class(byte) == Class::Blank || byte == b';' || byte == 0))
            .then_some(self.pos)
    }
}

fn literal(kind: LiteralKind) -> Lexeme {
    Lexeme::Literal {
        kind,
        introduced: false,
    }
}

fn is_digit_of(kind: LiteralKind, byte: u8) -> bool {
    match kind {
        LiteralKind::Hex => byte.is_ascii_hexdigit(),
        _ => matches!(byte, b'0' | b'1'),
    }
}

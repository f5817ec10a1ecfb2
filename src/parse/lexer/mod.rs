//! The byte lexer: where each token of a statement starts and ends.
//!
//! In: any bytes and the session's [`LexMode`]. Out: one [`Lexeme`] after the other, or the
//! one [`ParseError`] of a string, name or comment without end. It follows MySQL's own lexer
//! (<https://dev.mysql.com/doc/refman/9.4/en/language-structure.html>): identifiers may start
//! with a digit, `--` opens a comment only before a blank, comments do not nest.

mod comment;
mod literal;
mod variable;

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
    /// `42`, without sign like all numbers.
    Integer,
    /// `4.2`
    Decimal,
    /// `42e0`
    Float,
    /// `'x'`, with the strings that directly follow it.
    String,
    /// `N'x'`
    NationalString,
    /// `0x2A`, `x'2A'`
    Hex,
    /// `0b101`, `b'101'`
    Bit,
    /// `?`
    Placeholder,
    /// `_latin1'x'`
    IntroducedString,
    /// `_latin1 x'2A'`
    IntroducedHex,
    /// `_latin1 b'101'`
    IntroducedBit,
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

impl Lexeme {
    /// What kind of literal it is, and whether an introducer belongs to it.
    #[inline]
    pub(super) fn literal(self) -> Option<(LiteralKind, bool)> {
        Some(match self {
            Self::Integer => (LiteralKind::Integer, false),
            Self::Decimal => (LiteralKind::Decimal, false),
            Self::Float => (LiteralKind::Float, false),
            Self::String => (LiteralKind::String, false),
            Self::NationalString => (LiteralKind::NationalString, false),
            Self::Hex => (LiteralKind::Hex, false),
            Self::Bit => (LiteralKind::Bit, false),
            Self::Placeholder => (LiteralKind::Placeholder, false),
            Self::IntroducedString => (LiteralKind::String, true),
            Self::IntroducedHex => (LiteralKind::Hex, true),
            Self::IntroducedBit => (LiteralKind::Bit, true),
            _ => return None,
        })
    }

    /// Whether it is a number that a sign may stand before.
    #[inline]
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Float)
    }
}

/// A lexeme and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexed {
    /// Start and end in one number: two that are written one by one and copied together cost a
    /// stall on every token.
    place: u64,
    pub(super) lexeme: Lexeme,
}

impl Lexed {
    #[inline]
    pub(super) fn new(lexeme: Lexeme, start: u32, end: u32) -> Self {
        Self {
            place: u64::from(end) << 32 | u64::from(start),
            lexeme,
        }
    }

    /// Offset of the first byte.
    #[inline]
    pub(super) fn start(self) -> u32 {
        self.place as u32
    }

    /// Offset behind the last byte.
    #[inline]
    pub(super) fn end(self) -> u32 {
        (self.place >> 32) as u32
    }
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

const WORD_BYTES: [bool; 256] = word_bytes();

const fn word_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(CLASSES[byte], Class::Letter | Class::Digit);
        byte += 1;
    }
    table
}

/// Whether a byte may stand in a bare word.
#[inline]
pub(super) fn is_word(byte: u8) -> bool {
    WORD_BYTES[byte as usize]
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
        self.sql
            .get(lexed.start() as usize..lexed.end() as usize)
            .unwrap_or_default()
    }

    /// Sixteen bytes from an offset on, where there are as many.
    #[inline]
    pub(super) fn chunk(&self, start: u32) -> Option<&'a [u8; 16]> {
        self.sql.get(start as usize..)?.first_chunk()
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
                    if matches!(byte, b'-' | b'/' | b'#') && self.opens_comment(byte) {
                        if let Some(lexed) = self.comment(byte)? {
                            return Ok(lexed);
                        }
                        name = false;
                        continue;
                    }
                    return self.punctuation(byte, name);
                }
                Class::Other => {
                    if let Some(lexed) = self.other(byte) {
                        return Ok(lexed);
                    }
                }
            }
        }
    }

    /// The lexeme behind a member of a list, which is nearly always its neighbour.
    #[inline]
    pub(super) fn next_separator(&mut self) -> Result<Lexeme, ParseError> {
        let lexeme = match self.byte(self.pos) {
            Some(b',') => Lexeme::Comma,
            Some(b')') => Lexeme::Close,
            _ => return self.next().map(|lexed| lexed.lexeme),
        };
        self.pos += 1;
        self.after_name = false;
        Ok(lexeme)
    }

    fn finish(&self) -> Result<Lexed, ParseError> {
        match self.version {
            Some(start) => Err(ParseError::UnterminatedComment(start as u32)),
            None => Ok(self.lexed(Lexeme::End, self.pos)),
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
        Lexed::new(lexeme, start as u32, self.pos as u32)
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
            let rest = self.sql.get(start..).unwrap_or_default();
            self.pos += rest.iter().take_while(|&&byte| is_word(byte)).count();
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
                b'n' | b'N' => return self.prefixed_string(Lexeme::NationalString),
                b'x' | b'X' => {
                    if let Some(lexed) = self.quoted_digits(Lexeme::Hex) {
                        return Ok(lexed);
                    }
                }
                b'b' | b'B' => {
                    if let Some(lexed) = self.quoted_digits(Lexeme::Bit) {
                        return Ok(lexed);
                    }
                }
                _ => {}
            }
        }
        if byte == b'$'
            && let Some(tag) = self.dollar_quote()
        {
            return self.dollar_quoted(tag);
        }
        let word = self.word(Lexeme::Word);
        if byte == b'_' && word.lexeme == Lexeme::Word && keyword::is_introducer(self.text(word)) {
            return self.introduced(word);
        }
        Ok(word)
    }

    /// A token that starts with punctuation.
    #[inline]
    fn punctuation(&mut self, byte: u8, after_name: bool) -> Result<Lexed, ParseError> {
        match byte {
            b',' => Ok(self.take(Lexeme::Comma, 1)),
            b'(' => Ok(self.take(Lexeme::Open, 1)),
            b')' => Ok(self.take(Lexeme::Close, 1)),
            b'=' => Ok(self.take(Lexeme::Comparison, 1)),
            b'\'' => self.string(b'\'', Lexeme::String),
            b'"' if !self.mode.ansi_quotes => self.string(b'"', Lexeme::String),
            b'`' | b'"' => self.quoted_name(byte),
            b'.' => Ok(self.dot(after_name)),
            b'?' => Ok(self.take(Lexeme::Placeholder, 1)),
            b';' => Ok(self.take(Lexeme::Semicolon, 1)),
            b'@' => self.variable(),
            b'*' if self.is_byte(self.pos + 1, b'/') && self.version.take().is_some() => {
                Ok(self.take(Lexeme::VersionClose, 2))
            }
            _ => Ok(self.operator(byte)),
        }
    }

    fn dot(&mut self, after_name: bool) -> Lexed {
        if !after_name && self.digit_at(self.pos + 1) {
            let start = self.pos;
            return self.fraction(start);
        }
        self.after_dot = true;
        self.take(Lexeme::Dot, 1)
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

    /// A quoted name; only the doubled quote is special in it.
    fn quoted_name(&mut self, quote: u8) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.pos += 1;
        loop {
            if !self.seek(quote, quote) {
                return Err(ParseError::UnterminatedName(start as u32));
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

    /// Behind a `;`: the next statement's first byte, `None` where only blanks, further `;` and
    /// NUL follow. A comment is a statement, which does nothing.
    pub(super) fn next_statement(self) -> Option<usize> {
        let rest = self.sql.get(self.pos..)?;
        let blank = |byte: u8| class(byte) == Class::Blank;
        rest.iter()
            .any(|&byte| !(blank(byte) || byte == b';' || byte == 0))
            .then(|| self.pos + rest.iter().take_while(|&&byte| blank(byte)).count())
    }
}

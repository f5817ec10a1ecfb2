//! Numbers and strings.

use memchr::memchr2;

use super::super::digest::Multibyte;
use super::super::error::ParseError;
use super::{Lexed, Lexeme, Lexer, is_word};

impl<'a> Lexer<'a> {
    /// The literal behind an introducer, or the introducer as a word where none follows.
    pub(super) fn introduced(&mut self, word: Lexed) -> Result<Lexed, ParseError> {
        let mut ahead = *self;
        ahead.after_name = false;
        ahead.skip_trivia()?;
        let quoted = ahead.is_byte(ahead.pos + 1, b'\'');
        let value = match ahead.byte(ahead.pos) {
            Some(b'\'') => Some(ahead.string(b'\'', Lexeme::String)?),
            Some(b'"') if !self.mode.ansi_quotes => Some(ahead.string(b'"', Lexeme::String)?),
            Some(b'x' | b'X') if quoted => ahead.quoted_digits(Lexeme::Hex),
            Some(b'b' | b'B') if quoted => ahead.quoted_digits(Lexeme::Bit),
            Some(b'0') => ahead.zero_prefixed(ahead.pos),
            _ => None,
        };
        let Some(value) = value else {
            return Ok(word);
        };
        *self = ahead;
        let lexeme = match value.lexeme {
            Lexeme::Hex => Lexeme::IntroducedHex,
            Lexeme::Bit => Lexeme::IntroducedBit,
            _ => Lexeme::IntroducedString,
        };
        Ok(Lexed::new(lexeme, word.start(), value.end()))
    }

    pub(super) fn prefixed_string(&mut self, lexeme: Lexeme) -> Result<Lexed, ParseError> {
        let start = self.pos;
        self.pos += 1;
        let string = self.string(b'\'', lexeme)?;
        Ok(Lexed::new(lexeme, start as u32, string.end()))
    }

    /// `x'2A'` or `b'101'`; `None` where the digits are wrong, which MySQL refuses anyway.
    pub(super) fn quoted_digits(&mut self, lexeme: Lexeme) -> Option<Lexed> {
        let start = self.pos;
        let mut at = start + 2;
        while self.byte(at).is_some_and(|byte| is_digit_of(lexeme, byte)) {
            at += 1;
        }
        if !self.is_byte(at, b'\'') || (lexeme == Lexeme::Hex && !(at - start).is_multiple_of(2)) {
            return None;
        }
        self.pos = at + 1;
        Some(self.lexed(lexeme, start))
    }

    /// A number, or a word that starts with a digit.
    pub(super) fn number(&mut self) -> Lexed {
        let start = self.pos;
        if let Some(lexed) = self.zero_prefixed(start) {
            return lexed;
        }
        self.digits();
        match self.byte(self.pos) {
            Some(b'.') => self.fraction(start),
            Some(b'e' | b'E') if self.exponent() => self.lexed(Lexeme::Float, start),
            Some(byte) if is_word(byte) => {
                self.pos = start;
                self.word(Lexeme::Word)
            }
            _ => self.lexed(Lexeme::Integer, start),
        }
    }

    fn digits(&mut self) {
        let rest = self.sql.get(self.pos..).unwrap_or_default();
        self.pos += rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    }

    /// `0x2A` or `0b101`; the letter must be small, and the whole word must be digits.
    fn zero_prefixed(&mut self, start: usize) -> Option<Lexed> {
        if !self.is_byte(start, b'0') {
            return None;
        }
        let lexeme = match self.byte(start + 1) {
            Some(b'x') => Lexeme::Hex,
            Some(b'b') => Lexeme::Bit,
            _ => return None,
        };
        let mut at = start + 2;
        while self.byte(at).is_some_and(|byte| is_digit_of(lexeme, byte)) {
            at += 1;
        }
        if at == start + 2 || self.word_at(at) {
            return None;
        }
        self.pos = at;
        Some(self.lexed(lexeme, start))
    }

    /// From the point of a number on.
    pub(super) fn fraction(&mut self, start: usize) -> Lexed {
        self.pos += 1;
        self.digits();
        let lexeme = if matches!(self.byte(self.pos), Some(b'e' | b'E')) && self.exponent() {
            Lexeme::Float
        } else {
            Lexeme::Decimal
        };
        self.lexed(lexeme, start)
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

    /// A string with the strings that directly follow it: MySQL joins them.
    pub(super) fn string(&mut self, quote: u8, lexeme: Lexeme) -> Result<Lexed, ParseError> {
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
        Ok(Lexed::new(lexeme, start as u32, end as u32))
    }

    /// The `$$` or `$tag$` that opens here, where that is a quote and not the beginning of a name.
    pub(super) fn dollar_quote(&self) -> Option<&'a [u8]> {
        let rest = self
            .sql
            .get(self.pos..)
            .filter(|_| self.mode.dollar_quotes)?;
        let in_tag = |byte: &&u8| is_word(**byte) && **byte != b'$';
        let tag = rest.get(1..)?.iter().take_while(in_tag).count();
        let quote = rest.get(..tag + 2)?;
        quote.ends_with(b"$").then_some(quote)
    }

    /// Text between two dollar quotes, in which nothing else is special: the body of a routine in
    /// another language than SQL.
    pub(super) fn dollar_quoted(&mut self, quote: &[u8]) -> Result<Lexed, ParseError> {
        let start = self.pos;
        let text = self.sql.get(start + quote.len()..).unwrap_or_default();
        let Some(length) = memchr::memmem::find(text, quote) else {
            return Err(ParseError::UnterminatedString(start as u32));
        };
        self.pos = start + quote.len() + length + quote.len();
        Ok(Lexed::new(Lexeme::String, start as u32, self.pos as u32))
    }

    /// Consumes one string from its opening quote to its closing one.
    pub(super) fn one_string(&mut self, quote: u8) -> Result<(), ParseError> {
        let start = self.pos;
        let escape = if self.mode.no_backslash_escapes {
            quote
        } else {
            b'\\'
        };
        self.pos += 1;
        loop {
            if !self.seek(quote, escape) {
                return Err(ParseError::UnterminatedString(start as u32));
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
    pub(super) fn seek(&mut self, one: u8, other: u8) -> bool {
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
}

fn is_digit_of(lexeme: Lexeme, byte: u8) -> bool {
    match lexeme {
        Lexeme::Hex => byte.is_ascii_hexdigit(),
        _ => matches!(byte, b'0' | b'1'),
    }
}

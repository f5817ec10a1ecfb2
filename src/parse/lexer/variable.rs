//! User and system variables.

use super::super::error::ParseError;
use super::{Lexed, Lexeme, Lexer, is_word};

impl Lexer<'_> {
    /// `@x`, `` @`x` ``, `@'x'`, `@@x`, `@@scope.x`; a lone `@` is an operator.
    pub(super) fn variable(&mut self) -> Result<Lexed, ParseError> {
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
                Ok(Lexed::new(Lexeme::UserVariable, start as u32, name.end()))
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
}

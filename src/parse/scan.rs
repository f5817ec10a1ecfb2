//! The one pass over a statement that every query pays for.
//!
//! In: bytes and where a statement starts in them. Out: its [`Digest`].

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::body::Body;
use super::digest::{Digest, DigestSeed, Group, LexMode, Literal, LiteralKind};
use super::error::ParseError;
use super::keyword::{Role, reserved};
use super::lexer::{Lexed, Lexeme, Lexer};
use super::tokens::{Token, TokenKind};

/// Scans the statement that starts at `start` into `out`, whose memory is reused.
///
/// `context` is whatever else makes equal texts different statements (the default schema); it
/// enters the hash and the normal form, and so does `mode`.
pub fn scan(
    sql: &[u8],
    start: usize,
    mode: LexMode,
    seed: DigestSeed,
    context: u64,
    out: &mut Digest,
) -> Result<(), ParseError> {
    if u32::try_from(sql.len()).is_err() {
        return Err(ParseError::TooLong);
    }
    out.restart(mode, context);
    out.end = start;
    Scan {
        lexer: Lexer::new(sql, start, mode),
        out,
        before: Before::Start,
        slots: 0,
        depth: 0,
        versioned: false,
        by: 0,
        body: Body::new(),
    }
    .run()?;
    out.hash = xxh3_128_with_seed(&out.normal, seed.0);
    Ok(())
}

/// What stood before a token, as far as literals depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Start,
    /// An operand must follow: a sign is a sign, a string is a value.
    Expecting,
    /// A comparison or assignment: also NULL, TRUE and FALSE are literals.
    Comparison,
    /// An operand ended.
    Operand,
    /// `AS`
    As,
    /// `IN`
    In,
    /// `VALUES`
    Values,
    /// `BY`, or a comma of its list: an integer here is the number of a select item.
    By,
}

struct Scan<'s, 'd> {
    lexer: Lexer<'s>,
    out: &'d mut Digest,
    before: Before,
    /// Slots taken so far.
    slots: u32,
    depth: u16,
    versioned: bool,
    /// A bit for each depth at which a list behind BY goes on.
    by: u64,
    body: Body,
}

impl Scan<'_, '_> {
    fn run(&mut self) -> Result<(), ParseError> {
        loop {
            let lexed = self.lexer.next()?;
            match lexed.lexeme {
                Lexeme::End => return Ok(()),
                Lexeme::Word => self.word(lexed),
                Lexeme::Comparison => {
                    self.symbol(lexed, TokenKind::Comparison);
                    self.before = Before::Comparison;
                }
                Lexeme::Comma => {
                    self.symbol(lexed, TokenKind::Comma);
                    self.before = if self.by & self.level() != 0 {
                        Before::By
                    } else {
                        Before::Expecting
                    };
                }
                Lexeme::Dot => self.symbol(lexed, TokenKind::Dot),
                Lexeme::Open => self.open(lexed)?,
                Lexeme::Close => self.close(lexed),
                Lexeme::Operator => self.operator(lexed)?,
                Lexeme::Semicolon => {
                    if !self.body.holds_semicolon() {
                        self.out.next = self.lexer.next_statement();
                        return Ok(());
                    }
                    self.symbol(lexed, TokenKind::Semicolon);
                    self.before = Before::Expecting;
                }
                other => match other.literal() {
                    Some((kind, introduced)) => self.literal(lexed, kind, introduced, false),
                    None => self.rare(other, lexed),
                },
            }
        }
    }

    /// Lexemes that need no more than to be written down.
    fn rare(&mut self, lexeme: Lexeme, lexed: Lexed) {
        match lexeme {
            Lexeme::Quoted => self.operand(lexed, TokenKind::Quoted),
            Lexeme::Name => self.operand(lexed, TokenKind::Word),
            Lexeme::UserVariable => self.operand(lexed, TokenKind::UserVariable),
            Lexeme::SystemVariable => self.operand(lexed, TokenKind::SystemVariable),
            Lexeme::Hint => self.verbatim(lexed, TokenKind::Hint),
            Lexeme::VersionOpen => {
                self.verbatim(lexed, TokenKind::VersionOpen);
                self.versioned = true;
            }
            Lexeme::VersionClose => {
                self.versioned = false;
                self.verbatim(lexed, TokenKind::VersionClose);
            }
            _ => {
                self.symbol(lexed, TokenKind::Other);
                self.before = Before::Expecting;
            }
        }
    }

    #[inline]
    fn token(&mut self, start: u32, end: u32, kind: TokenKind) {
        self.out.end = end as usize;
        self.out.tokens.push(Token {
            start,
            end,
            depth: self.depth,
            kind,
            versioned: self.versioned,
        });
    }

    /// Writes a token down as it stands. A blank behind each piece keeps neighbours apart.
    #[inline]
    fn verbatim(&mut self, lexed: Lexed, kind: TokenKind) {
        self.token(lexed.start(), lexed.end(), kind);
        let normal = &mut self.out.normal;
        let length = (lexed.end() - lexed.start()) as usize;
        match self.lexer.chunk(lexed.start()) {
            // A copy of known length is a couple of instructions; what is too much is cut off.
            Some(chunk) if length <= chunk.len() => {
                let end = normal.len() + length;
                normal.extend_from_slice(chunk);
                normal.truncate(end);
            }
            _ => normal.extend_from_slice(self.lexer.text(lexed)),
        }
        normal.push(b' ');
    }

    #[inline]
    fn symbol(&mut self, lexed: Lexed, kind: TokenKind) {
        self.verbatim(lexed, kind);
        if self.body.is_active() {
            self.body.symbol(self.lexer.text(lexed));
        }
    }

    fn operand(&mut self, lexed: Lexed, kind: TokenKind) {
        self.symbol(lexed, kind);
        self.before = Before::Operand;
    }

    #[inline]
    fn word(&mut self, lexed: Lexed) {
        let text = self.lexer.text(lexed);
        let after_dot = self
            .out
            .tokens
            .last()
            .is_some_and(|token| token.kind == TokenKind::Dot);
        let found = if after_dot { None } else { reserved(text) };
        let Some(entry) = found else {
            self.verbatim(lexed, TokenKind::Word);
            if self.body.is_active() {
                self.body.word(text);
            }
            self.before = Before::Operand;
            return;
        };
        if self.before == Before::Start && entry.opens_definition {
            self.body.open();
        } else if self.body.is_active() {
            self.body.word(text);
        }
        if self.before == Before::Comparison && matches!(entry.role, Role::Null | Role::Bool) {
            return self.literal(lexed, word_kind(entry.role), false, false);
        }
        self.token(lexed.start(), lexed.end(), TokenKind::Reserved);
        let end = self.out.normal.len() + usize::from(entry.length) + 1;
        self.out.normal.extend_from_slice(&entry.upper);
        self.out.normal.truncate(end);
        self.before = match entry.role {
            Role::By => {
                self.by |= self.level();
                Before::By
            }
            Role::EndsBy => {
                self.by &= !self.level();
                Before::Expecting
            }
            Role::Plain => Before::Expecting,
            Role::Operand | Role::Null | Role::Bool => Before::Operand,
            Role::As => Before::As,
            Role::In => Before::In,
            Role::Values => Before::Values,
        };
    }

    fn literal(&mut self, lexed: Lexed, kind: LiteralKind, introduced: bool, negative: bool) {
        if self.body.is_active() {
            self.body.symbol(b"0");
        }
        let named = match kind {
            LiteralKind::String | LiteralKind::NationalString => self.is_name_place(),
            LiteralKind::Integer => self.before == Before::By,
            _ => false,
        };
        self.before = Before::Operand;
        if named || self.versioned {
            return self.verbatim(lexed, TokenKind::Fixed);
        }
        self.slots += 1;
        self.token(lexed.start(), lexed.end(), TokenKind::Literal);
        let form = [
            b'?',
            letter(kind),
            if introduced { b'_' } else { b' ' },
            b' ',
        ];
        self.out.normal.extend_from_slice(&form);
        self.out.literals.push(Literal {
            kind,
            negative,
            introduced,
            start: lexed.start(),
            end: lexed.end(),
        });
    }

    /// Whether a string here is a name (an alias), so that it must stay in the normal form.
    fn is_name_place(&self) -> bool {
        match self.before {
            Before::As => true,
            Before::Operand => {
                let typed = self.last_word_is(&[b"DATE", b"TIME", b"TIMESTAMP"]);
                !typed
            }
            _ => false,
        }
    }

    fn last_word_is(&self, words: &[&[u8]]) -> bool {
        let Some(token) = self.out.tokens.last() else {
            return false;
        };
        let word = Lexed::new(Lexeme::Word, token.start, token.end);
        let text = self.lexer.text(word);
        token.kind == TokenKind::Word && words.iter().any(|word| word.eq_ignore_ascii_case(text))
    }

    /// An operator, or the sign of a number.
    fn operator(&mut self, lexed: Lexed) -> Result<(), ParseError> {
        let text = self.lexer.text(lexed);
        let signs = !matches!(self.before, Before::Operand) && matches!(text, b"-" | b"+");
        if signs && self.lexer.at_number() {
            let mut ahead = self.lexer;
            let number = ahead.next()?;
            if number.lexeme.is_number()
                && let Some((kind, _)) = number.lexeme.literal()
            {
                self.lexer = ahead;
                let signed = Lexed::new(number.lexeme, lexed.start(), number.end());
                self.literal(signed, kind, false, text == b"-");
                return Ok(());
            }
        }
        self.symbol(lexed, TokenKind::Operator);
        self.before = if text == b"*" && self.before != Before::Operand {
            Before::Operand
        } else {
            Before::Expecting
        };
        Ok(())
    }

    /// The bit of the depth; none deep down.
    #[inline]
    fn level(&self) -> u64 {
        1_u64.checked_shl(u32::from(self.depth)).unwrap_or_default()
    }

    fn close(&mut self, lexed: Lexed) {
        self.depth = self.depth.saturating_sub(1);
        self.symbol(lexed, TokenKind::Close);
        self.before = Before::Operand;
    }

    fn open(&mut self, lexed: Lexed) -> Result<(), ParseError> {
        let rows = match self.before {
            Before::Values => Some(true),
            Before::In => Some(false),
            Before::Operand if self.last_word_is(&[b"VALUE"]) => Some(true),
            _ => None,
        };
        if let Some(rows) = rows
            && !self.versioned
            && self.fold(lexed, rows)?
        {
            return Ok(());
        }
        self.symbol(lexed, TokenKind::Open);
        self.depth = self.depth.saturating_add(1);
        self.by &= !self.level();
        self.before = Before::Expecting;
        Ok(())
    }

    /// Folds a list of nothing but literals, with the rows of the same length that follow where
    /// `rows` is set. Behind the opening parenthesis; false leaves everything as it was.
    fn fold(&mut self, open: Lexed, rows: bool) -> Result<bool, ParseError> {
        let lexer = self.lexer;
        let first = self.out.literals.len();
        if let Some((columns, count)) = self.rows(rows)? {
            self.out.groups.push(Group {
                first_slot: self.slots,
                first_literal: first as u32,
                columns,
                rows: count,
            });
            self.slots += columns;
            self.token(open.start(), self.lexer.position() as u32, TokenKind::List);
            self.out.normal.extend_from_slice(b"(?*");
            write_number(&mut self.out.normal, columns);
            self.out.normal.extend_from_slice(b") ");
            self.before = Before::Operand;
            if self.body.is_active() {
                self.body.symbol(b"0");
            }
            return Ok(true);
        }
        self.lexer = lexer;
        self.out.literals.truncate(first);
        Ok(false)
    }

    /// Reads rows of literals: how many columns and rows.
    fn rows(&mut self, several: bool) -> Result<Option<(u32, u32)>, ParseError> {
        let Some(columns) = self.row()? else {
            return Ok(None);
        };
        if !several {
            return Ok(Some((1, columns)));
        }
        let mut count = 1;
        loop {
            let lexer = self.lexer;
            if self.lexer.next()?.lexeme != Lexeme::Comma {
                self.lexer = lexer;
                break;
            }
            if self.lexer.next()?.lexeme != Lexeme::Open || self.row()? != Some(columns) {
                return Ok(None);
            }
            count += 1;
        }
        Ok(Some((columns, count)))
    }

    /// Reads the literals of one row up to its closing parenthesis.
    fn row(&mut self) -> Result<Option<u32>, ParseError> {
        let mut columns = 0;
        loop {
            if !self.member()? {
                return Ok(None);
            }
            columns += 1;
            match self.lexer.next_separator()? {
                Lexeme::Comma => {}
                Lexeme::Close => return Ok(Some(columns)),
                _ => return Ok(None),
            }
        }
    }

    /// Reads one literal of a list; false where something else stands there.
    fn member(&mut self) -> Result<bool, ParseError> {
        let lexed = self.lexer.next()?;
        let mut literal = Literal {
            kind: LiteralKind::Null,
            negative: false,
            introduced: false,
            start: lexed.start(),
            end: lexed.end(),
        };
        if let Some((kind, introduced)) = lexed.lexeme.literal() {
            literal.kind = kind;
            literal.introduced = introduced;
        } else if lexed.lexeme == Lexeme::Word {
            match reserved(self.lexer.text(lexed)).map(|entry| entry.role) {
                Some(role @ (Role::Null | Role::Bool)) => literal.kind = word_kind(role),
                _ => return Ok(false),
            }
        } else {
            let sign = self.lexer.text(lexed);
            if !matches!(sign, b"-" | b"+") || !self.lexer.at_number() {
                return Ok(false);
            }
            let number = self.lexer.next()?;
            match number.lexeme.literal() {
                Some((kind, _)) if number.lexeme.is_number() => literal.kind = kind,
                _ => return Ok(false),
            }
            literal.negative = sign == b"-";
            literal.end = number.end();
        }
        self.out.literals.push(literal);
        Ok(true)
    }
}

fn word_kind(role: Role) -> LiteralKind {
    match role {
        Role::Null => LiteralKind::Null,
        _ => LiteralKind::Bool,
    }
}

/// The letter that a kind has in the normal form: `42` and `'42'` need different plans.
fn letter(kind: LiteralKind) -> u8 {
    match kind {
        LiteralKind::Integer => b'i',
        LiteralKind::Decimal => b'd',
        LiteralKind::Float => b'f',
        LiteralKind::String => b's',
        LiteralKind::NationalString => b'n',
        LiteralKind::Hex => b'x',
        LiteralKind::Bit => b'b',
        LiteralKind::Null => b'0',
        LiteralKind::Bool => b't',
        LiteralKind::Placeholder => b'?',
    }
}

fn write_number(out: &mut Vec<u8>, number: u32) {
    if number >= 10 {
        write_number(out, number / 10);
    }
    out.push(b'0' + (number % 10) as u8);
}

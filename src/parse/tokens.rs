//! Tokens: what recognisers, the planner's checks and splicing look at.
//!
//! In: a scanned statement. Out: [`Tokens`], its tokens by number with text, depth and slot.

use super::digest::DigestSeed;
use super::digest::{Digest, LexMode, Literal, Slot};
use super::error::ParseError;
use super::scan::scan;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A bare word that is not reserved: a name, or a keyword that may also be a name.
    Word,
    /// A reserved word where it cannot be a name.
    Reserved,
    /// A quoted name.
    Quoted,
    /// A literal that takes a slot.
    Literal,
    /// A parenthesised list of literals behind IN, or all rows behind VALUES, from the first
    /// parenthesis to the last. It takes a slot per column.
    List,
    /// A literal that takes no slot and is part of the digest as it stands: a string in a name's
    /// place (`SELECT 1 AS 'x'`), or any literal inside a version comment.
    Fixed,
    /// `@x`
    UserVariable,
    /// `@@x`, `@@session.x`
    SystemVariable,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// A comparison or an assignment: `= <=> < <= > >= <> != :=`.
    Comparison,
    /// Any other operator.
    Operator,
    /// A `;` inside a routine's body.
    Semicolon,
    /// `/*+ … */`
    Hint,
    /// `/*!`, `/*!50110`, `/*M!`: opens text that some servers execute.
    VersionOpen,
    /// `*/` of a version comment.
    VersionClose,
    /// A byte that starts no token.
    Other,
}

/// A token of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Byte offset of its first byte.
    pub start: u32,
    /// Byte offset behind its last byte.
    pub end: u32,
    /// Open parentheses around it; a parenthesis has the depth of what is outside of it.
    pub depth: u16,
    /// What it is.
    pub kind: TokenKind,
    /// It stands inside a version comment.
    pub versioned: bool,
}

/// The tokens of a scanned statement. Positions are token numbers, which hold for every
/// statement of the same digest.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    sql: &'a [u8],
    digest: &'a Digest,
}

impl<'a> Tokens<'a> {
    /// The tokens of `sql`, which must be the text that `digest` was made from.
    pub fn new(sql: &'a [u8], digest: &'a Digest) -> Self {
        Self { sql, digest }
    }

    /// The statement's bytes.
    pub fn sql(&self) -> &'a [u8] {
        self.sql
    }

    /// The digest.
    pub fn digest(&self) -> &'a Digest {
        self.digest
    }

    /// All tokens.
    pub fn all(&self) -> &'a [Token] {
        &self.digest.tokens
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.digest.tokens.len()
    }

    /// Whether there is none: the statement is blanks and comments.
    pub fn is_empty(&self) -> bool {
        self.digest.tokens.is_empty()
    }

    /// A token by number.
    pub fn get(&self, at: usize) -> Option<&'a Token> {
        self.digest.tokens.get(at)
    }

    /// What a token is.
    pub fn kind(&self, at: usize) -> Option<TokenKind> {
        self.get(at).map(|token| token.kind)
    }

    /// The bytes from the first of these tokens to behind the last; empty where there are none.
    pub fn span(&self, tokens: std::ops::Range<usize>) -> &'a [u8] {
        let last = tokens
            .end
            .checked_sub(1)
            .filter(|last| *last >= tokens.start);
        let first = self.get(tokens.start).map(|token| token.start as usize);
        let end = last
            .and_then(|last| self.get(last))
            .map(|token| token.end as usize);
        let bytes = first.zip(end).map(|(first, end)| first..end);
        bytes
            .and_then(|bytes| self.sql.get(bytes))
            .unwrap_or_default()
    }

    /// A token's bytes; empty where there is no such token.
    pub fn text(&self, at: usize) -> &'a [u8] {
        self.get(at).map_or(&[], |token| {
            self.sql
                .get(token.start as usize..token.end as usize)
                .unwrap_or_default()
        })
    }

    /// Whether a token is this bare word, in any case. Quoted names and strings never are.
    pub fn is_word(&self, at: usize, word: &str) -> bool {
        matches!(self.kind(at), Some(TokenKind::Word | TokenKind::Reserved))
            && self.text(at).eq_ignore_ascii_case(word.as_bytes())
    }

    /// Whether a token is a hint or an edge of a version comment: either may stand between any others.
    pub fn is_mark(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            Some(TokenKind::Hint | TokenKind::VersionOpen | TokenKind::VersionClose)
        )
    }

    /// The next token that is no mark.
    pub fn behind(&self, at: usize) -> usize {
        let mut behind = at + 1;
        while self.is_mark(behind) {
            behind += 1;
        }
        behind
    }

    /// The last token before one that is no mark.
    pub fn before(&self, at: usize) -> Option<usize> {
        (0..at).rev().find(|before| !self.is_mark(*before))
    }

    /// Whether the statement begins with these bare words; hints and the marks of version comments
    /// do not count.
    pub fn begins(&self, words: &[&str]) -> bool {
        let mut live = (0..self.len()).filter(|at| !self.is_mark(*at));
        let mut words = words.iter();
        words.all(|word| live.next().is_some_and(|at| self.is_word(at, word)))
    }

    /// Whether a token is this operator, comparison or punctuation.
    pub fn is_symbol(&self, at: usize, symbol: &str) -> bool {
        matches!(
            self.kind(at),
            Some(
                TokenKind::Comparison
                    | TokenKind::Operator
                    | TokenKind::Open
                    | TokenKind::Close
                    | TokenKind::Comma
                    | TokenKind::Dot
            )
        ) && self.text(at) == symbol.as_bytes()
    }

    /// The name that a token spells: unquoted, doubled quotes resolved. `None` for what is no
    /// name, and for a name that is not UTF-8.
    pub fn name(&self, at: usize) -> Option<String> {
        let text = std::str::from_utf8(self.text(at)).ok()?;
        match self.kind(at)? {
            TokenKind::Word | TokenKind::Reserved => Some(text.to_owned()),
            TokenKind::Quoted => {
                let quote = text.chars().next()?;
                let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
                let doubled: String = [quote, quote].iter().collect();
                Some(inner.replace(&doubled, &quote.to_string()))
            }
            _ => None,
        }
    }

    /// The first slot of each token that takes any, by token number.
    pub fn slots(&self) -> Vec<Option<Slot>> {
        let mut next = 0;
        let mut groups = self.digest.groups.iter();
        self.all()
            .iter()
            .map(|token| {
                let taken = match token.kind {
                    TokenKind::Literal => 1,
                    TokenKind::List => groups.next().map_or(0, |group| group.columns),
                    _ => return None,
                };
                let slot = Slot(next);
                next += taken;
                Some(slot)
            })
            .collect()
    }

    /// The literal of a `Literal` token, found by its place.
    pub fn literal(&self, at: usize) -> Option<&'a Literal> {
        self.digest.literals.get(self.literal_number(at)?)
    }

    /// The number of a `Literal` token among the statement's literals.
    pub fn literal_number(&self, at: usize) -> Option<usize> {
        let token = self
            .get(at)
            .filter(|token| token.kind == TokenKind::Literal)?;
        let literals = &self.digest.literals;
        literals
            .binary_search_by_key(&token.start, |literal| literal.start)
            .ok()
    }
}

/// Tokenises one statement where no plan cache is at hand: the digest's hash means nothing.
pub fn tokenize(sql: &[u8], mode: LexMode) -> Result<Digest, ParseError> {
    let mut digest = Digest::default();
    scan(sql, 0, mode, DigestSeed(0), 0, &mut digest)?;
    Ok(digest)
}

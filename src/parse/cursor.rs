//! A position in a statement's live tokens, for recognisers.
//!
//! Hints and the marks of version comments are stepped over; what stands inside a version comment
//! counts. A comment that only some servers execute makes the statement doubtful.

use std::ops::Range;

use super::tokens::{TokenKind, Tokens};

/// Version comments up to this version are live on every server that can stand behind the proxy.
const LIVE_VERSION: u32 = 80_000;

/// MariaDB leaves out what is for MySQL from 5.7 on
/// (<https://mariadb.com/kb/en/comment-syntax/>).
const FIRST_OF_MYSQL_ALONE: u32 = 50_700;

/// Whether every MySQL executes what a version comment with this opening holds.
fn is_live(opening: &[u8]) -> bool {
    version(opening).is_some_and(|version| version <= LIVE_VERSION)
}

/// Whether every server, MariaDB too, executes what a version comment with this opening holds.
pub(super) fn is_live_everywhere(opening: &[u8]) -> bool {
    version(opening).is_some_and(|version| version < FIRST_OF_MYSQL_ALONE)
}

/// 0 for a comment without a version.
fn version(opening: &[u8]) -> Option<u32> {
    let digits = opening.strip_prefix(b"/*!")?;
    let digits = std::str::from_utf8(digits).ok();
    Some(digits.and_then(|digits| digits.parse().ok()).unwrap_or(0))
}

/// A name of one or two parts, as token numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QualifiedName {
    /// Token number of the schema.
    pub schema: Option<usize>,
    /// Token number of the name.
    pub name: usize,
}

/// A position in the live tokens of one statement.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    tokens: Tokens<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: Tokens<'a>) -> Self {
        let mut cursor = Self { tokens, at: 0 };
        cursor.settle();
        cursor
    }

    /// Whether the statement says the same to all servers.
    pub(super) fn is_certain(tokens: &Tokens<'_>) -> bool {
        (0..tokens.len())
            .all(|at| tokens.kind(at) != Some(TokenKind::VersionOpen) || is_live(tokens.text(at)))
    }

    fn settle(&mut self) {
        while self.tokens.is_mark(self.at) {
            self.at += 1;
        }
    }

    pub(super) fn tokens(&self) -> Tokens<'a> {
        self.tokens
    }

    /// Number of the token here.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn kind(&self) -> Option<TokenKind> {
        self.tokens.kind(self.at)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Steps over the token here; gives its number.
    pub(super) fn step(&mut self) -> usize {
        let at = self.at;
        self.at += 1;
        self.settle();
        at
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.tokens.is_word(self.at, word)
    }

    /// Steps over a word if it stands here.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.step();
        }
        found
    }

    /// Steps over a sequence of words if it stands here.
    pub(super) fn words(&mut self, words: &[&str]) -> bool {
        let before = self.at;
        let found = words.iter().all(|word| self.word(word));
        if !found {
            self.at = before;
        }
        found
    }

    /// Steps over the first of some words that stands here; gives its index.
    pub(super) fn one_of(&mut self, words: &[&str]) -> Option<usize> {
        words.iter().position(|word| self.word(word))
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.tokens.is_symbol(self.at, symbol);
        if found {
            self.step();
        }
        found
    }

    /// Steps over a token of a kind; gives its number.
    pub(super) fn take(&mut self, kinds: &[TokenKind]) -> Option<usize> {
        let kind = self.kind()?;
        kinds.contains(&kind).then(|| self.step())
    }

    /// A name that is no reserved word.
    pub(super) fn name(&mut self) -> Option<usize> {
        self.take(&[TokenKind::Word, TokenKind::Quoted])
    }

    /// `name` or `schema.name`.
    pub(super) fn qualified(&mut self) -> Option<QualifiedName> {
        let first = self.name()?;
        if !self.symbol(".") {
            return Some(QualifiedName {
                schema: None,
                name: first,
            });
        }
        Some(QualifiedName {
            schema: Some(first),
            name: self.name()?,
        })
    }

    /// A list of qualified names.
    pub(super) fn qualified_list(&mut self) -> Option<Vec<QualifiedName>> {
        let mut names = vec![self.qualified()?];
        while self.symbol(",") {
            names.push(self.qualified()?);
        }
        Some(names)
    }

    /// Steps over an expression up to a comma outside of parentheses or the end; never empty.
    pub(super) fn expression(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut end = start;
        while let Some(kind) = self.kind() {
            let depth = self.tokens.get(self.at).map_or(0, |token| token.depth);
            if depth == 0 && matches!(kind, TokenKind::Comma | TokenKind::Semicolon) {
                break;
            }
            end = self.step() + 1;
        }
        (end > start).then_some(start..end)
    }

    /// The answer if nothing follows it.
    pub(super) fn finish<T>(&self, answer: T) -> Option<T> {
        self.is_end().then_some(answer)
    }
}

//! What one pass over a statement's bytes yields: its digest and where its literals stand.

use smallvec::SmallVec;

/// The settings of a session that change how bytes become tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LexMode {
    /// sql_mode ANSI_QUOTES: `"x"` is an identifier.
    pub ansi_quotes: bool,
    /// sql_mode NO_BACKSLASH_ESCAPES: `\` is an ordinary character.
    pub no_backslash_escapes: bool,
    /// sql_mode PIPES_AS_CONCAT: `||` is not OR.
    pub pipes_as_concat: bool,
    /// sql_mode HIGH_NOT_PRECEDENCE.
    pub high_not_precedence: bool,
    /// sql_mode IGNORE_SPACE.
    pub ignore_space: bool,
    /// character_set_client is big5, gbk, gb18030, sjis or cp932, in which the second byte of a
    /// character may be a quote's neighbour or a backslash.
    pub multibyte: bool,
}

/// What a literal is, from its spelling alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// `42`
    Integer,
    /// `4.2`
    Decimal,
    /// `42e0`
    Float,
    /// `'x'`, and `"x"` without ANSI_QUOTES; adjacent strings (`'a' 'b'`) are one literal.
    String,
    /// `N'x'`
    NationalString,
    /// `0x2A` or `x'2A'`
    Hex,
    /// `0b101` or `b'101'`
    Bit,
    /// `NULL`, where it stands alone in a list or beside a comparison.
    Null,
    /// `TRUE` or `FALSE`, in the same places.
    Bool,
    /// `?`, in the text of a prepared statement.
    Placeholder,
}

/// One literal of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// A `-` belongs to it: it stood directly before it, where only a sign can stand.
    pub negative: bool,
    /// An introducer (`_latin1'x'`) stands before it: its character set is not the connection's.
    pub introduced: bool,
    /// Byte offset of its first byte (the sign if there is one).
    pub start: u32,
    /// Byte offset behind its last byte.
    pub end: u32,
}

/// Literals that the digest folds into one form, whatever their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The slot of the group's first literal (see [`Digest::slots`]).
    pub first_slot: u32,
    /// Index into [`Digest::literals`] of the group's first literal.
    pub first_literal: u32,
    /// Literals in one row: 1 for `IN (?, ?, ?)`, n for `VALUES (?, … n), (…)`.
    pub columns: u32,
    /// Number of rows, at least 1.
    pub rows: u32,
}

/// A place for a literal in the statement's normal form. A plan speaks of literals by slot, so
/// that it serves every statement of the same digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// A statement's identity and its variable parts.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// Hash of the normal form and the lex mode, seeded per process. Zero before the first scan.
    pub hash: u128,
    /// Every literal, in order of appearance.
    pub literals: SmallVec<[Literal; 8]>,
    /// The folded lists, in order of appearance.
    pub groups: SmallVec<[Group; 1]>,
    /// Offset behind the statement's last token, before any `;`.
    pub end: usize,
    /// Offset of the next statement's first byte, where a `;` and more than blanks or comments follow.
    pub next: Option<usize>,
}

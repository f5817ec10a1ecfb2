//! What one pass over a statement's bytes yields: its digest and where its literals stand.

use smallvec::SmallVec;

use super::tokens::Token;

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
    /// `$$ … $$` and `$tag$ … $tag$` are strings, as for MySQL from 9.0 on; else `$` begins a name.
    pub dollar_quotes: bool,
    /// How character_set_client joins bytes.
    pub multibyte: Multibyte,
}

impl LexMode {
    /// The mode as one byte of a digest's normal form. What is between dollar quotes is another token
    /// than a name: their bit is not needed.
    pub(super) fn bits(self) -> u8 {
        let flags = [
            self.ansi_quotes,
            self.no_backslash_escapes,
            self.pipes_as_concat,
            self.high_not_precedence,
            self.ignore_space,
        ];
        let bits = flags
            .iter()
            .rev()
            .fold(0, |bits, &flag| bits << 1 | u8::from(flag));
        (self.multibyte as u8) << 5 | bits
    }
}

/// Client character sets in which the second byte of a character may look like a backslash or a
/// backtick. In all others (utf8mb4, latin1, ujis, euckr, …) bytes below 0x80 stand for themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Multibyte {
    /// Any other character set.
    #[default]
    None,
    /// big5
    Big5,
    /// gbk and gb18030
    Gbk,
    /// sjis and cp932
    Sjis,
}

impl Multibyte {
    /// Whether the two bytes are one character.
    pub(super) fn is_pair(self, first: u8, second: u8) -> bool {
        match self {
            Self::None => false,
            Self::Big5 => {
                matches!(first, 0xA1..=0xF9) && matches!(second, 0x40..=0x7E | 0xA1..=0xFE)
            }
            Self::Gbk => {
                matches!(first, 0x81..=0xFE) && matches!(second, 0x40..=0x7E | 0x80..=0xFE)
            }
            Self::Sjis => {
                matches!(first, 0x81..=0x9F | 0xE0..=0xFC)
                    && matches!(second, 0x40..=0x7E | 0x80..=0xFC)
            }
        }
    }
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
    /// An introducer (`_latin1'x'`) belongs to it: its character set is not the connection's.
    pub introduced: bool,
    /// Byte offset of its first byte (of the sign or introducer if there is one).
    pub start: u32,
    /// Byte offset behind its last byte.
    pub end: u32,
}

impl Literal {
    /// Its bytes in the statement that it was found in, sign and introducer included.
    pub fn text<'a>(&self, sql: &'a [u8]) -> &'a [u8] {
        sql.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// Literals that the digest folds into one form, whatever their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The slot of its first column; a group takes `columns` slots.
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

/// What makes hashes of one process unlike those of another: clients cannot aim at collisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestSeed(pub u64);

/// A statement's identity, its variable parts and its tokens. Made to be reused: a scan clears it
/// and keeps its memory.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    /// Hash of [`Self::normal`], seeded per process. Zero before the first scan.
    pub hash: u128,
    /// Every literal, in order of appearance.
    pub literals: SmallVec<[Literal; 8]>,
    /// The folded lists, in order of appearance.
    pub groups: SmallVec<[Group; 1]>,
    /// The tokens. Equal normal forms have tokens of equal kinds at equal numbers: a folded list is
    /// one token, and so is a literal with its sign.
    pub tokens: Vec<Token>,
    /// Lex mode, context and normal form. Statements with equal bytes here are one statement with
    /// different literals.
    pub normal: Vec<u8>,
    /// Offset behind the statement's last token, before any `;`.
    pub end: usize,
    /// Offset of the next statement's first byte, where a `;` and more than blanks or comments follow.
    pub next: Option<usize>,
}

/// Bytes of [`Digest::normal`] before the text: the lex mode and the context.
const HEADER: usize = 9;

impl Digest {
    /// Whether it was made with this mode and context.
    pub(super) fn is_of(&self, mode: LexMode, context: u64) -> bool {
        let header = self.normal.first_chunk::<HEADER>();
        header.is_some_and(|[bits, own @ ..]| *bits == mode.bits() && *own == context.to_le_bytes())
    }

    /// Empties the digest and opens a normal form.
    pub(super) fn restart(&mut self, mode: LexMode, context: u64) {
        self.hash = 0;
        self.literals.clear();
        self.groups.clear();
        self.tokens.clear();
        self.normal.clear();
        self.normal.push(mode.bits());
        self.normal.extend_from_slice(&context.to_le_bytes());
        self.end = 0;
        self.next = None;
    }

    /// The normal form as text for people: keywords in capitals, `?` and a letter for a literal,
    /// `(?*n)` for a folded list with n columns.
    pub fn text(&self) -> String {
        let text = self.normal.get(HEADER..).unwrap_or_default();
        String::from_utf8_lossy(text).trim_end().to_owned()
    }

    /// How many slots the normal form has.
    pub fn slots(&self) -> u32 {
        let all = self.literals.len() as u32;
        self.groups
            .iter()
            .fold(all, |slots, group| slots - group.columns * (group.rows - 1))
    }

    /// The folded list that a slot belongs to.
    pub fn group(&self, slot: Slot) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| (group.first_slot..group.first_slot + group.columns).contains(&slot.0))
    }

    /// Where a slot's literals stand in [`Self::literals`]: the index of the first, the step to the
    /// next, and their number. A slot that the statement does not have lies beyond the end.
    pub fn slot_place(&self, slot: Slot) -> (usize, usize, usize) {
        let slot = slot.0 as usize;
        // What the groups before the slot hold beyond their first row.
        let mut folded = 0;
        for group in &self.groups {
            let (first, columns) = (group.first_slot as usize, group.columns.max(1) as usize);
            let rows = group.rows.max(1) as usize;
            if slot < first {
                break;
            }
            if slot < first + columns {
                return (slot + folded, columns, rows);
            }
            folded += (rows - 1) * columns;
        }
        (slot + folded, 1, 1)
    }

    /// Every literal that stands in a slot: one, or the members of a folded list, or the values
    /// of one column of folded rows. Empty where there is no such slot.
    pub fn slot_literals(&self, slot: Slot) -> impl Iterator<Item = &Literal> {
        let (first, step, count) = self.slot_place(slot);
        self.literals.iter().skip(first).step_by(step).take(count)
    }
}

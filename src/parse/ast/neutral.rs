//! Our tokens as sqlparser's: literals neutral, positions as line numbers, quirks evened out.
//!
//! Feeding tokens instead of text means that sqlparser's own lexer, which knows no sql_mode, no
//! bytes and no MySQL numbers, never runs. The line of every token is its number plus one.

use std::ops::Range;

use sqlparser::tokenizer::{Location, Span, Token as SqlToken, TokenWithSpan};

use super::super::cursor::is_live_everywhere;
use super::super::digest::{Digest, LexMode, LiteralKind, Slot};
use super::super::locking::LockingClause;
use super::super::tokens::{TokenKind, Tokens};
use super::AstUnavailable;
use super::commas::joining_commas;
use super::evened::evened;
use super::rows::Rows;

/// sqlparser's trees are dropped recursively: 40,000 operators overflow a 2 MiB stack.
const MAX_OPERATORS: usize = 2_000;
/// The same for UNION, EXCEPT and INTERSECT, and for joins (MySQL itself joins at most 61 tables).
const MAX_LINKS: usize = 200;
/// The parser's own limit, checked here so that it is one of ours.
const MAX_DEPTH: u16 = 50;
/// Bounds the time that a miss takes.
const MAX_TOKENS: usize = 200_000;

/// Words that join two operands although they are not symbols.
#[rustfmt::skip]
const OPERATOR_WORDS: &[&str] = &[
    "AND", "OR", "XOR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "REGEXP", "RLIKE", "COLLATE", "DIV",
    "MOD", "MEMBER", "SOUNDS", "BINARY", "CASE", "INTERVAL",
];
const LINK_WORDS: &[&str] = &[
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "JOIN",
    "STRAIGHT_JOIN",
    "SELECT",
];
/// Behind the verb; they change nothing of what an [`super::Ast`] says.
const MODIFIERS: &[&str] = &[
    "LOW_PRIORITY",
    "HIGH_PRIORITY",
    "DELAYED",
    "QUICK",
    "IGNORE",
];

/// The location that stands for a token number.
fn location(at: usize) -> Location {
    Location::new(at as u64 + 1, 1)
}

/// The token number that a span stands for; `None` for sqlparser's empty span.
pub(super) fn token_number(span: Span) -> Option<usize> {
    usize::try_from(span.start.line).ok()?.checked_sub(1)
}

/// The neutral spelling of the literal in a slot.
fn integer(slot: Slot) -> String {
    (1_000_000 + u64::from(slot.0)).to_string()
}

/// Converts a statement, but for rows of values that are like one before them.
pub(super) fn tokens(
    tokens: &Tokens<'_>,
    slots: &[Option<Slot>],
    rows: &Rows,
    mode: LexMode,
) -> Result<Vec<TokenWithSpan>, AstUnavailable> {
    let seen = rows.seen(tokens.len());
    check(tokens, &seen)?;
    let mut neutral = Neutral {
        tokens: *tokens,
        slots,
        mode,
        frame: Frame::of(tokens),
        commas: joining_commas(*tokens),
        json_table: (0..tokens.len()).any(|at| tokens.is_word(at, "JSON_TABLE")),
        braces: Vec::new(),
        out: Vec::with_capacity(count(&seen) + 8),
    };
    for part in seen {
        neutral.run(part)?;
    }
    Ok(neutral.out)
}

fn count(parts: &[Range<usize>]) -> usize {
    parts.iter().map(Range::len).sum()
}

/// Only the parts of the statement that are to be converted cost anything.
fn check(tokens: &Tokens<'_>, parts: &[Range<usize>]) -> Result<(), AstUnavailable> {
    let first = (0..tokens.len()).find(|&at| {
        !matches!(
            tokens.kind(at),
            Some(TokenKind::VersionOpen | TokenKind::Hint | TokenKind::Open)
        )
    });
    const VERBS: &[&str] = &[
        "SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "TABLE", "VALUES",
    ];
    if !first.is_some_and(|at| VERBS.iter().any(|verb| tokens.is_word(at, verb))) {
        return Err(AstUnavailable::NotDml);
    }
    let mut nesting = Nesting::default();
    let mut links = 0;
    for at in parts.iter().cloned().flatten() {
        let Some(token) = tokens.get(at) else {
            break;
        };
        let is = |words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
        let level = usize::from(token.depth);
        match token.kind {
            TokenKind::Comparison | TokenKind::Operator => nesting.operator(level),
            TokenKind::Word | TokenKind::Reserved if is(OPERATOR_WORDS) => nesting.operator(level),
            TokenKind::Word | TokenKind::Reserved if is(LINK_WORDS) => links += 1,
            TokenKind::Comma => nesting.next(level),
            TokenKind::Close => nesting.next(level + 1),
            _ => {}
        }
        if token.depth > MAX_DEPTH || nesting.operators > MAX_OPERATORS {
            return Err(AstUnavailable::TooComplex);
        }
    }
    if links > MAX_LINKS || count(parts) > MAX_TOKENS {
        return Err(AstUnavailable::TooComplex);
    }
    Ok(())
}

/// How deep the tree can be at the most: an operator's operands are below it, what stands beside it in a
/// list is not.
#[derive(Default)]
struct Nesting {
    /// Operators of the expression that is open in each pair of parentheses.
    levels: Vec<usize>,
    /// All of them.
    operators: usize,
}

impl Nesting {
    fn operator(&mut self, level: usize) {
        if self.levels.len() <= level {
            self.levels.resize(level + 1, 0);
        }
        if let Some(operators) = self.levels.get_mut(level) {
            *operators += 1;
            self.operators += 1;
        }
    }

    /// An expression has ended.
    fn next(&mut self, level: usize) {
        if level < self.levels.len() {
            self.operators -= self.levels.drain(level..).sum::<usize>();
        }
    }
}

struct Neutral<'a> {
    tokens: Tokens<'a>,
    slots: &'a [Option<Slot>],
    mode: LexMode,
    frame: Frame,
    /// The commas that stand for joins, ascending.
    commas: Vec<usize>,
    /// There is a JSON_TABLE.
    json_table: bool,
    /// For each brace that is open whether it is that of `{oj …}`.
    braces: Vec<bool>,
    out: Vec<TokenWithSpan>,
}

/// Where the parts stand that sqlparser does not know.
#[derive(Default)]
struct Frame {
    /// Modifiers behind the verb of a change.
    modifiers: Range<usize>,
    /// The targets of a DELETE, which may read `t.*`.
    delete_targets: Range<usize>,
}

impl Frame {
    fn of(tokens: &Tokens<'_>) -> Self {
        let outer = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
        let is = |at: usize, words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
        const VERBS: &[&str] = &["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE"];
        let mut outside = (0..tokens.len()).filter(outer);
        let Some(verb) = outside.find(|&at| is(at, VERBS)) else {
            return Self::default();
        };
        if is(verb, &["SELECT"]) {
            return Self::default();
        }
        let start = verb + 1;
        let end = (start..tokens.len())
            .find(|&at| !is(at, MODIFIERS))
            .unwrap_or(tokens.len());
        let until = |words: &[&str]| {
            let stop = outside.clone().find(|&at| is(at, words));
            start..stop.unwrap_or(start)
        };
        Self {
            modifiers: start..end,
            delete_targets: if is(verb, &["DELETE"]) {
                let using = until(&["USING"]);
                if using.is_empty() {
                    until(&["FROM"])
                } else {
                    using
                }
            } else {
                0..0
            },
        }
    }
}

impl Neutral<'_> {
    fn push(&mut self, at: usize, token: SqlToken) {
        let here = location(at);
        self.out
            .push(TokenWithSpan::new(token, Span::new(here, here)));
    }

    fn word(&mut self, at: usize, word: &str) {
        self.push(at, SqlToken::make_word(word, None));
    }

    fn run(&mut self, part: Range<usize>) -> Result<(), AstUnavailable> {
        let mut at = part.start;
        while at < part.end {
            let skipped = self.skipped(at);
            if skipped > 0 {
                at += skipped;
                continue;
            }
            if let Some(evened) = evened(self.tokens, at) {
                for token in evened.instead {
                    self.push(at, token);
                }
                at += evened.tokens.max(1);
                continue;
            }
            let braced = self.braced(at);
            if braced > 0 {
                at += braced;
                continue;
            }
            self.token(at)?;
            at += 1;
        }
        Ok(())
    }

    /// `{oj a LEFT JOIN b ON …}` is a join in parentheses. How many tokens they stand for.
    fn braced(&mut self, at: usize) -> usize {
        if self.tokens.is_symbol(at, "{") {
            let joins = self.tokens.is_word(at + 1, "OJ");
            self.braces.push(joins);
            if joins {
                self.push(at, SqlToken::LParen);
                return 2;
            }
        } else if self.tokens.is_symbol(at, "}") && self.braces.pop() == Some(true) {
            self.push(at, SqlToken::RParen);
            return 1;
        }
        0
    }

    /// How many tokens from here on sqlparser does not know and an AST does not need.
    fn skipped(&self, at: usize) -> usize {
        if let Some(clause) = LockingClause::at(self.tokens, at) {
            return clause.tokens;
        }
        if self.tokens.is_word(at, "INTO")
            && self.tokens.kind(at + 1) == Some(TokenKind::UserVariable)
        {
            return self.variable_targets(at);
        }
        if self.frame.modifiers.contains(&at) {
            return 1;
        }
        let star = self.tokens.is_symbol(at, ".") && self.tokens.is_symbol(at + 1, "*");
        if star && self.frame.delete_targets.contains(&at) {
            return 2;
        }
        0
    }

    fn variable_targets(&self, at: usize) -> usize {
        let mut end = at + 2;
        while self.tokens.kind(end) == Some(TokenKind::Comma)
            && self.tokens.kind(end + 1) == Some(TokenKind::UserVariable)
        {
            end += 2;
        }
        end - at
    }

    fn token(&mut self, at: usize) -> Result<(), AstUnavailable> {
        let text = self.tokens.text(at);
        match self.tokens.kind(at) {
            Some(TokenKind::Word | TokenKind::Reserved) => self.bare_word(at)?,
            Some(TokenKind::Quoted) => {
                let name = self.tokens.name(at).ok_or(AstUnavailable::NotUtf8)?;
                self.push(at, SqlToken::make_word(&name, Some('`')));
            }
            Some(TokenKind::UserVariable | TokenKind::SystemVariable) => {
                self.push(at, SqlToken::make_word("@v", Some('`')));
            }
            Some(TokenKind::Literal) => {
                let kind = self.tokens.literal(at).map(|literal| literal.kind);
                let slot = self.slots.get(at).copied().flatten();
                if let (Some(kind), Some(slot)) = (kind, slot) {
                    self.push(at, literal(kind, slot));
                }
            }
            Some(TokenKind::List) => self.list(at),
            Some(TokenKind::Fixed) => self.fixed(at),
            Some(TokenKind::VersionOpen) if !is_live_everywhere(text) => {
                return Err(AstUnavailable::VersionComment);
            }
            Some(TokenKind::VersionOpen) => {}
            Some(TokenKind::VersionClose | TokenKind::Hint) | None => {}
            Some(TokenKind::Comma) if self.commas.binary_search(&at).is_ok() => {
                self.word(at, "CROSS");
                self.word(at, "JOIN");
            }
            Some(_) => {
                let token = symbol(text, self.mode)
                    .ok_or_else(|| AstUnavailable::Unknown(String::from_utf8_lossy(text).into()))?;
                self.push(at, token);
            }
        }
        Ok(())
    }

    fn bare_word(&mut self, at: usize) -> Result<(), AstUnavailable> {
        let text =
            std::str::from_utf8(self.tokens.text(at)).map_err(|_| AstUnavailable::NotUtf8)?;
        let dot = |at| self.tokens.kind(at) == Some(TokenKind::Dot);
        if dot(at + 1) || at.checked_sub(1).is_some_and(dot) {
            self.push(at, SqlToken::make_word(text, Some('`')));
        } else if self.tokens.is_word(at, "MOD")
            && at.checked_sub(1).is_some_and(|b| self.ends_operand(b))
        {
            self.push(at, SqlToken::Mod);
        } else if self.tokens.kind(at) == Some(TokenKind::Reserved) && is_compound_unit(text) {
            self.word(at, "DAY");
        } else if self.is_column(at, "VALUE") {
            // In an argument it would join a name and a value.
            self.push(at, SqlToken::make_word(text, Some('`')));
        } else if is_reserved(self.tokens, at, &["TABLE"]) {
            // TABLE t is SELECT * FROM t.
            self.word(at, "SELECT");
            self.push(at, SqlToken::Mul);
            self.word(at, "FROM");
        } else {
            self.word(at, text);
        }
        Ok(())
    }

    /// Whether a word is a name here, neither VALUE (…) of an INSERT nor NEXT VALUE FOR.
    fn is_column(&self, at: usize, word: &str) -> bool {
        let behind = |word| at > 0 && self.tokens.is_word(at - 1, word);
        let opens = [TokenKind::Open, TokenKind::List].map(Some);
        self.tokens.is_word(at, word)
            && !opens.contains(&self.tokens.kind(at + 1))
            && !behind("NEXT")
            && !behind("PREVIOUS")
    }

    fn ends_operand(&self, at: usize) -> bool {
        const MODIFIERS: &[&str] = &["SQL_NO_CACHE", "SQL_BUFFER_RESULT", "DISTINCTROW"];
        match self.tokens.kind(at) {
            Some(TokenKind::Word) => !MODIFIERS.iter().any(|word| self.tokens.is_word(at, word)),
            Some(TokenKind::Reserved) => is_reserved(self.tokens, at, &["NULL", "TRUE", "FALSE"]),
            Some(
                TokenKind::Quoted
                | TokenKind::Literal
                | TokenKind::Fixed
                | TokenKind::List
                | TokenKind::Close
                | TokenKind::UserVariable
                | TokenKind::SystemVariable,
            ) => true,
            _ => false,
        }
    }

    /// The first row of a folded list.
    fn list(&mut self, at: usize) {
        let Some(first) = self.slots.get(at).copied().flatten() else {
            return;
        };
        let digest: &Digest = self.tokens.digest();
        let Some(group) = digest.group(first) else {
            return;
        };
        self.push(at, SqlToken::LParen);
        for column in 0..group.columns {
            if column > 0 {
                self.push(at, SqlToken::Comma);
            }
            self.push(at, SqlToken::Number(integer(Slot(first.0 + column)), false));
        }
        self.push(at, SqlToken::RParen);
    }

    /// A string in a name's place, or a literal inside a version comment.
    fn fixed(&mut self, at: usize) {
        let text = self.tokens.text(at);
        let quoted = matches!(text.first(), Some(b'\'' | b'"' | b'n' | b'N'));
        let behind = |word| at > 0 && self.tokens.is_word(at - 1, word);
        let words = ["PATH", "NESTED", "DEFAULT"];
        let path = self.json_table && words.iter().any(|word| behind(word));
        let escape = behind("ESCAPE") || path;
        let versioned = self.tokens.get(at).is_some_and(|token| token.versioned);
        let token = match (quoted, escape || versioned) {
            (true, false) => SqlToken::make_word("alias", Some('`')),
            (true, true) => SqlToken::SingleQuotedString("x".into()),
            (false, _) => SqlToken::Number("1".into(), false),
        };
        self.push(at, token);
    }
}

fn is_reserved(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    tokens.kind(at) == Some(TokenKind::Reserved)
        && words.iter().any(|word| tokens.is_word(at, word))
}

fn is_compound_unit(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    ["DAY_", "HOUR_", "MINUTE_", "SECOND_", "YEAR_"]
        .iter()
        .any(|unit| word.starts_with(unit))
}

fn literal(kind: LiteralKind, slot: Slot) -> SqlToken {
    match kind {
        LiteralKind::Integer => SqlToken::Number(integer(slot), false),
        LiteralKind::Decimal => SqlToken::Number(format!("{}.5", slot.0), false),
        LiteralKind::Float => SqlToken::Number(format!("{}e0", slot.0), false),
        LiteralKind::String => SqlToken::SingleQuotedString(format!("s{}", slot.0)),
        LiteralKind::NationalString => SqlToken::NationalStringLiteral(format!("s{}", slot.0)),
        LiteralKind::Hex => SqlToken::HexStringLiteral(format!("{:08x}", slot.0)),
        LiteralKind::Bit => SqlToken::SingleQuotedByteStringLiteral(format!("{:b}", slot.0)),
        LiteralKind::Null => SqlToken::make_word("NULL", None),
        LiteralKind::Bool => SqlToken::make_word("TRUE", None),
        LiteralKind::Placeholder => SqlToken::Placeholder("?".into()),
    }
}

fn symbol(text: &[u8], mode: LexMode) -> Option<SqlToken> {
    Some(match text {
        b"(" => SqlToken::LParen,
        b")" => SqlToken::RParen,
        b"," => SqlToken::Comma,
        b"." => SqlToken::Period,
        b"=" => SqlToken::Eq,
        b"<=>" => SqlToken::Spaceship,
        b"<>" | b"!=" => SqlToken::Neq,
        b"<" => SqlToken::Lt,
        b"<=" => SqlToken::LtEq,
        b">" => SqlToken::Gt,
        b">=" => SqlToken::GtEq,
        b":=" => SqlToken::Assignment,
        b"+" => SqlToken::Plus,
        b"-" => SqlToken::Minus,
        b"*" => SqlToken::Mul,
        b"/" => SqlToken::Div,
        b"%" => SqlToken::Mod,
        b"&" => SqlToken::Ampersand,
        b"|" => SqlToken::Pipe,
        b"^" => SqlToken::Caret,
        b"~" => SqlToken::Tilde,
        b"!" => SqlToken::ExclamationMark,
        b"<<" => SqlToken::ShiftLeft,
        b">>" => SqlToken::ShiftRight,
        b"->" => SqlToken::Arrow,
        b"->>" => SqlToken::LongArrow,
        b"&&" => SqlToken::make_word("AND", None),
        b"||" if mode.pipes_as_concat => SqlToken::StringConcat,
        b"||" => SqlToken::make_word("OR", None),
        b"{" => SqlToken::LBrace,
        b"}" => SqlToken::RBrace,
        _ => return None,
    })
}

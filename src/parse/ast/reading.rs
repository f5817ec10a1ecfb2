//! Our own reading of conditions: what stands between AND, OR and the clause's edges.
//!
//! It knows nothing of expressions but how they are separated. A leaf is trusted only if its
//! tokens are exactly two terms (columns, values, or rows of them) and what compares them; anything
//! more makes it `Opaque`.

mod conjuncts;

use super::super::digest::{LexMode, Slot};
use super::super::tokens::{TokenKind, Tokens};
use super::condition::{ColumnRef, CompareOp, Condition, Operand, Term};
use super::expression::plain_variable;
use super::made::made;

pub(super) use conjuncts::count;

/// A condition's place: from the token behind WHERE or ON to the clause's edge.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    end: usize,
}

/// Tokens from the first to behind the last.
type Span = (usize, usize);

/// Reads conditions of one statement.
pub(super) struct Reader<'a> {
    tokens: Tokens<'a>,
    slots: &'a [Option<Slot>],
    mode: LexMode,
    places: Vec<Place>,
}

/// Words that end a condition at its own depth.
#[rustfmt::skip]
const EDGES: &[&str] = &[
    "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "WINDOW", "FOR", "LOCK",
    "INTO", "WHERE", "JOIN", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "STRAIGHT_JOIN", "ON",
    "USING", "SET", "PROCEDURE", "RETURNING", "QUALIFY",
];

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: Tokens<'a>, slots: &'a [Option<Slot>], mode: LexMode) -> Self {
        let mut reader = Self {
            tokens,
            slots,
            mode,
            places: Vec::new(),
        };
        reader.places = (0..tokens.len())
            .filter(|&at| reader.is_reserved(at, "WHERE") || reader.is_reserved(at, "ON"))
            .map(|at| reader.place(at))
            .collect();
        reader
    }

    /// The reading of the innermost condition around a token.
    pub(super) fn around(&self, token: usize) -> Condition {
        self.place_around(token)
            .map_or(Condition::Opaque, |place| self.any(place.start, place.end))
    }

    fn place_around(&self, token: usize) -> Option<&Place> {
        let until = self.places.partition_point(|place| place.start <= token);
        let mut before = self.places.iter().take(until).rev();
        before.find(|place| (place.start..place.end).contains(&token))
    }

    fn is_reserved(&self, at: usize, word: &str) -> bool {
        self.tokens.kind(at) == Some(TokenKind::Reserved) && self.tokens.is_word(at, word)
    }

    fn depth(&self, at: usize) -> u16 {
        self.tokens.get(at).map_or(0, |token| token.depth)
    }

    fn place(&self, keyword: usize) -> Place {
        let start = keyword + 1;
        let depth = self.depth(keyword);
        let mut braces = 0_u32;
        let end = (start..self.tokens.len())
            .find(|&at| {
                if self.tokens.is_symbol(at, "{") {
                    braces += 1;
                } else if self.tokens.is_symbol(at, "}") {
                    // `{oj a LEFT JOIN b ON …}`
                    let Some(left) = braces.checked_sub(1) else {
                        return true;
                    };
                    braces = left;
                }
                let here = self.depth(at);
                here < depth || (here == depth && self.is_edge(at))
            })
            .unwrap_or(self.tokens.len());
        Place { start, end }
    }

    fn is_edge(&self, at: usize) -> bool {
        match self.tokens.kind(at) {
            Some(TokenKind::Comma | TokenKind::Semicolon) => true,
            Some(TokenKind::Reserved | TokenKind::Word) => {
                let beside_dot = self.tokens.kind(at + 1) == Some(TokenKind::Dot)
                    || at
                        .checked_sub(1)
                        .and_then(|before| self.tokens.kind(before))
                        == Some(TokenKind::Dot);
                let called = self.tokens.kind(at + 1) == Some(TokenKind::Open)
                    && (self.tokens.is_word(at, "LEFT") || self.tokens.is_word(at, "RIGHT"));
                !beside_dot && !called && EDGES.iter().any(|word| self.tokens.is_word(at, word))
            }
            _ => false,
        }
    }

    /// Token numbers at the depth of `start`, outside of CASE … END, that satisfy a test.
    fn separators(
        &self,
        start: usize,
        end: usize,
        mut test: impl FnMut(&Self, usize) -> bool,
    ) -> Vec<usize> {
        let depth = self.depth(start);
        let mut cases = 0_u32;
        let mut found = Vec::new();
        for at in (start..end).filter(|&at| self.depth(at) == depth) {
            if self.is_reserved(at, "CASE") {
                cases += 1;
            } else if cases > 0 && self.tokens.is_word(at, "END") {
                cases -= 1;
            } else if cases == 0 && test(self, at) {
                found.push(at);
            }
        }
        found
    }

    fn split(&self, start: usize, end: usize, at: &[usize]) -> Option<Vec<Span>> {
        let mut parts = Vec::with_capacity(at.len() + 1);
        let mut from = start;
        for &separator in at.iter().chain(std::iter::once(&end)) {
            if from >= separator {
                return None;
            }
            parts.push((from, separator));
            from = separator + 1;
        }
        Some(parts)
    }

    /// Operands of OR.
    fn any(&self, start: usize, end: usize) -> Condition {
        self.alternatives(start, end)
            .map_or(Condition::Opaque, |parts| {
                Condition::or(parts.iter().map(|&(s, e)| self.all(s, e)).collect())
            })
    }

    /// What OR separates. Where an assignment, XOR or comma stands beside it, nothing is trusted.
    fn alternatives(&self, start: usize, end: usize) -> Option<Vec<Span>> {
        let doubtful = self.separators(start, end, |reader, at| {
            reader.tokens.is_symbol(at, ":=")
                || reader.tokens.kind(at) == Some(TokenKind::Comma)
                || reader.is_reserved(at, "XOR")
                || matches!(
                    reader.tokens.kind(at),
                    Some(TokenKind::VersionOpen | TokenKind::VersionClose | TokenKind::Other)
                )
        });
        if !doubtful.is_empty() {
            return None;
        }
        let pipes = !self.mode.pipes_as_concat;
        let at = self.separators(start, end, |reader, at| {
            reader.is_reserved(at, "OR") || (pipes && reader.tokens.is_symbol(at, "||"))
        });
        self.split(start, end, &at)
    }

    /// Operands of AND.
    fn all(&self, start: usize, end: usize) -> Condition {
        self.operands(start, end)
            .map_or(Condition::Opaque, |parts| {
                Condition::and(parts.iter().map(|&(s, e)| self.operand(s, e)).collect())
            })
    }

    /// What AND separates; the AND of a BETWEEN does not.
    fn operands(&self, start: usize, end: usize) -> Option<Vec<Span>> {
        let mut between = 0_u32;
        let mut broken = false;
        let at = self.separators(start, end, |reader, at| {
            if reader.is_reserved(at, "BETWEEN") {
                between += 1;
                return false;
            }
            let symbol = reader.tokens.is_symbol(at, "&&");
            if !symbol && !reader.is_reserved(at, "AND") {
                return false;
            }
            broken |= symbol && between > 0;
            let separates = between == 0;
            between = between.saturating_sub(1);
            separates
        });
        if broken || between > 0 {
            return None;
        }
        self.split(start, end, &at)
    }

    fn operand(&self, start: usize, end: usize) -> Condition {
        if self.is_reserved(start, "NOT") {
            if self.mode.high_not_precedence || start + 1 >= end {
                return Condition::Opaque;
            }
            return self.operand(start + 1, end).negated(true);
        }
        if self.tokens.kind(start) == Some(TokenKind::Open) && self.matching(start) == Some(end - 1)
        {
            return if start + 2 >= end {
                Condition::Opaque
            } else {
                self.any(start + 1, end - 1)
            };
        }
        self.leaf(start, end).unwrap_or(Condition::Opaque)
    }

    /// The closing parenthesis of an opening one.
    fn matching(&self, open: usize) -> Option<usize> {
        let depth = self.depth(open);
        (open + 1..self.tokens.len())
            .find(|&at| self.depth(at) <= depth && self.tokens.kind(at) == Some(TokenKind::Close))
    }

    /// Exactly one comparison, or nothing.
    fn leaf(&self, start: usize, end: usize) -> Option<Condition> {
        if self.is_reserved(start, "EXISTS") {
            let select = self.subquery(start + 1, end)?;
            return Some(Condition::Exists(select));
        }
        let next = self.term_end(start)?;
        let left = self.term(start, next);
        if let Some(op) = self.comparison(next) {
            return (next + 1 < end).then(|| left.compare(op, &self.term(next + 1, end)));
        }
        if self.is_reserved(next, "IS") {
            let negated = self.is_reserved(next + 1, "NOT");
            let null = next + 1 + usize::from(negated);
            let whole = self.is_reserved(null, "NULL") && null + 1 == end;
            return match left {
                Term::Column(column) if whole => Some(Condition::IsNull(column).negated(negated)),
                _ => None,
            };
        }
        let negated = self.is_reserved(next, "NOT");
        let predicate = next + usize::from(negated);
        let condition = self.predicate(left, predicate, end)?;
        Some(condition.negated(negated))
    }

    /// `IN (…)` or `BETWEEN literal AND literal`.
    fn predicate(&self, left: Term, at: usize, end: usize) -> Option<Condition> {
        if self.is_reserved(at, "IN") {
            return self.list(left, at + 1, end);
        }
        let Term::Column(column) = left else {
            return None;
        };
        let whole = self.is_reserved(at, "BETWEEN") && self.is_reserved(at + 2, "AND");
        let (low, high) = (self.literal(at + 1)?, self.literal(at + 3)?);
        (whole && at + 4 == end).then_some(Condition::Between { column, low, high })
    }

    /// What stands behind IN.
    fn list(&self, left: Term, at: usize, end: usize) -> Option<Condition> {
        if self.tokens.kind(at) == Some(TokenKind::List) {
            let values = self.slots.get(at).copied().flatten()?;
            return match left {
                Term::Column(column) if at + 1 == end => Some(Condition::In { column, values }),
                _ => None,
            };
        }
        if let Some(select) = self.subquery(at, end) {
            return match left {
                Term::Column(column) => Some(Condition::InQuery(column, select)),
                _ => None,
            };
        }
        Some(left.is_in(&self.members(at, end)?))
    }

    /// The token SELECT of a query in parentheses that end at `end`.
    fn subquery(&self, open: usize, end: usize) -> Option<usize> {
        let enclosed = self.tokens.kind(open) == Some(TokenKind::Open)
            && self.matching(open)? + 1 == end
            && self.is_reserved(open + 1, "SELECT");
        enclosed.then_some(open + 1)
    }

    /// The members of a list or row in parentheses that end at `end`.
    fn members(&self, open: usize, end: usize) -> Option<Vec<Term>> {
        if self.tokens.kind(open) != Some(TokenKind::Open) || self.matching(open)? + 1 != end {
            return None;
        }
        let (start, close) = (open + 1, end - 1);
        let is_comma = |reader: &Self, at: usize| reader.tokens.kind(at) == Some(TokenKind::Comma);
        let commas = self.separators(start, close, is_comma);
        let members = self.split(start, close, &commas)?;
        Some(members.iter().map(|&(s, e)| self.term(s, e)).collect())
    }

    /// Where the term ends that a condition begins with: a column, a value, a row.
    fn term_end(&self, start: usize) -> Option<usize> {
        match self.tokens.kind(start)? {
            TokenKind::Literal | TokenKind::UserVariable => Some(start + 1),
            TokenKind::Open => self.matching(start).map(|close| close + 1),
            _ => self.column(start).map(|(_, next)| next),
        }
    }

    /// What stands between two tokens and nothing else.
    fn term(&self, start: usize, end: usize) -> Term {
        if let Some(slot) = self.literal(start) {
            let alone = start + 1 == end;
            return if alone {
                Term::Value(Operand::Slot(slot))
            } else {
                Term::Opaque
            };
        }
        if self.tokens.kind(start) == Some(TokenKind::Open) {
            return match self.members(start, end) {
                // A single member in parentheses is no row.
                Some(members) if members.len() > 1 => Term::Row(members),
                _ => Term::Opaque,
            };
        }
        if let Some(name) = plain_variable(&self.tokens, start) {
            let alone = start + 1 == end;
            return if alone {
                Term::Value(Operand::Variable(name))
            } else {
                Term::Opaque
            };
        }
        if let Some((made, _)) =
            made(&self.tokens, self.slots, start).filter(|(_, next)| *next == end)
        {
            return Term::Value(Operand::Made(made));
        }
        match self.column(start) {
            Some((column, next)) if next == end => Term::Column(column),
            _ => Term::Opaque,
        }
    }

    fn literal(&self, at: usize) -> Option<Slot> {
        if self.tokens.kind(at) != Some(TokenKind::Literal) {
            return None;
        }
        self.slots.get(at).copied().flatten()
    }

    fn comparison(&self, at: usize) -> Option<CompareOp> {
        if self.tokens.kind(at) != Some(TokenKind::Comparison) {
            return None;
        }
        CompareOp::of_symbol(self.tokens.text(at))
    }

    fn part(&self, at: usize) -> Option<String> {
        match self.tokens.kind(at)? {
            TokenKind::Word | TokenKind::Quoted => self.tokens.name(at),
            _ => None,
        }
    }

    /// `column`, `table.column` or `schema.table.column`, and the token behind it.
    fn column(&self, start: usize) -> Option<(ColumnRef, usize)> {
        let mut parts = vec![self.part(start)?];
        let mut last = start;
        while parts.len() < 3 && self.tokens.kind(last + 1) == Some(TokenKind::Dot) {
            parts.push(self.part(last + 2)?);
            last += 2;
        }
        let name = parts.pop()?;
        let table = parts.pop();
        Some((
            ColumnRef {
                schema: parts.pop(),
                table,
                name,
                token: last,
            },
            last + 1,
        ))
    }
}

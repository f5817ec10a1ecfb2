//! Statements of before: a text that differs from one of them in nothing but its literals has the
//! same tokens, so that only the literals are scanned.
//!
//! In: a text. Out: its [`Digest`], byte for byte what [`scan`](super::scan()) makes of it; or nothing,
//! and it must be scanned.
//!
//! What is between the literals must be equal, byte for byte. Each literal is read by the lexer itself
//! and must be of the kind of the one before, so that what follows it means what it meant.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::digest::{Digest, LexMode, Literal, LiteralKind};
use super::lexer::{Lexer, is_word};

/// How many statements are remembered: a power of two.
const SHAPES: usize = 64;

/// Longer texts are not remembered, in bytes.
const LONGEST: usize = 4096;

/// Texts with more tokens are not remembered.
const MOST_TOKENS: usize = 1024;

/// Statements that were scanned before, for texts with one [`DigestSeed`](super::DigestSeed).
#[derive(Debug)]
pub struct Shapes(Box<[Place]>);

/// Room for one of the statements whose keys belong here.
#[derive(Debug, Default)]
struct Place {
    /// The key of the last statement that was not found here: what comes once is not remembered.
    missed: Option<Key>,
    shape: Option<Box<Shape>>,
}

/// A statement that was scanned.
#[derive(Debug)]
struct Shape {
    key: Key,
    text: Vec<u8>,
    digest: Digest,
}

/// What a text begins with, up to its first literal, and how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    fn new(sql: &[u8], mode: LexMode, context: u64) -> Self {
        let beginning = sql.get(..first_literal(sql)).unwrap_or(sql);
        let seed = context ^ u64::from(mode.bits()) << 56;
        Self(xxh3_64_with_seed(beginning, seed))
    }

    fn place(self) -> usize {
        self.0 as usize % SHAPES
    }
}

impl Default for Shapes {
    fn default() -> Self {
        Self((0..SHAPES).map(|_| Place::default()).collect())
    }
}

impl Shapes {
    /// Makes the digest of a text from that of a statement before it.
    ///
    /// # Errors
    /// The text must be scanned; the key is for [`Shapes::remember`].
    pub fn find(
        &self,
        sql: &[u8],
        mode: LexMode,
        context: u64,
        out: &mut Digest,
    ) -> Result<(), Key> {
        let key = Key::new(sql, mode, context);
        let place = self.0.get(key.place());
        let shape = place.and_then(|place| place.shape.as_deref());
        let found = shape
            .filter(|shape| shape.key == key && shape.digest.is_of(mode, context))
            .filter(|_| u32::try_from(sql.len()).is_ok())
            .is_some_and(|shape| shape.fit(sql, mode, out));
        if found { Ok(()) } else { Err(key) }
    }

    /// Remembers a text that was scanned from its beginning, if it may come again.
    pub fn remember(&mut self, key: Key, sql: &[u8], digest: &Digest) {
        let Some(place) = self.0.get_mut(key.place()) else {
            return;
        };
        if place.missed != Some(key) {
            place.missed = Some(key);
            return;
        }
        place.missed = None;
        let small = sql.len() <= LONGEST && digest.tokens.len() <= MOST_TOKENS;
        if small && digest.next.is_none() && !digest.tokens.iter().any(|token| token.versioned) {
            place.shape = Some(Box::new(Shape {
                key,
                text: sql.to_vec(),
                digest: digest.clone(),
            }));
        }
    }
}

impl Shape {
    /// Writes down the digest of a text, if it has this shape.
    fn fit(&self, sql: &[u8], mode: LexMode, out: &mut Digest) -> bool {
        out.literals.clear();
        let (mut old, mut new) = (0, 0);
        for literal in &self.digest.literals {
            let (start, end) = (literal.start as usize, literal.end as usize);
            let Some(between) = self.text.get(old..start) else {
                return false;
            };
            let rest = sql.get(new..).unwrap_or_default();
            if !rest.starts_with(between) {
                return false;
            }
            let at = new + between.len();
            let Some(behind) = self.literal(literal, sql, at, mode) else {
                return false;
            };
            out.literals.push(Literal {
                start: at as u32,
                end: behind,
                ..*literal
            });
            (old, new) = (end, behind as usize);
        }
        if self.text.get(old..) != sql.get(new..) {
            return false;
        }
        self.place_tokens(out);
        true
    }

    /// Where a literal of the same kind ends that starts at `at`.
    fn literal(&self, old: &Literal, sql: &[u8], at: usize, mode: LexMode) -> Option<u32> {
        let text = old.text(&self.text);
        match old.kind {
            LiteralKind::Null | LiteralKind::Bool | LiteralKind::Placeholder => {
                let same = sql.get(at..)?.get(..text.len())?.eq_ignore_ascii_case(text);
                return same.then_some((at + text.len()) as u32);
            }
            LiteralKind::Integer | LiteralKind::Decimal | LiteralKind::Float => {
                let sign = usize::from(old.negative);
                // What stands before `.5` decides on what that is.
                let digit = |text: &[u8], at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
                let other = old.negative && sql.get(at) != Some(&b'-')
                    || !digit(text, sign)
                    || !digit(sql, at + sign);
                if other {
                    return None;
                }
            }
            _ => {}
        }
        let at = at + usize::from(old.negative);
        let lexed = Lexer::new(sql, at, mode).next().ok()?;
        let same = lexed.lexeme.literal() == Some((old.kind, old.introduced));
        (same && lexed.start() as usize == at).then_some(lexed.end())
    }

    /// The tokens stand where they stood, moved by what the literals before them have grown.
    fn place_tokens(&self, out: &mut Digest) {
        let own = &self.digest;
        // Most of them stand before the first literal.
        let first = own.literals.first().map_or(u32::MAX, |first| first.start);
        let still = own.tokens.partition_point(|token| token.end <= first);
        let (still, moving) = own.tokens.split_at(still);
        let mut literals = own.literals.iter().zip(&out.literals).peekable();
        let mut grown = 0_u32;
        let mut moved = |at: u32| {
            while let Some((old, new)) = literals.next_if(|(old, _)| old.end <= at) {
                grown = new.end.wrapping_sub(old.end);
            }
            at.wrapping_add(grown)
        };
        out.tokens.clear();
        out.tokens.extend_from_slice(still);
        out.tokens.extend(moving.iter().map(|token| {
            let mut token = *token;
            token.start = moved(token.start);
            token.end = moved(token.end);
            token
        }));
        out.end = own.end;
        if let Some(last) = out.tokens.last() {
            out.end = last.end as usize;
        }
        out.hash = own.hash;
        out.groups.clone_from(&own.groups);
        out.normal.clear();
        out.normal.extend_from_slice(&own.normal);
        out.next = None;
    }
}

/// Where the first literal may start: a digit that is in no word, or a quote.
fn first_literal(sql: &[u8]) -> usize {
    let starts = |byte: u8| byte.is_ascii_digit() | (byte == b'\'') | (byte == b'"');
    let (mut at, mut in_word) = (0, false);
    // Few instructions for sixteen bytes in which there is nothing.
    let (chunks, _) = sql.as_chunks::<CHUNK>();
    for chunk in chunks {
        if chunk.iter().fold(false, |any, byte| any | starts(*byte)) {
            break;
        }
        at += CHUNK;
        in_word = chunk.last().copied().is_some_and(is_word);
    }
    let rest = sql.get(at..).unwrap_or_default();
    let found = rest.iter().position(|&byte| {
        let literal = starts(byte) && !(in_word && byte.is_ascii_digit());
        in_word = is_word(byte);
        literal
    });
    found.map_or(sql.len(), |found| at + found)
}

/// How many bytes are looked at together.
const CHUNK: usize = 16;

#[cfg(test)]
mod tests;

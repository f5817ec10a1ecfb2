//! Values that a function of the servers makes of literals: `UNHEX('…')`, `UUID_TO_BIN('…', 1)`.

use super::super::digest::Slot;
use super::super::tokens::{TokenKind, Tokens};

/// A function whose value is known from its arguments alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// UNHEX, of every server.
    Unhex,
    /// UUID_TO_BIN, of MySQL.
    UuidToBin,
}

impl Maker {
    /// Its name as MySQL's manual has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unhex => "UNHEX",
            Self::UuidToBin => "UUID_TO_BIN",
        }
    }
}

/// A call of such a function with literals only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The function, if it is the server's own: that is for the plan to know.
    pub maker: Maker,
    /// What it reads.
    pub of: Slot,
    /// The second argument of UUID_TO_BIN: whether the parts of the time change places.
    pub swap: Option<Slot>,
}

/// The call that begins at a token, and the token behind it. Neither quotes nor a blank may stand at
/// its name: they may hide the server's own function behind a stored one.
pub(super) fn made(
    tokens: &Tokens<'_>,
    slots: &[Option<Slot>],
    at: usize,
) -> Option<(Made, usize)> {
    let makers = [Maker::Unhex, Maker::UuidToBin];
    let is_bare = tokens.kind(at) == Some(TokenKind::Word);
    let maker = makers
        .into_iter()
        .find(|maker| is_bare && tokens.is_word(at, maker.name()))?;
    let adjoins = tokens.get(at)?.end == tokens.get(at + 1)?.start;
    if !adjoins || tokens.kind(at + 1) != Some(TokenKind::Open) {
        return None;
    }
    let literal = |at: usize| {
        let is_one = tokens.kind(at) == Some(TokenKind::Literal);
        is_one.then(|| slots.get(at).copied().flatten()).flatten()
    };
    let of = literal(at + 2)?;
    let (swap, close) = match tokens.kind(at + 3)? {
        TokenKind::Comma if maker == Maker::UuidToBin => (Some(literal(at + 4)?), at + 5),
        _ => (None, at + 3),
    };
    let whole = tokens.kind(close) == Some(TokenKind::Close);
    whole.then_some((Made { maker, of, swap }, close + 1))
}

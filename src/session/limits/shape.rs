//! Statement → its normal form, which rules look at: equal for statements that differ in literals,
//! blanks, comments and quotes around names only.

use crate::parse::{TokenKind, Tokens};

/// The tokens with one blank between them and none around dots. A literal is `?`, a list of literals
/// `(?)`; names stand without quotes, and what only some servers execute stands without its marks.
pub(in crate::session) fn shape(tokens: Tokens<'_>) -> String {
    let mut out = String::new();
    let mut apart = false;
    for (at, token) in tokens.all().iter().enumerate() {
        let text = String::from_utf8_lossy(tokens.text(at));
        let text = match token.kind {
            TokenKind::Hint | TokenKind::VersionOpen | TokenKind::VersionClose => continue,
            TokenKind::Literal => "?".into(),
            TokenKind::List => "(?)".into(),
            TokenKind::Quoted => tokens.name(at).map_or(text, Into::into),
            _ => text,
        };
        let dot = token.kind == TokenKind::Dot;
        if apart && !dot {
            out.push(' ');
        }
        out.push_str(&text);
        apart = !dot;
    }
    out
}

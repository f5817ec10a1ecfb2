//! SQL text cut into words, strings, comments and symbols: enough to find where a statement ends and
//! where its outermost ORDER BY and LIMIT stand.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, a name or a number.
    Word,
    /// In any kind of quotes.
    Quoted,
    Comment,
    /// One character.
    Symbol,
}

#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub start: usize,
}

impl Token<'_> {
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this keyword.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// All tokens of a text; what is never closed ends with the text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, len) = token(&text[at..], first);
        let text = &text[at..at + len];
        found.push(Token {
            kind,
            text,
            start: at,
        });
        at += len;
    }
    found
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    let up_to = |end: &str, from: usize| {
        let found = rest[from..].find(end);
        found.map_or(rest.len(), |at| from + at + end.len())
    };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '@');
    match first {
        '\'' | '"' | '`' => (Kind::Quoted, quoted(rest, first)),
        '#' => (Kind::Comment, up_to("\n", 0)),
        '-' if rest.starts_with("-- ") || rest.starts_with("--\n") => {
            (Kind::Comment, up_to("\n", 0))
        }
        '/' if rest.starts_with("/*") => (Kind::Comment, up_to("*/", 2)),
        _ if is_word(first) => {
            let end = rest.find(|c: char| !is_word(c));
            (Kind::Word, end.unwrap_or(rest.len()))
        }
        _ => (Kind::Symbol, first.len_utf8()),
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

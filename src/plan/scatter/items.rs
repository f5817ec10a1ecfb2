//! The select list: aliases, aggregates, and which items have a known place.

use crate::parse::{TokenKind, Tokens};
use crate::plan::words::{Item, has_alias, is_bare, is_reserved, items_between};

/// An item of the select list.
#[derive(Clone, Debug)]
pub struct SelectItem {
    /// The expression, without alias.
    pub expression: Item,
    /// What it is called explicitly.
    pub alias: Option<String>,
    /// The name that ORDER BY and GROUP BY may call it by: the alias, or a column's name.
    pub name: Option<String>,
    /// Its place in the answer; unknown behind `*`.
    pub place: Option<usize>,
    /// `*` or `t.*`
    pub star: bool,
    /// What it is.
    pub content: Content,
}

/// What an expression is for a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// No aggregate in it: of a group, every part gives the same or may give its own.
    Plain,
    /// An aggregate that parts can be put together of.
    Aggregate(Call),
    /// An aggregate that only MySQL can compute, or something made of aggregates.
    Computed,
}

/// A call of an aggregate function, which is all that the expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function.
    pub function: AggregateName,
    /// DISTINCT.
    pub distinct: bool,
    /// Its arguments; none in `COUNT(*)`.
    pub arguments: Vec<Item>,
}

/// The aggregate functions that can be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateName {
    /// COUNT
    Count,
    /// SUM
    Sum,
    /// AVG
    Avg,
    /// MIN
    Min,
    /// MAX
    Max,
    /// BIT_AND
    BitAnd,
    /// BIT_OR
    BitOr,
    /// BIT_XOR
    BitXor,
}

const MERGEABLE: [(&str, AggregateName); 8] = [
    ("COUNT", AggregateName::Count),
    ("SUM", AggregateName::Sum),
    ("AVG", AggregateName::Avg),
    ("MIN", AggregateName::Min),
    ("MAX", AggregateName::Max),
    ("BIT_AND", AggregateName::BitAnd),
    ("BIT_OR", AggregateName::BitOr),
    ("BIT_XOR", AggregateName::BitXor),
];

/// Aggregates that only MySQL can compute over all rows, of MySQL and MariaDB.
const OTHERS: [&str; 15] = [
    "GROUP_CONCAT",
    "JSON_ARRAYAGG",
    "JSON_OBJECTAGG",
    "STD",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "VAR_POP",
    "VAR_SAMP",
    "VARIANCE",
    "GROUPING",
    "ST_COLLECT",
    "MEDIAN",
    "PERCENTILE_CONT",
    "PERCENTILE_DISC",
];

/// Reads a select list.
pub fn select_items(tokens: Tokens<'_>, items: &[Item]) -> Vec<SelectItem> {
    let mut place = Some(0);
    items
        .iter()
        .map(|item| {
            let read = select_item(tokens, item, place);
            place = place.filter(|_| !read.star).map(|place| place + 1);
            read
        })
        .collect()
}

fn select_item(tokens: Tokens<'_>, item: &Item, place: Option<usize>) -> SelectItem {
    let last = item.end.saturating_sub(1);
    let star = tokens.is_symbol(last, "*") && is_bare(tokens, item)
        || is_reserved(tokens, last, &["TABLE"]);
    let (expression, alias) = if has_alias(tokens, item) {
        let end = last - usize::from(tokens.is_word(last - 1, "AS"));
        (item.start..end, alias(tokens, last))
    } else {
        (item.clone(), None)
    };
    let column = || is_bare(tokens, &expression).then(|| tokens.name(expression.end - 1));
    SelectItem {
        name: alias.clone().or_else(|| column().flatten()),
        alias,
        place: place.filter(|_| !star),
        star,
        content: content(tokens, &expression),
        expression,
    }
}

/// An alias is a name or a string.
fn alias(tokens: Tokens<'_>, at: usize) -> Option<String> {
    tokens.name(at).or_else(|| {
        let text = std::str::from_utf8(tokens.text(at)).ok()?;
        let quote = text.chars().next().filter(|first| "'\"".contains(*first))?;
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        // Quotes and escapes inside are nobody's habit: such a name is called by its place.
        (!inner.contains([quote, '\\'])).then(|| inner.to_owned())
    })
}

/// What an expression is made of.
pub fn content(tokens: Tokens<'_>, expression: &Item) -> Content {
    let mut found = aggregates(tokens, expression).peekable();
    let Some(first) = found.next() else {
        return Content::Plain;
    };
    let whole = first == expression.start && closes_at_end(tokens, expression);
    match mergeable(tokens, first).filter(|_| whole && found.peek().is_none()) {
        Some(function) => call(tokens, function, first + 2..expression.end - 1),
        None => Content::Computed,
    }
}

fn mergeable(tokens: Tokens<'_>, at: usize) -> Option<AggregateName> {
    let mut names = MERGEABLE.iter();
    names
        .find(|(name, _)| tokens.is_word(at, name))
        .map(|(_, function)| *function)
}

fn call(tokens: Tokens<'_>, function: AggregateName, inside: Item) -> Content {
    let distinct = tokens.is_word(inside.start, "DISTINCT");
    let arguments = inside.start + usize::from(distinct)..inside.end;
    let star = arguments.len() == 1 && tokens.is_symbol(arguments.start, "*");
    let arguments = match star {
        true => Vec::new(),
        false => items_between(tokens, arguments),
    };
    let countable = function == AggregateName::Count && (distinct || arguments.len() < 2);
    let understood = arguments.iter().all(|argument| !argument.is_empty())
        && !tokens.is_word(inside.start, "ALL")
        && (countable || arguments.len() == 1);
    if !understood {
        return Content::Computed;
    }
    Content::Aggregate(Call {
        function,
        distinct,
        arguments,
    })
}

/// Whether the parenthesis behind the first token is closed by the last.
fn closes_at_end(tokens: Tokens<'_>, expression: &Item) -> bool {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let (open, close) = (expression.start + 1, expression.end.saturating_sub(1));
    let between = open + 1..close;
    tokens.kind(open) == Some(TokenKind::Open)
        && tokens.kind(close) == Some(TokenKind::Close)
        && depth(open) == depth(close)
        && between.clone().all(|at| depth(at) > depth(open))
}

/// The calls of aggregate functions of the expression's own block.
fn aggregates<'t>(tokens: Tokens<'t>, expression: &Item) -> impl Iterator<Item = usize> + use<'t> {
    let inside_subquery = subqueries(tokens, expression);
    expression.clone().filter(move |at| {
        let named = MERGEABLE.iter().map(|(name, _)| *name).chain(OTHERS);
        let called = tokens.kind(at + 1) == Some(TokenKind::Open);
        called
            && tokens.kind(at.wrapping_sub(1)) != Some(TokenKind::Dot)
            && named.into_iter().any(|name| tokens.is_word(*at, name))
            && !inside_subquery.iter().any(|subquery| subquery.contains(at))
    })
}

/// The parenthesised queries inside an expression.
pub fn subqueries(tokens: Tokens<'_>, expression: &Item) -> Vec<Item> {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let opens = expression.clone().filter(|at| {
        tokens.kind(*at) == Some(TokenKind::Open)
            && ["SELECT", "WITH", "TABLE"]
                .iter()
                .any(|word| tokens.is_word(at + 1, word))
    });
    opens
        .map(|open| {
            let close = (open + 1..expression.end).find(|at| depth(*at) <= depth(open));
            open..close.unwrap_or(expression.end)
        })
        .collect()
}

/// Whether there is a row in an expression: `(a, b)` that are the arguments of nothing.
pub fn has_row(tokens: Tokens<'_>, expression: &Item) -> bool {
    const BEFORE: [&str; 10] = [
        "NOT", "AND", "OR", "XOR", "WHEN", "THEN", "ELSE", "CASE", "BETWEEN", "ROW",
    ];
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let mut opens = expression.clone().filter(|at| {
        let before = at.wrapping_sub(1);
        let called = matches!(
            tokens.kind(before),
            Some(TokenKind::Word | TokenKind::Reserved | TokenKind::Quoted)
        );
        let alone = *at == expression.start
            || !called
            || BEFORE.iter().any(|word| tokens.is_word(before, word));
        tokens.kind(*at) == Some(TokenKind::Open) && alone
    });
    opens.any(|open| {
        let inside = |at: &usize| depth(*at) > depth(open);
        let mut inside = (open + 1..expression.end).take_while(inside);
        let own = depth(open).map(|depth| depth + 1);
        inside.any(|at| tokens.kind(at) == Some(TokenKind::Comma) && depth(at) == own)
    })
}

/// An expression without parentheses around all of it.
pub fn unwrapped(tokens: Tokens<'_>, expression: &Item) -> Item {
    let mut item = expression.clone();
    // `closes_at_end` looks behind the name of a function.
    while let Some(before) = item.start.checked_sub(1)
        && item.len() > 2
        && closes_at_end(tokens, &(before..item.end))
    {
        item = item.start + 1..item.end - 1;
    }
    item
}

/// Whether an expression is a literal, which behind BY may be the number of a select item.
pub fn is_literal(tokens: Tokens<'_>, expression: &Item) -> bool {
    let kinds = [
        TokenKind::Literal,
        TokenKind::Fixed,
        TokenKind::Open,
        TokenKind::Close,
    ];
    let mut all = expression.clone();
    all.all(|at| tokens.kind(at).is_some_and(|kind| kinds.contains(&kind)))
}

/// Whether two expressions are the same for every statement of the digest.
pub fn same_expression(tokens: Tokens<'_>, a: &Item, b: &Item) -> bool {
    a == b || alike(tokens, a, b, |_, _| false)
}

/// Whether two expressions are the same for statements of the digest whose literals are the same.
pub fn may_be_same(tokens: Tokens<'_>, a: &Item, b: &Item) -> bool {
    alike(tokens, a, b, |a, b| tokens.kind(a) == tokens.kind(b))
}

fn alike(tokens: Tokens<'_>, a: &Item, b: &Item, literals: impl Fn(usize, usize) -> bool) -> bool {
    let literal = |at: usize| {
        matches!(
            tokens.kind(at),
            Some(TokenKind::Literal | TokenKind::List) | None
        )
    };
    let same = |(a, b): (usize, usize)| {
        if literal(a) {
            return literals(a, b);
        }
        let words = tokens.name(a).zip(tokens.name(b));
        let same_word = || words.is_some_and(|(a, b)| a.to_lowercase() == b.to_lowercase());
        tokens.text(a) == tokens.text(b) || same_word()
    };
    a.len() == b.len() && a.clone().zip(b.clone()).all(same)
}

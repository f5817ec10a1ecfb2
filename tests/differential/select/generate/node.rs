//! A statement as a tree that knows which of its parts may be left out.

/// What may stand for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A value or a condition.
    Value,
    Query,
    /// What stands behind FROM.
    Tables,
}

/// A part of a statement.
#[derive(Clone, Debug)]
pub enum Node {
    Text(String),
    All(Vec<Node>),
    /// May be left out.
    Maybe(Box<Node>),
    /// Any of these may be left out, but not the last one; with what stands in between.
    List(&'static str, Vec<Node>),
    /// May be replaced with a part of the same sort.
    Whole(Sort, Vec<Node>),
}

/// A part that is as it is.
pub fn text(text: impl Into<String>) -> Node {
    Node::Text(text.into())
}

/// A value that is as it is.
pub fn leaf(sql: impl Into<String>) -> Node {
    Node::Whole(Sort::Value, vec![text(sql)])
}

/// What may be left out; or nothing.
pub fn maybe(parts: Option<Vec<Node>>) -> Node {
    match parts {
        Some(parts) => Node::Maybe(Box::new(Node::All(parts))),
        None => Node::All(Vec::new()),
    }
}

/// A template with its holes filled: `{}` and `{…}`, whose name is handed over.
pub fn filled(template: &str, mut hole: impl FnMut(&str) -> Node) -> Vec<Node> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').expect(template);
        parts.push(text(before));
        parts.push(hole(name));
        rest = behind;
    }
    parts.push(text(rest));
    parts
}

impl Node {
    /// The statement's text.
    pub fn sql(&self) -> String {
        let mut sql = String::new();
        self.write(&mut sql);
        sql
    }

    fn write(&self, sql: &mut String) {
        match self {
            Self::Text(text) => sql.push_str(text),
            Self::All(parts) | Self::Whole(_, parts) => {
                parts.iter().for_each(|part| part.write(sql));
            }
            Self::Maybe(part) => part.write(sql),
            Self::List(between, items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        sql.push_str(between);
                    }
                    item.write(sql);
                }
            }
        }
    }

    /// Whether it is one name, number or string.
    pub fn is_leaf(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Whole(_, parts) => parts.len() == 1 && parts[0].is_leaf(),
            _ => false,
        }
    }

    /// What is left when one thing is left out or replaced with its part, the shortest first.
    pub fn smaller(&self) -> Vec<Node> {
        let mut all = self.cuts();
        all.sort_by_cached_key(|node| node.sql().len());
        all
    }

    fn cuts(&self) -> Vec<Node> {
        match self {
            Self::Text(_) => Vec::new(),
            Self::All(parts) => inside(parts, Self::All),
            Self::Maybe(part) => {
                let cuts = part.cuts().into_iter();
                let cuts = cuts.map(|part| Self::Maybe(Box::new(part)));
                std::iter::once(Self::All(Vec::new())).chain(cuts).collect()
            }
            Self::List(between, items) => {
                let mut cuts = inside(items, |items| Self::List(between, items));
                if items.len() > 1 {
                    cuts.extend((0..items.len()).map(|at| {
                        let mut items = items.clone();
                        items.remove(at);
                        Self::List(between, items)
                    }));
                }
                cuts
            }
            Self::Whole(sort, parts) => {
                let mut cuts = inside(parts, |parts| Self::Whole(*sort, parts));
                parts.iter().for_each(|part| part.find(*sort, &mut cuts));
                cuts
            }
        }
    }

    /// The outermost parts of this sort.
    fn find(&self, wanted: Sort, found: &mut Vec<Node>) {
        match self {
            Self::Text(_) => {}
            Self::Whole(sort, _) if *sort == wanted => found.push(self.clone()),
            Self::All(parts) | Self::List(_, parts) | Self::Whole(_, parts) => {
                parts.iter().for_each(|part| part.find(wanted, found));
            }
            Self::Maybe(part) => part.find(wanted, found),
        }
    }
}

fn inside(parts: &[Node], whole: impl Fn(Vec<Node>) -> Node) -> Vec<Node> {
    let mut cuts = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        for cut in part.cuts() {
            let mut parts = parts.to_vec();
            parts[at] = cut;
            cuts.push(whole(parts));
        }
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_is_left_out() {
        let sum = Node::Whole(
            Sort::Value,
            filled("({} + {other})", |name| {
                leaf(if name.is_empty() { "a" } else { name })
            }),
        );
        let tree = Node::All(vec![
            text("SELECT "),
            Node::List(", ", vec![sum, text("b")]),
            maybe(Some(vec![text(" LIMIT 1")])),
            maybe(None),
        ]);
        assert_eq!(tree.sql(), "SELECT (a + other), b LIMIT 1");
        let cuts: Vec<String> = tree.smaller().iter().map(Node::sql).collect();
        let expected = [
            "SELECT b LIMIT 1",
            "SELECT a, b LIMIT 1",
            "SELECT (a + other), b",
            "SELECT other, b LIMIT 1",
            "SELECT (a + other) LIMIT 1",
        ];
        assert_eq!(cuts, expected);
    }
}

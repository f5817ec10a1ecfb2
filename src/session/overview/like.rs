//! LIKE, for names that the proxy lists itself.

/// A pattern of LIKE: `%` stands for anything, `_` for one character, and what follows a backslash for
/// itself.
#[derive(Debug)]
pub(in crate::session) struct Like {
    parts: Vec<Part>,
    /// Whether a capital letter is another letter.
    exact: bool,
}

impl Like {
    /// Of names in any case.
    pub fn new(pattern: &str) -> Self {
        Self {
            parts: parts(&pattern.to_lowercase()),
            exact: false,
        }
    }

    /// Of names whose case counts.
    pub fn exact(pattern: &str) -> Self {
        Self {
            parts: parts(pattern),
            exact: true,
        }
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = match self.exact {
            true => name.chars().collect(),
            false => name.to_lowercase().chars().collect(),
        };
        matches(&name, &self.parts)
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        parts.push(match char {
            '%' => Part::Any,
            '_' => Part::One,
            '\\' => Part::Is(chars.next().unwrap_or('\\')),
            other => Part::Is(other),
        });
    }
    parts
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Is(char),
}

/// Takes the shortest text for each `%`, and a longer one where the rest does not fit.
fn matches(name: &[char], pattern: &[Part]) -> bool {
    let (mut at, mut part) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while let Some(char) = name.get(at) {
        match pattern.get(part) {
            Some(Part::Any) => {
                part += 1;
                again = Some((at, part));
                continue;
            }
            Some(Part::One) => (at, part) = (at + 1, part + 1),
            Some(Part::Is(is)) if is == char => (at, part) = (at + 1, part + 1),
            _ => match again {
                Some((from, behind)) => {
                    again = Some((from + 1, behind));
                    (at, part) = (from + 1, behind);
                }
                None => return false,
            },
        }
    }
    let rest = pattern.get(part..).unwrap_or_default();
    rest.iter().all(|part| *part == Part::Any)
}

#[cfg(test)]
mod tests {
    use super::Like;

    #[test]
    fn names_are_compared_as_like_does() {
        let cases = [
            ("orders", "orders", true),
            ("Orders", "oRDERS", true),
            ("orders", "order", false),
            ("orders", "%", true),
            ("", "%", true),
            ("", "_", false),
            ("orders", "o%s", true),
            ("orders", "o%d%s", true),
            ("orders", "%x%", false),
            ("orders", "order_", true),
            ("orders", "orders_", false),
            ("a_b", "a\\_b", true),
            ("axb", "a\\_b", false),
            ("100%", "100\\%", true),
            ("aaab", "%ab", true),
            ("grün", "gr_n", true),
        ];
        for (name, pattern, like) in cases {
            let found = Like::new(pattern).matches(name);
            assert_eq!(found, like, "{name} LIKE {pattern}");
        }
        assert!(Like::exact("Sh%").matches("Shop") && !Like::exact("sh%").matches("Shop"));
    }
}

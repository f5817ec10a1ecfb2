//! A statement's normal form → what it does to what, in a few words: `SELECT orders users`.

/// Longest summary, in bytes: what OpenTelemetry's conventions allow.
const MOST: usize = 255;

/// Words that begin something of their own.
const VERBS: [&str; 11] = [
    "SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "CALL", "ALTER", "CREATE", "DROP",
    "TRUNCATE",
];

/// Verbs that are functions too.
const FUNCTIONS: [&str; 3] = ["INSERT", "REPLACE", "TRUNCATE"];

/// Words before a table.
const BEFORE_TABLES: [&str; 5] = ["FROM", "JOIN", "INTO", "UPDATE", "TABLE"];

/// Words that may stand between those and the table.
const BETWEEN: [&str; 7] = [
    "IF",
    "NOT",
    "EXISTS",
    "IGNORE",
    "LOW_PRIORITY",
    "DELAYED",
    "LATERAL",
];

/// The verbs and tables of a normal form, in their order; empty where it has none. For people and for
/// grouping only: it does not know more of SQL than these words.
pub fn summary(normal: &str) -> String {
    let mut out = String::new();
    let mut before = "";
    let mut wants_table = false;
    let mut words = normal.split_ascii_whitespace().peekable();
    while let Some(word) = words.next() {
        let is = |known: &[&str]| known.iter().any(|one| word.eq_ignore_ascii_case(one));
        let called = is(&FUNCTIONS) && words.peek().is_some_and(|next| next.starts_with('('));
        let verb = is(&VERBS) && !called && !follows_clause(before);
        if verb {
            add(&mut out, &word.to_ascii_uppercase());
        }
        let starts = is(&BEFORE_TABLES) && (verb || !is(&["UPDATE"]));
        if wants_table && !verb && !starts && !is(&BETWEEN) {
            if is_name(word) {
                add(&mut out, word);
            }
            wants_table = false;
        }
        wants_table |= starts;
        before = word;
    }
    out
}

/// `FOR UPDATE`, `ON DUPLICATE KEY UPDATE`, `ON DELETE` and their like.
fn follows_clause(before: &str) -> bool {
    ["FOR", "KEY", "ON"]
        .iter()
        .any(|one| before.eq_ignore_ascii_case(one))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
}

fn add(out: &mut String, word: &str) {
    if out.len() + 1 + word.len() > MOST {
        return;
    }
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

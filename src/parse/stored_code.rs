//! What code that a server stores (a trigger, a routine, a view) does to the session in which it runs.
//!
//! In: its body. Out: [`CodeFacts`]. Where the body does not say certainly, the facts say more than
//! there is.

use std::collections::BTreeSet;

use super::digest::LexMode;
use super::tokens::{TokenKind, Tokens, tokenize};
use super::variable::{system_variable, user_variable};

/// What code leaves in its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftState {
    /// Nothing.
    #[default]
    Nothing,
    /// User variables, of which it reads none that it has not set before.
    Variables,
    /// Locks, settings, temporary tables, or what is not known. What it does may depend on what others left.
    Anything,
}

/// What is known of stored code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeFacts {
    /// What it leaves by itself.
    pub leaves: LeftState,
    /// It reads the LAST_INSERT_ID() of its session.
    pub reads_last_insert_id: bool,
    /// Names in it, in lower case: of what it calls, reads and writes, among others.
    pub names: BTreeSet<String>,
    /// The databases, in lower case, of what it calls and writes there by a qualified name.
    pub databases: BTreeSet<String>,
    /// The user variables in it, in lower case, without `@` and quotes.
    pub variables: BTreeSet<String>,
}

impl CodeFacts {
    /// Of code that nobody could read.
    pub fn unknown() -> Self {
        Self {
            leaves: LeftState::Anything,
            reads_last_insert_id: true,
            ..Self::default()
        }
    }

    /// Of a body as `information_schema` shows it: a statement, or one of BEGIN … END. `sql_mode`: that
    /// under which it was made.
    pub fn of(body: &str, sql_mode: &str) -> Self {
        let has = |name: &str| sql_mode.split(',').any(|mode| mode == name);
        let mode = LexMode {
            ansi_quotes: has("ANSI_QUOTES"),
            no_backslash_escapes: has("NO_BACKSLASH_ESCAPES"),
            pipes_as_concat: has("PIPES_AS_CONCAT"),
            ..LexMode::default()
        };
        let text = format!("{BEFORE} {body}\n; END");
        match tokenize(text.as_bytes(), mode) {
            Ok(digest) if digest.next.is_none() => {
                Self::of_tokens(&Tokens::new(text.as_bytes(), &digest))
            }
            _ => Self::unknown(),
        }
    }

    fn of_tokens(tokens: &Tokens<'_>) -> Self {
        let mut facts = Self::default();
        let declared = declared(tokens);
        let mut variables = Variables::default();
        for at in BEFORE_TOKENS..tokens.len() {
            match tokens.kind(at) {
                Some(TokenKind::UserVariable) => {
                    let Some(name) = user_variable(tokens, at) else {
                        return Self::unknown();
                    };
                    facts.leaves = facts.leaves.max(variables.used(tokens, at, &name));
                    facts.variables.insert(name);
                }
                Some(TokenKind::Word | TokenKind::Reserved | TokenKind::Quoted) => {
                    facts.note_word(tokens, at, &declared);
                    variables.note_word(tokens, at);
                }
                Some(TokenKind::SystemVariable) => {
                    facts.reads_last_insert_id |= is_insert_id(tokens, at);
                }
                Some(TokenKind::Semicolon) => variables.end_statement(),
                _ => {}
            }
        }
        facts
    }

    fn note_word(&mut self, tokens: &Tokens<'_>, at: usize, declared: &BTreeSet<String>) {
        let Some(name) = tokens.name(at).map(|name| name.to_lowercase()) else {
            self.leaves = LeftState::Anything;
            return;
        };
        let leaves = LEAVING.contains(&name.as_str())
            || tokens.is_word(at, "SET") && sets_settings(tokens, at, declared)
            || is_value_for(tokens, at);
        if leaves {
            self.leaves = LeftState::Anything;
        }
        self.reads_last_insert_id |= name == "last_insert_id";
        if is_database(tokens, at) && !["new", "old"].contains(&name.as_str()) {
            self.databases.insert(name.clone());
        }
        self.names.insert(name);
    }
}

/// Which user variables a body has certainly set.
#[derive(Default)]
struct Variables {
    set: BTreeSet<String>,
    /// By the statement that is being read: its other parts see what was before.
    setting: Vec<String>,
    /// From here on, what is set may not be.
    uncertain: bool,
}

impl Variables {
    fn used(&mut self, tokens: &Tokens<'_>, at: usize, name: &str) -> LeftState {
        let behind = |word| at.checked_sub(1).is_some_and(|b| tokens.is_word(b, word));
        let set = behind("SET") && tokens.is_symbol(at + 1, "=");
        if set && !self.uncertain {
            self.setting.push(name.to_owned());
        }
        // A SELECT that finds no row leaves the old value.
        match set || behind("INTO") || self.set.contains(name) {
            true => LeftState::Variables,
            false => LeftState::Anything,
        }
    }

    fn note_word(&mut self, tokens: &Tokens<'_>, at: usize) {
        const BRANCHES: [&str; 6] = ["IF", "CASE", "WHILE", "LOOP", "REPEAT", "HANDLER"];
        self.uncertain |= BRANCHES.iter().any(|word| tokens.is_word(at, word));
    }

    fn end_statement(&mut self) {
        self.set.extend(self.setting.drain(..));
    }
}

/// What makes a body a statement of its own for the lexer.
const BEFORE: &str = "CREATE PROCEDURE p() BEGIN";
const BEFORE_TOKENS: usize = 6;

/// Words of what stays behind, be they names or not.
const LEAVING: [&str; 12] = [
    "get_lock",
    "release_lock",
    "release_all_locks",
    "is_used_lock",
    "temporary",
    "prepare",
    "execute",
    "nextval",
    "setval",
    "lastval",
    "nextval_or_wait",
    "autonomous_transaction",
];

/// Whether the name at a token is that of a database in front of what is called or written.
fn is_database(tokens: &Tokens<'_>, at: usize) -> bool {
    let behind = |word: &str| at > 0 && tokens.is_word(at - 1, word);
    // ON DUPLICATE KEY UPDATE t.a = …
    let of_row = at > 1 && tokens.is_word(at - 2, "KEY");
    let written = behind("CALL") || behind("INTO") || behind("UPDATE") && !of_row;
    tokens.kind(at + 1) == Some(TokenKind::Dot)
        && (written || tokens.kind(at + 3) == Some(TokenKind::Open))
}

/// Whether a system variable has an insert id of its session.
fn is_insert_id(tokens: &Tokens<'_>, at: usize) -> bool {
    const NAMES: [&str; 3] = ["last_insert_id", "identity", "insert_id"];
    system_variable(tokens, at).is_some_and(|variable| NAMES.contains(&variable.name.as_str()))
}

/// `NEXT VALUE FOR s`, `PREVIOUS VALUE FOR s`.
fn is_value_for(tokens: &Tokens<'_>, at: usize) -> bool {
    let starts = tokens.is_word(at, "NEXT") || tokens.is_word(at, "PREVIOUS");
    starts && tokens.is_word(at + 1, "VALUE") && tokens.is_word(at + 2, "FOR")
}

/// The local variables that DECLARE lists.
fn declared(tokens: &Tokens<'_>) -> BTreeSet<String> {
    const OTHERS: [&str; 3] = ["HANDLER", "CURSOR", "CONDITION"];
    let begins = |at: usize| {
        let before = at.saturating_sub(1);
        tokens.kind(before) == Some(TokenKind::Semicolon) || tokens.is_word(before, "BEGIN")
    };
    let mut names = BTreeSet::new();
    for at in (0..tokens.len()).filter(|at| tokens.is_word(*at, "DECLARE") && begins(*at)) {
        let mut last = at + 1;
        while tokens.kind(last + 1) == Some(TokenKind::Comma) {
            last += 2;
        }
        if !OTHERS.iter().any(|word| tokens.is_word(last + 1, word)) {
            let listed = (at + 1..=last).filter_map(|at| tokens.name(at));
            names.extend(listed.map(|name| name.to_lowercase()));
        }
    }
    names
}

/// Whether the SET at a token is a statement that sets system variables, or what may be one.
fn sets_settings(tokens: &Tokens<'_>, set: usize, declared: &BTreeSet<String>) -> bool {
    if !begins_statement(tokens, set) {
        return false;
    }
    let depth = tokens.get(set).map(|token| token.depth);
    let end = |at: &usize| tokens.kind(*at) != Some(TokenKind::Semicolon);
    let mut targets = (set + 1..tokens.len()).take_while(end).filter(|at| {
        let behind_comma = tokens.kind(at - 1) == Some(TokenKind::Comma);
        (*at == set + 1 || behind_comma) && tokens.get(*at).map(|token| token.depth) == depth
    });
    let is_own = |at: usize| match tokens.kind(at) {
        Some(TokenKind::UserVariable) => true,
        Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Reserved) => {
            let name = tokens.name(at).unwrap_or_default().to_lowercase();
            match tokens.kind(at + 1) {
                Some(TokenKind::Dot) => name == "new" || declared.contains(&name),
                Some(TokenKind::Comparison) => declared.contains(&name),
                // SET SESSION …, also where a variable is called so.
                _ => false,
            }
        }
        _ => false,
    };
    targets.any(|at| !is_own(at))
}

/// Whether the SET at a token is a statement's first word, and not that of UPDATE or SIGNAL.
fn begins_statement(tokens: &Tokens<'_>, set: usize) -> bool {
    const BEGINS: [&str; 6] = ["BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"];
    const HAVE_SET: [&str; 5] = ["UPDATE", "SIGNAL", "RESIGNAL", "INSERT", "REPLACE"];
    let before = set.saturating_sub(1);
    let mark = matches!(
        tokens.kind(before),
        Some(TokenKind::Semicolon | TokenKind::VersionOpen | TokenKind::VersionClose)
    );
    if mark || BEGINS.iter().any(|word| tokens.is_word(before, word)) {
        return true;
    }
    // Behind the conditions of a handler is its statement.
    let same = |at: &usize| tokens.kind(*at) != Some(TokenKind::Semicolon);
    let front: Vec<usize> = (0..set).rev().take_while(same).collect();
    let has = |word: &str| front.iter().any(|at| tokens.is_word(*at, word));
    has("DECLARE") && has("HANDLER") && !HAVE_SET.iter().any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_tell_what_they_leave_in_their_session() {
        use LeftState::{Anything, Nothing, Variables};
        let cases = [
            ("SET NEW.a = NEW.b + 1, NEW.c = 'GET_LOCK(1) @x'", Nothing),
            (
                "BEGIN DECLARE n, m INT DEFAULT 0; SET n = 1, m = 2; IF n > 1 THEN SET n = 2; END IF; INSERT INTO log SET v = n; END",
                Nothing,
            ),
            (
                "BEGIN UPDATE t JOIN (SELECT 1) s SET a = 1 WHERE b = 2; END",
                Nothing,
            ),
            ("SET @x = 1", Variables),
            ("INSERT INTO log VALUES (@user)", Anything),
            ("SET @n = @n + 1", Anything),
            (
                "BEGIN SELECT COUNT(*) INTO @`N` FROM t; SET NEW.v = 1; END",
                Variables,
            ),
            (
                "BEGIN SELECT v INTO @n FROM t; SET NEW.v = @n; END",
                Anything,
            ),
            (
                "BEGIN SET @n = 0; SELECT v INTO @n FROM t; SET NEW.v = @n; END",
                Variables,
            ),
            ("SET NEW.v = NEXT VALUE FOR s", Anything),
            ("SET NEW.v = (PREVIOUS VALUE FOR x.s)", Anything),
            (
                "BEGIN DECLARE n INT; SELECT value INTO n FROM value FOR UPDATE; END",
                Nothing,
            ),
            (
                "BEGIN IF NEW.v THEN SET @n = 1; END IF; SET NEW.v = @n; END",
                Anything,
            ),
            ("DO GET_LOCK('a', 0)", Anything),
            ("select `get_lock`('a',0) AS `l` from `s`.`t`", Anything),
            (
                "BEGIN DECLARE n INT; SET n = 1; SET SESSION sql_mode = ''; END",
                Anything,
            ),
            (
                "BEGIN IF 1 THEN SET sort_buffer_size = 1; END IF; END",
                Anything,
            ),
            ("BEGIN SET NEW.a = 1, @@sql_mode = ''; END", Anything),
            ("BEGIN CREATE TEMPORARY TABLE t (a INT); END", Anything),
            ("BEGIN SELECT 'unclosed; END", Anything),
        ];
        for (body, leaves) in cases {
            assert_eq!(CodeFacts::of(body, "").leaves, leaves, "{body}");
        }
    }

    #[test]
    fn settings_are_found_in_and_behind_handlers() {
        use LeftState::{Anything, Nothing};
        let cases = [
            (
                "FOR SQLEXCEPTION SET SESSION group_concat_max_len = 1024",
                Anything,
            ),
            ("FOR NOT FOUND SET sql_mode = ''", Anything),
            ("FOR SQLSTATE '02000' SET SESSION sql_mode = ''", Anything),
            ("FOR 1062, 1063 SET @@sql_mode = ''", Anything),
            (
                "FOR SQLEXCEPTION BEGIN SET SESSION sql_mode = ''; END",
                Anything,
            ),
            (
                "FOR SQLEXCEPTION /*!50000 SET SESSION sql_mode = '' */",
                Anything,
            ),
            (
                "FOR SQLEXCEPTION BEGIN END; SET SESSION sql_mode = ''",
                Anything,
            ),
            ("FOR 1062 SET done = 1; SET sql_mode = ''", Anything),
            ("FOR 1062 SET done = 1; SET SESSION sql_mode = ''", Anything),
            ("FOR NOT FOUND SET done = 1", Nothing),
            (
                "FOR NOT FOUND SET done = 1; SET done = 2, session = 3",
                Nothing,
            ),
            (
                "FOR SQLEXCEPTION BEGIN SET done = 1; END; SET done = 2",
                Nothing,
            ),
            (
                "FOR SQLEXCEPTION SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'x'",
                Nothing,
            ),
            (
                "FOR SQLEXCEPTION BEGIN RESIGNAL SET MESSAGE_TEXT = 'x'; END",
                Nothing,
            ),
            ("FOR 1062 UPDATE t SET a = 1", Nothing),
        ];
        for (handler, leaves) in cases {
            let body = format!(
                "BEGIN DECLARE done, session INT; DECLARE CONTINUE HANDLER {handler}; \
                 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'x'; END"
            );
            assert_eq!(CodeFacts::of(&body, "").leaves, leaves, "{body}");
        }
    }

    #[test]
    fn databases_are_those_of_calls_and_writes() {
        let cases = [
            ("SET NEW.v = Far.f(1)", "far"),
            ("CALL far.p", "far"),
            ("INSERT INTO `far`.t VALUES (1)", "far"),
            ("UPDATE far.t SET a = 1", "far"),
            ("SET NEW.v = EXTRACT(YEAR FROM NEW.d)", ""),
            (
                "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE t.a = 1",
                "",
            ),
            (
                "BEGIN SELECT t.a INTO NEW.v FROM t WHERE t.b IN (1); END",
                "",
            ),
        ];
        for (body, expected) in cases {
            let found = CodeFacts::of(body, "").databases;
            let found = found.into_iter().collect::<Vec<_>>().join(" ");
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn insert_ids_are_read_as_variables_too() {
        let cases = [
            ("SET NEW.v = @@last_insert_id", true),
            ("SET NEW.v = @@SESSION.Identity", true),
            ("SET NEW.v = @@session.`insert_id`", true),
            ("SET NEW.v = @@version", false),
        ];
        for (body, reads) in cases {
            assert_eq!(
                CodeFacts::of(body, "").reads_last_insert_id,
                reads,
                "{body}"
            );
        }
    }

    #[test]
    fn names_are_those_of_the_mode_in_which_the_body_was_written() {
        let facts = CodeFacts::of("INSERT INTO \"Log\" VALUES (note(@`A`, @b))", "ANSI_QUOTES");
        assert!(facts.names.contains("log") && facts.names.contains("note"));
        assert_eq!(facts.variables.iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(!facts.reads_last_insert_id);
        assert!(CodeFacts::of("RETURN LAST_INSERT_ID()", "").reads_last_insert_id);
    }
}

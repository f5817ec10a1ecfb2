//! What kind of statement it is, from its tokens.
//!
//! In: tokens. Out: a [`StatementKind`]; [`super::effects`] tells what it does besides.

use super::cursor::{Cursor, QualifiedName};
use super::tokens::{TokenKind, Tokens};
use super::utility::{self, Utility};

/// The kind of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// Blanks and comments only.
    Empty,
    /// SELECT, also in parentheses, with UNION or behind WITH.
    Select,
    /// TABLE t
    Table,
    /// VALUES ROW(…), …
    Values,
    /// INSERT
    Insert,
    /// REPLACE
    Replace,
    /// UPDATE, also behind WITH.
    Update,
    /// DELETE, also behind WITH.
    Delete,
    /// EXPLAIN or DESCRIBE of a statement.
    Explain(Explain),
    /// DESCRIBE of a table.
    Describe(QualifiedName),
    /// A definition.
    Ddl(Ddl),
    /// Recognised whole on tokens.
    Utility(Utility),
    /// None of these: only a server can say what it is.
    Unknown,
}

/// EXPLAIN of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explain {
    /// ANALYZE: the statement runs.
    pub analyze: bool,
    /// FORMAT, in lower case, unquoted.
    pub format: Option<String>,
    /// Token number of the explained statement's first word; `None` for FOR CONNECTION.
    pub statement: Option<usize>,
}

/// What a definition does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DdlVerb {
    /// CREATE
    Create,
    /// ALTER
    Alter,
    /// DROP
    Drop,
    /// RENAME
    Rename,
    /// TRUNCATE
    Truncate,
}

/// What is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DdlObject {
    /// A table.
    Table,
    /// A temporary table.
    TemporaryTable,
    /// An index; the name is its table's.
    Index,
    /// A view.
    View,
    /// A database.
    Database,
    /// A procedure, function, trigger or event.
    Routine,
    /// Accounts, roles, servers, tablespaces and so on.
    Other,
}

/// A definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ddl {
    /// What it does.
    pub verb: DdlVerb,
    /// To what.
    pub object: DdlObject,
    /// The tables, views or the database, in order. Empty where they were not recognised.
    pub names: Vec<QualifiedName>,
}

/// Classifies a statement.
pub fn statement_kind(tokens: &Tokens<'_>) -> StatementKind {
    if tokens.is_empty() {
        return StatementKind::Empty;
    }
    let mut cursor = Cursor::new(*tokens);
    if cursor.is_end() {
        return StatementKind::Empty;
    }
    if let Some(kind) = dml(&cursor) {
        return kind;
    }
    let is_hint = |at: &usize| tokens.kind(*at) == Some(TokenKind::Hint);
    let first = (0..tokens.len()).find(|at| !is_hint(at)).unwrap_or(0);
    if !Cursor::is_certain(tokens) && tokens.kind(first) == Some(TokenKind::VersionOpen) {
        return StatementKind::Unknown;
    }
    if let Some(utility) = utility::recognise(cursor.clone()) {
        return StatementKind::Utility(utility);
    }
    if cursor.one_of(&["EXPLAIN", "DESCRIBE", "DESC"]).is_some() {
        return explain(cursor).unwrap_or(StatementKind::Unknown);
    }
    ddl(cursor).map_or(StatementKind::Unknown, StatementKind::Ddl)
}

fn dml(cursor: &Cursor<'_>) -> Option<StatementKind> {
    let mut cursor = cursor.clone();
    while cursor.symbol("(") {}
    const VERBS: &[(&str, StatementKind)] = &[
        ("SELECT", StatementKind::Select),
        ("INSERT", StatementKind::Insert),
        ("REPLACE", StatementKind::Replace),
        ("UPDATE", StatementKind::Update),
        ("DELETE", StatementKind::Delete),
        ("TABLE", StatementKind::Table),
        ("VALUES", StatementKind::Values),
    ];
    if cursor.is_word("WITH") {
        // The verb is the first one that no parenthesis hides.
        let tokens = cursor.tokens();
        let verb = (cursor.at()..tokens.len()).find(|&at| {
            tokens.get(at).is_some_and(|token| token.depth == 0)
                && VERBS.iter().any(|(word, _)| tokens.is_word(at, word))
        });
        return Some(verb.map_or(StatementKind::Select, |at| {
            VERBS
                .iter()
                .find(|(word, _)| tokens.is_word(at, word))
                .map_or(StatementKind::Select, |(_, kind)| kind.clone())
        }));
    }
    VERBS
        .iter()
        .find(|(word, _)| cursor.is_word(word))
        .map(|(_, kind)| kind.clone())
}

/// Behind EXPLAIN, DESCRIBE or DESC
/// (<https://dev.mysql.com/doc/refman/9.4/en/explain.html>).
fn explain(mut cursor: Cursor<'_>) -> Option<StatementKind> {
    const EXPLAINABLE: &[&str] = &[
        "SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH", "TABLE", "VALUES",
    ];
    let mut explain = Explain {
        analyze: cursor.word("ANALYZE"),
        format: None,
        statement: None,
    };
    if !explain.analyze && cursor.one_of(&["EXTENDED", "PARTITIONS"]).is_some() && cursor.is_end() {
        return None;
    }
    let mut ahead = cursor.clone();
    if ahead.word("FORMAT") && ahead.symbol("=") {
        explain.format = Some(format_name(&mut ahead)?);
        cursor = ahead;
    }
    if cursor.word("INTO") {
        cursor.take(&[TokenKind::UserVariable])?;
    }
    let mut scoped = cursor.clone();
    if scoped.word("FOR") && scoped.one_of(&["SCHEMA", "DATABASE"]).is_some() {
        scoped.name()?;
        cursor = scoped;
    }
    if cursor.words(&["FOR", "CONNECTION"]) {
        return Some(StatementKind::Explain(explain));
    }
    let parenthesised = cursor.kind() == Some(TokenKind::Open);
    let ours = explain.format.as_deref() == Some("shardwell") && !cursor.is_end();
    if ours || parenthesised || EXPLAINABLE.iter().any(|word| cursor.is_word(word)) {
        explain.statement = Some(cursor.at());
        return Some(StatementKind::Explain(explain));
    }
    if explain.analyze || explain.format.is_some() {
        return None;
    }
    let table = cursor.qualified()?;
    cursor.take(&[
        TokenKind::Word,
        TokenKind::Quoted,
        TokenKind::Fixed,
        TokenKind::Literal,
    ]);
    cursor.finish(StatementKind::Describe(table))
}

fn format_name(cursor: &mut Cursor<'_>) -> Option<String> {
    let at = cursor.take(&[
        TokenKind::Word,
        TokenKind::Quoted,
        TokenKind::Literal,
        TokenKind::Fixed,
    ])?;
    let text = std::str::from_utf8(cursor.tokens().text(at)).ok()?;
    Some(text.trim_matches(['\'', '"', '`']).to_lowercase())
}

fn ddl(mut cursor: Cursor<'_>) -> Option<Ddl> {
    const VERBS: &[(&str, DdlVerb)] = &[
        ("CREATE", DdlVerb::Create),
        ("ALTER", DdlVerb::Alter),
        ("DROP", DdlVerb::Drop),
        ("RENAME", DdlVerb::Rename),
        ("TRUNCATE", DdlVerb::Truncate),
    ];
    let (_, verb) = VERBS.iter().find(|(word, _)| cursor.is_word(word))?;
    cursor.step();
    let object = object(&mut cursor, *verb);
    let names = names(&mut cursor, *verb, object).unwrap_or_default();
    Some(Ddl {
        verb: *verb,
        object,
        names,
    })
}

/// Steps up to the word that says what is defined, and over it.
fn object(cursor: &mut Cursor<'_>, verb: DdlVerb) -> DdlObject {
    if cursor.words(&["TEMPORARY", "TABLE"]) || cursor.words(&["TEMPORARY", "TABLES"]) {
        return DdlObject::TemporaryTable;
    }
    if cursor.one_of(&["TABLE", "TABLES"]).is_some() || verb == DdlVerb::Truncate {
        return DdlObject::Table;
    }
    if cursor.one_of(&["DATABASE", "SCHEMA"]).is_some() {
        return DdlObject::Database;
    }
    let mut ahead = cursor.clone();
    ahead.one_of(&["UNIQUE", "FULLTEXT", "SPATIAL", "ONLINE", "OFFLINE"]);
    if ahead.word("INDEX") {
        *cursor = ahead;
        return DdlObject::Index;
    }
    // OR REPLACE, ALGORITHM, DEFINER and SQL SECURITY stand before these.
    for _ in 0..16 {
        if cursor.word("VIEW") {
            return DdlObject::View;
        }
        if cursor
            .one_of(&["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"])
            .is_some()
        {
            return DdlObject::Routine;
        }
        if cursor.is_end()
            || ["USER", "ROLE", "SERVER"]
                .iter()
                .any(|word| cursor.is_word(word))
        {
            break;
        }
        cursor.step();
    }
    DdlObject::Other
}

fn names(cursor: &mut Cursor<'_>, verb: DdlVerb, object: DdlObject) -> Option<Vec<QualifiedName>> {
    let _ = cursor.words(&["IF", "NOT", "EXISTS"]) || cursor.words(&["IF", "EXISTS"]);
    match (object, verb) {
        (DdlObject::Index, _) => {
            while !cursor.word("ON") {
                if cursor.is_end() {
                    return None;
                }
                cursor.step();
            }
            Some(vec![cursor.qualified()?])
        }
        (DdlObject::Table | DdlObject::TemporaryTable, DdlVerb::Rename) => {
            let mut names = Vec::new();
            loop {
                names.push(cursor.qualified()?);
                if !cursor.word("TO") {
                    return None;
                }
                names.push(cursor.qualified()?);
                if !cursor.symbol(",") {
                    return Some(names);
                }
            }
        }
        (DdlObject::Table | DdlObject::TemporaryTable | DdlObject::View, DdlVerb::Drop) => {
            cursor.qualified_list()
        }
        (DdlObject::Table | DdlObject::TemporaryTable, DdlVerb::Create) => {
            let mut names = vec![cursor.qualified()?];
            cursor.symbol("(");
            if cursor.word("LIKE") {
                names.push(cursor.qualified()?);
            }
            Some(names)
        }
        (DdlObject::Database, _) => cursor
            .name()
            .map(|name| vec![QualifiedName { schema: None, name }]),
        (DdlObject::Other, _) => None,
        _ => Some(vec![cursor.qualified()?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    fn kind(sql: &str) -> StatementKind {
        let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
        statement_kind(&Tokens::new(sql.as_bytes(), &digest))
    }

    #[test]
    fn the_first_word_decides_and_parentheses_hide_nothing() {
        let table = [
            ("", StatementKind::Empty),
            (" /* x */ -- y", StatementKind::Empty),
            ("/*!40000 */", StatementKind::Empty),
            ("((SELECT 1))", StatementKind::Select),
            (
                "WITH a AS (SELECT 1) SELECT * FROM a",
                StatementKind::Select,
            ),
            ("WITH a AS (SELECT 1) DELETE FROM b", StatementKind::Delete),
            ("/*!40001 UPDATE */ t SET a = 1", StatementKind::Update),
            ("TABLE t", StatementKind::Table),
            ("VALUES ROW(1)", StatementKind::Values),
            ("`SELECT` 1", StatementKind::Unknown),
        ];
        for (sql, wanted) in table {
            assert_eq!(kind(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn explain_names_its_statement() {
        let explain = |analyze, format: Option<&str>, statement| {
            StatementKind::Explain(Explain {
                analyze,
                format: format.map(str::to_owned),
                statement,
            })
        };
        let table = [
            ("EXPLAIN SELECT 1", explain(false, None, Some(1))),
            (
                "DESC FORMAT=SHARDWELL UPDATE t SET a=1",
                explain(false, Some("shardwell"), Some(4)),
            ),
            (
                "EXPLAIN ANALYZE FORMAT='TREE' (SELECT 1)",
                explain(true, Some("tree"), Some(5)),
            ),
            ("EXPLAIN FOR CONNECTION 5", explain(false, None, None)),
            (
                "DESCRIBE s.t",
                StatementKind::Describe(QualifiedName {
                    schema: Some(1),
                    name: 3,
                }),
            ),
            ("EXPLAIN t x y", StatementKind::Unknown),
        ];
        for (sql, wanted) in table {
            assert_eq!(kind(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn definitions_name_their_tables() {
        let table: [(&str, DdlObject, &[usize]); 10] = [
            (
                "CREATE TABLE IF NOT EXISTS s.t (a INT)",
                DdlObject::Table,
                &[7],
            ),
            (
                "CREATE TEMPORARY TABLE t LIKE u",
                DdlObject::TemporaryTable,
                &[3, 5],
            ),
            ("DROP TABLE a, s.b", DdlObject::Table, &[2, 6]),
            ("ALTER TABLE t ADD b INT", DdlObject::Table, &[2]),
            ("TRUNCATE t", DdlObject::Table, &[1]),
            (
                "RENAME TABLE a TO b, c TO d",
                DdlObject::Table,
                &[2, 4, 6, 8],
            ),
            ("CREATE UNIQUE INDEX i ON t (a)", DdlObject::Index, &[5]),
            ("DROP DATABASE IF EXISTS d", DdlObject::Database, &[4]),
            (
                "CREATE OR REPLACE DEFINER=u@h VIEW v AS SELECT 1",
                DdlObject::View,
                &[8],
            ),
            ("CREATE USER u", DdlObject::Other, &[]),
        ];
        for (sql, object, names) in table {
            let StatementKind::Ddl(ddl) = kind(sql) else {
                panic!("no definition: {sql}");
            };
            let found: Vec<usize> = ddl.names.iter().map(|name| name.name).collect();
            assert_eq!((ddl.object, found.as_slice()), (object, names), "{sql}");
        }
    }
}

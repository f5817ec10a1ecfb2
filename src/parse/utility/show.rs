//! SHOW (<https://dev.mysql.com/doc/refman/9.4/en/show.html>).

use super::super::cursor::{Cursor, QualifiedName};
use super::super::tokens::TokenKind;
use super::Utility;
use super::set::VariableScope;
use super::shardwell::{self, Shown};

/// LIKE or WHERE behind a SHOW.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The token of the pattern.
    Like(usize),
    /// The token of WHERE; the condition goes to the statement's end.
    Where(usize),
}

/// LIMIT behind SHOW WARNINGS, as token numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many rows are left out; none where nothing says so.
    pub offset: Option<usize>,
    /// How many are shown.
    pub count: usize,
}

/// What SHOW STATUS tells of a connection's encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsStatus {
    /// `Ssl_cipher`
    Cipher,
    /// `Ssl_version`
    Version,
}

impl TlsStatus {
    /// What a pattern behind LIKE, with its quotes, asks for.
    pub fn of(pattern: &[u8]) -> Option<Self> {
        let is = |name: &str| {
            let quoted = [b"'", b"\""].map(|quote| [quote, name.as_bytes(), quote].concat());
            quoted.iter().any(|text| text.eq_ignore_ascii_case(pattern))
        };
        let all = [Self::Cipher, Self::Version];
        all.into_iter().find(|status| is(status.name()))
    }

    /// The variable's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cipher => "Ssl_cipher",
            Self::Version => "Ssl_version",
        }
    }
}

/// A SHOW statement. Positions are token numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Show {
    /// SHOW DATABASES, SHOW SCHEMAS
    Databases(Option<Filter>),
    /// SHOW \[EXTENDED\] \[FULL\] TABLES
    Tables {
        /// EXTENDED or FULL: there is a column with the table's type.
        full: bool,
        /// The token behind FROM.
        schema: Option<usize>,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW TABLE STATUS
    TableStatus {
        /// The token behind FROM.
        schema: Option<usize>,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW OPEN TABLES, TRIGGERS, EVENTS
    SchemaObjects {
        /// The token behind FROM.
        schema: Option<usize>,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW \[EXTENDED\] \[FULL\] COLUMNS, FIELDS
    Columns {
        /// The table; its schema may stand in a FROM of its own.
        table: QualifiedName,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW INDEX, INDEXES, KEYS
    Index {
        /// The table; its schema may stand in a FROM of its own.
        table: QualifiedName,
        /// WHERE
        filter: Option<Filter>,
    },
    /// SHOW CREATE TABLE
    CreateTable(QualifiedName),
    /// SHOW CREATE VIEW
    CreateView(QualifiedName),
    /// SHOW CREATE PROCEDURE, FUNCTION, TRIGGER, EVENT
    CreateObject(QualifiedName),
    /// SHOW CREATE DATABASE, SCHEMA
    CreateDatabase(usize),
    /// SHOW VARIABLES
    Variables {
        /// SESSION where no word stands there.
        scope: VariableScope,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW STATUS
    Status {
        /// SESSION where no word stands there.
        scope: VariableScope,
        /// LIKE or WHERE.
        filter: Option<Filter>,
    },
    /// SHOW STATUS of how the client's own connection is encrypted.
    Tls(TlsStatus),
    /// SHOW WARNINGS
    Warnings(Option<Window>),
    /// SHOW ERRORS
    Errors(Option<Window>),
    /// SHOW COUNT(*) WARNINGS
    CountWarnings,
    /// SHOW COUNT(*) ERRORS
    CountErrors,
    /// SHOW \[FULL\] PROCESSLIST
    Processlist {
        /// FULL
        full: bool,
    },
    /// SHOW ENGINES
    Engines,
    /// SHOW GRANTS of the client itself.
    Grants,
    /// SHOW COLLATION, CHARACTER SET: the same on every server.
    Charsets(Option<Filter>),
    /// SHOW SHARDWELL …; `None`: nothing that the proxy can show.
    Shardwell(Option<Shown>),
    /// Any other SHOW: a server answers.
    Other,
}

pub(super) fn show(cursor: &mut Cursor<'_>) -> Option<Utility> {
    let mut ahead = cursor.clone();
    match recognised(&mut ahead) {
        Some(show) => ahead.finish(Utility::Show(show)),
        // A SHOW that is known but written wrongly is for the server to refuse.
        None if is_known(cursor) => None,
        None => Some(Utility::Show(Show::Other)),
    }
}

fn is_known(cursor: &Cursor<'_>) -> bool {
    [
        "DATABASES",
        "SCHEMAS",
        "TABLES",
        "COLUMNS",
        "FIELDS",
        "INDEX",
        "INDEXES",
        "KEYS",
        "WARNINGS",
        "ERRORS",
        "VARIABLES",
    ]
    .iter()
    .any(|word| cursor.is_word(word))
}

fn recognised(cursor: &mut Cursor<'_>) -> Option<Show> {
    if cursor.word("SHARDWELL") {
        let mut behind = cursor.clone();
        let shown = shardwell::shown(&mut behind);
        while !cursor.is_end() {
            cursor.step();
        }
        return Some(Show::Shardwell(shown));
    }
    if cursor.word("CREATE") {
        return create(cursor);
    }
    if cursor.word("COUNT") {
        return count(cursor);
    }
    if let Some(show) = plain(cursor) {
        return Some(show);
    }
    let scope = match cursor.one_of(&["GLOBAL", "SESSION", "LOCAL"]) {
        Some(0) => VariableScope::Global,
        _ => VariableScope::Session,
    };
    if cursor.word("VARIABLES") {
        let filter = filter(cursor)?;
        return Some(Show::Variables { scope, filter });
    }
    if cursor.word("STATUS") {
        let filter = filter(cursor)?;
        return Some(Show::Status { scope, filter });
    }
    objects(cursor)
}

fn plain(cursor: &mut Cursor<'_>) -> Option<Show> {
    if cursor.word("DATABASES") || cursor.word("SCHEMAS") {
        return filter(cursor).map(Show::Databases);
    }
    if cursor.words(&["CHARACTER", "SET"]) || cursor.word("CHARSET") || cursor.word("COLLATION") {
        return filter(cursor).map(Show::Charsets);
    }
    if cursor.word("WARNINGS") {
        return limit(cursor).map(Show::Warnings);
    }
    if cursor.word("ERRORS") {
        return limit(cursor).map(Show::Errors);
    }
    if cursor.word("ENGINES") || cursor.words(&["STORAGE", "ENGINES"]) {
        return Some(Show::Engines);
    }
    grants(cursor)
}

/// `GRANTS [FOR CURRENT_USER [()]]`.
fn grants(cursor: &mut Cursor<'_>) -> Option<Show> {
    if !cursor.word("GRANTS") {
        return None;
    }
    if cursor.word("FOR") {
        let is_own = cursor.word("CURRENT_USER") && (!cursor.symbol("(") || cursor.symbol(")"));
        if !is_own {
            return None;
        }
    }
    cursor.is_end().then_some(Show::Grants)
}

/// What lists the objects of a schema or table.
fn objects(cursor: &mut Cursor<'_>) -> Option<Show> {
    if cursor.words(&["TABLE", "STATUS"]) {
        let schema = from_schema(cursor)?;
        let filter = filter(cursor)?;
        return Some(Show::TableStatus { schema, filter });
    }
    if cursor.words(&["OPEN", "TABLES"]) || cursor.word("TRIGGERS") || cursor.word("EVENTS") {
        let schema = from_schema(cursor)?;
        let filter = filter(cursor)?;
        return Some(Show::SchemaObjects { schema, filter });
    }
    let extended = cursor.word("EXTENDED");
    let full = cursor.word("FULL");
    if full && !extended && cursor.word("PROCESSLIST") || !full && cursor.word("PROCESSLIST") {
        return Some(Show::Processlist { full });
    }
    if cursor.word("TABLES") {
        let schema = from_schema(cursor)?;
        let filter = filter(cursor)?;
        return Some(Show::Tables {
            full,
            schema,
            filter,
        });
    }
    if cursor.word("COLUMNS") || cursor.word("FIELDS") {
        let table = from_table(cursor)?;
        let filter = filter(cursor)?;
        return Some(Show::Columns { table, filter });
    }
    if !full && cursor.one_of(&["INDEX", "INDEXES", "KEYS"]).is_some() {
        let table = from_table(cursor)?;
        let filter = filter(cursor)?;
        return Some(Show::Index { table, filter });
    }
    None
}

fn create(cursor: &mut Cursor<'_>) -> Option<Show> {
    if cursor.word("TABLE") {
        return cursor.qualified().map(Show::CreateTable);
    }
    if cursor.word("DATABASE") || cursor.word("SCHEMA") {
        cursor.words(&["IF", "NOT", "EXISTS"]);
        return cursor.name().map(Show::CreateDatabase);
    }
    if cursor.word("VIEW") {
        return cursor.qualified().map(Show::CreateView);
    }
    cursor.one_of(&["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"])?;
    cursor.qualified().map(Show::CreateObject)
}

/// `(*) WARNINGS`, behind COUNT.
fn count(cursor: &mut Cursor<'_>) -> Option<Show> {
    let star = cursor.symbol("(") && cursor.symbol("*") && cursor.symbol(")");
    if !star {
        return None;
    }
    if cursor.word("WARNINGS") {
        Some(Show::CountWarnings)
    } else if cursor.word("ERRORS") {
        Some(Show::CountErrors)
    } else {
        None
    }
}

/// An optional LIKE or WHERE; `None` only where it is written wrongly.
fn filter(cursor: &mut Cursor<'_>) -> Option<Option<Filter>> {
    if cursor.word("LIKE") {
        let pattern = cursor.take(&[TokenKind::Literal, TokenKind::Fixed])?;
        return Some(Some(Filter::Like(pattern)));
    }
    if cursor.is_word("WHERE") {
        let at = cursor.step();
        if cursor.is_end() {
            return None;
        }
        while !cursor.is_end() {
            cursor.step();
        }
        return Some(Some(Filter::Where(at)));
    }
    Some(None)
}

/// An optional LIMIT; `None` only where it is written wrongly.
fn limit(cursor: &mut Cursor<'_>) -> Option<Option<Window>> {
    if !cursor.word("LIMIT") {
        return Some(None);
    }
    let first = cursor.take(&[TokenKind::Literal])?;
    let (offset, count) = if cursor.symbol(",") {
        (Some(first), cursor.take(&[TokenKind::Literal])?)
    } else if cursor.word("OFFSET") {
        (Some(cursor.take(&[TokenKind::Literal])?), first)
    } else {
        (None, first)
    };
    Some(Some(Window { offset, count }))
}

fn is_from(cursor: &mut Cursor<'_>) -> bool {
    cursor.word("FROM") || cursor.word("IN")
}

fn from_schema(cursor: &mut Cursor<'_>) -> Option<Option<usize>> {
    if is_from(cursor) {
        return cursor.name().map(Some);
    }
    Some(None)
}

/// `FROM table [FROM schema]`, `FROM schema.table`.
fn from_table(cursor: &mut Cursor<'_>) -> Option<QualifiedName> {
    if !is_from(cursor) {
        return None;
    }
    let mut table = cursor.qualified()?;
    if is_from(cursor) {
        table.schema = Some(cursor.name()?);
    }
    Some(table)
}

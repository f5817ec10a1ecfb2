//! SET (<https://dev.mysql.com/doc/refman/9.4/en/set-variable.html> and its siblings).

use std::ops::Range;

use super::super::cursor::Cursor;
use super::super::tokens::TokenKind;
use super::super::variable::{system_variable, user_variable};
use super::Utility;
use super::transaction::access_mode;

/// Whose value of a system variable is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableScope {
    /// SESSION, LOCAL, or no word at all.
    Session,
    /// GLOBAL
    Global,
    /// PERSIST
    Persist,
    /// PERSIST_ONLY
    PersistOnly,
}

impl VariableScope {
    /// The scope that a word in lower case names.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "session" | "local" => Self::Session,
            "global" => Self::Global,
            "persist" => Self::Persist,
            "persist_only" => Self::PersistOnly,
            _ => return None,
        })
    }
}

/// Which transactions SET TRANSACTION speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionScope {
    /// Only the next one.
    Next,
    /// All later ones of the session.
    Session,
    /// All later sessions.
    Global,
}

/// An isolation level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// READ UNCOMMITTED
    ReadUncommitted,
    /// READ COMMITTED
    ReadCommitted,
    /// REPEATABLE READ
    RepeatableRead,
    /// SERIALIZABLE
    Serializable,
}

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessMode {
    /// READ ONLY
    ReadOnly,
    /// READ WRITE
    ReadWrite,
}

/// One thing that a SET sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetItem {
    /// `@name = value`
    User {
        /// Without `@` and quotes, in lower case: user variables have no case.
        name: String,
        /// The tokens of the value.
        value: Range<usize>,
    },
    /// A system variable.
    System {
        /// Whose value.
        scope: VariableScope,
        /// In lower case, without scope; may hold a dot (`validate_password.policy`).
        name: String,
        /// The tokens of the value; a single DEFAULT stands for the default.
        value: Range<usize>,
    },
    /// SET NAMES
    Names {
        /// The token of the character set; `None` for DEFAULT.
        charset: Option<usize>,
        /// The token of the collation.
        collation: Option<usize>,
    },
    /// SET CHARACTER SET; the token of the character set, `None` for DEFAULT.
    CharacterSet(Option<usize>),
    /// SET TRANSACTION
    Transaction {
        /// Which transactions.
        scope: TransactionScope,
        /// ISOLATION LEVEL
        isolation: Option<Isolation>,
        /// READ ONLY or READ WRITE
        access: Option<AccessMode>,
    },
    /// SET PASSWORD
    Password,
    /// SET ROLE
    Role(Roles),
    /// SET DEFAULT ROLE, and what SET ROLE cannot mean
    OtherRole,
    /// SET RESOURCE GROUP
    ResourceGroup,
}

/// The roles that SET ROLE names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roles {
    /// NONE
    None,
    /// DEFAULT, ALL, or ALL EXCEPT some.
    Granted,
    /// These.
    Named {
        /// The token of the first one's name.
        name: usize,
        /// The token of its host, with the `@`.
        host: Option<usize>,
        /// There are more, or there is a host: MariaDB knows neither.
        several: bool,
    },
}

pub(super) fn set(cursor: &mut Cursor<'_>) -> Option<Utility> {
    if let Some(item) = whole(cursor) {
        return Some(Utility::Set(vec![item]));
    }
    if let Some(scope) = transaction_scope(cursor) {
        let item = transaction(cursor, scope)?;
        return cursor.finish(Utility::Set(vec![item]));
    }
    let mut items = Vec::new();
    // A scope holds for the assignments behind it that name none.
    let mut scope = VariableScope::Session;
    loop {
        items.push(item(cursor, &mut scope)?);
        if !cursor.symbol(",") {
            break;
        }
    }
    cursor.finish(Utility::Set(items))
}

/// Statements that set something else than variables; their rest is the server's business.
fn whole(cursor: &Cursor<'_>) -> Option<SetItem> {
    let mut ahead = cursor.clone();
    let first = ahead.one_of(&["PASSWORD", "ROLE", "DEFAULT", "RESOURCE"])?;
    match first {
        0 => Some(SetItem::Password),
        1 if !ahead.symbol("=") && !ahead.symbol(":=") => {
            Some(roles(&mut ahead).map_or(SetItem::OtherRole, SetItem::Role))
        }
        2 if ahead.word("ROLE") => Some(SetItem::OtherRole),
        3 if ahead.word("GROUP") => Some(SetItem::ResourceGroup),
        _ => None,
    }
}

/// What stands behind SET ROLE.
fn roles(cursor: &mut Cursor<'_>) -> Option<Roles> {
    let words = ["NONE", "DEFAULT", "ALL"];
    let roles = match cursor.one_of(&words) {
        Some(0) => Roles::None,
        Some(1) => Roles::Granted,
        Some(_) => {
            if cursor.word("EXCEPT") {
                named_roles(cursor)?;
            }
            Roles::Granted
        }
        None => named_roles(cursor)?,
    };
    cursor.finish(roles)
}

fn named_roles(cursor: &mut Cursor<'_>) -> Option<Roles> {
    use TokenKind::{Fixed, Literal, Quoted, UserVariable, Word};
    let mut one = || {
        let name = cursor.take(&[Word, Quoted, Fixed, Literal])?;
        Some((name, cursor.take(&[UserVariable]), cursor.symbol(",")))
    };
    let (name, host, mut more) = one()?;
    let several = more || host.is_some();
    while more {
        more = one()?.2;
    }
    Some(Roles::Named {
        name,
        host,
        several,
    })
}

fn transaction_scope(cursor: &mut Cursor<'_>) -> Option<TransactionScope> {
    let mut ahead = cursor.clone();
    let scope = match ahead.one_of(&["GLOBAL", "SESSION", "LOCAL"]) {
        Some(0) => TransactionScope::Global,
        Some(_) => TransactionScope::Session,
        None => TransactionScope::Next,
    };
    if !ahead.word("TRANSACTION") || !(ahead.is_word("ISOLATION") || ahead.is_word("READ")) {
        return None;
    }
    *cursor = ahead;
    Some(scope)
}

fn transaction(cursor: &mut Cursor<'_>, scope: TransactionScope) -> Option<SetItem> {
    let (mut isolation, mut access) = (None, None);
    loop {
        if cursor.words(&["ISOLATION", "LEVEL"]) {
            if isolation.replace(level(cursor)?).is_some() {
                return None;
            }
        } else if access.replace(access_mode(cursor)?).is_some() {
            return None;
        }
        if !cursor.symbol(",") {
            break;
        }
    }
    Some(SetItem::Transaction {
        scope,
        isolation,
        access,
    })
}

fn level(cursor: &mut Cursor<'_>) -> Option<Isolation> {
    const LEVELS: &[(&[&str], Isolation)] = &[
        (&["READ", "UNCOMMITTED"], Isolation::ReadUncommitted),
        (&["READ", "COMMITTED"], Isolation::ReadCommitted),
        (&["REPEATABLE", "READ"], Isolation::RepeatableRead),
        (&["SERIALIZABLE"], Isolation::Serializable),
    ];
    LEVELS
        .iter()
        .find(|(words, _)| cursor.words(words))
        .map(|(_, level)| *level)
}

fn item(cursor: &mut Cursor<'_>, scope: &mut VariableScope) -> Option<SetItem> {
    if cursor.kind() == Some(TokenKind::UserVariable) {
        let at = cursor.step();
        let name = user_variable(&cursor.tokens(), at)?;
        let value = value(cursor)?;
        return Some(SetItem::User { name, value });
    }
    if cursor.kind() == Some(TokenKind::SystemVariable) {
        return system(cursor);
    }
    if let Some(item) = charset(cursor) {
        return Some(item);
    }
    const SCOPES: &[&str] = &["SESSION", "LOCAL", "GLOBAL", "PERSIST", "PERSIST_ONLY"];
    let mut ahead = cursor.clone();
    if let Some(word) = ahead.one_of(SCOPES)
        && matches!(ahead.kind(), Some(TokenKind::Word | TokenKind::Quoted))
    {
        *cursor = ahead;
        *scope = VariableScope::of(&SCOPES.get(word)?.to_lowercase())?;
    }
    let mut name = name(cursor)?;
    if cursor.symbol(".") {
        name.push('.');
        name.push_str(&self::name(cursor)?);
    }
    let value = value(cursor)?;
    Some(SetItem::System {
        scope: *scope,
        name,
        value,
    })
}

fn name(cursor: &mut Cursor<'_>) -> Option<String> {
    let at = cursor.name()?;
    cursor.tokens().name(at).map(|name| name.to_lowercase())
}

fn system(cursor: &mut Cursor<'_>) -> Option<SetItem> {
    let at = cursor.step();
    let variable = system_variable(&cursor.tokens(), at)?;
    if variable.name.is_empty() {
        return None;
    }
    for _ in 1..variable.tokens {
        cursor.step();
    }
    let value = value(cursor)?;
    Some(SetItem::System {
        scope: variable.scope.unwrap_or(VariableScope::Session),
        name: variable.name,
        value,
    })
}

/// `= value` or `:= value`.
fn value(cursor: &mut Cursor<'_>) -> Option<Range<usize>> {
    if !cursor.symbol("=") && !cursor.symbol(":=") {
        return None;
    }
    cursor.expression()
}

/// NAMES and CHARACTER SET.
fn charset(cursor: &mut Cursor<'_>) -> Option<SetItem> {
    let mut ahead = cursor.clone();
    let names = ahead.word("NAMES");
    if !names
        && !ahead.words(&["CHARACTER", "SET"])
        && !ahead.words(&["CHAR", "SET"])
        && !ahead.word("CHARSET")
    {
        return None;
    }
    let charset = if ahead.word("DEFAULT") {
        None
    } else {
        Some(charset_name(&mut ahead)?)
    };
    let collation = if names && charset.is_some() && ahead.word("COLLATE") {
        Some(charset_name(&mut ahead)?)
    } else {
        None
    };
    *cursor = ahead;
    Some(if names {
        SetItem::Names { charset, collation }
    } else {
        SetItem::CharacterSet(charset)
    })
}

/// A word or a string; `binary` is a reserved word.
fn charset_name(cursor: &mut Cursor<'_>) -> Option<usize> {
    if cursor.is_word("BINARY") || cursor.is_word("ASCII") {
        return Some(cursor.step());
    }
    cursor.take(&[
        TokenKind::Word,
        TokenKind::Quoted,
        TokenKind::Literal,
        TokenKind::Fixed,
    ])
}

//! Parse: bytes of a statement → tokens, digest, classification and (on a plan-cache miss) AST.
//!
//! In: the bytes of a COM_QUERY or COM_STMT_PREPARE and the session's [`LexMode`]. Out of every
//! statement: a [`Digest`]. Out of a statement that the plan cache does not know: its
//! [`Tokens`], its kind and effects, its hints, and for DML an AST of our own.

pub mod ast;
mod body;
mod classify;
mod cursor;
mod digest;
mod effects;
mod error;
mod full_text;
mod hint;
mod keyword;
mod lexer;
mod locking;
mod scan;
mod shapes;
mod stored_code;
mod tokens;
pub mod utility;
mod variable;

pub use classify::{Ddl, DdlObject, DdlVerb, Explain, StatementKind, statement_kind};
pub use cursor::QualifiedName;
pub use digest::{Digest, DigestSeed, Group, LexMode, Literal, LiteralKind, Multibyte, Slot};
pub use effects::{Effects, effects};
pub use error::ParseError;
pub use full_text::{Search, SearchMode, search_at, searches};
pub use hint::{RawHint, hints, without_hints};
pub use locking::LockingClause;
pub use scan::scan;
pub use shapes::Shapes;
pub use stored_code::{CodeFacts, LeftState};
pub use tokens::{Token, TokenKind, Tokens, tokenize};
pub use utility::{
    Completion, SetItem, Show, TableAdminVerb, TransactionScope, Utility, VariableScope,
};
pub use variable::{SystemVariable, system_variable, user_variable};

#[cfg(test)]
mod tests;

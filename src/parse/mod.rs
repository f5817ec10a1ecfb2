//! Parse: bytes of a statement → tokens, digest, classification and (on a plan-cache miss) AST.
//!
//! In: the bytes of a COM_QUERY or COM_STMT_PREPARE and the session's [`LexMode`]. Out of every
//! statement: a [`Digest`]. Out of a statement that the plan cache does not know: its
//! [`Tokens`], its kind and effects, its hints, and for DML an AST of our own.

pub mod ast;
mod body;
mod digest;
mod error;
mod keyword;
mod lexer;
mod scan;
mod tokens;

pub use digest::{Digest, DigestSeed, Group, LexMode, Literal, LiteralKind, Multibyte, Slot};
pub use error::ParseError;
pub use scan::scan;
pub use tokens::{Token, TokenKind, Tokens, tokenize};

/// A statement recognised on tokens.
#[derive(Clone, Debug)]
pub enum Utility {}

#[cfg(test)]
mod tests;

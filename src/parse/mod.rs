//! Parse: bytes of a statement → tokens, digest, classification and (on a plan-cache miss) AST.

mod digest;

pub use digest::{Digest, Group, LexMode, Literal, LiteralKind, Slot};

/// A statement recognised on tokens.
#[derive(Clone, Debug)]
pub enum Utility {}

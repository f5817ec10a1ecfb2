//! What the names of a definition stand for.

use crate::parse::{QualifiedName, TokenKind, Tokens};
use crate::plan::everywhere::{Named, Place};
use crate::plan::resolve::{Resolved, Resolver};
use crate::plan::unsupported::PlanError;
use crate::topology::{SchemaId, ShardId};

/// A definition's statement and what its names are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub tokens: Tokens<'a>,
    pub resolver: Resolver<'a>,
}

impl<'a> Scope<'a> {
    /// The token of the statement's first word.
    pub fn verb(&self) -> usize {
        let is_word = |at: &usize| {
            let kind = self.tokens.kind(*at);
            matches!(kind, Some(TokenKind::Word | TokenKind::Reserved))
        };
        (0..self.tokens.len()).find(is_word).unwrap_or_default()
    }

    /// CREATE OR REPLACE
    pub fn is_replacing(&self) -> bool {
        self.tokens.is_word(self.verb() + 1, "OR")
    }

    /// A name's schema, if it has one, and the name.
    pub fn parts(&self, name: QualifiedName) -> (Option<String>, String) {
        let schema = name.schema.and_then(|at| self.tokens.name(at));
        (schema, self.tokens.name(name.name).unwrap_or_default())
    }

    /// What a name stands for; `None`: no such table.
    ///
    /// # Errors
    /// The schema does not exist, or the table is refused.
    pub fn resolve(&self, name: QualifiedName) -> Result<Option<Resolved<'a>>, PlanError> {
        let (schema, table) = self.parts(name);
        known(self.resolver.definable(schema.as_deref(), &table))
    }

    /// The shard of a temporary table of the session.
    pub fn temporary(&self, name: QualifiedName) -> Option<ShardId> {
        let (schema, table) = self.parts(name);
        let schema = schema.as_deref().or(self.resolver.current)?;
        self.resolver.temporary(schema, &table)
    }

    /// The schema of a name.
    ///
    /// # Errors
    /// It is not configured, or none is selected.
    pub fn schema(&self, name: QualifiedName) -> Result<SchemaId, PlanError> {
        let (schema, _) = self.parts(name);
        let schema = schema.as_deref().or(self.resolver.current);
        let schema = schema.ok_or(PlanError::NoSchemaSelected)?;
        Ok(self.resolver.schema(schema)?.0)
    }

    /// `schema.table` as messages have it.
    pub fn full_name(&self, name: QualifiedName) -> String {
        let (schema, table) = self.parts(name);
        let schema = schema.as_deref().or(self.resolver.current);
        format!("{}.{table}", schema.unwrap_or_default())
    }

    /// A name that is another one on each of these nodes.
    ///
    /// # Errors
    /// As [`Scope::schema`].
    pub fn named(&self, name: QualifiedName, place: Place) -> Result<Named, PlanError> {
        Ok(Named {
            tokens: name.schema.unwrap_or(name.name)..name.name + 1,
            schema: self.schema(name)?,
            table: Some(self.parts(name).1),
            place,
        })
    }

    /// Every table that the text from a token on may mean: any word may be a table's name. Behind
    /// the name of a schema and a dot it is one.
    ///
    /// # Errors
    /// One of them is refused.
    pub fn mentioned(&self, from: usize) -> Result<Vec<(String, Resolved<'a>)>, PlanError> {
        let (tokens, resolver) = (self.tokens, self.resolver);
        let is_dot = |at: usize| tokens.kind(at) == Some(TokenKind::Dot);
        let mut found = Vec::new();
        for at in from..tokens.len() {
            if !matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted)) {
                continue;
            }
            let name = tokens.name(at).unwrap_or_default();
            let before = at.checked_sub(2).filter(|_| is_dot(at - 1));
            let schema = before.and_then(|before| tokens.name(before));
            let schema = schema.filter(|schema| {
                Resolver::is_system(schema) || resolver.topology.schema(schema).is_some()
            });
            if schema.is_none() && (resolver.current.is_none() || names_schema(self, at)) {
                continue;
            }
            if let Some(resolved) = known(resolver.definable(schema.as_deref(), &name))? {
                found.push((name, resolved));
            }
        }
        Ok(found)
    }
}

/// The name of a schema before a dot is no table.
fn names_schema(scope: &Scope<'_>, at: usize) -> bool {
    let dotted = scope.tokens.kind(at + 1) == Some(TokenKind::Dot);
    let name = scope.tokens.name(at).unwrap_or_default();
    dotted && (Resolver::is_system(&name) || scope.resolver.topology.schema(&name).is_some())
}

fn known<'t>(found: Result<Resolved<'t>, PlanError>) -> Result<Option<Resolved<'t>>, PlanError> {
    match found {
        Ok(resolved) => Ok(Some(resolved)),
        Err(PlanError::NoSuchTable(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

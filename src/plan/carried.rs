//! The user variables of a statement, where they are all that it needs of one connection: they can be carried
//! to any.
//!
//! In: what a statement does to its session. Out: the variables' names, and whether it assigns them.

use super::functions::Calls;
use super::{Plan, Request, stored_code};
use crate::parse::ast::Ast;
use crate::parse::{Effects, SetItem, StatementKind, TokenKind, Utility, user_variable};

/// Variables that can be carried along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// In lower case, without `@` and quotes; each once.
    pub names: Vec<String>,
    /// They have other values afterwards.
    pub assigns: bool,
}

impl Plan {
    /// Whether several connections can have the variables that it needs: it reads them and nothing else of one.
    pub fn is_carried(&self) -> bool {
        self.carried.as_deref().is_some_and(|all| !all.assigns)
    }
}

/// Whether it is a SET or DO that evaluates expressions, and leaves nothing but values of variables.
fn is_evaluated(kind: &StatementKind) -> bool {
    match kind {
        StatementKind::Utility(Utility::Do) => true,
        StatementKind::Utility(Utility::Set(items)) => items
            .iter()
            .all(|item| matches!(item, SetItem::User { .. })),
        _ => false,
    }
}

/// What can be carried; `None`: it needs no variables, or more than them. `tied`: it uses what else one connection
/// has.
pub(super) fn of(
    (request, effects): (&Request<'_>, &Effects),
    (kind, ast): (&StatementKind, Option<&Ast>),
    (calls, tied): (&Calls<'_>, bool),
) -> Option<Box<Carried>> {
    let tokens = request.tokens;
    let carries = ast.is_some() || is_evaluated(kind);
    let code = calls.may_write()
        || calls.leaves_variables()
        || stored_code::shares_variables(tokens, request.resolver());
    if !effects.uses_user_variable || tied || code || !carries {
        return None;
    }
    let is_variable = |at: &usize| tokens.kind(*at) == Some(TokenKind::UserVariable);
    let mut names: Vec<String> = (0..tokens.len())
        .filter(is_variable)
        .map(|at| user_variable(&tokens, at).filter(|name| name.is_ascii()))
        .collect::<Option<_>>()?;
    names.sort_unstable();
    names.dedup();
    Some(Box::new(Carried {
        names,
        assigns: effects.assigns_user_variable,
    }))
}

//! Names of variables, as they are compared.
//!
//! In: a token. Out: its variable's name, without `@` and quotes and in lower case, since names of variables
//! have no case.

use super::tokens::{TokenKind, Tokens};
use super::utility::VariableScope;

/// The name of the user variable that a token is; `None` also where it is not UTF-8.
pub fn user_variable(tokens: &Tokens<'_>, at: usize) -> Option<String> {
    if tokens.kind(at) != Some(TokenKind::UserVariable) {
        return None;
    }
    let text = std::str::from_utf8(tokens.text(at)).ok()?;
    let text = text.strip_prefix('@')?;
    let name = match text.chars().next() {
        Some(quote @ ('`' | '"' | '\'')) => {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            let doubled: String = [quote, quote].iter().collect();
            inner.replace(&doubled, &quote.to_string())
        }
        _ => text.to_owned(),
    };
    Some(name.to_lowercase())
}

/// A system variable of a statement: `@@name`, `@@scope.name`, `@@prefix.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemVariable {
    /// Whose value, if it is said.
    pub scope: Option<VariableScope>,
    /// Without scope; may hold a dot (`validate_password.policy`).
    pub name: String,
    /// How many tokens it is: blanks around its dots make several.
    pub tokens: usize,
}

/// The system variable that begins at a token.
pub fn system_variable(tokens: &Tokens<'_>, at: usize) -> Option<SystemVariable> {
    if tokens.kind(at) != Some(TokenKind::SystemVariable) {
        return None;
    }
    let text = std::str::from_utf8(tokens.text(at)).ok()?;
    let mut name = text.strip_prefix("@@")?.replace('`', "").to_lowercase();
    let mut behind = at + 1;
    while tokens.kind(behind) == Some(TokenKind::Dot)
        && let Some(part) = tokens.name(behind + 1)
    {
        name = format!("{name}.{}", part.to_lowercase());
        behind += 2;
    }
    let scoped = name
        .split_once('.')
        .and_then(|(first, rest)| Some((Some(VariableScope::of(first)?), rest.to_owned())));
    let (scope, name) = scoped.unwrap_or((None, name));
    Some(SystemVariable {
        scope,
        name,
        tokens: behind - at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    #[test]
    fn variables_have_one_name_however_they_are_spelled() {
        use VariableScope::{Global, Session};
        let of_system = |scope, name: &str, tokens| {
            let name = name.to_owned();
            (
                None,
                Some(SystemVariable {
                    scope,
                    name,
                    tokens,
                }),
            )
        };
        let of_user = |name: &str| (Some(name.to_owned()), None);
        let cases = [
            ("@A", of_user("a")),
            ("@`A``b`", of_user("a`b")),
            ("@'A.b'", of_user("a.b")),
            ("@'\"a\"'", of_user("\"a\"")),
            ("@@Identity", of_system(None, "identity", 1)),
            ("@@`identity`", of_system(None, "identity", 1)),
            (
                "@@LOCAL.`Sql_Mode`",
                of_system(Some(Session), "sql_mode", 1),
            ),
            ("@@global . socket", of_system(Some(Global), "socket", 3)),
            (
                "@@session. `identity`",
                of_system(Some(Session), "identity", 3),
            ),
            (
                "@@hot.key_buffer_size",
                of_system(None, "hot.key_buffer_size", 1),
            ),
            ("a", (None, None)),
        ];
        for (sql, expected) in cases {
            let sql = format!("SELECT {sql} + 1");
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            let found = (user_variable(&tokens, 1), system_variable(&tokens, 1));
            assert_eq!(found, expected, "{sql}");
        }
    }
}

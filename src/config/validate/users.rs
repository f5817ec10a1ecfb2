//! `[[users]]`: who may log in, with what, and what they may see.

use std::collections::HashSet;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{File, UserFile};
use super::super::secret::{Credential, PasswordHash, Secret};
use super::super::suggest;
use super::super::types::{SchemaAccess, UserConfig};
use super::limits;
use super::others::OTHERS;
use super::problems::Problems;
use super::read::read;
use super::scalar::{self, Outside, PasswordKeys};

const WAYS: &str = "one of password, password_env, password_file, password_hash";

pub(super) fn users(
    file: &File,
    interval: Duration,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Vec<UserConfig> {
    if file.users.is_empty() {
        let help = "add [[users]] with name, password and schemas";
        problems.missing("no users: nobody could log in", help);
    }
    let schemas: Vec<&str> = file
        .schemas
        .keys()
        .map(|name| name.get_ref().as_str())
        .collect();
    let mut seen = HashSet::new();
    let mut users = Vec::new();
    for user in &file.users {
        let name = name(user, problems);
        if !name.is_empty() && !seen.insert(name.clone()) {
            let span = user
                .get_ref()
                .name
                .as_ref()
                .map_or(user.span(), Spanned::span);
            problems.add(
                span,
                format!("user '{name}' is defined twice"),
                "remove one of the two",
            );
        }
        let (file, span) = (user.get_ref(), user.span());
        let native_password = file
            .native_password
            .as_ref()
            .is_some_and(|key| *key.get_ref());
        let credential = credential(file, &name, span.clone(), outside, problems);
        check_native(file, native_password, &credential, problems);
        let schemas = access(file, &name, span, &schemas, problems);
        users.push(UserConfig {
            name,
            credential,
            native_password,
            schemas,
            admin: file.admin.as_ref().is_some_and(|key| *key.get_ref()),
            read: read(&file.read, interval, problems),
            limits: limits::limits(&file.limits, problems),
        });
    }
    users
}

fn name(user: &Spanned<UserFile>, problems: &mut Problems) -> String {
    let Some(name) = &user.get_ref().name else {
        problems.add(user.span(), "a user without a name", "add name = \"app\"");
        return String::new();
    };
    let most = defaults::USER_NAME_CHARS;
    scalar::check_name(name.span(), "user name", name.get_ref(), most, problems);
    name.get_ref().clone()
}

fn credential(
    file: &UserFile,
    name: &str,
    span: Range<usize>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Credential {
    let keys = PasswordKeys {
        text: file.password.as_ref(),
        env: file.password_env.as_ref(),
        file: file.password_file.as_ref(),
    };
    let mut used = keys.spans();
    used.extend(file.password_hash.as_ref().map(Spanned::span));
    match used.as_slice() {
        [] => problems.add(
            span,
            format!("user '{name}' has no password"),
            format!("add {WAYS}"),
        ),
        [_] => {}
        [.., last] => {
            let message = format!("user '{name}' has more than one password");
            problems.add(last.clone(), message, format!("keep {WAYS}"));
        }
    }
    match &file.password_hash {
        None => {
            let password = keys.resolve(outside, problems);
            Credential::Password(password.unwrap_or_else(|| Secret::new("")))
        }
        Some(hash) => hashed(hash, name, problems),
    }
}

fn hashed(hash: &Spanned<Secret>, name: &str, problems: &mut Problems) -> Credential {
    match PasswordHash::parse(hash.get_ref().expose()) {
        Some(parsed) => Credential::Hash(parsed),
        None => {
            let message =
                format!("the password_hash of user '{name}' is not a hash that MySQL stores");
            let help = "'*' and 40 hexadecimal digits, or '$A$005$' and 63 characters, or the \
                        latter in hexadecimal behind 0x";
            problems.add(hash.span(), message, help);
            Credential::Password(hash.get_ref().clone())
        }
    }
}

/// mysql_native_password needs SHA1(SHA1(password)), which a caching_sha2 hash does not give.
fn check_native(
    file: &UserFile,
    native_password: bool,
    credential: &Credential,
    problems: &mut Problems,
) {
    let impossible = matches!(credential, Credential::Hash(PasswordHash::CachingSha2(_)));
    if let Some(key) = file
        .native_password
        .as_ref()
        .filter(|_| native_password && impossible)
    {
        let message = "native_password cannot work with a caching_sha2_password hash";
        problems.add(
            key.span(),
            message,
            "store the '*…' hash or a password, or remove the key",
        );
    }
}

fn access(
    file: &UserFile,
    name: &str,
    span: Range<usize>,
    known: &[&str],
    problems: &mut Problems,
) -> SchemaAccess {
    let Some(list) = &file.schemas else {
        let message = format!("user '{name}' has no schemas");
        problems.add(span, message, "add schemas = [\"*\"], or list them");
        return SchemaAccess::All;
    };
    let mut names = Vec::new();
    for entry in list.get_ref() {
        let schema = entry.get_ref();
        if schema == "*" {
            return SchemaAccess::All;
        }
        if !known.contains(&schema.as_str()) && !known.contains(&OTHERS) {
            let message = format!("user '{name}': there is no schema '{schema}'");
            problems.add(
                entry.span(),
                message,
                suggest::instead(schema, known.iter().copied()),
            );
        }
        names.push(schema.clone());
    }
    if names.is_empty() {
        let message = format!("user '{name}' may use no schema at all");
        problems.add(list.span(), message, "write [\"*\"], or list them");
    }
    SchemaAccess::Only(names)
}

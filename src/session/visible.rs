//! SHOW DATABASES and SHOW GRANTS: what the configuration lets the client see and do, as one server would say it
//! that has been told so.
//!
//! Servers know the proxy's own account only, with what it may do there and a hash of its password.

use super::failure::Failure;
use super::local::More;
use super::overview::Like;
use super::state::Session;
use super::statement::Statement;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::Filter;
use crate::plan::INFORMATION_SCHEMA;
use crate::route::key::unquote;
use crate::wire::TextColumn;

impl Session {
    /// SHOW DATABASES: the schemas that the user may use, and the servers' information_schema.
    pub(super) fn show_databases(
        &mut self,
        filter: Option<Filter>,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let pattern = match filter {
            None => None,
            Some(filter) => Some(pattern(filter, statement)?),
        };
        let heading = match &pattern {
            None => "Database".to_owned(),
            Some(pattern) => format!("Database ({pattern})"),
        };
        let mut names = self.visible_schemas();
        names.push(INFORMATION_SCHEMA.to_owned());
        names.sort();
        // As servers compare names of databases.
        let like = pattern.as_deref().map(Like::exact);
        let names = names.into_iter();
        let shown = names.filter(|name| like.as_ref().is_none_or(|like| like.matches(name)));
        let rows: Vec<_> = shown.map(|name| vec![Some(name.into_bytes())]).collect();
        self.reply_rows(&[TextColumn::text(heading)], &rows, statement.more);
        Ok(())
    }

    /// SHOW GRANTS of the client itself.
    pub(super) fn show_grants(&mut self, more: More) {
        let account = format!("{}@`%`", quoted(&self.account.name));
        let mut schemas = self.visible_schemas();
        schemas.sort_unstable();
        let grants = schemas.iter().map(|schema| {
            let schema = quoted(schema);
            format!("GRANT ALL PRIVILEGES ON {schema}.* TO {account}")
        });
        let rows: Vec<_> = std::iter::once(format!("GRANT USAGE ON *.* TO {account}"))
            .chain(grants)
            .map(|grant| vec![Some(grant.into_bytes())])
            .collect();
        let heading = format!("Grants for {}@%", self.account.name);
        self.reply_rows(&[TextColumn::text(heading)], &rows, more);
    }

    fn visible_schemas(&self) -> Vec<String> {
        let snapshot = self.shared.snapshot();
        let names = snapshot.topology.schemas.iter();
        let names = names.map(|schema| &schema.name);
        let visible = names.filter(|name| self.account.schemas.allows(name));
        visible.cloned().collect()
    }
}

/// The pattern of LIKE, where it means the same to every server.
fn pattern(filter: Filter, statement: &Statement<'_>) -> Result<String, MysqlError> {
    let text = match filter {
        Filter::Like(at) => unquote(statement.tokens().text(at), statement.mode),
        Filter::Where(_) => None,
    };
    let text = text.and_then(|text| String::from_utf8(text.into_owned()).ok());
    let is_plain = |text: &String| {
        // An empty pattern fits everything on MariaDB and nothing on MySQL; without escapes a
        // backslash is for MySQL alone an ordinary character.
        let escaped = text.contains('\\') && statement.mode.no_backslash_escapes;
        text.is_ascii() && !text.is_empty() && !escaped
    };
    text.filter(is_plain).ok_or_else(|| {
        MysqlError::new(
            ErrorKind::NotSupportedYet,
            "Shardwell does not support SHOW DATABASES with WHERE, or with this LIKE",
        )
    })
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

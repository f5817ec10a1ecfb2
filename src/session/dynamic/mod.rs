//! PREPARE, EXECUTE, EXECUTE IMMEDIATE and DEALLOCATE as text.
//!
//! In: their names, and texts with placeholders. Out: the text as a statement of the session's, planned
//! like any other. Servers are only asked what is wrong with a text; they keep nothing.
//!
//! | file | what it does |
//! |---|---|
//! | `text` | a text → what it is and how many parameters it has, or why it cannot be prepared |
//! | `values` | user variables → literals in the places of the parameters |
//! | `on_server` | where a literal could mean something else, the server executes the text itself |

mod on_server;
mod text;
mod values;

pub(super) use text::is_dynamic;
pub(super) use values::{with_bound, with_bound_behind};

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::failure::Failure;
use super::prepared::Template;
use super::state::Session;
use super::statement::Statement;
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::PrepareSource;
use crate::parse::{Digest, Utility};

/// A text under a name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    template: Arc<Template>,
    params: usize,
}

/// The most texts that one session may prepare.
const MOST: usize = 16_382;

/// The texts that the client has prepared, by the names in small letters.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, Named>);

impl Names {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Session {
    /// Carries out a statement about prepared texts; says whether the rest of the command shall run.
    pub(super) async fn dynamic(
        &mut self,
        utility: &Utility,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let tokens = statement.tokens();
        let name = |at: usize| tokens.name(at).unwrap_or_default();
        match utility {
            Utility::Prepare { name: at, source } => {
                // As MySQL does it, what had the name is gone whatever comes of the new text.
                let key = name(*at).to_lowercase();
                self.names.0.remove(&key);
                let sql = self.text_of(*source, statement).await?;
                let (named, conditions) = self.read_text(&sql).await?;
                self.keep_named(key, named)?;
                let warnings = u16::try_from(conditions.count()).unwrap_or(u16::MAX);
                self.diagnostics = conditions;
                self.reply_ok_of(statement.more, (&[], warnings), b"Statement prepared");
                Ok(true)
            }
            Utility::Deallocate(at) => {
                let name = name(*at);
                let known = self.names.0.remove(&name.to_lowercase());
                known.ok_or_else(|| unknown(&name, "DEALLOCATE PREPARE"))?;
                self.reply_ok(statement.more);
                Ok(true)
            }
            Utility::Execute { name: at, using } => {
                let name = name(*at);
                let known = self.names.0.get(&name.to_lowercase()).cloned();
                let known = known.ok_or_else(|| unknown(&name, "EXECUTE"))?;
                self.execute_named(&known, using, statement).await
            }
            Utility::ExecuteImmediate { source, using } => {
                if self.flavor() != Some(Flavor::MariaDb) {
                    let span = (statement.start, statement.digest.end);
                    let otherwise = unsupported("EXECUTE IMMEDIATE on MySQL");
                    let error = self.syntax_error(statement.sql, span, otherwise).await;
                    return Err(Failure::Error(error));
                }
                let sql = self.text_of(*source, statement).await?;
                let (named, _) = self.read_text(&sql).await?;
                self.execute_named(&named, using, statement).await
            }
            _ => Err(Failure::Error(unsupported("this statement"))),
        }
    }

    fn keep_named(&mut self, name: String, named: Named) -> Result<(), MysqlError> {
        if self.names.0.len() >= MOST {
            return Err(MysqlError::new(
                ErrorKind::TooManyStatements,
                format!(
                    "Can't create more than max_prepared_stmt_count statements (current value: {MOST})"
                ),
            ));
        }
        self.names.0.insert(name, named);
        Ok(())
    }

    async fn execute_named(
        &mut self,
        named: &Named,
        using: &[usize],
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if using.len() != named.params {
            return Err(Failure::Error(MysqlError::new(
                ErrorKind::WrongArguments,
                "Incorrect arguments to EXECUTE",
            )));
        }
        let template = &named.template;
        let reading = self.state.variables.for_reading();
        if template.text != self.state.text
            || template.schema != self.state.schema
            || *template.settings != reading
        {
            let what = "EXECUTE in another schema, or under another sql_mode or character set, than \
                        its PREPARE";
            return Err(Failure::Error(unsupported(what)));
        }
        if using.is_empty() {
            return self.run_text(&template.sql, statement).await;
        }
        match self.with_values(template, using, statement).await? {
            Some(sql) => self.run_text(&sql, statement).await,
            None => self.execute_on_server(template, using, statement).await,
        }
    }

    /// Runs a text as if the client had sent it.
    pub(super) async fn run_text(
        &mut self,
        sql: &[u8],
        outer: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let mut digest = Digest::default();
        self.scan_alone(sql, &mut digest)?;
        let statement = Statement {
            sql,
            digest: &digest,
            start: 0,
            attributes: outer.attributes,
            more: outer.more,
            mode: outer.mode,
            ids: None,
            hint: None,
        };
        self.run_inner(&statement).await
    }

    /// A statement within a statement: a future of its own kind, lest it contain itself.
    fn run_inner<'f>(
        &'f mut self,
        statement: &'f Statement<'f>,
    ) -> Pin<Box<dyn Future<Output = Result<bool, Failure>> + Send + 'f>> {
        Box::pin(self.planned_statement(statement))
    }

    /// What a PREPARE or EXECUTE IMMEDIATE names as its text.
    async fn text_of(
        &mut self,
        source: PrepareSource,
        statement: &Statement<'_>,
    ) -> Result<Vec<u8>, Failure> {
        match source {
            PrepareSource::Text(at) => Ok(text::literal(statement, at)?),
            PrepareSource::Variable(at) => self.text_in(at, statement).await,
        }
    }
}

fn unknown(name: &str, command: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::UnknownStatement,
        format!("Unknown prepared statement handler ({name}) given to {command}"),
    )
}

fn unsupported(what: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::NotSupportedYet,
        format!("This version of Shardwell doesn't yet support '{what}'"),
    )
}

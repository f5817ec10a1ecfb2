//! Statements that the session carries out itself.

use super::command_phase::End;
use super::diagnostics::{Diagnostics, keeps_conditions};
use super::ending::unknown_savepoint;
use super::failure::Failure;
use super::kill::Whose;
use super::local::More;
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use super::transaction::{Prelude, Transaction};
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::{AccessMode, TlsStatus};
use crate::parse::{Completion, Show, Utility};
use crate::plan::Plan;
use crate::route::Route;
use crate::wire::TextColumn;

impl Session {
    /// Carries a statement out; says whether the rest of the command shall run.
    pub(super) async fn utility(
        &mut self,
        utility: &Utility,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let tokens = statement.tokens();
        let name = |at: usize| tokens.name(at).unwrap_or_default();
        if !keeps_conditions(utility) {
            self.diagnostics = Diagnostics::default();
        }
        match utility {
            Utility::Use(at) => {
                let name = name(*at);
                self.use_schema(name.as_bytes(), statement.more).await?;
            }
            Utility::Set(items) => return self.set(items, plan, snapshot, statement).await,
            Utility::UnlockTables => Box::pin(self.unlock_tables(statement.more)).await?,
            Utility::Begin => return self.begin(None, plan, snapshot, statement).await,
            Utility::StartTransaction { access, .. } => {
                return self.begin(*access, plan, snapshot, statement).await;
            }
            Utility::Commit(completion) | Utility::Rollback(completion) => {
                if self.transaction.is_on_several() {
                    let commit = matches!(utility, Utility::Commit(_));
                    return self
                        .complete_everywhere(commit, *completion, statement)
                        .await;
                }
                return self.complete(*completion, plan, snapshot, statement).await;
            }
            Utility::Savepoint(at) | Utility::RollbackTo(at) | Utility::ReleaseSavepoint(at) => {
                return self
                    .savepoint(utility, &name(*at), plan, snapshot, statement)
                    .await;
            }
            Utility::Kill { query, id } => {
                let id = self.kill_id(statement, id.clone())?;
                self.kill(id, *query, Whose::Own)?;
                self.reply_ok(statement.more);
            }
            Utility::Show(Show::Shardwell(Some(shown))) => {
                Box::pin(self.show_list(*shown, statement)).await?;
            }
            Utility::Show(show) => self.show(show, statement)?,
            Utility::GetDiagnostics(wanted) => {
                return Box::pin(self.get_diagnostics(wanted.as_ref(), statement)).await;
            }
            Utility::Shardwell(order) => Box::pin(self.order(order, statement)).await?,
            other => return Box::pin(self.dynamic(other, statement)).await,
        }
        Ok(true)
    }

    /// Sends the statement as it is to where the session is, or to any server.
    pub(super) async fn pass_on(
        &mut self,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        self.run_routed(snapshot, plan, &Route::Any(None), statement)
            .await
    }

    /// BEGIN commits what is open and starts anew, wherever the next statement leads.
    async fn begin(
        &mut self,
        access: Option<AccessMode>,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let inherited = self.inherited(access);
        Box::pin(self.release_tables()).await?;
        if self.transaction.is_on_several() {
            self.end_everywhere(true).await?;
        }
        let open_on = self.transaction.open_on();
        if let Some(replica_set) = open_on {
            // The server commits and begins; what it began there is ended again, so that the new
            // transaction is not bound to that server.
            if !self.pass_on(plan, snapshot, statement).await? {
                return Ok(false);
            }
            self.end_quietly(replica_set).await?;
        }
        self.transaction = self.requested(access, statement.text());
        if let (Some(read_only), Some(prelude)) = (inherited, self.transaction.prelude()) {
            prelude.set_read_only(read_only);
        }
        if open_on.is_none() {
            self.reply_ok(statement.more);
        }
        Ok(true)
    }

    /// MySQL lets a transaction whose BEGIN does not say what it may do what the one could that was open
    /// before; to MariaDB what SET TRANSACTION said was for that one.
    fn inherited(&mut self, access: Option<AccessMode>) -> Option<bool> {
        let mysql = self.flavor() != Some(Flavor::MariaDb);
        let open = self.transaction.prelude().filter(|open| open.has_begun())?;
        let read_only = open.is_read_only();
        if !mysql {
            self.state.next_transaction.clear();
            self.state.next_access = None;
            return None;
        }
        access.is_none().then_some(read_only)
    }

    /// What BEGIN asks for, with what SET TRANSACTION said before.
    fn requested(&self, access: Option<AccessMode>, begin: &[u8]) -> Transaction {
        let session = ["transaction_read_only", "tx_read_only"]
            .iter()
            .find_map(|name| self.state.variables.get(name))
            .is_some_and(|value| matches!(value, b"1" | b"ON"));
        let read_only = match (access, self.state.next_access) {
            (Some(access), _) | (None, Some(access)) => access == AccessMode::ReadOnly,
            (None, None) => session,
        };
        Transaction::Requested(Prelude::new(begin, read_only))
    }

    /// COMMIT or ROLLBACK.
    async fn complete(
        &mut self,
        completion: Completion,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let (chain, release) = self.completion(completion);
        let begun = match &self.transaction {
            Transaction::Open(_) => {
                let done = self.pass_on(plan, snapshot, statement).await?;
                if let Transaction::Open(open) = &mut self.transaction {
                    // AND CHAIN: another transaction, with the same beginning.
                    open.prelude = open.prelude.chained();
                    if let Some(backend) = self.held.get(open.first) {
                        backend.wrote = false;
                    }
                }
                if release {
                    return Err(Failure::End(End::Left));
                }
                return Ok(done);
            }
            Transaction::Requested(prelude) => Some(prelude.chained()),
            Transaction::None => None,
        };
        if chain {
            // Without a transaction too one begins, and what SET TRANSACTION said holds for it.
            self.transaction = begun.map_or_else(
                || self.requested(None, b"START TRANSACTION"),
                Transaction::Requested,
            );
        } else {
            self.transaction = Transaction::None;
            self.state.next_transaction.clear();
            self.state.next_access = None;
        }
        self.reply_ok(statement.more);
        if release {
            self.flush().await.map_err(Failure::End)?;
            return Err(Failure::End(End::Left));
        }
        Ok(true)
    }

    async fn savepoint(
        &mut self,
        utility: &Utility,
        name: &str,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if matches!(self.transaction, Transaction::None) && !self.state.autocommit() {
            self.transaction = Transaction::Requested(Prelude::default());
        }
        if self.transaction.is_on_several() {
            return self.savepoint_everywhere(utility, name, statement).await;
        }
        if !matches!(self.transaction, Transaction::Requested(_)) {
            let done = self.pass_on(plan, snapshot, statement).await?;
            if done {
                // One that a routine made is the server's alone.
                let _ = self.note_savepoint(utility, name, statement);
            }
            return Ok(done);
        }
        self.note_savepoint(utility, name, statement)
            .map_err(|error| unknown_savepoint(&error))?;
        self.reply_ok(statement.more);
        Ok(true)
    }

    /// The id of a KILL: a number, or a call that the proxy can answer.
    pub(super) fn kill_id(
        &self,
        statement: &Statement<'_>,
        id: std::ops::Range<usize>,
    ) -> Result<u64, MysqlError> {
        let tokens = statement.tokens();
        if id.len() == 3 && tokens.is_word(id.start, "CONNECTION_ID") {
            return Ok(u64::from(self.handle.id.0));
        }
        let number = std::str::from_utf8(tokens.text(id.start)).ok();
        let number = number.filter(|_| id.len() == 1);
        number
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| {
                MysqlError::new(
                    ErrorKind::NotSupportedYet,
                    "This version of Shardwell doesn't yet support 'KILL with an expression'; \
                     write the connection id as a number",
                )
            })
    }

    fn show(&mut self, show: &Show, statement: &Statement<'_>) -> Result<(), Failure> {
        let more = statement.more;
        match show {
            Show::Warnings(window) => return self.show_conditions(false, *window, statement),
            Show::Errors(window) => return self.show_conditions(true, *window, statement),
            Show::CountWarnings => self.count_conditions(false, more),
            Show::CountErrors => self.count_conditions(true, more),
            Show::Processlist { full } => self.show_processlist(*full, more),
            Show::Databases(filter) => self.show_databases(*filter, statement)?,
            Show::Grants => self.show_grants(more),
            Show::Tls(status) => self.show_tls(*status, more),
            _ => return Err(Failure::Error(unsupported("this statement"))),
        }
        Ok(())
    }

    /// SHOW STATUS about the encryption between client and proxy: a client asks whether somebody can
    /// read what it sends.
    fn show_tls(&mut self, status: TlsStatus, more: More) {
        let tls = self.client.stream().tls();
        let value = tls.map(|tls| match status {
            TlsStatus::Cipher => tls.cipher,
            TlsStatus::Version => tls.version,
        });
        let texts = [status.name(), value.unwrap_or_default()];
        let row = texts.map(|text| Some(text.as_bytes().to_vec())).to_vec();
        let columns = ["Variable_name", "Value"].map(TextColumn::text);
        self.reply_rows(&columns, &[row], more);
    }
}

pub(super) fn unsupported(what: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::NotSupportedYet,
        format!("This version of Shardwell doesn't yet support '{what}'"),
    )
}

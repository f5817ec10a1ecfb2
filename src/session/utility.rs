//! Statements that the session carries out itself.

use super::command_phase::End;
use super::diagnostics::{Diagnostics, keeps_conditions};
use super::ending::unknown_savepoint;
use super::failure::Failure;
use super::kill::Whose;
use super::local::More;
use super::position::POSITION;
use super::request::Request;
use super::session_set::ReadBack;
use super::shard_query::{Lent, ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use super::transaction::{Prelude, Transaction};
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::{AccessMode, TlsStatus};
use crate::parse::{Completion, SetItem, Show, TransactionScope, Utility, VariableScope};
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
    async fn pass_on(
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

    /// SET: a server evaluates it, and what it set is read back there.
    async fn set(
        &mut self,
        items: &[SetItem],
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if let [
            SetItem::Transaction {
                scope: TransactionScope::Next,
                access,
                ..
            },
        ] = items
        {
            return self
                .set_next_transaction(*access, plan, snapshot, statement)
                .await;
        }
        if let [SetItem::System { name, value, .. }] = items
            && name == POSITION
        {
            self.set_position(statement.tokens(), value)?;
            self.reply_ok(statement.more);
            return Ok(true);
        }
        if let [SetItem::Role(roles)] = items {
            self.set_role(roles, statement)?;
            return Ok(true);
        }
        let mut read_back = ReadBack::default();
        for item in items {
            note_item(item, snapshot, &mut read_back)?;
        }
        if self.transaction.is_on_several() && self.begins_autocommit(items, statement)? {
            self.end_everywhere(true).await?;
        }
        if plan.looks_up.any() {
            Box::pin(self.look_up(snapshot, plan)).await?;
        }
        let target = self.set_target(plan, snapshot, statement)?;
        let mut room = Vec::new();
        let text = self.rewrite((snapshot, plan), statement, (target, 0), &mut room)?;
        let query = ShardQuery {
            request: Request::Set {
                sql: text,
                attributes: statement.attributes,
                read_back: &read_back,
            },
            qualified: false,
            read_only: false,
            transactional: plan.routine.is_some() || plan.reads_on.is_some(),
            needs_last_insert_id: plan.needs_last_insert_id,
            leaves_counts: plan.leaves_counts,
            pin: plan.pin,
            uses_pinned_state: plan.uses_pinned_state,
            variables: Lent::of(plan),
            ..ShardQuery::OWN
        };
        let was_off = !self.state.autocommit();
        let requested = self.take_requested(items, statement);
        let done = self.run(&target, &query, statement.more).await;
        let done = done.map(|summary| summary.error.is_none());
        self.settle_autocommit(was_off, requested, matches!(done, Ok(true)));
        done
    }

    /// The transaction that BEGIN asked for and no server knows of, where a SET turns autocommit on.
    fn take_requested(&mut self, items: &[SetItem], statement: &Statement<'_>) -> Transaction {
        let requested = matches!(self.transaction, Transaction::Requested(_));
        match requested && self.begins_autocommit(items, statement).unwrap_or(false) {
            true => std::mem::take(&mut self.transaction),
            false => Transaction::None,
        }
    }

    /// After a SET: autocommit turned on has committed what was `requested`, a SET that failed has not.
    fn settle_autocommit(&mut self, was_off: bool, requested: Transaction, done: bool) {
        if !done && matches!(requested, Transaction::Requested(_)) {
            self.transaction = requested;
        } else if done
            && was_off
            && self.state.autocommit()
            && matches!(self.transaction, Transaction::Requested(_))
        {
            self.transaction = Transaction::None;
        }
    }

    /// Whether a SET turns autocommit on, which commits.
    fn begins_autocommit(
        &self,
        items: &[SetItem],
        statement: &Statement<'_>,
    ) -> Result<bool, MysqlError> {
        let tokens = statement.tokens();
        let value = items.iter().find_map(|item| match item {
            SetItem::System { name, value, .. } if name == "autocommit" => Some(value.clone()),
            _ => None,
        });
        let (Some(value), false) = (value, self.state.autocommit()) else {
            return Ok(false);
        };
        const ON: [&[u8]; 6] = [b"1", b"ON", b"'ON'", b"\"ON\"", b"TRUE", b"DEFAULT"];
        const OFF: [&[u8]; 5] = [b"0", b"OFF", b"'OFF'", b"\"OFF\"", b"FALSE"];
        let words = value.clone().map(|at| tokens.text(at).to_ascii_uppercase());
        match words.collect::<Vec<_>>().as_slice() {
            [word] if ON.contains(&word.as_slice()) => Ok(true),
            [word] if OFF.contains(&word.as_slice()) => Ok(false),
            _ => Err(unsupported(
                "SET autocommit to an expression in a transaction over several replica sets",
            )),
        }
    }

    /// Where a SET is evaluated: where the tables are that it reads. A stored function needs the schema's
    /// database around it; `plan` lets one through only where any shard gives the same answer.
    pub(super) fn set_target<'s>(
        &self,
        plan: &'s Plan,
        snapshot: &'s Snapshot,
        statement: &Statement<'_>,
    ) -> Result<Target<'s>, Failure> {
        if let Some(shard) = plan.reads_on {
            let target = self.target(snapshot, plan, &Route::Single(shard.into()));
            return target.map(|(target, _)| target);
        }
        let tokens = statement.tokens();
        let queries =
            plan.routine.is_some() || (0..tokens.len()).any(|at| tokens.is_word(at, "SELECT"));
        let schema = self.state.schema.as_deref().filter(|_| queries);
        let schema = schema.and_then(|name| snapshot.topology.schema(name));
        let target = self.target(snapshot, plan, &Route::Any(schema.map(|(id, _)| id)));
        target.map(|(target, _)| target)
    }

    /// SET TRANSACTION without a scope: for the next transaction, wherever it will be.
    async fn set_next_transaction(
        &mut self,
        access: Option<AccessMode>,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if self.transaction.open_on().is_some() {
            // The server says that it is too late.
            return self.pass_on(plan, snapshot, statement).await;
        }
        if self.transaction.is_active() {
            return Err(Failure::Error(MysqlError::new(
                ErrorKind::TransactionInProgress,
                "Transaction characteristics can't be changed while a transaction is in progress",
            )));
        }
        self.state.next_transaction.push(statement.text().to_vec());
        self.state.next_access = access.or(self.state.next_access);
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

/// What one assignment asks for.
fn note_item(
    item: &SetItem,
    snapshot: &Snapshot,
    read_back: &mut ReadBack,
) -> Result<(), MysqlError> {
    let single_server = snapshot.topology.replica_sets.len() == 1;
    match item {
        SetItem::System {
            scope: VariableScope::Session,
            name,
            ..
        } => match name.as_str() {
            "insert_id" | "rand_seed1" | "rand_seed2" | "gtid_next" | "gtid_seq_no"
            | "pseudo_thread_id" => {
                return Err(unsupported(&format!("SET {name}")));
            }
            _ => read_back.variable(name),
        },
        SetItem::System { scope, name, .. } => {
            if !single_server {
                let scope = format!("{scope:?}").to_uppercase();
                return Err(unsupported(&format!(
                    "SET {scope} {name} on several replica sets; set it on each server"
                )));
            }
        }
        SetItem::Names { .. } => read_back.character_sets(true),
        SetItem::CharacterSet(_) => read_back.character_sets(false),
        SetItem::Transaction { scope, .. } => match scope {
            TransactionScope::Session => read_back.transaction(),
            TransactionScope::Global if !single_server => {
                return Err(unsupported(
                    "SET GLOBAL TRANSACTION on several replica sets; set it on each server",
                ));
            }
            TransactionScope::Global | TransactionScope::Next => {}
        },
        SetItem::User { .. } => {}
        SetItem::Password => return Err(unsupported("SET PASSWORD")),
        SetItem::Role(_) => return Err(unsupported("SET ROLE")),
        SetItem::OtherRole => {
            return Err(unsupported("SET DEFAULT ROLE and this form of SET ROLE"));
        }
        SetItem::ResourceGroup => return Err(unsupported("SET RESOURCE GROUP")),
    }
    Ok(())
}

fn unsupported(what: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::NotSupportedYet,
        format!("This version of Shardwell doesn't yet support '{what}'"),
    )
}

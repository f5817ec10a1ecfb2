//! SET: what servers evaluate, and what of it the session takes over.

use super::failure::Failure;
use super::position::POSITION;
use super::request::Request;
use super::session_set::ReadBack;
use super::shard_query::{Lent, ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use super::transaction::Transaction;
use super::utility::unsupported;
use crate::backend::ChangeOfGlobals;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::AccessMode;
use crate::parse::{SetItem, TransactionScope, VariableScope};
use crate::plan::Plan;
use crate::route::Route;

impl Session {
    /// SET: a server evaluates it, and what it set is read back there.
    pub(super) async fn set(
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
        let read_back = to_read_back(items, snapshot)?;
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
        let _changing = self.change_of_globals(&read_back).await;
        let done = self.run(&target, &query, statement.more).await;
        let done = done.map(|summary| summary.error.is_none());
        self.settle_autocommit(was_off, requested, matches!(done, Ok(true)));
        done
    }

    /// Where a SET changes global variables, sessions that begin meanwhile wait for what they are.
    async fn change_of_globals(&self, read_back: &ReadBack) -> Option<ChangeOfGlobals> {
        match read_back.changes_globals() {
            true => Some(self.shared.cluster.change_globals().await),
            false => None,
        }
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
}

/// What is to be read behind the assignments.
///
/// # Errors
/// One that is not supported.
fn to_read_back(items: &[SetItem], snapshot: &Snapshot) -> Result<ReadBack, MysqlError> {
    let mut read_back = ReadBack::default();
    for item in items {
        note_item(item, snapshot, &mut read_back)?;
    }
    Ok(read_back)
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
            read_back.global();
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
            TransactionScope::Global => read_back.global(),
            TransactionScope::Next => {}
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

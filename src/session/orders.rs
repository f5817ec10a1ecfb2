//! SHARDWELL RELOAD, DRAIN SERVER, RESUME SERVER, KILL, CHECK TABLE: for users with `admin = true`.

use std::ops::Range;
use std::sync::Arc;

use super::failure::{Failure, interrupted};
use super::kill::Whose;
use super::local::More;

use super::state::{Session, name_of};
use super::statement::Statement;
use crate::backend::ReplicaSet;
use crate::config::Address;
use crate::error::{ErrorKind, MysqlError};
use crate::net::{Interest, Signal};
use crate::parse::utility::Order;
use crate::wire::TextColumn;

impl Session {
    /// Carries an order out.
    pub(super) async fn order(
        &mut self,
        order: &Order,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        self.check_admin()?;
        self.ordered(statement);
        match order {
            Order::Reload => self.reload(statement.more).await,
            Order::Drain(address) => Ok(self.drain(address.clone(), true, statement)?),
            Order::Resume(address) => Ok(self.drain(address.clone(), false, statement)?),
            Order::Kill { query, id } => {
                let id = self.kill_id(statement, id.clone())?;
                self.kill(id, *query, Whose::Anyones)?;
                self.reply_ok(statement.more);
                Ok(())
            }
            Order::Check(table) => self.check_table(*table, statement).await,
        }
    }

    /// Whether the user may give the proxy orders.
    ///
    /// # Errors
    /// 1227, as for a privilege that is missing.
    pub(super) fn check_admin(&self) -> Result<(), MysqlError> {
        if self.account.admin {
            return Ok(());
        }
        let error = MysqlError::new(
            ErrorKind::PrivilegeMissing,
            "Access denied; you need (at least one of) the ADMIN privilege(s) for this operation: \
             a user of the configuration with admin = true",
        );
        Err(self.refused(error, None))
    }

    /// One row for each part of the configuration that is different.
    async fn reload(&mut self, more: More) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let reload = shared.orders.reload();
        let watched = self.handle.watch.guard(None, Interest::STATEMENT, reload);
        let done = match watched.await {
            Ok(done) => done,
            Err(signal) => {
                self.handle.watch.acknowledge(Signal::KillQuery);
                return Err(interrupted(signal));
            }
        };
        let changes = done.map_err(|reason| {
            let message = format!("The configuration of before stays: {reason}");
            MysqlError::new(ErrorKind::Internal, message)
        })?;
        let rows = changes.into_iter().map(|change| {
            let effect = change.effect.to_string();
            vec![Some(change.what.into_bytes()), Some(effect.into_bytes())]
        });
        let columns = ["Part", "Effect"].map(TextColumn::text);
        self.reply_rows(&columns, &rows.collect::<Vec<_>>(), more);
        Ok(())
    }

    /// Keeps new statements away from a server, or lets them come again.
    fn drain(
        &mut self,
        address: Range<usize>,
        drain: bool,
        statement: &Statement<'_>,
    ) -> Result<(), MysqlError> {
        let tokens = statement.tokens();
        let bytes: Vec<u8> = address.flat_map(|at| tokens.text(at).to_vec()).collect();
        let text = name_of(&bytes);
        let name = text.trim_matches(['\'', '"', '`']);
        // The session may still be under the configuration of before.
        let cluster = Arc::clone(&self.shared.newest().cluster);
        let all = cluster.replica_sets().iter();
        let found = all
            .flat_map(|set| (0..set.members().len()).map(move |at| (set, at)))
            .find(|(set, at)| is_at(set, *at, name));
        let Some((set, at)) = found else {
            let message = format!("There is no server '{name}' in the configuration");
            return Err(MysqlError::new(ErrorKind::WrongArguments, message));
        };
        if drain && at == set.primary_at() {
            let message = format!(
                "'{name}' is the primary of replica set '{}': make another server the primary first",
                set.name
            );
            return Err(MysqlError::new(ErrorKind::WrongArguments, message));
        }
        if let Some(member) = set.member(at) {
            member.drain(drain);
            if drain {
                member.pool.retire(false);
            }
        }
        self.reply_ok(statement.more);
        Ok(())
    }
}

fn is_at(set: &ReplicaSet, at: usize, name: &str) -> bool {
    let address = set.member(at).map(|member| &member.pool.server().address);
    match address {
        Some(Address::Tcp { .. }) => address.is_some_and(|address| address.to_string() == name),
        Some(Address::Unix(path)) => {
            name == format!("unix:{}", path.display()) || path.as_os_str() == name
        }
        None => false,
    }
}

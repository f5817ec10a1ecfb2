//! What a session has written, as text that a client carries to another session: SHOW SHARDWELL
//! POSITION there, SET shardwell_position here. Reads then see those writes too.
//!
//! `replica_set=GTIDs`, separated by semicolons; GTIDs as the servers write them.

use std::ops::Range;
use std::time::Duration;

use super::failure::Failure;
use super::local::More;
use super::state::{Session, name_of};
use crate::backend::gtid::Position;
use crate::backend::health::Standing;
use crate::backend::{Flavor, ReplicaSet};
use crate::error::{ErrorKind, MysqlError};
use crate::net::{Interest, Signal};
use crate::parse::Tokens;
use crate::topology::ReplicaSetId;
use crate::wire::TextColumn;

/// The variable's name.
pub(super) const POSITION: &str = "shardwell_position";

/// How long the primaries may take to be asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often is looked whether they were.
const POLL: Duration = Duration::from_millis(10);

impl Session {
    /// SHOW SHARDWELL POSITION
    pub(super) async fn show_position(&mut self, more: More) -> Result<(), Failure> {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !self.settle_written() {
            if tokio::time::Instant::now() >= end {
                let message = "the primaries do not tell what was written there";
                let error = MysqlError::new(ErrorKind::BackendUnavailable, message);
                return Err(Failure::Error(error));
            }
            let pause = self.shared.cluster.reactor().sleep(POLL);
            let watched = self.handle.watch.guard(None, Interest::STATEMENT, pause);
            if let Err(signal) = watched.await {
                self.handle.watch.acknowledge(Signal::KillQuery);
                return Err(super::failure::interrupted(signal));
            }
        }
        let named = self.written.positions().filter_map(|(id, position)| {
            let set = self.shared.cluster.get(id)?;
            Some(format!("{}={position}", set.name))
        });
        let text = named.collect::<Vec<_>>().join(";");
        let row = vec![Some(text.into_bytes())];
        self.reply_rows(&[TextColumn::text("Position")], &[row], more);
        Ok(())
    }

    fn settle_written(&mut self) -> bool {
        let cluster = &self.shared.cluster;
        self.written.settle(|id| {
            let set = cluster.get(id)?;
            primary_of(set)
        })
    }

    /// SET shardwell_position = '…'
    pub(super) fn set_position(
        &mut self,
        tokens: Tokens<'_>,
        value: &Range<usize>,
    ) -> Result<(), MysqlError> {
        let text = name_of(tokens.text(value.start));
        let quoted = ['\'', '"']
            .iter()
            .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
        let quoted = quoted.filter(|_| value.len() == 1);
        let wrong = || {
            let message = format!("Variable '{POSITION}' can't be set to the value of {text}");
            MysqlError::new(ErrorKind::WrongValueForVariable, message)
        };
        let flavor = self.flavor().unwrap_or(Flavor::MySql);
        let parts = quoted.ok_or_else(wrong)?.split(';').map(str::trim);
        let mut found = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            let (name, gtids) = part.split_once('=').ok_or_else(wrong)?;
            let sets = self.shared.cluster.replica_sets().iter().zip(0..);
            let mut named = sets.filter(|(set, _)| set.name == name);
            let (_, id) = named.next().ok_or_else(wrong)?;
            let position = Position::parse(gtids, flavor).map_err(|_| wrong())?;
            found.push((ReplicaSetId(id), position));
        }
        for (id, position) in &found {
            self.written.add(*id, position, flavor);
        }
        Ok(())
    }
}

fn primary_of(set: &ReplicaSet) -> Option<Standing> {
    set.standings().get(set.primary_at()).cloned()
}

//! LOAD DATA LOCAL of rows that several data nodes store, or that get ids.
//!
//! The servers see the statement first, with an empty file: they say what is wrong with it before the
//! client is asked for its own. Then that is cut into rows, and every data node gets its own, some
//! thousands at a time ([`Batch`]), each time by the client's statement with its own file. All of it is
//! one transaction; the client's file is read to its end whatever happens, for nothing else can be said
//! before.

mod batch;
mod format;
mod outcome;
mod run;
mod target;

use smallvec::SmallVec;

use super::super::command_phase::End;
use super::super::failure::Failure;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::writes::Told;
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{ClientFile, FileStop, Stop};
use crate::net::{Interest, Signal};
use crate::parse::utility::{LoadData, LoadItem};
use crate::parse::{StatementKind, Utility, statement_kind};
use crate::plan::{Load, LoadIds, Plan};
use crate::rewrite::FileRows;
use crate::topology::ReplicaSetId;
use crate::wire::{CapabilityFlags, put_file_wish};
use batch::Batch;
use outcome::Outcome;
use target::NodeText;

/// A load under way.
struct Loading<'l> {
    load: &'l Load,
    snapshot: &'l Snapshot,
    plan: &'l Plan,
    statement: &'l Statement<'l>,
    /// The transaction is the statement's own.
    own: bool,
    /// The character set of the file.
    charset: String,
    /// The data nodes with their texts.
    nodes: Vec<NodeText<'l>>,
    /// Where the statement can be taken back to its beginning.
    begun: SmallVec<[ReplicaSetId; 4]>,
    outcome: Outcome,
    /// What stands between an id and the field behind it.
    behind_id: Vec<u8>,
}

impl Session {
    /// Has the client's file stored; says whether the rest of the command shall run.
    pub(in super::super) async fn run_load(
        &mut self,
        load: &Load,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let file = self.file_name(load.file, statement)?;
        self.check_alone()?;
        self.check_temporary_copies(load)?;
        self.meter.several("write");
        self.handle.loading.reset();
        let own = self.begin_own();
        let loaded = self
            .load_file(load, (snapshot, plan), (own, statement, &file))
            .await;
        self.handle.loading.reset();
        let ended = self.end_own(own, loaded).await;
        if !matches!(ended, Err(Failure::End(_))) {
            self.forget_variables(load, statement).await?;
        }
        let told = ended?;
        self.answer_told(told, statement.more);
        Ok(true)
    }

    /// The file that a statement asks its client for, if it does: the only one that the client will be
    /// asked for.
    ///
    /// # Errors
    /// The client does not send files.
    pub(in super::super) fn file_of(
        &self,
        statement: &Statement<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        match statement_kind(&statement.tokens()) {
            StatementKind::Utility(Utility::LoadData(data)) => {
                let LoadData { local, file, .. } = *data;
                let name = local.then(|| self.file_name(file, statement));
                name.transpose()
            }
            _ => Ok(None),
        }
    }

    fn file_name(&self, token: usize, statement: &Statement<'_>) -> Result<Vec<u8>, Failure> {
        let flag = CapabilityFlags::CLIENT_LOCAL_FILES;
        if !self.capabilities.contains(flag) {
            let disabled = "Loading local data is disabled; this must be enabled on both the client \
                            and server sides";
            let error = MysqlError::new(ErrorKind::LocalFilesDisabled, disabled);
            return Err(Failure::Error(error));
        }
        let name = self.string_of(token, statement);
        name.ok_or_else(|| {
            Failure::Error(format::refused(
                "LOAD DATA whose file's name cannot be read",
            ))
        })
    }

    async fn load_file(
        &mut self,
        load: &Load,
        (snapshot, plan): (&Snapshot, &Plan),
        (own, statement, name): (bool, &Statement<'_>, &[u8]),
    ) -> Result<Told, Failure> {
        let mut loading = Loading {
            load,
            snapshot,
            plan,
            statement,
            own,
            charset: String::new(),
            nodes: self.node_texts(load, (snapshot, plan), statement)?,
            begun: SmallVec::new(),
            outcome: Outcome::default(),
            behind_id: Vec::new(),
        };
        let mut file = None;
        let mut done = self.load_rows(&mut loading, name, &mut file).await;
        if let (Err(Failure::Error(_)), Some(mut file)) = (&done, file) {
            let timing = (&*self.handle.watch, self.shared.limits.write);
            if let Err(stop) = file.skip(&mut self.client, timing).await {
                done = Err(Failure::End(stop.into()));
            }
        }
        match done {
            Ok(()) => Ok(loading.outcome.told(loading.nodes.len())),
            Err(Failure::Error(error)) if !own => {
                self.back_to_savepoint(&loading.begun).await?;
                Err(Failure::Error(error))
            }
            Err(failure) => Err(failure),
        }
    }

    /// `file`: where the client was asked for it.
    async fn load_rows(
        &mut self,
        loading: &mut Loading<'_>,
        name: &[u8],
        file: &mut Option<ClientFile>,
    ) -> Result<(), Failure> {
        loading.charset = self.try_empty_file(loading).await?;
        let mut rows = self.file_rows(loading)?;
        self.set_texts(loading)?;
        self.client.queue_with(|out| put_file_wish(out, name));
        let limit = Some(self.shared.limits.write);
        let asked = self.client.flush();
        match self
            .handle
            .watch
            .guard(limit, Interest::FINISH, asked)
            .await
        {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(Failure::End(Stop::Gone.into())),
            Err(Signal::Deadline) => return Err(Failure::End(Stop::Stalled.into())),
            Err(_) => return Err(Failure::End(Stop::Killed.into())),
        }
        let file = file.insert(ClientFile::default());
        self.store_file(loading, file, &mut rows).await
    }

    /// Reads the file to its end and stores its rows.
    async fn store_file(
        &mut self,
        loading: &mut Loading<'_>,
        file: &mut ClientFile,
        rows: &mut FileRows,
    ) -> Result<(), Failure> {
        let few = matches!(loading.load.ids, LoadIds::Made { .. });
        let mut batch = Batch::new(few);
        loop {
            let timing = (&*self.handle.watch, self.shared.limits.write);
            let next = file.next(&mut self.client, timing, Interest::STATEMENT);
            let complete = match next.await {
                Ok(Some(piece)) => {
                    self.handle.loading.received(piece.len());
                    rows.feed(&piece);
                    false
                }
                Ok(None) => {
                    rows.finish();
                    true
                }
                Err(FileStop::Client(stop)) => return Err(Failure::End(stop.into())),
                Err(FileStop::Killed) => {
                    self.handle.watch.acknowledge(Signal::KillQuery);
                    return Err(Failure::Error(MysqlError::interrupted()));
                }
            };
            loop {
                match rows.next_row() {
                    Ok(Some(row)) => batch.add(row),
                    Ok(None) => break,
                    Err(error) => return Err(Failure::Error(format::broken(&error))),
                }
                if batch.is_full() {
                    self.store_batch(loading, &mut batch).await?;
                }
            }
            if complete {
                return self.store_batch(loading, &mut batch).await;
            }
        }
    }

    /// The variables that got fields have none any more on the connections that the session keeps: which
    /// row was the last one there means nothing.
    async fn forget_variables(
        &mut self,
        load: &Load,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let tokens = statement.tokens();
        let items = load.clauses.list.iter().flat_map(|list| &list.items);
        let names = items.filter_map(|item| match item {
            LoadItem::Variable(at) => Some(tokens.text(*at)),
            LoadItem::Column(_) => None,
        });
        let mut sql = b"SET ".to_vec();
        for (at, name) in names.enumerate() {
            sql.extend_from_slice(if at > 0 { b", " } else { b"" });
            sql.extend_from_slice(name);
            sql.extend_from_slice(b" = NULL");
        }
        let sets: Vec<ReplicaSetId> = self.held.all().map(|held| held.replica_set).collect();
        if sql.len() == b"SET ".len() {
            return Ok(());
        }
        let limit = Some(self.shared.limits.handshake);
        for set in sets {
            let Some(held) = self.held.get(set) else {
                continue;
            };
            let forgotten = held.connection.execute(&sql);
            let guarded = self.handle.watch.guard(limit, Interest::FINISH, forgotten);
            if !matches!(guarded.await, Ok(Ok(()))) {
                return Err(Failure::End(End::Broken));
            }
        }
        Ok(())
    }

    /// A temporary table may stand before one of the copies.
    fn check_temporary_copies(&self, load: &Load) -> Result<(), Failure> {
        match &load.to {
            crate::plan::LoadTarget::Copies(_) => {
                self.check_temporary(&crate::plan::Write::Copies { stores: true })
            }
            crate::plan::LoadTarget::Rows(_) => Ok(()),
        }
    }
}

//! Keeping the snapshot true to the servers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use super::shared::{Shared, Snapshot};
use crate::backend::catalog::{Look, TableName};
use crate::backend::{BackendError, Cluster, catalog};
use crate::config::Config;
use crate::route::{RouteError, Router};
use crate::topology::{
    Difference, Discovered, TableDefinition, TableId, TableKind, Topology, TopologyError,
    differences,
};

/// Why there is no new snapshot.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// A server could not be asked.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Somebody else's look, which this one waited for, has failed.
    #[error("the servers could not be asked a moment ago")]
    JustFailed,
    /// Configuration and servers contradict each other.
    #[error("{}", join(.0))]
    Topology(Vec<TopologyError>),
    /// An algorithm does not fit its table.
    #[error("{}", join(.0))]
    Route(Vec<RouteError>),
}

fn join<E: std::fmt::Display>(errors: &[E]) -> String {
    let texts: Vec<String> = errors.iter().map(E::to_string).collect();
    texts.join("; ")
}

/// Looks at the servers and makes snapshots.
#[derive(Debug)]
pub struct Refresher {
    config: Arc<Config>,
    cluster: Arc<Cluster>,
    last: Mutex<Last>,
}

/// The last look at the servers.
#[derive(Debug, Default)]
struct Last {
    /// When the last one that succeeded began.
    began: Option<Instant>,
    /// When the last look at nothing but functions began.
    functions_began: Option<Instant>,
    /// When the last one that failed ended.
    failed: Option<Instant>,
    /// What the snapshot was made from.
    found: Option<Discovered>,
    /// The differences between shards that operators were told of.
    told: HashSet<Difference>,
    /// Why tables cannot be used, as operators were told.
    unusable: Vec<TopologyError>,
}

/// How much to look at, without what is known already.
#[derive(Clone, Copy)]
enum Extent<'a> {
    Whole,
    News,
    Tables(&'a [TableName]),
}

impl Refresher {
    /// Nothing has been looked at yet.
    pub fn new(config: Arc<Config>, cluster: Arc<Cluster>) -> Self {
        Self {
            config,
            cluster,
            last: Mutex::default(),
        }
    }

    /// What it is for.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The snapshot of the configuration alone: no table is found, no column known.
    ///
    /// # Errors
    /// The configuration contradicts itself.
    pub fn blind(&self) -> Result<Snapshot, RefreshError> {
        self.snapshot(&Discovered::default())
    }

    /// What is known, which does not change until the returned value is dropped: looks that are
    /// asked for meanwhile wait.
    pub async fn pause(&self) -> Paused<'_> {
        Paused(self.last.lock().await)
    }

    /// Looks for new tables and functions, unless that was done within `max_age`; many who ask at
    /// once wait for the same look. Says whether the snapshot was replaced: it is not where nothing
    /// has changed.
    ///
    /// # Errors
    /// The old snapshot stays.
    pub async fn refresh(&self, shared: &Shared, max_age: Duration) -> Result<bool, RefreshError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if last.began.is_some_and(|began| began + max_age > asked) {
            return Ok(false);
        }
        if last.failed.is_some_and(|failed| failed > asked) {
            return Err(RefreshError::JustFailed);
        }
        self.look_and_note(shared, &mut last, Extent::News).await
    }

    /// Looks for new stored functions, unless that was done within `max_age`. Says whether the
    /// snapshot was replaced.
    ///
    /// # Errors
    /// The old snapshot stays.
    pub async fn refresh_functions(
        &self,
        shared: &Shared,
        max_age: Duration,
    ) -> Result<bool, RefreshError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        let looked = last.began.max(last.functions_began);
        if looked.is_some_and(|began| began + max_age > asked) {
            return Ok(false);
        }
        let look = Look::Functions;
        let found = catalog::discover(&self.config, &self.cluster, look).await?;
        last.functions_began = Some(asked);
        match &last.found {
            // Without the tables there is no snapshot to be made.
            None => Ok(false),
            Some(known) if known.functions == found.functions && known.code == found.code => {
                Ok(false)
            }
            Some(known) => {
                let found = Discovered {
                    functions: found.functions,
                    code: found.code,
                    ..known.clone()
                };
                shared.replace_snapshot(self.snapshot(&found)?);
                last.found = Some(found);
                Ok(true)
            }
        }
    }

    /// Looks at everything, columns of known tables too. Says whether the snapshot was replaced.
    ///
    /// # Errors
    /// The old snapshot stays.
    pub async fn refresh_all(&self, shared: &Shared) -> Result<bool, RefreshError> {
        let mut last = self.last.lock().await;
        self.look_and_note(shared, &mut last, Extent::Whole).await
    }

    /// Looks at tables that a definition has changed, and at nothing else.
    ///
    /// # Errors
    /// The old snapshot stays.
    pub async fn tables_changed(
        &self,
        shared: &Shared,
        tables: &[TableName],
    ) -> Result<(), RefreshError> {
        let mut last = self.last.lock().await;
        let extent = Extent::Tables(tables);
        let replaced = self.look(shared, &mut last, extent).await?;
        let snapshot = shared.snapshot();
        if let (false, Some(found)) = (replaced, &last.found)
            && tables
                .iter()
                .any(|table| has_learnt(&snapshot.topology, table))
        {
            shared.replace_snapshot(self.snapshot(found)?);
        }
        Ok(())
    }

    /// What the shards of a table with a rule do not agree on, by a fresh look at it.
    ///
    /// # Errors
    /// A server cannot be asked, or configuration and servers contradict each other.
    pub async fn differences(
        &self,
        shared: &Shared,
        table: &TableName,
    ) -> Result<Vec<Difference>, RefreshError> {
        let mut last = self.last.lock().await;
        let extent = Extent::Tables(std::slice::from_ref(table));
        self.look(shared, &mut last, extent).await?;
        let found = last.found.as_ref();
        let mut all = found.map_or_else(Vec::new, |found| differences(&self.config, found));
        all.retain(|one| one.schema == table.schema && one.table == table.table);
        Ok(all)
    }

    /// A table's columns and indexes: those of the snapshot, else read from the first shard that
    /// has the table and kept there. `None`: there is no such table.
    ///
    /// # Errors
    /// The server cannot be asked.
    pub async fn definition(
        &self,
        snapshot: &Snapshot,
        id: TableId,
    ) -> Result<Option<Arc<TableDefinition>>, BackendError> {
        let topology = &snapshot.topology;
        if let Some(known) = topology.definition(id) {
            return Ok(Some(Arc::clone(known)));
        }
        let table = topology.table_by_id(id);
        let shard = table.and_then(|table| match &table.kind {
            TableKind::Single(shard) => Some(*shard),
            _ => topology.schema_by_id(table.schema)?.shards.first().copied(),
        });
        let shard = shard.and_then(|shard| topology.shard(shard));
        let (Some(table), Some(shard)) = (table, shard) else {
            return Ok(None);
        };
        let (set, database) = (shard.replica_set, shard.database.as_str());
        let found = catalog::definition(&self.cluster, set, database, &table.name).await?;
        if let Some(found) = found {
            topology.learn(id, Arc::new(found));
        }
        Ok(topology.definition(id).map(Arc::clone))
    }

    async fn look_and_note(
        &self,
        shared: &Shared,
        last: &mut Last,
        extent: Extent<'_>,
    ) -> Result<bool, RefreshError> {
        let started = Instant::now();
        let looked = self.look(shared, last, extent).await;
        match &looked {
            Ok(_) => last.began = Some(started),
            Err(_) => last.failed = Some(Instant::now()),
        }
        looked
    }

    async fn look(
        &self,
        shared: &Shared,
        last: &mut Last,
        extent: Extent<'_>,
    ) -> Result<bool, RefreshError> {
        let look = match (extent, &last.found) {
            (Extent::News, Some(known)) => Look::News(known),
            (Extent::Tables(tables), Some(known)) => Look::Tables(known, tables),
            (Extent::Whole, _) | (_, None) => Look::Whole,
        };
        let found = catalog::discover(&self.config, &self.cluster, look).await?;
        if last.found.as_ref() == Some(&found) {
            return Ok(false);
        }
        let snapshot = self.snapshot(&found)?;
        last.tell_unusable(&snapshot.topology);
        shared.replace_snapshot(snapshot);
        last.tell(differences(&self.config, &found));
        last.found = Some(found);
        Ok(true)
    }

    fn snapshot(&self, found: &Discovered) -> Result<Snapshot, RefreshError> {
        let mut topology = Topology::build(&self.config, found).map_err(RefreshError::Topology)?;
        if let Err(errors) = Router::new(&topology) {
            errors.iter().for_each(|error| refuse(&mut topology, error));
        }
        let router = Router::new(&topology);
        let errors = |errors: Vec<_>| errors.into_iter().map(|(_, error)| error).collect();
        let router = router.map_err(|found| RefreshError::Route(errors(found)))?;
        Ok(Snapshot::new(topology, router))
    }
}

/// A refresher that looks at nothing for the moment.
#[derive(Debug)]
pub struct Paused<'a>(MutexGuard<'a, Last>);

impl Paused<'_> {
    /// A refresher for another configuration of the same tables on the same servers; `None` where
    /// they have not been looked at yet.
    pub fn go_on(&self, config: Arc<Config>, cluster: Arc<Cluster>) -> Option<Refresher> {
        let last = Last {
            began: self.0.began,
            functions_began: self.0.functions_began,
            failed: None,
            found: Some(self.0.found.clone()?),
            told: self.0.told.clone(),
            unusable: self.0.unusable.clone(),
        };
        Some(Refresher {
            config,
            cluster,
            last: Mutex::new(last),
        })
    }

    /// A refresher for a configuration of which the servers must be asked, and what it has found.
    ///
    /// # Errors
    /// A server cannot be asked, or configuration and servers contradict each other.
    pub async fn look(
        &self,
        config: Arc<Config>,
        cluster: Arc<Cluster>,
    ) -> Result<(Refresher, Snapshot), RefreshError> {
        let began = Instant::now();
        let found = catalog::discover(&config, &cluster, Look::Whole).await?;
        let mut refresher = Refresher::new(config, cluster);
        let snapshot = refresher.snapshot(&found)?;
        let unusable = snapshot.topology.unusable.values();
        let new = unusable.filter(|reason| !self.0.unusable.contains(reason));
        let new: Vec<TopologyError> = new.cloned().collect();
        if !new.is_empty() {
            return Err(RefreshError::Topology(new));
        }
        let last = refresher.last.get_mut();
        last.unusable = snapshot.topology.unusable.values().cloned().collect();
        last.began = Some(began);
        last.told.clone_from(&self.0.told);
        last.tell(differences(&refresher.config, &found));
        last.found = Some(found);
        Ok((refresher, snapshot))
    }
}

impl Last {
    /// Tells operators which tables cannot be used, each once.
    fn tell_unusable(&mut self, topology: &Topology) {
        let unusable: Vec<TopologyError> = topology.unusable.values().cloned().collect();
        for reason in unusable
            .iter()
            .filter(|reason| !self.unusable.contains(reason))
        {
            tracing::warn!("a table cannot be used: {reason}");
        }
        self.unusable = unusable;
    }

    /// Tells operators what the shards do not agree on, each difference once.
    fn tell(&mut self, differences: Vec<Difference>) {
        for difference in &differences {
            if !self.told.contains(difference) {
                tracing::warn!("shards differ: {difference}");
            }
        }
        self.told = differences.into_iter().collect();
    }
}

/// A table whose algorithm does not fit it stays, and nobody can use its rows.
fn refuse(topology: &mut Topology, (id, error): &(TableId, RouteError)) {
    let Some(table) = topology.table_by_id(*id) else {
        return;
    };
    let schema = topology.schema_by_id(table.schema);
    let reason = TopologyError::NoPlace {
        schema: schema.map_or_else(String::new, |schema| schema.name.clone()),
        table: table.name.clone(),
        reason: match error {
            RouteError::Algorithm { source, .. } => source.to_string(),
            error => error.to_string(),
        },
    };
    topology.refuse(*id, reason);
}

/// Whether the snapshot holds columns of a table, which may be out of date now.
fn has_learnt(topology: &Topology, table: &TableName) -> bool {
    let schema = topology.schema(&table.schema).map(|(id, _)| id);
    let id = schema.and_then(|schema| topology.table(schema, &table.table));
    id.is_some_and(|(id, _)| topology.definition(id).is_some())
}

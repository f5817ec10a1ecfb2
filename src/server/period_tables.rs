//! Tables by period: created ahead of time, and seen when another proxy has created them.
//!
//! A proxy must not write to a table that another one does not read yet. So one that was created
//! ahead of time is used only when every proxy has looked again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::backend::{BackendError, period_tables};
use crate::config::{Config, PeriodTables, SchemaConfig, SplitTables, TableConfig, TableRule};
use crate::session::Live;
use crate::topology::TableKind;
use crate::value::Micros;

/// How often the tables are looked at.
const INTERVAL: Duration = Duration::from_secs(30);

/// So many looks later created tables are used.
const PATIENCE: u32 = 2;

/// Looks at the tables by period now, before anybody is served, and again and again in the
/// background.
pub(super) async fn keep(live: &Arc<Live>, config: &Arc<Config>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    if by_period(config).next().is_none() {
        return tasks;
    }
    let mut keeper = Keeper::new(live, config);
    // Nobody was served yet: what is there now is used now.
    let stale = keeper.look(now()).await;
    if stale || keeper.wait.values().any(|looks| *looks > 0) {
        keeper.wait.clear();
        keeper.refresh().await;
    }
    tasks.spawn(async move { keeper.go_on().await });
    tasks
}

/// Looks at the tables by period of another configuration, in the background.
pub(super) fn take_over(live: &Arc<Live>, config: &Arc<Config>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    if by_period(config).next().is_some() {
        let mut keeper = Keeper::new(live, config);
        tasks.spawn(async move {
            if keeper.look(now()).await {
                keeper.refresh().await;
            }
            keeper.go_on().await;
        });
    }
    tasks
}

/// Every table by period of the configuration.
fn by_period(
    config: &Config,
) -> impl Iterator<Item = (&SchemaConfig, &TableConfig, &PeriodTables)> {
    let tables = config.schemas.iter().flat_map(|schema| {
        let tables = schema.tables.iter();
        tables.map(move |table| (schema, table))
    });
    tables.filter_map(|(schema, table)| match &table.rule {
        TableRule::Sharded {
            split: Some(split), ..
        } => match &split.tables {
            SplitTables::ByPeriod(tables) => Some((schema, table, tables.as_ref())),
            SplitTables::Listed(_) => None,
        },
        _ => None,
    })
}

/// The moment in UTC: `ahead` is more than any time zone's difference.
fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let micros = since.map_or(0, |since| since.as_micros());
    Micros::try_from(micros).unwrap_or(Micros::MAX)
}

struct Keeper {
    live: Arc<Live>,
    config: Arc<Config>,
    /// What was last said of a table, so that it is not said at every look.
    said: HashMap<String, String>,
    /// The looks until the created tables of a table are used.
    wait: HashMap<String, u32>,
}

impl Keeper {
    fn new(live: &Arc<Live>, config: &Arc<Config>) -> Self {
        Self {
            live: Arc::clone(live),
            config: Arc::clone(config),
            said: HashMap::new(),
            wait: HashMap::new(),
        }
    }

    async fn go_on(&mut self) {
        let mut interval = tokio::time::interval(INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        interval.tick().await;
        loop {
            interval.tick().await;
            if self.look(now()).await {
                self.refresh().await;
            }
        }
    }

    /// Creates what is missing. Says whether the snapshot shall change.
    async fn look(&mut self, now: Micros) -> bool {
        let config = Arc::clone(&self.config);
        let shared = self.live.load();
        let mut stale = false;
        for (schema, table, tables) in by_period(&config) {
            let name = format!("{}.{}", schema.name, table.name);
            let fold = shared.snapshot().topology.fold_names;
            let cluster = &shared.cluster;
            match period_tables::keep(schema, tables, (now, fold), cluster).await {
                Ok(found) => {
                    if !found.created.is_empty() {
                        tracing::info!(table = name, created = ?found.created, "new periods");
                    }
                    let created = !found.created.is_empty() && !found.now_created;
                    stale |= self.may_use(&name, created)
                        && !found.periods.is_empty()
                        && !self.is_known(schema, table, &found.periods);
                    match found.failed {
                        Some(error) => self.say_failed(name, &error),
                        None if found.periods.is_empty() => self.say_none(name, tables),
                        None => drop(self.said.remove(&name)),
                    }
                }
                Err(error) => self.say_failed(name, &error),
            }
        }
        stale
    }

    /// Whether the tables that were created may be used by now.
    fn may_use(&mut self, table: &str, created: bool) -> bool {
        let wait = self.wait.entry(table.to_owned()).or_default();
        *wait = if created {
            PATIENCE
        } else {
            wait.saturating_sub(1)
        };
        *wait == 0
    }

    async fn refresh(&self) {
        let shared = self.live.load();
        if let Err(error) = shared.refresher.refresh(&shared, Duration::ZERO).await {
            tracing::warn!(%error, "cannot read the tables of new periods; will try again");
        }
    }

    /// Whether the snapshot has these tables.
    fn is_known(&self, schema: &SchemaConfig, table: &TableConfig, periods: &[usize]) -> bool {
        let shared = self.live.load();
        let snapshot = shared.snapshot();
        let found = snapshot.topology.schema(&schema.name);
        let found = found.and_then(|(id, _)| snapshot.topology.table(id, &table.name));
        let Some((_, found)) = found else {
            return false;
        };
        let TableKind::Sharded(sharding) = &found.kind else {
            return false;
        };
        let known = sharding.split.as_ref().and_then(|s| s.periods.as_deref());
        known == Some(periods)
    }

    fn say_none(&mut self, table: String, tables: &PeriodTables) {
        let first = tables.name(0).unwrap_or_default();
        if self.is_news(&table, first.clone()) {
            tracing::warn!(
                table,
                "no shard has a table of any period, or not every shard has it; \
                 create {first} (or the table of a later period) on every shard, \
                 and the others will be created like it"
            );
        }
    }

    fn say_failed(&mut self, table: String, error: &BackendError) {
        if self.is_news(&table, error.to_string()) {
            tracing::error!(
                table,
                %error,
                "cannot create the tables of coming periods; rows of those periods will be \
                 refused. The backend account needs CREATE, SELECT and INSERT on every shard. \
                 Will try again every half minute"
            );
        }
    }

    fn is_news(&mut self, table: &str, text: String) -> bool {
        let before = self.said.insert(table.to_owned(), text.clone());
        before.as_deref() != Some(&text)
    }
}

//! Creates the tables of periods to come, before they are needed.
//!
//! Several proxies may do so at once: `CREATE TABLE IF NOT EXISTS` hurts nobody, and a table counts
//! for none of them before every shard has it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{BackendError, Cluster, Connection, TextRow};
use crate::config::{PeriodTables, SchemaConfig};
use crate::topology::ReplicaSetId;
use crate::value::Micros;

/// The most tables that are created at once; the rest follows the next time.
const MOST_AT_ONCE: usize = 1000;

/// What there is after a look at the servers.
#[derive(Debug)]
pub struct PeriodsPresent {
    /// The periods whose table is on every shard, ascending.
    pub periods: Vec<usize>,
    /// The names of the tables that were created on every shard.
    pub created: Vec<String>,
    /// The period of this moment is among them: its table is needed at once.
    pub now_created: bool,
    /// Why there are not more.
    pub failed: Option<BackendError>,
}

/// Looks which tables there are, and creates, like the newest of them, those from the newest on to
/// [`PeriodTables::ahead`] periods beyond `now`. Where there is no table at all there is nothing
/// to create them like.
///
/// # Errors
/// A server that cannot be asked which tables there are.
pub async fn keep(
    schema: &SchemaConfig,
    tables: &PeriodTables,
    (now, fold): (Micros, bool),
    cluster: &Cluster,
) -> Result<PeriodsPresent, BackendError> {
    let mut connections = Connections::new(cluster);
    let mut present = present(schema, tables, fold, &mut connections).await?;
    let (mut created, mut now_created, mut failed) = (Vec::new(), false, None);
    let newest = present.last().copied();
    if let Some((newest, like)) = newest.and_then(|n| Some((n, tables.name(n)?))) {
        for period in missing(tables, &present, newest, now) {
            let Some(name) = tables.name(period) else {
                break;
            };
            if let Err(error) = create(schema, &name, &like, &mut connections).await {
                failed = Some(error);
                break;
            }
            present.insert(period);
            created.push(name);
            now_created |= tables.periods.number(now) == i64::try_from(period).ok();
        }
    }
    Ok(PeriodsPresent {
        periods: present.into_iter().collect(),
        created,
        now_created,
        failed,
    })
}

/// The periods whose table every shard has.
async fn present(
    schema: &SchemaConfig,
    tables: &PeriodTables,
    fold: bool,
    connections: &mut Connections<'_>,
) -> Result<BTreeSet<usize>, BackendError> {
    let mut everywhere: Option<BTreeSet<usize>> = None;
    for shard in &schema.shards {
        let sql = format!(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {}",
            quoted(&shard.database)
        );
        let rows = connections.query(shard.replica_set, &sql).await?;
        let names = rows.iter().filter_map(|row| text(row, 0));
        let here = names
            .filter_map(|name| tables.period(&name, fold))
            .collect();
        everywhere = Some(match everywhere {
            None => here,
            Some(others) => others.intersection(&here).copied().collect(),
        });
    }
    Ok(everywhere.unwrap_or_default())
}

/// The periods that need a table: those behind the newest, and from now on those that were left
/// out. Older tables may have been dropped on purpose.
fn missing(
    tables: &PeriodTables,
    present: &BTreeSet<usize>,
    newest: usize,
    now: Micros,
) -> Vec<usize> {
    let (Some(now), ahead @ 1..) = (tables.periods.number(now), tables.ahead) else {
        return Vec::new();
    };
    let first = i64::try_from(newest).map_or(now, |newest| now.min(newest + 1));
    let wanted = first.max(0)..=now + i64::from(ahead);
    let wanted = wanted.filter_map(|period| usize::try_from(period).ok());
    let wanted = wanted.filter(|period| !present.contains(period));
    wanted.take(MOST_AT_ONCE).collect()
}

/// As MySQL created the other one: with the defaults that its sql_mode then allowed.
async fn create(
    schema: &SchemaConfig,
    name: &str,
    like: &str,
    connections: &mut Connections<'_>,
) -> Result<(), BackendError> {
    for shard in &schema.shards {
        let database = identifier(&shard.database);
        let (name, like) = (identifier(name), identifier(like));
        let create = format!("CREATE TABLE IF NOT EXISTS {database}.{name} LIKE {database}.{like}");
        for sql in ["SET SESSION sql_mode = ''", &create] {
            connections.query(shard.replica_set, sql).await?;
        }
    }
    Ok(())
}

/// One connection for each replica set that is asked.
struct Connections<'a> {
    cluster: &'a Cluster,
    open: HashMap<usize, Connection>,
}

impl<'a> Connections<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            open: HashMap::new(),
        }
    }

    async fn query(&mut self, replica_set: usize, sql: &str) -> Result<Vec<TextRow>, BackendError> {
        let connection = match self.open.remove(&replica_set) {
            Some(connection) => connection,
            None => self.connect(replica_set).await?,
        };
        let connection = self.open.entry(replica_set).or_insert(connection);
        connection.query(sql.as_bytes()).await
    }

    async fn connect(&self, replica_set: usize) -> Result<Connection, BackendError> {
        let id = u16::try_from(replica_set).ok().map(ReplicaSetId);
        let set = id.and_then(|id| self.cluster.get(id));
        let set = set.ok_or_else(|| BackendError::Connect {
            replica_set: replica_set.to_string(),
            reason: "no such replica set".to_owned(),
        })?;
        let primary = set.primary().ok_or_else(|| set.no_primary())?;
        Connection::open(Arc::clone(primary.server()), false).await
    }
}

fn text(row: &TextRow, at: usize) -> Option<String> {
    let value = row.get(at)?.as_deref()?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// A string literal for any sql_mode.
fn quoted(text: &str) -> String {
    format!("_utf8mb4 0x{}", hex::encode(text))
}

fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PeriodPattern;
    use crate::value::{CalendarDate, PeriodUnit, Periods, moment};

    fn at(year: u16, month: u8) -> Micros {
        moment(
            CalendarDate {
                year,
                month,
                day: 1,
            },
            0,
        )
        .unwrap()
    }

    /// The periods present, `ahead`, the month of now, and the periods missing.
    type Case = (Vec<usize>, u32, (u16, u8), Vec<usize>);

    #[test]
    fn tables_are_created_from_the_newest_on_and_no_old_one_comes_back() {
        let monthly = |ahead| PeriodTables {
            pattern: PeriodPattern::parse("e_{yyyyMM}").unwrap(),
            periods: Periods::new(PeriodUnit::Month, 1, at(2026, 1)).unwrap(),
            ahead,
        };
        let table: [Case; 9] = [
            (vec![0], 2, (2026, 1), vec![1, 2]),
            (vec![0], 2, (2026, 3), vec![1, 2, 3, 4]),
            (vec![0, 1, 2], 2, (2026, 1), vec![]),
            (vec![0, 1, 2, 9], 2, (2026, 2), vec![3]),
            (vec![4, 6], 2, (2026, 6), vec![5, 7]),
            (vec![4, 6], 2, (2026, 7), vec![7, 8]),
            (vec![0], 0, (2026, 5), vec![]),
            (vec![0], 2, (2025, 12), vec![1]),
            (vec![0], 2, (2025, 1), vec![]),
        ];
        for (present, ahead, (year, month), expected) in table {
            let present: BTreeSet<usize> = present.into_iter().collect();
            let newest = *present.last().unwrap();
            let found = missing(&monthly(ahead), &present, newest, at(year, month));
            assert_eq!(found, expected, "{present:?} in {year}-{month}");
        }
        let first = [0].into();
        let far = missing(&monthly(1), &first, 0, at(9000, 1));
        assert_eq!((far.len(), far[0]), (MOST_AT_ONCE, 1));
    }
}

//! One server: what is asked of it, in order.

use std::collections::HashSet;
use std::sync::Arc;

use super::code::{self, FoundCode};
use super::definitions::{self, FoundDefinition};
use super::merge::names_of;
use super::names::{self, FoundName};
use super::{Look, is_spread, text};
use crate::backend::{BackendError, Connection, Flavor, Server, TextRow};
use crate::config::{Config, PeriodTables, SplitTables, TableConfig, TableRule};

/// A shard on the server that is asked.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Position in [`Config::schemas`].
    pub schema: usize,
    /// Position in the schema's shard list.
    pub position: usize,
    /// The physical database.
    pub database: String,
}

impl Place {
    /// A database whose place in the configuration does not matter.
    pub fn alone(database: &str) -> Self {
        Self {
            schema: 0,
            position: 0,
            database: database.to_owned(),
        }
    }
}

/// What is wanted of every server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub config: &'a Config,
    pub look: Look<'a>,
}

/// What one server answered.
#[derive(Debug, Default)]
pub(super) struct ServerFindings {
    /// The shards that were asked; the positions below are in this list.
    pub places: Vec<Place>,
    /// Names are folded there.
    pub fold_names: bool,
    pub flavor: Option<Flavor>,
    pub tables: Vec<FoundName>,
    /// `None`: it could not say.
    pub functions: Option<Vec<FoundName>>,
    pub definitions: Vec<FoundDefinition>,
    pub code: Vec<FoundCode>,
}

/// A server with a connection for the questions.
#[derive(Debug)]
pub(super) struct Asked {
    server: Arc<Server>,
    connection: Connection,
}

impl Asked {
    pub async fn open(server: Arc<Server>) -> Result<Self, BackendError> {
        let connection = Connection::open(Arc::clone(&server), false).await?;
        Ok(Self { server, connection })
    }

    pub fn is_mariadb(&self) -> bool {
        let version = self.server.version();
        version.is_some_and(|version| version.flavor == Flavor::MariaDb)
    }

    pub async fn query(&mut self, sql: &str) -> Result<Vec<TextRow>, BackendError> {
        self.connection.query(sql.as_bytes()).await
    }
}

/// Asks one server for all of its shards.
pub(super) async fn scan(
    asked: &mut Asked,
    places: &[Place],
    wanted: Wanted<'_>,
) -> Result<ServerFindings, BackendError> {
    if matches!(wanted.look, Look::Functions) {
        return Ok(ServerFindings {
            places: places.to_vec(),
            functions: names::functions(asked, places).await?,
            code: code::read(asked, places).await?,
            ..ServerFindings::default()
        });
    }
    let only = only_tables(wanted);
    let fold_names = folds_names(asked).await?;
    let tables = names::tables(asked, places, only.as_deref()).await?;
    let functions = match only {
        Some(_) => None,
        None => names::functions(asked, places).await?,
    };
    let to_read = definitions_to_read(places, &tables, wanted, fold_names);
    let definitions = definitions::read(asked, places, &to_read, tables.len()).await?;
    Ok(ServerFindings {
        places: places.to_vec(),
        fold_names,
        flavor: asked.server.version().map(|version| version.flavor),
        tables,
        functions,
        definitions,
        code: code::read(asked, places).await?,
    })
}

/// The names of the tables that are asked for on the servers; `None`: all.
fn only_tables(wanted: Wanted<'_>) -> Option<Vec<String>> {
    let Look::Tables(known, tables) = wanted.look else {
        return None;
    };
    let names = tables.iter().flat_map(|changed| {
        let mut schemas = wanted.config.schemas.iter();
        let schema = schemas.find(|schema| schema.name == changed.schema);
        let names = schema.map(|schema| names_of(schema, &changed.table, known));
        names.unwrap_or_default()
    });
    Some(names.collect())
}

/// Whether names are folded where they are compared.
async fn folds_names(asked: &mut Asked) -> Result<bool, BackendError> {
    let sql = "SELECT @@lower_case_table_names";
    let rows = asked.query(sql).await?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    Ok(text(row, 0).is_some_and(|value| value != "0"))
}

/// The tables whose definitions are wanted, by their names on the server.
fn definitions_to_read(
    places: &[Place],
    tables: &[FoundName],
    wanted: Wanted<'_>,
    fold_names: bool,
) -> Vec<String> {
    let fold = |name: &str| {
        if fold_names {
            name.to_lowercase()
        } else {
            name.to_owned()
        }
    };
    let spread: Vec<Spread<'_>> = wanted
        .config
        .schemas
        .iter()
        .map(|schema| {
            let tables = schema.tables.iter().filter(|table| is_spread(&table.rule));
            Spread::new(tables, fold)
        })
        .collect();
    let is_wanted = |found: &&FoundName| {
        let Some(place) = places.get(found.place) else {
            return false;
        };
        let spread = spread.get(place.schema);
        spread.is_some_and(|spread| spread.has(&fold(&found.name), fold_names))
            && !is_known(place, &found.name, wanted)
    };
    let mut names: Vec<String> = tables
        .iter()
        .filter(is_wanted)
        .map(|found| found.name.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The tables of a schema that lie on several shards, by their names on the servers.
struct Spread<'a> {
    /// Folded.
    names: HashSet<String>,
    by_period: Vec<&'a PeriodTables>,
}

impl<'a> Spread<'a> {
    fn new(tables: impl Iterator<Item = &'a TableConfig>, fold: impl Fn(&str) -> String) -> Self {
        let (mut names, mut by_period) = (HashSet::new(), Vec::new());
        for table in tables {
            match &table.rule {
                TableRule::Sharded {
                    split: Some(split), ..
                } => match &split.tables {
                    SplitTables::Listed(all) => names.extend(all.iter().map(|name| fold(name))),
                    SplitTables::ByPeriod(tables) => by_period.push(tables.as_ref()),
                },
                _ => drop(names.insert(fold(&table.name))),
            }
        }
        Self { names, by_period }
    }

    fn has(&self, name: &str, fold: bool) -> bool {
        let mut by_period = self.by_period.iter();
        self.names.contains(name) || by_period.any(|tables| tables.period(name, fold).is_some())
    }
}

fn is_known(place: &Place, table: &str, wanted: Wanted<'_>) -> bool {
    let Look::News(known) = wanted.look else {
        return false;
    };
    let schema = wanted.config.schemas.get(place.schema);
    let tables = schema.and_then(|schema| known.schemas.get(&schema.name));
    let table = tables.and_then(|tables| tables.get(table));
    table.is_some_and(|table| {
        let mut variants = table.variants.iter();
        variants.any(|variant| variant.shards.contains(&place.position))
    })
}

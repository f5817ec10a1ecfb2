//! The schema of the SELECT tests with its rows: on four shards behind a proxy and on a plain server.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;

use super::super::common::{Place, servers};
use super::super::pair::Stage;
use super::rows::{REGIONS, SETTINGS, sharded};
use super::script::split;

const TABLES: &str = include_str!("../../data/select/schema/tables.sql");
const PLACEMENT: &str = include_str!("../../data/select/schema/tables.toml");

/// The table that is on one shard.
const SINGLE: &str = "CREATE TABLE settings ";

/// A stage with all tables and rows. Statements may name the schema: it is called `name`.
pub async fn open(name: &str) -> Stage {
    let unicode = match servers().await.flavor() {
        Flavor::MySql => "utf8mb4_0900_ai_ci",
        Flavor::MariaDb => "utf8mb4_uca1400_ai_ci",
    };
    let tables: Vec<String> = split(TABLES)
        .into_iter()
        .map(|piece| piece.text.replace("AI_CI", unicode))
        .collect();
    let (once, everywhere): (Vec<&str>, Vec<&str>) = tables
        .iter()
        .map(String::as_str)
        .partition(|table| table.starts_with(SINGLE));
    let everywhere: Vec<&str> = everywhere.into_iter().chain([REGIONS]).collect();
    let once: Vec<&str> = once.into_iter().chain([SETTINGS]).collect();
    let stage = Stage::at(Place::named(name).await, PLACEMENT, &everywhere, &once).await;
    fill(&stage).await;
    stage
}

/// Stores the rows of sharded tables one by one through the proxy, which knows where they belong.
async fn fill(stage: &Stage) {
    let (mut proxy, mut plain) = (stage.app().await, stage.place.plain().await);
    for rows in sharded() {
        let (table, columns) = (rows.table, rows.columns);
        for values in &rows.values {
            let insert = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
            proxy.query_drop(&insert).await.expect(&insert);
        }
        let all = rows.values.join("), (");
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({all})");
        plain.query_drop(&insert).await.expect(table);
    }
}

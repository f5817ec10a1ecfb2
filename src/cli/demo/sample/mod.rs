//! The sample shop: its tables and a few hundred rows, as SQL that `docker compose` uses too.
//!
//! In: the demo's cluster and a connection to the proxy in front of it. Out: a filled shop. Tables,
//! broadcast rows and the single table are made on the shards themselves; the rows of sharded
//! tables go through the proxy, so that it alone decides where they lie.

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::cluster::Cluster;

/// The tables that every shard has.
const TABLES: &str = include_str!("tables.sql");

/// The rows that every shard has.
const BROADCAST: &str = include_str!("broadcast.sql");

/// The single table with its rows, which live on the first shard.
const EVENTS: &str = include_str!("events.sql");

/// The rows of the sharded tables: one statement for each, so that each has one shard.
const ROWS: &str = include_str!("rows.sql");

/// Makes the tables on every shard, with the broadcast rows, and the single table on the first.
///
/// # Errors
/// A server refuses a statement.
pub async fn create_tables(cluster: &Cluster) -> Result<()> {
    for (position, (primary, database)) in cluster.shards().into_iter().enumerate() {
        let mut connection = cluster.direct(primary, database).await?;
        let first: &[&str] = if position == 0 { &[EVENTS] } else { &[] };
        for script in [TABLES, BROADCAST].iter().chain(first) {
            for statement in statements(script) {
                run(&mut connection, statement).await?;
            }
        }
        connection.disconnect().await?;
    }
    Ok(())
}

/// Inserts the rows of the sharded tables.
///
/// # Errors
/// A statement is refused.
pub async fn load(connection: &mut Conn, progress: &ProgressBar) -> Result<()> {
    let statements: Vec<&str> = statements(ROWS).collect();
    progress.set_length(statements.len() as u64);
    for statement in statements {
        run(connection, statement).await?;
        progress.inc(1);
    }
    Ok(())
}

async fn run(connection: &mut Conn, statement: &str) -> Result<()> {
    connection
        .query_drop(statement)
        .await
        .with_context(|| format!("the sample's statement was refused: {statement}"))
}

/// The statements of a script, which end in `;` at the end of a line.
fn statements(script: &str) -> impl Iterator<Item = &str> {
    script
        .split(";\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sharded_table_has_rows_and_each_row_its_statement() {
        for table in ["users", "orders", "order_items"] {
            let start = format!("INSERT INTO {table} (");
            let found: Vec<&str> = statements(ROWS)
                .filter(|text| text.starts_with(&start))
                .collect();
            assert!(found.len() >= 80, "{table}: {}", found.len());
            assert!(
                found
                    .iter()
                    .all(|text| text.contains("user_id") && text.matches("VALUES (").count() == 1)
            );
        }
    }
}

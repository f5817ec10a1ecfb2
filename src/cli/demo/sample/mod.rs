//! The sample shop: its tables and a few hundred rows.
//!
//! In: the demo's cluster and the address of a proxy in front of it. Out: a filled shop. Tables,
//! broadcast rows and the single table are made on the shards themselves; the rows of sharded
//! tables go through the proxy, so that it alone decides where they lie.

mod rows;

use anyhow::{Context, Result};
use indicatif::ProgressBar;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::cluster::Cluster;

/// The tables that every shard has.
pub const TABLES: &str = include_str!("tables.sql");

/// The rows that every shard has.
pub const BROADCAST: &str = include_str!("broadcast.sql");

/// The single table, which lives on the first shard.
pub const EVENTS: &str = include_str!("events.sql");

pub use rows::inserts;

/// Makes the tables on every shard, with the broadcast rows, and the single table on the first.
///
/// # Errors
/// A server refuses a statement.
pub async fn create_tables(cluster: &Cluster) -> Result<()> {
    for (position, (primary, database)) in cluster.shards().into_iter().enumerate() {
        let mut connection = cluster.direct(primary, database).await?;
        run_script(&mut connection, TABLES).await?;
        run_script(&mut connection, BROADCAST).await?;
        if position == 0 {
            run_script(&mut connection, EVENTS).await?;
        }
        connection.disconnect().await?;
    }
    Ok(())
}

/// Inserts the rows of the sharded tables, one statement for each row.
///
/// # Errors
/// A statement is refused.
pub async fn load(connection: &mut Conn, progress: &ProgressBar) -> Result<()> {
    let statements = inserts();
    progress.set_length(statements.len() as u64);
    for statement in statements {
        connection
            .query_drop(&statement)
            .await
            .with_context(|| format!("the sample row was refused: {statement}"))?;
        progress.inc(1);
    }
    Ok(())
}

/// Runs the statements of a script, which end in `;` at the end of a line.
///
/// # Errors
/// A statement is refused.
pub async fn run_script(connection: &mut Conn, script: &str) -> Result<()> {
    for statement in script
        .split(";\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        connection
            .query_drop(statement)
            .await
            .with_context(|| format!("the sample's statement was refused: {statement}"))?;
    }
    Ok(())
}

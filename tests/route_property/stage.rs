//! A server with all rows in one database and the rows of each data node in one of its own.

use std::sync::{Arc, OnceLock};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use shardwell::parse::{LexMode, Tokens, tokenize};
use shardwell::plan::{Request, build};
use shardwell::route::key::{Charset, LiteralContext};
use shardwell::route::{DataNode, Literals, Route, Router};
use shardwell::topology::{
    Column, ColumnFacts, KeyColumn, KeyType, ReplicaSetId, Schema, SchemaId, Shard, ShardId,
    Sharding, Table, TableDefinition, TableId, TableKind, Topology,
};

use super::common;
use super::dice::Dice;
use super::setups::Setup;

const SHARDS: u16 = 4;

pub struct Stage {
    server: Conn,
    topology: Topology,
    router: Router,
    databases: String,
}

impl Stage {
    /// Empty tables `t` and `u`, placed alike, and `r`, which every node has.
    pub async fn new(setup: &Setup) -> Self {
        let place = common::Place::new().await;
        let name = place.name().to_owned();
        let mut server = place.plain().await;
        server.query_drop("SET NAMES utf8mb4").await.unwrap();
        // Without it the answer may be one or the other.
        let mode = "SET sql_mode = 'ONLY_FULL_GROUP_BY'";
        server.query_drop(mode).await.unwrap();
        let columns = setup.keys.iter().enumerate();
        let columns: Vec<String> = columns
            .map(|(at, key)| format!("k{at} {}, KEY (k{at})", key.definition))
            .collect();
        let table = format!(
            "(row_no INT, node INT, v INT, {}) CHARACTER SET utf8mb4",
            columns.join(", ")
        );
        let mut types = Vec::new();
        server
            .query_drop(format!("CREATE TABLE probe {table}"))
            .await
            .unwrap();
        for at in 0..setup.keys.len() {
            types.push(key_type(&mut server, &name, &format!("k{at}")).await);
        }
        let definition = definition(&mut server, &name).await;
        let topology = topology(setup, &types, definition);
        let router = Router::new(&topology).unwrap();
        let nodes = router.nodes(TableId(0)).len();
        let mut places: Vec<String> = (0..nodes).map(|node| format!("{name}_{node}")).collect();
        places.push(name.clone());
        for database in &places {
            let create = format!("CREATE DATABASE IF NOT EXISTS {database}");
            server.query_drop(create).await.unwrap();
            for table_name in ["t", "u", "r"] {
                let create = format!("CREATE TABLE {database}.{table_name} {table}");
                server.query_drop(create).await.unwrap();
            }
        }
        Self {
            server,
            topology,
            router,
            databases: name,
        }
    }

    pub fn nodes(&self) -> usize {
        self.router.nodes(TableId(0)).len()
    }

    /// Stores random rows where the router says.
    pub async fn fill(&mut self, setup: &Setup, dice: &mut Dice, rows: usize) {
        let names: Vec<String> = (0..setup.keys.len()).map(|at| format!("k{at}")).collect();
        let names = names.join(", ");
        self.server.query_drop("BEGIN").await.unwrap();
        let mut row = 0;
        let mut tried = 0;
        while row < rows && tried < 20 * rows {
            tried += 1;
            let table = if row % 2 == 0 { "t" } else { "u" };
            let literals: Vec<&str> = setup.keys.iter().map(|k| dice.pick(k.literals)).collect();
            let literals = literals.join(", ");
            let stored = format!("INSERT INTO {table} ({names}) VALUES ({literals})");
            let Some(Ok([node])) = self.route(&stored).map(<[usize; 1]>::try_from) else {
                continue;
            };
            let v = dice.roll(4);
            let insert = format!(
                "INSERT INTO DB.{table} (row_no, node, v, {names}) VALUES ({row}, {node}, {v}, {literals})"
            );
            let whole = insert.replace("DB", &self.databases);
            if self.server.query_drop(whole).await.is_err() {
                continue;
            }
            let own = insert.replace("DB", &format!("{}_{node}", self.databases));
            self.server.query_drop(own).await.unwrap();
            row += 1;
        }
        assert!(row > rows / 2, "{}: only {row} rows", setup.name);
        for database in self.all_databases() {
            let copy = format!(
                "INSERT INTO {database}.r SELECT * FROM {}.t WHERE row_no < {}",
                self.databases,
                rows / 3
            );
            self.server.query_drop(copy).await.unwrap();
        }
        self.server.query_drop("COMMIT").await.unwrap();
    }

    fn all_databases(&self) -> Vec<String> {
        let nodes = (0..self.nodes()).map(|node| format!("{}_{node}", self.databases));
        nodes.chain([self.databases.clone()]).collect()
    }

    /// Positions of the nodes that a statement goes to; `None` if it is refused.
    pub fn route(&self, sql: &str) -> Option<Vec<usize>> {
        let mode = LexMode::default();
        let digest = tokenize(sql.as_bytes(), mode).unwrap();
        let plan = build(&Request {
            tokens: Tokens::new(sql.as_bytes(), &digest),
            mode,
            topology: &self.topology,
            schema: Some("shop"),
            hint: None,
            temporary: &[],
        });
        let literals = Literals {
            digest: &digest,
            text: sql.as_bytes(),
            context: LiteralContext {
                mode,
                charset: Charset::Utf8mb4,
            },
            params: shardwell::route::Params::default(),
        };
        let all = self.router.nodes(TableId(0));
        let position = |node: DataNode| all.iter().position(|other| *other == node).unwrap();
        match self.router.route(&plan, literals).ok()? {
            Route::Single(node) | Route::NoMatch(node) => Some(vec![position(node)]),
            Route::Many(nodes) => Some(nodes.into_iter().map(position).collect()),
            Route::All(_) => Some((0..all.len()).collect()),
            Route::Any(_) | Route::Server(_) => Some(vec![0]),
        }
    }

    async fn run(&mut self, database: &str, sql: &str) -> Option<Vec<Row>> {
        self.server
            .query_drop(format!("USE {database}"))
            .await
            .unwrap();
        self.server.query(sql).await.ok()
    }

    /// The rows of `SELECT row_no, node`; `None` where the server refuses the statement.
    pub async fn rows_of_nodes(&mut self, sql: &str) -> Option<Vec<(i64, usize)>> {
        let database = self.databases.clone();
        let rows = self.run(&database, sql).await?;
        Some(rows.into_iter().map(mysql_async::from_row).collect())
    }

    /// The answer of one node, or of the whole, in an order of its own.
    pub async fn answer(&mut self, node: Option<usize>, sql: &str) -> Option<Vec<String>> {
        let database = match node {
            Some(node) => format!("{}_{node}", self.databases),
            None => self.databases.clone(),
        };
        let rows = self.run(&database, sql).await?;
        let mut rows: Vec<String> = rows
            .into_iter()
            .map(|row| format!("{:?}", row.unwrap()))
            .collect();
        rows.sort();
        Some(rows)
    }
}

async fn key_type(server: &mut Conn, database: &str, column: &str) -> KeyType {
    let facts = format!(
        "SELECT DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME \
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{database}' \
         AND TABLE_NAME = 'probe' AND COLUMN_NAME = '{column}'"
    );
    let facts: Option<(String, String, Option<String>, Option<String>)> =
        server.query_first(facts).await.unwrap();
    let (data_type, column_type, charset, collation) = facts.unwrap();
    KeyType::from_column(&ColumnFacts {
        data_type: &data_type,
        column_type: &column_type,
        charset: charset.as_deref(),
        collation: collation.as_deref(),
    })
    .unwrap()
}

/// The columns of every table.
async fn definition(server: &mut Conn, database: &str) -> TableDefinition {
    let all = format!(
        "SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME \
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{database}' \
         AND TABLE_NAME = 'probe' ORDER BY ORDINAL_POSITION"
    );
    type Facts = (String, String, String, Option<String>, Option<String>);
    let all: Vec<Facts> = server.query(all).await.unwrap();
    let columns = all.into_iter();
    let columns = columns.map(
        |(name, data_type, column_type, charset, collation)| Column {
            name,
            data_type,
            column_type,
            charset,
            collation,
            ..Column::default()
        },
    );
    TableDefinition {
        columns: columns.collect(),
        ..TableDefinition::default()
    }
}

fn topology(setup: &Setup, types: &[KeyType], definition: TableDefinition) -> Topology {
    let definition = Arc::new(definition);
    let mut topology = Topology::default();
    let shards: Vec<ShardId> = (0..SHARDS).map(ShardId).collect();
    for ShardId(number) in &shards {
        topology.shards.push(Shard {
            replica_set: ReplicaSetId(0),
            schema: SchemaId(0),
            database: format!("shop_{number}"),
            name: format!("a/shop_{number}"),
        });
    }
    let sharding = || {
        let keys = types.iter().enumerate().map(|(at, key_type)| KeyColumn {
            name: format!("k{at}"),
            key_type: Some(key_type.clone()),
        });
        TableKind::Sharded(Box::new(Sharding {
            keys: keys.collect(),
            rule: setup.rule.clone(),
            split: setup.split.clone(),
            columns: None,
            binding_group: 1,
            generate: None,
        }))
    };
    let kinds = [
        ("t", sharding()),
        ("u", sharding()),
        ("r", TableKind::Broadcast),
    ];
    let mut tables = std::collections::HashMap::new();
    for ((name, kind), id) in kinds.into_iter().zip(0..) {
        tables.insert(name.to_owned(), TableId(id));
        let known = OnceLock::from(Arc::clone(&definition));
        topology.definitions.push(known);
        topology.tables.push(Table {
            name: name.to_owned(),
            schema: SchemaId(0),
            kind,
        });
    }
    topology.schema_ids.insert("shop".to_owned(), SchemaId(0));
    topology.schemas.push(Schema {
        name: "shop".to_owned(),
        default_shard: ShardId(0),
        shards,
        tables,
        parts: std::collections::HashMap::new(),
        read: Default::default(),
    });
    topology
}

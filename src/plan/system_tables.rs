//! Tables of information_schema that name databases: which of them can be shown as the client's
//! schemas are, and where.
//!
//! In: a statement's tables. Out: the replica set whose servers know every table of the schemas; its
//! rows are shown with logical names by [`crate::rewrite`].

mod objects;

use super::resolve::Resolver;
use crate::topology::{ReplicaSetId, Schema, ShardId, TableKind, Topology};

/// A table of information_schema with users' names in it.
#[derive(Debug, PartialEq, Eq)]
pub struct SystemTable {
    /// Its name.
    pub name: &'static str,
    /// The column that says in which database a row's object is.
    pub schema: &'static str,
    /// The column with the table's name; without it a row is about a whole database.
    pub table: Option<&'static str>,
    /// The columns that every server has, which come first.
    pub columns: &'static [&'static str],
    /// MySQL's own columns behind them.
    pub mysql: &'static [&'static str],
    /// MariaDB's own columns behind them.
    pub mariadb: &'static [&'static str],
}

/// The columns that hold the name of a database.
pub const SCHEMA_COLUMNS: [&str; 11] = [
    "TABLE_SCHEMA",
    "CONSTRAINT_SCHEMA",
    "INDEX_SCHEMA",
    "REFERENCED_TABLE_SCHEMA",
    "UNIQUE_CONSTRAINT_SCHEMA",
    "SCHEMA_NAME",
    "TRIGGER_SCHEMA",
    "EVENT_OBJECT_SCHEMA",
    "ROUTINE_SCHEMA",
    "SPECIFIC_SCHEMA",
    "EVENT_SCHEMA",
];

/// The columns that hold a text with names in it.
pub const DEFINITIONS: [&str; 4] = [
    "VIEW_DEFINITION",
    "ACTION_STATEMENT",
    "ROUTINE_DEFINITION",
    "EVENT_DEFINITION",
];

/// The table of a row of MySQL's CHECK_CONSTRAINTS: the names of constraints are unique in a database.
pub const CHECKED_TABLE: &str = "(SELECT c.TABLE_NAME FROM information_schema.TABLE_CONSTRAINTS AS c \
     WHERE c.CONSTRAINT_SCHEMA = CHECK_CONSTRAINTS.CONSTRAINT_SCHEMA \
     AND c.CONSTRAINT_NAME = CHECK_CONSTRAINTS.CONSTRAINT_NAME AND c.CONSTRAINT_TYPE = 'CHECK' LIMIT 1)";

/// The columns that count what lies in a table: one server knows them of its own part alone.
pub const COUNTERS: [&str; 8] = [
    "TABLE_ROWS",
    "AVG_ROW_LENGTH",
    "DATA_LENGTH",
    "INDEX_LENGTH",
    "DATA_FREE",
    "AUTO_INCREMENT",
    "CHECKSUM",
    "CARDINALITY",
];

/// The tables that are known.
pub static KNOWN: [SystemTable; 8] = [
    SystemTable {
        name: "TABLES",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "TABLE_TYPE",
            "ENGINE",
            "VERSION",
            "ROW_FORMAT",
            "TABLE_ROWS",
            "AVG_ROW_LENGTH",
            "DATA_LENGTH",
            "MAX_DATA_LENGTH",
            "INDEX_LENGTH",
            "DATA_FREE",
            "AUTO_INCREMENT",
            "CREATE_TIME",
            "UPDATE_TIME",
            "CHECK_TIME",
            "TABLE_COLLATION",
            "CHECKSUM",
            "CREATE_OPTIONS",
            "TABLE_COMMENT",
        ],
        mysql: &[],
        mariadb: &["MAX_INDEX_LENGTH", "TEMPORARY"],
    },
    SystemTable {
        name: "COLUMNS",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "COLUMN_NAME",
            "ORDINAL_POSITION",
            "COLUMN_DEFAULT",
            "IS_NULLABLE",
            "DATA_TYPE",
            "CHARACTER_MAXIMUM_LENGTH",
            "CHARACTER_OCTET_LENGTH",
            "NUMERIC_PRECISION",
            "NUMERIC_SCALE",
            "DATETIME_PRECISION",
            "CHARACTER_SET_NAME",
            "COLLATION_NAME",
            "COLUMN_TYPE",
            "COLUMN_KEY",
            "EXTRA",
            "PRIVILEGES",
            "COLUMN_COMMENT",
        ],
        mysql: &["GENERATION_EXPRESSION", "SRS_ID"],
        mariadb: &["IS_GENERATED", "GENERATION_EXPRESSION"],
    },
    SystemTable {
        name: "STATISTICS",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "NON_UNIQUE",
            "INDEX_SCHEMA",
            "INDEX_NAME",
            "SEQ_IN_INDEX",
            "COLUMN_NAME",
            "COLLATION",
            "CARDINALITY",
            "SUB_PART",
            "PACKED",
            "NULLABLE",
            "INDEX_TYPE",
            "COMMENT",
            "INDEX_COMMENT",
        ],
        mysql: &["IS_VISIBLE", "EXPRESSION"],
        mariadb: &["IGNORED"],
    },
    SystemTable {
        name: "KEY_COLUMN_USAGE",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &KEY_COLUMNS,
        mysql: &[],
        mariadb: &[],
    },
    SystemTable {
        name: "REFERENTIAL_CONSTRAINTS",
        schema: "CONSTRAINT_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &REFERENCES,
        mysql: &[],
        mariadb: &[],
    },
    SystemTable {
        name: "TABLE_CONSTRAINTS",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &[
            "CONSTRAINT_CATALOG",
            "CONSTRAINT_SCHEMA",
            "CONSTRAINT_NAME",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "CONSTRAINT_TYPE",
        ],
        mysql: &["ENFORCED"],
        mariadb: &[],
    },
    SystemTable {
        name: "SCHEMATA",
        schema: "SCHEMA_NAME",
        table: None,
        columns: &[
            "CATALOG_NAME",
            "SCHEMA_NAME",
            "DEFAULT_CHARACTER_SET_NAME",
            "DEFAULT_COLLATION_NAME",
            "SQL_PATH",
        ],
        mysql: &["DEFAULT_ENCRYPTION"],
        mariadb: &["SCHEMA_COMMENT"],
    },
    SystemTable {
        name: "VIEWS",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &[
            "TABLE_CATALOG",
            "TABLE_SCHEMA",
            "TABLE_NAME",
            "VIEW_DEFINITION",
            "CHECK_OPTION",
            "IS_UPDATABLE",
            "DEFINER",
            "SECURITY_TYPE",
            "CHARACTER_SET_CLIENT",
            "COLLATION_CONNECTION",
        ],
        mysql: &[],
        mariadb: &["ALGORITHM"],
    },
];

const KEY_COLUMNS: [&str; 12] = [
    "CONSTRAINT_CATALOG",
    "CONSTRAINT_SCHEMA",
    "CONSTRAINT_NAME",
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "TABLE_NAME",
    "COLUMN_NAME",
    "ORDINAL_POSITION",
    "POSITION_IN_UNIQUE_CONSTRAINT",
    "REFERENCED_TABLE_SCHEMA",
    "REFERENCED_TABLE_NAME",
    "REFERENCED_COLUMN_NAME",
];

const REFERENCES: [&str; 11] = [
    "CONSTRAINT_CATALOG",
    "CONSTRAINT_SCHEMA",
    "CONSTRAINT_NAME",
    "UNIQUE_CONSTRAINT_CATALOG",
    "UNIQUE_CONSTRAINT_SCHEMA",
    "UNIQUE_CONSTRAINT_NAME",
    "MATCH_OPTION",
    "UPDATE_RULE",
    "DELETE_RULE",
    "TABLE_NAME",
    "REFERENCED_TABLE_NAME",
];

impl SystemTable {
    /// Whether it says what an account may do.
    pub fn is_of_privileges(&self) -> bool {
        self.columns.first() == Some(&"GRANTEE")
    }
}

/// The table of information_schema that a name means.
pub fn known(
    schema: Option<&str>,
    name: &str,
    resolver: Resolver<'_>,
) -> Option<&'static SystemTable> {
    let schema = schema.or(resolver.current)?;
    let mut known = KNOWN.iter().chain(&objects::OBJECTS);
    let found = known.find(|known| known.name.eq_ignore_ascii_case(name));
    found.filter(|_| schema.eq_ignore_ascii_case("information_schema"))
}

/// A replica set with a shard of every schema and with all of their single tables: that of the current
/// schema's first tables, if it is one.
pub fn knows_all(resolver: Resolver<'_>) -> Option<ReplicaSetId> {
    let topology = resolver.topology;
    let set_of = |shard: ShardId| topology.shard(shard).map(|shard| shard.replica_set);
    let current = resolver.current_schema();
    let current = current.and_then(|id| topology.schema_by_id(id));
    let first = current.or(topology.schemas.first())?;
    let mut sets: Vec<ReplicaSetId> = vec![set_of(first.default_shard)?];
    sets.extend(first.shards.iter().filter_map(|shard| set_of(*shard)));
    let all = |set: &ReplicaSetId| {
        let mut schemas = topology.schemas.iter();
        schemas.all(|schema| is_known_on(*set, schema, topology))
    };
    sets.into_iter().find(all)
}

fn is_known_on(set: ReplicaSetId, schema: &Schema, topology: &Topology) -> bool {
    let on_set = |shard: ShardId| topology.shard(shard).is_some_and(|s| s.replica_set == set);
    let tables = schema.tables.values();
    let mut kinds = tables.filter_map(|id| topology.table_by_id(*id).map(|table| &table.kind));
    schema.parts.is_empty()
        && schema.shards.iter().any(|shard| on_set(*shard))
        && kinds.all(|kind| match kind {
            TableKind::Single(shard) => on_set(*shard),
            TableKind::Sharded(sharding) => sharding.split.is_none(),
            // Nobody can use a refused one: it is shown where the first shard has it, as in SHOW TABLES.
            TableKind::Broadcast | TableKind::Refused { .. } => true,
        })
}

use std::sync::LazyLock;

use super::*;
use crate::parse::{Digest, LexMode, tokenize};
use crate::plan::{Edit, Replacement, RowPlaces};
use crate::topology::Topology;

static TOPOLOGY: LazyLock<Topology> = LazyLock::new(Topology::default);

static VALUES: LazyLock<Values<'static>> = LazyLock::new(|| Values {
    database: b"shop`0",
    part: 0,
    gathered: &[],
    topology: &TOPOLOGY,
    schema: Some("shop"),
    connection_id: 7,
    client: Client {
        name: "app",
        host: "10.0.0.7",
    },
    row_count: -1,
    found_rows: 3,
    conditions: (0, 0),
    looked_up: None,
    repeated: &[],
    mariadb: false,
    access: None,
});

fn scanned(sql: &str) -> Digest {
    tokenize(sql.as_bytes(), LexMode::default()).unwrap()
}

fn edit(token: u32, tokens: u32, with: Replacement) -> Edit {
    Edit {
        token,
        tokens,
        with,
    }
}

fn spliced(sql: &str, edits: &[Edit], values: &Values<'_>) -> Result<String, SpliceError> {
    let digest = scanned(sql);
    let mut room = b"left over".to_vec();
    let bytes = splice(sql.as_bytes(), 0, &digest, edits, values, &mut room)?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn without_edits_the_clients_own_bytes_are_sent() {
    let sql = b"SELECT  1 /* x */ ; ";
    let digest = scanned("SELECT  1 /* x */ ; ");
    let mut room = Vec::new();
    let found = splice(sql, 0, &digest, &[], &VALUES, &mut room).unwrap();
    assert!(std::ptr::eq(found, &sql[..9]), "{found:?}");
}

#[test]
fn edits_change_their_tokens_and_nothing_else() {
    let table = [
        (
            "SELECT  * FROM shop . users",
            edit(3, 1, Replacement::PhysicalDatabase),
            "SELECT  * FROM `shop``0` . users",
        ),
        (
            "SELECT ROW_COUNT ( )",
            edit(1, 3, Replacement::RowCount),
            "SELECT CAST('                   -1' AS SIGNED)",
        ),
        (
            "DO f()",
            edit(1, 3, Replacement::FoundRows),
            "DO IF(TRUE, CAST('                    3' AS SIGNED), FOUND_ROWS())",
        ),
        (
            "DO f()",
            edit(1, 3, Replacement::ConnectionId),
            "DO CAST('7' AS UNSIGNED)",
        ),
        (
            "DO f()",
            edit(1, 3, Replacement::User),
            "DO IF(TRUE, 'app@10.0.0.7', USER())",
        ),
        (
            "DO f",
            edit(1, 1, Replacement::Account),
            "DO IF(TRUE, 'app@%', CURRENT_USER())",
        ),
        (
            "DO f()",
            edit(1, 3, Replacement::CurrentSchema),
            "DO IF(1, LEFT(INSERT(IFNULL(DATABASE(), '-'), 1, 64, 'shop'), 64), NULL)",
        ),
        (
            "CREATE f()",
            edit(1, 3, Replacement::SchemaText),
            "CREATE 'shop'",
        ),
        (
            "SELECT a, `b` /* c */ , d",
            edit(4, 0, Replacement::ItemName { first: 3 }),
            "SELECT a, `b` AS ```b``` /* c */ , d",
        ),
    ];
    for (sql, edit, expected) in table {
        assert_eq!(spliced(sql, &[edit], &VALUES).as_deref(), Ok(expected));
    }
}

#[test]
fn a_schema_name_that_quotes_could_break_is_sent_as_bytes() {
    let none = "IF(1, NULL, LEFT(DATABASE(), 64))";
    for (schema, expected) in [
        (Some("it's"), "_utf8mb4 x'69742773'"),
        (Some("a\\"), "_utf8mb4 x'615c'"),
        (Some("é"), "_utf8mb4 x'c3a9'"),
        (None, none),
    ] {
        let values = Values { schema, ..*VALUES };
        let edits = [edit(1, 3, Replacement::CurrentSchema)];
        let found = spliced("DO f()", &edits, &values).unwrap();
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_column_name_is_cut_where_mysql_cuts_it() {
    // What it keeps as one byte counts as one.
    for (letter, kept) in [("é", 127), ("李", 85), ("😀", 255)] {
        let sql = format!("SELECT {}", letter.repeat(300));
        let name = edit(2, 0, Replacement::ItemName { first: 1 });
        let expected = format!("{sql} AS `{}`", letter.repeat(kept));
        assert_eq!(spliced(&sql, &[name], &VALUES), Ok(expected));
    }
}

#[test]
fn edits_of_another_statement_are_an_error() {
    let beyond = edit(9, 1, Replacement::RowCount);
    let first = edit(1, 3, Replacement::RowCount);
    let overlapping = edit(2, 1, Replacement::RowCount);
    for edits in [vec![beyond], vec![first, overlapping]] {
        assert_eq!(
            spliced("DO f()", &edits, &VALUES),
            Err(SpliceError::ForeignPlan)
        );
    }
}

#[test]
fn placeholders_that_are_taken_out_or_repeated_are_seen() {
    let sql = "SELECT a, ? FROM t WHERE b = ? ORDER BY a LIMIT ?";
    let digest = scanned(sql);
    let keys = |expression: std::ops::Range<usize>| Replacement::Keys {
        clause: None,
        expressions: vec![expression],
    };
    let text = || Replacement::Text(String::new());
    let table = [
        (edit(4, 0, keys(1..2)), None),
        (edit(4, 0, keys(1..4)), Some(Disturbed::Repeated)),
        (edit(5, 1, Replacement::PhysicalTable), None),
        (edit(10, 3, text()), None),
        (edit(13, 2, text()), Some(Disturbed::Removed)),
    ];
    for (edit, expected) in table {
        assert_eq!(disturbed(&digest, [&edit]), Ok(expected), "{edit:?}");
    }
}

#[test]
fn a_text_with_some_rows_has_their_literals_and_those_around_them() {
    let sql = "INSERT INTO t (a, b) VALUES (?, -x), (3, ?), (?, ?+1) ON DUPLICATE KEY UPDATE b = ?";
    let digest = scanned(sql);
    let literals = digest.literals.iter();
    let literals: Vec<&[u8]> = literals.map(|l| l.text(sql.as_bytes())).collect();
    assert_eq!(literals, [&b"?"[..], b"3", b"?", b"?", b"?", b"1", b"?"]);
    let row = |text: &str| {
        let start = sql.find(text).unwrap();
        let at = |byte: usize| digest.tokens.iter().position(|t| t.start as usize >= byte);
        at(start).unwrap()..at(start + text.len()).unwrap()
    };
    let places = RowPlaces::Tokens(vec![row("(?, -x)"), row("(3, ?)"), row("(?, ?+1)")]);
    let rows = RowTexts::find(&places, &digest).unwrap();
    assert_eq!(rows.literals(&digest, &[0, 2]), [0, 3, 4, 5, 6]);
    assert_eq!(rows.literals(&digest, &[1]), [1, 2, 6]);
}

/// Schema `a` on the databases a_0 and a_1 of one replica set and a_2 of another, schema `b` on b_0.
fn two_schemas() -> Topology {
    use crate::topology::{
        ReadPolicy, ReplicaSetId, Schema, SchemaId, Shard, ShardId, Table, TableId, TableKind,
    };
    let shard = |schema, set, database: &str| Shard {
        schema: SchemaId(schema),
        replica_set: ReplicaSetId(set),
        database: database.to_owned(),
        name: database.to_owned(),
    };
    let schema = |name: &str, shards: &[u16], tables: &[(&str, u32)]| Schema {
        name: name.to_owned(),
        shards: shards.iter().map(|at| ShardId(*at)).collect(),
        default_shard: ShardId(shards[0]),
        tables: tables
            .iter()
            .map(|(name, id)| ((*name).to_owned(), TableId(*id)))
            .collect(),
        parts: std::collections::HashMap::new(),
        read: ReadPolicy::Primary,
    };
    let table = |name: &str, schema, kind| Table {
        name: name.to_owned(),
        schema: SchemaId(schema),
        kind,
    };
    Topology {
        shards: vec![
            shard(0, 0, "a_0"),
            shard(0, 0, "a_1"),
            shard(0, 1, "a_2"),
            shard(1, 0, "b_0"),
        ],
        schemas: vec![
            schema("a", &[0, 1, 2], &[("copy", 0), ("here", 1), ("there", 2)]),
            schema("b", &[3], &[]),
        ],
        tables: vec![
            table("copy", 0, TableKind::Broadcast),
            table("here", 0, TableKind::Single(ShardId(0))),
            table("there", 0, TableKind::Single(ShardId(1))),
        ],
        ..Topology::default()
    }
}

#[test]
fn a_system_table_becomes_its_rows_with_the_clients_names() {
    use crate::config::SchemaAccess;
    use crate::plan::SystemTable;
    use crate::topology::ReplicaSetId;
    static TABLE: SystemTable = SystemTable {
        name: "TABLES",
        schema: "TABLE_SCHEMA",
        table: Some("TABLE_NAME"),
        columns: &["TABLE_NAME"],
        mysql: &["TABLE_SCHEMA", "TABLE_ROWS"],
        mariadb: &["TEMPORARY"],
    };
    let topology = two_schemas();
    let text = |access: Option<&SchemaAccess>, mariadb, alias| {
        let values = Values {
            topology: &topology,
            access,
            mariadb,
            ..*VALUES
        };
        let with = Replacement::SystemTable {
            table: &TABLE,
            replica_set: ReplicaSetId(0),
            alias,
            own: false,
        };
        let sql = "SELECT * FROM information_schema.tables";
        spliced(sql, &[edit(3, 3, with)], &values).unwrap()
    };
    let of_a = "`TABLE_SCHEMA` = 'a_0' AND `TABLE_NAME` NOT IN ('there') \
                OR `TABLE_SCHEMA` = 'a_1' AND `TABLE_NAME` IN ('there')";
    let everything = format!(
        "SELECT * FROM (SELECT `TABLE_NAME`, CASE `TABLE_SCHEMA` WHEN 'a_0' THEN 'a' WHEN 'a_1' THEN 'a' \
         WHEN 'b_0' THEN 'b' ELSE `TABLE_SCHEMA` END AS `TABLE_SCHEMA`, \
         CASE WHEN `TABLE_SCHEMA` IN ('a_0', 'a_1') THEN NULL ELSE `TABLE_ROWS` END AS `TABLE_ROWS` \
         FROM information_schema.`TABLES` WHERE (`TABLE_SCHEMA` = 'information_schema' OR {of_a} \
         OR `TABLE_SCHEMA` = 'b_0')) AS `tables`"
    );
    assert_eq!(text(None, false, true), everything);
    let only = |schema: &str| SchemaAccess::Only(vec![schema.to_owned()]);
    assert_eq!(
        text(Some(&only("b")), true, false),
        "SELECT * FROM (SELECT `TABLE_NAME`, `TEMPORARY` FROM information_schema.`TABLES` \
         WHERE (`TABLE_SCHEMA` = 'information_schema' OR `TABLE_SCHEMA` = 'b_0'))"
    );
    let seen = text(Some(&only("a")), true, false);
    assert!(seen.contains(of_a) && !seen.contains("b_0"), "{seen}");
}

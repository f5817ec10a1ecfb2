//! What becomes of statements: golden cases in `src/plan/testdata/*.cases`.
//!
//! A case is a line with a statement and indented lines with its plan, its route and the text that
//! the shard gets. `@schema NAME` sets the current schema, `@schema` unsets it. `UPDATE_CASES=1`
//! writes what is the case now; review the difference. Behind `@gather`, statements that need several
//! nodes show how their rows come together.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use shardwell::config::GatherConfig;
use shardwell::error::StageError;
use shardwell::explain::{Line, Question, planned};
use shardwell::parse::{Digest, LexMode, Tokens, tokenize};
use shardwell::plan::{
    Access, Action, Edit, Generate, LoadIds, LoadTarget, Plan, Request, Write, build, build_filled,
};
use shardwell::rewrite::{Client, IdTexts, Values, splice};
use shardwell::route::key::{Charset, LiteralContext};
use shardwell::route::{DataNode, Literals, Route, RouteError, Router, Variables};
use shardwell::topology::{
    AlgorithmSpec, Brands, Column, Functions, Generated, IdColumn, IdKind, Index, IndexPart,
    KeyColumn, KeyType, Part, PlacementRule, ReplicaSet, ReplicaSetId, Schema, SchemaId, Shard,
    ShardId, Sharding, Split, SplitBy, Spread, Table, TableDefinition, TableId, TableKind,
    Topology,
};
use shardwell::value::{IdForm, NewIds};

const BIGINT: KeyType = KeyType::Integer {
    min: i64::MIN as i128,
    max: i64::MAX as i128,
};

const BINARY_16: KeyType = KeyType::Binary {
    fixed: true,
    length: 16,
};

fn modulo() -> AlgorithmSpec {
    AlgorithmSpec {
        name: "mod".to_owned(),
        ..AlgorithmSpec::default()
    }
}

const SMALL: KeyType = KeyType::Integer {
    min: i16::MIN as i128,
    max: i16::MAX as i128,
};

/// Grows a topology table by table.
#[derive(Default)]
struct Builder(Topology);

impl Builder {
    fn schema(&mut self, name: &str, databases: &[&str]) {
        self.schema_on(name, databases, |_| ReplicaSetId(0));
    }

    /// A schema whose shards are on the replica sets that `at` gives by their positions.
    fn schema_on(&mut self, name: &str, databases: &[&str], at: impl Fn(usize) -> ReplicaSetId) {
        let first = self.0.shards.len();
        for (position, database) in databases.iter().enumerate() {
            self.0.shards.push(Shard {
                replica_set: at(position),
                schema: SchemaId(self.0.schemas.len() as u16),
                database: (*database).to_owned(),
                name: format!("a/{database}"),
            });
        }
        let shards: Vec<ShardId> = (first..self.0.shards.len())
            .map(|at| ShardId(at as u16))
            .collect();
        let id = SchemaId(self.0.schemas.len() as u16);
        self.0.schema_ids.insert(name.to_owned(), id);
        self.0.schemas.push(Schema {
            name: name.to_owned(),
            default_shard: *shards.first().unwrap(),
            shards,
            tables: HashMap::new(),
            parts: HashMap::new(),
            read: Default::default(),
        });
    }

    /// A table of the last schema.
    fn table(&mut self, name: &str, kind: TableKind) {
        let schema = SchemaId(self.0.schemas.len() as u16 - 1);
        let id = TableId(self.0.tables.len() as u32);
        self.0.definitions.push(OnceLock::new());
        self.0.tables.push(Table {
            name: name.to_owned(),
            schema,
            kind,
        });
        self.0
            .schemas
            .last_mut()
            .unwrap()
            .tables
            .insert(name.to_owned(), id);
    }

    /// `tax` is on all shards of `shop`, `home` on the second alone, `solo` has one too; `counter`
    /// is a sequence.
    fn functions(&mut self) {
        let brands = Brands {
            mysql: true,
            mariadb: true,
        };
        let mut functions = Functions::new(true, brands);
        type Found<'a> = &'a [(&'a str, &'a [usize])];
        let schemas: [(u16, Found<'_>); 2] = [
            (
                0,
                &[("tax", &[0, 1, 2, 3]), ("home", &[1]), ("count", &[0])],
            ),
            (1, &[("f", &[0])]),
        ];
        for (schema, found) in schemas {
            let found = found.iter();
            let found = found.map(|(name, on)| ((*name).to_owned(), on.to_vec()));
            let shards = &self.0.schemas[usize::from(schema)].shards;
            functions.add(SchemaId(schema), &found.collect(), shards);
        }
        self.0.functions = functions;
    }

    /// A table of the last schema that is split into `tables` tables.
    fn split(&mut self, name: &str, keys: &[&str], tables: u32, by: SplitBy, binding_group: u32) {
        let names: Vec<String> = (0..tables).map(|at| format!("{name}_{at}")).collect();
        let parts = &mut self.0.schemas.last_mut().unwrap().parts;
        for (part, number) in names.iter().zip(0..) {
            let table = name.to_owned();
            parts.insert(part.clone(), Part { table, number });
        }
        let keys = keys.iter().map(|key| KeyColumn {
            name: (*key).to_owned(),
            key_type: Some(BIGINT),
        });
        let sharding = Sharding {
            keys: keys.collect(),
            rule: PlacementRule {
                keys: vec![0],
                algorithm: modulo(),
            },
            split: Some(Split {
                tables: names,
                periods: None,
                by,
            }),
            columns: None,
            binding_group,
            generate: None,
        };
        self.table(name, TableKind::Sharded(Box::new(sharding)));
    }

    /// What is known of the columns of the last table.
    fn columns(&mut self, columns: &[(&str, &str)]) {
        let columns = columns.iter().map(|(name, data_type)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
            column_type: (*data_type).to_owned(),
            ..Column::default()
        });
        let definition = TableDefinition {
            columns: columns.collect(),
            ..TableDefinition::default()
        };
        let known = self.0.definitions.last_mut().unwrap();
        *known = OnceLock::from(Arc::new(definition));
    }

    /// The primary key of the last table, whose columns are known.
    fn primary(&mut self, column: &str) {
        let known = self.0.definitions.last_mut().unwrap().get_mut().unwrap();
        let part = IndexPart {
            column: Some(column.to_owned()),
            prefix: None,
        };
        Arc::get_mut(known).unwrap().indexes.push(Index {
            name: "PRIMARY".to_owned(),
            unique: true,
            parts: vec![part],
            ..Index::default()
        });
    }

    /// The rows of the last table get ids.
    fn generates(&mut self, column: &str, kind: IdKind, auto_increment: bool) {
        let found = IdColumn {
            form: match kind {
                IdKind::UuidV7 if column == "uuid" => IdForm::UuidBytes,
                IdKind::UuidV7 => IdForm::UuidText,
                _ => IdForm::Number {
                    max: i64::MAX as u64,
                },
            },
            auto_increment,
        };
        let TableKind::Sharded(sharding) = &mut self.0.tables.last_mut().unwrap().kind else {
            panic!("it is not sharded");
        };
        sharding.generate = Some(Generated {
            column: column.to_owned(),
            kind,
            found: Some(found),
        });
    }

    /// A table of the last schema whose key has several columns.
    fn compound(&mut self, name: &str, keys: &[(&str, KeyType)], binding_group: u32) {
        let columns = keys.iter().map(|(name, key_type)| KeyColumn {
            name: (*name).to_owned(),
            key_type: Some(key_type.clone()),
        });
        let sharding = Sharding {
            keys: columns.collect(),
            rule: PlacementRule {
                keys: (0..keys.len()).collect(),
                algorithm: AlgorithmSpec {
                    name: "hash_mod".to_owned(),
                    ..AlgorithmSpec::default()
                },
            },
            split: None,
            columns: None,
            binding_group,
            generate: None,
        };
        self.table(name, TableKind::Sharded(Box::new(sharding)));
    }

    /// A table whose key is a UUID that the proxy makes.
    fn papers(&mut self) {
        self.compound("papers", &[("uuid", BINARY_16)], 55);
        self.generates("uuid", IdKind::UuidV7, false);
        self.columns(&[("uuid", "binary"), ("body", "text")]);
    }

    /// A schema on two replica sets whose tables' columns are known.
    fn mall(&mut self) {
        for name in ["a", "b"] {
            let name = name.to_owned();
            self.0.replica_sets.push(ReplicaSet { name });
        }
        let databases = ["mall_0", "mall_1", "mall_2", "mall_3"];
        self.schema_on("mall", &databases, |at| ReplicaSetId(at as u16 / 2));
        let person = [
            ("id", "bigint"),
            ("name", "varchar(40)"),
            ("age", "int"),
            ("doc", "json"),
        ];
        self.sharded("people", "id", None, 40);
        self.columns(&person);
        self.sharded("buys", "buy", None, 41);
        self.columns(&[
            ("buy", "bigint"),
            ("id", "bigint"),
            ("at", "timestamp"),
            ("sum", "float"),
        ]);
        self.table("cats", TableKind::Broadcast);
        self.columns(&[("cat", "int"), ("title", "text")]);
        self.table(
            "notes",
            TableKind::Single(ShardId(self.0.shards.len() as u16 - 1)),
        );
        self.columns(&[("note", "int"), ("id", "bigint")]);
        self.table(
            "tags",
            TableKind::Single(ShardId(self.0.shards.len() as u16 - 4)),
        );
        self.sharded("stock", "id", None, 42);
        self.columns(&[("id", "bigint"), ("name", "varchar(40)"), ("n", "int")]);
        self.primary("id");
        self.sharded("moves", "move", None, 43);
        self.columns(&[("move", "bigint"), ("item", "bigint"), ("n", "int")]);
        self.primary("move");
    }

    fn sharded(&mut self, name: &str, key: &str, columns: Option<&[&str]>, binding_group: u32) {
        let columns = columns.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
        let sharding = Sharding {
            keys: vec![KeyColumn {
                name: key.to_owned(),
                key_type: Some(BIGINT),
            }],
            rule: PlacementRule {
                keys: vec![0],
                algorithm: modulo(),
            },
            split: None,
            columns,
            binding_group,
            generate: None,
        };
        self.table(name, TableKind::Sharded(Box::new(sharding)));
    }
}

/// `shop` on four shards with tables of every kind, `solo` on one, `quiet` on two of which one is
/// used, `same` whose databases are called as clients call it.
fn topology() -> Topology {
    let mut builder = Builder::default();
    builder.schema("shop", &["shop_0", "shop_1", "shop_2", "shop_3"]);
    builder.sharded("users", "id", Some(&["id", "name", "email"]), 1);
    builder.sharded(
        "orders",
        "user_id",
        Some(&["order_id", "user_id", "total"]),
        1,
    );
    builder.sharded("events", "id", None, 2);
    let pair = [("tenant", SMALL), ("item", BIGINT)];
    builder.compound("items", &pair, 30);
    let pair = [("tenant_id", SMALL), ("item_id", SMALL)];
    builder.compound("notes", &pair, 30);
    builder.table("regions", TableKind::Broadcast);
    builder.columns(&[("uid", "bigint"), ("small", "smallint"), ("code", "double")]);
    builder.table("settings", TableKind::Single(ShardId(1)));
    builder.table("flags", TableKind::Single(ShardId(1)));
    builder.table("audit", TableKind::Single(ShardId(2)));
    builder.table("counter", TableKind::Single(ShardId(1)));
    let reason = "it was found on 2 of 4 shards".to_owned();
    builder.table("torn", TableKind::Refused { reason });
    builder.schema("solo", &["solo_0"]);
    builder.table("t", TableKind::Single(ShardId(4)));
    builder.schema("quiet", &["quiet_0", "quiet_1"]);
    builder.table("q", TableKind::Single(ShardId(5)));
    builder.schema("store", &["store_0", "store_1"]);
    let by_parcel = SplitBy::Rule(PlacementRule {
        keys: vec![1],
        algorithm: modulo(),
    });
    builder.split("parcels", &["user_id", "id"], 3, by_parcel.clone(), 3);
    builder.split("items", &["buyer", "parcel_id"], 3, by_parcel, 3);
    builder.split("logs", &["id"], 4, SplitBy::Spread(Spread::Blocks), 4);
    builder.table("places", TableKind::Broadcast);
    builder.schema("one", &["one_0"]);
    builder.split("logs", &["id"], 4, SplitBy::Spread(Spread::RoundRobin), 5);
    builder.table("plain", TableKind::Single(ShardId(9)));
    builder.schema("same", &["same", "same"]);
    builder.mall();
    builder.schema("ids", &["ids_0", "ids_1"]);
    builder.sharded("orders", "user_id", Some(&["id", "user_id", "total"]), 50);
    builder.generates("id", IdKind::Snowflake, true);
    builder.sharded("bills", "bill", Some(&["bill", "total"]), 51);
    let (block, start) = (1000, 1);
    builder.generates("bill", IdKind::Segment { block, start }, false);
    builder.sharded("new", "id", None, 52);
    builder.generates("id", IdKind::Snowflake, true);
    builder.sharded("notes", "user_id", Some(&["id", "user_id", "body"]), 54);
    builder.generates("id", IdKind::UuidV7, false);
    builder.papers();
    builder.table("plain", TableKind::Broadcast);
    builder.schema("alone", &["alone_0"]);
    builder.sharded("orders", "user_id", Some(&["id", "user_id"]), 53);
    builder.generates("id", IdKind::Snowflake, true);
    builder.functions();
    builder.0
}

fn render(
    topology: &Topology,
    router: &Router,
    (schema, gathers): (Option<&str>, bool),
    sql: &str,
) -> String {
    let mode = LexMode::default();
    let digest = match tokenize(sql.as_bytes(), mode) {
        Ok(digest) => digest,
        Err(error) => return format!("    no statement: {error}\n"),
    };
    let request = Request {
        tokens: Tokens::new(sql.as_bytes(), &digest),
        mode,
        topology,
        schema,
        hint: None,
        temporary: &[],
    };
    let plan = build(&request);
    if let Action::Generate(generate) = &plan.action {
        return with_ids(generate, (topology, router), schema, (sql, &digest));
    }
    render_plan(&plan, (topology, router), (schema, gathers), (sql, &digest))
}

/// What the rows get, the text that has it, and what becomes of that.
fn with_ids(
    generate: &Generate,
    snapshot: (&Topology, &Router),
    schema: Option<&str>,
    (sql, digest): (&str, &Digest),
) -> String {
    let mut out = format!("    {generate}\n");
    let texts = match IdTexts::read((sql.as_bytes(), 0, digest), generate, false) {
        Ok(texts) => texts,
        Err(error) => return format!("{out}    {}\n", error.to_mysql()),
    };
    let examples = NewIds::examples(generate.column.form, 1001, texts.wanted());
    let filled = String::from_utf8(texts.fill(&examples).unwrap()).unwrap();
    if filled != sql {
        writeln!(out, "    {filled}").unwrap();
    }
    let mode = LexMode::default();
    let digest = tokenize(filled.as_bytes(), mode).unwrap();
    let plan = build_filled(&Request {
        tokens: Tokens::new(filled.as_bytes(), &digest),
        mode,
        topology: snapshot.0,
        schema,
        hint: None,
        temporary: &[],
    });
    out + &render_plan(&plan, snapshot, (schema, false), (&filled, &digest))
}

fn render_plan(
    plan: &Plan,
    (topology, router): (&Topology, &Router),
    (schema, gathers): (Option<&str>, bool),
    (sql, digest): (&str, &Digest),
) -> String {
    let mode = LexMode::default();
    let literals = Literals {
        digest,
        text: sql.as_bytes(),
        context: LiteralContext {
            mode,
            charset: Charset::Utf8mb4,
        },
        params: shardwell::route::Params::default(),
    };
    if let Some(told) = unrouted((topology, router), schema, sql, plan) {
        return told;
    }
    let mut out = String::new();
    put_condition(&mut out, topology, &plan.action);
    let route = router.route(plan, literals);
    let several = matches!(route, Ok(Route::Many(_) | Route::All(_)) | Err(_));
    if gathers && several && matches!(plan.write, Some(Ok(Write::Picked(_)))) {
        return out + &gathered((topology, router), schema, sql);
    }
    if gathers && several && plan.merged().is_none() {
        match &plan.gather {
            Some(Ok(_)) => return out + &gathered((topology, router), schema, sql),
            Some(Err(why)) => return format!("{out}    {why}\n"),
            None => {}
        }
    }
    let (part, edits) = match (&route, &plan.scatter) {
        (Ok(Route::Single(node) | Route::NoMatch(node)), _) => (node.part, &plan.edits),
        (Ok(Route::Many(_) | Route::All(_)), Some(Ok(scatter))) => (0, &scatter.edits),
        _ => (0, &plan.edits),
    };
    let several = matches!(route, Ok(Route::Many(_) | Route::All(_)));
    let (place, database) = place(topology, router, route);
    writeln!(out, "    {place}{}", traits(plan)).unwrap();
    let sent = !several || put_merge(&mut out, plan);
    if let (Some(database), true) = (database, sent) {
        let values = Values {
            database: database.as_bytes(),
            part,
            topology,
            schema,
            gathered: &[],
            connection_id: 77,
            client: Client {
                name: "app",
                host: "10.0.0.7",
            },
            row_count: -1,
            found_rows: 3,
            conditions: (0, 0),
            looked_up: None,
            repeated: &plan.edits,
            mariadb: false,
            access: None,
        };
        put_text(&mut out, (sql, digest), edits, &values);
    }
    out
}

/// What is not routed by its literals.
fn unrouted(
    snapshot: (&Topology, &Router),
    schema: Option<&str>,
    sql: &str,
    plan: &Plan,
) -> Option<String> {
    match plan.action {
        Action::Utility(_) | Action::Nothing => {
            Some(format!("    the session's own{}\n", traits(plan)))
        }
        Action::Picked(_) => {
            Some(format!("    picked{}\n", traits(plan)) + &gathered(snapshot, schema, sql))
        }
        Action::Everywhere(_) | Action::Lock(_) => {
            let told = gathered(snapshot, schema, sql);
            Some(format!("    on every node{}\n{told}", traits(plan)))
        }
        Action::Load(ref load) => {
            let to = match &load.to {
                LoadTarget::Rows(keys) => format!("fields {keys:?} are the key"),
                LoadTarget::Copies(shards) => format!("copies on {} shards", shards.len()),
            };
            let ids = match &load.ids {
                LoadIds::None => String::new(),
                LoadIds::Given(at) => format!(", field {at} must be an id"),
                LoadIds::Made { at, .. } => format!(", field {at:?} gets ids"),
            };
            let fields = load.fields;
            Some(format!(
                "    loads rows of {fields} fields{}: {to}{ids}\n",
                traits(plan)
            ))
        }
        Action::Move(ref moved) => {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            let text = |at: &Range<usize>| String::from_utf8_lossy(tokens.span(at.clone()));
            let (head, query) = (text(&moved.head), text(&moved.query));
            let mut told = format!("    moves rows{}\n    read: {query}\n", traits(plan));
            let tail = text(&moved.tail);
            writeln!(told, "    store: {head} VALUES … {tail}").unwrap();
            Some(told)
        }
        Action::Rekey(ref rekey) => {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let told = render_plan(&rekey.plan, snapshot, (schema, false), (sql, &digest));
            Some(format!("    rows may move{}\n{told}", traits(plan)))
        }
        _ => None,
    }
}

/// How several answers become one; says whether they do.
fn put_merge(out: &mut String, plan: &Plan) -> bool {
    match &plan.write {
        Some(Ok(write)) => writeln!(out, "    write: {write}").unwrap(),
        Some(Err(reason)) => writeln!(out, "    no write: {reason}").unwrap(),
        None => {}
    }
    match &plan.scatter {
        Some(Ok(scatter)) => writeln!(out, "    merge: {scatter}").unwrap(),
        Some(Err(reason)) => writeln!(out, "    not merged: {reason}").unwrap(),
        None => {}
    }
    matches!(plan.scatter, Some(Ok(_)))
}

/// How the statement's rows come together, as EXPLAIN FORMAT=SHARDWELL tells it.
fn gathered((topology, router): (&Topology, &Router), schema: Option<&str>, sql: &str) -> String {
    let question = Question {
        read: None,
        inside: false,
        sql: sql.as_bytes(),
        mode: LexMode::default(),
        charset: Charset::Utf8mb4,
        schema,
        topology,
        router,
        gather: GatherConfig {
            max_rows: 1000,
            max_bytes: 1 << 20,
        },
        hint: None,
        temporary: &[],
    };
    const UNTOLD: [&str; 4] = ["statement", "sharded", "condition", "route"];
    let lines = planned(&question).unwrap().explain(&Variables::default());
    let told = lines
        .iter()
        .filter(|line: &&Line| !UNTOLD.contains(&line.what.as_str()));
    told.map(|line| format!("    {}: {}\n", line.what, line.detail))
        .collect()
}

fn put_condition(out: &mut String, topology: &Topology, action: &Action) {
    let Action::Sharded {
        table, condition, ..
    } = action
    else {
        return;
    };
    let table = topology.table_by_id(*table).unwrap();
    let TableKind::Sharded(sharding) = &table.kind else {
        panic!("{} is not sharded", table.name);
    };
    let condition = condition.text(sharding);
    writeln!(out, "    sharded like {}: {condition}", table.name).unwrap();
}

/// The text that a node gets, where it is not the client's own.
fn put_text(out: &mut String, (sql, digest): (&str, &Digest), edits: &[Edit], values: &Values<'_>) {
    let mut room = Vec::new();
    let text = sql.as_bytes();
    let spliced = splice(text, 0, digest, edits, values, &mut room).unwrap();
    if spliced != text {
        writeln!(out, "    {}", String::from_utf8_lossy(spliced)).unwrap();
    }
}

/// Where it goes in words, and the database there.
fn place(
    topology: &Topology,
    router: &Router,
    route: Result<Route, RouteError>,
) -> (String, Option<String>) {
    let database = |shard: ShardId| topology.shard(shard).unwrap().database.clone();
    let several = |nodes: &[DataNode]| {
        let shards = nodes.iter().map(|node| node.shard);
        let first = nodes.first().map(|node| database(node.shard));
        (format!("to {} nodes", shards.count()), first)
    };
    match route {
        Ok(Route::Single(node)) => {
            let database = database(node.shard);
            (format!("to {database}"), Some(database))
        }
        Ok(Route::NoMatch(node)) => {
            let database = database(node.shard);
            (format!("no row: to {database}"), Some(database))
        }
        Ok(Route::Any(schema)) => {
            let schema = schema.and_then(|id| topology.schema_by_id(id));
            let name = schema.map_or("all", |s| &s.name);
            let first = schema.map(|s| database(*s.shards.first().unwrap()));
            (format!("to any of {name}"), Some(first.unwrap_or_default()))
        }
        Ok(Route::Server(set)) => {
            let set = topology.replica_set(set).unwrap();
            (
                format!("to the server of {}", set.name),
                Some(String::new()),
            )
        }
        Ok(Route::Many(some)) => several(&some),
        Ok(Route::All(table)) => several(router.nodes(table)),
        Err(error) => (error.to_mysql().to_string(), None),
    }
}

fn traits(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.access == Access::Read {
        out += ", reads";
    }
    if let Some(reason) = plan.pin {
        write!(out, ", pins: {reason:?}").unwrap();
    }
    let refused = matches!(plan.action, Action::Refuse(_));
    for (holds, word) in [
        (plan.uses_pinned_state, "uses pinned state"),
        (!plan.transactional && !refused, "outside transactions"),
        (plan.changes_tables, "changes tables"),
        (plan.calls_unknown, "calls what is not known"),
    ] {
        if holds {
            write!(out, ", {word}").unwrap();
        }
    }
    if plan.needs_last_insert_id {
        out += ", needs LAST_INSERT_ID()";
    }
    out
}

#[test]
fn every_case_is_planned_as_written() {
    let topology = topology();
    let router = Router::new(&topology).unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/plan/testdata");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for file in files {
        let written = std::fs::read_to_string(&file).unwrap();
        let now = replay(&topology, &router, &written);
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(&file, now).unwrap();
        } else if now != written {
            let differs = |(a, b): &(&str, &str)| a != b;
            let first = written.lines().zip(now.lines()).find(differs);
            wrong.push(format!("{}: {first:?}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file with every plan as it is now.
fn replay(topology: &Topology, router: &Router, file: &str) -> String {
    let mut schema = Some("shop");
    let mut gathers = false;
    let mut out = String::new();
    for line in file.lines().filter(|line| !line.starts_with("    ")) {
        writeln!(out, "{line}").unwrap();
        if let Some(name) = line.strip_prefix("@schema") {
            schema = Some(name.trim()).filter(|name| !name.is_empty());
        } else if line == "@gather" {
            gathers = true;
        } else if !line.is_empty() && !line.starts_with('#') {
            out += &render(topology, router, (schema, gathers), line);
        }
    }
    out
}

/// The page with every answer as it is now: rows of tables behind a comment that names the schema.
fn told(topology: &Topology, router: &Router, page: &str) -> String {
    let mut schema = "";
    let mut out = String::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("<!-- ") {
            schema = name.trim_end_matches(" -->");
        }
        let row = line
            .strip_prefix("| `")
            .and_then(|row| row.split_once("` |"));
        match row {
            Some((sql, _)) => {
                let plan = render(topology, router, (Some(schema), true), sql);
                writeln!(out, "| `{sql}` | {} |", in_words(&plan)).unwrap();
            }
            None => writeln!(out, "{line}").unwrap(),
        }
    }
    out
}

/// What the lines of a case come to.
fn in_words(case: &str) -> String {
    let lines: Vec<&str> = case.lines().map(str::trim).collect();
    let behind = |start: &str| lines.iter().find_map(|line| line.strip_prefix(start));
    if let Some((_, error)) = lines.iter().find_map(|line| line.split_once("ERROR ")) {
        let mut error = error;
        for word in [", changes tables", ", uses pinned state", ", reads"] {
            error = error.trim_end_matches(word);
        }
        return format!("error {error}");
    }
    if lines.iter().any(|line| line.starts_with("on every node")) {
        return "every data node, as one statement".to_owned();
    }
    if lines
        .iter()
        .any(|line| line.starts_with("the session's own"))
    {
        return "the proxy, for the session".to_owned();
    }
    if behind("loads rows").is_some() {
        return "the proxy cuts the client's file into rows; several shards, one atomic transaction"
            .to_owned();
    }
    if behind("moves rows").is_some() {
        return "the proxy reads the rows, then stores them".to_owned();
    }
    if behind("rows may move").is_some() {
        return "the shards of its rows, which move where their new keys belong".to_owned();
    }
    if let Some(reason) = behind("no write: ").or(behind("not merged: ")) {
        return format!("refused: {reason}");
    }
    if behind("find: ").is_some() {
        return format!("several shards, {}", Write::PICKED);
    }
    if let Some(write) = behind("write: ") {
        return format!("several shards, {write}");
    }
    if behind("gather ").is_some() {
        return "several shards; one server finishes it".to_owned();
    }
    if let Some(merge) = behind("merge: ") {
        return format!("several shards, merged: {merge}");
    }
    if behind("to any of all").is_some() {
        return "any server".to_owned();
    }
    if behind("to any of ").is_some() {
        return "any shard of the schema".to_owned();
    }
    match behind("to ").or(behind("no row: to ")) {
        Some(_) => "one shard".to_owned(),
        None => panic!("{case}"),
    }
}

#[test]
fn the_page_of_statements_says_what_is_the_case() {
    let topology = topology();
    let router = Router::new(&topology).unwrap();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/statements.md");
    let written = std::fs::read_to_string(&file).unwrap();
    let now = told(&topology, &router, &written);
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&file, now).unwrap();
        return;
    }
    for (written, now) in written.lines().zip(now.lines()) {
        assert_eq!(written, now);
    }
}

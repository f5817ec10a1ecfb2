//! Further schemas, each a folder beside the written statements: files of statements, and in `schema/` its
//! tables (`tables.sql`), where their rows are (`tables.toml`) and how those are made (`rows.sql`).
//!
//! The rows are made by the plain server and copied through the proxy, so that they may be computed.

use std::path::Path;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use super::super::common::{Place, servers};
use super::super::pair::Stage;
use super::report::Report;
use super::script::{scripts, split};
use super::way::Way;
use super::{folder, run};

/// Rows of one INSERT of the copy.
const AT_ONCE: usize = 100;

#[tokio::test]
async fn queries_of_tpc_h_answer_as_one_server_does() {
    answers("tpch").await;
}

#[tokio::test]
async fn classic_examples_answer_as_one_server_does() {
    answers("classics").await;
}

#[tokio::test]
async fn full_text_searches_answer_as_one_server_does() {
    answers("search").await;
}

/// Opens the schema of this name and runs its files in every way.
async fn answers(name: &str) {
    let folder = folder().join(name);
    let stage = open(name, &folder.join("schema")).await;
    let mut own = Report::default();
    for script in scripts(&folder) {
        run(&stage, &script, &mut own, (true, Way::Text)).await;
    }
    println!("{own}");
    own.assert_none_wrong();
    for way in [Way::Prepared, Way::Bound] {
        let mut report = Report::default();
        for script in scripts(&folder) {
            run(&stage, &script, &mut report, (false, way)).await;
        }
        println!("{way:?}: {}\n{report}", report.refused());
        report.assert_none_wrong();
    }
    own.check_refusals(&folder, servers().await.flavor());
}

async fn open(name: &str, schema: &Path) -> Stage {
    let read = |file: &str| std::fs::read_to_string(schema.join(file)).expect(file);
    let tables: Vec<String> = split(&read("tables.sql"))
        .into_iter()
        .map(|piece| piece.text)
        .collect();
    let texts: Vec<&str> = tables.iter().map(String::as_str).collect();
    let placement = read("tables.toml");
    let (everywhere, once): (Vec<&str>, Vec<&str>) = texts
        .iter()
        .partition(|text| placement.contains(&format!(".{}]", table_name(text))));
    let stage = Stage::at(Place::named(name).await, &placement, &everywhere, &once).await;
    let (mut proxy, mut plain) = (stage.app().await, stage.place.plain().await);
    for piece in split(&read("rows.sql")) {
        plain.query_drop(&piece.text).await.expect(&piece.text);
    }
    for text in texts {
        copy(table_name(text), &mut plain, &mut proxy).await;
    }
    stage
}

/// The name in `CREATE TABLE name (`.
fn table_name(definition: &str) -> &str {
    definition
        .split_whitespace()
        .nth(2)
        .expect("CREATE TABLE name")
}

async fn copy(table: &str, plain: &mut Conn, proxy: &mut Conn) {
    let rows: Vec<Row> = plain
        .query(format!("SELECT * FROM {table}"))
        .await
        .expect(table);
    assert!(!rows.is_empty(), "{table} has no rows");
    let rows: Vec<String> = rows.into_iter().map(literals).collect();
    for rows in rows.chunks(AT_ONCE) {
        let insert = format!("INSERT INTO {table} VALUES {}", rows.join(", "));
        proxy.query_drop(&insert).await.expect(&insert);
    }
}

fn literals(row: Row) -> String {
    let values: Vec<String> = row
        .unwrap()
        .iter()
        .map(|value| value.as_sql(false))
        .collect();
    format!("({})", values.join(", "))
}

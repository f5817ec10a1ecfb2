//! Statements of tools that cannot be run here, as `tests/data/tools.sql` has them.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Row};

use super::common::APP_PASSWORD;
use super::pair::{BOUND_AND_BROADCAST, Stage};

const STATEMENTS: &str = include_str!("../data/tools.sql");

const EVERYWHERE: [&str; 3] = [
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT NOT NULL DEFAULT 3, b VARCHAR(6) COMMENT 'the b', CONSTRAINT not_much CHECK (a < 100), KEY by_a (a, b))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n), CONSTRAINT of_item FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE)",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b ENUM('x', 'y'), UNIQUE KEY (b)) COMMENT = 'all kinds'",
];

const ONCE: [&str; 2] = [
    "CREATE TABLE plain (a INT AUTO_INCREMENT PRIMARY KEY, b DECIMAL(10, 2))",
    "CREATE VIEW seen AS SELECT a, b FROM plain WHERE a > 1",
];

const ROWS: [&str; 4] = [
    "INSERT INTO items VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, NULL), (4, 5, 'd'), (5, 6, 'e')",
    "INSERT INTO marks VALUES (1, 1), (2, 1), (3, 1)",
    "INSERT INTO kinds VALUES (1, 'x'), (2, 'y')",
    "INSERT INTO plain (b) VALUES (1.5), (2.5), (3.5)",
];

/// A user who may use this schema and nothing else.
const TOOL: &str =
    "\n[[users]]\nname = \"tool\"\npassword = \"PASSWORD\"\nschemas = [ \"shop\" ]\n";

/// What a line of the file asks for.
enum Wanted {
    Same,
    Columns,
    Refused(u16),
}

fn statements() -> impl Iterator<Item = (Wanted, &'static str)> {
    let lines = STATEMENTS.lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("-- "));
    lines.map(|line| match line.split_once(' ') {
        Some(("?", statement)) => (Wanted::Columns, statement),
        Some((code, statement)) if code.parse::<u16>().is_ok() => {
            (Wanted::Refused(code.parse().unwrap()), statement)
        }
        _ => (Wanted::Same, line),
    })
}

/// The columns' names and the rows, in any order, or the error's code.
#[derive(Debug, PartialEq)]
enum Told {
    Rows(Vec<String>, Vec<String>),
    Failed(u16, String),
}

async fn told(connection: &mut Conn, sql: &str) -> Told {
    let answered = async {
        let mut answer = connection.query_iter(sql).await?;
        let columns = answer.columns_ref().iter();
        let columns = columns.map(|column| column.name_str().into_owned());
        let columns: Vec<String> = columns.collect();
        let rows: Vec<Row> = answer.collect().await?;
        Ok::<_, Error>((columns, rows))
    };
    match answered.await {
        Ok((columns, rows)) => {
            let rows = rows.into_iter().map(|row| format!("{:?}", row.unwrap()));
            let mut rows: Vec<String> = rows.collect();
            rows.sort();
            Told::Rows(columns, rows)
        }
        Err(Error::Server(error)) => Told::Failed(error.code, error.message),
        Err(other) => panic!("{sql}: {other}"),
    }
}

/// What is wrong with the proxy's answer.
fn difference(wanted: &Wanted, ours: &Told, theirs: &Told) -> Option<String> {
    let right = match (wanted, ours, theirs) {
        (Wanted::Refused(code), Told::Failed(told, _), _) => told == code,
        (Wanted::Refused(_), _, _) => false,
        (_, Told::Failed(ours, _), Told::Failed(theirs, _)) => ours == theirs,
        (Wanted::Columns, Told::Rows(ours, _), Told::Rows(theirs, _)) => ours == theirs,
        (_, ours, theirs) => ours == theirs,
    };
    let short = |told| -> String { format!("{told:?}").chars().take(1500).collect() };
    (!right).then(|| format!("\n  ours: {}\n  theirs: {}", short(ours), short(theirs)))
}

#[tokio::test]
async fn tools_get_the_answers_of_one_server() {
    let tables = format!("{BOUND_AND_BROADCAST}{TOOL}").replace("PASSWORD", APP_PASSWORD);
    let stage = Stage::new(&tables, &EVERYWHERE, &ONCE).await;
    let name = stage.place.name().to_owned();
    let (mut tool, mut plain) = (stage.user("tool").await, stage.place.plain().await);
    for connection in [&mut tool, &mut plain] {
        for rows in ROWS {
            connection.query_drop(rows).await.unwrap();
        }
    }
    let mut wrong = Vec::new();
    for (wanted, statement) in statements() {
        let statement = statement
            .replace("'shop'", &format!("'{name}'"))
            .replace("`shop`", &format!("`{name}`"))
            .replace("shop.", &format!("{name}."));
        let ours = told(&mut tool, &statement).await;
        let theirs = told(&mut plain, &statement).await;
        if let Some(difference) = difference(&wanted, &ours, &theirs) {
            wrong.push(format!("{statement}{difference}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

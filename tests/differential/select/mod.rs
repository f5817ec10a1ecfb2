//! Files of SELECT statements on a sharded schema: through four shards they answer what one plain
//! server answers, or are refused by name.
//!
//! `tests/data/select` has the files; each more file there is run. SHARDWELL_SELECT names others, or
//! folders of them, separated by `:`; see [`script`] for their form. All are run as text, prepared, and
//! prepared with their literals as parameters. Which statements of our own files
//! are refused stands in a file beside them, so that no more of them are; UPDATE_CASES=1 rewrites it.
//! Folders in there are schemas of their own: see [`world`].

mod answer;
mod generate;
mod judge;
mod order;
mod outline;
mod report;
mod rows;
mod scan;
mod script;
mod shop;
mod warned;
mod way;
mod world;

use std::path::{Path, PathBuf};

use super::common::servers;
use super::pair::Stage;
use answer::Answer;
use judge::{Session, Verdict, client};
use report::Report;
use script::{Script, Statement, scripts};
use way::Way;

/// The files that the environment names.
fn named_scripts() -> Vec<Script> {
    let paths = std::env::var("SHARDWELL_SELECT").unwrap_or_default();
    let paths = paths.split(':').filter(|path| !path.is_empty());
    paths.flat_map(|path| scripts(Path::new(path))).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/select")
}

/// Runs a file's statements one after the other in one session.
async fn run(stage: &Stage, script: &Script, report: &mut Report, (own, way): (bool, Way)) {
    let flavor = servers().await.flavor();
    let mut session = Session::sent(stage.pair(client()).await, way);
    for statement in &script.statements {
        if statement.marks.only.is_some_and(|only| only != flavor) {
            continue;
        }
        let mut verdict = session.judge(&statement.text, statement.marks.view).await;
        if own && let Err(why) = means_something(statement, session.plain.as_ref()) {
            verdict = Verdict::Wrong(why);
        }
        report.add(&script.name, statement, verdict);
    }
}

/// Whether the plain server answered what the file expects.
fn means_something(statement: &Statement, answer: Option<&Answer>) -> Result<(), String> {
    match (answer, statement.marks.error) {
        (Some(Answer::Error(error)), Some(code)) if error.code == code => Ok(()),
        (Some(Answer::Error(error)), _) => Err(format!("the plain server says {error:?}")),
        (None, _) => Ok(()),
        (Some(_), Some(code)) => Err(format!("no error {code}")),
        (Some(Answer::Rows(table)), None) if table.rows.is_empty() && !statement.marks.empty => {
            Err("no rows: proves nothing".to_owned())
        }
        _ => Ok(()),
    }
}

#[tokio::test]
async fn written_statements_answer_as_one_server_does() {
    let stage = shop::open("shop").await;
    let (mut own, mut others) = (Report::default(), Report::default());
    for script in scripts(&folder()) {
        run(&stage, &script, &mut own, (true, Way::Text)).await;
    }
    println!("{own}");
    let more = named_scripts();
    for script in &more {
        run(&stage, script, &mut others, (false, Way::Text)).await;
    }
    if !more.is_empty() {
        println!("{}\n{others}", others.refused());
    }
    own.assert_none_wrong();
    others.assert_none_wrong();
    own.check_refusals(&folder(), servers().await.flavor());
}

/// As text they are checked for refusals too; here those are no faults.
#[tokio::test]
async fn prepared_statements_answer_as_one_server_does() {
    // The written statements name the schema.
    const SCHEMA: &str = "mall";
    let stage = shop::open(SCHEMA).await;
    for way in [Way::Prepared, Way::Bound] {
        let mut report = Report::default();
        for mut script in scripts(&folder()).into_iter().chain(named_scripts()) {
            for statement in &mut script.statements {
                statement.text = statement.text.replace("shop", SCHEMA);
            }
            run(&stage, &script, &mut report, (false, way)).await;
        }
        println!("{way:?}: {}\n{report}", report.refused());
        report.assert_none_wrong();
    }
}

//! Files of SELECT statements on a sharded schema: through four shards they answer what one plain
//! server answers, or are refused by name.
//!
//! `tests/data/select` has the files; each more file there is run. SHARDWELL_SELECT names others, or
//! folders of them, separated by `:`; see [`script`] for their form. Which statements of our own files
//! are refused stands in a file beside them, so that no more of them are; UPDATE_CASES=1 rewrites it.

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

use std::path::{Path, PathBuf};

use super::common::servers;
use super::pair::Stage;
use answer::Answer;
use judge::{Session, Verdict, client};
use report::Report;
use script::{Script, Statement, scripts};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/select")
}

/// Runs a file's statements one after the other in one session.
async fn run(stage: &Stage, script: &Script, report: &mut Report, own: bool) {
    let flavor = servers().await.flavor();
    let mut session = Session::new(stage.pair(client()).await);
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
        run(&stage, &script, &mut own, true).await;
    }
    println!("{own}");
    let paths = std::env::var("SHARDWELL_SELECT").unwrap_or_default();
    for path in paths.split(':').filter(|path| !path.is_empty()) {
        for script in scripts(Path::new(path)) {
            run(&stage, &script, &mut others, false).await;
        }
    }
    if !paths.is_empty() {
        println!("{}\n{others}", others.refused());
    }
    own.assert_none_wrong();
    others.assert_none_wrong();
    own.check_refusals(&folder(), servers().await.flavor());
}

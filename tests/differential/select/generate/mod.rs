//! Random SELECTs on the schema of the written ones, always the same ones for a seed: through four
//! shards they answer what one plain server answers, or are refused.
//!
//! SHARDWELL_SELECTS is how many statements are made, SHARDWELL_SEED the first one's seed; each
//! statement has a seed of its own, the next number. A statement with a wrong answer is told with its
//! seed and as small as it can be made. SHARDWELL_REFUSED tells the refused ones.
//!
//! On MariaDB none is made unless a number is given: it chooses any row of a group where MySQL refuses,
//! and names and types of its columns depend on more than is left out of the comparison.

mod costume;
mod from;
mod group;
mod make;
mod nested;
mod node;
mod schema;
mod scope;
mod select;
mod shrink;
mod templates;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use shardwell::cli::demo::program::Flavor;
use tokio::task::JoinSet;

use super::super::common::servers;
use super::super::pair::Stage;
use super::answer::Answer;
use super::judge::{Session, Verdict, client};
use super::script::{Marks, Statement};
use super::shop;
use make::Make;
use shrink::Case;

/// The database's name: another test has the written statements' one.
const SCHEMA: &str = "mart";

const STATEMENTS: u64 = 1_000;
const SEED: u64 = 1;

/// Sessions at a time.
const SESSIONS: usize = 6;

/// No more wrong answers than these are looked into.
const LOOKED_INTO: u64 = 25;

/// What the statements came to.
#[derive(Default)]
struct Tally {
    report: super::report::Report,
    /// Answers with rows, without rows, and errors by their number.
    answers: BTreeMap<String, usize>,
}

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(number) => number.parse().expect(name),
        Err(_) => default,
    }
}

/// A session with what the statements refer to.
async fn session(stage: &Stage, flavor: Flavor) -> Session {
    let mut session = Session::new(stage.pair(client()).await);
    // MariaDB chooses any row of a group otherwise.
    let mode = match flavor {
        Flavor::MySql => "SET @five = 5, @page = '/home'",
        Flavor::MariaDb => {
            "SET @five = 5, @page = '/home', sql_mode = CONCAT(@@sql_mode, ',ONLY_FULL_GROUP_BY')"
        }
    };
    for sql in [mode, "SET group_concat_max_len = 1000000"] {
        let verdict = session.judge(sql, Marks::default().view).await;
        assert_eq!(verdict, Verdict::Same, "{sql}");
    }
    session
}

/// Judges statements until all are taken.
async fn work(
    mut session: Session,
    next: Arc<AtomicU64>,
    end: u64,
    wrong: Arc<AtomicU64>,
) -> Vec<Done> {
    let flavor = servers().await.flavor();
    let mut all = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end {
            return all;
        }
        let case = Case::new(Make::new(seed, SCHEMA, flavor));
        let mut verdict = case.judge(&mut session).await;
        let answer = session.plain.take();
        if let Verdict::Wrong(_) = verdict
            && wrong.fetch_add(1, Ordering::Relaxed) < LOOKED_INTO
        {
            verdict = case.looked_into(&mut session, verdict).await;
        }
        all.push(Done {
            seed,
            sql: case.sql(),
            verdict,
            answer: shown(answer.as_ref()),
        });
    }
}

struct Done {
    seed: u64,
    sql: String,
    verdict: Verdict,
    answer: String,
}

fn shown(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Rows(table)) if table.rows.is_empty() => "no rows".to_owned(),
        Some(Answer::Rows(_)) => "rows".to_owned(),
        Some(Answer::Error(error)) => format!("error {}", error.code),
        _ => "nothing".to_owned(),
    }
}

impl Tally {
    fn add(&mut self, done: Done) {
        let same = match done.verdict {
            Verdict::Same => "the same",
            Verdict::Refused(_) => "refused",
            Verdict::Wrong(_) => "wrong",
        };
        let name = format!("{same}: {}", done.answer);
        *self.answers.entry(name).or_default() += 1;
        let statement = Statement {
            line: usize::try_from(done.seed).unwrap(),
            text: done.sql,
            marks: Marks::default(),
        };
        self.report.add("seed", &statement, done.verdict);
    }

    fn count(&self, name: &str) -> usize {
        self.answers.get(name).copied().unwrap_or_default()
    }
}

#[tokio::test]
async fn random_statements_answer_as_one_server_does() {
    let flavor = servers().await.flavor();
    let count = match flavor {
        Flavor::MySql => setting("SHARDWELL_SELECTS", STATEMENTS),
        Flavor::MariaDb => setting("SHARDWELL_SELECTS", 0),
    };
    let seed = setting("SHARDWELL_SEED", SEED);
    let stage = shop::open(SCHEMA).await;
    let (next, wrong) = (Arc::new(AtomicU64::new(seed)), Arc::new(AtomicU64::new(0)));
    let mut sessions = JoinSet::new();
    for _ in 0..SESSIONS {
        let session = session(&stage, flavor).await;
        let (next, wrong) = (Arc::clone(&next), Arc::clone(&wrong));
        sessions.spawn(work(session, next, seed + count, wrong));
    }
    let mut all: Vec<Done> = sessions.join_all().await.into_iter().flatten().collect();
    all.sort_by_key(|done| done.seed);
    let mut tally = Tally::default();
    all.into_iter().for_each(|done| tally.add(done));
    println!("{}", tally.report);
    for (name, count) in &tally.answers {
        println!("{count:>6} {name}");
    }
    if std::env::var_os("SHARDWELL_REFUSED").is_some() {
        println!("{}", tally.report.refused());
    }
    tally.report.assert_none_wrong();
    let answered = u64::try_from(tally.count("the same: rows")).unwrap();
    assert!(
        count < 100 || answered * 5 > count,
        "{answered} answers prove little"
    );
}

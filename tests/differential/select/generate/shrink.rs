//! A statement, what it is judged by, and the smallest one that is still wrong.

use shardwell::cli::demo::program::Flavor;

use super::super::super::dice::Dice;
use super::super::answer::Answer;
use super::super::judge::{Session, Verdict};
use super::super::script::View;
use super::costume::dressed;
use super::make::Make;
use super::node::Node;

/// A statement, with FOUND_ROWS() behind it perhaps.
#[derive(Clone)]
pub struct Case {
    tree: Node,
    /// What it is dressed with, if it is.
    costume: Option<u64>,
    counts: bool,
    view: View,
}

impl Case {
    pub fn new(mut make: Make) -> Self {
        let mut tree = make.statement();
        let sql = tree.sql();
        let counts = make.chance(6) && sql.starts_with("SELECT ");
        // What OFFSET leaves out is counted too, but not by each plan of a server.
        let skips = sql.contains(" LIMIT ");
        if counts && (skips || make.chance(60)) {
            let words = super::node::text("SELECT SQL_CALC_FOUND_ROWS ");
            tree = after_select(tree, &words);
        }
        Self {
            tree,
            costume: make.chance(25).then_some(make.dice.0),
            counts,
            // What is gathered has the warnings of the statement that finishes it.
            view: View {
                fewer: true,
                // Over several shards more rows are looked at, and MariaDB tells their numbers.
                silent: make.view.silent || skips || make.flavor == Flavor::MariaDb,
                ..make.view
            },
        }
    }

    pub fn sql(&self) -> String {
        let sql = self.tree.sql();
        match self.costume {
            Some(seed) => dressed(&sql, &mut Dice(seed)),
            None => sql,
        }
    }

    pub async fn judge(&self, session: &mut Session) -> Verdict {
        let verdict = session.judge(&self.sql(), self.view).await;
        let answer = session.plain.clone();
        let counted = self.counts && matches!(answer, Some(Answer::Rows(_)));
        if !counted || verdict != Verdict::Same {
            return verdict;
        }
        let found = session.judge("SELECT FOUND_ROWS()", self.view).await;
        session.plain = answer;
        match found {
            // MariaDB leaves the number as it was behind some statements whose WHERE cannot be true.
            Verdict::Wrong(_) if session.keeps_found_rows(&self.sql()).await => verdict,
            Verdict::Wrong(why) => Verdict::Wrong(format!("FOUND_ROWS(): {why}")),
            _ => verdict,
        }
    }

    /// The verdict with the smallest statement that has a wrong answer too.
    pub async fn looked_into(&self, session: &mut Session, verdict: Verdict) -> Verdict {
        let Verdict::Wrong(mut why) = verdict else {
            return verdict;
        };
        let first = why.clone();
        let mut smallest = self.clone();
        while let Some((smaller, reason)) = smallest.smaller(session, &first).await {
            (smallest, why) = (smaller, reason);
        }
        let sql = smallest.sql();
        Verdict::Wrong(format!("{first}\n  smallest: {sql}\n    {why}"))
    }

    async fn smaller(&self, session: &mut Session, first: &str) -> Option<(Self, String)> {
        let undressed = self.costume.is_some().then(|| Self {
            costume: None,
            ..self.clone()
        });
        let uncounted = self.counts.then(|| Self {
            counts: false,
            ..self.clone()
        });
        let trees = self.tree.smaller().into_iter().map(|tree| Self {
            tree,
            ..self.clone()
        });
        for case in undressed.into_iter().chain(uncounted).chain(trees) {
            if let Verdict::Wrong(why) = case.judge(session).await
                && sort(&why) == sort(first)
            {
                return Some((case, why));
            }
        }
        None
    }
}

/// What is wrong, without the answers: a smaller statement shall not be wrong about something else.
fn sort(why: &str) -> (Vec<&str>, bool) {
    let first = why.lines().next().unwrap_or_default();
    let kept = ["FOUND_ROWS", "Column {", "[", "rows, and", "Error(Error"].into_iter();
    let plain_fails = why.contains("plain: Error");
    (
        kept.filter(|word| first.contains(word)).collect(),
        plain_fails,
    )
}

/// The tree whose first SELECT is written so.
fn after_select(tree: Node, words: &Node) -> Node {
    let inside = |mut parts: Vec<Node>| {
        if let Some(first) = parts.first_mut() {
            let old = std::mem::replace(first, Node::All(Vec::new()));
            *first = after_select(old, words);
        }
        parts
    };
    match tree {
        Node::Text(text) if text == "SELECT " => words.clone(),
        Node::All(parts) => Node::All(inside(parts)),
        Node::Whole(sort, parts) => Node::Whole(sort, inside(parts)),
        other => other,
    }
}

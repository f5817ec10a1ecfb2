//! What the statements came to: the same, refused and why, wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use shardwell::cli::demo::program::Flavor;

use super::judge::Verdict;
use super::script::Statement;

/// Statements by file and reason.
type Refused = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[derive(Default)]
pub struct Report {
    /// File, statements, answered ones.
    files: Vec<(String, usize, usize)>,
    refused: Refused,
    wrong: Vec<String>,
}

impl Report {
    pub fn add(&mut self, file: &str, statement: &Statement, verdict: Verdict) {
        if self.files.last().is_none_or(|(name, ..)| name != file) {
            self.files.push((file.to_owned(), 0, 0));
        }
        let (_, all, same) = self.files.last_mut().unwrap();
        *all += 1;
        match verdict {
            Verdict::Same => *same += 1,
            Verdict::Refused(reason) => {
                let reasons = self.refused.entry(file.to_owned()).or_default();
                let text = statement.text.split_whitespace();
                let text = text.collect::<Vec<_>>().join(" ");
                reasons.entry(reason).or_default().push(text);
            }
            Verdict::Wrong(why) => {
                let (line, text) = (statement.line, &statement.text);
                self.wrong.push(format!("{file}:{line}: {text}\n    {why}"));
            }
        }
    }

    /// Fails with all wrong answers at once.
    pub fn assert_none_wrong(&self) {
        let count = self.wrong.len();
        assert!(count == 0, "{count} wrong:\n{}", self.wrong.join("\n"));
    }

    /// The refused statements, to be read.
    pub fn refused(&self) -> String {
        listed(&self.refused)
    }

    /// The statements that are refused must be those that the list has, no more and no fewer.
    pub fn check_refusals(&self, folder: &Path, flavor: Flavor) {
        let name = match flavor {
            Flavor::MySql => "refused.mysql",
            Flavor::MariaDb => "refused.mariadb",
        };
        let path = folder.join(name);
        let now = self.refused();
        if std::env::var_os("UPDATE_CASES").is_some() {
            std::fs::write(&path, &now).expect("the list is written");
        }
        let listed = std::fs::read_to_string(&path).unwrap_or_default();
        let more = missing(&now, &listed);
        let fewer = missing(&listed, &now);
        assert!(
            now == listed,
            "{name}: refused and not listed:\n{more}\nlisted and not refused:\n{fewer}\n\
             UPDATE_CASES=1 rewrites the list"
        );
    }
}

/// The lines that the other text does not have.
fn missing(text: &str, other: &str) -> String {
    let others: std::collections::HashSet<&str> = other.lines().collect();
    let lines = text.lines().filter(|line| !others.contains(line));
    lines.collect::<Vec<_>>().join("\n")
}

fn listed(refused: &Refused) -> String {
    let mut text =
        "# Refused statements by file and reason; UPDATE_CASES=1 rewrites this.\n".to_owned();
    for (file, reasons) in refused {
        text.push_str(&format!("{file}\n"));
        for (reason, statements) in reasons {
            text.push_str(&format!("  {reason}\n"));
            for statement in statements {
                text.push_str(&format!("    {statement}\n"));
            }
        }
    }
    text
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut all, mut answered) = (0, 0);
        for (file, statements, same) in &self.files {
            writeln!(
                f,
                "{file:<28} {same:>5} of {statements:>5} answered the same"
            )?;
            (all, answered) = (all + statements, answered + same);
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for (reason, statements) in self.refused.values().flatten() {
            *reasons.entry(reason).or_default() += statements.len();
        }
        for (reason, count) in &reasons {
            writeln!(f, "refused {count:>5} times: {reason}")?;
        }
        let refused: usize = reasons.values().sum();
        let wrong = self.wrong.len();
        write!(
            f,
            "{all} statements: {answered} the same, {refused} refused, {wrong} wrong"
        )
    }
}

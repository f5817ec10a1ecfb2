//! FOUND_ROWS(): what it is for the session, from what its statements' answers say.
//!
//! In: what the plan says of a statement, then what its answer says. Out: the number, or why it is not
//! known, which only whoever asks for it hears of.

use super::failure::Failure;
use super::state::Session;
use crate::backend::Flavor;
use crate::error::StageError;
use crate::execute::Summary;
use crate::plan::{Edit, Found, FoundRows, Plan, PlanError, Replacement, Unsupported};

/// A number, or behind what it is not known.
type Count = Result<u64, &'static str>;

const SKIPPED: &str = "a SELECT with OFFSET or a cursor and without SQL_CALC_FOUND_ROWS";
const NONE_FOUND: &str = "an UPDATE that finds no row";
const UNTOLD: &str = "a statement whose answer does not tell it";

/// Errors that are told before anything has run: behind them it is what it was.
const EARLY: [u16; 24] = [
    1044, 1046, 1049, 1051, 1052, 1054, 1060, 1064, 1066, 1109, 1110, 1111, 1115, 1136, 1142, 1143,
    1146, 1222, 1227, 1235, 1247, 1248, 1305, 1318,
];

/// FOUND_ROWS() of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundCount {
    /// As the statement under way sees it.
    before: Count,
    /// As the next one shall see it.
    now: Count,
    /// What the statement under way leaves.
    left: FoundRows,
}

/// What an answer says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answered {
    /// Rows, where it has some.
    pub rows: Option<u64>,
    /// Rows changed.
    pub affected: u64,
    /// The first number of its info.
    pub told: Option<u64>,
}

impl Default for FoundCount {
    fn default() -> Self {
        Self {
            before: Ok(0),
            now: Ok(0),
            left: FoundRows::default(),
        }
    }
}

impl FoundCount {
    /// Another statement is under way, of which nothing is known yet.
    pub fn next(&mut self) {
        self.before = self.now;
        self.left = FoundRows::default();
    }

    /// The statement under way is known.
    pub fn begin(&mut self, left: FoundRows) {
        self.left = left;
    }

    /// What the statement under way reads.
    pub fn value(&self) -> u64 {
        self.before.unwrap_or_default()
    }

    /// It went through.
    pub fn note(&mut self, flavor: Option<Flavor>, answered: Answered) {
        self.now = match self.left(flavor) {
            Found::Kept => self.before,
            Found::Rows => Ok(answered.rows.unwrap_or(answered.affected)),
            Found::RowsOnly => answered.rows.ok_or(UNTOLD),
            Found::Matched => match answered.told {
                Some(0) | None if self.before == Ok(0) => Ok(0),
                Some(0) => Err(NONE_FOUND),
                Some(rows) => Ok(rows),
                None => Err(UNTOLD),
            },
            Found::Records => answered.told.map_or(self.before, Ok),
            Found::RecordsButOne => match answered.told {
                Some(1) => Err(UNTOLD),
                told => told.map_or(self.before, Ok),
            },
            Found::One => Ok(1),
            Found::Zero => Ok(0),
            Found::Skipped => Err(SKIPPED),
            Found::Asked | Found::Called | Found::Untold => Err(UNTOLD),
        };
    }

    /// It ended with this error.
    pub fn failed(&mut self, flavor: Option<Flavor>, code: u16) {
        self.now = match (self.left(flavor), flavor) {
            (Found::Kept, _) => self.before,
            (Found::Called, _) => Err(UNTOLD),
            (_, Some(Flavor::MariaDb)) if !EARLY.contains(&code) => Err(UNTOLD),
            _ => self.before,
        };
    }

    /// How many rows there are without LIMIT is known.
    pub fn counted(&mut self, flavor: Option<Flavor>, rows: u64) {
        if !matches!(self.left(flavor), Found::Kept | Found::Untold) {
            self.now = Ok(rows);
        }
    }

    /// The rows wait behind a cursor, uncounted.
    pub fn uncounted(&mut self) {
        self.now = Err(SKIPPED);
    }

    /// The server says what it is. Where the statement has not set it, that may be another session's.
    pub fn asked(&mut self, flavor: Option<Flavor>, rows: u64, summary: &Summary) {
        match self.left(flavor) {
            Found::Asked if summary.error.is_none() => self.now = Ok(rows),
            Found::Called if summary.gave_rows => self.now = Ok(rows),
            _ => {}
        }
    }

    /// Whether it matters what the servers are.
    fn differs(&self) -> bool {
        self.left.mysql != self.left.mariadb
    }

    fn left(&self, flavor: Option<Flavor>) -> Found {
        match flavor {
            Some(Flavor::MariaDb) => self.left.mariadb,
            Some(Flavor::MySql) | None => self.left.mysql,
        }
    }
}

impl Session {
    /// FOUND_ROWS() is not guessed.
    ///
    /// # Errors
    /// The statement reads it, and it is not known.
    pub(super) fn check_found_rows(&self, plan: &Plan) -> Result<(), Failure> {
        let reads = |edit: &Edit| edit.with == Replacement::FoundRows;
        match self.state.found.before {
            Err(behind) if plan.edits.iter().any(reads) => {
                let what = Unsupported::Statement(format!("FOUND_ROWS() after {behind}"));
                Err(Failure::Error(PlanError::from(what).to_mysql()))
            }
            _ => Ok(()),
        }
    }

    /// Takes over what an answer says of FOUND_ROWS().
    pub(super) fn note_found(&mut self, answered: Answered) {
        // Nearly all statements leave the same everywhere.
        let flavor = match self.state.found.differs() {
            true => self.flavor(),
            false => None,
        };
        self.state.found.note(flavor, answered);
    }

    /// The same of an answer that was relayed.
    pub(super) fn note_relayed(&mut self, summary: &Summary) {
        match &summary.error {
            Some(error) => self.note_failed(error.code),
            None => self.note_found(Answered {
                rows: summary.rows,
                affected: summary.affected_rows,
                told: summary.told,
            }),
        }
    }

    /// The statement under way ended with this error.
    pub(super) fn note_failed(&mut self, code: u16) {
        let flavor = self.flavor();
        self.state.found.failed(flavor, code);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYSQL: Option<Flavor> = Some(Flavor::MySql);
    const MARIADB: Option<Flavor> = Some(Flavor::MariaDb);

    fn behind(left: Found, flavor: Option<Flavor>) -> FoundCount {
        let mut found = FoundCount {
            before: Ok(1),
            now: Ok(7),
            left: FoundRows::default(),
        };
        found.next();
        found.begin(FoundRows {
            mysql: left,
            mariadb: if flavor == MARIADB {
                left
            } else {
                Found::Untold
            },
        });
        found
    }

    #[test]
    fn an_update_that_finds_nothing_may_not_have_looked() {
        let told = |told| Answered {
            told: Some(told),
            ..Answered::default()
        };
        let mut found = behind(Found::Matched, MYSQL);
        found.note(MYSQL, told(3));
        assert_eq!(found.now, Ok(3));
        found.note(MYSQL, told(0));
        assert_eq!(found.now, Err(NONE_FOUND));
        found.before = Ok(0);
        found.note(MYSQL, told(0));
        assert_eq!(found.now, Ok(0));
    }

    #[test]
    fn an_error_leaves_it_where_nothing_has_run() {
        let mut found = behind(Found::Rows, MYSQL);
        found.failed(MYSQL, 1242);
        assert_eq!(found.now, Ok(7));
        let mut found = behind(Found::Rows, MARIADB);
        found.failed(MARIADB, 1242);
        assert_eq!(found.now, Err(UNTOLD));
        found.failed(MARIADB, 1054);
        assert_eq!(found.now, Ok(7));
    }

    #[test]
    fn what_was_noted_on_the_way_does_not_count() {
        let mut found = behind(Found::Kept, MYSQL);
        for rows in [Some(3), None] {
            found.note(
                MYSQL,
                Answered {
                    rows,
                    ..Answered::default()
                },
            );
            assert_eq!(found.now, Ok(7));
        }
        let summary = Summary {
            gave_rows: true,
            ..Summary::default()
        };
        found.asked(MYSQL, 1, &summary);
        assert_eq!(found.now, Ok(7));
    }
}

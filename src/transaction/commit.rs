//! The end of a transaction as a state machine without I/O.
//!
//! In: who takes part, and what each step was answered. Out: rounds of steps, one per participant
//! at most, which run at the same time; at last an [`Outcome`] and the [`Fate`] of each connection.
//!
//! Participant 0 is the first replica set of the transaction. Writers decide how it ends:
//! - at most one: its own COMMIT is all it takes, no row and no PREPARE;
//! - several, and those besides the first are branches: PREPARE and the decision row, the first
//!   one's COMMIT, XA COMMIT;
//! - several plain transactions (`commit = "best_effort"`): one COMMIT after the other.

use crate::error::MysqlError;

/// XAER_NOTA: the server knows no such branch (any more).
pub const XAER_NOTA: u16 = 1397;

/// Someone who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// It runs an XA branch, not a plain transaction.
    pub branch: bool,
    /// It may have changed something.
    pub wrote: bool,
}

/// What a participant does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Inserts the decision row, within its transaction.
    Record,
    /// XA END, XA PREPARE
    Prepare,
    /// COMMIT
    Commit,
    /// XA END, XA COMMIT … ONE PHASE
    CommitOnePhase,
    /// XA COMMIT
    CommitPrepared,
    /// ROLLBACK
    Rollback,
    /// XA END, XA ROLLBACK
    RollbackActive,
    /// XA ROLLBACK
    RollbackPrepared,
}

impl Step {
    /// Every step there is, so that tests can cut each of them off.
    pub const ALL: [Self; 8] = [
        Self::Record,
        Self::Prepare,
        Self::Commit,
        Self::CommitOnePhase,
        Self::CommitPrepared,
        Self::Rollback,
        Self::RollbackActive,
        Self::RollbackPrepared,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record decision",
            Self::Prepare => "XA PREPARE",
            Self::Commit => "COMMIT",
            Self::CommitOnePhase => "XA COMMIT ONE PHASE",
            Self::CommitPrepared => "XA COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::RollbackActive | Self::RollbackPrepared => "XA ROLLBACK",
        }
    }
}

/// What a participant's server said to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// It refused.
    Refused(MysqlError),
    /// Nobody knows: the connection is gone, or its time is up.
    Lost(MysqlError),
}

/// What became of the transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is committed.
    Committed {
        /// Some branch is still prepared: recovery commits it.
        unfinished: bool,
    },
    /// It is rolled back, because of this; `None`: as it was asked for.
    RolledBack(Option<MysqlError>),
    /// The connection was lost, or an error came, when the decision was under way: recovery finds out
    /// and does the same everywhere.
    InDoubt(MysqlError),
    /// Some replica sets committed, others did not (`commit = "best_effort"` only).
    Partial {
        /// How many committed.
        committed: usize,
        /// Why the next one did not.
        error: MysqlError,
    },
}

/// What may be done with a participant's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is open on it: it may be used again.
    Free,
    /// It must be closed. What it had is rolled back by its server, or left to recovery.
    Close,
}

/// How a participant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Its transaction is open.
    Active,
    /// Its branch is prepared.
    Prepared,
    /// Its transaction has ended.
    Ended,
    /// Its connection is of no use.
    Adrift,
}

/// Where the end of a transaction stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Branches are being prepared, the decision row is being inserted.
    Preparing,
    /// The COMMIT of this participant, which decides, is under way.
    Deciding(usize),
    /// It is committed; the others follow.
    Finishing,
    /// Everything that is still open is being rolled back; then this is the outcome.
    Undoing(Outcome),
    /// Plain transactions, one after the other: this many have committed.
    OneByOne(usize),
    /// It is over.
    Over,
}

/// One participant's step.
pub type Task = (usize, Step);

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// These steps at the same time; their answers go to [`Ending::advance`].
    Run(Vec<Task>),
    /// It is over.
    Over(Outcome),
}

/// The end of one transaction.
#[derive(Clone, Debug)]
pub struct Ending {
    parties: Vec<Party>,
    standings: Vec<Standing>,
    state: State,
}

impl Ending {
    /// COMMIT: what to do first. There is at least one participant.
    pub fn commit(parties: Vec<Party>) -> (Self, Next) {
        let mut this = Self::new(parties);
        let writers: Vec<usize> = this.those(|party| party.wrote).collect();
        let next = match writers.as_slice() {
            [] => this.decide(0),
            [only] => this.decide(*only),
            [_, ..] if this.is_atomic() => this.prepare(),
            [_, ..] => this.one_by_one(0),
        };
        (this, next)
    }

    /// ROLLBACK: what to do first.
    pub fn rollback(parties: Vec<Party>) -> (Self, Next) {
        let mut this = Self::new(parties);
        let next = this.undo(Outcome::RolledBack(None));
        (this, next)
    }

    fn new(parties: Vec<Party>) -> Self {
        Self {
            standings: vec![Standing::Active; parties.len()],
            parties,
            state: State::Over,
        }
    }

    /// Whether a decision row is written: it must be forgotten at some time.
    pub fn records(&self) -> bool {
        self.state == State::Preparing
    }

    /// What may be done with a participant's connection when all is over.
    pub fn fate(&self, party: usize) -> Fate {
        match self.standings.get(party) {
            Some(Standing::Ended) => Fate::Free,
            _ => Fate::Close,
        }
    }

    /// Takes the answers to all steps of the last round.
    pub fn advance(&mut self, answers: Vec<(usize, Answer)>) -> Next {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Preparing => self.prepared(answers),
            State::Deciding(party) => self.decided(party, answers),
            State::Finishing => self.finished(answers),
            State::Undoing(outcome) => self.undone(outcome, answers),
            State::OneByOne(committed) => self.one_more(committed, answers),
            State::Over => Next::Over(Outcome::RolledBack(None)),
        }
    }

    fn those(&self, is: impl Fn(&Party) -> bool) -> impl Iterator<Item = usize> {
        let parties = self.parties.iter().enumerate();
        parties.filter_map(move |(at, party)| is(party).then_some(at))
    }

    /// Whether all writers besides the first participant can be prepared.
    fn is_atomic(&self) -> bool {
        let mut others = self.parties.iter().skip(1);
        others.all(|party| party.branch || !party.wrote)
    }

    fn stand(&mut self, party: usize, standing: Standing) {
        if let Some(found) = self.standings.get_mut(party) {
            *found = standing;
        }
    }

    fn is(&self, party: usize, standing: Standing) -> bool {
        self.standings.get(party) == Some(&standing)
    }

    fn prepare(&mut self) -> Next {
        self.state = State::Preparing;
        let branches = self.those(|party| party.branch && party.wrote);
        let prepare = branches.map(|party| (party, Step::Prepare));
        Next::Run(std::iter::once((0, Step::Record)).chain(prepare).collect())
    }

    fn prepared(&mut self, answers: Vec<(usize, Answer)>) -> Next {
        let mut failure = None;
        for (party, answer) in answers {
            match answer {
                Answer::Done if party == 0 => {}
                Answer::Done => self.stand(party, Standing::Prepared),
                Answer::Refused(error) => {
                    failure.get_or_insert(error);
                }
                Answer::Lost(error) => {
                    self.stand(party, Standing::Adrift);
                    failure.get_or_insert(error);
                }
            }
        }
        match failure {
            None => self.decide(0),
            // The row is rolled back with the first participant, whose COMMIT was never sent: if a
            // branch is prepared that nobody hears of, recovery rolls it back too.
            Some(error) => self.undo(Outcome::RolledBack(Some(error))),
        }
    }

    fn decide(&mut self, party: usize) -> Next {
        self.state = State::Deciding(party);
        Next::Run(vec![(party, self.commit_step(party))])
    }

    fn commit_step(&self, party: usize) -> Step {
        let branch = self.parties.get(party).is_some_and(|party| party.branch);
        match branch {
            _ if self.is(party, Standing::Prepared) => Step::CommitPrepared,
            true => Step::CommitOnePhase,
            false => Step::Commit,
        }
    }

    fn decided(&mut self, party: usize, answers: Vec<(usize, Answer)>) -> Next {
        let two_phases = self.standings.contains(&Standing::Prepared);
        match answers.into_iter().next() {
            Some((_, Answer::Done)) => {
                self.stand(party, Standing::Ended);
                self.finish()
            }
            Some((_, Answer::Refused(error))) if !two_phases => {
                self.undo(Outcome::RolledBack(Some(error)))
            }
            Some((_, Answer::Refused(error) | Answer::Lost(error))) => {
                // Prepared branches wait for recovery, which reads the decision.
                self.stand(party, Standing::Adrift);
                self.cast_off();
                self.undo(Outcome::InDoubt(error))
            }
            None => self.undo(Outcome::RolledBack(None)),
        }
    }

    /// Leaves prepared branches to recovery.
    fn cast_off(&mut self) {
        for standing in &mut self.standings {
            if *standing == Standing::Prepared {
                *standing = Standing::Adrift;
            }
        }
    }

    fn finish(&mut self) -> Next {
        let open = self.open();
        if open.is_empty() {
            return self.over(Outcome::Committed { unfinished: false });
        }
        self.state = State::Finishing;
        let steps = open.into_iter();
        Next::Run(
            steps
                .map(|party| (party, self.commit_step(party)))
                .collect(),
        )
    }

    fn finished(&mut self, answers: Vec<(usize, Answer)>) -> Next {
        let mut unfinished = false;
        for (party, answer) in answers {
            let was_prepared = self.is(party, Standing::Prepared);
            let ended = match answer {
                Answer::Done => true,
                // Recovery was faster.
                Answer::Refused(error) => was_prepared && error.code == XAER_NOTA,
                Answer::Lost(_) => false,
            };
            unfinished |= was_prepared && !ended;
            self.end_or_leave(party, ended);
        }
        self.over(Outcome::Committed { unfinished })
    }

    fn end_or_leave(&mut self, party: usize, ended: bool) {
        let standing = if ended {
            Standing::Ended
        } else {
            Standing::Adrift
        };
        self.stand(party, standing);
    }

    /// Those whose transaction has not ended and whose connection works.
    fn open(&self) -> Vec<usize> {
        let open = |party: &usize| {
            self.is(*party, Standing::Active) || self.is(*party, Standing::Prepared)
        };
        (0..self.parties.len()).filter(open).collect()
    }

    fn undo(&mut self, outcome: Outcome) -> Next {
        let open = self.open();
        if open.is_empty() {
            return self.over(outcome);
        }
        self.state = State::Undoing(outcome);
        let step = |party: usize| {
            let branch = self.parties.get(party).is_some_and(|party| party.branch);
            match branch {
                _ if self.is(party, Standing::Prepared) => Step::RollbackPrepared,
                true => Step::RollbackActive,
                false => Step::Rollback,
            }
        };
        Next::Run(open.into_iter().map(|party| (party, step(party))).collect())
    }

    fn undone(&mut self, outcome: Outcome, answers: Vec<(usize, Answer)>) -> Next {
        for (party, answer) in answers {
            let ended = match answer {
                Answer::Done => true,
                Answer::Refused(error) => error.code == XAER_NOTA,
                Answer::Lost(_) => false,
            };
            self.end_or_leave(party, ended);
        }
        self.over(outcome)
    }

    fn one_by_one(&mut self, committed: usize) -> Next {
        match self.open().first() {
            None => self.over(Outcome::Committed { unfinished: false }),
            Some(party) => {
                self.state = State::OneByOne(committed);
                Next::Run(vec![(*party, self.commit_step(*party))])
            }
        }
    }

    fn one_more(&mut self, committed: usize, answers: Vec<(usize, Answer)>) -> Next {
        let wrote = |party: usize| self.parties.get(party).is_some_and(|party| party.wrote);
        match answers.into_iter().next() {
            Some((party, Answer::Done)) => {
                let committed = committed + usize::from(wrote(party));
                self.stand(party, Standing::Ended);
                self.one_by_one(committed)
            }
            Some((_, Answer::Refused(error))) if committed == 0 => {
                self.undo(Outcome::RolledBack(Some(error)))
            }
            Some((_, Answer::Refused(error))) => self.undo(Outcome::Partial { committed, error }),
            Some((party, Answer::Lost(error))) => {
                self.stand(party, Standing::Adrift);
                self.undo(Outcome::Partial { committed, error })
            }
            None => self.undo(Outcome::RolledBack(None)),
        }
    }

    fn over(&mut self, outcome: Outcome) -> Next {
        self.state = State::Over;
        Next::Over(outcome)
    }
}

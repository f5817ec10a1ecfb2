//! The state machine against servers that fail at every moment: the end of a transaction is the
//! same everywhere, and what the client was told is true.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::commit::{Answer, Ending, Fate, Next, Outcome, Party, Step, Task, XAER_NOTA};
use super::store::outlives_crashes;
use crate::backend::ServerVersion;
use crate::error::{ErrorKind, MysqlError, SqlState};

/// What a server has of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Active,
    Prepared,
    Committed,
    RolledBack,
}

/// What happens to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Good,
    /// The server refuses.
    Refused,
    /// The connection is lost before the server has the step.
    LostBefore,
    /// The connection is lost before the answer is there.
    LostAfter,
    /// The proxy dies before this round.
    ProxyDies,
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        8 => Just(Luck::Good),
        1 => Just(Luck::Refused),
        1 => Just(Luck::LostBefore),
        1 => Just(Luck::LostAfter),
        1 => Just(Luck::ProxyDies),
    ]
}

/// Servers that do what XA promises, and no more.
struct World {
    parts: Vec<Part>,
    /// The decision row: within the first transaction, then committed.
    row_written: bool,
    row_committed: bool,
    /// Recovery has forbidden the commit.
    forbidden: bool,
}

fn error(code: u16) -> MysqlError {
    MysqlError {
        code,
        state: SqlState::GENERAL,
        message: Vec::new(),
    }
}

impl World {
    fn new(parties: usize) -> Self {
        Self {
            parts: vec![Part::Active; parties],
            row_written: false,
            row_committed: false,
            forbidden: false,
        }
    }

    /// A server carries a step out.
    fn apply(&mut self, (party, step): Task) -> Answer {
        let part = self.parts[party];
        match (step, part) {
            (Step::Record, Part::Active) if self.forbidden => {
                return Answer::Refused(error(1062));
            }
            (Step::Record, Part::Active) => self.row_written = true,
            (Step::Prepare, Part::Active) => self.parts[party] = Part::Prepared,
            (Step::Commit, Part::Active) => {
                self.parts[party] = Part::Committed;
                self.row_committed |= party == 0 && self.row_written;
            }
            (Step::CommitOnePhase, Part::Active) | (Step::CommitPrepared, Part::Prepared) => {
                self.parts[party] = Part::Committed;
            }
            (Step::Rollback | Step::RollbackActive, Part::Active)
            | (Step::RollbackPrepared, Part::Prepared) => self.parts[party] = Part::RolledBack,
            (Step::CommitPrepared | Step::RollbackPrepared, _) => {
                return Answer::Refused(error(XAER_NOTA));
            }
            (step, part) => panic!("{step:?} on {part:?}"),
        }
        Answer::Done
    }

    /// A connection is gone: what is not prepared is rolled back.
    fn hang_up(&mut self, party: usize) {
        if self.parts[party] == Part::Active {
            self.parts[party] = Part::RolledBack;
        }
    }

    /// Every proxy is gone or has given up: recovery ends what is prepared.
    fn recover(&mut self) {
        for party in 0..self.parts.len() {
            self.hang_up(party);
        }
        for part in &mut self.parts {
            if *part == Part::Prepared {
                if !self.row_committed {
                    self.forbidden = true;
                }
                *part = match self.row_committed {
                    true => Part::Committed,
                    false => Part::RolledBack,
                };
            }
        }
    }
}

/// Drives one end of a transaction; `None`: the proxy died.
fn run(
    world: &mut World,
    (mut machine, mut next): (Ending, Next),
    luck: &mut impl Iterator<Item = Luck>,
    seen: &mut BTreeSet<Step>,
) -> Option<(Outcome, Ending)> {
    for _ in 0..20 {
        let tasks = match next {
            Next::Over(outcome) => return Some((outcome, machine)),
            Next::Run(tasks) => tasks,
        };
        assert!(!tasks.is_empty());
        let mut answers = Vec::new();
        for task in tasks {
            seen.insert(task.1);
            let lost = || Answer::Lost(MysqlError::new(ErrorKind::BackendLost, "lost"));
            let answer = match luck.next().unwrap_or(Luck::Good) {
                Luck::Good => world.apply(task),
                Luck::Refused => {
                    // A server that refuses COMMIT has rolled back.
                    if matches!(task.1, Step::Commit | Step::CommitOnePhase) {
                        world.parts[task.0] = Part::RolledBack;
                    }
                    if matches!(task.1, Step::Rollback | Step::RollbackActive) {
                        world.hang_up(task.0);
                    }
                    Answer::Refused(error(1))
                }
                Luck::LostBefore => {
                    world.hang_up(task.0);
                    lost()
                }
                Luck::LostAfter => {
                    world.apply(task);
                    world.hang_up(task.0);
                    lost()
                }
                Luck::ProxyDies => return None,
            };
            answers.push((task.0, answer));
        }
        // A COMMIT that was refused has rolled back: there is nothing left to roll back.
        next = machine.advance(answers);
        if let Next::Run(tasks) = &mut next {
            for (party, step) in tasks.iter() {
                let rolls_back = matches!(step, Step::Rollback | Step::RollbackActive);
                if rolls_back && world.parts[*party] == Part::RolledBack {
                    world.parts[*party] = Part::Active;
                }
            }
        }
    }
    panic!("the machine does not come to an end");
}

/// The first participant is never a branch; the others are all branches where it is atomic.
fn parties(atomic: bool) -> impl Strategy<Value = Vec<Party>> {
    prop::collection::vec(any::<bool>(), 1..5).prop_map(move |wrote| {
        let parties = wrote.into_iter().enumerate();
        parties
            .map(|(at, wrote)| Party {
                branch: atomic && at > 0,
                wrote,
            })
            .collect()
    })
}

/// The parts of those that wrote.
fn written(world: &World, parties: &[Party]) -> Vec<Part> {
    let both = world.parts.iter().zip(parties);
    both.filter(|(_, party)| party.wrote)
        .map(|(part, _)| *part)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn whatever_fails_all_writers_end_alike_and_the_client_was_told_the_truth(
        parties in parties(true),
        luck in prop::collection::vec(luck(), 0..24),
        early in any::<bool>(),
    ) {
        let mut world = World::new(parties.len());
        // Recovery of another proxy may be too eager: the commit must then fail.
        world.forbidden = early && luck.len() % 5 == 0;
        let mut luck = luck.into_iter();
        let ended = run(&mut world, Ending::commit(parties.clone()), &mut luck, &mut BTreeSet::new());
        if let Some((_, machine)) = &ended {
            for party in 0..parties.len() {
                if machine.fate(party) == Fate::Close {
                    world.hang_up(party);
                }
            }
        }
        world.recover();
        let parts = written(&world, &parties);
        let committed = parts.iter().all(|part| *part == Part::Committed);
        let undone = parts.iter().all(|part| *part == Part::RolledBack);
        prop_assert!(committed || undone, "{parts:?}");
        match ended.map(|(outcome, _)| outcome) {
            Some(Outcome::Committed { .. }) => prop_assert!(committed, "{parts:?}"),
            Some(Outcome::RolledBack(_)) => prop_assert!(undone, "{parts:?}"),
            Some(Outcome::InDoubt(_)) | None => {}
            Some(Outcome::Partial { .. }) => prop_assert!(false, "partial"),
        }
    }

    #[test]
    fn a_rollback_leaves_nothing(
        parties in parties(true),
        luck in prop::collection::vec(luck(), 0..24),
    ) {
        let mut world = World::new(parties.len());
        let mut luck = luck.into_iter();
        run(&mut world, Ending::rollback(parties.clone()), &mut luck, &mut BTreeSet::new());
        world.recover();
        let parts = written(&world, &parties);
        prop_assert!(parts.iter().all(|part| *part == Part::RolledBack), "{parts:?}");
    }

    #[test]
    fn best_effort_tells_how_many_have_committed(
        parties in parties(false),
        luck in prop::collection::vec(luck(), 0..24),
    ) {
        let mut world = World::new(parties.len());
        let mut luck = luck.into_iter();
        let ended = run(&mut world, Ending::commit(parties.clone()), &mut luck, &mut BTreeSet::new());
        let parts = written(&world, &parties);
        let committed = parts.iter().filter(|part| **part == Part::Committed).count();
        match ended.map(|(outcome, _)| outcome) {
            Some(Outcome::Committed { .. }) => prop_assert_eq!(committed, parts.len()),
            Some(Outcome::RolledBack(_)) => prop_assert_eq!(committed, 0),
            // The last one may or may not have.
            Some(Outcome::Partial { committed: told, .. }) => {
                prop_assert!(committed == told || committed == told + 1);
            }
            Some(Outcome::InDoubt(_)) | None => {}
        }
    }
}

#[test]
fn one_writer_costs_what_it_costs_alone() {
    let party = |branch, wrote| Party { branch, wrote };
    let steps = |parties: Vec<Party>| {
        let mut world = World::new(parties.len());
        let mut taken = Vec::new();
        let (mut machine, mut next) = Ending::commit(parties);
        while let Next::Run(tasks) = next {
            let answers = tasks.iter().map(|task| (task.0, world.apply(*task)));
            let answers = answers.collect();
            taken.push(tasks);
            next = machine.advance(answers);
        }
        taken
    };
    let cases = [
        (vec![party(false, true)], vec![vec![(0, Step::Commit)]]),
        (
            vec![party(false, false), party(true, true)],
            vec![vec![(1, Step::CommitOnePhase)], vec![(0, Step::Commit)]],
        ),
        (
            vec![party(false, true), party(true, false)],
            vec![vec![(0, Step::Commit)], vec![(1, Step::CommitOnePhase)]],
        ),
        (
            vec![party(false, true), party(true, true), party(true, false)],
            vec![
                vec![(0, Step::Record), (1, Step::Prepare)],
                vec![(0, Step::Commit)],
                vec![(1, Step::CommitPrepared), (2, Step::CommitOnePhase)],
            ],
        ),
    ];
    for (parties, expected) in cases {
        assert_eq!(steps(parties.clone()), expected, "{parties:?}");
    }
}

#[test]
fn servers_that_forget_prepared_branches_are_told_by_their_version() {
    let cases = [
        ("8.0.29", false),
        ("8.0.30", true),
        ("8.4.6", true),
        ("9.7.4-2", true),
        ("5.7.44-log", false),
        ("10.4.34-MariaDB", false),
        ("5.5.5-10.5.2-MariaDB-log", true),
        ("11.8.2-MariaDB", true),
        ("", false),
    ];
    for (version, expected) in cases {
        let version = ServerVersion::parse(version.as_bytes());
        assert_eq!(outlives_crashes(&version), expected, "{version:?}");
    }
}

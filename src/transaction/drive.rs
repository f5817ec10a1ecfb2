//! The steps of the state machine on real connections.

use futures_util::future::join_all;

use super::commit::{Answer, Ending, Fate, Next, Outcome, Party, Step, Task};
use super::{Coordinator, Gtrid, Identity, Xid};
use crate::backend::{BackendError, Connection};
use crate::error::{MysqlError, StageError};
use crate::net::{Interest, NetError, Watch};
use crate::telemetry::Tick;
use crate::topology::ReplicaSetId;

/// A connection that takes part in a transaction.
#[derive(Debug)]
pub struct Participant<'a> {
    /// Where it leads to.
    pub replica_set: ReplicaSetId,
    /// The connection.
    pub connection: &'a mut Connection,
    /// The branch that runs there; `None`: a plain transaction.
    pub branch: Option<Xid>,
    /// The replica set of the branch.
    pub identity: Option<Identity>,
    /// It may have changed something.
    pub wrote: bool,
}

/// What the end of a transaction needs besides its participants.
#[derive(Clone, Copy, Debug)]
pub struct End<'a> {
    /// What all sessions share.
    pub coordinator: &'a Coordinator,
    /// The transaction's name; `None`: no branch ever joined.
    pub gtrid: Option<Gtrid>,
    /// COMMIT, not ROLLBACK.
    pub commit: bool,
    /// Ends waits.
    pub watch: &'a Watch,
    /// How long one step may take; `None`: as long as it takes.
    pub limit: Option<std::time::Duration>,
}

/// A step of a participant that was carried out, or not.
#[derive(Clone, Copy, Debug)]
pub struct Done {
    /// The participant's number.
    pub party: usize,
    /// What it was asked.
    pub step: Step,
    /// When, and when its answer had come.
    pub times: (Tick, Tick),
    /// The server's error, if it refused; `Err`: there was no answer.
    pub answered: Result<Option<u16>, ()>,
}

/// How a transaction has ended.
#[derive(Debug)]
pub struct Ended {
    /// What became of it.
    pub outcome: Outcome,
    /// What may be done with each participant's connection.
    pub fates: Vec<Fate>,
    /// What was done for it.
    pub steps: Vec<Done>,
}

/// Ends a transaction on all participants, the first one first.
pub async fn end(end: End<'_>, participants: &mut [Participant<'_>]) -> Ended {
    let parties = participants.iter().map(|participant| Party {
        branch: participant.branch.is_some(),
        wrote: participant.wrote,
    });
    let parties: Vec<Party> = parties.collect();
    let (mut machine, mut next) = match end.commit {
        true => Ending::commit(parties),
        false => Ending::rollback(parties),
    };
    let records = machine.records();
    let record = end.record(participants);
    let mut steps = Vec::new();
    let outcome = loop {
        match next {
            Next::Run(tasks) => {
                let began = Tick::now();
                let answers = end.round(&tasks, participants, &record).await;
                steps.extend(done(&tasks, &answers, began));
                let answers = answers.into_iter();
                next = machine.advance(answers.map(|(at, answer, _)| (at, answer)).collect());
            }
            Next::Over(outcome) => break outcome,
        }
    };
    let fates = (0..participants.len()).map(|at| machine.fate(at)).collect();
    match (&outcome, participants.first(), end.gtrid) {
        (Outcome::Committed { unfinished: false }, Some(first), Some(gtrid)) if records => {
            end.coordinator.finished(first.replica_set, gtrid);
        }
        _ => {}
    }
    Ended {
        outcome,
        fates,
        steps,
    }
}

/// What a round has done.
fn done(tasks: &[Task], answers: &[Answered], began: Tick) -> impl Iterator<Item = Done> {
    answers.iter().filter_map(move |(party, answer, at)| {
        let (_, step) = tasks.iter().find(|(asked, _)| asked == party)?;
        Some(Done {
            party: *party,
            step: *step,
            times: (began, *at),
            answered: match answer {
                Answer::Done => Ok(None),
                Answer::Refused(error) => Ok(Some(error.code)),
                Answer::Lost(_) => Err(()),
            },
        })
    })
}

/// A participant's number, its answer, and when that had come.
type Answered = (usize, Answer, Tick);

impl End<'_> {
    /// The statement that inserts the decision row.
    fn record(&self, participants: &[Participant<'_>]) -> Vec<u8> {
        let branches = participants
            .iter()
            .filter(|p| p.branch.is_some() && p.wrote);
        let branches: Vec<Identity> = branches.filter_map(|p| p.identity).collect();
        let record = |gtrid| self.coordinator.store.record(gtrid, &branches);
        self.gtrid.map(record).unwrap_or_default()
    }

    /// Runs steps at the same time.
    async fn round(
        &self,
        tasks: &[Task],
        participants: &mut [Participant<'_>],
        record: &[u8],
    ) -> Vec<Answered> {
        let steps = participants
            .iter_mut()
            .enumerate()
            .filter_map(|(at, participant)| {
                let (_, step) = tasks.iter().find(|(party, _)| *party == at)?;
                let statements = statements(*step, participant.branch, record);
                let connection = &mut *participant.connection;
                Some(async move {
                    let answer = step_on(connection, *step, &statements).await;
                    (at, answer, Tick::now())
                })
            });
        let all = join_all(steps);
        match self.watch.guard(self.limit, Interest::FINISH, all).await {
            Ok(answers) => answers,
            // Whatever has been done by now: nobody knows.
            Err(signal) => tasks
                .iter()
                .map(|(party, _)| {
                    let answer = self.interrupted(*party, participants, signal);
                    (*party, answer, Tick::now())
                })
                .collect(),
        }
    }

    fn interrupted(
        &self,
        party: usize,
        participants: &[Participant<'_>],
        signal: crate::net::Signal,
    ) -> Answer {
        let lost = participants.get(party).map(|participant| {
            let lost = participant
                .connection
                .lost(NetError::Interrupted(signal), false);
            lost.to_mysql()
        });
        Answer::Lost(lost.unwrap_or_else(|| {
            MysqlError::new(crate::error::ErrorKind::Internal, "no such participant")
        }))
    }
}

/// What a step sends.
fn statements(step: Step, branch: Option<Xid>, record: &[u8]) -> Vec<Vec<u8>> {
    let xid = branch.map(|xid| xid.to_string()).unwrap_or_default();
    let end = || format!("XA END {xid}").into_bytes();
    match step {
        Step::Record => vec![record.to_vec()],
        Step::Prepare => vec![end(), format!("XA PREPARE {xid}").into_bytes()],
        // Whatever completion_type says: what follows is the session's business.
        Step::Commit => vec![b"COMMIT AND NO CHAIN NO RELEASE".to_vec()],
        Step::CommitOnePhase => vec![end(), format!("XA COMMIT {xid} ONE PHASE").into_bytes()],
        Step::CommitPrepared => vec![format!("XA COMMIT {xid}").into_bytes()],
        Step::Rollback => vec![b"ROLLBACK AND NO CHAIN NO RELEASE".to_vec()],
        Step::RollbackActive => vec![end(), format!("XA ROLLBACK {xid}").into_bytes()],
        Step::RollbackPrepared => vec![format!("XA ROLLBACK {xid}").into_bytes()],
    }
}

async fn step_on(connection: &mut Connection, step: Step, statements: &[Vec<u8>]) -> Answer {
    match connection.execute_all(statements).await {
        Err(error @ BackendError::Setup(_)) => Answer::Refused(error.to_mysql()),
        Err(error) => Answer::Lost(error.to_mysql()),
        Ok(answers) => {
            // A branch that a deadlock has ended already refuses XA END: only ROLLBACK matters.
            let ignored = usize::from(step == Step::RollbackActive);
            let refusal = answers.into_iter().skip(ignored).find_map(Result::err);
            refusal.map_or(Answer::Done, Answer::Refused)
        }
    }
}

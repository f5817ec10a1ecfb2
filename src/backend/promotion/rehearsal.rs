//! Whether a replica could be promoted if the primary went now.
//!
//! Who relies on it hears before it is needed that it would not work.

use std::time::Duration;

use crate::backend::ReplicaSet;

/// How long something must be so before it is said: a state that passes is not worth a word.
const SETTLED: Duration = Duration::from_secs(5);

/// What was found, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Rehearsal {
    said: Option<Outlook>,
    found: Option<(Outlook, Duration)>,
}

/// What would keep replicas from being promoted; `None`: nothing.
type Outlook = Option<String>;

impl Rehearsal {
    /// Looks again; what has changed goes to the log.
    pub fn again(&mut self, set: &ReplicaSet) {
        let Some(evidence) = set.rehearsal() else {
            return;
        };
        let problem = evidence.participants().err();
        let problem = problem.map(|error| error.to_string());
        match self.news(problem, set.now()) {
            Some(Some(problem)) => tracing::warn!(
                replica_set = set.name,
                "no replica would be promoted if the primary went now: {problem}"
            ),
            Some(None) => tracing::info!(
                replica_set = set.name,
                "a replica can be promoted if the primary goes"
            ),
            None => {}
        }
    }

    /// What is to be said, if it is so for a while and was not said last.
    pub fn news(&mut self, outlook: Outlook, now: Duration) -> Option<&Outlook> {
        let since = match &self.found {
            Some((found, since)) if *found == outlook => *since,
            _ => now,
        };
        self.found = Some((outlook.clone(), since));
        if self.said.as_ref() == Some(&outlook) || now < since + SETTLED {
            return None;
        }
        Some(self.said.insert(outlook))
    }
}

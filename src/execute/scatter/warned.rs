//! What the servers say behind their answers.

use super::{Run, ScatterError};
use crate::net::Interest;
use crate::reply::{Warned, merged};

impl Run<'_, '_> {
    /// Counts an answer's warnings; where the client will be able to ask for them, asks the server,
    /// before the connection's next query makes it forget.
    pub(super) async fn note_warnings(
        &mut self,
        at: usize,
        query: usize,
        warnings: u16,
    ) -> Result<(), ScatterError> {
        self.outcome.warnings = self.outcome.warnings.saturating_add(warnings);
        let wanted = warnings > 0 && self.is_told();
        let Some(lane) = self.job.lanes.get_mut(at).filter(|_| wanted) else {
            return Ok(());
        };
        let (limit, interest) = (self.job.limits.statement, Interest::FINISH);
        let asked = lane.connection.query(b"SHOW WARNINGS");
        match self.job.watch.guard(limit, interest, asked).await {
            Ok(Ok(rows)) => {
                self.job.warned.push(Warned {
                    query,
                    warnings,
                    rows,
                });
                Ok(())
            }
            Ok(Err(error)) => Err(self.broken(at, error)),
            Err(signal) => {
                lane.connection.doom();
                Err(self.interrupted(signal))
            }
        }
    }

    /// What the client is told, and can ask for: what all servers say of the text is said once.
    pub(super) fn agree_on_conditions(&mut self) {
        let said = std::mem::take(&mut self.job.warned);
        if said.is_empty() {
            return;
        }
        let said = merged(said, self.job.names.len(), self.job.texts);
        let all = said.iter().map(|node| node.warnings);
        self.outcome.warnings = all.fold(0, u16::saturating_add);
        self.job.warned = said;
    }
}

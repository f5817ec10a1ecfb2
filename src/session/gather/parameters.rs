//! The parameters of the text that finishes: the client's, and once more those of each common table
//! expression that is copied.

use super::Asked;
use crate::error::StageError;
use crate::plan::{Edit, Gather, PlanError, Replacement, Unsupported};
use crate::rewrite::{self, Placed};
use crate::session::failure::Failure;
use crate::session::prepared::Rebound;
use crate::session::statement::Statement;

/// The placeholders of the text that finishes, where they are not those that the client wrote.
pub(super) struct Parameters(Option<Vec<Placed>>);

impl Parameters {
    /// # Errors
    /// A parameter would be lost.
    pub fn of(
        gathered: &Gather,
        statement: &Statement<'_>,
        asked: Asked<'_>,
    ) -> Result<Self, Failure> {
        if let Asked::Text = asked {
            return Ok(Self(None));
        }
        if let Some(bindings) = asked.bindings() {
            bindings.check_places()?;
        }
        let (digest, edits) = (statement.digest, &gathered.edits);
        let copies = |edit: &&Edit| matches!(edit.with, Replacement::CteCopies(_));
        let others = edits.iter().filter(|edit| !copies(edit));
        let disturbed = rewrite::disturbed(digest, others);
        if disturbed.map_err(|error| Failure::from(&error))?.is_some() {
            let what = "parameters in what is rewritten over several shards";
            let error = PlanError::from(Unsupported::Statement(what.to_owned()));
            return Err(Failure::Error(error.to_mysql()));
        }
        let placed = rewrite::placed(digest, edits);
        Ok(Self(placed.map_err(|error| Failure::from(&error))?))
    }

    /// The numbers of those that the client has not written, ascending.
    pub fn hidden(&self) -> Vec<u16> {
        let placed = self.0.iter().flatten().zip(0..);
        let copied = placed.filter(|(placed, _)| placed.copied);
        copied.map(|(_, at)| at).collect()
    }

    /// What is bound to all of them, where they are not the client's own.
    ///
    /// # Errors
    /// Values cannot be told apart.
    pub fn rebound(&self, asked: Asked<'_>) -> Result<Option<Rebound>, Failure> {
        match (&self.0, asked.bindings()) {
            (Some(placed), Some(bindings)) => {
                let literals = placed.iter().map(|placed| placed.literal);
                bindings.some(literals).map(Some)
            }
            _ => Ok(None),
        }
    }
}

//! How a statement ends for the session when it does not succeed.

use super::command_phase::End;
use crate::error::{MysqlError, StageError};
use crate::execute::Stop;
use crate::net::Signal;

/// How a statement ended for the session.
#[derive(Debug)]
pub(super) enum Failure {
    /// With an error that the client is told; the session goes on.
    Error(MysqlError),
    /// With the session.
    End(End),
}

impl From<MysqlError> for Failure {
    fn from(error: MysqlError) -> Self {
        Self::Error(error)
    }
}

impl<E: StageError> From<&E> for Failure {
    fn from(error: &E) -> Self {
        Self::Error(error.to_mysql())
    }
}

impl Failure {
    /// The same with the end of the session.
    pub(super) fn into_end(self) -> Self {
        match self {
            Self::Error(error) => Self::End(End::Told(error)),
            Self::End(end) => Self::End(end),
        }
    }
}

/// A KILL has ended the wait for a connection.
pub(super) fn interrupted(signal: Signal) -> Failure {
    match signal {
        Signal::KillConnection => Failure::End(Stop::Killed.into()),
        _ => Failure::Error(MysqlError::interrupted()),
    }
}

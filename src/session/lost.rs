//! A connection that was lost, or not got: what may be tried again, and what went with it.

use super::held::Backend;
use super::shard_query::ShardQuery;
use crate::backend::BackendError;
use crate::error::StageError;
use crate::execute::{RelayError, Seen};
use crate::net::NetError;

/// Whether a session had something on a connection that is gone with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ties {
    /// Nothing: the next statement may run on another one.
    None,
    /// A transaction, or what pins it.
    Some,
}

impl Ties {
    /// What the session had on `backend`.
    pub fn of(backend: &Backend, in_transaction: bool) -> Self {
        if in_transaction || backend.transaction || !backend.pins.is_empty() {
            Self::Some
        } else {
            Self::None
        }
    }
}

/// Only where nothing can have been executed, or where executing twice changes nothing.
pub(super) fn may_run_again(
    error: &RelayError,
    query: &ShardQuery<'_>,
    in_transaction: bool,
) -> bool {
    let RelayError::Backend { error, seen } = error else {
        return false;
    };
    let harmless = error.retryable() || (query.read_only && !in_transaction);
    *seen == Seen::Nothing && is_broken(error) && harmless
}

/// Whether the connection broke by itself: what a deadline or a KILL has ended stays ended.
pub(super) fn is_broken(error: &BackendError) -> bool {
    matches!(error, BackendError::Lost { source, .. } if !matches!(source, NetError::Interrupted(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::Stop;
    use crate::net::Signal;
    use crate::session::request::Request;

    fn lost(source: NetError, untouched: bool, seen: Seen) -> RelayError {
        let replica_set = "a".to_owned();
        let error = BackendError::Lost {
            replica_set,
            untouched,
            source,
        };
        RelayError::Backend { error, seen }
    }

    #[test]
    fn a_write_runs_again_only_where_nothing_can_have_run() {
        use Seen::{Half, Nothing, WholeRows};
        let (read, write) = (true, false);
        let stopped = || NetError::Interrupted(Signal::Deadline);
        let cases = [
            (lost(NetError::Closed, false, Nothing), read, false, true),
            (lost(NetError::Closed, false, Nothing), read, true, false),
            (lost(NetError::Closed, false, Nothing), write, false, false),
            (lost(NetError::Closed, true, Nothing), write, false, true),
            (lost(NetError::Closed, true, Nothing), write, true, true),
            (
                lost(NetError::Closed, false, WholeRows(4)),
                read,
                false,
                false,
            ),
            (lost(NetError::Closed, false, Half), read, false, false),
            (lost(stopped(), false, Nothing), read, false, false),
            (RelayError::Client(Stop::Gone), read, false, false),
        ];
        for (error, read_only, in_transaction, expected) in cases {
            let query = ShardQuery {
                request: Request::Query {
                    sql: b"",
                    attributes: b"",
                },
                qualified: false,
                read_only,
                transactional: in_transaction,
                ..ShardQuery::OWN
            };
            let again = may_run_again(&error, &query, in_transaction);
            assert_eq!(again, expected, "{error:?} {read_only} {in_transaction}");
        }
    }
}

//! The wait of a statement on several data nodes: for servers, the client, a KILL or the clock.

use std::task::{Context, Poll};

use super::{Lane, Limits};
use crate::net::{Interest, NetError, PacketStream, Signal, Watch};

/// What has ended a wait.
#[derive(Debug)]
pub(super) enum Arrival {
    /// More of an answer that is waited for.
    Data,
    /// What looks like a server's error.
    Failed,
    /// The client has gone.
    ClientGone,
    /// The connection of this lane broke.
    Lost(usize, NetError),
}

/// Waits until more has arrived for one of the lanes that are `wanted`. All are read meanwhile.
///
/// # Errors
/// The statement was killed, or takes too long.
pub(super) async fn arrival(
    lanes: &mut [Lane<'_>],
    client: &mut PacketStream,
    wanted: impl Fn(usize) -> bool,
    (watch, limits): (&Watch, Limits),
) -> Result<Arrival, Signal> {
    let poll = |cx: &mut Context<'_>| {
        let (mut arrived, mut failed) = (false, false);
        for (at, lane) in lanes.iter_mut().enumerate() {
            match lane.poll_fill(cx) {
                Poll::Ready(Ok(())) => {
                    arrived |= wanted(at);
                    failed |= lane.has_failed();
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Arrival::Lost(at, error)),
                Poll::Pending => {}
            }
        }
        if failed {
            return Poll::Ready(Arrival::Failed);
        }
        if arrived {
            return Poll::Ready(Arrival::Data);
        }
        client.poll_closed(cx).map(|()| Arrival::ClientGone)
    };
    let (limit, interest) = (limits.statement, Interest::STATEMENT);
    watch.guard_poll(limit, interest, poll).await
}

//! Ending a wait from outside: deadlines, KILL and shutdown share one mechanism.
//!
//! A timer per query would cost more than the query. Instead every session has a [`Watch`]: each
//! wait stores its deadline in an atomic, and one [`Ticker`] per process looks at all of them
//! every [`TICK`] and wakes the sessions whose time is up.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use tokio::sync::futures::OwnedNotified;

/// How often deadlines are looked at, and so how late one may fire.
pub const TICK: Duration = Duration::from_millis(100);

/// Why a wait ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Signal {
    /// The wait's own deadline passed.
    Deadline = 1,
    /// The proxy is shutting down: leave when no work is under way.
    Drain = 2,
    /// KILL QUERY: the running statement shall end, the session goes on.
    KillQuery = 4,
    /// KILL CONNECTION, or the end of the drain's patience: leave now.
    KillConnection = 8,
    /// The configuration has changed: look at it before the next statement.
    News = 16,
}

/// The signals that end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interest(u8);

impl Interest {
    /// While nothing is under way: every reason to leave.
    pub const IDLE: Self = Self(Signal::Drain as u8 | Signal::KillConnection as u8);
    /// Between two statements, outside a transaction: also what concerns the next statement.
    pub const BETWEEN: Self = Self(Self::IDLE.0 | Signal::News as u8);
    /// While a statement runs.
    pub const STATEMENT: Self = Self(Signal::KillQuery as u8 | Signal::KillConnection as u8);
    /// While an answer must be finished.
    pub const FINISH: Self = Self(Signal::KillConnection as u8);

    /// The strongest of the signals in `pending` that is of interest.
    fn strongest(self, pending: u8) -> Option<Signal> {
        let by_strength = [
            Signal::KillConnection,
            Signal::KillQuery,
            Signal::Drain,
            Signal::News,
        ];
        by_strength
            .into_iter()
            .find(|signal| pending & self.0 & *signal as u8 != 0)
    }
}

const NO_DEADLINE: u64 = u64::MAX;

/// One session's deadline and signal.
#[derive(Debug)]
pub struct Watch {
    ticker: Arc<Clock>,
    deadline: AtomicU64,
    signals: AtomicU8,
    waker: AtomicWaker,
    /// When the running statement is killed.
    statement_end: AtomicU64,
    /// It was.
    overdue: AtomicBool,
}

/// A moment by the ticker's clock, exact to a tenth of a second: reading it costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// The time from this moment to a later one.
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }
}

/// A moment that one task changes and others look at.
#[derive(Debug)]
pub struct AtomicMoment(AtomicU64);

impl AtomicMoment {
    /// Holds `moment`.
    pub const fn new(moment: Moment) -> Self {
        Self(AtomicU64::new(moment.0))
    }

    /// The moment that was stored last.
    pub fn load(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }

    /// Replaces it.
    pub fn store(&self, moment: Moment) {
        self.0.store(moment.0, Ordering::Relaxed);
    }
}

impl Watch {
    /// This moment.
    pub fn now(&self) -> Moment {
        Moment(self.ticker.now())
    }

    /// Ends the current wait, or the next one if the session is not waiting.
    pub fn send(&self, signal: Signal) {
        self.signals.fetch_or(signal as u8, Ordering::AcqRel);
        self.waker.wake();
    }

    /// Whether the signal was sent and not yet acknowledged.
    pub fn is_sent(&self, signal: Signal) -> bool {
        self.signals.load(Ordering::Acquire) & signal as u8 != 0
    }

    /// Takes a signal back.
    pub fn acknowledge(&self, signal: Signal) {
        if self.is_sent(signal) {
            self.signals.fetch_and(!(signal as u8), Ordering::AcqRel);
        }
    }

    /// A statement begins, which KILL QUERY ends after `limit`.
    pub fn begin_statement(&self, limit: Duration) {
        self.overdue.store(false, Ordering::Release);
        let end = self.ticker.after(limit);
        self.statement_end.store(end, Ordering::Release);
    }

    /// It has ended: the next one shall not be killed for it.
    pub fn end_statement(&self) {
        self.statement_end.store(NO_DEADLINE, Ordering::Release);
        if self.overdue.load(Ordering::Acquire) {
            self.acknowledge(Signal::KillQuery);
        }
    }

    /// Whether the last statement was killed because its time was up; asked once.
    pub fn take_overdue(&self) -> bool {
        self.overdue.swap(false, Ordering::AcqRel)
    }

    /// Runs `future` until it is done, `limit` has passed, or a signal of `interest` arrives.
    ///
    /// # Errors
    /// The signal that ended the wait; [`Signal::Deadline`] for the limit.
    pub async fn guard<F: Future>(
        &self,
        limit: Option<Duration>,
        interest: Interest,
        future: F,
    ) -> Result<F::Output, Signal> {
        let mut future = pin!(future);
        self.guard_poll(limit, interest, |cx| future.as_mut().poll(cx))
            .await
    }

    /// [`Watch::guard`] for what a function polls: a future that ends at once, as nearly every
    /// write does, costs no more than the call.
    ///
    /// # Errors
    /// As [`Watch::guard`].
    pub fn guard_poll<T>(
        &self,
        limit: Option<Duration>,
        interest: Interest,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> impl Future<Output = Result<T, Signal>> {
        let mut deadline = None;
        poll_fn(move |cx| {
            if let Poll::Ready(output) = poll(cx) {
                if deadline.is_some() {
                    self.deadline.store(NO_DEADLINE, Ordering::Relaxed);
                }
                return Poll::Ready(Ok(output));
            }
            let after = || limit.map_or(NO_DEADLINE, |limit| self.ticker.after(limit));
            self.wait(*deadline.get_or_insert_with(after), interest, cx)
        })
    }

    /// Whether a wait that could not end by itself must end all the same.
    fn wait<T>(
        &self,
        deadline: u64,
        interest: Interest,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Signal>> {
        self.waker.register(cx.waker());
        self.deadline.store(deadline, Ordering::Release);
        let signal = if self.ticker.now() >= deadline {
            Some(Signal::Deadline)
        } else {
            interest.strongest(self.signals.load(Ordering::Acquire))
        };
        match signal {
            None => Poll::Pending,
            Some(signal) => {
                self.deadline.store(NO_DEADLINE, Ordering::Relaxed);
                Poll::Ready(Err(signal))
            }
        }
    }

    fn expire(&self, now: u64) {
        if self.statement_end.load(Ordering::Acquire) <= now {
            self.statement_end.store(NO_DEADLINE, Ordering::Release);
            self.overdue.store(true, Ordering::Release);
            self.send(Signal::KillQuery);
        }
        if self.deadline.load(Ordering::Acquire) <= now {
            self.waker.wake();
        }
    }
}

/// Milliseconds since the process's ticker started, updated every [`TICK`].
#[derive(Debug)]
struct Clock {
    start: Instant,
    now: AtomicU64,
}

impl Clock {
    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn after(&self, limit: Duration) -> u64 {
        // One tick more: the stored time may be one tick old.
        let millis = u64::try_from((limit + TICK).as_millis()).unwrap_or(NO_DEADLINE);
        self.now().saturating_add(millis)
    }
}

/// Looks at all deadlines of a process.
#[derive(Debug)]
pub struct Ticker {
    clock: Arc<Clock>,
    watches: Mutex<Vec<Weak<Watch>>>,
}

impl Default for Ticker {
    fn default() -> Self {
        Self {
            clock: Arc::new(Clock {
                start: Instant::now(),
                now: AtomicU64::new(0),
            }),
            watches: Mutex::default(),
        }
    }
}

impl Ticker {
    /// A new watch, looked at until its last owner drops it.
    pub fn watch(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch {
            ticker: Arc::clone(&self.clock),
            deadline: AtomicU64::new(NO_DEADLINE),
            signals: AtomicU8::new(0),
            waker: AtomicWaker::new(),
            statement_end: AtomicU64::new(NO_DEADLINE),
            overdue: AtomicBool::new(false),
        });
        self.watches.lock().push(Arc::downgrade(&watch));
        watch
    }

    /// Looks at the deadlines once.
    pub fn tick(&self) {
        let now = u64::try_from(self.clock.start.elapsed().as_millis()).unwrap_or(NO_DEADLINE - 1);
        self.clock.now.store(now, Ordering::Release);
        self.watches.lock().retain(|watch| match watch.upgrade() {
            Some(watch) => {
                watch.expire(now);
                true
            }
            None => false,
        });
    }

    /// Ticks for as long as the future is polled.
    pub async fn run(&self) {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.tick();
        }
    }
}

/// What comes of `work`; `None`: `notified` was done before.
pub async fn unless_notified<T>(
    notified: Option<Pin<&mut OwnedNotified>>,
    work: impl Future<Output = T>,
) -> Option<T> {
    match notified {
        None => Some(work.await),
        Some(notified) => tokio::select! {
            done = work => Some(done),
            () = notified => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_ends_a_wait() {
        let ticker = Arc::new(Ticker::default());
        let watch = ticker.watch();
        let runner = tokio::spawn({
            let ticker = Arc::clone(&ticker);
            async move { ticker.run().await }
        });
        let limit = Some(Duration::from_millis(50));
        let waited = watch
            .guard(limit, Interest::STATEMENT, std::future::pending::<()>())
            .await;
        assert_eq!(waited, Err(Signal::Deadline));
        runner.abort();
    }

    #[tokio::test]
    async fn a_signal_ends_only_the_waits_that_it_concerns() {
        let watch = Ticker::default().watch();
        watch.send(Signal::Drain);
        let busy = watch.guard(None, Interest::STATEMENT, async { 7 }).await;
        assert_eq!(busy, Ok(7));
        watch.send(Signal::KillQuery);
        let killed = watch
            .guard(None, Interest::STATEMENT, std::future::pending::<()>())
            .await;
        assert_eq!(killed, Err(Signal::KillQuery));
        watch.acknowledge(Signal::KillQuery);
        let idle = watch
            .guard(None, Interest::IDLE, std::future::pending::<()>())
            .await;
        assert_eq!(idle, Err(Signal::Drain));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_signal_is_lost_between_two_waits() {
        let watch = Ticker::default().watch();
        for _ in 0..2000 {
            let sender = Arc::clone(&watch);
            let sent = tokio::spawn(async move { sender.send(Signal::KillQuery) });
            // No ticker runs: only the signal itself can end the wait.
            let pending = std::future::pending::<()>();
            let waited = watch.guard(None, Interest::STATEMENT, pending);
            let waited = tokio::time::timeout(Duration::from_secs(5), waited).await;
            assert_eq!(waited, Ok(Err(Signal::KillQuery)));
            sent.await.expect("sent");
            watch.acknowledge(Signal::KillQuery);
        }
    }

    #[tokio::test]
    async fn the_deadline_of_a_wait_that_is_over_ends_no_other() {
        let ticker = Ticker::default();
        let watch = ticker.watch();
        let limit = Some(Duration::from_millis(1));
        assert_eq!(watch.guard(limit, Interest::IDLE, async { 1 }).await, Ok(1));
        tokio::time::sleep(2 * TICK).await;
        ticker.tick();
        let later = watch.guard(None, Interest::IDLE, tokio::time::sleep(TICK));
        assert_eq!(later.await, Ok(()));
    }
}

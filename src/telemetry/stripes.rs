//! A value for each thread, so that threads do not write to each other's cache lines.
//!
//! The first threads that ask have a stripe to themselves, as many as there are cores and one more; all
//! others share the last one. Nobody else writes to a stripe that is a thread's own, so that it adds
//! without the bus lock that an atomic addition costs.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More stripes than this cost memory and gain nothing.
const MOST: usize = 16;

/// The number of threads that have asked for a stripe.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread's, once it has asked.
    static OWN: Cell<Option<Stripe>> = const { Cell::new(None) };
}

/// How many stripes there are, the shared one included.
fn stripes() -> usize {
    static STRIPES: OnceLock<usize> = OnceLock::new();
    *STRIPES.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // The thread that starts the workers records too.
        cores.min(MOST) + 2
    })
}

/// Which of the stripes is this thread's. It stays on its thread.
#[derive(Clone, Copy, Debug)]
pub struct Stripe {
    at: usize,
    /// No other thread has it.
    alone: bool,
    here: PhantomData<*const ()>,
}

impl Stripe {
    /// This thread's; a thread that is ending has the shared one.
    pub fn own() -> Self {
        let claimed = |own: &Cell<Option<Self>>| match own.get() {
            Some(stripe) => stripe,
            None => {
                let stripe = Self::new(THREADS.fetch_add(1, Ordering::Relaxed));
                own.set(Some(stripe));
                stripe
            }
        };
        OWN.try_with(claimed)
            .unwrap_or_else(|_| Self::new(usize::MAX))
    }

    fn new(thread: usize) -> Self {
        let shared = stripes() - 1;
        Self {
            at: thread.min(shared),
            alone: thread < shared,
            here: PhantomData,
        }
    }

    /// Adds to a number on this stripe.
    pub(super) fn add(self, to: &AtomicU64, number: u64) {
        if self.alone {
            let sum = to.load(Ordering::Relaxed).wrapping_add(number);
            to.store(sum, Ordering::Relaxed);
        } else {
            to.fetch_add(number, Ordering::Relaxed);
        }
    }
}

/// On a cache line of its own, and on that of the prefetcher.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded<T>(T);

/// One `T` for each of a few threads.
#[derive(Debug)]
pub struct Striped<T>(Box<[Padded<T>]>);

impl<T: Default> Default for Striped<T> {
    fn default() -> Self {
        Self((0..stripes()).map(|_| Padded::default()).collect())
    }
}

impl<T> Striped<T> {
    /// That of a thread.
    pub fn at(&self, stripe: Stripe) -> Option<&T> {
        self.0.get(stripe.at).map(|padded| &padded.0)
    }

    /// Those of all threads.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|padded| &padded.0)
    }
}

/// One `T` for each of a few threads, made when the thread first needs it: for what there are many
/// of, most of them used by few threads.
#[derive(Debug)]
pub(super) struct LazyStriped<T>(Box<[OnceLock<Box<Padded<T>>>]>);

impl<T> Default for LazyStriped<T> {
    fn default() -> Self {
        Self((0..stripes()).map(|_| OnceLock::new()).collect())
    }
}

impl<T: Default> LazyStriped<T> {
    /// That of a thread.
    pub fn at(&self, stripe: Stripe) -> Option<&T> {
        let own = self.0.get(stripe.at)?;
        Some(&own.get_or_init(Box::default).0)
    }

    /// Those of all threads that have one.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        let made = self.0.iter().filter_map(OnceLock::get);
        made.map(|padded| &padded.0)
    }
}

/// Counts upwards.
#[derive(Debug, Default)]
pub struct Counter(Striped<AtomicU64>);

impl Counter {
    /// Adds one.
    pub fn count(&self) {
        self.add(1);
    }

    /// Adds `number`.
    pub fn add(&self, number: u64) {
        let stripe = Stripe::own();
        if let Some(own) = self.0.at(stripe) {
            stripe.add(own, number);
        }
    }

    /// The sum so far.
    pub fn total(&self) -> u64 {
        let values = self.0.all().map(|value| value.load(Ordering::Relaxed));
        values.fold(0, u64::wrapping_add)
    }
}

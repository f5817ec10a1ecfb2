//! A value for each thread, so that threads do not write to each other's cache lines.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More stripes than this cost memory and gain nothing.
const MOST: usize = 16;

/// The number of threads that have asked for a stripe.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// This thread's number.
    static THREAD: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// How many stripes there are: a power of two.
fn stripes() -> usize {
    static STRIPES: OnceLock<usize> = OnceLock::new();
    *STRIPES.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        threads.next_power_of_two().min(MOST)
    })
}

/// Which of the stripes is this thread's.
#[derive(Clone, Copy, Debug)]
pub struct Stripe(usize);

impl Stripe {
    /// This thread's.
    pub fn own() -> Self {
        Self(thread())
    }
}

/// This thread's number; a thread that is ending has 0.
fn thread() -> usize {
    let number = |cell: &Cell<usize>| match cell.get() {
        usize::MAX => {
            let number = THREADS.fetch_add(1, Ordering::Relaxed);
            cell.set(number);
            number
        }
        number => number,
    };
    THREAD.try_with(number).unwrap_or(0)
}

/// On a cache line of its own, and on that of the prefetcher.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded<T>(T);

/// One `T` for each of a few threads.
#[derive(Debug)]
pub(super) struct Striped<T>(Box<[Padded<T>]>);

impl<T: Default> Default for Striped<T> {
    fn default() -> Self {
        Self((0..stripes()).map(|_| Padded::default()).collect())
    }
}

impl<T> Striped<T> {
    /// This thread's.
    pub fn own(&self) -> Option<&T> {
        self.at(Stripe::own())
    }

    /// That of a thread.
    pub fn at(&self, stripe: Stripe) -> Option<&T> {
        // The length is a power of two, and never 0.
        let at = stripe.0 & self.0.len().wrapping_sub(1);
        self.0.get(at).map(|padded| &padded.0)
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
        let at = stripe.0 & self.0.len().wrapping_sub(1);
        let own = self.0.get(at)?;
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
        if let Some(own) = self.0.own() {
            own.fetch_add(number, Ordering::Relaxed);
        }
    }

    /// The sum so far.
    pub fn total(&self) -> u64 {
        let values = self.0.all().map(|value| value.load(Ordering::Relaxed));
        values.fold(0, u64::wrapping_add)
    }
}

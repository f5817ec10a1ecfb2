//! Whose turn it is to bring rows together.
//!
//! A statement that does holds a connection while it waits for others: so many at once that they do
//! not wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to bring rows together.
#[derive(Debug)]
pub struct Turns {
    free: Arc<Semaphore>,
    most: usize,
    waiting: AtomicUsize,
}

/// A statement that waits, until this is dropped.
struct Waits<'t>(&'t AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    /// For so many statements at once.
    pub(in crate::session) fn new(most: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(most)),
            most,
            waiting: AtomicUsize::new(0),
        }
    }

    /// How many statements may have it at once.
    pub const fn most(&self) -> usize {
        self.most
    }

    /// How many have it now.
    pub fn running(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
    }

    /// How many wait for it.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Waits for it; it ends when what is given is dropped.
    pub(in crate::session) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&self.waiting);
        Arc::clone(&self.free).acquire_owned().await.ok()
    }
}

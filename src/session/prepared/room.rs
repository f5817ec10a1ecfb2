//! Room for rows that wait here to be fetched: so much for one session, so much for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that are one session's until this is dropped.
#[derive(Debug)]
pub struct Room {
    all: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    /// As much of `wanted` as is left where all may have `most`; `None`: nothing is.
    pub fn take(all: &Arc<AtomicUsize>, wanted: usize, most: usize) -> Option<Self> {
        let left = |taken: usize| wanted.min(most.saturating_sub(taken));
        let add = |taken: usize| taken.checked_add(left(taken));
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        let before = all.fetch_update(set, get, add).ok()?;
        let bytes = left(before);
        (bytes > 0).then(|| Self {
            all: Arc::clone(all),
            bytes,
        })
    }

    /// How much it is.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives back all but so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let rest = self.bytes.saturating_sub(bytes);
        self.all.fetch_sub(rest, Ordering::Relaxed);
        self.bytes -= rest;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.shrink(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_have_no_more_than_there_is() {
        let all = Arc::new(AtomicUsize::new(0));
        let take = |wanted| Room::take(&all, wanted, 100);
        let mut first = take(60).unwrap();
        let second = take(60).unwrap();
        assert_eq!((first.bytes(), second.bytes()), (60, 40));
        assert!(take(1).is_none());
        first.shrink(25);
        first.shrink(30);
        assert_eq!((first.bytes(), all.load(Ordering::Relaxed)), (25, 65));
        assert_eq!(take(60).unwrap().bytes(), 35, "given back at once");
        assert!(take(0).is_none());
        drop((first, second));
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }
}

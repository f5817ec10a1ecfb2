//! Who waits for a connection: first come, first served.
//!
//! A connection is of one of two kinds for life (CLIENT_FOUND_ROWS). Who needs the other kind would
//! have to close the one that became free and open another, and where clients of both kinds wait,
//! every second one would. So the head of the queue is passed over for whoever came next and needs
//! this kind, but only so many times: then it gets the connection, of whatever kind.

use std::collections::VecDeque;

/// Waiters in the order in which they came; `T` is what wakes one.
#[derive(Debug)]
pub(super) struct Queue<T> {
    next: u64,
    waiters: VecDeque<Waiter<T>>,
}

#[derive(Debug)]
struct Waiter<T> {
    /// Rises along the queue.
    number: u64,
    found_rows: bool,
    /// How often somebody was served before it who came later.
    passed_over: u32,
    wake: T,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            next: 0,
            waiters: VecDeque::new(),
        }
    }
}

impl<T> Queue<T> {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    /// Somebody waits from now on; gives the number to leave by.
    pub fn enter(&mut self, found_rows: bool, wake: T) -> u64 {
        self.next += 1;
        self.waiters.push_back(Waiter {
            number: self.next,
            found_rows,
            passed_over: 0,
            wake,
        });
        self.next
    }

    /// Whoever has this number waits no longer, if it still did.
    pub fn leave(&mut self, number: u64) {
        let found = self.waiters.binary_search_by_key(&number, |w| w.number);
        if let Ok(at) = found {
            self.waiters.remove(at);
        }
    }

    /// Who has waited longest.
    pub fn next(&mut self) -> Option<T> {
        self.waiters.pop_front().map(|waiter| waiter.wake)
    }

    /// Who gets a connection of this kind: who has waited longest for one, unless somebody who came
    /// before was passed over `patience` times.
    pub fn next_for(&mut self, found_rows: bool, patience: u32) -> Option<T> {
        let head = self.waiters.front_mut()?;
        if head.found_rows == found_rows || head.passed_over >= patience {
            return self.next();
        }
        let fits = |waiter: &Waiter<T>| waiter.found_rows == found_rows;
        let Some(at) = self.waiters.iter().position(fits) else {
            return self.next();
        };
        if let Some(head) = self.waiters.front_mut() {
            head.passed_over += 1;
        }
        self.waiters.remove(at).map(|waiter| waiter.wake)
    }

    /// Everybody, in order.
    pub fn take_all(&mut self) -> Vec<T> {
        let waiters = std::mem::take(&mut self.waiters);
        waiters.into_iter().map(|waiter| waiter.wake).collect()
    }
}

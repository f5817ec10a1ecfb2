//! Rows that come in order from every source → rows in order: a heap of the sources' first rows.

use std::cmp::Ordering;
use std::collections::VecDeque;

use bytes::Bytes;

use super::compare::{Comparator, Keyed};
use super::error::{MergeError, Result};
use super::row::{Layout, Span};

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// Nothing before this source has sent its next row or its end.
    Need(usize),
    /// Nothing before any source has sent something.
    NeedAny,
    /// A row.
    Row(Keyed),
    /// No row is left.
    End,
}

#[derive(Debug, Default)]
struct Source {
    rows: VecDeque<Keyed>,
    ended: bool,
}

/// A k-way merge; rows that are equal come in the order of the sources.
#[derive(Debug)]
pub struct OrderBy {
    comparator: Comparator,
    sources: Vec<Source>,
    /// Sources that have a row, the one whose row is first at the top.
    heap: Vec<usize>,
    /// Sources that are neither in the heap nor ended; the last one is asked for.
    waiting: Vec<usize>,
    spans: Vec<Span>,
}

impl OrderBy {
    /// A merge of so many sources.
    pub fn new(comparator: Comparator, sources: usize) -> Self {
        Self {
            comparator,
            sources: (0..sources).map(|_| Source::default()).collect(),
            heap: Vec::with_capacity(sources),
            waiting: (0..sources).rev().collect(),
            spans: Vec::new(),
        }
    }

    /// Takes a source's next row.
    ///
    /// # Errors
    /// The row is malformed, or there is no such source.
    pub fn push(&mut self, layout: &Layout, source: usize, row: Bytes) -> Result<()> {
        let keys = self.comparator.keys(layout, &row, &mut self.spans)?;
        let count = self.sources.len();
        let Some(queue) = self.sources.get_mut(source) else {
            return Err(MergeError::Missing {
                what: "source",
                index: source,
                count,
            });
        };
        queue.rows.push_back(Keyed { row, keys });
        Ok(())
    }

    /// A source has no more rows.
    pub fn end(&mut self, source: usize) {
        if let Some(queue) = self.sources.get_mut(source) {
            queue.ended = true;
        }
    }

    /// The next row.
    pub fn next(&mut self) -> Next {
        while let Some(&source) = self.waiting.last() {
            match self.sources.get(source) {
                Some(queue) if !queue.rows.is_empty() => {
                    self.waiting.pop();
                    self.heap.push(source);
                    self.sift_up(self.heap.len() - 1);
                }
                Some(queue) if !queue.ended => return Next::Need(source),
                _ => {
                    self.waiting.pop();
                }
            }
        }
        let Some(&first) = self.heap.first() else {
            return Next::End;
        };
        let Some(queue) = self.sources.get_mut(first) else {
            return Next::End;
        };
        let row = queue.rows.pop_front();
        if queue.rows.is_empty() {
            if !queue.ended {
                self.waiting.push(first);
            }
            self.heap.swap_remove(0);
        }
        self.sift_down();
        row.map_or(Next::End, Next::Row)
    }

    fn before(&self, a: usize, b: usize) -> bool {
        let row = |source: usize| {
            self.sources
                .get(source)
                .and_then(|queue| queue.rows.front())
        };
        let (Some(first), Some(second)) = (row(a), row(b)) else {
            return false;
        };
        match self.comparator.compare(first, second) {
            Ordering::Less => true,
            Ordering::Equal => a < b,
            Ordering::Greater => false,
        }
    }

    /// Whether the source at one place of the heap is before that at another.
    fn places(&self, a: usize, b: usize) -> bool {
        match (self.heap.get(a), self.heap.get(b)) {
            (Some(&a), Some(&b)) => self.before(a, b),
            _ => false,
        }
    }

    fn sift_up(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 2;
            if !self.places(place, parent) {
                return;
            }
            self.heap.swap(place, parent);
            place = parent;
        }
    }

    fn sift_down(&mut self) {
        let mut place = 0;
        loop {
            let mut first = place;
            for child in [2 * place + 1, 2 * place + 2] {
                if self.places(child, first) {
                    first = child;
                }
            }
            if first == place {
                return;
            }
            self.heap.swap(place, first);
            place = first;
        }
    }
}

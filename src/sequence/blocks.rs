//! The blocks of one table's ids: the next one is fetched while there are still some left.

use std::sync::Arc;

use parking_lot::Mutex;

use super::error::SequenceError;
use super::home::Home;
use super::segment::Segment;
use super::store::BlockOf;

/// Where a table's ids come from.
#[derive(Debug)]
pub struct Blocks {
    home: Arc<Home>,
    /// Database and table.
    name: (String, String),
    /// How many numbers a block has.
    block: u64,
    /// The first number of the first block.
    start: u64,
    state: Mutex<State>,
    /// Held by whoever fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    segment: Segment,
    /// The next block is on its way.
    ahead: bool,
    /// Behind the last number that was ever fetched: a server that has forgotten some must not give
    /// them again.
    end: u64,
}

impl Blocks {
    /// Nothing is fetched yet. `name`: database and table; then the size of a block, and the first
    /// number of all.
    pub fn new(home: Arc<Home>, name: (String, String), (block, start): (u64, u64)) -> Self {
        Self {
            home,
            name,
            block,
            start,
            state: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The first of `count` ids that follow each other.
    ///
    /// # Errors
    /// No block can be fetched.
    pub async fn take(self: &Arc<Self>, count: u64) -> Result<u64, SequenceError> {
        loop {
            if let Some(first) = self.take_now(count) {
                return Ok(first);
            }
            let _fetching = self.fetching.lock().await;
            // Somebody else may have fetched meanwhile.
            if let Some(first) = self.take_now(count) {
                return Ok(first);
            }
            self.fetch(self.block.max(count)).await?;
        }
    }

    fn take_now(self: &Arc<Self>, count: u64) -> Option<u64> {
        let mut state = self.state.lock();
        let first = state.segment.take(count)?;
        if !state.ahead && state.segment.is_low(self.block) {
            state.ahead = true;
            tokio::spawn(Arc::clone(self).fetch_ahead());
        }
        Some(first)
    }

    async fn fetch_ahead(self: Arc<Self>) {
        let fetching = self.fetching.lock().await;
        // Whoever had to wait may have fetched it.
        if self.state.lock().segment.is_low(self.block)
            && let Err(error) = self.fetch(self.block).await
        {
            tracing::warn!(%error, "cannot fetch ids ahead");
        }
        drop(fetching);
        self.state.lock().ahead = false;
    }

    async fn fetch(&self, size: u64) -> Result<(), SequenceError> {
        let least = self.state.lock().end;
        let block = BlockOf {
            database: &self.name.0,
            table: &self.name.1,
            size,
            least,
            start: self.start,
        };
        let block = self.home.ask(&block).await?;
        let mut state = self.state.lock();
        state.end = block.end;
        state.segment.add(block);
        Ok(())
    }
}

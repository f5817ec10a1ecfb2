//! What scans of statements use again: their buffers, and the statements that came before.
//!
//! Each thread has its own, so that threads do not wait for each other.

use parking_lot::Mutex;

use crate::parse::{self, Digest, DigestSeed, LexMode, ParseError, Shapes};
use crate::telemetry::{Stripe, Striped};

/// How many scan buffers a thread keeps. Each statement under way has one.
const KEPT: usize = 64;

/// A scan buffer larger than this is not kept, in bytes.
const KEPT_BYTES: usize = 64 * 1024;

/// A scan buffer, which is handed about by its address.
#[derive(Debug, Default)]
pub struct Scratch(pub Box<Digest>);

/// The scan buffers and shapes of all threads, for texts with one seed.
#[derive(Debug)]
pub(super) struct Scratches {
    seed: DigestSeed,
    threads: Striped<Mutex<Own>>,
}

#[derive(Debug, Default)]
struct Own {
    buffers: Vec<Scratch>,
    shapes: Shapes,
}

impl Scratches {
    /// Nothing kept yet.
    pub fn new(seed: DigestSeed) -> Self {
        Self {
            seed,
            threads: Striped::default(),
        }
    }

    fn own<T>(&self, take: impl FnOnce(&mut Own) -> T) -> Option<T> {
        let own = self.threads.at(Stripe::own())?;
        Some(take(&mut own.lock()))
    }

    /// A scan buffer.
    pub fn take(&self) -> Scratch {
        let kept = self.own(|own| own.buffers.pop());
        kept.flatten().unwrap_or_default()
    }

    /// Gives a scan buffer back.
    pub fn give(&self, scratch: Scratch) {
        if scratch.0.normal.capacity() > KEPT_BYTES {
            return;
        }
        self.own(|own| {
            if own.buffers.len() < KEPT {
                own.buffers.push(scratch);
            }
        });
    }

    /// The digest of the statement that starts at `start`; see [`parse::scan`].
    ///
    /// # Errors
    /// Those of the scan.
    pub fn scan(
        &self,
        (sql, start): (&[u8], usize),
        mode: LexMode,
        context: u64,
        digest: &mut Digest,
    ) -> Result<(), ParseError> {
        let scan = |digest: &mut Digest| parse::scan(sql, start, mode, self.seed, context, digest);
        if start > 0 {
            return scan(digest);
        }
        let found = self.own(|own| own.shapes.find(sql, mode, context, digest));
        match found {
            Some(Ok(())) => {}
            None => scan(digest)?,
            Some(Err(key)) => {
                scan(digest)?;
                self.own(|own| own.shapes.remember(key, sql, digest));
            }
        }
        Ok(())
    }
}

//! UUIDs of version 7 (RFC 9562): time, and bits that need no server to be different.
//!
//! The 48 bits of milliseconds are followed by a counter of 42 bits (method 1 of the RFC's section
//! 6.2), which begins anywhere in its lower half with each millisecond, and by 32 random bits. So the ids
//! of a process ascend strictly, whatever its clock does, and those of two processes are the same
//! only by an accident of some 70 bits.

use std::time::Duration;

use parking_lot::Mutex;
use uuid::{ContextV7, Timestamp, Uuid};

/// What the last id of this process was made of.
#[derive(Debug)]
pub struct Uuids(Mutex<ContextV7>);

impl Default for Uuids {
    fn default() -> Self {
        Self(Mutex::new(ContextV7::new()))
    }
}

impl Uuids {
    /// `count` ids, each one greater than all before it; `now` since 1970. A clock that steps back
    /// does not matter: ids go on from the last one's time.
    pub fn take(&self, now: Duration, count: usize) -> Vec<[u8; 16]> {
        let context = self.0.lock();
        let make = || {
            let time = Timestamp::from_unix(&*context, now.as_secs(), now.subsec_nanos());
            Uuid::new_v7(time).into_bytes()
        };
        std::iter::repeat_with(make).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_is_as_the_rfc_lays_it_out() {
        let now = Duration::from_millis(0x0193_5b7e_0aff);
        let ids = Uuids::default().take(now, 1000);
        for id in ids {
            assert_eq!(id[..6], [0x01, 0x93, 0x5b, 0x7e, 0x0a, 0xff]);
            assert_eq!((id[6] >> 4, id[8] >> 6), (7, 0b10));
        }
    }

    #[test]
    fn processes_differ_where_their_clocks_do_not() {
        let now = Duration::from_millis(1_700_000_000_000);
        let take = || Uuids::default().take(now, 100);
        let mut all: Vec<_> = (0..100).flat_map(|_| take()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 100 * 100);
    }

    proptest! {
        /// Whatever the clock does, and the texts are in the order of the bytes.
        #[test]
        fn ids_ascend_strictly(
            steps in prop::collection::vec((-5_000_000_i64..5_000_000, 1_usize..50), 1..100)
        ) {
            let ids = Uuids::default();
            let (mut clock, mut last) = (1_700_000_000_000_000_000_u64, ([0; 16], String::new()));
            for (by, count) in steps {
                clock = clock.saturating_add_signed(by);
                let taken = ids.take(Duration::from_nanos(clock), count);
                prop_assert_eq!(taken.len(), count);
                for id in taken {
                    let next = (id, Uuid::from_bytes(id).to_string());
                    prop_assert!(next.0 > last.0 && next.1 > last.1);
                    last = next;
                }
            }
        }
    }
}

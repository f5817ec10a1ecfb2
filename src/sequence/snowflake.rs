//! Snowflake ids: milliseconds, worker number, and a count within the millisecond.
//!
//! ```text
//! 0 | 41 bits: milliseconds since 2020 | 10 bits: worker | 12 bits: count
//! ```
//!
//! As Twitter's Snowflake has it (<https://github.com/twitter-archive/snowflake/tree/snowflake-2010>),
//! with another beginning of time: ids last until 2089. The time of an id is the clock's, but never
//! before that of the last one: while a clock stands still or steps back, ids go on from where they
//! were. What may be given is bounded by a [`Grant`], so that even a clock that lies does no harm.

/// 2020-01-01T00:00:00Z, in milliseconds since 1970.
const BEGINNING: u64 = 1_577_836_800_000;

const WORKER_BITS: u32 = 10;
const COUNT_BITS: u32 = 12;

/// How many worker numbers there are.
pub const WORKERS: u16 = 1 << WORKER_BITS;

/// How many ids a worker has in a millisecond: the most that follow each other.
pub const COUNTS: u64 = 1 << COUNT_BITS;

/// The largest time in an id.
const LAST_TIME: u64 = (1 << 41) - 1;

/// The time since the beginning, of a time since 1970, both in milliseconds.
pub fn since_beginning(unix: u64) -> u64 {
    unix.saturating_sub(BEGINNING)
}

/// A worker's ids with times from `from` to before `until` are this proxy's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Below [`WORKERS`].
    pub worker: u16,
    /// In milliseconds since the beginning.
    pub from: u64,
    /// In milliseconds since the beginning.
    pub until: u64,
}

/// Why there is no id now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoId {
    /// There is no grant, or its time is over.
    NoGrant,
    /// So many never follow each other.
    TooMany,
}

/// What was given, and what may be given.
#[derive(Debug, Default)]
pub struct Snowflake {
    grant: Option<Grant>,
    /// The time of the last id.
    time: u64,
    /// The first count of that time that is free.
    count: u64,
}

impl Snowflake {
    /// What may be given from now on.
    pub fn set(&mut self, grant: Grant) {
        if self.grant.map(|grant| grant.worker) != Some(grant.worker) || self.time < grant.from {
            // Of the other worker's count nothing is known, and nothing before the grant is ours.
            self.time = self.time.max(grant.from);
            self.count = if self.time == grant.from { 0 } else { COUNTS };
        }
        self.grant = Some(grant);
    }

    /// The worker, if there is a grant.
    pub fn worker(&self) -> Option<u16> {
        self.grant.map(|grant| grant.worker)
    }

    /// The time before which the next id cannot be, with the clock at `now`.
    pub fn time(&self, now: u64) -> u64 {
        self.time.max(now)
    }

    /// The first of `count` ids that follow each other, with the clock at `now`.
    ///
    /// # Errors
    /// See [`NoId`].
    pub fn take(&mut self, now: u64, count: u64) -> Result<u64, NoId> {
        if count > COUNTS {
            return Err(NoId::TooMany);
        }
        let grant = self.grant.ok_or(NoId::NoGrant)?;
        let (time, first) = match self.time {
            last if now > last => (now, 0),
            last if self.count + count <= COUNTS => (last, self.count),
            // More ids than milliseconds have room for: the next one is begun early.
            last => (last + 1, 0),
        };
        if time >= grant.until || time < grant.from || time > LAST_TIME {
            return Err(NoId::NoGrant);
        }
        (self.time, self.count) = (time, first + count);
        let worker = u64::from(grant.worker) << COUNT_BITS;
        Ok(time << (WORKER_BITS + COUNT_BITS) | worker | first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn granted(worker: u16, from: u64, until: u64) -> Snowflake {
        let mut ids = Snowflake::default();
        ids.set(Grant {
            worker,
            from,
            until,
        });
        ids
    }

    fn parts(id: u64) -> (u64, u64, u64) {
        (id >> 22, id >> 12 & 0x3FF, id & 0xFFF)
    }

    #[test]
    fn an_id_is_time_worker_and_count() {
        let mut ids = granted(5, 0, 1000);
        assert_eq!(ids.take(100, 1).map(parts), Ok((100, 5, 0)));
        assert_eq!(ids.take(100, 3).map(parts), Ok((100, 5, 1)));
        assert_eq!(ids.take(101, 1).map(parts), Ok((101, 5, 0)));
        assert_eq!(since_beginning(BEGINNING + 7), 7);
    }

    #[test]
    fn a_clock_that_steps_back_or_stands_still_gives_no_id_twice() {
        let mut ids = granted(1, 0, 1000);
        assert_eq!(ids.take(500, 4000).map(parts), Ok((500, 1, 0)));
        assert_eq!(ids.take(20, 90).map(parts), Ok((500, 1, 4000)));
        // The count is used up: the next millisecond is begun early.
        assert_eq!(ids.take(20, 7).map(parts), Ok((501, 1, 0)));
        assert_eq!(ids.take(501, 1).map(parts), Ok((501, 1, 7)));
        assert_eq!(ids.take(502, 1).map(parts), Ok((502, 1, 0)));
    }

    #[test]
    fn nothing_is_given_beyond_the_grant() {
        let mut ids = Snowflake::default();
        assert_eq!(ids.take(5, 1), Err(NoId::NoGrant));
        let mut ids = granted_then(&mut ids, 10, 12);
        assert_eq!(ids.take(5, 1).map(parts), Ok((10, 2, 0)));
        assert_eq!(ids.take(11, COUNTS).map(parts), Ok((11, 2, 0)));
        assert_eq!(ids.take(11, 1), Err(NoId::NoGrant));
        assert_eq!(ids.take(12, 1), Err(NoId::NoGrant));
        let renewed = Grant {
            worker: 2,
            from: 10,
            until: 20,
        };
        ids.set(renewed);
        assert_eq!(ids.take(11, 1).map(parts), Ok((12, 2, 0)));
        assert_eq!(granted(0, 0, u64::MAX).take(1 << 41, 1), Err(NoId::NoGrant));
        assert_eq!(granted(0, 0, 9).take(1, COUNTS + 1), Err(NoId::TooMany));
    }

    fn granted_then(ids: &mut Snowflake, from: u64, until: u64) -> Snowflake {
        let mut ids = std::mem::take(ids);
        ids.set(Grant {
            worker: 2,
            from,
            until,
        });
        ids
    }

    #[test]
    fn another_worker_number_begins_where_its_grant_does() {
        let mut ids = granted(1, 0, 1000);
        assert_eq!(ids.take(500, 10).map(parts), Ok((500, 1, 0)));
        ids.set(Grant {
            worker: 2,
            from: 400,
            until: 2000,
        });
        assert_eq!(ids.take(450, 1).map(parts), Ok((501, 2, 0)));
        ids.set(Grant {
            worker: 1,
            from: 1000,
            until: 2000,
        });
        assert_eq!(ids.take(600, 1).map(parts), Ok((1000, 1, 0)));
    }

    /// Stretches of ids: first and count.
    #[derive(Default)]
    struct Given(BTreeMap<u64, u64>);

    impl Given {
        /// Says whether all of them are new.
        fn insert(&mut self, first: u64, count: u64) -> bool {
            let before = self.0.range(..first + count).next_back();
            let is_new = before.is_none_or(|(begin, count)| begin + count <= first);
            self.0.insert(first, count);
            is_new
        }
    }

    /// What happens to one of several proxies.
    #[derive(Clone, Debug)]
    enum Step {
        Take { count: u64 },
        Clock { by: i64 },
        Renew,
        Change,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (1_u64..3000).prop_map(|count| Step::Take { count }),
            3 => (-200_i64..200).prop_map(|by| Step::Clock { by }),
            1 => Just(Step::Renew),
            1 => Just(Step::Change),
        ]
    }

    proptest! {
        /// Grants come from one row per worker, as `store` has them: the next one begins where the
        /// last one ended, or later.
        #[test]
        fn proxies_whose_clocks_lie_never_give_an_id_twice(
            steps in prop::collection::vec((0_usize..3, step()), 1..300)
        ) {
            let mut ends = [0_u64; 4];
            let mut proxies: Vec<(Snowflake, u64)> = (0..3).map(|at| (Snowflake::default(), 1000 * at)).collect();
            let mut given = Given::default();
            for (at, step) in steps {
                let (ids, clock) = &mut proxies[at];
                match step {
                    Step::Clock { by } => *clock = clock.saturating_add_signed(by),
                    Step::Take { count } => {
                        if let Ok(first) = ids.take(*clock, count) {
                            prop_assert!(given.insert(first, count));
                        }
                    }
                    Step::Renew | Step::Change => {
                        let own = ids.worker().filter(|_| matches!(step, Step::Renew));
                        let worker = own.unwrap_or((given.0.len() % 4) as u16);
                        let end = &mut ends[usize::from(worker)];
                        // Whoever holds a row may have lost it to another one meanwhile.
                        let from = (*end).max(ids.time(*clock));
                        *end = from + 60;
                        ids.set(Grant { worker, from, until: *end });
                    }
                }
            }
        }
    }
}

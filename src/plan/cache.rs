//! The plan cache: digest → plan. It belongs to one topology; a new topology gets a new cache.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::Plan;

/// Statements with a longer normal form are planned each time: they are rare and their plans big.
const MAX_NORMAL_BYTES: usize = 64 * 1024;

/// Plans by [`crate::parse::Digest::hash`], bounded by their number, shared by all sessions.
#[derive(Debug)]
pub struct PlanCache {
    plans: Cache<u128, Arc<Plan>, UnitWeighter, BuildHasherDefault<DigestHasher>>,
}

/// Plans that are kept: far more than the statements of any one application.
const PLANS: usize = 10_000;

impl Default for PlanCache {
    fn default() -> Self {
        Self::new(PLANS)
    }
}

impl PlanCache {
    /// Room for `plans` plans.
    pub fn new(plans: usize) -> Self {
        let capacity = u64::try_from(plans).unwrap_or(u64::MAX);
        Self {
            plans: Cache::with(
                plans,
                capacity,
                UnitWeighter,
                BuildHasherDefault::default(),
                DefaultLifecycle::default(),
            ),
        }
    }

    /// The plan of this digest.
    pub fn get(&self, hash: u128) -> Option<Arc<Plan>> {
        self.plans.get(&hash)
    }

    /// Keeps a plan for statements of this digest, unless it is of this statement alone or its normal
    /// form of `normal_bytes` is too long. Returns the plan to execute.
    pub fn insert(&self, hash: u128, normal_bytes: usize, plan: Plan) -> Arc<Plan> {
        let plan = Arc::new(plan);
        if normal_bytes <= MAX_NORMAL_BYTES && !plan.of_literals {
            self.plans.insert(hash, Arc::clone(&plan));
        }
        plan
    }

    /// All plans, in no order.
    pub fn all(&self) -> Vec<Arc<Plan>> {
        self.plans.iter().map(|(_, plan)| plan).collect()
    }

    /// Forgets the plan of this digest.
    pub fn remove(&self, hash: u128) {
        self.plans.remove(&hash);
    }

    /// How many plans there are.
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }
}

/// A digest is a good, seeded hash already.
#[derive(Clone, Copy, Debug, Default)]
pub struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64 ^ (value >> 64) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Access, Action};

    fn plan() -> Plan {
        Plan {
            scatter: None,
            write: None,
            one_for_all: false,
            access: Access::Read,
            verb: crate::telemetry::Verb::Select,
            action: Action::Any(None),
            edits: Vec::new(),
            pin: None,
            needs_last_insert_id: false,
            leaves_counts: false,
            found_rows: crate::plan::FoundRows::default(),
            reach: super::super::Reach::default(),
            qualified: false,
            hints: crate::plan::Hints::default(),
            split: Vec::new(),
            names_in_rows: crate::plan::NamesInRows::No,
            looks_up: crate::plan::LooksUp::default(),
            uses_pinned_state: false,
            carried: None,
            temporary: None,
            shares_variables: false,
            transactional: false,
            reads_on: None,
            routine: None,
            calls_unknown: false,
            changes_tables: false,
            commits: false,
            of_literals: false,
            gather: None,
            series: None,
        }
    }

    #[test]
    fn a_plan_is_found_by_its_digest() {
        let cache = PlanCache::new(10);
        let inserted = cache.insert(7, 100, plan());
        assert!(
            cache
                .get(7)
                .is_some_and(|found| Arc::ptr_eq(&found, &inserted))
        );
        assert!(cache.get(8).is_none());
    }

    #[test]
    fn plans_are_bounded_in_number() {
        let cache = PlanCache::new(10);
        (0..1000).for_each(|hash| {
            cache.insert(hash, 100, plan());
        });
        assert!(cache.len() <= 10, "{}", cache.len());
    }

    #[test]
    fn giant_statements_are_not_kept() {
        let cache = PlanCache::new(10);
        cache.insert(7, MAX_NORMAL_BYTES + 1, plan());
        assert!(cache.is_empty());
    }
}

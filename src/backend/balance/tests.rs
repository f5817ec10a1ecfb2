//! Policies on a simulated set of servers with a clock of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

const POLICIES: [BalancePolicy; 8] = [
    BalancePolicy::RoundRobin,
    BalancePolicy::WeightedRoundRobin,
    BalancePolicy::Random,
    BalancePolicy::WeightedRandom,
    BalancePolicy::LeastConnections,
    BalancePolicy::WeightedLeastConnections,
    BalancePolicy::SourceHash,
    BalancePolicy::PeakEwma,
];

fn candidate(identity: u64, weight: f64) -> Candidate {
    Candidate {
        identity,
        weight,
        warmth: 1.0,
        in_flight: 0,
        latency: None,
    }
}

/// A reproducible source of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> Draw {
        Draw {
            source: self.next(),
            random: self.next(),
        }
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

fn counts(
    configured: BalancePolicy,
    candidates: &[Candidate],
    picks: u64,
    dice: &mut Dice,
) -> Vec<u64> {
    let policy = policy(configured);
    let mut counts = vec![0; candidates.len()];
    for _ in 0..picks {
        counts[policy.pick(candidates, dice.draw()).unwrap()] += 1;
    }
    counts
}

/// How a simulated server behaves.
#[derive(Clone, Copy, Debug)]
struct Behaviour {
    /// How long a statement takes on it, in milliseconds.
    takes: u64,
    /// From this millisecond on a statement takes a hundred times as long.
    sickens: Option<u64>,
}

/// What came of a simulation.
struct Outcome {
    served: Vec<u64>,
    /// Those that began in the last third.
    served_late: Vec<u64>,
}

/// A statement each millisecond for `millis` milliseconds.
fn simulate(configured: BalancePolicy, servers: &[Behaviour], millis: u64, seed: u64) -> Outcome {
    let policy = policy(configured);
    let mut dice = Dice(seed);
    let loads: Vec<Load> = servers.iter().map(|_| Load::default()).collect();
    let mut outcome = Outcome {
        served: vec![0; servers.len()],
        served_late: vec![0; servers.len()],
    };
    let mut ends: BinaryHeap<Reverse<(u64, usize, u64)>> = BinaryHeap::new();
    for now in 0..millis {
        while let Some(Reverse((end, server, began))) = ends.peek().copied()
            && end <= now
        {
            ends.pop();
            loads[server].end();
            let took = Duration::from_millis(end - began);
            loads[server].measured(took, Duration::from_millis(end));
        }
        let candidates: Vec<Candidate> = loads
            .iter()
            .zip(0..)
            .map(|(load, identity)| Candidate {
                in_flight: load.in_flight(),
                latency: load.latency(Duration::from_millis(now)),
                ..candidate(identity, 1.0)
            })
            .collect();
        let server = policy.pick(&candidates, dice.draw()).unwrap();
        let Behaviour { takes, sickens } = servers[server];
        let sick = sickens.is_some_and(|from| now >= from);
        let end = now + if sick { takes * 100 } else { takes };
        loads[server].begin();
        ends.push(Reverse((end, server, now)));
        outcome.served[server] += 1;
        outcome.served_late[server] += u64::from(now >= millis * 2 / 3);
    }
    outcome
}

proptest! {
    #[test]
    fn every_policy_picks_a_candidate_whatever_they_are(
        which in 0..POLICIES.len(),
        states in prop::collection::vec(
            (1u16..=1000, 0.1f64..=1.0, 0u32..10_000, prop::option::of(0.0f64..100.0)), 0..8),
        seed: u64,
    ) {
        let candidates: Vec<Candidate> = states
            .iter()
            .zip(0..)
            .map(|(&(weight, warmth, in_flight, latency), identity)| Candidate {
                identity,
                weight: f64::from(weight),
                warmth,
                in_flight,
                latency,
            })
            .collect();
        let policy = policy(POLICIES[which]);
        let mut dice = Dice(seed);
        for _ in 0..20 {
            let picked = policy.pick(&candidates, dice.draw());
            prop_assert_eq!(picked.is_some(), !candidates.is_empty());
            prop_assert!(picked.is_none_or(|at| at < candidates.len()));
        }
    }

    #[test]
    fn weighted_round_robin_is_never_more_than_a_few_statements_off(
        weights in prop::collection::vec(1u16..=1000, 1..8),
        picks in 1u64..5000,
    ) {
        let candidates: Vec<Candidate> = weights
            .iter()
            .zip(0..)
            .map(|(weight, identity)| candidate(identity, f64::from(*weight)))
            .collect();
        let total: f64 = weights.iter().copied().map(f64::from).sum();
        let found = counts(BalancePolicy::WeightedRoundRobin, &candidates, picks, &mut Dice(0));
        for (found, weight) in found.iter().zip(&weights) {
            let expected = picks as f64 * f64::from(*weight) / total;
            prop_assert!((*found as f64 - expected).abs() < 5.0, "{found} for {expected}");
        }
    }

    #[test]
    fn random_policies_follow_the_weights(
        weights in prop::collection::vec(1u16..=9, 2..5),
        seed: u64,
    ) {
        let candidates: Vec<Candidate> = weights
            .iter()
            .zip(0..)
            .map(|(weight, identity)| candidate(identity, f64::from(*weight)))
            .collect();
        let total: f64 = weights.iter().copied().map(f64::from).sum();
        for configured in [BalancePolicy::WeightedRandom, BalancePolicy::SourceHash] {
            let picks = 20_000;
            let found = counts(configured, &candidates, picks, &mut Dice(seed));
            for (found, weight) in found.iter().zip(&weights) {
                let expected = picks as f64 * f64::from(*weight) / total;
                // Six standard deviations of a binomial count.
                let allowed = 6.0 * expected.sqrt();
                prop_assert!(
                    (*found as f64 - expected).abs() < allowed,
                    "{configured:?}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn a_server_that_goes_moves_only_its_own_clients(
        count in 2u64..8, gone in 0u64..8, source: u64,
    ) {
        let policy = policy(BalancePolicy::SourceHash);
        let all: Vec<Candidate> = (0..count).map(|identity| candidate(identity, 1.0)).collect();
        let left: Vec<Candidate> = all.iter().copied().filter(|one| one.identity != gone).collect();
        let draw = Draw { source, random: 0 };
        let before = all[policy.pick(&all, draw).unwrap()].identity;
        let after = left[policy.pick(&left, draw).unwrap()].identity;
        prop_assert!(before == gone || before == after);
    }

    #[test]
    fn a_server_that_sickens_gets_little_from_policies_that_look(
        healthy in prop::collection::vec(1u64..4, 1..4),
        sick in 1u64..4,
        seed: u64,
    ) {
        let mut servers: Vec<Behaviour> = healthy
            .iter()
            .map(|takes| Behaviour { takes: *takes, sickens: None })
            .collect();
        servers.push(Behaviour { takes: sick, sickens: Some(2_000) });
        for (configured, most) in [
            (BalancePolicy::PeakEwma, 0.05),
            (BalancePolicy::LeastConnections, 0.15),
            (BalancePolicy::WeightedLeastConnections, 0.15),
        ] {
            let outcome = simulate(configured, &servers, 6_000, seed);
            let late: u64 = outcome.served_late.iter().sum();
            let share = outcome.served_late[healthy.len()] as f64 / late as f64;
            prop_assert!(share < most, "{configured:?}: {share} of the statements");
        }
    }

    #[test]
    fn peak_ewma_prefers_the_fast(slow in 20u64..100, seed: u64) {
        let fast = Behaviour { takes: 2, sickens: None };
        let servers = [fast, Behaviour { takes: slow, sickens: None }, fast];
        let outcome = simulate(BalancePolicy::PeakEwma, &servers, 5_000, seed);
        let total: u64 = outcome.served.iter().sum();
        prop_assert!(outcome.served[1] * 8 < total, "{:?}", outcome.served);
        prop_assert!(outcome.served[1] > 0, "nobody would hear of its recovery");
    }
}

#[test]
fn round_robin_takes_turns() {
    let candidates: Vec<Candidate> = (0..3).map(|identity| candidate(identity, 9.0)).collect();
    let policy = policy(BalancePolicy::RoundRobin);
    let mut dice = Dice(1);
    let picks: Vec<usize> = (0..7)
        .map(|_| policy.pick(&candidates, dice.draw()).unwrap())
        .collect();
    assert_eq!(picks, [0, 1, 2, 0, 1, 2, 0]);
}

#[test]
fn idle_servers_take_turns_by_weight() {
    let candidates = [candidate(0, 3.0), candidate(1, 1.0)];
    let by_weight = counts(
        BalancePolicy::WeightedLeastConnections,
        &candidates,
        400,
        &mut Dice(1),
    );
    assert!((295..=305).contains(&by_weight[0]), "{by_weight:?}");
    let alike = counts(
        BalancePolicy::LeastConnections,
        &candidates,
        400,
        &mut Dice(1),
    );
    assert_eq!(alike, [200, 200]);
}

#[test]
fn a_server_that_came_back_gets_its_share_by_and_by() {
    let window = Duration::from_secs(10);
    let warmth_at = |seconds: f64| warmth(Duration::from_secs_f64(seconds), window);
    assert_eq!(
        [0.0, 0.5, 5.0, 10.0, 99.0].map(warmth_at),
        [0.1, 0.1, 0.5, 1.0, 1.0]
    );
    assert_eq!(warmth(Duration::ZERO, Duration::ZERO), 1.0);
    let cold = Candidate {
        warmth: 0.1,
        ..candidate(1, 1.0)
    };
    for configured in POLICIES {
        // Statements that take no time: nobody is ever busy.
        if configured == BalancePolicy::LeastConnections {
            continue;
        }
        let picks = 10_000;
        let found = counts(configured, &[candidate(0, 1.0), cold], picks, &mut Dice(7));
        let share = found[1] as f64 / picks as f64;
        assert!(share < 0.15, "{configured:?}: {share}");
    }
}

#[test]
fn a_slow_answer_counts_at_once_and_is_forgotten() {
    let load = Load::default();
    let at = Duration::from_secs;
    assert_eq!(load.latency(at(0)), None);
    load.measured(Duration::from_millis(1), at(1));
    load.measured(Duration::from_millis(500), at(2));
    assert!((load.latency(at(2)).unwrap() - 0.5).abs() < 1e-6);
    load.measured(Duration::from_millis(1), at(3));
    assert!(load.latency(at(3)).unwrap() > 0.4);
    assert!(load.latency(at(13)).unwrap() < 0.2);
    assert_eq!(load.latency(at(60)), None);
}

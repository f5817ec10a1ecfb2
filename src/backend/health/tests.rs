//! Suspicion, breakers and lag, on a clock of their own.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::backend::Flavor;
use crate::backend::gtid::Position;

const MS: Duration = Duration::from_millis(1);

fn even(interval: u32, answers: u32) -> (Suspicion, Duration) {
    let mut suspicion = Suspicion::new(MS * interval, Duration::ZERO);
    let mut now = Duration::ZERO;
    for _ in 0..answers {
        suspicion.answered(now);
        now += MS * interval;
    }
    (suspicion, now)
}

#[test]
fn silence_becomes_a_fault_where_phi_reaches_its_threshold() {
    let (suspicion, _) = even(500, 50);
    let patience = suspicion.patience();
    assert!((900..1500).contains(&patience.as_millis()), "{patience:?}");
    assert!((suspicion.phi(patience) - 8.0).abs() < 0.1);
    assert!(suspicion.phi(MS * 500) < 1.0);
    assert!(suspicion.phi(patience * 2) > 8.0);
}

#[test]
fn answers_that_come_unevenly_are_waited_for_longer() {
    let mut uneven = Suspicion::new(MS * 500, Duration::ZERO);
    let mut now = Duration::ZERO;
    for turn in 0..50 {
        uneven.answered(now);
        now += MS * if turn % 2 == 0 { 100 } else { 2000 };
    }
    assert!(uneven.patience() > even(500, 50).0.patience() * 3);
}

#[test]
fn no_silence_is_a_fault_that_is_shorter_than_the_least() {
    for (least, answers, expected) in [
        (0, 50, 240..=241),
        (100, 50, 240..=241),
        (1000, 50, 1000..=1000),
        (1000, 0, 1000..=1000),
        (3000, 2, 3000..=3000),
    ] {
        let mut suspicion = Suspicion::new(MS * 100, MS * least);
        for answer in 0..answers {
            suspicion.answered(MS * 100 * answer);
        }
        let patience = suspicion.patience();
        assert!(
            expected.contains(&patience.as_millis()),
            "{least}: {patience:?}"
        );
        assert!((suspicion.phi(patience) - 8.0).abs() < 0.1);
    }
    // Answers that come late make the wait longer than the least.
    let mut late = Suspicion::new(MS * 100, MS * 1000);
    (0..50).for_each(|answer| late.answered(MS * 1500 * answer));
    assert!(late.patience() > MS * 1500);
}

proptest! {
    #[test]
    fn phi_only_grows(interval in 10u32..5000, answers in 0u32..150, silences in prop::collection::vec(0u32..100_000, 2)) {
        let (suspicion, _) = even(interval, answers);
        let (short, long) = (silences[0].min(silences[1]), silences[0].max(silences[1]));
        prop_assert!(suspicion.phi(MS * short) <= suspicion.phi(MS * long));
    }
}

#[test]
fn a_breaker_opens_and_lets_one_statement_try() {
    let breaker = Breaker::default();
    let at = |millis: u32| MS * millis;
    assert!(breaker.allows(at(0)) && breaker.claim(at(0)));
    assert!(!breaker.failed(Fault::Lost, at(1)));
    assert!(!breaker.failed(Fault::Lost, at(2)));
    assert!(breaker.allows(at(3)), "two lost connections are no pattern");
    assert!(breaker.failed(Fault::Lost, at(3)));
    assert!(!breaker.allows(at(202)));
    assert!(breaker.allows(at(204)));
    assert!(breaker.claim(at(204)), "one tries");
    assert!(!breaker.claim(at(205)), "the others do not");
    assert!(
        !breaker.failed(Fault::Connect, at(210)),
        "it was open before"
    );
    assert!(!breaker.allows(at(600)), "the second opening is longer");
    assert!(breaker.claim(at(700)));
    breaker.succeeded();
    assert!(breaker.claim(at(701)) && breaker.claim(at(701)));
    assert!(
        breaker.failed(Fault::Connect, at(800)),
        "one refusal is enough"
    );
    assert!(breaker.allows(at(1001)), "the first opening again");
}

fn position(last: u64) -> Arc<Position> {
    let uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    Arc::new(Position::parse(&format!("{uuid}:1-{last}"), Flavor::MySql).unwrap())
}

#[test]
fn a_replica_is_behind_by_the_time_since_it_had_everything() {
    let mut history = History::default();
    assert_eq!(history.caught_up_at(&position(5)), None);
    for (at, last) in [(1, 10), (2, 10), (3, 10), (4, 12), (5, 20)] {
        history.note(Duration::from_secs(at), &position(last));
    }
    let caught_up = |last| history.caught_up_at(&position(last)).map(|at| at.as_secs());
    assert_eq!(caught_up(9), None);
    assert_eq!(caught_up(10), Some(3), "nothing was written until then");
    assert_eq!(caught_up(13), Some(4));
    assert_eq!(caught_up(99), Some(5));
}

proptest! {
    #[test]
    fn lag_is_never_told_too_small(
        steps in prop::collection::vec((1u64..2000, 0u64..3), 1..600),
        has in 0u64..1000,
    ) {
        let mut history = History::default();
        let (mut now, mut last) = (Duration::ZERO, 1);
        let mut written = Vec::new();
        for (pause, more) in steps {
            now += Duration::from_millis(pause);
            last += more;
            history.note(now, &position(last));
            written.push((now, last));
        }
        let has = has.max(1);
        let exact = written.iter().rev().find(|(_, last)| *last <= has).map(|(at, _)| *at);
        let told = history.caught_up_at(&position(has));
        prop_assert!(told <= exact, "{told:?} {exact:?}");
        // The latest half is exact.
        if exact.is_some_and(|at| written.iter().rev().take(100).any(|(late, _)| *late == at)) {
            prop_assert_eq!(told, exact);
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use super::*;

#[test]
fn a_time_lies_in_the_first_bucket_whose_bound_is_not_below_it() {
    let cases: [(Duration, f64); 8] = [
        (Duration::ZERO, 0.000_032),
        (Duration::from_nanos(32_000), 0.000_032),
        (Duration::from_nanos(32_001), 0.000_064),
        (Duration::from_micros(64), 0.000_064),
        (Duration::from_micros(65), 0.000_128),
        (Duration::from_millis(1), 0.001_024),
        (Duration::from_secs(67), 67.108_864),
        (Duration::from_secs(68), f64::INFINITY),
    ];
    for (took, bound) in cases {
        let histogram = Histogram::default();
        histogram.record(took);
        let times = histogram.times();
        let filled: Vec<f64> = times
            .buckets()
            .filter(|(_, count)| *count > 0)
            .map(|(bound, _)| bound)
            .collect();
        assert_eq!(filled, [bound], "{took:?}");
        assert_eq!(times.seconds(), took.as_nanos() as f64 / 1e9, "{took:?}");
    }
}

#[test]
fn the_longest_time_of_all_is_counted() {
    let histogram = Histogram::default();
    histogram.record(Duration::MAX);
    assert_eq!(histogram.times().count(), 1);
}

#[test]
fn nothing_that_threads_record_at_once_is_lost() {
    let metrics = Arc::new(Metrics::default());
    let series = metrics.schema("shop");
    let outcome = Outcome {
        nanos: 100_000,
        rows: 2,
        changed: 3,
        failed: true,
    };
    let threads: Vec<_> = (0..32)
        .map(|_| {
            let (metrics, series) = (Arc::clone(&metrics), Arc::clone(&series));
            std::thread::spawn(move || {
                for _ in 0..1000 {
                    series.record(Verb::Update, Stripe::own(), &outcome);
                    metrics.accepted.count();
                    metrics.count_error(1062);
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|t| t.join().expect("no panic"));
    let all: Vec<_> = series
        .verbs()
        .filter(|(_, t)| t.times.count() > 0)
        .collect();
    let [(Verb::Update, totals)] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert_eq!(totals.times.count(), 32_000);
    assert_eq!(
        (totals.rows, totals.changed, totals.failed),
        (64_000, 96_000, 32_000)
    );
    assert_eq!(metrics.accepted.total(), 32_000);
    assert_eq!(metrics.errors(), [(1062, 32_000)]);
}

#[test]
fn errors_have_a_bounded_number_of_codes() {
    let metrics = Metrics::default();
    for code in 1..=2000 {
        metrics.count_error(code);
    }
    let errors = metrics.errors();
    assert!(errors.len() <= 501, "{}", errors.len());
    assert_eq!(errors.iter().map(|(_, count)| count).sum::<u64>(), 2000);
}

#[test]
fn a_series_is_the_same_for_everybody_who_asks_by_its_name() {
    let metrics = Metrics::default();
    assert!(Arc::ptr_eq(&metrics.schema("a"), &metrics.schema("a")));
    assert!(!Arc::ptr_eq(&metrics.schema("a"), &metrics.schema("b")));
    let shard = || metrics.shard("a", "x/y");
    assert!(Arc::ptr_eq(&shard(), &shard()));
    assert_eq!(metrics.shards().len(), 1);
}

#[test]
fn a_quantile_lies_between_the_bounds_of_its_bucket() {
    let histogram = Histogram::default();
    assert_eq!(histogram.times().quantile(0.95), 0.0);
    (0..100).for_each(|_| histogram.record(Duration::from_micros(50)));
    let times = histogram.times();
    let half = times.quantile(0.5);
    assert!((half - 0.000_048).abs() < 1e-9, "{half}");
    assert!((times.quantile(1.0) - 0.000_064).abs() < 1e-9);
    (0..100).for_each(|_| histogram.record(Duration::from_secs(1000)));
    assert_eq!(histogram.times().quantile(0.95), 67.108_864);
}

fn about(text: &str) -> (String, DigestOf) {
    let of = DigestOf {
        schema: "shop".to_owned(),
        text: text.to_owned(),
    };
    (text.len().to_string(), of)
}

#[test]
fn digests_in_use_are_kept_and_the_others_make_room() {
    let digests = Digests::new(4);
    let took = |nanos| Outcome {
        nanos,
        ..Outcome::default()
    };
    let used = digests.series(0, || about("used"));
    for hash in 1..4 {
        let series = digests.series(hash, || about("unused"));
        series.record(Stripe::own(), &took(hash as u64), 1);
    }
    used.record(Stripe::own(), &took(0), 2);
    let new = digests.series(9, || about("new"));
    new.record(Stripe::own(), &took(5), 1);
    let left = digests.slowest(10);
    let left: Vec<(&str, u64)> = left
        .iter()
        .map(|(series, totals)| (series.of.text.as_str(), totals.max))
        .collect();
    assert_eq!(left, [("new", 5), ("unused", 3), ("used", 0)]);
    // All are in use: what comes counts together.
    let more: Vec<_> = (10..12)
        .map(|hash| digests.series(hash, || about("more")))
        .collect();
    let rest = digests.series(12, || about("rest"));
    rest.record(Stripe::own(), &took(100), 1);
    assert_eq!((rest.of.text.as_str(), more.len()), ("", 2));
    let first = digests.slowest(1);
    assert_eq!(first[0].1.max, 100);
}

#[test]
fn a_long_digest_is_cut_between_characters() {
    let digests = Digests::default();
    let text = "ü".repeat(5000);
    let series = digests.series(1, || about(&text));
    assert_eq!(series.of.text.chars().count(), 1025);
    assert!(series.of.text.ends_with('…'));
}

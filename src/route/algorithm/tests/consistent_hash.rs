//! The ring: what it must never change, what a further place moves, and how even it is.

use xxhash_rust::xxh64::xxh64;

use super::*;

fn ring(params: &str, places: usize) -> Box<dyn Algorithm> {
    build(&spec("consistent_hash", params), places, &[INTEGER]).unwrap()
}

fn place(ring: &dyn Algorithm, key: i128) -> usize {
    ring.place(&[KeyValue::Int(key)]).unwrap()
}

fn shares(ring: &dyn Algorithm, places: usize) -> Vec<f64> {
    let mut counts = vec![0; places];
    (0..100_000).for_each(|key| counts[place(ring, key)] += 1);
    counts.iter().map(|n| f64::from(*n) / 100_000.0).collect()
}

/// Rows lie where these numbers say: they must never change.
#[test]
fn the_ring_places_keys_where_it_always_did() {
    let ten = ring("", 10);
    let places: Vec<usize> = (0..16).map(|key| place(&*ten, key)).collect();
    assert_eq!(places, [5, 5, 0, 7, 1, 9, 1, 1, 6, 0, 9, 1, 0, 0, 3, 4]);
    let key = |bytes: &'static [u8]| {
        let key = [text(bytes), KeyValue::Int(7)];
        (ten.place(&key[..1]).unwrap(), ten.place(&key).unwrap())
    };
    assert_eq!(
        [key(b""), key(b"abc"), key(b"eu")],
        [(0, 1), (3, 2), (0, 8)]
    );
}

#[test]
fn a_fifth_place_takes_its_share_and_moves_nothing_between_the_others() {
    let (four, five) = (ring("", 4), ring("", 5));
    let mut moved = 0;
    for key in 0..100_000 {
        let (before, after) = (place(&*four, key), place(&*five, key));
        if before != after {
            assert_eq!(after, 4, "key {key} moved between old places");
            moved += 1;
        }
    }
    assert!((18_000..22_000).contains(&moved), "{moved}");
}

#[test]
fn weights_are_shares_of_the_keys() {
    let shares = shares(&*ring("weights = [1, 1, 2, 0]", 4), 4);
    for (share, expected) in shares.iter().zip([0.25, 0.25, 0.5, 0.0]) {
        assert!((share - expected).abs() < 0.05, "{shares:?}");
    }
}

/// The ring as the module's documentation describes it, searched from its beginning.
#[test]
fn a_key_belongs_to_the_first_point_behind_its_hash() {
    for (nodes, places) in [(1, 1), (1, 3), (7, 5), (160, 4)] {
        let ring = ring(&format!("virtual_nodes = {nodes}"), places);
        let mut points = Vec::new();
        for owner in 0..places as u32 {
            points.extend((0..nodes).map(|number: u32| {
                let bytes = [owner.to_le_bytes(), number.to_le_bytes()].concat();
                (xxh64(&bytes, 1), owner)
            }));
        }
        points.sort_unstable();
        for key in 0..2_000_i64 {
            let hash = xxh64(&key.to_le_bytes(), 0);
            let behind = points.iter().find(|(at, _)| *at >= hash);
            let (_, expected) = behind.unwrap_or(&points[0]);
            assert_eq!(place(&*ring, key.into()), *expected as usize);
        }
    }
}

#[test]
fn a_wrong_ring_is_refused() {
    let table = [
        (
            "virtual_nodes = 0",
            "virtual_nodes cannot be 0: from 1 to 10000",
        ),
        (
            "virtual_nodes = \"many\"",
            "virtual_nodes cannot be \"many\": from 1 to 10000",
        ),
        (
            "weights = 3",
            "weights is no list: write weights = [1, 1, 2]",
        ),
        (
            "weights = [1, 1]",
            "2 weights for 3 places: write one for each",
        ),
        (
            "weights = [1, 1, -1]",
            "a weight cannot be -1: from 0 to 1000",
        ),
        (
            "weights = [0, 0, 0]",
            "one of the weights must be more than 0",
        ),
        (
            "virtual_nodes = 10000\nweights = [1000, 0, 0]",
            "virtual_nodes times weights is more than 4000000 points",
        ),
    ];
    refused("consistent_hash", 3, &INTEGER, &table);
}

#[test]
fn places_of_one_weight_have_nearly_equal_shares() {
    for (places, most_off) in [(2, 0.1), (4, 0.1), (8, 0.1), (16, 0.125), (64, 0.125)] {
        let shares = shares(&*ring("", places), places);
        let fair = 1.0 / places as f64;
        let even = shares
            .iter()
            .all(|share| (share / fair - 1.0).abs() <= most_off);
        assert!(even, "{places} places: {shares:?}");
    }
}

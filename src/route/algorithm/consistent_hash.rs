//! `consistent_hash`: a ring of hashes on which every place has many points; a key belongs to the
//! first point at or behind its own hash.
//!
//! The points of a place depend on its number alone, so a further place at the end of the list
//! takes keys from the others and moves none between them. Point `v` of place `p` is the xxh64,
//! with seed 1, of `p` and `v` as 4 bytes little endian each; a key's hash is that of `hash_mod`.
//! Where two points have one hash, the lower place counts. All of this is fixed forever.

use xxhash_rust::xxh64::xxh64;

use super::hash_mod::hash;
use super::{Algorithm, AlgorithmError, Setting, params};
use crate::value::KeyValue;

/// Spreads any key type evenly, or by weights; a further place moves only the keys that it takes.
#[derive(Debug)]
pub struct ConsistentHash {
    /// The points, ascending.
    points: Vec<Point>,
    /// By the highest bits of a hash: the first point at or behind the least such hash.
    index: Vec<u32>,
    /// How far a hash is shifted to give a position in `index`.
    shift: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    hash: u64,
    place: u32,
}

impl ConsistentHash {
    const NAME: &'static str = "consistent_hash";
    /// Up to 64 places then have their fair share to within an eighth, up to 8 to within a tenth.
    const DEFAULT_NODES: usize = 512;
    /// Keeps a ring's memory below some 100 MB.
    const MOST_POINTS: usize = 4_000_000;
    /// Keys do not share a hash with points by construction: small integers would.
    const SEED: u64 = 1;

    /// Takes `virtual_nodes`, the points of a place of weight 1, and `weights`, one per place.
    ///
    /// # Errors
    /// A parameter is unknown or wrong.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        params::only(Self::NAME, setting.params, &["virtual_nodes", "weights"])?;
        let nodes = match setting.params.get("virtual_nodes") {
            None => Self::DEFAULT_NODES,
            Some(nodes) => params::number(Self::NAME, "virtual_nodes", nodes, 1..=10_000)?,
        };
        let weights = Self::weights(&setting)?;
        let count = weights.iter().sum::<usize>().saturating_mul(nodes);
        if count == 0 || count > Self::MOST_POINTS {
            let most = Self::MOST_POINTS;
            let reason = match count {
                0 => "one of the weights must be more than 0".to_owned(),
                _ => format!("virtual_nodes times weights is more than {most} points"),
            };
            return Err(params::wrong(Self::NAME, reason));
        }
        Ok(Box::new(Self::ring(nodes, &weights)))
    }

    fn weights(setting: &Setting<'_>) -> Result<Vec<usize>, AlgorithmError> {
        let places = setting.places;
        let Some(written) = setting.params.get("weights") else {
            return Ok(vec![1; places]);
        };
        let weights = params::list(Self::NAME, "weights", written, "weights = [1, 1, 2]")?;
        if weights.len() != places {
            let count = weights.len();
            let reason = format!("{count} weights for {places} places: write one for each");
            return Err(params::wrong(Self::NAME, reason));
        }
        let weights = weights.iter();
        weights
            .map(|weight| params::number(Self::NAME, "a weight", weight, 0..=1000))
            .collect()
    }

    fn ring(nodes: usize, weights: &[usize]) -> Self {
        let mut points = Vec::new();
        for (place, weight) in (0_u32..).zip(weights) {
            let numbers = (0_u32..).take(nodes * weight);
            points.extend(numbers.map(|number| Point::new(place, number)));
        }
        points.sort_unstable();
        // Two positions for each point: few hashes need more than one comparison.
        let bits = (points.len() * 2).next_power_of_two().ilog2();
        let shift = u64::BITS - bits;
        let mut at = 0;
        let index = (0..1_u64 << bits).map(|high| {
            let behind = points.iter().skip(at);
            at += behind.take_while(|p| p.hash >> shift < high).count();
            at as u32
        });
        let index = index.collect();
        Self {
            points,
            index,
            shift,
        }
    }
}

impl Point {
    fn new(place: u32, number: u32) -> Self {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&place.to_le_bytes());
        bytes[4..].copy_from_slice(&number.to_le_bytes());
        Self {
            hash: xxh64(&bytes, ConsistentHash::SEED),
            place,
        }
    }
}

impl Algorithm for ConsistentHash {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let hash = hash(key);
        let first = self.index.get((hash >> self.shift) as usize);
        let behind = first.and_then(|first| self.points.get(*first as usize..));
        let found = behind.and_then(|points| points.iter().find(|point| point.hash >= hash));
        // Behind the last point the ring begins again.
        match found.or(self.points.first()) {
            Some(point) => Ok(point.place as usize),
            None => Err(AlgorithmError::NoPlace {
                algorithm: Self::NAME,
            }),
        }
    }
}

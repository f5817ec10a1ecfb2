//! `mycat_murmur`: a ring of virtual nodes (`PartitionByMurmurHash`).
//!
//! The n-th node of a shard is the hash of `SHARD-<shard>-NODE-0-NODE-1…-NODE-<n>`: Mycat's
//! text grows from node to node.

use std::collections::BTreeMap;

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::murmur_hash::Murmur;
use super::{map, text};
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_murmur";

/// As in Mycat, if the parameter is not given.
const DEFAULT_TIMES: i64 = 160;
/// Most nodes of one ring.
const MOST_NODES: i64 = 1_000_000;

#[derive(Debug)]
struct MurmurRing {
    seed: i32,
    /// Hashes, ascending, each with its place.
    ring: Vec<(i32, usize)>,
    spelling: Spelling,
}

/// Takes `count` (without it, the number of shards), `seed` (0), `virtual_bucket_times` (160) and
/// `weight_map`: the text of Mycat's weight file, lines `shard=weight`; a shard that is not in it
/// has weight 1.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["count", "seed", "virtual_bucket_times", "weight_map"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let count = arguments.count("count", setting.places)?;
    let seed = i32::try_from(arguments.whole("seed")?.unwrap_or(0))
        .map_err(|_| arguments.refused("seed", "must be a number of 32 bits"))?;
    let times = arguments
        .whole("virtual_bucket_times")?
        .unwrap_or(DEFAULT_TIMES);
    if times < 1 {
        return Err(arguments.refused("virtual_bucket_times", "must be 1 or more"));
    }
    let weights = weights(&arguments, count)?;
    let nodes: Option<Vec<i64>> = weights.iter().map(|w| w.checked_mul(times)).collect();
    let nodes = nodes.filter(|nodes| {
        let total = nodes.iter().try_fold(0i64, |sum, n| sum.checked_add(*n));
        total.is_some_and(|total| total <= MOST_NODES)
    });
    let nodes = nodes.ok_or_else(|| {
        let reason = format!("makes more than {MOST_NODES} virtual nodes");
        arguments.refused("virtual_bucket_times", reason)
    })?;
    let spelling = Spelling::of(NAME, &setting, Case::Matters)?;
    let ring = ring(seed, &nodes);
    Ok(Box::new(MurmurRing {
        seed,
        ring,
        spelling,
    }))
}

/// The weight of each shard. Mycat takes what is not positive as 1.
fn weights(arguments: &Arguments<'_>, count: usize) -> Result<Vec<i64>, AlgorithmError> {
    let mut weights = vec![1; count];
    for (shard, weight) in map::entries(arguments, "weight_map")? {
        let place = shard
            .parse()
            .map_err(|_| arguments.refused("weight_map", "must name shards by number"))?;
        let place = arguments.place("weight_map", place, count)?;
        if let Some(entry) = weights.get_mut(place) {
            *entry = weight.max(1);
        }
    }
    Ok(weights)
}

/// Where two nodes have one hash, the later shard has it.
fn ring(seed: i32, nodes: &[i64]) -> Vec<(i32, usize)> {
    let mut ring = BTreeMap::new();
    for (place, nodes) in nodes.iter().enumerate() {
        let mut hash = Murmur::new(seed);
        hash.push(&format!("SHARD-{place}"));
        for node in 0..*nodes {
            hash.push(&format!("-NODE-{node}"));
            ring.insert(hash.finish(), place);
        }
    }
    ring.into_iter().collect()
}

impl Algorithm for MurmurRing {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        let mut hash = Murmur::new(self.seed);
        hash.push(&text);
        let hash = hash.finish();
        let at = self.ring.partition_point(|(node, _)| *node < hash);
        let node = self.ring.get(at).or_else(|| self.ring.first());
        node.map(|(_, place)| *place)
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

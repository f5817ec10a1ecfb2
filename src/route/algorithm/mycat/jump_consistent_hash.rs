//! `mycat_jump_consistent_hash`: the jump consistent hash of the text's Java hash
//! (`PartitionByJumpConsistentHash`; `jch` in Mycat's own rule.xml).
//!
//! The jump hash: Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm" (2014).

use super::super::arguments::Arguments;
use super::super::java;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::text;
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_jump_consistent_hash";

#[derive(Debug)]
struct JumpConsistentHash {
    buckets: i64,
    spelling: Spelling,
}

/// Takes `total_buckets`; without it, the number of shards.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(NAME, setting.params, &["total_buckets"])?;
    let buckets = arguments.count("total_buckets", setting.places)?;
    Ok(Box::new(JumpConsistentHash {
        buckets: buckets as i64,
        spelling: Spelling::of(NAME, &setting, Case::Matters)?,
    }))
}

impl Algorithm for JumpConsistentHash {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        Ok(jump(i64::from(java::string_hash(&text)), self.buckets))
    }
}

fn jump(key: i64, buckets: i64) -> usize {
    let mut state = key as u64;
    let (mut bucket, mut next) = (0, 0);
    while next < buckets {
        bucket = next;
        state = state
            .wrapping_mul(2_862_933_555_777_941_757)
            .wrapping_add(1);
        let step = (1u64 << 31) as f64 / ((state >> 33) + 1) as f64;
        next = ((bucket + 1) as f64 * step) as i64;
    }
    bucket as usize
}

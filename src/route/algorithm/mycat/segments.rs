//! Mycat's 1024 segments, dealt out to the partitions in blocks (`PartitionUtil`).

use super::super::arguments::Arguments;
use super::super::{AlgorithmError, Setting};

const SEGMENTS: usize = 1024;

/// The place of each segment.
#[derive(Debug)]
pub(super) struct Segments(Vec<usize>);

impl Segments {
    /// `partition_count` and `partition_length`: so many partitions of such a length; together
    /// they take all segments.
    pub(super) fn read(
        arguments: &Arguments<'_>,
        setting: &Setting<'_>,
    ) -> Result<Self, AlgorithmError> {
        let param = "partition_length";
        let counts = arguments.needed("partition_count", arguments.wholes("partition_count")?)?;
        let lengths = arguments.needed(param, arguments.wholes(param)?)?;
        if counts.len() != lengths.len() {
            return Err(arguments.refused(param, "needs as many numbers as partition_count"));
        }
        let positive = |n: &i64| {
            usize::try_from(*n)
                .ok()
                .filter(|n| (1..=SEGMENTS).contains(n))
        };
        let mut segments = Vec::with_capacity(SEGMENTS);
        let mut place = 0;
        for (count, length) in counts.iter().zip(&lengths) {
            let (Some(count), Some(length)) = (positive(count), positive(length)) else {
                return Err(arguments.refused(param, "and partition_count must be 1 to 1024"));
            };
            for _ in 0..count {
                segments.extend(std::iter::repeat_n(place, length));
                place += 1;
            }
        }
        if segments.len() != SEGMENTS {
            let reason = "times partition_count must come to 1024 in all";
            return Err(arguments.refused(param, reason));
        }
        arguments.enough("partition_count", place, setting.places)?;
        Ok(Self(segments))
    }

    /// The place of a hash.
    pub(super) fn place(&self, hash: i64) -> Option<usize> {
        self.0.get(hash as usize % SEGMENTS).copied()
    }
}

//! Numbers from blocks that are this proxy's alone.
//!
//! Ids of one statement follow each other, so they come from one block: what is left of a block that
//! is too small for a statement is given up.

use std::ops::Range;

/// The block in use, and the one behind it.
#[derive(Debug, Default)]
pub struct Segment {
    current: Range<u64>,
    next: Option<Range<u64>>,
}

impl Segment {
    /// The first of `count` ids that follow each other; `None`: a block must be fetched.
    pub fn take(&mut self, count: u64) -> Option<u64> {
        if length(&self.current) < count {
            let next = self.next.take_if(|next| length(next) >= count);
            self.current = next?;
        }
        let first = self.current.start;
        self.current.start += count;
        Some(first)
    }

    /// Whether it is time to fetch the next block, of `block` numbers: half of the one in use is gone.
    pub fn is_low(&self, block: u64) -> bool {
        self.next.is_none() && length(&self.current) <= block / 2
    }

    /// Takes a block over.
    pub fn add(&mut self, block: Range<u64>) {
        if self.current.is_empty() {
            self.current = block;
        } else if self
            .next
            .as_ref()
            .is_none_or(|next| length(next) < length(&block))
        {
            self.next = Some(block);
        }
    }
}

fn length(block: &Range<u64>) -> u64 {
    block.end.saturating_sub(block.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn the_next_block_is_wanted_when_half_is_gone() {
        let mut segment = Segment::default();
        assert!(segment.is_low(10));
        assert_eq!(segment.take(1), None);
        segment.add(1..11);
        assert!(!segment.is_low(10));
        assert_eq!(segment.take(4), Some(1));
        assert!(!segment.is_low(10));
        assert_eq!(segment.take(1), Some(5));
        assert!(segment.is_low(10));
        segment.add(31..41);
        assert!(!segment.is_low(10));
        assert_eq!(segment.take(5), Some(6));
        assert_eq!(segment.take(1), Some(31));
        assert!(!segment.is_low(10));
    }

    #[test]
    fn ids_of_one_statement_come_from_one_block() {
        let mut segment = Segment::default();
        segment.add(1..11);
        assert_eq!(segment.take(8), Some(1));
        segment.add(51..61);
        assert_eq!(segment.take(3), Some(51));
        // The statement is larger than any block: what is there stays for others.
        assert_eq!(segment.take(30), None);
        segment.add(100..130);
        assert_eq!(segment.take(30), Some(100));
        assert_eq!(segment.take(1), None);
    }

    proptest! {
        #[test]
        fn no_number_is_given_twice_and_none_is_made_up(
            takes in prop::collection::vec((1_u64..40, any::<bool>()), 1..300)
        ) {
            let mut segment = Segment::default();
            let (mut end, mut given) = (1, HashSet::new());
            for (count, ahead) in takes {
                if ahead && segment.is_low(20) {
                    segment.add(end..end + 20);
                    end += 20;
                }
                let first = match segment.take(count) {
                    Some(first) => first,
                    None => {
                        let size = count.max(20);
                        segment.add(end..end + size);
                        end += size;
                        let first = segment.take(count);
                        prop_assert!(first.is_some());
                        first.unwrap()
                    }
                };
                prop_assert!(first + count <= end);
                prop_assert!((first..first + count).all(|id| given.insert(id)));
            }
        }
    }
}

//! MySQL's GTIDs: `source[:tag]:number`, in sets of intervals.
//!
//! Source: <https://dev.mysql.com/doc/refman/9.4/en/replication-gtids-concepts.html>.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::NotGtids;

/// A set of transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GtidSet(BTreeMap<Source, Vec<Interval>>);

/// Who numbered a transaction: a server's UUID and a tag, which is empty for most.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Source {
    uuid: u128,
    tag: String,
}

/// Transactions from the first to the last, both included. Those of a source are in order and do
/// not touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    first: u64,
    last: u64,
}

impl GtidSet {
    /// Whether there is no transaction in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every transaction of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(source, theirs)| {
            let Some(mine) = self.0.get(source) else {
                return false;
            };
            theirs.iter().all(|wanted| {
                let at = mine.partition_point(|interval| interval.last < wanted.first);
                let found = mine.get(at);
                found.is_some_and(|i| i.first <= wanted.first && wanted.last <= i.last)
            })
        })
    }

    /// Takes over the transactions of `other`.
    pub fn add(&mut self, other: &Self) {
        for (source, intervals) in &other.0 {
            for interval in intervals {
                self.insert(source, *interval);
            }
        }
    }

    fn insert(&mut self, source: &Source, new: Interval) {
        let Some(known) = self.0.get_mut(source) else {
            self.0.insert(source.clone(), vec![new]);
            return;
        };
        // Those that the new one overlaps with or touches become one with it.
        let from = known.partition_point(|i| i.last.saturating_add(1) < new.first);
        let behind = known.partition_point(|i| i.first <= new.last.saturating_add(1));
        let touched = known.get(from..behind).unwrap_or_default();
        let whole = Interval {
            first: touched
                .first()
                .map_or(new.first, |i| i.first.min(new.first)),
            last: touched.last().map_or(new.last, |i| i.last.max(new.last)),
        };
        known.splice(from..behind.max(from), [whole]);
    }

    /// Leaves at most `most` intervals to each source, by filling the first gaps.
    pub fn widen(&mut self, most: usize) {
        for intervals in self.0.values_mut() {
            let surplus = intervals.len().saturating_sub(most.max(1));
            if surplus > 0
                && let (Some(first), Some(last)) =
                    (intervals.first().copied(), intervals.get(surplus).copied())
            {
                let whole = Interval {
                    first: first.first,
                    last: last.last,
                };
                intervals.splice(..=surplus, [whole]);
            }
        }
    }
}

impl FromStr for GtidSet {
    type Err = NotGtids;

    fn from_str(text: &str) -> Result<Self, NotGtids> {
        let wrong = || NotGtids(text.to_owned());
        let mut set = Self::default();
        let parts = text.split(',').map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            let mut pieces = part.split(':').map(str::trim);
            let uuid = pieces.next().and_then(parse_uuid).ok_or_else(wrong)?;
            let mut source = Source {
                uuid,
                tag: String::new(),
            };
            for piece in pieces {
                if is_tag(piece) {
                    source.tag = piece.to_ascii_lowercase();
                } else {
                    let interval = parse_interval(piece).ok_or_else(wrong)?;
                    set.insert(&source, interval);
                }
            }
        }
        Ok(set)
    }
}

fn parse_uuid(text: &str) -> Option<u128> {
    const DIGITS: usize = 32;
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let plain = digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_hexdigit());
    u128::from_str_radix(&digits, 16).ok().filter(|_| plain)
}

/// A tag begins with a letter or an underscore, an interval with a digit.
fn is_tag(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn parse_interval(text: &str) -> Option<Interval> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let interval = Interval {
        first: first.trim().parse().ok()?,
        last: last.trim().parse().ok()?,
    };
    (0 < interval.first && interval.first <= interval.last).then_some(interval)
}

impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (source, intervals)) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            source.fmt(f)?;
            for Interval { first, last } in intervals {
                match first == last {
                    true => write!(f, ":{first}")?,
                    false => write!(f, ":{first}-{last}")?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.uuid);
        let group = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        write!(
            f,
            "{}-{}-{}-{}-{}",
            group(0, 8),
            group(8, 12),
            group(12, 16),
            group(16, 20),
            group(20, 32)
        )?;
        match self.tag.is_empty() {
            true => Ok(()),
            false => write!(f, ":{}", self.tag),
        }
    }
}

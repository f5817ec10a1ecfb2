//! Aggregates: what each part of a group says → what the whole group says.

use std::cmp::Ordering;
use std::collections::HashSet;

use bytes::Bytes;

use super::budget::Meter;
use super::compare::{Columns, Comparator, Key, Keyed, put_canonical};
use super::error::{MergeError, Result};
use super::number::Number;
use super::row::{Layout, Span};
use super::spec::{Aggregate, Function, Operand};
use super::total::{Total, WORD_DIGITS, check_summable};
use super::value::{Decoder, Kind};

/// How one column of a group is made.
#[derive(Debug)]
pub struct Plan {
    /// The column.
    pub target: Decoder,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Count,
    Sum {
        value: Decoder,
    },
    Average {
        sum: Decoder,
        count: Decoder,
    },
    Extreme {
        comparator: Comparator,
        /// The order of a better value than the best one so far.
        better: Ordering,
        /// The columns that are the winner's.
        carried: Vec<usize>,
    },
    Bits(fn(u64, u64) -> u64, u64),
    Distinct {
        comparator: Comparator,
        /// What is summed up of the values.
        value: Option<Decoder>,
        average: bool,
    },
}

/// What is known of one aggregate of one group.
#[derive(Debug)]
pub enum State {
    /// A count.
    Count(i128),
    /// A sum and, for averages, a count.
    Total(Total, i128),
    /// The part with the best value.
    Extreme(Option<Keyed>),
    /// Bits.
    Bits(u64),
    /// Distinct values, and their sum.
    Distinct(HashSet<Box<[u8]>>, Total),
}

impl Plan {
    /// How this aggregate is merged.
    ///
    /// # Errors
    /// Its type or its hidden columns do not allow it.
    pub fn new(aggregate: &Aggregate, columns: &Columns) -> Result<Self> {
        let target = columns.decoder(aggregate.column)?;
        let step = match &aggregate.function {
            Function::Count => integer(target, Step::Count)?,
            Function::BitAnd => integer(target, Step::Bits(|a, b| a & b, u64::MAX))?,
            Function::BitOr => integer(target, Step::Bits(|a, b| a | b, 0))?,
            Function::BitXor => integer(target, Step::Bits(|a, b| a ^ b, 0))?,
            Function::Sum { exact } => {
                let value = columns.decoder(exact.unwrap_or(aggregate.column))?;
                check_summable(value)?;
                same_number(value, target)?;
                Step::Sum { value }
            }
            Function::Avg { sum, count } => {
                let (sum, count) = (columns.decoder(*sum)?, columns.decoder(*count)?);
                check_summable(sum)?;
                same_number(sum, target)?;
                integer(count, Step::Average { sum, count })?
            }
            Function::Min(operand) => extreme(operand, columns, Ordering::Less)?,
            Function::Max(operand) => extreme(operand, columns, Ordering::Greater)?,
            Function::CountDistinct(operands) => integer(
                target,
                Step::Distinct {
                    comparator: Comparator::grouped(operands, columns)?,
                    value: None,
                    average: false,
                },
            )?,
            Function::SumDistinct(operand) => distinct(operand, columns, target, false)?,
            Function::AvgDistinct(operand) => distinct(operand, columns, target, true)?,
        };
        Ok(Self { target, step })
    }

    /// The columns that come from the same part as the value.
    pub fn carried(&self) -> &[usize] {
        match &self.step {
            Step::Extreme { carried, .. } => carried,
            _ => &[],
        }
    }

    /// Of a group without parts.
    pub fn start(&self) -> State {
        match self.step {
            Step::Count => State::Count(0),
            Step::Sum { .. } | Step::Average { .. } => State::Total(Total::None, 0),
            Step::Extreme { .. } => State::Extreme(None),
            Step::Bits(_, start) => State::Bits(start),
            Step::Distinct { .. } => State::Distinct(HashSet::new(), Total::None),
        }
    }

    /// Takes a part's row, whose values `spans` tells.
    ///
    /// # Errors
    /// The row is malformed, a sum is too large, or distinct values are beyond the budget.
    pub fn add(
        &self,
        state: &mut State,
        part: (&Bytes, &[Span]),
        work: &mut Work<'_>,
    ) -> Result<()> {
        let (row, spans) = part;
        let value = |decoder: Decoder| spans.get(decoder.column).and_then(|span| span.value(row));
        match (&self.step, state) {
            (Step::Count, State::Count(sum)) => {
                if let Some(bytes) = value(self.target) {
                    *sum += self.target.integer(bytes)?;
                }
            }
            (Step::Sum { value: source }, State::Total(total, _)) => {
                if let Some(bytes) = value(*source) {
                    total.add(*source, bytes)?;
                }
            }
            (Step::Average { sum, count }, State::Total(total, counted)) => {
                if let Some(bytes) = value(*sum) {
                    total.add(*sum, bytes)?;
                }
                if let Some(bytes) = value(*count) {
                    *counted += count.integer(bytes)?;
                }
            }
            (Step::Bits(combine, _), State::Bits(bits)) => {
                if let Some(bytes) = value(self.target) {
                    *bits = combine(*bits, self.target.integer(bytes)? as u64);
                }
            }
            (Step::Extreme { .. }, State::Extreme(best)) => self.compete(best, row, work)?,
            (Step::Distinct { value: source, .. }, State::Distinct(seen, total)) => {
                if self.is_new(seen, row, work)?
                    && let Some(source) = source
                    && let Some(bytes) = value(*source)
                {
                    total.add(*source, bytes)?;
                }
            }
            // A state is made by `start` of the same plan.
            _ => {}
        }
        Ok(())
    }

    fn compete(&self, best: &mut Option<Keyed>, row: &Bytes, work: &mut Work<'_>) -> Result<()> {
        let Step::Extreme {
            comparator, better, ..
        } = &self.step
        else {
            return Ok(());
        };
        let keys = comparator.keys(work.layout, row, &mut work.spans)?;
        if matches!(keys.first(), None | Some(Key::Null)) {
            return Ok(());
        }
        let challenger = Keyed {
            row: row.clone(),
            keys,
        };
        let wins = match best {
            None => true,
            Some(best) => comparator.compare(&challenger, best) == *better,
        };
        if wins {
            let held = best.as_ref().map_or(0, |best| best.row.len());
            work.meter.exchange(held, row.len())?;
            *best = Some(Keyed {
                row: Bytes::copy_from_slice(row),
                keys: challenger.keys,
            });
        }
        Ok(())
    }

    /// Whether a part has values that are not NULL and were not there before.
    fn is_new(
        &self,
        seen: &mut HashSet<Box<[u8]>>,
        row: &Bytes,
        work: &mut Work<'_>,
    ) -> Result<bool> {
        let Step::Distinct { comparator, .. } = &self.step else {
            return Ok(false);
        };
        let keys = comparator.keys(work.layout, row, &mut work.spans)?;
        if keys.iter().any(|key| matches!(key, Key::Null)) {
            return Ok(false);
        }
        work.canonical.clear();
        put_canonical(&keys, row, &mut work.canonical);
        if seen.contains(work.canonical.as_slice()) {
            return Ok(false);
        }
        work.meter.hold(work.canonical.len())?;
        seen.insert(work.canonical.as_slice().into());
        Ok(true)
    }

    /// What the whole group says; `None`: its value is the winner's.
    ///
    /// # Errors
    /// The value is too large.
    pub fn finish(&self, state: &State) -> Result<Option<Number>> {
        Ok(Some(match (&self.step, state) {
            (Step::Average { sum, .. }, State::Total(total, count)) => {
                total.average(*sum, *count, self.target)?
            }
            (Step::Sum { value }, State::Total(total, _)) => total.sum(*value, self.target),
            (_, State::Count(count)) => Number::Integer(*count),
            (_, State::Bits(bits)) => Number::Integer(i128::from(*bits)),
            (Step::Distinct { value, average, .. }, State::Distinct(seen, total)) => {
                match (value, average) {
                    (None, _) => Number::Integer(seen.len() as i128),
                    (Some(value), false) => total.sum(*value, self.target),
                    (Some(value), true) => {
                        total.average(*value, seen.len() as i128, self.target)?
                    }
                }
            }
            _ => return Ok(None),
        }))
    }
}

/// What adding a row needs besides the row.
#[derive(Debug)]
pub struct Work<'a> {
    /// Where values stand.
    pub layout: &'a Layout,
    /// What may be held.
    pub meter: &'a mut Meter,
    /// A place to work in.
    pub spans: Vec<Span>,
    /// A place to work in.
    pub canonical: Vec<u8>,
}

fn integer(target: Decoder, step: Step) -> Result<Step> {
    match target.kind {
        Kind::Signed | Kind::Unsigned => Ok(step),
        _ => Err(MergeError::Unmergeable(
            "counts or bits that are no integers",
        )),
    }
}

/// A sum of exact numbers is one, and that of others is not.
fn same_number(source: Decoder, target: Decoder) -> Result<()> {
    let exact = |kind| {
        matches!(
            kind,
            Kind::Signed | Kind::Unsigned | Kind::Bit | Kind::Decimal(_)
        )
    };
    match (source.kind, target.kind) {
        (Kind::Null, _) => Ok(()),
        (source, Kind::Decimal(_)) if exact(source) => Ok(()),
        (Kind::Double(_), Kind::Double(_) | Kind::Rounded(_)) => Ok(()),
        _ => Err(MergeError::Unmergeable("sums of this type")),
    }
}

/// Whether MySQL and MariaDB agree on averages of distinct values: MariaDB cuts the quotient off where
/// a word of digits ends, MySQL rounds it there.
fn servers_agree(target: Decoder) -> bool {
    match target.kind {
        Kind::Decimal(decimals) => !usize::from(decimals).is_multiple_of(WORD_DIGITS),
        _ => true,
    }
}

fn extreme(operand: &Operand, columns: &Columns, better: Ordering) -> Result<Step> {
    let mut carried = vec![operand.column];
    carried.extend(
        operand
            .weight
            .iter()
            .flat_map(|weight| [weight.column, weight.pad]),
    );
    carried.extend(operand.number);
    Ok(Step::Extreme {
        comparator: Comparator::extreme(operand, columns)?,
        better,
        carried,
    })
}

fn distinct(operand: &Operand, columns: &Columns, target: Decoder, average: bool) -> Result<Step> {
    let value = columns.decoder(operand.number.unwrap_or(operand.column))?;
    check_summable(value)?;
    same_number(value, target)?;
    if average && !servers_agree(target) {
        return Err(MergeError::Unmergeable("AVG(DISTINCT) of so many decimals"));
    }
    Ok(Step::Distinct {
        comparator: Comparator::grouped(&[*operand], columns)?,
        value: Some(value),
        average,
    })
}

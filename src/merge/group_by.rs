//! Parts of groups → groups: one at a time where the parts come in the keys' order, else all held.

use std::cmp::Ordering;
use std::collections::HashMap;

use bytes::Bytes;

use super::aggregate::{Plan, State, Work};
use super::assemble::{Assembler, NO_PART};
use super::budget::Meter;
use super::compare::{Columns, Comparator, Keyed, Keys, put_canonical};
use super::error::{MergeError, Result};
use super::having::Having;
use super::row::{Layout, Span};
use super::spec::{Budget, Function, Group, SortKey};
use super::value::Decoder;

/// A group under way.
#[derive(Debug)]
struct Building {
    /// The part that stands for the group.
    part: Bytes,
    /// Its keys in the order of arrival; none where groups are found by hash.
    keys: Keys,
    /// That part counts rows, or nothing says whether it does.
    counted: bool,
    states: Vec<State>,
}

/// GROUP BY.
#[derive(Debug)]
pub struct GroupBy {
    equality: Comparator,
    plans: Vec<Plan>,
    count: Option<Decoder>,
    /// The order of arrival, by the keys only; `None`: any.
    arrival: Option<Comparator>,
    order: Option<Comparator>,
    having: Having,
    assembler: Assembler,
    meter: Meter,
    layout: Layout,
    /// Without keys there is a group even if there are no parts.
    whole: bool,
    visible: usize,
    /// Where a group stands in `groups`, by the canonical form of its keys.
    index: HashMap<Box<[u8]>, usize>,
    /// In the order of their first parts; not more than one where they come in order.
    groups: Vec<Building>,
    finished: Option<Finished>,
    spans: Vec<Span>,
    canonical: Vec<u8>,
}

#[derive(Debug)]
enum Finished {
    Groups(std::vec::IntoIter<Building>),
    Rows(std::vec::IntoIter<Keyed>),
}

impl GroupBy {
    /// # Errors
    /// The columns' types do not allow it.
    pub fn new(
        group: &Group,
        columns: &Columns,
        layout: &Layout,
        visible: usize,
        budget: Budget,
    ) -> Result<Self> {
        let plans = group
            .aggregates
            .iter()
            .map(|aggregate| Plan::new(aggregate, columns))
            .collect::<Result<Vec<_>>>()?;
        let assembler = Assembler::new(&plans, layout.clone());
        let whole = group.keys.is_empty();
        if whole && group.count.is_none() && assembler.needs_part(visible) {
            return Err(NO_PART);
        }
        for condition in &group.having {
            check_condition(group, condition.column)?;
        }
        let count = group.count.map(|column| columns.decoder(column));
        Ok(Self {
            equality: Comparator::grouped(&group.keys, columns)?,
            count: count.transpose()?,
            arrival: in_order(group)
                .map(|keys| Comparator::ordered(keys, columns))
                .transpose()?,
            order: (!group.order.is_empty())
                .then(|| Comparator::ordered(&group.order, columns))
                .transpose()?,
            having: Having::new(&group.having, columns)?,
            assembler,
            plans,
            meter: Meter::new(budget),
            layout: layout.clone(),
            whole,
            visible,
            index: HashMap::new(),
            groups: Vec::new(),
            finished: None,
            spans: Vec::new(),
            canonical: Vec::new(),
        })
    }

    /// Takes a part, with the keys of the order that parts come in; gives the row of a group of which no part can follow.
    ///
    /// # Errors
    /// The row is malformed, parts do not come in the order that was promised, or what must be held
    /// is beyond the budget.
    pub fn take(&mut self, part: &Keyed) -> Result<Option<Bytes>> {
        let (place, complete) = match self.comes_after(part) {
            Some(order) => self.follow(order, part)?,
            None => (self.look_up(&part.row)?, None),
        };
        self.add(place, &part.row)?;
        match complete {
            Some(group) => self.row_of(&group),
            None => Ok(None),
        }
    }

    /// How the group under way is to a part that comes in order; `None` where parts come in any order.
    fn comes_after(&self, part: &Keyed) -> Option<Ordering> {
        let arrival = self.arrival.as_ref()?;
        Some(match self.groups.first() {
            None => Ordering::Less,
            Some(group) => {
                arrival.compare_keys((&group.keys, &group.part), (&part.keys, &part.row))
            }
        })
    }

    /// The place of the group of a part that comes in order, and the group before it if that is complete.
    fn follow(&mut self, order: Ordering, part: &Keyed) -> Result<(usize, Option<Building>)> {
        match order {
            Ordering::Equal => return Ok((0, None)),
            Ordering::Greater => return Err(OUT_OF_ORDER),
            Ordering::Less => {}
        }
        let complete = self.groups.pop();
        self.meter.clear();
        self.start(&part.row, part.keys.clone())?;
        Ok((0, complete))
    }

    /// The place of a row's group.
    fn look_up(&mut self, row: &Bytes) -> Result<usize> {
        let keys = self.equality.keys(&self.layout, row, &mut self.spans)?;
        self.canonical.clear();
        put_canonical(&keys, row, &mut self.canonical);
        if let Some(place) = self.index.get(self.canonical.as_slice()) {
            return Ok(*place);
        }
        let place = self.groups.len();
        self.index.insert(self.canonical.as_slice().into(), place);
        self.meter.exchange(0, self.canonical.len())?;
        self.start(row, Keys::new())?;
        Ok(place)
    }

    fn start(&mut self, row: &Bytes, keys: Keys) -> Result<()> {
        self.meter.hold(row.len())?;
        self.groups.push(Building {
            // The row is a slice of what was read at once, which it would keep alive.
            part: Bytes::copy_from_slice(row),
            keys,
            counted: false,
            states: self.plans.iter().map(Plan::start).collect(),
        });
        Ok(())
    }

    fn add(&mut self, place: usize, row: &Bytes) -> Result<()> {
        let Some(group) = self.groups.get_mut(place) else {
            return Ok(());
        };
        let mut spans = std::mem::take(&mut self.spans);
        self.layout.find(row, self.layout.columns(), &mut spans)?;
        let mut work = Work {
            layout: &self.layout,
            meter: &mut self.meter,
            spans: Vec::new(),
            canonical: std::mem::take(&mut self.canonical),
        };
        if !group.counted && self.whole {
            let counts = match self.count {
                None => true,
                Some(count) => spans
                    .get(count.column)
                    .and_then(|span| span.value(row))
                    .map(|value| count.integer(value))
                    .transpose()?
                    .is_some_and(|rows| rows > 0),
            };
            if counts {
                group.part = Bytes::copy_from_slice(row);
                group.counted = true;
            }
        }
        for (plan, state) in self.plans.iter().zip(&mut group.states) {
            plan.add(state, (row, &spans), &mut work)?;
        }
        self.canonical = work.canonical;
        self.spans = spans;
        Ok(())
    }

    /// The row of a group; `None` where HAVING leaves it out.
    fn row_of(&mut self, group: &Building) -> Result<Option<Bytes>> {
        let row = self
            .assembler
            .row(Some(&group.part), &self.plans, &group.states)?;
        Ok(self.having.holds(&self.layout, &row)?.then_some(row))
    }

    /// The next group after the last part.
    ///
    /// # Errors
    /// A value is too large for its column, or the sorted groups are beyond the budget.
    pub fn drain(&mut self) -> Result<Option<Bytes>> {
        loop {
            let group = match &mut self.finished {
                None => {
                    self.finished = Some(self.finish()?);
                    continue;
                }
                Some(Finished::Rows(rows)) => return Ok(rows.next().map(|keyed| keyed.row)),
                Some(Finished::Groups(groups)) => groups.next(),
            };
            let Some(group) = group else {
                return Ok(None);
            };
            if let Some(row) = self.row_of(&group)? {
                return Ok(Some(row));
            }
        }
    }

    fn finish(&mut self) -> Result<Finished> {
        self.index = HashMap::new();
        let groups = std::mem::take(&mut self.groups);
        if self.whole && groups.is_empty() {
            return self.nothing();
        }
        let Some(order) = self.order.take() else {
            return Ok(Finished::Groups(groups.into_iter()));
        };
        let mut rows = Vec::with_capacity(groups.len());
        for group in groups {
            if let Some(row) = self.row_of(&group)? {
                let keys = order.keys(&self.layout, &row, &mut self.spans)?;
                rows.push(Keyed { row, keys });
            }
        }
        rows.sort_by(|a, b| order.compare(a, b));
        Ok(Finished::Rows(rows.into_iter()))
    }

    /// Aggregates over no rows, of which no shard sent any.
    fn nothing(&mut self) -> Result<Finished> {
        if self.assembler.needs_part(self.visible) {
            return Err(NO_PART);
        }
        let states: Vec<State> = self.plans.iter().map(Plan::start).collect();
        let row = self.assembler.row(None, &self.plans, &states)?;
        let rows = match self.having.holds(&self.layout, &row)? {
            true => vec![Keyed {
                row,
                keys: Keys::new(),
            }],
            false => Vec::new(),
        };
        Ok(Finished::Rows(rows.into_iter()))
    }
}

const OUT_OF_ORDER: MergeError =
    MergeError::Unmergeable("strings that differ beyond max_sort_length");

/// The first keys of the order of arrival, if they are the keys of the group.
fn in_order(group: &Group) -> Option<&[SortKey]> {
    let first = group.arrival.get(..group.keys.len())?;
    let covers = group
        .keys
        .iter()
        .all(|key| first.iter().any(|sort| sort.operand.column == key.column));
    (covers && !first.is_empty() && group.order.is_empty()).then_some(first)
}

/// An average is compared before it is rounded to its column's digits.
fn check_condition(group: &Group, column: usize) -> Result<()> {
    let averages =
        |function: &Function| matches!(function, Function::Avg { .. } | Function::AvgDistinct(_));
    let average = group
        .aggregates
        .iter()
        .any(|aggregate| aggregate.column == column && averages(&aggregate.function));
    match average {
        true => Err(MergeError::Unmergeable("a condition on an average")),
        false => Ok(()),
    }
}

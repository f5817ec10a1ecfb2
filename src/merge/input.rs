//! Where rows come in: as they come, or in the order that all sources keep.

use std::collections::VecDeque;

use bytes::Bytes;

use super::compare::{Columns, Comparator, Keyed, Keys};
use super::error::{MergeError, Result};
use super::order_by::{Next, OrderBy};
use super::row::Layout;
use super::spec::SortKey;

/// The rows of all sources.
#[derive(Debug)]
pub enum Input {
    /// As they come.
    Any {
        /// Not yet given.
        rows: VecDeque<Bytes>,
        /// Per source, whether it has ended.
        ended: Vec<bool>,
        /// How many sources have not.
        live: usize,
    },
    /// In the order of every source; boxed, being larger.
    Ordered(Box<OrderBy>),
}

impl Input {
    /// Rows in any order.
    pub fn any_order(sources: usize) -> Self {
        Self::Any {
            rows: VecDeque::new(),
            ended: vec![false; sources],
            live: sources,
        }
    }

    /// Rows in this order, or in any if it has no keys.
    ///
    /// # Errors
    /// A key's type or hidden columns do not allow it.
    pub fn ordered(keys: &[SortKey], columns: &Columns, sources: usize) -> Result<Self> {
        let comparator = Comparator::ordered(keys, columns)?;
        Ok(match keys {
            [] => Self::any_order(sources),
            _ => Self::Ordered(Box::new(OrderBy::new(comparator, sources))),
        })
    }

    /// Takes a source's next row.
    ///
    /// # Errors
    /// The row is malformed, or there is no such source.
    pub fn push(&mut self, layout: &Layout, source: usize, row: Bytes) -> Result<()> {
        match self {
            Self::Any { ended, .. } if source >= ended.len() => Err(MergeError::Missing {
                what: "source",
                index: source,
                count: ended.len(),
            }),
            Self::Any { rows, .. } => {
                rows.push_back(row);
                Ok(())
            }
            Self::Ordered(order) => order.push(layout, source, row),
        }
    }

    /// A source has no more rows.
    pub fn end(&mut self, source: usize) {
        match self {
            Self::Any { ended, live, .. } => {
                if let Some(ended) = ended.get_mut(source).filter(|ended| !**ended) {
                    *ended = true;
                    *live -= 1;
                }
            }
            Self::Ordered(order) => order.end(source),
        }
    }

    /// The next row; its keys are those of the order.
    pub fn next(&mut self) -> Next {
        match self {
            Self::Any { rows, live, .. } => match rows.pop_front() {
                Some(row) => Next::Row(Keyed {
                    row,
                    keys: Keys::new(),
                }),
                None if *live > 0 => Next::NeedAny,
                None => Next::End,
            },
            Self::Ordered(order) => order.next(),
        }
    }
}

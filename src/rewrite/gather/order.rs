//! In which order the tables are filled, and which then limit which.

use super::LimitedTo;
use crate::plan::{Gather, RowsOf};
use crate::route::TableNodes;

/// The tables in the order in which they are filled.
#[derive(Clone, Debug, Default)]
pub struct Filling {
    /// The references whose rows travel.
    pub order: Vec<usize>,
    /// The columns whose values limit others: a reference and the column's name.
    pub columns: Vec<(usize, String)>,
    /// Of each reference, what limits it, by the number of such a column.
    pub limits: Vec<Vec<(usize, LimitedTo)>>,
}

impl Filling {
    /// Those first that promise the fewest rows.
    pub fn new(gather: &Gather, nodes: &[TableNodes], moved: &[bool]) -> Self {
        let promise = |at: &usize| {
            let table = gather.tables.get(*at);
            let copy = table.is_some_and(|table| table.copy_of.is_some());
            let sharded = table.is_some_and(|table| matches!(table.rows, RowsOf::Sharded { .. }));
            let asked = nodes.get(*at).map_or(0, |nodes| nodes.asked().len());
            let by_key = sharded && asked <= 1;
            let filtered = table.is_some_and(|table| !table.filters.is_empty());
            // What others limit had best come behind them.
            let limited = table.is_some_and(|table| !table.links.is_empty());
            (copy, !by_key, !filtered, sharded, limited)
        };
        let travels = |at: &usize| moved.get(*at) == Some(&true);
        let mut order: Vec<usize> = (0..gather.tables.len()).filter(travels).collect();
        order.sort_by_key(promise);
        let mut filling = Self {
            limits: vec![Vec::new(); gather.tables.len()],
            columns: Vec::new(),
            order,
        };
        filling.link(gather);
        filling
    }

    fn link(&mut self, gather: &Gather) {
        for (turn, at) in self.order.iter().enumerate() {
            let Some(table) = gather.tables.get(*at).filter(|t| t.copy_of.is_none()) else {
                continue;
            };
            for link in &table.links {
                let known = self.order.get(..turn).unwrap_or_default();
                if !known.contains(&link.other) {
                    continue;
                }
                let column = (link.other, link.other_column.clone());
                let number = self.columns.iter().position(|known| *known == column);
                let number = number.unwrap_or_else(|| {
                    self.columns.push(column);
                    self.columns.len() - 1
                });
                if let Some(limits) = self.limits.get_mut(*at) {
                    limits.push((number, LimitedTo::new(&link.column, link.form.clone())));
                }
            }
        }
    }
}

//! A scatter in words, for EXPLAIN.

use std::fmt::{Display, Formatter, Result};

use super::{Aggregate, Column, Function, Operator, Scatter, SortKey};

impl Display for Scatter {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match &self.operator {
            Operator::Concat => out.write_str("all rows as they come")?,
            Operator::Order(keys) => write!(out, "rows ordered by {}", order(keys))?,
            Operator::Distinct(distinct) => {
                out.write_str("distinct rows")?;
                if !distinct.order.is_empty() {
                    write!(out, " ordered by {}", order(&distinct.order))?;
                }
            }
            Operator::Group(group) => {
                match group.keys.as_slice() {
                    [] => out.write_str("one group")?,
                    keys => {
                        let keys = keys.iter().map(|key| key.column.to_string());
                        write!(out, "groups by {}", list(keys))?;
                    }
                }
                match group.arrival.as_slice() {
                    [] if group.keys.is_empty() => {}
                    [] => out.write_str(", all held")?,
                    arrival => write!(out, ", which come ordered by {}", order(arrival))?,
                }
                if !group.aggregates.is_empty() {
                    let aggregates = group.aggregates.iter().map(aggregate);
                    write!(out, "; {}", list(aggregates))?;
                }
                if !group.having.is_empty() {
                    write!(out, "; {} of HAVING", group.having.len())?;
                }
                if !group.order.is_empty() {
                    write!(out, "; ordered by {}", order(&group.order))?;
                }
            }
        }
        if self.limit.is_some() {
            out.write_str("; LIMIT of the whole")?;
        }
        if self.counts_all {
            out.write_str("; all rows counted")?;
        }
        if self.hidden > 0 {
            write!(out, "; {} hidden columns", self.hidden)?;
        }
        Ok(())
    }
}

impl Display for Column {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Visible(at) => write!(out, "column {}", at + 1),
            Self::Hidden(at) => write!(out, "hidden column {}", at + 1),
        }
    }
}

fn order(keys: &[SortKey<Column>]) -> String {
    list(keys.iter().map(|key| {
        let direction = if key.descending { " descending" } else { "" };
        format!("{}{direction}", key.operand.column)
    }))
}

fn aggregate(aggregate: &Aggregate<Column>) -> String {
    let name = match aggregate.function {
        Function::Count => "sum of counts",
        Function::Sum { .. } => "sum of sums",
        Function::Avg { .. } => "average of sums and counts",
        Function::Min(_) => "least",
        Function::Max(_) => "greatest",
        Function::BitAnd | Function::BitOr | Function::BitXor => "bits joined",
        Function::CountDistinct(_) => "distinct values counted",
        Function::SumDistinct(_) => "distinct values summed",
        Function::AvgDistinct(_) => "average of distinct values",
    };
    format!("{}: {name}", aggregate.column)
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

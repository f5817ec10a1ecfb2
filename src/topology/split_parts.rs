//! The tables that a split table consists of: those of the configuration, or those that the
//! servers have.

use std::collections::HashMap;

use super::DiscoveredTable;
use crate::config::{PeriodTables, SplitConfig, SplitTables, TableConfig, TableRule};

/// What was found of a schema.
#[derive(Clone, Copy, Debug)]
pub struct FoundTables<'a> {
    /// Table name as the servers spell it.
    pub tables: &'a HashMap<String, DiscoveredTable>,
    /// The schema's shards.
    pub shards: usize,
    /// Names are compared without case.
    pub fold: bool,
}

/// The tables of a split.
#[derive(Debug)]
pub(super) struct SplitParts {
    pub(super) tables: Vec<String>,
    pub(super) periods: Option<Vec<usize>>,
}

impl FoundTables<'_> {
    /// The tables of a split. A table of a period counts once every shard has it: one that only
    /// some have is being created or dropped.
    pub(super) fn parts(&self, split: &SplitConfig) -> SplitParts {
        match &split.tables {
            SplitTables::Listed(tables) => SplitParts {
                tables: tables.clone(),
                periods: None,
            },
            SplitTables::ByPeriod(tables) => {
                let (periods, tables) = self.present(tables).into_iter().unzip();
                SplitParts {
                    tables,
                    periods: Some(periods),
                }
            }
        }
    }

    /// What a configured table is called on the servers.
    pub fn names(&self, table: &TableConfig) -> Vec<String> {
        match &table.rule {
            TableRule::Sharded {
                split: Some(split), ..
            } => self.parts(split).tables,
            _ => vec![table.name.clone()],
        }
    }

    fn present(&self, tables: &PeriodTables) -> Vec<(usize, String)> {
        let everywhere = self.tables.iter();
        let everywhere = everywhere.filter(|(_, found)| found.found_on.len() == self.shards);
        tables.present(everywhere.map(|(name, _)| name.as_str()), self.fold)
    }
}

/// What the table of this name in a dump is called on the servers, if it is the configured one or
/// a part of it.
pub(super) fn names_in_dump(table: &TableConfig, name: &str) -> Option<Vec<String>> {
    let whole = table.name == name;
    let TableRule::Sharded {
        split: Some(split), ..
    } = &table.rule
    else {
        return whole.then(|| vec![name.to_owned()]);
    };
    match &split.tables {
        SplitTables::Listed(tables) => {
            let is_part = tables.iter().any(|part| part == name);
            (whole || is_part).then(|| tables.clone())
        }
        SplitTables::ByPeriod(tables) => match tables.period(name, false) {
            Some(_) => Some(vec![name.to_owned()]),
            None => whole.then(|| tables.name(0).into_iter().collect()),
        },
    }
}

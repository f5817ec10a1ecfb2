//! The column of a sharded table that the proxy gives ids.

use super::discovered::{Column, DiscoveredTable, TableDefinition};
use super::{IdKind, KeyType};
use crate::config::GenerateConfig;

/// A column that the proxy fills where an INSERT leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Its name, in lower case.
    pub column: String,
    /// What its ids are made of.
    pub kind: IdKind,
    /// What it is on the servers; `None` until it was read there.
    pub found: Option<IdColumn>,
}

/// What the servers say of a column that gets ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdColumn {
    /// The largest id that it holds.
    pub max: u64,
    /// It is AUTO_INCREMENT on every shard: the servers tell of each row which id it has.
    pub auto_increment: bool,
}

impl Generated {
    /// What is configured; what the servers have is not known yet.
    pub(super) fn new(config: &GenerateConfig) -> Self {
        Self {
            column: config.column.clone(),
            kind: config.kind,
            found: None,
        }
    }
}

impl IdColumn {
    /// What all shards have.
    ///
    /// # Errors
    /// Why the column cannot get such ids on one of them, and what to do about it.
    pub(super) fn find(config: &GenerateConfig, found: &DiscoveredTable) -> Result<Self, String> {
        let mut all = Self {
            max: u64::MAX,
            auto_increment: true,
        };
        for variant in &found.variants {
            let here = Self::of(config, &variant.definition)?;
            all.max = all.max.min(here.max);
            all.auto_increment &= here.auto_increment;
        }
        Ok(all)
    }

    fn of(config: &GenerateConfig, definition: &TableDefinition) -> Result<Self, String> {
        let columns = &definition.columns;
        let is_it = |column: &&Column| column.name.to_lowercase() == config.column;
        let Some(column) = columns.iter().find(is_it) else {
            let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
            return Err(format!(
                "there is no such column; its columns are {}",
                names.join(", ")
            ));
        };
        if column.generated {
            return Err("it is GENERATED ALWAYS; name another column".to_owned());
        }
        let mut others = columns.iter().filter(|c| c.auto_increment && !is_it(c));
        if let Some(other) = others.next() {
            let name = &other.name;
            return Err(format!(
                "column '{name}' is AUTO_INCREMENT, and every shard would count for itself; name \
                 '{name}' in `generate`, or make it a plain column"
            ));
        }
        let needs = match config.kind {
            IdKind::Snowflake => "BIGINT",
            IdKind::Segment { .. } => "an integer type",
        };
        let wrong = || {
            let (kind, found) = (config.kind.name(), &column.column_type);
            format!("it is {found}, and ids of kind \"{kind}\" need {needs}")
        };
        let Ok(KeyType::Integer { max, .. }) = column.key_type() else {
            return Err(wrong());
        };
        if config.kind == IdKind::Snowflake && max < i128::from(i64::MAX) {
            return Err(wrong());
        }
        Ok(Self {
            max: u64::try_from(max).unwrap_or(u64::MAX),
            auto_increment: column.auto_increment,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn column(name: &str, column_type: &str, auto_increment: bool) -> Column {
        let data_type = column_type.split([' ', '(']).next().unwrap_or_default();
        Column {
            name: name.to_owned(),
            data_type: data_type.to_owned(),
            column_type: column_type.to_owned(),
            auto_increment,
            ..Column::default()
        }
    }

    fn found(kind: IdKind, shards: &[&[Column]]) -> Result<IdColumn, String> {
        let config = GenerateConfig {
            column: "id".to_owned(),
            kind,
        };
        let mut table = DiscoveredTable::default();
        for (shard, columns) in shards.iter().enumerate() {
            let definition = TableDefinition {
                columns: columns.to_vec(),
                ..TableDefinition::default()
            };
            table.add(shard, Arc::new(definition));
        }
        IdColumn::find(&config, &table)
    }

    const SEGMENT: IdKind = IdKind::Segment { block: 9, start: 1 };

    #[test]
    fn the_column_holds_what_the_narrowest_shard_holds() {
        let (int, big) = (
            column("ID", "int", true),
            column("id", "bigint unsigned", false),
        );
        let of = |kind, columns: &[Column]| found(kind, &[columns]).unwrap();
        let one = of(IdKind::Snowflake, std::slice::from_ref(&big));
        assert_eq!((one.max, one.auto_increment), (u64::MAX, false));
        let one = of(SEGMENT, std::slice::from_ref(&int));
        assert_eq!((one.max, one.auto_increment), (i32::MAX as u64, true));
        let both = found(SEGMENT, &[&[int], &[big]]).unwrap();
        assert_eq!((both.max, both.auto_increment), (i32::MAX as u64, false));
    }

    #[test]
    fn what_cannot_hold_ids_is_refused_with_what_to_do() {
        let computed = Column {
            generated: true,
            ..column("id", "bigint", false)
        };
        let cases: [(IdKind, &[Column], &str); 6] = [
            (SEGMENT, &[column("a", "int", false)], "its columns are a"),
            (SEGMENT, &[computed], "GENERATED ALWAYS"),
            (
                SEGMENT,
                &[column("id", "varchar(20)", false)],
                "need an integer type",
            ),
            (
                IdKind::Snowflake,
                &[column("id", "int", true)],
                "need BIGINT",
            ),
            (
                IdKind::Snowflake,
                &[column("id", "decimal(20,0)", false)],
                "need BIGINT",
            ),
            (
                IdKind::Snowflake,
                &[column("id", "bigint", false), column("n", "int", true)],
                "column 'n' is AUTO_INCREMENT",
            ),
        ];
        for (kind, columns, expected) in cases {
            let error = found(kind, &[columns]).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}

//! The column of a sharded table that the proxy gives ids.

use super::discovered::{Column, DiscoveredTable, TableDefinition};
use super::{IdKind, KeyType};
use crate::config::GenerateConfig;
use crate::value::IdForm;

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
    /// What it holds.
    pub form: IdForm,
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
        let mut all: Option<Self> = None;
        for variant in &found.variants {
            let here = Self::of(config, &variant.definition)?;
            let Some(before) = all else {
                all = Some(here);
                continue;
            };
            all = Some(Self {
                form: same_form(before.form, here.form)?,
                auto_increment: before.auto_increment && here.auto_increment,
            });
        }
        all.ok_or_else(|| "no shard has the table".to_owned())
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
            IdKind::UuidV7 => {
                "BINARY(16), VARBINARY of 16 bytes or more, CHAR or VARCHAR of 36 characters or more, \
                 or MariaDB's UUID"
            }
        };
        let form = match config.kind {
            IdKind::UuidV7 => uuid_form(column),
            IdKind::Snowflake | IdKind::Segment { .. } => number_form(config.kind, column),
        };
        let form = form.ok_or_else(|| {
            let (kind, found) = (config.kind.name(), &column.column_type);
            format!("it is {found}, and ids of kind \"{kind}\" need {needs}")
        })?;
        Ok(Self {
            form,
            auto_increment: column.auto_increment,
        })
    }
}

/// What a column holds that numbers can be put in.
fn number_form(kind: IdKind, column: &Column) -> Option<IdForm> {
    let KeyType::Integer { max, .. } = column.key_type().ok()? else {
        return None;
    };
    let max = u64::try_from(max).unwrap_or(u64::MAX);
    let fits = kind != IdKind::Snowflake || max >= i64::MAX as u64;
    fits.then_some(IdForm::Number { max })
}

/// What a column holds that UUIDs can be put in, so that they come back as they were written.
fn uuid_form(column: &Column) -> Option<IdForm> {
    let length = || {
        let column_type = column.column_type.split(['(', ')']).nth(1)?;
        column_type.trim().parse::<u32>().ok()
    };
    let data_type = column.data_type.to_ascii_lowercase();
    match data_type.as_str() {
        "binary" => (length()? == 16).then_some(IdForm::UuidBytes),
        "varbinary" => (length()? >= 16).then_some(IdForm::UuidBytes),
        "char" | "varchar" => (length()? >= 36).then_some(IdForm::UuidText),
        "uuid" => Some(IdForm::UuidText),
        _ => None,
    }
}

/// The form that both hold.
fn same_form(one: IdForm, other: IdForm) -> Result<IdForm, String> {
    match (one, other) {
        (IdForm::Number { max: one }, IdForm::Number { max: other }) => Ok(IdForm::Number {
            max: one.min(other),
        }),
        (one, other) if one == other => Ok(one),
        _ => Err("it holds bytes on some shards and text on others; make it alike".to_owned()),
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
        assert_eq!(one, number(u64::MAX, false));
        let one = of(SEGMENT, std::slice::from_ref(&int));
        assert_eq!(one, number(i32::MAX as u64, true));
        let both = found(SEGMENT, &[&[int], &[big]]).unwrap();
        assert_eq!(both, number(i32::MAX as u64, false));
    }

    fn number(max: u64, auto_increment: bool) -> IdColumn {
        IdColumn {
            form: IdForm::Number { max },
            auto_increment,
        }
    }

    #[test]
    fn uuids_are_bytes_or_text_as_the_column_is() {
        let cases = [
            ("binary(16)", Some(IdForm::UuidBytes)),
            ("varbinary(16)", Some(IdForm::UuidBytes)),
            ("char(36)", Some(IdForm::UuidText)),
            ("varchar(255)", Some(IdForm::UuidText)),
            ("uuid", Some(IdForm::UuidText)),
            // Zero bytes would be added, or something would be cut off.
            ("binary(20)", None),
            ("varbinary(15)", None),
            ("char(32)", None),
            ("text", None),
            ("bigint", None),
        ];
        for (column_type, form) in cases {
            let found = found(IdKind::UuidV7, &[&[column("id", column_type, false)]]);
            assert_eq!(found.ok().map(|column| column.form), form, "{column_type}");
        }
    }

    #[test]
    fn what_cannot_hold_ids_is_refused_with_what_to_do() {
        let computed = Column {
            generated: true,
            ..column("id", "bigint", false)
        };
        let cases: [(IdKind, &[Column], &str); 7] = [
            (
                IdKind::UuidV7,
                &[column("id", "binary(20)", false)],
                "it is binary(20), and ids of kind \"uuid_v7\" need BINARY(16)",
            ),
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
        let alike = found(
            IdKind::UuidV7,
            &[
                &[column("id", "binary(16)", false)],
                &[column("id", "char(36)", false)],
            ],
        );
        assert!(alike.unwrap_err().contains("make it alike"));
    }
}

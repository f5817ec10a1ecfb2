//! The AUTO_INCREMENT value that the last row of an INSERT gives itself.
//!
//! In: the AST of an INSERT that several data nodes share, and its table's definition. Out: where
//! the literal stands that is the answer's insert id where the last row is left out or found
//! unchanged ([`of`]). MySQL answers with the column's value in the row that it has looked at last,
//! if any row was stored; the last row's own server says 0 where it has stored none.

use super::resolve::Resolver;
use super::tables::ShardedRef;
use super::write::Duplicates;
use crate::parse::Slot;
use crate::parse::ast::{Insert, InsertSource, StoredValue};
use crate::topology::{Column, Index, TableDefinition};

/// A literal that is stored in an AUTO_INCREMENT column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenId {
    /// The slot; where rows are folded, the last literal in it.
    pub slot: Slot,
    /// The column's greatest value: what lies above it may be stored as another one.
    pub most: u64,
}

/// The last row's own id; `None`: it gives none, or what MySQL would answer is not certain.
pub fn of(
    insert: &Insert,
    target: &ShardedRef<'_>,
    duplicates: Duplicates,
    resolver: Resolver<'_>,
) -> Option<GivenId> {
    let definition = resolver.topology.definition(target.id)?;
    let column = definition.columns.iter().find(|c| c.auto_increment)?;
    match duplicates {
        Duplicates::Ignore => {}
        // The row that was found has this id only if it was found by it.
        Duplicates::Update { .. } if is_in_all_keys(column, definition) => {
            let mut assigned = insert.on_duplicate.iter();
            if assigned.any(|a| is_named(column, &a.column.name)) {
                return None;
            }
        }
        // The last row is always stored.
        Duplicates::Update { .. } | Duplicates::Fail | Duplicates::Replace => return None,
    }
    let at = match &insert.columns {
        Some(names) => names.iter().position(|name| is_named(column, name)),
        None => definition.visible().position(|c| is_named(column, &c.name)),
    }?;
    let slot = match &insert.source {
        InsertSource::Folded(first) => Slot(first.0 + u32::try_from(at).ok()?),
        InsertSource::Rows(rows) => match rows.last()?.values.get(at)? {
            StoredValue::Slot(slot) => *slot,
            StoredValue::Made(_)
            | StoredValue::Default
            | StoredValue::Inserted
            | StoredValue::Same
            | StoredValue::Opaque => return None,
        },
        InsertSource::Set(_) | InsertSource::Select(_) => return None,
    };
    let most = most(column)?;
    Some(GivenId { slot, most })
}

fn is_named(column: &Column, name: &str) -> bool {
    column.name.eq_ignore_ascii_case(name)
}

fn is_in_all_keys(column: &Column, definition: &TableDefinition) -> bool {
    let has = |index: &Index| {
        let mut names = index.parts.iter().filter_map(|part| part.column.as_ref());
        names.any(|name| is_named(column, name))
    };
    let mut unique = definition.indexes.iter().filter(|index| index.unique);
    unique.all(has)
}

/// The greatest value of an integer column.
fn most(column: &Column) -> Option<u64> {
    let bits = match column.data_type.to_ascii_lowercase().as_str() {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return None,
    };
    let unsigned = column.column_type.to_ascii_lowercase().contains("unsigned");
    Some(u64::MAX >> (64 - bits + u32::from(!unsigned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_value_is_that_of_the_columns_type() {
        let cases = [
            ("tinyint", "tinyint", Some(127)),
            ("smallint", "smallint unsigned", Some(65_535)),
            ("mediumint", "mediumint(9)", Some(8_388_607)),
            ("int", "int(10) unsigned zerofill", Some(4_294_967_295)),
            ("bigint", "bigint", Some(9_223_372_036_854_775_807)),
            ("bigint", "bigint unsigned", Some(u64::MAX)),
            ("double", "double", None),
        ];
        for (data_type, column_type, expected) in cases {
            let column = Column {
                data_type: data_type.to_owned(),
                column_type: column_type.to_owned(),
                ..Column::default()
            };
            assert_eq!(most(&column), expected, "{column_type}");
        }
    }
}

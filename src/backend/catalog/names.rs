//! Names of databases, tables and stored functions.

use super::scan::{Asked, Place};
use super::{number, quoted, text};
use crate::backend::BackendError;

/// How many databases one query asks for: MariaDB looks only into databases that a query names by
/// equality, so each is a SELECT of its own in one UNION.
pub(super) const DATABASES: usize = 32;

/// Something found by its name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FoundName {
    /// Position in the list of the places that were asked.
    pub place: usize,
    pub name: String,
}

/// All databases that the account may see.
pub(super) async fn databases(asked: &mut Asked) -> Result<Vec<String>, BackendError> {
    let sql = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA";
    let rows = asked.query(sql).await?;
    Ok(rows.iter().filter_map(|row| text(row, 0)).collect())
}

/// All tables, views and sequences, or those called as in `only`.
pub(super) async fn tables(
    asked: &mut Asked,
    places: &[Place],
    only: Option<&[String]>,
) -> Result<Vec<FoundName>, BackendError> {
    let filter = only.map_or_else(String::new, |names| {
        format!(" AND TABLE_NAME IN ({})", name_list(names))
    });
    let select = |at: usize, place: &Place| {
        format!(
            "SELECT {at}, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {}{filter}",
            quoted(&place.database)
        )
    };
    read(asked, places, select).await
}

/// All stored functions; `None`: the server refuses to say.
pub(super) async fn functions(
    asked: &mut Asked,
    places: &[Place],
) -> Result<Option<Vec<FoundName>>, BackendError> {
    let select = |at: usize, place: &Place| {
        format!(
            "SELECT {at}, ROUTINE_NAME FROM information_schema.ROUTINES \
             WHERE ROUTINE_SCHEMA = {} AND ROUTINE_TYPE = 'FUNCTION'",
            quoted(&place.database)
        )
    };
    match read(asked, places, select).await {
        Ok(found) => Ok(Some(found)),
        Err(BackendError::Setup(error)) => {
            tracing::warn!(?error, "cannot read the names of stored functions");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn read(
    asked: &mut Asked,
    places: &[Place],
    select: impl Fn(usize, &Place) -> String,
) -> Result<Vec<FoundName>, BackendError> {
    let selects: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(at, place)| select(at, place))
        .collect();
    let mut found = Vec::new();
    for selects in selects.chunks(DATABASES) {
        for row in asked.query(&selects.join(" UNION ALL ")).await? {
            if let (Some(place), Some(name)) = (number(&row, 0), text(&row, 1)) {
                found.push(FoundName { place, name });
            }
        }
    }
    Ok(found)
}

/// Names as the list of an IN.
pub(super) fn name_list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    names.join(",")
}

//! Triggers, views and routines: what they leave in sessions, from their bodies.

use super::names::DATABASES;
use super::scan::{Asked, Place};
use super::{number, quoted, text};
use crate::backend::{BackendError, TextRow};
use crate::parse::CodeFacts;
use crate::topology::{CodeKind, CodeObject};

/// Code, and the position of its place in the list of those that were asked.
#[derive(Debug)]
pub(super) struct FoundCode {
    pub place: usize,
    pub object: CodeObject,
}

/// What is read of one kind: columns for name, body and sql_mode, the table, its column of the database.
type View = (CodeKind, &'static str, &'static str, &'static str);

const VIEWS: [View; 3] = [
    (
        CodeKind::Trigger,
        "EVENT_OBJECT_TABLE, ACTION_STATEMENT, SQL_MODE",
        "TRIGGERS",
        "TRIGGER_SCHEMA",
    ),
    (
        CodeKind::View,
        "TABLE_NAME, VIEW_DEFINITION, ''",
        "VIEWS",
        "TABLE_SCHEMA",
    ),
    (
        // What is not SQL is not read.
        CodeKind::Routine,
        "ROUTINE_NAME, IF(ROUTINE_BODY = 'SQL', ROUTINE_DEFINITION, NULL), SQL_MODE",
        "ROUTINES",
        "ROUTINE_SCHEMA",
    ),
];

/// All code of these places. A body that the account may not see leaves anything.
pub(super) async fn read(
    asked: &mut Asked,
    places: &[Place],
) -> Result<Vec<FoundCode>, BackendError> {
    let places: Vec<(usize, &Place)> = places.iter().enumerate().collect();
    let mut found = Vec::new();
    for (kind, columns, view, schema) in VIEWS {
        for places in places.chunks(DATABASES) {
            let selects = places.iter().map(|(at, place)| {
                let database = quoted(&place.database);
                format!("SELECT {at}, {columns} FROM information_schema.{view} WHERE {schema} = {database}")
            });
            let sql = selects.collect::<Vec<_>>().join(" UNION ALL ");
            let rows = asked.query(&sql).await?;
            found.extend(rows.iter().filter_map(|row| found_code(kind, row)));
        }
    }
    Ok(found)
}

fn found_code(kind: CodeKind, row: &TextRow) -> Option<FoundCode> {
    let body = text(row, 2).filter(|body| !body.is_empty());
    let sql_mode = text(row, 3).unwrap_or_default();
    let facts = body.map(|body| CodeFacts::of(&body, &sql_mode));
    let object = CodeObject {
        kind,
        name: text(row, 1)?.to_lowercase(),
        facts: facts.unwrap_or_else(CodeFacts::unknown),
    };
    let place = number(row, 0)?;
    Some(FoundCode { place, object })
}

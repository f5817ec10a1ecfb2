//! The same statements on one plain server and through the proxy: the answers must be equal, packet
//! by packet and byte by byte, sequence ids included.
//!
//! Databases and accounts have the same names on both sides, so that hardly anything must be left
//! out of the comparison; what is, says why where it is done.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Tests here are tables of statements.
#![allow(clippy::too_many_lines)]

mod broadcast;
mod carried;
mod chance;
#[path = "../common/mod.rs"]
mod common;
mod conditions;
mod cursors;
mod definitions;
#[path = "../route_property/dice.rs"]
#[allow(dead_code)] // Each test binary throws it in its own ways.
mod dice;
mod dynamic;
mod found_rows;
mod gather;
mod ids;
mod insert_select;
mod keys;
mod limits;
mod load;
mod locking;
mod locking_gather;
mod made;
mod merge;
mod moves;
mod own_name;
mod pair;
mod picked;
mod picked_forms;
mod picked_hard;
mod picked_schemas;
mod prepared;
mod prepared_gather;
mod prepared_ids;
mod prepared_several;
mod prepared_writes;
mod preparing;
mod random;
mod raw;
mod replies;
mod roles;
mod rows;
mod schemas;
mod searches;
mod select;
mod sequences;
mod session;
mod several_results;
mod split;
mod system_tables;
mod table_locks;
mod temporary;
mod tools;
mod triggers;
mod types;
mod user_locks;
mod uuids;
mod variables;
mod writes;

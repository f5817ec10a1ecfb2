//! What the servers answered, put together.

use std::path::Path;

use super::definitions::FoundDefinition;
use super::merge::Merge;
use super::names::FoundName;
use super::scan::{Place, ServerFindings};
use super::{Look, TableName};
use crate::backend::Flavor;
use crate::config::{self, AnyAlgorithm, Config, Context, FileAlone};
use crate::topology::{Column, Discovered, TableDefinition};

fn config() -> Config {
    let text = "[[users]]\nname = 'u'\npassword = ''\nschemas = ['*']\n[backend]\nuser = 'u'\n\
         password = ''\n[replica_sets.a]\nprimary = 'h:1'\n[replica_sets.b]\nprimary = 'h:2'\n\
         [schemas.shop]\nshards = ['a/s0', 'b/s1', 'a/s2']\n\
         [schemas.shop.tables.users]\nkey = 'id'\nalgorithm = 'mod'\n";
    let context = Context {
        environment: &FileAlone,
        algorithms: &AnyAlgorithm,
    };
    config::parse(text, Path::new("shardwell.toml"), &context).unwrap()
}

fn definition(column: &str) -> TableDefinition {
    TableDefinition {
        columns: vec![Column {
            name: column.to_owned(),
            ..Column::default()
        }],
        ..TableDefinition::default()
    }
}

/// A server with these shards of `shop`; tables as (index in `positions`, name).
fn server(positions: &[usize], tables: &[(usize, &str)], read: &[(usize, &str)]) -> ServerFindings {
    let places = positions.iter().map(|position| Place {
        schema: 0,
        position: *position,
        database: format!("s{position}"),
    });
    let name = |(place, name): &(usize, &str)| FoundName {
        place: *place,
        name: (*name).to_owned(),
    };
    let definitions = read.iter().map(|(place, column)| FoundDefinition {
        place: *place,
        table: "users".to_owned(),
        definition: definition(column),
    });
    ServerFindings {
        places: places.collect(),
        fold_names: false,
        flavor: Some(Flavor::MySql),
        tables: tables.iter().map(name).collect(),
        functions: Some(Vec::new()),
        definitions: definitions.collect(),
        code: Vec::new(),
    }
}

fn merge(look: Look<'_>, servers: Vec<ServerFindings>) -> Discovered {
    let config = config();
    let mut merge = Merge::new(&config, look);
    servers.into_iter().for_each(|server| merge.add(server));
    merge.finish()
}

fn whole() -> Discovered {
    let a = server(
        &[0, 2],
        &[(1, "users"), (0, "users"), (1, "here")],
        &[(0, "id"), (1, "key")],
    );
    let b = server(&[1], &[(0, "users")], &[(0, "id")]);
    merge(Look::Whole, vec![b, a])
}

#[test]
fn servers_become_one_whatever_their_order() {
    let found = whole();
    let shop = &found.schemas["shop"];
    assert_eq!(shop["users"].found_on, [0, 1, 2]);
    assert_eq!(shop["here"].found_on, [2]);
    let variants: Vec<_> = shop["users"]
        .variants
        .iter()
        .map(|variant| {
            (
                variant.definition.columns[0].name.as_str(),
                &*variant.shards,
            )
        })
        .collect();
    assert_eq!(variants, [("id", &[0, 1][..]), ("key", &[2][..])]);
    assert!(found.brands.mysql && !found.brands.mariadb);
}

#[test]
fn what_was_not_read_again_is_remembered() {
    let known = whole();
    let a = server(&[0, 2], &[(0, "users"), (1, "users"), (1, "here")], &[]);
    let b = server(&[1], &[(0, "users")], &[]);
    assert_eq!(merge(Look::News(&known), vec![a, b]), known);
    let a = server(&[0, 2], &[(0, "users"), (0, "new")], &[]);
    let b = server(&[1], &[(0, "users")], &[]);
    let less = merge(Look::News(&known), vec![a, b]);
    let shop = &less.schemas["shop"];
    assert_eq!(shop["users"].variants.len(), 1);
    assert!(shop.contains_key("new") && !shop.contains_key("here"));
}

#[test]
fn a_look_at_one_table_leaves_the_others_alone() {
    let known = whole();
    let users = [TableName {
        schema: "shop".to_owned(),
        table: "users".to_owned(),
    }];
    let a = || server(&[0, 2], &[(0, "users")], &[(0, "id")]);
    let changed = merge(
        Look::Tables(&known, &users),
        vec![a(), server(&[1], &[], &[])],
    );
    let shop = &changed.schemas["shop"];
    assert_eq!((&*shop["users"].found_on, shop.len()), (&[0][..], 2));
    assert_eq!(changed.functions, known.functions);
    let none = || server(&[1], &[], &[]);
    let dropped = merge(Look::Tables(&known, &users), vec![none()]);
    assert!(!dropped.schemas["shop"].contains_key("users"));
}

#[test]
fn functions_that_one_server_does_not_tell_are_not_known() {
    let mut a = server(&[0, 2], &[], &[]);
    a.functions = Some(vec![FoundName {
        place: 1,
        name: "Tax".to_owned(),
    }]);
    let b = server(&[1], &[], &[]);
    let found = merge(Look::Whole, vec![a, b]);
    assert_eq!(found.functions.unwrap()["shop"]["tax"], [2]);
    let mut silent = server(&[1], &[], &[]);
    silent.functions = None;
    let found = merge(Look::Whole, vec![server(&[0, 2], &[], &[]), silent]);
    assert!(found.functions.is_none());
}

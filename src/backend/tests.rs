//! The variables of sessions as statements; what servers say they are.

use std::sync::Arc;

use super::{Flavor, Interner, ServerVersion, Variables};

/// Names and values.
type Values<'a> = &'a [(&'a str, &'a [u8])];

fn variables(values: Values<'_>) -> Variables {
    let mut variables = Variables::default();
    for (name, value) in values {
        variables.set(name, value);
    }
    variables
}

#[test]
fn a_difference_is_one_statement_for_any_sql_mode() {
    let cases: [(Values<'_>, Values<'_>, Option<&str>); 10] = [
        (
            &[("unique_checks", b"0")],
            &[],
            Some("SET @@SESSION.`unique_checks`=@@GLOBAL.unique_checks"),
        ),
        (&[], &[], None),
        (&[("time_zone", b"UTC")], &[("TIME_ZONE", b"UTC")], None),
        (
            &[],
            &[("time_zone", b"+00:00")],
            Some("SET @@SESSION.`time_zone`=_utf8mb4 0x2b30303a3030"),
        ),
        (
            &[("sql_mode", b"ANSI"), ("wait_timeout", b"7")],
            &[],
            Some("SET @@SESSION.`sql_mode`=DEFAULT,@@SESSION.`wait_timeout`=DEFAULT"),
        ),
        (
            &[("wait_timeout", b"7")],
            &[("long_query_time", b"-1.5")],
            Some("SET @@SESSION.`wait_timeout`=DEFAULT,@@SESSION.`long_query_time`=-1.5"),
        ),
        (
            &[],
            &[("sql_mode", b"")],
            Some("SET @@SESSION.`sql_mode`=''"),
        ),
        (
            &[],
            &[("character_set_results", b"")],
            Some("SET @@SESSION.`character_set_results`=NULL"),
        ),
        // Digits that are no number to the server.
        (
            &[],
            &[("sql_mode", b"4")],
            Some("SET @@SESSION.`sql_mode`=_utf8mb4 0x34"),
        ),
        (
            &[],
            &[("optimizer_switch", b"a=on; DROP TABLE t")],
            Some(
                "SET @@SESSION.`optimizer_switch`=_utf8mb4 0x613d6f6e3b2044524f50205441424c452074",
            ),
        ),
    ];
    for (carried, wanted, expected) in cases {
        let sql = variables(wanted).difference(&variables(carried));
        let sql = sql.map(|sql| String::from_utf8(sql).unwrap());
        assert_eq!(sql.as_deref(), expected);
    }
}

#[test]
fn set_names_sets_what_no_variable_shows() {
    let named = |collation: &[u8], client: &[u8]| {
        let mut wanted = variables(&[
            ("character_set_client", b"utf8mb4"),
            ("character_set_results", b"utf8mb4"),
            ("collation_connection", collation),
        ]);
        wanted.set_results_collation(true);
        wanted.set("character_set_client", client);
        let sql = wanted.difference(&variables(&[("character_set_client", b"latin1")]));
        String::from_utf8(sql.unwrap()).unwrap()
    };
    // The client's character set by itself would take its default collation back.
    let sql = named(b"utf8mb4_bin", b"utf8mb4");
    assert_eq!(sql, "SET NAMES utf8mb4 COLLATE utf8mb4_bin");
    let sql = named(b"utf8mb4_bin", b"ascii");
    let other = ",@@SESSION.`character_set_client`=_utf8mb4 0x6173636969";
    assert_eq!(sql, format!("SET NAMES utf8mb4 COLLATE utf8mb4_bin{other}"));
}

#[test]
fn a_name_cannot_end_its_quotes() {
    let sql = variables(&[("a`=1,b", b"1")]).difference(&Variables::default());
    assert_eq!(sql.as_deref(), Some(&b"SET @@SESSION.`a``=1,b`=1"[..]));
}

#[test]
fn equal_values_are_one_allocation_while_somebody_has_them() {
    let interner = Interner::default();
    let one = interner.intern(variables(&[("a", b"1")]));
    let same = interner.intern(variables(&[("A", b"1")]));
    let other = interner.intern(variables(&[("a", b"2")]));
    assert!(Arc::ptr_eq(&one, &same));
    assert!(!Arc::ptr_eq(&one, &other));
}

#[test]
fn a_greetings_version_tells_whose_server_it_is() {
    let cases = [
        ("9.7.4", "9.7.4", Flavor::MySql),
        ("8.0.36-28", "8.0.36-28", Flavor::MySql),
        (
            "5.5.5-10.11.6-MariaDB-log",
            "10.11.6-MariaDB-log",
            Flavor::MariaDb,
        ),
        ("11.8.2-MariaDB", "11.8.2-MariaDB", Flavor::MariaDb),
    ];
    for (greeting, text, flavor) in cases {
        let version = ServerVersion::parse(greeting.as_bytes());
        assert_eq!((version.text.as_str(), version.flavor), (text, flavor));
        assert_eq!(version.has_dollar_quotes(), text == "9.7.4", "{text}");
    }
}

//! Sets of transactions.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
const B: &str = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

fn mysql(text: &str) -> GtidSet {
    text.replace('A', A).replace('B', B).parse().unwrap()
}

#[test]
fn sets_of_mysql_are_read_and_written_as_the_server_has_them() {
    for (text, shown) in [
        ("", ""),
        ("A:5", "A:5"),
        ("A:1-3:5:7-9", "A:1-3:5:7-9"),
        ("A:1-3:4", "A:1-4"),
        ("A:7,\nA:1-3, B:2", "A:1-3:7,B:2"),
        ("A:1-3:tag_1:4-5:Tag2:7", "A:1-3,A:tag2:7,A:tag_1:4-5"),
    ] {
        let shown = shown.replace('A', A).replace('B', B);
        assert_eq!(mysql(text).to_string(), shown, "{text}");
    }
    for text in ["A:0", "A:3-1", "A:x-1", "B4:1", "A:1-2-3", "x:1"] {
        let text = text.replace('A', A).replace('B', B);
        assert!(text.parse::<GtidSet>().is_err(), "{text}");
    }
}

#[test]
fn a_tag_is_another_source() {
    assert!(!mysql("A:1-9").covers(&mysql("A:tag:5")));
    assert!(mysql("A:1-9:tag:1-9").covers(&mysql("A:tag:5")));
}

#[test]
fn positions_of_mariadb_are_compared_by_domain() {
    let position = |text: &str| text.parse::<DomainPositions>().unwrap();
    let mut here = position("0-1-100,1-2-5");
    assert!(here.covers(&position("0-9-100")));
    assert!(!here.covers(&position("0-1-101")));
    assert!(!here.covers(&position("2-1-1")));
    here.add(&position("0-7-101,2-1-1,1-1-1"));
    assert_eq!(here.to_string(), "0-7-101,1-2-5,2-1-1");
    for wrong in ["0-1", "0-1-2-3", "a-1-1", "0-1-x"] {
        assert!(wrong.parse::<DomainPositions>().is_err(), "{wrong}");
    }
}

#[test]
fn a_position_of_another_kind_of_server_says_nothing() {
    let here = Position::parse(&format!("{A}:1-9"), Flavor::MySql).unwrap();
    let there = Position::parse("0-1-1", Flavor::MariaDb).unwrap();
    assert!(!here.covers(&there) && !there.covers(&here));
    assert!(here.covers(&Position::empty(Flavor::MySql)));
}

fn numbers() -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::vec((1u64..40, 0u64..5), 0..12)
}

fn both(ranges: &[(u64, u64)]) -> (GtidSet, BTreeSet<u64>) {
    let mut set = GtidSet::default();
    for (first, more) in ranges {
        set.add(&mysql(&format!("A:{first}-{}", first + more)));
    }
    let plain = ranges
        .iter()
        .flat_map(|(first, more)| *first..=first + more);
    (set, plain.collect())
}

proptest! {
    #[test]
    fn intervals_are_sets_of_numbers(mine in numbers(), theirs in numbers(), most in 1usize..5) {
        let (mut set, mut plain) = both(&mine);
        let (other, other_plain) = both(&theirs);
        prop_assert_eq!(set.covers(&other), plain.is_superset(&other_plain));
        set.add(&other);
        plain.extend(&other_plain);
        prop_assert!(set.covers(&other));
        let one_by_one: Vec<String> = plain.iter().map(|n| format!("A:{n}")).collect();
        prop_assert_eq!(&set, &mysql(&one_by_one.join(",")));
        prop_assert_eq!(set.to_string().parse::<GtidSet>().unwrap(), set.clone());
        let mut wide = set.clone();
        wide.widen(most);
        prop_assert!(wide.covers(&set));
        prop_assert!(wide.to_string().matches(':').count() <= most);
        let ends = |set: &GtidSet| set.to_string().replace(A, "").len();
        prop_assert!(ends(&wide) <= ends(&set));
    }
}

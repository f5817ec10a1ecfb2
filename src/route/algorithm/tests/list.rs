//! Lists: which spellings are one value, and what is not listed.

use std::ops::Bound;

use super::*;

fn list(params: &str, places: usize, key_type: &KeyType) -> Box<dyn Algorithm> {
    let spec = spec("list", params);
    build(&spec, places, std::slice::from_ref(key_type)).unwrap()
}

#[test]
fn a_listed_key_lies_where_its_value_stands() {
    let table: [(_, _, &[_]); 4] = [
        (
            "values = { EU = 0, us = 1, \"\" = 2 }",
            varchar(Folding::AsciiCase, false),
            &[(text(b"eu"), 0), (text(b"us"), 1), (text(b""), 2)],
        ),
        (
            "lists = [[\"de\", \"FR\"], [], [\"us \"]]",
            varchar(Folding::Exact, true),
            &[(text(b"de"), 0), (text(b"FR"), 0), (text(b"us"), 2)],
        ),
        (
            "lists = [[1, \"2\"], [-3], []]\ndefault = 2",
            INTEGER,
            &[
                (KeyValue::Int(1), 0),
                (KeyValue::Int(2), 0),
                (KeyValue::Int(-3), 1),
                (KeyValue::Int(4), 2),
            ],
        ),
        (
            "values = { 2026-01-01 = 1 }\ndefault = 0",
            KeyType::Date,
            &[(
                KeyValue::Date(CalendarDate {
                    year: 2026,
                    month: 1,
                    day: 1,
                }),
                1,
            )],
        ),
    ];
    for (params, key_type, keys) in table {
        let list = list(params, 3, &key_type);
        for (key, place) in keys {
            assert_eq!(list.place(std::slice::from_ref(key)), Ok(*place), "{key}");
        }
    }
}

#[test]
fn a_value_that_is_not_listed_has_no_place_without_a_default() {
    let list = list(
        "values = { eu = 0 }",
        2,
        &varchar(Folding::AsciiCase, false),
    );
    let error = list.place(&[text(b"mars")]).unwrap_err();
    let message = "algorithm \"list\" has no place for 'mars': \
                   it is not listed, and there is no default";
    assert_eq!(error.to_string(), message);
    assert_eq!(error.to_mysql().code, 1526);
}

#[test]
fn a_range_of_keys_touches_the_places_of_the_values_that_it_holds() {
    use Bound::{Excluded, Included, Unbounded};
    let lists = "lists = [[1, 2], [3], [10], []]";
    let closed = list(lists, 4, &INTEGER);
    let open = list(&format!("{lists}\ndefault = 3"), 4, &INTEGER);
    let some = |places: &[usize]| NodeSet::from_sorted(places.iter().copied().collect());
    let table = [
        (&closed, Included(1), Included(2), some(&[0])),
        (&closed, Included(2), Included(3), some(&[0, 1])),
        (&closed, Excluded(2), Excluded(4), some(&[1])),
        (&closed, Included(3), Included(4), NodeSet::All),
        (&closed, Included(3), Unbounded, NodeSet::All),
        (&closed, Included(5), Included(4), NodeSet::Empty),
        (&open, Included(1), Included(3), some(&[0, 1])),
        (&open, Included(3), Included(4), some(&[1, 3])),
        (&open, Excluded(3), Unbounded, some(&[2, 3])),
        (&open, Unbounded, Excluded(1), some(&[3])),
    ];
    for (algorithm, lower, upper, expected) in table {
        let (lower, upper) = (lower.map(KeyValue::Int), upper.map(KeyValue::Int));
        let range = KeyRange { lower, upper };
        assert_eq!(algorithm.places_in(&range), expected, "{range:?}");
    }
    let folded = varchar(Folding::AsciiCase, false);
    let folded = list("values = { b = 0 }\ndefault = 1", 3, &folded);
    let range = KeyRange {
        lower: Included(text(b"a")),
        upper: Included(text(b"c")),
    };
    assert_eq!(folded.places_in(&range), NodeSet::All);
}

#[test]
fn a_wrong_list_is_refused() {
    let table = [
        (
            "",
            "write either values = { eu = 0, us = 1 } or lists = [[\"de\", \"fr\"], [\"us\"]]",
        ),
        (
            "values = [1]",
            "values is no table: write values = { eu = 0, us = 1 }",
        ),
        (
            "values = { 1 = 2 }",
            "the place of \"1\" cannot be 2: from 0 to 1",
        ),
        (
            "values = { x = 0 }",
            "a value cannot be \"x\": it is no number",
        ),
        ("lists = [[1]]", "1 lists for 2 places: write one for each"),
        (
            "lists = [1, 2]",
            "one of the lists is no list: write lists = [[\"de\", \"fr\"], [\"us\"]]",
        ),
        (
            "lists = [[1], [\"1\"]]",
            "1 is listed twice, as the key column compares values",
        ),
        (
            "lists = [[1], []]\ndefault = 2",
            "default cannot be 2: from 0 to 1",
        ),
        (
            "lists = [[true], []]",
            "a value cannot be true: write 1 or 0",
        ),
    ];
    refused("list", 2, &INTEGER, &table);
    let twice = [(
        "values = { EU = 0, eu = 0 }",
        "'eu' is listed twice, as the key column compares values",
    )];
    refused("list", 2, &varchar(Folding::AsciiCase, false), &twice);
    let certain = [(
        "values = { \"köln\" = 0 }",
        "a value cannot be \"köln\": what the column would hold is not certain: under collation \
         utf8mb4_something only printable ASCII characters have a known equality; give the key \
         column a _bin collation",
    )];
    refused("list", 2, &varchar(Folding::AsciiCase, false), &certain);
}

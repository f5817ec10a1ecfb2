//! Behaviours of the merge over rows made by hand; those against real servers are in `tests/differential`.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::error::{ErrorKind, StageError};
use crate::wire::{ColumnFlags, ColumnType as T, TextColumn, put_nullable_bytes};

const AMPLE: Budget = Budget {
    rows: 1 << 20,
    bytes: 1 << 30,
};

fn column(column_type: T, collation: u16, decimals: u8) -> TextColumn {
    TextColumn {
        column_type,
        collation,
        decimals,
        flags: ColumnFlags::empty(),
        ..TextColumn::text("c")
    }
}

fn bigint() -> TextColumn {
    column(T::MYSQL_TYPE_LONGLONG, 63, 0)
}

fn decimal(decimals: u8) -> TextColumn {
    column(T::MYSQL_TYPE_NEWDECIMAL, 63, decimals)
}

fn text() -> TextColumn {
    column(T::MYSQL_TYPE_VAR_STRING, 255, 0)
}

fn bytes() -> TextColumn {
    column(T::MYSQL_TYPE_VAR_STRING, 63, 0)
}

fn row<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Bytes {
    let mut row = BytesMut::new();
    for value in values {
        put_nullable_bytes(&mut row, value.map(str::as_bytes));
    }
    row.freeze()
}

/// Values without NULL.
fn whole(values: &[&str]) -> Bytes {
    row(values.iter().copied().map(Some))
}

fn merger(spec: &MergeSpec, columns: &[TextColumn], sources: usize) -> Result<Merger> {
    let columns: Vec<_> = columns.iter().map(TextColumn::definition).collect();
    Merger::new(spec, &columns, RowFormat::Text, sources, AMPLE)
}

/// Gives each source's rows when they are asked for.
fn run(mut merger: Merger, sources: Vec<Vec<Bytes>>) -> Result<Vec<Bytes>> {
    let mut sources: Vec<_> = sources.into_iter().map(Vec::into_iter).collect();
    let (mut rows, mut turn) = (Vec::new(), 0);
    loop {
        let source = match merger.step()? {
            Step::Done => return Ok(rows),
            Step::Row(row) => {
                rows.push(row);
                continue;
            }
            Step::Need(source) => source,
            Step::NeedAny => {
                turn = (turn + 1) % sources.len();
                turn
            }
        };
        match sources[source].next() {
            Some(row) => merger.push(source, row)?,
            None => merger.end(source),
        }
    }
}

fn spec(visible: usize, operator: Operator) -> MergeSpec {
    MergeSpec {
        visible,
        operator,
        limit: None,
    }
}

fn group(keys: Vec<Operand>, aggregates: Vec<(usize, Function)>) -> Group {
    let aggregate = |(column, function)| Aggregate { column, function };
    Group {
        keys,
        aggregates: aggregates.into_iter().map(aggregate).collect(),
        count: None,
        arrival: vec![],
        order: vec![],
        having: vec![],
    }
}

#[test]
fn rows_are_given_as_they_come() {
    let merger = merger(&spec(1, Operator::Concat), &[bigint()], 2).unwrap();
    let sources = vec![vec![whole(&["1"]), whole(&["3"])], vec![whole(&["2"])]];
    let rows = run(merger, sources).unwrap();
    assert_eq!(rows, [whole(&["2"]), whole(&["1"]), whole(&["3"])]);
}

#[test]
fn nothing_is_asked_for_beyond_the_limit() {
    let mut spec = spec(
        1,
        Operator::Order(vec![SortKey::ascending(Operand::plain(0))]),
    );
    spec.limit = Some(Limit {
        offset: 1,
        count: 2,
    });
    let mut merger = merger(&spec, &[bigint()], 2).unwrap();
    for (source, value) in [(0, "1"), (0, "3"), (0, "5"), (1, "2"), (1, "4")] {
        merger.push(source, whole(&[value])).unwrap();
    }
    assert_eq!(merger.step(), Ok(Step::Row(whole(&["2"]))));
    assert_eq!(merger.step(), Ok(Step::Row(whole(&["3"]))));
    assert_eq!(merger.step(), Ok(Step::Done));
}

#[test]
fn a_limit_of_nothing_needs_nothing() {
    let mut spec = spec(1, Operator::Concat);
    spec.limit = Some(Limit {
        offset: 0,
        count: 0,
    });
    let mut merger = merger(&spec, &[bigint()], 2).unwrap();
    assert_eq!(merger.step(), Ok(Step::Done));
}

#[test]
fn a_row_waits_for_every_source_that_may_have_an_earlier_one() {
    let order = Operator::Order(vec![SortKey::ascending(Operand::plain(0))]);
    let mut merger = merger(&spec(1, order), &[bigint()], 2).unwrap();
    merger.push(0, whole(&["5"])).unwrap();
    assert_eq!(merger.step(), Ok(Step::Need(1)));
    merger.end(1);
    assert_eq!(merger.step(), Ok(Step::Row(whole(&["5"]))));
    assert_eq!(merger.step(), Ok(Step::Need(0)));
    merger.end(0);
    assert_eq!(merger.step(), Ok(Step::Done));
}

#[test]
fn null_is_first_and_with_desc_last() {
    let cases = [
        (false, [None, Some("-1"), Some("2")]),
        (true, [Some("2"), Some("-1"), None]),
    ];
    for (descending, sorted) in cases {
        let key = SortKey {
            operand: Operand::plain(0),
            descending,
        };
        let merger = merger(&spec(1, Operator::Order(vec![key])), &[bigint()], 3).unwrap();
        let sources = sorted
            .iter()
            .rev()
            .map(|value| vec![row([*value])])
            .collect();
        let expected: Vec<Bytes> = sorted.iter().map(|value| row([*value])).collect();
        assert_eq!(run(merger, sources).unwrap(), expected);
    }
}

#[test]
fn a_string_is_compared_by_its_weight_and_a_space_by_its_padding() {
    // value, weight, weight of a space: "a", "a\t" and "a " in a collation with padding.
    let order = Operator::Order(vec![SortKey::ascending(Operand::weighted(0, 1, 2))]);
    let columns = [text(), bytes(), bytes()];
    let sources = |pad| {
        ["A", "A\t", "A !"]
            .map(|weight| vec![whole(&[weight, weight, pad])])
            .to_vec()
    };
    for (pad, expected) in [(" ", ["A\t", "A", "A !"]), ("", ["A", "A\t", "A !"])] {
        let merger = merger(&spec(1, order.clone()), &columns, 3).unwrap();
        assert_eq!(
            run(merger, sources(pad)).unwrap(),
            expected.map(|value| whole(&[value])),
            "padding {pad:?}"
        );
    }
}

#[test]
fn what_only_mysql_can_compare_is_refused() {
    let json = column(T::MYSQL_TYPE_JSON, 63, 0);
    let float = column(T::MYSQL_TYPE_FLOAT, 63, 31);
    let rounded = column(T::MYSQL_TYPE_DOUBLE, 63, 2);
    let mut member = column(T::MYSQL_TYPE_STRING, 255, 0);
    member.flags = ColumnFlags::ENUM_FLAG;
    let timestamp = column(T::MYSQL_TYPE_TIMESTAMP, 63, 0);
    let mut uuid = column(T::MYSQL_TYPE_STRING, 45, 0);
    uuid.flags = ColumnFlags::UNSIGNED_FLAG | ColumnFlags::BINARY_FLAG;
    let refusal = |columns: &[TextColumn], operand| {
        let order = Operator::Order(vec![SortKey::ascending(operand)]);
        let error = merger(&spec(1, order), columns, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupportedYet, "{columns:?}");
        error
    };
    for column in [float, rounded, member, timestamp, text()] {
        let error = refusal(&[column], Operand::plain(0));
        assert!(matches!(error, MergeError::Hidden { .. }), "{error}");
    }
    for column in [json, uuid] {
        let columns = [column, bytes(), bytes()];
        let error = refusal(&columns, Operand::weighted(0, 1, 2));
        assert!(matches!(error, MergeError::Unmergeable(_)), "{error}");
    }
}

#[test]
fn malformed_rows_are_errors() {
    let columns = [bigint(), decimal(2), column(T::MYSQL_TYPE_TIME, 63, 0)];
    let keys = [0, 1, 2].map(|column| SortKey::ascending(Operand::plain(column)));
    let bad = [
        whole(&[]),
        whole(&["1", "1.00"]),
        whole(&["x", "1.00", "00:00:00"]),
        whole(&["9223372036854775808", "1.00", "00:00:00"]),
        whole(&["1", "1.001", "00:00:00"]),
        whole(&["1", "1.00", "00:00"]),
        whole(&["", "", ""]),
        Bytes::from_static(b"\xFF\xFE\xFD"),
        Bytes::from_static(b"\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
    ];
    for row in bad {
        let order = Operator::Order(keys.to_vec());
        let mut merger = merger(&spec(3, order), &columns, 1).unwrap();
        let error = merger.push(0, row.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedPacket, "{row:?}");
    }
}

#[test]
fn sums_are_exact_and_averages_cut_as_mysql_cuts_them() {
    // SUM, AVG of a column with so many decimals; MySQL 9.7 gives these for the values' rows.
    let cases = [
        (2, ["0.01", "0.04"], "0.05", 3, "0.016667"),
        (5, ["0.00001", "0.00004"], "0.00005", 3, "0.000016666"),
        (0, ["1", "-4"], "-3", 2, "-1.5000"),
        (
            0,
            ["99999999999999999999999999999999999999", "1"],
            "100000000000000000000000000000000000000",
            3,
            "33333333333333333333333333333333333333.3333",
        ),
    ];
    for (scale, sums, sum, count, average) in cases {
        let columns = [decimal(scale), decimal(scale + 4), bigint()];
        let functions = vec![
            (0, Function::Sum { exact: None }),
            (1, Function::Avg { sum: 0, count: 2 }),
            (2, Function::Count),
        ];
        let spec = spec(2, Operator::Group(group(vec![], functions)));
        let merger = merger(&spec, &columns, 3).unwrap();
        let sources = vec![
            vec![whole(&[sums[0], "0", "1"])],
            vec![row([None, None, Some("0")])],
            vec![whole(&[sums[1], "0", &(count - 1).to_string()])],
        ];
        assert_eq!(run(merger, sources).unwrap(), [whole(&[sum, average])]);
    }
}

#[test]
fn aggregates_over_nothing_are_one_row() {
    let functions = vec![
        (0, Function::Count),
        (1, Function::Sum { exact: None }),
        (2, Function::BitAnd),
        (3, Function::Max(Operand::plain(3))),
    ];
    let mut bits = bigint();
    bits.flags = ColumnFlags::UNSIGNED_FLAG;
    let columns = [bigint(), decimal(0), bits, bigint()];
    let spec = spec(4, Operator::Group(group(vec![], functions)));
    let nothing = row([Some("0"), None, Some("18446744073709551615"), None]);
    for parts in [vec![], vec![nothing.clone()]] {
        let merger = merger(&spec, &columns, 2).unwrap();
        let sources = vec![parts.clone(), parts];
        assert_eq!(run(merger, sources).unwrap(), vec![nothing.clone()]);
    }
}

#[test]
fn a_column_beside_aggregates_is_of_a_shard_that_has_rows() {
    let mut group = group(vec![], vec![(0, Function::Count)]);
    let columns = [bigint(), text(), bigint()];
    let refused = merger(&spec(2, Operator::Group(group.clone())), &columns, 2);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotSupportedYet);
    group.count = Some(2);
    let merger = merger(&spec(2, Operator::Group(group)), &columns, 2).unwrap();
    let sources = vec![
        vec![row([Some("0"), None, Some("0")])],
        vec![whole(&["3", "x", "3"])],
    ];
    assert_eq!(run(merger, sources).unwrap(), [whole(&["3", "x"])]);
}

#[test]
fn the_helpers_of_an_extreme_follow_it() {
    // MIN(s), its weight, its padding; the groups sorted by it.
    let min = Operand::weighted(1, 2, 3);
    let mut group = group(vec![Operand::plain(0)], vec![(1, Function::Min(min))]);
    group.order = vec![SortKey::ascending(min)];
    let columns = [bigint(), text(), bytes(), bytes()];
    let merger = merger(&spec(2, Operator::Group(group)), &columns, 2).unwrap();
    let sources = vec![
        vec![whole(&["1", "d", "D", " "]), whole(&["2", "b", "B", " "])],
        vec![
            whole(&["1", "a", "A", " "]),
            row([Some("2"), None, None, Some(" ")]),
        ],
    ];
    let expected = [whole(&["1", "a"]), whole(&["2", "b"])];
    assert_eq!(run(merger, sources).unwrap(), expected);
}

#[test]
fn distinct_values_are_counted_and_summed_once() {
    // COUNT(DISTINCT x), SUM(DISTINCT x), AVG(DISTINCT x), COUNT(*) of shards grouped by x.
    let value = Operand::plain(4);
    let functions = vec![
        (0, Function::CountDistinct(vec![value])),
        (1, Function::SumDistinct(value)),
        (2, Function::AvgDistinct(value)),
        (3, Function::Count),
    ];
    let columns = [bigint(), decimal(0), decimal(4), bigint(), bigint()];
    let merger = merger(
        &spec(4, Operator::Group(group(vec![], functions))),
        &columns,
        2,
    )
    .unwrap();
    let part =
        |count, value: Option<&'static str>| row([Some("1"), value, value, Some(count), value]);
    let sources = vec![
        vec![part("2", Some("7")), part("1", Some("4"))],
        vec![part("3", Some("7")), part("5", None)],
    ];
    let expected = whole(&["2", "11", "5.5000", "11"]);
    assert_eq!(run(merger, sources).unwrap(), [expected]);
}

#[test]
fn distinct_tuples_without_null_are_counted() {
    // COUNT(DISTINCT x, y) of shards grouped by both.
    let values = vec![Operand::plain(1), Operand::plain(2)];
    let group = group(vec![], vec![(0, Function::CountDistinct(values))]);
    let merger = merger(&spec(1, Operator::Group(group)), &vec![bigint(); 3], 2).unwrap();
    let part = |x, y| row([Some("1"), x, y]);
    let sources = vec![
        vec![part(Some("1"), Some("2")), part(Some("1"), None)],
        vec![part(Some("1"), Some("2")), part(Some("12"), Some("2"))],
    ];
    assert_eq!(run(merger, sources).unwrap(), [whole(&["2"])]);
}

#[test]
fn answers_of_other_types_do_not_agree() {
    let mut unsigned = bigint();
    unsigned.flags = ColumnFlags::UNSIGNED_FLAG;
    let mut not_null = bigint();
    not_null.flags = ColumnFlags::NOT_NULL_FLAG;
    let cases = [
        (vec![bigint()], true),
        (vec![not_null], true),
        (vec![unsigned], false),
        (vec![decimal(0)], false),
        (vec![bigint(), bigint()], false),
    ];
    let first = bigint();
    for (columns, expected) in cases {
        let columns: Vec<_> = columns.iter().map(TextColumn::definition).collect();
        assert_eq!(
            agree(&[first.definition()], &columns),
            expected,
            "{columns:?}"
        );
    }
}

/// A server may show fewer digits than it has summed up.
#[test]
fn sums_in_full_are_rounded_once() {
    for (parts, shown) in [
        (["0.666666666", "0.333333333"], "1.0000"),
        (["0.00004", "0.00004"], "0.0001"),
        (["-0.00005", "0"], "-0.0001"),
    ] {
        let sum = Function::Sum { exact: Some(1) };
        let columns = [decimal(4), decimal(38)];
        let merger = merger(
            &spec(1, Operator::Group(group(vec![], vec![(0, sum)]))),
            &columns,
            2,
        );
        let sources = parts.map(|part| vec![whole(&["9.9999", part])]);
        let rows = run(merger.unwrap(), sources.to_vec()).unwrap();
        assert_eq!(rows, [whole(&[shown])]);
    }
}

#[test]
fn having_compares_exactly() {
    use Comparison as C;
    let cases = [
        (C::Equal, "2.50", true),
        (C::NotEqual, "2.5", false),
        (C::Less, "2.5000001", true),
        (C::LessOrEqual, "2.4", false),
        (C::Greater, "-3", true),
        (C::GreaterOrEqual, "2.5", true),
    ];
    for (comparison, number, holds) in cases {
        let mut group = group(
            vec![Operand::plain(0)],
            vec![(1, Function::Sum { exact: None })],
        );
        group.having = vec![Condition {
            column: 1,
            comparison,
            number: number.to_owned(),
        }];
        let columns = [bigint(), decimal(1)];
        let merger = merger(&spec(2, Operator::Group(group)), &columns, 2).unwrap();
        let sources = vec![
            vec![whole(&["1", "1.0"]), row([Some("2"), None])],
            vec![whole(&["1", "1.5"])],
        ];
        let rows = run(merger, sources).unwrap();
        assert_eq!(!rows.is_empty(), holds, "2.5 {comparison:?} {number}");
        assert!(rows.len() < 2, "NULL satisfies nothing");
    }
}

#[test]
fn what_is_held_has_a_budget() {
    let keys = vec![Operand::plain(0)];
    let order = vec![SortKey::ascending(Operand::plain(0))];
    let mut sorted = group(keys.clone(), vec![]);
    sorted.arrival = order.clone();
    let distinct = |order| {
        Operator::Distinct(Distinct {
            keys: keys.clone(),
            order,
        })
    };
    let cases = [
        (Operator::Group(group(keys.clone(), vec![])), true),
        (Operator::Group(sorted), false),
        (distinct(vec![]), true),
        (distinct(order.clone()), false),
        (Operator::Order(order), false),
        (Operator::Concat, false),
    ];
    let column = bigint();
    for (operator, over) in cases {
        for budget in [
            Budget { rows: 10, ..AMPLE },
            Budget {
                bytes: 2000,
                ..AMPLE
            },
        ] {
            let spec = spec(1, operator.clone());
            let definition = [column.definition()];
            let merger = Merger::new(&spec, &definition, RowFormat::Text, 1, budget).unwrap();
            let rows = (100..200)
                .map(|value| whole(&[&value.to_string()]))
                .collect();
            let result = run(merger, vec![rows]);
            let kind = result.err().map(|error| error.kind());
            assert_eq!(
                kind,
                over.then_some(ErrorKind::OutOfSortMemory),
                "{operator:?}"
            );
        }
    }
}

#[test]
fn rows_out_of_order_are_an_error_where_groups_depend_on_it() {
    let mut sorted = group(vec![Operand::plain(0)], vec![]);
    sorted.arrival = vec![SortKey::ascending(Operand::plain(0))];
    let merger = merger(&spec(1, Operator::Group(sorted)), &[bigint()], 1).unwrap();
    let rows = vec![whole(&["2"]), whole(&["1"])];
    assert_eq!(
        run(merger, vec![rows]).unwrap_err().kind(),
        ErrorKind::NotSupportedYet
    );
}

#[test]
fn columns_and_sources_that_do_not_exist_are_errors() {
    let order = Operator::Order(vec![SortKey::ascending(Operand::plain(7))]);
    for (visible, operator) in [(1, order), (2, Operator::Concat)] {
        let error = merger(&spec(visible, operator), &[bigint()], 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
    }
    let mut merger = merger(&spec(1, Operator::Concat), &[bigint()], 1).unwrap();
    assert!(merger.push(1, whole(&["1"])).is_err());
    merger.end(1);
    assert_eq!(merger.step(), Ok(Step::NeedAny));
}

/// A binary row of BIGINTs.
fn binary(values: &[Option<i64>]) -> Bytes {
    let mut row = BytesMut::new();
    super::row::put_bitmap(&mut row, values.iter().map(Option::is_none));
    for value in values.iter().flatten() {
        row.extend_from_slice(&value.to_le_bytes());
    }
    row.freeze()
}

proptest! {
    #[test]
    fn hidden_columns_of_binary_rows_are_cut(
        values in proptest::collection::vec(proptest::option::of(any::<i64>()), 1..30),
        cut in 1_usize..30,
    ) {
        let visible = cut.min(values.len());
        let columns = vec![bigint(); values.len()];
        let definitions: Vec<_> = columns.iter().map(TextColumn::definition).collect();
        let spec = spec(visible, Operator::Concat);
        let mut merger = Merger::new(&spec, &definitions, RowFormat::Binary, 1, AMPLE).unwrap();
        merger.push(0, binary(&values)).unwrap();
        prop_assert_eq!(merger.step(), Ok(Step::Row(binary(&values[..visible]))));
    }

    #[test]
    fn merging_sorted_parts_is_sorting_the_whole(
        rows in proptest::collection::vec((proptest::option::of(-5_i64..5), any::<i64>(), 0_usize..5), 0..80),
        descending in any::<bool>(),
    ) {
        let keys = vec![
            SortKey { operand: Operand::plain(0), descending },
            SortKey::ascending(Operand::plain(1)),
        ];
        let sort = |rows: &mut Vec<(Option<i64>, i64, usize)>| rows.sort_by(|a, b| {
            let first = if descending { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
            first.then(a.1.cmp(&b.1))
        });
        let encode = |row: &(Option<i64>, i64, usize)| binary(&[row.0, Some(row.1)]);
        let mut all = rows.clone();
        sort(&mut all);
        let sources = (0..5).map(|part| {
            let mut own: Vec<_> = rows.iter().filter(|row| row.2 == part).copied().collect();
            sort(&mut own);
            own.iter().map(encode).collect()
        }).collect();
        let columns = [bigint(), bigint()];
        let definitions: Vec<_> = columns.iter().map(TextColumn::definition).collect();
        let spec = spec(2, Operator::Order(keys));
        let merger = Merger::new(&spec, &definitions, RowFormat::Binary, 5, AMPLE).unwrap();
        let expected: Vec<Bytes> = all.iter().map(encode).collect();
        prop_assert_eq!(run(merger, sources).unwrap(), expected);
    }

    #[test]
    fn merging_groups_is_grouping_the_whole(
        rows in proptest::collection::vec((0_i64..6, -1000_i64..1000, 0_usize..4), 0..100),
        in_order in any::<bool>(),
    ) {
        use std::collections::BTreeMap;
        // key, COUNT, SUM, MIN, MAX
        let grouped = |rows: &[(i64, i64, usize)]| {
            let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
            for (key, value, _) in rows {
                groups.entry(*key).or_default().push(*value);
            }
            let encode = |(key, values): (i64, Vec<i64>)| {
                let numbers = [
                    key,
                    values.len() as i64,
                    values.iter().sum(),
                    *values.iter().min().unwrap(),
                    *values.iter().max().unwrap(),
                ];
                let texts = numbers.map(|number| number.to_string());
                whole(&texts.each_ref().map(String::as_str))
            };
            groups.into_iter().map(encode).collect::<Vec<Bytes>>()
        };
        let mut group = group(vec![Operand::plain(0)], vec![
            (1, Function::Count),
            (2, Function::Sum { exact: None }),
            (3, Function::Min(Operand::plain(3))),
            (4, Function::Max(Operand::plain(4))),
        ]);
        let order = vec![SortKey::ascending(Operand::plain(0))];
        if in_order { group.arrival = order } else { group.order = order }
        let columns = [bigint(), bigint(), decimal(0), bigint(), bigint()];
        let merger = merger(&spec(5, Operator::Group(group)), &columns, 4).unwrap();
        let sources = (0..4).map(|part| {
            let own: Vec<_> = rows.iter().filter(|row| row.2 == part).copied().collect();
            grouped(&own)
        }).collect();
        prop_assert_eq!(run(merger, sources).unwrap(), grouped(&rows));
    }

    #[test]
    fn no_row_makes_the_merge_panic(
        rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..10),
        format in prop_oneof![Just(RowFormat::Text), Just(RowFormat::Binary)],
        kinds in proptest::collection::vec(0_usize..8, 3),
    ) {
        const TYPES: [T; 8] = [
            T::MYSQL_TYPE_TINY, T::MYSQL_TYPE_LONGLONG, T::MYSQL_TYPE_NEWDECIMAL, T::MYSQL_TYPE_DOUBLE,
            T::MYSQL_TYPE_DATETIME, T::MYSQL_TYPE_TIME, T::MYSQL_TYPE_BIT, T::MYSQL_TYPE_BLOB,
        ];
        let columns: Vec<_> = kinds.iter().map(|kind| column(TYPES[*kind], 63, 31)).collect();
        let definitions: Vec<_> = columns.iter().map(TextColumn::definition).collect();
        let max = group(vec![Operand::plain(0)], vec![(1, Function::Max(Operand::plain(1)))]);
        let order = [0, 1, 2].map(|at| SortKey::ascending(Operand::plain(at))).to_vec();
        for operator in [Operator::Order(order), Operator::Group(max)] {
            let spec = spec(2, operator);
            let merger = Merger::new(&spec, &definitions, format, 1, AMPLE).unwrap();
            let rows = rows.iter().cloned().map(Bytes::from).collect();
            let _ = run(merger, vec![rows]);
        }
    }
}

use super::*;

#[test]
fn placeholders_stand_for_the_clients_parameters_and_for_ids() {
    let source = |client, row| Source { client, row };
    // (a, id) VALUES (?, NULL), (?, ?)
    let found = Source::all([10, 13, 20, 23].into_iter(), &[(13, 0)], &[(2, 1)]);
    let expected = [
        source(Some(0), None),
        source(None, Some(0)),
        source(Some(1), None),
        source(Some(2), Some(1)),
    ];
    assert_eq!(found, expected);
    let none: [Source; 0] = [];
    assert_eq!(Source::all([].into_iter(), &[], &[]), none);
}

#[test]
fn what_is_bound_for_an_id_is_wanted_or_a_number_that_the_column_holds() {
    use BinaryValue as V;
    use WrittenId as W;
    let cases = [
        (V::Null, Some(W::Wanted)),
        (V::Integer(0), Some(W::Zero)),
        (V::Integer(100), Some(W::Own(100))),
        (V::Integer(101), None),
        (V::Integer(-1), None),
        (V::Integer(i128::from(u64::MAX) + 1), None),
        (V::Text(b"0"), Some(W::Zero)),
        (V::Text(b"007"), Some(W::Own(7))),
        (V::Blob(b"7"), Some(W::Own(7))),
        (V::Decimal(b"7"), Some(W::Own(7))),
        (V::Decimal(b"7.0"), None),
        (V::Text(b""), None),
        (V::Text(b" 7"), None),
        (V::Text(b"7x"), None),
        (V::Float(0.0), Some(W::Zero)),
        (V::Float(-0.0), Some(W::Zero)),
        (V::Float(7.0), Some(W::Own(7))),
        (V::Float(7.5), None),
        (V::Float(-7.0), None),
        (V::Float(f64::NAN), None),
        (V::Float(f64::INFINITY), None),
        (V::Other, None),
    ];
    for (value, expected) in cases {
        let found = written_id(&value, IdForm::Number { max: 100 });
        assert_eq!(found, expected, "{value:?}");
    }
    assert_eq!(whole(9_007_199_254_740_994.0), None);
    for form in [IdForm::UuidBytes, IdForm::UuidText] {
        for value in [V::Integer(0), V::Text(b""), V::Other] {
            assert_eq!(written_id(&value, form), Some(W::Value), "{value:?}");
        }
        assert_eq!(written_id(&V::Null, form), Some(W::Wanted));
    }
}

#[test]
fn ids_are_parameters_as_a_packet_has_them() {
    let number = BoundId::new(NewId::Number(258));
    assert_eq!(number.bytes.as_slice(), 258_u64.to_le_bytes());
    assert_eq!(number.value(), BinaryValue::Integer(258));
    let id = [7; 16];
    let bytes = BoundId::new(NewId::UuidBytes(id));
    assert_eq!(bytes.bytes.as_slice(), [&[16][..], &id].concat());
    assert_eq!(bytes.value(), BinaryValue::Blob(&id));
    let text = BoundId::new(NewId::UuidText(id));
    let written = b"07070707-0707-0707-0707-070707070707";
    assert_eq!(text.bytes.as_slice(), [&[36][..], written].concat());
    assert_eq!(text.value(), BinaryValue::Text(written));
}

#[test]
fn only_rows_whose_value_is_known_are_bound_by_the_proxy() {
    let rows = [
        WrittenId::Wanted,
        WrittenId::Value,
        WrittenId::Own(5),
        WrittenId::Wanted,
    ];
    let ids = bound_ids(&rows, &NewIds::Numbers(8));
    let numbers = ids.iter().map(|id| id.as_ref().and_then(|id| id.number));
    let expected = [Some(8), None, Some(5), Some(9)];
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
}

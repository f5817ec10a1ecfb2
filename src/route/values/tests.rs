use proptest::prelude::*;

use super::*;

fn bound(kind: u8, value: i128) -> Bound<KeyValue<'static>> {
    match kind % 3 {
        0 => Bound::Unbounded,
        1 => Bound::Included(KeyValue::Int(value)),
        _ => Bound::Excluded(KeyValue::Int(value)),
    }
}

fn values() -> impl Strategy<Value = Values<'static>> {
    let points = proptest::collection::vec(-4_i128..5, 0..30);
    let range = (0_u8..3, -4_i128..5, 0_u8..3, -4_i128..5);
    prop_oneof![
        Just(Values::Any),
        points.prop_map(|all| Values::Points(all.into_iter().map(KeyValue::Int).collect())),
        range.prop_map(|(lower, low, upper, high)| {
            let range = KeyRange {
                lower: bound(lower, low),
                upper: bound(upper, high),
            };
            Values::from(Bounds::Range(range))
        }),
    ]
}

fn has(values: &Values<'_>, value: i128) -> bool {
    let value = KeyValue::Int(value);
    match values {
        Values::Any => true,
        Values::Points(points) => points.contains(&value),
        Values::Range(range) => holds(range, &value),
    }
}

proptest! {
    #[test]
    fn what_both_hold_is_exact_and_what_either_holds_is_never_too_little(a in values(), b in values()) {
        let (both, either) = (a.clone().and(b.clone()), a.clone().or(b.clone()));
        for value in -6..7 {
            prop_assert_eq!(has(&both, value), has(&a, value) && has(&b, value), "{}", value);
            prop_assert!(has(&either, value) || !has(&a, value) && !has(&b, value), "{}", value);
        }
    }
}

#[test]
fn integers_between_two_bounds_are_single_values_and_what_contradicts_is_none() {
    let range = |low, high| KeyRange {
        lower: Bound::Included(KeyValue::Int(low)),
        upper: Bound::Included(KeyValue::Int(high)),
    };
    let three = integers(&range(-1, 1), 3);
    assert_eq!(three, Some((-1..=1).map(KeyValue::Int).collect()));
    assert_eq!(integers(&range(-1, 1), 2), None);
    assert_eq!(integers(&range(i128::MIN, i128::MAX), 2), None);
    assert!(Values::from(Bounds::Range(range(2, 1))).is_none());
}

//! Exact numbers against plain integers.

use proptest::prelude::*;

use super::Decimal;

fn parse(text: &str, scale: usize) -> Decimal {
    Decimal::parse(text.as_bytes(), scale).unwrap().0
}

#[test]
fn numbers_are_read_at_their_columns_scale() {
    let cases = [
        ("1", 2, Some(("1.00", 0))),
        ("-1.5", 2, Some(("-1.50", 1))),
        (".25", 2, Some(("0.25", 2))),
        ("-0.00", 2, Some(("0.00", 2))),
        ("00012", 0, Some(("12", 0))),
        ("1.234", 2, None),
        ("", 2, None),
        ("-", 2, None),
        (".", 2, None),
        ("1e5", 2, None),
        ("1 ", 2, None),
    ];
    for (text, scale, expected) in cases {
        let read = Decimal::parse(text.as_bytes(), scale)
            .map(|(number, fraction)| (number.to_text(scale), fraction));
        let expected = expected.map(|(text, fraction)| (text.to_owned(), fraction));
        assert_eq!(read, expected, "{text:?}");
    }
}

#[test]
fn the_longest_numbers_fit() {
    let nines = "9".repeat(65);
    let number = parse(&nines, 0);
    assert!(number.fits());
    assert_eq!(number.to_text(0), nines);
    let more = number.checked_add(parse("1", 0)).unwrap();
    assert!(!more.fits());
    assert_eq!(more.to_text(0), format!("1{}", "0".repeat(65)));
    assert!(Decimal::parse("9".repeat(78).as_bytes(), 0).is_none());
}

#[test]
fn halves_are_rounded_away_from_zero() {
    let cases = [
        ("0.5", 1, "1"),
        ("-0.5", 1, "-1"),
        ("0.49", 2, "0"),
        ("-2.5", 1, "-3"),
        ("7", 0, "7"),
    ];
    for (text, digits, rounded) in cases {
        assert_eq!(parse(text, digits).rounded(digits).to_text(0), rounded);
    }
}

proptest! {
    #[test]
    fn arithmetic_is_that_of_integers(a in any::<i64>(), b in any::<i64>(), count in 1_u64..) {
        let (a, b) = (i128::from(a), i128::from(b));
        let (x, y) = (Decimal::from_integer(a), Decimal::from_integer(b));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        prop_assert_eq!(x.checked_add(y).unwrap().to_text(0), (a + b).to_string());
        prop_assert_eq!(x.divided(count).unwrap().to_text(0), (a / i128::from(count)).to_string());
        prop_assert_eq!(parse(&a.to_string(), 0), x);
        prop_assert_eq!(x.digits(), a.unsigned_abs().checked_ilog10().map_or(0, |log| log as usize + 1));
        let (mut p, mut q) = (Vec::new(), Vec::new());
        x.put_canonical(&mut p);
        y.put_canonical(&mut q);
        prop_assert_eq!(p == q, a == b);
    }
}

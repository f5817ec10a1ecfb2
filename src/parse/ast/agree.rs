//! What two readings of one condition agree on.

use super::condition::Condition;

/// The part of a condition that both readings hold; where they differ, `Opaque`.
pub(super) fn agreed(one: Condition, other: &Condition) -> Condition {
    match (one, other) {
        (Condition::And(one), Condition::And(other)) if one.len() == other.len() => {
            Condition::And(pairwise(one, other))
        }
        (Condition::Or(one), Condition::Or(other)) if one.len() == other.len() => {
            Condition::Or(pairwise(one, other))
        }
        (Condition::Not(one), Condition::Not(other)) => agreed(*one, other).negated(true),
        (one, other) if one == *other => one,
        _ => Condition::Opaque,
    }
}

fn pairwise(one: Vec<Condition>, other: &[Condition]) -> Vec<Condition> {
    one.into_iter()
        .zip(other)
        .map(|(one, other)| agreed(one, other))
        .collect()
}

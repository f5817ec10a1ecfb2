//! What keeps a session on its connections, as others see it: a few bits.

use crate::plan::PinReason;

/// A transaction is under way, and why the session is pinned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tied(u32);

const TRANSACTION: u32 = 1;

impl Tied {
    /// From what a session holds.
    pub(super) fn new(in_transaction: bool, reasons: impl Iterator<Item = PinReason>) -> Self {
        let pins = reasons.fold(0, |bits, reason| bits | bit(reason));
        Self(pins | if in_transaction { TRANSACTION } else { 0 })
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    pub(super) const fn of_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether a transaction is under way.
    pub const fn in_transaction(self) -> bool {
        self.0 & TRANSACTION != 0
    }

    /// Whether the session keeps a connection for this reason.
    pub const fn is_pinned(self, reason: PinReason) -> bool {
        self.0 & bit(reason) != 0
    }

    /// Why the session keeps a connection.
    pub fn reasons(self) -> impl Iterator<Item = PinReason> {
        let all = PinReason::ALL.iter().copied();
        all.filter(move |reason| self.is_pinned(*reason))
    }
}

const fn bit(reason: PinReason) -> u32 {
    TRANSACTION << (1 + reason as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_bit_of_its_own() {
        for reason in PinReason::ALL {
            let tied = Tied::new(false, std::iter::once(*reason));
            assert_eq!(tied.reasons().collect::<Vec<_>>(), [*reason]);
            assert!(!tied.in_transaction());
        }
        let all = Tied::new(true, PinReason::ALL.iter().copied());
        assert!(all.in_transaction());
        assert_eq!(all.reasons().count(), PinReason::ALL.len());
        assert_eq!(Tied::of_bits(all.bits()), all);
    }
}

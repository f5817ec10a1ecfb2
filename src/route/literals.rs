//! Slot → the values that stand there: literals of the text, or parameters bound to its placeholders.

use super::RouteError;
use super::key::{self, Canonical, KeyError, LiteralContext, NotCertain, Scalar, Usage};
use super::params::Params;
use crate::parse::ast::Made;
use crate::parse::{Digest, Literal, LiteralKind, Slot};
use crate::topology::KeyType;
use crate::value::KeyValue;
use crate::wire::BinaryValue;

/// A statement whose literals can be read.
#[derive(Clone, Copy, Debug)]
pub struct Literals<'a> {
    /// Where they stand.
    pub digest: &'a Digest,
    /// The statement's bytes.
    pub text: &'a [u8],
    /// How the session reads them.
    pub context: LiteralContext,
    /// What its placeholders stand for.
    pub params: Params<'a>,
}

/// A value of the statement.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    literal: &'a Literal,
    /// Its number among the statement's literals.
    number: usize,
}

impl<'a> Literals<'a> {
    /// The values of a slot: one, or one per row of a folded group.
    ///
    /// # Errors
    /// The statement has no such slot: the plan is of another statement.
    pub fn of(&self, slot: Slot) -> Result<impl Iterator<Item = Given<'a>>, RouteError> {
        let (first, stride, count) = self.digest.slot_place(slot);
        let literals = &self.digest.literals;
        let last = first + stride * (count - 1);
        if last >= literals.len() {
            return Err(RouteError::ForeignPlan);
        }
        let rows = literals.get(first..=last).unwrap_or_default();
        let rows = rows.iter().step_by(stride).enumerate();
        Ok(rows.map(move |(row, literal)| Given {
            literal,
            number: first + row * stride,
        }))
    }

    /// The canonical form of a value on a column of `key_type`.
    ///
    /// # Errors
    /// As [`key::canonical`].
    pub fn canonical(
        &self,
        given: Given<'a>,
        key_type: &KeyType,
        usage: Usage,
    ) -> Result<Canonical<'a>, KeyError> {
        if given.literal.kind != LiteralKind::Placeholder {
            return key::canonical(given.literal, self.text, key_type, usage, self.context);
        }
        let bound = self.params.at(given.number);
        if let (Some(BinaryValue::Integer(value)), KeyType::Integer { min, max }) =
            (bound, key_type)
            && (*min..=*max).contains(&value)
        {
            return Ok(Canonical::Value(KeyValue::Int(value)));
        }
        key::canonical_scalar(self.scalar(given, key_type), key_type, usage)
    }

    /// What a function makes of literals, beside a column of `key_type`. Its value is a string of
    /// bytes: beside other columns than those of bytes what that means is left to the servers.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn made(&self, made: &Made, key_type: &KeyType) -> Result<Scalar<'a>, RouteError> {
        if !matches!(key_type, KeyType::Binary { .. }) {
            return Ok(Scalar::Unknown(NotCertain::Kind));
        }
        let only = |slot: Slot| {
            let given = self.of(slot)?.next().ok_or(RouteError::ForeignPlan)?;
            Ok(self.scalar(given, key_type))
        };
        let of = only(made.of)?;
        let swap = made.swap.map(only).transpose()?;
        Ok(key::made(made.maker, &of, swap.as_ref()))
    }

    /// A value beside a column of `key_type`.
    pub fn scalar(&self, given: Given<'a>, key_type: &KeyType) -> Scalar<'a> {
        let bound = match given.literal.kind {
            LiteralKind::Placeholder => self.params.at(given.number),
            _ => None,
        };
        bound
            .and_then(|value| self.params.scalar(value, key_type))
            .unwrap_or_else(|| Scalar::read(given.literal, self.text, self.context))
    }
}

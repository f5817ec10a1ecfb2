//! An execution's parameters for texts that have only some of the client's placeholders.
//!
//! In: the execution as the client sent it. Out: for a list of the statement's literals those
//! parameters whose placeholders are among them, in the list's order, with their types.

use std::ops::Range;

use super::bound::{self, Bound};
use super::execute::unsupported;
use super::shard::ShardExecute;
use super::statements::Prepared;
use super::template::{ShardText, Template};
use crate::backend::StatementKey;
use crate::parse::{Digest, DigestSeed, Literal, LiteralKind, Slot};
use crate::plan::Edit;
use crate::rewrite::{self, Disturbed, SpliceError};
use crate::route::Params;
use crate::route::key::Charset;
use crate::session::failure::Failure;
use crate::wire::{
    BinaryValue, BoundParameters, ColumnType, Execution, OwnParameters, ParamType, Reader,
    read_parameter,
};

/// An execution as the client sent it.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct Bindings<'a> {
    /// The statement's text.
    pub template: &'a Template,
    /// The statement.
    pub prepared: &'a Prepared,
    /// Its parameters as they stand in the packet.
    pub packet: BoundParameters<'a>,
    /// The statement's own values, as far as they are known.
    pub values: &'a [BinaryValue<'a>],
    /// How many bytes of the packet's values are the statement's own.
    pub own: usize,
    /// What the types make of the statement's key.
    pub types_hash: u128,
    /// How a list of types becomes a part of a statement's key.
    pub seed: DigestSeed,
}

impl<'a> Bindings<'a> {
    /// What was bound to a statement.
    pub(super) fn new(
        (prepared, template): (&'a Prepared, &'a Template),
        bound: &'a Bound<'_>,
        seed: DigestSeed,
    ) -> Self {
        Self {
            template,
            prepared,
            packet: bound.packet,
            values: &bound.values,
            own: bound.own,
            types_hash: bound.types_hash,
            seed,
        }
    }

    /// Where the text's literals and placeholders are.
    pub fn digest(&self) -> &'a Digest {
        &self.template.digest
    }

    /// What the placeholders stand for, for routing.
    pub fn params(&self, charset: Charset) -> Params<'a> {
        Params {
            values: self.values,
            ordinals: &self.template.ordinals,
            charset,
        }
    }

    /// The execution of a server's text that has all placeholders.
    pub fn on_shard(&self, text: &'a ShardText) -> ShardExecute<'a> {
        ShardExecute {
            text,
            settings: &self.template.settings,
            execution: self.execution(),
            long_data: &self.prepared.long_data,
            cursor: None,
            types_hash: self.types_hash,
        }
    }

    /// All parameters, for a text that has all placeholders in the client's order.
    pub fn execution(&self) -> Execution<'a> {
        Execution {
            bound: self.packet,
            types: &self.prepared.types,
            own_values: self.own,
            cursor: false,
        }
    }

    /// Under which a connection knows a text with parameters, as long as it was not executed.
    pub fn key_of(&self, sql: &[u8]) -> StatementKey {
        ShardText::new(sql, None, &self.template.settings, self.seed).key
    }

    /// Whether a text with these of the statement's literals has placeholders.
    pub fn has_placeholder(&self, literals: &[usize]) -> bool {
        literals.iter().any(|at| self.ordinal(*at).is_some())
    }

    /// Whether every parameter has its place in the text.
    ///
    /// # Errors
    /// Some stand in comments that only certain servers read.
    pub fn check_places(&self) -> Result<(), Failure> {
        match self.template.places(self.prepared.params) {
            true => Ok(()),
            false => Err(refused("parameters in comments over several shards")),
        }
    }

    /// Whether edits leave the text the client's placeholders, in their order.
    ///
    /// # Errors
    /// They would change which parameters the text has.
    pub fn check_edits<'e>(
        &self,
        edits: impl IntoIterator<Item = &'e Edit>,
    ) -> Result<(), Failure> {
        Self::check_edits_of(self.digest(), edits)
    }

    /// The same of another text that has the client's placeholders.
    pub fn check_edits_of<'e>(
        digest: &Digest,
        edits: impl IntoIterator<Item = &'e Edit>,
    ) -> Result<(), Failure> {
        let disturbed = rewrite::disturbed(digest, edits);
        match disturbed.map_err(|error| Failure::from(&error))? {
            None => Ok(()),
            Some(Disturbed::Removed) => Err(refused(
                "parameters in what is computed behind several shards",
            )),
            Some(Disturbed::Repeated) => Err(refused(
                "parameters in what is sorted, grouped or aggregated over several shards",
            )),
        }
    }

    /// The literal in a slot, and its number among the statement's.
    pub fn literal(&self, slot: Slot) -> Result<(usize, &'a Literal), Failure> {
        let (at, ..) = self.digest().slot_place(slot);
        let literal = self.digest().literals.get(at);
        let foreign = || Failure::from(&SpliceError::ForeignPlan);
        Ok((at, literal.ok_or_else(foreign)?))
    }

    /// The number of the parameter that stands at a literal; `None`: the literal is no placeholder.
    pub fn ordinal(&self, literal: usize) -> Option<usize> {
        let found = self.digest().literals.get(literal)?;
        let ordinal = *self.template.ordinals.get(literal)? as usize;
        (found.kind == LiteralKind::Placeholder).then_some(ordinal)
    }

    /// The parameters of a text that has these of the statement's literals, in this order.
    ///
    /// # Errors
    /// They cannot be told apart, or query attributes would be lost.
    pub fn some(&self, literals: impl IntoIterator<Item = usize>) -> Result<Rebound, Failure> {
        let spans = self.spans()?;
        if self.packet.count > usize::from(self.prepared.params) {
            return Err(refused("query attributes over several shards"));
        }
        let ordinals = literals.into_iter().filter_map(|at| self.ordinal(at));
        let mut some = Rebound::default();
        let mut types = Vec::new();
        for ordinal in ordinals {
            types.push(self.push_to(&mut some, ordinal, &spans)?);
        }
        some.types_hash = bound::hash_of_some(&types, self.seed);
        Ok(some)
    }

    /// Adds a parameter to others; gives the type that a server remembers of it.
    ///
    /// # Errors
    /// There is no such parameter.
    pub(super) fn push_to(
        &self,
        some: &mut Rebound,
        ordinal: usize,
        spans: &[Range<usize>],
    ) -> Result<ParamType, Failure> {
        let declared = self.prepared.types.get(ordinal).copied();
        let (Some(declared), Some(span)) = (declared, spans.get(ordinal)) else {
            return Err(Failure::from(&SpliceError::ForeignPlan));
        };
        let null = self.packet.is_null(ordinal);
        let value = self.packet.values.get(span.clone());
        if let Some(data) = self.prepared.long_data(ordinal) {
            let number = u16::try_from(some.parameters.len()).unwrap_or(u16::MAX);
            some.long_data.push((number, data.to_vec()));
        }
        some.parameters
            .push(declared, null, value.unwrap_or_default());
        Ok(remembered(self.prepared, (ordinal, null)))
    }

    /// Where the parameters' values stand in the packet.
    ///
    /// # Errors
    /// The length of one is not known.
    pub(super) fn spans(&self) -> Result<Vec<Range<usize>>, Failure> {
        let (prepared, packet) = (self.prepared, &self.packet);
        let mut reader = Reader::new(packet.values);
        let mut spans = Vec::with_capacity(prepared.types.len());
        for (at, declared) in prepared.types.iter().enumerate() {
            let start = packet.values.len() - reader.remaining();
            let sent = !packet.is_null(at) && prepared.long_data(at).is_none();
            if sent && !matches!(read_parameter(&mut reader, *declared), Ok(Some(_))) {
                return Err(refused("a parameter of this type over several shards"));
            }
            spans.push(start..packet.values.len() - reader.remaining());
        }
        Ok(spans)
    }
}

/// Other parameters than the client's, or some of them.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Rebound {
    /// The parameters.
    pub parameters: OwnParameters,
    /// Those of them that were sent before, in pieces.
    pub long_data: Vec<(u16, Vec<u8>)>,
    /// What their types make of the statement's key.
    pub types_hash: u128,
}

impl Rebound {
    /// Another parameter behind them: a number.
    pub fn push_number(&mut self, number: u64) {
        let declared = ParamType::new(ColumnType::MYSQL_TYPE_LONGLONG as u8, true);
        self.parameters.push(declared, false, &number.to_le_bytes());
    }
}

/// The type that a server's statement remembers of a parameter, or shows.
fn remembered(prepared: &Prepared, (ordinal, null): (usize, bool)) -> ParamType {
    match null && prepared.has_columns {
        true => bound::NULL,
        false => {
            let known = prepared.remembered.get(ordinal).copied();
            known.unwrap_or(bound::NULL)
        }
    }
}

pub(super) fn refused(what: &str) -> Failure {
    Failure::Error(unsupported(what))
}

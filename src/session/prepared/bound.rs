//! The parameters of an execution: their types, and their values as routing reads them.

use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::statements::Prepared;
use crate::parse::DigestSeed;
use crate::wire::{
    BinaryValue, BoundParameters, ColumnType, ExecuteCommand, ParamType, Reader, read_parameter,
};
use crate::wire::{CapabilityFlags, WireError};

/// An execution's parameters.
#[derive(Debug)]
pub struct Bound<'a> {
    /// As they stand in the packet.
    pub packet: BoundParameters<'a>,
    /// The statement's own values, as far as they are known.
    pub values: SmallVec<[BinaryValue<'a>; 8]>,
    /// How many bytes of the packet's values are the statement's own.
    pub own: usize,
    /// What the types make of the statement's key.
    pub types_hash: u128,
    /// The client wishes for a cursor.
    pub cursor: bool,
}

/// Why parameters cannot be used.
#[derive(Debug)]
pub enum BoundError {
    /// They cannot be read.
    Malformed,
    /// Their types were never told.
    Untyped,
    /// Query attributes stand behind a value whose length is not known.
    Unclear,
}

impl From<WireError> for BoundError {
    fn from(_: WireError) -> Self {
        Self::Malformed
    }
}

/// Reads the parameters of an execution, and keeps their types for the next one.
///
/// # Errors
/// See [`BoundError`].
pub fn read<'a>(
    prepared: &'a mut Prepared,
    command: ExecuteCommand<'a>,
    capabilities: CapabilityFlags,
    seed: DigestSeed,
) -> Result<(Bound<'a>, &'a Prepared), BoundError> {
    let packet = command.parameters(prepared.params, capabilities)?;
    let own = usize::from(prepared.params);
    if let Some(types) = packet.types() {
        prepared.types.clear();
        prepared.types.extend(types.take(own));
    }
    if prepared.types.len() < own {
        return Err(BoundError::Untyped);
    }
    let types_hash = match own {
        0 => 0,
        _ => remember(prepared, &packet, seed),
    };
    let prepared: &'a Prepared = prepared;
    let mut reader = Reader::new(packet.values);
    let mut values = SmallVec::new();
    for (at, declared) in prepared.types.iter().enumerate() {
        match value(prepared, &packet, at, *declared, &mut reader)? {
            Some(value) => values.push(value),
            // What follows has no place that is known.
            None if packet.count > own => return Err(BoundError::Unclear),
            None => {
                reader.rest();
                break;
            }
        }
    }
    if !prepared.template.places(prepared.params) {
        values.clear();
    }
    let own = packet.values.len() - reader.remaining();
    Ok((
        Bound {
            packet,
            values,
            own,
            types_hash,
            cursor: command.wants_cursor(),
        },
        prepared,
    ))
}

/// Takes over what the types of this execution make a server's statement remember; gives the hash of
/// it. A NULL changes nothing, but for what columns are told to be.
fn remember(prepared: &mut Prepared, packet: &BoundParameters<'_>, seed: DigestSeed) -> u128 {
    let mut changed = prepared.remembered.len() != prepared.types.len();
    prepared.remembered.resize(prepared.types.len(), NULL);
    let mut nulls = false;
    let pairs = prepared.remembered.iter_mut().zip(&prepared.types);
    for (at, (remembered, declared)) in pairs.enumerate() {
        if packet.is_null(at) {
            nulls = true;
        } else if remembered != declared {
            *remembered = *declared;
            changed = true;
        }
    }
    if changed {
        prepared.types_hash = hash(prepared.remembered.iter().copied(), seed);
    }
    if !nulls || !prepared.has_columns {
        return prepared.types_hash;
    }
    let types = prepared.types.iter().enumerate();
    let shown = types.map(|(at, declared)| match packet.is_null(at) {
        true => NULL,
        false => *declared,
    });
    hash(shown, seed)
}

/// The type of what has none.
pub(super) const NULL: ParamType = ParamType::new(ColumnType::MYSQL_TYPE_NULL as u8, false);

/// What types, as a server's statement remembers them, make of the statement's key.
pub(super) fn hash_of_some(types: &[ParamType], seed: DigestSeed) -> u128 {
    match types {
        [] => 0,
        types => hash(types.iter().copied(), seed),
    }
}

fn hash(types: impl Iterator<Item = ParamType>, seed: DigestSeed) -> u128 {
    let bytes: SmallVec<[u8; 32]> = types.flat_map(ParamType::bytes).collect();
    xxh3_128_with_seed(&bytes, seed.0)
}

fn value<'a>(
    prepared: &'a Prepared,
    packet: &BoundParameters<'a>,
    at: usize,
    declared: ParamType,
    reader: &mut Reader<'a>,
) -> Result<Option<BinaryValue<'a>>, WireError> {
    if let Some(data) = prepared.long_data(at) {
        return Ok(Some(sent_before(declared, data)));
    }
    if packet.is_null(at) {
        return Ok(Some(BinaryValue::Null));
    }
    read_parameter(reader, declared)
}

/// A value that was sent before its execution is a string of its type.
fn sent_before(declared: ParamType, data: &[u8]) -> BinaryValue<'_> {
    use ColumnType as T;
    match T::try_from(declared.column_type()) {
        Ok(T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING | T::MYSQL_TYPE_STRING) => {
            BinaryValue::Text(data)
        }
        Ok(
            T::MYSQL_TYPE_TINY_BLOB
            | T::MYSQL_TYPE_MEDIUM_BLOB
            | T::MYSQL_TYPE_LONG_BLOB
            | T::MYSQL_TYPE_BLOB,
        ) => BinaryValue::Blob(data),
        _ => BinaryValue::Other,
    }
}

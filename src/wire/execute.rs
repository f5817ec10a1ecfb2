//! COM_STMT_EXECUTE: a client's packet → its parts, and the packet that a server gets.
//!
//! A server's packet is never the client's as it came: the statement has another number there, the
//! types must be told every time (who used the server's statement before may have bound others), and
//! query attributes may not have been negotiated.
//!
//! Source: MySQL's protocol page "COM_STMT_EXECUTE"
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_stmt_execute.html>).

use bytes::{BufMut, BytesMut};

use super::CapabilityFlags;
use super::attributes::find_attribute;
use super::codec::{Reader, put_lenenc};
use super::command::code;
use super::error::{Result, WireError};

/// The flag by which a client asks for a cursor.
const CURSOR_READ_ONLY: u8 = 0x01;

/// The flag that announces query attributes where the statement has no parameters.
const PARAMETER_COUNT_AVAILABLE: u8 = 0x08;

/// The sign bit of a declared type's second byte.
const UNSIGNED: u8 = 0x80;

/// A parameter's declared type, as it stands in the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamType([u8; 2]);

impl ParamType {
    /// A type by its number.
    pub const fn new(column_type: u8, unsigned: bool) -> Self {
        Self([column_type, if unsigned { UNSIGNED } else { 0 }])
    }

    /// The number of the type, see [`super::ColumnType`].
    pub const fn column_type(self) -> u8 {
        self.0[0]
    }

    /// As it is sent.
    pub const fn bytes(self) -> [u8; 2] {
        self.0
    }

    /// Whether an integer has no sign.
    pub const fn is_unsigned(self) -> bool {
        self.0[1] & UNSIGNED != 0
    }
}

/// COM_STMT_EXECUTE up to its parameters, which cannot be read before the statement is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecuteCommand<'a> {
    /// The client's number of the statement.
    pub statement: u32,
    /// Cursor and parameter flags.
    pub flags: u8,
    body: &'a [u8],
}

/// The parameters of one execution, borrowed from the packet: those of the statement, then the query
/// attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BoundParameters<'a> {
    /// How many there are.
    pub count: usize,
    nulls: &'a [u8],
    declarations: Option<Declarations<'a>>,
    /// The values that are neither NULL nor sent as long data, one behind the other.
    pub values: &'a [u8],
}

/// The types of all parameters, with names where query attributes were negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Declarations<'a> {
    bytes: &'a [u8],
    named: bool,
}

impl<'a> ExecuteCommand<'a> {
    /// Reads what follows the command byte.
    ///
    /// # Errors
    /// Those of a truncated packet.
    pub fn decode(body: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        let statement = reader.u32()?;
        let flags = reader.u8()?;
        // The iteration count, which is always 1.
        reader.u32()?;
        Ok(Self {
            statement,
            flags,
            body: reader.rest(),
        })
    }

    /// Whether the client wants to fetch the rows from a cursor.
    pub const fn wants_cursor(&self) -> bool {
        self.flags & CURSOR_READ_ONLY != 0
    }

    /// Reads the parameters of a statement with this many placeholders, as a client with these
    /// negotiated capabilities sends them.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for fewer parameters than the statement has, and the errors of a
    /// truncated packet.
    pub fn parameters(
        &self,
        placeholders: u16,
        capabilities: CapabilityFlags,
    ) -> Result<BoundParameters<'a>> {
        let named = capabilities.contains(CapabilityFlags::CLIENT_QUERY_ATTRIBUTES);
        let announced = named && self.flags & PARAMETER_COUNT_AVAILABLE != 0;
        if placeholders == 0 && !announced {
            return Ok(BoundParameters::default());
        }
        let mut reader = Reader::new(self.body);
        let count = match named {
            true => reader.lenenc()?,
            false => placeholders.into(),
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count < usize::from(placeholders) || count > MAX_PARAMETERS {
            return Err(malformed("impossible number of parameters"));
        }
        if count == 0 {
            return Ok(BoundParameters::default());
        }
        let nulls = reader.take(count.div_ceil(8))?;
        let declarations = match reader.u8()? {
            0 => None,
            _ => Some(Declarations::decode(&mut reader, count, named)?),
        };
        Ok(BoundParameters {
            count,
            nulls,
            declarations,
            values: reader.rest(),
        })
    }
}

/// The most parameters that are believed: the number of a statement's own has two bytes.
const MAX_PARAMETERS: usize = 2 * u16::MAX as usize;

impl<'a> Declarations<'a> {
    fn decode(reader: &mut Reader<'a>, count: usize, named: bool) -> Result<Self> {
        let mut behind = reader.clone();
        for _ in 0..count {
            behind.u16()?;
            if named {
                behind.lenenc_bytes()?;
            }
        }
        let bytes = reader.take(reader.remaining() - behind.remaining())?;
        Ok(Self { bytes, named })
    }

    fn types(self) -> impl Iterator<Item = ParamType> {
        let mut reader = Reader::new(self.bytes);
        std::iter::from_fn(move || {
            let declared = reader.array().ok()?;
            if self.named {
                reader.lenenc_bytes().ok()?;
            }
            Some(ParamType(declared))
        })
    }
}

impl<'a> BoundParameters<'a> {
    /// The types, where the client tells them anew; else they are those of the execution before.
    pub fn types(&self) -> Option<impl Iterator<Item = ParamType>> {
        self.declarations.map(Declarations::types)
    }

    /// The value of a query attribute that is a string. The attributes stand behind `own` parameters of
    /// the statement's own, which have so many bytes of values.
    pub fn attribute(&self, name: &[u8], own: usize, own_values: usize) -> Option<&'a [u8]> {
        let declarations = self.declarations.filter(|all| all.named)?;
        let mut declared = Reader::new(declarations.bytes);
        for _ in 0..own {
            declared.u16().ok()?;
            declared.lenenc_bytes().ok()?;
        }
        let mut values = Reader::new(self.values.get(own_values..)?);
        let nulls = (own..self.count).map(|at| self.is_null(at));
        find_attribute(name, nulls, &mut declared, &mut values)
    }

    /// Whether a parameter is NULL.
    pub fn is_null(&self, at: usize) -> bool {
        let byte = self.nulls.get(at / 8).copied().unwrap_or_default();
        byte >> (at % 8) & 1 == 1
    }
}

/// An execution for a server.
#[derive(Clone, Copy, Debug)]
pub struct Execution<'a> {
    /// The client's parameters.
    pub bound: BoundParameters<'a>,
    /// The types of the statement's own parameters.
    pub types: &'a [ParamType],
    /// Bytes of the statement's own values; those of query attributes follow them.
    pub own_values: usize,
    /// Whether a cursor is wanted.
    pub cursor: bool,
}

/// Parameters that are put together one by one, instead of those of a client's packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnParameters {
    nulls: Vec<u8>,
    types: Vec<ParamType>,
    values: Vec<u8>,
    own_values: usize,
    /// How many query attributes stand behind them, and how all of both are declared.
    attributes: Option<(usize, Vec<u8>)>,
}

impl OwnParameters {
    /// Adds a parameter: its bytes as they stand in a packet, none where it is NULL or sent before.
    pub fn push(&mut self, declared: ParamType, null: bool, value: &[u8]) {
        self.push_null(self.types.len(), null);
        self.types.push(declared);
        self.values.extend_from_slice(value);
        self.own_values = self.values.len();
    }

    fn push_null(&mut self, at: usize, null: bool) {
        if at.is_multiple_of(8) {
            self.nulls.push(0);
        }
        if let (true, Some(byte)) = (null, self.nulls.last_mut()) {
            *byte |= 1 << (at % 8);
        }
    }

    /// Adds the query attributes of a client's packet, behind the last parameter. There they stand
    /// behind `own` parameters, which have so many bytes of values.
    pub fn push_attributes(
        &mut self,
        packet: &BoundParameters<'_>,
        (own, own_values): (usize, usize),
    ) {
        let Some(declared) = packet.declarations.filter(|all| all.named) else {
            return;
        };
        let mut reader = Reader::new(declared.bytes);
        let skipped = (0..own).all(|_| reader.u16().is_ok() && reader.lenenc_bytes().is_ok());
        let count = packet.count.saturating_sub(own);
        if !skipped || count == 0 {
            return;
        }
        let mut all = Vec::with_capacity(3 * self.types.len() + reader.remaining());
        for declared in &self.types {
            all.extend_from_slice(&declared.0);
            all.push(0);
        }
        all.extend_from_slice(reader.rest());
        for at in 0..count {
            self.push_null(self.types.len() + at, packet.is_null(own + at));
        }
        let values = packet.values.get(own_values..);
        self.values.extend_from_slice(values.unwrap_or_default());
        self.attributes = Some((count, all));
    }

    /// Their types.
    pub fn types(&self) -> &[ParamType] {
        &self.types
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    /// The execution of a statement with these parameters.
    pub fn execution(&self) -> Execution<'_> {
        let attributes = self.attributes.as_ref();
        let declared = attributes.map(|(_, bytes)| Declarations { bytes, named: true });
        Execution {
            bound: BoundParameters {
                count: self.types.len() + attributes.map_or(0, |(count, _)| *count),
                nulls: &self.nulls,
                declarations: declared,
                values: &self.values,
            },
            types: &self.types,
            own_values: self.own_values,
            cursor: false,
        }
    }
}

/// Appends COM_STMT_EXECUTE for a server with these negotiated capabilities; query attributes are
/// left out where it knows none.
pub fn put_execute(
    out: &mut BytesMut,
    capabilities: CapabilityFlags,
    statement: u32,
    execution: &Execution<'_>,
) {
    let Execution { bound, types, .. } = execution;
    let named = capabilities.contains(CapabilityFlags::CLIENT_QUERY_ATTRIBUTES);
    let own = types.len();
    let attributes = named && bound.count > own && bound.declarations.is_some();
    let count = if attributes { bound.count } else { own };
    let mut flags = if execution.cursor {
        CURSOR_READ_ONLY
    } else {
        0
    };
    if attributes {
        flags |= PARAMETER_COUNT_AVAILABLE;
    }
    out.reserve(32 + 4 * count + bound.values.len());
    out.put_u8(code::STMT_EXECUTE);
    out.put_u32_le(statement);
    out.put_u8(flags);
    out.put_u32_le(1);
    if count == 0 {
        return;
    }
    if named {
        put_lenenc(out, count as u64);
    }
    out.put_slice(bound.nulls.get(..count.div_ceil(8)).unwrap_or(bound.nulls));
    out.put_u8(1);
    match bound.declarations {
        Some(all) if attributes => out.put_slice(all.bytes),
        _ => {
            for declared in *types {
                out.put_slice(&declared.0);
                if named {
                    out.put_u8(0);
                }
            }
        }
    }
    let values = match attributes {
        true => bound.values,
        false => bound.values.get(..execution.own_values).unwrap_or_default(),
    };
    out.put_slice(values);
}

const fn malformed(reason: &'static str) -> WireError {
    WireError::Malformed {
        packet: "COM_STMT_EXECUTE",
        reason,
    }
}

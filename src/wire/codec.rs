//! The protocol's integers and strings: a bounded reader, and writers that append.

use bytes::{BufMut, BytesMut};

use super::error::{Result, WireError};

/// The first byte of a NULL where a length-encoded string is expected.
pub const NULL_MARK: u8 = 0xFB;

/// Reads values one after the other from a packet; never beyond its end.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the first byte of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Number of bytes not yet read.
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The next byte, which stays unread.
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// All the bytes not yet read, which are read by this.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: so many are not left.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, tail) = self
            .rest
            .split_at_checked(len)
            .ok_or(WireError::Truncated {
                wanted: len,
                left: self.rest.len(),
            })?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: so many are not left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(WireError::Truncated {
                wanted: N,
                left: self.rest.len(),
            })?;
        self.rest = tail;
        Ok(*head)
    }

    /// An unsigned byte.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: the packet is at its end.
    pub fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// A two-byte integer, little endian.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: fewer bytes are left.
    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// A three-byte integer, little endian.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: fewer bytes are left.
    pub fn u24(&mut self) -> Result<u32> {
        self.array()
            .map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))
    }

    /// A four-byte integer, little endian.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: fewer bytes are left.
    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// An eight-byte integer, little endian.
    ///
    /// # Errors
    /// [`WireError::Truncated`]: fewer bytes are left.
    pub fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A length-encoded integer.
    ///
    /// # Errors
    /// [`WireError::Truncated`]; [`WireError::BadLength`] where a NULL or 0xFF stands.
    pub fn lenenc(&mut self) -> Result<u64> {
        match self.u8()? {
            0xFC => self.u16().map(u64::from),
            0xFD => self.u24().map(u64::from),
            0xFE => self.u64(),
            mark @ (NULL_MARK | 0xFF) => Err(WireError::BadLength(mark)),
            small => Ok(u64::from(small)),
        }
    }

    /// A string behind its length-encoded length.
    ///
    /// # Errors
    /// As [`lenenc`](Self::lenenc).
    pub fn lenenc_bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.lenenc()?;
        // A length beyond the address space is beyond the packet too.
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// A string behind its length-encoded length, or `None` where a NULL stands.
    ///
    /// # Errors
    /// As [`lenenc`](Self::lenenc).
    pub fn nullable_bytes(&mut self) -> Result<Option<&'a [u8]>> {
        if self.peek() == Some(NULL_MARK) {
            self.u8()?;
            return Ok(None);
        }
        self.lenenc_bytes().map(Some)
    }

    /// The bytes before the next zero byte, which is read too.
    ///
    /// # Errors
    /// [`WireError::Unterminated`]: no zero byte is left.
    pub fn nul_bytes(&mut self) -> Result<&'a [u8]> {
        let end = memchr::memchr(0, self.rest).ok_or(WireError::Unterminated)?;
        let text = self.take(end)?;
        self.take(1)?;
        Ok(text)
    }

    /// The bytes before the next zero byte, or all that is left: for the strings that some
    /// programs forget to terminate where they are a packet's last.
    pub fn nul_bytes_or_rest(&mut self) -> &'a [u8] {
        self.nul_bytes().unwrap_or_else(|_| self.rest())
    }
}

/// Number of bytes that `value` takes as a length-encoded integer.
pub const fn lenenc_len(value: u64) -> usize {
    match value {
        0..=0xFA => 1,
        0xFB..=0xFFFF => 3,
        0x1_0000..=0xFF_FFFF => 4,
        _ => 9,
    }
}

/// Appends a length-encoded integer.
pub fn put_lenenc(out: &mut BytesMut, value: u64) {
    match lenenc_len(value) {
        1 => out.put_uint_le(value, 1),
        3 => {
            out.put_u8(0xFC);
            out.put_uint_le(value, 2);
        }
        4 => {
            out.put_u8(0xFD);
            out.put_uint_le(value, 3);
        }
        _ => {
            out.put_u8(0xFE);
            out.put_u64_le(value);
        }
    }
}

/// Appends a string behind its length-encoded length.
pub fn put_lenenc_bytes(out: &mut BytesMut, bytes: &[u8]) {
    put_lenenc(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a string as [`put_lenenc_bytes`] does, or a NULL.
pub fn put_nullable_bytes(out: &mut BytesMut, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => put_lenenc_bytes(out, bytes),
        None => out.put_u8(NULL_MARK),
    }
}

/// Appends a string and its terminating zero.
///
/// # Errors
/// [`WireError::Malformed`]: the string holds a zero byte; nothing is appended.
pub fn put_nul_bytes(out: &mut BytesMut, bytes: &[u8]) -> Result<()> {
    if memchr::memchr(0, bytes).is_some() {
        return Err(WireError::Malformed {
            packet: "zero-terminated string",
            reason: "it holds a zero byte",
        });
    }
    out.extend_from_slice(bytes);
    out.put_u8(0);
    Ok(())
}

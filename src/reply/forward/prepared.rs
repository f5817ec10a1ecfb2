//! Answers that only prepared statements have.

use bytes::BytesMut;

use super::{Forwarder, Phase};
use crate::error::{ErrorKind, MysqlError};
use crate::reply::{Answer, Framing};
use crate::wire::{
    FrameHeader, HEADER_LEN, MAX_FRAME, OkPacket, PrepareOk, StatusFlags, WireError,
    put_packet_with,
};

/// The rows wait on the server.
const CURSOR_EXISTS: StatusFlags = StatusFlags::SERVER_STATUS_CURSOR_EXISTS;

impl Forwarder {
    /// Looks at what stands behind the columns: with an open cursor no rows follow them, but the
    /// packet that says so. Else how many bytes are missing.
    pub(super) fn opened(
        &mut self,
        framing: &Framing<'_>,
        rest: &[u8],
        output: &mut BytesMut,
    ) -> Result<Result<(), usize>, WireError> {
        let Some(header) = FrameHeader::peek(rest) else {
            return Ok(Err(HEADER_LEN));
        };
        let end = HEADER_LEN + header.len;
        let ends = match rest.get(HEADER_LEN) {
            None => return Ok(Err(1)),
            Some(0xFE) if header.len < MAX_FRAME => match rest.get(HEADER_LEN..end) {
                None => return Ok(Err(end - rest.len())),
                Some(payload) => Some(OkPacket::decode(payload, framing.backend)?),
            },
            Some(0xFF) if header.len < MAX_FRAME => {
                // The rows were to be kept: their end is told behind them, and the error instead of it.
                self.phase = Phase::Rows;
                return Ok(Ok(()));
            }
            Some(_) => None,
        };
        let cursor = ends.is_some_and(|ok| ok.status.contains(CURSOR_EXISTS));
        if !cursor {
            self.end_of_definitions(framing, output);
        }
        self.phase = Phase::Rows;
        Ok(Ok(()))
    }

    /// The first packet behind COM_STMT_PREPARE.
    pub(super) fn prepared(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        if payload.first() == Some(&0xFF) {
            return self.error(framing, payload, output);
        }
        let prepared = PrepareOk::decode(payload)?;
        let (all, hidden) = (prepared.params, framing.hidden.len());
        let prepared = PrepareOk {
            params: all.saturating_sub(u16::try_from(hidden).unwrap_or(u16::MAX)),
            ..prepared
        };
        let shown = match self.answer {
            Answer::Prepare { statement } => PrepareOk {
                statement,
                ..prepared
            },
            _ => prepared,
        };
        put_packet_with(output, &mut self.sequence, |out| shown.encode(out));
        self.summary.warnings = prepared.warnings;
        self.summary.prepared = Some(prepared);
        self.describe(all, prepared.columns);
        Ok(())
    }

    fn describe(&mut self, params: u16, columns: u16) {
        self.phase = match (params, columns) {
            (0, 0) => Phase::Done,
            (params, columns) => Phase::Definitions { params, columns },
        };
    }

    /// The definition of a parameter or of a column.
    pub(super) fn described(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        (params, columns): (u16, u16),
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        let shown = self.summary.prepared.map_or(0, |told| told.params);
        let all = shown.saturating_add(u16::try_from(framing.hidden.len()).unwrap_or(u16::MAX));
        let position = all.saturating_sub(params);
        if params == 0 || framing.hidden.binary_search(&position).is_err() {
            self.definition(framing, payload, output)?;
        }
        // How many are left of all, and of those of its kind.
        let (params, columns, left, any) = match params {
            0 => (0, columns - 1, columns - 1, true),
            _ => (params - 1, columns, params - 1, shown > 0),
        };
        if left == 0 && any {
            self.end_of_definitions(framing, output);
        }
        self.describe(params, columns);
        Ok(())
    }

    /// Whether the server does not know the statement that the proxy has prepared there: it is
    /// prepared once more, and the client hears nothing.
    pub(super) fn is_forgotten(&self, error: &MysqlError) -> bool {
        matches!(self.answer, Answer::Execute { .. })
            && self.phase == Phase::First
            && self.sequence == self.first
            && error.code == ErrorKind::UnknownStatement.code().0
    }
}

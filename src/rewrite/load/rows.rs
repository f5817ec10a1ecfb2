//! Pieces of a file → its rows.

use std::ops::Range;

use super::field::{EndedBy, Halt, Reader};
use super::format::FileFormat;

/// A file that cannot be cut into rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Bytes that are no UTF-8 behind a row's last field, in a line to ignore or behind an escape:
    /// servers disagree about where the row ends.
    #[error("Invalid utf8 character string at row {row}")]
    NotUtf8 {
        /// From 1.
        row: u64,
    },
    /// A row is longer than a packet may be.
    #[error("Row {row} of the file is longer than 'max_allowed_packet' bytes")]
    TooLong {
        /// From 1.
        row: u64,
    },
}

/// A field whose value was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenField {
    /// Its bytes with their quotes, from the row's beginning on.
    pub raw: Range<usize>,
    /// Its value; `None`: NULL.
    pub value: Option<Vec<u8>>,
}

/// A row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow<'f> {
    /// Its number in the file, from 0; lines that are ignored do not count.
    pub number: u64,
    /// Its bytes, from what LINES STARTING BY says to the end of its line.
    pub bytes: &'f [u8],
    /// Where its first field begins.
    pub lead: usize,
    /// The fields that were asked for, in that order; `None`: the line ends before it.
    pub taken: Vec<Option<TakenField>>,
}

/// A file whose rows are taken one by one, while it comes.
#[derive(Debug)]
pub struct FileRows {
    format: FileFormat,
    /// How many fields of a row are read.
    fields: usize,
    /// The fields whose values are wanted, by position.
    wanted: Vec<usize>,
    /// What has come and was not taken yet begins at `at`.
    buffer: Vec<u8>,
    at: usize,
    /// There is no use in looking again before so much has come.
    enough: usize,
    longest: usize,
    /// Lines that are still to be ignored.
    ignore: u64,
    complete: bool,
    ended: bool,
    number: u64,
}

impl FileRows {
    /// Rows of `fields` fields, of which those in `wanted` are taken; the first `ignore` lines are left
    /// out, and a row of more than `longest` bytes is an error.
    pub fn new(
        format: FileFormat,
        (fields, wanted): (usize, Vec<usize>),
        (ignore, longest): (u64, usize),
    ) -> Self {
        Self {
            format,
            fields,
            wanted,
            buffer: Vec::new(),
            at: 0,
            enough: 0,
            longest,
            ignore,
            complete: false,
            ended: false,
            number: 0,
        }
    }

    /// The next piece of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.at > 0 {
            self.buffer.drain(..self.at);
            self.enough = self.enough.saturating_sub(self.at);
            self.at = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// There are no further pieces.
    pub fn finish(&mut self) {
        self.complete = true;
    }

    /// How many rows have been taken.
    pub fn taken(&self) -> u64 {
        self.number
    }

    /// The next row; `None`: more must come first, or the file has ended.
    ///
    /// # Errors
    /// As [`FileError`] says; there are no further rows.
    pub fn next_row(&mut self) -> Result<Option<FileRow<'_>>, FileError> {
        if self.ended || !self.complete && self.buffer.len() < self.enough {
            return Ok(None);
        }
        let begun = self.at;
        match self.cut() {
            Ok(Some(cut)) => {
                let number = self.number;
                self.number += 1;
                self.enough = 0;
                Ok(Some(FileRow {
                    number,
                    bytes: self.buffer.get(cut.row).unwrap_or_default(),
                    lead: cut.lead,
                    taken: cut.taken,
                }))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(Halt::More) => {
                let open = self.buffer.len() - begun;
                if open > self.longest {
                    self.ended = true;
                    return Err(FileError::TooLong {
                        row: self.number + 1,
                    });
                }
                // What is looked at again and again must grow in proportion.
                self.enough = self.buffer.len() + open;
                Ok(None)
            }
            Err(Halt::NotUtf8) => {
                self.ended = true;
                Err(FileError::NotUtf8 {
                    row: self.number + 1,
                })
            }
        }
    }

    /// Cuts the next row; `None`: the file has ended.
    fn cut(&mut self) -> Result<Option<Cut>, Halt> {
        let mut reader = Reader {
            format: &self.format,
            bytes: &self.buffer,
            at: self.at,
            complete: self.complete,
        };
        while self.ignore > 0 {
            let more = reader.rest_of_line()?;
            self.ignore -= 1;
            self.at = reader.at;
            if !more {
                return Ok(None);
            }
        }
        if !reader.line_start()? {
            return Ok(None);
        }
        let lead = self.format.line_start.len();
        let start = reader.at - lead;
        let mut taken: Vec<Option<TakenField>> = vec![None; self.wanted.len()];
        let mut ended_by = EndedBy::Field;
        for number in 0..self.fields {
            let wanted = self.wanted.iter().position(|wanted| *wanted == number);
            let mut value = Vec::new();
            let Some(field) = reader.field(wanted.is_some().then_some(&mut value))? else {
                if number == 0 {
                    return Ok(None);
                }
                ended_by = EndedBy::File;
                break;
            };
            if let Some(place) = wanted.and_then(|wanted| taken.get_mut(wanted)) {
                *place = Some(TakenField {
                    raw: field.raw.start - start..field.raw.end - start,
                    value: (!field.null).then_some(value),
                });
            }
            ended_by = field.ended_by;
            if ended_by != EndedBy::Field {
                break;
            }
        }
        if ended_by == EndedBy::Field {
            reader.rest_of_line()?;
        }
        self.at = reader.at;
        Ok(Some(Cut {
            row: start..reader.at,
            lead,
            taken,
        }))
    }
}

/// A row among the bytes that have come.
struct Cut {
    row: Range<usize>,
    lead: usize,
    taken: Vec<Option<TakenField>>,
}

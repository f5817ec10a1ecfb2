//! The file of a LOAD DATA LOCAL INFILE → its rows, each as it stands in the file.
//!
//! In: the file in pieces of any size, and how its fields and lines end ([`FileFormat`]). Out: rows
//! ([`FileRow`]), cut where the servers cut them, with the values of those fields that are asked for. What
//! the servers do not agree on, or only they can know, is an error ([`FileError`]).
//!
//! Sources: the manual's page "LOAD DATA Statement"
//! (<https://dev.mysql.com/doc/refman/9.4/en/load-data.html>), and what servers do with files whose fields
//! are quoted, escaped or cut off in odd places (`tests/differential/load.rs`).

mod field;
mod format;
mod rows;

pub use format::{FileCharset, FileFormat, FormatError, Separators};
pub use rows::{FileError, FileRow, FileRows, TakenField};

#[cfg(test)]
mod tests;

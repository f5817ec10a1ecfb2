//! Rewrite: the client's text + a plan's edits → the text for a shard.
//!
//! In: the original bytes, the tokens, the edits and the session's values. Out: bytes that differ
//! from the original in nothing but the edits; the original itself where there are none.

mod error;
mod gather;
mod ids;
mod load;
mod locks;
mod looked_up;
mod moved;
mod picked;
mod placeholders;
mod primary;
mod privileges;
mod rekeyed;
mod rows;
mod splice;
mod system;
mod text;

pub use error::SpliceError;
pub use gather::{
    Filling, GatheredTable, InsertRows, LimitedTo, Places, ReadFrom, RowError, RowLock,
    SourceQuery, Travel, filter_literals, filter_text, hints_text, physical, probe,
};
pub use ids::{IdError, IdPlaceholders, IdTexts, WrittenId};
pub use load::{
    FileCharset, FileError, FileFormat, FileRow, FileRows, FormatError, Separators, TakenField,
};
pub use locks::{LockText, lock_texts};
pub use looked_up::{LookedUp, SessionRow};
pub use moved::{MoveError, MovedRows};
pub use picked::{PickError, PickMark, PickTarget, PickTexts};
pub use placeholders::{Disturbed, Placed, disturbed, placed};
pub use primary::{PrimaryError, among, delete};
pub use rekeyed::{MARK, NODE, RekeyError, RekeyTexts, RowLayout};
pub use rows::{RowTexts, splice_rows};
pub use splice::{Client, PlacedTable, Values, limit, place, splice};
pub use system::put_databases;

#[cfg(test)]
mod tests;

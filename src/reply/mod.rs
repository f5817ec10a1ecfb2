//! Reply: outcomes → packets for the client.
//!
//! In: what a backend sends ([`Forwarder`]), or an outcome of the proxy's own. Out: the bytes
//! that the client gets, in the form that it negotiated.

mod answer;
mod conditions;
mod forward;
mod insert_id;
mod names;
mod quota;
mod reader;
mod rows;
mod session_track;
mod waiting;

pub use answer::{Answer, Framing, Progress, Summary};
pub use conditions::{Warned, code, is_of_the_text, merged, message, once};
pub use forward::Forwarder;
pub use insert_id::{InsertId, InsertIds, RowId, Stored};
pub use names::{GatheredName, Names, SplitNames};
pub use quota::{Most, Quota, Spent};
pub use reader::{AnswerReader, Changes, Ending, Piece};
pub use rows::{Counted, CountedRows, RowNames};
pub use session_track::TrackedVariables;
pub use waiting::{Waiting, put_end};

#[cfg(test)]
mod reader_tests;
#[cfg(test)]
mod tests;

//! Prepared statements.
//!
//! In: COM_STMT_* of a client. Out: the same commands on whichever connection serves, where a
//! statement is prepared when it is needed first ([`crate::backend::Statements`]).
//!
//! | file | what it does |
//! |---|---|
//! | `template` | what sessions share that prepare the same text |
//! | `statements` | the statements of one session |
//! | `prepare` | COM_STMT_PREPARE |
//! | `execute` | COM_STMT_EXECUTE |
//! | `bound` | the parameters of an execution, as routing and the server need them |
//! | `bindings` | the parameters of texts that have only some of the placeholders |
//! | `given` | an execution whose parameters are not the client's |
//! | `several` | COM_STMT_EXECUTE on several data nodes, whose answers are merged |
//! | `moved` | INSERT … SELECT whose rows go through the proxy: what a server says of it |
//! | `with_ids` | INSERT and REPLACE whose rows get ids: a text with placeholders for them |
//! | `cursor` | COM_STMT_FETCH |
//! | `full` | a server that has no room for another statement |
//! | `room` | how many bytes may wait for it |
//! | `shard` | a statement on a connection that may not know it yet |
//! | `upkeep` | COM_STMT_SEND_LONG_DATA, RESET, CLOSE |

mod bindings;
mod bound;
mod cursor;
mod execute;
mod full;
mod given;
mod moved;
mod prepare;
mod rekeyed;
mod room;
mod several;
mod shard;
mod statements;
mod template;
mod upkeep;
mod with_ids;

pub(super) use bindings::{Bindings, Rebound};
pub(super) use cursor::Cursor;
pub(super) use given::Given;
pub(super) use several::Executed;
pub(super) use shard::ShardExecute;
pub(super) use statements::Statements;
pub(super) use template::{ShardText, Template, Templates};

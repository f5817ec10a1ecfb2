//! Plan: statement + topology → [`Plan`].
//!
//! In: the tokens of a statement that the plan cache does not know, and the snapshot. Out: what to
//! do with every statement of its digest. A statement that cannot be answered exactly gets a plan
//! too: [`Action::Refuse`], with an error that names what is missing.
//!
//! | file | what it decides |
//! |---|---|
//! | `resolve`, `tables` | what the names stand for, and whether the tables can be on one shard |
//! | `dml`, `insert`, `update` | where parsed statements go |
//! | `sharding_key` | what a statement says of the sharding keys |
//! | `system` | the server's own tables |
//! | `unparsed` | definitions, and statements that the parser does not know |
//! | `edits` | what the text becomes before it is sent |
//! | `access` | whether it only reads, and what it leaves on its connection |
//! | `unsupported` | every refusal |

mod access;
mod cache;
mod dml;
mod edits;
mod insert;
mod resolve;
mod sharding_key;
mod system;
mod tables;
mod types;
mod unparsed;
mod unsupported;
mod update;
mod words;

pub use cache::PlanCache;
pub use types::{Access, Action, Edit, KeyCondition, PinReason, Plan, Replacement};
pub use unsupported::{PlanError, Unsupported, many_shards};

use crate::error::StageError;
use crate::parse::ast::{self, Ast, AstUnavailable};
use crate::parse::{LexMode, Tokens};
use crate::topology::Topology;
use resolve::Resolver;

/// What a plan is made from. Two requests with equal digests, topologies and schemas get equal
/// plans; the schema is part of the digest's context.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The statement.
    pub tokens: Tokens<'a>,
    /// The settings under which it was scanned.
    pub mode: LexMode,
    /// The snapshot.
    pub topology: &'a Topology,
    /// The session's current schema, as the client named it.
    pub schema: Option<&'a str>,
}

/// Plans a statement that is not carried out by the session itself.
pub fn build(request: &Request<'_>) -> Plan {
    let tokens = request.tokens;
    let ast = ast::parse(&tokens, request.mode);
    let access = access::access(ast.as_ref().ok(), tokens);
    let (action, edits) = match decide(request, &ast, access) {
        Ok(decided) => decided,
        Err(error) => (Action::Refuse(error.to_mysql()), Vec::new()),
    };
    Plan {
        access,
        action,
        edits,
        pin: access::pin(tokens),
        needs_last_insert_id: edits::needs_last_insert_id(tokens),
    }
}

fn decide(
    request: &Request<'_>,
    ast: &Result<Ast, AstUnavailable>,
    access: Access,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let tokens = request.tokens;
    let resolver = Resolver {
        topology: request.topology,
        current: request.schema,
    };
    match ast {
        Ok(ast) => {
            let action = dml::action(ast, tokens, access, resolver)?;
            Ok((action, edits::of_ast(ast, tokens, resolver)?))
        }
        Err(reason) => unparsed::plan(tokens, &reason.to_string(), resolver),
    }
}

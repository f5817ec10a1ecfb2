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
//! | `insert_select` | INSERT and REPLACE … SELECT |
//! | `generate` | where the ids of new rows stand, before anything else |
//! | `gather` | what is brought together where no shard alone can answer |
//! | `gathered_values` | the same for the values of SET and DO |
//! | `assigned` | where SET and DO go that read tables |
//! | `sharding_key` | what a statement says of the sharding keys |
//! | `system`, `system_tables` | the server's own tables |
//! | `temporary` | the session's temporary tables |
//! | `utility` | SHOW, SET, transaction control and their like |
//! | `definition` | CREATE, ALTER, DROP, RENAME, TRUNCATE |
//! | `maintenance` | ANALYZE, CHECK and their like |
//! | `locks` | LOCK TABLES and FLUSH TABLES |
//! | `everywhere` | what every data node carries out for itself |
//! | `unparsed` | statements that the parser does not know |
//! | `explain` | EXPLAIN of a statement |
//! | `hint`, `only` | where its SHARDWELL hints, or rules, let it go |
//! | `qualify` | whether tables get their database before them |
//! | `edits`, `split` | what the text becomes before it is sent |
//! | `shown_names` | which names of the servers stand in its rows |
//! | `access` | whether it only reads |
//! | `functions`, `native` | what it calls, and where that may run |
//! | `implicit_commit` | whether it commits the transaction that it is in |
//! | `session_effects` | what it leaves on its connection |
//! | `carried` | the user variables that it needs wherever it runs |
//! | `found_rows` | what FOUND_ROWS() is behind it |
//! | `reach` | which schemas it names |
//! | `scatter` | how several data nodes answer together |
//! | `write` | how several data nodes write together |
//! | `given_id` | which id the last row of an INSERT gives |
//! | `limited` | UPDATE and DELETE with LIMIT on several data nodes |
//! | `picked` | UPDATE and DELETE whose rows no data node finds alone |
//! | `full_text` | which full-text searches are exact over several shards |
//! | `copies`, `total_order` | how all copies of a broadcast table are written |
//! | `verb` | what metrics and logs call it |
//! | `unsupported`, `untouching` | every refusal, and its plan |

mod access;
mod assigned;
mod cache;
mod carried;
mod condition;
mod copies;
mod defined;
mod definition;
mod dml;
mod edits;
pub mod everywhere;
mod explain;
mod found_rows;
mod full_text;
mod functions;
mod gather;
mod gathered_values;
mod generate;
mod given_id;
mod hint;
mod implicit_commit;
mod insert;
mod insert_select;
mod limited;
mod load;
mod locks;
mod maintenance;
mod native;
mod only;
mod own_name;
mod picked;
mod placeholders;
mod qualify;
mod reach;
mod rekey;
mod resolve;
pub mod scatter;
mod session_effects;
mod sharding_key;
mod shown_names;
mod split;
mod stored_code;
mod system;
mod system_tables;
mod tables;
mod temporary;
mod total_order;
mod types;
mod undescribed;
mod unparsed;
mod unsupported;
mod untouching;
mod update;
mod utility;
mod verb;
mod words;
mod write;

pub use cache::PlanCache;
pub use carried::Carried;
pub use condition::{KeyCondition, KeyRef, KeySource, Spelling, StoredKey, source_text};
pub use definition::changed_tables;
pub use found_rows::{Found, FoundRows};
pub use full_text::Inexact;
pub use gather::{Filter, Form, Gather, Gathered, Link, RowsOf};
pub use generate::{Generate, IdPlace, IdPlaces, NamePlace};
pub use given_id::GivenId;
pub use hint::{Hints, Role};
pub use insert_select::Move;
pub use limited::{CHOOSING, Choosing, Limited, choosing};
pub use load::{Load, LoadIds, LoadTarget};
pub use locks::{Locked, Locks};
pub use native::{Native, native_functions};
pub use only::Only;
pub use picked::{Picked, PickedTable, PickedValue, is_written_alone};
pub use placeholders::{Stand, stands};
pub use reach::{INFORMATION_SCHEMA, Reach, guarded};
pub use rekey::{Assigned, Rekey};
pub use system_tables::{CHECKED_TABLE, COUNTERS, DEFINITIONS, SCHEMA_COLUMNS, SystemTable};
pub use temporary::{TemporaryChange, TemporaryTable, names_one};
pub use types::{
    Access, Action, CteCopy, Edit, LooksUp, NamesInRows, OtherSchema, PinReason, Plan, ProcessList,
    Replacement,
};
pub use undescribed::has_undescribed_parameter;
pub use unsupported::{PlanError, Unsupported, many_nodes, unsplit};
pub use utility::TABLES_IN;
pub use write::{Duplicates, RowPlaces, Rows, Write, WriteReason};

use crate::config::HintRule;
use crate::error::{MysqlError, StageError};
use crate::parse::ast::{self, Ast, AstKind, AstUnavailable};
use crate::parse::{Effects, LexMode, StatementKind, Tokens, Utility, effects};
use crate::topology::Topology;
use functions::Calls;
use resolve::Resolver;
use scatter::{Reason, Scatter};
use tables::Tables;

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
    /// What rules say in place of its hints.
    pub hint: Option<&'a HintRule>,
    /// The session's temporary tables, which are a part of the digest's context, too.
    pub temporary: &'a [TemporaryTable],
}

impl<'a> Request<'a> {
    fn resolver(&self) -> Resolver<'a> {
        Resolver {
            topology: self.topology,
            current: self.schema,
            temporary: self.temporary,
        }
    }
}

/// Plans a statement.
pub fn build(request: &Request<'_>) -> Plan {
    let plan = |kind| generate::plan(request).unwrap_or_else(|| planned(request, kind));
    verb::labelled(request, plan)
}

/// Plans a statement whose rows have their ids.
pub fn build_filled(request: &Request<'_>) -> Plan {
    verb::labelled(request, |kind| planned(request, kind))
}

fn planned(request: &Request<'_>, kind: StatementKind) -> Plan {
    if let StatementKind::Explain(explain) = &kind
        && let Some(plan) = explain::plan(explain, request)
    {
        return plan;
    }
    let ast = parsed(request, &kind);
    let rekeyed = rekey::plan(request, &kind, ast.as_ref());
    rekeyed.unwrap_or_else(|| unchecked(request, kind, ast.as_ref()))
}

/// Plans a statement, be it an UPDATE after which rows belong elsewhere.
fn unchecked(
    request: &Request<'_>,
    kind: StatementKind,
    ast: Option<&Result<Ast, AstUnavailable>>,
) -> Plan {
    let tokens = request.tokens;
    let parsed = ast.and_then(|ast| ast.as_ref().ok());
    let changes_tables = definition::changes_tables(&kind);
    let temporary = temporary::change(&kind, tokens, request.resolver());
    let (commits, asks) = (implicit_commit::commits(&kind, tokens), asks(&kind));
    let resolver = request.resolver();
    let calls = functions::calls(&kind, parsed, tokens, resolver);
    let access = calls.access(access::access(parsed, tokens));
    let access = if asks { Access::Read } else { access };
    let names_in_rows = shown_names::of(&kind, tokens);
    let (of_literals, shows) = (utility::is_of_literals(&kind), utility::counted(&kind));
    let reads_on = assigned::read_by_set(&kind, request);
    let effects = effects(&tokens);
    let counts = session_effects::shows_counts(&tokens, request.schema);
    let tied = session_effects::is_tied(&tokens, &effects, &calls, counts)
        || resolver.uses_temporary(parsed, tokens);
    let carried = carried::of((request, &effects), (&kind, parsed), (&calls, tied));
    let has_tables = has_tables(&kind, parsed, tokens, &effects);
    let touches = !asks && (calls.may_write() || effects.stored_function || has_tables);
    let decided = gathered(request, kind, ast, (access, &calls));
    let (hints, action, edits, gather) = match decided {
        Ok(decided) => decided,
        Err(error) => {
            let refused = Plan::refusal(&error).committing(commits);
            return refused.naming(reach::named(tokens, resolver));
        }
    };
    let reach = match reach::reach(tokens, parsed.is_some(), &action, &edits, resolver) {
        Ok(reach) => reach,
        Err(error) => return Plan::refusal(&error),
    };
    Plan {
        access,
        scatter: scattered(request, parsed, (&action, access), &calls, &edits),
        write: free(written(request, parsed, &action, &calls), &hints),
        reach,
        qualified: parsed.is_some_and(|ast| qualify::can_qualify(ast, tokens, resolver)),
        hints,
        split: split::of_action(&action, &edits, resolver),
        looks_up: system::looks_up(shows, &edits, tokens),
        names_in_rows,
        transactional: touches && action.is_in_transaction(),
        action,
        edits,
        pin: session_effects::pin(&tokens, &effects, &calls, counts),
        shares_variables: stored_code::shares_variables(tokens, resolver),
        needs_last_insert_id: session_effects::needs_last_insert_id(&tokens, &effects, &calls),
        leaves_counts: session_effects::leaves_counts(&tokens, &effects),
        uses_pinned_state: effects.uses_user_variable || tied,
        carried,
        temporary,
        reads_on,
        routine: calls.routine(tokens),
        calls_unknown: calls.look_again,
        changes_tables,
        commits,
        of_literals,
        gather,
        ..Plan::untouching(Action::Nothing)
    }
}

/// Rows are picked on all data nodes, or not at all.
fn free(
    write: Option<Result<Write, WriteReason>>,
    hints: &Hints,
) -> Option<Result<Write, WriteReason>> {
    match write {
        Some(Ok(Write::Picked(_))) if !hints.is_free() => Some(Err(WriteReason::NotLocal)),
        write => write,
    }
}

/// The tree of a statement that has one; `None`: its kind says all.
fn parsed(request: &Request<'_>, kind: &StatementKind) -> Option<Result<Ast, AstUnavailable>> {
    match kind {
        StatementKind::Utility(_)
        | StatementKind::Describe(_)
        | StatementKind::Ddl(_)
        | StatementKind::Empty => None,
        _ => Some(ast::parse(&request.tokens, request.mode)),
    }
}

/// What is decided, with how rows come together where that may be needed: for a statement on several
/// data nodes, and for one whose tables no shard has together.
fn gathered(
    request: &Request<'_>,
    kind: StatementKind,
    ast: Option<&Result<Ast, AstUnavailable>>,
    (access, calls): (Access, &Calls<'_>),
) -> Result<Gathering, PlanError> {
    let parsed = ast.and_then(|ast| ast.as_ref().ok());
    let gather = || {
        let resolver = request.resolver();
        match parsed {
            Some(ast) => gather::plan(ast, request.tokens, (access, calls), resolver),
            None => temporary::made_of(request).or_else(|| gathered_values::of(request)),
        }
    };
    let told =
        |gather: Result<Gather, PlanError>| gather.map(Box::new).map_err(|error| error.to_mysql());
    match hinted(request, kind, ast, (access, calls)) {
        Ok((hints, Action::Move(_), _)) if !hints.is_free() => {
            let what = "the hints 'shard' and 'scatter=off' on an INSERT … SELECT that moves rows";
            Err(Unsupported::Statement(what.to_owned()).into())
        }
        Ok((hints, Action::Load(_), _)) if !hints.is_free() => {
            let what = "the hints 'shard' and 'scatter=off' on LOAD DATA into several shards";
            Err(Unsupported::Statement(what.to_owned()).into())
        }
        Ok((hints, action @ Action::Sharded { .. }, edits)) if hints.is_free() => {
            Ok((hints, action, edits, gather().map(told)))
        }
        Ok((hints, action, edits)) => Ok((hints, action, edits, None)),
        Err(error) if gather::may_help(&error) && is_free(request)? => match gather() {
            None => picked(request, parsed, calls, error),
            Some(Err(error)) => Err(error),
            gather => {
                let action = Action::Refuse(error.to_mysql());
                Ok((Hints::default(), action, Vec::new(), gather.map(told)))
            }
        },
        Err(error) => Err(error),
    }
}

/// Whether the hints leave it open on how many shards rows are read.
fn is_free(request: &Request<'_>) -> Result<bool, PlanError> {
    let hints = hint::read(request.tokens, request.hint, request.resolver())?;
    Ok(hints.is_free())
}

/// What becomes of a write that is refused, for no shard has all of its tables.
fn picked(
    request: &Request<'_>,
    ast: Option<&Ast>,
    calls: &Calls<'_>,
    error: PlanError,
) -> Result<Gathering, PlanError> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    let hints = hint::read(tokens, request.hint, resolver)?;
    let ast = ast.filter(|_| hints.is_free());
    let planned = ast.map(|ast| {
        (
            ast,
            picked::of_refused((ast, tokens), calls, &error, resolver),
        )
    });
    match planned {
        Some((ast, Some(picked))) => {
            let action = Action::Picked(Box::new(picked?));
            let mut edits = edits::of_ast(ast, tokens, calls, resolver)?;
            edits.extend(hint::edits(tokens));
            edits.sort_by_key(|edit| (edit.token, edit.tokens));
            Ok((hints, action, edits, None))
        }
        _ => Err(error),
    }
}

/// What a statement's hints allow, where it goes, its edits, and how its rows come together.
type Gathering = (
    Hints,
    Action,
    Vec<Edit>,
    Option<Result<Box<Gather>, MysqlError>>,
);

/// How several data nodes answer a read of sharded tables, which may lock what it reads.
fn scattered(
    request: &Request<'_>,
    ast: Option<&Ast>,
    (action, access): (&Action, Access),
    calls: &Calls<'_>,
    edits: &[Edit],
) -> Option<Result<Scatter, Reason>> {
    let stores = || !calls.may_write() && access::is_stored_in_variables(ast, request.tokens);
    let locks = || access::is_locking_read(ast, request.tokens);
    let reads = || access == Access::Read || locks() || stores();
    let ast = ast.filter(|_| matches!(action, Action::Sharded { .. }) && reads())?;
    let resolver = request.resolver();
    let tables = Tables::of(ast, resolver).ok()?;
    if calls.has_unknown() {
        return Some(Err(Reason::UnknownFunction));
    }
    Some(scatter::plan(ast, request.tokens, &tables, edits, resolver))
}

/// How several data nodes carry out a write to sharded or broadcast tables.
fn written(
    request: &Request<'_>,
    ast: Option<&Ast>,
    action: &Action,
    calls: &Calls<'_>,
) -> Option<Result<Write, WriteReason>> {
    let ast = ast.filter(|ast| ast.kind != AstKind::Select)?;
    let resolver = request.resolver();
    match action {
        Action::Copies(_) => return Some(copies::plan(ast, request.tokens, calls, resolver)),
        Action::Sharded { .. } => {}
        _ => return None,
    }
    let tables = Tables::of(ast, resolver).ok()?;
    let write = write::plan(ast, request.tokens, (&tables, calls), resolver);
    Some(match write {
        Ok(Write::Limited(limited)) if limited.ordered => {
            limited::check_order(request).map(|()| Write::Limited(limited))
        }
        write => write,
    })
}

/// Whether tables may be read or written.
fn has_tables(kind: &StatementKind, ast: Option<&Ast>, tokens: Tokens<'_>, does: &Effects) -> bool {
    match kind {
        // A lock by name is where those of sessions of all schemas are.
        StatementKind::Utility(Utility::Do) if does.user_lock => {
            words::has_words(tokens, &["SELECT"])
        }
        _ => ast.is_none_or(|ast| ast.tables().next().is_some()),
    }
}

/// Whether the statement asks for definitions, not for rows.
fn asks(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Utility(Utility::Show(_)) | StatementKind::Describe(_)
    )
}

/// What is decided, within what the statement's hints allow.
fn hinted(
    request: &Request<'_>,
    kind: StatementKind,
    ast: Option<&Result<Ast, AstUnavailable>>,
    (access, calls): (Access, &Calls<'_>),
) -> Result<(Hints, Action, Vec<Edit>), PlanError> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    let mut hints = hint::read(tokens, request.hint, resolver)?;
    let parsed = ast.and_then(|ast| ast.as_ref().ok());
    let unplanned = || edits::of_unplanned(parsed, tokens, calls, resolver);
    let decided = decide(request, kind, ast, (access, calls));
    let (action, mut edits) = hints.apply(decided, tokens, unplanned, resolver)?;
    hints.note_place(access == Access::Read && access::is_replicable(parsed, tokens, resolver))?;
    let named = hints.only.as_ref().and_then(Only::shard).is_some();
    let action = calls.place(action, (parsed, named), tokens, resolver)?;
    if matches!(action, Action::Single(_)) {
        edits::leave_homes(&mut edits, tokens, resolver);
    }
    edits.extend(hint::edits(tokens));
    edits.sort_by_key(|edit| (edit.token, edit.tokens));
    Ok((hints, action, edits))
}

fn decide(
    request: &Request<'_>,
    kind: StatementKind,
    ast: Option<&Result<Ast, AstUnavailable>>,
    (access, calls): (Access, &Calls<'_>),
) -> Result<(Action, Vec<Edit>), PlanError> {
    let tokens = request.tokens;
    let resolver = request.resolver();
    match (kind, ast) {
        (StatementKind::Empty, _) => Ok((Action::Nothing, Vec::new())),
        (kind @ StatementKind::Utility(Utility::Do | Utility::Set(_)), _) => {
            assigned::plan(kind, request, calls)
        }
        (StatementKind::Utility(utility), _) => utility::plan(utility, tokens, resolver),
        (StatementKind::Describe(table), _) => utility::describe(table, tokens, resolver),
        (StatementKind::Ddl(ddl), _) => definition::plan(&ddl, tokens, resolver),
        (_, Some(Ok(ast))) => {
            let action = dml::action(ast, tokens, access, resolver)?;
            Ok((action, edits::of_ast(ast, tokens, calls, resolver)?))
        }
        (_, Some(Err(reason))) => unparsed::plan(tokens, &reason.to_string(), resolver),
        (_, None) => unparsed::plan(tokens, "it is not recognised", resolver),
    }
}

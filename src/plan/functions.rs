//! Calls of stored functions and sequences, and where a statement may run that has any.
//!
//! Nobody knows what a stored function does: it may write, lock, and leave anything in its
//! session; and what it reads is what its own shard has. A call is told from one of a native
//! function by name, and by what the servers say of their stored functions.

use super::native::{Native, native};
use super::resolve::{Resolved, Resolver};
use super::stored_code;
use super::unsupported::{PlanError, Unsupported};
use super::words::{are_words, has_words};
use super::{Access, Action};
use crate::parse::ast::{Ast, TableSource};
use crate::parse::{Ddl, DdlObject, DdlVerb, LeftState, StatementKind, TokenKind, Tokens, Utility};
use crate::topology::{Left, SchemaId, ShardId};

/// What a statement calls besides native functions.
#[derive(Debug, Default)]
pub struct Calls<'t> {
    stored: Vec<StoredCall<'t>>,
    sequences: Vec<SequenceUse>,
    /// A stored function of some schema, called without its schema while none is selected.
    homeless: Option<String>,
    /// A name that is neither native nor a stored function's: a loadable function, or an error.
    unknown: Option<String>,
    /// What triggers, and functions in views, leave in the session.
    code: Left,
    /// What was found on the servers does not decide what a name is: it must be new.
    pub look_again: bool,
}

/// A call of a stored function.
#[derive(Debug)]
struct StoredCall<'t> {
    name: String,
    schema: SchemaId,
    /// Token number of the schema in front of it.
    schema_token: Option<usize>,
    /// Where it is; `None`: nobody has asked the servers, so that it may not even exist.
    shards: Option<&'t [ShardId]>,
}

/// A sequence in `NEXTVAL(s)`, `NEXT VALUE FOR s` and so on, as token numbers.
#[derive(Clone, Copy, Debug)]
struct SequenceUse {
    schema: Option<usize>,
    name: usize,
}

/// Finds what a statement calls.
pub fn calls<'t>(
    kind: &StatementKind,
    ast: Option<&Ast>,
    tokens: Tokens<'_>,
    resolver: Resolver<'t>,
) -> Calls<'t> {
    let mut calls = Calls {
        code: stored_code::left(kind, ast, tokens, resolver),
        ..Calls::default()
    };
    if !runs_functions(kind, tokens) {
        return calls;
    }
    for at in 0..tokens.len() {
        if let Some(sequence) = value_for(tokens, at) {
            calls.sequences.push(sequence);
        }
        // DO (SELECT …) calls no function of that name.
        let is_verb = at == 0 && *kind == StatementKind::Utility(Utility::Do);
        if !is_verb && is_call(ast, tokens, at) {
            calls.note(tokens, at, resolver);
        }
    }
    if *kind == StatementKind::Unknown {
        calls.unknown = None;
        calls.look_again = false;
    }
    calls
}

/// Whether the name at a token, in front of a parenthesis, is certainly a native function's.
pub fn is_native(tokens: Tokens<'_>, at: usize, resolver: Resolver<'_>) -> bool {
    let qualified = before(tokens, at) == Some(TokenKind::Dot);
    !qualified && matches!(callee(tokens, at, resolver), Callee::Native)
}

/// Whether functions that the text names run with the statement.
pub(super) fn runs_functions(kind: &StatementKind, tokens: Tokens<'_>) -> bool {
    match kind {
        StatementKind::Select
        | StatementKind::Table
        | StatementKind::Values
        | StatementKind::Insert
        | StatementKind::Replace
        | StatementKind::Update
        | StatementKind::Delete
        | StatementKind::Unknown => true,
        StatementKind::Utility(utility) => matches!(
            utility,
            Utility::Set(_) | Utility::Do | Utility::LoadData(_) | Utility::Call(_)
        ),
        StatementKind::Ddl(Ddl { verb, object, .. }) => {
            let table = [DdlObject::Table, DdlObject::TemporaryTable].contains(object);
            table && *verb == DdlVerb::Create && has_words(tokens, &["SELECT"])
        }
        StatementKind::Explain(_) | StatementKind::Describe(_) | StatementKind::Empty => false,
    }
}

/// Words behind which a name with a parenthesis is no call.
const BEFORE_NAME: [&str; 12] = [
    "AS",
    "INTO",
    "TABLE",
    "INSERT",
    "IGNORE",
    "REPLACE",
    "LOW_PRIORITY",
    "DELAYED",
    "HIGH_PRIORITY",
    "CALL",
    "WITH",
    "RECURSIVE",
];

/// Whether a name stands in front of a parenthesis, and not as a table's.
fn is_call(ast: Option<&Ast>, tokens: Tokens<'_>, at: usize) -> bool {
    let name = matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    if !name || tokens.kind(at + 1) != Some(TokenKind::Open) {
        return false;
    }
    let first = if before(tokens, at) == Some(TokenKind::Dot) {
        at.saturating_sub(2)
    } else {
        at
    };
    // `(SELECT …) name (column, …)`
    if before(tokens, first) == Some(TokenKind::Close) {
        return false;
    }
    let behind = |word: &&str| first > 0 && tokens.is_word(first - 1, word);
    let table = |ast: &Ast| {
        let mut tables = ast.tables();
        let defined = ast.ctes.iter().any(|cte| cte.tokens.start == at);
        defined || tables.any(|(_, table)| {
            matches!(table.source, TableSource::Named { name_token, .. } if name_token == at)
        })
    };
    !BEFORE_NAME.iter().any(behind) && !ast.is_some_and(table)
}

fn before(tokens: Tokens<'_>, at: usize) -> Option<TokenKind> {
    at.checked_sub(1).and_then(|before| tokens.kind(before))
}

/// What is called.
enum Callee<'t> {
    Native,
    /// Native on some versions, and no stored function as far as is known.
    PerhapsNative,
    Sequence,
    Stored(SchemaId, Option<&'t [ShardId]>),
    Homeless,
    Unknown,
}

fn callee<'t>(tokens: Tokens<'_>, at: usize, resolver: Resolver<'t>) -> Callee<'t> {
    let Some(name) = tokens.name(at) else {
        return Callee::Unknown;
    };
    let functions = &resolver.topology.functions;
    if before(tokens, at) == Some(TokenKind::Dot) {
        let schema = at.checked_sub(2).and_then(|at| tokens.name(at));
        let schema = schema.and_then(|schema| resolver.topology.schema(&schema));
        return schema.map_or(Callee::Unknown, |(id, _)| stored(id, &name, resolver));
    }
    let current = resolver.current_schema();
    let found = current.and_then(|id| Some((id, functions.get(id, &name)?)));
    let found = found.map(|(id, function)| Callee::Stored(id, Some(&function.shards)));
    let native = native(&name);
    // A blank before the parenthesis or quotes around the name can hide a native function.
    let (own, next) = (tokens.get(at), tokens.get(at + 1));
    let apart = own
        .zip(next)
        .is_some_and(|(own, next)| own.end != next.start);
    let hidden = apart || tokens.kind(at) == Some(TokenKind::Quoted);
    if native == Native::Everywhere && !(hidden && found.is_some()) {
        return Callee::Native;
    }
    let brands = functions.brands();
    match (found, native) {
        (Some(found), _) => found,
        (None, Native::Word | Native::Everywhere) => Callee::Native,
        (None, Native::MySql) if brands.mysql && !brands.mariadb => Callee::Native,
        (None, Native::MariaDb) if brands.mariadb && !brands.mysql => Callee::Native,
        (None, Native::Sequence) if brands.mariadb || !brands.mysql => Callee::Sequence,
        (None, _) if !functions.are_known() => match current {
            Some(schema) => Callee::Stored(schema, None),
            None => Callee::Unknown,
        },
        (None, Native::MySql | Native::MariaDb | Native::Newer) => Callee::PerhapsNative,
        (None, _) if current.is_none() && functions.anywhere(&name) => Callee::Homeless,
        (None, Native::No | Native::Sequence) => Callee::Unknown,
    }
}

/// A function that its schema qualifies is never native.
fn stored<'t>(schema: SchemaId, name: &str, resolver: Resolver<'t>) -> Callee<'t> {
    let functions = &resolver.topology.functions;
    match functions.get(schema, name) {
        Some(function) => Callee::Stored(schema, Some(&function.shards)),
        None if functions.are_known() => Callee::Unknown,
        None => Callee::Stored(schema, None),
    }
}

/// `NEXT VALUE FOR s`, `PREVIOUS VALUE FOR s`.
fn value_for(tokens: Tokens<'_>, at: usize) -> Option<SequenceUse> {
    let value = ["NEXT", "PREVIOUS"]
        .iter()
        .any(|word| are_words(tokens, at, &[word, "VALUE", "FOR"]));
    value.then(|| sequence(tokens, at + 3)).flatten()
}

/// The name at a token, with its schema.
fn sequence(tokens: Tokens<'_>, at: usize) -> Option<SequenceUse> {
    tokens.name(at)?;
    if tokens.kind(at + 1) == Some(TokenKind::Dot) {
        tokens.name(at + 2)?;
        return Some(SequenceUse {
            schema: Some(at),
            name: at + 2,
        });
    }
    Some(SequenceUse {
        schema: None,
        name: at,
    })
}

impl<'t> Calls<'t> {
    /// Whether a name is called that is neither native nor a stored function's.
    pub fn has_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// The first name that is called and is neither native nor a stored function's.
    pub fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    fn note(&mut self, tokens: Tokens<'_>, at: usize, resolver: Resolver<'t>) {
        match callee(tokens, at, resolver) {
            Callee::Native => {}
            Callee::PerhapsNative => self.look_again = true,
            Callee::Sequence => self.sequences.extend(sequence(tokens, at + 2)),
            Callee::Stored(schema, shards) => self.stored.push(StoredCall {
                name: tokens.name(at).unwrap_or_default(),
                schema,
                schema_token: (before(tokens, at) == Some(TokenKind::Dot)).then(|| at - 2),
                shards,
            }),
            Callee::Homeless => self.homeless = tokens.name(at),
            Callee::Unknown => {
                self.unknown = self.unknown.take().or_else(|| tokens.name(at));
                self.look_again = true;
            }
        }
    }

    /// The tokens of the schemas in front of what is called.
    pub fn schema_tokens(&self) -> impl Iterator<Item = usize> {
        let sequences = self.sequences.iter().filter_map(|found| found.schema);
        let stored = self.stored.iter().filter_map(|call| call.schema_token);
        sequences.chain(stored)
    }

    /// Whether anything is called that may write: the statement belongs to a transaction.
    pub fn may_write(&self) -> bool {
        self.has_unknown() || self.keeps_state()
    }

    /// Whether anything is called that may leave something in its session.
    pub fn keeps_state(&self) -> bool {
        !self.stored.is_empty() || !self.sequences.is_empty() || self.runs_code()
    }

    /// Whether code that the statement does not name may leave anything in its session.
    pub fn runs_code(&self) -> bool {
        self.code.state == LeftState::Anything
    }

    /// Whether code that the statement does not name uses user variables.
    pub fn leaves_variables(&self) -> bool {
        self.code.state == LeftState::Variables
    }

    /// Whether code that runs with the statement reads LAST_INSERT_ID().
    pub fn reads_last_insert_id(&self) -> bool {
        self.code.reads_last_insert_id
    }

    /// What they make of a statement that else has this access.
    pub fn access(&self, other: Access) -> Access {
        if self.may_write() {
            Access::Write
        } else {
            other
        }
    }

    /// What is called that a schema holds, by name, for messages.
    pub fn routine(&self, tokens: Tokens<'_>) -> Option<String> {
        let stored = self.stored.first().map(|call| call.name.clone());
        let sequence = || tokens.name(self.sequences.first()?.name);
        stored.or_else(sequence)
    }

    /// Where the statement goes: to the shard that has the sequences, and for stored functions to
    /// the shard where it goes anyway. `named`: a hint says which shard that is.
    ///
    /// # Errors
    /// That is not certain to be one shard.
    pub fn place(
        &self,
        mut action: Action,
        (ast, named): (Option<&Ast>, bool),
        tokens: Tokens<'_>,
        resolver: Resolver<'t>,
    ) -> Result<Action, PlanError> {
        let refused = |action: &Action| matches!(action, Action::Refuse(_) | Action::Unreadable(_));
        if refused(&action) {
            return Ok(action);
        }
        if let Some(name) = &self.homeless {
            return Err(Unsupported::RoutineElsewhere(name.clone()).into());
        }
        let unparsed = ast.is_none() && matches!(action, Action::Single(_));
        let mut settled = Settled {
            shard: named || unparsed || has_single_table(ast, resolver),
            schema: !matches!(action, Action::Any(_)),
        };
        for sequence in &self.sequences {
            let schema = sequence.schema.and_then(|at| tokens.name(at));
            let name = tokens.name(sequence.name).unwrap_or_default();
            let shard = match resolver.table(schema.as_deref(), &name)? {
                Resolved::Single(_, shard) => shard,
                Resolved::System => continue,
                Resolved::Sharded(..) | Resolved::Broadcast(_) => {
                    return Err(Unsupported::RoutinePlace(name).into());
                }
            };
            action = settled.go_to(action, shard, &name, resolver)?;
        }
        // What one function needs does not make the place of another certain.
        let certain = settled.shard;
        for call in &self.stored {
            action = call.place(action, (certain, &mut settled), resolver)?;
        }
        Ok(action)
    }
}

/// What is certain of where the statement runs.
struct Settled {
    /// Its shard, or how its literals give it.
    shard: bool,
    schema: bool,
}

impl StoredCall<'_> {
    fn place(
        &self,
        mut action: Action,
        (certain, settled): (bool, &mut Settled),
        resolver: Resolver<'_>,
    ) -> Result<Action, PlanError> {
        let schema = resolver.topology.schema_by_id(self.schema);
        let shards = schema.map(|schema| schema.shards.as_slice());
        let only = matches!(shards, Some([_]));
        if matches!(action, Action::Utility(_)) {
            return self.place_in_set(action, only);
        }
        if matches!(action, Action::Any(_)) && !settled.schema {
            action = Action::Any(Some(self.schema));
            settled.schema = true;
        }
        if let (Action::Single(shard), Some([home])) = (&action, shards)
            && resolver.topology.meet(*shard, *home)
        {
            return Ok(action);
        }
        if schema_of(&action, resolver) != Some(self.schema) {
            return Err(Unsupported::RoutineElsewhere(self.name.clone()).into());
        }
        let sharded = matches!(action, Action::Sharded { .. });
        if only || sharded || certain {
            return Ok(action);
        }
        match self.shards {
            Some([home]) => settled.go_to(action, *home, &self.name, resolver),
            _ => Err(Unsupported::RoutinePlace(self.name.clone()).into()),
        }
    }

    /// SET is sent as it is, and evaluated where its schema is.
    fn place_in_set(&self, action: Action, only: bool) -> Result<Action, PlanError> {
        let name = self.name.clone();
        match (only, self.schema_token) {
            (true, None) => Ok(action),
            (true, Some(_)) => {
                let what = format!("SET with a call of stored function '{name}' by its full name");
                Err(Unsupported::Statement(what).into())
            }
            (false, _) => Err(Unsupported::RoutinePlace(name).into()),
        }
    }
}

impl Settled {
    /// Sends the statement to a shard, unless something else has sent it to another one.
    fn go_to(
        &mut self,
        action: Action,
        shard: ShardId,
        name: &str,
        resolver: Resolver<'_>,
    ) -> Result<Action, PlanError> {
        let home = resolver.topology.shard(shard).map(|shard| shard.schema);
        let free = match &action {
            Action::Any(_) => true,
            Action::Single(other) => {
                *other == shard || (!self.shard && schema_of(&action, resolver) == home)
            }
            // A session's own statement, and one whose shard depends on its literals.
            _ => home.is_some_and(|home| {
                let schema = resolver.topology.schema_by_id(home);
                schema.is_some_and(|schema| schema.shards.len() == 1)
            }),
        };
        if !free {
            return Err(Unsupported::RoutinePlace(name.to_owned()).into());
        }
        *self = Self {
            shard: true,
            schema: true,
        };
        Ok(match action {
            Action::Any(_) | Action::Single(_) => Action::Single(shard),
            other => other,
        })
    }
}

/// The schema on whose shards an action runs.
fn schema_of(action: &Action, resolver: Resolver<'_>) -> Option<SchemaId> {
    match action {
        Action::Sharded { schema, .. } | Action::Any(Some(schema)) => Some(*schema),
        Action::Single(shard) => resolver.topology.shard(*shard).map(|shard| shard.schema),
        Action::Copies(shards) => {
            let first = shards.first().and_then(|s| resolver.topology.shard(*s));
            first.map(|shard| shard.schema)
        }
        _ => None,
    }
}

/// Whether a table fixes the shard. A broadcast table does not.
fn has_single_table(ast: Option<&Ast>, resolver: Resolver<'_>) -> bool {
    let mut tables = ast.into_iter().flat_map(Ast::tables);
    tables.any(|(_, table)| match &table.source {
        TableSource::Named { schema, name, .. } => matches!(
            resolver.table(schema.as_deref(), name),
            Ok(Resolved::Single(..))
        ),
        _ => false,
    })
}

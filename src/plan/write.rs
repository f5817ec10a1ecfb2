//! A write that several data nodes carry out together, each its own part.
//!
//! In: the AST and tokens of an INSERT, REPLACE, UPDATE or DELETE on sharded tables. Out: a
//! [`Write`], or the [`WriteReason`] why that would not be what one MySQL does. Which nodes there
//! are, and whether there are several at all, is for the router to say.

use std::fmt;
use std::ops::Range;

use super::full_text::{self, Inexact};
use super::functions::Calls;
use super::given_id::{self, GivenId};
use super::limited::{self, Limited};
use super::picked::{self, Picked};
use super::resolve::Resolver;
use super::scatter::Reason;
use super::sharding_key::locality;
use super::tables::{ShardedRef, Tables};
use super::words::is_call;
use crate::parse::ast::{Ast, AstKind, Insert, InsertSource};
use crate::parse::{Effects, Slot, Tokens, effects};

/// How several data nodes write together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// UPDATE, DELETE: every node gets the whole statement, and changes its own rows.
    Own,
    /// UPDATE, DELETE with LIMIT: every node gets the statement with a LIMIT of its own.
    Limited(Limited),
    /// INSERT, REPLACE: every node gets the statement with its own rows.
    Rows(Rows),
    /// UPDATE, DELETE whose rows no node finds alone: they are found together, then every node writes its
    /// own by their primary keys.
    Picked(Box<Picked>),
    /// INSERT or REPLACE … SELECT: every node gets the whole statement, and stores what it reads.
    Selected,
    /// A broadcast table: every node gets the whole statement, the first one before the others.
    Copies {
        /// It stores rows, for which a server may count ids.
        stores: bool,
    },
}

impl Write {
    /// What is said of [`Self::Picked`].
    pub const PICKED: &str = "one atomic transaction: the rows are found and locked together, then every \
                              data node writes its own by their primary keys";
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "one atomic transaction: every data node changes its own rows",
            Self::Limited(Limited { ordered: true, .. }) => {
                "one atomic transaction: the rows that come first are found by SELECT … FOR UPDATE, then \
                 every data node changes as many as it has of them"
            }
            Self::Limited(_) => {
                "one atomic transaction: data nodes change rows one after the other, until there are as \
                 many as LIMIT says"
            }
            Self::Picked(_) => Self::PICKED,
            Self::Rows(_) => "one atomic transaction: every data node gets its own rows only",
            Self::Selected => "one atomic transaction: every data node stores the rows that it reads",
            Self::Copies { .. } => "one atomic transaction: all copies are changed alike",
        })
    }
}

/// The rows of an INSERT or REPLACE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Where they stand.
    pub places: RowPlaces,
    /// What a row does whose key is there already.
    pub duplicates: Duplicates,
    /// The id that the last row gives, where it may be left out or found unchanged.
    pub given_id: Option<GivenId>,
}

/// Where the rows of VALUES stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowPlaces {
    /// They are one folded list; its first slot.
    Folded(Slot),
    /// Token numbers from `(` (or ROW) to behind `)`.
    Tokens(Vec<Range<usize>>),
}

/// What a row does whose key is there already: it says what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// Ends the statement.
    Fail,
    /// IGNORE: it is left out.
    Ignore,
    /// REPLACE: the row that was there goes.
    Replace,
    /// ON DUPLICATE KEY UPDATE.
    Update {
        /// With IGNORE.
        ignore: bool,
    },
}

impl Duplicates {
    /// How many duplicates there were among one row; `None`: the affected rows do not tell.
    /// `found`: the client has asked for rows found instead of changed.
    pub fn of_one(self, affected: u64, found: bool) -> Option<u64> {
        match (self, affected) {
            (Self::Fail, _) => Some(0),
            (Self::Replace, _) => Some(affected.saturating_sub(1)),
            (Self::Ignore, _) => Some(1_u64.saturating_sub(affected)),
            // Inserted, or found and not changed.
            (Self::Update { .. }, 1) if found => None,
            (Self::Update { ignore }, _) => Some(u64::from(match ignore {
                true => affected == 0,
                false => affected > 1,
            })),
        }
    }
}

/// Why several data nodes cannot write together; the end of a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteReason {
    /// Rows of several nodes belong together.
    #[error("joins or subqueries whose rows are not certain to be on one shard")]
    NotLocal,
    /// Joins or subqueries over shards in a form that is not understood.
    #[error("this form of joins or subqueries over shards")]
    PickedForm,
    /// Which value a column has when another one is computed from it.
    #[error(
        "a column assigned twice, or a value from another shard that is computed from an assigned column"
    )]
    PickedOrder,
    /// GET_LOCK in a trigger.
    #[error("triggers or views that use locks, settings or temporary tables of their session")]
    StoredCode,
    /// A stored function, beside rows of other shards.
    #[error("stored functions and joins or subqueries over shards")]
    StoredFunction,
    /// LIMIT of several tables, or in a form that is not understood.
    #[error("this form of LIMIT")]
    Limit,
    /// Which rows come first cannot be found.
    #[error("LIMIT and an ORDER BY whose first rows only MySQL can find: {0}")]
    Order(Reason),
    /// RETURNING
    #[error("RETURNING")]
    Returning,
    /// `@x`
    #[error("user variables")]
    UserVariable,
    /// RAND() and its like; UUID() is another one every time, on every server.
    #[error("functions whose value changes from call to call")]
    Nondeterministic,
    /// LAST_INSERT_ID(…)
    #[error("LAST_INSERT_ID")]
    LastInsertId,
    /// Neither native nor a stored function.
    #[error("functions that are not known")]
    UnknownFunction,
    /// LIMIT on a broadcast table.
    #[error("LIMIT, where ORDER BY does not name a unique key")]
    LimitOrder,
    /// Which rows are left out would depend on the order in which they are found.
    #[error("IGNORE in a DELETE, or in an UPDATE of columns that are in indexes")]
    Ignore,
    /// `@@x`, VERSION(), UUID(), … in a write to all copies.
    #[error("functions or variables whose value is another one on each server")]
    OfTheServer,
    /// The rows of a query may come in any order.
    #[error("subqueries with groups, aggregates, DISTINCT, UNION, WITH or LIMIT")]
    Subquery,
    /// INSERT … SELECT into a broadcast table.
    #[error("INSERT … SELECT")]
    InsertSelect,
    /// Which of several rows is assigned last is chance.
    #[error("joins whose SET has more than literals")]
    JoinedUpdate,
    /// DEFAULT (UUID()) and its like.
    #[error("a column's default that is another value on each server")]
    Default,
    /// The copies of a broadcast table have different columns or indexes.
    #[error("copies that are defined differently")]
    CopiesDiffer,
    /// Rows that are neither listed nor one.
    #[error("this form of INSERT")]
    NotUnderstood,
    /// MATCH … AGAINST that is more than a condition.
    #[error("{0}")]
    FullText(#[from] Inexact),
}

/// Plans a write for several nodes.
///
/// # Errors
/// It would not be exact, or that is not certain.
pub fn plan(
    ast: &Ast,
    tokens: Tokens<'_>,
    (tables, calls): (&Tables<'_>, &Calls<'_>),
    resolver: Resolver<'_>,
) -> Result<Write, WriteReason> {
    check(tokens, calls)?;
    full_text::check(ast, tokens, resolver)?;
    if let Some(insert) = &ast.insert {
        let Some(target) = tables.sharded.first().filter(|first| first.is_target()) else {
            return Err(WriteReason::NotLocal);
        };
        if let InsertSource::Select(_) = insert.source {
            return Ok(Write::Selected);
        }
        return rows(ast, insert, tokens, (target, resolver)).map(Write::Rows);
    }
    if locality(ast, tokens, tables, resolver).is_none() {
        let picked = picked::plan(ast, tokens, calls, resolver)?;
        return Ok(Write::Picked(Box::new(picked)));
    }
    match ast.blocks.first().is_some_and(|block| block.limit) {
        true => limited::plan(ast, tokens).map(Write::Limited),
        false => Ok(Write::Own),
    }
}

/// Refuses what is another value for each node.
///
/// # Errors
/// As said.
pub(super) fn check(tokens: Tokens<'_>, calls: &Calls<'_>) -> Result<(), WriteReason> {
    let effects = effects(&tokens);
    let refused = [
        (calls.has_unknown(), WriteReason::UnknownFunction),
        (calls.runs_code(), WriteReason::StoredCode),
        (effects.assigns_user_variable, WriteReason::UserVariable),
        (
            effects.sets_last_insert_id || !effects.last_insert_id.is_empty(),
            WriteReason::LastInsertId,
        ),
        (
            changes_from_call_to_call(tokens, &effects),
            WriteReason::Nondeterministic,
        ),
        (is_returning(tokens), WriteReason::Returning),
    ];
    match refused.into_iter().find(|(is, _)| *is) {
        Some((_, reason)) => Err(reason),
        None => Ok(()),
    }
}

fn is_returning(tokens: Tokens<'_>) -> bool {
    (0..tokens.len()).any(|at| {
        tokens.is_word(at, "RETURNING") && tokens.get(at).is_some_and(|token| token.depth == 0)
    })
}

/// UUID() alone is welcome.
pub(super) fn changes_from_call_to_call(tokens: Tokens<'_>, effects: &Effects) -> bool {
    const REFUSED: [&str; 10] = [
        "UUID_SHORT",
        "RAND",
        "RANDOM_BYTES",
        "SLEEP",
        "LOAD_FILE",
        "BENCHMARK",
        "MASTER_POS_WAIT",
        "SOURCE_POS_WAIT",
        "GTID_SUBTRACT",
        "WAIT_FOR_EXECUTED_GTID_SET",
    ];
    let called = |name: &&str| (0..tokens.len()).any(|at| is_call(tokens, at, name));
    effects.nondeterministic && (REFUSED.iter().any(called) || !called(&"UUID"))
}

fn rows(
    ast: &Ast,
    insert: &Insert,
    tokens: Tokens<'_>,
    (target, resolver): (&ShardedRef<'_>, Resolver<'_>),
) -> Result<Rows, WriteReason> {
    let places = match &insert.source {
        InsertSource::Folded(first) => RowPlaces::Folded(*first),
        InsertSource::Rows(rows) => {
            RowPlaces::Tokens(rows.iter().map(|row| row.tokens.clone()).collect())
        }
        InsertSource::Set(_) | InsertSource::Select(_) => return Err(WriteReason::NotUnderstood),
    };
    let duplicates = duplicates(ast.kind, insert, tokens);
    Ok(Rows {
        places,
        duplicates,
        given_id: given_id::of(insert, target, duplicates, resolver),
    })
}

/// What a row of an INSERT or REPLACE does whose key is there already.
pub(super) fn duplicates(kind: AstKind, insert: &Insert, tokens: Tokens<'_>) -> Duplicates {
    let ignore = is_ignoring(tokens);
    match (kind, insert.on_duplicate.is_empty()) {
        (AstKind::Replace, _) => Duplicates::Replace,
        (_, false) => Duplicates::Update { ignore },
        (_, true) if ignore => Duplicates::Ignore,
        (_, true) => Duplicates::Fail,
    }
}

/// Before the table's name stand nothing but words of the language.
pub(super) fn is_ignoring(tokens: Tokens<'_>) -> bool {
    let mut words = (0..tokens.len()).filter(|at| !tokens.is_mark(*at));
    let mut modifiers = words.by_ref().skip(1).take(3);
    modifiers.any(|at| tokens.is_word(at, "IGNORE"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    #[test]
    fn one_row_tells_its_duplicates_by_the_rows_it_affects() {
        use Duplicates::{Fail, Ignore, Replace, Update};
        let (update, both) = (Update { ignore: false }, Update { ignore: true });
        let cases = [
            (Fail, 1, false, Some(0)),
            (Ignore, 1, false, Some(0)),
            (Ignore, 0, true, Some(1)),
            (Replace, 1, false, Some(0)),
            (Replace, 3, true, Some(2)),
            (update, 0, false, Some(0)),
            (update, 1, false, Some(0)),
            (update, 2, false, Some(1)),
            (update, 2, true, Some(1)),
            (update, 1, true, None),
            (both, 0, false, Some(1)),
            (both, 2, true, Some(0)),
            (both, 1, true, None),
        ];
        for (duplicates, affected, found, expected) in cases {
            let of_one = duplicates.of_one(affected, found);
            assert_eq!(of_one, expected, "{duplicates:?} {affected} {found}");
        }
    }

    #[test]
    fn hints_and_marks_do_not_hide_ignore() {
        for (sql, expected) in [
            ("INSERT IGNORE INTO t VALUES (1)", true),
            (
                "/*+ a */ /*+ b */ INSERT LOW_PRIORITY IGNORE INTO t VALUES (1)",
                true,
            ),
            (
                "INSERT /*!50000 LOW_PRIORITY */ IGNORE INTO t VALUES (1)",
                true,
            ),
            ("DELETE /*! LOW_PRIORITY QUICK IGNORE */ FROM t", true),
            ("INSERT INTO t VALUES (1)", false),
        ] {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            assert_eq!(is_ignoring(tokens), expected, "{sql}");
        }
    }
}

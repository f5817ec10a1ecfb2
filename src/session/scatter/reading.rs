//! The SELECT of an INSERT whose rows go through the proxy: its rows are kept.
//!
//! It is answered like a client's own, within the transaction: by one data node, by several whose rows
//! are merged, or by one server to which rows are brought. What data nodes read they lock, as MySQL does.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::failure::Failure;
use super::super::gather::Keeping;
use super::super::prepared::{Bindings, Executed, Given, Rebound, ShardText};
use super::super::query::several;
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::limited::own;
use super::moved::unsupported;
use super::written::{Broken, Errand, before};
use super::{Asked, Part, Text, Worker, lanes, merge_spec};
use crate::backend::{BackendError, Connection};
use crate::error::MysqlError;
use crate::execute::scatter::{Kept, Lane, Scatter, ScatterError, Sink, scatter};
use crate::execute::{Seen, gather};
use crate::merge::{Limit, MergeSpec, RowFormat};
use crate::parse::{Digest, Tokens};
use crate::plan::{self, Action, Move, Plan};
use crate::reply::Names;
use crate::rewrite::{MovedRows, RowLock};
use crate::route::Variables;
use crate::wire::{ColumnDefinition, StatusFlags};

/// How data nodes answer the SELECT.
struct Reading<'s> {
    parts: Vec<Part<'s>>,
    /// How the parts' answers are merged, if there are several.
    merged: Option<&'s plan::scatter::Scatter>,
    /// LIMIT of the whole, where it is a parameter.
    limit: Option<Limit>,
    /// The parameters of the parts, where they are not the SELECT's.
    rebound: Option<Rebound>,
}

/// The refusal of an answer that one server might have refused.
pub(in super::super) const WITH_WARNINGS: &str = "whose SELECT gives warnings";

/// What comes of it.
enum Read {
    Rows(Kept),
    /// The answers' types do not allow a merge.
    Unmergeable(MysqlError),
}

impl Session {
    /// The rows of the SELECT. `own`: the transaction is the statement's own.
    pub(super) async fn read_rows(
        &mut self,
        moved: &Move,
        snapshot: &Snapshot,
        (own_transaction, client, given): (bool, &Statement<'_>, Option<&Given<'_>>),
    ) -> Result<Kept, Failure> {
        let text = client.tokens().span(moved.query.clone());
        let mut digest = Digest::default();
        self.scan_alone(text, &mut digest)?;
        let statement = own(text, &digest, client);
        let plan = self.plan_in(snapshot, &statement);
        Self::check_scattered(&plan)?;
        self.check_found_rows(&plan)?;
        let gathered = plan.gathered();
        let error = match gathered {
            Some(_) if matches!(plan.action, Action::Refuse(_)) => None,
            _ => match self
                .read_locking((snapshot, &statement), own_transaction, given)
                .await?
            {
                Read::Rows(kept) => return Ok(kept),
                Read::Unmergeable(error) => Some(error),
            },
        };
        match (gathered, error) {
            (Some(gathered), _) => {
                let keeping = Keeping {
                    lock: &|_| Some(RowLock::Share),
                    refused: unsupported,
                };
                let asked = given.map(|given| given.of_text(&statement));
                let seed = self.shared.seed;
                let bindings = asked.as_ref().map(|asked| asked.bindings(seed));
                let from = (&statement, bindings.as_ref(), keeping);
                self.gather_kept(snapshot, (&plan, gathered), from).await
            }
            (None, Some(error)) => Err(Failure::Error(error)),
            (None, None) => Err(Failure::Error(MysqlError::stale())),
        }
    }

    /// The rows of a SELECT that data nodes can answer, which lock what they read.
    async fn read_locking(
        &mut self,
        (snapshot, plain): (&Snapshot, &Statement<'_>),
        own_transaction: bool,
        given: Option<&Given<'_>>,
    ) -> Result<Read, Failure> {
        let sql = locking(plain.tokens());
        let mut digest = Digest::default();
        self.scan_alone(&sql, &mut digest)?;
        let statement = own(&sql, &digest, plain);
        let asked = given.map(|given| given.of_text(&statement));
        let bindings = asked.as_ref().map(|asked| asked.bindings(self.shared.seed));
        let asked = (&statement, bindings.as_ref());
        let plan = self.plan_in(snapshot, &statement);
        let reading = match self.reading((snapshot, &plan), asked)? {
            Ok(reading) => reading,
            Err(error) => return Ok(Read::Unmergeable(error)),
        };
        let query = ShardQuery {
            read_only: true,
            ..ShardQuery::of_write(&plan, statement.attributes, plan.qualified)
        };
        let mut workers = self.workers(&reading.parts, &query).await?;
        let before = before(own_transaction, false);
        let read = match self.run_before(&mut workers, &before).await {
            Ok(()) => self.keep(&mut workers, &reading, (&query, asked)).await,
            Err(broken) => Err(broken),
        };
        self.settle_parts(workers, &query, read, own_transaction)
            .await
    }

    fn reading<'s>(
        &self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        (statement, bindings): (&Statement<'_>, Option<&Bindings<'_>>),
    ) -> Result<Result<Reading<'s>, MysqlError>, Failure> {
        let charset = self.state.text.charset;
        let mut literals = statement.literals(charset);
        if let Some(bindings) = bindings {
            bindings.check_places()?;
            literals.params = bindings.params(charset);
        }
        let variables = Variables::default();
        let route = snapshot.router.route_with(plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        let plans = (snapshot, plan);
        let Some(nodes) = several(snapshot, plan, &route) else {
            let (target, part) = self.target(snapshot, plan, &route)?;
            let mut room = Vec::new();
            let text = self.rewrite(plans, statement, (target, part), &mut room)?;
            let text = match bindings {
                Some(bindings) => {
                    bindings.check_edits(&plan.edits)?;
                    let database = target.database().filter(|_| !plan.qualified);
                    let settings = &bindings.template.settings;
                    Text::Prepared(ShardText::new(text, database, settings, self.shared.seed))
                }
                None => Text::Query(text.to_vec()),
            };
            return Ok(Ok(Reading {
                parts: vec![Part { target, text }],
                merged: None,
                limit: None,
                rebound: None,
            }));
        };
        let Some(merged) = plan.merged() else {
            let shards = nodes.iter().map(|node| node.shard);
            return Ok(Err(plan::many_nodes(&snapshot.topology, plan, shards)));
        };
        let mut edits = Cow::Borrowed(merged.edits.as_slice());
        let (limit, rebound) = match bindings.map(|all| all.merged(merged, &mut edits)) {
            None => (None, None),
            Some(Ok(bound)) => bound,
            Some(Err(Failure::Error(error))) => return Ok(Err(error)),
            Some(Err(end)) => return Err(end),
        };
        let executed = bindings.map(|bindings| Executed {
            edits,
            ..Executed::of(bindings)
        });
        let parts = self.parts(plans, merged, nodes, (statement, executed.as_ref()))?;
        Ok(Ok(Reading {
            parts,
            merged: Some(merged),
            limit,
            rebound,
        }))
    }

    /// Answers the SELECT and keeps its rows.
    async fn keep(
        &mut self,
        workers: &mut [Worker],
        reading: &Reading<'_>,
        (query, (statement, bindings)): (&ShardQuery<'_>, (&Statement<'_>, Option<&Bindings<'_>>)),
    ) -> Result<Read, Broken> {
        // Values as the columns hold them, and all rows.
        let variables = gather::source_variables(&self.state.variables, true);
        let variables = self.shared.interner.intern(variables);
        self.on_all(workers, Errand::Carry(&variables)).await?;
        let whole = bindings.map(Executed::of);
        let executed = whole.as_ref().map(|whole| match &reading.rebound {
            Some(rebound) => whole.with(rebound),
            None => whole.clone(),
        });
        let then = bindings
            .map(|bindings| self.variables_with(&variables, &bindings.template.settings))
            .unwrap_or_else(|| Arc::clone(&variables));
        let format = executed
            .as_ref()
            .map_or(RowFormat::Text, |_| RowFormat::Binary);
        let asked = Asked {
            attributes: statement.attributes,
            qualified: query.qualified,
            executed: executed.as_ref(),
            rebound: &[],
            then: &then,
            now: &variables,
        };
        let parts = &reading.parts;
        let spec = |visible: usize| match reading.merged {
            Some(merged) => merge_spec((merged, reading.limit, None), statement, visible),
            None => Ok(MergeSpec::as_it_comes(visible)),
        };
        let lanes = lanes(workers, (parts, 0..parts.len()), &asked);
        let names = parts.iter().map(|part| part.target.names).collect();
        let hidden = reading.merged.map_or(0, |merged| merged.hidden);
        let form = (format, hidden, false);
        let (kept, warnings) = match self.keep_rows((lanes, names), form, &spec).await {
            Ok(kept) => kept,
            Err(ScatterError::Refused {
                error,
                unmergeable: true,
                ..
            }) => return Ok(Read::Unmergeable(error)),
            Err(ScatterError::Refused { error, .. }) => return Err(Broken::Told(error)),
            Err(ScatterError::Lost(error)) => return Err(Broken::Lost(error)),
        };
        if let Some(worker) = workers.first_mut() {
            let connection = &mut worker.backend.connection;
            let checked = check_kept(&kept, (warnings, unsupported), connection).await?;
            checked.map_err(Broken::Told)?;
        }
        Ok(Read::Rows(kept))
    }

    /// Reads an answer and keeps it; says how many warnings there are. `in_turn`: connections are asked
    /// one after the other.
    pub(in super::super) async fn keep_rows<'a>(
        &mut self,
        (lanes, names): (Vec<Lane<'a>>, Vec<Option<Names<'a>>>),
        (format, hidden, in_turn): (RowFormat, usize, bool),
        spec: &(dyn Fn(usize) -> Result<MergeSpec, MysqlError> + Sync),
    ) -> Result<(Kept, u16), ScatterError> {
        let budget = self.budget();
        let mut job = Scatter {
            lanes,
            names,
            client: &mut self.client,
            capabilities: self.capabilities,
            status: StatusFlags::empty(),
            format,
            hidden,
            spec,
            counts_all: false,
            budget,
            sink: Sink::Keep(Kept::new(budget, format, in_turn)),
            quota: None,
            texts: &[],
            warned: Vec::new(),
            culprit: None,
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
        };
        let outcome = scatter(&mut job).await?;
        match job.sink {
            Sink::Keep(kept) => Ok((kept, outcome.warnings)),
            Sink::Client | Sink::Tally(_) => Err(ScatterError::Refused {
                error: MysqlError::stale(),
                seen: Seen::Nothing,
                unmergeable: false,
            }),
        }
    }
}

/// Whether the rows are those that an INSERT … SELECT would store. The connection is one that has
/// answered.
pub(in super::super) async fn check_kept(
    kept: &Kept,
    (warnings, refused): (u16, fn(&str) -> MysqlError),
    connection: &mut Connection,
) -> Result<Result<(), MysqlError>, BackendError> {
    // What is a warning of a SELECT may be an error of an INSERT.
    if warnings > 0 {
        return Ok(Err(refused(WITH_WARNINGS)));
    }
    // The text of a TIMESTAMP is its value only where no hour comes twice.
    let zoned = kept.columns.iter().any(|column| {
        let column = ColumnDefinition::decode(column);
        column.is_ok_and(|column| MovedRows::is_zoned(&column))
    });
    if !zoned {
        return Ok(Ok(()));
    }
    let sql = b"SELECT @@session.time_zone, @@system_time_zone LIMIT 1";
    let told = connection.query(sql).await?;
    let mut names = told.into_iter().flatten();
    let (session, system) = (names.next().flatten(), names.next().flatten());
    let zone = session.filter(|zone| zone != b"SYSTEM");
    Ok(match zone.or(system).unwrap_or_default().as_slice() {
        b"UTC" | [b'+' | b'-', ..] => Ok(()),
        _ => Err(refused(
            "of TIMESTAMP values in a session whose time zone may have summer time; SET time_zone = \
             '+00:00' before it",
        )),
    })
}

/// The SELECT, which locks what it reads as that of an INSERT does.
fn locking(tokens: Tokens<'_>) -> Vec<u8> {
    const LOCKS: [[&str; 2]; 3] = [["FOR", "UPDATE"], ["FOR", "SHARE"], ["LOCK", "IN"]];
    let is = |at: usize, words: [&str; 2]| {
        let [first, second] = words;
        tokens.is_word(at, first) && tokens.is_word(at + 1, second)
    };
    let mut all = 0..tokens.len();
    let locks = all.any(|at| LOCKS.iter().any(|words| is(at, *words)));
    let reads = (0..tokens.len()).any(|at| tokens.is_word(at, "FROM"));
    let mut sql = tokens.span(0..tokens.len()).to_vec();
    if reads && !locks {
        sql.extend_from_slice(b" LOCK IN SHARE MODE");
    }
    sql
}

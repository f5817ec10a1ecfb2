//! Explain: statement + snapshot → where it goes and why, in lines for people.
//!
//! In: a [`Question`]. Out: [`Line`]s: the tables, what the statement says of their keys, the data
//! nodes, the text that each gets, and how their answers become one. The same stages decide as for
//! the statement itself; nothing is sent anywhere.

mod condition;
mod everywhere;
mod gather;
mod picked;
mod tables;

use std::borrow::Cow;

use crate::config::{GatherConfig, HintRule};
use crate::error::StageError;
use crate::parse::{Digest, LexMode, Tokens, tokenize};
use crate::plan::{
    self, Access, Action, Generate, Move, PinReason, Plan, Rekey, Rows, TemporaryTable, Write,
};
use crate::rewrite::{self, IdTexts, RowTexts, Values};
use crate::route::key::{Charset, LiteralContext};
use crate::route::{DataNode, Literals, Route, Router, Variables};
use crate::topology::{ReadPolicy, Shard, Topology};
use crate::value::NewIds;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The statement that is explained, without EXPLAIN.
    pub sql: &'a [u8],
    /// The session's sql_mode, as far as it changes how a statement reads.
    pub mode: LexMode,
    /// What the bytes of its strings mean.
    pub charset: Charset,
    /// The session's current schema.
    pub schema: Option<&'a str>,
    /// The snapshot.
    pub topology: &'a Topology,
    /// Its placement rules.
    pub router: &'a Router,
    /// The session is in a transaction.
    pub inside: bool,
    /// Which servers may answer the user's reads, where that does not follow from their schemas.
    pub read: Option<ReadPolicy>,
    /// What one statement may bring together.
    pub gather: GatherConfig,
    /// What rules say in place of its hints.
    pub hint: Option<&'a HintRule>,
    /// The session's temporary tables.
    pub temporary: &'a [TemporaryTable],
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the line is about: `route`, `merge`, a data node, …
    pub what: String,
    /// What there is to say.
    pub detail: String,
}

/// A statement that was read and planned, but not routed yet.
#[derive(Debug)]
pub struct Planned<'a> {
    question: &'a Question<'a>,
    /// The statement; its rows have ids where they get some.
    sql: Cow<'a, [u8]>,
    digest: Digest,
    plan: Plan,
    /// What is said of the ids.
    ids: Option<String>,
}

/// Data nodes that are listed with their text; the others are only counted.
const SHOWN_NODES: usize = 64;

/// Reads and plans a statement. `None`: it is no statement; a server will say what is wrong.
pub fn planned<'a>(question: &'a Question<'a>) -> Option<Planned<'a>> {
    let digest = tokenize(question.sql, question.mode).ok()?;
    let plan = plan::build(&request(question, question.sql, &digest));
    if let Action::Generate(generate) = &plan.action
        && let Some(filled) = filled(question, &digest, generate)
    {
        return Some(filled);
    }
    Some(Planned {
        question,
        sql: Cow::Borrowed(question.sql),
        digest,
        plan,
        ids: None,
    })
}

fn request<'a>(question: &Question<'a>, sql: &'a [u8], digest: &'a Digest) -> plan::Request<'a> {
    plan::Request {
        tokens: Tokens::new(sql, digest),
        mode: question.mode,
        topology: question.topology,
        schema: question.schema,
        hint: question.hint,
        temporary: question.temporary,
    }
}

/// The statement with numbers where its rows get ids. `None`: it cannot get them.
fn filled<'a>(
    question: &'a Question<'a>,
    digest: &Digest,
    generate: &Generate,
) -> Option<Planned<'a>> {
    let texts = IdTexts::read((question.sql, 0, digest), generate, false).ok()?;
    let form = generate.column.form;
    let examples = NewIds::examples(form, 1, texts.wanted());
    let sql = texts.fill(&examples).ok()?;
    let digest = tokenize(&sql, question.mode).ok()?;
    let plan = plan::build_filled(&request(question, &sql, &digest));
    Some(Planned {
        question,
        sql: Cow::Owned(sql),
        digest,
        plan,
        ids: Some(format!(
            "{generate}; here {} stand for them",
            match form.is_number() {
                true => "1, 2, …",
                false => "UUIDs that end in 1, 2, …",
            }
        )),
    })
}

impl Planned<'_> {
    /// For whoever must know what the statement reaches, and which variables it asks for.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The statement's; its rows may have ids by now.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens::new(&self.sql, &self.digest)
    }

    /// From the statement's kind to the answer, with what is known of the session's user variables.
    pub fn explain(&self, variables: &Variables) -> Vec<Line> {
        let mut writer = Writer {
            question: self.question,
            sql: &self.sql,
            digest: &self.digest,
            plan: &self.plan,
            variables,
            lines: Vec::new(),
        };
        if let Some(ids) = &self.ids {
            writer.line("ids", ids);
        }
        writer.all();
        writer.lines
    }
}

struct Writer<'a> {
    question: &'a Question<'a>,
    sql: &'a [u8],
    digest: &'a Digest,
    plan: &'a Plan,
    variables: &'a Variables,
    lines: Vec<Line>,
}

impl<'a> Writer<'a> {
    fn line(&mut self, what: &str, detail: impl Into<String>) {
        self.lines.push(Line {
            what: what.to_owned(),
            detail: detail.into(),
        });
    }

    fn all(&mut self) {
        match &self.plan.action {
            Action::Refuse(_) if let Some(gather) = self.plan.gathered() => {
                self.line("statement", "reads");
                return self.gather(gather);
            }
            Action::Refuse(error) | Action::Unreadable(error) => {
                return self.line("refused", error.to_string());
            }
            Action::Generate(_) => {
                return self.line("refused", "an id that is no whole number, NULL or DEFAULT");
            }
            Action::Move(moved) => return self.insert_select(moved),
            Action::Rekey(rekey) => return self.rekey(rekey),
            Action::Picked(picked) => {
                self.line("statement", "writes, locks, or may");
                return self.picked(picked);
            }
            Action::Nothing => return self.line("statement", "does nothing"),
            Action::Utility(_) => {
                return self.line("statement", "the proxy carries it out for the session");
            }
            Action::Explain { .. } => {
                return self.line("statement", "explains another one");
            }
            Action::Everywhere(all) => return self.everywhere(all),
            Action::Load(_) => {
                let how = "the proxy cuts the client's file into rows for the shards";
                return self.line("statement", how);
            }
            Action::Lock(locks) => return self.locks(locks),
            Action::Sharded { .. }
            | Action::Copies(_)
            | Action::Single(_)
            | Action::OtherSchema(_)
            | Action::Any(_) => {}
        }
        let kind = match self.plan.access {
            Access::Read => "reads",
            Access::Write => "writes, locks, or may",
        };
        self.line("statement", kind);
        if let Some(pin) = self.plan.pin {
            self.line("session", pinned(pin));
        }
        if let Action::Sharded {
            table, condition, ..
        } = &self.plan.action
            && let Some((name, sharding)) = tables::sharding(self.question.topology, *table)
        {
            self.line("sharded", tables::placement(&name, sharding));
            let statement = (self.sql, self.digest);
            self.line("condition", condition::text(sharding, condition, statement));
        }
        self.route();
    }

    /// Rows that the proxy reads and stores.
    fn insert_select(&mut self, moved: &Move) {
        let text = Tokens::new(self.sql, self.digest).span(moved.query.clone());
        self.line("statement", "writes rows that the proxy reads first");
        let question = Question {
            sql: text,
            ..*self.question
        };
        if let Some(read) = planned(&question) {
            let lines = read.explain(self.variables);
            self.lines.extend(lines);
        }
        let how =
            "the rows are stored as rows of VALUES, in the transaction in which they were read";
        self.line("write", how);
    }

    /// Rows that may leave their data node.
    fn rekey(&mut self, rekey: &'a Rekey) {
        let mut whole = Writer {
            plan: &rekey.plan,
            lines: std::mem::take(&mut self.lines),
            ..*self
        };
        whole.all();
        self.lines = whole.lines;
        let how = "rows whose new key belongs to another data node are found and locked first, changed \
                   where they are, and moved with all of their columns in the same transaction";
        self.line("moves", how);
    }

    fn literals(&self) -> Literals<'a> {
        Literals {
            digest: self.digest,
            text: self.sql,
            context: LiteralContext {
                mode: self.question.mode,
                charset: self.question.charset,
            },
            params: crate::route::Params::default(),
        }
    }

    /// An INSERT with the rows of one node.
    fn own_rows(&self, node: DataNode, rows: &Rows, values: &Values<'_>) -> Option<Vec<u8>> {
        let (sql, digest) = (self.sql, self.digest);
        let placed = self.question.router.rows(self.plan, self.literals()).ok()?;
        let kept = placed.iter().enumerate().filter(|(_, at)| **at == node);
        let kept: Vec<usize> = kept.map(|(row, _)| row).collect();
        let texts = RowTexts::find(&rows.places, digest).ok()?;
        let edits = &self.plan.edits;
        rewrite::splice_rows((sql, 0, digest), edits, values, (&texts, &kept)).ok()
    }

    fn route(&mut self) {
        let literals = self.literals();
        let router = self.question.router;
        let route = match router.route_with(self.plan, literals, self.variables) {
            Ok(route) => route,
            Err(error) => return self.line("refused", error.to_mysql().to_string()),
        };
        match route {
            Route::Single(node) => {
                self.one(format!("one data node{}", self.of_all()), Some(node));
            }
            Route::NoMatch(node) => {
                let why = "no row can match: any data node gives the answer";
                self.one(why, Some(node));
            }
            Route::Any(schema) => {
                let schema = schema.and_then(|id| self.question.topology.schema_by_id(id));
                let any = match schema {
                    Some(schema) => format!("any shard of '{}'", schema.name),
                    None => "any server".to_owned(),
                };
                let first = schema.and_then(|schema| schema.shards.first());
                self.one(any, first.map(|shard| (*shard).into()));
            }
            Route::Server(id) => {
                let set = self.question.topology.replica_set(id);
                let name = set.map_or("?", |set| set.name.as_str());
                self.one(format!("the replica set '{name}'"), None);
            }
            Route::Many(nodes) => self.several(&nodes),
            Route::All(table) => self.several(router.nodes(table)),
        }
    }

    /// One node answers for all.
    fn one(&mut self, why: impl Into<String>, node: Option<DataNode>) {
        self.line("route", why);
        self.servers();
        if let Some(node) = node {
            self.node(node, false);
        }
        self.line("merge", "nothing: the answer is passed on as it comes");
    }

    /// Where others than primaries may answer.
    fn servers(&mut self) {
        let plan = self.plan;
        let ties = plan.pin.is_some() || plan.uses_pinned_state;
        let asks = plan.needs_last_insert_id || plan.leaves_counts;
        if self.question.inside || plan.access != Access::Read || ties || asks {
            return;
        }
        let consistency = match plan.read_policy(self.question.topology, self.question.read) {
            ReadPolicy::Primary => return,
            ReadPolicy::Causal { .. } => "causal",
            ReadPolicy::Bounded { .. } => "bounded",
            ReadPolicy::Eventual => "eventual",
        };
        self.line("servers", format!("replicas may answer: {consistency}"));
    }

    /// ` of 4`
    fn of_all(&self) -> String {
        match &self.plan.action {
            Action::Sharded { table, .. } => {
                format!(" of {}", self.question.router.nodes(*table).len())
            }
            _ => String::new(),
        }
    }

    fn several(&mut self, nodes: &[DataNode]) {
        self.line(
            "route",
            format!("{} data nodes{}", nodes.len(), self.of_all()),
        );
        if let Some(Ok(Write::Picked(picked))) = &self.plan.write {
            return self.picked(picked);
        }
        match &self.plan.gather {
            Some(Ok(gather)) if self.plan.merged().is_none() => return self.gather(gather),
            Some(Err(error)) if self.plan.merged().is_none() => {
                return self.line("refused", error.to_string());
            }
            _ => {}
        }
        self.servers();
        for node in nodes.iter().take(SHOWN_NODES) {
            self.node(*node, true);
        }
        if let Some(more) = nodes
            .len()
            .checked_sub(SHOWN_NODES)
            .filter(|more| *more > 0)
        {
            self.line("…", format!("{more} more"));
        }
        match &self.plan.write {
            Some(Ok(write)) => return self.line("write", write.to_string()),
            Some(Err(reason)) => {
                return self.line("refused", format!("over several shards: {reason}"));
            }
            None => {}
        }
        match &self.plan.scatter {
            Some(Ok(scatter)) => self.line("merge", scatter.to_string()),
            Some(Err(reason)) => self.line("refused", format!("over several shards: {reason}")),
            None => {
                let shards = nodes.iter().map(|node| node.shard);
                let error = plan::many_nodes(self.question.topology, self.plan, shards);
                self.line("refused", error.to_string());
            }
        }
    }

    /// What the edits put in on a data node.
    fn values(&self, shard: &'a Shard, part: u32) -> Values<'a> {
        Values {
            database: shard.database.as_bytes(),
            part,
            topology: self.question.topology,
            schema: self.question.schema,
            gathered: &[],
            connection_id: 0,
            client: rewrite::Client::default(),
            row_count: -1,
            found_rows: 0,
            conditions: (0, 0),
            looked_up: None,
            repeated: &self.plan.edits,
            mariadb: false,
            access: None,
        }
    }

    /// A data node and the text that it gets.
    fn node(&mut self, node: DataNode, several: bool) {
        let topology = self.question.topology;
        let Some(shard) = topology.shard(node.shard) else {
            return;
        };
        let mut name = shard.name.clone();
        if !self.plan.split.is_empty() {
            let parts = tables::parts(topology, &self.plan.split, node.part);
            name = format!("{name} {parts}");
        }
        let values = self.values(shard, node.part);
        let (sql, digest) = (self.sql, self.digest);
        let mut room = Vec::new();
        let edits = match &self.plan.scatter {
            Some(Ok(scatter)) if several => &scatter.edits,
            _ => &self.plan.edits,
        };
        if let Some(Ok(Write::Rows(rows))) = &self.plan.write
            && several
        {
            return match self.own_rows(node, rows, &values) {
                Some(text) => self.line(&name, String::from_utf8_lossy(&text)),
                None => self.line(&name, "its own rows"),
            };
        }
        match rewrite::splice(sql, 0, digest, edits, &values, &mut room) {
            Ok(text) => self.line(&name, String::from_utf8_lossy(text)),
            Err(error) => self.line(&name, error.to_string()),
        }
    }
}

fn pinned(reason: PinReason) -> String {
    format!("stays on one connection afterwards, for {}", reason.name())
}

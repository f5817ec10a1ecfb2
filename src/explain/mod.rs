//! Explain: statement + snapshot → where it goes and why, in lines for people.
//!
//! In: a [`Question`]. Out: [`Line`]s: the tables, what the statement says of their keys, the data
//! nodes, the text that each gets, and how their answers become one. The same stages decide as for
//! the statement itself; nothing is sent anywhere.

mod condition;
mod tables;

use crate::error::StageError;
use crate::parse::{Digest, LexMode, Tokens, tokenize};
use crate::plan::{self, Access, Action, PinReason, Plan};
use crate::rewrite::{self, Values};
use crate::route::key::{Charset, LiteralContext};
use crate::route::{DataNode, Literals, Route, Router, Variables};
use crate::topology::{ShardId, Topology};

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
    /// What is known of the session's user variables.
    pub variables: &'a Variables,
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the line is about: `route`, `merge`, a data node, …
    pub what: String,
    /// What there is to say.
    pub detail: String,
}

/// An explanation, and the plan that it tells of.
#[derive(Debug)]
pub struct Explanation {
    /// From the statement's kind to the answer.
    pub lines: Vec<Line>,
    /// For whoever must know what the statement reaches.
    pub plan: Plan,
}

/// Data nodes that are listed with their text; the others are only counted.
const SHOWN_NODES: usize = 64;

/// Explains a statement. `None`: it is no statement; a server will say what is wrong.
pub fn explain(question: &Question<'_>) -> Option<Explanation> {
    let digest = tokenize(question.sql, question.mode).ok()?;
    let plan = plan::build(&plan::Request {
        tokens: Tokens::new(question.sql, &digest),
        mode: question.mode,
        topology: question.topology,
        schema: question.schema,
    });
    let mut writer = Writer {
        question,
        digest: &digest,
        plan: &plan,
        lines: Vec::new(),
    };
    writer.all();
    let lines = writer.lines;
    Some(Explanation { lines, plan })
}

struct Writer<'a> {
    question: &'a Question<'a>,
    digest: &'a Digest,
    plan: &'a Plan,
    lines: Vec<Line>,
}

impl Writer<'_> {
    fn line(&mut self, what: &str, detail: impl Into<String>) {
        self.lines.push(Line {
            what: what.to_owned(),
            detail: detail.into(),
        });
    }

    fn all(&mut self) {
        match &self.plan.action {
            Action::Refuse(error) | Action::Unreadable(error) => {
                return self.line("refused", error.to_string());
            }
            Action::Nothing => return self.line("statement", "does nothing"),
            Action::Utility(_) => {
                return self.line("statement", "the proxy carries it out for the session");
            }
            Action::Explain { .. } => {
                return self.line("statement", "explains another one");
            }
            Action::Sharded { .. } | Action::Single(_) | Action::Any(_) => {}
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
        {
            let placement = tables::placement(self.question.topology, *table);
            self.line("sharded", placement);
            let text = condition::text(self.question, self.digest, *table, condition);
            self.line("condition", text);
        }
        self.route();
    }

    fn route(&mut self) {
        let literals = Literals {
            digest: self.digest,
            text: self.question.sql,
            context: LiteralContext {
                mode: self.question.mode,
                charset: self.question.charset,
            },
        };
        let route =
            match self
                .question
                .router
                .route_with(self.plan, literals, self.question.variables)
            {
                Ok(route) => route,
                Err(error) => return self.line("refused", error.to_mysql().to_string()),
            };
        match route {
            Route::Single(node) => {
                self.line("route", format!("one data node{}", self.of_all()));
                self.node(node);
                self.line("merge", "nothing: the answer is passed on as it comes");
            }
            Route::NoMatch(node) => {
                self.line("route", "no row can match: any data node gives the answer");
                self.node(node);
                self.line("merge", "nothing: the answer is passed on as it comes");
            }
            Route::Any(schema) => {
                let schema = schema.and_then(|id| self.question.topology.schema_by_id(id));
                let any = match schema {
                    Some(schema) => format!("any shard of '{}'", schema.name),
                    None => "any server".to_owned(),
                };
                self.line("route", any);
                let first = schema.and_then(|schema| schema.shards.first());
                if let Some(first) = first {
                    self.node((*first).into());
                }
                self.line("merge", "nothing: the answer is passed on as it comes");
            }
            Route::Many(nodes) => self.several(&nodes),
            Route::All(table) => {
                let nodes = self.question.router.nodes(table);
                self.several(nodes);
            }
        }
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
        for node in nodes.iter().take(SHOWN_NODES) {
            self.node(*node);
        }
        if let Some(more) = nodes
            .len()
            .checked_sub(SHOWN_NODES)
            .filter(|more| *more > 0)
        {
            self.line("…", format!("{more} more"));
        }
        let shards = nodes.iter().map(|node| node.shard);
        let error = plan::many_nodes(self.question.topology, shards);
        self.line("refused", error.to_string());
    }

    /// A data node and the text that it gets.
    fn node(&mut self, node: DataNode) {
        let name = |shard: ShardId| {
            let shard = self.question.topology.shard(shard)?;
            Some((shard.name.clone(), shard.database.clone()))
        };
        let Some((mut name, database)) = name(node.shard) else {
            return;
        };
        if !self.plan.split.is_empty() {
            let parts = tables::parts(self.question.topology, &self.plan.split, node.part);
            name = format!("{name} {parts}");
        }
        let values = Values {
            database: database.as_bytes(),
            part: node.part,
            topology: self.question.topology,
            schema: self.question.schema,
            connection_id: 0,
            row_count: -1,
            found_rows: 0,
        };
        let (sql, digest) = (self.question.sql, self.digest);
        let mut room = Vec::new();
        match rewrite::splice(sql, 0, digest, &self.plan.edits, &values, &mut room) {
            Ok(text) => self.line(&name, String::from_utf8_lossy(text)),
            Err(error) => self.line(&name, error.to_string()),
        }
    }
}

fn pinned(reason: PinReason) -> String {
    format!("stays on one connection afterwards, for {}", reason.name())
}

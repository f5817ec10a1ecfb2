//! The trace of a statement: where its time went, as spans.
//!
//! In: what [`Meter`](super::measure::Meter) and the scatters see of a statement that is traced. Out: a
//! tree of spans at its end: the client's statement, in it the plan, and what servers were asked; on
//! several data nodes what they were asked stands in the work that needed it (`merge`, `gather`,
//! `write`, `definition`), and what a COMMIT asks of several replica sets in `commit`. Names and
//! attributes are those of OpenTelemetry's conventions for databases; statements are shown by their
//! normal form, which has no values.

use std::sync::Arc;

use super::command_phase::End;
use super::failure::Failure;
use super::held::Backend;
use super::measure::Meter;
use super::scatter::Part;
use super::state::Session;
use super::statement::Statement;
use crate::backend::{Connection, Server};
use crate::config::Address;
use crate::execute::scatter::{Answered, Lane};
use crate::telemetry::Tick;
use crate::telemetry::traces::{
    Attribute, Span, SpanKind, Traced, Tracer, number, summary, text, traceparent_of,
};
use crate::topology::ShardId;
use crate::transaction::Done;
use crate::wire::{BoundParameters, query_attribute};

/// The query attribute that names the client's trace.
const TRACEPARENT: &[u8] = b"traceparent";

/// The longest `traceparent` that is looked at, in bytes.
const LONGEST: usize = 256;

/// Most exchanges that one trace shows.
const MOST: usize = 256;

/// What a question is called that finds the rows which a shared LIMIT is about.
const CHOOSE: &str = "choose rows";

/// What is noted of the statement under way, if it is traced.
#[derive(Debug, Default)]
pub(super) struct Trace(Option<Traced<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    exchanges: Vec<Exchange>,
    /// More exchanges than are shown.
    left_out: u64,
    /// What needs several data nodes, and when it began.
    work: Option<(&'static str, Tick)>,
}

/// One question to a server.
#[derive(Debug)]
struct Exchange {
    /// What of a transaction's end it is, or [`CHOOSE`]; `None`: the statement, or what it needs.
    step: Option<&'static str>,
    shard: Option<ShardId>,
    server: Address,
    /// When it was asked, and when the last of the answer had come.
    times: (Tick, Tick),
    /// MySQL's number of the server's error; `None` of a failure: the server was lost.
    error: Option<u16>,
    failed: bool,
}

/// How a question to a server ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    /// With an answer; the number of the error, if it was one.
    Answered(Option<u16>),
    /// Without one.
    Lost,
}

impl Trace {
    /// A server was asked something at `from`, and the last of its answer has come.
    pub fn exchanged(
        &mut self,
        shard: Option<ShardId>,
        on: &Connection,
        (from, to): (Tick, Tick),
        ended: Ended,
    ) {
        if let Some(traced) = &mut self.0 {
            let what = (None, shard);
            traced.note().add(what, on.server(), (from, to), ended);
        }
    }

    /// Several data nodes are about to be asked, for this.
    pub fn work(&mut self, work: &'static str) {
        if let Some(traced) = &mut self.0 {
            traced.note().work = Some((work, Tick::now()));
        }
    }

    /// A transaction on several replica sets is about to end, unless that is part of other work.
    pub fn ending(&mut self, work: &'static str) {
        if let Some(traced) = &mut self.0 {
            traced.note().work.get_or_insert((work, Tick::now()));
        }
    }

    /// It has, by these steps.
    pub fn stepped(&mut self, steps: &[Done], participants: &[Backend]) {
        let Some(traced) = &mut self.0 else { return };
        for done in steps {
            if let Some(backend) = participants.get(done.party) {
                let server = backend.connection.server();
                traced.note().push(Exchange {
                    step: Some(done.step.name()),
                    shard: None,
                    server: server.address.clone(),
                    times: done.times,
                    error: done.answered.ok().flatten(),
                    failed: done.answered != Ok(None),
                });
            }
        }
    }

    /// Servers have been asked for rows, to be brought together.
    pub fn read(&mut self, read: Vec<(Arc<Server>, Answered)>) {
        let Some(traced) = &mut self.0 else { return };
        for (server, answered) in read {
            traced.note().take((None, None), &server, &answered);
        }
    }

    /// The parts of a statement on several data nodes have been answered, as far as they have.
    pub fn answered(&mut self, lanes: &[Lane<'_>], parts: &[Part<'_>]) {
        self.answered_in(None, lanes, parts);
    }

    /// Data nodes have said which rows come first, before they change them.
    pub fn chosen(&mut self, lanes: &[Lane<'_>], parts: &[Part<'_>]) {
        self.answered_in(Some(CHOOSE), lanes, parts);
    }

    fn answered_in(&mut self, step: Option<&'static str>, lanes: &[Lane<'_>], parts: &[Part<'_>]) {
        let Some(traced) = &mut self.0 else { return };
        for lane in lanes {
            let server = lane.connection.server();
            for answered in lane.times() {
                let shard = parts.get(answered.query).and_then(|part| part.target.shard);
                traced.note().take((step, shard), server, answered);
            }
        }
    }
}

impl Noted {
    fn add(
        &mut self,
        (step, shard): (Option<&'static str>, Option<ShardId>),
        server: &Server,
        times: (Tick, Tick),
        ended: Ended,
    ) {
        let (error, failed) = match ended {
            Ended::Answered(error) => (error, error.is_some()),
            Ended::Lost => (None, true),
        };
        self.push(Exchange {
            step,
            shard,
            server: server.address.clone(),
            times,
            error,
            failed,
        });
    }

    fn push(&mut self, exchange: Exchange) {
        if self.exchanges.len() < MOST {
            self.exchanges.push(exchange);
        } else {
            self.left_out += 1;
        }
    }

    fn take(
        &mut self,
        what: (Option<&'static str>, Option<ShardId>),
        server: &Server,
        answered: &Answered,
    ) {
        let to = answered.asked.plus(answered.took);
        let ended = Ended::Answered(answered.error);
        self.add(what, server, (answered.asked, to), ended);
    }
}

impl Session {
    /// A statement of COM_QUERY begins.
    pub(super) fn trace_query(&mut self, statement: &Statement<'_>) {
        if let Some(tracer) = &self.shared.tracer {
            let attribute = || query_attribute(statement.attributes, TRACEPARENT);
            let comment = || traceparent_of(statement.whole());
            self.meter.trace = begin(tracer, || attribute().or_else(comment));
        }
    }

    /// An execution begins: the attributes are behind so many values and bytes of the statement's own.
    pub(super) fn trace_execution(
        &mut self,
        sql: &[u8],
        (bound, own, own_values): (&BoundParameters<'_>, usize, usize),
    ) {
        if let Some(tracer) = &self.shared.tracer {
            let attribute = || bound.attribute(TRACEPARENT, own, own_values);
            self.meter.trace = begin(tracer, || attribute().or_else(|| traceparent_of(sql)));
        }
    }

    /// A statement has ended.
    pub(super) fn end_trace<T>(&mut self, done: &Result<T, Failure>, error: Option<u16>) {
        let Some(traced) = self.meter.trace.0.take() else {
            return;
        };
        let failed = error.is_some() || done.as_ref().is_err_and(is_failure);
        traced.send(&self.spans(traced.noted(), failed, error));
    }

    fn spans(&self, noted: &Noted, failed: bool, error: Option<u16>) -> Span {
        let seen = self.meter.seen();
        let (from, sent, to) = self.meter.moments();
        let digest = seen.digest.filter(|_| self.meter.is_planned());
        let summary = digest.map_or_else(String::new, |digest| summary(&digest.of.text));
        let mut attributes = vec![text("db.system.name", "mysql")];
        attributes.extend(
            self.state
                .schema
                .as_deref()
                .map(|name| text("db.namespace", name)),
        );
        attributes.extend(summarised(&summary));
        if let Some(digest) = digest {
            attributes.push(text("db.query.text", &*digest.of.text));
            attributes.push(text("shardwell.digest", &*digest.id));
        }
        attributes.push(number("db.response.returned_rows", seen.rows));
        attributes.push(text("client.address", self.host()));
        attributes.push(text("shardwell.user", &*self.account.name));
        attributes.extend(failure(failed, error));
        let mut children = vec![internal("plan", from, sent.unwrap_or(to))];
        let exchanges = noted.exchanges.iter();
        let exchanges = exchanges.map(|exchange| exchange.span(&self.meter, &summary));
        match noted.work {
            Some((name, begun)) => {
                let mut work = internal(name, begun, to);
                work.children.extend(exchanges);
                work.failed = failed;
                if noted.left_out > 0 {
                    work.attributes
                        .push(number("shardwell.left_out", noted.left_out));
                }
                children.push(work);
            }
            None => children.extend(exchanges),
        }
        Span {
            name: self.meter.name_of(summary),
            kind: SpanKind::Server,
            from,
            to,
            attributes,
            failed,
            children,
        }
    }
}

impl Exchange {
    fn span(&self, meter: &Meter, summary: &str) -> Span {
        let mut attributes = vec![text("db.system.name", "mysql")];
        if let Some(shard) = self.shard {
            let name = meter.shard_name(shard);
            let database = name.split_once('/').map_or(name, |(_, database)| database);
            attributes.push(text("db.namespace", database));
            attributes.push(text("shardwell.shard", name));
        }
        attributes.extend(summarised(summary));
        match &self.server {
            Address::Tcp { host, port } => {
                attributes.push(text("server.address", &**host));
                attributes.push(number("server.port", (*port).into()));
            }
            Address::Unix(path) => {
                attributes.push(text("server.address", path.display().to_string()));
            }
        }
        attributes.extend(failure(self.failed, self.error));
        let name = || meter.name_of(summary.to_owned());
        let (from, to) = self.times;
        Span {
            name: self.step.map_or_else(name, str::to_owned),
            kind: SpanKind::Client,
            from,
            to,
            attributes,
            failed: self.failed,
            children: Vec::new(),
        }
    }
}

#[cold]
fn begin<'t>(tracer: &Tracer, traceparent: impl FnOnce() -> Option<&'t [u8]>) -> Trace {
    let traceparent = || {
        let found = traceparent().filter(|found| found.len() <= LONGEST)?;
        std::str::from_utf8(found).ok().map(str::to_owned)
    };
    Trace(tracer.sample(traceparent))
}

fn internal(name: &str, from: Tick, to: Tick) -> Span {
    Span {
        name: name.to_owned(),
        kind: SpanKind::Internal,
        from,
        to,
        attributes: Vec::new(),
        failed: false,
        children: Vec::new(),
    }
}

fn summarised(summary: &str) -> Option<Attribute> {
    (!summary.is_empty()).then(|| text("db.query.summary", summary))
}

/// The error without its text, which may hold values.
fn failure(failed: bool, error: Option<u16>) -> Vec<Attribute> {
    match error {
        Some(code) => vec![
            text("db.response.status_code", code.to_string()),
            text("error.type", code.to_string()),
        ],
        None if failed => vec![text("error.type", "connection_lost")],
        None => Vec::new(),
    }
}

/// A client that has just gone is no failure.
fn is_failure(failure: &Failure) -> bool {
    !matches!(failure, Failure::End(End::Left))
}

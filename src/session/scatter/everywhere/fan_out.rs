//! Texts → what the nodes said.

use super::super::super::failure::Failure;
use super::super::super::request::Request;
use super::super::super::shard_query::ShardQuery;
use super::super::super::state::Session;
use super::super::{Part, Text, Worker};
use super::Work;
use crate::execute::scatter::{Said, Unsaid};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// The client's own statement.
    Client,
    /// A question of the proxy's, which changes nothing.
    Proxy,
}

impl Session {
    /// Runs a text on each of these nodes, as many at once as there are connections to be had, and at
    /// most as `[server.merge]` allows on each replica set. What they said, in this order.
    pub(super) async fn fan_out(
        &mut self,
        work: &Work<'_>,
        texts: Vec<(usize, Vec<u8>)>,
        asking: Asking,
    ) -> Result<Vec<Result<Said, Unsaid>>, Failure> {
        let mut parts = Vec::with_capacity(texts.len());
        for (at, text) in texts {
            if let Some(node) = work.nodes.get(at) {
                let (target, text) = (node.target, Text::Query(text));
                parts.push(Part { target, text });
            }
        }
        let attributes = match asking {
            Asking::Client => work.statement.attributes,
            Asking::Proxy => b"",
        };
        let query = query(attributes, work.is_on_databases());
        let (workers, done) = self.each_part(&parts, (&query, attributes)).await?;
        let tied = self.give_back_all(work, workers);
        let said = done?;
        match said.iter().find_map(|said| said.as_ref().err()) {
            // What the session held on the connection is gone.
            Some(unsaid) if tied => Err(Failure::Error(unsaid.error.clone()).into_end()),
            _ => Ok(said),
        }
    }

    /// Gives the connections back; says whether one is gone that held something of the session.
    fn give_back_all(&mut self, work: &Work<'_>, workers: Vec<Worker>) -> bool {
        let mut tied = false;
        for mut worker in workers {
            let connection = &mut worker.backend.connection;
            tied |= !connection.is_reusable() && !worker.backend.pins.is_empty();
            if work.is_on_databases() {
                // The server has forgotten the current database that was dropped.
                connection.forget_database();
            }
            self.held.settle(worker.backend);
        }
        tied
    }
}

/// A statement outside of the session's transaction; `anywhere`: it needs no current database.
pub(in super::super) fn query(attributes: &[u8], anywhere: bool) -> ShardQuery<'_> {
    ShardQuery {
        request: Request::Query {
            sql: b"",
            attributes,
        },
        qualified: anywhere,
        read_only: false,
        ..ShardQuery::OWN
    }
}

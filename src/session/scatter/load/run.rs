//! A load's parts on their connections.

use std::sync::Arc;

use bytes::Bytes;

use super::super::super::failure::Failure;
use super::super::super::shard_query::ShardQuery;
use super::super::super::state::Session;
use super::super::copies::Copies;
use super::super::writes::{Kind, Writing};
use super::super::written::{Broken, before};
use super::super::{Part, Text, Worker};
use super::Loading;
use super::batch::Batch;
use crate::execute::scatter::Written;
use crate::plan::{LoadTarget, Write};
use crate::route::DataNode;

impl Session {
    /// Has one server execute the statement with an empty file: it says what is wrong with it. Gives the
    /// file's character set.
    pub(super) async fn try_empty_file(
        &mut self,
        loading: &mut Loading<'_>,
    ) -> Result<String, Failure> {
        let nodes = loading.nodes.iter().take(1);
        let parts = nodes.map(|node| Part {
            target: node.target,
            text: Text::Load(node.sql.clone(), Bytes::new()),
        });
        let writing = Writing {
            rows: Some(vec![Vec::new()]),
            ..Writing::new(Kind::Change, parts.collect())
        };
        let query = loading.query();
        let mut workers = self.begin_parts(loading, &writing, &query).await?;
        let charset = self.charset_of(loading, &mut workers).await;
        let done = match charset {
            Ok(charset) => {
                let all = 0..writing.parts.len();
                let now = Arc::clone(&self.state.variables);
                let asked = (&query, loading.statement);
                let written = self
                    .run_parts(&mut workers, (&writing, all), asked, &now)
                    .await;
                written.map(|written| (written, charset))
            }
            Err(broken) => Err(broken),
        };
        let done = self
            .settle_parts(workers, &query, done, loading.own)
            .await?;
        let (mut written, charset) = done;
        let shown = self.conditions(&written, &writing);
        if let Some(empty) = written.pop() {
            loading.outcome.begin(empty, shown);
        }
        Ok(charset)
    }

    /// What the statement says, else what the session has set, else the schema's.
    async fn charset_of(
        &self,
        loading: &Loading<'_>,
        workers: &mut [Worker],
    ) -> Result<String, Broken> {
        let tokens = loading.statement.tokens();
        let said = loading.load.clauses.charset.map(|token| {
            let name = tokens.name(token);
            let string = || self.string_of(token, loading.statement);
            name.unwrap_or_else(|| {
                String::from_utf8_lossy(&string().unwrap_or_default()).into_owned()
            })
        });
        if let Some(said) = said {
            return Ok(said);
        }
        let set = self.state.variables.get("character_set_database");
        if let Some(set) = set.and_then(|set| std::str::from_utf8(set).ok()) {
            return Ok(set.trim_matches('\'').to_owned());
        }
        let mut charset = String::new();
        for worker in workers {
            let sql = b"SELECT @@character_set_database LIMIT 1";
            let told = worker.backend.connection.query(sql).await?;
            let cell = told.into_iter().flatten().flatten().next();
            charset = String::from_utf8_lossy(&cell.unwrap_or_default()).into_owned();
        }
        Ok(charset)
    }

    /// Stores the rows of a batch, each on its node; the batch is empty then.
    pub(super) async fn store_batch(
        &mut self,
        loading: &mut Loading<'_>,
        batch: &mut Batch,
    ) -> Result<(), Failure> {
        if batch.is_empty() {
            return Ok(());
        }
        let count = batch.len();
        let shares = self.shares(loading, batch).await?;
        let nodes = loading.nodes.iter().zip(shares.files).zip(shares.rows);
        let mine = nodes.filter(|(_, rows)| !rows.is_empty());
        let (parts, rows): (Vec<_>, Vec<_>) = mine
            .map(|((node, file), rows)| {
                let text = Text::Load(node.sql.clone(), file);
                let target = node.target;
                (Part { target, text }, rows)
            })
            .unzip();
        let writing = Writing {
            rows: Some(rows),
            copies: loading.copies(),
            ..Writing::new(Kind::Change, parts)
        };
        let query = loading.query();
        let mut workers = self.begin_parts(loading, &writing, &query).await?;
        let done = self
            .run_batch(&mut workers, &writing, (&query, loading))
            .await;
        let mut written = self
            .settle_parts(workers, &query, done, loading.own)
            .await?;
        loading.outcome.without_text(&mut written);
        let shown = self.conditions(&written, &writing);
        loading.outcome.add(&written, shown, self.most_conditions());
        loading.outcome.made_ids(shares.first_id);
        self.handle.loading.stored(count);
        Ok(())
    }

    async fn run_batch(
        &mut self,
        workers: &mut [Worker],
        writing: &Writing<'_>,
        (query, loading): (&ShardQuery<'_>, &Loading<'_>),
    ) -> Result<Vec<Written>, Broken> {
        let asked = (query, loading.statement);
        if let Some(copies) = &writing.copies {
            return self.run_copies(workers, (writing, copies), asked).await;
        }
        let all = 0..writing.parts.len();
        let now = Arc::clone(&self.state.variables);
        self.run_parts(workers, (writing, all), asked, &now).await
    }

    /// The connections; those that join get a savepoint first.
    async fn begin_parts(
        &mut self,
        loading: &mut Loading<'_>,
        writing: &Writing<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Vec<Worker>, Failure> {
        let mut workers = self.workers(&writing.parts, query).await?;
        let begun = |worker: &Worker| loading.begun.contains(&worker.backend.replica_set);
        workers.sort_by_key(begun);
        let fresh = workers.iter().filter(|worker| !begun(worker)).count();
        let statements = before(loading.own, false);
        let fresh = workers.get_mut(..fresh).unwrap_or_default();
        match self.run_before(fresh, &statements).await {
            Ok(()) => {
                let sets = fresh.iter().map(|worker| worker.backend.replica_set);
                loading.begun.extend(sets);
                Ok(workers)
            }
            Err(broken) => {
                let settled = self
                    .settle_parts(workers, query, Err::<(), _>(broken), loading.own)
                    .await;
                settled.and(Err(Failure::Error(crate::error::MysqlError::stale())))
            }
        }
    }
}

impl<'l> Loading<'l> {
    fn query(&self) -> ShardQuery<'l> {
        ShardQuery::of_write(self.plan, self.statement.attributes, self.plan.qualified)
    }

    /// How equal rows are stored on several shards.
    fn copies(&self) -> Option<Copies> {
        match self.load.to {
            LoadTarget::Rows(_) => None,
            LoadTarget::Copies(_) => {
                let nodes: Vec<DataNode> = self.nodes.iter().map(|node| node.node).collect();
                Copies::of(&Write::Copies { stores: true }, self.snapshot, &nodes)
            }
        }
    }
}

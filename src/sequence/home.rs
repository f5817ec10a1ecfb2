//! The connection to the replica set that keeps ids apart. It is none of the pool's: ids must come
//! while sessions that wait for something have all of it.

use std::sync::Arc;

use super::error::SequenceError;
use super::store::{Question, Store};
use crate::backend::{BackendError, Cluster, Connection};
use crate::net::Reactor;
use crate::topology::ReplicaSetId;

/// A replica set with the proxy's own tables.
#[derive(Debug)]
pub struct Home {
    cluster: Arc<Cluster>,
    replica_set: ReplicaSetId,
    store: Store,
    /// Kept from one question to the next.
    connection: tokio::sync::Mutex<Option<Connection>>,
}

impl Home {
    /// The tables in this database of the replica set; nothing is connected yet.
    pub fn new(cluster: Arc<Cluster>, replica_set: ReplicaSetId, database: &str) -> Self {
        Self {
            cluster,
            replica_set,
            store: Store::new(database),
            connection: tokio::sync::Mutex::new(None),
        }
    }

    /// What watches the connection.
    pub fn reactor(&self) -> &Reactor {
        self.cluster.reactor()
    }

    /// Asks the primary. A connection that was kept may have died: then a new one asks again.
    ///
    /// # Errors
    /// What the server or the connection says.
    pub async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, SequenceError> {
        let mut kept = self.connection.lock().await;
        let server = self.primary()?;
        let mut known = kept.take().filter(|c| Arc::ptr_eq(c.server(), &server));
        loop {
            let fresh = known.is_none();
            let mut connection = match known.take() {
                Some(connection) => connection,
                None => Connection::open(Arc::clone(&server), false).await?,
            };
            match question.put(&self.store, &mut connection).await {
                Ok(answer) => {
                    *kept = Some(connection);
                    return Ok(answer);
                }
                Err(error) if fresh => return Err(error),
                // It may have been made for a primary that is one no longer, too.
                Err(_) => {}
            }
        }
    }

    fn primary(&self) -> Result<Arc<crate::backend::Server>, SequenceError> {
        let found = self.cluster.get(self.replica_set);
        let found = found.ok_or_else(|| BackendError::Unsuitable {
            replica_set: "?".to_owned(),
            reason: "it is no longer configured",
        })?;
        let primary = found.primary().ok_or_else(|| found.no_primary())?;
        Ok(Arc::clone(primary.server()))
    }
}

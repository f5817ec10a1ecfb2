//! The transaction that the client believes in, and where it is.
//!
//! A transaction starts at its first statement that needs a server: before that nobody knows which
//! one. Until then it is a list of statements to run first ([`Transaction::Requested`]).

use smallvec::SmallVec;

use crate::topology::ReplicaSetId;

/// A session's transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transaction {
    /// None.
    #[default]
    None,
    /// The client began one; no server knows of it yet.
    Requested(Prelude),
    /// It is open on this replica set.
    Open(ReplicaSetId),
}

/// What runs on a server before the transaction's first statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prelude {
    begin: Vec<u8>,
    read_only: bool,
    savepoints: SmallVec<[(String, Vec<u8>); 2]>,
}

/// A savepoint that the transaction does not have: MySQL's error 1305.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchSavepoint(pub String);

impl Prelude {
    /// A transaction that `begin` (the client's own statement) starts.
    pub fn new(begin: &[u8], read_only: bool) -> Self {
        Self {
            begin: begin.to_vec(),
            read_only,
            savepoints: SmallVec::new(),
        }
    }

    /// The same beginning, for the transaction behind COMMIT AND CHAIN.
    pub fn without_savepoints(&self) -> Self {
        Self::new(&self.begin, self.read_only)
    }

    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &[u8]> {
        let begin = Some(self.begin.as_slice()).filter(|begin| !begin.is_empty());
        begin
            .into_iter()
            .chain(self.savepoints.iter().map(|(_, sql)| sql.as_slice()))
    }

    /// SAVEPOINT: a savepoint of the same name is replaced. Names are compared without their case,
    /// as MySQL compares them.
    pub fn savepoint(&mut self, name: &str, sql: &[u8]) {
        self.savepoints
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.savepoints.push((name.to_owned(), sql.to_vec()));
    }

    /// ROLLBACK TO: later savepoints are gone, nothing else has happened yet.
    ///
    /// # Errors
    /// There is no such savepoint.
    pub fn rollback_to(&mut self, name: &str) -> Result<(), NoSuchSavepoint> {
        let at = self.find(name)?;
        self.savepoints.truncate(at + 1);
        Ok(())
    }

    /// RELEASE SAVEPOINT: it and all later ones are gone.
    ///
    /// # Errors
    /// There is no such savepoint.
    pub fn release(&mut self, name: &str) -> Result<(), NoSuchSavepoint> {
        let at = self.find(name)?;
        self.savepoints.truncate(at);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<usize, NoSuchSavepoint> {
        self.savepoints
            .iter()
            .position(|(known, _)| known.eq_ignore_ascii_case(name))
            .ok_or_else(|| NoSuchSavepoint(name.to_owned()))
    }
}

impl Transaction {
    /// Whether the client is within one.
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether it was requested as READ ONLY and no server knows of it yet.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::Requested(prelude) if prelude.read_only)
    }

    /// Whether the client was told of one: with autocommit off, a savepoint alone begins none.
    pub fn has_begun(&self) -> bool {
        match self {
            Self::None => false,
            Self::Requested(prelude) => !prelude.begin.is_empty(),
            Self::Open(_) => true,
        }
    }

    /// Where it is open.
    pub fn open_on(&self) -> Option<ReplicaSetId> {
        match self {
            Self::Open(replica_set) => Some(*replica_set),
            Self::None | Self::Requested(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(prelude: &Prelude) -> Vec<String> {
        let text = |sql: &[u8]| String::from_utf8_lossy(sql).into_owned();
        prelude.statements().map(text).collect()
    }

    #[test]
    fn a_requested_transaction_replays_what_the_client_said() {
        let mut prelude = Prelude::new(b"BEGIN", false);
        prelude.savepoint("a", b"SAVEPOINT a");
        prelude.savepoint("b", b"SAVEPOINT b");
        prelude.savepoint("A", b"SAVEPOINT A");
        assert_eq!(texts(&prelude), ["BEGIN", "SAVEPOINT b", "SAVEPOINT A"]);
        assert_eq!(prelude.rollback_to("b"), Ok(()));
        assert_eq!(texts(&prelude), ["BEGIN", "SAVEPOINT b"]);
        assert_eq!(prelude.release("a"), Err(NoSuchSavepoint("a".to_owned())));
        assert_eq!(prelude.release("B"), Ok(()));
        assert_eq!(texts(&prelude), ["BEGIN"]);
    }
}

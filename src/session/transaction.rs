//! The transaction that the client believes in, and where it is.
//!
//! A transaction starts at its first statement that needs a server: before that nobody knows which
//! one. Until then it is a list of statements to run first ([`Transaction::Requested`]). The list is
//! kept: another replica set that joins must hear it too.

use smallvec::SmallVec;

use crate::topology::ReplicaSetId;
use crate::transaction::Group;

/// A session's transaction.
#[derive(Debug, Default)]
pub enum Transaction {
    /// None.
    #[default]
    None,
    /// The client began one; no server knows of it yet.
    Requested(Prelude),
    /// It is open.
    Open(Open),
}

/// A transaction that servers know of.
#[derive(Debug)]
pub struct Open {
    /// The replica set where it began, which decides on it.
    pub first: ReplicaSetId,
    /// How it began, and its savepoints.
    pub prelude: Prelude,
    /// Other replica sets have joined.
    pub several: bool,
    /// Its name, once a replica set has joined that may write.
    pub group: Option<Group>,
}

/// What runs on a server before the transaction's first statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prelude {
    /// SET TRANSACTION statements that hold for it.
    settings: Vec<Vec<u8>>,
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
            settings: Vec::new(),
            begin: begin.to_vec(),
            read_only,
            savepoints: SmallVec::new(),
        }
    }

    /// The same beginning, for the transaction behind COMMIT AND CHAIN: that one is begun even where
    /// autocommit is off.
    pub fn chained(&self) -> Self {
        let mut chained = self.clone();
        chained.savepoints.clear();
        chained.begin_explicitly();
        chained
    }

    /// The transaction began under these SET TRANSACTION statements.
    pub fn keep_settings(&mut self, settings: Vec<Vec<u8>>) {
        self.settings.extend(settings);
    }

    /// The SET TRANSACTION statements that it began under.
    pub fn settings(&self) -> impl Iterator<Item = &[u8]> {
        self.settings.iter().map(Vec::as_slice)
    }

    /// The savepoints' statements, in order.
    pub fn savepoints(&self) -> impl Iterator<Item = &[u8]> {
        self.savepoints.iter().map(|(_, sql)| sql.as_slice())
    }

    /// The client's own statement that began it; `None`: autocommit is off.
    pub fn begin(&self) -> Option<&[u8]> {
        Some(self.begin.as_slice()).filter(|begin| !begin.is_empty())
    }

    /// Lets it begin by a statement although autocommit is off.
    pub fn begin_explicitly(&mut self) {
        if self.begin.is_empty() {
            self.begin = b"BEGIN".to_vec();
        }
    }

    /// Whether the client began it by a statement.
    pub fn has_begun(&self) -> bool {
        !self.begin.is_empty()
    }

    /// Whether it was begun as READ ONLY.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Makes it one that may only read, or not, where its own statement does not say so.
    pub fn set_read_only(&mut self, read_only: bool) {
        if self.read_only != read_only {
            self.read_only = read_only;
            self.settings.push(match read_only {
                true => b"SET TRANSACTION READ ONLY".to_vec(),
                false => b"SET TRANSACTION READ WRITE".to_vec(),
            });
        }
    }

    /// The statements, in order.
    pub fn statements(&self) -> impl Iterator<Item = &[u8]> {
        let begin = Some(self.begin.as_slice()).filter(|begin| !begin.is_empty());
        self.settings().chain(begin).chain(self.savepoints())
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

    /// The position of a savepoint.
    ///
    /// # Errors
    /// There is no such savepoint.
    pub fn find(&self, name: &str) -> Result<usize, NoSuchSavepoint> {
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

    /// Whether it was begun as READ ONLY.
    pub fn is_read_only(&self) -> bool {
        match self {
            Self::None => false,
            Self::Requested(prelude) => prelude.is_read_only(),
            Self::Open(open) => open.prelude.is_read_only(),
        }
    }

    /// Whether the client was told of one: with autocommit off, a savepoint alone begins none.
    pub fn has_begun(&self) -> bool {
        match self {
            Self::None => false,
            Self::Requested(prelude) => prelude.has_begun(),
            Self::Open(_) => true,
        }
    }

    /// Where it is open, and was begun.
    pub fn open_on(&self) -> Option<ReplicaSetId> {
        match self {
            Self::Open(open) => Some(open.first),
            Self::None | Self::Requested(_) => None,
        }
    }

    /// Whether it is open somewhere else than on this replica set alone.
    pub fn is_beyond(&self, replica_set: ReplicaSetId) -> bool {
        matches!(self, Self::Open(open) if open.several || open.first != replica_set)
    }

    /// Whether it is open on several replica sets.
    pub fn is_on_several(&self) -> bool {
        matches!(self, Self::Open(open) if open.several)
    }

    /// A server has it open now.
    pub fn opened(&mut self, first: ReplicaSetId) {
        let prelude = match self {
            Self::Open(_) => return,
            Self::Requested(prelude) => std::mem::take(prelude),
            Self::None => Prelude::default(),
        };
        *self = Self::Open(Open {
            first,
            prelude,
            several: false,
            group: None,
        });
    }

    /// Begins on several servers at once: each of them must know of it before its first statement.
    pub fn begin_explicitly(&mut self) {
        match self {
            Self::None => *self = Self::Requested(Prelude::new(b"BEGIN", false)),
            Self::Requested(prelude) => prelude.begin_explicitly(),
            Self::Open(_) => {}
        }
    }

    /// What it began with, whether a server knows of it or not.
    pub fn prelude(&mut self) -> Option<&mut Prelude> {
        match self {
            Self::None => None,
            Self::Requested(prelude) => Some(prelude),
            Self::Open(open) => Some(&mut open.prelude),
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

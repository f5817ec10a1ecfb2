//! The statements that one session has prepared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::room::Room;
use super::template::Template;
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::reply::Waiting;
use crate::wire::ParamType;

/// The most statements of one session: what MySQL allows for all of them by default.
const MOST_OF_SESSION: usize = 16_382;

/// The most statements of all sessions: what MySQL can be set to.
const MOST_OF_ALL: usize = 4_194_304;

/// The most bytes of rows that wait to be fetched from one session.
const MOST_WAITING: usize = 1024 * 1024;

/// MariaDB's name for the statement that was prepared last.
const LAST: u32 = u32::MAX;

/// A client's prepared statement.
#[derive(Debug)]
pub struct Prepared {
    /// The client's number of it.
    pub number: u32,
    /// Its text.
    pub template: Arc<Template>,
    /// How many parameters the server says that it has.
    pub params: u16,
    /// The types that were bound last; empty before the first execution.
    pub types: Vec<ParamType>,
    /// The types of what was bound last and was not NULL.
    pub remembered: Vec<ParamType>,
    /// A hash of those, see [`ShardExecute::key`](super::ShardExecute::key).
    pub types_hash: u128,
    /// Whether it gives rows.
    pub has_columns: bool,
    /// Parameters that were sent before the execution, in pieces.
    pub long_data: Vec<(u16, Vec<u8>)>,
    /// What was wrong with such a piece: the next execution tells it.
    pub long_error: Option<MysqlError>,
}

/// The statements of a session, by the numbers that the client knows.
#[derive(Debug)]
pub struct Statements {
    known: BTreeMap<u32, Slot>,
    /// The number that was given last; a failure takes one, too.
    last: u32,
    /// Whether what was prepared last is there.
    last_failed: bool,
    /// Rows that wait to be fetched, and the room that they take until the last one was.
    waiting: BTreeMap<u32, (Waiting, Room)>,
    count: Counted,
}

/// A statement's place, empty while the statement is in use.
type Slot = Option<Box<Prepared>>;

/// How many statements all sessions have; this one's are taken off when it ends.
#[derive(Debug)]
struct Counted {
    all: Arc<AtomicUsize>,
    own: usize,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.all.fetch_sub(self.own, Ordering::Relaxed);
    }
}

impl Statements {
    /// No statement yet; `all` counts those of all sessions.
    pub fn new(all: Arc<AtomicUsize>) -> Self {
        Self {
            known: BTreeMap::new(),
            last: 0,
            last_failed: true,
            waiting: BTreeMap::new(),
            count: Counted { all, own: 0 },
        }
    }

    /// The number of the next statement.
    ///
    /// # Errors
    /// There are too many (1461).
    pub fn number(&mut self) -> Result<u32, MysqlError> {
        self.last = self.last.wrapping_add(1);
        self.last_failed = true;
        let all = self.count.all.load(Ordering::Relaxed);
        let limit = match self.count.own {
            MOST_OF_SESSION.. => MOST_OF_SESSION,
            _ if all >= MOST_OF_ALL => MOST_OF_ALL,
            _ => return Ok(self.last),
        };
        Err(MysqlError::new(
            ErrorKind::TooManyStatements,
            format!(
                "Can't create more than max_prepared_stmt_count statements (current value: {limit})"
            ),
        ))
    }

    /// A statement was prepared.
    pub fn insert(&mut self, number: u32, prepared: Prepared) {
        self.last_failed = false;
        if self
            .known
            .insert(number, Some(Box::new(prepared)))
            .is_none()
        {
            self.count.own += 1;
            self.count.all.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A statement, to be changed where it is.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Prepared> {
        self.known.get_mut(&number)?.as_deref_mut()
    }

    /// Takes a statement out to use it; [`Statements::put_back`] follows. `latest`: MariaDB's clients
    /// may ask for what was prepared last.
    pub fn take(&mut self, number: u32, latest: bool) -> Option<(u32, Box<Prepared>)> {
        let number = match number {
            LAST if latest && !self.last_failed => self.last,
            number => number,
        };
        let taken = self.known.get_mut(&number)?.take()?;
        Some((number, taken))
    }

    /// Puts back what [`Statements::take`] gave.
    pub fn put_back(&mut self, number: u32, prepared: Box<Prepared>) {
        if let Some(slot) = self.known.get_mut(&number) {
            *slot = Some(prepared);
        }
    }

    /// Room for rows that will wait to be fetched, where those of all sessions (`all`) may have
    /// `most` bytes; `None`: there is none.
    pub fn room(&self, all: &Arc<AtomicUsize>, most: usize) -> Option<Room> {
        let held: usize = self.waiting.values().map(|(_, room)| room.bytes()).sum();
        Room::take(all, MOST_WAITING.saturating_sub(held), most)
    }

    /// The rows that a statement's client will fetch.
    pub fn keep_rows(&mut self, number: u32, rows: Waiting, mut room: Room) {
        room.shrink(rows.size());
        self.waiting.insert(number, (rows, room));
    }

    /// Whether rows wait to be fetched.
    pub fn has_rows(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The rows that a statement's client has not fetched yet.
    pub fn rows(&mut self, number: u32) -> Option<&mut Waiting> {
        self.waiting.get_mut(&number).map(|(rows, _)| rows)
    }

    /// Nobody will fetch a statement's rows.
    pub fn drop_rows(&mut self, number: u32) {
        self.waiting.remove(&number);
    }

    /// Forgets a statement.
    pub fn remove(&mut self, number: u32) -> Option<Box<Prepared>> {
        self.drop_rows(number);
        let removed = self.known.remove(&number)?;
        self.count.own -= 1;
        self.count.all.fetch_sub(1, Ordering::Relaxed);
        removed
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        let own = std::mem::take(&mut self.count.own);
        self.count.all.fetch_sub(own, Ordering::Relaxed);
        self.known.clear();
        self.waiting.clear();
        self.last_failed = true;
    }
}

/// How errors name a command: MySQL looks for the statement before it looks at the command.
pub fn command(name: &'static str, flavor: Option<Flavor>) -> &'static str {
    match flavor {
        Some(Flavor::MariaDb) => name,
        Some(Flavor::MySql) | None => "mysql_stmt_precheck",
    }
}

/// The error for a statement that there is not.
pub fn unknown(number: u32, name: &'static str, flavor: Option<Flavor>) -> MysqlError {
    let command = command(name, flavor);
    MysqlError::new(
        ErrorKind::UnknownStatement,
        format!("Unknown prepared statement handler ({number}) given to {command}"),
    )
}

/// The error for parameters that cannot be read.
pub fn wrong_arguments(command: &str) -> MysqlError {
    MysqlError::new(
        ErrorKind::WrongArguments,
        format!("Incorrect arguments to {command}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Variables;
    use crate::parse::Digest;
    use crate::session::state::TextMode;

    fn prepared() -> Prepared {
        let text = TextMode {
            lex: crate::parse::LexMode::default(),
            charset: crate::route::key::Charset::Utf8mb4,
        };
        let settings = Arc::new(Variables::default());
        let digest = Digest::default();
        Prepared {
            number: 0,
            template: Arc::new(Template::new(b"", &digest, text, (None, 0), settings)),
            params: 0,
            types: Vec::new(),
            remembered: Vec::new(),
            types_hash: 0,
            has_columns: false,
            long_data: Vec::new(),
            long_error: None,
        }
    }

    #[test]
    fn one_session_may_have_so_many_statements_and_no_more() {
        let all = Arc::new(AtomicUsize::new(0));
        let mut statements = Statements::new(Arc::clone(&all));
        for _ in 0..MOST_OF_SESSION {
            let number = statements.number().unwrap();
            statements.insert(number, prepared());
        }
        assert_eq!(statements.number().unwrap_err().code, 1461);
        assert!(Statements::new(Arc::clone(&all)).number().is_ok());
        statements.remove(1);
        assert!(statements.number().is_ok());
        assert_eq!(all.load(Ordering::Relaxed), MOST_OF_SESSION - 1);
        drop(statements);
        assert_eq!(all.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_last_statement_has_a_name_of_its_own_unless_it_failed() {
        let mut statements = Statements::new(Arc::default());
        let number = statements.number().unwrap();
        statements.insert(number, prepared());
        let (taken, statement) = statements.take(LAST, true).unwrap();
        assert_eq!(taken, number);
        assert!(statements.take(number, true).is_none(), "it is in use");
        statements.put_back(taken, statement);
        assert!(statements.take(LAST, false).is_none());
        statements.number().unwrap();
        assert!(statements.take(LAST, true).is_none());
    }
}

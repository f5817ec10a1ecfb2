//! The plan: what to do with every statement of one digest.

use std::sync::Arc;

use super::everywhere::Everywhere;
use super::scatter::{HiddenColumn, LimitSlots, Reason, Scatter};
use super::{
    Carried, FoundRows, Gather, Generate, Hints, KeyCondition, Load, Locks, Move, Picked, Reach,
    Rekey, Role, SystemTable, TemporaryChange, Write, WriteReason,
};
use crate::error::MysqlError;
use crate::parse::{Digest, Utility};
use crate::telemetry::{DigestSeries, Verb};
use crate::topology::{ReadPolicy, ReplicaSetId, SchemaId, ShardId, TableId, Topology};

/// What to do with every statement of one digest, whatever its literals.
#[derive(Debug)]
pub struct Plan {
    /// Reads may go to a replica; everything else goes to the primary.
    pub access: Access,
    /// What it does, for metrics and logs.
    pub verb: Verb,
    /// Where the statement goes.
    pub action: Action,
    /// Pieces of the text that become something else before it is sent, ascending by position in
    /// the normal form (token number), resolved to bytes by `rewrite`.
    pub edits: Vec<Edit>,
    /// How several data nodes answer together, if they must; or why they cannot. `None` for what is
    /// no read of a sharded table.
    pub scatter: Option<Result<Scatter, Reason>>,
    /// How several data nodes carry it out together, if they must; or why they cannot. `None` for
    /// what writes neither to sharded nor to broadcast tables.
    pub write: Option<Result<Write, WriteReason>>,
    /// EXPLAIN: what one data node says is as good as what all say.
    pub one_for_all: bool,
    /// Why the session must keep its backend after this statement.
    pub pin: Option<PinReason>,
    /// The statement reads LAST_INSERT_ID(): the session's value must be there before it runs.
    pub needs_last_insert_id: bool,
    /// The schemas that it names.
    pub reach: Reach,
    /// Every table in the text that is sent has its database before it, so that the connection's
    /// current database does not matter.
    pub qualified: bool,
    /// What its hints ask for, and whether a replica may answer it: it reads tables and nothing
    /// else, neither of its session nor of its server.
    pub hints: Hints,
    /// The split tables in it, whose names on the servers clients must not see.
    pub split: Vec<TableId>,
    /// What of the servers' names its rows hold.
    pub names_in_rows: NamesInRows,
    /// What LAST_INSERT_ID() or FOUND_ROWS() give after it does not follow from its answer: a call
    /// with an argument, or SQL_CALC_FOUND_ROWS.
    pub leaves_counts: bool,
    /// What FOUND_ROWS() gives after it.
    pub found_rows: FoundRows,
    /// It uses what only one connection of the session may hold (user variables, locks, …).
    pub uses_pinned_state: bool,
    /// User variables that are all of that.
    pub carried: Option<Box<Carried>>,
    /// What it makes of the session's temporary tables.
    pub temporary: Option<Box<TemporaryChange>>,
    /// It names user variables that stored code uses, too.
    pub shares_variables: bool,
    /// It reads or writes tables: a transaction that was only requested begins with it.
    pub transactional: bool,
    /// The shard that has the tables which a SET reads.
    pub reads_on: Option<ShardId>,
    /// The stored function or sequence that it uses, by name: it runs on one shard or not at all.
    pub routine: Option<String>,
    /// It calls what is not known to be native: before the first time, the servers are asked
    /// whether there is a stored function of that name by now.
    pub calls_unknown: bool,
    /// It makes, changes or drops tables, indexes or routines: the topology must be read again.
    pub changes_tables: bool,
    /// It commits the transaction that it is in, before it does anything else.
    pub commits: bool,
    /// It follows from a literal: a statement of the same normal form may need another plan.
    pub of_literals: bool,
    /// How its rows come together where the route is several data nodes, or the action a refusal
    /// because no shard has all of its tables; or why they cannot. `None`: they need not.
    pub gather: Option<Result<Box<Gather>, MysqlError>>,
    /// What must be looked up before it can run.
    pub looks_up: LooksUp,
    /// What its statements are counted in, where they are.
    pub series: Option<Arc<DigestSeries>>,
}

impl Plan {
    /// Whether something must be asked before it can be routed or sent.
    pub fn is_asked_first(&self) -> bool {
        self.looks_up.any() || self.uses_pinned_state
    }

    /// Whether its tables are the servers' own.
    pub fn reads_system_tables(&self) -> bool {
        let system = |edit: &Edit| matches!(edit.with, Replacement::SystemTable { .. });
        self.edits.iter().any(system)
    }

    /// Which servers may answer a statement that reads tables only: what its hint, its user
    /// (`account`) and the schemas it reads say, in this order.
    pub fn read_policy(&self, topology: &Topology, account: Option<ReadPolicy>) -> ReadPolicy {
        if !self.hints.may_leave_the_primary() {
            return ReadPolicy::Primary;
        }
        let mut schemas = self.reach.schemas.iter();
        let policy = |id| topology.schema_by_id(id).map(|schema| schema.read);
        let configured = account.or_else(|| {
            let first = policy(*schemas.next()?)?;
            // Where schemas differ, what satisfies all of them is the primary.
            schemas
                .all(|id| policy(*id) == Some(first))
                .then_some(first)
        });
        match (self.hints.role, configured.unwrap_or_default()) {
            (Some(Role::Replica), ReadPolicy::Primary) => ReadPolicy::Eventual,
            (_, configured) => configured,
        }
    }

    /// How rows come together on one server, where the statement may be answered like that.
    pub fn gathered(&self) -> Option<&Gather> {
        match &self.gather {
            Some(Ok(gathered)) => Some(gathered),
            _ => None,
        }
    }

    /// How the answers of several data nodes are merged as they come, where that gives the answer.
    pub fn merged(&self) -> Option<&Scatter> {
        match &self.scatter {
            // Only one connection knows the session's own tables, and what it assigns.
            Some(Ok(scatter)) if self.is_carried() || !self.uses_pinned_state => Some(scatter),
            _ => None,
        }
    }
}

/// What of the servers' names an answer's rows hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamesInRows {
    /// None: rows are passed on unread.
    No,
    /// Names of databases and tables, in a definition's text too.
    Names,
    /// Names anywhere in text for people.
    Text,
    /// The same, and a row for each table.
    TableList,
}

/// Whether a statement changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A plain read.
    Read,
    /// Anything that writes, locks, or might.
    Write,
}

/// Where a statement goes.
#[derive(Debug)]
pub enum Action {
    /// To the shard that the condition gives; the router decides with the literals.
    Sharded {
        /// The table whose algorithm decides.
        table: TableId,
        /// What the statement says of the key.
        condition: KeyCondition,
        /// The name of the statement's schema on that shard is spliced by `edits`.
        schema: SchemaId,
    },
    /// To one shard, known now (single tables).
    Single(ShardId),
    /// To every shard of the schema alike: a broadcast table's copies are written.
    Copies(Box<[ShardId]>),
    /// To any one shard of the schema (broadcast tables read, no tables at all);
    /// `None`: any server will do.
    Any(Option<SchemaId>),
    /// To every data node of its tables, each with its own names in it.
    Everywhere(Box<Everywhere>),
    /// CREATE or ALTER DATABASE of a schema that is not there, and that the configuration does not name.
    OtherSchema(Box<OtherSchema>),
    /// LOCK TABLES and FLUSH TABLES, on every replica set concerned.
    Lock(Box<Locks>),
    /// Recognised on tokens; the session carries it out itself.
    Utility(Box<Utility>),
    /// EXPLAIN FORMAT=SHARDWELL: the proxy tells where the statement would go.
    Explain {
        /// Number of the explained statement's first token.
        first: usize,
    },
    /// INSERT or REPLACE whose rows get ids first: with them it is planned anew.
    Generate(Box<Generate>),
    /// INSERT or REPLACE … SELECT: the proxy reads the rows, then stores them.
    Move(Box<Move>),
    /// UPDATE of a sharding key: rows may leave their data node.
    Rekey(Box<Rekey>),
    /// UPDATE or DELETE whose rows are found together and written where they are.
    Picked(Box<Picked>),
    /// LOAD DATA LOCAL: the proxy cuts the client's file into rows.
    Load(Box<Load>),
    /// Blanks and comments only.
    Nothing,
    /// Cannot be answered: always this error.
    Refuse(MysqlError),
    /// The parser does not know the statement: a syntax error, where a server has one to tell, else
    /// this error.
    Unreadable(MysqlError),
}

/// A schema that is not there, and may be a database of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherSchema {
    /// As the client wrote it.
    pub name: String,
    /// Where such databases are.
    pub replica_set: ReplicaSetId,
}

impl Action {
    /// Whether what it does belongs to the session's transaction.
    pub(super) fn is_in_transaction(&self) -> bool {
        let outside = matches!(
            self,
            Self::Utility(_) | Self::Nothing | Self::Everywhere(_) | Self::Lock(_)
        );
        !outside
    }
}

/// A change to the client's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Number of the first token replaced (see `parse::tokens`).
    pub token: u32,
    /// How many tokens it replaces; 0 inserts before `token`.
    pub tokens: u32,
    /// What stands there instead.
    pub with: Replacement,
}

/// What an [`Edit`] puts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// The physical name of the shard's database, quoted.
    PhysicalDatabase,
    /// The same and a dot, before the table's name that stands there.
    PhysicalTable,
    /// The name of the column of SHOW TABLES, which has the physical name in it, quoted.
    TablesIn,
    /// The name of one of the tables that a split table consists of, instead of the name that
    /// stands there.
    SplitTable {
        /// The split table.
        table: TableId,
        /// The database and a dot come before it.
        database: bool,
        /// The name that stood there follows as its alias.
        alias: bool,
    },
    /// The table that a reference has become ([`super::Gather::tables`]).
    Gathered {
        /// Position of the reference.
        reference: u32,
        /// The name by which columns call the table follows as its alias.
        alias: bool,
    },
    /// TRUE for a condition that all rows of a reference satisfy which were gathered; as it stands where the
    /// table stayed in its place.
    Held {
        /// Position of the reference.
        reference: u32,
        /// How many parameters are in it: a prepared statement keeps them all.
        parameters: u32,
    },
    /// An index hint: nothing where the reference's rows were gathered, and as it stands where the table
    /// stayed in its place.
    IndexHint {
        /// Position of the reference.
        reference: u32,
    },
    /// A query that gives the rows of a table of information_schema with the client's names.
    SystemTable {
        /// The table.
        table: &'static SystemTable,
        /// Where the statement runs.
        replica_set: ReplicaSetId,
        /// The table's name follows as its alias.
        alias: bool,
        /// Who may use all schemas gets the server's own table.
        own: bool,
    },
    /// What keeps rows of other databases than those of the client's schemas from it: nothing, or behind
    /// this word a condition on the column `Db`.
    Visible(&'static str),
    /// A query that gives the proxy's sessions that the client may see, as a server's process list.
    Sessions {
        /// Which of the servers' tables it stands for.
        of: ProcessList,
        /// The table's name follows as its alias.
        alias: bool,
    },
    /// The name of a copy of a common table expression.
    CteName {
        /// The copy's name.
        name: String,
        /// The name that stood there follows as its alias.
        alias: bool,
    },
    /// Copies of a common table expression, each with a comma behind it, before its definition.
    CteCopies(Vec<CteCopy>),
    /// A SELECT of the schemas that the client may see, as SHOW DATABASES lists them, up to its WHERE.
    Databases,
    /// The session's connection id (of the proxy), as a number.
    ConnectionId,
    /// USER(): the client's name, and the host that it comes from.
    User,
    /// CURRENT_USER(): the account of the configuration.
    Account,
    /// CURRENT_ROLE(): accounts of the configuration have no roles.
    Role,
    /// The bare word CURRENT_ROLE: the same on MariaDB, and a name on MySQL.
    RoleOrName,
    /// The session's current schema as a string, or NULL.
    CurrentSchema,
    /// The same as a literal, in a definition that keeps its text, which shows what is in it.
    SchemaText,
    /// ROW_COUNT() of the session's previous statement.
    RowCount,
    /// FOUND_ROWS() of the session's previous SELECT.
    FoundRows,
    /// `@@warning_count` of the session's previous statement.
    WarningCount,
    /// `@@error_count` of it.
    ErrorCount,
    /// ` AS` and, as a name, what the client wrote from the token `first` to before the edit: a
    /// result column keeps its name although the text in it changes.
    ItemName {
        /// Number of the select item's first token.
        first: u32,
    },
    /// ` AS` and the name of a column of a server's own table, as the server writes it: MySQL this one,
    /// which is in capitals, where its table is a view; else as the client does.
    SystemColumn(Option<&'static str>),
    /// Further columns at the end of a select list.
    Hidden(Vec<HiddenColumn>),
    /// Further keys of GROUP BY or ORDER BY, as token numbers of their expressions, behind those
    /// that are there; with a clause of their own where there are none.
    Keys {
        /// `GROUP BY`, `ORDER BY`.
        clause: Option<&'static str>,
        /// The expressions.
        expressions: Vec<std::ops::Range<usize>>,
    },
    /// How many rows a node must give: all that come before the end of LIMIT.
    Limit(LimitSlots),
    /// Fixed text.
    Text(String),
}

/// The servers' tables of their processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessList {
    /// `information_schema.PROCESSLIST`
    InformationSchema,
    /// `performance_schema.processlist`
    PerformanceSchema,
}

/// What must be looked up on all shards, or in the proxy, before a statement can run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LooksUp {
    /// The sessions of the proxy.
    pub sessions: bool,
    /// What servers count of tables.
    pub tables: bool,
    /// What servers count of indexes.
    pub indexes: bool,
}

impl LooksUp {
    /// Whether anything must be looked up.
    pub fn any(self) -> bool {
        self.sessions || self.tables || self.indexes
    }
}

/// A common table expression under another name, on tables of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CteCopy {
    /// Its name.
    pub name: String,
    /// The tokens of the definition that it repeats, behind the name.
    pub tokens: std::ops::Range<u32>,
    /// What changes in them.
    pub edits: Vec<Edit>,
}

impl CteCopy {
    /// The text that it repeats; `None`: it is not of this statement.
    pub fn text(&self, digest: &Digest) -> Option<std::ops::Range<usize>> {
        let first = digest.tokens.get(self.tokens.start as usize)?;
        let last = digest
            .tokens
            .get(self.tokens.end.checked_sub(1)? as usize)?;
        Some(first.start as usize..last.end as usize)
    }
}

/// Why a session keeps its backend connection between statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PinReason {
    /// A temporary table lives there.
    TemporaryTable,
    /// GET_LOCK and its family.
    UserLock,
    /// LOCK TABLES.
    TableLock,
    /// FLUSH TABLES WITH READ LOCK.
    ReadLock,
    /// User variables were assigned.
    UserVariable,
    /// Triggers used user variables.
    CodeVariable,
    /// HANDLER … OPEN.
    Handler,
    /// A stored routine may leave anything behind.
    Routine,
    /// An XA transaction of the client's own.
    Xa,
    /// A cursor of a prepared statement is open.
    Cursor,
    /// Statements are profiled or traced.
    Profile,
    /// SHOW STATUS tells what the session did there.
    Status,
}

impl PinReason {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::TemporaryTable,
        Self::UserLock,
        Self::TableLock,
        Self::ReadLock,
        Self::UserVariable,
        Self::CodeVariable,
        Self::Handler,
        Self::Routine,
        Self::Xa,
        Self::Cursor,
        Self::Profile,
        Self::Status,
    ];

    /// Its name in metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TemporaryTable => "temporary_table",
            Self::UserLock => "user_lock",
            Self::TableLock => "table_lock",
            Self::ReadLock => "read_lock",
            Self::UserVariable => "user_variable",
            Self::CodeVariable => "code_variable",
            Self::Handler => "handler",
            Self::Routine => "routine",
            Self::Xa => "xa",
            Self::Cursor => "cursor",
            Self::Profile => "profile",
            Self::Status => "status",
        }
    }

    /// The state's name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TemporaryTable => "temporary tables",
            Self::UserLock => "user locks",
            Self::TableLock => "table locks",
            Self::ReadLock => "the global read lock",
            Self::UserVariable => "user variables",
            Self::CodeVariable => "user variables of triggers",
            Self::Handler => "open handlers",
            Self::Routine => "what a routine left behind",
            Self::Xa => "an XA transaction",
            Self::Cursor => "open cursors",
            Self::Profile => "profiles and traces of statements",
            Self::Status => "what SHOW STATUS counts",
        }
    }
}

//! What a replica says of its replication.

use crate::backend::gtid::Position;
use crate::backend::{Flavor, TextRow};

/// The state of a replica's only channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    /// Whether it receives.
    pub receiver: Receiver,
    /// It executes what it has received.
    pub applies: bool,
    /// The error of what could not be executed; empty without one.
    pub error: String,
    /// What it has received.
    pub received: Position,
    /// By how many seconds it is late on purpose.
    pub delay: u64,
    /// It leaves tables or databases out.
    pub filtered: bool,
    /// It asks its source for what it lacks by GTIDs.
    pub by_gtids: bool,
}

/// The connection of a replica to its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// There is one.
    Connected,
    /// It tries.
    Connecting,
    /// It has tried in vain, and waits before it tries again.
    Refused,
    /// Somebody has stopped it.
    Stopped,
}

/// Lists what a replica leaves out, as both kinds of servers name them.
const FILTERS: [&str; 6] = [
    "Replicate_Do_DB",
    "Replicate_Ignore_DB",
    "Replicate_Do_Table",
    "Replicate_Ignore_Table",
    "Replicate_Wild_Do_Table",
    "Replicate_Wild_Ignore_Table",
];

impl Status {
    /// From a row of SHOW REPLICA STATUS, on MariaDB of SHOW ALL SLAVES STATUS. `None`: something
    /// is missing in it.
    pub fn of(names: &[String], row: &TextRow, flavor: Flavor) -> Option<Self> {
        let value = |name: &str| {
            let at = names.iter().position(|known| known == name)?;
            Some(String::from_utf8_lossy(row.get(at)?.as_deref().unwrap_or_default()).into_owned())
        };
        let [receiver, applier, received, by_gtids] = match flavor {
            Flavor::MySql => [
                "Replica_IO_Running",
                "Replica_SQL_Running",
                "Retrieved_Gtid_Set",
                "Auto_Position",
            ],
            Flavor::MariaDb => [
                "Slave_IO_Running",
                "Slave_SQL_Running",
                "Gtid_IO_Pos",
                "Using_Gtid",
            ],
        };
        let refused = value("Last_IO_Errno").is_some_and(|code| code != "0");
        Some(Self {
            receiver: match value(receiver)?.as_str() {
                "Yes" => Receiver::Connected,
                "No" => Receiver::Stopped,
                _ if refused => Receiver::Refused,
                _ => Receiver::Connecting,
            },
            applies: value(applier)? == "Yes",
            error: value("Last_SQL_Error")?,
            received: Position::parse(&value(received)?, flavor).ok()?,
            delay: value("SQL_Delay")?.parse().ok()?,
            filtered: FILTERS
                .iter()
                .any(|name| value(name).is_some_and(|list| !list.is_empty())),
            by_gtids: !["0", "No"].contains(&value(by_gtids)?.as_str()),
        })
    }
}

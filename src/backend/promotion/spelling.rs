//! The statements of replication, as each kind of server spells them.

use crate::backend::Flavor;

/// The statements for the channel without a name.
#[derive(Debug)]
pub(super) struct Spelling {
    pub status: &'static str,
    /// The column of the status with the channel's name.
    pub channel: &'static str,
    pub stop_receiving: &'static str,
    pub start_receiving: &'static str,
    pub stop: &'static str,
    pub start: &'static str,
    /// Forgets the source.
    pub reset: &'static str,
    /// Makes the server refuse writes, of all accounts if it can.
    pub refuse_writes: &'static str,
    /// Makes the server take writes.
    pub take_writes: &'static str,
}

const MYSQL: Spelling = Spelling {
    status: "SHOW REPLICA STATUS",
    channel: "Channel_Name",
    stop_receiving: "STOP REPLICA IO_THREAD",
    start_receiving: "START REPLICA IO_THREAD",
    stop: "STOP REPLICA",
    start: "START REPLICA",
    reset: "RESET REPLICA ALL",
    refuse_writes: "SET GLOBAL super_read_only = ON",
    // This turns super_read_only off as well.
    take_writes: "SET GLOBAL read_only = OFF",
};

const MARIADB: Spelling = Spelling {
    status: "SHOW ALL SLAVES STATUS",
    channel: "Connection_name",
    stop_receiving: "STOP SLAVE IO_THREAD",
    start_receiving: "START SLAVE IO_THREAD",
    stop: "STOP SLAVE",
    start: "START SLAVE",
    reset: "RESET SLAVE ALL",
    refuse_writes: "SET GLOBAL read_only = ON",
    take_writes: "SET GLOBAL read_only = OFF",
};

/// How a kind of server spells them: MySQL from 8.0.23 on, MariaDB from 10.5 on.
pub(super) fn of(flavor: Flavor) -> &'static Spelling {
    match flavor {
        Flavor::MySql => &MYSQL,
        Flavor::MariaDb => &MARIADB,
    }
}

/// The statement that gives a replica another source; the rest of its channel stays as it is.
/// `None`: no server can have this host.
pub(super) fn change_source(flavor: Flavor, host: &str, port: u16) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || "-._:".contains(c);
    let is_host = !host.is_empty() && host.chars().all(plain);
    is_host.then(|| match flavor {
        Flavor::MySql => {
            format!("CHANGE REPLICATION SOURCE TO SOURCE_HOST='{host}', SOURCE_PORT={port}")
        }
        Flavor::MariaDb => format!(
            "CHANGE MASTER TO MASTER_HOST='{host}', MASTER_PORT={port}, MASTER_USE_GTID=slave_pos"
        ),
    })
}

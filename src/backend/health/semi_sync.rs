//! Whether commits wait for replicas: semi-synchronous replication.
//!
//! In: what a server tells of it, `Rpl_semi_sync_source_status` and its like
//! (<https://dev.mysql.com/doc/refman/9.7/en/replication-semisync.html>,
//! <https://mariadb.com/kb/en/semisynchronous-replication/>). Out: [`SemiSync`].

use crate::backend::TextRow;

/// What a server says of acknowledgements, those that it waits for and those that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemiSync {
    /// Its commits wait now; `None`: they do not.
    pub waits: Option<Waits>,
    /// It tells its source what it has received.
    pub acknowledges: bool,
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Replicas that acknowledge.
    pub replicas: u32,
    /// How many of them a commit waits for.
    pub wanted: u32,
}

/// What a server is asked. Servers before MySQL 8.0.26, and MariaDB, say master and slave.
pub(super) const STATUS: &str = "SHOW GLOBAL STATUS LIKE 'Rpl\\_semi\\_sync\\_%'";
pub(super) const VARIABLES: &str = "SHOW GLOBAL VARIABLES LIKE 'rpl\\_semi\\_sync\\_%'";

impl SemiSync {
    /// From the answers to [`STATUS`] and [`VARIABLES`].
    pub(super) fn of(status: &[TextRow], variables: &[TextRow]) -> Self {
        let number = |names: [&str; 2], rows| value(rows, names)?.parse().ok();
        let is_on = |names| value(status, names) == Some("ON");
        let clients = [
            "Rpl_semi_sync_source_clients",
            "Rpl_semi_sync_master_clients",
        ];
        let wanted = [
            "rpl_semi_sync_source_wait_for_replica_count",
            "rpl_semi_sync_master_wait_for_slave_count",
        ];
        let waits = is_on(["Rpl_semi_sync_source_status", "Rpl_semi_sync_master_status"]);
        Self {
            waits: waits.then(|| Waits {
                replicas: number(clients, status).unwrap_or(0),
                // MariaDB always waits for one.
                wanted: number(wanted, variables).unwrap_or(1),
            }),
            acknowledges: is_on(["Rpl_semi_sync_replica_status", "Rpl_semi_sync_slave_status"]),
        }
    }
}

/// The value of the variable that has one of these names.
fn value<'a>(rows: &'a [TextRow], names: [&str; 2]) -> Option<&'a str> {
    let text = |row: &'a TextRow, at: usize| std::str::from_utf8(row.get(at)?.as_deref()?).ok();
    let is = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let row = rows.iter().find(|row| text(row, 0).is_some_and(is))?;
    text(row, 1)
}

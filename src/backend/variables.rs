//! The system variables of a session, as one value that sessions and connections share.
//!
//! A connection that carries the same value as the session needs nothing; the usual case is found
//! by comparing two pointers.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

/// What a session has, by variable name (lower case) and value as MySQL reports it: what it began with, where that
/// decides what statements do, and what it has set.
///
/// Variables that are not in here have the server's global value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Variables {
    values: BTreeMap<String, Vec<u8>>,
    /// The collation that answers to this session name, where it is not the default one of
    /// `character_set_results`: a login or SET NAMES … COLLATE chose it, no variable shows it.
    results_collation: Option<Vec<u8>>,
}

const RESULTS: &str = "character_set_results";

/// What is a number where a server is asked for it, and a word where it reports a change.
const SWITCHES: [&str; 5] = [
    "autocommit",
    "foreign_key_checks",
    "sql_auto_is_null",
    "sql_safe_updates",
    "unique_checks",
];

/// Strings that look like numbers to us but not to MySQL: it wants these quoted.
const TEXT_VARIABLES: [&str; 6] = [
    "character_set_client",
    "character_set_results",
    "collation_connection",
    "time_zone",
    "sql_mode",
    "init_connect",
];

impl Variables {
    /// The value that the session set.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.values.get(name).map(Vec::as_slice)
    }

    /// The modes of `sql_mode`.
    pub fn sql_modes(&self) -> impl Iterator<Item = &[u8]> {
        let modes = self.get("sql_mode").unwrap_or_default();
        modes.split(|byte| *byte == b',')
    }

    /// Sets a value.
    pub fn set(&mut self, name: &str, value: &[u8]) {
        let name = name.to_ascii_lowercase();
        let value = match (SWITCHES.contains(&name.as_str()), value) {
            (true, b"ON") => b"1",
            (true, b"OFF") => b"0",
            _ => value,
        };
        if name == RESULTS && self.get(RESULTS) != Some(value) {
            self.results_collation = None;
        }
        self.values.insert(name, value.to_vec());
    }

    /// Adds those that have no value yet.
    pub fn fill(&mut self, defaults: &Self) {
        for (name, value) in &defaults.values {
            if !self.values.contains_key(name) {
                self.values.insert(name.clone(), value.clone());
            }
        }
    }

    /// Takes a value back: the server's own holds again.
    pub fn unset(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Notes what names the collation of results now: a whole SET NAMES, whose collation
    /// `collation_connection` shows (`true`), or `character_set_results` alone, with the default
    /// collation of that character set.
    pub fn set_results_collation(&mut self, by_names: bool) {
        let collation = self.get("collation_connection").map(<[u8]>::to_vec);
        self.results_collation = collation.filter(|_| by_names);
    }

    /// The collation of results, where it is not the default one of `character_set_results`.
    pub fn results_collation(&self) -> Option<&[u8]> {
        self.results_collation.as_deref()
    }

    /// The values that decide what a statement means once it is prepared: all but those that certainly
    /// matter to its execution only.
    pub fn for_reading(&self) -> Self {
        let relevant = |(name, _): &(&String, &Vec<u8>)| !matters_to_execution_only(name);
        let values = self.values.iter().filter(relevant);
        Self {
            values: values.map(|(n, v)| (n.clone(), v.clone())).collect(),
            results_collation: None,
        }
    }

    /// These values, but for those that `reading` decides ([`Variables::for_reading`]).
    pub fn with_reading(&self, reading: &Self) -> Self {
        let mut values = reading.values.clone();
        let others = self.values.iter();
        let others = others.filter(|(name, _)| matters_to_execution_only(name));
        values.extend(others.map(|(n, v)| (n.clone(), v.clone())));
        Self {
            values,
            results_collation: self.results_collation.clone(),
        }
    }

    /// Whether a connection with these values remembers the statements that run there.
    pub fn remember_statements(&self) -> bool {
        let profiles = |value: &[u8]| !matches!(value, b"0" | b"OFF");
        let traces = |value: &[u8]| value.starts_with(b"enabled=on");
        self.get("profiling").is_some_and(profiles)
            || self.get("optimizer_trace").is_some_and(traces)
    }

    /// All names and values, for a hash.
    pub fn put_all(&self, out: &mut Vec<u8>) {
        for (name, value) in &self.values {
            for part in [name.as_bytes(), value] {
                out.extend_from_slice(&(part.len() as u64).to_le_bytes());
                out.extend_from_slice(part);
            }
        }
    }

    /// The statement that brings a connection from `carried` to `self`; `None` when they agree.
    ///
    /// Values travel as literals; a variable that only the connection has goes back to DEFAULT.
    pub fn difference(&self, carried: &Self) -> Option<Vec<u8>> {
        let mut sql = Vec::new();
        let names = self.put_names(carried, &mut sql);
        let left_over = carried.values.keys();
        for name in left_over.filter(|name| !self.values.contains_key(*name)) {
            put_assignment(&mut sql, name, default_of(name).as_bytes());
        }
        for (name, value) in &self.values {
            let stands = carried.values.get(name) == Some(value);
            let write = match (names, SET_BY_NAMES.contains(&name.as_str())) {
                // SET NAMES has set them all, and the results' collation must stay. So must that of the
                // client's character set, by which MariaDB compares strings that are bound.
                (Results::Named, true) => !self.is_named(name, value),
                (Results::Unnamed, true) => name == RESULTS || !stands,
                _ => !stands,
            };
            if write {
                put_assignment(&mut sql, name, &literal(name, value));
            }
        }
        (!sql.is_empty()).then_some(sql)
    }

    /// Whether a variable has what SET NAMES with the collation of results gives it.
    fn is_named(&self, name: &str, value: &[u8]) -> bool {
        match name {
            "collation_connection" => self.results_collation.as_deref() == Some(value),
            _ => self.get(RESULTS) == Some(value),
        }
    }

    /// Appends the SET NAMES without which results would name another collation.
    fn put_names(&self, carried: &Self, sql: &mut Vec<u8>) -> Results {
        let same = self.results_collation == carried.results_collation
            && self.get(RESULTS) == carried.get(RESULTS);
        match (&self.results_collation, self.get(RESULTS)) {
            _ if same => Results::Same,
            (Some(collation), Some(charset)) => {
                sql.extend_from_slice(b"SET NAMES ");
                sql.extend_from_slice(charset);
                sql.extend_from_slice(b" COLLATE ");
                sql.extend_from_slice(collation);
                Results::Named
            }
            _ => Results::Unnamed,
        }
    }
}

/// What takes a variable back to its global value. For these two MySQL takes DEFAULT to be 0: they
/// are stored the wrong way round.
fn default_of(name: &str) -> &'static str {
    match name {
        "foreign_key_checks" => "@@GLOBAL.foreign_key_checks",
        "unique_checks" => "@@GLOBAL.unique_checks",
        _ => "DEFAULT",
    }
}

/// Variables that do not matter to a statement before it is executed. `optimizer_switch` may decide when
/// it is prepared, but never about its rows.
const EXECUTION: [&str; 22] = [
    "autocommit",
    "character_set_results",
    "foreign_key_checks",
    "innodb_lock_wait_timeout",
    "interactive_timeout",
    "lock_wait_timeout",
    "max_execution_time",
    "max_join_size",
    "net_read_timeout",
    "net_write_timeout",
    "optimizer_switch",
    "profiling",
    "sql_big_selects",
    "sql_safe_updates",
    "sql_select_limit",
    "timestamp",
    "transaction_isolation",
    "transaction_read_only",
    "tx_isolation",
    "tx_read_only",
    "unique_checks",
    "wait_timeout",
];

fn matters_to_execution_only(name: &str) -> bool {
    EXECUTION.contains(&name)
}

/// The variables that SET NAMES sets.
const SET_BY_NAMES: [&str; 3] = ["character_set_client", RESULTS, "collation_connection"];

/// What happened to the results' collation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Results {
    Same,
    /// It was set by SET NAMES.
    Named,
    /// It must become the character set's default.
    Unnamed,
}

fn put_assignment(sql: &mut Vec<u8>, name: &str, value: &[u8]) {
    sql.extend_from_slice(if sql.is_empty() { b"SET " } else { b"," });
    sql.extend_from_slice(b"@@SESSION.`");
    sql.extend_from_slice(name.replace('`', "``").as_bytes());
    sql.extend_from_slice(b"`=");
    sql.extend_from_slice(value);
}

/// A value as MySQL reports it, as a literal that it takes back whatever sql_mode is in force.
fn literal(name: &str, value: &[u8]) -> Vec<u8> {
    if name == "character_set_results" && (value.is_empty() || value == b"NULL") {
        return b"NULL".to_vec();
    }
    let text = TEXT_VARIABLES.contains(&name);
    if !text && is_number(value) {
        return value.to_vec();
    }
    if value.is_empty() {
        return b"''".to_vec();
    }
    // A hexadecimal literal needs no escapes and has no sql_mode; the introducer keeps it text.
    format!("_utf8mb4 0x{}", hex::encode(value)).into_bytes()
}

fn is_number(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let points = digits.iter().filter(|byte| **byte == b'.').count();
    points <= 1
        && digits.iter().any(u8::is_ascii_digit)
        && digits
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Makes equal values the same allocation.
#[derive(Debug, Default)]
pub struct Interner {
    known: Mutex<Vec<Weak<Variables>>>,
}

impl Interner {
    /// The shared form of `variables`.
    pub fn intern(&self, variables: Variables) -> Arc<Variables> {
        let mut known = self.known.lock();
        known.retain(|weak| weak.strong_count() > 0);
        if let Some(found) = known
            .iter()
            .filter_map(Weak::upgrade)
            .find(|shared| **shared == variables)
        {
            return found;
        }
        let shared = Arc::new(variables);
        known.push(Arc::downgrade(&shared));
        shared
    }
}

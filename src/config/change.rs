//! What is different in another configuration, for whoever asked to have it read again.

use std::fmt;

use super::limits::RuleConfig;
use super::traces::TracesConfig;
use super::types::{Config, ReplicaSetConfig, SchemaConfig, UserConfig};

/// One difference between two configurations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The part of the file: `users.app`, `server.timeouts`.
    pub what: String,
    /// What became of it.
    pub effect: Effect,
}

/// What becomes of a difference when a configuration takes the place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It holds as it stands in the file.
    Changed,
    /// What the process began with still holds.
    NeedsRestart,
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::NeedsRestart => "needs a restart",
        })
    }
}

/// The differences, in the order of the file's parts. What needs a restart is compared with what
/// the process began with, `started`, everything else with `old`.
pub fn changes(started: &Config, old: &Config, new: &Config) -> Vec<Change> {
    let mut found = server(started, old, new);
    let user = |user: &UserConfig| user.name.clone();
    found.extend(of_list("users", &old.users, &new.users, user));
    let set = |set: &ReplicaSetConfig| set.name.clone();
    let sets = (&old.replica_sets, &new.replica_sets);
    found.extend(of_list("replica_sets", sets.0, sets.1, set));
    let schema = |schema: &SchemaConfig| schema.name.clone();
    found.extend(of_list("schemas", &old.schemas, &new.schemas, schema));
    found.extend(others(old, new));
    if old.transactions != new.transactions {
        found.push(change("transactions".to_owned(), Effect::Changed));
    }
    if started.log.format != new.log.format {
        found.push(change("log.format".to_owned(), Effect::NeedsRestart));
    }
    if old.log.slow != new.log.slow {
        found.push(change("log.slow".to_owned(), Effect::Changed));
    }
    found.extend(traces(started, old, new));
    let rule = |rule: &RuleConfig| rule.name.clone();
    let rules = of_list("rules", &old.rules, &new.rules, rule);
    let names = |config: &Config| -> Vec<String> { config.rules.iter().map(rule).collect() };
    if rules.is_empty() && names(old) != names(new) {
        found.push(change("rules".to_owned(), Effect::Changed));
    }
    found.extend(rules);
    found
}

fn others(old: &Config, new: &Config) -> Option<Change> {
    let effect = match (&old.others, &new.others) {
        (None, Some(_)) => Effect::Added,
        (Some(_), None) => Effect::Removed,
        (old, new) if old != new => Effect::Changed,
        _ => return None,
    };
    Some(change("schemas.*".to_owned(), effect))
}

/// Whose part of the statements is traced may change at any time, where traces go may not.
fn traces(started: &Config, old: &Config, new: &Config) -> Option<Change> {
    let part = |config: &Config| config.traces.as_ref().map(|traces| traces.sample);
    let rest = |config: &Config| {
        let traces = config.traces.clone();
        traces.map(|traces| TracesConfig {
            sample: 0.0,
            ..traces
        })
    };
    if rest(started) != rest(new) {
        return Some(change("traces".to_owned(), Effect::NeedsRestart));
    }
    let changed = part(old) != part(new);
    changed.then(|| change("traces.sample".to_owned(), Effect::Changed))
}

fn server(started: &Config, old: &Config, new: &Config) -> Vec<Change> {
    let (began, old, new) = (&started.server, &old.server, &new.server);
    let fixed = [
        ("listen", began.listen != new.listen),
        ("worker_threads", began.worker_threads != new.worker_threads),
        ("reuse_port", began.reuse_port != new.reuse_port),
        ("admin", began.admin != new.admin),
    ];
    let live = [
        ("version", old.version != new.version),
        (
            "max_connections",
            old.max_connections != new.max_connections,
        ),
        (
            "max_allowed_packet",
            old.max_allowed_packet != new.max_allowed_packet,
        ),
        ("zone", old.zone != new.zone),
        (
            "reload_on_change",
            old.reload_on_change != new.reload_on_change,
        ),
        ("local_infile", old.local_infile != new.local_infile),
        ("timeouts", old.timeouts != new.timeouts),
        ("merge", old.merge != new.merge),
        ("gather", old.gather != new.gather),
        ("tls", old.tls != new.tls),
    ];
    let fixed = fixed.map(|(key, differs)| (key, differs, Effect::NeedsRestart));
    let live = live.map(|(key, differs)| (key, differs, Effect::Changed));
    let all = fixed.into_iter().chain(live);
    all.filter(|(_, differs, _)| *differs)
        .map(|(key, _, effect)| change(format!("server.{key}"), effect))
        .collect()
}

fn of_list<T: PartialEq>(
    part: &str,
    old: &[T],
    new: &[T],
    name: impl Fn(&T) -> String,
) -> Vec<Change> {
    let find = |list: &[T], wanted: &str| list.iter().position(|entry| name(entry) == wanted);
    let mut found = Vec::new();
    for entry in new {
        let before = find(old, &name(entry)).and_then(|at| old.get(at));
        let effect = match before {
            None => Effect::Added,
            Some(before) if before != entry => Effect::Changed,
            Some(_) => continue,
        };
        found.push(change(format!("{part}.{}", name(entry)), effect));
    }
    let gone = old.iter().filter(|entry| find(new, &name(entry)).is_none());
    found.extend(gone.map(|entry| change(format!("{part}.{}", name(entry)), Effect::Removed)));
    found
}

fn change(what: String, effect: Effect) -> Change {
    Change { what, effect }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{AnyAlgorithm, Context, FileAlone, parse};

    const FILE: &str = r#"
[server]
listen = "127.0.0.1:3307"
[[users]]
name = "app"
password = "x"
schemas = ["*"]
[backend]
user = "u"
password = "p"
[replica_sets.a]
primary = "one:3306"
[schemas.shop]
shards = ["a/shop"]
"#;

    fn config(text: &str) -> Config {
        let context = Context {
            environment: &FileAlone,
            algorithms: &AnyAlgorithm,
        };
        parse(text, Path::new("c.toml"), &context).unwrap()
    }

    fn told(started: &str, old: &str, new: &str) -> Vec<String> {
        let changes = changes(&config(started), &config(old), &config(new));
        let text = |change: &Change| format!("{} {}", change.what, change.effect);
        changes.iter().map(text).collect()
    }

    #[test]
    fn each_part_that_differs_is_named_once() {
        let table = [
            ("", "", &[][..]),
            (
                "[[users]]\nname = \"app\"",
                "[[users]]\nname = \"other\"",
                &["users.other added", "users.app removed"],
            ),
            ("one:3306", "two:3306", &["replica_sets.a changed"]),
            ("user = \"u\"", "user = \"v\"", &["replica_sets.a changed"]),
            ("a/shop", "a/shop_1", &["schemas.shop changed"]),
            (
                "[schemas.shop]",
                "[schemas.\"*\"]\nshards = [\"a/*\"]\n[schemas.shop]",
                &["schemas.* added"],
            ),
            (
                "[backend]",
                "[transactions]\nrecover_after = \"1s\"\n[backend]",
                &["transactions changed"],
            ),
            (
                "[backend]",
                "[log]\nformat = \"json\"\nslow = \"0\"\n[backend]",
                &["log.format needs a restart", "log.slow changed"],
            ),
            (
                "[server]",
                "[server]\ntimeouts = { idle = \"1s\" }\nzone = \"z\"",
                &["server.zone changed", "server.timeouts changed"],
            ),
        ];
        for (from, to, expected) in table {
            let new = FILE.replacen(from, to, 1);
            assert_eq!(told(FILE, FILE, &new), expected, "{to}");
        }
    }

    #[test]
    fn what_needs_a_restart_is_compared_with_what_the_process_began_with() {
        let other = FILE.replacen("3307", "3308", 1);
        let expected = ["server.listen needs a restart"];
        assert_eq!(told(FILE, FILE, &other), expected);
        assert_eq!(told(FILE, &other, &other), expected);
        assert!(told(FILE, &other, FILE).is_empty());
    }

    #[cfg(feature = "otlp")]
    #[test]
    fn the_part_that_is_traced_changes_at_once_and_where_traces_go_does_not() {
        let with = |keys: &str| format!("{FILE}\n[traces]\nendpoint = \"http://c\"\n{keys}");
        let (all, some) = (with(""), with("sample = 0.5"));
        assert_eq!(told(&all, &all, &some), ["traces.sample changed"]);
        assert!(told(&all, &some, &some).is_empty());
        let restart = ["traces needs a restart"];
        assert_eq!(told(&all, &all, &with("queue = 600")), restart);
        assert_eq!(told(FILE, FILE, &all), restart);
        assert_eq!(told(&all, &all, FILE), restart);
    }
}

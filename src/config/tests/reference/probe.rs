//! What validation makes of values: limits, words, defaults.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use toml::{Table, Value};

use super::super::super::{
    AnyAlgorithm, Config, Context, Environment, FileAlone, Report, parse, units,
};
use super::Field;

/// A small file that has every table, with what they need and no more.
const FILE: &str = r#"
[server.admin]
listen = "127.0.0.1:9307"
[[users]]
name = "u"
password = "p"
schemas = ["*"]
[users.read]
consistency = "causal"
[backend]
user = "u"
password = "p"
[replica_sets.NAME.primary]
address = "h:1"
[[replica_sets.NAME.replicas]]
address = "h:2"
[schemas.NAME]
shards = ["NAME/s0"]
[schemas.NAME.tables.NAME]
key = "k"
algorithm = "a"
[schemas.NAME.tables.NAME.split]
tables = "t_{0..1}"
key = "k"
algorithm = "a"
[schemas.NAME.tables.NAME.generate]
column = "c"
kind = "segment"
[[rules]]
name = "r"
user = "u"
allow = true
[traces]
endpoint = "http://h"
"#;

/// Keys that count only beside certain values of others, and these.
const BESIDE: [(&str, &str, &str); 4] = [
    ("users.read.max_lag", "users.read.consistency", "'bounded'"),
    (
        "backend.pool.min_idle",
        "backend.pool.max_connections",
        "1000000",
    ),
    (
        "backend.failover.after",
        "backend.failover.promote",
        "'auto'",
    ),
    (
        "schemas.NAME.tables.NAME.split.ahead",
        "schemas.NAME.tables.NAME.split",
        "{ tables = 't_{yyyyMM}', key = 'k', algorithm = { kind = 'time_range', \
         unit = 'month', start = '2026-01-01' } }",
    ),
];

/// Keys that are required, unless; and a file that is accepted without them.
const UNLESS: [(&str, &str, &str, &str); 4] = [
    (
        "schemas.NAME.tables.NAME.key",
        "`kind` is another one",
        "schemas.NAME.tables",
        "{ NAME = { kind = 'broadcast' } }",
    ),
    (
        "schemas.NAME.tables.NAME.algorithm",
        "`kind` is another one or `bind` is there",
        "schemas.NAME.tables",
        "{ x = { key = 'k', algorithm = 'a' }, y = { key = 'k', bind = 'x' }, \
         z = { kind = 'single' } }",
    ),
    (
        "schemas.NAME.tables.NAME.split.key",
        "`spread` is there or the table is bound",
        "schemas.NAME.tables",
        SPLIT_OTHERWISE,
    ),
    (
        "schemas.NAME.tables.NAME.split.algorithm",
        "`spread` is there or the table is bound",
        "schemas.NAME.tables",
        SPLIT_OTHERWISE,
    ),
];
const SPLIT_OTHERWISE: &str = "{ x = { key = 'k', algorithm = 'a', \
    split = { tables = 'x_{0..1}', spread = 'blocks' } }, \
    y = { key = 'k', bind = 'x', split = { tables = 'y_{0..1}' } } }";

/// A program with everything, which looks at nothing outside.
struct Everything;

impl Environment for Everything {
    fn variable(&self, name: &str) -> Result<String, String> {
        FileAlone.variable(name)
    }

    fn secret_file(&self, path: &Path) -> Result<String, String> {
        FileAlone.secret_file(path)
    }

    fn readable(&self, path: &Path) -> Result<(), String> {
        FileAlone.readable(path)
    }

    fn sends_traces(&self) -> bool {
        true
    }
}

fn read(table: &Table) -> Result<Config, Report> {
    let context = Context {
        environment: &Everything,
        algorithms: &AnyAlgorithm,
    };
    let text = toml::to_string(table).unwrap();
    parse(&text, Path::new("shardwell.toml"), &context)
}

/// What is found out about one key by writing it.
pub(super) struct Probe {
    path: Vec<String>,
    /// The small file without the key.
    without: Table,
}

/// What a key that is not written means.
pub(super) enum Absent {
    /// The file is refused; one of these keys may stand in for it.
    Refused(Vec<String>),
    /// The file is refused, unless it is as said.
    RefusedUnless(&'static str),
    /// The same as this value.
    Means(String),
    /// What no value means.
    Itself,
}

impl Probe {
    /// `path` is that of a table.
    pub(super) fn new(path: &str, key: &str) -> Self {
        let own = format!("{path}.{key}");
        let mut without: Table = toml::from_str(FILE).unwrap();
        for (_, beside, text) in BESIDE.iter().filter(|(of, ..)| *of == own) {
            put(&mut without, &parts(beside), Some(value(text)));
        }
        let path = parts(&own);
        put(&mut without, &path, None);
        Self { path, without }
    }

    fn with(&self, value: Value) -> Result<Config, Report> {
        let mut table = self.without.clone();
        put(&mut table, &self.path, Some(value));
        read(&table)
    }

    /// The help that comes with the refusal of a value.
    fn help(&self, value: impl Into<Value>) -> Option<String> {
        let value = value.into();
        let end = format!("cannot be {value}");
        let report = self.with(value).err()?;
        let mut said = report.diagnostics().iter();
        let found = said.find(|problem| problem.message.ends_with(&end));
        found?.help.clone()
    }

    /// What a number may be.
    pub(super) fn numbers(&self) -> String {
        let help = self.help(-1).unwrap();
        help.trim_start_matches("a number ").to_owned()
    }

    /// What a size may be.
    pub(super) fn sizes(&self) -> String {
        let help = self.help("0").unwrap();
        let (range, _) = help.split_once(", such as").unwrap();
        range.replace('"', "")
    }

    /// What a duration may be.
    pub(super) fn durations(&self) -> String {
        let help = self.help("8760h").or_else(|| self.help("9000h")).unwrap();
        let range = help.replace('"', "");
        match self.help("0") {
            Some(_) => range,
            None => format!("{range}, or 0"),
        }
    }

    /// What a part of a whole may be.
    pub(super) fn parts(&self) -> String {
        let help = self.help(-1).unwrap();
        help.split_once(':').unwrap().0.to_owned()
    }

    /// The words that a text may be; none: any text.
    pub(super) fn words(&self) -> Vec<String> {
        let help = self.help("?").unwrap_or_default();
        let words = help.strip_prefix("one of ").unwrap_or_default();
        let words = words.split(", ").map(|word| word.trim_matches('"'));
        words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn absent(&self, field: &Field, others: &[Field]) -> Absent {
        let Ok(config) = read(&self.without) else {
            return match self.unless() {
                Some(unless) => Absent::RefusedUnless(unless),
                None => Absent::Refused(self.instead(others)),
            };
        };
        let same = |value: &Value| self.with(value.clone()).is_ok_and(|with| with == config);
        let values = self.values(field, &config);
        let mut same = values.iter().filter(|(value, _)| same(value));
        let found = same.next().map(|(_, shown)| shown.clone());
        assert!(same.next().is_none(), "two values of {:?}", self.path);
        found.map_or(Absent::Itself, Absent::Means)
    }

    /// Values that the key may have by default, and how they are written: whatever of its type is
    /// found anywhere in the configuration.
    fn values(&self, field: &Field, config: &Config) -> Vec<(Value, String)> {
        let seen = format!("{config:?}");
        let found = |pattern: &str| -> BTreeSet<String> {
            let pattern = Regex::new(pattern).unwrap();
            let found = pattern.captures_iter(&seen);
            found.map(|found| found[1].to_owned()).collect()
        };
        let numbers = || {
            found(r"\b(\d+)\b")
                .into_iter()
                .filter_map(|n| n.parse().ok())
        };
        let plain = |value: Value| (value.clone(), value.to_string());
        match field.inner() {
            "bool" => [true, false].map(|flag| plain(flag.into())).to_vec(),
            "i64" => numbers().map(|n: i64| plain(n.into())).collect(),
            "SizeText" => numbers().map(|n| (n.into(), size(n))).collect(),
            "DurationText" => {
                let found = found(r"\b(\d+m?s)\b").into_iter();
                let found = found.filter_map(|text| units::duration(&text));
                let found = found.filter(|duration| !duration.is_zero());
                let shown = found.map(units::show_duration).chain(["0".to_owned()]);
                shown.map(|text| plain(text.into())).collect()
            }
            "Value" => {
                let found = found(r"\b(\d+\.\d+)\b").into_iter();
                let found = found.filter_map(|text| text.parse::<f64>().ok());
                found.map(|part| plain(part.into())).collect()
            }
            _ if field.of.contains("Vec<") => vec![plain(Value::Array(Vec::new()))],
            _ => {
                let mut texts: BTreeSet<String> = self.words().into_iter().collect();
                texts.extend(found("\"([^\"]*)\""));
                texts.extend(config.server.listen.iter().map(ToString::to_string));
                texts.into_iter().map(|text| plain(text.into())).collect()
            }
        }
    }

    fn unless(&self) -> Option<&'static str> {
        let own = self.path.join(".");
        let (_, unless, at, text) = UNLESS.iter().find(|(of, ..)| *of == own)?;
        let mut table: Table = toml::from_str(FILE).unwrap();
        put(&mut table, &parts(at), Some(value(text)));
        if let Err(refused) = read(&table) {
            panic!("{own} is required, although {unless}: {refused}");
        }
        Some(unless)
    }

    /// The keys beside it with which the file is accepted without it.
    fn instead(&self, others: &[Field]) -> Vec<String> {
        let hash = format!("*{}", "A".repeat(40));
        let samples = |field: &Field| -> Vec<Value> {
            match field.inner() {
                "bool" => vec![true.into()],
                "i64" => vec![1.into()],
                _ => vec!["x".into(), "primary".into(), hash.as_str().into()],
            }
        };
        let own = self.path.last().unwrap();
        let others = others.iter().filter(|other| other.name != *own);
        let enough = |other: &&Field| {
            let mut path = self.path.clone();
            *path.last_mut().unwrap() = other.name.clone();
            samples(other).into_iter().any(|sample| {
                let mut table = self.without.clone();
                put(&mut table, &path, Some(sample));
                read(&table).is_ok()
            })
        };
        others.filter(enough).map(|o| o.name.clone()).collect()
    }
}

fn value(text: &str) -> Value {
    let table: Table = toml::from_str(&format!("value = {text}")).unwrap();
    table["value"].clone()
}

fn parts(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

/// Writes a key, or takes it out; tables on the way are made, of lists the first one is meant.
fn put(table: &mut Table, path: &[String], value: Option<Value>) {
    let (first, rest) = path.split_first().unwrap();
    if rest.is_empty() {
        match value {
            Some(value) => table.insert(first.clone(), value),
            None => table.remove(first),
        };
        return;
    }
    let inner = match (table.get_mut(first), &value) {
        (None, None) => return,
        (None, Some(_)) => table
            .entry(first.clone())
            .or_insert(Value::Table(Table::new())),
        (Some(Value::Array(items)), _) => items.first_mut().unwrap(),
        (Some(inner), _) => inner,
    };
    put(inner.as_table_mut().unwrap(), rest, value);
}

/// As it is written in the file.
fn size(bytes: i64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = |(shift, _): &&(i32, &str)| bytes > 0 && bytes % (1 << shift) == 0;
    match units.iter().find(whole) {
        Some((shift, unit)) => format!("\"{}{unit}\"", bytes >> shift),
        None => bytes.to_string(),
    }
}

//! The page in Markdown.

use std::fmt::Write as _;

use regex::Regex;

use super::probe::{Absent, Probe};
use super::{Field, Section, Shapes};

/// Where it is.
pub(super) const PATH: &str = "docs/configuration-reference.md";

const HEAD: &str = "# Every key of the configuration

<!-- Written by a test from the types that read the file: UPDATE_CASES=1 cargo test --lib config:: -->

What the sections are for, with examples: [Configuration](configuration.md). `NAME` stands for a name that you choose. A table inside
another one may be written as a section of its own, `[server.timeouts]`, or inline, `timeouts = { idle = \"1h\" }`.

| type | written as |
|---|---|
| duration | a string: a whole number and `ms`, `s`, `m` or `h`: `\"250ms\"`, `\"10s\"`, `\"5m\"`, `\"8h\"` |
| size | a number of bytes, or a string with `B`, `KiB`, `MiB` or `GiB`: `\"64MiB\"` |
| address | a string: `\"host:port\"`, `\"[ipv6]:port\"` or `\"unix:/absolute/path\"`; the port is always written |
| path | a string; relative paths start at the configuration file's folder; the file must be readable |
| name | a string of 1 to 64 characters (users: 32), no control characters |

Under `default` stands what a key that is left out means, `required` if it cannot be left out, and nothing where the meaning says it.
";

pub(super) fn page(shapes: &Shapes) -> String {
    let mut page = HEAD.to_owned();
    let sections = shapes.sections();
    for section in &sections {
        put_section(&mut page, shapes, section, &sections);
    }
    page
}

fn put_section(page: &mut String, shapes: &Shapes, section: &Section, all: &[Section]) {
    let keys = shapes.keys(section);
    let Some((path, more)) = section
        .paths
        .split_first()
        .filter(|(path, _)| !path.is_empty())
    else {
        return;
    };
    let meaning = &shapes.get(&section.shape).unwrap().meaning;
    writeln!(page, "\n## {}\n\n{meaning}", section.title()).unwrap();
    if !more.is_empty() {
        let more: Vec<String> = more.iter().map(|path| format!("`[{path}]`")).collect();
        writeln!(page, "\nThe same keys: {}.", more.join(", ")).unwrap();
    }
    writeln!(
        page,
        "\n| key | type | default | meaning |\n|---|---|---|---|"
    )
    .unwrap();
    for key in &keys {
        let probe = Probe::new(path, &key.name);
        let (of, default) = (kind(key, &probe, all), default(key, &probe, &keys));
        writeln!(
            page,
            "| `{}` | {of} | {default} | {} |",
            key.name, key.meaning
        )
        .unwrap();
    }
}

impl Section {
    fn title(&self) -> String {
        let path = &self.paths[0];
        match self.repeated {
            true => format!("`[[{path}]]`"),
            false => format!("`[{path}]`"),
        }
    }

    fn link(&self) -> String {
        let named = |c: &char| c.is_alphanumeric() || *c == '_';
        let anchor: String = self.paths[0].chars().filter(named).collect();
        format!("[`{}`](#{})", self.paths[0], anchor.to_lowercase())
    }
}

/// The type of a key and what its values may be.
fn kind(field: &Field, probe: &Probe, all: &[Section]) -> String {
    if let Some(inner) = field.table() {
        let section = all.iter().find(|section| section.shape == inner).unwrap();
        let link = section.link();
        let words = words(probe);
        return match inner {
            "ReadFile" => format!("{words}, or table {link}"),
            "AdminFile" => format!("address, or table {link}"),
            "MemberFile" if field.of.contains("Vec<") => {
                format!("list of addresses and tables {link}")
            }
            "MemberFile" => format!("address, or table {link}"),
            _ if field.of.starts_with("Named<") => format!("tables {link}"),
            _ => format!("table {link}"),
        };
    }
    match field.inner() {
        "bool" => "`true` or `false`".to_owned(),
        "i64" => format!("whole number, {}", commas(&probe.numbers())),
        "Value" => format!("number, {}", probe.parts()),
        "SizeText" => format!("size (bytes), {}", probe.sizes()),
        "DurationText" => format!("duration (ms, s, m, h), {}", probe.durations()),
        "AlgorithmFile" => "string, or table with `kind` and parameters".to_owned(),
        "OneOrMany" => match words(probe).as_str() {
            "string" => "string, or list of strings".to_owned(),
            words => format!("{words}, or list of these"),
        },
        "String" if field.of.contains("Vec<") => "list of strings".to_owned(),
        "String" => words(probe),
        "Secret" => "string".to_owned(),
        other => panic!("a value of type {other}"),
    }
}

fn words(probe: &Probe) -> String {
    let words = probe.words();
    let words: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    match words.split_last() {
        None => "string".to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// `1000000` → `1,000,000`
fn commas(text: &str) -> String {
    let number = Regex::new(r"\d{4,}").unwrap();
    let grouped = number.replace_all(text, |found: &regex::Captures<'_>| {
        let digits = found[0].char_indices().map(|(at, digit)| {
            let left = found[0].len() - at;
            let mark = if at > 0 && left.is_multiple_of(3) {
                ","
            } else {
                ""
            };
            format!("{mark}{digit}")
        });
        digits.collect::<String>()
    });
    grouped.into_owned()
}

fn default(field: &Field, probe: &Probe, others: &[Field]) -> String {
    match probe.absent(field, others) {
        Absent::Means(value) => format!("`{value}`"),
        Absent::Itself => String::new(),
        Absent::RefusedUnless(unless) => format!("required, unless {unless}"),
        Absent::Refused(others) if others.is_empty() => "required".to_owned(),
        Absent::Refused(others) => {
            let others: Vec<String> = others.iter().map(|key| format!("`{key}`")).collect();
            format!("required, or one of {}", others.join(", "))
        }
    }
}

//! The layout of the house: imports point one way, pure stages stay pure, files stay small.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules; each may name those of earlier lines, and itself.
const ORDER: [&[&str]; 11] = [
    &["error", "value"],
    &["config", "telemetry", "wire", "parse"],
    &["topology", "net", "auth"],
    &["plan", "backend"],
    &["route", "merge"],
    &["rewrite", "reply"],
    &["execute", "explain", "sequence", "transaction"],
    &["session"],
    &["admin"],
    &["server"],
    &["cli"],
];

/// Modules without I/O, async or clock.
const PURE: [&str; 8] = [
    "wire", "parse", "topology", "plan", "route", "rewrite", "merge", "explain",
];

/// Production lines that a file may have.
const MAX_LINES: usize = 500;

/// A production source file: no comments, no test modules.
struct Source {
    path: PathBuf,
    /// The top-level module that it belongs to.
    module: String,
    /// How many modules it is below the crate's root.
    depth: usize,
    code: String,
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        let own = level(&source.module);
        for named in named_modules(&source) {
            if named != source.module && level(&named) >= own {
                wrong.push(format!("{} names {named}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sql_parser_is_named_in_parse_only() {
    let wrong = naming(&["sqlparser"], |source| source.module != "parse");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pure_modules_name_no_runtime_no_socket_and_no_clock() {
    let impure = [
        "tokio",
        "std::net::Tcp",
        "Instant",
        "SystemTime",
        "std::fs",
        "async fn",
    ];
    let wrong = naming(&impure, |source| PURE.contains(&source.module.as_str()));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Who runs beside the threads that serve clients, or lends them timers.
const WITH_TIMERS: [&str; 8] = [
    "src/net/reactor.rs",
    "src/net/watch.rs",
    "src/backend/health/",
    "src/backend/promotion/",
    "src/transaction/recovery.rs",
    "src/admin/",
    "src/server/",
    "src/cli/",
];

#[test]
fn threads_that_serve_clients_have_no_timers() {
    let mut wrong = Vec::new();
    for source in sources() {
        let path = source.path.display().to_string();
        let code = source.code.replace("tokio::time::Instant", "");
        let beside = WITH_TIMERS.iter().any(|place| path.contains(place));
        if !beside && code.contains("tokio::time") {
            wrong.push(format!("{path} takes timers of a runtime that has none"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_outgrows_its_limit() {
    let wrong: Vec<String> = sources()
        .iter()
        .map(|source| (source.code.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the files that `applies` picks name one of the words.
fn naming(words: &[&str], applies: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| applies(source)) {
        for (number, line) in source.code.lines().enumerate() {
            let code = without_comment(line);
            for word in words.iter().filter(|word| has_word(code, word)) {
                found.push(format!(
                    "{}:{} names {word}",
                    source.path.display(),
                    number + 1
                ));
            }
        }
    }
    found
}

fn has_word(code: &str, word: &str) -> bool {
    let ident = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        // A name that only begins alike (`std::net::TcpStream`) is meant too.
        !before.is_some_and(ident) && (word.contains("::") || !after.is_some_and(ident))
    })
}

fn level(module: &str) -> usize {
    ORDER
        .iter()
        .position(|names| names.contains(&module))
        .unwrap_or_else(|| {
            panic!("give the module {module} a place in the order of tests/imports.rs")
        })
}

/// The top-level modules that a file names, by `crate::` or by enough `super::`.
fn named_modules(source: &Source) -> BTreeSet<String> {
    let code: String = source
        .code
        .lines()
        .map(|line| format!("{}\n", without_comment(line)))
        .collect();
    let to_root = "super::".repeat(source.depth);
    let mut found = BTreeSet::new();
    for prefix in ["crate::", to_root.as_str()] {
        for (at, _) in code.match_indices(prefix) {
            let preceded =
                code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !preceded {
                found.extend(first_names(&code[at + prefix.len()..]));
            }
        }
    }
    // A macro or an item of lib.rs itself is no module.
    found.retain(|name| {
        Path::new("src").join(name).is_dir()
            || Path::new("src").join(format!("{name}.rs")).is_file()
    });
    found
}

/// `a::b` → a; `{a::b, c::{d, e}}` → a, c.
fn first_names(path: &str) -> Vec<String> {
    let ident = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![ident(path)];
    };
    let (mut names, mut depth, mut start) = (vec![ident(group)], 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = at + 1,
            _ => continue,
        }
        if c == ',' && depth == 0 {
            names.push(ident(&group[start..]));
        }
    }
    names
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        ""
    } else {
        line.split(" // ").next().unwrap_or(line)
    }
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(Path::new("src"), &mut found);
    assert!(found.len() > 10, "run from the crate's root");
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            // `tests` folders are test modules in several files.
            if path.file_name().is_none_or(|name| name != "tests") {
                collect(&path, found);
            }
        } else if is_production(&path) {
            found.push(read(path));
        }
    }
}

fn is_production(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    let root = ["src/lib.rs", "src/main.rs"]
        .iter()
        .any(|root| path == Path::new(root));
    name.ends_with(".rs") && name != "tests.rs" && !name.ends_with("_tests.rs") && !root
}

fn read(path: PathBuf) -> Source {
    let relative = path.strip_prefix("src").unwrap();
    let mut modules: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if modules.last().is_some_and(|name| name == "mod") {
        modules.pop();
    }
    Source {
        code: production_lines(&fs::read_to_string(&path).unwrap()),
        module: modules[0].clone(),
        depth: modules.len(),
        path,
    }
}

/// Leaves out each `#[cfg(test)]` item with a body, up to its closing brace in the first column.
fn production_lines(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        let opens = lines
            .by_ref()
            .find(|line| !line.starts_with("#["))
            .is_some_and(|line| line.ends_with('{'));
        if opens {
            lines.by_ref().find(|line| *line == "}");
        }
    }
    kept
}

#[test]
fn the_scanner_sees_groups_supers_and_skips_tests() {
    let source = |depth, code: &str| Source {
        path: PathBuf::new(),
        module: "plan".to_owned(),
        depth,
        code: production_lines(code),
    };
    let cases = [
        (1, "use crate::error::ErrorKind;", vec!["error"]),
        (
            1,
            "use crate::{value::Value, wire::{frame, codec}, parse};",
            vec!["parse", "value", "wire"],
        ),
        (2, "fn f() -> super::super::route::Route {}", vec!["route"]),
        (2, "use super::types::Plan;", vec![]),
        (1, "// see crate::session", vec![]),
        (
            1,
            "#[cfg(test)]\nmod tests {\n    use crate::server;\n}\n",
            vec![],
        ),
        (
            1,
            "#[cfg(test)]\nmod tests;\nuse crate::server;\n",
            vec!["server"],
        ),
    ];
    for (depth, code, expected) in cases {
        let found: Vec<String> = named_modules(&source(depth, code)).into_iter().collect();
        assert_eq!(found, expected, "{code}");
    }
}

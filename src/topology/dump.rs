//! A schema dump → the tables in it: what the servers would tell, without servers.
//!
//! In: SQL as mysqldump writes it, with or without rows. Out: [`DumpedTable`]s. Of CREATE TABLE only
//! the columns are read; what is no CREATE TABLE is skipped.

use std::sync::Arc;

use super::collation::default_collation;
use super::discovered::{Column, TableDefinition};
use super::split_parts::names_in_dump;
use super::{Discovered, DiscoveredTable};
use crate::config::{Config, SchemaConfig, TableRule};
use crate::parse::{Digest, DigestSeed, LexMode, TokenKind, Tokens, scan};

/// A table of a dump.
#[derive(Clone, Debug)]
pub struct DumpedTable {
    /// The database that a USE before it, or its own name, says.
    pub database: Option<String>,
    /// As written.
    pub name: String,
    /// Its columns; indexes are not read.
    pub definition: Arc<TableDefinition>,
}

/// How often the length of a dump may be read in vain: what nothing closes is read to the end, and
/// again from the next line on.
const MOST_READINGS: usize = 32;

/// Reads a dump. Statements that cannot be read (of a routine's body, for instance) are skipped;
/// where there is no end of them, so is the rest.
pub fn read_dump(sql: &[u8]) -> Vec<DumpedTable> {
    let mut tables = Vec::new();
    let mut database = None;
    let mut start = 0;
    let mut digest = Digest::default();
    let mut in_vain = 0;
    while start < sql.len() && in_vain <= sql.len().saturating_mul(MOST_READINGS) {
        let mode = LexMode::default();
        if scan(sql, start, mode, DigestSeed(0), 0, &mut digest).is_err() {
            in_vain += sql.len() - start;
            start = next_line(sql, start);
            continue;
        }
        let tokens = Tokens::new(sql, &digest);
        if tokens.begins(&["USE"]) {
            database = tokens.name(1);
        } else if let Some(table) = table(tokens, database.as_deref()) {
            tables.push(table);
        }
        match digest.next {
            Some(next) => start = next,
            None => break,
        }
    }
    tables
}

fn next_line(sql: &[u8], from: usize) -> usize {
    let rest = sql.get(from..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(sql.len(), |at| from + at + 1)
}

/// What a scan of servers would have found that have these tables: those with a rule where the
/// rule puts them, the others on the default shard.
pub fn discovered(config: &Config, tables: &[DumpedTable]) -> Discovered {
    let mut found = Discovered::default();
    for schema in &config.schemas {
        let mut here = std::collections::HashMap::new();
        for table in tables.iter().filter(|table| belongs(table, schema)) {
            let mut rules = schema.tables.iter();
            let rule = rules.find_map(|rule| Some((rule, names_in_dump(rule, &table.name)?)));
            let shards: Vec<usize> = match rule.as_ref().map(|(rule, _)| &rule.rule) {
                Some(TableRule::Sharded { .. } | TableRule::Broadcast) => {
                    (0..schema.shards.len()).collect()
                }
                Some(TableRule::Single(shard)) => vec![shard.unwrap_or(schema.default_shard)],
                None => vec![schema.default_shard],
            };
            let names = rule.map_or_else(|| vec![table.name.clone()], |(_, names)| names);
            for name in names {
                let entry: &mut DiscoveredTable = here.entry(name).or_default();
                entry.found_on.clone_from(&shards);
                entry.variants.clear();
                for shard in &shards {
                    entry.add(*shard, Arc::clone(&table.definition));
                }
            }
        }
        found.schemas.insert(schema.name.clone(), here);
    }
    found
}

/// Whether a table is one of a schema: by the schema's name or a shard's, or by none at all.
fn belongs(table: &DumpedTable, schema: &SchemaConfig) -> bool {
    table.database.as_deref().is_none_or(|database| {
        database == schema.name || schema.shards.iter().any(|shard| shard.database == database)
    })
}

/// `CREATE TABLE [IF NOT EXISTS] [database.]name (…) …`
fn table(tokens: Tokens<'_>, database: Option<&str>) -> Option<DumpedTable> {
    if !tokens.begins(&["CREATE", "TABLE"]) {
        return None;
    }
    let live: Vec<usize> = (0..tokens.len())
        .filter(|at| !tokens.is_mark(*at))
        .collect();
    let mut words = live.iter().copied().skip(2).peekable();
    while words.peek().is_some_and(|at| {
        ["IF", "NOT", "EXISTS"]
            .iter()
            .any(|w| tokens.is_word(*at, w))
    }) {
        words.next();
    }
    let first = tokens.name(words.next()?)?;
    let (database, name) = match words.peek() {
        Some(at) if tokens.kind(*at) == Some(TokenKind::Dot) => {
            words.next();
            (Some(first), tokens.name(words.next()?)?)
        }
        _ => (database.map(str::to_owned), first),
    };
    let open = words
        .next()
        .filter(|at| tokens.kind(*at) == Some(TokenKind::Open))?;
    let is_edge = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
    let body: Vec<usize> = live.iter().copied().filter(|at| *at > open).collect();
    let close = body.iter().copied().find(is_edge)?;
    let options: Vec<usize> = body.iter().copied().filter(|at| *at > close).collect();
    let charset = setting(tokens, &options, &["CHARSET", "SET"]);
    let collation = setting(tokens, &options, &["COLLATE"]);
    let defaults = Defaults { charset, collation };
    let mut definition = TableDefinition::default();
    let items = body
        .iter()
        .copied()
        .filter(|at| *at < close)
        .collect::<Vec<_>>();
    let is_comma = |at: &usize| {
        tokens.kind(*at) == Some(TokenKind::Comma)
            && tokens.get(*at).is_some_and(|token| token.depth == 1)
    };
    for item in items.split(is_comma) {
        definition.columns.extend(column(tokens, item, &defaults));
    }
    Some(DumpedTable {
        database,
        name,
        definition: Arc::new(definition),
    })
}

/// The table's character set and collation.
struct Defaults {
    charset: Option<String>,
    collation: Option<String>,
}

/// The name behind one of the words and an optional `=`.
fn setting(tokens: Tokens<'_>, of: &[usize], words: &[&str]) -> Option<String> {
    let at = of
        .iter()
        .position(|at| words.iter().any(|word| tokens.is_word(*at, word)))?;
    let mut behind = of.iter().skip(at + 1).copied();
    let next = behind.next()?;
    let named = if tokens.is_symbol(next, "=") {
        behind.next()?
    } else {
        next
    };
    tokens.name(named).map(|name| name.to_lowercase())
}

/// Words that begin what is no column.
#[rustfmt::skip]
const NO_COLUMN: [&str; 11] = [
    "PRIMARY", "KEY", "INDEX", "UNIQUE", "CONSTRAINT", "FULLTEXT", "SPATIAL", "CHECK", "FOREIGN",
    "PERIOD", "LIKE",
];

/// Types that have another name in information_schema.
#[rustfmt::skip]
const SYNONYMS: [(&str, &str); 9] = [
    ("integer", "int"), ("bool", "tinyint"), ("boolean", "tinyint"), ("dec", "decimal"),
    ("numeric", "decimal"), ("fixed", "decimal"), ("character", "char"), ("nchar", "char"),
    ("nvarchar", "varchar"),
];

fn column(tokens: Tokens<'_>, item: &[usize], defaults: &Defaults) -> Option<Column> {
    let (name, rest) = item.split_first()?;
    if NO_COLUMN.iter().any(|word| tokens.is_word(*name, word)) {
        return None;
    }
    let (kind, rest) = rest.split_first()?;
    let written = tokens.name(*kind)?.to_lowercase();
    let known = SYNONYMS.iter().find(|(synonym, _)| *synonym == written);
    let data_type = known.map_or(written, |(_, name)| (*name).to_owned());
    let has = |word: &str| rest.iter().any(|at| tokens.is_word(*at, word));
    let size: String = match rest
        .first()
        .filter(|at| tokens.kind(**at) == Some(TokenKind::Open))
    {
        None if data_type == "char" => "(1)".to_owned(),
        None => String::new(),
        Some(_) => {
            let inside = rest
                .iter()
                .position(|at| tokens.kind(*at) == Some(TokenKind::Close));
            let size = rest.iter().take(inside? + 1);
            size.map(|at| String::from_utf8_lossy(tokens.text(*at)).into_owned())
                .collect()
        }
    };
    let unsigned = if has("UNSIGNED") { " unsigned" } else { "" };
    let (charset, collation) = text_settings(tokens, rest, &data_type, defaults);
    let not_null = rest.windows(2).any(
        |pair| matches!(pair, [a, b] if tokens.is_word(*a, "NOT") && tokens.is_word(*b, "NULL")),
    );
    let nullable = !not_null && !has("PRIMARY");
    Some(Column {
        name: tokens.name(*name)?,
        column_type: format!("{data_type}{size}{unsigned}"),
        data_type,
        charset,
        collation,
        nullable,
        has_default: nullable || has("DEFAULT"),
        // No statement runs where a dump is all there is.
        volatile_default: false,
        auto_increment: has("AUTO_INCREMENT"),
        generated: has("GENERATED") || has("AS"),
        invisible: has("INVISIBLE"),
        checked_json: has("JSON_VALID"),
    })
}

/// Character set and collation of a column of strings: its own, else the table's, else MySQL's.
fn text_settings(
    tokens: Tokens<'_>,
    item: &[usize],
    data_type: &str,
    defaults: &Defaults,
) -> (Option<String>, Option<String>) {
    if !matches!(
        data_type,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
    ) {
        return (None, None);
    }
    let own = setting(tokens, item, &["CHARSET", "SET"]);
    let collation = setting(tokens, item, &["COLLATE"]);
    let of_collation = |name: &String| name.split('_').next().map(str::to_owned);
    let charset = own
        .clone()
        .or_else(|| collation.as_ref().and_then(of_collation));
    let collation = collation.or_else(|| match &own {
        Some(charset) => default_collation(charset).map(str::to_owned),
        None => defaults.collation.clone(),
    });
    let charset = charset
        .or_else(|| defaults.charset.clone())
        .or_else(|| collation.as_ref().and_then(of_collation))
        .unwrap_or_else(|| "utf8mb4".to_owned());
    let collation = collation.or_else(|| default_collation(&charset).map(str::to_owned));
    (Some(charset), collation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "
-- MySQL dump
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `users`;
CREATE TABLE `users` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'a,(b',
  `mail` varchar(100) DEFAULT NULL,
  `price` decimal(10,2) DEFAULT '0.00',
  `code` char(2) COLLATE utf8mb4_bin,
  `kind` enum('a','b)') NOT NULL,
  `secret` int /*!80023 INVISIBLE */,
  PRIMARY KEY (`id`),
  UNIQUE KEY `by_name` (`name`),
  CONSTRAINT `c` CHECK ((`price` > 0))
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='x';
INSERT INTO `users` VALUES (1,'a;b','c',1,'d','a',1);
USE other;
CREATE TABLE IF NOT EXISTS plain (a INTEGER, b VARCHAR(5)) DEFAULT CHARACTER SET latin1;
";

    #[test]
    fn what_cannot_be_read_is_not_read_for_ever() {
        for piece in [
            "/*\n",
            "'\n\"\n",
            "((((\n`\n",
            "CREATE TABLE a (b INT /*!\n",
        ] {
            let hostile = format!("CREATE TABLE first (id INT);\n{}", piece.repeat(300_000));
            let tables = read_dump(hostile.as_bytes());
            assert_eq!(tables.first().map(|t| t.name.as_str()), Some("first"));
        }
    }

    #[test]
    fn a_dump_tells_the_columns_as_a_server_would() {
        let tables = read_dump(DUMP.as_bytes());
        let names: Vec<_> = tables
            .iter()
            .map(|t| (t.database.as_deref(), &*t.name))
            .collect();
        assert_eq!(names, [(None, "users"), (Some("other"), "plain")]);
        let columns = |at: usize| -> Vec<String> {
            let columns = tables[at].definition.columns.iter();
            columns
                .map(|c| format!("{} {} {:?}", c.name, c.column_type, c.collation))
                .collect()
        };
        assert_eq!(
            columns(0),
            [
                "id bigint unsigned None",
                "name varchar(20) Some(\"latin1_bin\")",
                "mail varchar(100) Some(\"utf8mb4_0900_ai_ci\")",
                "price decimal(10,2) None",
                "code char(2) Some(\"utf8mb4_bin\")",
                "kind enum('a','b)') Some(\"utf8mb4_0900_ai_ci\")",
                "secret int None",
            ]
        );
        assert_eq!(
            columns(1),
            ["a int None", "b varchar(5) Some(\"latin1_swedish_ci\")"]
        );
        assert!(tables[0].definition.columns[6].invisible);
    }
}

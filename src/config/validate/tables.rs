//! `[schemas.NAME.tables.NAME]`: how a table's rows are placed, and which tables go together.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{Named, TableFile};
use super::super::types::{SplitConfig, TableConfig, TableRule};
use super::AlgorithmCheck;
use super::algorithms::{self, Places};
use super::bindings::{Bindings, GroupNumbers};
use super::generate;
use super::problems::Problems;
use super::scalar;
use super::schemas::Positions;
use super::split::{self, Bound};

pub(super) fn tables(
    files: &Named<TableFile>,
    shards: &Positions<'_>,
    algorithms: &dyn AlgorithmCheck,
    numbers: &mut GroupNumbers,
    problems: &mut Problems,
) -> Vec<TableConfig> {
    let mut in_order: Vec<_> = files.iter().collect();
    in_order.sort_by_key(|(name, _)| name.span().start);
    let bindings = Bindings::new(shards.schema, files, numbers);
    let mut schema = SchemaTables {
        files,
        shards,
        algorithms,
        bindings,
    };
    let mut tables = Vec::new();
    for (name, file) in in_order {
        let most = defaults::NAME_CHARS;
        scalar::check_name(name.span(), "table name", name.get_ref(), most, problems);
        if let Some(rule) = schema.rule(name, file, problems) {
            let sharded = matches!(rule, TableRule::Sharded { .. });
            let generate = file.generate.as_ref().filter(|_| sharded);
            tables.push(TableConfig {
                name: name.get_ref().clone(),
                rule,
                generate: generate::generate(generate, problems),
            });
        }
    }
    tables
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sharded,
    Broadcast,
    Single,
}

const KINDS: [(&str, Kind); 3] = [
    ("sharded", Kind::Sharded),
    ("broadcast", Kind::Broadcast),
    ("single", Kind::Single),
];

/// The tables of one schema while they are being read.
struct SchemaTables<'a> {
    files: &'a Named<TableFile>,
    shards: &'a Positions<'a>,
    algorithms: &'a dyn AlgorithmCheck,
    bindings: Bindings<'a>,
}

impl<'a> SchemaTables<'a> {
    /// `None`: the rule is wrong, and that has been noted.
    fn rule(
        &mut self,
        name: &'a Spanned<String>,
        file: &'a TableFile,
        problems: &mut Problems,
    ) -> Option<TableRule> {
        let kind = match &file.kind {
            Some(kind) => scalar::choice(kind, "kind", &KINDS, problems)?,
            None => Kind::Sharded,
        };
        if kind != Kind::Single {
            problems.useless(
                file.shard.as_ref(),
                "shard",
                "on a table that is not single",
            );
        }
        if kind == Kind::Sharded {
            return self.sharded(name, file, problems);
        }
        let why = "on a table that is not sharded";
        problems.useless(file.key.as_ref(), "key", why);
        problems.useless(file.algorithm.as_ref(), "algorithm", why);
        problems.useless(file.split.as_ref(), "split", why);
        problems.useless(file.bind.as_ref(), "bind", why);
        problems.useless(file.generate.as_ref(), "generate", why);
        if kind == Kind::Broadcast {
            return Some(TableRule::Broadcast);
        }
        let shard = file
            .shard
            .as_ref()
            .and_then(|shard| self.shards.find(shard, problems));
        Some(TableRule::Single(shard))
    }

    fn sharded(
        &mut self,
        name: &'a Spanned<String>,
        file: &'a TableFile,
        problems: &mut Problems,
    ) -> Option<TableRule> {
        let key = key_columns(name, file, problems);
        let root = self.bindings.root(name, file, problems);
        let theirs = root.filter(|_| file.bind.is_some());
        let theirs = theirs.and_then(|root| self.files.get(root));
        let split = self.split((name, key.as_deref()), file, theirs, problems)?;
        let places = Places {
            count: split
                .as_ref()
                .map_or(self.shards.len(), |split| split.places(self.shards.len())),
            columns: key.as_ref().map_or(1, Vec::len),
        };
        let own = file.algorithm.as_ref();
        let own = own.map(|own| algorithms::algorithm(own, places, self.algorithms, problems));
        let root = root?;
        // Mistakes in it are noted where it stands.
        let inherited = theirs
            .and_then(|table| table.algorithm.as_ref())
            .and_then(|algorithm| algorithms::spec(algorithm.get_ref()));
        if file.bind.is_none() && own.is_none() {
            let message = format!("table '{}' has no algorithm", name.get_ref());
            problems.add(name.span(), message, "add algorithm = \"hash_mod\"");
        }
        if let (Some(place), Some(Some(own)), Some(theirs)) = (&file.algorithm, &own, &inherited)
            && own != theirs
        {
            let table = name.get_ref();
            let message = format!("table '{table}' is bound to '{root}' but has another algorithm");
            let help = "remove it: a bound table takes over the other's";
            problems.add(place.span(), message, help);
        }
        let algorithm = own.flatten().or(inherited)?;
        Some(TableRule::Sharded {
            key: key?,
            algorithm,
            split,
            binding_group: self.bindings.group(root),
        })
    }

    /// The split of a table, which is like that of the table that it is bound to; `None`: it is
    /// wrong, and that has been noted.
    fn split(
        &self,
        (name, key): (&Spanned<String>, Option<&[String]>),
        file: &TableFile,
        theirs: Option<&TableFile>,
        problems: &mut Problems,
    ) -> Option<Option<SplitConfig>> {
        let bound_to = theirs.map(|theirs| theirs.split.as_ref());
        let bound_key = theirs.and_then(|theirs| theirs.key.as_ref());
        let Some(own) = &file.split else {
            if let Some(Some(_)) = bound_to {
                let table = name.get_ref();
                let message = format!("table '{table}' is bound to a table that is split");
                let help = "add split = { tables = \"…\" } with as many tables";
                problems.add(name.span(), message, help);
            }
            return Some(None);
        };
        let (shards, check) = (self.shards.len(), self.algorithms);
        let Some(theirs) = bound_to else {
            return Some(Some(split::split(own, None, shards, check, problems)?));
        };
        let Some(theirs) = theirs else {
            let message = "the table that it is bound to is not split";
            problems.add(
                own.span(),
                message,
                "remove the split here, or add one there",
            );
            return None;
        };
        let mut noted = Problems::default();
        let their_key = bound_key.and_then(|key| algorithms::key_columns(key, &mut noted));
        let bound = Bound {
            split: theirs.get_ref(),
            keys: (
                their_key.as_deref().unwrap_or_default(),
                key.unwrap_or_default(),
            ),
        };
        let mine = split::split(own, Some(bound), shards, check, problems)?;
        let other = split::split(theirs, None, shards, check, &mut noted)?;
        if !mine.like(&other) {
            let message = "the table that it is bound to is split otherwise";
            let help = "write only `tables`, and as many as there";
            problems.add(own.span(), message, help);
            return None;
        }
        Some(Some(mine))
    }
}

fn key_columns(
    name: &Spanned<String>,
    file: &TableFile,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let Some(key) = &file.key else {
        let message = format!("table '{}' has no key", name.get_ref());
        let help = "add key = \"column\", or kind = \"broadcast\" or \"single\"";
        problems.add(name.span(), message, help);
        return None;
    };
    algorithms::key_columns(key, problems)
}

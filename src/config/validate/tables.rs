//! `[schemas.NAME.tables.NAME]`: how a table's rows are placed, and which tables go together.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{AlgorithmFile, Named, TableFile};
use super::super::suggest;
use super::super::types::{AlgorithmSpec, TableConfig, TableRule};
use super::AlgorithmCheck;
use super::bindings::{Bindings, GroupNumbers};
use super::problems::Problems;
use super::scalar;
use super::schemas::Positions;

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
        problems.not_supported_yet(file.generate.as_ref(), "generate");
        if let Some(rule) = schema.rule(name, file, problems) {
            tables.push(TableConfig {
                name: name.get_ref().clone(),
                rule,
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
        problems.useless(file.bind.as_ref(), "bind", why);
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
        let key = key_column(name, file, problems);
        let own = file.algorithm.as_ref();
        let own = own.map(|algorithm| self.algorithm(algorithm, problems));
        let root = self.bindings.root(name, file, problems)?;
        let theirs = self.bound_algorithm(file, root);
        if file.bind.is_none() && own.is_none() {
            let message = format!("table '{}' has no algorithm", name.get_ref());
            problems.add(name.span(), message, "add algorithm = \"hash_mod\"");
        }
        if let (Some(place), Some(Some(own)), Some(theirs)) = (&file.algorithm, &own, &theirs)
            && own != theirs
        {
            let table = name.get_ref();
            let message = format!("table '{table}' is bound to '{root}' but has another algorithm");
            let help = "remove it: a bound table takes over the other's";
            problems.add(place.span(), message, help);
        }
        let algorithm = own.flatten().or(theirs)?;
        Some(TableRule::Sharded {
            key: key?,
            algorithm,
            binding_group: self.bindings.group(root),
        })
    }

    /// The algorithm of the table that a binding leads to, if this table has a binding. Its own
    /// mistakes are noted where it stands.
    fn bound_algorithm(&self, file: &TableFile, root: &str) -> Option<AlgorithmSpec> {
        file.bind.as_ref()?;
        let algorithm = self.files.get(root)?.algorithm.as_ref()?;
        spec(algorithm.get_ref())
    }

    fn algorithm(
        &self,
        file: &Spanned<AlgorithmFile>,
        problems: &mut Problems,
    ) -> Option<AlgorithmSpec> {
        let Some(spec) = spec(file.get_ref()) else {
            let help = "write { kind = \"hash_mod\", … }, or only \"hash_mod\"";
            problems.add(file.span(), "the algorithm has no kind", help);
            return None;
        };
        let names = self.algorithms.names();
        if !names.is_empty() && !names.contains(&spec.name.as_str()) {
            let help = suggest::instead(&spec.name, names.iter().copied());
            problems.add(
                file.span(),
                format!("there is no algorithm '{}'", spec.name),
                help,
            );
        } else if let Err(why) = self.algorithms.check(&spec, self.shards.len()) {
            problems.add(
                file.span(),
                format!("algorithm '{}': {why}", spec.name),
                None,
            );
        }
        Some(spec)
    }
}

fn key_column(name: &Spanned<String>, file: &TableFile, problems: &mut Problems) -> Option<String> {
    let Some(key) = &file.key else {
        let message = format!("table '{}' has no key", name.get_ref());
        let help = "add key = \"column\", or kind = \"broadcast\" or \"single\"";
        problems.add(name.span(), message, help);
        return None;
    };
    let column = key.get_ref();
    scalar::check_name(
        key.span(),
        "key column",
        column,
        defaults::NAME_CHARS,
        problems,
    );
    Some(column.clone())
}

fn spec(file: &AlgorithmFile) -> Option<AlgorithmSpec> {
    let name = file.kind.clone().filter(|name| !name.is_empty())?;
    Some(AlgorithmSpec {
        name,
        params: file.params.clone(),
    })
}

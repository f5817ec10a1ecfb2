//! `[schemas.NAME.tables.NAME]`: how a table's rows are placed, and which tables go together.

use std::collections::HashMap;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{AlgorithmFile, Named, TableFile};
use super::super::suggest;
use super::super::types::{AlgorithmSpec, TableConfig, TableRule};
use super::AlgorithmCheck;
use super::problems::Problems;
use super::scalar;
use super::schemas::Positions;

/// Numbers binding groups over all schemas.
#[derive(Default)]
pub(super) struct BindingGroups {
    next: u32,
}

impl BindingGroups {
    fn new_group(&mut self) -> u32 {
        let group = self.next;
        self.next = group.saturating_add(1);
        group
    }
}

pub(super) fn tables(
    files: &Named<TableFile>,
    shards: &Positions<'_>,
    algorithms: &dyn AlgorithmCheck,
    groups: &mut BindingGroups,
    problems: &mut Problems,
) -> Vec<TableConfig> {
    let mut in_order: Vec<_> = files.iter().collect();
    in_order.sort_by_key(|(name, _)| name.span().start);
    let mut schema = SchemaTables {
        files,
        shards,
        algorithms,
        groups: HashMap::new(),
        numbers: groups,
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
    /// The group of each table that others bind to, directly or not.
    groups: HashMap<&'a str, u32>,
    numbers: &'a mut BindingGroups,
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
        let table = name.get_ref();
        let key = file.key.as_ref();
        match key {
            Some(key) => {
                let most = defaults::NAME_CHARS;
                scalar::check_name(key.span(), "key column", key.get_ref(), most, problems);
            }
            None => {
                let message = format!("table '{table}' has no key");
                let help = "add key = \"column\", or kind = \"broadcast\" or \"single\"";
                problems.add(name.span(), message, help);
            }
        }
        let own = file.algorithm.as_ref();
        let own = own.map(|algorithm| self.algorithm(algorithm, problems));
        let root = self.root(name, file, problems)?;
        let theirs = self.bound_algorithm(file, root);
        if file.bind.is_none() && own.is_none() {
            let message = format!("table '{table}' has no algorithm");
            problems.add(name.span(), message, "add algorithm = \"hash_mod\"");
        }
        if let (Some(algorithm), Some(Some(own)), Some(theirs)) = (&file.algorithm, &own, &theirs)
            && own != theirs
        {
            let message = format!("table '{table}' is bound to '{root}' but has another algorithm");
            problems.add(
                algorithm.span(),
                message,
                "remove it: a bound table takes over the other's",
            );
        }
        let numbers = &mut *self.numbers;
        let binding_group = *self
            .groups
            .entry(root)
            .or_insert_with(|| numbers.new_group());
        let algorithm = own.flatten().or(theirs)?;
        Some(TableRule::Sharded {
            key: key?.get_ref().clone(),
            algorithm,
            binding_group,
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

    /// The table at the end of the chain of `bind`, which is the table itself without one.
    fn root(
        &self,
        name: &'a Spanned<String>,
        file: &'a TableFile,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let mut at: (&'a str, &'a TableFile) = (name.get_ref(), file);
        let mut steps = 0;
        while let Some(bind) = &at.1.bind {
            let target = bind.get_ref().as_str();
            let first = steps == 0;
            steps += 1;
            let Some(next) = self.files.get(target) else {
                if first {
                    let known = self.files.keys().map(|known| known.get_ref().as_str());
                    let near = suggest::closest(target, known);
                    let help = near.map(|near| format!("did you mean \"{near}\"?"));
                    let schema = self.shards.schema;
                    let message = format!("schema '{schema}' has no rule for a table '{target}'");
                    problems.add(bind.span(), message, help);
                }
                return None;
            };
            if first && !is_sharded(next) {
                let message = format!("table '{target}' is not sharded");
                problems.add(bind.span(), message, "bind to a sharded table");
                return None;
            }
            if steps > self.files.len() {
                let message = format!("the bindings of table '{}' go in a circle", name.get_ref());
                let span = file.bind.as_ref().map_or(name.span(), Spanned::span);
                problems.add(span, message, "one table of the group has no bind");
                return None;
            }
            at = (target, next);
        }
        Some(at.0)
    }
}

fn is_sharded(file: &TableFile) -> bool {
    file.kind
        .as_ref()
        .is_none_or(|kind| kind.get_ref() == "sharded")
}

fn spec(file: &AlgorithmFile) -> Option<AlgorithmSpec> {
    let name = file.kind.clone().filter(|name| !name.is_empty())?;
    Some(AlgorithmSpec {
        name,
        params: file.params.clone(),
    })
}

//! `route` and `hint` of a rule.

use toml::Spanned;

use super::super::file::Key;
use super::super::hints::{HintPlace, HintRule, HintServer};
use super::super::suggest;
use super::super::types::SchemaConfig;
use super::problems::Problems;

/// What the file has that a rule may name.
pub(super) struct Places<'a> {
    pub(super) replica_sets: &'a [&'a str],
    pub(super) schemas: &'a [SchemaConfig],
}

const KNOWN: &str =
    "known are shard=NAME, replica_set=NAME, scatter=off, scatter=on, primary, replica";

/// `route = "…"`: a shard, a replica set, or a kind of server.
pub(super) fn route(
    key: &Key<String>,
    places: &Places<'_>,
    problems: &mut Problems,
) -> Option<HintRule> {
    let key = key.as_ref()?;
    let server = match key.get_ref().trim() {
        "primary" => HintServer::Primary,
        "replica" => HintServer::ReplicaIfItCan,
        name => {
            let is_set = !name.contains('/') && places.replica_sets.contains(&name);
            if is_set && places.shards(name) == 0 {
                let place = HintPlace::ReplicaSet(name.to_owned());
                return Some(HintRule::new(Some(place), None, None));
            }
            if is_set {
                let message = format!("'{name}' is a replica set and a shard's database");
                let help = format!(
                    "write hint = \"replica_set={name}\", or the shard as replica_set/database"
                );
                problems.add(key.span(), message, help);
                return None;
            }
            let place = places.shard(key, name, problems)?;
            return Some(HintRule::new(Some(place), None, None));
        }
    };
    Some(HintRule::new(None, None, Some(server)))
}

/// `hint = "…"`: what a statement's own hint could say.
pub(super) fn hint(
    key: &Key<String>,
    places: &Places<'_>,
    problems: &mut Problems,
) -> Option<HintRule> {
    let key = key.as_ref()?;
    let mut said = Said::default();
    let items = key.get_ref().split([',', ' ', '\t', '\n']);
    let mut items = items.filter(|item| !item.is_empty()).peekable();
    if items.peek().is_none() {
        problems.add(key.span(), "`hint` is empty", KNOWN);
    }
    for item in items {
        said.add(key, item, places, problems);
    }
    Some(HintRule::new(said.place, said.one_node, said.server))
}

#[derive(Default)]
struct Said {
    place: Option<HintPlace>,
    one_node: Option<bool>,
    server: Option<HintServer>,
}

impl Said {
    fn add(
        &mut self,
        key: &Spanned<String>,
        item: &str,
        places: &Places<'_>,
        problems: &mut Problems,
    ) {
        let twice = match item.split_once('=') {
            Some(("shard", name)) => {
                let place = places.shard(key, name, problems);
                self.place.replace_with(place)
            }
            Some(("replica_set", name)) => {
                let place = places.replica_set(key, name, problems);
                self.place.replace_with(place)
            }
            Some(("scatter", "off")) => self.one_node.replace_with(Some(true)),
            Some(("scatter", "on")) => self.one_node.replace_with(Some(false)),
            None if item == "primary" => self.server.replace_with(Some(HintServer::Primary)),
            None if item == "replica" => self.server.replace_with(Some(HintServer::Replica)),
            _ => {
                problems.add(key.span(), format!("`hint` cannot be '{item}'"), KNOWN);
                false
            }
        };
        if twice {
            let message = format!("`hint` says '{item}' although it has said otherwise");
            problems.add(key.span(), message, "keep one of them");
        }
    }
}

trait Slot<T> {
    /// Puts a value in; whether there was one.
    fn replace_with(&mut self, value: Option<T>) -> bool;
}

impl<T> Slot<T> for Option<T> {
    fn replace_with(&mut self, value: Option<T>) -> bool {
        let Some(value) = value else { return false };
        self.replace(value).is_some()
    }
}

impl Places<'_> {
    /// All shards, as `replica_set/database` and as the database alone.
    fn names(&self) -> Vec<(String, &str)> {
        let shards = self.schemas.iter().flat_map(|schema| &schema.shards);
        let named = shards.map(|shard| {
            let set = self.replica_sets.get(shard.replica_set);
            let name = format!("{}/{}", set.unwrap_or(&"?"), shard.database);
            (name, shard.database.as_str())
        });
        named.collect()
    }

    /// How many shards have this name.
    fn shards(&self, name: &str) -> usize {
        let all = self.names();
        let fits = all
            .iter()
            .filter(|(whole, database)| whole == name || *database == name);
        fits.count()
    }

    fn shard(
        &self,
        key: &Spanned<String>,
        name: &str,
        problems: &mut Problems,
    ) -> Option<HintPlace> {
        match self.shards(name) {
            1 => Some(HintPlace::Shard(name.to_owned())),
            0 => {
                let all = self.names();
                let known = all.iter().map(|(whole, _)| whole.as_str());
                let known = known.chain(self.replica_sets.iter().copied());
                let message = format!("there is no shard '{name}'");
                problems.add(key.span(), message, suggest::instead(name, known));
                None
            }
            _ => {
                let message = format!("several shards have the database '{name}'");
                problems.add(key.span(), message, "write replica_set/database");
                None
            }
        }
    }

    fn replica_set(
        &self,
        key: &Spanned<String>,
        name: &str,
        problems: &mut Problems,
    ) -> Option<HintPlace> {
        if self.replica_sets.contains(&name) {
            return Some(HintPlace::ReplicaSet(name.to_owned()));
        }
        let message = format!("there is no replica set '{name}'");
        let help = suggest::instead(name, self.replica_sets.iter().copied());
        problems.add(key.span(), message, help);
        None
    }
}

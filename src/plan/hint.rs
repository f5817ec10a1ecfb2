//! `/*+ SHARDWELL(…) */`: where the client wants the statement to go.
//!
//! ```sql
//! SELECT /*+ SHARDWELL(shard=a/shop_0) */ COUNT(*) FROM orders;
//! SELECT /*+ SHARDWELL(scatter=off, primary) */ * FROM orders WHERE id = 7;
//! ```
//!
//! A hint limits where a statement may go; it never lets one go where its rows do not belong. What
//! is not understood is an error: a hint that is silently ignored would be worse than none. A rule of
//! the configuration may say the same things; they take the place of the statement's own.

use super::only::{self, Only};
use super::resolve::Resolver;
use super::unparsed;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Action, Edit, Replacement};
use crate::config::{HintPlace, HintRule, HintServer};
use crate::parse::{RawHint, TokenKind, Tokens, hints, without_hints};
use crate::topology::SchemaId;

/// What a statement's hints ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `shard=NAME`, `replica_set=NAME`: only the data nodes of these shards.
    pub only: Option<Only>,
    /// `scatter=off`: an error where more than one data node is needed.
    pub one_node: bool,
    /// `primary` or `replica`.
    pub role: Option<Role>,
    /// The role is for statements only that it can answer.
    lenient: bool,
    /// A replica can answer the statement.
    replicable: bool,
}

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server that takes writes.
    Primary,
    /// A copy of it.
    Replica,
}

/// Reads all SHARDWELL hints of a statement, and puts in their place what a rule says.
///
/// # Errors
/// A hint is unknown, says something twice, or names no shard.
pub fn read(
    tokens: Tokens<'_>,
    rule: Option<&HintRule>,
    resolver: Resolver<'_>,
) -> Result<Hints, PlanError> {
    let mut found = Hints::default();
    for hint in hints(&tokens) {
        for item in hint.text.split([',', ' ', '\t', '\n']) {
            if !item.is_empty() {
                found.add(item, resolver)?;
            }
        }
    }
    if let Some(rule) = rule {
        found.obey(rule, resolver)?;
    }
    Ok(found)
}

impl Hints {
    /// Takes over what a rule says.
    fn obey(&mut self, rule: &HintRule, resolver: Resolver<'_>) -> Result<(), PlanError> {
        match rule.place() {
            None => {}
            Some(HintPlace::Shard(name)) => self.only = Some(only::shard(name, resolver)?),
            Some(HintPlace::ReplicaSet(name)) => {
                self.only = Some(only::replica_set(name, resolver)?);
            }
        }
        self.one_node = rule.one_node().unwrap_or(self.one_node);
        if let Some(server) = rule.server() {
            self.role = Some(match server {
                HintServer::Primary => Role::Primary,
                HintServer::Replica | HintServer::ReplicaIfItCan => Role::Replica,
            });
            self.lenient = server == HintServer::ReplicaIfItCan;
        }
        Ok(())
    }

    fn add(&mut self, item: &str, resolver: Resolver<'_>) -> Result<(), PlanError> {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (item, None),
        };
        let twice = || PlanError::Hint(format!("'{item}': said before"));
        match (name.to_ascii_lowercase().as_str(), value) {
            ("shard", Some(name)) => {
                let only = only::shard(name, resolver)?;
                self.only.replace(only).map_or(Ok(()), |_| Err(twice()))
            }
            ("replica_set", Some(name)) => {
                let only = only::replica_set(name, resolver)?;
                self.only.replace(only).map_or(Ok(()), |_| Err(twice()))
            }
            ("scatter", Some("off")) => {
                self.one_node = true;
                Ok(())
            }
            ("scatter", Some("on")) => Ok(()),
            ("primary", None) => self.set_role(Role::Primary).ok_or_else(twice),
            ("replica", None) => self.set_role(Role::Replica).ok_or_else(twice),
            _ => Err(PlanError::Hint(format!(
                "'{item}': known are shard=NAME, replica_set=NAME, scatter=off, primary, replica"
            ))),
        }
    }

    /// Notes whether a replica can answer the statement, and so whether the hint `replica` makes
    /// sense.
    ///
    /// # Errors
    /// It does not.
    pub fn note_place(&mut self, replicable: bool) -> Result<(), PlanError> {
        self.replicable = replicable;
        if self.role == Some(Role::Replica) && !replicable {
            if self.lenient {
                self.role = None;
                return Ok(());
            }
            let what = "the hint 'replica' on a statement that writes or locks, or whose answer \
                        depends on its session or its server";
            return Err(Unsupported::Statement(what.to_owned()).into());
        }
        Ok(())
    }

    /// Whether a server other than the primary may answer.
    pub fn may_leave_the_primary(&self) -> bool {
        self.replicable && self.role != Some(Role::Primary)
    }

    /// Whether they leave it open how many data nodes the statement needs.
    pub fn is_free(&self) -> bool {
        self.only.is_none() && !self.one_node
    }

    fn set_role(&mut self, role: Role) -> Option<()> {
        let before = self.role.replace(role);
        before.is_none_or(|before| before == role).then_some(())
    }

    /// What the statement does, within what its hints allow.
    ///
    /// # Errors
    /// Its tables are not on the shard that the hint names, or it needs more than that.
    pub fn apply(
        &self,
        decided: Result<(Action, Vec<Edit>), PlanError>,
        tokens: Tokens<'_>,
        fallback: impl FnOnce() -> Result<Vec<Edit>, PlanError>,
        resolver: Resolver<'_>,
    ) -> Result<(Action, Vec<Edit>), PlanError> {
        let Some(only) = &self.only else {
            return decided;
        };
        let topology = resolver.topology;
        match decided {
            Ok((Action::Single(found), _)) if !only.allows(found) => Err(elsewhere()),
            Ok((Action::Copies(copies), edits)) => match only.allows_all(&copies) {
                true => Ok((Action::Copies(copies), edits)),
                false => Err(unsupported("writing to one copy of a broadcast table")),
            },
            Ok((Action::Any(any), edits)) => match only.any_of(any, resolver) {
                Some(shard) => Ok((Action::Single(shard), edits)),
                None => Err(elsewhere()),
            },
            Ok((Action::Lock(_), _)) => Err(unsupported("locks on the shard of a hint")),
            Ok((Action::Everywhere(all), edits)) => {
                let Some(shard) = only.shard() else {
                    return Err(unsupported(
                        "a statement for all shards on a replica set of a hint",
                    ));
                };
                match all.limited(shard, topology) {
                    Some(limited) => Ok((Action::Everywhere(Box::new(limited)), edits)),
                    None => Err(elsewhere()),
                }
            }
            Ok((Action::Sharded { schema, .. }, _)) if !only.has_any_of(schema, topology) => {
                Err(elsewhere())
            }
            Ok(decided) => Ok(decided),
            Err(error) => only_there(only, error, tokens, (fallback, resolver)),
        }
    }
}

/// The client takes one shard's answer for what the proxy cannot put together.
///
/// # Errors
/// It cannot be the answer of one shard.
fn only_there(
    only: &Only,
    error: PlanError,
    tokens: Tokens<'_>,
    (fallback, resolver): (impl FnOnce() -> Result<Vec<Edit>, PlanError>, Resolver<'_>),
) -> Result<(Action, Vec<Edit>), PlanError> {
    let PlanError::Unsupported(
        error @ (Unsupported::Unparsed { .. }
        | Unsupported::Definition { .. }
        | Unsupported::DifferentSharding(..)
        | Unsupported::OneShardOf(_)),
    ) = error
    else {
        return Err(error);
    };
    let Some(shard) = only.shard() else {
        return Err(error.into());
    };
    let unread = matches!(error, Unsupported::Unparsed { .. });
    if stores_rows(tokens) || (unread && tokens.begins(&["DELETE"])) {
        return Err(match error {
            Unsupported::OneShardOf(what) => Unsupported::Statement(what),
            other => other,
        }
        .into());
    }
    let schema = resolver.topology.shard(shard).map(|shard| shard.schema);
    if schemas(tokens, resolver)?.any(|of| Some(of) != schema) {
        return Err(elsewhere());
    }
    Ok((Action::Single(shard), fallback()?))
}

fn unsupported(what: &str) -> PlanError {
    Unsupported::Statement(what.to_owned()).into()
}

/// Whether the statement may store a row, or change what a row's place is decided by: then a shard
/// that the client names is not enough, for the row may belong elsewhere.
fn stores_rows(tokens: Tokens<'_>) -> bool {
    const STORING: [&str; 5] = ["INSERT", "REPLACE", "UPDATE", "LOAD", "IMPORT"];
    const OTHER: [&str; 11] = [
        "SELECT", "TABLE", "VALUES", "DELETE", "CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE",
        "CHECK", "HANDLER",
    ];
    let begins = |words: &[&str]| words.iter().any(|word| tokens.begins(&[word]));
    if tokens.begins(&["CREATE", "TABLE"]) || tokens.begins(&["CREATE", "OR"]) {
        return ["SELECT", "VALUES"]
            .iter()
            .any(|word| (2..tokens.len()).any(|at| tokens.is_word(at, word)));
    }
    // A version comment may hide the verb; of what else there is, it may stand anywhere.
    let certain = (0..tokens.len())
        .find(|at| tokens.kind(*at) != Some(TokenKind::Hint))
        .is_some_and(|at| tokens.kind(at) != Some(TokenKind::VersionOpen));
    let stores = || STORING.iter().any(|word| has_words(tokens, &[word]));
    begins(&STORING) || (!(certain && begins(&OTHER)) && stores())
}

/// The schemas in which the statement's names are looked up: those that it names, and the session's.
fn schemas<'t>(
    tokens: Tokens<'_>,
    resolver: Resolver<'t>,
) -> Result<impl Iterator<Item = SchemaId> + use<'t>, PlanError> {
    let named = unparsed::qualifiers(tokens, resolver)?;
    let named = named.into_iter().filter_map(|at| tokens.name(at));
    let named = named.filter_map(|name| resolver.topology.schema(&name));
    let named: Vec<SchemaId> = named.map(|(id, _)| id).collect();
    let current = resolver.current_schema();
    Ok(current.into_iter().chain(named))
}

fn elsewhere() -> PlanError {
    PlanError::Hint("'shard': the statement's tables are on other shards".to_owned())
}

/// Takes the proxy's hints out of the text: a server would warn about them.
pub fn edits(tokens: Tokens<'_>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for RawHint { token, .. } in hints(&tokens) {
        let edit = Edit {
            token: token as u32,
            tokens: 1,
            with: Replacement::Text(without_hints(tokens.text(token))),
        };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits
}

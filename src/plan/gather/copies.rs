//! Common table expressions that are used more than once.
//!
//! A server opens the tables of such an expression once for each use, and a temporary table can be
//! open but once in a statement. So each further use gets a copy of the definition, under a name of
//! its own and on tables of its own, which are filled from the first ones.

use std::collections::HashMap;
use std::ops::Range;

use super::{Gathered, refused};
use crate::parse::ast::{Ast, TableSource};
use crate::parse::{Tokens, effects};
use crate::plan::unsupported::PlanError;
use crate::plan::{CteCopy, Edit, Replacement};

/// What copies are called, with a number behind it.
const NAME: &str = "__shardwell_cte_";

/// A server joins at most 61 tables: a statement with more of them than this is no use.
const MAX_TABLES: usize = 200;

/// The edits that stand for uses until it is known which definition each gets; none where no
/// expression is used more than once.
pub(super) fn uses(ast: &Ast) -> Vec<Edit> {
    let mut count: HashMap<usize, usize> = HashMap::new();
    let mut found = Vec::new();
    for (_, table) in ast.tables() {
        let TableSource::Cte {
            name,
            name_token,
            definition,
            ..
        } = &table.source
        else {
            continue;
        };
        let own = ast.ctes.get(*definition);
        if !own.is_some_and(|own| own.tokens.contains(name_token)) {
            *count.entry(*definition).or_default() += 1;
        }
        found.push(Edit {
            token: *name_token as u32,
            tokens: 1,
            with: Replacement::CteName {
                name: name.clone(),
                alias: table.alias.is_none(),
            },
        });
    }
    if count.values().any(|uses| *uses > 1) {
        found
    } else {
        Vec::new()
    }
}

/// The edits with a definition for each use, and the tables of the copies behind the others.
///
/// # Errors
/// A copy might give other rows than the original.
pub(super) fn expand(
    ast: &Ast,
    tokens: Tokens<'_>,
    edits: Vec<Edit>,
    tables: &mut Vec<Gathered>,
) -> Result<Vec<Edit>, PlanError> {
    let is_use = |edit: &Edit| matches!(edit.with, Replacement::CteName { .. });
    if !edits.iter().any(is_use) {
        return Ok(edits);
    }
    let effects = effects(&tokens);
    if effects.nondeterministic || effects.uses_user_variable {
        let what =
            "WITH an expression that is used twice, and functions that are different each time";
        return Err(refused(what));
    }
    let mut expand = Expand {
        ast,
        edits: &edits,
        tables,
        scopes: Vec::new(),
        names: 0,
    };
    expand.range(0..tokens.len(), None, false)
}

struct Expand<'a> {
    ast: &'a Ast,
    /// Those of the statement, ascending.
    edits: &'a [Edit],
    tables: &'a mut Vec<Gathered>,
    scopes: Vec<Scope>,
    names: usize,
}

/// A part of the text that is written, once for each time that it is.
struct Scope {
    range: Range<usize>,
    /// It is a definition's text; the name that it is written under, where that is another one.
    own: Option<(usize, Option<String>)>,
    /// The definitions in it that have a use, with the names of their copies.
    copies: HashMap<usize, Vec<String>>,
}

impl Expand<'_> {
    fn range(
        &mut self,
        range: Range<usize>,
        own: Option<(usize, Option<String>)>,
        fresh: bool,
    ) -> Result<Vec<Edit>, PlanError> {
        let inside = self.definitions_in(&range, own.as_ref().map(|(own, _)| *own));
        self.scopes.push(Scope {
            range: range.clone(),
            own,
            copies: HashMap::new(),
        });
        let is_here = |edit: &&Edit| {
            let at = edit.token as usize;
            range.contains(&at) && !inside.iter().any(|(_, tokens)| tokens.contains(&at))
        };
        let here: Vec<&Edit> = self.edits.iter().filter(is_here).collect();
        let mut edits = Vec::new();
        for edit in here {
            edits.extend(self.edit(edit, fresh)?);
        }
        // A definition can be used by those behind it only: theirs are known when its turn comes.
        for (definition, tokens) in inside.into_iter().rev() {
            edits.extend(self.range(tokens.clone(), Some((definition, None)), fresh)?);
            let names = self
                .scopes
                .last()
                .and_then(|scope| scope.copies.get(&definition));
            let names = names.cloned().unwrap_or_default();
            let mut copies = Vec::new();
            for name in names {
                let own = Some((definition, Some(name.clone())));
                copies.push(CteCopy {
                    name,
                    tokens: tokens.start as u32 + 1..tokens.end as u32,
                    edits: self.range(tokens.clone(), own, true)?,
                });
            }
            if !copies.is_empty() {
                edits.push(Edit {
                    token: tokens.start as u32,
                    tokens: 0,
                    with: Replacement::CteCopies(copies),
                });
            }
        }
        self.scopes.pop();
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        Ok(edits)
    }

    /// The definitions in a range that are not inside another one in it, ascending.
    fn definitions_in(
        &self,
        range: &Range<usize>,
        own: Option<usize>,
    ) -> Vec<(usize, Range<usize>)> {
        let within = |inner: &Range<usize>, outer: &Range<usize>| {
            outer.start <= inner.start && inner.end <= outer.end
        };
        let all = self.ast.ctes.iter().map(|cte| &cte.tokens).enumerate();
        let here = all.filter(|(at, tokens)| within(tokens, range) && Some(*at) != own);
        let mut here: Vec<(usize, Range<usize>)> =
            here.map(|(at, tokens)| (at, tokens.clone())).collect();
        let outer = here.clone();
        here.retain(|(at, tokens)| {
            !outer
                .iter()
                .any(|(other, around)| other != at && within(tokens, around))
        });
        here.sort_by_key(|(_, tokens)| tokens.start);
        here
    }

    fn edit(&mut self, edit: &Edit, fresh: bool) -> Result<Option<Edit>, PlanError> {
        let with = match &edit.with {
            Replacement::Gathered { reference, alias } if fresh => {
                let original = *reference as usize;
                let Some(table) = self.tables.get(original) else {
                    return Ok(None);
                };
                let copy = Gathered {
                    copy_of: Some(original),
                    ..table.clone()
                };
                if self.tables.len() >= MAX_TABLES {
                    return Err(refused("so many tables"));
                }
                self.tables.push(copy);
                Replacement::Gathered {
                    reference: (self.tables.len() - 1) as u32,
                    alias: *alias,
                }
            }
            // The copy has the rows of the original, wherever that is.
            Replacement::IndexHint { .. } if fresh => Replacement::Text(String::new()),
            Replacement::CteName { alias, .. } => {
                let Some(name) = self.name_for(edit.token as usize) else {
                    return Ok(None);
                };
                Replacement::CteName {
                    name,
                    alias: *alias,
                }
            }
            other => other.clone(),
        };
        Ok(Some(Edit {
            with,
            ..edit.clone()
        }))
    }

    /// The name of the definition that a use gets; `None`: the one that stands there.
    fn name_for(&mut self, token: usize) -> Option<String> {
        let is_it = |source: &TableSource| match source {
            TableSource::Cte {
                name_token,
                definition,
                ..
            } if *name_token == token => Some(*definition),
            _ => None,
        };
        let definition = self
            .ast
            .tables()
            .find_map(|(_, table)| is_it(&table.source))?;
        let tokens = self.ast.ctes.get(definition)?.tokens.clone();
        for scope in self.scopes.iter_mut().rev() {
            match &scope.own {
                Some((own, name)) if *own == definition => return name.clone(),
                _ => {}
            }
            if scope.range.start <= tokens.start && tokens.end <= scope.range.end {
                match scope.copies.entry(definition) {
                    std::collections::hash_map::Entry::Vacant(first) => {
                        first.insert(Vec::new());
                        return None;
                    }
                    std::collections::hash_map::Entry::Occupied(mut copies) => {
                        self.names += 1;
                        let name = format!("{NAME}{}", self.names);
                        copies.get_mut().push(name.clone());
                        return Some(name);
                    }
                }
            }
        }
        None
    }
}

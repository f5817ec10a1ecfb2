//! Triggers, views and routines: what they leave in the session of the statement that runs them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::SchemaId;
use crate::config::system_schema;
use crate::parse::{CodeFacts, LeftState};

/// Code that was found in a schema; the shards that agree are one entry.
pub type DiscoveredCode = BTreeSet<CodeObject>;

/// A trigger, view or routine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeObject {
    /// When it runs.
    pub kind: CodeKind,
    /// Its name in lower case; of a trigger, its table's.
    pub name: String,
    /// What is known of it.
    pub facts: CodeFacts,
}

/// When code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeKind {
    /// With a write to the table.
    Trigger,
    /// With whatever names the view.
    View,
    /// Where it is called.
    Routine,
}

/// What statements leave in their session by what they touch. Code calls other code by names, whose schema
/// does not count: too much is said rather than too little.
#[derive(Debug, Default)]
pub struct StoredCode {
    by_schema: HashMap<SchemaId, Touched>,
    routines: HashMap<String, Left>,
    variables: HashSet<String>,
}

/// The tables and views of a schema whose use leaves something.
#[derive(Debug, Default)]
struct Touched {
    read: HashMap<String, Left>,
    written: HashMap<String, Left>,
}

/// What code does to its session, with all that it calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// What it leaves there.
    pub state: LeftState,
    /// It reads the session's LAST_INSERT_ID().
    pub reads_last_insert_id: bool,
}

impl Left {
    /// What both do.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            state: self.state.max(other.state),
            reads_last_insert_id: self.reads_last_insert_id || other.reads_last_insert_id,
        }
    }

    fn is_something(self) -> bool {
        self != Self::default()
    }
}

impl StoredCode {
    /// Follows what was found, by schema: code leaves what the code leaves that it names. `databases`:
    /// those whose code was read, in lower case.
    pub fn new<'f>(
        found: impl Iterator<Item = (SchemaId, &'f DiscoveredCode)> + Clone,
        databases: HashSet<String>,
    ) -> Self {
        let mut known = Known {
            databases,
            ..Known::default()
        };
        let all = || found.clone().flat_map(|(_, code)| code);
        while all().filter(|object| known.learn(object)).count() > 0 {}
        let mut code = Self {
            variables: all().flat_map(|o| o.facts.variables.clone()).collect(),
            ..Self::default()
        };
        for (schema, objects) in found {
            let touched = code.by_schema.entry(schema).or_default();
            for object in objects {
                let left = known.of(object);
                let name = || object.name.clone();
                match object.kind {
                    CodeKind::View => {
                        grow(&mut touched.read, name(), left);
                        let written = known.tables.get(&object.name).copied().unwrap_or_default();
                        grow(&mut touched.written, name(), left.and(written));
                    }
                    CodeKind::Trigger => drop(grow(&mut touched.written, name(), left)),
                    CodeKind::Routine => {}
                }
            }
        }
        code.routines = known.routines;
        code
    }

    /// The table that clients call `logical` consists of others that servers call so.
    pub fn stands_for(&mut self, schema: SchemaId, logical: &str, parts: &[String]) {
        let Some(touched) = self.by_schema.get_mut(&schema) else {
            return;
        };
        let parts = parts
            .iter()
            .filter_map(|part| touched.written.get(&part.to_lowercase()));
        let left = parts.fold(Left::default(), |left, part| left.and(*part));
        grow(&mut touched.written, logical.to_lowercase(), left);
    }

    /// Whether nothing that is known leaves anything.
    pub fn is_empty(&self) -> bool {
        let mut touched = self.by_schema.values();
        self.routines.is_empty()
            && touched.all(|touched| touched.read.is_empty() && touched.written.is_empty())
    }

    /// What a statement leaves that names a table or view; `writes`: it may write it.
    pub fn of_table(&self, schema: SchemaId, name: &str, writes: bool) -> Left {
        let touched = self.by_schema.get(&schema);
        let touched = touched.map(|touched| {
            if writes {
                &touched.written
            } else {
                &touched.read
            }
        });
        let left = touched.and_then(|touched| touched.get(&name.to_lowercase()));
        left.copied().unwrap_or_default()
    }

    /// What a routine leaves, whatever its schema.
    pub fn of_routine(&self, name: &str) -> Left {
        let left = self.routines.get(&name.to_lowercase());
        left.copied().unwrap_or_default()
    }

    /// Whether stored code uses a user variable of this name, in lower case.
    pub fn names_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }
}

/// What is known of names while code is followed.
#[derive(Default)]
struct Known {
    /// Where code was read.
    databases: HashSet<String>,
    /// What runs where a name is called or read: routines and views.
    routines: HashMap<String, Left>,
    views: HashMap<String, Left>,
    /// What runs where it is written.
    tables: HashMap<String, Left>,
}

impl Known {
    /// What an object leaves, with what its names stand for.
    fn of(&self, object: &CodeObject) -> Left {
        let facts = &object.facts;
        // The servers' own code leaves nothing.
        let far = |name: &String| !self.databases.contains(name) && system_schema(name).is_none();
        let own = match facts.databases.iter().any(far) {
            true => Left {
                state: LeftState::Anything,
                reads_last_insert_id: true,
            },
            false => Left {
                state: facts.leaves,
                reads_last_insert_id: facts.reads_last_insert_id,
            },
        };
        let writes = object.kind != CodeKind::View;
        facts.names.iter().fold(own, |left, name| {
            let maps = [
                Some(&self.routines),
                Some(&self.views),
                writes.then_some(&self.tables),
            ];
            let known = maps.into_iter().flatten().filter_map(|map| map.get(name));
            known.fold(left, |left, other| left.and(*other))
        })
    }

    /// Says whether anything is new.
    fn learn(&mut self, object: &CodeObject) -> bool {
        let left = self.of(object);
        let name = || object.name.clone();
        match object.kind {
            CodeKind::Routine => grow(&mut self.routines, name(), left),
            CodeKind::Trigger => grow(&mut self.tables, name(), left),
            CodeKind::View => {
                let names = object.facts.names.iter();
                let under = names.filter_map(|name| self.tables.get(name));
                let written = under.fold(left, |left, under| left.and(*under));
                let new = grow(&mut self.views, name(), left);
                grow(&mut self.tables, name(), written) || new
            }
        }
    }
}

/// Adds what a name leaves; says whether it is more than was known.
fn grow(map: &mut HashMap<String, Left>, name: String, left: Left) -> bool {
    if !left.is_something() {
        return false;
    }
    let known = map.entry(name).or_default();
    let more = known.and(left);
    std::mem::replace(known, more) != more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(kind: CodeKind, name: &str, body: &str) -> CodeObject {
        CodeObject {
            kind,
            name: name.to_owned(),
            facts: CodeFacts::of(body, ""),
        }
    }

    #[test]
    fn code_leaves_what_the_code_that_it_calls_leaves() {
        use CodeKind::{Routine, Trigger, View};
        use LeftState::{Anything, Nothing, Variables};
        let objects = DiscoveredCode::from([
            object(Trigger, "a", "INSERT INTO b VALUES (NEW.id)"),
            object(Trigger, "b", "SET NEW.v = locks()"),
            object(Trigger, "c", "SET @n = 1"),
            object(Trigger, "e", "SET NEW.v = @n"),
            object(Trigger, "d", "SET NEW.v = 1"),
            object(Trigger, "far", "INSERT INTO elsewhere.log VALUES (1)"),
            object(
                Trigger,
                "near",
                "INSERT INTO shop_0.log VALUES (sys.ps_thread_id(1))",
            ),
            object(Routine, "locks", "RETURN GET_LOCK('x', 0)"),
            object(Routine, "last", "RETURN LAST_INSERT_ID()"),
            object(View, "over_a", "select `x`.`a`.`id` AS `id` from `x`.`a`"),
            object(View, "locking", "select `x`.`locks`() AS `l`"),
            object(View, "over", "select * from `x`.`locking`"),
        ]);
        let shop = SchemaId(0);
        let mut code =
            StoredCode::new([(shop, &objects)].into_iter(), ["shop_0".to_owned()].into());
        code.stands_for(shop, "C_whole", &["c".to_owned(), "d".to_owned()]);
        let cases = [
            ("a", Nothing, Anything),
            ("b", Nothing, Anything),
            ("C", Nothing, Variables),
            ("c_whole", Nothing, Variables),
            ("d", Nothing, Nothing),
            ("e", Nothing, Anything),
            ("far", Nothing, Anything),
            ("near", Nothing, Nothing),
            ("over_a", Nothing, Anything),
            ("locking", Anything, Anything),
            ("over", Anything, Anything),
        ];
        for (name, read, written) in cases {
            let state = |writes| code.of_table(shop, name, writes).state;
            assert_eq!((state(false), state(true)), (read, written), "{name}");
        }
        assert!(code.of_routine("LAST").reads_last_insert_id);
        assert!(code.names_variable("n") && !code.names_variable("m"));
        let other = code.of_table(SchemaId(1), "a", true);
        assert_eq!(other, Left::default());
    }
}

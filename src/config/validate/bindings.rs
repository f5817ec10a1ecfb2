//! `bind`: which tables are sharded alike.

use std::collections::HashMap;

use toml::Spanned;

use super::super::file::{Named, TableFile};
use super::super::suggest;
use super::problems::Problems;

/// Numbers binding groups over all schemas.
#[derive(Default)]
pub(super) struct GroupNumbers {
    next: u32,
}

impl GroupNumbers {
    fn take(&mut self) -> u32 {
        let group = self.next;
        self.next = group.saturating_add(1);
        group
    }
}

/// Where a chain of `bind` leads.
enum End<'a> {
    /// To a table without one, which is the table itself if it has none.
    Root(&'a str),
    /// To a table that has no rule.
    Nowhere,
    Circle,
}

/// The binding groups of one schema.
pub(super) struct Bindings<'a> {
    schema: &'a str,
    files: &'a Named<TableFile>,
    /// By the table that the chains end at.
    groups: HashMap<&'a str, u32>,
    numbers: &'a mut GroupNumbers,
}

impl<'a> Bindings<'a> {
    pub(super) fn new(
        schema: &'a str,
        files: &'a Named<TableFile>,
        numbers: &'a mut GroupNumbers,
    ) -> Self {
        Self {
            schema,
            files,
            groups: HashMap::new(),
            numbers,
        }
    }

    /// The table whose algorithm counts. `None`: the chain is broken, which has been noted here or
    /// at the link that breaks it.
    pub(super) fn root(
        &self,
        table: &'a Spanned<String>,
        file: &TableFile,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let end = self.end(table.get_ref());
        if let Some(bind) = &file.bind {
            self.check_link(table.get_ref(), bind, &end, problems);
        }
        match end {
            End::Root(root) => Some(root),
            End::Nowhere | End::Circle => None,
        }
    }

    /// The number of the group that ends at this table.
    pub(super) fn group(&mut self, root: &'a str) -> u32 {
        *self
            .groups
            .entry(root)
            .or_insert_with(|| self.numbers.take())
    }

    fn end(&self, table: &'a str) -> End<'a> {
        let mut at = table;
        for _ in 0..=self.files.len() {
            match self.files.get(at).map(|file| &file.bind) {
                None => return End::Nowhere,
                Some(None) => return End::Root(at),
                Some(Some(bind)) => at = bind.get_ref(),
            }
        }
        End::Circle
    }

    fn check_link(
        &self,
        table: &str,
        bind: &Spanned<String>,
        end: &End<'_>,
        problems: &mut Problems,
    ) {
        let (target, schema) = (bind.get_ref(), self.schema);
        let Some(file) = self.files.get(target.as_str()) else {
            let known = self.files.keys().map(|known| known.get_ref().as_str());
            let near = suggest::closest(target, known);
            let help = near.map(|near| format!("did you mean \"{near}\"?"));
            let message = format!("schema '{schema}' has no rule for a table '{target}'");
            return problems.add(bind.span(), message, help);
        };
        if file
            .kind
            .as_ref()
            .is_some_and(|kind| kind.get_ref() != "sharded")
        {
            let message = format!("table '{target}' is not sharded");
            problems.add(bind.span(), message, "bind to a sharded table");
        } else if matches!(end, End::Circle) {
            let message = format!("the bindings of table '{table}' go in a circle");
            problems.add(bind.span(), message, "one table of the group has no bind");
        }
    }
}

//! The data nodes of a load, and the statement as each of them gets it.

use super::super::super::failure::Failure;
use super::super::super::shard_query::Target;
use super::super::super::shared::Snapshot;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::super::target::node_target;
use super::Loading;
use crate::plan::{Edit, Load, LoadIds, LoadTarget, Plan, Replacement};
use crate::rewrite;
use crate::route::DataNode;

/// A data node and its text.
#[derive(Clone, Debug)]
pub(super) struct NodeText<'l> {
    pub node: DataNode,
    pub target: Target<'l>,
    pub sql: Vec<u8>,
}

impl Session {
    /// The nodes with the client's own text.
    pub(super) fn node_texts<'l>(
        &self,
        load: &Load,
        (snapshot, plan): (&'l Snapshot, &'l Plan),
        statement: &Statement<'_>,
    ) -> Result<Vec<NodeText<'l>>, Failure> {
        let nodes: Vec<DataNode> = match &load.to {
            LoadTarget::Rows(_) => snapshot.router.nodes(load.table).to_vec(),
            LoadTarget::Copies(shards) => shards.iter().map(|shard| (*shard).into()).collect(),
        };
        let text = |node: DataNode| {
            let target = node_target(&snapshot.topology, node, plan)?;
            let sql = self.node_text((snapshot, plan), statement, &plan.edits, (target, node))?;
            Ok(NodeText { node, target, sql })
        };
        nodes.into_iter().map(text).collect()
    }

    /// The nodes get what they are to execute with rows: the character set is said, no line is ignored any
    /// more, and ids have their column.
    pub(super) fn set_texts(&self, loading: &mut Loading<'_>) -> Result<(), Failure> {
        let mut edits = loading.plan.edits.clone();
        edits.extend(loading.edits());
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        let plans = (loading.snapshot, loading.plan);
        for node in &mut loading.nodes {
            let place = (node.target, node.node);
            node.sql = self.node_text(plans, loading.statement, &edits, place)?;
        }
        Ok(())
    }

    fn node_text(
        &self,
        plans: (&Snapshot, &Plan),
        statement: &Statement<'_>,
        edits: &[Edit],
        (target, node): (Target<'_>, DataNode),
    ) -> Result<Vec<u8>, Failure> {
        let values = self.values(plans, (target, node.part));
        let (sql, start, digest) = (statement.sql, statement.start, statement.digest);
        let mut room = Vec::new();
        let text = rewrite::splice(sql, start, digest, edits, &values, &mut room);
        text.map(<[u8]>::to_vec)
            .map_err(|error| Failure::from(&error))
    }
}

impl Loading<'_> {
    fn edits(&self) -> Vec<Edit> {
        let clauses = &self.load.clauses;
        let edit = |token: usize, tokens: usize, text: String| Edit {
            token: token as u32,
            tokens: tokens as u32,
            with: Replacement::Text(text),
        };
        let mut edits = Vec::new();
        if clauses.charset.is_none() {
            let charset = format!(" CHARACTER SET {}", self.charset);
            edits.push(edit(clauses.charset_place, 0, charset));
        }
        if let Some(ignored) = &clauses.ignored {
            edits.push(edit(ignored.start, ignored.len(), String::new()));
        }
        if let LoadIds::Made {
            generated,
            at: None,
            ..
        } = &self.load.ids
        {
            let quoted = |name: &String| format!("`{}`", name.replace('`', "``"));
            let id = quoted(&generated.column);
            edits.push(match &clauses.list {
                Some(list) if !list.items.is_empty() => edit(list.open + 1, 0, format!("{id}, ")),
                Some(list) => edit(list.open + 1, 0, self.all_columns(id, &quoted)),
                None => {
                    let columns = self.all_columns(id, &quoted);
                    edit(clauses.list_place, 0, format!(" ({columns})"))
                }
            });
        }
        edits
    }

    /// The id and the columns that a file without a list fills.
    fn all_columns(&self, id: String, quoted: &dyn Fn(&String) -> String) -> String {
        let columns = self.load.columns.iter().map(quoted);
        std::iter::once(id)
            .chain(columns)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

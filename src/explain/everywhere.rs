//! Statements that every data node carries out for itself.

use super::{SHOWN_NODES, Writer, tables};
use crate::plan::everywhere::Everywhere;
use crate::plan::{Edit, Locks};
use crate::rewrite;
use crate::route::NodePart;

impl Writer<'_> {
    pub(super) fn everywhere(&mut self, all: &Everywhere) {
        let (topology, router) = (self.question.topology, self.question.router);
        let parts = router.everywhere(all, topology);
        self.line("statement", "every data node carries it out for itself");
        self.line("route", format!("{} data nodes", parts.len()));
        for part in parts.iter().take(SHOWN_NODES) {
            self.part(part);
        }
        let more = parts.len().saturating_sub(SHOWN_NODES);
        if more > 0 {
            self.line("…", format!("{more} more"));
        }
        self.line("merge", all.deed.outcome());
    }

    pub(super) fn locks(&mut self, locks: &Locks) {
        let (topology, router) = (self.question.topology, self.question.router);
        let texts = rewrite::lock_texts(locks, router, topology);
        self.line("statement", locks.told());
        self.line("route", format!("{} replica sets", texts.len()));
        for (set, text) in texts {
            let set = topology.replica_sets.get(usize::from(set.0));
            let name = set.map_or("", |set| set.name.as_str());
            self.line(name, String::from_utf8_lossy(&text.sql));
        }
    }

    fn part(&mut self, part: &NodePart) {
        let topology = self.question.topology;
        let Some(shard) = topology.shard(part.node.shard) else {
            return;
        };
        let mut name = shard.name.clone();
        if !self.plan.split.is_empty() {
            let parts = tables::parts(topology, &self.plan.split, part.node.part);
            name = format!("{name} {parts}");
        }
        let values = self.values(shard, part.node.part);
        let edits: Vec<Edit> = part.all_edits(&self.plan.edits);
        let mut room = Vec::new();
        let (sql, digest) = (self.sql, self.digest);
        match rewrite::splice(sql, 0, digest, &edits, &values, &mut room) {
            Ok(text) => self.line(&name, String::from_utf8_lossy(text)),
            Err(error) => self.line(&name, error.to_string()),
        }
    }
}

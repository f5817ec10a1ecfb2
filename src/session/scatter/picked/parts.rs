//! Rows that are to be written → the texts that write them.

use super::super::super::failure::Failure;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::super::target::node_target;
use super::super::limited::own;
use super::super::rekey::in_lists;
use super::super::{Part, Text};
use super::rows::PickedRows;
use super::{Picking, refused};
use crate::error::MysqlError;
use crate::parse::{Digest, Tokens};
use crate::plan::{Edit, Plan, Replacement};
use crate::rewrite::{self, PickMark, PickTarget};
use crate::route::{DataNode, node_table};

/// The client's UPDATE of one table, for any rows.
struct Template {
    sql: Vec<u8>,
    digest: Digest,
    plan: std::sync::Arc<Plan>,
}

impl Session {
    /// The texts; one that writes nothing where there are no rows, for the server's answer.
    pub(super) fn picked_parts<'s>(
        &self,
        picking: &Picking<'s>,
        rows: &PickedRows,
        statement: &Statement<'_>,
    ) -> Result<Vec<Part<'s>>, Failure> {
        let targets = picking.texts.targets.iter();
        let templates = targets.map(|target| match picking.picked.updates {
            true => self.template(picking, target, statement).map(Some),
            false => Ok(None),
        });
        let templates = templates.collect::<Result<Vec<_>, _>>()?;
        let mut parts = Vec::new();
        for alike in &rows.alike {
            let Some(target) = picking.texts.targets.get(alike.target) else {
                continue;
            };
            let template = templates.get(alike.target).and_then(Option::as_ref);
            for list in in_lists(alike.keys.iter().map(Vec::as_slice)) {
                let among = rewrite::among(&target.primary, &list);
                let (place, template) = ((target, alike.node), template);
                parts.push(self.picked_part(picking, place, template, (&among, &alike.values))?);
            }
        }
        if parts.is_empty()
            && let Some(target) = picking.texts.targets.first()
        {
            let nulls = Vec::from_iter(target.selected().map(|_| b"NULL".to_vec()));
            let node = picking.first_node(target)?;
            let template = templates.first().and_then(Option::as_ref);
            let text = ("FALSE", nulls.as_slice());
            parts.push(self.picked_part(picking, (target, node), template, text)?);
        }
        Ok(parts)
    }

    fn template(
        &self,
        picking: &Picking<'_>,
        target: &PickTarget<'_>,
        statement: &Statement<'_>,
    ) -> Result<Template, Failure> {
        let sql = picking.texts.update(target);
        let digest = self.scan_in(&sql, statement.mode, self.state.plan_context)?;
        let plan = self.plan_in(picking.snapshot, &own(&sql, &digest, statement));
        Ok(Template { sql, digest, plan })
    }

    /// Rows of a data node that get the same values.
    fn picked_part<'s>(
        &self,
        picking: &Picking<'s>,
        (target, node): (&PickTarget<'_>, DataNode),
        template: Option<&Template>,
        (among, values): (&str, &[Vec<u8>]),
    ) -> Result<Part<'s>, Failure> {
        let topology = &picking.snapshot.topology;
        let place = node_target(topology, node, picking.plan)?;
        let text = match template {
            None => {
                let table = node_table(target.table().table, node, topology);
                let table = table.ok_or_else(MysqlError::stale)?;
                rewrite::delete(&table, among, picking.picked.ignore).into_bytes()
            }
            Some(template) => {
                let edits = template.edits(among, values)?;
                let plans = (picking.snapshot, &*template.plan);
                let own = self.values(plans, (place, node.part));
                let (sql, digest, mut room) = (&template.sql, &template.digest, Vec::new());
                let text = rewrite::splice(sql, 0, digest, &edits, &own, &mut room);
                text.map_err(|error| Failure::from(&error))?.to_vec()
            }
        };
        Ok(Part {
            target: place,
            text: Text::Query(text),
        })
    }
}

impl Template {
    /// The plan's edits, and what stands in place of the marks.
    fn edits(&self, among: &str, values: &[Vec<u8>]) -> Result<Vec<Edit>, Failure> {
        let tokens = Tokens::new(&self.sql, &self.digest);
        let place = |mark: PickMark| {
            let mark = mark.text();
            let mut found = (0..tokens.len()).filter(|at| tokens.text(*at) == mark.as_bytes());
            match (found.next().map(u32::try_from), found.next()) {
                (Some(Ok(at)), None) => Ok(at),
                // A text of the client's is the same by chance.
                _ => Err(refused("in this form")),
            }
        };
        let mut edits = self.plan.edits.clone();
        let mut put = |mark: PickMark, text: String| {
            edits.push(Edit {
                token: place(mark)?,
                tokens: 1,
                with: Replacement::Text(text),
            });
            Ok::<_, Failure>(())
        };
        put(PickMark::Rows, among.to_owned())?;
        for (number, value) in values.iter().enumerate() {
            // Values are written in ASCII.
            let text = String::from_utf8_lossy(value).into_owned();
            put(PickMark::Value(number), text)?;
        }
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        Ok(edits)
    }
}

impl Picking<'_> {
    /// A data node that has the table.
    fn first_node(&self, target: &PickTarget<'_>) -> Result<DataNode, MysqlError> {
        let id = target.table().table;
        super::check::a_node(id, self.snapshot).ok_or_else(MysqlError::stale)
    }
}

//! What is said of a statement whose rows come together on one server.

use super::{SHOWN_NODES, Writer};
use crate::error::StageError;
use crate::plan::{Gather, Gathered};
use crate::rewrite::{
    self, Filling, GatheredTable, PlacedTable, Places, Travel, Values, filter_text, physical,
};
use crate::route::key::LiteralContext;
use crate::route::{DataNode, Literals, Params, TableNodes, finishing_place};

impl Writer<'_> {
    /// Which rows travel from where, and what finishes the statement.
    pub(super) fn gather(&mut self, gather: &Gather) {
        if let Err(error) = self.gathered(gather) {
            self.line("refused", error.to_string());
        }
    }

    fn gathered(&mut self, gather: &Gather) -> Result<(), crate::error::MysqlError> {
        let (topology, router) = (self.question.topology, self.question.router);
        let literals = Literals {
            digest: self.digest,
            text: self.sql,
            context: LiteralContext {
                mode: self.question.mode,
                charset: self.question.charset,
            },
            params: Params::default(),
        };
        let nodes = router.gathered(topology, gather, literals);
        let nodes = nodes.map_err(|error| error.to_mysql())?;
        let Some(at) = finishing_place(topology, &nodes, 0) else {
            return Ok(());
        };
        let travel = Travel::of_transaction(self.question.inside);
        let places = Places::new(topology, gather, &nodes, (at, travel, &[]));
        let places = places.map_err(|error| error.to_mysql())?;
        let filling = Filling::new(gather, &nodes, &places.moved);
        for (number, (table, nodes)) in gather.tables.iter().zip(&nodes).enumerate() {
            let target = places.tables.get(number);
            let moved = places.moved.get(number) == Some(&true);
            if let Some(target) = target.filter(|_| moved) {
                self.moved(gather, (table, nodes), (target, &places))?;
                self.limited(gather, number, &filling);
            } else if let Some(node) = nodes.whole_on(at, topology) {
                let shard = topology.shard(node.shard);
                let on = shard.map_or("", |shard| shard.name.as_str());
                self.line(&format!("stays {}", self.name(table)), format!("on {on}"));
            }
        }
        self.finish(gather, &places)
    }

    fn name(&self, table: &Gathered) -> String {
        let schema = self.question.topology.schema_by_id(table.schema);
        format!("{}.{}", schema.map_or("", |s| s.name.as_str()), table.name)
    }

    /// A table whose rows travel.
    fn moved(
        &mut self,
        gather: &Gather,
        (table, nodes): (&Gathered, &TableNodes),
        (target, places): (&PlacedTable, &Places<'_>),
    ) -> Result<(), crate::error::MysqlError> {
        let what = format!("gather {}", self.name(table));
        let original = table.copy_of.and_then(|at| places.tables.get(at));
        if let Some(original) = original {
            let text = format!("into {}, from {}", target.table, original.table);
            self.line(&what, text);
            return Ok(());
        }
        let asked = nodes.asked();
        let number = match asked.len() {
            0 => "no row can matter".to_owned(),
            1 => "from 1 data node".to_owned(),
            many => format!("from {many} data nodes"),
        };
        self.line(&what, format!("into {}, {number}", target.table));
        for node in asked.iter().take(SHOWN_NODES) {
            let (name, text) = self.source(gather, table, *node)?;
            self.line(&name, text);
        }
        Ok(())
    }

    /// Which rows of other tables, where they are few, limit those of a table.
    fn limited(&mut self, gather: &Gather, number: usize, filling: &Filling) {
        let limits = filling.limits.get(number).into_iter().flatten();
        for (column, limit) in limits {
            let Some((other, name)) = filling.columns.get(*column) else {
                continue;
            };
            let other = gather.tables.get(*other).map_or("", |table| &table.alias);
            let text = format!(
                "{} is one of {other}.{name}, where these are few",
                limit.column()
            );
            self.line("only rows where", text);
        }
    }

    /// A data node and the query for its rows.
    fn source(
        &self,
        gather: &Gather,
        table: &Gathered,
        node: DataNode,
    ) -> Result<(String, String), crate::error::MysqlError> {
        let topology = self.question.topology;
        let from = physical(topology, table, node).map_err(|error| error.to_mysql())?;
        let filters = table.filters.iter();
        let filters = filters.map(|filter| filter_text(filter, self.sql, self.digest));
        let filters = filters.collect::<Result<Vec<_>, _>>();
        let filters = filters.map_err(|error| error.to_mysql())?;
        let id = table.rows.table();
        let definition = id.and_then(|id| topology.definition(id));
        let columns = definition.and_then(|definition| {
            GatheredTable::new(definition, table.all_columns, &gather.names)
        });
        let text = columns.map_or_else(
            || "the columns are looked up when the statement runs".to_owned(),
            |columns| {
                String::from_utf8_lossy(columns.query((&from, &table.alias), &filters).text())
                    .into_owned()
            },
        );
        let shard = topology.shard(node.shard);
        Ok((
            shard.map(|shard| shard.name.clone()).unwrap_or_default(),
            text,
        ))
    }

    fn finish(
        &mut self,
        gather: &Gather,
        places: &Places<'_>,
    ) -> Result<(), crate::error::MysqlError> {
        let topology = self.question.topology;
        let values = Values {
            database: places.home.database.as_bytes(),
            part: 0,
            gathered: &places.tables,
            topology,
            schema: self.question.schema,
            connection_id: 0,
            row_count: -1,
            found_rows: 0,
            repeated: &[],
            mariadb: false,
            access: None,
        };
        let (sql, digest) = (self.sql, self.digest);
        let mut room = Vec::new();
        let text = rewrite::splice(sql, 0, digest, &gather.edits, &values, &mut room);
        let text = String::from_utf8_lossy(text.map_err(|error| error.to_mysql())?).into_owned();
        let set = topology.replica_set(places.home.replica_set);
        let set = set.map_or("", |set| set.name.as_str());
        let why = match &self.plan.scatter {
            Some(Err(reason)) => format!(", because of {reason}"),
            _ => String::new(),
        };
        let how = "one server finishes the statement on the rows that were brought to it";
        self.line("merge", format!("{how}{why}"));
        self.line(&format!("finish {set}"), text);
        Ok(())
    }
}

//! What is said of a statement whose rows come together on one server.

use super::{SHOWN_NODES, Writer};
use crate::error::StageError;
use crate::plan::{Gather, Gathered};
use crate::rewrite::{
    self, Filling, GatheredTable, PlacedTable, Places, ReadFrom, Travel, Values, filter_text,
    hints_text, physical,
};
use crate::route::key::LiteralContext;
use crate::route::{DataNode, Literals, Params, TableNodes, finishing_places};
use crate::topology::ReplicaSetId;

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
        let best = finishing_places(topology, &nodes);
        let Some(at) = best.first().copied() else {
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
                let few = match places.would_limit(gather, number) {
                    true => "; it is asked first: few rows travel too, and limit others",
                    false => "",
                };
                self.line(
                    &format!("stays {}", self.name(table)),
                    format!("on {on}{few}"),
                );
            }
        }
        self.cost((gather, &nodes), &places.moved);
        self.finish(gather, &places, &best)
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
        let filters = match table.filters.len() {
            0 => "without a condition of its own".to_owned(),
            1 => "where its condition holds".to_owned(),
            many => format!("where its {many} conditions hold"),
        };
        self.line(&what, format!("into {}, {number}, {filters}", target.table));
        for node in asked.iter().take(SHOWN_NODES) {
            let (name, text) = self.source(gather, table, *node)?;
            self.line(&name, text);
        }
        Ok(())
    }

    /// How much travels, as far as that is known before it does.
    fn cost(&mut self, (gather, nodes): (&Gather, &[TableNodes]), moved: &[bool]) {
        let both = gather.tables.iter().zip(nodes).zip(moved);
        let travel = both.filter(|(_, moved)| **moved);
        let tables = travel.clone().count();
        let asked = travel.filter(|((table, _), _)| table.copy_of.is_none());
        let queries: usize = asked.map(|((_, nodes), _)| nodes.asked().len()).sum();
        let queries = match queries {
            1 => "1 query".to_owned(),
            many => format!("{many} queries"),
        };
        let limits = self.question.gather;
        let text = format!(
            "{tables} of {} tables travel, asked for in {queries}; how many rows they have is \
             known only then: more than {} rows or {} bytes are error 1038",
            gather.tables.len(),
            limits.max_rows,
            limits.max_bytes,
        );
        self.line("cost", text);
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
        let hints = hints_text(table, self.sql, self.digest).map_err(|error| error.to_mysql())?;
        let from = ReadFrom {
            table: &from,
            alias: &table.alias,
            hints: &hints,
        };
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
                let mut query = columns.query(from, &filters);
                if let Some(lock) = &table.lock {
                    query.lock(lock);
                }
                String::from_utf8_lossy(query.text()).into_owned()
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
        best: &[ReplicaSetId],
    ) -> Result<(), crate::error::MysqlError> {
        let topology = self.question.topology;
        let values = Values {
            database: places.home.database.as_bytes(),
            part: 0,
            gathered: &places.tables,
            topology,
            schema: self.question.schema,
            connection_id: 0,
            client: rewrite::Client::default(),
            row_count: -1,
            found_rows: 0,
            conditions: (0, 0),
            looked_up: None,
            repeated: &[],
            mariadb: false,
            access: None,
        };
        let (sql, digest) = (self.sql, self.digest);
        let mut room = Vec::new();
        let text = rewrite::splice(sql, 0, digest, &gather.edits, &values, &mut room);
        let text = String::from_utf8_lossy(text.map_err(|error| error.to_mysql())?).into_owned();
        let sets = best.iter().filter_map(|at| topology.replica_set(*at));
        let sets: Vec<&str> = sets.map(|set| set.name.as_str()).collect();
        let why = match &self.plan.scatter {
            Some(Err(reason)) => format!(", because of {reason}"),
            _ => String::new(),
        };
        let how = "one server finishes the statement on the rows that were brought to it";
        self.line("merge", format!("{how}{why}"));
        if sets.len() > 1 {
            let which = format!("the one of {} where least is under way", sets.join(", "));
            self.line("server", which);
        }
        self.line(&format!("finish {}", sets.first().unwrap_or(&"")), text);
        Ok(())
    }
}

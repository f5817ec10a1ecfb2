//! What stands behind FROM: tables, joins and queries.

use shardwell::cli::demo::program::Flavor;

use super::make::Make;
use super::node::{Node, Sort, filled, maybe, text};
use super::schema::{self, Kind, RELATIONS, TAKEN};
use super::scope::{Field, Scope, Source};
use super::select::Want;

/// What JSON_TABLE() makes of a document: columns `num` and `txt`.
const DOCUMENTS: &[&str] = &[
    "'$[*]' COLUMNS (num FOR ORDINALITY, txt VARCHAR(20) PATH '$' NULL ON ERROR)",
    "'$' COLUMNS (num INT EXISTS PATH '$.a', txt VARCHAR(20) PATH '$.color' NULL ON ERROR)",
    "'$[*]' COLUMNS (num INT PATH '$' DEFAULT '7' ON EMPTY NULL ON ERROR, \
     NESTED PATH '$.*' COLUMNS (txt VARCHAR(30) PATH '$' NULL ON ERROR))",
    "'$.*' COLUMNS (num FOR ORDINALITY, txt VARCHAR(5) PATH '$' DEFAULT 'none' ON ERROR)",
];

/// Tables, what they can be asked for, and conditions that belong into WHERE.
pub struct From {
    pub tables: Node,
    pub scope: Scope,
    pub conditions: Vec<Node>,
}

impl Make {
    pub fn from(&mut self) -> From {
        let (tables, source) = self.first_source();
        let mut from = From {
            tables,
            scope: Scope {
                sources: vec![source],
                merged: Vec::new(),
            },
            conditions: Vec::new(),
        };
        for _ in 0..self.one(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2]) {
            if !from.conditions.is_empty() {
                break;
            }
            match self.dice.roll(25) {
                0 => self.document(&mut from),
                1 | 2 if self.flavor == Flavor::MySql => self.lateral(&mut from),
                _ => self.join(&mut from),
            }
        }
        from
    }

    /// One table alone.
    pub fn single(&mut self, name: &str) -> From {
        let (tables, source) = self.table(name, true);
        From {
            tables,
            scope: Scope {
                sources: vec![source],
                merged: Vec::new(),
            },
            conditions: Vec::new(),
        }
    }

    fn first_source(&mut self) -> (Node, Source) {
        if !self.ctes.is_empty() && self.chance(70) {
            let at = self.dice.roll(self.ctes.len());
            return self.cte_source(at);
        }
        if self.derived > 0 && self.chance(50) {
            self.derived -= 1;
            return self.derived_source();
        }
        let name = self.dice.pick(TAKEN);
        let aliased = self.chance(40);
        self.table(name, aliased)
    }

    fn table(&mut self, name: &str, aliased: bool) -> (Node, Source) {
        let table = schema::table(name);
        let written = match self.dice.roll(10) {
            0 => format!("`{name}`"),
            1 => format!("{}.{name}", self.schema),
            2 => format!("`{}`.`{name}`", self.schema),
            _ => name.to_owned(),
        };
        let (sql, alias) = if aliased {
            let alias = self.alias(name);
            let word = self.one(&[" ", " AS "]);
            (format!("{written}{word}{alias}"), alias)
        } else {
            (written, name.to_owned())
        };
        let hint = match self.dice.roll(60) {
            0 => " FORCE INDEX (PRIMARY)",
            1 => " IGNORE INDEX (PRIMARY)",
            _ => "",
        };
        let node = Node::Whole(Sort::Tables, vec![text(format!("{sql}{hint}"))]);
        (node, Source::table(table, alias))
    }

    fn cte_source(&mut self, at: usize) -> (Node, Source) {
        let mut source = self.ctes[at].clone();
        let name = source.name.clone();
        let sql = if self.chance(50) {
            source.name = self.alias("c");
            format!("{name} AS {}", source.name)
        } else {
            // Another one of the same name would be too many.
            self.ctes.remove(at);
            name
        };
        (Node::Whole(Sort::Tables, vec![text(sql)]), source)
    }

    fn derived_source(&mut self) -> (Node, Source) {
        let query = self.query(Want::named());
        let name = self.alias("d");
        let word = self.one(&[" ", " AS "]);
        let parts = vec![text("("), query.node, text(format!("){word}{name}"))];
        let source = Source::query(name, query.fields);
        (Node::Whole(Sort::Tables, parts), source)
    }

    /// Adds one more table.
    fn join(&mut self, from: &mut From) {
        let Some((left, right_name, right_column)) = self.partner(&from.scope) else {
            return;
        };
        let (right, source) = self.table(right_name, true);
        let (_, column) = left.rsplit_once('.').expect("a qualified column");
        let column = column.to_owned();
        let fields = from.scope.sources.iter().flat_map(|source| &source.fields);
        let once = fields.filter(|field| field.name == column).count() == 1;
        let using = column == right_column && (once || from.scope.merged.contains(&column));
        let on = Node::Whole(
            Sort::Value,
            vec![text(format!("{left} = {}.{right_column}", source.name))],
        );
        from.scope.sources.push(source);
        let tables = std::mem::replace(&mut from.tables, text(""));
        if self.chance(15) {
            from.conditions.push(on);
            from.tables = joined("{}, {right}", tables, right, text(""));
            return;
        }
        let word = self.one(&[
            "JOIN",
            "JOIN",
            "INNER JOIN",
            "LEFT JOIN",
            "LEFT JOIN",
            "LEFT OUTER JOIN",
            "RIGHT JOIN",
            "CROSS JOIN",
            "STRAIGHT_JOIN",
        ]);
        if using && word != "STRAIGHT_JOIN" && self.chance(35) {
            from.scope.merged.push(column.clone());
            let template = format!("{{}} {word} {{right}} USING ({column})");
            from.tables = joined(&template, tables, right, text(""));
            return;
        }
        let more = self.chance(20).then(|| {
            let scope = from.scope.clone();
            vec![text(" AND "), super::values::closed(self.test(&scope))]
        });
        let on = Node::All(vec![on, maybe(more)]);
        let template = match self.dice.roll(40) {
            0 | 1 => format!("({{}} {word} {{right}} ON ({{on}}))"),
            2 => format!("{{}} {word} ({{right}}) ON {{on}}"),
            _ => format!("{{}} {word} {{right}} ON {{on}}"),
        };
        from.tables = joined(&template, tables, right, on);
    }

    /// Adds a query that asks for columns of what stands before it.
    fn lateral(&mut self, from: &mut From) {
        let Some((left, inner, column)) = self.partner(&from.scope) else {
            return;
        };
        let mut query = self.single(inner);
        let name = &query.scope.sources[0].name;
        query.conditions.push(Node::Whole(
            Sort::Value,
            vec![text(format!("{name}.{column} = {left}"))],
        ));
        let query = self.select_from(query, Want::named());
        let name = self.alias("l");
        let template = self.one(&[
            "{}, LATERAL ({q}) {n}",
            "{} JOIN LATERAL ({q}) AS {n}",
            "{} CROSS JOIN LATERAL ({q}) AS {n}",
            "{} JOIN LATERAL ({q}) {n} ON TRUE",
            "{} LEFT JOIN LATERAL ({q}) AS {n} ON TRUE",
        ]);
        self.beside(from, template, &name, query.node);
        from.scope.sources.push(Source::query(name, query.fields));
    }

    /// Adds what a document holds as rows.
    fn document(&mut self, from: &mut From) {
        let scope = from.scope.clone();
        let column = self.column_if(&scope, |kind| kind == Kind::Json);
        let literal = text("'[1, {\"a\": \"x\", \"color\": \"red\"}, [2, 3], null]'");
        let document = match column {
            Some(column) if self.chance(70) => column.node,
            _ => literal,
        };
        let rows = self.one(DOCUMENTS);
        let name = self.alias("j");
        let call = Node::All(vec![
            text("JSON_TABLE("),
            document,
            text(format!(", {rows})")),
        ]);
        let template = self.one(&[
            "{}, {q} AS {n}",
            "{} JOIN {q} {n}",
            "{} CROSS JOIN {q} AS {n}",
        ]);
        self.beside(from, template, &name, call);
        let field = |name: &str, kind| Field {
            name: name.to_owned(),
            kind,
            values: schema::values(kind),
        };
        let fields = vec![field("num", Kind::Int), field("txt", Kind::Text)];
        from.scope.sources.push(Source::query(name, fields));
    }

    /// Puts `query`, which is called `name`, beside the tables.
    fn beside(&mut self, from: &mut From, template: &str, name: &str, query: Node) {
        let tables = std::mem::replace(&mut from.tables, text(""));
        let parts = filled(template, |hole| match hole {
            "q" => query.clone(),
            "n" => text(name),
            _ => tables.clone(),
        });
        from.tables = Node::Whole(Sort::Tables, parts);
    }

    /// A column of a source, and the table and column that belong to it.
    fn partner(&mut self, scope: &Scope) -> Option<(String, &'static str, String)> {
        let source = &scope.sources[self.dice.roll(scope.sources.len())];
        let Some(table) = source.table else {
            let column = source.fields.iter().find(|field| {
                field.kind == Kind::Id || field.kind == Kind::Int && field.name.ends_with("_id")
            })?;
            let right = self.one(&["users", "orders", "vips"]);
            let left = format!("{}.{}", source.name, column.name);
            return Some((left, right, "user_id".to_owned()));
        };
        let mut found = Vec::new();
        let anywhere = self.chance(25);
        for relation in RELATIONS {
            let [one, one_column, other, other_column] = relation;
            if !anywhere && !schema::is_local(relation) {
                continue;
            }
            if *one == table {
                found.push((one_column, *other, other_column));
            }
            if *other == table {
                found.push((other_column, *one, one_column));
            }
        }
        if found.is_empty() {
            return None;
        }
        let (column, right, right_column) = found[self.dice.roll(found.len())];
        let left = format!("{}.{column}", source.name);
        Some((left, right, (*right_column).to_owned()))
    }
}

fn joined(template: &str, left: Node, right: Node, on: Node) -> Node {
    let parts = filled(template, |name| match name {
        "right" => right.clone(),
        "on" => on.clone(),
        _ => left.clone(),
    });
    Node::Whole(Sort::Tables, parts)
}

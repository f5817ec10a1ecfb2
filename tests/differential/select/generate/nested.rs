//! Queries inside of queries, beside each other, and window functions.

use shardwell::cli::demo::program::Flavor;

use super::make::{Make, Query};
use super::node::{Node, Sort, filled, leaf, maybe, text};
use super::schema::{self, Kind, RELATIONS, TAKEN};
use super::scope::{Field, Scope, Source, Value};
use super::select::{Body, Want};
use super::values::closed;

const RECURSIVE: &[&str] = &[
    "(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM {} WHERE n < 5)",
    "(n, m) AS (SELECT 0, 1 UNION SELECT n + 1, m * 2 FROM {} WHERE n < 8)",
    "(n) AS (SELECT region_id FROM regions WHERE parent_id IS NULL UNION ALL \
     SELECT r.region_id FROM regions r JOIN {} ON r.parent_id = n)",
];

/// `{v}` any value, `{n}` a number, `{u}` what makes a row unique, `{p}` PARTITION BY.
const WINDOWS: &[(&str, Kind)] = &[
    ("ROW_NUMBER() OVER ({p}ORDER BY {u})", Kind::Int),
    ("RANK() OVER ({p}ORDER BY {v})", Kind::Int),
    ("DENSE_RANK() OVER ({p}ORDER BY {v} DESC)", Kind::Int),
    ("COUNT(*) OVER ({p})", Kind::Int),
    ("SUM({n}) OVER ({p}ORDER BY {v})", Kind::Decimal),
    ("SUM({n}) OVER ({p})", Kind::Decimal),
    (
        "AVG({n}) OVER ({p}ORDER BY {u} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
        Kind::Decimal,
    ),
    ("MAX({n}) OVER ({p})", Kind::Decimal),
    ("NTILE(3) OVER (ORDER BY {u})", Kind::Int),
    ("LAG({n}) OVER ({p}ORDER BY {u})", Kind::Decimal),
    ("LEAD({n}, 2, 0) OVER (ORDER BY {u})", Kind::Decimal),
    ("FIRST_VALUE({n}) OVER ({p}ORDER BY {u})", Kind::Decimal),
    ("SUM({n}) OVER w", Kind::Decimal),
];

impl Make {
    /// Any query: a SELECT or several.
    pub fn query(&mut self, want: Want) -> Query {
        match self.dice.roll(30) {
            0 => self.union(want),
            1 | 2 if self.flavor == Flavor::MySql => self.nested_with(want),
            _ => self.select(want),
        }
    }

    /// SELECTs with UNION and the like.
    pub fn union(&mut self, want: Want) -> Query {
        let width = self.one(&[1, 1, 2, 3]);
        let part = Want {
            width: Some(width),
            ..Want::default()
        };
        let first = self.select(part);
        let mut fields = first.fields;
        let mut parts = vec![self.part(first.node)];
        let mut all = true;
        for _ in 0..self.one(&[1, 1, 1, 2]) {
            let word = match self.dice.roll(12) {
                0 => "INTERSECT",
                1 => "EXCEPT",
                2..=6 => "UNION",
                7 => "UNION DISTINCT",
                _ => "UNION ALL",
            };
            all &= word == "UNION ALL";
            let other = self.select(part);
            for (field, other) in fields.iter_mut().zip(other.fields) {
                if field.kind != other.kind {
                    field.kind = Kind::Text;
                }
            }
            parts.push(text(format!(" {word} ")));
            parts.push(self.part(other.node));
        }
        for field in &mut fields {
            field.values = schema::values(field.kind);
            if field.kind == Kind::Text || field.kind == Kind::Loose {
                field.kind = Kind::Loose;
                self.view.folded |= !all;
            }
        }
        if want.top && self.chance(50) {
            let at = self.dice.roll(width);
            let key = match self.chance(50) {
                true => (at + 1).to_string(),
                false => fields[at].name.clone(),
            };
            let direction = self.one(&["", " DESC"]);
            parts.push(maybe(Some(vec![text(format!(
                " ORDER BY {key}{direction}"
            ))])));
        }
        if want.top && self.chance(30) {
            parts.push(maybe(Some(vec![text(self.limit())])));
        }
        Query {
            node: Node::Whole(Sort::Query, parts),
            fields,
        }
    }

    fn part(&mut self, node: Node) -> Node {
        match self.chance(35) {
            true => Node::All(vec![text("("), node, text(")")]),
            false => node,
        }
    }

    /// WITH and a query of it.
    pub fn with(&mut self, want: Want) -> Query {
        let mut parts = Vec::new();
        let recursive = self.chance(20);
        if recursive {
            let name = self.alias("r");
            let template = self.one(RECURSIVE);
            let columns: &[&str] = if template.contains("m)") {
                &["n", "m"]
            } else {
                &["n"]
            };
            let body = filled(template, |_| text(name.as_str()));
            let mut node = vec![text(name.as_str())];
            node.extend(body);
            parts.push(Node::All(node));
            let fields = columns.iter().map(|name| Field {
                name: (*name).to_owned(),
                kind: Kind::Int,
                values: schema::values(Kind::Int),
            });
            self.ctes.push(Source::query(name, fields.collect()));
        }
        for _ in 0..self.one(&[1, 1, 2]) {
            let name = self.alias("c");
            let mut query = self.query(Want::named());
            let columns = match self.chance(25) {
                true => renamed(&mut query.fields),
                false => String::new(),
            };
            let node = vec![text(format!("{name}{columns} AS (")), query.node, text(")")];
            parts.push(Node::All(node));
            self.ctes.push(Source::query(name, query.fields));
        }
        let query = self.select(want);
        let word = if recursive {
            "WITH RECURSIVE "
        } else {
            "WITH "
        };
        let node = vec![text(word), Node::List(", ", parts), text(" "), query.node];
        Query {
            node: Node::Whole(Sort::Query, node),
            fields: query.fields,
        }
    }

    /// WITH inside of another query: what it names ends with it.
    fn nested_with(&mut self, want: Want) -> Query {
        let known = self.ctes.clone();
        let query = self.with(want);
        self.ctes = known;
        query
    }

    /// Rows with window functions.
    pub fn windows(&mut self, scope: &Scope, want: Want) -> Body {
        // A part of a set operation has so many columns, the last of which is a window's.
        let narrower = want.width.map(|width| width - 1);
        let mut body = self.plain(
            scope,
            Want {
                width: narrower,
                ..want
            },
        );
        let Some(unique) = scope.unique().filter(|_| body.words.is_empty()) else {
            if want.width.is_some() {
                let item = self.item(Value::new("1", Kind::Int), &body.items, want);
                body.items.push(item);
            }
            return body;
        };
        let mut clause = false;
        let some = self.one(&[1, 1, 2]);
        for _ in 0..want.width.map_or(some, |_| 1) {
            let (template, kind) = self.one(WINDOWS);
            clause |= template.ends_with(" w");
            let parts = filled(template, |name| self.window_part(name, scope, &unique));
            let mut value = Value::new("1", kind);
            value.node = Node::Whole(Sort::Value, parts);
            let item = self.item(value, &body.items, want);
            body.items.push(item);
        }
        if clause {
            let by = self.window_part("p", scope, &unique);
            body.clauses
                .push(Node::All(vec![text(" WINDOW w AS ("), by, text(")")]));
        }
        body
    }

    fn window_part(&mut self, name: &str, scope: &Scope, unique: &[String]) -> Node {
        let number = |kind| matches!(kind, Kind::Int | Kind::Id | Kind::Decimal);
        let value = match name {
            "u" => return text(unique.join(", ")),
            "n" => self.column_if(scope, number),
            "p" if self.chance(50) => return maybe(None),
            _ => self.column_if(scope, |kind| kind != Kind::Rough),
        };
        let value = value.map_or_else(|| leaf("1"), |value| value.node);
        match name {
            "p" => maybe(Some(vec![text("PARTITION BY "), value, text(" ")])),
            _ => value,
        }
    }

    /// A condition with a query in it.
    pub fn subquery_test(&mut self, scope: &Scope) -> Node {
        self.subqueries -= 1;
        let Some((outer, inner, column)) = self.related(scope) else {
            return self.compared(scope);
        };
        let (template, correlated) = self.one(&[
            ("EXISTS (SELECT 1 FROM {t}{w})", true),
            ("NOT EXISTS (SELECT * FROM {t}{w})", true),
            ("{x} IN (SELECT {k} FROM {t}{w})", false),
            ("{x} IN (SELECT {k} FROM {t}{w})", false),
            ("{x} NOT IN (SELECT {k} FROM {t}{w})", false),
            ("{x} = ANY (SELECT {k} FROM {t}{w})", false),
            ("{x} <> ALL (SELECT {k} FROM {t}{w})", false),
            ("{x} >= ALL (SELECT {k} FROM {t}{w})", false),
            ("{x} < ANY (SELECT {k} FROM {t}{w})", false),
            ("{x} > SOME (SELECT {k} FROM {t}{w})", true),
            ("{x} <= ALL (SELECT {k} FROM {t}{w})", true),
            (
                "({x}, 1) IN (SELECT {k}, COUNT(*) FROM {t}{w} GROUP BY {k})",
                false,
            ),
            (
                "({x}, {x}) NOT IN (SELECT {k}, NULLIF({k}, 3) FROM {t}{w})",
                false,
            ),
            ("({x}, 2) = (SELECT MIN({k}), COUNT(*) FROM {t}{w})", true),
            ("(SELECT COUNT(*) FROM {t}{w}) > 1", true),
            ("{x} = (SELECT MAX({k}) FROM {t}{w})", true),
            (
                "{x} IN (SELECT {k} FROM {t}{w} GROUP BY {k} HAVING COUNT(*) > 1)",
                false,
            ),
        ]);
        let from = self.single(inner);
        let key = format!("{}.{column}", from.scope.sources[0].name);
        let conditions = match correlated {
            true => vec![leaf(format!("{key} = {outer}"))],
            false => Vec::new(),
        };
        let condition = self.filter(&from.scope, conditions);
        let parts = filled(template, |name| match name {
            "x" => leaf(outer.as_str()),
            "k" => leaf(key.as_str()),
            "t" => from.tables.clone(),
            "w" => condition.clone(),
            other => text(other),
        });
        Node::Whole(Sort::Value, parts)
    }

    /// A value compared with that of a query of its own.
    fn compared(&mut self, scope: &Scope) -> Node {
        let value = self.value(scope, 0);
        let query = self.scalar(None);
        let sign = self.one(&[" = ", " > ", " <= ", " <> "]);
        Node::Whole(Sort::Value, vec![closed(value.node), text(sign), query])
    }

    /// A query of one value, as a value.
    pub fn counted(&mut self, scope: &Scope) -> Option<Value> {
        self.subqueries -= 1;
        let related = self.related(scope)?;
        let correlated = self.chance(60);
        let node = self.scalar(correlated.then_some(related));
        let mut value = Value::new("1", Kind::Int);
        value.node = node;
        Some(value)
    }

    fn scalar(&mut self, related: Option<(String, &'static str, String)>) -> Node {
        let name = match &related {
            Some((_, inner, _)) => inner,
            None => self.dice.pick(TAKEN),
        };
        let from = self.single(name);
        let source = &from.scope.sources[0];
        let conditions =
            related.map(|(outer, _, column)| leaf(format!("{}.{column} = {outer}", source.name)));
        let unique = format!("{}.{}", source.name, source.unique[0]);
        let template = self.one(&[
            "COUNT(*)",
            "COUNT(*)",
            "COUNT(DISTINCT {})",
            "SIGN(SUM({}))",
            "LENGTH(MAX({}))",
        ]);
        let mut parts = vec![text("(SELECT ")];
        parts.extend(filled(template, |_| leaf(unique.as_str())));
        parts.push(text(" FROM "));
        let condition = self.filter(&from.scope, conditions.into_iter().collect());
        parts.extend([from.tables, condition, text(")")]);
        Node::Whole(Sort::Value, parts)
    }

    /// A column of a source, and the table and column that belong to it.
    fn related(&mut self, scope: &Scope) -> Option<(String, &'static str, String)> {
        let source = &scope.sources[self.dice.roll(scope.sources.len())];
        let table = source.table?;
        let related = RELATIONS.iter().filter(|[one, ..]| *one == table);
        let mut related: Vec<_> = related.collect();
        if !self.chance(30) {
            related.retain(|relation| schema::is_local(relation));
        }
        if related.is_empty() {
            return None;
        }
        let [_, column, inner, inner_column] = related[self.dice.roll(related.len())];
        let outer = format!("{}.{column}", source.name);
        Some((outer, inner, (*inner_column).to_owned()))
    }

    /// A whole statement.
    pub fn statement(&mut self) -> Node {
        let want = Want {
            top: true,
            ..Want::default()
        };
        let query = match self.dice.roll(20) {
            0 => self.union(want),
            2 if self.flavor == Flavor::MySql || self.chance(50) => self.with(want),
            _ => self.select(want),
        };
        match self.dice.once_in(60) {
            true => Node::All(vec![text("("), query.node, text(")")]),
            false => query.node,
        }
    }
}

/// New names for all columns, in parentheses.
fn renamed(fields: &mut [Field]) -> String {
    for (at, field) in fields.iter_mut().enumerate() {
        field.name = format!("k{}", at + 1);
    }
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    format!(" ({})", names.join(", "))
}

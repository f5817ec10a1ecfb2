//! Random values and conditions.

use super::make::Make;
use super::node::{Node, Sort, filled, leaf, text};
use super::schema::Kind;
use super::scope::{Scope, Source, Value};
use super::templates::{KEY_TESTS, NUMBER_KEYS, TESTS, TEXT_KEYS, TEXT_TESTS, templates};

impl Make {
    /// A column of any source, named in one of many ways.
    pub fn column(&mut self, scope: &Scope) -> Value {
        let source = &scope.sources[self.dice.roll(scope.sources.len())];
        let at = self.dice.roll(source.fields.len());
        self.field(scope, source, at)
    }

    /// A column whose kind fits, after some tries.
    pub fn column_if(&mut self, scope: &Scope, fits: impl Fn(Kind) -> bool) -> Option<Value> {
        let tries = (0..12).map(|_| self.column(scope));
        tries.into_iter().find(|value| fits(value.kind))
    }

    fn field(&mut self, scope: &Scope, source: &Source, at: usize) -> Value {
        let field = &source.fields[at];
        Value {
            node: leaf(self.named(scope, source, &field.name)),
            kind: field.kind,
            values: field.values,
        }
    }

    /// A column's name with or without what may stand in front of it.
    pub fn named(&mut self, scope: &Scope, source: &Source, column: &str) -> String {
        let quoted = format!("`{}`", column.trim_matches('`'));
        let column = match self.dice.roll(12) {
            0 => quoted,
            _ => column.to_owned(),
        };
        if scope.is_clear(column.trim_matches('`')) && !self.dice.once_in(3) {
            return column;
        }
        match self.dice.roll(10) {
            0 if source.table == Some(source.name.as_str()) => {
                format!("{}.{}.{column}", self.schema, source.name)
            }
            1 if !source.name.starts_with('`') => format!("`{}`.{column}", source.name),
            _ => format!("{}.{column}", source.name),
        }
    }

    /// A value of some depth.
    pub fn value(&mut self, scope: &Scope, depth: usize) -> Value {
        let mut value = self.column(scope);
        if self.dice.once_in(25) {
            value = self.constant();
        } else if depth > 0 && self.subqueries > 0 && self.dice.once_in(30) {
            value = self.counted(scope).unwrap_or(value);
        }
        for _ in 0..depth {
            if self.dice.once_in(2) {
                break;
            }
            value = self.changed(scope, value);
        }
        value
    }

    /// Something made of a value.
    pub fn changed(&mut self, scope: &Scope, value: Value) -> Value {
        let choices = templates(value.kind);
        let (template, kind) = choices[self.dice.roll(choices.len())];
        let node = self.fill(scope, template, &value);
        Value {
            values: if kind == value.kind {
                value.values
            } else {
                super::schema::values(kind)
            },
            node,
            kind,
        }
    }

    fn constant(&mut self) -> Value {
        let (sql, kind) = self.one(&[
            ("1", Kind::Int),
            ("'x'", Kind::Text),
            ("NULL", Kind::Int),
            ("2.50", Kind::Decimal),
            ("DATE '2024-02-29'", Kind::Date),
            ("1e2", Kind::Float),
            ("TRUE", Kind::Int),
            ("x'41'", Kind::Bytes),
        ]);
        Value::new(sql, kind)
    }

    /// A literal to compare a value with.
    fn literal(&mut self, value: &Value) -> Node {
        let values = if value.values.is_empty() || self.dice.once_in(10) {
            super::schema::values(value.kind)
        } else {
            value.values
        };
        leaf(self.dice.pick(values))
    }

    fn fill(&mut self, scope: &Scope, template: &str, value: &Value) -> Node {
        let parts = filled(template, |name| match name {
            "l" => self.literal(value),
            "o" => {
                let other = self.column_if(scope, |kind| kind == value.kind);
                other.map_or_else(|| self.literal(value), |other| other.node)
            }
            "c" => closed(self.test(scope)),
            "v" => closed(self.value(scope, 1).node),
            _ => closed(value.node.clone()),
        });
        Node::Whole(Sort::Value, parts)
    }

    /// One comparison.
    pub fn test(&mut self, scope: &Scope) -> Node {
        let depth = usize::from(self.dice.once_in(2));
        let value = self.value(scope, depth);
        let template = match value.kind {
            Kind::Rough => "{} IS NOT NULL",
            Kind::Text | Kind::Enum | Kind::Loose if self.dice.once_in(3) => {
                self.dice.pick(TEXT_TESTS)
            }
            _ => self.dice.pick(TESTS),
        };
        self.fill(scope, template, &value)
    }

    /// A condition on the sharding key of one of the tables, if there is one.
    pub fn key_test(&mut self, scope: &Scope) -> Option<Node> {
        let source = &scope.sources[self.dice.roll(scope.sources.len())];
        let key = source.key?;
        let field = source.fields.iter().find(|field| field.name == key)?;
        let odd = match field.kind {
            Kind::Text => TEXT_KEYS,
            _ => NUMBER_KEYS,
        };
        let template = self.dice.pick(KEY_TESTS);
        let parts = filled(template, |name| match name {
            "l" if self.dice.once_in(6) => leaf(self.dice.pick(odd)),
            "l" => leaf(self.dice.pick(field.values)),
            "c" => closed(self.test(scope)),
            "v" => closed(self.value(scope, 0).node),
            _ => leaf(self.named(scope, source, key)),
        });
        Some(Node::Whole(Sort::Value, parts))
    }

    /// Conditions joined.
    pub fn condition(&mut self, scope: &Scope, depth: usize) -> Node {
        if depth == 0 || self.dice.once_in(3) {
            return self.single_condition(scope);
        }
        let one = self.condition(scope, depth - 1);
        let template = match self.dice.roll(20) {
            0 => "NOT {}",
            1 => "!({})",
            2 => "({})",
            3 => "{} XOR {o}",
            4 => "{} || {o}",
            5 => "{} && {o}",
            6 => "NOT ({} OR {o})",
            7 => "({}) IS NOT NULL",
            8 => "({} AND {o}) IS TRUE",
            9 => "({}) = ({o})",
            10..=12 => "{} OR {o}",
            13 | 14 => "({} OR {o})",
            _ => "{} AND {o}",
        };
        let parts = filled(template, |name| match name {
            "o" => self.condition(scope, depth - 1),
            _ => one.clone(),
        });
        Node::Whole(Sort::Value, parts)
    }

    fn single_condition(&mut self, scope: &Scope) -> Node {
        match self.dice.roll(16) {
            0..=3 => match self.key_test(scope) {
                Some(test) => test,
                None => self.test(scope),
            },
            4 if self.subqueries > 0 => self.subquery_test(scope),
            5 if self.dice.once_in(4) => leaf(self.dice.pick(&[
                "TRUE", "1 = 1", "NULL", "0", "'1'", "1 > 2", "FALSE", "NOT 0",
            ])),
            _ => self.test(scope),
        }
    }
}

/// In parentheses, unless it is one word.
pub fn closed(node: Node) -> Node {
    match node.is_leaf() {
        true => node,
        false => Node::All(vec![text("("), node, text(")")]),
    }
}

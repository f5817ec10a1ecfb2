//! GROUP BY, HAVING and aggregates.

use shardwell::cli::demo::program::Flavor;

use super::make::Make;
use super::node::{Node, Sort, filled, maybe, text};
use super::schema::Kind;
use super::scope::{Scope, Value};
use super::select::{Body, Item, Want};
use super::templates::{TESTS, templates};
use super::values::closed;

/// How many of the first ones are calls and nothing else.
const SIMPLE: usize = 7;

/// What is asked of groups of whole numbers and decimals.
const NUMBERS: &[(&str, Kind)] = &[
    ("SUM({})", Kind::Decimal),
    ("SUM({})", Kind::Decimal),
    ("AVG({})", Kind::Decimal),
    ("SUM(DISTINCT {})", Kind::Decimal),
    ("AVG(DISTINCT {})", Kind::Decimal),
    ("SUM(IF({c}, {}, 0))", Kind::Decimal),
    ("SUM(CASE WHEN {c} THEN {} END)", Kind::Decimal),
    ("SUM({}) / COUNT(*)", Kind::Decimal),
    ("SUM({}) + COUNT({})", Kind::Decimal),
    ("MAX({}) - MIN({})", Kind::Decimal),
    ("IFNULL(SUM({}), 0)", Kind::Decimal),
    ("ROUND(AVG({}), 2)", Kind::Decimal),
    ("sum( all {} )", Kind::Decimal),
    ("STD({})", Kind::Rough),
    ("STDDEV_SAMP({})", Kind::Rough),
    ("VARIANCE({})", Kind::Rough),
    ("VAR_SAMP({})", Kind::Rough),
];

/// Of groups of anything.
const ALL: &[(&str, Kind)] = &[
    ("COUNT(*)", Kind::Int),
    ("COUNT(*)", Kind::Int),
    ("COUNT(1)", Kind::Int),
    ("COUNT({})", Kind::Int),
    ("COUNT(DISTINCT {})", Kind::Int),
    ("COUNT(DISTINCT {}, {o})", Kind::Int),
    ("SUM({c})", Kind::Decimal),
    ("COUNT(*) * 2", Kind::Int),
    ("COUNT(*) > 3", Kind::Int),
    ("COUNT(*) % 2 = 0", Kind::Int),
    ("COUNT(NULLIF({}, {o}))", Kind::Int),
    ("IF(COUNT(*) > 5, 'many', 'few')", Kind::Text),
    (
        "CASE WHEN COUNT({}) = 0 THEN 'none' ELSE 'some' END",
        Kind::Text,
    ),
    ("COUNT({} IS NULL OR NULL)", Kind::Int),
    ("GROUP_CONCAT({})", Kind::Rough),
    (
        "GROUP_CONCAT(DISTINCT {} ORDER BY {} SEPARATOR '; ')",
        Kind::Rough,
    ),
    ("GROUP_CONCAT({} ORDER BY {} DESC)", Kind::Rough),
];

impl Make {
    /// An aggregate of something.
    pub fn aggregate(&mut self, scope: &Scope) -> Value {
        let depth = usize::from(self.chance(25));
        let value = self.value(scope, depth);
        let kind = value.kind;
        let number = matches!(kind, Kind::Int | Kind::Id | Kind::Unsigned | Kind::Decimal);
        let until = |all: usize| if self.simple { SIMPLE } else { all };
        let (numbers, all) = (&NUMBERS[..until(NUMBERS.len())], &ALL[..until(ALL.len())]);
        let of_all = self.one(all);
        let (template, made) = match (kind, self.dice.roll(10)) {
            (Kind::Int | Kind::Unsigned, 0) => (
                self.one(&["BIT_AND({})", "BIT_OR({})", "BIT_XOR({})"]),
                Kind::Unsigned,
            ),
            (_, 1..=5) if number => self.one(numbers),
            (Kind::Float, 1..=5) => (
                self.one(&["SUM({})", "AVG({})", "SUM(DISTINCT {})"]),
                Kind::Rough,
            ),
            (Kind::Json, 6) => ("JSON_ARRAYAGG({})", Kind::Rough),
            (_, 6..=8) if kind != Kind::Json && kind != Kind::Year => {
                // A server says of 0000-00-00 what it does with it, and where: that is its plan's.
                self.view.silent |= matches!(kind, Kind::Date | Kind::Moment);
                let made = match kind {
                    Kind::Text | Kind::Enum | Kind::Loose => Kind::Loose,
                    Kind::Bit => Kind::Unsigned,
                    kind => kind,
                };
                (self.one(&["MIN({})", "MAX({})", "MAX(DISTINCT {})"]), made)
            }
            (Kind::Rough, _) => ("COUNT({})", Kind::Int),
            _ => of_all,
        };
        if template.starts_with("GROUP_CONCAT") || template.starts_with("JSON_A") {
            self.view.list = true;
            self.view.folded = true;
        }
        let parts = filled(template, |name| match name {
            "c" => closed(self.test(scope)),
            "o" => {
                let other = self.column_if(scope, |kind| kind != Kind::Rough);
                other.map_or_else(|| text("1"), |other| other.node)
            }
            _ => value.node.clone(),
        });
        let node = Node::Whole(Sort::Value, parts);
        let made = Value {
            node,
            kind: made,
            values: super::schema::values(made),
        };
        match made.kind {
            Kind::Rough | Kind::Loose => made,
            _ if !self.simple && self.chance(20) => self.made_of(made),
            _ => made,
        }
    }

    /// Something made of this value alone.
    fn made_of(&mut self, value: Value) -> Value {
        let choices = templates(value.kind).iter();
        let alone = |template: &str| !template.contains("{c}") && !template.contains("{o}");
        let choices: Vec<_> = choices.filter(|(template, _)| alone(template)).collect();
        let (template, kind) = *choices[self.dice.roll(choices.len())];
        let parts = filled(template, |name| match name {
            "l" => text(self.dice.pick(super::schema::values(value.kind))),
            _ => closed(value.node.clone()),
        });
        Value {
            node: Node::Whole(Sort::Value, parts),
            kind,
            values: super::schema::values(kind),
        }
    }

    /// Aggregates of all rows.
    pub fn total(&mut self, scope: &Scope, want: Want) -> Body {
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..self.one(&[1, 1, 2, 3]) {
            let value = self.aggregate(scope);
            items.push(self.item(value, &items, want));
        }
        let mut clauses = Vec::new();
        if self.chance(12) {
            let values = self.asked(scope, &[], &items);
            clauses.push(self.having(scope, &values));
        }
        let distinct = self.chance(4) && items.iter().all(|item| item.value.kind != Kind::Rough);
        Body {
            items,
            clauses,
            hidden: Vec::new(),
            words: if distinct {
                "DISTINCT ".to_owned()
            } else {
                String::new()
            },
            total: None,
        }
    }

    /// Groups.
    pub fn grouped(&mut self, scope: &Scope, want: Want) -> Body {
        let mut keys = self.group_keys(scope);
        let by_row = self.chance(8);
        if by_row && let Some(unique) = unique_of_first(scope) {
            keys = unique;
        }
        let mut items: Vec<Item> = Vec::new();
        let width = want.width.unwrap_or_else(|| 1 + self.dice.roll(4));
        while items.len() < width {
            let value = match self.dice.roll(10) {
                0..=3 => self.key_value(&keys),
                4 if by_row => self.value_of_first(scope),
                _ => self.aggregate(scope),
            };
            if value.kind == Kind::Rough && want.width.is_some() {
                continue;
            }
            items.push(self.item(value, &items, want));
        }
        let rollup =
            want.width.is_none() && self.chance(6) && keys.iter().all(|key| key.node.is_leaf());
        if rollup && self.flavor == Flavor::MySql && self.chance(60) {
            let grouping = self.grouping(&keys);
            items.push(self.item(grouping, &items, want));
        }
        let mut clauses = vec![self.group_by(&keys, &items, rollup)];
        let values = self.asked(scope, &keys, &items);
        if self.chance(30) {
            clauses.push(self.having(scope, &values));
        }
        let distinct = self.chance(6)
            && want.width.is_none()
            && items.iter().all(|item| item.value.kind != Kind::Rough);
        Body {
            items,
            clauses,
            hidden: if distinct { Vec::new() } else { values },
            words: if distinct {
                "DISTINCT ".to_owned()
            } else {
                String::new()
            },
            total: None,
        }
    }

    fn group_keys(&mut self, scope: &Scope) -> Vec<Value> {
        let mut keys = Vec::new();
        for _ in 0..self.one(&[1, 1, 1, 2, 2, 3]) {
            let depth = usize::from(self.chance(25));
            let mut key = self.value(scope, depth);
            if key.kind == Kind::Rough {
                continue;
            }
            if key.kind == Kind::Text {
                key.kind = Kind::Loose;
            }
            keys.push(key);
        }
        if keys.is_empty() {
            keys.push(Value::new("NULL", Kind::Int));
        }
        keys
    }

    fn key_value(&mut self, keys: &[Value]) -> Value {
        let key = keys[self.dice.roll(keys.len())].clone();
        match key.kind {
            Kind::Loose | Kind::Float => key,
            _ if self.chance(15) => self.made_of(key),
            _ => key,
        }
    }

    fn value_of_first(&mut self, scope: &Scope) -> Value {
        let first = Scope {
            sources: scope.sources[..1].to_vec(),
            merged: Vec::new(),
        };
        let source = &first.sources[0];
        let field = &source.fields[self.dice.roll(source.fields.len())];
        Value {
            node: super::node::leaf(format!("{}.{}", source.name, field.name)),
            kind: field.kind,
            values: field.values,
        }
    }

    /// Which of the keys a row of ROLLUP has added up.
    fn grouping(&mut self, keys: &[Value]) -> Value {
        let names: Vec<String> = keys.iter().map(|key| key.node.sql()).collect();
        let sql = match self.dice.roll(3) {
            0 => format!("GROUPING({})", names.join(", ")),
            1 => format!("IF(GROUPING({}), 'all', 'one')", names[0]),
            _ => format!("GROUPING({})", names[self.dice.roll(names.len())]),
        };
        Value::new(sql, Kind::Int)
    }

    fn group_by(&mut self, keys: &[Value], items: &[Item], rollup: bool) -> Node {
        let mut named = Vec::new();
        for key in keys {
            let sql = key.node.sql();
            let at = items.iter().position(|item| item.value.node.sql() == sql);
            let short = match at {
                // An alias may be a column's name too, which would win.
                Some(at) if self.chance(12) && items[at].alias.as_deref() != Some("name") => {
                    items[at].named_value().map(|value| value.node)
                }
                Some(at) if self.chance(12) => Some(text((at + 1).to_string())),
                _ => None,
            };
            named.push(short.unwrap_or_else(|| key.node.clone()));
        }
        Node::All(vec![
            text(" GROUP BY "),
            Node::List(", ", named),
            maybe(rollup.then(|| vec![text(" WITH ROLLUP")])),
        ])
    }

    /// Values that groups can be asked for: keys, items by name, aggregates.
    fn asked(&mut self, scope: &Scope, keys: &[Value], items: &[Item]) -> Vec<Value> {
        let mut values = keys.to_vec();
        values.extend(items.iter().filter_map(Item::named_value));
        values.push(self.aggregate(scope));
        values.push(self.aggregate(scope));
        values.retain(|value| value.kind != Kind::Rough);
        values
    }

    /// HAVING about these values.
    pub fn having(&mut self, scope: &Scope, values: &[Value]) -> Node {
        let mut tests = Vec::new();
        for _ in 0..self.one(&[1, 1, 2]) {
            let other;
            let value = if values.is_empty() {
                other = self.column(scope);
                &other
            } else {
                &values[self.dice.roll(values.len())]
            };
            tests.push(self.test_of(value));
        }
        let joint = self.one(&[" AND ", " AND ", " OR "]);
        maybe(Some(vec![text(" HAVING "), Node::List(joint, tests)]))
    }

    fn test_of(&mut self, value: &Value) -> Node {
        let template = match value.kind {
            Kind::Rough => "{} IS NOT NULL",
            _ => loop {
                let template = self.dice.pick(TESTS);
                if !template.contains("{o}") {
                    break template;
                }
            },
        };
        let values = match self.chance(50) {
            true => value.values,
            false => super::schema::values(value.kind),
        };
        let parts = filled(template, |name| match name {
            "l" => super::node::leaf(self.dice.pick(values)),
            _ => value.node.clone(),
        });
        Node::Whole(Sort::Value, parts)
    }
}

/// The columns that tell the rows of the first source apart.
fn unique_of_first(scope: &Scope) -> Option<Vec<Value>> {
    let source = &scope.sources[0];
    let named = |name: &String| {
        let field = source.fields.iter().find(|field| field.name == *name)?;
        let sql = format!("{}.{name}", source.name);
        Some(Value {
            node: super::node::leaf(sql),
            kind: field.kind,
            values: field.values,
        })
    };
    let values: Option<Vec<Value>> = source.unique.iter().map(named).collect();
    values.filter(|values| !values.is_empty())
}

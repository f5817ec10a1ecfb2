//! SELECTs: what they show, in which order and how much of it.

use super::from::From;
use super::make::{Make, Query};
use super::node::{Node, Sort, maybe, text};
use super::schema::Kind;
use super::scope::{Field, Scope, Value};

/// What a query is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Want {
    /// Its columns have names that can be asked for.
    pub named: bool,
    /// It is not inside of another query.
    pub top: bool,
    /// It is a part of a UNION and has so many columns, whose values are fixed.
    pub width: Option<usize>,
}

impl Want {
    pub fn named() -> Self {
        Self {
            named: true,
            ..Self::default()
        }
    }
}

/// Something between SELECT and FROM.
pub struct Item {
    pub node: Node,
    pub value: Value,
    pub alias: Option<String>,
}

/// What the clauses behind WHERE are made of.
pub struct Body {
    pub items: Vec<Item>,
    /// GROUP BY, HAVING, WINDOW.
    pub clauses: Vec<Node>,
    /// What else can be ordered by.
    pub hidden: Vec<Value>,
    /// DISTINCT and other words.
    pub words: String,
    /// Ordering by this makes an order that is fixed.
    pub total: Option<Vec<String>>,
}

const ALIASES: &[&str] = &[
    "n", "x", "total_x", "`a b`", "Größe", "`select`", "name", "user_id", "`x``y`", "X", "`1`",
    "cnt",
];

impl Make {
    pub fn select(&mut self, want: Want) -> Query {
        let from = self.from();
        self.select_from(from, want)
    }

    pub fn select_from(&mut self, from: From, want: Want) -> Query {
        let shape = self.dice.roll(20);
        let scope = &from.scope;
        let body = match shape {
            0..=6 => self.grouped(scope, want),
            7 | 8 if want.width.is_none() => self.total(scope, want),
            9 => self.windows(scope, want),
            _ => self.plain(scope, want),
        };
        self.assembled(from, body, want)
    }

    /// Values of rows, perhaps DISTINCT.
    pub fn plain(&mut self, scope: &Scope, want: Want) -> Body {
        let distinct = want.width.is_none() && self.chance(18);
        let mut items = Vec::new();
        let width = want.width.unwrap_or(1 + self.dice.roll(5));
        if want.top && !distinct && self.chance(10) {
            items.push(self.star(scope));
        }
        while items.len() < width {
            let depth = self.one(&[0, 0, 1, 1, 2, 3]);
            let mut value = self.value(scope, depth);
            if value.kind == Kind::Rough && (distinct || want.width.is_some()) {
                value = Value::new("1", Kind::Int);
            }
            if distinct {
                self.loosen(&mut value);
            }
            items.push(self.item(value, &items, want));
        }
        let hidden = if distinct && !self.dice.once_in(20) {
            Vec::new()
        } else {
            (0..3).map(|at| self.value(scope, at / 2)).collect()
        };
        let mut clauses = Vec::new();
        if want.top && self.chance(4) {
            let values: Vec<Value> = items.iter().filter_map(Item::named_value).collect();
            clauses.push(self.having(scope, &values));
        }
        Body {
            items,
            clauses,
            hidden,
            words: if distinct {
                "DISTINCT ".to_owned()
            } else {
                String::new()
            },
            total: if distinct { None } else { scope.unique() },
        }
    }

    fn star(&mut self, scope: &Scope) -> Item {
        let source = &scope.sources[self.dice.roll(scope.sources.len())];
        let sql = match self.dice.roll(2) {
            0 => "*".to_owned(),
            _ => format!("{}.*", source.name),
        };
        Item {
            node: text(&sql),
            value: Value::new(sql, Kind::Rough),
            alias: None,
        }
    }

    /// Which of several equal strings is shown is not fixed.
    pub fn loosen(&mut self, value: &mut Value) {
        if value.kind == Kind::Text || value.kind == Kind::Loose {
            value.kind = Kind::Loose;
            self.view.folded = true;
        }
    }

    pub fn item(&mut self, value: Value, before: &[Item], want: Want) -> Item {
        if value.kind == Kind::Loose {
            self.view.folded = true;
        }
        let column = value.node.sql();
        let plain = column.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        let is_new = |name: &str| {
            let mut names = before.iter().map(Item::name);
            names.all(|other| !other.eq_ignore_ascii_case(name))
        };
        let alias = if want.named || want.width.is_some() {
            let kept = plain && is_new(&column) && self.chance(50);
            (!kept).then(|| format!("c{}", before.len() + 1))
        } else {
            let alias = self.dice.pick(ALIASES);
            (self.chance(35) && is_new(alias)).then(|| alias.to_owned())
        };
        let mut parts = vec![value.node.clone()];
        if let Some(alias) = &alias {
            let word = self.one(&[" AS ", " AS ", " "]);
            let named = vec![text(format!("{word}{alias}"))];
            // Others may ask for the name of a column of a derived table.
            let free = !want.named;
            parts.push(if free {
                maybe(Some(named))
            } else {
                Node::All(named)
            });
        }
        Item {
            node: Node::All(parts),
            value,
            alias,
        }
    }

    /// Puts the clauses together.
    pub fn assembled(&mut self, from: From, body: Body, want: Want) -> Query {
        let scope = &from.scope;
        let mut words = body.words.clone();
        if want.top {
            words.push_str(self.one(&[
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "SQL_NO_CACHE ",
                "HIGH_PRIORITY ",
                "SQL_BIG_RESULT ",
                "SQL_SMALL_RESULT ",
                "STRAIGHT_JOIN ",
            ]));
        }
        let fields = body.items.iter().map(Item::field).collect();
        let (order, ordered) = match self.chance(if want.width.is_some() { 0 } else { 60 }) {
            true => self.order(scope, &body),
            false => (maybe(None), false),
        };
        let limit = match (want.top, &body.total) {
            (true, _) if self.chance(35) => Some(self.limit()),
            (false, Some(total)) if want.width.is_none() && self.chance(15) => {
                let limit = self.limit();
                let word = if ordered { ", " } else { " ORDER BY " };
                Some(format!("{word}{}{limit}", total.join(", ")))
            }
            _ => None,
        };
        let lock = want.top && self.dice.once_in(80);
        let items = body.items.into_iter().map(|item| item.node).collect();
        let items = match want.width {
            // UNION wants as many.
            Some(_) => Node::All(separated(items)),
            None => Node::List(self.one(&[", ", ", ", ",", " , "]), items),
        };
        let parts = vec![
            text("SELECT "),
            maybe((!words.is_empty()).then(|| vec![text(words)])),
            items,
            text(" FROM "),
            from.tables,
            self.filter(scope, from.conditions.clone()),
            Node::All(body.clauses),
            order,
            maybe(limit.map(|limit| vec![text(limit)])),
            maybe(lock.then(|| vec![text(" LOCK IN SHARE MODE")])),
        ];
        Query {
            node: Node::Whole(Sort::Query, parts),
            fields,
        }
    }

    /// WHERE with these conditions and random ones.
    pub fn filter(&mut self, scope: &Scope, mut conditions: Vec<Node>) -> Node {
        let needed = !conditions.is_empty();
        if self.chance(40)
            && let Some(test) = self.key_test(scope)
        {
            conditions.push(super::values::closed(test));
        }
        if self.chance(45) {
            let depth = self.one(&[0, 1, 1, 2, 3]);
            let condition = self.condition(scope, depth);
            let alone = conditions.is_empty();
            conditions.push(if alone {
                condition
            } else {
                super::values::closed(condition)
            });
        }
        if conditions.is_empty() {
            return maybe(None);
        }
        let mut conditions = conditions.into_iter();
        if needed {
            let first = conditions.next().expect("a condition");
            let others = conditions.map(|one| maybe(Some(vec![text(" AND "), one])));
            let others = Node::All(others.collect());
            return Node::All(vec![text(" WHERE "), first, others]);
        }
        maybe(Some(vec![
            text(" WHERE "),
            Node::List(" AND ", conditions.collect()),
        ]))
    }

    /// ORDER BY with up to three keys, and whether there are any.
    fn order(&mut self, scope: &Scope, body: &Body) -> (Node, bool) {
        let mut keys = Vec::new();
        for _ in 0..self.one(&[1, 1, 2, 2, 3]) {
            let Some(key) = self.order_key(scope, body) else {
                continue;
            };
            let direction = self.one(&["", "", "", " ASC", " DESC", " DESC"]);
            keys.push(Node::All(vec![key, text(direction)]));
        }
        let any = !keys.is_empty();
        let parts = vec![text(" ORDER BY "), Node::List(", ", keys)];
        (maybe(any.then_some(parts)), any)
    }

    fn order_key(&mut self, scope: &Scope, body: &Body) -> Option<Node> {
        if !body.hidden.is_empty() && self.chance(50) {
            let value = &body.hidden[self.dice.roll(body.hidden.len())];
            return is_ordered(value.kind).then(|| value.node.clone());
        }
        let at = self.dice.roll(body.items.len());
        let item = &body.items[at];
        if !is_ordered(item.value.kind) {
            return None;
        }
        let stars = body.items.iter().any(|item| item.node.sql().ends_with('*'));
        match self.dice.roll(6) {
            0 | 1 if !stars => Some(text((at + 1).to_string())),
            2 | 3 => Some(item.named_value()?.node),
            4 if body.total.is_some() => Some(self.changed(scope, item.value.clone()).node),
            _ => Some(item.value.node.clone()),
        }
    }

    pub fn limit(&mut self) -> String {
        let count = self.one(&[0, 1, 1, 2, 3, 5, 7, 10, 20, 100]);
        let offset = self.one(&[0, 1, 2, 3, 5, 10, 30, 200]);
        match self.dice.roll(8) {
            0 | 1 => format!(" LIMIT {offset}, {count}"),
            2 | 3 => format!(" LIMIT {count} OFFSET {offset}"),
            4 if self.dice.once_in(3) => format!(" LIMIT {offset}, 18446744073709551615"),
            _ => format!(" LIMIT {count}"),
        }
    }
}

/// Whether an order by such values is fixed.
pub fn is_ordered(kind: Kind) -> bool {
    kind != Kind::Rough
}

pub fn separated(items: Vec<Node>) -> Vec<Node> {
    let mut parts = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            parts.push(text(", "));
        }
        parts.push(item);
    }
    parts
}

impl Item {
    fn name(&self) -> String {
        match &self.alias {
            Some(alias) => alias.clone(),
            None => self.value.node.sql(),
        }
    }

    fn field(&self) -> Field {
        Field {
            name: self.name(),
            kind: self.value.kind,
            values: self.value.values,
        }
    }

    /// The value by its alias, if it has one.
    pub fn named_value(&self) -> Option<Value> {
        let alias = self.alias.as_ref()?;
        let mut value = self.value.clone();
        value.node = super::node::leaf(alias.as_str());
        Some(value)
    }
}

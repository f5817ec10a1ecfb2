//! GROUP BY and aggregates of which every node has only a part.

use super::clauses::Clauses;
use super::columns::{Compared, Meaning, Scope};
use super::having;
use super::items::{
    AggregateName, Call, Content, SelectItem, content, has_row, is_literal, same_expression,
    subqueries, unwrapped,
};
use super::request::{Form, Requests, Use};
use super::{Aggregate, Column, Function, Group, Operand, Reason, SortKey};
use crate::parse::{Slot, TokenKind};
use crate::plan::words::{Item, is_bare};

/// How the nodes must group and order their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Expressions that GROUP BY names besides the statement's own: those of DISTINCT aggregates.
    pub group_by: Vec<Item>,
    /// Expressions that ORDER BY names besides the statement's own.
    pub order_by: Vec<Item>,
    /// The statement's own ORDER BY stays; else it is left out.
    pub keeps_order: bool,
    /// Each node's first rows are enough for the answer's first ones.
    pub limited: bool,
    /// The nodes group parts: HAVING would judge them too early.
    pub grouped: bool,
}

/// A group under construction.
pub struct Grouping<'a, 's> {
    /// The statement's names.
    pub scope: Scope<'s>,
    /// Its clauses.
    pub clauses: &'a Clauses,
    /// Its hidden columns.
    pub requests: &'a mut Requests<'s>,
}

/// An order by all keys of GROUP BY, and those that the statement's ORDER BY does not name.
type KeyOrder = (Vec<SortKey<Column>>, Vec<Item>);

/// A key of GROUP BY.
struct GroupKey {
    expression: Item,
    operand: Operand<Column>,
}

impl<'s> Grouping<'_, 's> {
    /// The operator, and what the nodes are asked.
    ///
    /// # Errors
    /// Only MySQL can finish it.
    pub fn plan(mut self) -> Result<(Group<Column, Slot>, Parts), Reason> {
        let keys = self.keys()?;
        let mut parts = Parts {
            grouped: true,
            ..Parts::default()
        };
        let mut group = Group {
            keys: keys.iter().map(|key| key.operand).collect(),
            aggregates: Vec::new(),
            count: None,
            arrival: Vec::new(),
            order: Vec::new(),
            having: Vec::new(),
        };
        self.select_items(&mut group, &mut parts)?;
        self.having(&mut group, &mut parts)?;
        self.order(&keys, &mut group, &mut parts)?;
        if !parts.group_by.is_empty() {
            self.check_beside_distinct(&keys)?;
        }
        parts.limited = group.order.is_empty()
            && !group.arrival.is_empty()
            && group.having.is_empty()
            && parts.group_by.is_empty();
        Ok((group, parts))
    }

    fn keys(&mut self) -> Result<Vec<GroupKey>, Reason> {
        let mut keys: Vec<GroupKey> = Vec::new();
        for item in &self.clauses.group_by {
            let (expression, column) = match self.scope.grouped(item)? {
                Meaning::Constant => continue,
                Meaning::Item(at) => {
                    let item = self.item(at)?;
                    (item.expression.clone(), self.requests.item(item))
                }
                Meaning::Expression(expression) => {
                    let value = self.requests.value(&expression);
                    (expression, value)
                }
            };
            if content(self.scope.tokens, &expression) != Content::Plain {
                return Err(Reason::GroupByAggregate);
            }
            let tokens = self.scope.tokens;
            if !subqueries(tokens, &expression).is_empty() || has_row(tokens, &expression) {
                // MySQL does not see that a hidden column is the same.
                return Err(Reason::Incomparable);
            }
            let operand = self.requests.operand(&expression, column, Use::Equal)?;
            keys.push(GroupKey {
                expression,
                operand,
            });
        }
        // Of no rows `GROUP BY NULL` makes no group, and no GROUP BY one.
        let group_by = &self.clauses.group_by;
        match keys.is_empty() && !group_by.is_empty() && !self.scope.beyond_items(group_by.iter()) {
            true => Err(Reason::NotUnderstood),
            false => Ok(keys),
        }
    }

    fn item(&self, at: usize) -> Result<&'s SelectItem, Reason> {
        self.scope.items.get(at).ok_or(Reason::NotUnderstood)
    }

    fn select_items(
        &mut self,
        group: &mut Group<Column, Slot>,
        parts: &mut Parts,
    ) -> Result<(), Reason> {
        let mut plain = false;
        for item in self.scope.items {
            match &item.content {
                Content::Plain => plain = true,
                Content::Computed => return Err(Reason::ComputedAggregate),
                Content::Aggregate(call) => {
                    let place = item.place.ok_or(Reason::NotUnderstood)?;
                    self.aggregate(
                        Column::Visible(place),
                        (&item.expression, call),
                        group,
                        parts,
                    )?;
                }
            }
        }
        if group.keys.is_empty() && plain {
            group.count = Some(self.requests.hidden(Form::CountAll, &(0..0)));
        }
        Ok(())
    }

    /// Adds an aggregate, unless its column is one already.
    fn aggregate(
        &mut self,
        column: Column,
        (expression, call): (&Item, &Call),
        group: &mut Group<Column, Slot>,
        parts: &mut Parts,
    ) -> Result<(), Reason> {
        if group.aggregates.iter().any(|known| known.column == column) {
            return Ok(());
        }
        let function = match call.distinct {
            true => self.distinct(call, parts)?,
            false => self.function(column, expression, call)?,
        };
        group.aggregates.push(Aggregate { column, function });
        Ok(())
    }

    fn function(
        &mut self,
        column: Column,
        expression: &Item,
        call: &Call,
    ) -> Result<Function<Column>, Reason> {
        Ok(match call.function {
            AggregateName::Count => Function::Count,
            AggregateName::Sum => Function::Sum {
                exact: self.exact_sum(expression, call)?,
            },
            AggregateName::Avg => {
                let argument = call.arguments.first().ok_or(Reason::NotUnderstood)?;
                let sum = match self.rounds_parts()? {
                    true => Form::FullSum,
                    false => Form::Sum,
                };
                Function::Avg {
                    sum: self.requests.hidden(sum, argument),
                    count: self.requests.hidden(Form::Count, argument),
                }
            }
            AggregateName::Min => {
                Function::Min(self.requests.operand(expression, column, Use::Equal)?)
            }
            AggregateName::Max => {
                Function::Max(self.requests.operand(expression, column, Use::Equal)?)
            }
            AggregateName::BitAnd => Function::BitAnd,
            AggregateName::BitOr => Function::BitOr,
            AggregateName::BitXor => Function::BitXor,
        })
    }

    /// The hidden column with a sum in full, where what is shown of it may be rounded.
    fn exact_sum(&mut self, sum: &Item, call: &Call) -> Result<Option<Column>, Reason> {
        if self.scope.compared(sum) == Compared::Float {
            return Ok(Some(self.requests.hidden(Form::Float, sum)));
        }
        let argument = call.arguments.first().ok_or(Reason::NotUnderstood)?;
        let rounded = self.rounds_parts()?;
        Ok(rounded.then(|| self.requests.hidden(Form::FullSum, argument)))
    }

    /// Whether a server may have summed up more digits than it shows: MariaDB computes with all the digits of a
    /// quotient. In groups, where it depends on how it goes about it, sums are of what is shown.
    fn rounds_parts(&self) -> Result<bool, Reason> {
        let tokens = self.scope.tokens;
        let divides = || (0..tokens.len()).any(|at| tokens.is_symbol(at, "/"));
        let mariadb = self.scope.resolver.topology.functions.brands().mariadb;
        if !self.clauses.group_by.is_empty() || !mariadb || !divides() {
            return Ok(false);
        }
        // The nodes would group for their sake.
        let distinct =
            |content: &Content| matches!(content, Content::Aggregate(call) if call.distinct);
        match self.scope.items.iter().any(|item| distinct(&item.content)) {
            true => Err(Reason::ComputedAggregate),
            false => Ok(true),
        }
    }

    /// The nodes group by the values too, and the distinct ones are counted here.
    fn distinct(&mut self, call: &Call, parts: &mut Parts) -> Result<Function<Column>, Reason> {
        let [first, rest @ ..] = call.arguments.as_slice() else {
            return Err(Reason::NotUnderstood);
        };
        let mut operands = Vec::with_capacity(call.arguments.len());
        let changes = !matches!(call.function, AggregateName::Min | AggregateName::Max);
        let constant = |argument: &Item| is_literal(self.scope.tokens, argument);
        if changes && call.arguments.iter().all(constant) {
            // Nodes without rows would give its value too.
            return Err(Reason::ComputedAggregate);
        }
        for argument in std::iter::once(first).chain(rest).filter(|_| changes) {
            if !subqueries(self.scope.tokens, argument).is_empty() {
                return Err(Reason::ComputedAggregate);
            }
            self.requests.grouped_by(argument);
            let value = self.requests.value(argument);
            operands.push(self.requests.operand(argument, value, Use::Equal)?);
            let known = |known: &Item| same_expression(self.scope.tokens, known, argument);
            // Behind GROUP BY a name may be an alias.
            self.scope.grouped(argument)?;
            let constant = is_literal(self.scope.tokens, argument);
            if !constant && !parts.group_by.iter().any(known) {
                parts.group_by.push(argument.clone());
            }
        }
        match (call.function, operands.as_slice()) {
            (AggregateName::Count, _) => Ok(Function::CountDistinct(operands)),
            (AggregateName::Sum, [only]) => Ok(Function::SumDistinct(*only)),
            (AggregateName::Avg, [only]) => Ok(Function::AvgDistinct(*only)),
            _ => Err(Reason::ComputedAggregate),
        }
    }

    fn having(&mut self, group: &mut Group<Column, Slot>, parts: &mut Parts) -> Result<(), Reason> {
        let Some(clause) = &self.clauses.having else {
            return Ok(());
        };
        let conditions = having::conditions(&self.scope, clause).ok_or(Reason::Having)?;
        for condition in conditions {
            let meaning = self.scope.grouped(&condition.operand)?;
            let found = self.requested(meaning)?;
            let (expression, column, call) = found.ok_or(Reason::Having)?;
            match call {
                Content::Aggregate(call) if call.function != AggregateName::Avg => {
                    self.aggregate(column, (&expression, &call), group, parts)?;
                }
                _ => return Err(Reason::Having),
            }
            group.having.push(super::Condition {
                column,
                comparison: condition.comparison,
                number: condition.number,
            });
        }
        Ok(())
    }

    /// What is meant, the column that gives it, and what it is made of; `None` for a constant.
    fn requested(&mut self, meaning: Meaning) -> Result<Option<(Item, Column, Content)>, Reason> {
        Ok(match meaning {
            Meaning::Constant => None,
            Meaning::Item(at) => {
                let item = self.item(at)?.clone();
                let column = self.requests.item(&item);
                Some((item.expression, column, item.content))
            }
            Meaning::Expression(expression) => {
                let column = self.requests.value(&expression);
                let made_of = content(self.scope.tokens, &expression);
                Some((expression, column, made_of))
            }
        })
    }

    /// In which order the parts shall come, and the groups be given.
    fn order(
        &mut self,
        keys: &[GroupKey],
        group: &mut Group<Column, Slot>,
        parts: &mut Parts,
    ) -> Result<(), Reason> {
        if !self.scope.block.group_by {
            return self.order_of_one(group, parts);
        }
        if let Some((arrival, missing)) = self.by_keys(keys)? {
            parts.keeps_order = true;
            parts.order_by = missing;
            group.arrival = arrival;
            return Ok(());
        }
        for item in &self.clauses.order_by {
            let meaning = self.scope.ordered(&item.expression)?;
            let Some((expression, column, made_of)) = self.requested(meaning)? else {
                continue;
            };
            match &made_of {
                Content::Plain => {}
                Content::Computed => return Err(Reason::ComputedAggregate),
                Content::Aggregate(call) => {
                    self.aggregate(column, (&expression, call), group, parts)?;
                }
            }
            let key = self.order_key(&expression, column, &made_of, item.descending)?;
            group.order.push(key);
        }
        Ok(())
    }

    /// Without GROUP BY there is one row and no order: servers see to the names in ORDER BY and
    /// to nothing else, not even to ONLY_FULL_GROUP_BY.
    fn order_of_one(&self, group: &Group<Column, Slot>, parts: &mut Parts) -> Result<(), Reason> {
        if group.aggregates.is_empty() && !self.clauses.order_by.is_empty() {
            // Where only ORDER BY has aggregates, that may be an error, which a hidden COUNT(*)
            // would hide.
            return Err(Reason::ComputedAggregate);
        }
        parts.keeps_order = parts.group_by.is_empty();
        if parts.keeps_order {
            return Ok(());
        }
        // Of nodes that group by the values of DISTINCT the names cannot be asked.
        for item in &self.clauses.order_by {
            if let Meaning::Expression(_) = self.scope.ordered(&item.expression)? {
                return Err(Reason::ComputedAggregate);
            }
        }
        Ok(())
    }

    /// A key of the answer's order. What helps to compare MIN and MAX must come from the same part
    /// as the value, and so is what was asked for with the aggregate.
    fn order_key(
        &mut self,
        expression: &Item,
        column: Column,
        made_of: &Content,
        descending: bool,
    ) -> Result<SortKey<Column>, Reason> {
        let operand = match made_of {
            Content::Aggregate(call) => match call.function {
                AggregateName::Min | AggregateName::Max => {
                    if call.arguments.iter().any(|one| self.may_be_member(one)) {
                        return Err(Reason::Incomparable);
                    }
                    self.requests.operand(expression, column, Use::Equal)?
                }
                _ => Operand::plain(column),
            },
            _ => self.requests.operand(expression, column, Use::Sort)?,
        };
        Ok(SortKey {
            operand,
            descending,
        })
    }

    /// Whether it is a column of ENUM or SET, whose MIN and MAX are found as strings but sorted by the
    /// numbers of the members, which nobody tells.
    fn may_be_member(&self, argument: &Item) -> bool {
        let compared = self.scope.compared(argument);
        let column = is_bare(self.scope.tokens, &unwrapped(self.scope.tokens, argument));
        compared == Compared::Member || column && compared == Compared::Unknown
    }

    /// Nodes that group by more than the statement does no longer refuse what it does not say the value of.
    fn check_beside_distinct(&self, keys: &[GroupKey]) -> Result<(), Reason> {
        let items = self.scope.items.iter();
        let plain = items.filter(|item| item.content == Content::Plain);
        let mut free = plain.map(|item| item.star || self.is_free(&item.expression, keys));
        let mut ordered = self.clauses.order_by.iter().map(|item| {
            Ok(match self.scope.ordered(&item.expression)? {
                Meaning::Expression(expression) => {
                    content(self.scope.tokens, &expression) == Content::Plain
                        && self.is_free(&expression, keys)
                }
                Meaning::Item(_) | Meaning::Constant => false,
            })
        });
        let ordered = ordered.try_fold(false, |all, one: Result<bool, Reason>| {
            Ok::<_, Reason>(all | one?)
        })?;
        match ordered || free.any(|free| free) {
            true => Err(Reason::ComputedAggregate),
            false => Ok(()),
        }
    }

    /// Whether GROUP BY does not say what the value is of all rows of a group: it is made of other
    /// columns than keys.
    fn is_free(&self, expression: &Item, keys: &[GroupKey]) -> bool {
        let tokens = self.scope.tokens;
        let is_key = |item: &Item| {
            let mut keys = keys.iter();
            keys.any(|key| same_expression(tokens, &key.expression, item))
        };
        if is_key(expression) {
            return false;
        }
        let is_dot = |at: usize| tokens.kind(at) == Some(TokenKind::Dot);
        let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
        let mut names = expression.clone().filter(|at| {
            is_name(*at) && !is_dot(*at + 1) && tokens.kind(*at + 1) != Some(TokenKind::Open)
        });
        names.any(|last| {
            let mut first = last;
            while first >= expression.start + 2 && is_dot(first - 1) {
                first -= 2;
            }
            !is_key(&(first..last + 1))
        })
    }

    /// The order of the keys if the statement asks for no other, and the keys that its ORDER BY does
    /// not name.
    fn by_keys(&mut self, keys: &[GroupKey]) -> Result<Option<KeyOrder>, Reason> {
        let mut arrival = Vec::with_capacity(keys.len());
        let mut named = vec![false; keys.len()];
        for item in &self.clauses.order_by {
            let expression = match self.scope.ordered(&item.expression)? {
                Meaning::Constant => continue,
                Meaning::Item(at) => self.item(at)?.expression.clone(),
                Meaning::Expression(expression) => expression,
            };
            let same =
                |key: &GroupKey| same_expression(self.scope.tokens, &key.expression, &expression);
            let Some(at) = keys.iter().position(same) else {
                // Behind all keys nothing is left to be ordered.
                if named.iter().all(|named| *named) && !keys.is_empty() {
                    break;
                }
                return Ok(None);
            };
            if let (Some(key), Some(named)) = (keys.get(at), named.get_mut(at))
                && !std::mem::replace(named, true)
            {
                arrival.push(SortKey {
                    operand: key.operand,
                    descending: item.descending,
                });
            }
        }
        let mut missing = Vec::new();
        for (key, _) in keys.iter().zip(&named).filter(|(_, named)| !**named) {
            arrival.push(SortKey::ascending(key.operand));
            if !is_literal(self.scope.tokens, &key.expression) {
                missing.push(key.expression.clone());
            }
        }
        Ok(Some((arrival, missing)))
    }
}

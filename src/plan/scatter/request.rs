//! The hidden columns of a scattered SELECT: asked for once, however often they are needed.

use super::columns::{Compared, Meaning, Scope};
use super::items::{Content, SelectItem, content, may_be_same, same_expression};
use super::{Column, Operand, SortKey, Weight};
use crate::parse::Tokens;
use crate::plan::words::{Item, is_bare};

/// A column that the proxy asks for besides the client's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenColumn {
    /// What is made of the expression.
    pub form: Form,
    /// It stands beside GROUP BY, and is the same, or as good, for all rows of a group, which the server may
    /// not see.
    pub of_group: bool,
    /// The expression, as token numbers; empty where there is none.
    pub expression: Item,
}

/// What a hidden column is of its expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The expression itself.
    Value,
    /// What tells strings apart; of values that may be no strings, that of their text.
    Weight(Known),
    /// What ORDER BY sorts strings by.
    SortWeight(Known),
    /// The weight of a blank, or NULL for a collation that cannot be merged.
    Pad(Known),
    /// The number of a member.
    Member,
    /// All digits.
    Float,
    /// UNIX_TIMESTAMP
    Timestamp,
    /// SUM of it.
    Sum,
    /// SUM of it with all the digits that the server computed it with, which a quotient has more of than are
    /// shown.
    FullSum,
    /// COUNT of it.
    Count,
    /// COUNT(*)
    CountAll,
}

/// Whether it is known that values are strings, and of a collation with weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Strings whose spaces at the end count: nothing is padded.
    NoPad,
    /// Strings of this collation, which pads.
    Padded(String),
    /// They may be anything.
    Nothing,
}

impl Known {
    /// Of MySQL's collations those of Unicode 9.0 do not pad, of MariaDB's those that say so.
    fn of(collation: String) -> Self {
        match collation.contains("_0900_") || collation.contains("_nopad_") {
            true => Self::NoPad,
            false => Self::Padded(collation),
        }
    }
}

/// What a merge compares by, and why it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Order.
    Sort,
    /// Equality.
    Equal,
}

/// Values of a type that only MySQL can compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incomparable;

/// Collects hidden columns.
#[derive(Debug)]
pub struct Requests<'s> {
    scope: Scope<'s>,
    columns: Vec<HiddenColumn>,
    /// The statement groups, or has aggregates.
    groups: bool,
    /// What it groups by.
    keys: Vec<Item>,
}

impl<'s> Requests<'s> {
    /// None yet.
    pub fn new(scope: Scope<'s>, groups: bool, group_by: &[Item]) -> Self {
        let key = |item| match scope.grouped(item).ok()? {
            Meaning::Expression(expression) => Some(expression),
            Meaning::Item(at) => Some(scope.items.get(at)?.expression.clone()),
            Meaning::Constant => None,
        };
        Self {
            scope,
            columns: Vec::new(),
            groups,
            keys: group_by.iter().filter_map(key).collect(),
        }
    }

    /// The nodes group by this too.
    pub fn grouped_by(&mut self, key: &Item) {
        self.keys.push(key.clone());
    }

    /// Whether it is computed from a key of GROUP BY, which MariaDB does not see of a second expression.
    fn is_computed_key(&self, expression: &Item) -> bool {
        let tokens = self.tokens();
        let mut keys = self.keys.iter();
        !is_bare(tokens, expression) && keys.any(|key| may_be_same(tokens, key, expression))
    }

    /// All of them in order.
    pub fn into_columns(self) -> Vec<HiddenColumn> {
        self.columns
    }

    fn tokens(&self) -> Tokens<'s> {
        self.scope.tokens
    }

    /// Asks for a column.
    pub fn hidden(&mut self, form: Form, expression: &Item) -> Column {
        let tokens = self.tokens();
        let known = self.columns.iter().position(|column| {
            column.form == form
                && (column.expression.is_empty() && expression.is_empty()
                    || same_expression(tokens, &column.expression, expression))
        });
        let at = known.unwrap_or_else(|| {
            let made = !matches!(
                form,
                Form::Value | Form::Sum | Form::FullSum | Form::Count | Form::CountAll
            );
            let plain = content(tokens, expression) == Content::Plain;
            let made = made || form == Form::Value && self.is_computed_key(expression);
            self.columns.push(HiddenColumn {
                of_group: self.groups && made && plain,
                form,
                expression: expression.clone(),
            });
            self.columns.len() - 1
        });
        Column::Hidden(at)
    }

    /// The value of a select item.
    pub fn item(&mut self, item: &SelectItem) -> Column {
        match item.place {
            Some(place) => Column::Visible(place),
            None => self.hidden(Form::Value, &item.expression),
        }
    }

    /// The value of an expression: that of a select item that is the same, if there is one.
    pub fn value(&mut self, expression: &Item) -> Column {
        let tokens = self.tokens();
        let same = |item: &&SelectItem| {
            !item.star
                && item.place.is_some()
                && same_expression(tokens, &item.expression, expression)
        };
        let found = self.scope.items.iter().find(same);
        match found.and_then(|item| item.place) {
            Some(place) => Column::Visible(place),
            None => self.hidden(Form::Value, expression),
        }
    }

    /// An expression with its value at `column`, and what its type needs to be compared.
    ///
    /// # Errors
    /// Only MySQL can compare values of its type.
    pub fn operand(
        &mut self,
        expression: &Item,
        column: Column,
        used: Use,
    ) -> Result<Operand<Column>, Incomparable> {
        let mut operand = Operand {
            column,
            weight: None,
            number: None,
        };
        match self.scope.compared(expression) {
            Compared::Plain => {}
            Compared::Text(collation) => {
                let known = Known::of(collation);
                operand.weight = Some(self.weight(expression, used, known));
            }
            Compared::Unknown => {
                operand.weight = Some(self.weight(expression, used, Known::Nothing));
            }
            Compared::Member => operand.number = Some(self.hidden(Form::Member, expression)),
            Compared::Float => operand.number = Some(self.hidden(Form::Float, expression)),
            Compared::Timestamp => operand.number = Some(self.hidden(Form::Timestamp, expression)),
            Compared::Opaque => return Err(Incomparable),
        }
        Ok(operand)
    }

    fn weight(&mut self, expression: &Item, used: Use, known: Known) -> Weight<Column> {
        let weight = match used {
            Use::Sort => Form::SortWeight(known.clone()),
            Use::Equal => Form::Weight(known.clone()),
        };
        // MIN and MAX have the collation of their argument, and are not computed twice for it.
        let padded = match content(self.tokens(), expression) {
            Content::Aggregate(call) => call.arguments.first().cloned(),
            Content::Plain | Content::Computed => None,
        };
        Weight {
            column: self.hidden(weight, expression),
            pad: self.hidden(Form::Pad(known), padded.as_ref().unwrap_or(expression)),
        }
    }

    /// The same as a key of ORDER BY.
    ///
    /// # Errors
    /// As [`Requests::operand`].
    pub fn sort_key(
        &mut self,
        (expression, column): (&Item, Column),
        descending: bool,
        used: Use,
    ) -> Result<SortKey<Column>, Incomparable> {
        Ok(SortKey {
            operand: self.operand(expression, column, used)?,
            descending,
        })
    }
}

//! What is known of an expression's type, and what its names mean.

use super::hidden::has_weights;
use super::items::{AggregateName, Call, Content, SelectItem, content, subqueries, unwrapped};
use crate::parse::ast::{Block, TableRef, TableSource};
use crate::parse::{LiteralKind, TokenKind, Tokens};
use crate::plan::resolve::{Resolved, Resolver};
use crate::plan::words::{Item, is_bare};
use crate::topology::{Column, TableDefinition};

/// How values of an expression are compared, as far as that is known before an answer comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compared {
    /// By themselves: numbers, dates, bytes.
    Plain,
    /// Strings of this collation, which has weights.
    Text(String),
    /// ENUM, SET.
    Member,
    /// A number whose text does not tell all of it.
    Float,
    /// TIMESTAMP
    Timestamp,
    /// Only MySQL can.
    Opaque,
    /// Nobody knows yet.
    Unknown,
}

/// The names of a block: its tables and its select list.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The statement.
    pub tokens: Tokens<'s>,
    /// The block.
    pub block: &'s Block,
    /// Its select list.
    pub items: &'s [SelectItem],
    /// Looks tables up.
    pub resolver: Resolver<'s>,
}

/// What an item of ORDER BY or GROUP BY stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The same for all rows.
    Constant,
    /// An item of the select list.
    Item(usize),
    /// An expression over the tables' columns.
    Expression(Item),
}

/// A name of which it is not certain what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncertain;

impl Scope<'_> {
    /// What an item of ORDER BY means: an item of the select list before a column.
    ///
    /// # Errors
    /// It names an alias inside an expression, or an item behind `*`.
    pub fn ordered(&self, item: &Item) -> Result<Meaning, Uncertain> {
        if let Some(meaning) = self.ordinal(item)? {
            return Ok(meaning);
        }
        match self.called(item)? {
            Some(found) => Ok(Meaning::Item(found)),
            None => self.expression(item),
        }
    }

    /// What an item of GROUP BY means: a column before an item of the select list.
    ///
    /// # Errors
    /// As [`Scope::ordered`]; or it is not known whether there is such a column.
    pub fn grouped(&self, item: &Item) -> Result<Meaning, Uncertain> {
        if let Some(meaning) = self.ordinal(item)? {
            return Ok(meaning);
        }
        let Some(found) = self.called(item)? else {
            return self.expression(item);
        };
        let expression = self.items.get(found).map(|item| item.expression.clone());
        let itself = expression.is_some_and(|expression| {
            is_bare(self.tokens, &expression) && self.same_word(expression.end - 1, item.start)
        });
        if itself {
            return Ok(Meaning::Item(found));
        }
        let name = self.tokens.name(item.start).unwrap_or_default();
        // A column of the name would win, unless USING has merged several; and beside an alias of its
        // name it cannot be asked for.
        match self.has_column(&name) {
            Some(false) => Ok(Meaning::Item(found)),
            Some(true) | None => Err(Uncertain),
        }
    }

    /// `ORDER BY 2`, `ORDER BY NULL`.
    ///
    /// # Errors
    /// `(2)` and `+2` are the number of an item to the servers, `1 + 1` is none; to MariaDB TRUE is 1.
    fn ordinal(&self, item: &Item) -> Result<Option<Meaning>, Uncertain> {
        let at = item.start;
        if item.len() != 1 {
            return match item.clone().any(|at| self.may_be_name(at)) {
                true => Ok(None),
                false => Err(Uncertain),
            };
        }
        match self.tokens.kind(at) {
            Some(TokenKind::Fixed) => {}
            Some(TokenKind::Literal) => {
                let literal = self.tokens.literal(at);
                return match literal.map(|literal| literal.kind) {
                    // MariaDB takes a bound number for an item's, MySQL for a constant.
                    Some(LiteralKind::Placeholder | LiteralKind::Bool) => Err(Uncertain),
                    _ => Ok(Some(Meaning::Constant)),
                };
            }
            Some(TokenKind::Reserved) if self.tokens.is_word(at, "NULL") => {
                return Ok(Some(Meaning::Constant));
            }
            _ if self.may_be_name(at) => return Ok(None),
            _ => return Err(Uncertain),
        }
        let number = std::str::from_utf8(self.tokens.text(at)).ok();
        let Some(number) = number.and_then(|text| text.parse::<usize>().ok()) else {
            return Ok(Some(Meaning::Constant));
        };
        let until = self.items.get(..number).unwrap_or(self.items);
        if until.iter().any(|item| item.star) {
            return Err(Uncertain);
        }
        // The servers refuse the number of no item; see `beyond_items`.
        Ok(Some(match number.checked_sub(1) {
            Some(found) if found < self.items.len() => Meaning::Item(found),
            _ => Meaning::Constant,
        }))
    }

    /// Whether a token is more than a literal, an operator or a parenthesis.
    fn may_be_name(&self, at: usize) -> bool {
        const CONSTANT: [&str; 4] = ["NULL", "TRUE", "FALSE", "NOT"];
        match self.tokens.kind(at) {
            Some(TokenKind::Reserved) => !CONSTANT.iter().any(|word| self.tokens.is_word(at, word)),
            kind => matches!(
                kind,
                Some(
                    TokenKind::Word
                        | TokenKind::Quoted
                        | TokenKind::UserVariable
                        | TokenKind::SystemVariable
                )
            ),
        }
    }

    /// Whether one of these is the number of no item: of hidden columns, the servers would take it for
    /// the first one's.
    pub fn beyond_items<'i>(&self, mut items: impl Iterator<Item = &'i Item>) -> bool {
        items.any(|item| {
            let number = (item.len() == 1).then(|| self.tokens.text(item.start));
            let number = number.and_then(|text| std::str::from_utf8(text).ok());
            let number = number.and_then(|text| text.parse::<usize>().ok());
            self.tokens.kind(item.start) == Some(TokenKind::Fixed)
                && number.is_some_and(|number| number > self.items.len())
        })
    }

    /// Whether one of these is a name that an alias has and a hidden column would have too, or that calls a
    /// column of another table once that is a hidden column: `GROUP BY t.c, c` after USING.
    pub fn shadowed<'i>(
        &self,
        mut items: impl Iterator<Item = &'i Item>,
        hidden: &[&Item],
    ) -> bool {
        let name = |at: usize| self.tokens.name(at).map(|name| name.to_lowercase());
        items.any(|item| {
            let called = (item.len() == 1).then(|| name(item.start)).flatten();
            let has = |own: Option<String>| called.is_some() && own == called;
            let mut aliases = self.items.iter().filter_map(|item| item.alias.as_ref());
            let mut columns = hidden.iter().filter(|column| is_bare(self.tokens, column));
            let aliased = aliases.any(|alias| has(Some(alias.to_lowercase())));
            columns.any(|column| (aliased || column.len() > 1) && has(name(column.end - 1)))
        })
    }

    /// The select item that a single name calls.
    ///
    /// # Errors
    /// It may call one that is named by its own text: a string, or an expression; or it calls several.
    fn called(&self, item: &Item) -> Result<Option<usize>, Uncertain> {
        let name = (item.len() == 1).then(|| self.tokens.name(item.start));
        let Some(name) = name.flatten() else {
            return Ok(None);
        };
        let is_it = |item: &SelectItem| {
            let own = item.name.as_deref();
            own.is_some_and(|own| own.to_lowercase() == name.to_lowercase())
        };
        let found = self.items.iter().position(is_it);
        // Servers take what is computed before a column, wherever it stands; of columns only the same one twice.
        let computed = |item: &SelectItem| !is_bare(self.tokens, &item.expression);
        let named = || self.items.iter().filter(|item| is_it(item));
        let several = named().count() > 1 && named().any(computed);
        // Which string it is differs between statements of one plan.
        let string = |item: &SelectItem| {
            let at = item.expression.start;
            let number = |text: &[u8]| text.first().is_some_and(|c| b"+-.0123456789".contains(c));
            let literal = self.tokens.kind(at) == Some(TokenKind::Literal);
            let alone = item.alias.is_none() && item.expression.len() == 1;
            alone && literal && !number(self.tokens.text(at))
        };
        let is_word = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        match several || self.items.iter().any(string) || found.is_none() && !is_word {
            true => Err(Uncertain),
            false => Ok(found),
        }
    }

    /// An expression, unless a name in it may be an alias.
    fn expression(&self, item: &Item) -> Result<Meaning, Uncertain> {
        let inside = subqueries(self.tokens, item);
        let mut names = item.clone().filter(|at| {
            let near = [at.wrapping_sub(1), at + 1].map(|at| self.tokens.kind(at));
            let alone = !near.contains(&Some(TokenKind::Dot)) && near[1] != Some(TokenKind::Open);
            alone && item.len() > 1 || inside.iter().any(|query| query.contains(at))
        });
        let alias = |at: usize| {
            let name = self.tokens.name(at).map(|name| name.to_lowercase());
            let mut aliases = self.items.iter().filter_map(|item| item.alias.as_ref());
            name.is_some_and(|name| aliases.any(|alias| alias.to_lowercase() == name))
        };
        match names.any(alias) {
            true => Err(Uncertain),
            false => Ok(Meaning::Expression(item.clone())),
        }
    }

    fn same_word(&self, a: usize, b: usize) -> bool {
        let name = |at| self.tokens.name(at).map(|name| name.to_lowercase());
        name(a) == name(b)
    }

    /// How values of an expression are compared; those of MIN and MAX as those of their argument,
    /// but for ENUM and SET, which they compare as strings.
    pub fn compared(&self, expression: &Item) -> Compared {
        if let Content::Aggregate(call) = content(self.tokens, expression) {
            return self.compared_aggregate(&call);
        }
        let found = self.columns(expression);
        match found.as_deref() {
            Some([only]) => compared(only),
            _ if is_number(self.tokens, expression) => Compared::Plain,
            _ => Compared::Unknown,
        }
    }

    fn compared_aggregate(&self, call: &Call) -> Compared {
        use AggregateName::{Avg, BitAnd, BitOr, BitXor, Count, Max, Min, Sum};
        let argument = call
            .arguments
            .first()
            .map(|argument| self.compared(argument));
        match (call.function, argument) {
            // They compare members as strings.
            (Min | Max, Some(Compared::Member)) => Compared::Unknown,
            (Min | Max, Some(argument)) => argument,
            (Sum | Avg, Some(Compared::Float)) => Compared::Float,
            (Count | Sum | Avg | BitAnd | BitOr | BitXor, _) | (Min | Max, None) => Compared::Plain,
        }
    }

    /// The columns that a plain column reference may be; `None`: it is none, or not all tables are
    /// known.
    fn columns(&self, expression: &Item) -> Option<Vec<&Column>> {
        let expression = &unwrapped(self.tokens, expression);
        let dots = expression
            .clone()
            .filter(|at| self.tokens.kind(*at) == Some(TokenKind::Dot));
        let is_column =
            is_bare(self.tokens, expression) && expression.len() == 2 * dots.count() + 1;
        let last = expression.end.checked_sub(1).filter(|_| is_column)?;
        let name = self.tokens.name(last)?;
        let table = last
            .checked_sub(2)
            .filter(|at| *at >= expression.start)
            .and_then(|at| self.tokens.name(at));
        let meant = self.block.tables.iter().filter(|reference| {
            table
                .as_ref()
                .is_none_or(|table| self.has_name(reference, table))
        });
        let mut found = Vec::new();
        for reference in meant {
            let columns = &self.definition(reference)?.columns;
            found.extend(
                columns
                    .iter()
                    .filter(|c| c.name.eq_ignore_ascii_case(&name)),
            );
        }
        Some(found)
    }

    /// Whether one of the tables has a column of this name; `None`: not all of them are known.
    fn has_column(&self, name: &str) -> Option<bool> {
        let mut has = false;
        for reference in &self.block.tables {
            let columns = &self.definition(reference)?.columns;
            has |= columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
        }
        Some(has)
    }

    fn has_name(&self, reference: &TableRef, table: &str) -> bool {
        let own = match (&reference.alias, &reference.source) {
            (Some(alias), _) => alias,
            (None, TableSource::Named { name, .. } | TableSource::Cte { name, .. }) => name,
            _ => return false,
        };
        self.resolver.same_name(own, table)
    }

    fn definition(&self, reference: &TableRef) -> Option<&TableDefinition> {
        definition(self.resolver, reference)
    }
}

/// What is known of a sharded or broadcast table.
pub fn definition<'t>(resolver: Resolver<'t>, reference: &TableRef) -> Option<&'t TableDefinition> {
    let TableSource::Named { schema, name, .. } = &reference.source else {
        return None;
    };
    let table = match resolver.table(schema.as_deref(), name).ok()? {
        Resolved::Sharded(_, table, _) | Resolved::Broadcast(table) => table,
        Resolved::Single(..) | Resolved::System => return None,
    };
    let (id, _) = resolver.topology.table(table.schema, name)?;
    resolver.topology.definition(id).map(AsRef::as_ref)
}

/// Functions that give a number or a date, whatever they are given.
const NUMBERS: [&str; 42] = [
    "ABS",
    "ASCII",
    "BIT_COUNT",
    "BIT_LENGTH",
    "CEIL",
    "CEILING",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "CRC32",
    "DATE",
    "DATEDIFF",
    "DAY",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "DAYOFYEAR",
    "FIELD",
    "FIND_IN_SET",
    "FLOOR",
    "HOUR",
    "INSTR",
    "ISNULL",
    "LAST_DAY",
    "LENGTH",
    "LOCATE",
    "MICROSECOND",
    "MINUTE",
    "MOD",
    "MONTH",
    "OCTET_LENGTH",
    "ORD",
    "QUARTER",
    "ROUND",
    "SECOND",
    "SIGN",
    "STRCMP",
    "TIMESTAMPDIFF",
    "TO_DAYS",
    "TRUNCATE",
    "WEEK",
    "WEEKDAY",
    "YEAR",
    "YEARWEEK",
];

/// Whether an expression is a number for certain: one of these functions and no more, or an operation
/// that always gives one.
fn is_number(tokens: Tokens<'_>, expression: &Item) -> bool {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(expression.start);
    let outside = || expression.clone().filter(|at| depth(*at) == own);
    let called = NUMBERS
        .iter()
        .any(|name| tokens.is_word(expression.start, name));
    if called && outside().count() == 3 && tokens.kind(expression.end - 1) == Some(TokenKind::Close)
    {
        return true;
    }
    let unclear = ["CASE", "COLLATE", "INTERVAL", "BINARY"];
    let operators = [
        "+", "-", "*", "/", "%", "=", "<=>", "<", "<=", ">", ">=", "<>", "!=",
    ];
    let words = [
        "DIV", "MOD", "IS", "IN", "LIKE", "BETWEEN", "AND", "OR", "XOR", "NOT",
    ];
    let has_word =
        |list: &[&str]| outside().any(|at| list.iter().any(|word| tokens.is_word(at, word)));
    let known = |at: usize| operators.iter().any(|symbol| tokens.is_symbol(at, symbol));
    let mut symbols = outside().filter(|at| {
        matches!(
            tokens.kind(*at),
            Some(TokenKind::Operator | TokenKind::Comparison)
        )
    });
    let (any, all) = (symbols.clone().next().is_some(), symbols.all(known));
    !has_word(&unclear) && all && (any || has_word(&words))
}

fn compared(column: &Column) -> Compared {
    let fixed_digits = column.column_type.contains('(');
    match column.data_type.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" | "bit" | "decimal"
        | "date" | "datetime" | "time" | "binary" | "varbinary" | "tinyblob" | "blob"
        | "mediumblob" | "longblob" => Compared::Plain,
        "double" if !fixed_digits => Compared::Plain,
        "double" | "float" => Compared::Float,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => {
            match column.collation.as_deref() {
                Some(collation) if has_weights(collation) => Compared::Text(collation.to_owned()),
                Some(_) => Compared::Opaque,
                None => Compared::Unknown,
            }
        }
        "enum" | "set" => match column.collation.as_deref() {
            Some(collation) if !has_weights(collation) => Compared::Opaque,
            _ => Compared::Member,
        },
        "timestamp" => Compared::Timestamp,
        "json" | "geometry" | "vector" | "uuid" | "inet4" | "inet6" => Compared::Opaque,
        _ => Compared::Unknown,
    }
}

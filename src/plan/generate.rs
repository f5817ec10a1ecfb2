//! INSERT and REPLACE into a table whose rows the proxy gives ids.
//!
//! In: the tokens of a statement. Out: a [`Generate`], where the ids stand or must be put, or the
//! reason why that is not certain. Everything else is decided on the text that has the ids.

use std::fmt;
use std::ops::Range;

use super::reach::{self, Reach};
use super::resolve::Resolver;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::write::duplicates;
use super::{Action, Duplicates, Plan, Request, load};
use crate::error::{MysqlError, StageError};
use crate::parse::ast::{self, Ast, Insert, InsertSource, TableSource};
use crate::parse::{Slot, TokenKind, Tokens};
use crate::topology::{Generated, IdColumn, Sharding, Table, TableId, TableKind};

/// The ids that the rows of an INSERT or REPLACE need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generate {
    /// The table that the rows go to.
    pub table: TableId,
    /// What gives it ids.
    pub generated: Generated,
    /// What the servers have for the column.
    pub column: IdColumn,
    /// Where the column's name must be put.
    pub name: Option<NamePlace>,
    /// Where the ids are.
    pub ids: IdPlaces,
    /// What a row does whose key is there already.
    pub duplicates: Duplicates,
}

impl Generate {
    /// What a statement is told that cannot be given ids.
    pub fn refusal(&self) -> MysqlError {
        let column = &self.generated.column;
        let what = format!("a prepared INSERT or REPLACE of rows whose column '{column}' gets ids");
        PlanError::from(Unsupported::Statement(what)).to_mysql()
    }
}

/// Where the column's name is put, by token number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamePlace {
    /// Before the `)` of the list of columns; `first`: nothing stands in the list.
    InList {
        /// The `)`.
        close: usize,
        /// No comma before it.
        first: bool,
    },
    /// In a list of its own before VALUES.
    NewList(usize),
}

/// Where the ids of the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdPlaces {
    /// The rows are one folded list of literals.
    Folded {
        /// Its first slot.
        first: Slot,
        /// Which of a row's values is the id; `None`: it must be put behind the last one.
        at: Option<usize>,
    },
    /// One place for each row.
    Rows(Vec<IdPlace>),
}

/// Where the id of a row is, by token number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdPlace {
    /// A literal, NULL or DEFAULT.
    Written(usize),
    /// It must be put before a row's `)`; `first`: nothing else stands in the row.
    InRow {
        /// The `)`.
        close: usize,
        /// No comma before it.
        first: bool,
    },
    /// An expression, which is the client's own id.
    Value,
    /// It must be assigned behind SET's last assignment, which ends with this token.
    Assigned(usize),
}

impl fmt::Display for Generate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (column, kind) = (&self.generated.column, self.generated.kind.name());
        let number = self.column.form.is_number();
        let wanted = match &self.ids {
            IdPlaces::Folded { at: Some(_), .. } if number => "where it is NULL or 0",
            IdPlaces::Folded { at: Some(_), .. } => "where it is NULL",
            IdPlaces::Folded { at: None, .. } => "in every row",
            IdPlaces::Rows(rows) => {
                let is_written = |place: &IdPlace| matches!(place, IdPlace::Written(_));
                let is_own = |place: &IdPlace| *place == IdPlace::Value;
                match rows.iter().any(is_written) {
                    true if number => "where it is NULL, DEFAULT or 0",
                    true => "where it is NULL or DEFAULT",
                    false if rows.iter().all(is_own) => "in no row",
                    false => "in every row",
                }
            }
        };
        write!(f, "column '{column}' gets an id ({kind}) {wanted}")
    }
}

/// The plan of a statement whose rows need ids first; `None`: it is another statement.
pub(super) fn plan(request: &Request<'_>) -> Option<Plan> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    let stores = ["INSERT", "REPLACE", "LOAD"];
    let any = |table: &Table| of(table).is_some();
    if !stores.iter().any(|word| tokens.begins(&[word]))
        || !resolver.topology.tables.iter().any(any)
        || load::is_local(tokens)
    {
        return None;
    }
    let ast = ast::parse(&tokens, request.mode);
    let Some(ast) = ast.ok().filter(|_| !tokens.begins(&["LOAD"])) else {
        let error = named(tokens, resolver).map(PlanError::from)?;
        return Some(Plan::refusal(&error));
    };
    let insert = ast.insert.as_ref()?;
    if matches!(insert.source, InsertSource::Select(_)) {
        return None;
    }
    let target = Target::of(&ast, tokens, resolver)?;
    let reach = || -> Reach { reach::named(tokens, resolver) };
    let usable = resolver.table(Some(&target.schema), &target.table);
    Some(match usable.and_then(|_| target.generate(&ast, insert)) {
        Ok(generate) => Plan::untouching(Action::Generate(Box::new(generate))).naming(reach()),
        Err(error) => Plan::refusal(&error).naming(reach()),
    })
}

/// The refusal of a statement that the parser does not know and that may store rows in a table
/// whose rows get ids.
pub(super) fn named(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Option<Unsupported> {
    let calls = |at: usize| tokens.kind(at + 1) == Some(TokenKind::Open);
    let stores = |at: usize| {
        ["INSERT", "REPLACE"]
            .iter()
            .any(|word| tokens.is_word(at, word))
    };
    let mut all = 0..tokens.len();
    if !tokens.begins(&["LOAD"]) && !all.any(|at| stores(at) && !calls(at)) {
        return None;
    }
    let is_name =
        |at: &usize| matches!(tokens.kind(*at), Some(TokenKind::Word | TokenKind::Quoted));
    let names = (0..tokens.len()).filter(is_name);
    let names: Vec<String> = names.filter_map(|at| tokens.name(at)).collect();
    let is_there = |wanted: &str| names.iter().any(|name| resolver.same_name(name, wanted));
    let is_named = |table: &&Table| {
        let schema = resolver.topology.schema_by_id(table.schema);
        of(table).is_some()
            && is_there(&table.name)
            && (resolver.current_schema() == Some(table.schema)
                || schema.is_some_and(|schema| is_there(&schema.name)))
    };
    let table = resolver.topology.tables.iter().find(is_named)?;
    let name = resolver.full_name(table);
    let what = match tokens.begins(&["LOAD"]) {
        true => format!("LOAD DATA into '{name}', whose rows get ids"),
        false => format!("this form of INSERT into '{name}', whose rows get ids"),
    };
    Some(Unsupported::Statement(what))
}

/// What gives a table's rows ids.
fn of(table: &Table) -> Option<(&Sharding, &Generated)> {
    match &table.kind {
        TableKind::Sharded(sharding) => Some((sharding, sharding.generate.as_ref()?)),
        _ => None,
    }
}

/// The table that rows are stored in.
struct Target<'t> {
    id: TableId,
    schema: String,
    table: String,
    name: String,
    sharding: &'t Sharding,
    generated: &'t Generated,
    tokens: Tokens<'t>,
}

impl<'t> Target<'t> {
    fn of(ast: &Ast, tokens: Tokens<'t>, resolver: Resolver<'t>) -> Option<Self> {
        let reference = ast.blocks.first()?.tables.first()?;
        let TableSource::Named { schema, name, .. } = &reference.source else {
            return None;
        };
        let schema = schema.as_deref().or(resolver.current)?;
        let (schema_id, found) = resolver.topology.schema(schema)?;
        let (id, table) = resolver.known(schema_id, name)?;
        let (sharding, generated) = of(table)?;
        Some(Self {
            id,
            schema: found.name.clone(),
            table: table.name.clone(),
            name: resolver.full_name(table),
            sharding,
            generated,
            tokens,
        })
    }

    fn generate(&self, ast: &Ast, insert: &Insert) -> Result<Generate, PlanError> {
        let Some(column) = self.generated.found else {
            return Err(Unsupported::ColumnsNotKnown(self.name.clone()).into());
        };
        let duplicates = duplicates(ast.kind, insert, self.tokens);
        self.check(duplicates, column)?;
        let (name, ids) = match &insert.source {
            InsertSource::Folded(first) => self.folded(insert, *first)?,
            InsertSource::Rows(rows) => {
                let rows: Vec<_> = rows.iter().map(|row| row.tokens.clone()).collect();
                self.rows(insert, &rows)?
            }
            InsertSource::Set(assigned) => {
                let is_it = |name: &str| self.is_column(name);
                let times = assigned.iter().filter(|a| is_it(&a.column.name)).count();
                (None, IdPlaces::Rows(vec![self.assignment(times)?]))
            }
            InsertSource::Select(_) => return Err(self.not_understood()),
        };
        Ok(Generate {
            table: self.id,
            generated: self.generated.clone(),
            column,
            name,
            ids,
            duplicates,
        })
    }

    /// What becomes of a row must follow from the servers' answers.
    fn check(&self, duplicates: Duplicates, column: IdColumn) -> Result<(), PlanError> {
        if !column.form.is_number() {
            // Such an id is no insert id: the answers need not tell which row has it.
            return Ok(());
        }
        let may_fail = matches!(duplicates, Duplicates::Ignore | Duplicates::Update { .. });
        if may_fail && has_words(self.tokens, &["RETURNING"]) {
            return Err(self.refused("RETURNING with IGNORE or ON DUPLICATE KEY UPDATE"));
        }
        if matches!(duplicates, Duplicates::Update { .. }) && !column.auto_increment {
            let (name, column) = (&self.name, &self.generated.column);
            let what = format!(
                "ON DUPLICATE KEY UPDATE in an INSERT into '{name}', whose column '{column}' gets ids \
                 but is not AUTO_INCREMENT on every shard; make it so"
            );
            return Err(Unsupported::Statement(what).into());
        }
        Ok(())
    }

    fn is_column(&self, name: &str) -> bool {
        name.to_lowercase() == self.generated.column
    }

    /// ` … in an INSERT into 'shop.orders', whose column 'id' gets ids`
    fn refused(&self, what: &str) -> PlanError {
        let (name, column) = (&self.name, &self.generated.column);
        let what = format!("{what} in an INSERT into '{name}', whose column '{column}' gets ids");
        Unsupported::Statement(what).into()
    }

    /// The id's place among the columns that are listed, or that a row without a list has; how many
    /// there are.
    fn position(&self, insert: &Insert) -> Result<(Option<usize>, usize), PlanError> {
        let columns = match (&insert.columns, &self.sharding.columns) {
            (Some(columns), _) | (None, Some(columns)) => columns,
            (None, None) => return Err(Unsupported::ColumnsNotKnown(self.name.clone()).into()),
        };
        let at = columns.iter().position(|column| self.is_column(column));
        if at.is_none() && insert.columns.is_none() {
            return Err(self.refused("no list of columns, and the column is invisible,"));
        }
        Ok((at, columns.len()))
    }

    fn folded(
        &self,
        insert: &Insert,
        first: Slot,
    ) -> Result<(Option<NamePlace>, IdPlaces), PlanError> {
        let (at, columns) = self.position(insert)?;
        let group = self.tokens.digest().group(first);
        if group.is_none_or(|group| group.columns as usize != columns) {
            return Err(PlanError::WrongValueCount { row: 1 });
        }
        let slots = self.tokens.slots();
        let list = slots.iter().position(|slot| *slot == Some(first));
        let list = list.ok_or_else(|| self.not_understood())?;
        let name = match at {
            Some(_) => None,
            None => Some(self.in_list(list, columns == 0)?),
        };
        self.check_alias(name, list + 1)?;
        Ok((name, IdPlaces::Folded { first, at }))
    }

    fn rows(
        &self,
        insert: &Insert,
        rows: &[Range<usize>],
    ) -> Result<(Option<NamePlace>, IdPlaces), PlanError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Err(self.not_understood());
        };
        self.check_reads(first.start..last.end)?;
        let values: Vec<Vec<Range<usize>>> = rows.iter().map(|row| self.values(row)).collect();
        let empty = values.iter().all(Vec::is_empty);
        let (name, at) = match &insert.columns {
            // `INSERT INTO t VALUES ()` stores defaults.
            None if empty => {
                let values = first.start.checked_sub(1);
                let values = values.ok_or_else(|| self.not_understood())?;
                (Some(NamePlace::NewList(values)), None)
            }
            _ => match self.position(insert)? {
                (Some(at), _) => (None, Some(at)),
                (None, columns) => (Some(self.in_list(first.start, columns == 0)?), None),
            },
        };
        self.check_alias(name, last.end)?;
        let numbered = rows.iter().zip(&values).zip(1..);
        let places = numbered.map(|((row, values), number)| match at {
            None => Ok(IdPlace::InRow {
                close: row.end - 1,
                first: values.is_empty(),
            }),
            Some(at) => {
                let value = values.get(at);
                let value = value.ok_or(PlanError::WrongValueCount { row: number })?;
                self.written(value)
            }
        });
        Ok((name, IdPlaces::Rows(places.collect::<Result<_, _>>()?)))
    }

    /// Before the `)` of the list of columns, which stands before VALUES and the first row.
    fn in_list(&self, rows: usize, first: bool) -> Result<NamePlace, PlanError> {
        let close = rows.checked_sub(2);
        let close = close.filter(|at| self.tokens.kind(*at) == Some(TokenKind::Close));
        let close = close.ok_or_else(|| self.not_understood())?;
        Ok(NamePlace::InList { close, first })
    }

    /// The values of a row, as tokens.
    fn values(&self, row: &Range<usize>) -> Vec<Range<usize>> {
        let open = row.start + usize::from(self.tokens.is_word(row.start, "ROW"));
        let close = row.end.saturating_sub(1);
        let depth = self.tokens.get(open).map_or(0, |token| token.depth + 1);
        let is_comma = |at: &usize| {
            let token = self.tokens.get(*at);
            token.is_some_and(|t| t.kind == TokenKind::Comma && t.depth == depth)
        };
        if close <= open + 1 {
            return Vec::new();
        }
        let mut from = open + 1;
        let ends = (open + 1..close).filter(is_comma).chain([close]);
        ends.map(|end| std::mem::replace(&mut from, end + 1)..end)
            .collect()
    }

    /// Ids are numbers, as far as the servers' columns are known.
    fn is_number(&self) -> bool {
        self.generated
            .found
            .is_none_or(|column| column.form.is_number())
    }

    /// A value that can be read: a literal that stands alone, NULL or DEFAULT.
    fn written(&self, value: &Range<usize>) -> Result<IdPlace, PlanError> {
        let alone = value.len() == 1;
        let kind = self.tokens.kind(value.start);
        let is = |word| self.tokens.is_word(value.start, word);
        let readable = kind == Some(TokenKind::Literal)
            || (kind == Some(TokenKind::Reserved) && (is("DEFAULT") || is("NULL")));
        match alone && readable {
            true => Ok(IdPlace::Written(value.start)),
            // The insert id would be its value.
            false if !self.is_number() => Ok(IdPlace::Value),
            false => Err(self.refused("an expression as id")),
        }
    }

    /// Where SET assigns the id, or its last assignment ends; it assigns it so many times.
    fn assignment(&self, times: usize) -> Result<IdPlace, PlanError> {
        let top = |at: &usize| self.tokens.get(*at).is_some_and(|token| token.depth == 0);
        let is = |at: &usize, word: &str| top(at) && self.tokens.is_word(*at, word);
        let set = (0..self.tokens.len()).find(|at| is(at, "SET"));
        let set = set.ok_or_else(|| self.not_understood())?;
        let ends = |at: &usize| is(at, "ON") || is(at, "AS") || is(at, "RETURNING");
        let end = (set..self.tokens.len()).find(ends);
        let end = end.unwrap_or(self.tokens.len());
        self.check_alias(None, end)?;
        let named = (set + 1..end).filter(|at| self.names_column(*at));
        let named: Vec<usize> = named.collect();
        match (times, named.as_slice()) {
            (0, []) => Ok(IdPlace::Assigned(end - 1)),
            (1, [at]) => {
                let value = at + 2..self.end_of_value(at + 2, end);
                self.written(&value)
            }
            _ => Err(self.refused("an expression that reads the column")),
        }
    }

    fn end_of_value(&self, from: usize, end: usize) -> usize {
        let is_comma = |at: &usize| {
            let token = self.tokens.get(*at);
            token.is_some_and(|t| t.kind == TokenKind::Comma && t.depth == 0)
        };
        (from..end).find(is_comma).unwrap_or(end)
    }

    /// In expressions MySQL's column is still 0 where ours has its id.
    fn check_reads(&self, rows: Range<usize>) -> Result<(), PlanError> {
        match rows.into_iter().any(|at| self.names_column(at)) {
            true => Err(self.refused("an expression that reads the column")),
            false => Ok(()),
        }
    }

    fn names_column(&self, at: usize) -> bool {
        let is_name = matches!(
            self.tokens.kind(at),
            Some(TokenKind::Word | TokenKind::Quoted)
        );
        // A function may have the name of the column: UUID().
        is_name
            && self.tokens.kind(at + 1) != Some(TokenKind::Open)
            && self
                .tokens
                .name(at)
                .is_some_and(|name| self.is_column(&name))
    }

    /// `AS new (a, b)` behind the rows has as many names as there are columns.
    fn check_alias(&self, name: Option<NamePlace>, behind: usize) -> Result<(), PlanError> {
        let listed = self.tokens.is_word(behind, "AS")
            && self.tokens.kind(behind + 2) == Some(TokenKind::Open);
        match listed && name.is_some() {
            true => Err(self.refused("names for the columns of new rows")),
            false => Ok(()),
        }
    }

    fn not_understood(&self) -> PlanError {
        self.refused("this form of VALUES")
    }
}

//! LOAD DATA and LOAD XML.
//!
//! In: the statement's parts, by token numbers. Out: where it goes. A file for one shard is passed on as
//! it comes. One whose rows belong to several data nodes is cut up by the proxy ([`Load`]): for that it
//! must know which field is the sharding key, and that nothing but a row's own fields decides what is
//! stored.

use smallvec::SmallVec;

use super::own_name;
use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::utility::{OnCopies, on_table};
use super::words::has_words;
use super::write::changes_from_call_to_call;
use super::{Action, Edit, edits, split};
use crate::parse::utility::{LoadClauses, LoadData, LoadItem};
use crate::parse::{Tokens, effects};
use crate::topology::{
    Generated, IdColumn, ShardId, Sharding, Table, TableDefinition, TableId, TableKind,
};
use crate::value::IdForm;

/// A file of the client's whose rows several data nodes store, or rows that get ids first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The table that the rows go to.
    pub table: TableId,
    /// The file's name, by token number.
    pub file: usize,
    /// What the statement says of the file, by token numbers.
    pub clauses: LoadClauses,
    /// How many fields of a row are read.
    pub fields: usize,
    /// The columns that get the fields, where the statement lists none.
    pub columns: Vec<String>,
    /// Where the rows go.
    pub to: LoadTarget,
    /// What is done about ids.
    pub ids: LoadIds,
}

/// Where the rows of a file go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadTarget {
    /// Each to the data node of its key: the fields that hold the table's key columns; `None`: the id
    /// that it gets.
    Rows(SmallVec<[Option<usize>; 2]>),
    /// All of them to every one of these shards.
    Copies(Box<[ShardId]>),
}

/// Where the rows of a file have their ids from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadIds {
    /// There is nothing about ids.
    None,
    /// This field must hold one in every row: each server would count for itself.
    Given(usize),
    /// The proxy gives them where this field is NULL or, if they are numbers, 0; without a field, to
    /// every row.
    Made {
        /// What gives them.
        generated: Generated,
        /// What the servers have for the column.
        column: IdColumn,
        /// The field.
        at: Option<usize>,
    },
}

/// Where the statement goes, and its edits.
///
/// # Errors
/// Its rows have no certain place.
pub fn plan(
    data: &LoadData,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let verb = if data.xml { "LOAD XML" } else { "LOAD DATA" };
    let name = tokens.name(data.table.name).unwrap_or_default();
    let schema = data.table.schema.and_then(|at| tokens.name(at));
    let found = resolver.table(schema.as_deref(), &name)?;
    let cut = match found {
        _ if !data.local || data.xml => None,
        Resolved::Sharded(id, table, _) => Some((id, table)),
        Resolved::Broadcast(table) => resolver.topology.table(table.schema, &name),
        Resolved::Single(schema, _) => {
            let found = resolver.known(schema, &name);
            found.filter(|(_, table)| gets_ids(table))
        }
        Resolved::System => None,
    };
    if data.local && !data.xml {
        check_charset(data, tokens, (&found, resolver))?;
    }
    let Some((id, table)) = cut else {
        return on_table(data.table, tokens, resolver, OnCopies::Refuse(verb));
    };
    let target = Target {
        id,
        table,
        name: resolver.full_name(table),
        data,
        tokens,
        resolver,
    };
    let load = target.load()?;
    let qualifiers: Vec<usize> = data.table.schema.into_iter().collect();
    let mut edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    if target.is_split() {
        edits.push(split::name(data.table.name, id));
        edits.sort_by_key(|edit| edit.token);
    }
    Ok((Action::Load(Box::new(load)), edits))
}

/// Whether the statement is one whose ids this module takes care of.
pub fn is_local(tokens: Tokens<'_>) -> bool {
    use crate::parse::{StatementKind, Utility, statement_kind};
    match statement_kind(&tokens) {
        StatementKind::Utility(Utility::LoadData(data)) => data.local && !data.xml,
        _ => false,
    }
}

fn gets_ids(table: &Table) -> bool {
    matches!(&table.kind, TableKind::Sharded(sharding) if sharding.generate.is_some())
}

/// Without CHARACTER SET the current schema's counts: on the servers that is the table's own.
fn check_charset(
    data: &LoadData,
    tokens: Tokens<'_>,
    (found, resolver): (&Resolved<'_>, Resolver<'_>),
) -> Result<(), PlanError> {
    let Some(clauses) = &data.clauses else {
        return Ok(());
    };
    let schema = match found {
        Resolved::Sharded(_, table, _) | Resolved::Broadcast(table) => table.schema,
        Resolved::Single(schema, _) => *schema,
        Resolved::System => return Ok(()),
    };
    if clauses.charset.is_some() || resolver.current_schema() == Some(schema) {
        return Ok(());
    }
    let name = tokens.name(data.table.name).unwrap_or_default();
    let what = format!(
        "LOAD DATA without CHARACTER SET into table '{name}' of a schema that is not the current one"
    );
    Err(Unsupported::Statement(what).into())
}

/// The table that a file is cut up for.
struct Target<'t> {
    id: TableId,
    table: &'t Table,
    /// `schema.table`, for messages.
    name: String,
    data: &'t LoadData,
    tokens: Tokens<'t>,
    resolver: Resolver<'t>,
}

impl Target<'_> {
    fn load(&self) -> Result<Load, PlanError> {
        let Some(clauses) = &self.data.clauses else {
            let reason = "it is not recognised".to_owned();
            return Err(Unsupported::Unparsed { reason }.into());
        };
        self.check_expressions(clauses)?;
        let definition = self.definition()?;
        let (columns, listed) = match &clauses.list {
            Some(list) if !list.items.is_empty() => (
                list.items.iter().map(|item| self.column(item)).collect(),
                true,
            ),
            _ => (self.all_columns(definition)?, false),
        };
        let ids = self.ids(&columns, (clauses, definition))?;
        let to = match &self.table.kind {
            TableKind::Sharded(sharding) => {
                LoadTarget::Rows(self.keys(sharding, &columns, (clauses, &ids))?)
            }
            _ => LoadTarget::Copies(self.copies(clauses, definition)?),
        };
        let unlisted = columns.iter().filter(|_| !listed).flatten();
        Ok(Load {
            table: self.id,
            file: self.data.file,
            clauses: clauses.clone(),
            fields: columns.len(),
            columns: unlisted.cloned().collect(),
            to,
            ids,
        })
    }

    fn is_split(&self) -> bool {
        matches!(&self.table.kind, TableKind::Sharded(sharding) if sharding.split.is_some())
    }

    /// The name of a column that gets a field, in lower case; `None`: a variable does.
    fn column(&self, item: &LoadItem) -> Option<String> {
        match item {
            LoadItem::Column(column) => self.tokens.name(column.name),
            LoadItem::Variable(_) => None,
        }
        .map(|name| name.to_lowercase())
    }

    /// The columns that are known; `None`: in no other order than the sharding tells.
    fn definition(&self) -> Result<Option<&TableDefinition>, PlanError> {
        let definition = self.resolver.topology.definition(self.id);
        match &self.table.kind {
            TableKind::Sharded(sharding) if sharding.columns.is_some() => {}
            _ if definition.is_some() => {}
            _ => return Err(self.columns_not_known()),
        }
        Ok(definition.map(|definition| &**definition))
    }

    fn columns_not_known(&self) -> PlanError {
        self.refused("whose columns are not known or not the same on all shards")
    }

    fn all_columns(
        &self,
        definition: Option<&TableDefinition>,
    ) -> Result<Vec<Option<String>>, PlanError> {
        if let TableKind::Sharded(sharding) = &self.table.kind {
            let columns = sharding.columns.as_ref();
            let columns = columns.ok_or_else(|| self.columns_not_known())?;
            return Ok(columns.iter().cloned().map(Some).collect());
        }
        let differ = self.resolver.topology.unlike_copies.contains(&self.id);
        let definition = definition.filter(|_| !differ);
        let definition = definition.ok_or_else(|| self.columns_not_known())?;
        let visible = definition.visible();
        Ok(visible
            .map(|column| Some(column.name.to_lowercase()))
            .collect())
    }

    fn refused(&self, what: &str) -> PlanError {
        Unsupported::Statement(format!("LOAD DATA into '{}' {what}", self.name)).into()
    }

    /// What SET says must follow from the row alone.
    fn check_expressions(&self, clauses: &LoadClauses) -> Result<(), PlanError> {
        let tokens = self.tokens;
        let effects = effects(&tokens);
        let of_connection = [
            &effects.row_count,
            &effects.found_rows,
            &effects.connection_id,
            &effects.database,
            &effects.system_variables,
        ];
        let refused = [
            (has_words(tokens, &["SELECT"]), "with a subquery"),
            (
                effects.sets_last_insert_id || !effects.last_insert_id.is_empty(),
                "with LAST_INSERT_ID()",
            ),
            (
                of_connection.iter().any(|calls| !calls.is_empty())
                    || effects.user_lock
                    || own_name::is_asked(tokens),
                "with what belongs to one connection in SET",
            ),
            (
                changes_from_call_to_call(tokens, &effects),
                "with a function whose value is another one with each call",
            ),
        ];
        match refused.into_iter().find(|(is, _)| *is) {
            Some((_, what)) => Err(self.refused(what)),
            None => self.check_names(clauses),
        }
    }

    /// Variables in SET have a field of the row, and columns the names that all shards know.
    fn check_names(&self, clauses: &LoadClauses) -> Result<(), PlanError> {
        let tokens = self.tokens;
        let items = clauses.list.iter().flat_map(|list| &list.items);
        let set = || clauses.set.clone().unwrap_or_default();
        let unfilled = |at: usize| {
            let same = |item: &LoadItem| {
                matches!(item, LoadItem::Variable(variable)
                    if tokens.text(*variable).eq_ignore_ascii_case(tokens.text(at)))
            };
            is_variable(tokens, at) && !items.clone().any(same)
        };
        let qualified =
            || items.clone().any(is_qualified) || set().any(|at| tokens.is_symbol(at, "."));
        let refused = [
            (
                set().any(|at| tokens.is_symbol(at, ":=") || unfilled(at)),
                "with a user variable in SET that gets no field, or with :=",
            ),
            (
                self.is_split() && qualified(),
                "with qualified columns, for the table is split",
            ),
        ];
        match refused.into_iter().find(|(is, _)| *is) {
            Some((_, what)) => Err(self.refused(what)),
            None => Ok(()),
        }
    }

    fn is_assigned(&self, clauses: &LoadClauses, column: &str) -> bool {
        let names = clauses
            .assigned
            .iter()
            .filter_map(|name| self.tokens.name(name.name));
        names.into_iter().any(|name| name.to_lowercase() == column)
    }

    fn ids(
        &self,
        columns: &[Option<String>],
        (clauses, definition): (&LoadClauses, Option<&TableDefinition>),
    ) -> Result<LoadIds, PlanError> {
        let place = |name: &str| {
            let is_it = |column: &Option<String>| column.as_deref() == Some(name);
            columns.iter().position(is_it)
        };
        let generated = match &self.table.kind {
            TableKind::Sharded(sharding) => sharding.generate.as_ref(),
            _ => None,
        };
        if let Some(generated) = generated {
            let assigned = self.is_assigned(clauses, &generated.column);
            return self.made_ids(generated, place(&generated.column), assigned);
        }
        let known = definition.into_iter().flat_map(|known| &known.columns);
        let mut counted = known.filter(|column| column.auto_increment);
        let Some(counted) = counted.next().map(|column| column.name.to_lowercase()) else {
            return Ok(LoadIds::None);
        };
        match place(&counted) {
            Some(at) if !self.is_assigned(clauses, &counted) => Ok(LoadIds::Given(at)),
            _ => Err(self.refused(&format!(
                "without a field for column '{counted}', whose AUTO_INCREMENT the servers would count"
            ))),
        }
    }

    /// What the proxy does about ids that it gives, where the field `at` has the column's values, or
    /// SET assigns them.
    fn made_ids(
        &self,
        generated: &Generated,
        at: Option<usize>,
        assigned: bool,
    ) -> Result<LoadIds, PlanError> {
        let name = &generated.column;
        let column = generated.found.ok_or_else(|| self.columns_not_known())?;
        match (column.form, at) {
            // Such an id is no insert id: the client's own values need not be known.
            (IdForm::UuidBytes | IdForm::UuidText, _) if assigned => Ok(LoadIds::None),
            _ if assigned => {
                Err(self.refused(&format!("with SET of column '{name}', which gets ids")))
            }
            // In a file of UTF-8 they would not be characters.
            (IdForm::UuidBytes, None) => Err(self.refused(&format!(
                "without a field for column '{name}', which gets ids of 16 bytes; make them in SET"
            ))),
            _ => Ok(LoadIds::Made {
                generated: generated.clone(),
                column,
                at,
            }),
        }
    }

    /// The fields that hold the key columns.
    fn keys(
        &self,
        sharding: &Sharding,
        columns: &[Option<String>],
        (clauses, ids): (&LoadClauses, &LoadIds),
    ) -> Result<SmallVec<[Option<usize>; 2]>, PlanError> {
        let made = match ids {
            LoadIds::Made { generated, .. } => Some(generated.column.as_str()),
            _ => None,
        };
        let place = |key: &str| {
            if self.is_assigned(clauses, key) {
                let what = format!("with SET of its sharding key column '{key}'");
                return Err(self.refused(&what));
            }
            let mut fields = columns.iter();
            match fields.position(|column| column.as_deref() == Some(key)) {
                None if made != Some(key) => {
                    let what = format!("without a field for its sharding key column '{key}'");
                    Err(self.refused(&what))
                }
                at => Ok(at),
            }
        };
        sharding.keys.iter().map(|key| place(&key.name)).collect()
    }

    /// The shards, whose copies get equal rows.
    fn copies(
        &self,
        clauses: &LoadClauses,
        definition: Option<&TableDefinition>,
    ) -> Result<Box<[ShardId]>, PlanError> {
        let schema = self.resolver.topology.schema_by_id(self.table.schema);
        let mut known = definition.into_iter().flat_map(|known| &known.columns);
        let volatile = known.any(|column| column.volatile_default);
        let refused = [
            (
                clauses.set.is_some(),
                "with SET, for it is a broadcast table",
            ),
            (
                volatile,
                "whose columns have defaults that are not the same on all shards",
            ),
            (
                self.resolver.topology.unlike_copies.contains(&self.id),
                "whose copies do not have the same columns and indexes",
            ),
        ];
        match (refused.into_iter().find(|(is, _)| *is), schema) {
            (Some((_, what)), _) => Err(self.refused(what)),
            (None, None) => Err(Unsupported::BroadcastWrite(self.name.clone()).into()),
            (None, Some(schema)) => Ok(schema.shards.as_slice().into()),
        }
    }
}

fn is_variable(tokens: Tokens<'_>, at: usize) -> bool {
    tokens.kind(at) == Some(crate::parse::TokenKind::UserVariable)
}

fn is_qualified(item: &LoadItem) -> bool {
    matches!(item, LoadItem::Column(column) if column.schema.is_some())
}

//! Prepared INSERT and REPLACE whose rows get ids.
//!
//! In: the client's text, and what it binds. Out: a text that servers prepare once, with one more
//! placeholder for each id that the client has not written, and executions that bind the ids there.

use std::sync::Arc;

use smallvec::SmallVec;

use super::bindings::{Bindings, Rebound, refused};
use super::bound::Bound;
use super::given::Given;
use super::several::digits;
use super::statements::Prepared;
use super::template::{Planned, Template};
use crate::parse::{Digest, LiteralKind};
use crate::plan::{Action, Generate, Plan};
use crate::reply::InsertIds;
use crate::rewrite::{IdError, IdTexts, WrittenId};
use crate::route::Variables;
use crate::session::failure::Failure;
use crate::session::ids::{FILLED, insert_ids};
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::{GivenIds, Statement};
use crate::value::{IdForm, NewId, NewIds};
use crate::wire::{BinaryValue, ColumnType, ParamType};

/// A text with a placeholder for each id that the client has not written.
#[derive(Debug)]
pub struct IdTemplate {
    /// The text.
    pub template: Arc<Template>,
    /// What stands for its placeholders, in their order.
    sources: Vec<Source>,
    /// What the client has for ids, row by row.
    rows: Vec<WrittenId>,
}

/// What is bound to a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    /// The number of the client's parameter; `None`: the client has not written it.
    client: Option<usize>,
    /// It is the id of this row.
    row: Option<usize>,
}

impl Source {
    /// What stands for a text's placeholders: `at` is where each begins, `added` which of them are the
    /// proxy's, and `bound` the client's parameters that are ids; both name their rows.
    fn all(
        at: impl Iterator<Item = usize>,
        added: &[(usize, usize)],
        bound: &[(usize, usize)],
    ) -> Vec<Self> {
        let row = |of: &[(usize, usize)], wanted| {
            let found = of.binary_search_by_key(&wanted, |(at, _)| *at).ok()?;
            of.get(found).map(|(_, row)| *row)
        };
        let mut clients = 0..;
        at.map(|at| match row(added, at) {
            None => {
                let client = clients.next();
                let row = client.and_then(|client| row(bound, client));
                Self { client, row }
            }
            row => Self { client: None, row },
        })
        .collect()
    }
}

/// An id as a parameter.
struct BoundId {
    declared: ParamType,
    /// As it stands in a packet.
    bytes: SmallVec<[u8; 40]>,
    number: Option<u64>,
}

impl BoundId {
    fn new(id: NewId) -> Self {
        let text;
        let (column_type, bytes) = match &id {
            NewId::Number(number) => {
                return Self {
                    declared: ParamType::new(ColumnType::MYSQL_TYPE_LONGLONG as u8, true),
                    bytes: SmallVec::from_slice(&number.to_le_bytes()),
                    number: Some(*number),
                };
            }
            NewId::UuidBytes(id) => (ColumnType::MYSQL_TYPE_BLOB, id.as_slice()),
            NewId::UuidText(_) => {
                text = id.text().unwrap_or_default();
                (ColumnType::MYSQL_TYPE_VAR_STRING, text.as_slice())
            }
        };
        // A length of less than 251.
        let length = u8::try_from(bytes.len()).unwrap_or_default();
        let mut sent = SmallVec::from_slice(&[length]);
        sent.extend_from_slice(bytes);
        Self {
            declared: ParamType::new(column_type as u8, false),
            bytes: sent,
            number: None,
        }
    }

    /// As routing reads it.
    fn value(&self) -> BinaryValue<'_> {
        let behind_length = self.bytes.get(1..).unwrap_or_default();
        match self.number {
            Some(number) => BinaryValue::Integer(number.into()),
            None if self.declared.column_type() == ColumnType::MYSQL_TYPE_BLOB as u8 => {
                BinaryValue::Blob(behind_length)
            }
            None => BinaryValue::Text(behind_length),
        }
    }
}

/// The ids that are bound, row by row: those that were made, and the client's own numbers, so that
/// what it binds them as makes no other statement. `None`: the client's value stands there.
fn bound_ids(rows: &[WrittenId], made: &NewIds) -> Vec<Option<BoundId>> {
    let mut made = made.iter();
    let ids = rows.iter().map(|written| match written {
        WrittenId::Wanted => made.next().map(BoundId::new),
        WrittenId::Own(number) => Some(BoundId::new(NewId::Number(*number))),
        WrittenId::Zero | WrittenId::Bound(_) | WrittenId::Value => None,
    });
    ids.collect()
}

/// What is bound for an id; `None`: the column would hold another value than this one.
fn written_id(value: &BinaryValue<'_>, form: IdForm) -> Option<WrittenId> {
    let IdForm::Number { max } = form else {
        return Some(match value {
            BinaryValue::Null => WrittenId::Wanted,
            _ => WrittenId::Value,
        });
    };
    let number = match value {
        BinaryValue::Null => return Some(WrittenId::Wanted),
        BinaryValue::Integer(number) => u64::try_from(*number).ok()?,
        BinaryValue::Float(number) => whole(*number)?,
        BinaryValue::Text(text) | BinaryValue::Blob(text) | BinaryValue::Decimal(text) => {
            digits(text)?
        }
        BinaryValue::Moment { .. } | BinaryValue::Other => return None,
    };
    WrittenId::of_number(number, max)
}

/// Some drivers bind all numbers as DOUBLE, which holds whole ones up to 2^53.
fn whole(number: f64) -> Option<u64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let exact = (0.0..=MOST).contains(&number) && number.fract() == 0.0;
    exact.then_some(number as u64)
}

impl IdTemplate {
    /// The text `sql`, in which the placeholders `added` (by byte) stand for the ids of rows.
    fn new(
        client: &Template,
        (sql, digest): (&[u8], &Digest),
        added: &[(usize, usize)],
        texts: &IdTexts<'_>,
    ) -> Self {
        let rows: Vec<WrittenId> = texts.written().collect();
        let bound = rows.iter().enumerate().filter_map(|(row, written)| {
            let WrittenId::Bound(literal) = written else {
                return None;
            };
            Some((*client.ordinals.get(*literal)? as usize, row))
        });
        let bound: Vec<(usize, usize)> = bound.collect();
        let literals = digest.literals.iter();
        let placeholders = literals.filter(|literal| literal.kind == LiteralKind::Placeholder);
        let at = placeholders.map(|literal| literal.start as usize);
        let sources = Source::all(at, added, &bound);
        let schema = (client.schema.as_deref(), client.plan_context);
        let settings = Arc::clone(&client.settings);
        let mut template = Template::new(sql, digest, client.text, schema, settings);
        template.hint.clone_from(&client.hint);
        let hidden = (0..)
            .zip(&sources)
            .filter(|(_, source)| source.client.is_none());
        template.hidden = hidden.map(|(at, _)| at).collect();
        Self {
            template: Arc::new(template),
            sources,
            rows,
        }
    }

    /// The statement in the place of the client's.
    fn statement<'a>(&'a self, client: &Statement<'a>, ids: GivenIds<'a>) -> Statement<'a> {
        Statement {
            sql: &self.template.sql,
            digest: &self.template.digest,
            ids: Some(ids),
            ..*client
        }
    }

    /// The ids of all rows: the client's own, as far as they are known, and which are wanted.
    /// `zero`: 0 is a value like others.
    ///
    /// # Errors
    /// What is bound for an id is not plain.
    fn written(
        &self,
        generate: &Generate,
        (template, bound): (&Template, &Bound<'_>),
        zero: bool,
    ) -> Result<Vec<WrittenId>, IdError> {
        let form = generate.column.form;
        let written = self.rows.iter().zip(1..).map(|(written, row)| {
            let WrittenId::Bound(literal) = *written else {
                return Ok(written.settled(zero));
            };
            let ordinal = template.ordinals.get(literal);
            let value = ordinal.and_then(|ordinal| bound.values.get(*ordinal as usize));
            let written = value.and_then(|value| written_id(value, form));
            let column = &generate.generated.column;
            let written = written.ok_or_else(|| IdError::not_plain(column, row))?;
            Ok(written.settled(zero))
        });
        written.collect()
    }

    /// The execution with these ids, row by row; `None`: what the client has bound, or written.
    fn given<'a>(
        &self,
        ids: &'a [Option<BoundId>],
        bindings: &Bindings<'a>,
        cursor: bool,
    ) -> Result<Given<'a>, Failure> {
        let spans = bindings.spans()?;
        let mut parameters = Rebound::default();
        let mut values = Vec::with_capacity(self.sources.len());
        let mut types = Vec::with_capacity(self.sources.len());
        for source in &self.sources {
            let row = source.row.and_then(|row| ids.get(row)?.as_ref());
            let of_client = source.client.and_then(|client| {
                let value = bindings.values.get(client)?;
                Some((client, *value))
            });
            if let Some(id) = row {
                types.push(id.declared);
                parameters.parameters.push(id.declared, false, &id.bytes);
                values.push(id.value());
            } else if let Some((client, value)) = of_client {
                types.push(bindings.push_to(&mut parameters, client, &spans)?);
                values.push(value);
            } else {
                return Err(refused("parameters in an INSERT whose rows get ids"));
            }
        }
        let own = (bindings.prepared.types.len(), bindings.own);
        let all = &mut parameters.parameters;
        all.push_attributes(&bindings.packet, own);
        let statement = (&self.template, bindings.prepared.number);
        let types = (types, bindings.prepared.has_columns);
        let given = Given::new(statement, (parameters, values), types, bindings.seed);
        Ok(Given { cursor, ..given })
    }
}

impl Session {
    /// Has a server prepare the text with placeholders for ids; the client hears of its own ones.
    pub(super) async fn prepare_with_ids(
        &mut self,
        number: u32,
        (template, kept): (&Arc<Template>, &Arc<Template>),
        (snapshot, plan, generate): (&Arc<Snapshot>, &Arc<Plan>, &Generate),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let planned = match template.planned(snapshot) {
            Some(planned) => planned,
            None => template.plan(snapshot, Arc::clone(plan), true),
        };
        let with_ids = self.id_template(&planned, generate, template)?;
        let client = statement.sql;
        let statement = with_ids.statement(statement, GivenIds::Untold);
        let (snapshot, plan) = self.plan_of(&statement).await;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        if let Action::Refuse(error) | Action::Unreadable(error) = &plan.action {
            let error = self.preparation_error(client, error.clone()).await;
            return Err(Failure::Error(error));
        }
        let templates = (&with_ids.template, kept);
        self.prepare_planned(number, templates, (&snapshot, &plan), &statement)
            .await
    }

    /// Executes the text with placeholders for ids.
    pub(super) async fn execute_with_ids(
        &mut self,
        (snapshot, planned, generate): (&Arc<Snapshot>, &Arc<Planned>, &Generate),
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        if bound.values.len() != usize::from(prepared.params) {
            let what = "parameters of such a type, or in comments, in an INSERT whose rows get ids";
            return Err(refused(what));
        }
        let with_ids = self.id_template(planned, generate, template)?;
        let rows = with_ids.written(generate, (template, bound), self.stores_zero());
        let rows = rows.map_err(|error| Failure::from(&error))?;
        let wanted = |written: &&WrittenId| **written == WrittenId::Wanted;
        let wanted = rows.iter().filter(wanted).count();
        let made = self.take_ids(generate, snapshot, wanted).await?;
        let numbers = insert_ids(generate, rows.iter().copied(), &made);
        let told = numbers.as_ref().map_or(GivenIds::Untold, GivenIds::Numbers);
        let ids = bound_ids(&rows, &made);
        let bindings = Bindings::new((prepared, template), bound, self.shared.seed);
        let given = with_ids.given(&ids, &bindings, bound.cursor)?;
        let statement = with_ids.statement(statement, told);
        let execution = (&given.prepared, &*with_ids.template, &given.bound());
        self.execute_given(&statement, execution).await
    }

    /// Executes a text whose rows have their ids: the way of any other, from its plan on.
    async fn execute_given(
        &mut self,
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        let snapshot = Arc::clone(&self.shared.snapshot());
        let known = template.planned(&snapshot);
        let (snapshot, planned) = match known.filter(|_| !self.has_temporary(template, &snapshot)) {
            Some(planned) => (snapshot, planned),
            None => self.plan_again(template, statement).await,
        };
        let plan = &planned.plan;
        self.check_reach(&plan.reach, &snapshot.topology)?;
        self.state.found.begin(plan.found_rows);
        self.check_found_rows(plan)?;
        let variables = match plan.uses_pinned_state {
            true => self.user_variables(plan).await?,
            false => Variables::default(),
        };
        let literals = self.literals_of(statement, (template, bound));
        let route = snapshot.router.route_with(plan, literals, &variables);
        let route = route.map_err(|error| Failure::from(&error))?;
        let execution = (prepared, template, bound);
        if statement.insert_ids().is_some_and(InsertIds::one_by_one) {
            let bindings = Bindings::new((prepared, template), bound, self.shared.seed);
            let asked = (statement, Some(&bindings));
            let done = self.run_one_by_one((&snapshot, plan), &route, asked);
            return done.await.map(drop);
        }
        self.execute_routed((&snapshot, &planned), &route, statement, execution)
            .await
    }

    /// The text with placeholders, made once for a plan.
    fn id_template(
        &self,
        planned: &Planned,
        generate: &Generate,
        template: &Template,
    ) -> Result<Arc<IdTemplate>, Failure> {
        if let Some(made) = planned.with_ids.get() {
            return Ok(Arc::clone(made));
        }
        let text = (&*template.sql, 0, &template.digest);
        let texts = IdTexts::read_prepared(text, generate);
        let texts = texts.map_err(|error| Failure::from(&error))?;
        let written = texts.with_placeholders();
        let (sql, added) = written.map_err(|error| Failure::from(&error))?;
        let context = template.plan_context ^ FILLED;
        let digest = self.scan_in(&sql, template.text.lex, context)?;
        let made = Arc::new(IdTemplate::new(template, (&sql, &digest), &added, &texts));
        Ok(Arc::clone(planned.with_ids.get_or_init(|| made)))
    }
}

#[cfg(test)]
mod tests;

//! An execution whose parameters are not the client's, or only some of them: that of another text.

use std::ops::Range;
use std::sync::Arc;

use super::bindings::{Bindings, Rebound, refused};
use super::bound::{self, Bound};
use super::statements::Prepared;
use super::template::Template;
use crate::parse::DigestSeed;
use crate::session::failure::Failure;
use crate::session::statement::Statement;
use crate::wire::{BinaryValue, ColumnType, ParamType};

/// An execution whose parameters are not the client's.
pub(in crate::session) struct Given<'a> {
    /// The statement that has them.
    pub(super) prepared: Prepared,
    /// The parameters.
    pub(super) parameters: Rebound,
    /// The same, as routing reads them.
    pub(super) values: Vec<BinaryValue<'a>>,
    /// The client wishes for a cursor.
    pub(super) cursor: bool,
}

impl<'a> Given<'a> {
    /// Parameters with their types, for a statement that has `template` or a text made from it.
    pub(super) fn new(
        (template, number): (&Arc<Template>, u32),
        (mut parameters, values): (Rebound, Vec<BinaryValue<'a>>),
        (types, has_columns): (Vec<ParamType>, bool),
        seed: DigestSeed,
    ) -> Self {
        parameters.types_hash = bound::hash_of_some(&types, seed);
        let prepared = Prepared {
            number,
            template: Arc::clone(template),
            params: u16::try_from(values.len()).unwrap_or(u16::MAX),
            types: parameters.parameters.types().to_vec(),
            remembered: types,
            types_hash: parameters.types_hash,
            has_columns,
            long_data: std::mem::take(&mut parameters.long_data),
            long_error: None,
        };
        Self {
            prepared,
            parameters,
            values,
            cursor: false,
        }
    }

    pub(super) fn bound(&self) -> Bound<'_> {
        let execution = self.parameters.parameters.execution();
        Bound {
            packet: execution.bound,
            values: self.values.iter().copied().collect(),
            own: execution.own_values,
            types_hash: self.parameters.types_hash,
            cursor: self.cursor,
        }
    }

    /// The execution of a text that has these parameters.
    pub fn of_text(&self, statement: &Statement<'_>) -> GivenText<'_> {
        let client = &self.prepared.template;
        let schema = (client.schema.as_deref(), client.plan_context);
        let settings = Arc::clone(&client.settings);
        let (sql, digest) = (statement.sql, statement.digest);
        GivenText {
            template: Template::new(sql, digest, client.text, schema, settings),
            bound: self.bound(),
            given: self,
        }
    }
}

/// The execution of a text that the client has not prepared.
pub(in crate::session) struct GivenText<'g> {
    template: Template,
    bound: Bound<'g>,
    given: &'g Given<'g>,
}

impl GivenText<'_> {
    /// The same as if the client had prepared it.
    pub fn bindings(&self, seed: DigestSeed) -> Bindings<'_> {
        Bindings::new((&self.given.prepared, &self.template), &self.bound, seed)
    }
}

impl<'a> Bindings<'a> {
    /// The parameters of a part of the text, by its bytes, which is a SELECT of its own.
    ///
    /// # Errors
    /// They cannot be told apart.
    pub fn of_query(&self, part: &Range<usize>) -> Result<Given<'a>, Failure> {
        self.check_places()?;
        let spans = self.spans()?;
        let literals = self.digest().literals.iter().enumerate();
        let inside = literals.filter(|(_, literal)| part.contains(&(literal.start as usize)));
        let mut parameters = Rebound::default();
        let (mut values, mut types) = (Vec::new(), Vec::new());
        for ordinal in inside.filter_map(|(at, _)| self.ordinal(at)) {
            let value = self.values.get(ordinal);
            let value =
                value.ok_or_else(|| refused("a parameter of this type over several shards"))?;
            let sent = spans.get(ordinal);
            let sent = sent.and_then(|span| self.packet.values.get(span.clone()));
            let time = self.prepared.types.get(ordinal).is_some_and(is_time);
            // How many digits of it are stored as text, servers do not tell.
            if time && sent == Some(&[0]) {
                return Err(refused("a TIME parameter that is 0"));
            }
            let declared = self.push_to(&mut parameters, ordinal, &spans)?;
            // What columns are told to be may depend on it.
            types.push(match self.packet.is_null(ordinal) {
                true => bound::NULL,
                false => declared,
            });
            values.push(*value);
        }
        let statement = (&self.prepared.template, self.prepared.number);
        let all = (parameters, values);
        Ok(Given::new(statement, all, (types, true), self.seed))
    }
}

fn is_time(declared: &ParamType) -> bool {
    declared.column_type() == ColumnType::MYSQL_TYPE_TIME as u8
}

//! A session's place among its user's connections, and among those whose current schema is the same.

use std::collections::HashMap;

use super::usage::Taken;
use crate::config::Limits;
use crate::error::{ErrorKind, MysqlError};
use crate::session::audit;
use crate::session::shared::{Account, Shared};
use crate::session::state::Session;
use crate::telemetry::Limit;

/// How many connections may have a schema as their current one; those without a limit are not in it.
#[derive(Debug)]
pub(in crate::session) struct SchemaPlaces(HashMap<String, u32>);

impl SchemaPlaces {
    pub fn new(schemas: &HashMap<String, Limits>) -> Self {
        let limited = schemas.iter();
        let limited =
            limited.filter_map(|(name, limits)| Some((name.clone(), limits.connections?)));
        Self(limited.collect())
    }
}

/// What a session takes; it counts until this is dropped.
#[derive(Debug)]
pub(in crate::session) struct Place {
    _user: Taken,
    schema: Option<Taken>,
}

impl Shared {
    /// Counts a login.
    ///
    /// # Errors
    /// 1203: the user has as many connections as it may have; 1226: the schema has.
    pub(in crate::session) fn admit_login(
        &self,
        account: &Account,
        schema: Option<&str>,
        host: &str,
    ) -> Result<Place, MysqlError> {
        let usage = self.usages.user(&account.name);
        let user = Taken::connection(usage, account.limits.connections).ok_or_else(|| {
            let name = &account.name;
            let message = format!(
                "User {name} already has more than 'max_user_connections' active connections"
            );
            let error = MysqlError::new(ErrorKind::TooManyUserConnections, message);
            self.no_place(account, host, error)
        })?;
        let schema = schema.map(|schema| self.schema_place(account, schema, host));
        Ok(Place {
            _user: user,
            schema: schema.transpose()?,
        })
    }

    fn schema_place(
        &self,
        account: &Account,
        schema: &str,
        host: &str,
    ) -> Result<Taken, MysqlError> {
        let most = self.places.0.get(schema).copied();
        Taken::connection(self.usages.schema(schema), most).ok_or_else(|| {
            let what = format!("connections on {schema}");
            let most = most.unwrap_or_default().into();
            let error = MysqlError::exceeded(&account.name, &what, most);
            self.no_place(account, host, error)
        })
    }

    fn no_place(&self, account: &Account, host: &str, error: MysqlError) -> MysqlError {
        self.metrics.limits.count(Limit::Connections);
        audit::refused_user(&account.name, host, error)
    }
}

impl Session {
    /// Takes a place in the schema that is to be the current one, instead of that in the one before.
    ///
    /// # Errors
    /// 1226: it has as many connections as it may have.
    pub(in crate::session) fn move_to_schema(&mut self, schema: &str) -> Result<(), MysqlError> {
        if self.state.schema.as_deref() != Some(schema) {
            let place = self
                .shared
                .schema_place(&self.account, schema, self.host())?;
            self.place.schema = Some(place);
        }
        Ok(())
    }

    /// The session has no current schema any more.
    pub(in crate::session) fn leave_schema(&mut self) {
        self.place.schema = None;
        self.set_schema(None);
    }
}

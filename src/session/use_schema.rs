//! The current schema, and starting over: COM_INIT_DB, COM_RESET_CONNECTION, COM_CHANGE_USER.

use bytes::BytesMut;

use super::audit;
use super::command_phase::End;
use super::connection_phase::{check_password, random_salt};
use super::local::More;
use super::planning::FRESH;
use super::session_set::check_client_charset;
use super::shared::{Account, Shared};
use super::state::{Session, name_of};
use crate::auth::ClientOffer;
use crate::config::{SchemaAccess, system_schema};
use crate::error::{ErrorKind, MysqlError};
use crate::plan::{Reach, guarded};
use crate::topology::Topology;
use crate::wire::{ChangeUser, SessionChange};

impl Shared {
    /// As [`Shared::check_schema`], for a schema that may have been made behind the proxy's back.
    ///
    /// # Errors
    /// As [`Shared::check_schema`].
    pub(super) async fn find_schema(
        &self,
        account: &Account,
        schema: &[u8],
        host: &str,
    ) -> Result<String, MysqlError> {
        let topology = &self.snapshot().topology;
        let name = name_of(schema);
        let may_be_new = account.schemas.allows(&name)
            && topology.schema(&name).is_none()
            && topology.may_have(&name);
        if may_be_new && let Err(error) = Box::pin(self.refresher.refresh(self, FRESH)).await {
            tracing::warn!(%error, "cannot look for a new schema");
        }
        self.check_schema(account, schema, host)
    }

    /// Whether the account may use the schema.
    ///
    /// # Errors
    /// 1044 for a schema that the account may not see, whether or not it exists; 1049 for one that
    /// does not exist.
    pub(super) fn check_schema(
        &self,
        account: &Account,
        schema: &[u8],
        host: &str,
    ) -> Result<String, MysqlError> {
        let name = name_of(schema);
        if let Some(system) = system_schema(&name) {
            let open = matches!(account.schemas, SchemaAccess::All) || guarded(system).is_none();
            return match open {
                true => Ok(system.to_owned()),
                false => Err(denied(account, host, system)),
            };
        }
        let snapshot = self.snapshot();
        let known = snapshot
            .topology
            .schema(&name)
            .map(|(_, schema)| &schema.name);
        if let Some(known) = known.filter(|known| account.schemas.allows(known)) {
            return Ok(known.clone());
        }
        if known.is_none() && account.schemas.allows(&name) {
            return Err(MysqlError::new(
                ErrorKind::UnknownSchema,
                format!("Unknown database '{name}'"),
            ));
        }
        Err(denied(account, host, &name))
    }
}

fn denied(account: &Account, host: &str, schema: &str) -> MysqlError {
    let error = MysqlError::new(
        ErrorKind::SchemaAccessDenied,
        format!(
            "Access denied for user '{}'@'{host}' to database '{schema}'",
            account.name
        ),
    );
    audit::refused_user(&account.name, host, error)
}

impl Session {
    /// Whether the user may see every schema that a statement names.
    ///
    /// # Errors
    /// 1044 for one that the user may not see, 1227 for what shows the work of others.
    pub fn check_reach(&self, reach: &Reach, topology: &Topology) -> Result<(), MysqlError> {
        if matches!(self.account.schemas, SchemaAccess::All) {
            return Ok(());
        }
        let host = self.host();
        if let Some(system) = reach.system {
            return Err(denied(&self.account, host, system));
        }
        if let Some(privilege) = reach.privilege.filter(|_| !self.account.admin) {
            let message = format!(
                "Access denied; you need (at least one of) the {privilege} privilege(s) for this operation"
            );
            let error = MysqlError::new(ErrorKind::PrivilegeMissing, message);
            return Err(audit::refused_user(&self.account.name, host, error));
        }
        if reach.dynamic {
            let message = "Access denied; stored code with statements that it prepares is for users who may \
                           use all schemas";
            let error = MysqlError::new(ErrorKind::PrivilegeMissing, message);
            return Err(audit::refused_user(&self.account.name, host, error));
        }
        if let Some(other) = reach.other.as_ref()
            && !self.account.schemas.allows(other)
        {
            return Err(denied(&self.account, host, other));
        }
        for schema in &reach.schemas {
            let schema = topology.schema_by_id(*schema);
            if let Some(schema) = schema.filter(|schema| !self.account.schemas.allows(&schema.name))
            {
                return Err(denied(&self.account, host, &schema.name));
            }
        }
        Ok(())
    }

    /// COM_INIT_DB.
    pub async fn init_db(&mut self, schema: &[u8]) {
        if let Err(error) = self.use_schema(schema, More(false)).await {
            self.reply_error(&error);
        }
    }

    /// USE: nothing is sent to a server, connections follow when they are needed.
    ///
    /// # Errors
    /// See [`Shared::check_schema`].
    pub async fn use_schema(&mut self, schema: &[u8], more: More) -> Result<(), MysqlError> {
        let shared = std::sync::Arc::clone(&self.shared);
        let found = shared.find_schema(&self.account, schema, self.host());
        let name = found.await?;
        self.move_to_schema(&name)?;
        let mut changes = BytesMut::new();
        SessionChange::Schema(name.as_bytes()).encode(&mut changes);
        self.set_schema(Some(name));
        self.reply_ok_with(more, &changes);
        Ok(())
    }

    /// COM_RESET_CONNECTION.
    pub async fn reset_connection(&mut self) {
        self.let_go();
        self.statements.clear();
        self.names.clear();
        let schema = self.state.schema.take();
        self.reset_state(RESET_COLLATION).await;
        self.set_schema(schema);
        self.reply_ok(More(false));
    }

    /// COM_CHANGE_USER: a whole login within the connection. A failure ends the session.
    pub async fn change_user(&mut self, change: ChangeUser) -> Result<(), End> {
        let offer = ClientOffer {
            plugin: change.auth_plugin.as_deref(),
            response: &change.auth_response,
            change_user: true,
        };
        // A client that cannot speak of plugins has answered already, to the greeting's salt.
        let salt = match change.auth_plugin {
            Some(_) => random_salt(),
            None => self.salt,
        };
        let collation = change.collation.unwrap_or(RESET_COLLATION);
        check_client_charset(collation).map_err(End::Told)?;
        let shared = std::sync::Arc::clone(&self.shared);
        let limit = Some(shared.limits.handshake);
        let checked = {
            let check = check_password(&shared, &mut self.client, salt, &change.user, offer);
            let interest = crate::net::Interest::FINISH;
            self.handle.watch.guard(limit, interest, check).await
        };
        let account = match checked {
            Ok(Ok(Ok((account, _proof)))) => account,
            Ok(Ok(Err(denial))) => {
                let user = name_of(&change.user);
                return Err(End::Told(shared.denied(denial, &user, self.host())));
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(End::Broken),
        };
        // Of a user that logs in again the connection counts once.
        if account.name != self.account.name {
            let place = shared.admit_login(&account, None, self.host());
            self.place = place.map_err(End::Told)?;
        }
        self.let_go();
        self.statements.clear();
        self.names.clear();
        self.handle.set_user(&account.name);
        self.account = account;
        self.reset_state(collation).await;
        self.leave_schema();
        let mut changes = BytesMut::new();
        if let Some(schema) = change.schema.as_deref().filter(|schema| !schema.is_empty()) {
            let found = shared.find_schema(&self.account, schema, self.host());
            let name = found.await.map_err(End::Told)?;
            self.move_to_schema(&name).map_err(End::Told)?;
            SessionChange::Schema(name.as_bytes()).encode(&mut changes);
            self.set_schema(Some(name));
        }
        self.reply_ok_with(More(false), &changes);
        Ok(())
    }
}

/// No collation: what a session has that asked for nothing is the server's own.
const RESET_COLLATION: u16 = 0;

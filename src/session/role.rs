//! SET ROLE: accounts of the configuration have no roles, and it is answered as for such an account.

use super::diagnostics::Diagnostics;
use super::failure::Failure;
use super::state::Session;
use super::statement::Statement;
use crate::backend::Flavor;
use crate::error::{ErrorKind, MysqlError};
use crate::parse::utility::Roles;
use crate::route::key::unquote;

impl Session {
    /// Answers SET ROLE.
    ///
    /// # Errors
    /// No such role is granted; MariaDB knows no other form.
    pub(super) fn set_role(
        &mut self,
        roles: &Roles,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let named = |at: usize| {
            let text = statement.tokens().text(at);
            let text = text.strip_prefix(b"@").unwrap_or(text);
            let inner = unquote(text, statement.mode).map(std::borrow::Cow::into_owned);
            let name = statement.tokens().name(at).map(String::into_bytes);
            String::from_utf8_lossy(&name.or(inner).unwrap_or_else(|| text.to_vec())).into_owned()
        };
        let mariadb = self.flavor() == Some(Flavor::MariaDb);
        let refused = match roles {
            Roles::None => None,
            Roles::Granted | Roles::Named { several: true, .. } if mariadb => {
                let what = "This version of Shardwell doesn't yet support 'this form of SET ROLE'";
                Some(MysqlError::new(ErrorKind::NotSupportedYet, what))
            }
            Roles::Granted => None,
            Roles::Named { name, .. } if mariadb => {
                let name = named(*name);
                let text = format!("Invalid role specification `{name}`");
                let error = || MysqlError::new(ErrorKind::InvalidRole, text);
                (!name.eq_ignore_ascii_case("NONE")).then(error)
            }
            Roles::Named { name, host, .. } => {
                let (name, user) = (named(*name), &self.account.name);
                let host = host.map_or_else(|| "%".to_owned(), named);
                let text = format!("`{name}`@`{host}` is not granted to `{user}`@`%`");
                Some(MysqlError::new(ErrorKind::RoleNotGranted, text))
            }
        };
        if let Some(error) = refused {
            return Err(Failure::Error(error));
        }
        if !mariadb {
            self.diagnostics = Diagnostics::default();
        }
        self.reply_ok(statement.more);
        Ok(())
    }
}

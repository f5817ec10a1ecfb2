//! User variables where the session does not keep them: brought to the connection that runs a statement, and
//! back from there if the statement assigned them.
//!
//! In: the variables that a statement names. Out: a SET of literals that have their types, collations and
//! values. A connection that got them is reset before anybody else uses it.

use super::command_phase::End;
use super::connection_phase::wants_found_rows;
use super::failure::Failure;
use super::held::Backend;
use super::local::More;
use super::shard_query::{Lent, ShardQuery, Target};
use super::state::Session;
use crate::backend::{TextRow, Wanted};
use crate::error::StageError;
use crate::execute::Summary;
use crate::net::Interest;
use crate::plan::{Carried, PinReason, Plan, PlanError, Unsupported};
use crate::wire::binary::is_text;
use crate::wire::{ColumnFlags, ColumnType};

/// How many bytes the variables of one statement may have as literals.
const MOST: usize = 4 << 20;

impl Session {
    /// The variables that must be brought to where a query runs.
    pub(super) fn lends<'a>(
        &self,
        target: &Target<'_>,
        query: &ShardQuery<'a>,
    ) -> Option<&'a Carried> {
        let Lent::Needed(carried) = query.variables else {
            return None;
        };
        let home = self.held.owner()?;
        (home != target.replica_set).then_some(carried)
    }

    /// Runs a query where its variables are not.
    ///
    /// # Errors
    /// As [`Session::run`]; they are too large, or of a type that no literal has.
    pub(super) async fn run_lending(
        &mut self,
        carried: &Carried,
        (target, query): (&Target<'_>, &ShardQuery<'_>),
        more: More,
    ) -> Result<Summary, Failure> {
        let set = self.lent(carried).await?;
        self.run(target, &query.lending(carried, &set), more).await
    }

    /// What the connections of a statement over several shards need.
    ///
    /// # Errors
    /// As for [`Session::run_lending`].
    pub(super) async fn lent_to_all<'a>(
        &mut self,
        query: &ShardQuery<'a>,
    ) -> Result<Option<(&'a Carried, Vec<u8>)>, Failure> {
        match query.variables {
            Lent::Needed(carried) if self.held.owner().is_some() => {
                Ok(Some((carried, Box::pin(self.lent(carried)).await?)))
            }
            _ => Ok(None),
        }
    }

    /// What the connection needs where rows of a transaction come together: it is beside the session's own.
    ///
    /// # Errors
    /// As for [`Session::run_lending`].
    pub(super) async fn lent_inside<'p>(
        &mut self,
        plan: &'p Plan,
        inside: bool,
    ) -> Result<Option<(&'p Carried, Vec<u8>)>, Failure> {
        match plan.carried.as_deref() {
            Some(carried) if inside => {
                let set = Box::pin(self.lent(carried)).await?;
                Ok(Some((carried, set)))
            }
            _ => Ok(None),
        }
    }

    /// The SET that gives another connection the session's variables; empty: a session without a connection of
    /// its own has set none.
    pub(super) async fn lent(&mut self, carried: &Carried) -> Result<Vec<u8>, Failure> {
        let home = self.held.owner().and_then(|at| self.held.take(at));
        let Some(mut backend) = home else {
            return Ok(Vec::new());
        };
        let set = self.values_on(&mut backend, carried).await?;
        self.held.settle(backend);
        set.filter(|set| set.len() <= MOST).ok_or_else(|| {
            let what = "a statement with user variables of more than 4 MiB, or of an unknown type, on a shard of \
                        another replica set than the one where they are";
            let what = Unsupported::Statement(what.to_owned());
            Failure::Error(PlanError::from(what).to_mysql())
        })
    }

    /// Brings variables back to where the session keeps them.
    ///
    /// # Errors
    /// One of the two connections is lost, and what the session had there: the session ends.
    pub(super) async fn bring_back(
        &mut self,
        backend: &mut Backend,
        query: &ShardQuery<'_>,
    ) -> Result<(), Failure> {
        let Lent::Set(carried, _) = query.variables else {
            return Ok(());
        };
        let set = self.values_on(backend, carried).await?;
        let set = set.ok_or(Failure::End(End::Broken))?;
        if set.is_empty() {
            return Ok(());
        }
        let Some(mut home) = self.held.take_home() else {
            backend.pin(PinReason::UserVariable);
            return Ok(());
        };
        let limit = Some(self.shared.limits.handshake);
        let done = home.connection.execute(&set);
        let done = self.handle.watch.guard(limit, Interest::FINISH, done);
        let Ok(Ok(_)) = done.await else {
            return Err(Failure::End(End::Broken));
        };
        home.pin(PinReason::UserVariable);
        self.held.settle(home);
        Ok(())
    }

    /// What a connection of the session answers to a question of the proxy's own, in the session's state.
    ///
    /// # Errors
    /// It is lost, and what the session had there: the session ends.
    pub(super) async fn ask_held(
        &self,
        backend: &mut Backend,
        sql: &[u8],
        interest: Interest,
    ) -> Result<(Vec<(u8, u16)>, Vec<TextRow>), Failure> {
        let wanted = Wanted {
            database: None,
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let connection = &mut backend.connection;
        let asked = async {
            connection.prepare(&wanted, &[]).await?;
            connection.query_typed(sql).await
        };
        let limit = Some(self.shared.limits.handshake);
        match self.handle.watch.guard(limit, interest, asked).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(Failure::End(End::Broken)),
        }
    }

    /// The SET of what the variables are on a connection; `None`: no literal is the same as one of them.
    async fn values_on(
        &mut self,
        backend: &mut Backend,
        carried: &Carried,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let sql = question(carried);
        let (types, rows) = self.ask_held(backend, &sql, Interest::FINISH).await?;
        let row = rows.into_iter().next().unwrap_or_default();
        Ok(set_of(carried, &types, &row))
    }
}

/// What is asked of each variable: its value, its bytes, its collation.
const ASKED: usize = 3;

fn question(carried: &Carried) -> Vec<u8> {
    let asked = carried.names.iter().map(|name| {
        let name = quoted(name);
        format!("{name},HEX({name}),COLLATION({name})")
    });
    // The session's sql_select_limit may be 0: only a limit of its own overrides it.
    format!("SELECT {} LIMIT 1", asked.collect::<Vec<_>>().join(",")).into_bytes()
}

fn quoted(name: &str) -> String {
    format!("@`{}`", name.replace('`', "``"))
}

/// The SET that makes the variables what they are said to be; empty: none was ever set.
fn set_of(carried: &Carried, types: &[(u8, u16)], row: &[Option<Vec<u8>>]) -> Option<Vec<u8>> {
    let mut set = Vec::new();
    for (number, name) in carried.names.iter().enumerate() {
        let first = number * ASKED;
        let told = row.get(first..first + ASKED)?;
        put(&mut set, &quoted(name), *types.get(first)?, told)?;
    }
    Some(set)
}

/// Appends the assignment of what a variable holds. One that is NULL still has a type, that of what it held
/// before; one that was never set stays so.
fn put(
    set: &mut Vec<u8>,
    name: &str,
    (kind, flags): (u8, u16),
    told: &[Option<Vec<u8>>],
) -> Option<()> {
    let text = |at: usize| {
        let bytes = told.get(at).and_then(Option::as_deref);
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok())
    };
    let is_null = told.first().is_none_or(Option::is_none);
    if is_null && kind == ColumnType::MYSQL_TYPE_VAR_STRING as u8 {
        return Some(());
    }
    let value = if is_text(kind) {
        let collation = text(2).unwrap_or("binary");
        string(text(1).unwrap_or_default(), collation)?
    } else {
        let digits = text(0).unwrap_or("0");
        number((kind, flags), digits)?
    };
    set.extend_from_slice(if set.is_empty() { b"SET " } else { b"," });
    set.extend_from_slice(format!("{name}={value}").as_bytes());
    if is_null {
        set.extend_from_slice(format!(",{name}=NULL").as_bytes());
    }
    Some(())
}

fn number((kind, flags): (u8, u16), digits: &str) -> Option<String> {
    let is_number = |byte: u8| byte.is_ascii_digit() || b"+-.e".contains(&byte);
    if digits.is_empty() || !digits.bytes().all(is_number) {
        return None;
    }
    let unsigned = flags & ColumnFlags::UNSIGNED_FLAG.bits() != 0;
    Some(match ColumnType::try_from(kind).ok()? {
        ColumnType::MYSQL_TYPE_LONGLONG if unsigned => format!("CAST('{digits}' AS UNSIGNED)"),
        ColumnType::MYSQL_TYPE_LONGLONG => format!("CAST('{digits}' AS SIGNED)"),
        ColumnType::MYSQL_TYPE_NEWDECIMAL if digits.contains('.') => digits.to_owned(),
        ColumnType::MYSQL_TYPE_NEWDECIMAL => format!("{digits}."),
        ColumnType::MYSQL_TYPE_DOUBLE if digits.contains('e') => digits.to_owned(),
        ColumnType::MYSQL_TYPE_DOUBLE => format!("{digits}e0"),
        _ => return None,
    })
}

fn string(hex: &str, collation: &str) -> Option<String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) || !collation.bytes().all(is_name) {
        return None;
    }
    let charset = collation.split('_').next().unwrap_or_default();
    Some(match charset {
        "binary" => format!("_binary x'{hex}'"),
        _ => format!("_{charset} x'{hex}' COLLATE {collation}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_set_to_what_they_are() {
        use ColumnType as T;
        let unsigned = ColumnFlags::UNSIGNED_FLAG.bits();
        let cases = [
            (
                T::MYSQL_TYPE_LONGLONG,
                0,
                Some("-5"),
                "binary",
                "CAST('-5' AS SIGNED)",
            ),
            (
                T::MYSQL_TYPE_LONGLONG,
                unsigned,
                Some("5"),
                "binary",
                "CAST('5' AS UNSIGNED)",
            ),
            (T::MYSQL_TYPE_NEWDECIMAL, 0, Some("1.50"), "binary", "1.50"),
            (T::MYSQL_TYPE_NEWDECIMAL, 0, Some("5"), "binary", "5."),
            (T::MYSQL_TYPE_DOUBLE, 0, Some("1.5"), "binary", "1.5e0"),
            (T::MYSQL_TYPE_DOUBLE, 0, Some("1e300"), "binary", "1e300"),
            (
                T::MYSQL_TYPE_LONG_BLOB,
                0,
                Some("a"),
                "binary",
                "_binary x'61'",
            ),
            (
                T::MYSQL_TYPE_LONG_BLOB,
                0,
                Some("a"),
                "utf8mb4_bin",
                "_utf8mb4 x'61' COLLATE utf8mb4_bin",
            ),
            (
                T::MYSQL_TYPE_LONGLONG,
                0,
                None,
                "binary",
                "CAST('0' AS SIGNED),@`v`=NULL",
            ),
        ];
        for (kind, flags, value, collation, expected) in cases {
            let told = [
                value.map(|value| value.as_bytes().to_vec()),
                value.map(|_| b"61".to_vec()),
                Some(collation.as_bytes().to_vec()),
            ];
            let mut set = Vec::new();
            put(&mut set, "@`v`", (kind as u8, flags), &told).unwrap();
            assert_eq!(
                String::from_utf8(set).unwrap(),
                format!("SET @`v`={expected}")
            );
        }
    }

    #[test]
    fn what_is_no_literal_is_none() {
        assert_eq!(
            number((ColumnType::MYSQL_TYPE_DOUBLE as u8, 0), "1);--"),
            None
        );
        assert_eq!(number((ColumnType::MYSQL_TYPE_DATE as u8, 0), "1"), None);
        assert_eq!(string("61", "utf8' OR"), None);
        assert_eq!(string("6;", "utf8mb4_bin"), None);
    }

    #[test]
    fn names_are_quoted_and_null_has_a_type() {
        let carried = Carried {
            names: vec!["a".to_owned(), "b`c".to_owned()],
            assigns: false,
        };
        let question = String::from_utf8(question(&carried)).unwrap();
        assert!(
            question.contains("COLLATION(@`a`),@`b``c`,HEX("),
            "{question}"
        );
        let told = [
            Some(b"1".to_vec()),
            Some(b"1".to_vec()),
            None,
            None,
            None,
            None,
        ];
        let kinds = [
            ColumnType::MYSQL_TYPE_LONGLONG,
            ColumnType::MYSQL_TYPE_LONG_BLOB,
        ];
        let types: Vec<_> = kinds
            .iter()
            .flat_map(|kind| [(*kind as u8, 0); ASKED])
            .collect();
        let set = set_of(&carried, &types, &told).unwrap();
        let expected = "SET @`a`=CAST('1' AS SIGNED),@`b``c`=_binary x'',@`b``c`=NULL";
        assert_eq!(String::from_utf8(set).unwrap(), expected);
    }
}

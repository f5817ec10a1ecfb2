//! Statements that commit the transaction they are in
//! (<https://dev.mysql.com/doc/refman/9.4/en/implicit-commit.html>).

use crate::parse::{DdlObject, StatementKind, Tokens, Utility};

/// The beginnings of statements that are classified in no other way.
const VERBS: [&[&str]; 14] = [
    &["ALTER"],
    &["CREATE"],
    &["DROP"],
    &["GRANT"],
    &["REVOKE"],
    &["RENAME"],
    &["INSTALL"],
    &["UNINSTALL"],
    &["CACHE", "INDEX"],
    &["LOAD", "INDEX"],
    &["CHANGE"],
    &["START"],
    &["STOP"],
    &["RESET"],
];

/// Whether the statement commits the session's transaction before it does anything else.
pub fn commits(kind: &StatementKind, tokens: Tokens<'_>) -> bool {
    match kind {
        StatementKind::Ddl(definition) => definition.object != DdlObject::TemporaryTable,
        StatementKind::Utility(
            Utility::TableAdmin { .. } | Utility::LockTables(_) | Utility::Flush(_),
        ) => true,
        StatementKind::Unknown => VERBS.iter().any(|words| tokens.begins(words)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, statement_kind, tokenize};

    #[test]
    fn definitions_and_maintenance_commit_and_temporary_tables_do_not() {
        let cases = [
            ("CREATE TABLE t (a INT)", true),
            ("CREATE TEMPORARY TABLE t (a INT)", false),
            ("DROP TEMPORARY TABLE t", false),
            ("TRUNCATE t", true),
            ("RENAME TABLE a TO b", true),
            ("CREATE INDEX i ON t (a)", true),
            ("GRANT SELECT ON *.* TO u", true),
            ("ANALYZE TABLE t", true),
            ("LOCK TABLES t READ", true),
            ("FLUSH TABLES", true),
            ("INSERT INTO t VALUES (1)", false),
            ("SELECT 1", false),
            ("SET @a = 1", false),
        ];
        for (sql, expected) in cases {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            assert_eq!(commits(&statement_kind(&tokens), tokens), expected, "{sql}");
        }
    }
}

//! What each statement is recognised as.

use super::super::{LexMode, StatementKind, Tokens, statement_kind, tokenize};
use super::*;

fn kind(sql: &str) -> StatementKind {
    let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
    statement_kind(&Tokens::new(sql.as_bytes(), &digest))
}

fn completion(chain: Option<bool>, release: Option<bool>) -> Completion {
    Completion { chain, release }
}

fn name(schema: Option<usize>, name: usize) -> QualifiedName {
    QualifiedName { schema, name }
}

fn shown(list: List, like: Option<usize>, limit: Option<usize>) -> Show {
    Show::Shardwell(Some(Shown { list, like, limit }))
}

fn window(offset: Option<usize>, count: usize) -> Option<Window> {
    Some(Window { offset, count })
}

fn check(table: impl IntoIterator<Item = (&'static str, Utility)>) {
    for (sql, wanted) in table {
        assert_eq!(kind(sql), StatementKind::Utility(wanted), "{sql}");
    }
}

#[test]
fn transaction_control_is_recognised_exactly() {
    let start = |access, consistent_snapshot| Utility::StartTransaction {
        access,
        consistent_snapshot,
    };
    check([
        ("begin", Utility::Begin),
        ("BEGIN WORK", Utility::Begin),
        ("/*!40000 BEGIN */", Utility::Begin),
        ("START TRANSACTION", start(None, false)),
        (
            "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
            start(Some(AccessMode::ReadOnly), true),
        ),
        (
            "START TRANSACTION READ WRITE",
            start(Some(AccessMode::ReadWrite), false),
        ),
        ("COMMIT", Utility::Commit(completion(None, None))),
        (
            "COMMIT WORK AND NO CHAIN NO RELEASE",
            Utility::Commit(completion(Some(false), Some(false))),
        ),
        (
            "COMMIT AND CHAIN",
            Utility::Commit(completion(Some(true), None)),
        ),
        (
            "ROLLBACK RELEASE",
            Utility::Rollback(completion(None, Some(true))),
        ),
        ("ROLLBACK WORK TO SAVEPOINT s", Utility::RollbackTo(4)),
        ("ROLLBACK TO s", Utility::RollbackTo(2)),
        ("ROLLBACK TO savepoint", Utility::RollbackTo(2)),
        ("SAVEPOINT `s`", Utility::Savepoint(1)),
        ("RELEASE SAVEPOINT s", Utility::ReleaseSavepoint(2)),
        ("XA START 'x'", Utility::Xa(XaVerb::Start)),
        ("XA RECOVER", Utility::Xa(XaVerb::Recover)),
    ]);
}

#[test]
fn trailing_garbage_is_not_recognised() {
    let table = [
        "BEGIN 1",
        "START TRANSACTION READ ONLY READ WRITE",
        "START TRANSACTION READ ONLY, READ WRITE",
        "COMMIT AND CHAIN RELEASE",
        "COMMIT WORK x",
        "ROLLBACK TO",
        "SAVEPOINT",
        "USE a b",
        "SHOW TABLES FROM",
        "SHOW DATABASES x",
        "SET a",
        "SET a = ",
        "UNLOCK TABLES x",
        "EXECUTE s USING 1",
        "EXECUTE s @x",
        "EXECUTE IMMEDIATE CONCAT('a', 1)",
        "KILL",
        "XA",
        "GRANT ALL ON *.* TO u",
        "/*!99999 BEGIN */",
    ];
    for sql in table {
        assert_eq!(kind(sql), StatementKind::Unknown, "{sql}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn set_is_taken_apart() {
    let system = |scope, name: &str, value| SetItem::System {
        scope,
        name: name.into(),
        value,
    };
    let session = VariableScope::Session;
    let table = [
        (
            "SET autocommit=0",
            vec![system(session, "autocommit", 3..4)],
        ),
        (
            "SET @@Session.Sql_Mode = CONCAT(@@sql_mode, ',X')",
            vec![system(session, "sql_mode", 3..9)],
        ),
        (
            "SET GLOBAL a = 1, b = ON, SESSION c = 2",
            vec![
                system(VariableScope::Global, "a", 4..5),
                system(VariableScope::Global, "b", 8..9),
                system(session, "c", 13..14),
            ],
        ),
        (
            "SET PERSIST x.y = DEFAULT",
            vec![system(VariableScope::Persist, "x.y", 6..7)],
        ),
        (
            "SET @A := 1, @`b c` = NULL",
            vec![
                SetItem::User {
                    name: "a".into(),
                    value: 3..4,
                },
                SetItem::User {
                    name: "b c".into(),
                    value: 7..8,
                },
            ],
        ),
        (
            "SET NAMES utf8mb4 COLLATE 'utf8mb4_bin', x = 1",
            vec![
                SetItem::Names {
                    charset: Some(2),
                    collation: Some(4),
                },
                system(session, "x", 8..9),
            ],
        ),
        (
            "SET NAMES binary",
            vec![SetItem::Names {
                charset: Some(2),
                collation: None,
            }],
        ),
        (
            "SET NAMES DEFAULT",
            vec![SetItem::Names {
                charset: None,
                collation: None,
            }],
        ),
        (
            "SET CHARACTER SET 'utf8'",
            vec![SetItem::CharacterSet(Some(3))],
        ),
        (
            "SET TRANSACTION READ ONLY",
            vec![SetItem::Transaction {
                scope: TransactionScope::Next,
                isolation: None,
                access: Some(AccessMode::ReadOnly),
            }],
        ),
        (
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
            vec![SetItem::Transaction {
                scope: TransactionScope::Session,
                isolation: Some(Isolation::ReadCommitted),
                access: Some(AccessMode::ReadWrite),
            }],
        ),
        ("SET PASSWORD = 'x'", vec![SetItem::Password]),
        ("SET DEFAULT ROLE ALL TO u", vec![SetItem::OtherRole]),
        ("SET ROLE none", vec![SetItem::Role(Roles::None)]),
        ("SET ROLE DEFAULT", vec![SetItem::Role(Roles::Granted)]),
        (
            "SET ROLE ALL EXCEPT a, 'b'@'%'",
            vec![SetItem::Role(Roles::Granted)],
        ),
        (
            "SET ROLE 'a'@'%', b",
            vec![SetItem::Role(Roles::Named {
                name: 2,
                host: Some(3),
                several: true,
            })],
        ),
        ("SET ROLE NONE, x", vec![SetItem::OtherRole]),
    ];
    check(table.map(|(sql, items)| (sql, Utility::Set(items))));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn show_is_taken_apart() {
    let tables = |full, schema, filter| Show::Tables {
        full,
        schema,
        filter,
    };
    let table = [
        (
            "SHOW DATABASES LIKE 'a%'",
            Show::Databases(Some(Filter::Like(3))),
        ),
        ("SHOW TABLES", tables(false, None, None)),
        (
            "SHOW FULL TABLES FROM `a` WHERE x = 1",
            tables(true, Some(4), Some(Filter::Where(5))),
        ),
        (
            "SHOW COLUMNS FROM t IN s",
            Show::Columns {
                table: name(Some(5), 3),
                filter: None,
            },
        ),
        (
            "SHOW FULL FIELDS FROM s.t LIKE 'x'",
            Show::Columns {
                table: name(Some(4), 6),
                filter: Some(Filter::Like(8)),
            },
        ),
        (
            "SHOW INDEX FROM s.t",
            Show::Index {
                table: name(Some(3), 5),
                filter: None,
            },
        ),
        ("SHOW CREATE TABLE s.t", Show::CreateTable(name(Some(3), 5))),
        (
            "SHOW CREATE DATABASE IF NOT EXISTS d",
            Show::CreateDatabase(6),
        ),
        (
            "SHOW GLOBAL VARIABLES LIKE 'x'",
            Show::Variables {
                scope: VariableScope::Global,
                filter: Some(Filter::Like(4)),
            },
        ),
        (
            "SHOW STATUS",
            Show::Status {
                scope: VariableScope::Session,
                filter: None,
            },
        ),
        ("SHOW WARNINGS", Show::Warnings(None)),
        ("SHOW WARNINGS LIMIT 5", Show::Warnings(window(None, 3))),
        ("SHOW ERRORS LIMIT 5, 6", Show::Errors(window(Some(3), 5))),
        (
            "SHOW ERRORS LIMIT 5 OFFSET 6",
            Show::Errors(window(Some(5), 3)),
        ),
        ("SHOW COUNT(*) WARNINGS", Show::CountWarnings),
        ("SHOW FULL PROCESSLIST", Show::Processlist { full: true }),
        (
            "SHOW TABLE STATUS FROM s LIKE 'x'",
            Show::TableStatus {
                schema: Some(4),
                filter: Some(Filter::Like(6)),
            },
        ),
        ("SHOW SHARDWELL POOLS", shown(List::Pools, None, None)),
        (
            "show shardwell digests like '%orders%' limit 5",
            shown(List::Digests, Some(4), Some(6)),
        ),
        ("SHOW SHARDWELL NONSENSE", Show::Shardwell(None)),
        ("SHOW SHARDWELL POSITION LIMIT 1", Show::Shardwell(None)),
        ("SHOW SHARDWELL POOLS WHERE 1", Show::Shardwell(None)),
        ("SHOW PLUGINS", Show::Other),
        ("SHOW GRANTS", Show::Grants),
        ("SHOW GRANTS FOR CURRENT_USER()", Show::Grants),
        ("SHOW GRANTS FOR CURRENT_USER USING r", Show::Other),
        ("SHOW GRANTS FOR root@localhost", Show::Other),
        ("SHOW CREATE VIEW v", Show::CreateView(name(None, 3))),
    ];
    check(table.map(|(sql, show)| (sql, Utility::Show(show))));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn sessions_locks_and_maintenance_are_recognised() {
    check([
        ("USE `shop`", Utility::Use(1)),
        (
            "KILL QUERY 5",
            Utility::Kill {
                query: true,
                id: 2..3,
            },
        ),
        (
            "KILL CONNECTION @x + 1",
            Utility::Kill {
                query: false,
                id: 2..5,
            },
        ),
        (
            "LOCK TABLES a READ LOCAL, s.b AS c WRITE",
            Utility::LockTables(vec![
                LockedTable {
                    table: name(None, 2),
                    alias: None,
                    mode: LockMode::ReadLocal,
                },
                LockedTable {
                    table: name(Some(6), 8),
                    alias: Some(10),
                    mode: LockMode::Write,
                },
            ]),
        ),
        ("UNLOCK TABLES", Utility::UnlockTables),
        ("FLUSH LOCAL TABLES", Utility::Flush(Flush::Tables)),
        (
            "FLUSH TABLES WITH READ LOCK",
            Utility::Flush(Flush::TablesWithReadLock),
        ),
        ("FLUSH TABLES t", Utility::Flush(Flush::Other)),
        (
            "FLUSH TABLES t, u WITH READ LOCK",
            Utility::Flush(Flush::Locking),
        ),
        ("FLUSH TABLE t FOR EXPORT", Utility::Flush(Flush::Locking)),
        (
            "FLUSH TABLES WITH READ LOCK AND DISABLE CHECKPOINT",
            Utility::Flush(Flush::Locking),
        ),
        (
            "LOCK INSTANCE FOR BACKUP",
            Utility::Unshared("LOCK INSTANCE"),
        ),
        ("UNLOCK INSTANCE", Utility::Unshared("UNLOCK INSTANCE")),
        ("BACKUP STAGE START", Utility::Unshared("BACKUP")),
        ("BINLOG 'x'", Utility::Unshared("BINLOG")),
        ("FLUSH STATUS", Utility::Flush(Flush::Other)),
        (
            "PREPARE s FROM 'SELECT 1'",
            Utility::Prepare {
                name: 1,
                source: PrepareSource::Text(3),
            },
        ),
        (
            "PREPARE s FROM @x",
            Utility::Prepare {
                name: 1,
                source: PrepareSource::Variable(3),
            },
        ),
        (
            "EXECUTE s USING @a, @b",
            Utility::Execute {
                name: 1,
                using: vec![3, 5],
            },
        ),
        (
            "EXECUTE IMMEDIATE 'SELECT ?' USING @a",
            Utility::ExecuteImmediate {
                source: PrepareSource::Text(2),
                using: vec![4],
            },
        ),
        (
            "EXECUTE IMMEDIATE @x",
            Utility::ExecuteImmediate {
                source: PrepareSource::Variable(2),
                using: vec![],
            },
        ),
        ("DROP PREPARE s", Utility::Deallocate(2)),
        (
            "LOAD DATA LOCAL INFILE 'x' INTO TABLE s.t",
            Utility::LoadData(Box::new(LoadData {
                xml: false,
                local: true,
                file: 4,
                table: name(Some(7), 9),
                clauses: Some(LoadClauses {
                    charset_place: 10,
                    list_place: 10,
                    ..LoadClauses::default()
                }),
            })),
        ),
        ("DO SLEEP(1)", Utility::Do),
        ("HANDLER t OPEN", Utility::Handler(name(None, 1))),
        ("CALL s.p(1)", Utility::Call(name(Some(1), 3))),
        (
            "ANALYZE LOCAL TABLE a, b",
            Utility::TableAdmin {
                verb: TableAdminVerb::Analyze,
                tables: vec![name(None, 3), name(None, 5)],
            },
        ),
        (
            "CHECK TABLE a QUICK",
            Utility::TableAdmin {
                verb: TableAdminVerb::Check,
                tables: vec![name(None, 2)],
            },
        ),
    ]);
}

#[test]
fn orders_are_recognised() {
    check([
        ("shardwell reload", Utility::Shardwell(Order::Reload)),
        (
            "SHARDWELL DRAIN SERVER 'db:3306'",
            Utility::Shardwell(Order::Drain(3..4)),
        ),
        (
            "SHARDWELL RESUME SERVER db",
            Utility::Shardwell(Order::Resume(3..4)),
        ),
        (
            "SHARDWELL KILL QUERY 7",
            Utility::Shardwell(Order::Kill {
                query: true,
                id: 3..4,
            }),
        ),
        (
            "SHARDWELL CHECK TABLE shop.users",
            Utility::Shardwell(Order::Check(QualifiedName {
                schema: Some(3),
                name: 5,
            })),
        ),
    ]);
}

#[test]
fn the_clauses_of_load_data_are_found_in_any_spelling() {
    let clauses = |sql: &str| match kind(sql) {
        StatementKind::Utility(Utility::LoadData(data)) => data.clauses,
        other => panic!("{sql}: {other:?}"),
    };
    let sql = "LOAD DATA LOW_PRIORITY LOCAL INFILE 'f' REPLACE INTO TABLE s.t PARTITION (p0, p1) \
               CHARSET utf8mb4 COLUMNS OPTIONALLY ENCLOSED BY '\"' TERMINATED BY ',' ESCAPED BY '' \
               LINES STARTING BY '>' TERMINATED BY 0x0A IGNORE 3 ROWS (a, @b, `c`) \
               SET d = IF(@b, 1, 2), e = DEFAULT";
    let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
    let tokens = Tokens::new(sql.as_bytes(), &digest);
    let text = |at: Option<usize>| String::from_utf8_lossy(tokens.text(at.unwrap())).into_owned();
    let read = clauses(sql).unwrap();
    assert_eq!(text(read.charset), "utf8mb4");
    assert_eq!(tokens.text(read.charset_place), b"CHARSET");
    assert_eq!(text(read.field_terminator), "','");
    assert_eq!(text(read.enclosed), "'\"'");
    assert_eq!(text(read.escaped), "''");
    assert_eq!(text(read.line_start), "'>'");
    assert_eq!(text(read.line_terminator), "0x0A");
    assert_eq!(tokens.span(read.ignored.unwrap()), b"IGNORE 3 ROWS");
    let items = read.list.unwrap().items;
    assert!(matches!(
        items[..],
        [
            LoadItem::Column(_),
            LoadItem::Variable(_),
            LoadItem::Column(_)
        ]
    ));
    let assigned: Vec<_> = read
        .assigned
        .iter()
        .map(|column| text(Some(column.name)))
        .collect();
    assert_eq!(assigned, ["d", "e"]);
    let unread = [
        "LOAD XML LOCAL INFILE 'f' INTO TABLE t",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE t FIELDS",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE t (a,)",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE t (a) SET b",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE t LINES TERMINATED BY ';' FIELDS TERMINATED BY ','",
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE t IGNORE LINES",
    ];
    for sql in unread {
        assert_eq!(clauses(sql), None, "{sql}");
    }
}

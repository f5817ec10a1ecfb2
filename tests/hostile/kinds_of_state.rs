//! Every kind of state that a client can leave behind, and what shows whether another one sees it.

use shardwell::cli::demo::program::Flavor;

/// One kind of state.
pub struct Kind {
    /// What sets it; `{n}` is a number that is new each time.
    pub sets: &'static [&'static str],
    /// What another client asks; it must get what it got before.
    pub asks: &'static [&'static str],
    /// The server that knows it; `None`: each.
    pub only: Option<Flavor>,
    /// The last statement that sets it is refused, and the error names this.
    pub refused: Option<&'static str>,
}

const fn kind(sets: &'static [&'static str], asks: &'static [&'static str]) -> Kind {
    Kind {
        sets,
        asks,
        only: None,
        refused: None,
    }
}

const fn mysql(sets: &'static [&'static str], asks: &'static [&'static str]) -> Kind {
    Kind {
        only: Some(Flavor::MySql),
        ..kind(sets, asks)
    }
}

const fn mariadb(sets: &'static [&'static str], asks: &'static [&'static str]) -> Kind {
    Kind {
        only: Some(Flavor::MariaDb),
        ..kind(sets, asks)
    }
}

const fn refused(set: &'static [&'static str], name: &'static str) -> Kind {
    Kind {
        refused: Some(name),
        ..kind(set, &[])
    }
}

const fn refused_on(only: Flavor, set: &'static [&'static str], name: &'static str) -> Kind {
    Kind {
        only: Some(only),
        ..refused(set, name)
    }
}

/// What the server needs for them, besides the table `t (id, v)`.
pub const OBJECTS: [&str; 18] = [
    "CREATE PROCEDURE nothing() BEGIN END",
    "CREATE TABLE auto (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9))",
    "CREATE TABLE triggered (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9))",
    "CREATE FUNCTION remember() RETURNS INT DETERMINISTIC NO SQL BEGIN SET @f = 'leak'; RETURN 1; END",
    "CREATE FUNCTION recall() RETURNS VARCHAR(9) DETERMINISTIC NO SQL RETURN @f",
    "CREATE FUNCTION modes() RETURNS INT DETERMINISTIC NO SQL BEGIN SET SESSION sql_mode = 'ANSI_QUOTES'; RETURN 1; END",
    "CREATE FUNCTION takes() RETURNS INT NO SQL RETURN GET_LOCK('leakf', 0)",
    "CREATE FUNCTION thread() RETURNS BIGINT NO SQL RETURN CONNECTION_ID()",
    "CREATE TRIGGER remembering BEFORE INSERT ON triggered FOR EACH ROW SET @g = 'leak'",
    "CREATE VIEW remembered AS SELECT remember() AS r",
    "CREATE FUNCTION recall_g() RETURNS VARCHAR(9) DETERMINISTIC NO SQL RETURN @g",
    "CREATE VIEW recalled AS SELECT recall_g() AS r",
    "CREATE VIEW taking AS SELECT takes() AS r",
    "CREATE VIEW latest AS SELECT LAST_INSERT_ID() AS id",
    "CREATE TABLE locking (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9))",
    "CREATE TRIGGER locks BEFORE INSERT ON locking FOR EACH ROW SET NEW.v = GET_LOCK('leakt', 0)",
    "CREATE VIEW over_locking AS SELECT id, v FROM locking",
    "CREATE PROCEDURE many() BEGIN SET @p = 'leak'; SET SESSION sql_mode = ''; DO GET_LOCK('leakp', 0); CREATE TEMPORARY TABLE t (leak INT); END",
];

const WRITE: &str = "INSERT INTO t VALUES (1, 'x') ON DUPLICATE KEY UPDATE v = 'y'";
const COUNT: &str = "SELECT COUNT(id) FROM t WHERE id > 1";

/// System variables; [`every_variable`](crate::leaks) tries the rest.
pub const VARIABLES: &[Kind] = &[
    kind(
        &["SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'"],
        &["SELECT @@sql_mode", "SELECT \"a\" || 'b'"],
    ),
    kind(&["SET SESSION sql_mode = ''"], &["SELECT @@sql_mode"]),
    kind(
        &["SET time_zone = '+05:30'"],
        &["SELECT @@time_zone", "SELECT FROM_UNIXTIME(0)"],
    ),
    kind(
        &["SET NAMES latin1"],
        &[
            "SELECT @@character_set_client, @@character_set_results, @@collation_connection",
            "SELECT COLLATION('x'), HEX('ä'), 'ä'",
        ],
    ),
    kind(
        &["SET NAMES utf8mb4 COLLATE utf8mb4_bin"],
        &["SELECT COLLATION('x'), 'A' = 'a'"],
    ),
    kind(
        &["SET CHARACTER SET latin1"],
        &["SELECT @@character_set_client, @@character_set_results, @@collation_connection"],
    ),
    kind(
        &["SET character_set_client = latin1"],
        &["SELECT @@character_set_client", "SELECT HEX('ä')"],
    ),
    kind(
        &["SET collation_connection = utf8mb4_bin"],
        &["SELECT COLLATION('x'), 'A' = 'a'"],
    ),
    kind(
        &["SET character_set_results = NULL"],
        &["SELECT @@character_set_results"],
    ),
    kind(
        &["SET autocommit = 0", "INSERT INTO t VALUES ({n}, 'x')"],
        &["SELECT @@autocommit", COUNT],
    ),
    kind(
        &["SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"],
        &["SELECT @@transaction_isolation"],
    ),
    kind(
        &["SET SESSION TRANSACTION READ ONLY"],
        &["SELECT @@transaction_read_only", WRITE],
    ),
    kind(
        &["SET SESSION group_concat_max_len = 5"],
        &["SELECT @@group_concat_max_len"],
    ),
    kind(
        &["SET SESSION wait_timeout = 77"],
        &["SELECT @@wait_timeout"],
    ),
    mysql(
        &["SET SESSION max_execution_time = 1"],
        &["SELECT @@max_execution_time"],
    ),
    kind(
        &["SET foreign_key_checks = 0, unique_checks = 0"],
        &["SELECT @@foreign_key_checks, @@unique_checks"],
    ),
    kind(
        &["SET SESSION sql_select_limit = 1"],
        &["SELECT @@sql_select_limit"],
    ),
    kind(
        &[
            "SET completion_type = CHAIN",
            "BEGIN",
            "COMMIT",
            "INSERT INTO t VALUES ({n}, 'x')",
        ],
        &["SELECT @@completion_type", COUNT],
    ),
    kind(
        &["SET session_track_schema = 0, session_track_state_change = 1"],
        &["SELECT @@session_track_schema, @@session_track_state_change"],
    ),
    kind(
        &["SET session_track_system_variables = 'sql_mode'"],
        &["SELECT @@session_track_system_variables"],
    ),
    kind(
        &["SET session_track_transaction_info = 'CHARACTERISTICS'"],
        &["SELECT @@session_track_transaction_info"],
    ),
    mysql(
        &["SET session_track_gtids = OWN_GTID"],
        &["SELECT @@session_track_gtids"],
    ),
    kind(
        &["SET last_insert_id = 55"],
        &[
            "SELECT LAST_INSERT_ID()",
            "SELECT @@last_insert_id, @@identity",
        ],
    ),
    kind(&["SET sql_log_bin = 0"], &["SELECT @@sql_log_bin"]),
    kind(
        &["SET profiling = 1", "SELECT 'secret'"],
        &[
            "SHOW PROFILES",
            "SELECT COUNT(*) FROM information_schema.PROFILING",
            "SELECT @@profiling",
        ],
    ),
    kind(
        &[
            "SET optimizer_trace = 'enabled=on'",
            "SELECT v FROM t WHERE v = 'secret'",
        ],
        &[
            "SELECT COUNT(*) FROM information_schema.OPTIMIZER_TRACE",
            "SELECT @@optimizer_trace",
        ],
    ),
    kind(&["SELECT modes()"], &["SELECT @@sql_mode"]),
    refused(&["SET DEFAULT ROLE NONE"], "SET DEFAULT ROLE"),
    refused(&["SET PASSWORD = 'x'"], "SET PASSWORD"),
    refused_on(
        Flavor::MySql,
        &["SET RESOURCE GROUP leak"],
        "SET RESOURCE GROUP",
    ),
    kind(
        &["SET TIMESTAMP = 86400.5"],
        &["SELECT NOW() < '1980-01-01', @@timestamp < 1e8"],
    ),
    refused(&["SET @@SESSION.insert_id = 777"], "SET insert_id"),
    refused(&["SET rand_seed1 = 1, rand_seed2 = 2"], "SET rand_seed1"),
    refused(&["SET rand_seed2 = 2"], "SET rand_seed2"),
    refused(&["SET pseudo_thread_id = 4242"], "SET pseudo_thread_id"),
    refused_on(
        Flavor::MySql,
        &["SET gtid_next = '3E11FA47-71CA-11E1-9E33-C80AA9429562:23'"],
        "SET gtid_next",
    ),
    refused_on(
        Flavor::MariaDb,
        &["SET gtid_seq_no = 4242"],
        "SET gtid_seq_no",
    ),
    refused(
        &["PREPARE p FROM 'SET pseudo_thread_id = 4242'", "EXECUTE p"],
        "SET pseudo_thread_id",
    ),
];

/// Everything else.
pub const OTHERS: &[Kind] = &[
    kind(&["SET @a = 'leak'"], &["SELECT @a"]),
    kind(&["SELECT @b := 'leak'"], &["SELECT @b"]),
    kind(&["SELECT 'leak' INTO @c"], &["SELECT @c"]),
    kind(
        &["PREPARE s FROM 'SET @d = 1'", "EXECUTE s"],
        &["SELECT @d", "EXECUTE s"],
    ),
    mariadb(&["EXECUTE IMMEDIATE 'SET @e = 1'"], &["SELECT @e"]),
    kind(&["SELECT remember()"], &["SELECT @f", "SELECT recall()"]),
    kind(
        &["SELECT r FROM remembered"],
        &["SELECT @f", "SELECT recall()"],
    ),
    kind(
        &["INSERT INTO triggered (v) VALUES ('x')"],
        &["SELECT @g", "SELECT r FROM recalled"],
    ),
    kind(
        &["INSERT INTO locking (v) VALUES ('x')"],
        &[
            "SELECT IS_FREE_LOCK('leakt')",
            "SELECT RELEASE_LOCK('leakt')",
        ],
    ),
    kind(
        &["INSERT INTO over_locking (v) VALUES ('x')"],
        &["SELECT IS_FREE_LOCK('leakt')"],
    ),
    kind(&["SELECT r FROM taking"], &["SELECT IS_FREE_LOCK('leakf')"]),
    kind(
        &["CALL many()"],
        &[
            "SELECT @p",
            "SELECT @@sql_mode",
            COUNT,
            "SELECT IS_FREE_LOCK('leakp')",
        ],
    ),
    kind(
        &["SELECT GET_LOCK('leak', 0)"],
        &[
            "SELECT IS_FREE_LOCK('leak')",
            "DO RELEASE_LOCK('leak')",
            "SELECT RELEASE_LOCK('leak')",
        ],
    ),
    kind(
        &["SELECT takes()"],
        &[
            "SELECT IS_FREE_LOCK('leakf')",
            "SELECT RELEASE_LOCK('leakf')",
        ],
    ),
    kind(
        &[WRITE, "SELECT SLEEP(0)", "SELECT SLEEP(0)"],
        &[
            "SHOW SESSION STATUS LIKE 'Com_insert'",
            "SHOW STATUS LIKE 'Com\\_select'",
        ],
    ),
    kind(&["CREATE TEMPORARY TABLE t (leak INT)"], &[COUNT]),
    kind(
        &["CREATE /*!32302 TEMPORARY */ TABLE t (leak INT)"],
        &[COUNT],
    ),
    kind(
        &["CREATE TEMPORARY TABLE fresh (leak INT)"],
        &["SELECT * FROM fresh", "DROP TEMPORARY TABLE fresh"],
    ),
    kind(
        &["INSERT INTO auto (v) VALUES ('x')"],
        &[
            "SELECT LAST_INSERT_ID()",
            "SELECT @@identity",
            "SELECT id FROM latest",
        ],
    ),
    kind(
        &["SELECT SQL_CALC_FOUND_ROWS 1 UNION SELECT 2 UNION SELECT 3 LIMIT 1"],
        &["SELECT FOUND_ROWS()", "SELECT ROW_COUNT()"],
    ),
    kind(
        &[
            "INSERT INTO t VALUES ({n}, 'x')",
            "DELETE FROM t WHERE id > 1",
        ],
        &["SELECT ROW_COUNT()"],
    ),
    kind(
        &["DROP TABLE IF EXISTS nosuch"],
        &[
            "SHOW WARNINGS",
            "SELECT @@warning_count",
            "SHOW COUNT(*) WARNINGS",
        ],
    ),
    kind(
        &["SELECT CAST('x' AS SIGNED)"],
        &["SELECT @@warning_count, @@error_count", "SHOW ERRORS"],
    ),
    kind(&["USE information_schema"], &["SELECT DATABASE()", COUNT]),
    kind(
        &["PREPARE leak FROM 'SELECT 1'"],
        &["EXECUTE leak", "DEALLOCATE PREPARE leak"],
    ),
    kind(
        &["BEGIN", "INSERT INTO t VALUES ({n}, 'x')", "SAVEPOINT s"],
        &["ROLLBACK TO SAVEPOINT s", "RELEASE SAVEPOINT s", COUNT],
    ),
    kind(
        &["SET TRANSACTION READ ONLY"],
        &[WRITE, "BEGIN", WRITE, "COMMIT"],
    ),
    kind(&["START TRANSACTION READ ONLY", COUNT], &[WRITE]),
    kind(
        &[
            "BEGIN",
            "INSERT INTO t VALUES ({n}, 'x')",
            "ROLLBACK AND CHAIN",
            "INSERT INTO t VALUES ({n}, 'y')",
        ],
        &[COUNT, WRITE],
    ),
    kind(&["BEGIN", "SELECT v FROM t FOR UPDATE"], &[WRITE]),
    kind(
        &["XA START 'leak{n}'"],
        &["BEGIN", WRITE, "ROLLBACK", "XA RECOVER"],
    ),
    kind(
        &[
            "XA START 'leak{n}'",
            "INSERT INTO t VALUES ({n}, 'x')",
            "XA END 'leak{n}'",
        ],
        &["BEGIN", WRITE, "ROLLBACK", COUNT],
    ),
    kind(
        &[
            "XA START 'leak{n}'",
            "INSERT INTO t VALUES ({n}, 'x')",
            "XA END 'leak{n}'",
            "XA PREPARE 'leak{n}'",
        ],
        &["BEGIN", WRITE, "ROLLBACK", COUNT],
    ),
    kind(
        &["HANDLER t OPEN"],
        &["HANDLER t READ FIRST", "HANDLER t CLOSE"],
    ),
    kind(
        &["LOCK TABLES t WRITE"],
        &["SELECT COUNT(*) FROM auto", WRITE],
    ),
    kind(
        &["LOCK TABLES t READ"],
        &["SELECT COUNT(*) FROM auto", WRITE],
    ),
    kind(&["FLUSH TABLES WITH READ LOCK"], &[WRITE]),
    refused(
        &["FLUSH TABLES t WITH READ LOCK"],
        "READ LOCK or FOR EXPORT",
    ),
    refused(&["FLUSH TABLES t FOR EXPORT"], "READ LOCK or FOR EXPORT"),
    refused(&["LOCK INSTANCE FOR BACKUP"], "LOCK INSTANCE"),
    refused(&["UNLOCK INSTANCE"], "UNLOCK INSTANCE"),
    refused(&["BACKUP STAGE START"], "BACKUP"),
    refused(&["BACKUP LOCK t"], "BACKUP"),
    refused(&["BINLOG 'x'"], "BINLOG"),
    kind(&["SET TRANSACTION READ ONLY", "DO 1"], &[WRITE]),
    kind(
        &["SET TRANSACTION READ ONLY", "SELECT v FROM t WHERE FALSE"],
        &[WRITE],
    ),
    kind(&["SET TRANSACTION READ ONLY", "CALL nothing()"], &[WRITE]),
    mariadb(
        &["SET STATEMENT sql_mode = '' FOR SELECT 1"],
        &["SELECT @@sql_mode"],
    ),
    mysql(
        &["SELECT /*+ SET_VAR(sql_mode = '') */ 1"],
        &["SELECT @@sql_mode"],
    ),
];

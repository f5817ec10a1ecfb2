-- What tools send that no registry has: their statements on connecting, browsing and migrating.
-- tests/differential/tools.rs runs each on a plain server and through the proxy, `shop` being the schema:
--   a statement         the same columns, and the same rows in any order, or the same error
--   ? a statement       the same columns; rows are the servers' own
--   1235 a statement    refused through the proxy with this error, whatever a plain server says

-- MySQL Connector/J on connecting: DBeaver, DataGrip, Flyway, Liquibase, Hibernate, Metabase, Debezium
? /* mysql-connector-j-9.1.0 (Revision: x) */SELECT @@session.auto_increment_increment AS auto_increment_increment, @@character_set_client AS character_set_client, @@character_set_connection AS character_set_connection, @@character_set_results AS character_set_results, @@character_set_server AS character_set_server, @@collation_server AS collation_server, @@collation_connection AS collation_connection, @@init_connect AS init_connect, @@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS net_write_timeout, @@performance_schema AS performance_schema, @@sql_mode AS sql_mode, @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@transaction_isolation AS transaction_isolation, @@wait_timeout AS wait_timeout
SET character_set_results = NULL
SET autocommit=1
SET sql_mode='STRICT_TRANS_TABLES'
SELECT @@session.transaction_isolation
SELECT @@session.transaction_read_only
SET SESSION TRANSACTION READ WRITE
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SELECT DATABASE()
/* ping */ SELECT 1

-- Connector/J's DatabaseMetaData, by SHOW and by information_schema
SHOW FULL TABLES FROM `shop` LIKE '%'
SHOW FULL COLUMNS FROM `items` FROM `shop` LIKE '%'
? SHOW KEYS FROM `items` FROM `shop`
SHOW CREATE TABLE `shop`.`marks`
SELECT SCHEMA_NAME AS TABLE_CAT FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = 'shop' ORDER BY TABLE_CAT
SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, CASE WHEN TABLE_TYPE = 'BASE TABLE' THEN CASE WHEN TABLE_SCHEMA = 'mysql' OR TABLE_SCHEMA = 'performance_schema' THEN 'SYSTEM TABLE' ELSE 'TABLE' END WHEN TABLE_TYPE = 'TEMPORARY' THEN 'LOCAL_TEMPORARY' ELSE TABLE_TYPE END AS TABLE_TYPE, TABLE_COMMENT AS REMARKS, NULL AS TYPE_CAT FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME LIKE '%' HAVING TABLE_TYPE IN ('TABLE', 'VIEW') ORDER BY TABLE_TYPE, TABLE_SCHEMA, TABLE_NAME
SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, COLUMN_NAME, UPPER(CASE WHEN UPPER(DATA_TYPE) LIKE '%UNSIGNED%' THEN SUBSTRING(DATA_TYPE, 1, LOCATE('UNSIGNED', UPPER(DATA_TYPE)) - 2) ELSE DATA_TYPE END) AS TYPE_NAME, CASE WHEN LCASE(DATA_TYPE) = 'date' THEN 10 WHEN CHARACTER_MAXIMUM_LENGTH IS NULL OR CHARACTER_MAXIMUM_LENGTH > 2147483647 THEN COALESCE(NUMERIC_PRECISION, CHARACTER_MAXIMUM_LENGTH) ELSE CHARACTER_MAXIMUM_LENGTH END AS COLUMN_SIZE, NUMERIC_SCALE AS DECIMAL_DIGITS, CASE WHEN IS_NULLABLE = 'NO' THEN 0 ELSE 1 END AS NULLABLE, COLUMN_COMMENT AS REMARKS, COLUMN_DEFAULT AS COLUMN_DEF, ORDINAL_POSITION, IS_NULLABLE, IF (EXTRA LIKE '%auto_increment%', 'YES', 'NO') AS IS_AUTOINCREMENT FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'items' ORDER BY TABLE_CAT, TABLE_NAME, ORDINAL_POSITION
SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, NON_UNIQUE, NULL AS INDEX_QUALIFIER, INDEX_NAME, 3 AS TYPE, SEQ_IN_INDEX AS ORDINAL_POSITION, COLUMN_NAME, COLLATION AS ASC_OR_DESC, 0 AS PAGES, NULL AS FILTER_CONDITION FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'items' ORDER BY NON_UNIQUE, INDEX_NAME, SEQ_IN_INDEX
SELECT TABLE_SCHEMA AS TABLE_CAT, NULL AS TABLE_SCHEM, TABLE_NAME, COLUMN_NAME, SEQ_IN_INDEX AS KEY_SEQ, 'PRIMARY' AS PK_NAME FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'marks' AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
SELECT DISTINCT A.REFERENCED_TABLE_SCHEMA AS PKTABLE_CAT, NULL AS PKTABLE_SCHEM, A.REFERENCED_TABLE_NAME AS PKTABLE_NAME, A.REFERENCED_COLUMN_NAME AS PKCOLUMN_NAME, A.TABLE_SCHEMA AS FKTABLE_CAT, NULL AS FKTABLE_SCHEM, A.TABLE_NAME AS FKTABLE_NAME, A.COLUMN_NAME AS FKCOLUMN_NAME, A.ORDINAL_POSITION AS KEY_SEQ, CASE WHEN R.UPDATE_RULE = 'CASCADE' THEN 0 ELSE 1 END AS UPDATE_RULE, CASE WHEN R.DELETE_RULE = 'CASCADE' THEN 0 ELSE 1 END AS DELETE_RULE, A.CONSTRAINT_NAME AS FK_NAME, TC.CONSTRAINT_NAME AS PK_NAME, 7 AS DEFERRABILITY FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE A JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS B USING (TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME) JOIN INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS R ON (R.CONSTRAINT_NAME = B.CONSTRAINT_NAME AND R.TABLE_NAME = B.TABLE_NAME AND R.CONSTRAINT_SCHEMA = B.TABLE_SCHEMA) LEFT JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS TC ON (A.REFERENCED_TABLE_SCHEMA = TC.TABLE_SCHEMA AND A.REFERENCED_TABLE_NAME = TC.TABLE_NAME AND TC.CONSTRAINT_TYPE IN ('UNIQUE', 'PRIMARY KEY')) WHERE B.CONSTRAINT_TYPE = 'FOREIGN KEY' AND A.TABLE_SCHEMA = 'shop' AND A.TABLE_NAME = 'marks' AND A.REFERENCED_TABLE_SCHEMA IS NOT NULL ORDER BY PKTABLE_CAT, PKTABLE_NAME, KEY_SEQ
SELECT ROUTINE_SCHEMA AS PROCEDURE_CAT, NULL AS PROCEDURE_SCHEM, ROUTINE_NAME AS PROCEDURE_NAME, ROUTINE_COMMENT AS REMARKS, SPECIFIC_NAME FROM INFORMATION_SCHEMA.ROUTINES WHERE ROUTINE_SCHEMA = 'shop' AND ROUTINE_NAME LIKE '%' ORDER BY PROCEDURE_CAT, PROCEDURE_NAME
SELECT SPECIFIC_SCHEMA AS PROCEDURE_CAT, SPECIFIC_NAME AS PROCEDURE_NAME, IFNULL(PARAMETER_NAME, '') AS COLUMN_NAME FROM INFORMATION_SCHEMA.PARAMETERS WHERE SPECIFIC_SCHEMA = 'shop' AND SPECIFIC_NAME LIKE '%' ORDER BY SPECIFIC_SCHEMA, SPECIFIC_NAME, ORDINAL_POSITION

-- DBeaver
SELECT @@GLOBAL.character_set_server,@@GLOBAL.collation_server
SHOW ENGINES
SHOW CHARSET
SHOW COLLATION
? SHOW PLUGINS
? SHOW VARIABLES LIKE 'lower_case_table_names'
SELECT * FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'
? SHOW TABLE STATUS FROM `shop`
SHOW FULL TABLES FROM `shop`
? SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'
SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='items' ORDER BY ORDINAL_POSITION
? SELECT * FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='items' ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
SELECT kc.CONSTRAINT_NAME,kc.TABLE_NAME,kc.COLUMN_NAME,kc.ORDINAL_POSITION FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE kc WHERE kc.TABLE_SCHEMA='shop' AND kc.REFERENCED_TABLE_NAME IS NULL AND kc.TABLE_NAME='items' ORDER BY kc.CONSTRAINT_NAME,kc.ORDINAL_POSITION
SELECT cc.CONSTRAINT_NAME, cc.CHECK_CLAUSE, tc.TABLE_NAME FROM (SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM INFORMATION_SCHEMA.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop' ORDER BY CONSTRAINT_NAME) cc, (SELECT TABLE_NAME, CONSTRAINT_NAME FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME='items') tc WHERE cc.CONSTRAINT_NAME = tc.CONSTRAINT_NAME ORDER BY cc.CONSTRAINT_NAME
SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA='shop'
? SELECT * FROM INFORMATION_SCHEMA.TRIGGERS WHERE TRIGGER_SCHEMA='shop' AND EVENT_OBJECT_TABLE='items'
SELECT PARTITION_NAME FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='items' AND PARTITION_NAME IS NOT NULL
SELECT TABLE_NAME, VIEW_DEFINITION IS NOT NULL FROM information_schema.VIEWS WHERE TABLE_SCHEMA='shop'
? SHOW PRIVILEGES
? SHOW VARIABLES
? SHOW GLOBAL VARIABLES
? SHOW GLOBAL STATUS
? SHOW SESSION STATUS
? SHOW STATUS
? EXPLAIN SELECT * FROM items WHERE id = 3
? EXPLAIN FORMAT=JSON SELECT * FROM items WHERE id = 3
SELECT items.id, items.a FROM shop.items LIMIT 0, 200

-- MySQL Workbench
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET CHARACTER SET utf8
SET NAMES utf8
SET SQL_SAFE_UPDATES=1
SET SQL_SAFE_UPDATES=0
? SELECT CONNECTION_ID()
? SELECT current_user()
? SHOW SESSION STATUS LIKE 'Ssl_cipher'
? SHOW SESSION VARIABLES LIKE 'sql_mode'
? SHOW SESSION VARIABLES LIKE 'version_comment'
SHOW PROCEDURE STATUS WHERE Db='shop'
SHOW FUNCTION STATUS WHERE Db='shop'
? SHOW INDEXES FROM `shop`.`items`
SHOW TRIGGERS FROM `shop` WHERE `Table` = 'kinds'
? SHOW CREATE VIEW `shop`.`seen`
SHOW CREATE VIEW `shop`.`items`
SELECT * FROM `shop`.`items` LIMIT 0, 1000
SELECT `default_character_set_name`, `default_collation_name` FROM information_schema.schemata WHERE schema_name = 'shop'
1044 SELECT * FROM mysql.user
1227 SHOW ENGINE INNODB STATUS

SHOW DATABASES LIKE 'shop'
SHOW SCHEMAS LIKE "nothing of this name"

-- mysqlshow, pt-table-checksum
? SHOW DATABASES LIKE '%'
SHOW DATABASES LIKE 'percona'
? SHOW DATABASES WHERE `Database` = 'shop'

-- HeidiSQL
/*!40101 SET NAMES utf8mb4 */
? SHOW /*!50002 GLOBAL */ STATUS
? SELECT NOW()
SELECT `DEFAULT_COLLATION_NAME` FROM `information_schema`.`SCHEMATA` WHERE `SCHEMA_NAME`='shop'
SHOW FUNCTION STATUS WHERE `Db`='shop'
SHOW PROCEDURE STATUS WHERE `Db`='shop'
SELECT *, EVENT_SCHEMA AS `Db`, EVENT_NAME AS `Name` FROM information_schema.`EVENTS` WHERE `EVENT_SCHEMA`='shop'
SELECT * FROM `information_schema`.`COLUMNS` WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='items' ORDER BY ORDINAL_POSITION
SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA='shop' AND TABLE_NAME='marks' AND REFERENCED_TABLE_NAME IS NOT NULL
SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE CONSTRAINT_SCHEMA='shop' AND TABLE_NAME='marks' AND REFERENCED_TABLE_NAME IS NOT NULL
SELECT tc.CONSTRAINT_NAME, cc.CHECK_CLAUSE FROM `information_schema`.`CHECK_CONSTRAINTS` AS cc, `information_schema`.`TABLE_CONSTRAINTS` AS tc WHERE tc.CONSTRAINT_SCHEMA='shop' AND tc.TABLE_NAME='items' AND tc.CONSTRAINT_TYPE='CHECK' AND tc.CONSTRAINT_SCHEMA=cc.CONSTRAINT_SCHEMA AND tc.CONSTRAINT_NAME=cc.CONSTRAINT_NAME
SELECT `id`, `a`, LEFT(`b`, 256) FROM `shop`.`items` ORDER BY `id` LIMIT 1000
SELECT COUNT(*) FROM `shop`.`items`
? SELECT `ID`, `USER`, `HOST`, `DB`, `COMMAND`, `TIME`, `STATE`, LEFT(`INFO`, 51200) AS `Info` FROM `information_schema`.`PROCESSLIST`
UPDATE `shop`.`items` SET `a`=8 WHERE `id`=3
SHOW WARNINGS LIMIT 5

-- DataGrip
select schema_name, default_collation_name from information_schema.schemata where schema_name = 'shop'
select collation_name, character_set_name, is_default collate utf8_bin = 'Yes' as is_default from information_schema.collations
select table_name, table_type, table_comment, engine, table_collation, create_options from information_schema.tables where table_schema = 'shop'
select ordinal_position, column_name, column_type, column_default, generation_expression, table_name, column_comment, is_nullable, extra, collation_name from information_schema.columns where table_schema = 'shop' order by table_name, ordinal_position
select table_name, auto_increment from information_schema.tables where table_schema = 'shop' and auto_increment is not null
select table_name, index_name, index_comment, index_type, non_unique, column_name, sub_part, collation, null expression from information_schema.statistics where table_schema = 'shop' and index_schema = 'shop' order by index_schema, table_name, index_name, index_type, seq_in_index
select c.constraint_name, c.constraint_schema, c.table_name, c.constraint_type from information_schema.table_constraints c where c.table_schema = 'shop'
select constraint_name, table_name, column_name, referenced_table_schema, referenced_table_name, referenced_column_name from information_schema.key_column_usage where table_schema = 'shop' and referenced_column_name is not null order by table_name, constraint_name, ordinal_position
select constraint_name, table_name, update_rule, delete_rule from information_schema.referential_constraints where constraint_schema = 'shop'
select table_name, partition_name, subpartition_name, partition_ordinal_position from information_schema.partitions where partition_name is not null and table_schema = 'shop' order by table_name, partition_ordinal_position
select trigger_name, event_object_table, event_manipulation, action_timing from information_schema.triggers where trigger_schema = 'shop'
select event_name, event_comment, definer, event_type = 'RECURRING' recurring, interval_value, interval_field, cast(coalesce(starts, execute_at) as char) starts, cast(ends as char) ends, status, on_completion = 'PRESERVE' preserve, last_executed from information_schema.events where event_schema = 'shop'
select routine_name, routine_type, routine_definition, routine_comment, dtd_identifier, definer, is_deterministic = 'YES' is_deterministic, cast(sql_data_access as char(1)) sql_data_access, cast(security_type as char(1)) security_type from information_schema.routines where routine_schema = 'shop'
select specific_name, ordinal_position, parameter_name, parameter_mode, dtd_identifier from information_schema.parameters where specific_schema = 'shop' and ordinal_position > 0 order by specific_name, ordinal_position
select grantee, table_name, privilege_type, is_grantable from information_schema.table_privileges where table_schema = 'shop' union all select grantee, table_name, privilege_type, is_grantable from information_schema.column_privileges where table_schema = 'shop'
? select grantee, table_schema, privilege_type, is_grantable from information_schema.schema_privileges
? select grantee, privilege_type, is_grantable from information_schema.user_privileges
1044 select Host, User, Routine_name, Proc_priv, Routine_type = 'PROCEDURE' as is_proc from mysql.procs_priv where Db = 'shop'
select table_name from information_schema.views where table_schema = 'shop' and table_name = 'seen'

-- phpMyAdmin, Adminer: who may do what
? SELECT 1 FROM (SELECT `GRANTEE`, `IS_GRANTABLE` FROM `INFORMATION_SCHEMA`.`COLUMN_PRIVILEGES` UNION SELECT `GRANTEE`, `IS_GRANTABLE` FROM `INFORMATION_SCHEMA`.`TABLE_PRIVILEGES` UNION SELECT `GRANTEE`, `IS_GRANTABLE` FROM `INFORMATION_SCHEMA`.`SCHEMA_PRIVILEGES` UNION SELECT `GRANTEE`, `IS_GRANTABLE` FROM `INFORMATION_SCHEMA`.`USER_PRIVILEGES`) t WHERE `IS_GRANTABLE` = 'YES' AND '''app''@''%''' LIKE `GRANTEE` LIMIT 1
? SELECT 1 FROM `INFORMATION_SCHEMA`.`USER_PRIVILEGES` WHERE `PRIVILEGE_TYPE` = 'CREATE USER' AND '''app''@''%''' LIKE `GRANTEE` LIMIT 1
? SELECT `PRIVILEGE_TYPE` FROM `INFORMATION_SCHEMA`.`TABLE_PRIVILEGES` WHERE GRANTEE='''app''@''%''' AND PRIVILEGE_TYPE='TRIGGER' AND 'shop' LIKE `TABLE_SCHEMA` AND TABLE_NAME='items'
SHOW TABLES FROM `phpmyadmin`
SELECT SQL_CALC_FOUND_ROWS * FROM `items` WHERE `a` LIKE '%1%' LIMIT 50
SHOW OPEN TABLES FROM `shop` WHERE In_use > 99

-- Flyway
SELECT VERSION()
SHOW VARIABLES LIKE 'wsrep_on'
SELECT @@foreign_key_checks
SELECT @@sql_safe_updates
SELECT SUM(found) FROM ((SELECT 1 as found FROM information_schema.tables WHERE table_schema='shop') UNION ALL (SELECT 1 as found FROM information_schema.views WHERE table_schema='shop' LIMIT 1) UNION ALL (SELECT 1 as found FROM information_schema.table_constraints WHERE table_schema='shop' LIMIT 1) UNION ALL (SELECT 1 as found FROM information_schema.triggers WHERE event_object_schema='shop' LIMIT 1) UNION ALL (SELECT 1 as found FROM information_schema.routines WHERE routine_schema='shop' LIMIT 1)) as all_found
SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='shop' LIMIT 1
SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='shop' AND TABLE_NAME='flyway_schema_history') > 0 AS e
SELECT GET_LOCK('Flyway--1203117813', 10)
CREATE TABLE `shop`.`flyway_schema_history` (`installed_rank` INT NOT NULL, `version` VARCHAR(50), `description` VARCHAR(200) NOT NULL, `type` VARCHAR(20) NOT NULL, `script` VARCHAR(1000) NOT NULL, `checksum` INT, `installed_by` VARCHAR(100) NOT NULL, `installed_on` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, `execution_time` INT NOT NULL, `success` BOOL NOT NULL, CONSTRAINT `flyway_schema_history_pk` PRIMARY KEY (`installed_rank`)) ENGINE=InnoDB
CREATE INDEX `flyway_schema_history_s_idx` ON `shop`.`flyway_schema_history` (`success`)
SELECT `installed_rank`,`version`,`description`,`type`,`script`,`checksum`,`installed_on`,`installed_by`,`execution_time`,`success` FROM `shop`.`flyway_schema_history` WHERE `installed_rank` > 0 ORDER BY `installed_rank`
ALTER TABLE items ADD COLUMN flown INT NULL
UPDATE items SET flown = id
INSERT INTO `shop`.`flyway_schema_history` (`installed_rank`, `version`, `description`, `type`, `script`, `checksum`, `installed_by`, `execution_time`, `success`) VALUES (1, '1', 'first', 'SQL', 'V1__first.sql', 12, 'app', 7, 1)
SELECT `version` FROM `shop`.`flyway_schema_history` WHERE `installed_rank` > 0 ORDER BY `installed_rank`
SELECT SUM(flown) FROM items
ALTER TABLE items DROP COLUMN flown
SELECT RELEASE_LOCK('Flyway--1203117813')
DROP TABLE `shop`.`flyway_schema_history`
CREATE TABLE `shop`.`baseline` (`installed_rank` INT NOT NULL, `version` VARCHAR(50), CONSTRAINT `pk` PRIMARY KEY (`installed_rank`)) ENGINE=InnoDB AS SELECT 1 as "installed_rank", '1' as "version"
SELECT * FROM `shop`.`baseline`
DROP TABLE `shop`.`baseline`

-- Liquibase
SELECT COUNT(*) FROM shop.DATABASECHANGELOGLOCK
CREATE TABLE shop.DATABASECHANGELOGLOCK (ID INT NOT NULL, `LOCKED` TINYINT NOT NULL, LOCKGRANTED datetime NULL, LOCKEDBY VARCHAR(255) NULL, CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID))
DELETE FROM shop.DATABASECHANGELOGLOCK
INSERT INTO shop.DATABASECHANGELOGLOCK (ID, `LOCKED`) VALUES (1, 0)
SELECT `LOCKED` FROM shop.DATABASECHANGELOGLOCK WHERE ID=1
UPDATE shop.DATABASECHANGELOGLOCK SET `LOCKED` = 1, LOCKEDBY = 'x', LOCKGRANTED = '2026-01-02 03:04:05' WHERE ID = 1 AND `LOCKED` = 0
CREATE TABLE shop.DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35) NULL)
SELECT MD5SUM FROM shop.DATABASECHANGELOG WHERE MD5SUM IS NOT NULL LIMIT 1
SELECT * FROM shop.DATABASECHANGELOG ORDER BY DATEEXECUTED ASC, ORDEREXECUTED ASC
SELECT MAX(ORDEREXECUTED) FROM shop.DATABASECHANGELOG
DROP TABLE shop.DATABASECHANGELOG
DROP TABLE shop.DATABASECHANGELOGLOCK

-- Rails
? SELECT @@max_allowed_packet
SET @@SESSION.sql_mode = CONCAT(CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES'), ',NO_AUTO_VALUE_ON_ZERO'), @@SESSION.sql_auto_is_null = 0, @@SESSION.wait_timeout = 2147483
SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database()) _subquery WHERE _subquery.table_type = 'BASE TABLE'
SELECT table_name FROM (SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = database()) _subquery WHERE _subquery.table_name = 'schema_migrations' AND _subquery.table_type = 'BASE TABLE'
SELECT GET_LOCK('4242424242424242424', 0)
CREATE TABLE `schema_migrations` (`version` varchar(255) NOT NULL PRIMARY KEY)
CREATE TABLE `ar_internal_metadata` (`key` varchar(255) NOT NULL PRIMARY KEY, `value` varchar(255), `created_at` datetime(6) NOT NULL, `updated_at` datetime(6) NOT NULL)
SELECT `ar_internal_metadata`.* FROM `ar_internal_metadata` WHERE `ar_internal_metadata`.`key` = 'environment' ORDER BY `ar_internal_metadata`.`key` ASC LIMIT 1
ALTER TABLE `kinds` ADD `railed` varchar(255) DEFAULT 'x'
SHOW FULL FIELDS FROM `kinds`
? SHOW KEYS FROM `kinds`
CREATE INDEX `index_kinds_on_railed` ON `kinds` (`railed`)
DROP INDEX `index_kinds_on_railed` ON `kinds`
ALTER TABLE `kinds` DROP COLUMN `railed`
SELECT column_name FROM information_schema.statistics WHERE index_name = 'PRIMARY' AND table_schema = database() AND table_name = 'marks' ORDER BY seq_in_index
SELECT table_comment FROM information_schema.tables WHERE table_schema = database() AND table_name = 'kinds'
SELECT RELEASE_LOCK('4242424242424242424')
DROP TABLE `schema_migrations`, `ar_internal_metadata`
SET FOREIGN_KEY_CHECKS = 0
SELECT @@FOREIGN_KEY_CHECKS
SET FOREIGN_KEY_CHECKS = 1

-- Laravel
set names 'utf8mb4' collate 'utf8mb4_unicode_ci'
set session sql_mode='ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
select exists (select 1 from information_schema.tables where table_schema = 'shop' and table_name = 'migrations' and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')) as `exists`
select exists (select 1 from information_schema.tables where table_schema = schema() and table_name = 'items' and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')) as `exists`
create table `migrations` (`id` int unsigned not null auto_increment primary key, `migration` varchar(255) not null, `batch` int not null) default character set utf8mb4 collate 'utf8mb4_unicode_ci'
select `migration` from `migrations` order by `batch` asc, `migration` asc
select max(`batch`) as aggregate from `migrations`
insert into `migrations` (`migration`, `batch`) values ('0001_01_01_000000_create_users_table', 1)
alter table `kinds` add `remember_token` varchar(100) null after `b`
alter table `kinds` drop `remember_token`
delete from `migrations` where `migration` = '0001_01_01_000000_create_users_table'
drop table `migrations`
? select table_name as `name`, (data_length + index_length) as `size`, table_comment as `comment`, engine as `engine`, table_collation as `collation` from information_schema.tables where table_schema = 'shop' and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') order by table_name
select table_name as `name`, table_schema as `schema`, table_comment as `comment` from information_schema.tables where table_schema not in ('information_schema', 'mysql', 'ndbinfo', 'performance_schema', 'sys') and table_schema = 'shop' order by table_schema, table_name
select table_name as `name` from information_schema.views where table_schema = 'shop' order by table_name
select column_name as `name`, data_type as `type_name`, column_type as `type`, collation_name as `collation`, is_nullable as `nullable`, column_default as `default`, column_comment as `comment`, generation_expression as `expression`, extra as `extra` from information_schema.columns where table_schema = 'shop' and table_name = 'items' order by ordinal_position asc
select index_name as `name`, group_concat(column_name order by seq_in_index) as `columns`, index_type as `type`, not non_unique as `unique` from information_schema.statistics where table_schema = 'shop' and table_name = 'items' group by index_name, index_type, non_unique
select kc.constraint_name as `name`, group_concat(kc.column_name order by kc.ordinal_position) as `columns`, kc.referenced_table_schema as `foreign_schema`, kc.referenced_table_name as `foreign_table`, group_concat(kc.referenced_column_name order by kc.ordinal_position) as `foreign_columns`, rc.update_rule as `on_update`, rc.delete_rule as `on_delete` from information_schema.key_column_usage kc join information_schema.referential_constraints rc on kc.constraint_schema = rc.constraint_schema and kc.constraint_name = rc.constraint_name where kc.table_schema = 'shop' and kc.table_name = 'marks' and kc.referenced_table_name is not null group by kc.constraint_name, kc.referenced_table_schema, kc.referenced_table_name, rc.update_rule, rc.delete_rule

-- Hibernate schema validation
1235 SELECT * FROM INFORMATION_SCHEMA.SEQUENCES
select table_name from information_schema.TABLES where table_type='SEQUENCE'
SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME IN ('items', 'marks') ORDER BY TABLE_NAME, ORDINAL_POSITION

-- Metabase
? SELECT @@GLOBAL.time_zone AS global_tz, @@system_time_zone AS system_tz, time_format(timediff(now(), convert_tz(now(), @@GLOBAL.time_zone, '+00:00')), '%H:%i') AS offset
SELECT TRUE AS `_` FROM `shop`.`items` WHERE 1 <> 1 LIMIT 0
SELECT `items`.`a` AS `a`, COUNT(*) AS `count` FROM `items` GROUP BY `items`.`a` ORDER BY `items`.`a` ASC LIMIT 5000
SELECT COUNT(DISTINCT `source`.`a`) AS `count` FROM (SELECT `shop`.`items`.`a` AS `a` FROM `items` LIMIT 10000) AS `source`

-- Superset, pandas: SQLAlchemy's inspector
SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'shop'
DESCRIBE `shop`.`items`
SHOW FULL TABLES FROM `shop`
SHOW CREATE TABLE `marks`
SELECT table_comment FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'kinds'

-- Grafana
SELECT DISTINCT TABLE_SCHEMA from information_schema.TABLES where TABLE_TYPE != 'SYSTEM VIEW' and TABLE_SCHEMA = 'shop' ORDER BY TABLE_SCHEMA
SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop' ORDER BY table_name
SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'items' ORDER BY column_name
SELECT a DIV 2 * 2 AS time, COUNT(*) AS value FROM items GROUP BY 1 ORDER BY 1

-- Telegraf, mysqld_exporter
? SELECT COALESCE(command,''),COALESCE(state,''),count(*) FROM information_schema.processlist WHERE ID != connection_id() GROUP BY command,state
? SELECT user, SUM(1) AS connections FROM INFORMATION_SCHEMA.PROCESSLIST GROUP BY user
? SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ifnull(ENGINE, 'NONE') as ENGINE, ifnull(VERSION, '0') as VERSION, ifnull(ROW_FORMAT, 'NONE') as ROW_FORMAT, ifnull(TABLE_ROWS, '0') as TABLE_ROWS, ifnull(DATA_LENGTH, '0') as DATA_LENGTH, ifnull(INDEX_LENGTH, '0') as INDEX_LENGTH, ifnull(DATA_FREE, '0') as DATA_FREE, ifnull(CREATE_OPTIONS, 'NONE') as CREATE_OPTIONS FROM information_schema.tables WHERE TABLE_SCHEMA = 'shop'
? SELECT table_schema, table_name, column_name, auto_increment, pow(2, case data_type when 'tinyint' then 7 when 'smallint' then 15 when 'mediumint' then 23 when 'int' then 31 when 'bigint' then 63 end+(column_type like '% unsigned'))-1 as max_int FROM information_schema.columns c STRAIGHT_JOIN information_schema.tables t USING (table_schema,table_name) WHERE c.extra = 'auto_increment' AND t.auto_increment IS NOT NULL AND table_schema = 'shop'
SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME NOT IN ('mysql', 'performance_schema', 'information_schema') AND SCHEMA_NAME = 'shop'
1235 SELECT NAME, SUBSYSTEM, TYPE, COMMENT, COUNT FROM information_schema.INNODB_METRICS WHERE STATUS = 'enabled'
1044 SELECT EVENT_NAME, COUNT_STAR FROM performance_schema.events_statements_summary_by_digest

-- Debezium, its snapshot
? SHOW GLOBAL VARIABLES LIKE 'binlog_row_image'
SHOW FULL TABLES IN `shop` where Table_Type = 'BASE TABLE'
START TRANSACTION WITH CONSISTENT SNAPSHOT
SELECT `id`, `a`, `b` FROM `shop`.`items`
? SELECT `id`, `a`, `b` FROM `shop`.`items` LIMIT 1
COMMIT
1227 SHOW BINLOG EVENTS LIMIT 1

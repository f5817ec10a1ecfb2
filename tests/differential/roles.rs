//! SET ROLE and CURRENT_ROLE() of an account without roles.

use super::pair::{BOUND, CLIENTS, Stage, assert_same};
use super::replies::on_mariadb;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, role VARCHAR(300))",
    "CREATE TABLE marks (item BIGINT PRIMARY KEY)",
];

const STATEMENTS: &[&str] = &[
    "SET ROLE NONE",
    "SET /* nothing */ role none",
    "SELECT ROW_COUNT(), CURRENT_ROLE()",
    "SET ROLE nosuch",
    "SHOW WARNINGS",
    "SET ROLE `nosuch`",
    "SET ROLE 'nosuch'",
    "SELECT CURRENT_ROLE(), CURRENT_ROLE ( ) AS r",
    "SELECT CURRENT_ROLE() IS NULL, CURRENT_ROLE() = 'none', COERCIBILITY(CURRENT_ROLE())",
    "SELECT COLLATION(CURRENT_ROLE()), CHARSET(CURRENT_ROLE())",
    "INSERT INTO items VALUES (1, CURRENT_ROLE()), (2, CURRENT_ROLE()), (3, 'x')",
    "SELECT id, role, CURRENT_ROLE() FROM items WHERE id = 2",
    "SELECT id, role, CURRENT_ROLE() FROM items WHERE id = 3",
    "UPDATE items SET role = CONCAT('was ', COALESCE(CURRENT_ROLE(), 'null')) WHERE id = 1",
    "SELECT * FROM items WHERE id = 2",
    "PREPARE s FROM 'SELECT CURRENT_ROLE()'",
    "EXECUTE s",
    "PREPARE s FROM 'SET ROLE NONE'",
    "EXECUTE s",
];

const OF_MYSQL: &[&str] = &[
    "SET ROLE DEFAULT",
    "SET ROLE ALL",
    "SET ROLE ALL EXCEPT a, 'b'@'%'",
    "SET ROLE 'a'@'localhost', b",
    "SET ROLE 'none'",
    "SHOW WARNINGS",
    "SELECT `CURRENT_ROLE`()",
    "SELECT current_role FROM (SELECT 1 AS current_role) x",
    "SELECT CURRENT_ROLE",
];

const OF_MARIADB: &[&str] = &["SET ROLE 'none'", "SELECT CURRENT_ROLE, current_role AS r"];

#[tokio::test]
async fn accounts_have_no_roles() {
    let stage = Stage::new(BOUND, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    let others = if on_mariadb().await {
        OF_MARIADB
    } else {
        OF_MYSQL
    };
    for sql in STATEMENTS.iter().chain(others) {
        pair.query(sql).await;
    }
    pair.prepared("SELECT CURRENT_ROLE()", &[&[]]).await;
    assert_same(&pair.into_differences("roles"));
    pair = stage.pair(CLIENTS[1].1).await;
    pair.refusals(&["SET DEFAULT ROLE NONE"]).await;
}

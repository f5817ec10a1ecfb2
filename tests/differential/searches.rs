//! Full-text searches say which rows of several shards are written: those that one MySQL writes.

use super::pair::{CLIENTS, Stage, assert_same};
use super::rows::change_with_every_client;

const TABLES: &str = r#"
[schemas.shop.tables.posts]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.found]
key = "id"
bind = "posts"
[schemas.shop.tables.topics]
key = "topic"
algorithm = "hash_mod"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE posts (id BIGINT PRIMARY KEY, topic INT, body VARCHAR(90), n INT DEFAULT 0, \
     FULLTEXT KEY body (body))",
    "CREATE TABLE found (id BIGINT PRIMARY KEY, body VARCHAR(90))",
    "CREATE TABLE topics (topic INT PRIMARY KEY, title VARCHAR(30), FULLTEXT KEY title (title))",
];

const STATEMENTS: &[&str] = &[
    "INSERT INTO posts (id, topic, body) VALUES (1, 1, 'a server in winter'), (2, 2, 'the server of spring'), \
     (3, 3, 'winter'), (4, 1, 'spring and summer'), (5, 2, 'server server server'), (6, 3, NULL), \
     (7, 1, 'summer server'), (8, 2, 'nothing else'), (9, 3, 'winter summer server'), (10, 1, 'autumn')",
    "INSERT INTO topics VALUES (1, 'winter sports'), (2, 'servers'), (3, 'summer')",
    "UPDATE posts SET n = n + 1 WHERE MATCH (body) AGAINST ('server')",
    "UPDATE posts SET n = n + 10 WHERE MATCH (body) AGAINST ('+server -winter' IN BOOLEAN MODE) ORDER BY id LIMIT 2",
    "UPDATE posts SET n = 100 WHERE NOT MATCH (body) AGAINST ('server' IN BOOLEAN MODE) AND id > 3",
    "INSERT INTO found SELECT id, body FROM posts WHERE MATCH (body) AGAINST ('winter' IN BOOLEAN MODE)",
    "INSERT INTO found SELECT id + 100, body FROM posts WHERE MATCH (body) AGAINST ('summer') ORDER BY id",
    "UPDATE posts JOIN topics USING (topic) SET n = n + 1000 \
     WHERE MATCH (title) AGAINST ('winter' IN BOOLEAN MODE) AND MATCH (body) AGAINST ('server' IN BOOLEAN MODE)",
    "DELETE posts FROM posts JOIN topics USING (topic) WHERE MATCH (title) AGAINST ('servers' IN BOOLEAN MODE) \
     AND posts.id > 2",
    "DELETE FROM posts WHERE topic IN (SELECT topic FROM topics WHERE MATCH (title) AGAINST ('summer' IN BOOLEAN MODE)) \
     AND MATCH (body) AGAINST ('winter' IN BOOLEAN MODE) AND id > 3",
    "BEGIN",
    "INSERT INTO posts (id, topic, body) VALUES (21, 1, 'server'), (22, 1, 'server'), (23, 1, 'server'), (24, 1, 'x')",
    // InnoDB finds what is committed.
    "SELECT COUNT(*) FROM posts WHERE MATCH (body) AGAINST ('server' IN BOOLEAN MODE)",
    "ROLLBACK",
    "DELETE FROM posts WHERE MATCH (body) AGAINST ('spring summer')",
    "SELECT id, n FROM posts ORDER BY id",
];

const ROWS: [&str; 3] = [
    "SELECT * FROM posts",
    "SELECT * FROM found",
    "SELECT * FROM topics",
];

async fn staged() -> Stage {
    Stage::new(TABLES, DEFINITIONS, &[]).await
}

#[tokio::test]
async fn searches_say_which_rows_are_written() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, STATEMENTS, different).await;
}

#[tokio::test]
async fn relevance_over_several_shards_writes_nothing() {
    let stage = staged().await;
    let mut pair = stage.pair(CLIENTS[0].1).await;
    pair.query(STATEMENTS[0]).await;
    pair.refusals(&[
        "UPDATE posts SET n = MATCH (body) AGAINST ('server' IN BOOLEAN MODE)",
        "DELETE FROM posts WHERE MATCH (body) AGAINST ('server') > 1",
        "DELETE FROM posts WHERE MATCH (body) AGAINST ('server') LIMIT 1",
        "DELETE FROM posts WHERE MATCH (body) AGAINST ('server' WITH QUERY EXPANSION)",
        "INSERT INTO found SELECT id, MATCH (body) AGAINST ('server') FROM posts",
    ])
    .await;
    assert_same(pair.differences());
}

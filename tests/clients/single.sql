-- A table without a rule: on one shard of the schema `app`, and on the plain server.
CREATE TABLE notes (
    id    BIGINT NOT NULL AUTO_INCREMENT,
    title VARCHAR(100) NOT NULL,
    body  TEXT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY title (title)
) DEFAULT CHARSET = utf8mb4;

-- The tables of the schema `app`: on each of its shards, and once on the plain server.

-- Sharded by `id`.
CREATE TABLE people (
    id      BIGINT NOT NULL COMMENT 'sharding key',
    name    VARCHAR(100) NOT NULL,
    balance DECIMAL(20, 6) NULL,
    born    DATE NULL,
    seen    DATETIME(6) NULL,
    photo   BLOB NULL,
    profile JSON NULL,
    visits  BIGINT UNSIGNED NULL,
    active  TINYINT(1) NOT NULL DEFAULT 1,
    score   DOUBLE NULL,
    PRIMARY KEY (id),
    KEY name (name)
) DEFAULT CHARSET = utf8mb4;

-- Sharded by `owner_id`, bound to people.
CREATE TABLE pets (
    id       BIGINT NOT NULL,
    owner_id BIGINT NOT NULL COMMENT 'sharding key',
    name     VARCHAR(50) NOT NULL,
    PRIMARY KEY (id),
    KEY owner (owner_id),
    CONSTRAINT pets_owner FOREIGN KEY (owner_id) REFERENCES people (id)
) DEFAULT CHARSET = utf8mb4;

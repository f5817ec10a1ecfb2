# The tables of the differential SELECT tests. AI_CI stands for the server's newest collation that
# sees neither case nor accents. The rows are in tests/differential/select/rows.rs.

CREATE TABLE users (
  user_id BIGINT NOT NULL PRIMARY KEY,
  name VARCHAR(40) COLLATE AI_CI,
  nick VARCHAR(20) COLLATE utf8mb4_general_ci,
  code VARCHAR(12) COLLATE utf8mb4_bin,
  city VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci,
  region_id INT,
  age TINYINT,
  score DECIMAL(10,2),
  balance DECIMAL(30,10),
  big BIGINT UNSIGNED,
  rating DOUBLE,
  height FLOAT,
  level ENUM('low', 'Mid', 'high', 'top'),
  tags SET('red', 'green', 'blue', 'x'),
  flags BIT(10),
  born DATE,
  created DATETIME(6),
  wakes TIME(2),
  joined YEAR,
  seen TIMESTAMP(3) NULL,
  doc JSON,
  avatar BLOB,
  bio TEXT,
  token VARBINARY(8),
  fixed CHAR(6),
  fixed_bytes BINARY(4),
  KEY by_name (name),
  KEY by_region (region_id)
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

CREATE TABLE orders (
  order_id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  region_id INT,
  status ENUM('new', 'paid', 'sent', 'back') NOT NULL,
  total DECIMAL(12,2),
  discount DECIMAL(5,4),
  weight DOUBLE,
  paid TINYINT(1),
  placed DATETIME,
  note VARCHAR(30),
  KEY by_user (user_id)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE order_items (
  user_id BIGINT NOT NULL,
  order_id BIGINT NOT NULL,
  line_no SMALLINT UNSIGNED NOT NULL,
  product_id INT,
  qty INT NOT NULL DEFAULT 1,
  price DECIMAL(10,3) NOT NULL,
  gift VARCHAR(20) COLLATE utf8mb4_bin,
  amount DECIMAL(14,3) AS (qty * price) VIRTUAL,
  PRIMARY KEY (order_id, line_no),
  KEY by_user (user_id)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE products (
  product_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(30) NOT NULL,
  category VARCHAR(20) COLLATE utf8mb4_general_ci,
  price DECIMAL(10,3),
  stock SMALLINT UNSIGNED,
  weight FLOAT,
  attrs JSON,
  parent_id INT,
  made DATE,
  secret VARCHAR(10) DEFAULT 's' INVISIBLE
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

CREATE TABLE events (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT,
  kind VARCHAR(10),
  happened DATETIME(3),
  payload JSON,
  amount DECIMAL(20,4),
  value SMALLINT,
  bits BIGINT UNSIGNED,
  KEY by_kind (kind)
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

CREATE TABLE visits (
  page VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL,
  visitor INT NOT NULL,
  seconds INT UNSIGNED,
  day DATE,
  PRIMARY KEY (page, visitor)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

# No rows at all.
CREATE TABLE returns (
  user_id BIGINT NOT NULL,
  order_id BIGINT NOT NULL,
  reason VARCHAR(20),
  amount DECIMAL(12,2),
  qty INT,
  rate DOUBLE,
  day DATE,
  PRIMARY KEY (user_id, order_id)
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

# Few rows: most shards have none.
CREATE TABLE vips (
  user_id BIGINT NOT NULL PRIMARY KEY,
  title VARCHAR(20),
  bonus DECIMAL(8,3)
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

# Broadcast.
CREATE TABLE regions (
  region_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(20) NOT NULL,
  parent_id INT,
  tax DECIMAL(4,3),
  opened DATE
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

# On one shard.
CREATE TABLE settings (
  name VARCHAR(20) NOT NULL PRIMARY KEY,
  value VARCHAR(20),
  num INT
) DEFAULT CHARSET utf8mb4 COLLATE AI_CI;

-- The first server of docker-compose.yml: shards 0 and 1, and the shop's single table.
CREATE USER 'shardwell'@'%' IDENTIFIED WITH caching_sha2_password BY 'shardwell-demo';
GRANT ALL ON *.* TO 'shardwell'@'%';

CREATE DATABASE shop_0 CHARACTER SET utf8mb4;
USE shop_0
SOURCE /sample/tables.sql
SOURCE /sample/broadcast.sql
SOURCE /sample/events.sql

CREATE DATABASE shop_1 CHARACTER SET utf8mb4;
USE shop_1
SOURCE /sample/tables.sql
SOURCE /sample/broadcast.sql

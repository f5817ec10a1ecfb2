-- The second server of docker-compose.yml: shards 2 and 3.
CREATE USER 'shardwell'@'%' IDENTIFIED WITH caching_sha2_password BY 'shardwell-demo';
GRANT ALL ON *.* TO 'shardwell'@'%';

CREATE DATABASE shop_2 CHARACTER SET utf8mb4;
USE shop_2
SOURCE /sample/tables.sql
SOURCE /sample/broadcast.sql

CREATE DATABASE shop_3 CHARACTER SET utf8mb4;
USE shop_3
SOURCE /sample/tables.sql
SOURCE /sample/broadcast.sql

# What strings that are written or bound are compared by: the connection's collation, set in parts.
#: file folded
SET collation_connection = utf8mb4_bin;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
SET NAMES utf8mb4 COLLATE utf8mb4_bin;
SET collation_connection = utf8mb4_general_ci;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
SET NAMES utf8mb4;
SET collation_connection = latin1_bin;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
SET collation_connection = utf8mb4_unicode_ci;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
SET NAMES utf8mb4 COLLATE utf8mb4_bin;
SET character_set_connection = latin1;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
SET collation_connection = utf8mb4_bin;
SET collation_connection = DEFAULT;
SELECT COLLATION('a') AS c, 'a' = 'A' AS e, user_id FROM users ORDER BY user_id;
SELECT DISTINCT IF(user_id % 2 = 0, 'a', 'A') AS x FROM users;
SELECT IF(user_id % 2 = 0, 'b', 'B') AS x, COUNT(*) FROM orders GROUP BY x ORDER BY COUNT(*);
#: empty
SELECT user_id, 'q' AS x FROM users WHERE CONCAT('x', user_id) IN ('X1', 'x2', 'X3') ORDER BY user_id;
SELECT CONCAT('a', '') < 'B' AS x, MAX(IF(user_id % 2 = 0, 'b', 'C')) AS y FROM users;
#: mysql
SELECT user_id, HEX(WEIGHT_STRING(name AS CHAR(2))) FROM users ORDER BY HEX(WEIGHT_STRING(name AS CHAR(2))), user_id;

# sql_mode and other settings that change how a statement is read or computed.
SET sql_mode = 'ANSI_QUOTES,ONLY_FULL_GROUP_BY';
SELECT "users"."user_id" AS "the ""id""", 'x"y' AS "b" FROM "shop"."users" ORDER BY "the ""id""" DESC LIMIT 3;
SELECT "level", COUNT(DISTINCT "age") FROM "users" WHERE "name" <> 'a' GROUP BY "level" HAVING COUNT("age") > 1 ORDER BY "level";
#: error 1054
SELECT user_id FROM users WHERE name = "anna";
SELECT u."user_id", o."order_id" FROM "users" u JOIN "orders" "o" USING ("user_id") ORDER BY "o"."order_id" LIMIT 4;
SELECT "d"."n" FROM (SELECT COUNT(*) AS "n" FROM "events") AS "d";
SELECT GROUP_CONCAT("user_id" ORDER BY "user_id" SEPARATOR '"') AS "g" FROM "vips";
SET sql_mode = 'PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY';
SELECT level || ':' || COUNT(*) AS x FROM users GROUP BY level ORDER BY x;
SELECT code || NULL AS n, 'a' || user_id || 'b' AS s FROM users ORDER BY s LIMIT 8;
SELECT user_id FROM users WHERE 'u' || user_id = 'u5' OR user_id || '' = '6' ORDER BY user_id;
SELECT user_id FROM users WHERE user_id = 0 || 5 ORDER BY user_id;
SELECT GROUP_CONCAT(user_id || '-' ORDER BY user_id) FROM vips;
SET sql_mode = 'HIGH_NOT_PRECEDENCE,ONLY_FULL_GROUP_BY';
SELECT user_id FROM users WHERE NOT user_id BETWEEN -5 AND 5 ORDER BY user_id;
SELECT user_id FROM users WHERE NOT user_id = 0 ORDER BY user_id;
SELECT NOT age = 0 AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: empty
SELECT user_id FROM users WHERE NOT user_id IN (0) AND user_id = 5 AND NOT age > 100 AND user_id = 0 ORDER BY 1;
SET sql_mode = '';
SELECT user_id FROM users WHERE NOT user_id BETWEEN -5 AND 5 ORDER BY user_id;
SELECT user_id FROM users WHERE NOT user_id = 5 AND user_id < 9 ORDER BY user_id;
SELECT user_id || 0 AS o, COUNT(*) FROM users GROUP BY o ORDER BY o;
SELECT "x" AS x, 'it''s' AS y, "a""b" AS z, user_id FROM users ORDER BY user_id LIMIT 1;
#: count
SELECT level, age, COUNT(*) FROM users GROUP BY level ORDER BY level;
#: count
SELECT user_id, COUNT(*) FROM users;
SELECT level FROM users GROUP BY level ORDER BY MAX(age), level;
SELECT DISTINCT level FROM users ORDER BY level;
#: count
SELECT DISTINCT level FROM users ORDER BY age, level LIMIT 5;
SELECT name, COUNT(*) FROM users WHERE user_id = 5 GROUP BY age;
SELECT user_id, name FROM users GROUP BY user_id, nick ORDER BY user_id LIMIT 4;
#: count
SELECT u.name, COUNT(*) FROM users u JOIN orders o USING (user_id) GROUP BY o.status;
#: count
SELECT level, name, GROUP_CONCAT(user_id) FROM users GROUP BY level;
#: count
SELECT * FROM users GROUP BY level;
#: count
SELECT * FROM orders GROUP BY user_id HAVING COUNT(*) > 2;
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
SELECT user_id, '\\' AS b FROM users WHERE name = 'back\slash' OR user_id = 5 ORDER BY user_id;
SELECT user_id FROM users WHERE name LIKE '%\%' ORDER BY user_id;
SELECT user_id FROM users WHERE name LIKE 'a|_b' ESCAPE '|' ORDER BY user_id;
SELECT COUNT(*), 'a\nb' AS s FROM users GROUP BY s;
SET sql_mode = 'IGNORE_SPACE';
SELECT COUNT (*), SUM (age), MAX  (age) FROM users;
SELECT level, COUNT (DISTINCT age) FROM users GROUP BY level ORDER BY COUNT (DISTINCT age), level;
SELECT GROUP_CONCAT (user_id ORDER BY user_id) FROM vips;
SET sql_mode = 'NO_UNSIGNED_SUBTRACTION';
SELECT line_no - 5 AS x, COUNT(*) FROM order_items GROUP BY x ORDER BY x;
SELECT MIN(line_no - 10), SUM(line_no - 2), AVG(CAST(line_no AS SIGNED) - 2) FROM order_items;
SET sql_mode = 'REAL_AS_FLOAT';
SELECT CAST(SUM(age) AS SIGNED) AS s FROM users;
#: mysql
SET sql_mode = 'TIME_TRUNCATE_FRACTIONAL';
SELECT CAST('2024-01-01 10:00:00.9' AS DATETIME) AS d, COUNT(*) FROM users GROUP BY d;
SELECT CAST(created AS DATETIME) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SET sql_mode = 'ANSI';
SELECT "level" || '' AS "l", COUNT (*) FROM "users" GROUP BY "l" ORDER BY "l";
SET sql_mode = 'TRADITIONAL';
SELECT age / 0 AS z, COUNT(*) FROM users GROUP BY z;
SELECT level, 1 / (age - 2) AS z FROM users WHERE age = 2 ORDER BY user_id;
SET sql_mode = DEFAULT;
# The connection's character set and collation.
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SELECT 'é' = 'E' AS e, CONCAT('x', user_id) AS c, COLLATION('a') FROM users ORDER BY c LIMIT 3;
SELECT DISTINCT CONCAT(age, '') AS c FROM users ORDER BY c;
SELECT CASE WHEN age > 2 THEN 'é' WHEN age > 0 THEN 'E' END AS c, COUNT(*) FROM users GROUP BY c ORDER BY COUNT(*);
SET NAMES utf8mb4 COLLATE utf8mb4_bin;
SELECT CASE WHEN age > 2 THEN 'é' WHEN age > 0 THEN 'E' END AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT DISTINCT IF(age > 2, 'A', 'a') AS c FROM users ORDER BY c;
SET NAMES latin1;
SELECT city, COUNT(*) FROM users WHERE city = 'Paris' GROUP BY city;
SELECT HEX(CONCAT(code, 'x')) AS h, COUNT(*) FROM users GROUP BY h ORDER BY h;
SELECT nick, user_id FROM users WHERE nick < 'c' ORDER BY nick COLLATE utf8mb4_bin, user_id;
SET NAMES cp1251;
SELECT name, user_id FROM users ORDER BY name COLLATE utf8mb4_bin, user_id;
SET NAMES utf8mb4;
SET character_set_results = NULL;
SELECT city, user_id FROM users ORDER BY city, user_id LIMIT 12;
SELECT DISTINCT city COLLATE latin1_bin AS c FROM users ORDER BY c;
SET character_set_results = utf8mb4;
SET collation_connection = utf8mb4_general_ci;
SELECT 'a' AS x, CONCAT(age) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c DESC;
SELECT u.user_id, (SELECT MIN(CONCAT('e', e.id)) FROM events e WHERE e.user_id = u.user_id) AS m FROM users u ORDER BY m, u.user_id;
SET NAMES utf8mb4;
# Zones, weeks, precision, sizes.
SET time_zone = '-03:30';
SELECT seen, COUNT(*) FROM users GROUP BY seen ORDER BY seen DESC;
SELECT DATE(seen) AS d, MIN(seen), MAX(UNIX_TIMESTAMP(seen)) FROM users GROUP BY d ORDER BY d;
SELECT u.user_id, u.seen FROM users u JOIN events e ON e.user_id = u.user_id WHERE u.seen > '2024-01-01' ORDER BY u.seen, u.user_id, e.id;
SELECT FROM_UNIXTIME(user_id * 3600) AS f FROM users WHERE user_id BETWEEN 1 AND 5 ORDER BY f DESC;
SELECT user_id FROM users WHERE seen IN (SELECT MAX(seen) FROM users) ORDER BY user_id;
SET time_zone = DEFAULT;
SET default_week_format = 3;
SELECT WEEK(placed) AS w, COUNT(*) FROM orders GROUP BY w ORDER BY w;
SELECT WEEK(o.placed) AS w, COUNT(*) FROM orders o JOIN events e ON e.user_id = o.user_id GROUP BY w ORDER BY w;
SET default_week_format = DEFAULT;
SET div_precision_increment = 0;
SELECT level, AVG(age), SUM(score) / 3, AVG(score) FROM users GROUP BY level ORDER BY level;
SELECT AVG(age) AS a FROM users HAVING a > -1;
SET div_precision_increment = 30;
SELECT level, AVG(age), AVG(score), AVG(balance) FROM users GROUP BY level ORDER BY level;
SELECT SUM(age) / COUNT(*), AVG(DISTINCT age) FROM users;
SET div_precision_increment = DEFAULT;
SET group_concat_max_len = 11;
SELECT level, GROUP_CONCAT(user_id ORDER BY user_id SEPARATOR '; ') FROM users GROUP BY level ORDER BY level;
SELECT GROUP_CONCAT(DISTINCT level ORDER BY level SEPARATOR '——') FROM users;
SELECT GROUP_CONCAT(name ORDER BY name COLLATE utf8mb4_bin) FROM users;
SET group_concat_max_len = DEFAULT;
SET sql_select_limit = 4;
SELECT DISTINCT age FROM users ORDER BY age;
SELECT user_id FROM users UNION ALL SELECT user_id FROM orders ORDER BY user_id;
SELECT u.user_id, e.id FROM users u JOIN events e ON e.user_id = u.user_id ORDER BY e.id;
SELECT COUNT(*) FROM (SELECT user_id FROM users) d;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders) ORDER BY user_id;
SELECT user_id FROM users ORDER BY user_id LIMIT 6;
(SELECT user_id FROM users ORDER BY user_id);
WITH c AS (SELECT user_id FROM users) SELECT * FROM c ORDER BY 1;
SELECT SQL_CALC_FOUND_ROWS user_id FROM users ORDER BY 1;
SELECT FOUND_ROWS();
SET sql_select_limit = 0;
#: empty
SELECT user_id FROM users;
#: empty
SELECT COUNT(*) FROM users;
SET sql_select_limit = DEFAULT;

# Settings, what is wrong with a statement, sets, CTEs, joins of unlike columns, the schema's name.
# Settings.
SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH';
SELECT user_id, fixed, LENGTH(fixed) FROM users ORDER BY fixed, user_id LIMIT 9;
#: folded
SELECT DISTINCT fixed FROM users ORDER BY fixed;
#: folded
SELECT fixed, COUNT(*) FROM users WHERE fixed IS NOT NULL GROUP BY fixed HAVING COUNT(*) > 1 ORDER BY fixed;
SELECT u.user_id, u.fixed, LENGTH(u.fixed), e.id FROM users u JOIN events e ON e.user_id = u.user_id ORDER BY u.user_id, e.id;
SELECT COUNT(DISTINCT fixed), MAX(LENGTH(fixed)), MIN(CONCAT(fixed, '|')) FROM users;
SET sql_mode = DEFAULT;
SET max_sort_length = 64;
SELECT user_id, bio FROM users ORDER BY bio, user_id;
SELECT user_id, LENGTH(avatar) FROM users ORDER BY avatar DESC, user_id;
SET max_sort_length = DEFAULT;
SET sql_auto_is_null = 1;
#: empty
SELECT user_id FROM users WHERE user_id IS NULL AND age > 1000;
SET sql_auto_is_null = DEFAULT;
SET lc_time_names = 'de_DE';
SELECT DATE_FORMAT(placed, '%M') AS m, COUNT(*) FROM orders GROUP BY m ORDER BY m;
SELECT DAYNAME(born) AS d, COUNT(*) FROM users GROUP BY d ORDER BY d;
SELECT DAYNAME(u.born) AS d, COUNT(e.id) FROM users u JOIN events e ON e.user_id = u.user_id GROUP BY d ORDER BY d;
SET lc_time_names = DEFAULT;
# Subqueries, sets and tables of values.
SELECT (SELECT MAX(age) FROM users) AS m, COUNT(*) FROM orders GROUP BY (SELECT MAX(age) FROM users);
#: error 1055, mysql
SELECT (SELECT MAX(age) FROM users) + region_id AS m, COUNT(*) FROM orders GROUP BY (SELECT MAX(age) FROM users) + region_id ORDER BY m;
SELECT status, (SELECT COUNT(*) FROM events) AS n, COUNT(*) FROM orders GROUP BY status, (SELECT COUNT(*) FROM events) ORDER BY status;
#: error 1242
SELECT (SELECT user_id FROM users) AS x;
#: error 1242
SELECT user_id FROM users WHERE age = (SELECT age FROM users WHERE user_id IN (3, 4, 5, 6));
#: error 1242
SELECT u.user_id, (SELECT order_id FROM orders o WHERE o.user_id = u.user_id) FROM users u ORDER BY 1;
#: error 1241, mysql
SELECT user_id FROM users WHERE user_id = (SELECT user_id, age FROM users LIMIT 1);
#: error 1052
SELECT user_id FROM users JOIN orders ON TRUE;
#: error 1052
SELECT u.user_id FROM users u JOIN orders o USING (user_id) ORDER BY region_id;
#: error 1222
SELECT user_id FROM users UNION SELECT user_id, age FROM users;
#: error 1248, mysql
SELECT * FROM (SELECT user_id FROM users);
#: error 1066
SELECT * FROM users JOIN users;
#: error 1060
SELECT * FROM (SELECT user_id, user_id FROM users) d;
#: error 1054
SELECT shop.nosuch.age FROM users;
#: error 1054
SELECT nosuch.users.age FROM users;
#: error 1054
SELECT user_id FROM users WHERE nosuch.users.age = 1;
#: error 1054
SELECT user_id FROM users ORDER BY nosuch.users.age;
#: error 1054
SELECT orders.user_id FROM users;
#: error 1051, mysql
SELECT nosuch.users.* FROM users;
SELECT user_id FROM users WHERE age IN (1, 2) UNION SELECT user_id FROM orders WHERE status = 'paid' ORDER BY 1 LIMIT 12;
SELECT age FROM users UNION SELECT name FROM products ORDER BY 1;
SELECT user_id, born FROM users UNION ALL SELECT order_id, placed FROM orders ORDER BY 1, 2 LIMIT 30;
SELECT age FROM users UNION ALL SELECT total FROM orders ORDER BY 1 DESC LIMIT 20;
SELECT user_id AS k, 'u' AS t FROM users UNION ALL SELECT product_id, 'product' FROM products ORDER BY t, k;
(SELECT user_id FROM users ORDER BY age DESC, user_id LIMIT 3) UNION ALL (SELECT user_id FROM vips ORDER BY 1 LIMIT 1) ORDER BY 1;
SELECT user_id FROM users EXCEPT SELECT user_id FROM orders ORDER BY 1;
SELECT user_id FROM users INTERSECT SELECT user_id FROM orders UNION SELECT product_id FROM products ORDER BY 1;
#: mysql
TABLE vips ORDER BY user_id DESC LIMIT 3 OFFSET 1;
#: mysql
SELECT v.column_0, u.name FROM (VALUES ROW(5, 'x'), ROW(6, 'y'), ROW(-1, 'z')) v LEFT JOIN users u ON u.user_id = v.column_0 ORDER BY 1;
#: mysql
SELECT a, b, user_id FROM (VALUES ROW(1, 2), ROW(5, 3)) AS v (a, b) JOIN users ON user_id = a + b ORDER BY 1;
SELECT u.user_id, j.x FROM users u, JSON_TABLE('[1, 5, 7]', '$[*]' COLUMNS (x INT PATH '$')) j WHERE j.x = u.user_id ORDER BY 1;
SELECT e.id, j.n, j.v FROM events e, JSON_TABLE(JSON_ARRAY(e.value, e.id), '$[*]' COLUMNS (n FOR ORDINALITY, v BIGINT PATH '$')) j WHERE e.id < 1500 ORDER BY e.id, j.n;
WITH t AS (SELECT user_id, SUM(total) AS s FROM orders WHERE status <> 'back' GROUP BY user_id) SELECT user_id, s FROM t WHERE s = (SELECT MAX(s) FROM t);
WITH t AS (SELECT user_id, total FROM orders WHERE total > 10), n AS (SELECT COUNT(*) AS c FROM t WHERE total < 500) SELECT a.user_id, b.total, n.c FROM t a JOIN t b USING (user_id), n WHERE a.total < b.total ORDER BY 1, 2, a.total;
WITH t (k, n) AS (SELECT region_id, COUNT(*) + 3 FROM users WHERE age > 1 GROUP BY region_id HAVING COUNT(*) > 2) SELECT x.k, y.n, 'a' AS c FROM t x LEFT JOIN t y ON x.n = y.n + 1 WHERE x.k < 90 ORDER BY 1, 2 LIMIT 8;
SELECT user_id, RAND(user_id) AS r FROM users ORDER BY user_id LIMIT 5;
SELECT user_id FROM users ORDER BY RAND(user_id), user_id LIMIT 9;
SELECT user_id, (SELECT COUNT(*) FROM users v WHERE v.age < u.age) AS rank_, RANK() OVER (ORDER BY age) - 1 AS r2 FROM users u WHERE age IS NOT NULL ORDER BY rank_, user_id;
SELECT u.name, p.name FROM users u JOIN products p ON u.name = p.name ORDER BY u.user_id, p.product_id;
SELECT u.user_id, p.product_id FROM users u JOIN products p ON u.age = p.product_id + 0.0 ORDER BY 1, 2;
#: empty
SELECT u.user_id, p.product_id FROM users u JOIN products p ON u.code = p.product_id ORDER BY 1, 2;
SELECT u.user_id, p.product_id FROM users u LEFT JOIN products p ON u.age = p.product_id AND p.price > 5 ORDER BY 1, 2;
SELECT u.user_id, e.id FROM users u JOIN events e ON u.age <=> e.value ORDER BY 1, 2;
SELECT u.user_id, e.id FROM users u JOIN events e ON u.score = e.amount ORDER BY 1, 2;
SELECT u.user_id, e.id FROM users u JOIN events e ON u.rating = e.value WHERE e.id < 2500 ORDER BY 1, 2;
#: error 1267
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON u.level = o.status ORDER BY 1, 2;
SELECT u.user_id, v.user_id FROM users u JOIN users v ON u.city = v.name ORDER BY 1, 2;
SELECT u.user_id, v.user_id FROM users u JOIN users v ON u.nick = v.nick AND u.user_id < v.user_id ORDER BY 1, 2;
SELECT u.user_id, v.user_id FROM users u JOIN users v ON u.fixed = v.code ORDER BY 1, 2;
#: empty
SELECT u.user_id, v.user_id FROM users u JOIN users v ON u.fixed_bytes = v.token ORDER BY 1, 2;
#: empty
SELECT u.user_id, e.id FROM users u JOIN events e ON DATE(e.happened) = u.born ORDER BY 1, 2;
#: empty
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.placed = u.born ORDER BY 1, 2;
SELECT p.product_id, i.order_id FROM products p LEFT JOIN order_items i ON i.product_id = p.product_id AND i.qty > 2 WHERE i.order_id IS NULL OR p.price > 20 ORDER BY 1, 2, i.line_no;
SELECT p.product_id FROM products p LEFT JOIN order_items i USING (product_id) WHERE i.product_id IS NULL ORDER BY 1;
SELECT p.product_id, COUNT(i.order_id), SUM(i.qty * p.price) FROM products p LEFT JOIN order_items i USING (product_id) WHERE COALESCE(i.qty, 0) < 3 GROUP BY p.product_id ORDER BY 1;
SELECT o.status, p.category, SUM(i.qty) FROM orders o JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id WHERE p.category IN ('toys', 'Books') OR o.status = 'paid' GROUP BY o.status, UPPER(p.category), p.category ORDER BY 3, 1, 2;
SELECT c.product_id, p.name FROM products c LEFT JOIN products p ON p.product_id = c.parent_id WHERE p.price IS NULL OR p.price > c.price ORDER BY 1;
SELECT user_id, COUNT(*) OVER w, FIRST_VALUE(total) OVER (w ORDER BY placed, order_id) FROM orders WINDOW w AS (PARTITION BY user_id) ORDER BY user_id, order_id;
SELECT SQL_SMALL_RESULT STRAIGHT_JOIN DISTINCT u.level FROM users u JOIN orders o USING (user_id) ORDER BY u.level;
SELECT /*+ MAX_EXECUTION_TIME(10000) NO_SUCH_HINT( */ COUNT(*) FROM users;
SELECT ALL user_id FROM users IGNORE INDEX (by_name) FORCE INDEX FOR ORDER BY (PRIMARY) ORDER BY user_id LIMIT 2;
SELECT DATABASE(), SCHEMA(), COUNT(*) FROM users;
SELECT DISTINCT DATABASE() AS d FROM users;
SELECT DATABASE() AS d, COUNT(*) FROM users GROUP BY d;
#: names
SELECT CONCAT(DATABASE(), '.', name) AS d FROM users ORDER BY d LIMIT 4;
SELECT DATABASE() = 'SHOP' COLLATE utf8mb4_bin AS a, DATABASE() = 'SHOP' AS b, user_id FROM users ORDER BY user_id LIMIT 2;
SET NAMES utf8mb4 COLLATE utf8mb4_bin;
SELECT DATABASE() = 'SHOP' AS b, SCHEMA() LIKE 'SH%' AS c, CONCAT(DATABASE(), 'A') = 'SHOPa' AS d, user_id FROM users ORDER BY user_id LIMIT 2;
SELECT DATABASE() = 'SHOP' AS b, SCHEMA() LIKE 'SH%' AS c;
SELECT a.user_id FROM users a JOIN events e ON e.user_id = a.user_id AND DATABASE() = 'Shop' ORDER BY a.user_id, e.id;
SET NAMES utf8mb4;
SELECT COLLATION(DATABASE()), CHARSET(DATABASE()), COERCIBILITY(DATABASE()), u.user_id FROM users u ORDER BY 4 LIMIT 2;

# Forms of SELECT that are rarer than those of the other files.
# Window frames.
SELECT order_id, SUM(total) OVER (ORDER BY order_id ROWS UNBOUNDED PRECEDING) AS s, MIN(total) OVER (ORDER BY order_id ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS p FROM orders ORDER BY order_id;
SELECT user_id, FIRST_VALUE(age) OVER w AS f, LAST_VALUE(age) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS l FROM users WINDOW w AS (PARTITION BY region_id ORDER BY user_id) ORDER BY user_id;
SELECT region_id, COUNT(*) AS n, SUM(COUNT(*)) OVER (ORDER BY region_id ROWS UNBOUNDED PRECEDING) AS r FROM users GROUP BY region_id ORDER BY region_id;
SELECT order_id, NTH_VALUE(total, 3) OVER (PARTITION BY status ORDER BY order_id) AS t, NTILE(3) OVER (PARTITION BY status ORDER BY order_id) AS q FROM orders ORDER BY order_id DESC LIMIT 7;
SELECT id, SUM(value) OVER (PARTITION BY kind ORDER BY id RANGE BETWEEN 100 PRECEDING AND 100 FOLLOWING) AS s FROM events ORDER BY id;
SELECT user_id, STD(age) OVER (ORDER BY user_id ROWS 3 PRECEDING) AS s FROM users ORDER BY user_id;
#: mysql
SELECT order_id, JSON_ARRAYAGG(order_id) OVER (PARTITION BY user_id ORDER BY order_id) AS j FROM orders ORDER BY order_id;
SELECT * FROM (SELECT u.user_id, o.total, DENSE_RANK() OVER (PARTITION BY u.region_id ORDER BY o.total DESC) AS d FROM users u LEFT JOIN orders o USING (user_id)) x WHERE d <= 2 ORDER BY user_id, total, d;
# LATERAL.
#: mysql
SELECT u.user_id, l.m FROM users u, LATERAL (SELECT MAX(total) AS m FROM orders o WHERE o.user_id = u.user_id) l ORDER BY u.user_id;
#: mysql
SELECT u.user_id, l.order_id FROM users u JOIN LATERAL (SELECT order_id FROM orders o WHERE o.user_id = u.user_id ORDER BY total DESC, order_id LIMIT 1) l ON TRUE ORDER BY 1;
#: mysql
SELECT r.name, l.c, l.a FROM regions r LEFT JOIN LATERAL (SELECT COUNT(*) AS c, AVG(age) AS a FROM users u WHERE u.region_id = r.region_id) l ON TRUE ORDER BY r.region_id;
#: mysql
SELECT p.product_id, l.q FROM products p, LATERAL (SELECT SUM(qty) AS q FROM order_items i WHERE i.product_id = p.product_id AND i.price > p.price) AS l WHERE l.q IS NOT NULL ORDER BY 1;
# Recursive CTEs over sharded tables.
WITH RECURSIVE chain AS (SELECT user_id, 1 AS hop FROM users WHERE user_id = (SELECT MIN(user_id) FROM users) UNION ALL SELECT (SELECT MIN(u.user_id) FROM users u WHERE u.user_id > chain.user_id), hop + 1 FROM chain WHERE hop < 12) SELECT * FROM chain ORDER BY hop;
WITH RECURSIVE t (id, up, path) AS (SELECT product_id, parent_id, CAST(product_id AS CHAR(50)) FROM products WHERE parent_id IS NULL UNION ALL SELECT p.product_id, p.parent_id, CONCAT(t.path, '>', p.product_id) FROM t JOIN products p ON p.parent_id = t.id) SELECT t.path, COUNT(i.line_no) AS n FROM t LEFT JOIN order_items i ON i.product_id = t.id GROUP BY t.path ORDER BY t.path;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 72), g AS (SELECT i FROM n WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id = i)) SELECT COUNT(*), MIN(i), MAX(i) FROM g;
# JSON_TABLE.
#: mysql
SELECT u.user_id, j.ord, j.v FROM users u, JSON_TABLE(u.doc, '$.tags[*]' COLUMNS (ord FOR ORDINALITY, v VARCHAR(10) PATH '$')) AS j ORDER BY 1, 2;
#: mysql
SELECT j.a, COUNT(*) FROM users u JOIN JSON_TABLE(u.doc, '$' COLUMNS (a INT PATH '$.a' DEFAULT '0' ON EMPTY NULL ON ERROR)) AS j GROUP BY j.a ORDER BY j.a;
#: mysql
SELECT u.user_id, j.v FROM users u LEFT JOIN JSON_TABLE(u.doc, '$[*]' COLUMNS (v INT PATH '$' NULL ON ERROR)) AS j ON TRUE ORDER BY 1, 2;
SELECT * FROM JSON_TABLE('[1,2,3]', '$[*]' COLUMNS (n INT PATH '$')) AS j ORDER BY n DESC;
#: mysql
SELECT u.user_id, j.n FROM users u JOIN JSON_TABLE('[5, 6, 7]', '$[*]' COLUMNS (n INT PATH '$')) AS j ON j.n = u.user_id ORDER BY 1;
# NATURAL, USING.
SELECT * FROM vips NATURAL JOIN (SELECT user_id, age FROM users) d ORDER BY user_id;
SELECT user_id, COUNT(*) FROM users NATURAL JOIN (SELECT user_id, order_id FROM orders) o GROUP BY user_id ORDER BY user_id;
SELECT user_id, v.bonus FROM users NATURAL LEFT JOIN vips v ORDER BY user_id;
SELECT user_id, o.user_id, e.user_id FROM users JOIN orders o USING (user_id) LEFT JOIN events e USING (user_id) ORDER BY 1, o.order_id, e.id LIMIT 30;
#: error 1052
SELECT user_id, o.user_id FROM users JOIN orders o USING (user_id) ORDER BY user_id;
SELECT region_id, r.name, COUNT(*) FROM users RIGHT JOIN regions r USING (region_id) GROUP BY region_id, r.name ORDER BY region_id;
SELECT order_id, user_id FROM orders JOIN order_items USING (order_id, user_id) ORDER BY order_id, line_no LIMIT 9;
SELECT * FROM (SELECT region_id, name FROM regions) a NATURAL RIGHT JOIN (SELECT region_id, age FROM users) b ORDER BY region_id, age;
# GROUP_CONCAT.
SELECT region_id, GROUP_CONCAT(DISTINCT age ORDER BY age DESC SEPARATOR '|') FROM users GROUP BY region_id ORDER BY region_id;
SELECT GROUP_CONCAT(order_id, ':', status ORDER BY status, order_id DESC SEPARATOR '; ') FROM orders WHERE order_id < 30;
SELECT user_id, GROUP_CONCAT(order_id ORDER BY order_id) AS g FROM orders GROUP BY user_id HAVING COUNT(*) > 1 ORDER BY g DESC, user_id;
SELECT GROUP_CONCAT(user_id ORDER BY user_id SEPARATOR '') AS g, LENGTH(GROUP_CONCAT(user_id)) AS n FROM users;
SELECT GROUP_CONCAT(user_id) FROM users WHERE 1 = 0;
# ROLLUP and GROUPING.
SELECT status, paid, COUNT(*), SUM(total) FROM orders GROUP BY status, paid WITH ROLLUP;
#: mysql
SELECT GROUPING(status) AS g, status, COUNT(*) FROM orders GROUP BY status WITH ROLLUP ORDER BY g, status;
#: mysql
SELECT IF(GROUPING(region_id), 'all', region_id) AS r, AVG(age) FROM users GROUP BY region_id WITH ROLLUP HAVING GROUPING(region_id) = 1 OR COUNT(*) > 5 ORDER BY r;
#: mysql
SELECT user_id, COUNT(*), GROUPING(user_id) FROM orders GROUP BY user_id WITH ROLLUP ORDER BY GROUPING(user_id), user_id LIMIT 200;
# Correlated scalar subqueries.
SELECT u.user_id, (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id) AS n, (SELECT MAX(e.id) FROM events e WHERE e.user_id = u.user_id) AS e FROM users u ORDER BY n DESC, 1;
SELECT r.region_id, (SELECT name FROM users u WHERE u.region_id = r.region_id ORDER BY u.user_id LIMIT 1) AS f FROM regions r ORDER BY 1;
SELECT user_id FROM users u ORDER BY (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id) DESC, user_id LIMIT 6;
SELECT user_id FROM users u ORDER BY (SELECT SUM(e.value) FROM events e WHERE e.user_id = u.user_id), user_id LIMIT 12;
SELECT status, COUNT(*) FROM orders o GROUP BY status HAVING COUNT(*) > (SELECT COUNT(*) FROM orders p WHERE p.status = 'back') ORDER BY status;
SELECT user_id, SUM(total) AS s FROM orders o GROUP BY user_id HAVING s > (SELECT AVG(total) * 2 FROM orders) ORDER BY user_id;
SELECT user_id FROM users u WHERE age = (SELECT MAX(age) FROM users x WHERE x.region_id = u.region_id) ORDER BY 1;
#: error 1242
SELECT (SELECT user_id FROM users) AS x;
#: error 1242
SELECT user_id, (SELECT order_id FROM orders o WHERE o.user_id = u.user_id) AS x FROM users u WHERE user_id > 0;
# Row constructors, ANY and ALL.
SELECT order_id FROM orders WHERE (user_id, status) IN ((1, 'paid'), (5, 'new'), (9, 'sent'), (12, 'paid')) ORDER BY 1;
SELECT order_id, line_no FROM order_items WHERE (order_id, line_no) IN (SELECT order_id, MAX(line_no) FROM order_items GROUP BY order_id) ORDER BY 1;
SELECT user_id FROM users WHERE (region_id, age) = (SELECT region_id, age FROM users ORDER BY user_id LIMIT 1) ORDER BY 1;
SELECT user_id FROM users WHERE (age, user_id) > (2, 20) ORDER BY age, user_id;
SELECT order_id FROM orders WHERE total >= ALL (SELECT total FROM orders WHERE total IS NOT NULL) ORDER BY 1;
SELECT order_id FROM orders WHERE total < ANY (SELECT price FROM order_items) ORDER BY 1;
SELECT user_id FROM users WHERE user_id = SOME (SELECT user_id FROM events) ORDER BY 1;
SELECT user_id FROM users WHERE age > ALL (SELECT value FROM events WHERE id < 0) ORDER BY 1 LIMIT 5;
SELECT user_id FROM users WHERE age NOT IN (SELECT value FROM events WHERE value > 1) ORDER BY 1;
SELECT user_id, age > ANY (SELECT value FROM events WHERE value < 10) AS c FROM users ORDER BY 1;
SELECT ROW(1, 2) = (SELECT 1, 2) AS r, (SELECT COUNT(*) FROM users) AS n;
# VALUES and TABLE.
#: mysql
VALUES ROW(1, 'a'), ROW(3, 'b'), ROW(2, 'c') ORDER BY column_0 DESC LIMIT 2;
#: mysql
TABLE vips ORDER BY user_id;
#: mysql
TABLE vips;
#: mysql
TABLE users ORDER BY user_id LIMIT 3 OFFSET 2;
#: mysql
TABLE regions ORDER BY region_id;
#: mysql
SELECT * FROM (TABLE vips) v ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE EXISTS (TABLE vips) ORDER BY 1 LIMIT 3;
#: error 1241, mysql
SELECT * FROM vips WHERE user_id IN (TABLE vips) ORDER BY 1;
#: mysql
SELECT user_id FROM users WHERE (user_id, age) IN (VALUES ROW(1, 1), ROW(5, 2)) ORDER BY 1;
#: mysql
SELECT v.a, u.name FROM (VALUES ROW(1, 'x'), ROW(5, 'y')) AS v (a, b) LEFT JOIN users u ON u.user_id = v.a ORDER BY 1;
#: mysql
TABLE vips UNION ALL TABLE vips ORDER BY 1 LIMIT 4;
#: mysql
WITH v (id) AS (VALUES ROW(1), ROW(2), ROW(30)) SELECT id, (SELECT COUNT(*) FROM orders WHERE user_id = id) AS n FROM v ORDER BY id;
# Derived tables with column lists.
#: mysql
SELECT d.k, d.n FROM (SELECT user_id, COUNT(*) FROM orders GROUP BY user_id) AS d (k, n) WHERE d.n > 1 ORDER BY k;
#: mysql
SELECT SUM(n), MAX(k) FROM (SELECT status, COUNT(*) FROM orders GROUP BY status) d (k, n);
# Nested UNIONs.
(SELECT user_id FROM users ORDER BY user_id LIMIT 2) UNION ALL ((SELECT order_id FROM orders ORDER BY order_id LIMIT 2) UNION ALL (SELECT id FROM events ORDER BY id LIMIT 2)) ORDER BY 1;
((SELECT user_id FROM users) UNION (SELECT user_id FROM orders) LIMIT 500) ORDER BY 1 LIMIT 5;
(SELECT user_id AS a FROM users WHERE age > 1 ORDER BY a LIMIT 3) UNION (SELECT user_id FROM vips ORDER BY 1 LIMIT 3) ORDER BY a LIMIT 1, 3;
((SELECT user_id FROM users ORDER BY user_id DESC LIMIT 8) ORDER BY user_id LIMIT 3);
(SELECT user_id FROM users) ORDER BY user_id LIMIT 3;
#: error 1271
(SELECT status FROM orders ORDER BY order_id LIMIT 6) UNION ALL (SELECT kind FROM events ORDER BY id LIMIT 6);
SELECT 'a' AS k, COUNT(*) AS n FROM users UNION ALL SELECT 'b', COUNT(*) FROM orders UNION ALL SELECT 'c', COUNT(*) FROM events ORDER BY k DESC;
SELECT x FROM (SELECT age AS x FROM users UNION ALL SELECT value FROM events) d WHERE x IS NOT NULL ORDER BY x DESC LIMIT 5;
# EXCEPT and INTERSECT.
SELECT age FROM users EXCEPT ALL SELECT value FROM events ORDER BY age;
SELECT region_id FROM users INTERSECT ALL SELECT region_id FROM orders ORDER BY 1;
(SELECT user_id FROM users EXCEPT SELECT user_id FROM orders) UNION ALL (SELECT user_id FROM vips INTERSECT SELECT user_id FROM orders) ORDER BY 1;
SELECT COUNT(*) FROM (SELECT age FROM users EXCEPT ALL SELECT age FROM users WHERE user_id < 10) x;
# INTO and user variables.
SELECT COUNT(*) INTO @n FROM orders;
SELECT @n;
SELECT COUNT(*), MAX(total) FROM orders INTO @n, @m;
SELECT @n, @m;
SET @min = 10;
SELECT user_id, @min AS m FROM users WHERE user_id > @min ORDER BY user_id LIMIT 4;
SELECT user_id + @min AS x FROM users ORDER BY x LIMIT 3;
#: empty
SELECT COUNT(*) FROM users WHERE user_id < @min HAVING COUNT(*) < @min;
SELECT user_id INTO @u FROM users WHERE user_id = 5;
SELECT @u;
# DISTINCT with LIMIT and OFFSET.
SELECT DISTINCT region_id FROM users ORDER BY region_id LIMIT 2 OFFSET 2;
SELECT DISTINCT status, paid FROM orders ORDER BY status DESC, paid LIMIT 3, 4;
SELECT DISTINCT age FROM users ORDER BY age DESC LIMIT 1, 3;
SELECT DISTINCT age + 0.0 AS a FROM users ORDER BY a LIMIT 18446744073709551615 OFFSET 2;
SELECT DISTINCTROW level FROM users ORDER BY level;
# Collations in ORDER BY.
SELECT user_id, name FROM users ORDER BY name COLLATE utf8mb4_bin, user_id;
SELECT user_id, name FROM users ORDER BY name COLLATE utf8mb4_general_ci DESC, user_id LIMIT 10;
SELECT user_id, city FROM users ORDER BY CONVERT(city USING utf8mb4) COLLATE utf8mb4_unicode_ci, user_id;
SELECT user_id, code FROM users ORDER BY LOWER(code), user_id;
SELECT user_id FROM users ORDER BY BINARY name, user_id;
SELECT user_id FROM users ORDER BY name COLLATE utf8mb4_swedish_ci, code COLLATE utf8mb4_general_ci, user_id LIMIT 20;
#: error 1055, mysql
SELECT name COLLATE utf8mb4_general_ci AS n, COUNT(*) FROM users GROUP BY n COLLATE utf8mb4_bin ORDER BY 2 DESC, HEX(n) LIMIT 3;
# Odd types in ORDER BY.
SELECT user_id FROM users ORDER BY level DESC, tags, flags DESC, user_id;
SELECT user_id FROM users ORDER BY CONCAT(level), user_id;
SELECT user_id FROM users ORDER BY level + 0 DESC, user_id LIMIT 20;
SELECT user_id, wakes, joined FROM users ORDER BY wakes DESC, joined, user_id;
SELECT user_id FROM users ORDER BY doc, user_id;
#: mysql
SELECT user_id FROM users ORDER BY doc->'$.a' DESC, user_id LIMIT 20;
#: mysql
SELECT user_id FROM users ORDER BY doc->>'$.a', user_id;
SELECT user_id, rating FROM users ORDER BY -rating, user_id;
SELECT user_id FROM users ORDER BY score * -1, user_id;
SELECT user_id FROM users ORDER BY -0.0 * score, user_id LIMIT 4;
SELECT user_id FROM users ORDER BY balance DESC, big, user_id;
SELECT user_id FROM users ORDER BY ISNULL(age), age, user_id;
SELECT user_id FROM users ORDER BY age IS NULL DESC, NULL, user_id LIMIT 9;
SELECT user_id FROM users ORDER BY FIELD(level, 'top', 'low', 'high'), user_id;
SELECT user_id FROM users ORDER BY CASE WHEN age > 2 THEN name ELSE code END, user_id;
SELECT user_id FROM users ORDER BY avatar, token DESC, fixed_bytes, user_id;
SELECT user_id FROM users ORDER BY bio DESC, user_id LIMIT 15;
SELECT level, tags, COUNT(*), MIN(flags), MAX(wakes), MIN(joined) FROM users GROUP BY level, tags ORDER BY level, tags;
SELECT MIN(level), MAX(tags), MIN(doc), MAX(doc) FROM users;
SELECT BIT_AND(flags), BIT_OR(flags), BIT_XOR(flags), SUM(flags), AVG(flags) FROM users;
SELECT SUM(level), AVG(tags), SUM(born), SUM(wakes), SUM(name), AVG(joined) FROM users;
SELECT joined, COUNT(*) FROM users GROUP BY joined ORDER BY joined DESC;
# Big numbers in LIMIT.
SELECT user_id FROM users ORDER BY user_id LIMIT 18446744073709551615;
SELECT user_id FROM users ORDER BY user_id LIMIT 70, 18446744073709551615;
SELECT user_id FROM users ORDER BY user_id LIMIT 18446744073709551610 OFFSET 68;
#: empty
SELECT user_id FROM users ORDER BY user_id LIMIT 18446744073709551615, 18446744073709551615;
#: error 1064
SELECT user_id FROM users ORDER BY user_id LIMIT 18446744073709551616;
#: empty
SELECT user_id FROM users LIMIT 0;
#: empty
SELECT COUNT(*) FROM users LIMIT 0;
#: empty
SELECT COUNT(*) FROM users LIMIT 1, 1;
#: error 1064
SELECT user_id FROM users LIMIT -1;
#: error 1064
SELECT user_id FROM users LIMIT 1.5;
# Hints and modifiers.
SELECT STRAIGHT_JOIN u.user_id, o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id ORDER BY 2;
SELECT u.user_id, o.order_id FROM users u STRAIGHT_JOIN orders o ON o.region_id = u.region_id ORDER BY 1, 2;
SELECT user_id FROM users USE INDEX (by_name) WHERE name > 'b' ORDER BY name, user_id;
SELECT user_id FROM users FORCE INDEX FOR ORDER BY (PRIMARY) ORDER BY user_id LIMIT 4;
SELECT user_id FROM users IGNORE INDEX FOR JOIN (by_name, by_region), regions r WHERE users.region_id = r.region_id ORDER BY 1;
SELECT o.order_id FROM orders o USE INDEX (by_user) JOIN events e USE INDEX () ON e.user_id = o.user_id ORDER BY o.order_id, e.id;
SELECT u.user_id FROM users u FORCE INDEX (by_region) JOIN orders o IGNORE INDEX (by_user) ON o.region_id = u.region_id ORDER BY 1, o.order_id LIMIT 5;
SELECT u.user_id, o.order_id FROM users AS u USE INDEX FOR JOIN (by_region, PRIMARY) IGNORE KEY FOR GROUP BY (by_name) JOIN orders o FORCE INDEX FOR ORDER BY (by_user) ON o.region_id = u.region_id ORDER BY 1, 2;
#: error 1176
SELECT u.user_id FROM users AS u USE INDEX (nope) JOIN orders o ON o.region_id = u.region_id ORDER BY 1;
#: error 1176
SELECT users.user_id FROM users JOIN orders IGNORE INDEX FOR ORDER BY (by_user, nowhere) ON orders.region_id = users.region_id ORDER BY 1;
SELECT a.order_id FROM orders a USE INDEX () JOIN (SELECT user_id FROM users FORCE KEY (by_name) WHERE name > 'b') b ON a.order_id = b.user_id ORDER BY 1;
WITH w AS (SELECT order_id AS i FROM orders USE INDEX (PRIMARY)) SELECT x.i FROM w x JOIN w y ON x.i = y.i + 1 ORDER BY 1;
SELECT s.name, u.user_id FROM settings s USE INDEX (PRIMARY) JOIN users u USE INDEX (by_name) ON u.name > s.name ORDER BY 1, 2;
SELECT SQL_NO_CACHE SQL_BIG_RESULT HIGH_PRIORITY ALL user_id FROM users ORDER BY user_id LIMIT 3;
SELECT /*+ NO_INDEX_MERGE(users) MAX_EXECUTION_TIME(10000) */ COUNT(*) FROM users;
SELECT /*+ SET_VAR(sort_buffer_size = 32768) */ user_id FROM users ORDER BY name, user_id LIMIT 3;
SELECT /*+ QB_NAME(q1) BNL(u@q1) */ u.user_id FROM users u JOIN events e ON u.user_id = e.value ORDER BY 1, e.id;
SELECT SQL_SMALL_RESULT age, COUNT(*) FROM users GROUP BY age ORDER BY age;
# Comments, spacing, quoting, names.
SELECT/**/user_id/* ; */FROM/**/users-- x
WHERE user_id<5	ORDER
BY user_id#end
;
SELECT `u`.`user_id` FROM `users` AS `u` ORDER BY `u`.`user_id` LIMIT 3;
SELECT shop . users . user_id FROM shop . users ORDER BY shop . users . user_id LIMIT 3;
SELECT `shop`.`users`.`user_id`, `shop`.orders.total FROM `shop`.`users`, shop.`orders` WHERE `shop`.`users`.user_id = orders.user_id ORDER BY orders.order_id;
SELECT `shop`.`orders`.`status`, COUNT(`shop`.`orders`.`user_id`) AS `n` FROM `shop`.`orders` GROUP BY `shop`.`orders`.`status` ORDER BY `N` DESC, `shop`.`orders`.`status`;
SELECT u.USER_ID, u.Age FROM users AS u WHERE u.AGE > 2 ORDER BY u.aGe, USER_ID;
#: error 1054
SELECT U.user_id FROM users AS u ORDER BY U.user_id;
SELECT user_id AS Id FROM users ORDER BY iD DESC LIMIT 3;
SELECT Age AS `select`, COUNT(*) `from` FROM users GROUP BY `SELECT` HAVING `FROM` > 1 ORDER BY `Select`;
SELECT users.* FROM users ORDER BY users.`user_id` LIMIT 2;
SELECT u.*, r.* FROM users u LEFT JOIN regions r ON r.region_id = u.region_id ORDER BY u.user_id LIMIT 2;
SELECT 1 + 1, 'It''s', "two", NULL, TRUE, x'41', 0x42, b'1', _utf8mb4'x', N'n', DATE '2024-01-01', user_id FROM users ORDER BY user_id LIMIT 1;
SELECT user_id 'alias one', age "alias two" FROM users ORDER BY `alias one` LIMIT 2;
SELECT user_id x, age x FROM users ORDER BY user_id LIMIT 3;
#: error 1052
SELECT user_id x, age x FROM users ORDER BY x LIMIT 3;
SELECT    user_id
  ,
  age FROM
  users
  ORDER   BY    2 , 1 ;
SELECT COUNT( * ), COUNT(*), count(*) , Count( DISTINCT region_id ) FROM users;
SELECT MAX(`age`) - MIN(`age`) AS span, SUM(age)/COUNT(*) FROM users;
# Expressions of aggregates.
SELECT SUM(total)/COUNT(*), ROUND(AVG(total), 2), MAX(total) - MIN(total), -SUM(total), COUNT(*) * 2, IFNULL(SUM(discount), 0), CONCAT(COUNT(*), ' rows') FROM orders;
SELECT status, SUM(total) / COUNT(*) AS a, ROUND(AVG(weight), 3) FROM orders GROUP BY status ORDER BY a DESC;
SELECT region_id, MAX(age) + MIN(age) AS s FROM users GROUP BY region_id HAVING s > 3 ORDER BY s, region_id;
SELECT region_id, COUNT(*) FROM users GROUP BY region_id ORDER BY COUNT(*) * 2 DESC, region_id LIMIT 3;
SELECT SUM(total) FROM orders ORDER BY SUM(total);
SELECT SUM(IF(status = 'paid', total, 0)) AS paid, SUM(status = 'new') AS news, COUNT(IF(total > 50, 1, NULL)) AS many, AVG(total > 50) FROM orders;
SELECT COUNT(DISTINCT user_id, status), COUNT(DISTINCT region_id), SUM(DISTINCT total) FROM orders;
SELECT VAR_POP(total), STDDEV_SAMP(weight), BIT_XOR(order_id) FROM orders;
SELECT COALESCE(MAX(total), 0) AS m FROM orders WHERE user_id > 100000;
SELECT YEAR(placed) AS y, MONTH(placed) AS m, COUNT(*), SUM(total) FROM orders GROUP BY y, m ORDER BY y DESC, m;
SELECT DATE_FORMAT(placed, '%Y-%m') AS ym, COUNT(*) FROM orders GROUP BY ym ORDER BY ym;
SELECT age DIV 2 AS g, COUNT(*) FROM users GROUP BY age DIV 2 ORDER BY g;
SELECT LEFT(name, 1) AS l, COUNT(*) FROM users GROUP BY l COLLATE utf8mb4_bin, l ORDER BY COUNT(*) DESC, HEX(l) LIMIT 1;
SELECT JSON_OBJECTAGG(region_id, tax) FROM regions;
SELECT JSON_LENGTH(JSON_ARRAYAGG(user_id)) FROM users;
# RAND.
#: count
SELECT user_id FROM users ORDER BY RAND() LIMIT 5;
#: count
SELECT user_id, RAND() AS r FROM users ORDER BY r LIMIT 5;
#: count
SELECT user_id FROM users WHERE age IS NOT NULL ORDER BY RAND();
#: count
SELECT UUID(), user_id FROM users;
#: count
SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY RAND() LIMIT 2;
#: count
SELECT DISTINCT region_id FROM users ORDER BY RAND();
#: empty
SELECT user_id FROM users WHERE RAND() > 2 ORDER BY user_id;
# Errors.
#: error 1054
SELECT user_id FROM users ORDER BY nothing;
#: error 1052
SELECT user_id FROM users u JOIN orders o ON u.user_id = o.user_id ORDER BY 1;
#: error 1140, mysql
SELECT user_id, COUNT(*) FROM users;
#: error 1242
SELECT (SELECT user_id FROM orders) FROM users;
#: error 1222
SELECT user_id, age FROM users UNION ALL SELECT user_id FROM orders;
#: error 1111
SELECT user_id FROM users WHERE COUNT(*) > 1;
#: error 1054
SELECT user_id FROM users UNION SELECT user_id FROM orders ORDER BY nothing;
#: error 1250
SELECT user_id FROM users UNION SELECT user_id FROM orders ORDER BY users.user_id;
#: error 1064
SELECT user_id FROM users ORDER BY user_id UNION SELECT user_id FROM orders;
#: error 1248, mysql
SELECT * FROM (SELECT user_id FROM users);
#: error 1066
SELECT 1 FROM users, users;
#: error 1060
SELECT * FROM (SELECT user_id, user_id FROM users) d;
#: error 1146
SELECT * FROM users NATURAL JOIN no_such;
#: error 1176
SELECT user_id FROM users FORCE INDEX (nope) ORDER BY 1;
#: error 3593
#: mysql
SELECT user_id FROM users WHERE user_id = ANY (SELECT 1) AND SUM(age) OVER () = 1;
# Tables in parentheses.
SELECT user_id FROM (users) ORDER BY user_id LIMIT 3;
SELECT u.user_id, v.title FROM (users u, vips v) WHERE u.user_id = v.user_id ORDER BY 1;
SELECT u.user_id, o.order_id, e.id FROM (users u, orders o) LEFT JOIN (events e) ON e.user_id = o.user_id WHERE u.user_id = o.user_id ORDER BY 1, 2, 3;
SELECT u.user_id, r.name FROM ((users u) JOIN (regions r) ON u.region_id = r.region_id) ORDER BY 1;
SELECT u.user_id, r.name, x.num FROM users u LEFT JOIN (regions r, settings x) ON r.region_id = u.region_id AND x.num = u.age ORDER BY 1, 3, 2;
SELECT a.user_id FROM (users a, (users b, vips c)) WHERE a.user_id = b.user_id AND b.user_id = c.user_id ORDER BY 1;
#: mysql
(WITH o AS (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id) SELECT * FROM o WHERE n > 1) ORDER BY 1;
#: mysql
(WITH o AS (SELECT user_id FROM orders) SELECT user_id FROM o) UNION SELECT user_id FROM events ORDER BY 1;
SELECT user_id, TRUE MOD 2, NULL MOD 2, age MOD 2, (age) MOD 2 FROM users ORDER BY user_id LIMIT 3;
SELECT SUM(CASE value WHEN 'b' THEN 1 ELSE 2 END), MAX(value) FROM settings;
SELECT SUM(CASE value WHEN 3 THEN 1 ELSE 2 END) AS s FROM events;
SELECT kind, COUNT(CASE value WHEN 1 THEN 'a' WHEN 2 THEN 'b' END) AS n FROM events GROUP BY kind ORDER BY kind;

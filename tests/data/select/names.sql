# What a name stands for: aliases, columns and positions of the same name, in every clause.
SELECT age AS level, level AS age, COUNT(*) FROM users GROUP BY users.age, users.level ORDER BY users.level, users.age;
SELECT age + 1 AS age, COUNT(*) FROM users GROUP BY age ORDER BY 1;
#: error 1055, mysql
SELECT age * 0 AS age, COUNT(*) FROM users GROUP BY level ORDER BY age;
SELECT age DIV 3 AS age, COUNT(*) FROM users GROUP BY users.age ORDER BY users.age;
SELECT -age AS age FROM users GROUP BY users.age ORDER BY age;
SELECT -age AS age FROM users GROUP BY users.age ORDER BY users.age DESC;
SELECT MAX(age) AS age, level FROM users GROUP BY level HAVING age > 5 ORDER BY age, level;
SELECT MAX(age) AS score, level FROM users GROUP BY level HAVING score > 5 ORDER BY score, level;
SELECT MIN(user_id) AS user_id, level FROM users GROUP BY level ORDER BY user_id;
SELECT COUNT(*) AS user_id, level FROM users GROUP BY level ORDER BY user_id, level;
SELECT COUNT(*) AS user_id, user_id AS n FROM orders GROUP BY orders.user_id ORDER BY user_id, n;
SELECT name AS nick, nick AS name, user_id FROM users ORDER BY nick, name, user_id;
SELECT user_id % 3 AS user_id, COUNT(*) FROM orders GROUP BY 1 ORDER BY 1;
SELECT user_id % 3 AS m, COUNT(*) FROM orders GROUP BY m, user_id ORDER BY m, user_id;
SELECT 1 AS age, COUNT(*) FROM users GROUP BY age ORDER BY COUNT(*), MIN(user_id);
SELECT age AS a, age AS b, COUNT(*) FROM users GROUP BY a, b ORDER BY b DESC, a;
SELECT age a, level a, COUNT(*) FROM users GROUP BY 1, 2 ORDER BY 1, 2;
#: error 1052
SELECT age a, level a, COUNT(*) FROM users GROUP BY a;
SELECT COUNT(*), age FROM users GROUP BY 2 ORDER BY 2, 1;
#: error 1056
SELECT COUNT(*), age FROM users GROUP BY 1;
SELECT age, COUNT(*) FROM users GROUP BY age + 0, age ORDER BY age + 0;
SELECT age, COUNT(*) FROM users GROUP BY (age) ORDER BY (age) DESC;
SELECT (age), (COUNT(*)) FROM users GROUP BY ((age)) ORDER BY (2), ((1));
SELECT level, COUNT(*) FROM users GROUP BY +1, level ORDER BY level;
SELECT level, COUNT(*) FROM users GROUP BY '1', level ORDER BY level;
SELECT age, level FROM users GROUP BY level, age ORDER BY 2 DESC, 1 LIMIT 9;
SELECT age AS `1`, COUNT(*) AS `2` FROM users GROUP BY `1` ORDER BY `2` DESC, `1`;
SELECT users.age, u.age FROM users JOIN users u USING (user_id) GROUP BY users.age, u.age ORDER BY u.age;
SELECT USERS.age FROM users AS USERS WHERE USERS.user_id = 5;
SELECT user_id AS `user id`, age AS `a.b` FROM users ORDER BY `a.b`, `user id` LIMIT 5;
SELECT user_id AS ``, age FROM users ORDER BY 1 LIMIT 2;
SELECT user_id AS "it's", age AS 'q"t' FROM users ORDER BY `it's` LIMIT 3;
SELECT user_id as `İd`, age `日本` FROM users ORDER BY `日本`, 1 LIMIT 4;
SELECT 1 AS `limit`, user_id AS `order`, age AS `group` FROM users ORDER BY `group` DESC, `order` LIMIT 4;
SELECT d.`COUNT(*)`, d.level FROM (SELECT level, COUNT(*) FROM users GROUP BY level) d ORDER BY d.`COUNT(*)`, d.level;
SELECT d.`age + 1` FROM (SELECT age + 1 FROM users) d GROUP BY d.`age + 1` ORDER BY d.`age + 1`;
SELECT `max(age)` FROM (SELECT max(age) FROM users) d;
SELECT * FROM (SELECT user_id AS a, age AS b FROM users) d WHERE a > 40 ORDER BY b, a;
SELECT x.user_id FROM (SELECT user_id FROM users) x, (SELECT user_id FROM vips) y WHERE x.user_id = y.user_id ORDER BY 1;
SELECT u.user_id, (SELECT u.age) AS a, (SELECT u.age + v.age FROM users v WHERE v.user_id = u.user_id) AS b FROM users u ORDER BY 1 LIMIT 9;
SELECT u.user_id FROM users u WHERE (SELECT COUNT(*) FROM users WHERE users.age > u.age) < 5 ORDER BY 1;
SELECT user_id FROM users WHERE age > (SELECT AVG(u2.age) FROM users u2 WHERE u2.level = users.level) ORDER BY 1;
SELECT level, (SELECT COUNT(*) FROM users u WHERE u.level = users.level) AS n FROM users GROUP BY level ORDER BY level;
SELECT level, (SELECT SUM(users.age)) AS s, (SELECT MAX(e.value) FROM events e WHERE e.value <= MAX(users.age)) AS m FROM users GROUP BY level ORDER BY level;
#: error 1247
SELECT level, COUNT(*) AS n FROM users GROUP BY level HAVING (SELECT n) > 5 ORDER BY level;
SELECT level AS l, COUNT(*) AS n FROM users GROUP BY l HAVING l = 'top' OR n > 20 ORDER BY l;
SELECT level, COUNT(*) FROM users GROUP BY level HAVING level IS NULL OR MAX(age) > (SELECT MAX(value) FROM events) ORDER BY level;
SELECT COUNT(*) FROM users HAVING MAX(age) > 1;
SELECT 1 FROM users HAVING COUNT(*) > 1;
SELECT 'x' AS x FROM users HAVING SUM(age) IS NOT NULL;
#: empty
SELECT 'x' AS x FROM users HAVING FALSE;
SELECT user_id AS id FROM users HAVING id < 4 AND id > 0 ORDER BY id;
SELECT user_id FROM users HAVING user_id BETWEEN 1 AND 3 ORDER BY user_id DESC;
SELECT user_id, name FROM users HAVING name = 'anna' ORDER BY user_id;
SELECT user_id, age + 1 AS n FROM users WHERE age > 1 HAVING n > 4 AND user_id > 0 ORDER BY n, user_id LIMIT 7;
SELECT DISTINCT age + 1 AS n FROM users HAVING n > 4 ORDER BY n;
SELECT DISTINCT level, COUNT(*) OVER () AS n FROM users ORDER BY level;
SELECT DISTINCT COUNT(*), MAX(age) > 5 AS big FROM users GROUP BY level ORDER BY 1, 2;
SELECT DISTINCT level FROM users GROUP BY level, age ORDER BY level;
SELECT DISTINCT MAX(level) AS m FROM users GROUP BY age ORDER BY m;
SELECT DISTINCT COUNT(*) AS n FROM users GROUP BY age ORDER BY n LIMIT 2;
SELECT DISTINCT user_id % 4 AS m FROM orders ORDER BY m DESC;
SELECT DISTINCT user_id, status FROM orders ORDER BY status, user_id LIMIT 10, 5;
SELECT DISTINCT u.level, o.status FROM users u JOIN orders o USING (user_id) ORDER BY 1, 2;
SELECT DISTINCT * FROM users JOIN vips USING (user_id) ORDER BY user_id;
SELECT DISTINCT u.* FROM users u JOIN orders o USING (user_id) ORDER BY u.user_id LIMIT 5;
SELECT DISTINCT level, level AS again FROM users ORDER BY again;
SELECT DISTINCT NULL AS n FROM users;
SELECT DISTINCT 'a' AS n, 1 AS m FROM users ORDER BY n, m;
#: empty
SELECT DISTINCT level FROM users LIMIT 0;
SELECT DISTINCT age FROM users ORDER BY age LIMIT 100 OFFSET 3;
SELECT DISTINCT age FROM users LIMIT 100;
#: error 3065, mysql
SELECT DISTINCT level FROM users ORDER BY age;
#: error 3065, mysql
SELECT DISTINCT u.level FROM users u JOIN orders o USING (user_id) ORDER BY o.order_id;
#: error 3065, mysql
SELECT DISTINCT level FROM users ORDER BY level, user_id LIMIT 3;
SELECT DISTINCT level FROM users GROUP BY level ORDER BY COUNT(*);
#: error 1054
SELECT age AS a FROM users WHERE a > 1;
#: error 1054
SELECT u.age FROM users u WHERE users.age > 1;
#: error 1054
SELECT COUNT(*) AS n FROM users HAVING m > 1;
#: error 1109
SELECT user_id FROM users u JOIN (SELECT u.age AS b) d;
#: error 1247
SELECT (SELECT n + 1) AS m, COUNT(*) AS n FROM users;
#: error 1111
SELECT user_id FROM users GROUP BY COUNT(*);
#: error 1056
SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id, n;
# ORDER BY in the parts of a UNION, by position, by alias, by an expression of them.
(SELECT user_id AS a, age FROM users ORDER BY age DESC, 1 LIMIT 3) UNION ALL (SELECT order_id, paid FROM orders ORDER BY total DESC, 1 LIMIT 3) ORDER BY a;
(SELECT user_id FROM users ORDER BY name) UNION ALL (SELECT user_id FROM vips ORDER BY bonus);
(SELECT age AS a FROM users ORDER BY a LIMIT 4) UNION DISTINCT (SELECT value FROM events ORDER BY 1 LIMIT 4) ORDER BY a DESC;
SELECT age AS a FROM users UNION SELECT value AS b FROM events ORDER BY a IS NULL, a DESC LIMIT 6;
SELECT age AS a, level AS b FROM users UNION SELECT value, kind FROM events WHERE kind = 'view' ORDER BY a + 1, CONCAT(b) LIMIT 9;
#: error 1054
SELECT age AS a FROM users UNION SELECT value AS b FROM events ORDER BY b;
#: error 1054
SELECT age FROM users UNION SELECT value FROM events ORDER BY 2;
SELECT COUNT(*) AS n FROM users UNION ALL SELECT COUNT(*) FROM orders UNION ALL SELECT COUNT(DISTINCT user_id) FROM orders ORDER BY n LIMIT 2;
SELECT level, COUNT(*) FROM users GROUP BY level UNION ALL SELECT NULL, COUNT(*) FROM users ORDER BY 2, 1;
#: error 1271
(SELECT level, COUNT(*) AS n FROM users GROUP BY level ORDER BY n DESC, level LIMIT 2) UNION ALL (SELECT status, COUNT(*) FROM orders GROUP BY status HAVING COUNT(*) > 30 ORDER BY 2 LIMIT 2) ORDER BY n, level;
(SELECT DISTINCT age FROM users ORDER BY age DESC LIMIT 3) UNION ALL (SELECT DISTINCT paid FROM orders ORDER BY paid LIMIT 2) ORDER BY 1;
SELECT user_id, age, 'a' AS s FROM users WHERE user_id < 4 UNION ALL SELECT order_id, NULL, 'bb' FROM orders WHERE order_id < 4 UNION ALL SELECT id, value, NULL FROM events WHERE id < 100 ORDER BY 3, 1;
SELECT 1 AS n, user_id FROM users WHERE user_id = 3 UNION SELECT 2, user_id FROM users WHERE user_id = 4 UNION SELECT 1, 3 ORDER BY n, user_id;
SELECT NULL AS n UNION ALL SELECT age FROM users UNION ALL SELECT 1.5 ORDER BY n DESC LIMIT 5;
#: empty
SELECT user_id FROM users UNION ALL SELECT user_id FROM orders ORDER BY RAND() LIMIT 0;
SELECT user_id AS u FROM users UNION ALL SELECT user_id FROM orders ORDER BY (SELECT 1), u LIMIT 7;
SELECT user_id AS u FROM users UNION ALL SELECT user_id FROM vips ORDER BY u % 5, u DESC LIMIT 12;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders UNION ALL SELECT user_id FROM vips ORDER BY 1) ORDER BY 1;
SELECT * FROM (SELECT user_id FROM users UNION SELECT user_id FROM orders ORDER BY 1 LIMIT 3) d UNION ALL SELECT 99 ORDER BY 1;
SELECT SQL_CALC_FOUND_ROWS user_id FROM users UNION SELECT user_id FROM orders ORDER BY 1 LIMIT 3;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id FROM users UNION ALL (SELECT user_id FROM orders LIMIT 4) LIMIT 2, 3;
SELECT FOUND_ROWS();
#: mysql
(SELECT SQL_CALC_FOUND_ROWS user_id FROM users ORDER BY 1 LIMIT 5) LIMIT 2;
#: mysql
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS u.user_id, e.id FROM users u JOIN events e ON e.user_id = u.user_id ORDER BY 2 LIMIT 3;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id, RANK() OVER (ORDER BY age) AS r FROM users ORDER BY r, user_id LIMIT 3;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS level, age, COUNT(*) FROM users GROUP BY level, age WITH ROLLUP LIMIT 3;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS DISTINCT age FROM users ORDER BY age LIMIT 3, 2;
#: names
SELECT FOUND_ROWS() + 1 AS n;
SELECT user_id, FOUND_ROWS() AS f FROM users WHERE user_id = 5;
SELECT FOUND_ROWS() AS f, COUNT(*) FROM users;
#: empty
SELECT SQL_CALC_FOUND_ROWS user_id FROM users WHERE age > 1 ORDER BY name LIMIT 0;
SELECT FOUND_ROWS();
WITH c AS (SELECT user_id FROM users) SELECT SQL_CALC_FOUND_ROWS * FROM c ORDER BY 1 LIMIT 2;
SELECT FOUND_ROWS();

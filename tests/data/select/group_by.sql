# GROUP BY with every aggregate, and aggregates over all rows. Equal strings may be answered in any
# spelling.
SELECT COUNT(*) FROM users;
SELECT COUNT(name), COUNT(age), COUNT(1), COUNT(NULL) FROM users;
SELECT SUM(age), SUM(score), SUM(balance), SUM(big), SUM(rating), SUM(height) FROM users;
SELECT AVG(age), AVG(score), AVG(balance), AVG(big), AVG(rating) FROM users;
SELECT MIN(age), MAX(age), MIN(score), MAX(score), MIN(big), MAX(big) FROM users;
SELECT MIN(rating), MAX(rating), MIN(height), MAX(height), MIN(balance), MAX(balance) FROM users;
SELECT MIN(code), MAX(code), MIN(token), MAX(token) FROM users;
#: folded
SELECT MIN(name), MAX(name), MIN(nick), MAX(nick), MIN(city), MAX(city) FROM users;
SELECT MIN(born), MAX(born), MIN(created), MAX(created), MIN(wakes), MAX(wakes), MIN(joined), MAX(seen) FROM users;
SELECT MIN(level), MAX(level), MIN(tags), MAX(tags), MIN(flags), MAX(flags) FROM users;
SELECT MIN(doc), MAX(doc) FROM users;
SELECT SUM(level), SUM(tags), SUM(flags), SUM(joined), AVG(level) FROM users;
SELECT BIT_AND(bits), BIT_OR(bits), BIT_XOR(bits) FROM events;
SELECT BIT_AND(value), BIT_OR(value), BIT_XOR(value) FROM events;
SELECT COUNT(DISTINCT name), COUNT(DISTINCT nick), COUNT(DISTINCT code), COUNT(DISTINCT city) FROM users;
SELECT COUNT(DISTINCT age, level), COUNT(DISTINCT born), COUNT(DISTINCT score) FROM users;
SELECT COUNT(DISTINCT user_id), COUNT(DISTINCT user_id, order_id) FROM orders;
SELECT SUM(DISTINCT age), AVG(DISTINCT age), MIN(DISTINCT age), MAX(DISTINCT score) FROM users;
SELECT SUM(DISTINCT total), COUNT(DISTINCT total) FROM orders;
SELECT STD(age), STDDEV(age), STDDEV_POP(score), STDDEV_SAMP(age), VARIANCE(age), VAR_POP(age), VAR_SAMP(rating) FROM users;
#: list
SELECT GROUP_CONCAT(user_id) FROM vips;
SELECT GROUP_CONCAT(user_id ORDER BY user_id DESC SEPARATOR '; ') FROM users;
SELECT GROUP_CONCAT(DISTINCT status ORDER BY status) FROM orders;
#: list
SELECT status, GROUP_CONCAT(order_id) FROM orders GROUP BY status;
SELECT status, GROUP_CONCAT(order_id, ':', user_id ORDER BY order_id) AS all_of_them FROM orders GROUP BY status ORDER BY status;
#: list
SELECT JSON_ARRAYAGG(user_id) FROM vips;
#: list
SELECT status, JSON_ARRAYAGG(total) FROM orders GROUP BY status;
SELECT JSON_OBJECTAGG(user_id, title) FROM vips;
SELECT COUNT(*), SUM(total), AVG(total), MIN(total), MAX(total) FROM orders WHERE status = 'paid';
SELECT COUNT(*) FROM orders WHERE user_id = 5;
SELECT COUNT(*) AS n, AVG(qty) a FROM order_items WHERE user_id IN (1, 2, 3, 4, 5);
# One key.
SELECT status, COUNT(*) FROM orders GROUP BY status;
SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status;
SELECT status, COUNT(*) AS n FROM orders GROUP BY status ORDER BY n DESC, status;
SELECT status, SUM(total), AVG(total), AVG(discount), MIN(placed), MAX(placed) FROM orders GROUP BY status;
SELECT user_id, COUNT(*) FROM orders GROUP BY user_id;
SELECT user_id, COUNT(*), SUM(total) FROM orders GROUP BY user_id ORDER BY user_id;
SELECT user_id, SUM(total) AS s FROM orders GROUP BY user_id ORDER BY s DESC, user_id LIMIT 5;
SELECT age, COUNT(*) FROM users GROUP BY age ORDER BY age;
SELECT age, COUNT(*) FROM users GROUP BY age;
SELECT level, COUNT(*), AVG(age) FROM users GROUP BY level ORDER BY level DESC;
SELECT tags, COUNT(*) FROM users GROUP BY tags;
SELECT flags, COUNT(*) FROM users GROUP BY flags;
#: folded
SELECT name, COUNT(*) FROM users GROUP BY name;
#: folded
SELECT name, COUNT(*), MIN(user_id) FROM users GROUP BY name ORDER BY name;
#: folded
SELECT nick, SUM(age), MAX(score) FROM users GROUP BY nick ORDER BY nick DESC;
#: folded
SELECT city, COUNT(DISTINCT age) FROM users GROUP BY city ORDER BY city;
SELECT code, COUNT(*) FROM users GROUP BY code ORDER BY code;
SELECT fixed_bytes, COUNT(*) FROM users GROUP BY fixed_bytes;
SELECT score, COUNT(*) FROM users GROUP BY score;
SELECT balance, COUNT(*) FROM users GROUP BY balance ORDER BY balance;
SELECT big, COUNT(*) FROM users GROUP BY big ORDER BY big;
SELECT rating, COUNT(*) FROM users GROUP BY rating;
SELECT height, COUNT(*) FROM users GROUP BY height;
SELECT born, COUNT(*) FROM users GROUP BY born ORDER BY born;
SELECT created, COUNT(*) FROM users GROUP BY created;
SELECT wakes, COUNT(*) FROM users GROUP BY wakes;
SELECT joined, COUNT(*) FROM users GROUP BY joined;
SELECT doc, COUNT(*) FROM users GROUP BY doc;
SELECT region_id, BIT_AND(big), BIT_OR(big), BIT_XOR(big) FROM users GROUP BY region_id;
SELECT region_id, STD(age), VARIANCE(score) FROM users GROUP BY region_id ORDER BY region_id;
#: mysql
SELECT region_id, ANY_VALUE(region_id) FROM users GROUP BY region_id;
#: mysql
SELECT user_id, ANY_VALUE(user_id + 1) FROM orders GROUP BY user_id ORDER BY 1;
#: folded
SELECT kind, SUM(amount), AVG(amount), SUM(value), COUNT(user_id) FROM events GROUP BY kind ORDER BY kind;
#: folded
SELECT category, MIN(price), MAX(weight), AVG(stock) FROM products GROUP BY category;
#: folded
SELECT page, COUNT(*), SUM(seconds), MIN(day) FROM visits GROUP BY page ORDER BY page;
# Several keys, expressions, ordinals, aliases.
SELECT status, paid, COUNT(*) FROM orders GROUP BY status, paid;
SELECT status, paid, COUNT(*) FROM orders GROUP BY status, paid ORDER BY paid DESC, status;
SELECT level, age, region_id, COUNT(*), SUM(score) FROM users GROUP BY level, age, region_id;
SELECT user_id, status, COUNT(*) FROM orders GROUP BY user_id, status ORDER BY user_id, status;
SELECT YEAR(placed) AS y, COUNT(*) FROM orders GROUP BY y ORDER BY y;
SELECT YEAR(placed), MONTH(placed), SUM(total) FROM orders GROUP BY YEAR(placed), MONTH(placed) ORDER BY 1, 2;
SELECT user_id % 5 AS bucket, COUNT(*), AVG(total) FROM orders GROUP BY bucket ORDER BY bucket;
SELECT user_id % 5, COUNT(*) FROM orders GROUP BY user_id % 5;
SELECT user_id % 5 AS bucket, status, COUNT(*) FROM orders GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;
SELECT CASE WHEN total > 100 THEN 'large' ELSE 'small' END AS size, COUNT(*) FROM orders GROUP BY size;
SELECT total IS NULL, COUNT(*) FROM orders GROUP BY total IS NULL ORDER BY 1;
SELECT DATE(created), COUNT(*) FROM users GROUP BY DATE(created) ORDER BY DATE(created);
SELECT LEFT(code, 1) AS initial, COUNT(*) FROM users GROUP BY initial ORDER BY initial;
SELECT CHAR_LENGTH(name), COUNT(*) FROM users GROUP BY CHAR_LENGTH(name) ORDER BY COUNT(*) DESC, 1;
SELECT COUNT(*) FROM orders GROUP BY user_id;
SELECT COUNT(*) FROM orders GROUP BY user_id ORDER BY user_id;
SELECT SUM(total) FROM orders GROUP BY status ORDER BY status DESC;
SELECT MAX(order_id) FROM orders GROUP BY user_id ORDER BY MAX(order_id) LIMIT 5;
SELECT user_id FROM orders GROUP BY user_id ORDER BY COUNT(*) DESC, user_id LIMIT 4;
SELECT status FROM orders GROUP BY status;
SELECT age AS a, COUNT(*) AS c FROM users GROUP BY a ORDER BY c, a LIMIT 3, 3;
SELECT DISTINCT COUNT(*) FROM orders GROUP BY user_id;
SELECT DISTINCT COUNT(*) AS n FROM orders GROUP BY user_id ORDER BY n DESC;
SELECT NULL, COUNT(*) FROM users GROUP BY NULL;
SELECT 'all', COUNT(*) FROM users GROUP BY 'all';
SELECT order_id, COUNT(*), SUM(qty * price) FROM order_items GROUP BY order_id ORDER BY 3 DESC, 1 LIMIT 10;
SELECT order_id, SUM(amount) FROM order_items GROUP BY order_id ORDER BY order_id;
SELECT user_id, name, COUNT(*) FROM users GROUP BY user_id ORDER BY user_id;
SELECT user_id, name, age FROM users GROUP BY user_id ORDER BY user_id LIMIT 5;
SELECT region_id, COUNT(*) FROM users WHERE user_id > 10 GROUP BY region_id;
SELECT user_id, COUNT(*) FROM orders WHERE user_id IN (3, 4, 5) GROUP BY user_id;
SELECT COUNT(*) FROM regions;
SELECT tax, COUNT(*) FROM regions GROUP BY tax ORDER BY tax;
SELECT SUM(num) FROM settings;

# What the generator has found.
SELECT total FROM orders GROUP BY total ORDER BY SUM((SELECT COUNT(*) FROM order_items o1 WHERE o1.user_id = orders.user_id)), 1 DESC;
SELECT COUNT(1) FROM orders GROUP BY (SELECT SIGN(SUM(v.user_id)) FROM vips v WHERE v.user_id = orders.user_id);
SELECT AVG(DISTINCT 1), COUNT(DISTINCT 3), COUNT(DISTINCT (2)), SUM(DISTINCT 1 + 1) FROM users;
SELECT age, COUNT(DISTINCT 2), COUNT(DISTINCT 2, level) FROM users GROUP BY age;
SELECT 2 AS x, COUNT(*), age FROM users GROUP BY x, age;
SELECT order_id FROM orders GROUP BY order_id ORDER BY MAX(status) DESC, 1 LIMIT 5;
SELECT order_id FROM orders GROUP BY order_id ORDER BY MIN((status)), 1 LIMIT 5;
SELECT score user_id, COUNT(*) FROM users u JOIN order_items t USING (user_id) GROUP BY user_id;
SELECT d.user_id, d.n FROM (SELECT score AS user_id, COUNT(*) AS n FROM users u JOIN order_items t USING (user_id) GROUP BY user_id) d;
SELECT happened AS user_id FROM events GROUP BY events.happened, happened;
#: mysql, error 1055
SELECT city, COUNT(DISTINCT user_id) FROM users GROUP BY age;
SELECT age + 1, COUNT(DISTINCT user_id) FROM users GROUP BY age ORDER BY age * 2;
SELECT SUM(DISTINCT user_id > ANY (SELECT 3)) FROM users;
#: mysql, error 1054
SELECT age FROM users GROUP BY age, 2;
SELECT age AS name, COUNT(DISTINCT name) FROM users GROUP BY age;
#: empty
SELECT MIN(paid) FROM orders WHERE FALSE GROUP BY NULL;
#: empty
SELECT SUM(id) FROM events WHERE FALSE GROUP BY 'x';
SELECT o.order_id AS user_id FROM orders o JOIN users u ON o.user_id = u.user_id GROUP BY o.user_id, user_id ORDER BY o.user_id, user_id;
SELECT SUM(DISTINCT 1), COUNT(DISTINCT 'x') FROM users WHERE FALSE;
# A hidden column repeats what is grouped by, and MySQL does not see that it is the same.
SELECT COUNT(*), MIN(order_id) FROM orders GROUP BY (placed, placed) IN (('2024-02-29', '2024-03-01'), ('2024-02-29', NULL)) ORDER BY 2;
#: error 1055, mysql
SELECT placed FROM orders GROUP BY (placed, placed) IN (('2024-02-29', '2024-03-01'), ('2024-02-29', NULL));
# Rows in what is grouped by, which MySQL does not find again in the select list.
SELECT COUNT(*) FROM users GROUP BY (user_id, age) IN ((1, 2), (5, 3));
SELECT COUNT(*), SUM(age) FROM users GROUP BY IF((user_id, age) NOT IN ((2000, 999), (0, NULL)), level, 'none') ORDER BY 2;
SELECT COUNT(*) AS n FROM users GROUP BY region_id, ROW(age, 1) = (2, 1) ORDER BY n;
SELECT COUNT(*) AS n FROM users GROUP BY COALESCE(region_id, age), LEFT(level, 2), age IN (1, user_id) ORDER BY n;
# A subquery that stands in both places is two subqueries for MySQL, wherever its rows are; by its alias it is one.
#: error 1055, mysql
SELECT (SELECT COUNT(*) FROM orders o WHERE o.order_id = u.user_id) AS n, COUNT(*) FROM users u GROUP BY (SELECT COUNT(*) FROM orders o WHERE o.order_id = u.user_id);
#: error 1055, mysql
SELECT (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id) AS n, COUNT(*) FROM users u GROUP BY (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id);
#: error 1055, mysql
SELECT u.region_id IN (SELECT region_id FROM orders) AS n, COUNT(*) FROM users u GROUP BY u.region_id IN (SELECT region_id FROM orders);
SELECT (SELECT COUNT(*) FROM orders o WHERE o.order_id = u.user_id) AS n, COUNT(*) FROM users u GROUP BY n ORDER BY n;
SELECT (SELECT COUNT(*) FROM orders) AS n, COUNT(*) FROM users u GROUP BY (SELECT COUNT(*) FROM orders);
SELECT u.region_id, (SELECT COUNT(*) FROM orders o WHERE o.region_id = u.region_id) AS n, COUNT(*) FROM users u GROUP BY u.region_id, (SELECT COUNT(*) FROM orders o WHERE o.region_id = u.region_id) ORDER BY 1;
SELECT IF(u.age > (SELECT AVG(age) FROM users), 'old', 'young') AS n, COUNT(*) FROM users u GROUP BY n HAVING n = 'old';
# A hidden column has its column's name.
SELECT region_id FROM users JOIN regions t USING (region_id) GROUP BY t.region_id, region_id;
SELECT u.region_id FROM users u JOIN regions t ON u.user_id = t.region_id GROUP BY u.region_id, t.region_id ORDER BY region_id;
SELECT u.region_id FROM users u JOIN regions t ON u.age > t.region_id ORDER BY t.region_id, region_id;
SELECT user_id FROM users LEFT JOIN regions t USING (region_id) ORDER BY t.region_id, region_id, user_id;
SELECT COUNT(*) FROM users LEFT JOIN regions t USING (region_id) GROUP BY t.region_id, region_id ORDER BY region_id, t.region_id;
SELECT COUNT(DISTINCT t.region_id) FROM users LEFT JOIN regions t USING (region_id) GROUP BY region_id ORDER BY region_id;
# A subquery that is repeated is one expression.
SELECT GREATEST((SELECT LENGTH(MAX(v.page)) FROM visits v), region_id, 2) AS g, COUNT(*) FROM users GROUP BY GREATEST((SELECT LENGTH(MAX(v.page)) FROM visits v), region_id, 2) ORDER BY GREATEST((SELECT LENGTH(MAX(v.page)) FROM visits v), region_id, 2);
#: error 1055, mysql
SELECT (SELECT MAX(total) FROM orders) + age AS m, COUNT(*) FROM users GROUP BY (SELECT MAX(total) FROM orders) + age ORDER BY m;
SELECT DISTINCT IFNULL((SELECT SIGN(SUM(i.qty)) FROM order_items i WHERE i.user_id = o.order_id), 5) AS s FROM orders o ORDER BY IFNULL((SELECT SIGN(SUM(i.qty)) FROM order_items i WHERE i.user_id = o.order_id), 5);
#: error 1055, mysql
SELECT GREATEST((SELECT MAX(v.seconds) FROM visits v), region_id) FROM users GROUP BY GREATEST((SELECT MIN(v.seconds) FROM visits v), region_id);
#: error 1055, mysql
SELECT GREATEST((SELECT MAX(v.seconds) FROM visits v), region_id) FROM users GROUP BY GREATEST((SELECT MAX(w.seconds) FROM visits w), region_id);

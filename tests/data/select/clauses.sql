# Subqueries, windows, CTEs, sets and rows in every clause.
SELECT (SELECT MAX(age) FROM users) - age AS gap, COUNT(*) FROM users GROUP BY gap ORDER BY gap;
#: error 1055, mysql
SELECT user_id IN (SELECT user_id FROM events) AS seen, COUNT(*) FROM users GROUP BY seen ORDER BY seen;
#: error 1055, mysql
SELECT EXISTS (SELECT 1 FROM events e WHERE e.user_id = users.user_id) AS seen, COUNT(*), SUM(age) FROM users GROUP BY seen ORDER BY seen DESC;
SELECT COUNT(*) FROM users GROUP BY (SELECT COUNT(*) FROM events e WHERE e.user_id = users.user_id) ORDER BY 1;
SELECT SUM((SELECT COUNT(*) FROM events e WHERE e.user_id = u.user_id)) AS s FROM users u;
SELECT MAX((SELECT SUM(total) FROM orders o WHERE o.user_id = u.user_id)) AS m, level FROM users u GROUP BY level ORDER BY m DESC, level;
SELECT level FROM users u GROUP BY level ORDER BY (SELECT COUNT(*) FROM events e WHERE e.value > MAX(u.age)), level;
SELECT level, COUNT(*) FROM users GROUP BY level ORDER BY COUNT(*) > (SELECT 5), level;
SELECT user_id FROM users ORDER BY user_id IN (SELECT user_id FROM vips) DESC, user_id LIMIT 5;
SELECT user_id FROM users ORDER BY EXISTS (SELECT 1 FROM orders o WHERE o.user_id = users.user_id), user_id DESC LIMIT 9;
SELECT DISTINCT (SELECT COUNT(*) FROM events e WHERE e.user_id = u.user_id) AS n FROM users u ORDER BY n;
#: error 3065, mysql
SELECT DISTINCT (SELECT name FROM regions r WHERE r.region_id = u.region_id) AS r FROM users u ORDER BY (SELECT name FROM regions r WHERE r.region_id = u.region_id);
#: error 3065, mysql
SELECT DISTINCT user_id IN (SELECT user_id FROM events) AS s FROM users ORDER BY user_id IN (SELECT user_id FROM events);
SELECT DISTINCT age, age > (SELECT AVG(age) FROM users) AS s FROM users ORDER BY age > (SELECT AVG(age) FROM users), age;
#: error 3065, mysql
SELECT DISTINCT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id) FROM users u ORDER BY EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id);
SELECT DISTINCT (SELECT 3) + age FROM users ORDER BY (SELECT 3) + age LIMIT 4;
SELECT user_id FROM users LEFT JOIN vips USING (user_id) WHERE (SELECT COUNT(*) FROM orders o WHERE o.user_id = vips.user_id) = 0 ORDER BY 1 LIMIT 7;
SELECT u.user_id, o.order_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.total = (SELECT MAX(x.total) FROM orders x WHERE x.user_id = u.user_id) ORDER BY 1, 2;
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id AND o.order_id IN (SELECT order_id FROM order_items WHERE qty > 3) ORDER BY 2;
SELECT u.user_id, e.id FROM users u LEFT JOIN events e ON e.user_id = u.user_id AND EXISTS (SELECT 1 FROM vips v WHERE v.user_id = u.user_id) ORDER BY 1, 2;
SELECT user_id FROM users WHERE EXISTS (SELECT user_id FROM orders WHERE orders.user_id = users.user_id ORDER BY total LIMIT 1) ORDER BY 1;
SELECT user_id FROM users WHERE EXISTS (SELECT * FROM orders WHERE orders.user_id = users.user_id LIMIT 1 OFFSET 2) ORDER BY 1;
#: empty
SELECT user_id FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE orders.user_id = users.user_id LIMIT 0) ORDER BY 1;
SELECT user_id FROM users WHERE EXISTS (SELECT COUNT(*) FROM orders WHERE orders.user_id = users.user_id) ORDER BY 1;
SELECT user_id FROM users WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.user_id = users.user_id HAVING COUNT(*) > 1) ORDER BY 1;
SELECT user_id FROM users WHERE EXISTS (SELECT MAX(total) FROM orders WHERE orders.user_id = users.user_id GROUP BY status HAVING MAX(total) > 100) ORDER BY 1;
SELECT user_id FROM users u WHERE user_id IN (SELECT o.user_id FROM orders o JOIN events e ON e.user_id = o.user_id WHERE e.value > u.age) ORDER BY 1;
SELECT user_id FROM users u WHERE (SELECT o.total FROM orders o WHERE o.user_id = u.user_id ORDER BY o.order_id LIMIT 1 OFFSET 1) > 10 ORDER BY 1;
SELECT user_id FROM users u WHERE (u.region_id, u.age) IN (SELECT o.region_id, COUNT(*) FROM orders o GROUP BY o.region_id, o.status) ORDER BY 1;
SELECT user_id FROM users WHERE (age, level) NOT IN (SELECT age, level FROM users WHERE user_id < 20) ORDER BY 1;
SELECT user_id FROM users WHERE ROW(user_id, age) = ANY (SELECT user_id, value FROM events) ORDER BY 1;
SELECT order_id FROM orders WHERE ROW(user_id, total) = ROW(5, 10.00) OR (user_id, order_id) IN ((8, 1), (3, 7), (3, 9)) ORDER BY 1;
SELECT order_id FROM orders WHERE (user_id, status) < (5, 'paid') AND user_id > 0 ORDER BY 1;
SELECT order_id FROM orders WHERE (status, user_id) >= ('sent', 30) ORDER BY 1;
SELECT order_id FROM orders WHERE (user_id, (order_id, status)) = (5, (20, 'new')) OR ((user_id, order_id), 1) IN (((3, 7), 1), ((8, 2), 1)) ORDER BY 1;
SELECT order_id FROM orders WHERE (user_id + 0, order_id) NOT IN ((5, 20), (5, 40)) AND user_id = 5 ORDER BY 1;
SELECT order_id FROM orders WHERE total > ALL (SELECT amount FROM events WHERE amount < 100) ORDER BY 1;
SELECT order_id FROM orders WHERE total <> ANY (SELECT 10) ORDER BY 1 LIMIT 10;
SELECT order_id FROM orders WHERE NOT total <= SOME (SELECT price FROM products) ORDER BY 1;
SELECT order_id, total >= ALL (SELECT total FROM orders o WHERE o.user_id = orders.user_id) AS best FROM orders ORDER BY 1;
SELECT order_id FROM orders o WHERE user_id = ALL (SELECT user_id FROM order_items i WHERE i.order_id = o.order_id) ORDER BY 1 LIMIT 20;
SELECT user_id FROM users WHERE age = (SELECT MIN(age) FROM users WHERE age > (SELECT MIN(age) FROM users WHERE age > (SELECT MIN(age) FROM users))) ORDER BY 1;
SELECT CASE (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id) WHEN 0 THEN 'none' WHEN 1 THEN 'one' ELSE 'many' END AS c, COUNT(*) FROM users u GROUP BY c ORDER BY c;
SELECT user_id, COALESCE((SELECT SUM(total) FROM orders o WHERE o.user_id = u.user_id), (SELECT -COUNT(*) FROM events e WHERE e.user_id = u.user_id)) AS x FROM users u ORDER BY x, user_id;
SELECT u.user_id, GREATEST((SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id), (SELECT COUNT(*) FROM events e WHERE e.user_id = u.user_id)) AS g FROM users u ORDER BY g DESC, 1 LIMIT 12;
SELECT user_id, (SELECT GROUP_CONCAT(order_id ORDER BY order_id) FROM orders o WHERE o.user_id = u.user_id) AS l FROM users u ORDER BY user_id;
SELECT user_id, (SELECT GROUP_CONCAT(e.id ORDER BY e.id DESC) FROM events e WHERE e.user_id = u.user_id AND e.value > (SELECT AVG(value) FROM events)) AS l FROM users u ORDER BY user_id;
SELECT r.region_id, (SELECT COUNT(*) FROM users u WHERE u.region_id = r.region_id AND EXISTS (SELECT 1 FROM events e WHERE e.user_id = u.user_id)) AS n, (SELECT COUNT(DISTINCT o.user_id) FROM orders o WHERE o.region_id = r.region_id) AS m FROM regions r ORDER BY 1;
SELECT s.name, (SELECT COUNT(*) FROM users u WHERE u.age = s.num) AS n, (SELECT MAX(order_id) FROM orders o WHERE o.user_id = s.num) AS m FROM settings s ORDER BY s.name;
SELECT (SELECT user_id FROM users ORDER BY user_id LIMIT 1), (SELECT user_id FROM users ORDER BY user_id DESC LIMIT 1), (SELECT COUNT(*) FROM vips), 7;
SELECT (SELECT NULL FROM users WHERE user_id = 1) IS NULL AS n, (SELECT age FROM users WHERE user_id = -12345) AS m;
SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM orders) * 2 AS x, (SELECT COUNT(*) FROM users) IN (SELECT COUNT(*) FROM users) AS y FROM DUAL;
#: mysql
SELECT (SELECT MAX(total), COUNT(*) FROM orders) = ROW(9999999999.99, 110) AS same;
SELECT (1, 2) IN (SELECT age, region_id FROM users) AS a, NOT (1, NULL) IN (SELECT age, region_id FROM users) AS b;
# Windows.
SELECT user_id, SUM(age) OVER (PARTITION BY level ORDER BY age, user_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS s FROM users ORDER BY user_id;
SELECT user_id, COUNT(age) OVER (ORDER BY age DESC ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING) >= 0 AS s FROM users ORDER BY user_id;
SELECT user_id, MAX(name COLLATE utf8mb4_bin) OVER (PARTITION BY region_id) AS m, MIN(born) OVER (PARTITION BY level) AS b FROM users ORDER BY user_id;
SELECT order_id, AVG(total) OVER (PARTITION BY user_id ORDER BY placed, order_id ROWS 2 PRECEDING) AS a FROM orders ORDER BY order_id;
#: mysql
SELECT order_id, SUM(total) OVER (PARTITION BY status ORDER BY DATE(placed) RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND INTERVAL 1 MONTH FOLLOWING) AS s FROM orders WHERE placed IS NOT NULL ORDER BY order_id;
SELECT order_id, COUNT(*) OVER (ORDER BY total RANGE BETWEEN 10.5 PRECEDING AND CURRENT ROW) AS c FROM orders ORDER BY order_id;
SELECT id, SUM(amount) OVER w1, SUM(value) OVER w2, RANK() OVER w1 FROM events WINDOW w1 AS (PARTITION BY kind ORDER BY amount), w2 AS (w1 RANGE UNBOUNDED PRECEDING) ORDER BY id;
SELECT user_id, RANK() OVER (ORDER BY COUNT(*) DESC) AS r, COUNT(*) AS n, SUM(SUM(total)) OVER () AS t FROM orders GROUP BY user_id ORDER BY r, user_id;
SELECT level, region_id, COUNT(*) AS n, ROW_NUMBER() OVER (PARTITION BY level ORDER BY COUNT(*) DESC, region_id) AS r FROM users GROUP BY level, region_id ORDER BY level, r;
SELECT user_id, FIRST_VALUE(order_id) OVER (PARTITION BY user_id ORDER BY total DESC, order_id) AS f FROM orders ORDER BY order_id;
SELECT DISTINCT user_id, FIRST_VALUE(order_id) OVER (PARTITION BY user_id ORDER BY total DESC, order_id) AS f FROM orders ORDER BY user_id;
SELECT user_id, LEAD(order_id) OVER (PARTITION BY user_id ORDER BY order_id) - order_id AS gap FROM orders ORDER BY order_id;
#: mysql
SELECT order_id, LAG(total, 2, 0) OVER (PARTITION BY user_id ORDER BY order_id) AS l, LEAD(status, 1, 'new') OVER (ORDER BY order_id) AS s FROM orders ORDER BY order_id;
SELECT order_id, NTILE(7) OVER (PARTITION BY status ORDER BY order_id) AS t, CUME_DIST() OVER (PARTITION BY status ORDER BY total) AS c FROM orders ORDER BY order_id;
SELECT user_id, BIT_OR(age) OVER (PARTITION BY level) AS b, VAR_POP(age) OVER (PARTITION BY level) AS v FROM users ORDER BY user_id;
#: mysql
SELECT user_id, JSON_OBJECTAGG(user_id, age) OVER (PARTITION BY region_id ORDER BY user_id ROWS 1 PRECEDING) AS j FROM users ORDER BY user_id;
SELECT * FROM (SELECT user_id, SUM(age) OVER (PARTITION BY user_id) AS s FROM users) d WHERE s > 3 ORDER BY user_id;
SELECT user_id, COUNT(*) OVER (PARTITION BY user_id) AS n, SUM(total) OVER (PARTITION BY user_id ORDER BY order_id) AS t FROM orders WHERE total > 1 ORDER BY order_id LIMIT 15;
SELECT status, n, SUM(n) OVER (ORDER BY status) AS running FROM (SELECT status, COUNT(*) AS n FROM orders GROUP BY status) d ORDER BY status;
SELECT user_id FROM users ORDER BY COUNT(*) OVER (PARTITION BY level) DESC, ROW_NUMBER() OVER (PARTITION BY level ORDER BY user_id), user_id LIMIT 8;
SELECT ROW_NUMBER() OVER (ORDER BY user_id) % 2 AS odd, user_id FROM users ORDER BY odd, user_id;
SELECT IF(ROW_NUMBER() OVER (ORDER BY user_id) = 1, 'first', NULL) AS f, user_id FROM users ORDER BY user_id LIMIT 3;
#: error 3593, mysql
SELECT user_id FROM users WHERE ROW_NUMBER() OVER (ORDER BY user_id) = 1;
#: error 3593, mysql
SELECT COUNT(*) FROM users GROUP BY ROW_NUMBER() OVER (ORDER BY user_id);
#: error 3579, mysql
SELECT SUM(age) OVER nowhere FROM users;
# LATERAL and derived tables that see others.
#: mysql
SELECT u.user_id, x.order_id, x.total FROM users u LEFT JOIN LATERAL (SELECT o.order_id, o.total FROM orders o WHERE o.region_id = u.region_id AND o.total IS NOT NULL ORDER BY o.total DESC, o.order_id LIMIT 2) x ON TRUE ORDER BY u.user_id, x.order_id;
#: mysql
SELECT u.user_id, x.n, y.m FROM users u, LATERAL (SELECT COUNT(*) AS n FROM orders o WHERE o.user_id = u.user_id) x, LATERAL (SELECT MAX(e.id) AS m FROM events e WHERE e.value < x.n) y ORDER BY u.user_id;
#: mysql
SELECT r.name, d.user_id FROM regions r CROSS JOIN LATERAL (SELECT user_id FROM users u WHERE u.region_id = r.region_id ORDER BY age DESC, user_id LIMIT 1) d ORDER BY r.region_id;
#: mysql
SELECT user_id, (SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM orders o WHERE o.user_id = u.user_id GROUP BY o.status) d) AS m FROM users u ORDER BY user_id;
#: mysql
SELECT u.user_id FROM users u WHERE EXISTS (SELECT 1 FROM LATERAL (SELECT o.total FROM orders o WHERE o.user_id = u.user_id) d WHERE d.total > 100) ORDER BY 1;
SELECT d.user_id, o.order_id FROM (SELECT user_id FROM users ORDER BY age DESC, user_id LIMIT 4) d LEFT JOIN orders o ON o.user_id = d.user_id ORDER BY 1, 2;
SELECT d.n, COUNT(*) FROM (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id HAVING COUNT(*) > 1) d RIGHT JOIN users u ON u.user_id = d.user_id GROUP BY d.n ORDER BY d.n;
SELECT a.level, a.n, b.n FROM (SELECT level, COUNT(*) AS n FROM users GROUP BY level) a LEFT JOIN (SELECT u.level, COUNT(*) AS n FROM users u JOIN events e ON e.user_id = u.user_id GROUP BY u.level) b ON a.level <=> b.level ORDER BY a.level;
SELECT COUNT(*) FROM (SELECT user_id FROM users LIMIT 10) d;
SELECT COUNT(*), COUNT(DISTINCT d.user_id) FROM (SELECT * FROM orders LIMIT 33) d;
SELECT COUNT(*) FROM (SELECT DISTINCT level, age FROM users) d JOIN (SELECT DISTINCT level FROM users) e ON d.level = e.level;
SELECT MAX(c) FROM (SELECT COUNT(*) AS c FROM (SELECT DISTINCT user_id, status FROM orders) d GROUP BY status) e;
# CTEs.
WITH a AS (SELECT level, COUNT(*) AS n FROM users GROUP BY level), b AS (SELECT MAX(n) AS m FROM a) SELECT level FROM a, b WHERE n = m;
WITH a AS (SELECT user_id FROM users WHERE age > 3), b AS (SELECT user_id FROM a UNION SELECT user_id FROM vips), c AS (SELECT COUNT(*) AS n FROM b) SELECT n, (SELECT MIN(user_id) FROM b) AS m FROM c;
WITH a AS (WITH b AS (SELECT user_id, total FROM orders WHERE total > 5) SELECT user_id, SUM(total) AS s FROM b GROUP BY user_id) SELECT COUNT(*), SUM(s) FROM a;
WITH a AS (SELECT 1 AS x), users AS (SELECT x FROM a) SELECT * FROM users;
WITH orders AS (SELECT * FROM orders WHERE status = 'paid') SELECT COUNT(*) FROM orders;
WITH orders AS (SELECT * FROM orders WHERE status = 'paid') SELECT COUNT(*) FROM orders JOIN shop.orders AS o USING (order_id);
WITH a AS (SELECT user_id, ROW_NUMBER() OVER (ORDER BY age DESC, user_id) AS r FROM users) SELECT x.user_id, y.user_id FROM a x JOIN a y ON x.r + 1 = y.r ORDER BY x.r LIMIT 10;
WITH a AS (SELECT * FROM users), b AS (SELECT * FROM orders) SELECT a.level, SUM(b.total) FROM a JOIN b USING (user_id) GROUP BY a.level ORDER BY a.level;
WITH a AS (SELECT user_id FROM users WHERE user_id = 5), b AS (SELECT user_id, order_id FROM orders WHERE user_id = 5) SELECT b.order_id FROM a JOIN b USING (user_id) ORDER BY 1;
WITH RECURSIVE tree AS (SELECT product_id AS root, product_id AS node, price FROM products WHERE parent_id IS NULL UNION ALL SELECT t.root, p.product_id, p.price FROM tree t JOIN products p ON p.parent_id = t.node) SELECT root, COUNT(*), SUM(price), MAX(node) FROM tree GROUP BY root ORDER BY root;
WITH RECURSIVE up AS (SELECT product_id, parent_id FROM products WHERE product_id = 40 UNION SELECT p.product_id, p.parent_id FROM products p, up WHERE p.product_id = up.parent_id) SELECT GROUP_CONCAT(product_id ORDER BY product_id) FROM up;
WITH RECURSIVE days AS (SELECT DATE '2024-02-28' AS d UNION ALL SELECT d + INTERVAL 1 DAY FROM days WHERE d < '2024-03-02') SELECT d, (SELECT COUNT(*) FROM users WHERE born = d) AS b, (SELECT COUNT(*) FROM visits WHERE day = d) AS v FROM days ORDER BY d;
WITH RECURSIVE seq (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM seq WHERE n < 9) SELECT n, COUNT(u.user_id), COALESCE(SUM(u.score), 0) FROM seq LEFT JOIN users u ON u.age = n GROUP BY n ORDER BY n;
WITH RECURSIVE fib (n, a, b) AS (SELECT 1, 0, 1 UNION ALL SELECT n + 1, b, a + b FROM fib WHERE n < 15) SELECT f.n, f.a, o.order_id FROM fib f LEFT JOIN orders o ON o.order_id = f.a ORDER BY f.n;
WITH RECURSIVE r AS (SELECT user_id, region_id FROM users WHERE user_id = 5 UNION SELECT u.user_id, u.region_id FROM users u JOIN r ON u.region_id = r.region_id) SELECT COUNT(*), MIN(user_id) FROM r;
#: error 3636, mysql
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n JOIN users;
# Set operations.
SELECT level FROM users INTERSECT SELECT level FROM users WHERE age > 5 ORDER BY level;
SELECT age FROM users EXCEPT SELECT paid FROM orders ORDER BY age DESC LIMIT 3;
SELECT age, region_id FROM users INTERSECT ALL SELECT value, value FROM events ORDER BY 1, 2;
SELECT age FROM users UNION SELECT value FROM events EXCEPT SELECT paid FROM orders ORDER BY 1;
(SELECT age FROM users UNION ALL SELECT value FROM events) INTERSECT (SELECT paid FROM orders UNION SELECT 3) ORDER BY 1;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders EXCEPT SELECT user_id FROM events WHERE user_id IS NOT NULL) ORDER BY 1;
SELECT COUNT(*) AS n, SUM(x) FROM (SELECT age AS x FROM users UNION ALL SELECT value FROM events UNION ALL SELECT paid FROM orders) d WHERE x > 1;
SELECT k, COUNT(*), SUM(v) FROM (SELECT 'u' AS k, age AS v FROM users UNION ALL SELECT 'e', value FROM events) d GROUP BY k ORDER BY k;
SELECT * FROM (SELECT user_id FROM users INTERSECT SELECT user_id FROM orders) a JOIN (SELECT user_id FROM events EXCEPT SELECT user_id FROM vips) b USING (user_id) ORDER BY 1;
#: mysql
SELECT * FROM (VALUES ROW(1, 'one'), ROW(5, 'five'), ROW(7, NULL)) AS v (id, w) LEFT JOIN orders o ON o.user_id = v.id ORDER BY v.id, o.order_id;
#: mysql
#: mysql
TABLE visits ORDER BY page, visitor LIMIT 5;
#: mysql
TABLE vips INTERSECT SELECT user_id, title, bonus FROM vips WHERE bonus > 7 ORDER BY 1;
#: mysql
SELECT * FROM users WHERE (user_id, age) = (VALUES ROW(5, 1)) OR user_id IN (VALUES ROW(7), ROW(8)) ORDER BY user_id;
#: mysql
WITH t AS (TABLE orders) SELECT status, COUNT(*) FROM t GROUP BY status ORDER BY status;
# Joins.
SELECT COUNT(*) FROM users NATURAL JOIN orders;
SELECT COUNT(*) FROM orders NATURAL JOIN order_items;
SELECT COUNT(*), COUNT(v.user_id) FROM users u LEFT JOIN vips v ON v.user_id = u.user_id AND u.age > 2;
SELECT r.region_id, u.user_id FROM users u RIGHT JOIN regions r ON u.region_id = r.region_id AND u.age = 2 ORDER BY 1, 2;
SELECT r.region_id, COUNT(u.user_id) FROM regions r LEFT JOIN users u USING (region_id) GROUP BY r.region_id ORDER BY 1;
SELECT r.region_id FROM regions r LEFT JOIN users u ON u.region_id = r.region_id WHERE u.user_id IS NULL ORDER BY 1;
SELECT COUNT(*) FROM regions r LEFT JOIN (users u JOIN orders o ON o.user_id = u.user_id) ON u.region_id = r.region_id;
SELECT s.name, u.user_id FROM settings s LEFT JOIN users u ON u.age = s.num AND u.user_id > 30 ORDER BY 1, 2;
SELECT u.user_id, o.order_id, i.line_no FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.status = 'paid' LEFT JOIN order_items i ON i.user_id = o.user_id AND i.order_id = o.order_id AND i.qty > 2 ORDER BY 1, 2, 3;
SELECT u.user_id, o.order_id FROM orders o RIGHT OUTER JOIN users u USING (user_id) WHERE o.total IS NULL ORDER BY 1, 2;
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.user_id AND o.user_id = 5;
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id <=> u.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id >= u.user_id AND o.user_id <= u.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON NOT (o.user_id <> u.user_id);
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.user_id OR o.user_id = 5;
SELECT COUNT(*) FROM users u JOIN orders o ON (o.user_id, 1) = (u.user_id, 1);
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id IN (u.user_id);
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id BETWEEN u.user_id AND u.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.user_id + 0;
SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = CAST(u.user_id AS CHAR);
SELECT COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND u.user_id = 5;
SELECT COUNT(*) FROM users u LEFT JOIN orders o ON TRUE WHERE o.user_id = u.user_id;
SELECT COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id JOIN order_items i ON i.user_id = o.user_id AND i.order_id = o.order_id;
SELECT COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id LEFT JOIN vips v ON v.user_id = o.user_id;
SELECT v.user_id, COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id LEFT JOIN vips v ON v.user_id = o.user_id GROUP BY v.user_id ORDER BY 1;
SELECT o.user_id, COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.user_id GROUP BY o.user_id ORDER BY 1;
SELECT DISTINCT o.user_id FROM orders o RIGHT JOIN users u ON o.user_id = u.user_id ORDER BY 1 LIMIT 4;
SELECT COALESCE(o.user_id, u.user_id) AS id, COUNT(*) FROM users u LEFT JOIN orders o USING (user_id) GROUP BY id ORDER BY id;
SELECT COUNT(*) FROM visits v JOIN visits w ON v.page = w.page AND v.visitor < w.visitor;
SELECT v.page, COUNT(*) FROM visits v JOIN visits w USING (page) GROUP BY v.page ORDER BY COUNT(*), v.page COLLATE utf8mb4_bin;
SELECT COUNT(*) FROM visits v JOIN visits w ON v.page = w.page COLLATE utf8mb4_bin;
SELECT COUNT(*) FROM products p JOIN products q ON p.product_id = q.product_id JOIN order_items i ON i.product_id = q.product_id;
SELECT COUNT(*) FROM events a JOIN events b ON a.id = b.id;
SELECT COUNT(*) FROM events a JOIN events b USING (id, user_id, kind);
SELECT STRAIGHT_JOIN COUNT(*) FROM events a JOIN events b ON a.id = b.id AND a.value = b.value;
SELECT COUNT(*) FROM users u1 JOIN users u2 ON u1.user_id = u2.user_id JOIN users u3 ON u2.user_id = u3.user_id WHERE u3.age > 2;
SELECT COUNT(*) FROM users u1, users u2, orders o WHERE u1.user_id = o.user_id AND u2.user_id = o.user_id AND u1.age = u2.age;
SELECT COUNT(*) FROM (users u1 JOIN vips v USING (user_id)) JOIN (orders o JOIN order_items i USING (user_id, order_id)) USING (user_id);

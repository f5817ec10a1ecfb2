# Subqueries of every kind.
# Scalar.
SELECT (SELECT COUNT(*) FROM users) AS u, (SELECT COUNT(*) FROM orders) AS o;
SELECT (SELECT MAX(total) FROM orders);
SELECT user_id, (SELECT MAX(order_id) FROM orders) FROM users ORDER BY user_id LIMIT 3;
SELECT user_id, age - (SELECT AVG(age) FROM users) AS off FROM users ORDER BY user_id;
SELECT user_id FROM users WHERE age = (SELECT MAX(age) FROM users) ORDER BY user_id;
SELECT user_id FROM users WHERE score > (SELECT AVG(score) FROM users) ORDER BY user_id;
SELECT user_id FROM users WHERE user_id = (SELECT user_id FROM orders WHERE order_id = 7);
SELECT order_id FROM orders WHERE (user_id, total) = (SELECT user_id, MAX(total) FROM orders WHERE user_id = 3 GROUP BY user_id) ORDER BY 1;
SELECT id, (SELECT name FROM users u WHERE u.user_id = e.user_id) AS name FROM events e ORDER BY id;
SELECT product_id, (SELECT SUM(qty) FROM order_items i WHERE i.product_id = p.product_id) AS sold FROM products p ORDER BY product_id;
SELECT product_id, (SELECT COUNT(*) FROM products c WHERE c.parent_id = p.product_id) AS children FROM products p ORDER BY product_id;
SELECT order_id, (SELECT COUNT(*) FROM orders x WHERE x.total > o.total) AS better FROM orders o ORDER BY order_id;
SELECT user_id, (SELECT status FROM orders o WHERE o.user_id = u.user_id ORDER BY order_id DESC LIMIT 1) AS last_status FROM users u ORDER BY user_id;
SELECT (SELECT name FROM settings WHERE num = 10), COUNT(*) FROM users;
SELECT COUNT(*) FROM users WHERE region_id = (SELECT num FROM settings WHERE name = 'anna');
# IN.
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM events) ORDER BY user_id;
SELECT user_id FROM users WHERE user_id NOT IN (SELECT user_id FROM orders) ORDER BY user_id;
#: empty
SELECT user_id FROM users WHERE user_id NOT IN (SELECT user_id FROM events) ORDER BY user_id;
SELECT user_id FROM users WHERE user_id NOT IN (SELECT user_id FROM events WHERE user_id IS NOT NULL) ORDER BY user_id;
SELECT product_id FROM products WHERE product_id IN (SELECT product_id FROM order_items WHERE qty > 4) ORDER BY 1;
SELECT product_id FROM products WHERE product_id NOT IN (SELECT product_id FROM order_items WHERE product_id IS NOT NULL) ORDER BY 1;
SELECT name FROM users WHERE name IN (SELECT name FROM products) ORDER BY user_id;
SELECT user_id FROM users WHERE (region_id, age) IN (SELECT region_id, paid + 1 FROM orders) ORDER BY user_id;
SELECT user_id FROM users WHERE age IN (SELECT value FROM events WHERE kind = 'view') ORDER BY user_id;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders GROUP BY user_id HAVING COUNT(*) > 3) ORDER BY user_id;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders WHERE order_id IN (SELECT order_id FROM order_items WHERE product_id IN (SELECT product_id FROM products WHERE price > 10))) ORDER BY user_id;
SELECT user_id, user_id IN (SELECT user_id FROM vips) AS vip FROM users ORDER BY user_id;
SELECT order_id FROM orders WHERE user_id IN (SELECT user_id FROM vips) ORDER BY order_id;
#: empty
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM returns);
SELECT COUNT(*) FROM users WHERE user_id NOT IN (SELECT user_id FROM returns);
SELECT user_id FROM users WHERE user_id IN (SELECT MAX(user_id) FROM orders UNION SELECT MIN(user_id) FROM orders) ORDER BY 1;
# EXISTS.
SELECT user_id FROM users u WHERE EXISTS (SELECT * FROM events e WHERE e.user_id = u.user_id) ORDER BY user_id;
SELECT user_id FROM users u WHERE NOT EXISTS (SELECT * FROM events e WHERE e.user_id = u.user_id) ORDER BY user_id;
SELECT product_id FROM products p WHERE EXISTS (SELECT 1 FROM order_items i WHERE i.product_id = p.product_id AND i.qty > 3) ORDER BY 1;
SELECT COUNT(*) FROM users WHERE EXISTS (SELECT * FROM returns);
SELECT COUNT(*) FROM users WHERE EXISTS (SELECT * FROM vips);
SELECT user_id FROM users u WHERE EXISTS (SELECT 1 FROM users v WHERE v.age = u.age AND v.user_id <> u.user_id AND v.level = u.level) ORDER BY 1;
SELECT user_id FROM users u WHERE (SELECT COUNT(*) FROM events e WHERE e.user_id = u.user_id) > 1 ORDER BY 1;
SELECT id, EXISTS (SELECT 1 FROM vips v WHERE v.user_id = e.user_id) FROM events e ORDER BY id;
# ANY, SOME, ALL.
SELECT user_id FROM users WHERE age > ALL (SELECT paid FROM orders WHERE paid IS NOT NULL) ORDER BY 1;
SELECT user_id FROM users WHERE age >= ALL (SELECT age FROM users WHERE age IS NOT NULL) ORDER BY 1;
SELECT user_id FROM users WHERE age = ANY (SELECT value FROM events) ORDER BY 1;
SELECT user_id FROM users WHERE score < SOME (SELECT total FROM orders WHERE status = 'new') ORDER BY 1;
SELECT COUNT(*) FROM users WHERE user_id <> ALL (SELECT user_id FROM orders);
SELECT order_id FROM orders o WHERE total >= ALL (SELECT total FROM orders x WHERE x.status = o.status AND x.total IS NOT NULL) ORDER BY 1;
# Correlated.
SELECT order_id FROM orders o WHERE total = (SELECT MAX(total) FROM orders x WHERE x.user_id = o.user_id) ORDER BY order_id;
SELECT order_id FROM orders o WHERE total > (SELECT AVG(total) FROM orders x WHERE x.region_id = o.region_id) ORDER BY order_id;
SELECT user_id, age FROM users u WHERE age > (SELECT AVG(age) FROM users v WHERE v.region_id = u.region_id) ORDER BY user_id;
SELECT p.product_id FROM products p WHERE 2 <= (SELECT COUNT(*) FROM order_items i WHERE i.product_id = p.product_id) ORDER BY 1;
SELECT e.id FROM events e WHERE e.amount = (SELECT MAX(amount) FROM events x WHERE x.kind = e.kind) ORDER BY 1;
SELECT user_id FROM users u WHERE region_id IN (SELECT region_id FROM orders o WHERE o.user_id <> u.user_id AND o.total > 1000) ORDER BY 1;
SELECT status, COUNT(*) FROM orders o GROUP BY status HAVING COUNT(*) > (SELECT COUNT(*) FROM events e WHERE e.kind = 'view') ORDER BY status;
SELECT user_id FROM users u ORDER BY (SELECT COUNT(*) FROM events e WHERE e.user_id = u.user_id) DESC, user_id LIMIT 10;
SELECT user_id, (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id AND EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.order_id AND i.product_id > u.age)) AS n FROM users u ORDER BY user_id;
# Derived tables.
SELECT COUNT(*) FROM (SELECT DISTINCT user_id FROM orders) d;
SELECT AVG(n) FROM (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id) d;
SELECT MAX(n), MIN(n) FROM (SELECT COUNT(*) AS n FROM events GROUP BY user_id) d;
SELECT * FROM (SELECT user_id, age FROM users ORDER BY age DESC, user_id LIMIT 5) d ORDER BY user_id;
SELECT d.status, d.n FROM (SELECT status, COUNT(*) AS n FROM orders GROUP BY status) d WHERE d.n > 10 ORDER BY d.status;
SELECT a.user_id FROM (SELECT user_id FROM users WHERE age > 1) a JOIN (SELECT user_id FROM events) b ON a.user_id = b.user_id ORDER BY 1;
SELECT x FROM (SELECT user_id AS x FROM users UNION SELECT order_id FROM orders) d WHERE x BETWEEN 40 AND 50 ORDER BY x;
SELECT d.a, d.b FROM (SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4) d;
SELECT u.user_id FROM users u JOIN (SELECT 3 AS id UNION SELECT 5) d ON d.id = u.user_id ORDER BY 1;
#: mysql
SELECT d.p, d.q FROM (SELECT user_id, age FROM users WHERE user_id BETWEEN 1 AND 3) AS d (p, q) ORDER BY 1;
SELECT SUM(s) FROM (SELECT order_id, SUM(amount) AS s FROM order_items GROUP BY order_id HAVING s > 10) d;
SELECT * FROM (SELECT * FROM (SELECT user_id FROM users WHERE age = 2) a) b ORDER BY user_id;
# LATERAL.
#: mysql
SELECT u.user_id, l.order_id FROM users u, LATERAL (SELECT order_id FROM orders o WHERE o.user_id = u.user_id ORDER BY order_id DESC LIMIT 1) l ORDER BY u.user_id;
#: mysql
SELECT u.user_id, l.n FROM users u LEFT JOIN LATERAL (SELECT COUNT(*) AS n FROM events e WHERE e.user_id = u.user_id) l ON TRUE ORDER BY u.user_id;
#: mysql
SELECT p.product_id, l.q FROM products p JOIN LATERAL (SELECT SUM(qty) AS q FROM order_items i WHERE i.product_id = p.product_id) l ON l.q > 3 ORDER BY 1;
# Other clauses.
SELECT user_id, CASE WHEN user_id IN (SELECT user_id FROM events) THEN 'seen' ELSE 'unseen' END AS s FROM users ORDER BY user_id;
SELECT COUNT(*), (SELECT COUNT(*) FROM events) - COUNT(*) AS diff FROM users;
SELECT IF(EXISTS (SELECT 1 FROM orders WHERE total > 5000), 'yes', 'no');
SELECT user_id FROM users WHERE age BETWEEN (SELECT MIN(paid) FROM orders) AND (SELECT MAX(value) FROM events) - 2 ORDER BY 1;
SELECT user_id FROM users LIMIT 3 OFFSET 2;
SELECT region_id, (SELECT COUNT(*) FROM users u WHERE u.region_id = r.region_id) AS n FROM regions r ORDER BY region_id;
SELECT r.name FROM regions r WHERE r.region_id NOT IN (SELECT region_id FROM users WHERE region_id IS NOT NULL) ORDER BY r.name;
SELECT name FROM settings WHERE num IN (SELECT age FROM users) ORDER BY name;
SELECT JSON_ARRAYAGG(n) FROM (SELECT COUNT(*) AS n FROM orders WHERE status = 'new') d;
#: mysql
SELECT u.user_id, j.v FROM users u JOIN JSON_TABLE(u.doc, '$.tags[*]' COLUMNS (v VARCHAR(10) PATH '$')) j ORDER BY 1, 2;

# Common table expressions, recursive ones too.
WITH o AS (SELECT * FROM orders WHERE total > 100) SELECT COUNT(*), SUM(total) FROM o;
WITH o AS (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id) SELECT * FROM o ORDER BY n DESC, user_id LIMIT 5;
WITH o AS (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id), e AS (SELECT user_id, COUNT(*) AS n FROM events GROUP BY user_id) SELECT o.user_id, o.n, e.n FROM o LEFT JOIN e ON o.user_id = e.user_id ORDER BY 1;
WITH o (u, t) AS (SELECT user_id, total FROM orders) SELECT u, MAX(t) FROM o GROUP BY u ORDER BY u;
WITH a AS (SELECT user_id FROM users WHERE age > 3), b AS (SELECT user_id FROM a WHERE user_id > 10) SELECT * FROM b ORDER BY user_id;
WITH big AS (SELECT * FROM order_items WHERE amount > 10) SELECT p.name, COUNT(*) FROM big JOIN products p USING (product_id) GROUP BY p.product_id, p.name ORDER BY p.product_id;
WITH x AS (SELECT age, COUNT(*) AS n FROM users GROUP BY age) SELECT a.age, b.age FROM x a JOIN x b ON a.n = b.n AND a.age < b.age ORDER BY 1, 2;
WITH x AS (SELECT 1 AS a) SELECT * FROM x;
WITH x AS (SELECT user_id FROM users WHERE user_id = 5) SELECT * FROM x;
WITH users AS (SELECT user_id, total FROM orders) SELECT COUNT(*), SUM(total) FROM users;
SELECT * FROM (WITH x AS (SELECT user_id FROM vips) SELECT * FROM x) d ORDER BY user_id;
SELECT user_id FROM users WHERE user_id IN (WITH v AS (SELECT user_id FROM vips) SELECT user_id FROM v) ORDER BY 1;
WITH u AS (SELECT user_id AS id FROM users UNION SELECT order_id FROM orders) SELECT COUNT(*), MIN(id), MAX(id) FROM u;
WITH x AS (SELECT user_id FROM users ORDER BY user_id LIMIT 4) SELECT * FROM x ORDER BY user_id DESC;
WITH a AS (SELECT user_id FROM users WHERE age = 1) SELECT user_id FROM a UNION ALL SELECT order_id FROM orders WHERE user_id IN (SELECT user_id FROM a) ORDER BY 1;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i, name FROM n LEFT JOIN users ON user_id = i ORDER BY i;
WITH RECURSIVE t AS (SELECT product_id, parent_id, 0 AS depth FROM products WHERE parent_id IS NULL UNION ALL SELECT p.product_id, p.parent_id, depth + 1 FROM products p JOIN t ON p.parent_id = t.product_id) SELECT * FROM t ORDER BY product_id;
WITH RECURSIVE t AS (SELECT product_id, CAST(product_id AS CHAR(100)) AS path FROM products WHERE product_id IN (1, 2) UNION ALL SELECT p.product_id, CONCAT(path, '/', p.product_id) FROM products p JOIN t ON p.parent_id = t.product_id) SELECT path FROM t ORDER BY product_id;
WITH RECURSIVE t AS (SELECT region_id, name, 0 AS depth FROM regions WHERE parent_id IS NULL UNION ALL SELECT r.region_id, r.name, depth + 1 FROM regions r JOIN t ON r.parent_id = t.region_id) SELECT t.depth, COUNT(u.user_id) FROM t LEFT JOIN users u ON u.region_id = t.region_id GROUP BY t.depth ORDER BY t.depth;
WITH RECURSIVE t AS (SELECT region_id, parent_id FROM regions WHERE region_id = 8 UNION SELECT r.region_id, r.parent_id FROM regions r JOIN t ON r.region_id = t.parent_id) SELECT region_id FROM t ORDER BY 1;
WITH RECURSIVE d AS (SELECT DATE('2024-02-27') AS day UNION ALL SELECT day + INTERVAL 1 DAY FROM d WHERE day < '2024-03-02') SELECT day, COUNT(page) FROM d LEFT JOIN visits USING (day) GROUP BY day ORDER BY day;
# Nobody reads it: what is wrong with its conditions is not said.
#: mysql
WITH c AS (SELECT product_id FROM products WHERE category = name) SELECT regions.region_id FROM regions, users WHERE users.user_id = 1;
#: mysql
WITH c AS (SELECT product_id FROM products WHERE category = name) SELECT a.region_id FROM users a JOIN users b ON a.user_id = b.user_id + 1;

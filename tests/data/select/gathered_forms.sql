# Windows, recursion, LATERAL, JSON_TABLE, VALUES and nested set operations over rows of all shards.
SELECT user_id, order_id, SUM(total) OVER (PARTITION BY user_id ORDER BY order_id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s FROM orders ORDER BY user_id, order_id;
SELECT order_id, AVG(order_id) OVER (ORDER BY order_id RANGE BETWEEN 3 PRECEDING AND 2 FOLLOWING) FROM orders ORDER BY order_id;
SELECT user_id, NTILE(3) OVER w, RANK() OVER w, DENSE_RANK() OVER w, CUME_DIST() OVER w FROM users WINDOW w AS (ORDER BY user_id) ORDER BY user_id;
SELECT user_id, LAG(age, 2) OVER (ORDER BY user_id), LEAD(name) OVER (ORDER BY user_id DESC), FIRST_VALUE(age) OVER (ORDER BY user_id ROWS 2 PRECEDING), NTH_VALUE(age, 2) OVER (ORDER BY user_id) FROM users ORDER BY user_id;
SELECT user_id, COUNT(*) AS n, SUM(COUNT(*)) OVER (ORDER BY user_id) AS running FROM orders GROUP BY user_id ORDER BY user_id;
SELECT * FROM (SELECT user_id, order_id, ROW_NUMBER() OVER (PARTITION BY status ORDER BY order_id DESC) AS rn FROM orders) d WHERE rn = 1 ORDER BY order_id;
SELECT user_id FROM users ORDER BY ROW_NUMBER() OVER (ORDER BY age DESC, user_id) LIMIT 7;
#: mysql
SELECT placed, COUNT(*) OVER (ORDER BY placed RANGE BETWEEN INTERVAL 10 DAY PRECEDING AND INTERVAL 1 DAY FOLLOWING) AS c FROM orders ORDER BY order_id;
WITH RECURSIVE t (n, u) AS (SELECT 1, MIN(user_id) FROM users UNION ALL SELECT n + 1, (SELECT MAX(age) FROM users) + n FROM t WHERE n < 4) SELECT * FROM t ORDER BY n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i, COUNT(u.user_id) FROM n LEFT JOIN users u ON u.user_id = n.i GROUP BY i ORDER BY i;
WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i % 5 + 1 FROM n) SELECT o.status, n.i FROM orders o, n WHERE o.order_id % 7 = n.i ORDER BY 1, 2;
#: mysql
SELECT u.user_id, l.t FROM users u JOIN LATERAL (SELECT SUM(total) AS t FROM orders o WHERE o.order_id < u.user_id) l ON l.t > 10 ORDER BY u.user_id;
#: mysql
SELECT r.region_id, l.* FROM regions r LEFT JOIN LATERAL (SELECT u.user_id, u.age FROM users u WHERE u.region_id = r.region_id ORDER BY u.age DESC, u.user_id LIMIT 2) l ON TRUE ORDER BY 1, 2;
#: mysql
SELECT u.user_id, j.* FROM users u, JSON_TABLE(u.doc, '$' COLUMNS (a INT PATH '$.a' DEFAULT '-1' ON EMPTY NULL ON ERROR, NESTED PATH '$.tags[*]' COLUMNS (o FOR ORDINALITY, t VARCHAR(20) PATH '$'))) j ORDER BY 1, 3;
#: mysql
SELECT j.x, u.user_id FROM JSON_TABLE('[1, 2, 3, 50]', '$[*]' COLUMNS (x INT PATH '$')) j LEFT JOIN users u ON u.user_id = j.x ORDER BY 1;
#: mysql
SELECT u.user_id, v.b FROM users u JOIN (VALUES ROW(1, 'x'), ROW(3, 'y'), ROW(7, 'z')) v (a, b) ON v.a = u.user_id ORDER BY 1;
#: mysql
VALUES ROW(1), ROW(2) UNION SELECT user_id FROM users WHERE user_id < 4 ORDER BY 1;
#: mysql
SELECT user_id FROM users EXCEPT VALUES ROW(1), ROW(2) ORDER BY 1 LIMIT 4;
#: mysql
TABLE users ORDER BY user_id LIMIT 3 OFFSET 1;
SELECT user_id FROM users EXCEPT (SELECT user_id FROM orders EXCEPT SELECT order_id FROM orders) ORDER BY 1;
SELECT age FROM users INTERSECT ALL SELECT age FROM users WHERE age > 1 ORDER BY age;
SELECT age FROM users EXCEPT ALL SELECT DISTINCT age FROM users ORDER BY age;
((SELECT user_id FROM users ORDER BY user_id LIMIT 3) UNION ALL (SELECT user_id FROM users ORDER BY user_id DESC LIMIT 3)) ORDER BY 1 LIMIT 4;
#: error 1271
SELECT user_id, name FROM users UNION SELECT total, status FROM orders ORDER BY 1, 2;
SELECT user_id AS x FROM users UNION ALL SELECT placed FROM orders ORDER BY x LIMIT 12;
SELECT balance FROM users UNION ALL SELECT 1e3 ORDER BY 1 LIMIT 5;
SELECT name COLLATE utf8mb4_bin AS n FROM users UNION SELECT name FROM regions ORDER BY n;
SELECT user_id FROM users UNION SELECT 18446744073709551615 ORDER BY 1 DESC LIMIT 2;

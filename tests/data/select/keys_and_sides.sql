# Which rows meet which: sides of joins that keep their rows, keys that are equal, conditions on them.
# Broadcast tables that keep rows of their own beside sharded ones.
SELECT r.region_id, u.user_id FROM regions r LEFT JOIN users u ON u.region_id = r.region_id ORDER BY r.region_id, u.user_id;
SELECT r.region_id, COUNT(u.user_id) FROM users u RIGHT JOIN regions r USING (region_id) GROUP BY r.region_id ORDER BY 1;
SELECT region_id, COUNT(*) FROM regions NATURAL LEFT JOIN (SELECT region_id, user_id FROM users) d GROUP BY region_id ORDER BY 1;
SELECT r.name FROM regions r WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.region_id = r.region_id AND u.age > 3) ORDER BY r.name;
SELECT r.name FROM regions r WHERE r.region_id NOT IN (SELECT region_id FROM orders WHERE region_id IS NOT NULL) ORDER BY r.name;
SELECT region_id FROM regions UNION ALL SELECT region_id FROM users ORDER BY 1;
SELECT region_id, 'r' AS src FROM regions UNION ALL SELECT region_id, 'u' FROM users WHERE age > 3 UNION ALL SELECT num, 's' FROM settings ORDER BY src, 1;
SELECT COUNT(*) FROM regions, users;
SELECT COUNT(*) FROM regions r STRAIGHT_JOIN users u ON u.region_id <=> r.parent_id;
SELECT u.user_id, r.name FROM users u LEFT JOIN (regions r JOIN regions p ON p.region_id = r.parent_id) ON u.region_id = r.region_id ORDER BY 1;
SELECT r.name, x.n FROM regions r LEFT JOIN (SELECT region_id, COUNT(*) AS n FROM users GROUP BY region_id) x USING (region_id) ORDER BY r.name;
SELECT u.user_id, o.order_id, r.name FROM regions r RIGHT JOIN (users u LEFT JOIN orders o ON o.user_id = u.user_id) ON r.region_id = o.region_id ORDER BY 1, 2;
SELECT (SELECT COUNT(*) FROM users u WHERE u.region_id = r.region_id) AS n, r.name FROM regions r ORDER BY n DESC, r.name;
SELECT DISTINCT UPPER(r.name) FROM regions r CROSS JOIN users u ORDER BY 1;
SELECT r.region_id FROM regions r JOIN users u ON TRUE WHERE u.user_id IN (5, 6, 7) AND r.region_id < 3 ORDER BY 1;
SELECT MAX(r.tax), COUNT(DISTINCT r.region_id) FROM regions r LEFT JOIN users u ON u.region_id = r.region_id AND u.user_id = 5;
SELECT r.region_id, u.user_id FROM regions r LEFT JOIN users u ON u.region_id = r.region_id AND u.user_id = 5 ORDER BY 1;
SELECT r.region_id, u.user_id FROM users u RIGHT JOIN regions r ON u.region_id = r.region_id AND u.user_id IN (5, 6) WHERE u.user_id IS NULL ORDER BY 1;
SELECT r.region_id FROM regions r WHERE EXISTS (SELECT 1 FROM users WHERE user_id = 5) ORDER BY 1;
#: empty
SELECT r.region_id FROM regions r WHERE NOT EXISTS (SELECT 1 FROM users WHERE age IS NULL) ORDER BY 1;
SELECT r.region_id FROM regions r WHERE 5 IN (SELECT age FROM users WHERE users.region_id = r.region_id) ORDER BY 1;
# What makes a key equal another, and what does not.
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id <=> o.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id + 0 = o.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id = CAST(o.user_id AS CHAR);
SELECT COUNT(*) FROM users u JOIN orders o ON NOT (u.user_id <> o.user_id);
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id IN (o.user_id);
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id IN (o.user_id, o.region_id);
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id BETWEEN o.user_id AND o.user_id;
SELECT COUNT(*) FROM users u JOIN orders o ON (u.user_id, 1) = (o.user_id, 1);
SELECT COUNT(*) FROM users u JOIN orders o ON (u.user_id = o.user_id) = 1;
SELECT COUNT(*) FROM users u JOIN orders o ON (u.user_id = o.user_id) IS NOT FALSE;
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id = o.user_id OR u.user_id = 5;
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id = o.user_id = 0;
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id = -(-o.user_id);
SELECT COUNT(*) FROM users u JOIN orders o ON u.user_id = o.user_id XOR u.age = 1;
SELECT COUNT(*) FROM users u, orders o WHERE u.user_id = o.user_id IS TRUE;
SELECT COUNT(*) FROM users u, orders o WHERE u.user_id = o.user_id IS UNKNOWN;
SELECT COUNT(*) FROM users u LEFT JOIN orders o ON u.user_id = o.user_id LEFT JOIN returns r ON r.user_id = o.user_id LEFT JOIN vips v ON v.user_id = r.user_id;
SELECT v.user_id, o.order_id FROM vips v LEFT JOIN users u ON u.user_id = v.user_id LEFT JOIN orders o ON o.user_id = u.user_id ORDER BY 1, 2;
SELECT COUNT(*) FROM orders o LEFT JOIN vips v ON v.user_id = o.user_id LEFT JOIN order_items i ON i.user_id = v.user_id;
SELECT COUNT(*), SUM(i.qty) FROM orders o LEFT JOIN vips v ON v.user_id = o.user_id LEFT JOIN order_items i ON i.user_id = COALESCE(v.user_id, o.user_id);
SELECT COUNT(*) FROM orders o LEFT JOIN vips v ON v.user_id = o.user_id JOIN users u ON u.user_id <=> v.user_id;
SELECT COUNT(*) FROM (SELECT user_id AS k FROM users) a JOIN (SELECT -user_id AS k FROM orders) b ON a.k = b.k;
SELECT COUNT(*) FROM (SELECT user_id AS k FROM users UNION SELECT user_id FROM vips) a JOIN orders b ON a.k = b.user_id;
SELECT COUNT(*) FROM (SELECT MAX(user_id) AS user_id FROM orders GROUP BY status) a JOIN users b USING (user_id);
SELECT COUNT(*) FROM (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id WITH ROLLUP) a LEFT JOIN users b USING (user_id);
SELECT a.user_id, b.user_id FROM (SELECT user_id FROM users ORDER BY age, user_id LIMIT 3) a LEFT JOIN orders b USING (user_id) ORDER BY 1, b.order_id;
SELECT user_id FROM users NATURAL JOIN vips ORDER BY 1;
#: empty
SELECT user_id FROM users NATURAL JOIN orders ORDER BY 1;
SELECT * FROM vips NATURAL RIGHT JOIN (SELECT user_id, order_id FROM orders) o ORDER BY user_id, order_id;
SELECT * FROM orders JOIN order_items USING (order_id, user_id) JOIN vips USING (user_id) ORDER BY order_id, line_no;
SELECT user_id, COUNT(*) FROM users RIGHT JOIN orders USING (user_id) GROUP BY user_id ORDER BY user_id;
# Conditions on keys.
#: empty
SELECT user_id FROM users WHERE user_id = 5 AND user_id = 6;
SELECT user_id FROM users WHERE user_id = 5 XOR user_id = 6 ORDER BY 1;
#: empty
SELECT user_id FROM users WHERE user_id <=> NULL;
#: empty
SELECT user_id FROM users WHERE user_id = 5.5;
SELECT user_id FROM users WHERE user_id = 5 IS FALSE ORDER BY 1;
SELECT user_id FROM users WHERE user_id = 5 = 0 ORDER BY 1;
#: empty
SELECT user_id FROM users WHERE user_id = 5 <=> NULL;
#: empty
SELECT user_id FROM users WHERE ! user_id = 5;
SELECT user_id FROM users WHERE -user_id = -5;
SELECT user_id FROM users WHERE user_id = 5 | 1 ORDER BY 1;
SELECT user_id FROM users WHERE user_id = 5 DIV 1 || user_id = 7 % 100 ORDER BY 1;
SELECT user_id FROM users WHERE user_id = TRUE OR user_id = 4 + TRUE ORDER BY 1;
SELECT user_id FROM users WHERE user_id = 5 OR 1 ORDER BY 1;
SELECT user_id FROM users WHERE user_id IN (5, NULL, '6', 7.0, 8e0, 0x09, 10.4) ORDER BY 1;
#: empty
SELECT user_id FROM users WHERE user_id NOT IN (5, NULL);
SELECT user_id FROM users WHERE NOT (user_id > 5 OR user_id < 3) ORDER BY 1;
SELECT user_id FROM users WHERE user_id LIKE '5%' ORDER BY 1;
SELECT user_id FROM users WHERE CASE WHEN user_id = 5 THEN 0 ELSE user_id < 9 END ORDER BY 1;
SELECT user_id FROM users WHERE IF(user_id = 5, FALSE, TRUE) AND user_id BETWEEN 3 AND 8 ORDER BY 1;
SELECT user_id FROM users WHERE user_id = (SELECT MAX(user_id) FROM users) OR user_id = (SELECT MIN(user_id) FROM orders) ORDER BY 1;
SELECT user_id FROM users WHERE user_id = ANY (SELECT user_id FROM vips) AND user_id <> ALL (SELECT user_id FROM orders WHERE total > 100000000) ORDER BY 1;
SELECT id FROM events WHERE id BETWEEN 99.5 AND '1500' ORDER BY 1;
SELECT id FROM events WHERE id NOT BETWEEN 500 AND 2500 ORDER BY 1;
#: empty
SELECT id FROM events WHERE id BETWEEN 2000 AND 1000;
SELECT COUNT(*) FROM events WHERE id >= 1e3 AND id < 2E3;
SELECT COUNT(*) FROM events WHERE id < 18446744073709551615 AND id > -9223372036854775808;
SELECT page, visitor FROM visits WHERE page = '/shop' OR page = '/SHOP  ' ORDER BY 1, 2;
SELECT COUNT(*) FROM visits WHERE page = 0;
SELECT COUNT(*) FROM visits WHERE page IN (0, '/shop');
SELECT COUNT(*) FROM visits WHERE page = BINARY '/shop' OR BINARY page = '/Shop';
SELECT COUNT(*) FROM visits WHERE page = '/shop' COLLATE utf8mb4_bin;
SELECT COUNT(*) FROM visits WHERE page BETWEEN '/' AND '/m' AND page <> '/shop';
SELECT COUNT(*) FROM visits WHERE page LIKE '/s%' AND page NOT LIKE '%P' COLLATE utf8mb4_bin;
SELECT COUNT(*) FROM visits a JOIN visits b ON a.page = b.page AND a.visitor = b.visitor;
SELECT COUNT(*) FROM visits a JOIN visits b ON a.page = b.page COLLATE utf8mb4_bin;
SELECT COUNT(*) FROM visits a JOIN users u ON a.page = u.name COLLATE utf8mb4_general_ci;

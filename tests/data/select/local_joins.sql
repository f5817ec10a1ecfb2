# Joins, subqueries, derived tables and CTEs whose rows meet on one shard: binding groups on the key,
# broadcast tables.
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id;
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id ORDER BY u.user_id, o.order_id;
SELECT users.user_id, order_id, name FROM users JOIN orders USING (user_id) ORDER BY order_id;
SELECT * FROM users JOIN orders USING (user_id) ORDER BY order_id LIMIT 5;
SELECT u.name, o.total FROM users u, orders o WHERE u.user_id = o.user_id AND o.status = 'sent';
SELECT u.user_id, o.order_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id ORDER BY u.user_id, o.order_id;
SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE o.order_id IS NULL ORDER BY u.user_id;
SELECT u.user_id, o.order_id FROM orders o RIGHT JOIN users u ON o.user_id = u.user_id ORDER BY u.user_id, o.order_id;
SELECT u.name, o.order_id, i.line_no, i.amount FROM users u JOIN orders o ON o.user_id = u.user_id JOIN order_items i ON i.user_id = o.user_id AND i.order_id = o.order_id ORDER BY o.order_id, i.line_no;
SELECT o.order_id, SUM(i.amount) AS s FROM orders o JOIN order_items i ON i.user_id = o.user_id AND i.order_id = o.order_id GROUP BY o.order_id ORDER BY s DESC, o.order_id LIMIT 8;
SELECT u.user_id, COUNT(o.order_id), SUM(o.total) FROM users u LEFT JOIN orders o USING (user_id) GROUP BY u.user_id ORDER BY u.user_id;
SELECT COUNT(*) FROM users JOIN orders USING (user_id);
SELECT a.order_id, b.order_id FROM orders a JOIN orders b ON a.user_id = b.user_id AND a.order_id < b.order_id ORDER BY 1, 2;
SELECT u.user_id, r.name FROM users u JOIN regions r ON r.region_id = u.region_id;
SELECT u.user_id, r.name FROM users u LEFT JOIN regions r ON r.region_id = u.region_id ORDER BY u.user_id;
SELECT r.name, COUNT(*) FROM users u JOIN regions r USING (region_id) GROUP BY r.region_id, r.name ORDER BY r.region_id;
SELECT r.name, p.name, u.user_id FROM users u JOIN regions r ON r.region_id = u.region_id LEFT JOIN regions p ON p.region_id = r.parent_id ORDER BY u.user_id;
SELECT a.name, b.name FROM regions a JOIN regions b ON a.region_id = b.parent_id ORDER BY a.region_id, b.region_id;
SELECT e.id, r.name FROM events e JOIN regions r ON r.region_id = e.value ORDER BY e.id;
SELECT p.product_id, r.name FROM products p, regions r WHERE p.stock = r.region_id ORDER BY 1, r.region_id;
SELECT u.user_id, o.order_id, r.name FROM users u JOIN orders o USING (user_id) JOIN regions r ON r.region_id = o.region_id ORDER BY o.order_id;
SELECT u.user_id, r.region_id FROM users u CROSS JOIN regions r WHERE u.user_id < 5 ORDER BY 1, 2;
SELECT v.title, u.name FROM vips v JOIN users u USING (user_id) ORDER BY user_id;
SELECT u.user_id, v.bonus FROM users u LEFT JOIN vips v USING (user_id) ORDER BY v.bonus DESC, u.user_id LIMIT 5;
SELECT u.name, o.order_id FROM users u JOIN orders o ON o.user_id = u.user_id WHERE u.user_id = 5 ORDER BY 2;
SELECT user_id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id) ORDER BY user_id;
SELECT user_id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id AND o.status = 'paid') ORDER BY user_id;
SELECT user_id, (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.user_id) AS n FROM users u ORDER BY user_id;
SELECT user_id, (SELECT r.name FROM regions r WHERE r.region_id = u.region_id) AS region FROM users u ORDER BY user_id;
SELECT user_id FROM users WHERE region_id IN (SELECT region_id FROM regions WHERE tax > 0.1) ORDER BY user_id;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders WHERE total > 100) ORDER BY user_id;
SELECT d.user_id, d.n FROM (SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id) d JOIN users u ON u.user_id = d.user_id ORDER BY d.n DESC, d.user_id;
SELECT u.user_id, t.s FROM users u LEFT JOIN (SELECT user_id, SUM(total) AS s FROM orders GROUP BY user_id) t ON t.user_id = u.user_id ORDER BY u.user_id;
WITH o AS (SELECT user_id, total FROM orders WHERE status = 'paid') SELECT u.user_id, o.total FROM users u JOIN o ON o.user_id = u.user_id ORDER BY u.user_id, o.total;
SELECT * FROM (SELECT user_id, name FROM users) x ORDER BY user_id;
SELECT user_id FROM (SELECT user_id, age FROM users WHERE age > 2) x WHERE age < 6 ORDER BY user_id;
SELECT * FROM users NATURAL JOIN vips ORDER BY user_id;
SELECT STRAIGHT_JOIN u.user_id FROM users u JOIN vips v ON v.user_id = u.user_id ORDER BY 1;
SELECT u.user_id FROM users u INNER JOIN (orders o INNER JOIN order_items i ON i.user_id = o.user_id AND i.order_id = o.order_id) ON o.user_id = u.user_id WHERE i.qty > 3 ORDER BY u.user_id, o.order_id, i.line_no;
SELECT s.name, r.name FROM settings s JOIN regions r ON r.region_id = s.num ORDER BY 1, 2;
#: empty
SELECT u.user_id FROM users u JOIN returns t USING (user_id);
# As ODBC writes them.
SELECT u.user_id, o.order_id FROM {oj users u LEFT OUTER JOIN orders o ON o.user_id = u.user_id AND o.total > 20} WHERE u.user_id < 9 ORDER BY 1, 2;
SELECT u.user_id, o.order_id FROM { OJ users u LEFT JOIN orders o ON o.order_id = u.user_id AND o.placed > {d '2020-01-01'} AND o.total > 5 }, regions r WHERE r.region_id = u.region_id AND u.age > 1 ORDER BY 1, 2;
#: mysql
SELECT COUNT(*) FROM {oj {oj users u LEFT JOIN orders o ON o.user_id = u.user_id} LEFT JOIN events e ON e.user_id = u.user_id AND e.value > 1};
SELECT u.user_id FROM {oj users u LEFT JOIN orders o ON o.user_id = u.user_id AND u.user_id = 5} ORDER BY 1;
SELECT u.user_id, o.order_id FROM {oj users u LEFT JOIN orders o ON o.user_id = u.user_id} WHERE u.user_id = 5 ORDER BY 2;
SELECT {fn UCASE(u.level)} AS l, COUNT(*) FROM users u WHERE u.created > {ts '1990-01-01 00:00:00'} GROUP BY {fn UCASE(u.level)} ORDER BY l;

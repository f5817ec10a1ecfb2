# INTERSECT and EXCEPT, and set operations in subqueries.
SELECT user_id FROM users INTERSECT SELECT user_id FROM orders;
SELECT user_id FROM users EXCEPT SELECT user_id FROM orders;
SELECT user_id FROM users EXCEPT SELECT user_id FROM orders ORDER BY user_id LIMIT 5;
SELECT user_id FROM events INTERSECT SELECT user_id FROM users ORDER BY user_id DESC;
SELECT user_id FROM orders EXCEPT ALL SELECT user_id FROM users;
SELECT user_id FROM orders INTERSECT ALL SELECT user_id FROM orders WHERE status = 'paid';
SELECT user_id FROM users INTERSECT SELECT user_id FROM orders EXCEPT SELECT user_id FROM events WHERE user_id IS NOT NULL;
SELECT user_id FROM users UNION SELECT order_id FROM orders INTERSECT SELECT id FROM events ORDER BY 1;
(SELECT user_id FROM users UNION SELECT order_id FROM orders) EXCEPT SELECT user_id FROM orders ORDER BY 1;
SELECT age FROM users EXCEPT SELECT value FROM events ORDER BY age;
SELECT region_id FROM regions EXCEPT SELECT region_id FROM users;
SELECT region_id FROM regions INTERSECT SELECT num FROM settings;
SELECT region_id, age FROM users INTERSECT SELECT value, value FROM events;
SELECT COUNT(*) FROM (SELECT user_id FROM users EXCEPT SELECT user_id FROM orders) d;
SELECT COUNT(*) FROM (SELECT user_id FROM users UNION ALL SELECT user_id FROM orders) d;
SELECT user_id, COUNT(*) FROM (SELECT user_id FROM orders UNION ALL SELECT user_id FROM events) d GROUP BY user_id ORDER BY 2 DESC, 1;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders UNION SELECT user_id FROM events) ORDER BY 1;
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders INTERSECT SELECT user_id FROM events) ORDER BY 1;
SELECT user_id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.user_id UNION SELECT 1 FROM events e WHERE e.user_id = u.user_id) ORDER BY 1;
SELECT (SELECT MAX(total) FROM orders UNION SELECT MAX(total) FROM orders) AS m;
#: folded
SELECT d.k, COUNT(*) FROM (SELECT status AS k FROM orders UNION ALL SELECT note FROM orders WHERE order_id < 20) d GROUP BY d.k ORDER BY d.k;
SELECT a.user_id FROM (SELECT user_id FROM users UNION SELECT user_id FROM vips) a JOIN (SELECT user_id FROM orders UNION SELECT user_id FROM events) b USING (user_id) ORDER BY 1;
#: mysql
VALUES ROW(1, 'a'), ROW(2, 'b');
#: mysql
SELECT user_id FROM vips UNION VALUES ROW(1), ROW(2) ORDER BY 1;
#: mysql
SELECT * FROM (VALUES ROW(1, 2), ROW(3, 4)) v ORDER BY 1;
# As values, and as operands of values.
SELECT ((SELECT MAX(user_id) FROM orders) INTERSECT (SELECT MAX(user_id) FROM orders)) AS m;
SELECT user_id, user_id + ((SELECT COUNT(*) FROM orders) UNION (SELECT COUNT(*) FROM orders)) AS d FROM users ORDER BY user_id LIMIT 3;
SELECT user_id FROM users WHERE user_id < ((SELECT MIN(id) FROM events) EXCEPT (SELECT 0)) + 3 ORDER BY 1;
SELECT ((SELECT 1) + (SELECT COUNT(*) FROM users)) AS s, (((SELECT MAX(age) FROM users))) AS m;
#: error 1242
SELECT ((SELECT user_id FROM users) UNION (SELECT order_id FROM orders)) AS too_many;

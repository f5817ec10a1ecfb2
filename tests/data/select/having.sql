# HAVING.
SELECT status, COUNT(*) FROM orders GROUP BY status HAVING COUNT(*) > 20;
SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id HAVING n >= 3 ORDER BY n DESC, user_id;
SELECT user_id, SUM(total) FROM orders GROUP BY user_id HAVING SUM(total) > 1000 ORDER BY user_id;
SELECT user_id, AVG(total) FROM orders GROUP BY user_id HAVING AVG(total) BETWEEN 10 AND 500 ORDER BY user_id;
SELECT user_id FROM orders GROUP BY user_id HAVING COUNT(*) = 1 ORDER BY user_id;
SELECT user_id FROM orders GROUP BY user_id HAVING MAX(placed) > '2024-01-01' ORDER BY user_id;
SELECT status, MIN(total) FROM orders GROUP BY status HAVING MIN(total) < 0;
SELECT age, COUNT(*) FROM users GROUP BY age HAVING age IS NOT NULL ORDER BY age;
SELECT age, COUNT(*) FROM users GROUP BY age HAVING age > 2 AND COUNT(*) > 3 ORDER BY age;
SELECT level, COUNT(*) FROM users GROUP BY level HAVING level <> 'top' OR COUNT(*) > 10;
SELECT user_id % 5 AS b, COUNT(*) AS n FROM orders GROUP BY b HAVING b IN (1, 3, -3) ORDER BY b;
SELECT user_id, COUNT(DISTINCT status) FROM orders GROUP BY user_id HAVING COUNT(DISTINCT status) > 2 ORDER BY user_id;
SELECT user_id, COUNT(*) FROM orders GROUP BY user_id HAVING COUNT(*) > 2 AND NOT SUM(total) IS NULL ORDER BY user_id LIMIT 3;
SELECT region_id, AVG(age) FROM users GROUP BY region_id HAVING AVG(age) > (SELECT AVG(age) FROM users) ORDER BY region_id;
#: folded
SELECT kind, SUM(amount) FROM events GROUP BY kind HAVING kind LIKE 'b%';
#: folded
SELECT category, COUNT(*) FROM products GROUP BY category HAVING category = 'toys';
SELECT COUNT(*) FROM users HAVING COUNT(*) > 10;
#: empty
SELECT COUNT(*) FROM users HAVING COUNT(*) > 1000;
SELECT user_id, age FROM users HAVING age > 5 ORDER BY user_id;
SELECT user_id, age * 2 AS twice FROM users HAVING twice > 6 ORDER BY user_id;
SELECT status, GROUP_CONCAT(order_id ORDER BY order_id) AS ids FROM orders GROUP BY status HAVING ids LIKE '1%';
#: empty
SELECT status, COUNT(*) FROM orders GROUP BY status HAVING FALSE;
SELECT order_id, SUM(qty) AS q FROM order_items GROUP BY order_id HAVING q > 5 ORDER BY order_id;
SELECT order_id FROM order_items GROUP BY order_id HAVING SUM(qty * price) > 100 AND COUNT(*) < 3 ORDER BY order_id;
SELECT user_id, COUNT(*) FROM orders WHERE status <> 'back' GROUP BY user_id HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, user_id;

# What the generator has found.
#: error 1054
SELECT value FROM events e HAVING e.kind = 'view' ORDER BY e.kind;

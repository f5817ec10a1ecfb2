# Window functions.
SELECT user_id, ROW_NUMBER() OVER (ORDER BY user_id) AS n FROM users ORDER BY user_id;
SELECT order_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY order_id) AS n FROM orders ORDER BY order_id;
SELECT order_id, RANK() OVER (ORDER BY total) AS r, DENSE_RANK() OVER (ORDER BY total) AS d FROM orders ORDER BY order_id;
SELECT order_id, RANK() OVER (PARTITION BY status ORDER BY total DESC) AS r FROM orders ORDER BY order_id;
SELECT order_id, SUM(total) OVER (PARTITION BY user_id) AS s FROM orders ORDER BY order_id;
SELECT order_id, SUM(total) OVER (ORDER BY order_id) AS running FROM orders ORDER BY order_id;
SELECT order_id, SUM(total) OVER (ORDER BY order_id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS s FROM orders ORDER BY order_id;
SELECT order_id, AVG(total) OVER (PARTITION BY region_id) FROM orders ORDER BY order_id;
SELECT order_id, COUNT(*) OVER () AS n FROM orders ORDER BY order_id LIMIT 5;
SELECT user_id, age, AVG(age) OVER (PARTITION BY region_id) AS a, MAX(age) OVER () AS m FROM users ORDER BY user_id;
SELECT user_id, LAG(user_id) OVER (ORDER BY user_id) AS l, LEAD(user_id, 2) OVER (ORDER BY user_id) AS d FROM users ORDER BY user_id;
#: mysql
SELECT user_id, LAG(age, 1, -1) OVER (PARTITION BY region_id ORDER BY user_id) AS l FROM users ORDER BY user_id;
SELECT user_id, FIRST_VALUE(user_id) OVER (PARTITION BY age ORDER BY user_id) AS f FROM users ORDER BY user_id;
SELECT user_id, LAST_VALUE(user_id) OVER (PARTITION BY age ORDER BY user_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS l FROM users ORDER BY user_id;
SELECT user_id, NTH_VALUE(user_id, 2) OVER (PARTITION BY age ORDER BY user_id) AS n FROM users ORDER BY user_id;
SELECT user_id, NTILE(4) OVER (ORDER BY user_id) AS q FROM users ORDER BY user_id;
SELECT user_id, PERCENT_RANK() OVER (ORDER BY age) AS p, CUME_DIST() OVER (ORDER BY age) AS c FROM users ORDER BY user_id;
SELECT user_id, RANK() OVER w AS r, COUNT(*) OVER w AS c FROM users WINDOW w AS (PARTITION BY level ORDER BY age) ORDER BY user_id;
SELECT status, SUM(COUNT(*)) OVER () AS total, COUNT(*) AS n FROM orders GROUP BY status ORDER BY status;
SELECT user_id, SUM(total) AS s, RANK() OVER (ORDER BY SUM(total) DESC) AS r FROM orders GROUP BY user_id ORDER BY r, user_id;
SELECT * FROM (SELECT order_id, user_id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY total DESC, order_id) AS n FROM orders) d WHERE n = 1 ORDER BY order_id;
SELECT u.user_id, o.order_id, ROW_NUMBER() OVER (PARTITION BY u.user_id ORDER BY o.order_id) AS n FROM users u JOIN orders o USING (user_id) ORDER BY o.order_id;
SELECT id, COUNT(*) OVER (PARTITION BY kind) AS n FROM events ORDER BY id;
SELECT id, SUM(amount) OVER (ORDER BY id DESC) AS s FROM events ORDER BY id;
SELECT id, MIN(value) OVER (ORDER BY id ROWS 3 PRECEDING) AS m FROM events ORDER BY id;
SELECT DISTINCT age, COUNT(*) OVER (PARTITION BY age) AS n FROM users ORDER BY age;
SELECT user_id, ROW_NUMBER() OVER (ORDER BY age DESC, user_id) AS n FROM users WHERE age IS NOT NULL ORDER BY n LIMIT 10;
SELECT name, RANK() OVER (ORDER BY name) AS r, user_id FROM users ORDER BY r, user_id;
SELECT user_id, ROW_NUMBER() OVER (ORDER BY user_id) AS n FROM orders WHERE user_id = 5 ORDER BY n;
SELECT region_id, RANK() OVER (ORDER BY tax) AS r FROM regions ORDER BY region_id;
SELECT order_id, total - LAG(total) OVER (ORDER BY order_id) AS step FROM orders ORDER BY order_id;
SELECT order_id FROM orders ORDER BY ROW_NUMBER() OVER (ORDER BY total DESC, order_id) LIMIT 5;
#: mysql
SELECT order_id, SUM(total) OVER (ORDER BY placed RANGE BETWEEN INTERVAL 1 YEAR PRECEDING AND CURRENT ROW) AS s FROM orders ORDER BY order_id;
SELECT user_id, COUNT(*) OVER (ORDER BY age RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS n FROM users ORDER BY user_id;

# The window's name is no alias.
SELECT SUM(shop.settings.num) OVER w FROM settings WINDOW w AS (ORDER BY name);

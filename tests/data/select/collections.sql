# What the statement collections of other projects found, on our own tables.

# ORDER BY of the only row that aggregates without GROUP BY give: it is left out, whatever it names.
SELECT COUNT(*) FROM users ORDER BY name;
SELECT COUNT(*) FROM users WHERE age > 30 ORDER BY age DESC, users.city;
SELECT SUM(total), MAX(placed) AS last FROM orders ORDER BY status, last DESC, 1;
SELECT MIN(name) FROM users ORDER BY born LIMIT 1;
SELECT COUNT(*) FROM users ORDER BY COUNT(age) + 1, SUM(score);
SELECT COUNT(DISTINCT city) FROM users ORDER BY name;
SELECT COUNT(DISTINCT city) FROM users ORDER BY 1;
SELECT COUNT(*) AS n FROM users HAVING n > 3 ORDER BY age;
SELECT COUNT(*) FROM users u JOIN orders o USING (user_id) ORDER BY o.status, u.user_id;
SELECT COUNT(*) FROM returns ORDER BY qty;
SELECT 7 FROM users HAVING COUNT(*) > 1 ORDER BY MAX(age), name;

# ANY_VALUE is no aggregate: without GROUP BY and aggregates beside it, each row has its own.
#: mysql
SELECT ANY_VALUE(name) FROM users;
#: mysql
SELECT ANY_VALUE(user_id), ANY_VALUE(age) FROM users ORDER BY user_id DESC LIMIT 5;
#: mysql
SELECT ANY_VALUE(user_id) + 1 AS n FROM users WHERE ANY_VALUE(user_id) > 3 ORDER BY n;
#: mysql
SELECT user_id FROM users ORDER BY ANY_VALUE(age), user_id;
#: mysql
SELECT user_id FROM orders WHERE user_id IN (SELECT ANY_VALUE(user_id) FROM vips) ORDER BY order_id;
#: mysql
SELECT u.user_id, (SELECT ANY_VALUE(title) FROM vips v WHERE v.user_id = u.user_id) AS t FROM users u ORDER BY 1;
#: mysql
SELECT region_id FROM regions r WHERE EXISTS (SELECT ANY_VALUE(o.total) FROM orders o WHERE o.region_id = r.region_id) ORDER BY 1;
#: mysql
SELECT ANY_VALUE(7), COUNT(*), MAX(age) FROM users;
#: mysql, folded
SELECT city, ANY_VALUE(city) FROM users GROUP BY city ORDER BY 1;

# An aggregate in a subquery that has none of its columns is that of the query around it.
SELECT (SELECT MAX(age)) FROM users;
SELECT (SELECT SUM(users.score) FROM dual) AS s FROM users WHERE user_id > 2;
SELECT 1 IN (SELECT (SELECT MAX(age))) AS x FROM users;
SELECT d.x FROM (SELECT (SELECT COUNT(total)) AS x FROM orders) d;
SELECT (SELECT SUM(u.age) FROM regions r WHERE r.region_id = 1) AS s FROM users u;
SELECT (SELECT SUM(age) FROM regions WHERE region_id = 1) AS s FROM users;
SELECT status, (SELECT MAX(o.total)) AS m FROM orders o GROUP BY status ORDER BY status;
SELECT status FROM orders GROUP BY status ORDER BY (SELECT COUNT(total)), status;
SELECT status FROM orders GROUP BY status HAVING (SELECT COUNT(total)) > 1 ORDER BY status;
SELECT (SELECT MAX(age)) FROM users UNION ALL SELECT (SELECT MIN(total)) FROM orders;
SELECT u.user_id, (SELECT SUM(o.total + u.age) FROM orders o WHERE o.user_id = u.user_id) AS s FROM users u ORDER BY 1;
SELECT a.user_id FROM users a WHERE EXISTS (SELECT (SELECT MAX(b.bonus)) FROM vips b WHERE b.user_id = a.user_id AND b.user_id = 3) ORDER BY 1;

# UNION and UNION ALL with ORDER BY and LIMIT.
SELECT user_id FROM users UNION ALL SELECT user_id FROM orders;
SELECT user_id FROM users UNION SELECT user_id FROM orders;
SELECT user_id FROM users UNION DISTINCT SELECT user_id FROM events;
SELECT user_id FROM users UNION SELECT user_id FROM orders ORDER BY user_id;
SELECT user_id FROM users UNION ALL SELECT user_id FROM orders ORDER BY user_id DESC LIMIT 10;
SELECT user_id, 'u' AS origin FROM users UNION ALL SELECT order_id, 'o' FROM orders ORDER BY origin, user_id;
SELECT user_id AS id FROM users UNION SELECT order_id FROM orders UNION SELECT id FROM events ORDER BY id LIMIT 20, 10;
SELECT user_id FROM users UNION ALL SELECT user_id FROM users UNION SELECT user_id FROM vips;
SELECT user_id FROM users UNION SELECT user_id FROM vips UNION ALL SELECT user_id FROM vips;
(SELECT user_id FROM users) UNION (SELECT order_id FROM orders);
(SELECT user_id FROM users ORDER BY user_id LIMIT 3) UNION ALL (SELECT user_id FROM users ORDER BY user_id DESC LIMIT 3);
(SELECT user_id FROM users ORDER BY user_id LIMIT 5) UNION (SELECT user_id FROM orders ORDER BY user_id LIMIT 5) ORDER BY user_id DESC;
(SELECT user_id, age FROM users ORDER BY age DESC, user_id LIMIT 4) UNION ALL (SELECT order_id, paid FROM orders ORDER BY order_id LIMIT 4) ORDER BY 2, 1;
#: folded
SELECT status FROM orders UNION SELECT note FROM orders;
#: folded
SELECT name FROM users UNION SELECT name FROM products;
#: folded
SELECT name FROM users WHERE user_id < 20 UNION SELECT name FROM regions ORDER BY name;
SELECT name FROM users UNION ALL SELECT name FROM products ORDER BY name LIMIT 12;
SELECT code FROM users UNION SELECT gift FROM order_items ORDER BY code;
SELECT age FROM users UNION SELECT score FROM users;
SELECT age FROM users UNION ALL SELECT rating FROM users WHERE user_id < 10;
SELECT user_id, name FROM users UNION ALL SELECT NULL, NULL ORDER BY user_id, name;
SELECT born FROM users UNION SELECT DATE(placed) FROM orders ORDER BY born;
SELECT 1 AS n UNION SELECT user_id FROM users WHERE user_id BETWEEN 1 AND 5 ORDER BY n;
SELECT 1 UNION SELECT 2 UNION SELECT 2;
SELECT region_id, name FROM regions UNION SELECT num, name FROM settings ORDER BY 2, 1;
SELECT region_id FROM regions UNION SELECT region_id FROM users ORDER BY region_id;
SELECT region_id FROM regions UNION ALL SELECT region_id FROM users WHERE user_id = 5;
SELECT user_id FROM users WHERE user_id = 4 UNION SELECT user_id FROM orders WHERE user_id = 4;
SELECT user_id FROM users WHERE user_id = 4 UNION ALL SELECT user_id FROM users WHERE user_id = 5;
SELECT user_id FROM users WHERE age > 3 UNION SELECT user_id FROM users WHERE region_id = 2 ORDER BY 1;
SELECT COUNT(*) FROM users UNION ALL SELECT COUNT(*) FROM orders;
SELECT status, COUNT(*) AS n FROM orders GROUP BY status UNION ALL SELECT 'all', COUNT(*) FROM orders ORDER BY n, status;
SELECT DISTINCT status FROM orders UNION ALL SELECT DISTINCT status FROM orders;
SELECT * FROM vips UNION ALL SELECT * FROM vips ORDER BY user_id;
SELECT user_id FROM returns UNION ALL SELECT user_id FROM vips;
SELECT doc FROM users WHERE user_id < 10 UNION SELECT payload FROM events WHERE id < 500;
SELECT user_id FROM users UNION SELECT user_id FROM orders LIMIT 4;
SELECT user_id FROM users UNION ALL SELECT user_id FROM orders LIMIT 100, 20;
#: mysql
TABLE vips UNION TABLE vips;
SELECT HEX(token) FROM users UNION SELECT HEX(avatar) FROM users ORDER BY 1;
SELECT big FROM users UNION SELECT -1 ORDER BY big;

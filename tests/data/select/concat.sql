# Rows of several shards one after the other, in any order: projections and conditions.
SELECT * FROM users;
SELECT * FROM orders;
SELECT * FROM order_items;
SELECT * FROM products;
SELECT * FROM events;
SELECT * FROM visits;
SELECT * FROM vips;
SELECT * FROM regions;
SELECT * FROM settings;
#: empty
SELECT * FROM returns;
SELECT user_id, name FROM users;
SELECT user_id FROM users WHERE user_id = 5;
SELECT user_id, name FROM users WHERE user_id IN (1, 2, 3, 4, 5, 6);
SELECT user_id, order_id FROM orders WHERE user_id IN (-7, 0, 9007199254740993);
SELECT user_id FROM users WHERE user_id BETWEEN 3 AND 9;
SELECT user_id FROM users WHERE user_id > 40 OR name = 'anna';
SELECT user_id, name FROM users WHERE name = 'ANNA';
SELECT user_id, code FROM users WHERE code = 'a';
SELECT user_id, nick FROM users WHERE nick LIKE 'a%';
SELECT user_id, city FROM users WHERE city = 'köln';
SELECT user_id FROM users WHERE name IS NULL;
SELECT user_id FROM users WHERE score IS NOT NULL AND score > 0;
SELECT user_id FROM users WHERE age <=> NULL;
SELECT user_id, big FROM users WHERE big > 9223372036854775807;
SELECT user_id, balance FROM users WHERE balance BETWEEN -0.0000000001 AND 0.0000000001;
SELECT user_id, level + 0, level FROM users WHERE level > 'a';
SELECT user_id, tags FROM users WHERE FIND_IN_SET('blue', tags);
SELECT user_id, flags + 0 FROM users WHERE flags & b'101';
SELECT user_id, born FROM users WHERE born >= '2000-01-01';
SELECT user_id, created FROM users WHERE created > '2024-01-01 00:00:00';
SELECT user_id, HEX(token), HEX(avatar) FROM users WHERE token IS NOT NULL;
SELECT id, payload FROM events WHERE id BETWEEN 900 AND 2100;
SELECT id FROM events WHERE id < 1000;
SELECT id, user_id + 1, value * 2, amount / 3 FROM events;
SELECT page, visitor FROM visits WHERE page = '/HOME';
SELECT page, seconds FROM visits WHERE page IN ('/', '/shop', '/9') AND seconds > 100;
SELECT CONCAT(name, ' ', nick) AS both_names, UPPER(name), CHAR_LENGTH(name) FROM users;
SELECT CASE WHEN age < 0 THEN 'negative' WHEN age IS NULL THEN 'none' ELSE age END AS shown FROM users;
SELECT IF(paid, total, -total), COALESCE(note, status), NULLIF(total, 10) FROM orders;
SELECT user_id, user_id, user_id AS user_id FROM users;
SELECT u.*, u.name AS again FROM users AS u;
SELECT users.user_id, users.* FROM users;
SELECT 1, 'x', NULL, 2.50, TRUE FROM users;
SELECT 1 FROM events WHERE FALSE OR value = 3;
#: empty
SELECT user_id, name FROM users WHERE 1 = 0;
#: empty
SELECT * FROM users WHERE user_id = 123456789;
SELECT user_id FROM users WHERE NOT (age > 3 AND score > 0);
SELECT user_id FROM users WHERE (age, region_id) IN ((1, 2), (3, 4), (5, 1), (2, 2), (4, 8));
SELECT user_id FROM users WHERE name REGEXP '^[a-c]';
SELECT user_id, name FROM users WHERE user_id % 7 = 3;
#: mysql
TABLE vips;
SELECT ALL user_id FROM vips;
SELECT order_id, line_no, amount FROM order_items WHERE amount > 20;
SELECT product_id, secret FROM products WHERE product_id < 5;
SELECT order_id, DATE(placed), YEAR(placed), DATE_FORMAT(placed, '%Y-%m') FROM orders;
SELECT user_id, doc FROM users WHERE JSON_TYPE(doc) = 'OBJECT';
#: mysql
SELECT user_id, doc->'$.a', doc->>'$.a.b[1]' FROM users;
SELECT product_id, JSON_EXTRACT(attrs, '$.size') FROM products;
SELECT user_id, bio FROM users WHERE LENGTH(bio) > 100;
SELECT name FROM users WHERE name = 'strasse';
SELECT name FROM users WHERE name COLLATE utf8mb4_bin = 'Anna';
SELECT user_id, wakes, ADDTIME(wakes, '01:00:00') FROM users WHERE wakes < '20:00:00';

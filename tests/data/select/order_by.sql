# ORDER BY: types, collations, NULLs, directions, several keys, expressions, ordinals, aliases, columns
# that are not selected.
SELECT * FROM users ORDER BY user_id;
SELECT * FROM users ORDER BY user_id DESC;
SELECT user_id FROM orders ORDER BY user_id;
SELECT order_id, user_id FROM orders ORDER BY user_id, order_id;
SELECT order_id, user_id FROM orders ORDER BY user_id DESC, order_id;
SELECT order_id, user_id FROM orders ORDER BY user_id, order_id DESC;
SELECT order_id, status, total FROM orders ORDER BY status, total DESC, order_id;
SELECT name, user_id FROM users ORDER BY name, user_id;
SELECT name, user_id FROM users ORDER BY name DESC, user_id DESC;
SELECT nick, user_id FROM users ORDER BY nick, user_id;
SELECT nick, user_id FROM users ORDER BY nick DESC, user_id;
SELECT code, user_id FROM users ORDER BY code, user_id;
SELECT city, user_id FROM users ORDER BY city, user_id;
SELECT city, user_id FROM users ORDER BY city DESC, user_id;
SELECT fixed, user_id FROM users ORDER BY fixed, user_id;
SELECT HEX(fixed_bytes), user_id FROM users ORDER BY fixed_bytes, user_id;
SELECT HEX(token), user_id FROM users ORDER BY token, user_id;
SELECT avatar, user_id FROM users ORDER BY avatar, user_id;
SELECT bio, user_id FROM users ORDER BY bio, user_id;
SELECT age, user_id FROM users ORDER BY age, user_id;
SELECT age, user_id FROM users ORDER BY age DESC, user_id;
SELECT score, user_id FROM users ORDER BY score, user_id;
SELECT balance, user_id FROM users ORDER BY balance DESC, user_id;
SELECT big, user_id FROM users ORDER BY big, user_id;
SELECT big, user_id FROM users ORDER BY big DESC, user_id;
SELECT rating, user_id FROM users ORDER BY rating, user_id;
SELECT height, user_id FROM users ORDER BY height, user_id;
SELECT height, user_id FROM users ORDER BY height DESC, user_id;
SELECT level, user_id FROM users ORDER BY level, user_id;
SELECT level, user_id FROM users ORDER BY level DESC, user_id;
SELECT tags, user_id FROM users ORDER BY tags, user_id;
SELECT flags, user_id FROM users ORDER BY flags, user_id;
SELECT born, user_id FROM users ORDER BY born, user_id;
SELECT created, user_id FROM users ORDER BY created, user_id;
SELECT created, user_id FROM users ORDER BY created DESC, user_id DESC;
SELECT wakes, user_id FROM users ORDER BY wakes, user_id;
SELECT wakes, user_id FROM users ORDER BY wakes DESC, user_id;
SELECT joined, user_id FROM users ORDER BY joined, user_id;
SELECT seen, user_id FROM users ORDER BY seen, user_id;
SELECT doc, user_id FROM users ORDER BY doc, user_id;
SELECT doc, user_id FROM users ORDER BY doc DESC, user_id;
# Only partly ordered.
SELECT name FROM users ORDER BY name;
SELECT user_id, age FROM users ORDER BY age;
SELECT user_id, level FROM users ORDER BY level DESC;
SELECT order_id, status FROM orders ORDER BY status;
SELECT page, visitor FROM visits ORDER BY page;
SELECT id, kind FROM events ORDER BY kind;
SELECT id, kind FROM events ORDER BY kind DESC, value;
SELECT product_id, category FROM products ORDER BY category;
# Expressions.
SELECT user_id FROM users ORDER BY -user_id;
SELECT user_id, age FROM users ORDER BY ABS(age), user_id;
SELECT user_id, age + region_id FROM users ORDER BY age + region_id, user_id;
SELECT user_id, name FROM users ORDER BY UPPER(name), user_id;
SELECT user_id, name FROM users ORDER BY CHAR_LENGTH(name) DESC, user_id;
SELECT user_id, name FROM users ORDER BY name IS NULL, name, user_id;
SELECT user_id, level FROM users ORDER BY level + 0 DESC, user_id;
SELECT user_id, level FROM users ORDER BY CAST(level AS CHAR), user_id;
SELECT user_id, level FROM users ORDER BY FIELD(level, 'top', 'low'), user_id;
SELECT user_id, born FROM users ORDER BY YEAR(born) DESC, MONTH(born), user_id;
SELECT user_id, name FROM users ORDER BY name COLLATE utf8mb4_bin, user_id;
SELECT user_id, name FROM users ORDER BY BINARY name DESC, user_id;
SELECT user_id, name FROM users ORDER BY CONVERT(name USING utf8mb4) COLLATE utf8mb4_unicode_ci, user_id;
SELECT user_id, city FROM users ORDER BY city COLLATE latin1_bin, user_id;
SELECT order_id, total * (1 - discount) AS net FROM orders ORDER BY total * (1 - discount), order_id;
SELECT order_id FROM orders ORDER BY CASE status WHEN 'sent' THEN 0 WHEN 'new' THEN 1 ELSE 2 END, order_id;
SELECT order_id, total FROM orders ORDER BY total / 3, order_id;
SELECT order_id FROM orders ORDER BY order_id % 10, order_id DIV 10;
#: mysql
SELECT user_id, doc->'$.a' FROM users ORDER BY doc->'$.a', user_id;
#: mysql
SELECT product_id, attrs->>'$.size' FROM products ORDER BY attrs->>'$.size', product_id;
#: mysql
SELECT product_id, CAST(attrs->'$.size' AS SIGNED) AS size FROM products ORDER BY size, product_id;
SELECT user_id, IFNULL(score, 5) FROM users ORDER BY IFNULL(score, 5), user_id;
SELECT user_id FROM users ORDER BY user_id IN (3, 5, 7) DESC, user_id;
SELECT user_id, tags FROM users ORDER BY tags + 0 DESC, user_id;
SELECT id, bits & 7 FROM events ORDER BY bits & 7, id;
SELECT id, amount FROM events ORDER BY -amount, id;
SELECT id, happened FROM events ORDER BY DATE(happened), id DESC;
# Ordinals and aliases.
SELECT user_id, name FROM users ORDER BY 1;
SELECT name, user_id FROM users ORDER BY 2 DESC;
SELECT age, user_id FROM users ORDER BY 1 DESC, 2;
SELECT * FROM vips ORDER BY 3 DESC;
SELECT user_id AS u, age AS a FROM users ORDER BY a, u;
SELECT user_id, age * 2 AS twice FROM users ORDER BY twice DESC, user_id;
SELECT user_id AS age, age AS user_id FROM users ORDER BY age, user_id;
SELECT -user_id AS user_id FROM users ORDER BY user_id;
SELECT -user_id AS user_id FROM users ORDER BY users.user_id;
SELECT name AS `order`, user_id FROM users ORDER BY `order`, user_id;
SELECT UPPER(name) AS name, user_id FROM users ORDER BY name, user_id;
SELECT user_id AS `a b`, name FROM users ORDER BY `a b`;
SELECT user_id AS 'quoted' FROM users ORDER BY quoted;
SELECT u.user_id FROM users u ORDER BY u.user_id;
SELECT user_id FROM shop.users ORDER BY shop.users.user_id;
# Columns that are not selected.
SELECT name FROM users ORDER BY user_id;
SELECT name, nick FROM users ORDER BY age DESC, user_id;
SELECT city FROM users ORDER BY name, user_id;
SELECT age FROM users ORDER BY created, user_id DESC;
SELECT order_id FROM orders ORDER BY note DESC, order_id;
SELECT 1 FROM users ORDER BY name;
SELECT 'x' AS x FROM users ORDER BY x;
SELECT status FROM orders ORDER BY user_id, order_id;
SELECT *, age AS extra FROM users ORDER BY extra, user_id;
# Constants and repeated keys.
SELECT user_id FROM users ORDER BY NULL;
SELECT user_id FROM users ORDER BY 'constant', user_id;
SELECT user_id FROM users ORDER BY 1 + 1, user_id;
SELECT user_id FROM users ORDER BY user_id, user_id DESC;
SELECT age, user_id FROM users ORDER BY age ASC, age DESC, user_id ASC;
SELECT user_id FROM users WHERE user_id = 5 ORDER BY name;
SELECT user_id, name FROM users WHERE user_id IN (1, 2, 3) ORDER BY user_id DESC;
SELECT region_id, name FROM regions ORDER BY name, region_id;
SELECT * FROM settings ORDER BY num DESC;
#: empty
SELECT * FROM returns ORDER BY amount, reason DESC;
SELECT title, user_id FROM vips ORDER BY title, user_id;
SELECT page, visitor, seconds FROM visits ORDER BY seconds DESC, page, visitor;
SELECT page, visitor FROM visits ORDER BY LOWER(page), visitor DESC;
SELECT id FROM events WHERE id < 2500 ORDER BY id DESC;
SELECT id FROM events ORDER BY id;
(SELECT user_id FROM users ORDER BY user_id);
(SELECT user_id FROM users) ORDER BY user_id DESC;

# What the generator has found.
SELECT CASE WHEN user_id > 5 THEN 'much' ELSE 'little' END FROM users ORDER BY 1;
SELECT CASE WHEN shop.users.user_id > 5 THEN 1 END FROM users ORDER BY 1;
SELECT created + INTERVAL 1 DAY, created + INTERVAL 1 DAY AS day, created + INTERVAL 1 DAY month, created + INTERVAL '1:2' HOUR_MINUTE FROM users ORDER BY 1;
SELECT user_id FROM users ORDER BY (SELECT 1), 1;
#: error 1054
SELECT user_id FROM users ORDER BY 2;
#: error 1054
SELECT user_id FROM users ORDER BY name, 2;
SELECT 'x', bonus x, bonus FROM vips ORDER BY x, 3 DESC;
SELECT COUNT(*), age FROM users GROUP BY age ORDER BY `COUNT(*)`, age;
SELECT age + 1, user_id FROM users ORDER BY `age + 1`, user_id;
SELECT age AS name FROM users ORDER BY name, users.name;
# Two items of one name: what is computed goes before a column, wherever it stands.
SELECT user_id, -age AS user_id FROM users ORDER BY user_id, 1;
SELECT user_id % 5 AS age, age FROM users WHERE age IS NOT NULL ORDER BY age, user_id;
SELECT events.id, (SELECT COUNT(*) FROM regions r WHERE r.parent_id = events.value) AS id FROM events ORDER BY id, 1 LIMIT 20;
SELECT user_id, user_id FROM users ORDER BY user_id;
SELECT *, -user_id AS user_id FROM vips ORDER BY user_id;
SELECT age, COUNT(*) AS age FROM users GROUP BY users.age ORDER BY age, 1;
#: error 1052
SELECT user_id, age AS user_id FROM users ORDER BY user_id;
# Strings of several collations. On MariaDB nothing tells how the first two are padded: 1267.
#: mysql
SELECT user_id FROM users ORDER BY CASE WHEN age THEN name ELSE nick END, user_id;
#: mysql
SELECT IF(age, name, nick) AS k, COUNT(*) FROM users GROUP BY k ORDER BY k;
SELECT user_id FROM users ORDER BY CONCAT(nick, code) DESC, user_id LIMIT 20;
SELECT user_id FROM users ORDER BY CASE WHEN age THEN nick ELSE 'x' END, user_id;

# The number of an item may stand in parentheses or have a sign; MariaDB takes TRUE for 1.
SELECT region_id, COUNT(*) FROM orders GROUP BY (1) ORDER BY (1);
SELECT region_id, COUNT(*) FROM orders GROUP BY ((1)) ORDER BY 2 DESC, (1);
SELECT region_id, COUNT(*) FROM orders GROUP BY region_id ORDER BY (2), (1);
SELECT region_id, COUNT(*) FROM orders GROUP BY +1 ORDER BY +1 DESC LIMIT 3;
SELECT region_id, COUNT(*) FROM orders GROUP BY region_id ORDER BY (1) DESC LIMIT 3;
SELECT user_id, region_id FROM orders ORDER BY (2) DESC, (1), order_id LIMIT 7;
SELECT DISTINCT region_id FROM orders ORDER BY (1) DESC LIMIT 3;
SELECT DISTINCT region_id FROM orders ORDER BY TRUE, 1 LIMIT 3;
SELECT region_id, COUNT(*) FROM orders GROUP BY region_id ORDER BY TRUE DESC, region_id LIMIT 3;
SELECT region_id, COUNT(*) FROM orders GROUP BY region_id ORDER BY NOT FALSE DESC, region_id LIMIT 3;
SELECT region_id, COUNT(*) FROM orders GROUP BY region_id, 1 + 1 ORDER BY 1 - 1, region_id LIMIT 3;
#: error 1054, mariadb
SELECT region_id FROM orders ORDER BY -1, order_id LIMIT 3;
SELECT user_id FROM orders ORDER BY 'x', (SELECT 1), ('y'), order_id LIMIT 5;
#: error 1056, mariadb
SELECT MAX(order_id) FROM orders GROUP BY TRUE;
#: error 1055, mysql
SELECT region_id, MAX(order_id) FROM orders GROUP BY TRUE;
SELECT region_id, COUNT(*) FROM orders GROUP BY (1) WITH ROLLUP;
#: error 1054
SELECT region_id, COUNT(*) FROM orders GROUP BY (3);
#: error 1054
SELECT region_id FROM orders ORDER BY (2) LIMIT 1;
(SELECT region_id, user_id FROM orders) UNION (SELECT region_id, user_id FROM users) ORDER BY (1) DESC, (2) LIMIT 5;
#: error 3592, mysql
SELECT order_id, ROW_NUMBER() OVER (ORDER BY (1), order_id) FROM orders ORDER BY order_id LIMIT 5;
SELECT region_id FROM orders WHERE user_id = 5 GROUP BY (1) ORDER BY (1);

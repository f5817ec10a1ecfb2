# Clauses, literals and keys of all types that other files do not have together.
# ROLLUP, GROUPING
#: mysql
SELECT status, GROUPING(status), COUNT(*) FROM orders GROUP BY status WITH ROLLUP;
#: mysql
SELECT status, region_id, GROUPING(status, region_id) AS g, SUM(total) FROM orders GROUP BY status, region_id WITH ROLLUP ORDER BY g, status, region_id;
#: mysql
SELECT IF(GROUPING(status), 'all', status) AS s, COUNT(*) FROM orders GROUP BY status WITH ROLLUP HAVING GROUPING(status) = 1 OR COUNT(*) > 2 ORDER BY GROUPING(status), s;
#: mysql
SELECT YEAR(placed) AS y, MONTH(placed) AS m, COUNT(*) FROM orders GROUP BY y, m WITH ROLLUP ORDER BY GROUPING(y), y, GROUPING(m), m;
#: mysql
SELECT age, COUNT(*) FROM users GROUP BY age WITH ROLLUP ORDER BY age DESC LIMIT 4;
#: mysql
SELECT region_id, COUNT(*), RANK() OVER (ORDER BY COUNT(*), region_id) FROM users GROUP BY region_id WITH ROLLUP ORDER BY 3, 1;
# ORDER BY COLLATE
SELECT user_id, name FROM users ORDER BY name COLLATE utf8mb4_bin, user_id LIMIT 12;
#: mysql
SELECT user_id, name FROM users ORDER BY name COLLATE utf8mb4_0900_as_cs DESC, user_id;
SELECT user_id FROM users ORDER BY CONVERT(name USING latin1) COLLATE latin1_german1_ci, user_id;
SELECT user_id FROM users ORDER BY BINARY name, user_id;
# MariaDB fills up expressions of this collation with NUL when it sorts, though = takes the two as equal.
#: mysql
SELECT user_id FROM users ORDER BY LOWER(city) COLLATE latin1_bin, user_id;
SELECT DISTINCT name COLLATE utf8mb4_bin AS b FROM users ORDER BY b;
SELECT name COLLATE utf8mb4_bin AS b, COUNT(*) FROM users GROUP BY b ORDER BY b;
#: folded
SELECT code COLLATE utf8mb4_general_ci AS b, COUNT(*) FROM users GROUP BY b ORDER BY b;
SELECT COUNT(DISTINCT code COLLATE utf8mb4_general_ci), COUNT(DISTINCT BINARY name), COUNT(DISTINCT city COLLATE latin1_bin) FROM users;
SELECT MAX(name COLLATE utf8mb4_bin), MIN(code COLLATE utf8mb4_general_ci) FROM users;
# LIMIT in derived tables
SELECT * FROM (SELECT user_id, age FROM users ORDER BY user_id DESC LIMIT 5) d ORDER BY user_id;
SELECT COUNT(*), MAX(d.order_id) FROM (SELECT order_id FROM orders ORDER BY order_id LIMIT 3, 4) d;
SELECT u.user_id, d.order_id FROM users u JOIN (SELECT user_id, order_id FROM orders ORDER BY order_id DESC LIMIT 6) d ON d.user_id = u.user_id ORDER BY 2;
SELECT d.c FROM (SELECT COUNT(*) AS c FROM orders GROUP BY user_id ORDER BY c DESC LIMIT 3) d ORDER BY c;
SELECT * FROM (SELECT * FROM (SELECT user_id FROM users ORDER BY 1 LIMIT 10) a ORDER BY 1 DESC LIMIT 4) b ORDER BY 1 LIMIT 2;
SELECT (SELECT order_id FROM orders ORDER BY order_id DESC LIMIT 1) AS last, COUNT(*) FROM users;
SELECT user_id FROM users WHERE age = (SELECT age FROM users WHERE age IS NOT NULL ORDER BY age DESC LIMIT 1 OFFSET 1) ORDER BY 1;
# Index hints, partitions
SELECT user_id FROM users USE INDEX (by_name) ORDER BY user_id LIMIT 3;
SELECT user_id FROM users USE INDEX () ORDER BY user_id LIMIT 3;
SELECT u.user_id, o.order_id FROM users u IGNORE INDEX FOR ORDER BY (by_name) JOIN orders o FORCE KEY (by_user) ON o.order_id = u.user_id ORDER BY 1, 2;
#: error 1176
SELECT user_id FROM users USE INDEX (nosuch) ORDER BY user_id;
#: error 1747
SELECT user_id FROM users PARTITION (p0) ORDER BY user_id;
# FOR UPDATE OF, INTO
#: mysql
SELECT u.user_id, o.order_id FROM users u JOIN orders o USING (user_id) WHERE u.user_id > 2 ORDER BY o.order_id LIMIT 3 FOR UPDATE OF u;
#: mysql
SELECT user_id FROM users ORDER BY user_id LIMIT 2 FOR SHARE SKIP LOCKED;
#: mysql
SELECT u.user_id FROM users u ORDER BY user_id LIMIT 2 FOR UPDATE OF u NOWAIT;
#: mysql, error 3568
SELECT u.user_id FROM users u ORDER BY user_id LIMIT 2 FOR UPDATE OF x;
SELECT COUNT(*), MAX(age) INTO @n, @m FROM users;
SELECT @n, @m;
SELECT user_id INTO @u FROM users ORDER BY user_id DESC LIMIT 1;
SELECT @u, @u + 1, (SELECT COUNT(*) FROM users WHERE user_id < @u);
SELECT MAX(u.user_id), COUNT(o.order_id) FROM users u JOIN orders o ON o.order_id = u.age INTO @a, @b;
SELECT @a, @b;
#: error 1172
SELECT user_id INTO @u FROM users;
#: error 1222
SELECT user_id, age INTO @u FROM users LIMIT 1;
# Literals
SELECT user_id, token FROM users WHERE token = X'616263' OR user_id = 0x03 OR flags = b'101' ORDER BY user_id;
SELECT x'4D' + 0, 0x41, b'1000001', HEX(b'11'), COUNT(*) FROM users GROUP BY x'4D';
SELECT user_id FROM users WHERE user_id IN (0x1, b'10', X'03') ORDER BY 1;
SELECT order_id FROM orders WHERE placed >= TIMESTAMP'2024-01-01 00:00:00' AND placed < DATE'2024-06-01' ORDER BY 1;
SELECT order_id, placed - INTERVAL 1 DAY FROM orders WHERE DATE(placed) > DATE '2024-02-01' ORDER BY 1;
SELECT TIME'10:11:12.5', TIMESTAMP'2024-02-29 01:02:03', DATE'2024-02-29', COUNT(*) FROM users;
SELECT wakes, COUNT(*) FROM users GROUP BY wakes HAVING wakes > TIME'01:00:00' ORDER BY wakes;
SELECT 0xFF | b'1', _binary'a', _latin1'é', N'x', _utf8mb4 X'C3A9', MIN(user_id) FROM users;
SELECT user_id FROM users ORDER BY 0x1, user_id LIMIT 3;
SELECT 1e1, .5, 5., -1.0, 1.50, 18446744073709551615, COUNT(*) FROM users;
#: error 1525
SELECT user_id FROM users WHERE born > DATE'2024-13-01';
# Keys of all types
SELECT joined, COUNT(*) FROM users GROUP BY joined ORDER BY joined DESC;
SELECT DISTINCT joined, level FROM users ORDER BY level, joined;
SELECT level, tags, COUNT(*) FROM users GROUP BY level, tags ORDER BY level DESC, tags;
SELECT COUNT(DISTINCT level), COUNT(DISTINCT tags), COUNT(DISTINCT flags), COUNT(DISTINCT joined), COUNT(DISTINCT wakes), COUNT(DISTINCT level, tags, flags) FROM users;
SELECT flags + 0, COUNT(*) FROM users GROUP BY flags ORDER BY flags DESC;
SELECT HEX(flags), COUNT(DISTINCT level) FROM users GROUP BY flags ORDER BY flags;
SELECT MIN(level), MAX(level), MIN(tags), MAX(tags), MIN(joined), MAX(flags), MIN(wakes), MAX(seen) FROM users;
SELECT level + 0, tags + 0 FROM users ORDER BY level + 0, tags + 0, user_id;
SELECT CONCAT(level, tags) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT seen, COUNT(*) FROM users GROUP BY seen ORDER BY seen DESC;
SELECT DISTINCT fixed_bytes, token FROM users ORDER BY fixed_bytes, token;
SELECT fixed, COUNT(*) FROM users GROUP BY fixed ORDER BY fixed;
SELECT SUM(DISTINCT joined), AVG(DISTINCT flags), SUM(level), SUM(DISTINCT tags) FROM users;
SELECT height, COUNT(*) FROM users GROUP BY height ORDER BY height;
SELECT DISTINCT rating, height FROM users ORDER BY rating, height;
SELECT COUNT(DISTINCT avatar), COUNT(DISTINCT bio), COUNT(DISTINCT fixed) FROM users;
SELECT bio, COUNT(*) FROM users GROUP BY bio ORDER BY bio;
SELECT CAST(doc AS CHAR) AS d, COUNT(*) FROM users GROUP BY d ORDER BY d;
SELECT DISTINCT doc FROM users ORDER BY CAST(doc AS CHAR);
#: mysql
SELECT doc->'$.a' AS a, COUNT(*) FROM users GROUP BY a ORDER BY a;
#: mysql
SELECT user_id FROM users ORDER BY doc->'$.a', user_id;
#: mysql
SELECT COUNT(DISTINCT doc), COUNT(DISTINCT doc->'$.a') FROM users;
SELECT user_id FROM users ORDER BY ST_AsText(POINT(age, user_id)), user_id LIMIT 5;
SELECT ST_AsText(POINT(age, 1)) AS p, COUNT(*) FROM users GROUP BY p ORDER BY p;
SELECT COUNT(DISTINCT POINT(region_id, 1)) FROM users;
SELECT CASE WHEN user_id < 5 THEN name ELSE city END AS x FROM users ORDER BY x, user_id;
SELECT user_id FROM users ORDER BY IF(age > 10, name, city), user_id;
SELECT user_id FROM users ORDER BY IF(age > 10, nick, code), user_id;
SELECT user_id FROM users ORDER BY CASE WHEN age > 10 THEN code ELSE name END, user_id;
SELECT user_id FROM users ORDER BY COALESCE(nick, city), user_id;
SELECT user_id FROM users ORDER BY CONCAT(nick, city), user_id;

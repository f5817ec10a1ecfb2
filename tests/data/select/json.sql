# Documents.
SELECT doc, COUNT(*), MIN(user_id) FROM users GROUP BY doc ORDER BY MIN(user_id);
SELECT JSON_TYPE(doc) AS t, COUNT(*) FROM users GROUP BY t ORDER BY t;
SELECT JSON_LENGTH(doc) AS n, JSON_DEPTH(doc) AS d, COUNT(*) FROM users GROUP BY n, d ORDER BY n, d;
SELECT JSON_VALID(bio), COUNT(*) FROM users GROUP BY 1 ORDER BY 1;
SELECT JSON_KEYS(doc) AS k, COUNT(*) FROM users GROUP BY k ORDER BY COUNT(*), JSON_LENGTH(k);
SELECT JSON_EXTRACT(doc, '$.a') AS a, COUNT(*) FROM users GROUP BY a ORDER BY COUNT(*) DESC, MIN(user_id);
SELECT JSON_UNQUOTE(JSON_EXTRACT(attrs, '$.color')) AS c, COUNT(*), AVG(price) FROM products GROUP BY c ORDER BY c;
#: mysql
SELECT attrs->>'$.color' AS c, SUM(stock) FROM products GROUP BY attrs->>'$.color' ORDER BY attrs->>'$.color';
#: mysql
SELECT attrs->'$.size' AS s, COUNT(*) FROM products GROUP BY s ORDER BY s;
#: mysql
SELECT attrs->'$.size' + 0 AS s, COUNT(*) FROM products GROUP BY s ORDER BY s;
#: mysql
SELECT product_id FROM products WHERE attrs->'$.size' > 1 ORDER BY product_id;
#: mysql
SELECT product_id FROM products WHERE attrs->>'$.color' IN ('red', 'blue') AND attrs->'$.size' <> 1 ORDER BY 1;
#: mysql
SELECT MIN(attrs->'$.size'), MAX(attrs->>'$.size'), SUM(attrs->'$.size'), AVG(attrs->>'$.size') FROM products;
#: mysql
SELECT COUNT(DISTINCT attrs->'$.size'), COUNT(DISTINCT attrs->>'$.color') FROM products;
#: mysql
SELECT DISTINCT attrs->>'$.color' AS c FROM products ORDER BY c DESC;
#: mysql
SELECT DISTINCT doc->'$.a' FROM users;
SELECT user_id FROM users WHERE JSON_CONTAINS(doc, '1', '$.a') OR JSON_CONTAINS_PATH(doc, 'one', '$.tags', '$.n') ORDER BY user_id;
SELECT user_id FROM users WHERE JSON_SEARCH(doc, 'one', 'x') IS NOT NULL ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE 'x' MEMBER OF (doc->'$.tags') OR 2 MEMBER OF (doc) ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE JSON_OVERLAPS(doc, '[3, 9]') ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE doc = CAST('{"a": 1}' AS JSON) OR doc = CAST('1' AS JSON) OR doc = 1.5 ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE doc > CAST('1' AS JSON) ORDER BY user_id;
#: mysql
SELECT user_id FROM users WHERE doc IN (CAST('"x"' AS JSON), CAST('true' AS JSON)) ORDER BY user_id;
#: mysql
SELECT u.user_id, e.id FROM users u JOIN events e ON e.payload = u.doc WHERE u.user_id < 8 ORDER BY 1, 2;
SELECT JSON_OBJECT('id', user_id, 'n', name, 'd', doc) AS o FROM users ORDER BY user_id LIMIT 6;
SELECT JSON_ARRAY(user_id, score, born, wakes, level, NULL) AS a FROM users ORDER BY user_id LIMIT 6;
SELECT JSON_SET(doc, '$.z', age), JSON_REMOVE(doc, '$.a'), JSON_MERGE_PATCH(doc, '{"q": 1}') FROM users ORDER BY user_id LIMIT 20;
#: mysql
SELECT JSON_PRETTY(doc), JSON_QUOTE(code), JSON_STORAGE_SIZE(doc) FROM users ORDER BY user_id LIMIT 20;
SELECT region_id, JSON_ARRAYAGG(user_id) FROM users WHERE user_id = 5 GROUP BY region_id;
SELECT JSON_OBJECTAGG(user_id, age) AS o FROM users WHERE user_id BETWEEN 1 AND 12;
SELECT region_id, JSON_OBJECTAGG(user_id, score) FROM users GROUP BY region_id ORDER BY region_id;
SELECT JSON_LENGTH(JSON_OBJECTAGG(order_id, status)) AS n FROM orders;
#: error 3158, mysql
SELECT JSON_OBJECTAGG(name, age) FROM users;
SELECT JSON_EXTRACT(JSON_OBJECTAGG(user_id, title), '$."7"') FROM vips;
#: mysql
SELECT user_id, JSON_ARRAYAGG(JSON_OBJECT('id', order_id, 'total', total)) FROM orders WHERE user_id IN (3, 8) AND order_id < 0 OR order_id = 7 GROUP BY user_id;
#: mysql
SELECT j.k, COUNT(*) FROM users u, JSON_TABLE(JSON_KEYS(u.doc), '$[*]' COLUMNS (k VARCHAR(10) PATH '$')) j GROUP BY j.k ORDER BY j.k;
#: mysql
SELECT u.user_id, j.* FROM users u, JSON_TABLE(u.doc, '$' COLUMNS (a JSON PATH '$.a', e INT EXISTS PATH '$.tags', NESTED PATH '$.tags[*]' COLUMNS (i FOR ORDINALITY, t CHAR(5) PATH '$'))) j WHERE j.e = 1 ORDER BY u.user_id, j.i;
#: mysql
SELECT j.v, p.name FROM JSON_TABLE('[1, 5, 9, 77]', '$[*]' COLUMNS (v INT PATH '$')) j LEFT JOIN products p ON p.product_id = j.v ORDER BY j.v;
#: mysql
SELECT p.product_id FROM products p WHERE p.product_id IN (SELECT v FROM JSON_TABLE('["3", "8"]', '$[*]' COLUMNS (v INT PATH '$')) t) ORDER BY 1;
#: mysql
SELECT e.id, (SELECT COUNT(*) FROM JSON_TABLE(e.payload, '$[*]' COLUMNS (v INT PATH '$')) t WHERE t.v > 1) AS n FROM events e ORDER BY e.id;
#: mysql
SELECT JSON_VALUE(attrs, '$.size' RETURNING SIGNED) AS s, COUNT(*) FROM products GROUP BY s ORDER BY s;
#: mysql
SELECT JSON_VALUE(doc, '$.a' RETURNING DECIMAL(5,1) NULL ON ERROR) AS s, user_id FROM users ORDER BY s DESC, user_id LIMIT 10;
#: mysql
SELECT CAST(doc AS CHAR) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c COLLATE utf8mb4_bin;
#: mysql
SELECT CAST(doc->'$.a' AS SIGNED) AS a, COUNT(*) FROM users WHERE JSON_TYPE(doc->'$.a') = 'INTEGER' GROUP BY a ORDER BY a;
#: mysql
SELECT SUM(doc->'$.a') FROM users WHERE JSON_TYPE(doc->'$.a') = 'INTEGER';
SELECT COALESCE(doc, payload) AS c, COUNT(*) FROM users LEFT JOIN events USING (user_id) GROUP BY c ORDER BY COUNT(*) DESC, MIN(users.user_id), MIN(id);
SELECT IFNULL(doc, '{}') AS d, user_id FROM users ORDER BY user_id LIMIT 15;
SELECT IF(age > 2, doc, NULL) AS d, user_id FROM users ORDER BY user_id DESC LIMIT 15;
SELECT d FROM (SELECT doc AS d, user_id FROM users UNION ALL SELECT payload, id FROM events) x ORDER BY user_id LIMIT 20;
SELECT MIN(payload), MAX(payload), COUNT(payload), COUNT(DISTINCT payload) FROM events;
SELECT kind IS NULL AS k, MAX(JSON_LENGTH(payload)), MIN(JSON_TYPE(payload)), MAX(JSON_TYPE(payload)) FROM events GROUP BY k ORDER BY k;
#: mysql
SELECT id, ROW_NUMBER() OVER (PARTITION BY JSON_TYPE(payload) ORDER BY id) AS n FROM events ORDER BY id;
#: mysql
SELECT id, payload->>'$.a' AS a, LAG(id) OVER (PARTITION BY payload->>'$.a' ORDER BY id) AS l FROM events ORDER BY id;
# Strings of a document: on MariaDB they have the current database's character set unless they say which.
SELECT u.user_id, j.v, CHARSET(j.v) FROM users u JOIN JSON_TABLE('["é😀", "ß", 5]', '$[*]' COLUMNS (v VARCHAR(20) CHARACTER SET utf8mb4 PATH '$')) AS j JOIN orders o ON o.order_id = u.user_id ORDER BY 1, 2;
SELECT u.user_id, j.v, CHARSET(j.v) FROM users u JOIN JSON_TABLE('["é😀", "ß", 5]', '$[*]' COLUMNS (v VARCHAR(20) PATH '$')) AS j JOIN orders o ON o.order_id = u.user_id ORDER BY 1, 2;
SELECT u.user_id, j.v, CHARSET(j.v) FROM users u JOIN JSON_TABLE('["é😀", "ß", 5]', '$[*]' COLUMNS (v VARCHAR(20) PATH '$')) AS j ORDER BY 1, 2;

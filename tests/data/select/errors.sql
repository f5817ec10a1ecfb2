# The same error as on one server, with the same code and SQLSTATE.
#: error 1054
SELECT nope FROM users;
#: error 1054
SELECT user_id FROM users WHERE nope = 1;
#: error 1054
SELECT user_id FROM users ORDER BY nope;
#: error 1054
SELECT COUNT(*) FROM users GROUP BY nope;
#: error 1054
SELECT user_id FROM users HAVING nope > 1;
#: error 1054
SELECT u.user_id FROM users ORDER BY users.user_id;
#: error 1054
SELECT user_id FROM users ORDER BY 3;
#: error 1054
SELECT COUNT(*) FROM users GROUP BY 3;
#: error 1054
SELECT u.nope FROM users u JOIN orders o USING (user_id);
#: error 1054
SELECT user_id FROM users WHERE user_id IN (SELECT nope FROM events);
#: error 1054
SELECT users.user_id FROM users u;
#: error 1052
SELECT user_id FROM users JOIN orders ON users.user_id = orders.user_id;
#: error 1052
SELECT name FROM users u JOIN products p ON u.age = p.product_id;
#: error 1052
SELECT u.user_id FROM users u JOIN orders o USING (user_id) ORDER BY region_id;
#: error 1146
SELECT * FROM nowhere;
#: error 1146
SELECT * FROM users JOIN nowhere USING (user_id);
#: error 1146
SELECT * FROM users WHERE user_id IN (SELECT user_id FROM nowhere);
#: error 1051
SELECT nowhere.* FROM users;
#: error 1066
SELECT * FROM users JOIN users ON 1 = 1;
#: error 1066
SELECT * FROM users a JOIN orders a ON 1 = 1;
#: error 1055, mysql
SELECT name, COUNT(*) FROM users GROUP BY age;
#: error 1055, mysql
SELECT user_id, status FROM orders GROUP BY user_id;
#: error 1055, mysql
SELECT age FROM users GROUP BY level ORDER BY level;
#: error 1055, mysql
SELECT level FROM users GROUP BY level ORDER BY age;
#: error 1140, mysql
SELECT name, COUNT(*) FROM users;
#: error 3065, mysql
SELECT DISTINCT age FROM users ORDER BY name;
#: error 1111
SELECT user_id FROM users WHERE COUNT(*) > 1;
#: error 1111
SELECT SUM(COUNT(*)) FROM orders GROUP BY user_id;
#: error 1056
SELECT COUNT(*) AS n FROM users GROUP BY n;
#: error 1242
SELECT (SELECT user_id FROM users);
#: error 1242
SELECT user_id FROM users WHERE user_id = (SELECT user_id FROM orders);
#: error 1242
SELECT user_id, (SELECT id FROM events e WHERE e.user_id >= u.user_id) FROM users u;
#: error 1241
SELECT user_id FROM users WHERE user_id IN (SELECT user_id, name FROM users);
#: error 1241
SELECT (SELECT user_id, age FROM users LIMIT 1);
#: error 1222
SELECT user_id FROM users UNION SELECT user_id, name FROM users;
#: error 1248, mysql
SELECT * FROM (SELECT user_id FROM users);
#: error 1060
SELECT * FROM (SELECT user_id, user_id FROM users) d;
#: error 1690
SELECT big + 1 FROM users ORDER BY user_id;
#: error 1690
SELECT user_id - 9223372036854775807 - 5 FROM users;
#: error 1690
SELECT SUM(big) FROM users HAVING MAX(big) * 2 > 1;
#: error 1690
SELECT user_id FROM users ORDER BY big * big;
#: error 1690
SELECT EXP(710 + age) FROM users;
#: error 1064
SELECT FROM users;
#: error 1064
SELECT user_id FROM users ORDER;
#: error 1064
SELECT user_id FROM users LIMIT;
#: error 1064
SELECT user_id FROM users WHERE;
#: error 1064
SELECT user_id, FROM users;
#: error 1064
SELECT user_id FROM users LIMIT -1;
#: error 1064
SELECT user_id FROM users ORDER BY 1 UNION SELECT user_id FROM orders;
#: error 1305
SELECT no_such_function(user_id) FROM users;
#: error 1305
SELECT user_id, COUNT(*) FROM users WHERE No_Such(age, 'x') > 1 GROUP BY user_id ORDER BY 2;
#: error 1305
SELECT u.user_id FROM users u JOIN orders o ON o.order_id = `no such`(u.user_id);
#: error 1582
SELECT CONCAT_WS() FROM users;
#: error 1235
SELECT user_id FROM users WHERE user_id IN (SELECT user_id FROM orders LIMIT 1);
#: error 1267
SELECT name COLLATE utf8mb4_bin = name COLLATE utf8mb4_general_ci FROM users;
#: error 1253
SELECT city COLLATE utf8mb4_bin FROM users;
#: error 1273
SELECT name COLLATE no_such_collation FROM users;
#: error 3143, mysql
SELECT JSON_EXTRACT(doc, 'broken') FROM users;
#: error 3141, mysql
SELECT JSON_EXTRACT(bio, '$.a') FROM users WHERE bio <> '';
#: error 1139, mariadb
SELECT user_id FROM users WHERE name REGEXP '(';
#: error 3691, mysql
SELECT user_id FROM users WHERE name REGEXP '(';
# Division by zero is NULL.
SELECT user_id, 1 / age, 1 DIV age, 1 % age FROM users ORDER BY user_id;
SELECT user_id FROM users WHERE 1 / age IS NULL ORDER BY user_id;
# No error where the row that would cause it is not read.
SELECT user_id, big + 1 FROM users WHERE big < 100 ORDER BY user_id;
# Names in an ORDER BY that orders one row.
#: error 1054
SELECT COUNT(*) FROM users ORDER BY nosuch;
#: error 1054
SELECT COUNT(*) FROM users ORDER BY 2;
#: error 1054
SELECT COUNT(DISTINCT city) FROM users ORDER BY nosuch;
#: error 3029, mysql
SELECT 7 FROM users ORDER BY COUNT(*);
#: error 1146, mysql
WITH x AS (SELECT user_id FROM vips) (WITH y AS (SELECT user_id FROM users) SELECT * FROM y) UNION SELECT * FROM x ORDER BY 1;
#: error 1305
SELECT nosuchfunction(name) FROM users GROUP BY city WITH ROLLUP;

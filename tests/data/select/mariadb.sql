# What MariaDB does in its own way.
#: file mariadb
# It knows JSON by a check of the column.
SELECT JSON_ARRAYAGG(doc ORDER BY user_id) FROM users WHERE user_id BETWEEN 1 AND 9;
SELECT JSON_OBJECT('k', payload), e.id FROM events e JOIN users u ON u.user_id = e.value ORDER BY e.id;
SELECT JSON_ARRAY(u.doc, p.attrs) FROM users u JOIN products p ON p.product_id = u.age ORDER BY u.user_id, p.product_id;
SELECT region_id, JSON_OBJECTAGG(user_id, doc) FROM users WHERE user_id = 5 GROUP BY region_id;
SELECT JSON_SET('{}', '$.d', doc), ROW_NUMBER() OVER (ORDER BY user_id) AS n FROM users ORDER BY n;
SELECT COUNT(DISTINCT JSON_OBJECT('k', payload)) AS x, COUNT(*) FROM events GROUP BY amount ORDER BY amount;
SELECT JSON_ARRAYAGG(d) FROM (SELECT doc AS d, COUNT(*) OVER () AS n FROM users WHERE user_id IN (4, 5)) x WHERE d IS NOT NULL AND n > 5;
SELECT JSON_OBJECT('n', name, 'a', attrs) FROM products WHERE product_id > (SELECT AVG(product_id) FROM products) ORDER BY product_id;
SELECT JSON_TYPE(doc), JSON_ARRAY(doc), JSON_ARRAY(bio) FROM users ORDER BY user_id;
# Quotients have more digits than are shown.
SELECT SUM(1/3), SUM(age/3), AVG(age/7) FROM users;
SELECT SUM(age/7 + age/7), SUM(-(age/7)), SUM(age/7 * 7) FROM users;
SELECT SUM(IF(age > 2, age/7, 1)), SUM(COALESCE(age/7, 1/3)), AVG(CASE WHEN age THEN age/7 END) FROM users;
SELECT SUM(score/3), SUM(balance/7), AVG(balance/7), AVG(score/7) FROM users WHERE age > 0;
SELECT SUM(1/3), SUM(DISTINCT age/3), COUNT(DISTINCT age) FROM users;
SELECT SUM(x), AVG(x) FROM (SELECT age/7 AS x FROM users) d;
SELECT SUM(rating/7), AVG(height/3), SUM(rating) FROM users WHERE rating < 100;
SELECT SUM(total/7), AVG(total/3), COUNT(*) FROM orders JOIN users USING (user_id);
SELECT SUM(total/7) FROM orders HAVING SUM(total/7) > 100;
# It does not see a second time that an expression is what is grouped by.
SET sql_mode = CONCAT(@@sql_mode, ',ONLY_FULL_GROUP_BY');
SELECT user_id % 3, COUNT(*) FROM users GROUP BY user_id % 3;
SELECT user_id % 3, COUNT(*) FROM users GROUP BY user_id % 3 ORDER BY user_id % 3;
SELECT COUNT(*) FROM users GROUP BY user_id % 3 ORDER BY user_id % 3 DESC;
SELECT COUNT(*) FROM users GROUP BY user_id % 3 ORDER BY 1;
SELECT user_id % 3, COUNT(*) FROM users GROUP BY user_id % 3 HAVING COUNT(*) > 2;
SELECT LEFT(code, 1), COUNT(*) FROM users GROUP BY LEFT(code, 1) ORDER BY LEFT(code, 1);
SELECT LEFT(code, 1) AS l, user_id % 2 AS m, COUNT(DISTINCT age + 1) FROM users GROUP BY LEFT(code, 1), user_id % 2 ORDER BY LEFT(code, 1), m;
SELECT COUNT(DISTINCT age + 1), SUM(DISTINCT age + 1) FROM users;
SELECT level, COUNT(DISTINCT age % 3), SUM(DISTINCT age % 3), AVG(age) FROM users GROUP BY level ORDER BY level;
SELECT user_id, total > 5, COUNT(*) FROM orders GROUP BY user_id, total > 5 ORDER BY total > 5, user_id;
SELECT score * 2, SUM(age) FROM users GROUP BY score * 2 ORDER BY SUM(age), score * 2;
SELECT JSON_EXTRACT(doc, '$.a'), COUNT(*) FROM users GROUP BY JSON_EXTRACT(doc, '$.a') ORDER BY JSON_EXTRACT(doc, '$.a');
SELECT CONCAT(level, '!'), MAX(age) FROM users GROUP BY CONCAT(level, '!') ORDER BY MAX(age), CONCAT(level, '!');
SELECT IF(age > 2, level, 'none') AS l, COUNT(*) FROM users GROUP BY IF(age > 2, level, 'none') ORDER BY IF(age > 2, level, 'none');
SELECT DATE_FORMAT(placed, '%Y-%m') AS m, COUNT(*) FROM orders GROUP BY DATE_FORMAT(placed, '%Y-%m') ORDER BY DATE_FORMAT(placed, '%Y-%m') DESC;
SELECT COUNT(*) FROM orders GROUP BY DATE(placed), status ORDER BY DATE(placed) DESC, status LIMIT 5;
#: error 1055
SELECT user_id % 3 + 1, COUNT(*) FROM users GROUP BY user_id % 3;
#: error 1055
SELECT name, COUNT(*) FROM users GROUP BY UPPER(name);
# A name that is an expression's text has the comments behind the comma.
SELECT user_id, /* a */ users.age + 1, -- b
users.age + 2 /* c */ FROM users ORDER BY 1;
SELECT /* a */ users.age + 1, # d
  users.age FROM users ORDER BY users.user_id LIMIT 3;

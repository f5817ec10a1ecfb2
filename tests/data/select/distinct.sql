# DISTINCT, with and without ORDER BY and LIMIT; equal strings may be answered in any spelling.
SELECT DISTINCT status FROM orders;
SELECT DISTINCT status FROM orders ORDER BY status;
SELECT DISTINCT status FROM orders ORDER BY status DESC LIMIT 2;
SELECT DISTINCT user_id FROM orders;
SELECT DISTINCT user_id FROM orders ORDER BY user_id DESC LIMIT 5;
SELECT DISTINCT age FROM users ORDER BY age;
SELECT DISTINCT age, level FROM users ORDER BY age DESC, level;
SELECT DISTINCT age, level FROM users;
#: folded
SELECT DISTINCT name FROM users;
#: folded
SELECT DISTINCT name FROM users ORDER BY name;
#: folded
SELECT DISTINCT nick FROM users ORDER BY nick DESC LIMIT 6;
#: folded
SELECT DISTINCT city FROM users ORDER BY city;
SELECT DISTINCT code FROM users ORDER BY code;
SELECT DISTINCT code FROM users;
SELECT DISTINCT score FROM users ORDER BY score LIMIT 3, 4;
SELECT DISTINCT balance FROM users;
SELECT DISTINCT big FROM users ORDER BY big DESC;
SELECT DISTINCT rating FROM users;
SELECT DISTINCT height FROM users;
SELECT DISTINCT tags FROM users;
SELECT DISTINCT flags FROM users;
SELECT DISTINCT born, joined FROM users;
SELECT DISTINCT created FROM users ORDER BY created;
SELECT DISTINCT wakes FROM users ORDER BY wakes DESC;
SELECT DISTINCT doc FROM users;
SELECT DISTINCT HEX(token) FROM users ORDER BY 1;
SELECT DISTINCT token FROM users;
SELECT DISTINCT UPPER(kind) FROM events WHERE kind <> 'buy';
SELECT DISTINCT age % 3 AS third FROM users ORDER BY third;
SELECT DISTINCT age % 3 AS third FROM users ORDER BY -third;
SELECT DISTINCT paid IS NULL FROM orders;
SELECT DISTINCT * FROM vips;
SELECT DISTINCT 1 FROM users;
SELECT DISTINCTROW status, paid FROM orders ORDER BY 1, 2;
#: empty
SELECT DISTINCT reason FROM returns;
SELECT DISTINCT region_id FROM users WHERE user_id IN (1, 2, 3, 4, 5, 6, 7) ORDER BY region_id;
SELECT DISTINCT user_id % 2, status FROM orders ORDER BY 2, 1;
SELECT DISTINCT user_id FROM events WHERE id > 1000 ORDER BY user_id;
SELECT COUNT(DISTINCT status), COUNT(DISTINCT user_id) FROM orders;

# What the generator has found.
SELECT DISTINCT CASE level WHEN 'top' THEN 1 ELSE 0 END FROM users;
SELECT DISTINCT born + INTERVAL 1 DAY FROM users ORDER BY 1;
#: error 1054
SELECT DISTINCT name FROM users ORDER BY 2;
# The key of a side that may be missing is NULL on every shard.
SELECT DISTINCT c1 FROM (SELECT o.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) d;
SELECT c1, COUNT(*) FROM (SELECT o.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) d GROUP BY c1;
WITH d AS (SELECT o.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) SELECT DISTINCT c1 FROM d;
SELECT DISTINCT c2 FROM (SELECT c1 AS c2 FROM (SELECT o.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) d) e;
SELECT COUNT(*) FROM (SELECT DISTINCT c1 FROM (SELECT o.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) d) e;
SELECT DISTINCT c1 FROM (SELECT u.user_id AS c1 FROM users u LEFT JOIN orders o ON u.user_id = o.user_id) d;

# Aggregates where there are no rows: on no shard, or on most shards.
SELECT COUNT(*) FROM returns;
SELECT COUNT(*), COUNT(amount), SUM(amount), AVG(amount), MIN(amount), MAX(amount) FROM returns;
SELECT SUM(qty), AVG(qty), SUM(rate), AVG(rate), MIN(rate), MAX(day), MIN(reason) FROM returns;
SELECT BIT_AND(qty), BIT_OR(qty), BIT_XOR(qty) FROM returns;
SELECT COUNT(DISTINCT reason), SUM(DISTINCT qty) FROM returns;
SELECT STD(qty), VARIANCE(rate), VAR_SAMP(qty) FROM returns;
SELECT GROUP_CONCAT(reason), JSON_ARRAYAGG(qty) FROM returns;
#: empty
SELECT reason, COUNT(*) FROM returns GROUP BY reason;
#: empty
SELECT reason, SUM(amount) AS s FROM returns GROUP BY reason HAVING s > 0 ORDER BY s LIMIT 3;
SELECT COUNT(*), MAX(order_id) FROM orders WHERE status = 'paid' AND total = 77;
SELECT SUM(total), AVG(total) FROM orders WHERE FALSE;
SELECT MIN(user_id), MAX(user_id) FROM users WHERE user_id > 100000 AND user_id < 200000;
SELECT COUNT(*) + 1, IFNULL(SUM(amount), 0) FROM returns;
SELECT SUM(amount) IS NULL FROM returns;
#: empty
SELECT COUNT(*) FROM returns HAVING COUNT(*) > 0;
SELECT COUNT(*) FROM returns HAVING COUNT(*) = 0;
#: folded
SELECT COUNT(*), SUM(bonus), MIN(title), BIT_AND(user_id), BIT_OR(user_id) FROM vips;
SELECT AVG(bonus), MIN(bonus), MAX(bonus), STD(bonus) FROM vips;
SELECT title, COUNT(*) FROM vips WHERE title IS NULL GROUP BY title;
SELECT COUNT(*) FROM returns ORDER BY 1;
SELECT COUNT(*) FROM returns LIMIT 1;
#: empty
SELECT COUNT(*) FROM returns LIMIT 0;
#: empty
SELECT COUNT(*) FROM users LIMIT 1 OFFSET 1;
SELECT DISTINCT COUNT(*), SUM(qty) FROM returns;
SELECT COUNT(*) FROM users LEFT JOIN returns USING (user_id);
SELECT COUNT(returns.order_id) FROM users LEFT JOIN returns USING (user_id);
SELECT MAX(NULL), SUM(NULL), COUNT(NULL), AVG(NULL) FROM users;
SELECT SUM(age) FROM users WHERE age IS NULL;
SELECT EXISTS (SELECT * FROM returns), EXISTS (SELECT * FROM vips);
#: empty
SELECT * FROM returns UNION SELECT * FROM returns;

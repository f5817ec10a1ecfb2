# GROUP BY … WITH ROLLUP.
SELECT status, COUNT(*) FROM orders GROUP BY status WITH ROLLUP;
SELECT status, paid, COUNT(*), SUM(total) FROM orders GROUP BY status, paid WITH ROLLUP;
SELECT age, level, COUNT(*) FROM users GROUP BY age, level WITH ROLLUP;
SELECT user_id, COUNT(*) FROM orders GROUP BY user_id WITH ROLLUP HAVING COUNT(*) > 3;
#: mysql
SELECT status, GROUPING(status), COUNT(*) FROM orders GROUP BY status WITH ROLLUP ORDER BY GROUPING(status), status;
#: mysql
SELECT status, paid, AVG(total) FROM orders GROUP BY status, paid WITH ROLLUP ORDER BY GROUPING(status), status, GROUPING(paid), paid;
#: mysql
SELECT IF(GROUPING(status), 'all', status) AS s, MAX(total) FROM orders GROUP BY status WITH ROLLUP ORDER BY s;
SELECT YEAR(placed), MONTH(placed), COUNT(*) FROM orders GROUP BY YEAR(placed), MONTH(placed) WITH ROLLUP;
#: mysql
SELECT status, COUNT(*) FROM orders GROUP BY ROLLUP (status);
SELECT * FROM (SELECT status, COUNT(*) AS n FROM orders GROUP BY status WITH ROLLUP) d WHERE status IS NULL;
SELECT u.level, o.status, COUNT(*) FROM users u JOIN orders o USING (user_id) GROUP BY u.level, o.status WITH ROLLUP;
#: empty
SELECT reason, COUNT(*) FROM returns GROUP BY reason WITH ROLLUP LIMIT 0;

# Shapes of TPC-H, TPC-DS, the Join Order Benchmark and BI tools on this schema.
# TPC-H Q1: pricing summary.
SELECT status, paid, SUM(total) AS sum_total, SUM(total * (1 - discount)) AS sum_disc, SUM(total * (1 - discount) * (1 + 0.07)) AS sum_charge, AVG(total) AS avg_total, AVG(discount) AS avg_disc, COUNT(*) AS n FROM orders WHERE placed <= DATE '2024-12-01' - INTERVAL '90' DAY GROUP BY status, paid ORDER BY status, paid;
# Q2: minimum cost supplier.
SELECT p.product_id, p.name, i.price FROM products p, order_items i WHERE p.product_id = i.product_id AND i.price = (SELECT MIN(i2.price) FROM order_items i2 WHERE i2.product_id = p.product_id) ORDER BY i.price DESC, p.product_id, i.order_id, i.line_no LIMIT 30;
# Q3: shipping priority.
SELECT o.order_id, SUM(i.price * (1 - IFNULL(o.discount, 0))) AS revenue, o.placed, o.status FROM users u, orders o, order_items i WHERE u.level = 'top' AND u.user_id = o.user_id AND i.order_id = o.order_id AND i.user_id = o.user_id AND o.placed < '2024-06-30' GROUP BY o.order_id, o.placed, o.status ORDER BY revenue DESC, o.placed, o.order_id LIMIT 10;
# Q4: order priority.
SELECT status, COUNT(*) AS order_count FROM orders WHERE placed >= '1990-01-01' AND placed < DATE_ADD('1990-01-01', INTERVAL 60 YEAR) AND EXISTS (SELECT * FROM order_items WHERE order_items.order_id = orders.order_id AND qty < price) GROUP BY status ORDER BY status;
# Q5: local supplier volume.
SELECT r.name, SUM(i.price * i.qty) AS revenue FROM users u, orders o, order_items i, products p, regions r WHERE u.user_id = o.user_id AND i.order_id = o.order_id AND i.product_id = p.product_id AND u.region_id = o.region_id AND u.region_id = r.region_id GROUP BY r.name ORDER BY revenue DESC;
# Q6: forecasting revenue change.
SELECT SUM(total * discount) AS revenue FROM orders WHERE placed >= '2023-01-01' AND placed < '2024-01-01' + INTERVAL 1 YEAR AND discount BETWEEN 0.05 - 0.01 AND 0.1 + 0.01 AND total < 5000;
# Q7: volume between nations.
#: names, folded
SELECT a, b, y, SUM(v) AS revenue FROM (SELECT r1.name AS a, r2.name AS b, EXTRACT(YEAR FROM o.placed) AS y, i.amount AS v FROM users u, orders o, order_items i, regions r1, regions r2 WHERE o.user_id = u.user_id AND i.user_id = o.user_id AND i.order_id = o.order_id AND u.region_id = r1.region_id AND o.region_id = r2.region_id AND r1.region_id <> r2.region_id) AS shipping GROUP BY a, b, y ORDER BY a, b, y;
# Q8: market share.
SELECT y, SUM(CASE WHEN nation = 'Asia' THEN v ELSE 0 END) / SUM(v) AS share FROM (SELECT YEAR(o.placed) AS y, i.price * i.qty AS v, r.name AS nation FROM orders o JOIN order_items i ON i.order_id = o.order_id JOIN products p ON p.product_id = i.product_id JOIN regions r ON r.region_id = o.region_id) AS all_nations GROUP BY y ORDER BY y;
# Q9: product type profit.
#: folded
SELECT category, y, SUM(profit) FROM (SELECT p.category, EXTRACT(YEAR FROM o.placed) AS y, i.price * i.qty - p.price * i.qty AS profit FROM products p, order_items i, orders o WHERE p.product_id = i.product_id AND o.order_id = i.order_id AND p.name LIKE '%a%') AS profit GROUP BY category, y ORDER BY category, y DESC;
# Q10: returned items.
SELECT u.user_id, u.name, SUM(i.price * (1 - IFNULL(o.discount, 0))) AS revenue, u.score, r.name, u.bio FROM users u, orders o, order_items i, regions r WHERE u.user_id = o.user_id AND i.order_id = o.order_id AND i.user_id = o.user_id AND o.status = 'back' AND u.region_id = r.region_id GROUP BY u.user_id, u.name, u.score, r.name, u.bio ORDER BY revenue DESC, u.user_id LIMIT 20;
# Q11: important stock.
SELECT product_id, SUM(price * qty) AS value FROM order_items GROUP BY product_id HAVING SUM(price * qty) > (SELECT SUM(price * qty) * 0.01 FROM order_items) ORDER BY value DESC, product_id;
# Q12: shipping modes.
SELECT o.status, SUM(CASE WHEN u.level = 'top' OR u.level = 'high' THEN 1 ELSE 0 END) AS high, SUM(CASE WHEN u.level <> 'top' AND u.level <> 'high' THEN 1 ELSE 0 END) AS low FROM orders o, users u WHERE o.user_id = u.user_id AND o.status IN ('paid', 'sent') GROUP BY o.status ORDER BY o.status;
# Q13: distribution of customers.
#: mysql
SELECT c_count, COUNT(*) AS dist FROM (SELECT u.user_id, COUNT(o.order_id) FROM users u LEFT OUTER JOIN orders o ON u.user_id = o.user_id AND o.note NOT LIKE '%gift%' GROUP BY u.user_id) AS c_orders (c_id, c_count) GROUP BY c_count ORDER BY dist DESC, c_count DESC;
# Q14: promotion effect.
SELECT 100.00 * SUM(CASE WHEN p.category LIKE 't%' THEN i.price * i.qty ELSE 0 END) / SUM(i.price * i.qty) AS promo FROM order_items i, products p WHERE i.product_id = p.product_id;
# Q15: top supplier.
#: empty
WITH revenue (pid, total) AS (SELECT product_id, SUM(amount) FROM order_items GROUP BY product_id) SELECT p.product_id, p.name, total FROM products p, revenue WHERE p.product_id = pid AND total = (SELECT MAX(total) FROM revenue) ORDER BY p.product_id;
# Q16: parts and suppliers.
#: folded
SELECT p.category, p.stock, COUNT(DISTINCT i.user_id) AS n FROM order_items i, products p WHERE p.product_id = i.product_id AND p.category <> 'food' AND p.stock IN (1, 2, 3, 4, 5, 6) AND i.user_id NOT IN (SELECT user_id FROM users WHERE bio LIKE '%long%') GROUP BY p.category, p.stock ORDER BY n DESC, p.stock, p.category;
# Q17: small quantities.
SELECT SUM(i.price) / 7.0 AS avg_yearly FROM order_items i, products p WHERE p.product_id = i.product_id AND i.qty < (SELECT 1.2 * AVG(qty) FROM order_items WHERE product_id = p.product_id);
# Q18: large volumes.
SELECT u.name, u.user_id, o.order_id, o.placed, o.total, SUM(i.qty) FROM users u, orders o, order_items i WHERE o.order_id IN (SELECT order_id FROM order_items GROUP BY order_id HAVING SUM(qty) > 6) AND u.user_id = o.user_id AND o.order_id = i.order_id GROUP BY u.name, u.user_id, o.order_id, o.placed, o.total ORDER BY o.total DESC, o.placed, o.order_id LIMIT 100;
# Q19: discounted revenue.
SELECT SUM(i.price * i.qty) AS revenue FROM order_items i, products p WHERE (p.product_id = i.product_id AND p.category = 'toys' AND i.qty BETWEEN 1 AND 3) OR (p.product_id = i.product_id AND p.category = 'books' AND i.qty BETWEEN 2 AND 5) OR (p.product_id = i.product_id AND p.stock > 5 AND i.qty = 4);
# Q20: potential promotion.
SELECT name, city FROM users WHERE user_id IN (SELECT o.user_id FROM orders o WHERE o.order_id IN (SELECT i.order_id FROM order_items i WHERE i.product_id IN (SELECT product_id FROM products WHERE name LIKE 'a%')) AND o.total > (SELECT 0.5 * SUM(price) FROM order_items x WHERE x.order_id = o.order_id)) ORDER BY name COLLATE utf8mb4_bin, user_id;
# Q21: suppliers who kept orders waiting.
SELECT u.name, COUNT(*) AS numwait FROM users u, orders o1 WHERE u.user_id = o1.user_id AND o1.status = 'sent' AND EXISTS (SELECT * FROM orders o2 WHERE o2.region_id = o1.region_id AND o2.user_id <> o1.user_id) AND NOT EXISTS (SELECT * FROM orders o3 WHERE o3.region_id = o1.region_id AND o3.user_id <> o1.user_id AND o3.total > o1.total) GROUP BY u.user_id, u.name ORDER BY numwait DESC, u.user_id;
# Q22: global sales opportunity.
SELECT cntry, COUNT(*) AS n, SUM(score) AS total FROM (SELECT SUBSTRING(code FROM 1 FOR 1) COLLATE utf8mb4_bin AS cntry, score FROM users WHERE SUBSTRING(code FROM 1 FOR 1) IN ('a', 'b', 'Z', 'A') AND score > (SELECT AVG(score) FROM users WHERE score > 0.00) * 0 AND NOT EXISTS (SELECT * FROM orders WHERE orders.user_id = users.user_id AND total > 9000)) AS custsale GROUP BY cntry ORDER BY cntry;
# TPC-DS: ROLLUP with ranks, ratios over windows, several CTEs, FULL sets.
#: mysql
SELECT category, stock, SUM(price) AS s, GROUPING(category) + GROUPING(stock) AS lochierarchy FROM products WHERE category = 'food' GROUP BY category, stock WITH ROLLUP HAVING lochierarchy < 3 ORDER BY lochierarchy DESC, category, stock;
SELECT status, SUM(total) AS item, SUM(total) * 100 / SUM(SUM(total)) OVER (PARTITION BY paid) AS ratio FROM orders GROUP BY status, paid ORDER BY status, ratio, item;
WITH year_total AS (SELECT user_id, YEAR(placed) AS y, SUM(total) AS t FROM orders GROUP BY user_id, YEAR(placed)) SELECT a.user_id, a.t, b.t FROM year_total a, year_total b WHERE a.user_id = b.user_id AND a.y = 2024 AND b.y = 2037 ORDER BY a.user_id;
WITH ssr AS (SELECT region_id, SUM(total) AS sales FROM orders GROUP BY region_id), csr AS (SELECT region_id, COUNT(*) AS n FROM users GROUP BY region_id) SELECT ssr.region_id, sales, n, COALESCE(sales, 0) / NULLIF(n, 0) AS per FROM ssr LEFT JOIN csr ON ssr.region_id <=> csr.region_id ORDER BY ssr.region_id;
WITH x AS (SELECT 'store' AS channel, user_id AS id, total AS sales FROM orders UNION ALL SELECT 'web', user_id, amount FROM events UNION ALL SELECT 'returns', user_id, amount FROM returns) SELECT channel, COUNT(*), SUM(sales) FROM x GROUP BY channel WITH ROLLUP;
SELECT COUNT(*) FROM ((SELECT DISTINCT user_id FROM orders) INTERSECT (SELECT DISTINCT user_id FROM events) INTERSECT (SELECT DISTINCT user_id FROM users)) hot;
SELECT COUNT(*) FROM (SELECT user_id FROM orders EXCEPT SELECT user_id FROM events EXCEPT SELECT user_id FROM vips) cool;
SELECT * FROM (SELECT COUNT(*) AS h8 FROM orders WHERE HOUR(placed) = 0) s1, (SELECT COUNT(*) AS h12 FROM orders WHERE HOUR(placed) = 12) s2, (SELECT AVG(total) AS a FROM orders WHERE status = 'paid') s3;
SELECT CASE WHEN (SELECT COUNT(*) FROM orders WHERE total BETWEEN 1 AND 20) > 10 THEN (SELECT AVG(total) FROM orders WHERE total BETWEEN 1 AND 20) ELSE (SELECT AVG(discount) FROM orders) END AS bucket1, CASE WHEN (SELECT COUNT(*) FROM orders WHERE total > 100) > 1000 THEN 1 ELSE (SELECT MAX(discount) FROM orders) END AS bucket2 FROM regions WHERE region_id = 1;
SELECT a.user_id FROM users a WHERE a.age > (SELECT AVG(b.age) * 1.2 FROM users b WHERE a.region_id = b.region_id) ORDER BY a.user_id LIMIT 100;
SELECT asceding.rnk, i1.name AS best, i2.name AS worst FROM (SELECT * FROM (SELECT product_id, RANK() OVER (ORDER BY rank_col ASC, product_id) AS rnk FROM (SELECT product_id, AVG(price) AS rank_col FROM order_items WHERE product_id IS NOT NULL GROUP BY product_id) v1) v11 WHERE rnk < 6) asceding, (SELECT * FROM (SELECT product_id, RANK() OVER (ORDER BY rank_col DESC, product_id) AS rnk FROM (SELECT product_id, AVG(price) AS rank_col FROM order_items WHERE product_id IS NOT NULL GROUP BY product_id) v2) v21 WHERE rnk < 6) descending, products i1, products i2 WHERE asceding.rnk = descending.rnk AND i1.product_id = asceding.product_id AND i2.product_id = descending.product_id ORDER BY asceding.rnk;
SELECT status, AVG(total), STDDEV_SAMP(total) AS s, STDDEV_SAMP(total) / AVG(total) AS cov FROM orders GROUP BY status HAVING AVG(total) > 0 ORDER BY status;
WITH v1 AS (SELECT status, YEAR(placed) AS y, SUM(total) AS s, AVG(SUM(total)) OVER (PARTITION BY status) AS avg_y, RANK() OVER (PARTITION BY status ORDER BY YEAR(placed)) AS rn FROM orders GROUP BY status, YEAR(placed)) SELECT v1.status, v1.y, v1.s, lag_v.s AS psum FROM v1 LEFT JOIN v1 lag_v ON v1.status = lag_v.status AND v1.rn = lag_v.rn + 1 ORDER BY v1.status, v1.rn;
SELECT SUM(CASE WHEN DATEDIFF(placed, '2024-01-01') <= 30 THEN 1 ELSE 0 END) AS d30, SUM(CASE WHEN DATEDIFF(placed, '2024-01-01') > 30 AND DATEDIFF(placed, '2024-01-01') <= 60 THEN 1 ELSE 0 END) AS d60, region_id FROM orders GROUP BY region_id ORDER BY region_id LIMIT 100;
# Join Order Benchmark: minima over wide joins.
SELECT MIN(u.name COLLATE utf8mb4_bin) AS n, MIN(p.name COLLATE utf8mb4_bin) AS pn FROM users AS u, orders AS o, order_items AS i, products AS p, regions AS r WHERE u.user_id = o.user_id AND o.order_id = i.order_id AND i.product_id = p.product_id AND r.region_id = u.region_id AND r.name IN ('Asia', 'Europe', 'Japan') AND p.price > 1;
SELECT MIN(e.id), MIN(u.user_id), MIN(o.order_id) FROM events AS e, users AS u, orders AS o, settings AS s WHERE e.user_id = u.user_id AND u.user_id = o.user_id AND e.kind IN ('view', 'click') AND s.name = 'limit' AND o.total > s.num AND (u.name LIKE '%a%' OR u.name LIKE '%b%');
SELECT MIN(a.user_id), MAX(b.user_id), COUNT(*) FROM users a, users b, events ea, events eb WHERE ea.user_id = a.user_id AND eb.user_id = b.user_id AND ea.kind = eb.kind AND a.user_id < b.user_id AND a.level = b.level;
SELECT MIN(v.page) IS NOT NULL AS m, COUNT(*) FROM visits v, users u, vips x, orders o WHERE v.visitor = u.user_id AND x.user_id >= u.user_id AND o.user_id = x.user_id;
# BI tools: Tableau, Power BI, Metabase, Superset, Looker, Grafana.
SELECT `users`.`level` AS `level`, SUM(1) AS `sum_Number of Records_ok`, SUM(`users`.`age`) AS `sum_age_ok` FROM `users` GROUP BY 1;
SELECT 1 AS `one`, COUNT(*) AS `cnt_ok`, MIN(`users`.`born`) AS `min_born_ok`, MAX(`users`.`born`) AS `max_born_ok` FROM `users` HAVING (COUNT(1) > 0);
SELECT ADDDATE(DATE(`orders`.`placed`), INTERVAL 0 SECOND) AS `tdy_placed_ok`, SUM(`orders`.`total`) AS `s` FROM `orders` WHERE (YEAR(`orders`.`placed`) = 2024) GROUP BY 1 ORDER BY 1;
SELECT `$Table`.`user_id` AS `user_id`, `$Table`.`name` AS `name` FROM (SELECT `user_id`, `name`, `age` FROM `shop`.`users`) AS `$Table` WHERE `$Table`.`age` > 2 ORDER BY `$Table`.`user_id` LIMIT 4096 OFFSET 0;
SELECT `rows`.`level` AS `level`, SUM(`rows`.`age`) AS `a0` FROM (SELECT `level`, `age` FROM `shop`.`users` `$Table`) `rows` GROUP BY `level` ORDER BY `level`;
SELECT STR_TO_DATE(CONCAT(DATE_FORMAT(`orders`.`placed`, '%Y-%m'), '-01'), '%Y-%m-%d') AS `placed`, COUNT(*) AS `count` FROM `orders` GROUP BY STR_TO_DATE(CONCAT(DATE_FORMAT(`orders`.`placed`, '%Y-%m'), '-01'), '%Y-%m-%d') ORDER BY STR_TO_DATE(CONCAT(DATE_FORMAT(`orders`.`placed`, '%Y-%m'), '-01'), '%Y-%m-%d') ASC;
SELECT `source`.`status` AS `status`, `source`.`avg` AS `avg` FROM (SELECT `orders`.`status` AS `status`, AVG(`orders`.`total`) AS `avg` FROM `orders` GROUP BY `orders`.`status`) AS `source` WHERE `source`.`avg` > 0 ORDER BY `source`.`status` LIMIT 2000;
SELECT DATE(placed) AS __timestamp, status AS status, SUM(total) AS `SUM(total)` FROM orders JOIN (SELECT status AS status__, SUM(total) AS mme_inner__ FROM orders GROUP BY status ORDER BY mme_inner__ DESC LIMIT 2) AS series_limit ON status = status__ GROUP BY status, DATE(placed) ORDER BY `SUM(total)` DESC, __timestamp, status LIMIT 50;
SELECT FLOOR((users.age - 0) / 2) * 2 AS `bin`, COUNT(*) FROM users GROUP BY `bin` ORDER BY `bin`;
SELECT users.level AS `users.level`, COUNT(DISTINCT orders.order_id) AS `orders.count`, COALESCE(SUM(orders.total), 0) AS `orders.total` FROM orders LEFT JOIN users ON orders.user_id = users.user_id GROUP BY 1 ORDER BY COUNT(DISTINCT orders.order_id) DESC, 1 LIMIT 500;
SELECT UNIX_TIMESTAMP(placed) DIV 3600 * 3600 AS "time", status AS metric, COUNT(*) AS value FROM orders WHERE placed BETWEEN FROM_UNIXTIME(0) AND '2037-12-31' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT region_id, SUM(status = 'new') AS `new`, SUM(status = 'paid') AS `paid`, SUM(status NOT IN ('new', 'paid')) AS rest, COUNT(*) AS total FROM orders GROUP BY region_id ORDER BY total DESC, region_id;
SELECT user_id, total, total / SUM(total) OVER () AS share, SUM(total) OVER (ORDER BY total DESC, order_id ROWS UNBOUNDED PRECEDING) AS pareto FROM orders WHERE total > 0 ORDER BY total DESC, order_id;
SELECT first_month, COUNT(*) AS cohort FROM (SELECT user_id, DATE_FORMAT(MIN(placed), '%Y-%m') AS first_month FROM orders GROUP BY user_id) f GROUP BY first_month ORDER BY first_month;
SELECT a.product_id, b.product_id, COUNT(*) AS together FROM order_items a JOIN order_items b ON a.order_id = b.order_id AND a.product_id < b.product_id GROUP BY a.product_id, b.product_id HAVING together > 0 ORDER BY together DESC, 1, 2 LIMIT 20;
SELECT AVG(total) AS median FROM (SELECT total, ROW_NUMBER() OVER (ORDER BY total) AS rn, COUNT(*) OVER () AS n FROM orders WHERE total IS NOT NULL) t WHERE rn IN (FLOOR((n + 1) / 2), CEIL((n + 1) / 2));
SELECT kind, COUNT(*) AS n, COUNT(*) * 100.0 / (SELECT COUNT(*) FROM events) AS pct FROM events WHERE kind IN ('view', 'login') GROUP BY kind ORDER BY kind;

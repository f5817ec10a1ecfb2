# Examples of the MySQL Reference Manual, on their tables.
# Tutorial: pets and the shop.
SELECT * FROM pets WHERE (species = 'cat' AND sex = 'm') OR (species = 'dog' AND sex = 'f') ORDER BY name;
SELECT DISTINCT owner FROM pets;
SELECT name, species, birth FROM pets ORDER BY species, birth DESC;
SELECT name, birth, TIMESTAMPDIFF(YEAR, birth, '2003-08-19') AS age FROM pets ORDER BY age, name;
SELECT name, birth, death, TIMESTAMPDIFF(YEAR, birth, death) AS age FROM pets WHERE death IS NOT NULL ORDER BY age;
SELECT name, birth FROM pets WHERE MONTH(birth) = MOD(MONTH('2000-04-05'), 12) + 1;
SELECT * FROM pets WHERE name LIKE '_____' ORDER BY name;
#: mysql
SELECT * FROM pets WHERE REGEXP_LIKE(name, '^b' COLLATE utf8mb4_bin) OR REGEXP_LIKE(name, '^.{5}$') ORDER BY name;
SELECT species, sex, COUNT(*) FROM pets WHERE sex IS NOT NULL GROUP BY species, sex;
SELECT owner, COUNT(*) FROM pets GROUP BY owner;
SELECT p1.name, p1.sex, p2.name, p2.sex, p1.species FROM pets AS p1 INNER JOIN pets AS p2 ON p1.species = p2.species AND p1.sex = 'f' AND p1.death IS NULL AND p2.sex = 'm' AND p2.death IS NULL ORDER BY 1, 3;
SELECT article, dealer, price FROM article WHERE price = (SELECT MAX(price) FROM article);
SELECT s1.article, s1.dealer, s1.price FROM article s1 LEFT JOIN article s2 ON s1.price < s2.price WHERE s2.article IS NULL;
SELECT article, dealer, price FROM article ORDER BY price DESC LIMIT 1;
SELECT article, MAX(price) AS price FROM article GROUP BY article ORDER BY article;
SELECT article, dealer, price FROM article s1 WHERE price = (SELECT MAX(s2.price) FROM article s2 WHERE s1.article = s2.article) ORDER BY article;
SELECT s1.article, dealer, s1.price FROM article s1 JOIN (SELECT article, MAX(price) AS price FROM article GROUP BY article) AS s2 ON s1.article = s2.article AND s1.price = s2.price ORDER BY article;
SELECT s1.article, s1.dealer, s1.price FROM article s1 LEFT JOIN article s2 ON s1.article = s2.article AND s1.price < s2.price WHERE s2.article IS NULL ORDER BY s1.article;
WITH s1 AS (SELECT article, dealer, price, RANK() OVER (PARTITION BY article ORDER BY price DESC) AS `Rank` FROM article) SELECT article, dealer, price FROM s1 WHERE `Rank` = 1 ORDER BY article;
SELECT @min_price := MIN(price), @max_price := MAX(price) FROM article;
SELECT MIN(price), MAX(price) FROM article INTO @min_price, @max_price;
SELECT * FROM article WHERE price = @min_price OR price = @max_price ORDER BY article;
# WITH
WITH RECURSIVE staff_paths (id, name, path) AS (SELECT id, name, CAST(id AS CHAR(200)) FROM staff WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, CONCAT(ep.path, ',', e.id) FROM staff_paths AS ep JOIN staff AS e ON ep.id = e.manager_id) SELECT * FROM staff_paths ORDER BY path;
WITH RECURSIVE cte (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM cte WHERE n < 5) SELECT n, (SELECT COUNT(*) FROM staff WHERE id < n * 100) FROM cte;
WITH RECURSIVE fibonacci (n, fib_n, next_fib_n) AS (SELECT 1, 0, 1 UNION ALL SELECT n + 1, next_fib_n, fib_n + next_fib_n FROM fibonacci WHERE n < 10) SELECT f.n, f.fib_n, a.price FROM fibonacci f LEFT JOIN article a ON a.article = f.fib_n ORDER BY 1, 3;
WITH RECURSIVE dates (date) AS (SELECT MIN(date) FROM sales UNION ALL SELECT date + INTERVAL 100 DAY FROM dates WHERE date + INTERVAL 100 DAY <= (SELECT MAX(date) FROM sales)) SELECT * FROM dates;
WITH RECURSIVE dates (date) AS (SELECT MIN(date) FROM sales UNION ALL SELECT date + INTERVAL 17 DAY FROM dates WHERE date + INTERVAL 17 DAY <= '2000-06-01') SELECT dates.date, COALESCE(SUM(price), 0) AS sum_price FROM dates LEFT JOIN sales ON dates.date = sales.date GROUP BY dates.date ORDER BY dates.date;
WITH RECURSIVE up (id, name, manager_id, lvl) AS (SELECT id, name, manager_id, 1 FROM staff WHERE id = 4610 UNION DISTINCT SELECT s.id, s.name, s.manager_id, lvl + 1 FROM staff s, up WHERE s.id = up.manager_id) SELECT lvl, name FROM up ORDER BY lvl;
WITH RECURSIVE tree AS (SELECT id, name, 0 AS depth FROM staff WHERE manager_id IS NULL UNION ALL SELECT s.id, s.name, depth + 1 FROM staff s JOIN tree t ON s.manager_id = t.id) SELECT depth, COUNT(*), GROUP_CONCAT(name ORDER BY name) FROM tree GROUP BY depth ORDER BY depth;
WITH cte1 AS (SELECT id AS a FROM staff), cte2 AS (SELECT manager_id AS c FROM staff) SELECT a, COUNT(c) FROM cte1 LEFT JOIN cte2 ON cte1.a = cte2.c GROUP BY a ORDER BY a;
WITH cte AS (SELECT 1 AS col1, 2 AS col2 UNION ALL SELECT COUNT(*), 4 FROM staff) SELECT col1, col2 FROM cte;
SELECT * FROM (WITH cte AS (SELECT article, price FROM article) SELECT article, SUM(price) AS s FROM cte GROUP BY article) dt WHERE s > 4 ORDER BY 1;
SELECT id FROM staff WHERE id IN (WITH m AS (SELECT manager_id FROM staff WHERE manager_id IS NOT NULL) SELECT manager_id FROM m) ORDER BY id;
# MySQL and MariaDB alike: nested sets and adjacency lists.
SELECT CONCAT(REPEAT('  ', COUNT(parent.name) - 1), node.name) AS name FROM category AS node, category AS parent WHERE node.lft BETWEEN parent.lft AND parent.rgt GROUP BY node.name, node.lft ORDER BY node.lft;
SELECT node.name, (COUNT(parent.name) - (sub_tree.depth + 1)) AS depth FROM category AS node, category AS parent, category AS sub_parent, (SELECT node.name, (COUNT(parent.name) - 1) AS depth FROM category AS node, category AS parent WHERE node.lft BETWEEN parent.lft AND parent.rgt AND node.name = 'PORTABLE ELECTRONICS' GROUP BY node.name, node.lft ORDER BY node.lft) AS sub_tree WHERE node.lft BETWEEN parent.lft AND parent.rgt AND node.lft BETWEEN sub_parent.lft AND sub_parent.rgt AND sub_parent.name = sub_tree.name GROUP BY node.name, node.lft, sub_tree.depth HAVING depth <= 1 ORDER BY node.lft;
SELECT name FROM category WHERE rgt = lft + 1 ORDER BY name;
SELECT t1.name AS lev1, t2.name AS lev2, t3.name AS lev3, t4.name AS lev4 FROM category AS t1 LEFT JOIN category AS t2 ON t2.parent = t1.category_id LEFT JOIN category AS t3 ON t3.parent = t2.category_id LEFT JOIN category AS t4 ON t4.parent = t3.category_id WHERE t1.name = 'ELECTRONICS' ORDER BY 2, 3, 4;
# GROUP BY modifiers
SELECT year, SUM(profit) AS profit FROM sales GROUP BY year WITH ROLLUP;
SELECT year, country, product, SUM(profit) AS profit FROM sales GROUP BY year, country, product WITH ROLLUP;
#: mysql
SELECT year, country, product, SUM(profit) AS profit, GROUPING(year) AS grp_year, GROUPING(country) AS grp_country, GROUPING(product) AS grp_product FROM sales GROUP BY year, country, product WITH ROLLUP;
#: mysql
SELECT IF(GROUPING(year), 'All years', year) AS year, IF(GROUPING(country), 'All countries', country) AS country, SUM(profit) AS profit FROM sales GROUP BY year, country WITH ROLLUP;
#: mysql
SELECT year, country, product, SUM(profit) AS profit FROM sales GROUP BY year, country, product WITH ROLLUP HAVING GROUPING(year, country, product) <> 0;
#: mysql
SELECT year, SUM(profit) AS profit FROM sales GROUP BY year WITH ROLLUP ORDER BY GROUPING(year) DESC;
#: mysql
SELECT * FROM (SELECT year, SUM(profit) AS profit FROM sales GROUP BY year WITH ROLLUP) AS dt ORDER BY year DESC;
SELECT year, country, product, SUM(profit) AS profit FROM sales GROUP BY year, country, product WITH ROLLUP LIMIT 5;
#: mysql
SELECT product, SUM(profit) AS p, RANK() OVER (ORDER BY SUM(profit) DESC) AS r FROM sales GROUP BY product WITH ROLLUP ORDER BY p, product;
# Window functions
SELECT year, country, product, profit, SUM(profit) OVER () AS total_profit, SUM(profit) OVER (PARTITION BY country) AS country_profit FROM sales ORDER BY country, year, product, profit, id;
SELECT year, country, product, profit, ROW_NUMBER() OVER (PARTITION BY country ORDER BY id) AS row_num2 FROM sales ORDER BY country, row_num2;
SELECT time, subject, val, SUM(val) OVER (PARTITION BY subject ORDER BY time ROWS UNBOUNDED PRECEDING) AS running_total, AVG(val) OVER (PARTITION BY subject ORDER BY time ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS running_average FROM observations ORDER BY subject, time;
SELECT time, subject, val, FIRST_VALUE(val) OVER w AS 'first', LAST_VALUE(val) OVER w AS 'last', NTH_VALUE(val, 2) OVER w AS 'second', NTH_VALUE(val, 4) OVER w AS 'fourth' FROM observations WINDOW w AS (PARTITION BY subject ORDER BY time ROWS UNBOUNDED PRECEDING) ORDER BY subject, time;
SELECT val, ROW_NUMBER() OVER w AS 'row_number', CUME_DIST() OVER w AS 'cume_dist', PERCENT_RANK() OVER w AS 'percent_rank' FROM observations WINDOW w AS (ORDER BY val, id) ORDER BY val, id;
SELECT time, val, LAG(val) OVER w AS 'lag', LEAD(val) OVER w AS 'lead', val - LAG(val) OVER w AS 'lag diff', val - LEAD(val) OVER w AS 'lead diff' FROM observations WHERE subject = 'xh458' WINDOW w AS (ORDER BY time) ORDER BY time;
#: mysql
SELECT id, val, LAG(val, 2, 0) OVER w AS 'lag', LEAD(val, 1, -1) OVER w AS 'lead', val + LEAD(val, 1, 0) OVER w AS 'next' FROM observations WINDOW w AS (ORDER BY id) ORDER BY id;
SELECT val, ROW_NUMBER() OVER w AS 'row_number', NTILE(2) OVER w AS 'ntile2', NTILE(4) OVER w AS 'ntile4' FROM observations WINDOW w AS (ORDER BY val, id) ORDER BY id;
SELECT val, RANK() OVER w AS 'rank', DENSE_RANK() OVER w AS 'dense_rank' FROM observations WINDOW w AS (ORDER BY val) ORDER BY val;
SELECT DISTINCT year, country, FIRST_VALUE(year) OVER (w ORDER BY year ASC) AS first, FIRST_VALUE(year) OVER (w ORDER BY year DESC) AS last FROM sales WINDOW w AS (PARTITION BY country) ORDER BY 1, 2;
#: mysql
SELECT id, SUM(val) OVER w1 AS a, COUNT(*) OVER w2 AS b, MAX(val) OVER w3 AS c FROM observations WINDOW w1 AS (w2 ORDER BY time), w2 AS (PARTITION BY subject), w3 AS (w2 ORDER BY time DESC) ORDER BY id;
SELECT id, time, SUM(val) OVER (PARTITION BY subject ORDER BY time RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS s FROM observations ORDER BY id;
#: mysql
SELECT id, time, SUM(val) OVER (PARTITION BY subject ORDER BY time RANGE BETWEEN INTERVAL 15 MINUTE PRECEDING AND INTERVAL '15' MINUTE FOLLOWING) AS s FROM observations ORDER BY id;
SELECT subject, MAX(val) - MIN(val) AS d, RANK() OVER (ORDER BY MAX(val) - MIN(val) DESC) AS r FROM observations GROUP BY subject ORDER BY r;
#: mysql
SELECT id, JSON_ARRAYAGG(val) OVER (ORDER BY id ROWS 1 PRECEDING) AS o FROM observations ORDER BY id;
SELECT * FROM (SELECT subject, val, ROW_NUMBER() OVER (PARTITION BY subject ORDER BY val DESC, id) AS n FROM observations) t WHERE n <= 2 ORDER BY 1, 3;
# Subqueries
SELECT s1.id FROM staff s1 WHERE s1.id = ANY (SELECT manager_id FROM staff) ORDER BY 1;
SELECT id FROM staff WHERE id > ALL (SELECT manager_id FROM staff WHERE manager_id IS NOT NULL) ORDER BY 1;
SELECT article, dealer FROM article WHERE (article, dealer) IN (SELECT article, dealer FROM article WHERE price < 3) ORDER BY 1, 2;
SELECT ROW(1, 'A') = (SELECT article, dealer FROM article WHERE price = 3.45) AS r;
SELECT DISTINCT dealer FROM article a WHERE NOT EXISTS (SELECT * FROM article b WHERE b.article < 3 AND NOT EXISTS (SELECT * FROM article c WHERE c.article = b.article AND c.dealer = a.dealer));
SELECT UPPER((SELECT name FROM staff WHERE id = 72)) AS u;
SELECT (SELECT name FROM staff WHERE manager_id IS NULL) AS boss, COUNT(*) FROM staff;
#: error 1242
SELECT (SELECT name FROM staff) AS too_many;
#: error 1241, mysql
SELECT id FROM staff WHERE id = (SELECT id, name FROM staff WHERE id = 72);
SELECT AVG(sum_column1) FROM (SELECT SUM(price) AS sum_column1 FROM article GROUP BY article) AS t1;
#: mysql
SELECT * FROM (SELECT article, price * 2 FROM article) AS sb (f1, f2) WHERE f1 > 2 ORDER BY f1, f2;
SELECT s.id, s.name, t.n FROM staff s, (SELECT manager_id, COUNT(*) AS n FROM staff GROUP BY manager_id) t WHERE t.manager_id <=> s.id ORDER BY s.id;
#: mysql
SELECT s.country, m.profit, m.product FROM (SELECT DISTINCT country FROM sales) s, LATERAL (SELECT profit, product FROM sales WHERE sales.country = s.country ORDER BY profit DESC, id LIMIT 1) AS m ORDER BY s.country;
#: mysql
SELECT DISTINCT s.country, x.amount FROM sales s, LATERAL (SELECT MAX(profit) AS amount FROM sales WHERE sales.country = s.country) AS x ORDER BY 1;
#: mysql
SELECT a.article, l.c FROM article a LEFT JOIN LATERAL (SELECT COUNT(*) AS c FROM article b WHERE b.price < a.price HAVING c > 1) l ON TRUE ORDER BY a.article, a.dealer;
SELECT * FROM (SELECT i, SUM(j) AS s FROM (SELECT year AS i, profit AS j FROM sales) t GROUP BY i) dt WHERE s > 5000 AND i <> 2000 ORDER BY i;
SELECT * FROM staff WHERE EXISTS (SELECT 1 FROM article WHERE article.article * 100 < staff.id LIMIT 1) ORDER BY id;
SELECT /*+ NO_SEMIJOIN() */ id FROM staff WHERE id IN (SELECT /*+ SUBQUERY(MATERIALIZATION) */ manager_id FROM staff) ORDER BY id;
SELECT * FROM article t1 WHERE t1.price > (SELECT AVG(price) FROM article t2 WHERE t2.dealer = t1.dealer) ORDER BY 1, 2;
# Joins
SELECT * FROM staff a LEFT JOIN (article b CROSS JOIN category c) ON b.article = c.category_id AND a.id = b.article * 29 ORDER BY a.id LIMIT 5;
SELECT * FROM staff NATURAL LEFT JOIN (SELECT id, name AS manager FROM staff) m ORDER BY id;
SELECT id, s.name, t.name FROM staff s RIGHT JOIN staff t USING (id) ORDER BY id;
SELECT COALESCE(s.id, 0) FROM category c LEFT OUTER JOIN staff s ON s.id = c.category_id + 28 ORDER BY 1;
SELECT STRAIGHT_JOIN a.article, c.name FROM article a STRAIGHT_JOIN category c ON c.category_id = a.article ORDER BY 1, 2;
SELECT a.dealer, b.dealer FROM article a JOIN article b USING (article) WHERE a.dealer < b.dealer ORDER BY a.article, 1, 2;
SELECT a.article, c.name FROM { OJ article a LEFT OUTER JOIN category c ON c.category_id = a.article * 3 } ORDER BY 1, a.dealer;
# Set operations
(SELECT id FROM staff ORDER BY id LIMIT 2) UNION (SELECT article FROM article ORDER BY price DESC LIMIT 2) ORDER BY id;
SELECT article FROM article EXCEPT SELECT category_id FROM category WHERE parent = 2 ORDER BY 1;
SELECT article FROM article INTERSECT SELECT category_id FROM category WHERE parent = 2 ORDER BY 1;
SELECT article FROM article EXCEPT ALL SELECT category_id FROM category ORDER BY 1;
SELECT article FROM article INTERSECT ALL SELECT parent FROM category ORDER BY 1;
#: mysql
(SELECT article FROM article UNION SELECT id FROM staff ORDER BY 1 LIMIT 4) INTERSECT (SELECT category_id FROM category) ORDER BY 1;
#: mysql
TABLE staff ORDER BY id LIMIT 3 OFFSET 1;
#: mysql
TABLE article UNION VALUES ROW(7, 'Z', 1) ORDER BY article, dealer;
#: mysql
(SELECT article FROM article ORDER BY article, dealer LIMIT 3) UNION ALL (SELECT id FROM staff ORDER BY id DESC LIMIT 1);
SELECT 1 AS a, 'x' AS b UNION SELECT id, name FROM staff ORDER BY a DESC LIMIT 3;
# JSON
#: mysql
SELECT id, JSON_EXTRACT(c, '$.id'), c->'$.name' FROM facts WHERE JSON_EXTRACT(c, '$.id') > '1' ORDER BY JSON_EXTRACT(c, '$.name');
#: mysql
SELECT c->>'$.name' AS name FROM facts WHERE c->'$.id' IS NOT NULL ORDER BY name;
SELECT id, JSON_LENGTH(c), JSON_DEPTH(c), JSON_KEYS(c), JSON_VALID(v) FROM facts ORDER BY id;
#: mysql
SELECT id, c->'$[1].a[1]', c->'$[2][0]', c->'$[*].x', c->'$**.y', c->'$[last]' FROM facts ORDER BY id;
#: mysql
SELECT id FROM facts WHERE JSON_CONTAINS(c, '8', '$.x') OR 10 MEMBER OF (c->'$[1].b') ORDER BY id;
SELECT id, JSON_SEARCH(c, 'all', '%e%'), JSON_CONTAINS_PATH(c, 'one', '$.t', '$.n') FROM facts ORDER BY id;
SELECT id, JSON_SET(c, '$.new', v), JSON_REMOVE(c, '$.name', '$.x[0]'), JSON_MERGE_PATCH(c, '{"id": null}'), JSON_MERGE_PRESERVE(c, '{"id": 5}') FROM facts WHERE id < 5 ORDER BY id;
SELECT JSON_ARRAYAGG(id), JSON_OBJECTAGG(id, v) FROM (SELECT id, v FROM facts ORDER BY id LIMIT 100) f;
SELECT JSON_OBJECT('id', id, 'doc', c, 'v', v) AS o, JSON_ARRAY(id, c, v) AS a FROM facts ORDER BY id;
SELECT f.id, jt.x, jt.y FROM facts f, JSON_TABLE(f.c, '$[*]' COLUMNS (x INT PATH '$.x', y VARCHAR(10) CHARACTER SET utf8mb4 PATH '$.y')) AS jt WHERE f.id > 4 ORDER BY f.id, jt.x, jt.y;
SELECT jt.rowid, jt.ac, s.name FROM facts f, JSON_TABLE(f.c, '$.x[*]' COLUMNS (rowid FOR ORDINALITY, ac INT PATH '$' DEFAULT '111' ON EMPTY DEFAULT '999' ON ERROR, NESTED PATH '$.y' COLUMNS (z INT PATH '$'))) AS jt LEFT JOIN staff s ON s.id = jt.ac ORDER BY f.id, jt.rowid;
SELECT * FROM JSON_TABLE('[{"a": 72, "b": [11, 111]}, {"a": 29, "b": [22, 222]}]', '$[*]' COLUMNS (a INT PATH '$.a', NESTED PATH '$.b[*]' COLUMNS (b INT PATH '$'))) AS jt JOIN staff s ON s.id = jt.a ORDER BY b;
#: mysql
SELECT id, JSON_VALUE(c, '$.n' RETURNING DECIMAL(4,2)) AS d, JSON_VALUE(c, '$.name' DEFAULT 'nobody' ON EMPTY) AS s FROM facts ORDER BY id;
#: mysql
SELECT JSON_UNQUOTE(c->'$.name') AS n, COUNT(*) FROM facts GROUP BY n ORDER BY n;
#: mysql
SELECT id, JSON_PRETTY(c), JSON_STORAGE_SIZE(c), JSON_OVERLAPS(c, '[1, 99, [99, 100]]') FROM facts ORDER BY id;
#: mysql
SELECT c FROM facts ORDER BY c;
#: mysql
SELECT DISTINCT c->'$.x[0]' AS x FROM facts ORDER BY x;
#: mysql
SELECT MAX(c->'$.n'), MIN(c->>'$.name'), COUNT(DISTINCT c->'$.id') FROM facts;
#: mysql
SELECT id FROM facts WHERE c = CAST('null' AS JSON) OR c->'$.t' = TRUE ORDER BY id;
# Functions
SELECT id, SUBSTRING_INDEX(v, ',', -1), FIND_IN_SET('b', v), FIELD(v, 'three', 'z'), ELT(id, 'x', 'y'), INSERT(v, 1, 1, 'Q'), MAKE_SET(id, 'a', 'b', 'c'), EXPORT_SET(id, 'Y', 'N', ',', 4), BIN(id), HEX(v), SOUNDEX(v) FROM facts ORDER BY id;
SELECT INTERVAL(price, 2, 4, 12) AS i, COUNT(*) FROM article GROUP BY i ORDER BY i;
SELECT STD(val), STDDEV_SAMP(val), VAR_POP(val), VARIANCE(val), VAR_SAMP(val), BIT_XOR(val) FROM observations;
SELECT subject, STD(val), VAR_SAMP(val), BIT_OR(val), GROUP_CONCAT(DISTINCT val ORDER BY val DESC SEPARATOR ' ') FROM observations GROUP BY subject ORDER BY subject;
SELECT COUNT(DISTINCT subject, val), COUNT(DISTINCT val), SUM(DISTINCT val), AVG(DISTINCT val) FROM observations;
#: mysql
SELECT subject, ANY_VALUE(subject), SEC_TO_TIME(AVG(TIME_TO_SEC(time))) AS t FROM observations GROUP BY subject ORDER BY subject;
SELECT MAX(time), MIN(time), TIMEDIFF(MAX(time), MIN(time)), ADDTIME(MAX(time), '1:0:0') FROM observations;
SELECT EXTRACT(YEAR_MONTH FROM date) AS ym, COUNT(*), SUM(price) FROM sales GROUP BY ym ORDER BY ym;
SELECT YEARWEEK(date), WEEK(date, 3), DAYOFYEAR(date), LAST_DAY(date), TO_DAYS(date), DATE_FORMAT(date, '%W %M %e %Y') FROM sales ORDER BY date LIMIT 4;
SELECT CAST(price AS SIGNED), CONVERT(price, CHAR), FORMAT(price, 1), TRUNCATE(price, 1), CEILING(price), price DIV 2, price % 2, -price FROM article ORDER BY article, dealer;
SELECT NULLIF(product, 'TV') AS p, COALESCE(product, 'none') AS c, ISNULL(product) AS n, GREATEST(profit, year) AS g, LEAST(price, profit) AS l FROM sales ORDER BY id LIMIT 9;
SELECT product IS NULL AS missing, SUM(profit), AVG(price) FROM sales GROUP BY product IS NULL ORDER BY 1;
SELECT * FROM sales ORDER BY product IS NULL, FIELD(product, 'TV', 'Phone'), profit DESC, id LIMIT 7;
SELECT id, name, UUID() IS NOT NULL, RAND(3) BETWEEN 0 AND 1, SLEEP(0) FROM staff ORDER BY id;
# The length is that of the name, not of names.
#: names
SELECT DATABASE(), COUNT(*) FROM staff;
SELECT id, SHA2(name, 256), CRC32(name), TO_BASE64(name), AES_DECRYPT(AES_ENCRYPT(name, 'k'), 'k') FROM staff ORDER BY id;
SELECT COALESCE(SUM(profit), 0), COUNT(*), MAX(date) FROM sales WHERE country = 'Nowhere';
SELECT BIT_COUNT(id), id & 15, id | 1, id ^ 3, ~id, id << 2, id >> 1 FROM staff ORDER BY id;
SELECT name, LENGTH(name), CHAR_LENGTH(name), REVERSE(name), LPAD(name, 8, '*'), TRIM(LEADING 'P' FROM name), LOCATE('a', name), REPLACE(name, 'a', 'o'), STRCMP(name, 'John') FROM staff ORDER BY name;

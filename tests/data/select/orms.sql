# Shapes that ORMs write: Django, Rails (Active Record), Hibernate, SQLAlchemy, Laravel (Eloquent), Prisma, Sequelize, TypeORM, Entity Framework.
# Django.
SELECT `users`.`user_id`, `users`.`name` FROM `users` WHERE (`users`.`age` > 1 AND NOT (`users`.`level` = 'top' AND `users`.`level` IS NOT NULL)) ORDER BY `users`.`name` ASC, `users`.`user_id` DESC LIMIT 21;
SELECT COUNT(*) AS `__count` FROM `users` WHERE `users`.`name` LIKE BINARY '%a%';
SELECT (1) AS `a` FROM `users` WHERE `users`.`age` = 2 LIMIT 1;
SELECT `users`.`region_id`, COUNT(`users`.`user_id`) AS `n`, AVG(`users`.`age`) AS `a` FROM `users` GROUP BY `users`.`region_id` HAVING COUNT(`users`.`user_id`) > 2 ORDER BY `n` DESC, `users`.`region_id` ASC;
SELECT COUNT(*) FROM (SELECT DISTINCT `users`.`region_id` AS `col1`, `users`.`level` AS `col2` FROM `users`) subquery;
SELECT COUNT(*) FROM (SELECT `users`.`region_id` AS `col1` FROM `users` GROUP BY `users`.`region_id` HAVING COUNT(`users`.`user_id`) > 2 ORDER BY NULL) subquery;
SELECT `users`.`user_id`, EXISTS(SELECT 1 AS `a` FROM `orders` U0 WHERE (U0.`total` > 100 AND U0.`user_id` = (`users`.`user_id`)) LIMIT 1) AS `big` FROM `users` ORDER BY `users`.`user_id`;
SELECT `users`.`user_id`, (SELECT U0.`status` FROM `orders` U0 WHERE U0.`user_id` = (`users`.`user_id`) ORDER BY U0.`order_id` DESC LIMIT 1) AS `last` FROM `users` ORDER BY `last` ASC, 1;
SELECT `events`.`id`, T3.`name` FROM `events` LEFT OUTER JOIN `users` ON (`events`.`user_id` = `users`.`user_id`) LEFT OUTER JOIN `users` T3 ON (`users`.`region_id` = T3.`user_id`) WHERE (`users`.`age` IS NOT NULL AND `events`.`value` IN (1, 2, 3)) ORDER BY `events`.`id` ASC;
#: empty
SELECT CAST(DATE_FORMAT(CONVERT_TZ(`orders`.`placed`, 'UTC', 'UTC'), '%Y-%m-01') AS DATE) AS `m` FROM `orders` WHERE FALSE;
SELECT DISTINCT CAST(DATE_FORMAT(`orders`.`placed`, '%Y-%m-01') AS DATE) AS `m` FROM `orders` WHERE `orders`.`placed` IS NOT NULL ORDER BY `m` ASC;
SELECT SUM(`__col1`), COUNT(`__col2`) FROM (SELECT `orders`.`total` AS `__col1`, `orders`.`note` AS `__col2` FROM `orders` ORDER BY `orders`.`order_id` LIMIT 50) subquery;
SELECT `users`.`name` FROM `users` INNER JOIN `orders` ON (`users`.`user_id` = `orders`.`user_id`) INNER JOIN `orders` T3 ON (`users`.`user_id` = T3.`user_id`) WHERE (`orders`.`status` = 'paid' AND T3.`status` = 'new') ORDER BY `users`.`user_id`, `orders`.`order_id`, T3.`order_id`;
SELECT `users`.`user_id` FROM `users` WHERE NOT (EXISTS(SELECT 1 AS `a` FROM `orders` U1 WHERE (U1.`status` = 'paid' AND U1.`user_id` = (`users`.`user_id`)) LIMIT 1)) ORDER BY 1;
SELECT `users`.`user_id`, CASE WHEN `users`.`age` > 3 THEN 'old' WHEN `users`.`age` > 0 THEN 'young' ELSE NULL END AS `band` FROM `users` ORDER BY CASE WHEN `users`.`age` > 3 THEN 0 ELSE 1 END ASC, `users`.`user_id` ASC LIMIT 10 OFFSET 10;
SELECT COUNT(CASE WHEN `orders`.`status` = 'paid' THEN `orders`.`order_id` ELSE NULL END) AS `p`, SUM(CASE WHEN `orders`.`paid` THEN `orders`.`total` ELSE 0 END) AS `t`, COALESCE(SUM(`orders`.`discount`), 0) AS `d` FROM `orders`;
SELECT `col1`, `col2` FROM (SELECT * FROM (SELECT `users`.`user_id` AS `col1`, ROW_NUMBER() OVER (PARTITION BY `users`.`region_id` ORDER BY `users`.`age` DESC, `users`.`user_id`) AS `col2` FROM `users`) `qualify` WHERE `col2` <= 2) `qualify_mask` ORDER BY `col1`;
(SELECT `users`.`user_id` AS `col1` FROM `users` WHERE `users`.`age` > 3) UNION (SELECT `orders`.`user_id` AS `col1` FROM `orders` WHERE `orders`.`total` > 100) ORDER BY (1) ASC LIMIT 10;
# Rails.
SELECT 1 AS one FROM `users` WHERE `users`.`name` = 'anna' LIMIT 1;
SELECT `users`.* FROM `users` ORDER BY `users`.`user_id` ASC LIMIT 1;
SELECT `users`.* FROM `users` WHERE `users`.`user_id` > 30 ORDER BY `users`.`user_id` ASC LIMIT 1000;
SELECT COUNT(DISTINCT `users`.`user_id`) FROM `users` LEFT OUTER JOIN `orders` ON `orders`.`user_id` = `users`.`user_id` WHERE (orders.total > 10);
SELECT DISTINCT `users`.`user_id`, `users`.`age` AS alias_0 FROM `users` LEFT OUTER JOIN `orders` ON `orders`.`user_id` = `users`.`user_id` WHERE (orders.total > 10) ORDER BY `users`.`age` DESC, `users`.`user_id` LIMIT 5;
SELECT COUNT(*) AS `count_all`, `orders`.`status` AS `orders_status` FROM `orders` GROUP BY `orders`.`status`;
SELECT COUNT(*) AS `count_all`, `orders`.`status` AS `orders_status`, `orders`.`paid` AS `orders_paid` FROM `orders` GROUP BY `orders`.`status`, `orders`.`paid` HAVING (COUNT(*) > 3) ORDER BY count_all DESC, `orders`.`status`, `orders`.`paid`;
SELECT SUM(`orders`.`total`) AS `sum_total`, date(placed) AS `date_placed` FROM `orders` WHERE `orders`.`placed` BETWEEN '2023-01-01' AND '2024-12-31' GROUP BY date(placed);
SELECT COUNT(*) FROM (SELECT 1 AS one FROM `users` LIMIT 10 OFFSET 2) subquery_for_count;
SELECT `users`.`user_id` AS t0_r0, `users`.`name` AS t0_r1, `orders`.`order_id` AS t1_r0, `orders`.`status` AS t1_r1 FROM `users` LEFT OUTER JOIN `orders` ON `orders`.`user_id` = `users`.`user_id` WHERE `users`.`user_id` IN (1, 2, 3, 4, 5, 6, 7, 8) ORDER BY `users`.`user_id`, `orders`.`order_id`;
SELECT AVG(`orders`.`total`) FROM `orders` INNER JOIN `users` ON `users`.`user_id` = `orders`.`user_id` INNER JOIN `regions` ON `regions`.`region_id` = `users`.`region_id` WHERE `regions`.`name` = 'Asia';
SELECT MAX(`users`.`age`) AS `max_age`, `regions`.`name` AS `regions_name` FROM `users` INNER JOIN `regions` ON `regions`.`region_id` = `users`.`region_id` WHERE `regions`.`region_id` <> 4 GROUP BY `regions`.`name` ORDER BY `regions`.`name`;
# Hibernate and EclipseLink.
select u1_0.user_id,u1_0.name,u1_0.level from users u1_0 where u1_0.age>1 order by u1_0.user_id limit 0,10;
select count(u1_0.user_id) from users u1_0 where lower(u1_0.name) like lower('%A%') escape '';
select distinct u1_0.user_id,u1_0.name from users u1_0 left join orders o1_0 on u1_0.user_id=o1_0.user_id where o1_0.total is null or o1_0.total>=10 order by u1_0.user_id;
select o1_0.user_id,o1_0.order_id,i1_0.order_id,i1_0.line_no,i1_0.qty from orders o1_0 left join order_items i1_0 on o1_0.order_id=i1_0.order_id and o1_0.user_id=i1_0.user_id where o1_0.user_id in (3,4,5,8) order by 1,2,4;
select case when (count(u1_0.user_id)>0) then cast(1 as unsigned) else cast(0 as unsigned) end from users u1_0 where u1_0.age>100;
select u1_0.level,count(*) from users u1_0 group by u1_0.level having count(*)>=all(select count(*) from users u2_0 group by u2_0.level);
select u1_0.user_id from users u1_0 where (select count(1) from orders o1_0 where u1_0.user_id=o1_0.user_id)>=2 order by u1_0.user_id;
select u1_0.user_id from users u1_0 where not exists(select 1 from events e1_0 where u1_0.user_id=e1_0.user_id) order by u1_0.name, u1_0.user_id;
select u1_0.user_id,u1_0.name,u1_0.clazz_ from (select user_id, name, 1 as clazz_ from users union all select product_id, name, 2 as clazz_ from products) u1_0 where u1_0.clazz_=2 order by 1 limit 5;
SELECT t0.user_id AS a1, t0.name AS a2 FROM users t0, orders t1 WHERE ((t1.total > 20) AND (t1.user_id = t0.user_id)) GROUP BY t0.user_id, t0.name ORDER BY t0.user_id LIMIT 3, 4;
# SQLAlchemy.
SELECT anon_1.user_id, anon_1.n FROM (SELECT orders.user_id AS user_id, count(orders.order_id) AS n FROM orders GROUP BY orders.user_id) AS anon_1 WHERE anon_1.n > 2 ORDER BY anon_1.n DESC, anon_1.user_id;
SELECT users.user_id AS users_user_id, users.name AS users_name, anon_1.total AS anon_1_total FROM users LEFT OUTER JOIN (SELECT orders.user_id AS user_id, max(orders.total) AS total FROM orders GROUP BY orders.user_id) AS anon_1 ON users.user_id = anon_1.user_id ORDER BY anon_1.total IS NULL, anon_1.total, users.user_id LIMIT 10;
SELECT count(*) AS count_1 FROM (SELECT users.user_id AS users_user_id, users.name AS users_name FROM users WHERE users.age > 1) AS anon_1;
SELECT users.user_id, (users.age = 1) IS true AS one, CAST(users.score AS CHAR) AS s FROM users WHERE users.score IS NOT NULL AND (users.name LIKE concat(concat('%%', 'a'), '%%')) ORDER BY users.user_id;
SELECT users_1.user_id FROM users AS users_1 INNER JOIN orders AS orders_1 ON users_1.user_id = orders_1.user_id INNER JOIN order_items AS order_items_1 ON orders_1.order_id = order_items_1.order_id AND orders_1.user_id = order_items_1.user_id GROUP BY users_1.user_id HAVING sum(order_items_1.qty) > 5 ORDER BY sum(order_items_1.qty) DESC, users_1.user_id;
WITH RECURSIVE anon_1(product_id, parent_id, depth) AS (SELECT products.product_id AS product_id, products.parent_id AS parent_id, 0 AS depth FROM products WHERE products.product_id = 1 UNION ALL SELECT products.product_id AS product_id, products.parent_id AS parent_id, anon_1.depth + 1 AS anon_2 FROM products INNER JOIN anon_1 ON products.parent_id = anon_1.product_id) SELECT anon_1.product_id, anon_1.depth FROM anon_1 ORDER BY anon_1.product_id;
# Laravel.
select * from `users` where `age` > 1 and (`level` = 'top' or `level` is null) order by `name` desc, `user_id` asc limit 15 offset 0;
select count(*) as aggregate from `users` where `name` like '%o%';
select exists(select * from `users` where `nick` = 'Bob') as `exists`;
select `users`.*, (select count(*) from `orders` where `users`.`user_id` = `orders`.`user_id`) as `orders_count`, (select sum(`orders`.`total`) from `orders` where `users`.`user_id` = `orders`.`user_id`) as `orders_sum_total` from `users` order by `orders_count` desc, `user_id` limit 5;
select * from `users` where exists (select * from `orders` where `users`.`user_id` = `orders`.`user_id` and `total` > 100) and (select count(*) from `orders` where `users`.`user_id` = `orders`.`user_id`) >= 2 order by `user_id`;
select `users`.`user_id`, `orders`.`order_id` as `pivot_order` from `users` inner join `orders` on `users`.`user_id` = `orders`.`user_id` where `orders`.`order_id` in (1, 2, 3, 4, 5, 6) order by `pivot_order`;
select count(*) as aggregate from (select `user_id` from `orders` group by `user_id` having COUNT(*) > 1) as `aggregate_table`;
select * from (select `order_id`, `user_id`, row_number() over (partition by `orders`.`user_id` order by `order_id` desc) as `laravel_row` from `orders` where `orders`.`user_id` in (1, 3, 5, 7, 9)) as `laravel_table` where `laravel_row` <= 2 order by `laravel_row`, `order_id`;
select distinct `status` from `orders` where `total` between 1 and 1000 and year(`placed`) = 2024 order by `status`;
select `user_id` from `users` where `doc` is not null and json_unquote(json_extract(`doc`, '$."a"')) = 1 order by `user_id`;
# Prisma, Sequelize, TypeORM.
SELECT `shop`.`users`.`user_id`, `shop`.`users`.`name` FROM `shop`.`users` WHERE 1=1 ORDER BY `shop`.`users`.`user_id` ASC LIMIT 4 OFFSET 1;
SELECT COUNT(*) FROM (SELECT `shop`.`users`.`user_id` FROM `shop`.`users` WHERE `shop`.`users`.`age` > 0 LIMIT 18446744073709551615 OFFSET 3) AS `sub`;
SELECT `shop`.`users`.`user_id` FROM `shop`.`users` WHERE (`shop`.`users`.`user_id`) IN (SELECT `t1`.`user_id` FROM `shop`.`orders` AS `t1` INNER JOIN `shop`.`users` AS `j1` ON (`j1`.`user_id`) = (`t1`.`user_id`) WHERE (`j1`.`age` > 1 AND `t1`.`user_id` IS NOT NULL)) ORDER BY 1;
SELECT `shop`.`users`.`user_id`, COALESCE(`aggr_selection_0_orders`.`_aggr_count_orders`, 0) AS `_aggr_count_orders` FROM `shop`.`users` LEFT JOIN (SELECT `shop`.`orders`.`user_id`, COUNT(*) AS `_aggr_count_orders` FROM `shop`.`orders` WHERE 1=1 GROUP BY `shop`.`orders`.`user_id`) AS `aggr_selection_0_orders` ON (`shop`.`users`.`user_id` = `aggr_selection_0_orders`.`user_id`) WHERE 1=1 ORDER BY COALESCE(`aggr_selection_0_orders`.`_aggr_count_orders`, 0) DESC, `shop`.`users`.`user_id` ASC LIMIT 9 OFFSET 0;
SELECT `User`.*, `Orders`.`order_id` AS `Orders.order_id`, `Orders`.`total` AS `Orders.total` FROM (SELECT `User`.`user_id`, `User`.`name` FROM `users` AS `User` WHERE `User`.`age` > 0 ORDER BY `User`.`user_id` LIMIT 0, 10) AS `User` LEFT OUTER JOIN `orders` AS `Orders` ON `User`.`user_id` = `Orders`.`user_id` ORDER BY `User`.`user_id`, `Orders`.`order_id`;
SELECT DISTINCT `distinctAlias`.`User_user_id` AS `ids_User_user_id`, `distinctAlias`.`User_name` FROM (SELECT `User`.`user_id` AS `User_user_id`, `User`.`name` AS `User_name`, `o`.`order_id` AS `o_order_id` FROM `users` `User` LEFT JOIN `orders` `o` ON `o`.`user_id`=`User`.`user_id`) `distinctAlias` ORDER BY `distinctAlias`.`User_name` DESC, `User_user_id` ASC LIMIT 10;
SELECT COUNT(DISTINCT(`User`.`user_id`)) AS `cnt` FROM `users` `User` LEFT JOIN `orders` `o` ON `o`.`user_id`=`User`.`user_id`;
SELECT `Item`.`product_id`, SUM(`Item`.`qty`) AS `total` FROM `order_items` AS `Item` GROUP BY `Item`.`product_id` HAVING SUM(`Item`.`qty`) > 10 ORDER BY `total` DESC, `Item`.`product_id`;
# Entity Framework.
SELECT `t`.`user_id`, `t`.`name`, `o`.`order_id` FROM (SELECT `u`.`user_id`, `u`.`name` FROM `users` AS `u` ORDER BY `u`.`name`, `u`.`user_id` LIMIT 5 OFFSET 5) AS `t` LEFT JOIN `orders` AS `o` ON `t`.`user_id` = `o`.`user_id` ORDER BY `t`.`name`, `t`.`user_id`, `o`.`order_id`;
SELECT `u`.`region_id` AS `Key`, COUNT(*) AS `Count`, (SELECT COALESCE(SUM(`u0`.`age`), 0) FROM `users` AS `u0` WHERE (`u`.`region_id` = `u0`.`region_id`) OR (`u`.`region_id` IS NULL AND (`u0`.`region_id` IS NULL))) AS `Sum` FROM `users` AS `u` GROUP BY `u`.`region_id` ORDER BY `u`.`region_id`;
SELECT EXISTS (SELECT 1 FROM `users` AS `u` WHERE `u`.`age` > 7);
SELECT NOT EXISTS (SELECT 1 FROM `users` AS `u` WHERE (`u`.`age` <= 7) OR (`u`.`age` IS NULL)) AS `all`;
SELECT CASE WHEN 5 IN (SELECT `u`.`user_id` FROM `users` AS `u`) THEN TRUE ELSE FALSE END AS c;
SELECT `u`.`user_id`, `t0`.`order_id` FROM `users` AS `u` LEFT JOIN (SELECT `t`.`order_id`, `t`.`user_id` FROM (SELECT `o`.`order_id`, `o`.`user_id`, ROW_NUMBER() OVER(PARTITION BY `o`.`user_id` ORDER BY `o`.`total` DESC, `o`.`order_id`) AS `row` FROM `orders` AS `o`) AS `t` WHERE `t`.`row` <= 1) AS `t0` ON `u`.`user_id` = `t0`.`user_id` ORDER BY `u`.`user_id`;

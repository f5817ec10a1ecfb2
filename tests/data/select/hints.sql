# Comments, optimizer hints, index hints, SELECT modifiers, odd spelling.
SELECT /* a comment */ user_id FROM users ORDER BY user_id;
SELECT user_id -- to the end of the line
FROM users # and this too
ORDER BY user_id;
/* in front */ SELECT user_id FROM users ORDER BY user_id /* behind */;
SELECT/**/user_id/**/FROM/**/users/**/ORDER/**/BY/**/user_id;
SELECT user_id FROM users WHERE name = 'a /* no comment */' OR user_id < 3 ORDER BY user_id;
SELECT user_id FROM users WHERE name <> '-- no comment' ORDER BY user_id;
SELECT /*+ MAX_EXECUTION_TIME(60000) */ user_id FROM users ORDER BY user_id;
SELECT /*+ NO_INDEX_MERGE(users) */ user_id FROM users WHERE region_id = 2 ORDER BY user_id;
SELECT /*+ SET_VAR(sort_buffer_size = 300000) */ name, user_id FROM users ORDER BY name, user_id;
SELECT /*!99999 nonsense */ user_id FROM users ORDER BY user_id;
SELECT /*!40001 SQL_NO_CACHE */ user_id FROM users ORDER BY user_id;
SELECT user_id FROM users /*!50000 WHERE user_id > 50 */ ORDER BY user_id;
SELECT user_id FROM users USE INDEX (by_name) ORDER BY user_id;
SELECT user_id FROM users FORCE INDEX (by_region) WHERE region_id = 3 ORDER BY user_id;
SELECT user_id FROM users IGNORE INDEX FOR ORDER BY (by_name) ORDER BY name, user_id;
SELECT SQL_NO_CACHE user_id FROM users ORDER BY user_id;
SELECT SQL_BUFFER_RESULT user_id FROM users ORDER BY user_id LIMIT 3;
SELECT SQL_BIG_RESULT status, COUNT(*) FROM orders GROUP BY status ORDER BY status;
SELECT SQL_SMALL_RESULT DISTINCT status FROM orders ORDER BY status;
SELECT HIGH_PRIORITY user_id FROM users ORDER BY user_id DESC LIMIT 2;
select user_id from users order by user_id desc limit 2;
SeLeCt User_Id FROM users oRdEr By USER_ID;
SELECT `user_id`, `users`.`name` FROM `users` ORDER BY `users`.`user_id`;
SELECT `shop`.`users`.`user_id` FROM `shop`.`users` ORDER BY 1;
SELECT shop . users . user_id FROM shop . users ORDER BY 1;
SELECT user_id AS `select`, name AS `from` FROM users ORDER BY `select`;
SELECT user_id AS "double", name 'single' FROM users ORDER BY 1;
SELECT name AS 'ünï' FROM users ORDER BY user_id;
SELECT age+1,age-1,user_id DIV 2 FROM users ORDER BY user_id+1;
SELECT ((user_id)) FROM users ORDER BY ((user_id));
SELECT user_id FROM users AS u WHERE (u.user_id) > (10) ORDER BY u . user_id;
SELECT COUNT(*)c,SUM(age)s FROM users;
SELECT   COUNT( DISTINCT   level )   FROM   users;
SELECT user_id, name AS n FROM (users) ORDER BY user_id;
SELECT u.user_id FROM (users u, vips v) WHERE u.user_id = v.user_id ORDER BY 1;
SELECT name AS user_id, user_id AS name FROM users ORDER BY users.user_id;
#: error 1747
SELECT user_id FROM users PARTITION (p0);
# Advice in a version comment.
SELECT /*!40001 SQL_BUFFER_RESULT */ user_id FROM users ORDER BY user_id LIMIT 3;
SELECT /*! STRAIGHT_JOIN */ u.user_id, order_id FROM users u JOIN orders o ON u.user_id = o.user_id ORDER BY order_id;
SELECT /*!40000 STRAIGHT_JOIN SQL_SMALL_RESULT */ u.level, COUNT(*) FROM users u JOIN orders o ON u.user_id = o.user_id GROUP BY u.level;
SELECT user_id FROM users /*!40000 FORCE INDEX (by_name) */ ORDER BY user_id;
SELECT user_id, name FROM users /*! USE INDEX FOR ORDER BY (by_name, PRIMARY) IGNORE KEY (by_region) */ ORDER BY user_id DESC LIMIT 4;
SELECT a.user_id FROM users a /*!40000 FORCE INDEX (by_name) */ JOIN users b ON a.user_id = b.user_id + 1 ORDER BY a.user_id;
SELECT a.user_id FROM users a /*!50000 STRAIGHT_JOIN */ users b ON a.user_id = b.user_id ORDER BY a.user_id;
#: error 1176
SELECT user_id FROM users /*!40000 FORCE INDEX (nowhere) */ ORDER BY user_id;
#: mysql
SELECT /*+ BKA(nope) */ user_id FROM users ORDER BY user_id;
#: mysql
SELECT /*+ BKA(users) NO_BKA(users) */ user_id FROM users ORDER BY user_id;
#: mysql
SELECT /*+ BKA(@nope users) */ user_id, COUNT(*) FROM users GROUP BY user_id ORDER BY user_id;
SELECT /*+ INDEX(u by_name) NO_INDEX(o PRIMARY, by_user) */ u.name, o.order_id FROM users u JOIN orders o ON o.user_id > u.user_id ORDER BY o.order_id, u.user_id LIMIT 9;
SELECT /*+ NO_ICP(users by_region) BKA(users) MRR(`users`@`select#1` `by_name`) */ region_id, COUNT(*) FROM users GROUP BY region_id WITH ROLLUP;
SELECT /*+ GROUP_INDEX(users by_region, nothing) */ region_id, GROUP_CONCAT(user_id ORDER BY user_id) FROM users GROUP BY region_id ORDER BY 1;
SELECT /*+ JOIN_ORDER(o, u) INDEX_MERGE(u by_name, by_region) */ COUNT(*) FROM users u JOIN orders o ON o.user_id > u.user_id;
SELECT name, FOUND_ROWS() FROM users WHERE user_id < 4 ORDER BY user_id;

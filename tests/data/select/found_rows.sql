# SQL_CALC_FOUND_ROWS and FOUND_ROWS().
SELECT SQL_CALC_FOUND_ROWS user_id FROM users ORDER BY user_id LIMIT 3;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS * FROM orders WHERE status = 'paid' ORDER BY order_id LIMIT 5, 5;
SELECT FOUND_ROWS() AS n;
SELECT SQL_CALC_FOUND_ROWS user_id FROM users LIMIT 2;
SELECT FOUND_ROWS();
SELECT user_id FROM users ORDER BY user_id LIMIT 4;
SELECT FOUND_ROWS();
SELECT user_id FROM users WHERE user_id > 10;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS DISTINCT status FROM orders ORDER BY status LIMIT 1;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id, COUNT(*) FROM orders GROUP BY user_id ORDER BY user_id LIMIT 2;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id, COUNT(*) AS n FROM orders GROUP BY user_id HAVING n > 2 ORDER BY user_id LIMIT 2;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id FROM users WHERE user_id = 5 LIMIT 1;
SELECT FOUND_ROWS();
#: empty
SELECT SQL_CALC_FOUND_ROWS user_id FROM users LIMIT 0;
SELECT FOUND_ROWS();
SELECT COUNT(*) FROM users;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id FROM users UNION ALL SELECT user_id FROM orders LIMIT 3;
SELECT FOUND_ROWS();
#: empty
SELECT SQL_CALC_FOUND_ROWS * FROM returns LIMIT 3;
SELECT FOUND_ROWS();

# Without SQL_CALC_FOUND_ROWS: with the rows that OFFSET leaves out.
SELECT user_id FROM users ORDER BY user_id LIMIT 5, 4;
SELECT FOUND_ROWS();
#: empty
SELECT user_id FROM users ORDER BY user_id LIMIT 100, 4;
SELECT FOUND_ROWS();

# One shard: the proxy has not seen the rows that OFFSET leaves out.
SELECT order_id FROM orders WHERE user_id = 5 ORDER BY order_id LIMIT 1, 3;
SELECT FOUND_ROWS();
SELECT order_id FROM orders WHERE user_id = 5 ORDER BY order_id LIMIT 3;
SELECT FOUND_ROWS();
# Asking for warnings leaves it as it was.
SELECT user_id FROM users WHERE user_id < 20 ORDER BY user_id;
#: empty
SHOW WARNINGS;
SELECT FOUND_ROWS();
#: mysql
SELECT user_id, CAST('x' AS SIGNED) AS x FROM users WHERE user_id < 20 ORDER BY user_id;
#: mysql
SHOW WARNINGS LIMIT 1;
#: mysql
SELECT FOUND_ROWS();
SELECT user_id FROM users WHERE user_id < 20 ORDER BY user_id;
#: empty
SHOW ERRORS;
SELECT FOUND_ROWS();
SELECT user_id FROM users WHERE user_id < 20 ORDER BY user_id;
SHOW COUNT(*) WARNINGS;
SELECT FOUND_ROWS();

# More warnings than are listed: their numbers are asked for first.
SET max_error_count = 1;
SELECT SQL_CALC_FOUND_ROWS DISTINCT region_id FROM users WHERE 'x' + user_id > 0 GROUP BY region_id;
SELECT FOUND_ROWS();
SELECT SQL_CALC_FOUND_ROWS user_id FROM users WHERE 'x' + user_id > 3 ORDER BY user_id LIMIT 2;
SELECT FOUND_ROWS();
SET max_error_count = DEFAULT;

# Locking reads.
SELECT user_id, name FROM users WHERE user_id = 5 FOR UPDATE;
SELECT user_id FROM users ORDER BY user_id FOR UPDATE;
SELECT user_id FROM users ORDER BY user_id LIMIT 5 FOR UPDATE;
SELECT user_id FROM users WHERE age > 3 FOR UPDATE;
#: mysql
SELECT user_id FROM users ORDER BY user_id LIMIT 3 FOR SHARE;
SELECT user_id FROM users ORDER BY user_id LOCK IN SHARE MODE;
SELECT user_id FROM users WHERE user_id IN (1, 2, 3) ORDER BY 1 LIMIT 2 LOCK IN SHARE MODE;
SELECT u.user_id, o.order_id FROM users u JOIN orders o USING (user_id) ORDER BY o.order_id FOR UPDATE;
#: mysql
SELECT u.user_id, o.order_id FROM users u JOIN orders o USING (user_id) ORDER BY o.order_id FOR UPDATE OF o SKIP LOCKED;
SELECT user_id FROM users ORDER BY user_id DESC LIMIT 2 FOR UPDATE NOWAIT;
SELECT COUNT(*) FROM orders FOR UPDATE;
SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status FOR UPDATE;
SELECT region_id FROM regions ORDER BY region_id FOR UPDATE;
SELECT name FROM settings ORDER BY name LOCK IN SHARE MODE;
SELECT p.product_id, i.order_id FROM products p JOIN order_items i USING (product_id) WHERE i.order_id < 5 ORDER BY 2, 1 FOR UPDATE;
SELECT user_id FROM users WHERE user_id = 1 UNION ALL SELECT user_id FROM users WHERE user_id = 2 ORDER BY 1;
#: folded
SELECT u.name, COUNT(*) AS n FROM users u JOIN orders o ON o.region_id = u.region_id GROUP BY u.name ORDER BY n DESC, u.name FOR UPDATE;
SELECT user_id FROM users WHERE age IN (SELECT line_no FROM order_items WHERE qty > 3) ORDER BY user_id LIMIT 4 LOCK IN SHARE MODE;
SELECT u.user_id, (SELECT MAX(total) FROM orders WHERE region_id = u.region_id) AS most FROM users u WHERE u.user_id < 9 ORDER BY 1 FOR UPDATE SKIP LOCKED;
#: mysql
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.order_id = u.age ORDER BY 2, 1 FOR UPDATE OF u, o NOWAIT;
#: error 3568, mysql
SELECT u.user_id, o.order_id FROM users u JOIN orders o ON o.order_id = u.age ORDER BY 2, 1 FOR SHARE OF o FOR UPDATE OF nobody;
#: mysql
SELECT u.user_id, o.order_id FROM users u JOIN orders o USING (user_id) ORDER BY o.order_id FOR UPDATE OF o, u;

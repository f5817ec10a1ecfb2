# LIMIT and OFFSET, with a total order, a partial one and none.
SELECT user_id FROM users ORDER BY user_id LIMIT 5;
SELECT user_id FROM users ORDER BY user_id LIMIT 5 OFFSET 10;
SELECT user_id FROM users ORDER BY user_id LIMIT 10, 5;
SELECT user_id FROM users ORDER BY user_id LIMIT 0, 1;
#: empty
SELECT user_id FROM users ORDER BY user_id LIMIT 0;
#: empty
SELECT user_id FROM users LIMIT 0;
#: empty
SELECT user_id FROM users ORDER BY user_id LIMIT 5 OFFSET 1000;
SELECT user_id FROM users ORDER BY user_id LIMIT 1000;
SELECT user_id FROM users ORDER BY user_id LIMIT 18446744073709551615 OFFSET 65;
SELECT user_id FROM users ORDER BY user_id LIMIT 70, 18446744073709551615;
SELECT user_id FROM users LIMIT 7;
SELECT user_id FROM users LIMIT 7 OFFSET 60;
SELECT user_id FROM users LIMIT 100 OFFSET 60;
SELECT user_id, name FROM users ORDER BY name DESC, user_id LIMIT 12;
SELECT name FROM users ORDER BY user_id DESC LIMIT 3, 3;
SELECT order_id, status FROM orders ORDER BY status LIMIT 10;
SELECT order_id, status FROM orders ORDER BY status LIMIT 20, 15;
SELECT user_id, age FROM users ORDER BY age LIMIT 6;
SELECT user_id, age FROM users ORDER BY age DESC LIMIT 6 OFFSET 6;
SELECT name FROM users ORDER BY name LIMIT 1;
SELECT city, user_id FROM users ORDER BY city LIMIT 8;
SELECT order_id, total FROM orders WHERE total IS NOT NULL ORDER BY total DESC, order_id LIMIT 10;
SELECT * FROM events ORDER BY happened DESC, id LIMIT 4;
SELECT id FROM events WHERE id < 1500 ORDER BY id DESC LIMIT 3;
SELECT id FROM events WHERE kind = 'click' ORDER BY amount, id LIMIT 2, 4;
SELECT page, visitor FROM visits ORDER BY seconds, page, visitor LIMIT 5;
SELECT user_id FROM users WHERE user_id IN (3, 4, 5, 6, 7, 8) ORDER BY user_id DESC LIMIT 2;
SELECT user_id FROM users WHERE user_id = 5 LIMIT 1;
#: empty
SELECT * FROM returns ORDER BY order_id LIMIT 3;
SELECT title FROM vips ORDER BY user_id DESC LIMIT 1 OFFSET 1;
(SELECT user_id FROM users ORDER BY user_id LIMIT 4);
(SELECT user_id FROM users ORDER BY user_id DESC LIMIT 4) ORDER BY user_id;
(SELECT user_id FROM users ORDER BY user_id LIMIT 9) ORDER BY user_id DESC LIMIT 2;
SELECT region_id FROM regions ORDER BY region_id LIMIT 2;
SELECT num FROM settings ORDER BY num LIMIT 1, 2;
SELECT 1 FROM orders LIMIT 3;
SELECT order_id FROM orders ORDER BY -total, note, order_id LIMIT 15;
SELECT user_id AS id FROM users ORDER BY id LIMIT 3;

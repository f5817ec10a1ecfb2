# CRC32 is the dice where rows are computed.

CREATE TEMPORARY TABLE n (i INT NOT NULL PRIMARY KEY);
INSERT INTO n WITH RECURSIVE up AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM up WHERE i < 400) SELECT i FROM up;

INSERT INTO country VALUES ('AFG', 'Afghanistan', 'Asia', 'Southern and Central Asia', 652090, 1919, 22720000, 45.9, 5976, 'Mohammad Omar', 1),
  ('NLD', 'Netherlands', 'Europe', 'Western Europe', 41526, 1581, 15864000, 78.3, 371362, 'Beatrix', 5),
  ('DEU', 'Germany', 'Europe', 'Western Europe', 357022, 1955, 82164700, 77.4, 2133367, 'Johannes Rau', 8),
  ('FRA', 'France', 'Europe', 'Western Europe', 551500, 843, 59225700, 78.8, 1424285, 'Jacques Chirac', 12),
  ('BRA', 'Brazil', 'South America', 'South America', 8547403, 1822, 170115000, 62.9, 776739, 'F. H. Cardoso', 20),
  ('CHN', 'China', 'Asia', 'Eastern Asia', 9572900, -1523, 1277558000, 71.4, 982268, 'Jiang Zemin', 23),
  ('IND', 'India', 'Asia', 'Southern and Central Asia', 3287263, 1947, 1013662000, 62.5, 447114, 'K. R. Narayanan', 26),
  ('USA', 'United States', 'North America', 'North America', 9363520, 1776, 278357000, 77.1, 8510700, 'George W. Bush', 30),
  ('ATA', 'Antarctica', 'Antarctica', 'Antarctica', 13120000, NULL, 0, NULL, 0, '', NULL),
  ('ABW', 'Aruba', 'North America', 'Caribbean', 193, NULL, 103000, 78.4, 828, 'Beatrix', 38);
INSERT INTO city SELECT i, ELT(i, 'Kabul', 'Qandahar', 'Herat', 'Mazar-e-Sharif', 'Amsterdam', 'Rotterdam', 'Haag', 'Berlin', 'Hamburg', 'Munich', 'Cologne', 'Paris', 'Marseille', 'Lyon', 'Toulouse', 'Nice', 'Sao Paulo', 'Rio de Janeiro', 'Salvador', 'Brasilia', 'Shanghai', 'Chongqing', 'Peking', 'Tianjin', 'Mumbai', 'New Delhi', 'Delhi', 'Calcutta', 'New York', 'Washington', 'Los Angeles', 'Chicago', 'Houston', 'Cambridge', 'Springfield', 'Hamilton', 'Springfield', 'Oranjestad'),
  ELT(1 + (i > 4) + (i > 7) + (i > 11) + (i > 16) + (i > 20) + (i > 24) + (i > 28) + (i > 37), 'AFG', 'NLD', 'DEU', 'FRA', 'BRA', 'CHN', 'IND', 'USA', 'ABW'),
  ELT(1 + CRC32(CONCAT('d', i)) % 4, 'North', 'South', 'West', ''), 20000 + CRC32(CONCAT('p', i)) % 9000000 FROM n WHERE i <= 38;
INSERT INTO countrylanguage VALUES ('AFG', 'Pashto', 'T', 52.4), ('AFG', 'Dari', 'T', 32.1), ('NLD', 'Dutch', 'T', 95.6), ('NLD', 'Arabic', 'F', 0.9), ('DEU', 'German', 'T', 91.3), ('DEU', 'Turkish', 'F', 2.6),
  ('FRA', 'French', 'T', 93.6), ('FRA', 'Arabic', 'F', 2.5), ('FRA', 'Turkish', 'F', 0.4), ('BRA', 'Portuguese', 'T', 97.5), ('BRA', 'German', 'F', 0.5), ('CHN', 'Chinese', 'T', 92.0), ('IND', 'Hindi', 'T', 39.9), ('IND', 'Tamil', 'F', 6.3),
  ('USA', 'English', 'T', 86.2), ('USA', 'Spanish', 'F', 7.5), ('USA', 'French', 'F', 0.7), ('USA', 'German', 'F', 0.7), ('ABW', 'Dutch', 'T', 5.3), ('ABW', 'English', 'F', 9.5), ('ABW', 'Papiamento', 'F', 76.7);

INSERT INTO language VALUES (1, 'English'), (2, 'Italian'), (3, 'Japanese');
INSERT INTO film SELECT i, CONCAT(ELT(1 + i % 7, 'ACADEMY', 'ACE', 'ADAPTATION', 'AFFAIR', 'AFRICAN', 'AGENT', 'Airport'), ' ', ELT(1 + i DIV 7 % 6, 'DINOSAUR', 'GOLDFINGER', 'HOLES', 'PREJUDICE', 'EGG', 'TRUMAN')),
  CONCAT('A ', ELT(1 + CRC32(CONCAT('a', i)) % 3, 'Epic', 'Fanciful', 'Astounding'), ' Drama of a ', ELT(1 + CRC32(CONCAT('b', i)) % 3, 'Database Administrator', 'Feminist', 'Mad Scientist')),
  2005 + i % 3, 1 + (i % 9 = 0), 3 + CRC32(CONCAT('rd', i)) % 5, ELT(1 + CRC32(CONCAT('rr', i)) % 3, 0.99, 2.99, 4.99), IF(i = 13, NULL, 46 + CRC32(CONCAT('l', i)) % 140), 9.99 + CRC32(CONCAT('rc', i)) % 20,
  1 + CRC32(CONCAT('r', i)) % 5, NULLIF(CRC32(CONCAT('sf', i)) % 16, 0), '2006-02-15 05:03:42' FROM n WHERE i <= 42;
INSERT INTO actor SELECT i, ELT(1 + i % 6, 'PENELOPE', 'NICK', 'ED', 'Jennifer', 'JOHNNY', 'SCARLETT'), ELT(1 + i DIV 3 % 7, 'GUINESS', 'WAHLBERG', 'CHASE', 'DAVIS', 'NICHOLSON', 'GABLE', 'Monroe'), '2006-02-15 04:34:33' FROM n WHERE i <= 25;
INSERT INTO film_actor SELECT DISTINCT 1 + CRC32(CONCAT('fa', i)) % 25, 1 + i % 40 FROM n WHERE i <= 130;
INSERT INTO inventory SELECT i, 1 + CRC32(CONCAT('if', i)) % 41, 1 + i % 2 FROM n WHERE i <= 90;
INSERT INTO customer SELECT i, 1 + i % 2, ELT(1 + i % 5, 'MARY', 'PATRICIA', 'LINDA', 'Barbara', 'MARIA'), ELT(1 + i % 7, 'SMITH', 'JOHNSON', 'WILLIAMS', 'JONES', 'BROWN', 'DAVIS', 'MILLER'), IF(i % 8 = 0, NULL, CONCAT('c', i, '@sakila.org')), i % 6 > 0, '2006-02-14 22:04:36' + INTERVAL i HOUR FROM n WHERE i <= 30;
INSERT INTO rental SELECT i, '2005-05-24 22:53:30' + INTERVAL CRC32(CONCAT('r', i)) % 6000000 SECOND, 1 + CRC32(CONCAT('ri', i)) % 90, 1 + CRC32(CONCAT('rc', i)) % 29,
  IF(i % 10 = 3, NULL, '2005-05-24 22:53:30' + INTERVAL CRC32(CONCAT('r', i)) % 6000000 + 86400 + CRC32(CONCAT('rb', i)) % 800000 SECOND), 1 + i % 2 FROM n WHERE i <= 220;
INSERT INTO payment SELECT rental_id, customer_id, staff_id, IF(rental_id % 50 = 1, NULL, rental_id), ELT(1 + CRC32(CONCAT('p', rental_id)) % 5, 0.99, 2.99, 4.99, 6.99, 11.99), rental_date FROM rental WHERE rental_id % 6 > 0;

INSERT INTO departments VALUES ('d001', 'Marketing'), ('d002', 'Finance'), ('d003', 'Human Resources'), ('d004', 'Production'), ('d005', 'Development');
INSERT INTO employees SELECT 10000 + i, DATE '1952-02-01' + INTERVAL CRC32(CONCAT('eb', i)) % 4500 DAY, ELT(1 + CRC32(CONCAT('ef', i)) % 6, 'Georgi', 'Bezalel', 'Parto', 'Chirstian', 'Kyoichi', 'Anneke'),
  ELT(1 + CRC32(CONCAT('el', i)) % 7, 'Facello', 'Simmel', 'Bamford', 'Koblick', 'Maliniak', 'Preusig', 'de Vries'), 1 + CRC32(CONCAT('eg', i)) % 2, DATE '1985-01-01' + INTERVAL CRC32(CONCAT('eh', i)) % 4000 DAY FROM n WHERE i <= 40;
INSERT INTO dept_emp SELECT 10000 + i, CONCAT('d00', 1 + CRC32(CONCAT('de', i)) % 5), hire_date, IF(i % 7 = 2, '1999-12-31', '9999-01-01') FROM n JOIN employees ON emp_no = 10000 + i WHERE i <= 40;
INSERT INTO dept_emp SELECT emp_no, 'd005', hire_date + INTERVAL 3 YEAR, '9999-01-01' FROM employees WHERE emp_no % 5 = 1 AND emp_no NOT IN (10001, 10006, 10011, 10016) AND NOT EXISTS (SELECT * FROM departments WHERE dept_no = CONCAT('d00', 1 + CRC32(CONCAT('de', emp_no - 10000)) % 5) AND dept_no = 'd005');
INSERT INTO titles SELECT emp_no, ELT(1 + CRC32(CONCAT('t', emp_no)) % 4, 'Engineer', 'Staff', 'Assistant Engineer', 'Technique Leader'), hire_date, IF(emp_no % 3 = 0, hire_date + INTERVAL 5 YEAR, NULL) FROM employees;
INSERT INTO titles SELECT emp_no, CONCAT('Senior ', ELT(1 + emp_no % 2, 'Engineer', 'Staff')), hire_date + INTERVAL 5 YEAR, NULL FROM employees WHERE emp_no % 3 = 0;
INSERT INTO salaries SELECT emp_no, 40000 + CRC32(CONCAT('s', emp_no)) % 30000 + 1500 * y, hire_date + INTERVAL y YEAR, IF(y = 3, '9999-01-01', hire_date + INTERVAL y + 1 YEAR)
  FROM employees, (SELECT 0 AS y UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) ys;

INSERT INTO staff VALUES (333, 'Yasmina', NULL), (198, 'John', 333), (692, 'Tarek', 333), (29, 'Pedro', 198), (4610, 'Sarah', 29), (72, 'Pierre', 29), (123, 'Adil', 692);
INSERT INTO sales SELECT i, 2000 + i % 3, ELT(1 + i % 3, 'Finland', 'India', 'USA'), ELT(1 + CRC32(CONCAT('pr', i)) % 5, 'Computer', 'Phone', 'Calculator', 'TV', NULL), CRC32(CONCAT('pf', i)) % 15 * 100, DATE '2000-01-01' + INTERVAL i * 17 DAY, CRC32(CONCAT('pp', i)) % 9000 / 100 FROM n WHERE i <= 40;
INSERT INTO article VALUES (1, 'A', 3.45), (1, 'B', 3.99), (2, 'A', 10.99), (3, 'B', 1.45), (3, 'C', 1.69), (3, 'D', 1.25), (4, 'D', 19.95);
INSERT INTO category VALUES (1, 'ELECTRONICS', 1, 20, NULL), (2, 'TELEVISIONS', 2, 9, 1), (3, 'TUBE', 3, 4, 2), (4, 'LCD', 5, 6, 2), (5, 'PLASMA', 7, 8, 2), (6, 'PORTABLE ELECTRONICS', 10, 19, 1), (7, 'MP3 PLAYERS', 11, 14, 6), (8, 'FLASH', 12, 13, 7), (9, 'CD PLAYERS', 15, 16, 6), (10, '2 WAY RADIOS', 17, 18, 6);
INSERT INTO observations VALUES (1, '07:00:00', 'st113', 10), (2, '07:15:00', 'st113', 9), (3, '07:30:00', 'st113', 25), (4, '07:45:00', 'st113', 20), (5, '07:00:00', 'xh458', 0), (6, '07:15:00', 'xh458', 10), (7, '07:30:00', 'xh458', 5), (8, '07:45:00', 'xh458', 30), (9, '08:00:00', 'xh458', 25);
INSERT INTO facts VALUES (1, '{"id": "1", "name": "Fred", "x": [1, 2, {"y": 3}]}', 'one,two'), (2, '{"id": "2", "name": "Wilma", "x": []}', NULL), (3, '{"id": "3", "name": "Barney", "n": 1.5}', 'three'), (4, '{"id": "4", "name": "Betty", "x": [9, 8], "t": true}', 'a,b,c'), (5, '[3, {"a": [5, 6], "b": 10}, [99, 100]]', ''), (6, '[{"x": 2, "y": "8"}, {"x": "3", "y": "7"}, {"x": "4", "y": 6}]', 'z'), (7, 'null', 'k'), (8, NULL, 'm');
INSERT INTO pets VALUES ('Fluffy', 'Harold', 'cat', 'f', '1993-02-04', NULL), ('Claws', 'Gwen', 'cat', 'm', '1994-03-17', NULL), ('Buffy', 'Harold', 'dog', 'f', '1989-05-13', NULL), ('Fang', 'Benny', 'dog', 'm', '1990-08-27', NULL), ('Bowser', 'Diane', 'dog', 'm', '1979-08-31', '1995-07-29'), ('Chirpy', 'Gwen', 'bird', 'f', '1998-09-11', NULL), ('Whistler', 'Gwen', 'bird', NULL, '1997-12-09', NULL), ('Slim', 'Benny', 'snake', 'm', '1996-04-29', NULL), ('Puffball', 'Diane', 'hamster', 'f', '1999-03-30', NULL);

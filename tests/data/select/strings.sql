# Strings as groups, as extremes and in comparisons: other collations than the columns', character sets, binary strings.
#: folded
SELECT name COLLATE utf8mb4_unicode_ci AS n, COUNT(*) FROM users GROUP BY name COLLATE utf8mb4_unicode_ci ORDER BY n;
#: folded
SELECT name COLLATE utf8mb4_unicode_520_ci AS n, COUNT(*), MIN(user_id) FROM users GROUP BY n ORDER BY n DESC;
#: folded
SELECT name COLLATE utf8mb4_general_ci AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
SELECT name COLLATE utf8mb4_bin AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: folded
SELECT name COLLATE utf8mb4_spanish_ci AS n, COUNT(*) FROM users GROUP BY 1 ORDER BY 1;
#: folded
SELECT name COLLATE utf8mb4_swedish_ci AS n, MAX(user_id) FROM users GROUP BY 1 ORDER BY 1 DESC;
#: mysql, folded
SELECT name COLLATE utf8mb4_0900_as_cs AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: mysql, folded
SELECT name COLLATE utf8mb4_0900_as_ci AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: mysql
SELECT name COLLATE utf8mb4_0900_bin AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: mysql, folded
SELECT name COLLATE utf8mb4_de_pb_0900_ai_ci AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
#: mysql, folded
SELECT nick COLLATE utf8mb4_ja_0900_as_cs AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
SELECT BINARY name AS b, COUNT(*) FROM users GROUP BY b ORDER BY b;
SELECT CAST(name AS BINARY) AS b, COUNT(*) FROM users GROUP BY 1 ORDER BY 1;
#: folded
SELECT CAST(name AS CHAR(2)) AS b, COUNT(*), MIN(user_id) FROM users GROUP BY b ORDER BY b;
SELECT HEX(name), COUNT(*) FROM users GROUP BY HEX(name) ORDER BY 1;
SELECT HEX(WEIGHT_STRING(nick)), COUNT(*) FROM users GROUP BY 1 ORDER BY 1;
#: mariadb
SELECT MD5(name), COUNT(*) FROM users GROUP BY 1 ORDER BY 2 DESC, 1;
SELECT SHA2(code, 224) AS s, COUNT(*) FROM users GROUP BY s ORDER BY s LIMIT 5;
SELECT ASCII(name), ORD(name), COUNT(*) FROM users GROUP BY 1, 2 ORDER BY 1, 2;
SELECT LENGTH(name) - CHAR_LENGTH(name) AS extra, COUNT(*) FROM users GROUP BY extra ORDER BY extra;
#: folded
SELECT TRIM(name) AS t, COUNT(*) FROM users GROUP BY t ORDER BY t;
#: folded
SELECT RTRIM(nick) AS t, COUNT(*) FROM users GROUP BY t ORDER BY t DESC LIMIT 6;
#: folded
SELECT LOWER(name) AS l, UPPER(nick) AS u, COUNT(*) FROM users GROUP BY l, u ORDER BY l, u, COUNT(*);
#: folded
SELECT REVERSE(code) AS r, COUNT(*) FROM users GROUP BY r ORDER BY r;
SELECT SUBSTRING(code, 2) AS s, COUNT(*) FROM users GROUP BY s ORDER BY s;
#: folded
SELECT SUBSTRING_INDEX(page, '/', 2) AS p, COUNT(*), SUM(seconds) FROM visits GROUP BY p ORDER BY p;
#: folded
SELECT CONCAT(city, '|') AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT CONCAT_WS(',', city, code) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT CONVERT(city USING utf8mb4) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT CONVERT(city USING utf8mb4) COLLATE utf8mb4_bin AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT CONVERT(name USING latin1) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT CONVERT(name USING ascii) COLLATE ascii_bin AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT CONVERT(name USING utf16) AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT CONVERT(code USING utf32) COLLATE utf32_bin AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT city COLLATE latin1_bin AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT city COLLATE latin1_general_ci AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
SELECT city COLLATE latin1_general_cs AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT city COLLATE latin1_german1_ci AS c, COUNT(*) FROM users GROUP BY c ORDER BY c;
#: folded
SELECT city COLLATE latin1_danish_ci AS c, COUNT(*) FROM users GROUP BY c ORDER BY c DESC;
#: folded
SELECT fixed AS f, COUNT(*) FROM users GROUP BY f ORDER BY f;
#: folded
SELECT CONCAT('[', fixed, ']') AS f, COUNT(*) FROM users GROUP BY f ORDER BY f;
SELECT HEX(fixed_bytes) AS f, LENGTH(fixed_bytes), COUNT(*) FROM users GROUP BY f, 2 ORDER BY f;
SELECT token, COUNT(*) FROM users GROUP BY token ORDER BY token;
SELECT avatar, COUNT(*) FROM users GROUP BY avatar ORDER BY avatar DESC;
#: folded
SELECT bio, COUNT(*) FROM users GROUP BY bio ORDER BY bio;
SELECT LENGTH(bio) AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
SELECT LEFT(bio, 5) = 'short' AS s, COUNT(*) FROM users GROUP BY s ORDER BY s;
SELECT MIN(name COLLATE utf8mb4_bin), MAX(name COLLATE utf8mb4_bin) FROM users;
SELECT MIN(BINARY name), MAX(BINARY nick) FROM users;
SELECT MIN(CONCAT(code, '!')), MAX(HEX(code)) FROM users;
SELECT level, MIN(code), MAX(code) FROM users GROUP BY level ORDER BY level;
#: folded
SELECT level, MIN(name), MAX(city), MIN(bio) FROM users GROUP BY level ORDER BY level;
SELECT MIN(CAST(level AS CHAR)), MAX(CAST(tags AS CHAR)), MIN(CONCAT(level)) FROM users;
SELECT MIN(UPPER(code)), MAX(LOWER(code)) FROM users;
SELECT COUNT(DISTINCT name COLLATE utf8mb4_bin), COUNT(DISTINCT BINARY name), COUNT(DISTINCT UPPER(name)), COUNT(DISTINCT LEFT(name, 1)) FROM users;
SELECT COUNT(DISTINCT city), COUNT(DISTINCT city COLLATE latin1_bin), COUNT(DISTINCT CONVERT(city USING utf8mb4)) FROM users;
SELECT COUNT(DISTINCT fixed), COUNT(DISTINCT fixed_bytes), COUNT(DISTINCT token), COUNT(DISTINCT avatar), COUNT(DISTINCT bio), COUNT(DISTINCT doc) FROM users;
SELECT COUNT(DISTINCT name, nick), COUNT(DISTINCT name, NULL), COUNT(DISTINCT code, age), COUNT(DISTINCT fixed, fixed_bytes) FROM users;
SELECT level, COUNT(DISTINCT name), COUNT(DISTINCT nick, code), COUNT(DISTINCT city) FROM users GROUP BY level ORDER BY level;
SELECT COUNT(DISTINCT CASE WHEN age > 2 THEN name END), COUNT(DISTINCT IF(age > 2, nick, NULL)) FROM users;
SELECT DISTINCT BINARY nick AS b FROM users ORDER BY b;
SELECT DISTINCT name COLLATE utf8mb4_bin AS n FROM users ORDER BY n;
#: folded
SELECT DISTINCT CONCAT(nick, city) AS c FROM users ORDER BY c LIMIT 10;
#: folded
SELECT DISTINCT fixed, city FROM users ORDER BY fixed, city;
SELECT DISTINCT avatar FROM users ORDER BY avatar;
#: folded
SELECT DISTINCT bio FROM users ORDER BY bio;
#: folded
SELECT DISTINCT LEFT(name, 2) AS l FROM users ORDER BY l;
#: folded
SELECT DISTINCT name, nick FROM users ORDER BY nick, name LIMIT 11, 8;
SELECT user_id FROM users WHERE name = _utf8mb4'ANNA' COLLATE utf8mb4_bin OR name = _latin1'zoe' ORDER BY user_id;
SELECT user_id FROM users WHERE name = _utf8mb4 X'616E6E61' ORDER BY user_id;
SELECT user_id FROM users WHERE name = N'bob' OR name = n'zoe' ORDER BY 1;
SELECT user_id FROM users WHERE city = _latin1 X'4BF66C6E' ORDER BY 1;
SELECT user_id, _binary'a' = code AS b FROM users WHERE code IS NOT NULL ORDER BY user_id;
SELECT user_id FROM users WHERE code = X'61' OR code = 0x42 OR code = b'1011010' ORDER BY user_id;
SELECT user_id FROM users WHERE token = X'00FF' OR token = _binary'ABC' ORDER BY user_id;
SELECT user_id FROM users WHERE name LIKE _utf8mb4'%a%' AND nick NOT LIKE '%B%' ORDER BY user_id;
SELECT user_id FROM users WHERE name LIKE 'a\_b' OR name LIKE '100\%' OR name LIKE '%\\\\%' ORDER BY user_id;
SELECT user_id FROM users WHERE name LIKE '100|%' ESCAPE '|' OR name LIKE 'a!_b' ESCAPE '!' ORDER BY user_id;
SELECT user_id FROM users WHERE code LIKE 'A%' COLLATE utf8mb4_general_ci ORDER BY user_id;
SELECT user_id FROM users WHERE name IN ('anna' COLLATE utf8mb4_bin, 'Bob') ORDER BY user_id;
SELECT user_id FROM users WHERE name BETWEEN 'a' AND 'c' COLLATE utf8mb4_unicode_ci ORDER BY user_id;
SELECT user_id FROM users WHERE name < nick COLLATE utf8mb4_unicode_ci ORDER BY user_id;
#: error 1267
SELECT user_id FROM users WHERE name = nick ORDER BY user_id;
#: error 1267
SELECT DISTINCT u.name = o.note FROM users u JOIN orders o USING (user_id);
#: error 1267
SELECT name = CONCAT(nick, '') FROM users;
SELECT STRCMP(name COLLATE utf8mb4_bin, nick) AS s, COUNT(*) FROM users GROUP BY s ORDER BY s;
SELECT name SOUNDS LIKE 'ana' AS s, SOUNDEX(name) AS x, COUNT(*) FROM users GROUP BY s, x ORDER BY s, x;
SELECT INSTR(name, 'N'), LOCATE('b', nick), POSITION('o' IN nick), COUNT(*) FROM users GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT FIND_IN_SET(code, 'a,b,A') AS f, COUNT(*) FROM users GROUP BY f ORDER BY f;
SELECT ELT(age, 'one', 'two', 'three') AS e, COUNT(*) FROM users GROUP BY e ORDER BY e;
SELECT FORMAT(score, 1) AS f, COUNT(*) FROM users GROUP BY f ORDER BY f;
SELECT LPAD(age, 3, '0') AS l, COUNT(*) FROM users GROUP BY l ORDER BY l;
SELECT QUOTE(name) AS q, user_id FROM users ORDER BY q COLLATE utf8mb4_bin, user_id;
SELECT CHARSET(name), COLLATION(name), COERCIBILITY(name), CHARSET(city), COLLATION(UPPER(city)), COLLATION(CONCAT(nick, 1)), user_id FROM users ORDER BY user_id LIMIT 2;
SELECT COLLATION(MIN(name)), COLLATION(MAX(city)), CHARSET(GROUP_CONCAT(code)) FROM users;
SELECT COLLATION(n), n FROM (SELECT MAX(nick COLLATE utf8mb4_bin) AS n FROM users) d;
SELECT GROUP_CONCAT(DISTINCT code ORDER BY code SEPARATOR '') FROM users;
SELECT GROUP_CONCAT(DISTINCT UPPER(code) ORDER BY 1) FROM users WHERE code IN ('a', 'b', 'Z');
SELECT level, GROUP_CONCAT(user_id ORDER BY name COLLATE utf8mb4_bin DESC, user_id) FROM users GROUP BY level ORDER BY level;
SELECT GROUP_CONCAT(user_id, '=', IFNULL(age, '-') ORDER BY age IS NULL, age DESC, user_id SEPARATOR ' ') FROM users WHERE user_id < 20;
SELECT level, GROUP_CONCAT(DISTINCT age, region_id ORDER BY age, region_id DESC SEPARATOR '/') FROM users GROUP BY level ORDER BY level;
SELECT GROUP_CONCAT(user_id ORDER BY user_id SEPARATOR '\n') FROM users;
SELECT GROUP_CONCAT(user_id ORDER BY user_id SEPARATOR 0x2C20) FROM users WHERE user_id < 9;
#: mysql
SELECT REGEXP_REPLACE(name, '[aeiou]', '_') AS r, user_id FROM users ORDER BY r COLLATE utf8mb4_bin, user_id;
SELECT REGEXP_SUBSTR(page, '[a-z]+') AS r, COUNT(*) FROM visits GROUP BY r COLLATE utf8mb4_bin, r ORDER BY COUNT(*), HEX(r);
SELECT user_id FROM users WHERE name RLIKE 'a$' AND NOT name REGEXP 'z' ORDER BY user_id;
# What says how an argument is taken, or which strings are made.
SELECT user_id, TRIM(LEADING FROM name), TRIM(BOTH FROM name), TRIM(TRAILING FROM city), TRIM(LEADING 'A' FROM name) FROM users ORDER BY TRIM(LEADING FROM name), user_id;
SELECT CHAR(65 + age % 20 USING latin1), COUNT(*) FROM users GROUP BY 1 ORDER BY 1;
SELECT user_id, CHAR(77, 78 USING utf8mb4) FROM users WHERE LENGTH(CHAR(64 + user_id USING utf8mb4)) = 1 ORDER BY user_id;
SELECT user_id, CAST(age AS SIGNED INT), CAST(age AS UNSIGNED INTEGER), CONVERT(age, SIGNED INTEGER) FROM users ORDER BY CAST(user_id AS SIGNED INTEGER) DESC LIMIT 5;
SELECT user_id, CAST(name AS CHAR CHARACTER SET latin1), CONVERT(name, CHAR(40) CHARACTER SET utf8mb4) FROM users WHERE CAST(user_id AS UNSIGNED INT) < 5 ORDER BY user_id;
#: folded
SELECT CAST(name AS CHAR CHARACTER SET utf8mb4) AS n, COUNT(*) FROM users GROUP BY n ORDER BY n;
SELECT MID(name FROM 2 FOR 3), MID(name FROM 2), SUBSTR(name FROM 2 FOR 1) FROM users ORDER BY user_id;
SELECT GROUP_CONCAT(DISTINCT MID(TRIM(BOTH FROM name) FROM 1 FOR 1) ORDER BY 1) FROM users;

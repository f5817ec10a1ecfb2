# Rows like those of dbgen, few and always the same: CRC32 is the dice. The lists of words are shorter than
# in the specification, so that every query finds rows.

CREATE TEMPORARY TABLE n (i INT NOT NULL PRIMARY KEY);
INSERT INTO n WITH RECURSIVE up AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM up WHERE i < 800) SELECT i FROM up;

INSERT INTO region VALUES (0, 'AFRICA', 'even'), (1, 'AMERICA', 'final'), (2, 'ASIA', 'slow'), (3, 'EUROPE', 'bold'), (4, 'MIDDLE EAST', NULL);
INSERT INTO nation VALUES (0, 'ALGERIA', 0, 'a'), (1, 'ARGENTINA', 1, 'b'), (2, 'BRAZIL', 1, 'c'), (3, 'CANADA', 1, 'd'),
  (4, 'EGYPT', 4, 'e'), (5, 'ETHIOPIA', 0, 'f'), (6, 'FRANCE', 3, 'g'), (7, 'GERMANY', 3, 'h'), (8, 'INDIA', 2, 'i'), (9, 'SAUDI ARABIA', 4, NULL);

INSERT INTO part SELECT i,
  CONCAT_WS(' ', ELT(1 + CRC32(CONCAT('c1', i)) % 5, 'forest', 'green', 'ivory', 'almond', 'tomato'), ELT(1 + CRC32(CONCAT('c2', i)) % 4, 'green', 'blue', 'lemon', 'puff'), 'linen'),
  CONCAT('Manufacturer#', 1 + CRC32(CONCAT('m', i)) % 2), CONCAT('Brand#', 1 + CRC32(CONCAT('m', i)) % 2, 1 + CRC32(CONCAT('b', i)) % 3),
  CONCAT_WS(' ', ELT(1 + CRC32(CONCAT('t1', i)) % 3, 'PROMO', 'MEDIUM', 'ECONOMY'), ELT(1 + CRC32(CONCAT('t2', i)) % 2, 'POLISHED', 'ANODIZED'), ELT(1 + CRC32(CONCAT('t3', i)) % 3, 'BRASS', 'STEEL', 'TIN')),
  1 + CRC32(CONCAT('s', i)) % 15, CONCAT_WS(' ', ELT(1 + CRC32(CONCAT('k1', i)) % 3, 'SM', 'MED', 'LG'), ELT(1 + CRC32(CONCAT('k2', i)) % 3, 'BOX', 'CASE', 'PKG')),
  900 + i + CRC32(CONCAT('p', i)) % 100 / 100, CONCAT('part ', i) FROM n WHERE i <= 60;

INSERT INTO supplier SELECT i, CONCAT('Supplier#', LPAD(i, 9, '0')), CONCAT('street ', i), CRC32(CONCAT('sn', i)) % 10,
  CONCAT(10 + CRC32(CONCAT('sn', i)) % 10, '-', 100 + i, '-555'), CRC32(CONCAT('sa', i)) % 1100000 / 100 - 1000,
  IF(i % 7 = 3, 'the Customer had some Complaints', CONCAT('supplies ', i)) FROM n WHERE i <= 20;

INSERT INTO partsupp SELECT 1 + (i - 1) DIV 4, 1 + ((i - 1) DIV 4 + (i - 1) % 4 * 5) % 20, CRC32(CONCAT('q', i)) % 300,
  1 + CRC32(CONCAT('pc', i)) % 99900 / 100, CONCAT('offer ', i) FROM n WHERE i <= 240;

INSERT INTO customer SELECT i, CONCAT('Customer#', LPAD(i, 9, '0')), CONCAT('road ', i), CRC32(CONCAT('cn', i)) % 10,
  CONCAT(10 + CRC32(CONCAT('cn', i)) % 10, '-', 200 + i, '-777'), CRC32(CONCAT('ca', i)) % 1100000 / 100 - 1000,
  ELT(1 + CRC32(CONCAT('cs', i)) % 3, 'BUILDING', 'MACHINERY', 'AUTOMOBILE'), CONCAT('buys ', i) FROM n WHERE i <= 50;

INSERT INTO orders SELECT i * 3, 1 + CRC32(CONCAT('oc', i)) % 40, 'O', 0, DATE '1993-01-01' + INTERVAL CRC32(CONCAT('od', i)) % 1400 DAY,
  ELT(1 + CRC32(CONCAT('op', i)) % 5, '1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'), CONCAT('Clerk#', LPAD(1 + i % 9, 9, '0')), 0,
  IF(i % 11 = 4, 'no special packages, requests neither', CONCAT('order ', i)) FROM n WHERE i <= 160;

INSERT INTO lineitem SELECT i * 3, p, s, line, q, q * 950 + p, CRC32(CONCAT('ld', i, line)) % 11 / 100, CRC32(CONCAT('lt', i, line)) % 9 / 100, 'N', 'O', ship, ordered + INTERVAL 30 + CRC32(CONCAT('lc', i, line)) % 60 DAY,
  ship + INTERVAL 1 + CRC32(CONCAT('lr', i, line)) % 30 DAY, ELT(1 + CRC32(CONCAT('li', i, line)) % 2, 'DELIVER IN PERSON', 'COLLECT COD'),
  ELT(1 + CRC32(CONCAT('lm', i, line)) % 4, 'AIR', 'MAIL', 'SHIP', 'REG AIR'), CONCAT('line ', line)
  FROM (SELECT i, line, 1 + CRC32(CONCAT('lp', i, line)) % 60 AS p, 1 + (CRC32(CONCAT('lp', i, line)) % 60 + CRC32(CONCAT('ls', i, line)) % 4 * 5) % 20 AS s,
    1 + CRC32(CONCAT('lq', i, line)) % 50 AS q, o_orderdate AS ordered, o_orderdate + INTERVAL 1 + CRC32(CONCAT('sh', i, line)) % 120 DAY AS ship
    FROM n, orders, (SELECT 1 AS line UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6) up_to
    WHERE o_orderkey = i * 3 AND line <= 1 + CRC32(CONCAT('count', i)) % 6) made;
UPDATE lineitem SET l_returnflag = IF(l_receiptdate <= '1995-06-17', ELT(1 + l_linenumber % 2, 'R', 'A'), 'N'), l_linestatus = IF(l_shipdate > '1995-06-17', 'O', 'F');
UPDATE orders SET o_totalprice = (SELECT SUM(l_extendedprice * (1 + l_tax) * (1 - l_discount)) FROM lineitem WHERE l_orderkey = o_orderkey),
  o_orderstatus = (SELECT IF(MIN(l_linestatus) = MAX(l_linestatus), MIN(l_linestatus), 'P') FROM lineitem WHERE l_orderkey = o_orderkey);

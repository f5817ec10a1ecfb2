# Tables of well-known example databases: world, sakila, employees, and those of the MySQL Reference Manual.

CREATE TABLE country (
  Code CHAR(3) NOT NULL DEFAULT '' PRIMARY KEY,
  Name CHAR(52) NOT NULL DEFAULT '',
  Continent ENUM('Asia','Europe','North America','Africa','Oceania','Antarctica','South America') NOT NULL DEFAULT 'Asia',
  Region CHAR(26) NOT NULL DEFAULT '',
  SurfaceArea DECIMAL(10,2) NOT NULL DEFAULT 0,
  IndepYear SMALLINT,
  Population INT NOT NULL DEFAULT 0,
  LifeExpectancy DECIMAL(3,1),
  GNP DECIMAL(10,2),
  HeadOfState CHAR(60),
  Capital INT
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE city (
  ID INT NOT NULL PRIMARY KEY,
  Name CHAR(35) NOT NULL DEFAULT '',
  CountryCode CHAR(3) NOT NULL DEFAULT '',
  District CHAR(20) NOT NULL DEFAULT '',
  Population INT NOT NULL DEFAULT 0,
  KEY CountryCode (CountryCode)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE countrylanguage (
  CountryCode CHAR(3) NOT NULL DEFAULT '',
  Language CHAR(30) NOT NULL DEFAULT '',
  IsOfficial ENUM('T','F') NOT NULL DEFAULT 'F',
  Percentage DECIMAL(4,1) NOT NULL DEFAULT 0,
  PRIMARY KEY (CountryCode, Language)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE language (
  language_id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  name CHAR(20) NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE film (
  film_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  title VARCHAR(128) NOT NULL,
  description TEXT,
  release_year YEAR,
  language_id TINYINT UNSIGNED NOT NULL,
  rental_duration TINYINT UNSIGNED NOT NULL DEFAULT 3,
  rental_rate DECIMAL(4,2) NOT NULL DEFAULT 4.99,
  length SMALLINT UNSIGNED,
  replacement_cost DECIMAL(5,2) NOT NULL DEFAULT 19.99,
  rating ENUM('G','PG','PG-13','R','NC-17') DEFAULT 'G',
  special_features SET('Trailers','Commentaries','Deleted Scenes','Behind the Scenes'),
  last_update TIMESTAMP NOT NULL DEFAULT '2006-02-15 05:03:42',
  KEY idx_title (title)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE actor (
  actor_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  first_name VARCHAR(45) NOT NULL,
  last_name VARCHAR(45) NOT NULL,
  last_update TIMESTAMP NOT NULL DEFAULT '2006-02-15 05:03:42'
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE film_actor (
  actor_id SMALLINT UNSIGNED NOT NULL,
  film_id SMALLINT UNSIGNED NOT NULL,
  PRIMARY KEY (actor_id, film_id)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE inventory (
  inventory_id MEDIUMINT UNSIGNED NOT NULL PRIMARY KEY,
  film_id SMALLINT UNSIGNED NOT NULL,
  store_id TINYINT UNSIGNED NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE customer (
  customer_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  store_id TINYINT UNSIGNED NOT NULL,
  first_name VARCHAR(45) NOT NULL,
  last_name VARCHAR(45) NOT NULL,
  email VARCHAR(50),
  active TINYINT(1) NOT NULL DEFAULT TRUE,
  create_date DATETIME NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE rental (
  rental_id INT NOT NULL PRIMARY KEY,
  rental_date DATETIME NOT NULL,
  inventory_id MEDIUMINT UNSIGNED NOT NULL,
  customer_id SMALLINT UNSIGNED NOT NULL,
  return_date DATETIME,
  staff_id TINYINT UNSIGNED NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE payment (
  payment_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
  customer_id SMALLINT UNSIGNED NOT NULL,
  staff_id TINYINT UNSIGNED NOT NULL,
  rental_id INT,
  amount DECIMAL(5,2) NOT NULL,
  payment_date DATETIME NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE departments (
  dept_no CHAR(4) NOT NULL PRIMARY KEY,
  dept_name VARCHAR(40) NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE employees (
  emp_no INT NOT NULL PRIMARY KEY,
  birth_date DATE NOT NULL,
  first_name VARCHAR(14) NOT NULL,
  last_name VARCHAR(16) NOT NULL,
  gender ENUM('M','F') NOT NULL,
  hire_date DATE NOT NULL
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE dept_emp (
  emp_no INT NOT NULL,
  dept_no CHAR(4) NOT NULL,
  from_date DATE NOT NULL,
  to_date DATE NOT NULL,
  PRIMARY KEY (emp_no, dept_no)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE titles (
  emp_no INT NOT NULL,
  title VARCHAR(50) NOT NULL,
  from_date DATE NOT NULL,
  to_date DATE,
  PRIMARY KEY (emp_no, title, from_date)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE salaries (
  emp_no INT NOT NULL,
  salary INT NOT NULL,
  from_date DATE NOT NULL,
  to_date DATE NOT NULL,
  PRIMARY KEY (emp_no, from_date)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE staff (
  id INT PRIMARY KEY NOT NULL,
  name VARCHAR(100) NOT NULL,
  manager_id INT NULL,
  INDEX (manager_id)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE sales (
  id INT NOT NULL PRIMARY KEY,
  year INT,
  country VARCHAR(20),
  product VARCHAR(32),
  profit INT,
  date DATE,
  price DECIMAL(8,2)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE article (
  article INT UNSIGNED NOT NULL,
  dealer CHAR(20) NOT NULL DEFAULT '',
  price DECIMAL(16,2) NOT NULL DEFAULT 0,
  PRIMARY KEY (article, dealer)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE category (
  category_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(20) NOT NULL,
  lft INT NOT NULL,
  rgt INT NOT NULL,
  parent INT
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE observations (
  id INT NOT NULL PRIMARY KEY,
  time TIME,
  subject VARCHAR(10),
  val INT
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE facts (
  id INT NOT NULL PRIMARY KEY,
  c JSON,
  v VARCHAR(60)
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

CREATE TABLE pets (
  name VARCHAR(20) NOT NULL PRIMARY KEY,
  owner VARCHAR(20),
  species VARCHAR(20),
  sex CHAR(1),
  birth DATE,
  death DATE
) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci;

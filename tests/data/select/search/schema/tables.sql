CREATE TABLE page (
  page_id INT UNSIGNED NOT NULL PRIMARY KEY,
  page_namespace INT NOT NULL,
  page_title VARBINARY(255) NOT NULL,
  page_is_redirect TINYINT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY name_title (page_id, page_namespace, page_title)
);
CREATE TABLE searchindex (
  si_page INT UNSIGNED NOT NULL PRIMARY KEY,
  si_title VARCHAR(255) NOT NULL DEFAULT '',
  si_text MEDIUMTEXT NOT NULL,
  FULLTEXT KEY si_title (si_title),
  FULLTEXT KEY si_text (si_text)
);
CREATE TABLE topic (
  topic_id INT NOT NULL PRIMARY KEY,
  forum_id INT NOT NULL,
  topic_title VARCHAR(100) NOT NULL,
  FULLTEXT KEY topic_title (topic_title)
);
CREATE TABLE post (
  post_id INT NOT NULL PRIMARY KEY,
  topic_id INT NOT NULL,
  subject VARCHAR(100) NOT NULL,
  body TEXT,
  rating INT,
  FULLTEXT KEY content (subject, body),
  FULLTEXT KEY body (body)
);
CREATE TABLE help (
  help_id INT NOT NULL PRIMARY KEY,
  topic_id INT NOT NULL,
  answer VARCHAR(200) NOT NULL,
  FULLTEXT KEY answer (answer)
);
CREATE TABLE mail (
  mail_id INT NOT NULL PRIMARY KEY,
  line VARCHAR(200) NOT NULL,
  FULLTEXT KEY line (line)
) ENGINE = MyISAM;
CREATE TABLE forum (
  forum_id INT NOT NULL PRIMARY KEY,
  forum_name VARCHAR(100) NOT NULL,
  FULLTEXT KEY forum_name (forum_name)
);

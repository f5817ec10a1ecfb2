# Whether a row matches depends on the row alone.
SELECT si_page FROM searchindex WHERE MATCH (si_text) AGAINST ('+server' IN BOOLEAN MODE);
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('+server -database' IN BOOLEAN MODE) ORDER BY si_page DESC LIMIT 5;
SELECT si_page, si_text FROM searchindex WHERE MATCH si_text AGAINST ('data* (+winter >harbour) ~library' IN BOOLEAN MODE) ORDER BY 1;
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('"the server"' IN BOOLEAN MODE) OR MATCH(si_title) AGAINST ('mysql') ORDER BY si_page;
SELECT COUNT(*) FROM searchindex WHERE MATCH(si_text) AGAINST ('server mysql');
SELECT COUNT(*), SUM(si_page), MIN(si_title) FROM searchindex WHERE MATCH(si_text) AGAINST ('server' IN NATURAL LANGUAGE MODE) AND NOT MATCH(si_text) AGAINST ('winter' IN BOOLEAN MODE);
SELECT COUNT(IF(MATCH (si_text) AGAINST ('database' IN NATURAL LANGUAGE MODE), 1, NULL)) AS n FROM searchindex;
SELECT rating, COUNT(*) FROM post WHERE MATCH(subject, body) AGAINST ('server gardens mountain') GROUP BY rating ORDER BY rating;
SELECT post_id FROM post WHERE rating > 1 AND (MATCH(body) AGAINST ('server' IN BOOLEAN MODE) OR subject LIKE 'b%') ORDER BY post_id;
SELECT DISTINCT rating FROM post WHERE MATCH(subject, body) AGAINST ('+mysql' IN BOOLEAN MODE) ORDER BY rating;
SELECT post_id FROM post WHERE MATCH(subject, body) AGAINST ('gardens' ' winter' IN BOOLEAN MODE) ORDER BY post_id;
SELECT post_id FROM post WHERE MATCH(post.subject, post.body) AGAINST (CONCAT('+', 'server', ' -winter') IN BOOLEAN MODE) ORDER BY post_id;
SELECT post_id, rating, ROW_NUMBER() OVER (ORDER BY post_id) AS n FROM post WHERE MATCH(search.post.body) AGAINST ('server') AND post_id BETWEEN 3 AND 30 ORDER BY post_id;
#: empty
SELECT post_id FROM post WHERE MATCH(subject, body) AGAINST ('' IN BOOLEAN MODE);
#: empty
SELECT post_id FROM post WHERE MATCH(subject, body) AGAINST ('of' IN BOOLEAN MODE);
SELECT post_id FROM post WHERE (MATCH(body) AGAINST ('server' IN BOOLEAN MODE)) XOR (rating = 1) ORDER BY post_id;
# As MediaWiki asks.
SELECT page_id,page_namespace,page_title FROM page,searchindex WHERE page_id=si_page AND MATCH(si_text) AGAINST('+server' IN BOOLEAN MODE) AND page_namespace IN (0) LIMIT 100;
SELECT page_id,page_namespace,page_title FROM `page`,`searchindex` WHERE (page_id=si_page) AND (MATCH(si_title) AGAINST('+mysql ' IN BOOLEAN MODE)) AND page_is_redirect = 0 AND page_namespace IN (0,1) ORDER BY page_id LIMIT 20;
SELECT COUNT(*) FROM page,searchindex WHERE page_id=si_page AND MATCH(si_text) AGAINST('+server +winter' IN BOOLEAN MODE) AND page_namespace IN ('0','4');
# On one shard all is the server's.
SELECT si_page, MATCH(si_text) AGAINST ('winter') > 0 AS found FROM searchindex WHERE si_page = 3;
# Rows of several shards in one place.
SELECT t.topic_id, p.post_id FROM topic t JOIN post p USING (topic_id) WHERE MATCH(p.subject, p.body) AGAINST ('+server' IN BOOLEAN MODE) ORDER BY p.post_id;
SELECT DISTINCT t.topic_id, t.topic_title FROM topic t, post p WHERE t.topic_id = p.topic_id AND MATCH (p.body) AGAINST ('database proxy') AND t.forum_id IN (1, 3) ORDER BY t.topic_id LIMIT 7;
SELECT t.topic_id FROM topic t, post p WHERE t.topic_id = p.topic_id AND MATCH (p.body) AGAINST ('+server' IN BOOLEAN MODE) AND MATCH (t.topic_title) AGAINST ('mysql server winter' IN BOOLEAN MODE) ORDER BY 1, p.post_id;
SELECT t.topic_id, p.post_id FROM topic t LEFT JOIN post p ON p.topic_id = t.topic_id AND MATCH(subject, body) AGAINST ('+winter' IN BOOLEAN MODE) ORDER BY 1, 2;
SELECT topic_id FROM topic WHERE topic_id IN (SELECT topic_id FROM post WHERE MATCH(subject, body) AGAINST ('server mysql')) ORDER BY topic_id;
SELECT topic_id FROM topic t WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.topic_id = t.topic_id AND MATCH(subject, body) AGAINST ('+winter' IN BOOLEAN MODE)) ORDER BY topic_id;
SELECT t.topic_id, COUNT(*), GROUP_CONCAT(post_id ORDER BY post_id) FROM topic t JOIN post p ON t.topic_id = p.topic_id WHERE (MATCH(subject, body) AGAINST ('+server' IN BOOLEAN MODE) OR rating > 2) AND p.post_id > 0 GROUP BY t.topic_id ORDER BY 1;
SELECT * FROM topic t JOIN post p ON t.topic_id = p.topic_id WHERE MATCH(subject, body) AGAINST ('+server +database' IN BOOLEAN MODE) ORDER BY p.post_id;
SELECT f.forum_name, t.topic_id FROM forum f, topic t, post p WHERE f.forum_id = t.forum_id AND p.topic_id = t.topic_id AND MATCH(forum_name) AGAINST ('talk gardens' IN BOOLEAN MODE) AND MATCH(p.body) AGAINST ('server' IN BOOLEAN MODE) ORDER BY 1, 2, p.post_id;
SELECT h.help_id, p.post_id FROM help h, post p WHERE h.topic_id = p.topic_id AND MATCH(answer) AGAINST ('server' IN BOOLEAN MODE) AND MATCH(p.body) AGAINST ('server' IN BOOLEAN MODE) ORDER BY 1, 2;
SELECT AVG(n) FROM (SELECT t.topic_id, COUNT(*) AS n FROM topic t JOIN post p USING (topic_id) WHERE MATCH(p.body) AGAINST ('server') GROUP BY t.topic_id) d;
WITH found AS (SELECT post_id, topic_id FROM post WHERE MATCH(body) AGAINST ('server')) SELECT topic_title, post_id FROM found JOIN topic USING (topic_id) ORDER BY post_id;
# In boolean mode MyISAM finds what half of the rows have, too.
SELECT mail_id FROM mail WHERE MATCH (line) AGAINST ('server' IN BOOLEAN MODE) ORDER BY mail_id;
# What depends on all rows is refused.
SELECT si_page, MATCH(si_text) AGAINST ('server' IN BOOLEAN MODE) AS score FROM searchindex ORDER BY score DESC, si_page;
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('server' IN BOOLEAN MODE) ORDER BY MATCH(si_text) AGAINST ('server' IN BOOLEAN MODE) DESC, si_page LIMIT 5;
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('server') > 0.001 ORDER BY si_page;
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('winter' WITH QUERY EXPANSION) ORDER BY si_page;
SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('winter harbour');
SELECT COUNT(*) FROM (SELECT si_page FROM searchindex WHERE MATCH(si_text) AGAINST ('winter harbour') LIMIT 3) d;
SELECT t.topic_id FROM topic t LEFT JOIN post p USING (topic_id) WHERE MATCH(p.body) AGAINST ('server' IN BOOLEAN MODE) ORDER BY 1;
SELECT t.topic_id FROM topic t JOIN post p USING (topic_id) WHERE MATCH(p.body) AGAINST ('server' IN BOOLEAN MODE) OR t.topic_id = 3 ORDER BY 1;
#: empty
SELECT mail_id FROM mail WHERE MATCH (line) AGAINST ('server') ORDER BY mail_id;
# What is wrong everywhere.
#: error 1191
SELECT post_id FROM post WHERE MATCH(subject) AGAINST ('server' IN BOOLEAN MODE) ORDER BY post_id;
#: error 1054
SELECT post_id FROM post WHERE MATCH(nothing) AGAINST ('server' IN BOOLEAN MODE) ORDER BY post_id;
#: error 1191
SELECT p.post_id FROM topic t JOIN post p USING (topic_id) WHERE MATCH(p.subject) AGAINST ('server' IN BOOLEAN MODE) ORDER BY p.post_id;

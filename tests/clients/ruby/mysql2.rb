# Ruby's mysql2: queries, prepared statements, streaming, transactions.

require 'mysql2'
require_relative 'story'
include Story

def rows(db)
  insert = db.prepare('INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  insert.execute(1, NAME, BALANCE, BORN, SEEN, PHOTO, PROFILE.to_json, VISITS, 1, 0.1)
  same(insert.affected_rows, 1, 'a prepared INSERT')
  values = (2..30).map { |n| "(#{n}, '#{db.escape("n#{n}")}', #{n})" }.join(', ')
  db.query("INSERT INTO people (id, name, balance) VALUES #{values}")
  same(db.affected_rows, 29, 'a batch')
  by_key = db.prepare('SELECT * FROM people WHERE id = ?')
  [db.query('SELECT * FROM people WHERE id = 1').first, by_key.execute(1).first].each do |found|
    same(JSON.parse(found['profile']), PROFILE, 'JSON')
    same(found.values_at('name', 'balance', 'born', 'photo', 'visits', 'score'), [NAME, BALANCE, BORN, PHOTO, VISITS, 0.1], 'values')
  end
  same(db.query('SELECT seen FROM people WHERE id = 1', cast: false).first['seen'], '2026-01-02 03:04:05.678901', 'DATETIME(6)')
end

def questions(db)
  same(db.query('SELECT COUNT(*), SUM(balance) FROM people WHERE id > 1', as: :array).first, [29, 464], 'totals')
  page = db.prepare('SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?').execute(2, 10, as: :array).to_a
  same(page, [[11], [12]], 'LIMIT by parameters')
  streamed = 0
  db.query('SELECT id FROM people ORDER BY id', stream: true, cache_rows: false).each { streamed += 1 }
  same(streamed, 30, 'a stream')
  db.query("INSERT INTO notes (title) VALUES ('first')")
  same(db.last_id.positive?, true, 'last_id')
end

def transactions(db)
  db.query('BEGIN')
  db.query("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6, 7)")
  same(db.affected_rows, 4, 'UPDATE')
  db.query('ROLLBACK')
  db.query('START TRANSACTION')
  db.query('DELETE FROM people WHERE id = 30')
  db.query('COMMIT')
  same(db.query("SELECT COUNT(*), SUM(name = 'gone') FROM people", as: :array).first, [29, 0], 'transactions')
  { "INSERT INTO people (id, name) VALUES (1, 'again')" => 1062, 'SELECT FROM' => 1064, 'SELECT * FROM missing' => 1146 }.each do |sql, code|
    same(thrown(Mysql2::Error, sql) { db.query(sql) }.errno, code, sql)
  end
end

def the_rest
  db = Mysql2::Client.new(**CONNECTION, flags: Mysql2::Client::MULTI_STATEMENTS)
  told = [db.query("SELECT 1 AS x; SELECT name AS x FROM people WHERE id = 3; UPDATE people SET name = 'm' WHERE id = 7").first['x']]
  told << db.store_result&.first&.fetch('x') while db.next_result
  same(told, [1, 'n3', nil], 'several statements')
  db.query('SELECT SLEEP(0.1)', async: true)
  same(db.async_result.count, 1, 'async')
  same(db.ping, true, 'ping')
  same(db.server_info[:version].empty?, false, 'version')
  db.close
end

db = Mysql2::Client.new(**CONNECTION, encoding: 'utf8mb4', database_timezone: :utc)
rows(db)
questions(db)
transactions(db)
the_rest
puts "version: mysql2 #{Mysql2::VERSION}"

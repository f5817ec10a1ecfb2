#!/usr/bin/env node
// MariaDB's connector for Node: query, execute, batch, pool, stream, importing.

const assert = require('node:assert/strict');
const mariadb = require('mariadb');
const story = require('./story.js');

// caching_sha2_password without TLS asks for the server's key.
const SETTINGS = { ...story.connection, allowPublicKeyRetrieval: true, dateStrings: true, bigNumberStrings: true, supportBigNumbers: true, decimalAsNumber: false };

const refusal = (errno) => (error) => {
  assert.equal(error.errno, errno, error.message);
  return true;
};

async function rows(connection) {
  const first = [1, story.NAME, story.BALANCE, story.BORN, story.SEEN, story.PHOTO, JSON.stringify(story.PROFILE), story.VISITS, true, story.SCORE];
  const made = await connection.execute(`INSERT INTO people VALUES (${first.map(() => '?')})`, first);
  assert.equal(made.affectedRows, 1);
  const many = story.OTHERS.map((n) => [n, `n${n}`, n]);
  const batch = await connection.batch('INSERT INTO people (id, name, balance) VALUES (?, ?, ?)', many);
  // One result, or one for each row where the server has no bulk command.
  assert.equal([batch].flat().reduce((sum, result) => sum + result.affectedRows, 0), 29);
  for (const way of ['query', 'execute']) {
    const [found] = await connection[way]('SELECT * FROM people WHERE id = ?', [1]);
    const profile = typeof found.profile === 'string' ? JSON.parse(found.profile) : found.profile;
    assert.ok(story.PHOTO.equals(found.photo));
    assert.deepEqual(profile, story.PROFILE);
    assert.deepEqual(
      [String(found.id), found.name, String(found.balance), found.born, found.seen, String(found.visits), Number(found.active), found.score],
      ['1', story.NAME, story.BALANCE, story.BORN, story.SEEN, story.VISITS, 1, story.SCORE],
    );
  }
}

async function questions(connection) {
  for (const way of ['query', 'execute']) {
    const [told] = await connection[way]('SELECT COUNT(*) AS n, SUM(balance) AS s FROM people WHERE id > ?', [1]);
    assert.deepEqual([Number(told.n), Number(told.s)], [29, 464]);
    const page = await connection[way]('SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?', [2, 10]);
    assert.deepEqual(page.map((row) => Number(row.id)), [11, 12]);
  }
  const noted = await connection.execute("INSERT INTO notes (title) VALUES ('first')");
  assert.ok(noted.insertId > 0);
}

async function transactions(connection) {
  await connection.beginTransaction();
  assert.equal((await connection.execute("UPDATE people SET name = 'gone' WHERE id IN (?, ?, ?)", [4, 5, 6])).affectedRows, 3);
  await connection.rollback();
  const [kept] = await connection.query("SELECT COUNT(*) AS n FROM people WHERE name = 'gone'");
  assert.equal(Number(kept.n), 0);
  await connection.beginTransaction();
  await connection.execute('DELETE FROM people WHERE id = ?', [30]);
  await connection.commit();
  await assert.rejects(connection.execute("INSERT INTO people (id, name) VALUES (1, 'again')"), refusal(1062));
  await assert.rejects(connection.query('SELECT FROM'), refusal(1064));
  await assert.rejects(connection.query('SELECT * FROM missing'), refusal(1146));
}

story.run(async () => {
  const pool = mariadb.createPool({ ...SETTINGS, connectionLimit: 3 });
  const connection = await pool.getConnection();
  await rows(connection);
  await questions(connection);
  await transactions(connection);
  let streamed = 0;
  for await (const row of connection.queryStream('SELECT id FROM people ORDER BY id')) streamed += row.id ? 1 : 0;
  assert.equal(streamed, 29);
  await connection.ping();
  await connection.reset();
  await connection.release();
  const names = await Promise.all(story.OTHERS.slice(0, 10).map((n) => pool.execute('SELECT name FROM people WHERE id = ?', [n])));
  assert.deepEqual(names.map(([row]) => row.name), story.OTHERS.slice(0, 10).map((n) => `n${n}`));
  await pool.end();
}, 'mariadb');

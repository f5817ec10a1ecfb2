#!/usr/bin/env node
// Node's mysql, the old driver, which knows no prepared statements and no caching_sha2_password.

const assert = require('node:assert/strict');
const { promisify } = require('node:util');
const mysql = require('mysql');
const story = require('./story.js');

// The user may log in by mysql_native_password.
const SETTINGS = { ...story.connection, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, charset: 'utf8mb4' };

const refusal = (errno) => (error) => {
  assert.equal(error.errno, errno, error.message);
  return true;
};

async function rows(ask) {
  const first = {
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: story.SEEN, photo: story.PHOTO,
    profile: JSON.stringify(story.PROFILE), visits: story.VISITS, active: true, score: story.SCORE,
  };
  assert.equal((await ask('INSERT INTO people SET ?', first)).affectedRows, 1);
  const many = story.OTHERS.map((n) => [n, `n${n}`, n]);
  assert.equal((await ask('INSERT INTO people (id, name, balance) VALUES ?', [many])).affectedRows, 29);
  const [found] = await ask('SELECT * FROM people WHERE id = ?', [1]);
  assert.ok(story.PHOTO.equals(found.photo));
  assert.deepEqual(JSON.parse(found.profile), story.PROFILE);
  assert.deepEqual({ ...found, photo: 0, profile: 0 }, { ...first, id: '1', photo: 0, profile: 0, active: 1 });
}

async function questions(ask) {
  const [told] = await ask('SELECT COUNT(*) AS n, SUM(balance) AS s FROM people WHERE id > 1');
  assert.deepEqual([Number(told.n), told.s], [29, '464.000000']);
  assert.deepEqual((await ask('SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 10')).map((r) => Number(r.id)), [11, 12]);
  const changed = await ask("UPDATE people SET name = 'n5' WHERE id IN (?)", [[5, 6]]);
  // This driver asks for found rows.
  assert.deepEqual([changed.affectedRows, changed.changedRows], [2, 1]);
  await ask("UPDATE people SET name = 'n6' WHERE id = 6");
  const noted = await ask('INSERT INTO notes SET ?', { title: 'first' });
  assert.ok(noted.insertId > 0);
  assert.equal((await ask('SELECT ?? FROM ?? WHERE ?? = ?', ['title', 'notes', 'id', noted.insertId]))[0].title, 'first');
}

async function transactions(connection, ask) {
  await promisify(connection.beginTransaction).call(connection);
  await ask("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6, 7)");
  assert.equal(Number((await ask("SELECT COUNT(*) AS n FROM people WHERE name = 'gone'"))[0].n), 4);
  await promisify(connection.rollback).call(connection);
  assert.equal(Number((await ask("SELECT COUNT(*) AS n FROM people WHERE name = 'gone'"))[0].n), 0);
  await promisify(connection.beginTransaction).call(connection);
  await ask('DELETE FROM people WHERE id = 30');
  await promisify(connection.commit).call(connection);
  await assert.rejects(ask("INSERT INTO people (id, name) VALUES (1, 'again')"), refusal(1062));
  await assert.rejects(ask('SELECT FROM'), refusal(1064));
  await assert.rejects(ask('SELECT * FROM missing'), refusal(1146));
}

async function pool() {
  const made = mysql.createPool({ ...SETTINGS, connectionLimit: 3 });
  const query = promisify(made.query).bind(made);
  const names = await Promise.all(story.OTHERS.slice(0, 10).map((n) => query('SELECT name FROM people WHERE id = ?', [n])));
  assert.deepEqual(names.map(([row]) => row.name), story.OTHERS.slice(0, 10).map((n) => `n${n}`));
  await promisify(made.end).call(made);
}

story.run(async () => {
  const connection = mysql.createConnection(SETTINGS);
  const ask = promisify(connection.query).bind(connection);
  await rows(ask);
  await questions(ask);
  await transactions(connection, ask);
  let streamed = 0;
  await new Promise((done, failed) => {
    connection.query('SELECT id FROM people ORDER BY id').on('result', () => (streamed += 1)).on('end', done).on('error', failed);
  });
  assert.equal(streamed, 29);
  await promisify(connection.ping).call(connection);
  await promisify(connection.changeUser).call(connection, { database: story.connection.database });
  await promisify(connection.end).call(connection);
  await pool();
}, 'mysql');

#!/usr/bin/env node
// Node's mysql2 against a demo shop, by query() (text protocol) and by execute() (prepared).
// Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB and MYSQL_TLS (on or off).

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const mysql = require('mysql2/promise');

const env = process.env;
const KEYS = Array.from({ length: 16 }, (_, i) => 940000 + i);
const NAME = 'Zoë \'the \\ "q" 🎈\'\n';
const BIG = 17 << 20;
const SETTINGS = {
  host: env.MYSQL_HOST,
  port: Number(env.MYSQL_PORT),
  user: env.MYSQL_USER,
  password: env.MYSQL_PASSWORD,
  database: env.MYSQL_DB,
  dateStrings: true,
  // The demo's certificate is its own: encrypted, but nobody vouches for it.
  ...(env.MYSQL_TLS === 'on' ? { ssl: { rejectUnauthorized: false } } : {}),
};

const connect = (options = {}) => mysql.createConnection({ ...SETTINGS, ...options });
const refusal = (errno, sqlState) => (error) => {
  assert.deepEqual([error.errno, error.sqlState], [errno, sqlState], error.message);
  return true;
};

async function ask(connection, statement, values) {
  const [found] = await connection.query(statement, values);
  return found;
}

async function clear(connection) {
  for (const key of KEYS) {
    await ask(connection, 'DELETE FROM users WHERE user_id = ?', [key]);
    await ask(connection, 'DELETE FROM orders WHERE user_id = ?', [key]);
  }
}

async function rows(connection) {
  const moment = '2026-01-02 03:04:05.678901';
  for (const key of KEYS) {
    const user = { user_id: key, name: NAME, email: `${key}@shop.example`, region_id: 1, created_at: moment };
    assert.equal((await ask(connection, 'INSERT INTO users SET ?', user)).affectedRows, 1);
    const order = [key, key, 'paid', '12.30', null, moment];
    assert.equal((await ask(connection, 'INSERT INTO orders VALUES (?)', [order])).affectedRows, 1);
  }
  for (const key of KEYS) {
    const [found, fields] = await connection.query(
      'SELECT u.name, u.created_at, o.status, o.total, o.note FROM users u JOIN orders o USING (user_id) WHERE u.user_id = ?',
      [key],
    );
    assert.deepEqual({ ...found[0] }, { name: NAME, created_at: moment, status: 'paid', total: '12.30', note: null });
    assert.equal(found.length, 1);
    assert.equal(fields[0].schema ?? fields[0].db, SETTINGS.database);
    assert.equal(fields[0].orgTable, 'users');
  }
  // mysql2 asks for found rows.
  const update = 'UPDATE users SET region_id = 2 WHERE user_id = ?';
  let done = await ask(connection, update, [KEYS[3]]);
  assert.deepEqual([done.affectedRows, done.changedRows], [1, 1]);
  done = await ask(connection, update, [KEYS[3]]);
  assert.deepEqual([done.affectedRows, done.changedRows], [1, 0]);
  assert.equal((await ask(connection, 'DELETE FROM orders WHERE user_id = ?', [KEYS[4]])).affectedRows, 1);
  assert.deepEqual(await ask(connection, 'SELECT * FROM orders WHERE user_id = ?', [KEYS[4]]), []);
  const [asArray] = await connection.query({ sql: 'SELECT user_id, region_id FROM users WHERE user_id = 940003', rowsAsArray: true });
  assert.deepEqual(asArray, [[KEYS[3], 2]]);
}

// The same rows by execute(): statements are prepared once, values travel in binary form.
async function prepared(connection) {
  const moment = '2026-01-02 03:04:05.678901';
  const run = async (statement, values) => (await connection.execute(statement, values))[0];
  await clear(connection);
  for (const key of KEYS) {
    const user = [key, NAME, `${key}@shop.example`, 1, moment];
    assert.equal((await run('INSERT INTO users VALUES (?, ?, ?, ?, ?)', user)).affectedRows, 1);
    const order = [key, key, 'paid', '12.30', null, moment];
    assert.equal((await run('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)', order)).affectedRows, 1);
  }
  const select =
    'SELECT u.name, u.created_at, o.status, o.total, o.note FROM users u JOIN orders o USING (user_id) WHERE u.user_id = ?';
  for (const key of [...KEYS, ...KEYS.map(String)]) {
    const found = await run(select, [key]);
    assert.deepEqual(found.map((row) => ({ ...row })), [
      { name: NAME, created_at: moment, status: 'paid', total: '12.30', note: null },
    ]);
  }
  await connection.beginTransaction();
  assert.equal((await run('UPDATE users SET name = ? WHERE user_id = ?', ['changed', KEYS[2]])).affectedRows, 1);
  await connection.rollback();
  assert.equal((await run('SELECT name FROM users WHERE user_id = ?', [KEYS[2]]))[0].name, NAME);
  await assert.rejects(run('SELECT nothing FROM users WHERE user_id = ?', [1]), refusal(1054, '42S22'));
  await assert.rejects(run(`INSERT INTO users VALUES (?, 'x', 'x', 1, NOW())`, [KEYS[1]]), refusal(1062, '23000'));
  const body = 'x'.repeat(BIG);
  const [echo] = await run('SELECT ? AS body, LENGTH(?) AS length', [body, body]);
  assert.ok(echo.length === BIG && echo.body === body, 'a large value');
  connection.unprepare(select);
  assert.equal((await run(select, [KEYS[0]])).length, 1);
}

async function transactions(connection) {
  const key = KEYS[1];
  const name = async (by) => (await ask(by, 'SELECT name FROM users WHERE user_id = ?', [key]))[0].name;
  const rename = (to) => ask(connection, 'UPDATE users SET name = ? WHERE user_id = ?', [to, key]);
  const other = await connect();
  await connection.beginTransaction();
  await rename('changed');
  assert.equal(await name(connection), 'changed');
  assert.equal(await name(other), NAME);
  await connection.rollback();
  assert.equal(await name(connection), NAME);
  await connection.beginTransaction();
  await rename('kept');
  await ask(connection, 'SAVEPOINT `before more`');
  await rename('more');
  await ask(connection, 'ROLLBACK TO SAVEPOINT `before more`');
  await connection.commit();
  assert.equal(await name(other), 'kept');
  await ask(connection, 'SET autocommit = 0');
  await rename('never');
  await ask(connection, 'ROLLBACK');
  await ask(connection, 'SET autocommit = 1');
  assert.equal(await name(other), 'kept');
  await other.end();
}

async function errors(connection) {
  const insert = `INSERT INTO users VALUES (${KEYS[0]}, 'n', 'e', 1, NOW())`;
  await assert.rejects(ask(connection, insert), refusal(1062, '23000'));
  await assert.rejects(ask(connection, 'SELECT FROM'), refusal(1064, '42000'));
  await assert.rejects(ask(connection, 'SELECT * FROM no_such_table'), refusal(1146, '42S02'));
  await assert.rejects(ask(connection, 'SELECT nonsense FROM users WHERE user_id = 1'), refusal(1054, '42S22'));
  await assert.rejects(connect({ password: 'wrong' }), refusal(1045, '28000'));
  await assert.rejects(connect({ database: 'no_such_schema' }), refusal(1044, '42000'));
}

async function session(connection) {
  const latin1 = await connect({ charset: 'LATIN1_SWEDISH_CI' });
  await ask(latin1, 'UPDATE users SET name = ? WHERE user_id = ?', ['é', KEYS[2]]);
  const [found] = await ask(latin1, 'SELECT name, HEX(CONVERT(name USING utf8mb4)) AS bytes FROM users WHERE user_id = ?', [KEYS[2]]);
  assert.deepEqual({ ...found }, { name: 'é', bytes: 'C3A9' });
  await latin1.end();
  await ask(connection, "SET sql_mode = 'ANSI_QUOTES'");
  assert.equal((await ask(connection, 'SELECT "user_id" FROM "users" WHERE user_id = 940000')).length, 1);
  await ask(connection, 'SET sql_mode = DEFAULT, NAMES utf8mb4');
  await ask(connection, 'USE information_schema');
  await ask(connection, `USE ${SETTINGS.database}`);
  assert.equal((await ask(connection, 'SELECT DATABASE() AS d'))[0].d, SETTINGS.database);
  const tables = (await ask(connection, 'SHOW TABLES')).map((row) => Object.values(row)[0]);
  assert.deepEqual(tables, [...new Set(tables)].sort());
  assert.ok(['users', 'orders', 'events'].every((table) => tables.includes(table)), tables);
  const cast = await connection.query("SELECT CAST('1x' AS SIGNED) AS n");
  assert.equal(cast[0][0].n, 1);
  assert.equal((await ask(connection, 'SHOW WARNINGS'))[0].Code, 1292);
  await connection.ping();
  // Several commands are on their way at once.
  const many = await Promise.all(KEYS.map((key) => ask(connection, 'SELECT user_id FROM users WHERE user_id = ?', [key])));
  assert.deepEqual(many.map(([row]) => row.user_id), KEYS);
}

async function startingOver() {
  const connection = await connect();
  const value = async () => (await ask(connection, 'SELECT @v AS v, DATABASE() AS d'))[0];
  await ask(connection, 'SET @v = 5');
  assert.equal((await value()).v, 5);
  await connection.reset();
  assert.deepEqual({ ...(await value()) }, { v: null, d: SETTINGS.database });
  await ask(connection, 'SET @v = 6');
  await connection.changeUser({ user: SETTINGS.user, password: SETTINGS.password, database: SETTINGS.database });
  assert.deepEqual({ ...(await value()) }, { v: null, d: SETTINGS.database });
  await assert.rejects(connection.changeUser({ user: SETTINGS.user, password: 'wrong' }), refusal(1045, '28000'));
  connection.destroy();
  const pool = mysql.createPool({ ...SETTINGS, connectionLimit: 3 });
  const found = await Promise.all(KEYS.map((key) => pool.query('SELECT user_id FROM users WHERE user_id = ?', [key])));
  assert.deepEqual(found.map(([[row]]) => row.user_id), KEYS);
  await pool.end();
}

async function severalStatements() {
  const connection = await connect({ multipleStatements: true });
  const found = await ask(connection, 'SELECT 1 AS n; UPDATE users SET region_id = 3 WHERE user_id = ?; SELECT region_id AS n FROM users WHERE user_id = ?', [KEYS[5], KEYS[5]]);
  assert.deepEqual([found[0][0].n, found[1].affectedRows, found[2][0].n], [1, 1, 3]);
  await connection.end();
  const single = await connect();
  await assert.rejects(ask(single, 'SELECT 1; SELECT 2'), refusal(1064, '42000'));
  await single.end();
}

async function bigValues() {
  const connection = await connect();
  // 2^24 - 1 bytes is where a packet needs a second one; the row's own overhead is 4 bytes.
  for (const size of [16777210, 16777211, 16777212, BIG]) {
    const [row] = await ask(connection, "SELECT REPEAT('x', ?) AS value", [size]);
    assert.ok(row.value === 'x'.repeat(size), `a value of ${size} bytes`);
  }
  const body = crypto.randomBytes(BIG);
  await ask(connection, 'DROP TABLE IF EXISTS mysql2_bodies');
  await ask(connection, 'CREATE TABLE mysql2_bodies (id INT PRIMARY KEY, body LONGBLOB)');
  assert.equal((await ask(connection, 'INSERT INTO mysql2_bodies VALUES (1, ?)', [body])).affectedRows, 1);
  const [row] = await ask(connection, 'SELECT body FROM mysql2_bodies WHERE id = 1');
  assert.ok(body.equals(row.body), 'a stored body');
  await ask(connection, 'DROP TABLE mysql2_bodies');
  await connection.end();
}

async function compression() {
  const connection = await connect({ compress: true });
  assert.equal((await ask(connection, "SELECT REPEAT('x', 200000) AS value"))[0].value.length, 200000);
  await connection.end();
}

async function interruption() {
  const [connection, other] = [await connect(), await connect()];
  setTimeout(() => ask(other, `KILL QUERY ${connection.threadId}`), 1000);
  const started = Date.now();
  try {
    assert.equal((await ask(connection, 'SELECT SLEEP(60) AS woken'))[0].woken, 1);
  } catch (error) {
    assert.equal(error.errno, 1317);
  }
  assert.ok(Date.now() - started < 30000);
  assert.equal((await ask(connection, 'SELECT 1 AS n'))[0].n, 1);
  await connection.end();
  await other.end();
}

async function main() {
  const connection = await connect();
  assert.equal(Boolean(connection.connection.stream.encrypted), env.MYSQL_TLS === 'on');
  await clear(connection);
  await rows(connection);
  await transactions(connection);
  await errors(connection);
  await session(connection);
  await startingOver();
  await severalStatements();
  await bigValues();
  await compression();
  await interruption();
  await prepared(connection);
  await clear(connection);
  await connection.end();
}

require('./story.js').run(main, 'mysql2');

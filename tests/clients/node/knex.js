#!/usr/bin/env node
// Knex on mysql2: query builder, transactions with savepoints, batchInsert, schema builder.

const assert = require('node:assert/strict');
const story = require('./story.js');
const knex = require('knex')({
  client: 'mysql2',
  connection: { ...story.connection, dateStrings: true, supportBigNumbers: true, bigNumberStrings: true },
  pool: { min: 0, max: 3 },
});

async function rows() {
  await knex('people').insert({
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: story.SEEN, photo: story.PHOTO,
    profile: JSON.stringify(story.PROFILE), visits: story.VISITS, active: true, score: story.SCORE,
  });
  await knex.batchInsert('people', story.OTHERS.map((n) => ({ id: n, name: `n${n}`, balance: n })), 10);
  await knex('pets').insert([{ id: 10, owner_id: 1, name: 'Rex' }, { id: 20, owner_id: 2, name: 'Tom' }]);
  const found = await knex('people').where({ id: 1 }).first();
  assert.ok(story.PHOTO.equals(found.photo));
  assert.deepEqual(typeof found.profile === 'string' ? JSON.parse(found.profile) : found.profile, story.PROFILE);
  assert.deepEqual(
    [found.name, found.balance, found.born, found.seen, found.visits, found.active, found.score],
    [story.NAME, story.BALANCE, story.BORN, story.SEEN, story.VISITS, 1, story.SCORE],
  );
}

async function questions() {
  const told = await knex('people').where('id', '>', 1).count({ n: '*' }).sum({ s: 'balance' }).first();
  assert.deepEqual([Number(told.n), told.s], [29, '464.000000']);
  assert.deepEqual(await knex('people').orderBy('id').limit(2).offset(10).pluck('id').then((ids) => ids.map(Number)), [11, 12]);
  const joined = await knex('pets as p').join('people as o', 'o.id', 'p.owner_id').orderBy('p.id').select('o.name', 'p.name as pet');
  assert.deepEqual(joined.map((row) => [row.name, row.pet]), [[story.NAME, 'Rex'], ['n2', 'Tom']]);
  const [group] = await knex('people').select('active').count({ n: '*' }).groupBy('active');
  assert.deepEqual([group.active, Number(group.n)], [1, 30]);
  assert.equal((await knex('people').whereIn('id', (q) => q.select('owner_id').from('pets')).select('id')).length, 2);
  const [id] = await knex('notes').insert({ title: 'first' });
  assert.ok(Number(id) > 0);
  await knex('notes').insert({ title: 'first', body: 'merged' }).onConflict('title').merge();
  assert.equal((await knex('notes').where({ title: 'first' }).first()).body, 'merged');
}

async function transactions() {
  await assert.rejects(knex.transaction(async (outer) => {
    await outer('people').whereIn('id', [4, 5, 6]).update({ name: 'gone' });
    throw new Error('back');
  }), /back/);
  await knex.transaction(async (outer) => {
    await outer('people').where({ id: 4 }).update({ name: 'kept' });
    await assert.rejects(outer.transaction(async (inner) => {
      await inner('people').where({ id: 5 }).delete();
      throw new Error('back');
    }), /back/);
  }, { isolationLevel: 'read committed' });
  assert.deepEqual(await knex('people').whereIn('id', [4, 5, 6]).orderBy('id').pluck('name'), ['kept', 'n5', 'n6']);
  await assert.rejects(knex('people').insert({ id: 1, name: 'again' }), { errno: 1062 });
  await assert.rejects(knex.raw('SELECT FROM'), { errno: 1064 });
  assert.equal(await knex('people').where({ id: 30 }).delete(), 1);
}

async function schema() {
  await knex.schema.dropTableIfExists('drafts');
  await knex.schema.createTable('drafts', (table) => {
    table.bigIncrements('id');
    table.string('word', 20).notNullable().index();
    table.timestamps(true, true);
  });
  await knex.schema.alterTable('drafts', (table) => table.integer('size').defaultTo(3));
  await knex('drafts').insert([{ word: 'a' }, { word: 'b' }]);
  assert.equal(Number((await knex('drafts').sum({ s: 'size' }).first()).s), 6);
  assert.ok(await knex.schema.hasColumn('drafts', 'size'));
  assert.equal(Number((await knex('people').columnInfo()).name.maxLength), 100);
  await knex.schema.renameTable('drafts', 'drafts_old');
  await knex.schema.dropTable('drafts_old');
  assert.equal(await knex.schema.hasTable('drafts_old'), false);
}

story.run(async () => {
  await rows();
  await questions();
  await transactions();
  await schema();
  await knex.destroy();
}, 'knex', 'mysql2');

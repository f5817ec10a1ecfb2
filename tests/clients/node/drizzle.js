#!/usr/bin/env node
// Drizzle on mysql2, which prepares every statement.

const assert = require('node:assert/strict');
const mysql = require('mysql2/promise');
const { drizzle } = require('drizzle-orm/mysql2');
const { relations, eq, gt, inArray, sql, count, sum, asc } = require('drizzle-orm');
const t = require('drizzle-orm/mysql-core');
const story = require('./story.js');

const blob = t.customType({ dataType: () => 'blob' });
const people = t.mysqlTable('people', {
  id: t.bigint('id', { mode: 'number' }).primaryKey(),
  name: t.varchar('name', { length: 100 }).notNull(),
  balance: t.decimal('balance', { precision: 20, scale: 6 }),
  born: t.date('born', { mode: 'string' }),
  seen: t.datetime('seen', { mode: 'string', fsp: 6 }),
  photo: blob('photo'),
  profile: t.json('profile'),
  visits: t.bigint('visits', { mode: 'bigint', unsigned: true }),
  active: t.boolean('active').notNull().default(true),
  score: t.double('score'),
});
const pets = t.mysqlTable('pets', {
  id: t.bigint('id', { mode: 'number' }).primaryKey(),
  ownerId: t.bigint('owner_id', { mode: 'number' }).notNull(),
  name: t.varchar('name', { length: 50 }).notNull(),
});
const notes = t.mysqlTable('notes', {
  id: t.bigint('id', { mode: 'number' }).autoincrement().primaryKey(),
  title: t.varchar('title', { length: 100 }).notNull(),
});
const schema = {
  people, pets, notes,
  peopleRelations: relations(people, ({ many }) => ({ pets: many(pets) })),
  petRelations: relations(pets, ({ one }) => ({ owner: one(people, { fields: [pets.ownerId], references: [people.id] }) })),
};

async function rows(db) {
  await db.insert(people).values({
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: story.SEEN, photo: story.PHOTO,
    profile: story.PROFILE, visits: BigInt(story.VISITS), score: story.SCORE,
  });
  await db.insert(people).values(story.OTHERS.map((n) => ({ id: n, name: `n${n}`, balance: String(n) })));
  await db.insert(pets).values([{ id: 10, ownerId: 1, name: 'Rex' }, { id: 20, ownerId: 2, name: 'Tom' }]);
  const [found] = await db.select().from(people).where(eq(people.id, 1));
  assert.ok(story.PHOTO.equals(found.photo));
  assert.deepEqual({ ...found, photo: 0 }, {
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: story.SEEN, photo: 0,
    profile: story.PROFILE, visits: BigInt(story.VISITS), active: true, score: story.SCORE,
  });
}

async function questions(db) {
  const [told] = await db.select({ n: count(), s: sum(people.balance) }).from(people).where(gt(people.id, 1));
  assert.deepEqual(told, { n: 29, s: '464.000000' });
  const page = await db.select({ id: people.id }).from(people).orderBy(asc(people.id)).limit(2).offset(10);
  assert.deepEqual(page, [{ id: 11 }, { id: 12 }]);
  const joined = await db.select({ owner: people.name, pet: pets.name }).from(pets)
    .innerJoin(people, eq(people.id, pets.ownerId)).orderBy(asc(pets.id));
  assert.deepEqual(joined, [{ owner: story.NAME, pet: 'Rex' }, { owner: 'n2', pet: 'Tom' }]);
  const byKey = db.select({ name: people.name }).from(people).where(eq(people.id, sql.placeholder('id'))).prepare();
  for (const id of [5, 6, 7]) assert.deepEqual(await byKey.execute({ id }), [{ name: `n${id}` }]);
  // One statement with a lateral join and JSON_ARRAYAGG.
  const nested = await db.query.people.findFirst({ where: eq(people.id, 1), columns: { id: true }, with: { pets: true } });
  assert.deepEqual(nested, { id: 1, pets: [{ id: 10, ownerId: 1, name: 'Rex' }] });
  const [noted] = await db.insert(notes).values({ title: 'first' }).$returningId();
  assert.ok(noted.id > 0);
}

async function transactions(db) {
  await assert.rejects(db.transaction(async (tx) => {
    await tx.update(people).set({ name: 'gone' }).where(inArray(people.id, [4, 5, 6]));
    tx.rollback();
  }));
  await db.transaction(async (tx) => {
    await tx.update(people).set({ name: 'kept' }).where(eq(people.id, 4));
    await assert.rejects(tx.transaction(async (inner) => {
      await inner.delete(people).where(eq(people.id, 5));
      inner.rollback();
    }));
  }, { isolationLevel: 'read committed' });
  const names = await db.select({ name: people.name }).from(people).where(inArray(people.id, [4, 5, 6])).orderBy(asc(people.id));
  assert.deepEqual(names.map((row) => row.name), ['kept', 'n5', 'n6']);
  await assert.rejects(db.insert(people).values({ id: 1, name: 'again' }), (error) => (error.cause ?? error).errno === 1062);
  await db.insert(people).values({ id: 3, name: 'x' }).onDuplicateKeyUpdate({ set: { name: 'upserted' } });
  assert.equal((await db.select().from(people).where(eq(people.id, 3)))[0].name, 'upserted');
}

story.run(async () => {
  const pool = mysql.createPool({ ...story.connection, connectionLimit: 3, supportBigNumbers: true });
  const db = drizzle(pool, { schema, mode: 'default' });
  await rows(db);
  await questions(db);
  await transactions(db);
  await pool.end();
}, 'drizzle-orm', 'mysql2');

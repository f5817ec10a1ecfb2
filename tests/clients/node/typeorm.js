#!/usr/bin/env node
// TypeORM on mysql2: entities by schema, relations, transactions, query builder, migrations.

const assert = require('node:assert/strict');
require('reflect-metadata');
const { DataSource, EntitySchema, In, Table, TableColumn } = require('typeorm');
const story = require('./story.js');

const { user, ...connection } = story.connection;
const column = (type, options = {}) => ({ type, nullable: true, ...options });
const Person = new EntitySchema({
  name: 'Person', tableName: 'people',
  columns: {
    id: { type: 'bigint', primary: true },
    name: { type: 'varchar', length: 100 },
    balance: column('decimal', { precision: 20, scale: 6 }),
    born: column('date'),
    seen: column('datetime', { precision: 6 }),
    photo: column('blob'),
    profile: column('json'),
    visits: column('bigint', { unsigned: true }),
    active: { type: 'tinyint', width: 1, default: 1 },
    score: column('double'),
  },
  relations: { pets: { type: 'one-to-many', target: 'Pet', inverseSide: 'owner' } },
});
const Pet = new EntitySchema({
  name: 'Pet', tableName: 'pets',
  columns: { id: { type: 'bigint', primary: true }, name: { type: 'varchar', length: 50 } },
  relations: { owner: { type: 'many-to-one', target: 'Person', joinColumn: { name: 'owner_id' }, inverseSide: 'pets' } },
});
const Note = new EntitySchema({
  name: 'Note', tableName: 'notes',
  columns: { id: { type: 'bigint', primary: true, generated: true }, title: { type: 'varchar', length: 100 }, body: column('text') },
});

// A migration, with its table of migrations beside it.
class Drafts1700000000000 {
  async up(runner) {
    await runner.createTable(new Table({
      name: 'drafts',
      columns: [
        { name: 'id', type: 'bigint', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
        { name: 'word', type: 'varchar', length: '20' },
      ],
      indices: [{ columnNames: ['word'] }],
    }));
    await runner.addColumn('drafts', new TableColumn({ name: 'size', type: 'int', default: 3 }));
  }

  async down(runner) {
    await runner.dropTable('drafts');
  }
}

const source = new DataSource({
  type: 'mysql', ...connection, username: user, entities: [Person, Pet, Note], migrations: [Drafts1700000000000],
  dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, poolSize: 3,
});

async function rows() {
  const people = source.getRepository('Person');
  await people.insert({
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: story.SEEN, photo: story.PHOTO,
    profile: story.PROFILE, visits: story.VISITS, score: story.SCORE,
  });
  await people.insert(story.OTHERS.map((n) => ({ id: n, name: `n${n}`, balance: n })));
  await source.getRepository('Pet').save([{ id: 10, owner: { id: 1 }, name: 'Rex' }, { id: 20, owner: { id: 2 }, name: 'Tom' }]);
  const found = await people.findOne({ where: { id: 1 }, relations: { pets: true } });
  assert.equal(found.pets[0].name, 'Rex');
  assert.ok(story.PHOTO.equals(found.photo));
  assert.deepEqual(found.profile, story.PROFILE);
  assert.deepEqual(
    [found.name, found.balance, found.born, found.visits, found.active, found.score],
    [story.NAME, story.BALANCE, story.BORN, story.VISITS, 1, story.SCORE],
  );
}

async function questions() {
  const people = source.getRepository('Person');
  const [page, count] = await people.findAndCount({ where: { id: In([1, 2, 3]) }, order: { id: 'DESC' }, take: 2 });
  assert.deepEqual([page.map((p) => Number(p.id)), count], [[3, 2], 3]);
  assert.equal(Number(await people.sum('balance', { id: In([2, 3, 4]) })), 9);
  const counted = await people.createQueryBuilder('p').leftJoin('p.pets', 'q').select('p.id', 'id')
    .addSelect('COUNT(q.id)', 'n').groupBy('p.id').orderBy('p.id').limit(3).getRawMany();
  assert.deepEqual(counted.map((row) => [Number(row.id), Number(row.n)]), [[1, 1], [2, 1], [3, 0]]);
  const paged = await people.find({ relations: { pets: true }, order: { id: 'ASC' }, skip: 1, take: 2 });
  assert.deepEqual(paged.map((p) => [Number(p.id), p.pets.length]), [[2, 1], [3, 0]]);
}

async function transactions() {
  const people = source.getRepository('Person');
  await assert.rejects(source.transaction(async (manager) => {
    await manager.update('Person', { id: In([4, 5, 6]) }, { name: 'gone' });
    throw new Error('back');
  }), /back/);
  await source.transaction('READ COMMITTED', async (manager) => {
    const locked = await manager.findOne('Person', { where: { id: 4 }, lock: { mode: 'pessimistic_write' } });
    locked.name = 'kept';
    await manager.save('Person', locked);
  });
  const names = await people.find({ where: { id: In([4, 5, 6]) }, order: { id: 'ASC' } });
  assert.deepEqual(names.map((p) => p.name), ['kept', 'n5', 'n6']);
  await assert.rejects(people.insert({ id: 1, name: 'again' }), { errno: 1062 });
  await people.upsert({ id: 3, name: 'upserted' }, ['id']);
  assert.equal((await people.findOneBy({ id: 3 })).name, 'upserted');
  assert.equal((await people.delete({ id: 30 })).affected, 1);
  const note = await source.getRepository('Note').save({ title: 'first', body: 'é🎈' });
  assert.ok(Number(note.id) > 0);
}

async function schema() {
  await source.runMigrations();
  await source.query("INSERT INTO drafts (word) VALUES ('a'), ('b')");
  assert.equal(Number((await source.query('SELECT SUM(size) AS s FROM drafts'))[0].s), 6);
  const runner = source.createQueryRunner();
  const seen = await runner.getTable('pets');
  assert.equal(seen.foreignKeys[0].referencedTableName, 'people');
  assert.equal((await runner.getTable('people')).columns.length, 10);
  await runner.release();
  await source.undoLastMigration();
  await source.query('DROP TABLE migrations');
}

story.run(async () => {
  await source.initialize();
  await rows();
  await questions();
  await transactions();
  await schema();
  await source.destroy();
}, 'typeorm', 'mysql2');

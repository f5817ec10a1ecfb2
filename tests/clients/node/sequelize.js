#!/usr/bin/env node
// Sequelize on mysql2: models, associations, managed transactions, upsert, sync and schema questions.

const assert = require('node:assert/strict');
const { Sequelize, DataTypes, Op, QueryTypes } = require('sequelize');
const story = require('./story.js');

const { host, port, user, password, database } = story.connection;
const sequelize = new Sequelize(database, user, password, { host, port, dialect: 'mysql', logging: false, pool: { max: 3 } });

const plain = { timestamps: false };
const Person = sequelize.define('Person', {
  id: { type: DataTypes.BIGINT, primaryKey: true },
  name: DataTypes.STRING(100),
  balance: DataTypes.DECIMAL(20, 6),
  born: DataTypes.DATEONLY,
  seen: DataTypes.DATE(6),
  photo: DataTypes.BLOB,
  profile: DataTypes.JSON,
  visits: DataTypes.BIGINT.UNSIGNED,
  active: DataTypes.BOOLEAN,
  score: DataTypes.DOUBLE,
}, { ...plain, tableName: 'people' });
const Pet = sequelize.define('Pet', {
  id: { type: DataTypes.BIGINT, primaryKey: true },
  name: DataTypes.STRING(50),
}, { ...plain, tableName: 'pets' });
Person.hasMany(Pet, { as: 'pets', foreignKey: 'owner_id' });
Pet.belongsTo(Person, { as: 'owner', foreignKey: 'owner_id' });
const Note = sequelize.define('Note', {
  id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  title: DataTypes.STRING(100),
}, { ...plain, tableName: 'notes' });
// A table that the client makes itself.
const Draft = sequelize.define('Draft', { word: DataTypes.STRING(20) }, { tableName: 'drafts', indexes: [{ fields: ['word'] }] });

const SEEN = new Date('2026-01-02T03:04:05.678Z');

async function rows() {
  await Person.create({
    id: 1, name: story.NAME, balance: story.BALANCE, born: story.BORN, seen: SEEN, photo: story.PHOTO,
    profile: story.PROFILE, visits: story.VISITS, active: true, score: story.SCORE,
  });
  await Person.bulkCreate(story.OTHERS.map((n) => ({ id: n, name: `n${n}`, balance: n, active: true })));
  await Pet.create({ id: 10, owner_id: 1, name: 'Rex' });
  await Pet.create({ id: 20, owner_id: 2, name: 'Tom' });
  const found = await Person.findByPk(1, { include: [{ model: Pet, as: 'pets' }] });
  assert.equal(found.pets[0].name, 'Rex');
  assert.ok(story.PHOTO.equals(found.photo));
  assert.deepEqual(found.profile, story.PROFILE);
  assert.deepEqual(
    [found.name, found.balance, found.born, found.seen.toISOString(), found.active, found.score],
    [story.NAME, story.BALANCE, story.BORN, SEEN.toISOString(), true, story.SCORE],
  );
}

async function questions() {
  const page = await Person.findAndCountAll({ where: { id: { [Op.in]: [1, 2, 3] } }, order: [['id', 'DESC']], limit: 2 });
  assert.deepEqual([page.count, page.rows.map((p) => Number(p.id))], [3, [3, 2]]);
  assert.equal(await Person.sum('id'), 465);
  assert.equal(await Person.count({ where: { name: { [Op.like]: 'n1%' } } }), 10);
  const owners = await Pet.findAll({ include: [{ model: Person, as: 'owner' }], order: [['id', 'ASC']] });
  assert.deepEqual(owners.map((pet) => pet.owner.name), [story.NAME, 'n2']);
  const told = await sequelize.query('SELECT COUNT(*) AS n FROM people WHERE id > :low', { replacements: { low: 1 }, type: QueryTypes.SELECT });
  assert.equal(told[0].n, 29);
  const bound = await sequelize.query('SELECT name FROM people WHERE id = $1', { bind: [5], type: QueryTypes.SELECT });
  assert.equal(bound[0].name, 'n5');
}

async function transactions() {
  const isolationLevel = Sequelize.Transaction.ISOLATION_LEVELS.READ_COMMITTED;
  await sequelize.transaction({ isolationLevel }, async (transaction) => {
    await Person.update({ name: 'kept' }, { where: { id: 4 }, transaction });
    const inner = sequelize.transaction({ transaction }, async (nested) => {
      await Person.destroy({ where: { id: 5 }, transaction: nested });
      throw new Error('back');
    });
    await assert.rejects(inner, /back/);
    await Person.findOne({ where: { id: 4 }, lock: transaction.LOCK.UPDATE, transaction });
  });
  assert.equal((await Person.findByPk(4)).name, 'kept');
  assert.ok(await Person.findByPk(5));
  const failing = sequelize.transaction(async (transaction) => {
    await Person.update({ name: 'gone' }, { where: { active: true }, transaction });
    throw new Error('back');
  });
  await assert.rejects(failing, /back/);
  assert.equal(await Person.count({ where: { name: 'gone' } }), 0);
  await assert.rejects(Person.create({ id: 1, name: 'again' }), { name: 'SequelizeUniqueConstraintError' });
  await Person.upsert({ id: 3, name: 'upserted' });
  assert.equal((await Person.findByPk(3)).name, 'upserted');
  assert.equal(await Person.destroy({ where: { id: 30 } }), 1);
}

async function schema() {
  await Draft.sync({ force: true });
  const draft = await Draft.create({ word: 'é🎈' });
  assert.ok(draft.id > 0);
  const asked = sequelize.getQueryInterface();
  await asked.addColumn('drafts', 'extra', { type: DataTypes.INTEGER });
  await asked.removeColumn('drafts', 'extra');
  await Draft.sync({ alter: true });
  assert.ok((await asked.showIndex('drafts')).length >= 2);
  assert.match((await asked.describeTable('people')).balance.type, /DECIMAL\(20,6\)/);
  assert.ok(JSON.stringify(await asked.showAllTables()).includes('people'));
  assert.equal((await asked.getForeignKeyReferencesForTable('pets'))[0].referencedTableName, 'people');
  await Draft.drop();
  const note = await Note.create({ title: 'first' });
  assert.ok(Number(note.id) > 0);
  assert.match(await sequelize.databaseVersion(), /^\d+\.\d+/);
}

story.run(async () => {
  await sequelize.authenticate();
  await rows();
  await questions();
  await transactions();
  await schema();
  await sequelize.close();
}, 'sequelize', 'mysql2');

#!/usr/bin/env node
// Migrations of tables of their own and of a sharded one, up and down again: by the tool that the argument names.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const story = require('./story.js');

const PEOPLE = 12;
const READ = 'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY 1';

// What is there before, between and after: `ask(sql, values)` gives rows.
async function people(ask) {
  const rows = Array.from({ length: PEOPLE }, (_, i) => [i + 1, `n${i + 1}`]);
  await ask(`INSERT INTO people (id, name) VALUES ${rows.map(() => '(?, ?)').join(', ')}`, rows.flat());
}

async function columns(ask, table) {
  return (await ask(READ, [table])).map((row) => row.name);
}

async function isUp(ask) {
  assert.ok((await columns(ask, 'people')).includes('nick'));
  const [{ n }] = await ask("SELECT COUNT(*) AS n FROM people WHERE nick = CONCAT(name, '!')");
  assert.equal(Number(n), PEOPLE);
  assert.deepEqual(await columns(ask, 'guests'), ['id', 'title', 'visit_id']);
  assert.deepEqual((await ask('SELECT title FROM visits ORDER BY id')).map((row) => row.title), ['a', 'b']);
}

async function isDown(ask) {
  assert.ok(!(await columns(ask, 'people')).includes('nick'));
  assert.deepEqual([...(await columns(ask, 'visits')), ...(await columns(ask, 'guests'))], []);
}

// mysql2's connection, to look from beside the tool.
async function beside() {
  const connection = await require('mysql2/promise').createConnection(story.connection);
  return async (sql, values) => (await connection.query(sql, values))[0];
}

async function knex(ask) {
  const steps = {
    first: {
      async up(db) {
        await db.schema.createTable('visits', (table) => {
          table.increments('id');
          table.string('name', 50).notNullable().index();
        });
        await db.schema.alterTable('people', (table) => table.string('nick', 20).nullable().index());
      },
      async down(db) {
        await db.schema.alterTable('people', (table) => table.dropColumn('nick'));
        await db.schema.dropTable('visits');
      },
    },
    second: {
      async up(db) {
        await db('people').update({ nick: db.raw("CONCAT(name, '!')") });
        await db.schema.alterTable('people', (table) => table.string('nick', 40).notNullable().defaultTo('x').alter());
        await db.schema.alterTable('visits', (table) => table.renameColumn('name', 'title'));
        await db('visits').insert([{ title: 'a' }, { title: 'b' }]);
        await db.schema.createTable('guests', (table) => {
          table.bigIncrements('id');
          table.string('title');
          table.integer('visit_id').unsigned().references('visits.id').onDelete('CASCADE');
        });
      },
      down: (db) => db.schema.dropTable('guests'),
    },
  };
  const db = require('knex')({
    client: 'mysql2',
    connection: story.connection,
    migrations: {
      migrationSource: {
        getMigrations: async () => Object.keys(steps),
        getMigrationName: (name) => name,
        getMigration: async (name) => steps[name],
      },
    },
  });
  // Two at once: the second waits for nothing and is told of the lock, or finds nothing to do.
  const both = await Promise.allSettled([db.migrate.latest(), db.migrate.latest()]);
  assert.ok(both.some((one) => one.status === 'fulfilled'), both[0].reason);
  await db.migrate.latest();
  await isUp(ask);
  assert.equal(await db.migrate.currentVersion(), 'second');
  await db.migrate.rollback(undefined, true);
  await isDown(ask);
  await db.destroy();
}

async function sequelize(ask) {
  const { Sequelize, DataTypes } = require('sequelize');
  const { Umzug, SequelizeStorage } = require('umzug');
  const { database, user, password, host, port } = story.connection;
  const db = new Sequelize(database, user, password, { host, port, dialect: 'mysql', logging: false });
  const migrations = [
    {
      name: 'first',
      async up({ context: queries }) {
        await queries.createTable('visits', {
          id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
          name: { type: DataTypes.STRING(50), allowNull: false, unique: true },
        });
        await queries.addColumn('people', 'nick', { type: DataTypes.STRING(20) });
        await queries.addIndex('people', ['nick']);
      },
      async down({ context: queries }) {
        await queries.removeIndex('people', ['nick']);
        await queries.removeColumn('people', 'nick');
        await queries.dropTable('visits');
      },
    },
    {
      name: 'second',
      async up({ context: queries }) {
        await queries.sequelize.query("UPDATE people SET nick = CONCAT(name, '!')");
        await queries.changeColumn('people', 'nick', { type: DataTypes.STRING(40), allowNull: false, defaultValue: 'x' });
        await queries.renameColumn('visits', 'name', 'title');
        await queries.bulkInsert('visits', [{ title: 'a' }, { title: 'b' }]);
        await queries.createTable('company', {
          id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
          title: DataTypes.STRING,
          visit_id: { type: DataTypes.INTEGER, references: { model: 'visits', key: 'id' }, onDelete: 'CASCADE' },
        });
        await queries.renameTable('company', 'guests');
      },
      down: ({ context: queries }) => queries.dropTable('guests'),
    },
  ];
  const umzug = new Umzug({ migrations, context: db.getQueryInterface(), storage: new SequelizeStorage({ sequelize: db }), logger: undefined });
  await umzug.up();
  await isUp(ask);
  assert.deepEqual(await umzug.pending(), []);
  await umzug.down({ to: 0 });
  await isDown(ask);
  await db.close();
}

async function typeorm(ask) {
  require('reflect-metadata');
  const { DataSource, Table, TableColumn, TableForeignKey, TableIndex } = require('typeorm');
  class First1700000000001 {
    async up(runner) {
      const id = { name: 'id', type: 'int', isPrimary: true, isGenerated: true, generationStrategy: 'increment' };
      await runner.createTable(new Table({ name: 'visits', columns: [id, { name: 'name', type: 'varchar', length: '50' }] }), true);
      await runner.addColumn('people', new TableColumn({ name: 'nick', type: 'varchar', length: '20', isNullable: true }));
      await runner.createIndex('people', new TableIndex({ name: 'people_by_nick', columnNames: ['nick'] }));
    }
    async down(runner) {
      await runner.dropIndex('people', 'people_by_nick');
      await runner.dropColumn('people', 'nick');
      await runner.dropTable('visits');
    }
  }
  class Second1700000000002 {
    async up(runner) {
      await runner.query("UPDATE people SET nick = CONCAT(name, '!')");
      await runner.renameColumn('visits', 'name', 'title');
      await runner.query("INSERT INTO visits (title) VALUES ('a'), ('b')");
      const columns = [
        { name: 'id', type: 'bigint', isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
        { name: 'title', type: 'varchar', isNullable: true },
        { name: 'visit_id', type: 'int', isNullable: true },
      ];
      await runner.createTable(new Table({ name: 'guests', columns }));
      await runner.createForeignKey('guests', new TableForeignKey({
        columnNames: ['visit_id'], referencedTableName: 'visits', referencedColumnNames: ['id'], onDelete: 'CASCADE',
      }));
    }
    async down(runner) {
      await runner.dropTable('guests');
    }
  }
  const { user: username, ...rest } = story.connection;
  const source = new DataSource({ type: 'mysql', ...rest, username, migrations: [First1700000000001, Second1700000000002] });
  await source.initialize();
  assert.equal((await source.runMigrations({ transaction: 'each' })).length, 2);
  await isUp(ask);
  assert.equal(await source.showMigrations(), false);
  await source.undoLastMigration();
  await source.undoLastMigration();
  await isDown(ask);
  await source.destroy();
}

// Drizzle knows no way back.
async function drizzle(ask) {
  const { drizzle: open } = require('drizzle-orm/mysql2');
  const { migrate } = require('drizzle-orm/mysql2/migrator');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drizzle-'));
  const texts = [
    "CREATE TABLE `visits` (\n\t`id` int AUTO_INCREMENT NOT NULL,\n\t`name` varchar(50) NOT NULL,\n\tCONSTRAINT `visits_id` PRIMARY KEY(`id`),\n\tCONSTRAINT `visits_name_unique` UNIQUE(`name`)\n);\n--> statement-breakpoint\nALTER TABLE `people` ADD `nick` varchar(20);--> statement-breakpoint\nCREATE INDEX `people_by_nick` ON `people` (`nick`);",
    "UPDATE people SET nick = CONCAT(name, '!');--> statement-breakpoint\nALTER TABLE `people` MODIFY COLUMN `nick` varchar(40) NOT NULL DEFAULT 'x';--> statement-breakpoint\nALTER TABLE `visits` RENAME COLUMN `name` TO `title`;--> statement-breakpoint\nINSERT INTO `visits` (`title`) VALUES ('a'), ('b');--> statement-breakpoint\nCREATE TABLE `guests` (\n\t`id` serial AUTO_INCREMENT NOT NULL,\n\t`title` varchar(255),\n\t`visit_id` int,\n\tCONSTRAINT `guests_id` PRIMARY KEY(`id`)\n);\n--> statement-breakpoint\nALTER TABLE `guests` ADD CONSTRAINT `guests_visit_id_visits_id_fk` FOREIGN KEY (`visit_id`) REFERENCES `visits`(`id`) ON DELETE cascade ON UPDATE no action;",
  ];
  const entries = texts.map((_, idx) => ({ idx, version: '5', when: 1700000000000 + idx, tag: `000${idx}_step`, breakpoints: true }));
  fs.mkdirSync(path.join(folder, 'meta'));
  fs.writeFileSync(path.join(folder, 'meta', '_journal.json'), JSON.stringify({ version: '7', dialect: 'mysql', entries }));
  entries.forEach((entry, at) => fs.writeFileSync(path.join(folder, `${entry.tag}.sql`), texts[at]));
  const connection = await require('mysql2/promise').createConnection(story.connection);
  try {
    await migrate(open(connection), { migrationsFolder: folder });
    await migrate(open(connection), { migrationsFolder: folder });
    await isUp(ask);
  } finally {
    fs.rmSync(folder, { recursive: true });
    await ask('ALTER TABLE people DROP COLUMN nick');
  }
}

const TOOLS = {
  knex: [knex, 'knex'],
  sequelize: [sequelize, 'umzug', 'sequelize'],
  typeorm: [typeorm, 'typeorm'],
  drizzle: [drizzle, 'drizzle-orm'],
};
const [tool, ...packages] = TOOLS[process.argv[2]];

story.run(async () => {
  const ask = await beside();
  await people(ask);
  await tool(ask);
}, ...packages, 'mysql2');

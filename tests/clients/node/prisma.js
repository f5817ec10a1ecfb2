#!/usr/bin/env node
// Prisma by its adapter for MariaDB's connector. PRISMA_CLIENT is the client generated from prisma.schema.

const assert = require('node:assert/strict');
const { PrismaMariaDb } = require('@prisma/adapter-mariadb');
const { PrismaClient, Prisma } = require(process.env.PRISMA_CLIENT);
const story = require('./story.js');

const prisma = new PrismaClient({
  adapter: new PrismaMariaDb({ ...story.connection, connectionLimit: 3, allowPublicKeyRetrieval: true }),
});
const SEEN = new Date('2026-01-02T03:04:05.678Z');

async function rows() {
  await prisma.person.create({
    data: {
      id: 1n, name: story.NAME, balance: new Prisma.Decimal(story.BALANCE), born: new Date(story.BORN), seen: SEEN,
      photo: story.PHOTO, profile: story.PROFILE, visits: 9223372036854775807n, score: story.SCORE,
      pets: { create: [{ id: 10n, name: 'Rex' }] },
    },
  });
  const made = await prisma.person.createMany({ data: story.OTHERS.map((n) => ({ id: n, name: `n${n}`, balance: n })) });
  assert.equal(made.count, 29);
  const found = await prisma.person.findUnique({ where: { id: 1n }, include: { pets: true } });
  assert.deepEqual(found.pets.map((pet) => pet.name), ['Rex']);
  assert.ok(story.PHOTO.equals(Buffer.from(found.photo)));
  assert.deepEqual(found.profile, story.PROFILE);
  assert.deepEqual(
    [found.name, found.balance.toFixed(6), found.born.toISOString(), found.seen.toISOString(), found.visits, found.active, found.score],
    [story.NAME, story.BALANCE, '1990-12-31T00:00:00.000Z', SEEN.toISOString(), 9223372036854775807n, true, story.SCORE],
  );
}

async function questions() {
  const told = await prisma.person.aggregate({ where: { id: { gt: 1 } }, _count: true, _sum: { balance: true }, _max: { id: true } });
  assert.deepEqual([told._count, told._sum.balance.toNumber(), told._max.id], [29, 464, 30n]);
  const page = await prisma.person.findMany({ orderBy: { id: 'asc' }, skip: 10, take: 2, select: { id: true } });
  assert.deepEqual(page, [{ id: 11n }, { id: 12n }]);
  const some = await prisma.person.findMany({ where: { id: { in: [3, 17] } }, orderBy: { id: 'desc' } });
  assert.deepEqual(some.map((person) => person.name), ['n17', 'n3']);
  assert.equal((await prisma.person.findMany({ where: { pets: { some: { name: 'Rex' } } } })).length, 1);
  assert.deepEqual(await prisma.person.groupBy({ by: ['active'], _count: true }), [{ active: true, _count: 30 }]);
  assert.equal((await prisma.$queryRaw`SELECT name FROM people WHERE id = ${5}`)[0].name, 'n5');
  assert.ok((await prisma.note.create({ data: { title: 'first' } })).id > 0n);
}

async function transactions() {
  await assert.rejects(prisma.$transaction(async (tx) => {
    await tx.person.updateMany({ where: { id: { in: [4, 5, 6] } }, data: { name: 'gone' } });
    throw new Error('back');
  }), /back/);
  await prisma.$transaction([
    prisma.person.update({ where: { id: 4 }, data: { name: 'kept' } }),
    prisma.person.delete({ where: { id: 30 } }),
  ], { isolationLevel: 'ReadCommitted' });
  const names = await prisma.person.findMany({ where: { id: { in: [4, 5, 6] } }, orderBy: { id: 'asc' } });
  assert.deepEqual(names.map((person) => person.name), ['kept', 'n5', 'n6']);
  await assert.rejects(prisma.person.create({ data: { id: 1, name: 'again' } }), { code: 'P2002' });
  await prisma.person.upsert({ where: { id: 6 }, update: { name: 'upserted' }, create: { id: 6, name: 'new' } });
  assert.equal((await prisma.person.findUnique({ where: { id: 6 } })).name, 'upserted');
  assert.equal(await prisma.person.count(), 29);
}

story.run(async () => {
  await rows();
  await questions();
  await transactions();
  await prisma.$disconnect();
}, '@prisma/client', '@prisma/adapter-mariadb');

#!/usr/bin/env python3
"""aiomysql and asyncmy, which have one interface; the argument says which."""

import asyncio
import importlib
import importlib.metadata
import json
import sys

import story

driver = importlib.import_module(sys.argv[1])
errors = importlib.import_module("pymysql.err" if sys.argv[1] == "aiomysql" else "asyncmy.errors")


async def ask(connection, statement, values=None):
    async with connection.cursor() as cursor:
        await cursor.execute(statement, values)
        return tuple(tuple(row) for row in await cursor.fetchall())


async def change(connection, statement, values=None):
    async with connection.cursor() as cursor:
        return await cursor.execute(statement, values)


async def fails(code, connection, statement):
    try:
        await ask(connection, statement)
    except errors.MySQLError as error:
        assert error.args[0] == code, (statement, error)
        return
    raise AssertionError(f"no error {code}: {statement}")


async def rows(connection):
    first = story.person(1) | {"profile": json.dumps(story.PROFILE)}
    marks = ", ".join(["%s"] * len(first))
    assert await change(connection, f"INSERT INTO people VALUES ({marks})", list(first.values())) == 1
    async with connection.cursor() as cursor:
        many = [(n, f"n{n}", n) for n in story.OTHERS]
        assert await cursor.executemany("INSERT INTO people (id, name, balance) VALUES (%s, %s, %s)", many) == 29
    await connection.commit()
    [found] = await ask(connection, "SELECT * FROM people WHERE id = %s", (1,))
    assert json.loads(found[6]) == story.PROFILE, found
    assert found[:6] + found[7:] == tuple(v for k, v in story.person(1).items() if k != "profile"), found


async def work(pool, number):
    """A transaction over two people on a connection of the pool."""
    async with pool.acquire() as connection:
        await connection.begin()
        await change(connection, "UPDATE people SET balance = balance - 1 WHERE id = %s", (number,))
        await change(connection, "UPDATE people SET balance = balance + 1 WHERE id = %s", (number + 10,))
        await connection.commit()


async def main():
    pool = await driver.create_pool(
        minsize=1, maxsize=4, host=story.HOST, port=story.PORT, user=story.USER,
        password=story.PASSWORD, db=story.SCHEMA, charset="utf8mb4",
    )
    async with pool.acquire() as connection:
        await rows(connection)
    await asyncio.gather(*(work(pool, number) for number in range(2, 12)))
    async with pool.acquire() as connection:
        total = await ask(connection, "SELECT COUNT(*), SUM(balance), MIN(id) FROM people WHERE id > 1")
        assert total == ((29, 464, 2),), total
        assert await ask(connection, "SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 5") == ((6,), (7,))
        await connection.begin()
        assert await change(connection, "DELETE FROM people WHERE id IN (8, 9)") == 2
        await connection.rollback()
        assert await ask(connection, "SELECT id FROM people WHERE id IN (8, 9) ORDER BY id") == ((8,), (9,))
        await fails(1062, connection, "INSERT INTO people (id, name) VALUES (1, 'again')")
        await fails(1064, connection, "SELECT FROM")
        await fails(1146, connection, "SELECT * FROM missing")
        await connection.rollback()
        async with connection.cursor() as cursor:
            await cursor.execute("INSERT INTO notes (title) VALUES ('first')")
            assert cursor.lastrowid > 0
        await connection.commit()
    pool.close()
    await pool.wait_closed()


asyncio.run(main())
print("version:", sys.argv[1], importlib.metadata.version(sys.argv[1]))

#!/usr/bin/env python3
"""mysqlclient (MySQLdb), the C library's driver for Python."""

import importlib.metadata
import json

import MySQLdb
import MySQLdb.cursors

import story


def connect(**options):
    return MySQLdb.connect(
        host=story.HOST, port=story.PORT, user=story.USER, passwd=story.PASSWORD, db=story.SCHEMA,
        charset="utf8mb4", **options,
    )


def ask(connection, statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def change(connection, statement, values=None):
    with connection.cursor() as cursor:
        return cursor.execute(statement, values)


def fails(code, connection, statement):
    try:
        ask(connection, statement)
    except MySQLdb.MySQLError as error:
        assert error.args[0] == code, (statement, error)
        return
    raise AssertionError(f"no error {code}: {statement}")


def rows(connection):
    first = story.person(1) | {"profile": json.dumps(story.PROFILE)}
    marks = ", ".join(["%s"] * len(first))
    assert change(connection, f"INSERT INTO people VALUES ({marks})", list(first.values())) == 1
    with connection.cursor() as cursor:
        many = [(n, f"n{n}", n) for n in story.OTHERS]
        assert cursor.executemany("INSERT INTO people (id, name, balance) VALUES (%s, %s, %s)", many) == 29
    connection.commit()
    [found] = ask(connection, "SELECT * FROM people WHERE id = %s", (1,))
    assert json.loads(found[6]) == story.PROFILE, found
    assert found[:6] + found[7:] == tuple(v for k, v in story.person(1).items() if k != "profile"), found


def questions(connection):
    assert ask(connection, "SELECT COUNT(*), SUM(balance), MIN(id), MAX(id) FROM people WHERE id > 1") == ((29, 464, 2, 30),)
    assert ask(connection, "SELECT id FROM people ORDER BY id LIMIT 3 OFFSET 10") == ((11,), (12,), (13,))
    assert ask(connection, "SELECT id FROM people WHERE id IN (3, 17, 29) ORDER BY id DESC") == ((29,), (17,), (3,))
    assert ask(connection, "SELECT id FROM people WHERE name LIKE %s", ("n1%",)) != ()
    with connect(cursorclass=MySQLdb.cursors.SSDictCursor).cursor() as stream:
        stream.execute("SELECT id AS number FROM people ORDER BY id")
        assert [row["number"] for row in stream] == list(range(1, 31))


def transactions(connection):
    assert change(connection, "UPDATE people SET name = 'same' WHERE id = 5") == 1
    assert change(connection, "UPDATE people SET name = 'same' WHERE id = 5") == 0
    assert change(connection, "UPDATE people SET visits = 1 WHERE id IN (2, 3, 4, 5)") == 4
    connection.rollback()
    assert ask(connection, "SELECT name, visits FROM people WHERE id = 5") == (("n5", None),)
    change(connection, "DELETE FROM people WHERE id = 30")
    connection.commit()
    assert ask(connection, "SELECT COUNT(*) FROM people") == ((29,),)
    other = connect()
    other.autocommit(True)
    change(connection, "UPDATE people SET name = 'unseen' WHERE id = 6")
    assert ask(other, "SELECT name FROM people WHERE id = 6") == (("n6",),)
    connection.rollback()
    other.close()


def the_rest(connection):
    fails(1062, connection, "INSERT INTO people (id, name) VALUES (1, 'again')")
    fails(1064, connection, "SELECT FROM")
    fails(1146, connection, "SELECT * FROM missing")
    fails(1054, connection, "SELECT missing FROM people WHERE id = 1")
    connection.rollback()
    assert ask(connection, "SELECT CAST('1x' AS SIGNED)") == ((1,),)
    [warning] = connection.show_warnings()
    assert warning[1] == 1292
    change(connection, "INSERT INTO notes (title) VALUES ('first')")
    assert connection.insert_id() > 0
    found = connect(client_flag=MySQLdb.constants.CLIENT.FOUND_ROWS)
    assert change(found, "UPDATE people SET name = 'n7' WHERE id = 7") == 1
    found.close()
    connection.commit()
    connection.ping()
    connection.close()


connection = connect()
rows(connection)
questions(connection)
transactions(connection)
the_rest(connection)
print("version: mysqlclient", importlib.metadata.version("mysqlclient"))

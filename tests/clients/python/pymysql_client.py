#!/usr/bin/env python3
"""PyMySQL against a demo shop: what an application does, by sharding key.

Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB and MYSQL_TLS (on or off).
"""

import datetime
import decimal
import hashlib
import importlib.metadata
import os
import threading
import time

import pymysql
import pymysql.cursors
from pymysql.constants import CLIENT

TLS = os.environ["MYSQL_TLS"] == "on"
SCHEMA = os.environ["MYSQL_DB"]
KEYS = range(920000, 920016)
NAME = "Zoë 'the \\ \"q\" 🎈'\n"
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
BIG = 17 << 20


def connect(**options):
    settings = {
        "host": os.environ["MYSQL_HOST"],
        "port": int(os.environ["MYSQL_PORT"]),
        "user": os.environ["MYSQL_USER"],
        "password": os.environ["MYSQL_PASSWORD"],
        "database": SCHEMA,
    }
    if TLS:
        # The demo's certificate is its own: encrypted, but nobody vouches for it.
        settings |= {"ssl": {"check_hostname": False, "verify_mode": False}}
    else:
        settings |= {"ssl_disabled": True}
    return pymysql.connect(**(settings | options))


def ask(connection, statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def change(connection, statement, *values):
    with connection.cursor() as cursor:
        return cursor.execute(statement, values or None)


def fails(code, action):
    try:
        action()
    except pymysql.MySQLError as error:
        assert error.args[0] == code, (code, error)
    else:
        raise AssertionError(f"no error {code}")


def clear():
    connection = connect(autocommit=True)
    for key in KEYS:
        change(connection, "DELETE FROM users WHERE user_id = %s", key)
        change(connection, "DELETE FROM orders WHERE user_id = %s", key)
    connection.close()


def rows(connection):
    for key in KEYS:
        values = (key, NAME, f"{key}@shop.example", 1, MOMENT)
        assert change(connection, "INSERT INTO users VALUES (%s, %s, %s, %s, %s)", *values) == 1
        connection.commit()
        values = (key, key, "paid", decimal.Decimal("12.30"), None, MOMENT)
        assert change(connection, "INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", *values) == 1
        connection.commit()
    other = connect(autocommit=True)
    for key in KEYS:
        found = ask(
            other,
            "SELECT u.name, u.created_at, o.status, o.total, o.note FROM users u "
            "JOIN orders o USING (user_id) WHERE u.user_id = %s",
            key,
        )
        assert found == ((NAME, MOMENT, "paid", decimal.Decimal("12.30"), None),), found
    update = "UPDATE users SET region_id = %s WHERE user_id = %s"
    assert change(other, update, 2, KEYS[3]) == 1
    assert change(other, update, 2, KEYS[3]) == 0
    finder = connect(autocommit=True, client_flag=CLIENT.FOUND_ROWS)
    assert change(finder, update, 2, KEYS[3]) == 1
    finder.close()
    assert change(other, "DELETE FROM orders WHERE user_id = %s", KEYS[4]) == 1
    assert ask(other, "SELECT * FROM orders WHERE user_id = %s", KEYS[4]) == ()
    other.close()


def cursors(connection):
    statement = "SELECT user_id, region_id AS region FROM users WHERE user_id = %s"
    with connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(statement, (KEYS[0],))
        assert cursor.fetchall() == [{"user_id": KEYS[0], "region": 1}]
        assert [column[0] for column in cursor.description] == ["user_id", "region"]
    with connection.cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute(statement, (KEYS[0],))
        assert cursor.fetchone() == (KEYS[0], 1)
    connection.commit()


def transactions(connection):
    key, other = KEYS[1], connect(autocommit=True)
    name = "SELECT name FROM users WHERE user_id = %s"
    update = "UPDATE users SET name = %s WHERE user_id = %s"
    connection.begin()
    change(connection, update, "changed", key)
    assert ask(connection, name, key) == (("changed",),)
    assert ask(other, name, key) == ((NAME,),), "what is not committed shows"
    connection.rollback()
    assert ask(connection, name, key) == ((NAME,),)
    connection.commit()
    # autocommit is off in PyMySQL, so a transaction begins by itself.
    change(connection, update, "kept", key)
    change(connection, "SAVEPOINT before_more")
    change(connection, update, "more", key)
    change(connection, "ROLLBACK TO SAVEPOINT before_more")
    change(connection, "UPDATE orders SET status = 'sent' WHERE user_id = %s", key)
    connection.commit()
    assert ask(other, name, key) == (("kept",),)
    assert ask(other, "SELECT status FROM orders WHERE user_id = %s", key) == (("sent",),)
    other.close()


def errors(connection):
    insert = "INSERT INTO users VALUES (%s, 'n', 'e', 1, NOW())"
    fails(1062, lambda: change(connection, insert, KEYS[0]))
    fails(1064, lambda: ask(connection, "SELECT FROM"))
    fails(1146, lambda: ask(connection, "SELECT * FROM no_such_table"))
    fails(1054, lambda: ask(connection, "SELECT nonsense FROM users WHERE user_id = 1"))
    connection.rollback()
    fails(1045, lambda: connect(password="wrong"))
    fails(1045, lambda: connect(user="nobody"))
    fails(1044, lambda: connect(database="no_such_schema"))


def session(connection):
    latin1 = connect(charset="latin1", autocommit=True)
    assert change(latin1, "UPDATE users SET name = %s WHERE user_id = %s", "é", KEYS[2]) == 1
    name = "SELECT name, HEX(CONVERT(name USING utf8mb4)) FROM users WHERE user_id = %s"
    assert ask(latin1, name, KEYS[2]) == (("é", "C3A9"),)
    connection.commit()
    assert ask(connection, name, KEYS[2])[0][0] == "é"
    latin1.close()
    change(connection, "SET @v := 41, SESSION time_zone = '+03:00'")
    assert ask(connection, "SELECT @v + 1, @@session.time_zone") == ((42, "+03:00"),)
    change(connection, "SET sql_mode = 'ANSI_QUOTES'")
    assert ask(connection, 'SELECT "user_id" FROM "users" WHERE user_id = %s', KEYS[0]) == ((KEYS[0],),)
    connection.select_db("information_schema")
    assert ask(connection, "SELECT DATABASE()") == (("information_schema",),)
    change(connection, f"USE {SCHEMA}")
    assert ask(connection, "SELECT DATABASE()") == ((SCHEMA,),)
    tables = [name for (name,) in ask(connection, "SHOW TABLES")]
    assert tables == sorted(set(tables)) and {"users", "orders", "events"} <= set(tables), tables
    assert ask(connection, "SELECT CAST('1x' AS SIGNED)") == ((1,),)
    assert [row[1] for row in connection.show_warnings()] == [1292]
    connection.ping()
    connection.ping(reconnect=True)


def several_statements():
    connection = connect(client_flag=CLIENT.MULTI_STATEMENTS, autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1; SELECT user_id FROM users WHERE user_id = %s; "
            "UPDATE users SET region_id = 3 WHERE user_id = %s; SELECT FROM; SELECT 2",
            (KEYS[5], KEYS[5]),
        )
        assert cursor.fetchall() == ((1,),)
        assert cursor.nextset() and cursor.fetchall() == ((KEYS[5],),)
        assert cursor.nextset() and cursor.rowcount == 1
        fails(1064, cursor.nextset)
    assert ask(connection, "SELECT 3") == ((3,),)
    connection.close()


def big_values(connection):
    # 2^24 - 1 bytes is where a packet needs a second one; the row's own overhead is 4 bytes.
    for size in (16777210, 16777211, 16777212, BIG):
        assert ask(connection, "SELECT REPEAT('x', %s)", size) == (("x" * size,),), size
    for size in range(16777215 - 20, 16777215):
        if size % 4 == 3:
            assert ask(connection, "SELECT LENGTH(%s)", "y" * size) == ((size,),), size
    body = os.urandom(BIG)
    change(connection, "DROP TABLE IF EXISTS pymysql_bodies")
    change(connection, "CREATE TABLE pymysql_bodies (id INT PRIMARY KEY, body LONGBLOB)")
    assert change(connection, "INSERT INTO pymysql_bodies VALUES (1, _binary %s)", body) == 1
    connection.commit()
    found = ask(connection, "SELECT body, SHA2(body, 256) FROM pymysql_bodies WHERE id = 1")
    assert found == ((body, hashlib.sha256(body).hexdigest()),)
    change(connection, "DROP TABLE pymysql_bodies")


def interruption(connection):
    id_of_session = connection.thread_id()
    assert ask(connection, "SELECT CONNECTION_ID()") == ((id_of_session,),)
    other = connect(autocommit=True)
    threading.Timer(1, lambda: change(other, f"KILL QUERY {id_of_session}")).start()
    started = time.monotonic()
    try:
        assert ask(connection, "SELECT SLEEP(60)") == ((1,),)
    except pymysql.MySQLError as error:
        assert error.args[0] == 1317, error
    assert time.monotonic() - started < 30
    assert ask(connection, "SELECT 1") == ((1,),)
    other.close()


def main():
    connection = connect()
    assert bool(connection._secure) == TLS  # pylint: disable=protected-access
    assert ask(connection, "SELECT DATABASE()") == ((SCHEMA,),)
    clear()
    rows(connection)
    cursors(connection)
    transactions(connection)
    errors(connection)
    session(connection)
    several_statements()
    big_values(connect())
    interruption(connect())
    clear()


main()
print("version: PyMySQL", importlib.metadata.version("PyMySQL"))

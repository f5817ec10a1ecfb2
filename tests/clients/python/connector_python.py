#!/usr/bin/env python3
"""mysql-connector-python (its own protocol code) against a demo shop.

Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB and MYSQL_TLS (on or off).
"""

import datetime
import decimal
import os
import threading
import time

import mysql.connector
from mysql.connector import pooling
from mysql.connector.constants import ClientFlag

SCHEMA = os.environ["MYSQL_DB"]
KEYS = range(930000, 930016)
NAME = "Zoë 'the \\ \"q\" 🎈'\n"
MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
BIG = 17 << 20
SETTINGS = {
    "host": os.environ["MYSQL_HOST"],
    "port": int(os.environ["MYSQL_PORT"]),
    "user": os.environ["MYSQL_USER"],
    "password": os.environ["MYSQL_PASSWORD"],
    "database": SCHEMA,
    "use_pure": True,
}
if os.environ["MYSQL_TLS"] == "off":
    SETTINGS["ssl_disabled"] = True


def connect(**options):
    return mysql.connector.connect(**(SETTINGS | options))


# Whether statements with values are prepared, or get their values in the text.
PREPARED = False


def cursor_of(connection, values):
    return connection.cursor(prepared=True) if PREPARED and values else connection.cursor()


def ask(connection, statement, *values):
    with cursor_of(connection, values) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def change(connection, statement, *values):
    with cursor_of(connection, values) as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def fails(code, state, action):
    try:
        action()
    except mysql.connector.Error as error:
        assert (error.errno, error.sqlstate) == (code, state), error
    else:
        raise AssertionError(f"no error {code}")


def clear():
    with connect(autocommit=True) as connection:
        for key in KEYS:
            change(connection, "DELETE FROM users WHERE user_id = %s", key)
            change(connection, "DELETE FROM orders WHERE user_id = %s", key)


def rows(connection):
    for key in KEYS:
        values = (key, NAME, f"{key}@shop.example", 1, MOMENT)
        assert change(connection, "INSERT INTO users VALUES (%s, %s, %s, %s, %s)", *values) == 1
        values = (key, key, "paid", decimal.Decimal("12.30"), None, MOMENT)
        assert change(connection, "INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", *values) == 1
        connection.commit()
    with connect(autocommit=True) as other:
        for key in KEYS:
            found = ask(
                other,
                "SELECT u.name, u.created_at, o.status, o.total, o.note FROM users u "
                "JOIN orders o USING (user_id) WHERE u.user_id = %s",
                key,
            )
            assert found == [(NAME, MOMENT, "paid", decimal.Decimal("12.30"), None)], found
    update = "UPDATE users SET region_id = %s WHERE user_id = %s"
    with connect(autocommit=True, client_flags=[-ClientFlag.FOUND_ROWS]) as other:
        assert change(other, update, 2, KEYS[3]) == 1
        assert change(other, update, 2, KEYS[3]) == 0
        assert change(other, "DELETE FROM orders WHERE user_id = %s", KEYS[4]) == 1
        assert ask(other, "SELECT * FROM orders WHERE user_id = %s", KEYS[4]) == []
    with connect(autocommit=True, client_flags=[ClientFlag.FOUND_ROWS]) as other:
        assert change(other, update, 2, KEYS[3]) == 1


def transactions(connection):
    key = KEYS[1]
    name = "SELECT name FROM users WHERE user_id = %s"
    update = "UPDATE users SET name = %s WHERE user_id = %s"
    connection.rollback()
    assert not connection.in_transaction
    connection.start_transaction(isolation_level="READ COMMITTED")
    assert connection.in_transaction
    change(connection, update, "changed", key)
    assert connection.in_transaction
    connection.rollback()
    assert not connection.in_transaction
    assert ask(connection, name, key) == [(NAME,)]
    connection.rollback()
    connection.start_transaction(consistent_snapshot=True)
    change(connection, update, "kept", key)
    connection.commit()
    assert ask(connection, name, key) == [("kept",)]
    connection.rollback()
    connection.start_transaction(readonly=True)
    fails(1792, "25006", lambda: change(connection, update, "no", key))
    connection.rollback()


def errors(connection):
    insert = "INSERT INTO users VALUES (%s, 'n', 'e', 1, NOW())"
    fails(1062, "23000", lambda: change(connection, insert, KEYS[0]))
    fails(1064, "42000", lambda: ask(connection, "SELECT FROM"))
    fails(1146, "42S02", lambda: ask(connection, "SELECT * FROM no_such_table"))
    fails(1054, "42S22", lambda: ask(connection, "SELECT nonsense FROM users WHERE user_id = 1"))
    connection.rollback()
    fails(1045, "28000", lambda: connect(password="wrong"))
    fails(1044, "42000", lambda: connect(database="no_such_schema"))


def session(connection):
    with connect(charset="latin1", collation="latin1_swedish_ci", autocommit=True) as latin1:
        assert change(latin1, "UPDATE users SET name = %s WHERE user_id = %s", "é", KEYS[2]) == 1
        name = "SELECT name, HEX(CONVERT(name USING utf8mb4)) FROM users WHERE user_id = %s"
        assert ask(latin1, name, KEYS[2]) == [("é", "C3A9")]
    connection.autocommit = True
    assert connection.autocommit
    connection.sql_mode = "ANSI_QUOTES"
    assert connection.sql_mode == "ANSI_QUOTES"
    assert ask(connection, 'SELECT "user_id" FROM "users" WHERE user_id = %s', KEYS[0]) == [(KEYS[0],)]
    connection.time_zone = "+02:00"
    assert connection.time_zone == "+02:00"
    connection.set_charset_collation("utf8mb4", "utf8mb4_general_ci")
    assert ask(connection, "SELECT @@collation_connection") == [("utf8mb4_general_ci",)]
    connection.database = "information_schema"
    assert connection.database == "information_schema"
    connection.database = SCHEMA
    tables = [name for (name,) in ask(connection, "SHOW TABLES")]
    assert tables == sorted(set(tables)) and {"users", "orders", "events"} <= set(tables), tables
    connection.get_warnings = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST('1x' AS SIGNED)")
        assert cursor.fetchall() == [(1,)]
        assert [warning[1] for warning in cursor.warnings] == [1292]
    connection.get_warnings = False
    connection.ping()
    assert connection.cmd_statistics()["Uptime"] >= 0


def starting_over(connection):
    change(connection, "SET @v = 5, autocommit = 1")
    connection.cmd_reset_connection()
    assert ask(connection, "SELECT @v, DATABASE()") == [(None, SCHEMA)]
    change(connection, "SET @v = 6")
    connection.cmd_change_user(SETTINGS["user"], SETTINGS["password"], SCHEMA)
    assert ask(connection, "SELECT @v, DATABASE()") == [(None, SCHEMA)]
    assert ask(connection, "SELECT user_id FROM users WHERE user_id = %s", KEYS[0]) == [(KEYS[0],)]
    fails(1045, "28000", lambda: connection.cmd_change_user(SETTINGS["user"], "wrong", SCHEMA))
    pool = pooling.MySQLConnectionPool(pool_name="shop", pool_size=2, **SETTINGS)
    for _ in range(4):
        with pool.get_connection() as pooled:
            assert ask(pooled, "SELECT @y") == [(None,)]
            change(pooled, "SET @y = 1")
            assert ask(pooled, "SELECT @y") == [(1,)]


def several_statements():
    with connect(autocommit=True) as connection, connection.cursor() as cursor:
        found = []
        cursor.execute(
            f"SELECT 1; SELECT user_id FROM users WHERE user_id = {KEYS[5]}; "
            f"UPDATE users SET region_id = 3 WHERE user_id = {KEYS[5]}; SELECT 2"
        )
        for _, results in cursor.fetchsets():
            found.append(results or cursor.rowcount)
        assert found == [[(1,)], [(KEYS[5],)], 1, [(2,)]], found


def big_values():
    with connect(autocommit=True) as connection:
        # 2^24 - 1 bytes is where a packet needs a second one; the row's own overhead is 4 bytes.
        for size in (16777210, 16777211, 16777212, BIG):
            assert ask(connection, "SELECT REPEAT('x', %s)", size) == [("x" * size,)], size
        body = os.urandom(BIG)
        change(connection, "DROP TABLE IF EXISTS connector_bodies")
        change(connection, "CREATE TABLE connector_bodies (id INT PRIMARY KEY, body LONGBLOB)")
        assert change(connection, "INSERT INTO connector_bodies VALUES (1, _binary %s)", body) == 1
        assert ask(connection, "SELECT body FROM connector_bodies WHERE id = 1") == [(body,)]
        change(connection, "DROP TABLE connector_bodies")


def interruption():
    with connect() as connection, connect() as other:
        kill = f"KILL QUERY {connection.connection_id}"
        threading.Timer(1, lambda: change(other, kill)).start()
        started = time.monotonic()
        try:
            assert ask(connection, "SELECT SLEEP(60)") == [(1,)]
        except mysql.connector.Error as error:
            assert error.errno == 1317, error
        assert time.monotonic() - started < 30
        assert ask(connection, "SELECT 1") == [(1,)]


def prepared():
    global PREPARED  # pylint: disable=global-statement
    PREPARED = True
    clear()
    with connect() as connection:
        rows(connection)
        transactions(connection)
    PREPARED = False


def main():
    connection = connect()
    cipher = ask(connection, "SELECT 1") and connection._socket.sock  # pylint: disable=protected-access
    assert hasattr(cipher, "cipher") == (os.environ["MYSQL_TLS"] == "on")
    clear()
    rows(connection)
    transactions(connection)
    errors(connection)
    session(connection)
    starting_over(connection)
    several_statements()
    big_values()
    interruption()
    prepared()
    clear()


main()
print("version: mysql-connector-python", mysql.connector.__version__)

/* The C library: prepared statements whose rows come through cursors, several of them at once. */

#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 30

#ifdef MARIADB_PACKAGE_VERSION
#define LIBRARY "MariaDB Connector/C"
#else
#define LIBRARY "libmysqlclient"
#endif

static void check(int good, const char *what, const char *error)
{
    if (!good) {
        fprintf(stderr, "FAILED: %s: %s\n", what, error);
        exit(1);
    }
}

static void run(MYSQL *db, const char *sql) { check(mysql_query(db, sql) == 0, sql, mysql_error(db)); }

static const char *given(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static MYSQL *open_connection(void)
{
    MYSQL *db = mysql_init(NULL);
    mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    MYSQL *opened = mysql_real_connect(db, given("MYSQL_HOST"), given("MYSQL_USER"), given("MYSQL_PASSWORD"),
                                       given("MYSQL_DB"), (unsigned)atoi(given("MYSQL_PORT")), NULL, 0);
    check(opened != NULL, "login", mysql_error(db));
    return db;
}

struct cursor {
    MYSQL_STMT *statement;
    long long id;
    char name[101];
    unsigned long length;
    MYSQL_BIND row[2];
};

static void open_cursor(MYSQL *db, struct cursor *cursor, const char *sql, unsigned long batch)
{
    const unsigned long kind = CURSOR_TYPE_READ_ONLY;
    memset(cursor, 0, sizeof *cursor);
    MYSQL_STMT *statement = cursor->statement = mysql_stmt_init(db);
    mysql_stmt_attr_set(statement, STMT_ATTR_CURSOR_TYPE, &kind);
    mysql_stmt_attr_set(statement, STMT_ATTR_PREFETCH_ROWS, &batch);
    check(mysql_stmt_prepare(statement, sql, strlen(sql)) == 0, sql, mysql_stmt_error(statement));
    cursor->row[0].buffer_type = MYSQL_TYPE_LONGLONG;
    cursor->row[0].buffer = &cursor->id;
    cursor->row[1].buffer_type = MYSQL_TYPE_STRING;
    cursor->row[1].buffer = cursor->name;
    cursor->row[1].buffer_length = sizeof cursor->name - 1;
    cursor->row[1].length = &cursor->length;
}

static void execute(struct cursor *cursor, long long above)
{
    MYSQL_STMT *statement = cursor->statement;
    MYSQL_BIND bound[1];
    memset(bound, 0, sizeof bound);
    bound[0].buffer_type = MYSQL_TYPE_LONGLONG;
    bound[0].buffer = &above;
    check(mysql_stmt_bind_param(statement, bound) == 0, "bind", mysql_stmt_error(statement));
    check(mysql_stmt_execute(statement) == 0, "execute", mysql_stmt_error(statement));
    check(mysql_stmt_bind_result(statement, cursor->row) == 0, "result", mysql_stmt_error(statement));
}

/* Fetches as many rows as there are, or `most`. */
static long fetch(struct cursor *cursor, long most)
{
    long count = 0;
    for (; count < most; count++) {
        int done = mysql_stmt_fetch(cursor->statement);
        check(done == 0 || done == MYSQL_NO_DATA, "fetch", mysql_stmt_error(cursor->statement));
        if (done == MYSQL_NO_DATA) break;
    }
    return count;
}

static void expect(long found, long expected, const char *what)
{
    char told[60];
    snprintf(told, sizeof told, "%ld rows, expected %ld", found, expected);
    check(found == expected, what, told);
}

static void close_cursor(struct cursor *cursor)
{
    check(mysql_stmt_close(cursor->statement) == 0, "close", "no");
}

int main(void)
{
    static const char *const all = "SELECT id, name FROM people WHERE id > ? ORDER BY id";
    static const char *const some = "SELECT id, title FROM notes WHERE id > ? ORDER BY id";
    static const char *const one = "SELECT id, name FROM people WHERE id = ?";
    struct cursor people, notes, again, person;
    char sql[200];
    MYSQL *db = open_connection();
    printf("version: %s %s\n", LIBRARY, mysql_get_client_info());
    run(db, "DELETE FROM people");
    run(db, "DELETE FROM notes");
    for (int n = 1; n <= PEOPLE; n++) {
        snprintf(sql, sizeof sql, "INSERT INTO people (id, name, balance) VALUES (%d, 'n%d', %d)", n, n, n);
        run(db, sql);
        snprintf(sql, sizeof sql, "INSERT INTO notes (id, title) VALUES (%d, 't%d')", n, n);
        run(db, sql);
    }
    open_cursor(db, &people, all, 7);
    open_cursor(db, &notes, some, 7);
    open_cursor(db, &again, some, 1);
    open_cursor(db, &person, one, 3);
    execute(&people, 0);
    expect(fetch(&people, 1000), PEOPLE, "all shards");
    execute(&notes, 0);
    execute(&again, 10);
    expect(fetch(&notes, 8), 8, "a cursor");
    expect(fetch(&again, 2), 2, "another cursor");
    check(again.id == 12 && strcmp(again.name, "t12") == 0, "values", again.name);
    run(db, "UPDATE notes SET title = CONCAT('new', id)");
    execute(&person, 5);
    expect(fetch(&person, 100), 1, "a row by key");
    expect(fetch(&notes, 1000), PEOPLE - 8, "the rest");
    check(strcmp(notes.name, "t30") == 0, "rows as they were", notes.name);
    expect(fetch(&again, 1000), PEOPLE - 12, "the rest of the other one");
    /* Executed again before its end, reset, within a transaction and beyond it. */
    execute(&notes, 20);
    expect(fetch(&notes, 3), 3, "anew");
    execute(&notes, 28);
    expect(fetch(&notes, 1000), 2, "once more");
    execute(&notes, 0);
    expect(fetch(&notes, 3), 3, "before a reset");
    check(mysql_stmt_reset(notes.statement) == 0, "reset", mysql_stmt_error(notes.statement));
    run(db, "BEGIN");
    run(db, "DELETE FROM notes WHERE id <= 10");
    execute(&notes, 0);
    expect(fetch(&notes, 5), 5, "in a transaction");
    run(db, "ROLLBACK");
    expect(fetch(&notes, 1000), PEOPLE - 15, "behind it");
    execute(&people, 10);
    expect(fetch(&people, 1000), PEOPLE - 10, "all shards again");
    close_cursor(&again);
    close_cursor(&notes);
    close_cursor(&people);
    close_cursor(&person);
    run(db, "DELETE FROM people");
    run(db, "DELETE FROM notes");
    mysql_close(db);
    return 0;
}

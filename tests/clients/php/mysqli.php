<?php // mysqli on mysqlnd: queries, prepared statements, a cursor, several statements, transactions, async, persistence.

require __DIR__ . '/story.php';
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);

function connect(string $prefix = ''): mysqli
{
    $connection = new mysqli($prefix . HOST, USER, PASSWORD, SCHEMA, PORT);
    $connection->set_charset('utf8mb4');
    return $connection;
}

function rows(mysqli $db): void
{
    $statement = $db->prepare('INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    [$id, $name, $balance, $born, $seen, $photo] = [1, NAME, BALANCE, BORN, SEEN, null];
    [$profile, $visits, $active, $score] = [json_encode(PROFILE), VISITS, 1, 0.1];
    $statement->bind_param('issssbssid', $id, $name, $balance, $born, $seen, $photo, $profile, $visits, $active, $score);
    $statement->send_long_data(5, substr(PHOTO, 0, 100));
    $statement->send_long_data(5, substr(PHOTO, 100));
    $statement->execute();
    same($statement->affected_rows, 1, 'a prepared INSERT');
    $statement = $db->prepare('INSERT INTO people (id, name, balance) VALUES (?, ?, ?)');
    for ($n = 2; $n <= 30; $n++) {
        $statement->execute([$n, "n$n", $n]);
    }
    foreach ([fn() => $db->query('SELECT * FROM people WHERE id = 1'), fn() => $db->execute_query('SELECT * FROM people WHERE id = ?', [1])] as $ask) {
        $found = $ask()->fetch_assoc();
        same(json_decode($found['profile'], true), PROFILE, 'JSON');
        same([$found['name'], $found['balance'], $found['born'], $found['seen'], $found['photo'], $found['visits']],
            [NAME, BALANCE, BORN, SEEN, PHOTO, VISITS], 'values');
    }
    $field = $db->query('SELECT id AS number, balance FROM people WHERE id = 1')->fetch_fields();
    same([$field[0]->name, $field[0]->orgname, $field[0]->orgtable, $field[0]->db, $field[1]->decimals],
        ['number', 'id', 'people', SCHEMA, 6], 'metadata');
}

function questions(mysqli $db): void
{
    same($db->query('SELECT COUNT(*), SUM(balance) FROM people WHERE id > 1')->fetch_row(), ['29', '464.000000'], 'totals');
    $page = $db->execute_query('SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?', [2, 10])->fetch_all();
    same($page, [[11], [12]], 'LIMIT by parameters');
    $db->query("UPDATE people SET name = 'n5' WHERE id = 5");
    same([$db->affected_rows, $db->info], [0, 'Rows matched: 1  Changed: 0  Warnings: 0'], 'info');
    $count = 0;
    $stream = $db->query('SELECT id FROM people ORDER BY id', MYSQLI_USE_RESULT);
    while ($stream->fetch_row()) {
        $count++;
    }
    $stream->free();
    same($count, 30, 'an unbuffered result');
    $db->query('SELECT 1', MYSQLI_ASYNC);
    $ready = [$db];
    $errors = $rejected = [];
    mysqli::poll($ready, $errors, $rejected, 5);
    same($db->reap_async_query()->fetch_row(), ['1'], 'async');
    $db->query("INSERT INTO notes (title) VALUES ('first')");
    same($db->insert_id > 0, true, 'insert_id');
}

function cursor(mysqli $db): void
{
    $statement = $db->prepare('SELECT id FROM people WHERE id > ? ORDER BY id');
    $statement->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
    $statement->execute([0]);
    $statement->bind_result($id);
    for ($count = 0; $statement->fetch(); $count++);
    same($count, 30, 'a cursor over all shards');
    $alone = $db->prepare('SELECT title FROM notes WHERE id > ? ORDER BY id');
    $alone->attr_set(MYSQLI_STMT_ATTR_CURSOR_TYPE, MYSQLI_CURSOR_TYPE_READ_ONLY);
    for ($n = 1; $n <= 5; $n++) {
        $db->query("INSERT INTO notes (title) VALUES ('c$n')");
    }
    foreach ([1, 6] as $rows) {
        $alone->execute([0]);
        $alone->bind_result($title);
        $db->query('UPDATE people SET name = name WHERE id = 1');
        for ($count = 0; $count < $rows && $alone->fetch(); $count++);
        same([$count, $title], $rows === 1 ? [1, 'first'] : [6, 'c5'], 'a cursor of one server');
    }
    $alone->close();
    $db->query("DELETE FROM notes WHERE title LIKE 'c_'");
}

function transactions(mysqli $db): void
{
    $db->begin_transaction(MYSQLI_TRANS_START_WITH_CONSISTENT_SNAPSHOT);
    $db->query("UPDATE people SET name = 'gone' WHERE id IN (4, 5, 6, 7)");
    $db->rollback();
    $db->autocommit(false);
    $db->query("UPDATE people SET name = 'kept' WHERE id = 6");
    $db->savepoint('s');
    $db->query("UPDATE people SET name = 'lost' WHERE id = 6");
    $db->query('ROLLBACK TO SAVEPOINT s');
    $db->commit();
    $db->autocommit(true);
    same($db->query("SELECT COUNT(*), SUM(name = 'kept'), SUM(name = 'gone') FROM people")->fetch_row(), ['30', '1', '0'], 'transactions');
}

function the_rest(mysqli $db): void
{
    foreach (["INSERT INTO people (id, name) VALUES (1, 'again')" => 1062, 'SELECT FROM' => 1064, 'SELECT * FROM missing' => 1146] as $sql => $code) {
        $error = thrown(mysqli_sql_exception::class, fn() => $db->query($sql), $sql);
        same($error->getCode(), $code, $sql);
    }
    same($db->sqlstate, '42S02', 'sqlstate');
    $db->multi_query("SELECT 1; SELECT name FROM people WHERE id = 3; UPDATE people SET name = 'm' WHERE id = 7");
    $told = [];
    do {
        $result = $db->store_result();
        $told[] = $result ? $result->fetch_row()[0] : $db->affected_rows;
    } while ($db->more_results() && $db->next_result());
    same($told, ['1', 'n3', 1], 'several statements');
    $db->query("SELECT CAST('1x' AS SIGNED)");
    same([$db->warning_count, $db->get_warnings()->errno], [1, 1292], 'warnings');
    $db->query('SET @v = 1');
    $db->change_user(USER, PASSWORD, SCHEMA);
    same($db->query('SELECT @v')->fetch_row(), [null], 'change_user');
    same(str_contains($db->stat(), 'Uptime'), true, 'stat');
    $db->select_db(SCHEMA);
    $kept = connect('p:');
    $kept->query('SET @w = 1');
    $kept->close();
    same(connect('p:')->query('SELECT @w')->fetch_row(), [null], 'a persistent connection is reset');
}

$db = connect();
rows($db);
questions($db);
cursor($db);
transactions($db);
the_rest($db);

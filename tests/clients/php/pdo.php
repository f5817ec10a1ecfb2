<?php // PDO: emulated and real prepared statements, transactions, unbuffered results, attributes.

require __DIR__ . '/story.php';

function connect(bool $emulated): PDO
{
    return new PDO('mysql:host=' . HOST . ';port=' . PORT . ';dbname=' . SCHEMA . ';charset=utf8mb4', USER, PASSWORD, [
        PDO::ATTR_EMULATE_PREPARES => $emulated,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_NUM,
    ]);
}

function ask(PDO $db, string $sql, array $values = []): array
{
    $statement = $db->prepare($sql);
    foreach ($values as $place => $value) {
        $statement->bindValue($place + 1, $value, is_int($value) ? PDO::PARAM_INT : PDO::PARAM_STR);
    }
    $statement->execute();
    return $statement->fetchAll();
}

function change(PDO $db, string $sql, array $values = []): int
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    return $statement->rowCount();
}

function story(bool $emulated): void
{
    $db = connect($emulated);
    $db->exec('DELETE FROM people');
    same(change($db, 'INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        [1, NAME, BALANCE, BORN, SEEN, PHOTO, json_encode(PROFILE), VISITS, 1, 0.1]), 1, 'INSERT');
    for ($n = 2; $n <= 30; $n += 10) {
        $rows = range($n, min($n + 9, 30));
        $sql = 'INSERT INTO people (id, name, balance) VALUES ' . implode(', ', array_fill(0, count($rows), '(?, ?, ?)'));
        same(change($db, $sql, array_merge(...array_map(fn($n) => [$n, "n$n", $n], $rows))), count($rows), 'a batch');
    }
    $found = ask($db, 'SELECT name, balance, born, seen, photo, visits FROM people WHERE id = ?', [1]);
    same(array_map('strval', $found[0]), [NAME, BALANCE, BORN, SEEN, PHOTO, VISITS], 'values');
    same(array_map('strval', ask($db, 'SELECT COUNT(*), SUM(balance) FROM people WHERE id > ?', [1])[0]), ['29', '464.000000'], 'totals');
    same(array_map(fn($row) => (int) $row[0], ask($db, 'SELECT id FROM people ORDER BY id LIMIT ? OFFSET ?', [2, 10])), [11, 12], 'LIMIT');
    $db->beginTransaction();
    same(change($db, 'UPDATE people SET name = ? WHERE id IN (?, ?, ?)', ['gone', 4, 5, 6]), 3, 'UPDATE');
    $db->rollBack();
    $db->beginTransaction();
    same(change($db, 'DELETE FROM people WHERE id = ?', [30]), 1, 'DELETE');
    $db->commit();
    same(array_map('intval', ask($db, "SELECT COUNT(*), SUM(name = 'gone') FROM people")[0]), [29, 0], 'transactions');
    foreach (["INSERT INTO people (id, name) VALUES (1, 'again')" => ['23000', 1062], 'SELECT FROM' => ['42000', 1064], 'SELECT * FROM missing' => ['42S02', 1146]] as $sql => $told) {
        $error = thrown(PDOException::class, fn() => ask($db, $sql), $sql);
        same(array_slice($error->errorInfo, 0, 2), $told, $sql);
    }
    change($db, 'INSERT INTO notes (title) VALUES (?)', ['made ' . (int) $emulated]);
    same((int) $db->lastInsertId() > 0, true, 'lastInsertId');
    $db->setAttribute(PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false);
    $count = 0;
    foreach ($db->query('SELECT id FROM people ORDER BY id') as $row) {
        $count++;
    }
    same($count, 29, 'an unbuffered result');
    same((bool) preg_match('/^\d+\.\d+/', $db->getAttribute(PDO::ATTR_SERVER_VERSION)), true, 'version');
}

story(true);
story(false);

#!/usr/bin/env bash
# The mysql or mariadb command-line client (MYSQL_CLI) against a demo shop.
# Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB and MYSQL_TLS (on or off).

set -euo pipefail

client="${MYSQL_CLI:?names the client}"
keys=({910000..910015})
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

die() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

equal() { [ "$1" = "$2" ] || die "$3: got [$1], expected [$2]"; }

matches() { grep -q -- "$2" <<<"$1" || die "$3: nothing like [$2] in [$1]"; }

options=(-h"$MYSQL_HOST" -P"$MYSQL_PORT" -u"$MYSQL_USER" --protocol=TCP --default-character-set=utf8mb4)
if "$client" --version | grep -qi mariadb; then
    [ "$MYSQL_TLS" = on ] && options+=(--ssl) || options+=(--skip-ssl)
else
    # Commands of the client itself (status, use, …) in scripts.
    options+=(--commands --get-server-public-key)
    [ "$MYSQL_TLS" = on ] && options+=(--ssl-mode=REQUIRED) || options+=(--ssl-mode=DISABLED)
fi

# sql [OPTION…]: rows without heading, columns separated by |; statements on stdin.
sql() { MYSQL_PWD="$MYSQL_PASSWORD" "$client" "${options[@]}" -N -B "$@" "$MYSQL_DB" | tr '\t' '|'; }

# fails CODE STATE STATEMENT
fails() {
    local told
    told="$(sql 2>&1 <<<"$3" || true)"
    matches "$told" "^ERROR $1 ($2)" "$3"
}

status() {
    local told
    told="$(sql <<<status)"
    matches "$told" "Current database:.*$MYSQL_DB" status
    matches "$told" "Uptime:" status
    if [ "$MYSQL_TLS" = on ]; then
        matches "$told" "SSL:.*Cipher in use" status
    else
        matches "$told" "SSL:.*Not in use" status
    fi
}

clear_rows() {
    local key
    for key in "${keys[@]}"; do
        printf 'DELETE FROM users WHERE user_id = %s;\nDELETE FROM orders WHERE user_id = %s;\n' "$key" "$key"
    done | sql
}

rows() {
    local key found
    for key in "${keys[@]}"; do
        printf "INSERT INTO users VALUES (%s, 'Zoë %s 🎈', 'z@shop.example', 1, '2026-01-02 03:04:05.678901');\n" "$key" "$key"
        printf "INSERT INTO orders VALUES (%s, %s, 'paid', 12.30, NULL, '2026-01-02');\n" "$key" "$key"
    done | sql
    for key in "${keys[@]}"; do
        found="$(sql <<<"SELECT u.name, u.created_at, o.total, o.note FROM users u JOIN orders o USING (user_id) WHERE u.user_id = $key")"
        equal "$found" "Zoë $key 🎈|2026-01-02 03:04:05.678901|12.30|NULL" "the row of $key"
    done
    found="$(sql <<<"UPDATE orders SET total = total + 1 WHERE user_id = 910003; SELECT ROW_COUNT(); SELECT total FROM orders WHERE user_id = 910003")"
    equal "$found" $'1\n13.30' UPDATE
    found="$(sql <<<"DELETE FROM orders WHERE user_id = 910004; SELECT ROW_COUNT(); SELECT COUNT(*) FROM orders WHERE user_id = 910004")"
    equal "$found" $'1\n0' DELETE
}

transactions() {
    local name="SELECT name FROM users WHERE user_id = 910001"
    equal "$(sql <<<"BEGIN; UPDATE users SET name = 'x' WHERE user_id = 910001; $name; ROLLBACK; $name")" \
        $'x\nZoë 910001 🎈' ROLLBACK
    equal "$(sql <<<"START TRANSACTION; UPDATE users SET name = 'y' WHERE user_id = 910001; SAVEPOINT s; UPDATE users SET name = 'z' WHERE user_id = 910001; ROLLBACK TO s; COMMIT; $name")" \
        y COMMIT
    equal "$(sql <<<"SET autocommit = 0; DELETE FROM users WHERE user_id = 910001; ROLLBACK; $name")" y "autocommit = 0"
}

errors() {
    local told
    fails 1062 23000 "INSERT INTO users VALUES (910000, 'n', 'e', 1, NOW())"
    fails 1064 42000 "SELECT FROM"
    fails 1146 42S02 "SELECT * FROM no_such_table"
    fails 1054 42S22 "SELECT nonsense FROM users WHERE user_id = 910000"
    told="$(MYSQL_PASSWORD=wrong sql 2>&1 <<<"SELECT 1" || true)"
    matches "$told" "ERROR 1045 (28000)" "a wrong password"
    told="$(MYSQL_DB=no_such_schema sql 2>&1 <<<"SELECT 1" || true)"
    matches "$told" "ERROR 10\(44\|49\) (42000)" "an unknown schema"
}

session() {
    local latin1
    equal "$(sql <<<"SET NAMES latin1; SELECT @@character_set_client, @@collation_connection")" "latin1|latin1_swedish_ci" "SET NAMES"
    latin1="$(sql --default-character-set=latin1 <<<"UPDATE users SET name = '"$'\xe9'"' WHERE user_id = 910002; SELECT HEX(CONVERT(name USING utf8mb4)) FROM users WHERE user_id = 910002")"
    equal "$latin1" C3A9 "a latin1 client"
    equal "$(sql <<<"SET sql_mode = 'ANSI_QUOTES'; SELECT \"user_id\" FROM \"users\" WHERE user_id = 910002")" 910002 sql_mode
    equal "$(sql <<<$'use information_schema\nSELECT DATABASE();\nuse '"$MYSQL_DB"$'\nSELECT DATABASE();')" "information_schema
$MYSQL_DB" USE
    equal "$(sql <<<"SHOW TABLES" | grep -cx 'users\|orders\|order_items\|products\|regions\|events')" 6 "SHOW TABLES"
    matches "$(sql <<<"SHOW DATABASES")" "^$MYSQL_DB$" "SHOW DATABASES"
    matches "$(sql <<<"SELECT CAST('1x' AS SIGNED); SHOW WARNINGS")" '^Warning|1292|' "SHOW WARNINGS"
    matches "$(sql --show-warnings <<<"SELECT CAST('1x' AS SIGNED)")" 'Code 1292' --show-warnings
    equal "$(sql --init-command="SET @z = 9" <<<"SELECT @z")" 9 --init-command
    equal "$(sql <<<$'DELIMITER //\nSELECT 7//\nDELIMITER ;\nSELECT 8;')" $'7\n8' DELIMITER
    equal "$(sql <<<"/* only a comment */; SELECT 1")" 1 "a comment alone"
    # Completion of names asks for the columns of every table.
    equal "$(sql --auto-rehash <<<"SELECT 1")" 1 --auto-rehash
    matches "$(sql <<<"DESCRIBE users")" '^user_id|bigint' DESCRIBE
    matches "$(sql <<<"SHOW CREATE TABLE users")" 'CREATE TABLE `users`' "SHOW CREATE TABLE"
    equal "$(sql <<<$'SET @v = 5;\nconnect\nSELECT @v;' 2>/dev/null | tail -n 1)" NULL connect
    if "$client" --help | grep -q resetconnection; then
        equal "$(sql <<<$'SET @v = 5;\nresetconnection\nSELECT @v;' | tail -n 1)" NULL resetconnection
    fi
}

big_values() {
    local size found
    # 16 MiB - 1 is where a packet needs a second one; the row's own overhead is 4 bytes.
    for size in 16777210 16777211 16777212 20000000; do
        found="$(sql --max-allowed-packet=64M --quick <<<"SELECT REPEAT('x', $size)" | wc -c)"
        equal "$found" $((size + 1)) "a value of $size bytes from the server"
    done
    for size in 16777190 20000000; do
        head -c "$size" /dev/zero | tr '\0' y >"$work/value"
        { printf "SELECT LENGTH('"; cat "$work/value"; printf "');\n"; } >"$work/statement"
        equal "$(sql --max-allowed-packet=64M <"$work/statement")" "$size" "a value of $size bytes to the server"
    done
}

# Ctrl-C sends KILL QUERY on a second connection.
interrupt() {
    local started=$SECONDS process
    MYSQL_PWD="$MYSQL_PASSWORD" setsid "$client" "${options[@]}" -N -B --sigint-ignore=0 \
        -e "SELECT SLEEP(60)" "$MYSQL_DB" >"$work/interrupted" 2>&1 &
    process=$!
    sleep 2
    kill -INT -- "-$process" 2>/dev/null || die "the client was gone before Ctrl-C"
    wait "$process" || true
    [ $((SECONDS - started)) -lt 30 ] || die "Ctrl-C did not stop SLEEP: $(cat "$work/interrupted")"
    # What a server says of a SLEEP that was stopped: 1, or that it was interrupted.
    matches "$(cat "$work/interrupted")" '^1$\|ERROR 1317' "an interrupted SLEEP"
}

status
clear_rows
rows
transactions
errors
session
big_values
interrupt
clear_rows
"$client" --version | sed -E 's/^[^ ]+ +Ver ([^ ]+ Distrib )?([0-9.]+).*/version: \2/'

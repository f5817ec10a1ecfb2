#!/usr/bin/env bash
# mydumper's dump of sharded tables in several threads, and myloader's way back. Reads MYSQL_HOST, MYSQL_PORT,
# MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.

set -euo pipefail

export MYSQL_PWD="$MYSQL_PASSWORD"
server=(-h "$MYSQL_HOST" -P "$MYSQL_PORT" -u "$MYSQL_USER" -p "$MYSQL_PASSWORD")
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

sql() { "$MYSQL_CLI" -h"$MYSQL_HOST" -P"$MYSQL_PORT" -u"$MYSQL_USER" --protocol=TCP -N -B "$MYSQL_DB" "$@"; }

# What the rows are, whatever order they come in.
sum() {
    sql -e "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, name, balance, seen, HEX(photo), visits))) FROM people;
        SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, owner_id, name))) FROM pets; SELECT COUNT(*) FROM notes"
}

{
    for n in $(seq 1 60); do echo "INSERT INTO people (id, name, seen, photo) VALUES ($n, 'n''$n', '2026-01-02 03:04:05.678901', x'00ff27');"; done
    for n in $(seq 1 20); do echo "INSERT INTO pets VALUES ($((n + 100)), $n, 'pet$n');"; done
    echo "INSERT INTO notes (title) VALUES ('a'), ('b');"
} | sql
expected="$(sum)"
for way in "--no-locks" "--lock-all-tables --rows 25" "--no-locks --triggers --events --routines --chunk-filesize 1"; do
    # shellcheck disable=SC2086  # options
    mydumper "${server[@]}" -B "$MYSQL_DB" -o "$work/dump" --verbose 1 $way
    ! grep -rq "${MYSQL_DB}_[0-9]" "$work/dump" || { echo "FAILED: a shard's name in a dump with $way"; exit 1; }
    sql -e "DELETE FROM pets; DELETE FROM people; DELETE FROM notes"
    myloader "${server[@]}" -d "$work/dump" --overwrite-tables --threads 2 --verbose 1
    [ "$(sum)" = "$expected" ] || { echo "FAILED: the rows are not those dumped with $way"; exit 1; }
    rm -rf "$work/dump"
done
echo "version: $(mydumper --version 2>&1 | sed -E 's/^mydumper v?([0-9.]+).*/\1/')"

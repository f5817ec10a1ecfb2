#!/usr/bin/env bash
# mysqldump (MYSQLDUMP) of sharded tables in the ways people call it, and the dump loaded back by MYSQL_CLI.
# Arguments are options of every dump. Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.

set -euo pipefail

export MYSQL_PWD="$MYSQL_PASSWORD"
options=(-h"$MYSQL_HOST" -P"$MYSQL_PORT" -u"$MYSQL_USER" --protocol=TCP --default-character-set=utf8mb4)
extra=("$@")
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

sql() { "$MYSQL_CLI" "${options[@]}" -N -B "$MYSQL_DB" "$@"; }

dump() { "$MYSQLDUMP" "${options[@]}" "${extra[@]}" --no-tablespaces --set-gtid-purged=OFF --column-statistics=0 "$@" >"$work/dump"; }

# What the rows are, whatever order they come in.
sum() {
    sql -e "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, name, balance, seen, HEX(photo), profile, visits))) FROM people;
        SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', id, owner_id, name))) FROM pets"
}

check() { [ "$(sum)" = "$expected" ] || { echo "FAILED: the rows are not those dumped with $*"; exit 1; }; }

{
    echo "INSERT INTO people VALUES (1, 'Zoë ''the \\\\ \"q\" 🎈', 12345678901234.567890, '1990-12-31', '2026-01-02 03:04:05.678901', x'ff00fe275c', '{\"a\": [1, \"é\"]}', 18446744073709551615, 1, 0.1);"
    for n in $(seq 2 60); do echo "INSERT INTO people (id, name) VALUES ($n, 'n$n');"; done
    for n in $(seq 1 20); do echo "INSERT INTO pets VALUES ($((n + 100)), $n, 'pet$n');"; done
} | sql
expected="$(sum)"

# The rows, back into the tables.
for way in --single-transaction "--skip-opt --hex-blob --complete-insert" "--skip-extended-insert --skip-add-locks --single-transaction"; do
    # shellcheck disable=SC2086  # options
    dump $way --no-create-info --skip-triggers "$MYSQL_DB" people pets
    grep -q 'INSERT INTO `people`' "$work/dump" || { echo "FAILED: no rows dumped with $way"; exit 1; }
    ! grep -q 'app_[0-9]' "$work/dump" || { echo "FAILED: a shard's name in a dump with $way"; exit 1; }
    sql -e "DELETE FROM pets; DELETE FROM people"
    sql <"$work/dump"
    check "$way"
done
# A part of the rows.
dump --no-create-info --skip-add-locks --single-transaction --where="id <= 10" "$MYSQL_DB" people
sql -e "DELETE FROM pets WHERE owner_id <= 10; DELETE FROM people WHERE id <= 10"
sql <"$work/dump"
[ "$(sql -e "SELECT COUNT(*) FROM people")" = 60 ] || { echo "FAILED: --where"; exit 1; }
# The whole schema: tables and rows.
sql -e "DELETE FROM pets; DELETE FROM people; INSERT INTO people (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')"
expected="$(sum)"
dump --single-transaction "$MYSQL_DB"
grep -q 'CREATE TABLE `pets`' "$work/dump" || { echo "FAILED: no CREATE TABLE"; exit 1; }
sql <"$work/dump"
check "the whole schema"
"$MYSQLDUMP" --version | sed -E 's/^[^ ]+ +Ver ([0-9.]+).*/version: \1/'

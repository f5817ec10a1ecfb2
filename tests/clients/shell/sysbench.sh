#!/usr/bin/env bash
# sysbench's OLTP loads, with prepared statements and without, on tables that it makes itself.
# Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB; SYSBENCH is the program.

set -euo pipefail

options=(--db-driver=mysql --mysql-host="$MYSQL_HOST" --mysql-port="$MYSQL_PORT" --mysql-user="$MYSQL_USER"
    --mysql-password="$MYSQL_PASSWORD" --mysql-db="$MYSQL_DB" --tables=2 --table-size=1000 --threads=2)

"$SYSBENCH" oltp_read_write "${options[@]}" prepare
for load in oltp_read_write oltp_point_select oltp_write_only oltp_read_only; do
    for prepared in auto disable; do
        told="$("$SYSBENCH" "$load" "${options[@]}" --time=2 --db-ps-mode=$prepared run 2>&1)" || { echo "$told"; exit 1; }
        ! grep -q FATAL <<<"$told" || { echo "$told"; exit 1; }
        awk -v load="$load" -v way="$prepared" '/transactions:/ { print load, way, $2; if ($2 == 0) exit 1 }' <<<"$told"
    done
done
"$SYSBENCH" oltp_read_write "${options[@]}" cleanup
echo "version: $("$SYSBENCH" --version | cut -d ' ' -f 2)"
